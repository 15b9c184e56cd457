"""What a look means: when the page is due again, what is told once, and which looks were missed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.watch_support import NOW
from tracker.watch.listed import TOLD_AFTER, Kind, State, Watched
from tracker.watch.looks import Event, EventKind, Gap, Look, Outage, Settled, rate_of, settled
from tracker.watch.schedule import CONSTANT, DAY, HOUR, JITTER, Bounds

BRANCH = "daily.example/story-0123456789abcdef"
PAGE = Watched(
    id=1,
    identity="daily.example/story",
    url="https://daily.example/story",
    kind=Kind.ARTICLE,
    host="daily.example",
    article=BRANCH,
    origin=None,
    include=(),
    exclude=(),
    added=NOW,
    born=NOW,
    checked=NOW,
    whole=NOW,
    pause=HOUR,
    due=NOW + HOUR,
    why="",
    changes=0.0,
    expected=0.0,
    hinted=None,
    bluffs=0,
    state=State.WELL,
    since=None,
    failures=0,
    said="",
    validators=None,
)


def after(page: Watched, look: Look, *outages: Outage) -> Settled:
    return settled(page, look, Bounds(), CONSTANT, outages)


def follow(page: Watched, *looks: Look) -> tuple[Watched, list[Event]]:
    """The page after several looks, and all that was told."""
    told: list[Event] = []
    for look in looks:
        left = after(page, look)
        if look.host_down:
            page = replace(page, host_failures=page.host_failures + 1, down_from=page.down_from or NOW)
        else:
            page = replace(page, **left.values, host_failures=0)
        told += left.events
    return page, told


def at(hours: float, state: State = State.WELL, **more: Any) -> Look:
    return Look(NOW + hours * HOUR, state, **more)


# --- when -----------------------------------------------------------------------------------------------------


def test_the_first_look_shows_no_change_and_how_old_the_article_is():
    new = replace(PAGE, checked=None, article=None)
    left = after(new, at(1, changed=True, article=BRANCH, born=NOW - 3 * DAY))
    assert left.values["born"] == NOW - 3 * DAY
    assert "changes" not in left.values
    assert left.values["article"] == BRANCH
    assert after(new, at(1, born=NOW + 9 * DAY)).values["born"] == NOW  # it was not published after we saw it


def test_changes_bring_the_next_look_nearer_and_quiet_puts_it_off():
    quiet, _ = follow(PAGE, *(at(n) for n in range(1, 6)))
    lively, _ = follow(PAGE, *(at(n, changed=True) for n in range(1, 6)))
    assert lively.due < quiet.due
    assert (lively.changes, quiet.changes) == (5, 0)
    assert rate_of(lively, lively.due) > rate_of(quiet, lively.due)


@given(st.floats(0.1, 200), st.booleans(), st.sampled_from(list(State)), st.integers(0, 30))
def test_a_page_is_due_again_within_its_bounds_whatever_came_of_the_look(hours, changed, state, failures):
    values = after(replace(PAGE, failures=failures), at(hours, state, changed=changed)).values
    assert NOW + hours * HOUR + Bounds().floor <= values["due"] <= NOW + hours * HOUR + Bounds().ceiling
    assert values["pause"] == pytest.approx(values["due"] - NOW - hours * HOUR)


def test_what_cannot_be_seen_is_looked_at_less_and_less_until_it_returns():
    page, pauses = PAGE, []
    for n in range(1, 11):
        page, _ = follow(page, at(n, State.GONE))
        pauses.append(page.pause)
    assert all(later > sooner * 0.8 for sooner, later in itertools.pairwise(pauses))
    assert pauses[-1] >= Bounds().ceiling * (1 - JITTER)
    page, _ = follow(page, at(11))
    assert page.pause < 5 * HOUR


def test_a_date_that_moved_alone_brings_the_next_look_soon():
    values = after(PAGE, at(1, soon="its date moved")).values
    assert (values["pause"] < 1.2 * Bounds().floor, values["why"]) == (True, "its date moved")


def test_signals_are_counted_until_something_comes_of_one():
    signalled = replace(PAGE, hinted=NOW + 10, bluffs=2)
    assert after(signalled, at(1)).values["bluffs"] == 3
    assert after(signalled, at(1, changed=True)).values["bluffs"] == 0
    assert after(replace(PAGE, bluffs=2), at(1)).values["bluffs"] == 2


def test_what_the_next_look_may_ask_with_is_kept_while_the_page_is_well():
    assert after(PAGE, at(1, validators="etag")).values["validators"] == "etag"
    assert after(replace(PAGE, validators="etag"), at(1, State.BLOCKED)).values["validators"] is None


# --- told once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.GONE, State.MOVED, State.BLOCKED, State.FORBIDDEN])
def test_what_happens_to_an_article_is_told_when_it_begins_and_when_it_ends(state):
    looks = [at(1), *(at(n, state, said="404") for n in (2, 3, 4)), at(5), at(6)]
    _, told = follow(PAGE, *looks)
    assert told == [
        Event(EventKind(state.value), BRANCH, NOW + 2 * HOUR, "404"),
        Event(EventKind.BACK, BRANCH, NOW + 5 * HOUR, state.value, NOW + 2 * HOUR),
    ]


def test_one_thing_that_becomes_another_is_told():
    _, told = follow(PAGE, at(1, State.BLOCKED), at(2, State.GONE), at(3, State.GONE), at(4))
    assert [event.kind for event in told] == [EventKind.BLOCKED, EventKind.GONE, EventKind.BACK]


@pytest.mark.parametrize("failures", [1, 4])
def test_failures_in_between_end_nothing_that_was_told(failures):
    broken = [at(2 + n / 10, State.FAILING, said="503") for n in range(failures)]
    _, told = follow(PAGE, at(1, State.GONE), *broken, at(3, State.GONE), *broken, at(4), at(5))
    assert [(event.kind, event.said, event.since) for event in told] == [
        (EventKind.GONE, "", None),
        (EventKind.BACK, "gone", NOW + HOUR),
    ]


def test_a_single_failure_is_noise():
    _, told = follow(PAGE, at(1, State.FAILING), at(2), at(3, State.FAILING), at(4, State.FAILING), at(5))
    assert told == []
    _, told = follow(PAGE, *(at(n, State.FAILING) for n in range(1, TOLD_AFTER + 3)), at(9))
    assert [event.kind for event in told] == [EventKind.FAILING, EventKind.BACK]


def test_a_host_that_is_down_is_told_once_and_says_nothing_of_the_page():
    left = after(PAGE, at(1, host_down=True))
    assert left.values == {"due": PAGE.due}
    page, told = follow(PAGE, *(at(n, host_down=True, said="refused") for n in range(1, 7)), at(8))
    assert [(event.kind, event.name, event.since) for event in told] == [
        (EventKind.HOST_DOWN, "daily.example", None),
        (EventKind.HOST_UP, "daily.example", NOW),
    ]
    assert page.state is State.WELL


# --- what was missed ------------------------------------------------------------------------------------------


def test_looks_that_failed_are_missed():
    page, _ = follow(PAGE, at(1), at(2, State.BLOCKED), at(3, State.FAILING), at(4, State.FAILING))
    left = after(page, at(5))
    assert left.gap == Gap(NOW + HOUR, NOW + 5 * HOUR, 3, "blocked")


def test_looks_that_saw_that_a_page_is_gone_are_not_missed():
    page, _ = follow(PAGE, at(1, State.GONE), at(2, State.GONE), at(3, State.GONE), at(4, State.BLOCKED))
    assert after(page, at(5)).gap == Gap(NOW + 3 * HOUR, NOW + 5 * HOUR, 1, "blocked")


def test_looks_that_an_outage_swallowed_are_missed():
    outage = Outage(NOW - HOUR, NOW + 4.5 * HOUR, "not running")
    assert after(PAGE, at(4.6), outage).gap == Gap(NOW, NOW + 4.6 * HOUR, 3, "not running")
    assert after(PAGE, at(1.2), Outage(NOW, NOW + 1.1 * HOUR, "not running")).gap is None  # late, and no look missed
    assert after(PAGE, at(4.6), Outage(NOW - 9, NOW + HOUR / 2, "not running")).gap is None  # before it was due
    assert after(replace(PAGE, checked=None), at(4.6), outage).gap is None  # never looked at before


def test_a_look_that_two_outages_swallowed_is_missed_once():
    asleep, down = Outage(NOW, NOW + 3.5 * HOUR, "not running"), Outage(NOW + 2 * HOUR, NOW + 4.5 * HOUR, "host down")
    for outages in ((asleep, down), (down, asleep)):
        assert after(PAGE, at(4.6), *outages).gap == Gap(NOW, NOW + 4.6 * HOUR, 3, "not running, host down")
    within = replace(down, until=NOW + 3 * HOUR)
    assert after(PAGE, at(4.6), asleep, within).gap == Gap(NOW, NOW + 4.6 * HOUR, 2, "not running")


def test_a_page_that_is_gone_is_no_gap():
    page, _ = follow(PAGE, at(1, State.GONE), at(2, State.GONE))
    assert after(page, at(3)).gap is None
