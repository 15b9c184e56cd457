"""Which change each claim of a notice speaks of.

Every change is scored against every claim: what went is in the deleted text, what came in the inserted text, rare
words are shared, the kind and the field agree. A claim may mean several changes. All ties are broken by order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tracker.annotate.claims import Hints, Mark, contrasts, marks
from tracker.annotate.evidence import NUMBERED, Evidence, Rarity, words_of
from tracker.annotate.names import alike
from tracker.annotate.speech import find_denial, find_response
from tracker.annotate.values import (
    Stance,
    is_counted,
    is_exact,
    stance,
)
from tracker.annotate.worded import Item, both_texts, notice_places, view, words
from tracker.model import Document, Field, Label, Op
from tracker.text.sentences import sentences
from tracker.text.wording import Wording, plain

ENOUGH = 0.5  # the score from which a claim speaks of a change
SURE = 0.9  # the same for a note that was already there: it was written about something else first
NEAR = 0.6  # of the best score of a claim; what scores less is not meant by it
KIND, AROUND = 0.4, 0.3  # what the right kind, and the right surroundings, are worth
LOCAL = 4  # blocks, old and new versions together: a word of so few tells of which place a claim speaks
_ANSWERS = frozenset({Label.DENIAL_ADDED, Label.RESPONSE_ADDED, Label.COMMENT_STATUS_CHANGED, Label.QUOTE_ADDED})
_VALUES = frozenset({Label.NUMBER_CHANGED, Label.DATE_CHANGED, Label.NAME_CHANGED})
_FIELDS = {
    Field.HEADLINE: frozenset({Field.HEADLINE, Field.SEO_TITLE}),
    Field.CAPTION: frozenset({Field.CAPTION, Field.IMAGE}),
    Field.IMAGE: frozenset({Field.CAPTION, Field.IMAGE}),
}


def score(hints: Hints, found: Evidence, rare: Rarity) -> float:
    """How well a claim fits a change, 0 to about 2; from ENOUGH on it speaks of it.

    Where its sentence alone does not say which of two is right, the other way round counts where both are there.
    """
    turned = turn(hints)
    replaced = hints.either_way and _any(turned.old, found.deleted) and _any(turned.new, found.inserted)
    return max(_score(hints, found, rare), _score(turned, found, rare) if replaced else 0.0)


def turn(hints: Hints) -> Hints:
    """The claim read the other way round."""
    return replace(hints, old=hints.new, new=hints.old, values=hints.values.turned)


def _score(hints: Hints, found: Evidence, rare: Rarity) -> float:
    if not fits(hints, found) or counts_another(hints, found, rare):
        return 0.0
    kind = KIND if hints.labels & found.labels else 0.0
    around = AROUND * _share(hints.all, found.around, rare)
    values = max(
        _share(hints.old, found.deleted, rare, least=1),
        _share(hints.new, found.inserted, rare, least=1),
        _share(found.deleted, hints.old + hints.about, rare, least=2),
        _share(found.inserted, hints.new + hints.about, rare, least=2),
    )
    if is_exact(hints.values, found.swaps):
        values = max(values, 1.0)
    if hints.fields:
        kind = max(kind, ENOUGH if not (hints.old or hints.new) else 0.0)
    if hints.old and hints.new:
        values += min(_share(hints.old, found.deleted, rare), _share(hints.new, found.inserted, rare))
    return values + kind + around if values >= NEAR else max(values, kind) + around


def fits(hints: Hints, found: Evidence) -> bool:
    """Could the claim mean the change, for all that speaks against it?"""
    return _fits_field(hints, found) and not _contradicts(hints, found)


def _fits_field(hints: Hints, found: Evidence) -> bool:
    if not hints.fields:
        return True
    meant = frozenset().union(*(_FIELDS.get(field, frozenset({field})) for field in hints.fields))
    return found.change.field in meant


def _contradicts(hints: Hints, found: Evidence) -> bool:
    """The claim gives numbers or names, and the change is about others of their sort, or put in what it takes back."""
    if found.change.op in (Op.ADDED, Op.REMOVED):
        return False
    if says_otherwise(hints, found):
        return True
    if not found.labels & _VALUES:
        return False
    if found.swaps and (hints.values.old or hints.values.new):
        return stance(hints.values, found.swaps) is Stance.ELSEWHERE
    if hints.new and _any(hints.old, found.inserted) and not _any(hints.new, found.deleted):
        return True  # "21, not 12" corrects the 12; it says nothing of the 9 that the 12 had replaced
    named = [mark for mark in hints.old + hints.new if mark.number]
    numbered = found.labels & NUMBERED
    if not (named and numbered):
        named = [mark for mark in hints.old + hints.new if mark.name and not mark.number] if not numbered else []
    return bool(named) and not _any(named, found.touched)


def says_otherwise(hints: Hints, found: Evidence) -> bool:
    """The claim speaks of what was changed, and says the contrary: other values than the text's, or turned round."""
    if None not in (hints.was_negated, found.was_negated) and hints.was_negated is not found.was_negated:
        return True
    if found.swaps:
        return stance(hints.values, found.swaps) is Stance.OTHERWISE
    old, new = words_of(hints.old), words_of(hints.new)
    went, came = words_of(found.deleted) - words_of(found.inserted), words_of(found.inserted) - words_of(found.deleted)
    return bool(old & came and new & went) and not (old & went or new & came)


def contradicts(hints: Hints, found: Evidence) -> bool:
    """Does the claim, however it is read, say the contrary of the change that it speaks of?"""
    ways = (hints, turn(hints)) if hints.either_way else (hints,)
    return _fits_field(hints, found) and all(says_otherwise(way, found) for way in ways)


def repeats(claim: str, found: Evidence, known: Wording) -> bool:
    """Does the claim have, word for word, what was put into a sentence, with the words on both sides of it; or does it
    set that against what was there: "could, rather than would"?"""
    one = view(found.change)
    told = _phrase(claim)
    for slot in one.slots if found.change.op is Op.EDITED else ():
        before, put_in, after = map(words, (one.new[: slot.new[0]], one.inserted(slot), one.new[slot.new[1] :]))
        if before and put_in and after and _phrase(" ".join((*before[-1:], *put_in, *after[:1]))) in told:
            return True
        gone, came = _phrase(one.deleted(slot)), _phrase(one.inserted(slot))
        mere_words = gone.strip() and came.strip() and not found.labels & _VALUES  # values are weighed, not repeated
        if mere_words and any(
            gone in _phrase(old) and came in _phrase(new) for new, old in contrasts(plain(claim), known)
        ):
            return True
    return False


def _phrase(text: str) -> str:
    """The words of a text alone, to look for as a whole in those of another."""
    return f" {' '.join(words(text)).lower()} "


def may_be_name(hints: Hints, found: Evidence) -> bool:
    """The claim is about a name, and one word with a capital gave way to another that our rules take for a noun."""
    change = found.change
    capital = change.deleted[:1].isupper() and change.inserted[:1].isupper()
    return (
        Label.NAME_CHANGED in hints.labels
        and found.labels <= {Label.OTHER}
        and capital
        and len(words(change.deleted)) == len(words(change.inserted)) == 1
        and fits(hints, found)
    )


def same_answer(hints: Hints, found: Evidence) -> bool:
    """The claim tells of an answer, and the change is one of that sort, if by somebody else."""
    return bool(hints.labels & found.labels & frozenset({Label.DENIAL_ADDED, Label.RESPONSE_ADDED}))


def could_be_cut(hints: Hints, found: Evidence, rare: Rarity) -> bool:
    """The claim says that something was taken out, by no name, number or kind, and the change took something out.

    A name that the article has nowhere, as the first word of a sentence can be, is none; "not" tells why ("could not be
    verified").
    """
    kinds = hints.labels - {Label.NEGATION_CHANGED}
    nameless = any(mark.name for mark in found.deleted) and not any(mark.name for mark in found.inserted)
    fitting = not kinds or kinds & found.labels or (nameless and Label.NAME_CHANGED in kinds)
    told = any(rare.blocks[mark.word] and (mark.name or mark.number) for mark in hints.all)
    taken = found.change.op is Op.REMOVED or (
        found.change.op is Op.EDITED and (nameless or bool(found.deleted and not found.change.inserted.strip()))
    )
    return hints.cut and taken and bool(fitting) and not told and _fits_field(hints, found)


def names_another(hints: Hints, near: str, rare: Rarity, known: Wording) -> bool:
    """The claim is about somebody of the article by full name, who is not in the text near the change."""
    there = marks(plain(near), known)
    return any(
        all(rare.blocks[mark.word] for mark in one[-2:]) and not _any(one, there) for one in hints.people
    ) and not any(_any((mark,), there) for one in hints.people for mark in one)


def counts_another(hints: Hints, found: Evidence, rare: Rarity) -> bool:
    """The claim is about a thing that the article counts elsewhere: "the number of birds", beside 340 homes.

    The change must count a thing of its own. A word that claim and change share speaks against it, where few places
    have that word; so does the same number given for the other thing: then the two are one.
    """
    if Label.NUMBER_CHANGED not in found.labels or not all(
        is_counted(old) and is_counted(new) for old, new in found.swaps
    ):
        return False
    things = [mark for mark in hints.all if not (mark.name or mark.number)]
    near = [mark for mark in things if _any((mark,), found.around)]
    if any(rare.blocks[mark.word] <= LOCAL for mark in near):
        return False
    values = {item.key[0] for swap in found.swaps for item in swap}
    counts = [rare.counted[mark.word] for mark in things if mark not in near and mark.word in rare.counted]
    return bool(found.swaps and counts) and not any(values & one for one in counts)


def counts_one_of_several(claimed: Iterable[Mark], found: Evidence, rare: Rarity, known: Wording) -> bool:
    """Of several numbers that changed, do the claims count only some: "the number of people killed", beside the hurt?

    Not where they have a word that is nowhere in the article: that may be another word for what the others count.
    """
    things = frozenset(mark.word for mark in claimed if not (mark.name or mark.number))
    if len(found.swaps) < 2 or not all(rare.blocks[word] for word in things):
        return False
    before, after = map(plain, both_texts(found.change))
    told = [things & (_counted(before, old, known) | _counted(after, new, known)) for old, new in found.swaps]
    return any(one < other for one in told for other in told)


def _counted(text: str, item: Item, known: Wording) -> frozenset[str]:
    """What a number counts and what became of it: the word before it and the two after, in its own clause."""
    before = known.claims.clause.split(text[: item.start])[-1]
    after = known.claims.clause.split(text[item.end :])[0]
    return frozenset(mark.word for mark in (*marks(before, known)[-1:], *marks(after, known)[:2]))


def gives_its_values(hints: Hints, found: Evidence) -> bool:
    """Does the claim give a value that the change put in or took out, whatever it says that it counts?"""
    return stance(hints.values, found.swaps) is Stance.AGREES


def _share(wanted: tuple[Mark, ...], there: tuple[Mark, ...], rare: Rarity, least: int = 0) -> float:
    """The weight of the wanted words that are there, of the weight of all. `least`: fewer words that tell are none."""
    if not wanted or not there:
        return 0.0
    hits = [mark for mark in wanted if any(same(mark, other) for other in there)]
    if least and sum(2 if mark.number or mark.name else 1 for mark in hits) < least:
        return 0.0
    return sum(map(rare.weight, hits)) / sum(map(rare.weight, wanted))


def _any(wanted: Iterable[Mark], there: Iterable[Mark]) -> bool:
    return any(same(mark, other) for mark in wanted for other in there)


def same(one: Mark, other: Mark) -> bool:
    """The same word; a name may be spelled another way."""
    return one.word == other.word or (one.name and other.name and not one.number and alike(one.word, other.word))


def meant(hints: Hints, candidates: list[Evidence], rare: Rarity, least: float = ENOUGH) -> list[tuple[int, float]]:
    """The (place, score) of the candidates that a claim speaks of, and those that stand beside an answer it names."""
    scores = [score(hints, one, rare) for one in candidates]
    best = max(scores, default=0.0)
    if best < least:
        return []
    hit = {place: value for place, value in enumerate(scores) if value >= max(least, best * NEAR)}
    if hints.labels & _ANSWERS:
        for place, one in enumerate(candidates):
            if (
                place not in hit
                and one.labels & _ANSWERS
                and any(_adjoins(one, candidates[near]) for near in list(hit))
            ):
                hit[place] = least
    return sorted(hit.items())


def _adjoins(one: Evidence, other: Evidence) -> bool:
    """Two added blocks, one right after the other."""
    if (
        one.change.op is not Op.ADDED
        or other.change.op is not Op.ADDED
        or not (one.change.after and other.change.after)
    ):
        return False
    here, there = one.change.after[0].block, other.change.after[0].block
    return here is not None and there is not None and abs(here - there) == 1


def meant_by_kind(hints: Hints, candidates: list[Evidence], rare: Rarity) -> list[tuple[int, float]]:
    """Where no words tie a claim to a change: the changes of its kind, if nothing speaks against it.

    Of several the one with more of the claim's words around it; all of them where that is the same.
    """
    fitting = [
        place
        for place, one in enumerate(candidates)
        if hints.labels & one.labels
        and _fits_field(hints, one)
        and not _contradicts(hints, one)
        and not _elsewhere(hints, one)
        and not counts_another(hints, one, rare)
        and not _tells_of_another_place(hints, one, rare)
    ]
    near = {place: _share(hints.all, candidates[place].around, rare) for place in fitting}
    best = max(near.values(), default=0.0)
    return [(place, KIND + AROUND * near[place]) for place in fitting if near[place] == best]


def is_any_of(hints: Hints, found: list[tuple[int, float]], candidates: list[Evidence]) -> bool:
    """Are several different changes of one kind that the claim tells of, so that it may mean any one of them?"""
    if any(value > KIND for _, value in found):
        return False  # words around one of them tie it to that
    kindred = [candidates[place] for place, _ in found]
    return any(
        len({(one.deleted, one.inserted) for one in kindred if label in one.labels}) > 1 for label in hints.labels
    )


def _elsewhere(hints: Hints, found: Evidence) -> bool:
    """The claim names somebody who is not in the change. (Who answers is often named by another name.)"""
    named = [mark for mark in hints.all if mark.name and not mark.number]
    if not named or hints.labels & found.labels & _ANSWERS:
        return False
    return not any(same(mark, other) for mark in named for other in found.around)


def _tells_of_another_place(hints: Hints, found: Evidence, rare: Rarity) -> bool:
    """The claim's words for the number that was wrong stand elsewhere in the article, none of them at the change."""
    if Label.NUMBER_CHANGED not in hints.labels & found.labels:
        return False
    local = [m for m in hints.all if not (m.name or m.number) and 0 < rare.blocks[m.word] <= LOCAL]
    return bool(local) and not _any(local, found.around)


def already_there(hints: Hints, document: Document, rare: Rarity, known: Wording, here: Iterable[Evidence]) -> bool:
    """Did the old document already hold what the claim says was put in?

    Where a change of this report may be what is meant, its block says nothing: it has most of the claim's words before
    a "not" comes, or two numbers change places.
    """
    wanted = hints.new
    if sum(2 if mark.number or mark.name else 1 for mark in wanted) < 2:
        return False
    silent = notice_places(document) | {
        span.block for one in here if _may_mean(hints, one) for span in one.change.before if span.block is not None
    }
    for place, block in enumerate(document.blocks):
        text = plain(block.text)
        if place in silent or _share(wanted, marks(text, known), rare) < SURE:
            continue
        if not hints.labels & _ANSWERS or _answered(wanted, text, hints.labels, known):
            return True
    return False


def _may_mean(hints: Hints, found: Evidence) -> bool:
    """Is it an edit of the claim's kind, where that gives no values, or one that put in a value of the claim?"""
    told = hints.values.old or hints.values.new
    kind = not told and hints.labels & found.labels - _ANSWERS
    put_in = _any((mark for mark in hints.new if mark.number), found.inserted)
    return found.change.op is Op.EDITED and bool(kind or put_in) and fits(hints, found)


def _answered(who: tuple[Mark, ...], text: str, labels: frozenset[Label], known: Wording) -> bool:
    """Does the text hold an answer of those whom a claim names? That they are named in it is none."""
    for sentence in sentences(text, known.language):
        if not any(mark.name and _any((mark,), marks(sentence, known)) for mark in who):
            continue
        if find_denial(sentence, known):
            return True
        spoke = known.speech.verbs.search(sentence) and not known.speech.no_comment.search(sentence)
        if Label.DENIAL_ADDED not in labels and (spoke or find_response(sentence, known, frozenset())):
            return True
    return False
