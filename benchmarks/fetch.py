"""TARGETS "Watching": what an unchanged page costs us beside the network, by "not modified" and by the same bytes.

    python benchmarks/fetch.py [--articles 200] [--rounds 5] [--kilobytes 115]

A server in a process of its own gives pages with an ETag. Each look is the whole of it: robots.txt looked up, the
question, the answer, `keep`, the check logged and flushed. The floor is the same exchange over a bare socket that is
kept open, and one row flushed by SQLite: our own time is what a look takes beyond the two. `work` is the time of this
process alone, which other load on the machine does not stretch, `wall` that of the clock. Medians of rounds that are
taken in turns; nothing is asserted.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import multiprocessing
import random
import socket
import socketserver
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from tracker.fetch import Ask, Fetcher, FetchOptions
from tracker.model import Check, Outcome
from tracker.pipeline import keep
from tracker.store import Store, open_store

WORDS = [
    "harbour",
    "council",
    "fire",
    "ship",
    "ferry",
    "bridge",
    "mayor",
    "police",
    "market",
    "winter",
    "storm",
    "vote",
]


@functools.cache
def page(name: str, size: int) -> bytes:
    """A furnished page of about `size` bytes, always the same for a name."""
    chance = random.Random(name)  # noqa: S311 - the same pages in every run

    def sentence() -> str:
        subject, thing, other = chance.sample(WORDS, 3)
        return f"The {subject} of Port Ellery said on Monday that the {thing} near the old {other} had been closed. "

    text = "".join(f"<p>{sentence()}{sentence()}{sentence()}</p>\n" for _ in range(15))
    scripts = f"<script>var slots = [{','.join(str(chance.random()) for _ in range(size // 20))}];</script>"
    head = f"<html><head><title>Story {name}</title>{scripts}</head><body>"
    return f"{head}<article><h1>Story {name}</h1>{text}</article></body></html>".encode()


class Pages(socketserver.StreamRequestHandler):
    """Answers requests on a connection that is kept open; a request with the right ETag gets 304."""

    size = 0

    def handle(self) -> None:
        while line := self.rfile.readline():
            asked = b""
            while (header := self.rfile.readline()).strip():
                if header.lower().startswith(b"if-none-match:"):
                    asked = header.partition(b":")[2].strip()
            self.wfile.write(self.answer(line.split()[1].decode(), asked))

    def answer(self, path: str, asked: bytes) -> bytes:
        if path == "/robots.txt":
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        body = page(path, self.size)
        etag = b'"' + hashlib.sha256(body).hexdigest()[:16].encode() + b'"'
        if asked == etag:
            return b"HTTP/1.1 304 Not Modified\r\netag: " + etag + b"\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\netag: %b\r\ncontent-length: %d\r\n\r\n"
        return head % (etag, len(body)) + body


def serve(size: int, say: Connection) -> None:
    Pages.size = size
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Pages) as server:
        server.daemon_threads = True
        say.send(server.server_address[1])
        server.serve_forever()


class Bare:
    """The floor of the network: the same exchange over one socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def ask(self, path: str, etag: str | None) -> None:
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{condition}\r\n".encode())
        length = 0
        while (line := self.file.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.file.read(length)


Times = tuple[float, float]


def milliseconds(work: Callable[[], object]) -> Times:
    """(wall, work) of a call."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - own) * 1000


def flushed_row(path: Path) -> Callable[[], object]:
    """The floor of the log: one row in a transaction of its own."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE checks (article TEXT, at TEXT)")
    return lambda: database.execute("INSERT INTO checks VALUES ('news.example/story', '2024-01-01')")


def measure(port: int, store: Store, articles: int, rounds: int, folder: Path) -> dict[str, list[Times]]:
    """Milliseconds by what was done."""
    options = FetchOptions(now=lambda: datetime.now(UTC), allow_private=True)
    took: dict[str, list[Times]] = {}
    bare, flush = Bare(port), flushed_row(folder / "floor.sqlite")
    with Fetcher(options) as fetcher:

        def look(number: int, known: Check | None) -> Check:
            return keep(store, fetcher.fetch(url(number), Ask(known.validators if known else None)))

        def url(number: int) -> str:
            return f"http://127.0.0.1:{port}/story-{number}"

        checks = [look(number, None) for number in range(articles)]
        for _ in range(rounds):
            for number, check in enumerate(checks):
                etag = check.validators.etag if check.validators else None
                path = f"/story-{number}"
                ask = Ask(check.validators)
                capture = fetcher.fetch(url(number), ask)
                assert capture.status == 304
                assert look(number, check).outcome is look(number, None).outcome is Outcome.UNCHANGED
                turns: dict[str, Callable[[], object]] = {
                    "304: a bare socket": partial(bare.ask, path, etag),
                    "304: fetch": partial(fetcher.fetch, url(number), ask),
                    "304: keep": partial(keep, store, capture),
                    "304: the whole look": partial(look, number, check),
                    "same bytes: a bare socket": partial(bare.ask, path, None),
                    "same bytes: the whole look": partial(look, number, None),
                    "one row, flushed": flush,
                }
                for name, work in turns.items():
                    took.setdefault(name, []).append(milliseconds(work))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kilobytes", type=int, default=115)
    arguments = parser.parse_args()
    hear, say = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(arguments.kilobytes * 1000, say), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store", create=True) as store:
        took = measure(hear.recv(), store, arguments.articles, arguments.rounds, Path(folder))
    server.terminate()
    middle = {name: [statistics.median(times) for times in zip(*pairs, strict=True)] for name, pairs in took.items()}
    for kind in ("304", "same bytes"):
        parts = zip(*(middle[each] for each in (f"{kind}: a bare socket", "one row, flushed")), strict=True)
        beyond = zip(middle[f"{kind}: the whole look"], parts, strict=True)
        middle[f"{kind}: our own time (target <= 1 ms)"] = [whole - sum(floors) for whole, floors in beyond]
    print(f"{'median, in ms':48}{'wall':>8}{'work':>8}")
    for name, (wall, own) in middle.items():
        print(f"{name:48}{wall:8.3f}{own:8.3f}")


if __name__ == "__main__":
    main()
