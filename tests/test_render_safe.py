"""Text from the web cannot steer a terminal, reorder a line or vanish."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.render_support import HOSTILE
from tracker.render.safe import FSI, PDI, has_right_to_left, is_right_to_left, safe, visible

_STEERING = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(st.characters(), max_size=80))
@example(HOSTILE)
@example("".join(map(chr, range(0x100))))
def test_nothing_that_steers_is_left(text: str) -> None:
    shown = visible(text)
    assert not [mark for mark in shown if unicodedata.category(mark) in _STEERING or mark in _BIDI]
    shown.encode("utf-8")


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\u061c\u200e\u200f"), max_size=80))
def test_what_a_reader_sees_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters(), max_size=80))
def test_safe_adds_only_one_isolate_around_the_whole(text: str) -> None:
    shown = safe(text)
    core = shown[1:-1] if has_right_to_left(text) else shown
    assert core == visible(text)
    assert (shown.startswith(FSI) and shown.endswith(PDI)) == has_right_to_left(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("\x9b2J", "<U+009B>2J"),
        ("\x1b]52;c;aGk=\x07", "<U+001B>]52;c;aGk=<U+0007>"),
        ("txt.\u202egpj", "txt.<U+202E>gpj"),
        ("a\ud800b", "a<U+D800>b"),
        ("one\r\n\ttwo", "one<U+000D>  two"),
        ("👩\u200d👩 می\u200cشود", "\u2068👩\u200d👩 می\u200cشود\u2069"),
        ("naïve – “quoted”", "naïve – “quoted”"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_the_first_letter_decides_the_direction():
    assert is_right_to_left("12 عبارة Harwick")
    assert not is_right_to_left("Harwick عبارة")
    assert not is_right_to_left("12 %")
