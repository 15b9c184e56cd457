"""Packing a store: nothing is lost, whoever is at work and whenever it is stopped, and it comes out small."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli_support import run_here
from tests.store_support import URL, acknowledged, at, bare, capture, git, history_of, put
from tracker.errors import StoreBusy, StoreError
from tracker.store import Store, maintenance, open_store
from tracker.store.locks import GC_LOCK, IMPORT_LOCK, locked
from tracker.store.maintenance import UNNAMED_FOR, holdings, loose_objects, write_graph
from tracker.store.objects import ObjectWriter, blob
from tracker.store.packing import lines_of, pack, place_name

ROOT = Path(__file__).parents[1]
ARTICLES, VERSIONS = 4, 3


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        for version in range(VERSIONS):
            with opened.gather():
                for number in range(ARTICLES):
                    story(opened, number, version)
        yield opened


def story(store: Store, number: int, version: int) -> None:
    """One version of an article that has little in common with the others."""
    lines = [f"Line {line} of the story with number {number * 7919 + line * 31} stands." for line in range(40)]
    lines[version] = f"This line was edited {version} times."
    put(store, *lines, when=at(version), url=f"https://daily.example/story-{number}", headline=f"Story {number}")


def objects(store: Store) -> set[str]:
    listing = git(bare(store), "cat-file", "--batch-check=%(objectname)", "--batch-all-objects", "--unordered")
    return set(listing.split())


def whole(store: Store) -> None:
    """Git finds nothing wrong, and every snapshot reads with its page."""
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    for row in store.articles():
        history = store.history(row.branch)
        assert all(store.raw(row.branch, each) is not None for each in history.snapshots)
        assert all(store.document(each.revision).blocks for each in history.snapshots)


def old(path: Path, days: float = UNNAMED_FOR.days + 1) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def stray(store: Store, text: bytes) -> tuple[str, Path]:
    """An object that no ref names, as a write leaves it that was interrupted."""
    made = blob(text)
    ObjectWriter(store.repository.objects, "stray").write([made])
    return made.id, store.repository.objects / made.id[:2] / made.id[2:]


def test_everything_is_packed_and_stays(store):
    before = objects(store)
    store.quarantine_page(URL, capture(at(9), "<p>wall</p>"), "a wall")
    store.copy_state()
    done = store.maintain()
    assert objects(store) >= before
    assert done.after.loose_objects == 0
    assert done.after.packs == 2
    assert done.after.bytes < done.before.bytes / 3
    assert git(bare(store), "count-objects").startswith("0 objects")
    whole(store)
    assert not store.maintain().packed


def test_texts_and_pages_lie_in_packs_of_their_own(store):
    store.maintain()
    kinds = []
    for path in (bare(store) / "objects" / "pack").glob("*.idx"):
        rows = [line.split() for line in git(bare(store), "verify-pack", "-v", str(path)).splitlines()]
        ids = {row[0] for row in rows if len(row) > 4 and row[1] in {"blob", "tree", "commit"}}
        texts = set(git(bare(store), "rev-list", "--objects", "--branches", "--no-object-names").split())
        assert ids <= texts or not ids & texts
        kinds.append(bool(ids & texts))
    assert sorted(kinds) == [False, True]


def test_versions_of_an_article_are_kept_as_differences(store):
    store.maintain()
    deltas = []
    for path in (bare(store) / "objects" / "pack").glob("*.idx"):
        rows = [line.split() for line in git(bare(store), "verify-pack", "-v", str(path)).splitlines()]
        deltas += [row for row in rows if len(row) == 7 and row[1] == "blob"]
    assert len(deltas) >= ARTICLES * (VERSIONS - 1) * 2  # of text and of page, all but one of each article


def test_the_names_put_kinds_and_then_articles_in_order():
    """As git's own hash of a name reads them: each character counts a quarter of the one behind it."""

    def git_hash(name: str) -> int:
        value = 0
        for char in name.encode():
            value = ((value >> 2) + (char << 24)) & 0xFFFFFFFF
        return value

    wanted = [(kind, article) for kind in range(5) for article in (0, 1, 2, 3, 4, 5, 63, 64, 1000, 4**12, 4**13 - 1)]
    hashes = [git_hash(place_name(*each)) for each in wanted]
    assert hashes == sorted(hashes)
    assert len(set(hashes)) == len(hashes)
    assert not any(char.isspace() for char in "".join(place_name(*each) for each in wanted))


def test_a_dry_run_says_what_it_comes_to_and_touches_nothing(store):
    before = sorted(path for path in bare(store).rglob("*"))
    foreseen = store.maintain(dry=True)
    assert sorted(path for path in bare(store).rglob("*")) == before
    done = store.maintain()
    assert (foreseen.after.packs, foreseen.after.loose_objects) == (done.after.packs, done.after.loose_objects)
    assert foreseen.packed == done.packed
    assert foreseen.after.bytes <= done.after.bytes < foreseen.after.bytes * 1.5 + 50_000  # with indexes and blocks


def test_what_is_made_again_as_it_was_is_not_thrown_away(store):
    store.maintain()
    for _ in range(3):
        store.maintain(every=True)
        whole(store)


def test_new_snapshots_make_a_new_pack_and_many_packs_become_few(store, monkeypatch):
    store.maintain()
    monkeypatch.setattr(maintenance, "_MANY_PACKS", 7)
    counts = []
    for version in range(VERSIONS, VERSIONS + 6):
        story(store, 0, version)
        counts.append(store.maintain().after.packs)
    assert counts[:2] == [4, 6]
    assert max(counts) <= 8
    assert min(counts[2:]) < 6
    whole(store)


def packed_bytes(store: Store) -> int:
    return sum(path.stat().st_size for path in (bare(store) / "objects" / "pack").glob("*.pack"))


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """A store whose snapshots came by an import, each version in a pack of its own."""
    monkeypatch.setattr("tracker.store.writer.MANY", 1)
    with open_store(tmp_path / "imported", create=True) as opened:
        for version in range(VERSIONS):
            with opened.gather():
                for number in range(ARTICLES):
                    story(opened, number, version)
        yield opened


def test_what_an_import_has_written_is_packed_anew_once(imported):
    before = objects(imported)
    assert imported.holdings().packs == VERSIONS
    assert imported.maintain(quick=True).after.packs == VERSIONS + 1  # the one holds `_about`, which was loose
    foreseen = imported.maintain(dry=True)
    done = imported.maintain()
    assert foreseen.packed == done.packed == len(before) - 4
    assert done.after.packs == 3
    assert objects(imported) >= before
    after = packed_bytes(imported)
    assert not imported.maintain().packed
    imported.maintain(every=True)
    assert after < packed_bytes(imported) * 1.1 + 1000  # the pack of `_about`
    whole(imported)


def test_a_store_that_has_forgotten_which_packs_are_its_own_packs_them_once_more(store):
    store.maintain()
    note = store.path / "arranged"
    names = {path.stem for path in (bare(store) / "objects" / "pack").glob("*.pack")}
    assert set(note.read_text().split()) == names
    note.unlink()
    assert store.maintain().packed
    assert not store.maintain().packed
    whole(store)


def test_what_no_ref_names_waits_until_it_is_old(store):
    young, _ = stray(store, b"somebody may be about to name this")
    aged, path = stray(store, b"nobody ever will")
    old(path)
    store.maintain()
    assert {young, aged} <= objects(store)  # no pack is packed anew yet: what is nobody's is not known
    for path in (bare(store) / "objects" / "pack").glob("*.pack"):
        if aged in git(bare(store), "verify-pack", "-v", str(path.with_suffix(".idx"))):
            old(path)
    done = store.maintain(every=True)
    assert done.removed == 2
    assert not {young, aged} & objects(store)
    whole(store)


def test_an_old_object_is_removed_and_a_renewed_one_is_not(store, monkeypatch):
    store.maintain()
    gone, path = stray(store, b"nobody's")
    old(path)
    kept, renewed = stray(store, b"renewed in between")
    old(renewed)
    removal = maintenance._remove_loose

    def late(path: Path, seen_at: float) -> None:
        if path == renewed:
            os.utime(path)  # a writer meets it and is about to name it
        removal(path, seen_at)

    monkeypatch.setattr(maintenance, "_remove_loose", late)
    store.maintain(every=True)
    assert kept in objects(store)
    assert gone not in objects(store)


def test_a_ref_that_comes_to_name_what_was_nobodys_keeps_it(store, monkeypatch):
    store.maintain()
    history = history_of(store, "https://daily.example/story-0")
    lost = history.tip
    parent = git(bare(store), "rev-parse", f"{lost}^").strip()
    git(bare(store), "update-ref", f"refs/heads/{history.branch}", parent)
    for path in (bare(store) / "objects" / "pack").glob("*.pack"):
        old(path)
    look_over = maintenance._look_over

    def meanwhile(*arguments: Any) -> None:
        look_over(*arguments)
        git(bare(store), "update-ref", "refs/heads/again", lost)

    monkeypatch.setattr(maintenance, "_look_over", meanwhile)
    store.maintain(every=True)
    assert lost in objects(store)
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""


def test_a_new_pack_that_lacks_something_removes_nothing(store, monkeypatch):
    store.maintain()
    before = objects(store)

    def careless(repository, names, **how):
        return pack(repository, dict(list(names.items())[1:]), **how)

    monkeypatch.setattr(maintenance, "pack", careless)
    with pytest.raises(StoreError, match="nothing was removed"):
        store.maintain(every=True)
    assert objects(store) == before


def test_packs_that_somebody_keeps_are_left_alone(store):
    store.maintain()
    kept = next((bare(store) / "objects" / "pack").glob("*.pack"))
    kept.with_suffix(".keep").write_text("mine\n")
    story(store, 0, 9)
    store.maintain(every=True)
    assert kept.exists()
    whole(store)


def test_what_was_left_unfinished_is_swept_when_it_is_old(store):
    folder = bare(store) / "objects" / "pack"
    left = [folder / "tmp_pack_abc", folder / ".tmp-12-pack-ab.idx", bare(store) / "objects" / "tmp_obj_xyz"]
    for path in left:
        path.write_bytes(b"half")
        old(path)
    fresh = folder / "tmp_idx_new"
    fresh.write_bytes(b"half")
    (folder / "pack-ended.keep").symlink_to("nothing")  # as one that is gone when it is looked at
    store.maintain()
    assert not any(path.exists() for path in left)
    assert fresh.exists()


def test_one_at_a_time(store):
    with locked(store.repository, GC_LOCK), pytest.raises(StoreBusy, match="nothing to do"):
        store.maintain()


def test_packs_are_not_removed_while_an_import_trusts_in_them(store):
    store.maintain()
    before = set((bare(store) / "objects" / "pack").glob("*.pack"))
    story(store, 0, 9)
    worker = threading.Thread(target=store.maintain, kwargs={"every": True})
    with locked(store.repository, IMPORT_LOCK, shared=True):
        worker.start()
        worker.join(2)
        assert before <= set((bare(store) / "objects" / "pack").glob("*.pack"))
    worker.join()
    assert len(set((bare(store) / "objects" / "pack").glob("*.pack"))) == 2
    whole(store)


def test_a_lock_on_packed_refs_is_said_when_all_else_is_done(store):
    lock = bare(store) / "packed-refs.lock"
    lock.touch()
    with pytest.raises(StoreBusy, match=r"refs were not packed: .*packed-refs.lock is held by another git"):
        store.maintain(every=True)
    assert holdings(store.repository).loose_objects == 0
    assert lock.exists()
    lock.unlink()
    assert store.maintain(every=True).after.loose_refs == 0
    whole(store)


def test_folders_that_git_takes_away_meanwhile_are_passed_over(store):
    found = loose_objects(store.repository)
    first, _ = next(found)
    for folder in (bare(store) / "objects").glob("[0-9a-f][0-9a-f]"):
        if folder.name != first[:2]:
            shutil.rmtree(folder)
    assert {each[:2] for each, _ in found} <= {first[:2]}


def test_many_names_of_which_git_does_not_know_the_first_are_said_in_one_line(store):
    given = ["f" * 40, *["0" * 40] * 10_000]
    with pytest.raises(StoreError, match=r"git cannot read all of .*bad object f{40}"):
        list(lines_of(store.repository, "rev-list", "--stdin", given=given))


def test_many_refs_become_one_file_and_are_written_as_before(store, monkeypatch):
    monkeypatch.setattr(maintenance, "LOOSE_REFS", ARTICLES)
    assert holdings(store.repository).due
    assert store.maintain().after.loose_refs == 0
    assert not holdings(store.repository).due
    story(store, 0, 9)
    story(store, ARTICLES, 0)
    assert len(store.articles()) == ARTICLES + 1
    assert len(history_of(store, "https://daily.example/story-0").snapshots) == VERSIONS + 1
    whole(store)


def test_a_store_is_written_and_read_while_it_is_packed(store):
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        with open_store(store.path) as mine:
            while not stop.is_set():
                written.append(acknowledged(mine, f"The {len(written)}th.", URL))

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(4):
        store.maintain(every=True)
        git(bare(store), "gc", "--quiet", check=False)  # somebody else's git at the same time
    stop.set()
    writer.join()
    assert set(written) <= set(git(bare(store), "rev-list", "--branches").split())
    whole(store)


@pytest.mark.slow
def test_packing_that_is_killed_loses_nothing(store):
    before = objects(store)
    program = (
        "import sys; from pathlib import Path; from tracker.store import maintenance as m; print('go', flush=True)\n"
        "while True: m.maintain(m.Repository(Path(sys.argv[1])), every=True)"
    )
    for wait in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(store.path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert objects(store) >= before
    with open_store(store.path) as again:
        again.maintain()
        whole(again)


def test_the_command_says_what_it_did(store, capsys):
    would = run_here(capsys, "gc", "--dry-run", "--store", str(store.path))
    assert would.stdout.startswith("Would pack ")
    assert run_here(capsys, "gc", "--if-due", "--store", str(store.path)).stdout == ""
    done = run_here(capsys, "gc", "--store", str(store.path))
    assert done.stdout.startswith("Packed ")
    assert "2 packs, no loose objects" in done.stdout
    assert run_here(capsys, "gc", "--store", str(store.path)).stdout == "There is nothing to pack.\n"
    as_json = run_here(capsys, "gc", "--all", "--json", "--store", str(store.path))
    assert '"loose_objects": 0' in as_json.stdout


def test_a_writer_killed_at_the_commit_graph_keeps_nobody_from_it(store):
    put(store, "One.")
    lock = bare(store) / "objects" / "info" / "commit-graph.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    os.utime(lock, (0, 0))
    dead = store.path / "writers" / "1-dead"
    dead.write_text("objects/info/commit-graph\n")
    store.sweep()
    assert not lock.exists()
    lock.touch()  # somebody else's git at work: the graph only saves time, and is left as it is
    write_graph(store.repository)
    assert lock.exists()
