"""Takes objects out of the repository for good, at once: what was deleted or pruned is nowhere in it afterwards.

Git itself keeps what no ref reaches for weeks, loose or in packs, because somebody may be about to use it. Here nobody
is: it is done alone. A mark is set before any ref is moved, and goes when all is done: whoever finds one knows that a
removal was interrupted, and can finish it.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import StoreError
from tracker.store.flushing import flush_folder
from tracker.store.locks import GC_LOCK, IMPORT_LOCK, WRITE_LOCK, locked_alone
from tracker.store.maintenance import files_of, holdings, ids_of, lone_head, loose_objects, packs_of, write_graph
from tracker.store.packing import arranged, lines_of, pack, reachable
from tracker.store.repository import Repository, refusal

PATIENCE_SECONDS = 60.0  # for so long it is waited for writers, and for whoever packs


@dataclass(frozen=True, slots=True)
class Removed:
    """How many objects went, and how many bytes of the disk with them (what is packed anew may also grow)."""

    objects: int
    bytes: int


@contextmanager
def removing(repository: Repository) -> Iterator[None]:
    """Around a removal, from before any ref is moved: its mark stays where it does not come to its end."""
    try:
        path, handle = _mark(repository)
    except OSError as error:
        raise refusal(error, repository.path) from error
    try:
        yield
        settle([path])
    finally:
        os.close(handle)


def _mark(repository: Repository) -> tuple[Path, int]:
    path = _marks(repository) / uuid.uuid4().hex
    handle = None
    while handle is None:
        path.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another that came to its end has taken the folder away
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(handle, fcntl.LOCK_EX)
    flush_folder(path.parent)
    flush_folder(repository.path)
    return path, handle


def interrupted(repository: Repository) -> list[Path]:
    """The marks of removals that ended before their end."""
    try:
        return [path for path in sorted(_marks(repository).iterdir()) if _is_dead(path)]
    except OSError:
        return []


def _is_dead(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False  # at work at this moment
    finally:
        os.close(handle)
    return True


def settle(marks: Sequence[Path]) -> None:
    """What these mark has come to its end."""
    for each in marks:
        each.unlink(missing_ok=True)
        with suppress(OSError):  # another has begun
            each.parent.rmdir()


def _marks(repository: Repository) -> Path:
    return repository.path / "removals"


def take_out(repository: Repository) -> Removed:
    """Remove every object that no ref reaches, also from packs, which are made anew without it.

    Nobody writes meanwhile. Needs about 100 bytes of memory for each object of the store. Raises StoreBusy where others
    are at work for too long, and StoreError where the store cannot be read whole: then nothing is removed.
    """
    try:
        with ExitStack() as locks:
            for name in (GC_LOCK, IMPORT_LOCK, WRITE_LOCK):  # writers take the last two in this order
                locks.enter_context(locked_alone(repository, name, PATIENCE_SECONDS))
            return _take_out(repository)
    except OSError as error:
        raise refusal(error, repository.path) from error


def _take_out(repository: Repository) -> Removed:
    before = holdings(repository)
    kept = {bytes.fromhex(line[:40]) for line in lines_of(repository, "rev-list", "--objects", "--all")}
    packs = {path: ids for path in packs_of(repository) if any(_gone(kept, ids := ids_of(path)))}
    loose = {each: path for each, path in loose_objects(repository) if bytes.fromhex(each) not in kept}
    if not (packs or loose):
        return Removed(0, 0)
    _forget_graph(repository)
    _pack_anew(repository, kept, packs)
    for path in loose.values():
        path.unlink(missing_ok=True)
    write_graph(repository)
    dropped = loose.keys() | {each for ids in packs.values() for each in _gone(kept, ids)}
    return Removed(len(dropped), max(0, before.bytes - holdings(repository).bytes))


def _forget_graph(repository: Repository) -> None:
    """The commit graph lists commits that go; git does without, and finds fault with one that lists what is gone."""
    info = repository.objects / "info"
    for path in (info / "commit-graphs" / "commit-graph-chain", info / "commit-graph", *info.glob("commit-graphs/*")):
        path.unlink(missing_ok=True)


def _gone(kept: Container[bytes], ids: Iterable[str]) -> Iterator[str]:
    return (each for each in ids if bytes.fromhex(each) not in kept)


def _pack_anew(repository: Repository, kept: Container[bytes], packs: Mapping[Path, Sequence[str]]) -> None:
    """Put new packs in the place of these, without what is not kept."""
    staying = {each for ids in packs.values() for each in ids if bytes.fromhex(each) in kept}
    tips = repository.refs() | lone_head(repository)
    parts = arranged(reachable(repository, tips), staying) if staying else ()
    made = [path for part in parts if (path := pack(repository, part))]
    flush_folder(repository.objects / "pack")
    if missing := staying - {each for path in made for each in ids_of(path)}:
        raise StoreError(f"new packs in {repository.objects} lack {len(missing)} objects; nothing was removed")
    if packs:
        for listing in (repository.objects / "pack").glob("multi-pack-index*"):
            listing.unlink(missing_ok=True)  # it names packs that go
    for path in packs.keys() - set(made):
        for part in files_of(path):
            part.unlink(missing_ok=True)
