"""index.sqlite: everything that can be listed or searched. Derived from git; delete it at any time.

It holds each article's commits as they are (a cache of what git says, believed only while the tip is the same), the
addresses, one row an article for lists, and what the pipeline hands in for search: reports and their changes
(`reports.py`). The words of all texts are there when somebody has asked for them (`search.py`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tracker.store.commits import Commit, moment, parse_moment, veiled
from tracker.store.database import Damaged, Database
from tracker.store.listed import ArticleQuery, ArticleRow, article_row, group, names_of, regroup
from tracker.store.reviews import COLUMNS, REVIEWS, Review, row_of
from tracker.store.tables import PLAN, forget_changes, forget_made, forget_texts, is_complete, mark_complete

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tips:
    """The revisions that an article's two refs name."""

    text: str
    raw: str | None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A run of blocked pages of one article, of which the first and the newest are kept. `count` is of the checks."""

    branch: str
    url: str
    reason: str
    first_at: datetime
    newest_at: datetime
    revision: str
    count: int


@dataclass(frozen=True, slots=True)
class ReindexSummary:
    """What looking at the whole store came to. `changed` articles differed from what the index had.

    `damaged` articles, and refs of held back pages and of reviews, cannot be read, for the reason that stands with
    each: the index does not have them as they are. These articles are not among the `articles`.
    """

    articles: int
    changed: int
    vanished: int
    damaged: Mapping[str, str]


class Index:
    """What was last seen of the store. It fills itself through `refill` when it is new, was deleted or was damaged."""

    def __init__(self, path: Path, refill: Callable[[], ReindexSummary]) -> None:
        self._database = Database(path, PLAN)
        self._refill = refill
        self._filled = False
        self._filling = False

    def run(self, work: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        """Do some work on the whole index; other threads wait while it is filled."""
        with self._database.turn:
            try:
                self._fill()
                return self._database.run(work, write=write)
            except Damaged:
                self._filled = False
                self._fill()
                return self._database.run(work, write=write)

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Make one transaction of all that is written in a block; the call that is handed out commits it."""
        self.run(lambda db: db.execute("SELECT 1"))
        with self._database.held() as commit:
            yield commit

    def _fill(self) -> None:
        if self._filled or self._filling:
            return
        if self._database.run(is_complete):
            self._filled = True
        else:
            self._fill_through(self._refill)

    def _fill_through(self, refill: Callable[[], ReindexSummary]) -> ReindexSummary:
        self._filling = True
        try:
            result = refill()
        finally:
            self._filling = False
        if not result.damaged:  # else the next process looks again, and says so again
            self._database.run(mark_complete, write=True)
        self._filled = True
        return result

    def rebuild(self, refill: Callable[[], ReindexSummary]) -> ReindexSummary:
        """Forget what others have made of the store, and have `refill` put all articles anew; what it returned.

        Each article is replaced in one step, so that whoever reads meanwhile finds all of them, whole.
        """
        with self._database.turn:
            try:
                self._database.run(forget_made, write=True)
            except Damaged:
                self._filled = False  # it is empty already
            if not self._database.run(is_complete):
                return self._fill_through(refill)
        return refill()

    def scrub(self) -> None:
        """Leave nothing in the file of articles that were dropped."""
        self.run(lambda _: None)  # begun anew here, if it must be
        self._database.scrub()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.run(lambda db: db.execute(query, values).fetchall())

    # --- articles -------------------------------------------------------------------------------------------

    def tips(self, branch: str) -> Tips | None:
        """The tips of an article when it was last looked at."""
        return self.run(lambda db: _tips(db, branch))

    def all_tips(self) -> dict[str, Tips]:
        """The tips of all articles."""
        return {branch: Tips(tip, raw) for branch, tip, raw in self._rows("SELECT branch, tip, raw_tip FROM articles")}

    def commits(self, branch: str, side: str) -> dict[str, Commit]:
        """All commits of one side ("text", "raw") of an article, by revision."""
        query = "SELECT revision, tree, parents, seconds, message FROM commits WHERE branch = ? AND side = ?"
        return {
            revision: Commit(revision, tree, tuple(parents.split()), tuple(map(int, seconds.split())), message)
            for revision, tree, parents, seconds, message in self._rows(query, branch, side)
        }

    def put_article(
        self,
        row: ArticleRow,
        tips: Tips,
        aliases: Iterable[str],
        new: Iterable[tuple[str, Commit]],
        *,
        seen: Tips | None,
        whole: bool,
    ) -> bool:
        """Record what an article has become: its row, its addresses and its (side, commit)s.

        These are all if it is `whole`, else those that are new since the tips `seen`. False where the index does not
        have it at those tips any more (None: does not have it), for somebody else has recorded it meanwhile: then
        nothing is recorded.
        Articles that share an address are from then on shown as one, under the name of the older.
        """
        branch = row.branch
        commits = [
            (
                branch,
                side,
                each.revision,
                each.tree,
                " ".join(each.parents),
                " ".join(map(str, each.seconds)),
                each.message,
            )
            for side, each in new
        ]
        values = (tips.text, tips.raw, row.url, row.headline, *map(_moment, (row.first_at, row.changed_at)))

        def work(db: sqlite3.Connection) -> bool:
            if _tips(db, branch) != seen:
                return False
            if whole:
                db.execute("DELETE FROM commits WHERE branch = ?", (branch,))
                db.execute("DELETE FROM aliases WHERE branch = ?", (branch,))
            db.executemany("INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)", commits)
            db.executemany("INSERT OR IGNORE INTO aliases VALUES (?, ?)", [(alias, branch) for alias in aliases])
            db.execute(
                "INSERT INTO articles VALUES (?1, ?2, ?3, ?1, ?4, ?5, ?6, ?7, ?8, ?9, NULL) "
                "ON CONFLICT (branch) DO UPDATE SET tip = ?2, raw_tip = ?3, url = ?4, headline = ?5, first_at = ?6, "
                "changed_at = ?7, snapshots = ?8, state = ?9",
                (branch, *values, row.snapshots, row.state),
            )
            regroup(db, branch)
            return True

        return self.run(work, write=True)

    def drop_article(self, branch: str) -> None:
        """Forget an article whose branch is gone."""

        def work(db: sqlite3.Connection) -> None:
            others = group(db, branch) - {branch}
            forget_changes(db, "branch = ?", (branch,))
            forget_texts(db, branch)
            for table in ("articles", "aliases", "commits", "reports"):
                db.execute(f"DELETE FROM {table} WHERE branch = ?", (branch,))  # noqa: S608 - names from above
            for other in others:
                regroup(db, other)

        self.run(work, write=True)

    def articles(self, wanted: ArticleQuery) -> list[ArticleRow]:
        """The articles that answer to a query, newest change first."""
        rows = self._rows(
            "SELECT shown_as, url, headline, first_at, changed_at, snapshots, state FROM articles "
            "WHERE shown_as IN (SELECT value FROM json_each(?)) ORDER BY changed_at DESC, branch",
            json.dumps(self.run(lambda db: names_of(db, wanted))),
        )
        groups: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            groups.setdefault(row[0], []).append(row)
        return [article_row(name, members) for name, members in groups.items()]

    def is_empty(self) -> bool:
        """Is there no article at all?"""
        return not self._rows("SELECT 1 FROM articles LIMIT 1")

    def totals(self) -> tuple[int, int]:
        """How many articles there are, and how many snapshots of them."""
        ((articles, snapshots),) = self._rows("SELECT total(branch = shown_as), total(snapshots) FROM articles")
        return int(articles), int(snapshots)

    def version(self) -> tuple[int, int]:
        """Changes with whatever anybody writes into the index."""
        return self.run(lambda db: (db.execute("PRAGMA data_version").fetchone()[0], db.total_changes))

    def branches_of(self, branch: str) -> tuple[str, ...]:
        """All branches that are shown as one with this one, first the name that they are shown under."""
        query = (
            "SELECT branch FROM articles WHERE shown_as = (SELECT shown_as FROM articles WHERE branch = ?) "
            "ORDER BY branch <> shown_as, branch"
        )
        return tuple(name for (name,) in self._rows(query, branch))

    def by_alias(self, alias: str) -> str | None:
        """The article that an address led to, also one that was deleted."""
        query = (
            "SELECT shown_as FROM aliases JOIN articles USING (branch) WHERE alias IN (?, ?) "
            "ORDER BY first_at IS NULL, first_at, branch"
        )
        return next((name for (name,) in self._rows(query, alias, veiled(alias))), None)

    def deleted(self) -> list[str]:
        """The branches of which a tombstone alone is left."""
        return [name for (name,) in self._rows("SELECT branch FROM articles WHERE state = 'tombstone' ORDER BY branch")]

    def matching(self, part: str) -> list[str]:
        """The articles that have `part` in a name or an address, whatever the case."""
        query = (
            "SELECT DISTINCT shown_as FROM articles WHERE instr(lower(branch), lower(?1)) OR branch IN "
            "(SELECT branch FROM aliases WHERE instr(lower(alias), lower(?1))) ORDER BY shown_as"
        )
        return [name for (name,) in self._rows(query, part)]

    # --- quarantine -----------------------------------------------------------------------------------------

    def put_quarantine(self, row: QuarantineRow) -> None:
        """Record a run of blocked pages."""
        values = (row.branch, row.revision, row.url, row.reason, moment(row.first_at), moment(row.newest_at))
        self.run(
            lambda db: db.execute("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?)", values), write=True
        )

    def drop_quarantine(self, branch: str) -> None:
        """Forget a run of blocked pages."""
        self.run(lambda db: db.execute("DELETE FROM quarantine WHERE branch = ?", (branch,)), write=True)

    def quarantine(self) -> list[QuarantineRow]:
        """All runs of blocked pages, the newest first; `count` is 0, for the checks are counted elsewhere."""
        query = "SELECT branch, url, reason, first_at, newest_at, tip FROM quarantine ORDER BY newest_at DESC, branch"
        return [
            QuarantineRow(branch, url, reason, parse_moment(first), parse_moment(newest), tip, 0)
            for branch, url, reason, first, newest, tip in self._rows(query)
        ]

    # --- reviews --------------------------------------------------------------------------------------------

    def put_reviews(self, ref: str, tip: str | None, reviews: Iterable[Review]) -> None:
        """Record what one ref of reviews holds, in place of what was known of it; `tip` is None where it is gone."""
        reviewer, _, branch = ref.removeprefix(REVIEWS).partition("/")
        rows = [row_of(each) for each in reviews]
        marks = ", ".join("?" * len(COLUMNS))

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM reviews WHERE reviewer = ? AND branch = ?", (reviewer, branch))
            db.execute("DELETE FROM review_tips WHERE ref = ?", (ref,))
            if tip is not None:
                db.execute("INSERT INTO review_tips VALUES (?, ?)", (ref, tip))
                db.executemany(f"INSERT INTO reviews VALUES ({marks})", rows)  # noqa: S608 - marks are question marks

        self.run(work, write=True)

    def review_tips(self) -> dict[str, str]:
        """What each ref of reviews named when it was last looked at."""
        return dict(self._rows("SELECT ref, tip FROM review_tips"))


def _tips(db: sqlite3.Connection, branch: str) -> Tips | None:
    row = db.execute("SELECT tip, raw_tip FROM articles WHERE branch = ?", (branch,)).fetchone()
    return Tips(*row) if row else None


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
