"""What a notice says was done: cut into claims, and each claim read for what can be looked for among the changes."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.annotate import names
from tracker.annotate.facts import negations
from tracker.annotate.values import NOTHING_TOLD, Told, values_in
from tracker.model import Field, Label, NoticeKind
from tracker.text.sentences import sentences
from tracker.text.wording import CAPITAL, Moment, Wording, amount, is_vague, moments, plain, value_of, wording

_WORD = re.compile(r"(?P<digits>\d+(?:[.,:]\d+)*)(?P<tail>\w*)|[^\W\d_]+(?:['.-][^\W\d_]+)*")
_SPACED = re.compile(_WORD.pattern.replace(r"\d+(", r"(?:\d{1,3}(?: \d{3})+(?!\d)|\d+)(", 1))
_SCALE = re.compile(r"[ -]([^\W\d_]+)\b")
_FULL_NAME = re.compile(rf"(?<=\w )[{CAPITAL}][\w'-]*\.?(?: [{CAPITAL}][\w'-]+)+")
_LETTERS = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[:;,()\[\]|]")
_EDGES = " \t\n.,;:()[]*_"
_CLAIMING = frozenset({NoticeKind.CORRECTION, NoticeKind.CLARIFICATION, NoticeKind.UPDATE, NoticeKind.REFILE})
_NOUNS_TAIL = 3  # words before ", not 1781" that can be what is right


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that ties a claim to a change: lower case, numbers in digits, without endings that grammar asks for."""

    word: str
    name: bool
    number: bool


@dataclass(frozen=True, slots=True)
class Hints:
    """What to look for: words that went (`old`), that came (`new`), that stand near (`about`); labels and fields.

    `values` are its numbers and dates; `either_way`: by its sentence alone each of the two could be the right one.
    `was_negated`: of "it would not; it would" and its reverse, which was wrong; None where the claim says neither.
    `people` are those whom it gives by full name. `cut`: it says that something was taken out.
    """

    old: tuple[Mark, ...]
    new: tuple[Mark, ...]
    about: tuple[Mark, ...]
    labels: frozenset[Label]
    fields: frozenset[Field]
    values: Told = NOTHING_TOLD
    either_way: bool = False
    was_negated: bool | None = None
    people: tuple[tuple[Mark, ...], ...] = ()
    cut: bool = False

    @property
    def all(self) -> tuple[Mark, ...]:
        return tuple(dict.fromkeys(self.old + self.new + self.about))


def claim_texts(says: str, kind: NoticeKind, language: str | None) -> tuple[str, ...]:
    """The claims of a note, each in the note's own words; none in a note that is vague."""
    known = wording(language)
    found: list[str] = []
    wrong = False  # the claim before names what was wrong, and the next sentence may say what is right
    for sentence in sentences(says, known.language):
        text = sentence.strip(_EDGES + "\"'")
        said = plain(text)
        if not _WORD.search(said) or _is_empty(said, known) or is_vague(text, language):
            continue
        parts = _purposes(text, said, known) or _wire(text, said, known)
        if parts:
            found += _by_contrast(parts, known)
            wrong = False
        elif known.claims.wrong.search(said):
            found += _by_contrast(_mistakes(text, said, known), known)
            wrong = True
        elif found and wrong and known.claims.goes_on.search(said):
            first, *others = _by_contrast([text], known)
            found[-1] = f"{found[-1]}. {first}"
            found += others
        elif kind in _CLAIMING or _says_done(said, known):
            found += _by_contrast([text], known)
            wrong = False
    return tuple(found)


def _by_contrast(parts: Iterable[str], known: Wording) -> list[str]:
    """ "There are 130, not 310, and it was bought in 2016, not 2018": one claim each, where the border of two clauses
    stands between what both say of wrong and right."""
    found = []
    for part in parts:
        said, start = plain(part), 0
        for border in known.claims.clause.finditer(said):
            if contrasts(said[start : border.start()], known) and contrasts(said[border.end() :], known):
                found.append(part[start : border.start()].strip(_EDGES))
                start = border.end()
        found.append(part[start:].strip(_EDGES))
    return found


def contrasts(said: str, known: Wording) -> list[tuple[str, str]]:
    """What it sets against each other as right and wrong: "21, not 12"."""
    found = [match for pattern in known.claims.pairs for match in _both(pattern, said)]
    return [(match["new"], match["old"]) for match in found if match["old"] and match["new"]]


def _mistakes(text: str, said: str, known: Wording) -> list[str]:
    """ "It misspelled her name and misstated his age": one claim a mistake, where each says what it was."""
    borders = list(known.claims.and_wrong.finditer(said))
    starts, ends = [0, *(border.end() for border in borders)], [*(border.start() for border in borders), len(text)]
    parts = [text[start:end].strip(_EDGES) for start, end in zip(starts, ends, strict=True)]
    told = all(_has_topic(part, known) or marks(part, known) for part in map(plain, parts))
    return parts if told and known.claims.wrong.search(plain(parts[0])) else [text]


def _is_empty(said: str, known: Wording) -> bool:
    """Regrets, policy, "it has been corrected": nothing to look for. A headline that has been changed is something."""
    return bool(known.claims.empty.search(said)) and not any(field.search(said) for _, field in known.claims.fields)


def _says_done(said: str, known: Wording) -> bool:
    done = (known.claims.done_removed, known.claims.done_added, known.claims.done_right)
    return any(pattern.search(said) for pattern in done)


def _purposes(text: str, said: str, known: Wording) -> list[str]:
    """ "to add X and to identify Y": one claim a verb; what was done to the headline is one whole."""
    first = known.claims.purpose.search(said)
    if first and any(field.search(said, 0, first.start()) for _, field in known.claims.fields):
        return [text]
    if first is None:
        given = known.claims.with_what.search(said)
        if given is None:
            return []
        what = given.start("what") if "what" in given.groupdict() else given.end()
        return [text[what:].strip(_EDGES)]
    starts = [first.start(_verb(first))]
    starts += [match.start(_verb(match)) for match in known.claims.joined.finditer(said, first.end())]
    ends = [*starts[1:], len(text)]
    parts = [known.claims.loose.sub("", text[start:end]).strip(_EDGES) for start, end in zip(starts, ends, strict=True)]
    if _has_topic(said[: first.start()], known) and not any(_has_topic(p, known) or _telling(p, known) for p in parts):
        return [text]  # "X has denied it, and the story has been updated to say so"
    return parts


def _has_topic(said: str, known: Wording) -> bool:
    return any(topic.search(said) for _, topic in known.claims.topics)


def _telling(part: str, known: Wording) -> bool:
    """Is there more in a purpose than its verb?"""
    return len(marks(plain(part), known)) > 1


def _verb(match: re.Match[str]) -> str:
    return next(name for name in ("add", "cut", "fix") if match[name])


def _wire(text: str, said: str, known: Wording) -> list[str]:
    """ "Corrects month to June, instead of July; adds quote"."""
    first = known.claims.wire.match(said)
    if first is None:
        return []
    starts = [match.start() for match in known.claims.wire.finditer(said)]
    ends = [*starts[1:], len(text)]
    return [known.claims.loose.sub("", text[start:end]).strip(_EDGES) for start, end in zip(starts, ends, strict=True)]


def read_claim(text: str, language: str | None) -> Hints:
    """A claim's words sorted by what they ask for."""
    known = wording(language)
    said = _unstamped(plain(text), known)
    told = known.claims.place.sub(" ", said)
    verb = known.claims.verb.match(told) or known.claims.wire.match(told)
    told = told[verb.end() :] if verb else told
    way = _way(said, verb, known)
    told = known.claims.done_removed.sub(" ", told) if way == "cut" else told  # "were cut" names nothing that was
    old, new = ((), ()) if way == "cut" else _pairs(told, known)
    rest = tuple(mark for mark in marks(told, known) if mark not in old and mark not in new)
    if way == "cut":
        rest = tuple(mark for mark in rest if not (mark.number and len(mark.word) < 2))  # of "two passages were cut"
    if not (old or new):
        old, new, rest = ((), rest, ()) if way == "add" else (rest, (), ()) if way == "cut" else ((), (), rest)
    return Hints(
        old,
        new,
        rest,
        frozenset(label for label, pattern in known.claims.topics if pattern.search(said)),
        _fields(said, known),
        _values(told, way, known),
        _either_way(said, known, verb),
        _was_negated(said, known),
        tuple(marks(" ".join(_untitled(match.group(), known)), known) for match in _FULL_NAME.finditer(said)),
        way == "cut",
    )


def _fields(said: str, known: Wording) -> frozenset[Field]:
    """The fields that a claim names, none where it names a paragraph as well: "in headline and first paragraph"."""
    if known.claims.place.search(said):
        return frozenset()
    return frozenset(field for field, pattern in known.claims.fields if pattern.search(said))


def _unstamped(said: str, known: Wording) -> str:
    """A claim without the day on which the note was made: "amended on 3 May 2024 because it said" tells of no 3."""
    for stamp in reversed(stamps(said, known)):
        said = f"{said[: stamp.start]}{said[stamp.end :]}"
    return said


def stamps(said: str, known: Wording) -> tuple[Moment, ...]:
    """When a note says that the article was changed: the moments right after "updated", "amended on" and the like.

    What else was changed on a day ("the law was amended on 3 May") dates no note.
    """
    found = moments(said, known.language)
    leads: set[int] = set()
    place = 0
    for sentence in sentences(said, known.language) if found else ():
        matches = known.times.stated.finditer(sentence)
        leads |= {place + match.end() for match in matches if _is_of_the_article(sentence, match, known)}
        place += len(sentence)
    return tuple(moment for moment in found if moment.start in leads)


def _is_of_the_article(sentence: str, match: re.Match[str], known: Wording) -> bool:
    """Is it the article that was changed: is that named before, or nothing at all, or is it all that is said?"""
    before = _CLAUSE.split(sentence[: match.start()])[-1]
    alone = known.times.stamp_words.issuperset(_LETTERS.findall(before.lower()))
    return (
        alone
        or known.notices.article.search(sentence, 0, match.end()) is not None
        or _is_empty(sentence.strip(_EDGES), known)
    )


def _untitled(name: str, known: Wording) -> list[str]:
    return [word for word in name.split() if word.lower().rstrip(".") not in known.facts.titles]


def _was_negated(said: str, known: Wording) -> bool | None:
    first, *rest = sentences(said, known.language) or ("",)
    if not rest or not known.claims.wrong.search(first):
        return None
    old, new = (negations(text, known) % 2 == 1 for text in (first, "".join(rest)))
    return old if old is not new else None


def _either_way(said: str, known: Wording, verb: re.Match[str] | None) -> bool:
    """ "It wrongly said 12 rather than 21": in a sentence on what was wrong, the first of the two is the wrong one.

    "We wrote 12 instead of 21" does not say that it is such a sentence, unlike "corrects 12 to 21".
    """
    wrong = (known.claims.wrong,) if verb else (known.claims.wrong, known.claims.either)
    return any(
        any(pattern.search(sentence) for pattern in wrong) and contrasts(sentence, known)
        for sentence in sentences(said, known.language)
    )


def _both(pattern: re.Pattern[str], said: str) -> list[re.Match[str]]:
    return [match for match in pattern.finditer(said) if {"old", "new"} <= match.groupdict().keys()]


def _values(said: str, way: str, known: Wording) -> Told:
    """The numbers and dates of a claim, as what was wrong, what is right, or neither."""
    found = values_in(said, known)
    if not found or way == "cut":
        return Told(old=found)
    old: list[tuple[int, int]] = []
    new: list[tuple[int, int]] = []
    for pattern in known.claims.pairs:
        for match in pattern.finditer(said):
            spans = {name: match.span(name) for name, text in match.groupdict().items() if text}
            if "old" in spans and not old:
                old.append(spans["old"])
                new += [spans["new"]] if "new" in spans and not new else []
            elif "new" in spans and "old" not in spans and not new:
                new.append(spans["new"])
    first = sentences(said, known.language)[0]
    if known.claims.wrong.search(first):
        new.append((len(first), len(said)))  # what follows a sentence on what was wrong says what is right
    elif way == "add" and not old and not new:
        new.append((0, len(said)))
    went = tuple(item for item in found if _within(item.start, item.end, old))
    came = tuple(item for item in found if item not in went and _within(item.start, item.end, new))
    return Told(went, came, tuple(item for item in found if item not in went and item not in came))


def _within(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)


def _way(said: str, verb: re.Match[str] | None, known: Wording) -> str:
    """Was something put in (add), taken out (cut) or put right (fix)? "" where the claim does not say."""
    if verb:
        return _verb(verb)
    if known.claims.done_removed.search(said):
        return "cut"
    return "add" if known.claims.given.match(said) or known.claims.done_added.search(said) else ""


def _pairs(said: str, known: Wording) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """What was wrong and what is right, from the first pattern that finds each."""
    old: tuple[Mark, ...] = ()
    new: tuple[Mark, ...] = ()
    for pattern in known.claims.pairs:
        for match in pattern.finditer(said):
            groups = match.groupdict()
            if not old and groups.get("old"):
                old = marks(groups["old"], known)
                if groups.get("new") and not new:
                    new = _same_sort(marks(groups["new"], known), old)
            elif not new and groups.get("new") and not groups.get("old"):
                new = tuple(mark for mark in marks(groups["new"], known) if mark not in old)
    return old, tuple(mark for mark in new if mark not in old)


def _same_sort(found: tuple[Mark, ...], like: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Of the words before ", not 1781" the ones that can stand for it: numbers for numbers, names for names."""
    if any(mark.number for mark in like):
        return tuple(mark for mark in found if mark.number)[-2:]
    if any(mark.name for mark in like):
        named = tuple(mark for mark in found if mark.name)
        return named[-_NOUNS_TAIL:]
    return found[-_NOUNS_TAIL:]


def marks(text: str, known: Wording) -> tuple[Mark, ...]:
    """The words of a plain text that can tie it to another, each once."""
    return _marks(text, known.language)


@functools.lru_cache(maxsize=1024)  # a block is asked about once for each claim, and again for how rare its words are
def _marks(text: str, language: str) -> tuple[Mark, ...]:
    known = wording(language)
    found: dict[str, Mark] = {}
    for match in (_SPACED if " " in known.facts.groups else _WORD).finditer(text):
        if match["digits"]:
            word = _number(match, text, known)
            found.setdefault(word, Mark(word, name=False, number=True))
            continue
        raw = names.bare(match.group())
        word = raw.lower()
        value = value_of(word, language)
        number = value is not None
        if word in known.claims.common and not (raw[0].isupper() and word not in known.facts.not_names and number):
            continue
        word = stem(word, language) if value is None else str(value)
        is_name = raw[0].isupper() and not (
            known.facts.nouns_capital and names.is_noun(text, match.start(), raw, known)
        )
        found.setdefault(word, Mark(word, is_name, number))
    return tuple(found.values())


def _number(match: re.Match[str], text: str, known: Wording) -> str:
    """A number in digits by what it is worth, where a scale follows it: 14m and 14 million are one."""
    digits, tail = match["digits"], match["tail"].lower()
    value = None if ":" in digits else amount(digits, known.language)
    if value is None:
        return digits + tail
    after = _SCALE.match(text, match.end())
    scale = tail or (after[1].lower() if after and len(after[1]) > 1 else "")
    if scale not in known.facts.scales:
        return f"{value:f}{tail}"
    return f"{(value * known.facts.scales[scale]).normalize():f}"


@functools.lru_cache(maxsize=8192)
def stem(word: str, language: str) -> str:
    """A word without the endings of number, case and tense, roughly; the same way on both sides."""
    for ending in wording(language).claims.endings:
        if len(word) > len(ending) + 3 and word.endswith(ending) and word.isalpha():
            return word[: -len(ending)]
    return word
