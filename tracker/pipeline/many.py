"""Many captures, each kept as `keep` would: read ahead by other processes, made durable together."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import Self

from tracker.errors import Conflict, Deleted, StoreBusy, StoreError, TrackerError, UnreadableError, UsageError
from tracker.model import Capture, Check, Reading
from tracker.normalize.memory import EMPTY, Memory
from tracker.normalize.recipes import Recipe
from tracker.pipeline.keep import LIVE, Terms, is_stored, keep
from tracker.pipeline.pages import read_capture
from tracker.store import Store
from tracker.text.urls import host_name

BATCH = 500  # captures that become durable together at most
_BATCH_BYTES = 64 * 1024 * 1024
_BATCH_SECONDS = 2.0  # nobody waits longer for the first of them to be told
_HOLD_SECONDS = 3.0  # nor do other writers for the databases
_AHEAD = 64  # pages that are read while others are kept

Found = Capture | TrackerError


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one capture: its check, or what was wrong with it. All of the store's part is durable."""

    capture: Capture | None
    check: Check | None
    error: TrackerError | None


def keep_many(
    store: Store, found: Iterable[Found], terms: Terms = LIVE, *, batch: int = BATCH, processes: int = 0
) -> Generator[Kept, None, None]:
    """Keep captures in the order in which they come, and say of each what the look found, as soon as it is durable.

    The commits are those that `keep` would make one by one. Captures that are stored already are passed over unread,
    so the same call goes on where an interrupted one stopped. What could not be had may stand among them as its error,
    and comes out in its place. `batch` captures at most become durable together; `processes` read pages ahead, 0: this
    one reads. Raises StoreError where several together cannot be written: what came out before is stored.
    """
    with ReadAhead(terms, processes) as ahead:
        own = replace(terms, read=ahead.read)
        for group in _groups(ahead.through(store, found), batch):
            waiting = deque(group)
            while waiting:
                yield from _gathered(store, waiting, own)
            if len(group) > 1 and store.holdings().due:
                with contextlib.suppress(StoreError):  # the next will do it; what is stored is stored
                    store.maintain(quick=True)


def _groups(found: Iterable[Found], most: int) -> Iterator[list[Found]]:
    """What comes within two seconds, so that the first does not wait for long."""
    group: list[Found] = []
    size, began = 0, 0.0
    for each in found:
        began = began if group else time.monotonic()
        group.append(each)
        size += len(each.body) if isinstance(each, Capture) else 0
        if len(group) >= most or size >= _BATCH_BYTES or time.monotonic() - began >= _BATCH_SECONDS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _gathered(store: Store, waiting: deque[Found], terms: Terms) -> Sequence[Kept]:
    """Keep the first of those that wait, as many as can be in the time that others may be made to wait."""
    if len(waiting) == 1:
        return [_alone(store, waiting.popleft(), terms)]
    taken: list[Found] = []
    kept: list[Kept] = []
    began = time.monotonic()
    try:
        with store.gather():
            while waiting and time.monotonic() - began < _HOLD_SECONDS:
                taken.append(waiting.popleft())
                kept.append(_one(store, taken[-1], terms))
    except (Conflict, StoreBusy):  # another writer came in between: nothing of it stands, each is decided anew
        return [_alone(store, each, terms) for each in taken]
    return kept


def _alone(store: Store, found: Found, terms: Terms) -> Kept:
    try:
        return _one(store, found, terms)
    except StoreError as error:
        return Kept(found if isinstance(found, Capture) else None, None, error)


def _one(store: Store, found: Found, terms: Terms) -> Kept:
    if isinstance(found, TrackerError):
        return Kept(None, None, found)
    try:
        return Kept(found, keep(store, found, terms), None)
    except (Deleted, UnreadableError, UsageError) as error:
        return Kept(found, None, error)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A reading that is being made. The capture is held so that no other body can have the place of its own."""

    capture: Capture
    memory: Memory
    reading: Future[Reading]


class ReadAhead:
    """Has pages read by other processes before it is their turn.

    A page is read with what was last remembered of its host. Where that turns out to be something else when its turn
    comes, it is read again, so that what comes out never depends on who read it.
    """

    def __init__(self, terms: Terms, processes: int) -> None:
        self._recipes = terms.recipes
        self._memories: dict[str, Memory] = {}
        self._read: dict[int, _Ahead] = {}
        self._pool: ProcessPoolExecutor | None = None
        if processes:
            # Not forked: a child would hold our locks, and our pipes to git, for as long as it lives.
            self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def through(self, store: Store, found: Iterable[Found]) -> Iterator[Found]:
        """The same captures, each when it has been read."""
        ahead: deque[Found] = deque()
        for each in found:
            if self._pool is not None and isinstance(each, Capture) and not is_stored(store, each):
                self._submit(self._pool, each)
            ahead.append(each)
            if self._pool is None or len(ahead) > _AHEAD:
                yield self._done(ahead.popleft())
        while ahead:
            yield self._done(ahead.popleft())

    def _submit(self, pool: ProcessPoolExecutor, capture: Capture) -> None:
        memory = self._memories.get(_host(capture), EMPTY)
        with contextlib.suppress(BrokenExecutor):
            future = pool.submit(read_capture, capture, self._recipes, memory)
            self._read[id(capture.body)] = _Ahead(capture, memory, future)
        while len(self._read) > _AHEAD + BATCH:  # such as nobody asked for: a page that came back byte for byte
            del self._read[next(iter(self._read))]

    def _done(self, found: Found) -> Found:
        """Wait for its reading here, where nobody waits for us."""
        if isinstance(found, Capture) and (ahead := self._read.get(id(found.body))):
            with contextlib.suppress(Exception):  # told when its turn comes
                ahead.reading.result()
        return found

    def read(self, capture: Capture, recipes: tuple[Recipe, ...] | None, memory: Memory) -> Reading:
        """As `read_capture`."""
        self._memories[_host(capture)] = memory
        ahead = self._read.pop(id(capture.body), None)
        if ahead is not None and ahead.memory == memory and recipes == self._recipes:
            with contextlib.suppress(Exception):  # its process was killed, or it fails here again and is told
                return ahead.reading.result()
        return read_capture(capture, recipes, memory)


def _begin() -> None:
    """In a process that reads: Ctrl-C is for the one that started it, with which it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(join: Callable[[], None]) -> None:
    join()
    os._exit(1)


def _host(capture: Capture) -> str:
    return host_name(capture.final_url or capture.url)
