"""Packs in which the versions of an article lie side by side, so that each is little more than what is new in it.

`git pack-objects` looks for likenesses among neighbours in an order of its own: by type, then by a hash of the file's
name. Every article has a file of the same name, so that git alone puts strangers together and its packs come out up to
twice as big. It is given names of our making instead, whose hash is exactly the place that we want.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, TYPE_CHECKING

from tracker.errors import DamagedStore, StoreError
from tracker.store.repository import Repository

if TYPE_CHECKING:
    from git import Git

Progress = Callable[[int, int], None]

WINDOW, DEPTH = 10, 50
_DIGITS = "0@P`"  # 16 apart: the hash of git then reads a name as a number to the base 4, its last character first
_PLACES = 15
_KINDS = ("article.md", "meta.json", "page.html", "capture.json")
_OF_PAGES = ("refs/raw/", "refs/quarantine/")
_NICENESS = 10
_AT_ONCE = 500  # refs whose histories are walked by one git
_COMMIT = re.compile(r"[0-9a-f]{40}(?: [0-9a-f]{40})*")
_SHARE = re.compile(rb"\((\d+)/(\d+)\)")


def place_name(kind: int, article: int) -> str:
    """A name that `pack-objects` sorts by kind, then by article: both are numbers, the article's below 4^13."""
    number, digits = kind * 4 ** (_PLACES - 2) + article, []
    for _ in range(_PLACES):
        number, digit = divmod(number, 4)
        digits.append(_DIGITS[digit])
    return "".join(digits)


def reachable(repository: Repository, tips: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(id, ref, file name) of every object that these refs (ref -> id) lead to, file names of blobs alone.

    Some hundred refs at a time: git keeps all that it still has to walk in one list by date, and puts each parent into
    its place from the front. With a hundred thousand histories at once that alone took minutes. Raises StoreError where
    git finds the store damaged.
    """
    names = sorted(tips)
    for place in range(0, len(names), _AT_ONCE):
        some = names[place : place + _AT_ONCE]
        yield from _walk(repository, {tips[name]: name for name in some})


def _walk(repository: Repository, refs: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """As `reachable`, of a few refs by what they name: a commit belongs to the ref that its child belongs to."""
    how = ("--objects", "--parents", "--topo-order", "--in-commit-order", "--stdin")
    ref = ""
    for line in lines_of(repository, "rev-list", *how, given=list(refs)):
        object_id, _, rest = line.partition(" ")
        if is_commit := _COMMIT.fullmatch(line) is not None:
            ref = refs.get(object_id, "")
            for parent in rest.split():
                refs.setdefault(parent, ref)
        yield object_id, ref, "" if is_commit else rest


def lines_of(repository: Repository, *command: str, given: Iterable[str] = ()) -> Iterator[str]:
    """What a git command prints, line by line; it is `given` lines on its input.

    Raises StoreError where it ends badly.
    """
    process = repository.start().execute(["git", *command], as_process=True, istream=PIPE)
    try:
        with suppress(BrokenPipeError):  # it ended before it had read all, and says why
            process.stdin.write("".join(f"{line}\n" for line in given).encode())
            process.stdin.close()
        for line in process.stdout:
            yield line.decode("utf-8", "replace").rstrip("\n")
        said = process.stderr.read().decode("utf-8", "replace")
        if _status(process):
            raise DamagedStore(f"git cannot read all of {repository.path} ({_last(said)}); run `tracker doctor --fsck`")
    finally:
        process.__del__()  # closes its pipes; GitPython has no other name for it


def _status(process: Git.AutoInterrupt) -> int:
    return process.proc.wait() if process.proc else 0


def _last(said: str) -> str:
    return said.strip().rpartition("\n")[2] or "it gave no reason"


def arranged(found: Iterable[tuple[str, str, str]], wanted: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The reachable ones of the `wanted` objects, each with the name to pack it by: those of texts, those of pages."""
    kept = [each for each in found if each[0] in wanted]
    numbers = {branch: number for number, branch in enumerate(sorted({_branch(ref) for _, ref, _ in kept}))}
    texts: dict[str, str] = {}
    pages: dict[str, str] = {}
    for object_id, ref, name in kept:
        kind = _KINDS.index(name) if name in _KINDS else len(_KINDS)
        part = pages if ref.startswith(_OF_PAGES) else texts
        if object_id not in texts and object_id not in pages:
            part[object_id] = place_name(kind, numbers[_branch(ref)])
    return texts, pages


NAMELESS = place_name(len(_KINDS), 0)


def _branch(ref: str) -> str:
    """What is the same in the names of all refs of an article: host and slug."""
    return ref.split("/", 2)[-1]


def pack(
    repository: Repository, names: Mapping[str, str], *, anew: bool = False, progress: Progress | None = None
) -> Path | None:
    """Write a pack of these objects (id -> name) beside the others, None where there are none.

    `anew` looks for all likenesses again; else those that are known stay. `progress` is told (done, all) of the objects
    that are compared. Raises StoreError; what is left then is removed by a sweep.
    """
    if not names:
        return None
    folder = repository.objects / "pack"
    process = _start(repository, names, ["--progress", str(folder.absolute() / "pack")], anew=anew)
    said = _followed(process.stderr, progress)
    digest = process.stdout.read().decode().strip()
    _end(repository, process, said)
    return folder / f"pack-{digest}.pack"


def send(repository: Repository, names: Mapping[str, str], copy: Repository) -> None:
    """Write a pack of these objects (id -> name) into another repository, durably. Raises StoreError."""
    process = _start(repository, names, ["-q", "--stdout"], anew=False)
    taken, _, said = copy.start().execute(
        ["git", "index-pack", "--stdin"], istream=process.stdout, with_extended_output=True, with_exceptions=False
    )
    _end(repository, process, process.stderr.read().decode("utf-8", "replace"))
    if taken:
        raise StoreError(f"git could not write to {copy.path} ({_last(str(said))}); free some space and try again")


def packed_size(repository: Repository, names: Mapping[str, str], *, anew: bool = False) -> int:
    """How many bytes a pack of these objects would have. Nothing is written."""
    if not names:
        return 0
    process = _start(repository, names, ["-q", "--stdout"], anew=anew)
    size = sum(len(part) for part in iter(lambda: process.stdout.read(1 << 20), b""))
    _end(repository, process, process.stderr.read().decode("utf-8", "replace"))
    return size


def _start(repository: Repository, names: Mapping[str, str], where: list[str], *, anew: bool) -> Git.AutoInterrupt:
    how = [f"--window={WINDOW}", f"--depth={DEPTH}", "--delta-base-offset", *(["--no-reuse-delta"] if anew else [])]
    process = repository.start().execute(["git", "pack-objects", *how, *where], as_process=True, istream=PIPE)
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
    with suppress(BrokenPipeError):  # git says why, and we read that next
        for object_id, name in names.items():
            process.stdin.write(f"{object_id} {name}\n".encode())
        process.stdin.close()
    return process


def _end(repository: Repository, process: Git.AutoInterrupt, said: str) -> None:
    ended = _status(process)
    process.__del__()  # closes its pipes
    if not ended:
        return
    if "No space left" in said or "Disk quota" in said:
        raise StoreError(f"no space left to pack the store at {repository.path}; nothing was removed, free some space")
    raise StoreError(f"git could not pack the store at {repository.path} ({_last(said)}); run `tracker doctor --fsck`")


def _followed(stream: IO[bytes], progress: Progress | None) -> str:
    """Read git's own progress to its end, and tell it; the last of what was said."""
    said = b""
    while part := os.read(stream.fileno(), 4096):
        said = (said + part)[-4096:]
        shares = _SHARE.findall(part) if progress and b"Compressing" in part else ()
        if shares and progress:
            progress(*map(int, shares[-1]))
    return said.decode("utf-8", "replace")
