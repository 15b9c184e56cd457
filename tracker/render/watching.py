"""What the commands about watching print. Pure: rows in, lines of text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rich.text import Text

from tracker.render.canvas import Canvas, canvas_and_clock
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import Clock, duration
from tracker.render.words import capital, plural, size

_STYLES = {"back": "green", "host up": "green", "moved": "blue", "forbidden": "yellow"}
_KINDS = {"article": "article", "feed": "feed", "sitemap": "sitemap", "section": "section page"}


@dataclass(frozen=True, slots=True)
class HostTrouble:
    """A host that cannot be reached: for how many tries in a row, since when, and when it is tried again."""

    host: str
    failures: int
    since: datetime | None
    again: datetime
    said: str
    pages: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a watch list at a moment; None for what is not known.

    `late` pages have missed a whole look; `gaps` counts the stretches of missed looks of the last 7 days, `missed` the
    looks in them; `oldest` is the page that was not seen for longest, and since when. `checks` counts all in the log.
    """

    at: datetime
    kinds: Mapping[str, int]
    states: Mapping[str, int]
    due: int
    late: int
    next_ready: datetime | None
    last_active: datetime | None
    oldest: tuple[str, datetime] | None
    hosts: tuple[HostTrouble, ...]
    gaps: int
    missed: int
    checks: int
    store_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """One page on the watch list. `state` is "" for a page that is well."""

    url: str
    kind: str
    article: str | None
    state: str
    checked: datetime | None
    due: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a page is due when it is: the figures of the schedule. Times between looks are in seconds, rates a second."""

    page: WatchedRow
    at: datetime
    why: str
    born: datetime
    expected: float
    usual: float
    rate: float
    importance: float
    floor: float
    ceiling: float
    pause: float
    host_ready: datetime | None
    budget: float | None


class Score(Protocol):
    """How a rule for when to look did: delays in hours, `seen` the share of edits seen as a version of their own."""

    @property
    def rule(self) -> str: ...
    @property
    def looks(self) -> float: ...
    @property
    def mean(self) -> float: ...
    @property
    def median(self) -> float: ...
    @property
    def late(self) -> float: ...
    @property
    def seen(self) -> float: ...


def scores(title: str, rows: Iterable[Score], options: Options) -> str:
    """A table of rules below an empty line."""
    canvas = Canvas(options.width, color=options.color)
    canvas.put(Text(f"\n{visible(title)}", style="bold"))
    canvas.put(Text(f"{'rule':<38}{'looks':>6}{'mean h':>8}{'median':>8}{'95 %':>7}{'seen':>8}", style="dim"))
    for row in rows:
        figures = f"{row.looks:>6.0f}{row.mean:>8.2f}{row.median:>8.2f}{row.late:>7.1f}{100 * row.seen:>6.1f} %"
        canvas.put(Text(f"{row.rule:<38}{figures}"))
    return canvas.text()


def event(told: str, name: str, said: str, since: datetime | None, at: datetime, options: Options) -> str:
    """What began or ended with a page or a host, in one or two lines."""
    canvas, clock = canvas_and_clock(options)
    lasted = f", after {duration(int((at - since).total_seconds()))}" if since else ""
    what = f"{said} before" if told == "back" and said else said
    canvas.write(Text.assemble((f"{told:<10}", _STYLES.get(told, "red")), visible(name)), hang=10)
    canvas.write(Text(f"{clock.moment(at)}{lasted}", style="dim"), indent=10)
    if what:
        canvas.write(Text(visible(what), style="dim"), indent=10)
    return canvas.text()


def status(now: Status, options: Options) -> str:
    """How watching goes."""
    canvas, clock = canvas_and_clock(options)
    if not now.kinds:
        return "Nothing is watched yet. Put something on the list with: tracker add URL\n"
    listed = ", ".join(plural(count, _KINDS.get(kind, kind)) for kind, count in now.kinds.items())
    canvas.write(Text.assemble(("watched   ", "bold"), listed), hang=10)
    late = Text(f", {now.late} of them late by a whole look", style="yellow") if now.late else Text()
    canvas.write(Text.assemble(("due       ", "bold"), str(now.due), late), hang=10)
    if now.next_ready is not None and now.next_ready > now.at:
        canvas.write(Text.assemble(("next      ", "bold"), _ahead(now.at, now.next_ready, clock)), hang=10)
    active = _ago(now.at, now.last_active, clock) if now.last_active else "never; start it with: tracker run"
    canvas.write(Text.assemble(("last run  ", "bold"), active), hang=10)
    if now.oldest is not None:
        url, seen = now.oldest
        canvas.write(Text.assemble(("oldest    ", "bold"), f"{_ago(now.at, seen, clock)}: {visible(url)}"), hang=10)
    if now.states:
        unwell = ", ".join(f"{count} {state}" for state, count in now.states.items())
        canvas.write(Text.assemble(("not well  ", "bold"), (unwell, "yellow")), hang=10)
    missed = f"{plural(now.missed, 'check')} missed in {plural(now.gaps, 'gap')} in the last 7 days"
    canvas.write(Text.assemble(("gaps      ", "bold"), missed if now.gaps else "none in the last 7 days"), hang=10)
    disk = f"{size(now.store_bytes)} in the store, {size(now.free_bytes)} free"
    canvas.write(Text.assemble(("disk      ", "bold"), disk), hang=10)
    for host in now.hosts:
        canvas.write(_trouble(host, now.at, clock), hang=10)
    return canvas.text()


def _trouble(host: HostTrouble, now: datetime, clock: Clock) -> Text:
    since = f" since {clock.moment(host.since)}" if host.since else ""
    tried = f"{plural(host.failures, 'failure')} in a row{since}, {plural(host.pages, 'page')}"
    again = f"tried again {_ahead(now, host.again, clock)}" if host.again > now else "tried again now"
    said = f": {visible(host.said)}" if host.said else ""
    return Text.assemble(("host down ", "bold red"), f"{visible(host.host)}: {tried}; {again}{said}")


def watched(rows: Sequence[WatchedRow], options: Options) -> str:
    """The watch list, the page that is due first at its head."""
    if not rows:
        return "Nothing is watched yet. Put something on the list with: tracker add URL\n"
    canvas, clock = canvas_and_clock(options)
    for row in rows:
        state = Text(f" ({visible(row.state)})", style="yellow") if row.state else Text()
        canvas.write(Text(visible(row.url), style="bold") + state)
        seen = f"looked at {clock.moment(row.checked)}" if row.checked else "not looked at yet"
        changed = f", {plural(row.changes, 'change')} seen" if row.kind == "article" else ""
        canvas.write(Text(f"{_KINDS.get(row.kind, row.kind)}, {seen}{changed}; due {clock.moment(row.due)}"), indent=2)
    return canvas.text()


def explanation(reason: Reason, options: Options) -> str:
    """Why a page is due when it is, in words."""
    canvas, clock = canvas_and_clock(options)
    page = reason.page
    canvas.write(Text(visible(page.url), style="bold"))
    due = (
        f"It is due now (since {clock.moment(page.due)})."
        if page.due <= reason.at
        else (f"It is due {_ahead(reason.at, page.due, clock)}.")
    )
    canvas.write(Text(f"{due} Why then: {visible(reason.why)}."))
    if reason.host_ready is not None and reason.host_ready > max(reason.at, page.due):
        ready = _ahead(reason.at, reason.host_ready, clock)
        canvas.write(Text(f"Its host is not asked again before that: {ready}."))
    if page.checked is None:
        canvas.write(Text("It has not been looked at yet."))
    else:
        canvas.write(Text(f"It was last looked at {_ago(reason.at, page.checked, clock)}."))
        canvas.write(Text(_measure(reason)))
    age = duration(int((reason.at - reason.born).total_seconds()))
    every = duration(round(1 / reason.rate))
    canvas.write(Text(f"It is {age} old; a change is to be expected every {every}."))
    weight = f", of importance {reason.importance:g}" if reason.importance != 1 else ""
    budget = f"with {reason.budget:g} pages an hour to spend" if reason.budget else "where no budget is set"
    canvas.write(Text(f"A page like this{weight} is looked at every {duration(round(reason.pause))} {budget}."))
    bounds = f"never sooner than {duration(round(reason.floor))} nor later than {duration(round(reason.ceiling))}"
    canvas.write(Text(f"The time between two looks is {bounds}, and moves by up to a tenth.", style="dim"))
    return canvas.text()


def _measure(reason: Reason) -> str:
    """How often a page changes beside others of its age."""
    if not reason.page.changes and reason.expected < 0.05:
        return "Too little was seen of it yet: it is taken to change as often as others."
    seen = capital(f"{plural(reason.page.changes, 'change')} seen where {reason.expected:.1f} were usual at its age")
    factor = reason.rate / reason.usual
    often = "as often" if 0.95 < factor < 1.05 else f"{factor:.2g} times as often"
    return f"{seen}: it is taken to change {often} as others."


def _ahead(now: datetime, then: datetime, clock: Clock) -> str:
    """ "in 12 min, 4 March 2026, 10:12 UTC" """
    return f"in {duration(round((then - now).total_seconds()))}, {clock.moment(then)}"


def _ago(now: datetime, then: datetime, clock: Clock) -> str:
    """ "12 min ago, 4 March 2026, 9:48 UTC" """
    return f"{duration(round((now - then).total_seconds()))} ago, {clock.moment(then)}"
