"""`tracker run` and `tracker watch`: look at what is due, once or without end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.cli import INTERRUPTED
from tracker.cli.common import configured, json_option, opened, private_option, store_option, zone_option
from tracker.cli.output import note
from tracker.cli.reporter import Reporter
from tracker.cli.watching import watching

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.store import Store
    from tracker.watch.loop import Watch

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Manner:
    """What a person may say to `run` and `watch` alike."""

    store_path: Path | None
    tz: str | None
    as_json: bool
    allow_private: bool
    metrics_file: Path | None
    log_json: bool


def looking_options(command: Command) -> Command:
    """What `run` and `watch` share."""
    for option in (
        click.option("--log-json", is_flag=True, help="One JSON object on stderr for each look and event."),
        click.option(
            "--metrics-file", type=click.Path(path_type=Path), metavar="FILE", help="Write figures for Prometheus."
        ),
        private_option,
        json_option,
        zone_option,
        store_option,
    ):
        command = option(command)
    return command


@click.command("run")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many looks.")
@click.option(
    "--minutes", type=click.FloatRange(0.1), default=50.0, metavar="M", show_default=True, help="Begin nothing later."
)
@click.option("--strict", is_flag=True, help="End with 3 when a page or a host could not be had.")
@looking_options
def run_command(
    limit: int | None,
    minutes: float,
    strict: bool,
    **manner: Any,
) -> None:
    """Look once at everything that is due: for cron or a timer.

    Prints a new snapshot, and what begins or ends: a page that is gone, moved, blocked, forbidden by robots.txt, back;
    a host that is down, or up again. Prints nothing where nothing happened. Where another pass is at work on the
    store, it says so and ends.

    \b
    Examples:
      tracker run
      tracker run --limit 100 --metrics-file /var/lib/node_exporter/tracker.prom

    Ends with 0, whatever happens to articles: that is news, not a failure. With --strict it ends with 3 where some
    could not be had.
    """
    from tracker.errors import SomeFailed

    with _at_work(Manner(**manner)) as (watch, stop):
        if watch is None:
            return
        tally = watch.run(stop.flag, limit=limit, seconds=minutes * 60)
    if stop.interrupted:
        raise KeyboardInterrupt
    if strict and tally.failed:
        raise SomeFailed(f"{tally.failed} of {tally.looks} looks failed")


@click.command("watch")
@looking_options
def watch_command(**manner: Any) -> None:
    """Look at what is due, without end: for a service.

    Ends on SIGTERM or Ctrl-C, when what it holds is finished. Prints what `tracker run` prints.

    \b
    Examples:
      tracker watch
      tracker watch --log-json 2>> watch.log
    """
    with _at_work(Manner(**manner)) as (watch, stop):
        if watch is not None:
            watch.watch(stop.flag)


class _Stop:
    """Set by SIGTERM and by Ctrl-C; a second Ctrl-C ends at once."""

    def __init__(self) -> None:
        self.flag = threading.Event()
        self.interrupted = False

    def __call__(self, number: int, _frame: object) -> None:
        if self.interrupted:  # an exception would wait for the threads, and they for the slowest server
            os._exit(INTERRUPTED)
        self.interrupted = number == signal.SIGINT
        self.flag.set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the signals for the time of the block."""
        before = {each: signal.signal(each, self) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextmanager
def _at_work(manner: Manner) -> Iterator[tuple[Watch | None, _Stop]]:
    """A watch that alone is at work on the store, and what ends it; None where another is at work."""
    from tracker.watch.lock import alone

    store, stop = opened(manner.store_path), _Stop()
    _refuse_lost_state(store)
    with alone(store.path) as other:
        if other is not None:
            note(f"another pass is at work on {store.path}" + (f" (process {other})" if other else ""))
            yield None, stop
            return
        config = configured(manner.store_path)
        reporter = Reporter(
            store, config, manner.tz, as_json=manner.as_json, log_json=manner.log_json, metrics_file=manner.metrics_file
        )
        with stop.listening():
            yield _watch(store, config, reporter, manner), stop
    reporter.end()  # the next pass need not wait until the last receiver has answered


def _watch(store: Store, config: Config, reporter: Reporter, manner: Manner) -> Watch:
    """The watch, once it is sure that it can begin. Raises ConfigError where a browser is needed and missing."""
    watch = watching(
        store,
        config,
        allow_private=manner.allow_private,
        tell=reporter.tell,
        hand_on=reporter.hand_on,
        every_minute=reporter.every_minute,
    )
    if watch.rules.need_browser:
        from tracker.fetch.browser import chromium

        chromium()
    if watch.frontier.next_ready() is None:
        note("nothing is watched yet; put something on the list with: tracker add URL")
    return watch


def _refuse_lost_state(store: Store) -> None:
    """Watching goes on from what was known; where that was lost, a person decides. Raises StoreError."""
    from tracker.errors import StoreError

    missing = not store.state.path.exists() and bool(store.articles())
    if missing or (store.state.awaits_copy and store.has_state_copy):
        raise StoreError(
            f"{store.state.path} was lost, and with it what is watched and when; bring it back with: "
            "tracker doctor --restore-state"
        )
