"""`tracker changes`: the changes of all articles, from the index."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import configured, json_option, moment, opened, store_option, stored_host, warn, zone_option
from tracker.cli.output import progress, say, say_json, say_plain, terminal

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.store import ChangeQuery, Store

ENTRIES = 50  # of a feed, unless said


@click.command("changes")
@click.option("--label", metavar="LABEL", help="Only with this label: number-changed, denial-added ...")
@click.option(
    "--silent", is_flag=True, help="Only what no notice mentions, of medium and high severity, and notices taken down."
)
@click.option("--since", callback=moment, metavar="TIME", help="Only what was captured at or after this time.")
@click.option("--host", metavar="HOST", help="Only articles of this host.")
@click.option("--article", metavar="ARTICLE", help="Only this article.")
@click.option("--search", metavar="WORDS", help="Only where all these words stand in the old or the new text.")
@click.option("--unseen-by", metavar="REVIEWER", help="Only what this reviewer has not reviewed.")
@click.option(
    "--reviewed",
    "thought",
    type=click.Choice(["important", "noise", "correction", "clarification", "update", "silent-edit", "our-mistake"]),
    help="Only what a reviewer took for this.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many; of a feed, 50 unless said.")
@click.option(
    "--feed",
    "feed_format",
    type=click.Choice(["atom", "json-feed"]),
    help="As a feed: an entry an edit, from medium severity upwards, with the diff inside.",
)
@store_option
@zone_option
@json_option
def changes_command(
    label: str | None,
    silent: bool,
    since: datetime | None,
    host: str | None,
    article: str | None,
    search: str | None,
    unseen_by: str | None,
    thought: str | None,
    limit: int | None,
    feed_format: str | None,
    store_path: Path | None,
    tz: str | None,
    as_json: bool,
) -> None:
    """List the changes of all articles, the newest first.

    Cosmetic ones (quotation marks, spaces, paragraph breaks) are left out.

    \b
    Examples:
      tracker changes --silent --since 2026-01-01
      tracker changes --label denial-added --json
      tracker changes --search "killed wounded" --host news.example
      tracker changes --silent --feed atom > silent.xml
    """
    from tracker.pipeline import refresh_reports
    from tracker.pipeline.objects import change_object
    from tracker.render.listing import changes
    from tracker.render.options import Options

    _known_label(label)
    if feed_format and as_json:
        raise click.UsageError("--json lists changes and --feed is a feed of edits; choose one")
    config = configured(store_path)
    store = opened(store_path)
    branch = store.find(article) if article else None
    warn(refresh_reports(store, config.recipes, progress("Comparing")))
    wanted = replace(
        _query(label, silent=silent, since=since, host=host, branch=branch, search=search),
        unseen_by=unseen_by,
        thought=thought,
    )
    if feed_format:
        # A feed tells of what has weight; who asks for a label wants it whatever its weight.
        weighty = replace(wanted, severities=_severities("low" if label else "medium"))
        name = _name(label, host, _headline(store, branch), search, silent=silent)
        say_plain(_feed(store, name, weighty, limit or ENTRIES, config, tz, feed_format))
        return
    rows = store.reports.changes(replace(wanted, limit=limit))
    if not as_json:
        headlines = {row.branch: row.headline for row in store.articles(host)}
        say(changes(rows, Options(tz=tz, **terminal()), headlines))
        return
    reviews = store.reviews.on(row.change for row in rows)
    for row in rows:
        say_json(change_object(row, reviews.get(row.change, ())))


def _known_label(label: str | None) -> None:
    from tracker.model import Label

    if label and label not in set(Label):
        near = [each.value for each in Label if label.lower() in each.value]
        which = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(Label)}"
        raise click.UsageError(f"no such label {label!r}; {which}")


def _query(
    label: str | None, *, silent: bool, since: datetime | None, host: str | None, branch: str | None, search: str | None
) -> ChangeQuery:
    from tracker.model import Disclosure
    from tracker.store import ChangeQuery

    return ChangeQuery(
        label=label,
        disclosure=Disclosure.SILENT.value if silent else None,
        withdrawn=silent,
        never=silent,
        severities=_severities("medium" if silent else "low"),
        since=since,
        host=stored_host(host) if host else None,
        branch=branch,
        search=search,
    )


def _severities(least: str) -> tuple[str, ...]:
    from tracker.model import Severity

    return tuple(severity.value for severity in Severity if severity.rank >= Severity(least).rank)


# --- as a feed ------------------------------------------------------------------------------------------------


def _headline(store: Store, branch: str | None) -> str | None:
    """What an article is called."""
    if branch is None:
        return None
    return next((row.headline for row in store.articles() if row.branch == branch), None) or branch


def _name(label: str | None, host: str | None, article: str | None, search: str | None, *, silent: bool) -> str:
    """What is in the feed, in words; the same words are the same feed."""
    what = f"{label.replace('-', ' ')} " if label else ""
    where = [article] if article else [f"articles of {host}"] if host else ["all articles"]
    said = [f"with {search}"] if search else []
    quiet = ["mentioned in no notice we found"] if silent else []
    return f"{what}{', '.join([*where, *said, *quiet])}"


def _feed(
    store: Store, name: str, wanted: ChangeQuery, count: int, config: Config, tz: str | None, feed_format: str
) -> str:
    from tracker.pipeline import feed
    from tracker.render.feed import FEEDS
    from tracker.render.options import Options

    made = feed(store, name, wanted, count=count, options=Options(tz=tz), recipes=config.recipes)
    return FEEDS[feed_format](made)
