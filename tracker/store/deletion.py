"""Deletes an article for good: its text, pages, quarantine, reviews, and all that is listed or remembered of it.

What stays is a tombstone: a commit without parents and with an empty tree that says why. It keeps the addresses that
led to the article as digests, so that they are known when they come again, and cannot be read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from tracker.errors import StoreError
from tracker.store.commits import Facts, Kind, article_commit, entry, one_line, veiled
from tracker.store.index import Index
from tracker.store.maintenance import lone_head
from tracker.store.objects import GitObject, Person, tree
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import TEXT, Refresher
from tracker.store.removal import Removed, removing, take_out
from tracker.store.repository import Repository
from tracker.store.state import State
from tracker.store.state_copy import StateCopy
from tracker.store.writer import Moved, Writer


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion came to. `held_by` are refs of others that still reach the text: there it is not gone."""

    branches: tuple[str, ...]
    removed: Removed
    held_by: tuple[str, ...]


def finish(
    repository: Repository,
    writer: Writer,
    reader: Reader,
    index: Index,
    refresher: Refresher,
    state: State,
    copy: StateCopy,
) -> Removed:
    """Forget all that is known of deleted articles, and take out of the repository what no ref reaches.

    What a deletion or a pruning ends with, and what is left to do where one was interrupted.
    """
    while moves := _others(refresher, index.deleted()):
        with suppress(Moved):
            writer.write((), moves, after=partial(_tell, refresher, moves))
    for name in index.deleted():
        state.forget(name)
    copy.write()
    state.scrub()
    index.scrub()
    reader.close()  # git keeps open what it has read from
    return take_out(repository)


class Deleter:
    """Deletes articles."""

    def __init__(
        self,
        repository: Repository,
        writer: Writer,
        reader: Reader,
        index: Index,
        refresher: Refresher,
        state: State,
        copy: StateCopy,
        signature: Person,
    ) -> None:
        self._repository = repository
        self._writer = writer
        self._reader = reader
        self._index = index
        self._refresher = refresher
        self._state = state
        self._copy = copy
        self._signature = signature

    def delete(self, branches: Sequence[str], reason: str) -> Deletion:
        """Delete the article that these branches are (`Store.all_names`), or finish what was interrupted.

        A tombstone with the reason stays of each. Raises StoreError, StoreBusy.
        """
        self._refuse_old_copy()
        found = [tips.text for name in branches if (tips := self._refresher.article(name))]
        old = [tip for tip in found if not self._is_tombstone(tip)]
        with removing(self._repository):
            self._bury(branches, one_line(reason))
            removed = finish(
                self._repository, self._writer, self._reader, self._index, self._refresher, self._state, self._copy
            )
        return Deletion(tuple(branches), removed, self._held_by(old))

    def _refuse_old_copy(self) -> None:
        """As long as a lost state.sqlite was not restored, its copy is not written over, and would keep the article."""
        if self._state.awaits_copy and self._reader.tip("refs/tracker/state"):
            raise StoreError("state.sqlite was lost and not restored; first run `tracker doctor --restore-state`")

    def _bury(self, branches: Sequence[str], reason: str) -> None:
        """Move the text refs to tombstones, and drop all other refs of the article."""
        at = datetime.now(UTC)
        while True:
            written = [made for name in branches if (made := self._tombstone(name, reason, at))]
            objects = [tree(()), *(commit for _, commit, _ in written)]
            moves = [RefMove(TEXT + name, commit.id, tip) for name, commit, tip in written]
            moves += _others(self._refresher, branches)
            try:
                if moves:
                    self._writer.write(objects, moves, after=partial(_tell, self._refresher, moves))
            except Moved:
                continue
            return

    def _tombstone(self, branch: str, reason: str, at: datetime) -> tuple[str, GitObject, str] | None:
        """The branch, its tombstone and its tip; None where it has one already."""
        tips = self._refresher.article(branch)
        if tips is None:
            return None
        if self._is_tombstone(tips.text):
            return None
        commits = self._index.commits(branch, "text")
        led = {alias for each in commits.values() if (one := entry(each)) for alias in one.aliases}
        facts = Facts(Kind.TOMBSTONE, at, aliases=tuple(sorted(map(veiled, led))))
        said = f"deleted: {reason}"
        stone = article_commit(tree(()).id, (), said, facts, identity=self._signature, written=at)
        return branch, stone, tips.text

    def _is_tombstone(self, revision: str) -> bool:
        found = entry(self._refresher.commit(revision))
        return found is not None and found.kind is Kind.TOMBSTONE

    def _held_by(self, tips: Sequence[str]) -> tuple[str, ...]:
        """Refs that still reach one of the old tips, and HEAD where it names no branch and does."""
        git = self._repository.start()
        there = [tip for tip in tips if self._reader.get(tip)]
        listed = {ref for tip in there for ref in git.for_each_ref(contains=tip, format="%(refname)").split()}
        lone = lone_head(self._repository).values()
        alone = {"HEAD" for head in lone for tip in there if git.rev_list("-1", tip, f"^{head}") == ""}
        return tuple(sorted(listed | alone))


def _others(refresher: Refresher, branches: Collection[str]) -> list[RefMove]:
    """Drops all other refs of articles: their pages, quarantine, reviews of them, what was fetched of them."""
    names = {f"/{branch}" for branch in branches}
    found = refresher.refs() if names else {}
    return [
        RefMove(ref, None, old)
        for ref, old in found.items()
        if ref.removeprefix(_two_up(ref)) in names and _two_up(ref) != "refs/heads"
    ]


def _two_up(ref: str) -> str:
    """The part of a ref's name before its last two words, which are an article's."""
    return ref.rsplit("/", 2)[0]


def _tell(refresher: Refresher, moves: Sequence[RefMove]) -> None:
    for move in moves:
        refresher.ref(move.ref)
