"""Every host's robots.txt in state.sqlite, so that a pass that begins does not ask all hosts for theirs again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime, timedelta

from tracker.fetch import Robots
from tracker.watch.frontier import Run

_FORGOTTEN = timedelta(days=30)


class KeptRobots(MutableMapping[str, Robots]):
    """By origin, as a `Fetcher` wants them. Safe in threads.

    Each is read when it is asked for: that takes a millisecond at most, and all of them would fill the memory of a
    watch that never ends. Who comes new makes room: what nobody has renewed for a month is dropped then.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, origin: str) -> Robots:
        query = "SELECT body, fetched, until FROM robots WHERE origin = ?"
        row = self._run(lambda db: db.execute(query, (origin,)).fetchone())
        if row is None:
            raise KeyError(origin)
        body, fetched, until = row
        return Robots(origin, body, datetime.fromtimestamp(fetched, UTC), datetime.fromtimestamp(until, UTC))

    def __setitem__(self, origin: str, robots: Robots) -> None:
        row = (origin, robots.text, robots.fetched_at.timestamp(), robots.until.timestamp())

        def work(db: sqlite3.Connection) -> None:
            if db.execute("SELECT 1 FROM robots WHERE origin = ?", (origin,)).fetchone() is None:
                db.execute("DELETE FROM robots WHERE until < ?", ((robots.until - _FORGOTTEN).timestamp(),))
            db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", row)

        self._run(work, write=True)

    def __delitem__(self, origin: str) -> None:
        self._run(lambda db: db.execute("DELETE FROM robots WHERE origin = ?", (origin,)), write=True)

    def __iter__(self) -> Iterator[str]:
        rows = self._run(lambda db: db.execute("SELECT origin FROM robots ORDER BY origin").fetchall())
        return iter([origin for (origin,) in rows])

    def __len__(self) -> int:
        (count,) = self._run(lambda db: db.execute("SELECT count(*) FROM robots").fetchone())
        return int(count)
