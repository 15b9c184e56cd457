"""What `tracker verify` says: plain sentences, each with how it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a statement stands."""

    BROKEN = "broken"  # something is not as it was
    PROVED = "proved"
    RECORDED = "recorded"  # not as it was, by a decision that the store records
    OPEN = "open"  # not proved, one way or the other


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence. `article`, `revision` and `seal` say what it is about, where it is about one.

    `gist` is what may be true of many snapshots at once: they are then told in one sentence.
    """

    standing: Standing
    text: str
    article: str | None = None
    revision: str | None = None
    seal: str | None = None
    gist: str | None = None


def gathered(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The same about many articles: each is named, and what has the same gist is one sentence."""
    counts: Counter[tuple[Standing, str]] = Counter()
    for each in statements:
        if each.gist is None:
            yield replace(each, text=f"{each.article}: {each.text}")
        else:
            counts[each.standing, each.gist] += 1
    for (standing, gist), count in counts.items():
        yield Statement(standing, f"{counted(count, 'snapshot')}: {gist}.")


def clock(at: datetime) -> str:
    """A time in a sentence: "2026-03-04 13:05:09 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(count: int, noun: str, nouns: str | None = None) -> str:
    """ "1 page", "12 pages" """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
