"""A report as a picture: outlet, headline, both times, the changed passages with their marks, and what notices say.

An SVG that stands alone: no script, no style from elsewhere, its text as text, and the whole told in words in its
description. No font is measured here: lines are broken as for a wide one, so that none is ever too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from tracker.model import Report, Result, Verdict
from tracker.render import summary
from tracker.render.options import Options
from tracker.render.pieces import Mark, Piece
from tracker.render.safe import is_right_to_left, visible
from tracker.render.view import Paragraph, View, view
from tracker.render.words import quoted

WIDTH = 1200
EDGE = 72
SVG = "http://www.w3.org/2000/svg"
MOST_PASSAGES = 8  # a picture with more is no picture any more; `full` and a program have the rest
_LONGEST_DESCRIPTION = 1500  # characters
_PAPER, _INK, _SOFT, _LINE = "#fbfaf7", "#1d1b18", "#5f5a52", "#d9d4ca"
_GONE, _ADDED, _MOVED = "#9b1c14", "#0b5a2a", "#1f4f8a"
_VERDICT_COLOURS = {
    Verdict.NOTHING: _SOFT,
    Verdict.DISCLOSED: _ADDED,
    Verdict.PARTLY: "#7a5200",
    Verdict.UNSPECIFIC: "#7a5200",
    Verdict.SILENT: _GONE,
}
_SERIF = "Georgia, 'DejaVu Serif', 'Noto Serif', serif"
_SANS = "'Helvetica Neue', Arial, 'DejaVu Sans', 'Noto Sans', sans-serif"
_MARKED = {
    Mark.INSERT: {"fill": _ADDED, "text-decoration": "underline"},
    Mark.PARAGRAPH_ADDED: {"fill": _ADDED, "text-decoration": "underline"},
    Mark.DELETE: {"fill": _GONE, "text-decoration": "line-through"},
    Mark.PARAGRAPH_GONE: {"fill": _GONE, "text-decoration": "line-through"},
    Mark.LINK: {"fill": _MOVED, "text-decoration": "underline"},
}
_SIGNS = {Mark.LEFT_OUT: "[…] ", Mark.PARAGRAPH_ADDED: "¶ ", Mark.PARAGRAPH_GONE: "¶"}


@dataclass(frozen=True, slots=True)
class _Type:
    """How a line is set: size and distance in pixels."""

    family: str
    size: int
    leading: int
    weight: str = "400"
    fill: str = _INK

    def width(self, text: str) -> float:
        """How wide a text may come out, in pixels."""
        return sum(map(_width, text)) * self.size * (0.9 if self.family is _SANS else 1.0)


_KICKER = _Type(_SANS, 22, 34, "600", _SOFT)
_HEADLINE = _Type(_SERIF, 44, 56, "700")
_VERDICT = _Type(_SANS, 26, 38, "600")
_SMALL = _Type(_SANS, 21, 31, fill=_SOFT)
_TITLE = _Type(_SANS, 20, 32, "600", _SOFT)
_WORDS = _Type(_SERIF, 27, 40)
_QUOTE = _Type(_SERIF, 24, 35)

Runs = Sequence[tuple[Mark, str]]


@dataclass
class _Sheet:
    """A sheet that grows downwards."""

    root: ET.Element
    y: float = EDGE

    def space(self, height: float) -> None:
        self.y += height

    def text(self, runs: Runs, how: _Type, *, indent: float = 0, fill: str | None = None) -> None:
        """One paragraph, as many lines as it takes."""
        plain = "".join(text for _, text in runs)
        leftwards = is_right_to_left(plain)
        for line in _lines(runs, how, WIDTH - 2 * EDGE - indent):
            self.y += how.leading
            look = {
                "x": f"{WIDTH - EDGE - indent if leftwards else EDGE + indent:g}",
                "y": f"{self.y:g}",
                "font-family": how.family,
                "font-size": str(how.size),
                "font-weight": how.weight,
                "fill": fill or how.fill,
            }
            element = ET.SubElement(self.root, "text", look | ({"direction": "rtl"} if leftwards else {}))
            before = None
            for mark, text in line:
                apart = {"dx": "6"} if (before, mark) == (Mark.DELETE, Mark.INSERT) else {}
                ET.SubElement(element, "tspan", _MARKED.get(mark, {}) | apart).text = text
                before = mark

    def rule(self) -> None:
        self.y += 26
        ET.SubElement(
            self.root, "path", {"d": f"M{EDGE} {self.y:g}H{WIDTH - EDGE}", "stroke": _LINE, "stroke-width": "2"}
        )
        self.y += 8

    def bar(self, start: float, colour: str) -> None:
        """A bar at the left edge, from a height down to here."""
        place = {"x": f"{EDGE}", "y": f"{start + 10:g}", "width": "6", "height": f"{self.y - start + 2:g}"}
        ET.SubElement(self.root, "rect", place | {"fill": colour})


def report_svg(report: Report, options: Options) -> str:
    """The report as a picture 1200 pixels wide and as high as it takes."""
    shown = view(report, options)
    root = ET.Element("svg", {"xmlns": SVG, "role": "img", "aria-labelledby": "title description", "lang": "en"})
    ET.SubElement(root, "title", {"id": "title"}).text = visible(f"What was changed: {summary.title(report)}")
    ET.SubElement(root, "desc", {"id": "description"}).text = visible(description(shown))
    paper = ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": _PAPER})
    sheet = _Sheet(root)
    _head(sheet, shown)
    _notices(sheet, shown)
    _passages(sheet, shown)
    _foot(sheet, shown)
    height = f"{sheet.y + EDGE:g}"
    root.attrib |= {"width": str(WIDTH), "height": height, "viewBox": f"0 0 {WIDTH} {height}"}
    paper.set("height", height)
    return ET.tostring(root, encoding="unicode") + "\n"


def description(shown: View) -> str:
    """The picture in words, for who cannot see it: the verdict, the time, and each change in a sentence."""
    report = shown.report
    parts = [summary.verdict_line(report), summary.change_time(report, shown.clock)]
    parts += [note.sentence for note in shown.notes]
    text = " ".join(part if part.endswith((".", "”", "!", "?")) else f"{part}." for part in parts if part)
    return text if len(text) <= _LONGEST_DESCRIPTION else text[:_LONGEST_DESCRIPTION].rpartition(" ")[0] + " …"


def _plain(text: str) -> Runs:
    return ((Mark.EQUAL, visible(text)),)


def _head(sheet: _Sheet, shown: View) -> None:
    report = shown.report
    outlet = (report.article.branch or "").partition("/")[0]
    sheet.text(_plain(f"{outlet} · What was changed" if outlet else "What was changed"), _KICKER)
    sheet.space(6)
    sheet.text(_plain(summary.title(report)), _HEADLINE)
    sheet.space(10)
    if report.result is Result.UNCHANGED:
        sheet.text(_plain(summary.unchanged_line(shown)), _VERDICT)
        return
    sheet.text(_plain(summary.verdict_line(report)), _VERDICT, fill=_VERDICT_COLOURS[report.verdict])
    for line in (summary.verdict_sentence(report, shown.clock), _ended(summary.change_time(report, shown.clock))):
        if line:
            sheet.text(_plain(line), _SMALL)


def _ended(text: str) -> str:
    return f"{text}." if text else ""


def _notices(sheet: _Sheet, shown: View) -> None:
    for one in shown.notices:
        sheet.space(22)
        sheet.text(_plain(f"{one.letter}: {summary.notice_title(one.notice)}"), _TITLE)
        start = sheet.y
        sheet.text(_plain(one.notice.text), _QUOTE, indent=26)
        sheet.bar(start, _MOVED)


def _passages(sheet: _Sheet, shown: View) -> None:
    touched = [paragraph for paragraph in shown.paragraphs if paragraph.touched]
    for paragraph in touched[:MOST_PASSAGES]:
        sheet.rule()
        _passage(sheet, paragraph)
    if (more := len(touched) - MOST_PASSAGES) > 0:
        sheet.rule()
        sheet.text(_plain(f"{more} more changed {'passage' if more == 1 else 'passages'}"), _TITLE)


def _passage(sheet: _Sheet, paragraph: Paragraph) -> None:
    op = f", {paragraph.op.value}" if paragraph.op else ""
    sheet.text(_plain(f"{paragraph.title}{op}"), _TITLE)
    if runs := _runs(paragraph.pieces):
        sheet.text(runs, _WORDS)
    for note in paragraph.notes:
        sheet.space(4)
        sheet.text(_plain(f"{note.number}. {note.sentence}"), _SMALL)
        if note.details:
            sheet.text(_runs(note.details), _SMALL)


def _runs(pieces: Iterable[Piece]) -> Runs:
    return [(piece.mark, _SIGNS.get(piece.mark, visible(piece.text))) for piece in pieces]


def _foot(sheet: _Sheet, shown: View) -> None:
    report = shown.report
    sheet.rule()
    sides = [f"{name}: {line}" for name, line in summary.side_lines(report, shown.clock)]
    for line in (*sides, report.article.url or "", shown.address or ""):
        if line:
            sheet.text(_plain(line), _SMALL)
    sheet.text(_plain(f"Made by tracker. {quoted('Silent')} means: in no notice that we found."), _SMALL)


# --- lines ----------------------------------------------------------------------------------------------------

_NARROW = frozenset("iljI|!.,:;'’‘`()[]{} \u00a0/\\")
_WIDE = frozenset("mwMW—…%@&ÆŒ")


def _width(char: str) -> float:
    """The width of a character in a wide font, as a share of its size."""
    if char in _NARROW:
        return 0.4
    if char in _WIDE or ord(char) >= 0x1100:  # what is written in squares, and what may be
        return 1.04
    return 0.75 if char.isupper() else 0.64


def _lines(runs: Runs, how: _Type, room: float) -> Iterator[list[tuple[Mark, str]]]:
    """The runs broken into lines that fit, between words, or inside one that is longer than a line."""
    line: list[tuple[Mark, str]] = []
    used = 0.0
    for mark, word in _words(runs):
        if line and used + how.width(word) > room:
            yield line
            line, used = [], 0.0
        for part in _fitting(word if line else word.lstrip(), how, room):
            if line and used + how.width(part) > room:
                yield line
                line, used = [], 0.0
            line.append((mark, part))
            used += how.width(part)
    if line:
        yield line


def _words(runs: Runs) -> Iterator[tuple[Mark, str]]:
    """Each word with the spaces before it."""
    for mark, text in runs:
        start = 0
        for place in range(1, len(text) + 1):
            if place == len(text) or (text[place].isspace() and not text[place - 1].isspace()):
                yield mark, text[start:place]
                start = place


def _fitting(word: str, how: _Type, room: float) -> Iterator[str]:
    """A word in pieces no wider than a line: long addresses, and scripts without spaces."""
    start, used = 0, 0.0
    for place, char in enumerate(word):
        width = how.width(char)
        if used + width > room:
            yield word[start:place]
            start, used = place, 0.0
        used += width
    if start < len(word):
        yield word[start:]
