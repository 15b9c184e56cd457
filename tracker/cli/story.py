"""`tracker story` and `tracker outlets`: meaning over time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.common import configured, iso, json_option, moment, opened, store_option, warn, zone_option
from tracker.cli.output import progress, say, say_json, say_plain, terminal, write

FORMATS = ("terminal", "html", "markdown")


@click.command("story")
@click.argument("article")
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default="terminal",
    metavar="FORMAT",
    help=f"One of {', '.join(FORMATS)} (terminal is plain text when piped).",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
@store_option
@zone_option
@json_option
def story_command(
    article: str, kind: str, output: Path | None, store_path: Path | None, tz: str | None, as_json: bool
) -> None:
    """Tell the life of ARTICLE on one page.

    When it was published and first seen, each edit of weight and whether a notice mentions it by now, notices with
    their delays, headlines that alternate, a date of modification that moved alone, checks that saw nothing.

    \b
    Examples:
      tracker story news.example/story
      tracker story news.example/story --format html -o story.html
    """
    from tracker.pipeline import story
    from tracker.render.json import line
    from tracker.render.options import Options
    from tracker.render.story import STORIES, story_object

    store = opened(store_path)
    told = story(store, store.history(store.find(article)), configured(store_path).recipes)
    if as_json and output is not None and output != Path("-"):
        write(f"{line(dict(story_object(told)))}\n", output)
    elif as_json:
        say_json(dict(story_object(told)))
    elif output is not None and output != Path("-"):
        write(STORIES[kind](told, Options(tz=tz)), output)
    elif kind == "terminal":
        say(STORIES[kind](told, Options(tz=tz, **terminal())))
    else:
        say_plain(STORIES[kind](told, Options(tz=tz)))


@click.command("outlets")
@click.option("--since", callback=moment, metavar="TIME", help="Only changes captured at or after this time.")
@store_option
@json_option
def outlets_command(since: datetime | None, store_path: Path | None, as_json: bool) -> None:
    """Count by host how many changes of weight a notice mentions.

    Changes of medium and high severity count; text that was only added does not, nor do headlines that alternate. A
    share is given from 20 changes on, a median delay from 5; hosts stand in the order of their names. What is counted
    is what this store captured, and what our rules found in it: it says nothing of what an outlet intends.

    \b
    Examples:
      tracker outlets
      tracker outlets --since 2026-01-01 --json
    """
    from tracker.pipeline import outlets, refresh_reports
    from tracker.render.options import Options
    from tracker.render.outlets import outlets as show

    store = opened(store_path)
    warn(refresh_reports(store, configured(store_path).recipes, progress("Comparing")))
    rows = outlets(store, since)
    if not as_json:
        say(show(rows, Options(**terminal())))
        return
    for row in rows:
        say_json(
            {
                "host": row.host,
                "since": iso(since),
                "articles": row.articles,
                "snapshots": row.snapshots,
                "edits": row.edits,
                "changes": row.changes,
                "disclosed": row.disclosed,
                "disclosed_later": row.later,
                "partly": row.partly,
                "unspecific": row.unspecific,
                "silent": row.silent,
                "notices_taken_down": row.taken_down,
                "median_delay_seconds": row.shown_delay,
            }
        )
