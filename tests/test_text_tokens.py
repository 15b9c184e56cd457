"""Tokens: nothing lost, no cluster cut, and numbers, names and addresses in one piece."""

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.text.folding import fold, fold_words
from tracker.text.tokens import leading, tokens

SPACE = regex.compile(r"\s+")  # like the tokens: the controls 1C-1F are marks here
ODD = st.lists(
    st.sampled_from(
        [
            *"aB3 .,:-–−'’@/&\u0301\u200d\u200b\u00ad\ufe0f\u20e3\u2028\x1f\r\n中かกำ한ᄀ👩😀هـٍ",
            "क्षि",
            "🇩🇪",
            "👩\u200d👧",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(ODD | st.text(max_size=60))
@example("\u0600 x")
@example(" \u0301a")
def test_nothing_is_lost(text):
    found = tokens(text)
    assert leading(text) + "".join(token.text + token.space for token in found) == text
    assert all(token.text and not SPACE.match(token.text) for token in found)
    assert all(SPACE.fullmatch(token.space) for token in found if token.space)


@settings(max_examples=150)
@given(ODD)
def test_no_cluster_is_cut(text):
    clusters = {match.end() for match in regex.finditer(r"\X", text)}
    at = len(leading(text))
    for token in tokens(text):
        at += len(token.text)
        if not token.space:
            assert at in clusters
        at += len(token.space)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S.-led force", ["The", "U.S.", "-", "led", "force"]),
        ("O'Brien’s 3,000 men, 3.5%", ["O'Brien’s", "3,000", "men", ",", "3.5", "%"]),
        ("at 3:13 p.m. ET.", ["at", "3:13", "p.m.", "ET", "."]),
        ("fell to -5 or −7 from 2–3", ["fell", "to", "-5", "or", "−7", "from", "2", "–", "3"]),
        ("the 1790s, the 20th", ["the", "1790s", ",", "the", "20th"]),
        ("see https://example.org/a-b?c=1, or", ["see", "https://example.org/a-b?c=1", ",", "or"]),
        ("(www.example.org)", ["(", "www.example.org", ")"]),
        ("ask a.b@example.co.uk.", ["ask", "a.b@example.co.uk", "."]),
        ("cafe\u0301 हिन्दी עִבְרִית", ["cafe\u0301", "हिन्दी", "עִבְרִית"]),
        ("soft\u00adhyphen", ["soft\u00adhyphen"]),
        ("东京3,000人", ["东", "京", "3,000", "人"]),
        ("ภาษา", ["ภ", "า", "ษ", "า"]),
        ("กำลัง", ["กำ", "ลั", "ง"]),
        ("👨‍👩‍👧👍🏽🇩🇪", ["👨‍👩‍👧", "👍🏽", "🇩🇪"]),
        ("“So,” he said…", ["“", "So", ",", "”", "he", "said", "…"]),
        ("rock ’n’ roll", ["rock", "’", "n", "’", "roll"]),
        ("ပုဂံမြို့", ["ပု", "ဂံ", "မြို့"]),
        ("ប្រទេស", ["ប្រ", "ទេ", "ស"]),
        ("ພາສາ", ["ພ", "າ", "ສ", "າ"]),
        ("東京ヴ", ["東", "京", "ヴ"]),
        ("قال الوزير", ["قال", "الوزير"]),
        ("a\u202eb\u202c \u202ec", ["a\u202eb\u202c", "\u202e", "c"]),
        ("❤️\u200d🔥🏴\U000e0067\U000e0062\U000e007f", ["❤️\u200d🔥", "🏴\U000e0067\U000e0062\U000e007f"]),
    ],
)
def test_what_is_one_token(text, expected):
    assert [token.text for token in tokens(text)] == expected


def test_spaces_hang_on_the_token_before():
    assert leading(" \n a") == " \n "
    assert [(token.text, token.space) for token in tokens(" a\u00a0 b ")] == [("a", "\u00a0 "), ("b", " ")]
    assert tokens("") == tokens(" ") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Don’t,” she said", '"Don\'t," she said'),
        ("«Non» – dit-il", '"Non" - dit-il'),
        ("a — b", "a -- b"),
        ("wait…", "wait..."),
        ("3\u202f000 euros", "3 000 euros"),
        ("co\u00adoperate", "cooperate"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a \u2067אב\u2069 \u202bגד\u202c\u200f", "a אב גד"),
        ("cafe\u0301", "café"),
        ("5–10", "5-10"),
    ],
)
def test_typography_folds(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5", "3,5"),
        ("3", "8"),
        ("−5", "5"),
        ("−5", "-5"),
        ("May", "may"),
        ("cafe", "café"),
        ("１", "1"),
        ("ß", "ss"),
        ("\u202eabc", "abc"),
        ("\u202dabc", "abc"),
        ("½", "1/2"),
    ],
)
def test_digits_signs_letters_and_case_never_fold(one, other):
    assert fold(one) != fold(other)
    assert fold_words(one) != fold_words(other)


@settings(max_examples=150)
@given(ODD | st.text(max_size=60))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@settings(max_examples=80)
@given(ODD)
def test_folded_words_stand_one_for_one_with_tokens(text):
    assert len(fold_words(text)) == len(tokens(text))
