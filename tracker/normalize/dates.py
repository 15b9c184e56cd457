"""Dates and times as a page states them about itself: in metadata, in time elements, and in words.

Any language, for a page's own language tag is often wrong or missing. A zone is never invented: without one that has
a single meaning, a time stays without. So does a date's meaning: "03/04/2024" on an English page is left as it is.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from importlib import resources

from tracker.normalize.clean import clean_text

_LONGEST = 120
_NUMBERED = re.compile(r"\d{4}-\d\d")
_YEAR = re.compile(r"\d{4}")  # a quick look: no date is without one
_OFFSET = re.compile(r"\s?([+-]\d{2}):?(\d{2})$")
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\.\d+)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?Z?)?")
_CTIME = re.compile(r"(\w{3} \d{1,2}) (\d\d:\d\d:\d\d) (.{1,20}?) ?(\d{4})")  # Tue Nov 19 03:05:46 UTC 2019
_EARLIEST = 1700  # what software writes for "no date" (year 1, year 0, the epoch) is none
_NO_DATE = "1970-01-01T00:00:00+00:00"
_BUDDHIST = range(2400, 2700)
_ZEROS = "٠۰०０๐"  # Arabic, Persian, Devanagari, full width, Thai: nine more follow each
_DIGITS = {ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)}
_DIGITS |= {ord(mark): "" for mark in "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069"} | {ord("："): ":"}
_BETWEEN = r"[^\d<>]{0,24}?"  # what stands between a date and its clock


@dataclass(frozen=True, slots=True)
class Stated:
    """A date found in a text, at `text[start:end]` with its clock. `when` is ISO 8601, None where it is not clear."""

    start: int
    end: int
    when: str | None


def moment(raw: str, language: str | None = None) -> str:
    """A time in ISO 8601, to the second and with its zone where the page gives them; else as the page writes it.

    A time with a zone is put in UTC; without one it stays as it is, so that "zone not known" can be seen. What is no
    date at all, such as the year 1, is "".
    """
    raw = clean_text(raw)[:_LONGEST]
    if not raw or (_NUMBERED.match(raw) and int(raw[:4]) < _EARLIEST):
        return ""
    found = _machine(raw)
    if found is None and _YEAR.search(raw.translate(_DIGITS)):
        found = next((each.when for each in stated(_CTIME.sub(r"\1 \4 \2 \3", raw), language) if each.when), None)
    if found is None:
        return raw
    return "" if found == _NO_DATE or int(found[:4]) < _EARLIEST else found


def same_day(one: str, other: str) -> bool:
    """Do two stated times speak of the same day, whatever their zones?"""
    try:
        first, second = (datetime.fromisoformat(when[:10]) for when in (one, other))
    except ValueError:
        return False
    return abs(first - second) <= timedelta(days=1)


def _machine(raw: str) -> str | None:
    """What is written for machines: ISO 8601 in its dialects, digits alone, seconds since 1970."""
    epoch = _EPOCH.fullmatch(raw)
    if epoch:
        return datetime.fromtimestamp(int(epoch[1]), UTC).isoformat(timespec="seconds")
    compact = _COMPACT.fullmatch(raw)
    if compact:
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        zone = UTC if raw.endswith("Z") else None
        return _written(year, month, day, (hour, minute, second) if compact[4] else None, zone)
    try:
        found = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", raw))
        if len(raw) <= len("2015-05-31"):
            return raw
        return (found if found.tzinfo is None else found.astimezone(UTC)).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def stated(text: str, language: str | None = None) -> tuple[Stated, ...]:
    """All dates with a year in a text, in order, each with the clock beside it."""
    plain = text.translate(_DIGITS).casefold() if not text.isascii() else text.lower()
    if len(plain) != len(text):  # a letter or a mark that folds to none or two: offsets would be off
        plain = "".join(char.translate(_DIGITS)[:1] or " " for char in text).lower()
        if len(plain) != len(text):
            return ()
    if not _YEAR.search(plain):
        return ()
    words = _words()
    found = []
    end = 0
    for match in words.date.finditer(plain):
        if match.start() < end:
            continue
        clock = words.clock_after.match(plain, match.end()) or words.clock_before.search(plain, end, match.start())
        start, end = match.start(), match.end()
        if clock:
            start, end = min(start, clock.start("clock")), max(end, clock.end())
        found.append(Stated(start, end, _read(match, clock, words, language)))
    return tuple(found)


def is_of_change(text: str) -> bool:
    """Does the text before a date say that it is the date of a change, not of publication?"""
    return _words().changed.search(text.casefold()) is not None


def without_dates(text: str, language: str | None = None) -> str:
    """A line with its dates and clocks cut out, and the words and marks that led to them."""
    rest, at = [], 0
    for found in stated(text, language):
        rest.append(_words().joint.sub("", text[at : found.start]))
        at = found.end
    if not at:
        return text
    rest.append(text[at:])
    return clean_text(" ".join(rest)).strip(" -–—|•·,/／:;")


# --- the grammar --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    months: Mapping[str, int]
    months_of: Mapping[str, Mapping[str, int]]
    zones: Mapping[str, int]
    after_noon: frozenset[str]
    date: re.Pattern[str]
    clock_after: re.Pattern[str]
    clock_before: re.Pattern[str]
    changed: re.Pattern[str]
    joint: re.Pattern[str]


@functools.cache
def _words() -> _Words:
    file = resources.files(__package__).joinpath("vocabulary", "dates.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    months = _by_name(data["months"])
    before, after = (frozenset(map(str.casefold, data["clock"][key])) for key in ("before_noon", "after_noon"))
    clock = _clock(before | after, data["zones"])
    changed = "|".join(_any([word]) if not word.isascii() else rf"\b{word}\b" for word in data["words"]["changed"])
    joints = _any(data["words"]["joints"])
    return _Words(
        months=months,
        months_of={code: _by_name(table) for code, table in data["months_of"].items()},
        zones=data["zones"],
        after_noon=after,
        date=re.compile(_date(months)),
        clock_after=re.compile(rf"{_BETWEEN}(?P<clock>(?<!\d){clock})"),
        clock_before=re.compile(rf"(?P<clock>(?<![\d.:]){clock}){_BETWEEN}\Z"),
        changed=re.compile(changed),
        joint=re.compile(rf"(?:(?:^|[\s,;|•·/–—-]+)(?:{joints})[.:]?){{0,2}}[\s,;:|•·/(–—-]*\Z", re.IGNORECASE),
    )


def _by_name(table: Mapping[str, list[str]]) -> dict[str, int]:
    return {name.casefold(): int(month) for month, names in table.items() for name in names}


def _any(words: object) -> str:
    return "|".join(sorted(map(re.escape, map(str, words)), key=lambda word: (-len(word), word)))  # type: ignore[call-overload]  # any iterable


def _date(months: Mapping[str, int]) -> str:
    """Year first in figures or with a month's name, day first with a name, month's name first, day or month first."""
    month = rf"(?<!\w)(?:in |de |of |d['’]|ב)?(?P<{{}}>{_any(months)})(?!\w)\.?"
    day = r"(?<!\d)(?P<d3>\d{1,2})(?:st|nd|rd|th|er|\.|º|ª|°)?"
    gap = r"[\s/-]{0,2}(?:de |del |of |d['’])?"
    return "|".join(
        (
            r"(?<!\d)(?P<y1>\d{4})\s?[-/.年년]\s?(?P<m1>\d{1,2})\s?[-/.月월]\s?(?P<d1>\d{1,2})(?!\d)[日일.]?",
            rf"(?<!\d)(?P<y2>\d{{4}})\.?(?: gada)?\s{month.format('n2')}\s(?P<d2>\d{{1,2}})(?!\d)\.?",
            rf"{day},?{gap}{month.format('n3')},?{gap}(?P<y3>\d{{4}})(?!\d)",
            rf"{month.format('n4')}\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,? at|,)?\s?,?\s?(?P<y4>\d{{4}})(?!\d)",
            r"(?<![\d./-])(?P<a5>\d{1,2})(?P<sep>[./-])\s?(?P<b5>\d{1,2})(?P=sep)\s?(?P<y5>\d{4})(?!\d)",
        )
    )


def _clock(halves: frozenset[str], zones: Mapping[str, int]) -> str:
    half = _any(halves)
    names = _any(zones)
    return (
        rf"(?:(?P<lead>{half})\s?)?"
        r"(?P<hour>[0-2]?\d)"
        rf"(?:\s?(?:[:h]|時|时|시|點|点|\.(?=[0-5]\d(?!\d)))\s?(?P<minute>[0-5]\d)(?!\d)(?:\s?[分분])?"
        r"(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
        rf"(?:\s?(?P<half>{half})(?!\w))?"
        rf"|\s?(?:h|uhr|時|时|시|點|点)(?!\w)|\s?(?P<only>{half})(?!\w))"
        rf"(?:\s?uhr|\s?h)?(?:\s?\(?(?:(?P<zone>{names})(?!\w)(?P<away>\s?[+-]\d{{1,2}}(?::?\d\d)?(?!\d))?"
        r"|(?P<offset>[+-]\d\d:?\d\d)(?!\d))\)?)?"
    )


# --- what was read ------------------------------------------------------------------------------------------


def _read(date: re.Match[str], clock: re.Match[str] | None, words: _Words, language: str | None) -> str | None:
    day = _day(date, words, language)
    if day is None:
        return None
    time = _time(clock, words) if clock else None
    return _written(*day, time, _zone(clock, words, language) if clock and time else None)


def _day(date: re.Match[str], words: _Words, language: str | None) -> tuple[int, int, int] | None:
    code = (language or "").split("-")[0].lower()
    parts = {name: value for name, value in date.groupdict().items() if value}
    year = int(next(parts[name] for name in ("y1", "y2", "y3", "y4", "y5") if name in parts))
    year -= 543 if year in _BUDDHIST else 0
    if "a5" in parts:
        first, second = int(parts["a5"]), int(parts["b5"])
        if first > 12 or first == second:
            return year, second, first
        if second > 12:
            return year, first, second
        unclear = parts["sep"] != "." and code in ("", "en")
        return None if unclear else (year, second, first)
    if "m1" in parts:
        return year, int(parts["m1"]), int(parts["d1"])
    name = next(parts[name] for name in ("n2", "n3", "n4") if name in parts)
    day = int(next(parts[name] for name in ("d2", "d3", "d4") if name in parts))
    return year, words.months_of.get(code, {}).get(name) or words.months[name], day


def _time(clock: re.Match[str], words: _Words) -> tuple[int, int, int] | None:
    hour, minute, second = int(clock["hour"]), int(clock["minute"] or 0), int(clock["second"] or 0)
    half = clock["half"] or clock["only"] or clock["lead"]
    if half and hour <= 12:  # "14:30 PM" is written too, and means what it says
        hour = hour % 12 + (12 if half in words.after_noon else 0)
    return (hour, minute, second) if hour < 24 else None


def _zone(clock: re.Match[str], words: _Words, language: str | None) -> timezone | None:
    if clock["offset"]:
        return _away(clock["offset"])
    name = clock["zone"]
    if name is None or (name == "cst" and (language or "").lower().startswith("zh")):
        return None
    if clock["away"] and words.zones[name] == 0:
        return _away(clock["away"].strip())
    return timezone(timedelta(minutes=words.zones[name]))


def _away(text: str) -> timezone | None:
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)) if hours < 15 else None


def _written(year: int, month: int, day: int, time: tuple[int, int, int] | None, zone: timezone | None) -> str | None:
    """ISO 8601 of what is known, None where there is no such day."""
    try:
        found = datetime(year, month, day, *(time or (0, 0, 0)), tzinfo=zone)  # None says "zone not known"
        if time is None:
            return found.date().isoformat()
        return (found.astimezone(UTC) if zone else found).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None
