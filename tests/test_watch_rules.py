"""What tracker.toml says of one page or one host, as watching asks for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.watch_support import state_at
from tracker.config import ArticleSettings, Config, HostSettings, WatchSettings
from tracker.fetch.robots import told
from tracker.watch.listed import Kind, Spacing
from tracker.watch.robots import KeptRobots
from tracker.watch.rules import SOURCE_CEILING, Rules
from tracker.watch.schedule import Bounds

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RULES = Rules(
    Config(
        Path("store"),
        watch=WatchSettings(
            floor=60.0,
            spacing=3.0,
            articles=(
                ArticleSettings("https://daily.example/politics/*", importance=4.0, floor=30.0, browser=True),
                ArticleSettings("daily.example/*", importance=2.0, ignore_robots=True),
            ),
        ),
        hosts={"www.slow.example": HostSettings(30.0), "app.example": HostSettings(connections=2)},
    )
)


def test_the_first_pattern_that_matches_counts():
    politics, sport = "https://www.daily.example/politics/a", "https://daily.example/sport/a"
    assert RULES.bounds(politics, Kind.ARTICLE) == Bounds(4.0, 30.0, 259_200.0)
    assert RULES.bounds(sport, Kind.ARTICLE) == Bounds(2.0, 60.0, 259_200.0)
    assert RULES.bounds("https://other.example/a", Kind.ARTICLE) == Bounds(1.0, 60.0, 259_200.0)
    assert (RULES.ask(politics).ignore_robots, RULES.ask(sport).ignore_robots) == (False, True)


def test_a_feed_is_looked_at_at_least_so_often_that_nothing_falls_out_of_it():
    assert RULES.bounds("https://other.example/feed", Kind.FEED).ceiling == SOURCE_CEILING


def test_a_host_is_named_as_people_name_it_with_any_port():
    assert RULES.spacing("slow.example") == Spacing(30.0, 1)
    assert RULES.spacing("slow.example_8080") == Spacing(30.0, 1)
    assert RULES.spacing("app.example") == Spacing(3.0, 2)
    assert RULES.spacing("other.example") == Spacing(3.0, 1)


def test_a_browser_is_chosen_by_pattern():
    assert RULES.ask("https://daily.example/politics/a").browser
    assert not RULES.ask("https://daily.example/sport/a").browser


def test_a_lease_outlasts_a_look():
    assert RULES.lease > RULES.config.fetch.deadline


# --- what is kept of robots.txt -------------------------------------------------------------------------------


def test_every_robots_txt_is_that_of_whoever_asked_last(tmp_path):
    run, origin = state_at(tmp_path / "store").run, "https://daily.example"
    mine, theirs = KeptRobots(run), KeptRobots(run)
    mine[origin] = told(origin, b"User-agent: *\nDisallow: /a", NOON)
    later = told(origin, b"User-agent: *\nDisallow: /b", NOON + timedelta(days=1))
    theirs[origin] = later
    assert (mine[origin], list(mine), len(mine)) == (later, [origin], 1)
    del theirs[origin]
    assert mine.get(origin) is None


def test_what_nobody_has_renewed_for_a_month_is_dropped_when_another_host_comes(tmp_path):
    kept = KeptRobots(state_at(tmp_path / "store").run)
    old, used, new = (f"https://{name}.example" for name in ("old", "used", "new"))
    for origin in (old, used):
        kept[origin] = told(origin, b"", NOON)
    kept[used] = told(used, b"", NOON + timedelta(days=20))
    kept[new] = told(new, b"", NOON + timedelta(days=29))
    assert set(kept) == {old, used, new}
    del kept[new]
    kept[new] = told(new, b"", NOON + timedelta(days=31))
    assert set(kept) == {used, new}
