"""All detectors, and the labels that they give to the changes of a diff."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tracker.annotate import facts, quotes, speech, structure
from tracker.model import Annotation, Context, Diff, Field, Label, Op

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
_ORDER = {label: place for place, label in enumerate(Label)}


def label_changes(diff: Diff, context: Context) -> tuple[Annotation, ...]:
    """Every label of every change, once, in the order of the changes and then of `Label`.

    An edited or removed change of which no detector knows more is `other`; an added one needs no label.
    """
    merged: dict[tuple[str, Label], tuple[str, ...]] = {}
    for detector in DETECTORS.values():
        for found in detector(diff, context):
            key = (found.change, found.label)
            merged[key] = tuple(dict.fromkeys(merged.get(key, ()) + found.evidence))
    place = {change.id: number for number, change in enumerate(diff.changes)}
    told = [Annotation(label, change, evidence) for (change, label), evidence in merged.items()]
    return tuple(sorted([*told, *_others(diff, told)], key=lambda note: (place[note.change], _ORDER[note.label])))


def _others(diff: Diff, told: list[Annotation]) -> Iterable[Annotation]:
    known = {note.change for note in told if note.label not in _NO_WORDS}
    for change in diff.changes:
        worded = (change.deleted.strip() or change.inserted.strip()) and change.op is not Op.ADDED
        if worded and change.id not in known and change.field is not Field.PUBLISHED:
            evidence = tuple(text.strip() for text in (change.deleted, change.inserted) if text.strip())
            yield Annotation(Label.OTHER, change.id, evidence)
