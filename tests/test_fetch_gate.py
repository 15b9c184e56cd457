"""The gate through which a browser goes, asked by a client of ours in the place of the browser."""

import socket
import ssl
import time
from typing import Any

import pytest

from tests.http_support import PAGE, Handler, options, serving
from tests.tls_support import http_1, talking, trusted
from tracker.errors import FetchError, HostDown, Refused, TrackerError
from tracker.fetch import Ask, fetch, guard
from tracker.fetch.gate import Gate
from tracker.fetch.guard import Deadline

UNASKED = Ask(ignore_robots=True)


@pytest.fixture
def server():
    with serving() as served:
        yield served


@pytest.fixture
def secured(tmp_path, monkeypatch):
    return trusted(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def guarded(monkeypatch):
    """127.0.0.1 is public, nothing else of this machine is."""
    real = guard.forbidden
    monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.1" else real(address))


def gate(seconds: float = 10.0, **changes: Any) -> Gate:
    return Gate(options(**changes), Deadline.after(seconds))


def through(opened: Gate, url: str) -> bytes:
    """What comes through the gate, whatever the client itself thinks of the address."""
    return fetch(url, options(proxy=opened.server, allow_private=True), UNASKED).body


def test_pages_come_through_as_they_are(server):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/")
    server.routes["/chunks"] = lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-type: text/html\r\n\r\n" + PAGE
    )
    with gate() as opened:
        assert through(opened, server.url("/a")) == PAGE
        assert through(opened, server.url("/chunks")) == PAGE
    assert "proxy-connection" not in server.log[0].headers


def test_tls_comes_through_unread(secured):
    with talking(secured, http_1) as port, gate() as opened:
        assert through(opened, f"https://localhost:{port}/") == PAGE


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.2", "http://0x7f000002", "https://127.0.0.2", "https://[::1]", "https://169.254.169.254"],
)
def test_the_inner_network_is_shut(place):
    with serving(host="127.0.0.2") as inner, gate() as opened:
        with pytest.raises(FetchError):
            through(opened, f"{place}:{inner.port}/")
        assert [type(error) for error in opened.failed.values()] == [Refused]
        assert inner.log == []


def test_a_host_that_is_down_gives_no_page():
    """Nothing that the gate says of its own could be taken for the host's page."""
    with gate() as opened:
        with pytest.raises(FetchError, match="broke off"):
            through(opened, "http://nowhere.invalid/")
        assert isinstance(opened.failed["nowhere.invalid"], HostDown)


def test_what_is_cut_short_is_seen_to_be(server):
    server.routes["/chunks"] = lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n" + PAGE
    )
    server.routes["/length"] = lambda handler: handler.answer(PAGE, Content_Length="9999")
    with gate() as opened:
        for path in ("/chunks", "/length"):
            with pytest.raises(FetchError, match="broke off"):
                through(opened, server.url(path))


def test_no_more_than_the_limit_passes(server, secured):
    def flood(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stop.is_set():
            handler.wfile.write(b"x" * 65_536)

    def tls_flood(channel: ssl.SSLSocket) -> None:
        channel.recv(65_536)
        channel.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            channel.sendall(b"x" * 65_536)

    server.routes["/"] = flood
    with gate(max_bytes=1_000_000) as opened:
        with pytest.raises(FetchError):
            through(opened, server.url())
        assert opened.overspent
    with talking(secured, tls_flood) as port, gate(max_bytes=1_000_000) as opened:
        with pytest.raises(TrackerError):
            through(opened, f"https://localhost:{port}/")
        assert opened.overspent


def test_what_a_page_sends_is_not_taken_in_where_it_is_too_much(server):
    with gate(max_bytes=1_000_000) as opened:
        asked = f"POST {server.url()} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", int(opened.server.rpartition(":")[2])), 5) as client:
            client.sendall(asked.encode())
            assert client.recv(1) == b""
        assert opened.overspent
    assert server.log == []


def test_nothing_passes_after_the_deadline(server, secured):
    def silent(channel: ssl.SSLSocket) -> None:
        while channel.recv(65_536):
            """Take it all, and say nothing."""

    start = time.monotonic()
    with talking(secured, silent) as port, gate(0.5) as opened, pytest.raises(FetchError):
        through(opened, f"https://localhost:{port}/")
    with gate(0.0) as opened, pytest.raises(FetchError):
        through(opened, server.url())
    assert time.monotonic() - start < 30
    assert server.log == []


@pytest.mark.parametrize(
    "asked",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT here HTTP/1.1\r\n\r\n",
        b"GET file:///etc/passwd HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_question_for_a_proxy_gets_no_answer(asked):
    with gate() as opened, socket.create_connection(("127.0.0.1", int(opened.server.rpartition(":")[2])), 5) as client:
        client.sendall(asked)
        assert client.recv(1) == b""


def test_the_gate_goes_through_the_proxy_that_the_user_named(server, secured):
    with talking(secured, http_1) as port, gate() as outer, gate(proxy=outer.server) as opened:
        assert through(opened, server.url()) == PAGE
        assert through(opened, f"https://localhost:{port}/") == PAGE
        with pytest.raises(FetchError):
            through(opened, "https://127.0.0.2:1/")
        assert isinstance(opened.failed["127.0.0.2"], Refused)
        assert outer.failed == {}  # it was not even asked
        with pytest.raises(FetchError):
            through(opened, "https://nowhere.invalid/")
        assert isinstance(outer.failed["nowhere.invalid"], HostDown)
