"""The history of one article in capture order, and every way in which a person names a point of it. Pure.

Commit order is the order of arrival, capture order the order of truth: captures may arrive in any order of time and
the history comes out the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from tracker.errors import NotFound, UsageError
from tracker.model import Lens
from tracker.store.commits import Commit, Entry, Kind, entry

_REV_BACK = re.compile(r"latest~(\d+)")
_REV_NUMBER = re.compile(r"@(\d+)")
_REV_HEX = re.compile(r"[0-9a-f]{7,40}")
_REV_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class History:
    """One article's entries in capture order.

    `tip` is what a write must still find. `entries` are all but joins, `snapshots` the ones that people see: a capture
    whose text is that of the one before it is kept but not shown. `seen_since` of a snapshot is the latest of its own
    trailer and of the captures before it.
    """

    branch: str
    tip: str
    entries: tuple[Entry, ...]
    snapshots: tuple[Entry, ...]

    @property
    def captures(self) -> tuple[Entry, ...]:
        """All snapshots of the store, also those that are not shown."""
        return tuple(each for each in self.entries if each.kind is Kind.SNAPSHOT)

    @property
    def tombstone(self) -> Entry | None:
        """What is left of an article that was deleted."""
        return next((each for each in self.entries if each.kind is Kind.TOMBSTONE), None)

    @property
    def aliases(self) -> frozenset[str]:
        """Every address that led to the article, as identities."""
        return frozenset(alias for each in self.entries for alias in each.aliases)

    @property
    def url(self) -> str:
        """The article's address as the newest entry has it."""
        return next((each.url for each in reversed(self.entries) if each.url), "")

    @property
    def newest(self) -> Entry | None:
        """The newest snapshot that people see."""
        return self.snapshots[-1] if self.snapshots else None

    @property
    def last_event(self) -> Entry | None:
        """The newest of gone, moved, back, if no snapshot is newer: what has become of the article."""
        last = next((each for each in reversed(self.entries) if each.kind is not Kind.REREAD), None)
        return last if last and last.kind is not Kind.SNAPSHOT else None

    def readings(self, snapshot: Entry) -> tuple[Entry, ...]:
        """The snapshot and its rereads, in the order in which they were made."""
        return tuple(each for each in self.entries if each.key == snapshot.key and each.lens is not None)

    def reread_of(self, snapshot: Entry, lens: Lens | None = None) -> Entry | None:
        """The newest reread of a snapshot (through `lens`, if one is named), None where there is none."""
        rereads = (each for each in reversed(self.readings(snapshot)) if each.kind is Kind.REREAD)
        return next((each for each in rereads if lens is None or each.lens == lens), None)

    def alike(self, a: Entry, b: Entry) -> tuple[Entry, Entry] | None:
        """Readings of two snapshots through one lens, None where they share none.

        Of several lenses the first of `b` by which their texts differ: two machines that read both may know of
        different furniture, and what either of them sees is to be seen. For `a` stands the capture right before `b`
        where that is not shown, as it has the text of `a`.
        """
        last = next((each for each in reversed(self.captures) if each.key < b.key), a)
        hidden = last not in self.snapshots and self.before(b) == a
        through = {each.lens: each for each in (*(self.readings(last) if hidden else ()), *self.readings(a))}
        shared = [(through[each.lens], each) for each in self.readings(b) if each.lens in through]
        return next((pair for pair in shared if pair[0].tree != pair[1].tree), shared[0] if shared else None)

    def live_time(self, now: datetime) -> datetime:
        """The time of a capture made now: at least a microsecond after the newest entry, whatever the clock says."""
        if not self.entries:
            return now
        return max(now, self.entries[-1].captured_at + timedelta(microseconds=1))

    def before(self, snapshot: Entry) -> Entry | None:
        """The snapshot that people see before this one."""
        earlier = [each for each in self.snapshots if each.key < snapshot.key]
        return earlier[-1] if earlier else None

    def last_before(self, at: datetime) -> Entry | None:
        """The newest snapshot that was captured before a time."""
        return next((each for each in reversed(self.snapshots) if each.captured_at < at), None)

    def resolve(self, rev: str) -> Entry:
        """The entry that a REV names: latest, first, latest~1, @2, a date with or without a time, 7 or more hex digits.

        A date names the last snapshot captured at or before it, to the end of the day, minute or second that was
        given; UTC unless a zone is said. Raises NotFound, and UsageError for what is no REV or names several entries.
        """
        text = rev.strip()
        if text == "latest":
            return self._at(0, rev)
        if text == "first":
            return self._at(len(self.snapshots) - 1, rev)
        if found := _REV_BACK.fullmatch(text):
            return self._at(int(found[1]), rev)
        if found := _REV_NUMBER.fullmatch(text):
            return self._at(len(self.snapshots) - int(found[1]), rev)
        if found := _REV_TIME.fullmatch(text):
            return self._last_until(_end_of(rev, *found.groups()), rev)
        if _REV_HEX.fullmatch(text.lower()):
            return self._revision(text.lower(), rev)
        raise UsageError(f"{rev!r} names no snapshot; use latest, first, latest~1, @2, 2015-05-31T15:13 or a revision")

    def _at(self, back: int, rev: str) -> Entry:
        if not 0 <= back < len(self.snapshots):
            raise NotFound(f"{self.branch} has no snapshot {rev}; {self._extent()}")
        return self.snapshots[len(self.snapshots) - 1 - back]

    def _last_until(self, end: datetime, rev: str) -> Entry:
        if (found := self.last_before(end)) is None:
            raise NotFound(f"{self.branch} has no snapshot at or before {rev}; {self._extent()}")
        return found

    def _revision(self, digits: str, rev: str) -> Entry:
        found = [each for each in self.entries if each.revision.startswith(digits)]
        if not found:
            raise NotFound(f"{self.branch} has no revision {rev}; {self._extent()}")
        if len(found) > 1:
            raise UsageError(f"{rev} is the start of {len(found)} revisions of {self.branch}; give more digits")
        return found[0]

    def _extent(self) -> str:
        if not self.snapshots:
            return "it has no snapshots"
        first, last = (f"{each.captured_at:%Y-%m-%dT%H:%M:%SZ}" for each in (self.snapshots[0], self.snapshots[-1]))
        if len(self.snapshots) == 1:
            return f"its only one is of {first}"
        return f"it has {len(self.snapshots)}, from {first} (@1) to {last} (@{len(self.snapshots)})"


def _end_of(rev: str, day: str, minute: str | None, second: str | None, part: str | None, zone: str | None) -> datetime:
    """The first moment after the day, minute, second or part of a second that was named."""
    try:
        if minute is None:
            start = datetime.combine(date.fromisoformat(day), datetime.min.time())
            step = timedelta(days=1)
        else:
            start = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{(part or '.')[:7]:0<7}")
            step = timedelta(microseconds=1) if part else timedelta(seconds=1) if second else timedelta(minutes=1)
        offset = datetime.strptime(zone, "%z").tzinfo if zone else UTC
        return start.replace(tzinfo=offset).astimezone(UTC) + step
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{rev!r} is not a date; write it as 2015-05-31 or 2015-05-31T15:13+02:00") from error


def build(branch: str, tip: str, commits: Mapping[str, Commit]) -> History:
    """The history from the commits reachable from a tip, by revision."""
    return assemble(branch, tip, chain_entries(commits))


def chain_entries(commits: Mapping[str, Commit]) -> list[tuple[Entry, int]]:
    """The entries of one branch, each with its depth: the longest way to a root, by which rereads are ordered."""
    depths = depths_of(commits)
    return [(found, depths[found.revision]) for each in commits.values() if (found := entry(each))]


def assemble(branch: str, tip: str, entries: Iterable[tuple[Entry, int]]) -> History:
    """Sort entries of one or several branches of an article into capture order, and find out what is shown."""
    ranked = sorted(entries, key=lambda pair: (*pair[0].key, _RANK[pair[0].kind], pair[1], pair[0].revision))
    unique: dict[tuple[datetime, str], Entry] = {}
    ordered: list[Entry] = []
    for each, _ in ranked:
        if each.kind is Kind.SNAPSHOT and unique.setdefault(each.key, each) is not each:
            # The same capture from another machine: one snapshot, and a further reading of it.
            ordered.append(replace(each, kind=Kind.REREAD))
            continue
        ordered.append(each)
    settled = _with_seen_since(ordered)
    return History(branch, tip, settled, _shown(settled))


_RANK = {Kind.SNAPSHOT: 0, Kind.REREAD: 1, Kind.GONE: 2, Kind.MOVED: 3, Kind.BACK: 4, Kind.TOMBSTONE: 5}


def _with_seen_since(entries: list[Entry]) -> tuple[Entry, ...]:
    """Each snapshot with the last look before it.

    Every capture was a look, and so was every check that a trailer names; whatever a look found, had it been new, would
    be a snapshot of its own. So a look counts for the snapshot after it, in whatever order the two arrived.
    """
    looks = sorted(
        at
        for each in entries
        if each.kind is Kind.SNAPSHOT
        for at in (each.captured_at, each.seen_since)
        if at is not None
    )
    settled: list[Entry] = []
    for each in entries:
        if each.kind is Kind.SNAPSHOT:
            place = bisect_left(looks, each.captured_at)
            last = looks[place - 1] if place else None
            settled.append(each if each.seen_since == last else replace(each, seen_since=last))
        else:
            settled.append(each)
    return tuple(settled)


def _shown(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The snapshots whose text differs from that of the one before.

    Texts are compared as read through one lens where both have been, for what we learned is not what they changed.
    """
    trees: dict[tuple[datetime, str], dict[Lens, str]] = {}
    for each in entries:
        if each.lens is not None:
            trees.setdefault(each.key, {})[each.lens] = each.tree
    shown: list[Entry] = []
    previous: Entry | None = None
    for each in entries:
        if each.kind is not Kind.SNAPSHOT:
            continue
        if previous is None or not _same_text(previous, each, trees[previous.key], trees[each.key]):
            shown.append(each)
        previous = each
    return tuple(shown)


def _same_text(before: Entry, after: Entry, old: Mapping[Lens, str], new: Mapping[Lens, str]) -> bool:
    shared = old.keys() & new.keys()
    if shared:
        return all(old[lens] == new[lens] for lens in shared)
    return before.tree == after.tree


def depths_of(commits: Mapping[str, Commit]) -> dict[str, int]:
    """The longest way from each commit to a root, without recursion: histories are long."""
    depths: dict[str, int] = {}
    for start in commits:
        stack = [start]
        while stack:
            parents = [parent for parent in commits[stack[-1]].parents if parent in commits]
            waiting = [parent for parent in parents if parent not in depths]
            if waiting:
                stack.extend(waiting)
            else:
                depths[stack.pop()] = 1 + max((depths[parent] for parent in parents), default=0)
    return depths
