"""Reports as the pipeline made them, and their changes for lists and search: rows of index.sqlite.

The store knows nothing of a Report: it keeps text under the two revisions and the tip for which it was made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.errors import UsageError
from tracker.store.commits import moment, parse_moment
from tracker.store.index import Index
from tracker.store.tables import forget_changes


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change between two neighbouring snapshots (`before`, `after` are their revisions), as words for a list."""

    branch: str
    before: str
    after: str
    change: str  # the change's id
    captured_at: datetime  # of `after`
    seen_since: datetime | None  # the look before it
    field: str
    op: str
    labels: tuple[str, ...]
    severity: str
    disclosure: str
    old: str
    new: str
    sentence: str  # the change in words
    delay: int | None = None  # seconds until a later notice spoke of it
    otherwise: bool = False  # a notice speaks of it, and says the contrary


@dataclass(frozen=True, slots=True)
class Tally:
    """Changes of one host that are alike in what notices say of them. `edits` are revisions, `delays` seconds."""

    host: str
    disclosure: str
    later: bool
    changes: int
    edits: frozenset[str]
    delays: tuple[int, ...]
    taken_down: int


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which changes are wanted; what is None or empty does not restrict. All words of `search` must stand.

    Of times `since` is the first that is wanted, `until` the first that is not. `below` is the place in the list, as
    capture time and branch, after which to go on.
    """

    label: str | None = None
    disclosure: str | None = None
    withdrawn: bool = False  # beside that disclosure also notices that were taken down
    never: bool = False
    later: bool = False  # only those that a later notice spoke of
    severities: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    host: str | None = None  # as in branch names
    branch: str | None = None
    after: str | None = None  # the revision of the newer side
    search: str | None = None
    unseen_by: str | None = None  # only what this reviewer has not reviewed
    thought: str | None = None  # only what some reviewer gave this weight or this ruling
    below: tuple[datetime, str] | None = None
    limit: int | None = None


_COLUMNS = (
    "branch, before, after, change, captured_at, seen_since, field, op, labels, severity, disclosure, "
    "old, new, sentence, delay, otherwise"
)
_UNFINISHED = "branch = shown_as AND snapshots > 0 AND reported_tip IS NOT tip"


class Reports:
    """The part of the index that the pipeline fills."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def put(self, branch: str, before: str, after: str, tip: str, body: str, changes: Iterable[ChangeRow]) -> None:
        """Keep the report of a pair, made when the article's tip was `tip`, in place of an older one of the pair."""
        rows = list(changes)

        def work(db: sqlite3.Connection) -> None:
            _forget(db, branch, before, after)
            db.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?)", (branch, before, after, tip, body))
            for row in rows:
                _insert(db, row)

        self._index.run(work, write=True)

    def get(self, branch: str, before: str, after: str, tip: str) -> str | None:
        """The report of a pair, None where it was not made for this tip."""
        query = "SELECT body FROM reports WHERE branch = ? AND before = ? AND after = ? AND tip = ?"
        rows = self._index.run(lambda db: db.execute(query, (branch, before, after, tip)).fetchall())
        return rows[0][0] if rows else None

    def bodies(self, pairs: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
        """The reports of (branch, before, after) pairs as they were last made, as far as there are any: for lists."""
        query = "SELECT body FROM reports WHERE branch = ? AND before = ? AND after = ?"
        wanted = list(pairs)
        found = self._index.run(lambda db: [db.execute(query, pair).fetchone() for pair in wanted])
        return {pair: row[0] for pair, row in zip(wanted, found, strict=True) if row}

    def count(self, wanted: ChangeQuery, most: int) -> int:
        """How many changes answer to a query; `most` if there are more."""
        source, time = _walk(wanted)
        where, values = _conditions(wanted, time)
        query = f"SELECT 1 FROM {source} WHERE {' AND '.join(where) or '1'} LIMIT ?"  # noqa: S608 - it holds no values
        return len(self._index.run(lambda db: db.execute(query, [*values, most]).fetchall()))

    def days(self) -> list[tuple[str, int]]:
        """The days in UTC on which more than cosmetic changes were captured, newest first, each with its edits."""
        query = (
            "SELECT substr(captured_at, 1, 10) AS day, count(DISTINCT after) FROM changes WHERE severity <> 'none' "
            "GROUP BY day ORDER BY day DESC"
        )
        return self._index.run(lambda db: db.execute(query).fetchall())

    def version(self) -> tuple[int, int]:
        """Changes with whatever anybody writes into the index: what was made of it before may be stale."""
        return self._index.version()

    def finish(self, branch: str, tip: str, pairs: Iterable[tuple[str, str]]) -> None:
        """All pairs of neighbours have their report for this tip: whatever else is kept of the article goes."""
        wanted = set(pairs)

        def work(db: sqlite3.Connection) -> None:
            kept = db.execute("SELECT before, after FROM reports WHERE branch = ?", (branch,)).fetchall()
            for before, after in set(kept) - wanted:
                _forget(db, branch, before, after)
            db.execute("UPDATE articles SET reported_tip = ? WHERE branch = ?", (tip, branch))

        self._index.run(work, write=True)

    def unfinished(self) -> list[str]:
        """The articles whose reports are not those of their present tip: `finish` was not called since."""
        query = f"SELECT branch FROM articles WHERE {_UNFINISHED} ORDER BY changed_at, branch"  # noqa: S608 - fixed text
        return [name for (name,) in self._index.run(lambda db: db.execute(query).fetchall())]

    def waiting(self) -> int:
        """How many articles `unfinished` would list."""
        query = f"SELECT count(*) FROM articles WHERE {_UNFINISHED}"  # noqa: S608 - fixed text
        found: int = self._index.run(lambda db: db.execute(query).fetchone()[0])
        return found

    def tallies(self, wanted: ChangeQuery) -> list[Tally]:
        """The changes that answer to a query by host, disclosure, and whether a later notice spoke of them."""
        source, time = _walk(wanted)
        where, values = _conditions(wanted, time)
        query = (
            "SELECT host, disclosure, delay IS NOT NULL AS later, count(*), group_concat(DISTINCT after), "  # noqa: S608 - it holds no values
            f"group_concat(delay), total(instr(' ' || labels || ' ', ' notice-removed ') > 0) FROM {source} "
            f"WHERE {' AND '.join(where) or '1'} GROUP BY host, disclosure, later"
        )
        rows = self._index.run(lambda db: db.execute(query, values).fetchall())
        return [
            Tally(
                host=host,
                disclosure=disclosure,
                later=bool(later),
                changes=count,
                edits=frozenset(edits.split(",")),
                delays=tuple(map(int, delays.split(","))) if delays else (),
                taken_down=int(taken_down),
            )
            for host, disclosure, later, count, edits, delays, taken_down in rows
        ]

    def changes(self, wanted: ChangeQuery) -> list[ChangeRow]:
        """The changes that answer to a query, newest first. Raises UsageError on words that cannot be searched for."""
        source, time = _walk(wanted)
        where, values = _conditions(wanted, time)
        query = (
            f"SELECT {_COLUMNS} FROM {source} WHERE {' AND '.join(where) or '1'} "  # noqa: S608 - it holds no values
            f"ORDER BY {time} DESC, branch, id LIMIT ?"
        )
        values.append(-1 if wanted.limit is None else wanted.limit)
        return [_change_row(row) for row in self._index.run(lambda db: db.execute(query, values).fetchall())]


def _walk(wanted: ChangeQuery) -> tuple[str, str]:
    """What to walk in the order of time, and its column of times: no list is ever sorted as a whole."""
    if wanted.label:
        return "labels CROSS JOIN changes USING (id)", "at"
    return "changes", "captured_at"


def _conditions(wanted: ChangeQuery, time: str) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []

    def need(condition: str, *given: object) -> None:
        where.append(condition)
        values.extend(given)

    if wanted.label:
        need("label = ?", wanted.label)
    if wanted.disclosure and wanted.withdrawn:
        need("(disclosure = ? OR instr(' ' || labels || ' ', ' notice-removed '))", wanted.disclosure)
    elif wanted.disclosure:
        need("disclosure = ?", wanted.disclosure)
    if wanted.never:
        need("delay IS NULL")
    if wanted.later:
        need("delay IS NOT NULL")
    if len(wanted.severities) == 1:
        need("severity = ?", *wanted.severities)
    elif wanted.severities:  # the plus keeps SQLite from gathering and sorting what it can walk in order
        need(f"+severity IN ({','.join('?' * len(wanted.severities))})", *wanted.severities)
    if wanted.since:
        need(f"{time} >= ?", moment(wanted.since))
    if wanted.until:
        need(f"{time} < ?", moment(wanted.until))
    if wanted.below:
        at = moment(wanted.below[0])
        need(f"{time} <= ? AND ({time} < ? OR branch > ?)", at, at, wanted.below[1])
    if wanted.host:
        need("host = ?", wanted.host)
    if wanted.branch:
        need("branch = ?", wanted.branch)
    if wanted.after:
        need("after = ?", wanted.after)
    if wanted.unseen_by:
        reviewed = "SELECT 1 FROM reviews WHERE reviews.change = changes.change AND reviewer = ?"
        need(f"NOT EXISTS ({reviewed})", wanted.unseen_by)
    if wanted.thought:
        reviewed = "SELECT 1 FROM reviews WHERE reviews.change = changes.change AND ? IN (weight, ruling)"
        need(f"EXISTS ({reviewed})", wanted.thought)
    if wanted.search is not None:
        need("id IN (SELECT rowid FROM words WHERE words MATCH ?)", _match(wanted.search))
    return where, values


def _match(search: str) -> str:
    """Every word as a phrase of its own, so that no mark in it is taken for an operator of the search language."""
    words = [word for word in search.replace("\0", " ").split() if any(char.isalnum() for char in word)]
    if not words:
        raise UsageError(f"nothing to search for in {search!r}; give at least one word")
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)


def _forget(db: sqlite3.Connection, branch: str, before: str, after: str) -> None:
    pair = (branch, before, after)
    where = "branch = ? AND before = ? AND after = ?"
    forget_changes(db, where, pair)
    db.execute(f"DELETE FROM reports WHERE {where}", pair)  # noqa: S608 - fixed text


def _insert(db: sqlite3.Connection, row: ChangeRow) -> None:
    at = moment(row.captured_at)
    seen_since = moment(row.seen_since) if row.seen_since else None
    host = row.branch.partition("/")[0]
    head = (host, row.branch, row.before, row.after, row.change, at, seen_since, row.field, row.op)
    judged = (" ".join(row.labels), row.severity, row.disclosure)
    values = (*head, *judged, row.old, row.new, row.sentence, row.delay, row.otherwise)
    marks = ", ".join("?" * len(values))
    number = db.execute(f"INSERT INTO changes VALUES (NULL, {marks})", values).lastrowid  # noqa: S608 - marks are question marks
    db.execute("INSERT INTO words (rowid, old, new) VALUES (?, ?, ?)", (number, row.old, row.new))
    db.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", [(label, at, number) for label in row.labels])


def _change_row(row: tuple[Any, ...]) -> ChangeRow:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    seen_since = values["seen_since"]
    values["captured_at"] = parse_moment(values["captured_at"])
    values["seen_since"] = parse_moment(seen_since) if seen_since else None
    values["labels"] = tuple(values["labels"].split())
    values["otherwise"] = bool(values["otherwise"])
    return ChangeRow(**values)
