"""Detectors for who says what: denials, answers, comment status, attribution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tracker.annotate import names
from tracker.annotate.worded import SHORT, Slot, Worded, edited, language_of, worded, words
from tracker.model import Annotation, Context, Diff, Label, Op
from tracker.text.sentences import sentences
from tracker.text.wording import Wording, wording

_CLAUSE = re.compile(r"[;()]")
_NEAR = 60  # code points before a speaker in which the words that report him stand
SPELT = 6  # letters; shorter words that differ in one are two words
_OBJECT = 6  # words after "denied" in which its object must show itself


def denial_added(diff: Diff, _: Context) -> Iterable[Annotation]:
    """New text in which somebody denies, disputes or rejects something, or says that it is not so."""
    known = wording(language_of(diff))
    for one in worded(diff):
        if one.new.strip() and not (one.old.strip() and find_denial(one.old, known)):
            found = _in_new_text(one, known, find_denial)
            if found:
                yield Annotation(Label.DENIAL_ADDED, one.change.id, (found,))


def response_added(diff: Diff, _: Context) -> Iterable[Annotation]:
    """New text in which somebody answers: a statement, an e-mail, a spokesman of somebody the article speaks of."""
    known = wording(language_of(diff))
    party = names.names_in((diff.before,), known.language)
    for one in worded(diff):
        if one.new.strip() and not (one.old.strip() and find_response(one.old, known, party)):
            found = _in_new_text(one, known, lambda text, lists: find_response(text, lists, party))
            if found:
                yield Annotation(Label.RESPONSE_ADDED, one.change.id, (found,))


def comment_status_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """ "could not be reached" that came, went, or became "declined to comment"."""
    known = wording(language_of(diff))
    for one in worded(diff):
        old, new = known.speech.no_comment.search(one.old), known.speech.no_comment.search(one.new)
        if one.change.op is Op.MOVED and old and new:
            continue
        said = tuple(match.group() for match in (old, new) if match)
        if said and _status(old, known) != _status(new, known):
            yield Annotation(Label.COMMENT_STATUS_CHANGED, one.change.id, said)


def _status(match: re.Match[str] | None, known: Wording) -> str:
    if match is None:
        return ""
    if known.speech.declined.search(match.group()):
        return "declined"
    return "unreached" if known.speech.unreached.search(match.group()) else "no answer"


def find_denial(text: str, known: Wording) -> str | None:
    """The words that make a sentence a denial, with what is denied; None if it is none."""
    speech = known.speech
    for match in speech.denies.finditer(text):
        if _denies(text, match, known):
            return _quoted(text, match)
    passive = speech.denied_passively.search(text)
    if passive and not _is_undenied(text, passive, known):
        return passive.group()
    for pattern in (speech.rejects, speech.calls_false):
        for match in pattern.finditer(text):
            if not _is_undenied(text, match, known) and _has_speaker(_where_speaker(text, match, known), known):
                return match.group()
    match_false = speech.speaks_false.search(text)
    if match_false and speech.verbs.search(text) and _has_speaker(text, known):
        return match_false.group()
    return None


def _is_undenied(text: str, match: re.Match[str], known: Wording) -> bool:
    """ "never disputed the report", "bestritt das nicht"."""
    speech = known.speech
    after = _CLAUSE.split(text[match.end() :])[0]
    return bool(speech.undenied.search(text[: match.start()]) or speech.undenied_after.search(after))


def _where_speaker(text: str, match: re.Match[str], known: Wording) -> str:
    return text[: match.start()] if known.speech.speaker_first else text


def _denies(text: str, match: re.Match[str], known: Wording) -> bool:
    """Is it somebody's denial, not "was denied entry", "did not deny" or "denied the motion"?"""
    speech = known.speech
    before = text[: match.start()]
    if speech.passive.search(before) or _is_undenied(text, match, known):
        return False
    if speech.speaker_first and not words(_CLAUSE.split(before)[-1]):
        return False  # nobody stands before it
    after = text[match.end() :].removeprefix(" ")
    adverb = speech.adverb.match(after)
    after = after[adverb.end() :] if adverb else after
    if not after or after[0] in '.,;:)"!?':
        return True
    if not (speech.denied_things.match(after) or names.CAPITAL_WORD.match(after)):
        return False
    head = re.split(r"[.,;:]", " ".join(after.split()[:_OBJECT]))[0]
    said = speech.that.search(head)
    return not speech.refused_things.search(head[: said.start()] if said else head)


def _quoted(text: str, match: re.Match[str]) -> str:
    """The verb and a few words after it."""
    return " ".join(text[match.start() :].split()[:_OBJECT]).rstrip(".,;:")


def _has_speaker(text: str, known: Wording) -> bool:
    """Is somebody named, or a role, who could speak?"""
    ordinary = names.ordinary_words(known)
    named = any(word.lower() not in ordinary for word in names.CAPITAL_WORD.findall(text))
    return named or bool(known.speech.roles.search(text))


def find_response(text: str, known: Wording, party: frozenset[str]) -> str | None:
    """The words that make a sentence an answer; a spokesman's "said" counts for parties named in the article."""
    speech = known.speech
    answer = speech.answers.search(text)
    spokes = speech.spokes.search(text)
    verb = speech.verbs.search(text)
    if speech.no_comment.search(text) and not answer:
        return None
    if answer:
        return answer.group()
    if spokes and verb:
        said = {names.bare(word) for word in names.TOKEN.findall(text)}
        if said & party and not speech.emergency.search(text):
            return f"{spokes.group()} ... {verb.group()}" if spokes.start() < verb.start() else spokes.group()
    return None


def _in_new_text(one: Worded, known: Wording, find: Callable[[str, Wording], str | None]) -> str | None:
    """The first sentence with new words in which `find` finds something: its evidence."""
    place = 0
    for sentence in sentences(one.new, known.language):
        end = place + len(sentence)
        fresh = any(slot.new[0] < end and place < slot.new[1] for slot in one.slots)
        if fresh and (found := find(sentence.strip(), known)) and _is_fresh(one, found):
            return found
        place = end
    return None


def _is_fresh(one: Worded, found: str) -> bool:
    """Was some word of the evidence not there before?"""
    old = {word.lower() for word in words(one.old)}
    return any(word.lower() not in old for word in words(found))


def attribution_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Another reporting verb with another stance, another speaker, "according to" that came or went."""
    known = wording(language_of(diff))
    for one in edited(diff):
        found = next(
            (pair for find in (_other_stance, _other_speaker, _other_source) if (pair := find(one, known))), None
        )
        if found:
            yield Annotation(Label.ATTRIBUTION_CHANGED, one.change.id, found)


def _short_slots(one: Worded) -> Iterator[Slot]:
    return (slot for slot in one.slots if one.is_short(slot))


def _other_stance(one: Worded, known: Wording) -> tuple[str, ...] | None:
    """A verb that the writer stands behind in another way; a mood that makes what was said a fact, or the reverse."""
    for rows in (known.speech.stance, known.speech.moods):
        for slot in _short_slots(one):
            old = {verb: rows[verb] for verb in _lower(one.deleted(slot)) if verb in rows}
            new = {verb: rows[verb] for verb in _lower(one.inserted(slot)) if verb in rows}
            if old and new and not set(old.values()) & set(new.values()):
                return next(iter(old)), next(iter(new))
    return None


def _lower(text: str) -> list[str]:
    return [word.lower() for word in words(text)]


def _other_speaker(one: Worded, known: Wording) -> tuple[str, ...] | None:
    """Beside a reporting verb, or after "according to", somebody else is named, or nobody any more."""
    for slot in _short_slots(one):
        old, new = one.deleted(slot).strip(" ,"), one.inserted(slot).strip(" ,")
        unnamed = bool(known.speech.anonymous.search(old)) != bool(known.speech.anonymous.search(new))
        told = unnamed and (known.speech.verbs.search(one.new) or known.speech.according.search(one.new))
        if not (old and new and (told or _beside_speech(one, slot, known))):
            continue
        mine, yours = names.named(one.old, slot.old, known), names.named(one.new, slot.new, known)
        if _speaks(old, mine, known) and _speaks(new, yours, known) and not _same_speaker(old, new, mine, yours):
            return old, new
    return None


def _beside_speech(one: Worded, slot: Slot, known: Wording) -> bool:
    """Does a reporting verb stand right before or after the slot, or "according to"?"""
    before, after = one.new[: slot.new[0]].rstrip(), one.new[slot.new[1] :].strip(" ,")
    return any(
        match.end() >= len(before) or one.new[match.end() : slot.new[0]].strip().lower() in known.facts.determiners
        for pattern in (known.speech.according, known.speech.verbs)
        for match in pattern.finditer(before, max(0, len(before) - _NEAR))
    ) or any(pattern.match(after) for pattern in (known.speech.verbs, known.speech.according))


def _speaks(text: str, named: list[str], known: Wording) -> bool:
    """A name, a role or an unnamed source, and nothing more than that."""
    return len(words(text)) <= SHORT and bool(
        named or known.speech.anonymous.search(text) or known.speech.roles.search(text)
    )


def _same_speaker(old: str, new: str, mine: list[str], yours: list[str]) -> bool:
    """Does one repeat a name of the other, or spell it another way?"""
    if not (mine or yours):
        return any(a == b or _is_spelling(a, b) for a in _lower(old) for b in _lower(new))
    pairs = ((names.bare(a), names.bare(b)) for a in mine for b in yours)
    return any(names.alike(a, b) or a.startswith(b) or b.startswith(a) for a, b in pairs)


def _is_spelling(one: str, other: str) -> bool:
    """ "organisation" and "organization", "centre" and "center": the same word, which no letter makes longer."""
    return len(one) == len(other) >= SPELT and names.spelling_distance(one, other, 1) <= 1


def _other_source(one: Worded, known: Wording) -> tuple[str, ...] | None:
    """ "according to X" put in or taken out; not where "X said" gave way to it or took its place."""
    old, new = known.speech.according.search(one.old), known.speech.according.search(one.new)
    if bool(old) == bool(new):
        return None
    text, match = (one.new, new) if new else (one.old, old)
    side = [slot.new if new else slot.old for slot in one.slots]
    if match is None or not any(start < match.end() and match.start() < end for start, end in side):
        return None
    others = " ".join(one.deleted(slot) if new else one.inserted(slot) for slot in one.slots)
    if known.speech.verbs.search(others):
        return None
    return (" ".join(text[match.start() :].split()[:5]).rstrip(".,"),)
