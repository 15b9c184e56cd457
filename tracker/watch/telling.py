"""What watching says to programs: looks, events, and how it goes, as JSON has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tracker.render.times import Clock, duration, machine
from tracker.render.watching import Status, WatchedRow
from tracker.watch.looks import Event, EventKind
from tracker.watch.loop import Told
from tracker.watch.notify import Happening


def as_object(told: Told) -> dict[str, Any]:
    """One look."""
    check, page, look, gap = told.check, told.page, told.look, told.gap
    snapshot = check.snapshot if check else None
    return {
        "what": "look",
        "at": _iso(look.at),
        "url": page.url,
        "kind": page.kind.value,
        "branch": look.article or page.article,
        "outcome": check.outcome.value if check else look.state.value or "unchanged",
        "revision": snapshot.revision if snapshot and told.is_news else None,
        "headline": snapshot.document.headline if snapshot and told.is_news else None,
        "error": look.said or None,
        "added": told.added,
        "due": machine(told.due),
        "gap": {"since": _iso(gap.since), "missed": gap.missed, "why": gap.why} if gap else None,
        "events": [event_object(event) for event in told.events],
    }


def happenings(told: Told) -> tuple[Happening, ...]:
    """What began or ended with a look, for the outbox."""
    return tuple(_happening(event, told) for event in told.events)


def _happening(event: Event, told: Told) -> Happening:
    host_wide = event.kind in (EventKind.HOST_DOWN, EventKind.HOST_UP)
    article = None if host_wide else told.look.article or told.page.article
    name = told.page.host if host_wide else told.page.url
    at = datetime.fromtimestamp(event.at, UTC)
    return Happening(at, article, told.page.host, event.kind.value, _line(event, name, at))


def _line(event: Event, name: str, at: datetime) -> str:
    """An event in one line, with its time: it may be read hours later, when its end is told as well."""
    lasted = f", after {duration(int(event.at - event.since))}" if event.since is not None else ""
    said = f"{event.said} before" if event.kind is EventKind.BACK else event.said
    return f"{event.kind.value}: {name}, {Clock().moment(at)}{lasted}{f' ({said})' if said else ''}"


def event_object(event: Event) -> dict[str, Any]:
    """Something that began or ended."""
    since = _iso(event.since) if event.since is not None else None
    return {
        "what": "event",
        "event": event.kind.value,
        "name": event.name,
        "at": _iso(event.at),
        "since": since,
        "said": event.said,
    }


def row_object(row: WatchedRow) -> dict[str, Any]:
    """One page on the list."""
    return {
        "url": row.url,
        "kind": row.kind,
        "branch": row.article,
        "state": row.state or None,
        "checked": machine(row.checked) if row.checked else None,
        "due": machine(row.due),
        "changes": row.changes,
    }


def status_object(now: Status) -> dict[str, Any]:
    """How watching goes."""
    return {
        "at": machine(now.at),
        "watched": dict(now.kinds),
        "states": dict(now.states),
        "due": now.due,
        "late": now.late,
        "next_ready": machine(now.next_ready) if now.next_ready else None,
        "last_active": machine(now.last_active) if now.last_active else None,
        "oldest": {"url": now.oldest[0], "since": machine(now.oldest[1])} if now.oldest else None,
        "gaps": now.gaps,
        "missed": now.missed,
        "checks": now.checks,
        "store_bytes": now.store_bytes,
        "free_bytes": now.free_bytes,
        "hosts": [
            {
                "host": each.host,
                "failures": each.failures,
                "since": machine(each.since) if each.since else None,
                "again": machine(each.again),
                "error": each.said,
                "pages": each.pages,
            }
            for each in now.hosts
        ],
    }


def _iso(seconds: float) -> str:
    return machine(datetime.fromtimestamp(seconds, UTC))
