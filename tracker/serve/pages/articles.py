"""The list of articles, and the life of one."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.pipeline import neighbours, story
from tracker.render.story import EventKind, summary_line, told_days
from tracker.render.timeline import timeline
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.look import Look, Page
from tracker.store import ArticleQuery, ArticleRow, History, Kind
from tracker.text.urls import host_name

LISTED = 50  # articles on a page


def articles_page(desk: Desk, look: Look, host: str = "", skip: int = 0, most: int = LISTED) -> Page:
    """The articles, the newest change first."""
    wanted = ArticleQuery(host=host_name(f"https://{host}") if host else None, limit=most + 1, skip=skip)
    rows = desk.store.articles_like(wanted)
    articles, snapshots = desk.store.totals()
    values = {
        "articles": article_lines(rows[:most], look),
        "totals": (articles, snapshots),
        "host": host,
        "next": skip + most if len(rows) > most else None,
        "previous": max(0, skip - most) if skip else None,
    }
    return Page(paths.ARTICLES, "articles.html", "Articles", values)


def article_lines(rows: Iterable[ArticleRow], look: Look) -> list[dict[str, object]]:
    """Articles in a list. One that was deleted has no file, so only a server names it, which says why it is gone."""
    return [
        {
            "href": paths.article(row.branch),
            "headline": row.headline or row.url or row.branch,
            "host": row.branch.partition("/")[0],
            "snapshots": row.snapshots,
            "changed": look.clock.moment(row.changed_at) if row.changed_at else "",
            "state": "deleted" if row.state == Kind.TOMBSTONE else row.state or "",
        }
        for row in rows
        if row.snapshots or look.house.live
    ]


def article_page(desk: Desk, look: Look, branch: str) -> Page:
    """The life of an article. Raises NotFound."""
    history = desk.history(branch)
    told = story(desk.store, history, desk.recipes)
    clock = look.clock
    links = {b.revision: paths.diff(history.branch, a.revision, b.revision) for a, b in neighbours(history)} | {
        entry.revision: paths.snapshot(history.branch, entry.revision) for entry in history.snapshots[:1]
    }
    values = {
        "story": told,
        "host": history.branch.partition("/")[0],
        "summary_line": summary_line(told, clock),
        "days": list(told_days(told, clock)),
        "drawing": timeline(told, clock),
        "links": links,
        "kinds": EventKind,
        "snapshots": _snapshots(history, look),
        "whole_life": _whole_life(history),
    }
    return Page(paths.article(history.branch), "article.html", told.headline, values)


def _snapshots(history: History, look: Look) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "revision": entry.revision[: paths.DIGITS],
            "moment": look.clock.moment(entry.captured_at),
            "href": paths.snapshot(history.branch, entry.revision),
        }
        for number, entry in enumerate(history.snapshots, 1)
    ]


def _whole_life(history: History) -> str | None:
    """From the first snapshot to the newest, where that is more than one step."""
    if len(history.snapshots) < 3:
        return None
    return paths.diff(history.branch, history.snapshots[0].revision, history.snapshots[-1].revision)
