"""What index.sqlite is made of: its tables, and how what hangs together in them is forgotten together."""

from __future__ import annotations

import sqlite3

from tracker.store.database import Plan

PLAN = Plan(
    version=5,
    derived=True,
    schema="""
CREATE TABLE articles (
    branch TEXT PRIMARY KEY, tip TEXT NOT NULL, raw_tip TEXT, shown_as TEXT NOT NULL, url TEXT NOT NULL,
    headline TEXT, first_at TEXT, changed_at TEXT, snapshots INTEGER NOT NULL, state TEXT, reported_tip TEXT
) WITHOUT ROWID;
CREATE INDEX articles_by_change ON articles (changed_at, branch);
CREATE INDEX articles_shown ON articles (shown_as);
CREATE TABLE aliases (alias TEXT, branch TEXT, PRIMARY KEY (alias, branch)) WITHOUT ROWID;
CREATE INDEX aliases_of ON aliases (branch);
CREATE TABLE commits (
    branch TEXT, side TEXT, revision TEXT, tree TEXT NOT NULL, parents TEXT NOT NULL, seconds TEXT NOT NULL,
    message TEXT NOT NULL, PRIMARY KEY (branch, side, revision)
) WITHOUT ROWID;
CREATE TABLE quarantine (
    branch TEXT PRIMARY KEY, tip TEXT NOT NULL, url TEXT NOT NULL, reason TEXT NOT NULL, first_at TEXT NOT NULL,
    newest_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE reports (
    branch TEXT, before TEXT, after TEXT, tip TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (branch, before, after)
) WITHOUT ROWID;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, branch TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    change TEXT NOT NULL, captured_at TEXT NOT NULL, seen_since TEXT, field TEXT NOT NULL, op TEXT NOT NULL,
    labels TEXT NOT NULL, severity TEXT NOT NULL, disclosure TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL,
    sentence TEXT NOT NULL, delay INTEGER, otherwise INTEGER NOT NULL
);
CREATE INDEX changes_of ON changes (branch, before, after);
CREATE INDEX changes_by_time ON changes (captured_at);
CREATE INDEX changes_by_host ON changes (host, captured_at);
CREATE INDEX changes_by_severity ON changes (severity, captured_at);
CREATE INDEX changes_by_disclosure ON changes (disclosure, captured_at);
CREATE INDEX changes_told_later ON changes (captured_at) WHERE delay IS NOT NULL;
CREATE TABLE labels (label TEXT, at TEXT, id INTEGER, PRIMARY KEY (label, at, id)) WITHOUT ROWID;
CREATE INDEX labels_of ON labels (id);
CREATE VIRTUAL TABLE words USING fts5 (old, new, tokenize = "unicode61 remove_diacritics 2");
CREATE TABLE texts (id INTEGER PRIMARY KEY, branch TEXT NOT NULL, tree TEXT NOT NULL, UNIQUE (branch, tree));
CREATE TABLE searched (branch TEXT PRIMARY KEY, tip TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE lines USING fts5 (
    line, content = '', detail = 'none', columnsize = 0, tokenize = "unicode61 remove_diacritics 2"
);
CREATE TABLE reviews (
    reviewer TEXT, branch TEXT, change TEXT, before TEXT NOT NULL, after TEXT NOT NULL, at TEXT NOT NULL, weight TEXT,
    ruling TEXT, note TEXT NOT NULL, PRIMARY KEY (reviewer, branch, change)
) WITHOUT ROWID;
CREATE INDEX reviews_of ON reviews (branch);
CREATE INDEX reviews_on ON reviews (change);
CREATE TABLE review_tips (ref TEXT PRIMARY KEY, tip TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
""",
)

CHANGES = ("labels", "words", "changes")  # a change has a row in each of them


def forget_changes(db: sqlite3.Connection, where: str, values: tuple[object, ...]) -> None:
    """Take the changes that answer to a condition out of the list, the labels and the search."""
    for table in CHANGES:
        key = "rowid" if table == "words" else "id"
        chosen = f"SELECT id FROM changes WHERE {where}"  # noqa: S608 - conditions of ours, with question marks
        db.execute(f"DELETE FROM {table} WHERE {key} IN ({chosen})", values)  # noqa: S608 - names from above


def forget_texts(db: sqlite3.Connection, branch: str) -> None:
    """An article goes. A word cannot be taken out of an index that keeps no text, so it is begun anew."""
    if db.execute("SELECT 1 FROM texts WHERE branch = ?", (branch,)).fetchall():
        empty_texts(db)


def empty_texts(db: sqlite3.Connection) -> None:
    """Forget all words."""
    db.execute("INSERT INTO lines (lines) VALUES ('delete-all')")
    for table in ("texts", "searched"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above


def forget_made(db: sqlite3.Connection) -> None:
    """Forget the reports, the words of texts, and whatever is of no article that is listed."""
    for table in ("reports", *CHANGES):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
    db.execute("UPDATE articles SET reported_tip = NULL")
    for table in ("aliases", "commits"):
        db.execute(f"DELETE FROM {table} WHERE branch NOT IN (SELECT branch FROM articles)")  # noqa: S608 - as above
    empty_texts(db)


def is_complete(db: sqlite3.Connection) -> bool:
    """Has all of the store been looked at?"""
    return db.execute("SELECT 1 FROM facts WHERE name = 'complete'").fetchone() is not None


def mark_complete(db: sqlite3.Connection) -> None:
    """All of the store has been looked at: from now on only what changes is."""
    db.execute("INSERT OR REPLACE INTO facts VALUES ('complete', '1')")
