"""No line takes long to read, whatever it repeats: no pattern's time may grow with the square of a line, or worse."""

from __future__ import annotations

import time

import pytest

from tracker.annotate import annotate, notices_on_page, slips
from tracker.diff import diff
from tracker.model import Block, BlockKind, Document
from tracker.text.wording import Wording, wording
from tracker.text.wording.words import languages

LENGTH = 7_500
ALLOWED = 1.0  # CPU seconds; each takes less than a tenth of that


def months(known: Wording) -> str:
    return " ".join(month.capitalize() for month in known.times.months) + " "


def spelt(known: Wording) -> str:
    return " ".join([*known.facts.numbers, *known.facts.scales]) + " "


IN_ALL_LANGUAGES = {
    "months": months,
    "months and days": lambda known: months(known).replace(" ", " 12 "),
    "scales": lambda known: f"{max(known.facts.scales, key=len)} ",
    "numbers": spelt,
    "names": lambda _: "Okafor ",
    "dots": lambda _: "U.S.",
    "a note": lambda known: next(iter(known.times.months)) + " war est the ",
}
IN_ONE = {
    "digits": lambda _: "12:30 1,2. ",
    "spaces": lambda _: "a" + " " * 400,
    "double marks": lambda _: '"',
    "quotations": lambda _: '"a „b “c «d ',
    "single marks": lambda _: "'a ",
    "brackets": lambda _: "(a [b ",
    "commas": lambda _: "a, B,,",
}
LINES = IN_ALL_LANGUAGES | IN_ONE
CASES = [(code, kind) for code in sorted(languages()) for kind in LINES if code == "en" or kind in IN_ALL_LANGUAGES]


@pytest.mark.parametrize(("language", "kind"), CASES)
def test_a_long_line_is_read_in_no_time(language: str, kind: str) -> None:
    unit = LINES[kind](wording(language))
    line = (unit * (LENGTH // len(unit) + 1))[:LENGTH]
    block = Block(BlockKind.NOTICE if kind == "a note" else BlockKind.PARAGRAPH, line)
    before = Document((Block(BlockKind.PARAGRAPH, "Short."),), language=language)
    after = Document((*before.blocks, block), language=language)
    made = diff(before, after)
    annotate(diff(before, before))  # the patterns of the language are made
    start = time.process_time()
    report = annotate(made)
    notices_on_page(after)
    slips(after)
    assert time.process_time() - start < ALLOWED
    assert len(report.judgements) == len(made.changes)
