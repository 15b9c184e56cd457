"""What the pages are made from: the store, the user's recipes, and reports that are kept up with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tracker.errors import TrackerError
from tracker.normalize.recipes import Recipe
from tracker.pipeline import refresh_reports
from tracker.store import Entry, History, Store

CATCH_UP_SECONDS = 2.0


@dataclass
class Desk:
    """A store with everything that reading it takes. `now` is the clock."""

    store: Store
    now: Callable[[], datetime]
    recipes: tuple[Recipe, ...] = ()
    closed: threading.Event = field(default_factory=threading.Event)

    def history(self, branch: str) -> History:
        """The history of the article of that branch. Raises NotFound."""
        return self.store.history(branch)

    def entries(self, branch: str, *revs: str) -> tuple[History, tuple[Entry, ...]]:
        """The history of an article and the snapshots that the REVs name. Raises NotFound, UsageError."""
        history = self.history(branch)
        return history, tuple(history.resolve(rev) for rev in revs)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Judge the articles that have moved since they were last judged."""
        refresh_reports(self.store, self.recipes, progress)

    def keep_up(self, complain: Callable[[str], None]) -> Keeper:
        """Do so for as long as the desk is open, in a thread of its own. What goes wrong is complained of once."""
        keeper = Keeper(self, complain)
        keeper.start()
        return keeper

    def close(self) -> None:
        """Stop keeping up."""
        self.closed.set()


class Keeper(threading.Thread):
    """Keeps the reports up with the store. `first` is set when that was done once."""

    def __init__(self, desk: Desk, complain: Callable[[str], None]) -> None:
        super().__init__(name="reports", daemon=True)
        self.first = threading.Event()
        self._desk = desk
        self._complain = complain
        self._told = ""

    def run(self) -> None:
        """Until the desk is closed."""
        while not self._desk.closed.is_set():
            try:
                self._desk.catch_up()
            except TrackerError as error:
                self._tell(str(error))
            self.first.set()
            self._desk.closed.wait(CATCH_UP_SECONDS)

    def _tell(self, message: str) -> None:
        if message != self._told:
            self._complain(message)
            self._told = message
