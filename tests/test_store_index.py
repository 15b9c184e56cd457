"""index.sqlite: derived, rebuilt by itself, and the same however it came to be."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store_support import START, URL, at, capture, history_of, put, reading
from tracker.errors import UsageError
from tracker.store import ChangeQuery, ChangeRow, Kind, Store, open_store, refresh
from tracker.store.database import Damaged, Database, Plan
from tracker.store.listed import ArticleQuery, ArticleRow

TABLES = ("articles", "aliases", "commits", "quarantine")


def fill(folder: Path) -> None:
    """A store with all that an index knows of: forks, joins, rereads, events, shared addresses, quarantine."""
    with open_store(folder, create=True) as store:
        put(store, "Two men died.", when=at(10))
        put(store, "One man died.", when=at(0))
        history = history_of(store)
        store.write_event(history, Kind.GONE, at=at(20), url=URL, detail="404")
        put(store, "Text.", url="https://b.example/other-story", when=at(5))
        history = history_of(store, "https://b.example/other-story")
        store.write_reread(history, history.snapshots[0], reading("Text."))
        put(store, "Text.", url="https://b.example/same-story", when=at(6))
        history = history_of(store, "https://b.example/same-story")
        store.write_event(
            history,
            Kind.MOVED,
            at=at(7),
            url="https://b.example/same-story",
            detail="",
            aliases=("https://b.example/other-story",),
        )
        store.quarantine_page("https://c.example/blocked-story", capture(at(1), "wall"), "a wall")


def content(folder: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(folder / "index.sqlite") as db:
        found = {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}  # noqa: S608 - our own names
    db.close()
    return found


@pytest.mark.parametrize(("at_once", "told"), [(1, [(1, 3), (2, 3), (3, 3)]), (2, [(2, 3), (3, 3)]), (250, [(3, 3)])])
def test_a_rebuilt_index_is_the_one_that_grew(tmp_path, monkeypatch, at_once, told):
    monkeypatch.setattr(refresh, "_AT_ONCE", at_once)
    fill(tmp_path)
    grown = content(tmp_path)
    assert all(grown.values())
    steps = []
    with open_store(tmp_path) as store:
        summary = store.reindex(lambda done, total: steps.append((done, total)))
    assert content(tmp_path) == grown
    assert (summary.articles, summary.changed, summary.vanished) == (3, 3, 0)
    assert steps == told


@pytest.mark.parametrize(
    "damage", ["deleted", "emptied", "truncated", "scribbled", "of another version", "a folder's worth gone"]
)
def test_a_lost_index_is_rebuilt_by_itself(tmp_path, damage):
    fill(tmp_path)
    grown = content(tmp_path)
    index = tmp_path / "index.sqlite"
    for side in ("-wal", "-shm"):
        (tmp_path / f"index.sqlite{side}").unlink(missing_ok=True)
    if damage == "deleted":
        index.unlink()
    elif damage == "emptied":
        index.write_bytes(b"")
    elif damage == "truncated":
        index.write_bytes(index.read_bytes()[: index.stat().st_size // 2])
    elif damage == "scribbled":
        index.write_bytes(b"this is no database at all" * 400)
    elif damage == "of another version":
        with sqlite3.connect(index) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        data = bytearray(index.read_bytes())
        data[4096:12288] = bytes(8192)
        index.write_bytes(bytes(data))
    with open_store(tmp_path) as store:
        assert len(store.articles()) == 2
        assert store.find_url(URL)
    assert content(tmp_path) == grown


def test_an_index_deleted_under_an_open_store_is_made_again(tmp_path):
    fill(tmp_path)
    with open_store(tmp_path) as store:
        before = store.articles()
        (tmp_path / "index.sqlite").unlink()
        put(store, "Three men died.", when=at(30))
        assert len(store.articles()) == len(before)
        assert store.articles()[0].changed_at == at(30)


def test_an_article_that_moved_behind_our_back_is_looked_at_again(tmp_path):
    with open_store(tmp_path, create=True) as here, open_store(tmp_path) as there:
        branch = put(here, "One man died.").article
        assert len(there.history(branch).snapshots) == 1
        put(here, "Two men died.", when=at(1))
        assert len(there.history(branch).snapshots) == 2
        assert there.articles()[0].changed_at == at(1)


def change(number: int, branch: str, before: str, after: str, **more: Any) -> ChangeRow:
    values: dict[str, Any] = {
        "captured_at": at(number),
        "field": "body",
        "op": "edited",
        "labels": ("number-changed",),
        "severity": "high",
        "disclosure": "silent",
        "old": "One man died in the café",
        "new": f"{number} men died in the café",
        "seen_since": None,
        "sentence": "A number was changed.",
    } | more
    return ChangeRow(branch, before, after, f"{number:016x}", **values)


def test_reports_are_kept_for_one_tip(tmp_path):
    with open_store(tmp_path, create=True) as store:
        branch = put(store, "One man died.").article
        history = store.history(branch)
        assert store.reports.unfinished() == [branch]
        store.reports.put(branch, "a", "b", history.tip, '{"x": 1}', [])
        assert store.reports.get(branch, "a", "b", history.tip) == '{"x": 1}'
        assert store.reports.get(branch, "a", "b", "another tip") is None
        store.reports.put(branch, "z", "b", history.tip, "{}", [change(1, branch, "z", "b")])
        store.reports.finish(branch, history.tip, [("a", "b")])
        assert store.reports.unfinished() == []
        assert store.reports.get(branch, "z", "b", history.tip) is None
        assert store.reports.changes(ChangeQuery()) == []
        put(store, "Two men died.", when=at(1))
        assert store.reports.unfinished() == [branch]


def test_changes_are_found_by_what_they_are_and_by_their_words(tmp_path):
    with open_store(tmp_path, create=True) as store:
        branch = put(store, "One man died.").article
        other = put(store, "Text.", url="https://b.example/other-story").article
        rows = [change(2, branch, "a", "b"), change(3, branch, "a", "b", labels=("moved", "other"), severity="low")]
        store.reports.put(branch, "a", "b", "tip", "{}", rows)
        store.reports.put(other, "c", "d", "tip", "{}", [change(5, other, "c", "d", disclosure="disclosed")])

        def numbers(**wanted: Any) -> list[int]:
            return [int(row.change, 16) for row in store.reports.changes(ChangeQuery(**wanted))]

        assert numbers() == [5, 3, 2]
        assert numbers(limit=1) == [5]
        assert numbers(label="moved") == [3]
        assert numbers(label="move") == []
        assert numbers(disclosure="silent", severities=("medium", "high")) == [2]
        assert numbers(since=at(3)) == [5, 3]
        assert numbers(host="b.example") == [5]
        assert numbers(branch=branch) == [3, 2]
        assert numbers(search="cafe died") == [5, 3, 2]
        assert numbers(search="3 MEN") == [3]
        assert numbers(search='men" OR x') == []
        assert numbers(search="nobody") == []
        with pytest.raises(UsageError, match="nothing to search for"):
            numbers(search=' "*" ')
        assert store.reports.changes(ChangeQuery(branch=branch))[1] == rows[0]
        store.reports.put(branch, "a", "b", "tip", "{}", rows[:1])
        assert numbers(branch=branch) == [2]
        assert numbers(search="3 men") == []


def plan(store: Store, wanted: ChangeQuery) -> str:
    """How SQLite goes about a query, in its own words."""
    asked = list[str]()

    def watched(db: sqlite3.Connection, trace: Callable[[str], None] | None) -> None:
        db.set_trace_callback(trace)

    store._index.run(lambda db: watched(db, asked.append))
    store.reports.changes(wanted)
    store._index.run(lambda db: watched(db, None))
    (query,) = (each for each in asked if "FROM" in each and "ORDER BY" in each)
    steps = store._index.run(lambda db: db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())
    return "; ".join(step[-1] for step in steps)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "changes_by_time"),
        ({"severities": ("medium", "high")}, "changes_by_time"),
        ({"later": True}, "changes_told_later"),
        ({"later": True, "severities": ("low", "medium", "high"), "below": (at(5), "b")}, "changes_told_later"),
        ({"disclosure": "silent", "never": True}, "changes_by_disclosure"),
        ({"host": "b.example"}, "changes_by_host"),
    ],
)
def test_changes_are_walked_in_the_order_of_time_by_what_is_asked_for(tmp_path, wanted, index):
    with open_store(tmp_path, create=True) as store:
        steps = plan(store, ChangeQuery(limit=30, **wanted))
    assert f"changes USING INDEX {index}" in steps
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_a_database_that_is_not_derived_is_never_thrown_away(tmp_path):
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"something that a person may still save" * 200)
    database = Database(path, Plan("CREATE TABLE t (x);\n", 1, derived=False))
    with pytest.raises(Exception, match="tracker doctor"):
        database.run(lambda db: db.execute("SELECT 1"))
    assert path.read_bytes().startswith(b"something")
    derived = Database(path, Plan("CREATE TABLE t (x);\n", 1, derived=True))
    with pytest.raises(Damaged):
        derived.run(lambda db: db.execute("SELECT 1"))
    assert derived.run(lambda db: db.execute("SELECT count(*) FROM t").fetchone()) == (0,)
    derived.close()


def test_a_list_read_in_pieces_is_the_whole_list(tmp_path):
    fill(tmp_path)
    with open_store(tmp_path) as store:
        put(store, "Text.", url="https://d.example/later-story", when=at(30))
        put(store, "Text.", url="https://d.example/same-moment", when=at(30))
        whole = store.articles()
        assert [row.changed_at for row in whole] == [at(30), at(30), at(10), at(6)]
        assert whole[-1].snapshots == 2  # two addresses of one story
        for size in (1, 2, 3, 4, 5):
            pieces = [store.articles_like(ArticleQuery(limit=size, skip=start)) for start in range(0, 5, size)]
            assert [row for piece in pieces for row in piece] == whole
        assert store.articles_like(ArticleQuery(limit=0)) == []
        assert store.articles_like(ArticleQuery(skip=3)) == whole[3:]


def test_the_newest_articles_are_found_without_reading_all(tmp_path):
    fill(tmp_path)
    asked: list[str] = []
    with open_store(tmp_path) as store:
        store._index.run(lambda db: db.set_trace_callback(asked.append))
        store.articles_like(ArticleQuery(limit=20))
        (query,) = [each for each in asked if each.startswith("SELECT shown_as FROM")]
        plan = store._index.run(lambda db: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}")])
    assert plan[0] == "SCAN articles USING INDEX articles_by_change"


def test_times_of_changes_come_back_as_they_went_in(tmp_path):
    with open_store(tmp_path, create=True) as store:
        branch = put(store, "Text.").article
        store.reports.put(branch, "a", "b", "t", "{}", [change(0, branch, "a", "b")])
        assert store.reports.changes(ChangeQuery())[0].captured_at == START


def test_a_history_is_whole_while_another_process_makes_the_index_anew(tmp_path):
    with open_store(tmp_path / "store", create=True) as store, open_store(tmp_path / "store") as other:
        branch = put(store, "text number 0.").article
        stop = threading.Event()

        def reindex() -> None:
            while not stop.is_set():
                other.reindex()

        again = threading.Thread(target=reindex)
        again.start()
        try:
            for number in range(1, 40):
                put(store, f"text number {number}.", when=at(number))
                assert len(store.history(branch).captures) == number + 1
                assert [row.snapshots for row in store.articles()] == [number + 1]
        finally:
            stop.set()
            again.join()
        assert [len(each.history(branch).captures) for each in (store, other)] == [40, 40]


def test_threads_wait_for_an_index_that_is_being_filled(tmp_path, monkeypatch):
    fill(tmp_path)
    (tmp_path / "index.sqlite").unlink()
    monkeypatch.setattr(refresh, "_AT_ONCE", 1)
    halfway, found = threading.Event(), list[ArticleRow]()
    with open_store(tmp_path, progress=lambda *_: halfway.set()) as store:

        def look() -> None:
            halfway.wait()
            found.extend(store.articles())

        other = threading.Thread(target=look)
        other.start()
        whole = store.articles()
        other.join()
    assert len(whole) == 2
    assert found == whole


def test_an_index_made_anew_has_nothing_of_articles_that_are_not_there(tmp_path):
    fill(tmp_path)
    grown = content(tmp_path)
    with sqlite3.connect(tmp_path / "index.sqlite") as db:
        db.execute("INSERT INTO aliases VALUES ('a.example/x', 'a.example/x-0123456789abcdef')")
        db.execute("UPDATE commits SET message = 'scribbled'")
        db.execute("UPDATE articles SET headline = 'scribbled'")
    db.close()
    with open_store(tmp_path) as store:
        store.reindex()
    assert content(tmp_path) == grown


def test_an_index_that_was_made_anew_in_between_is_not_added_to(tmp_path, monkeypatch):
    with open_store(tmp_path / "store", create=True) as store:
        branch = put(store, "One man died.").article
        real = store._index.put_article

        def emptied(*arguments, **more):
            monkeypatch.undo()
            store._index.drop_article(branch)
            return real(*arguments, **more)

        monkeypatch.setattr(store._index, "put_article", emptied)
        put(store, "Two men died.", when=at(1))
        assert len(store.history(branch).captures) == 2
