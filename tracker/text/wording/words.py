"""The word lists of a language, read once from its TOML file and made into patterns.

All patterns ignore case and are meant for text with plain quotes, dashes and spaces (`plain`). docs/languages.md says
what each key of a file is for; all but the months may be left out.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

from tracker.model import Field, Label, NoticeKind
from tracker.text.wording.tables import ClaimWords, FactWords, NoticeWords, SpeechWords, TimeWords

FALLBACK = "en"
CAPITAL = "A-ZÀ-ÖØ-Þ" + "".join(letter for letter in map(chr, range(0x100, 0x180)) if letter.isupper()) + "ȘȚẞ"
NEVER = "(?!)"  # the pattern of what a language does not give
_SPEECH = tuple(name for name in SpeechWords.__slots__ if name not in ("verbs", "stance", "moods", "speaker_first"))


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
    return _load(code if code in languages() else FALLBACK)


@functools.cache
def languages() -> frozenset[str]:
    """The codes of the languages that have a file."""
    files = resources.files(__package__).iterdir()
    return frozenset(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


@functools.lru_cache(maxsize=64)
def abbreviations(language: str) -> frozenset[str]:
    """Words that with a full stop after them end no sentence, letter for letter: "M", "Mme", "Sra"; none by default."""
    return frozenset(_data(language).get("abbreviations", ())) if language in languages() else frozenset()


@functools.cache
def _load(code: str) -> Wording:
    data = _data(code)
    ands = data.get("claims", {}).get("ands", ())
    return Wording(code, _times(data["times"]), _notices(data.get("notices", {}), ands))


@functools.cache
def _data(code: str) -> Mapping[str, Any]:
    data = tomllib.loads(resources.files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8"))
    for name in data.get("fragments", {}):  # one may stand in those after it
        data = _filled(data, f"{{{name}}}", data["fragments"][name])
    return data


def _filled(data: Any, mark: str, fragment: str) -> Any:
    """The same data with a named fragment of patterns put in wherever its mark stands."""
    if isinstance(data, str):
        return data.replace(mark, fragment)
    if isinstance(data, dict):
        return {key: _filled(value, mark, fragment) for key, value in data.items()}
    return [_filled(value, mark, fragment) for value in data] if isinstance(data, list) else data


class _Pattern:
    """A pattern that is compiled when it is first asked for something: a page asks few of all those of its language."""

    def __init__(self, text: str) -> None:
        self.pattern = text

    def __getattr__(self, name: str) -> Any:  # asked only for what is not there yet
        compiled = re.compile(self.pattern, re.IGNORECASE)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "sub"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def _pattern(text: str, article: str = NEVER) -> re.Pattern[str]:
    return cast("re.Pattern[str]", _Pattern(text.replace("{article}", article) or NEVER))


def any_of(words: Iterable[str]) -> str:
    """An alternation, longest first, so that no word hides a longer one; of no words one that never matches."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word))) or NEVER


def _times(data: Mapping[str, Any]) -> TimeWords:
    months = {name: number for number, name in enumerate(data["months"], 1)}
    months |= {name: number for number, name in enumerate(data.get("short_months", ()), 1)}
    full = {name: number for number, name in enumerate(data.get("weekdays", ()), 1)} | data.get("other_weekdays", {})
    joints = data.get("joints", {})
    relative = (data.get("relative", ""), data.get("numbered_relative", ""))
    return TimeWords(
        months=months | data.get("other_months", {}),
        weekdays=data.get("short_weekdays", {}) | full,
        running_days=frozenset(full),
        capital=data.get("capital", False),
        before_noon=frozenset(data.get("before_noon", ())),
        after_noon=frozenset(data.get("after_noon", ())),
        clock_words=frozenset(data.get("clock_words", ())),
        clock_leads=frozenset(data.get("clock_leads", ())),
        clock_joint=joints.get("clock", NEVER),
        of=data.get("of", NEVER),
        ordinals=data.get("ordinals", NEVER),
        day_first=data.get("day_first", True),
        month_first=data.get("month_first", False),
        zones=tuple(data.get("zones", ())),
        stamp_words=frozenset(data.get("stamp_words", ())),
        relative=_pattern("|".join(filter(None, relative))),
        lead=_pattern(rf"[\s,:(\[|*_-]*(?:{joints.get('lead', '')})(?:(?:{any_of(full)}),? (?=\d))?"),
        between=_pattern(rf"[\s,;|]*(?:{joints.get('between', '')})\s*"),
        stated=_pattern(joints.get("stated", "")),
    )


def _notices(data: Mapping[str, Any], ands: Iterable[str] = ()) -> NoticeWords:
    article = data.get("article", NEVER)
    listed = data.get("labels", {})
    labels = tuple((NoticeKind(kind), _pattern(f"(?:{any_of(words)})(?!\\w)")) for kind, words in listed.items())
    starts = frozenset(_start(label) for words in listed.values() for label in words)
    shaped = data.get("shapes", ())
    shapes = tuple(
        (None if shape["kind"] == "by-wording" else NoticeKind(shape["kind"]), _pattern(shape["start"], article))
        for shape in shaped
    )
    firsts = [shape.get("first") for shape in shaped]
    by_first = {
        word: tuple(shape for shape, first in zip(shapes, firsts, strict=True) if first is None or word in first)
        for word in dict.fromkeys(word for first in firsts for word in first or ())
    }
    return NoticeWords(
        article=_pattern(rf"\b(?:{article})\b"),
        labels=labels,
        label_starts=frozenset() if "" in starts else starts,
        label_joint=_pattern(rf" ?[&/+] ?| (?:{any_of(ands)}) "),
        lead_ins=_pattern(rf"(?:{any_of(data.get('lead_ins', ()))})(?!\w)"),
        after_lead_in=_pattern(data.get("after_lead_in", ""), article),
        regret=_pattern(rf"[.!?] (?:{data.get('regret', NEVER)})\b[^.!?,\"]{{0,60}}[.!]?$"),
        shapes=shapes,
        shapes_by_first=by_first,
        open_shapes=tuple(shape for shape, first in zip(shapes, firsts, strict=True) if first is None),
        wire=tuple((NoticeKind(kind), _pattern(f"(?:{words})\\b")) for kind, words in data.get("wire", {}).items()),
        kinds=tuple((NoticeKind(kind), _pattern(words, article)) for kind, words in data.get("kinds", {}).items()),
        vague=_pattern(data.get("vague", {}).get("sentence", ""), article),
    )


def _start(label: str) -> str:
    """The first two letters of what a label's pattern matches, "" where the pattern leaves them open."""
    plain = re.match(r"[^\W\d_A-Z](?:[^\W\d_A-Z]| )(?![?*{|])", label)
    return plain.group() if plain and "|" not in re.sub(r"\(.*?\)", "", label) else ""


@functools.cache
def _claims(code: str) -> ClaimWords:
    data, article = _data(code).get("claims", {}), _data(code).get("notices", {}).get("article", NEVER)

    def pattern(key: str) -> re.Pattern[str]:
        return _pattern(data.get(key, ""), article)

    def verbs(added: str, removed: str, put_right: str) -> str:
        add, cut, fix = (data.get(key, NEVER) for key in (added, removed, put_right))
        return rf"(?:(?P<add>{add})|(?P<cut>{cut})|(?P<fix>{fix}))\b"

    adverb = rf"(?:(?:{data.get('adverbs', NEVER)}) )?"
    verb = adverb + verbs("added", "removed", "put_right")
    begins = "|".join(["^", "(?<=[,;] )", *(f"(?<={re.escape(word)} )" for word in data.get("ands", ()))])
    loose = any_of([*data.get("ands", ()), *data.get("loose", ())])
    words, wrong = data.get("words", {}), data.get("wrong", NEVER)
    return ClaimWords(
        purpose=_pattern(rf"{data.get('to', NEVER)}{verb}"),
        verb=_pattern(verb),
        wire=_pattern(f"(?:{begins}){verbs('wire_added', 'wire_removed', 'wire_put_right')}"),
        with_what=pattern("with_what"),
        given=pattern("given"),
        joined=_pattern(f"{data.get('joined', NEVER)}{verb}"),
        clause=_pattern(
            rf"[,;:.](?!\d)(?: (?:{any_of(data.get('ands', ()))})(?= ))?| (?:{any_of(data.get('ands', ()))}) "
        ),
        loose=_pattern(rf"(?:[\s,;]|\b(?:{loose})\b)+$"),
        done_removed=pattern("done_removed"),
        done_added=pattern("done_added"),
        done_right=pattern("done_right"),
        place=pattern("place"),
        empty=pattern("empty"),
        wrong=pattern("wrong"),
        and_wrong=_pattern(rf"(?:,|,? (?:{any_of(data.get('ands', ()))}))(?: (?:{loose}))* (?={wrong})", article),
        either=pattern("either"),
        goes_on=pattern("goes_on"),
        pairs=tuple(_pattern(pair["pattern"], article) for pair in data.get("pairs", ())),
        topics=tuple((Label(label), _pattern(topic)) for label, topic in data.get("topics", {}).items()),
        fields=tuple((Field(field), _pattern(place)) for field, place in data.get("fields", {}).items()),
        common=frozenset(words.get("common", ())),
        endings=tuple(sorted(words.get("endings", ()), key=lambda ending: (-len(ending), ending))),
    )


@functools.cache
def _speech(code: str) -> SpeechWords:
    data = _data(code).get("speech", {})
    rows = {key: {w: name for name, ws in data.get(key, {}).items() for w in ws} for key in ("stance", "moods")}
    given = data.get("patterns", {})
    return SpeechWords(
        verbs=_pattern(rf"\b(?:{data.get('verbs', NEVER)})\b"),
        stance=rows["stance"],
        moods=rows["moods"],
        speaker_first=data.get("speaker_first", True),
        **{name: _pattern(given.get(name, "")) for name in _SPEECH},
    )


@functools.cache
def _facts(code: str) -> FactWords:
    data = _data(code).get("facts", {})
    comma = data.get("decimal_comma", False)

    def pattern(key: str) -> re.Pattern[str]:
        return _pattern(data.get(key, ""))

    def words(key: str) -> frozenset[str]:
        return frozenset(data.get(key, ()))

    return FactWords(
        decimal_comma=comma,
        groups=data.get("groups", "." if comma else ","),
        numbers=data.get("numbers", {}),
        parts=data.get("parts", {}),
        compound=data.get("compound", ""),
        joints=tuple(data.get("joints", ())),
        tens_joint=data.get("tens_joint", NEVER),
        hundreds_joint=data.get("hundreds_joint", NEVER),
        scales=data.get("scales", {}),
        ordinals=data.get("ordinals", {}),
        ordinal_endings=tuple(data.get("ordinal_endings", ())),
        percent=words("percent"),
        currencies=data.get("currencies", {}),
        currency_link=data.get("currency_link", NEVER),
        year_leads=words("year_leads"),
        bare_years=data.get("bare_years", False),
        month_leads=words("month_leads"),
        negators=words("negators"),
        negation_goes_on=words("negation_goes_on"),
        negated_end=data.get("negated_end", ""),
        not_negating=pattern("not_negating"),
        hedges=words("hedges"),
        hedge_phrases=pattern("hedge_phrases"),
        titles=words("titles"),
        not_names=words("not_names"),
        nouns_capital=data.get("nouns_capital", False),
        determiners=words("determiners"),
        nouns=words("nouns"),
        noun_endings=tuple(data.get("noun_endings", ())),
        weak_endings=tuple(data.get("weak_endings", ())),
        adjective_endings=tuple(data.get("adjective_endings", ())),
        known_names=words("known_names"),
        inflections=words("inflections"),
        derivations=words("derivations"),
        alternate_spelling=pattern("alternate_spelling"),
        doubles_meant=words("doubles_meant"),
        tolls=pattern("tolls"),
        retracted=pattern("retracted"),
        retraction_headline=pattern("retraction_headline"),
    )
