"""Moments and stretches of time in words, in one time zone. No clock is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from tracker.errors import UsageError

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def zone(name: str | None) -> tzinfo:
    """The time zone of that name, UTC for None. Raises UsageError where there is none."""
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"there is no time zone {name!r}; write one like Europe/Paris or America/New_York") from error


@dataclass(frozen=True, slots=True)
class Clock:
    """Writes moments (aware datetimes) in one time zone."""

    zone: tzinfo = UTC

    @property
    def zone_label(self) -> str:
        """ "UTC", "Europe/Paris" """
        return str(self.zone)

    def local(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone(self.zone)
        except OverflowError:  # the first and the last day of the calendar have no neighbour in another zone
            return moment

    def zone_name(self, moment: datetime) -> str:
        name = self.local(moment).tzname() or "UTC"
        return f"UTC{name}" if name[0] in "+-" else name

    def date(self, moment: datetime) -> str:
        """ "31 May 2015" """
        local = self.local(moment)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"

    def time(self, moment: datetime) -> str:
        """ "14:17 UTC" """
        return f"{self.local(moment):%H:%M} {self.zone_name(moment)}"

    def moment(self, moment: datetime) -> str:
        """ "31 May 2015, 14:17 UTC" """
        return f"{self.date(moment)}, {self.time(moment)}"

    def stated(self, text: str) -> str:
        """A date that a page gives, written out: an instant in this zone, a day or a time without a zone as given.

        What is no ISO 8601 comes back as it is.
        """
        try:
            given = datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        if given.tzinfo is not None:
            return self.moment(given)
        written = f"{given.day} {_MONTHS[given.month - 1]} {given.year}"
        return written if len(text.strip()) <= len("2015-05-31") else f"{written}, {given:%H:%M}"

    def short(self, moment: datetime) -> str:
        """ "2015-05-31 14:17", for columns that say the zone elsewhere."""
        return f"{self.local(moment):%Y-%m-%d %H:%M}"

    def same_day(self, one: datetime, other: datetime) -> bool:
        return self.local(one).date() == self.local(other).date()

    def between(self, one: datetime, other: datetime) -> str:
        """ "between 14:02 and 14:17 UTC on 31 May 2015", with both dates where they differ; the earlier comes first."""
        since, until = sorted((one, other))
        if self.same_day(since, until) and self.zone_name(since) == self.zone_name(until):
            return f"between {self.local(since):%H:%M} and {self.time(until)} on {self.date(until)}"
        return f"between {self.moment(since)}, and {self.moment(until)}"


def machine(moment: datetime) -> str:
    """A moment for machines: ISO 8601 in UTC with Z, microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def iso(moment: datetime | None) -> str | None:
    """The same; None where it is not known."""
    return machine(moment) if moment else None


def duration(seconds: int) -> str:
    """ "1 h 43 min", "2 days 3 h", "40 s": the two largest units that say something."""
    units = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    rest, parts = max(0, seconds), []
    for name, size in units:
        count, rest = divmod(rest, size)
        if count:
            plural = "s" if name == "day" and count > 1 else ""
            parts.append(f"{count} {name}{plural}")
    kept = parts[:2] if len(parts) > 1 and not parts[1].endswith(" s") else parts[:1]
    return " ".join(kept) or "0 s"
