"""The stream of changes: every edit of every article, newest first, with what was changed in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from tracker.errors import UsageError
from tracker.model import Disclosure, Field, Label, Op, Severity
from tracker.pipeline.stored import read_change
from tracker.render.html import Run, runs_of
from tracker.render.pieces import Mark, Piece, edits_as_pieces
from tracker.render.times import Clock, machine
from tracker.render.words import clip, label_name
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.look import Look
from tracker.serve.reviewing import CHOICES, UNSEEN, words_of
from tracker.store import ArticleQuery, ChangeQuery, ChangeRow, Review
from tracker.text.urls import host_name

EDITS = 30  # on a page
ROWS = 150  # changes looked at for a page
SHOWN = 4  # changes of one edit that are shown
LONGEST = 320  # characters of unchanged or added text around and in a change

STATES = {
    "silent": "mentioned by no notice we found",
    "later": "mentioned by a later notice",
    "disclosed": "mentioned by a notice",
    "partly": "mentioned in part",
    "unspecific": "beside a vague notice",
}
WEIGHTS = {"high": "high", "medium": "medium and high", "low": "all but cosmetic", "none": "all"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a reader wants to see; "" does not restrict. Times are days, `below` is where the page begins."""

    label: str = ""
    weight: str = ""
    state: str = ""
    host: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    unseen: str = ""
    review: str = ""
    below: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Wanted:
        """From the query of an address; what it does not know is ignored. Raises UsageError for impossible values."""
        names = [each.name for each in fields(cls)]
        wanted = cls(**{name: " ".join(given[name].split()) for name in names if given.get(name, "").strip()})
        choices = {"label": {*Label}, "weight": {*WEIGHTS}, "state": {*STATES}, "review": {*CHOICES}}
        for name, known in choices.items():
            value = getattr(wanted, name)
            if value and value not in known:
                raise UsageError(f"{value!r} is not one of {', '.join(known)}")
        return wanted

    def query(self, look: Look) -> ChangeQuery:
        """The same for the store. Raises UsageError."""
        since = _day(self.since, look.clock) if self.since else None
        if self.unseen and look.since:
            since = max(since or look.since, look.since)
        until = _day(self.until, look.clock, timedelta(days=1)) if self.until else None
        least = Severity(self.weight or (Severity.MEDIUM if self.state == "silent" else Severity.LOW))
        silent = self.state == "silent"
        return ChangeQuery(
            label=self.label or None,
            disclosure=None if self.state in ("", "later") else self.state,
            withdrawn=silent,
            never=bool(self.state) and self.state != "later",
            later=self.state == "later",
            severities=() if least is Severity.NONE else tuple(s for s in Severity if s.rank >= least.rank),
            since=since,
            until=until,
            host=host_name(f"https://{self.host}") if self.host else None,
            search=self.q or None,
            unseen_by=look.reviewer if self.review == UNSEEN else None,
            thought=self.review if self.review not in ("", UNSEEN) else None,
            below=_place(self.below) if self.below else None,
        )

    def address(self, **changes: str) -> str:
        """The query part of the address that asks for this, with some of it changed."""
        changed = replace(self, **changes)
        given = {each.name: getattr(changed, each.name) for each in fields(self)}
        return f"?{urlencode(asked)}" if (asked := {name: value for name, value in given.items() if value}) else ""

    @property
    def restricts(self) -> bool:
        """Is anything left out?"""
        return bool(self.address(below=""))


def _day(text: str, clock: Clock, later: timedelta = timedelta()) -> datetime:
    """When a day begins, or one so much later: not every day has 24 hours."""
    try:
        day = date.fromisoformat(text) + later
        return datetime.combine(day, datetime.min.time(), clock.zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is not a day; write it as 2015-05-31") from error


def _place(text: str) -> tuple[datetime, str]:
    at, _, branch = text.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), branch
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no place in the list; go back to its beginning") from error


@dataclass(frozen=True, slots=True)
class Told:
    """One change in the stream. `state` is the class of its disclosure, `state_name` the word for it.

    `reviews` are (reviewer, words) of everybody, the latest first.
    """

    id: str
    href: str
    severity: str
    state: str
    state_name: str
    chips: tuple[str, ...]
    sentence: str
    runs: tuple[Run, ...]
    reviews: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one article in the stream, with the changes that were asked for; `more` of them are not shown."""

    host: str
    headline: str
    href: str
    when: str
    at: str
    changes: tuple[Told, ...]
    more: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """A page of the stream; `below` is where the next one begins, "" where there is none."""

    edits: tuple[Edit, ...]
    below: str


def stream(desk: Desk, query: ChangeQuery, look: Look, edits: int | None = EDITS, changes: int | None = ROWS) -> Stream:
    """The edits that hold a change that answers to the query, at most so many with so many changes; None for all."""
    rows, cut = whole_edits(desk, query, changes)
    groups = [tuple(group) for _, group in groupby(rows, key=lambda row: (row.branch, row.before, row.after))]
    page = groups[:edits]
    bodies = desk.store.reports.bodies((group[0].branch, group[0].before, group[0].after) for group in page)
    names = tuple({group[0].branch for group in page})
    headlines = {row.branch: row.headline or row.url for row in desk.store.articles_like(ArticleQuery(names=names))}
    reviews = desk.store.reviews.on(row.change for group in page for row in group) if look.house.live else {}
    found = tuple(_edit(group, bodies, headlines, reviews, look) for group in page)
    more = cut or len(groups) > len(page)
    return Stream(found, mark(page[-1][0]) if more and page else "")


def whole_edits(desk: Desk, query: ChangeQuery, most: int | None) -> tuple[list[ChangeRow], bool]:
    """At most so many changes that answer to a query, and whether there may be more below; None asks for all.

    No edit is cut in two, for a page ends between two: one that alone has more changes is whole as well.
    """
    rows = desk.store.reports.changes(replace(query, limit=None if most is None else most + 1))
    if most is None or len(rows) <= most:
        return rows, False
    last = rows[-1]
    whole = [row for row in rows if (row.branch, row.after) != (last.branch, last.after)]
    if not whole:
        whole = desk.store.reports.changes(replace(query, limit=None, branch=last.branch, after=last.after))
    return whole, True


def mark(row: ChangeRow) -> str:
    """Where a list goes on below a change."""
    return f"{machine(row.captured_at)}~{row.branch}"


def _edit(
    rows: tuple[ChangeRow, ...],
    bodies: Mapping[tuple[str, str, str], str],
    headlines: Mapping[str, str],
    reviews: Mapping[str, Sequence[Review]],
    look: Look,
) -> Edit:
    first = rows[0]
    body = bodies.get((first.branch, first.before, first.after))
    changes = {change["id"]: change for change in json.loads(body)["changes"]} if body else {}
    ranked = sorted(rows, key=lambda row: -Severity(row.severity).rank)[:SHOWN]
    told = tuple(_told(row, changes.get(row.change), reviews.get(row.change, ())) for row in rows if row in ranked)
    return Edit(
        host=first.branch.partition("/")[0],
        headline=headlines.get(first.branch) or first.branch,
        href=paths.diff(first.branch, first.before, first.after),
        when=when(first, look.clock),
        at=machine(first.captured_at),
        changes=told,
        more=len(rows) - len(told),
        is_new=look.since is not None and first.captured_at > look.since,
    )


def when(row: ChangeRow, clock: Clock) -> str:
    """ "between 14:02 and 14:17 UTC on 31 May 2015" """
    if row.seen_since is None:
        return f"at or before {clock.moment(row.captured_at)}"
    return clock.between(row.seen_since, row.captured_at)


_QUOTED_WHOLE = frozenset({Op.ADDED.value, Op.REMOVED.value})
_RUNNING = frozenset({Field.BODY.value, Field.TABLE.value, Field.CAPTION.value, Field.NOTICE.value})
_STRUCTURE = frozenset({Op.SPLIT.value, Op.MERGED.value})


def _told(row: ChangeRow, change: Mapping[str, object] | None, reviews: Sequence[Review]) -> Told:
    marked = change is not None and row.field in _RUNNING and row.op not in _STRUCTURE
    state = _state(row)
    return Told(
        id=row.change,
        href=paths.change(row.branch, row.before, row.after, row.change),
        severity=row.severity,
        state="later" if row.delay is not None else state,
        state_name=state,
        chips=tuple(label_name(Label(label)) for label in row.labels) or (row.op,),
        sentence=_said(row) if marked else row.sentence,
        runs=tuple(runs_of(_shortened(edits_as_pieces(read_change(change))))) if change and marked else (),
        reviews=tuple((review.reviewer, words_of(review)) for review in reviews),
    )


def _said(row: ChangeRow) -> str:
    """The sentence without the quotation of what stands below it."""
    said, quotes, _ = row.sentence.partition(": “")
    return f"{said}." if quotes and row.op in _QUOTED_WHOLE else row.sentence


def _state(row: ChangeRow) -> str:
    if row.delay is not None:
        return "disclosed later"
    if row.disclosure == Disclosure.EXEMPT.value:
        return ""
    if row.disclosure == Disclosure.SILENT.value and Severity(row.severity).rank < Severity.MEDIUM.rank:
        return ""
    return row.disclosure


def _shortened(pieces: Iterable[Piece]) -> list[Piece]:
    """The marks of a change with no more text around and in them than a list has room for."""
    given = list(pieces)
    return [
        Piece(piece.mark, _cut(piece, at_start=not number, at_end=number == len(given) - 1))
        for number, piece in enumerate(given)
    ]


def _cut(piece: Piece, *, at_start: bool, at_end: bool) -> str:
    text = piece.text
    if len(text) <= LONGEST:
        return text
    if piece.mark is Mark.EQUAL and at_start and not at_end:
        return f"… {text[-LONGEST // 2 :].partition(' ')[2]}"
    return clip(text, LONGEST if at_end else LONGEST // 2)
