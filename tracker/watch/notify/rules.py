"""Who wants to know of a change, and when it may be told. Pure; times are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from tracker.config import RuleSettings, Wanted
from tracker.model import Disclosure, Label, Severity
from tracker.store import ChangeRow
from tracker.text.urls import host_name
from tracker.watch.schedule import DAY

RETRIES = (60.0, 300.0, 900.0, 3600.0, 4 * 3600.0)  # seconds; the last is repeated for as long as it takes


def wants(wanted: Wanted, row: ChangeRow) -> bool:
    """Is this change one that is asked for? A notice that was taken down is never mentioned by one, so it is silent."""
    if not is_wanted_host(wanted, row.branch):
        return False
    if wanted.labels and not set(wanted.labels) & set(row.labels):
        return False
    if wanted.silent and not _is_silent(row):
        return False
    withdrawn = Label.NOTICE_REMOVED.value in row.labels
    return withdrawn or Severity(row.severity).rank >= Severity(wanted.severity).rank


def _is_silent(row: ChangeRow) -> bool:
    """As `tracker changes --silent` has it."""
    return Label.NOTICE_REMOVED.value in row.labels or (
        is_unmentioned(row) and row.delay is None and Severity(row.severity) is not Severity.LOW
    )


def known_better(told: Mapping[str, Any], rows: Iterable[ChangeRow]) -> dict[str, list[ChangeRow]]:
    """The changes of an edit that was told, by what is known of them now and was not then.

    `disclosed`: a later notice speaks of them. `revised`: they were called silent and are not any more.
    """
    mine = [row for row in rows if row.change in told["changes"]]
    late = [row for row in mine if row.delay is not None and row.change not in told.get("disclosed", ())]
    called_silent = [row for row in mine if row.delay is None and row.change in told.get("silent", ())]
    news = {"disclosed": late, "revised": [row for row in called_silent if not is_unmentioned(row)]}
    return {kind: changes for kind, changes in news.items() if changes}


def is_unmentioned(row: ChangeRow) -> bool:
    """Is it said of this change that no notice mentions it?"""
    return row.disclosure == Disclosure.SILENT.value


def is_wanted_host(wanted: Wanted, branch: str) -> bool:
    """Is this article of a host that is asked for?"""
    return not wanted.hosts or any(_is_of(branch, host) for host in wanted.hosts)


def _is_of(branch: str, host: str) -> bool:
    """Does a branch belong to a host, or to one below it ("*.daily.example")?"""
    own = branch.partition("/")[0]
    return own.endswith(host[1:].lower()) if host.startswith("*.") else own == host_name(f"https://{host}")


def when(rule: RuleSettings, made: datetime) -> datetime:
    """When what was found at `made` is told: at the end of its digest, and not in quiet hours."""
    zone = _zone(rule)
    return _after_quiet(rule, _digest_end(rule, made, zone), zone).astimezone(UTC)


def is_quiet(rule: RuleSettings, now: datetime) -> bool:
    """Does a rule want nothing to be told now? What was due before, or is tried again, then waits as well."""
    return _after_quiet(rule, now, _zone(rule)) != now


def _zone(rule: RuleSettings) -> tzinfo:
    return ZoneInfo(rule.tz) if rule.tz else UTC


def _digest_end(rule: RuleSettings, made: datetime, zone: tzinfo) -> datetime:
    if not rule.digest:
        return made
    local = made.astimezone(zone)
    first = local.date() if rule.digest <= DAY else date.min  # a Monday: so a week of days ends as one
    begin = datetime.combine(first, time(), zone)
    periods = (local - begin).total_seconds() // rule.digest + 1
    return begin + timedelta(seconds=periods * rule.digest)


def _after_quiet(rule: RuleSettings, at: datetime, zone: tzinfo) -> datetime:
    """The end of the quiet hours that a moment falls into, else the moment."""
    if rule.quiet is None:
        return at
    local = at.astimezone(zone)
    start, end = (time.fromisoformat(text) for text in rule.quiet)
    now = local.time()
    inside = start <= now < end if start < end else now >= start or now < end
    if not inside or start == end:
        return at
    day = local.date() + timedelta(days=1 if start > end and now >= start else 0)
    return datetime.combine(day, end, zone)


def again(tries: int, now: datetime) -> datetime:
    """When a message that could not be sent is tried again, after so many tries in vain."""
    return now + timedelta(seconds=RETRIES[min(tries, len(RETRIES)) - 1])
