"""What the commands about watching print. Pure: rows in, lines of text out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.text import Text

from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.safe import visible


class Score(Protocol):
    """How a rule for when to look did: delays in hours, `seen` the share of edits seen as a version of their own."""

    @property
    def rule(self) -> str: ...
    @property
    def looks(self) -> float: ...
    @property
    def mean(self) -> float: ...
    @property
    def median(self) -> float: ...
    @property
    def late(self) -> float: ...
    @property
    def seen(self) -> float: ...


def scores(title: str, rows: Iterable[Score], options: Options) -> str:
    """A table of rules below an empty line."""
    canvas = Canvas(options.width, color=options.color)
    canvas.put(Text(f"\n{visible(title)}", style="bold"))
    canvas.put(Text(f"{'rule':<38}{'looks':>6}{'mean h':>8}{'median':>8}{'95 %':>7}{'seen':>8}", style="dim"))
    for row in rows:
        figures = f"{row.looks:>6.0f}{row.mean:>8.2f}{row.median:>8.2f}{row.late:>7.1f}{100 * row.seen:>6.1f} %"
        canvas.put(Text(f"{row.rule:<38}{figures}"))
    return canvas.text()
