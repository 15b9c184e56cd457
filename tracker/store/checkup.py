"""What a store stands on: the clock, the disk, the programs; and what waits in it for a person or for `gc`."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.store.commits import moment, parse_moment
from tracker.store.index import Index
from tracker.store.maintenance import Holdings, holdings
from tracker.store.pruning import PRUNED_AT
from tracker.store.reader import Reader
from tracker.store.refresh import Refresher
from tracker.store.repository import Repository, open_repository
from tracker.store.state import State

STALE = timedelta(days=30)  # a page that was held back so long ago has been forgotten
LEAST_FREE_BYTES = 64 << 20
LEAST_FREE_FILES = 10_000
CLOCK_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that is not as it should be. `mended` says that it is so no longer; a `minor` one can wait."""

    what: str
    remedy: str
    mended: bool = False
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """What a store holds, and its size in bytes on the disk. `pruned` are pages that were removed by decision."""

    articles: int
    deleted: int
    snapshots: int
    pruned: int
    held_back: int
    holdings: Holdings
    databases_bytes: int
    free_bytes: int
    git: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A store under examination: its parts, opened without the conditions that `open_store` makes."""

    repository: Repository
    reader: Reader
    index: Index
    refresher: Refresher
    state: State

    @classmethod
    def at(cls, path: Path) -> Patient:
        """The store at `path`. Raises NotAStore, and StoreError where it cannot be used or is not to be trusted."""
        repository = open_repository(path, create=False)
        reader = Reader(repository)
        index = Index(path / "index.sqlite", refill=lambda: refresher.store(None))
        refresher = Refresher(repository, reader, index)
        state = State(path / "state.sqlite", has_snapshots=lambda: not index.is_empty())
        return cls(repository, reader, index, refresher, state)

    def close(self) -> None:
        """End its git processes and close its files."""
        for part in (self.state, self.index, self.reader):
            part.close()


def surroundings(patient: Patient) -> Iterator[Ailment]:
    """What is wrong around a store that is itself well."""
    now = datetime.now(UTC)
    yield from _disk(patient.repository)
    yield from _clock(patient.index, patient.state, now)
    yield from _programs(patient.refresher)
    yield from _waiting(patient, now)


def _disk(repository: Repository) -> Iterator[Ailment]:
    disk = os.statvfs(repository.path)
    free, packs = disk.f_bavail * disk.f_frsize, holdings(repository).pack_bytes
    if free < LEAST_FREE_BYTES:
        yield Ailment(f"the disk of the store has {free:,} bytes left", "free some space, or move the store")
    elif free < packs:
        yield Ailment(
            f"the disk of the store has {free:,} bytes left, and its packs of {packs:,} may need as much if made anew",
            "free some space before the next tracker gc",
            minor=True,
        )
    if disk.f_files > 0 and disk.f_favail < LEAST_FREE_FILES:
        yield Ailment(f"the disk of the store takes only {disk.f_favail:,} more files", "tracker gc")


def _clock(index: Index, state: State, now: datetime) -> Iterator[Ailment]:
    """Times ahead of this clock: it was set back, or another machine's is wrong."""
    captured = index.run(lambda db: db.execute("SELECT max(changed_at) FROM articles").fetchone()[0])
    checked = state.run(lambda db: db.execute("SELECT max(at) FROM checks").fetchone()[0])
    at = max(filter(None, (captured, checked)), default=None)
    if at and at > moment(now + CLOCK_SLACK):
        form = "%Y-%m-%dT%H:%M:%SZ"
        yield Ailment(
            f"the newest capture or check is of {parse_moment(at):{form}}, and this clock says {now:{form}}",
            "set the clock right; a capture made before then is stamped just after the newest, so the order stays",
        )


def _programs(refresher: Refresher) -> Iterator[Ailment]:
    if refresher.refs("refs/tags/seal"):
        for program, package in (("ssh-keygen", "OpenSSH 8.2 or newer"), ("openssl", "OpenSSL 3")):
            if shutil.which(program) is None:
                yield Ailment(
                    f"there are seals, and {program}, which verifies them, is not on the path", f"install {package}"
                )


def _waiting(patient: Patient, now: datetime) -> Iterator[Ailment]:
    found = holdings(patient.repository)
    if found.due:
        counts = f"{found.loose_objects:,} loose objects, {found.packs:,} packs, {found.loose_refs:,} loose refs"
        yield Ailment(f"the store is due to be packed: {counts}", "tracker gc", minor=True)
    if stale := [row for row in patient.index.quarantine() if now - row.newest_at > STALE]:
        yield Ailment(
            f"held back and waiting for a decision: {len(stale)}, the oldest since {stale[-1].newest_at:%Y-%m-%d}",
            "tracker quarantine list",
            minor=True,
        )


def overview(path: Path) -> Overview:
    """What the store at `path` holds. Raises as `Patient.at`."""
    patient = Patient.at(path)
    try:
        return _overview(patient)
    finally:
        patient.close()


def _overview(patient: Patient) -> Overview:
    def counts(db: sqlite3.Connection) -> tuple[int, int, int]:
        living = "SELECT count(*), coalesce(sum(snapshots), 0) FROM articles WHERE snapshots > 0"
        pruned = f"SELECT count(*) FROM commits WHERE side = 'raw' AND instr(message, '\n{PRUNED_AT}: ')"  # noqa: S608 - fixed text
        articles, snapshots = db.execute(living).fetchone()
        return articles, snapshots, db.execute(pruned).fetchone()[0]

    repository, path = patient.repository, patient.repository.path
    articles, snapshots, pruned = patient.index.run(counts)
    disk = os.statvfs(path)
    return Overview(
        articles=articles,
        deleted=len(patient.index.deleted()),
        snapshots=snapshots,
        pruned=pruned,
        held_back=len(patient.index.quarantine()),
        holdings=holdings(repository),
        databases_bytes=sum(file.stat().st_size for file in path.glob("*.sqlite")),
        free_bytes=disk.f_bavail * disk.f_frsize,
        git=".".join(map(str, repository.start().version_info)),
    )
