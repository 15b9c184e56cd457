"""Keeps the reports up with the store, in a process of its own: in the server's, readers would wait for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tracker.errors import TrackerError
from tracker.normalize.recipes import Recipe
from tracker.pipeline import refresh_reports
from tracker.store import open_store

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

CATCH_UP_SECONDS = 1.0
END_SECONDS = 5.0


class Keeper:
    """At work in a `with` block. `first` is set when all that was there at the start has its reports."""

    def __init__(self, store: Path, recipes: tuple[Recipe, ...]) -> None:
        fresh = multiprocessing.get_context("spawn")
        self.first = fresh.Event()
        self._process = fresh.Process(
            target=_keep_up, args=(store, recipes, self.first, os.getpid()), name="reports", daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()  # a report that is half made is made anew by whoever comes next
        self._process.join(END_SECONDS)


def _keep_up(folder: Path, recipes: tuple[Recipe, ...], first: Event, parent: int) -> None:
    """For as long as the server lives. What goes wrong is told once on stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends us
    told: tuple[str, ...] = ()
    with open_store(folder) as store:
        while os.getppid() == parent:
            try:
                wrong = refresh_reports(store, recipes)
            except TrackerError as error:
                wrong = (str(error),)
            sys.stderr.writelines(f"tracker: {line}\n" for line in wrong if line not in told)
            told = wrong
            first.set()
            time.sleep(CATCH_UP_SECONDS)
