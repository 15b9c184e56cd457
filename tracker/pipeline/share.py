"""Two machines' captures of one article in one history: what must be read again so that neighbours share a lens.

Which of two readings differ because the page did, and which because they were read by other rules or with another
memory? Only two readings through one lens tell. So whoever joins reads what came, and if need be what was there, until
each snapshot and the one after it have been read alike; the commits then say the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from tracker.model import Capture, Lens, Reading
from tracker.normalize.memory import EMPTY, Memory
from tracker.normalize.recipes import Recipe
from tracker.pipeline.memory import Recall, between, recall, without
from tracker.pipeline.pages import read_capture
from tracker.store import Entry, Joining, Pulled, Pushed, Remote, Stage, Store

Key = tuple[datetime, str]
_EVER = datetime(1970, 1, 1, tzinfo=UTC)  # what another machine has captured may be of any time


def settle(store: Store, joining: Joining, recipes: tuple[Recipe, ...] = ()) -> list[tuple[Entry, Reading]]:
    """What is to be read again of a joined history."""
    history = joining.history
    reader = _Reader(store, recall(store, history, history.branch), recipes, joining.page, {})
    made: list[tuple[Entry, Reading]] = []
    lenses = {each.key: [one.lens for one in history.readings(each) if one.lens] for each in history.captures}
    for a, b in pairwise(history.captures):
        if not set(lenses[a.key]).isdisjoint(lenses[b.key]):
            continue
        for each, reading in reader.alike(a, b, lenses):
            if reading.lens not in lenses[each.key]:
                lenses[each.key].append(reading.lens)
                made.append((each, reading))
    return made


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the captures of one article with the lenses that are known here."""

    store: Store
    known: Recall
    recipes: tuple[Recipe, ...]
    page: Callable[[Entry], Capture | None]
    pages: dict[Entry, Capture | None]

    def alike(self, a: Entry, b: Entry, lenses: Mapping[Key, Sequence[Lens]]) -> list[tuple[Entry, Reading]]:
        """Readings by which two neighbours have been read alike: of one as the other was, else of both as of today.

        Empty where a page is gone; their report then says that they were read in two ways.
        """
        for lens in reversed(lenses[a.key]):
            if (one := self._through(b, lens)) and self._shows_all(a, b, lens):
                return [(b, one)]
        for lens in reversed(lenses[b.key]):
            if (one := self._through(a, lens)) and self._shows_all(a, b, lens):
                return [(a, one)]
        return self._today(a, b)

    def _through(self, entry: Entry, lens: Lens) -> Reading | None:
        """A capture as a lens reads it, None where that lens cannot be had here, or its page."""
        page, parts = self._page(entry), self.store.memory.lens(lens.memory)
        if page is None or parts is None:
            return None
        tried = (read_capture(page, recipes, Memory(*parts)) for recipes in (self.recipes, None))
        return next((reading for reading in tried if reading.lens == lens), None)

    def _shows_all(self, a: Entry, b: Entry, lens: Lens) -> bool:
        """Does a lens leave nothing out that was edited between two captures?"""
        if lens.memory == EMPTY.digest:
            return True
        one, two = self._through(a, lens), self._through(b, lens)
        memory = Memory(*(self.store.memory.lens(lens.memory) or ()))
        known = replace(self.known, memory=memory)
        return bool(one and two and not between(self.store, known, [(one, True)], two))

    def _today(self, a: Entry, b: Entry) -> list[tuple[Entry, Reading]]:
        """Both as they are read today. What is edited between the two is no furniture of this article."""
        first, second = self._page(a), self._page(b)
        if first is None or second is None:
            return []
        memory = self.known.memory
        one, two = (read_capture(page, self.recipes, memory) for page in (first, second))
        if edited := between(self.store, self.known, [(one, True)], two):
            memory = without(memory, edited)
            one, two = (read_capture(page, self.recipes, memory) for page in (first, second))
        if one.lens != two.lens:  # a recipe that fits one of the two pages only reads neither
            one, two = (read_capture(page, None, memory) for page in (first, second))
        return [(a, one), (b, two)]

    def _page(self, entry: Entry) -> Capture | None:
        if entry not in self.pages:
            self.pages[entry] = self.page(entry)
        return self.pages[entry]


def pull(store: Store, remote: Remote, recipes: tuple[Recipe, ...] = (), stage: Stage | None = None) -> Pulled:
    """Take what a remote has and this store lacks. Raises StoreError, NotAStore, NewerStore, StoreBusy."""
    try:
        return store.sharing.pull(remote, lambda joining: settle(store, joining, recipes), stage)
    finally:
        store.state.came(_EVER)


def push(store: Store, remote: Remote, recipes: tuple[Recipe, ...] = (), stage: Stage | None = None) -> Pushed:
    """Send what a remote lacks, joined with what it has. Raises as `pull`."""
    try:
        return store.sharing.push(remote, lambda joining: settle(store, joining, recipes), stage)
    finally:
        store.state.came(_EVER)
