"""A day in the life of a watch, in accelerated time, killed on the way; the long form is benchmarks/day.py."""

from __future__ import annotations

import random
import sys
from itertools import pairwise

import pytest

from tests.day_support import START, Day, FileClock, begin, sites, stories
from tests.day_verdict import judge
from tests.store_support import git

HOURS = 6.0
KILLS = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no 127.0.0.2 and on without setting it up"),
]


def test_what_stays_is_seen_and_nothing_else_whatever_is_killed(tmp_path):
    clock = FileClock(tmp_path / "clock", START)
    found = stories(30, 4, HOURS, seed=7)
    draw = random.Random(3)  # noqa: S311 - a test, not a secret
    with sites(found, clock) as web:
        begin(tmp_path / "store", clock, [web.url(story) for story in found])
        day = Day(tmp_path, clock, START + HOURS * 3600)
        kills = sum(day.until_killed(draw.randrange(1, 40)) for _ in range(KILLS))
        day.to_the_end()
        verdict = judge(tmp_path / "store", web, found, day.due())
    assert kills == KILLS
    assert verdict.looks > 150
    assert verdict.long_edits > 5
    assert verdict.missed == []
    assert verdict.false_changes == []
    assert verdict.too_soon == []
    assert verdict.forbidden == []
    assert_told_once(day)
    git(tmp_path / "store" / "articles.git", "fsck", "--strict", "--no-dangling")
    clock.close()


def assert_told_once(day: Day) -> None:
    """What began is not told again before it has ended or become something else."""
    told: dict[str, list[str]] = {}
    for url, event in day.told():
        told.setdefault(url, []).append(event)
    assert any("back" in events for events in told.values())
    for events in told.values():
        assert all(one != two for one, two in pairwise(events)), events
        assert events[0] != "back"
