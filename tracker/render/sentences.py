"""One plain sentence for each change, the same in every renderer: what was changed, and whether a notice says so.

"A number was changed from 12 to 21. No notice we found as of 14:17 UTC mentions it." The words are careful: we say what
we saw and when we looked, never why somebody did it.
"""

from __future__ import annotations

from collections.abc import Callable

from tracker.model import (
    Annotation,
    Change,
    DisclosedLater,
    Disclosure,
    EditOp,
    Field,
    Judgement,
    Label,
    NoticeKind,
    NoticeStatus,
    Op,
    Report,
    Severity,
)
from tracker.render.times import Clock, duration
from tracker.render.words import (
    NOTICE_NAMES,
    both_quoted,
    capital,
    clip,
    ended,
    paragraph_number,
    quoted,
    unit_name,
    with_article,
)

# The label that a sentence speaks of first; what is not here has no words of its own.
_PRIORITY = (
    *(Label.RETRACTION, Label.UNCONFIRMED_LOSS, Label.DENIAL_ADDED, Label.RESPONSE_ADDED),
    *(Label.NEGATION_CHANGED, Label.NUMBER_CHANGED, Label.NAME_CHANGED, Label.DATE_CHANGED, Label.QUOTE_CHANGED),
    *(Label.QUOTE_REMOVED, Label.QUOTE_ADDED, Label.ATTRIBUTION_CHANGED, Label.COMMENT_STATUS_CHANGED),
    *(Label.HEDGE_REMOVED, Label.HEDGE_ADDED),
)

_FIELD_NOUNS = {
    Field.HEADLINE: "the headline",
    Field.DEK: "the summary under the headline",
    Field.BYLINE: "the byline",
    Field.CAPTION: "a caption",
    Field.PUBLISHED: "the stated date of publication",
    Field.SEO_TITLE: "the title given to search engines and shared links",
}

_ALTERED = {
    Label.NUMBER_CHANGED: "a number",
    Label.DATE_CHANGED: "a date or time",
    Label.NAME_CHANGED: "a name",
    Label.NEGATION_CHANGED: "a negation",
    Label.ATTRIBUTION_CHANGED: "an attribution",
    Label.QUOTE_CHANGED: "a quotation",
}

_ADDED = {
    Label.RETRACTION: "a retraction",
    Label.DENIAL_ADDED: "a denial",
    Label.RESPONSE_ADDED: "a response",
    Label.QUOTE_ADDED: "a quotation",
    Label.HEDGE_ADDED: "a word of caution",
}

_REMOVED = {Label.QUOTE_REMOVED: "a quotation", Label.HEDGE_REMOVED: "a word of caution"}

_UTC = Clock()
_TITLES = frozenset({Field.HEADLINE, Field.SEO_TITLE})
_FRESH = frozenset({NoticeStatus.ADDED, NoticeStatus.CHANGED})
_MOST_PAIRS = 3  # what was changed for what, told in one sentence
_FLIPPED = "It alternates between two wordings, and is not counted as an edit."

NOTICE_LABELS = {Label.NOTICE_ADDED, Label.NOTICE_CHANGED, Label.NOTICE_REMOVED}

_WHOLE = {
    Label.COMMENT_STATUS_CHANGED: "What the article says about a request for comment was changed.",
}


def sentence(report: Report, change: Change, clock: Clock | None = None) -> str:
    """What was changed, and whether a notice mentions it: raw text, to be made safe by the renderer."""
    clock = clock or Clock()
    return " ".join(filter(None, (statement(report, change, clock), remark(report, change, clock))))


def row_sentence(report: Report, change: Change) -> str:
    """What was changed, for a list that shows neither the text nor every way in which a notice can err."""
    told = statement(report, change)
    if change.op in _WHOLE_TEXTS and change.field in _RUNNING and "“" not in told:
        told = ended(f"{told.removesuffix('.')}: {quoted(_WHOLE_TEXTS[change.op](change))}")
    unclear = report.judgement(change).otherwise or _alternates(report, change)
    return f"{told} {remark(report, change, _UTC)}" if unclear else told


def statement(report: Report, change: Change, clock: Clock = _UTC) -> str:
    """What was changed, in one sentence; dates that the page gives are written in the zone of the clock."""
    labels = {note.label: note for note in report.labels(change)}
    if Label.TYPOGRAPHIC in labels:
        return _typographic(change)
    if NOTICE_LABELS.intersection(labels):
        return _notice(report, change)
    if change.field in _BY_FIELD:
        told = _BY_FIELD[change.field](report, change, clock)
    else:
        ranked = [label for label in _PRIORITY if label in labels]
        if change.op in _BY_OP:
            told = _with_others(_BY_OP[change.op](report, change), ranked)
        elif ranked:
            told = _with_others(_of_label(report, change, labels[ranked[0]]), ranked[1:])
        else:
            told = _plain(report, change)
    return f"{told.removesuffix('.')}, as in an earlier snapshot." if Label.REVERT in labels else told


def remark(report: Report, change: Change, clock: Clock) -> str:
    """Whether a notice mentions the change. Empty where none is called for: a growing story is not a silent one."""
    judgement = report.judgement(change)
    kind = next((notice.kind for notice in report.notices if notice.id == judgement.notice), None)
    if judgement.otherwise and judgement.disclosed_later is None:
        return f"{capital(_the(kind))} on the page speaks of it, but says otherwise."
    if _alternates(report, change):
        return _FLIPPED
    if is_taken_down(report, change):
        return f"No notice we found{as_of(report, clock)} mentions it."
    if is_between(report, judgement):
        return _between(judgement.disclosed_later, clock)
    later = judgement.disclosed_later.delay_seconds if judgement.disclosed_later else None
    return mentioned(judgement.severity, judgement.disclosure, kind, later, as_of(report, clock))


def is_between(report: Report, judgement: Judgement) -> bool:
    """Is the notice that speaks of the change one that came after the old side, and was gone again from the new one?"""
    later, taken = judgement.disclosed_later, report.after.captured_at
    return later is not None and taken is not None and later.captured_at <= taken


def _between(later: DisclosedLater | None, clock: Clock) -> str:
    seen = f", first seen on {clock.moment(later.captured_at)}," if later else ""
    return f"A notice that was on the page in between{seen} mentions it; it is no longer there."


def mentioned(
    severity: Severity,
    disclosure: Disclosure,
    notice: NoticeKind | None,
    later: int | None,
    as_of: str,
    *,
    many: bool = False,
) -> str:
    """Whether a notice mentions a change, or `many`. `as_of`: " as of ...".

    `later`: seconds until a later one did, between the first sights of the two. The outlet may have been faster.
    """
    it, which = ("them", "the changes") if many else ("it", "the change")
    if later is not None:
        return f"A later notice, first seen {duration(later)} after {which}, mentions {it}."
    match disclosure:
        case Disclosure.DISCLOSED:
            return f"{capital(_the(notice))} on the page mentions {it}."
        case Disclosure.PARTLY:
            return f"{capital(_the(notice))} on the page mentions a part of {it}."
        case Disclosure.UNSPECIFIC:
            return f"A notice speaks of changes to the article, but not clearly of {'these' if many else 'this one'}."
        case Disclosure.SILENT if severity.rank >= Severity.MEDIUM.rank:
            return f"No notice we found{as_of} mentions {it}."
        case _:
            return ""


def _the(kind: NoticeKind | None) -> str:
    return f"the {NOTICE_NAMES[kind]}" if kind else "a notice"


def came(report: Report, change: Change, clock: Clock) -> str:
    """ "Came between 14:02 and 14:17 UTC on 31 May 2015 (a1b2c3d4e5)."; empty where the head of the report says it."""
    step = next((step for step in report.steps if step.change == change.id), None)
    if step is None:
        return ""
    verb = "Was changed more than once, last" if step.steps > 1 else "Came"
    return f"{verb} {clock.between(step.since, step.captured_at)} ({step.revision[:10]})."


def is_taken_down(report: Report, change: Change) -> bool:
    """Is it a notice that is no longer on the page, and that no new one speaks of?"""
    gone = any(note.label is Label.NOTICE_REMOVED for note in report.labels(change))
    return gone and not any(notice.status in _FRESH for notice in report.notices)


def _alternates(report: Report, change: Change) -> bool:
    if change.field not in _TITLES or report.judgement(change).disclosure is not Disclosure.EXEMPT:
        return False
    return any(finding.label is Label.REVERT for finding in report.findings)


def as_of(report: Report, clock: Clock) -> str:
    """ " as of 14:17 UTC", with the date where it is not the one day of both sides; empty where no time is known."""
    if report.as_of is None:
        return ""
    taken = [side.captured_at for side in (report.before, report.after) if side.captured_at is not None]
    if taken and all(clock.same_day(report.as_of, each) for each in taken):
        return f" as of {clock.time(report.as_of)}"
    return f" as of {clock.moment(report.as_of)}"


def _plain(report: Report, change: Change) -> str:
    unit = with_article(unit_name(change, report.diff.before, report.diff.after))
    if change.op is Op.ADDED:
        return f"{capital(unit)} was added."
    if change.op is Op.REMOVED:
        return f"{capital(unit)} was removed."
    if not any(mark.isalnum() for edit in change.edits if edit.op is not EditOp.EQUAL for mark in edit.text):
        return f"The punctuation of {unit} was changed."
    old, new = swapped(change)
    if old and new:
        return f"The wording of {unit} was changed from {both_quoted(old, new)}."
    if new:
        return ended(f"Words were added to {unit}: {quoted(new)}")
    if old:
        return ended(f"Words were taken out of {unit}: {quoted(old)}")
    return f"{capital(unit)} was reworded."


def _of_label(report: Report, change: Change, note: Annotation) -> str:
    label = note.label
    if label in _WHOLE:
        return _WHOLE[label]
    if label in _ALTERED:
        return _altered(change, _ALTERED[label], note.evidence)
    unit = unit_name(change, report.diff.before, report.diff.after)
    if label is Label.UNCONFIRMED_LOSS:
        why = f"with most of the text ({', '.join(note.evidence)}); whether it was taken back is not confirmed"
        replaced = any(finding.label is Label.UNCONFIRMED_LOSS for finding in report.findings)
        return f"{capital(with_article(unit))} was removed, {'as all of the earlier text was' if replaced else why}."
    thing, verb = (_ADDED[label], "added") if label in _ADDED else (_REMOVED[label], "removed")
    if change.op in (Op.ADDED, Op.REMOVED):
        return f"{capital(with_article(unit))} with {thing} was {verb}."
    words = note.evidence[0] if label in (Label.HEDGE_ADDED, Label.HEDGE_REMOVED) and note.evidence else ""
    where = "to" if verb == "added" else "from"
    return f"{capital(thing)} was {verb} {where} {with_article(unit)}" + (f": {quoted(words)}." if words else ".")


def _altered(change: Change, noun: str, evidence: tuple[str, ...]) -> str:
    """ "A number was changed from 12 to 21." The words come from the evidence if it is one from each side."""
    pairs = list(zip(evidence[::2], evidence[1::2], strict=False))
    before, after = _side(change, EditOp.DELETE), _side(change, EditOp.INSERT)
    if len(evidence) % 2 or not all(old in before and new in after for old, new in pairs):
        pairs = []
    if 0 < len(pairs) <= _MOST_PAIRS:
        return f"{capital(noun)} was changed from {', and from '.join(both_quoted(*pair) for pair in pairs)}."
    old, new = swapped(change)
    if old and new:
        return f"{capital(noun)} was changed from {both_quoted(old, new)}."
    if new:
        return ended(f"{capital(noun)} was added: {quoted(new)}")
    if old:
        return ended(f"{capital(noun)} was removed: {quoted(old)}")
    return f"{capital(noun)} was changed."


def swapped(change: Change, length: int = 90) -> tuple[str, str]:
    """The old and the new words where they are one short run each; empty strings where it takes more to tell."""
    runs = [edit for edit in change.edits if edit.op is not EditOp.EQUAL]
    old = [edit.text.strip() for edit in runs if edit.op is EditOp.DELETE]
    new = [edit.text.strip() for edit in runs if edit.op is EditOp.INSERT]
    if len(old) > 1 or len(new) > 1 or any(len(text) > length for text in old + new):
        return "", ""
    return _bare("".join(old)), _bare("".join(new))


def _bare(words: str) -> str:
    """The words without the marks that hang on them; marks alone stay."""
    return words.strip(" ,;:") or words


def _side(change: Change, op: EditOp) -> str:
    return "".join(edit.text for edit in change.edits if edit.op in (EditOp.EQUAL, op))


def _with_others(text: str, labels: list[Label]) -> str:
    others = [_ALTERED[label] for label in labels if label in _ALTERED]
    return f"{text.removesuffix('.')}; also changed: {', '.join(others)}." if others else text


def _typographic(change: Change) -> str:
    place = f"In {_FIELD_NOUNS[change.field]} only" if change.field in _FIELD_NOUNS else "Only"
    return f"{place} quotation marks, dashes or spaces were changed."


def _field(report: Report, change: Change, clock: Clock) -> str:  # noqa: ARG001 - all of them are called alike
    noun = _FIELD_NOUNS[change.field]
    old, new = (_quoted_side(change, op, clock) for op in (EditOp.DELETE, EditOp.INSERT))
    if change.op is Op.ADDED:
        return f"{capital(noun)} was added: {new}."
    if change.op is Op.REMOVED:
        return f"{capital(noun)} was removed: {old}."
    return f"{capital(noun)} was changed from {old} to {new}."


def _quoted_side(change: Change, op: EditOp, clock: Clock) -> str:
    text = _side(change, op)
    return clock.stated(text) if change.field is Field.PUBLISHED else quoted(text, 140)


def _dek(report: Report, change: Change, clock: Clock) -> str:
    old, new = swapped(change)
    if change.op is Op.EDITED and old and new:
        return f"{capital(_FIELD_NOUNS[change.field])} was changed from {quoted(old)} to {quoted(new)}."
    return _field(report, change, clock)


def _link(report: Report, change: Change, clock: Clock) -> str:  # noqa: ARG001 - all of them are called alike
    spans = change.after or change.before
    words = f" on {quoted(spans[0].text, 60)}" if spans and spans[0].text.strip() else ""
    old, new = change.deleted, change.inserted
    if old and new:
        return f"The link{words} was changed from {clip(old, 120)} to {clip(new, 120)}."
    if new:
        return f"A link{words} was added; it points to {clip(new, 120)}."
    return f"A link{words} was removed; it pointed to {clip(old, 120)}."


def _image(report: Report, change: Change, clock: Clock) -> str:  # noqa: ARG001 - all of them are called alike
    unit = unit_name(change, report.diff.before, report.diff.after)
    noun = with_article(unit if unit != "text" else "image")
    verb = {Op.ADDED: "added", Op.REMOVED: "removed", Op.MOVED: "moved"}.get(change.op, "changed")
    return f"{capital(noun)} was {verb}."


def _notice(report: Report, change: Change) -> str:
    removed = change.op is Op.REMOVED
    blocks = {span.block for span in (change.before if removed else change.after)}
    names = [
        NOTICE_NAMES[notice.kind]
        for notice in report.notices
        if notice.block in blocks and (notice.status is NoticeStatus.REMOVED) == removed
    ]
    verb = {Op.ADDED: "added", Op.REMOVED: "removed", Op.MOVED: "moved"}.get(change.op, "changed")
    return f"{capital(with_article(names[0] if names else 'notice'))} was {verb}."


def _moved(report: Report, change: Change) -> str:
    unit = with_article(unit_name(change, report.diff.before, report.diff.after))
    old = paragraph_number(report.diff.before, change.before[0].block or 0) if change.before else None
    new = paragraph_number(report.diff.after, change.after[0].block or 0) if change.after else None
    edited = any(edit.op is not EditOp.EQUAL and edit.text.strip() for edit in change.edits)
    way = f" from place {old} to place {new} in the text" if old and new and old != new else ""
    if unit.endswith("sentence") and way:
        way = f" from paragraph {old} to paragraph {new}"
    return f"{capital(unit)} was moved{way}{' and edited' if edited else ''}."


def _split(report: Report, change: Change) -> str:
    unit = with_article(unit_name(change, report.diff.before, report.diff.after))
    parts = len({span.block for span in change.after})
    into = "two" if parts == 2 else str(parts)
    return f"{capital(unit)} was split{f' into {into}' if parts > 1 else ''}."


def _merged(report: Report, change: Change) -> str:
    unit = unit_name(change, report.diff.before, report.diff.after)
    parts = len({span.block for span in change.before})
    count = {0: "Several", 1: "Several", 2: "Two"}.get(parts, str(parts))
    return f"{count} {unit}s were joined into one."


_BY_FIELD: dict[Field, Callable[[Report, Change, Clock], str]] = {
    Field.HEADLINE: _field,
    Field.DEK: _dek,
    Field.BYLINE: _field,
    Field.PUBLISHED: _field,
    Field.SEO_TITLE: _field,
    Field.LINK: _link,
    Field.IMAGE: _image,
}

_RUNNING = frozenset({Field.BODY, Field.TABLE, Field.CAPTION, Field.NOTICE})
_WHOLE_TEXTS: dict[Op, Callable[[Change], str]] = {
    Op.ADDED: lambda change: _side(change, EditOp.INSERT),
    Op.REMOVED: lambda change: _side(change, EditOp.DELETE),
}

_BY_OP: dict[Op, Callable[[Report, Change], str]] = {Op.MOVED: _moved, Op.SPLIT: _split, Op.MERGED: _merged}
