"""What an editor would look at in one text: doubled words, one name spelled several ways, numbers that disagree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tracker.annotate import names
from tracker.annotate.quantities import dates, numbers
from tracker.annotate.worded import Item, language_in, notice_places
from tracker.model import BlockKind, Document, Slip, SlipKind
from tracker.text.sentences import sentences
from tracker.text.wording import Wording, plain, wording

_TEXT = frozenset({BlockKind.DEK, BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.CAPTION})
_DOUBLED = re.compile(r"(?<![\w'-])([^\W\d_]+(?:'[^\W\d_]+)?(?: [^\W\d_]+){0,2})\s+\1(?![\w'-])", re.IGNORECASE)
_HEADS = frozenset({BlockKind.HEADLINE, BlockKind.DEK})
_LEAD = re.compile(r"[^\W\d_]{4,}[ -]+\Z")  # a longer word before a number makes it another one, or a rough one
_REACH = 40  # code points before a number in which that word stands
_RARE = 2  # a form that stands more often than this beside another one is hardly a slip
LEAST = 5  # letters; shorter names are too often two names (Iran, Iraq)


@dataclass(frozen=True, slots=True)
class _Name:
    """One standing of a name: where, how it is written there, and the name before it."""

    place: tuple[int, int]
    shown: str
    first: str


def slips(document: Document) -> tuple[Slip, ...]:
    """What an editor would look at, in the order of kinds and of the text. A slip is a question, not an error."""
    language = language_in(document)
    known = wording(language)
    texts = _texts(document)
    spoken = (language or known.language).lower().startswith(known.language)
    spellings = _spellings(document, texts, known) if spoken else ()  # other languages bend names
    return (*_doubled(texts, known), *spellings, *_disagreeing(document, texts, known))


def _texts(document: Document) -> list[tuple[int, str]]:
    notes = notice_places(document)
    return [
        (place, plain(block.text))
        for place, block in enumerate(document.blocks)
        if block.kind in _TEXT and place not in notes
    ]


def _doubled(texts: list[tuple[int, str]], known: Wording) -> Iterator[Slip]:
    for place, text in texts:
        for match in _DOUBLED.finditer(text):
            said = match.group(1)
            if _is_named_twice(text, match, known) or known.facts.doubles_meant & set(said.lower().split()):
                continue
            yield Slip(SlipKind.DOUBLED_WORD, (match.group(),), ((place, match.start()),), f"“{said}” stands twice")


def _is_named_twice(text: str, match: re.Match[str], known: Wording) -> bool:
    """ "Bora Bora", "Rose rose to speak": a capital is a name's, but for "The the" where a sentence starts."""
    said = match.group(1)
    again = match.group()[-len(said) :]
    if said[0].isupper() and again[0].islower() and names.starts_sentence(text, match.start()):
        return said.lower().split()[0] not in known.facts.not_names
    return said[0].isupper()


def _spellings(document: Document, texts: list[tuple[int, str]], known: Wording) -> Iterator[Slip]:
    """Names that are alike, in one group each; the most frequent form first."""
    found = _names(document, texts, known)
    groups: list[list[str]] = []
    for name in sorted(found):
        near = [group for group in groups if any(_one_name(name, other, found, known) for other in group)]
        groups = [group for group in groups if group not in near] + [[name, *(n for group in near for n in group)]]
    for group in sorted((g for g in groups if len(g) > 1), key=lambda g: min(found[name][0].place for name in g)):
        forms = sorted(group, key=lambda name: (-len(found[name]), found[name][0].place))
        declared = _declared(texts, forms, found, known)
        remark = f"one name, spelled {len(forms)} ways?"
        if declared:
            remark += f" The text itself declares {declared} an alternate spelling"
        yield Slip(
            SlipKind.NAME_SPELLING,
            tuple(found[name][0].shown for name in forms),
            tuple(found[name][0].place for name in forms),
            remark,
        )


def _names(document: Document, texts: list[tuple[int, str]], known: Wording) -> dict[str, list[_Name]]:
    """Every standing of every name, with the word before it where nothing but a space is between."""
    ordinary = names.names_in((document,), known.language)
    found: dict[str, list[_Name]] = defaultdict(list)
    for place, text in texts:
        last = None
        for match in names.TOKEN.finditer(text):
            name = names.bare(match.group())
            between = text[last.end() : match.start()] if last else ""
            if name in ordinary and len(name) >= LEAST and not name.isupper():
                shown = f"{last.group()}-{name}" if last and between == "-" else name
                before = last.group() if last and between == " " else ""
                found[name].append(_Name((place, match.start() - len(shown) + len(name)), shown, before))
            last = match
    return found


def _one_name(one: str, other: str, found: dict[str, list[_Name]], known: Wording) -> bool:
    """One letter apart, from the same first letter, no two forms of a word, no two persons with names of their own.

    Where the names before agree ("Mustafa Hussein", "Mustapha Husain") two letters may differ, and the last one, which
    elsewhere makes another word ("Arabia", "Arabic").
    """
    if one[0] != other[0] or names.is_inflection(one, other, known) or min(len(found[one]), len(found[other])) > _RARE:
        return False
    mine, yours = (_first_names(found[name]) for name in (one, other))
    agree = any(names.alike(a, b) for a in mine for b in yours)
    if mine and yours and not agree:
        return False
    if not agree and (one[:-1] == other[:-1] or one.startswith(other) or other.startswith(one)):
        return False
    return names.spelling_distance(one, other) <= (2 if agree else 1)


def _first_names(standings: list[_Name]) -> set[str]:
    return {standing.first for standing in standings if standing.first[:1].isupper()}


def _declared(
    texts: list[tuple[int, str]], forms: list[str], found: dict[str, list[_Name]], known: Wording
) -> str | None:
    """Which form the text itself calls another spelling: the one nearest before such words in their block."""
    for place, text in texts:
        said = known.facts.alternate_spelling.search(text)
        if said is None:
            continue
        near = [
            (said.start() - standing.place[1], name)
            for name in forms
            for standing in found[name]
            if standing.place[0] == place and standing.place[1] < said.start()
        ]
        if near:
            return min(near)[1]
    return None


@dataclass(frozen=True, slots=True)
class _Toll:
    """How many of whom came to what: "12 people were killed". `names` are of the sentence around it."""

    place: tuple[int, int]
    value: Decimal
    phrase: str
    shown: str
    names: frozenset[str]
    bare: bool  # nothing before it makes it another toll or a rough one ("another 13", "at least 12", "in 2015, 13")


def _disagreeing(document: Document, texts: list[tuple[int, str]], known: Wording) -> Iterator[Slip]:
    """Two tolls for the same people.

    A headline's that a greater one of the text contradicts, for no part is greater than the whole; or just two that
    sentences give which name the same. Other places, years and rough numbers are other tolls, and so are three.
    """
    heads = [(place, plain(block.text)) for place, block in enumerate(document.blocks) if block.kind in _HEADS]
    titles, told = (_tolls(found, known) for found in (heads, [each for each in texts if each not in heads]))
    for phrase in dict.fromkeys(toll.phrase for toll in told):
        here = [toll for toll in told if toll.phrase == phrase]
        over = [toll for toll in titles if toll.phrase == phrase]
        pair = _over_the_head(over, here) or _side_by_side(here)
        if pair:
            forms = tuple(toll.shown for toll in pair)
            yield Slip(
                SlipKind.NUMBERS_DISAGREE, forms, tuple(toll.place for toll in pair), "two numbers for one thing?"
            )


def _over_the_head(over: list[_Toll], here: list[_Toll]) -> tuple[_Toll, _Toll] | None:
    if not over or not over[0].bare or any(toll.value == over[0].value for toll in here):
        return None
    larger = (t for t in here if t.bare and t.value > over[0].value and t.names <= over[0].names)
    return next(((over[0], toll) for toll in larger), None)


def _side_by_side(here: list[_Toll]) -> tuple[_Toll, _Toll] | None:
    if len({toll.value for toll in here}) != 2 or not all(toll.bare and toll.names for toll in here):
        return None
    other = next(toll for toll in here if toll.value != here[0].value)
    return (here[0], other) if other.names == here[0].names else None


def _tolls(texts: list[tuple[int, str]], known: Wording) -> list[_Toll]:
    found = []
    for place, text in texts:
        start = 0
        for sentence in sentences(text, known.language):
            here = [_toll(sentence, item, (place, start), known) for item in numbers(sentence, known)]
            told = [toll for toll in here if toll]
            found += told if len(told) == 1 else []  # several in one sentence are told apart by it
            start += len(sentence)
    return found


def _toll(sentence: str, item: Item, at: tuple[int, int], known: Wording) -> _Toll | None:
    after = known.facts.tolls.match(sentence, item.end)
    value = item.key[0]
    if not after or item.key[1] or not isinstance(value, Decimal):
        return None
    lead = _LEAD.search(sentence, max(0, item.start - _REACH), item.start)
    capitals = [m for m in names.CAPITAL_WORD.finditer(sentence) if not names.starts_sentence(sentence, m.start())]
    called = {match.start(): names.bare(match.group()) for match in capitals}
    other_year = any(date.key[0] for date in dates(sentence, known))
    return _Toll(
        (at[0], at[1] + item.start),
        value,
        f"{after['who'].strip()} {after['what']}".lower(),
        sentence[item.start : after.end()],
        frozenset(name for name in called.values() if name.lower() not in names.ordinary_words(known)),
        not (other_year or (lead and lead.start() not in called)),
    )
