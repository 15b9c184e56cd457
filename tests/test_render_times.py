"""Moments and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker.errors import UsageError
from tracker.render.times import Clock, duration, machine, zone

NOON = datetime(2015, 5, 31, 12, 4, 30, 120, tzinfo=UTC)
LATER = datetime(2015, 5, 31, 12, 19, tzinfo=UTC)
NEXT_DAY = datetime(2015, 6, 1, 0, 5, tzinfo=UTC)


def test_both_checks_are_named():
    assert Clock().between(NOON, LATER) == "between 12:04 and 12:19 UTC on 31 May 2015"
    assert Clock().between(NOON, NEXT_DAY) == "between 31 May 2015, 12:04 UTC, and 1 June 2015, 00:05 UTC"


def test_another_zone_by_name():
    paris = Clock(zone("Europe/Paris"))
    assert paris.moment(NOON) == "31 May 2015, 14:04 CEST"
    assert paris.zone_label == "Europe/Paris"
    assert Clock(zone("Asia/Dubai")).time(NOON) == "16:04 UTC+04"
    assert Clock(zone(None)).zone_label == "UTC"


def test_a_day_on_which_the_zone_changes_names_both():
    berlin = Clock(zone("Europe/Berlin"))
    night = berlin.between(datetime(2015, 3, 29, 0, 30, tzinfo=UTC), datetime(2015, 3, 29, 1, 30, tzinfo=UTC))
    assert night == "between 29 March 2015, 01:30 CET, and 29 March 2015, 03:30 CEST"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2015-05-31T15:40:00+00:00", "31 May 2015, 17:40 CEST"),
        ("2015-05-31T15:40:00", "31 May 2015, 15:40"),
        ("2015-05-31", "31 May 2015"),
        ("last Sunday", "last Sunday"),
        ("", ""),
    ],
)
def test_what_a_page_gives_is_written_out_and_nothing_is_added(given: str, written: str) -> None:
    assert Clock(zone("Europe/Paris")).stated(given) == written


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe", "\x00"])
def test_a_zone_that_does_not_exist_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="time zone"):
        zone(name)


def test_the_end_of_the_calendar_does_not_break_it():
    assert Clock(zone("Asia/Tokyo")).date(datetime.max.replace(tzinfo=UTC)) == "31 December 9999"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (40, "40 s"),
        (65, "1 min"),
        (6180, "1 h 43 min"),
        (3600, "1 h"),
        (90_000, "1 day 1 h"),
        (200_000, "2 days 7 h"),
        (86_405, "1 day"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_machines_get_utc_with_microseconds_only_where_there_are_any():
    assert machine(NOON) == "2015-05-31T12:04:30.000120Z"
    assert machine(LATER) == "2015-05-31T12:19:00Z"
