"""Which language a text is in: told by its small words, where the page does not say or plainly says wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.annotate import annotate, notices_in
from tracker.diff import diff
from tracker.model import Block, BlockKind, Document, Label, Pair
from tracker.text.language import _FREQUENT, _OURS, language_of
from tracker.text.wording import languages

CASES = Path(__file__).parent / "languages"
WRITTEN = sorted(folder.name for folder in CASES.iterdir() if (folder / "articles.toml").exists())
ENGLISH = (
    "The harbour board of Quillmouth met on Tuesday evening to hear about the new quay. Residents of the old town came "
    "in numbers, and the mayor opened the meeting. It is to open next spring, when the ferries return."
)
DANISH = (
    "Havnens bestyrelse mødtes tirsdag aften for at høre om den nye kaj. Beboerne i den gamle by var kommet, og "
    "borgmesteren åbnede mødet. Der er ikke penge til en mur, sagde hun, men den skal være klar til foråret."
)


def body(code: str) -> str:
    cases = tomllib.loads((CASES / code / "articles.toml").read_text(encoding="utf-8"))["article"]
    return max((str(case["body"]) for case in cases), key=len)


@pytest.mark.parametrize("code", WRITTEN)
def test_an_article_tells_its_language(code: str) -> None:
    assert language_of(body(code), None) == code
    assert language_of(body(code), f"{code}-XX") == f"{code}-XX"


@pytest.mark.parametrize("code", WRITTEN)
def test_a_page_that_plainly_says_wrong_is_not_believed(code: str) -> None:
    assert language_of(body(code), "en") == code
    assert language_of(ENGLISH + " " + ENGLISH, code) == "en"


@pytest.mark.parametrize("declared", [None, "en", "da", "ja", ""])
def test_of_other_languages_and_short_texts_nothing_is_said(declared: str | None) -> None:
    assert language_of(DANISH, declared) == declared
    assert language_of("Die Fähre ist da.", declared) == declared
    assert language_of("", declared) == declared


def test_a_foreign_quotation_does_not_turn_a_page() -> None:
    assert (
        language_of(f"{ENGLISH} {ENGLISH} „Der Kai ist sicher, und das ist gut so für die Stadt“, he said.", "en")
        == "en"
    )


def test_every_language_with_words_of_its_own_is_known_by_them() -> None:
    assert languages() == _OURS
    assert set(_FREQUENT) >= _OURS


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400), st.sampled_from([None, "de", "en-GB", "xx"]))
def test_it_never_says_anything_but_a_language_of_ours_or_what_was_declared(text: str, declared: str | None) -> None:
    assert language_of(text, declared) in _OURS | {declared}


@pytest.mark.skipif("de" not in WRITTEN, reason="no German cases")
def test_a_german_page_without_a_language_is_read_as_german() -> None:
    paragraphs = [part for part in body("de").split("\n\n") if part.strip()]
    old = [*paragraphs, "Die Firma wusste von den Rissen."]
    new = [*paragraphs, "Die Firma wusste nichts von den Rissen.", "Korrektur: Der Kai liegt in Arlo, nicht in Brant."]
    before, after = (Document(tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)) for texts in (old, new))
    report = annotate(diff(before, after))
    assert Label.NEGATION_CHANGED in {note.label for note in report.annotations}
    assert [notice.label for notice in report.notices] == ["Korrektur"]
    assert [notice.label for notice in notices_in(after, Pair("", "a", "b"))] == ["Korrektur"]
