"""The pages around the reports: the stream, one day, hosts, search, and the health of the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from tracker.errors import NotFound
from tracker.model import Label
from tracker.pipeline import outlets
from tracker.render.outlets import LEAST_CASES, LEAST_DELAYS, OutletRow
from tracker.render.times import Clock, duration
from tracker.render.words import OUTCOME_NAMES, label_name
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.look import Look, Page
from tracker.serve.pages.articles import article_lines
from tracker.serve.pages.stream import STATES, WEIGHTS, Wanted, stream
from tracker.serve.reviewing import CHOICES, UNSEEN
from tracker.store import ArticleQuery, ChangeQuery

MOST_COUNTED = 999  # unseen changes
MOST_ARTICLES = 20  # that a search shows
HEALTH_DAYS = 1
MOST_TROUBLES = 50

_UTC = Clock()
LABELS = tuple((label.value, label_name(label)) for label in Label if label is not Label.MODIFIED_UNMOVED)


def stream_page(desk: Desk, look: Look, wanted: Wanted) -> Page:
    """The newest changes of all articles, as far as they are wanted. Raises UsageError."""
    found = stream(desk, wanted.query(look), look)
    articles, snapshots = desk.store.totals()
    unseen = Wanted(unseen="1").query(look)
    values = {
        "wanted": wanted,
        "edits": found.edits,
        "older": wanted.address(below=found.below) if found.below else "",
        "newest": wanted.address(below="") if wanted.below else "",
        "labels": LABELS,
        "states": STATES,
        "weights": WEIGHTS,
        "totals": (articles, snapshots),
        "unseen": desk.store.reports.count(unseen, MOST_COUNTED + 1) if look.since else None,
        "most": MOST_COUNTED,
        "choices": CHOICES,
        "todo": desk.store.reports.count(_todo(look), MOST_COUNTED + 1) if look.reviewer else None,
        "waiting": _waiting(desk, look),
    }
    return Page(paths.STREAM, "stream.html", "Changes", values)


def _todo(look: Look) -> ChangeQuery:
    """What of weight this reader has not reviewed yet."""
    return Wanted(weight="medium", review=UNSEEN).query(look)


def days_page(desk: Desk, look: Look) -> Page:  # noqa: ARG001 - all pages are called alike
    """The days on which changes were captured, the newest first."""
    days = [
        {"href": paths.day(day), "name": _UTC.date(datetime.fromisoformat(f"{day}T00:00Z")), "edits": edits}
        for day, edits in desk.store.reports.days()
    ]
    return Page(paths.DAYS, "days.html", "Days", {"days": days})


def day_page(desk: Desk, look: Look, day: str) -> Page:
    """All edits that were captured on one day in UTC."""
    start = datetime.fromisoformat(f"{day}T00:00Z")
    query = replace(Wanted().query(look), since=start, until=start + timedelta(days=1))
    found = stream(desk, query, look, edits=None, changes=None)
    values = {"name": _UTC.date(start), "edits": found.edits}
    return Page(paths.day(day), "day.html", f"Changes captured on {_UTC.date(start)}", values)


def _waiting(desk: Desk, look: Look) -> int:
    """How many articles are still being compared, where that can change under a reader."""
    return desk.store.reports.waiting() if look.house.live else 0


def hosts_page(desk: Desk, look: Look) -> Page:
    """The figures of every host, by name."""
    rows = [_figures(row) for row in outlets(desk.store)]
    values = {"hosts": rows, "waiting": _waiting(desk, look), "least_cases": LEAST_CASES, "least_delays": LEAST_DELAYS}
    return Page(paths.HOSTS, "hosts.html", "Hosts", values)


def host_page(desk: Desk, look: Look, host: str) -> Page:
    """The figures of one host and its newest changes. Raises NotFound."""
    row = next(iter(outlets(desk.store, host=host)), None)
    if row is None:
        raise NotFound(f"no article of {host} is in this store")
    wanted = Wanted(host=host)
    found = stream(desk, wanted.query(look), look)
    listed = desk.store.articles_like(ArticleQuery(host=host, limit=MOST_ARTICLES))
    values = {
        "figures": _figures(row),
        "waiting": _waiting(desk, look),
        "edits": found.edits,
        "older": f"{paths.STREAM}{wanted.address(below=found.below)}" if found.below else "",
        "articles": article_lines(listed, look),
        "more_articles": row.articles > len(listed),
        "least_cases": LEAST_CASES,
        "least_delays": LEAST_DELAYS,
    }
    return Page(paths.host(host), "host.html", host, values)


def _figures(row: OutletRow) -> dict[str, object]:
    """The figures of a host for its table: counts, and shares only where there are enough cases."""
    counts = (
        ("disclosed", "by a notice that came with the change", row.disclosed),
        ("later", "by a later notice", row.later),
        ("partly", "in part", row.partly),
        ("unspecific", "not clearly", row.unspecific),
        ("silent", "by no notice that we found", row.silent),
    )
    return {
        "host": row.host,
        "href": paths.host(row.host),
        "row": row,
        "counts": [
            (kind, name, count, round(100 * count / row.changes) if row.changes >= LEAST_CASES else None)
            for kind, name, count in counts
        ],
        "delay": duration(row.shown_delay) if row.shown_delay is not None else "",
    }


def search_page(desk: Desk, look: Look, wanted: Wanted) -> Page:
    """Articles and changes that hold the words that were asked for. Raises UsageError."""
    words = tuple(wanted.q.split())
    articles = desk.store.articles_like(ArticleQuery(words=words, limit=MOST_ARTICLES)) if words else []
    found = stream(desk, replace(wanted, weight="none").query(look), look) if words else None
    values = {
        "wanted": wanted,
        "articles": article_lines(articles, look),
        "edits": found.edits if found else (),
        "older": replace(wanted, weight="none").address(below=found.below) if found and found.below else "",
    }
    return Page(paths.SEARCH, "search.html", f"Search: {wanted.q}" if wanted.q else "Search", values)


def health_page(desk: Desk, look: Look) -> Page:
    """What the store holds, and what went wrong lately."""
    now = desk.now()
    since = now - timedelta(days=HEALTH_DAYS)
    counts = Counter(dict(desk.store.state.outcomes(since)))
    articles, snapshots = desk.store.totals()
    troubles = desk.store.state.troubles(since, MOST_TROUBLES)
    last = desk.store.state.newest_check()
    lost = ArticleQuery(states=("gone", "moved"), limit=MOST_TROUBLES)
    values = {
        "now": look.clock.moment(now),
        "totals": (articles, snapshots),
        "waiting": desk.store.reports.waiting(),
        "last": look.clock.moment(last) if last else "",
        "ago": duration(int((now - last).total_seconds())) if last else "",
        "outcomes": [(name, counts[outcome]) for outcome, name in OUTCOME_NAMES.items()],
        "troubles": [
            (paths.article(article), article, look.clock.moment(at), OUTCOME_NAMES[outcome], error or "")
            for article, at, outcome, error in troubles
        ],
        "quarantine": [
            (row, look.clock.moment(row.first_at), look.clock.moment(row.newest_at)) for row in desk.store.quarantined()
        ],
        "lost": article_lines(desk.store.articles_like(lost), look),
        "gap": desk.store.state.has_gap,
    }
    return Page(paths.HEALTH, "health.html", "Health", values)
