"""From lines to the document's blocks: notices put together and placed, furniture and repetitions set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from tracker.model import Block, BlockKind, Link, Placement, Suppressed
from tracker.normalize.blocks import Line
from tracker.normalize.clean import letters
from tracker.normalize.furniture import reasons
from tracker.normalize.memory import EMPTY, REASON, Memory, furniture_places
from tracker.normalize.notices import is_label, is_owning_up, label_text, opening_of, set_apart, takes_label
from tracker.normalize.words import phrases
from tracker.text.wording import is_stamp

_SPOKEN = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADING, BlockKind.CAPTION)
_TEXT = (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.TABLE, BlockKind.ENTRY)
_CREDIT = 160
_BRACKETS = r"(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\]|\((?:[^()]|\([^()]*\))*\))"
_BRACKETS_FIRST = re.compile(_BRACKETS + r"(?= )")
_LABEL_WITHIN = re.compile(r" (?<=[.!?…\"”»’)] )(?=[^\W\d_][^.!?:\n]{2,40}: ?\w)")
_NOTE_REACH, _LABELS = 1_500, 8  # characters at the end of a paragraph in which a note begins, and labels asked there
_BRACKETS_LAST = re.compile(r"(?<=[.!?…\"”»’]) " + _BRACKETS + "$")


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of the article's body in order, and what was left out."""

    blocks: tuple[Block, ...]
    suppressed: tuple[Suppressed, ...]


def assemble(
    lines: Sequence[Line],
    front: Sequence[Block],
    after: frozenset[str],
    language: str | None,
    memory: Memory = EMPTY,
    outlet: str = "",
) -> Body:
    """`front` are headline, dek and byline (not to be repeated), `after` the marks of notices after the container,
    `memory` what the site's other articles have taught, `outlet` the words by which it names itself."""
    credit = phrases(language).credit
    joined = [_credited(line, credit) for line in _with_notices(lines, language)]
    why = _repeated(joined, front, reasons(joined, language))
    why = _remembered(joined, front, why, memory, outlet, language)
    kept = [line for line, reason in zip(joined, why, strict=True) if reason is None]
    left = [
        Suppressed(Block(line.kind, line.text, line.links, line.time), reason)
        for line, reason in zip(joined, why, strict=True)
        if reason is not None
    ]
    return Body(tuple(_placed(kept, after)), tuple(left))


def _credited(line: Line, credit: re.Pattern[str]) -> Line:
    """A line that only names the owner of a picture is a caption, whatever element it stands in."""
    short = line.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM) and len(line.text) <= _CREDIT
    return replace(line, kind=BlockKind.CAPTION) if short and credit.match(line.text) else line


def _repeated(lines: Sequence[Line], front: Sequence[Block], why: list[str | None]) -> list[str | None]:
    """Headline, dek and byline stand first once; where the body repeats them, they are left out."""
    said = {letters(block.text): block.kind.value for block in front if letters(block.text)}
    return [
        reason or (f"repeats the {said[key]}" if line.kind in _SPOKEN and (key := letters(line.text)) in said else None)
        for line, reason in zip(lines, why, strict=True)
    ]


def _remembered(
    lines: Sequence[Line],
    front: Sequence[Block],
    why: list[str | None],
    memory: Memory,
    outlet: str,
    language: str | None,
) -> list[str | None]:
    """What stands in other stories of the host as well is left out, within the limits of memory.py."""
    if not memory.furniture:
        return why
    left = [place for place, reason in enumerate(why) if reason is None]
    going = furniture_places([lines[place] for place in left], front, memory, outlet, language)
    gone = {left[place] for place in going}
    return [REASON if place in gone else reason for place, reason in enumerate(why)]


def _placed(lines: Sequence[Line], after: frozenset[str]) -> Iterator[Block]:
    texts = [place for place, line in enumerate(lines) if line.kind in _TEXT]
    first, last = (texts[0], texts[-1]) if texts else (len(lines), len(lines))
    for place, line in enumerate(lines):
        placement = None
        if line.kind is BlockKind.NOTICE:
            placement = _placement(place, first, last)
            if line.notice in after:
                placement = Placement.AFTER_BODY
        yield Block(line.kind, line.text, line.links, line.time, placement)


def _placement(place: int, first: int, last: int) -> Placement:
    if place < first:
        return Placement.TOP
    return Placement.END if place > last else Placement.BODY


# --- notices ------------------------------------------------------------------------------------------------


def _with_notices(read: Sequence[Line], language: str | None) -> Iterator[Line]:
    """Lines that are publisher's notes become notice lines, a label in an element of its own joined to its sentence."""
    lines = [piece for line in read for row in _by_rows(line, language) for piece in _beside_text(row, language)]
    place = 0
    while place < len(lines):
        line = lines[place]
        if line.notice:
            end = place
            while end < len(lines) and lines[end].notice == line.notice:
                end += 1
            yield from _marked(lines[place:end], language)
            place = end
            continue
        following = lines[place + 1] if place + 1 < len(lines) else None
        if not (line.kind in _SPOKEN or _is_whole_row(line)):
            yield line
        elif following is not None and (whole := _labelled(line, following, language)):
            yield whole
            place += 1
        elif _opens(line, language):
            yield replace(line, kind=BlockKind.NOTICE)
        else:
            yield line
        place += 1


def _by_rows(line: Line, language: str | None) -> Iterator[Line]:
    """A line cut before each of its rows that opens as a note, a label on a row of its own set apart."""
    if not line.breaks or line.kind not in _SPOKEN:
        yield line
        return
    ends = (*line.breaks, len(line.text))
    rows = [line.text[start:end].strip() for start, end in pairwise(ends)]
    start, head = 0, line.breaks[0]
    for place, row, following in zip(line.breaks, rows, (*rows[1:], ""), strict=True):
        labelled = set_apart(f"{row} {following}", len(row), language) != f"{row} {following}"
        if labelled or opening_of(row, language):
            yield _set_apart(_piece(line, start, place), head - start, language)
            start, head = place, place + len(row) + 1
    yield _set_apart(_piece(line, start, len(line.text)), head - start, language)


def _beside_text(line: Line, language: str | None) -> Iterator[Line]:
    """A line cut where a note stands before its first or after its last sentence."""
    border = None if line.notice or line.kind not in _SPOKEN else _note_border(line.text, language)
    if border is None:
        yield line
        return
    yield _piece(line, 0, border)
    yield _piece(line, border, len(line.text))


def _note_border(text: str, language: str | None) -> int | None:
    """The place of the space between such a note and the rest: "... on Monday. [Correction: ...]", or without brackets
    where it has a label and says what was wrong."""
    first = _BRACKETS_FIRST.match(text)
    if first and opening_of(first.group(), language):
        return first.end()
    last = _BRACKETS_LAST.search(text) if text[-1] in ")]" else None
    if last and opening_of(last.group().lstrip(), language):
        return last.start()
    if ":" not in text:
        return None
    labels = islice(_LABEL_WITHIN.finditer(text, max(0, len(text) - _NOTE_REACH)), _LABELS)
    return next((label.start() for label in labels if is_owning_up(text[label.start() + 1 :], language)), None)


def _piece(line: Line, start: int, end: int) -> Line:
    """A part of a line, without the space before it; its links move along."""
    start += line.text[start] == " "
    links = tuple(
        Link(max(link.start, start) - start, min(link.end, end) - start, link.href)
        for link in line.links
        if link.start < end and link.end > start
    )
    return replace(line, text=line.text[start:end], links=links, breaks=())


def _set_apart(line: Line, head: int, language: str | None) -> Line:
    """A line with the label on its first row, `head` characters, set apart; its links move along."""
    text = set_apart(line.text, head, language)
    shift = len(text) - len(line.text)
    moved = (
        Link(link.start + shift * (link.start >= head), link.end + shift * (link.end > head), link.href)
        for link in line.links
    )
    return replace(line, text=text, links=tuple(moved)) if text != line.text else line


def _is_whole_row(line: Line) -> bool:
    """One cell under the columns of a table: its note, as often as not."""
    return line.kind is BlockKind.TABLE and " | " not in line.text


def _opens(line: Line, language: str | None) -> bool:
    if line.kind is BlockKind.HEADING and line.text[-1] not in ".!?)":
        return False
    return 2 * line.linked <= len(line.text) and opening_of(line.text, language) is not None


def _labelled(label: Line, sentence: Line, language: str | None) -> Line | None:
    if sentence.kind not in _SPOKEN or sentence.kind is BlockKind.HEADING or not is_label(label.text, language):
        return None
    if not takes_label(sentence.text, language):
        return None
    whole = join(replace(label, text=label_text(label.text)), sentence)
    return replace(whole, kind=BlockKind.NOTICE, notice=label.notice) if opening_of(whole.text, language) else None


def _marked(lines: Sequence[Line], language: str | None) -> Iterator[Line]:
    """The lines of one marked element: each opening starts a notice, other lines belong to the notice before them."""
    notice: Line | None = None
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.kind in (BlockKind.IMAGE, BlockKind.EMBED):
            yield line
            continue
        following = lines[place] if place < len(lines) else None
        whole = _labelled(line, following, language) if following is not None else None
        if whole is not None:
            place += 1
        if is_stamp(line.text, language):
            continue
        if notice is None or whole is not None or opening_of(line.text, language):
            if notice is not None:
                yield notice
            notice = whole or replace(line, kind=BlockKind.NOTICE)
        else:
            notice = join(notice, line)
    if notice is not None:
        yield notice


def join(first: Line, second: Line) -> Line:
    """Two lines as one, a space between; the links of the second move along."""
    shift = len(first.text) + 1
    moved = tuple(Link(link.start + shift, link.end + shift, link.href) for link in second.links)
    return replace(first, text=f"{first.text} {second.text}", links=(*first.links, *moved))
