"""The text copy of state.sqlite under refs/tracker/state: what must survive the loss of that file.

A commit without a parent holds one file a host, sorted, one JSON object a line: the last checks of each article, runs
of blocked pages, losses, what is furniture and who bears witness of it, a person's corrections, what is watched. Only
the files of hosts that have changed since are made anew. docs/store.md says what each line holds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.errors import StoreError
from tracker.model import Outcome
from tracker.store.memory import host_of
from tracker.store.objects import GitObject, Stamp, blob, commit, tree
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.repository import IDENTITY
from tracker.store.state import GAP_COPIED, SAW_TEXT, State
from tracker.store.watching import restore_gap, restore_watched, said_of_host
from tracker.store.writer import Moved, Writer

STATE_REF = "refs/tracker/state"
SUFFIX = ".jsonl"

# One article after the other by its first check: quick however many checks there are.
_ARTICLES = """
    WITH RECURSIVE each(article) AS (
        SELECT min(article) FROM checks WHERE article >= ?1 AND article < ?2
        UNION ALL
        SELECT (SELECT min(article) FROM checks WHERE article > each.article AND article < ?2) FROM each
        WHERE each.article IS NOT NULL
    ) SELECT article FROM each WHERE article IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Restored:
    """How much of a lost state.sqlite came back."""

    articles: int
    furniture: int
    corrections: int
    blocked: int
    watched: int


class StateCopy:
    """Writes the copy, and reads it back."""

    def __init__(self, writer: Writer, reader: Reader, state: State) -> None:
        self._writer = writer
        self._reader = reader
        self._state = state

    @property
    def exists(self) -> bool:
        """Has one been written?"""
        return self._reader.tip(STATE_REF) is not None

    def write(self) -> bool:
        """Bring the copy up to what state.sqlite holds; was there anything to write?

        A copy is never replaced by what little a file holds that was begun anew after the old one was lost.
        """
        while True:
            with suppress(Moved):
                return self._write(self._reader.tip(STATE_REF))

    def _write(self, tip: str | None) -> bool:
        found = {} if tip is not None and self._state.awaits_copy else self._state.run(_uncopied)
        if not found:
            return False
        files = self._files(tip)
        written: list[GitObject] = []
        for host, (_, lines) in found.items():
            files.pop(host + SUFFIX, None)
            if lines:
                written.append(blob("".join(lines).encode("ascii")))
                files[host + SUFFIX] = written[-1].id
        listing = tree(files.items())
        stamp = Stamp(IDENTITY, int(datetime.now(UTC).timestamp()))
        made = commit(listing.id, (), stamp, stamp, "what state.sqlite holds, as text\n\nKind: state\n")
        self._writer.write([*written, listing, made], [RefMove(STATE_REF, made.id, tip)], after=lambda: None)
        self._state.run(lambda db: _copied(db, {host: count for host, (count, _) in found.items()}), write=True)
        return True

    def restore(self) -> Restored:
        """Read the copy back into a state.sqlite that is missing or empty.

        Raises StoreError where there is no copy, or where the file holds checks already.
        """
        tip = self._reader.tip(STATE_REF)
        if tip is None:
            raise StoreError(
                f"{self._state.path.parent} has no {STATE_REF}: there is no copy of state.sqlite to read back"
            )
        if self._state.run(lambda db: db.execute("SELECT 1 FROM checks LIMIT 1").fetchall()):
            raise StoreError(
                f"{self._state.path} is neither missing nor empty; to restore the copy all the same, move it away first"
            )
        lines = [line for name in sorted(self._files(tip)) for line in self._lines(f"{tip}:{name}")]
        return self._state.run(lambda db: _restore(db, lines), write=True)

    def _files(self, tip: str | None) -> dict[str, str]:
        """Name and blob id of each file of the copy."""
        found = self._reader.get(f"{tip}^{{tree}}") if tip else None
        rest, files = found[2] if found else b"", {}
        while rest:
            head, _, rest = rest.partition(b"\0")
            files[head.partition(b" ")[2].decode()] = rest[:20].hex()
            rest = rest[20:]
        return files

    def _lines(self, name: str) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in (self._reader.blob(name) or b"").decode("ascii").splitlines()]
        except ValueError as error:
            raise StoreError(f"{name} of {STATE_REF} was not written by tracker ({error})") from error


def _uncopied(db: sqlite3.Connection) -> dict[str, tuple[int, list[str]]]:
    """The hosts that have changed since they were copied, with the count of changes and the lines of their files."""
    rows = db.execute("SELECT host, count FROM uncopied ORDER BY host").fetchall()
    return {
        host: (count, sorted(json.dumps(line, sort_keys=True) + "\n" for line in _said(db, host)))
        for host, count in rows
    }


def _copied(db: sqlite3.Connection, counts: dict[str, int]) -> None:
    db.executemany("DELETE FROM uncopied WHERE host = ? AND count = ?", counts.items())
    db.execute("UPDATE facts SET value = ? WHERE name = 'gap'", (GAP_COPIED,))


def _said(db: sqlite3.Connection, host: str) -> Iterator[dict[str, Any]]:
    """The lines of one host."""
    first, last = f"{host}/", f"{host}0"  # 0 follows the slash
    for (article,) in db.execute(_ARTICLES, (first, last)).fetchall():
        yield from _checks(db, article)
    query = "SELECT article, count FROM blocked_runs WHERE article >= ? AND article < ?"
    for article, count in db.execute(query, (first, last)):
        yield {"what": "blocked", "article": article, "count": count}
    query = "SELECT article, digest, at FROM losses WHERE article >= ? AND article < ?"
    for article, digest, at in db.execute(query, (first, last)):
        yield {"what": "loss", "article": article, "digest": digest, "at": at}
    query = "SELECT key, text, since, seen, witnesses FROM furniture WHERE host = ?"
    for key, text, since, seen, witnesses in db.execute(query, (host,)).fetchall():
        rows = db.execute(
            """SELECT branch, sightings.at, size, flips, marks FROM sightings JOIN stories ON id = story
            WHERE sightings.host = ? AND key = ? AND story IN (SELECT value FROM json_each(?))""",
            (host, key, f"[{witnesses}]"),
        ).fetchall()
        facts = {"key": key, "text": text, "since": since, "seen": seen, "witnesses": sorted(map(list, rows))}
        yield {"what": "furniture", "host": host} | facts
    for key, text, at in db.execute("SELECT key, text, at FROM corrections WHERE host = ?", (host,)):
        yield {"what": "correction", "host": host, "key": key, "text": text, "at": at}
    yield from said_of_host(db, host)


def _checks(db: sqlite3.Connection, article: str) -> Iterator[dict[str, Any]]:
    """The last check of an article, and the last that saw its text where that is another."""
    query = "SELECT at, outcome, modified FROM checks WHERE article = ? ORDER BY at DESC, id DESC"
    for at, outcome, modified in db.execute(query, (article,)):
        yield {"what": "check", "article": article, "at": at, "outcome": outcome, "modified": modified}
        if Outcome(outcome) in SAW_TEXT:
            return
        break
    marks = json.dumps([outcome.value for outcome in SAW_TEXT])
    query = """SELECT at, outcome, modified FROM checks WHERE article = ?
        AND outcome IN (SELECT value FROM json_each(?)) ORDER BY at DESC, id DESC LIMIT 1"""
    for at, outcome, modified in db.execute(query, (article, marks)):
        yield {"what": "check", "article": article, "at": at, "outcome": outcome, "modified": modified}


# --- reading back -------------------------------------------------------------------------------------------


def _restore(db: sqlite3.Connection, lines: list[dict[str, Any]]) -> Restored:
    try:
        for line in lines:
            _RESTORERS[line["what"]](db, line)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{STATE_REF} was not written by this tracker ({error!r})") from error
    db.execute("DELETE FROM facts WHERE name = 'gap'")
    whats = [line["what"] for line in lines]
    articles = {line["article"] for line in lines if line["what"] == "check"}
    return Restored(
        len(articles),
        whats.count("furniture"),
        whats.count("correction"),
        whats.count("blocked"),
        whats.count("watched"),
    )


def _restore_check(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    values = (line["article"], line["at"], Outcome(line["outcome"]).value, line["modified"])
    db.execute("INSERT INTO checks VALUES (NULL, ?, ?, ?, ?, NULL)", values)


def _restore_furniture(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    """The witnesses come back as articles of which this alone is known: they are looked at whole when next used."""
    numbers = []
    for branch, at, size, flips, marks in line["witnesses"]:
        made = (host_of(branch), branch, branch[-16:], at)
        db.execute("INSERT OR IGNORE INTO stories VALUES (NULL, ?, ?, ?, ?, '', 0, '', 0, '-')", made)
        (number,) = db.execute("SELECT id FROM stories WHERE branch = ?", (branch,)).fetchone()
        seen = (line["host"], line["key"], number, at, size, flips, marks)
        db.execute("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?, ?, ?, ?)", seen)
        numbers.append(str(number))
    values = (line["host"], line["key"], line["text"], line["since"], line["seen"], ",".join(numbers))
    db.execute("INSERT OR REPLACE INTO furniture VALUES (?, ?, ?, ?, ?, ?)", values)


def _restore_correction(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    values = (line["host"], line["key"], line["text"], line["at"])
    db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", values)


def _restore_blocked(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    db.execute("INSERT OR REPLACE INTO blocked_runs VALUES (?, ?)", (line["article"], line["count"]))


def _restore_loss(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    db.execute("INSERT OR REPLACE INTO losses VALUES (?, ?, ?)", (line["article"], line["digest"], line["at"]))


_RESTORERS = {
    "check": _restore_check,
    "blocked": _restore_blocked,
    "loss": _restore_loss,
    "watched": restore_watched,
    "gap": restore_gap,
    "furniture": _restore_furniture,
    "correction": _restore_correction,
}
