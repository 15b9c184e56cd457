"""From a page as it came to the text that its readers see: a pure function of the page, the recipe and the rules.

page -> tree -> metadata, survey, notices marked -> container -> furniture cut -> blocks -> verdict
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from tracker.model import Block, BlockKind, Document, Lens, Reading, Suppressed
from tracker.normalize.assemble import assemble
from tracker.normalize.blocks import NOTICE_MARK, read_blocks
from tracker.normalize.clean import clean_text
from tracker.normalize.entries import mark_entries
from tracker.normalize.extract import containers, lead_picture, signature, usual
from tracker.normalize.front import Front, front
from tracker.normalize.furniture import cut
from tracker.normalize.memory import EMPTY, Memory, outlet_words
from tracker.normalize.metadata import Metadata, metadata, with_seen
from tracker.normalize.notices import Marked, mark, spoken_language
from tracker.normalize.page import NO_ARTICLE, Page, parse
from tracker.normalize.parts import Part, Survey
from tracker.normalize.quality import clues, verdict, visible
from tracker.normalize.recipes import Fit, Hits, Recipe, fitted, parse_recipe, recipe_for
from tracker.text.sentences import CUTTER

__all__ = [
    "NO_ARTICLE",
    "RULES",
    "Recipe",
    "canonical",
    "document_from_text",
    "normalize",
    "parse_recipe",
    "read",
    "recipe_for",
]

RULES = "4"  # part of the lens: another reading of the same page needs another number
_PARAGRAPH_BORDER = "\n\n"


def read(
    page: str | bytes,
    url: str | None = None,
    *,
    content_type: str | None = None,
    recipe: Recipe | None = None,
    memory: Memory = EMPTY,
) -> Reading:
    """Read a page into its document, with everything that was left out and why.

    `page` is HTML (bytes are decoded, `content_type` is the header that came with them), `url` resolves its links,
    `memory` is what the site's other articles have taught about its furniture. Never raises on any page: where there is
    nothing to read or believe, `Reading.blocked` says why.
    """
    try:
        with _collector_paused():
            return _read(parse(page, content_type), url, recipe, memory)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001  # no page may end a run; a parser written in Rust panics past Exception
        return _blocked(f"unreadable: {type(error).__name__}")


def normalize(
    page: str | bytes, url: str | None = None, *, content_type: str | None = None, recipe: Recipe | None = None
) -> Document:
    """The document of a page: `read` without the rest. It may be empty; `read` says why."""
    return read(page, url, content_type=content_type, recipe=recipe).document


def canonical(page: str | bytes, url: str | None = None) -> str | None:
    """The address that the page names as its own (link or og:url), resolved against `url`; None if it names none."""
    parsed = parse(page, None)
    return metadata(parsed.root, url).canonical if parsed.root is not None else None


def document_from_text(text: str) -> Document:
    """A document of plain text: paragraphs are split at empty lines, and all are paragraphs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pieces = "\n".join(line.strip() for line in lines).split(_PARAGRAPH_BORDER)
    texts = (clean_text(piece) for piece in pieces)
    return Document(tuple(Block(BlockKind.PARAGRAPH, piece) for piece in texts if piece))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Python looks for no cycles while a page is read: its trees are thousands of small objects that live to the end,
    and to go through all of them over and over again takes a third of the time. Afterwards one look clears them away.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _blocked(reason: str) -> Reading:
    return Reading(Document(()), Lens(RULES, CUTTER), blocked=reason)


def _read(page: Page, url: str | None, recipe: Recipe | None, memory: Memory) -> Reading:
    if page.root is None:
        return _blocked(page.problem or NO_ARTICLE)
    hints = clues(page.root)
    meta = metadata(page.root, url)
    fit = fitted(page.root, meta, recipe, url)
    measured, hits = fit.measured, fit.hits
    places = [measured.parts[hits.container]] if hits else containers(measured)
    body = usual(places, memory.containers)
    outlet = outlet_words(page.root, url)
    language = spoken_language(measured, body, meta.language)
    marked = mark(measured, body, language, hits.notices if hits else ())
    top = front(measured, body, meta, hits)
    seen = visible(measured, body)
    blocks, suppressed = _body(measured, body, marked, top, meta, language, hits, memory, outlet)
    published = ("recipe", hits.published) if hits and hits.published else top.published
    document = Document((*top.blocks, *blocks), with_seen(meta.content, top.h1, published), meta.language)
    return Reading(
        document=document,
        lens=Lens(RULES, CUTTER, recipe.digest if recipe and hits else "-", memory.digest),
        modified=(hits.modified if hits else "") or meta.modified,
        suppressed=suppressed,
        blocked=verdict(document.blocks, meta, seen, hints),
        container=signature(body) if body is not None else "",
        tied=len(places) > 1,
        outlet=outlet,
        warnings=(*fit.warnings, *_unnoticed(fit, blocks)),
    )


def _unnoticed(fit: Fit, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """The warning of a recipe whose notices are not where it says, though there are some."""
    found = fit.unnoticed and any(block.kind is BlockKind.NOTICE for block in blocks)
    return (fit.unnoticed,) if found else ()


def _body(
    measured: Survey,
    body: Part | None,
    marked: Marked,
    top: Front,
    meta: Metadata,
    language: str | None,
    hits: Hits | None,
    memory: Memory,
    outlet: str,
) -> tuple[tuple[Block, ...], tuple[Suppressed, ...]]:
    """The article's subtree, with the notices from outside it, through BeautifulSoup into blocks."""
    parts = [*marked.before, *marked.after]
    dropped: tuple[Suppressed, ...] = ()
    if body is not None:
        lead = lead_picture(measured, body)
        before = [part for part in marked.before if lead is None or lead not in part.around()]  # its caption has them
        parts = [*before, *([lead] if lead is not None else []), body, *marked.after]
        mark_entries(measured, body)
        dropped = cut(measured, body, top.elements, hits.drop if hits else (), language)
    lines = read_blocks([part.element for part in parts], meta.base)
    after = frozenset(number for part in marked.after if (number := part.element.get(NOTICE_MARK)))
    assembled = assemble(lines, top.blocks, after, language, memory, outlet)
    return assembled.blocks, (*dropped, *assembled.suppressed)


class _Room(ModuleType):
    """`tracker.normalize(page)`: the room and its best known function share a name, so the room can be called."""

    __call__ = staticmethod(normalize)


sys.modules[__name__].__class__ = _Room
