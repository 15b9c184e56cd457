"""A report as Markdown, for an issue or a mail. Text of the page is escaped: none of it is Markdown, HTML or a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracker.model import Op, Report, Result
from tracker.render import summary
from tracker.render.options import Options
from tracker.render.pieces import Mark, Piece
from tracker.render.safe import visible
from tracker.render.view import Note, NoticeView, Paragraph, View, view

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[\\`*_#\[\]~|$&<>]")
_LINE_START = re.compile(r"^(\s*)([+=-]|\d+(?=[.)]))")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")
_MENTION = re.compile(r"(@|\\#)(?=\w)")  # hosts turn @name and #12 into links after all escaping is done
_TAGS = {Mark.DELETE: "del", Mark.INSERT: "ins"}
_BREAKS = {Mark.PARAGRAPH_ADDED: "<ins>¶</ins> ", Mark.PARAGRAPH_GONE: "<del>¶</del>"}
_HEADS = {Op.ADDED: " (added)", Op.REMOVED: " (removed)", Op.MOVED: " (moved)"}


def report_markdown(report: Report, options: Options) -> str:
    """The report in Markdown with `<del>` and `<ins>` for words; width and color do not matter."""
    return "\n".join(_lines(view(report, options))).rstrip() + "\n"


def escape(text: str) -> str:
    """`text` on one line so that Markdown shows it as it is."""
    shown = _SPECIAL.sub(lambda match: _ENTITIES.get(match.group(), f"\\{match.group()}"), visible(text))
    shown = _AUTOLINK.sub(lambda match: f"{match[1] or match[3]}\\{match[2] or match[4]}", shown)
    shown = _MENTION.sub(r"\1<!-- -->", shown)
    return _LINE_START.sub(lambda match: match[1] + _escaped_start(match[2]), shown)


def _escaped_start(mark: str) -> str:
    return f"{mark}\\" if mark[0].isdigit() else f"\\{mark}"


def _lines(shown: View) -> Iterator[str]:
    report, clock = shown.report, shown.clock
    name = report.article
    yield f"## {escape(summary.title(report))}"
    yield ""
    yield from (f"{_address(address)}  " for address in (name.url, name.branch) if address)
    if report.result is Result.UNCHANGED and not shown.notes:
        yield from ("", escape(summary.unchanged_line(shown)))
    else:
        yield from _verdict(shown)
        when = summary.change_time(report, clock)
        yield from (f"{when}.", "") if when else ()
        yield from (f"- {side}: {escape(line)}" for side, line in summary.side_lines(report, clock))
    if shown.notices:
        yield from ("", "### Notices")
        for notice in shown.notices:
            yield from _notice(notice)
    if shown.paragraphs:
        yield from ("", "### Changes" if shown.notes else "### Text")
    for paragraph in shown.paragraphs:
        yield from _paragraph(paragraph)
    if shown.skipped_after:
        yield from ("", f"*… {summary.skipped_line(shown.skipped_after)} …*")
    if shown.left_out:
        yield from ("", escape(summary.left_out_line(shown.left_out)))


def _address(address: str) -> str:
    """An address as code: nothing in it is read as a mark, and it stays as it is typed."""
    shown = visible(address)
    return escape(address) if "`" in shown else f"`{shown}`"


def _verdict(shown: View) -> Iterator[str]:
    report = shown.report
    yield from ("", f"**{escape(summary.verdict_line(report))}**", "")
    lines = [summary.verdict_sentence(report, shown.clock), summary.count_line(report)]
    lines += [f"Note: {summary.finding_sentence(finding, shown.clock)}" for finding in report.findings]
    for line in filter(None, lines):
        yield from (escape(line), "")


def _notice(shown: NoticeView) -> Iterator[str]:
    yield from ("", f"**{shown.letter}. {escape(summary.notice_title(shown.notice))}**", "")
    yield from (f"> {escape(shown.notice.text)}", "", escape(summary.stated_line(shown.notice.stated)))
    if shown.claims:
        yield ""
    for claim in shown.claims:
        yield f"- {escape(claim.claim.text)} ({escape(summary.claim_state(claim))})"


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    if paragraph.skipped:
        yield from ("", f"*… {summary.skipped_line(paragraph.skipped)} …*")
    yield ""
    if paragraph.touched:
        yield from (f"**{paragraph.title}**{_HEADS.get(paragraph.op, '') if paragraph.op else ''}", "")
    if paragraph.lead:
        yield from (f"> … {escape(paragraph.lead)}", ">")
    yield f"> {_marked(paragraph.pieces).strip() or '(no words)'}"
    if paragraph.notes:
        yield ""
    for note in paragraph.notes:
        yield from _note(note)


def _marked(pieces: Iterable[Piece]) -> str:
    parts = []
    for piece in pieces:
        if piece.mark is Mark.LEFT_OUT:
            parts.append("… ")
        elif piece.mark in _BREAKS:
            parts.append(_BREAKS[piece.mark])
        elif piece.mark in _TAGS and piece.text:
            parts.append(f"<{_TAGS[piece.mark]}>{escape(piece.text)}</{_TAGS[piece.mark]}>")
        else:
            parts.append(escape(piece.text))
    return "".join(parts)


def _note(note: Note) -> Iterator[str]:
    yield f"- **{note.number}** ({escape(note.tags)}) {escape(note.sentence)}"
    if note.came:
        yield f"  {escape(note.came)}"
    if note.details:
        yield f"  {_marked(note.details)}"
    if note.evidence:
        yield f"  evidence: {escape(', '.join(f'“{words}”' for words in note.evidence))}"
