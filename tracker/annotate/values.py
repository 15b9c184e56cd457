"""Numbers and dates that a claim gives, held against those that a change replaced: by value, unit and direction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tracker.annotate.quantities import dates, numbers, same_date, same_number
from tracker.annotate.worded import Item, Worded, replaced
from tracker.text.wording import CAPITAL, Wording

_NUMBER_PARTS = 2  # the parts of a number's key; a date has more
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th|er|re|[eè]me|e|ste|de|[ºª°])$")
_MONTH = re.compile(r"\b[^\W\d_]{3,}\b")
_THING = re.compile(r" ([^\W\d_]{3,})")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_THINGS = re.compile(r"(?: [^\W\d_]+){1,3}")
_DOUBLE_NAME = re.compile(rf"\b[{CAPITAL}][^\W\d_]*(?:-[^\W\d_]+)+")
_FIRST_YEAR = 1000

Swap = tuple[Item, Item]


class Stance(StrEnum):
    """What the values of a claim say of a change: nothing, the same, another thing, or the contrary."""

    NOTHING = "nothing"
    AGREES = "agrees"
    ELSEWHERE = "elsewhere"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Told:
    """The values of a claim by what it says of them: wrong (`old`), right (`new`), or only named (`rest`)."""

    old: tuple[Item, ...] = ()
    new: tuple[Item, ...] = ()
    rest: tuple[Item, ...] = ()

    @property
    def turned(self) -> Told:
        return Told(self.new, self.old, self.rest)


NOTHING_TOLD = Told()


def values_in(text: str, words: Wording) -> tuple[Item, ...]:
    """Numbers and dates of a claim; a bare month is one anywhere ("April, not March"), which in a story it is not."""
    found = dates(text, words)
    found += [item for item in _months(text, words) if not _overlaps(item, found)]
    found += [item for item in numbers(text, words) if not _overlaps(item, found)]
    return tuple(sorted(found, key=lambda item: item.start))


def _months(text: str, words: Wording) -> list[Item]:
    return [
        Item(match.start(), match.end(), (None, month, None, None, None), match.group())
        for match in _MONTH.finditer(text)
        if (match.group()[0].isupper() or not words.times.capital)
        and (month := words.times.months.get(match.group().lower()))
    ]


def _overlaps(item: Item, others: Iterable[Item]) -> bool:
    return any(item.start < other.end and other.start < item.end for other in others)


def swaps(one: Worded, words: Wording) -> tuple[Swap, ...]:
    """The numbers and dates of a change that gave way to others, as its labels have them, each with its thing."""
    old = [_with_thing(item, one.old, words) for item in numbers(one.old, words)]
    new = [_with_thing(item, one.new, words) for item in numbers(one.new, words)]
    return (
        *replaced(one, old, new, same_number),
        *replaced(one, dates(one.old, words), dates(one.new, words), same_date),
    )


def _with_thing(item: Item, text: str, words: Wording) -> Item:
    """A number that counts something bears no unit for certain: "430 homes" is no sum of money."""
    thing = _THING.match(text, item.end)
    counts = item.key[1] == "" and thing is not None and thing[1].lower() not in words.claims.common
    return Item(item.start, item.end, (*item.key[:1], "counted"), item.raw) if counts else item


def counted_things(text: str, words: Wording) -> list[tuple[object, str]]:
    """Each number of a text and the few words after it: what it counts is among them."""
    after = [(item.key[0], _THINGS.match(text, item.end)) for item in numbers(text, words)]
    return [(value, match.group()) for value, match in after if match]


def is_counted(item: Item) -> bool:
    """Is it a number of things, told as such?"""
    return _is_number(item) and item.key[1] == "counted"


def widened(one: Worded, words: Wording) -> list[tuple[str, str]]:
    """What went and what came, slot by slot, never a part of a number or of a double name.

    "£14 million", though only the 14 changed; "Lindgren-Stiftung", though only the first half did.
    """
    old, new = numbers(one.old, words), numbers(one.new, words)
    return [(_whole(one.old, slot.old, old), _whole(one.new, slot.new, new)) for slot in one.slots]


def _whole(text: str, slot: tuple[int, int], items: list[Item]) -> str:
    inside = [item for item in items if item.start < slot[1] and slot[0] < item.end]
    names = [match.span() for match in _DOUBLE_NAME.finditer(text) if match.start() < slot[1] and slot[0] < match.end()]
    start = min([slot[0], *(item.start for item in inside), *(begin for begin, _ in names)])
    return text[start : max([slot[1], *(item.end for item in inside), *(end for _, end in names)])]


def stance(told: Told, found: tuple[Swap, ...]) -> Stance:
    """What a claim says of the values that a change replaced.

    A claim that names one value of a swap must fit the whole of it: another new value than the text's, or the two the
    other way round, contradict. An old value that never stood here does not: it may be that of an earlier version.
    """
    if not found or not (told.old or told.new):
        return Stance.NOTHING
    verdicts = {_one(told, swap) for swap in found}
    for best in (Stance.AGREES, Stance.OTHERWISE, Stance.NOTHING):
        if best in verdicts:
            return best
    return Stance.ELSEWHERE


def _one(told: Told, swap: Swap) -> Stance:
    old, new = swap
    went, came = _holds(told.old, old), _holds(told.new, new)
    if came or (went and not any(_comparable(item, new) for item in told.new)):
        return Stance.AGREES
    if went or _holds(told.old, new) or _holds(told.new, old):
        return Stance.OTHERWISE
    return Stance.NOTHING if _holds(told.rest, old) or _holds(told.rest, new) else Stance.ELSEWHERE


def is_exact(told: Told, found: tuple[Swap, ...]) -> bool:
    """Does the claim name both values of a swap, the right way round?"""
    return any(_holds(told.old, old) and _holds(told.new, new) for old, new in found)


def _holds(values: tuple[Item, ...], item: Item) -> bool:
    return any(same_value(value, item) for value in values)


def _comparable(one: Item, other: Item) -> bool:
    """Could the one stand in the other's place: money for money, a date for a date?"""
    if _is_number(one) and _is_number(other):
        return _units_fit(one, other)
    if _is_number(one) or _is_number(other):
        number, date = (one, other) if _is_number(one) else (other, one)
        return bool(_ORDINAL.search(number.raw)) == bool(date.key[2])
    return any(mine and yours for mine, yours in zip(one.key, other.key, strict=True))


def same_value(one: Item, other: Item) -> bool:
    """The same number with no contradicting unit; dates of which nothing differs; "the 15th" of a date.

    The first is of a claim: that may leave out the scale ("140, not 142", of 142 million), never put one in.
    """
    if _is_number(one) and _is_number(other):
        if _ORDINAL.search(one.raw) and not _ORDINAL.search(other.raw):
            return False  # "the 28th" is no 28
        return (one.key[0] == other.key[0] and _units_fit(one, other)) or _unscaled(one, other)
    if _is_number(one) or _is_number(other):
        return _part_of_date(one, other) if _is_number(one) else _part_of_date(other, one)
    return same_date(one, other) or _in_decade(one, other)


def _in_decade(one: Item, other: Item) -> bool:
    """A year of the decade that the claim names: 1985 for "the 1980s"."""
    decade, year = one.key[0], other.key[0]
    return isinstance(year, int) and decade == f"{year // 10}0s"


def _unscaled(one: Item, other: Item) -> bool:
    mantissa = _DIGITS.search(other.raw)
    return one.key[1] == "" and mantissa is not None and one.raw == mantissa.group() != other.raw


def _units_fit(one: Item, other: Item) -> bool:
    mine, yours = one.key[1], other.key[1]
    if "counted" in (mine, yours):
        return {mine, yours} <= {"counted", ""}
    return mine == yours or "" in (mine, yours)


def _part_of_date(number: Item, date: Item) -> bool:
    """A year, a day or an hour, written as a mere number."""
    value, unit = number.key
    if unit or not isinstance(value, Decimal) or value != int(value):
        return False
    year, _, day, _, time = date.key
    if value >= _FIRST_YEAR:
        return year == int(value)
    return day == int(value) or (isinstance(time, str) and int(time[:2]) % 12 == int(value) % 12)


def _is_number(item: Item) -> bool:
    return len(item.key) == _NUMBER_PARTS
