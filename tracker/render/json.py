"""A report as JSON, `tracker.report/1`: everything, in a fixed order, the same bytes every time.

The schema is published beside this file as report.schema.json. Text stays as it is; only what a terminal could stumble
over (C1 and bidi controls, lone surrogates) is written as \\uXXXX, which any JSON reader turns back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tracker.model import (
    Annotation,
    Change,
    Claim,
    DisclosedLater,
    Edit,
    Judgement,
    Lens,
    Notice,
    Report,
    Side,
    Span,
    Stated,
)
from tracker.render.options import Options
from tracker.render.times import machine

SCHEMA_NAME = "tracker.report/1"

_UNSEEN = re.compile("[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ufff9-\uffff]")

Json = dict[str, Any]


def report_json(report: Report, options: Options | None = None) -> str:  # noqa: ARG001 - renderers are called alike
    """The whole report, whatever the options; one object, ends with a line feed."""
    return _dump(report_object(report), indent=2) + "\n"


def line(value: Mapping[str, Any]) -> str:
    """One object on one line, without a line feed: a row of a listing under `--json`."""
    return _dump(value, indent=None)


@cache
def schema() -> Json:
    """The JSON Schema (2020-12) of a report."""
    text = files("tracker.render").joinpath("report.schema.json").read_text("utf-8")
    loaded: Json = json.loads(text)
    return loaded


def report_object(report: Report) -> Json:
    """The report as plain dicts and lists, keys in the order of the contract."""
    return {
        "schema": SCHEMA_NAME,
        "as_of": machine(report.as_of) if report.as_of else None,
        "article": {
            "branch": report.article.branch,
            "url": report.article.url,
            "headline": report.article.headline,
        },
        "before": _side(report.before),
        "after": _side(report.after)
        | {"seen_since": machine(report.after.seen_since) if report.after.seen_since else None},
        "result": report.result.value,
        "verdict": report.verdict.value,
        "changes": _changes(report),
        "notices": [notice_object(notice) for notice in report.notices],
        "findings": [{"label": finding.label.value, "evidence": list(finding.evidence)} for finding in report.findings],
        "counts": {
            "changes": report.counts.changes,
            "words_added": report.counts.words_added,
            "words_removed": report.counts.words_removed,
            "labels": dict(report.counts.labels),
        },
    }


def _changes(report: Report) -> list[Json]:
    judged = {judgement.change: judgement for judgement in report.judgements}
    labels: dict[str, list[Annotation]] = {}
    for note in report.annotations:
        labels.setdefault(note.change, []).append(note)
    return [_change(change, labels.get(change.id, []), judged[change.id]) for change in report.diff.changes]


def _change(change: Change, labels: list[Annotation], judgement: Judgement) -> Json:
    return {
        "id": change.id,
        "op": change.op.value,
        "field": change.field.value,
        "before": [_span(span) for span in change.before],
        "after": [_span(span) for span in change.after],
        "edits": [_edit(edit) for edit in change.edits],
        "labels": [{"label": note.label.value, "evidence": list(note.evidence)} for note in labels],
        "severity": judgement.severity.value,
        "disclosure": judgement.disclosure.value,
        "notice": judgement.notice,
        "disclosed_later": _later(judgement.disclosed_later),
    }


def _side(side: Side) -> Json:
    return {
        "revision": side.revision,
        "captured_at": machine(side.captured_at) if side.captured_at else None,
        "published": side.published,
        "modified": side.modified,
        "lens": _lens(side.lens),
    }


def _lens(lens: Lens | None) -> Json | None:
    if lens is None:
        return None
    return {"rules": lens.rules, "sentences": lens.sentences, "recipe": lens.recipe, "memory": lens.memory}


def _span(span: Span) -> Json:
    return {"block": span.block, "start": span.start, "text": span.text}


def _edit(edit: Edit) -> Json:
    return {"op": edit.op.value, "text": edit.text}


def _later(later: DisclosedLater | None) -> Json | None:
    if later is None:
        return None
    return {
        "revision": later.revision,
        "captured_at": machine(later.captured_at),
        "notice": later.notice,
        "delay_seconds": later.delay_seconds,
    }


def notice_object(notice: Notice) -> Json:
    """One notice as it stands in a report."""
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "status": notice.status.value,
        "block": notice.block,
        "placement": notice.placement.value if notice.placement else None,
        "label": notice.label,
        "text": notice.text,
        "stated": _stated(notice.stated),
        "claims": [_claim(claim) for claim in notice.claims],
    }


def _stated(stated: Stated | None) -> Json | None:
    if stated is None:
        return None
    return {
        "raw": stated.raw,
        "time": stated.time,
        "date": stated.date,
        "zone": stated.zone,
        "assumed": list(stated.assumed),
    }


def _claim(claim: Claim) -> Json:
    changes = [{"revision": one.revision, "change": one.change} for one in claim.changes]
    return {"text": claim.text, "state": claim.state.value, "changes": changes}


def _dump(value: Mapping[str, Any], *, indent: int | None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
