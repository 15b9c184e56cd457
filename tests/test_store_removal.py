"""What is to be kept no longer: old pages, and articles that are deleted for good."""

import contextlib
import json
import os
import sqlite3
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli_support import OTHER_URL, SECOND, environment, fill, program, refused, run, run_here
from tests.site import PARAGRAPHS, URL, capture, hour, page
from tests.store_support import NEWER_LENS, at, bare, git, history_of, put, reading
from tests.store_support import URL as HARBOUR
from tracker.errors import Deleted, StoreBusy, StoreError
from tracker.model import Outcome
from tracker.pipeline import keep
from tracker.store import Prunable, Removed, Review, Store, examine, open_store
from tracker.store import removal as removal_module
from tracker.store.commits import entry, trailers
from tracker.store.locks import GC_LOCK, IMPORT_LOCK, WRITE_LOCK, locked
from tracker.store.removal import interrupted, take_out
from tracker.text.urls import branch_name

LATER = at(60 * 24 * 365)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


@pytest.fixture
def filled(tmp_path):
    fill(tmp_path / "snapshots")
    return tmp_path


def everything(folder: Path) -> bytes:
    """All that lies in a store's folder: files as they are, loose objects and packs unpacked, databases as text."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [str(path.relative_to(folder)).encode(), data]
            if len(path.name) == 38:
                found.append(zlib.decompress(data))
            if path.suffix == ".sqlite":
                with sqlite3.connect(path) as db:
                    plain = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
                    for (name,) in db.execute(plain).fetchall():
                        rows = db.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - names from the file itself
                        found += [repr(row).encode("utf-8", "replace") for row in rows]
    packed = git(folder / "articles.git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    found += [git(folder / "articles.git", "cat-file", "-p", name).encode() for name in packed]
    return b"\n".join(found)


# --- old pages ------------------------------------------------------------------------------------------------


def prune(store: Store, before: datetime = LATER) -> tuple[list[tuple[int, int]], Removed]:
    """Prune all articles; pages and bytes of each branch."""
    rows: list[Prunable] = []
    histories = [store.history(row.branch) for row in store.articles() if row.snapshots]
    removed = store.pruner.prune(histories, before, "rule 4", rows.append)
    return [(row.pages, row.bytes) for row in rows], removed


def test_pages_go_and_all_else_stays(store):
    for number, text in enumerate(("One man died.", "Two men died.", "Three men died.")):
        put(store, text, when=at(number))
    branch = history_of(store).branch
    before = history_of(store)
    log = git(bare(store), "log", "--format=%an %ae %at %ct %B", f"refs/raw/{branch}")
    facts = [git(bare(store), "show", f"refs/raw/{branch}~{back}:capture.json") for back in (2, 1, 0)]
    rows, removed = prune(store)
    assert rows == [(2, len("Fire in the harbour\nOne man died.") + len("Fire in the harbour\nTwo men died."))]
    assert removed.objects >= 2 * 4
    assert history_of(store) == before, "no text commit changes"
    assert [store.raw(branch, each) is None for each in before.snapshots] == [True, True, False]
    again = git(bare(store), "log", "--format=%an %ae %at %ct %B", f"refs/raw/{branch}")
    assert "\n".join(line for line in again.split("\n") if not line.startswith("Pruned-At: ")) == log
    for back, old in zip((2, 1, 0), facts, strict=True):
        files = git(bare(store), "ls-tree", "--name-only", f"refs/raw/{branch}~{back}").split()
        new = json.loads(git(bare(store), "show", f"refs/raw/{branch}~{back}:capture.json"))
        pruned = new.pop("pruned", None)
        assert new == json.loads(old)
        assert files == (["capture.json"] if back else ["capture.json", "page.html"])
        assert bool(pruned) == bool(back)
    first = store.pruned(branch, before.snapshots[0])
    assert first is not None
    assert first.decision == "rule 4"
    assert datetime.now(UTC) - first.at < timedelta(minutes=5)
    assert store.pruned(branch, before.snapshots[2]) is None
    assert b"<nothing>" not in everything(store.path)
    assert b"One man died." in everything(store.path), "the text stays"
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    assert store.doctor(fsck=True) == []
    assert prune(store)[0] == []


def test_the_pages_bytes_are_gone_from_loose_objects_and_from_packs(store):
    put(store, "One man died.")
    words = "only in the page"
    old = store.write_snapshot(
        branch=None,
        expected=history_of(store),
        capture=capture(at(1), words.encode(), url=HARBOUR),
        decoded=None,
        reading=reading("Two men died."),
        seen_since=None,
    )
    put(store, "Three men died.", when=at(2))
    put(store, "Elsewhere.", url="https://daily.example/elsewhere")
    git(bare(store), "repack", "-adq")
    git(bare(store), "commit-graph", "write", "--reachable")
    put(store, "Four men died.", when=at(3))
    assert words.encode() in everything(store.path)
    assert prune(store)[0][0][0] == 3
    assert words.encode() not in everything(store.path)
    assert store.pruned(old.article, history_of(store).snapshots[1]) is not None
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""
    assert len(list((bare(store) / "objects/pack").glob("*.pack"))) == 2, "texts and pages"


def test_joined_chains_are_pruned_in_their_order(store):
    put(store, "Three men died.", when=at(2))
    put(store, "One man died.", when=at(0))
    put(store, "Two men died.", when=at(1))
    branch = history_of(store).branch
    kinds = kinds_of(store, branch)
    prune(store)
    assert kinds_of(store, branch) == kinds
    for line in git(bare(store), "log", "--merges", "--format=%P", f"refs/raw/{branch}").splitlines():
        assert line.split() == sorted(line.split())
    assert [store.raw(branch, each) is None for each in history_of(store).snapshots] == [True, True, False]
    put(store, "Between.", when=at(1.5))
    assert len(history_of(store).snapshots) == 4
    assert store.doctor() == []


def kinds_of(store, branch: str) -> list[str]:
    """The kinds of all raw commits; git's order of equal dates is that of ids."""
    kind = "%(trailers:key=Kind,valueonly,separator=)"
    return sorted(git(bare(store), "log", f"--format={kind}", f"refs/raw/{branch}").split())


def test_only_what_is_old_enough_goes(store):
    for number in range(4):
        put(store, f"{number} men died.", when=at(number))
    assert [pages for pages, _ in prune(store, before=at(1.5))[0]] == [2]
    assert [pages for pages, _ in prune(store, before=at(2.5))[0]] == [1]
    assert [store.raw(history_of(store).branch, each) is None for each in history_of(store).snapshots] == [
        True,
        True,
        True,
        False,
    ]


def test_the_next_look_reads_the_newest_page_again_after_a_pruning(filled):
    with open_store(filled / "snapshots") as store:
        prune(store, before=datetime.now(UTC))
        check = keep(store, capture(hour(5), page((*SECOND[:-1], "The mayor spoke at noon of a new harbour wall."))))
        assert check.outcome is Outcome.CHANGED


def test_prune_on_the_command_line(filled):
    command = ("prune", "--raw-older-than", "1d", "--decision", "rule 4")
    dry = run(filled, *command, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.endswith("Nothing was removed: it is a dry run.\n")
    assert run(filled, "show", "harbour-fire", "first", "--raw").returncode == 0
    done = run(filled, *command, "--json")
    assert [json.loads(line)["pages"] for line in done.stdout.splitlines()] == [1]
    refused(run(filled, "show", "harbour-fire", "first", "--raw"), 8, "was removed on", "(rule 4)", "SHA-256")
    assert "1 without their page, by decision" in run(filled, "doctor", "--fsck").stdout
    assert run(filled, *command).stdout.startswith("No page is that old")
    assert run(filled, "diff", "harbour-fire").returncode == 0


def test_the_pages_of_a_host_are_pruned_however_it_is_written(filled, capsys, monkeypatch):
    monkeypatch.chdir(filled)
    command = ("prune", "--raw-older-than", "1d", "--decision", "rule 4", "--dry-run", "--host")
    for host in ("daily.example", "www.Daily.example", "https://daily.example/2026/"):
        assert run_here(capsys, *command, host).stdout.startswith("daily.example/harbour-fire-")
    refused(run_here(capsys, *command, "dialy.example"), 8, "there is no article of dialy.example", "tracker list")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--raw-older-than", "soon", "--decision", "x"),
        ("--raw-older-than", "0d", "--decision", "x"),
        ("--raw-older-than", "1d", "--decision", " "),
        ("--raw-older-than", "1d"),
        ("harbour-fire", "--raw-older-than", "1d", "--decision", "x", "--host", "daily.example"),
    ],
)
def test_prune_says_what_to_type(filled, capsys, monkeypatch, arguments):
    monkeypatch.chdir(filled)
    refused(run_here(capsys, "prune", *arguments), 2)


# --- deleted articles -----------------------------------------------------------------------------------------


def secret_article(store, first: float = 6) -> None:
    """An article with several snapshots, walls in quarantine, a place in memory, and a reviewer's word on it."""
    url = "https://daily.example/secret-person"
    texts = [f"{text} Zebediah Quux was there." for text in PARAGRAPHS]
    for number in range(3):
        texts[0] += f" That makes {first + number}."
        keep(store, capture(hour(first + number), page(texts, headline="Zebediah Quux", canonical=url), url=url))
    keep(store, capture(hour(first + 4), page(["Zebediah is walled off"], canonical=url), url=url, status=403))
    keep(store, capture(hour(first + 5), page(texts[:4], headline="Zebediah Quux", canonical=url), url=url))
    keep(store, capture(hour(first + 6), page(["Zebediah is walled off again"], canonical=url), url=url, status=403))
    before, after = store.history(store.find(url)).snapshots[:2]
    note = "Zebediah was not there."
    store.reviews.put([Review("ada", store.find(url), "0" * 16, str(before.key), str(after.key), hour(9), note=note)])
    store.copy_state()


@pytest.mark.parametrize("packed", ["loose", "packed", "half packed"])
def test_nothing_of_a_deleted_article_is_left_in_the_store(filled, packed):
    place = filled / "snapshots"
    with open_store(place) as store:
        secret_article(store)
    assert run(filled, "changes", "--search", "zebediah").returncode == 0  # makes and keeps the reports
    if packed != "loose":
        git(place / "articles.git", "repack", "-adq")
        git(place / "articles.git", "pack-refs", "--all")
    if packed == "half packed":
        with open_store(place) as store:
            secret_article(store, first=13)
    others = texts_of(place, URL), texts_of(place, OTHER_URL)
    assert b"Zebediah" in everything(place)
    done = run(filled, "delete", "secret-person", "--reason", "court order 17", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "out of reach" in done.stdout.lower()
    left = everything(place)
    assert b"Zebediah" not in left
    assert b"zebediah" not in left.lower()
    assert b"daily.example/secret-person-" in left  # its name, by which it is known
    assert b"https://daily.example/secret-person" not in left
    assert b"court order 17" in left
    assert (texts_of(place, URL), texts_of(place, OTHER_URL)) == others
    assert examine(place, fsck=True) == []
    with open_store(place) as store:
        assert store.quarantined() == []
        assert store.reviews.all() == []


def texts_of(place: Path, url: str) -> list[str]:
    with open_store(place) as store:
        history = store.history(store.find(url))
        return [store.document(each.revision).headline or "" for each in history.snapshots]


def test_a_deleted_article_is_known_and_not_stored_again(filled):
    place = filled / "snapshots"
    with open_store(place) as store:
        branch = store.find(URL)
        alias = f"{URL}?page=2"
        keep(store, capture(hour(4), page(SECOND[:4], canonical=URL), url=alias))
        store.deleter.delete(store.all_names(URL), "at the wish of the family")
        tips = git(place / "articles.git", "for-each-ref", "refs/heads", "refs/raw", "refs/quarantine")
        for url in (URL, alias, f"{URL}?utm_source=feed"):
            with pytest.raises(Deleted, match="deleted: at the wish of the family"):
                keep(store, capture(hour(5), page(canonical=URL), url=url))
        with pytest.raises(Deleted):  # the page says itself what it is
            keep(store, capture(hour(5), page(canonical=URL), url="https://daily.example/never-seen"))
        assert tips == git(place / "articles.git", "for-each-ref", "refs/heads", "refs/raw", "refs/quarantine")
        found = entry(store._refresher.commit(git(place / "articles.git", "rev-parse", branch).strip()))
        assert found is not None
        assert (found.kind, found.parents, found.url) == ("tombstone", (), "")
        assert all(each.startswith("sha256:") for each in found.aliases)
        assert git(place / "articles.git", "ls-tree", branch) == ""
    (filled / "page.html").write_bytes(page(canonical=URL))
    refused(run(filled, "snap", "page.html"), 8, "deleted: at the wish of the family", "nothing is stored")
    for command in (("log",), ("show",), ("diff",), ("blame",), ("story",)):
        refused(run(filled, *command, URL), 8, "deleted: at the wish of the family")
    rows = [json.loads(line) for line in run(filled, "list", "--json").stdout.splitlines()]
    assert {row["state"] for row in rows if row["branch"] == branch} == {"tombstone"}
    assert "Deleted (tombstone)" in run(filled, "list").stdout
    assert run(filled, "doctor", "--reindex").returncode == 0
    refused(run(filled, "log", URL), 8, "deleted")


def test_branches_that_are_one_article_are_deleted_together(store):
    put(store, "One man died.")
    other = "https://www.daily.example/world/fire-in-harbour"
    put(store, "One man died, they say.", when=at(1), url=other)
    store.close()
    where = str(store.path)
    first = history_of(store).branch
    second = branch_name(other)
    message = git(bare(store), "log", "-1", "--format=%B", second).strip()
    forged = message.replace("Alias: ", f"Alias: {message_alias(store, first)}\nAlias: ")
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    made = git(bare(store), *who, "commit-tree", f"{second}^{{tree}}", "-m", forged).strip()
    git(bare(store), "update-ref", f"refs/heads/{second}", made)
    with open_store(Path(where)) as again:
        assert set(again.all_names(first)) == {first, second}
        done = again.deleter.delete(again.all_names(other), "both")
        assert set(done.branches) == {first, second}
    assert b"died" not in everything(Path(where))


def message_alias(store, branch: str) -> str:
    return trailers(git(bare(store), "log", "-1", "--format=%B", branch))["Alias"][0]


def test_a_ref_of_others_that_still_holds_the_text_is_named(store):
    branch = put(store, "One man died.").article
    git(bare(store), "tag", "mine", branch)
    done = store.deleter.delete(store.all_names(branch), "x")
    assert done.held_by == ("refs/tags/mine",)
    git(bare(store), "tag", "-d", "mine")
    assert store.deleter.delete(store.all_names(branch), "x").held_by == ()
    assert b"died" not in everything(store.path)


@pytest.mark.parametrize("stage", ["_bury", "_copy.write", "_state.scrub", "_index.scrub", "_reader.close"])
def test_an_interrupted_deletion_is_found_and_finished(store, monkeypatch, stage):
    branch = put(store, "One man died.").article
    put(store, "Elsewhere.", url="https://daily.example/elsewhere")
    place = store.deleter
    *path, name = stage.split(".")
    for each in path:
        place = getattr(place, each)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(place, name, stopped)
    with pytest.raises(KeyboardInterrupt):
        store.deleter.delete(store.all_names(branch), "x")
    monkeypatch.undo()
    store.close()
    ill = [each for each in examine(store.path) if not each.mended]
    assert ["interrupted" in each.what for each in ill] == [True]
    assert [each for each in examine(store.path, mend=True) if not each.mended] == []
    assert examine(store.path) == []
    assert (b"died" in everything(store.path)) == (stage == "_bury")
    store.deleter.delete(store.all_names(branch), "x")
    assert b"died" not in everything(store.path)
    assert interrupted(store.repository) == []


@pytest.mark.parametrize("holds", ["this article", "another"])
def test_a_head_that_names_no_branch_is_no_obstacle_and_is_named_where_it_holds(store, holds):
    branch = put(store, "One man died.").article
    other = put(store, "Elsewhere.", url="https://daily.example/elsewhere").article
    tip = git(bare(store), "rev-parse", branch if holds == "this article" else other).strip()
    lone = git(bare(store), "commit-tree", f"{tip}^{{tree}}", "-p", tip, "-m", "by hand").strip()
    git(bare(store), "update-ref", "--no-deref", "HEAD", lone)
    git(bare(store), "repack", "-adq")
    done = store.deleter.delete(store.all_names(branch), "x")
    assert done.held_by == (("HEAD",) if holds == "this article" else ())
    assert (b"died" in everything(store.path)) == (holds == "this article")
    assert git(bare(store), "rev-parse", "HEAD").strip() == lone
    git(bare(store), "symbolic-ref", "HEAD", "refs/heads/_about")
    assert store.deleter.delete(store.all_names(branch), "x").held_by == ()
    assert b"died" not in everything(store.path)
    assert git(bare(store), "fsck", "--full", "--no-dangling") == ""


@pytest.mark.parametrize("name", [GC_LOCK, IMPORT_LOCK, WRITE_LOCK])
def test_objects_are_taken_away_only_while_nobody_else_is_at_work(store, monkeypatch, name):
    branch = put(store, "One man died.").article
    monkeypatch.setattr(removal_module, "PATIENCE_SECONDS", 0.1)
    shared = name != GC_LOCK
    with locked(store.repository, name, shared=shared), pytest.raises(StoreBusy, match="by another process"):
        store.deleter.delete([branch], "x")
    assert len(interrupted(store.repository)) == 1
    store.deleter.delete([branch], "x")
    assert b"died" not in everything(store.path)


def test_a_writer_that_waits_while_objects_are_taken_away_then_writes(store):
    put(store, "One man died.")
    with ThreadPoolExecutor(1) as pool:
        with locked(store.repository, WRITE_LOCK):
            waiting = pool.submit(put, store, "Two men died.", when=at(1))
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            assert git(bare(store), "rev-list", "--count", "--branches").strip() == "2"
        waiting.result()
    assert len(history_of(store).captures) == 2


def test_nothing_is_taken_out_of_a_store_with_a_hole(store):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(1))
    tree = git(bare(store), "rev-parse", f"{branch}~1^{{tree}}").strip()
    (bare(store) / "objects" / tree[:2] / tree[2:]).unlink()
    store.close()
    before = sorted(path for path in bare(store).rglob("*") if path.is_file())
    with pytest.raises(StoreError, match="cannot read all of"):
        take_out(store.repository)
    assert sorted(path for path in bare(store).rglob("*") if path.is_file()) == before


def test_what_is_not_ours_in_the_repository_stays(store):
    put(store, "One man died.")
    (store.path / "note").write_text("a note of a person")
    kept = git(bare(store), "hash-object", "-w", str(store.path / "note")).strip()
    git(bare(store), "update-ref", "refs/notes/mine", kept)
    take_out(store.repository)
    assert git(bare(store), "cat-file", "-p", kept) == "a note of a person"


def test_delete_asks_on_a_terminal_and_wants_yes_elsewhere(filled):
    refused(run(filled, "delete", "harbour-fire", "--reason", "x"), 2, "--yes")
    refused(run(filled, "delete", "harbour-fire", "--yes", "--reason", ""), 2)
    refused(run(filled, "delete", "nothing-like-it", "--yes", "--reason", "x"), 8)
    assert answered(filled, "n\n")[0] == 130
    assert texts_of(filled / "snapshots", URL)
    code, said = answered(filled, "y\n")
    assert (code, "Fire in the harbour kills 12: 2 snapshots" in said) == (0, True)
    with open_store(filled / "snapshots") as store, pytest.raises(Deleted):
        store.history(store.find(URL))


def answered(folder: Path, answer: str) -> tuple[int, str]:
    """Delete on a terminal, and give one answer; the exit code, and what was on the screen."""
    ours, theirs = os.openpty()
    command = [program(), "delete", "harbour-fire", "--reason", "x"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        os.write(ours, answer.encode())
        said = b""
        with contextlib.suppress(OSError):  # how Linux tells that the other side is closed
            while data := os.read(ours, 4096):
                said += data
    os.close(ours)
    return process.returncode, said.decode()


def test_diff_says_that_a_removed_page_could_not_be_read_by_the_rules_of_the_other_side(tmp_path):
    with open_store(tmp_path / "snapshots", create=True) as store:
        put(store, "One man died.", lens=NEWER_LENS)
        put(store, "Two men died.", when=at(5))
        assert run(tmp_path, "diff", HARBOUR).stderr == ""
        prune(store)
    done = run(tmp_path, "diff", HARBOUR)
    assert done.returncode == 0
    assert "was removed on" in done.stderr
    assert "a difference may be tracker's" in done.stderr
    assert done.stderr.count("\n") == 1
