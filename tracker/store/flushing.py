"""What is written is on the disk: files, and the names in folders, with as few flushes as the file system allows.

Where it is known that the flush of one file commits a journal that has all that came before it, writing is started at
once for each file and one flush stands for all. Elsewhere each file and each folder is flushed.
"""

from __future__ import annotations

import ctypes
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
_OPEN_FILES = 128  # that are on their way to the disk at once

Start = Callable[[int, int], None]


class OneFlush:
    """Puts many files of one disk there with one flush: writing starts at once for each, and the last is flushed when
    the others are out. That commits the journal that names all of them.

    `folder` is the handle of a folder on that disk. Handles that were added are closed.
    """

    def __init__(self, folder: int) -> None:
        self._start = writeout(os.fstat(folder).st_dev)
        self._handles: list[int] = []

    def __enter__(self) -> Self:
        return self

    def add(self, handle: int) -> None:
        """A file that is written, but not out."""
        if self._start is None:
            flush(handle)
        else:
            self._start(handle, _WRITE)
        self._handles.append(handle)
        if len(self._handles) > _OPEN_FILES:
            self._wait()

    def _wait(self) -> None:
        """Let all but the newest be out; the newest stands for them until the flush."""
        *others, last = self._handles
        self._handles = [last]
        _wait_for(others, self._start)

    def __exit__(self, kind: object, error: object, at: object) -> None:
        try:
            if error is None and self._handles:
                self._wait()
                os.utime(self._handles[0])  # else the journal that is flushed may be the one before the others'
                flush(self._handles[0])
        finally:
            for handle in self._handles:
                os.close(handle)


def write_out(paths: Iterable[Path]) -> None:
    """Have these files of one disk there before whatever is flushed next; one that is not there is passed over.

    Where one flush is enough they are written and waited for, and stand in the journal before the renames that follow:
    the flush of a folder then makes all of it durable. Elsewhere each is flushed.
    """
    start: Start | None = None
    handles: list[int] = []
    try:
        for path in paths:
            with suppress(FileNotFoundError):
                handle = os.open(path, os.O_RDONLY)
                handles.append(handle)
                start = writeout(os.fstat(handle).st_dev)
                if start is None:
                    flush(handle)
                else:
                    start(handle, _WRITE)
            if len(handles) >= _OPEN_FILES:
                _wait_for(handles, start)
        _wait_for(handles, start)
    finally:
        for handle in handles:
            os.close(handle)


def _wait_for(handles: list[int], start: Start | None) -> None:
    """Wait until these files are out, and close them."""
    while handles:
        if start is not None:
            start(handles[-1], _WAIT_BEFORE | _WRITE | _WAIT_AFTER)
        os.close(handles.pop())


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        flush(handle)
    finally:
        os.close(handle)


def flush_folders(folders: Sequence[Path]) -> None:
    """Make the names in several folders of one disk durable: the last alone, where one flush is enough.

    A folder that is gone, with the last file in it, is passed over.
    """
    there = [folder for folder in folders if folder.is_dir()]
    for folder in there[-1:] if there and writeout(there[-1].stat().st_dev) else there:
        flush_folder(folder)


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
        # A file system that cannot do it says so, and is flushed in the ordinary way.
        if call(handle, 0, 0, flags):
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
