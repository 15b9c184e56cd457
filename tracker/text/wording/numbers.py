"""Numbers as a language writes them: in digits with its own marks, and spelt out, in one word or in several."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tracker.text.wording.tables import FactWords
from tracker.text.wording.words import any_of, wording

_WORD = re.compile(r"[^\W\d_]+")
_HUNDRED, _THOUSAND = 100, 1000
_LONGEST = 60  # letters; no number is written with more
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Spelt:
    """A spelt-out number at `text[start:end]`."""

    start: int
    end: int
    value: Decimal


def amount(raw: str, language: str | None) -> Decimal | None:
    """What digits with their marks are worth: "3,000" or "3.000", "2.5" or "2,5". None for "1.2.3".

    A mark that groups thousands in the language, but has not three digits after it, is taken for a decimal one.
    """
    facts = wording(language).facts
    digits = raw.replace("−", "-")
    point = "," if facts.decimal_comma else "."
    whole, *rest = digits.split(point)
    if len(rest) > 1:
        return None
    if not rest and re.fullmatch(rf"[-+]?\d+[{re.escape(facts.groups)}](?:\d\d?|\d{{4,}})", digits):
        whole, rest = re.split(rf"[{re.escape(facts.groups)}]", digits)[0], [re.split(r"\D", digits)[-1]]
    try:
        return Decimal(re.sub(rf"[{re.escape(facts.groups)}]", "", whole) + ("." + rest[0] if rest else ""))
    except ArithmeticError:
        return None


def spelt(text: str, language: str | None) -> Iterator[Spelt]:
    """The spelt-out numbers of a plain text, in order: "twenty-one", "zweihundert", "treinta y uno", "third"."""
    known = wording(language)
    code, place = known.language, 0
    starts = _WORD if known.facts.compound else _first_words(code)
    while word := starts.search(text, place):
        found = _sequence(text, word.start(), code)
        if found is not None:
            yield found
        place = found.end if found else word.end()


def value_of(word: str, language: str | None) -> int | None:
    """What one word is worth as a number, None where it is none. In lower case; ordinals are none."""
    known = wording(language)
    if word in known.facts.numbers or not known.facts.compound:
        return known.facts.numbers.get(word)
    return _compound(word, known.language)


def _sequence(text: str, start: int, code: str) -> Spelt | None:
    first = _piece(text, start, code)
    if first is None:
        return None
    value, end, last = first
    total, current = 0, value
    while (step := _next(text, end, code, last, current)) is not None:
        number, end, multiplies = step
        if multiplies and number > _HUNDRED:
            total, current = total + current * number, 0
        else:
            current = current * number if multiplies else current + number
        last = number
    return Spelt(start, end, Decimal(total + current))


def _piece(text: str, start: int, code: str) -> tuple[int, int, int] | None:
    """The number that starts there: its value, its end, its value again as the last word of it."""
    facts = wording(code).facts
    entry = _entries(code).match(text, start)
    if entry:
        key = re.sub(" ", "-", entry.group().lower())
        value = next(table[key] for table in (facts.numbers, facts.ordinals) if key in table)
        return value, entry.end(), value
    word = _WORD.match(text, start)
    found = _compound(word.group().lower(), code) if word else None
    return (found, word.end(), found) if word and found is not None else None


def _next(text: str, end: int, code: str, last: int, current: int) -> tuple[int, int, bool] | None:
    """The word that goes on a number: its value, its end, and whether it multiplies what stands before it."""
    scale = _scales(code).match(text, end)
    if scale and current:
        value = wording(code).facts.scales[scale[1].lower()]
        if value > last or value >= _THOUSAND > current:
            return value, scale.end(), True
    room = _room(last)
    joint = _joints(code)[room >= _HUNDRED].match(text, end) if room else None
    piece = _piece(text, joint.end(), code) if joint else None
    return (piece[0], piece[1], False) if piece and 0 < piece[0] < room else None


def _room(last: int) -> int:
    """What may still be added: up to 9 after twenty, up to 99 after a hundred."""
    for round_number in (_THOUSAND**2, _THOUSAND, _HUNDRED):
        if last and last % round_number == 0:
            return round_number
    return 10 if last >= 20 and last % 10 == 0 else 0


@functools.cache
def _entries(code: str) -> re.Pattern[str]:
    facts = wording(code).facts
    keys = any_of(re.escape(key).replace(r"\-", "[- ]") for key in {**facts.ordinals, **facts.numbers})
    return re.compile(rf"(?:{keys})(?![^\W\d_])", re.IGNORECASE)


@functools.cache
def _first_words(code: str) -> re.Pattern[str]:
    """What a number can start with, where none is written as one word with another."""
    return re.compile(rf"(?<![^\W\d_])(?:{_entries(code).pattern})", re.IGNORECASE)


@functools.cache
def _scales(code: str) -> re.Pattern[str]:
    keys = any_of(re.escape(key) for key in wording(code).facts.scales if len(key) > 2)
    return re.compile(rf"[ -]({keys})(?![^\W\d_])", re.IGNORECASE)


@functools.cache
def _joints(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Between tens and units, and after hundreds and thousands."""
    facts = wording(code).facts
    return (
        re.compile(rf"[- ](?:(?:{facts.tens_joint})[- ])?", re.IGNORECASE),
        re.compile(rf"[- ](?:(?:{facts.hundreds_joint})[- ])?", re.IGNORECASE),
    )


@functools.lru_cache(maxsize=4096)
def _compound(word: str, code: str) -> int | None:
    """The value of a number written as one word: "zweihundertfünfzig", "eenentwintig", "ventotto"."""
    facts = wording(code).facts
    if not facts.compound or len(word) > _LONGEST or word in facts.parts:
        return None
    value = _large(word, facts)
    if value is None:
        for ending in facts.ordinal_endings:
            if word.endswith(ending) and (value := _large(word.removesuffix(ending), facts)) is not None:
                break
    return value


def _large(word: str, facts: FactWords) -> int | None:
    """Thousands, hundreds, and what is below."""
    for scale, name in _hundreds(facts):
        left, found, right = word.partition(name)
        if not found:
            continue
        for joint in ("", *facts.joints):
            rest = right.removeprefix(joint) if right.startswith(joint) else right
            times = _large(left, facts) if left else 1
            more = _large(rest, facts) if rest else 0 if rest == right else None
            if times is not None and more is not None and 0 < times < _THOUSAND and more < scale:
                return times * scale + more
    return _small(word, facts)


def _hundreds(facts: FactWords) -> list[tuple[int, str]]:
    """The names of thousand, then of hundred, longest first."""
    both = {**facts.numbers, **facts.parts}
    return sorted(((v, n) for n, v in both.items() if v in (_HUNDRED, _THOUSAND)), key=lambda p: (-p[0], -len(p[1]), p))


def _small(word: str, facts: FactWords) -> int | None:
    both = {**facts.numbers, **facts.parts}
    if word in both:
        return both[word]
    for name, value in both.items():
        if not (value in range(20, 100, 10) and len(name) < len(word)):
            continue
        if facts.compound == "units-first" and word.endswith(name):
            unit = word.removesuffix(name)
            for joint in facts.joints:
                if unit.endswith(joint) and 0 < both.get(unit.removesuffix(joint), 0) < 10:
                    return value + both[unit.removesuffix(joint)]
        elif facts.compound == "tens-first":
            for start in (name, name.rstrip(_VOWELS)):
                if word.startswith(start) and 0 < both.get(word.removeprefix(start), 0) < 10:
                    return value + both[word.removeprefix(start)]
    return None
