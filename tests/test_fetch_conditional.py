"""Asking only for what has changed: what is sent, what a "not modified" is worth, how often a connection is made."""

import json
import socketserver
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest

from tests.http_support import NOW, PAGE, Handler, Served, options, serving
from tests.site import URL, capture, edited, hour, page
from tracker.errors import FetchError
from tracker.fetch import Ask, Fetcher
from tracker.fetch.politeness import retry_after, validators
from tracker.model import Capture, Check, Outcome, Validators
from tracker.pipeline import Terms, keep
from tracker.store import Kind, Store, open_store

OLD = "Sun, 31 May 2015 12:00:00 GMT"


@pytest.fixture
def server():
    with serving() as served:
        yield served


@pytest.fixture
def fetcher():
    with Fetcher(options(allow_private=True)) as made:
        yield made


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        yield store


def since(url: str, etag: str = '"7"', last_modified: str = "", revision: str = "r1") -> Validators:
    return Validators(url, etag, last_modified, revision)


def conditional(etag: str, body: bytes = PAGE, **headers: str) -> Callable[[Handler], None]:
    """A route that answers 304 to whoever names its ETag."""

    def route(handler: Handler) -> None:
        if handler.headers.get("if-none-match") == etag:
            handler.send_response(304)
            for name, value in ({"etag": etag} | headers).items():
                handler.send_header(name, value)
            handler.end_headers()
        else:
            handler.answer(body, ETag=etag)

    return route


# --- what is asked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ['"7"', 'W/"7"', '""', "bare"])
def test_an_unchanged_page_does_not_come(server, fetcher, etag):
    server.routes["/"] = conditional(etag)
    first = fetcher.fetch(server.url())
    given = validators(first, "r1")
    assert given == since(server.url(), etag)
    again = fetcher.fetch(server.url(), Ask(given))
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert again.unmodified_since == given
    assert first.unmodified_since is None


def test_both_validators_are_sent_as_they_came(server, fetcher):
    fetcher.fetch(server.url(), Ask(since(server.url(), 'W/"a,b"', OLD)))
    asked = server.log[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('W/"a,b"', OLD)
    fetcher.fetch(server.url(), Ask(since(server.url(), "", OLD)))
    assert "if-none-match" not in server.log[-1].headers


def test_only_the_address_that_gave_a_validator_gets_it(server, fetcher):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/b")
    server.routes["/b"] = conditional('"7"')
    again = fetcher.fetch(server.url("/a"), Ask(since(server.url("/b#part"))))
    assert (again.status, again.redirects) == (304, (server.url("/a"),))
    assert ["if-none-match" in request.headers for request in server.log] == [False, True]


def test_a_page_that_moved_is_asked_for_whole(server, fetcher):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/new")
    server.routes["/new"] = conditional('"7"')
    assert fetcher.fetch(server.url("/a"), Ask(since(server.url("/b")))).status == 200


def test_a_not_modified_that_was_not_asked_for_is_an_error(server, fetcher):
    server.routes["/"] = lambda handler: handler.answer(b"", 304, Content_Length="0")
    with pytest.raises(FetchError, match=r"answered 304 \(not modified\), though it was not asked since when$"):
        fetcher.fetch(server.url())
    with pytest.raises(FetchError, match="though it was not asked"):
        fetcher.fetch(server.url(), Ask(since(server.url("/elsewhere"))))


def test_an_endless_not_modified_ends(server, fetcher):
    """A 304 has no body, whatever its server goes on to say."""

    def route(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1000)

    server.routes["/"] = route
    again = fetcher.fetch(server.url(), Ask(since(server.url())))
    assert (again.status, again.body) == (304, b"")


# --- what the next look may ask with ------------------------------------------------------------------------


def came(*headers: tuple[str, str], at: datetime = NOW) -> Capture:
    return Capture(URL, URL, at, 200, headers, PAGE)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("etag", '"7"')], ('"7"', "")),
        ([("last-modified", OLD)], ("", OLD)),
        ([("etag", 'W/"7"'), ("last-modified", OLD)], ('W/"7"', OLD)),
        ([("etag", '"7"'), ("last-modified", "yesterday")], ('"7"', "")),
        ([("etag", '"7"'), ("last-modified", f"{OLD} (été)")], ('"7"', "")),  # it could not be sent back
        ([("etag", '"a b"')], None),  # cannot be sent back
        ([("etag", '"' + "x" * 600 + '"')], None),
        ([("last-modified", "Sun, 31 May 2015 15:13:00 GMT")], None),  # as it was sent: it may have changed once more
        ([("last-modified", OLD), ("date", "Sun, 31 May 2015 12:00:30 GMT")], None),  # by the server's own clock
        ([("last-modified", "Mon, 01 Jun 2099 00:00:00 GMT")], None),
        ([], None),
    ],
)
def test_what_is_worth_to_be_asked_with(headers, found):
    given = validators(came(*headers), "r1")
    assert given == (Validators(URL, found[0], found[1], "r1") if found else None)


def test_a_not_modified_keeps_its_validators_unless_it_contradicts_itself():
    asked = since(URL)
    answer = replace(came(), status=304, body=b"", unmodified_since=asked)
    assert validators(answer, "r1") == asked
    assert validators(replace(answer, headers=(("etag", 'W/"7"'),)), "r1") == asked
    assert validators(replace(answer, headers=(("etag", '"8"'),)), "r1") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", None),
        ("Sun, 31 May 2015 16:13:07 GMT", 3600),
        ("Sun, 31 May 2015 15:00:00 GMT", None),
        ("999999999", 7 * 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86_400),
        ("-5", None),
        ("soon", None),
        ("9" * 40, None),
        (None, None),
    ],
)
def test_when_a_server_wants_to_be_asked_again(header, seconds):
    now = NOW.replace(microsecond=0)
    assert retry_after(header, now) == (now + timedelta(seconds=seconds) if seconds else None)


# --- what keep makes of it ----------------------------------------------------------------------------------


def answered(check: Check, at: datetime, **headers: str) -> Capture:
    """The server says that nothing has changed since a check."""
    assert check.validators
    return Capture(URL, URL, at, 304, tuple(headers.items()), b"", unmodified_since=check.validators)


def tagged(at: datetime, body: bytes, etag: str) -> Capture:
    return replace(capture(at, body), headers=(("content-type", "text/html; charset=utf-8"), ("etag", etag)))


def tag(check: Check) -> str | None:
    """The ETag that the next look may ask with."""
    return check.validators.etag if check.validators else None


def text(check: Check) -> str | None:
    """The snapshot that the next look would ask about."""
    return check.validators.revision if check.validators else None


def kinds(store: Store) -> list[Kind]:
    return [entry.kind for entry in store.history(store.find(URL)).entries]


def test_not_modified_is_unchanged_without_a_page(store, monkeypatch):
    first = keep(store, tagged(hour(1), page(), '"1"'))
    assert first.snapshot is not None
    assert (tag(first), text(first)) == ('"1"', first.snapshot.revision)
    monkeypatch.setattr(import_module("tracker.pipeline.keep"), "read_capture", None)  # nothing is parsed
    monkeypatch.setattr(store, "document", None)  # and no text is read from git
    second = keep(store, answered(first, hour(2)))
    assert (second.outcome, second.article, second.validators) == (Outcome.UNCHANGED, first.article, first.validators)
    third = keep(store, tagged(hour(3), page(), '"2"'))  # the same bytes under another name
    assert (third.outcome, tag(third)) == (Outcome.UNCHANGED, '"2"')
    assert store.last_check(first.article) == hour(3)
    assert kinds(store) == [Kind.SNAPSHOT]


def test_the_next_change_was_seen_since_the_last_not_modified(store):
    first = keep(store, tagged(hour(1), page(), '"1"'))
    keep(store, answered(first, hour(2)))
    third = keep(store, tagged(hour(3), page(edited(0, "12", "21")), '"2"'))
    assert third.snapshot is not None
    assert third.snapshot.seen_since == hour(2)


def test_other_bytes_with_the_same_text_give_their_own_validators(store):
    first = keep(store, tagged(hour(1), page(), '"1"'))
    second = keep(store, tagged(hour(2), page(nonce=5), '"2"'))
    assert (second.outcome, tag(second)) == (Outcome.UNCHANGED, '"2"')
    assert text(second) == text(first)
    assert keep(store, answered(second, hour(3))).outcome is Outcome.UNCHANGED


def test_a_not_modified_brings_an_article_back(store):
    first = keep(store, tagged(hour(1), page(), '"1"'))
    assert keep(store, capture(hour(2), b"gone", status=410)).validators is None
    assert keep(store, answered(first, hour(3))).outcome is Outcome.UNCHANGED
    assert kinds(store) == [Kind.SNAPSHOT, Kind.GONE, Kind.BACK]
    assert keep(store, answered(first, hour(4))).outcome is Outcome.UNCHANGED
    assert kinds(store) == [Kind.SNAPSHOT, Kind.GONE, Kind.BACK]


def test_a_not_modified_about_an_older_text_says_nothing(store):
    """Somebody else stored a change meanwhile, and the outlet took it back: only the page itself can tell."""
    first = keep(store, tagged(hour(1), page(), '"1"'))
    keep(store, tagged(hour(2), page(edited(0, "12", "21")), '"2"'))
    check = keep(store, answered(first, hour(3)))
    assert (check.outcome, check.validators) == (Outcome.FAILED, None)
    assert "not the newest" in (check.error or "")
    assert store.last_check(first.article) == hour(2)
    assert keep(store, tagged(hour(4), page(), '"1"')).outcome is Outcome.CHANGED


def test_a_not_modified_about_nothing_we_know_makes_no_article(store):
    check = keep(store, Capture(URL, URL, hour(1), 304, (), b"", unmodified_since=since(URL)))
    assert (check.outcome, check.article) == (Outcome.FAILED, None)
    assert store.articles() == []


def test_a_lying_server_is_found_out_by_the_next_whole_look(store):
    first = keep(store, tagged(hour(1), page(), '"1"'))
    keep(store, answered(first, hour(2)))  # it had changed by then
    check = keep(store, tagged(hour(3), page(edited(0, "12", "21")), '"1"'))
    assert check.outcome is Outcome.CHANGED


def test_what_a_person_dates_or_accepts_gives_nothing_to_ask_with(store):
    assert keep(store, tagged(hour(1), page(), '"1"'), Terms(dated=True)).validators is None


@pytest.mark.parametrize(("status", "outcome"), [(429, Outcome.BLOCKED), (503, Outcome.FAILED)])
def test_a_server_that_asks_for_time_gets_it(store, status, outcome):
    keep(store, capture(hour(1), page()))
    busy = replace(capture(hour(2), b"busy", status=status), headers=(("retry-after", "600"),))
    check = keep(store, busy)
    assert (check.outcome, check.retry_after) == (outcome, hour(2) + timedelta(minutes=10))
    assert keep(store, replace(busy, headers=())).retry_after is None
    assert keep(store, capture(hour(4), page())).retry_after is None


def test_retry_after_passes_from_the_server_to_the_check(server, fetcher, store):
    server.routes["/"] = lambda handler: handler.answer(b"busy", 503, Retry_After="600")
    check = keep(store, fetcher.fetch(server.url()))
    assert check.retry_after == NOW + timedelta(minutes=10)


def test_that_robots_were_ignored_is_in_the_snapshot_and_comes_back(store):
    check = keep(store, replace(capture(hour(1), page()), robots_ignored=True))
    branch = check.article
    entry = store.history(branch).snapshots[0]
    assert store.raw(branch, entry).robots_ignored
    facts = json.loads(store._reader.blob(f"refs/raw/{branch}:capture.json"))
    assert facts["robots"] == "ignored"
    keep(store, capture(hour(2), page(edited(0, "12", "21"))))
    assert "robots" not in json.loads(store._reader.blob(f"refs/raw/{branch}:capture.json"))


# --- connections --------------------------------------------------------------------------------------------


class Counting(socketserver.StreamRequestHandler):
    """HTTP/1.1 that counts its connections; `patience` requests on one, then it hangs up without a word."""

    connections = 0
    patience = 1_000_000
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%b" % (len(PAGE), PAGE)

    def handle(self) -> None:
        type(self).connections += 1
        for _ in range(self.patience):
            if not self.rfile.readline():
                return
            while self.rfile.readline().strip():
                pass
            self.wfile.write(self.answer)


@pytest.fixture
def counting():
    kind = type("CountingHere", (Counting,), {})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield kind, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join(5)


def test_many_pages_of_a_host_come_over_one_connection(counting, fetcher):
    kind, url = counting
    for number in range(5):
        assert fetcher.fetch(f"{url}{number}").body == PAGE
    assert kind.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_made_again(counting, fetcher):
    kind, url = counting
    kind.patience = 2
    for number in range(6):
        assert fetcher.fetch(f"{url}{number}").body == PAGE
    assert kind.connections == 4  # robots.txt is the seventh request


def test_a_server_that_always_hangs_up_is_asked_once_more_and_no_further(counting, fetcher):
    kind, url = counting
    kind.patience = 2
    fetcher.fetch(url)
    kind.patience = 0
    with pytest.raises(FetchError, match="broke off"):
        fetcher.fetch(url)
    assert kind.connections == 2


def test_the_guard_is_asked_at_each_new_connection(counting, monkeypatch):
    kind, url = counting
    kind.patience = 2
    checked: list[str] = []
    with Fetcher(options()) as fetcher:
        monkeypatch.setattr("tracker.fetch.guard.forbidden", checked.append)
        for number in range(6):
            fetcher.fetch(f"{url}{number}")
    assert len(checked) == kind.connections > 1


def test_no_cookie_passes_from_one_page_to_the_next(server, fetcher):
    server.routes["/a"] = lambda handler: handler.answer(Set_Cookie="seen=1; Path=/")
    server.routes["/b"] = Handler.answer
    fetcher.fetch(server.url("/a"))
    fetcher.fetch(server.url("/b"))
    assert "cookie" not in server.log[-1].headers


def test_each_fetch_has_a_deadline_of_its_own(server: Served, monkeypatch):
    moment = 0.0
    monkeypatch.setattr("tracker.fetch.guard.time", SimpleNamespace(monotonic=lambda: moment))
    with Fetcher(options(allow_private=True)) as fetcher:
        fetcher.fetch(server.url())
        moment = 60.0
        assert fetcher.fetch(server.url()).status == 200
