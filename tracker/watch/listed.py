"""What stands on the watch list, as values: what is to be watched, how it stood when it was last looked at. Pure.

Moments are seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TOLD_AFTER = 3  # failures in a row after which it is told that a page or a host cannot be had: one alone is noise


class Kind(StrEnum):
    """What is watched: an article, or a source that leads to articles."""

    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"


class State(StrEnum):
    """How a watched page stood when it was last looked at. FAILING is what befell this page alone, not its host."""

    WELL = ""
    GONE = "gone"
    MOVED = "moved"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page to be watched. `born` is when it was published as far as that is known, `changed` when it last changed.

    `origin` is the identity of the source that led to it; `article` the branch of an article that is stored already.
    """

    url: str
    kind: Kind = Kind.ARTICLE
    article: str | None = None
    origin: str | None = None
    born: float | None = None
    changed: float | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a host is asked: seconds between two requests, and how many may run at the same time."""

    gap: float
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Watched:
    """One row of the watch list. Moments are seconds since 1970, `pause` the seconds it was to wait for its next look.

    `checked` is the last look that showed how the page stands, `whole` the last for which all of it came. `lease`, of a
    page that was claimed: the look before was never finished, and had until then. `down_from`
    and `down_until` are the last time its host could not be reached at all. `nobody_answers`: that would be told now,
    and no other host has answered since, so that it may be our own network that is down.
    """

    id: int
    identity: str
    url: str
    kind: Kind
    host: str
    article: str | None
    origin: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    added: float
    born: float
    checked: float | None
    whole: float | None
    pause: float
    due: float
    why: str
    changes: float
    expected: float
    hinted: float | None
    bluffs: int
    state: State
    since: float | None
    failures: int
    said: str
    validators: str | None
    lease: float | None = None
    host_failures: int = 0
    down_from: float | None = None
    down_until: float | None = None
    nobody_answers: bool = False

    @property
    def one_failure_more(self) -> int:
        """How many failures of its host in a row there are with this look. The one that is told waits for another host
        to answer: until then it is counted anew each time."""
        return self.host_failures + (not self.nobody_answers)


@dataclass(frozen=True, slots=True)
class HostNews:
    """What a look showed about the whole host. `until`: when it wants to be left in peace; `delay`: its Crawl-delay."""

    down: bool = False
    until: float | None = None
    delay: float | None = None
    said: str = ""


NOTHING_NEW = HostNews()
