"""The frontier: who may be asked when, by how many at once, and what becomes of it when somebody dies."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli_support import until
from tests.watch_support import NOW, frontier_at, pages, seen, state_at
from tracker.watch.frontier import DOWN_WAIT, Finished, Frontier
from tracker.watch.listed import HostNews, Kind, Spacing, Wanted

STORY = "https://daily.example/story"


@pytest.fixture
def frontier(tmp_path):
    return frontier_at(tmp_path / "store")


def test_a_page_is_claimed_once_and_due_again_when_it_was_looked_at(frontier):
    assert frontier.add([Wanted(STORY)], NOW) == [True]
    (page,) = frontier.exchange([], NOW, 5)
    assert (page.url, page.kind, page.host, page.born) == (STORY, Kind.ARTICLE, "daily.example", NOW)
    assert frontier.exchange([], NOW + 80, 5) == []
    assert frontier.exchange([seen(page, NOW + 81)], NOW + 81, 5) == []
    assert frontier.next_ready() == NOW + 81 + 3600
    (again,) = frontier.exchange([], NOW + 81 + 3600, 5)
    assert (again.id, again.checked, again.due) == (page.id, NOW + 81, NOW + 81 + 3600)


def test_who_claims_is_at_work_and_who_only_writes_is_not(frontier):
    frontier.add([Wanted(STORY)], NOW)
    assert frontier.last_active() is None
    (page,) = frontier.exchange([], NOW, 1)
    frontier.exchange([seen(page, NOW + 9)], NOW + 9, 0)
    assert frontier.last_active() == NOW
    frontier.exchange([], NOW + 30, 1)
    assert frontier.last_active() == NOW
    frontier.exchange([], NOW + 70, 1)
    assert frontier.last_active() == NOW + 70


def test_an_address_that_leads_to_a_watched_article_is_known_from_then_on(frontier):
    frontier.add([Wanted(STORY, article="daily.example/story"), Wanted("https://daily.example/s1")], NOW)
    short = next(
        page for page in frontier.exchange([], NOW + 90, 1) + frontier.exchange([], NOW + 200, 1) if "s1" in page.url
    )
    left = seen(short, NOW + 300)
    frontier.exchange([replace(left, values={**left.values, "article": "daily.example/story"})], NOW + 300, 0)
    assert [page.url for page in frontier.all()] == [STORY]
    assert frontier.known(["https://daily.example/s1", "https://daily.example/s2"]) == {"https://daily.example/s1"}
    assert frontier.add([Wanted("https://daily.example/s1")], NOW + 400) == [False]
    assert getattr(frontier.find("https://daily.example/s1"), "url", None) == STORY
    (story,) = frontier.all()
    frontier.exchange([seen(story, NOW + 500)], NOW + 500, 0)
    assert frontier.signal([("https://daily.example/s1", NOW + 600)], "its feed says so", NOW + 700) == 1
    frontier.remove([story.id])
    assert frontier.add([Wanted("https://daily.example/s1")], NOW + 800) == [True]


def test_a_deleted_article_leaves_no_address_behind(tmp_path):
    with closing(state_at(tmp_path / "store")) as state:
        frontier = Frontier(state.run, lambda _: Spacing(1.0), lease=60.0, floor=60.0)
        frontier.add([Wanted(STORY, article="daily.example/story"), Wanted("https://daily.example/s1")], NOW)
        short = next(page for page in frontier.all() if "s1" in page.url)
        left = seen(short, NOW)
        frontier.exchange([replace(left, values={**left.values, "article": "daily.example/story"})], NOW, 0)
        kept = "SELECT count(*) FROM facts WHERE name LIKE '%s1%'"
        assert state.run(lambda db: db.execute(kept).fetchone()) == (1,)
        state.forget("daily.example/story")
        assert state.run(lambda db: db.execute(kept).fetchone()) == (0,)


def test_a_date_that_is_still_to_come_keeps_no_later_signal_out(frontier):
    frontier.add([Wanted(STORY, changed=NOW + 10 * 86400)], NOW)
    (page,) = frontier.exchange([], NOW, 1)
    frontier.exchange([seen(page, NOW + 10)], NOW + 10, 0)
    assert frontier.signal([(STORY, NOW + 900)], "its feed says so", NOW + 1000) == 1


def test_an_address_is_watched_once_however_it_is_written(frontier):
    spellings = [
        STORY,
        "http://www.daily.example/story/",
        STORY + "?utm_source=feed",
        "https://m.daily.example/story#top",
    ]
    assert frontier.add([Wanted(each) for each in spellings], NOW) == [True, False, False, False]
    assert frontier.add([Wanted("https://daily.example/other", article="daily.example/story-1")], NOW) == [True]
    assert frontier.add([Wanted("https://daily.example/third", article="daily.example/story-1")], NOW) == [False]
    assert len(frontier.all()) == 2
    assert frontier.find("http://daily.example/story") == frontier.all()[0]


def test_a_host_is_left_alone_between_two_pages(frontier):
    frontier.add([Wanted(f"https://daily.example/{n}") for n in range(3)] + [Wanted("https://other.example/1")], NOW)
    first = frontier.exchange([], NOW, 9)
    assert {page.host for page in first} == {"daily.example", "other.example"}
    assert frontier.exchange([seen(page, NOW + 3) for page in first], NOW + 3, 9) == []
    assert frontier.exchange([], NOW + 12.9, 9) == []  # 10 s from the end of the first, not from its start
    (second,) = frontier.exchange([], NOW + 13, 9)
    assert second.host == "daily.example"


def test_a_page_that_comes_up_while_its_host_is_being_asked_waits_its_turn(frontier):
    frontier.add([Wanted(STORY)], NOW)
    (page,) = frontier.exchange([], NOW, 5)
    frontier.add([Wanted(STORY + "-2")], NOW + 1)
    assert frontier.exchange([], NOW + 50, 5) == []
    assert frontier.exchange([seen(page, NOW + 55)], NOW + 55, 5) == []
    (other,) = frontier.exchange([], NOW + 65, 5)
    assert other.url == STORY + "-2"


def test_a_slow_host_has_no_more_connections_than_it_may(tmp_path):
    frontier = frontier_at(tmp_path / "store", gap=1.0, connections=2)
    frontier.add([Wanted(f"https://daily.example/{n}") for n in range(4)], NOW)
    running = [page for second in (0, 1, 2, 3) for page in frontier.exchange([], NOW + second, 9)]
    assert len(running) == 2
    (third,) = frontier.exchange([seen(running[0], NOW + 4)], NOW + 4, 9)
    assert third.id not in {page.id for page in running}
    assert frontier.exchange([], NOW + 60, 9) == []


def test_the_wish_of_a_host_counts_where_it_is_longer(frontier):
    frontier.add(pages(2, 1), NOW)
    (page,) = frontier.exchange([], NOW, 1)
    frontier.exchange([seen(page, NOW, host=HostNews(delay=30.0))], NOW, 0)
    assert frontier.exchange([], NOW + 29.9, 1) == []
    (page,) = frontier.exchange([], NOW + 30, 1)
    frontier.exchange([seen(page, NOW + 30, pause=1.0, host=HostNews(until=NOW + 900, delay=0.0))], NOW + 30, 0)
    assert frontier.next_ready() == NOW + 900


def test_a_host_that_is_down_is_asked_less_and_less(frontier):
    frontier.add(pages(1, 1), NOW)
    at, waits = NOW, []
    for failures in range(4):
        (page,) = frontier.exchange([], at, 1)
        assert page.host_failures == failures
        frontier.exchange([Finished(page, at, {"due": page.due}, HostNews(down=True, said="refused"))], at, 0)
        ready = frontier.next_ready()
        waits.append(ready - at)
        at = ready
    assert waits == [10 + DOWN_WAIT * 2**n for n in range(4)]
    (page,) = frontier.exchange([], at, 1)
    assert (page.down_from, page.host_failures) == (NOW, 4)
    frontier.exchange([seen(page, at)], at, 0)
    (page,) = frontier.exchange([], at + 3600, 1)
    assert (page.down_from, page.down_until, page.host_failures) == (NOW, at, 0)


def test_who_dies_leaves_a_lease_that_holds_the_host_and_then_runs_out(frontier):
    frontier.add([Wanted(STORY), Wanted(STORY + "-2")], NOW)
    (lost,) = frontier.exchange([], NOW, 1)
    assert frontier.exchange([], NOW + 89, 2) == []  # its request may still be on the way
    (other,) = frontier.exchange([], NOW + 90, 2)
    assert other.id != lost.id
    frontier.exchange([seen(other, NOW + 91)], NOW + 91, 0)
    assert frontier.exchange([], NOW + 299, 2) == []  # no article is asked for twice within its floor
    (again,) = frontier.exchange([], NOW + 300, 2)
    assert again.id == lost.id


def test_a_page_that_is_taken_off_is_not_claimed_and_its_look_changes_nothing(frontier):
    frontier.add([Wanted(STORY)], NOW)
    (page,) = frontier.exchange([], NOW, 1)
    frontier.remove([page.id])
    frontier.exchange([seen(page, NOW)], NOW, 0)
    assert frontier.all() == []
    assert frontier.exchange([], NOW + 9999, 1) == []
    assert frontier.next_ready() is None


def test_a_page_that_is_taken_off_leaves_nothing_to_wait_for_but_the_others(frontier):
    frontier.add([Wanted(STORY)], NOW)
    frontier.add([Wanted(STORY + "-2")], NOW, due=NOW + 9999)
    frontier.remove([frontier.all()[0].id])
    assert frontier.exchange([], NOW + 10, 1) == []
    assert frontier.next_ready() == NOW + 9999
    frontier.exchange([], NOW + 20, 1)
    assert frontier.last_active() == NOW + 10, "nothing was written, for nothing can be claimed"


# --- signals --------------------------------------------------------------------------------------------------


def looked_at(frontier: Frontier, at: float, bluffs: int = 0) -> None:
    (page,) = frontier.exchange([], at, 1)
    done = seen(page, at)
    frontier.exchange([replace(done, values={**done.values, "bluffs": bluffs})], at, 0)


def test_news_of_a_change_makes_a_page_due_at_once(frontier):
    frontier.add([Wanted(STORY)], NOW)
    assert not frontier.signal(
        [("https://daily.example/story", NOW)], "a feed", NOW
    )  # not looked at yet: it is due anyhow
    looked_at(frontier, NOW)
    assert not frontier.signal([("https://daily.example/story", NOW - 5)], "a feed", NOW + 100)  # older than our look
    assert not frontier.signal([("https://daily.example/story", NOW + 500)], "a feed", NOW + 100)  # of tomorrow
    assert not frontier.signal([("https://daily.example/unknown", NOW + 50)], "a feed", NOW + 100)
    assert frontier.signal([("https://daily.example/story", NOW + 50)], "a feed says so", NOW + 100)
    assert not frontier.signal(
        [("https://daily.example/story", NOW + 50)], "a feed says so", NOW + 100
    )  # no news any more
    (page,) = frontier.exchange([], NOW + 100, 1)
    assert (page.why, page.hinted, page.due) == ("a feed says so", NOW + 50, NOW + 100)


def test_signals_of_which_nothing_ever_came_are_not_believed(frontier):
    frontier.add([Wanted(STORY)], NOW)
    looked_at(frontier, NOW, bluffs=3)
    assert not frontier.signal([("https://daily.example/story", NOW + 50)], "a feed", NOW + 100)


# --- at any time, in any order --------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "finish", "down", "die", "wait"]), st.integers(1, 40)), max_size=40
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 2))
def test_no_host_is_ever_asked_too_soon_or_too_often(tmp_path_factory, steps, connections):
    gap, lease = 10.0, 90.0
    frontier = frontier_at(tmp_path_factory.mktemp("frontier"), gap=gap, connections=connections, lease=lease)
    frontier.add(pages(12, 3), NOW)
    now, held = NOW, []
    asked: dict[str, list[float]] = defaultdict(list)
    ends: dict[str, list[float]] = defaultdict(list)  # when the connections end that are known to be in use
    for step, number in steps:
        if step == "wait":
            now += number * 4
        elif step == "claim":
            for page in frontier.exchange([], now, number % 4 + 1):
                assert all(now - before >= gap for before in asked[page.host])
                assert sum(end > now for end in ends[page.host]) < connections
                asked[page.host].append(now)
                ends[page.host].append(now + lease)
                held.append((page, now + lease))
        elif held:
            page, end = held.pop(number % len(held))
            if step != "die" and end > now:
                ends[page.host].remove(end)
                news = HostNews(down=step == "down")
                frontier.exchange([seen(page, now, number * 20.0, news)], now, 0)
    state = {page.host for page in frontier.all()}
    assert state == {"h0.example", "h1.example", "h2.example"}
    assert frontier.exchange([], now + 1e6, 9)  # nothing is lost: all come round again


def test_three_processes_and_one_of_them_killed(tmp_path):
    """By their own account, across processes: no host twice within its spacing, and the dead one's pages come again."""
    folder = tmp_path / "store"
    gap = 0.2
    frontier_at(folder).add(pages(600, 60), 0.0)
    command = [sys.executable, "-m", "tests.watch_support", str(folder), str(gap)]
    accounts = [tmp_path / str(number) for number in range(3)]
    with ExitStack() as opened:
        files = [opened.enter_context(each.open("w")) for each in accounts]
        started = [opened.enter_context(subprocess.Popen(command, stdout=file)) for file in files]
        opened.callback((folder / "enough").touch)
        until(lambda: len(claims(accounts[0])) > 0)
        started[0].kill()
        until(lambda: fewest(claims(*accounts[1:]), 60) >= 5)
    assert [each.returncode for each in started] == [-signal.SIGKILL, 0, 0]
    for each in claims(*accounts[1:]).values():
        assert all(two - one > gap - 1e-4 for one, two in itertools.pairwise(sorted(each)))
    spacing = Frontier(state_at(folder).run, lambda _: Spacing(0.0), lease=5.0, floor=0.0)
    later = time.time() + 1e6
    assert len({page.id for _ in range(10) for page in spacing.exchange([], later, 60)}) == 60


def claims(*accounts: Path) -> dict[str, list[float]]:
    """By host, the moments of its claims: what processes have written so far, in whole lines."""
    found: dict[str, list[float]] = defaultdict(list)
    for account in accounts:
        for line in account.read_text().rpartition("\n")[0].splitlines():
            at, host, _ = line.split()
            found[host].append(float(at))
    return found


def fewest(times: Mapping[str, list[float]], hosts: int) -> int:
    """How often each of so many hosts was claimed at least."""
    return min(map(len, times.values())) if len(times) == hosts else 0
