"""What is written is on the disk: files, and the names in folders, with as few flushes as the file system allows.

Where it is known that a flush commits a journal that has all that came before it, writing is started at once for each
file and waited for, and one flush at the end stands for all: whatever of it a loss of power leaves, nothing later is
there without what was earlier. Elsewhere each file and each folder is flushed in its turn.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

# Their journal is one sequence. Btrfs for one logs each file by itself: there a flush says nothing of another file.
_ONE_JOURNAL = frozenset({"ext3", "ext4", "xfs"})
_WAIT_BEFORE, _WRITE, _WAIT_AFTER = 1, 2, 4
_UNABLE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ESPIPE})
_OPEN_FILES = 128  # that are on their way to the disk at once

Start = Callable[[int, int], None]


class WriteOut:
    """Has many files of one device there before whatever is flushed next. Handles that were added are closed.

    Where one flush is enough they are written, all at once, and waited for, and stand in the journal before whatever
    comes after. Elsewhere each is flushed.
    """

    def __init__(self, device: int) -> None:
        self._start = writeout(device)
        self._handles: list[int] = []

    def __enter__(self) -> Self:
        return self

    def add(self, handle: int) -> None:
        """A file that is written, but not out."""
        self._handles.append(handle)
        if self._start is None:
            flush(handle)
        else:
            self._start(handle, _WRITE)
        if len(self._handles) >= _OPEN_FILES:
            self._wait()

    def _wait(self) -> None:
        while self._handles:
            if self._start is not None:
                self._start(self._handles[-1], _WAIT_BEFORE | _WRITE | _WAIT_AFTER)
            os.close(self._handles.pop())

    def __exit__(self, kind: object, error: object, at: object) -> None:
        try:
            if error is None:
                self._wait()
        finally:
            for handle in self._handles:
                os.close(handle)


def write_out(folder: Path, paths: Iterable[Path]) -> None:
    """`WriteOut` of files on the device of a folder that others have written; one that is not there is passed over."""
    with WriteOut(folder.stat().st_dev) as out:
        for path in paths:
            with suppress(FileNotFoundError):
                out.add(os.open(path, os.O_RDONLY))


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        flush(handle)
    finally:
        os.close(handle)


def flush_folders(folders: Sequence[Path]) -> None:
    """Make the names in several folders of one disk durable; the last is that of the newest name.

    Where one flush is enough it is that of the last, and makes all durable that was written out or named before. A
    folder that is gone, with the last file in it, is passed over.
    """
    there = [folder for folder in folders if folder.is_dir()]
    for folder in there[-1:] if there and _one_is_enough(there[-1]) else there:
        flush_folder(folder)


def flush_ahead(folders: Iterable[Path]) -> None:
    """Make the names in these folders durable before what comes after; where one flush is enough, the next does it."""
    for folder in folders:
        if not _one_is_enough(folder):
            flush_folder(folder)


def _one_is_enough(folder: Path) -> bool:
    return writeout(folder.stat().st_dev) is not None


def flush(handle: int) -> None:
    """Put an open file on the disk itself: on macOS a plain fsync stops at the drive's own memory."""
    if full := getattr(fcntl, "F_FULLFSYNC", None):
        fcntl.fcntl(handle, full)
    else:
        os.fsync(handle)


@functools.cache
def writeout(device: int) -> Start | None:
    """Linux's `sync_file_range` over a whole file, or None where there is no such call, or a flush of one file of this
    device is not known to stand for others."""
    if sys.platform != "linux" or _file_system(device) not in _ONE_JOURNAL:
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "sync_file_range", None)
    if call is None:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong, ctypes.c_uint)

    def start(handle: int, flags: int) -> None:
        if not call(handle, 0, 0, flags):
            return
        number = ctypes.get_errno()
        if number not in _UNABLE:  # of the disk: a flush would not tell of it once more
            raise OSError(number, os.strerror(number))
        flush(handle)

    return start


def _file_system(device: int) -> str | None:
    """What kind of file system a device holds, as Linux calls it; None where it does not say."""
    number = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
            mounted, _, source = line.partition(" - ")
            if mounted.split(" ")[2] == number:
                return source.split(" ")[0]
    return None
