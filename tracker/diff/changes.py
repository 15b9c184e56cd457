"""From correspondences to changes: the largest units with one history.

A change is a whole block that was added, removed, moved, split or merged; otherwise one aligned sentence. What a
paragraph's own move, split or merge spans is its unedited sentences; each edited one is a change of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from tracker.diff.align import Alignment
from tracker.diff.chain import Box
from tracker.diff.rows import Unit
from tracker.diff.words import TOKEN_PAIRS, edits, row_edits, whole
from tracker.model import Change, Document, Edit, EditOp, Field, Op, Span

ALL_TOKEN_PAIRS = 8_000_000  # compared in all changes of a field together: 100,000 words, each sentence edited
LETTERS_PER_TOKEN = 5  # roughly, with its space
BETWEEN = "\n\n"  # several spans of one side are joined by an empty line


@dataclass(frozen=True, slots=True)
class Matched:
    """One row of both documents, aligned."""

    field: Field
    before: Document
    after: Document
    old: Sequence[Unit]
    new: Sequence[Unit]
    alignment: Alignment

    def spans(self, boxes: Sequence[Box]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The spans of boxes on both sides, neighbours put together."""
        old = [place for box in boxes for place in range(box.a0, box.a1)]
        new = [place for box in boxes for place in range(box.b0, box.b1)]
        return _spans(self.before, self.old, old), _spans(self.after, self.new, new)

    def spaced(self, box: Box) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The spans of one box, with the white space after it where that differs between two sentences."""
        before, after = self.spans([box])
        one, two = self.old[box.a1 - 1], self.new[box.b1 - 1]
        if one.last or two.last or one.space == two.space:
            return before, after
        return _longer(before, one.space), _longer(after, two.space)

    def edited(self, box: Box) -> bool:
        """Does it read differently? Where a border between paragraphs runs through it, white space does not count."""
        one, two = self.old[box.a0], self.new[box.b0]
        if one.text == two.text and one.space == two.space and (box.a1 - box.a0, box.b1 - box.b0) == (1, 1):
            return one.target != two.target
        before, after = self.spaced(box)
        old, new = text_of(before), text_of(after)
        if old == new:
            return self.old[box.a0].target != self.new[box.b0].target
        return len(before) == len(after) == 1 or old.split() != new.split()


def text_of(spans: Iterable[Span]) -> str:
    """The texts of the spans of one side."""
    return BETWEEN.join(span.text for span in spans)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A change of boxes before its words are compared."""

    op: Op
    before: tuple[Span, ...]
    after: tuple[Span, ...]
    targets: tuple[str | None, str | None]

    @property
    def cost(self) -> int:
        old, new = (sum(len(span.text) for span in side) for side in (self.before, self.after))
        return min(old * new // LETTERS_PER_TOKEN**2, TOKEN_PAIRS)


def changes(matched: Matched, apart: Mapping[int, int]) -> tuple[list[Change], list[Box]]:
    """The changes of a row, without ids and in no order, and what was kept and is in none of them.

    `apart` are blocks, old to new, that are accounted for elsewhere.
    """
    drafts: list[_Draft] = []
    boxes = {box: matched.edited(box) for box in (*matched.alignment.stayed, *matched.alignment.moved)}
    for op, group in [*_moves(matched), *_structures(matched)]:
        own = [box for box in group if not boxes[box]] or group
        drafts.append(_draft(matched, op, own))
        for box in own:
            del boxes[box]
    drafts += [_draft(matched, Op.EDITED, [box]) for box, edited in boxes.items() if edited]
    found = [*_worded(matched.field, drafts), *_alone(matched, apart)]
    return found, [box for box, edited in boxes.items() if not edited]


def _draft(matched: Matched, op: Op, boxes: Sequence[Box]) -> _Draft:
    before, after = matched.spaced(boxes[0]) if len(boxes) == 1 else matched.spans(boxes)
    return _Draft(op, before, after, (matched.old[boxes[0].a0].target, matched.new[boxes[0].b0].target))


def _worded(field: Field, drafts: Sequence[_Draft]) -> Iterator[Change]:
    """The drafts with their edits: word by word while the budget lasts, the cheapest first, and else shown whole."""
    costs = [draft.cost for draft in drafts]
    cheapest = sorted(range(len(drafts)), key=lambda place: (costs[place], place))
    spent = accumulate(costs[place] for place in cheapest)
    affordable = {place for place, so_far in zip(cheapest, spent, strict=True) if so_far <= ALL_TOKEN_PAIRS}
    for place, draft in enumerate(drafts):
        old, new = text_of(draft.before), text_of(draft.after)
        if old == new and draft.targets[0] != draft.targets[1]:  # another picture under the same words
            marks = target_edits(*draft.targets)
        else:
            marks = worded(field, old, new) if old == new or place in affordable else whole(old, new)
        yield Change("", draft.op, field, draft.before, draft.after, marks)


def worded(field: Field, old: str, new: str) -> tuple[Edit, ...]:
    """The edits of a text, as its field asks for."""
    return row_edits(old, new) if field is Field.TABLE else edits(old, new)


def retyped_change(before: Document, after: Document, field: Field, old: int, new: int) -> list[Change]:
    """The change of a block that is now another kind of block: none if its text is the same."""
    one, two = before.blocks[old].text, after.blocks[new].text
    if one == two:
        return []
    return [Change("", Op.EDITED, field, (Span(old, 0, one),), (Span(new, 0, two),), edits(one, two))]


def target_edits(old: str | None, new: str | None) -> tuple[Edit, ...]:
    """The edits of a change of address."""
    ops = ((EditOp.DELETE, old), (EditOp.INSERT, new))
    return tuple(Edit(op, target) for op, target in ops if target)


# --- structure ----------------------------------------------------------------------------------------------


def _moves(matched: Matched) -> list[tuple[Op, list[Box]]]:
    """Moved boxes that went together from one block to another."""
    groups: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for box in matched.alignment.moved:
        groups[matched.old[box.a0].block, matched.new[box.b0].block].append(box)
    return [(Op.MOVED, group) for group in groups.values()]


def _structures(matched: Matched) -> list[tuple[Op, list[Box]]]:
    """Boxes that stayed, of paragraphs that were split or merged."""
    groups: list[tuple[set[int], set[int], list[Box]]] = []
    for box in matched.alignment.stayed:
        old = {matched.old[place].block for place in range(box.a0, box.a1)}
        new = {matched.new[place].block for place in range(box.b0, box.b1)}
        # Boxes stand in rising order on both sides, so what shares a block with this one is the last group.
        if groups and (groups[-1][0] & old or groups[-1][1] & new):
            groups[-1][0].update(old)
            groups[-1][1].update(new)
            groups[-1][2].append(box)
        else:
            groups.append((old, new, [box]))
    return [
        (Op.SPLIT if len(old) <= len(new) else Op.MERGED, boxes)
        for old, new, boxes in groups
        if len(old) > 1 or len(new) > 1
    ]


def _alone(matched: Matched, apart: Mapping[int, int]) -> Iterator[Change]:
    """What has no counterpart: whole blocks, or sentences of blocks that go on."""
    boxes = (*matched.alignment.stayed, *matched.alignment.moved)
    old = {place for box in boxes for place in range(box.a0, box.a1)}
    new = {place for box in boxes for place in range(box.b0, box.b1)}
    for places in _largest(matched.old, old, set(apart)):
        spans = _spans(matched.before, matched.old, places)
        yield Change("", Op.REMOVED, matched.field, spans, (), whole(text_of(spans), ""))
    for places in _largest(matched.new, new, set(apart.values())):
        spans = _spans(matched.after, matched.new, places)
        yield Change("", Op.ADDED, matched.field, (), spans, whole("", text_of(spans)))


def _largest(row: Sequence[Unit], taken: set[int], apart: set[int]) -> Iterator[list[int]]:
    blocks: dict[int, list[int]] = defaultdict(list)
    for place, unit in enumerate(row):
        if unit.block not in apart:
            blocks[unit.block].append(place)
    for places in blocks.values():
        free = [place for place in places if place not in taken]
        if len(free) == len(places):
            yield free
        else:
            yield from ([place] for place in free)


# --- spans --------------------------------------------------------------------------------------------------


def _spans(document: Document, row: Sequence[Unit], places: Sequence[int]) -> tuple[Span, ...]:
    """The units at some places, in order; neighbours in one block are one span."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place and row[place - 1].block == row[place].block:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return tuple(_span(document, row[first], row[end - 1]) for first, end in runs)


def _span(document: Document, first: Unit, last: Unit) -> Span:
    return Span(first.block, first.start, document.blocks[first.block].text[first.start : last.end])


def _longer(spans: tuple[Span, ...], space: str) -> tuple[Span, ...]:
    return (*spans[:-1], replace(spans[-1], text=spans[-1].text + space))
