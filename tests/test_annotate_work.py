"""How much work a report makes: what is known of a whole text is not worked out again for each of its changes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from tracker.annotate import annotate, facts, quotes, structure
from tracker.diff import diff
from tracker.model import Block, BlockKind, Document, Report
from tracker.text.wording import wording

RECONCILE = importlib.import_module("tracker.annotate.reconcile")  # the room has a function of that name, too


def report(before: Document, after: Document) -> Report:
    return annotate(diff(before, after))


def paragraph(value: str, sentences: int) -> Document:
    """One paragraph of quotations, each with a value of its own."""
    said = " ".join(f'"Pier number {at} cost {value} million to mend," the mayor said.' for at in range(sentences))
    return Document((Block(BlockKind.PARAGRAPH, said),), language="en")


def notes(count: int) -> Document:
    said = [f"Correction: An earlier version of this story misstated the height of pier {at}." for at in range(count)]
    return Document(
        (Block(BlockKind.PARAGRAPH, "The piers are high."), *(Block(BlockKind.NOTICE, text) for text in said)),
        language="en",
    )


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> Callable[[], int]:
    """Count the calls of a function from now on."""
    calls = 0
    function = getattr(module, name)

    def counting(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return function(*arguments, **named)

    monkeypatch.setattr(module, name, counting)
    return lambda: calls


def test_the_quotations_of_a_paragraph_are_looked_for_once_however_many_of_its_sentences_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quotes.between_marks.cache_clear()
    looks = counted(monkeypatch, quotes, "_closing")
    told = report(paragraph("three", 120), paragraph("seven", 120))
    assert len(told.diff.changes) > 50
    assert 0 < looks() <= 8


def test_a_new_note_is_asked_once_whether_it_says_anything_however_many_changes_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = counted(monkeypatch, RECONCILE, "_is_vague")
    told = report(paragraph("three", 120), Document((*paragraph("seven", 120).blocks, *notes(3).blocks), language="en"))
    assert len(told.notices) == 3
    assert len(told.diff.changes) > 50
    assert 0 < asked() <= 3


def test_the_language_of_a_text_is_asked_once_and_not_for_each_of_its_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch, structure, "language_of")
    told = report(notes(0), notes(40))
    assert len(told.notices) == 40
    assert 0 < asked() <= 8


@pytest.mark.parametrize(
    ("language", "clause"), [("en", "he did not go"), ("fr", "il ne va pas"), ("es", "no dijo nada")]
)
def test_between_two_negations_the_end_of_a_clause_is_looked_for_only_where_it_matters(
    monkeypatch: pytest.MonkeyPatch, language: str, clause: str
) -> None:
    looks = 0

    class Counting:
        def search(self, text: str, start: int, end: int) -> bool:
            nonlocal looks
            looks += end - start
            return "," in text[start:end]

    monkeypatch.setattr(facts, "_CLAUSE_ENDS", Counting())
    said = f"{clause}, " * 3 + "one word after another " * 2_000 + f", {clause}" * 3
    assert facts.negations(said, wording(language)) == 6
    assert looks <= 2 * len(said)  # code points
