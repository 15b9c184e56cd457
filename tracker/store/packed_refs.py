"""Looks a ref up in `packed-refs`: a sorted file, in which a few steps find any of a million lines."""

from __future__ import annotations

import mmap
import re
import threading
from pathlib import Path

_LINE = re.compile(rb"([0-9a-f]{40}) (\S+)\n?")


class PackedRefs:
    """The file as it is at each look; git puts a new one in its place when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._data: mmap.mmap | bytes = b""

    def find(self, ref: str) -> str | None:
        """What a ref names here; None where it does not stand here, or the file is none that says that it is sorted."""
        with self._guard:
            data = self._current()
            wanted = ref.encode()
            low, high = _first(data), len(data)
            while low < high:
                start = data.rfind(b"\n", low, (low + high) // 2) + 1 or low
                end = data.find(b"\n", start) + 1 or len(data)
                found = _LINE.fullmatch(data[start:end])
                if found is None:  # what a tag leads to stands in a line below it
                    start, found = _above(data, start, low)
                if found is None:
                    return None
                if found[2] == wanted:
                    return found[1].decode()
                if found[2] < wanted:
                    low = end
                else:
                    high = start
        return None

    def _current(self) -> mmap.mmap | bytes:
        try:
            seen = self._path.stat()
        except OSError:
            self._stamp, self._data = None, b""
            return b""
        stamp = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
        if stamp != self._stamp:
            with self._path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if seen.st_size else b""
            self._stamp = stamp
        return self._data


def _first(data: mmap.mmap | bytes) -> int:
    """Where the lines begin; the end of a file that does not say that they are sorted."""
    head = data[: data.find(b"\n") + 1]
    return len(head) if head.startswith(b"# pack-refs with:") and b" sorted " in head else len(data)


def _above(data: mmap.mmap | bytes, start: int, low: int) -> tuple[int, re.Match[bytes] | None]:
    """The line above one that only says what a tag leads to, and where it starts."""
    above = data.rfind(b"\n", low, start - 1) + 1 or low
    return above, _LINE.fullmatch(data[above:start]) if above < start else None
