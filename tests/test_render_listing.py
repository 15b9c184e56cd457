"""What the command line prints besides reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from tests.render_support import HOSTILE, denial, everything, page
from tracker.model import (
    Block,
    BlockKind,
    Check,
    Document,
    NoticeReading,
    Outcome,
    Passage,
    Slip,
    SlipKind,
    Suppressed,
)
from tracker.render import listing
from tracker.render import page as one_page
from tracker.render.options import Options
from tracker.render.safe import visible

T = datetime(2015, 5, 31, 12, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ArticleRow:
    branch: str
    url: str
    headline: str | None
    first_at: datetime | None
    changed_at: datetime | None
    snapshots: int
    state: str | None


@dataclass(frozen=True)
class ChangeRow:
    branch: str
    before: str
    after: str
    captured_at: datetime
    seen_since: datetime | None
    labels: tuple[str, ...]
    severity: str
    disclosure: str
    sentence: str
    delay: int | None = None
    op: str = "edited"


@dataclass(frozen=True)
class QuarantineRow:
    branch: str
    url: str
    reason: str
    first_at: datetime
    newest_at: datetime
    count: int


@dataclass(frozen=True)
class AilmentRow:
    what: str
    remedy: str
    mended: bool = False
    minor: bool = False


@dataclass(frozen=True)
class LearnedRow:
    key: str
    text: str
    since: datetime
    articles: int
    corrected: bool


def full(text: str) -> dict[str, Callable[[Options], str]]:
    """Every listing with rows that hold the text wherever text of the web can stand."""
    notice = denial().notices[0]
    document = page(f"{text} {text}", headline=text)
    block = Block(BlockKind.PARAGRAPH, text)
    rows: dict[str, Callable[[Options], str]] = {
        "log": lambda options: listing.log(
            [
                listing.LogRow("b" * 40, "snapshot", T + HOUR, T, text, 2),
                listing.LogRow("c" * 40, "gone", T, None, "gone (404)"),
            ],
            options,
            title=text,
        ),
        "articles": lambda options: listing.articles(
            [ArticleRow("news.example/a-0", text, text, T, T + HOUR, 2, "gone")], options
        ),
        "changes": lambda options: listing.changes(
            [
                ChangeRow("news.example/a-0", "a" * 40, "b" * 40, T, T - HOUR, ("other",), "high", "silent", text),
                ChangeRow("news.example/b-0", "a" * 40, "b" * 40, T, None, (), "low", "silent", text),
            ],
            options,
        ),
        "notices": lambda options: one_page.notices(
            [NoticeReading(notice, (Passage(1, text, (text, "a speaker")),)), NoticeReading(notice, ())],
            document,
            options,
        ),
        "slips": lambda options: one_page.slips(
            [Slip(SlipKind.DOUBLED_WORD, (text,), ((1, 0), (99, 0)), text)], document, options
        ),
        "check": lambda options: listing.check(Check(text, T, Outcome.FAILED, None, text), text, options),
        "quarantine": lambda options: listing.quarantine(
            [QuarantineRow("news.example/a-0", text, text, T, T + HOUR, 3)], options
        ),
        "blame": lambda options: listing.blame(
            [
                listing.BlameRow(text, "a" * 40, T, BlockKind.HEADLINE, 0),
                listing.BlameRow(text, "b" * 40, T, BlockKind.PARAGRAPH, 1),
            ],
            options,
        ),
        "memory": lambda options: listing.memory(
            [LearnedRow("0" * 16, text, T, 3, corrected=False), LearnedRow("1" * 16, text, T, 0, corrected=True)],
            text,
            options,
        ),
        "ailments": lambda options: listing.ailments(
            [AilmentRow(text, text), AilmentRow(text, "", mended=True), AilmentRow(text, "", minor=True)], options
        ),
        "page": lambda options: one_page.text(document, options, suppressed=(Suppressed(block, text),)),
    }
    return rows


NAMES = sorted(full("x"))


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_they_fit_and_cannot_be_fooled(name: str, width: int) -> None:
    text = full(HOSTILE)[name](Options(width=width))
    address = visible(HOSTILE)  # what is copied from a list is never cut
    assert max(cell_len(line) for line in text.splitlines() if address not in line) <= width
    assert not set("\x00\x07\x1b\x9b\u2028\u202e\ud800") & set(text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    shown = "".join(visible(HOSTILE).split())
    assert name in ("slips", "blame") or shown[:60] in "".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_colours_only_when_asked_for(name: str) -> None:
    assert "\x1b" not in full("Calm words.")[name](Options())
    assert "\x1b[" in full("Calm words.")[name](Options(color=True))


@pytest.mark.parametrize(
    "text",
    [
        listing.log([], Options()),
        listing.articles([], Options()),
        listing.changes([], Options()),
        one_page.notices([], Document(()), Options()),
        one_page.slips([], Document(()), Options()),
        listing.quarantine([], Options()),
        listing.blame([], Options()),
        listing.ailments([], Options()),
        listing.memory([], "a.example", Options()),
    ],
)
def test_nothing_to_show_is_said_in_a_sentence(text: str) -> None:
    assert text.count("\n") == 1
    assert len(text) > 10


def test_a_log_names_both_checks():
    rows = [listing.LogRow("b" * 40, "snapshot", T + HOUR, T, "headline changed", 2)]
    assert listing.log(rows, Options(), title="Ferry") == (
        "Ferry\n"
        "● @2  31 May 2015, 13:04 UTC  bbbbbbbbbb\n"
        "      headline changed\n"
        "      changed between 12:04 and 13:04 UTC on 31 May 2015\n"
    )


def test_times_are_in_the_zone_that_was_asked_for():
    rows = [listing.LogRow("b" * 40, "snapshot", T, None, "first")]
    assert "14:04 CEST" in listing.log(rows, Options(tz="Europe/Paris"))


def test_a_small_change_is_not_called_silent():
    text = full("Calm words.")["changes"](Options())
    assert "[other] high · silent" in text
    assert "  [edited] low\n    Calm words.\n" in text


def test_blame_names_a_snapshot_once_a_paragraph():
    rows = [listing.BlameRow(text, "a" * 40, T, BlockKind.PARAGRAPH, 1) for text in ("One.", "Two.")]
    assert listing.blame(rows, Options()) == (
        "Times are in UTC.\n2015-05-31 12:04 aaaaaaa  One.\n                          Two.\n"
    )


def test_a_page_shows_its_kinds_and_links():
    text = one_page.text(everything().diff.after, Options())
    assert "{byline} By Rosa Lind and Per Holm" in text
    assert "    [plan] https://council.example/paper.pdf" in text


def test_a_slip_is_shown_where_it_stands():
    document = page("word " * 40 + "that that was " + "more " * 40)
    slip = Slip(SlipKind.DOUBLED_WORD, ("that that",), ((1, 200),), "twice")
    text = one_page.slips([slip], document, Options(width=200))
    assert "Paragraph 1: … word word word word word word word word that that was more" in text
