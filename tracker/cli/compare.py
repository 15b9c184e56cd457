"""`tracker compare` and `tracker diff`: what changed, annotated."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.cli.common import asking_options, configured, fetching, opened, store_option, warn, zone_option
from tracker.cli.output import note, on_terminal, say, say_bytes, say_plain, terminal, write, writing

if TYPE_CHECKING:
    from tracker.model import Capture, Reading, Report
    from tracker.store import Entry, History, Store

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = ("terminal", "html", "markdown", "json", "svg", "png")


def report_options(command: Command) -> Command:
    """The options of every command that prints a report."""
    for option in (
        zone_option,
        click.option("--exit-code", is_flag=True, help="End with 1 when the text changed."),
        click.option("--full", is_flag=True, help="The whole article, not only what changed."),
        click.option("--all", "everything", is_flag=True, help="Also what is cosmetic: quotes, spaces, splits."),
        click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."),
        click.option(
            "--change", metavar="ID", help="Only the change with this id, or the start of one (see the JSON)."
        ),
        click.option(
            "--format",
            "kind",
            type=click.Choice(FORMATS),
            default="terminal",
            metavar="FORMAT",
            help=f"One of {', '.join(FORMATS)} (terminal is plain text when piped; png needs Chromium).",
        ),
    ):
        command = option(command)
    return command


@click.command("compare")
@click.argument("before")
@click.argument("after")
@click.option("--url", metavar="URL", help="The address of the article, for files that do not say it.")
@report_options
@asking_options
def compare_command(
    before: str, after: str, url: str | None, allow_private: bool, ignore_robots: bool, **shown: Any
) -> None:
    """Say what changed between two pages, annotated.

    BEFORE and AFTER are HTML files or URLs, the older one first; one of them may be - for standard input. No store is
    needed.

    \b
    Examples:
      tracker compare before.html after.html
      tracker compare before.html after.html --format html -o changes.html

    Ends with 0; 1 with --exit-code when the text changed; 6 when a page has no article in it.
    """
    gc.set_threshold(100_000)  # two pages, then the process ends: to look for cycles takes a twentieth of its time
    from tracker.pipeline import compare_readings, read_capture

    if before == after == "-":
        raise click.UsageError("only one of the two pages can come from standard input; name a file for the other")
    asked = {"allow_private": allow_private, "ignore_robots": ignore_robots}
    captures = [captured(source, url, **asked) for source in (before, after)]
    old, new = (believed(source, capture) for source, capture in zip((before, after), captures, strict=True))
    if old.lens != new.lens:  # a recipe that fits one of the two pages only reads neither
        old, new = (read_capture(capture, None) for capture in captures)
    address = url or new.document.content.get("canonical/link")
    finish(compare_readings(old, new, address), **shown)


def page(source: str, url: str | None, **asked: bool) -> Reading:
    """Read one page. Raises FetchError where it cannot be had, Blocked or NoArticle where it holds no article."""
    return believed(source, captured(source, url, **asked))


def captured(source: str, url: str | None, *, allow_private: bool, ignore_robots: bool) -> Capture:
    """One page as it came. Raises FetchError where it cannot be had."""
    from tracker.errors import FetchError
    from tracker.fetch import Ask, fetch
    from tracker.pipeline import answered

    options = fetching(configured(None), allow_private=allow_private, url=url)
    capture = fetch(source, options, Ask(ignore_robots=ignore_robots))
    if refusal := capture.refusal:
        raise FetchError(f"{source}: {answered(refusal)}")
    return capture


def believed(source: str, capture: Capture) -> Reading:
    """The reading of one page. Raises Blocked or NoArticle where it holds no article."""
    from tracker.errors import Blocked, NoArticle
    from tracker.pipeline import doubted, read_capture

    reading = read_capture(capture, configured(None).recipes)
    warn(reading.warnings)
    if reading.blocked:
        kind = Blocked if reading.document.blocks else NoArticle
        raise kind(f"{source}: {doubted(reading.blocked)}")
    return reading


@click.command("diff")
@click.argument("article", required=False)
@click.argument("revs", nargs=-1, metavar="[REV [REV]]")
@report_options
@store_option
def diff_command(article: str | None, revs: tuple[str, ...], store_path: Path | None, **shown: Any) -> None:
    """Say what changed in ARTICLE, annotated.

    The newest change, the change that led to REV, or all between two REVs.

    \b
    Examples:
      tracker diff                                    the newest change in the store
      tracker diff news.example/story                 latest~1 to latest
      tracker diff news.example/story @2              what led to the second snapshot
      tracker diff news.example/story first latest    all that changed so far
      tracker diff news.example/story --format html -o changes.html

    Ends with 0; 1 with --exit-code when the text changed; 8 when there is no such article or snapshot.
    """
    from tracker.pipeline import report

    if len(revs) > 2:
        raise click.UsageError("at most two REVs; quote a date that has a space in it")
    store = opened(store_path)
    branch = (
        store.find(article) if article else next((row.branch for row in store.articles() if row.snapshots > 1), None)
    )
    if branch is None:
        note("No change yet: no article in this store has a second snapshot.")
        return
    history = store.history(branch)
    sides = _sides(history, revs)
    if sides is None:
        first = history.resolve("latest").captured_at
        note(f"Nothing to compare with yet: one snapshot so far, of {first:%Y-%m-%d %H:%M} UTC.")
        return
    found = report(store, history, *sides, configured(store_path).recipes)
    warn(_read_apart(store, history.branch, sides, found))
    finish(found, **shown)


def _read_apart(store: Store, branch: str, sides: tuple[Entry, Entry], found: Report) -> list[str]:
    """What to say where a page that is gone could not be read by the rules of the other side."""
    from tracker.cli.browse import why_gone

    if found.before.lens == found.after.lens:
        return []
    return [
        f"the page of {each.revision[:10]} {why_gone(store, branch, each)}; its text is compared as other rules read "
        "it, so a difference may be tracker's"
        for each in sides
        if store.raw(branch, each) is None
    ]


def _sides(history: History, revs: tuple[str, ...]) -> tuple[Entry, Entry] | None:
    """The two snapshots meant, the older one first; None where the article has but one and no more was asked for."""
    from tracker.errors import NotFound

    if len(revs) == 2:
        one, other = (history.resolve(rev) for rev in revs)
        if other.key < one.key:
            note("The second REV is the older one: shown as the article went, from it to the first.")
        return (one, other) if one.key <= other.key else (other, one)
    after = history.resolve(revs[0] if revs else "latest")
    before = history.before(after)
    if before is not None:
        return before, after
    if revs:
        raise NotFound(
            f"{revs[0]} is the first snapshot of {history.branch}: nothing led to it; `tracker show` prints it"
        )
    return None


def finish(
    report: Report,
    *,
    kind: str,
    output: Path | None,
    everything: bool,
    full: bool,
    change: str | None,
    exit_code: bool,
    tz: str | None,
) -> None:
    """Print one report, or write it to a file, and set the exit code."""
    from tracker.model import Result
    from tracker.render import render

    options: dict[str, Any] = {"all": everything, "full": full, "tz": tz, "change": _named(report, change)}
    to_file = output is not None and output != Path("-")
    if kind == "png":
        _picture(render(report, "svg", **options), output if to_file else None)
    elif kind == "terminal" and not to_file:
        say(render(report, kind, **options, **terminal()))
    elif to_file and output:
        write(render(report, kind, **options), output)
    else:
        say_plain(render(report, kind, **options))
    if exit_code and report.result is Result.CHANGED:
        raise click.exceptions.Exit(1)


def _named(report: Report, change: str | None) -> str | None:
    """The id of the change that the start of one names."""
    from tracker.errors import NotFound

    if change is None:
        return None
    found = [each.id for each in report.diff.changes if each.id.startswith(change.lower())]
    if len(found) > 1:
        raise click.UsageError(f"--change {change} is the start of {len(found)} ids; give more digits")
    if not found:
        raise NotFound(f"there is no change {change} here; --format json lists the changes with their ids")
    return found[0]


def _picture(svg: str, output: Path | None) -> None:
    from tracker.fetch.picture import png_of

    if output is None and on_terminal():
        raise click.UsageError("a picture is nothing for a terminal; name a file with -o")
    data = png_of(svg)
    if output is None:
        say_bytes(data)
        return
    with writing(output) as file:
        file.write(data)
