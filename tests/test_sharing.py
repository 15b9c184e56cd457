"""Push, pull and clone: what travels, what is joined, what is refused, and what a person is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_support import OTHER, OTHER_URL, fill, intact, refused, run
from tests.sharing_support import alike, bare_repository, in_step, look, pulled, pushed, tips
from tests.site import PARAGRAPHS, URL, edited, hour
from tests.store_support import git, history_of
from tracker.errors import NewerStore, NotAStore, StoreError, UsageError
from tracker.model import Outcome
from tracker.pipeline import neighbours, pull, report
from tracker.store import Kind, Review, Store, address, open_store
from tracker.store.locks import WRITE_LOCK, locked
from tracker.store.pulling import POLITE_TRIES, Arrival, Puller
from tracker.store.repository import ABOUT_REF


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return bare_repository(tmp_path / "hub.git")


@pytest.fixture
def stores(tmp_path: Path):
    with (
        open_store(tmp_path / "one", create=True) as one,
        open_store(tmp_path / "two", create=True) as two,
    ):
        yield one, two


# --- what a person does and sees ----------------------------------------------------------------------------------


def test_push_clone_pull_as_a_person_types_it(tmp_path, hub):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    fill(here / "snapshots")
    sent = run(here, "push", hub)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, f"Sent to {hub}: 2 articles.\n", "")
    assert run(here, "push", hub).stdout == f"Nothing to send: {hub} has all of it.\n"
    cloned = run(there, "clone", hub)
    assert (cloned.returncode, cloned.stdout, cloned.stderr) == (0, "Cloned 2 articles into hub.\n", "")
    intact(there / "hub")
    assert run(there, "pull", "--store", "hub").stdout == "Nothing new at origin.\n"
    with open_store(here / "snapshots") as store:
        look(store, hour(9), *edited(1, "paint and ropes", "paint"))
    assert run(here, "push", hub).stdout == f"Sent to {hub}: 1 article.\n"
    assert run(there, "pull", "--store", "hub").stdout == "From origin: 1 article went on.\n"
    assert run(here, "log", "harbour-fire").stdout == run(there, "log", "harbour-fire", "--store", "hub").stdout


def test_what_was_done_as_json(tmp_path, hub):
    fill(tmp_path / "snapshots")
    sent = json.loads(run(tmp_path, "push", hub, "--json").stdout)
    with open_store(tmp_path / "snapshots") as store:
        branches = sorted(row.branch for row in store.articles())
    nothing = {"joined": [], "deleted": [], "reviews": 0, "seals": 0}
    assert sent == {"remote": str(hub), "articles": branches, **nothing}
    cloned = json.loads(run(tmp_path, "clone", hub, "other", "--json").stdout)
    assert cloned == {"store": "other", "remote": "origin", "new": branches, "updated": [], **nothing}


def test_a_pull_comes_to_its_end_beside_a_writer_who_never_rests(hub, stores, monkeypatch):
    """Whoever writes to the article between look and move, however often, has to wait at last."""
    one, two = stores
    look(one, hour(1))
    pushed(one, hub)
    look(two, hour(2), *edited(0, "12 people", "21 people"))
    plan, between = Puller._plan, []

    def passed(self: Puller, arrival: Arrival, visit: Any) -> object:
        made = plan(self, arrival, visit)
        with locked(two.repository, WRITE_LOCK, shared=True, wait=False) as free:
            pass
        if free:
            between.append(free)
            with open_store(two.path) as busy:
                look(busy, hour(2 + len(between)), *edited(0, "12 people", f"{30 + len(between)} people"))
        return made

    monkeypatch.setattr(Puller, "_plan", passed)
    pulled(two, hub)
    assert len(between) == POLITE_TRIES
    assert len(history_of(two, URL).captures) == 2 + len(between)


def test_two_machines_captures_become_one_history(hub, stores):
    one, two = stores
    look(one, hour(1))
    look(one, hour(4), *edited(0, "12 people", "21 people"))
    look(two, hour(2), *edited(1, "paint and ropes", "paint"))
    look(two, hour(6), *edited(0, "12 people", "23 people"))
    look(two, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves")
    in_step(stores, hub)
    alike(hub, one, two)
    assert [each.captured_at for each in history_of(one, URL).snapshots] == [hour(1), hour(2), hour(4), hour(6)]
    assert len(one.articles()) == 2


def test_captures_of_both_keep_their_ids(hub, stores):
    one, two = stores
    looks = look(one, hour(1)), look(two, hour(2), *edited(1, "ropes", "rope"))
    ids = [check.snapshot.revision for check in looks if check.snapshot]
    in_step(stores, hub)
    assert [each.revision for each in history_of(two, URL).snapshots] == ids


def test_the_same_capture_on_both_sides_is_one_snapshot(hub, stores):
    one, two = stores
    look(one, hour(1))
    look(two, hour(1))
    look(two, hour(2), *edited(0, "12 people", "21 people"))
    in_step(stores, hub)
    alike(hub, one, two)
    assert [each.captured_at for each in history_of(one, URL).snapshots] == [hour(1), hour(2)]


def test_events_keep_their_place_over_a_join(hub, stores):
    one, two = stores
    look(one, hour(1))
    in_step(stores, hub)
    one.write_event(history_of(one, URL), Kind.GONE, at=hour(2), url=URL, detail="404")
    look(two, hour(5), *edited(0, "12 people", "21 people"))
    in_step(stores, hub)
    alike(hub, one, two)
    kinds = [each.kind for each in history_of(two, URL).entries]
    assert kinds == [Kind.SNAPSHOT, Kind.GONE, Kind.SNAPSHOT]
    assert history_of(two, URL).last_event is None
    assert git(hub, "show", f"{history_of(one, URL).branch}:article.md").count("21 people") == 1


def test_an_address_that_led_there_on_one_machine_leads_there_on_the_other(hub, stores):
    one, two = stores
    look(one, hour(1))
    in_step(stores, hub)
    long_way = "https://daily.example/go/4711"
    one.write_event(history_of(one, URL), Kind.BACK, at=hour(2), url=URL, detail="", aliases=(long_way,))
    look(two, hour(3), *edited(0, "12 people", "21 people"))
    in_step(stores, hub)
    assert two.find_url(long_way) == history_of(two, URL).branch


def test_live_captures_go_on_after_a_join(hub, stores):
    one, two = stores
    look(one, hour(1))
    look(two, hour(2), *edited(0, "12 people", "21 people"))
    in_step(stores, hub)
    assert look(one, hour(3), *edited(0, "12 people", "21 people")).outcome is Outcome.UNCHANGED
    assert look(two, hour(4), *edited(0, "12 people", "30 people")).outcome is Outcome.CHANGED
    in_step(stores, hub)
    alike(hub, one, two)


# --- reports over a join ------------------------------------------------------------------------------------------


def test_reports_are_the_same_on_both_machines(hub, stores):
    one, two = stores
    look(one, hour(1))
    look(two, hour(2), *edited(1, "paint and ropes", "paint"))
    look(one, hour(3), *edited(0, "12 people", "21 people"))
    in_step(stores, hub)
    told = []
    for store in stores:
        history = history_of(store, URL)
        made = [report(store, history, a, b) for a, b in neighbours(history)]
        assert all(each.before.lens == each.after.lens for each in made)
        told.append([[change.id for change in each.diff.changes] for each in made])
    assert told[0] == told[1]
    assert len(told[0]) == 2


# --- clones of the texts ------------------------------------------------------------------------------------------


def test_a_clone_of_the_texts_is_small_and_only_read(tmp_path, hub):
    fill(tmp_path / "snapshots")
    run(tmp_path, "push", hub)
    cloned = run(tmp_path, "clone", "--text", hub, "texts")
    assert cloned.stdout == "Cloned 2 articles into texts, texts only: it can be read, not written.\n"
    assert tips(tmp_path / "texts" / "articles.git", "refs/raw") == {}
    assert run(tmp_path, "diff", "harbour-fire", "--store", "texts").stdout.count("21") >= 1
    page = tmp_path / "page.html"
    page.write_text("<p>fire</p>", "utf-8")
    done = run(tmp_path, "snap", page, "--url", URL, "--store", "texts")
    refused(done, 7, "clone of the texts", "without --text")
    with open_store(tmp_path / "snapshots") as store:
        look(store, hour(9), *edited(1, "paint and ropes", "paint"))
    run(tmp_path, "push", hub)
    assert run(tmp_path, "pull", "--store", "texts").stdout == "From origin: 1 article went on.\n"
    # As docs/sharing.md says, pages can be had later.
    bring = "+refs/raw/*:refs/incoming/origin/raw/*"
    git(tmp_path / "texts" / "articles.git", "config", "--add", "remote.origin.fetch", bring)
    assert run(tmp_path, "pull", "--store", "texts").returncode == 0
    assert tips(tmp_path / "texts" / "articles.git") == tips(hub)
    with open_store(tmp_path / "texts", create=True) as store:
        assert look(store, hour(10), *PARAGRAPHS).outcome is Outcome.CHANGED


def test_a_plain_bare_clone_without_pages_is_not_written_either(tmp_path, hub, stores):
    one, _ = stores
    look(one, hour(1))
    pushed(one, hub)
    (tmp_path / "plain").mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(hub), "plain/articles.git")
    git(tmp_path / "plain" / "articles.git", "remote", "remove", "origin")
    with open_store(tmp_path / "plain", create=True) as store, pytest.raises(StoreError, match="without its pages"):
        look(store, hour(2), *edited(0, "12 people", "21 people"))


# --- remotes ------------------------------------------------------------------------------------------------------


def test_remotes_of_plain_git_are_used_by_name(tmp_path, hub):
    fill(tmp_path / "snapshots")
    repository = tmp_path / "snapshots" / "articles.git"
    refused(run(tmp_path, "push"), 2, "no remote named origin", "give an address")
    git(repository, "remote", "add", "desk", str(hub))
    assert run(tmp_path, "push").stdout == "Sent to desk: 2 articles.\n"  # the only one
    git(repository, "remote", "add", "other", str(tmp_path / "missing.git"))
    refused(run(tmp_path, "push"), 2, "desk, other")
    refused(run(tmp_path, "push", "dsek"), 2, "no remote is named 'dsek'", "desk, other")
    refused(run(tmp_path, "push", "other"), 7, "no repository at", "git init --bare")
    assert run(tmp_path, "push", "desk").stdout == "Nothing to send: desk has all of it.\n"


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c touch% /tmp/owned",
        "fd::17",
        "--upload-pack=touch /tmp/owned",
        "-u",
        "",
        "ssh://-oProxyCommand=touch/x",
        "-oProxyCommand=touch:x",
        "ftp://host.example/x",
        "http:///x",
        "https://[::1/x",
        "file://[::1/x",
        "a\nb",
    ],
)
def test_what_is_no_address_is_refused(tmp_path, text):
    with pytest.raises(UsageError):
        address(text, tmp_path)


def test_addresses_and_whether_strangers_read_there(tmp_path):
    (tmp_path / "store" / "articles.git").mkdir(parents=True)
    assert address("store", tmp_path).url == str(tmp_path / "store" / "articles.git")
    assert address("file:///srv/a%20b.git", tmp_path).folder == Path("/srv/a b.git")
    private = (
        "x.git",
        "file:///x.git",
        "git://127.0.0.1/x",
        "ssh://10.0.0.7/x",
        "nas:x",
        "nas.local:x",
        "http://[::1]/x",
    )
    assert [text for text in private if address(text, tmp_path).public] == []
    public = ("https://git.example/x.git", "git@git.example:x.git", "ssh://8.8.8.8/x")
    assert [text for text in public if not address(text, tmp_path).public] == []
    shown = {
        "https://me:secret@git.example/x": "https://me:***@git.example/x",
        "https://me:se@cret@git.example/x": "https://me:***@git.example/x",
        "https://secret@git.example/x": "https://***@git.example/x",
        "ssh://git@git.example/x": "ssh://git@git.example/x",
        "https://git.example/@me:x@y": "https://git.example/@me:x@y",
    }
    assert {text: address(text, tmp_path).shown for text in shown} == shown


def test_a_push_to_strangers_is_warned_about_once(tmp_path):
    fill(tmp_path / "snapshots")
    url = "https://me:secret@no-such-host.invalid/news.git"
    first, second = (run(tmp_path, "push", url) for _ in range(2))
    assert "rights are mostly others'" in first.stderr
    assert "rights are mostly others'" not in second.stderr
    assert (first.returncode, second.returncode) == (7, 7)
    assert "secret" not in first.stderr + second.stderr


# --- HEAD and format ----------------------------------------------------------------------------------------------


def test_a_plain_clone_of_what_was_pushed_shows_how_to_read_it(tmp_path, hub, stores):
    one, _ = stores
    look(one, hour(1))
    pushed(one, hub)
    assert git(hub, "symbolic-ref", "HEAD").strip() == ABOUT_REF
    git(tmp_path, "clone", "--quiet", str(hub), "plain")
    assert "news articles" in (tmp_path / "plain" / "README.md").read_text("utf-8")


def test_what_is_no_store_is_neither_pushed_to_nor_pulled_from(tmp_path, hub, stores):
    one, _ = stores
    look(one, hour(1))
    with pytest.raises(NotAStore, match="no branch _about"):
        pulled(one, hub)
    git(hub, "update-ref", "refs/heads/main", git(hub, "commit-tree", "-m", "x", git(hub, "mktree").strip()).strip())
    with pytest.raises(NotAStore, match="push to an empty repository"):
        pushed(one, hub)
    assert list(tips(hub)) == ["refs/heads/main"]
    refused(run(tmp_path, "clone", hub, "copy"), 7, "not a store")
    assert not (tmp_path / "copy").exists()


def test_a_newer_format_is_left_alone(tmp_path, hub, stores):
    one, _ = stores
    look(one, hour(1))
    pushed(one, hub)
    newer = git(hub, "hash-object", "-w", "--stdin", stdin="2\n").strip()
    tree = git(hub, "mktree", stdin=f"100644 blob {newer}\tformat\n").strip()
    about = git(hub, "rev-parse", ABOUT_REF).strip()
    git(hub, "update-ref", ABOUT_REF, git(hub, "commit-tree", "-p", about, "-m", "format 2", tree).strip())
    before = tips(hub)
    look(one, hour(2), *edited(0, "12 people", "21 people"))
    for way in (pushed, pulled):
        with pytest.raises(NewerStore, match="has format 2"):
            way(one, hub)
    assert tips(hub) == before
    refused(run(tmp_path, "clone", hub, "copy"), 7, "format 2", "upgrade tracker")
    assert not (tmp_path / "copy").exists()


def test_a_clone_into_something_is_refused(tmp_path, hub, stores):
    one, _ = stores
    look(one, hour(1))
    pushed(one, hub)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").touch()
    refused(run(tmp_path, "clone", hub, "full"), 2, "not empty", "name another folder")
    refused(run(tmp_path, "clone", hub, "one"), 2, "not empty", "tracker pull --store")
    refused(run(tmp_path, "clone", hub, "full/note.txt"), 2, "is a file")
    assert (tmp_path / "full" / "note.txt").exists()


# --- reviews ------------------------------------------------------------------------------------------------------


def thought(store: Store, reviewer: str, note: str) -> None:
    """What a reviewer thinks of the newest change of the first article."""
    history = history_of(store, URL)
    made = report(store, history, *neighbours(history)[-1])
    change = made.diff.changes[0].id
    store.reviews.put([Review(reviewer, history.branch, change, "before", "after", at=hour(9), note=note)])


def test_reviews_travel_and_each_reviewer_goes_on_in_one_place(hub, stores):
    one, two = stores
    look(one, hour(1))
    look(one, hour(2), *edited(0, "12 people", "21 people"))
    branch = history_of(one, URL).branch
    thought(one, "ada", "a correction, with no note")
    assert pushed(one, hub).reviews == 1
    assert pulled(two, hub).reviews == 1
    thought(two, "ben", "I agree")
    thought(one, "ada", "a correction, and the note came later")
    assert (pushed(two, hub).reviews, pushed(one, hub).reviews) == (1, 1)
    assert (pulled(two, hub).reviews, pulled(one, hub).reviews) == (1, 1)
    for store in stores:
        notes = {each.reviewer: each.note for each in store.reviews.of(branch)}
        assert notes == {"ada": "a correction, and the note came later", "ben": "I agree"}
    # The same name used on two machines: neither is overwritten, and both are told.
    thought(one, "ada", "this")
    thought(two, "ada", "or that")
    assert pushed(one, hub).reviews == 1
    done = pull(two, two.sharing.remote(str(hub), two.path))
    assert len(done.left_out) == 1
    assert "its reviewer writes in one place only" in done.left_out[0]
    assert pushed(two, hub).reviews == 0


def test_reviews_of_strangers_cannot_trip_the_index(hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article
    pushed(one, hub)
    blob = git(hub, "hash-object", "-w", "--stdin", stdin="[" * 100_000).strip()
    deep = git(hub, "mktree", stdin=f"100644 blob {blob}\treviews.jsonl\n").strip()
    folder = git(hub, "mktree", stdin=f"040000 tree {deep}\treviews.jsonl\n").strip()
    for reviewer, tree in (("mallory", deep), ("trudy", folder)):
        git(hub, "update-ref", f"refs/reviews/{reviewer}/{branch}", git(hub, "commit-tree", "-m", "x", tree).strip())
    done = pull(two, two.sharing.remote(str(hub), two.path))
    assert done.reviews == 1
    assert done.left_out == [f"refs/reviews/trudy/{branch}: a file that is not a plain one ('reviews.jsonl')"]
    assert two.reviews.of(branch or "") == []
    two.reindex()
