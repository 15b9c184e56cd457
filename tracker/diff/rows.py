"""A document as rows of units: what is compared with what, and how finely.

Each field is a row of its own (typed fields compare with their own kind). A unit is a sentence, or a whole block where
a block is one statement: headline, byline, heading, table row, notice, image, live-blog entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from tracker.model import Block, BlockKind, Document, Field
from tracker.text.folding import fold
from tracker.text.sentences import sentences

CUT_CHARACTERS = 200_000  # a longer block is one unit, neither cut nor folded: that would take seconds


class Lane(Enum):
    """Rows that are aligned by themselves. Pictures and embeds never correspond, though both are field image."""

    HEADLINE = auto()
    DEK = auto()
    BYLINE = auto()
    BODY = auto()
    CAPTION = auto()
    TABLE = auto()
    NOTICE = auto()
    IMAGE = auto()
    EMBED = auto()

    @property
    def field(self) -> Field:
        return Field.IMAGE if self is Lane.EMBED else Field[self.name]

    @property
    def alone(self) -> bool:
        """There is one such thing on a page: what stands in its place is its new form, however different."""
        return self in {Lane.HEADLINE, Lane.DEK, Lane.BYLINE, Lane.IMAGE}


_LANES = {kind: Lane[kind.name] for kind in BlockKind if kind.name in Lane.__members__}
_WHOLE = {
    BlockKind.HEADLINE,
    BlockKind.BYLINE,
    BlockKind.HEADING,
    BlockKind.TABLE,
    BlockKind.NOTICE,
    BlockKind.IMAGE,
    BlockKind.EMBED,
    BlockKind.ENTRY,
}

# Words for telling how alike two sentences are, not for showing: scripts without spaces give single characters.
# text.tokens is exact and ten times slower, which is too much for two long texts that have nothing in common.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_ITEM_NUMBER = re.compile(r"\W*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)]\W*")  # "2." before an item is no sentence
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W_{_SPACELESS}]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or a whole block. `text` has no white space at its end unless the block ends with it.

    `space` is the white space to the next unit of the block; `key` is what makes units equal, `target` the address of
    an image, `hint` a word that speaks for a correspondence (the time of an entry, the first cell of a row).
    """

    block: int
    start: int
    text: str
    space: str
    last: bool
    key: str
    target: str | None = None
    hint: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def whole(self) -> bool:
        """Is it all of its block?"""
        return self.start == 0 and self.last


class Bag(NamedTuple):
    """Words with their weight, the letters in them, so that small words count little."""

    words: dict[str, int]
    total: int


def lanes(document: Document) -> dict[Lane, list[int]]:
    """The places of the blocks of each lane, in reading order."""
    rows: dict[Lane, list[int]] = {lane: [] for lane in Lane}
    for place, block in enumerate(document.blocks):
        rows[_LANES.get(block.kind, Lane.BODY)].append(place)
    return rows


def identity(block: Block) -> tuple[str, ...]:
    """What makes two blocks of a lane the same without a closer look; kinds of one lane differ in looks only."""
    if block.kind in {BlockKind.IMAGE, BlockKind.EMBED}:
        return (block.text, _target(block) or "")
    return (block.text, block.time.isoformat() if block.time else "")


def units(document: Document, places: Iterable[int], matched: set[int], language: str | None) -> list[Unit]:
    """The row of units of some blocks; those that are already matched as a whole are not cut.

    `language` is that of both sides: the same text must not be cut in two ways.
    """
    row: list[Unit] = []
    for place in places:
        block = document.blocks[place]
        known = place in matched or len(block.text) > CUT_CHARACTERS
        if known or block.kind in _WHOLE:
            row.append(_whole_unit(place, block, fold_key=not known))
        else:
            row.extend(_sentence_units(place, block.text, language))
    return row


def _whole_unit(place: int, block: Block, *, fold_key: bool) -> Unit:
    text = block.text
    key = _key(text) if fold_key else text
    target, hint = None, ""
    if block.kind in {BlockKind.IMAGE, BlockKind.EMBED}:
        target = _target(block)
        key = f"{target} {key}"
    elif block.kind is BlockKind.ENTRY and block.time:
        hint = block.time.isoformat()
        key = f"{hint} {key}"
    elif block.kind is BlockKind.TABLE:
        hint = key.split(" | ", 1)[0]
    return Unit(place, 0, text, "", True, key, target, hint)


def _sentence_units(place: int, text: str, language: str | None) -> Iterable[Unit]:
    pieces = _pieces(text, language)
    start = 0
    for number, piece in enumerate(pieces, 1):
        last = number == len(pieces)
        body = piece if last else piece.rstrip() or piece
        yield Unit(place, start, body, piece[len(body) :], last, _key(body))
        start += len(piece)


def _pieces(text: str, language: str | None) -> list[str]:
    """The sentences, none of them the number of an item or a mark that nobody can see (of direction, of no width)."""
    found: list[str] = []
    for piece in sentences(text, language):
        alone = len(found) == 1 and (_ITEM_NUMBER.fullmatch(found[0]) or not _shows(found[0]))
        if found and (alone or not _shows(piece)):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _shows(piece: str) -> bool:
    return piece[0].isalnum() or bool(_key(piece))


def _key(text: str) -> str:
    return fold(text).strip()


def _target(block: Block) -> str | None:
    return block.links[0].href if block.links else None


def bag(unit: Unit) -> Bag:
    """The words of a unit, in lower case, with the hint as a word that weighs as much as all others."""
    found = _WORD.findall(unit.key[:CUT_CHARACTERS].lower())
    words: dict[str, int] = {}
    for word in found:
        words[word] = words.get(word, 0) + len(word)
    total = sum(map(len, found))
    if unit.hint:
        words["\0" + unit.hint] = total + 1
        total += total + 1
    return Bag(words, total)


def word_count(key: str) -> int:
    """How many words a key has."""
    return len(_WORD.findall(key))
