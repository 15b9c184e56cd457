"""One pass at a time on one store: a lock that goes away with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "watch.lock"


@contextmanager
def alone(store: Path, file: str = FILE) -> Iterator[int | None]:
    """Hold the lock for the time of the block: None where it is ours, else the process that holds it (0: unknown).

    `file` is what is locked, in the folder of the store: that of the passes unless said.
    """
    handle = os.open(store / file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            said = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            yield int(said) if said.isdigit() else 0
            return
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield None
    finally:
        os.close(handle)
