"""What a change shows that a claim can name: its words, numbers and names, and how rare these are on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.annotate.claims import Mark, marks
from tracker.annotate.facts import negations
from tracker.annotate.values import Swap, counted_things, swaps, widened
from tracker.annotate.worded import both_texts, notice_places, view
from tracker.model import Change, Document, Label, Op
from tracker.text.wording import Wording, plain

NUMBERED = frozenset({Label.NUMBER_CHANGED, Label.DATE_CHANGED})


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare a word is in the article: a word of many blocks ties a claim to nothing.

    `counted` has the words for what the article gives a number of, with those numbers: "12 species of birds".
    """

    blocks: Counter[str]
    counted: Mapping[str, frozenset[object]]

    def weight(self, mark: Mark) -> float:
        return (2.0 if mark.number or mark.name else 1.0) / max(1, self.blocks[mark.word])


def rarity(documents: Iterable[Document], known: Wording) -> Rarity:
    """How many blocks of the documents hold each word, equal blocks counted once; notes do not count."""
    texts: set[str] = set()
    for document in documents:
        notes = notice_places(document)
        texts.update(block.text for place, block in enumerate(document.blocks) if place not in notes)
    counts: Counter[str] = Counter()
    counted: dict[str, frozenset[object]] = {}
    for text in sorted(texts):
        counts.update({mark.word for mark in marks(plain(text), known)})
        for number, things in counted_things(plain(text), known):
            for mark in marks(things, known):
                if not (mark.name or mark.number):
                    counted[mark.word] = counted.get(mark.word, frozenset()) | {number}
    return Rarity(counts, counted)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A change as claims are compared with it: the words that went and came, those around, its labels."""

    change: Change
    deleted: tuple[Mark, ...]
    inserted: tuple[Mark, ...]
    around: tuple[Mark, ...]
    labels: frozenset[Label]
    swaps: tuple[Swap, ...] = ()
    was_negated: bool | None = None

    @property
    def touched(self) -> tuple[Mark, ...]:
        return self.deleted + self.inserted


def evidence(change: Change, labels: frozenset[Label], known: Wording) -> Evidence:
    """The words of a change that a claim can name."""
    deleted, inserted = plain(change.deleted), plain(change.inserted)
    values: tuple[Swap, ...] = ()
    numbered = bool(labels & NUMBERED)
    if numbered or (change.op is Op.EDITED and any("-" in plain(text) for text in both_texts(change))):  # double names
        one = view(change)
        slots, values = widened(one, known), swaps(one, known) if numbered else ()
        deleted, inserted = " ; ".join(old for old, _ in slots), " ; ".join(new for _, new in slots)
    around = marks(plain(" ".join(both_texts(change))), known)
    negated = negations(deleted, known) % 2 == 1 if Label.NEGATION_CHANGED in labels else None
    went, came = marks(deleted, known), marks(inserted, known)
    stayed = {mark.word for mark in went if mark.number} & {mark.word for mark in came if mark.number}  # "12", "twelve"
    stayed -= {mark.word for swap in values for item in swap for mark in marks(item.raw, known)}  # two changed places
    went, came = (tuple(mark for mark in side if mark.word not in stayed) for side in (went, came))
    if labels <= {Label.OTHER} and change.op is Op.EDITED and came and all(mark.name for mark in went + came):
        labels = frozenset({Label.NAME_CHANGED})  # "Vidal", "Vidales": an ending to the rules, a name to the note
    return Evidence(change, went, came, around, labels, values, negated)


def words_of(found: Iterable[Mark]) -> frozenset[str]:
    """The numbers and names among some words."""
    return frozenset(mark.word for mark in found if mark.number or mark.name)
