"""What the pages are made from: the store, the user's recipes, and reports that are kept up with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime

from tracker.normalize.recipes import Recipe
from tracker.pipeline import refresh_reports
from tracker.store import Entry, History, Store, Trust

SETTLED_SECONDS = 1.0


@dataclass
class Desk:
    """A store with everything that reading it takes. `now` is the clock, `trust` whom seals are believed from.

    `settled`: see `version`.
    """

    store: Store
    now: Callable[[], datetime]
    recipes: tuple[Recipe, ...] = ()
    trust: Trust = field(default_factory=Trust)
    settled: float = SETTLED_SECONDS
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _seen: tuple[float, Hashable] | None = None

    def history(self, branch: str) -> History:
        """The history of the article of that branch. Raises NotFound."""
        return self.store.history(branch)

    def entries(self, branch: str, *revs: str) -> tuple[History, tuple[Entry, ...]]:
        """The history of an article and the snapshots that the REVs name. Raises NotFound, UsageError."""
        history = self.history(branch)
        return history, tuple(history.resolve(rev) for rev in revs)

    def pair(self, branch: str, one: str, other: str) -> tuple[History, tuple[Entry, Entry]]:
        """The same of two REVs, the older snapshot first whichever was named first: nothing is told backwards."""
        history, (a, b) = self.entries(branch, one, other)
        return history, (a, b) if a.key <= b.key else (b, a)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Judge the articles that have moved since they were last judged."""
        refresh_reports(self.store, self.recipes, progress)

    def version(self) -> Hashable:
        """Changes with whatever is written into the index, as it is noticed once in `settled` seconds.

        A busy writer would else have the pages of the whole store drawn anew for each reader.
        """
        with self._turn:
            now = time.monotonic()
            if self._seen is None or now - self._seen[0] >= self.settled:
                self._seen = (now, self.store.reports.version())
            return self._seen[1]

    def touch(self) -> None:
        """Have what was just written noticed at once."""
        with self._turn:
            self._seen = None
