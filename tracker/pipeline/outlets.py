"""What the index knows of each outlet: how many changes of weight a notice mentions, with the counts beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from tracker.model import Disclosure, Severity
from tracker.render.outlets import OutletRow
from tracker.store import ArticleQuery, ChangeQuery, Store, Tally

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


def outlets(store: Store, since: datetime | None = None, host: str | None = None) -> list[OutletRow]:
    """The figures of each host, by name: no order that would rank them. `since` restricts the changes by capture time.

    `host`, as in branch names, asks for one alone. Counted is what the index has of reports: `refresh_reports` brings
    them up. Additions without a label are not counted, nor is what is exempt.
    """
    tallies: dict[str, _Tally] = {}
    for article in (row for row in store.articles_like(ArticleQuery(host=host)) if row.snapshots):
        tally = tallies.setdefault(_host(article.branch), _Tally())
        tally.articles += 1
        tally.snapshots += article.snapshots
    for found in store.reports.tallies(ChangeQuery(severities=_WEIGHTY, since=since, host=host)):
        _count(tallies.setdefault(found.host, _Tally()), found)
    return [_row(host, tally) for host, tally in sorted(tallies.items())]


def _host(branch: str) -> str:
    return branch.partition("/")[0]


def _count(tally: _Tally, found: Tally) -> None:
    tally.taken_down += found.taken_down
    if found.disclosure == Disclosure.EXEMPT.value:
        return
    tally.edits |= found.edits
    tally.states["later" if found.later else found.disclosure] += found.changes
    tally.delays += found.delays


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
