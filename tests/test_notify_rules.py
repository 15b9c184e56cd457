"""Which changes a rule wants, and when they may be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config import RuleSettings, Wanted
from tracker.store import ChangeRow
from tracker.watch.notify.rules import RETRIES, again, wants, when


def row(branch: str = "daily.example/fire-0123456789abcdef", **changes: object) -> ChangeRow:
    known = {
        "branch": branch,
        "before": "a" * 40,
        "after": "b" * 40,
        "change": "0" * 16,
        "captured_at": datetime(2026, 3, 4, 12, tzinfo=UTC),
        "seen_since": None,
        "field": "body",
        "op": "edited",
        "labels": ("number-changed",),
        "severity": "high",
        "disclosure": "silent",
        "old": "12",
        "new": "21",
        "sentence": "A number was changed from 12 to 21.",
    }
    return ChangeRow(**(known | changes))  # type: ignore[arg-type]  # the fields are those of ChangeRow


@pytest.mark.parametrize(
    ("wanted", "changes", "is_wanted"),
    [
        (Wanted(), {}, True),
        (Wanted(), {"severity": "low"}, False),
        (Wanted(severity="low"), {"severity": "low"}, True),
        (Wanted(severity="high"), {"severity": "medium"}, False),
        (Wanted(labels=("denial-added",)), {}, False),
        (Wanted(labels=("denial-added", "number-changed")), {}, True),
        (Wanted(silent=True), {}, True),
        (Wanted(silent=True), {"disclosure": "disclosed"}, False),
        (Wanted(silent=True), {"delay": 60}, False),
        (Wanted(silent=True, severity="low"), {"severity": "low"}, False),
        (Wanted(silent=True), {"labels": ("notice-removed",), "disclosure": "exempt", "severity": "high"}, True),
        (Wanted(hosts=("daily.example",)), {}, True),
        (Wanted(hosts=("www.Daily.example",)), {}, True),
        (Wanted(hosts=("weekly.example",)), {}, False),
        (Wanted(hosts=("*.example",)), {}, True),
        (Wanted(hosts=("*.daily.example",)), {}, False),
        (Wanted(hosts=("aily.example",)), {}, False),
        (Wanted(hosts=("m.Daily.example",)), {}, True),  # as the store folds it
        (Wanted(hosts=("daily.example:8000",)), {"branch": "daily.example_8000/story-1"}, True),
    ],
)
def test_what_a_rule_wants(wanted, changes, is_wanted):
    assert wants(wanted, row(**changes)) is is_wanted


def at(hour: int, minute: int = 0, day: int = 4) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "made", "told"),
    [
        ({}, at(3), at(3)),
        ({"quiet": ("22:00", "07:00")}, at(21, 59), at(21, 59)),
        ({"quiet": ("22:00", "07:00")}, at(22), at(7, day=5)),
        ({"quiet": ("22:00", "07:00")}, at(3), at(7)),
        ({"quiet": ("22:00", "07:00")}, at(7), at(7)),
        ({"quiet": ("12:00", "13:30")}, at(12, 30), at(13, 30)),
        ({"quiet": ("22:00", "07:00"), "tz": "Europe/Berlin"}, at(5, 59), at(6)),
        ({"quiet": ("07:00", "07:00")}, at(7), at(7)),
        ({"digest": 3600.0}, at(3, 20), at(4)),
        ({"digest": 86_400.0}, at(3), at(0, day=5)),
        ({"digest": 7 * 86_400.0}, at(3), at(0, day=9)),  # a Monday
        ({"digest": 7 * 86_400.0}, at(3, day=8), at(0, day=9)),
        ({"digest": 7 * 86_400.0, "tz": "Europe/Berlin"}, at(3, day=8), at(23, day=8)),
        ({"digest": 86_400.0, "tz": "Asia/Tokyo"}, at(3), at(15)),
        ({"digest": 86_400.0, "quiet": ("22:00", "07:00")}, at(3), at(7, day=5)),
    ],
)
def test_when_it_is_told(settings, made, told):
    assert when(RuleSettings("desk", "mailto:a@b.example", **settings), made) == told


HOURS = st.times().map(lambda time: time.strftime("%H:%M"))


MOMENTS = st.integers(946_684_800, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS, HOURS, HOURS)
def test_nothing_is_told_before_it_is_known_in_quiet_hours_or_more_than_a_day_late(made, start, end):
    told = when(RuleSettings("desk", "mailto:a@b.example", quiet=(start, end)), made)
    assert made <= told <= made + timedelta(days=1)
    now = told.time()
    first, last = (datetime.strptime(text, "%H:%M").time() for text in (start, end))  # noqa: DTZ007 - a time of day
    inside = first <= now < last if first <= last else now >= first or now < last
    assert not inside


def test_tries_come_further_apart_and_never_stop():
    now = at(12)
    waits = [(again(tries, now) - now).total_seconds() for tries in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[: len(RETRIES)] == list(RETRIES)
    assert waits[-1] == RETRIES[-1]
