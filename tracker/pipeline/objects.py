"""What the store knows as plain objects: the one JSON of listings, on the command line and over the web alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.model import Outline
from tracker.render.times import iso
from tracker.store import ArticleRow, ChangeRow, Entry, Review

Json = dict[str, Any]


def article_object(row: ArticleRow) -> Json:
    """One article of a list."""
    return {
        "branch": row.branch,
        "url": row.url,
        "headline": row.headline,
        "snapshots": row.snapshots,
        "first_at": iso(row.first_at),
        "changed_at": iso(row.changed_at),
        "state": row.state,
    }


def entry_object(entry: Entry, number: int | None, outline: Outline | None) -> Json:
    """One snapshot (with its number) or event of an article; the figures are null for what is no change."""
    return {
        "revision": entry.revision,
        "kind": entry.kind.value,
        "number": number,
        "captured_at": iso(entry.captured_at),
        "seen_since": iso(entry.seen_since),
        "changes": outline.changes if outline else None,
        "words_added": outline.words_added if outline else None,
        "words_removed": outline.words_removed if outline else None,
        "labels": dict(outline.labels) if outline else None,
        "result": outline.result.value if outline else None,
        "verdict": outline.verdict.value if outline else None,
        "event": None if number else entry.subject,
        "url": entry.url,
        "raw_sha256": entry.raw_sha256,
        "modified": entry.modified,
        "lens": str(entry.lens) if entry.lens else None,
    }


def change_object(row: ChangeRow, reviews: Iterable[Review]) -> Json:
    """One change of a list, with everybody's reviews of it."""
    return {
        "branch": row.branch,
        "before": row.before,
        "after": row.after,
        "id": row.change,
        "seen_since": iso(row.seen_since),
        "captured_at": iso(row.captured_at),
        "field": row.field,
        "op": row.op,
        "labels": list(row.labels),
        "severity": row.severity,
        "disclosure": row.disclosure,
        "disclosed_after_seconds": row.delay,
        "old": row.old,
        "new": row.new,
        "sentence": row.sentence,
        "reviews": [review_object(review) for review in reviews],
    }


def review_object(review: Review) -> Json:
    """One reviewer's word on one change."""
    return {
        "reviewer": review.reviewer,
        "branch": review.branch,
        "change": review.change,
        "at": iso(review.at),
        "weight": review.weight,
        "ruling": review.ruling,
        "note": review.note,
    }
