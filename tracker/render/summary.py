"""What stands above the changes: the verdict, the counts, the times, the notices, all in words for people."""

from __future__ import annotations

import re

from tracker.model import (
    Disclosure,
    Finding,
    Judgement,
    Label,
    Notice,
    NoticeStatus,
    Outline,
    Report,
    Result,
    Severity,
    Side,
    Stated,
    Verdict,
)
from tracker.render.sentences import as_of, is_between, is_taken_down
from tracker.render.times import Clock
from tracker.render.view import ClaimView, View
from tracker.render.words import (
    CLAIM_NAMES,
    NOTICE_NAMES,
    PLACEMENT_NAMES,
    STATUS_NAMES,
    capital,
    label_name,
    plural,
    quoted,
    severity_name,
)

_VERDICTS = {
    Verdict.NOTHING: "nothing to disclose",
    Verdict.DISCLOSED: "disclosed",
    Verdict.PARTLY: "partly disclosed",
    Verdict.UNSPECIFIC: "a notice, but not clearly of this",
    Verdict.SILENT: "silent",
}

_TIME_OF_DAY = re.compile(r"\d{1,2}[:.h]\d\d|\b\d{1,2} ?(?=[ap]\.? ?m\b)|\b\d{4}(?= ?[A-Z])", re.IGNORECASE)
_MENTIONED = (Disclosure.DISCLOSED, Disclosure.PARTLY)

_FINDINGS = {
    Label.MODIFIED_UNMOVED: "The text was changed, but the date of modification that the page gives was not.",
    Label.REVERT: "The text went back to that of an earlier snapshot.",
    Label.UNCONFIRMED_LOSS: "All of the text gave way to another one; it may be another story under this address.",
    Label.RETRACTION: "The page says in its own words that the article was retracted or withdrawn.",
}


def title(report: Report) -> str:
    """What the report is called: the headline, else the address."""
    return report.article.headline or report.diff.after.headline or report.article.url or "Text without a headline"


def verdict_line(report: Report) -> str:
    """ "1 notice, which mentions 2 changes; verdict: disclosed" """
    if report.result is Result.UNCHANGED:
        return "No difference."
    if report.result is Result.COSMETIC:
        return "No words were changed, only typography or paragraph breaks."
    parts = [_notices(report), f"verdict: {verdict_name(report)}"]
    told = _disclosed_later(report)
    between = sum(is_between(report, judgement) for judgement in told)
    for count, when in ((between, "in between"), (len(told) - between, "later")):
        if count:
            parts.append(f"{plural(count, 'change')} disclosed {when}")
    return capital("; ".join(parts))


def verdict_name(report: Report) -> str:
    """ "silent"; where nothing calls for a notice, and one is gone, that is the verdict."""
    taken_down = any(is_taken_down(report, change) for change in report.diff.changes)
    neutral = report.verdict is Verdict.NOTHING and taken_down
    return "a notice was taken down" if neutral else _VERDICTS[report.verdict]


def later_name(report: Report) -> str:
    """ "disclosed later" where a later notice mentions all that no notice did, "partly disclosed later", or empty."""
    unmentioned = [
        one
        for one in report.judgements
        if one.disclosure is Disclosure.SILENT and _counts(one.severity, one.disclosure)
    ]
    told = [one for one in unmentioned if one.disclosed_later]
    return "" if not told else "disclosed later" if len(told) == len(unmentioned) else "partly disclosed later"


def _notices(report: Report) -> str:
    """ "1 new notice, which mentions 2 changes, 1 notice removed" """
    gone = sum(notice.status is NoticeStatus.REMOVED for notice in report.notices)
    kept = sum(notice.status is NoticeStatus.KEPT for notice in report.notices)
    fresh = len(report.notices) - gone - kept
    mentioned = sum(judgement.disclosure in _MENTIONED for judgement in report.judgements)
    parts = [plural(fresh, "new notice" if kept else "notice")] if fresh or not gone else []
    if mentioned:
        verb = {0: "", 1: "which mentions "}.get(fresh, "which mention ")
        parts.append(f"{verb}{plural(mentioned, 'change')}{'' if fresh else ' mentioned'}")
    if gone:
        parts.append(f"{plural(gone, 'notice')} removed")
    return ", ".join(parts)


def verdict_sentence(report: Report, clock: Clock) -> str:
    """What the verdict means here, in one or two careful sentences; empty if nothing needs saying."""
    counted = [judgement for judgement in report.judgements if _counts(judgement.severity, judgement.disclosure)]
    later = [judgement for judgement in counted if judgement.disclosed_later]
    silent = [
        judgement for judgement in counted if judgement.disclosure is Disclosure.SILENT and judgement not in later
    ]
    said = []
    if report.verdict is Verdict.DISCLOSED:
        said.append("Notices on the page mention every change that calls for one.")
    elif report.verdict is Verdict.UNSPECIFIC:
        said.append("A notice speaks of changes to the article, but not clearly of these.")
    elif silent and len(silent) == len(counted):
        which = "the change" if len(silent) == 1 else f"any of {len(silent)} changes"
        said.append(f"No notice we found{as_of(report, clock)} mentions {which}.")
    elif silent:
        verb = "is" if len(silent) == 1 else "are"
        share = f"{len(silent)} of {plural(len(counted), 'change')}"
        said.append(f"{share} {verb} mentioned in no notice we found{as_of(report, clock)}.")
    elif report.verdict is Verdict.PARTLY and not later:
        said.append("Notices on the page mention the changes in part.")
    if any(is_taken_down(report, change) for change in report.diff.changes):
        said.append("A notice that was on the page before is gone, and no new one says why.")
    between = sum(is_between(report, judgement) for judgement in later)
    for count, notice in (
        (between, "A notice that was on the page in between, and is no longer there,"),
        (len(later) - between, "A later notice"),
    ):
        if count:
            which = "the change" if len(counted) == 1 else f"{count} of {plural(len(counted), 'change')}"
            said.append(f"{notice} mentions {which}.")
    return " ".join(said)


def _disclosed_later(report: Report) -> list[Judgement]:
    return [judgement for judgement in report.judgements if judgement.disclosed_later]


def _counts(severity: Severity, disclosure: Disclosure) -> bool:
    """Does a change count for the verdict: medium or high, or a smaller one that a notice names?"""
    if disclosure is Disclosure.EXEMPT:
        return False
    return severity.rank >= Severity.MEDIUM.rank or disclosure in _MENTIONED


def count_line(report: Report) -> str:
    """ "3 changes (1 high, 2 low), 54 words added, 2 removed" """
    severities = [judgement.severity for judgement in report.judgements]
    shares = [
        f"{severities.count(severity)} {severity_name(severity)}"
        for severity in reversed(Severity)
        if severity in severities
    ]
    words = f"{plural(report.counts.words_added, 'word')} added, {report.counts.words_removed or 'none'} removed"
    return f"{plural(report.counts.changes, 'change')} ({', '.join(shares)}), {words}" if shares else words


def outline_line(outline: Outline) -> str:
    """ "6 changes, 6 words added, 6 removed: name changed (6); silent" """
    if outline.result is Result.COSMETIC:
        return "only typography or paragraph breaks"
    labels = [label.replace("-", " ") + (f" ({count})" if count > 1 else "") for label, count in outline.labels]
    added, removed = plural(outline.words_added, "word"), outline.words_removed or "none"
    words = f"{plural(outline.changes, 'change')}, {added} added, {removed} removed"
    return f"{words}{': ' if labels else ''}{', '.join(labels)}; {_VERDICTS[outline.verdict]}"


def change_time(report: Report, clock: Clock) -> str:
    """ "Changed between 14:02 and 14:17 UTC on 31 May 2015": the check before and this one. Empty for bare files."""
    until = report.after.captured_at
    known = [moment for moment in (report.after.seen_since, report.before.captured_at) if moment is not None]
    if until is None:
        return ""
    verb = "Checked" if report.result is Result.UNCHANGED else "Changed"
    if not known:
        return f"{verb} at or before {clock.moment(until)}"
    missed = f"; {plural(report.after.missed, 'check')} missed in between" if report.after.missed else ""
    return f"{verb} {clock.between(max(known), until)}{missed}"


def side_lines(report: Report, clock: Clock) -> tuple[tuple[str, str], ...]:
    """("before", "31 May 2015, 14:17 UTC, revision a1b2c3d4e5") and the same for "after"; nothing for bare texts."""
    lines = tuple(
        (name, _side_line(side, clock)) for name, side in (("before", report.before), ("after", report.after))
    )
    return tuple((name, line or "time not known") for name, line in lines) if any(line for _, line in lines) else ()


def _side_line(side: Side, clock: Clock) -> str:
    parts = [clock.moment(side.captured_at)] if side.captured_at else []
    parts += [f"revision {side.revision[:10]}"] if side.revision else []
    return ", ".join(parts)


def page_dates(report: Report, clock: Clock) -> str:
    """ "The page gives: published 31 May 2015, 15:40 UTC; modified 1 June 2015"; empty if it gives no date."""
    dates = (("published", report.after.published), ("modified", report.after.modified))
    given = "; ".join(f"{name} {clock.stated(value)}" for name, value in dates if value)
    return f"The page gives: {given}" if given else ""


def notice_title(notice: Notice) -> str:
    """ "Update note, new, at the end of the text" """
    parts = [capital(NOTICE_NAMES[notice.kind]), STATUS_NAMES[notice.status]]
    return ", ".join(parts + ([PLACEMENT_NAMES[notice.placement]] if notice.placement else []))


def page_notice_title(notice: Notice) -> str:
    """ "Update note, at the end of the text": of a page that is looked at alone, where nothing is new or old."""
    place = f", {PLACEMENT_NAMES[notice.placement]}" if notice.placement else ""
    return capital(NOTICE_NAMES[notice.kind]) + place


def stated_line(stated: Stated | None) -> str:
    """ "Stated: 31 May 2015, 15:13 ET"; what is missing, and what was assumed."""
    if stated is None:
        return "No time is given."
    yearless = not stated.date and _has_day(stated)
    parts = [f"“{' '.join(stated.raw.split())}”"] if yearless else []
    parts += [Clock().stated(stated.date)] if stated.date else []
    parts += [f"{stated.time} {stated.zone or ''}".strip()] if stated.time and not yearless else []
    missing = [] if stated.date else ["year" if yearless else "day"]
    missing += [] if stated.time else ["time of day"]
    missing += ["time zone"] if stated.time and not stated.zone else []
    parts += [f"no {' and no '.join(missing)} given"] if missing else []
    assumed = f" (assumed: {'; '.join(stated.assumed)})" if stated.assumed else ""
    return f"Stated: {', '.join(parts)}{assumed}"


def _has_day(stated: Stated) -> bool:
    """Is there a number in the stamp beside those of its time of day?"""
    return bool(re.search(r"\d", _TIME_OF_DAY.sub(" ", stated.raw)))


def claim_name(view: ClaimView) -> str:
    """ "found", "no such change found", "was there before" """
    return CLAIM_NAMES[view.claim.state]


def claim_elsewhere(view: ClaimView) -> str:
    """ "in revision a1b2c3d4e5" for changes between other snapshots; empty if there are none."""
    return ", ".join(f"in revision {revision[:10]}" for revision in dict.fromkeys(view.elsewhere))


def claim_state(view: ClaimView) -> str:
    """ "found: changes 1 and 2, also in revision a1b2c3d4e5" """
    here = f"change{'s' if len(view.numbers) > 1 else ''} {_listed(view.numbers)}" if view.numbers else ""
    elsewhere = claim_elsewhere(view)
    where = ", also ".join(filter(None, (here, elsewhere)))
    return f"{claim_name(view)}: {where}" if where else claim_name(view)


def _listed(numbers: tuple[int, ...]) -> str:
    words = [str(number) for number in numbers]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def finding_sentence(finding: Finding, clock: Clock) -> str:
    """A finding in one sentence, with the words it rests on."""
    if finding.label is Label.REVERT and len(finding.evidence) == 2:
        one, other = (quoted(wording, 140) for wording in finding.evidence)
        return f"The headline alternates between two wordings: {one} and {other}."
    text = _FINDINGS.get(finding.label, f"{capital(label_name(finding.label))}.")
    evidence = "; ".join(map(clock.stated, finding.evidence))
    return f"{text} ({evidence})" if evidence else text


def unchanged_line(view: View) -> str:
    """The friendly line for a report in which nothing happened."""
    report, clock = view.report, view.clock
    if report.before.captured_at and report.after.captured_at:
        taken = (clock.moment(report.before.captured_at), clock.moment(report.after.captured_at))
        return f"Nothing was changed: the text of {taken[0]} and that of {taken[1]} are the same."
    return "Nothing was changed: both sides have the same text."


def left_out_line(count: int) -> str:
    """ "2 changes of typography or paragraph breaks only are not shown; --all shows them." """
    if not count:
        return ""
    subject = f"{plural(count, 'change')} of typography or paragraph breaks only"
    return f"{subject} {'is' if count == 1 else 'are'} not shown; --all shows {'it' if count == 1 else 'them'}."


def skipped_line(count: int) -> str:
    """ "4 unchanged parts not shown": paragraphs, pictures, captions ..."""
    return f"{plural(count, 'unchanged part')} not shown" if count else ""
