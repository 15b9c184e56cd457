"""Sharing a store: which remotes it has, one push or pull at a time, and the clone of another store.

docs/sharing.md says what travels. `pulling.py` and `pushing.py` do it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker.errors import StoreBusy, UsageError
from tracker.store.addresses import Address, Remote, address, word_for
from tracker.store.joining import Settle
from tracker.store.pulling import Pulled, Puller
from tracker.store.pushing import Pushed, Pusher
from tracker.store.repository import refusal, sweep_views
from tracker.store.wire import Stage
from tracker.store.writer import PATIENCE_SECONDS

ORIGIN = "origin"
_LIVE_LOCK_SECONDS = 2.0  # a git whose tracker was killed has ended by then


class Sharing:
    """The remotes of one store, and what goes to and comes from them."""

    def __init__(self, puller: Puller) -> None:
        self._repository = puller.repository
        self._lock = SharingLock(puller.repository.path / "sharing.lock")
        self._puller = puller
        self._pusher = Pusher(puller, self._lock.record)

    def pull(self, remote: Remote, settle: Settle, stage: Stage | None = None) -> Pulled:
        """Take what a remote has and we lack; `settle` says what a join has to read again.

        Raises StoreError where it cannot be reached, NotAStore, NewerStore, StoreBusy.
        """
        with self._lock.held():
            return self._puller.pull(remote, settle, stage)

    def push(self, remote: Remote, settle: Settle, stage: Stage | None = None) -> Pushed:
        """Send what a remote lacks; what it went on with meanwhile is pulled and joined first. Raises as `pull`."""
        with self._lock.held():
            return self._pusher.push(remote, settle, stage)

    # --- remotes --------------------------------------------------------------------------------------------

    def remote(self, named: str | None, base: Path) -> Remote:
        """The remote of this name, else at this address (paths count from `base`); the only one if none is named.

        Raises UsageError.
        """
        known = self._remotes()
        if named is None:
            if ORIGIN not in known and len(known) != 1:
                which = f"name one of {', '.join(known)}" if known else "give an address"
                raise UsageError(f"there is no remote named {ORIGIN}; {which}: tracker push URL")
            named = ORIGIN if ORIGIN in known else next(iter(known))
        texts_only = self._repository.texts_only
        if found := known.get(named):
            # Paths in a git config count from the repository itself.
            fetch, push = (address(each, self._repository.git_dir) for each in found)
            return Remote(word_for(named), named, fetch, push, texts_only)
        if "/" not in named and ":" not in named and not (base / named).exists():
            raise UsageError(f"no remote is named {named!r} ({', '.join(known) or 'there is none'}); give its address")
        at = address(named, base)
        return Remote(word_for(at.url), at.shown, at, at, texts_only)

    def _remotes(self) -> dict[str, tuple[str, str]]:
        """The remotes in the store's config: name -> (where to fetch, where to push)."""
        git = self._repository.start()
        pattern = r"^remote\..*\.(url|pushurl)$"
        said = git.config("--local", "-z", "--get-regexp", pattern, with_extended_output=True, with_exceptions=False)[1]
        found: dict[str, dict[str, str]] = {}
        for line in str(said).split("\0"):
            key, _, value = line.partition("\n")
            name, _, what = key.removeprefix("remote.").rpartition(".")
            if name and value:
                found.setdefault(name, {}).setdefault(what, value)
        return {name: (urls["url"], urls.get("pushurl", urls["url"])) for name, urls in found.items() if "url" in urls}

    def add_origin(self, at: Address, *, texts_only: bool) -> Remote:
        """Write down where this store was cloned from, and what of it: plain git then fetches into refs/incoming/."""
        git = self._repository.start()
        git.config(f"remote.{ORIGIN}.url", at.url)
        for kind in ("heads",) if texts_only else ("heads", "raw"):
            git.config("--add", f"remote.{ORIGIN}.fetch", f"+refs/{kind}/*:refs/incoming/{ORIGIN}/{kind}/*")
        return Remote(ORIGIN, ORIGIN, at, at, texts_only)


class SharingLock:
    """One push or pull of a store at a time, and a note of the refs that a push moves in a repository of this machine.

    Git leaves `<ref>.lock` behind over there when it is killed. Whoever holds this lock next knows whose they are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock. Raises StoreBusy where another process does, StoreError on a store that may not be written."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise refusal(error, self._path.parent) from error
        try:
            self._wait(handle)
            self._handle = handle
            self._sweep(handle)
            sweep_views()
            yield
        finally:
            if self._handle == handle:
                self._handle = None
            os.close(handle)

    def _wait(self, handle: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if time.monotonic() > deadline:
                raise StoreBusy(f"another push or pull is at work on {self._path.parent}; wait for it, then try again")
            time.sleep(0.05)

    def record(self, folder: Path, refs: Sequence[str]) -> None:
        """Note which refs are about to be moved in a repository of this machine; none when that is done."""
        if self._handle is None:
            raise RuntimeError("the lock is not held")
        text = json.dumps({"folder": str(folder), "refs": list(refs)}) if refs else ""
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)

    def _sweep(self, handle: int) -> None:
        """Remove the locks that a push which was killed has left over there."""
        text = os.pread(handle, os.fstat(handle).st_size, 0)
        if not text:
            return
        with suppress(ValueError, KeyError, TypeError, OSError):
            noted = json.loads(text)
            for ref in noted["refs"]:
                if ref.startswith("refs/") and ".." not in ref:
                    _remove_lock(Path(noted["folder"]) / f"{ref}.lock")
        os.ftruncate(handle, 0)


def _remove_lock(lock: Path) -> None:
    """Remove a lock, once a git that may have outlived its tracker has had its time."""
    with suppress(OSError):
        age = time.time() - lock.stat().st_mtime
        if age < _LIVE_LOCK_SECONDS:
            time.sleep(_LIVE_LOCK_SECONDS - max(age, 0))
        lock.unlink()
