"""A day in the life of a watch, in accelerated time, killed on the way; the long form is benchmarks/day.py."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.day_support import HOUR, START, Day, FileClock, Span, Story, begin, sites, stories
from tests.day_verdict import judge, to_tell
from tests.store_support import git

HOURS = 6.0
KILLS = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no 127.0.0.2 and on without setting it up"),
]


# Gone for an hour, early enough that its return is looked at before the day is over.
RETURNS = Story(0, "/2026/returns", (Span(0.0, 0), Span(START + HOUR, None, "gone"), Span(START + 2 * HOUR, 0)))


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[FileClock]:
    with closing(FileClock(tmp_path / "clock", START)) as clock:
        yield clock


def test_what_stays_is_seen_and_nothing_else_whatever_is_killed(tmp_path, clock):
    found = (*stories(30, 4, HOURS, seed=7), RETURNS)
    draw = random.Random(3)  # noqa: S311 - a test, not a secret
    with sites(found, clock) as web:
        begin(tmp_path / "store", clock, [web.url(story) for story in found])
        day = Day(tmp_path, clock, START + HOURS * HOUR)
        kills = sum(day.until_killed(draw.randrange(1, 40)) for _ in range(KILLS))
        day.to_the_end()
        verdict = judge(tmp_path / "store", web, found, day.looks())
    assert kills == KILLS
    assert verdict.looks > 150
    assert verdict.long_edits > 5
    assert verdict.missed == []
    assert verdict.false_changes == []
    assert verdict.mistold == []
    assert verdict.told["gone"] > 1
    assert verdict.told["back"] > 0
    assert verdict.told["forbidden"] == 1
    assert verdict.too_soon == []
    assert verdict.forbidden == []
    git(tmp_path / "store" / "articles.git", "fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (("", "", ""), []),
        (("", "gone", "gone", "", ""), [(1, "gone"), (3, "back")]),
        (("", "broken", "broken", "", "broken", "broken", "broken", "broken", ""), [(6, "failing"), (8, "back")]),
        (("wall", "broken", "broken", "broken", "wall", "away", ""), [(0, "blocked"), (5, "moved"), (6, "back")]),
        (("gone", "broken", ""), [(0, "gone"), (2, "back")]),
        (("broken", "broken", "broken", "gone", "gone"), [(2, "failing"), (3, "gone")]),
    ],
)
def test_the_judge_of_a_day_knows_what_is_to_be_told(others, told):
    story = Story(0, "/2026/x", tuple(Span(at, None, other) for at, other in enumerate(others)))
    assert [*to_tell(story, range(len(others)))] == told
