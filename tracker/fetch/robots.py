"""robots.txt (RFC 9309): what a host allows us, as a value that can be kept for a day."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.fetch.politeness import LONGEST_WAIT

if TYPE_CHECKING:
    from protego import Protego

LIFE = timedelta(hours=24)  # the longest that the RFC allows
UNKNOWN_FOR = timedelta(hours=1)  # how long a host is left in peace that cannot say what it allows
MAX_BYTES = 500 * 1024  # the least that the RFC wants read; what stands behind is not read
REDIRECTS = 5

_LINES_TRIED = 20  # a hostile file can have many lines that match, for other robots
_PORTS = {"http": 80, "https": 443}
_RULE = re.compile(r"[ \t]*(allow|disallow)[ \t]*:[ \t]*([^#\r\n]*)", re.IGNORECASE)


def origin_of(url: str) -> str:
    """Whose robots.txt holds for an address: "https://news.example", with the port only where it is not the usual."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class Robots:
    """The robots.txt of an origin, as it was at `fetched_at`, to be believed until `until` (aware, UTC).

    `text` is "" where there is none (the server answered 4xx): all is allowed. It is None where the server could not
    say (5xx, 429, a broken answer) and nothing is known from before: nothing is asked until `until`. A host that
    cannot say and could before keeps its text and its `fetched_at`, with a new `until`.
    """

    origin: str
    text: str | None
    fetched_at: datetime
    until: datetime

    def fresh(self, now: datetime) -> bool:
        """May it still be believed? Not if the clock was put back."""
        return self.fetched_at <= now < self.until

    def forbids(self, url: str, robot: str) -> str | None:
        """The line that forbids an address to a robot of that name ("Disallow: /private/"), None where it may ask."""
        if not self.text or _rules(self.text).can_fetch(url, robot):
            return None
        return _line(self.text, url, robot)

    def delay(self, robot: str) -> float | None:
        """The seconds between two requests that it asks for (Crawl-delay, Request-rate), None where it does not say."""
        if not self.text:
            return None
        rules = _rules(self.text)
        rate = rules.request_rate(robot)
        asked = [rules.crawl_delay(robot), rate.seconds / rate.requests if rate else None]
        return max((min(each, LONGEST_WAIT.total_seconds()) for each in asked if each is not None), default=None)


def told(origin: str, body: bytes, now: datetime) -> Robots:
    """What a server answered: UTF-8, whatever cannot be read in it."""
    return Robots(origin, body.decode("utf-8-sig", "replace"), now, now + LIFE)


def absent(origin: str, now: datetime) -> Robots:
    """There is no robots.txt."""
    return Robots(origin, "", now, now + LIFE)


def unsaid(origin: str, known: Robots | None, now: datetime, until: datetime | None) -> Robots:
    """The server could not say; what it said before goes on, else nothing is asked for a while."""
    until = until or now + UNKNOWN_FOR
    if known is not None and known.text is not None and known.fetched_at <= now:
        return Robots(origin, known.text, known.fetched_at, until)
    return Robots(origin, None, now, until)


def _parse(text: str) -> Protego:
    from protego import Protego  # here: whoever reads a file does not wait for it

    return Protego.parse(text)


_rules = functools.lru_cache(maxsize=64)(_parse)  # one of 500 KiB takes some MB


def _line(text: str, url: str, robot: str) -> str:
    """Which line forbids: the longest that does so alone, all other rules of the file left out."""
    lines = text.splitlines()
    rules = [_RULE.match(line) for line in lines]
    silent = ["Disallow:" if rule else line for line, rule in zip(lines, rules, strict=True)]
    alone = [(rule[2].strip(), at) for at, rule in enumerate(rules) if rule and rule[1].lower() == "disallow"]
    alone.sort(key=lambda found: -len(found[0]))
    matching = (each for each in alone if not _parse(f"User-agent: *\nDisallow: {each[0]}").can_fetch(url, robot))
    for pattern, at in itertools.islice(matching, _LINES_TRIED):
        if not _parse("\n".join([*silent[:at], lines[at], *silent[at + 1 :]])).can_fetch(url, robot):
            return f"Disallow: {pattern}"
    return "Disallow"
