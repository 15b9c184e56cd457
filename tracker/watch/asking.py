"""One look at one watched page: it is asked for, and what came is kept or read. What goes wrong is a value."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tracker.errors import (
    DamagedStore,
    Deleted,
    FetchError,
    Forbidden,
    HostDown,
    TrackerError,
    Unavailable,
    UnreadableError,
    UsageError,
)
from tracker.fetch import Ask, Fetcher
from tracker.fetch.politeness import retry_after, validators
from tracker.model import Capture, Check, Outcome, Validators
from tracker.pipeline import Terms, keep
from tracker.store import Lesson, Store
from tracker.watch.discover import Found, read_source
from tracker.watch.listed import NOTHING_NEW, HostNews, Kind, State, Watched
from tracker.watch.looks import Look
from tracker.watch.rules import Rules

WHOLE_AFTER = 24 * 3600.0  # seconds after which all of a page is asked for: a server can be wrong about what it changed
_TOO_MUCH = (429, 503)  # the server has too much to do: it is left alone for a while
_REST = 60  # seconds, doubling, where such a server does not say how long
_STATES = {
    Outcome.GONE: State.GONE,
    Outcome.MOVED: State.MOVED,
    Outcome.BLOCKED: State.BLOCKED,
    Outcome.FAILED: State.FAILING,
}
_SAYS_NO_MORE = frozenset({404, 410, 451})


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one look: what it means for the page and its host, and what is still to be logged and told.

    `check` is None for sources; `unlogged` is a check that is not in the log yet, with the page's dateModified.
    """

    page: Watched
    look: Look
    host: HostNews = NOTHING_NEW
    check: Check | None = None
    unlogged: tuple[Check, str | None] | None = None
    found: Found | None = None


@dataclass(slots=True)
class Asker:
    """Looks at pages, on one thread: its connections are its own."""

    store: Store
    fetcher: Fetcher
    rules: Rules
    _unlogged: list[tuple[Check, str | None]] = field(default_factory=list)

    def look(self, page: Watched) -> Seen:
        """One look. Raises StoreError where the store cannot be written; all else is a value, also what is damaged of
        this article: the store is there for the others."""
        at = self.fetcher.options.now()
        try:
            return self._look(page, at)
        except DamagedStore as error:
            return self._unseen(page, Look(at.timestamp(), State.FAILING, said=str(error)), NOTHING_NEW)
        except TrackerError:
            raise
        except Exception as bug:  # noqa: BLE001 - a page that trips us must not end the watch over all others
            return self._unseen(page, Look(at.timestamp(), State.FAILING, said=said_of_bug(bug)), NOTHING_NEW)

    def _look(self, page: Watched, at: datetime) -> Seen:
        try:
            capture = self.fetcher.fetch(page.url, self._ask(page, at))
        except (HostDown, Unavailable) as error:
            until = error.until.timestamp() if isinstance(error, Unavailable) else None
            look = Look(at.timestamp(), said=str(error), host_down=True)
            return self._unseen(page, look, HostNews(down=True, until=until, said=str(error)))
        except (FetchError, UnreadableError, UsageError) as error:
            return self._unseen(
                page, Look(at.timestamp(), _state_of(error), said=said_of(error, page.url)), NOTHING_NEW
            )
        try:
            return self.read(page, capture)
        except Deleted as error:  # it bore another address when it was deleted, or was deleted at this very moment
            return self._unseen(page, Look(at.timestamp(), State.FAILING, said=said_of(error, page.url)), NOTHING_NEW)

    def read(self, page: Watched, capture: Capture) -> Seen:
        """What came of asking for a page: an article is kept, a source is read. Raises StoreError, Deleted."""
        seen = self._article(page, capture) if page.kind is Kind.ARTICLE else self._source(page, capture)
        return replace(seen, host=self._host(page, capture))

    def _ask(self, page: Watched, at: datetime) -> Ask:
        """Only for what has changed, except now and then."""
        is_fresh = page.whole is not None and at.timestamp() - page.whole < WHOLE_AFTER
        known = Validators(**json.loads(page.validators)) if page.validators and is_fresh else None
        ask = self.rules.ask(page.url, Ask(known))
        return ask if page.kind is Kind.ARTICLE else replace(ask, browser=False, any_kind=True)

    def _host(self, page: Watched, capture: Capture) -> HostNews:
        """What an answer says of the host: how it wants to be asked, and whether it has too much to do."""
        delay = self.fetcher.crawl_delay(page.url) or 0.0
        if capture.status not in _TOO_MUCH:
            return HostNews(delay=delay)
        at = capture.captured_at
        until = retry_after(capture.header("retry-after"), at) or at + timedelta(
            seconds=_REST * 2 ** min(page.failures, 8)
        )
        return HostNews(delay=delay, until=until.timestamp())

    # --- articles -------------------------------------------------------------------------------------------

    def _article(self, page: Watched, capture: Capture) -> Seen:
        self._unlogged.clear()
        try:
            check = keep(self.store, capture, Terms(self.rules.config.recipes), self._log)
        except UnreadableError as error:  # nothing that can be read as an article, at a first look
            return self._unseen(
                page, Look(capture.captured_at.timestamp(), State.BLOCKED, said=str(error)), NOTHING_NEW
            )
        unlogged = self._unlogged[0] if self._unlogged else None
        told = self._untold(page, check) if page.lease is not None else check
        look = Look(
            capture.captured_at.timestamp(),  # by our clock, where the store counts on from a time that is yet to come
            _STATES.get(check.outcome, State.WELL),
            changed=told.outcome is Outcome.CHANGED,
            article=check.article,
            said=check.error or "",
            born=_published(check),
            whole=capture.unmodified_since is None,
            validators=json.dumps(asdict(check.validators)) if check.validators else None,
            soon=self._date_moved(check, unlogged[1] if unlogged else None),
        )
        return Seen(page, look, check=told, unlogged=unlogged)

    def _untold(self, page: Watched, check: Check) -> Check:
        """The check as it is to be told where the look before it was never finished: what that one stored is news."""
        if check.outcome is not Outcome.UNCHANGED or check.article is None:
            return check
        history = self.store.history(check.article)
        since = page.added if page.checked is None else page.checked
        if history.newest is None or history.newest.captured_at.timestamp() <= since:
            return check
        outcome = Outcome.CHANGED if len(history.snapshots) > 1 else Outcome.NEW
        return replace(check, outcome=outcome, snapshot=self.store.snapshot(check.article, history.newest))

    def _date_moved(self, check: Check, now: str | None) -> str:
        """Why a page should be looked at again soon: its date of modification moved, and its text has not yet."""
        if check.outcome is not Outcome.UNCHANGED or check.snapshot is None or check.article is None or now is None:
            return ""  # where the page did not come, or came byte for byte, its date is that of the look before
        before = self.store.state.modified_before(check.article)
        return "its date of modification moved without its text" if before is not None and before != now else ""

    def _log(self, check: Check, modified: str | None, lesson: Lesson | None) -> None:
        """What is unchanged is logged with many others; what was stored is logged at once, with what it taught."""
        if check.outcome is Outcome.UNCHANGED and lesson is None:
            self._unlogged.append((check, modified))
        else:
            self.store.record_check(check, modified, lesson)

    def _unseen(self, page: Watched, look: Look, news: HostNews) -> Seen:
        """A look that saw nothing is logged of an article that is known."""
        if page.kind is not Kind.ARTICLE or page.article is None:
            return Seen(page, look, news)
        outcome = Outcome.BLOCKED if look.state is State.BLOCKED else Outcome.FAILED
        check = Check(page.article, datetime.fromtimestamp(look.at, UTC), outcome, error=look.said)
        return Seen(page, look, news, check, (check, None))

    # --- sources --------------------------------------------------------------------------------------------

    def _source(self, page: Watched, capture: Capture) -> Seen:
        """A feed, a sitemap or a section page, read; whoever has the list finds whether it leads to anything new."""
        at = capture.captured_at.timestamp()
        if capture.unmodified_since is not None:
            return Seen(page, Look(at, whole=False, validators=page.validators), found=Found())
        if capture.refusal is not None:
            gone = State.GONE if capture.refusal in _SAYS_NO_MORE else State.FAILING
            return Seen(page, Look(at, gone, said=f"{page.url}: the server answered {capture.refusal}"))
        try:
            found = read_source(page.kind, capture.body, capture.final_url, capture.header("content-type"))
        except UnreadableError as error:
            return Seen(page, Look(at, State.BLOCKED, said=f"{page.url}: {error}"))
        return Seen(page, Look(at, validators=_validators(capture)), found=found)


def _state_of(error: TrackerError) -> State:
    if isinstance(error, Forbidden):
        return State.FORBIDDEN
    return State.BLOCKED if isinstance(error, UnreadableError) else State.FAILING


def said_of(error: TrackerError, url: str) -> str:
    """What is said of an error, with the remedy that watching has."""
    if isinstance(error, Deleted):
        return f"{error}; to look no more: tracker unwatch {url}"
    if not isinstance(error, Forbidden):
        return str(error)
    remedy = "to ask all the same, write ignore_robots = true under [[watch.article]] in tracker.toml"
    return f"the host's robots.txt does not allow {url} ({error.rule}); {remedy}"


def said_of_bug(bug: Exception) -> str:
    """What is said where we tripped ourselves."""
    return f"a bug in tracker: {type(bug).__name__}: {bug}"


def _validators(capture: Capture) -> str | None:
    given = validators(capture, "")
    return json.dumps(asdict(given)) if given else None


def _published(check: Check) -> float | None:
    """When the article was published, as far as its page gives the moment."""
    text = check.snapshot.document.published if check.snapshot else None
    try:
        given = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return given.timestamp() if given.tzinfo else None
