"""What only shows when the lanes are seen together: blocks that changed their kind, and notices that changed place."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracker.diff.align import Alignment
from tracker.diff.chain import Box
from tracker.diff.changes import Matched
from tracker.diff.rows import Lane, Unit
from tracker.text.folding import fold

# A caption that says the same as the text for a picture is no picture that became a caption.
_TEXT_LANES = (Lane.HEADLINE, Lane.DEK, Lane.BYLINE, Lane.BODY, Lane.CAPTION, Lane.TABLE, Lane.NOTICE)


class _Body:
    """Tells whether a pair of blocks stands on different sides of some text of the body that stayed."""

    def __init__(self, body: Matched) -> None:
        self._old = [body.old[box.a0].block for box in body.alignment.stayed]
        self._new = [body.new[box.b0].block for box in body.alignment.stayed]

    def crossed(self, old_block: int, new_block: int) -> bool:
        return bisect_left(self._old, old_block) != bisect_left(self._new, new_block)


def with_moved_notices(rows: Mapping[Lane, Matched]) -> dict[Lane, Matched]:
    """A notice that stood before some text of the body and now stands after it has moved, though alone in its lane."""
    body, notices = _Body(rows[Lane.BODY]), rows[Lane.NOTICE]
    stayed: list[Box] = []
    moved = list(notices.alignment.moved)
    for box in notices.alignment.stayed:
        crossed = body.crossed(notices.old[box.a0].block, notices.new[box.b0].block)
        (moved if crossed else stayed).append(box)
    settled = replace(notices, alignment=Alignment(tuple(stayed), tuple(sorted(moved))))
    return {**rows, Lane.NOTICE: settled}


def retyped(rows: Mapping[Lane, Matched]) -> list[tuple[Lane, int, int]]:
    """Blocks without a counterpart that stand at the same place with the same text as another kind of block.

    That is how the page is marked up, or how we read it, and no change of what it says: a standfirst that is now the
    first paragraph, a paragraph that is now a notice. (Kinds within the body are compared as one anyway.)
    The lane is the one that is not the body, the other one where both are not.
    """
    body = _Body(rows[Lane.BODY])
    waiting: dict[str, list[tuple[Lane, int]]] = defaultdict(list)
    for lane in _TEXT_LANES:
        matched = rows[lane]
        taken = {place for box in _boxes(matched) for place in range(box.b0, box.b1)}
        for block in _untouched(matched.new, taken):
            waiting[fold(matched.after.blocks[block].text)].append((lane, block))
    found = []
    for lane in _TEXT_LANES:
        matched = rows[lane]
        taken = {place for box in _boxes(matched) for place in range(box.a0, box.a1)}
        for block in _untouched(matched.old, taken):
            candidates = waiting.get(fold(matched.before.blocks[block].text), [])
            for other in candidates:
                if other[0] is not lane and not body.crossed(block, other[1]):
                    found.append((lane if other[0] is Lane.BODY else other[0], block, other[1]))
                    candidates.remove(other)
                    break
    return found


def _boxes(matched: Matched) -> Sequence[Box]:
    return (*matched.alignment.stayed, *matched.alignment.moved)


def _untouched(row: Sequence[Unit], taken: set[int]) -> list[int]:
    """The blocks none of whose units has a counterpart."""
    touched = {row[place].block for place in taken}
    return [block for block in dict.fromkeys(unit.block for unit in row) if block not in touched]
