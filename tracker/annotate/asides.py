"""Text that a change put in and that owns up to a mistake, though our rules see no note in it.

It discloses nothing; but a change beside it is not called silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.annotate.claims import contrasts, marks
from tracker.annotate.evidence import Evidence, words_of
from tracker.annotate.values import Told, is_exact, values_in
from tracker.annotate.worded import Item, view
from tracker.model import NoticeKind, Op
from tracker.text.sentences import sentences
from tracker.text.wording import Wording, notice_opening, plain

_ASIDE = 600  # code points; what is put in and longer is a part of the story


@dataclass(frozen=True, slots=True)
class Aside:
    """Text that a change put in and that owns up: "We made a mistake: it is 21, not 12", or "(we first wrote 12)" in
    the very sentence. `words` are its numbers and names. `noted`: one of its sentences alone would be a note."""

    change: str
    words: frozenset[str]
    values: tuple[Item, ...]
    noted: bool


def asides(here: tuple[Evidence, ...], known: Wording) -> Iterator[Aside]:
    """What was put in that is no note to our rules, and yet says what was wrong; only what names a value or a name
    that an edit touched, for the rest can speak of none."""
    edited = [one for one in here if one.change.op is Op.EDITED]
    touched = frozenset().union(*(words_of(one.touched + marks(plain(one.change.deleted), known)) for one in edited))
    for found in here:
        one = view(found.change)
        for said in map(one.inserted, one.slots):
            told = words_of(marks(said, known)) if len(said) <= _ASIDE else frozenset()
            if told.isdisjoint(touched):
                continue
            noted = any(notice_opening(each.strip(), known.language) for each in sentences(said, known.language))
            if noted or known.claims.wrong.search(said) or _corrects(said, known) or contrasts(said, known):
                yield Aside(found.change.id, told, values_in(said, known), noted)


def _corrects(said: str, known: Wording) -> bool:
    return any(kind is NoticeKind.CORRECTION and pattern.search(said) for kind, pattern in known.notices.kinds)


def owned_up(found: Evidence, aside: Aside, known: Wording) -> bool:
    """Does an aside give the old value or name of a change, and the new one where that stands not in its sentence?

    One of the two is enough where a sentence of it would be a note.
    """
    if aside.change == found.change.id:
        went = words_of(marks(plain(found.change.deleted), known))
        return bool(went) and went <= aside.words
    went, came = words_of(found.deleted) - words_of(found.inserted), words_of(found.inserted) - words_of(found.deleted)
    if aside.noted and any(side and side <= aside.words for side in (went, came)):
        return True
    return bool(went and came and went | came <= aside.words) or is_exact(Told(aside.values, aside.values), found.swaps)
