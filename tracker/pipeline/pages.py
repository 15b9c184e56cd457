"""Pages and documents without a store: read a capture, compare two readings."""

from __future__ import annotations

from tracker.annotate import annotate
from tracker.diff import diff
from tracker.model import (
    ArticleName,
    Capture,
    Document,
    Reading,
    Report,
    Side,
)
from tracker.normalize import read
from tracker.normalize.memory import EMPTY, Memory
from tracker.normalize.recipes import Recipe, recipe_for

GONE_STATUS = (404, 410, 451)
WALL_STATUS = (401, 402, 403, 407, 429)


def compare(before: Document, after: Document) -> Report:
    """The report on two documents that no store knows."""
    return annotate(diff(before, after), article=ArticleName(None, None, after.headline or before.headline))


def compare_readings(before: Reading, after: Reading, url: str | None) -> Report:
    """The report on two pages read from files: dates of the pages, no revisions."""
    return annotate(
        diff(before.document, after.document),
        article=ArticleName(None, url, after.document.headline),
        before=_page_side(before),
        after=_page_side(after),
    )


def read_capture(capture: Capture, recipes: tuple[Recipe, ...] | None = (), memory: Memory = EMPTY) -> Reading:
    """The station normalize on one capture, with the recipe of its site; `recipes` are the user's own, None reads by
    the general rules alone. A file that came without an address has the one that the page names as its own."""
    url = capture.final_url or capture.url or None
    if recipes is None:
        return read(capture.body, url, content_type=capture.header("content-type"), memory=memory)
    recipe = recipe_for(url, recipes) if url else None
    reading = read(capture.body, url, content_type=capture.header("content-type"), recipe=recipe, memory=memory)
    named = None if url else reading.document.content.get("canonical/link")
    if named and (recipe := recipe_for(named, recipes)):
        return read(capture.body, named, content_type=capture.header("content-type"), recipe=recipe, memory=memory)
    return reading


def answered(status: int) -> str:
    """What an error of the server means, and what to do about it."""
    if status in GONE_STATUS:
        advice = "there is no such page; check the address"
    elif status in WALL_STATUS:
        advice = "save the page from a browser and give the file, with --url"
    else:
        advice = "try again later"
    return f"the server answered {status}: {advice}"


def doubted(reason: str) -> str:
    """Why a page is no article, and what to do about it."""
    return f"{reason}; give the page of one article, saved from a browser if need be"


def _page_side(reading: Reading) -> Side:
    return Side(published=reading.document.published, modified=reading.modified, lens=reading.lens)
