"""Every host's robots.txt in state.sqlite, so that a pass that begins does not ask all hosts for theirs again."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime

from tracker.fetch import Robots
from tracker.watch.frontier import Run


class KeptRobots(MutableMapping[str, Robots]):
    """By origin, as a `Fetcher` wants them. Safe in threads; what was read once is remembered."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[str, Robots] = {}

    def __getitem__(self, origin: str) -> Robots:
        if origin not in self._known:
            query = "SELECT body, fetched, until FROM robots WHERE origin = ?"
            row = self._run(lambda db: db.execute(query, (origin,)).fetchone())
            if row is None:
                raise KeyError(origin)
            body, fetched, until = row
            times = (datetime.fromtimestamp(fetched, UTC), datetime.fromtimestamp(until, UTC))
            self._known[origin] = Robots(origin, body, *times)
        return self._known[origin]

    def __setitem__(self, origin: str, robots: Robots) -> None:
        row = (origin, robots.text, robots.fetched_at.timestamp(), robots.until.timestamp())
        self._run(lambda db: db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", row), write=True)
        self._known[origin] = robots

    def __delitem__(self, origin: str) -> None:
        self._run(lambda db: db.execute("DELETE FROM robots WHERE origin = ?", (origin,)), write=True)
        self._known.pop(origin, None)

    def __iter__(self) -> Iterator[str]:
        rows = self._run(lambda db: db.execute("SELECT origin FROM robots ORDER BY origin").fetchall())
        return iter([origin for (origin,) in rows])

    def __len__(self) -> int:
        (count,) = self._run(lambda db: db.execute("SELECT count(*) FROM robots").fetchone())
        return int(count)
