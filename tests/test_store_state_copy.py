"""What survives the loss of state.sqlite: the text copy under refs/tracker/state, read back."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.memory_support import PROMO, address, look
from tests.site import capture, hour
from tests.store_support import git
from tracker.errors import StoreError
from tracker.model import Outcome
from tracker.pipeline import keep
from tracker.pipeline.memory import memory_for
from tracker.store import Store, open_store, watching
from tracker.store.memory import SCHEMA
from tracker.store.objects import ObjectWriter, tree
from tracker.store.state_copy import STATE_REF
from tracker.watch.frontier import Finished, Frontier
from tracker.watch.listed import Kind, Spacing, Wanted


@pytest.fixture
def path(tmp_path):
    """A store that has learned one block, and lost sight of one article."""
    with open_store(tmp_path / "store", create=True) as store:
        for number, story in enumerate(("harbour", "orchard", "railway")):
            look(store, 1 + number, story, PROMO)
        keep(store, capture(hour(5), b"", url=address("harbour"), status=404))
        keep(store, capture(hour(6), b"", url=address("orchard"), status=403))
        (learned,) = store.memory.learned("daily.example")
        store.memory.forget("daily.example", "0" * 16, "We said that this is text.", hour(7))
        assert learned.text == PROMO
        store.copy_state()
    return tmp_path / "store"


def tip(store: Store) -> str:
    return git(store.path / "articles.git", "rev-parse", STATE_REF).strip()


def lost(path: Path) -> None:
    for file in path.glob("state.sqlite*"):
        file.unlink()


def test_the_copy_is_plain_sorted_lines_in_a_commit_without_parent(path):
    shown = git(path / "articles.git", "ls-tree", "--name-only", STATE_REF).split()
    assert shown == ["daily.example.jsonl"]
    lines = git(path / "articles.git", "show", f"{STATE_REF}:daily.example.jsonl").splitlines()
    assert lines == sorted(lines)
    whats = [json.loads(line)["what"] for line in lines]
    assert {what: whats.count(what) for what in whats} == {"blocked": 1, "check": 5, "correction": 1, "furniture": 1}
    assert git(path / "articles.git", "rev-list", "--count", STATE_REF).strip() == "1"
    assert "tracker@localhost.invalid" in git(path / "articles.git", "log", "-1", "--format=%ae %ce", STATE_REF)
    git(path / "articles.git", "fsck", "--strict", "--no-dangling")


def test_nothing_is_written_where_nothing_changed(path):
    with open_store(path) as store:
        before = tip(store)
        store.copy_state()
        assert tip(store) == before
        look(store, 8, "library")
        store.copy_state()
        assert tip(store) != before


def test_it_comes_back_whole(path):
    with open_store(path) as store:
        seen = {name: store.state.last_seen(name) for name in (row.branch for row in store.articles())}
        learned = store.memory.learned("daily.example")
        runs = {name: store.state.blocked_run(name) for name in seen}
    lost(path)
    with open_store(path) as store:
        restored = store.restore_state()
        assert (restored.articles, restored.furniture, restored.corrections, restored.blocked) == (3, 1, 1, 1)
        assert {name: store.state.last_seen(name) for name in seen} == seen
        assert {name: store.state.blocked_run(name) for name in seen} == runs
        assert store.memory.learned("daily.example") == learned
        assert [check[1] for check in store.state.checks(store.find(address("harbour")))] == [Outcome.NEW, Outcome.GONE]
        assert [each for each in store.doctor() if not each.minor] == []
        branch = look(store, 9, "library", PROMO).article
        assert branch is not None
        assert memory_for(store, branch).furniture


def test_a_copy_is_not_replaced_by_a_file_begun_anew(path):
    lost(path)
    with open_store(path) as store:
        before = tip(store)
        look(store, 8, "library")
        store.copy_state()
        assert tip(store) == before
        (ailment,) = (each for each in store.doctor() if not each.minor)
        assert "tracker doctor --restore-state" in ailment.remedy
        with pytest.raises(StoreError, match="neither missing nor empty"):
            store.restore_state()


def test_without_a_copy_there_is_nothing_to_read_back(tmp_path):
    with open_store(tmp_path / "store", create=True) as store, pytest.raises(StoreError, match="no copy"):
        store.restore_state()


@pytest.mark.parametrize("line", ['{"what": "other"}', "no json", '{"what": "check", "article": 1}', "[]"])
def test_a_copy_by_another_hand_is_refused(path, line):
    repository = path / "articles.git"
    (path / "line").write_text(line + "\n")
    blob = git(repository, "hash-object", "-w", str(path / "line")).strip()
    draft = tree([("daily.example.jsonl", blob)])
    ObjectWriter(repository / "objects", "test").write([draft])
    person = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    git(repository, "update-ref", STATE_REF, git(repository, *person, "commit-tree", "-m", "x", draft.id).strip())
    lost(path)
    with open_store(path) as store:
        with pytest.raises(StoreError, match="not written by"):
            store.restore_state()
        assert store.state.checks(store.find(address("harbour"))) == []


@pytest.mark.parametrize(("version", "younger"), [(1, SCHEMA + watching.SCHEMA), (2, watching.SCHEMA)])
def test_a_state_of_a_version_before_is_taken_over(path, version, younger):
    """The tables that are younger come to what the file holds; none of it is lost."""
    with open_store(path) as store:
        branch = store.find(address("harbour"))
        checks = store.state.checks(branch)
        learned = store.memory.learned("daily.example")
    db = sqlite3.connect(path / "state.sqlite")
    for line in younger.splitlines():
        if line.startswith("CREATE TABLE"):
            db.execute(f"DROP TABLE {line.split()[2]}")
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.close()
    with open_store(path) as store:
        assert store.state.checks(branch) == checks
        assert store.memory.learned("daily.example") == (learned if version > 1 else [])
        assert Frontier(store.state.run, lambda _: Spacing(1.0), lease=90.0, floor=300.0).all() == []
        for number, story in enumerate(("harbour", "orchard", "library")):
            look(store, 8 + number / 10, story, PROMO, text=["An old story told anew in quite other words."] * 3)
        assert not store.state.has_gap


def test_what_is_watched_comes_back_but_for_secrets(path):
    wanted = [
        Wanted(address("harbour"), article="daily.example/harbour-0", born=5.0),
        Wanted("https://daily.example/feed", Kind.FEED, include=("daily.example/*",)),
        Wanted("https://daily.example/feed?access_token=abc", Kind.FEED),
        Wanted("https://desk:abc@daily.example/feed-of-the-desk", Kind.FEED),
        Wanted(address("orchard"), origin="daily.example/feed?access_token=abc", born=5.0),
    ]
    gap = ("daily.example/harbour-0", "2026-03-04T01:00:00.000000Z", "2026-03-04T05:00:00.000000Z", 3, "not running")
    with open_store(path) as store:
        frontier = Frontier(store.state.run, lambda _: Spacing(1.0), lease=90.0, floor=300.0)
        frontier.add(wanted, 1000.0)
        (page,) = frontier.exchange([], 1000.0, 1)
        frontier.exchange([Finished(page, 1001.0, {"changes": 2.0, "expected": 0.5, "due": 5000.0})], 1001.0, 0)
        store.state.run(lambda db: db.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?)", gap), write=True)
        store.copy_state()
        known = frontier.all()
    assert "abc" not in git(path / "articles.git", "show", f"{STATE_REF}:daily.example.jsonl")
    lost(path)
    with open_store(path) as store:
        assert store.restore_state().watched == 3
        frontier = Frontier(store.state.run, lambda _: Spacing(1.0), lease=90.0, floor=300.0)
        back = [replace(page, id=0, why="") for page in frontier.all()]
        public = [page for page in known if "abc" not in page.url]
        assert back == [replace(page, id=0, why="", origin=None) for page in public]
        assert store.state.run(lambda db: db.execute("SELECT * FROM gaps").fetchall()) == [gap]
        assert len(frontier.exchange([], 5000.0, 9)) == 1


def test_a_state_of_a_later_version_is_refused(path):
    db = sqlite3.connect(path / "state.sqlite")
    db.execute("PRAGMA user_version = 9")
    db.close()
    with open_store(path) as store, pytest.raises(StoreError, match="its version is 9"):
        store.memory.learned("daily.example")
