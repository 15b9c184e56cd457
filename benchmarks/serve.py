"""How fast the pages are: the first page and single diffs of a large store, read by many at once beside a writer.

    python benchmarks/serve.py [--articles 10000] [--versions 10] [--readers 20] [--seconds 20] [--store DIR]

The store is laid down quickly: texts of a few dozen stories stand under many addresses, each version with commits of
its own and a page of one line; their reports are made by the pipeline once a story and entered for each article. DIR
keeps it for the next run. Readers ask over the loopback for a page every second or so, then as fast as they can; the
server, the readers and the writer are processes of their own. Times are as a reader sees them.
"""

import argparse
import http.client
import multiprocessing
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import tracker
from tracker.model import ArticleName, Block, BlockKind, Capture, Document, Lens, Placement, Reading, Report, Side
from tracker.pipeline.reports import change_row
from tracker.render import render
from tracker.store import Store, open_store
from tracker.store.commits import Facts, Kind, article_commit
from tracker.store.deposit import text_objects
from tracker.store.objects import GitObject
from tracker.store.pages import page_digest, page_objects
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT
from tracker.store.repository import IDENTITY, open_repository
from tracker.store.writer import Writer
from tracker.text.urls import branch_name

LENS = Lens("1", "benchmark")
NOTHING = Document((Block(BlockKind.PARAGRAPH, "-"),))
START = datetime(2024, 1, 1, tzinfo=UTC)
STORIES = 40
BATCH = 500  # articles that become durable together
PAIR = re.compile(r'href="(a/[^"]*/diff/[^"#]*)"')
NAMES = ("Adler", "Berg", "Lind", "Holm", "Novak", "Okafor", "Sato", "Ruiz")
SENTENCES = (
    "The council of {place} voted {number} to {other} on Tuesday to keep the ferry line open, {name} said.",
    "“We have waited {number} years for this,” said {name}, who runs the bakery on the quay.",
    "According to the harbour office, {number} people were aboard when the fire broke out near {place}.",
    "{name}, the mayor, did not respond to a request for comment on the {number} letters.",
    "The report, published in {year}, counted {number} ships and {other} sailors in {place}.",
    "Officials may decide next week whether the inquiry, led by {name}, will be opened again.",
)


class Stories:
    """Texts of our own with a life: a number corrected, a sentence added, a name respelled, a note that says so."""

    def __init__(self, versions: int) -> None:
        self.random = random.Random(11)  # noqa: S311 - the same stories in every run
        self.lives = [self._life(number, versions) for number in range(STORIES)]
        self.reports = [[tracker.compare(before, after) for before, after in pairwise(life)] for life in self.lives]

    def _sentence(self) -> str:
        pick = self.random
        return pick.choice(SENTENCES).format(
            place=f"Port {pick.choice(NAMES)}y",
            name=f"Ada {pick.choice(NAMES)}",
            number=pick.randrange(2, 900),
            other=pick.randrange(2, 90),
            year=pick.randrange(1990, 2020),
        )

    def _life(self, number: int, versions: int) -> list[Document]:
        paragraphs = [" ".join(self._sentence() for _ in range(3)) for _ in range(14)]
        headline, note = f"Council of Port {NAMES[number % 8]}y keeps ferry line {number}", ""
        life = [_document(headline, paragraphs, note)]
        while len(life) < versions:
            place = self.random.randrange(len(paragraphs))
            old = re.search(r"\d+", paragraphs[place])
            if len(life) % 3 == 0 or old is None:
                paragraphs[place] += " " + self._sentence()
            else:
                new = str(int(old[0]) + self.random.randrange(1, 9))
                paragraphs[place] = paragraphs[place].replace(old[0], new, 1)
                if len(life) % 4 == 1:
                    note = f"Correction: An earlier version of this article gave a wrong number: {old[0]} for {new}."
            life.append(_document(headline, paragraphs, note))
        return life


def _document(headline: str, paragraphs: Sequence[str], note: str) -> Document:
    blocks = [Block(BlockKind.HEADLINE, headline), *(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)]
    blocks += [Block(BlockKind.NOTICE, note, placement=Placement.END)] if note else []
    return Document(tuple(blocks), language="en")


@dataclass(frozen=True)
class Laid:
    """One article as it was laid down: its branch and address, its story, and the revision and time of each version."""

    branch: str
    url: str
    story: int
    versions: tuple[tuple[str, datetime], ...]


def lay_down(folder: Path, articles: int, versions: int) -> None:
    """A store with so many articles, each with so many versions, indexed, its reports made."""
    stories = Stories(versions)
    files = [[text_objects(document) for document in life] for life in stories.lives]
    began = time.perf_counter()
    laid = list(_commits(folder, files, articles))
    print(f"{articles * versions:,} commits: {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    with open_store(folder) as store:
        store.reindex()
        print(f"index: {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        for article in laid:
            _report(store, article, stories.reports[article.story])
        print(f"{articles * (versions - 1):,} reports: {time.perf_counter() - began:.0f} s", flush=True)


def _commits(folder: Path, files: list[list[list[GitObject]]], articles: int) -> Iterator[Laid]:
    repository = open_repository(folder, create=True)
    writer = Writer(repository, sweep=lambda: None, tip=Reader(repository).tip)
    for first in range(0, articles, BATCH):
        with writer.gather(after=lambda: None):
            for number in range(first, min(articles, first + BATCH)):
                story = number % STORIES
                url = f"https://outlet{number % 97}.example/{number}/ferry-line-of-port-{story}"
                laid, objects, raw = _article(url, story, files[story], number)
                moves = [RefMove(RAW + laid.branch, raw, None), RefMove(TEXT + laid.branch, laid.versions[-1][0], None)]
                writer.write(objects, moves, after=lambda: None)
                yield laid
    writer.close()


def _article(
    url: str, story: int, files: list[list[GitObject]], number: int
) -> tuple[Laid, list[GitObject], str | None]:
    """An article, its objects, and the newest commit of its pages."""
    objects: list[GitObject] = []
    versions: list[tuple[str, datetime]] = []
    raw: str | None = None
    for step, texts in enumerate(files):
        at = START + timedelta(minutes=number * 47 % 500_000, hours=step * 5)
        capture = Capture(url, url, at, 200, (), f"<p>{number} {step}</p>".encode())
        facts = Facts(
            Kind.SNAPSHOT,
            at,
            seen_since=at - timedelta(minutes=15) if step else None,
            raw_sha256=page_digest(capture.body),
            lens=LENS,
            url=url,
        )
        pages = page_objects(capture, None, Reading(NOTHING, LENS))
        page = article_commit(pages[-1].id, (raw,) if raw else (), "a page", facts, identity=IDENTITY, written=at)
        parents = (versions[-1][0],) if versions else ()
        text = article_commit(texts[-1].id, parents, "a snapshot", facts, identity=IDENTITY, written=at)
        objects += [*pages, page, *texts, text]
        versions.append((text.id, at))
        raw = page.id
    return Laid(branch_name(url), url, story, tuple(versions)), objects, raw


def _report(store: Store, article: Laid, made: list[Report]) -> None:
    tip = article.versions[-1][0]
    pairs = list(pairwise(article.versions))
    name = ArticleName(article.branch, article.url, made[0].diff.after.headline)
    for ((old, before), (new, after)), report in zip(pairs, made, strict=True):
        told = replace(
            report,
            article=name,
            before=Side(old, before, lens=LENS),
            after=Side(new, after, lens=LENS, seen_since=after - timedelta(minutes=15)),
            as_of=article.versions[-1][1],
        )
        rows = [change_row(told, change) for change in told.diff.changes]
        store.reports.put(article.branch, old, new, tip, render(told, "json"), rows)
    store.reports.finish(article.branch, tip, [(old, new) for (old, _), (new, _) in pairs])


# --- reading --------------------------------------------------------------------------------------------------------


def server(folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """`tracker serve` on the store, and its address."""
    command = [
        sys.executable,
        "-c",
        "from tracker.cli import main; main()",
        "serve",
        "--port",
        "0",
        "--store",
        str(folder),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found
    return process, found[0]


def read(address: str, paths: Sequence[str], seconds: float, pause: float, seed: int) -> list[tuple[str, float]]:
    """One reader: the first page now and then, else diffs; (kind, seconds) of each answer."""
    pick = random.Random(seed)  # noqa: S311 - where a reader clicks
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    found = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(pick.uniform(0.5, 1.5) * pause)
        path = "" if pick.random() < 0.3 else pick.choice(paths)
        began = time.perf_counter()
        connection.request("GET", f"/{path}", headers={"cookie": f"tracker_reader=reader{seed}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])
        found.append(("diff" if path else "first", time.perf_counter() - began))
    return found


def readers(
    address: str, paths: Sequence[str], count: int, seconds: float, pause: float, out: "multiprocessing.Queue[object]"
) -> None:
    """Many readers at once, in threads of one process."""
    found: list[tuple[str, float]] = []
    threads = [
        threading.Thread(target=lambda seed=seed: found.extend(read(address, paths, seconds, pause, seed)))
        for seed in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(found)


def write(folder: Path, stop: "multiprocessing.synchronize.Event") -> None:
    """Somebody who stores a snapshot of some article twice a second."""
    pick = random.Random(5)  # noqa: S311 - which article
    with open_store(folder) as store:
        branches = [row.branch for row in store.articles()]
        number = 0
        while not stop.wait(0.5):
            number += 1
            history = store.history(pick.choice(branches))
            before = store.document(history.tip)
            text = Block(BlockKind.PARAGRAPH, f"The harbour office counted {number} ships more on that day, it said.")
            document = replace(before, blocks=(*before.blocks, text))
            now = history.live_time(datetime.now(UTC))
            capture = Capture(history.url, history.url, now, 200, (), f"{now}".encode())
            store.write_snapshot(
                branch=None,
                expected=history,
                capture=capture,
                decoded=None,
                reading=Reading(document, LENS),
                seen_since=now - timedelta(minutes=5),
            )


def told(name: str, found: Sequence[tuple[str, float]]) -> None:
    for kind in ("first", "diff"):
        times = sorted(1000 * seconds for what, seconds in found if what == kind)
        if len(times) > 1:
            p95 = statistics.quantiles(times, n=20)[-1]
            print(
                f"{name:<34} {kind:<6} {len(times):>6} {statistics.median(times):>9.1f} {p95:>9.1f} {times[-1]:>9.1f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.store or Path(scratch) / "store"
        if not (folder / "articles.git").exists():
            lay_down(folder, asked.articles, asked.versions)
        with open_store(folder) as store:
            print("{:,} articles, {:,} snapshots".format(*store.totals()))
            rows = store.articles()
            paths = []
            for row in random.Random(3).sample(rows, min(2000, len(rows))):  # noqa: S311 - which diffs are read
                entries = store.history(row.branch).snapshots
                pair = random.Random(row.branch).randrange(len(entries) - 1)  # noqa: S311 - as above
                paths.append(f"a/{row.branch}/diff/{entries[pair].revision[:12]}..{entries[pair + 1].revision[:12]}/")
        process, address = server(folder)
        try:
            measure(folder, address, paths, asked.readers, asked.seconds)
        finally:
            process.terminate()
            process.wait(20)


def measure(folder: Path, address: str, paths: Sequence[str], count: int, seconds: float) -> None:
    """All rounds, each with a line for both kinds of page. Times in milliseconds."""
    print(f"{'':<34} {'page':<6} {'asked':>6} {'median':>9} {'p95':>9} {'longest':>9}  (ms)")
    read(address, paths, 3, 0.0, 98)  # every kind of page was drawn once
    told("one reader, nobody beside", read(address, paths, seconds / 2, 0.0, 99))
    stop = multiprocessing.Event()
    writer = multiprocessing.Process(target=write, args=(folder, stop))
    writer.start()
    try:
        time.sleep(2)
        for name, pause in ((f"{count} readers, a page a second", 1.0), (f"{count} readers without a pause", 0.0)):
            out: multiprocessing.Queue[object] = multiprocessing.Queue()
            crowd = multiprocessing.Process(target=readers, args=(address, paths, count, seconds, pause, out))
            crowd.start()
            found = out.get()
            crowd.join()
            assert isinstance(found, list)
            told(f"{name}, and a writer", found)
    finally:
        stop.set()
        writer.join(20)


if __name__ == "__main__":
    main()
