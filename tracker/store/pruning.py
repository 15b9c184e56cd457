"""Removes old pages as they came, by somebody's decision; texts stay as they are.

`refs/raw` alone is written anew: the same commits in the same order, each with what it said. One whose page goes says
so in a further line, and its capture.json keeps all that it held and says when and why. No text commit names a page's
commit, so none changes, and neither does a seal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.errors import StoreError
from tracker.store.chains import Key, capture_key
from tracker.store.commits import Commit, Kind, moment, one_line, trailers
from tracker.store.history import History, depths_of
from tracker.store.index import Index
from tracker.store.objects import GitObject, blob, moved_commit, tree
from tracker.store.pages import FACTS, Pruned, pruned
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, Refresher
from tracker.store.removal import Removed, removing, take_out
from tracker.store.repository import Repository
from tracker.store.writer import Moved, Writer

PRUNED_AT = "Pruned-At"


@dataclass(frozen=True, slots=True)
class Prunable:
    """The pages of one branch that are old enough to go: how many, and their size as they came."""

    branch: str
    pages: int
    bytes: int


class Pruner:
    """Finds old pages, and removes them."""

    def __init__(
        self, repository: Repository, writer: Writer, reader: Reader, index: Index, refresher: Refresher
    ) -> None:
        self._repository = repository
        self._writer = writer
        self._reader = reader
        self._index = index
        self._refresher = refresher

    def plan(self, histories: Iterable[History], before: datetime) -> list[Prunable]:
        """What would go of these articles: pages captured before a time, the page of the newest snapshot never."""
        found = []
        for history in histories:
            for branch in self._index.branches_of(history.branch):
                sizes = [self._size(each.revision) for each in self._old(branch, history, before)]
                if sizes:
                    found.append(Prunable(branch, len(sizes), sum(sizes)))
        return found

    def prune(
        self, histories: Iterable[History], before: datetime, decision: str, told: Callable[[Prunable], object]
    ) -> Removed:
        """Remove them, tell of each branch when it is done, and take the pages out of the repository.

        Raises StoreBusy, StoreError.
        """
        how = Pruned(datetime.now(UTC), one_line(decision))
        with removing(self._repository):
            for history in histories:
                for row in self.plan([history], before):
                    self._rewrite(row.branch, history, before, how)
                    told(row)
            self._reader.close()  # git keeps open what it has read from
            return take_out(self._repository)

    def _old(self, branch: str, history: History, before: datetime) -> list[Commit]:
        """The raw commits of the captures whose pages go. What this store needs to read its newest snapshot stays."""
        self._refresher.article(branch, pages=True)
        limit: Key = (before, "")
        if history.newest:
            limit = min(limit, history.newest.key)
        commits = self._index.commits(branch, "raw").values()
        return [each for each in commits if (key := capture_key(each)) and key < limit and not is_pruned(each)]

    def _size(self, revision: str) -> int:
        with suppress(ValueError, KeyError, TypeError):
            return int(json.loads(self._facts(revision))["bytes"])
        return 0

    def _facts(self, revision: str) -> bytes:
        found = self._reader.blob(f"{revision}:{FACTS}")
        if found is None:
            raise StoreError(f"{revision[:12]} in {self._repository.path} has no {FACTS}; run `tracker doctor`")
        return found

    def _rewrite(self, branch: str, history: History, before: datetime, how: Pruned) -> None:
        """Write the chain anew and move the ref; once more where it has grown meanwhile."""
        while True:
            going = {each.revision for each in self._old(branch, history, before)}
            commits = self._index.commits(branch, "raw")
            tip = next(iter(commits.keys() - {parent for each in commits.values() for parent in each.parents}))
            objects, place = self._rewritten(commits, going, how)
            try:
                self._writer.write(
                    objects,
                    [RefMove(RAW + branch, place[tip], tip)],
                    after=lambda: self._refresher.article(branch, pages=True),
                )
            except Moved:
                continue
            return

    def _rewritten(
        self, commits: dict[str, Commit], going: set[str], how: Pruned
    ) -> tuple[list[GitObject], dict[str, str]]:
        """The new objects, and where each commit went: old id -> new id."""
        objects: list[GitObject] = []
        place: dict[str, str] = {}
        trees: dict[str, str] = {}
        depths = depths_of(commits)
        for each in sorted(commits.values(), key=lambda one: depths[one.revision]):
            if each.revision in going:
                facts = blob(pruned(self._facts(each.revision), how))
                listing = tree([(FACTS, facts.id)])
                objects += [facts, listing]
                trees[each.tree] = listing.id
            made = self._anew(each, trees.get(each.tree, each.tree), place, how if each.revision in going else None)
            place[each.revision] = made.id
            objects.append(made)
        return objects, place

    def _anew(self, old: Commit, tree_id: str, place: dict[str, str], how: Pruned | None) -> GitObject:
        """A commit with another tree and other parents; all else is as it was."""
        found = self._reader.get(old.revision)
        if found is None:
            raise StoreError(f"commit {old.revision} is missing in {self._repository.path}; run `tracker doctor`")
        parents = [place[parent] for parent in old.parents]
        if trailers(old.message).get("Kind") == [Kind.JOIN]:
            parents.sort()  # as every join's are
        said = f"{PRUNED_AT}: {moment(how.at)}\n" if how else ""
        return moved_commit(found[2], tree_id, parents, said)


def is_pruned(commit: Commit) -> bool:
    """Does this raw commit say that its page was removed?"""
    return PRUNED_AT in trailers(commit.message)
