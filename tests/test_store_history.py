"""Capture order, what is shown, and the ways to name a snapshot."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store_support import LENS, NEWER_LENS, START, URL, at, git, known, put, reading, seen
from tracker.errors import NotFound, UsageError
from tracker.model import Lens, Source
from tracker.store import Entry, History, Kind, open_store
from tracker.store.commits import FIRST_SNAPSHOT, READ_AGAIN, subject, what_changed
from tracker.store.history import assemble


def entry(
    number: int,
    minutes: float,
    *,
    kind: Kind = Kind.SNAPSHOT,
    tree: str = "",
    lens: Lens = LENS,
    seen_since: datetime | None = None,
    revision: str | None = None,
) -> Entry:
    event = kind not in {Kind.SNAPSHOT, Kind.REREAD}
    return Entry(
        revision=revision or f"{number:040x}",
        kind=kind,
        captured_at=at(minutes),
        seen_since=seen_since,
        raw_sha256=None if event else f"{number:064x}",
        lens=None if event else lens,
        modified=None,
        url=URL,
        aliases=(),
        source=Source.WEB,
        subject="",
        parents=(),
        tree=tree or f"tree{number}",
    )


def history(*entries: Entry) -> History:
    return assemble("h/a-0123456789abcdef", "tip", [(each, depth) for depth, each in enumerate(entries)])


FOUR = history(*(entry(number, number * 60, revision=f"{number}" * 40) for number in range(1, 5)))


@pytest.mark.parametrize(
    ("rev", "number"),
    [
        ("latest", 4),
        ("latest~0", 4),
        ("latest~1", 3),
        ("latest~3", 1),
        ("first", 1),
        ("@1", 1),
        ("@2", 2),
        ("@4", 4),
        ("2222222", 2),
        ("3" * 40, 3),
        ("2024-03-01", 4),
        ("2024-03-02", 4),
        ("2024-03-01T10:30", 1),  # the first was captured 250 microseconds into that minute
        ("2024-03-01T10:30:00", 1),
        ("2024-03-01T10:30:00.000250", 1),
        ("2024-03-01T11:29", 1),
        ("2024-03-01T11:30Z", 2),
        ("2024-03-01T12:30+01:00", 2),
        ("2024-03-01T06:30-05:00", 2),
        ("2024-03-01T06:30-0500", 2),
        ("2024-03-02+09:00", 4),
        (" latest ", 4),
    ],
)
def test_every_form_of_rev_names_its_snapshot(rev, number):
    assert FOUR.resolve(rev).revision == f"{number}" * 40


@pytest.mark.parametrize(
    "rev",
    [
        "latest~4",
        "@0",
        "@5",
        "2023-12-31",
        "2024-03-01T10:29",
        "2024-03-01T10:30:00.0001",
        "abcdef1",
        "2024-03-01+09:00x",
    ],
)
def test_what_is_not_there_is_said_in_one_line(rev):
    with pytest.raises((NotFound, UsageError)) as raised:
        FOUR.resolve(rev)
    assert "\n" not in str(raised.value)
    if isinstance(raised.value, NotFound):
        assert "it has 4, from 2024-03-01T10:30:00Z (@1)" in str(raised.value)


@pytest.mark.parametrize("rev", ["", "-1", "last", "222222", "2024-13-01", "2024-03-01T25:00", "HEAD", "latest~", "@x"])
def test_what_is_no_rev_is_a_wrong_argument(rev):
    with pytest.raises(UsageError):
        FOUR.resolve(rev)


def test_digits_that_begin_two_revisions_name_neither():
    two = history(entry(1, 1, revision="abcdef1" + "0" * 33), entry(2, 2, revision="abcdef1" + "1" * 33))
    with pytest.raises(UsageError, match="2 revisions"):
        two.resolve("abcdef1")
    assert two.resolve("abcdef10").revision.endswith("0")


def test_events_and_rereads_are_no_snapshots_to_count():
    found = history(
        entry(1, 1), entry(1, 1, kind=Kind.REREAD, revision="f" * 40), entry(2, 2, kind=Kind.GONE), entry(3, 3)
    )
    assert [each.captured_at for each in found.snapshots] == [at(1), at(3)]
    assert found.resolve("@2").captured_at == at(3)
    assert found.resolve("fffffff").kind is Kind.REREAD
    assert found.before(found.snapshots[1]) == found.snapshots[0]
    assert found.before(found.snapshots[0]) is None


def test_the_last_event_is_what_has_become_of_the_article():
    gone = entry(2, 2, kind=Kind.GONE)
    assert history(entry(1, 1), gone).last_event == gone
    assert history(entry(1, 1), gone, entry(3, 3)).last_event is None


def test_a_text_that_stays_is_shown_once_and_narrows_the_time():
    found = history(entry(1, 1, tree="a"), entry(2, 2, tree="a"), entry(3, 3, tree="b", seen_since=at(1.5)))
    assert [each.captured_at for each in found.snapshots] == [at(1), at(3)]
    assert found.snapshots[1].seen_since == at(2)
    assert found.captures[1].captured_at == at(2)


def test_a_text_that_returns_is_shown():
    found = history(entry(1, 1, tree="a"), entry(2, 2, tree="b"), entry(3, 3, tree="a"))
    assert len(found.snapshots) == 3


def test_texts_are_compared_through_one_lens_where_they_can_be():
    first = entry(1, 1, tree="old")
    reread = entry(1, 1, kind=Kind.REREAD, tree="new", lens=NEWER_LENS, revision="e" * 40)
    same = entry(2, 2, tree="new", lens=NEWER_LENS)
    other = entry(3, 3, tree="old", lens=NEWER_LENS)
    assert [each.captured_at for each in history(first, reread, same, other).snapshots] == [at(1), at(3)]


def test_the_newest_reread_is_the_last_that_was_made():
    first = entry(1, 1)
    rereads = [
        entry(1, 1, kind=Kind.REREAD, lens=Lens(str(rules), "test-1"), revision=digit * 40)
        for rules, digit in ((2, "f"), (3, "a"))
    ]
    found = history(first, *rereads)
    assert found.reread_of(found.snapshots[0]) == rereads[1]
    assert found.reread_of(found.snapshots[0], Lens("2", "test-1")) == rereads[0]
    assert found.reread_of(found.snapshots[0], LENS) is None


def test_the_same_capture_twice_is_one_snapshot():
    twice = history(entry(1, 1, revision="a" * 40), entry(1, 1, revision="b" * 40), entry(2, 2))
    assert len(twice.snapshots) == 2
    assert len(twice.captures) == 2


def test_a_live_capture_comes_after_the_newest_whatever_the_clock_says():
    assert FOUR.live_time(at(0)) == at(240) + timedelta(microseconds=1)
    assert FOUR.live_time(at(500)) == at(500)


TEXTS = ("One man died.", "Two men died.", "Two men died. The fire is out.")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(TEXTS), min_size=3, max_size=5), st.randoms(use_true_random=False))
def test_captures_given_in_any_order_of_time_make_the_same_history(texts, random):
    order = list(enumerate(texts))
    with tempfile.TemporaryDirectory() as folder:
        histories = []
        for attempt in ("sorted", "shuffled"):
            with open_store(Path(folder) / attempt, create=True) as store:
                for number, text in order:
                    last = known(store)
                    looked = last.snapshots[-1].captured_at if last else None
                    put(store, text, when=at(number), seen_since=looked)
                found = known(store)
                assert found is not None
                documents = [store.snapshot(found.branch, each).document for each in found.snapshots]
                assert store.document(found.tip) == documents[-1] == reading(texts[-1]).document
                assert git(store.path / "articles.git", "fsck", "--full") == ""
                histories.append((found.branch, seen(found), documents))
            random.shuffle(order)
        assert histories[0] == histories[1]
        changes = 1 + sum(a != b for a, b in pairwise(texts))
        assert len(histories[0][1]) == changes


def test_times_are_shown_in_utc(tmp_path):
    zone = datetime.fromisoformat("2024-03-01T12:30:00.000250+03:00")
    with open_store(tmp_path / "s", create=True) as store:
        snapshot = put(store, "Text.", when=zone)
        assert snapshot.captured_at == START
        assert snapshot.captured_at.tzinfo is UTC


HEADLINES = st.text(max_size=40) | st.sampled_from(
    ("Toll: 21", "He said: changed: all", "X: gone (404)", "A: first snapshot", "long " * 60, "")
)
HAPPENINGS = (
    FIRST_SNAPSHOT,
    READ_AGAIN,
    "gone (404)",
    "back",
    "moved (to https://b.example/: back)",
    what_changed("# A\n", "# B\n"),
    what_changed("a\nb\n", "b\na\n"),
    what_changed("", ""),
)


@given(HEADLINES, st.sampled_from(HAPPENINGS))
def test_what_happened_is_the_subject_without_the_headline(headline, what):
    assert replace(entry(1, 0), subject=subject(headline, what)).what == what


def test_a_subject_that_is_not_ours_comes_whole():
    assert replace(entry(1, 0), subject="Merge: of things").what == "Merge: of things"
