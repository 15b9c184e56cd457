"""Whatever the page, there is a reading: no crash, no hang, no flood, and what was read can be written and read back.

    python benchmarks/fuzz.py [FOLDER] [--inputs N] [--from N] [--seed N] [--save FOLDER]

Pages are those of FOLDER (as in benchmarks/normalize.py; else those of our own tests), damaged by benchmarks/mangle.py.
A process of its own reads them; it is watched, killed when one page takes too long, and started again at the next.
Times are CPU seconds, for a loaded machine is no fault of the page. One input in `--compare` is also compared with the
page that it was made from, through diff and annotate. `--save` keeps each input that something was found with.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from mangle import mangled
from normalize import FOLDER, peak

from tracker.model import Document
from tracker.normalize import read
from tracker.pipeline import compare
from tracker.text.codec import read_document, write_article, write_meta

OWN_PAGES = Path(__file__).resolve().parents[1] / "tests"
URL = "https://news.example/2024/03/05/story"
SLOW = 2.0  # CPU seconds
FLOOD = 500 * 1024  # KB
_DEAD = 60.0  # seconds without a word from the reader; it is killed then
_TOO_DEEP = "unreadable: nested too deeply"  # a reason with a name; any other "unreadable" hides a bug


def load_pages(folder: Path) -> list[bytes]:
    """The pages to damage, in the order of their names."""
    packed = sorted(folder.glob("html/*.html.gz"))
    if packed:
        return [gzip.decompress(path.read_bytes()) for path in packed]
    return [path.read_bytes() for path in sorted(OWN_PAGES.rglob("*.html"))]


def judge(page: bytes) -> tuple[list[str], Document]:
    """What is wrong with the reading of one page, and the document."""
    start = time.process_time()
    reading = read(page, URL)
    found = []
    if (spent := time.process_time() - start) > SLOW:
        found.append(f"slow: read took {spent:.1f} s")
    if reading.blocked and reading.blocked.startswith("unreadable: ") and reading.blocked != _TOO_DEEP:
        found.append(reading.blocked)
    document = reading.document
    start = time.process_time()
    files = write_article(document), write_meta(document)
    back = read_document(*files)
    if (spent := time.process_time() - start) > SLOW:
        found.append(f"slow: writing and reading back took {spent:.1f} s")
    if back != document:
        found.append("round trip: another document came back")
    if (write_article(back), write_meta(back)) != files:
        found.append("round trip: other bytes were written")
    return found, document


def compared(original: bytes, document: Document) -> list[str]:
    """What goes wrong when the damaged page is compared with its original."""
    start = time.process_time()
    compare(read(original, URL).document, document)
    spent = time.process_time() - start
    return [f"slow: compare took {spent:.1f} s"] if spent > SLOW else []


def reader(say: Connection, pages: Sequence[bytes], first: int, last: int, options: argparse.Namespace) -> None:
    """Read inputs one after the other; say the number before each and what was found after it."""
    for number in range(first, last):
        original, page = mangled(pages, number, options.seed)
        say.send((number, len(page), None))
        try:
            found, document = judge(page)
            if options.compare and number % options.compare == 0:
                found += compared(original, document)
        except BaseException:  # noqa: BLE001  # this is what we look for
            found = [traceback.format_exc(limit=-3)]
        if peak() > FLOOD:
            found.append(f"memory: {peak() // 1024} MB")
        say.send((number, len(page), found))
        if peak() > FLOOD:  # the mark never goes down again
            return
    say.send(None)


def run(pages: Sequence[bytes], options: argparse.Namespace) -> Iterator[tuple[int, int, list[str]]]:
    """(number, bytes, findings) of each input, the reader started again where it died."""
    number, last = options.first, options.first + options.inputs
    processes = multiprocessing.get_context("fork")
    while number < last:
        hear, say = processes.Pipe(duplex=False)
        child = processes.Process(target=reader, args=(say, pages, number, last, options), daemon=True)
        child.start()
        say.close()
        size = 0
        try:
            while hear.poll(_DEAD) and (said := hear.recv()) is not None:
                number, size, found = said
                if found is not None:
                    yield number, size, found
                    number += 1
            if not hear.poll(0) and child.is_alive() and number < last:
                yield number, size, [f"hang: nothing for {_DEAD:.0f} s"]
                number += 1
        except EOFError:
            child.join()
            if child.exitcode:
                yield number, size, [f"crash: the process ended with {child.exitcode}"]
                number += 1
        child.kill()
        child.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", type=int, default=50, help="compare one input in so many; 0 for none")
    parser.add_argument("--save", type=Path, help="a folder for the inputs that something was found with")
    options = parser.parse_args()
    pages = load_pages(options.folder)
    kinds: Counter[str] = Counter()
    total = done = 0
    for number, size, found in run(pages, options):
        done, total = done + 1, total + size
        for each in found:
            kinds[each.split(": ")[0] if each.startswith(("slow", "memory")) else each] += 1
            print(f"input {number} ({size:,} bytes): {each}", flush=True)
        if found and options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            (options.save / f"{number}.html").write_bytes(mangled(pages, number, options.seed)[1])
        if done % 10_000 == 0:
            print(f"{done:,} inputs, {sum(kinds.values())} finds", flush=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{done:,} inputs made from {len(pages)} pages, {total / 1e6:,.0f} MB, {spent.ru_utime:,.0f} CPU seconds")
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    sys.exit(1 if kinds else 0)


if __name__ == "__main__":
    main()
