"""Headlines and times of publication as the page's readers see them, beside other readers of metadata.

    python benchmarks/metadata.py [FOLDER] [--rounds N] [--wrong]

FOLDER holds `html/<id>.html.gz` and `ground-truth.json` for the addresses; by default ../shared/data/extraction beside
the checkout. The truth is benchmarks/truth/metadata.json: read off each page by a person, the headline as a digest
(16 hex digits of SHA-256 of its text) and the time of publication to the minute, "Z" where the page gives a zone
anywhere. Pages that say no time of day, or contradict themselves, have none. Times are CPU time, best of N rounds.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from tracker.normalize import read
from tracker.normalize.clean import clean_text
from tracker.normalize.metadata import metadata

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "extraction"
TRUTH = Path(__file__).with_name("truth") / "metadata.json"
Said = tuple[str, str]  # the headline and the time of publication, "" where there is none


@dataclass(frozen=True)
class Sample:
    """One page with the digest of its headline and, where it has one, its time."""

    url: str
    html: str
    title: str
    published: str | None


def load(folder: Path) -> list[Sample]:
    """The labelled pages of a folder."""
    truth: Mapping[str, Mapping[str, str]] = json.loads(TRUTH.read_text(encoding="utf-8"))
    addresses = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    found = []
    for name, said in truth.items():
        file = folder / "html" / f"{name}.html.gz"
        if file.is_file():
            html = gzip.decompress(file.read_bytes()).decode("utf-8", "replace")
            found.append(Sample(addresses[name].get("url", ""), html, said["title"], said.get("published")))
    return found


def _tracker() -> Callable[[Sample], Said]:
    def said(sample: Sample) -> Said:
        document = read(sample.html, sample.url).document
        return document.headline or "", document.published or ""

    return said


def _trafilatura() -> Callable[[Sample], Said]:
    extract: Any = importlib.import_module("trafilatura.metadata").extract_metadata

    def said(sample: Sample) -> Said:
        found = extract(sample.html, default_url=sample.url)
        return found.title or "", found.date or ""

    return said


def _htmldate() -> Callable[[Sample], Said]:
    find: Any = importlib.import_module("htmldate").find_date
    return lambda sample: ("", find(sample.html, original_date=True, outputformat="%Y-%m-%dT%H:%M") or "")


PEERS: dict[str, tuple[str, Callable[[], Callable[[Sample], Said]]]] = {
    "tracker": ("tracker", _tracker),
    "trafilatura": ("trafilatura", _trafilatura),
    "htmldate": ("htmldate", _htmldate),
}


def right_title(sample: Sample, title: str) -> bool:
    """Exactly the headline, typography included."""
    return hashlib.sha256(clean_text(title).encode()).hexdigest()[:16] == sample.title


def right_minute(sample: Sample, published: str) -> bool:
    """The same minute; where the page gives a zone, a time without one is wrong."""
    try:
        found = datetime.fromisoformat(published)
    except ValueError:
        return False
    if found.tzinfo:
        found = found.astimezone(UTC)
    wanted = (sample.published or "").removesuffix("Z")
    zoned = (sample.published or "").endswith("Z")
    return found.isoformat()[:16] == wanted and (found.tzinfo is not None or not zoned) and len(published) > len(wanted)


def right_day(sample: Sample, published: str) -> bool:
    """The same day in the zone that is written."""
    return published[:10] == (sample.published or "")[:10]


def measure(say: Callable[[Sample], Said], samples: Sequence[Sample], rounds: int) -> tuple[list[Said], float]:
    """What is said of each page, and the mean of the best CPU milliseconds."""
    said, times = [], []
    for sample in samples:
        best, found = float("inf"), ("", "")
        for _ in range(rounds):
            start = time.process_time()
            try:
                found = say(sample)
            except Exception:  # noqa: BLE001  # a peer that fails on a page has said nothing
                found = ("", "")
            best = min(best, time.process_time() - start)
        said.append(found)
        times.append(best * 1000)
    return said, statistics.mean(times)


def metadata_alone(samples: Sequence[Sample], rounds: int) -> float:
    """CPU milliseconds of our metadata station on a tree that is parsed already."""
    times = []
    for sample in samples:
        root = etree.fromstring(sample.html.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
        best = float("inf")
        for _ in range(rounds):
            start = time.process_time()
            metadata(root, sample.url)
            best = min(best, time.process_time() - start)
        times.append(best * 1000)
    return statistics.mean(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--wrong", action="store_true", help="also list the pages that we read wrong")
    options = parser.parse_args()
    if not (options.folder / "ground-truth.json").is_file():
        sys.exit(f"no ground-truth.json in {options.folder}: give the folder of the data as the first argument")
    samples = load(options.folder)
    dated = [sample for sample in samples if sample.published]
    print(f"{len(samples)} pages with a labelled headline, {len(dated)} with a labelled minute")
    print(f"{'':14}{'title exact':>16}{'right minute':>16}{'right day':>14}{'ms/page':>9}")
    for name, (module, make) in PEERS.items():
        if not importlib.util.find_spec(module):
            print(f"{name:14}not installed, so not measured")
            continue
        said, spent = measure(make(), samples, options.rounds)
        both = list(zip(samples, said, strict=True))
        cells = (
            _share([right_title(sample, title) for sample, (title, _) in both]),
            _share([right_minute(sample, when) for sample, (_, when) in both if sample.published]),
            _share([right_day(sample, when) for sample, (_, when) in both if sample.published]),
        )
        print(f"{name:14}{cells[0]:>16}{cells[1]:>16}{cells[2]:>14}{spent:9.1f}")
        if options.wrong and name == "tracker":
            _list_wrong(both)
    print(f"our metadata station alone: {metadata_alone(samples, options.rounds):.2f} ms/page")


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)} = {100 * sum(right) / max(1, len(right)):.1f} %"


def _list_wrong(both: Sequence[tuple[Sample, Said]]) -> None:
    for sample, (title, when) in both:
        if not right_title(sample, title):
            print(f"  title {title[:80]!r}  {sample.url[:90]}")
        if sample.published and not right_minute(sample, when):
            print(f"  time {when!r}, wanted {sample.published}  {sample.url[:90]}")


if __name__ == "__main__":
    main()
