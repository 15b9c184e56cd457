"""The memory of hosts in state.sqlite: what was seen in which article, what is furniture, and what a person said of it.

It is read here; `lessons.py` writes what one more page adds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.model import Sighting
from tracker.store.commits import moment, parse_moment
from tracker.store.database import Database

SCHEMA = """\
CREATE TABLE stories (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, branch TEXT NOT NULL UNIQUE, hex TEXT NOT NULL, at TEXT NOT NULL,
    page TEXT NOT NULL, prose INTEGER NOT NULL, container TEXT NOT NULL, tied INTEGER NOT NULL, lens TEXT NOT NULL
);
CREATE INDEX stories_of ON stories (host, at);
CREATE INDEX stories_by_hex ON stories (hex);
CREATE INDEX stories_by_lens ON stories (lens);
CREATE TABLE sightings (
    host TEXT, key TEXT, story INTEGER, at TEXT NOT NULL, size INTEGER NOT NULL, flips INTEGER NOT NULL,
    marks INTEGER NOT NULL, PRIMARY KEY (host, key, story)
) WITHOUT ROWID;
CREATE INDEX sightings_of ON sightings (story);
CREATE TABLE kin (story INTEGER, other INTEGER, PRIMARY KEY (story, other)) WITHOUT ROWID;
CREATE TABLE story_links (story INTEGER, target TEXT, PRIMARY KEY (story, target)) WITHOUT ROWID;
CREATE INDEX story_links_to ON story_links (target);
CREATE TABLE furniture (
    host TEXT, key TEXT, text TEXT NOT NULL, since TEXT NOT NULL, seen TEXT NOT NULL, witnesses TEXT NOT NULL,
    PRIMARY KEY (host, key)
) WITHOUT ROWID;
CREATE TABLE corrections (
    host TEXT, key TEXT, text TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (host, key)
) WITHOUT ROWID;
CREATE TABLE lenses (digest TEXT PRIMARY KEY, known TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE uncopied (host TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""

_USUAL = 3  # articles that stand in one place, and they are most: the host's usual container


@dataclass(frozen=True, slots=True)
class Story:
    """What is remembered of one article. `kin` are the numbers of those that count as one with it."""

    number: int
    page: str
    tied: bool
    lens: str
    sightings: Mapping[str, Sighting]
    kin: frozenset[int]


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What is remembered of a host: witnesses and texts of its furniture by key, its usual container."""

    name: str
    witnesses: Mapping[str, tuple[int, ...]]
    texts: Mapping[str, str]
    containers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Learned:
    """One block that is furniture on a host, for a list. `articles` counts those that it was seen in.

    `corrected`: a person has said that it is text; then it is never furniture again.
    """

    host: str
    key: str
    text: str
    since: datetime
    articles: int
    corrected: bool = False


def host_of(branch: str) -> str:
    """The host that an article's branch belongs to."""
    return branch.partition("/")[0]


class SiteMemory:
    """Reads and writes the tables. `database` gives the open file at each use."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    # --- reading --------------------------------------------------------------------------------------------

    def host(self, host: str) -> HostMemory:
        """What is known of a host."""

        def work(db: sqlite3.Connection) -> HostMemory:
            rows = db.execute("SELECT key, text, witnesses FROM furniture WHERE host = ?", (host,)).fetchall()
            places = db.execute(
                "SELECT container, count(*) FROM stories WHERE host = ? GROUP BY container", (host,)
            ).fetchall()
            every = sum(count for _, count in places)
            usual = {place for place, count in places if place and count >= _USUAL and 2 * count > every}
            return HostMemory(
                host,
                {name: numbers_in(said) for name, _, said in rows},
                {name: text for name, text, _ in rows},
                frozenset(usual),
            )

        return self._database().run(work)

    def story(self, branch: str) -> Story | None:
        """What is known of an article, None for one that is not remembered."""

        def work(db: sqlite3.Connection) -> Story | None:
            row = db.execute("SELECT id, page, tied, lens FROM stories WHERE branch = ?", (branch,)).fetchone()
            if row is None:
                return None
            number, page, tied, lens = row
            rows = db.execute("SELECT key, size, flips, marks FROM sightings WHERE story = ?", (number,))
            sightings = {row[0]: sighting_of(*row) for row in rows}
            kin = db.execute("SELECT other FROM kin WHERE story = ?", (number,)).fetchall()
            return Story(number, page, bool(tied), lens, sightings, frozenset(other for (other,) in kin))

        return self._database().run(work)

    def lens(self, digest: str) -> tuple[frozenset[str], frozenset[str]] | None:
        """Furniture and containers of a memory that some article was read with; None where that is forgotten."""
        if digest == "-":
            return frozenset(), frozenset()
        query = "SELECT known FROM lenses WHERE digest = ?"
        row = self._database().run(lambda db: db.execute(query, (digest,)).fetchone())
        if row is None:
            return None
        furniture, containers = json.loads(row[0])
        return frozenset(furniture), frozenset(containers)

    def learned(self, host: str) -> list[Learned]:
        """The furniture of a host and a person's corrections, the oldest first."""
        query = """
            SELECT host, key, text, since, 0,
                (SELECT count(*) FROM sightings WHERE sightings.host = furniture.host AND sightings.key = furniture.key)
            FROM furniture WHERE host = ?1
            UNION ALL SELECT host, key, text, at, 1, 0 FROM corrections WHERE host = ?1
            ORDER BY 5, 4, 2"""
        rows = self._database().run(lambda db: db.execute(query, (host,)).fetchall())
        return [
            Learned(name, key, text, parse_moment(since), articles, bool(corrected))
            for name, key, text, since, corrected, articles in rows
        ]

    def swinging(self, host: str, keys: Collection[str]) -> frozenset[str]:
        """Which of some blocks are known to have come and gone in an article of a host, other than by one's edits."""
        query = """SELECT key FROM sightings
            WHERE host = ? AND key IN (SELECT value FROM json_each(?)) AND flips > 1
            GROUP BY key HAVING count(*) > 1 OR NOT min(marks & 8)"""
        values = (host, json.dumps(list(keys)))
        rows = self._database().run(lambda db: db.execute(query, values).fetchall())
        return frozenset(name for (name,) in rows)

    def knows(self, host: str) -> bool:
        """Is anything at all remembered of a host?"""
        query = """SELECT EXISTS (SELECT 1 FROM stories WHERE host = ?1)
            OR EXISTS (SELECT 1 FROM furniture WHERE host = ?1) OR EXISTS (SELECT 1 FROM corrections WHERE host = ?1)"""
        return bool(self._database().run(lambda db: db.execute(query, (host,)).fetchone()[0]))

    # --- learning -------------------------------------------------------------------------------------------

    def forget(self, host: str, key: str, text: str, at: datetime) -> None:
        """A person says that a block of a host is text: it is furniture no more, and will not be again."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (host, key, text, moment(at)))
            db.execute("DELETE FROM furniture WHERE host = ? AND key = ?", (host, key))
            mark_changed(db, host)

        self._database().run(work, write=True)


def mark_changed(db: sqlite3.Connection, host: str) -> None:
    """What is known of a host is not as its copy says any more."""
    db.execute("INSERT INTO uncopied VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", (host,))


def numbers_in(said: str) -> tuple[int, ...]:
    """The stories that a row names as witnesses."""
    return tuple(map(int, said.split(",")))


def marks_of(each: Sighting) -> int:
    """What is true of a sighting, one bit each; the inverse is `sighting_of`."""
    bits = (each.present, each.hidden, each.told, each.edited, each.about, each.plain, each.mute)
    return sum(1 << place for place, bit in enumerate(bits) if bit)


def sighting_of(key: str, size: int, flips: int, marks: int) -> Sighting:
    """A sighting from its row."""
    present, hidden, told, edited, about, plain, mute = (bool(marks >> place & 1) for place in range(7))
    return Sighting(key, size, present, hidden, flips, told, edited, about, plain, mute)
