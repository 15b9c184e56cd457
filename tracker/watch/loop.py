"""Looks at what is due: one pass for cron, or without end. A few threads ask, one hand writes the list.

The list is written by the thread that calls; the others ask and keep. What is unchanged is logged together with the
claims that follow it, in one transaction: an unchanged page costs a share of one flush of the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event as Flag
from threading import local
from typing import Protocol

from tracker.config import Config
from tracker.errors import DamagedStore, Deleted
from tracker.fetch import Fetcher, FetchOptions
from tracker.model import Check, Outcome
from tracker.store import Store
from tracker.store.commits import moment
from tracker.store.state import log_check
from tracker.watch.asking import Asker, Seen
from tracker.watch.discover import Entry, Found
from tracker.watch.explain import constant
from tracker.watch.frontier import NEVER, Finished, Frontier
from tracker.watch.listed import Kind, State, Wanted, Watched
from tracker.watch.looks import Event, Gap, Look, Outage, settled
from tracker.watch.patterns import wanted
from tracker.watch.robots import KeptRobots
from tracker.watch.rules import Rules
from tracker.watch.schedule import CONSTANT, DAY, HOUR, MINUTE

PATIENCE = 60.0  # seconds that a pass waits for a host: one that wants more is left to the next pass
COPY_EVERY, RECKON_EVERY = 600.0, HOUR  # seconds: of the state's copy in git, and of the constant that the budget sets
STALE = 30 * DAY  # an entry of a source that is older is history, not news
NOT_RUNNING, NOT_REACHED = "tracker was not running", "the host was not reached"
ASLEEP = 2 * PATIENCE  # seconds between two turns after which it is clear that nobody looked: the machine slept
_OUTAGES = 100  # that are remembered: all pages have been looked at since the older ones, or cannot be had
_GLANCE = 0.25  # seconds after which it is looked whether another host has become ready
_MOMENT = 0.005  # seconds that a look which has ended waits for others


class Clock(Protocol):
    """The time, and how to wait for it. Moments are seconds since 1970."""

    def now(self) -> float:
        """The moment."""

    def wait(self, seconds: float, stop: Flag) -> None:
        """Let so many seconds pass, or fewer if `stop` is set."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one look, for whoever prints, logs or passes it on: `check` is None for sources.

    `added` counts the pages that a source has led to for the first time, `left_out` those that were too many to read.
    """

    page: Watched
    look: Look
    due: datetime
    check: Check | None = None
    events: tuple[Event, ...] = ()
    gap: Gap | None = None
    added: int = 0
    left_out: int = 0

    @property
    def is_news(self) -> bool:
        """Has it a text that we did not know?"""
        return self.check is not None and self.check.outcome in (Outcome.NEW, Outcome.CHANGED)


@dataclass(slots=True)
class Tally:
    """What a pass came to. `begun` looks were begun; `failed` pages or hosts could not be had."""

    begun: int = 0
    looks: int = 0
    news: int = 0
    failed: int = 0
    added: int = 0

    def count(self, told: Told) -> None:
        """One look more."""
        self.looks += 1
        self.news += told.is_news
        self.failed += told.look.host_down or told.look.state is State.FAILING
        self.added += told.added


@dataclass(frozen=True, slots=True)
class Span:
    """How far a pass goes: what is due by a moment, until another, so many looks, and how long it waits for a host."""

    due_by: float = NEVER
    until: float = NEVER
    limit: int | None = None
    patience: float = NEVER

    def left(self, begun: int) -> int:
        """How many looks may still be begun."""
        return 1_000_000 if self.limit is None else self.limit - begun


Tell = Callable[[Told], None]
HandOn = Callable[[sqlite3.Connection, Told], None]


class Watch:
    """Watches what is on the list of a store.

    `tell` is called after each look, when all of it is on the disk, by the thread that runs the pass. `hand_on` is
    called before that, inside the transaction that writes what the look left: what it puts into the tables of
    state.sqlite (the outbox of what is to be told to others) is there if and only if the look is. `every_minute` is
    called about that often while a pass is at work.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        options: FetchOptions,
        clock: Clock,
        tell: Tell,
        hand_on: HandOn | None = None,
        every_minute: Callable[[], None] = lambda: None,
    ) -> None:
        self.rules = Rules(config)
        self.frontier = Frontier(store.state.run, self.rules.spacing, lease=self.rules.lease, floor=config.watch.floor)
        self._store = store
        self._config = config
        self._options = options
        self._clock = clock
        self._tell = tell
        self._hand_on = hand_on
        self._every_minute = every_minute
        self._robots = KeptRobots(store.state.run)
        self._outages: tuple[Outage, ...] = ()
        self._constant = CONSTANT
        self._reckoned = float("-inf")
        self._copied = self._called = self._turned = clock.now()

    # --- passes ---------------------------------------------------------------------------------------------

    def run(self, stop: Flag, *, limit: int | None = None, seconds: float = NEVER) -> Tally:
        """One pass: look at what is due by now, each host at its own pace. Raises StoreError.

        It ends when all is done, after `limit` looks or `seconds`, or when `stop` is set; what was begun is finished.
        """
        begun = self._clock.now()
        return self._work(stop, Span(due_by=begun, until=begun + seconds, limit=limit, patience=PATIENCE))

    def watch(self, stop: Flag) -> Tally:
        """Look at what is due until `stop` is set; what was begun is finished. Raises StoreError."""
        return self._work(stop, Span())

    def _work(self, stop: Flag, span: Span) -> Tally:
        """Claim, ask, write, again and again."""
        tally = Tally()
        running: set[Future[Seen]] = set()
        done: set[Future[Seen]] = set()
        failure: BaseException | None = None
        self._begin()
        with self._asking() as ask:
            while True:
                now = self._clock.now()
                self._mind_clock(self._turned, now)
                self._turned = now
                failure = failure or next((error for each in done if (error := each.exception())), None)
                over = stop.is_set() or failure is not None or now >= span.until or not span.left(tally.begun)
                room = 0 if over else min(self._config.watch.threads - len(running), span.left(tally.begun))
                seen = [each.result() for each in done if each.exception() is None]
                claims = self._exchange(seen, now, room, span.due_by, tally)
                running |= {ask(page) for page in claims}
                if running:
                    done, running = wait(running, timeout=_GLANCE, return_when=FIRST_COMPLETED)
                    if done and running:  # what ends in the same moment is written in the same transaction
                        also, running = wait(running, timeout=_MOMENT)
                        done |= also
                    continue
                done = set()
                if over or not self._wait(stop, span):
                    break
        self._store.copy_state()
        if failure is not None:
            raise failure
        return tally

    def _exchange(self, seen: Sequence[Seen], now: float, room: int, due_by: float, tally: Tally) -> list[Watched]:
        """Write what looks left, claim what is next, and then tell."""
        first = {each.page.host: each for each in reversed(seen)}
        later = [each for each in seen if first[each.page.host] is not each]  # judged by what the first one leaves
        left = [self._finish(each, now) for each in seen if first[each.page.host] is each]
        claims = self.frontier.exchange([each for each, _ in left], now, 0 if later else room, due_by)
        tally.begun += len(claims)
        for _, told in left:
            tally.count(told)
            self._tell(told)
        if later:
            return self._exchange(later, now, room, due_by, tally)
        self._upkeep(now)
        return claims

    def _wait(self, stop: Flag, span: Span) -> bool:
        """Let time pass until the next page may be asked for; False where it would be too much."""
        ready = self.frontier.next_ready(span.due_by)
        seconds = NEVER if ready is None else max(ready - self._clock.now(), 0.0)
        if seconds > span.patience:
            return False
        self._clock.wait(min(seconds, PATIENCE), stop)
        return True

    @contextmanager
    def _asking(self) -> Iterator[Callable[[Watched], Future[Seen]]]:
        """Threads that look at pages, each with connections of its own."""
        own = local()
        with ExitStack() as open_things:

            def look(page: Watched) -> Seen:
                if not hasattr(own, "asker"):
                    fetcher = open_things.enter_context(Fetcher(self._options, self._robots))
                    own.asker = Asker(self._store, fetcher, self.rules)
                asker: Asker = own.asker
                return asker.look(page)

            with ThreadPoolExecutor(self._config.watch.threads, "tracker-look") as threads:
                yield lambda page: threads.submit(look, page)

    # --- what is done now and then --------------------------------------------------------------------------

    def _begin(self) -> None:
        """Since when nobody looked: what fell due in between was missed."""
        self._turned = self._clock.now()
        last = self.frontier.last_active()
        self._mind_clock(self._turned if last is None else last, self._turned)

    def _mind_clock(self, last: float, now: float) -> None:
        """What it means that it was `last` when somebody last looked: a pause in which checks were missed, also of a
        machine that slept, or a clock that was set back: then nothing waits for a time that has already been."""
        if now - last > ASLEEP:
            self._outages = (*self._outages, Outage(last, now, NOT_RUNNING))[-_OUTAGES:]
        if last - now > ASLEEP:
            self.frontier.set_back(last - now, now)
            self._copied = self._called = now
            self._reckoned = float("-inf")

    def _upkeep(self, now: float) -> None:
        if now - self._reckoned >= RECKON_EVERY:
            self._reckoned, self._constant = now, constant(self.frontier, self.rules, now)
        if now - self._copied >= COPY_EVERY:
            self._copied = now
            self._store.copy_state()
        if now - self._called >= MINUTE:
            self._called = now
            self._every_minute()

    def take(self, seen: Seen) -> Told:
        """Write and tell one look that was made outside of a pass."""
        now = self._clock.now()
        done, told = self._finish(seen, now)
        self.frontier.exchange([done], now, 0)
        self._tell(told)
        return told

    # --- what came of a look --------------------------------------------------------------------------------

    def _finish(self, seen: Seen, now: float) -> tuple[Finished, Told]:
        """What a look leaves in the list, and what is told of it when that is written."""
        page, look = self.frontier.as_now(seen.page), seen.look
        added, left_out = (self._lead_on(seen.found, page, now), seen.found.left_out) if seen.found else (0, 0)
        if added:
            look = replace(look, changed=True)
        left = settled(page, look, self.rules.bounds(page.url, page.kind), self._constant, self._missed(page))
        due = datetime.fromtimestamp(left.values["due"], UTC)
        told = Told(page, look, due, seen.check, left.events, left.gap, added, left_out)

        def also(db: sqlite3.Connection) -> None:
            _log(db, seen, left.gap)
            if self._hand_on is not None:
                self._hand_on(db, told)

        return Finished(page, look.at, left.values, seen.host, also), told

    def _missed(self, page: Watched) -> tuple[Outage, ...]:
        """The outages that a page may have been due in: ours, and its host's last one."""
        if page.down_from is None or page.down_until is None:
            return self._outages
        return (*self._outages, Outage(page.down_from, page.down_until, NOT_REACHED))

    def _lead_on(self, found: Found, page: Watched, now: float) -> int:
        """Put on the list what a source leads to, and pass on what it says of what is there; how much is new."""
        leading = [each for each in found.entries if _leads(page, each, now)]
        known = self.frontier.known(each.url for each in leading)
        fresh = [each for each in leading if each.url not in known and not self._was_deleted(each.url)]
        pages = [self._from_entry(page, each, Kind.ARTICLE) for each in fresh]
        pages += [self._from_entry(page, each, Kind.SITEMAP) for each in found.sitemaps if not self._is_nested(page)]
        new = sum(self.frontier.add(pages, now)) if pages else 0
        news = [(each.url, each.changed) for each in leading if each.url in known and each.changed is not None]
        if news:
            self.frontier.signal(news, f"{page.kind} {page.url} says that it has changed", now)
        return new

    def _is_nested(self, page: Watched) -> bool:
        """Was a sitemap found in one that was found in another? An index there could lead on for ever."""
        above = self.frontier.find(page.origin) if page.origin else None
        return above is not None and above.kind is Kind.SITEMAP and above.origin is not None

    def _was_deleted(self, url: str) -> bool:
        """Is a tombstone all that is left of the article of an address? Then it is watched no more."""
        try:
            if branch := self._store.find_url(url):
                self._store.history(branch)
        except Deleted:
            return True
        except DamagedStore:  # it is there, and its own look says what ails it
            return False
        return False

    def _from_entry(self, page: Watched, entry: Entry, kind: Kind) -> Wanted:
        return Wanted(
            entry.url,
            kind,
            article=self._store.find_url(entry.url) if kind is Kind.ARTICLE else None,
            origin=page.identity,
            born=entry.published or entry.changed,
            changed=entry.changed,
            include=page.include,
            exclude=page.exclude,
        )


def _leads(page: Watched, entry: Entry, now: float) -> bool:
    """Is an entry of the patterns of its source, and not history?"""
    stated = entry.changed or entry.published
    return wanted(entry.url, page.include, page.exclude) and (stated is None or now - stated < STALE)


def _log(db: sqlite3.Connection, seen: Seen, gap: Gap | None) -> None:
    """What a look adds to the log of checks, in the transaction that finishes it."""
    if seen.unlogged is not None:
        log_check(db, *seen.unlogged)
    if gap is not None and (article := seen.look.article or seen.page.article):
        since, until = (moment(datetime.fromtimestamp(at, UTC)) for at in (gap.since, gap.until))
        db.execute("INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?, ?)", (article, since, until, gap.missed, gap.why))
