"""Many writes made durable at once: they read as written meanwhile, and are all there or not at all."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.site import PARAGRAPHS, edited, hour, page
from tests.site import capture as page_capture
from tests.store_support import LENS, URL, at, bare, capture, git, history_of, known, put, reading, seen
from tracker.errors import Conflict, StoreError
from tracker.model import Outcome
from tracker.pipeline import Terms, keep
from tracker.store import Kind, Store, flushing, open_store
from tracker.store.locks import WRITE_LOCK, locked
from tracker.store.pending import RefMove

ROOT = Path(__file__).parents[1]
OTHER = "https://www.daily.example/world/harbour-master"


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def refs(folder) -> str:
    return git(folder, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/raw")


def tree_of(folder) -> set[str]:
    """Every commit but for its id and when it was written (the dates of a join are made of that)."""
    return set(git(folder, "log", "--glob=refs/*", "-z", "--format=%T %B").split("\0"))


def moves_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The refs of each transaction from now on."""
    seen_moves: list[list[str]] = []
    transaction = store._writer._transaction

    def told(moves: Sequence[RefMove]) -> str | None:
        seen_moves.append([move.ref for move in moves])
        return transaction(moves)

    monkeypatch.setattr(store._writer, "_transaction", told)
    return seen_moves


def test_what_is_gathered_is_the_same_as_what_is_written_singly(store, tmp_path):
    def story(target: Store) -> None:
        put(target, "One.")
        put(target, "One.", "Two.", when=at(20), seen_since=at(10))
        put(target, "Another.", url=OTHER, headline="She leaves")
        put(target, "One.", "Between.", when=at(5))
        target.write_event(history_of(target), Kind.GONE, at=at(30), url=URL, detail="404")
        target.write_reread(history_of(target), history_of(target).snapshots[0], reading("One.", lens=LENS))

    with store.gather():
        story(store)
    with open_store(tmp_path / "singly", create=True) as single:
        story(single)
        assert tree_of(bare(single)) == tree_of(bare(store))
        for url in (URL, OTHER):
            assert seen(history_of(single, url)) == seen(history_of(store, url))
        assert [row.branch for row in store.articles()] == [row.branch for row in single.articles()]
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""


def test_in_the_block_it_reads_as_written_and_git_knows_nothing(store):
    before = refs(bare(store))
    with store.gather():
        made = put(store, "One.")
        assert history_of(store).snapshots[0].revision == made.revision
        assert store.snapshot(made.article, history_of(store).snapshots[0]).document == made.document
        page_back = store.raw(made.article, history_of(store).snapshots[0])
        assert page_back is not None
        assert page_back.body.startswith(b"Fire in the harbour")
        assert store.find_url(URL) == made.article
        assert refs(bare(store)) == before
    assert made.revision in refs(bare(store))


def test_a_block_that_fails_leaves_nothing(store):
    put(store, "Known.", url=OTHER)
    before = refs(bare(store))

    def fail() -> None:
        put(store, "One.")
        put(store, "Known.", "More.", when=at(9), url=OTHER)
        store.quarantine_page(OTHER, capture(at(10), "<p>wall</p>", OTHER), "a wall")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.gather():
        fail()
    assert refs(bare(store)) == before
    assert known(store) is None
    assert len(history_of(store, OTHER).snapshots) == 1
    assert [len(store.articles()), len(store.quarantined())] == [1, 0]
    assert store.state.blocked_run(history_of(store, OTHER).branch) == 0
    put(store, "One.")  # and it writes as before


def test_another_writer_in_between_undoes_all_of_it(store):
    put(store, "One.")

    def meet() -> None:
        put(store, "Another.", url=OTHER)
        put(store, "One.", "Two.", when=at(9))
        # Plain git, for a second tracker would wait for the databases.
        about = git(bare(store), "rev-parse", "_about").strip()
        git(bare(store), "update-ref", f"refs/heads/{history_of(store).branch}", about)

    with pytest.raises(Conflict), store.gather():
        meet()
    assert known(store, OTHER) is None
    assert [row.url for row in store.articles()] == [URL]
    assert git(bare(store), "for-each-ref", "--format=%(refname)", "refs/raw").count("\n") == 1


def test_one_flush_and_one_move_for_all(store, monkeypatch):
    put(store, "The first makes the process.")
    flushes: list[int] = []
    flush = flushing.flush

    def counted(handle: int) -> None:
        flushes.append(handle)
        flush(handle)

    monkeypatch.setattr(flushing, "flush", counted)
    moved = moves_of(store, monkeypatch)
    with store.gather():
        for number in range(40):
            put(store, f"Story {number}.", url=f"https://www.daily.example/story-{number}", headline=f"Story {number}")
    assert [len(refs) for refs in moved] == [80]
    if flushing.writeout(store.path.stat().st_dev):
        assert len(flushes) == 1  # the folder of the last ref


def test_pages_come_before_texts(store, monkeypatch):
    orders = moves_of(store, monkeypatch)
    with store.gather():
        put(store, "One.")
        put(store, "Another.", url=OTHER)
    assert [ref.split("/")[1] for ref in orders[0]] == ["raw", "raw", "heads", "heads"]


def test_nothing_gathered_is_nothing_written(store):
    before = sorted(store.repository.objects.iterdir())
    with store.gather():
        pass
    assert sorted(store.repository.objects.iterdir()) == before


def test_checks_are_logged_with_the_snapshots_they_found(store):
    first = page_capture(hour(1), page())
    second = page_capture(hour(2), page(edited(0, "killed 12 people", "killed 21 people")))
    with store.gather():
        checks = [keep(store, each, Terms()) for each in (first, second, second)]
    assert [each.outcome for each in checks] == [Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED]
    branch = checks[0].article
    assert branch is not None
    assert [outcome for _, outcome, _, _ in store.state.checks(branch)] == [each.outcome for each in checks]
    assert store.history(branch).snapshots[1].seen_since == hour(1)
    assert PARAGRAPHS[1] in {block.text for block in store.document(store.history(branch).tip).blocks}


def test_other_threads_wait_for_the_end_and_then_see_all(store):
    looked: list[int] = []
    with store.gather():
        put(store, "One.")
        other = threading.Thread(target=lambda: looked.append(len(store.articles())))
        writer = threading.Thread(target=put, args=(store, "Another."), kwargs={"url": OTHER})
        other.start()
        writer.start()
        other.join(0.2)
        assert looked == []
    other.join()
    writer.join()
    assert looked in ([1], [2])
    assert len(store.articles()) == 2


def test_a_database_that_is_replaced_under_a_block_fails_it(store):
    def replace() -> None:
        put(store, "One.")
        store.state.close()
        store.state.checks("x")

    with pytest.raises(StoreError, match="replaced"), store.gather():
        replace()
    assert known(store) is not None  # the snapshot is durable; its check is what was lost


def test_blocks_that_follow_each_other_let_another_writer_in(store):
    """A second process wants the databases while one block comes after the other."""
    writer = subprocess.Popen(
        [sys.executable, "-c", GUEST, str(store.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    number = 0
    while writer.poll() is None and time.monotonic() < deadline:
        number += 1
        with store.gather():
            put(store, f"Text {number}.", url=f"https://www.daily.example/host-{number}")
            time.sleep(0.05)
    told, _ = writer.communicate()
    assert writer.returncode == 0
    assert len(told.splitlines()) == 4


GUEST = """
import sys
from pathlib import Path
from tests.store_support import acknowledged
from tracker.store import open_store
with open_store(Path(sys.argv[1])) as store:
    for number in range(4):
        print(acknowledged(store, f"Said {number}.", f"https://www.daily.example/guest-{number}"), flush=True)
"""


@pytest.mark.parametrize("ends", ["raises", "is killed"])
def test_what_is_written_alone_is_listed_however_the_block_ends(store, ends):
    """Its refs have moved, while the index takes all of it at the end."""
    put(store, "One.", url=OTHER)
    write = f"""
from pathlib import Path
import os
from tests.store_support import put
from tracker.store import open_store
with open_store(Path({str(store.path)!r})) as store:
    put(store, "Before.", url="https://daily.example/before")
    try:
        with store.alone():
            put(store, "Two.")
            put(store, "Three.", url="https://daily.example/third")
            {"os._exit(9)" if ends == "is killed" else "raise RuntimeError"}
    except RuntimeError:
        put(store, "After.", url="https://daily.example/after")
"""
    subprocess.run([sys.executable, "-c", write], cwd=ROOT, check=False)
    with open_store(store.path) as opened:
        listed = {row.branch for row in opened.articles()}
        assert len(listed) == (4 if ends == "is killed" else 5)
        assert listed == {
            ref.split("/", 2)[2].partition(" ")[0] for ref in refs(bare(store)).split("\n") if "/raw/" in ref
        }


def test_who_wants_to_be_alone_does_not_wait_for_a_fetch(store):
    """It holds the lock as long as its network takes, while everybody else would wait for the databases."""
    began = time.monotonic()
    with locked(store.repository, WRITE_LOCK, shared=True), store.alone():
        made = put(store, "One.")
    assert time.monotonic() - began < 5
    with open_store(store.path) as other:
        assert [row.branch for row in other.articles()] == [made.article]


def test_what_is_written_alone_stands_at_the_end_of_the_block(store):
    with store.alone():
        made = put(store, "One.")
        put(store, "Two.", when=at(1))
    with open_store(store.path) as other:
        assert [row.branch for row in other.articles()] == [made.article]
        assert len(history_of(other).snapshots) == 2
    (file,) = (store.path / "writers").iterdir()
    assert file.read_text() == ""
