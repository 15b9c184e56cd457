"""Copies a store that is in use into another folder, which is then a store like it. Run again, it sends what is new.

The copy holds together at every moment: objects come first, then all refs change at once, and state.sqlite is never
newer than the texts, or a check would stand beside a text that it did not see.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import StoreBusy, StoreError, UsageError
from tracker.store.commits import Kind, parse_commit, trailers
from tracker.store.flushing import flush, flush_folder
from tracker.store.locks import locked
from tracker.store.packing import lines_of, send
from tracker.store.reader import Reader
from tracker.store.refresh import TEXT
from tracker.store.removal import interrupted, removing, settle, take_out
from tracker.store.repository import Repository, open_repository, refusal
from tracker.store.state import State

MARK = "backup.json"
_PASSED_OVER = ("refs/incoming/", "refs/tracker/import")  # what is on its way in


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup came to: how many refs it holds, how many of them moved, how many objects were sent."""

    refs: int
    moved: int
    objects: int


class Backup:
    """Backs one store up."""

    def __init__(self, repository: Repository, reader: Reader, state: State) -> None:
        self._repository = repository
        self._reader = reader
        self._state = state

    def write(self, folder: Path) -> BackedUp:
        """Bring the backup in `folder` up to what the store holds now; it is made where there is none.

        Raises UsageError where something else is there, or the backup of another store; StoreBusy; StoreError.
        """
        self._refuse_inside(folder)
        try:
            with _held(folder):
                return self._write(folder)
        except OSError as error:
            raise refusal(error, folder) from error

    def _refuse_inside(self, folder: Path) -> None:
        ours, theirs = self._repository.path.resolve(), folder.resolve()
        if theirs == ours or ours in theirs.parents:
            raise UsageError(f"{folder} lies in the store itself; name a folder elsewhere, best on another disk")

    def _write(self, folder: Path) -> BackedUp:
        copy = open_repository(folder, create=True)
        before = copy.refs()
        _refuse_changed(folder, before)
        # State first: a check that is newer than the texts would speak of a text that is not there.
        self._copy_state(folder)
        wanted = {ref: tip for ref, tip in self._repository.refs().items() if not ref.startswith(_PASSED_OVER)}
        gone = {tip for tip in set(before.values()) - set(wanted.values()) if self._reader.get(tip) is None}
        self._refuse_loss(folder, before, wanted, gone)
        sent = self._send(copy, wanted, set(before.values()) - gone)
        left = interrupted(copy)
        with removing(copy) if gone else nullcontext():
            if before != wanted:
                _mark(folder, before, wanted)
                _write_refs(copy, wanted)
            _put_state(folder)
            if gone or left:  # deleted or pruned in the store, so in its backup too
                take_out(copy)
        settle(left)
        return BackedUp(len(wanted), sum(before.get(ref) != tip for ref, tip in wanted.items()), sent)

    def _copy_state(self, folder: Path) -> None:
        draft = folder / "state.sqlite.new"
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as copy:
            self._state.run(lambda db: db.backup(copy))
        with draft.open("rb") as file:
            flush(file.fileno())

    def _refuse_loss(self, folder: Path, before: Mapping[str, str], wanted: Mapping[str, str], gone: set[str]) -> None:
        """A backup is not written over by a store that lacks what it holds: another store, or one that lost it."""
        texts = {ref: tip for ref, tip in before.items() if ref.startswith(TEXT)}
        moved = {
            ref: tip for ref, tip in texts.items() if wanted.get(ref) != tip and not self._is_tombstone(wanted, ref)
        }
        lost = [ref for ref, tip in moved.items() if ref not in wanted or tip in gone]
        if not lost and moved:
            given = [*moved.values(), *(f"^{wanted[ref]}" for ref in moved)]
            lost = list(lines_of(self._repository, "rev-list", "--stdin", given=given))
        if lost:
            raise StoreError(
                f"{folder} holds what {self._repository.path} does not ({lost[0]}, {len(lost)} in all): it is the "
                "backup of another store, or this store has lost it; name another folder, and look at both"
            )

    def _is_tombstone(self, wanted: Mapping[str, str], ref: str) -> bool:
        found = self._reader.get(wanted[ref]) if ref in wanted else None
        return found is not None and trailers(parse_commit(found[0], found[2]).message).get("Kind") == [Kind.TOMBSTONE]

    def _send(self, copy: Repository, wanted: Mapping[str, str], known: set[str]) -> int:
        """The objects that the copy lacks, as one pack; how many. All that the refs need is then there: looked up."""
        given = [*dict.fromkeys(wanted.values()), *(f"^{tip}" for tip in known)]
        lines = lines_of(self._repository, "rev-list", "--objects", "--stdin", given=given)
        names = {line[:40]: line[41:] for line in lines}
        if names:
            send(self._repository, names, copy)
            list(lines_of(copy, "rev-list", "--objects", "--quiet", "--stdin", given=given))
        return len(names)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder, and let nobody else write the same backup. What is no backup is not touched."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(f"{folder} is not empty and no backup; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    with locked(Repository(folder), "backup.lock", wait=False) as ours:
        if not ours:
            raise StoreBusy(f"{folder} is being written by another backup; nothing to do")
        yield


def _refuse_changed(folder: Path, refs: Mapping[str, str]) -> None:
    """Somebody may have gone on with a backup as a store: then it is one, and is not written over."""
    known = json.loads((folder / MARK).read_text("utf-8") or "{}").get("refs")
    if known and _digest(refs) not in known:
        raise StoreError(
            f"{folder} has been written to since it was made: it is a store of its own; name another folder"
        )


def _mark(folder: Path, *states: Mapping[str, str]) -> None:
    """Say what the refs of the backup are, or will be in a moment."""
    draft = folder / f"{MARK}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"what": "written by tracker backup", "refs": [_digest(refs) for refs in states]}, file, indent=1)
        file.flush()
        flush(file.fileno())
    draft.replace(folder / MARK)
    flush_folder(folder)


def _digest(refs: Mapping[str, str]) -> str:
    lines = "".join(f"{tip} {ref}\n" for ref, tip in sorted(refs.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _write_refs(copy: Repository, refs: Mapping[str, str]) -> None:
    """All refs at once: git's file of packed refs, in place of the one before; a ref by itself would win over it."""
    draft = copy.git_dir / "packed-refs.new"
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(["# pack-refs with: sorted \n", *(f"{tip} {ref}\n" for ref, tip in sorted(refs.items()))])
        file.flush()
        flush(file.fileno())
    draft.replace(copy.git_dir / "packed-refs")
    flush_folder(copy.git_dir)
    for path in (copy.git_dir / "refs").rglob("*"):
        if path.is_file():
            path.unlink()


def _put_state(folder: Path) -> None:
    """The copy of state.sqlite takes its place; what a reader of the old one has left beside it goes first."""
    for name in ("state.sqlite-wal", "state.sqlite-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "state.sqlite.new").replace(folder / "state.sqlite")
    flush_folder(folder)
