"""Which articles ever held some words: a full-text index of every line that was new in a snapshot of its article.

It says where to look and no more: it keeps no text, so it is small, and what it names is then read and looked at. It
is filled when it is asked, so that writing does not wait for it.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence

from tracker.store.chains import capture_key
from tracker.store.index import Index
from tracker.store.packing import Progress
from tracker.store.reader import Reader
from tracker.text.codec import read_document

_AT_ONCE = 100  # articles that are taken in together
_TRIES = 20  # looks at articles that others change meanwhile
_WORD = re.compile(r"[^\W_]+")

_MOVED = (
    "SELECT branch, articles.tip FROM articles LEFT JOIN searched USING (branch) WHERE searched.tip IS NOT articles.tip"
)
_WITH_WORD = """shown_as IN (SELECT shown_as FROM texts JOIN articles USING (branch)
    WHERE texts.id IN (SELECT rowid FROM lines WHERE lines MATCH ?))"""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as the index has them: runs of letters and digits, without case and accents."""
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return tuple(_WORD.findall(unicodedata.normalize("NFC", plain).lower()))


class Search:
    """The words of every text of the store."""

    def __init__(self, index: Index, reader: Reader) -> None:
        self._index = index
        self._reader = reader

    def refresh(self, progress: Progress | None = None) -> None:
        """Take in the texts of articles that have moved; `progress` is told (done, all) articles."""
        for _ in range(_TRIES):
            moved = self._index.run(lambda db: db.execute(_MOVED).fetchall())
            for done in range(0, len(moved), _AT_ONCE):
                self._take_in(moved[done : done + _AT_ONCE])
                if progress:
                    progress(min(done + _AT_ONCE, len(moved)), len(moved))
            if not moved:
                break

    def _take_in(self, moved: Sequence[tuple[str, str]]) -> None:
        """Take in some articles, but for those that others have taken in, moved or made the index forget meanwhile."""
        known = {branch: self._known(branch) for branch, _ in moved}
        new = {branch: self._new_lines(branch, known[branch]) for branch, _ in moved}

        def work(db: sqlite3.Connection) -> None:
            for branch, tip in moved:
                there = db.execute("SELECT 1 FROM articles WHERE branch = ? AND tip = ?", (branch, tip)).fetchone()
                if not there or _trees(db, branch) != known[branch]:
                    continue
                for tree, lines in new[branch].items():
                    row = db.execute("INSERT INTO texts (branch, tree) VALUES (?, ?)", (branch, tree))
                    db.execute("INSERT INTO lines (rowid, line) VALUES (?, ?)", (row.lastrowid, _plain(lines)))
                db.execute("INSERT OR REPLACE INTO searched VALUES (?, ?)", (branch, tip))

        self._index.run(work, write=True)

    def _known(self, branch: str) -> set[str]:
        """The texts of an article that are taken in, by their trees."""
        return self._index.run(lambda db: _trees(db, branch))

    def _new_lines(self, branch: str, known: set[str]) -> dict[str, list[str]]:
        """Of each text that is not known yet, by its tree, the lines that no other of the article has given."""
        commits = self._index.commits(branch, "text").values()
        trees = dict.fromkeys(each.tree for each in commits if capture_key(each))
        if known.issuperset(trees):
            return {}
        texts = self._reader.many(f"{tree}:article.md" for tree in trees)
        lines = {name[:40]: text.decode("utf-8", "replace").split("\n") for name, (_, _, text) in texts.items()}
        seen = {line for tree in known & lines.keys() for line in lines[tree]}
        new: dict[str, list[str]] = {}
        for tree, its in lines.items():
            if tree not in known:
                new[tree] = [line for line in dict.fromkeys(its) if line and line not in seen]
                seen.update(new[tree])
        return new

    def holding(self, words: Iterable[str], host: str | None = None) -> list[str]:
        """The articles in which each of these words (of `words_of`) stood at some time, newest change first.

        They need not have stood there at the same time: that is to be looked up. `host` is as in branch names.
        """
        asked = [f'"{word}"' for word in words]
        where = " AND ".join([_WITH_WORD] * len(asked))
        query = (
            f"SELECT DISTINCT shown_as FROM articles WHERE {where} "  # noqa: S608 - conditions of ours, with question marks
            "AND (? IS NULL OR substr(branch, 1, length(?) + 1) = ? || '/') ORDER BY changed_at DESC, branch"
        )
        return [
            name for (name,) in self._index.run(lambda db: db.execute(query, (*asked, host, host, host)).fetchall())
        ]


def _trees(db: sqlite3.Connection, branch: str) -> set[str]:
    return {tree for (tree,) in db.execute("SELECT tree FROM texts WHERE branch = ?", (branch,))}


def _plain(lines: Sequence[str]) -> str:
    """Lines of article.md without marks and addresses of links."""
    try:
        return "\n".join(block.text for block in read_document("\n\n".join(lines) + "\n", "{}").blocks)
    except ValueError:  # a line alone is not what it was among the others
        return "\n".join(lines)
