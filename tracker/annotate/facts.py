"""Detectors for what a sentence states: numbers, dates, names, negations, hedges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tracker.annotate import names
from tracker.annotate.quantities import dates, numbers, same_date, same_number, scores
from tracker.annotate.renames import is_running, part_changed, recased
from tracker.annotate.worded import Item, Slot, Worded, edited, language_of, replaced, words
from tracker.model import Annotation, Context, Diff, Field, Label
from tracker.text.wording import Wording, wording
from tracker.text.wording.tables import FactWords

CLOSE = 6  # words; a negation or a hedge in a longer replacement belongs to a new thought
LONGEST_NAME = 5  # words
_NEGATOR = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_CODE = re.compile(r"(?:\d{1,3}[A-Z]{1,4}|[A-Z]{1,4}\d{1,3})")
_WORD_BEFORE = re.compile(r"(?<!\w)[^\W\d_][\w'-]* \Z")
_CLAUSE_ENDS = re.compile(r"[.,;:!?()]")

Place = tuple[int, int]


def number_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Numbers in the same slot that differ by value."""
    known = wording(language_of(diff))
    for one in edited(diff):
        found = replaced(one, numbers(one.old, known), numbers(one.new, known), same_number)
        for old, new in found or replaced(one, scores(one.old), scores(one.new), _is_no_turn):
            yield Annotation(Label.NUMBER_CHANGED, one.change.id, (old.raw, new.raw))


def _is_no_turn(one: Item, other: Item) -> bool:
    """Of two scores: is it anything but "9-6" that became "6-9"? Other numbers are told apart one by one."""
    return one.key == other.key or one.key != other.key[::-1]


def date_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Dates, weekdays, months, years or times in the same slot that contradict each other."""
    known = wording(language_of(diff))
    for one in edited(diff):
        for old, new in replaced(one, dates(one.old, known), dates(one.new, known), same_date):
            yield Annotation(Label.DATE_CHANGED, one.change.id, (old.raw, new.raw))
    for change in diff.changes:
        dates_told = change.deleted and change.inserted  # one that a page stops to give contradicts nothing
        if change.field is Field.PUBLISHED and dates_told and change.deleted[:10] != change.inserted[:10]:
            yield Annotation(Label.DATE_CHANGED, change.id, (change.deleted, change.inserted))


def name_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Another name in the same slot, or another spelling of it."""
    known_words = wording(language_of(diff))
    known = names.names_in((diff.before, diff.after), known_words.language)
    for one in edited(diff):
        if pair := recased(one, diff, known_words):
            yield Annotation(Label.NAME_CHANGED, one.change.id, pair)
        for slot in one.slots:
            if one.is_short(slot) and (
                pair := _names_swapped(one, slot, known, known_words) or part_changed(one, slot, diff, known_words)
            ):
                yield Annotation(Label.NAME_CHANGED, one.change.id, pair)


def _names_swapped(one: Worded, slot: Slot, known: frozenset[str], known_words: Wording) -> tuple[str, str] | None:
    old = _name_words(one.old, slot.old, known, known_words)
    new = _name_words(one.new, slot.new, known, known_words)
    if bool(old) != bool(new):  # one code for another is a section's or a model's number
        old = old or _code(one.old, slot.old, known_words)
        new = new or _code(one.new, slot.new, known_words)
    if old is None or new is None or not old or not new:
        return _respelled(one, slot, known, known_words)
    if _undotted(old) == _undotted(new):
        return None  # "U.S." for "US"
    if {word.lower() for word in old} & {word.lower() for word in new}:
        return _respelled(one, slot, known, known_words)
    inflected = any(names.is_inflection(a, b, known_words) for a in old for b in new)
    if (
        (inflected and not _is_surname_with_s(one, slot, old, new, known_words))
        or _is_short_form(old, new)
        or _is_short_form(new, old)
    ):
        return None
    return " ".join(old), " ".join(new)


def _is_surname_with_s(one: Worded, slot: Slot, old: list[str], new: list[str], known_words: Wording) -> bool:
    """ "Dana Orme" and "Dana Ormes": after another part of the name an "s" belongs to the name, not to the grammar."""
    short, long = sorted((" ".join(old), " ".join(new)), key=len)
    first = _WORD_BEFORE.search(one.old, 0, slot.old[0])
    return (
        long == f"{short}s"
        and first is not None
        and one.new[: slot.new[0]].endswith(first.group())
        and _is_name_there(one.old, first.start(), first.group().strip(), known_words)
    )


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


def _code(text: str, place: Place, known_words: Wording) -> list[str] | None:
    """The word of a slot if it is a name with digits ("18F", "G20"); a number with its unit is none ("5PM", "20M")."""
    word = text[slice(*place)].strip()
    units = known_words.facts.scales.keys() | known_words.times.before_noon | known_words.times.after_noon
    if not _CODE.fullmatch(word) or word.lstrip("0123456789").lower() in units or numbers(word, known_words):
        return None
    return [word]


def _is_name_there(text: str, start: int, word: str, known_words: Wording) -> bool:
    """A capital in mid-sentence, in text that is not all capitals, on a word that is no weekday or month."""
    return (
        word[:1].isupper()
        and word.lower() not in names.ordinary_words(known_words)
        and not (known_words.facts.nouns_capital and names.is_noun(text, start, word, known_words))
        and not names.starts_sentence(text, start)
        and is_running(text)
    )


def _respelled(one: Worded, slot: Slot, known: frozenset[str], known_words: Wording) -> tuple[str, str] | None:
    """Two spellings of one name among the words of a slot."""
    old = [names.bare(word) for word in names.TOKEN.findall(one.deleted(slot))]
    new = [names.bare(word) for word in names.TOKEN.findall(one.inserted(slot))]
    for mine in old:
        for yours in new:
            if mine in new or yours in old or not (mine[:1].isupper() and yours[:1].isupper()):
                continue
            if _undotted([mine]) == _undotted([yours]) or not (mine in known or yours in known):
                continue
            if names.alike(mine, yours) and not names.is_inflection(mine, yours, known_words):
                return mine, yours
    return None


def _undotted(found: list[str]) -> str:
    return " ".join(found).lower().replace(".", "")


def _is_short_form(short: list[str], long: list[str]) -> bool:
    """ "FBI" for "Federal Bureau of Investigation"."""
    letters = "".join(short).replace(".", "")
    return len(short) == 1 and letters.isupper() and letters == "".join(word[0] for word in long if word[0].isupper())


def negation_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A "not" that came or went while the sentence stayed."""
    known = wording(language_of(diff))
    for one in edited(diff):
        slots = [slot for slot in one.slots if _is_close(one, slot)]
        gone = _within(_negating(one.old, known), [slot.old for slot in slots])
        come = _within(_negating(one.new, known), [slot.new for slot in slots])
        if (len(gone) + len(come)) % 2:
            told = next(slot for slot in slots if _within(gone, [slot.old], any) or _within(come, [slot.new], any))
            yield Annotation(Label.NEGATION_CHANGED, one.change.id, _evidence(one, told))


def _is_close(one: Worded, slot: Slot) -> bool:
    """Small, in a sentence that stayed; smaller still where nothing is replaced: a clause put in is a new thought."""
    if one.kept * 2 < 1:
        return False
    old, new = len(words(one.deleted(slot))), len(words(one.inserted(slot)))
    return max(old, new) <= (CLOSE if old and new else CLOSE // 2)


def negations(text: str, known: Wording) -> int:
    """How many negations a text has; idioms that negate nothing do not count."""
    return len(_negating(text, known))


def _negating(text: str, known: Wording) -> list[list[Place]]:
    """The places of the words of each negation: "ne ... pas" and "no ... nada" are one, within one clause."""
    facts = known.facts
    found: list[list[Place]] = []
    said = facts.not_negating.sub(lambda match: " " * len(match.group()), text).lower()
    for match in _NEGATOR.finditer(said):
        goes_on = bool(found) and match.group() in facts.negation_goes_on
        if goes_on and not _CLAUSE_ENDS.search(said, found[-1][-1][1], match.start()):
            found[-1].append(match.span())
        elif _negates(match.group(), facts):
            found.append([match.span()])
    return found


def _negates(word: str, facts: FactWords) -> bool:
    ends = facts.negated_end
    return bool(ends and word.endswith(ends)) or any(part in facts.negators for part in (word, *word.split("'")))


def _within(
    found: list[list[Place]], slots: list[Place], how: Callable[[Iterable[bool]], bool] = all
) -> list[list[Place]]:
    """The negations of which all words stand in the slots: where one of them stayed, the sentence is still negated."""
    return [
        spans
        for spans in found
        if how(any(start < last and first < end for first, last in slots) for start, end in spans)
    ]


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
    found = (match for match in names.TOKEN.finditer(text, start, end) if _is_hedge(text, match, known))
    first = next(found, None)
    return first.group() if first else ""


def _is_hedge(text: str, match: re.Match[str], known: Wording) -> bool:
    """A word of doubt in small letters, so that May is none; with a capital where it starts the sentence."""
    word = match.group()
    at_start = len(word) > len("May") and names.starts_sentence(text, match.start())
    return (word.lower() if at_start else word) in known.facts.hedges


def _evidence(one: Worded, slot: Slot) -> tuple[str, ...]:
    return tuple(text for text in (one.deleted(slot).strip(), one.inserted(slot).strip()) if text)
