"""A report for the terminal, or for a pipe: the changed paragraphs with their notes below or, if there is room, beside.

All text from the web goes through `visible` into rich Text objects; nothing is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from tracker.model import Op, Report, Result, Severity, Verdict
from tracker.render import summary
from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.pieces import Mark, Piece
from tracker.render.safe import visible
from tracker.render.view import Note, NoticeView, Paragraph, View, view
from tracker.render.words import severity_name

_SIDE_BY_SIDE = 110  # from this width on, notes stand beside the text
_NOTES_WIDTH = 40
_SIGNS = {Op.ADDED: ("+", "green"), Op.REMOVED: ("-", "red"), Op.MOVED: (">", "blue")}
_SEVERITY_STYLES = {
    Severity.NONE: "dim",
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "bold red",
}
_VERDICT_STYLES = {
    Verdict.NOTHING: "cyan",
    Verdict.DISCLOSED: "green",
    Verdict.PARTLY: "yellow",
    Verdict.UNSPECIFIC: "yellow",
    Verdict.SILENT: "red",
}
_STROKES = {Mark.DELETE: "red strike", Mark.INSERT: "green underline"}
_BRACKETS = {Mark.DELETE: ("[-", "-]"), Mark.INSERT: ("{+", "+}")}
_BREAKS = {Mark.PARAGRAPH_ADDED: ("{+¶+} ", "¶ ", "green"), Mark.PARAGRAPH_GONE: ("[-¶-]", "¶", "red strike")}


def report_terminal(report: Report, options: Options) -> str:
    """The report in `options.width` columns; plain text with `[-old-]{+new+}` unless `options.color`."""
    shown = view(report, options)
    canvas = Canvas(options.width, color=options.color)
    for line in _lines(shown, canvas):
        canvas.put(line)
    return canvas.text()


def _lines(shown: View, canvas: Canvas) -> Iterator[Text]:
    report = shown.report
    yield from _head(shown, canvas)
    if report.result is Result.UNCHANGED and not shown.notes:
        yield from canvas.wrap(Text(visible(summary.unchanged_line(shown)), style="green"))
    if shown.notices:
        yield Text()
        yield from canvas.wrap(Text("NOTICES", style="bold"))
        for notice in shown.notices:
            yield from _notice(notice, canvas)
    if shown.paragraphs:
        yield Text()
        yield from canvas.wrap(Text("CHANGES" if shown.notes else "TEXT", style="bold"))
    for paragraph in shown.paragraphs:
        yield from _paragraph(paragraph, canvas)
    yield from _foot(shown, canvas)


def _head(shown: View, canvas: Canvas) -> Iterator[Text]:
    report, clock = shown.report, shown.clock
    name = report.article
    yield from canvas.wrap(Text(visible(summary.title(report)), style="bold"))
    for address in filter(None, (name.url, name.branch)):
        yield Text(visible(address), style="dim")  # never cut: somebody will copy it
    if report.result is Result.UNCHANGED and not shown.notes:
        return
    when = summary.change_time(report, clock)
    for side, line in summary.side_lines(report, clock):
        yield from canvas.wrap(Text(f"{side:<8}{visible(line)}", style="dim"), hang=8)
    if when:
        yield from canvas.wrap(Text(f"{when}."))
    yield from canvas.wrap(Text(visible(summary.page_dates(report, clock)), style="dim"))
    yield Text()
    style = f"bold {_VERDICT_STYLES[report.verdict]}"
    yield from canvas.wrap(Text(summary.verdict_line(report), style=style))
    for line in (summary.verdict_sentence(report, clock), summary.count_line(report)):
        yield from canvas.wrap(Text(line))
    for finding in report.findings:
        yield from canvas.wrap(Text(f"! {visible(summary.finding_sentence(finding, clock))}", style="yellow"), hang=2)


def _notice(shown: NoticeView, canvas: Canvas) -> Iterator[Text]:
    notice = shown.notice
    yield from canvas.wrap(Text.assemble((f"{shown.letter}  ", "bold"), (summary.notice_title(notice), "bold")), hang=3)
    yield from canvas.wrap(Text(f"“{visible(notice.text)}”"), indent=3)
    yield from canvas.wrap(Text(visible(summary.stated_line(notice.stated)), style="dim"), indent=3)
    for claim in shown.claims:
        text = Text.assemble("- ", visible(claim.claim.text), (f" ({visible(summary.claim_state(claim))})", "italic"))
        yield from canvas.wrap(text, indent=3, hang=2)


def _paragraph(paragraph: Paragraph, canvas: Canvas) -> Iterator[Text]:
    yield Text()
    if paragraph.skipped:
        yield from canvas.wrap(Text(f"  … {summary.skipped_line(paragraph.skipped)} …", style="dim"))
        yield Text()
    if paragraph.touched:
        yield canvas.rule(f"{paragraph.title} · {paragraph.op.value}" if paragraph.op else paragraph.title)
    sign, style = _SIGNS.get(paragraph.op, (" ", "")) if paragraph.op else (" ", "")
    beside = canvas.width >= _SIDE_BY_SIDE
    width = canvas.width - (_NOTES_WIDTH + 3 if beside else 0)
    words = (
        list(canvas.wrap(Text(f"… {visible(paragraph.lead)}", style="dim"), width=width, indent=2))
        if paragraph.lead
        else []
    )
    body = _marked(paragraph.pieces, canvas, whole=paragraph.op is not None)
    words += canvas.wrap(body, width=width, gutter=Text(f"{sign} ", style=f"bold {style}"))
    notes = [line for note in paragraph.notes for line in _note(note, canvas, _NOTES_WIDTH if beside else width - 4)]
    if beside:
        yield from canvas.beside(words, notes, width, Text(" │ ", style="dim"))
    else:
        yield from words
        yield from (Text.assemble("    ", line) for line in notes)


def _marked(pieces: Iterable[Piece], canvas: Canvas, *, whole: bool) -> Text:
    """The words with their marks. Where a whole paragraph came or went, the sign at its edge says so already."""
    text = Text()
    before = None
    for piece in pieces:
        words = visible(piece.text)
        if piece.mark is Mark.LEFT_OUT:
            text.append("[…] ", style="dim")
        elif piece.mark in _BREAKS:
            bracketed, bare, style = _BREAKS[piece.mark]
            text.append(bare if canvas.color else bracketed, style=style)
        elif piece.mark is Mark.EQUAL:
            text.append(words)
        elif piece.mark is Mark.LINK:
            text.append(words, style="blue underline")
        elif canvas.color or whole:
            if piece.mark is Mark.INSERT and before is Mark.DELETE and text.plain[-1:].strip() and words[:1].strip():
                text.append(" ")  # so that old and new words do not run together where the marks cannot be seen
            text.append(words, style=_STROKES[piece.mark])
        else:
            text.append(words.join(_BRACKETS[piece.mark]))
        before = piece.mark
    text.rstrip()
    return text


def _note(note: Note, canvas: Canvas, width: int) -> Iterator[Text]:
    head = Text.assemble((f"{note.number}. ", "bold"))
    for name in note.chips:
        head.append(f" {name} " if canvas.color else f"[{name}]", style="reverse" if canvas.color else "")
        head.append(" ")
    head.append(severity_name(note.judgement.severity), style=_SEVERITY_STYLES[note.judgement.severity])
    if note.disclosure_name:
        head.append(f" · {note.disclosure_name}", style="bold")
    if note.notice is not None:
        head.append(f" · notice {note.notice}")
    yield from canvas.wrap(head, width=width, hang=3)
    yield from canvas.wrap(Text(visible(note.sentence)), width=width, indent=3)
    yield from canvas.wrap(Text(visible(note.came), style="dim"), width=width, indent=3)
    if note.details:
        yield from canvas.wrap(_marked(note.details, canvas, whole=False), width=width, indent=3)
    if note.evidence:
        words = ", ".join(f"“{words}”" for words in note.evidence)
        yield from canvas.wrap(Text(f"evidence: {visible(words)}", style="dim"), width=width, indent=3)


def _foot(shown: View, canvas: Canvas) -> Iterator[Text]:
    if shown.skipped_after:
        yield Text()
        yield from canvas.wrap(Text(f"  … {summary.skipped_line(shown.skipped_after)} …", style="dim"))
    left_out = summary.left_out_line(shown.left_out)
    if left_out:
        yield Text()
        yield from canvas.wrap(Text(left_out, style="dim"))
