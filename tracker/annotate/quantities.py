"""Numbers and dates in running text, by what they mean: 3,000 is 3000, "3 million" is 3,000,000."""

from __future__ import annotations

import re
from decimal import Decimal

from tracker.annotate.worded import Item
from tracker.text.wording import Moment, Wording, moments

_BEFORE = r"(?<![\w.,/])(?<![^\W\d]-)"  # no part of a code or a fraction: F-16, 24/7
_NUMBER = re.compile(rf"{_BEFORE}[-+−]?\d+(?:[,.]\d+)*(?:(?:st|nd|rd|th)?(?![\w/])|(?=[kmb]n?\b))")
_LIST_MARK = re.compile(r"[.)](?:\s|$)")
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?<![\w.,$£€-])(1[5-9]\d\d|20\d\d)(s?)(?![\w%]|[.,]\d)")
_YEAR_ALONE = re.compile(r"\s*(?:[.,;:!?)\"']|$|-)")


def numbers(text: str, words: Wording) -> list[Item]:
    """The numbers of a plain text that are no part of a date, as (value, unit): unit is "%", a currency or ""."""
    taken = [(item.start, item.end) for item in dates(text, words)]
    found = [*_in_digits(text, words), *_in_words(text, words)]
    free = [item for item in found if not any(item.start < end and start < item.end for start, end in taken)]
    return sorted(free, key=lambda item: item.start)


def same_number(one: Item, other: Item) -> bool:
    """The same value, and no contradicting unit."""
    return one.key[0] == other.key[0] and (one.key[1] == other.key[1] or "" in (one.key[1], other.key[1]))


def _in_digits(text: str, words: Wording) -> list[Item]:
    found = []
    for match in _NUMBER.finditer(text):
        if match.start() == 0 and _LIST_MARK.match(text, match.end()):
            continue  # the number of a list item
        value = _value(match.group(), words)
        if value is not None:
            found.append(_with_unit(text, match.start(), match.end(), value, words))
    return found


def _value(raw: str, words: Wording) -> Decimal | None:
    digits = re.sub(r"[a-z]+$", "", raw).replace("−", "-")
    group, point = (".", ",") if words.facts.decimal_comma else (",", ".")
    whole, *rest = digits.split(point)
    if len(rest) > 1:  # 1.2.3 is no number
        return None
    return Decimal(whole.replace(group, "") + ("." + rest[0] if rest else ""))


def _in_words(text: str, words: Wording) -> list[Item]:
    """Numbers spelt out: "twenty-one", "three hundred". A word beside digits is their scale, not a number."""
    known = {**words.facts.numbers, **words.facts.ordinals}
    found: list[Item] = []
    for match in _WORD.finditer(text):
        name = match.group().lower()
        if name not in known or (found and match.start() < found[-1].end):
            continue
        value, end = Decimal(known[name]), match.end()
        unit = re.compile(r"[- ]([^\W\d_]+)").match(text, end)
        if value >= 20 and value % 10 == 0 and unit and 0 < words.facts.numbers.get(unit[1].lower(), 0) < 10:
            value, end = value + words.facts.numbers[unit[1].lower()], unit.end()
        found.append(_with_unit(text, match.start(), end, value, words))
    return found


def _with_unit(text: str, start: int, end: int, value: Decimal, words: Wording) -> Item:
    """Take in what belongs to a number: a currency before or after it, a scale, a per cent sign."""
    facts = words.facts
    unit = ""
    if text[start - 1 : start] in facts.currencies:
        unit, start = facts.currencies[text[start - 1]], start - 1
    while scale := re.compile(r"[ -]?([^\W\d_]+)\b").match(text, end):
        if scale[1].lower() not in facts.scales or (len(scale[1]) < 3 and not (unit or scale.start(1) == end)):
            break
        value, end = value * facts.scales[scale[1].lower()], scale.end()
    after = re.compile(r" ?(%|per cent\b|[^\W\d_]+)").match(text, end)
    if after and after[1].lower() in facts.percent:
        unit, end = "%", after.end()
    elif after and after[1].lower() in facts.currencies:
        unit, end = facts.currencies[after[1].lower()], after.end()
    return Item(start, end, (value, unit), text[start:end])


def dates(text: str, words: Wording) -> list[Item]:
    """Dates, times, weekdays, months and years of a plain text, as (year, month, day, weekday, time)."""
    found = [
        Item(moment.start, moment.end, _moment_key(moment, text, words), text[moment.start : moment.end])
        for moment in moments(text, words.language)
    ]
    for finder in (_months, _years, _weekdays):
        taken = [(item.start, item.end) for item in found]
        found += [
            item
            for item in finder(text, words)
            if not any(item.start < end and start < item.end for start, end in taken)
        ]
    return sorted(found, key=lambda item: item.start)


def same_date(one: Item, other: Item) -> bool:
    """Nothing that both say differs, and they say something in common."""
    both = [(mine, yours) for mine, yours in zip(one.key, other.key, strict=True) if mine and yours]
    return bool(both) and all(mine == yours for mine, yours in both)


def _moment_key(moment: Moment, text: str, words: Wording) -> tuple[object, ...]:
    month, day = moment.day or (None, None)
    year = int(moment.date[:4]) if moment.date else None
    named = (word.lower()[:3] for word in _WORD.findall(text[moment.start : moment.end]) if _is_weekday(word, words))
    return (year, month, day, next(named, None), moment.time)


def _is_weekday(word: str, words: Wording) -> bool:
    return word.lower() in words.times.weekdays


def _months(text: str, words: Wording) -> list[Item]:
    """ "March 2013", "in March": a month's name with a capital, where a date can stand."""
    found = []
    for match in re.finditer(r"\b([A-Z][a-z]+)\b\.?(?:,? (?:of )?((?:19|20)\d\d)\b)?", text):
        month = words.times.months.get(match[1].lower())
        lead = re.search(r"(\w+)[ -]$", text[: match.start()])
        if month and (match[2] or (lead and lead[1].lower() in words.facts.month_leads)):
            year = int(match[2]) if match[2] else None
            found.append(Item(match.start(), match.end(), (year, month, None, None, None), match.group()))
    return found


def _years(text: str, words: Wording) -> list[Item]:
    """Years where a year can stand: after "in", alone in brackets; "1790s" anywhere."""
    found = []
    for match in _YEAR.finditer(text):
        before = text[: match.start()]
        lead = re.search(r"(\w+)[ -]+$", before)
        led = lead is not None and lead[1].lower() in words.facts.year_leads
        if match[2] or led or (before.endswith("(") and _YEAR_ALONE.match(text, match.end())):
            year = match.group() if match[2] else int(match[1])
            found.append(Item(match.start(), match.end(), (year, None, None, None, None), match.group()))
    return found


def _weekdays(text: str, words: Wording) -> list[Item]:
    return [
        Item(match.start(), match.end(), (None, None, None, match.group().lower()[:3], None), match.group())
        for match in re.finditer(r"\b[A-Z][a-z]{5,}\b", text)
        if _is_weekday(match.group(), words)
    ]
