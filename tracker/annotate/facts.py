"""Detectors for what a sentence states: numbers, dates, names, negations, hedges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracker.annotate import names
from tracker.annotate.quantities import dates, numbers, same_date, same_number
from tracker.annotate.worded import Slot, Worded, edited, language_of, replaced, words
from tracker.model import Annotation, Context, Diff, Field, Label
from tracker.text.wording import Wording, wording

CLOSE = 6  # words; a negation or a hedge in a longer replacement belongs to a new thought
LONGEST_NAME = 5  # words


def number_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Numbers in the same slot that differ by value."""
    known = wording(language_of(diff))
    for one in edited(diff):
        for old, new in replaced(one, numbers(one.old, known), numbers(one.new, known), same_number):
            yield Annotation(Label.NUMBER_CHANGED, one.change.id, (old.raw, new.raw))


def date_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Dates, weekdays, months, years or times in the same slot that contradict each other."""
    known = wording(language_of(diff))
    for one in edited(diff):
        for old, new in replaced(one, dates(one.old, known), dates(one.new, known), same_date):
            yield Annotation(Label.DATE_CHANGED, one.change.id, (old.raw, new.raw))
    for change in diff.changes:
        if change.field is Field.PUBLISHED and change.deleted[:10] != change.inserted[:10]:
            yield Annotation(Label.DATE_CHANGED, change.id, (change.deleted, change.inserted))


def name_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Another name in the same slot, or another spelling of it."""
    known_words = wording(language_of(diff))
    known = names.names_in((diff.before, diff.after), known_words.language)
    for one in edited(diff):
        for slot in one.slots:
            if one.is_short(slot) and (pair := _names_swapped(one, slot, known, known_words)):
                yield Annotation(Label.NAME_CHANGED, one.change.id, pair)


def _names_swapped(one: Worded, slot: Slot, known: frozenset[str], known_words: Wording) -> tuple[str, str] | None:
    old = _name_words(one.old, slot.old, known, known_words)
    new = _name_words(one.new, slot.new, known, known_words)
    if old is None or new is None or not old or not new:
        return _respelled(one, slot, known, known_words)
    if {word.lower() for word in old} & {word.lower() for word in new}:
        return _respelled(one, slot, known, known_words)
    if (
        any(names.is_inflection(a, b, known_words) for a in old for b in new)
        or _is_short_form(old, new)
        or _is_short_form(new, old)
    ):
        return None
    return " ".join(old), " ".join(new)


def _name_words(text: str, place: tuple[int, int], known: frozenset[str], known_words: Wording) -> list[str] | None:
    """The words of a slot if they are a name and nothing else; titles do not count."""
    found: list[str] = []
    for match in names.TOKEN.finditer(text, *place):
        word = names.bare(match.group())
        if word.lower().rstrip(".") in known_words.facts.titles:
            continue
        inside = word.islower() and len(word) <= 3  # "Dar es Salaam", "al-Saket"
        if not inside and not (word in known or _is_name_there(text, match.start(), word, known_words)):
            return None
        found.append(word)
    if len(found) > LONGEST_NAME or re.search(r"\d", text[slice(*place)]):
        return None
    return found if any(not word.islower() for word in found) else None


def _is_name_there(text: str, start: int, word: str, known_words: Wording) -> bool:
    """A capital in mid-sentence, in text that is not all capitals, on a word that is no weekday or month."""
    ordinary = known_words.facts.not_names | known_words.times.weekdays | known_words.times.months.keys()
    small = sum(other.islower() for other in words(text))
    return (
        word[:1].isupper()
        and word.lower() not in ordinary
        and not names.starts_sentence(text, start)
        and small * 2 > len(words(text))
    )


def _respelled(one: Worded, slot: Slot, known: frozenset[str], known_words: Wording) -> tuple[str, str] | None:
    """Two spellings of one name among the words of a slot."""
    old = [names.bare(word) for word in names.TOKEN.findall(one.deleted(slot))]
    new = [names.bare(word) for word in names.TOKEN.findall(one.inserted(slot))]
    for mine in old:
        for yours in new:
            if mine in new or yours in old or not (mine[:1].isupper() and yours[:1].isupper()):
                continue
            if mine.lower() == yours.lower() or not (mine in known or yours in known):
                continue
            if names.alike(mine, yours) and not names.is_inflection(mine, yours, known_words):
                return mine, yours
    return None


def _is_short_form(short: list[str], long: list[str]) -> bool:
    """ "FBI" for "Federal Bureau of Investigation"."""
    letters = "".join(short).replace(".", "")
    return len(short) == 1 and letters.isupper() and letters == "".join(word[0] for word in long if word[0].isupper())


def negation_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A "not" that came or went while the sentence stayed."""
    known = wording(language_of(diff))
    for one in edited(diff):
        slots = [slot for slot in one.slots if _is_close(one, slot)]
        old = sum(_negations(one.deleted(slot), known) for slot in slots)
        new = sum(_negations(one.inserted(slot), known) for slot in slots)
        if (old + new) % 2:
            told = [
                slot for slot in slots if _negations(one.deleted(slot), known) != _negations(one.inserted(slot), known)
            ]
            for slot in told[:1]:
                yield Annotation(Label.NEGATION_CHANGED, one.change.id, _evidence(one, slot))


def _is_close(one: Worded, slot: Slot) -> bool:
    """Small, in a sentence that stayed; smaller still where nothing is replaced: a clause put in is a new thought."""
    if one.kept * 2 < 1:
        return False
    old, new = len(words(one.deleted(slot))), len(words(one.inserted(slot)))
    return max(old, new) <= (CLOSE if old and new else CLOSE // 2)


def _negations(text: str, known: Wording) -> int:
    rest = known.facts.not_negating.sub(" ", text)
    return sum(
        word.lower() in known.facts.negators or word.lower().endswith(known.facts.negated_end) for word in words(rest)
    )


def hedge_added(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A word of doubt that came."""
    return (Annotation(Label.HEDGE_ADDED, change, (new,)) for change, old, new in _hedges(diff) if new and not old)


def hedge_removed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A word of doubt that went."""
    return (Annotation(Label.HEDGE_REMOVED, change, (old,)) for change, old, new in _hedges(diff) if old and not new)


def _hedges(diff: Diff) -> Iterator[tuple[str, str, str]]:
    """(change, hedge taken out, hedge put in) for each close slot that has one."""
    known = wording(language_of(diff))
    for one in edited(diff):
        for slot in one.slots:
            if _is_close(one, slot):
                old = _hedge(one.old, slot.old, known)
                new = _hedge(one.new, slot.new, known)
                if old or new:
                    yield one.change.id, old, new


def _hedge(text: str, place: tuple[int, int], known: Wording) -> str:
    start, end = place
    for match in known.facts.hedge_phrases.finditer(text):
        if match.start() < end and start < match.end():
            return match.group()
    found = (word for word in words(text[start:end]) if word in known.facts.hedges)
    return next(found, "")


def _evidence(one: Worded, slot: Slot) -> tuple[str, ...]:
    return tuple(text for text in (one.deleted(slot).strip(), one.inserted(slot).strip()) if text)
