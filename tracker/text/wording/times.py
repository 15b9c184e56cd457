"""Dates and times as they stand in a note or a stamp: what is written, what can be read from it, what was assumed."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from tracker.text.wording.tables import TimeWords
from tracker.text.wording.words import any_of, wording

ASSUMED_HALF = "24-hour clock"  # neither half of the day is written, and the hour could be of either
_DIGIT = re.compile(r"\d")  # a quick look: no moment is without one


@dataclass(frozen=True, slots=True)
class Moment:
    """One date, time, or both, at `text[start:end]`.

    `time` is "15:13", `date` "2015-05-31" and None where the year is not written, `zone` as written. `day` is
    (month, day), also where the year is missing.
    """

    start: int
    end: int
    time: str | None
    date: str | None
    zone: str | None
    assumed: tuple[str, ...]
    day: tuple[int, int] | None


def moments(text: str, language: str | None) -> tuple[Moment, ...]:
    """All dates and times in a text, in order; parts that stand together ("Aug. 14, 1:22 p.m. ET") are one."""
    if not _DIGIT.search(text):
        return ()
    words = wording(language).times
    found = [_read(match, words) for match in _grammar(wording(language).language).finditer(text)]
    return tuple(moment for moment in found if moment.time or moment.day)


def moment_at(text: str, start: int, language: str | None) -> Moment | None:
    """The date or time that starts exactly there, or None."""
    words = wording(language)
    match = _grammar(words.language).match(text, start)
    moment = _read(match, words.times) if match else None
    return moment if moment and (moment.time or moment.day) else None


@functools.cache
def moment_words(code: str) -> frozenset[str]:
    """Every word that can stand in a moment, outside its brackets."""
    words = wording(code).times
    lists = (words.months, words.weekdays, words.before_noon, words.after_noon, words.clock_words, words.clock_leads)
    parts = [part for found in lists for part in found]
    parts += [*words.zones, words.clock_joint, words.of, words.ordinals]
    return frozenset(word for part in parts for word in re.findall(r"[^\W\d_]+", part))


@functools.cache
def _grammar(code: str) -> re.Pattern[str]:
    words = wording(code).times
    date, clock = _date_grammar(words), _clock_grammar(words)
    joint = rf"(?:,? ?(?:{words.clock_joint}|@|-|\|)? ?)"
    names = re.compile(r"\(\?P<(\w+)>|\(\?P=(\w+)\)")
    again = names.sub(lambda m: f"(?P<{m[1]}_>" if m[1] else f"(?P={m[2]}_)", date)
    clock_first = names.sub(lambda m: f"(?P<{m[1]}__>", clock) + f"(?:{joint}{again})?"
    return re.compile(rf"(?<![\w$£€.,])(?:{date}(?:{joint}{clock})?|{clock_first})", re.IGNORECASE)


def _date_grammar(words: TimeWords) -> str:
    month = any_of(map(re.escape, words.months))
    day = rf"(?P<{{}}>\d{{{{1,2}}}})(?:{words.ordinals})?"
    year = r"(?P<{}>(?:19|20)\d\d)"
    of = rf"(?:(?:{words.of}) )?"
    with_year = rf"(?:(?:[ ,-]{{1,2}}|(?<=\.)){of}{year.format('year2')})?(?!\w)"
    dates = [
        rf"{day.format('day2')}[. -]{{1,2}}{of}(?P<month2>{month})(?!\w)\.?{with_year}",
        r"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)(?!\d)",
        r"(?P<n1>\d{1,2})(?P<sep>[/.]|-(?=\d\d?-(?:19|20)\d\d))(?P<n2>\d{1,2})(?P=sep)(?P<n3>(?:19|20)\d\d|\d\d)(?!\d)",
    ]
    if words.month_first:
        first = rf"(?P<month1>{month})\.? {day.format('day1')}(?!\d|:\d)(?:,? {year.format('year1')})?"
        dates.insert(0, first)
    return rf"(?:(?:{any_of(words.weekdays)})\.?,? )?(?:{'|'.join(dates)})"


def _clock_grammar(words: TimeWords) -> str:
    halves = any_of(map(re.escape, words.before_noon | words.after_noon))
    after = any_of(map(re.escape, words.clock_words))
    before = any_of(map(re.escape, words.clock_leads))
    zone = any_of(words.zones)
    dotted = rf"\.(?=\d\d ?(?:{halves}|{after})(?!\w))"  # 3.13 p.m., but 3.14 is a number
    spaced = " h (?=[0-5]\\d(?!\\d))" if "h" in words.clock_words else "(?!)"
    return (
        rf"(?:(?:{before}) ?(?P<hour_led>\d{{1,2}})(?:[:.h](?P<minute_led>[0-5]\d))?(?!\d)"
        rf"(?: ?(?P<half_led>{halves})(?!\w)| ?(?:{after})(?!\w))?"
        rf"|(?P<hour>\d{{1,2}})(?:[:h]|{spaced}|{dotted})(?P<minute>[0-5]\d)(?::[0-5]\d)?(?!\d)"
        rf"(?: ?(?P<half>{halves})(?!\w)| ?(?:{after})(?!\w))?"
        rf"|(?P<hour_only>\d{{1,2}}) ?(?:(?P<half_only>{halves})|{after})(?!\w)"
        rf"|(?P<four>[0-2]\d[0-5]\d)(?=[ ]?(?:{zone})(?!\w)))"
        rf"(?: ?\(?(?P<zone>(?:{zone})(?![\w'])(?:[+-]\d{{1,4}}(?::\d\d)?)?)\)?)?(?: ?\([^()]*\d[^()]*\))?"
    )


def _read(match: re.Match[str], words: TimeWords) -> Moment:
    parts = {name.rstrip("_"): value for name, value in match.groupdict().items() if value is not None}
    time, time_assumed = _time(parts, words)
    year, day, date_assumed = _date(parts, words)
    date = f"{year:04}-{day[0]:02}-{day[1]:02}" if year and day else None
    return Moment(match.start(), match.end(), time, date, parts.get("zone"), time_assumed + date_assumed, day)


def _time(parts: dict[str, str], words: TimeWords) -> tuple[str | None, tuple[str, ...]]:
    if "four" in parts:
        hour, minute = int(parts["four"][:2]), int(parts["four"][2:])
    elif hours := parts.get("hour") or parts.get("hour_only") or parts.get("hour_led"):
        hour, minute = int(hours), int(parts.get("minute") or parts.get("minute_led") or "0")
    else:
        return None, ()
    half = (parts.get("half") or parts.get("half_only") or parts.get("half_led") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None, ()
        hour = hour % 12 + (12 if half in words.after_noon else 0)
    if hour > 23:
        return None, ()
    guessed = not half and "four" not in parts and 1 <= hour <= 12 and not words.day_first
    return f"{hour:02}:{minute:02}", (ASSUMED_HALF,) if guessed else ()


def _date(parts: dict[str, str], words: TimeWords) -> tuple[int | None, tuple[int, int] | None, tuple[str, ...]]:
    """Year, (month, day) and what was assumed; None for what is not written or cannot be."""
    assumed: tuple[str, ...] = ()
    year: int | None
    if "iso" in parts:
        year, month, day = (int(part) for part in parts["iso"].split("-"))
    elif "n1" in parts:
        year, month, day, assumed = _numeric_date(parts, words)
    elif name := parts.get("month1") or parts.get("month2"):
        written = parts.get("year1") or parts.get("year2")
        year = int(written) if written else None
        month, day = words.months[name.casefold()], int(parts.get("day1") or parts["day2"])
    else:
        return None, None, ()
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None, None, ()
    return year, (month, day), assumed


def _numeric_date(parts: dict[str, str], words: TimeWords) -> tuple[int, int, int, tuple[str, ...]]:
    first, second, year = int(parts["n1"]), int(parts["n2"]), int(parts["n3"])
    day_first = first > 12 or (second <= 12 and (words.day_first or parts["sep"] == "."))
    day, month = (first, second) if day_first else (second, first)
    assumed: tuple[str, ...] = ()
    if first <= 12 and second <= 12 and first != second:
        assumed += ("day before month",) if day_first else ("month before day",)
    if year < 100:
        return year + 2000, month, day, (*assumed, "the century")
    return year, month, day, assumed
