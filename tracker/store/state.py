"""state.sqlite: what no commit says: checks, runs of blocked pages, the memory of hosts, what is watched.

Never rebuilt silently.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tracker.model import Check, Outcome
from tracker.store import memory, watching
from tracker.store.commits import moment, parse_moment
from tracker.store.database import Database, Plan
from tracker.store.lessons import Lesson, take_in, unlearn
from tracker.store.memory import SiteMemory

PLAN = Plan(
    version=3,
    derived=False,
    upgrades={1: memory.SCHEMA, 2: watching.SCHEMA},
    schema="""
CREATE TABLE checks (
    id INTEGER PRIMARY KEY, article TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL, modified TEXT, error TEXT
);
CREATE INDEX checks_of ON checks (article, at);
CREATE TABLE blocked_runs (article TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE losses (article TEXT, digest TEXT, at TEXT, PRIMARY KEY (article, digest, at)) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
    + memory.SCHEMA
    + watching.SCHEMA,
)

# What the fact "gap" says: the file was begun anew beside a store with snapshots, and the copy still is of the old one,
# or there was none and it is of the new one.
GAP, GAP_COPIED = "1", "copied"
# The outcomes after which we know what the article's text was at that moment.
SAW_TEXT = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
# A sudden loss of text is believed when the same short text came in so many checks over so long a time.
CONFIRMING_CHECKS = 3
CONFIRMING_TIME = timedelta(hours=24)
ENDS_BLOCKED_RUN = (*SAW_TEXT, Outcome.GONE, Outcome.MOVED)
# The checks that the health of a store is told from: however long the log is, it is told at once.
_RECENT = "id > (SELECT coalesce(max(id), 0) FROM checks) - 100000"

T = TypeVar("T")


def log_check(db: sqlite3.Connection, check: Check, modified: str | None, lesson: Lesson | None = None) -> None:
    """Log one check inside a transaction, as `State.record` does in one of its own."""
    article = check.article
    if article is None:
        return
    values = (article, moment(check.at), check.outcome.value, modified, check.error)
    db.execute("INSERT INTO checks VALUES (NULL, ?, ?, ?, ?, ?)", values)
    if check.outcome in ENDS_BLOCKED_RUN:
        db.execute("DELETE FROM blocked_runs WHERE article = ?", (article,))
        db.execute("DELETE FROM losses WHERE article = ?", (article,))
    if check.outcome in (Outcome.NEW, Outcome.CHANGED):
        _came(db, check.at)
    if lesson is not None:
        take_in(db, lesson)
    memory.mark_changed(db, memory.host_of(article))


def _came(db: sqlite3.Connection, at: datetime) -> None:
    """A text that was captured at a moment has come: what is to be told is looked for from there on."""
    db.execute("UPDATE facts SET value = ?1 WHERE name = 'told until' AND value > ?1", (moment(at),))


@dataclass(frozen=True, slots=True)
class Missed:
    """Looks that should have been and were not, between the two that were."""

    since: datetime
    until: datetime
    missed: int
    why: str


class State:
    """The log of checks, and the memory of hosts. Every record is on the disk when the call returns."""

    def __init__(self, path: Path, *, has_snapshots: Callable[[], bool]) -> None:
        self._path = path
        self._has_snapshots = has_snapshots
        self._file = Database(path, PLAN)
        self.memory = SiteMemory(lambda: self._database)

    @property
    def _database(self) -> Database:
        """The file; that it was begun beside a store which already had snapshots is noted for good."""
        if not self._path.exists() and self._has_snapshots():
            self._file.run(lambda db: db.execute("INSERT OR REPLACE INTO facts VALUES ('gap', ?)", (GAP,)), write=True)
        return self._file

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    def run(self, work: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        """Do some work on the file, in a transaction of its own if it writes."""
        return self._database.run(work, write=write)

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Make one transaction of all that is recorded in a block; the call that is handed out commits it."""
        with self._database.held() as commit:
            yield commit

    def begin(self) -> None:
        """Make the file if it is not there: a store has it from its first moment on."""
        self._database.run(lambda db: db.execute("SELECT 1"))

    def record(self, check: Check, modified: str | None, lesson: Lesson | None = None) -> None:
        """Log one check of a known article, with what it taught; one that saw it ends its run of blocked checks."""
        self._database.run(lambda db: log_check(db, check, modified, lesson), write=True)

    def came(self, at: datetime) -> None:
        """Texts have come that may have been captured as long ago as that."""
        self._database.run(lambda db: _came(db, at), write=True)

    def last_seen(self, article: str) -> datetime | None:
        """When the article's text was last seen, changed or not."""
        marks = ",".join("?" * len(SAW_TEXT))
        query = f"SELECT max(at) FROM checks WHERE article = ? AND outcome IN ({marks})"  # noqa: S608 - marks are question marks
        values = (article, *(outcome.value for outcome in SAW_TEXT))
        at = self._database.run(lambda db: db.execute(query, values).fetchone()[0])
        return parse_moment(at) if at else None

    def checks(self, article: str) -> list[tuple[datetime, Outcome, str | None, str | None]]:
        """(time, outcome, dateModified as the page gave it, error) of every check, oldest first."""
        query = "SELECT at, outcome, modified, error FROM checks WHERE article = ? ORDER BY at, id"
        rows = self._database.run(lambda db: db.execute(query, (article,)).fetchall())
        return [(parse_moment(at), Outcome(outcome), modified, error) for at, outcome, modified, error in rows]

    def outcomes(self, since: datetime) -> list[tuple[Outcome, int]]:
        """How many checks at or after a time came to what, among the last that were logged."""
        query = f"SELECT outcome, count(*) FROM checks WHERE {_RECENT} AND at >= ? GROUP BY outcome"  # noqa: S608 - fixed text
        rows = self._database.run(lambda db: db.execute(query, (moment(since),)).fetchall())
        return [(Outcome(outcome), count) for outcome, count in rows]

    def troubles(self, since: datetime, most: int) -> list[tuple[str, datetime, Outcome, str | None]]:
        """(article, time, outcome, error) of the newest checks that failed or were blocked at or after a time."""
        query = (
            f"SELECT article, at, outcome, error FROM checks WHERE {_RECENT} AND at >= ? "  # noqa: S608 - fixed text
            "AND outcome IN (?, ?) ORDER BY at DESC, id DESC LIMIT ?"
        )
        values = (moment(since), Outcome.FAILED.value, Outcome.BLOCKED.value, most)
        rows = self._database.run(lambda db: db.execute(query, values).fetchall())
        return [(article, parse_moment(at), Outcome(outcome), error) for article, at, outcome, error in rows]

    def newest_check(self) -> datetime | None:
        """When anything was looked at last."""
        row = self._database.run(lambda db: db.execute(f"SELECT max(at) FROM checks WHERE {_RECENT}").fetchone())  # noqa: S608 - fixed text
        return parse_moment(row[0]) if row[0] else None

    def modified_before(self, article: str) -> str | None:
        """The dateModified that the page gave at the last check that gave one."""
        query = (
            "SELECT modified FROM checks WHERE article = ? AND modified IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1"
        )
        row = self._database.run(lambda db: db.execute(query, (article,)).fetchone())
        return row[0] if row else None

    def gaps(self, article: str) -> list[Missed]:
        """The looks at an article that were missed, oldest first."""
        query = "SELECT since, until, missed, why FROM gaps WHERE article = ? ORDER BY since"
        rows = self._database.run(lambda db: db.execute(query, (article,)).fetchall())
        return [Missed(parse_moment(since), parse_moment(until), missed, why) for since, until, missed, why in rows]

    def stamp(self, article: str) -> tuple[int | None, int]:
        """Changes with whatever is recorded of looks at an article, made or missed."""
        query = "SELECT (SELECT max(id) FROM checks WHERE article = ?1), (SELECT count(*) FROM gaps WHERE article = ?1)"
        found: tuple[int | None, int] = self._database.run(lambda db: db.execute(query, (article,)).fetchone())
        return found

    def count_blocked(self, article: str) -> int:
        """One more blocked check in a row; how many there are now."""

        def work(db: sqlite3.Connection) -> int:
            db.execute("INSERT OR IGNORE INTO blocked_runs VALUES (?, 0)", (article,))
            db.execute("UPDATE blocked_runs SET count = count + 1 WHERE article = ?", (article,))
            count: int = db.execute("SELECT count FROM blocked_runs WHERE article = ?", (article,)).fetchone()[0]
            memory.mark_changed(db, memory.host_of(article))
            return count

        return self._database.run(work, write=True)

    def blocked_run(self, article: str) -> int:
        """How many checks in a row were blocked."""
        query = "SELECT count FROM blocked_runs WHERE article = ?"
        row = self._database.run(lambda db: db.execute(query, (article,)).fetchone())
        return row[0] if row else 0

    def loss(self, article: str, digest: str, at: datetime) -> bool:
        """Log a sudden loss of text; has the same short text come in enough checks, over enough time?"""

        def work(db: sqlite3.Connection) -> bool:
            db.execute("INSERT OR IGNORE INTO losses VALUES (?, ?, ?)", (article, digest, moment(at)))
            query = "SELECT count(*), min(at), max(at) FROM losses WHERE article = ? AND digest = ?"
            count, first, last = db.execute(query, (article, digest)).fetchone()
            memory.mark_changed(db, memory.host_of(article))
            return count >= CONFIRMING_CHECKS and parse_moment(last) - parse_moment(first) >= CONFIRMING_TIME

        return self._database.run(work, write=True)

    def first_time(self, what: str) -> bool:
        """Has a person not been told of something yet? From now on they have."""

        def work(db: sqlite3.Connection) -> bool:
            return db.execute("INSERT OR IGNORE INTO facts VALUES (?, 'told')", (f"told {what}",)).rowcount == 1

        return self._database.run(work, write=True)

    def end_blocked_run(self, article: str) -> None:
        """A person has decided about a run."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM blocked_runs WHERE article = ?", (article,))
            memory.mark_changed(db, memory.host_of(article))

        self._database.run(work, write=True)

    def forget(self, article: str) -> None:
        """Drop all that is known of an article that was deleted."""

        def work(db: sqlite3.Connection) -> None:
            before = db.total_changes
            for table in ("checks", "blocked_runs", "losses", "watched", "gaps"):
                db.execute(f"DELETE FROM {table} WHERE article = ?", (article,))  # noqa: S608 - names from above
            db.execute(watching.NO_DOUBLES, (article,))
            db.execute("DELETE FROM outbox WHERE json_extract(body, '$.branch') = ?", (article,))
            unlearn(db, article)
            if db.total_changes > before:
                memory.mark_changed(db, memory.host_of(article))

        self._database.run(work, write=True)

    def scrub(self) -> None:
        """Leave nothing in the file of what was forgotten."""
        self._database.scrub()

    @property
    def has_gap(self) -> bool:
        """Was an earlier state.sqlite lost?"""
        return self._gap() is not None

    @property
    def awaits_copy(self) -> bool:
        """Was one lost whose copy, if there is one, has not been read back?"""
        return self._gap() == GAP

    def _gap(self) -> str | None:
        row = self._database.run(lambda db: db.execute("SELECT value FROM facts WHERE name = 'gap'").fetchone())
        return row[0] if row else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
