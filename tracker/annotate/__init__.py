"""Says what each change means, finds the publisher's notes, and tells which change each note speaks of."""

from __future__ import annotations

from tracker.annotate.detectors import DETECTORS, label_changes
from tracker.annotate.notices import notices_in, notices_of
from tracker.annotate.page import notices_on_page
from tracker.annotate.reconcile import Desk, Reconciled, desk_of, disclosed_later, exempt_changes, reconcile
from tracker.annotate.severity import counts_of, findings_of, result_of, severity, verdict_of
from tracker.annotate.slips import slips
from tracker.annotate.worded import notice_changes
from tracker.model import ArticleName, Change, Context, Diff, Disclosure, Judgement, Report, Severity, Side

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
    annotations = label_changes(diff, context)
    severities = {
        change.id: severity(note.label for note in annotations if note.change == change.id) for change in diff.changes
    }
    exempt = exempt_changes(diff, notice_changes(diff), severities)
    notices = notices_of(diff)
    claims = bool(context.later) or any(notice.claims for notice in notices)
    desk = desk_of(diff, annotations, exempt, context, claims=claims)
    settled = reconcile(desk, notices, severities, after)
    judgements = tuple(_judge(change, desk, settled, severities, context, after) for change in diff.changes)
    return Report(
        article=article,
        before=before,
        after=after,
        as_of=context.as_of,
        diff=diff,
        annotations=annotations,
        judgements=judgements,
        notices=settled.notices,
        findings=findings_of(diff, severities, before, after),
        result=result_of(diff.changes, severities),
        verdict=verdict_of(judgements),
        counts=counts_of(diff, annotations, severities),
    )


def _judge(
    change: Change, desk: Desk, settled: Reconciled, severities: dict[str, Severity], context: Context, after: Side
) -> Judgement:
    disclosure, notice = settled.disclosures.get(change.id, (Disclosure.EXEMPT, None))
    found = next((one for one in desk.here if one.change.id == change.id), None)
    later = disclosed_later(desk, found, disclosure, context, after) if found else None
    return Judgement(change.id, severities[change.id], disclosure, notice, later)
