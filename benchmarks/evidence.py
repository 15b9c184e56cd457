"""What a seal and a check of it cost in a store of a size: the first seal, one of little that is new, a whole check.

    python benchmarks/evidence.py [--snapshots 100000] [--per-article 5] [--new 100]

The store is filled through `git fast-import`, with small pages: a seal reads no page, a check reads them all.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tracker.model import Block, BlockKind, Capture, Document, Lens, Reading, Source
from tracker.store import Kind, Trust, load_key, make_key, open_store
from tracker.store.commits import Facts, message
from tracker.store.deposit import text_objects
from tracker.store.objects import GitObject
from tracker.store.pages import page_digest, page_objects
from tracker.text.urls import branch_name

T = TypeVar("T")

LENS = Lens("1", "benchmark")
START = datetime(2024, 1, 1, tzinfo=UTC)
NAMES = {False: ("article.md", "meta.json"), True: ("page.html", "capture.json")}


def stream(articles: int, first: int, count: int) -> Iterator[bytes]:
    """A fast-import stream: `count` captures of each article from the one with number `first` on."""
    for article in range(articles):
        url = f"https://www.news{article % 50}.example/2024/story-number-{article}"
        branch = branch_name(url)
        for number in range(first, first + count):
            at = START + timedelta(hours=number, seconds=article)
            text = f"The council of town {article} met on Monday for time {number}, and {article * number} people came."
            document = Document((Block(BlockKind.HEADLINE, f"Story {article}"), Block(BlockKind.PARAGRAPH, text)))
            capture = Capture(
                url, url, at, 200, (("content-type", "text/html"),), f"<p>{text}</p>".encode(), Source.WEB
            )
            digest = page_digest(capture.body)
            facts = Facts(Kind.SNAPSHOT, at, None, digest, None, LENS, url, (url,) if number == 0 else (), Source.WEB)
            page_facts = Facts(Kind.SNAPSHOT, at, raw_sha256=digest)
            goes_on = number == first > 0
            raw = page_objects(capture, None, Reading(document, LENS))
            yield _commit(
                f"refs/raw/{branch}", at, message("page as it came", page_facts), raw, raw=True, goes_on=goes_on
            )
            yield _commit(
                f"refs/heads/{branch}",
                at,
                message("Story: text", facts),
                text_objects(document),
                raw=False,
                goes_on=goes_on,
            )


def _commit(ref: str, at: datetime, said: str, objects: list[GitObject], *, raw: bool, goes_on: bool) -> bytes:
    who = f"tracker <tracker@localhost.invalid> {int(at.timestamp())} +0000"
    head = f"commit {ref}\nauthor {who}\ncommitter {who}\n".encode() + _data(said.encode())
    # git goes on with a branch that this process has made; one that was there before must be named
    before = f"from {ref}^0\n".encode() if goes_on else b""
    named = zip(NAMES[raw], objects, strict=False)
    files = (b"M 100644 inline %s\n%s" % (name.encode(), _data(each.data)) for name, each in named)
    return head + before + b"deleteall\n" + b"".join(files)


def _data(data: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(data), data)


def fill(git_dir: Path, articles: int, first: int, count: int) -> None:
    """Add captures, and put all refs into one file."""
    process = subprocess.Popen(["git", "-C", git_dir, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert process.stdin
    for part in stream(articles, first, count):
        process.stdin.write(part)
    process.stdin.close()
    assert process.wait() == 0
    subprocess.run(["git", "-C", git_dir, "pack-refs", "--all"], check=True)


def timed(what: str, work: Callable[[], T]) -> T:
    """Print how long a piece of work took."""
    start = time.perf_counter()
    result = work()
    print(f"| {what} | {time.perf_counter() - start:.1f} s |", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshots", type=int, default=100_000)
    parser.add_argument("--per-article", type=int, default=5)
    parser.add_argument("--new", type=int, default=100)
    asked = parser.parse_args()
    articles = asked.snapshots // asked.per_article
    with tempfile.TemporaryDirectory() as folder:
        make_key(Path(folder) / "key" / "seal_key", "benchmark")
        key = load_key(Path(folder) / "key" / "seal_key")
        with open_store(Path(folder) / "store", create=True) as store:
            git_dir = store.path / "articles.git"
            print(f"| {asked.snapshots:,} snapshots of {articles:,} articles | |\n|---|---|")
            timed("filled", lambda: fill(git_dir, articles, 0, asked.per_article))
            timed("first seal, of everything", lambda: store.evidence.seal(key, datetime.now(UTC)))
            timed("nothing new", lambda: store.evidence.seal(key, datetime.now(UTC)))
            fill(git_dir, asked.new, asked.per_article, 1)
            made = timed(f"seal of {asked.new} new", lambda: store.evidence.seal(key, datetime.now(UTC)))
            assert made.seal is not None
            assert made.seal.manifest.entries == asked.new
            timed("verify --seals", lambda: store.evidence.verify(Trust(), seals_only=True))
            found = timed("verify, every text and page", lambda: store.evidence.verify(Trust()))
            assert found.sound
            print(next(each.text for each in found.statements if "byte for byte" in each.text))


if __name__ == "__main__":
    main()
