"""What one page alone shows: its text as it was read, its notices, and what an editor would look at twice. Pure.

Every function gives text that ends with one line feed. Text from the web may be handed in as it is: it is made safe
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from tracker.model import BlockKind, Document, NoticeReading, Slip, Suppressed
from tracker.render import summary
from tracker.render.canvas import Canvas, canvas_and_clock, paragraph
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.words import BLOCK_NAMES, SLIP_NAMES, capital, paragraph_number, plural


def text(document: Document, options: Options, *, suppressed: Iterable[Suppressed] = ()) -> str:
    """The text of a page as it was read, block by block, and what was left out of it and why."""
    canvas, clock = canvas_and_clock(options)
    for block in document.blocks:
        marks = {
            BlockKind.HEADLINE: ("", "bold"),
            BlockKind.HEADING: ("## ", "bold"),
            BlockKind.QUOTE: ("> ", "italic"),
        }
        kind = "" if block.kind is BlockKind.PARAGRAPH else f"{{{block.kind.value}}} "
        prefix, style = marks.get(block.kind, (kind, ""))
        if block.time is not None:
            prefix += f"{clock.moment(block.time)} "
        canvas.write(Text.assemble((prefix, "dim"), (visible(block.text) or "(no words)", style)))
        for link in block.links:
            canvas.write(Text(visible(f"[{block.text[link.start : link.end]}] {link.href}"), style="dim"), indent=4)
        canvas.put(Text())
    for one in suppressed:
        canvas.write(Text.assemble(("left out: ", "red"), (visible(one.reason), "bold")))
        canvas.write(Text(visible(one.block.text) or "(no words)", style="dim"), indent=4)
    return canvas.text().rstrip("\n") + "\n"


def notices(readings: Sequence[NoticeReading], document: Document, options: Options) -> str:
    """The notices of one page, and under each the passages that it probably speaks of, with the reasons."""
    if not readings:
        return paragraph("No notice found on this page.", options)
    canvas = Canvas(options.width, color=options.color)
    for number, reading in enumerate(readings, 1):
        notice = reading.notice
        canvas.write(Text.assemble((f"{number}. ", "bold"), (summary.page_notice_title(notice), "bold")), hang=3)
        canvas.write(Text(f"“{visible(notice.text)}”"), indent=3)
        canvas.write(Text(visible(summary.stated_line(notice.stated)), style="dim"), indent=3)
        for claim in notice.claims:
            canvas.write(Text(f"- {visible(claim.text)}", style="italic"), indent=3, hang=2)
        if not reading.passages:
            canvas.write(Text("No passage found that it clearly speaks of.", style="dim"), indent=3)
            continue
        canvas.write(Text(f"It probably speaks of {plural(len(reading.passages), 'passage')}:"), indent=3)
        for passage in reading.passages:
            canvas.write(Text(_place(document, passage.block), style="bold"), indent=5)
            canvas.write(Text(visible(passage.text)), indent=5)
            canvas.write(Text(visible(f"why: {'; '.join(passage.reasons)}"), style="dim"), indent=5)
    return canvas.text()


def slips(found: Sequence[Slip], document: Document, options: Options) -> str:
    """What an editor would look at on one page, with the words around each place."""
    if not found:
        return paragraph("Nothing found that an editor would need to look at.", options)
    canvas = Canvas(options.width, color=options.color)
    for number, slip in enumerate(found, 1):
        forms = ", ".join(f"“{form}”" for form in slip.forms)
        head = Text.assemble((f"{number}. ", "bold"), (f"{capital(SLIP_NAMES[slip.kind])}: ", "bold"), visible(forms))
        canvas.write(head, hang=3)
        canvas.write(Text(visible(slip.remark)), indent=3)
        for block, start in slip.where:
            context = _around(document.blocks[block].text, start) if block < len(document.blocks) else ""
            place = Text.assemble((f"{_place(document, block)}: ", "dim"), visible(context))
            canvas.write(place, indent=3, hang=2)
    return canvas.text()


def _place(document: Document, block: int) -> str:
    """ "Paragraph 4", "Headline" """
    if block >= len(document.blocks):
        return "Text"
    number = paragraph_number(document, block)
    return capital(BLOCK_NAMES[document.blocks[block].kind]) + (f" {number}" if number else "")


def _around(text: str, start: int, reach: int = 45) -> str:
    """The words about a place in a text."""
    head, tail = text[max(0, start - reach) : start], text[start : start + reach + 20]
    head = f"… {head.split(' ', 1)[-1]}" if start > reach else head
    tail = f"{tail.rsplit(' ', 1)[0]} …" if start + reach + 20 < len(text) else tail
    return head + tail
