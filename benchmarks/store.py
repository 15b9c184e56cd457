"""TARGETS "The store": one durable snapshot beside SQLite with zstd; reads, history and bytes as the store grows.

    python benchmarks/store.py [--rounds 5] [--snapshots 40] [--sizes 200 2000] [--reads 200]

The pages are of our own making: about 115 KB of furnished HTML, of which a little is new in each. Figures of one run
are to be compared with each other: no machine is ever idle.
"""

import argparse
import importlib
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tracker.model import Block, BlockKind, Capture, Document, Lens, Reading
from tracker.store import History, Kind, Store, open_store
from tracker.store.commits import Facts, article_commit
from tracker.store.deposit import text_objects
from tracker.store.objects import GitObject
from tracker.store.pages import page_digest, page_objects
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT
from tracker.store.repository import IDENTITY, open_repository
from tracker.store.writer import Writer
from tracker.text.urls import branch_name

zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

LENS = Lens("1", "benchmark")
START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = [
    "harbour",
    "fire",
    "council",
    "said",
    "on",
    "Monday",
    "that",
    "the",
    "ship",
    "had",
    "left",
    "three",
    "days",
    "ago",
]


class Pages:
    """Articles on one site: each page is the site's frame with numbers that are never twice the same, and the text."""

    def __init__(self) -> None:
        self.random = random.Random(7)  # noqa: S311 - the same pages in every run
        self.frame = [self.sentence(40) for _ in range(420)]

    def sentence(self, length: int = 12) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(length)).capitalize() + "."

    def article(self, name: int) -> list[str]:
        return [f"Story {name}: {self.sentence()}", *(" ".join(self.sentence() for _ in range(4)) for _ in range(25))]

    def edit(self, paragraphs: list[str]) -> list[str]:
        place = self.random.randrange(1, len(paragraphs))
        return [*paragraphs[:place], self.sentence() + " " + paragraphs[place], *paragraphs[place + 1 :]]

    def capture(self, name: int, paragraphs: list[str], when: datetime) -> tuple[Capture, Reading]:
        frame = [f'<div id="ad-{self.random.getrandbits(64):x}">{part}</div>' for part in self.frame]
        body = "<html>" + "".join(frame) + "".join(f"<p>{text}</p>" for text in paragraphs) + "</html>"
        url = f"https://news.example/{name % 97}/story-number-{name}"
        blocks = [
            Block(BlockKind.HEADLINE, paragraphs[0]),
            *(Block(BlockKind.PARAGRAPH, text) for text in paragraphs[1:]),
        ]
        return Capture(url, url, when, 200, (), body.encode()), Reading(Document(tuple(blocks)), LENS)


class Floor:
    """What any durable store must do: compress, insert, flush once."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE s (url TEXT, at TEXT, html BLOB, text BLOB)")

    def put(self, capture: Capture, reading: Reading) -> None:
        text = text_objects(reading.document)[0].data
        values = (
            capture.url,
            capture.captured_at.isoformat(),
            *(zstd.compress(data, 3) for data in (capture.body, text)),
        )
        self.db.execute("INSERT INTO s VALUES (?, ?, ?, ?)", values)


class ObjectsAndRefs:
    """The least that our format needs: the eight objects of a snapshot and its two refs, nothing looked up."""

    def __init__(self, folder: Path) -> None:
        self.repository = open_repository(folder, create=True)
        self.reader = Reader(self.repository)
        self.writer = Writer(self.repository, sweep=lambda: None, tip=self.reader.tip)
        self.tips: dict[str, str | None] = {}

    def put(self, capture: Capture, reading: Reading) -> None:
        facts = Facts(Kind.SNAPSHOT, capture.captured_at, raw_sha256=page_digest(capture.body), lens=reading.lens)
        branch = branch_name(capture.url)
        objects: list[GitObject] = []
        moves: list[RefMove] = []
        for prefix, files in ((RAW, page_objects(capture, None, reading)), (TEXT, text_objects(reading.document))):
            ref = prefix + branch
            parents = (old,) if (old := self.tips.get(ref)) else ()
            made = article_commit(
                files[-1].id, parents, "a snapshot", facts, identity=IDENTITY, written=capture.captured_at
            )
            objects += [*files, made]
            moves.append(RefMove(ref, made.id, old))
            self.tips[ref] = made.id
        self.writer.write(objects, moves, after=lambda: None)


class Whole:
    """`Store.write_snapshot` as the pipeline calls it, with the look at the article before and the index after."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, capture: Capture, reading: Reading) -> History:
        branch = self.store.find_url(capture.url)
        history = self.store.history(branch) if branch else None
        snapshot = self.store.write_snapshot(
            branch=None, expected=history, capture=capture, decoded=None, reading=reading, seen_since=None
        )
        return self.store.history(snapshot.article)


def timed(work: Callable[..., object], *values: object) -> float:
    began = time.perf_counter()
    work(*values)
    return time.perf_counter() - began


def write_rounds(folder: Path, rounds: int, count: int) -> None:
    """Interleaved rounds of the same captures, so that all writers meet the same noise."""
    pages = Pages()
    with open_store(folder / "store", create=True) as store:
        floor, least, whole = Floor(folder / "floor.sqlite"), ObjectsAndRefs(folder / "least"), Whole(store)
        writers = {"SQLite + zstd, one flush": floor.put, "objects and refs": least.put, "write_snapshot": whole.put}
        rates: dict[str, list[float]] = {name: [] for name in writers}
        every: dict[str, list[float]] = {name: [] for name in writers}
        texts = [pages.article(number) for number in range(count)]
        for turn in range(rounds):
            batch = [pages.capture(n, text, START + timedelta(hours=turn, seconds=n)) for n, text in enumerate(texts)]
            for name, put in writers.items():
                times = [timed(put, *each) for each in batch]
                rates[name].append(count / sum(times))
                every[name] += times
            texts = [pages.edit(text) for text in texts]
        least.writer.close()
        least.reader.close()
        floor.db.close()
    size = len(batch[0][0].body) // 1000
    print(f"\nWriting: {rounds} interleaved rounds of {count} snapshots, pages of {size} KB\n")
    print("| writer | a second (median of rounds) | of SQLite | p50 ms | p95 ms |\n|---|---|---|---|---|")
    base = statistics.median(next(iter(rates.values())))
    for name, values in rates.items():
        rate, times = statistics.median(values), sorted(every[name])
        p50, p95 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.95))
        print(f"| {name} | {rate:.0f} | {rate / base:.2f} | {p50:.1f} | {p95:.1f} |")


def grow(folder: Path, sizes: list[int], reads: int) -> None:
    """One store that grows: what a write, a read and a history cost at each size (5 snapshots an article)."""
    pages = Pages()
    print("\nGrowth, 5 snapshots an article\n")
    print("| snapshots | write p50 ms | history | text | raw page | one file by cat-file | list | bytes, loose |")
    print("|---|---|---|---|---|---|---|---|")
    with open_store(folder / "grown", create=True) as store:
        whole = Whole(store)
        histories: list[History] = []
        stored = 0
        for size in sizes:
            writes: list[float] = []
            while stored < size:
                text = pages.article(len(histories))
                for _ in range(5):
                    capture, reading = pages.capture(len(histories), text, START + timedelta(hours=stored))
                    writes.append(timed(whole.put, capture, reading))
                    text = pages.edit(text)
                    stored += 1
                histories.append(store.history(branch_name(capture.url)))
            print(_row(store, stored, writes[-200:], pages.random.choices(histories, k=reads)))
        began = time.perf_counter()
        summary = store.reindex()
        print(f"\nreindex of {stored} snapshots, {summary.articles} articles: {time.perf_counter() - began:.2f} s")


def _row(store: Store, stored: int, writes: list[float], asked: list[History]) -> str:
    def median(look: Callable[[History], object]) -> float:
        return statistics.median(timed(look, history) for history in asked)

    reader = Reader(store.repository)
    figures = [
        statistics.median(writes),
        median(lambda history: store.history(history.branch)),
        median(lambda history: store.snapshot(history.branch, history.snapshots[2])),
        median(lambda history: store.raw(history.branch, history.snapshots[2])),
        median(lambda history: reader.blob(f"{history.snapshots[2].revision}:article.md")),
        timed(store.articles),
    ]
    reader.close()
    used = sum(file.stat().st_blocks * 512 for file in store.repository.git_dir.rglob("*") if file.is_file())
    return f"| {stored} | " + " | ".join(f"{figure * 1000:.2f}" for figure in figures) + f" | {used // stored} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--snapshots", type=int, default=40)
    options.add_argument("--sizes", type=int, nargs="+", default=[200, 2000])
    options.add_argument("--reads", type=int, default=200)
    options.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        write_rounds(Path(folder), chosen.rounds, chosen.snapshots)
        grow(Path(folder), chosen.sizes, chosen.reads)


if __name__ == "__main__":
    main()
