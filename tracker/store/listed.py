"""Articles as rows: which of them answer to a query, and which branches are shown as one article."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.store.commits import parse_moment


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article in a list. `state` is gone, moved, back or tombstone where that is the last that happened."""

    branch: str
    url: str
    headline: str | None
    first_at: datetime | None  # capture time of the first snapshot
    changed_at: datetime | None  # capture time of the newest snapshot
    snapshots: int
    state: str | None


@dataclass(frozen=True, slots=True)
class ArticleQuery:
    """Which articles are wanted; what is None does not restrict. `host` is as in branch names, `names` are branches.

    All of `words` must stand in the headline or the address; `states`: only what is gone, moved and so on.
    """

    host: str | None = None
    words: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    states: tuple[str, ...] = ()
    limit: int | None = None
    skip: int = 0


def _article_conditions(wanted: ArticleQuery) -> tuple[str, list[object]]:
    where, values = ["1"], list[object]()
    if wanted.host:
        where.append("substr(shown_as, 1, length(?) + 1) = ? || '/'")
        values += [wanted.host, wanted.host]
    for word in wanted.words:
        where.append("instr(lower(coalesce(headline, '') || ' ' || url), lower(?))")
        values.append(word)
    for column, chosen in (("shown_as", wanted.names), ("state", wanted.states or None)):
        if chosen is not None:
            where.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608 - a column of ours
            values.append(json.dumps(chosen))
    return " AND ".join(where), values


def names_of(db: sqlite3.Connection, wanted: ArticleQuery) -> list[str]:
    """The names of the articles that answer to a query, newest change first; no more of the list is read than that."""
    where, values = _article_conditions(wanted)
    end = None if wanted.limit is None else wanted.skip + wanted.limit
    rows = db.execute(f"SELECT shown_as FROM articles WHERE {where} ORDER BY changed_at DESC, shown_as", values)  # noqa: S608 - conditions of ours, with question marks
    names: dict[str, None] = {}
    while (end is None or len(names) < end) and (row := rows.fetchone()):
        names[row[0]] = None
    rows.close()
    return list(names)[wanted.skip :]


def article_row(name: str, members: list[tuple[Any, ...]]) -> ArticleRow:
    """One row of branches that are shown as one; `members` newest change first."""
    firsts = [first for _, _, _, first, _, _, _ in members if first]
    _, url, headline, _, changed, _, state = members[0]
    return ArticleRow(
        branch=name,
        url=url,
        headline=headline,
        first_at=parse_moment(min(firsts)) if firsts else None,
        changed_at=parse_moment(changed) if changed else None,
        snapshots=sum(member[5] for member in members),
        state=state,
    )


def group(db: sqlite3.Connection, branch: str) -> set[str]:
    """All branches that share an address with this one, directly or through others."""
    found = {branch}
    waiting = [branch]
    query = "SELECT DISTINCT b.branch FROM aliases a JOIN aliases b ON b.alias = a.alias WHERE a.branch = ?"
    while waiting:
        new = {name for (name,) in db.execute(query, (waiting.pop(),))} - found
        found |= new
        waiting += new
    return found


def regroup(db: sqlite3.Connection, branch: str) -> None:
    """Show a branch and all that share an address with it under the name of the oldest."""
    members = sorted(group(db, branch))
    marks = ",".join("?" * len(members))
    query = f"SELECT branch FROM articles WHERE branch IN ({marks}) ORDER BY first_at IS NULL, first_at, branch"  # noqa: S608 - marks are question marks
    oldest = db.execute(query, members).fetchone()[0]
    db.execute(f"UPDATE articles SET shown_as = ? WHERE branch IN ({marks})", (oldest, *members))  # noqa: S608 - as above
