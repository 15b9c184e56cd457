"""What goes wrong: killed writers, locks, full and read-only disks, hostile and newer stores, git at work beside us."""

import contextlib
import errno
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.store_support import URL, acknowledged, at, bare, capture, git, history_of, keys, put, reading
from tracker.errors import DamagedStore, NewerStore, NotAStore, NotFound, StoreBusy, StoreError
from tracker.model import Check, Outcome
from tracker.store import Store, checkup, examine, open_store
from tracker.store import writer as writer_module
from tracker.store.database import Database
from tracker.store.locks import PACKED_REFS, WriterFile, folder_of, sweep
from tracker.store.objects import ObjectWriter, blob
from tracker.store.reader import Reader
from tracker.store.repository import Repository
from tracker.store.settings import CONFIG, settings
from tracker.store.state import PLAN, State

ROOT = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def reachable(folder: Path) -> set[str]:
    return set(git(folder / "articles.git", "rev-list", "--branches").split())


def test_a_dead_writers_locks_and_drafts_are_swept_at_once(store):
    branch = put(store, "One man died.").article
    ref = f"refs/heads/{branch}"
    repository = store.repository
    dead = WriterFile(repository)
    dead.name([ref, f"refs/raw/{branch}"])
    dead.close(finished=False)
    repository.lock_of(ref).touch()
    draft = repository.objects / f"tmp_obj_{dead.token}_1"
    draft.touch()
    put(store, "Two men died.", when=at(1))  # a lock that nobody sweeps is waited for in vain
    assert not draft.exists()
    assert not (folder_of(repository) / dead.token).exists()


def test_whoever_packs_or_deletes_refs_and_dies_leaves_no_lock(store):
    branch = put(store, "One man died.").article
    store.quarantine_page(URL, capture(at(1), "no"), "a wall")
    dead = WriterFile(store.repository)
    dead.name([f"refs/heads/{branch}", f"refs/raw/{branch}", f"refs/quarantine/{branch}", PACKED_REFS])
    dead.close(finished=False)
    for ref in (f"refs/heads/{branch}", f"refs/raw/{branch}", PACKED_REFS):
        store.repository.lock_of(ref).touch()
    store.quarantine_drop(branch)
    put(store, "Two men died.", when=at(1))
    assert not list(bare(store).rglob("*.lock"))


def test_a_lock_of_this_moment_is_looked_at_again(store):
    branch = put(store, "One man died.").article
    dead = WriterFile(store.repository)
    dead.name([f"refs/heads/{branch}"])
    dead.close(finished=False)
    lock = store.repository.lock_of(f"refs/heads/{branch}")
    lock.touch()
    os.utime(lock, (time.time() + 60, time.time() + 60))  # it stays young however long this takes
    assert sweep(store.repository, print) == []
    assert lock.exists()
    os.utime(lock, (time.time() - 1, time.time() - 1))
    assert len(sweep(store.repository, print)) == 1
    assert not lock.exists()


def test_what_a_dead_writer_moved_is_listed(store):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(1))
    tips = store._index.tips(branch)
    # As if it had died between the refs and the index.
    store._index.drop_article(branch)
    dead = WriterFile(store.repository)
    dead.name([f"refs/raw/{branch}", f"refs/heads/{branch}"])
    dead.close(finished=False)
    assert store.articles() == []
    with open_store(store.path) as again:
        assert [row.snapshots for row in again.articles()] == [2]
        assert again._index.tips(branch) == tips


def test_a_living_writers_lock_is_waited_for_and_named(store, monkeypatch):
    branch = put(store, "One man died.").article
    ref = f"refs/heads/{branch}"
    living = WriterFile(store.repository)
    living.name([ref])
    store.repository.lock_of(ref).touch()
    monkeypatch.setattr(writer_module, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(StoreBusy, match=rf"{branch}\.lock is held by process {os.getpid()}; wait for it"):
        put(store, "Two men died.", when=at(1))
    assert len(history_of(store).captures) == 1
    monkeypatch.setattr(writer_module, "PATIENCE_SECONDS", 10)
    threading.Timer(0.3, store.repository.lock_of(ref).unlink).start()
    put(store, "Two men died.", when=at(1))
    assert len(history_of(store).captures) == 2
    living.close(finished=True)


def test_a_foreign_lock_is_left_alone_until_it_is_old(store, monkeypatch):
    branch = put(store, "One man died.").article
    lock = store.repository.lock_of(f"refs/raw/{branch}")
    lock.touch()
    monkeypatch.setattr(writer_module, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(StoreBusy, match="not tracker"):
        put(store, "Two men died.", when=at(1))
    monkeypatch.undo()
    assert lock.exists()
    assert store.doctor() == []
    os.utime(lock, (time.time() - 700, time.time() - 700))
    assert [ailment.mended for ailment in store.doctor()] == [False]
    put(store, "Two men died.", when=at(1))
    lock.touch()
    os.utime(lock, (time.time() - 700, time.time() - 700))
    assert [ailment.mended for ailment in store.doctor(mend=True)] == [True]
    assert not lock.exists()


def test_a_writers_file_of_a_foreign_store_sweeps_nothing_outside(tmp_path):
    open_store(tmp_path / "s", create=True).close()
    folder = tmp_path / "s" / "writers"
    folder.mkdir(exist_ok=True)
    victim = tmp_path / "victim.lock"
    victim.touch()
    (folder / "1-x").write_text("refs/../../../victim\n../../victim\nrefs/heads/\0\n")
    assert len(sweep(Repository(tmp_path / "s"), print)) == 1
    assert victim.exists()


def test_git_killed_under_a_writer_is_started_again(store):
    branch = put(store, "One man died.").article
    process = store._writer._process
    process.proc.kill()
    process.proc.wait()
    with contextlib.suppress(StoreError):
        put(store, "Two men died.", when=at(1))
    put(store, "Two men died.", when=at(1))
    assert len(store.history(branch).captures) == 2


def test_git_killed_under_a_reader_is_started_again(store):
    branch = put(store, "One man died.").article
    process = store._reader._process().batch
    process.proc.kill()
    process.proc.wait()
    with pytest.raises(StoreError):
        store._reader.tip(f"refs/heads/{branch}")
    assert store._reader.tip(f"refs/heads/{branch}")


def test_an_interrupted_read_does_not_answer_the_next_question(store, monkeypatch):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(1))
    first, second = store.history(branch).snapshots
    process = store._reader._process()

    def interrupted(name: str) -> None:
        process.batch.stdin.write(name.encode() + b"\n")
        process.batch.stdin.flush()
        raise KeyboardInterrupt

    monkeypatch.setattr(type(process), "ask", lambda _, *names: interrupted(names[0]))
    with pytest.raises(KeyboardInterrupt):
        store.document(first.revision)
    monkeypatch.undo()
    assert store.document(second.revision) == reading("Two men died.").document


def test_readers_in_many_threads_get_their_own_answers(store):
    branch = put(store, "text number 0.").article
    for number in range(1, 6):
        put(store, f"text number {number}.", when=at(number))
    history = store.history(branch)

    def look(number):
        entry = history.snapshots[number % 6]
        return store.document(entry.revision) == reading(f"text number {number % 6}.").document

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look, range(240)))


def test_threads_that_write_take_turns(store):
    put(store, "Text.")
    with ThreadPoolExecutor(4) as pool:
        revisions = list(pool.map(lambda number: acknowledged(store, f"thread text {number}", URL), range(12)))
    assert set(revisions) <= reachable(store.path)
    assert len(set(revisions)) == 12


# --- disks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_disk(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


@pytest.mark.slow
def test_a_full_disk_is_said_and_leaves_nothing_half(small_disk):
    with open_store(small_disk / "store", create=True) as store:
        branch = put(store, "One man died.").article
        stored = [put(store, "Two men died.", when=at(1)).revision]
        fill_disk(small_disk)
        for number in range(2, 8):
            try:
                stored.append(put(store, f"{number} men died.", when=at(number)).revision)
            except StoreError as error:
                assert "no space left" in str(error)  # noqa: PT017 - some writes may still fit
            with (small_disk / "filler").open("r+b") as filler:  # a little room, so that another step fails
                filler.truncate(max(0, filler.seek(0, 2) - 4096 * (number % 3)))
        assert not list(store.repository.objects.rglob("tmp_obj_*"))
        assert set(stored) <= reachable(store.path)
        assert keys(bare(store), "refs/heads/*") <= keys(bare(store), "refs/raw/*")
        (small_disk / "filler").unlink()
        put(store, "It is over.", when=at(30))
        assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
        assert store.history(branch).snapshots[-1].captured_at == at(30)


def test_a_full_disk_at_the_very_first_write(small_disk):
    fill_disk(small_disk)
    with pytest.raises(StoreError, match="no space left"):
        open_store(small_disk / "store", create=True)
    assert not list(small_disk.glob("store/articles.git*"))


def fill_to_the_last_byte(folder: Path) -> None:
    fill_disk(folder)
    with contextlib.suppress(OSError), (folder / "last").open("wb", buffering=0) as last:
        while True:
            last.write(b"\0")
    assert os.statvfs(folder).f_bavail == 0


def test_a_wholly_full_disk_is_said_when_the_store_is_opened(small_disk):
    with open_store(small_disk / "store", create=True) as store:
        branch = put(store, "One man died.").article
    fill_to_the_last_byte(small_disk)
    with pytest.raises(StoreError) as raised:
        open_store(small_disk / "store", create=True)
    place = small_disk / "store"
    expected = f"no space left for the store at {place}; nothing was stored, free some space and try again"
    assert (str(raised.value), raised.value.exit_code) == (expected, 7)
    # What is there can still be read, and listed.
    with open_store(place) as store:
        assert [(row.branch, row.snapshots) for row in store.articles()] == [(branch, 1)]
        assert store.document(store.history(branch).tip) == reading("One man died.").document
        with pytest.raises(StoreError) as raised:
            put(store, "Two men died.", when=at(1))
        assert str(raised.value) == expected
        assert len(store.history(branch).captures) == 1
    for name in ("filler", "last"):
        (small_disk / name).unlink(missing_ok=True)
    with open_store(place, create=True) as store:
        put(store, "Two men died.", when=at(1))
        assert len(store.history(branch).captures) == 2
        assert git(bare(store), "fsck", "--full", "--no-dangling") == ""


@pytest.mark.slow
def test_snap_on_a_wholly_full_disk_is_one_line(small_disk, tmp_path):
    page = tmp_path / "page.html"
    words = "One man died in the fire in the harbour on Monday, the police said in a long statement."
    page.write_text(
        '<html><head><title>Fire</title><link rel="canonical" href="https://daily.example/fire"></head>'
        f"<body><article><h1>Fire in the harbour</h1>{f'<p>{words}</p>' * 4}</article></body></html>"
    )

    def snap() -> tuple[int, str]:
        run = "from tracker.cli import main; main()"
        command = [sys.executable, "-c", run, "snap", str(page), "--store", str(small_disk / "store")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert snap() == (0, "")
    page.write_text(page.read_text().replace("One man", "Two men"))
    tips = git(small_disk / "store" / "articles.git", "for-each-ref")
    fill_to_the_last_byte(small_disk)
    code, said = snap()
    assert (code, said.count("\n")) == (7, 1)
    assert f"no space left for the store at {small_disk / 'store'}; nothing was stored" in said
    assert git(small_disk / "store" / "articles.git", "for-each-ref") == tips


def test_a_read_only_store_can_be_read(small_disk, tmp_path):
    with open_store(small_disk / "store", create=True) as store:
        branch = put(store, "One man died.").article
        store.record_check(Check(branch, at(1), Outcome.UNCHANGED))
    (small_disk / "store" / "index.sqlite").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with open_store(small_disk / "store") as store:
        history = store.history(branch)
        assert store.snapshot(branch, history.snapshots[0]).document == reading("One man died.").document
        assert [row.branch for row in store.articles()] == [branch]
        assert store.last_check(branch) == at(1)
        assert store.backup.write(tmp_path / "copy").refs == 3
        for write in (
            lambda: put(store, "Two men died.", when=at(1)),
            lambda: store.record_check(Check(branch, at(2), Outcome.UNCHANGED)),
            store.maintain,
        ):
            with pytest.raises(StoreError, match="may not be written"):
                write()
    assert [each.what.partition(" has ")[0] for each in examine(small_disk / "store")] == ["the disk of the store"]
    with open_store(tmp_path / "copy") as copy:
        assert copy.last_check(branch) == at(1)


def set_version(path: Path, version: int, connect: Any) -> None:
    with contextlib.closing(connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")


def test_a_state_that_may_only_be_read_is_read_as_it_comes_to_be(tmp_path, monkeypatch):
    path = tmp_path / "state.sqlite"
    State(path, has_snapshots=lambda: False).close()
    ours, theirs = (State(path, has_snapshots=lambda: False) for _ in range(2))
    theirs.record(Check("a.example/fire-0", at(1), Outcome.NEW), None)
    theirs.close()
    connect: Any = sqlite3.connect

    def refused(target: str, **how: Any) -> Any:
        """As for somebody who may not write in the folder."""
        return connect(target, **how) if how.get("uri") else connect(f"{tmp_path.as_uri()}/no?mode=ro", uri=True)

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", refused)
        assert ours.last_seen("a.example/fire-0") == at(1)
        ours.close()
        set_version(path, 1, connect)
        with pytest.raises(StoreError, match=r"state\.sqlite"):  # it would have to be upgraded
            ours.last_seen("a.example/fire-0")
        set_version(path, PLAN.version, connect)
        assert ours.last_seen("a.example/fire-0") == at(1)
    theirs.record(Check("a.example/fire-0", at(2), Outcome.UNCHANGED), None)
    theirs.close()
    os.utime(path, (1, 1))  # clocks of files are coarse: it may all have been in one of their ticks
    assert ours.last_seen("a.example/fire-0") == at(2)
    ours.close()


def test_unfinished_objects_are_removed_when_writing_fails(store, monkeypatch):
    def fail(_handle, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OSError, match="No space"):
        ObjectWriter(store.repository.objects, "t").write([blob(b"x" * 100), blob(b"y")])
    assert not list(store.repository.objects.rglob("tmp_obj_*"))


def test_a_database_that_many_begin_at_once_is_begun_once(tmp_path):
    def begin(number: int) -> None:
        database = Database(tmp_path / f"{number // 8}.sqlite", PLAN)
        database.run(lambda db: db.execute("SELECT 1 FROM checks").fetchall())
        database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(160)))


def test_an_object_that_is_there_gets_its_time_renewed(store):
    item = blob(b"an old object")
    writer = ObjectWriter(store.repository.objects, "t")
    writer.write([item])
    path = store.repository.objects / item.id[:2] / item.id[2:]
    os.utime(path, (1, 1))
    writer.write([item])
    assert time.time() - path.stat().st_mtime < 60


# --- stores that are none, newer, or not to be trusted ----------------------------------------------------------


@pytest.mark.parametrize("made", ["nothing", "a file", "an empty folder", "a repository"])
def test_what_is_no_store_is_said_to_be_none(tmp_path, made):
    place = tmp_path / "place"
    if made == "a file":
        place.write_text("hello")
    elif made != "nothing":
        place.mkdir()
    if made == "a repository":
        git(tmp_path, "init", "-q", "--bare", str(place / "articles.git"))
        (place / "articles.git" / "config").write_text(CONFIG)
    with pytest.raises(NotAStore):
        open_store(place)


def test_a_file_in_the_way_of_a_new_store(tmp_path):
    (tmp_path / "place").write_text("hello")
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(tmp_path / "place", create=True)


@pytest.mark.parametrize(
    ("number", "error"), [("2", NewerStore), ("99", NewerStore), ("soon", StoreError), ("9" * 5000, StoreError)]
)
def test_a_store_of_a_newer_format_is_left_alone(tmp_path, number, error):
    with open_store(tmp_path, create=True) as store:
        put(store, "Text.")
    folder = tmp_path / "articles.git"
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    (tmp_path / "format").write_text(f"{number}\n")
    file = git(folder, "hash-object", "-w", str(tmp_path / "format")).strip()
    (tmp_path / "tree").write_text(f"100644 blob {file}\tformat\n")
    with (tmp_path / "tree").open() as listing:
        made = subprocess.run(
            ["git", "-C", folder, "mktree"], stdin=listing, capture_output=True, text=True, check=True
        )
    newer = git(folder, *who, "commit-tree", made.stdout.strip(), "-p", "_about", "-m", "newer").strip()
    git(folder, "update-ref", "refs/heads/_about", newer)
    with pytest.raises(error, match="tracker"):
        open_store(tmp_path)
    with pytest.raises(error):
        open_store(tmp_path, create=True)


@pytest.mark.parametrize("packed", [False, True])
def test_a_newer_store_with_settings_of_its_own_is_left_alone(tmp_path, packed):
    open_store(tmp_path, create=True).close()
    folder = tmp_path / "articles.git"
    number = git(folder, "hash-object", "-w", "--stdin", stdin="2\n").strip()
    listing = git(folder, "mktree", stdin=f"100644 blob {number}\tformat\n").strip()
    newer = git(folder, "commit-tree", listing, "-p", "_about", "-m", "newer").strip()
    git(folder, "update-ref", "refs/heads/_about", newer)
    if packed:
        git(folder, "gc", "-q")
        git(folder, "pack-refs", "--all")
    config = CONFIG + "[extensions]\n\tobjectFormat = sha3\n"
    (folder / "config").write_text(config)
    for use in (lambda: open_store(tmp_path), lambda: examine(tmp_path, mend=True)):
        with pytest.raises(NewerStore, match="upgrade tracker"):
            use()
    assert (folder / "config").read_text() == config


def test_a_state_of_a_newer_version_is_left_alone(tmp_path):
    with open_store(tmp_path, create=True) as store:
        branch = put(store, "Text.").article
    with sqlite3.connect(tmp_path / "state.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = (tmp_path / "state.sqlite").read_bytes()
    with open_store(tmp_path) as store, pytest.raises(NewerStore, match="upgrade tracker"):
        store.state.checks(branch)
    assert (tmp_path / "state.sqlite").read_bytes() == before


HOSTILE = [
    "[core]\n\tfsmonitor = touch PWNED\n",
    "[core]\n\thooksPath = /tmp\n",
    "[include]\n\tpath = other\n",
    '[includeIf "gitdir:/"]\n\tpath = other\n',
    '[remote "origin"]\n\turl = ext::sh -c touch% PWNED\n',
    '[remote "origin"]\n\turl = "ext":":sh -c touch% PWNED"\n',
    '[remote "origin"]\n\tuploadpack = touch PWNED\n',
    '[diff "x"]\n\ttextconv = touch PWNED\n',
    "[core] sshCommand = touch PWNED\n",
    "[core]\n\tbare = true \\\n\tsshCommand = touch PWNED\n",
    "[extensions]\n\tworktreeConfig = true\n",
    "[alias]\n\tlog = !touch PWNED\n",
    "[core]\n\tworktree = /\n",
    "core.bare = true\n",
    "[alias]\n#\r[remote]\n\tmirror = !touch PWNED\n",
]


@pytest.mark.parametrize("lines", HOSTILE)
def test_a_store_with_settings_that_are_not_ours_is_refused_until_the_doctor_has_seen_it(tmp_path, lines):
    with open_store(tmp_path, create=True) as store:
        put(store, "Text.")
    config = tmp_path / "articles.git" / "config"
    config.write_text(CONFIG + lines)
    with pytest.raises(StoreError, match="tracker doctor") as raised:
        open_store(tmp_path)
    assert "\n" not in str(raised.value)
    assert [ailment.mended for ailment in examine(tmp_path)] == [False] * len(examine(tmp_path))
    assert all(ailment.mended for ailment in examine(tmp_path, mend=True))
    assert examine(tmp_path) == []
    with open_store(tmp_path) as store:
        assert len(store.articles()) == 1
    assert not list(tmp_path.rglob("PWNED"))


def test_a_setting_that_is_taken_out_takes_no_other_with_it(tmp_path):
    open_store(tmp_path, create=True).close()
    config = tmp_path / "articles.git" / "config"
    remote = '[remote "origin"]\n\turl = https://example.org/store.git\n'
    config.write_text(f"{CONFIG}[other]\n\tbare = true\n\turl = https://example.org/store.git\n{remote}")
    assert len(examine(tmp_path, mend=True)) == 2
    assert config.read_text() == f"{CONFIG}[other]\n{remote}"


def test_settings_that_do_no_harm_are_let_be(tmp_path):
    open_store(tmp_path, create=True).close()
    folder = tmp_path / "articles.git"
    git(folder, "remote", "add", "--mirror=fetch", "origin", "https://example.org/store.git")
    git(folder, "config", "core.sharedRepository", "group")
    with (folder / "config").open("a") as file:
        file.write("# a remark\n; another\n\n")
    open_store(tmp_path).close()
    assert {setting.key for setting in settings((folder / "config").read_text())} >= {"remote.origin.url"}


def test_hooks_attributes_and_the_users_own_settings_are_not_run(tmp_path, monkeypatch):
    with open_store(tmp_path / "s", create=True) as store:
        put(store, "Text.")
    folder = tmp_path / "s" / "articles.git"
    program = f"#!/bin/sh\ntouch {tmp_path}/PWNED\n"
    (folder / "hooks").mkdir()
    for hook in ("reference-transaction", "post-update", "pre-receive", "post-checkout"):
        (folder / "hooks" / hook).write_text(program)
        (folder / "hooks" / hook).chmod(stat.S_IRWXU)
    monitor = tmp_path / "monitor"
    monitor.write_text(program)
    monitor.chmod(stat.S_IRWXU)
    (tmp_path / "gitconfig").write_text(f"[core]\n\tfsmonitor = {monitor}\n\thooksPath = {folder}/hooks\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.hooksPath'='{folder}/hooks'")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_WORK_TREE", "/nonexistent")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("GIT_NAMESPACE", "other")
    with open_store(tmp_path / "s") as store:
        put(store, "Two men died.", when=at(1))
        store.reindex()
        assert len(history_of(store).captures) == 2
        assert any("hooks" in ailment.what for ailment in store.doctor(fsck=True))
    assert not (tmp_path / "PWNED").exists()


def test_replaced_objects_are_not_read(store):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(1))
    first, second = store.history(branch).snapshots
    git(bare(store), "replace", first.revision, second.revision)
    store.close()
    assert store.document(first.revision) == reading("One man died.").document


def test_odd_names_in_a_foreign_store_are_not_followed(store):
    branch = put(store, "One man died.").article
    tip = store.history(branch).tip
    for name in ("main", "a/b/c", "daily.example/odd-name", "_ours", "daily.example/x-0123456789ABCDEF"):
        git(bare(store), "update-ref", f"refs/heads/{name}", tip)
    store.reindex()
    assert [row.branch for row in store.articles()] == [branch]
    with pytest.raises(NotFound):
        store.history("a/b/c")


def test_a_text_that_is_not_ours_is_said_in_one_line(store):
    branch = put(store, "One man died.").article
    history = store.history(branch)
    (store.path / "x").write_text("# no end")
    file = git(bare(store), "hash-object", "-w", str(store.path / "x")).strip()
    tree = f"100644 blob {file}\tarticle.md\n100644 blob {file}\tmeta.json\n"
    made = subprocess.run(
        ["git", "-C", bare(store), "mktree"], input=tree, capture_output=True, text=True, check=True
    ).stdout.strip()
    message = git(bare(store), "log", "-1", "--format=%B", branch)
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    forged = git(bare(store), *who, "commit-tree", made, "-p", branch, "-m", message.strip()).strip()
    with pytest.raises(StoreError, match="was not written by tracker"):
        store.document(forged)
    with pytest.raises(StoreError, match="has no text"):
        store.document("0" * 40)
    assert store.document(history.tip)


def test_a_damaged_object_is_said_in_one_line(store):
    branch = put(store, "One man died.").article
    history = store.history(branch)
    article = git(bare(store), "rev-parse", f"{history.tip}:article.md").strip()
    path = store.repository.objects / article[:2] / article[2:]
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    store.close()
    with pytest.raises(StoreError, match="tracker doctor"):
        store.document(history.tip)
    assert any("git fsck" in ailment.what for ailment in store.doctor(fsck=True))


# --- plain git at work beside us --------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["no tip", "no parent", "a damaged tip"])
def test_the_doctor_says_what_is_missing_where_nothing_else_can_be_done(store, harm):
    put(store, "One man died.")
    branch = put(store, "Two men died.", when=at(1)).article
    put(store, "Elsewhere.", url="https://daily.example/elsewhere")
    store.close()
    lost = git(bare(store), "rev-parse", f"{branch}~1" if harm == "no parent" else branch).strip()
    path = bare(store) / "objects" / lost[:2] / lost[2:]
    path.unlink()
    if harm == "a damaged tip":
        path.write_bytes(b"rubbish")
    (store.path / "index.sqlite").unlink()
    ailments = {each.what.partition(" ")[0]: each for each in examine(store.path)}
    ailment = ailments[branch]
    assert "run `tracker" not in ailment.what
    assert ailment.remedy.startswith("tracker doctor --fsck names all")
    found = examine(store.path, mend=True, fsck=True)
    assert any(lost in each.what for each in found if each.what.startswith("git fsck: "))
    assert not any("hint" in each.what for each in found)
    assert not any(each.mended for each in found if branch in each.what or each.what.startswith("git"))


@pytest.mark.parametrize("harm", ["no tip", "no parent", "a damaged tip", "a damaged parent"])
def test_an_article_that_cannot_be_read_keeps_nobody_from_the_others(store, harm):
    put(store, "One man died.")
    branch = put(store, "Two men died.", when=at(1)).article
    other = put(store, "Elsewhere.", url="https://daily.example/elsewhere").article
    store.close()
    lost = git(bare(store), "rev-parse", f"{branch}~1" if "parent" in harm else branch).strip()
    path = bare(store) / "objects" / lost[:2] / lost[2:]
    whole = path.read_bytes()
    path.unlink()
    if "damaged" in harm:
        path.write_bytes(b"rubbish")
    (store.path / "index.sqlite").unlink()
    for _ in range(2):  # it is said each time, until it is mended
        told: list[str] = []
        with open_store(store.path, warn=told.append) as opened:
            assert [row.branch for row in opened.articles()] == [other]
            assert len(opened.history(other).captures) == 1
            with pytest.raises(DamagedStore, match="tracker doctor"):
                opened.history(branch)
        (line,) = told
        assert line.startswith(f"{branch} is left out: ")
        assert line.endswith(("run `tracker doctor`", "run `tracker doctor --fsck`"))
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
    with open_store(store.path, warn=told.append) as opened:
        assert {row.branch for row in opened.articles()} == {branch, other}
        assert len(opened.history(branch).captures) == 2
    assert len(told) == 1


@pytest.mark.parametrize("rubbish", [False, True])
@pytest.mark.parametrize("what", ["the newest page", "the first page", "a review"])
def test_a_held_back_page_or_a_review_that_cannot_be_read_keeps_nobody_out(store, what, rubbish):
    branch = put(store, "One man died.").article
    for minute in (1, 2):
        store.quarantine_page(branch, capture(at(minute), f"wall {minute}"), "a wall")
    ref = f"refs/quarantine/{branch}"
    store.close()
    lost = git(bare(store), "rev-parse", f"{ref}~1" if what == "the first page" else ref).strip()
    if what == "a review":
        ref = f"refs/reviews/anna/{branch}"
        lost = git(bare(store), "commit-tree", "-m", "x", f"{lost}^{{tree}}").strip()
        git(bare(store), "update-ref", ref, lost)
    path = bare(store) / "objects" / lost[:2] / lost[2:]
    path.unlink()
    if rubbish:
        path.write_bytes(b"rubbish")
    (store.path / "index.sqlite").unlink()
    told: list[str] = []
    with open_store(store.path, warn=told.append) as opened:
        assert [row.branch for row in opened.articles()] == [branch]
        assert opened.reindex().articles == 1
    assert [line.partition(" is left out: ")[0] for line in told] == [ref]
    assert any(each.what.startswith(f"{ref} cannot be read: ") for each in examine(store.path))


def behind_its_refs(store: Store, branch: str) -> None:
    """Have the index know an article as it was before its last write, which a dead writer then names."""
    with sqlite3.connect(store.path / "index.sqlite") as db:
        db.execute("DELETE FROM articles WHERE branch = ?", (branch,))
    dead = WriterFile(store.repository)
    dead.name([f"refs/heads/{branch}"])
    dead.close(finished=False)


def test_a_dead_writer_whose_article_is_damaged_keeps_nobody_out(store):
    names = [put(store, "Text.", url=f"https://daily.example/{number}").article for number in range(4)]
    store.close()
    for name in names[:3]:
        behind_its_refs(store, name)
    for lost in (git(bare(store), "rev-parse", name).strip() for name in names[:2]):
        (bare(store) / "objects" / lost[:2] / lost[2:]).unlink()
    told: list[str] = []
    with open_store(store.path, warn=told.append) as opened:
        assert {row.branch for row in opened.articles()} == set(names[2:])
    assert {line.partition(" is left out: ")[0] for line in told} == {f"refs/heads/{name}" for name in names[:2]}
    assert not any(folder_of(store.repository).iterdir())


def test_refs_that_moved_and_could_not_be_flushed_are_in_the_lists(store, monkeypatch):
    def broken(_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr("tracker.store.writer.flush_folders", broken)
        with pytest.raises(StoreError, match="Input/output error"):
            put(store, "Text.")
    moved = git(bare(store), "for-each-ref", "--format=%(refname:lstrip=2)", "refs/raw").split()
    with open_store(store.path) as opened:
        assert [row.branch for row in opened.articles()] == moved
    assert len(moved) == 1


def test_what_a_dead_writer_moved_is_looked_at_until_the_index_has_it(store, monkeypatch):
    branch = put(store, "Text.").article
    store.close()
    behind_its_refs(store, branch)
    with monkeypatch.context() as patch, sqlite3.connect(store.path / "index.sqlite") as busy:
        patch.setattr("tracker.store.database.BUSY_SECONDS", 0.1)
        busy.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            open_store(store.path)
    busy.close()
    with open_store(store.path) as opened:
        assert [row.branch for row in opened.articles()] == [branch]


def test_plain_git_may_pack_and_collect_in_between(store):
    branch = put(store, "One man died.").article
    git(bare(store), "gc", "-q", "--prune=now")
    put(store, "Two men died.", when=at(1))
    git(bare(store), "pack-refs", "--all")
    put(store, "One man died.", when=at(0.5))
    git(bare(store), "repack", "-adfq")
    git(bare(store), "prune-packed")
    store.write_reread(store.history(branch), store.history(branch).snapshots[-1], reading("Two men died."))
    put(store, "Three men died.", when=at(3))
    history = store.history(branch)
    assert [each.captured_at for each in history.snapshots] == [at(0), at(1), at(3)]
    assert all(store.raw(branch, each) for each in history.snapshots)
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    assert store.doctor() == []


def test_the_files_of_refs_are_believed_only_where_they_name_a_commit(store):
    branch = put(store, "One man died.").article
    reader, ref = Reader(store.repository), f"refs/heads/{branch}"
    tip = reader.tip(ref)
    assert reader.said(ref) == tip == git(bare(store), "rev-parse", ref).strip()
    git(bare(store), "symbolic-ref", "refs/heads/other", ref)
    assert reader.said("refs/heads/other") is None
    assert reader.said("refs/heads") is None
    git(bare(store), "pack-refs", "--all")
    assert reader.said(ref) == tip
    assert store.history(branch).tip == tip
    put(store, "Two men died.", when=at(1))
    git(bare(store), "update-ref", ref, str(tip))  # moved back by plain git: the newest known tip is not believed
    assert len(store.history(branch).captures) == 1
    reader.close()


def test_a_few_files_asked_for_at_once_come_in_order(store):
    put(store, "One man died.")
    reader, tip = Reader(store.repository), history_of(store).tip
    names = (f"{tip}:meta.json", f"{tip}:nothing", tip, f"{tip}:article.md")
    assert reader.blobs(*names) == [reader.blob(name) for name in names]
    assert [found is None for found in reader.blobs(*names)] == [False, True, True, False]
    reader.close()


def test_an_article_fetched_by_plain_git_is_found(store, tmp_path):
    branch = put(store, "One man died.").article
    with open_store(tmp_path / "other", create=True) as other:
        git(
            bare(other), "fetch", "-q", str(bare(store)), "refs/heads/daily*:refs/heads/daily*", "refs/raw/*:refs/raw/*"
        )
        assert other.find_url(URL) == branch
        assert len(other.articles()) == 1
        assert other.raw(branch, other.history(branch).snapshots[0]) == capture(
            body="Fire in the harbour\nOne man died."
        )


def test_a_clone_of_the_texts_alone_can_be_read(store, tmp_path):
    branch = put(store, "One man died.").article
    (tmp_path / "texts").mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(bare(store)), str(tmp_path / "texts" / "articles.git"))
    with open_store(tmp_path / "texts") as texts:
        entry = texts.history(branch).snapshots[0]
        assert texts.snapshot(branch, entry).document == reading("One man died.").document
        assert texts.raw(branch, entry) is None
        assert texts.suppressed(branch, entry) is None
        assert any("have no pages" in ailment.what for ailment in texts.doctor())


def test_two_processes_may_make_one_store_at_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(tmp_path / "s", create=True), range(4)))
    for store in stores:
        store.close()
    assert [path.name for path in (tmp_path / "s").glob("articles.git*")] == ["articles.git"]


def test_a_reader_of_a_store_that_is_gone_says_so(tmp_path):
    repository = Repository(tmp_path)
    reader = Reader(repository)
    with pytest.raises(StoreError):
        reader.get("HEAD")
    reader.close()


def test_git_is_named_where_it_is_missing(tmp_path):
    shutil.copytree(ROOT / "tracker", tmp_path / "tracker", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "from pathlib import Path\nfrom tracker.store import open_store\nfrom tracker.errors import StoreError\n"
        "try:\n    open_store(Path('s'), create=True)\nexcept StoreError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "git is not on the path; install git 2.34 or newer\n", done.stderr


def test_plain_git_gc_again_and_again_while_a_writer_is_at_work(store):
    put(store, "One man died.")
    stop = threading.Event()

    def collect() -> None:
        while not stop.is_set():
            git(bare(store), "gc", "-q", check=False)

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        stored = [put(store, f"{number} men died.", when=at(number)).revision for number in range(1, 41)]
    finally:
        stop.set()
        collector.join()
    assert set(stored) <= reachable(store.path)
    assert len(history_of(store).captures) == 41
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""


# --- what leads elsewhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["writers", "index.sqlite", "state.sqlite", "articles.git/refs/heads", "articles.git"])
def test_a_store_with_a_link_among_its_own_files_is_refused(tmp_path, name):
    with open_store(tmp_path / "s", create=True) as store:
        put(store, "Text.")
    ours, victim = tmp_path / "s" / name, tmp_path / "victim"
    if ours.is_dir():
        shutil.move(ours, victim)
    else:
        victim.write_bytes(ours.read_bytes() if ours.exists() else b"")
        ours.unlink(missing_ok=True)
    (victim.parent / "letter").write_text("dear")
    ours.symlink_to(victim)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    for use in (lambda: open_store(tmp_path / "s"), lambda: examine(tmp_path / "s", mend=True)):
        with pytest.raises(StoreError, match="is a link, and tracker follows none"):
            use()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_what_would_show_plain_git_another_history_is_told_and_not_followed(store, tmp_path):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(1))
    tip, folder = history_of(store).tip, bare(store)
    git(folder, "replace", tip, f"{tip}~1")
    (folder / "shallow").write_text(f"{tip}\n")
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "grafts").write_text(f"{tip}\n")
    (tmp_path / "elsewhere").mkdir()
    (folder / "objects" / "zz").mkdir()
    (folder / "objects" / "zz" / "link").symlink_to(tmp_path / "elsewhere")
    store.close()
    found = [each.what for each in examine(store.path)]
    assert len(found) == 4
    for word in ("shallow", "grafts", "replaced for plain git", "is a link out of"):
        assert any(word in what for what in found), (word, found)
    with open_store(store.path) as again:
        assert again.reindex().articles == 1
        assert len(again.history(branch).snapshots) == 2
        again.maintain(every=True)
        assert len(again.history(branch).snapshots) == 2
    (folder / "shallow").unlink()
    (folder / "info" / "grafts").unlink()
    git(folder, "replace", "-d", tip)
    assert git(folder, "rev-list", "--count", branch).strip() == "2"


def test_a_clock_that_was_set_back_is_told_and_the_order_stays(store):
    ahead = datetime.now(UTC) + timedelta(hours=20)
    put(store, "One man died.", when=ahead)
    history = history_of(store)
    put(store, "Two men died.", when=history.live_time(datetime.now(UTC)), expected=history)
    assert [store.document(each.revision) for each in history_of(store).snapshots] == [
        reading("One man died.").document,
        reading("Two men died.").document,
    ]
    (ailment,) = store.doctor()
    assert "this clock says" in ailment.what
    assert "set the clock right" in ailment.remedy


def test_the_doctor_looks_at_the_disk_and_at_what_waits(store, monkeypatch):
    branch = put(store, "One man died.").article
    store.quarantine_page(branch, capture(at(1), "no"), "a wall")
    monkeypatch.setattr(checkup, "LEAST_FREE_BYTES", 1 << 62)
    monkeypatch.setattr(checkup, "LEAST_FREE_FILES", 1 << 62)
    found = {each.what.split(" ")[0]: each for each in store.doctor()}
    assert sorted(found) == ["held", "the"]
    assert found["held"].minor
    assert found["held"].remedy == "tracker quarantine list"
    assert not found["the"].minor


def test_seals_need_their_programs(store, monkeypatch):
    put(store, "One man died.")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert store.doctor() == []
    git(bare(store), "tag", "seal/desk/1", "_about")
    assert [each.remedy for each in store.doctor()] == ["install OpenSSH 8.2 or newer", "install OpenSSL 3"]
