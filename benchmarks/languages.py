"""How right notices, labels and verdicts are in each language.

    python benchmarks/languages.py [--misses] [LANGUAGE ...]

Two sets a language, both of our own sentences and in the layout that tests/test_languages.py describes: `working`
(tests/languages), which the words were written with, and `held-out` (benchmarks/wordings), written without sight
of the words. What the second showed was mended afterwards, so a fresh set is due before its figures are quoted again.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.test_languages import change_of, compared, page
from tracker.annotate import annotate
from tracker.annotate.notices import read_notice
from tracker.diff import diff
from tracker.model import Block, BlockKind, Disclosure, Label
from tracker.text.wording import notice_opening

SETS = {
    "working": Path(__file__).resolve().parents[1] / "tests" / "languages",
    "held-out": Path(__file__).parent / "wordings",
}
UNJUDGED = {Label.OTHER, Label.TYPOGRAPHIC}  # what is left when no detector knows more; what is no other word


class Tally:
    """Counts, and the lines of what went wrong."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.misses: list[str] = []

    def share(self, right: str, of: str) -> str:
        """Two counts and their share."""
        return (
            f"{self.counts[right] / self.counts[of]:.3f} of {self.counts[of]:3}" if self.counts[of] else "   -       "
        )

    def miss(self, *words: object) -> None:
        self.misses.append("    " + " | ".join(map(str, words)))


def notices(data: dict[str, Any], language: str, tally: Tally) -> None:
    """Are notes found, with kind and time, and are false friends let be?"""
    count = tally.counts
    for case in data["note"]:
        count["notes"] += 1
        opening = notice_opening(case["text"], language)
        if opening is None:
            tally.miss("no note", case["text"])
            continue
        count["found"] += 1
        count["said to be notes"] += 1
        count["kinds"] += str(opening.kind) == case["kind"]
        if "stated" not in case:
            continue
        count["timed"] += 1
        stated = read_notice(Block(BlockKind.NOTICE, case["text"]), 0, language).stated
        parts = (stated.date, stated.time, stated.zone) if stated else ()
        count["times"] += " ".join(part for part in parts if part) == case["stated"]
    for case in data["friend"]:
        if notice_opening(case["text"], language):
            count["said to be notes"] += 1
            tally.miss("a note", case["text"])


def labels(data: dict[str, Any], language: str, tally: Tally) -> None:
    """Does each change get its labels and no others?"""
    around = data["around"]
    for case in data["case"]:
        before, after = (page([*around[:2], case[side], *around[2:]], language) for side in ("before", "after"))
        report = annotate(diff(before, after))
        told = {str(note.label) for note in report.annotations if note.label not in UNJUDGED}
        wanted = set(case["labels"]) - UNJUDGED
        tally.counts["labels"] += len(wanted)
        tally.counts["labels told"] += len(told)
        tally.counts["labels right"] += len(told & wanted)
        if told != wanted:
            tally.miss(f"told {sorted(told)}, wanted {sorted(wanted)}", case["before"], case["after"])


def articles(data: dict[str, Any], language: str, tally: Tally) -> None:
    """Is each edit of an article disclosed or silent as it should be?"""
    count = tally.counts
    for case in data["article"]:
        report = compared(language, case)
        for edit in case["edits"]:
            wanted = edit["is"].split()
            told = report.judgement(change_of(edit, report)).disclosure
            for verdict in (Disclosure.SILENT, Disclosure.DISCLOSED):
                count[verdict] += wanted == [verdict]
                count[f"{verdict} told"] += told is verdict
                count[f"{verdict} right"] += told is verdict and verdict in wanted
                count[f"{verdict} found"] += told is verdict and wanted == [verdict]
            if told not in wanted:
                tally.miss(f"{told}, wanted {edit['is']}", edit["from"], edit["to"], case["note"])


TABLES = {"notices.toml": notices, "labels.toml": labels, "articles.toml": articles}
COLUMNS = (
    ("notices recall", "found", "notes"),
    ("precision", "found", "said to be notes"),
    ("kind", "kinds", "found"),
    ("time", "times", "timed"),
    ("labels recall", "labels right", "labels"),
    ("precision", "labels right", "labels told"),
    ("silent recall", "silent found", "silent"),
    ("precision", "silent right", "silent told"),
    ("disclosed recall", "disclosed found", "disclosed"),
    ("precision", "disclosed right", "disclosed told"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", nargs="*")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    for name, folder in SETS.items():
        for place in sorted(folder.iterdir()):
            if options.language and place.name not in options.language:
                continue
            tally = Tally()
            for file, score in TABLES.items():
                if (place / file).exists():
                    score(tomllib.loads((place / file).read_text(encoding="utf-8")), place.name, tally)
            print(f"{name} {place.name}")
            for title, right, of in COLUMNS:
                print(f"    {title:18} {tally.share(right, of)}")
            if options.misses:
                print("\n".join(tally.misses))


if __name__ == "__main__":
    main()
