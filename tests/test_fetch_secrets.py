"""Pages behind a login: the secrets reach their own host and nothing else; and proxies, which see what we ask."""

import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from tests.cli_support import refused, run
from tests.http_support import PAGE, Handler, Served, options, serving
from tests.site import page
from tests.store_support import git
from tracker.errors import ConfigError, FetchError, HostDown, Refused
from tracker.fetch import fetch
from tracker.fetch.secrets import Secrets, read_secrets

KEY, COOKIE = "k3y-of-ours", "s3ssion-of-ours"


def secret_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "secrets.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


def secrets_of(tmp_path: Path, *origins: str) -> Secrets:
    tables = "".join(
        f'["{origin}"]\nheaders = {{ X-Api-Key = "{KEY}" }}\ncookies = {{ session = "{COOKIE}" }}\n'
        for origin in origins
    )
    return read_secrets(secret_file(tmp_path, tables), tmp_path / "snapshots")


def told(served: Served) -> list[tuple[str | None, str | None]]:
    return [(request.headers.get("x-api-key"), request.headers.get("cookie")) for request in served.log]


@pytest.fixture
def server():
    with serving() as served:
        yield served


# --- where they go ------------------------------------------------------------------------------------------


def test_secrets_reach_their_host(server, tmp_path):
    fetch(server.url(), options(allow_private=True, secrets=secrets_of(tmp_path, server.url(""))))
    assert told(server) == [(KEY, f"session={COOKIE}")]


def test_secrets_stay_with_a_redirect_on_their_host_and_go_beside_its_cookies(server, tmp_path):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/", Set_Cookie="seen=1; Path=/")
    fetch(server.url("/a"), options(allow_private=True, secrets=secrets_of(tmp_path, server.url(""))))
    assert told(server) == [(KEY, f"session={COOKIE}"), (KEY, f"seen=1; session={COOKIE}")]


def test_secrets_never_leave_their_host(server, tmp_path):
    with serving() as other:
        server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location=other.url("/"))
        fetch(server.url("/a"), options(allow_private=True, secrets=secrets_of(tmp_path, server.url(""))))
        assert told(other) == [(None, None)]


def test_a_page_elsewhere_cannot_use_our_secrets(server, tmp_path):
    """Else any page could send us, logged in, to an address of its choice."""
    with serving() as other:
        other.routes["/a"] = lambda handler: handler.answer(b"", 302, Location=server.url("/", host="localhost"))
        secrets = secrets_of(tmp_path, server.url("", host="localhost"))
        fetch(other.url("/a"), options(allow_private=True, secrets=secrets))
        assert told(server) == [(None, None)]


@pytest.mark.parametrize(
    ("source", "url", "sent"),
    [
        ("https://daily.example/a", "https://daily.example/a", True),
        ("http://daily.example/a", "https://daily.example/a", True),  # sent on to its secure self
        ("https://www.daily.example/a", "https://daily.example/a", True),
        ("https://daily.example/a", "http://daily.example/a", False),
        ("https://daily.example/a", "https://daily.example:8443/a", False),
        ("https://daily.example/a", "https://www.daily.example/a", False),
        ("https://daily.example/a", "https://daily.example.evil.example/a", False),
        ("https://evil.example/a", "https://daily.example/a", False),
    ],
)
def test_whose_secrets_they_are(tmp_path, source, url, sent):
    headers, cookies = secrets_of(tmp_path, "daily.example").told(url, source)
    assert (headers, cookies) == (((("X-Api-Key", KEY),), (("session", COOKIE),)) if sent else ((), ()))


def test_secrets_are_not_asked_of_robots(server, tmp_path):
    server.routes["/robots.txt"] = lambda handler: handler.answer(b"", Content_Type="text/plain")
    fetch(server.url(), options(allow_private=True, secrets=secrets_of(tmp_path, server.url(""))))
    assert told(server) == [(None, None), (KEY, f"session={COOKIE}")]


def test_secrets_are_in_no_capture_no_repr_and_no_error(server, tmp_path):
    secrets = secrets_of(tmp_path, server.url(""))
    asked = options(allow_private=True, secrets=secrets)
    server.routes["/"] = lambda handler: handler.answer(Set_Cookie=f"session={COOKIE}")
    server.routes["/broken"] = lambda handler: handler.wfile.write(f"HTTP/9 {handler.headers['cookie']}\r\n".encode())
    with pytest.raises(FetchError) as caught:
        fetch(server.url("/broken"), asked)
    for said in (repr(fetch(server.url(), asked)), repr(asked), repr(secrets), str(caught.value)):
        assert KEY not in said
        assert COOKIE not in said


# --- the file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    file = secret_file(tmp_path, "", mode)
    with pytest.raises(
        ConfigError, match=rf"others on this machine can read it; run: chmod 600 {re.escape(str(file))}$"
    ):
        read_secrets(file, tmp_path / "snapshots")


def test_a_file_in_the_store_is_refused(tmp_path):
    store = tmp_path / "snapshots"
    store.mkdir()
    linked = tmp_path / "secrets.toml"
    linked.symlink_to(secret_file(store, ""))
    for file in (store / "secrets.toml", linked):
        with pytest.raises(ConfigError, match="must not lie in the store"):
            read_secrets(file, store)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('["daily.example/a"]', "is no host"),
        ('["ftp://daily.example"]', "is no host"),
        ('["daily.example:99999"]', "is no host"),
        ('"daily.example" = "k3y"', "and nothing else"),
        ('["daily.example"]\npassword = "k3y"', "and nothing else"),
        ('["daily.example"]\nheaders = "k3y"', "must be a table"),
        ('["daily.example"]\nheaders = { Host = "k3y" }', "'Host' cannot be set"),
        ('["daily.example"]\nheaders = { "X Y" = "k3y" }', "'X Y' cannot be set"),
        ('["daily.example"]\nheaders = { X = "k3y\\r\\nHost: evil" }', "X must be text"),
        ('["daily.example"]\nheaders = { X = 3 }', "X must be text"),
        ('["daily.example"]\nheaders = { X = "schlüssel" }', "X must be text"),
        ('["daily.example"]\ncookies = { a = "k3y; b=c" }', "a must be text"),
        ('["daily.example"]\nheaders = { X = "k3y', "at end of document"),
    ],
)
def test_mistakes_are_told_without_the_secret(tmp_path, text, words):
    with pytest.raises(ConfigError) as caught:
        read_secrets(secret_file(tmp_path, text), tmp_path / "snapshots")
    assert words in str(caught.value)
    assert "k3y" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for file in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=re.escape(str(file))):
            read_secrets(file, tmp_path / "snapshots")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path):
    file = secret_file(tmp_path, "")
    os.chown(file, 12345, 12345)
    with pytest.raises(ConfigError, match="belongs to another user"):
        read_secrets(file, tmp_path / "snapshots")


def test_a_page_behind_a_login_is_kept_and_its_key_is_nowhere(server, tmp_path):
    def door(handler: Handler) -> None:
        known = handler.headers.get("x-api-key") == KEY
        handler.answer(page(canonical=None) if known else b"who are you?", 200 if known else 401)

    server.routes["/story"] = door
    (tmp_path / "desk").mkdir()
    secret_file(tmp_path / "desk", f'["{server.url("")}"]\nheaders = {{ X-Api-Key = "{KEY}" }}\n')
    (tmp_path / "tracker.toml").write_text('[fetch]\nsecrets = "desk/secrets.toml"\n')
    url = server.url("/story")
    done = run(tmp_path, "snap", url, "--allow-private", "-v", "--json")
    assert done.returncode == 0, done.stderr
    branch = json.loads(done.stdout)["branch"]
    store = tmp_path / "snapshots"
    written = [path.read_bytes() for path in store.rglob("*") if path.is_file()]
    told_by_git = git(store / "articles.git", "show", f"refs/raw/{branch}:capture.json") + done.stdout + done.stderr
    assert KEY not in told_by_git
    assert not any(KEY.encode() in content for content in written)
    refused(run(tmp_path, "snap", url, TRACKER_SECRETS=str(tmp_path / "none.toml")), 4, "none.toml")


# --- proxies ------------------------------------------------------------------------------------------------


class Proxy(BaseHTTPRequestHandler):
    """Forwards what it is asked, and keeps a list of it."""

    asked: list[str]
    passwords: list[str | None]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.passwords.append(self.headers.get("proxy-authorization"))
        url = httpx2.URL(self.path)
        with httpx2.Client(trust_env=False) as client:
            answer = client.get(url.copy_with(host="127.0.0.1"))
        self.send_response(answer.status_code)
        for name in ("content-type", "location"):
            if value := answer.headers.get(name):
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(403)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def proxy():
    kind = type("ProxyHere", (Proxy,), {"asked": [], "passwords": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield kind, f"127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join(5)


def test_a_proxy_makes_the_connections_if_it_is_named(server, proxy):
    kind, place = proxy
    url = server.url("/", host="only-the-proxy-knows.invalid")
    assert fetch(url, options(proxy=f"http://desk:pass@{place}")).body == PAGE
    assert kind.asked == [url + "robots.txt", url]
    assert kind.passwords == ["Basic ZGVzazpwYXNz"] * 2
    assert server.log[-1].path == "/"


def test_addresses_are_checked_for_a_proxy_too(server, proxy):
    kind, place = proxy
    asked = options(proxy=f"http://{place}")
    for host in ("127.0.0.1", "localhost", "0x7f000001", "[::1]"):
        with pytest.raises(Refused, match="--allow-private"):
            fetch(server.url("/", host=host), asked)
    assert kind.asked == []
    assert fetch(server.url(), options(proxy=f"http://{place}", allow_private=True)).body == PAGE


def test_redirects_are_checked_for_a_proxy_too(server, proxy):
    kind, place = proxy
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location=server.url("/"))
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is an address of this machine"):
        fetch(server.url("/a", host="outside.invalid"), options(proxy=f"http://{place}"))
    assert [url.rpartition("/")[2] for url in kind.asked] == ["robots.txt", "a"]


def test_a_proxy_that_refuses_and_one_that_is_down_are_named(proxy):
    _, place = proxy
    with pytest.raises(FetchError, match=r"^the proxy does not lead to news\.invalid: 403"):
        fetch("https://news.invalid/story", options(proxy=f"http://{place}"))
    with pytest.raises(HostDown, match=r"connection refused on port 1$"):
        fetch("https://news.invalid/story", options(proxy="http://127.0.0.1:1"))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "https://proxy.example", "proxy.example:3128", "http://"])
def test_proxies_that_we_cannot_use(proxy):
    with pytest.raises(ConfigError, match="must be written as http://host:port"):
        fetch("https://news.invalid/story", options(proxy=proxy))
