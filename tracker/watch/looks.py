"""What a look at a watched page means: when it is due again, what is told, which checks were missed. Pure.

Moments are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.watch.listed import TOLD_AFTER, Kind, State, Watched
from tracker.watch.schedule import (
    ARTICLES,
    SOURCES,
    Bounds,
    Pace,
    Prior,
    after_failures,
    change_rate,
    interval,
    jittered,
    watched,
)

_AT_ONCE = (State.GONE, State.MOVED, State.BLOCKED, State.FORBIDDEN)
_SHOWN = (State.WELL, State.GONE, State.MOVED)  # states in which we know how the page stands


@dataclass(frozen=True, slots=True)
class Look:
    """What came of asking for a page.

    `changed`: its text is new to us and was not at the look before; `article` is its branch where one is known; `born`
    when it was published, as far as it says so; `whole`: all of the page came; `host_down`: the host could not be asked
    at all, so that nothing is known of the page; `soon`: it should be looked at again soon, and why.
    """

    at: float
    state: State = State.WELL
    changed: bool = False
    article: str | None = None
    said: str = ""
    born: float | None = None
    whole: bool = True
    validators: str | None = None
    host_down: bool = False
    soon: str = ""


class EventKind(StrEnum):
    """What is told of a page or a host, once when it begins and once when it ends."""

    GONE = "gone"
    MOVED = "moved"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    FAILING = "failing"
    BACK = "back"
    HOST_DOWN = "host down"
    HOST_UP = "host up"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that began or ended. `name` is an article, an address or a host; `since` when it began, for an end."""

    kind: EventKind
    name: str
    at: float
    said: str = ""
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Looks that should have been and were not, between the two looks that were."""

    since: float
    until: float
    missed: int
    why: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of time in which nothing could be looked at."""

    since: float
    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look leaves: the row's new values, what is told, and what was missed before it."""

    values: Mapping[str, Any]
    events: tuple[Event, ...] = ()
    gap: Gap | None = None


def prior_of(kind: Kind) -> Prior:
    """How often pages of a kind change."""
    return ARTICLES if kind is Kind.ARTICLE else SOURCES


def rate_of(page: Watched, at: float) -> float:
    """Changes a second to be expected of a page."""
    return change_rate(Pace(page.changes, page.expected), prior_of(page.kind), at - page.born)


def settled(page: Watched, look: Look, bounds: Bounds, constant: float, outages: Sequence[Outage] = ()) -> Settled:
    """What a look at a page leaves. `outages` are those that the page may have been due in."""
    if look.host_down:  # nothing is known of the page: it stays due, and its host is left alone
        return Settled({"due": page.due}, _host_events(page, look))
    values = _pace(page, look) if look.state in _SHOWN else {}
    values |= _standing(page, look) | _next(page, look, values, bounds, constant)
    gap = _gap(page, look, outages) if look.state in _SHOWN else None
    return Settled(values, (*_host_events(page, look), *_events(page, look)), gap)


def _pace(page: Watched, look: Look) -> dict[str, Any]:
    """What is known of the article's pace after a look that showed how it stands; the first one shows no change."""
    born = min(page.born, look.born) if look.born is not None else page.born
    if page.checked is None:
        return {"born": born, "checked": look.at}
    ages = (page.checked - born, look.at - born)
    pace = watched(Pace(page.changes, page.expected), prior_of(page.kind), *ages, changed=look.changed)
    bluffs = 0 if look.changed else page.bluffs + _was_signalled(page)
    known = {"born": born, "checked": look.at, "changes": pace.changes, "expected": pace.expected}
    return known | {"bluffs": bluffs}


def _was_signalled(page: Watched) -> bool:
    """Was this look made because somebody said that the page has changed?"""
    return page.hinted is not None and page.checked is not None and page.hinted > page.checked


def _standing(page: Watched, look: Look) -> dict[str, Any]:
    well, state = look.state is State.WELL, _stands(page, look)
    return {
        "state": state,
        "since": None if well else page.since if page.state is state else look.at,
        "failures": _failures(page, look),
        "said": look.said,
        "article": look.article or page.article,
        "validators": look.validators,
        "whole": look.at if look.whole and well else page.whole,
    }


def _failures(page: Watched, look: Look) -> int:
    """Looks in a row that saw no text: since it is not known how the page stands, else since it was well."""
    if look.state is State.WELL:
        return 0
    return 1 if page.state in _SHOWN and _stands(page, look) not in _SHOWN else page.failures + 1


def _stands(page: Watched, look: Look) -> State:
    """How the page stands: a failure shows nothing, so what was told of it holds until a look shows something else."""
    return page.state if look.state is State.FAILING and page.state in _AT_ONCE else look.state


def _next(page: Watched, look: Look, values: Mapping[str, Any], bounds: Bounds, constant: float) -> dict[str, Any]:
    """When the page is due again, and why then."""
    pace = Pace(values.get("changes", page.changes), values.get("expected", page.expected))
    rate = change_rate(pace, prior_of(page.kind), look.at - values.get("born", page.born))
    usual = interval(rate, bounds, constant)
    if look.state is not State.WELL:
        pause, why = after_failures(usual, bounds, _failures(page, look)), f"{look.state}: looked at less and less"
    elif look.soon:
        pause, why = bounds.floor, look.soon
    else:
        pause, why = usual, "its usual time"
    pause = jittered(pause, bounds, page.identity, look.at)
    return {"pause": pause, "due": look.at + pause, "why": why}


# --- what is told ---------------------------------------------------------------------------------------------


def _events(page: Watched, look: Look) -> tuple[Event, ...]:
    """What began or ended with this look."""
    name = look.article or page.article or page.url
    if look.state is State.WELL:
        was_told = page.state in _AT_ONCE or (page.state is State.FAILING and page.failures >= TOLD_AFTER)
        return (Event(EventKind.BACK, name, look.at, str(page.state), page.since),) if was_told else ()
    if look.state is State.FAILING:
        begins = page.state not in _AT_ONCE and page.failures + 1 == TOLD_AFTER
    else:
        begins = look.state is not page.state
    return (Event(EventKind(look.state.value), name, look.at, look.said),) if begins else ()


def _host_events(page: Watched, look: Look) -> tuple[Event, ...]:
    if look.host_down:
        begins = page.host_failures < TOLD_AFTER == page.one_failure_more
        return (Event(EventKind.HOST_DOWN, page.host, look.at, look.said),) if begins else ()
    if page.host_failures < TOLD_AFTER:
        return ()
    return (Event(EventKind.HOST_UP, page.host, look.at, since=page.down_from),)


# --- what was missed ------------------------------------------------------------------------------------------


def _gap(page: Watched, look: Look, outages: Sequence[Outage]) -> Gap | None:
    """The looks that were missed before this one: those that failed, and those that fell into an outage."""
    if page.checked is None or page.pause <= 0:
        return None
    reasons = {str(page.state): 0 if page.state in _SHOWN else page.failures}
    since = page.due  # of what was missed and is not told yet: a host may be down while nobody looks
    for outage in sorted(outages, key=lambda outage: outage.since):
        begin = max(since, outage.since)
        if begin < outage.until:
            reasons[outage.why] = reasons.get(outage.why, 0) + int((outage.until - begin) / page.pause)
            since = outage.until
    missed = sum(reasons.values())
    if not missed:
        return None
    return Gap(page.checked, look.at, missed, ", ".join(why for why, count in reasons.items() if count))
