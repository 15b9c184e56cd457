"""A copy of a store in use: whole at every moment, brought up to date by the same command, never written over."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.cli_support import fill, intact, refused, run
from tests.store_support import URL, acknowledged, at, bare, git, history_of, put, reading
from tracker.errors import StoreBusy, StoreError, UsageError
from tracker.model import Check, Outcome
from tracker.store import Store, examine, open_store
from tracker.store import backup as backup_module
from tracker.store.locks import locked
from tracker.store.repository import Repository


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def refs(folder: Path) -> str:
    return git(folder / "articles.git", "for-each-ref")


def whole(folder: Path) -> None:
    """Every text has its page, every object is there, and nothing ails it."""
    assert git(folder / "articles.git", "fsck", "--full", "--no-dangling") == ""
    assert [each for each in examine(folder) if not each.minor] == []


def test_a_backup_is_a_store_and_is_brought_up_to_date(store, tmp_path):
    branch = put(store, "One man died.").article
    store.record_check(Check(branch, at(0), Outcome.NEW))
    store.copy_state()
    folder = tmp_path / "disk" / "backup"
    first = store.backup.write(folder)
    assert (first.moved, first.refs) == (3, 4), "_about is the same in every store"
    assert refs(folder) == refs(store.path)
    put(store, "Two men died.", when=at(1))
    second = store.backup.write(folder)
    assert (second.moved, second.objects) == (2, 7)
    assert store.backup.write(folder).objects == 0
    assert refs(folder) == refs(store.path)
    whole(folder)
    with open_store(folder) as restored:
        assert restored.history(branch) == store.history(branch)
        assert restored.raw(branch, history_of(store).snapshots[0]) is not None
        assert restored.state.checks(branch) == store.state.checks(branch)
    third = store.backup.write(folder)  # reading it does not make it another
    assert third.moved == 0


@pytest.mark.slow
def test_a_backup_holds_together_while_others_write(store, tmp_path):
    stop = threading.Event()
    done: list[str] = []

    def write() -> None:
        with open_store(store.path) as own:
            while not stop.is_set():
                url = URL if len(done) % 3 else f"{URL}-{len(done)}"
                done.append(acknowledged(own, f"text number {len(done)}", url))
                own.record_check(Check(own.find_url(url), at(len(done)), Outcome.CHANGED))
                own.copy_state()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            before = list(done)
            store.backup.write(tmp_path / "backup")
            shutil.rmtree(tmp_path / "restored", ignore_errors=True)
            shutil.copytree(tmp_path / "backup", tmp_path / "restored")
            whole(tmp_path / "restored")
            there = git(tmp_path / "restored" / "articles.git", "rev-list", "--branches").split()
            assert set(before) <= set(there)
            with open_store(tmp_path / "restored") as restored:
                for row in restored.articles():
                    entries = restored.history(row.branch).captures
                    assert len(restored.state.checks(row.branch)) <= len(entries), "a check of a text that is not there"
        while len(done) < 6 and writer.is_alive():
            time.sleep(0.02)
    finally:
        stop.set()
        writer.join()
    assert len(done) > 5


@pytest.mark.parametrize("step", ["send", "_mark", "_write_refs", "_put_state", "take_out"])
def test_a_backup_that_is_stopped_goes_on_next_time(store, tmp_path, monkeypatch, step):
    put(store, "One man died.")
    text = put(store, "Elsewhere.", url="https://daily.example/elsewhere").revision
    store.copy_state()
    folder = tmp_path / "backup"
    store.backup.write(folder)
    before = refs(folder)
    put(store, "Two men died.", when=at(1))
    store.deleter.delete(store.all_names("https://daily.example/elsewhere"), "x")

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(backup_module, step, stopped)
    with pytest.raises(KeyboardInterrupt):
        store.backup.write(folder)
    monkeypatch.undo()
    assert refs(folder) in {before, refs(store.path)}
    assert git(folder / "articles.git", "fsck", "--full", "--no-dangling") == ""
    store.backup.write(folder)
    assert refs(folder) == refs(store.path)
    assert "fatal" in git(folder / "articles.git", "cat-file", "-p", text, check=False)
    whole(folder)


def test_what_is_deleted_or_pruned_goes_from_the_backup_too(store, tmp_path):
    put(store, "A man named Zebediah died.")
    put(store, "Two men died.", when=at(1))
    put(store, "Elsewhere.", url="https://daily.example/elsewhere")
    folder = tmp_path / "backup"
    store.backup.write(folder)
    page = git(bare(store), "rev-parse", f"refs/raw/{history_of(store).branch}~1:page.html").strip()
    store.pruner.prune([history_of(store)], at(60), "rule 4", lambda _: None)
    store.backup.write(folder)
    assert "fatal" in git(folder / "articles.git", "cat-file", "-p", page, check=False)
    text = git(bare(store), "rev-parse", f"{history_of(store).branch}~1:article.md").strip()
    assert "Zebediah" in git(folder / "articles.git", "cat-file", "-p", text)
    store.deleter.delete(store.all_names(URL), "x")
    store.backup.write(folder)
    assert "fatal" in git(folder / "articles.git", "cat-file", "-p", text, check=False)
    whole(folder)


def other(folder: Path) -> Store:
    opened = open_store(folder, create=True)
    put(opened, "Another store.", url="https://daily.example/another")
    return opened


def test_a_backup_of_another_store_is_not_written_over(store, tmp_path):
    put(store, "One man died.")
    store.backup.write(tmp_path / "backup")
    before = refs(tmp_path / "backup")
    with other(tmp_path / "other") as another, pytest.raises(StoreError, match="backup of another store"):
        another.backup.write(tmp_path / "backup")
    branch = history_of(store).branch
    put(store, "Two men died.", when=at(1))
    store.backup.write(tmp_path / "backup")
    git(bare(store), "update-ref", f"refs/heads/{branch}", f"{branch}~1")  # this store has lost a snapshot
    with pytest.raises(StoreError, match="has lost it"):
        store.backup.write(tmp_path / "backup")
    assert refs(tmp_path / "backup") != before
    with open_store(tmp_path / "backup") as backup:
        assert len(backup.history(branch).snapshots) == 2


def test_a_backup_that_somebody_went_on_with_is_a_store_of_its_own(store, tmp_path):
    put(store, "One man died.")
    store.backup.write(tmp_path / "backup")
    with open_store(tmp_path / "backup") as went_on:
        put(went_on, "Two men died.", when=at(1))
    with pytest.raises(StoreError, match="store of its own"):
        store.backup.write(tmp_path / "backup")
    with open_store(tmp_path / "backup") as went_on:
        assert went_on.document(history_of(went_on).tip) == reading("Two men died.").document


def test_no_backup_where_something_else_is(store, tmp_path):
    put(store, "One man died.")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="not empty and no backup"):
        store.backup.write(tmp_path / "full")
    for inside in (store.path, store.path / "backup", store.path / "articles.git"):
        with pytest.raises(UsageError, match="in the store itself"):
            store.backup.write(inside)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]
    other(tmp_path / "other").close()
    with pytest.raises(UsageError, match="no backup"):
        store.backup.write(tmp_path / "other")


def test_two_backups_at_once(store, tmp_path):
    put(store, "One man died.")
    store.backup.write(tmp_path / "backup")
    with locked(Repository(tmp_path / "backup"), "backup.lock"), pytest.raises(StoreBusy, match="another backup"):
        store.backup.write(tmp_path / "backup")


def test_backup_on_the_command_line(tmp_path):
    fill(tmp_path / "snapshots")
    done = run(tmp_path, "backup", "copy")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("copy holds the store as it is now: 23 objects sent")
    assert run(tmp_path, "backup", "copy").stdout.endswith("0 objects sent, nothing was new.\n".replace("0 ", "no "))
    shutil.rmtree(tmp_path / "snapshots")
    (tmp_path / "copy").rename(tmp_path / "snapshots")
    intact(tmp_path / "snapshots")
    refused(run(tmp_path, "backup", "snapshots"), 2, "in the store itself")
