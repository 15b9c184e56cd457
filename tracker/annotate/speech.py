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
_NAME = re.compile(r"\b[A-Z][\w'-]+")
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
    if passive and not speech.undenied.search(text[: passive.start()]):
        return passive.group()
    for pattern in (speech.rejects, speech.calls_false):
        for match in pattern.finditer(text):
            if not speech.undenied.search(text[: match.start()]) and _has_speaker(text[: match.start()], known):
                return match.group()
    match_false = speech.speaks_false.search(text)
    if match_false and speech.verbs.search(text) and _has_speaker(text, known):
        return match_false.group()
    return None


def _denies(text: str, match: re.Match[str], known: Wording) -> bool:
    """Is it somebody's denial, not "was denied entry", "did not deny" or "denied the motion"?"""
    speech = known.speech
    before = text[: match.start()]
    if speech.passive.search(before) or speech.undenied.search(before) or re.search(r"\bto $", before):
        return False
    if not words(_CLAUSE.split(before)[-1]):
        return False  # nobody stands before it
    after = re.sub(r"^ (?:\w+ly )?", "", text[match.end() :])
    if not after or after[0] in '.,;:)"!?':
        return True
    thing = speech.denied_things.match(after)
    named = _NAME.match(after)
    if not (thing or named):
        return False
    head = re.split(r"[.,;:]|\bthat\b", " ".join(after.split()[:_OBJECT]))[0]
    return not speech.refused_things.search(head)


def _quoted(text: str, match: re.Match[str]) -> str:
    """The verb and a few words after it."""
    return " ".join(text[match.start() :].split()[:_OBJECT]).rstrip(".,;:")


def _has_speaker(text: str, known: Wording) -> bool:
    """Is somebody named, or a role, who could speak?"""
    ordinary = known.facts.not_names
    named = any(match.group().lower() not in ordinary for match in _NAME.finditer(text))
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
    for slot in _short_slots(one):
        old = {verb: known.speech.stance[verb] for verb in _lower(one.deleted(slot)) if verb in known.speech.stance}
        new = {verb: known.speech.stance[verb] for verb in _lower(one.inserted(slot)) if verb in known.speech.stance}
        if old and new and not set(old.values()) & set(new.values()):
            return next(iter(old)), next(iter(new))
    return None


def _lower(text: str) -> list[str]:
    return [word.lower() for word in words(text)]


def _other_speaker(one: Worded, known: Wording) -> tuple[str, ...] | None:
    """Beside a reporting verb, or after "according to", somebody else is named, or nobody any more."""
    for slot in _short_slots(one):
        old, new = one.deleted(slot).strip(" ,"), one.inserted(slot).strip(" ,")
        named = bool(known.speech.anonymous.search(old)) != bool(known.speech.anonymous.search(new))
        told = named and (known.speech.verbs.search(one.new) or known.speech.according.search(one.new))
        if not (old and new and (told or _beside_speech(one, slot, known))):
            continue
        if _speaks(old, known) and _speaks(new, known) and not _same_speaker(old, new):
            return old, new
    return None


def _beside_speech(one: Worded, slot: Slot, known: Wording) -> bool:
    before, after = one.new[: slot.new[0]], one.new[slot.new[1] :]
    last, first = " ".join(before.split()[-2:]), " ".join(after.split()[:2])
    return bool(
        known.speech.according.search(last)
        or re.fullmatch(known.speech.verbs.pattern + r"[,.]?", first.split(" ")[0] if first else "", re.IGNORECASE)
        or re.fullmatch(known.speech.verbs.pattern, last.split(" ")[-1] if last else "", re.IGNORECASE)
    )


def _speaks(text: str, known: Wording) -> bool:
    """A name, a role or an unnamed source, and nothing more than that."""
    named = [word for word in _NAME.findall(text) if word.lower() not in known.facts.not_names]
    return len(words(text)) <= SHORT and bool(
        named or known.speech.anonymous.search(text) or known.speech.roles.search(text)
    )


def _same_speaker(old: str, new: str) -> bool:
    """Does one repeat a name of the other, or spell it another way?"""
    mine = [names.bare(word) for word in _NAME.findall(old)]
    yours = [names.bare(word) for word in _NAME.findall(new)]
    if not (mine or yours):
        return set(_lower(old)) & set(_lower(new)) != set()
    return any(names.alike(a, b) for a in mine for b in yours)


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
