"""Pages that scripts make, in a real Chromium: what it shows is kept, and where it goes the guard goes with it.

The "public" host of these tests is 127.0.0.1, the inner network is 127.0.0.2.
"""

import gzip
import importlib.util
import socket
import sys
import time
from typing import Any

import pytest

from tests.cli_support import refused, run
from tests.http_support import PAGE, Handler, Served, options, serving
from tests.site import PARAGRAPHS
from tracker.errors import ConfigError, FetchError, Forbidden, HostDown, NotHtml, Refused
from tracker.fetch import Ask, fetch, guard
from tracker.fetch.browser import chromium
from tracker.fetch.secrets import Secrets
from tracker.model import RENDERED_BY, Capture


def why_not() -> str | None:
    try:
        chromium()
    except ConfigError as error:
        return str(error)
    return None


needs_browser = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")

ARTICLE = "<h1>Fire in the harbour kills 12</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
MADE_BY_SCRIPTS = f"""<!doctype html><html><head><meta charset="utf-8"><title>Fire</title>
{"<script></script>" * 5}</head><body><div id="app"></div><script>
setTimeout(() => {{ document.getElementById("app").innerHTML = `<article>{ARTICLE}</article>`; }}, 200);
</script></body></html>""".encode()


@pytest.fixture
def server():
    with serving() as served:
        yield served


@pytest.fixture
def inner():
    """A server of the inner network."""
    with serving({"/": Handler.answer}, host="127.0.0.2") as served:
        yield served


@pytest.fixture(autouse=True)
def guarded(monkeypatch):
    """The host of the tests is public, nothing else of this machine is."""
    real = guard.forbidden
    monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.1" else real(address))


def page_of(script: str, body: str = "") -> bytes:
    return f"<!doctype html><html><title>x</title><body><h1>Late</h1>{body}<script>{script}</script></html>".encode()


def shown(server: Served, path: str = "/", ask: Ask | None = None, **changes: Any) -> Capture:
    return fetch(server.url(path), options(**{"deadline": 60.0} | changes), ask or Ask(browser=True))


@needs_browser
def test_what_scripts_make_is_kept(server, tmp_path):
    server.routes["/a"] = lambda handler: handler.answer(b"", 302, Location="/b")
    server.routes["/b"] = lambda handler: handler.answer(
        MADE_BY_SCRIPTS.replace(b"<body>", b'<body><img src="/photo.png">'), ETag='"7"', Set_Cookie="seen=1"
    )
    capture = shown(server, "/a#part")
    assert all(text in capture.body.decode() for text in PARAGRAPHS)
    assert (capture.url, capture.final_url) == (server.url("/a#part"), server.url("/b"))
    assert (capture.status, capture.redirects) == (200, (server.url("/a"),))
    headers = dict(capture.headers)
    assert headers.pop(RENDERED_BY).startswith("Chromium/")
    assert headers["content-type"] == "text/html"
    assert not {"etag", "set-cookie"} & headers.keys()
    assert [request.path for request in server.log] == ["/a", "/b"]  # nobody looks at the picture
    assert server.log[0].headers["user-agent"].startswith("tracker/")
    picture = tmp_path / "page.png"
    shown(server, "/b", Ask(browser=True, screenshot=picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    visits = [request.headers.get("cookie") for request in server.log if request.path == "/b"]
    assert visits == [None, None]  # nothing passes from one visit to the next


@needs_browser
def test_nothing_that_a_page_does_reaches_the_inner_network(server, inner):
    target = inner.url("/", host="127.0.0.2")
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.setblocking(False)
    stun = f"stun:127.0.0.1:{udp.getsockname()[1]}"
    script = f"""
      const say = text => {{ const p = document.createElement("p"); p.textContent = text; document.body.append(p); }};
      fetch("{target}").then(() => say("fetched")).catch(() => say("refused"));
      fetch("file:///etc/passwd").then(a => a.text()).then(say).catch(() => say("no file"));
      new WebSocket("{target.replace("http", "ws")}");
      navigator.sendBeacon("{target}", "x");
      navigator.serviceWorker && navigator.serviceWorker.register("/worker.js").catch(() => 0);
      window.open("{target}");
      const peer = new RTCPeerConnection({{iceServers: [{{urls: "{stun}"}}]}});
      peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
    """
    body = f"""<img src="{target}"><iframe src="{target}"></iframe><iframe src="file:///etc/passwd"></iframe>
      <iframe src="{inner.url("/", host="[::1]")}"></iframe><link rel="stylesheet" href="{target}">
      <script src="{target}"></script><object data="{target}"></object><a ping="{target}" href="/" download>x</a>"""
    server.routes["/"] = lambda handler: handler.answer(page_of(script, body))
    text = shown(server).body.decode()
    assert inner.log == []
    assert "refused" in text
    assert "no file" in text
    assert "root:" not in text
    with pytest.raises(BlockingIOError):
        udp.recv(1)
    udp.close()


@needs_browser
@pytest.mark.parametrize("way", ["redirect", "script"])
def test_a_page_cannot_send_the_browser_inside(server, inner, way):
    target = inner.url("/", host="127.0.0.2")
    if way == "redirect":
        server.routes["/"] = lambda handler: handler.answer(b"", 302, Location=target)
    else:
        server.routes["/"] = lambda handler: handler.answer(page_of(f"location = '{target}'"))
    with pytest.raises(Refused, match=r"127\.0\.0\.2 is an address of this machine"):
        shown(server)
    assert inner.log == []


@needs_browser
def test_secrets_reach_their_own_page_alone(server):
    with serving({"/": Handler.answer}) as other:
        script = f"fetch('/api'); fetch('{other.url('/')}', {{mode: 'no-cors'}});"
        server.routes["/"] = lambda handler: handler.answer(
            page_of(script, f'<iframe src="{other.url("/")}"></iframe>')
        )
        server.routes["/api"] = lambda handler: handler.answer(b"{}")
        server.routes["/away"] = lambda handler: handler.answer(b"", 302, Location=other.url("/"))
        pairs = {server.url(""): (("X-Api-Key", "s3cret"),)}
        secrets = Secrets(headers=pairs, cookies={server.url(""): (("session", "c00kie"),)})
        shown(server, secrets=secrets)
        shown(server, "/away", secrets=secrets)
        asked = [request for request in server.log if request.path in {"/", "/api", "/away"}]
        assert [request.headers.get("x-api-key") for request in asked] == ["s3cret"] * 3
        assert [request.headers.get("cookie") for request in asked] == ["session=c00kie"] * 3
        assert len(other.log) >= 2
        assert "s3cret" not in str(other.log)
        assert "c00kie" not in str(other.log)  # a cookie would follow to any port of its host


@needs_browser
def test_a_page_that_we_are_led_to_cannot_use_our_secrets(server):
    """What it has the browser ask of the host that we came from is its own question, and not ours."""
    api = server.url("/api")
    script = f"fetch('{api}?fetch', {{mode: 'no-cors', method: 'POST', body: 'x'}}); document.forms[0].submit();"
    form = f'<script src="{api}?script"></script><form method="post" action="{api}?form"></form>'
    with serving({"/": lambda handler: handler.answer(page_of(script, form))}, host="127.0.0.2") as other:
        server.routes["/"] = lambda handler: handler.answer(page_of(f"location = '{other.url('/', '127.0.0.2')}'"))
        server.routes["/api"] = Handler.answer
        secrets = Secrets({server.url(""): (("X-Api-Key", "s3cret"),)}, {server.url(""): (("session", "c00kie"),)})
        shown(server, secrets=secrets, allow_private=True)
    asked = {request.path: str(request.headers) for request in server.log}
    assert {"/", "/api?fetch", "/api?script", "/api?form"} <= asked.keys()
    assert ["s3cret" in headers or "c00kie" in headers for headers in asked.values()] == [path == "/" for path in asked]


@needs_browser
def test_a_script_that_never_ends_ends_at_the_deadline(server):
    server.routes["/"] = lambda handler: handler.answer(page_of("while (true) {}"))
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"^127\.0\.0\.1 timed out: not done after 5 s in the browser$"):
        shown(server, deadline=5.0)
    assert time.monotonic() - start < 40


@needs_browser
@pytest.mark.parametrize(
    "lie",
    [
        r"Object.defineProperty(document, 'contentType', {value: 'a\n\x1b[2J'.repeat(1e5)})",
        "Object.defineProperty(document.documentElement, 'scrollHeight', {value: Infinity})",
        "Object.defineProperty(document.documentElement, 'scrollHeight', {value: 'tall'})",
        "document.__defineGetter__('contentType', () => { for (;;); })",
    ],
)
def test_no_script_says_what_a_page_is_or_how_long(server, tmp_path, lie):
    server.routes["/"] = lambda handler: handler.answer(page_of(lie))
    picture = tmp_path / "page.png"
    assert b"<h1>Late</h1>" in shown(server, ask=Ask(browser=True, screenshot=picture)).body
    assert picture.read_bytes().startswith(b"\x89PNG")


@needs_browser
def test_bombs_and_floods_are_cut(server):
    bomb = gzip.compress(PAGE + bytes(30_000_000), 1)
    server.routes["/bomb"] = lambda handler: handler.answer(bomb, Content_Encoding="gzip")

    def flood(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>")
        while not server.stop.is_set():
            handler.wfile.write(b"x" * 65_536)

    server.routes["/flood"] = flood
    for path in ("/bomb", "/flood"):
        with pytest.raises(FetchError, match=r"^the page loads more than 2,000,000 bytes, too much for an article$"):
            shown(server, path, max_bytes=2_000_000)


@needs_browser
def test_what_is_no_page_and_what_is_cut_short(server):
    server.routes["/cut"] = lambda handler: handler.answer(PAGE * 50, Content_Length=str(len(PAGE) * 60))
    with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        shown(server, "/cut")
    server.routes["/json"] = lambda handler: handler.answer(b'{"a": 1}', Content_Type="application/json")
    with pytest.raises(NotHtml, match="application/json as its server calls it"):
        shown(server, "/json")
    server.routes["/gone"] = lambda handler: handler.answer(b"<p>gone</p>", 410)
    assert shown(server, "/gone").status == 410
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(HostDown, match="connection refused"):
            fetch(f"http://127.0.0.1:{free.getsockname()[1]}/", options(), Ask(browser=True, ignore_robots=True))


@needs_browser
def test_robots_are_asked_where_it_starts_and_where_it_ends(server):
    server.routes["/robots.txt"] = lambda handler: handler.answer(
        b"User-agent: *\nDisallow: /no", Content_Type="text/plain"
    )
    server.routes["/"] = lambda handler: handler.answer(page_of("location = '/no'"))
    server.routes["/no"] = Handler.answer
    with pytest.raises(Forbidden):
        shown(server)
    with pytest.raises(Forbidden):
        shown(server, "/no")
    assert [request.path for request in server.log].count("/no") == 1
    assert shown(server, "/no", Ask(browser=True, ignore_robots=True)).robots_ignored


@needs_browser
def test_snap_reads_an_empty_shell_with_a_browser(server, tmp_path):
    server.routes["/story"] = lambda handler: handler.answer(MADE_BY_SCRIPTS)
    url = server.url("/story")
    refused(run(tmp_path, "snap", url, "--allow-private"), 6, "empty shell", "--browser")
    done = run(tmp_path, "snap", url, "--allow-private", "--browser", "--screenshot", "page.png")
    assert done.returncode == 0, done.stderr
    assert "Fire in the harbour kills 12" in done.stdout
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


@needs_browser
def test_watched_articles_are_read_with_a_browser_if_tracker_toml_says_so(server, tmp_path):
    """The feed that leads to them is not."""
    item = f"<item><link>{server.url('/story')}</link></item>"
    feed = f'<rss version="2.0"><channel><title>x</title>{item}</channel></rss>'
    server.routes["/feed"] = lambda handler: handler.answer(feed.encode(), Content_Type="application/rss+xml")
    server.routes["/story"] = lambda handler: handler.answer(MADE_BY_SCRIPTS)
    settings = f'[[watch.article]]\nmatch = "{server.url("/")}*"\nbrowser = true\n[watch]\nspacing = "0 s"\n'
    (tmp_path / "tracker.toml").write_text(settings)
    added = run(tmp_path, "add", server.url("/feed"), "--allow-private")
    assert added.returncode == 0, added.stderr
    done = run(tmp_path, "run", "--allow-private")
    assert done.returncode == 0, done.stderr
    assert "Fire in the harbour kills 12" in done.stdout
    told = [request.headers.get("sec-fetch-mode") for request in server.log]
    assert told == [None, "navigate"]
    again = run(tmp_path, "snap", server.url("/story"), "--allow-private")
    assert again.stdout.startswith("unchanged"), again.stderr


# --- without a browser --------------------------------------------------------------------------------------


def test_a_missing_extra_and_a_missing_program_are_named(server, monkeypatch):
    monkeypatch.setattr("tracker.fetch.browser.PROGRAMS", ("no-such-browser",))
    if importlib.util.find_spec("playwright"):
        with pytest.raises(ConfigError, match=r"Chromium, which is not there; .* apt install chromium$"):
            shown(server)
    monkeypatch.setitem(sys.modules, "playwright", None)
    with pytest.raises(ConfigError, match=r"run: pip install 'tracker\[browser\]'$"):
        shown(server)
    assert server.log == []


def test_a_screenshot_without_a_browser_is_no_command(tmp_path):
    refused(run(tmp_path, "snap", "https://daily.example/", "--screenshot", "page.png"), 2, "--browser")
