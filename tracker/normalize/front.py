"""Headline, dek and byline: found on the raw tree, because they stand outside the article's body as often as inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from lxml import etree

from tracker.model import Block, BlockKind, precision
from tracker.normalize.clean import clean_text, letters, text_of
from tracker.normalize.dates import is_of_change, moment, stated, without_dates
from tracker.normalize.metadata import SEPARATOR, Metadata, is_site
from tracker.normalize.notices import opening_of
from tracker.normalize.parts import INLINE, Part, Survey
from tracker.normalize.recipes import Hits
from tracker.normalize.words import folded, name_of, phrases
from tracker.text.wording import is_stamp, moments

_PATH = re.compile(r"\s*(?:(?:https?:)?//[^/?#]*)?([^?#]*)", re.IGNORECASE)  # of any link, however broken its host is
_PARAGRAPH = 60  # characters of the article's first paragraph, at least
_HEADER = 60  # elements above the first paragraph where a header is looked for
_REACH = 250  # the same for what is called a byline
_CROWD = 400  # elements inside a byline or a headline, whose letters some pages set one by one; more is neither
_LONGEST_HEADLINE = 500
_HEADING_PARTS = 40  # elements inside a heading that are looked at
_SHORTEST_DEK, _LONGEST_DEK = 20, 500
_LONGEST_BYLINE = 200
_SHORT_BYLINE = 80
_SHORT_TITLE = 12
_SHORTEST_NAME = 4  # letters: "By" alone is nobody
_STAMP_LINE = 200
_FRONT = 1_000  # elements below the headline; what stands further down is no dek of it, and no date beside it
_BELOW = 12  # elements below the first paragraph's start where a date may still stand
_OPEN_TO_FRONT = (None, "sidebar", "meta", "footer")
_SHUT_TO_FRONT = ("comments", "navigation", "related")
_SHUT_TO_BYLINE = ("sharing", "form", "newsletter", "advertisement", "navigation")
_STYLED = ("span", "a")
_ADDRESS = re.compile(r"@\w+|\S+@\S+\.\w+")
_TO_THE_MINUTE = 2
_Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for its type
_Place = tuple[str, _Element | None]
_HEADLINE_MARKS = ("headline", "headline name", "name headline")


@dataclass(frozen=True, slots=True)
class Front:
    """The blocks that stand first, and the elements that they were read from (not to be read again)."""

    blocks: tuple[Block, ...]
    elements: tuple[_Element, ...]
    h1: str | None = None  # the headline, if a heading of the page says it
    published: tuple[str, str] | None = None  # where readers see the date of publication, and what it says


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
        byline = _told_byline(measured, hits, meta.language) or _byline(measured, meta.language, start, body, at)
        if not byline[0] and below is not None and dek[1] is None:  # the first paragraph may be a dek by its look alone
            second = _first_prose(measured, body, below.element)
            rows = measured.order[start : second.place if second is not None else start]
            byline = _byline_by(_is_called_byline, measured, meta.language, rows, body, at)
        found += [(BlockKind.DEK, *dek), (BlockKind.BYLINE, *byline)]
    return Front(
        tuple(Block(kind, text) for kind, text, _ in found if text),
        tuple(element for _, text, element in found if text and element is not None),
        headline if at is not None else None,
        _seen_date(measured, meta, at, start),
    )


def _told(element: _Element | None) -> _Place | None:
    return (text_of(element), element) if element is not None and text_of(element) else None


def _told_byline(measured: Survey, hits: Hits | None, language: str | None) -> _Place | None:
    """What a recipe calls the byline, without its stamps as any other; one of stamps alone is none."""
    element = hits.byline if hits else None
    line = " ".join(_said(measured, element, language)) if element is not None else ""
    return (line, element) if line else None


def _first_prose(measured: Survey, body: Part | None, dek: _Element | None = None) -> Part | None:
    """The first paragraph of the article that is not its dek."""
    if body is None:
        return None
    return next(
        (
            part for part in measured.order[body.place :]
            if part.inline >= _PARAGRAPH and part.prose and not part.shut and part.tag not in INLINE
            and (dek is None or all(each.element is not dek for each in part.around()))
            and 10 * part.inline >= 9 * part.characters
        ),
        None,
    )  # fmt: skip


def _headline(measured: Survey, meta: Metadata, start: int) -> _Place:
    """The heading that the metadata also names, else the h1 nearest above the text, else what the metadata says."""
    named = [letters(text) for text in meta.headlines if letters(text)]
    found = measured.headline
    text = _heading(found.element, named) if found is not None else ""
    if found is not None and 0 < len(text) < _LONGEST_HEADLINE and _is_named(letters(text), named, meta):
        return text, found.element
    short = [part for part in measured.order if part.characters <= 2 * _LONGEST_HEADLINE]
    outer = (part for part in short if part.tag == "h1" and (part.parent is None or part.parent.tag != "h1"))
    own = (part for part in outer if not part.shut and not _is_crowded(part.element))
    tops = ((part, text) for part in own if not is_site(text := _heading(part.element, named), meta.sites))
    above = [(part, text) for part, text in tops if text and len(text) < _LONGEST_HEADLINE and part.place < start]
    if above and (len(above[-1][1]) > 15 or not named):
        return above[-1][1], above[-1][0].element
    for part in short:
        marked = part.tag in ("h2", "h3") or part.element.get("itemprop") in _HEADLINE_MARKS
        if marked and (text := text_of(part.element)) and letters(text) in named:
            return text, part.element
    return _from_metadata(meta), None


def _from_metadata(meta: Metadata) -> str:
    """A page without a headline of its own: JSON-LD or og, else the title without the site's name."""
    best = next(iter(meta.headlines), "")
    return max(SEPARATOR.split(best), key=len) if best == meta.title else best


def _is_named(said: str, named: Sequence[str], meta: Metadata) -> bool:
    """Does the metadata call it the headline: as a whole, as what stands first in a title, or nearly so? What stands
    last in a title is the outlet's name as often as not."""
    if said in meta.sites:
        return False
    if said in named:
        return True
    pieces = [SEPARATOR.split(title) for title in meta.headlines]
    if any(said == letters(row[0]) for row in pieces):
        return True
    last = any(len(row) > 1 and said == letters(row[-1]) for row in pieces)
    return not last and _is_long(said) and any(said in name or name in said for name in named)


def _is_long(said: str) -> bool:
    """Enough letters that one title in another is no accident; a character of Chinese or Korean says twice as much."""
    return len(said) + sum(char > "\u2e7f" for char in said) > _SHORT_TITLE


def _heading(element: _Element, named: Sequence[str]) -> str:
    """A heading's text; of one that holds the name of a section or a badge as well, the part that the metadata calls
    headline."""
    text = " ".join(pieces_of(element))
    if not len(element) or len(text) >= _LONGEST_HEADLINE or (said := letters(text)) in named:
        return text
    own = clean_text("".join((element.text or "", *(each.tail or "" for each in element))))
    if letters(own) in named:
        return own
    for each in islice(element.iterdescendants(etree.Element), _HEADING_PARTS):
        piece = text_of(each)
        name = letters(piece)
        if name in named and (said.endswith(name) or said.startswith(name)):
            return piece
        if name and said.startswith(name) and said.removeprefix(name) in named:
            return clean_text(text.removeprefix(piece))
    return text


def _dek(
    measured: Survey, meta: Metadata, body: Part, above: int, start: int, *, has_headline: bool
) -> _Place:  # fmt: skip
    """The line under the headline: by its name or by being the page's description, and never the text's own lead."""
    described = {letters(text) for text in meta.descriptions}
    lead_and_around = set(measured.order[start].around()) if start < len(measured.order) else set()
    for part in measured.order[above : min(start + 1, above + _FRONT)]:
        if not _SHORTEST_DEK <= part.characters <= _LONGEST_DEK or 2 * part.links > part.characters:
            continue
        if part.reason not in _OPEN_TO_FRONT or part.name.byline or part.name.body or part.kept:
            continue
        element = part.element
        by_name = part.name.dek or element.get("itemprop") in ("description", "alternativeHeadline")
        under = has_headline and part.tag == "h2" and part.place == above
        by_place = under and not moments(folded(text_of(element)), meta.language)
        lead = part in lead_and_around or (part.tag == "p" and part.parent is body)
        if body in part.around() and element.find(".//li") is not None:
            continue  # a summary in points is a list, each of them a line of its own
        by_text = not lead and part.tag not in INLINE and letters(text_of(element)) in described
        if by_name or by_place or by_text:
            text = " ".join(pieces_of(element, measured))
            if opening_of(text, meta.language) is None:
                return text, element
    return _dek_by_place(measured, meta.language, body, above - 1) if has_headline else ("", None)


def _dek_by_place(measured: Survey, language: str | None, body: Part, place: int) -> _Place:
    """The first line of prose beside the headline (at `place`), above a body that holds neither: read as the dek, it is
    not lost."""
    beside = measured.order[place].parent
    words = phrases(language)
    for part in measured.order[place + 1 : min(body.place, place + _FRONT)]:
        if not part.credit or part.shut or part.kept or part.caption or part.inline != part.characters:
            continue
        box = part.parent
        if box is not beside and (box is None or box.parent is not beside or box.element.find(".//img") is not None):
            continue
        text = " ".join(pieces_of(part.element, measured))
        said = folded(text)
        if not _SHORTEST_DEK <= len(text) <= _LONGEST_DEK or 2 * part.links > part.characters:
            continue
        furniture = words.whole.match(said) or words.opening.match(said) or words.byline.match(text)
        if not furniture and not moments(said, language) and opening_of(text, language) is None:
            return text, part.element
    return "", None


def _byline(measured: Survey, language: str | None, start: int, body: Part, headline: _Element | None) -> _Place:
    """The first line above the text that is called a byline, else one that opens as such, else a link to an author."""
    rows = measured.order[max(0, start - _REACH) : start]
    named = _byline_by(_is_called_byline, measured, language, rows, body, headline)
    if named[0]:
        return named
    around = set(measured.parts[headline].around()) if headline is not None else set()
    opening = phrases(language).byline
    for part in measured.order[max(0, start - _HEADER) : start]:
        short = part.tag not in INLINE and 5 < part.inline == part.characters <= 3 * _SHORT_BYLINE
        fits = short and not part.shut and part not in around and opening.match(text_of(part.element))
        if fits and not _is_crowded(part.element):
            line = " ".join(_said(measured, part.element, language))
            if 5 < len(line) <= _SHORT_BYLINE:
                return line, part.element
    below = rows if headline is None else [part for part in rows if part.place > measured.parts[headline].place]
    return _byline_by(_leads_to_author, measured, language, below, body, headline)


def _byline_by(
    told: Callable[[Part], bool],
    measured: Survey,
    language: str | None,
    rows: Sequence[Part],
    body: Part,
    headline: _Element | None,
) -> _Place:
    """The first part of a row that is a byline by what is `told` of it, its stamps left out."""
    around = set(measured.parts[headline].around()) if headline is not None else set()
    for part in rows:
        if not 2 <= part.characters <= 3 * _LONGEST_BYLINE or part.prose > _LONGEST_BYLINE or part is body:
            continue
        element = part.element
        if (
            not told(part)
            or part.kept
            or part in around
            or any(each.reason in _SHUT_TO_FRONT or each.name.entry for each in part.around())
            or _is_crowded(element)
        ):
            continue
        line = " ".join(_said(measured, element, language))
        if 2 < len(line) <= _LONGEST_BYLINE:
            return line, element
    return "", None


def _is_called_byline(part: Part) -> bool:
    element = part.element
    return part.name.byline or element.get("rel") == "author" or "author" in (element.get("itemprop") or "")


def _leads_to_author(part: Part) -> bool:
    """Is it a link to the page of a person: "/authors/ida-brandt"?"""
    path = _PATH.match(part.element.get("href") or "") if part.tag == "a" else None
    folders = path[1].lower().split("/")[:-1] if path else ()
    return any(folder and name_of(None, None, None, folder).byline for folder in folders)


def _is_crowded(element: _Element) -> bool:
    """Does it hold more elements than a line does? On a mangled page thousands may stand in one another."""
    return next(islice(element.iter(), _CROWD, None), None) is not None


def _said(measured: Survey, element: _Element, language: str | None) -> Iterator[str]:
    """The lines of a byline that are no stamps, notes, buttons or addresses, and not said before. A name that is itself
    a button stays."""
    said = list(_byline_lines(pieces_of(element, measured), language))
    if sum(map(len, map(letters, said))) < _SHORTEST_NAME:
        said = list(_byline_lines(pieces_of(element), language))
    yield from said


def _byline_lines(lines: Iterable[str], language: str | None) -> Iterator[str]:
    furniture = phrases(language).whole
    told = ""
    for line in lines:
        if is_stamp(line, language) or furniture.match(line.lower()) or opening_of(line, language):
            continue
        cut = [piece for piece in re.split(r"\s*[|•·]\s*", line) if piece]
        kept = [left for piece in cut if not is_stamp(piece, language) and (left := without_dates(piece, language))]
        said = " | ".join(kept) if len(kept) < len(cut) and len(kept) > 1 else " ".join(kept)
        if kept and letters(said) and letters(said) not in told and not _ADDRESS.fullmatch(said):
            told += letters(said)
            yield said


def pieces_of(element: _Element, measured: Survey | None = None) -> Iterator[str]:
    """The text cut at block borders, at time elements, and where a span or link follows another without a space: what
    holds them apart then is the style of the page. With a survey, what is furniture inside the element is left out."""
    pieces: list[str] = []
    skipped: _Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if skipped is not None and node is not skipped:
            continue
        border = node.tag not in INLINE or node.tag in ("br", "time")
        if event == "start" and node.tag in _STYLED and not border:
            before = node.getprevious()
            border = before is not None and before.tag in _STYLED and not (before.tail or "")
        if border and pieces:
            line = clean_text("".join(pieces))
            pieces = []
            if line:
                yield line
        if event == "start":
            if node is not element and measured is not None and _is_apart(measured, node):
                skipped = node
            elif node.text:
                pieces.append(node.text)
        elif node is not element:
            skipped = None
            if node.tail:
                pieces.append(node.tail)
    line = clean_text("".join(pieces))
    if line:
        yield line


def _is_apart(measured: Survey, element: _Element) -> bool:
    """Is it a button or a notice, which says no name?"""
    part = measured.parts.get(element)
    return part is not None and (part.kept or part.tag == "button" or part.reason in _SHUT_TO_BYLINE)


def _seen_date(measured: Survey, meta: Metadata, headline: _Element | None, start: int) -> tuple[str, str] | None:
    """The date of publication that stands by the headline, where no metadata says it to the minute: (source, time).

    A time element goes before words; below the headline before above it. Dates of a change are passed over.
    """
    known = max((precision(when) for _, when in meta.content.of("published")), default=0)
    if known >= _TO_THE_MINUTE:
        return None
    place = measured.parts[headline].place if headline is not None else start
    below = measured.order[place : min(max(place, start) + _BELOW, place + _FRONT)]
    above = reversed(measured.order[max(0, place - _HEADER) : place])
    rows = [part for part in (*below, *above) if part.characters <= _STAMP_LINE and _is_open(part)]
    found = [("time", when) for part in rows if part.tag == "time" for when in _of_element(part.element, meta.language)]
    if not found:
        lines = (text_of(part.element) for part in rows if part.is_line)
        found = [("text", when) for line in lines for when in _of_words(line, meta.language)]
    best = max(found, key=lambda each: precision(each[1]), default=None)
    return best if best is not None and precision(best[1]) > known else None


def _is_open(part: Part) -> bool:
    return part.tag != "article" and not any(each.reason in _SHUT_TO_FRONT for each in part.around())


def _of_element(element: _Element, language: str | None) -> Iterator[str]:
    """What a time element says, unless its name or the words before it call it a change."""
    name = (element.get("class") or "") + (element.get("itemprop") or "")
    parent, before = element.getparent(), element.getprevious()
    led = (before.tail if before is not None else parent.text if parent is not None else "") or ""
    if "publish" not in name.lower() and is_of_change(f"{name} {led} {text_of(element)}"):
        return
    when = moment(element.get("datetime") or "", language) or moment(text_of(element), language)
    if precision(when):
        yield when


def _of_words(text: str, language: str | None) -> Iterator[str]:
    end = 0
    for found in stated(text, language):
        if found.when and not is_of_change(text[end : found.start]):
            yield found.when
        end = found.end
