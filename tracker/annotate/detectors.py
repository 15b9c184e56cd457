"""All detectors, and the labels that they give to the changes of a diff."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain

from tracker.annotate import facts, quotes, speech, structure
from tracker.annotate.quantities import numbers, times_told
from tracker.annotate.worded import both_texts, language_of
from tracker.model import Annotation, Change, Context, Diff, Field, Label, Op
from tracker.text.wording import Wording, plain, wording

DETECTORS: dict[str, Callable[[Diff, Context], Iterable[Annotation]]] = {
    "denial-added": speech.denial_added,
    "response-added": speech.response_added,
    "comment-status-changed": speech.comment_status_changed,
    "attribution-changed": speech.attribution_changed,
    "quote-changed": quotes.quote_changed,
    "quote-added": quotes.quote_added,
    "quote-removed": quotes.quote_removed,
    "number-changed": facts.number_changed,
    "date-changed": facts.date_changed,
    "name-changed": facts.name_changed,
    "negation-changed": facts.negation_changed,
    "hedge-added": facts.hedge_added,
    "hedge-removed": facts.hedge_removed,
    "field-changed": structure.field_changed,
    "structure-changed": structure.structure_changed,
    "notice-life": structure.notice_life,
    "retraction": structure.retraction,
    "unconfirmed-loss": structure.unconfirmed_loss,
    "revert": structure.revert,
    "typographic": structure.typographic,
}
_NO_WORDS = frozenset({Label.MOVED, Label.SPLIT, Label.MERGED, Label.REVERT})
_RUNNING = frozenset({Field.BODY, Field.CAPTION, Field.DEK, Field.HEADLINE, Field.TABLE})
_TOLD = re.compile(r"\w+(?:'\w+)*|[^\w\s,;:.()-]")  # commas, stops, dashes and brackets only part a sentence
_INITIAL = re.compile(r"(?<=\b[A-Z])\.")  # "U.S." is "US"
_ORDER = {label: place for place, label in enumerate(Label)}


def label_changes(diff: Diff, context: Context) -> tuple[Annotation, ...]:
    """Every label of every change, once, in the order of the changes and then of `Label`.

    An edited or removed change of which no detector knows more is `other`. An added one needs no label, and none is
    given for a comma, or for "12" that is now "twelve".
    """
    merged: dict[tuple[str, Label], list[tuple[str, ...]]] = {}
    for detector in DETECTORS.values():
        for found in detector(diff, context):
            pieces = merged.setdefault((found.change, found.label), [])
            if found.evidence not in pieces:  # whole: of "12 to 21, 21 to 30" each stays a pair
                pieces.append(found.evidence)
    place = {change.id: number for number, change in enumerate(diff.changes)}
    told = [Annotation(label, change, tuple(chain(*pieces))) for (change, label), pieces in merged.items()]
    return tuple(sorted([*told, *_others(diff, told)], key=lambda note: (place[note.change], _ORDER[note.label])))


def _others(diff: Diff, told: list[Annotation]) -> Iterable[Annotation]:
    known = {note.change for note in told if note.label not in _NO_WORDS}
    for change in diff.changes:
        worded = (change.deleted.strip() or change.inserted.strip()) and change.op is not Op.ADDED
        same_day = change.field is Field.PUBLISHED and change.inserted  # another day is a date that changed
        if not worded or change.id in known or same_day or _says_the_same(change, diff):
            continue
        evidence = tuple(text.strip() for text in (change.deleted, change.inserted) if text.strip())
        yield Annotation(Label.OTHER, change.id, evidence)


def _says_the_same(change: Change, diff: Diff) -> bool:
    """Is only a comma or the like another, or the way a number, a date or a time is written? Quotation and question
    marks count, and so do two commas: "the workers, who were tired, left" speaks of all of them."""
    if change.field not in _RUNNING:
        return False
    old, new = both_texts(change)
    if not (old.strip() and new.strip()):
        return False
    known = wording(language_of(diff))
    (mine, commas), (yours, others) = _said(old, known), _said(new, known)
    return mine == yours and abs(commas - others) <= 1


def _said(text: str, known: Wording) -> tuple[list[object], int]:
    """The words and the marks of a text without those that only part it, numbers and times by what they are worth;
    and how many commas stand outside these."""
    said = _INITIAL.sub("", plain(text))
    found: list[object] = []
    between: list[str] = []
    place = 0
    for item in sorted((*numbers(said, known), *times_told(said, known)), key=lambda item: item.start):
        between.append(said[place : item.start])
        found += [*_TOLD.findall(between[-1]), item.key]
        place = max(place, item.end)
    between.append(said[place:])
    return found + _TOLD.findall(between[-1]), "".join(between).count(",")
