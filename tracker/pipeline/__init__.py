"""Joins the stations: keep a capture, compare two documents, report on two snapshots.

What happens to an article is a value (`Check`), never an exception; exceptions are for what a person must mend.

Every name is resolved when it is first used: who compares two files needs no store.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what a type checker sees behind the lazy door
    from tracker.pipeline.bundle import bundle as bundle
    from tracker.pipeline.feeds import edit_report as edit_report
    from tracker.pipeline.feeds import feed as feed
    from tracker.pipeline.feeds import recent_reports as recent_reports
    from tracker.pipeline.keep import Terms as Terms
    from tracker.pipeline.keep import keep as keep
    from tracker.pipeline.many import Kept as Kept
    from tracker.pipeline.many import keep_many as keep_many
    from tracker.pipeline.outlets import outlets as outlets
    from tracker.pipeline.pages import answered as answered
    from tracker.pipeline.pages import compare as compare
    from tracker.pipeline.pages import compare_readings as compare_readings
    from tracker.pipeline.pages import doubted as doubted
    from tracker.pipeline.pages import read_capture as read_capture
    from tracker.pipeline.reports import blame_lines as blame_lines
    from tracker.pipeline.reports import known_report as known_report
    from tracker.pipeline.reports import neighbours as neighbours
    from tracker.pipeline.reports import outlines as outlines
    from tracker.pipeline.reports import refresh_reports as refresh_reports
    from tracker.pipeline.reports import report as report
    from tracker.pipeline.reports import reports as reports
    from tracker.pipeline.search import search as search
    from tracker.pipeline.share import pull as pull
    from tracker.pipeline.share import push as push
    from tracker.pipeline.stamps import stamper as stamper
    from tracker.pipeline.story import story as story

_DOOR = {
    **dict.fromkeys(["edit_report", "feed", "recent_reports"], "tracker.pipeline.feeds"),
    **dict.fromkeys(["Terms", "keep"], "tracker.pipeline.keep"),
    **dict.fromkeys(["answered", "compare", "compare_readings", "doubted", "read_capture"], "tracker.pipeline.pages"),
    **dict.fromkeys(
        ["blame_lines", "known_report", "neighbours", "outlines", "refresh_reports", "report", "reports"],
        "tracker.pipeline.reports",
    ),
    **dict.fromkeys(["Kept", "keep_many"], "tracker.pipeline.many"),
    "bundle": "tracker.pipeline.bundle",
    "outlets": "tracker.pipeline.outlets",
    "stamper": "tracker.pipeline.stamps",
    **dict.fromkeys(["pull", "push"], "tracker.pipeline.share"),
    "search": "tracker.pipeline.search",
    "story": "tracker.pipeline.story",
}

__all__ = sorted(_DOOR)  # noqa: PLE0605 - one list of names, kept in one place


def __getattr__(name: str) -> Any:
    if name not in _DOOR:
        raise AttributeError(f"module 'tracker.pipeline' has no attribute {name!r}")
    room = import_module(_DOOR[name])
    # All of them at once: to import `pipeline.keep` puts the module where the function of that name belongs.
    globals().update({each: getattr(room, each) for each, home in _DOOR.items() if home == _DOOR[name]})
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
