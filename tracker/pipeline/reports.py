"""Reports on what is kept: two snapshots through one lens, judged over the article's life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tracker.annotate import annotate, notices_in
from tracker.diff import diff
from tracker.diff.blame import BlameLine, blame
from tracker.errors import DamagedStore, NotFound
from tracker.model import (
    ArticleName,
    Change,
    Context,
    Diff,
    Disclosure,
    Document,
    EarlierText,
    LaterNotice,
    Lens,
    NoticeStatus,
    OpenChange,
    Outline,
    Pair,
    Reading,
    Report,
    Result,
    SeenTitles,
    Side,
    Snapshot,
    Verdict,
)
from tracker.normalize.memory import Memory
from tracker.normalize.recipes import Recipe
from tracker.pipeline.memory import fitting, memory_as, memory_for
from tracker.pipeline.pages import read_capture
from tracker.pipeline.steps import judged_in_time, steps_of
from tracker.pipeline.stored import read_report
from tracker.render import render
from tracker.render.sentences import row_sentence
from tracker.store import ChangeQuery, ChangeRow, Entry, History, Store
from tracker.text.codec import text_digest

EPOCH = datetime.fromtimestamp(0, UTC)


def reading_of(store: Store, history: History, entry: Entry) -> Snapshot:
    """The newest reading of a capture: its own, or the reread that followed it."""
    return store.snapshot(history.branch, entry, history.reread_of(entry))


def read_again(
    store: Store, branch: str, entry: Entry, recipes: tuple[Recipe, ...] | None, memory: Memory | None = None
) -> Reading | None:
    """A capture read with today's lens, or with another memory than today's, or (`recipes` None) by the general rules
    alone; None where its raw page is gone."""
    raw = store.raw(branch, entry)
    if raw is None:
        return None
    return read_capture(raw, recipes, memory_for(store, branch) if memory is None else memory)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Two snapshots read with one lens."""

    before: Snapshot
    after: Snapshot


def _one_lens(store: Store, history: History, a: Entry, b: Entry, recipes: tuple[Recipe, ...]) -> _Sides:
    """Both sides through one lens: the stored texts where they share one, else both read again with today's.

    Where a raw page is gone its stored text is used, and the report shows two lenses.
    """
    if alike := history.alike(a, b):
        return _Sides(store.snapshot(history.branch, a, alike[0]), store.snapshot(history.branch, b, alike[1]))
    before, after = reading_of(store, history, a), store.snapshot(history.branch, b)
    one, two = (read_again(store, history.branch, entry, recipes) for entry in (a, b))
    if one and two and one.lens != two.lens:  # a recipe that fits one of the two pages only reads neither
        one, two = (read_again(store, history.branch, entry, None) for entry in (a, b))
    if one is None and two is not None:
        two = read_again(store, history.branch, b, recipes, fitting(store, history, before))
    elif two is None and one is not None:
        one = read_again(store, history.branch, a, recipes, fitting(store, history, after))
    return _Sides(_with(before, one), _with(after, two))


def _with(snapshot: Snapshot, reading: Reading | None) -> Snapshot:
    return replace(snapshot, document=reading.document, lens=reading.lens) if reading else snapshot


def report(store: Store, history: History, a: Entry, b: Entry, recipes: tuple[Recipe, ...] = ()) -> Report:
    """The report on two snapshots of one article, judged over the article's life."""
    return _report(store, history, a, b, recipes, _life(store, history))


def _report(
    store: Store, history: History, a: Entry, b: Entry, recipes: tuple[Recipe, ...], life: tuple[_Moment, ...]
) -> Report:
    sides = _one_lens(store, history, a, b, recipes)
    compared = _compared(sides)
    earlier = tuple(one.text for one in life if one.entry.key < a.key)
    plain = _judged(sides, compared, Context(earlier=earlier))
    context = Context(
        earlier=earlier,
        open=_open_changes(store, history, a, recipes) if _has_new_notice(plain) else (),
        later=(*_passing_notices(life, a, b), *_later_notices(life, b)),
        titles=tuple(one.titles for one in life),
        as_of=history.snapshots[-1].captured_at,
    )
    if (a, b) in neighbours(history):
        found = _judged(sides, compared, context)
        return replace(found, after=_with_missed(store, sides.after, found.after))
    judged = _judged(sides, compared, context, one_step=False)
    chain = [store.snapshot(history.branch, each) for each in history.snapshots if a.key < each.key < b.key]
    steps = steps_of(compared, [sides.before, *chain, sides.after])
    return replace(judged, steps=steps, judgements=judged_in_time(judged, steps))


def _compared(sides: _Sides) -> Diff:
    return diff(sides.before.document, sides.after.document, _pair(sides))


def _pair(sides: _Sides) -> Pair:
    return Pair(sides.after.article, sides.before.key, sides.after.key)


def _judged(sides: _Sides, compared: Diff, context: Context, *, one_step: bool = True) -> Report:
    """Over several steps a change may have come at any time since the old side was captured."""
    before, after = sides.before, sides.after
    return annotate(
        compared,
        article=ArticleName(after.article, after.url, after.document.headline or before.document.headline),
        before=_side(before, before.seen_since),
        after=_side(after, after.seen_since if one_step else before.captured_at),
        context=context,
    )


def _side(snapshot: Snapshot, seen_since: datetime | None) -> Side:
    return Side(
        revision=snapshot.revision,
        captured_at=snapshot.captured_at,
        published=snapshot.document.published,
        modified=snapshot.modified,
        lens=snapshot.lens,
        seen_since=seen_since,
    )


def _with_missed(store: Store, snapshot: Snapshot, side: Side) -> Side:
    """The newer side of one step, with how many looks were missed between its snapshot and the look before it."""
    since, until = snapshot.seen_since, snapshot.captured_at
    if since is None:
        return side
    gaps = (gap for gap in store.state.gaps(snapshot.article) if gap.until > since and gap.since < until)
    return replace(side, missed=sum(gap.missed for gap in gaps))


def _has_new_notice(report: Report) -> bool:
    return any(notice.status in (NoticeStatus.ADDED, NoticeStatus.CHANGED) for notice in report.notices)


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the reports on other snapshots must know of one: its text's digest, its titles, notices and blocks.

    `blocks` are the hashes of its blocks' texts: they tell whether a later notice stood there already.
    """

    entry: Entry
    text: EarlierText
    titles: SeenTitles
    notices: tuple[LaterNotice, ...]
    blocks: frozenset[int]


def _life(store: Store, history: History) -> tuple[_Moment, ...]:
    """Every snapshot as the others must know it, in capture order: each text is read once for all reports."""
    found: list[_Moment] = []
    before = ""
    for one in history.snapshots:
        snapshot = store.snapshot(history.branch, one)
        found.append(_moment(one, snapshot, Pair(history.branch, before, snapshot.key)))
        before = snapshot.key
    return tuple(found)


def _moment(entry: Entry, snapshot: Snapshot, pair: Pair) -> _Moment:
    document, revision, at = snapshot.document, entry.revision, entry.captured_at
    titles = dict.fromkeys((document.headline or "", *(value for _, value in document.content.of("headline"))))
    return _Moment(
        entry,
        EarlierText(revision, at, text_digest(document)),
        SeenTitles(revision, at, tuple(filter(None, titles))),
        tuple(LaterNotice(revision, at, notice) for notice in notices_in(document, pair)),
        frozenset(hash(block.text) for block in document.blocks),
    )


def _open_changes(store: Store, history: History, last: Entry, recipes: tuple[Recipe, ...]) -> tuple[OpenChange, ...]:
    """The changes up to a snapshot that no notice of their own time mentioned: a later one may."""
    found = []
    for a, b in neighbours(history):
        if b.captured_at > last.captured_at:
            break
        sides = _one_lens(store, history, a, b, recipes)
        report = _judged(sides, _compared(sides), Context())
        still = (Disclosure.SILENT, Disclosure.UNSPECIFIC, Disclosure.PARTLY)
        found += [
            OpenChange(b.revision, b.captured_at, change)
            for change in report.diff.changes
            if report.judgement(change).disclosure in still
        ]
    return tuple(found)


def _later_notices(life: tuple[_Moment, ...], entry: Entry) -> tuple[LaterNotice, ...]:
    """The notices that came after a snapshot, each with the snapshot that first had it."""
    seen = set(next(one.blocks for one in life if one.entry.key == entry.key))
    found = []
    for one in life:
        for later in one.notices if one.entry.key > entry.key else ():
            if hash(later.notice.text) not in seen:
                found.append(later)
                seen.add(hash(later.notice.text))
    return tuple(found)


def _passing_notices(life: tuple[_Moment, ...], a: Entry, b: Entry) -> tuple[LaterNotice, ...]:
    """The notices with claims that came after one snapshot and were gone again before another, as first seen.

    What they told the readers was told, though neither side shows it.
    """
    seen = set().union(*(one.blocks for one in life if one.entry.key in (a.key, b.key)))
    found = []
    for one in life:
        for passing in one.notices if a.key < one.entry.key < b.key else ():
            if passing.notice.claims and hash(passing.notice.text) not in seen:
                found.append(passing)
                seen.add(hash(passing.notice.text))
    return tuple(found)


def neighbours(history: History) -> tuple[tuple[Entry, Entry], ...]:
    """Each snapshot with the one before it, in capture order."""
    return tuple(zip(history.snapshots, history.snapshots[1:], strict=False))


def reports(store: Store, history: History, recipes: tuple[Recipe, ...] = ()) -> Iterator[Report]:
    """The report of every change of an article, oldest first."""
    life = _life(store, history)
    return (_report(store, history, a, b, recipes, life) for a, b in neighbours(history))


def refresh_reports(
    store: Store, recipes: tuple[Recipe, ...] = (), progress: Callable[[int, int], None] | None = None
) -> tuple[str, ...]:
    """Bring the index's reports up to what the store holds: only articles that moved since are judged again.

    `progress` is told (done, all) articles. A line for each article of which something cannot be read: its reports
    stay as they were, and it is tried again the next time.
    """
    branches = store.reports.unfinished()
    damaged = []
    for number, branch in enumerate(branches, 1):
        try:
            _refresh(store, store.history(branch), recipes)
        except NotFound:
            pass  # deleted since the list was made
        except DamagedStore as error:
            damaged.append(f"{branch} is not compared: {error}")
        if progress:
            progress(number, len(branches))
    return tuple(damaged)


def _refresh(store: Store, history: History, recipes: tuple[Recipe, ...]) -> None:
    pairs, life = neighbours(history), _life(store, history)
    for a, b in pairs:
        made = _report(store, history, a, b, recipes, life)
        rows = [change_row(made, change) for change in made.diff.changes]
        store.reports.put(history.branch, a.revision, b.revision, history.tip, render(made, "json"), rows)
    store.reports.finish(history.branch, history.tip, [(a.revision, b.revision) for a, b in pairs])


def known_report(store: Store, history: History, a: Entry, b: Entry, recipes: tuple[Recipe, ...] = ()) -> Report:
    """The report on two snapshots: read back from the index where it is kept, else made as `report` makes it."""
    body = store.reports.get(history.branch, a.revision, b.revision, history.tip)
    if body is None:
        return report(store, history, a, b, recipes)
    kept, sides = json.loads(body), _one_lens(store, history, a, b, recipes)
    before, after = _side(sides.before, sides.before.seen_since), _side(sides.after, sides.after.seen_since)
    if [before.lens, after.lens] != [Lens(**kept[side]["lens"]) for side in ("before", "after")]:
        return report(store, history, a, b, recipes)  # read again with what was learned since
    rows = store.reports.changes(ChangeQuery(branch=history.branch, after=b.revision))
    otherwise = {row.change for row in rows if row.otherwise}
    texts = Diff(sides.before.document, sides.after.document, _pair(sides), ())
    return read_report(kept, texts, before, _with_missed(store, sides.after, after), otherwise)


def outlines(store: Store, history: History, recipes: tuple[Recipe, ...] = ()) -> dict[str, Outline]:
    """The outline of what led to each snapshot but the first, by revision; from the index once it is there."""
    if history.branch in store.reports.unfinished():
        _refresh(store, history, recipes)
    found = {}
    for a, b in neighbours(history):
        body = store.reports.get(history.branch, a.revision, b.revision, history.tip)
        if body is not None:
            found[b.revision] = _outline(json.loads(body))
    return found


def _outline(report: dict[str, Any]) -> Outline:
    counts = report["counts"]
    return Outline(
        changes=counts["changes"],
        words_added=counts["words_added"],
        words_removed=counts["words_removed"],
        labels=tuple(sorted(counts["labels"].items())),
        result=Result(report["result"]),
        verdict=Verdict(report["verdict"]),
    )


def change_row(report: Report, change: Change) -> ChangeRow:
    """One change of a report as the index lists it."""
    judgement = report.judgement(change)
    return ChangeRow(
        branch=report.article.branch or "",
        before=report.before.revision or "",
        after=report.after.revision or "",
        change=change.id,
        captured_at=report.after.captured_at or EPOCH,
        seen_since=report.after.seen_since,
        field=change.field.value,
        op=change.op.value,
        labels=tuple(note.label.value for note in report.labels(change)),
        severity=judgement.severity.value,
        disclosure=judgement.disclosure.value,
        old="\n\n".join(span.text for span in change.before),
        new="\n\n".join(span.text for span in change.after),
        sentence=row_sentence(report, change),
        delay=judgement.disclosed_later.delay_seconds if judgement.disclosed_later else None,
        otherwise=judgement.otherwise,
    )


def blame_lines(
    store: Store, history: History, entry: Entry, recipes: tuple[Recipe, ...] = ()
) -> list[tuple[BlameLine, Entry]]:
    """The sentences of a snapshot, each with the snapshot that brought it; all texts through the lens of this one."""
    chain = [one for one in history.snapshots if one.key <= entry.key]
    lens = store.snapshot(history.branch, entry).lens
    documents = [_through(store, history, one, lens, recipes) for one in chain]
    return [(line, chain[line.since]) for line in blame(documents)]


def _through(store: Store, history: History, entry: Entry, lens: Lens, recipes: tuple[Recipe, ...]) -> Document:
    """A snapshot's text as a lens reads it: its own, a reread, or read now; the stored one where the page is gone."""
    snapshot = store.snapshot(history.branch, entry, history.reread_of(entry, lens))
    if snapshot.lens == lens:
        return snapshot.document
    again = read_again(store, history.branch, entry, recipes, memory_as(store, history, lens.memory))
    return again.document if again else snapshot.document
