"""Gives a new note's day the year that it leaves out, from the time of the capture, and says that this was assumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.model import Notice, NoticeStatus, Side, Stated
from tracker.text.wording import moments, plain

_FRESH = frozenset({NoticeStatus.ADDED, NoticeStatus.CHANGED})
_AHEAD = timedelta(days=1)  # somewhere it is tomorrow already


def with_years(notices: tuple[Notice, ...], after: Side, language: str | None) -> tuple[Notice, ...]:
    """The notes, those that are new with the year of the capture in which they came, or the one before it.

    A note that was there before may be of any year, and a file says nothing of when it was captured.
    """
    captured = after.captured_at
    if captured is None:
        return notices
    return tuple(
        replace(notice, stated=_dated(notice.stated, captured, language))
        if notice.stated and notice.status in _FRESH
        else notice
        for notice in notices
    )


def _dated(stated: Stated, captured: datetime, language: str | None) -> Stated:
    if stated.date:
        return stated
    day = next((moment.day for moment in moments(plain(stated.raw), language) if moment.day), None)
    latest = (captured + _AHEAD).date()
    for year, said in ((captured.year, "year of capture"), (captured.year - 1, "year before the capture")):
        found = _day(year, *day) if day else None
        if found and found <= latest:
            return replace(stated, date=found.isoformat(), assumed=(*stated.assumed, said))
    return stated


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 29 February
        return None
