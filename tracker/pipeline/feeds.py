"""The newest reports that hold what somebody asks for, and the feed of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tracker.model import Report
from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import known_report, neighbours
from tracker.render.feed import Feed, feed_entry
from tracker.render.options import Options
from tracker.store import ChangeQuery, ChangeRow, Store

Link = Callable[[Report], str | None]
Condition = Callable[[ChangeRow], bool]


def recent_reports(
    store: Store,
    wanted: ChangeQuery,
    count: int,
    recipes: tuple[Recipe, ...] = (),
    also: Condition = lambda _row: True,
) -> list[Report]:
    """The reports with a change that answers to the query, newest first, at most `count`; whole, with all else in them.

    `also` is asked of each change beside the query. Of what the index knows: `refresh_reports` brings it up to date.
    """
    found = (edit_report(store, branch, after, recipes) for branch, after in _edits(store, wanted, count, also))
    return [report for report in found if report is not None]


def edit_report(store: Store, branch: str, after: str, recipes: tuple[Recipe, ...] = ()) -> Report | None:
    """The report on what led to a snapshot; None where that is the first, or is not shown any more.

    Raises NotFound where there is no such article.
    """
    history = store.history(branch)
    found = (pair for pair in neighbours(history) if pair[1].revision == after)
    pair = next(found, None)
    return known_report(store, history, *pair, recipes) if pair else None


def _edits(store: Store, wanted: ChangeQuery, count: int, also: Condition) -> list[tuple[str, str]]:
    """(branch, revision) of the newest `count` edits with such a change; an edit may hold any number of them."""
    limit = count * 8
    while True:
        rows = store.reports.changes(replace(wanted, limit=limit))
        edits = list(dict.fromkeys((row.branch, row.after) for row in rows if also(row)))
        if len(edits) >= count or len(rows) < limit:
            return edits[:count]
        limit *= 4


def feed(
    store: Store,
    name: str,
    wanted: ChangeQuery,
    *,
    count: int,
    options: Options,
    recipes: tuple[Recipe, ...] = (),
    link: Link = lambda _report: None,
    address: str | None = None,
    also: Condition = lambda _row: True,
) -> Feed:
    """The feed of the newest `count` edits with a change that answers to the query, and to `also`.

    `name` says in words what is in it; `link` gives a report's own page, `address` is the feed's.
    """
    reports = recent_reports(store, wanted, count, recipes, also)
    entries = [feed_entry(report, options, link(report)) for report in reports]
    return Feed(name, f"What was changed: {name}", tuple(entries), address)
