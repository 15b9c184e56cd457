"""The last steps, in the direction that was asked for: order, ids, and the check that nothing was lost."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracker.model import Change, Edit, EditOp, Field, Op, Pair, Span

Position = tuple[int, int]  # block, start
Survivor = tuple[Position, Position]  # where a unit that stayed stood in the old text, and where in the new

_MIRRORED = {Op.ADDED: Op.REMOVED, Op.REMOVED: Op.ADDED, Op.SPLIT: Op.MERGED, Op.MERGED: Op.SPLIT}
_OPPOSITE = {EditOp.DELETE: EditOp.INSERT, EditOp.INSERT: EditOp.DELETE, EditOp.EQUAL: EditOp.EQUAL}
_RANK = {EditOp.DELETE: 0, EditOp.INSERT: 1}
_LAST = (1 << 62, 0)  # metadata stands after the text


def mirrored(change: Change) -> Change:
    """The same change seen from the other side."""
    return replace(
        change,
        op=_MIRRORED.get(change.op, change.op),
        before=change.after,
        after=change.before,
        edits=_mirrored_edits(change.edits),
    )


def _mirrored_edits(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    found: list[Edit] = []
    for edit in edits:
        turned = Edit(_OPPOSITE[edit.op], edit.text)
        if found and found[-1].op is EditOp.INSERT and turned.op is EditOp.DELETE:
            found.insert(-1, turned)  # a delete stands before its insert on both sides of the mirror
        else:
            found.append(turned)
    return tuple(found)


def in_order(changes: Iterable[Change], survivors: Sequence[Survivor]) -> list[Change]:
    """In the order of the new text; what was removed stands after the last survivor before it; metadata comes last."""
    old = sorted(survivors)
    starts = [position for position, _ in old]

    def place(change: Change) -> tuple[Position, int, Position, str]:
        before = _position(change.before[0]) if change.before else (0, 0)
        if change.after:
            return _position(change.after[0]), 0, before, change.field
        if before == _LAST:
            return _LAST, 1, before, change.field
        number = bisect_left(starts, before)
        return old[number - 1][1] if number else (-1, -1), 1, before, change.field

    return sorted(changes, key=place)


def _position(span: Span) -> Position:
    return _LAST if span.block is None else (span.block, span.start)


def named(changes: Iterable[Change], pair: Pair) -> tuple[Change, ...]:
    """Each change with its id."""
    seen: Counter[tuple[Field, tuple[str, ...], tuple[str, ...]]] = Counter()
    found = []
    for change in changes:
        before = tuple(span.text for span in change.before)
        after = tuple(span.text for span in change.after)
        parts = (change.field, before, after)
        found.append(replace(change, id=change_id(pair, *parts, seen[parts])))
        seen[parts] += 1
    return tuple(found)


def change_id(pair: Pair, field: Field, before: Sequence[str], after: Sequence[str], occurrence: int) -> str:
    """16 hex digits that name a change for good. `occurrence` counts equal changes of one diff from 0."""
    parts = [pair.branch, pair.before, pair.after, field, list(before), list(after), occurrence]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
