"""No room at each call that writes, one after the other: nothing half is seen, nothing stored is lost."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.store_support import URL, at, bare, capture, git, history_of, put
from tracker.errors import StoreError
from tracker.store import Store, examine, open_store

OTHER = "https://daily.example/other"


@contextmanager
def full_at(number: int) -> Iterator[list[str]]:
    """The call of this number that writes finds no room; the calls that came are listed."""
    calls: list[str] = []
    patch = pytest.MonkeyPatch()

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if name != "open" or (isinstance(arguments[1], int) and arguments[1] & os.O_CREAT):
                calls.append(name)
                if len(calls) == number:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **named)

        return call

    for name in ("open", "write", "pwrite", "ftruncate", "rename", "mkdir", "fsync"):
        patch.setattr(os, name, counted(name, getattr(os, name)))
    try:
        yield calls
    finally:
        patch.undo()


@dataclass(frozen=True)
class Work:
    """Something that writes, and what must be there before."""

    name: str
    do: Callable[[Store, int], object]
    before: Callable[[Store, int], object] = lambda _store, _turn: None


def text(number: int) -> str:
    return f"{number} men died."


def two_captures(store: Store, turn: int) -> None:
    put(store, "A first text.", when=at(0), url=f"{OTHER}-{turn}")
    put(store, "A second text.", when=at(1), url=f"{OTHER}-{turn}")


def many(store: Store, turn: int) -> None:
    with store.gather():
        for number in range(60):
            put(store, f"{turn} {number}", when=at(turn), url=f"{URL}-{turn}-{number}")


def prune(store: Store, turn: int) -> None:
    store.pruner.prune([history_of(store, f"{OTHER}-{turn}")], at(turn + 60), "rule 4", lambda _: None)


WORKS = [
    Work("new article", lambda store, turn: put(store, text(turn), when=at(turn), url=f"{URL}-{turn}")),
    Work("snapshot", lambda store, turn: put(store, text(turn), when=at(turn))),
    Work("older snapshot", lambda store, turn: put(store, text(turn), when=at(-turn))),
    Work("wall", lambda store, turn: store.quarantine_page(URL, capture(at(turn), f"no {turn}"), "a wall")),
    Work("many", many),
    Work(
        "copy of state",
        lambda store, _: store.copy_state(),
        before=lambda store, _: store.state.count_blocked(history_of(store).branch),
    ),
    Work("pruning", prune, before=two_captures),
    Work(
        "deletion",
        lambda store, turn: store.deleter.delete(store.all_names(f"{OTHER}-{turn}"), "x"),
        before=two_captures,
    ),
    Work("backup", lambda store, _: store.backup.write(store.path.with_name("backup")), before=two_captures),
]


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_no_room_at_any_call(tmp_path, work):
    place = tmp_path / "store"
    with open_store(place, create=True) as store:
        stored = [put(store, "One man died.").revision]
        for number in range(1, 100):
            work.before(store, number)
            with full_at(number) as calls:
                error = attempt(store, work, number)
            if len(calls) < number:
                break
            assert error is None or (error.exit_code, "no space left" in str(error)) == (7, True), error
            assert not list((bare(store) / "objects").glob("tmp_obj_*"))
            stored.append(put(store, f"And then {number}.", when=at(1000 + number)).revision)
            assert history_of(store).captures[-1].revision == stored[-1]
    assert number > 5, "the disk was never full"
    assert set(stored) <= set(git(place / "articles.git", "rev-list", "--branches").split())
    assert texts(place / "articles.git", "refs/heads/*") <= texts(place / "articles.git", "refs/raw/*")
    examine(place, mend=True)
    assert [each for each in examine(place, fsck=True) if not each.minor] == []


def attempt(store: Store, work: Work, number: int) -> StoreError | None:
    try:
        work.do(store, number)
    except StoreError as error:
        return error
    return None


def texts(git_dir: Path, glob: str) -> set[str]:
    log = git(git_dir, "log", f"--glob={glob}", "--format=%(trailers:key=Raw-SHA256,valueonly,separator=)")
    return {line for line in log.split("\n") if line}


def test_no_room_while_a_store_is_made(tmp_path):
    for number in range(1, 200):
        place = tmp_path / str(number)
        with full_at(number) as calls:
            try:
                open_store(place, create=True).close()
            except StoreError as error:
                assert "no space left" in str(error)  # noqa: PT017 - every call but the last fails
                assert not list(place.glob("articles.git*")) or (place / "articles.git" / "HEAD").is_file()
        if len(calls) < number:
            break
        if number % 5 == 0:
            with open_store(place, create=True) as store:
                put(store, "One man died.")
    assert number > 5


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_no_room_for_git_or_sqlite_at_any_page_of_the_disk(small_disk):
    """What is written by others, at every amount of room from none to enough."""
    with open_store(small_disk / "store", create=True) as store:
        put(store, "One man died.")
    filler, done = small_disk / "filler", 0
    for pages in range(40):
        filler.write_bytes(b"")
        free = os.statvfs(small_disk)
        with filler.open("wb") as file:
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - 4096 * pages)))
        try:
            with open_store(small_disk / "store") as store:
                revision = put(store, f"{pages} men died. {'More. ' * 300}", when=at(pages + 1)).revision
                store.state.count_blocked(history_of(store).branch)
                store.copy_state()
            assert revision in git(small_disk / "store" / "articles.git", "rev-list", "--branches").split()
            done += 1
        except StoreError as error:
            assert "no space left" in str(error), (pages, error)  # noqa: PT017 - some have room enough
        filler.unlink()
        git_dir = small_disk / "store" / "articles.git"
        assert texts(git_dir, "refs/heads/*") <= texts(git_dir, "refs/raw/*")
    assert 0 < done < 40
    assert [
        each for each in examine(small_disk / "store", fsck=True) if "git fsck" in each.what or "without" in each.what
    ] == []
