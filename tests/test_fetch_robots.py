"""robots.txt: what is asked, what is believed, for how long, and what becomes of servers that cannot say."""

import gzip
import json
import socket
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cli_support import refused, run
from tests.http_support import NOW, PAGE, Handler, Served, options, serving
from tests.site import page
from tests.store_support import git
from tracker.errors import FetchError, Forbidden, HostDown, Refused, Unavailable
from tracker.fetch import Ask, Fetcher, Robots, fetch, guard, robots
from tracker.fetch.options import FetchOptions
from tracker.fetch.robots import origin_of

ADDRESS = "https://news.example/2026/story"


@pytest.fixture
def server():
    with serving() as served:
        yield served


def says(server: Served, text: str | bytes, status: int = 200, **headers: str) -> None:
    body = text.encode() if isinstance(text, str) else text
    server.routes["/robots.txt"] = lambda handler: handler.answer(body, status, Content_Type="text/plain", **headers)


def paths(server: Served) -> list[str]:
    return [request.path for request in server.log]


def asking(**changes: object) -> FetchOptions:
    return options(allow_private=True, **changes)


# --- what a server says -------------------------------------------------------------------------------------


def test_robots_are_asked_first_and_once(server):
    says(server, "User-agent: *\nDisallow: /private/")
    with Fetcher(asking()) as fetcher:
        for path in ("/", "/", "/private-story"):
            server.routes[path] = Handler.answer
            assert fetcher.fetch(server.url(path)).body == PAGE
    assert paths(server) == ["/robots.txt", "/", "/", "/private-story"]


def test_what_is_forbidden_is_not_asked_and_said_in_one_line(server):
    says(server, "User-agent: *\nDisallow: /private/\nDisallow: /p\nAllow: /public")
    with pytest.raises(Forbidden) as caught:
        fetch(server.url("/private/story"), asking())
    assert str(caught.value) == (
        f"the robots.txt of 127.0.0.1 does not allow {server.url('/private/story')} to tracker (Disallow: /private/); "
        "to ask all the same: --ignore-robots"
    )
    assert caught.value.rule == "Disallow: /private/"
    assert paths(server) == ["/robots.txt"]


def test_a_person_can_say_that_robots_are_not_to_be_asked(server):
    says(server, "User-agent: *\nDisallow: /")
    capture = fetch(server.url(), asking(), Ask(ignore_robots=True))
    assert (capture.robots_ignored, paths(server)) == (True, ["/"])


def test_each_redirect_is_asked_for_again(server):
    says(server, "User-agent: *\nDisallow: /b")
    with serving() as other:
        says(other, "User-agent: *\nDisallow: /")
        server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/b")
        server.routes["/c"] = lambda handler: handler.answer(b"", 302, Location=other.url("/"))
        for path in ("/a", "/c"):
            with pytest.raises(Forbidden):
                fetch(server.url(path), asking())
        assert paths(other) == ["/robots.txt"]
    assert "/b" not in paths(server)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: tracker\nDisallow: /a\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: Tracker\nDisallow: /a\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a/b", True),  # the longest rule counts, not the first
        ("User-agent: *\nDisallow: /*?print=", "/a?x=1&print=1", True),
        ("User-agent: *\nDisallow: /*print=", "/a?x=1&print=1", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),  # a byte order mark is no part of the first line
        ("User-agent: *\r\nDisallow: /a # why\r\n", "/a", False),
        ("<html><body>Not found, Disallow: /</body></html>", "/a", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
    ],
)
def test_what_is_allowed(text, path, allowed):
    known = robots.told("https://news.example", text.encode(), NOW)
    rule = known.forbids(f"https://news.example{path}", "tracker")
    assert (rule is None) is allowed
    assert rule is None or rule.startswith("Disallow: /")


def test_the_rule_that_is_named_is_one_for_us():
    text = "User-agent: other\nDisallow: /private/story\n\nUser-agent: *\nDisallow: /private\nDisallow: /elsewhere/long"
    known = robots.told("https://news.example", text.encode(), NOW)
    assert known.forbids("https://news.example/private/story", "tracker") == "Disallow: /private"
    assert known.forbids("https://news.example/private/story", "other") == "Disallow: /private/story"


def test_bytes_that_are_no_text_are_passed_over():
    known = robots.told("https://news.example", b"\xff\xfe\x00\nUser-agent: *\nDisallow: /a\n\xc3", NOW)
    assert known.forbids("https://news.example/a", "tracker")


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        ("", "tracker"),
        ("daily-desk/1.0 (+https://desk.example)", "daily-desk"),
        ("Mozilla/5.0 (compatible; DeskBot/2; +mailto:a@desk.example)", "DeskBot"),
        ("Mozilla/5.0 (X11; Linux)", "Mozilla"),
        ("2020 vision", "tracker"),
    ],
)
def test_the_name_that_robots_speak_of_is_the_one_that_we_give(agent, robot):
    assert options(user_agent=agent).robot == robot


def test_another_name_is_told_to_the_server_and_looked_for(server):
    says(server, "User-agent: daily-desk\nDisallow: /")
    with pytest.raises(Forbidden, match="to daily-desk"):
        fetch(server.url(), asking(user_agent="daily-desk/1.0"))
    assert server.log[0].headers["user-agent"] == "daily-desk/1.0"


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\nRequest-rate: 1/30s", 30.0),
        ("User-agent: *\nCrawl-delay: 5\nRequest-rate: 1/2m", 120.0),
        ("User-agent: other\nCrawl-delay: 10", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nCrawl-delay: 1e300", 7 * 86_400.0),
        ("", None),
    ],
)
def test_how_far_apart_requests_are_to_be(server, text, delay):
    says(server, text)
    with Fetcher(asking()) as fetcher:
        assert fetcher.crawl_delay(server.url()) is None
        fetcher.fetch(server.url())
        assert fetcher.crawl_delay(server.url("/other")) == delay


# --- servers that cannot say --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_robots_is_no_rule(server, status):
    says(server, "User-agent: *\nDisallow: /", status)
    assert fetch(server.url(), asking()).body == PAGE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_a_server_in_trouble_is_left_in_peace(server, status):
    says(server, "", status)
    kept: dict[str, Robots] = {}
    with Fetcher(asking(), kept) as fetcher:
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                fetcher.fetch(server.url())
    assert (caught.value.host, caught.value.until) == ("127.0.0.1", NOW + timedelta(hours=1))
    assert "cannot say what its robots.txt allows, so it is left in peace until 2015-05-31 16:13 UTC" in str(
        caught.value
    )
    assert paths(server) == ["/robots.txt"]
    assert kept[server.url("")].text is None


def test_a_server_in_trouble_says_how_long(server):
    says(server, "", 503, Retry_After="7200")
    with pytest.raises(Unavailable) as caught:
        fetch(server.url(), asking())
    assert caught.value.until == NOW + timedelta(hours=2)


def test_what_a_server_said_before_its_trouble_goes_on(server):
    said = Robots(server.url(""), "User-agent: *\nDisallow: /no", NOW - timedelta(days=2), NOW - timedelta(days=1))
    kept = {said.origin: said}
    says(server, "", 503)
    with Fetcher(asking(), kept) as fetcher:
        assert fetcher.fetch(server.url()).body == PAGE
        with pytest.raises(Forbidden):
            fetcher.fetch(server.url("/no"))
    assert kept[said.origin] == replace(said, until=NOW + timedelta(hours=1))


def test_a_host_that_is_down_is_down_and_not_forbidden():
    kept: dict[str, Robots] = {}
    with Fetcher(asking(), kept) as fetcher, pytest.raises(HostDown) as caught:
        fetcher.fetch("https://nowhere.invalid/story")
    assert caught.value.host == "nowhere.invalid"
    assert kept == {}


def test_a_robots_that_leads_to_a_host_that_is_down_shuts_its_own_host(server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.2:{silent.getsockname()[1]}/robots.txt"
        server.routes["/robots.txt"] = lambda handler: handler.answer(b"", 302, Location=away)
        with pytest.raises(HostDown, match=r"^127\.0\.0\.2: ") as caught:
            fetch(server.url(), asking())
    assert caught.value.host == "127.0.0.1"


def test_a_robots_that_breaks_off_fails_the_page(server):
    server.routes["/robots.txt"] = lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nUser"
    )
    with pytest.raises(FetchError, match="broke off"):
        fetch(server.url(), asking())
    says(server, "User-agent: *", Content_Encoding="gzip")
    with pytest.raises(
        FetchError, match=r"^the robots\.txt of 127\.0\.0\.1 cannot be read: .*damaged.*--ignore-robots$"
    ):
        fetch(server.url(), asking())
    assert "/" not in paths(server)


def test_redirects_of_robots(server):
    server.routes["/robots.txt"] = lambda handler: handler.answer(b"", 301, Location="/r1")
    for number in range(1, 6):
        server.routes[f"/r{number}"] = lambda handler, to=number + 1: handler.answer(b"", 302, Location=f"/r{to}")
    server.routes["/r5"] = lambda handler: handler.answer(b"User-agent: *\nDisallow: /", Content_Type="text/plain")
    with pytest.raises(Forbidden):
        fetch(server.url(), asking())
    server.routes["/r5"] = lambda handler: handler.answer(b"", 302, Location="/r6")
    assert fetch(server.url(), asking()).body == PAGE  # more than five: as if there were none
    server.routes["/r1"] = lambda handler: handler.answer(b"", 302, Location="/robots.txt")
    assert fetch(server.url(), asking()).body == PAGE


def test_robots_in_an_inner_network_are_not_asked(server, monkeypatch):
    real = guard.forbidden
    monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.1" else real(address))
    server.routes["/robots.txt"] = lambda handler: handler.answer(b"", 302, Location=server.url("/", host="[::1]"))
    with pytest.raises(Refused, match="an address of this machine"):
        fetch(server.url(), options())
    assert paths(server) == ["/robots.txt"]


def test_a_robots_without_end_is_cut(server):
    def endless(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /no\n")
        while not server.stop.is_set():
            handler.wfile.write(b"# more\n" * 9_000)

    server.routes["/robots.txt"] = endless
    kept: dict[str, Robots] = {}
    with Fetcher(asking(), kept) as fetcher:
        assert fetcher.fetch(server.url()).body == PAGE
        with pytest.raises(Forbidden):
            fetcher.fetch(server.url("/no"))
    assert len(kept[server.url("")].text or "") == 500 * 1024


def test_a_packed_robots_is_unpacked_and_cut(server):
    says(server, gzip.compress(b"User-agent: *\nDisallow: /no\n" + bytes(60_000_000), 1), Content_Encoding="gzip")
    with pytest.raises(Forbidden):
        fetch(server.url("/no"), asking())


def test_robots_of_thousands_of_lines_do_not_hold_us_up():
    lines = "".join(f"Disallow: /*{'a*' * 20}{n}\nUser-agent: robot{n}\n" for n in range(5_000))
    known = robots.told("https://news.example", f"User-agent: *\n{lines}Disallow: /\n".encode(), NOW)
    assert known.forbids(f"https://news.example/{'a' * 2000}", "robot4999") == "Disallow: /"


# --- the value ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://News.example/story?x#y", "https://news.example"),
        ("https://news.example:443/", "https://news.example"),
        ("http://news.example:443/", "http://news.example:443"),
        ("http://[::1]:8000/a", "http://[::1]:8000"),
    ],
)
def test_whose_robots_they_are(url, origin):
    assert origin_of(url) == origin


def test_a_day_and_no_longer():
    known = robots.told("https://news.example", b"", NOW)
    assert known.fresh(NOW)
    assert known.fresh(NOW + timedelta(hours=23, minutes=59))
    assert not known.fresh(NOW + timedelta(hours=24))
    assert not known.fresh(NOW - timedelta(seconds=1))  # the clock was put back


def test_what_is_known_is_used_in_another_process_and_renewed_in_time(server):
    says(server, "User-agent: *\nDisallow: /no")
    kept: dict[str, Robots] = {}
    moment = NOW
    with Fetcher(asking(now=lambda: moment), kept) as fetcher:
        fetcher.fetch(server.url())
    (origin,) = kept
    assert kept[origin] == Robots(server.url(""), "User-agent: *\nDisallow: /no", NOW, NOW + timedelta(hours=24))
    with Fetcher(asking(now=lambda: moment), kept) as fetcher:
        fetcher.fetch(server.url())
        moment += timedelta(hours=25)
        fetcher.fetch(server.url())
    assert paths(server).count("/robots.txt") == 2
    assert kept[origin].fetched_at == moment


# --- the command line ---------------------------------------------------------------------------------------


def test_snap_obeys_and_records_that_it_was_told_not_to(server, tmp_path):
    says(server, "User-agent: *\nDisallow: /private/")
    server.routes["/private/story"] = lambda handler: handler.answer(page(canonical=None))
    url = server.url("/private/story")
    refused(run(tmp_path, "snap", url, "--allow-private"), 5, "Disallow: /private/", "--ignore-robots")
    done = run(tmp_path, "snap", url, "--allow-private", "--ignore-robots", "--json")
    assert done.returncode == 0, done.stderr
    branch = json.loads(done.stdout)["branch"]
    store = tmp_path / "snapshots" / "articles.git"
    assert json.loads(git(store, "show", f"refs/raw/{branch}:capture.json"))["robots"] == "ignored"
    refused(run(tmp_path, "notices", url, "--allow-private"), 5, "robots.txt")


def test_snap_keeps_the_distance_that_robots_ask_for(server, tmp_path):
    says(server, "User-agent: *\nCrawl-delay: 0.6")
    asked: list[float] = []

    def route(handler: Handler) -> None:
        asked.append(time.monotonic())
        handler.answer(page(canonical=None))

    server.routes |= {"/a": route, "/b": route}
    done = run(tmp_path, "snap", server.url("/a"), server.url("/b"), "--allow-private")
    assert done.returncode == 0, done.stderr
    assert asked[1] - asked[0] >= 0.6
