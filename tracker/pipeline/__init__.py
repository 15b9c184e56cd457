"""Joins the stations: keep a capture, compare two documents, report on two snapshots.

What happens to an article is a value (`Check`), never an exception; exceptions are for what a person must mend.
"""

from tracker.pipeline.keep import Terms, keep
from tracker.pipeline.pages import answered, compare, compare_readings, doubted, read_capture
from tracker.pipeline.reports import blame_lines, neighbours, outlines, refresh_reports, report, reports

__all__ = [
    "Terms",
    "answered",
    "blame_lines",
    "compare",
    "compare_readings",
    "doubted",
    "keep",
    "neighbours",
    "outlines",
    "read_capture",
    "refresh_reports",
    "report",
    "reports",
]
