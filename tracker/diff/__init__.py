"""diff: Document, Document -> Diff. Blocks, then sentences, then words; no clock, no chance, nothing lost."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import ModuleType

from tracker.diff.align import align, match_blocks
from tracker.diff.chain import Box
from tracker.diff.changes import Matched, changes, retyped_change
from tracker.diff.check import check
from tracker.diff.kinds import retyped, with_moved_notices
from tracker.diff.links import Stretch, link_changes
from tracker.diff.metadata import metadata_changes
from tracker.diff.order import Survivor, change_id, in_order, mirrored, named
from tracker.diff.rows import Lane, identity, lanes, units
from tracker.model import Change, Diff, Document, Pair
from tracker.text.codec import document_digest

__all__ = ["change_id", "diff"]


def diff(before: Document, after: Document, pair: Pair | None = None) -> Diff:
    """Compare two documents.

    `pair` names the two sides for the ids of the changes; without it both digests do. The same texts give the same
    Diff on any machine and day, and `diff(b, a)` is the exact mirror of `diff(a, b)`. Raises RuntimeError if the
    result does not rebuild both sides, which is a bug in tracker.
    """
    pair = pair or Pair("", document_digest(before), document_digest(after))
    turned = _before_in_order(after, before)
    old, new = (after, before) if turned else (before, after)
    found, survivors, same = _compare(old, new) if before != after else ([], [], {})
    if turned:
        found = [mirrored(change) for change in found]
        survivors = [(two, one) for one, two in survivors]
        same = {two: one for one, two in same.items()}
    result = Diff(before, after, pair, named(in_order(found, survivors), pair))
    check(result, same)
    return result


def _before_in_order(one: Document, two: Document) -> bool:
    """Which of two documents is compared as the old one: any order would do that does not ask which is newer."""
    texts = [block.text for block in one.blocks], [block.text for block in two.blocks]
    return texts[0] < texts[1] if texts[0] != texts[1] else repr(one) < repr(two)


def _compare(old: Document, new: Document) -> tuple[list[Change], list[Survivor], dict[int, int]]:
    """The changes in no order, where what stayed stood and stands, and the blocks that only changed their kind."""
    old_lanes, new_lanes = lanes(old), lanes(new)
    rows = with_moved_notices({lane: _matched(lane, old, new, old_lanes[lane], new_lanes[lane]) for lane in Lane})
    same = retyped(rows)
    apart = {one: two for _, one, two in same}
    found = [change for lane, one, two in same for change in retyped_change(old, new, lane.field, one, two)]
    stretches = _kept_retyped(old, new, apart)
    for lane, row in rows.items():
        changed, kept = changes(row, apart)
        found += changed
        if lane not in {Lane.IMAGE, Lane.EMBED}:  # there the link is the thing itself
            stretches += _kept(row, kept)
    found = link_changes(old, new, stretches, found)
    survivors = [
        ((row.old[box.a0].block, row.old[box.a0].start), (row.new[box.b0].block, row.new[box.b0].start))
        for row in rows.values()
        for box in row.alignment.stayed
    ]
    survivors += [((one, 0), (two, 0)) for one, two in apart.items()]
    return [*found, *metadata_changes(old, new)], survivors, apart


def _matched(lane: Lane, old: Document, new: Document, a: list[int], b: list[int]) -> Matched:
    in_place, elsewhere = match_blocks(
        [identity(old.blocks[place]) for place in a],
        [identity(new.blocks[place]) for place in b],
        lambda place: old.blocks[a[place]].text,
        keyed=lane is Lane.TABLE,
    )
    pairs = [*in_place, *elsewhere]
    language = old.language or new.language
    old_units = units(old, a, {a[one] for one, _ in pairs}, language)
    new_units = units(new, b, {b[two] for _, two in pairs}, language)
    old_first = {unit.block: number for number, unit in reversed(list(enumerate(old_units)))}
    new_first = {unit.block: number for number, unit in reversed(list(enumerate(new_units)))}
    alignment = align(
        old_units,
        new_units,
        [(old_first[a[one]], new_first[b[two]]) for one, two in in_place],
        [(old_first[a[one]], new_first[b[two]]) for one, two in elsewhere],
        alone=lane.alone,
    )
    return Matched(lane.field, old, new, old_units, new_units, alignment)


def _kept(row: Matched, kept: Iterable[Box]) -> list[Stretch]:
    """Text that is part of no change, where there are links in it."""
    found = []
    for box in kept:
        one, two, end = row.old[box.a0], row.new[box.b0], row.old[box.a1 - 1].end
        if row.before.blocks[one.block].links or row.after.blocks[two.block].links:
            found.append(Stretch(one.block, one.start, two.block, two.start, end - one.start))
    return found


def _kept_retyped(old: Document, new: Document, apart: Mapping[int, int]) -> list[Stretch]:
    lengths = {
        one: len(old.blocks[one].text) for one, two in apart.items() if old.blocks[one].text == new.blocks[two].text
    }
    return [Stretch(one, 0, apart[one], 0, length) for one, length in lengths.items()]


class _Room(ModuleType):
    """`tracker.diff(before, after)`: the room and its one function share a name, so the room can be called."""

    __call__ = staticmethod(diff)


sys.modules[__name__].__class__ = _Room
