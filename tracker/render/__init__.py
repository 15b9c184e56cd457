"""The station render: a Report -> text for a terminal, a browser, an issue or a program. Pure; no clock, no files.

A renderer is a plain function `(Report, Options) -> str` in `RENDERERS`; its text ends with one line feed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tracker.errors import UsageError
from tracker.model import Report
from tracker.render.html import report_html
from tracker.render.json import report_json
from tracker.render.markdown import report_markdown
from tracker.render.options import Options
from tracker.render.safe import safe
from tracker.render.svg import report_svg
from tracker.render.terminal import report_terminal

__all__ = ["RENDERERS", "Options", "render", "safe"]

RENDERERS: dict[str, Callable[[Report, Options], str]] = {
    "terminal": report_terminal,
    "html": report_html,
    "markdown": report_markdown,
    "json": report_json,
    "svg": report_svg,
}


def render(report: Report, format: str = "terminal", **options: Any) -> str:  # noqa: A002 - the contract's word
    """The report in one of the formats terminal, html, markdown, json, svg; `options` are the fields of Options.

    Raises UsageError for a format or a time zone that does not exist, TypeError for an option that does not.
    """
    renderer = RENDERERS.get(format)
    if renderer is None:
        raise UsageError(f"there is no format {format!r}; choose one of {', '.join(RENDERERS)}")
    return renderer(report, Options(**options))


class _Room(ModuleType):
    """`tracker.render(report)`: the room and its one function share a name, so the room can be called."""

    __call__ = staticmethod(render)


sys.modules[__name__].__class__ = _Room
