"""Reviews as forms send them, and as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from tracker.errors import NotFound, UsageError
from tracker.render.times import Clock
from tracker.serve.desk import Desk
from tracker.store import ChangeQuery, Review, Ruling, Weight

Kind = TypeVar("Kind", bound=StrEnum)

WEIGHTS = {Weight.IMPORTANT: "important", Weight.NOISE: "noise"}
RULINGS = {
    Ruling.CORRECTION: "a correction",
    Ruling.CLARIFICATION: "a clarification",
    Ruling.UPDATE: "an update",
    Ruling.SILENT_EDIT: "a silent edit",
    Ruling.OUR_MISTAKE: "a mistake of tracker’s",
}
UNSEEN = "todo"
CHOICES: dict[str, str] = {UNSEEN: "not yet reviewed by me"}
CHOICES |= {weight.value: name for weight, name in WEIGHTS.items()}
CHOICES |= {ruling.value: f"taken for {name}" for ruling, name in RULINGS.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """One reviewer's word on a change, for a page."""

    reviewer: str
    words: str
    note: str
    at: str


def said(reviews: Iterable[Review], clock: Clock) -> list[Said]:
    """What reviewers said, as a page shows it."""
    return [Said(review.reviewer, words_of(review), review.note, clock.moment(review.at)) for review in reviews]


def words_of(review: Review) -> str:
    """ "important; a silent edit", "seen" """
    weight = [WEIGHTS[review.weight]] if review.weight else []
    ruling = [RULINGS[review.ruling]] if review.ruling else []
    return "; ".join(weight + ruling) or "seen"


def review_of(
    desk: Desk, branch: str, revs: tuple[str, str], form: Mapping[str, str], reviewer: str, now: datetime
) -> Review:
    """The review that a form holds of a change between two snapshots. Raises UsageError and NotFound."""
    history, (a, b) = desk.pair(branch, *revs)
    change = form.get("change", "")
    rows = desk.store.reports.changes(ChangeQuery(branch=history.branch, after=b.revision))
    if change not in {row.change for row in rows if row.before == a.revision}:
        raise NotFound("there is no such change between these snapshots; reload the page and try again")
    return Review(
        reviewer=reviewer,
        branch=history.branch,
        change=change,
        before=desk.store.snapshot(history.branch, a).key,
        after=desk.store.snapshot(history.branch, b).key,
        at=now.replace(microsecond=0),
        weight=_one_of(Weight, form.get("weight", "")),
        ruling=_one_of(Ruling, form.get("ruling", "")),
        note=form.get("note", "").replace("\r\n", "\n").strip(),
    )


def _one_of(kind: type[Kind], value: str) -> Kind | None:
    try:
        return kind(value) if value else None
    except ValueError as error:
        raise UsageError(f"{value!r} is not one of {', '.join(kind)}") from error
