"""Detectors for what stands between quotation marks."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.annotate.worded import Worded, holds, language_of, worded, words
from tracker.model import Annotation, Context, Diff, Document, Label, Span
from tracker.text.folding import fold
from tracker.text.wording import Wording, wording

_PAIRS = {'"': '"”', "“": '"”', "„": '“”"', "«": "»", "»": "«", "‘": "’'", "‚": "‘’", "‹": "›", "›": "‹"}
_PAIRS |= {"'": "'’", "「": "」", "『": "』"}
_SINGLE = frozenset("‘‚‹›'")  # these are also an apostrophe, or stand alone
_APOSTROPHE = re.compile(r"'(?:[smnktdr]|\d\ds|t?is|twas|em|til|cause|round|bout)\b", re.IGNORECASE)
_GENITIVE = re.compile(r"[sxz]['’] [a-z]")
_OPENER = re.compile(f"[{''.join(_PAIRS)}]")
_CLOSERS = {closers: re.compile(f"[{closers}]") for closers in _PAIRS.values()}
_HEEDED = _SINGLE | {'"', "»"}  # open only where a word starts
WHOLE = 4  # words; fewer between marks are a term or a title, not what somebody said
_REACH = 200  # code points on either side in which the sentence around a quotation stands
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\"')]*\s")
_RIGHT_AFTER = re.compile(r"[^\W\d_]{2} \Z")
MOST = 40  # quotations of one change that are compared with each other; more are a text run together
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
    elsewhere, known = "", wording(language_of(diff))
    for one in worded(diff):
        _, gone, come = _compared(one, diff)
        text = one.new if label is Label.QUOTE_ADDED else one.old
        for quotation in come if label is Label.QUOTE_ADDED else gone:
            if len(words(quotation.text)) < WHOLE or _is_title(text, quotation, known):
                continue
            elsewhere = elsewhere or _key(" ".join(block.text for block in other.blocks))
            if not any(key in elsewhere for key in _begun_both(quotation)):
                yield Annotation(label, one.change.id, (quotation.text,))


def _is_title(text: str, quotation: Quotation, known: Wording) -> bool:
    """Is it what something is called, rather than what somebody said? Nobody speaks in the sentence, and it is set like
    a title, or stands like a name: with a capital, right after a word (our article "You may be wrong")."""
    before = _SENTENCE_ENDS.split(text[max(0, quotation.start - _REACH) : max(0, quotation.start - 1)])[-1]
    after = _SENTENCE_ENDS.split(text[quotation.end + 1 : quotation.end + _REACH])[0]
    speech = known.speech
    if any(pattern.search(side) for pattern in (speech.verbs, speech.according) for side in (before, after)):
        return False
    told = words(quotation.text)
    large = [word for word in told if len(word) >= WHOLE]
    titled = len(large) > 1 and not any(word[0].islower() for word in (told[0], *large))
    return (titled and not quotation.text.isupper()) or (told[0][0].isupper() and bool(_RIGHT_AFTER.search(before)))


def _compared(one: Worded, diff: Diff) -> tuple[list[tuple[Quotation, Quotation]], list[Quotation], list[Quotation]]:
    """The quotations of a change: reworded ones in pairs, those only in the old text, those only in the new."""
    old = [q for q in quotations(one.change.before, diff.before) if _is_touched(q, [slot.old for slot in one.slots])]
    new = [q for q in quotations(one.change.after, diff.after) if _is_touched(q, [slot.new for slot in one.slots])]
    kept = {_begun_small(q) for q in old} & {_begun_small(q) for q in new}
    old = [q for q in old if _begun_small(q) not in kept]
    new = [q for q in new if _begun_small(q) not in kept]
    if len(old) != len(new) and _run_on(old) == _run_on(new):
        return [], [], []  # "he said" was put into one, or taken out from between two
    pairs = []
    for mine in old[:MOST]:
        best = max(new[:MOST], key=lambda yours: _likeness(mine, yours), default=None)
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


def _begun_both(quotation: Quotation) -> tuple[str, str]:
    """The words with a small and with a large first letter: which one stands depends on the sentence around."""
    key = _key(quotation.text)
    return f"{key[:1].lower()}{key[1:]}", f"{key[:1].upper()}{key[1:]}"


def _begun_small(quotation: Quotation) -> str:
    return _begun_both(quotation)[0]


def _run_on(found: list[Quotation]) -> str:
    return " ".join(_key(q.text) for q in found).lower()


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


@functools.lru_cache(maxsize=32)  # each change of a block asks about the whole block
def between_marks(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each quotation without its marks; one that is not closed goes on to the end of the block."""
    found = []
    place = 0
    ends: dict[str, tuple[list[int], list[int]]] = {}
    while opener := _OPENER.search(text, place):
        mark, place = opener.group(), opener.end()
        if mark in _HEEDED and not _opens(text, place - 1):
            continue
        if mark not in ends:
            ends[mark] = _closing(text, _PAIRS[mark], single=mark in _SINGLE)
        end = _next(ends[mark], place)
        if end < 0 and mark in _SINGLE:
            continue
        if end < 0:
            found.append((place, len(text)))
            break
        found.append((place, end))
        place = end + 1
    return tuple(found)


def _opens(text: str, place: int) -> bool:
    before, after = text[max(0, place - 1) : place], text[place + 1 : place + 2]
    if _APOSTROPHE.match(text, place):
        return False
    return (not before or before.isspace() or before in "([{-–—'“\"") and bool(after) and not after.isspace()


def _closing(text: str, closers: str, *, single: bool) -> tuple[list[int], list[int]]:
    """Where quotations can close, and where they surely do. Of single marks an apostrophe does not, what may be a
    genitive only where nothing else does."""
    ends = [match.start() for match in _CLOSERS[closers].finditer(text)]
    if not single:
        return ends, ends
    ends = [end for end in ends if not (text[end + 1 : end + 2].isalpha() or text[max(0, end - 1)].isspace())]
    return ends, [end for end in ends if not _GENITIVE.match(text, max(0, end - 1))]


def _next(ends: tuple[list[int], list[int]], start: int) -> int:
    """The first place from `start` on where a quotation closes, or -1."""
    for each in reversed(ends):
        at = bisect_left(each, start)
        if at < len(each):
            return each[at]
    return -1
