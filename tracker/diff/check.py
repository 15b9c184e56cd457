"""The check after every comparison: that its changes and the equal text are both sides, whole and only once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tracker.diff.changes import text_of
from tracker.diff.rows import lanes
from tracker.model import Change, Diff, Document, EditOp, Field, Span


def check(diff: Diff, retyped: Mapping[int, int]) -> None:
    """Rebuild both sides. `retyped` maps old to new blocks that say the same as another kind of block.

    Raises RuntimeError, a bug in tracker, where a change is not made of its edits, spans overlap or lie outside the
    text, or what no change spans is not equal on both sides (white space at the borders of changes apart).
    """
    for change in diff.changes:
        if not _rebuilds(change):
            raise RuntimeError(f"change {change.id} is not made of its edits: a bug in tracker")
    old = _rest(diff.before, [span for change in diff.changes for span in change.before], list(retyped))
    new = _rest(diff.after, [span for change in diff.changes for span in change.after], list(retyped.values()))
    if old != new:
        raise RuntimeError("the changes and the equal text do not make up both sides: a bug in tracker")


def _rebuilds(change: Change) -> bool:
    old, new = text_of(change.before), text_of(change.after)
    if _is_target(change):
        return old == new
    return old == _side(change, EditOp.INSERT) and new == _side(change, EditOp.DELETE)


def _is_target(change: Change) -> bool:
    """Edits that hold addresses: the text stays and something else was put under it."""
    return change.field is Field.LINK or (
        change.field is Field.IMAGE
        and text_of(change.before) == text_of(change.after)
        and any(edit.op is not EditOp.EQUAL for edit in change.edits)
    )


def _side(change: Change, other: EditOp) -> str:
    return "".join(edit.text for edit in change.edits if edit.op is not other)


def _rest(document: Document, spans: Sequence[Span], apart: Sequence[int]) -> list[str]:
    """What no span covers, without white space: of each lane, then of each of the blocks that are told `apart`."""
    by_block: dict[int | None, list[Span]] = defaultdict(list)
    for span in spans:
        by_block[span.block].append(span)
    alone = set(apart)
    rows = [[place for place in places if place not in alone] for places in lanes(document).values()]
    rest = []
    for places in (*rows, *([place] for place in apart)):
        pieces = [_uncovered(document.blocks[place].text, by_block[place]) for place in places]
        rest.append("".join("".join(pieces).split()))
    return rest


def _uncovered(text: str, spans: list[Span]) -> str:
    rest: list[str] = []
    at = 0
    for span in sorted(spans, key=lambda span: (span.start, len(span.text))):
        if span.start < at or text[span.start : span.start + len(span.text)] != span.text:
            raise RuntimeError("spans overlap or do not stand in the text: a bug in tracker")
        rest.append(text[at : span.start])
        at = span.start + len(span.text)
    return "".join([*rest, text[at:]])
