"""What `tracker demo` says between the things that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

from rich.text import Text

from tracker.model import Check, Outcome, Report, Result, Verdict
from tracker.render import summary
from tracker.render.canvas import Canvas, canvas_and_clock
from tracker.render.options import Options
from tracker.render.safe import visible

_STYLES = {
    Verdict.DISCLOSED: "green",
    Verdict.PARTLY: "yellow",
    Verdict.UNSPECIFIC: "yellow",
    Verdict.SILENT: "bold red",
}


def opening(options: Options) -> str:
    """The head of the tour, and of its first part."""
    canvas = Canvas(options.width, color=options.color)
    canvas.write(
        Text(
            "tracker keeps every version of a news page, says what changed, and whether the outlet said so. "
            "Here it takes twelve bundled pages of four articles, as they were captured."
        )
    )
    canvas.put(Text())
    canvas.put(canvas.rule("Snapshots: tracker snap"))
    return canvas.text()


def step(check: Check, shows: str, options: Options) -> str:
    """One capture: when, what became of it, and what it is there to show."""
    canvas, clock = canvas_and_clock(options)
    style = {Outcome.NEW: "green", Outcome.CHANGED: "yellow"}.get(check.outcome, "dim")
    canvas.put(Text.assemble((f"{check.outcome.value:<10}", style), clock.moment(check.at)))
    canvas.write(Text(visible(shows), style="dim"), indent=10)
    return canvas.text()


def heading(title: str, command: str, options: Options) -> str:
    """The head of a part, with the command that shows the same."""
    canvas = Canvas(options.width, color=options.color)
    canvas.put(Text())
    canvas.put(canvas.rule(f"{title}: {command}"))
    return canvas.text()


def verdicts(headline: str, reports: Iterable[Report], options: Options) -> str:
    """The verdict on each change of an article, under its headline."""
    canvas, clock = canvas_and_clock(options)
    canvas.put(Text(visible(headline), style="bold"))
    for number, report in enumerate(reports, 1):
        when = clock.moment(report.after.captured_at) if report.after.captured_at else ""
        canvas.put(Text(f"  @{number} to @{number + 1}, {when}"))
        style = _STYLES.get(report.verdict, "dim") if report.result is Result.CHANGED else "dim"
        canvas.write(Text(summary.verdict_line(report), style=style), indent=4)
    return canvas.text()


def closing(program: str, store: object, article: str, options: Options) -> str:
    """What to try next; `program` is what to type for tracker here."""
    canvas = Canvas(options.width, color=options.color)
    canvas.put(Text())
    canvas.put(canvas.rule("Try next"))
    store = quote(str(store))
    steps = (
        (f"export TRACKER_STORE={store}", "the store that was just made"),
        (f"{program} serve", "all of it in a browser, where ? shows the keys"),
        (f"{program} log {article}", "its snapshots"),
        (f"{program} diff {article} @3", "the silent respelling"),
        (f"{program} diff {article} @2 --format html -o diff.html", "as a page"),
        (f"{program} changes --silent", "all changes of weight that no notice mentions"),
        (f"{program} blame {article}", "since when each sentence stands"),
        (f"git clone {store}/articles.git", "plain git reads it, too"),
        (f"unset TRACKER_STORE; {program} snap https://...", "your own first page, in a store of your own"),
        (f"rm -r {store}", "the store of this demonstration stays until you take it away"),
    )
    for command, purpose in steps:
        canvas.put(Text(f"  # {purpose}", style="dim"))
        canvas.put(Text(f"  {visible(command)}", style="bold"))
    return canvas.text()
