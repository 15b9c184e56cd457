"""What a reader's browser remembers: a time zone, a name for reviews, when it was here; and what it asks for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import UsageError
from tracker.render.times import machine, zone
from tracker.serve.door import set_cookie
from tracker.serve.guard import READER, Guard
from tracker.serve.look import House, Look
from tracker.store.reviews import is_reviewer

ZONE, VISIT, REVIEWER = "tracker_zone", "tracker_visit", "tracker_reviewer"
VISIT_ENDS = timedelta(minutes=30)  # a reader who does not ask for anything for so long has gone
YEAR = 365 * 86_400


@dataclass(frozen=True)
class Terms:
    """What whoever starts the server decides: see House and Guard. `tz` is the zone of who has chosen none.

    `reviewer` is under whose name reviews are kept until a reader gives another.
    """

    guard: Guard = field(default_factory=Guard)
    whole: bool = True
    read_only: bool = False
    tz: str | None = None
    reviewer: str = ""


def look_of(request: Request, terms: Terms, now: datetime) -> Look:
    """How this reader looks at this page."""
    given = request.query_params
    house = House(
        whole=terms.whole,
        reviewing=not terms.read_only,
        locked=terms.guard.locked,
        base=str(request.base_url),
    )
    return Look(
        house=house,
        tz=_zone(request.cookies.get(ZONE)) or terms.tz,
        since=_visit(request.cookies.get(VISIT), now)[0],
        reviewer=_reviewer(request.cookies.get(REVIEWER)) or terms.reviewer,
        all=given.get("all") == "1",
        whole=given.get("text") == "whole",
        side=given.get("view") == "side",
    )


def remember(answer: Response, request: Request, now: datetime) -> None:
    """Have the browser tell next time that it was here."""
    if READER not in request.cookies:
        set_cookie(answer, request, READER, reader_of(request), YEAR)
    _, cookie = _visit(request.cookies.get(VISIT), now)
    if cookie != request.cookies.get(VISIT):
        set_cookie(answer, request, VISIT, cookie, YEAR)


def reader_of(request: Request) -> str:
    """What ties our forms to this browser, made up for who comes for the first time."""
    if READER not in request.cookies:
        request.scope.setdefault("tracker.reader", secrets.token_urlsafe(18))
    return request.cookies.get(READER) or str(request.scope["tracker.reader"])


def all_seen(now: datetime) -> str:
    """The cookie of a visit that has seen everything."""
    return f"{machine(now)}~{machine(now)}"


def _zone(name: str | None) -> str | None:
    """The zone that a cookie names, None where there is no such zone."""
    try:
        zone(name or None)
    except UsageError:
        return None
    return name or None


def _reviewer(cookie: str | None) -> str:
    """The name that a cookie holds, "" where it is none."""
    return cookie if cookie and is_reviewer(cookie) else ""


def _visit(cookie: str | None, now: datetime) -> tuple[datetime | None, str]:
    """When the visit before this one ended, and the cookie for the next request. It holds that and the time of this."""
    try:
        since, until = (datetime.fromisoformat(text).astimezone(UTC) for text in (cookie or "").split("~"))
    except (ValueError, OverflowError):
        return None, f"{machine(now)}~{machine(now)}"
    if now - until > VISIT_ENDS:
        since = until
    return since, f"{machine(since)}~{machine(now.replace(second=0, microsecond=0))}"
