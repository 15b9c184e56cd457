"""Numbers and dates in running text, by what they mean: 3,000 is 3000, "3 million" is 3,000,000."""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from tracker.annotate.worded import Item
from tracker.text.wording import ASSUMED_HALF, CAPITAL, Moment, Wording, amount, any_of, moments, spelt, wording

_BEFORE = r"(?<![\w.,/])(?<![^\W\d]-)"  # no part of a code or a fraction: F-16, 24/7
_LIST_MARK = re.compile(r"[.)](?:\s|$)")
_WORD = re.compile(r"[^\W\d_]+")
_LEAD = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[ -]+$")
_LEAD_REACH = 40  # code points before a month or a year in which the word that leads it stands
_YEAR = re.compile(r"(?<![\w.,$£€-])(1[5-9]\d\d|20\d\d)(s?)(?![\w%]|[.,]\d)")
_YEAR_ALONE = re.compile(r"\s*(?:[.,;:!?)\"']|$|-)")
_FIRST_BARE = "1900"
_COUNTS = re.compile(rf" ?(?:[{CAPITAL}€$£%]|\d)")
_SCORE = re.compile(r"(?<![\w.,:/-])(\d{1,3})([-:])(\d{1,3})(?![\w:/-]|[.,]\d)")
_SCALE = re.compile(r"[ -]?([^\W\d_]+)\b")
_IN_BRACKETS = re.compile(r"\(.*?\)")
_LONGEST_UNIT = 12  # code points before a number in which its currency stands
_MOST_SCALES = 2  # "thousand million"; what repeats more of them is no number
_ABBREVIATED = 4  # letters; a stop after a shorter scale may be its own ("3 Mio. Euro")
_SHORT = 3  # letters; a shorter scale ("m", "bn") stands beside its number or has a currency


def numbers(text: str, words: Wording) -> list[Item]:
    """The numbers of a plain text that are no part of a date, as (value, unit): unit is "%", a currency or ""."""
    found = _in_digits(text, words)
    inside = _covered(found)  # the "cent" of "12 pour cent"
    found += [item for item in _in_words(text, words) if item.start not in inside]
    return sorted(_outside(found, dates(text, words)), key=lambda item: item.start)


def _outside(found: list[Item], taken: list[Item]) -> list[Item]:
    """The items that overlap none of the others."""
    places = _covered(taken)
    return [item for item in found if places.isdisjoint(range(item.start, item.end))]


def _covered(found: list[Item]) -> set[int]:
    return {place for item in found for place in range(item.start, item.end)}


def same_number(one: Item, other: Item) -> bool:
    """The same value, and no contradicting unit."""
    return one.key[0] == other.key[0] and (one.key[1] == other.key[1] or "" in (one.key[1], other.key[1]))


def scores(text: str) -> list[Item]:
    """Two numbers of which the order counts: "9-6", "2:1"."""
    return [
        Item(match.start(), match.end(), (int(match[1]), int(match[3])), match.group())
        for match in _SCORE.finditer(text)
    ]


def _in_digits(text: str, words: Wording) -> list[Item]:
    found = []
    for match in _digits(words.language).finditer(text):
        if match.start() == 0 and _LIST_MARK.match(text, match.end()):
            continue  # the number of a list item
        value = amount(match["digits"], words.language)
        if value is not None:
            found.append(_with_unit(text, match.start(), match.end(), value, words))
    return found


def _in_words(text: str, words: Wording) -> list[Item]:
    """Numbers spelt out: "twenty-one", "three hundred". A word beside digits is their scale, not a number, and the
    "cento" of "cinco por cento" is the unit of what stands before it."""
    found: list[Item] = []
    for each in spelt(text, words.language):
        if not found or each.start >= found[-1].end:
            found.append(_with_unit(text, each.start, each.end, each.value, words))
    return found


def _with_unit(text: str, start: int, end: int, value: Decimal, words: Wording) -> Item:
    """Take in what belongs to a number: a currency before or after it, a scale, a per cent sign."""
    scales, unit, units = words.facts.scales, "", _unit_after(words.language)
    before = _unit_before(words.language).search(text[max(0, start - _LONGEST_UNIT) : start])
    if before:
        unit, start = words.facts.currencies[before[1].lower()], start - len(before.group())
    for _ in range(_MOST_SCALES):
        scale = _SCALE.match(text, end)
        name = scale[1].lower() if scale else ""
        if not scale or name not in scales or (len(name) < _SHORT and not (unit or scale.start(1) == end)):
            break
        value, end = value * scales[name], scale.end()
        end += len(name) <= _ABBREVIATED and text[end : end + 1] == "." and bool(units.match(text, end + 1))
    after = units.match(text, end)
    if after:
        name = after[1].lower()
        unit, end = ("%" if name in words.facts.percent else words.facts.currencies[name]), after.end()
    return Item(start, end, (value, unit), text[start:end])


@functools.cache
def _digits(code: str) -> re.Pattern[str]:
    """A number in digits, with marks between its groups, and an ordinal's ending or a scale right after it."""
    words = wording(code)
    groups = re.escape(words.facts.groups)
    scales = any_of(map(re.escape, words.facts.scales))
    spaced = r"\d{1,3}(?:[ ']\d{3})+(?:,\d+)?(?![\d.,]\d)|" if " " in words.facts.groups else ""
    plain = rf"\d+(?:[,.{groups.replace(chr(92) + ' ', '')}]\d+)*"
    return re.compile(
        rf"{_BEFORE}(?P<digits>[-+−]?(?:{spaced}{plain}))(?:(?:{words.times.ordinals})?(?![\w/])|(?=(?:{scales})\b))",
        re.IGNORECASE,
    )


@functools.cache
def _unit_before(code: str) -> re.Pattern[str]:
    """A currency's sign, or its code of three letters."""
    keys = wording(code).facts.currencies
    codes = any_of(re.escape(key) for key in keys if key.isalpha() and len(key) == _SHORT)
    signs = any_of(re.escape(key) for key in keys if not key[-1].isalpha())
    return re.compile(rf"((?<!\w)(?:{codes})|{signs}) ?$", re.IGNORECASE)


@functools.cache
def _unit_after(code: str) -> re.Pattern[str]:
    facts = wording(code).facts
    keys = any_of(map(re.escape, [*facts.percent, *facts.currencies]))
    return re.compile(rf"[ -]?(?:{facts.currency_link})?({keys})(?!\w)", re.IGNORECASE)


def dates(text: str, words: Wording) -> list[Item]:
    """Dates, times, weekdays, months and years of a plain text, as (year, month, day, weekday, time)."""
    found = [
        Item(moment.start, moment.end, _moment_key(moment, text, words), text[moment.start : moment.end])
        for moment in moments(text, words.language)
    ]
    for finder in (_months, _years, _weekdays):
        found += _outside(finder(text, words), found)
    return sorted(found, key=lambda item: item.start)


def times_told(text: str, words: Wording) -> list[Item]:
    """Dates and times by all that they say: of "3 p.m. ET" also the zone, and what stands in brackets; "3:00" may be
    of the morning, and does not say so."""
    found = []
    for moment in moments(text, words.language):
        raw = text[moment.start : moment.end]
        more = (moment.zone, ASSUMED_HALF in moment.assumed, *_IN_BRACKETS.findall(raw))
        found.append(Item(moment.start, moment.end, (*_moment_key(moment, text, words), *more), raw))
    return found


def same_date(one: Item, other: Item) -> bool:
    """Nothing that both say differs, and they say something in common."""
    both = [(mine, yours) for mine, yours in zip(one.key, other.key, strict=True) if mine and yours]
    return bool(both) and all(mine == yours for mine, yours in both)


def _moment_key(moment: Moment, text: str, words: Wording) -> tuple[object, ...]:
    month, day = moment.day or (None, None)
    year = int(moment.date[:4]) if moment.date else None
    said = (word.lower() for word in _WORD.findall(text[moment.start : moment.end]))
    named = (words.times.weekdays[word] for word in said if word in words.times.weekdays)
    return (year, month, day, next(named, None), moment.time)


def _months(text: str, words: Wording) -> list[Item]:
    """ "March 2013", "in March": a month's name, with a capital where it bears one, where a date can stand."""
    found = []
    for match in _month_grammar(words.language).finditer(text):
        if match[2] or _lead(text, match.start()) in words.facts.month_leads:
            month = words.times.months[match[1].lower()]
            year = int(match[2]) if match[2] else None
            found.append(Item(match.start(), match.end(), (year, month, None, None, None), match.group()))
    return found


def _lead(text: str, place: int) -> str:
    """The word before a place, in lower case; of a long line only its end is looked at."""
    lead = _LEAD.search(text, max(0, place - _LEAD_REACH), place)
    return lead[1].lower() if lead else ""


@functools.cache
def _month_grammar(code: str) -> re.Pattern[str]:
    times = wording(code).times
    names = any_of(re.escape(f"{name[:1].upper()}{name[1:]}") if times.capital else name for name in times.months)
    of = rf"(?:(?:{times.of}|of) )?"
    flags = re.NOFLAG if times.capital else re.IGNORECASE
    return re.compile(rf"\b({names})\b\.?(?:,? {of}((?:19|20)\d\d)\b)?", flags)


def _years(text: str, words: Wording) -> list[Item]:
    """Years where a year can stand: after "in", alone in brackets; "1790s" anywhere."""
    found = []
    for match in _YEAR.finditer(text):
        led = _lead(text, match.start()) in words.facts.year_leads
        alone = words.facts.bare_years and match[1] >= _FIRST_BARE and not _COUNTS.match(text, match.end())
        if match[2] or led or alone or (text.endswith("(", 0, match.start()) and _YEAR_ALONE.match(text, match.end())):
            year = match.group() if match[2] else int(match[1])
            found.append(Item(match.start(), match.end(), (year, None, None, None, None), match.group()))
    return found


def _weekdays(text: str, words: Wording) -> list[Item]:
    """A weekday's full name, with a capital where it bears one."""
    times = words.times
    return [
        Item(match.start(), match.end(), (None, None, None, times.weekdays[match[0].lower()], None), match[0])
        for match in _day_grammar(words.language).finditer(text)
        if match[0][0].isupper() or not times.capital
    ]


@functools.cache
def _day_grammar(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(map(re.escape, wording(code).times.running_days))})(?!\w)", re.IGNORECASE)
