"""`tracker demo`: the whole line on the bundled pages, in a store of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.output import say, terminal

if TYPE_CHECKING:
    from tracker.model import Capture
    from tracker.store import Store

SHOWN = "us-training"  # the article whose diff the demonstration prints whole


@dataclass(frozen=True, slots=True)
class Sample:
    """One bundled capture and what it is there to show."""

    capture: Capture
    shows: str


@click.command("demo")
@click.option(
    "--store", "store_path", type=click.Path(path_type=Path), metavar="DIR", help="Make the store here (a new folder)."
)
def demo_command(store_path: Path | None) -> None:
    """Show all of it on bundled pages, in a store of its own.

    The store stays, to be played with: the last lines say where it is, what to try, and how to take it away.

    \b
    Examples:
      tracker demo
      tracker demo --store /tmp/tracker-demo
    """
    from tracker.pipeline import Terms, keep, neighbours, report, reports
    from tracker.render import render, tour
    from tracker.render.options import Options
    from tracker.store import open_store

    options = Options(**terminal())
    folder = _folder(store_path)
    with open_store(folder, create=True) as store:
        say(tour.opening(options))
        for sample in samples():
            say(tour.step(keep(store, sample.capture, Terms(dated=True)), sample.shows, options))
        history = store.history(store.find(SHOWN))
        say(tour.heading("A denial, and the note that admits it", f"tracker diff {SHOWN} @2", options))
        say(render(report(store, history, *neighbours(history)[0]), **terminal()))
        say(tour.heading("Every article, snapshot by snapshot", "tracker log ARTICLE", options))
        for row in store.articles():
            say(tour.verdicts(row.headline or row.url, reports(store, store.history(row.branch)), options))
        say(tour.closing(_program(), folder, SHOWN, options))


def fill(store: Store) -> None:
    """Keep the bundled captures in a store."""
    from tracker.pipeline import Terms, keep

    for sample in samples():
        keep(store, sample.capture, Terms(dated=True))


def _program() -> str:
    """What to type for tracker in this shell: its name where that is found, else the way in which it was called."""
    return "tracker" if shutil.which("tracker") else sys.argv[0]


def _folder(chosen: Path | None) -> Path:
    """A folder for the demonstration alone: its articles do not belong among anybody's own."""
    import tempfile

    if chosen is None:
        return Path(tempfile.mkdtemp(prefix="tracker-demo-"))
    if chosen.exists() and (not chosen.is_dir() or any(chosen.iterdir())):
        raise click.UsageError(f"{chosen} is not empty; name a new folder for the demonstration")
    return chosen


def samples() -> Iterator[Sample]:
    """The bundled captures in the order in which they were made."""
    import tomllib
    from importlib.resources import files

    from tracker.model import Capture, Source

    folder = files("tracker") / "samples"
    listed = tomllib.loads((folder / "samples.toml").read_text("utf-8"))["capture"]
    for entry in sorted(listed, key=lambda entry: entry["captured_at"]):
        at: datetime = entry["captured_at"]
        body = (folder / entry["file"]).read_bytes()
        headers = (("content-type", "text/html; charset=utf-8"),)
        yield Sample(Capture(entry["url"], entry["url"], at, 200, headers, body, Source.FILE), entry["shows"])
