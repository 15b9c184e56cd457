"""Drawn pages, kept for as long as what they were made from is the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as it is sent, and the tag by which a browser asks whether it is still the same."""

    body: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> Drawn:
        """The page with its tag."""
        return cls(body, f'"{sha256(body).hexdigest()[:20]}"')


@dataclass
class Shelf:
    """At most `room` bytes of pages, those asked for last. Of many who ask for one page at once, one draws it."""

    room: int = 64 * 2**20
    _pages: OrderedDict[Hashable, tuple[Hashable, Drawn]] = field(default_factory=OrderedDict)
    _size: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _drawing: dict[Hashable, threading.Lock] = field(default_factory=dict)

    def get(self, key: Hashable, stamp: Hashable, draw: Callable[[], bytes]) -> Drawn:
        """The page under a key, drawn anew where it was made from something else than `stamp` stands for."""
        if (known := self._known(key, stamp)) is not None:
            return known
        with self._turn:
            mine = self._drawing.setdefault(key, threading.Lock())
        try:
            with mine:
                if (known := self._known(key, stamp)) is not None:
                    return known
                drawn = Drawn.of(draw())
                self._put(key, stamp, drawn)
                return drawn
        finally:
            with self._turn:
                self._drawing.pop(key, None)

    def _known(self, key: Hashable, stamp: Hashable) -> Drawn | None:
        with self._turn:
            found = self._pages.get(key)
            if found is None or found[0] != stamp:
                return None
            self._pages.move_to_end(key)
            return found[1]

    def _put(self, key: Hashable, stamp: Hashable, drawn: Drawn) -> None:
        with self._turn:
            if (old := self._pages.pop(key, None)) is not None:
                self._size -= len(old[1].body)
            self._pages[key] = (stamp, drawn)
            self._size += len(drawn.body)
            while self._size > self.room and len(self._pages) > 1:
                _, (_, gone) = self._pages.popitem(last=False)
                self._size -= len(gone.body)
