"""What the command line prints besides reports: logs, lists, notices, slips, blame. Pure: rows in, lines of text out.

Every function takes its rows in the order in which they are to be shown and gives text that ends with one line feed;
for no rows, a line that says so. Text from the web may be handed in as it is: it is made safe here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol

from rich.text import Text

from tracker.model import BlockKind, Check, Document, NoticeReading, Outcome, Slip, Suppressed
from tracker.render import summary
from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import Clock, duration, zone
from tracker.render.words import BLOCK_NAMES, OUTCOME_NAMES, SLIP_NAMES, capital, paragraph_number, plural

_SEVERITY_STYLES = {"high": "bold red", "medium": "yellow", "low": "cyan", "none": "dim"}
_OUTCOME_STYLES = {
    Outcome.NEW: "green",
    Outcome.CHANGED: "yellow",
    Outcome.UNCHANGED: "dim",
    Outcome.GONE: "red",
    Outcome.MOVED: "blue",
    Outcome.BLOCKED: "red",
    Outcome.FAILED: "bold red",
}
_EVENT_SIGNS = {"snapshot": "●", "reread": "○", "gone": "×", "moved": "→", "back": "←", "tombstone": "†", "gap": "…"}


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of an article's log. `kind` is snapshot, reread, gone, moved, back, tombstone or gap.

    `number` is the n of the REV `@n`, for snapshots; `what` says in words what happened.
    """

    revision: str
    kind: str
    at: datetime
    seen_since: datetime | None
    what: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class BlameRow:
    """One sentence and the snapshot that brought it. `block` is the place of its block in the document."""

    text: str
    revision: str
    at: datetime
    kind: BlockKind
    block: int


class Article(Protocol):
    """One article of a store. `state` is gone, moved or tombstone where that is how it stands now."""

    @property
    def branch(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headline(self) -> str | None: ...
    @property
    def snapshots(self) -> int: ...
    @property
    def first_at(self) -> datetime | None: ...
    @property
    def changed_at(self) -> datetime | None: ...
    @property
    def state(self) -> str | None: ...


class Held(Protocol):
    """An article in which some words stood, from `since` to `until`, which is None where they still do."""

    @property
    def branch(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headline(self) -> str | None: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def sentence(self) -> str: ...


class StoredChange(Protocol):
    """One change in the stream of changes of a store, between the revisions `before` and `after`."""

    @property
    def branch(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def captured_at(self) -> datetime: ...
    @property
    def seen_since(self) -> datetime | None: ...
    @property
    def delay(self) -> int | None: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def op(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def disclosure(self) -> str: ...
    @property
    def sentence(self) -> str: ...


class HeldBack(Protocol):
    """A run of pages of one article that were not believed. `count` is of the checks."""

    @property
    def branch(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def first_at(self) -> datetime: ...
    @property
    def newest_at(self) -> datetime: ...
    @property
    def count(self) -> int: ...


class LearnedBlock(Protocol):
    """A block that is furniture on a host; `corrected`: a person has said that it is text."""

    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def articles(self) -> int: ...
    @property
    def corrected(self) -> bool: ...


class Ailment(Protocol):
    """Something that is wrong with a store: what it is, and what to do about it; a minor one can wait."""

    @property
    def what(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def mended(self) -> bool: ...
    @property
    def minor(self) -> bool: ...


def log(rows: Sequence[LogRow], options: Options, *, title: str = "") -> str:
    """The snapshots and events of one article under its headline."""
    if not rows:
        return _said("No snapshot yet.", options)
    canvas, clock = _canvas(options)
    _put(canvas, Text(visible(title), style="bold"))
    for row in rows:
        number = f"@{row.number}" if row.number is not None else ""
        head = Text.assemble(
            (f"{_EVENT_SIGNS.get(row.kind, '·')} ", "bold"),
            f"{number:<4}",
            (clock.moment(row.at), "bold"),
            (f"  {visible(row.revision[:10])}", "yellow"),
        )
        _put(canvas, head, hang=6)
        _put(canvas, Text(visible(row.what)), indent=6)
        if row.seen_since is not None and row.kind == "snapshot":
            _put(canvas, Text(f"changed {clock.between(row.seen_since, row.at)}", style="dim"), indent=6)
        if row.seen_since is not None and row.kind == "gap":
            _put(canvas, Text(clock.between(row.seen_since, row.at), style="dim"), indent=6)
    return canvas.text()


def articles(rows: Sequence[Article], options: Options) -> str:
    """The articles of a store."""
    if not rows:
        return _said("No article yet. Take the first snapshot with: tracker snap URL", options)
    canvas, clock = _canvas(options)
    for row in rows:
        headline = Text(visible(row.headline or row.url) or "Deleted", style="bold")
        _put(canvas, headline + Text(f" ({visible(row.state)})" if row.state else "", style="red"))
        _put_address(canvas, row.branch, indent=2)
        if row.url:
            _put_address(canvas, row.url, indent=2)
        _put(
            canvas,
            Text(f"{plural(row.snapshots, 'snapshot')}{_stretch(row.first_at, row.changed_at, clock)}"),
            indent=2,
        )
    _put(canvas, Text(plural(len(rows), "article"), style="dim"))
    return canvas.text()


def held(rows: Sequence[Held], options: Options) -> str:
    """The articles in which some words stood, and from when to when."""
    if not rows:
        return _said("These words have stood together in no text.", options)
    canvas, clock = _canvas(options)
    for row in rows:
        _put(canvas, Text(visible(row.headline or row.url), style="bold"))
        _put_address(canvas, row.branch, indent=2)
        _put(canvas, Text(f"“{visible(row.sentence)}”"), indent=2)
        until = f", gone at {clock.moment(row.until)}" if row.until else ", to this day"
        _put(canvas, Text(f"first seen {clock.moment(row.since)}{until}"), indent=2)
    _put(canvas, Text(plural(len(rows), "article"), style="dim"))
    return canvas.text()


def _stretch(first: datetime | None, last: datetime | None, clock: Clock) -> str:
    if first is None or last is None:
        return ""
    return f", {clock.moment(last)}" if first == last else f", {clock.moment(first)} to {clock.moment(last)}"


def changes(rows: Sequence[StoredChange], options: Options, headlines: Mapping[str, str | None] | None = None) -> str:
    """A stream of changes, grouped as it comes by article and snapshot, equal lines of a group told once.

    `headlines` gives the headline of each branch, under which its changes stand.
    """
    if not rows:
        return _said("No change found.", options)
    canvas, clock = _canvas(options)
    for number, (_, group) in enumerate(groupby(rows, key=lambda row: (row.branch, row.before, row.after))):
        canvas.put(Text()) if number else None
        together = list(group)
        head = together[0]
        headline = (headlines or {}).get(head.branch)
        if headline:
            _put(canvas, Text(visible(headline), style="bold"))
        _put_address(canvas, head.branch, indent=0)
        when = clock.between(head.seen_since, head.captured_at) if head.seen_since else clock.moment(head.captured_at)
        _put(canvas, Text(f"{when}, {visible(f'{head.before[:10]}..{head.after[:10]}')}", style="dim"))
        for line in _told_once(together, canvas):
            canvas.put(line)
    return canvas.text()


def _told_once(rows: Sequence[StoredChange], canvas: Canvas) -> Iterator[Text]:
    """The changes of one snapshot; what is the same of several is said once, with their number."""
    lines: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        labels = "".join(f"[{visible(label.replace('-', ' '))}] " for label in row.labels)
        line = (labels or f"[{visible(row.op)}] ", visible(row.severity), _disclosure(row), visible(row.sentence))
        lines[line] = lines.get(line, 0) + 1
    for (labels, severity, told, sentence), times in lines.items():
        style = _SEVERITY_STYLES.get(severity, "")
        count = f"  {times} times" if times > 1 else ""
        yield from canvas.wrap(Text.assemble((labels, "bold"), (severity, style), told, (count, "dim")), indent=2)
        yield from canvas.wrap(Text(sentence), indent=4)


def _disclosure(row: StoredChange) -> str:
    """ " · silent"; nothing where it is not worth telling."""
    if row.delay is not None:
        return f" · disclosed later, first seen after {duration(row.delay)}"
    if row.disclosure == "exempt":
        return " · taken down" if "notice-removed" in row.labels else ""
    return "" if row.disclosure == "silent" and row.severity in ("none", "low") else f" · {visible(row.disclosure)}"


def notices(readings: Sequence[NoticeReading], document: Document, options: Options) -> str:
    """The notices of one page, and under each the passages that it probably speaks of, with the reasons."""
    if not readings:
        return _said("No notice found on this page.", options)
    canvas, _ = _canvas(options)
    for number, reading in enumerate(readings, 1):
        notice = reading.notice
        _put(canvas, Text.assemble((f"{number}. ", "bold"), (summary.page_notice_title(notice), "bold")), hang=3)
        _put(canvas, Text(f"“{visible(notice.text)}”"), indent=3)
        _put(canvas, Text(visible(summary.stated_line(notice.stated)), style="dim"), indent=3)
        for claim in notice.claims:
            _put(canvas, Text(f"- {visible(claim.text)}", style="italic"), indent=3, hang=2)
        if not reading.passages:
            _put(canvas, Text("No passage found that it clearly speaks of.", style="dim"), indent=3)
            continue
        _put(canvas, Text(f"It probably speaks of {plural(len(reading.passages), 'passage')}:"), indent=3)
        for passage in reading.passages:
            _put(canvas, Text(_place(document, passage.block), style="bold"), indent=5)
            _put(canvas, Text(visible(passage.text)), indent=5)
            _put(canvas, Text(visible(f"why: {'; '.join(passage.reasons)}"), style="dim"), indent=5)
    return canvas.text()


def slips(found: Sequence[Slip], document: Document, options: Options) -> str:
    """What an editor would look at on one page, with the words around each place."""
    if not found:
        return _said("Nothing found that an editor would need to look at.", options)
    canvas, _ = _canvas(options)
    for number, slip in enumerate(found, 1):
        forms = ", ".join(f"“{form}”" for form in slip.forms)
        head = Text.assemble((f"{number}. ", "bold"), (f"{capital(SLIP_NAMES[slip.kind])}: ", "bold"), visible(forms))
        _put(canvas, head, hang=3)
        _put(canvas, Text(visible(slip.remark)), indent=3)
        for block, start in slip.where:
            context = _around(document.blocks[block].text, start) if block < len(document.blocks) else ""
            place = Text.assemble((f"{_place(document, block)}: ", "dim"), visible(context))
            _put(canvas, place, indent=3, hang=2)
    return canvas.text()


def check(result: Check, source: str, options: Options) -> str:
    """What one look at one article found, in one or two lines."""
    canvas, clock = _canvas(options)
    snapshot = result.snapshot
    name = f"{OUTCOME_NAMES[result.outcome]:<10}"
    title = snapshot.document.headline if snapshot else None
    _put(canvas, Text.assemble((name, _OUTCOME_STYLES[result.outcome]), visible(title or source)), hang=10)
    revision = f"{snapshot.revision[:10]}, " if snapshot else ""
    when = clock.moment(snapshot.captured_at if snapshot else result.at)
    _put(canvas, Text(visible(f"{revision}{when}"), style="dim"), indent=10)
    if result.article:
        _put_address(canvas, result.article, indent=10)
    if result.error:
        _put(canvas, Text(visible(result.error), style="dim"), indent=10)
    return canvas.text()


def quarantine(rows: Sequence[HeldBack], options: Options) -> str:
    """The pages that were not believed, and why."""
    if not rows:
        return _said("Nothing in quarantine.", options)
    canvas, clock = _canvas(options)
    for row in rows:
        canvas.put(Text(visible(row.branch), style="bold"))
        _put_address(canvas, row.url, indent=2)
        _put(canvas, Text(visible(row.reason), style="yellow"), indent=2)
        _put(canvas, Text(f"{plural(row.count, 'check')}{_stretch(row.first_at, row.newest_at, clock)}"), indent=2)
    return canvas.text()


def memory(rows: Sequence[LearnedBlock], host: str, options: Options) -> str:
    """What is known of a host's furniture: an id to type, since when, in how many articles, and how the text begins."""
    if not rows:
        return _said(f"Nothing is learned of {visible(host)} yet: it takes three articles that share a block.", options)
    canvas, clock = _canvas(options)
    for row in rows:
        said = "taken for text by a person" if row.corrected else f"in {plural(row.articles, 'article')}"
        head = Text.assemble((visible(row.key), "yellow"), f"  {said}, since {clock.moment(row.since)}")
        _put(canvas, head, hang=18)
        _put(canvas, Text(_shortened(visible(row.text)), style="dim" if row.corrected else ""), indent=2)
    return canvas.text()


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[: most - 2].rsplit(' ', 1)[0]} …"


def blame(rows: Sequence[BlameRow], options: Options) -> str:
    """Each sentence of an article behind the time and revision of the snapshot that brought it."""
    if not rows:
        return _said("There is no text to trace.", options)
    canvas, clock = _canvas(options)
    _put(canvas, Text(f"Times are in {clock.zone_label}.", style="dim"))
    narrow = canvas.width < 60
    earlier, block = "", None
    for row in rows:
        if block is not None and row.block != block:
            canvas.put(Text())
        label = f"{clock.short(row.at)} {visible(row.revision[:7])}"
        shown = label if row.revision != earlier or row.block != block else ""
        earlier, block = row.revision, row.block
        body = Text(visible(row.text.strip()), style="bold" if row.kind is BlockKind.HEADLINE else "")
        if narrow:
            _put(canvas, Text(shown, style="yellow"))
            _put(canvas, body, indent=2)
            continue
        for number, line in enumerate(canvas.wrap(body, width=canvas.width - 26)):
            canvas.put(Text.assemble((f"{shown if number == 0 else '':<24}", "yellow"), "  ", line))
    return canvas.text()


def ailments(rows: Sequence[Ailment], options: Options) -> str:
    """What is wrong with a store."""
    if not rows:
        return _said("The store is well.", options)
    canvas, _ = _canvas(options)
    for row in rows:
        sign = _signed(row)
        _put(canvas, Text.assemble(sign, visible(row.what)), hang=8)
        _put(canvas, Text(visible(row.remedy)), indent=8)
    return canvas.text()


def _signed(row: Ailment) -> tuple[str, str]:
    if row.mended:
        return "mended  ", "green"
    return ("to do   ", "yellow") if row.minor else ("wrong   ", "red")


def page(document: Document, options: Options, *, suppressed: Iterable[Suppressed] = ()) -> str:
    """The text of a page as it was read, block by block, and what was left out of it and why."""
    canvas, clock = _canvas(options)
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
        _put(canvas, Text.assemble((prefix, "dim"), (visible(block.text) or "(no words)", style)))
        for link in block.links:
            _put(canvas, Text(visible(f"[{block.text[link.start : link.end]}] {link.href}"), style="dim"), indent=4)
        canvas.put(Text())
    for one in suppressed:
        _put(canvas, Text.assemble(("left out: ", "red"), (visible(one.reason), "bold")))
        _put(canvas, Text(visible(one.block.text) or "(no words)", style="dim"), indent=4)
    return canvas.text().rstrip("\n") + "\n"


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


def _canvas(options: Options) -> tuple[Canvas, Clock]:
    return Canvas(options.width, color=options.color), Clock(zone(options.tz))


def _put(canvas: Canvas, text: Text, *, indent: int = 0, hang: int = 0) -> None:
    for line in canvas.wrap(text, indent=indent, hang=hang):
        canvas.put(line)


def _put_address(canvas: Canvas, address: str, *, indent: int = 0) -> None:
    """An address on a line of its own, never cut: somebody will copy it."""
    canvas.put(Text(" " * indent + visible(address), style="dim"))


def _said(text: str, options: Options) -> str:
    canvas, _ = _canvas(options)
    _put(canvas, Text(text))
    return canvas.text()
