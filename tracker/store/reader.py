"""Reads objects through long-lived `git cat-file --batch` processes: one a thread, never shared.

Shared between eight threads, 1,160 of 1,200 answers were wrong or failed when it was tried. GitPython starts the
processes; question and answer are our own, for what GitPython hands out of an answer reads on when it is thrown away,
and so trips over a process that was ended because of an interruption.
"""

from __future__ import annotations

import itertools
import os
import re
import threading
import weakref
from collections.abc import Iterable
from subprocess import PIPE
from typing import TYPE_CHECKING

from tracker.errors import DamagedStore
from tracker.store.objects import GitObject
from tracker.store.packed_refs import PackedRefs
from tracker.store.pending import Pending
from tracker.store.repository import Repository

if TYPE_CHECKING:
    from git import Git


Found = tuple[str, str, bytes]  # id, kind and content of an object

_AT_ONCE = 200  # their questions fit into the pipe, so that nobody waits for anybody
_LOOSE = re.compile(rb"([0-9a-f]{40})\n?")


class _Process:
    """One thread's git. It ends when the thread does, or with `close`."""

    def __init__(self, repository: Repository) -> None:
        self._pid = os.getpid()
        self._git: Git = repository.start()
        self.batch: Git.AutoInterrupt = self._git.cat_file("--batch", as_process=True, istream=PIPE)

    @property
    def ours(self) -> bool:
        """False in a forked child: the pipes are its parent's."""
        return self._pid == os.getpid()

    def ask(self, *names: str) -> list[Found | None]:
        """A few questions at once, and their whole answers. Raises EOFError and OSError where git has ended."""
        self.batch.stdin.write("".join(f"{name}\n" for name in names).encode())
        self.batch.stdin.flush()
        return [self._answer() for _ in names]

    def _answer(self) -> Found | None:
        head: bytes = self.batch.stdout.readline()
        if head.endswith(b" missing\n"):
            return None
        words = head.split()
        if len(words) != 3 or not words[2].isdigit():
            raise EOFError(head.decode("utf-8", "replace").strip())
        size = int(words[2])
        data: bytes = self.batch.stdout.read(size + 1)
        if len(data) != size + 1:
            raise EOFError("cut short")
        return words[0].decode(), words[1].decode(), data[:-1]

    def close(self) -> None:
        """End it. A second time does nothing."""
        if self.ours:
            self.batch.__del__()


class Reader:
    """Reads any object by name: an id, a ref, or `<commit>:<path>`. What is `pending` is read as if it were written."""

    def __init__(self, repository: Repository, pending: Pending | None = None) -> None:
        self._repository = repository
        self._pending = pending or Pending()
        self._git_dir = str(repository.git_dir)
        self._packed = PackedRefs(repository.git_dir / "packed-refs")
        self._local = threading.local()
        self._all: weakref.WeakSet[_Process] = weakref.WeakSet()
        self._guard = threading.Lock()

    def get(self, name: str) -> Found | None:
        """An object, None where the store has none of that name.

        Raises DamagedStore where git cannot read it (a damaged object, a git that was killed), ValueError on a name
        that is no single line.
        """
        return self._get(name)[0]

    def _get(self, *names: str) -> list[Found | None]:
        if any("\n" in name for name in names):
            raise ValueError(f"not the names of objects: {names!r}")
        waiting = [self._pending.find(name) for name in names]
        asked = [each for each in waiting if isinstance(each, str)]
        answers = iter(self._ask(*asked) if asked else ())
        return [_found(each) if isinstance(each, GitObject) else next(answers) if each else None for each in waiting]

    def _ask(self, *names: str) -> list[Found | None]:
        process = self._process()
        try:
            return process.ask(*names)
        except (EOFError, OSError) as error:
            self._drop(process)
            said = f"git cannot read {' or '.join(names)} in {self._repository.path}; run `tracker doctor`"
            raise DamagedStore(said) from error
        except BaseException:
            # Interrupted between question and answer: the next answer would be to this question.
            self._drop(process)
            raise

    def blob(self, name: str) -> bytes | None:
        """The content of a file, None where there is none of that name."""
        return self.blobs(name)[0]

    def blobs(self, *names: str) -> list[bytes | None]:
        """The contents of a few files, asked for at once: git looks for the next while we read the first."""
        return [found[2] if found and found[1] == "blob" else None for found in self._get(*names)]

    def many(self, names: Iterable[str]) -> dict[str, Found]:
        """All these objects, by the names that they were asked for by; those that are not there are left out.

        Many questions are on their way at once: an answer takes less time than to wait for it.
        """
        found: dict[str, Found] = {}
        waiting = iter(dict.fromkeys(names))
        while some := list(itertools.islice(waiting, _AT_ONCE)):
            found |= {name: each for name, each in zip(some, self._get(*some), strict=True) if each}
        return found

    def tip(self, ref: str) -> str | None:
        """The id of the commit that a ref names."""
        found = self.get(ref)
        return found[0] if found else None

    def said(self, ref: str) -> str | None:
        """What the files of refs say: the ref's own, else `packed-refs`; None where they say nothing but an id.

        Several times as fast as to ask git, which reads the same files in this order. But git looks whether the object
        is there: this is for who knows it already.
        """
        if move := self._pending.move_of(ref):
            return move.new
        try:
            handle = os.open(f"{self._git_dir}/{ref}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:
            return self._packed.find(ref)
        except OSError:
            return None
        try:
            text = os.read(handle, 64)
        except OSError:
            return None
        finally:
            os.close(handle)
        found = _LOOSE.fullmatch(text)
        return found[1].decode() if found else None

    def close(self) -> None:
        """End all processes."""
        with self._guard:
            for process in list(self._all):
                process.close()
            self._local = threading.local()

    def _process(self) -> _Process:
        process: _Process | None = getattr(self._local, "process", None)
        if process is None or not process.ours:
            process = _Process(self._repository)
            self._local.process = process
            with self._guard:
                self._all.add(process)
        return process

    def _drop(self, process: _Process) -> None:
        process.close()
        self._local.process = None


def _found(waiting: GitObject) -> Found:
    return waiting.id, waiting.kind, waiting.data
