"""How grave a change is, and what a whole report comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tracker.annotate.structure import replacement
from tracker.annotate.worded import words
from tracker.model import (
    Annotation,
    Change,
    Counts,
    Diff,
    Disclosure,
    EditOp,
    Field,
    Finding,
    Judgement,
    Label,
    Result,
    Severity,
    Side,
    Verdict,
)

_NONE = frozenset({Label.TYPOGRAPHIC, Label.SPLIT, Label.MERGED})
_LOW = frozenset(
    {
        Label.MOVED,
        Label.LINK_CHANGED,
        Label.IMAGE_CHANGED,
        Label.CAPTION_CHANGED,
        Label.BYLINE_CHANGED,
        Label.NOTICE_ADDED,
    }
)
_MEDIUM = frozenset(
    {
        Label.DEK_CHANGED,
        Label.QUOTE_ADDED,
        Label.COMMENT_STATUS_CHANGED,
        Label.REVERT,
        Label.NOTICE_CHANGED,
        Label.OTHER,
    }
)
_NOT_TEXT = frozenset({Field.LINK, Field.IMAGE, Field.PUBLISHED, Field.SEO_TITLE})
_VERDICTS = {
    Disclosure.DISCLOSED: Verdict.DISCLOSED,
    Disclosure.PARTLY: Verdict.PARTLY,
    Disclosure.UNSPECIFIC: Verdict.UNSPECIFIC,
    Disclosure.SILENT: Verdict.SILENT,
}


def severity_of(label: Label) -> Severity:
    """How grave a label is by itself."""
    if label in _NONE:
        return Severity.NONE
    if label in _LOW:
        return Severity.LOW
    return Severity.MEDIUM if label in _MEDIUM else Severity.HIGH


def severity(labels: Iterable[Label]) -> Severity:
    """The highest of the labels; a change without one is a pure addition, and low."""
    return max((severity_of(label) for label in labels), key=lambda one: one.rank, default=Severity.LOW)


def result_of(changes: tuple[Change, ...], severities: Mapping[str, Severity]) -> Result:
    """changed if any change is above severity none, else cosmetic if there is any."""
    if any(severities[change.id] is not Severity.NONE for change in changes):
        return Result.CHANGED
    return Result.COSMETIC if changes else Result.UNCHANGED


def verdict_of(judgements: Iterable[Judgement]) -> Verdict:
    """Over the changes of medium and high severity, and the lower ones that a claim names; a notice's own is exempt."""
    named = (Disclosure.DISCLOSED, Disclosure.PARTLY)
    counted = {
        one.disclosure
        for one in judgements
        if one.disclosure is not Disclosure.EXEMPT
        and (one.severity.rank >= Severity.MEDIUM.rank or one.disclosure in named)
    }
    if not counted:
        return Verdict.NOTHING
    return _VERDICTS[counted.pop()] if len(counted) == 1 else Verdict.PARTLY


def counts_of(diff: Diff, annotations: Iterable[Annotation], severities: Mapping[str, Severity]) -> Counts:
    """Changes, words put in and taken out, and how many changes bear each label.

    The targets of links are no words, and what only looks another way is no other word.
    """
    edits = [
        edit
        for change in diff.changes
        if change.field not in (Field.LINK, Field.IMAGE) and severities[change.id] is not Severity.NONE
        for edit in change.edits
    ]
    labels = Counter(str(note.label) for note in annotations)
    return Counts(
        len(diff.changes),
        sum(len(words(edit.text)) for edit in edits if edit.op is EditOp.INSERT),
        sum(len(words(edit.text)) for edit in edits if edit.op is EditOp.DELETE),
        tuple(sorted(labels.items())),
    )


def findings_of(
    diff: Diff, annotations: Iterable[Annotation], severities: Mapping[str, Severity], before: Side, after: Side
) -> tuple[Finding, ...]:
    """What is to be said of no single change."""
    replaced = replacement(diff)
    lost = replaced and any(note.label is Label.UNCONFIRMED_LOSS for note in annotations)
    found = [Finding(Label.UNCONFIRMED_LOSS, replaced)] if lost else []
    told = any(change.field not in _NOT_TEXT and severities[change.id] is not Severity.NONE for change in diff.changes)
    if told and before.modified and before.modified == after.modified:
        found.append(Finding(Label.MODIFIED_UNMOVED, (before.modified,)))
    return tuple(found)
