"""Headline, dek and byline: found on the raw tree, because they stand outside the article's body as often as inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from tracker.model import Block, BlockKind
from tracker.normalize.clean import clean_text, letters, text_of
from tracker.normalize.metadata import Metadata
from tracker.normalize.recipes import Hits
from tracker.normalize.survey import INLINE, Part, Survey
from tracker.normalize.words import phrases, plain
from tracker.text.wording import is_stamp, moments

_SITE_NAME = re.compile(r"\s+[|–—\-·:»]\s+")
_PARAGRAPH = 60  # characters of the article's first paragraph, at least
_HEADER = 60  # elements above the first paragraph where a header is looked for
_REACH = 250  # the same for what is called a byline
_LONGEST_HEADLINE = 500
_SHORTEST_DEK, _LONGEST_DEK = 20, 500
_LONGEST_BYLINE = 200
_SHORT_BYLINE = 80
_OPEN_TO_FRONT = (None, "sidebar", "meta", "footer")
_SHUT_TO_FRONT = ("comments", "navigation", "related")
_Place = tuple[str, "etree._Element | None"]  # noqa: SLF001  # lxml has no public name for its type
_HEADLINE_MARKS = ("headline", "headline name", "name headline")


@dataclass(frozen=True, slots=True)
class Front:
    """The blocks that stand first, and the elements that they were read from (not to be read again)."""

    blocks: tuple[Block, ...]
    elements: tuple[etree._Element, ...]
    h1: str | None = None  # the headline, if a heading of the page says it


def front(measured: Survey, body: Part | None, meta: Metadata, hits: Hits | None = None) -> Front:
    """Headline, dek and byline with the places they stand at; what a recipe found goes before the rules."""
    first = _first_prose(measured, body)
    start = first.place if first is not None else len(measured.order)
    headline, at = _told(hits.headline if hits else None) or _headline(measured, meta, start)
    found = [(BlockKind.HEADLINE, headline, at)]
    if body is not None:
        above = measured.parts[at].place + 1 if at is not None else max(0, start - _HEADER)
        dek = _told(hits.dek if hits else None) or _dek(measured, meta, body, above, start, has_headline=at is not None)
        below = _first_prose(measured, body, dek[1])  # the byline may stand under the dek
        start = below.place if below is not None else start
        byline = _told(hits.byline if hits else None) or _byline(measured, meta.language, start, body)
        found += [(BlockKind.DEK, *dek), (BlockKind.BYLINE, *byline)]
    return Front(
        tuple(Block(kind, text) for kind, text, _ in found if text),
        tuple(element for _, text, element in found if text and element is not None),
        headline if at is not None else None,
    )


def _told(element: etree._Element | None) -> _Place | None:
    return (text_of(element), element) if element is not None and text_of(element) else None


def _first_prose(measured: Survey, body: Part | None, dek: etree._Element | None = None) -> Part | None:
    """The first paragraph of the article that is not its dek."""
    if body is None:
        return None
    return next(
        (
            part for part in measured.order[body.place :]
            if part.inline >= _PARAGRAPH and part.prose and not part.shut and part.tag not in INLINE
            and part.element is not dek
            and 10 * part.inline >= 9 * part.characters
        ),
        None,
    )  # fmt: skip


def _headline(measured: Survey, meta: Metadata, start: int) -> _Place:
    """The heading that the metadata also names, else the h1 nearest above the text, else what the metadata says."""
    named = [letters(text) for text in meta.headlines if letters(text)]
    found = measured.headline
    if found is not None and (text := text_of(found.element)) and len(text) < _LONGEST_HEADLINE:
        said = letters(text)
        if any(said == name or (len(said) > 12 and (said in name or name in said)) for name in named):
            return text, found.element
    tops = ((part, text_of(part.element)) for part in measured.order if part.tag == "h1" and not part.shut)
    above = [(part, text) for part, text in tops if text and len(text) < _LONGEST_HEADLINE and part.place < start]
    if above and (len(above[-1][1]) > 15 or not named):
        return above[-1][1], above[-1][0].element
    for part in measured.order:
        marked = part.tag in ("h2", "h3") or part.element.get("itemprop") in _HEADLINE_MARKS
        if marked and (text := text_of(part.element)) and letters(text) in named:
            return text, part.element
    return _from_metadata(meta), None


def _from_metadata(meta: Metadata) -> str:
    """A page without a headline of its own: JSON-LD or og, else the title without the site's name."""
    best = next(iter(meta.headlines), "")
    if best == meta.title:
        pieces = _SITE_NAME.split(best)
        return max(pieces, key=len) if len(pieces) > 1 else best
    return best


def _dek(
    measured: Survey, meta: Metadata, body: Part, above: int, start: int, *, has_headline: bool
) -> _Place:  # fmt: skip
    """The line under the headline: by its name or by being the page's description, and never the text's own lead."""
    described = {letters(text) for text in meta.descriptions}
    lead_and_around = set(measured.order[start].around()) if start < len(measured.order) else set()
    for part in measured.order[above : start + 1]:
        if not _SHORTEST_DEK <= part.characters <= _LONGEST_DEK or 2 * part.links > part.characters:
            continue
        if part.reason not in _OPEN_TO_FRONT or part.name.byline:
            continue
        element = part.element
        by_name = part.name.dek or element.get("itemprop") in ("description", "alternativeHeadline")
        under = has_headline and part.tag == "h2" and part.place == above
        by_place = under and not moments(plain(text_of(element)).lower(), meta.language)
        lead = part in lead_and_around or (part.tag == "p" and part.parent is body)
        by_text = not lead and part.tag not in INLINE and letters(text_of(element)) in described
        if by_name or by_place or by_text:
            return text_of(element), element
    return "", None


def _byline(measured: Survey, language: str | None, start: int, body: Part) -> _Place:
    """The first line above the text that is called a byline or a link to an author, its stamps left out."""
    for part in measured.order[max(0, start - _REACH) : start]:
        if not 2 <= part.characters <= 3 * _LONGEST_BYLINE or part.prose > _LONGEST_BYLINE or part is body:
            continue
        element = part.element
        named = part.name.byline or element.get("rel") == "author" or "author" in (element.get("itemprop") or "")
        if not named or any(each.reason in _SHUT_TO_FRONT for each in part.around()):
            continue
        line = " ".join(_said(element, language))
        if 2 < len(line) <= _LONGEST_BYLINE:
            return line, element
    opening = phrases(language).byline
    for part in measured.order[max(0, start - _HEADER) : start]:
        short = part.tag not in INLINE and 5 < part.inline == part.characters <= 3 * _SHORT_BYLINE
        if short and not part.shut and opening.match(text_of(part.element)):
            line = " ".join(_said(part.element, language))
            if 5 < len(line) <= _SHORT_BYLINE:
                return line, part.element
    return "", None


def _said(element: etree._Element, language: str | None) -> Iterator[str]:
    """The lines of a byline that are not stamps and not buttons."""
    reasons = dict(phrases(language).whole)
    for line in _lines(element):
        if is_stamp(line, language) or any(pattern.match(line) for pattern in reasons.values()):
            continue
        cut = [piece for piece in re.split(r"\s*[|•·]\s*", line) if piece]
        kept = [piece for piece in cut if not is_stamp(piece, language)]
        if kept:
            yield " | ".join(kept) if len(kept) < len(cut) and len(kept) > 1 else " ".join(kept)


def _lines(element: etree._Element) -> Iterator[str]:
    """The text cut at block borders, at time elements, and where one span follows another without a space: what holds
    them apart then is the style of the page."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        border = node.tag not in INLINE or node.tag in ("br", "time")
        if event == "start" and node.tag == "span" and not border:
            before = node.getprevious()
            border = before is not None and before.tag == "span" and not (before.tail or "")
        if border and pieces:
            line = clean_text("".join(pieces))
            pieces = []
            if line:
                yield line
        if event == "start":
            pieces.append(node.text or "")
        elif node is not element:
            pieces.append(node.tail or "")
    line = clean_text("".join(pieces))
    if line:
        yield line
