"""The newest reports that hold what somebody asks for, and the feed of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tracker.model import Report
from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import known_report
from tracker.render.feed import Feed, feed_entry
from tracker.render.options import Options
from tracker.store import ChangeQuery, Store

Link = Callable[[Report], str | None]


def recent_reports(store: Store, wanted: ChangeQuery, count: int, recipes: tuple[Recipe, ...] = ()) -> list[Report]:
    """The reports with a change that answers to the query, newest first, at most `count`; whole, with all else in them.

    Of what the index knows: `refresh_reports` brings it up to date.
    """
    found = []
    histories = {}
    for branch, after in _edits(store, wanted, count):
        if branch not in histories:
            histories[branch] = store.history(branch)
        shown = histories[branch].snapshots
        places = [place for place, entry in enumerate(shown) if entry.revision == after and place]
        found += [known_report(store, histories[branch], shown[at - 1], shown[at], recipes) for at in places]
    return found


def _edits(store: Store, wanted: ChangeQuery, count: int) -> list[tuple[str, str]]:
    """(branch, revision) of the newest `count` edits with such a change; an edit may hold any number of them."""
    limit = count * 8
    while True:
        rows = store.reports.changes(replace(wanted, limit=limit))
        edits = list(dict.fromkeys((row.branch, row.after) for row in rows))
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
) -> Feed:
    """The feed of the newest `count` edits with a change that answers to the query.

    `name` says in words what is in it; `link` gives a report's own page, `address` is the feed's.
    """
    entries = [feed_entry(report, options, link(report)) for report in recent_reports(store, wanted, count, recipes)]
    return Feed(name, f"What was changed: {name}", tuple(entries), address)
