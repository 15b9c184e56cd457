"""A report as one HTML file that stands alone: no script, no request to anywhere, nothing of the page but its text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tracker.model import Report
from tracker.render import summary
from tracker.render.options import Options
from tracker.render.pieces import Mark, Piece
from tracker.render.safe import visible
from tracker.render.view import View, view
from tracker.render.words import LEGEND, severity_name

if TYPE_CHECKING:
    import jinja2

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece, with the number of its change where that change's marks begin."""

    mark: str
    text: str
    number: int | None


def report_html(report: Report, options: Options) -> str:
    """The report as a whole page; width and color do not matter."""
    shown = view(report, options)
    parts = parts_of(shown)
    names = [f"c{note.number}" for note in shown.notes]
    return page_template("report.html", "report.css").render(**parts, names=names)


def parts_of(shown: View) -> dict[str, Any]:
    """What the templates of a report need of it: its paragraphs with their runs, and in which of them a note begins."""
    report = shown.report
    language = report.diff.after.language or report.diff.before.language or ""
    numbers = {note.change.id: note.number for note in shown.notes}
    begun: set[str] = set()
    runs = [_numbered(paragraph.pieces, numbers, begun) for paragraph in shown.paragraphs]
    return {
        "shown": shown,
        "report": report,
        "clock": shown.clock,
        "paragraphs": list(zip(shown.paragraphs, runs, strict=True)),
        "in_text": begun,
        "language": language if _LANGUAGE.fullmatch(language) else None,
    }


def runs_of(pieces: Iterable[Piece]) -> list[Run]:
    """The pieces for a template that numbers no changes."""
    return _numbered(pieces, {}, set())


def _numbered(pieces: Iterable[Piece], numbers: dict[str, int], begun: set[str]) -> list[Run]:
    """The pieces for the template; each change's number stands before its first mark."""
    pieces = tuple(pieces)
    marked = {piece.change for piece in pieces if piece.mark is not Mark.EQUAL}
    runs = []
    for piece in pieces:
        begins = piece.change is not None and piece.change not in begun
        begins = begins and (piece.mark is not Mark.EQUAL or piece.change not in marked)
        if begins and piece.change is not None:
            begun.add(piece.change)
        runs.append(Run(piece.mark.value, piece.text, numbers.get(piece.change or "") if begins else None))
    return runs


@cache
def page_template(name: str, *styles: str) -> jinja2.Template:
    """The template of a page that stands alone, with its style sheets in it."""
    from markupsafe import Markup

    style = "".join(map(style_sheet, styles))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    known = {
        "style": Markup(style),  # noqa: S704 - our own style sheet, not text from the web
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    }
    return environment("tracker.render").get_template(name, globals=known)


def style_sheet(name: str) -> str:
    """One of this room's style sheets."""
    return files("tracker.render").joinpath("templates", name).read_text("utf-8")


@cache
def environment(*rooms: str) -> jinja2.Environment:
    """Templates of these packages, the first that has one. Every expression is made visible and escaped, whatever the
    template is called."""
    import jinja2
    from markupsafe import Markup

    def load(name: str) -> str | None:
        folders = (files(room).joinpath("templates") for room in rooms)
        found = next((folder.joinpath(name) for folder in folders if folder.joinpath(name).is_file()), None)
        return found.read_text("utf-8") if found else None

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        auto_reload=False,
        autoescape=True,
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"summary": summary, "legend": LEGEND, "severity_name": severity_name}
    return made
