"""A report read back from `tracker.report/1`: what the index keeps of one, beside the two texts it was made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tracker.model import (
    Annotation,
    ArticleName,
    Change,
    Claim,
    ClaimedChange,
    ClaimState,
    Counts,
    Diff,
    DisclosedLater,
    Disclosure,
    Edit,
    EditOp,
    Field,
    Finding,
    Judgement,
    Label,
    Notice,
    NoticeKind,
    NoticeStatus,
    Op,
    Placement,
    Report,
    Result,
    Severity,
    Side,
    Span,
    Stated,
    Verdict,
)

Json = Mapping[str, Any]


def read_report(body: Json, diff: Diff, before: Side, after: Side, otherwise: Collection[str] = ()) -> Report:
    """The report whose JSON is `body`. `diff` gives its two texts and its pair; its own changes are not looked at.

    `otherwise` are the ids of the changes of which a notice says the contrary: the JSON does not hold that.
    """
    article = body["article"]
    changes = tuple(read_change(change) for change in body["changes"])
    return Report(
        article=ArticleName(article["branch"], article["url"], article["headline"]),
        before=before,
        after=after,
        as_of=_moment(body["as_of"]),
        diff=Diff(diff.before, diff.after, diff.pair, changes),
        annotations=tuple(
            Annotation(Label(note["label"]), change["id"], tuple(note["evidence"]))
            for change in body["changes"]
            for note in change["labels"]
        ),
        judgements=tuple(_judgement(change, change["id"] in otherwise) for change in body["changes"]),
        notices=tuple(_notice(notice) for notice in body["notices"]),
        findings=tuple(Finding(Label(one["label"]), tuple(one["evidence"])) for one in body["findings"]),
        result=Result(body["result"]),
        verdict=Verdict(body["verdict"]),
        counts=_counts(body["counts"]),
    )


def read_change(change: Json) -> Change:
    """One change of a report's JSON."""
    return Change(
        id=change["id"],
        op=Op(change["op"]),
        field=Field(change["field"]),
        before=tuple(_span(span) for span in change["before"]),
        after=tuple(_span(span) for span in change["after"]),
        edits=tuple(Edit(EditOp(edit["op"]), edit["text"]) for edit in change["edits"]),
    )


def _span(span: Json) -> Span:
    return Span(span["block"], span["start"], span["text"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _judgement(change: Json, otherwise: bool) -> Judgement:
    later = change["disclosed_later"]
    return Judgement(
        change=change["id"],
        severity=Severity(change["severity"]),
        disclosure=Disclosure(change["disclosure"]),
        notice=change["notice"],
        disclosed_later=_later(later) if later else None,
        otherwise=otherwise,
    )


def _later(later: Json) -> DisclosedLater:
    at = datetime.fromisoformat(later["captured_at"])
    return DisclosedLater(later["revision"], at, later["notice"], later["delay_seconds"])


def _notice(notice: Json) -> Notice:
    return Notice(
        id=notice["id"],
        kind=NoticeKind(notice["kind"]),
        status=NoticeStatus(notice["status"]),
        block=notice["block"],
        placement=Placement(notice["placement"]) if notice["placement"] else None,
        label=notice["label"],
        text=notice["text"],
        stated=_stated(notice["stated"]) if notice["stated"] else None,
        claims=tuple(_claim(claim) for claim in notice["claims"]),
    )


def _stated(stated: Json) -> Stated:
    return Stated(stated["raw"], stated["time"], stated["date"], stated["zone"], tuple(stated["assumed"]))


def _claim(claim: Json) -> Claim:
    changes = tuple(ClaimedChange(one["revision"], one["change"]) for one in claim["changes"])
    return Claim(claim["text"], ClaimState(claim["state"]), changes)


def _counts(counts: Json) -> Counts:
    labels = tuple(sorted(counts["labels"].items()))
    return Counts(counts["changes"], counts["words_added"], counts["words_removed"], labels)
