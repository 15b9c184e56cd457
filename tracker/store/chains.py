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
        sides = (self.commits[self.tip], parse_commit(own.id, own.data))
        join = join_commit(sides, self.commits[self.tip].tree, IDENTITY)
        return [own, join], join.id

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
