"""What people think of changes, and how it is written down: one JSON object a line, a reviewer's latest word on each.

The lines of one reviewer on one article are the file `reviews.jsonl` of `refs/reviews/<reviewer>/<host>/<slug>-<hex>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tracker.errors import UsageError
from tracker.store.commits import moment, parse_moment

REVIEWS = "refs/reviews/"
FILE = "reviews.jsonl"
LONGEST_NOTE = 4_000  # characters
COLUMNS = ("reviewer", "branch", "change", "before", "after", "at", "weight", "ruling", "note")
_SAID = COLUMNS[2:]  # in a line; the rest is in the name of the ref
_HALF = re.compile(r"[\ud800-\udfff]")  # of a character: JSON can spell it, and no database takes it
_REVIEWER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class Weight(StrEnum):
    """How much a change matters to a reviewer."""

    IMPORTANT = "important"
    NOISE = "noise"


class Ruling(StrEnum):
    """What a reviewer takes a change to be."""

    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    UPDATE = "update"
    SILENT_EDIT = "silent-edit"
    OUR_MISTAKE = "our-mistake"


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's word on one change: that it was seen, and what was thought of it.

    `change` is the change's id, `before` and `after` the keys of the two captures that it stands between (see
    Snapshot.key): they find it again where its id has changed with its wording. A review without weight, ruling and
    note says that the change was seen.
    """

    reviewer: str
    branch: str
    change: str
    before: str
    after: str
    at: datetime
    weight: Weight | None = None
    ruling: Ruling | None = None
    note: str = ""


def is_reviewer(name: str) -> bool:
    """Can reviews be kept under this name?"""
    return bool(_REVIEWER.fullmatch(name))


def check(review: Review) -> None:
    """Raises UsageError on a name that makes no ref, and on a note that is too long or holds what is no text."""
    if not is_reviewer(review.reviewer):
        said = f"{review.reviewer!r} is no name for a reviewer"
        raise UsageError(f"{said}; take small letters, digits and hyphens, at most 40")
    if len(review.note) > LONGEST_NOTE:
        raise UsageError(f"a note has at most {LONGEST_NOTE:,} characters; this one has {len(review.note):,}")
    if any(_HALF.search(text) for text in (review.change, review.before, review.after, review.note)):
        raise UsageError("a note holds half of a character, which no text can have; type it again")


def line_of(review: Review) -> str:
    """The review as a line of its file; reviewer and branch are in the name of the ref."""
    said = dict(zip(COLUMNS, row_of(review), strict=True))
    return json.dumps({key: said[key] for key in _SAID}, sort_keys=True) + "\n"


def read_reviews(ref: str, data: bytes) -> list[Review]:
    """The reviews of a file; a line that we would not have written is passed over, for refs come from anybody."""
    reviewer, _, branch = ref.removeprefix(REVIEWS).partition("/")
    found: dict[str, Review] = {}
    for text in data.decode("ascii", "replace").splitlines():
        try:
            said = json.loads(text)
            review = read_row((reviewer, branch, *(said[key] for key in _SAID)))
            check(review)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError):
            continue
        found[review.change] = review
    return list(found.values())


def row_of(review: Review) -> tuple[str | None, ...]:
    """The review as a row of the index, in the order of COLUMNS."""
    known = (review.reviewer, review.branch, review.change, review.before, review.after, moment(review.at))
    return (*known, review.weight, review.ruling, review.note)


def read_row(row: Sequence[Any]) -> Review:
    """The review back. Raises ValueError and TypeError on what is none."""
    *texts, at, weight, ruling, note = row
    reviewer, branch, change, before, after = texts
    if not all(isinstance(text, str) for text in (*texts, note)):
        raise TypeError("a review is made of texts")
    return Review(
        reviewer=reviewer,
        branch=branch,
        change=change,
        before=before,
        after=after,
        at=parse_moment(at),
        weight=Weight(weight) if weight else None,
        ruling=Ruling(ruling) if ruling else None,
        note=note,
    )
