"""Where each change stands in the new text: the whole page as paragraphs of marked pieces.

The new document gives the frame. What was removed is put back where it stood, by counting the letters of the unchanged
text before it: they are the same on both sides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tracker.model import Block, BlockKind, Change, Diff, Document, Field, Span
from tracker.render.pieces import Mark, Piece, edits_as_pieces, is_metadata, marks_words, pieces_by_span

_FIELDS = {
    BlockKind.HEADLINE: Field.HEADLINE,
    BlockKind.DEK: Field.DEK,
    BlockKind.BYLINE: Field.BYLINE,
    BlockKind.CAPTION: Field.CAPTION,
    BlockKind.TABLE: Field.TABLE,
    BlockKind.NOTICE: Field.NOTICE,
    BlockKind.IMAGE: Field.IMAGE,
    BlockKind.EMBED: Field.IMAGE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the new text, or one that is gone, with everything that happened to it.

    `block` is its place in the new document, in the old one where `gone`, None for the page's metadata. `overlays` are
    the ids of changes that mark no words here: links and the like.
    """

    block: int | None
    gone: bool
    pieces: tuple[Piece, ...]
    overlays: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The ids of the changes in this paragraph, in reading order."""
        marked = (piece.change for piece in self.pieces if piece.change is not None)
        return tuple(dict.fromkeys((*marked, *self.overlays)))


@dataclass(frozen=True, slots=True)
class _Placed:
    """Pieces that stand for `length` characters of a block; 0 for what is put back."""

    start: int
    length: int
    pieces: tuple[Piece, ...]
    change: str


def rows(diff: Diff) -> tuple[Row, ...]:
    """The whole new text: metadata first, then the blocks, each removed paragraph after its last predecessor."""
    return (*_metadata_rows(diff), *_body_rows(diff))


def _metadata_rows(diff: Diff) -> Iterator[Row]:
    for change in diff.changes:
        if is_metadata(change):
            yield Row(None, False, edits_as_pieces(change))


def _body_rows(diff: Diff) -> Iterator[Row]:
    worded = [change for change in diff.changes if marks_words(change)]
    standing: dict[int, list[_Placed]] = defaultdict(list)
    gone: dict[int, list[_Placed]] = defaultdict(list)
    overlays: dict[int, list[str]] = defaultdict(list)
    places = _Places(diff, worded)
    for change in worded:
        for span, pieces in pieces_by_span(change):
            if change.after:
                standing[span.block or 0].append(_Placed(span.start, len(span.text), pieces, change.id))
            else:
                _put_back(diff, places, span, pieces, change.id, standing, gone)
    for change in diff.changes:
        spans = change.after or change.before
        if not marks_words(change) and not is_metadata(change) and spans:
            _lay_over(places, change, spans[0], standing, overlays, gone)
    gone_after: dict[int, list[int]] = defaultdict(list)
    for block in sorted(gone):
        gone_after[places.block_before(block)].append(block)
    for number in range(-1, len(diff.after.blocks)):
        if number >= 0:
            yield _row(number, diff.after.blocks[number], standing[number], overlays[number])
        for block in gone_after[number]:
            yield _gone_row(block, gone[block])


def _put_back(
    diff: Diff,
    places: _Places,
    span: Span,
    pieces: tuple[Piece, ...],
    change: str,
    standing: dict[int, list[_Placed]],
    gone: dict[int, list[_Placed]],
) -> None:
    """Removed words go where their neighbours now stand, or into a paragraph of their own if it is gone whole."""
    old = span.block or 0
    place = places.inside(old, span.start)
    if place is None:
        gone[old].append(_Placed(span.start, 0, pieces, change))
        return
    block, offset = place
    text, old_text = diff.after.blocks[block].text, diff.before.blocks[old].text
    while offset < len(text) and text[offset].isspace():
        offset += 1
    words = "".join(piece.text for piece in pieces)
    # white space between sentences went with them: what the new text has no more is put back too
    if offset and not text[offset - 1].isspace():
        words = old_text[len(old_text[: span.start].rstrip()) : span.start] + words
    if offset < len(text):
        tail = old_text[span.start + len(span.text) :]
        words += tail[: len(tail) - len(tail.lstrip())]
    standing[block].append(_Placed(offset, 0, (Piece(Mark.DELETE, words, change),), change))


def _lay_over(
    places: _Places,
    change: Change,
    span: Span,
    standing: dict[int, list[_Placed]],
    overlays: dict[int, list[str]],
    gone: dict[int, list[_Placed]],
) -> None:
    """A change that marks no words of its own: the words of a link are pointed out, the rest is told beside."""
    block = span.block or 0
    if change.after and change.field is Field.LINK and span.text:
        pieces = (Piece(Mark.LINK, span.text, change.id),)
        standing[block].append(_Placed(span.start, len(span.text), pieces, change.id))
        return
    place = (block, 0) if change.after else places.inside(block, span.start)
    if place is not None:
        overlays[place[0]].append(change.id)
    else:
        words = (Piece(Mark.DELETE, span.text, change.id),) if span.text else ()
        gone[block].append(_Placed(span.start, 0, words, change.id))


def _row(number: int, block: Block, placed: Iterable[_Placed], overlays: Iterable[str]) -> Row:
    pieces: list[Piece] = []
    beside = list(overlays)
    cursor = 0
    for item in sorted(placed, key=lambda item: (item.start, item.length > 0)):  # words before links: sorting is stable
        if item.start < cursor:  # two changes claim the same words: the first marks them, the other is told beside
            beside.append(item.change)
            continue
        if item.start > cursor:
            pieces.append(Piece(Mark.EQUAL, block.text[cursor : item.start]))
        pieces += item.pieces
        cursor = item.start + item.length
    if cursor < len(block.text):
        pieces.append(Piece(Mark.EQUAL, block.text[cursor:]))
    return Row(number, False, tuple(pieces), tuple(beside))


def _gone_row(block: int, placed: list[_Placed]) -> Row:
    ordered = sorted(placed, key=lambda item: item.start)
    wordless = tuple(item.change for item in ordered if not item.pieces)
    return Row(block, True, tuple(piece for item in ordered for piece in item.pieces), wordless)


class _Places:
    """Finds the place in the new text for what is gone from the old one."""

    def __init__(self, diff: Diff, changes: list[Change]) -> None:
        self._diff = diff
        self._changes = changes

    @cached_property
    def _known(self) -> dict[int, list[tuple[int, int, int, int]]]:
        """By old block: (old offset, new block, new offset before it, after it) of all that stands on both sides."""
        old = _unchanged_letters(self._diff.before, [span for change in self._changes for span in change.before])
        new = _unchanged_letters(self._diff.after, [span for change in self._changes for span in change.after])
        known: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        for field, letters in old.items():
            for (block, offset), (new_block, new_offset) in zip(letters, new.get(field, []), strict=False):
                known[block].append((offset, new_block, new_offset, new_offset + 1))
        for change in self._changes:
            for span in change.before if change.after else ():
                target = change.after[-1]
                end = target.start + len(target.text)
                known[span.block or 0].append((span.start, target.block or 0, target.start, end))
        return {block: sorted(found) for block, found in known.items()}

    def inside(self, block: int, offset: int) -> tuple[int, int] | None:
        """(new block, offset) for what stood at `offset` of an old block; None if nothing of that block is left."""
        known = self._known.get(block)
        if not known:
            return None
        index = bisect_left(known, (offset,))
        _, new_block, start, end = known[max(index - 1, 0)]
        return new_block, end if index else start

    def block_before(self, block: int) -> int:
        """The new block after which an old one that is gone belongs; -1 for the head of the page."""
        for earlier in range(block - 1, -1, -1):
            if self._known.get(earlier):
                return self._known[earlier][-1][1]
        return -1


def _unchanged_letters(document: Document, spans: Iterable[Span]) -> dict[Field, list[tuple[int, int]]]:
    """(block, offset) of each visible character outside the spans, by field: within a field the order is kept."""
    taken: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        taken[span.block or 0].append(span)
    letters: dict[Field, list[tuple[int, int]]] = defaultdict(list)
    for number, block in enumerate(document.blocks):
        covered = bytearray(len(block.text))
        for span in taken[number]:
            covered[span.start : span.start + len(span.text)] = b"\1" * len(span.text)
        field = _FIELDS.get(block.kind, Field.BODY)
        letters[field] += [
            (number, offset)
            for offset, character in enumerate(block.text)
            if not covered[offset] and not character.isspace()
        ]
    return letters
