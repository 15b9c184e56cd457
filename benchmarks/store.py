"""TARGETS "The store": writing beside SQLite with zstd, bulk, bytes after gc beside zstd -19, all of it as it grows.

    python benchmarks/store.py [write] [bulk] [bytes] [grow] [--rounds 5] [--snapshots 40] [--sizes 1000 10000]

The pages are of our own making: each site has a frame of about 100 KB, and each version of a page a little that is
new in it. Figures of one run are to be compared with each other: no machine is ever idle. `grow` stores texts alone, so
that a million fit; what is written and read at each size are whole snapshots.

A store makes some nine files a snapshot, SQLite none. An ext4 without a journal looks at each inode that was freed in
the last minutes before it gives out one (0.7 ms a file where it is usually 0.02), so what is measured lies in parts of
the disk of its own, and the price of a file is printed.
"""

import argparse
import fcntl
import gzip
import importlib
import itertools
import os
import random
import resource
import sqlite3
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tracker.model import Block, BlockKind, Capture, Document, Lens, Reading
from tracker.store import History, Kind, Store, open_store
from tracker.store.commits import Facts, article_commit
from tracker.store.listed import ArticleQuery
from tracker.store.maintenance import maintain
from tracker.store.objects import GitObject, blob, tree
from tracker.store.packing import lines_of
from tracker.store.pages import page_digest, page_objects
from tracker.store.pending import Pending, RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT
from tracker.store.repository import IDENTITY, open_repository
from tracker.store.writer import Writer
from tracker.text.codec import write_article
from tracker.text.urls import branch_name

zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

LENS = Lens("1", "benchmark")
START = datetime(2024, 1, 1, tzinfo=UTC)
SITES, VERSIONS = 80, 5
PARAGRAPHS, SENTENCES = 25, 4
META = b"{}\n"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article: its capture, and the article.md that is made of it."""

    number: int
    capture: Capture
    text: str


class Pages:
    """Articles of many sites, and what outlets do to them."""

    def __init__(self, *, fresh: bool = False, real: Path | None = None) -> None:
        """`fresh`: no sentence comes twice (slow to make). `real`: a folder of HTML files to take the frames from."""
        self.random = random.Random(7)  # noqa: S311 - the same pages in every run
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        weights = [1 / (place + 2) for place in range(len(letters))]
        words = {"".join(self.random.choices(letters, weights, k=self.random.randint(2, 10))) for _ in range(4000)}
        self.words = sorted(words)
        self.often = list(itertools.accumulate(1 / (place + 5) for place in range(len(self.words))))
        self.sentences = [self.sentence() for _ in range(6000)]
        self.fresh = fresh
        self.frames = _real_frames(real) if real else [self.frame() for _ in range(SITES)]

    def sentence(self) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.often, k=12)).capitalize() + "."

    def any_sentence(self) -> str:
        return self.sentence() if self.fresh else self.random.choice(self.sentences)

    def frame(self) -> list[str]:
        """A site's page around the article, in 24 pieces with a number between them that is never twice the same."""
        names = self.random.sample(self.words, 40)
        rows = [
            f'<div class="{self.random.choice(names)}-{self.random.choice(names)}" data-{self.random.choice(names)}='
            f'"{self.random.getrandbits(16):x}"><a href="/{self.random.choice(names)}">{text}</a></div>'
            for text in self.random.sample(self.sentences, 640)
        ]
        return ["\n".join(rows[place::24]) for place in range(24)]

    def article(self, number: int) -> list[str]:
        """Its headline, then its paragraphs, of sentences one a line."""
        texts = [self.any_sentence() for _ in range(PARAGRAPHS * SENTENCES)]
        paragraphs = ["\n".join(texts[place::PARAGRAPHS]) for place in range(PARAGRAPHS)]
        return [f"Story {number}: {texts[0][:-1]}", *paragraphs]

    def edit(self, parts: list[str]) -> list[str]:
        """One or two paragraphs get a word more, and two times in five there is a new one."""
        parts = list(parts)
        for _ in range(self.random.randint(1, 2)):
            place = self.random.randrange(1, len(parts))
            parts[place] = f"{parts[place][:-1]} {self.random.choice(self.words)}."
        if self.random.random() < 0.4:
            parts.insert(self.random.randrange(2, len(parts)), self.any_sentence())
        return parts

    def version(self, number: int, parts: list[str], when: datetime, *, html: bool = True) -> Version:
        url = address(number)
        text = "\n\n".join([f"# {parts[0]}", *parts[1:]]) + "\n"
        body = self._page(number, parts) if html else b""
        headers = (("content-type", "text/html; charset=utf-8"), ("etag", f'"{self.random.getrandbits(64):x}"'))
        return Version(number, Capture(url, url, when, 200, headers, body), text)

    def _page(self, number: int, parts: list[str]) -> bytes:
        frame = self.frames[number % SITES % len(self.frames)]
        related = [f'<li><a href="/story-{(number + n) % 997}">{self.sentences[n]}</a></li>' for n in range(20)]
        for place in self.random.sample(range(20), 5):
            target, text = self.random.randrange(10**6), self.any_sentence()
            related[place] = f'<li><a href="/story-{target}">{text}</a></li>'
        pieces = [f'{part}<script nonce="{self.random.getrandbits(64):x}"></script>' for part in frame]
        paragraphs = "".join(f"<p>{part}</p>\n" for part in parts[1:])
        middle = f"<article><h1>{parts[0]}</h1>{paragraphs}</article><ul>{''.join(related)}</ul>"
        return "\n".join(["<html>", *pieces[:8], middle, *pieces[8:], "</html>"]).encode()

    def stories(self, numbers: range, *, html: bool = True) -> Iterator[list[Version]]:
        """All versions of each article, an hour apart."""
        for number in numbers:
            parts, found = self.article(number), []
            for turn in range(VERSIONS):
                found.append(self.version(number, parts, START + timedelta(hours=turn, seconds=number), html=html))
                parts = self.edit(parts)
            yield found


def _real_frames(folder: Path) -> list[list[str]]:
    """Pages of 60 to 150 KB as frames, each in 24 pieces."""
    texts = [
        gzip.decompress(data) if path.suffix == ".gz" else data
        for path in sorted(folder.rglob("*.html*"))
        if (data := path.read_bytes())
    ]
    chosen = [text.decode("utf-8", "replace") for text in texts if 60_000 <= len(text) <= 150_000][:SITES]
    return [[text[place * len(text) // 24 : (place + 1) * len(text) // 24] for place in range(24)] for text in chosen]


def address(number: int) -> str:
    """Where an article is found."""
    return f"https://site-{number % SITES}.example/{number % 97}/story-number-{number}"


def reading(version: Version) -> Reading:
    """As the station normalize would give it."""
    headline, *parts = version.text.rstrip("\n").split("\n\n")
    blocks = [Block(BlockKind.HEADLINE, headline.removeprefix("# "))]
    return Reading(Document((*blocks, *(Block(BlockKind.PARAGRAPH, each.replace("\n", " ")) for each in parts))), LENS)


def objects_of(version: Version, tips: dict[str, str], *, pages: bool) -> tuple[list[GitObject], list[RefMove]]:
    """The least that the format needs: the eight objects of a snapshot, or the four of its text, and its refs."""
    facts = Facts(
        Kind.SNAPSHOT, version.capture.captured_at, raw_sha256=page_digest(version.capture.body), lens=LENS,
        url=version.capture.url, aliases=(version.capture.url.removeprefix("https://"),),
    )  # fmt: skip
    article, meta = blob(version.text.encode()), blob(META)
    sides = [(TEXT, [article, meta, tree([("article.md", article.id), ("meta.json", meta.id)])])]
    if pages:
        sides.insert(0, (RAW, page_objects(version.capture, None, None)))
    objects: list[GitObject] = []
    moves: list[RefMove] = []
    branch = branch_name(version.capture.url)
    for prefix, files in sides:
        ref = prefix + branch
        old = tips.get(ref)
        when = version.capture.captured_at
        made = article_commit(files[-1].id, (old,) if old else (), "a snapshot", facts, identity=IDENTITY, written=when)
        objects += [*files, made]
        moves.append(RefMove(ref, made.id, old))
        tips[ref] = made.id
    return objects, moves


# --- one durable snapshot -----------------------------------------------------------------------------------


class Floor:
    """What any durable store must do: compress, insert, flush once."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE s (url TEXT, at TEXT, html BLOB, text BLOB)")

    def put(self, version: Version) -> None:
        packed = (zstd.compress(data, 3) for data in (version.capture.body, version.text.encode()))
        values = (version.capture.url, version.capture.captured_at.isoformat(), *packed)
        self.db.execute("INSERT INTO s VALUES (?, ?, ?, ?)", values)


class ObjectsAndRefs:
    """Nothing looked up, nothing listed: what is written is what must be."""

    def __init__(self, folder: Path) -> None:
        self.repository = open_repository(folder, create=True)
        self.pending = Pending()
        self.reader = Reader(self.repository, self.pending)
        self.writer = Writer(self.repository, sweep=lambda: None, tip=self.reader.tip, pending=self.pending)
        self.tips: dict[str, str] = {}

    def put(self, version: Version) -> None:
        self.writer.write(*objects_of(version, self.tips, pages=True), after=lambda: None)

    def put_many(self, versions: Sequence[Version], *, pages: bool) -> None:
        with self.writer.gather(lambda: None):
            for version in versions:
                self.writer.write(*objects_of(version, self.tips, pages=pages), after=lambda: None)

    def close(self) -> None:
        self.writer.close()
        self.reader.close()


class Whole:
    """`Store.write_snapshot` as the pipeline calls it, with the look at the article before and the index after."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, version: Version, read: Reading | None = None) -> History:
        branch = self.store.find_url(version.capture.url)
        history = self.store.history(branch) if branch else None
        snapshot = self.store.write_snapshot(
            branch=None, expected=history, capture=version.capture, decoded=None, reading=read or reading(version),
            seen_since=None,
        )  # fmt: skip
        return self.store.history(snapshot.article)


def timed(work: Callable[..., object], *values: object) -> float:
    began = time.perf_counter()
    work(*values)
    return time.perf_counter() - began


def beside(writers: dict[str, Callable[[Version], object]], rounds: Sequence[Sequence[Version]]) -> None:
    """Interleaved rounds of the same captures, so that all writers meet the same noise."""
    rates: dict[str, list[float]] = {name: [] for name in writers}
    every: dict[str, list[float]] = {name: [] for name in writers}
    for batch in rounds:
        for name, put in writers.items():
            times = [timed(put, each) for each in batch]
            rates[name].append(len(batch) / sum(times))
            every[name] += times
    print("| writer | a second (median of rounds) | of SQLite | p50 ms | p95 ms |\n|---|---|---|---|---|")
    base = statistics.median(next(iter(rates.values())))
    for name, values in rates.items():
        rate, times = statistics.median(values), sorted(every[name])
        p50, p95 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.95))
        print(f"| {name} | {rate:.0f} | {rate / base:.2f} | {p50:.1f} | {p95:.1f} |")


# Of ext4, which `chattr +T` sets: what is made in this folder is not related, and lies apart.
_GET_FLAGS, _SET_FLAGS, _TOP_OF_TREE = 0x80086601, 0x40086602, 0x20000


def _apart(folder: Path) -> Path:
    """A new folder in this one, in a part of the disk of its own: of four, that in which a file is quickest to make.

    Where the disk is told so, the name of a folder says in which part it begins.
    """
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        (flags,) = struct.unpack("i", fcntl.ioctl(handle, _GET_FLAGS, bytes(4)))
        fcntl.ioctl(handle, _SET_FLAGS, struct.pack("i", flags | _TOP_OF_TREE))
    os.close(handle)
    return min((Path(tempfile.mkdtemp(dir=folder)) for _ in range(4)), key=_price_of_a_file)


def _price_of_a_file(folder: Path) -> float:
    """Milliseconds, median: what it takes to make an empty file in a folder."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        return statistics.median(timed((Path(name) / str(number)).touch) for number in range(15)) * 1000


def write(folder: Path, rounds: int, count: int) -> None:
    """One durable snapshot after the other."""
    pages = Pages()
    stories = list(pages.stories(range(count)))
    turns = [[story[turn % VERSIONS] for story in stories] for turn in range(min(rounds, VERSIONS))]
    price, load = _price_of_a_file(_apart(folder)), os.getloadavg()[0]
    print(
        f"\nWriting: {len(turns)} interleaved rounds of {count} snapshots, load {load:.1f}, a new file {price:.3f} ms\n"
    )
    with open_store(_apart(folder) / "store", create=True) as store:
        floor, least, whole = Floor(_apart(folder) / "floor"), ObjectsAndRefs(_apart(folder) / "least"), Whole(store)
        readings = {each.text: reading(each) for turn in turns for each in turn}
        beside(
            {
                "SQLite + zstd, one flush": floor.put,
                "objects and refs": least.put,
                "write_snapshot": lambda version: whole.put(version, readings[version.text]),
            },
            turns,
        )
        least.close()
        floor.db.close()


# --- bulk, and bytes ----------------------------------------------------------------------------------------


class Clock:
    """What some work takes in time, and of the processors: in this process, and in the git that it starts."""

    def __init__(self) -> None:
        self.spent = self.own = self.git = 0.0

    def run(self, work: Callable[[], object]) -> None:
        began, own, git = time.perf_counter(), time.process_time(), _of_children()
        work()
        self.spent += time.perf_counter() - began
        self.own += time.process_time() - own
        self.git += _of_children() - git

    def row(self, name: str, count: int) -> str:
        own, git = (each * 1000 / count for each in (self.own, self.git))
        return f"| {name} | {count} | {count / self.spent:.0f} | {own:.2f} | {git:.2f} |"


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bulk(folder: Path, count: int) -> None:
    """Many at once: what is timed is the store's part, from what a page was read as to refs on the disk."""
    pages = Pages()
    print(f"\nBulk: load {os.getloadavg()[0]:.1f}; processor time of a snapshot in ms, ours and git's beside it\n")
    print("| what | snapshots | a second | our ms | git's ms |\n|---|---|---|---|---|")
    for name, html, number in (("objects and refs, with pages", True, count), ("texts alone", False, 5 * count)):
        clock, least = Clock(), ObjectsAndRefs(_apart(folder) / "least")
        for batch in _batches(pages.stories(range(number // VERSIONS), html=html), 500 if html else 5_000):
            clock.run(partial(least.put_many, batch, pages=html))
        least.close()
        print(clock.row(name, number), flush=True)
    clock = Clock()
    with open_store(_apart(folder) / "gathered", create=True) as store:
        for batch in _batches(pages.stories(range(count // VERSIONS)), 500):
            clock.run(partial(_gather, Whole(store), batch, [reading(each) for each in batch]))
    print(clock.row("write_snapshot in gathered blocks", count))


def _gather(whole: Whole, batch: Sequence[Version], read: Sequence[Reading]) -> None:
    with whole.store.gather():
        for each, its in zip(batch, read, strict=True):
            whole.put(each, its)


def _batches(stories: Iterator[list[Version]], most: int) -> Iterator[list[Version]]:
    batch: list[Version] = []
    for story in stories:
        batch += story
        if len(batch) >= most:
            yield batch
            batch = []
    if batch:
        yield batch


def bytes_after_gc(folder: Path, articles: int, real: Path | None) -> None:
    """What a snapshot takes when it is packed, beside zstd -19 --long=27 of everything in the order of the articles."""
    parts: dict[str, list[bytes]] = {"page.html": [], "capture.json": [], "article.md": [], "meta.json": []}
    least = ObjectsAndRefs(folder / "least")
    for batch in _batches(Pages(fresh=True, real=real).stories(range(articles)), 500):
        least.put_many(batch, pages=True)
        for version in batch:
            page, facts, _ = page_objects(version.capture, None, None)
            for name, data in zip(parts, (page.data, facts.data, version.text.encode(), META), strict=True):
                parts[name].append(data)
    least.close()
    count = articles * VERSIONS
    floors = {name: _floor(data) / count for name, data in parts.items()}
    said = ", ".join(f"{name} {size:.0f}" for name, size in floors.items())
    print(f"\nBytes a snapshot: {articles} articles on {SITES} sites, {VERSIONS} versions each")
    print(f"the floor, zstd -19 --long=27: {sum(floors.values()):.0f} ({said})")
    print(f"as bulk has written them: {_in_packs(least)[1] / count:.0f}", flush=True)
    for every in (False, True):
        spent = timed(partial(maintain, least.repository, every=every))
        texts, whole = (size / count for size in _in_packs(least))
        text_floor = floors["article.md"] + floors["meta.json"]
        print(
            f"after gc{' --all' if every else ''} ({spent:.0f} s): {whole:.0f}, {whole / sum(floors.values()):.2f} "
            f"times the floor; the texts alone {texts:.0f}, {texts / text_floor:.2f} times theirs",
            flush=True,
        )


def _in_packs(least: ObjectsAndRefs) -> tuple[int, int]:
    """The bytes in packs of what text branches lead to, and of all."""
    names = set(lines_of(least.repository, "rev-list", "--objects", "--no-object-names", "--branches"))
    packs = [str(path) for path in (least.repository.objects / "pack").glob("*.idx")]
    rows = [line.split() for line in lines_of(least.repository, "verify-pack", "-v", *packs)]
    sizes = {row[0]: int(row[3]) for row in rows if len(row) > 4 and row[1] in {"blob", "tree", "commit"}}
    return sum(size for name, size in sizes.items() if name in names), sum(sizes.values())


def _floor(data: list[bytes]) -> int:
    level, window = zstd.CompressionParameter.compression_level, zstd.CompressionParameter.window_log
    return len(zstd.compress(b"".join(data), options={level: 19, window: 27}))


# --- growth -------------------------------------------------------------------------------------------------


_COLUMNS = (
    "snapshots",
    "load",
    "import a second",
    "gc s",
    "bytes",
    "objects and refs",
    "of SQLite",
    "write_snapshot",
    "history",
    "one text",
    "newest 20",
    "index bytes",
    "memory MB",
)


_FIRST = 20  # writes after a rest, which find the disk asleep: they are made and not counted


def grow(folder: Path, sizes: list[int], reads: int, rest: float) -> None:
    """One store that grows by texts: what a write, a read and a history cost at each size.

    Where the folder has such a store from another run, it grows on. After packing, which removes many files, the disk
    has so many seconds of `rest` before anything is timed.
    """
    pages = Pages()
    sample = next(pages.stories(range(1)))[0]
    assert write_article(reading(sample).document) == sample.text, "these texts are not what the store would write"
    print("\nGrowth by texts, 5 snapshots an article. Times are medians in ms.\n")
    print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|", flush=True)
    note = folder / "snapshots"  # whose number is known
    stored = int(note.read_text()) if note.exists() else 0
    for size in sizes:
        with open_store(folder / "grown", create=True) as store:
            rate = _import(store, pages, stored, size)
            stored = max(stored, size)
            note.write_text(str(stored))
            packing = timed(store.maintain)
            time.sleep(rest)
            print(_row(store, pages, stored, rate, packing, reads), flush=True)
        if size <= 100_000:
            with open_store(folder / "grown") as store:
                spent = timed(store.reindex)
                print(f"\nreindex of {size} snapshots: {spent:.1f} s\n", flush=True)


def _import(store: Store, pages: Pages, stored: int, size: int) -> float:
    """Add articles until there are `size` snapshots; how many a second."""
    spent = 0.0
    for batch in _batches(pages.stories(range(stored // VERSIONS, size // VERSIONS), html=False), 5_000):
        spent += timed(_take_in, store, batch)
        held = store.holdings()
        if held.packs >= 60 or held.loose_refs >= 20_000:
            spent += timed(partial(store.maintain, quick=True))
    return (size - stored) / spent if spent else 0.0


def _take_in(store: Store, batch: Sequence[Version]) -> None:
    with store.gather():
        for place in range(0, len(batch), VERSIONS):
            story = batch[place : place + VERSIONS]
            tips: dict[str, str] = {}
            made = [objects_of(version, tips, pages=False) for version in story]
            objects = [each for pair in made for each in pair[0]]
            (ref,) = tips
            written = {each.id: each for each in objects}
            # The store's own way, below the page that these texts have none of.
            look = partial(store._refresher.article, ref.removeprefix(TEXT), written=written)  # noqa: SLF001
            store._writer.write(objects, [RefMove(ref, tips[ref], None)], after=look)  # noqa: SLF001


def _row(store: Store, pages: Pages, stored: int, rate: float, packing: float, reads: int) -> str:
    load = os.getloadavg()[0]
    names = [row.branch for row in store.articles_like(ArticleQuery(limit=20))]
    asked = [branch_name(address(pages.random.randrange(stored // VERSIONS))) for _ in range(reads)]
    least = ObjectsAndRefs(store.path)
    with tempfile.TemporaryDirectory(dir=store.path.parent) as beside_it:
        floor, whole = Floor(Path(beside_it) / "floor.sqlite"), Whole(store)
        new = int(time.time()) * 1000  # articles that no run before has written
        fresh = [pages.version(new + n, pages.article(n), START) for n in range(_FIRST + 60)]
        times = [(timed(floor.put, each), timed(least.put, each)) for each in fresh][_FIRST:]
        floor.db.close()
    least.close()
    more = [pages.version(new + 100 + n, pages.article(n), START) for n in range(40)]
    wholes = [timed(whole.put, each) for each in more]
    histories = {branch: store.history(branch) for branch in set(asked)}
    figures = {
        "history": statistics.median(timed(store.history, branch) for branch in asked),
        "text": statistics.median(timed(store.document, histories[branch].snapshots[2].revision) for branch in asked),
        "newest": statistics.median(timed(lambda: store.articles_like(ArticleQuery(limit=20))) for _ in names),
    }
    base, least_time = (statistics.median(column) for column in zip(*times, strict=True))
    index = (store.path / "index.sqlite").stat().st_size
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    times_ms = (least_time, statistics.median(wholes), *figures.values())
    written, whole_ms, *read = (f"{each * 1000:.3f}" for each in times_ms)
    counts = (rate, packing, store.holdings().pack_bytes / stored)
    cells = [str(stored), f"{load:.1f}", *(f"{each:.0f}" for each in counts), written, f"{base / least_time:.2f}"]
    cells += [whole_ms, *read, f"{index / stored:.0f}", str(memory)]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", nargs="*", choices=["write", "bulk", "bytes", "grow", []], help="default: all")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--snapshots", type=int, default=40, help="in a round")
    options.add_argument("--many", type=int, default=2000, help="in bulk")
    options.add_argument("--articles", type=int, default=400, help="whose bytes are weighed")
    options.add_argument("--pages", type=Path, help="HTML files to weigh, in place of frames of our own making")
    options.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    options.add_argument("--reads", type=int, default=500)
    options.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    options.add_argument("--rest", type=float, default=0, help="seconds between packing and timing (grow)")
    options.add_argument("--keep", type=Path, help="the folder of a store that grows from run to run")
    chosen = options.parse_args()
    wanted = chosen.what or ["write", "bulk", "bytes", "grow"]
    works: dict[str, Callable[[Path], None]] = {
        "write": lambda folder: write(folder, chosen.rounds, chosen.snapshots),
        "bulk": lambda folder: bulk(folder, chosen.many),
        "bytes": lambda folder: bytes_after_gc(folder, chosen.articles, chosen.pages),
        "grow": lambda folder: grow(chosen.keep or _apart(folder), chosen.sizes, chosen.reads, chosen.rest),
    }
    for name in wanted:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            works[name](Path(folder))


if __name__ == "__main__":
    main()
