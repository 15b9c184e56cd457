"""What is due, and which host may be asked: the watch list in state.sqlite, claimed piece by piece.

A claim is written before the request is made: the page gets a lease, so that nobody else asks for it, and its host the
time before which it is not to be asked again. Who is killed in between leaves a lease that runs out; until then it
holds its place among the connections of the host, for its request may still be on the way. So nothing is ever asked
for twice within its spacing, whatever dies and whenever.

Each host says in `ready` when the next of its pages may be asked for: the later of its spacing and its earliest page.
That one column is what a claim looks through, so its cost depends neither on how many pages there are nor on how many
hosts wait.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from tracker.store.memory import mark_changed
from tracker.store.watching import NO_DOUBLES
from tracker.text.urls import host_name, identity
from tracker.watch.listed import NOTHING_NEW, TOLD_AFTER, HostNews, Kind, Spacing, State, Wanted, Watched

T = TypeVar("T")
NEVER = 9e12  # later than anything: a host with no page at all
DOWN_WAIT, DOWN_LONGEST = 60.0, 6 * 3600.0  # seconds that a host is left alone that cannot be reached: doubling
ACTIVE_EVERY = 60.0  # seconds
BLUFFS = 3  # signals in a row of which nothing came, after which they are not believed


class Run(Protocol):
    """Does some work on the file, in a transaction of its own if it writes: `store.state.run`."""

    def __call__(self, work: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T: ...


_COLUMNS = (
    *("id", "identity", "url", "kind", "host", "article", "origin", "include", "exclude", "added", "born", "checked"),
    *("whole", "pause", "due", "why", "changes", "expected", "hinted", "bluffs", "state", "since", "failures", "said"),
    *("validators", "lease"),
)
_OF_HOST = ("host_failures", "down_from", "down_until")
_FIRST_DUE = f"coalesce((SELECT min(due) FROM watched WHERE host = ?1), {NEVER})"  # noqa: S608 - a query of ours
# When the next page of a host may be asked for: no sooner than its spacing, a lease that holds it, and its first page.
_HOLD = f"UPDATE hosts SET ready = max(next_ok, ?2, {_FIRST_DUE}) WHERE host = ?1"  # noqa: S608 - a query of ours
# The hosts that may be asked at ?1 for a page due by ?2; one that was taken off may have left `ready` too early.
_READY = "FROM hosts WHERE ready <= ?1 AND EXISTS (SELECT 1 FROM watched WHERE host = hosts.host AND due <= ?2)"
# The hosts that were asked at a time that is still to come, now that the clock was set back by ?1 to ?2.
_EARLIER = """UPDATE hosts SET next_ok = next_ok - ?1 WHERE down_until > ?2
    OR EXISTS (SELECT 1 FROM watched WHERE host = hosts.host AND checked >= ?2)"""
_NEW_HOST = "INSERT OR IGNORE INTO hosts VALUES (?, ?, 0, 0, 0, NULL, NULL, '')"
# A page that turns out to be an article that is watched under another address. That it is one is kept among the facts,
# so that a source which names it every time does not have it asked for every time.
_DOUBLE = "DELETE FROM watched WHERE id = ?1 AND EXISTS (SELECT 1 FROM watched WHERE article = ?2 AND id <> ?1)"
_IS_DOUBLE = "INSERT OR REPLACE INTO facts VALUES ('double ' || ?, ?)"
# The row of an address (?1), be it that of a double.
_CALLED = "(identity = ?1 OR article = (SELECT value FROM facts WHERE name = 'double ' || ?1))"
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM watched"  # noqa: S608 - names of columns, all ours


@dataclass(frozen=True, slots=True)
class Finished:
    """What a look at a page leaves: new values of its columns, and what it showed about the host.

    `also` is work for the same transaction: the log of the check.
    """

    page: Watched
    at: float
    values: Mapping[str, Any] = field(default_factory=dict)
    host: HostNews = NOTHING_NEW
    also: Callable[[sqlite3.Connection], object] | None = None


def row_of(row: Sequence[Any]) -> Watched:
    """A row of the watch list, alone or with the columns of its host, as a value."""
    values = dict(zip((*_COLUMNS, *_OF_HOST), row, strict=False))
    return Watched(
        **values
        | {
            "kind": Kind(values["kind"]),
            "state": State(values["state"]),
            "include": tuple(json.loads(values["include"])),
            "exclude": tuple(json.loads(values["exclude"])),
        }
    )


class Frontier:
    """The watch list. `spacing` says how a host is asked; `lease` is longer than any look takes, in seconds.

    A page whose look was never finished is not asked for again before `floor` seconds have passed.
    Safe in threads and processes: each call is one transaction.
    """

    def __init__(self, run: Run, spacing: Callable[[str], Spacing], *, lease: float, floor: float) -> None:
        self._run = run
        self._spacing = spacing
        self._lease = lease
        self._floor = floor
        self._said_active = 0.0

    # --- the list -------------------------------------------------------------------------------------------

    def add(self, wanted: Sequence[Wanted], now: float, due: float | None = None) -> list[bool]:
        """Put pages on the list, due at once unless said; which of them are new to it.

        One that is there already stays as it is; its patterns are those that a person gave last.
        """
        return self._run(lambda db: [_add(db, each, now, now if due is None else due) for each in wanted], write=True)

    def remove(self, ids: Iterable[int]) -> None:
        """Take pages off the list."""

        def work(db: sqlite3.Connection) -> None:
            for each in ids:
                query = "DELETE FROM watched WHERE id = ? RETURNING host, article"
                for host, article in db.execute(query, (each,)).fetchall():
                    db.execute(NO_DOUBLES, (article,))
                    mark_changed(db, host)

        self._run(work, write=True)

    def all(self, kind: Kind | None = None) -> list[Watched]:
        """The whole list, or all of one kind, in the order in which it is due."""
        query = f"{_SELECT} WHERE ?1 IS NULL OR kind = ?1 ORDER BY due, id"
        return [row_of(row) for row in self._run(lambda db: db.execute(query, (kind,)).fetchall())]

    def find(self, url: str, article: str | None = None) -> Watched | None:
        """The row of an address, or of a stored article."""
        query = f"{_SELECT} WHERE {_CALLED} OR article = ?2 LIMIT 1"
        row = self._run(lambda db: db.execute(query, (identity(url), article)).fetchone())
        return row_of(row) if row else None

    def as_now(self, page: Watched) -> Watched:
        """A page that was claimed, with its host as it stands by now: others may have been looked at meanwhile."""

        def work(db: sqlite3.Connection) -> Watched:
            query = "SELECT failures, down_from, down_until FROM hosts WHERE host = ?"
            row = db.execute(query, (page.host,)).fetchone()
            if row is None or (not row[0] and row == (page.host_failures, page.down_from, page.down_until)):
                return page  # as nearly always
            now = replace(page, **dict(zip(_OF_HOST, row, strict=True)))
            is_told = now.host_failures + 1 == TOLD_AFTER
            return replace(now, nobody_answers=is_told and _nobody_answers(db, page.host, now.down_until))

        return self._run(work)

    def known(self, urls: Iterable[str]) -> frozenset[str]:
        """Which addresses are on the list."""
        names = {identity(url): url for url in urls}
        query = """WITH asked AS (SELECT value AS name FROM json_each(?))
            SELECT name FROM asked JOIN watched ON identity = name UNION
            SELECT asked.name FROM asked JOIN facts ON facts.name = 'double ' || asked.name
            JOIN watched ON article = facts.value"""
        rows = self._run(lambda db: db.execute(query, (json.dumps(list(names)),)).fetchall())
        return frozenset(names[name] for (name,) in rows)

    def signal(self, news: Iterable[tuple[str, float]], why: str, now: float) -> int:
        """Pages (address, moment) are said to have changed: each is due at once, if that is news and believed.

        It is not believed after three signals in a row of which nothing came. How many were.
        """
        return self._run(lambda db: sum(_signal(db, identity(url), at, why, now) for url, at in news), write=True)

    # --- looking --------------------------------------------------------------------------------------------

    def exchange(self, done: Sequence[Finished], now: float, limit: int, due_by: float | None = None) -> list[Watched]:
        """Write what looks left and claim up to `limit` pages that are due (by `due_by`), each of another host.

        All in one transaction: what is done is done, and what is claimed is nobody else's until its lease runs out.
        Who claims says that somebody is at work at this moment, once a minute where there is nothing else to write.
        """
        by = now if due_by is None else min(now, due_by)
        if not done and now - self._said_active < ACTIVE_EVERY and not (limit and self._any_ready(now, by)):
            return []
        self._said_active = now if limit else self._said_active

        def work(db: sqlite3.Connection) -> list[Watched]:
            for each in done:
                self._finish(db, each, now)
            for host in {each.page.host for each in done}:
                mark_changed(db, host)
            if not limit:
                return []
            db.execute("INSERT OR REPLACE INTO facts VALUES ('active', ?)", (repr(now),))
            return self._claim(db, now, limit, by)

        return self._run(work, write=True)

    def _any_ready(self, now: float, due_by: float) -> bool:
        return bool(self._run(lambda db: db.execute(f"SELECT 1 {_READY} LIMIT 1", (now, due_by)).fetchone()))

    def last_active(self) -> float | None:
        """The last moment at which somebody was at work on the list, None where nobody ever was."""
        row = self._run(lambda db: db.execute("SELECT value FROM facts WHERE name = 'active'").fetchone())
        return float(row[0]) if row else None

    def set_back(self, seconds: float, now: float) -> None:
        """The clock was set back by so much: what was written down in the time that is still to come waits from now on
        as long as it was to wait, and nothing is asked for sooner."""
        hold = max(self._lease, self._floor)

        def work(db: sqlite3.Connection) -> None:
            db.execute("UPDATE watched SET due = ?1 + max(pause, ?2) WHERE due > ?1 + max(pause, ?2)", (now, hold))
            db.execute("UPDATE watched SET lease = ?1 WHERE lease > ?1", (now + self._lease,))
            db.execute(_EARLIER, (seconds, now))
            hosts = db.execute("SELECT host FROM hosts").fetchall()
            db.executemany(_HOLD, [(host, 0.0) for (host,) in hosts])
            db.execute("INSERT OR REPLACE INTO facts VALUES ('active', ?)", (repr(now),))

        self._run(work, write=True)
        self._said_active = now

    def host_ready(self, host: str) -> float | None:
        """The moment before which a host is not asked, whatever is due, None where none of its pages was watched."""
        row = self._run(lambda db: db.execute("SELECT next_ok FROM hosts WHERE host = ?", (host,)).fetchone())
        return float(row[0]) if row else None

    def turn(self, url: str, now: float, most: float = NEVER) -> float:
        """Reserve the next request to the host of an address, outside of any pass; the seconds until it may be made.

        Nothing is reserved where these are more than `most`.
        """
        host = host_name(url)

        def work(db: sqlite3.Connection) -> float:
            db.execute(_NEW_HOST, (host, NEVER))
            next_ok, delay = db.execute("SELECT next_ok, delay FROM hosts WHERE host = ?", (host,)).fetchone()
            at = max(now, next_ok)
            if at - now <= most:
                after = at + max(self._spacing(host).gap, delay)
                db.execute("UPDATE hosts SET next_ok = ?1, ready = max(ready, ?1) WHERE host = ?2", (after, host))
            return float(at - now)

        return self._run(work, write=True)

    def next_ready(self, due_by: float = NEVER) -> float | None:
        """The moment at which the next page that is due by then may be asked for, None where there is none."""
        query = """SELECT min(max(ready, first)) FROM (
                SELECT ready, (SELECT min(due) FROM watched WHERE host = hosts.host) AS first FROM hosts)
            WHERE first <= ?"""
        (ready,) = self._run(lambda db: db.execute(query, (due_by,)).fetchone())
        return None if ready is None else float(ready)

    def _claim(self, db: sqlite3.Connection, now: float, limit: int, due_by: float) -> list[Watched]:
        query = f"SELECT host, delay, failures, down_from, down_until {_READY} ORDER BY ready LIMIT ?3"
        found: list[Watched] = []
        for host, delay, *news in db.execute(query, (now, due_by, limit)).fetchall():
            spacing = self._spacing(host)
            running, first_end = _running(db, host, now)
            row = db.execute(f"{_SELECT} WHERE host = ? AND due <= ? ORDER BY due LIMIT 1", (host, due_by)).fetchone()
            if running >= spacing.connections:
                db.execute(_HOLD, (host, first_end))
                continue
            end, again = now + self._lease, now + max(self._lease, self._floor)
            db.execute("UPDATE watched SET lease = ?, due = ? WHERE id = ?", (end, again, row[0]))
            next_ok = now + max(spacing.gap, delay)
            held = min(first_end, end) if running + 1 >= spacing.connections else 0.0
            db.execute("UPDATE hosts SET next_ok = ? WHERE host = ?", (next_ok, host))
            db.execute(_HOLD, (host, held))
            found.append(row_of((*row, *news)))
        return found

    def _finish(self, db: sqlite3.Connection, done: Finished, now: float) -> None:
        page, news = done.page, done.host
        if done.also is not None:
            done.also(db)
        columns = {"lease": None, **done.values}
        places = ", ".join(f"{name} = ?" for name in columns)
        db.execute(f"UPDATE watched SET {places} WHERE id = ?", (*columns.values(), page.id))  # noqa: S608 - names of columns, all ours
        article = columns.get("article")
        if page.article is None and article and db.execute(_DOUBLE, (page.id, article)).rowcount:
            db.execute(_IS_DOUBLE, (page.identity, article))
        self._tell_host(db, page, news, done.at, now)

    def _tell_host(self, db: sqlite3.Connection, page: Watched, news: HostNews, at: float, now: float) -> None:
        """The host is asked again when it has been left alone after the answer, and when it wants to be."""
        query = "SELECT next_ok, delay, failures, down_from, down_until FROM hosts WHERE host = ?"
        row = db.execute(query, (page.host,)).fetchone()
        if row is None:  # taken off the list in between
            return
        next_ok, delay, failures, down_from, down_until = row
        spacing = self._spacing(page.host)
        delay = delay if news.delay is None else news.delay
        rest = max(spacing.gap, delay)
        alone = spacing.connections == 1
        if alone:  # from the end of one to the start of the next: so it is, whoever measures
            next_ok = max(next_ok, now + rest)
        next_ok = max(next_ok, news.until or 0.0)
        if news.down:
            down_from = down_from if failures else page.checked or at
            failures = replace(page, host_failures=failures).one_failure_more
            next_ok = max(next_ok, now + min(rest + DOWN_WAIT * 2.0 ** min(failures - 1, 10), DOWN_LONGEST))
        down_until = at if news.down or failures else down_until
        failures = failures if news.down else 0
        running, first_end = (0, NEVER) if alone else _running(db, page.host, now)
        held = first_end if running >= spacing.connections else 0.0
        db.execute(
            f"""UPDATE hosts SET next_ok = ?2, ready = max(?2, ?3, {_FIRST_DUE}), delay = ?4, failures = ?5,
                down_from = ?6, down_until = ?7, said = ?8 WHERE host = ?1""",  # noqa: S608 - a query of ours
            (page.host, next_ok, held, delay, failures, down_from, down_until, news.said if news.down else ""),
        )


def _add(db: sqlite3.Connection, wanted: Wanted, now: float, due: float) -> bool:
    name, host = identity(wanted.url), host_name(wanted.url)
    query = f"SELECT id FROM watched WHERE {_CALLED} OR article = ?2"  # noqa: S608 - a query of ours
    known = db.execute(query, (name, wanted.article)).fetchone()
    patterns = (json.dumps(wanted.include), json.dumps(wanted.exclude))
    if known:
        if wanted.origin is None:
            db.execute("UPDATE watched SET include = ?, exclude = ? WHERE id = ?", (*patterns, known[0]))
            mark_changed(db, host)
        return False
    db.execute(
        """INSERT INTO watched (identity, url, kind, host, article, origin, include, exclude, added, born, pause, due,
            why, changes, expected, hinted, bluffs, state, failures, said)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 'new on the list', 0, 0, ?, 0, '', 0, '')""",
        (
            *(name, wanted.url, wanted.kind, host, wanted.article, wanted.origin, *patterns, now),
            *(min(wanted.born or now, now), due, None if wanted.changed is None else min(wanted.changed, now)),
        ),
    )
    db.execute(_NEW_HOST, (host, due))
    _due_at(db, host, due)
    mark_changed(db, host)
    return True


def _signal(db: sqlite3.Connection, name: str, changed: float, why: str, now: float) -> bool:
    query = f"SELECT id, host, checked, hinted, bluffs, due, lease FROM watched WHERE {_CALLED}"  # noqa: S608 - ours
    row = db.execute(query, (name,)).fetchone()
    if row is None:
        return False
    number, host, checked, hinted, bluffs, due, lease = row
    is_news = checked is not None and changed > max(checked, hinted or 0.0) and changed <= now
    if not is_news or bluffs >= BLUFFS or lease is not None or due <= now:
        return False
    db.execute("UPDATE watched SET due = ?, why = ?, hinted = ? WHERE id = ?", (now, why, changed, number))
    _due_at(db, host, now)
    return True


def _nobody_answers(db: sqlite3.Connection, host: str, since: float | None) -> bool:
    """Are pages of other hosts seen as a rule, and was none of them since a moment?"""
    query = """SELECT EXISTS (SELECT 1 FROM watched WHERE host <> ?1 AND state = '' AND checked IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM watched WHERE host <> ?1 AND checked >= ?2)"""
    return bool(db.execute(query, (host, since or 0.0)).fetchone()[0])


def _due_at(db: sqlite3.Connection, host: str, at: float) -> None:
    """One of the host's pages has become due."""
    db.execute("UPDATE hosts SET ready = max(next_ok, min(ready, ?)) WHERE host = ?", (at, host))


def _running(db: sqlite3.Connection, host: str, now: float) -> tuple[int, float]:
    """How many pages of a host are being asked for, and when the first of their leases runs out."""
    query = "SELECT count(*), min(lease) FROM watched WHERE host = ? AND lease > ?"
    count, first = db.execute(query, (host, now)).fetchone()
    return count, NEVER if first is None else float(first)
