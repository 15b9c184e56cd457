"""Detectors for what stands between quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.annotate.worded import Worded, holds, worded, words
from tracker.model import Annotation, Context, Diff, Document, Label, Span
from tracker.text.folding import fold

_PAIRS = {'"': '"”', "“": '”"', "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", "『": "』"}
_OPENER = re.compile(f"[{''.join(_PAIRS)}]")
_CLOSERS = {closers: re.compile(f"[{closers}]") for closers in _PAIRS.values()}
WHOLE = 4  # words; fewer between marks are a term or a title, not what somebody said
ALIKE = 0.5  # share of common words from which two quotations are one, reworded


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between marks, and where in the change's text (without the marks)."""

    start: int
    end: int
    text: str


def quote_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Other words between the same marks."""
    for one in worded(diff):
        for old, new in _compared(one, diff)[0]:
            yield Annotation(Label.QUOTE_CHANGED, one.change.id, (old.text, new.text))


def quote_added(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A quotation that the old text did not have anywhere."""
    return _alone(diff, Label.QUOTE_ADDED, diff.before)


def quote_removed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A quotation that the new text has nowhere."""
    return _alone(diff, Label.QUOTE_REMOVED, diff.after)


def _alone(diff: Diff, label: Label, other: Document) -> Iterable[Annotation]:
    elsewhere = ""
    for one in worded(diff):
        _, gone, come = _compared(one, diff)
        for quotation in come if label is Label.QUOTE_ADDED else gone:
            if len(words(quotation.text)) < WHOLE:
                continue
            elsewhere = elsewhere or _key(" ".join(block.text for block in other.blocks))
            if _key(quotation.text) not in elsewhere:
                yield Annotation(label, one.change.id, (quotation.text,))


def _compared(one: Worded, diff: Diff) -> tuple[list[tuple[Quotation, Quotation]], list[Quotation], list[Quotation]]:
    """The quotations of a change: reworded ones in pairs, those only in the old text, those only in the new."""
    old = [q for q in quotations(one.change.before, diff.before) if _is_touched(q, [slot.old for slot in one.slots])]
    new = [q for q in quotations(one.change.after, diff.after) if _is_touched(q, [slot.new for slot in one.slots])]
    kept = {_key(q.text) for q in old} & {_key(q.text) for q in new}
    old = [q for q in old if _key(q.text) not in kept]
    new = [q for q in new if _key(q.text) not in kept]
    pairs = []
    for mine in list(old):
        best = max(new, key=lambda yours: _likeness(mine, yours), default=None)
        if best is not None and _likeness(mine, best) >= ALIKE:
            pairs.append((mine, best))
            old.remove(mine)
            new.remove(best)
    return pairs, old, new


def _is_touched(quotation: Quotation, places: list[tuple[int, int]]) -> bool:
    return any(start <= quotation.end and quotation.start <= end for start, end in places)


def _key(text: str) -> str:
    """The words only: marks at the end of a quotation follow the sentence around it."""
    return " ".join(words(fold(text)))


def _likeness(one: Quotation, other: Quotation) -> float:
    mine, yours = (sorted(word.lower() for word in words(q.text)) for q in (one, other))
    rest, common = list(yours), 0
    for word in mine:
        if word in rest:
            rest.remove(word)
            common += 1
    return 2 * common / (len(mine) + len(yours)) if common else 0.0


def quotations(spans: tuple[Span, ...], document: Document) -> list[Quotation]:
    """The quotations in the joined text of spans. A span may lie inside a longer quotation: its block tells."""
    found = []
    place = 0
    for span in spans:
        text, start = span.text, 0
        if span.block is not None and holds(document, span):
            text, start = document.blocks[span.block].text, span.start
        for opened, closed in between_marks(text):
            begin, end = max(opened, start), min(closed, start + len(span.text))
            if begin < end:
                found.append(Quotation(begin - start + place, end - start + place, text[begin:end]))
        place += len(span.text) + 2
    return found


def between_marks(text: str) -> list[tuple[int, int]]:
    """(start, end) of each quotation without its marks; one that is not closed goes on to the end of the block."""
    found = []
    place = 0
    while opener := _OPENER.search(text, place):
        mark, place = opener.group(), opener.end()
        if mark in '"‘»' and not _opens(text, place - 1):
            continue
        end = _closing(text, place, _PAIRS[mark], single=mark == "‘")
        if end < 0:
            if mark != "‘":
                found.append((place, len(text)))
            break
        found.append((place, end))
        place = end + 1
    return found


def _opens(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return (not before or before.isspace() or before in "([{-–—'“\"") and bool(after) and not after.isspace()


def _closing(text: str, start: int, closers: str, *, single: bool) -> int:
    """Where the quotation closes; an apostrophe inside single marks does not."""
    ends = (match.start() for match in _CLOSERS[closers].finditer(text, start))
    return next((end for end in ends if not (single and text[end + 1 : end + 2].isalpha())), -1)
