"""Says what each change means, finds the publisher's notes, and tells which change each note speaks of."""

from __future__ import annotations

from dataclasses import replace

from tracker.annotate.dated import with_years
from tracker.annotate.detectors import DETECTORS, label_changes
from tracker.annotate.evidence import Evidence
from tracker.annotate.flips import flip_findings, flip_labels, flips
from tracker.annotate.notices import notices_in, notices_of
from tracker.annotate.page import notices_on_page
from tracker.annotate.reconcile import (
    Desk,
    Reconciled,
    Standing,
    desk_of,
    disclosed_later,
    exempt_changes,
    reconcile,
    vague_later,
)
from tracker.annotate.severity import counts_of, findings_of, result_of, severity, verdict_of
from tracker.annotate.slips import slips
from tracker.annotate.worded import language_of, notice_changes
from tracker.model import (
    Annotation,
    ArticleName,
    Change,
    Context,
    Diff,
    Disclosure,
    Judgement,
    Label,
    NoticeKind,
    Report,
    Severity,
    Side,
)

__all__ = ["DETECTORS", "annotate", "notices_in", "notices_on_page", "slips"]

_NO_NAME = ArticleName(None, None, None)


def annotate(
    diff: Diff,
    *,
    article: ArticleName = _NO_NAME,
    before: Side = Side(),  # noqa: B008 - a frozen value
    after: Side = Side(),  # noqa: B008 - a frozen value
    context: Context = Context(),  # noqa: B008 - a frozen value
) -> Report:
    """The report on a diff: labels with evidence, severity and disclosure of each change, notices, verdict.

    A function of its arguments alone: the same ones give the same report. Never raises on what a diff holds.
    """
    alternating = flips(diff, context, after)
    annotations = _in_order((*label_changes(diff, context), *flip_labels(alternating)), diff)
    labels: dict[str, list[Label]] = {change.id: [] for change in diff.changes}
    for note in annotations:
        labels[note.change].append(note.label)
    severities = {change: severity(said) for change, said in labels.items()}
    exempt = exempt_changes(diff, notice_changes(diff), severities)
    notices = with_years(notices_of(diff), after, language_of(diff))
    claims = bool(context.later) or any(notice.claims or notice.kind is NoticeKind.OTHER for notice in notices)
    desk = desk_of(diff, annotations, exempt, context, claims=claims)
    settled = reconcile(desk, notices, severities, after)
    doubtful = vague_later(desk, context, after)
    undone = {flip.change for flip in alternating if flip.undone}
    found = {one.change.id: one for one in desk.here}
    judgements = tuple(
        _in_hindsight(
            _judge(change, found.get(change.id), desk, settled, severities, context, after), undone, doubtful=doubtful
        )
        for change in diff.changes
    )
    return Report(
        article=article,
        before=before,
        after=after,
        as_of=context.as_of,
        diff=diff,
        annotations=annotations,
        judgements=judgements,
        notices=settled.notices,
        findings=(*flip_findings(alternating), *findings_of(diff, annotations, severities, before, after)),
        result=result_of(diff.changes, severities),
        verdict=verdict_of(judgements),
        counts=counts_of(diff, annotations, severities),
    )


def _in_order(notes: tuple[Annotation, ...], diff: Diff) -> tuple[Annotation, ...]:
    """Each label of each change once, in the order of the changes and then of `Label`."""
    place = {change.id: number for number, change in enumerate(diff.changes)}
    order = {label: number for number, label in enumerate(Label)}
    once = {(note.change, note.label): note for note in reversed(notes)}
    return tuple(sorted(once.values(), key=lambda note: (place[note.change], order[note.label])))


def _in_hindsight(judged: Judgement, undone: set[str], *, doubtful: bool) -> Judgement:
    """What later snapshots make of silence: a headline that alternates comes to nothing, a vague note may mean all."""
    if judged.disclosure is not Disclosure.SILENT:
        return judged
    if judged.change in undone:
        return replace(judged, disclosure=Disclosure.EXEMPT, disclosed_later=None)
    doubtful = doubtful and not judged.disclosed_later
    return replace(judged, disclosure=Disclosure.UNSPECIFIC) if doubtful else judged


def _judge(
    change: Change,
    found: Evidence | None,
    desk: Desk,
    settled: Reconciled,
    severities: dict[str, Severity],
    context: Context,
    after: Side,
) -> Judgement:
    """The judgement on a change; `found` is what is known of it, None where it is exempt."""
    how = settled.standings.get(change.id, Standing(Disclosure.EXEMPT))
    later = disclosed_later(desk, found, how.disclosure, context, after) if found else None
    return Judgement(change.id, severities[change.id], how.disclosure, how.notice, later, how.otherwise)
