"""The figures of each outlet: counts first, a share only where there are enough of them, and no order that ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import duration
from tracker.render.words import plural

LEAST_CASES = 20  # changes of weight from which a share of them is given
LEAST_DELAYS = 5  # changes that a later notice spoke of, from which a median is given


@dataclass(frozen=True, slots=True)
class OutletRow:
    """The figures of one host: changes of weight by what notices say of them. `median_delay` is in seconds."""

    host: str
    articles: int
    snapshots: int
    edits: int
    changes: int
    disclosed: int
    later: int
    partly: int
    unspecific: int
    silent: int
    taken_down: int
    median_delay: int | None

    @property
    def shown_delay(self) -> int | None:
        """The median delay where it rests on enough changes."""
        return self.median_delay if self.later >= LEAST_DELAYS else None


def outlets(rows: Sequence[OutletRow], options: Options) -> str:
    """Each host with its counts; a share only where there are enough changes for one."""
    if not rows:
        return "No article yet. Take the first snapshot with: tracker snap URL\n"
    canvas = Canvas(options.width, color=options.color)
    for row in rows:
        canvas.put(Text(visible(row.host), style="bold"))
        seen = f"{plural(row.articles, 'article')}, {plural(row.snapshots, 'snapshot')}"
        changed = f"{plural(row.changes, 'change')} of weight in {plural(row.edits, 'edit')}" if row.changes else ""
        canvas.write(Text(", ".join(filter(None, (seen, changed or "no change of weight")))), indent=2)
        for name, count in (
            ("mentioned by a notice that came with the change", row.disclosed),
            ("mentioned by a later notice", row.later),
            ("mentioned in part", row.partly),
            ("beside a notice that is not clear", row.unspecific),
            ("mentioned by no notice that we found", row.silent),
        ):
            if count:
                canvas.write(Text(f"{_share(count, row.changes)}  {name}"), indent=2, hang=4)
        if row.taken_down:
            canvas.write(Text(f"{plural(row.taken_down, 'notice')} taken down"), indent=2)
        if row.shown_delay is not None:
            delay = f"median delay of later notices, as first seen: {duration(row.shown_delay)} ({row.later} changes)"
            canvas.write(Text(delay), indent=2)
    canvas.put(Text())
    said = (
        f"A share is given from {LEAST_CASES} changes on, a median from {LEAST_DELAYS}. Hosts stand in the order of "
        "their names. Counted is what this store captured; notices elsewhere, and what was never captured, are not."
    )
    canvas.write(Text(said, style="dim"))
    return canvas.text()


def _share(count: int, total: int) -> str:
    """ "12 of 40, 30 %" """
    share = f", {round(100 * count / total)} %" if total >= LEAST_CASES else ""
    return f"{count} of {total}{share}"
