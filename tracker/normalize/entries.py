"""The entries of a live blog, marked on the raw tree with their times: what shows a time may be cut as a stamp."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from lxml import etree

from tracker.normalize.parts import Part, Survey

ENTRY_MARK = "data-tracker-entry"  # its value is the time in UTC, "" where none is stated with its zone
_TAGS = frozenset(("article", "div", "li", "section"))
_HEAD = 300  # elements at the start of an entry among which its time stands
_UPDATES: Any = etree.XPath("descendant-or-self::*[@itemprop='liveBlogUpdate']")


def mark_entries(measured: Survey, body: Part) -> None:
    """Mark what is called an entry and has a time element, and what says so by its microdata."""
    for part in measured.order[body.place :]:
        if part.name.entry and part.tag in _TAGS and next(_times(part.element), None) is not None:
            part.element.set(ENTRY_MARK, _time(part.element))
    for element in _UPDATES(body.element):
        element.set(ENTRY_MARK, _time(element))


def entry_time(mark: str) -> datetime | None:
    """The time that a mark says."""
    return datetime.fromisoformat(mark) if mark else None


def _times(entry: etree._Element) -> Iterator[etree._Element]:
    return (element for element in islice(entry.iter(), _HEAD) if element.tag == "time")


def _time(entry: etree._Element) -> str:
    for time in _times(entry):
        try:
            found = datetime.fromisoformat((time.get("datetime") or "").strip())
            return found.astimezone(UTC).isoformat() if found.tzinfo else ""
        except (ValueError, OverflowError):
            continue
    return ""
