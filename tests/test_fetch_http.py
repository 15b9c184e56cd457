"""Pages from servers that are slow, broken, lying or hostile: one clear line each, and nothing without a limit."""

import functools
import gzip
import socket
import ssl
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import h2.config
import h2.connection
import h2.events
import pytest

from tests.http_support import NOW, PAGE, Handler, Route, Served, options, serving
from tests.tls_support import http_1, talking, trusted
from tracker.errors import FetchError, NotHtml, TrackerError
from tracker.fetch import Ask, Fetcher, fetch
from tracker.fetch.inflate import inflate
from tracker.model import Capture, Source
from tracker.text.decode import decode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.fixture
def server():
    with serving() as served:
        yield served


def get(server: Served, path: str = "/", **changes: Any) -> Capture:
    return fetch(server.url(path), options(allow_private=True, **changes))


def failure(server: Served, path: str = "/", kind: type[TrackerError] = FetchError, **changes: Any) -> str:
    with pytest.raises(TrackerError) as caught:
        get(server, path, **changes)
    assert isinstance(caught.value, kind)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_page_is_kept_as_it_came(server):
    server.routes["/story"] = lambda handler: handler.answer(
        ETag='"7"', Set_Cookie="session=secret", Server="nonsense/1", X_Robots_Tag="noarchive", Content_Language="en"
    )
    capture = get(server, "/story?id=1#part")
    assert capture.body == PAGE
    assert (capture.url, capture.final_url) == (server.url("/story?id=1#part"),) * 2
    assert (capture.status, capture.source, capture.captured_at, capture.redirects) == (200, Source.WEB, NOW, ())
    assert capture.header("etag") == '"7"'
    assert capture.header("x-robots-tag") == "noarchive"
    assert capture.header("content-type") == "text/html"
    assert {"set-cookie", "server"}.isdisjoint(name for name, _ in capture.headers)
    assert server.log[0].path == "/story?id=1"
    assert server.log[0].headers["user-agent"].startswith("tracker/")
    assert "cookie" not in server.log[0].headers


def test_the_user_agent_can_be_set(server):
    get(server, user_agent="newsroom/1")
    assert server.log[0].headers["user-agent"] == "newsroom/1"


@pytest.mark.parametrize("status", [404, 410, 451, 500, 503])
def test_an_error_page_is_a_capture(server, status):
    server.routes["/"] = lambda handler: handler.answer(b'{"error": "gone"}', status, Content_Type="application/json")
    assert get(server).status == status


# --- redirects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_kept(server, status):
    server.routes["/a"] = lambda handler: handler.answer(b"", status, Location="/b?x=1#f")
    server.routes["/b"] = lambda handler: handler.answer(b"", status, Location=server.url("/"))
    capture = get(server, "/a")
    assert capture.redirects == (server.url("/a"), server.url("/b?x=1"))
    assert (capture.url, capture.final_url) == (server.url("/a"), server.url("/"))


def test_a_redirect_loop_names_its_addresses(server):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/b")
    server.routes["/b"] = lambda handler: handler.answer(b"", 302, Location="/a")
    assert failure(server, "/a") == f"redirect loop: {server.url('/a')} -> {server.url('/b')} -> {server.url('/a')}"
    assert len(server.log) == 2


def test_redirects_without_end(server):
    def further(handler):
        handler.answer(b"", 302, Location=f"/n?{int(handler.path.partition('?')[2] or 0) + 1}")

    server.routes["/n"] = further
    assert failure(server, "/n").startswith("more than 10 redirects: ")
    assert len(server.log) == 11


def test_a_page_that_wants_its_cookie_back(server):
    def wall(handler):
        if handler.headers.get("cookie") == "seen=1":
            handler.answer()
        else:
            handler.answer(b"", 302, Location="/", Set_Cookie="seen=1; Path=/")

    server.routes["/"] = wall
    assert get(server).body == PAGE
    get(server)
    assert [request.headers.get("cookie") for request in server.log] == [
        None,
        "seen=1",
    ] * 2  # never from one fetch to the next


def test_cookies_of_one_name_with_and_without_a_value(server):
    def confused(handler):
        handler.send_response(302)
        for header in (("location", "/b"), ("set-cookie", "seen; Path=/"), ("set-cookie", "seen=1; Path=/b")):
            handler.send_header(*header)
        handler.send_header("content-length", "0")
        handler.end_headers()

    server.routes |= {"/a": confused, "/b": Handler.answer}
    assert get(server, "/a").final_url == server.url("/b")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:PORT\\@example.org/",
        "file:///etc/passwd",
        "http://u:p@127.0.0.1:PORT/",
        "http://[",
        "javascript:1",
    ],
)
def test_redirects_to_what_is_not_asked(server, target):
    server.routes["/"] = lambda handler: handler.answer(b"", 302, Location=target.replace("PORT", str(server.port)))
    with pytest.raises(FetchError):
        get(server)
    assert len(server.log) == 1


def test_long_words_of_a_server_are_cut_short(server):
    long = "x" * 20_000
    server.routes["/"] = lambda handler: handler.answer(b"", 302, Location=f"/?{long}")
    assert len(failure(server, f"/?{long}")) < 1000
    server.routes["/"] = lambda handler: handler.answer(b"", 302, Location=f"http://[{long}")
    assert len(failure(server)) < 1000


def test_the_body_of_a_redirect_is_not_read(server):
    bomb = gzip.compress(bytes(60_000_000), 1)
    server.routes["/a"] = lambda handler: handler.answer(bomb, 302, Location="/", Content_Encoding="gzip")
    assert get(server, "/a", max_bytes=100_000).body == PAGE


def test_headers_of_ones_own_never_cross_hosts(server):
    with serving() as other:
        server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/b")
        server.routes["/b"] = lambda handler: handler.answer(b"", 302, Location=other.url("/"))
        get(server, "/a", headers=(("X-Api-Key", "secret"), ("Authorization", "Bearer secret")))
        assert [request.headers.get("x-api-key") for request in server.log] == ["secret", "secret"]
        assert "secret" not in str(other.log)
        assert len(other.log) == 1


# --- limits -------------------------------------------------------------------------------------------------


def test_an_unknown_name():
    with pytest.raises(FetchError, match=r"^nowhere\.invalid does not resolve: check the spelling and the network$"):
        fetch("https://nowhere.invalid/story", options())


def test_nobody_listens():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and held, so that nobody else begins to listen there
        port = silent.getsockname()[1]
        with pytest.raises(FetchError, match=rf"^127\.0\.0\.1: connection refused on port {port}$"):
            fetch(f"http://127.0.0.1:{port}/", options(allow_private=True))


def test_a_server_that_says_nothing(server):
    server.routes["/"] = lambda _: server.stop.wait(60)
    start = time.monotonic()
    assert failure(server, timeout=1.0) == "127.0.0.1 timed out: silent for 1 s"
    assert time.monotonic() - start < 30


def drip(server: Served, head: bytes) -> Route:
    def route(handler: Handler) -> None:
        handler.wfile.write(head)
        while not server.stop.wait(0.05):
            handler.wfile.write(b"x")

    return route


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx-endless: "]
)
def test_a_slow_drip_ends_at_the_deadline(server, head):
    server.routes["/"] = drip(server, head)
    start = time.monotonic()
    assert failure(server, deadline=1.0) == "127.0.0.1 timed out: not done after 1 s"
    assert time.monotonic() - start < 30


def test_an_endless_page_is_cut_at_the_limit(server):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>")
        while not server.stop.is_set():
            handler.wfile.write(b"x" * 65_536)

    server.routes["/"] = endless
    assert failure(server, max_bytes=1_000_000) == "the page is larger than 1,000,000 bytes, too large for an article"


def test_a_body_shorter_than_announced(server):
    server.routes["/"] = lambda handler: handler.answer(PAGE, Content_Length=str(len(PAGE) + 100))
    assert "broke off" in failure(server)


def test_what_is_no_http(server):
    server.routes["/"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    assert "does not speak HTTP" in failure(server)


def test_garbage_instead_of_tls(server):
    with pytest.raises(FetchError, match=r"^127\.0\.0\.1: "):
        fetch(server.url().replace("http:", "https:"), options(allow_private=True))


# --- compression --------------------------------------------------------------------------------------------


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "gzip, identity": gzip.compress,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_packed_pages(server, encoding):
    page = PAGE + b"<p>" + bytes(range(65, 91)) * 20_000
    server.routes["/"] = lambda handler: handler.answer(PACKED[encoding](page), Content_Encoding=encoding)
    capture = get(server)
    assert capture.body == page
    assert capture.header("content-encoding") == encoding
    assert server.log[0].headers["accept-encoding"] == "gzip, deflate, br, zstd"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_cut_at_the_limit(server, encoding):
    bomb = brotli.compress(bytes(60_000_000), quality=1) if encoding == "br" else PACKED[encoding](bytes(60_000_000))
    assert len(bomb) < 100_000
    server.routes["/"] = lambda handler: handler.answer(bomb, Content_Encoding=encoding)
    tracemalloc.start()
    assert "too large for an article" in failure(server, max_bytes=2_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_however_the_bytes_arrive(encoding, size):
    body = b"The ferry ran late. " * 20_000
    packed = PACKED[encoding](body)
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert inflate(chunks, encoding, 1_000_000) == body
    with pytest.raises(FetchError, match="broke off before its end"):
        inflate([packed[:-9]], encoding, 1_000_000)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_packed_in_several_parts(encoding):
    packed = PACKED[encoding](b"one ") + PACKED[encoding](b"two")
    assert inflate([packed], encoding, 100) == b"one two"
    assert inflate([packed[at : at + 1] for at in range(len(packed))], encoding, 100) == b"one two"


def test_zeros_behind_a_packed_page_are_padding():
    assert inflate([gzip.compress(b"one") + bytes(512)], "gzip", 1000) == b"one"


def test_nothing_at_all_needs_no_packing():
    assert inflate([], "gzip", 100) == b""


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("gzip, gzip", r"compressed 2 times over \(gzip, gzip\)"),
        ("br, gzip", "compressed 2 times over"),
        ("compress", r"not asked for \(compress\)"),
        ("gzip", "not gzip as its server says"),
        ("deflate", "not deflate as its server says"),
        ("br", "not br as its server says"),
        ("zstd", "not zstd as its server says"),
    ],
)
def test_packing_that_is_not_read(server, encoding, message):
    body = gzip.compress(gzip.compress(PAGE)) if "," in encoding else b"<html>not packed at all"
    server.routes["/"] = lambda handler: handler.answer(body, Content_Encoding=encoding)
    with pytest.raises(FetchError, match=message):
        get(server)


# --- what is no page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"%PDF-1.7 ...", "text/html", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "an image (PNG)"),
        (b'{"a": 1}', "application/json", "application/json as its server calls it"),
        (b"<rss></rss>", "application/rss+xml", "application/rss+xml as its server calls it"),
        (b"MZ" + bytes(500), "text/html", "binary data"),
        (b"only words", "text/html", "text without a single tag"),
    ],
)
def test_what_is_no_page(server, body, kind, words):
    server.routes["/"] = lambda handler: handler.answer(body, Content_Type=kind)
    assert failure(server, kind=NotHtml) == f"{server.url()} is not an HTML page but {words}"


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "application/xhtml+xml; charset=utf-8", ""])
def test_html_under_another_name(server, kind):
    server.routes["/"] = lambda handler: handler.answer(Content_Type=kind)
    assert get(server).body == PAGE


def test_a_wrong_charset_label_does_not_spoil_the_text(server):
    page = "<p>“It’s naïve,” she said.</p>"
    server.routes["/"] = lambda handler: handler.answer(page.encode("cp1252"), Content_Type="text/html; charset=utf-8")
    capture = get(server)
    assert decode(capture.body, capture.header("content-type")).text == page


# --- TLS ----------------------------------------------------------------------------------------------------


@pytest.fixture
def secured(tmp_path, monkeypatch):
    return trusted(tmp_path, monkeypatch)


def http_2(channel: ssl.SSLSocket, status: str = "200") -> None:
    settings = h2.config.H2Configuration(client_side=False, validate_outbound_headers=False)
    state = h2.connection.H2Connection(settings)
    state.initiate_connection()
    channel.sendall(state.data_to_send())
    while data := channel.recv(65_536):
        for event in state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                state.send_headers(event.stream_id, [(":status", status), ("content-type", "text/html")])
                state.send_data(event.stream_id, PAGE, end_stream=True)
        channel.sendall(state.data_to_send())


def test_the_name_of_the_page_is_the_name_in_tls(secured):
    named = []
    secured.sni_callback = lambda _socket, name, _context: named.append(name)
    with talking(secured, http_1) as port:
        assert fetch(f"https://localhost:{port}/", options(allow_private=True)).body == PAGE
    assert set(named) == {"localhost"}


def test_a_certificate_of_another_name_is_not_accepted(secured):
    with talking(secured, http_1) as port, pytest.raises(FetchError, match=r"^127\.0\.0\.1: .*certificate"):
        fetch(f"https://127.0.0.1:{port}/", options(allow_private=True))


def test_http_2_is_spoken(secured):
    secured.set_alpn_protocols(["h2"])
    with talking(secured, http_2) as port:
        assert fetch(f"https://localhost:{port}/", options(allow_private=True)).body == PAGE


@pytest.mark.parametrize("status", ["ok", "", "2e2"])
def test_a_status_that_is_no_number_is_no_answer(secured, status):
    secured.set_alpn_protocols(["h2"])
    said = pytest.raises(FetchError, match=r"^localhost broke off or does not speak HTTP: no status")
    with talking(secured, functools.partial(http_2, status=status)) as port, said:
        fetch(f"https://localhost:{port}/", options(allow_private=True), Ask(ignore_robots=True))


def test_a_server_that_refuses_one_question_of_a_connection_is_asked_twice_at_most(secured):
    asked: list[int] = []

    def refusing(channel: ssl.SSLSocket) -> None:
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        state.initiate_connection()
        channel.sendall(state.data_to_send())
        while data := channel.recv(65_536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    asked.append(event.stream_id)
                    if len(asked) <= 2:  # robots.txt and the first page
                        state.send_headers(event.stream_id, [(":status", "200"), ("content-type", "text/html")])
                        state.send_data(event.stream_id, PAGE, end_stream=True)
                    else:
                        state.reset_stream(event.stream_id)
            channel.sendall(state.data_to_send())

    secured.set_alpn_protocols(["h2"])
    with talking(secured, refusing) as port, Fetcher(options(allow_private=True)) as fetcher:
        fetcher.fetch(f"https://localhost:{port}/")
        with pytest.raises(FetchError, match="broke off"):
            fetcher.fetch(f"https://localhost:{port}/second")
    assert len(asked) == 4


def test_a_silent_handshake_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never answers
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(FetchError, match="timed out: not done after 1 s"):
            fetch(address, options(allow_private=True, deadline=1.0))
