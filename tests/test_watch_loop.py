"""Passes over a watch list: real servers on loopback, and a time that the tests move."""

from __future__ import annotations

import itertools
import re
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli_support import run_here
from tests.http_support import Handler, Served, serving
from tests.site import PARAGRAPHS, edited, page
from tests.store_support import git
from tracker.config import ArticleSettings, Config, HostSettings, WatchSettings
from tracker.errors import StoreError
from tracker.fetch import Fetcher, FetchOptions
from tracker.model import Outcome
from tracker.pipeline import keep
from tracker.store import Store, open_store
from tracker.watch.adding import led_to
from tracker.watch.asking import Asker, Seen
from tracker.watch.listed import HostNews, Kind, State, Wanted, Watched
from tracker.watch.looks import EventKind, Look
from tracker.watch.loop import NOT_RUNNING, Told, Watch
from tracker.watch.schedule import DAY, HOUR

START = datetime(2026, 3, 4, 6, tzinfo=UTC).timestamp()
SECOND = edited(0, "killed 12 people", "killed 21 people")


class Clock:
    """A time that jumps when it is waited for."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float, _stop: threading.Event) -> None:
        self.at += seconds


class Desk:
    """A store, its watch, and all that it told."""

    def __init__(self, store: Store, watch: WatchSettings, hosts: Mapping[str, HostSettings] | None = None) -> None:
        self.store = store
        self.clock = Clock()
        self.told: list[Told] = []
        self.config = Config(store.path, watch=watch, hosts=hosts or {})
        self.watch = self.opened()

    def opened(self) -> Watch:
        """A watch that begins anew, as another process would."""
        options = FetchOptions(
            now=lambda: datetime.fromtimestamp(self.clock.at, UTC), allow_private=True, timeout=5.0, deadline=10.0
        )
        return Watch(self.store, self.config, options, self.clock, self.told.append)

    def run(self, hours: float = 0.0, **more: float) -> list[Told]:
        """One pass, so many hours later."""
        self.clock.at += hours * HOUR
        before = len(self.told)
        self.watch.run(threading.Event(), **more)  # type: ignore[arg-type]
        return self.told[before:]

    def add(self, *wanted: Wanted) -> None:
        self.watch.frontier.add(wanted, self.clock.at)

    def page(self, url: str) -> Watched:
        found = self.watch.frontier.find(url)
        assert found is not None
        return found

    def events(self) -> list[EventKind]:
        return [event.kind for told in self.told for event in told.events]


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    with open_store(tmp_path / "store", create=True) as store:
        yield Desk(store, WatchSettings(spacing=5.0))


def story(text: tuple[str, ...] = PARAGRAPHS, **more: object) -> bytes:
    return page(text, canonical=None, **more)  # type: ignore[arg-type]


@contextmanager
def site(**bodies: bytes | int) -> Iterator[tuple[Served, dict[str, bytes | int]]]:
    """A server whose pages (or statuses) can be changed while it runs; it says with an ETag what has not changed."""
    now = dict(bodies)

    def answer(handler: Handler) -> None:
        body = now.get(handler.path.strip("/").replace(".", "_"), 404)
        if isinstance(body, int):
            handler.answer(b"<html><body><h1>Sorry</h1></body></html>", status=body)
            return
        etag = f'"{hash(body)}"'
        if handler.headers["if-none-match"] == etag:
            handler.answer(b"", status=304, etag=etag)
        else:
            kind = "text/html" if b"<html" in body else "text/plain" if b"User-agent" in body else "application/xml"
            handler.answer(body, etag=etag, content_type=kind)

    with serving({f"/{name.replace('_', '.')}": answer for name in [*bodies, "robots_txt"]}) as web:
        yield web, now


def looks(web: Served) -> list[str]:
    return [request.path for request in web.log if request.path != "/robots.txt"]


# --- one pass -------------------------------------------------------------------------------------------------


def test_a_pass_looks_at_what_is_due_each_host_at_its_own_pace(desk):
    with site(a=story(), b=story(SECOND, headline="Another"), c=404) as (web, _):
        desk.add(*(Wanted(web.url(path)) for path in ("/a", "/b", "/c")))
        told = desk.run()
        assert looks(web) == ["/a", "/b", "/c"]
        assert desk.clock.at == START + 10  # two waits of the host's spacing
        assert [each.look.state for each in told] == [State.WELL, State.WELL, State.GONE]
        assert [each.check.outcome for each in told if each.check] == [Outcome.NEW, Outcome.NEW, Outcome.GONE]
        assert desk.run() == []
        assert looks(web) == ["/a", "/b", "/c"]


def test_a_limit_and_a_time_box_leave_the_rest_to_the_next_pass(desk):
    with site(a=story(), b=story(SECOND), c=story(headline="C")) as (web, _):
        desk.add(*(Wanted(web.url(path)) for path in ("/a", "/b", "/c")))
        assert len(desk.run(limit=1)) == 1
        assert len(desk.run(0.01, seconds=4.0)) == 1
        assert len(desk.run(0.01)) == 1


def test_an_edit_is_news_and_an_unchanged_page_is_never_parsed(desk, monkeypatch):
    with site(a=story()) as (web, now):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        with monkeypatch.context() as closed:
            closed.setattr(sys.modules["tracker.pipeline.keep"], "read_capture", lambda *_: pytest.fail("parsed"))
            (told,) = desk.run(12)
        assert (told.is_news, told.check.outcome, told.look.whole) == (False, Outcome.UNCHANGED, False)
        now["a"] = story(SECOND)
        (told,) = desk.run(11)
        assert (told.is_news, told.check.outcome) == (True, Outcome.CHANGED)
        assert desk.page(web.url("/a")).changes == 1
        assert "if-none-match" in web.log[-1].headers
        (told,) = desk.run(72)  # now and then all of it is asked for: a server can be wrong
        assert told.look.whole
        checks = desk.store.state.checks(told.check.article)
        assert [outcome for _, outcome, *_ in checks] == [
            Outcome.NEW,
            Outcome.UNCHANGED,
            Outcome.CHANGED,
            Outcome.UNCHANGED,
        ]


def test_what_a_look_stored_that_was_never_finished_is_told_by_the_next(desk):
    """It was killed between the commit and the list: the next look finds nothing new, and tells it all the same."""
    with site(a=story(), b=story(headline="Another")) as (web, now):
        desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
        desk.run()
        now["a"] = story(SECOND)
        desk.clock.at += DAY
        options = FetchOptions(now=lambda: datetime.fromtimestamp(desk.clock.at, UTC), allow_private=True)
        with Fetcher(options, {}) as fetcher:
            for _ in range(2):
                (claimed,) = desk.watch.frontier.exchange([], desk.clock.at, 1)
                Asker(desk.store, fetcher, desk.watch.rules).look(claimed)
                desk.clock.at += 100  # until then the lease holds the host
        told = desk.run(1)
        assert {each.page.url: each.is_news for each in told} == {web.url("/a"): True, web.url("/b"): False}
        assert desk.page(web.url("/a")).changes == 1
        assert [each.is_news for each in desk.run(24)] == [False, False]


def test_a_date_that_moves_without_the_text_brings_the_next_look_soon(desk):
    with site(a=story(modified="2026-03-04T05:00:00Z")) as (web, now):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        now["a"] = story(modified="2026-03-04T07:00:00Z")
        desk.run(5)
        page = desk.page(web.url("/a"))
        assert (page.why, page.pause < 400) == ("its date of modification moved without its text", True)
        desk.run(1)
        assert desk.page(web.url("/a")).why == "its usual time"


def test_events_are_told_when_they_begin_and_when_they_end(desk):
    with site(a=story()) as (web, now):
        desk.add(Wanted(web.url("/a")))
        for state in (story(), 404, 404, 403, story(), story()):
            now["a"] = state
            desk.run(73)
        assert desk.events() == [EventKind.GONE, EventKind.BLOCKED, EventKind.BACK]
        assert desk.told[-1].look.state is State.WELL


def test_robots_that_forbid_are_obeyed_and_told_once(desk):
    with site(a=story(), robots_txt=b"User-agent: *\nDisallow: /a") as (web, now):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        desk.run(73)
        assert looks(web) == []
        now["robots_txt"] = b"User-agent: *\nDisallow: /b"
        desk.run(73)
        assert looks(web) == ["/a"]
        assert desk.events() == [EventKind.FORBIDDEN, EventKind.BACK]
        assert "ignore_robots" in desk.told[0].look.said


def test_a_person_can_say_that_robots_are_not_asked(tmp_path):
    watch = WatchSettings(articles=(ArticleSettings("*/a", ignore_robots=True),))
    with (
        open_store(tmp_path / "store", create=True) as store,
        site(a=story(), robots_txt=b"User-agent: *\nDisallow: /") as (web, _),
    ):
        desk = Desk(store, watch)
        desk.add(Wanted(web.url("/a")))
        desk.run()
        history = store.history(store.find(web.url("/a")))
        raw = store.raw(history.branch, history.snapshots[0])
        assert raw is not None
        assert raw.robots_ignored


def test_robots_are_asked_once_a_day_whatever_processes_come_and_go(desk):
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        for _ in range(4):
            desk.watch = desk.opened()
            desk.run(7)
        assert sum(request.path == "/robots.txt" for request in web.log) == 1


def test_a_host_that_is_down_is_one_thing_and_its_pages_stay_due(desk):
    with site(a=story(), b=story(SECOND)) as (web, _):
        urls = [web.url(path) for path in ("/a", "/b")]
        desk.add(*(Wanted(url) for url in urls))
        desk.run()
    checked = [desk.page(url).checked for url in urls]
    for _ in range(5):
        desk.run(6)
    assert desk.events() == [EventKind.HOST_DOWN]
    assert [desk.page(url).checked for url in urls] == checked
    assert [desk.page(url).state for url in urls] == [State.WELL, State.WELL]


def test_a_host_of_several_connections_is_told_to_be_down_and_up_once(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        desk = Desk(store, WatchSettings(spacing=0.0), {"daily.example": HostSettings(connections=2)})
        desk.add(Wanted("https://daily.example/a"), Wanted("https://daily.example/b"))
        for state in ("down", "down", "down", "up"):
            desk.clock.at += DAY
            claims = [page for _ in range(2) for page in desk.watch.frontier.exchange([], desk.clock.at, 2)]
            assert len(claims) == 2
            for page in claims:
                look = Look(desk.clock.at, host_down=state == "down")
                desk.watch.take(Seen(page, look, HostNews(down=state == "down")))
        assert desk.events() == [EventKind.HOST_DOWN, EventKind.HOST_UP]


def test_a_network_of_ours_that_is_down_is_no_trouble_of_every_host(desk):
    """A host is told to be down when another one has answered since it could not be reached."""
    hosts = ("a.example", "b.example", "c.example")
    desk.add(*(Wanted(f"https://{host}/story") for host in hosts))

    def look(*down: str) -> list[tuple[EventKind, str]]:
        before = len(desk.told)
        desk.clock.at += DAY
        for each in sorted(desk.watch.frontier.exchange([], desk.clock.at, 3), key=lambda each: each.host):
            away = each.host in down
            desk.watch.take(Seen(each, Look(desk.clock.at, host_down=away), HostNews(down=away)))
        return [(event.kind, event.name) for told in desk.told[before:] for event in told.events]

    assert look() == []
    assert [look(*hosts) for _ in range(6)] == [[]] * 6
    assert look() == [], "nobody was told to be down, and nobody is told to be up again"
    assert look("a.example") == look("a.example") == []
    assert look("a.example") == [(EventKind.HOST_DOWN, "a.example")]
    assert look("a.example") == []
    assert look() == [(EventKind.HOST_UP, "a.example")]


def test_a_host_that_never_shows_a_page_says_nothing_of_our_network(desk):
    desk.add(Wanted("https://a.example/story"), Wanted("https://b.example/forbidden"))
    for _ in range(4):
        desk.clock.at += DAY
        for each in desk.watch.frontier.exchange([], desk.clock.at, 2):
            away = each.host == "a.example"
            look = Look(desk.clock.at, State.WELL if away else State.FORBIDDEN, host_down=away)
            desk.watch.take(Seen(each, look, HostNews(down=away)))
    assert sorted(desk.events()) == [EventKind.FORBIDDEN, EventKind.HOST_DOWN]


def test_a_redirect_to_a_host_that_is_down_is_the_trouble_of_one_page(desk):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.2:{silent.getsockname()[1]}/"
        routes = {
            "/a": lambda handler: handler.answer(b"", status=302, location=away),
            "/b": lambda handler: handler.answer(story(SECOND)),
        }
        with serving(routes) as web:
            desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
            desk.run()
            assert looks(web) == ["/a", "/b"]
            for _ in range(4):
                desk.run(73)
    assert desk.page(web.url("/b")).state is State.WELL
    assert desk.page(web.url("/a")).state is State.FAILING
    assert desk.events() == [EventKind.FAILING]
    assert f"{web.url('/a')} leads to another host: 127.0.0.2: " in desk.told[0].look.said


def test_a_server_that_has_too_much_to_do_is_left_alone(desk):
    def busy(handler: Handler) -> None:
        handler.answer(b"<p>later</p>", status=429, retry_after="1800")

    with serving({"/a": busy, "/b": lambda handler: handler.answer(story())}) as web:
        desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
        desk.run()
        assert looks(web) == ["/a"]
        desk.run(0.4)
        assert looks(web) == ["/a"]
        desk.run(0.2)
        assert looks(web)[1:2] == ["/b"]


# --- what leads to articles -----------------------------------------------------------------------------------


def feed(*entries: tuple[str, float]) -> bytes:
    items = "".join(
        f"<entry><link href='{url}'/><updated>{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}</updated></entry>"
        for url, at in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{items}</feed>".encode()


def test_a_feed_puts_what_is_new_on_the_list_and_its_dates_are_hints(desk):
    with site(a=story(), b=story(SECOND), feed=b"") as (web, now):
        now["feed"] = feed(("/a", START - HOUR), ("/b", START - 90 * DAY), ("/sport/c", START))
        desk.add(Wanted(web.url("/feed"), Kind.FEED, exclude=("*/sport/*",)))
        desk.run()
        assert desk.told[0].added == 1
        assert {page.url for page in desk.watch.frontier.all(Kind.ARTICLE)} == {web.url("/a")}
        desk.run()
        found = desk.page(web.url("/a"))
        assert (found.origin, found.born) == (desk.page(web.url("/feed")).identity, START - HOUR)
        assert found.due > desk.clock.at + HOUR / 4
        now["feed"] = feed(("/a", desk.clock.at + 60))
        desk.clock.at = desk.page(web.url("/feed")).due
        desk.run()
        assert looks(web)[-2:] == ["/feed", "/a"]
        assert "says that it has changed" in desk.told[-1].page.why
        assert desk.page(web.url("/a")).bluffs == 1


def test_one_article_under_two_addresses_is_watched_once(desk):
    with site(a=b"", b=b"") as (web, now):
        now["a"] = now["b"] = page(canonical=web.url("/a"))
        desk.add(Wanted(web.url("/b")), Wanted(web.url("/a")))
        desk.run()
        assert [each.url for each in desk.watch.frontier.all()] == [web.url("/b")]
        assert len(desk.store.articles()) == 1


def test_an_index_of_sitemaps_leads_to_sitemaps_and_they_to_articles(desk):
    with site(index=b"", part=b"", a=story()) as (web, now):
        now["index"] = f"<sitemapindex><sitemap><loc>{web.url('/part')}</loc></sitemap></sitemapindex>".encode()
        now["part"] = f"<urlset><url><loc>{web.url('/a')}</loc></url></urlset>".encode()
        desk.add(Wanted(web.url("/index"), Kind.SITEMAP))
        for _ in range(3):
            desk.run()
        kinds = {each.url.rpartition("/")[2]: each.kind for each in desk.watch.frontier.all()}
        assert kinds == {"index": Kind.SITEMAP, "part": Kind.SITEMAP, "a": Kind.ARTICLE}
        assert len(desk.store.articles()) == 1
        led = led_to(desk.watch.frontier, desk.page(web.url("/index")))
        assert [each.url for each in led] == [web.url("/part"), web.url("/a")]


def test_indexes_of_sitemaps_are_not_followed_for_ever(desk):
    names = ("one", "two", "three", "four", "five")
    with site(**dict.fromkeys(names, b"")) as (web, now):
        for name, following in itertools.pairwise(names):
            place = web.url(f"/{following}")
            now[name] = f"<sitemapindex><sitemap><loc>{place}</loc></sitemap></sitemapindex>".encode()
        desk.add(Wanted(web.url("/one"), Kind.SITEMAP))
        for _ in range(6):
            desk.run()
        watched = {each.url.rpartition("/")[2] for each in desk.watch.frontier.all()}
    assert watched == {"one", "two", "three"}


# --- gaps, budget, faults -------------------------------------------------------------------------------------


def test_looks_that_were_missed_while_nobody_watched_are_a_gap(desk):
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        pause = desk.page(web.url("/a")).pause
        desk.watch = desk.opened()
        (told,) = desk.run(5.1 * pause / HOUR)
        (gap,) = desk.store.state.gaps(told.check.article)
        assert (gap.missed, gap.why) == (4, NOT_RUNNING)
        assert gap.since.timestamp() == pytest.approx(START, abs=1)
        desk.clock.at = desk.page(web.url("/a")).due
        (told,) = desk.run()
        assert told.gap is None


def test_looks_that_a_machine_slept_through_are_a_gap(desk):
    """The watch itself goes on, and finds that hours have passed."""
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        stop = threading.Event()
        waits = itertools.count()

        def wait(seconds: float, _stop: threading.Event) -> None:
            desk.clock.at += 6 * HOUR if next(waits) == 2 else seconds
            if len(desk.told) == 2:
                stop.set()

        desk.clock.wait = wait
        desk.watch.watch(stop)
        (gap,) = desk.store.state.gaps(desk.told[1].check.article)
        assert gap.why == NOT_RUNNING
        pause = desk.told[0].due.timestamp() - gap.since.timestamp()
        assert gap.missed == pytest.approx(6 * HOUR / pause - 1, abs=1)


def test_a_clock_that_is_set_back_puts_nothing_off_and_asks_nobody_sooner(desk):
    with site(a=story(), b=story(SECOND, headline="Another")) as (web, now):
        desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
        desk.clock.at += DAY
        desk.run()
        now["a"] = story(SECOND)
        pauses = [desk.page(web.url(path)).pause for path in ("/a", "/b")]
        desk.clock.at -= DAY
        assert desk.run() == []
        back = desk.clock.at
        for path, pause in zip(("/a", "/b"), pauses, strict=True):
            assert desk.page(web.url(path)).due == pytest.approx(back + pause, abs=6)
        told = desk.run(max(pauses) / HOUR)
        assert {each.page.url: each.is_news for each in told} == {web.url("/a"): True, web.url("/b"): False}
        assert all(each.due.timestamp() < desk.clock.at + DAY / 2 for each in told)
        assert desk.watch.frontier.last_active() == pytest.approx(desk.clock.at, abs=60)


def test_a_watch_whose_clock_is_set_back_goes_on(desk):
    minutes = []
    desk.watch._every_minute = lambda: minutes.append(desk.clock.at)
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        stop = threading.Event()
        waits = itertools.count()

        def wait(seconds: float, _stop: threading.Event) -> None:
            desk.clock.at += -DAY if next(waits) == 2 else seconds
            if len(desk.told) == 3:
                stop.set()

        desk.clock.wait = wait
        desk.watch.watch(stop)
    assert desk.clock.at < START
    assert minutes[-1] < START


def test_a_gap_is_shown_wherever_times_are_shown(desk, capsys):
    with site(a=story()) as (web, now):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        desk.watch = desk.opened()
        now["a"] = story(SECOND)
        desk.run(5.1 * desk.page(web.url("/a")).pause / HOUR)
    shown = {
        command: " ".join(run_here(capsys, *command.split(), "--store", str(desk.store.path)).stdout.split())
        for command in ("log /a", "story /a", "diff /a", "log /a --json")
    }
    assert "4 checks missed: tracker was not running between 06:00 and 07:" in shown["log /a"]
    assert "4 checks missed: tracker was not running" in shown["story /a"]
    assert re.search(
        r"Changed between 06:00 and 07:\d\d UTC on 4 March 2026; 4 checks missed in between", shown["diff /a"]
    )
    assert '"kind": "gap"' in shown["log /a --json"]


def test_a_deleted_article_is_watched_no_more(desk, capsys):
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        done = run_here(capsys, "delete", "/a", "--yes", "--reason", "court order", "--store", str(desk.store.path))
        assert done.returncode == 0, done.stderr
        assert desk.watch.frontier.all() == []
        assert desk.run(73) == []


def test_a_deleted_article_that_a_feed_still_lists_ends_no_pass(desk, capsys):
    with site(a=story(), b=story(SECOND), feed=b"") as (web, now):
        desk.add(Wanted(web.url("/a")))
        desk.run()
        done = run_here(capsys, "delete", "/a", "--yes", "--reason", "court order", "--store", str(desk.store.path))
        assert done.returncode == 0, done.stderr
        now["feed"] = feed(("/a", desk.clock.at), ("/b", desk.clock.at))
        desk.add(Wanted(web.url("/feed"), Kind.FEED))
        before = len(looks(web))
        desk.run(1)
        desk.run()
        assert looks(web)[before:] == ["/feed", "/b"]
        assert {each.url for each in desk.watch.frontier.all()} == {web.url("/feed"), web.url("/b")}


def test_an_address_that_leads_to_a_deleted_article_ends_no_pass(desk, capsys):
    with site(a=b"", b=b"", c=story(SECOND)) as (web, now):
        now["a"] = now["b"] = page(canonical=web.url("/a"))
        desk.add(Wanted(web.url("/a")))
        desk.run()
        done = run_here(capsys, "delete", "/a", "--yes", "--reason", "court order", "--store", str(desk.store.path))
        assert done.returncode == 0, done.stderr
        desk.add(Wanted(web.url("/b")), Wanted(web.url("/c")))
        told = desk.run(1)
        assert [(each.page.url, each.look.state) for each in told] == [
            (web.url("/b"), State.FAILING),
            (web.url("/c"), State.WELL),
        ]
        assert "was deleted: court order" in told[0].look.said
        assert "tracker unwatch" in told[0].look.said


def test_what_cannot_be_asked_for_ends_no_pass(desk):
    with site(a=story()) as (web, _):
        desk.add(Wanted("//["), Wanted("missing.html"), Wanted("mailto:a@b.example"), Wanted(web.url("/a")))
        states = {each.page.url: each.look.state for each in desk.run(1)}
    assert states.pop(web.url("/a")) is State.WELL
    assert set(states.values()) == {State.FAILING}
    assert len(states) == 3


def test_a_budget_is_spent_over_all_articles(tmp_path):
    with open_store(tmp_path / "store", create=True) as store, site(a=story()) as (web, _):
        plain = Desk(store, WatchSettings())
        plain.add(Wanted(web.url("/a")))
        plain.run()
        usual = plain.page(web.url("/a")).pause
        rare = Desk(store, WatchSettings(budget=1, floor=1.0))
        rare.clock.at = plain.page(web.url("/a")).due
        rare.run()
        assert rare.page(web.url("/a")).pause == pytest.approx(HOUR, rel=0.2)
        assert usual < 0.6 * HOUR


def test_a_bug_over_one_page_does_not_end_the_watch_over_the_others(desk, monkeypatch):
    def trips(store, capture, *rest):
        if capture.url.endswith("/a"):
            raise ZeroDivisionError("oh")
        return keep(store, capture, *rest)

    monkeypatch.setattr("tracker.watch.asking.keep", trips)
    with site(a=story(), b=story(SECOND)) as (web, _):
        desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
        told = desk.run()
    assert [each.look.state for each in told] == [State.FAILING, State.WELL]
    assert "a bug in tracker: ZeroDivisionError" in told[0].look.said


def test_an_article_that_is_damaged_does_not_end_the_watch_over_the_others(desk):
    with site(a=story(), b=story(headline="Another")) as (web, now):
        desk.add(Wanted(web.url("/a")), Wanted(web.url("/b")))
        desk.run()
        repository = desk.store.path / "articles.git"
        ref = git(repository, "for-each-ref", "--format=%(refname)", "refs/heads/*/a-*").strip()
        text = git(repository, "rev-parse", f"{ref}:article.md").strip()
        (repository / "objects" / text[:2] / text[2:]).unlink()
        now["a"], now["b"] = story(SECOND), story(SECOND, headline="Another")
        with open_store(desk.store.path) as desk.store:
            desk.watch = desk.opened()
            told = {each.page.url.rpartition("/")[2]: each for each in desk.run(1)}
            assert told["b"].is_news
            assert (told["a"].look.state, told["a"].is_news) == (State.FAILING, False)
            assert "tracker doctor" in told["a"].look.said
            for _ in range(3):
                desk.run(24)
    assert desk.events() == [EventKind.FAILING]


def test_a_store_that_cannot_be_written_ends_the_pass_and_what_was_seen_is_kept(desk, monkeypatch):
    def full(store, capture, *rest):
        if capture.url.endswith("/b"):
            raise StoreError("no space left")
        return keep(store, capture, *rest)

    monkeypatch.setattr("tracker.watch.asking.keep", full)
    with site(a=story(), b=story(SECOND), c=story(headline="C")) as (web, _):
        desk.add(*(Wanted(web.url(path)) for path in ("/a", "/b", "/c")))
        with pytest.raises(StoreError, match="no space"):
            desk.run()
        assert looks(web) == ["/a", "/b"]
    assert desk.page(web.url("/a")).checked is not None
    assert desk.page(web.url("/c")).checked is None


def test_memory_of_what_is_watched_is_in_the_copy(desk):
    with site(a=story()) as (web, _):
        desk.add(Wanted(web.url("/a")))
        desk.run()
    assert Path(desk.store.state.path).exists()
    assert desk.store.has_state_copy
