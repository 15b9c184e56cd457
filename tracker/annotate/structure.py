"""Detectors for where and how a change happened: fields, moves, notes, retraction, revert, typography."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tracker.annotate.worded import (
    is_typographic,
    language_of,
    notice_changes,
    notice_places,
    other_address,
    view,
    words,
)
from tracker.model import Annotation, BlockKind, Change, Context, Diff, Document, EditOp, Field, Label, NoticeKind, Op
from tracker.text.codec import text_digest
from tracker.text.wording import notice_opening, plain, spoken_kind, wording

_BY_FIELD = {
    Field.HEADLINE: Label.HEADLINE_CHANGED,
    Field.SEO_TITLE: Label.HEADLINE_CHANGED,
    Field.DEK: Label.DEK_CHANGED,
    Field.BYLINE: Label.BYLINE_CHANGED,
    Field.CAPTION: Label.CAPTION_CHANGED,
    Field.IMAGE: Label.IMAGE_CHANGED,
    Field.LINK: Label.LINK_CHANGED,
}
_BY_OP = {Op.MOVED: Label.MOVED, Op.SPLIT: Label.SPLIT, Op.MERGED: Label.MERGED}
_IN_BODY = frozenset({Field.BODY, Field.TABLE})
_AROUND = frozenset(
    {BlockKind.HEADLINE, BlockKind.DEK, BlockKind.BYLINE, BlockKind.CAPTION, BlockKind.IMAGE, BlockKind.EMBED}
)
_NOTICE_BY_OP = {Op.ADDED: Label.NOTICE_ADDED, Op.REMOVED: Label.NOTICE_REMOVED, Op.MOVED: Label.MOVED}
GREAT_LOSS = 0.4  # what is left of the words of the body, below which a text has collapsed
LEAST_LOSS = 60  # words; shorter texts shrink for smaller reasons
REPLACED = 0.1  # what is kept of the words of the body, below which it is another text, however long that is


def field_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A change outside the running text, named after its field, or of an address in it. A pure move is none."""
    notes = notice_changes(diff)
    for change in diff.changes:
        label = _BY_FIELD.get(change.field)
        if (addresses := other_address(change)) and change.id not in notes:
            yield Annotation(Label.LINK_CHANGED, change.id, addresses)
        pure_move = change.op is Op.MOVED and not (change.deleted or change.inserted)
        if label and change.id not in notes and not pure_move and not is_typographic(change):
            yield Annotation(label, change.id, _shown(change))


def structure_changed(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Moved, split, merged: the evidence is the first words."""
    notes = notice_changes(diff)
    for change in diff.changes:
        label = _BY_OP.get(change.op)
        if label and change.id not in notes:
            text = (change.after or change.before)[0].text
            yield Annotation(label, change.id, (_start(text),))


def typographic(diff: Diff, _: Context) -> Iterable[Annotation]:
    """Quotes, dashes, spaces and the like, and nothing else."""
    for change in diff.changes:
        if is_typographic(change):
            yield Annotation(Label.TYPOGRAPHIC, change.id, _told(change.deleted, change.inserted) or _shown(change))


def notice_life(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A publisher's note that came, went, moved or was reworded."""
    notes = notice_changes(diff)
    for change in diff.changes:
        if change.id in notes and not is_typographic(change) and change.op not in (Op.SPLIT, Op.MERGED):
            label = _NOTICE_BY_OP.get(change.op, Label.NOTICE_CHANGED)
            spans = change.after or change.before
            yield Annotation(label, change.id, (_start(spans[0].text),))
            if label is Label.MOVED and (change.deleted or change.inserted):
                yield Annotation(Label.NOTICE_CHANGED, change.id, _shown(change))


def retraction(diff: Diff, _: Context) -> Iterable[Annotation]:
    """A note that takes the article back, or a headline that says so."""
    language = language_of(diff)
    known = wording(language)
    notes = notice_changes(diff)
    for change in diff.changes:
        if not change.inserted:
            continue
        text = change.after[0].text
        if change.id in notes:
            opening = notice_opening(text, language)
            said = known.facts.retracted.search(plain(change.inserted))
            kind = spoken_kind(text[opening.end :], opening.kind, language) if opening else None
            if kind is NoticeKind.RETRACTION and said:
                yield Annotation(Label.RETRACTION, change.id, (said.group(),))
        elif change.field is Field.HEADLINE and (said := known.facts.retraction_headline.search(plain(text))):
            yield Annotation(Label.RETRACTION, change.id, (said.group().strip(),))


def revert(diff: Diff, context: Context) -> Iterable[Annotation]:
    """The new text is word for word one that stood there before."""
    if not (context.earlier and diff.changes):
        return
    digest = text_digest(diff.after)
    earlier = [text for text in context.earlier if text.digest == digest]
    if not earlier:
        return
    last = max(earlier, key=lambda text: (text.captured_at, text.revision))
    for change in diff.changes:
        if not is_typographic(change):
            yield Annotation(Label.REVERT, change.id, (f"revision {last.revision}", when(last.captured_at)))


def when(time: datetime) -> str:
    """A moment as evidence has it: "2015-05-31T15:13:00Z"."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def unconfirmed_loss(diff: Diff, context: Context) -> Iterable[Annotation]:
    """Most of the text went, or all of it gave way to another, and no note takes it back: said of each block gone."""
    before, after = body_words(diff.before), body_words(diff.after)
    if before < LEAST_LOSS or any(True for _ in retraction(diff, context)):
        return
    evidence = replacement(diff)
    if not evidence and after < before * GREAT_LOSS:
        evidence = (f"{before} words before", f"{after} words after")
    notes = notice_changes(diff)
    for change in diff.changes if evidence else ():
        if change.op is Op.REMOVED and change.field is Field.BODY and change.id not in notes:
            yield Annotation(Label.UNCONFIRMED_LOSS, change.id, evidence)


def replacement(diff: Diff) -> tuple[str, ...]:
    """How much was kept of a text that gave way to another of some length: evidence, () where it did not.

    Whether that is the story told anew, or another story under its address, cannot be seen from here.
    """
    before, after = body_words(diff.before), body_words(diff.after)
    if min(before, after) < LEAST_LOSS:
        return ()
    notes = notice_changes(diff)
    lost = sum(
        len(words(edit.text))
        for change in diff.changes
        if change.field in _IN_BODY and change.id not in notes
        for edit in change.edits
        if edit.op is EditOp.DELETE
    )
    kept = max(0, before - lost)
    return (f"{before} words before", f"{kept} of them kept") if kept < before * REPLACED else ()


def body_words(document: Document) -> int:
    """The words of all blocks of running text but notes."""
    notes = notice_places(document)
    return sum(
        len(words(block.text))
        for place, block in enumerate(document.blocks)
        if place not in notes and block.kind not in _AROUND
    )


def _shown(change: Change) -> tuple[str, ...]:
    """The first slot's words, old and new; targets for a link."""
    if change.field in (Field.LINK, Field.IMAGE):
        return tuple(text for text in (change.deleted, change.inserted) if text)
    one = view(change)
    if not one.slots:
        return (_start(one.new or one.old),)
    slot = one.slots[0]
    return _told(one.deleted(slot), one.inserted(slot)) or (_start(one.new),)


def _told(*texts: str) -> tuple[str, ...]:
    return tuple(_start(text) for text in texts if text.strip())


def _start(text: str) -> str:
    found = text.split()
    return " ".join(found[:10]) + (" ..." if len(found) > 10 else "")
