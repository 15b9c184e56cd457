"""Sentences: nothing lost, nothing blank, and cut where a reader would."""

import time

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.text.sentences import CUTTER, sentences

TRICKY = st.text(
    alphabet=st.sampled_from(
        list(" .!?…\"'“”‘’«»()[]。！？「」,aAbMrpm35é\u0301\u00a0\u2009\u2028\u3000\x85\n\t\u200b\ud800中ก😀")
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(
    TRICKY | st.text(max_size=60), st.sampled_from([None, "en", "fr", "de", "ja", "zh-Hans", "pt_BR", "x", "", "en-GB"])
)
def test_nothing_is_lost_and_no_piece_is_blank(text, language):
    pieces = sentences(text, language)
    assert "".join(pieces) == text
    assert all(pieces)
    for piece in pieces[1:]:
        assert piece.strip()
        assert not piece[0].isspace()
    if len(pieces) > 1:
        assert pieces[0].strip()
    assert sentences(text, language) == pieces


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Brown met them at 3:13 p.m. ET on Nov. 6. ", "He left."]),
        ("en", ["Col. Smith of the U.S. Army said so. ", "It rained at 5 a.m. GMT on Monday."]),
        ("en", ["She said “no.” ", "Then she left. ", "(Nobody followed.) ", "The end."]),
        ("en", ["“No!” he said. ", "“Never.” ", "He sat down."]),
        ("en", ["“We asked. ", "Nobody answered. ", "We left,” she said. ", "The ministry was silent."]),
        ("en", ['"We asked. ', 'Nobody answered," she said.']),
        ("en", ["Rep. Doe (R-Calif.) Monday said it cost $3.5 million."]),
        ("en", ["A first line.  ", "Two spaces before this one."]),
        ("en", ["A thin space.\u2009", "And a wide one.\u3000", "The end."]),
        ("de", ["Das kostet z. B. 3,5 Mio. Euro. ", "Mehr nicht."]),
        ("fr", ["« Il pleut. ", "Je rentre », dit-elle. ", "Elle part."]),
        ("zh", ["东京下雨。", "北京呢？", "晴天！"]),
        ("ja", ["雨です。", "「はい。", "そうです。」", "終わり。"]),
    ],
)
def test_where_sentences_end(language, expected):
    assert list(sentences("".join(expected), language)) == expected


def test_kinds_of_quotation_marks_are_cut_alike():
    text = "He said: “I know. I was there.” Then he left. “Really?” she asked."
    straight = text.replace("“", '"').replace("”", '"')
    assert [len(piece) for piece in sentences(text)] == [len(piece) for piece in sentences(straight)]


def test_input_on_which_the_cutter_itself_panics(capfd):
    with pytest.raises(BaseException, match="char boundary"):
        sentencex.segment("en", "Vitamin A\u00a0. Fin.")
    capfd.readouterr()
    assert "".join(sentences("Vitamin A\u00a0. Fin.")) == "Vitamin A\u00a0. Fin."
    assert capfd.readouterr().err == ""


class Panic(BaseException):
    """What the cutter raises is no Exception."""


def test_one_sentence_where_the_cutter_fails(monkeypatch):
    def panic(_language, _text):
        raise Panic

    monkeypatch.setattr(sentencex, "segment", panic)
    assert sentences("One of a kind. Two of a kind.") == ("One of a kind. Two of a kind.",)


def test_an_interrupt_is_not_swallowed(monkeypatch):
    def interrupt(_language, _text):
        raise KeyboardInterrupt

    monkeypatch.setattr(sentencex, "segment", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sentences("Interrupted here. And not here.")


@pytest.mark.parametrize("unit", ["“", "word ", "Go on. ", "(. ", "x"])
def test_long_texts_take_time_in_proportion(unit):
    text = unit * (200_000 // len(unit))
    start = time.perf_counter()
    assert "".join(sentences(text)) == text
    assert time.perf_counter() - start < 10  # the square of this length would take minutes


def test_a_long_paragraph_is_cut_like_a_short_one():
    one = "The ferry ran late on Monday. Nobody at the quay said why. "
    assert sentences(one * 200) == sentences(one) * 200


def test_the_cutter_names_its_version():
    assert CUTTER.startswith("sentencex-1.")
    assert not set(CUTTER) & set(" =")  # it is a part of the lens
