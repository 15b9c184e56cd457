"""What the index knows of each outlet: how many changes of weight a notice mentions, with the counts beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from tracker.model import Disclosure, Severity
from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import refresh_reports
from tracker.render.outlets import OutletRow
from tracker.store import ChangeQuery, ChangeRow, Store

_WEIGHTY = tuple(severity.value for severity in Severity if severity.rank >= Severity.MEDIUM.rank)


@dataclass(slots=True)
class _Tally:
    """The figures of one host while they are counted."""

    articles: int = 0
    snapshots: int = 0
    edits: set[str] = field(default_factory=set)
    states: Counter[str] = field(default_factory=Counter)
    delays: list[int] = field(default_factory=list)
    taken_down: int = 0


def outlets(
    store: Store,
    recipes: tuple[Recipe, ...] = (),
    since: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[OutletRow]:
    """The figures of each host, by name: no order that would rank them. `since` restricts the changes by capture time.

    Brings the index's reports up to date first. Additions without a label are not counted, nor is what is exempt.
    """
    refresh_reports(store, recipes, progress)
    tallies: dict[str, _Tally] = {}
    for article in (row for row in store.articles() if row.snapshots):
        tally = tallies.setdefault(_host(article.branch), _Tally())
        tally.articles += 1
        tally.snapshots += article.snapshots
    rows = store.reports.changes(ChangeQuery(severities=_WEIGHTY, since=since))
    for row in rows:
        _count(tallies.setdefault(_host(row.branch), _Tally()), row)
    return [_row(host, tally) for host, tally in sorted(tallies.items())]


def _host(branch: str) -> str:
    return branch.partition("/")[0]


def _count(tally: _Tally, row: ChangeRow) -> None:
    tally.taken_down += "notice-removed" in row.labels
    if row.disclosure == Disclosure.EXEMPT.value:
        return
    tally.edits.add(row.after)
    tally.states["later" if row.delay is not None else row.disclosure] += 1
    if row.delay is not None:
        tally.delays.append(row.delay)


def _row(host: str, tally: _Tally) -> OutletRow:
    return OutletRow(
        host=host,
        articles=tally.articles,
        snapshots=tally.snapshots,
        edits=len(tally.edits),
        changes=tally.states.total(),
        disclosed=tally.states["disclosed"],
        later=tally.states["later"],
        partly=tally.states["partly"],
        unspecific=tally.states["unspecific"],
        silent=tally.states["silent"],
        taken_down=tally.taken_down,
        median_delay=_median(tally.delays),
    )


def _median(delays: Iterable[int]) -> int | None:
    found = list(delays)
    return round(median(found)) if found else None
