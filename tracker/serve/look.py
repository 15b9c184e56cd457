"""What decides how a page looks, beside what is in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tracker.render.times import Clock, zone


@dataclass(frozen=True)
class House:
    """What whoever shows the pages decides for everybody.

    `live`: pages are answered by a program, so there are forms, searches and captured pages; else they are files.
    `whole`: whole texts and pages as they were captured may be seen, not only the changed passages. `reviewing`:
    readers may write. `base` is the address of the first page, "" where it is not known. `locked`: there is a password.
    """

    live: bool = True
    whole: bool = True
    reviewing: bool = True
    locked: bool = False
    base: str = ""


@dataclass(frozen=True)
class Look:
    """How one reader looks at a page: times in the zone `tz`, `since` the end of the last visit, `reviewer` their name.

    `all`: also changes of typography; `whole`: the whole text; `side`: old and new text side by side.
    """

    house: House
    tz: str | None = None
    since: datetime | None = None
    reviewer: str = ""
    all: bool = False
    whole: bool = False
    side: bool = False

    @cached_property
    def clock(self) -> Clock:
        """Raises UsageError for a zone that does not exist."""
        return Clock(zone(self.tz))

    @property
    def full(self) -> bool:
        """Is the whole text wanted, and may it be shown?"""
        return self.whole and self.house.whole


@dataclass(frozen=True, slots=True)
class Page:
    """A page before it is drawn: its path, template, title, and the values that the template needs."""

    path: str
    template: str
    title: str
    values: Mapping[str, object]
