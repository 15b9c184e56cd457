"""What a check of the store proves, in plain words. Nothing is worded here but the headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.text import Text

from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.safe import visible

# how a statement stands -> heading and style, in the order in which they are shown
HEADINGS = {
    "broken": ("Not as it was", "bold red"),
    "proved": ("Proved", "bold green"),
    "recorded": ("Changed by a decision that the store records", "bold yellow"),
    "open": ("Not proved", "bold"),
}


class Statement(Protocol):
    """One sentence of a check, with how it stands: broken, proved, recorded or open."""

    @property
    def standing(self) -> str: ...
    @property
    def text(self) -> str: ...


def statements(rows: Sequence[Statement], options: Options) -> str:
    """All sentences under their headings."""
    canvas = Canvas(options.width, color=options.color)
    for standing, (heading, style) in HEADINGS.items():
        said = [row for row in rows if row.standing == standing]
        if said:
            canvas.put(Text(heading, style=style))
        for row in said:
            canvas.write(Text(f"- {visible(row.text)}"), indent=2, hang=2)
    return canvas.text()
