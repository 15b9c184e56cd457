"""`tracker snap`: keep pages as they are now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
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
from tracker.cli.output import note, say, say_json, terminal

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.fetch import Ask, Fetcher
    from tracker.model import Capture, Check
    from tracker.store import Store


@click.command("snap")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--url", metavar="URL", help="The address of the one page given as a file or on standard input.")
@click.option("--at", callback=moment, metavar="TIME", help="When the pages were captured (now unless said).")
@store_option
@json_option
@asking_options
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for what is unchanged.")
@click.option("-v", "--verbose", is_flag=True, help="Also say on stderr what came: status, size, redirects.")
def snap_command(
    sources: tuple[str, ...],
    url: str | None,
    at: datetime | None,
    store_path: Path | None,
    as_json: bool,
    allow_private: bool,
    ignore_robots: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Keep pages as they are now, each if its text is new.

    SOURCE is a URL, an HTML file, or - for standard input. A store is made where there is none.

    \b
    Examples:
      tracker snap https://news.example/story
      tracker snap page.html --url https://news.example/story --at 2015-05-31T15:20
      tracker snap --json --quiet https://news.example/story https://news.example/other

    Ends with 0, or with the code of what went wrong: 5 not to be had, 6 blocked or no article in it, 7 store; with 3
    when only some of several sources failed, or each in its own way.
    """
    from tracker.errors import SomeFailed
    from tracker.fetch import Ask, Fetcher

    if len(sources) > 1 and url:
        raise click.UsageError("--url names one page; give one SOURCE with it")
    captured_at = believable(at) if at else None
    config = configured(store_path)
    ask = Ask(ignore_robots=ignore_robots)
    store = opened(store_path, create=True)
    fetcher = click.get_current_context().with_resource(Fetcher(fetching(config, allow_private=allow_private, url=url)))
    codes = []
    for source in sources:
        check, code = one(store, source, fetcher, ask, config, captured_at, verbose=verbose)
        codes.append(code)
        warn(check.warnings)
        if as_json:
            say_json(as_object(source, check))
        elif code:
            _complain(source, check)
        elif not (quiet and check.outcome.value == "unchanged"):
            _tell(source, check)
    store.copy_state()
    if len(set(codes)) > 1:
        raise SomeFailed(f"{sum(map(bool, codes))} of {len(sources)} sources failed")
    raise click.exceptions.Exit(codes[0])


def one(
    store: Store, source: str, fetcher: Fetcher, ask: Ask, config: Config, at: datetime | None, *, verbose: bool
) -> tuple[Check, int]:
    """Fetch and keep one source; what is wrong with it is a value, so that the others go on."""
    from tracker.errors import FetchError, StoreError, UnreadableError, UsageError
    from tracker.model import Check, Outcome
    from tracker.pipeline import Terms, keep

    try:
        capture = fetcher.fetch(source, ask)
        if verbose:
            note(_came(source, capture))
        check = keep(
            store, replace(capture, captured_at=at) if at else capture, Terms(config.recipes, dated=at is not None)
        )
    except (FetchError, UnreadableError, UsageError, StoreError) as error:
        outcome = Outcome.BLOCKED if isinstance(error, UnreadableError) else Outcome.FAILED
        known = store.find_url(source) if "://" in source and not isinstance(error, StoreError) else None
        return Check(known, at or now(), outcome, error=str(error)), error.exit_code
    return _with_text(store, check), exit_code(check)


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
