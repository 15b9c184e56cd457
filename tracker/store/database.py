"""An SQLite file beside the repository: shared between threads and processes, thrown away if it is derived."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tracker.errors import NewerStore, StoreBusy, StoreError

BUSY_SECONDS = 10.0

T = TypeVar("T")


class Damaged(Exception):
    """The file was not a database any more, or was of another version, and was begun anew: it is empty now."""


class DiskFull(StoreError):
    """There is no room for what this file was to hold; what it held before is unharmed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a database holds. A derived one is written without flushing, and begun anew where it is damaged.

    `upgrades` lead to this version: what stands under n makes version n + 1 of version n.
    """

    schema: str  # statements that end in ";\n"
    version: int
    derived: bool
    upgrades: Mapping[int, str] = field(default_factory=dict)


class Database:
    """One connection; threads take turns. A file deleted or replaced under us is noticed before the next use.

    Where a derived database cannot be written (a read-only disk), it lives in memory; any other is read as it is then.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self._plan = plan
        self.turn = threading.RLock()
        self._seen: tuple[int, ...] | None = None  # what tells the file from another, None for one in memory
        self._connection: sqlite3.Connection | None = None
        self._held = False

    def run(self, work: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        """Do some work on the connection, in a transaction of its own if it writes.

        Raises Damaged where a derived file had to be begun anew, DiskFull, and StoreError where it is locked or cannot
        be used.
        """
        with self.turn:
            connection = self._open()
            try:
                if write and self._held:
                    return _within(connection, work)
                return _alone(connection, work) if write else work(connection)
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                raise  # a bug of ours, not of the file
            except sqlite3.DatabaseError as error:
                raise self._verdict(error) from error

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Make one transaction of all that is written in a block; the call that is handed out commits it.

        Without that call, and after an exception, nothing of it stays. Other threads wait until the block ends, and
        other processes that want to write, so it must be short. Raises StoreError as `run`; a derived file that is
        damaged meanwhile as well.
        """
        with self.turn:
            connection = self._open()

            def commit() -> None:
                self._settle(connection, "COMMIT")

            self._held = True
            try:
                yield commit
            except Damaged as error:
                raise StoreError(f"{self.path} was damaged and is begun anew; try again") from error
            finally:
                self._held = False
                with suppress(StoreError):
                    self._settle(connection, "ROLLBACK")

    def _settle(self, connection: sqlite3.Connection, how: str) -> None:
        """End the transaction that is held, if anything was written in it."""
        if self._connection is not connection:  # it was closed under us, and all of it is gone
            raise self._replaced()
        try:
            if connection.in_transaction:
                connection.execute(how)
        except sqlite3.DatabaseError as error:
            raise self._verdict(error) from error

    def scrub(self) -> None:
        """Leave nothing in the file of what was deleted from it. Raises StoreError where others are at work on it."""

        def work(db: sqlite3.Connection) -> bool:
            searched = db.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'")
            for (name,) in searched.fetchall():  # search keeps deleted words until its parts are merged
                db.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')")  # noqa: S608 - a table of ours
            db.execute("VACUUM")
            return bool(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

        if self.run(work):
            raise StoreBusy(f"{self.path} is being read; try again when that is done")

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        with self.turn:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._still_there():
            return self._connection
        again = self._connection is not None
        self.close()
        try:
            self._connection = self._connect(str(self.path))
            self._seen = (self.path.stat().st_ino,)
        except (sqlite3.DatabaseError, OSError) as error:
            if _is_busy(error) or not (_cannot_write(error) if self._plan.derived else self._may_be_read(error)):
                raise self._verdict(error) from error
            self._connection = self._as_it_is()
        if again and self._plan.derived:
            raise Damaged
        if again and self._held:
            raise self._replaced()
        return self._connection

    def _replaced(self) -> StoreError:
        return StoreError(f"{self.path} was replaced while it was written; try again")

    def _may_be_read(self, error: Exception) -> bool:
        """Is this a whole file that only may not be written? One that somebody has open has a part of it in another."""
        log = Path(f"{self.path}-wal")
        return _may_not_write(error) and self.path.is_file() and not (log.exists() and log.stat().st_size)

    def _as_it_is(self) -> sqlite3.Connection:
        """What can be had without writing to the file."""
        if self._plan.derived:
            self._seen = None
            return self._connect(":memory:")
        found = self.path.stat()
        self._seen = (found.st_ino, found.st_mtime_ns, found.st_size)  # whoever may write it may do so at any moment
        try:
            return self._connect(f"{self.path.absolute().as_uri()}?immutable=1", is_uri=True)
        except sqlite3.DatabaseError as error:  # of an older version, which would have to be upgraded
            raise self._verdict(error) from error

    def _still_there(self) -> bool:
        if self._seen is None:
            return True
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_ino, found.st_mtime_ns, found.st_size)[: len(self._seen)] == self._seen

    def _connect(self, target: str, *, is_uri: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            target, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None, uri=is_uri
        )
        try:
            _share(connection)
            connection.execute(f"PRAGMA synchronous = {'OFF' if self._plan.derived else 'FULL'}")
            if _version(connection) != self._plan.version:
                _alone(connection, self._lay_down)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _lay_down(self, connection: sqlite3.Connection) -> None:
        found = _version(connection)  # another process may have been quicker
        if found == self._plan.version:
            return
        steps = [self._plan.schema] if found == 0 else self._upgrades(found)
        for statement in ";\n".join(steps).split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {self._plan.version}")

    def _upgrades(self, found: int) -> list[str]:
        if found > self._plan.version and not self._plan.derived:
            raise NewerStore(f"{self.path} was written by a newer tracker (its version is {found}); upgrade tracker")
        steps = [self._plan.upgrades.get(version) for version in range(found, self._plan.version)]
        if not steps or None in steps:
            raise sqlite3.DatabaseError(f"its version is {found}, not {self._plan.version}")
        return [step for step in steps if step]

    def _verdict(self, error: Exception) -> Exception:
        """What to raise: a derived file that is damaged is thrown away first."""
        if _is_busy(error):
            return StoreError(f"{self.path} is locked by another program; try again")
        if _is_full(error):
            return DiskFull(f"no space left for {self.path}; free some space and try again")
        if not self._plan.derived and _may_not_write(error) and not self.path.is_dir():
            return StoreError(f"{self.path} may not be written; check who owns it")
        if not self._plan.derived or _cannot_write(error):
            return StoreError(f"{self.path} cannot be used ({error}); run `tracker doctor`")
        self.close()
        for name in (self.path, Path(f"{self.path}-wal"), Path(f"{self.path}-shm")):
            with suppress(OSError):
                name.unlink(missing_ok=True)
        return Damaged(str(error))


def _share(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side. Unlike all else, the first change to this does not wait its turn."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _alone(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """All of it or nothing, with no other writer beside."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return result


def _within(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """A part of the transaction that is held: all of it or nothing."""
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
    connection.execute("SAVEPOINT part")
    try:
        result = work(connection)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK TO part")
        raise
    finally:
        with suppress(sqlite3.Error):
            connection.execute("RELEASE part")
    return result


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _is_full(error: Exception) -> bool:
    """SQLite calls a disk that is full to the last byte an I/O error: the memory that its users share has no room."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    name = getattr(error, "sqlite_errorname", None)  # an error of ours has none
    return name in {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}


def _may_not_write(error: Exception) -> bool:
    name = getattr(error, "sqlite_errorname", None) or ""
    return isinstance(error, PermissionError) or name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))


def _cannot_write(error: Exception) -> bool:
    words = ("unable to open", "readonly", "read-only", "disk I/O error")
    return isinstance(error, OSError) or any(word in str(error) for word in words)
