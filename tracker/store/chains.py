"""Where a new commit goes: onto the tip, or beside an older capture and then joined. Pure but for the objects made.

Both sides of an article, text and raw, grow by the same rules.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.store.commits import Commit, join_commit, parse_commit, parse_moment, trailers
from tracker.store.objects import GitObject
from tracker.store.repository import IDENTITY

Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Chain:
    """One side of an article: the commit that its ref names, and all that are reachable from it."""

    tip: str | None
    commits: Mapping[str, Commit]

    def captures(self) -> dict[Key, list[Commit]]:
        """The commits of each capture, by its key: a snapshot, and the rereads of it."""
        found: dict[Key, list[Commit]] = {}
        for each in self.commits.values():
            if key := capture_key(each):
                found.setdefault(key, []).append(each)
        return found

    def grow(self, key: Key, make: Callable[[Sequence[str]], GitObject]) -> tuple[list[GitObject], str]:
        """The commits to write so that a capture stands on this chain, and the new tip.

        `make` makes the capture's own commit from its parents. The newest capture goes onto the tip. An older one
        forks from the newest before it (its last reread, so that neighbours were read alike), or starts at a root;
        it is then joined to the tip, under the tree of the tip, which is that of the newest capture.
        """
        captures = self.captures()
        if self.tip is None:
            own = make(())
            return [own], own.id
        if all(known <= key for known in captures):
            own = make((self.tip,))
            return [own], own.id
        earlier = max((known for known in captures if known <= key), default=None)
        own = make((self._last(captures[earlier]),) if earlier else ())
        side = Chain(own.id, {own.id: parse_commit(own.id, own.data)})
        join, chain = self.joined(side, self.commits[self.tip].tree)
        return [own, *join], chain.tip or own.id

    def holds(self, tip: str | None) -> bool:
        """Is all that a tip names here already?"""
        return tip is None or tip in self.commits

    def joined(self, other: Chain, tree: str) -> tuple[list[GitObject], Chain]:
        """This chain and another brought together under `tree`, that of the newest capture; the join, if it needs one.

        Where one of the two goes on from the other there is none: the longer one is both.
        """
        if self.holds(other.tip):
            return [], self
        if other.holds(self.tip):
            return [], other
        commits = {**self.commits, **other.commits}
        join = join_commit([commits[tip] for tip in (self.tip, other.tip) if tip], tree, IDENTITY)
        return [join], Chain(join.id, commits | {join.id: parse_commit(join.id, join.data)})

    def beside(
        self, rereads: Sequence[tuple[Key, Callable[[Sequence[str]], GitObject]]], tree: str
    ) -> tuple[list[GitObject], Chain]:
        """Captures of this chain read again: a chain of their own in capture order, joined to the tip under `tree`."""
        made: list[GitObject] = []
        for key, make in rereads:
            made.append(make((made[-1].id if made else self._last(self.captures()[key]),)))
        side = {each.id: parse_commit(each.id, each.data) for each in made}
        join, chain = self.joined(Chain(made[-1].id, side), tree)
        return [*made, *join], chain

    def _last(self, commits: Sequence[Commit]) -> str:
        """Of the commits of one capture that from which no other of them was made."""
        parents = {parent for each in commits for parent in each.parents}
        return min(each.revision for each in commits if each.revision not in parents)


@functools.lru_cache(maxsize=8192)
def capture_key(commit: Commit) -> Key | None:
    """The (captured at, raw SHA-256) that a snapshot, a reread or a raw commit names; None for all others."""
    facts = trailers(commit.message)
    try:
        return parse_moment(facts["Captured-At"][0]), facts["Raw-SHA256"][0]
    except (KeyError, ValueError):
        return None
