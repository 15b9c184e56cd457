"""What the page's metadata says differently: the date of publication, and titles that only machines see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tracker.diff.words import edits, whole
from tracker.model import Change, Document, Edit, EditOp, Field, Op, Span
from tracker.text.folding import fold

_TITLES = ("headline/json-ld", "headline/og", "headline/title")


def metadata_changes(before: Document, after: Document) -> Iterator[Change]:
    """Changes of fields that have no block; a source that merely comes or goes is none."""
    yield from _published(before, after)
    yield from _titles(before, after)


def _published(before: Document, after: Document) -> Iterator[Change]:
    """One change at most: of the first source that both sides have, else of what each side knows."""
    old, new = dict(before.content.of("published")), dict(after.content.of("published"))
    shared = sorted(old.keys() & new)
    pairs: list[tuple[str | None, str | None]]
    pairs = [(old[key], new[key]) for key in shared] or [(before.published, after.published)]
    for one, two in pairs:
        if _moment(one) != _moment(two):
            yield _change(Field.PUBLISHED, one, two, whole(one or "", two or ""))
            return


def _moment(stated: str | None) -> datetime | str | None:
    """The instant, so that another way to write it is no change; the text where it cannot be read."""
    if stated is None:
        return None
    try:
        moment = datetime.fromisoformat(stated.strip())
    except ValueError:
        return stated.strip()
    return moment.astimezone(UTC) if moment.tzinfo else stated.strip()


def _titles(before: Document, after: Document) -> Iterator[Change]:
    """Each edit once, and not at all where the headline that readers see was edited alike."""
    told = [_marks(before.headline or "", after.headline or "")]
    for key in _TITLES:
        old, new = before.content.get(key), after.content.get(key)
        if old is None or new is None or old == new or _repeats(before.headline, after.headline, old, new):
            continue
        marks = _marks(old, new)
        if marks not in told:
            told.append(marks)
            yield _change(Field.SEO_TITLE, old, new, edits(old, new))


def _repeats(old_headline: str | None, new_headline: str | None, old: str, new: str) -> bool:
    """Is the title the headline with something around it ("... | The Ledger"), before and after?"""
    if not old_headline or not new_headline or old_headline == new_headline:
        return False
    return fold(old).replace(fold(old_headline), fold(new_headline), 1) == fold(new) != fold(old)


def _marks(old: str, new: str) -> tuple[tuple[EditOp, str], ...]:
    """What is deleted and inserted, wherever it stands and however it is typeset."""
    return tuple((edit.op, fold(edit.text).strip()) for edit in edits(old, new) if edit.op is not EditOp.EQUAL)


def _change(field: Field, old: str | None, new: str | None, marks: tuple[Edit, ...]) -> Change:
    op = Op.ADDED if old is None else Op.REMOVED if new is None else Op.EDITED
    before = () if old is None else (Span(None, 0, old),)
    after = () if new is None else (Span(None, 0, new),)
    return Change("", op, field, before, after, marks)
