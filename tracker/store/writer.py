"""Moves refs by compare-and-swap, all of a move or none, through one long-lived `git update-ref --stdin`.

GitPython starts the process and nothing else: its own ref writing has no compare-and-swap, and lost half of the
acknowledged versions when two writers were tried.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, TimeoutExpired
from typing import TYPE_CHECKING

from tracker.errors import StoreBusy, StoreError
from tracker.store.bulk import MANY, import_objects
from tracker.store.flushing import flush_folders, write_out
from tracker.store.locks import (
    IMPORT_LOCK,
    PACKED_REFS,
    WRITE_LOCK,
    WriterFile,
    holder,
    locked,
    locked_alone,
    others_live,
    sweep_foreign,
)
from tracker.store.objects import GitObject, ObjectWriter
from tracker.store.pending import Pending, RefMove
from tracker.store.repository import Repository, is_full, no_space, refusal

if TYPE_CHECKING:
    from git import Git

PATIENCE_SECONDS = 10.0
_WAY_SECONDS = 0.15
_GAP_SECONDS = 1.0  # in which whoever moves refs has done it; a fetch holds the lock as long as its network takes


class Moved(Exception):
    """A ref does not name what it was thought to name; nothing was moved."""


class Writer:
    """Writes objects and then moves refs. One a store; threads take turns.

    `pending` holds what waits while it gathers; whoever reads the store must look there first.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        sweep: Callable[[], None],
        tip: Callable[[str], str | None],
        pending: Pending | None = None,
    ) -> None:
        self._repository = repository
        self._sweep = sweep
        self._tip = tip
        self._pending = pending or Pending()
        self.gathering = False
        self._alone = False
        self._untold: list[str] | None = None  # refs that have moved while `after` of them is not on the disk
        self.turn = threading.RLock()
        self._git: Git | None = None
        self._process: Git.AutoInterrupt | None = None
        self._file: WriterFile | None = None
        self._pid = os.getpid()

    def write(self, objects: Sequence[GitObject], moves: Sequence[RefMove], after: Callable[[], object]) -> None:
        """Objects first, then all refs in one transaction in the order given, then `after` (the index).

        Returns when all of it is durable, or, while this writer gathers, when it waits for its flush. Raises Moved
        where a ref has another value, StoreBusy where a lock stands for too long, StoreError where the store cannot be
        written. `after` is told of again at the next sweep if this process dies before it returns.
        """
        with self.turn:
            if self.gathering:
                self._put_off(objects, moves)
                after()
            else:
                self._write(objects, moves, after)

    @contextmanager
    def gather(self, after: Callable[[], object]) -> Iterator[None]:
        """Let writes wait, and make all of them durable at the end with one flush and one transaction, then `after`.

        Nothing is written where the block ends in an exception. Raises as `write`: then nothing was moved.
        Other threads wait for their turn.
        """
        with self.turn:
            self.gathering = True
            try:
                yield
                self.gathering = False
                objects, moves = list(self._pending.objects.values()), self._pending.moves()
                self._pending.clear()  # from here on git is asked where refs stand
                if moves:
                    self._write(objects, moves, after, many=len(objects) >= MANY)
                else:
                    after()
            finally:
                self.gathering = False
                self._pending.clear()

    @contextmanager
    def alone(self, after: Callable[[], object]) -> Iterator[None]:
        """Let no other writer of this store move a ref in a block, then `after`; where a fetch is at work, they may.

        Who gathers has the databases before this lock: have them, too, or each waits for the other. What is told to
        them in the block stands once `after` commits it: where that is not reached, the next sweep tells it again.
        """
        with self.turn, ExitStack() as lock:
            try:
                with suppress(StoreBusy, OSError):  # a lock that cannot be had at all, the first write tells of
                    lock.enter_context(locked_alone(self._repository, WRITE_LOCK, _GAP_SECONDS))
                    self._alone = True
                self._untold = []
                yield
                self._settle(after)
            except BaseException:
                if self._untold:
                    self._abandon()
                raise
            finally:
                self._alone = False
                self._untold = None

    def _settle(self, after: Callable[[], object]) -> None:
        """Commit what was told of all moves of a block."""
        if self._untold:
            self._untold = []
            self._tell(self._writer_file(), after)
        else:
            after()

    def make_way(self) -> None:
        """Pause where there are other writers: who waits for a database looks for it ten times a second."""
        if self._file is not None and others_live(self._repository, self._file.token):
            time.sleep(_WAY_SECONDS)

    def _put_off(self, objects: Iterable[GitObject], moves: Sequence[RefMove]) -> None:
        waiting = [(move, self._pending.move_of(move.ref)) for move in moves]
        if any(before and before.new != move.old for move, before in waiting):
            raise Moved  # where nothing waits for a ref, git will look
        self._pending.put(objects, moves)

    def _write(
        self,
        objects: Sequence[GitObject],
        moves: Sequence[RefMove],
        after: Callable[[], object],
        *,
        many: bool = False,
    ) -> None:
        with ExitStack() as until_named:
            try:
                file = self._writer_file()
                # What is there already is not written again: let no object, and no pack, go before a ref names it.
                for lock in (*([IMPORT_LOCK] if many else []), *([] if self._alone else [WRITE_LOCK])):
                    until_named.enter_context(locked(self._repository, lock, shared=True))
                if many:
                    import_objects(self._repository, {each.id: each for each in objects}, moves)
                else:
                    ObjectWriter(self._repository.objects, file.token).write(objects)
                file.name([*(self._untold or ()), *_locked_by(moves)])
            except OSError as error:
                raise refusal(error, self._repository.path) from error
            self._move_named(file, moves)
        if self._untold is not None:
            self._untold += [move.ref for move in moves]
        self._tell(file, after)

    def _move_named(self, file: WriterFile, moves: Sequence[RefMove]) -> None:
        try:
            self._move(moves)
        except (Moved, StoreError):
            if self._file is not None:  # git refused in words, and has taken its locks with it
                self._clear(file)
            raise
        except BaseException:
            self._abandon()
            raise

    def _tell(self, file: WriterFile, after: Callable[[], object]) -> None:
        try:
            after()
        except StoreError:
            self._abandon()  # what was written stands; the next sweep tells the index
            return
        except BaseException:
            self._abandon()
            raise
        self._clear(file)

    def _clear(self, file: WriterFile) -> None:
        """Nothing is being moved any more. Where that cannot be written, the next sweep looks at the refs once more."""
        try:
            file.name(self._untold or ())
        except OSError:
            self._abandon()

    def _abandon(self) -> None:
        """Leave our file as a dead writer's, so that the next sweep looks at the refs that it names."""
        file, self._file = self._file, None
        if file is not None:
            file.close(finished=False)

    def _writer_file(self) -> WriterFile:
        if self._pid != os.getpid():  # a forked child: pipes and lock belong to the parent
            self._pid, self._git, self._process, self._file = os.getpid(), None, None, None
        if self._file is None:
            self._file = WriterFile(self._repository)
        return self._file

    def _move(self, moves: Sequence[RefMove]) -> None:
        """One transaction, tried again while a lock stands in the way."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause, late = 0.005, False
        while (refused := self._transaction(moves)) is not None:
            if any(self._tip(move.ref) != move.old for move in moves):
                raise Moved
            if failure := self._failure(refused):
                raise failure
            in_the_way = next((ref for ref in _locked_by(moves) if self._repository.lock_of(ref).exists()), None)
            if late:
                raise self._busy(in_the_way, refused)
            late = time.monotonic() > deadline  # one more try after a sweep, however long this one took
            self._sweep()
            sweep_foreign(self._repository, _locked_by(moves))
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the waiting writers, keeps no secret
            pause = min(pause * 2, 0.25)

    def _transaction(self, moves: Sequence[RefMove]) -> str | None:
        """None when the refs have moved; else what git said. After a refusal git has ended: the next starts anew.

        Git would flush the file of each ref by itself, and never the folder that it is renamed into. We have all files
        written out when they are prepared, and flush once when they are renamed.
        """
        process = self._update_ref()
        locks = [self._repository.lock_of(move.ref) for move in moves]
        deletes = any(move.new is None for move in moves)
        folders = self._folders(locks, deletes=deletes)
        try:
            if not _answers(process, ["start", *(move.command for move in moves), "prepare"], ("start", "prepare")):
                return self._last_words(process)
            folder = self._repository.git_dir
            write_out(folder, [*locks, folder / "packed-refs.new"] if deletes else locks)
            if not _answers(process, ["commit"], ("commit",)):
                return self._last_words(process)
            flush_folders(folders)
        except BrokenPipeError:
            return self._last_words(process)
        except OSError as error:
            self._end()
            self._abandon()  # the refs may have moved, and were only not flushed: the next sweep looks
            raise refusal(error, self._repository.path) from error
        except BaseException:
            self._end()  # interrupted in the middle: git sees its input end and drops the transaction
            raise
        return None

    def _folders(self, locks: Sequence[Path], *, deletes: bool) -> list[Path]:
        """The folders of some refs' files by their last ref, before each the one above it if it is new; that of
        packed-refs, from which refs are deleted, at the end."""
        found: dict[Path, None] = {}
        for folder in (lock.parent for lock in locks):
            if folder not in found and not folder.exists():
                found[folder.parent] = None
            found.pop(folder, None)  # to the end: a journal that has its newest name has all
            found[folder] = None
        if deletes:
            found[self._repository.git_dir] = None
        return list(found)

    def _update_ref(self) -> Git.AutoInterrupt:
        if self._process is None:
            self._git = self._git or self._repository.start()
            # Our flush takes the place of git's own, which is one for each ref; it writes nothing else.
            git = self._git(c="core.fsync=none")
            self._process = git.update_ref("--stdin", as_process=True, istream=PIPE)
        return self._process

    def _last_words(self, process: Git.AutoInterrupt) -> str:
        with suppress(OSError):
            process.stdin.close()
        said: str = process.stderr.read().decode("utf-8", "replace").strip()
        self._end()
        if not said:  # killed: its locks, if it had any, are still there
            self._abandon()
            raise StoreError(f"git was stopped while it wrote to {self._repository.path}; try again")
        return said

    def _end(self) -> None:
        """Let the process see the end of its input; it drops what was not committed, and its locks with it."""
        process, self._process = self._process, None
        if process is not None and process.proc is not None:
            with suppress(OSError):
                process.stdin.close()
            with suppress(TimeoutExpired):
                process.proc.wait(timeout=PATIENCE_SECONDS)
            process.__del__()  # closes its pipes; GitPython has no other name for it

    def _failure(self, said: str) -> StoreError | None:
        """What no waiting mends; None for a lock in the way, and for a ref that moved there and back."""
        path = self._repository.path
        if "No space left" in said or "Disk quota" in said or ("couldn't write" in said and is_full(path)):
            return no_space(path)
        if "Permission denied" in said or "Read-only" in said:
            return StoreError(f"the store at {path} may not be written; check who owns it")
        if ("cannot lock ref" in said and "cannot create" not in said) or f"{PACKED_REFS}.lock': File exists" in said:
            return None
        return StoreError(f"git refused to move a branch of the store at {path}: {said.splitlines()[-1]}")

    def _busy(self, locked: str | None, said: str) -> StoreBusy:
        if locked is None:
            return StoreBusy(f"the store at {self._repository.path} is locked: {said.splitlines()[-1]}")
        pid = holder(self._repository, locked, self._file.token if self._file else "")
        who = f"process {pid}" if pid else "a program that is not tracker (git itself?)"
        return StoreBusy(f"{self._repository.lock_of(locked)} is held by {who}; wait for it, then try again")

    def close(self) -> None:
        """End the process and let the lock go."""
        with self.turn:
            if self._pid != os.getpid():
                return
            self._end()
            if self._file is not None:
                self._file.close(finished=True)
                self._file = None


def _locked_by(moves: Sequence[RefMove]) -> list[str]:
    """What git locks for these moves."""
    return [*(move.ref for move in moves), *([PACKED_REFS] if any(move.new is None for move in moves) else [])]


def _answers(process: Git.AutoInterrupt, lines: Sequence[str], steps: Sequence[str]) -> bool:
    """Say these lines to `git update-ref --stdin`; did each step go well?"""
    process.stdin.write("".join(f"{line}\n" for line in lines).encode())
    process.stdin.flush()
    return all(process.stdout.readline() == f"{step}: ok\n".encode() for step in steps)
