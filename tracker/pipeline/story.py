"""The life of an article from what the index and the log of checks know: no text is compared anew for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Any

from tracker.model import Disclosure, NoticeKind, NoticeStatus, Outcome, Severity
from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import neighbours, outlines
from tracker.render.story import Event, EventKind, Story, ToldChange, ToldNotice
from tracker.store import ChangeQuery, ChangeRow, Entry, History, Kind, Missed, Store

_EVENTS = {
    Kind.GONE: EventKind.GONE,
    Kind.MOVED: EventKind.MOVED,
    Kind.BACK: EventKind.BACK,
    Kind.TOMBSTONE: EventKind.DELETED,
}
_TRIED = frozenset({"blocked", "failing", "forbidden"})
_SAW_NOTHING = frozenset({Outcome.BLOCKED, Outcome.FAILED})
_TOLD_STATUS = frozenset({NoticeStatus.ADDED, NoticeStatus.CHANGED, NoticeStatus.REMOVED})
_TITLES = frozenset({"headline", "seo-title"})
_OF_NOTES = frozenset({"notice-added", "notice-changed", "notice-removed"})
_RANK = {kind: place for place, kind in enumerate(EventKind)}
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Look:
    """One check, or one capture: what the page gave as its date of modification, and whether its text was new."""

    at: datetime
    modified: str | None
    is_new: bool


def story(store: Store, history: History, recipes: tuple[Recipe, ...] = ()) -> Story:
    """The story of an article as it is known by now. Brings the index's reports up to date first."""
    outlines(store, history, recipes)
    newest = store.document(history.tip)
    first = history.snapshots[0] if history.snapshots else None
    published = (store.snapshot(history.branch, first).document.published if first else None) or newest.published
    published_at = _instant(published)
    checks = store.state.checks(history.branch)
    events = [
        *_beginnings(first, published_at),
        *_edits(store, history),
        *_happenings(history),
        *_moved_dates(_looks(history, checks)),
        *_unseen(checks),
        *_missed(store.state.gaps(history.branch)),
    ]
    as_of = max([*(entry.captured_at for entry in history.entries), *(at for at, *_ in checks)])
    last = max((event.at for event in events), default=as_of)
    if as_of > last:
        events.append(Event(EventKind.LAST_SEEN, as_of))
    return Story(
        branch=history.branch,
        url=history.url,
        headline=newest.headline or history.url or history.branch,
        published=published,
        published_at=published_at,
        as_of=as_of,
        snapshots=len(history.snapshots),
        events=tuple(sorted(events, key=lambda event: (event.at, _RANK[event.kind]))),
    )


def _instant(text: str | None) -> datetime | None:
    """The moment that a page gives, None where it gives no time of day with a zone."""
    try:
        given = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return given.astimezone(UTC) if given.tzinfo else None


def _beginnings(first: Entry | None, published_at: datetime | None) -> Iterator[Event]:
    if published_at and first and published_at <= first.captured_at:
        yield Event(EventKind.PUBLISHED, published_at)
    if first:
        yield Event(EventKind.FIRST_SEEN, first.captured_at, number=1, revision=first.revision)


# --- edits ----------------------------------------------------------------------------------------------------------


def _edits(store: Store, history: History) -> list[Event]:
    """Each edit with its changes of weight; headlines that alternate are one event of their own."""
    rows: dict[str, list[ChangeRow]] = {}
    for row in store.reports.changes(ChangeQuery(branch=history.branch)):
        rows.setdefault(row.after, []).append(row)
    times = {entry.revision: entry.captured_at for entry in history.snapshots}
    found: list[Event] = []
    flips: dict[tuple[str, ...], Event] = {}
    for number, (a, b) in enumerate(neighbours(history), 2):
        body = store.reports.get(history.branch, a.revision, b.revision, history.tip)
        if body is None:
            continue
        report = json.loads(body)
        wordings = _wordings(report)
        mine = [row for row in rows.get(b.revision, []) if not (wordings and _is_undone(row))]
        if wordings:
            flips[wordings] = _flip(flips.get(wordings), b, wordings)
        event = _edit(number, b, report, mine, times)
        if event.changes or event.smaller or event.notices or not wordings:
            found.append(event)
    return [*found, *flips.values()]


def _wordings(report: Json) -> tuple[str, ...]:
    """The two wordings between which the headline alternates, () where it does not."""
    found = (tuple(one["evidence"]) for one in report["findings"] if one["label"] == "revert")
    return next((pair for pair in found if len(pair) == 2), ())


def _is_undone(row: ChangeRow) -> bool:
    return row.field in _TITLES and row.disclosure == "exempt"


def _flip(known: Event | None, entry: Entry, wordings: tuple[str, ...]) -> Event:
    if known is None:
        return Event(EventKind.ALTERNATION, entry.captured_at, entry.seen_since, words=wordings)
    return replace(known, at=entry.captured_at, count=known.count + 1)


def _edit(number: int, entry: Entry, report: Json, rows: list[ChangeRow], times: Mapping[str, datetime]) -> Event:
    kinds = {notice["id"]: NoticeKind(notice["kind"]) for notice in report["notices"]}
    given = {change["id"]: kinds.get(change["notice"]) for change in report["changes"]}
    weighty = [row for row in rows if _has_weight(row)]
    return Event(
        EventKind.EDIT,
        entry.captured_at,
        entry.seen_since,
        number=number,
        revision=entry.revision,
        changes=_told(weighty, given),
        smaller=_smaller(row for row in rows if row not in weighty and not _OF_NOTES.intersection(row.labels)),
        notices=tuple(_notices(report, entry, times)),
        words_added=report["counts"]["words_added"],
        words_removed=report["counts"]["words_removed"],
        unmoved=any(one["label"] == "modified-unmoved" for one in report["findings"]),
        replaced=any(one["label"] == "unconfirmed-loss" for one in report["findings"]),
    )


def _has_weight(row: ChangeRow) -> bool:
    """Medium or high, or named by a notice; a notice's own change is told with the notice."""
    if row.disclosure == Disclosure.EXEMPT.value:
        return False
    named = row.disclosure in (Disclosure.DISCLOSED.value, Disclosure.PARTLY.value)
    return named or Severity(row.severity).rank >= Severity.MEDIUM.rank


def _told(rows: Iterable[ChangeRow], given: Mapping[str, NoticeKind | None]) -> tuple[ToldChange, ...]:
    """In the order of the text; those that read alike once, with their number."""
    alike: Counter[ToldChange] = Counter()
    for row in rows:
        notice = given.get(row.change)
        severity, disclosure = Severity(row.severity), Disclosure(row.disclosure)
        alike[ToldChange(row.sentence, row.labels, severity, disclosure, notice, row.delay)] += 1
    return tuple(replace(change, times=times) for change, times in alike.items())


def _smaller(rows: Iterable[ChangeRow]) -> tuple[tuple[str, int], ...]:
    """What kinds of smaller changes there were: ("paragraph added", 2)."""
    names = Counter(_small_name(row) for row in rows)
    ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return tuple((f"{name}s" if name == "addition" and count > 1 else name, count) for name, count in ordered)


def _small_name(row: ChangeRow) -> str:
    if row.severity == "none":
        return "of typography or paragraph breaks"
    if row.labels:
        return row.labels[0].replace("-", " ")
    return "addition" if row.op == "added" else row.op


def _notices(report: Json, entry: Entry, times: Mapping[str, datetime]) -> Iterator[ToldNotice]:
    """What became of the notices; delays only of changes that came before."""
    for notice in report["notices"]:
        status = NoticeStatus(notice["status"])
        if status not in _TOLD_STATUS:
            continue
        meant = {(one["revision"], one["change"]) for claim in notice["claims"] for one in claim["changes"]}
        delays = [(entry.captured_at - times[revision]).total_seconds() for revision, _ in meant if revision in times]
        spoken = tuple(sorted(round(delay) for delay in delays if delay > 0))
        yield ToldNotice(NoticeKind(notice["kind"]), status, notice["text"], spoken)


# --- what is no edit ------------------------------------------------------------------------------------------------


def _happenings(history: History) -> Iterator[Event]:
    for entry in history.entries:
        if entry.kind in _EVENTS:
            inside = entry.what.partition("(")[2].rpartition(")")[0]
            yield Event(_EVENTS[entry.kind], entry.captured_at, entry.seen_since, words=(inside,) if inside else ())


def _looks(history: History, checks: Iterable[tuple[datetime, Outcome, str | None, str | None]]) -> list[_Look]:
    """Every look that saw a text, in order; a capture counts once, also where its check is logged."""
    shown = {entry.captured_at for entry in history.snapshots}
    captured = {entry.captured_at: entry.modified for entry in history.captures}
    looks = [_Look(at, modified, at in shown) for at, modified in captured.items()]
    looks += [
        _Look(at, modified, is_new=False)
        for at, outcome, modified, _ in checks
        if outcome is Outcome.UNCHANGED and at not in captured
    ]
    return sorted(looks, key=lambda look: look.at)


def _moved_dates(looks: list[_Look]) -> Iterator[Event]:
    """Where the page's date of modification moved while its text stayed; several in a row are one event."""
    moved: list[tuple[bool, _Look, _Look]] = []
    for before, after in pairwise(looks):
        told = bool(before.modified and after.modified and not after.is_new and before.modified != after.modified)
        if told or after.is_new:
            moved.append((told, before, after))
    for told, group in groupby(moved, key=lambda one: one[0]):
        run = list(group)
        if told:
            yield Event(
                EventKind.MODIFIED_MOVED,
                run[-1][2].at,
                run[0][1].at if len(run) == 1 else run[0][2].at,
                count=len(run),
                words=(run[-1][2].modified or "",),
            )


def _unseen(checks: Iterable[tuple[datetime, Outcome, str | None, str | None]]) -> Iterator[Event]:
    """Runs of checks that saw no text, each with the reasons."""
    for unseen, group in groupby(checks, key=lambda check: check[1] in _SAW_NOTHING):
        run = list(group)
        if unseen:
            reasons = tuple(dict.fromkeys(_reason(error) or outcome.value for _, outcome, _, error in run))
            yield Event(EventKind.NOT_SEEN, run[-1][0], run[0][0], count=len(run), words=reasons)


def _missed(gaps: Iterable[Missed]) -> Iterator[Event]:
    """Looks that were not made; those that were, and saw nothing, are told as that."""
    for gap in gaps:
        if not _TRIED.issuperset(gap.why.split(", ")):
            yield Event(EventKind.MISSED, gap.until, gap.since, count=gap.missed, words=(gap.why,))


def _reason(error: str | None) -> str:
    """The reason of a check that saw nothing, without the advice that follows it."""
    said = (error or "").partition(";")[0]
    return said.partition(": ")[0] if said.startswith("the server answered") else said
