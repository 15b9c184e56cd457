"""The memory of hosts, between the store that keeps it and the reading that uses it.

What an article's page is read with is decided here, and so is what the page then teaches. Neighbours on a chain share a
lens: the memory of the snapshot before stays in use as long as it reads both pages as today's would.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from tracker.model import Block, Capture, Document, Reading, Sighting, Snapshot
from tracker.normalize.learning import (
    PageBlocks,
    blocks_of,
    edited_into,
    follow,
    furniture_for,
    hidden_blocks,
    keys_on,
    one_story,
    stood_aside,
    swapped,
    witnesses,
    would_hide,
)
from tracker.normalize.memory import EMPTY, Memory, key, worded
from tracker.store import Entry, History, HostMemory, Lesson, Store, Story, host_of
from tracker.text.urls import branch_name, host_name

_LINKS = 40  # links of one text that are followed to other articles


@dataclass(frozen=True, slots=True)
class Recall:
    """What is remembered when an article is looked at. `own` are its own sightings, `memory` what it is read with."""

    host: HostMemory
    story: Story | None
    own: Mapping[str, Sighting]
    memory: Memory


def memory_for(store: Store, branch: str) -> Memory:
    """What the memory of its host has to say when an article is read today."""
    return recall(store, store.history(branch), branch).memory


def memory_as(store: Store, history: History, digest: str) -> Memory:
    """The memory with this digest, as far as it is known; else today's."""
    parts = store.memory.lens(digest)
    return Memory(*parts) if parts else recall(store, history, history.branch).memory


def recall(store: Store, history: History | None, address: str) -> Recall:
    """What is remembered for an article; `address` is its branch, or the URL of one that is not stored yet."""
    branch = history.branch if history else None
    host = store.memory.host(host_of(branch) if branch else host_name(address))
    story = store.memory.story(branch) if branch else None
    own = story.sightings if story else {}
    whole = story is not None and story.page != ""  # one that came back from a copy is known by its furniture alone
    if history and not whole and len(history.snapshots) > 1 and host.witnesses:
        own = {**own, **_replayed(store, history)}
    number, kin = (story.number, story.kin) if story else (None, frozenset())
    return Recall(host, story, own, Memory(furniture_for(host.witnesses, number, kin, own), host.containers))


def _replayed(store: Store, history: History) -> Mapping[str, Sighting]:
    """What the texts of an article say that is not remembered: above all what reports have shown come and go."""
    found: Mapping[str, Sighting] = {}
    before: Snapshot | None = None
    for last, entry in zip((None, *history.snapshots), history.snapshots, strict=False):
        snapshot = store.snapshot(history.branch, entry)
        if last is not None and (again := history.reread_of(last, snapshot.lens)):
            before = store.snapshot(history.branch, last, again)
            found = follow(found, blocks_of(Reading(before.document, before.lens)), None)
        page = blocks_of(Reading(snapshot.document, snapshot.lens))
        found = follow(found, page, before.document if before else None)
        before = snapshot
    return found


def fitting(store: Store, history: History, stored: Snapshot) -> Memory:
    """What another page is to be read with, to be compared with a stored text whose own page is gone: the memory that
    the text was read with, or today's, and nothing that stands in the text."""
    return without(memory_as(store, history, stored.lens.memory), keys_on(stored.document))


# --- reading ------------------------------------------------------------------------------------------------


def hides_anew(known: Recall, base: Entry, reading: Reading) -> bool:
    """Does memory leave something else out of a page than out of the one before? Their texts may be the same then."""
    if known.story is None or known.story.page != base.raw_sha256:
        return False
    hidden = {name for name, each in known.own.items() if each.hidden}
    return not hidden >= {key(block.text) for block in _hidden(reading)}


def settled(
    store: Store, known: Recall, base: Entry, kept: Snapshot, reading: Reading, again: Callable[[Memory], Reading]
) -> tuple[Reading, Memory]:
    """The reading that is to be compared with the text before, and the memory that both are to be read with.

    `again` reads the page with another memory. A block that is being edited in this article is given back to it. The
    memory of the snapshot before stays where it has the same to say about both pages.
    """
    in_step = known.story is not None and known.story.page == base.raw_sha256
    hidden = [name for name, each in known.own.items() if each.hidden] if in_step else []
    was_hidden = {name: known.host.texts[name] for name in hidden if name in known.host.texts}
    was_hidden |= would_hide(kept.document, known.memory, reading.outlet)
    memory = known.memory
    if edited := given_back(store, known, kept.document, was_hidden, reading):
        memory = without(memory, edited)
        reading = again(memory)
    earlier = _earlier(store, known, kept, in_step=in_step)
    if earlier is None:
        return reading, memory
    seen = keys_on(kept.document).union(hidden, keys_on(reading.document, hidden_blocks(reading.suppressed)))
    tied = reading.tied or (known.story is not None and known.story.tied)
    if earlier.furniture & seen != memory.furniture & seen or (tied and earlier.containers != memory.containers):
        return reading, memory
    return replace(reading, lens=replace(reading.lens, memory=earlier.digest)), earlier


def given_back(
    store: Store, known: Recall, before: Document, was_hidden: Mapping[str, str], reading: Reading
) -> frozenset[str]:
    """The keys of the blocks that are being edited in an article, so that memory has to leave them in it.

    Of two that are both furniture none is given back where either is known to come and go: then they take turns.
    """
    found = edited_into(before, was_hidden, reading, known.memory)
    pairs = swapped(was_hidden, reading)
    if pairs:
        turning = store.memory.swinging(known.host.name, {name for pair in pairs for name in pair})
        found |= {name for pair in pairs if turning.isdisjoint(pair) for name in pair}
    return found


def without(memory: Memory, edited: Collection[str]) -> Memory:
    """A memory that leaves some blocks in the text."""
    return replace(memory, furniture=memory.furniture.difference(edited))


def between(store: Store, known: Recall, around: Sequence[tuple[Reading, bool]], reading: Reading) -> Mapping[str, str]:
    """What an older capture has edited, key -> text, beside what memory leaves out of it or its neighbours. `around`
    are these, read as it is read, and whether each is older than it."""
    hidden = {key(block.text): block.text for each in (reading, *(one for one, _ in around)) for block in _hidden(each)}
    found: set[str] = set()
    for other, is_older in around:
        first, second = (other, reading) if is_older else (reading, other)
        left_out = {key(block.text): block.text for block in _hidden(first)}
        found |= given_back(store, known, first.document, left_out, second)
    return {name: hidden[name] for name in found if name in hidden}


def _hidden(reading: Reading) -> list[Block]:
    return hidden_blocks(reading.suppressed)


def _earlier(store: Store, known: Recall, kept: Snapshot, *, in_step: bool) -> Memory | None:
    """The memory that the text before was read with, None where that is not known any more."""
    digest = kept.lens.memory
    if digest == EMPTY.digest:
        return EMPTY
    if known.story is None or not in_step or known.story.lens != digest:
        return None
    parts = store.memory.lens(digest)
    return Memory(*parts) if parts else None


# --- learning -----------------------------------------------------------------------------------------------


def lesson(
    known: Recall,
    branch: str,
    capture: Capture,
    reading: Reading,
    memory: Memory,
    *,
    before: Document | None = None,
    first: Reading | None = None,
) -> Lesson:
    """What a new page of an article teaches: `before` is the text before it, which `first` read again if need be."""
    own = known.own
    if first is not None:
        own = follow(own, blocks_of(first, memory.furniture), None)
    page = blocks_of(reading, memory.furniture, own)
    digest = sha256(capture.body).hexdigest()
    return _lesson(branch, capture.captured_at, digest, follow(own, page, before), page, reading, memory)


def lesson_of_reread(known: Recall, branch: str, base: Entry, again: Reading, memory: Memory) -> Lesson:
    """What it teaches that the newest capture has been read again, and nothing else has come."""
    page = blocks_of(again, memory.furniture)
    own = follow(known.own, page, None)
    return _lesson(branch, base.captured_at, base.raw_sha256 or "", own, page, again, memory)


def lesson_aside(
    known: Recall,
    branch: str,
    capture: Capture,
    reading: Reading,
    beside: Sequence[Document],
    edited: Mapping[str, str],
) -> Lesson:
    """What a page teaches that is older than the newest one; `beside` are the texts of its neighbours, `edited` the
    blocks (key -> text) that were furniture, and are edited between it and them."""
    page = blocks_of(reading, known.memory.furniture)
    own = stood_aside(known.own, page, beside, edited)
    story = known.story
    digest, lens = (story.page, story.lens) if story else ("", EMPTY.digest)
    made = _lesson(branch, capture.captured_at, digest, own, page, reading, EMPTY)
    return replace(made, lens=lens, known=None)


def _lesson(
    branch: str,
    at: datetime,
    digest: str,
    own: Mapping[str, Sighting],
    page: PageBlocks,
    reading: Reading,
    memory: Memory,
) -> Lesson:
    language = reading.document.language
    return Lesson(
        branch=branch,
        at=at,
        page=digest,
        sightings=own,
        texts=page.texts,
        container=reading.container,
        tied=reading.tied,
        links=_links(branch, reading.document),
        lens=memory.digest,
        known=(memory.furniture, memory.containers),
        judge=witnesses,
        is_story=one_story,
        is_text=lambda text: worded(text, language),
    )


def _links(branch: str, document: Document) -> tuple[str, ...]:
    """The hex parts of the branches of the same host that a text links to."""
    host = host_of(branch).partition("_")[0]
    targets = dict.fromkeys(link.href for block in document.blocks for link in block.links if host in link.href)
    return tuple(dict.fromkeys(_hex(href) for href in list(targets)[:_LINKS]))


@functools.lru_cache(maxsize=4096)
def _hex(href: str) -> str:
    return branch_name(href)[-16:]
