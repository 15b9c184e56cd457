"""Claims of the frontier beside a bare SQLite floor, and our own time for an unchanged page.

python -m benchmarks.watch [claims|unchanged [N]]: prints tables, asserts nothing about seconds.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Event as Flag
from threading import local

from tests.watch_support import frontier_at, pages
from tracker.cli.watching import SystemClock
from tracker.config import Config, WatchSettings
from tracker.fetch import Ask, Fetcher, FetchOptions
from tracker.model import Capture, Validators
from tracker.pipeline import keep_many
from tracker.store import open_store
from tracker.watch.frontier import Finished
from tracker.watch.listed import Wanted, Watched
from tracker.watch.loop import Watch
from tracker.watch.robots import KeptRobots

PROCESSES = 3
SECONDS = 6.0
PAGES, HOSTS, GAP = 100_000, 3_000, 0.5
BATCH = 50


def claims() -> None:
    """100,000 pages on 3,000 hosts, three processes that claim and finish."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        frontier_at(folder).add(pages(PAGES, HOSTS), 0.0)
        print(f"{PAGES:,} pages put on the list in {time.perf_counter() - began:.1f} s")
        for note, gap in ((f"{HOSTS:,} hosts, {GAP} s apart", GAP), ("no spacing: as fast as it goes", 0.0)):
            print(f"{note}: {_claims(folder, gap)}")
    with tempfile.TemporaryDirectory() as name:
        floor = _floor(Path(name))
    print(
        f"bare SQLite, two updates a claim, {BATCH} claims a transaction, flushed: {floor:,.0f} claims/s (one process)"
    )


def _claims(folder: Path, gap: float) -> str:
    enough = folder / "enough"  # they go on until it is there
    enough.unlink(missing_ok=True)
    said = [folder / f"claims-{number}" for number in range(PROCESSES)]
    with ExitStack() as open_things:
        files = [open_things.enter_context(path.open("w")) for path in said]
        command = [sys.executable, "-m", "tests.watch_support", str(folder), str(gap)]
        started = [subprocess.Popen(command, stdout=file) for file in files]
        time.sleep(SECONDS)
        enough.touch()
        codes = [each.wait() for each in started]
        if any(codes):
            raise SystemExit("a worker failed")
    lines = [line.split() for path in said for line in path.read_text().splitlines()]
    times: dict[str, list[float]] = defaultdict(list)
    for at, host, _ in lines:
        times[host].append(float(at))
    gaps = [later - sooner for each in times.values() for sooner, later in pairwise(sorted(each))]
    broken = sum(each < gap - 1e-4 for each in gaps)
    every = [float(at) for at, *_ in lines]
    rate = len(lines) / (max(every) - min(every))
    ceiling = f" (the hosts allow {HOSTS / gap:,.0f})" if gap else ""
    return f"{rate:,.0f} claims/s{ceiling}, {len(gaps):,} gaps, {broken} too short"


def _floor(folder: Path) -> float:
    """The least that a durable claim costs: one row of a host and one of a page, written and flushed."""
    db = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    db.executescript(
        """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE host (id INTEGER PRIMARY KEY, next REAL); CREATE TABLE page (id INTEGER PRIMARY KEY, due REAL);"""
    )
    db.execute("BEGIN")
    db.executemany("INSERT INTO host VALUES (?, 0)", ((n,) for n in range(HOSTS)))
    db.executemany("INSERT INTO page VALUES (?, 0)", ((n,) for n in range(PAGES)))
    db.execute("COMMIT")
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS / 2:
        db.execute("BEGIN IMMEDIATE")
        for _ in range(BATCH):
            db.execute("UPDATE host SET next = next + 1 WHERE id = ?", (count % HOSTS,))
            db.execute("UPDATE page SET due = due + 1 WHERE id = ?", (count % PAGES,))
            count += 1
        db.execute("COMMIT")
    return count / (time.perf_counter() - began)


# --- unchanged pages ------------------------------------------------------------------------------------------


def unchanged(count: int) -> None:
    """So many watched articles, all of which answer "not modified": our own time beside that of asking alone."""
    with tempfile.TemporaryDirectory() as name, _server(count) as port:
        store = Path(name) / "store"
        urls = [f"http://127.0.0.{2 + number % 200}:{port}/story-{number}" for number in range(count)]
        _fill(store, urls)
        asking = _timed(store, "ask", count)
        watching = _timed(store, "watch", count)
    own = watching - asking
    print(f"{count:,} articles, all unchanged (304), processor time a page:")
    print(f"  asking alone, with the same conditions {1000 * asking:.2f} ms; watching {1000 * watching:.2f} ms")
    print(f"  our own time beside the network {1000 * own:.2f} ms (target <= 1 ms)")


def _timed(store: Path, what: str, count: int) -> float:
    """Seconds of processor time a page of one process that does it for all."""
    command = [sys.executable, "-m", "benchmarks.watch", what, str(store)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    print(f"  {done.stdout.strip()}")
    return float(done.stdout.split()[1]) / count


def _fill(path: Path, urls: list[str]) -> None:
    """A store of these articles, each on the list, looked at, and due."""
    stamp = datetime(2026, 3, 4, tzinfo=UTC)
    with open_store(path, create=True) as store:
        captures = (_capture(url, stamp) for url in urls)
        kept = [each.check for each in keep_many(store, captures) if each.check is not None]
        watch = Watch(store, SETTINGS, OPTIONS, SystemClock(), lambda _: None)
        watch.frontier.add([Wanted(url, article=each.article) for url, each in zip(urls, kept, strict=True)], 0.0)
        checks = {each.article: each for each in kept}
        now = time.time()
        done = []
        for page in watch.frontier.all():
            snapshot = checks[page.article].snapshot
            given = Validators(page.url, '"1"', "", snapshot.revision if snapshot else "")
            values = {"validators": json.dumps(asdict(given)), "whole": now, "checked": now}
            done.append(Finished(page, 0.0, values))
        watch.frontier.exchange(done, 0.0, 0)


def _capture(url: str, at: datetime) -> Capture:
    text = (
        f"<html><body><article><h1>{url}</h1>" + f"<p>What was said of {url} on that day, and of nothing else.</p>" * 4
    )
    return Capture(url, url, at, 200, (("content-type", "text/html"), ("etag", '"1"')), text.encode())


def ask(path: Path) -> None:
    """Ask for every page on the list and do nothing with it."""
    with open_store(path) as store, ThreadPoolExecutor(4) as threads:
        pages = Watch(store, SETTINGS, OPTIONS, SystemClock(), lambda _: None).frontier.all()
        robots = KeptRobots(store.state.run)
        own = local()

        def one(page: Watched) -> int | None:
            if not hasattr(own, "fetcher"):
                own.fetcher = Fetcher(OPTIONS, robots)
            known = Validators(**json.loads(page.validators or "{}"))
            answer: Capture = own.fetcher.fetch(page.url, Ask(known))
            return answer.status

        began = time.process_time()
        statuses = set(threads.map(one, pages))
        print(f"ask {time.process_time() - began:.2f} s, statuses {statuses}")


def watch_all(path: Path) -> None:
    """One pass over the same pages."""
    states: set[str] = set()
    with open_store(path) as store:
        watch = Watch(
            store, SETTINGS, OPTIONS, SystemClock(), lambda told: states.add(f"{told.check and told.check.outcome}")
        )
        began = time.process_time()
        tally = watch.run(Flag())
        print(f"watch {time.process_time() - began:.2f} s, {tally.looks} looks, {states}")


@contextmanager
def _server(count: int) -> Iterator[int]:
    """A server of its own process that knows of no change."""
    command = [sys.executable, "-m", "benchmarks.watch", "serve", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def serve() -> None:
    """Answers 304 to whoever asks since when, 404 for robots.txt."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/robots.txt" else 304)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("0.0.0.0", 0), Handler) as server:  # noqa: S104 - all of 127.0.0.0/8, for a moment
        print(server.server_address[1], flush=True)
        server.serve_forever()


OPTIONS = FetchOptions(now=lambda: datetime.now(UTC), allow_private=True)
SETTINGS = Config(Path(), watch=WatchSettings(spacing=0.0))

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", _]:
            serve()
        case ["ask", path]:
            ask(Path(path))
        case ["watch", path]:
            watch_all(Path(path))
        case ["unchanged", *number]:
            unchanged(int(number[0]) if number else 10_000)
        case _:
            claims()
