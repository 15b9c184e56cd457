"""The word lists of a language, read once from its TOML file and made into patterns.

All patterns ignore case and are meant for text with plain quotes, dashes and spaces (`plain`).
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tracker.model import Field, Label, NoticeKind

FALLBACK = "en"
Shape = tuple[NoticeKind | None, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class TimeWords:
    """What dates, times and bare stamps are made of. `months` maps every written form to 1-12.

    `lead` stands between a label and its stamp, `between` between two stamps, `stated` before a stamp in a sentence.
    """

    months: Mapping[str, int]
    weekdays: frozenset[str]
    before_noon: frozenset[str]
    after_noon: frozenset[str]
    ordinals: str
    day_first: bool
    zones: tuple[str, ...]
    stamp_words: frozenset[str]
    relative: re.Pattern[str]
    lead: re.Pattern[str]
    between: re.Pattern[str]
    stated: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """How a publisher's note opens, and what its own words make it.

    A shape's kind is None where `kinds` settles it. `labels`, `shapes`, `wire` and `vague` are for `match`. Quick looks
    before the patterns: `label_starts` are the first two letters of all labels, empty where the list does not tell;
    `shapes_by_first` are the shapes that can match a text by its first word, `open_shapes` those for all other words.
    """

    labels: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    label_starts: frozenset[str]
    shapes: tuple[Shape, ...]
    shapes_by_first: Mapping[str, tuple[Shape, ...]]
    open_shapes: tuple[Shape, ...]
    wire: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    kinds: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    vague: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """How a note says what was done.

    `purpose` finds "to include", `wire` "Corrects" at a start, `with_what` "updated with", `joined` the border between
    two purposes; the verb is the group add, cut or fix; the `done_` patterns say the same as "has been deleted".
    `place` is where in the article, which says nothing of what. `pairs` have the groups old and new. `common` words
    tie a claim to nothing.
    """

    purpose: re.Pattern[str]
    wire: re.Pattern[str]
    with_what: re.Pattern[str]
    joined: re.Pattern[str]
    done_removed: re.Pattern[str]
    done_added: re.Pattern[str]
    done_right: re.Pattern[str]
    place: re.Pattern[str]
    empty: re.Pattern[str]
    wrong: re.Pattern[str]
    goes_on: re.Pattern[str]
    pairs: tuple[re.Pattern[str], ...]
    topics: tuple[tuple[Label, re.Pattern[str]], ...]
    fields: tuple[tuple[Field, re.Pattern[str]], ...]
    common: frozenset[str]


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """How speech, answers and denials are reported. `stance` says how far a writer stands behind a reporting verb."""

    verbs: re.Pattern[str]
    stance: Mapping[str, str]
    according: re.Pattern[str]
    anonymous: re.Pattern[str]
    spokes: re.Pattern[str]
    emergency: re.Pattern[str]
    answers: re.Pattern[str]
    no_comment: re.Pattern[str]
    unreached: re.Pattern[str]
    declined: re.Pattern[str]
    denies: re.Pattern[str]
    denied_things: re.Pattern[str]
    refused_things: re.Pattern[str]
    passive: re.Pattern[str]
    denied_passively: re.Pattern[str]
    undenied: re.Pattern[str]
    rejects: re.Pattern[str]
    speaks_false: re.Pattern[str]
    calls_false: re.Pattern[str]
    roles: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class FactWords:
    """Numbers, years, negations, hedges, titles: what the facts of a sentence are made of."""

    decimal_comma: bool
    numbers: Mapping[str, int]
    scales: Mapping[str, int]
    ordinals: Mapping[str, int]
    percent: frozenset[str]
    currencies: Mapping[str, str]
    year_leads: frozenset[str]
    month_leads: frozenset[str]
    negators: frozenset[str]
    negated_end: str
    not_negating: re.Pattern[str]
    hedges: frozenset[str]
    hedge_phrases: re.Pattern[str]
    titles: frozenset[str]
    not_names: frozenset[str]
    alternate_spelling: re.Pattern[str]
    doubles_meant: frozenset[str]
    tolls: re.Pattern[str]
    inflections: frozenset[str]
    derivations: frozenset[str]
    retracted: re.Pattern[str]
    retraction_headline: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Wording:
    """All that is known about how news is worded in one language.

    The parts that only some commands ask for are made when they are first asked for: their patterns take a while.
    """

    language: str
    times: TimeWords
    notices: NoticeWords

    @property
    def claims(self) -> ClaimWords:
        """How notes say what was done."""
        return _claims(self.language)

    @property
    def speech(self) -> SpeechWords:
        """How speech is reported."""
        return _speech(self.language)

    @property
    def facts(self) -> FactWords:
        """What the facts of a sentence are made of."""
        return _facts(self.language)


@functools.lru_cache(maxsize=64)
def wording(language: str | None) -> Wording:
    """The word lists of a language tag ("en", "de-AT"); English where there are none or the language is not known."""
    code = re.split("[-_]", (language or FALLBACK).strip().lower(), maxsplit=1)[0]
    return _load(code if code in _languages() else FALLBACK)


@functools.cache
def _languages() -> frozenset[str]:
    files = resources.files(__package__).iterdir()
    return frozenset(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


@functools.cache
def _load(code: str) -> Wording:
    data = _data(code)
    return Wording(code, _times(data["times"]), _notices(data["notices"], data["notices"]["article"]))


@functools.cache
def _data(code: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8"))


def _pattern(text: str, article: str = "") -> re.Pattern[str]:
    return re.compile(text.replace("{article}", article), re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    """An alternation, longest first, so that no word hides a longer one."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def _times(data: Mapping[str, Any]) -> TimeWords:
    months = {name: number for number, name in enumerate(data["months"], 1)}
    months |= {name: number for number, name in enumerate(data["short_months"], 1)} | data["other_months"]
    return TimeWords(
        months,
        frozenset(data["weekdays"]),
        frozenset(data["before_noon"]),
        frozenset(data["after_noon"]),
        data["ordinals"],
        data["day_first"],
        tuple(data["zones"]),
        frozenset(data["stamp_words"]),
        _pattern(f"{data['relative']}|{data['numbered_relative']}"),
        _pattern(rf"[\s,:(\[|*_-]*{data['joints']['lead']}"),
        _pattern(rf"[\s,;|]*{data['joints']['between']}\s*"),
        _pattern(data["joints"]["stated"]),
    )


def _notices(data: Mapping[str, Any], article: str) -> NoticeWords:
    labels = tuple((NoticeKind(kind), _pattern(f"(?:{_any(words)})(?!\\w)")) for kind, words in data["labels"].items())
    starts = frozenset(_start(label) for words in data["labels"].values() for label in words)
    starts = frozenset() if "" in starts else starts
    shapes = tuple(
        (None if shape["kind"] == "by-wording" else NoticeKind(shape["kind"]), _pattern(shape["start"], article))
        for shape in data["shapes"]
    )
    firsts = [shape.get("first") for shape in data["shapes"]]
    by_first = {
        word: tuple(shape for shape, first in zip(shapes, firsts, strict=True) if first is None or word in first)
        for word in dict.fromkeys(word for first in firsts for word in first or ())
    }
    always = tuple(shape for shape, first in zip(shapes, firsts, strict=True) if first is None)
    wire = tuple((NoticeKind(kind), _pattern(f"(?:{words})\\b")) for kind, words in data["wire"].items())
    kinds = tuple((NoticeKind(kind), _pattern(words, article)) for kind, words in data["kinds"].items())
    return NoticeWords(
        labels, starts, shapes, by_first, always, wire, kinds, _pattern(data["vague"]["sentence"], article)
    )


def _start(label: str) -> str:
    """The first two letters of what a label's pattern matches, "" where the pattern leaves them open."""
    plain = re.match(r"[a-z][a-z ](?![?*{|])", label)
    return plain.group() if plain and "|" not in re.sub(r"\(.*?\)", "", label) else ""


@functools.cache
def _claims(code: str) -> ClaimWords:
    data, article = _data(code)["claims"], _data(code)["notices"]["article"]
    verbs = rf"(?:(?P<add>{data['added']})|(?P<cut>{data['removed']})|(?P<fix>{data['put_right']}))\b"
    wire = rf"(?:(?P<add>{data['wire_added']})|(?P<cut>{data['wire_removed']})|(?P<fix>{data['wire_put_right']}))\b"
    adverb = rf"(?:(?:{data['adverbs']}) )?"
    return ClaimWords(
        _pattern(rf"\bto {adverb}{verbs}"),
        _pattern(rf"(?:^|(?<=, )|(?<=; )|(?<=and )){wire}"),
        _pattern(data["with_what"]),
        _pattern(rf"{data['joined']}{adverb}{verbs}"),
        _pattern(data["done_removed"]),
        _pattern(data["done_added"]),
        _pattern(data["done_right"]),
        _pattern(data["place"]),
        _pattern(data["empty"], article),
        _pattern(data["wrong"]),
        _pattern(data["goes_on"]),
        tuple(_pattern(pair["pattern"]) for pair in data["pairs"]),
        tuple((Label(label), _pattern(words)) for label, words in data["topics"].items()),
        tuple((Field(field), _pattern(words)) for field, words in data["fields"].items()),
        frozenset(data["words"]["common"]),
    )


@functools.cache
def _speech(code: str) -> SpeechWords:
    data = _data(code)["speech"]
    stance = {verb: name for name, verbs in data["stance"].items() for verb in verbs}
    patterns = {name: _pattern(words) for name, words in data["patterns"].items()}
    return SpeechWords(verbs=_pattern(rf"\b(?:{data['verbs']})\b"), stance=stance, **patterns)


@functools.cache
def _facts(code: str) -> FactWords:
    data = _data(code)["facts"]
    return FactWords(
        decimal_comma=data["decimal_comma"],
        numbers=data["numbers"],
        scales=data["scales"],
        ordinals=data["ordinals"],
        percent=frozenset(data["percent"]),
        currencies=data["currencies"],
        year_leads=frozenset(data["year_leads"]),
        month_leads=frozenset(data["month_leads"]),
        negators=frozenset(data["negators"]),
        negated_end=data["negated_end"],
        not_negating=_pattern(data["not_negating"]),
        hedges=frozenset(data["hedges"]),
        hedge_phrases=_pattern(data["hedge_phrases"]),
        titles=frozenset(data["titles"]),
        not_names=frozenset(data["not_names"]),
        alternate_spelling=_pattern(data["alternate_spelling"]),
        doubles_meant=frozenset(data["doubles_meant"]),
        tolls=_pattern(data["tolls"]),
        inflections=frozenset(data["inflections"]),
        derivations=frozenset(data["derivations"]),
        retracted=_pattern(data["retracted"]),
        retraction_headline=_pattern(data["retraction_headline"]),
    )
