"""Who is moving which refs: one small file a writer, locked for as long as the writer lives.

Git leaves `<ref>.lock` behind when it is killed, and refuses that ref from then on. A lock file of the kernel's own
kind (flock) goes away with its process, so a file here that nobody holds tells which `.lock` files a dead writer left:
those are swept at once. A lock that no file here names belongs to somebody else's git, and is left alone for ten
minutes.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import StoreBusy
from tracker.store.repository import Repository

FOREIGN_LOCK_SECONDS = 600
YOUNG_SECONDS = 0.5
_LONGEST = 1 << 26  # of the names in one file: whoever packs refs names all of them
PACKED_REFS = "packed-refs"  # what git locks beside a ref that it deletes or packs
COMMIT_GRAPHS = ("objects/info/commit-graph", "objects/info/commit-graphs/commit-graph-chain")
FILES = (PACKED_REFS, *COMMIT_GRAPHS)  # of the repository, which git locks as it locks refs
GC_LOCK, IMPORT_LOCK = "gc.lock", "import.lock"
WRITE_LOCK = "write.lock"  # shared by writers, which may count on an object that is there; alone, who takes some away


@dataclass(frozen=True, slots=True)
class DeadWriter:
    """A writer that ended without saying so, and the refs that it was moving."""

    token: str
    refs: tuple[str, ...]


class WriterFile:
    """Our own file. It names the refs we are about to move, and is empty while we move none."""

    def __init__(self, repository: Repository) -> None:
        self._folder = folder_of(repository)
        self.token = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._path = self._folder / self.token
        self._handle = self._open()

    def _open(self) -> int:
        """Open and lock. A sweeper may take the file away between the two: then once more."""
        self._folder.mkdir(exist_ok=True)
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == os.fstat(handle).st_ino:
                    return handle
            os.close(handle)

    def name(self, refs: Sequence[str]) -> None:
        """Say which refs we are about to move; none when all is done."""
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, "".join(f"{ref}\n" for ref in refs).encode(), 0)

    def close(self, *, finished: bool) -> None:
        """Let go. An unfinished file stays, for the next sweep to look at the refs that it names."""
        if finished:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._handle)


def folder_of(repository: Repository) -> Path:
    """Where the writers' files lie: beside the repository, which belongs to git alone."""
    return repository.path / "writers"


def sweep(repository: Repository, tell: Callable[[DeadWriter], object]) -> list[DeadWriter]:
    """Clear away what dead writers left: their refs' locks, their unfinished objects, their files.

    `tell` looks at the refs of each again, for the index may not know of their last move. A file goes when that is
    done: where it is not, the next sweep finds it. Where the store may only be read, nothing is done.
    """
    return [writer for path in _files(repository) if (writer := _take_over(repository, path, tell))]


def _files(repository: Repository) -> list[Path]:
    try:
        return sorted(folder_of(repository).iterdir())
    except OSError:
        return []


def _names(handle: int) -> tuple[str, ...]:
    return tuple(name for name in os.pread(handle, _LONGEST, 0).decode().split("\n") if _is_ref(name))


def _take_over(repository: Repository, path: Path, tell: Callable[[DeadWriter], object]) -> DeadWriter | None:
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if writer := _cleared(repository, path, handle):
            tell(writer)
            with suppress(OSError):
                path.unlink()
        return writer
    finally:
        os.close(handle)


def _cleared(repository: Repository, path: Path, handle: int) -> DeadWriter | None:
    """The writer of a file, with what it left cleared away; None where it lives."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        refs = _names(handle)
        locks = [lock for ref in refs if (lock := repository.lock_of(ref)).exists()]
        if any(time.time() - lock.stat().st_mtime < YOUNG_SECONDS for lock in locks):
            return None  # one may be that of a writer who has come since; the next sweep will know
        for leaving in [*locks, *repository.objects.glob(f"tmp_obj_{path.name}_*")]:
            leaving.unlink(missing_ok=True)
    except OSError:
        return None  # its writer lives, or another process sweeps it at this moment
    return DeadWriter(path.name, tuple(ref for ref in refs if ref not in FILES))


def _is_ref(text: str) -> bool:
    """Names in these files become paths; a file that came with a foreign store may say anything."""
    return text in FILES or (text.startswith("refs/") and ".." not in text.split("/") and "\0" not in text)


def holder(repository: Repository, ref: str, token: str) -> int | None:
    """The process id of the writer that is moving a ref, where it is tracker's and not the asking one (`token`)."""
    for path in _files(repository):
        with suppress(OSError, ValueError):
            if path.name != token and ref in path.read_text("utf-8").split("\n"):
                return int(path.name.split("-")[0])
    return None


def others_live(repository: Repository, token: str) -> bool:
    """Is there a writer beside the asking one (`token`)?"""
    return any(path.name != token and _is_held(path) for path in _files(repository))


def _is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def locked(repository: Repository, name: str, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of this name, a file in the store's folder, with others if `shared`; is it ours?

    It is not only where others hold it and we do not `wait`. The kernel frees it when its process dies.
    """
    handle = os.open(repository.path / name, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def locked_alone(repository: Repository, name: str, patience: float) -> Iterator[None]:
    """Hold the lock of this name alone. Raises StoreBusy where others hold it for longer than `patience` seconds.

    It is asked for again and again: who waits for it in the kernel's queue can be passed by all who share it.
    """
    deadline = time.monotonic() + patience
    while True:
        with locked(repository, name, wait=False) as ours:
            if ours:
                yield
                return
        if time.monotonic() > deadline:
            raise StoreBusy(f"{repository.path} is being written or packed by another process; try again later")
        time.sleep(0.002)  # the pauses between two writes are short


def sweep_foreign(repository: Repository, refs: Sequence[str]) -> None:
    """Remove locks on these refs that have stood for ten minutes: no git takes that long to move a ref."""
    for path in old_locks(map(repository.lock_of, refs)):
        with suppress(OSError):
            path.unlink()


def old_locks(paths: Iterator[Path]) -> Iterator[Path]:
    """Those of these lock files that are older than ten minutes."""
    for path in paths:
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > FOREIGN_LOCK_SECONDS:
                yield path
