"""What is to be told, until it has been: rows of state.sqlite that no failing receiver and no crash can lose.

A row is put down before anything is sent, under a key that says what it tells; the same key is never put down twice
for a channel, so nothing is told twice. A row that was sent stays, as the memory of that.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.store.commits import moment
from tracker.watch.frontier import Run

Row = tuple[str, str, datetime, Mapping[str, Any]]  # channel, key, due, body
_PUT = "INSERT OR IGNORE INTO outbox (channel, key, made, body, tries, due, said) VALUES (?, ?, ?, ?, 0, ?, '')"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be told to one channel. `tries` were begun, and none is known to have come to anything; `said` is
    why it waits. The body says what was told at the last of them."""

    id: int
    channel: str
    key: str
    made: datetime
    body: Mapping[str, Any]
    tries: int
    due: datetime
    said: str


class Outbox:
    """The table `outbox`, and since when each channel is there. `run` does work on state.sqlite in a transaction."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def begin(self, channel: str, now: datetime) -> datetime:
        """Since when a channel is there: a new one is told what comes from now on, not all that ever was."""

        def work(db: sqlite3.Connection) -> str:
            name = f"told since {channel}"
            db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, now.isoformat()))
            found: str = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]
            return found

        return datetime.fromisoformat(self._run(work, write=True))

    def looked(self) -> datetime | None:
        """Until when changes have been looked through for what is to be told."""
        return self._run(_looked)

    def put(self, rows: Iterable[Row], now: datetime, looked: datetime | None) -> int:
        """Put down (channel, key, due, body); how many rows were new. All until `now` was looked through, unless
        something older has come since it was read that this was so until `looked`."""

        def work(db: sqlite3.Connection) -> int:
            new = put_down(db, rows, now)
            if _looked(db) == looked:
                db.execute("INSERT OR REPLACE INTO facts VALUES ('told until', ?)", (moment(now),))
            return new

        return self._run(work, write=True)

    def told(self, channel: str, start: str) -> list[Mapping[str, Any]]:
        """What a channel has been told under the keys that begin so; not what was put down and not sent."""
        query = "SELECT body FROM outbox WHERE channel = ? AND key BETWEEN ? AND ? AND sent IS NOT NULL AND said = ''"
        rows = self._run(lambda db: db.execute(query, (channel, start, f"{start}~")).fetchall())
        return [json.loads(body) for (body,) in rows]

    def due(self, now: datetime) -> list[Item]:
        """What is to be sent by now, the oldest first; also what was put down before the clock was set back."""
        return self._items("sent IS NULL AND (due <= ?1 OR made > ?1) ORDER BY id", now.timestamp())

    def waiting(self) -> list[Item]:
        """All that has not been sent, the oldest first."""
        return self._items("sent IS NULL ORDER BY id")

    def _items(self, where: str, *values: float) -> list[Item]:
        query = f"SELECT id, channel, key, made, body, tries, due, said FROM outbox WHERE {where}"  # noqa: S608 - fixed text
        rows = self._run(lambda db: db.execute(query, values).fetchall())
        return [
            Item(number, channel, key, _moment(made), json.loads(body), tries, _moment(due), said)
            for number, channel, key, made, body, tries, due, said in rows
        ]

    def trying(self, items: Iterable[Item]) -> None:
        """These are about to be sent, with the bodies that they have now: whatever becomes of it, they may be told."""
        values = [(json.dumps(dict(item.body)), item.id) for item in items]
        query = "UPDATE outbox SET body = ?, tries = tries + 1 WHERE id = ?"
        self._run(lambda db: db.executemany(query, values), write=True)

    def sent(self, items: Iterable[Item], now: datetime, said: str = "") -> None:
        """These have been told; or (`said` why) they need not be any more."""
        values = [(now.timestamp(), said, item.id) for item in items]
        query = "UPDATE outbox SET sent = ?, said = ? WHERE id = ?"
        self._run(lambda db: db.executemany(query, values), write=True)

    def wait(self, items: Iterable[Item], due: datetime, said: str) -> None:
        """These were not taken, or wait behind one that was not, and why; they are tried again when they are due."""
        values = [(due.timestamp(), said, item.id) for item in items]
        query = "UPDATE outbox SET due = ?, said = ? WHERE id = ?"
        self._run(lambda db: db.executemany(query, values), write=True)


def _looked(db: sqlite3.Connection) -> datetime | None:
    row = db.execute("SELECT value FROM facts WHERE name = 'told until'").fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def put_down(db: sqlite3.Connection, rows: Iterable[Row], now: datetime) -> int:
    """Put down rows inside a transaction; how many were new."""
    new = 0
    for channel, key, due, body in rows:
        values = (channel, key, now.timestamp(), json.dumps(body), due.timestamp())
        new += max(0, db.execute(_PUT, values).rowcount)
    return new


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
