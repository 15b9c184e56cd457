"""Accuracy, speed and memory of normalizing, beside other extractors that are installed.

    python benchmarks/normalize.py [FOLDER] [--rounds N] [--worst N] [--only NAME]

FOLDER holds `ground-truth.json` ({id: {articleBody, url}}) and `html/<id>.html.gz`; by default
../shared/data/extraction beside the checkout. Scored as the article-extraction-benchmark does: word 4-grams as
multisets, precision and recall of each page, then their means, then F1 of these; "exact" is the share of pages with no
shingle wrong or missed. Times are CPU time of one process, best of N rounds for each page; ratios are what counts.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.model import BlockKind, Document
from tracker.normalize import read

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "extraction"
PEERS = {"trafilatura": "trafilatura", "readability": "readability-lxml", "resiliparse": "resiliparse"}
TEXT = frozenset(
    (
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.TABLE, BlockKind.NOTICE,
        BlockKind.EMBED, BlockKind.ENTRY,
    )
)  # fmt: skip
_WORD = re.compile(r"\w+")
_GRAM = 4
Extractor = Callable[[str, str], str]


@dataclass(frozen=True)
class Sample:
    """One page with its true text."""

    name: str
    url: str
    html: str
    truth: str


@dataclass(frozen=True)
class Score:
    """One page's shares of right, wrong and missed shingles."""

    right: float
    wrong: float
    missed: float

    @property
    def exact(self) -> bool:
        """Nothing wrong and nothing missed."""
        return self.wrong == self.missed == 0


def body_text(document: Document) -> str:
    """What the benchmark calls the article's body: no headline, dek, byline, caption or picture."""
    return "\n".join(block.text for block in document.blocks if block.kind in TEXT)


def load(folder: Path) -> list[Sample]:
    """The samples of a folder, in the order of their names."""
    truth: Mapping[str, Mapping[str, str]] = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Sample(
            name,
            said.get("url", ""),
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()).decode("utf-8", "replace"),
            said["articleBody"],
        )
        for name, said in sorted(truth.items())
    ]


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Word 4-grams with their counts; of a text shorter than four words, the text itself."""
    words = _WORD.findall(text)
    rows = [tuple(words[at : at + _GRAM]) for at in range(max(1, len(words) - _GRAM + 1))] if words else []
    return Counter(rows)


def score(truth: str, said: str) -> Score:
    """One page's shares; each divided by the page's own count."""
    wanted, found = shingles(truth), shingles(said)
    right = sum((wanted & found).values())
    wrong, missed = sum(found.values()) - right, sum(wanted.values()) - right
    total = right + wrong + missed
    if not total:
        return Score(1.0, 0.0, 0.0)
    return Score(right / total, wrong / total, missed / total)


def totals(scores: Sequence[Score]) -> tuple[float, float, float, float]:
    """F1, precision, recall, exact. Precision and recall are means over the pages where they mean something."""
    said = [each for each in scores if each.right + each.wrong > 0]
    wanted = [each for each in scores if each.right + each.missed > 0]
    precision = statistics.mean(each.right / (each.right + each.wrong) for each in said) if said else 0.0
    recall = statistics.mean(each.right / (each.right + each.missed) for each in wanted) if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f1, precision, recall, statistics.mean(each.exact for each in scores)


def _tracker() -> Extractor:
    return lambda html, url: body_text(read(html, url).document)


def _trafilatura() -> Extractor:
    trafilatura: Any = importlib.import_module("trafilatura")
    return lambda html, _: trafilatura.extract(html, favor_precision=True, include_comments=False) or ""


def _readability() -> Extractor:
    readability: Any = importlib.import_module("readability")
    lxml_html: Any = importlib.import_module("lxml.html")

    def extract(html: str, _: str) -> str:
        summary = readability.Document(html).summary()
        return "\n".join(lxml_html.fromstring(summary).itertext()) if summary else ""

    return extract


def _resiliparse() -> Extractor:
    extract: Any = importlib.import_module("resiliparse.extract.html2text")
    return lambda html, _: str(extract.extract_plain_text(html, main_content=True, alt_texts=False, links=False))


EXTRACTORS: dict[str, tuple[str, Callable[[], Extractor]]] = {
    "tracker": ("tracker", _tracker),
    "trafilatura precision": ("trafilatura", _trafilatura),
    "readability-lxml": ("readability", _readability),
    "resiliparse": ("resiliparse", _resiliparse),
}


def measure(extract: Extractor, samples: Sequence[Sample], rounds: int) -> tuple[list[Score], list[float]]:
    """Scores and the best CPU milliseconds of each page."""
    scores, times = [], []
    for sample in samples:
        best, said = float("inf"), ""
        for _ in range(rounds):
            start = time.process_time()
            try:
                said = extract(sample.html, sample.url)
            except Exception:  # noqa: BLE001  # a peer that fails on a page has said nothing
                said = ""
            best = min(best, time.process_time() - start)
        scores.append(score(sample.truth, said))
        times.append(best * 1000)
    return scores, times


def peak_memory(name: str, folder: Path) -> str:
    """Peak memory in MB of a process of its own that reads all pages once with one extractor."""
    command = [sys.executable, __file__, str(folder), "--memory-of", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "-"


def peak() -> int:
    """Peak memory of this process in KB; its own where Linux says it, for rusage also counts what started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--worst", type=int, default=0, help="also list the pages that we read worst")
    parser.add_argument("--only", help="measure one extractor only")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.folder / "ground-truth.json").is_file():
        sys.exit(f"no ground-truth.json in {options.folder}: give the folder of the data as the first argument")
    samples = load(options.folder)
    if options.memory_of:
        measure(EXTRACTORS[options.memory_of][1](), samples, 1)
        print(peak() // 1024)
        return
    missing = [package for module, package in PEERS.items() if not importlib.util.find_spec(module)]
    if missing:
        print(f"not installed, so not measured; to compare: pip install {' '.join(missing)}\n")
    report(samples, options)


def report(samples: Sequence[Sample], options: argparse.Namespace) -> None:
    """Measure and print the table."""
    print(f"{len(samples)} pages, best of {options.rounds} rounds, CPU time")
    print(f"{'':24}{'F1':>7}{'prec.':>7}{'recall':>8}{'exact':>7}{'ms/page':>9}{'p95':>7}{'ratio':>7}{'MB':>6}")
    rows, reference = [], None
    for name, (module, make) in EXTRACTORS.items():
        if not importlib.util.find_spec(module) or (options.only and name != options.only):
            continue
        scores, times = measure(make(), samples, options.rounds)
        rows.append((name, scores, times))
        if name == "trafilatura precision":
            reference = statistics.mean(times)
    for name, scores, times in rows:
        f1, precision, recall, exact = totals(scores)
        mean, p95 = statistics.mean(times), statistics.quantiles(times, n=20)[-1]
        ratio = f"{mean / reference:7.2f}" if reference else f"{'-':>7}"
        memory = peak_memory(name, options.folder)
        print(f"{name:24}{f1:7.3f}{precision:7.3f}{recall:8.3f}{exact:7.3f}{mean:9.1f}{p95:7.1f}{ratio}{memory:>6}")
    if options.worst:
        worst = sorted(zip(rows[0][1], samples, strict=True), key=lambda pair: pair[0].right)[: options.worst]
        for found, sample in worst:
            print(f"  right {found.right:.2f} wrong {found.wrong:.2f} missed {found.missed:.2f}  {sample.url[:110]}")


if __name__ == "__main__":
    main()
