"""The drawing of an article's life: everything in order, nothing on top of anything, gaps and gone times marked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Disclosure, NoticeKind, NoticeStatus, Severity
from tracker.render.story import Event, EventKind, Story, ToldChange, ToldNotice
from tracker.render.timeline import LEAST_GAP, MOST_GAP, TALLEST, timeline
from tracker.render.times import Clock

START = datetime(2026, 3, 4, 9, tzinfo=UTC)


def told(disclosure: Disclosure, later: int | None = None) -> ToldChange:
    return ToldChange(
        "A number was changed from 12 to 21.", ("number-changed",), Severity.HIGH, disclosure, None, later
    )


def story(*events: Event) -> Story:
    return Story("news.example/x-0123456789abcdef", "", "Fire", None, None, events[-1].at, 3, events)


def edit(hours: float, words: int = 1, *changes: ToldChange, notices: tuple[ToldNotice, ...] = ()) -> Event:
    at = START + timedelta(hours=hours)
    return Event(EventKind.EDIT, at, at, changes=changes, words_added=words, words_removed=words, notices=notices)


@given(st.lists(st.integers(min_value=1, max_value=10**7), min_size=1, max_size=40))
def test_each_event_stands_to_the_right_of_the_one_before(minutes: list[int]) -> None:
    at, events = START, []
    for gap in minutes:
        at += timedelta(minutes=gap)
        events.append(Event(EventKind.EDIT, at))
    drawn = timeline(story(*events), Clock())
    gaps = [after.x - before.x for before, after in pairwise(drawn.points)]
    assert all(LEAST_GAP - 0.01 < gap < MOST_GAP + 0.01 for gap in gaps)
    assert drawn.width > drawn.points[-1].x
    assert len(drawn.points) == len(minutes)


@given(st.integers(min_value=0, max_value=10**6))
def test_bars_grow_with_their_words_and_stay_inside(words: int) -> None:
    (point,) = timeline(story(edit(0, words)), Clock()).points
    (more,) = timeline(story(edit(0, words + 1)), Clock()).points
    assert 0 <= point.up <= more.up <= TALLEST
    assert point.up == point.down
    assert (point.up == 0) is (words == 0)


def test_the_gravest_disclosure_gives_an_edit_its_colour() -> None:
    later, silent = told(Disclosure.SILENT, 60), told(Disclosure.SILENT)
    for changes, state in (
        ((told(Disclosure.DISCLOSED),), "disclosed"),
        ((told(Disclosure.DISCLOSED), later), "later"),
        ((later, silent), "silent"),
        ((), ""),
    ):
        (point,) = timeline(story(edit(0, 1, *changes)), Clock()).points
        assert point.state == state


def test_a_mark_says_in_words_what_it_shows() -> None:
    note = ToldNotice(NoticeKind.CORRECTION, NoticeStatus.ADDED, "It is 21, not 12.")
    (point,) = timeline(story(edit(0, 3, told(Disclosure.DISCLOSED), notices=(note,))), Clock()).points
    assert point.notices == ("added",)
    assert "4 March 2026, 09:00: edited" in point.label
    assert "A number was changed from 12 to 21." in point.label
    assert point.label.endswith("Correction added.")


def test_where_nothing_was_seen_there_is_a_band() -> None:
    unseen = Event(EventKind.NOT_SEEN, START + timedelta(hours=2), START + timedelta(hours=1), count=3, words=("500",))
    drawn = timeline(story(edit(0), unseen, edit(4)), Clock())
    assert [band.kind for band in drawn.bands] == ["unseen"]
    assert "3 checks saw no text" in drawn.bands[0].label
    assert len(drawn.points) == 2
    assert drawn.points[0].x < drawn.bands[0].start < drawn.bands[0].end < drawn.points[1].x


def test_an_article_that_is_gone_is_gone_until_it_is_back() -> None:
    gone, back = Event(EventKind.GONE, START + timedelta(hours=1)), Event(EventKind.BACK, START + timedelta(hours=5))
    (band,) = timeline(story(edit(0), gone, back, edit(9)), Clock()).bands
    assert (band.kind, band.end > band.start) == ("gone", True)
    drawn = timeline(story(edit(0), gone), Clock())
    assert drawn.bands[0].end == drawn.points[-1].x + 30


def test_days_are_named_where_there_is_room() -> None:
    drawn = timeline(story(*(edit(day * 24) for day in range(5))), Clock())
    assert drawn.ticks[0].text == "4 March 2026"
    assert all(after.x - before.x >= 92 for before, after in pairwise(drawn.ticks))
