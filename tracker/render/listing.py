"""What the command line prints of a store besides reports: logs, lists, blame. Pure: rows in, lines of text out.

Every function takes its rows in the order in which they are to be shown and gives text that ends with one line feed;
for no rows, a line that says so. Text from the web may be handed in as it is: it is made safe here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol

from rich.text import Text

from tracker.model import BlockKind, Check, Outcome
from tracker.render.canvas import Canvas, canvas_and_clock, paragraph
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import Clock, duration
from tracker.render.words import OUTCOME_NAMES, plural

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


class Named(Protocol):
    """What is told of an article, with its name in the store and its address."""

    @property
    def branch(self) -> str: ...
    @property
    def url(self) -> str: ...


class Titled(Named, Protocol):
    """The same with the article's headline."""

    @property
    def headline(self) -> str | None: ...


class Article(Titled, Protocol):
    """One article of a store. `state` is gone, moved or tombstone where that is how it stands now."""

    @property
    def snapshots(self) -> int: ...
    @property
    def first_at(self) -> datetime | None: ...
    @property
    def changed_at(self) -> datetime | None: ...
    @property
    def state(self) -> str | None: ...


class Held(Titled, Protocol):
    """An article in which some words stood, from `since` to `until`, which is None where they still do."""

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


class HeldBack(Named, Protocol):
    """A run of pages of one article that were not believed. `count` is of the checks."""

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
        return paragraph("No snapshot yet.", options)
    canvas, clock = canvas_and_clock(options)
    canvas.write(Text(visible(title), style="bold"))
    for row in rows:
        number = f"@{row.number}" if row.number is not None else ""
        head = Text.assemble(
            (f"{_EVENT_SIGNS.get(row.kind, '·')} ", "bold"),
            f"{number:<4}",
            (clock.moment(row.at), "bold"),
            (f"  {visible(row.revision[:10])}", "yellow"),
        )
        canvas.write(head, hang=6)
        canvas.write(Text(visible(row.what)), indent=6)
        if row.seen_since is not None and row.kind == "snapshot":
            canvas.write(Text(f"changed {clock.between(row.seen_since, row.at)}", style="dim"), indent=6)
        if row.seen_since is not None and row.kind == "gap":
            canvas.write(Text(clock.between(row.seen_since, row.at), style="dim"), indent=6)
    return canvas.text()


def articles(rows: Sequence[Article], options: Options) -> str:
    """The articles of a store."""
    if not rows:
        return paragraph("No article yet. Take the first snapshot with: tracker snap URL", options)
    canvas, clock = canvas_and_clock(options)
    for row in rows:
        headline = Text(visible(row.headline or row.url) or "Deleted", style="bold")
        canvas.write(headline + Text(f" ({visible(row.state)})" if row.state else "", style="red"))
        canvas.write_address(row.branch, indent=2)
        if row.url:
            canvas.write_address(row.url, indent=2)
        canvas.write(
            Text(f"{plural(row.snapshots, 'snapshot')}{_stretch(row.first_at, row.changed_at, clock)}"),
            indent=2,
        )
    canvas.write(Text(plural(len(rows), "article"), style="dim"))
    return canvas.text()


def held(rows: Sequence[Held], options: Options) -> str:
    """The articles in which some words stood, and from when to when."""
    if not rows:
        return paragraph("These words have stood together in no text.", options)
    canvas, clock = canvas_and_clock(options)
    for row in rows:
        canvas.write(Text(visible(row.headline or row.url), style="bold"))
        canvas.write_address(row.branch, indent=2)
        canvas.write(Text(f"“{visible(row.sentence)}”"), indent=2)
        until = f", gone at {clock.moment(row.until)}" if row.until else ", to this day"
        canvas.write(Text(f"first seen {clock.moment(row.since)}{until}"), indent=2)
    canvas.write(Text(plural(len(rows), "article"), style="dim"))
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
        return paragraph("No change found.", options)
    canvas, clock = canvas_and_clock(options)
    for number, (_, group) in enumerate(groupby(rows, key=lambda row: (row.branch, row.before, row.after))):
        canvas.put(Text()) if number else None
        together = list(group)
        head = together[0]
        headline = (headlines or {}).get(head.branch)
        if headline:
            canvas.write(Text(visible(headline), style="bold"))
        canvas.write_address(head.branch, indent=0)
        when = clock.between(head.seen_since, head.captured_at) if head.seen_since else clock.moment(head.captured_at)
        canvas.write(Text(f"{when}, {visible(f'{head.before[:10]}..{head.after[:10]}')}", style="dim"))
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


def check(result: Check, source: str, options: Options) -> str:
    """What one look at one article found, in one or two lines."""
    canvas, clock = canvas_and_clock(options)
    snapshot = result.snapshot
    name = f"{OUTCOME_NAMES[result.outcome]:<10}"
    title = snapshot.document.headline if snapshot else None
    canvas.write(Text.assemble((name, _OUTCOME_STYLES[result.outcome]), visible(title or source)), hang=10)
    revision = f"{snapshot.revision[:10]}, " if snapshot else ""
    when = clock.moment(snapshot.captured_at if snapshot else result.at)
    canvas.write(Text(visible(f"{revision}{when}"), style="dim"), indent=10)
    if result.article:
        canvas.write_address(result.article, indent=10)
    if result.error:
        canvas.write(Text(visible(result.error), style="dim"), indent=10)
    return canvas.text()


def quarantine(rows: Sequence[HeldBack], options: Options) -> str:
    """The pages that were not believed, and why."""
    if not rows:
        return paragraph("Nothing in quarantine.", options)
    canvas, clock = canvas_and_clock(options)
    for row in rows:
        canvas.put(Text(visible(row.branch), style="bold"))
        canvas.write_address(row.url, indent=2)
        canvas.write(Text(visible(row.reason), style="yellow"), indent=2)
        canvas.write(Text(f"{plural(row.count, 'check')}{_stretch(row.first_at, row.newest_at, clock)}"), indent=2)
    return canvas.text()


def memory(rows: Sequence[LearnedBlock], host: str, options: Options) -> str:
    """What is known of a host's furniture: an id to type, since when, in how many articles, and how the text begins."""
    if not rows:
        return paragraph(
            f"Nothing is learned of {visible(host)} yet: it takes three articles that share a block.", options
        )
    canvas, clock = canvas_and_clock(options)
    for row in rows:
        said = "taken for text by a person" if row.corrected else f"in {plural(row.articles, 'article')}"
        head = Text.assemble((visible(row.key), "yellow"), f"  {said}, since {clock.moment(row.since)}")
        canvas.write(head, hang=18)
        canvas.write(Text(_shortened(visible(row.text)), style="dim" if row.corrected else ""), indent=2)
    return canvas.text()


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[: most - 2].rsplit(' ', 1)[0]} …"


def blame(rows: Sequence[BlameRow], options: Options) -> str:
    """Each sentence of an article behind the time and revision of the snapshot that brought it."""
    if not rows:
        return paragraph("There is no text to trace.", options)
    canvas, clock = canvas_and_clock(options)
    canvas.write(Text(f"Times are in {clock.zone_label}.", style="dim"))
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
            canvas.write(Text(shown, style="yellow"))
            canvas.write(body, indent=2)
            continue
        for number, line in enumerate(canvas.wrap(body, width=canvas.width - 26)):
            canvas.put(Text.assemble((f"{shown if number == 0 else '':<24}", "yellow"), "  ", line))
    return canvas.text()


def ailments(rows: Sequence[Ailment], options: Options) -> str:
    """What is wrong with a store."""
    if not rows:
        return paragraph("The store is well.", options)
    canvas = Canvas(options.width, color=options.color)
    for row in rows:
        sign = _signed(row)
        canvas.write(Text.assemble(sign, visible(row.what)), hang=8)
        canvas.write(Text(visible(row.remedy)), indent=8)
    return canvas.text()


def _signed(row: Ailment) -> tuple[str, str]:
    if row.mended:
        return "mended  ", "green"
    return ("to do   ", "yellow") if row.minor else ("wrong   ", "red")
