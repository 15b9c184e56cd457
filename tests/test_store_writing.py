"""Snapshots, rereads, events, aliases and quarantine, written and read back."""

import shutil
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.store_support import LENS, NEWER_LENS, START, URL, at, bare, capture, git, history_of, put, reading
from tracker.errors import Conflict, NotAStore, NotFound, StoreError, UsageError
from tracker.model import Check, Outcome
from tracker.store import Kind, Store, open_store
from tracker.store.chains import Chain
from tracker.store.commits import join_commit
from tracker.store.pending import RefMove
from tracker.store.refresh import TEXT
from tracker.store.repository import IDENTITY


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def raw_keys(store: Store, branch: str) -> list[str]:
    log = git(bare(store), "log", "--format=%(trailers:key=Captured-At,valueonly,separator=%x2C)", f"refs/raw/{branch}")
    return sorted(line for line in log.split("\n") if line)


def test_a_reading_command_never_makes_a_store(tmp_path):
    with pytest.raises(NotAStore, match="tracker snap URL --store"):
        open_store(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_with_other_things_in_it_can_hold_a_store(tmp_path):
    (tmp_path / "samples").mkdir()
    with open_store(tmp_path, create=True) as store:
        put(store, "Text.")
    with open_store(tmp_path) as store:
        assert len(store.articles()) == 1


def test_a_snapshot_is_written_on_what_was_seen_or_not_at_all(store):
    put(store, "One man died.")
    old = history_of(store)
    put(store, "Two men died.", when=at(1))
    before = git(bare(store), "show-ref")
    with pytest.raises(Conflict):
        put(store, "Three men died.", when=at(2), expected=old)
    with pytest.raises(Conflict):
        store.write_event(old, Kind.GONE, at=at(2), url=URL, detail="404")
    with pytest.raises(Conflict):
        store.write_snapshot(
            branch=None, expected=None, capture=capture(at(3)), decoded=None, reading=reading("x"), seen_since=None
        )
    assert git(bare(store), "show-ref") == before


def test_the_same_capture_is_one_snapshot_however_often_it_comes(store):
    first = put(store, "One man died.")
    put(store, "Two men died.", when=at(1))
    tips = git(bare(store), "show-ref")
    assert put(store, "One man died.") == first
    assert git(bare(store), "show-ref") == tips


def test_an_older_capture_takes_its_place_on_both_sides(store):
    branch = put(store, "Two men died.", when=at(10)).article
    put(store, "One man died.", when=at(0))
    put(store, "Nobody died yet.", when=at(5))
    put(store, "Two men died.", when=at(7))
    history = store.history(branch)
    assert [each.captured_at for each in history.snapshots] == [at(0), at(5), at(7)]
    assert [each.captured_at for each in history.captures] == [at(0), at(5), at(7), at(10)]
    assert [each.seen_since for each in history.snapshots] == [None, at(0), at(5)]
    assert len(raw_keys(store, branch)) == 4
    for each in history.captures:
        page = store.raw(branch, each)
        assert page is not None
        assert page.captured_at == each.captured_at
    assert store.document(history.tip) == reading("Two men died.").document
    assert git(bare(store), "fsck", "--full") == ""


def test_two_machines_make_the_same_join(store, tmp_path):
    branch = put(store, "Two men died.", when=at(10)).article
    put(store, "One man died.", when=at(0))
    tip = git(bare(store), "rev-parse", branch).strip()
    first, second = git(bare(store), "rev-parse", f"{tip}^1", f"{tip}^2").split()
    commits = store._index.commits(branch, "text")
    tree = commits[tip].tree
    for sides in ((first, second), (second, first)):
        assert join_commit([commits[side] for side in sides], tree, IDENTITY).id == tip
    assert sorted((first, second)) == [first, second]
    del tmp_path


def test_growing_a_chain_onto_nothing_begins_it():
    chain = Chain(None, {})
    assert chain.captures() == {}


def test_events_leave_the_text_as_it_is(store):
    branch = put(store, "One man died.").article
    for minute, (kind, detail, said) in enumerate(
        [
            (Kind.GONE, "404", "gone (404)"),
            (Kind.BACK, "", "back"),
            (Kind.MOVED, "to https://b.example/", "moved (to https://b.example/)"),
        ],
        1,
    ):
        history = store.history(branch)
        entry = store.write_event(history, kind, at=at(minute), url=URL, detail=detail, seen_since=at(0))
        assert entry.kind is kind
        assert entry.what == said
        assert entry.seen_since == at(0)
        assert store.articles()[0].state == kind
    history = store.history(branch)
    assert [each.kind for each in history.entries] == [Kind.SNAPSHOT, Kind.GONE, Kind.BACK, Kind.MOVED]
    assert len(history.snapshots) == 1
    assert store.document(history.tip) == reading("One man died.").document
    assert raw_keys(store, branch) == ["2024-03-01T09:30:00.000250Z"]
    with pytest.raises(NotFound, match="is not a snapshot but: Fire in the harbour: gone"):
        store.snapshot(branch, history.entries[1])
    with pytest.raises(ValueError, match="not an event"):
        store.write_event(history, Kind.REREAD, at=at(9), url=URL, detail="")


def test_a_reread_is_no_change_and_neighbours_share_a_lens(store):
    branch = put(store, "One man died. Sign up now.", when=at(0)).article
    history = store.history(branch)
    reread = store.write_reread(history, history.snapshots[0], reading("One man died.", lens=NEWER_LENS))
    assert reread.kind is Kind.REREAD
    assert reread.key == history.snapshots[0].key
    put(store, "Two men died.", when=at(5), lens=NEWER_LENS, seen_since=reread.captured_at)
    history = store.history(branch)
    assert len(history.snapshots) == 2
    first, second = history.snapshots
    assert history.reread_of(first) == reread
    as_read_then = store.snapshot(branch, first)
    as_read_now = store.snapshot(branch, first, reread)
    assert as_read_then.document == reading("One man died. Sign up now.").document
    assert as_read_then.lens == LENS
    assert as_read_now.document == reading("One man died.").document
    assert as_read_now.lens == NEWER_LENS == store.snapshot(branch, second).lens
    assert as_read_now.revision == as_read_then.revision
    assert len(raw_keys(store, branch)) == 2
    assert second.seen_since == at(0)


def test_a_reread_of_an_older_capture_does_not_become_the_text_of_today(store):
    branch = put(store, "One man died. Sign up.", when=at(0)).article
    put(store, "Two men died.", when=at(5), lens=NEWER_LENS)
    history = store.history(branch)
    store.write_reread(history, history.snapshots[0], reading("One man died.", lens=NEWER_LENS))
    history = store.history(branch)
    assert store.document(history.tip) == reading("Two men died.").document
    assert history.reread_of(history.snapshots[0], NEWER_LENS) is not None


def test_a_capture_after_a_reread_older_one_forks_from_the_reread(store):
    branch = put(store, "One man died. Sign up.", when=at(0)).article
    history = store.history(branch)
    reread = store.write_reread(history, history.snapshots[0], reading("One man died.", lens=NEWER_LENS))
    put(store, "Three men died.", when=at(9), lens=NEWER_LENS)
    put(store, "Two men died.", when=at(5), lens=NEWER_LENS)
    middle = store.history(branch).snapshots[1]
    assert middle.parents == (reread.revision,)


@pytest.mark.parametrize(
    "address",
    [
        URL,
        "http://daily.example/world/harbour-fire",
        "https://m.daily.example/world/harbour-fire/",
        "https://www.daily.example/world/harbour-fire?utm_source=feed#top",
        "https://amp.daily.example/world/harbour-fire",
    ],
)
def test_one_article_answers_to_all_its_addresses(store, address):
    branch = put(store, "Text.").article
    assert store.find_url(address) == branch
    assert store.find(address) == branch


def test_an_address_that_led_to_the_article_finds_it(store):
    page = replace(capture(), url="https://short.example/x1", redirects=("https://hop.example/y",), final_url=URL)
    snapshot = store.write_snapshot(
        branch=None,
        expected=None,
        capture=page,
        decoded=None,
        reading=reading("Text."),
        seen_since=None,
        url=URL,
        aliases=("https://canonical.example/z",),
    )
    for address in ("https://short.example/x1", "https://hop.example/y", "https://canonical.example/z", URL):
        assert store.find_url(address) == snapshot.article
    assert snapshot.article.startswith("daily.example/harbour-fire-")
    assert store.find_url("https://daily.example/other") is None


def test_a_part_of_a_name_finds_the_article_if_it_is_the_only_one(store):
    fire = put(store, "Text.").article
    put(store, "Text.", url="https://daily.example/world/harbour-flood")
    assert store.find(fire) == fire
    assert store.find("harbour-fire") == fire
    assert store.find("HARBOUR-FIRE") == fire
    with pytest.raises(UsageError, match=r"matches 2 articles: daily.example/harbour-fire-\w+, daily"):
        store.find("harbour")
    for nothing in ("no such thing", "", " ", "%", "x\ny", "_about", "@{0}", f"{fire}@{{0}}", f"{fire}~0"):
        with pytest.raises(NotFound, match="tracker list"):
            store.find(nothing)


def test_a_page_of_another_article_is_never_stored_in_this_one(store):
    put(store, "Text.")
    history = history_of(store)
    with pytest.raises(StoreError, match="is not an address of"):
        put(store, "Other.", when=at(1), url="https://daily.example/other", expected=history)
    with pytest.raises(StoreError, match="is not an address of"):
        store.write_snapshot(
            branch=history.branch,
            expected=None,
            capture=capture(at(2), url="https://daily.example/other"),
            decoded=None,
            reading=reading("x"),
            seen_since=None,
        )
    assert len(history_of(store).captures) == 1


def test_branches_that_share_an_address_are_shown_as_one(store):
    other = "https://daily.example/live/fire"
    older = put(store, "One man died.", when=at(0)).article
    newer = put(store, "Two men died.", when=at(5), url=other).article
    assert len(store.articles()) == 2
    history = store.history(newer)
    store.write_event(history, Kind.MOVED, at=at(6), url=other, detail="", aliases=(URL,))
    rows = store.articles()
    assert [(row.branch, row.snapshots, row.first_at, row.changed_at) for row in rows] == [(older, 2, at(0), at(5))]
    assert store.find_url(other) == store.find(newer) == older
    both = store.history(newer)
    assert both.branch == older
    assert [each.captured_at for each in both.snapshots] == [at(0), at(5)]
    assert all(store.raw(older, each) for each in both.snapshots)
    put(store, "Three men died.", when=at(9), url=other)
    assert len(store.history(older).snapshots) == 3
    assert TEXT + older in git(bare(store), "log", "-1", "--format=%D", "--decorate=full", f"refs/heads/{older}")
    assert "Three men died." in git(bare(store), "show", f"refs/heads/{older}:article.md")


def test_lists_come_newest_change_first_and_by_host(store):
    for number, url in enumerate(
        ["https://a.example/one-story", "https://b.example/two-story", "https://a.example/third"]
    ):
        put(store, "Text.", url=url, when=at(number))
    names = [row.branch.split("-")[0] for row in store.articles()]
    assert names == ["a.example/third", "b.example/two", "a.example/one"]
    assert len(store.articles("www.a.example")) == 2
    assert store.articles("example") == []


def test_blocked_pages_are_kept_apart_first_and_newest(store):
    branch = put(store, "Text.").article
    for minute in range(1, 5):
        assert store.quarantine_page(URL, capture(at(minute), f"wall {minute}"), "a consent\npage") == minute
    (row,) = store.quarantined()
    assert (row.branch, row.reason, row.first_at, row.newest_at, row.count) == (
        branch,
        "a consent page",
        at(1),
        at(4),
        4,
    )
    assert store.quarantine_release("harbour").body == b"wall 4"
    assert git(bare(store), "rev-list", "--count", f"refs/quarantine/{branch}").strip() == "2"
    assert len(store.history(branch).entries) == 1
    store.record_check(Check(branch, at(6), Outcome.UNCHANGED))
    assert store.quarantine_page(branch, capture(at(7), "wall 7"), "an error page") == 1
    assert store.quarantined()[0].first_at == at(7)
    store.quarantine_drop(branch)
    assert store.quarantined() == []
    assert "quarantine" not in git(bare(store), "show-ref")
    with pytest.raises(NotFound, match="tracker quarantine list"):
        store.quarantine_drop(branch)


def test_a_blocked_page_of_an_unknown_article_makes_no_article(store):
    store.quarantine_page(URL, capture(at(0), "wall"), "a wall")
    assert store.articles() == []
    assert store.find_url(URL) is None
    assert store.quarantined()[0].url == URL


def test_the_last_check_is_the_last_look_at_the_text(store):
    branch = put(store, "Text.", when=at(0)).article
    assert store.last_check(branch) == at(0)
    for minute, outcome in enumerate([Outcome.UNCHANGED, Outcome.BLOCKED, Outcome.FAILED, Outcome.GONE], 1):
        store.record_check(Check(branch, at(minute), outcome, error="x"), "2024-03-01")
    assert store.last_check(branch) == at(1)
    assert [outcome for _, outcome, _, _ in store.state.checks(branch)][1:3] == [Outcome.BLOCKED, Outcome.FAILED]
    assert store.last_check("no.example/article-0123456789abcdef") is None
    store.record_check(Check(None, at(9), Outcome.FAILED))


def test_a_lost_check_log_is_replaced_but_not_in_silence(store, tmp_path):
    branch = put(store, "Text.", when=at(0)).article
    store.record_check(Check(branch, at(3), Outcome.UNCHANGED))
    assert not store.state.has_gap
    store.close()
    taken_away(store)
    with open_store(tmp_path / "store") as again:
        assert again.last_check(branch) == at(0)
        again.record_check(Check(branch, at(5), Outcome.UNCHANGED))
        assert again.last_check(branch) == at(5)
        assert again.state.has_gap
        assert any("state.sqlite was lost" in ailment.what for ailment in again.doctor())


def taken_away(store) -> None:
    for file in store.path.glob("state.sqlite*"):
        file.unlink()


def test_a_check_log_that_is_taken_away_or_put_back_under_an_open_store_is_used_as_it_is(store, tmp_path):
    branch = put(store, "Text.", when=at(0)).article
    store.record_check(Check(branch, at(3), Outcome.UNCHANGED))
    store.backup.write(tmp_path / "copy")
    taken_away(store)
    store.record_check(Check(branch, at(5), Outcome.UNCHANGED))
    assert [when for when, *_ in store.state.checks(branch)] == [at(5)]
    assert store.state.has_gap
    taken_away(store)
    (tmp_path / "copy" / "state.sqlite").replace(store.path / "state.sqlite")
    assert [when for when, *_ in store.state.checks(branch)] == [at(3)]

    def record_in_between() -> None:
        with store.gather():
            store.record_check(Check(branch, at(7), Outcome.UNCHANGED))
            taken_away(store)
            store.record_check(Check(branch, at(9), Outcome.UNCHANGED))

    with pytest.raises(StoreError, match="replaced while it was written"):
        record_in_between()
    store.record_check(Check(branch, at(11), Outcome.UNCHANGED))
    assert [when for when, *_ in store.state.checks(branch)] == [at(11)]


def test_a_sudden_loss_is_believed_when_it_comes_three_times_over_a_day(store):
    branch = put(store, "Text.").article
    assert not store.loss_confirmed(branch, "short", at(0))
    assert not store.loss_confirmed(branch, "short", at(60))
    assert not store.loss_confirmed(branch, "short", at(120))
    assert not store.loss_confirmed(branch, "shorter", at(60 * 24))
    assert store.loss_confirmed(branch, "short", at(60 * 24))
    store.record_check(Check(branch, at(60 * 25), Outcome.CHANGED))
    assert not store.loss_confirmed(branch, "short", at(60 * 48))


def test_a_lone_page_of_an_interrupted_write_is_built_upon(store):
    branch = put(store, "One man died.").article
    raw = git(bare(store), "rev-parse", f"refs/raw/{branch}").strip()
    git(bare(store), "update-ref", "-d", f"refs/heads/{branch}")
    assert store.articles()[0].branch == branch  # the index has not looked yet
    assert store.find_url(URL) is None
    assert store.articles() == []
    put(store, "One man died.")
    assert git(bare(store), "rev-parse", f"refs/raw/{branch}").strip() == raw
    put(store, "Two men died.", when=at(1))
    assert len(raw_keys(store, branch)) == 2


def test_a_branch_moved_back_by_plain_git_is_read_as_it_is(store):
    branch = put(store, "One man died.").article
    first = git(bare(store), "rev-parse", branch).strip()
    put(store, "Two men died.", when=at(1))
    git(bare(store), "update-ref", f"refs/heads/{branch}", first)
    assert len(store.history(branch).entries) == 1
    put(store, "Three men died.", when=at(2))
    assert [store.document(each.revision) for each in store.history(branch).snapshots] == [
        reading("One man died.").document,
        reading("Three men died.").document,
    ]


@pytest.mark.parametrize("captured", ["now", "0001-01-01T00:00:00+05:00"])
def test_commits_that_are_not_ours_are_passed_over(store, captured):
    branch = put(store, "One man died.").article
    tree = git(bare(store), "rev-parse", f"{branch}^{{tree}}").strip()
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    said = f"tidy\n\nKind: snapshot\nCaptured-At: {captured}\nRaw-SHA256: 0\nLens: rules=1 sentences=1"
    strange = git(bare(store), *who, "commit-tree", tree, "-p", branch, "-m", said).strip()
    git(bare(store), "update-ref", f"refs/heads/{branch}", strange)
    assert len(store.history(branch).entries) == 1
    put(store, "Two men died.", when=at(1))
    assert len(store.history(branch).snapshots) == 2
    assert any("1 commits that tracker did not write" in ailment.what for ailment in store.doctor())


def test_a_ref_moves_only_from_where_it_was(store):
    branch = put(store, "One man died.").article
    tip = git(bare(store), "rev-parse", branch).strip()
    move = RefMove(TEXT + branch, None, tip)
    assert move.command == f"update {TEXT}{branch} {'0' * 40} {tip}"


def test_a_copied_store_works_without_its_databases(store, tmp_path):
    put(store, "One man died.")
    store.close()
    (tmp_path / "copy").mkdir()
    shutil.copytree(bare(store), tmp_path / "copy" / "articles.git")
    with open_store(tmp_path / "copy") as copy:
        assert [row.headline for row in copy.articles()] == ["Fire in the harbour"]
        assert copy.find_url(URL)


def test_what_is_stored_is_not_told_apart_by_time_of_writing(store):
    put(store, "a", when=START)
    history = history_of(store)
    for _ in range(3):
        when = history.live_time(START)
        put(store, f"text at {when}", when=when)
        history = history_of(store)
    times = [each.captured_at for each in history.captures]
    assert all(a < b for a, b in pairwise(times))
