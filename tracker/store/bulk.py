"""Many snapshots at once through `git fast-import`: objects that are gathered go into one pack, not into files.

fast-import keeps a file as a difference only to the one before it, so the order is all: site, kind of file, article,
version. What it is told ends in commits of ids that are known beforehand, and nothing counts before a ref names one of
them: git would refuse that for a commit that came out any different, and with it everything that leads to it.

One process a batch: it holds all that it has seen in memory, and what it wrote cannot be read before it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from subprocess import PIPE

from tracker.errors import StoreError
from tracker.store.flushing import flush_folder
from tracker.store.objects import GitObject, files_in
from tracker.store.pending import RefMove
from tracker.store.repository import Repository, no_space

MANY = 400  # objects, of some 50 snapshots: from here on a pack is quicker to write than so many files
_REF = "refs/tracker/import"  # where the commits are made; it never comes to be
_NOTHING = "0" * 40


@dataclass(frozen=True, slots=True)
class _Made:
    """A commit that is to be written, by the ref that leads to it."""

    ref: str
    id: str
    tree: str
    parents: tuple[str, ...]
    signed: bytes  # its lines of author and committer, as they are
    message: bytes


def import_objects(repository: Repository, objects: Mapping[str, GitObject], moves: Sequence[RefMove]) -> None:
    """Write the objects that these moves lead to, durably, into a pack of their own.

    Trees are flat and hold plain files, as all of ours. Raises StoreError; what is left then is swept by maintenance.
    """
    commits = list(_in_order(objects, moves))
    process = repository.start().execute(
        ["git", "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"], as_process=True, istream=PIPE
    )
    status = None
    try:
        with suppress(BrokenPipeError):  # git says why, and we read that next
            for part in _stream(objects, commits):
                process.stdin.write(part)
            process.stdin.close()
        said = process.stderr.read().decode("utf-8", "replace")
        status = process.proc.wait() if process.proc else None
    finally:
        pid = process.pid
        process.__del__()  # ends it, if we were interrupted
        (repository.git_dir / f"fast_import_crash_{pid}").unlink(missing_ok=True)
    if status:
        if "No space left" in said or "Disk quota" in said:
            raise no_space(repository.path)
        raise StoreError(f"git could not write to the store at {repository.path}: {said.strip().partition(chr(10))[0]}")
    flush_folder(repository.objects / "pack")


def _in_order(objects: Mapping[str, GitObject], moves: Iterable[RefMove]) -> Iterator[_Made]:
    """The commits that the moves lead to, each after its parents."""
    done: set[str] = set()
    for move in moves:
        waiting = [move.new] if move.new else []
        while waiting:
            found = objects.get(waiting[-1])
            if found is None or found.id in done or found.kind != "commit":
                waiting.pop()
                continue
            made = _read(move.ref, found)
            before = [parent for parent in made.parents if parent in objects and parent not in done]
            if before:
                waiting += before
                continue
            done.add(found.id)
            waiting.pop()
            yield made


def _read(ref: str, found: GitObject) -> _Made:
    head, _, message = found.data.partition(b"\n\n")
    lines = head.split(b"\n")
    parents = tuple(line[7:].decode() for line in lines if line.startswith(b"parent "))
    signed = b"\n".join(lines[1 + len(parents) :])
    return _Made(ref, found.id, lines[0][5:].decode(), parents, signed, message)


def _stream(objects: Mapping[str, GitObject], commits: Sequence[_Made]) -> Iterator[bytes]:
    """What fast-import is told: all files in their order, then the commits."""
    for blob_id in _files(objects, commits):
        data = objects[blob_id].data
        yield b"blob\ndata %d\n" % len(data)
        yield data
        yield b"\n"
    marks: dict[str, str] = {}
    for number, made in enumerate(commits, 1):
        marks[made.id] = f":{number}"
        first, *others = [marks.get(parent, parent) for parent in made.parents] or [_NOTHING]
        lines = [f"reset {_REF}", "", f"commit {_REF}", f"mark :{number}"]
        yield "\n".join(lines).encode() + b"\n" + made.signed + b"\ndata %d\n" % len(made.message) + made.message
        links = [f"from {first}"] if made.parents else []
        links += [f"merge {other}" for other in others]
        yield "\n".join(["", *links, *_changes(objects, made), "", ""]).encode()
    yield f"reset {_REF}\nfrom {_NOTHING}\n\ndone\n".encode()


def _changes(objects: Mapping[str, GitObject], made: _Made) -> list[str]:
    """What makes the tree of a commit: its files, or the tree of that id, which is in the store."""
    listing = objects.get(made.tree)
    if listing is None:
        return [f'M 040000 {made.tree} ""']
    return ["deleteall", *(f"M 100644 {blob_id} {name}" for name, blob_id in files_in(listing))]


def _files(objects: Mapping[str, GitObject], commits: Iterable[_Made]) -> list[str]:
    """The files of these commits that wait to be written, by site, kind, article and version."""
    places: dict[str, tuple[str, str, str, int]] = {}
    for number, made in enumerate(commits):
        listing = objects.get(made.tree)
        _, _, name = made.ref.split("/", 2)
        for file, blob_id in files_in(listing) if listing else ():
            if blob_id in objects:
                places.setdefault(blob_id, (name.partition("/")[0], file, name, number))
    return sorted(places, key=places.__getitem__)
