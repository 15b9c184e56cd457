"""The memory of hosts, between the store that keeps it and the reading that uses it.

What an article's page is read with is decided here, and so is what the page then teaches. Neighbours on a chain share a
lens: the memory of the snapshot before stays in use as long as it reads both pages as today's would.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from tracker.model import Capture, Document, Reading, Sighting, Snapshot
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
    witnesses,
    would_hide,
)
from tracker.normalize.memory import EMPTY, Memory, worded
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
    before: Document | None = None
    for entry in history.snapshots:
        snapshot = store.snapshot(history.branch, entry)
        found = follow(found, blocks_of(Reading(snapshot.document, snapshot.lens)), before)
        before = snapshot.document
    return found


# --- reading ------------------------------------------------------------------------------------------------


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
    if edited := edited_into(kept.document, was_hidden, reading, memory):
        memory = replace(memory, furniture=memory.furniture - edited)
        reading = again(memory)
    earlier = _earlier(store, known, kept, in_step=in_step)
    if earlier is None:
        return reading, memory
    seen = keys_on(kept.document).union(hidden, keys_on(reading.document, hidden_blocks(reading.suppressed)))
    tied = reading.tied or (known.story is not None and known.story.tied)
    if earlier.furniture & seen != memory.furniture & seen or (tied and earlier.containers != memory.containers):
        return reading, memory
    return replace(reading, lens=replace(reading.lens, memory=earlier.digest)), earlier


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


def lesson_aside(known: Recall, branch: str, capture: Capture, reading: Reading, beside: Sequence[Document]) -> Lesson:
    """What a page teaches that is older than the newest one; `beside` are the texts of its neighbours."""
    page = blocks_of(reading, known.memory.furniture)
    own = stood_aside(known.own, page, beside)
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
