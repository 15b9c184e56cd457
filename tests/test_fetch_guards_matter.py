"""Each guard is what holds its attack off: with it nothing gets through, and when it is taken away the attack does.

An attack is a function that says whether it got through; beside it stands what takes its guard away. A guard that
could be removed without anybody noticing would be no guard, and a test that passes without it no test.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import pytest

from tests.http_support import NOW, PAGE, Handler, Served, options, serving
from tests.test_fetch_browser import needs_browser
from tests.tls_support import http_1, self_signed, talking
from tracker.errors import TrackerError
from tracker.fetch import Ask, Fetcher, browser, connections, fetch, guard, http, inflate, robots, secrets
from tracker.fetch.guard import Deadline, GuardedBackend, forbidden
from tracker.fetch.secrets import Secrets, read_secrets

Remove = Callable[[pytest.MonkeyPatch], None]
BOMB = gzip.compress(b" " * 20_000_000, 1)


class Scene:
    """A public host and an inner one, and whatever an attack needs."""

    def __init__(self, outer: Served, inner: Served, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.outer, self.inner, self.folder, self.patch = outer, inner, folder, patch

    def comes(self, url: str, ask: Ask | None = None, **changes: Any) -> bytes | None:
        """The body that comes, None where the fetch ends with an error of ours."""
        try:
            return fetch(url, options(**changes), ask or Ask(ignore_robots=True)).body
        except TrackerError:
            return None

    def named(self, *addresses: str) -> None:
        """Every look-up of a name gives the next of these, the last for ever."""
        left = list(addresses)

        def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
            found = left.pop(0) if len(left) > 1 else left[0]
            found = host if host[0].isdigit() else found
            family = socket.AF_INET6 if ":" in found else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (found, port))]

        self.patch.setattr(socket, "getaddrinfo", look_up)

    def tried(self, address: str) -> bool:
        """Whether a connection to an address is tried; none is made."""
        tried: list[str] = []

        def connect(_self: object, host: str, *_: object, **__: object) -> httpcore2.NetworkStream:
            tried.append(host)
            raise httpcore2.ConnectError("not in a test")

        self.patch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
        self.named(address)
        self.comes("http://attack.example/")
        return tried == [address]


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """127.0.0.1 is public, 127.0.0.2 is not."""
    real = forbidden
    monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.1" else real(address))
    with serving() as outer, serving({"/": Handler.answer}, host="127.0.0.2") as inner:
        yield Scene(outer, inner, tmp_path, monkeypatch)


# --- the attacks --------------------------------------------------------------------------------------------


def asks_the_inner_network(scene: Scene) -> bool:
    return scene.comes(scene.inner.url("/", host="127.0.0.2")) == PAGE


def asks_it_in_another_spelling(scene: Scene) -> bool:
    return scene.comes(scene.inner.url("/", host="0x7f000002")) == PAGE


def asks_what_is_not_private_and_not_public_either(scene: Scene) -> bool:
    return scene.tried("192.88.99.1")


def hides_an_inner_address_in_an_outer_one(scene: Scene) -> bool:
    return scene.tried("2002:7f00:2::1")


def redirects_inside(scene: Scene) -> bool:
    scene.outer.routes["/"] = lambda handler: handler.answer(b"", 302, Location=scene.inner.url("/", host="127.0.0.2"))
    return scene.comes(scene.outer.url()) == PAGE


def renames_itself_after_the_check(scene: Scene) -> bool:
    scene.named("127.0.0.1", "127.0.0.2")
    return scene.comes(scene.inner.url("/", host="rebinding.example")) == PAGE


def names_two_hosts_at_once(scene: Scene) -> bool:
    return scene.comes(f"http://news.example\\@127.0.0.1:{scene.outer.port}/") == PAGE


def sends_a_bomb(scene: Scene) -> bool:
    scene.outer.routes["/"] = lambda handler: handler.answer(gzip.compress(PAGE) + BOMB, Content_Encoding="gzip")
    return len(scene.comes(scene.outer.url(), max_bytes=100_000) or b"") > 10_000_000


def sends_a_bomb_packed_twice(scene: Scene) -> bool:
    packed = gzip.compress(gzip.compress(PAGE) + BOMB)
    scene.outer.routes["/"] = lambda handler: handler.answer(packed, Content_Encoding="gzip, gzip")
    return (scene.comes(scene.outer.url()) or b"").startswith(PAGE)


def cuts_a_packed_page_short(scene: Scene) -> bool:
    cut = gzip.compress(PAGE + b"<p>The ferry ran late.</p>" * 50)[:-6]
    scene.outer.routes["/"] = lambda handler: handler.answer(cut, Content_Encoding="gzip")
    return (scene.comes(scene.outer.url()) or b"").startswith(PAGE)


def drips(scene: Scene) -> bool:
    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (len(PAGE) + 30))
        for byte in (PAGE, *[b"x"] * 30):
            handler.wfile.write(byte)
            scene.outer.stop.wait(0.05)

    scene.outer.routes["/"] = drip
    return scene.comes(scene.outer.url(), deadline=0.4) is not None


def redirects_on_and_on(scene: Scene) -> bool:
    def further(handler: Handler) -> None:
        number = int(handler.path.partition("?")[2])
        if number < 30:
            handler.answer(b"", 302, Location=f"/?{number + 1}")
        else:
            handler.answer()

    scene.outer.routes["/"] = further
    return scene.comes(scene.outer.url("/?0")) == PAGE


def sends_our_secrets_elsewhere(scene: Scene) -> bool:
    with serving() as other:
        scene.outer.routes["/"] = lambda handler: handler.answer(b"", 302, Location=other.url("/"))
        pairs = {scene.outer.url(""): (("X-Api-Key", "s3cret"),)}
        scene.comes(scene.outer.url(), secrets=Secrets(headers=pairs))
        return any("s3cret" in request.headers.values() for request in other.log)


def reads_secrets_that_others_can_read(scene: Scene) -> bool:
    file = scene.folder / "secrets.toml"
    file.write_text('["daily.example"]\nheaders = { X = "s3cret" }\n')
    file.chmod(0o644)
    with contextlib.suppress(TrackerError):
        return bool(read_secrets(file, scene.folder / "snapshots").headers)
    return False


def shows_a_certificate_of_its_own_making(scene: Scene) -> bool:
    with talking(self_signed(scene.folder)[0], http_1) as port:
        scene.named("127.0.0.1")
        return scene.comes(f"https://localhost:{port}/") == PAGE


def says_not_modified_unasked(scene: Scene) -> bool:
    scene.outer.routes["/"] = lambda handler: handler.answer(b"", 304, Content_Length="0")
    return scene.comes(scene.outer.url()) == b""


def is_asked_against_its_robots(scene: Scene) -> bool:
    rules = b"User-agent: *\nDisallow: /"
    scene.outer.routes["/robots.txt"] = lambda handler: handler.answer(rules, Content_Type="text/plain")
    return scene.comes(scene.outer.url(), Ask()) == PAGE


def floods_us_with_robots(scene: Scene) -> bool:
    rules = b"User-agent: *\n" + b"# more\n" * 200_000
    scene.outer.routes["/robots.txt"] = lambda handler: handler.answer(rules, Content_Type="text/plain")
    with Fetcher(options()) as fetcher:
        fetcher.fetch(scene.outer.url())
        return any(len(known.text or "") > 1_000_000 for known in fetcher.robots.values())


# --- and what takes the guards away -------------------------------------------------------------------------


def setting(target: object, name: str, value: object) -> Remove:
    return lambda patch: patch.setattr(target, name, value)


def checking_the_first_host_alone(patch: pytest.MonkeyPatch) -> None:
    real = guard.check
    seen: list[str] = []

    def check(host: str, addresses: Any) -> None:
        if not seen:
            real(host, addresses)
        seen.append(host)

    patch.setattr(guard, "check", check)


def connecting_by_name(patch: pytest.MonkeyPatch) -> None:
    def connect(_: GuardedBackend, host: str, port: int, *__: object, **___: object) -> httpcore2.NetworkStream:
        guard.check(host, guard.resolve(host, port, 5))
        return httpcore2.SyncBackend().connect_tcp(host, port, 5)

    patch.setattr(GuardedBackend, "connect_tcp", connect)


def unpacking_all(patch: pytest.MonkeyPatch) -> None:
    def all_of_it(chunks: Iterator[bytes], encodings: str | None, limit: int) -> bytes:
        body = b"".join(chunks)
        for name in reversed((encodings or "").split(",")):
            body = inflate.inflate([body], name, limit)
        return body

    patch.setattr(http, "inflate", all_of_it)


def unpacking_without_a_limit(patch: pytest.MonkeyPatch) -> None:
    real = inflate.inflate
    patch.setattr(http, "inflate", lambda chunks, encodings, _limit, **more: real(chunks, encodings, 10**12, **more))


def trusting_every_certificate(patch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    patch.setattr(connections, "tls", lambda: context)


def telling_everybody(patch: pytest.MonkeyPatch) -> None:
    told = staticmethod(lambda _url, _source: ((("X-Api-Key", "s3cret"),), ()))
    patch.setattr(Secrets, "told", told)


ATTACKS: list[tuple[Callable[[Scene], bool], Remove]] = [
    (asks_the_inner_network, setting(guard, "check", lambda *_: None)),
    (asks_it_in_another_spelling, setting(guard, "check", lambda *_: None)),
    (asks_what_is_not_private_and_not_public_either, setting(guard, "_NAMED", ())),
    (hides_an_inner_address_in_an_outer_one, setting(guard, "_inside", lambda _: ())),
    (redirects_inside, checking_the_first_host_alone),
    (renames_itself_after_the_check, connecting_by_name),
    (names_two_hosts_at_once, setting(http, "checked", httpx2.URL)),
    (sends_a_bomb, unpacking_without_a_limit),
    (sends_a_bomb_packed_twice, unpacking_all),
    (cuts_a_packed_page_short, setting(inflate._Zlib, "finished", lambda _: True)),
    (drips, setting(Deadline, "at_most", lambda _, seconds: seconds)),
    (redirects_on_and_on, setting(http, "_REDIRECTS", 1000)),
    (sends_our_secrets_elsewhere, telling_everybody),
    (reads_secrets_that_others_can_read, setting(secrets, "_private", lambda *_: None)),
    (shows_a_certificate_of_its_own_making, trusting_every_certificate),
    (says_not_modified_unasked, setting(http, "_NOT_MODIFIED", 0)),
    (is_asked_against_its_robots, setting(http.Web, "obey", lambda *_: None)),
    (floods_us_with_robots, setting(robots, "MAX_BYTES", 10**9)),
]


@pytest.mark.parametrize(("attack", "remove"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_the_guard_holds_and_nothing_else_does(scene, attack, remove):
    assert attack(scene) is False
    remove(scene.patch)
    assert attack(scene) is True


@needs_browser
def test_a_browser_without_the_gate_goes_inside(scene):
    target = scene.inner.url("/", host="127.0.0.2")
    page = f"<html><h1>Late</h1><script>fetch('{target}', {{mode: 'no-cors'}})</script></html>".encode()
    scene.outer.routes["/"] = lambda handler: handler.answer(page)
    ask = Ask(browser=True, ignore_robots=True)
    assert fetch(scene.outer.url(), options(deadline=60.0), ask).captured_at == NOW
    assert scene.inner.log == []

    async def without_the_gate(_: object, play: Any, program: str) -> Any:
        return await play.chromium.launch(executable_path=program)

    scene.patch.setattr(browser._Visit, "_start", without_the_gate)
    fetch(scene.outer.url(), replace(options(), deadline=60.0), ask)
    assert [request.path for request in scene.inner.log] == ["/"]
