"""A change as marked pieces of text: what stayed, what went, what came, and where paragraphs begin or no longer do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from tracker.model import Change, EditOp, Field, Span

JOIN = "\n\n"  # stands between several spans of a change in its edits


class Mark(StrEnum):
    """What a piece of text is to the reader of a diff."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"
    PARAGRAPH_ADDED = "paragraph-added"  # a paragraph now begins here that did not
    PARAGRAPH_GONE = "paragraph-gone"  # a paragraph began here and does no more
    LINK = "link"  # words whose link was changed, not the words
    LEFT_OUT = "left-out"  # unchanged text that is not shown


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under one mark. `change` is the id of the change it belongs to, None for unchanged text."""

    mark: Mark
    text: str
    change: str | None = None


def marks_words(change: Change) -> bool:
    """Can this change be shown as marked words in the running text? Link targets and metadata cannot."""
    return change.field is not Field.LINK and not is_metadata(change) and _rebuilds(change)


def is_metadata(change: Change) -> bool:
    """Is this a change of what the page says about itself, and of nothing that stands on it?"""
    return any(span.block is None for span in change.before + change.after)


def _rebuilds(change: Change) -> bool:
    """Do the edits give the texts of both sides? (Those of an image may hold addresses instead.)"""
    sides = ((change.before, EditOp.DELETE), (change.after, EditOp.INSERT))
    return all(
        JOIN.join(span.text for span in spans)
        == "".join(edit.text for edit in change.edits if edit.op in (EditOp.EQUAL, op))
        for spans, op in sides
    )


def edits_as_pieces(change: Change) -> tuple[Piece, ...]:
    """The edits as they are, for what stands in no paragraph."""
    return tuple(Piece(Mark(edit.op.value), edit.text, change.id) for edit in change.edits)


def pieces_by_span(change: Change) -> tuple[tuple[Span, tuple[Piece, ...]], ...]:
    """Each span of the new side (of the old side where there is no new one) with its own pieces.

    Needs `marks_words(change)`.
    """
    spans = change.after or change.before
    found: list[list[Piece]] = [[] for _ in spans]
    for index, mark, text in _runs(change):
        found[index].append(Piece(mark, text, change.id))
    return tuple((span, tuple(pieces)) for span, pieces in zip(spans, found, strict=True))


def _runs(change: Change) -> Iterator[tuple[int, Mark, str]]:
    """(span number, mark, text) for each run; border characters between spans become paragraph marks or nothing."""
    structure_only = len(change.before) + len(change.after) > 2
    for (index, mark), group in groupby(_characters(change), key=lambda item: item[:2]):
        text = "".join(character for _, _, character in group)
        if mark in (Mark.PARAGRAPH_ADDED, Mark.PARAGRAPH_GONE):
            yield index, mark, ""
        elif structure_only and not text.strip() and mark is Mark.INSERT:
            yield index, Mark.EQUAL, text
        elif text and not (structure_only and not text.strip() and mark is Mark.DELETE):
            yield index, mark, text


def _characters(change: Change) -> Iterator[tuple[int, Mark, str]]:
    old_owner, new_owner = _owners(change.before), _owners(change.after)
    at_old = at_new = 0
    for edit in change.edits:
        for character in edit.text:
            mark = Mark(edit.op.value)
            old_border = mark is not Mark.INSERT and old_owner[at_old][1]
            new_border = mark is not Mark.DELETE and new_owner[at_new][1]
            owner = new_owner[min(at_new, len(new_owner) - 1)][0] if change.after else old_owner[at_old][0]
            if old_border or new_border:
                yield from _border(change, owner, old_border, new_border)
            else:
                yield owner, mark, character
            at_old += mark is not Mark.INSERT
            at_new += mark is not Mark.DELETE


def _border(change: Change, owner: int, old: bool, new: bool) -> Iterator[tuple[int, Mark, str]]:
    """The paragraph mark for one character between two spans, where the spans are of different paragraphs."""
    if new and not old and change.after[owner].block != change.after[owner - 1].block:
        yield owner, Mark.PARAGRAPH_ADDED, ""
    if old and not new and len({span.block for span in change.before}) > 1:
        yield owner, Mark.PARAGRAPH_GONE, ""


def _owners(spans: tuple[Span, ...]) -> list[tuple[int, bool]]:
    """For each character of the joined texts: the number of its span, and whether it is one of the border before it."""
    owners: list[tuple[int, bool]] = []
    for index, span in enumerate(spans):
        owners += [(index, True)] * (len(JOIN) if index else 0) + [(index, False)] * len(span.text)
    return owners
