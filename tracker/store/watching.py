"""The tables of watching in state.sqlite, and what of them the copy in git holds.

They belong to the room watch, which reads and writes them; they lie in this file because what is watched and when each
article was looked at must be as safe as the checks themselves.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

# The addresses that lead to an article which is watched under another one are facts, "double " before each.
NO_DOUBLES = "DELETE FROM facts WHERE name >= 'double ' AND name < 'double!' AND value = ?"
# Times are REAL seconds since 1970 (UTC), for they are compared and added all the time; docs/store.md says what each
# column holds.
SCHEMA = """\
CREATE TABLE watched (
    id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, url TEXT NOT NULL, kind TEXT NOT NULL, host TEXT NOT NULL,
    article TEXT, origin TEXT, include TEXT NOT NULL, exclude TEXT NOT NULL, added REAL NOT NULL, born REAL NOT NULL,
    checked REAL, whole REAL, pause REAL NOT NULL, due REAL NOT NULL, why TEXT NOT NULL, lease REAL,
    changes REAL NOT NULL, expected REAL NOT NULL, hinted REAL, bluffs INTEGER NOT NULL,
    state TEXT NOT NULL, since REAL, failures INTEGER NOT NULL, said TEXT NOT NULL, validators TEXT
);
CREATE INDEX watched_due ON watched (host, due);
CREATE INDEX watched_by_due ON watched (due);
CREATE INDEX watched_article ON watched (article);
CREATE INDEX watched_leased ON watched (host, lease) WHERE lease IS NOT NULL;
CREATE TABLE hosts (
    host TEXT PRIMARY KEY, ready REAL NOT NULL, next_ok REAL NOT NULL, delay REAL NOT NULL, failures INTEGER NOT NULL,
    down_from REAL, down_until REAL, said TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX hosts_ready ON hosts (ready);
CREATE TABLE robots (origin TEXT PRIMARY KEY, body TEXT, fetched REAL NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE gaps (
    article TEXT, since TEXT, until TEXT NOT NULL, missed INTEGER NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (article, since)
) WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, key TEXT NOT NULL, made REAL NOT NULL, body TEXT NOT NULL,
    tries INTEGER NOT NULL, due REAL NOT NULL, sent REAL, said TEXT NOT NULL, UNIQUE (channel, key)
);
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
"""

_COPIED = (
    *("identity", "url", "kind", "article", "origin", "include", "exclude", "added", "born", "checked", "pause", "due"),
    *("changes", "expected", "state", "since", "failures"),
)
_BLANK = {"why": "restored from the copy", "bluffs": 0, "said": ""}
_NEW_HOST = {"ready": 0.0, "next_ok": 0.0, "delay": 0.0, "failures": 0, "said": ""}
_SECRET = re.compile(r"[?&][^=&]*(?:key|token|auth|sig|pass|secret|session)[^=&]*=|//[^/?#]*:[^/?#]*@", re.IGNORECASE)


def said_of_host(db: sqlite3.Connection, host: str) -> Iterator[dict[str, Any]]:
    """What the copy says of a host: what is watched there, and which checks were missed.

    An address that holds a password or a token is left out, and not named as what led to another: the copy has no
    secrets.
    """
    query = f"SELECT {', '.join(_COPIED)} FROM watched WHERE host = ?"  # noqa: S608 - names of columns, all ours
    for row in db.execute(query, (host,)):
        line = dict(zip(_COPIED, row, strict=True))
        if _SECRET.search(line["url"]):
            continue
        if _SECRET.search(line["origin"] or ""):
            line["origin"] = None
        yield {"what": "watched", "host": host} | line
    query = "SELECT article, since, until, missed, why FROM gaps WHERE article >= ? AND article < ?"
    for row in db.execute(query, (f"{host}/", f"{host}0")):  # 0 follows the slash
        yield {"what": "gap"} | dict(zip(("article", "since", "until", "missed", "why"), row, strict=True))


def restore_watched(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    """One watched address, as the copy has it; due when it was due."""
    _insert(db, "watched", {name: line[name] for name in ("host", *_COPIED)} | _BLANK)
    _insert(db, "hosts", {"host": line["host"]} | _NEW_HOST)


def restore_gap(db: sqlite3.Connection, line: dict[str, Any]) -> None:
    """One stretch of missed checks."""
    _insert(db, "gaps", {name: line[name] for name in ("article", "since", "until", "missed", "why")})


def _insert(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))  # noqa: S608 - names of tables and columns, all ours
