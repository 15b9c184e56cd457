"""What `run` and `watch` say while they look: news on stdout, a log on stderr, figures in a file, mail."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.common import now
from tracker.cli.output import note, progress, say, say_json, sent, terminal

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.store import Store
    from tracker.watch.loop import Told


PACK_EVERY = 3600.0  # seconds after which a watch looks whether its store wants to be packed


class Reporter:
    """Told of each look as it is written. Messages to people are sent by a thread of its own: a slow receiver stops
    nobody. Raises click.UsageError where the figures cannot be written, and NotifyError at the end where a receiver
    did not take what it was sent."""

    def __init__(
        self,
        store: Store,
        config: Config,
        tz: str | None,
        *,
        as_json: bool,
        log_json: bool,
        metrics_file: Path | None,
    ) -> None:
        self._store = store
        self._config = config
        self._tz = tz
        self._as_json = as_json
        self._log_json = log_json
        self._metrics_file = metrics_file
        self._looks = 0
        self._progress = None if log_json else progress("Looking")
        self._thread = ThreadPoolExecutor(1, "tracker-tell")
        self._round: Future[tuple[str, ...]] | None = None
        self._packing: Future[None] | None = None
        self._failed: tuple[str, ...] = ()
        self._packed = time.monotonic()
        if unwritten := self._measure():
            raise click.UsageError("; ".join(unwritten))

    # --- what the watch calls -------------------------------------------------------------------------------

    def hand_on(self, db: sqlite3.Connection, told: Told) -> None:
        """Put down for others what began or ended with a look, in the look's own transaction."""
        if told.events and self._config.notify.rules:
            from tracker.watch.notify import put_events
            from tracker.watch.telling import happenings

            put_events(db, self._config.notify, happenings(told), now())

    def tell(self, told: Told) -> None:
        """Say what is news of one look, and log all of them."""
        self._looks += 1
        if self._log_json:
            self._log(told)
        if self._as_json:
            self._say_json(told)
        else:
            self._say(told)
        if self._progress is not None:
            self._progress(self._looks, self._looks + 1)

    def every_minute(self) -> None:
        """Send what is to be told, and renew the file of figures; if the round before is not over, the next will."""
        if self._round is None or self._round.done():
            self._complain()
            self._round = self._thread.submit(self._round_of)
            if time.monotonic() - self._packed >= PACK_EVERY:
                self._packed = time.monotonic()
                self._packing = self._thread.submit(self._pack)

    def end(self) -> None:
        """The pass is over: all that is to be told is sent. Raises NotifyError, StoreError if it was not packed."""
        from tracker.errors import NotifyError

        if self._progress is not None:
            self._progress(self._looks, self._looks)
        self._complain()
        failures = self._thread.submit(self._round_of).result()
        self._packing = self._thread.submit(self._pack)
        self._thread.shutdown()
        if failures:
            self._complain()  # of the store, if it was not packed: one error alone can be raised
            raise NotifyError("; ".join(failures))
        self._packing.result()

    # --- to others ------------------------------------------------------------------------------------------

    def _round_of(self) -> tuple[str, ...]:
        """A round of messages, and the figures; what could not be sent or written."""
        return (*self._tell_others(), *self._measure())

    def _tell_others(self) -> tuple[str, ...]:
        """A round of messages; what receivers did not take."""
        from tracker.errors import TrackerError
        from tracker.watch.asking import said_of_bug
        from tracker.watch.notify import tell

        settings = self._config.notify
        if not (settings.rules or settings.feeds):
            return ()
        try:
            return tell(self._store, settings, (), now(), self._config.recipes).failures
        except TrackerError:
            raise
        except Exception as bug:  # noqa: BLE001 - an article that trips us must not end the watch over all others
            return (said_of_bug(bug),)

    def _pack(self) -> None:
        """Pack the store when it is time; whoever writes meanwhile is not disturbed."""
        from tracker.errors import StoreBusy

        with suppress(StoreBusy):
            if self._store.holdings().due:
                self._store.maintain(quick=True)

    def _complain(self) -> None:
        """Say what came of the round before, if it is not what was said last, and why the store was not packed."""
        from tracker.cli import complain

        if self._packing is not None and self._packing.done():
            if error := self._packing.exception():
                complain(f"the store was not packed: {error}")
            self._packing = None
        failures = self._round.result() if self._round else ()
        for line in failures if failures != self._failed else ():
            complain(line)
        self._failed = failures

    # --- to this terminal, pipe or file ---------------------------------------------------------------------

    def _say(self, told: Told) -> None:
        from tracker.render.listing import check
        from tracker.render.options import Options
        from tracker.render.safe import safe
        from tracker.render.watching import event

        options = Options(tz=self._tz, **terminal())
        for each in told.events:
            since = datetime.fromtimestamp(each.since, UTC) if each.since is not None else None
            say(event(each.kind.value, each.name, each.said, since, datetime.fromtimestamp(each.at, UTC), options))
        if told.is_news and told.check is not None:
            say(check(told.check, told.page.url, options))
        if told.added:
            say(safe(f"found     {told.added} new in {told.page.url}"))
        if told.events or told.is_news or told.added:
            sent()

    def _say_json(self, told: Told) -> None:
        from tracker.watch.telling import as_object, event_object

        for event in told.events:
            say_json(event_object(event))
        if told.is_news or told.added:
            say_json(as_object(told))

    def _log(self, told: Told) -> None:
        from tracker.render.json import line
        from tracker.watch.telling import as_object

        value: dict[str, Any] = as_object(told)
        note(line(value))

    def _measure(self) -> tuple[str, ...]:
        """Renew the file of figures; what stood in the way: nobody is told less for it."""
        from tracker.watch.health import status, write_metrics

        if self._metrics_file is None:
            return ()
        try:
            write_metrics(self._metrics_file, status(self._store, now().timestamp()))
        except OSError as error:
            return (f"cannot write {self._metrics_file}: {error.strerror or error}",)
        return ()
