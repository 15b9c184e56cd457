"""Why a page on the watch list is due when it is, in figures for `render.watching`."""

from __future__ import annotations

from datetime import UTC, datetime

from tracker.config import Config
from tracker.render.watching import Reason, WatchedRow
from tracker.watch.frontier import Frontier
from tracker.watch.listed import Watched
from tracker.watch.looks import prior_of, rate_of
from tracker.watch.rules import Rules
from tracker.watch.schedule import CONSTANT, HOUR, constant_for, interval


def row(page: Watched) -> WatchedRow:
    """A page for a list."""
    return WatchedRow(
        page.url,
        page.kind.value,
        page.article,
        page.state.value,
        _moment(page.checked) if page.checked is not None else None,
        _moment(page.due),
        round(page.changes),
    )


def constant(frontier: Frontier, rules: Rules, now: float) -> float:
    """The constant with which the budget is spent over all pages, CONSTANT where none is set."""
    budget = rules.config.watch.budget
    if budget is None:
        return CONSTANT
    pages = [(rate_of(page, now), rules.bounds(page.url, page.kind)) for page in frontier.all()]
    return constant_for(pages, budget / HOUR)


def explain(page: Watched, frontier: Frontier, config: Config, now: float) -> Reason:
    """The figures behind the moment at which a page is due."""
    rules = Rules(config)
    bounds = rules.bounds(page.url, page.kind)
    rate = rate_of(page, now)
    ready = frontier.host_ready(page.host)
    return Reason(
        page=row(page),
        at=_moment(now),
        why=page.why,
        born=_moment(page.born),
        expected=page.expected,
        usual=prior_of(page.kind).rate(now - page.born),
        rate=rate,
        importance=bounds.importance,
        floor=bounds.floor,
        ceiling=bounds.ceiling,
        pause=interval(rate, bounds, constant(frontier, rules, now)),
        host_ready=_moment(ready) if ready is not None else None,
        budget=config.watch.budget,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
