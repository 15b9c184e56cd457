"""One pass at a time on one store: a lock that goes away with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import StoreError

FILE = "watch.lock"


@contextmanager
def alone(store: Path, file: str = FILE) -> Iterator[int | None]:
    """Hold the lock for the time of the block: None where it is ours, else the process that holds it (0: unknown).

    `file` is what is locked, in the folder of the store: that of the passes unless said. Raises StoreError where it
    cannot be.
    """
    with _opened(store / file) as handle:
        yield _taken(handle, store / file)


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"{file} cannot be opened: {error.strerror}; make it writable to you") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _taken(handle: int, file: Path) -> int | None:
    """Take the lock, or say who has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        said = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        return int(said) if said.isdigit() else 0
    except OSError as error:
        raise StoreError(f"{file} cannot be locked: {error.strerror}; put the store on a disk that can") from error
    return None
