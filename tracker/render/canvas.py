"""Lines of a given width for a terminal or a pipe, through rich but without its environment: pure and repeatable."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

from tracker.render.options import Options
from tracker.render.safe import LRI, PDI, RLI, has_right_to_left, is_right_to_left, visible
from tracker.render.times import Clock, zone

_NARROWEST = 20  # below this nothing can be read; lines then are longer than asked for


class Canvas:
    """Collects lines. `color` False gives plain text without a single escape."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = max(width, _NARROWEST)
        self.color = color
        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=self.width,
            color_system="standard" if color else None,
            force_terminal=color,
            force_jupyter=False,
            force_interactive=False,
            no_color=not color,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
            _environ={},
        )

    def put(self, line: Text) -> None:
        """Add one line, as it is."""
        self._console.print(line, soft_wrap=True)

    def write(self, text: Text, *, indent: int = 0, hang: int = 0) -> None:
        """Add a text in as many lines as it takes."""
        for line in self.wrap(text, indent=indent, hang=hang):
            self.put(line)

    def write_address(self, address: str, *, indent: int = 0) -> None:
        """Add an address on a line of its own, never cut: somebody will copy it."""
        self.put(Text(" " * indent + visible(address), style="dim"))

    def text(self) -> str:
        """Everything so far; white space at line ends is left out where it could not be seen."""
        written = self._file.getvalue()
        return written if self.color else "".join(f"{line.rstrip()}\n" for line in written.splitlines())

    def wrap(
        self, text: Text, *, width: int | None = None, indent: int = 0, hang: int = 0, gutter: Text | None = None
    ) -> Iterator[Text]:
        """The text in lines of at most `width`: `indent` before each, `hang` more from the second, or a gutter."""
        if not text.plain.strip():
            return
        room = max((width or self.width) - indent - max(hang, gutter.cell_len if gutter else 0), 8)
        right_to_left = is_right_to_left(text.plain)
        for number, line in enumerate(self._cut(text, room, room + hang)):
            edge = gutter or Text(" " * (hang if number else 0))
            yield Text.assemble(" " * indent, edge, _isolated(line, right_to_left=right_to_left))

    def _cut(self, text: Text, room: int, first_room: int) -> Iterator[Text]:
        """Lines of `room` cells, the first one of `first_room`."""
        lines = text.wrap(self._console, first_room, overflow="fold")
        if first_room == room or len(lines) < 2:
            yield from lines
            return
        yield lines[0]
        rest = text[len(lines[0].plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        yield from rest.wrap(self._console, room, overflow="fold")

    def rule(self, title: str) -> Text:
        """A line across with a title at its head."""
        line = Text(f"── {title} {'─' * self.width}", style="dim")
        line.truncate(self.width)
        return line

    def beside(self, left: list[Text], right: list[Text], width: int, border: Text) -> Iterator[Text]:
        """Two columns, the left one `width` cells wide."""
        for one, other in zip_longest(left, right, fillvalue=Text()):
            yield Text.assemble(one, " " * max(width - one.cell_len, 0), border, other)


def canvas_and_clock(options: Options) -> tuple[Canvas, Clock]:
    """What a list is written on, and the clock that writes its times."""
    return Canvas(options.width, color=options.color), Clock(zone(options.tz))


def paragraph(text: str, options: Options) -> str:
    """One paragraph, for what has no rows to show."""
    canvas = Canvas(options.width, color=options.color)
    canvas.write(Text(text))
    return canvas.text()


def _isolated(line: Text, *, right_to_left: bool) -> Text:
    """A terminal orders each line by itself, so one with right-to-left letters says which way it runs."""
    if not has_right_to_left(line.plain):
        return line
    return Text.assemble(RLI if right_to_left else LRI, line, PDI)
