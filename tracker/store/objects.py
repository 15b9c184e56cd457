"""Git objects written by our own hand: loose files, all of them out, then renamed into place.

Git itself would need a process and a flush for each object; this is the fastest durable way that was measured.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tracker.store.flushing import WriteOut, flush_ahead

try:
    from isal.isal_zlib import compress  # a third of the time, and the same format
except ImportError:  # it is not made for every machine
    from zlib import compress

_TRIES = 50  # at a folder that another program removes as often as it is made


@dataclass(frozen=True, slots=True)
class Person:
    """Who a commit names as its author and committer. Raises ValueError on what would break a commit's line."""

    name: str
    email: str

    def __post_init__(self) -> None:
        if any(char in "<>" or not char.isprintable() for char in self.name + self.email):
            raise ValueError("a name and an address of a person have no angle brackets or control characters")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A person at a time, in whole seconds since 1970 (git knows no other), always +0000."""

    person: Person
    seconds: int

    def __str__(self) -> str:
        return f"{self.person.name} <{self.person.email}> {self.seconds} +0000"


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object that is not yet written. `id` is its hex name."""

    id: str
    kind: str
    data: bytes


def object_id(kind: str, data: bytes) -> str:
    """The id that git gives to an object of this kind and content."""
    digest = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def _object(kind: str, data: bytes) -> GitObject:
    return GitObject(object_id(kind, data), kind, data)


def blob(data: bytes) -> GitObject:
    """The content of a file."""
    return _object("blob", data)


def tree(entries: Iterable[tuple[str, str]]) -> GitObject:
    """A folder of plain files from (name, blob id) pairs."""
    rows = sorted((name.encode(), bytes.fromhex(blob_id)) for name, blob_id in entries)
    return _object("tree", b"".join(b"100644 %s\0%s" % row for row in rows))


def files_in(listing: GitObject) -> list[tuple[str, str]]:
    """The (name, blob id) pairs of a tree that `tree` made."""
    rest, found = listing.data, []
    while rest:
        head, _, rest = rest.partition(b"\0")
        found.append((head.removeprefix(b"100644 ").decode(), rest[:20].hex()))
        rest = rest[20:]
    return found


def file_in(listing: GitObject, name: str) -> str | None:
    """The blob id of a file in a tree that `tree` made."""
    return dict(files_in(listing)).get(name)


def commit(tree_id: str, parents: Sequence[str], author: Stamp, committer: Stamp, message: str) -> GitObject:
    """A commit; lone surrogates in the message become question marks."""
    lines = [f"tree {tree_id}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author}", f"committer {committer}", "", message]
    return _object("commit", "\n".join(lines).encode("utf-8", "replace"))


def tag(data: bytes) -> GitObject:
    """An annotated tag, with its signature."""
    return _object("tag", data)


def moved_commit(data: bytes, tree_id: str, parents: Sequence[str], said: str) -> GitObject:
    """A commit from the bytes of another, with another tree, other parents, and `said` at its end."""
    head, separator, message = data.partition(b"\n\n")
    kept = [line for line in head.split(b"\n") if not line.startswith((b"tree ", b"parent "))]
    lines = [f"tree {tree_id}".encode(), *(f"parent {parent}".encode() for parent in parents), *kept]
    return _object("commit", b"\n".join(lines) + separator + message + said.encode())


class ObjectWriter:
    """Writes objects into the folder `objects` of a repository.

    `token` stands in the names of unfinished files, so that those of a dead writer can be told and swept. The names
    begin like git's own, so that `git gc` clears away what nobody sweeps.
    """

    def __init__(self, objects: Path, token: str) -> None:
        self._objects = objects
        self._token = token
        self._count = 0

    def write(self, objects: Iterable[GitObject]) -> None:
        """Write what is not there yet; all of it is on the disk before whatever is flushed next.

        Raises OSError (a full disk, no right to write); no unfinished file of ours then remains.
        """
        folder = os.open(self._objects, os.O_RDONLY)
        try:
            unique = {item.id: item for item in objects}
            self._write(folder, [item for item in unique.values() if not _renew(folder, item.id)])
        finally:
            os.close(folder)

    def _write(self, folder: int, new: list[GitObject]) -> None:
        drafts: list[tuple[str, str]] = []
        try:
            self._write_out(folder, new, drafts)
            made = [_put(folder, draft, place) for draft, place in drafts]
        except BaseException:
            for draft, _ in drafts:
                with suppress(OSError):
                    os.unlink(draft, dir_fd=folder)
            raise
        shelves = {place[:2] for _, place in drafts}
        flush_ahead([*(self._objects / name for name in sorted(shelves)), *([self._objects] if any(made) else [])])

    def _write_out(self, folder: int, objects: list[GitObject], drafts: list[tuple[str, str]]) -> None:
        with WriteOut(os.fstat(folder).st_dev) as out:
            for item in objects:
                out.add(self._draft(folder, item, drafts))

    def _draft(self, folder: int, item: GitObject, drafts: list[tuple[str, str]]) -> int:
        """The object in a file in the folder above its place: neighbours there lie side by side on the disk."""
        packed = compress(b"%s %d\0" % (item.kind.encode(), len(item.data)) + item.data, 1)
        self._count += 1
        draft = f"tmp_obj_{self._token}_{self._count}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444, dir_fd=folder)
        drafts.append((draft, _place(item.id)))
        try:
            rest = memoryview(packed)
            while rest:
                rest = rest[os.write(handle, rest) :]
        except BaseException:
            os.close(handle)
            raise
        return handle


def _place(object_id: str) -> str:
    """Where an object lies in the folder `objects`."""
    return f"{object_id[:2]}/{object_id[2:]}"


def _renew(folder: int, object_id: str) -> bool:
    """Is the object there as a file? Then its time is renewed, or `git gc` may take it for old and drop it."""
    try:
        os.utime(_place(object_id), dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def _put(folder: int, draft: str, place: str) -> bool:
    """Give an object its name; was a folder made for it? (`git gc` removes empty folders at any moment.)"""
    for made in range(_TRIES):
        try:
            os.rename(draft, place, src_dir_fd=folder, dst_dir_fd=folder)
        except FileNotFoundError:
            if made == _TRIES - 1:
                raise
            with suppress(FileExistsError):
                os.mkdir(place[:2], dir_fd=folder)
        else:
            break
    return made > 0
