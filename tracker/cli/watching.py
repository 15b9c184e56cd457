"""`tracker add`, `unwatch` and `status`: what is looked at again and again, and how that goes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.common import (
    configured,
    fetching,
    iso,
    json_option,
    now,
    opened,
    private_option,
    store_option,
    zone_option,
)
from tracker.cli.output import note, say, say_json, terminal

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.store import Store
    from tracker.watch.adding import Added, Patterns
    from tracker.watch.asking import Asker
    from tracker.watch.listed import Watched
    from tracker.watch.loop import HandOn, Tell, Watch


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Seconds since 1970."""
        return now().timestamp()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Sleep, until `stop` is set."""
        stop.wait(seconds)


def watching(
    store: Store,
    config: Config,
    *,
    allow_private: bool = False,
    tell: Tell = lambda _: None,
    hand_on: HandOn | None = None,
    every_minute: Callable[[], None] = lambda: None,
) -> Watch:
    """A watch over a store, by the clock of this machine."""
    from tracker.watch.loop import Watch

    options = fetching(config, allow_private=allow_private)
    return Watch(store, config, options, SystemClock(), tell, hand_on, every_minute)


# --- the list -------------------------------------------------------------------------------------------------


@click.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--include", multiple=True, metavar="PATTERN", help="Only addresses like this; makes a page a section.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="No addresses like this.")
@store_option
@json_option
@private_option
def add_command(
    sources: tuple[str, ...],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    store_path: Path | None,
    as_json: bool,
    allow_private: bool,
) -> None:
    """Put articles, or what leads to them, on the watch list.

    SOURCE is the address of an article, of a feed (RSS, Atom, JSON Feed), of a sitemap or an index of them, or, with
    --include, of a section page whose links count; - reads addresses from standard input, one a line. Feeds, sitemaps
    and section pages are looked at again and again, and what is new in them is put on the list.

    A PATTERN is an address with * for any part of it: 'https://news.example/politics/*' or '*/2026/*'.

    \b
    Examples:
      tracker add https://news.example/story
      tracker add https://news.example/feed.xml --exclude '*/sport/*'
      tracker add https://news.example/politics --include 'https://news.example/politics/*'

    Ends with 0, or as `tracker snap`: with 5 where a page cannot be had, 6 where it is blocked or has no article.
    """
    from tracker.errors import SomeFailed
    from tracker.fetch import Fetcher
    from tracker.watch.adding import Patterns
    from tracker.watch.asking import Asker
    from tracker.watch.robots import KeptRobots

    config = configured(store_path)
    store = opened(store_path, create=True)
    watch = watching(store, config, allow_private=allow_private)
    robots = KeptRobots(store.state.run)
    fetcher = click.get_current_context().with_resource(Fetcher(fetching(config, allow_private=allow_private), robots))
    asker = Asker(store, fetcher, watch.rules)
    patterns = Patterns(include, exclude)
    codes = [_add_one(watch, asker, store, source, patterns, as_json=as_json) for source in _sources(sources)]
    store.copy_state()
    if len(set(codes)) > 1:
        raise SomeFailed(f"{sum(map(bool, codes))} of {len(codes)} sources failed")
    raise click.exceptions.Exit(codes[0] if codes else 0)


def _add_one(watch: Watch, asker: Asker, store: Store, source: str, patterns: Patterns, *, as_json: bool) -> int:
    """Add one source and say so; the exit code of what is wrong with it, so that the others go on."""
    from tracker.cli import complain
    from tracker.errors import FetchError, NotFound, UnreadableError, UsageError
    from tracker.watch.adding import add
    from tracker.watch.asking import said_of

    try:
        time.sleep(_turn(watch, source))
        added = add(watch, asker, store, source, patterns, now().timestamp())
    except (FetchError, NotFound, UnreadableError, UsageError) as error:
        said = said_of(error, source)
        complain(said if source in said else f"{source}: {said}")
        return error.exit_code
    if as_json:
        say_json({"source": source, "known": added.known} | _as_object(added.page))
    else:
        say(_added(added))
    return 0


def _turn(watch: Watch, source: str) -> float:
    """The seconds until the host of a source may be asked. Raises FetchError where that is too long to wait for."""
    from tracker.errors import FetchError
    from tracker.render.times import duration
    from tracker.watch.loop import PATIENCE

    if "://" not in source:
        return 0.0
    wait = watch.frontier.turn(source, now().timestamp(), PATIENCE)
    if wait > PATIENCE:
        raise FetchError(f"{source}: its host wants to be left alone; try again in {duration(round(wait))}")
    return wait


def _sources(sources: tuple[str, ...]) -> Iterator[str]:
    for source in sources:
        yield from (line.strip() for line in sys.stdin if line.strip()) if source == "-" else (source,)


def _added(added: Added) -> str:
    """One line for a person."""
    from tracker.render.safe import safe
    from tracker.render.words import plural

    verb, page = "known     " if added.known else "watching  ", added.page
    led, left_out = (added.told.added, added.told.left_out) if added.told else (0, 0)
    more = f"; {plural(left_out, 'older page')} left out" if left_out else ""
    kind = "" if page.kind.value == "article" else f" ({page.kind.value}: {plural(led, 'new article')}{more})"
    return f"{verb}{safe(page.url)}{kind}"


def _as_object(page: Watched) -> dict[str, Any]:
    from datetime import UTC, datetime

    due = iso(datetime.fromtimestamp(page.due, UTC))
    return {"url": page.url, "kind": page.kind.value, "branch": page.article, "due": due}


@click.command("unwatch")
@click.argument("article")
@click.option("--with-articles", is_flag=True, help="Of a feed, sitemap or section: also what it led to.")
@store_option
def unwatch_command(article: str, with_articles: bool, store_path: Path | None) -> None:
    """Take an article or a source off the watch list. What is stored of it stays.

    \b
    Examples:
      tracker unwatch news.example/story
      tracker unwatch https://news.example/feed.xml --with-articles
    """
    from tracker.render.safe import safe
    from tracker.render.words import plural
    from tracker.watch.adding import led_to, on_list

    store = opened(store_path)
    frontier = watching(store, configured(store_path)).frontier
    page = on_list(frontier, store, article)
    led = led_to(frontier, page)
    frontier.remove([page.id, *(each.id for each in led if with_articles)])
    store.copy_state()
    say(f"unwatched  {safe(page.url)}")
    if led and with_articles:
        say(f"and {plural(len(led), 'page')} that it led to")
    elif led:
        note(f"{plural(len(led), 'page')} that it led to stay on the list; to take them off too: --with-articles")


# --- how it goes ----------------------------------------------------------------------------------------------


@click.command("status")
@click.option("--list", "listed", is_flag=True, help="The pages that are watched, the next one first.")
@store_option
@zone_option
@json_option
def status_command(listed: bool, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """Say what is due, what is late, and what goes wrong.

    \b
    Examples:
      tracker status
      tracker status --json
      tracker status --list
    """
    from tracker.render.options import Options
    from tracker.render.watching import status as shown
    from tracker.render.watching import watched
    from tracker.watch.explain import row
    from tracker.watch.health import status
    from tracker.watch.telling import row_object, status_object

    store = opened(store_path)
    frontier = watching(store, configured(store_path)).frontier
    options = Options(tz=tz, **terminal())
    if listed:
        rows = [row(page) for page in frontier.all()]
        if not as_json:
            say(watched(rows, options))
        for each in rows if as_json else ():
            say_json(row_object(each))
        return
    found = status(store, now().timestamp())
    if as_json:
        say_json(status_object(found))
    else:
        say(shown(found, options))
