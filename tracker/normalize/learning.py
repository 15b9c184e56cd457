"""How a host's memory learns: what one page adds to what is remembered of its article, and when a block is furniture.

Pure rules over `Sighting`s; the store keeps them. A block is furniture where it stands in two stories besides the one
that is read. A story that a report has shown it go from is no witness, unless it came and went again: one that is taken
out of several articles may be a false paragraph that is taken back. Nor is one that it came to, if all it does is to
state something; what speaks to readers or leads elsewhere, and comes to one story after another, is furniture. One that
only states something ("The cause is not known.") must have come and gone at all, for such sentences stand in many
stories and are text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tracker.model import Block, BlockKind, Document, Reading, Sighting, Suppressed
from tracker.normalize.about import about_the_article
from tracker.normalize.memory import REASON, Memory, furniture_places, has_no_spaces, is_plain, key, keys

WITNESSES = 6  # so many stories are remembered as witnesses of a block; more say no more
ENOUGH = 2  # stories besides the one that is read
_FRONT = (BlockKind.HEADLINE, BlockKind.DEK, BlockKind.BYLINE)
_REMEMBERED = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADING, BlockKind.QUOTE)
_PAIRS = 1_000  # texts that are compared with each other
_ALIKE = 0.5  # share of common words that makes one block another version of the other
_HELD = 0.8  # the same of the shorter one's words: it was cut, or has grown, or was put into another paragraph
_FEW = 6  # words that are too few for that
_REWRITTEN = 0.35  # share of common words with what stands where a block was
_SWAPPED = 0.75  # share of common words of two blocks that are both furniture, and yet one is the edit of the other
_SHARE = 0.4  # of the shorter one's prose: two such articles are one story
_MOST = 1_000  # blocks of one article that are on its page, and as many that were
_WORD = re.compile(r"\w+")


def hidden_blocks(suppressed: Iterable[Suppressed]) -> list[Block]:
    """The blocks of a reading that memory left out."""
    return [each.block for each in suppressed if each.reason == REASON]


def keys_on(document: Document, hidden: Iterable[Block] = ()) -> frozenset[str]:
    """The keys of all blocks of a page that a memory could touch."""
    return frozenset(keys([*_said(document), *hidden])) - {""}


def _said(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind not in _FRONT]


# --- one article --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """The blocks of one reading as memory knows them: sightings and texts, both by key."""

    document: Document
    sightings: Mapping[str, Sighting]
    texts: Mapping[str, str]


def blocks_of(
    reading: Reading, furniture: Collection[str] = (), known: Mapping[str, Sighting] = MappingProxyType({})
) -> PageBlocks:
    """What memory can see of a page. `furniture` are the keys that are furniture: like whatever speaks to readers, they
    vouch for no other block. (When memory is used it is stricter: there only furniture does not.) Of plain statements
    only those that have flipped, by what is `known`, are asked whether they are about the article."""
    document, hidden = reading.document, hidden_blocks(reading.suppressed)
    said = [block for block in _said(document) if block.kind in _REMEMBERED][:_MOST]
    first_hidden = len(said)
    said += hidden
    touched = keys(said)
    plain = [not name or is_plain(block, document.language) for block, name in zip(said, touched, strict=True)]
    unheard = {place for place, name in enumerate(touched) if name in furniture or not plain[place]}
    front = [block.text for block in document.blocks if block.kind in _FRONT]
    swinging = {name for name, each in known.items() if each.flips}
    asked = {place for place, name in enumerate(touched) if name and (not plain[place] or name in swinging)}
    about = about_the_article(asked, [block.text for block in said], front, unheard, reading.outlet, document.language)
    named = [name or key(block.text) for block, name in zip(said, touched, strict=True)]
    sightings = {
        name: Sighting(
            key=name,
            size=len(block.text),
            hidden=place >= first_hidden,
            about=place in about,
            plain=plain[place],
            mute=not touched[place],
        )
        for place, (block, name) in enumerate(zip(said, named, strict=True))
    }
    return PageBlocks(document, sightings, {name: block.text for block, name in zip(said, named, strict=True)})


def follow(known: Mapping[str, Sighting], page: PageBlocks, before: Document | None) -> dict[str, Sighting]:
    """What is remembered of an article after one more page of it; blocks that are not on it any more included.

    `before` is the text that a report compares this one with, None for the first page, and for one read again.
    """
    told, edited = _shown(before, page.document) if before is not None else (set(), set())
    found: dict[str, Sighting] = {}
    for name in dict.fromkeys((*known, *page.sightings)):
        was, here = known.get(name), page.sightings.get(name)
        flipped = before is not None and (was is not None and was.present) != (here is not None)
        shown = name in told or name in edited
        if here is not None and not (flipped or shown) and not (was and (was.flips or was.told or was.edited)):
            found[name] = here
            continue
        if was is not None and here is None and not (was.present or flipped or shown):
            found[name] = was
            continue
        found[name] = replace(
            here or replace(known[name], present=False, hidden=False),
            flips=(was.flips if was else 0) + flipped,
            told=name in told or (was is not None and was.told),
            edited=name in edited or (was is not None and was.edited),
        )
    past = [name for name, each in found.items() if not each.present]
    for name in past[:-_MOST]:
        del found[name]
    return found


def stood_aside(
    known: Mapping[str, Sighting], page: PageBlocks, beside: Sequence[Document], edited_there: Mapping[str, str]
) -> dict[str, Sighting]:
    """The same for a page that is older than the newest: it says nothing of what is there now. `beside` are the texts
    that a report compares it with, `edited_there` (key -> text) what is edited between it and them."""
    found = {name: replace(each, present=False, hidden=False) for name, each in page.sightings.items()} | dict(known)
    for name, text in edited_there.items():
        was = found.get(name) or Sighting(name, len(text), present=False)
        found[name] = replace(was, told=True, edited=True)
    for other in beside:
        told, edited = _shown(other, page.document)
        for name in told & found.keys():
            found[name] = replace(found[name], told=True, edited=found[name].edited or name in edited)
    return found


def _shown(before: Document, after: Document) -> tuple[set[str], set[str]]:
    """The keys of the blocks that a report on two texts shows coming or going, and of those that are edits of each
    other."""
    old, new = _counted(before), _counted(after)
    gone, come = list((old - new).elements()), list((new - old).elements())
    edited = {key(text) for pair in alike(gone, come) for text in pair}
    return {key(text) for text in (*gone, *come)}, edited


def _counted(document: Document) -> Counter[str]:
    return Counter(block.text for block in _said(document) if block.kind in _REMEMBERED)


def alike(some: Sequence[str], others: Sequence[str], share: float = _ALIKE) -> list[tuple[str, str]]:
    """The pairs of texts that are versions of each other: half of their words are the same, or nearly all of the
    shorter one's. Of very many texts on both sides only the first are compared: then the page was not edited but
    replaced."""
    bags = [(text, _bag(text)) for text in some[:_PAIRS]]
    rest = [(text, _bag(text)) for text in others[: _PAIRS // (len(bags) or 1)]]
    return [(text, other) for text, bag in bags for other, found in rest if _is_alike(bag, found, share)]


def _bag(text: str) -> Counter[str]:
    words = _WORD.findall(text.casefold())
    if has_no_spaces(text):
        words = [text[at : at + 2] for at in range(len(text) - 1)]
    return Counter(words)


def _is_alike(one: Counter[str], other: Counter[str], share: float) -> bool:
    common, shorter = (one & other).total(), min(one.total(), other.total())
    return 2 * common >= share * ((one.total() + other.total()) or 1) or (shorter > _FEW and common >= _HELD * shorter)


def edited_into(before: Document, was_hidden: Mapping[str, str], reading: Reading, memory: Memory) -> frozenset[str]:
    """The keys that memory must give up in this article: their blocks are being edited in it.

    `was_hidden` (key -> text) is what memory left out of the page before. One of these that makes room for a like
    block is text, and so is one that takes the place of a like block.
    """
    after = reading.document
    now_hidden = {key(block.text): block.text for block in hidden_blocks(reading.suppressed)}
    here = keys_on(after, hidden_blocks(reading.suppressed))
    old, new = _counted(before), _counted(after)
    vanished = [text for name, text in was_hidden.items() if name not in here]
    arrived = [text for name, text in now_hidden.items() if name not in was_hidden and text not in old]
    gone = [text for text in old - new if key(text) not in memory.furniture]
    pairs = (*alike(vanished, list(new - old), _REWRITTEN), *alike(arrived, gone))
    return frozenset(key(text) for text, _ in pairs)


def swapped(was_hidden: Mapping[str, str], reading: Reading) -> list[tuple[str, str]]:
    """The keys of blocks that memory left out of the page before, and of those that it leaves out in their place and
    that differ in a few words: a promotion that takes turns, or an edit of a text that stands in other stories too."""
    now_hidden = {key(block.text): block.text for block in hidden_blocks(reading.suppressed)}
    here = keys_on(reading.document) | now_hidden.keys()
    vanished = [text for name, text in was_hidden.items() if name not in here]
    arrived = [text for name, text in now_hidden.items() if name not in was_hidden]
    return [(key(text), key(other)) for text, other in alike(vanished, arrived, _SWAPPED)]


def would_hide(document: Document, memory: Memory, outlet: str) -> dict[str, str]:
    """The blocks of a text that a memory would leave out of it today, by key."""
    said = _said(document)
    front = [block for block in document.blocks if block.kind in _FRONT]
    places = furniture_places(said, front, memory, outlet, document.language)
    return {key(said[place].text): said[place].text for place in places}


# --- a host -------------------------------------------------------------------------------------------------


def witnesses(sightings: Sequence[tuple[int, Sighting]], kin: Collection[tuple[int, int]]) -> tuple[int, ...]:
    """The stories that bear witness that a block is furniture, none of them kin to another; empty if they are too few.

    `sightings` are of one block, each with the number of its story, the best witnesses first; `kin` are pairs of
    stories that count as one: they link to each other, or share much of their prose.
    """
    free = [(story, each) for story, each in sightings if not (each.about or each.mute)]
    swings = {story for story, each in free if each.flips >= ENOUGH}
    chosen: list[int] = []
    for story, each in free:
        swung = story in swings and (len(swings) > 1 or not each.edited)
        arrived = each.told and each.present and not (each.edited or each.plain)
        if (each.told or each.edited) and not (swung or arrived):
            continue
        if len(chosen) < WITNESSES and not any((story, one) in kin or (one, story) in kin for one in chosen):
            chosen.append(story)
    if all(each.plain for _, each in free) and not swings & set(chosen):
        return ()
    return tuple(chosen) if len(chosen) >= ENOUGH else ()


def furniture_for(
    learned: Mapping[str, Sequence[int]], story: int | None, kin: Collection[int], own: Mapping[str, Sighting]
) -> frozenset[str]:
    """The keys that one article need not show: of all that is learned (key -> witnesses) what enough other stories bear
    witness of, but nothing that has come, gone or been edited as this article's text."""
    apart = {*kin, *(() if story is None else (story,))}
    exempt = {name for name, each in own.items() if each.told or each.edited}
    return frozenset(
        name for name, seen in learned.items()
        if name not in exempt and (apart.isdisjoint(seen) or sum(one not in apart for one in seen) >= ENOUGH)
    )  # fmt: skip


def one_story(shared: int, prose: int, other: int) -> bool:
    """Do two articles with so many characters in common, of so many each, count as one?"""
    return shared > 0 and shared >= _SHARE * min(prose, other)
