"""A day in the life: articles on hosts of our own that edit, die, return, wall off, redirect and lie, in a time that
tests can move.

The time lies in a file of eight bytes that the sites and the watch share, also across processes. It stands while
anything is at work, and jumps when the watch has nothing to do but wait.

python -m tests.day_support STORE CLOCK END THREADS: watches until the time is END.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import mmap
import random
import re
import sqlite3
import struct
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tracker.config import Config, HostSettings, WatchSettings
from tracker.fetch import FetchOptions
from tracker.store import open_store
from tracker.watch.listed import Wanted
from tracker.watch.loop import Told, Watch

START = datetime(2026, 3, 4, 6, tzinfo=UTC).timestamp()
HOUR = 3600.0
SPACING, FLOOR, CRAWL_DELAY = 5.0, 300.0, 20.0
SLOW_HOST = 1  # asks for a Crawl-delay
WORDS = (
    *("harbour", "council", "ferry", "orchard", "railway", "library"),
    *("bridge", "market", "school", "museum", "station", "garden"),
)


class FileClock:
    """A time that several processes read and one moves."""

    def __init__(self, path: Path, start: float | None = None) -> None:
        if start is not None:
            path.write_bytes(struct.pack("<d", start))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), 8)

    def now(self) -> float:
        """The moment."""
        return float(struct.unpack("<d", self._map[:8])[0])

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """The time jumps ahead."""
        if not stop.is_set():
            self._map[:8] = struct.pack("<d", self.now() + seconds)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        self._file.close()


# --- the sites ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """What an address answers from a moment on: a version of its text, or `gone`, `wall`, `away`, `broken`."""

    since: float
    version: int | None
    other: str = ""


@dataclass(frozen=True)
class Story:
    """One article: where it is, and what becomes of it."""

    host: int
    path: str
    spans: tuple[Span, ...]
    liar: bool = False  # its charset is not the one it claims
    etag: bool = True

    def at(self, now: float) -> Span:
        """What it is at a moment."""
        return next(span for span in reversed(self.spans) if span.since <= now)


def stories(count: int, hosts: int, hours: float, seed: int) -> tuple[Story, ...]:
    """Articles that are edited as most are: often when they are new, and each in its own measure."""
    draw = random.Random(seed)  # noqa: S311 - a test, not a secret
    return tuple(_story(number, number % hosts, hours, draw) for number in range(count))


def _story(number: int, host: int, hours: float, draw: random.Random) -> Story:
    spans, version, at = [Span(0.0, 0)], 0, START
    liveliness = draw.gammavariate(0.5, 2.0)
    while (at := at + draw.expovariate(1.0) * HOUR * 8 / (liveliness + 0.05)) < START + hours * HOUR:
        kind = draw.random()
        if kind < 0.78:
            version += 1
            spans.append(Span(at, version))
        elif kind < 0.84:  # a headline that flips: there and back is two versions
            spans += [Span(at, version + 1), Span(at + 2 * HOUR, version + 2)]
            version, at = version + 2, at + 2 * HOUR
        else:
            other = draw.choice(("gone", "wall", "away", "broken"))
            spans += [Span(at, None, other), Span(at + 3 * HOUR, version)]
            at += 3 * HOUR
    path = f"/private/story-{number}" if number % 23 == 22 else f"/2026/{WORDS[number % 12]}-story-{number}"
    return Story(host, path, tuple(spans), liar=number % 7 == 3, etag=number % 3 != 1)


def body_of(story: Story, version: int, nonce: int) -> bytes:
    """The page of a version. What the version changes is one number; furniture turns over with every answer."""
    name = story.path.rpartition("/")[2]
    subject = WORDS[hash_of(name) % 12]
    cost = f"{1000 + 37 * version} crowns more than was planned"
    paragraphs = (
        f"The {subject} of Port Ellery will cost {cost}, the town said about {name}; nobody called that “cheap”.",
        f"Work on the {subject} began in spring, after two winters of delay, and the builders hope to end by autumn.",
        f"“We have waited long enough,” said Ingrid Holm, who has lived beside the {subject} for thirty years.",
        f"The mayor, Jonas Adler, would not say who will pay; the council votes on {name.replace('-', ' ')} next week.",
    )
    text = "".join(f"<p>{each}</p>" for each in paragraphs)
    related = "".join(f"<li><a href='/2026/other-{nonce}-{n}'>Another story, {nonce}.{n}</a></li>" for n in range(4))
    page = (
        f"<!doctype html><html lang='en'><head><title>The {subject}: {name}</title></head><body><nav><a href='/'>Home"
        f"</a></nav><main><article><h1>The {subject} costs more: {name}</h1>{text}</article><aside><h3>Related</h3>"
        f"<ul>{related}</ul></aside></main><footer><p>{nonce} people read this now</p></footer></body></html>"
    )
    return page.encode("cp1252" if story.liar else "utf-8")


def front_page(places: Iterable[str]) -> bytes:
    """Where a host sends those who ask for an article that it no longer shows."""
    links = "".join(f"<li><a href='{place}'>{place.rpartition('/')[2]}</a></li>" for place in places)
    page = f"<!doctype html><html lang='en'><head><title>All stories</title></head><body><ul>{links}</ul></body></html>"
    return page.encode()


def hash_of(name: str) -> int:
    """A number of a name, the same in every process."""
    return sum(name.encode())


@dataclass
class Sites:
    """All hosts of a day, 127.0.0.2 and on, on one port; `log` is what each was asked, and when."""

    by_place: Mapping[tuple[int, str], Story]
    clock: FileClock
    port: int = 0
    log: list[tuple[float, int, str, int]] = field(default_factory=list)
    served: dict[tuple[int, str], list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    nonces: Iterator[int] = field(default_factory=itertools.count)

    def url(self, story: Story) -> str:
        """Where an article is."""
        return f"http://127.0.0.{story.host + 2}:{self.port}{story.path}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        sites, host = self.server.sites, int(self.headers["host"].partition(":")[0].rpartition(".")[2]) - 2
        now = sites.clock.now()
        status = self._answer(sites, host, now)
        sites.log.append((now, host, self.path, status))

    def _answer(self, sites: Sites, host: int, now: float) -> int:
        if self.path == "/robots.txt":
            delay = f"Crawl-delay: {CRAWL_DELAY:g}\n" if host == SLOW_HOST else ""
            return self._send(200, f"User-agent: *\nDisallow: /private/\n{delay}".encode(), "text/plain")
        if self.path == "/":
            return self._send(200, front_page(place for of_host, place in sites.by_place if of_host == host))
        story = sites.by_place.get((host, self.path))
        if story is None:
            return self._send(404, b"<p>nothing here</p>")
        span = story.at(now)
        if span.version is None:
            return self._other(span.other)
        sites.served[host, self.path].append((now, span.version))
        etag = f'"v{span.version}"' if story.etag else ""
        if etag and self.headers.get("if-none-match") == etag:
            return self._send(304, b"", etag=etag)
        charset = "iso-8859-1" if story.liar else "utf-8"
        return self._send(200, body_of(story, span.version, next(sites.nonces)), f"text/html; charset={charset}", etag)

    def _other(self, other: str) -> int:
        if other == "away":
            return self._send(302, b"", location="/")
        status = {"gone": 404, "wall": 403, "broken": 500}[other]
        return self._send(status, b"<html><body><h1>Please subscribe</h1></body></html>")

    def _send(self, status: int, body: bytes, kind: str = "text/html", etag: str = "", location: str = "") -> int:
        self.send_response(status)
        for name, value in (("content-type", kind), ("etag", etag), ("location", location)):
            if value:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)
        return status

    def log_message(self, *args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    sites: Sites

    def handle_error(self, *args: object) -> None:
        """A watch that was killed is no error of a site."""


@contextlib.contextmanager
def sites(found: tuple[Story, ...], clock: FileClock) -> Iterator[Sites]:
    """The hosts of a day, for the time of the block."""
    with _Server(("0.0.0.0", 0), _Handler) as server:  # noqa: S104 - all of 127.0.0.0/8, for a moment
        server.sites = Sites({(story.host, story.path): story for story in found}, clock, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.sites
        finally:
            server.shutdown()
            thread.join(5)


# --- the watch ------------------------------------------------------------------------------------------------


def settings(store: Path, threads: int = 4) -> Config:
    """How the day is watched; one host may have two requests at a time."""
    return Config(
        store=store,
        watch=WatchSettings(floor=FLOOR, spacing=SPACING, threads=threads),
        hosts={"127.0.0.2": HostSettings(connections=2)},
    )


def options(clock: FileClock) -> FetchOptions:
    """Pages are asked for on the loopback, and stamped with the day's own time."""
    return FetchOptions(now=lambda: datetime.fromtimestamp(clock.now(), UTC), allow_private=True, timeout=10.0)


def begin(store_path: Path, clock: FileClock, urls: list[str]) -> None:
    """A store with these articles on its list."""
    with open_store(store_path, create=True) as store:
        watch = Watch(store, settings(store_path), options(clock), clock, lambda _: None)
        watch.frontier.add([Wanted(url, born=START) for url in urls], clock.now())
        store.state.run(_add_table, write=True)


def _add_table(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE day (at REAL, url TEXT, due REAL, events TEXT)")


def work(store_path: Path, clock: FileClock, end: float, threads: int) -> None:
    """Watch until the time is `end`; each look that is on the disk is a line on stdout.

    What came of it is written down in its own transaction, as the outbox is: a process killed before it prints has
    looked all the same.
    """
    stop = threading.Event()

    def hand_on(db: sqlite3.Connection, told: Told) -> None:
        events = json.dumps([event.kind.value for event in told.events])
        db.execute("INSERT INTO day VALUES (?, ?, ?, ?)", (told.look.at, told.page.url, told.due.timestamp(), events))

    def tell(told: Told) -> None:
        sys.stdout.write(f"{told.page.url}\n")
        sys.stdout.flush()
        if clock.now() >= end:
            stop.set()

    with open_store(store_path) as store:
        Watch(store, settings(store_path, threads), options(clock), clock, tell, hand_on).watch(stop)


@dataclass(frozen=True)
class Looked:
    """A look that is on the disk: when, when the page was due again, and what was told to have begun or ended."""

    at: float
    due: float
    events: tuple[str, ...]


@dataclass
class Day:
    """A watch in a process of its own, started again as often as it is killed."""

    folder: Path
    clock: FileClock
    end: float
    threads: int = 4
    memory: list[int] = field(default_factory=list)

    def until_killed(self, looks: int, not_before: float = 0.0) -> bool:
        """Let it make so many looks (from a moment on), then kill it; False where it came to its end before."""
        with self._started() as process:
            for _ in process.stdout or ():
                looks -= self.clock.now() >= not_before
                if looks <= 0:
                    process.kill()
            return process.wait() != 0

    def to_the_end(self) -> None:
        """Let it watch until the time is over; its memory is noted now and then, in kB."""
        with self._started() as process:
            for number, _ in enumerate(process.stdout or ()):
                if number % 50 == 0:
                    self.memory.append(resident(process.pid))
            if process.wait() != 0:
                raise AssertionError(f"the watch ended with {process.returncode}")

    def _started(self) -> subprocess.Popen[str]:
        store, clock = self.folder / "store", self.folder / "clock"
        arguments = (str(store), str(clock), str(self.end), str(self.threads))
        command = [sys.executable, "-m", "tests.day_support", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])

    def looks(self) -> dict[str, list[Looked]]:
        """By address, what its looks came to, in order."""
        found: dict[str, list[Looked]] = defaultdict(list)
        with open_store(self.folder / "store") as store:
            rows = store.state.run(lambda db: db.execute("SELECT * FROM day ORDER BY at, rowid").fetchall())
        for at, url, due, events in rows:
            found[url].append(Looked(at, due, tuple(json.loads(events))))
        return found


def resident(process: int) -> int:
    """The memory of a process in kB, 0 where the system does not say."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    work(Path(sys.argv[1]), FileClock(Path(sys.argv[2])), float(sys.argv[3]), int(sys.argv[4]))
