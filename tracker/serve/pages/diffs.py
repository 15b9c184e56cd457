"""One diff: what was changed between two snapshots, inline or side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from tracker.model import Op, Report
from tracker.pipeline import known_report, neighbours
from tracker.render import summary
from tracker.render.html import Run, parts_of
from tracker.render.options import Options
from tracker.render.pieces import Mark
from tracker.render.times import Clock
from tracker.render.view import Note, Paragraph, View, view
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.look import Look, Page
from tracker.serve.reviewing import RULINGS, WEIGHTS, Said, said, words_of
from tracker.store import Entry, History, Review

FOLDED = 3  # unchanged parts in a row from which they are folded away

_OLD = frozenset({Mark.EQUAL.value, Mark.DELETE.value, Mark.PARAGRAPH_GONE.value, Mark.LEFT_OUT.value, Mark.LINK.value})
_NEW = frozenset(
    {Mark.EQUAL.value, Mark.INSERT.value, Mark.PARAGRAPH_ADDED.value, Mark.LEFT_OUT.value, Mark.LINK.value}
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph with its runs; `old` and `new` are those of each side, None where it does not stand there."""

    paragraph: Paragraph
    runs: list[Run]
    old: list[Run] | None
    new: list[Run] | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs in a row; `folded`: nothing in them was changed, and they are shown when somebody asks."""

    rows: tuple[Shown, ...]
    folded: bool


def diff_page(desk: Desk, look: Look, branch: str, before: str, after: str) -> Page:
    """The diff of two snapshots of an article. Raises NotFound, UsageError."""
    history, (a, b) = desk.pair(branch, before, after)
    report = known_report(desk.store, history, a, b, desk.recipes)
    shown = view(report, Options(tz=look.tz, all=look.all, full=look.full))
    parts = parts_of(shown)
    path = paths.diff(history.branch, a.revision, b.revision)
    values = parts | {
        "names": [paths.anchor(note.change.id) for note in shown.notes],
        "stretches": list(_stretches(parts["paragraphs"])),
        "article": paths.article(history.branch),
        "host": branch.partition("/")[0],
        "walk": _walk(history, a, b),
        "sides": _sides(history, a, b, shown.clock),
        "citation": citation(report, shown, look, path),
        "reviewed": _reviewed(desk, look, shown) if look.house.live and (a, b) in neighbours(history) else (),
        "review_path": f"{path}review",
        "weights": WEIGHTS,
        "rulings": RULINGS,
        "unchanged": report.result.value == "unchanged" and not shown.notes,
    }
    return Page(path, "diff.html", f"{summary.title(report)}: what was changed", values)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviewers said of one change; `mine` is this reader's own word."""

    note: Note
    said: list[Said]
    mine: Review | None

    @property
    def my_words(self) -> str:
        """This reader's own word as others read it."""
        return words_of(self.mine) if self.mine else ""


def _reviewed(desk: Desk, look: Look, shown: View) -> list[Reviewed]:
    """Everybody's reviews of the changes shown. Only a step from one snapshot to the next has changes to review."""
    found = desk.store.reviews.on(note.change.id for note in shown.notes)
    return [
        Reviewed(
            note,
            said(found.get(note.change.id, ()), shown.clock),
            next((each for each in found.get(note.change.id, ()) if each.reviewer == look.reviewer), None),
        )
        for note in shown.notes
    ]


def _walk(history: History, a: Entry, b: Entry) -> dict[str, str | None]:
    """The edits before and after this one."""
    earlier = [pair for pair in neighbours(history) if pair[1].key <= a.key][-1:]
    later = [pair for pair in neighbours(history) if pair[0].key >= b.key][:1]
    return {
        name: paths.diff(history.branch, found[0][0].revision, found[0][1].revision) if found else None
        for name, found in (("previous", earlier), ("next", later))
    }


def _sides(history: History, a: Entry, b: Entry, clock: Clock) -> list[dict[str, Any]]:
    numbers = {entry.revision: number for number, entry in enumerate(history.snapshots, 1)}
    return [
        {
            "name": name,
            "number": numbers.get(entry.revision),
            "moment": clock.moment(entry.captured_at),
            "revision": entry.revision,
            "href": paths.snapshot(history.branch, entry.revision),
        }
        for name, entry in (("before", a), ("after", b))
    ]


def _stretches(paragraphs: Iterable[tuple[Paragraph, list[Run]]]) -> Iterator[Stretch]:
    for touched, group in groupby(paragraphs, key=lambda pair: pair[0].touched):
        rows = tuple(_shown(paragraph, runs) for paragraph, runs in group)
        yield Stretch(rows, folded=not touched and len(rows) >= FOLDED)


def _shown(paragraph: Paragraph, runs: list[Run]) -> Shown:
    old = [replace(run, number=None) if run.mark in _NEW else run for run in runs if run.mark in _OLD]
    new = [run for run in runs if run.mark in _NEW]
    return Shown(
        paragraph,
        runs,
        old=None if paragraph.op in (Op.ADDED, Op.MOVED) else old,
        new=None if paragraph.op is Op.REMOVED else new,
    )


def citation(report: Report, shown: View, look: Look, path: str) -> str:
    """The diff in words that can be quoted: headline, outlet, what was changed, when, and where it can be seen."""
    article = report.article
    where = f" ({article.url})" if article.url else ""
    told = _first(shown.notes)
    when = summary.change_time(report, shown.clock)
    revisions = f"revisions {(report.before.revision or '')[:10]} and {(report.after.revision or '')[:10]}"
    seen = f"{look.house.base}{path}" if look.house.base else f"{article.branch}, {revisions}"
    return " ".join(filter(None, (f"“{summary.title(report)}”{where}.", f"{when}." if when else "", told, f"{seen}")))


def _first(notes: Sequence[Note]) -> str:
    weighty = sorted(notes, key=lambda note: -note.judgement.severity.rank)
    if not weighty:
        return "No words were changed."
    more = f" {len(notes) - 1} more." if len(notes) > 1 else ""
    return f"{weighty[0].sentence}{more}"
