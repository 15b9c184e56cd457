r"""tracker: git for news articles.

The public door. Every name is resolved when it is first used, so that `import tracker` costs nothing.

>>> import tracker
>>> before = tracker.document_from_text("Rebels leave the programme.\n\nTwelve people were killed.")
>>> after = tracker.document_from_text("Rebels leave the programme.\n\nTwenty-one people were killed.")
>>> report = tracker.compare(before, after)
>>> report.result.value, report.verdict.value
('changed', 'silent')
>>> [(edit.op.value, edit.text) for edit in report.diff.changes[0].edits][:2]
[('delete', 'Twelve'), ('insert', 'Twenty-one')]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what a type checker sees behind the lazy door
    from tracker.diff import diff as diff
    from tracker.errors import *  # noqa: F403 - the list below names them
    from tracker.model import *  # noqa: F403 - the list below names them
    from tracker.normalize import document_from_text as document_from_text
    from tracker.normalize import normalize as normalize
    from tracker.normalize import read as read
    from tracker.pipeline import compare as compare
    from tracker.render import render as render
    from tracker.store import open_store as open_store

_ERRORS = [
    "TrackerError",
    "UsageError",
    "SomeFailed",
    "ConfigError",
    "FetchError",
    "HostDown",
    "Unavailable",
    "Refused",
    "Forbidden",
    "UnreadableError",
    "NotHtml",
    "NoArticle",
    "Blocked",
    "StoreError",
    "NotAStore",
    "NewerStore",
    "DamagedStore",
    "StoreBusy",
    "Conflict",
    "Deleted",
    "NotFound",
    "NotifyError",
]
_MODEL = [
    "Annotation",
    "ArticleName",
    "Block",
    "BlockKind",
    "Capture",
    "Change",
    "Check",
    "Claim",
    "ClaimState",
    "ClaimedChange",
    "Content",
    "Context",
    "Counts",
    "Diff",
    "DisclosedLater",
    "Disclosure",
    "Document",
    "EarlierText",
    "Edit",
    "EditOp",
    "Field",
    "Finding",
    "Judgement",
    "Label",
    "LaterNotice",
    "Lens",
    "Link",
    "Match",
    "Notice",
    "NoticeKind",
    "NoticeReading",
    "NoticeStatus",
    "Op",
    "OpenChange",
    "Outcome",
    "Outline",
    "Pair",
    "Passage",
    "Placement",
    "Reading",
    "Report",
    "Result",
    "SeenTitles",
    "Severity",
    "Side",
    "Sighting",
    "Slip",
    "SlipKind",
    "Snapshot",
    "Source",
    "Span",
    "Stated",
    "Step",
    "Suppressed",
    "Trial",
    "Validators",
    "Verdict",
]
_DOOR = {
    **dict.fromkeys(_ERRORS, "tracker.errors"),
    **dict.fromkeys(_MODEL, "tracker.model"),
    "compare": "tracker.pipeline",
    "diff": "tracker.diff",
    "document_from_text": "tracker.normalize",
    "normalize": "tracker.normalize",
    "open_store": "tracker.store",
    "read": "tracker.normalize",
    "render": "tracker.render",
}

__all__ = sorted(_DOOR)  # noqa: PLE0605 - one list of names, kept in one place


def __getattr__(name: str) -> Any:
    if name not in _DOOR:
        raise AttributeError(f"module 'tracker' has no attribute {name!r}")
    return getattr(import_module(_DOOR[name]), name)


def __dir__() -> list[str]:
    return __all__
