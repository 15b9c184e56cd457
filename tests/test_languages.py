"""The words of each language, tried on cases that its readers can check without reading Python.

A language is a folder `tests/languages/<code>/` beside its words in `tracker/text/wording/<code>.toml`. A new language
needs no line here. Each folder has four TOML files; every sentence in them is our own:

notices.toml
    [[note]]      text, kind; label = "" where a sentence opens it; stated = "2019-05-03 14:30 CET" (what is written of
                  date, time and zone, in this order; left out where the note states no time)
    [[friend]]    text: looks like a note or has its words, and opens none
    [[stamp]]     text: a bare stamp, which is no note either
claims.toml
    [[claim]]     note: the whole note; claims: how many it makes (1 if left out); what all of them together ask for:
                  old, new: words that went and came (all of these, and none of the other side);
                  about: words named without saying which; labels, fields: among the ones they may mean
labels.toml
    around        a headline and three paragraphs that stand around every case
    [[case]]      before, after: a sentence, "" where there was none; labels: all that it gets but `other`
articles.toml
    [[article]]   name; body: paragraphs with an empty line between, the first is the headline; note: the new note;
                  edits: {from, to, is}: `is` is the disclosure expected of the change ("silent", or "silent unspecific"
                  where both are right); to = "" takes words out; from = "" adds a paragraph at the end
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tracker.annotate import annotate
from tracker.annotate.claims import claim_texts, marks, read_claim
from tracker.annotate.notices import read_notice
from tracker.diff import diff
from tracker.model import Block, BlockKind, Change, Disclosure, Document, Label, Placement, Report
from tracker.text.sentences import sentences
from tracker.text.wording import is_stamp, moments, notice_opening, plain, wording
from tracker.text.wording.words import abbreviations

FOLDERS = Path(__file__).parent / "languages"
LANGUAGES = sorted(folder.name for folder in FOLDERS.iterdir() if folder.is_dir())
Case = dict[str, Any]


def cases(file: str, table: str) -> list[Any]:
    """(language, case) of one table of one file of all languages, each named by the start of its text."""
    found = []
    for language in LANGUAGES:
        path = FOLDERS / language / file
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get(table, []) if path.exists() else []:
            told = next(str(case[key]) for key in ("name", "text", "note", "after", "before") if case.get(key))
            found.append(pytest.param(language, case, id=f"{language}: {told}"))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_words_and_cases(language: str) -> None:
    assert wording(language).language == language
    tables = {"notices.toml": ("note", "friend"), "claims.toml": ("claim",), "labels.toml": ("case",),
              "articles.toml": ("article",)}  # fmt: skip
    for file, names in tables.items():
        data = tomllib.loads((FOLDERS / language / file).read_text(encoding="utf-8"))
        assert all(data.get(name) for name in names), file


# --- notices --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "case"), cases("notices.toml", "note"))
def test_a_note_is_one_and_tells_its_kind_and_time(language: str, case: Case) -> None:
    opening = notice_opening(case["text"], language)
    assert opening is not None
    assert str(opening.kind) == case["kind"]
    if "label" in case:
        assert opening.label == case["label"]
    stated = read_notice(Block(BlockKind.NOTICE, case["text"]), 0, language).stated
    parts = (stated.date, stated.time, stated.zone) if stated else ()
    assert " ".join(part for part in parts if part) == case.get("stated", "")


@pytest.mark.parametrize(("language", "case"), cases("notices.toml", "friend"))
def test_a_false_friend_is_no_note(language: str, case: Case) -> None:
    assert notice_opening(case["text"], language) is None


@pytest.mark.parametrize(("language", "case"), cases("notices.toml", "stamp"))
def test_a_bare_stamp_is_no_note(language: str, case: Case) -> None:
    assert is_stamp(case["text"], language)
    assert notice_opening(case["text"], language) is None


# --- sentences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [code for code in LANGUAGES if abbreviations(code)])
def test_a_shortened_word_ends_no_sentence(language: str) -> None:
    for word in sorted(abbreviations(language)):
        assert len(sentences(f"La casa, {word}. Okafor.", language)) == 1, word


# --- claims ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "case"), cases("claims.toml", "claim"))
def test_a_claim_tells_what_went_what_came_and_of_what_kind(language: str, case: Case) -> None:
    known = wording(language)
    opening = notice_opening(case["note"], language)
    assert opening is not None
    texts = claim_texts(case["note"][opening.end :], opening.kind, language)
    assert len(texts) == case.get("claims", 1), texts
    hints = [read_claim(text, language) for text in texts]
    old = {mark.word for hint in hints for mark in hint.old}
    new = {mark.word for hint in hints for mark in hint.new}
    about = {mark.word for hint in hints for mark in hint.about}
    went = {mark.word for mark in marks(plain(" ; ".join(case.get("old", []))), known)}
    came = {mark.word for mark in marks(plain(" ; ".join(case.get("new", []))), known)}
    named = {mark.word for mark in marks(plain(" ; ".join(case.get("about", []))), known)}
    assert went <= old, (old, new, about)
    assert came <= new, (old, new, about)
    assert not (came - went) & old, (old, new)
    assert not (went - came) & new, (old, new)
    assert named <= about | old | new
    assert set(case.get("labels", [])) <= {str(label) for hint in hints for label in hint.labels}
    assert set(case.get("fields", [])) == {str(field) for hint in hints for field in hint.fields}


# --- labels ---------------------------------------------------------------------------------------------------------


def page(paragraphs: list[str], language: str, note: str = "") -> Document:
    """A page of paragraphs; the first one is its headline."""
    blocks = [Block(BlockKind.HEADLINE, paragraphs[0])]
    blocks += [Block(BlockKind.PARAGRAPH, text) for text in paragraphs[1:] if text]
    blocks += [Block(BlockKind.NOTICE, note, placement=Placement.END)] if note else []
    return Document(tuple(blocks), language=language)


@pytest.mark.parametrize(("language", "case"), cases("labels.toml", "case"))
def test_a_change_gets_its_labels_and_no_others(language: str, case: Case) -> None:
    around = tomllib.loads((FOLDERS / language / "labels.toml").read_text(encoding="utf-8"))["around"]
    before, after = (page([*around[:2], case[side], *around[2:]], language) for side in ("before", "after"))
    report = annotate(diff(before, after))
    told = {str(note.label): note.evidence for note in report.annotations if note.label is not Label.OTHER}
    assert set(told) == set(case["labels"]), told


# --- whole articles -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "case"), cases("articles.toml", "article"))
def test_each_change_of_an_article_is_disclosed_or_not(language: str, case: Case) -> None:
    report = compared(language, case)
    for edit in case["edits"]:
        change = change_of(edit, report)
        found = report.judgement(change).disclosure
        claims = [(claim.text, str(claim.state)) for notice in report.notices for claim in notice.claims]
        assert str(found) in edit["is"].split(), (edit, claims, [str(n.label) for n in report.labels(change)])
        assert found is not Disclosure.EXEMPT


def compared(language: str, case: Case) -> Report:
    before = after = case["body"].strip()
    for edit in case["edits"]:
        if edit["from"]:
            assert edit["from"] in after, edit
            after = after.replace(edit["from"], edit["to"])
        else:
            after = f"{after}\n\n{edit['to']}"
    before_page, after_page = (page(re.split(r"\n\s*\n", text), language) for text in (before, after))
    if case["note"]:
        after_page = page(re.split(r"\n\s*\n", after), language, case["note"])
    return annotate(diff(before_page, after_page))


def change_of(edit: Case, report: Report) -> Change:
    """The change in which the edit lies: its new words stand in it, or its old ones where it took them out."""
    for change in report.diff.changes:
        if edit["to"] and edit["to"] in " ".join(span.text for span in change.after):
            return change
        if not edit["to"] and edit["from"].strip() in " ".join(span.text for span in change.before):
            return change
    raise AssertionError(f"no change holds {edit}")


# --- speed ----------------------------------------------------------------------------------------------------------

LONG = 20_000
FILLERS = (" a", ", 12", " no", " de la \u00ab")


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_texts_without_an_end_come_to_one(language: str) -> None:
    """Patterns that go back over what they read would take hours here; what stands at the start is read as before."""
    data = [case.values[1] for case in cases("notices.toml", "note") if case.values[0] == language]
    start = next(case["text"].rstrip(" .") for case in data if case.get("label") == "")
    kind = notice_opening(start, language)
    for filler in FILLERS:
        text = (start + filler * LONG)[:LONG]
        assert notice_opening(text, language) == kind
        assert moments(text, language) == moments(start, language)
        hints = read_claim(text[:1_500], language)
        assert {mark.word for mark in read_claim(start, language).about} <= {mark.word for mark in hints.all}
