"""`tracker snap`: keep pages as they are now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.common import (
    asking_options,
    believable,
    configured,
    fetching,
    iso,
    json_option,
    moment,
    now,
    opened,
    store_option,
    warn,
)
from tracker.cli.output import note, progress, say, say_json, terminal, wipe
from tracker.cli.sources import Source, listed

if TYPE_CHECKING:
    from tracker.errors import TrackerError
    from tracker.fetch import Ask, Fetcher
    from tracker.model import Capture, Check
    from tracker.pipeline import Terms
    from tracker.store import Store


Asking = Callable[[str], "Ask"]  # with what a source is asked for
LONGEST_PAUSE = 60.0  # seconds: whoever waits for more than that uses `tracker run`
MANY = 40  # from so many files on other processes read ahead: starting them takes a second


@click.command("snap")
@click.argument("names", nargs=-1, metavar="SOURCE...")
@click.option("--url", metavar="URL", help="The address of the one page given as a file or on standard input.")
@click.option("--at", callback=moment, metavar="TIME", help="When the pages were captured (now unless said).")
@click.option("--file-times", is_flag=True, help="Each file was captured when it was last written.")
@click.option("--list", "list_file", metavar="FILE", help="Also what FILE names (- for standard input).")
@click.option("--browser", is_flag=True, help="Read URLs as a browser shows them (needs tracker[browser], Chromium).")
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --browser: write a picture of the page (PNG).",
)
@store_option
@json_option
@asking_options
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for what is unchanged.")
@click.option("-v", "--verbose", is_flag=True, help="Also say on stderr what came: status, size, redirects.")
def snap_command(
    names: tuple[str, ...],
    url: str | None,
    at: datetime | None,
    file_times: bool,
    list_file: str | None,
    store_path: Path | None,
    as_json: bool,
    allow_private: bool,
    ignore_robots: bool,
    browser: bool,
    screenshot: Path | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Keep pages as they are now, each if its text is new.

    SOURCE is a URL, an HTML file, a folder (all HTML files in it, by name), or - for standard input. A store is made
    where there is none.

    --list names a file with one SOURCE a line; a tab and its address, another tab and its time of capture may follow.
    Of files captured at different times say when: in the list, or with --file-times. Then it does not matter in which
    order they come, and the same command goes on where it was interrupted.

    \b
    Examples:
      tracker snap https://news.example/story
      tracker snap page.html --url https://news.example/story --at 2015-05-31T15:20
      tracker snap --browser https://news.example/story-made-by-scripts
      tracker snap --json --quiet https://news.example/story https://news.example/other
      tracker snap saved-pages/ --file-times
      tracker snap --list pages.tsv --json

    Ends with 0, or with the code of what went wrong: 5 not to be had, 6 blocked or no article in it, 7 store; with 3
    when only some of several sources failed, or each in its own way.
    """
    from tracker.errors import SomeFailed
    from tracker.fetch import Ask, Fetcher
    from tracker.pipeline import Terms
    from tracker.watch.robots import KeptRobots
    from tracker.watch.rules import Rules

    sources = listed(names, list_file, url, believable(at) if at else None, file_times=file_times)
    if screenshot and (not browser or len(sources) > 1):
        raise click.UsageError("--screenshot is of one page in a browser; give one SOURCE and --browser with it")
    config = configured(store_path)
    store = opened(store_path, create=True)
    fetcher = click.get_current_context().with_resource(
        Fetcher(fetching(config, allow_private=allow_private), KeptRobots(store.state.run))
    )
    said, rules = Ask(ignore_robots=ignore_robots, browser=browser, screenshot=screenshot), Rules(config)

    def ask(source: str) -> Ask:
        return rules.ask(source, said) if "://" in source else said

    moved = progress("Keeping") if len(sources) >= MANY else None
    codes: list[int] = []
    for dated, group in groupby(sources, key=lambda source: source.at is not None):
        for source, check, code in _kept(
            store, list(group), fetcher, ask, Terms(config.recipes, dated=dated), verbose=verbose
        ):
            codes.append(code)
            if moved:
                wipe()
            warn(check.warnings)
            if as_json:
                say_json(as_object(source.name, check))
            elif code:
                _complain(source.name, check)
            elif not (quiet and check.outcome.value == "unchanged"):
                _tell(source.name, check)
            if moved:
                moved(len(codes), len(sources))
    store.copy_state()
    if len(set(codes)) > 1:
        raise SomeFailed(f"{sum(map(bool, codes))} of {len(sources)} sources failed")
    raise click.exceptions.Exit(codes[0])


def _kept(
    store: Store, sources: Sequence[Source], fetcher: Fetcher, ask: Asking, terms: Terms, *, verbose: bool
) -> Iterator[tuple[Source, Check, int]]:
    """Each source with its check and its code, as soon as it is durable. Pages of the web come so slowly that each is
    stored by itself."""
    from tracker.pipeline import keep_many

    found = (_found(source, fetcher, ask, verbose=verbose) for source in _paced(sources, fetcher))
    of_web = any(source.is_web for source in sources)
    processes = 2 if len(sources) >= MANY and not of_web else 0
    many = keep_many(store, found, terms, processes=processes, **({"batch": 1} if of_web else {}))
    for source, kept in zip(sources, many, strict=True):
        if kept.error is not None:
            yield source, _failed(store, source, kept.error), kept.error.exit_code
        elif kept.check is not None:
            yield source, _with_text(store, kept.check), exit_code(kept.check)


def _paced(sources: Sequence[Source], fetcher: Fetcher) -> Iterator[Source]:
    """Each source when its host may be asked again: as far behind the one before as its robots.txt wants."""
    from tracker.text.urls import host_name

    done: dict[str, float] = {}
    for source in sources:
        host = host_name(source.name) if source.is_web else ""
        if host in done and (delay := fetcher.crawl_delay(source.name)):
            time.sleep(max(0.0, done[host] + min(delay, LONGEST_PAUSE) - time.monotonic()))
        yield source
        if host:
            done[host] = time.monotonic()


def _found(source: Source, fetcher: Fetcher, ask: Asking, *, verbose: bool) -> Capture | TrackerError:
    """What a source gives; what is wrong with it is a value, so that the others go on."""
    from tracker.errors import FetchError, UnreadableError, UsageError

    try:
        capture = fetcher.fetch(source.name, ask(source.name))
    except (FetchError, UnreadableError, UsageError) as error:
        return error
    if verbose:
        note(_came(source.name, capture))
    if source.url:
        capture = replace(capture, url=source.url, final_url=source.url)
    return replace(capture, captured_at=source.at) if source.at else capture


def _failed(store: Store, source: Source, error: TrackerError) -> Check:
    from tracker.errors import StoreError, UnreadableError
    from tracker.model import Check, Outcome

    outcome = Outcome.BLOCKED if isinstance(error, UnreadableError) else Outcome.FAILED
    known = store.find_url(source.name) if source.is_web and not isinstance(error, StoreError) else None
    return Check(known, source.at or now(), outcome, error=str(error))


def _with_text(store: Store, check: Check) -> Check:
    """The check with the snapshot that an unchanged page still has."""
    from tracker.model import Outcome

    if check.outcome is not Outcome.UNCHANGED or check.snapshot or not check.article:
        return check
    return replace(check, snapshot=store.snapshot(check.article, store.history(check.article).snapshots[-1]))


def _came(source: str, capture: Capture) -> str:
    """What a server or a file gave, in one line."""
    from tracker.render.safe import safe

    kind = capture.header("content-type") or "no content type"
    way = "".join(f" -> {url}" for url in (*capture.redirects[1:], capture.final_url)) if capture.redirects else ""
    answer = f"{capture.status}, " if capture.status is not None else ""
    return safe(f"{source}{way}: {answer}{kind}, {len(capture.body):,} bytes")


def exit_code(check: Check) -> int:
    """What a check ends with: what happens to a known article is an event, not a failure of ours."""
    from tracker.model import Outcome

    if check.outcome is Outcome.BLOCKED:
        return 6
    if check.outcome is Outcome.FAILED:
        return 5
    if check.outcome in (Outcome.GONE, Outcome.MOVED):
        return 0 if check.article else 5
    return 0


def as_object(source: str, check: Check) -> dict[str, Any]:
    """The line of `snap --json`."""
    snapshot = check.snapshot
    return {
        "source": source,
        "outcome": check.outcome.value,
        "branch": check.article,
        "url": snapshot.url if snapshot else None,
        "revision": snapshot.revision if snapshot else None,
        "headline": snapshot.document.headline if snapshot else None,
        "captured_at": iso(snapshot.captured_at if snapshot else check.at),
        "error": check.error,
    }


def _tell(source: str, check: Check) -> None:
    """What became of a source, for a person."""
    from tracker.render.listing import check as shown
    from tracker.render.options import Options

    say(shown(check, source, Options(**terminal())))


def _complain(source: str, check: Check) -> None:
    """What is wrong with a source, in one line that names it once."""
    from tracker.cli import complain

    error = check.error or check.outcome.value
    complain(error if source in error else f"{source}: {error}")
