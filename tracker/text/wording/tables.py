"""The tables of a language: what its word lists and patterns are for. `words` makes them from a TOML file.

A pattern that a language does not give never matches, and a list that it does not give is empty: what they are for is
then not found in that language, and nothing else suffers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.model import Field, Label, NoticeKind

Shape = tuple[NoticeKind | None, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class TimeWords:
    """What dates, times and bare stamps are made of. `months` and `weekdays` map every written form to a number from 1.

    `running_days` are the weekdays that are one in any sentence ("Sat" is none); `capital` says that months and
    weekdays bear a capital. `clock_words` follow a time ("Uhr"), `clock_leads` stand before it ("ore"), `of` inside a
    date ("3 de mayo de 2019"), `clock_joint` between a date and a time. `lead` stands between a label and its stamp,
    `between` between two stamps, `stated` before a stamp in a sentence.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    running_days: frozenset[str]
    capital: bool
    before_noon: frozenset[str]
    after_noon: frozenset[str]
    clock_words: frozenset[str]
    clock_leads: frozenset[str]
    clock_joint: str
    of: str
    ordinals: str
    day_first: bool
    month_first: bool
    zones: tuple[str, ...]
    stamp_words: frozenset[str]
    relative: re.Pattern[str]
    lead: re.Pattern[str]
    between: re.Pattern[str]
    stated: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """How a publisher's note opens, and what its own words make it.

    `article` is what an article and its parts are called. A shape's kind is None where `kinds` settles it. `labels`,
    `shapes`, `wire` and `vague` are for `match`. `label_joint` stands between two labels that are one ("Update and
    correction"). `lead_ins` are words before a colon ("Note:") that make a note only of what opens as one without them,
    or of `after_lead_in`. `regret` is the last sentence of a note that says before what was wrong. Quick looks before
    the patterns: `label_starts` are the first two letters of all labels, empty where the list does not tell;
    `shapes_by_first` are the shapes that can match a text by its first word, `open_shapes` those for all other words.
    """

    article: re.Pattern[str]
    labels: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    label_starts: frozenset[str]
    label_joint: re.Pattern[str]
    lead_ins: re.Pattern[str]
    after_lead_in: re.Pattern[str]
    regret: re.Pattern[str]
    shapes: tuple[Shape, ...]
    shapes_by_first: Mapping[str, tuple[Shape, ...]]
    open_shapes: tuple[Shape, ...]
    wire: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    kinds: tuple[tuple[NoticeKind, re.Pattern[str]], ...]
    vague: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """How a note says what was done.

    `purpose` finds "to include" and `verb` "include" where a claim starts with it; `wire` finds "Corrects" at a start,
    `with_what` "updated with", `given` a claim that starts with what was put in; `joined` is the border between two
    purposes, `clause` that between two clauses of a story. The verb is the group add, cut or fix; the `done_` patterns
    say the same as "has been deleted". `loose` words fall off the end of a claim. `place` is where in the article,
    which says nothing of what. `and_wrong` is the border between two mistakes of one sentence, `either` a word by which
    the first of two values can be the wrong one as well as the right one. `pairs` have the groups old and new. `common`
    words tie a claim to nothing; `endings` are cut off a word before it is compared.
    """

    purpose: re.Pattern[str]
    verb: re.Pattern[str]
    wire: re.Pattern[str]
    with_what: re.Pattern[str]
    given: re.Pattern[str]
    joined: re.Pattern[str]
    clause: re.Pattern[str]
    loose: re.Pattern[str]
    done_removed: re.Pattern[str]
    done_added: re.Pattern[str]
    done_right: re.Pattern[str]
    place: re.Pattern[str]
    empty: re.Pattern[str]
    wrong: re.Pattern[str]
    and_wrong: re.Pattern[str]
    either: re.Pattern[str]
    goes_on: re.Pattern[str]
    pairs: tuple[re.Pattern[str], ...]
    topics: tuple[tuple[Label, re.Pattern[str]], ...]
    fields: tuple[tuple[Field, re.Pattern[str]], ...]
    common: frozenset[str]
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """How speech, answers and denials are reported.

    `stance` says how far a writer stands behind a reporting verb; `moods` which forms of a verb state a fact and which
    report what somebody says ("ist", "sei"). A denial is `denies` before something that can be denied, or one of the
    whole patterns `rejects` and `calls_false`; `undenied` before it, or `undenied_after` in its clause, makes it none.
    `speaker_first` says that who denies stands before these; `adverb` may stand between a verb and its object, and
    `that` opens what is said.
    """

    verbs: re.Pattern[str]
    stance: Mapping[str, str]
    moods: Mapping[str, str]
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
    undenied_after: re.Pattern[str]
    rejects: re.Pattern[str]
    speaks_false: re.Pattern[str]
    calls_false: re.Pattern[str]
    speaker_first: bool
    adverb: re.Pattern[str]
    that: re.Pattern[str]
    roles: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class FactWords:
    """Numbers, years, names, negations, hedges: what the facts of a sentence are made of.

    `numbers` are spelt-out numbers that stand alone, `parts` those that only stand inside a compound ("einundzwanzig");
    `compound` is "units-first", "tens-first", or "" where numbers are not written as one word, with `joints` inside it.
    `tens_joint` and `hundreds_joint` stand between words of one number ("treinta y uno", "two hundred and five").

    Where `nouns_capital` says that every noun bears a capital, a name is a word with one that is not in `nouns`, has
    none of `noun_endings`, and stands alone: none of `determiners` before it, but for words with `adjective_endings`.
    One with `weak_endings` is a name only beside another name, or if `known_names` lists it.
    """

    decimal_comma: bool
    groups: str
    numbers: Mapping[str, int]
    parts: Mapping[str, int]
    compound: str
    joints: tuple[str, ...]
    tens_joint: str
    hundreds_joint: str
    scales: Mapping[str, int]
    ordinals: Mapping[str, int]
    ordinal_endings: tuple[str, ...]
    percent: frozenset[str]
    currencies: Mapping[str, str]
    currency_link: str
    year_leads: frozenset[str]
    bare_years: bool
    month_leads: frozenset[str]
    negators: frozenset[str]
    negation_goes_on: frozenset[str]
    negated_end: str
    not_negating: re.Pattern[str]
    hedges: frozenset[str]
    hedge_phrases: re.Pattern[str]
    titles: frozenset[str]
    not_names: frozenset[str]
    nouns_capital: bool
    determiners: frozenset[str]
    nouns: frozenset[str]
    noun_endings: tuple[str, ...]
    weak_endings: tuple[str, ...]
    adjective_endings: tuple[str, ...]
    known_names: frozenset[str]
    inflections: frozenset[str]
    derivations: frozenset[str]
    alternate_spelling: re.Pattern[str]
    doubles_meant: frozenset[str]
    tolls: re.Pattern[str]
    retracted: re.Pattern[str]
    retraction_headline: re.Pattern[str]
