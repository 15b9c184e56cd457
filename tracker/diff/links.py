"""Links whose text stays and whose target changes, came or went.

Such a change spans the linked text and holds the targets in its edits. Where the linked text stands in a sentence that
is a change itself, it is taken out of that change's spans, so that no two changes speak of the same text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from tracker.diff.changes import BETWEEN, target_edits, text_of, worded
from tracker.model import Change, Document, EditOp, Field, Link, Op, Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text that is equal on both sides: `length` characters from a place in each."""

    old_block: int
    old_start: int
    new_block: int
    new_start: int
    length: int


def link_changes(before: Document, after: Document, kept: Sequence[Stretch], changes: Sequence[Change]) -> list[Change]:
    """`changes` and those of links: in text that was kept, and in what stayed of text that was changed."""
    found = [link for stretch in kept for link in _retargeted(before, after, stretch)]
    for change in changes:
        links = [link for stretch in _stretches(change) for link in _retargeted(before, after, stretch, entire=True)]
        rest = _without(change, links) if links else None
        found.extend([rest, *links] if rest else [change])
    return found


def _retargeted(before: Document, after: Document, stretch: Stretch, *, entire: bool = False) -> Iterator[Change]:
    all_old, all_new = before.blocks[stretch.old_block].links, after.blocks[stretch.new_block].links
    if not all_old and not all_new:
        return
    old = _inside(all_old, stretch.old_start, stretch.length, entire=entire)
    new = _inside(all_new, stretch.new_start, stretch.length, entire=entire)
    if old == new:
        return
    for link in old:
        over = _overlapping(new, link.start, link.end)
        if not over:
            yield _change(before, stretch, link, link.href, None)
        elif all(other.href != link.href for other in over):
            for other in over:
                both = Link(max(link.start, other.start), min(link.end, other.end), "")
                yield _change(before, stretch, both, link.href, other.href)
    for link in new:
        if not _overlapping(old, link.start, link.end):
            yield _change(before, stretch, link, None, link.href)


def _inside(links: Sequence[Link], start: int, length: int, *, entire: bool) -> list[Link]:
    """The links in a stretch, their places counted from its start."""
    found = []
    for link in _overlapping(links, start, start + length):
        first, end = max(link.start - start, 0), min(link.end - start, length)
        if first < end and (not entire or end - first == link.end - link.start):
            found.append(Link(first, end, link.href))
    return found


def _overlapping(links: Sequence[Link], start: int, end: int) -> Sequence[Link]:
    """Those that stand at least in part between two places; links are in order and do not overlap each other."""
    first = bisect_right(links, start, key=lambda link: link.end)
    return links[first : bisect_left(links, end, first, key=lambda link: link.start)]


def _change(before: Document, stretch: Stretch, where: Link, old: str | None, new: str | None) -> Change:
    start = stretch.old_start + where.start
    text = before.blocks[stretch.old_block].text[start : stretch.old_start + where.end]
    return Change(
        "",
        Op.EDITED,
        Field.LINK,
        (Span(stretch.old_block, start, text),),
        (Span(stretch.new_block, stretch.new_start + where.start, text),),
        target_edits(old, new),
    )


# --- inside other changes -----------------------------------------------------------------------------------


def _stretches(change: Change) -> Iterator[Stretch]:
    """What a change keeps, span by span."""
    if change.field is Field.IMAGE or not change.before or not change.after or change.before[0].block is None:
        return
    old_at = new_at = 0
    for edit in change.edits:
        if edit.op is EditOp.EQUAL:
            yield from _within_spans(change, old_at, new_at, len(edit.text))
        old_at += len(edit.text) if edit.op is not EditOp.INSERT else 0
        new_at += len(edit.text) if edit.op is not EditOp.DELETE else 0


def _within_spans(change: Change, old_at: int, new_at: int, length: int) -> Iterator[Stretch]:
    for one, old_from in _placed(change.before):
        for two, new_from in _placed(change.after):
            first = max(old_from - old_at, new_from - new_at, 0)
            end = min(old_from + len(one.text) - old_at, new_from + len(two.text) - new_at, length)
            if first < end and one.block is not None and two.block is not None:
                yield Stretch(
                    one.block,
                    one.start + old_at + first - old_from,
                    two.block,
                    two.start + new_at + first - new_from,
                    end - first,
                )


def _placed(spans: Sequence[Span]) -> list[tuple[Span, int]]:
    """The spans with where each starts in their joined text."""
    starts = accumulate((len(span.text) + len(BETWEEN) for span in spans), initial=0)
    return list(zip(spans, starts, strict=False))


def _without(change: Change, links: Sequence[Change]) -> Change | None:
    """The change without the linked texts; None if nothing would be left of it."""
    before = _cut(change.before, [link.before[0] for link in links])
    after = _cut(change.after, [link.after[0] for link in links])
    if not before or not after:
        return None
    return replace(change, before=before, after=after, edits=worded(change.field, text_of(before), text_of(after)))


def _cut(spans: Sequence[Span], out: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for span in spans:
        at, end = span.start, span.start + len(span.text)
        for hole in sorted((hole for hole in out if hole.block == span.block), key=lambda hole: hole.start):
            if span.start <= hole.start < end:
                found.append(Span(span.block, at, span.text[at - span.start : hole.start - span.start]))
                at = hole.start + len(hole.text)
        found.append(Span(span.block, at, span.text[at - span.start :]))
    return tuple(span for span in found if span.text)
