"""A recipe tried out on a page: what it takes, what it drops, and what the general rules would have read. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.text import Text

from tracker.model import Block, BlockKind, Match, Reading, Trial
from tracker.render.canvas import Canvas
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.words import BLOCK_NAMES, clip, plural

_WORDS = 60  # characters of a text that are shown
_SHOWN = 5  # texts of one selector, or differing blocks of one side


def trial(tried: Trial, options: Options) -> str:
    """One recipe on one page, for a person who writes it."""
    canvas = Canvas(options.width, color=options.color)
    _heading(canvas, f"{tried.recipe} takes")
    for match in tried.matches:
        if match.key != "drop":
            _match(canvas, match)
    drops = [match for match in tried.matches if match.key == "drop"]
    if drops:
        _heading(canvas, "and drops")
        for match in drops:
            _match(canvas, match)
    _heading(canvas, "so that the page reads")
    _reading(canvas, tried.reading)
    for warning in tried.reading.warnings:
        canvas.write(Text(visible(warning), style="bold red"), indent=2, hang=2)
    _heading(canvas, "beside the general rules")
    _beside(canvas, tried)
    return canvas.text().strip("\n") + "\n"


def different(one: Reading, other: Reading) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The blocks that only one of two readings has, as often as it has more of them."""
    counts = [Counter((block.kind, block.text) for block in each.document.blocks) for each in (one, other)]
    only = (counts[0] - counts[1], counts[1] - counts[0])
    return _left(one, only[0]), _left(other, only[1])


def _left(reading: Reading, counts: Counter[tuple[BlockKind, str]]) -> tuple[Block, ...]:
    return tuple(block for block in reading.document.blocks if (block.kind, block.text) in counts)


def _match(canvas: Canvas, match: Match) -> None:
    label = f"{match.key:10}{visible(match.selector)}"
    if not match.texts:
        canvas.write(Text.assemble((label, ""), ("  MATCHES NOTHING on this page", "bold red")), indent=2, hang=2)
        return
    characters = sum(map(len, match.texts))
    counts = f"{plural(len(match.texts), 'element')}, {plural(characters, 'character')}"
    canvas.write(Text(f"{label}  {counts}"), indent=2, hang=2)
    _some(canvas, match.texts)


def _reading(canvas: Canvas, reading: Reading) -> None:
    document = reading.document
    kinds = Counter(BLOCK_NAMES[block.kind] for block in document.blocks)
    counts = ", ".join(plural(count, name) for name, count in kinds.items()) or "nothing"
    canvas.write(Text(counts), indent=2, hang=2)
    dates = (("published", document.published), ("modified", reading.modified))
    for label, text in (("headline", document.headline), ("dek", document.dek), ("byline", document.byline), *dates):
        canvas.write(Text(f"{label:10}{clip(visible(text), _WORDS) if text else '-'}"), indent=2, hang=2)


def _beside(canvas: Canvas, tried: Trial) -> None:
    ours, theirs = different(tried.reading, tried.general)
    if not ours and not theirs:
        canvas.write(Text("They read the very same blocks: this page needs no recipe."), indent=2, hang=2)
        return
    for blocks, who in ((ours, "only with the recipe"), (theirs, "only with the general rules")):
        canvas.write(Text(f"{plural(len(blocks), 'block')} {who}" + (":" if blocks else "")), indent=2, hang=2)
        _some(canvas, [f"{BLOCK_NAMES[block.kind]}: {block.text}" for block in blocks])


def _some(canvas: Canvas, texts: Iterable[str]) -> None:
    every = list(texts)
    for text in every[:_SHOWN]:
        canvas.write(Text(clip(visible(text), _WORDS) or "(no words)", style="dim"), indent=6, hang=2)
    if len(every) > _SHOWN:
        canvas.write(Text(f"… and {len(every) - _SHOWN} more", style="dim"), indent=6, hang=2)


def _heading(canvas: Canvas, text: str) -> None:
    canvas.put(Text())
    canvas.write(Text(visible(text), style="bold"), hang=2)
