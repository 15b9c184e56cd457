"""The reviews of a store: one ref a reviewer and article, one writer each, so that nothing ever has to merge.

A ref names a chain of commits, one for each time that somebody reviewed. Everybody's together are the view; the index
keeps it for lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tracker.store.commits import one_line
from tracker.store.index import Index
from tracker.store.objects import Person, Stamp, blob, commit, tree
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import Refresher
from tracker.store.reviews import COLUMNS, FILE, REVIEWS, Review, Ruling, Weight, check, line_of, read_reviews, read_row
from tracker.store.writer import Moved, Writer


class Reviews:
    """The reviews of a store."""

    def __init__(self, writer: Writer, reader: Reader, index: Index, refresher: Refresher) -> None:
        self._writer = writer
        self._reader = reader
        self._index = index
        self._refresher = refresher

    def put(self, reviews: Iterable[Review], signature: Person | None = None) -> None:
        """Keep reviews, each in place of its reviewer's earlier word on the same change; durable when this returns.

        `signature` signs the commits, the reviewer's name unless given. Raises UsageError for a name or a note that
        cannot be kept, StoreError and StoreBusy as every write.
        """
        chains: dict[tuple[str, str], list[Review]] = {}
        for each in reviews:
            check(each)
            chains.setdefault((each.reviewer, each.branch), []).append(each)
        for (reviewer, branch), new in chains.items():
            self._put(reviewer, branch, new, signature or Person(reviewer, f"{reviewer}@localhost.invalid"))

    def _put(self, reviewer: str, branch: str, new: list[Review], signature: Person) -> None:
        ref = f"{REVIEWS}{reviewer}/{branch}"
        while True:
            tip = self._reader.tip(ref)
            known = {each.change: each for each in self._read(ref, tip)}
            words = known | {each.change: each for each in new}
            if words == known:
                return
            file = blob("".join(line_of(words[change]) for change in sorted(words)).encode("ascii"))
            folder = tree([(FILE, file.id)])
            stamp = Stamp(signature, int(max(each.at for each in new).timestamp()))
            message = f"{_said(new)}\n\nKind: review\nReviewer: {reviewer}\n"
            made = commit(folder.id, (tip,) if tip else (), stamp, stamp, message)
            try:
                self._writer.write(
                    [file, folder, made], [RefMove(ref, made.id, tip)], after=lambda: self._refresher.ref(ref)
                )
            except Moved:
                continue
            return

    def _read(self, ref: str, tip: str | None) -> list[Review]:
        data = self._reader.blob(f"{tip}:{FILE}") if tip else None
        return read_reviews(ref, data or b"")

    # --- the view -------------------------------------------------------------------------------------------

    def of(self, branch: str) -> list[Review]:
        """Everybody's reviews of an article's changes, the latest first."""
        return self._rows("branch = ?", branch)

    def on(self, changes: Iterable[str]) -> dict[str, list[Review]]:
        """Everybody's reviews of these changes, by change, the latest first."""
        found: dict[str, list[Review]] = {}
        for each in self._rows("change IN (SELECT value FROM json_each(?))", json.dumps(list(changes))):
            found.setdefault(each.change, []).append(each)
        return found

    def all(self) -> list[Review]:
        """Everybody's reviews, the latest first."""
        return self._rows("1")

    def counts(self, reviewer: str) -> Mapping[str, int]:
        """How many changes a reviewer has "seen", and how many bear each weight and ruling of theirs."""
        query = "SELECT weight, ruling, count(*) FROM reviews WHERE reviewer = ? GROUP BY weight, ruling"
        counts = dict.fromkeys(("seen", *Weight, *Ruling), 0)
        for weight, ruling, count in self._index.run(lambda db: db.execute(query, (reviewer,)).fetchall()):
            for name in filter(None, ("seen", weight, ruling)):
                counts[name] += count
        return counts

    def _rows(self, where: str, *values: object) -> list[Review]:
        query = f"SELECT {', '.join(COLUMNS)} FROM reviews WHERE {where} ORDER BY at DESC, reviewer, change"  # noqa: S608 - fixed text
        return [read_row(row) for row in self._index.run(lambda db: db.execute(query, values).fetchall())]


def _said(new: list[Review]) -> str:
    """The subject of a commit: "silent-edit, important: 0123456789abcdef", "3 changes reviewed"."""
    if len(new) > 1:
        return f"{len(new)} changes reviewed"
    words = ", ".join(filter(None, (new[0].ruling, new[0].weight))) or "seen"
    return one_line(f"{words}: {new[0].change}")
