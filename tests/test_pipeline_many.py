"""Many captures at once: the store is the one that keeping them singly would make, whatever comes in between."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli_support import environment, lines_of, program, run_here, until
from tests.site import PARAGRAPHS, capture, edited, hour, page
from tests.store_support import bare, git
from tracker.errors import FetchError, StoreError
from tracker.model import Capture, Check, Document, Lens, Outcome, Reading
from tracker.normalize.memory import EMPTY, Memory
from tracker.pipeline import Terms, keep, keep_many, many
from tracker.pipeline.pages import read_capture
from tracker.store import Store, open_store
from tracker.store import writer as writer_module

DATED = Terms(dated=True)
ADS = tuple(
    f"Subscribe to our morning letter number {n} and never miss a story of the harbour again." for n in range(2)
)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def captures() -> list[Capture]:
    """Four articles of two hosts with shared furniture, edits, walls, losses, a revert, and one out of order."""
    found = []
    for number in range(4):
        url = f"https://{'daily' if number % 2 else 'weekly'}.example/2026/story-{number}"
        texts = [f"{text} So it was told in part {number}.{place}." for place, text in enumerate(PARAGRAPHS)]
        headline = f"Fire number {number} in the harbour"

        second = [texts[0].replace("12", "21"), *texts[1:]]
        shown = [furnished(each, headline, url) for each in (texts, second, [*texts, "A late line."])]
        short = page(texts[:1], headline=headline, canonical=url)
        wall = b"<html><title>Just a moment</title><body>Checking your browser</body></html>"
        bodies = {1: shown[0], 2: shown[2], 3: shown[1], 4: shown[1], 5: short, 6: shown[0], 7: wall}
        found += [capture(hour(at) + timedelta(seconds=number), body, url=url) for at, body in bodies.items()]
    late = hour(2).hour
    return sorted(found, key=lambda each: (each.captured_at.hour == late, each.captured_at))


def furnished(paragraphs: Sequence[str], headline: str, url: str) -> bytes:
    return page([*paragraphs[:2], *ADS, *paragraphs[2:]], headline=headline, canonical=url)


def said(check: Check | None) -> tuple[object, ...]:
    assert check is not None
    return check.outcome, check.article, check.error, check.snapshot and check.snapshot.captured_at


def commits(store: Store) -> set[str]:
    """Every commit but for its id and when it was written (the dates of a join are made of that)."""
    return set(git(bare(store), "log", "--branches", "--glob=refs/raw", "-z", "--format=%T %B").split("\0"))


def singly(folder: Path, terms: Terms = DATED) -> tuple[Store, list[Check]]:
    store = open_store(folder, create=True)
    return store, [keep(store, each, terms) for each in captures()]


@pytest.mark.parametrize("least", [1, 10**9], ids=["in packs", "in files"])
def test_the_store_is_the_one_that_keeping_singly_makes(store, tmp_path, monkeypatch, least):
    monkeypatch.setattr(writer_module, "MANY", least)
    single, checks = singly(tmp_path / "single")
    kept = list(keep_many(store, captures(), DATED, batch=7))
    assert [said(each.check) for each in kept] == [said(each) for each in checks]
    assert {Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.BLOCKED} <= {each.outcome for each in checks}
    assert commits(store) == commits(single)
    for row in single.articles():
        one, other = single.history(row.branch), store.history(row.branch)
        assert [(e.kind, e.captured_at, e.seen_since, e.tree, e.aliases) for e in one.entries] == [
            (e.kind, e.captured_at, e.seen_since, e.tree, e.aliases) for e in other.entries
        ]
        assert single.state.checks(row.branch) == store.state.checks(row.branch)
    assert [row.branch for row in single.quarantined()] == [row.branch for row in store.quarantined()]
    assert single.memory.learned("daily.example") == store.memory.learned("daily.example")
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    assert git(bare(store), "for-each-ref", "refs/tracker") == ""
    single.close()


def test_other_processes_read_what_this_one_would(store, tmp_path):
    single, _ = singly(tmp_path / "single")
    assert all(kept.error is None for kept in keep_many(store, captures(), DATED, processes=1))
    assert commits(store) == commits(single)
    single.close()


def test_what_was_read_with_another_memory_is_read_again():
    ahead = many.ReadAhead(DATED, 0)
    asked = capture(hour(1), page())
    wrong = Future[Reading]()
    wrong.set_result(Reading(Document(()), Lens("0", "0")))
    memory = Memory(frozenset({"0123456789abcdef"}), frozenset())
    ahead._read[id(asked.body)] = many._Ahead(asked, memory, wrong)
    assert ahead.read(asked, (), EMPTY).document.headline


def test_a_reader_that_is_killed_only_costs_time(store):
    with many.ReadAhead(DATED, 1) as ahead:
        asked = captures()[:3]
        passed = list(ahead.through(store, asked[:1]))
        assert ahead._pool is not None
        for process in list(ahead._pool._processes.values()):
            process.kill()
        passed += list(ahead.through(store, asked[1:]))
        assert passed == asked
        assert all(ahead.read(each, (), EMPTY).document.blocks for each in asked)


def test_the_same_call_goes_on_where_it_was_interrupted(store, monkeypatch):
    found = keep_many(store, captures(), DATED, batch=5)
    first = [next(found) for _ in range(12)]
    found.close()  # in the middle of the third batch, which is durable
    asked: list[datetime] = []

    def counted(capture: Capture, *rest: Any) -> Reading:
        asked.append(capture.captured_at)
        return read_capture(capture, *rest)

    monkeypatch.setattr(many, "read_capture", counted)
    again = list(keep_many(store, captures(), DATED, batch=5))
    assert len(again) == len(captures())
    stored = {each.check.snapshot.captured_at for each in first if each.check and each.check.snapshot}
    assert stored
    assert not stored & set(asked), "what is stored is not read again"
    with open_store(store.path) as once_more:
        assert not [k for k in keep_many(once_more, captures(), DATED) if k.check and k.check.outcome is Outcome.NEW]


def test_what_could_not_be_had_comes_out_in_its_place(store):
    lost = FetchError("the line is dead")
    first, second, *_ = captures()
    nameless = capture(hour(1), page(canonical=None), url="")
    kept = list(keep_many(store, [first, lost, nameless, second], DATED))
    assert [each.capture for each in kept] == [first, None, nameless, second]
    assert [type(each.error).__name__ for each in kept] == ["NoneType", "FetchError", "UsageError", "NoneType"]


def test_another_writer_in_between_costs_a_batch_and_nothing_else(store, monkeypatch):
    first, *rest = captures()
    branch = keep(store, first, DATED).article
    gather = Store.gather
    moved: list[int] = []

    def disturbed(self):
        holding = gather(self)

        class Around:
            def __enter__(self):
                holding.__enter__()

            def __exit__(self, *error):
                if not moved:
                    moved.append(1)
                    git(bare(store), "update-ref", "-d", f"refs/heads/{branch}")
                return holding.__exit__(*error)

        return Around()

    monkeypatch.setattr(Store, "gather", disturbed)
    kept = list(keep_many(store, rest, DATED, batch=100))
    assert moved
    assert all(each.error is None for each in kept)
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    stored = {each.check.article for each in kept if each.check and each.check.snapshot}
    assert stored <= {row.branch for row in store.articles()}


def test_a_store_that_cannot_be_written_is_said_and_what_came_out_is_stored(store, monkeypatch):
    def full(*_: object) -> None:
        raise StoreError("no space left")

    found = keep_many(store, captures(), DATED, batch=4)
    kept = [next(found) for _ in range(4)]
    monkeypatch.setattr(writer_module, "import_objects", full)
    monkeypatch.setattr(writer_module, "MANY", 1)
    with pytest.raises(StoreError, match="no space left"):
        next(found)
    revisions = {each.check.snapshot.revision for each in kept if each.check and each.check.snapshot}
    assert revisions <= set(git(bare(store), "rev-list", "--branches").split())


def test_batches_end_by_number_size_and_time(monkeypatch):
    found = captures()
    assert [len(group) for group in many._groups(found[:7], 3)] == [3, 3, 1]
    monkeypatch.setattr(many, "_BATCH_BYTES", len(found[0].body) + 1)
    assert len(next(iter(many._groups(found, 100)))) == 2
    monkeypatch.setattr(many, "_BATCH_SECONDS", 0.0)
    assert [len(group) for group in many._groups(found[:3], 100)] == [1, 1, 1]


def save(folder: Path, count: int = 3) -> list[Path]:
    folder.mkdir()
    for number in range(count):
        url = f"https://daily.example/2026/story-{number}"
        body = page(
            edited(0, "killed 12 people", f"killed {number + 30} people"), canonical=url, headline=f"Story {number}"
        )
        path = folder / ("deep" if number % 2 else ".") / f"{number}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
    return sorted(folder.rglob("*.html"))


def test_a_folder_is_all_its_pages(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = save(tmp_path / "saved")
    (tmp_path / "saved" / "notes.txt").write_text("no page")
    done = run_here(capsys, "snap", "saved", "--json")
    assert done.returncode == 0
    assert [each["source"] for each in lines_of(done)] == [str(path.relative_to(tmp_path)) for path in files]
    (tmp_path / "empty").mkdir()
    assert "holds no HTML files" in run_here(capsys, "snap", "empty").stderr


@pytest.mark.parametrize("options", [(), ("--file-times",)])
def test_a_name_that_is_too_long_is_no_bug(tmp_path, monkeypatch, capsys, options):
    monkeypatch.chdir(tmp_path)
    done = run_here(capsys, "snap", "a" * 5000, *options)
    assert done.returncode == 5
    assert "cannot be read: File name too long" in done.stderr


def test_a_list_names_addresses_and_times(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_bytes(page(canonical=None))
    (tmp_path / "b.html").write_bytes(page(edited(0, "killed 12 people", "killed 21 people"), canonical=None))
    url = "https://daily.example/2026/listed"
    lines = ["# the second comes first", "", f"b.html\t{url}\t2026-03-04T02:00", f"a.html\t{url}\t2026-03-04T01:00"]
    (tmp_path / "pages.tsv").write_text("\n".join(lines) + "\n")
    done = run_here(capsys, "snap", "--list", "pages.tsv", "--json")
    assert [each["outcome"] for each in lines_of(done)] == ["new", "changed"]
    with open_store(tmp_path / "snapshots") as kept:
        times = [each.captured_at.hour for each in kept.history(kept.find("listed")).snapshots]
    assert times == [1, 2]
    again = run_here(capsys, "snap", "--list", "pages.tsv", "--json")
    assert [each["outcome"] for each in lines_of(again)] == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-", "line 1 of the list"),
        ("a.html\tu\tt\tmore", "line 1 of the list"),
        ("https://daily.example/x\thttps://daily.example/y", "one too many"),
        ("a.html\thttps://daily.example/x\tyesterday", "is not a time"),
        ("a.html\thttps://daily.example/x\t1901-01-01", "between 1990 and tomorrow"),
        ("# nothing", "name at least one SOURCE"),
    ],
)
def test_a_list_that_makes_no_sense_is_said_in_one_line(tmp_path, monkeypatch, capsys, line, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_text(line + "\n")
    done = run_here(capsys, "snap", "--list", "list")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "snapshots").exists()


def test_files_know_when_they_were_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = save(tmp_path / "saved", 2)
    for number, path in enumerate(files):
        os.utime(path, (hour(number).timestamp(),) * 2)
    done = run_here(capsys, "snap", "saved", "--file-times", "--json")
    times = [datetime.fromisoformat(each["captured_at"]) for each in lines_of(done)]
    assert times == [hour(0), hour(1)]
    refused = run_here(capsys, "snap", "saved", "--file-times", "--at", "2026-01-01")
    assert (refused.returncode, "two times" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_told_and_the_same_command_goes_on(tmp_path):
    files = save(tmp_path / "saved", 120)
    command = [program(), "snap", "saved", "--file-times", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline()]
        process.send_signal(signal.SIGINT)
        told += process.stdout.read().splitlines()  # not communicate: it forgets what readline has taken in
    assert process.returncode in {0, 130}
    repository = tmp_path / "snapshots" / "articles.git"
    heads = git(repository, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()
    assert {json.loads(line)["branch"] for line in told} <= set(heads)
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == len(files)
    assert done.stdout.count('"unchanged"') == len(heads) - 1  # but for _about
    assert git(repository, "fsck", "--full", "--no-dangling") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
def test_a_reader_ends_with_the_one_that_started_it():
    command = [sys.executable, "-c", _STARTER]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert started.stdout is not None
    reader = int(started.stdout.readline())
    os.kill(started.pid, signal.SIGKILL)
    started.communicate()
    until(lambda: has_ended(reader))


def has_ended(process: int) -> bool:
    """Is it gone, or but waiting that somebody takes note of its end? Not every machine has who does."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


_STARTER = """
import time
from tracker.pipeline.many import ReadAhead, Terms
if __name__ == "__main__":
    ahead = ReadAhead(Terms(), 1)
    ahead._pool.submit(int).result()
    print(next(iter(ahead._pool._processes)), flush=True)
    time.sleep(60)
"""
