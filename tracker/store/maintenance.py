"""Keeps a store small and quick: loose objects into packs, small packs into larger ones, many refs into one file.

It is safe at any moment, while others write, and when it is killed: what is packed is removed from its old place only
when the pack is on the disk; what no ref names is left alone until it is old, for somebody may be about to name it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tracker.errors import StoreBusy, StoreError
from tracker.store.flushing import flush_folder
from tracker.store.locks import COMMIT_GRAPHS, GC_LOCK, IMPORT_LOCK, PACKED_REFS, WriterFile, locked
from tracker.store.packing import NAMELESS, Progress, arranged, lines_of, pack, packed_size, reachable
from tracker.store.repository import Repository, refusal

# When it is time: looking for an object costs a look into every pack, and each loose file a block of the disk.
LOOSE_OBJECTS, PACKS, LOOSE_REFS = 5_000, 30, 5_000
UNNAMED_FOR = timedelta(days=14)  # what no ref has named for so long is nobody's
_UNFINISHED_FOR = timedelta(days=1)
_MANY_PACKS = 12  # from so many on the small ones are packed anew
_OBJECT = re.compile(r"[0-9a-f]{40}")
_ARRANGED = "arranged"  # in the store's folder: the packs that lie as we would have them
_GROWTH = 2  # a pack is left alone that is so many times as big as all smaller ones together


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a repository is made of. Bytes are those that the files take on the disk."""

    loose_objects: int = 0
    loose_bytes: int = 0
    packs: int = 0
    pack_bytes: int = 0
    loose_refs: int = 0

    @property
    def bytes(self) -> int:
        """All that its objects take."""
        return self.loose_bytes + self.pack_bytes

    @property
    def due(self) -> bool:
        """Is there so much of anything that it slows the store down or fills the disk?"""
        return self.loose_objects >= LOOSE_OBJECTS or self.packs >= PACKS or self.loose_refs >= LOOSE_REFS


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What maintenance came to, or would. `removed` objects were named by nothing."""

    before: Holdings
    after: Holdings
    packed: int
    removed: int


def holdings(repository: Repository) -> Holdings:
    """Count what is there: a moment's work, however large the store is."""
    loose = [_taken(path) for _, path in loose_objects(repository)]
    packs = packs_of(repository)
    pack_bytes = sum(_taken(part) for path in packs for part in files_of(path))
    refs = sum(len(files) for _, _, files in os.walk(repository.git_dir / "refs"))
    return Holdings(len(loose), sum(loose), len(packs), pack_bytes, refs)


def maintain(
    repository: Repository,
    *,
    every: bool = False,
    quick: bool = False,
    dry: bool = False,
    progress: Progress | None = None,
) -> Upkeep:
    """Pack what is loose, packs that others have written (an import, a pull), and where packs are many those that are
    small beside the others; all of them if `every`, and no others' if `quick`.

    Objects that no ref has named for 14 days are removed where packs are packed anew (what must go at once
    is taken out by removal.py). `dry` only finds out what it would come to. `progress` is told (done, all) while packs
    are made. Raises StoreBusy where another is at it, StoreError where the store cannot be read or written.
    """
    try:
        with locked(repository, GC_LOCK, wait=False) as ours:
            if not ours:
                raise StoreBusy(f"the store at {repository.path} is being packed by another process; nothing to do")
            before = holdings(repository)
            task = _planned(repository, every=every, quick=quick)
            if dry:
                after = _foreseen(repository, before, task)
            else:
                _do(repository, before, task, progress)
                after = holdings(repository)
            return Upkeep(before, after, len(task.texts) + len(task.pages), len(task.old))
    except OSError as error:
        raise refusal(error, repository.path) from error


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be done: the `packs` that give way and the `loose` objects go into three new packs.

    `texts` and `pages` are named by refs; `rest` by none that we know (id -> name), and was last wanted at
    `rest_wanted`; `old` is dropped. `tips` are the refs that this was decided on. If `anew`, all likenesses are looked
    for again: else those that a pack knows stay.
    """

    loose: Mapping[str, float]
    packs: Sequence[Path]
    texts: Mapping[str, str]
    pages: Mapping[str, str]
    rest: Mapping[str, str]
    rest_wanted: float
    old: frozenset[str]
    tips: Mapping[str, str]
    every: bool
    anew: bool

    @property
    def parts(self) -> tuple[Mapping[str, str], ...]:
        return self.texts, self.pages, self.rest


def _planned(repository: Repository, *, every: bool, quick: bool) -> _Task:
    tips = repository.refs() | lone_head(repository)
    loose = {object_id: path.stat().st_mtime for object_id, path in loose_objects(repository)}
    arranged_packs = _arranged(repository)
    merged = _to_merge(repository, arranged_packs, every=every, quick=quick)
    packs = {path: ids_of(path) for path in merged}
    times = {each: path.stat().st_mtime for path, ids in packs.items() for each in ids}
    times |= {each: max(at, times.get(each, 0.0)) for each, at in loose.items()}
    # Without a pack in it only refs that have moved are looked at: quick, but it does not tell what is nobody's.
    whole = bool(packs)
    texts, pages = arranged(reachable(repository, {r: tip for r, tip in tips.items() if whole or tip in loose}), times)
    unnamed = times.keys() - texts.keys() - pages.keys()
    limit = time.time() - UNNAMED_FOR.total_seconds()
    old = frozenset(each for each in unnamed if times[each] < limit) if whole else frozenset()
    rest = unnamed - old
    # A pack of nothing but what nobody names keeps its age where it is.
    waiting = {path for path, ids in packs.items() if rest.issuperset(ids)}
    rest -= {each for path in waiting for each in packs[path]}
    wanted = max((times[each] for each in rest), default=0.0)
    going = [path for path in packs if path not in waiting]
    anew = every or any(path.stem not in arranged_packs for path in going)
    return _Task(loose, going, texts, pages, dict.fromkeys(rest, NAMELESS), wanted, old, tips, every, anew)


def lone_head(repository: Repository) -> dict[str, str]:
    """A HEAD that names no branch, which is none of our doing, but is a name as well."""
    said = (repository.git_dir / "HEAD").read_text("utf-8", "replace").strip()
    return {"HEAD": said} if _OBJECT.fullmatch(said) else {}


def _arranged(repository: Repository) -> frozenset[str]:
    """The names of the packs that maintenance has made."""
    try:
        return frozenset((repository.path / _ARRANGED).read_text("ascii", "replace").split())
    except FileNotFoundError:
        return frozenset()


def _note_arranged(repository: Repository, made: Sequence[Path]) -> None:
    known = _arranged(repository) | {path.stem for path in made}
    draft = repository.path / f"{_ARRANGED}.new"
    draft.write_text("".join(f"{path.stem}\n" for path in packs_of(repository) if path.stem in known), "ascii")
    draft.replace(repository.path / _ARRANGED)


def _to_merge(repository: Repository, arranged_packs: Collection[str], *, every: bool, quick: bool) -> list[Path]:
    """The packs that are packed anew: all, or those of others, and, where packs are many, the small ones."""
    packs = [path for path in packs_of(repository) if not path.with_suffix(".keep").exists()]
    if every:
        return packs
    sizes = sorted((path.stat().st_size, path) for path in packs)
    count, together = 0, 0
    for number, (size, _) in enumerate(sizes, 1):
        if size < _GROWTH * together:
            count = number
        together += size
    small = [path for _, path in sizes[:count]] if len(packs) >= _MANY_PACKS else []
    strange = [] if quick else [path for path in packs if path.stem not in arranged_packs]
    return list(dict.fromkeys([*small, *strange]))


def _foreseen(repository: Repository, before: Holdings, task: _Task) -> Holdings:
    """What would be there afterwards."""
    sizes = [packed_size(repository, part, anew=task.anew) for part in task.parts]
    gone = sum(_taken(part) for path in task.packs for part in files_of(path))
    return replace(
        before,
        loose_objects=0,
        loose_bytes=0,
        packs=before.packs - len(task.packs) + sum(map(bool, sizes)),
        pack_bytes=before.pack_bytes - gone + sum(sizes),
        loose_refs=before.loose_refs if _keeps_refs(before, task) else 1,
    )


def _keeps_refs(before: Holdings, task: _Task) -> bool:
    return before.loose_refs < LOOSE_REFS and not task.every


# --- doing it -----------------------------------------------------------------------------------------------


def _do(repository: Repository, before: Holdings, task: _Task, progress: Progress | None) -> None:
    made = [path for part in task.parts if (path := pack(repository, part, anew=task.anew, progress=progress))]
    if task.rest:
        os.utime(made[-1], (task.rest_wanted, task.rest_wanted))
    flush_folder(repository.objects / "pack")
    _look_over(repository, task, made)
    with locked(repository, IMPORT_LOCK):  # an import trusts that what is in a pack stays
        if not _named_meanwhile(repository, task):
            _remove(repository, task, made)
    _note_arranged(repository, made)
    repository.start().prune_packed("-q")
    if task.texts:
        write_graph(repository, "--split=replace" if task.packs else "--split")
    _sweep(repository)
    if not _keeps_refs(before, task):
        _pack_refs(repository)


def write_graph(repository: Repository, *how: str) -> None:
    """Tell git which commits lead to which. It only saves time: where another git holds its lock, it is left as it is.

    Its locks are named as those of refs are, so that a writer that is killed here keeps nobody from it.
    """
    from git import GitCommandError

    file = WriterFile(repository)
    try:
        file.name(COMMIT_GRAPHS)
        with suppress(GitCommandError):
            repository.start().commit_graph("write", "--reachable", *how)
    finally:
        file.close(finished=True)


def _pack_refs(repository: Repository) -> None:
    """Git locks each ref that it packs: they are named, so that none stays locked where it is killed.

    Raises StoreBusy where another git holds a lock, StoreError where it cannot be done.
    """
    from git import GitCommandError

    folder = repository.git_dir
    loose = [str(path.relative_to(folder)) for path in (folder / "refs").rglob("*") if path.is_file()]
    file = WriterFile(repository)
    try:
        file.name([*loose, PACKED_REFS])
        repository.start().pack_refs("--all")
    except GitCommandError as error:
        said = str(error.stderr).strip(" \n'").partition("\n")[0].removeprefix("stderr: ")
        if "File exists" in said:
            lock = repository.lock_of(PACKED_REFS)
            raise StoreBusy(
                f"refs were not packed: {lock} is held by another git; wait for it, then try again"
            ) from error
        raise StoreError(f"refs were not packed ({said}); run `tracker doctor`") from error
    finally:
        file.close(finished=True)


def _look_over(repository: Repository, task: _Task, made: Sequence[Path]) -> None:
    """Everything that the old packs are to be removed for is in the new ones: looked up, not believed."""
    there = {each for path in made for each in ids_of(path)}
    if any(not part.keys() <= there for part in task.parts):
        raise StoreError(f"a new pack in {repository.objects / 'pack'} lacks objects; nothing was removed")


def _named_meanwhile(repository: Repository, task: _Task) -> bool:
    """Does a ref that has moved since lead to something that was nobody's?"""
    moved = {ref: tip for ref, tip in repository.refs().items() if task.tips.get(ref) != tip}
    if not (moved and task.old):
        return False
    known = [f"^{task.tips[ref]}" for ref in moved if ref in task.tips]
    found = lines_of(repository, "rev-list", "--objects", "--stdin", given=[*moved.values(), *known])
    return not task.old.isdisjoint([line[:40] for line in found])


def _remove(repository: Repository, task: _Task, made: Sequence[Path]) -> None:
    """The old packs, and what is nobody's. `made` are the new packs: one may be an old one, made again."""
    staying = {path.name for path in made}
    if task.packs:
        for listing in (repository.objects / "pack").glob("multi-pack-index*"):
            listing.unlink(missing_ok=True)  # it names packs that go
    for path in task.packs:
        if path.name not in staying:
            for part in files_of(path):
                part.unlink(missing_ok=True)
    for object_id in task.old & task.loose.keys():
        _remove_loose(repository.objects / object_id[:2] / object_id[2:], task.loose[object_id])


def _remove_loose(path: Path, seen_at: float) -> None:
    """Remove an object unless somebody has renewed it since, who is then about to name it."""
    aside = path.with_name(f"tmp_obj_{path.name}")
    with suppress(FileNotFoundError):
        path.rename(aside)
        if aside.stat().st_mtime > seen_at:
            aside.rename(path)
        else:
            aside.unlink()


def _sweep(repository: Repository) -> None:
    """What others have left unfinished, git or an import that was killed."""
    folder = repository.objects / "pack"
    left = [
        *folder.glob("tmp_*"),
        *folder.glob(".tmp-*"),
        *repository.objects.glob("??/tmp_obj_*"),
        *repository.objects.glob("tmp_obj_*"),
        *(path for path in folder.glob("pack-*.keep") if _is_of_an_import(path)),
        *(path for path in folder.glob("pack-*.pack") if not path.with_suffix(".idx").exists()),
    ]
    limit = time.time() - _UNFINISHED_FOR.total_seconds()
    for path in left:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()


def _is_of_an_import(path: Path) -> bool:
    with suppress(FileNotFoundError):  # it has just ended
        return path.read_bytes().strip() == b"fast-import"
    return False


# --- what lies there ----------------------------------------------------------------------------------------


def loose_objects(repository: Repository) -> Iterator[tuple[str, Path]]:
    """(id, file) of each loose object."""
    for folder in repository.objects.glob("[0-9a-f][0-9a-f]"):
        with suppress(FileNotFoundError):  # git takes away a folder that has become empty
            for path in folder.iterdir():
                if _OBJECT.fullmatch(object_id := folder.name + path.name):
                    yield object_id, path


def packs_of(repository: Repository) -> list[Path]:
    """The packs that can be read."""
    return [path for path in (repository.objects / "pack").glob("pack-*.pack") if path.with_suffix(".idx").exists()]


def files_of(path: Path) -> list[Path]:
    """A pack's files, that first without which nobody finds the others."""
    return sorted(path.parent.glob(f"{path.stem}.*"), key=lambda each: each.suffix != ".idx")


def ids_of(path: Path) -> tuple[str, ...]:
    """The objects of a pack, from its index: a head, 256 counts, then the ids (git's format-pack, version 2)."""
    data = path.with_suffix(".idx").read_bytes()
    if data[:8] != b"\xfftOc\0\0\0\2":
        raise StoreError(f"{path.with_suffix('.idx')} is none that tracker can read; run `tracker doctor --fsck`")
    start = 8 + 256 * 4
    count = int.from_bytes(data[start - 4 : start])
    return tuple(data[at : at + 20].hex() for at in range(start, start + count * 20, 20))


def _taken(path: Path) -> int:
    """The bytes that a file takes on the disk; 0 where it is gone."""
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0
