"""Reviews: one ref a reviewer and article, the latest word on each change, everybody's together for the view."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notify_support import first, silent_edit
from tests.sharing_support import bare_repository, pulled, pushed
from tests.site import hour
from tests.store_support import bare, git
from tracker.errors import UsageError
from tracker.pipeline import refresh_reports
from tracker.store import ChangeQuery, Review, Ruling, Store, Weight, open_store
from tracker.store.commits import moment
from tracker.store.reviews import LONGEST_NOTE, REVIEWS, line_of, read_reviews


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        first(opened)
        silent_edit(opened)
        refresh_reports(opened)
        yield opened


def review(store: Store, reviewer: str = "ada", **thought: Any) -> Review:
    """A reviewer's word on the one change of the store."""
    (row,) = store.reports.changes(ChangeQuery())
    before, after = store.history(row.branch).snapshots
    one, other = (f"{entry.captured_at.isoformat()} {entry.raw_sha256}" for entry in (before, after))
    return Review(reviewer, row.branch, row.change, one, other, hour(3), **thought)


def test_a_review_is_kept_in_git_under_its_reviewer(store):
    one = review(store, weight=Weight.IMPORTANT, ruling=Ruling.SILENT_EDIT, note="They moved the toll\nwithout a word.")
    store.reviews.put([one])
    assert store.reviews.of(one.branch) == [one]
    ref = f"refs/reviews/ada/{one.branch}"
    (line,) = git(bare(store), "show", f"{ref}:reviews.jsonl").splitlines()
    assert json.loads(line)["ruling"] == "silent-edit"
    assert git(bare(store), "log", "-1", "--format=%an|%s|%at", ref).strip() == (
        f"ada|silent-edit, important: {one.change}|{int(hour(3).timestamp())}"
    )


def test_a_later_word_takes_the_place_of_an_earlier_one_and_history_keeps_both(store):
    one = review(store, weight=Weight.NOISE)
    store.reviews.put([one])
    store.reviews.put([replace(one, weight=None, ruling=Ruling.UPDATE, at=hour(4))])
    assert [each.ruling for each in store.reviews.of(one.branch)] == [Ruling.UPDATE]
    assert git(bare(store), "rev-list", "--count", f"refs/reviews/ada/{one.branch}").strip() == "2"


def test_the_same_word_again_writes_nothing(store):
    one = review(store)
    store.reviews.put([one])
    store.reviews.put([one])
    assert git(bare(store), "rev-list", "--count", f"refs/reviews/ada/{one.branch}").strip() == "1"


def test_the_view_is_everybodys(store):
    ada, ben = review(store, note="a"), replace(review(store, "ben", ruling=Ruling.CORRECTION), at=hour(4))
    store.reviews.put([ada, ben])
    assert store.reviews.on([ada.change, "0" * 16]) == {ada.change: [ben, ada]}
    assert store.reviews.all() == [ben, ada]
    assert store.reviews.counts("ben") == {
        "seen": 1,
        "important": 0,
        "noise": 0,
        "correction": 1,
        "clarification": 0,
        "update": 0,
        "silent-edit": 0,
        "our-mistake": 0,
    }


def test_changes_are_found_by_what_was_thought_of_them(store):
    store.reviews.put([review(store, weight=Weight.NOISE)])
    assert len(store.reports.changes(ChangeQuery(unseen_by="ada"))) == 0
    assert len(store.reports.changes(ChangeQuery(unseen_by="ben"))) == 1
    assert len(store.reports.changes(ChangeQuery(thought="noise"))) == 1
    assert len(store.reports.changes(ChangeQuery(thought="correction"))) == 0


def test_the_index_is_made_anew_from_git(store, tmp_path):
    one = review(store, note="kept")
    store.reviews.put([one])
    store.close()
    (tmp_path / "store" / "index.sqlite").unlink()
    with open_store(tmp_path / "store") as again:
        assert again.reviews.of(one.branch) == [one]
        git(bare(again), "update-ref", "-d", f"refs/reviews/ada/{one.branch}")
        again.reindex()
        assert again.reviews.of(one.branch) == []


@pytest.mark.parametrize("name", ["", "Ada", "a/b", "../up", "-a", "a" * 41, "a b", "ä"])
def test_a_name_that_makes_no_ref_is_refused(store, name):
    with pytest.raises(UsageError, match="no name for a reviewer"):
        store.reviews.put([review(store, name)])


def test_a_note_has_an_end(store):
    with pytest.raises(UsageError, match="at most"):
        store.reviews.put([review(store, note="x" * (LONGEST_NOTE + 1))])


def test_a_note_with_half_of_a_character_is_refused(store):
    with pytest.raises(UsageError, match="half of a character"):
        store.reviews.put([review(store, note="so \ud800")])


REVIEW = st.builds(
    Review,
    st.just("ada"),
    st.just("daily.example/fire-0123456789abcdef"),
    st.text("0123456789abcdef", min_size=16, max_size=16),
    st.text(),
    st.text(),
    st.integers(0, 3600).map(lambda minute: hour(minute / 300)),
    st.none() | st.sampled_from(Weight),
    st.none() | st.sampled_from(Ruling),
    st.text(alphabet=st.characters(), max_size=50),
)


@settings(deadline=None)
@given(REVIEW)
def test_a_line_is_read_back_whatever_is_in_it(one):
    line = line_of(one)
    assert line.isascii()
    assert line.count("\n") == 1
    assert read_reviews(f"{REVIEWS}{one.reviewer}/{one.branch}", line.encode()) == [one]


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
    lambda value: json.dumps(value).encode()
))  # fmt: skip
def test_whatever_a_stranger_writes_is_read_or_passed_over(data):
    read_reviews("refs/reviews/eve/daily.example/fire-0123456789abcdef", data)


def test_a_line_of_a_stranger_hides_none_of_the_others(store):
    one = review(store, note="They moved the toll.")
    line = line_of(one)
    bad = (
        *(b"[]", b"{}", b'{"change": 1}', b"\xff", line.replace('"at"', '"an"').encode()),
        *(line.replace(word, rf"{word}\ud800").encode() for word in (one.note, one.change)),
        line.replace(moment(one.at), "0001-01-01T00:00:00+05:00").encode(),
    )
    data = b"\n".join([*bad, line_of(one).encode(), *bad])
    assert read_reviews(f"{REVIEWS}ada/{one.branch}", data) == [one]


def test_two_programs_review_at_once_and_both_words_stand(store, tmp_path):
    one = review(store, weight=Weight.NOISE)
    other = replace(one, change="f" * 16)
    with open_store(Path(tmp_path / "store")) as second:
        store.reviews.put([one])
        second.reviews.put([other])
    store.reviews.put([replace(one, weight=Weight.IMPORTANT)])
    assert {each.change: each.weight for each in store.reviews.of(one.branch)} == {
        one.change: Weight.IMPORTANT,
        other.change: Weight.NOISE,
    }


def test_two_reviewers_in_two_clones_have_both_words_after_push_and_pull(store, tmp_path):
    hub = bare_repository(tmp_path / "hub.git")
    mine, theirs = review(store, ruling=Ruling.SILENT_EDIT), review(store, "ben", ruling=Ruling.UPDATE, note="fair")
    pushed(store, hub)
    with open_store(tmp_path / "other", create=True) as other:
        pulled(other, hub)
        store.reviews.put([mine])
        other.reviews.put([theirs])
        pushed(store, hub)
        pushed(other, hub)
        pulled(store, hub)
        pulled(other, hub)
        assert store.reviews.of(mine.branch) == other.reviews.of(mine.branch)
        assert {each.reviewer: each.ruling for each in other.reviews.of(mine.branch)} == {
            "ada": Ruling.SILENT_EDIT,
            "ben": Ruling.UPDATE,
        }
