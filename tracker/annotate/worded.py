"""A change as detectors look at it: both texts, and the slots where they differ."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracker.model import BlockKind, Change, Diff, Document, EditOp, Field, Op, Span
from tracker.text.folding import fold, fold_words
from tracker.text.language import language_of as text_language
from tracker.text.wording import notice_opening, plain

_WORDS = re.compile(r"\w+(?:'\w+)*")
_NO_LETTERS = re.compile("[^0-9A-Za-z]+")
# A path, or a domain that nothing else ends in: "end.It" is no address. The last mark is the sentence's.
_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:https?://[^\s<>\"“”()\[\]]+|www\.[^\s<>\"“”()\[\]]+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|(?:[a-z0-9-]{2,63}\.){1,5}(?:com|org|net|gov|edu|int|info)(?:/[^\s<>\"“”()\[\]]*)?)(?<![.,;:!?'])",
    re.IGNORECASE,
)
_WORDED = frozenset({Field.HEADLINE, Field.DEK, Field.BODY, Field.CAPTION, Field.TABLE, Field.SEO_TITLE})
_MAY_BE_NOTES = frozenset({BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE})
SHORT = 12  # words; what replaces more than that is a new sentence, and its words stand for nothing in the old one


@dataclass(frozen=True, slots=True)
class Slot:
    """One place where words were put in, taken out or replaced: (start, end) in the old and in the new text."""

    old: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Worded:
    """A change with its old and new text (quotes, dashes, spaces made plain, same offsets) and its slots."""

    change: Change
    old: str
    new: str
    slots: tuple[Slot, ...]

    def deleted(self, slot: Slot) -> str:
        return self.old[slice(*slot.old)]

    def inserted(self, slot: Slot) -> str:
        return self.new[slice(*slot.new)]

    def is_short(self, slot: Slot) -> bool:
        """Is the slot small enough for its words to stand for each other?"""
        return max(len(words(self.deleted(slot))), len(words(self.inserted(slot)))) <= SHORT

    @property
    def kept(self) -> float:
        """The share of the longer text's words that stayed."""
        stayed = sum(len(words(edit.text)) for edit in self.change.edits if edit.op is EditOp.EQUAL)
        return stayed / max(1, len(words(self.old)), len(words(self.new)))

    @property
    def is_edited(self) -> bool:
        """Are there an old and a new text, with words in both?"""
        return bool(self.old.strip() and self.new.strip() and self.slots)


@dataclass(frozen=True, slots=True)
class Item:
    """Something found in a text, a number or a date: `key` is what it means, `raw` how it stands there."""

    start: int
    end: int
    key: tuple[object, ...]
    raw: str


def words(text: str) -> list[str]:
    """The words of a text, without marks."""
    return _WORDS.findall(plain(text))


def language_of(diff: Diff) -> str | None:
    return language_in(diff.after) or language_in(diff.before)


@functools.lru_cache(maxsize=16)
def language_in(document: Document) -> str | None:
    """The language that a document says it is in, or that its text shows."""
    said = " ".join(block.text for block in document.blocks if block.kind in _MAY_BE_NOTES)
    return text_language(said, document.language)


@functools.lru_cache(maxsize=16)
def notice_places(document: Document) -> frozenset[int]:
    """The places of the blocks that are publisher's notes: told so by their kind, or by how they open."""
    language = language_in(document)
    return frozenset(
        place
        for place, block in enumerate(document.blocks)
        if block.kind is BlockKind.NOTICE
        or (block.kind in _MAY_BE_NOTES and notice_opening(block.text, language) is not None)
    )


@functools.lru_cache(maxsize=4)
def notice_changes(diff: Diff) -> frozenset[str]:
    """The ids of the changes that are a notice's own."""
    old, new = notice_places(diff.before), notice_places(diff.after)
    return frozenset(
        change.id
        for change in diff.changes
        if change.field is Field.NOTICE
        or (_all_in(change.after, new, diff.after) if change.after else _all_in(change.before, old, diff.before))
    )


def _all_in(spans: tuple[Span, ...], places: frozenset[int], document: Document) -> bool:
    """Do all spans lie in these blocks of this document? (A change from elsewhere does not.)"""
    return bool(spans) and all(span.block in places and holds(document, span) for span in spans)


def holds(document: Document, span: Span) -> bool:
    """Does a span lie in this document?"""
    if span.block is None or span.block >= len(document.blocks):
        return False
    return document.blocks[span.block].text[span.start : span.start + len(span.text)] == span.text


@functools.lru_cache(maxsize=4096)  # every detector asks
def is_typographic(change: Change) -> bool:
    """Do the two sides differ only in quotes, dashes, spaces and the like?"""
    if change.field is Field.LINK or not (change.deleted or change.inserted):
        return False
    if change.op in (Op.SPLIT, Op.MERGED) and not (change.deleted.strip() or change.inserted.strip()):
        return False
    old, new = both_texts(change)
    return bool(old and new) and _alike(old, new)


@functools.lru_cache(maxsize=4096)  # every detector asks
def other_address(change: Change) -> tuple[str, str] | None:
    """The first two addresses that differ, where a text is the same but for addresses that stand written out in it."""
    if change.field not in _WORDED or not (change.deleted.strip() and change.inserted.strip()):
        return None
    old, new = both_texts(change)
    mine, yours = (_ADDRESS.findall(text) for text in (old, new))
    if not mine or len(mine) != len(yours) or _ADDRESS.sub("\0", old) != _ADDRESS.sub("\0", new):
        return None
    return next(((a, b) for a, b in zip(mine, yours, strict=True) if a.casefold() != b.casefold()), None)


def _alike(old: str, new: str) -> bool:
    mine, yours = fold(old), fold(new)
    if mine.strip() == yours.strip():
        return True
    if _NO_LETTERS.sub("", mine) != _NO_LETTERS.sub("", yours):
        return False  # folding by words leaves letters and digits as they are, too
    return fold_words(old) == fold_words(new)


def both_texts(change: Change) -> tuple[str, str]:
    """The old and the new text of a change, spans joined by an empty line."""
    old = "".join(edit.text for edit in change.edits if edit.op is not EditOp.INSERT)
    new = "".join(edit.text for edit in change.edits if edit.op is not EditOp.DELETE)
    return old, new


@functools.lru_cache(maxsize=1024)
def view(change: Change) -> Worded:
    """A change with its slots; what stands between two edits without a word in it joins them."""
    slots: list[Slot] = []
    old = new = 0
    gap = "a"
    for edit in change.edits:
        if edit.op is EditOp.EQUAL:
            old, new, gap = old + len(edit.text), new + len(edit.text), gap + edit.text
            continue
        end = (old + len(edit.text), new) if edit.op is EditOp.DELETE else (old, new + len(edit.text))
        if slots and not _WORDS.search(gap):
            slots[-1] = Slot((slots[-1].old[0], end[0]), (slots[-1].new[0], end[1]))
        else:
            slots.append(Slot((old, end[0]), (new, end[1])))
        (old, new), gap = end, ""
    before, after = both_texts(change)
    return Worded(change, plain(before), plain(after), tuple(slots))


@functools.lru_cache(maxsize=4)
def worded(diff: Diff) -> tuple[Worded, ...]:
    """The changes whose words mean something: text fields, no notes, no mere typography."""
    notes = notice_changes(diff)
    return tuple(
        view(change)
        for change in diff.changes
        if change.field in _WORDED
        and change.id not in notes
        and not is_typographic(change)
        and not other_address(change)
    )


def edited(diff: Diff) -> Iterator[Worded]:
    """Of these, the ones that have an old and a new text."""
    return (one for one in worded(diff) if one.is_edited)


def replaced(
    one: Worded, old: list[Item], new: list[Item], same: Callable[[Item, Item], bool]
) -> list[tuple[Item, Item]]:
    """Which items of the old text gave way to which of the new, slot by slot; what is still there is not replaced, but
    where two changed places and nothing else did ("to Bonn in 1989, to Rome in 1991" the other way round)."""
    if exchanged := _exchanged(one, old, new, same):
        return exchanged
    gone = [item for item in old if any(_touches(item, slot.old) for slot in one.slots)]
    come = [item for item in new if any(_touches(item, slot.new) for slot in one.slots)]
    lost, gained = _without_common(gone, come, same)
    pairs: list[tuple[Item, Item]] = []
    for slot in one.slots:
        if one.is_short(slot):
            mine = [item for item in lost if _touches(item, slot.old)]
            yours = [item for item in gained if _touches(item, slot.new)]
            pairs += zip(mine, yours, strict=False)
    return pairs


def _exchanged(
    one: Worded, old: list[Item], new: list[Item], same: Callable[[Item, Item], bool]
) -> list[tuple[Item, Item]]:
    """The pairs of items, where each slot lies within one of the old and one of the new text, and says another."""
    pairs = []
    for slot in one.slots:
        mine = [item for item in old if item.start <= slot.old[0] < slot.old[1] <= item.end]
        yours = [item for item in new if item.start <= slot.new[0] < slot.new[1] <= item.end]
        if len(mine) != 1 or len(yours) != 1 or same(mine[0], yours[0]):
            return []
        pairs.append((mine[0], yours[0]))
    return list(dict.fromkeys(pairs))


def _without_common(
    old: list[Item], new: list[Item], same: Callable[[Item, Item], bool]
) -> tuple[list[Item], list[Item]]:
    rest = list(new)
    lost = []
    for item in old:
        twin = next((other for other in rest if same(item, other)), None)
        if twin is None:
            lost.append(item)
        else:
            rest.remove(twin)
    return lost, rest


def _touches(item: Item, slot: tuple[int, int]) -> bool:
    """Overlaps the slot; or stands beside it, where nothing was taken out or put in on this side."""
    if slot[0] == slot[1]:
        return item.start <= slot[0] <= item.end
    return item.start < slot[1] and slot[0] < item.end
