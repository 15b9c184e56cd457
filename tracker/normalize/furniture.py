"""What stands in the container but is not the article: cut from the tree by name and shape, from the blocks by words.

Nothing vanishes: every part that goes is recorded with its reason.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from lxml import etree

from tracker.model import Block, BlockKind, Suppressed
from tracker.normalize.blocks import Line
from tracker.normalize.clean import ends_sentence, text_of
from tracker.normalize.front import pieces_of
from tracker.normalize.parts import HEADINGS, INLINE, Part, Survey, is_card
from tracker.normalize.words import Phrases, folded, name_of, phrases, reason_of
from tracker.text.wording import Moment, is_stamp, moments

_RECORDED = 2_000  # characters of a cut part that are recorded
_SHORT = 300  # promotions and labels are short; a longer block that begins like one is text
_SHORT_LINK = 250
_STAMP = 120
_DIGIT = re.compile(r"\d")  # a quick look: no stamp is without one but "just now", which the word lists know
_BOX = 600
_BOX_LINE = 160
_NEVER_BY_SHAPE = frozenset(
    ("p", "blockquote", "figure", "picture", "table", "tbody", "tr", "td", "li", "h1", "h2", "h3")
)
_REGIONS = frozenset(("div", "section", "aside", "ins", "amp-ad"))
_AD_ATTRIBUTE = re.compile(
    r"data-(?:google-|gpt-|dfp-|amp-)?(?:ads?|advert\w*|adslot|adunit)(?:-(?!free)|$)|data-google-query-id$"
)
_SHORTEST_CALL, _CALL, _CALL_LINES, _BUTTON = 30, 360, 5, 40  # a box that calls for something
_POINTER, _POINTER_WORDS, _POINTER_LABEL = 200, 5, 40  # a line that only points to another page
_ROUNDUP = 4  # so many of them are what the article is about
_PROSE = 60
_SHORT_PROSE = 25  # the same of a line that ends as a sentence does
_PICTURES = (BlockKind.IMAGE, BlockKind.CAPTION, BlockKind.EMBED)
_RUN = 3  # so many lines of links on end are a list of other articles
_RUN_LINE = 160
_LABEL = 60
_CALL_ELEMENTS = 200  # a call has fewer; so many are looked at in nests of boxes without end
_SIBLINGS = 500
_BULLETS = " •·»›>→*▶►-\u2013\u2014"
_SENTENCES = re.compile(r"[.!?…] ")
_TELLING_WORDS = 4  # beside a moment
_WORD = re.compile(r"[^\W\d_]+")
_OPENING_LINE = 80  # a line of this length is the article's text
_PROMO_WHOLE = 700  # a whole promotion in one block
_PROMO_BLOCKS = 12
_PROMO_LINE = 170


def cut(
    measured: Survey,
    body: Part,
    taken: Sequence[etree._Element],
    drop: Sequence[etree._Element] = (),
    language: str | None = None,
) -> tuple[Suppressed, ...]:
    """Take the furniture out of the container's tree. Marked notices stay in its place.

    `taken` are elements that have been read already (headline ...), `drop` what a recipe names as furniture.
    """
    for element in drop:
        measured.parts[element].reason = "recipe"
    found: list[Suppressed] = []
    gone: set[etree._Element] = {element for element in taken if element is not body.element}
    for element in gone:
        _remove(element, _kept_inside(measured, measured.parts[element]))
    for part in [measured.parts[each] for each in body.element.iter(etree.Element) if each in measured.parts]:
        parent = part.parent
        if part is body or part.kept or parent is None or parent.element in gone:
            if parent is not None and parent.element in gone:
                gone.add(part.element)
            continue
        reason = part.reason or _shape(measured, part, body) or _stamps(part, language)
        if reason is None:
            continue
        gone.add(part.element)
        text = text_of(part.element, " ")[:_RECORDED]
        if text:
            found.append(Suppressed(Block(BlockKind.PARAGRAPH, text), reason))
        _remove(part.element, _kept_inside(measured, part))
    return tuple(found)


def _kept_inside(measured: Survey, part: Part) -> tuple[etree._Element, ...]:
    inside = part.element.iterdescendants(etree.Element)
    return tuple(each for each in inside if each in measured.parts and measured.parts[each].kept)


def _remove(element: etree._Element, kept: Sequence[etree._Element]) -> None:
    """Take an element out. The notices in it stay, and its tail; what stood before and behind it is never one word."""
    parent = element.getparent()
    if parent is None:
        return
    for each in kept:
        each.tail = None
        element.addprevious(each)
    apart = element.tag not in INLINE
    if apart or element.tail:
        del element[:]  # and no text of the page is set anew, for lxml takes no control characters
        element.attrib.clear()
        element.tag = "wbr"  # an inline element, so that the tail stays where it is
        element.text = " " if apart else None
    else:
        parent.remove(element)


def _shape(measured: Survey, part: Part, body: Part) -> str | None:
    """Furniture by what it is made of: nothing but links, a box around a form, nothing but a time. And by what its
    attributes say to programs: where an advertisement goes, what a region of the page is called. What holds most of the
    article's text is none: a few short paragraphs and a form between them are a box, too, by their length."""
    if 2 * part.prose > body.prose:
        return None
    if is_card(part) and _has_lines(measured, part):
        return "related"
    if not part.characters or part.tag in INLINE or part.tag in _NEVER_BY_SHAPE:
        return None
    if not part.name.body and (said := _attributes(part)):
        return said
    if part.anchors and part.prose == 0 and 2 * part.links > part.characters and _leads_inside(part):
        return "navigation"
    if part.anchors >= 3 and part.prose == 0 and 10 * part.links > 7 * part.characters and not _is_sentence(part):
        return "links only"
    if part.characters <= _BOX and part.form and _is_box(part):
        return "form"
    if part.characters <= _STAMP and _all_time(part):
        return "time stamp"
    if _is_call(measured, part):
        return "promotion"
    return None


def _is_sentence(part: Part) -> bool:
    """Is it one line, and ends as a sentence does, however much of it is linked?"""
    return part.is_line and part.inline == part.characters and ends_sentence(text_of(part.element))


def _has_lines(measured: Survey, card: Part) -> bool:
    """Has a teaser more than one line: a title, and what stands above or below it? A caption is none."""
    inside = islice(card.element.iter(etree.Element), _CALL_ELEMENTS)
    parts = [measured.parts[each] for each in inside if each in measured.parts]
    return sum(part.is_line and not part.caption for part in parts) > 1


def _leads_inside(part: Part) -> bool:
    """Are all of its links items of a list that lead to places of the same page: a table of contents?"""
    links = islice(part.element.iter("a"), _SIBLINGS)
    return all(
        (link.get("href") or "").startswith("#") and next(link.iterancestors("li"), None) is not None for link in links
    )


def _attributes(part: Part) -> str | None:
    """What the attributes of a region say that no reader sees."""
    element = part.element
    if part.tag not in _REGIONS or part.prose > _BOX:
        return None
    if any(_AD_ATTRIBUTE.match(str(key)) for key in element.attrib):
        return "advertisement"
    label = element.get("aria-label")
    if label and len(label) <= _LABEL and (reason := name_of(label.lower(), None, None).furniture):
        return reason
    if part.anchors and not part.prose and part.characters <= _BOX:
        bought = all("sponsored" in (link.get("rel") or "") for link in element.iter("a"))
        return "advertisement" if bought else None
    return None


def _is_call(measured: Survey, part: Part) -> bool:
    """A box that calls for something: a head, a slogan or two, and a button that is a link. Boxes that come in rows are
    the article's (a guide, a list of things to buy)."""
    if part.tag not in _REGIONS or not part.anchors or not _SHORTEST_CALL <= part.characters <= _CALL:
        return False
    if part.name.body or part.parent is None or 4 * part.prose > 3 * part.characters or not _is_box(part):
        return False
    elements = islice(part.element.iter(etree.Element), _CALL_ELEMENTS)
    inside = [measured.parts[child] for child in elements if child in measured.parts]
    lines = [each for each in inside if each.is_line and each is not part]
    if part.inline:
        lines.append(part)  # a link that stands in the box itself
    if not 3 <= len(lines) <= _CALL_LINES or (lines[0].tag not in HEADINGS and lines[0].element.find("strong") is None):
        return False
    button = lines[-1]
    if lines[0].links or button.inline_links < button.inline or button.inline > _BUTTON:
        return False
    names = part.element.get("class")
    siblings = islice(part.parent.element, _SIBLINGS)
    return sum(twin.tag == part.tag and twin.get("class") == names for twin in siblings) <= 1


def _is_box(part: Part) -> bool:
    """A box around a form: nothing in it is longer than a slogan."""
    return part.longest < _BOX_LINE


def _stamps(part: Part, language: str | None) -> str | None:
    """A row of stamps and counters that only the style of the page holds apart: by its words alone it is one line."""
    if not part.is_line or not part.inline == part.characters <= _STAMP or len(part.element) < 2:
        return None
    pieces = list(pieces_of(part.element))
    stamped = [is_stamp(piece, language) for piece in pieces]
    whole = phrases(language).whole
    row = any(stamped) and all(stamp or whole.match(folded(said)) for said, stamp in zip(pieces, stamped, strict=True))
    return "time stamp" if row else None


def _all_time(part: Part) -> bool:
    return part.times * 10 >= part.characters * 8


# --- by words -----------------------------------------------------------------------------------------------


def reasons(lines: Sequence[Line], language: str | None) -> list[str | None]:
    """For each line why it is furniture, or None. Lines marked as notices are never asked."""
    words = phrases(language)
    found = [None if line.notice else _said(line, words, language) for line in lines]
    for start, end in _promotions(lines, words):
        for place in range(start, end + 1):
            if not lines[place].notice:
                found[place] = found[place] or "newsletter"
    for place, reason in (*_link_runs(lines), *_pointers(lines, found), *_above_text(lines, language)):
        if not lines[place].notice:
            found[place] = found[place] or reason
    return found


def _link_runs(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Lines that are all link, several on end, and the label above them."""
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and _is_link(lines[end]):
            end += 1
        if end - place >= _RUN:
            if place and _is_label(lines[place - 1]):
                yield place - 1, "links only"
            yield from ((each, "links only") for each in range(place, end))
        place = end + 1


def _pointers(lines: Sequence[Line], why: Sequence[str | None]) -> Iterator[tuple[int, str]]:
    """Lines that only lead to another page, set between paragraphs: a title that is all link and no sentence, or a
    label and such a title. Pictures, furniture (`why`) and other such lines may stand between. A few on a page; where
    there are many, the article is a list of links."""
    left = [place for place, line in enumerate(lines) if why[place] is None and line.kind not in _PICTURES]
    leading = {place: reason for place in left if (reason := _points(lines[place]))}
    for row in _lists(lines):
        if not leading.keys() >= set(row):  # a list with items of its own is the article's
            leading = {place: reason for place, reason in leading.items() if place not in row}
    others = [place for place in left if place not in leading]
    found = [(place, reason) for place, reason in leading.items() if _is_beside_prose(lines, others, place)]
    if len(found) < _ROUNDUP or 3 * len(found) <= sum(map(_is_prose, lines)):
        yield from found


def _lists(lines: Sequence[Line]) -> Iterator[range]:
    """The places of items that stand in a row."""
    for item, row in groupby(range(len(lines)), lambda place: lines[place].kind is BlockKind.ITEM):
        if item:
            places = list(row)
            yield range(places[0], places[-1] + 1)


def _is_beside_prose(lines: Sequence[Line], others: Sequence[int], place: int) -> bool:
    """Is the nearest of the other lines before or behind a place prose?"""
    at = bisect(others, place)
    return any(_is_prose(lines[each]) for each in others[max(0, at - 1) : at + 1])


def _points(line: Line) -> str | None:
    """Why a line only leads to another page, or None."""
    if line.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM) or len(line.links) != 1 or len(line.text) > _POINTER:
        return None
    text, link = line.text, line.links[0]
    if link.end < len(text) - 2 or ends_sentence(text) or _SENTENCES.search(text):
        return None
    label, title = text[: link.start].strip(_BULLETS), text[link.start : link.end]
    if len(title.split()) < (_POINTER_WORDS if not label else _POINTER_WORDS - 1):
        return None
    if not label:
        return "links only"
    short = len(label) <= _POINTER_LABEL and len(label.split()) < _POINTER_WORDS and not _DIGIT.search(label)
    apart = label[-1] in ":|" or text[link.start - 1].isalpha()  # what holds them apart then is the style of the page
    return "related" if short and apart and title[0].isupper() else None


def _is_prose(line: Line) -> bool:
    if line.kind is not BlockKind.PARAGRAPH or 2 * line.linked >= len(line.text):
        return False
    return len(line.text) >= _PROSE or (len(line.text) >= _SHORT_PROSE and ends_sentence(line.text))


def _is_link(line: Line) -> bool:
    spoken = line.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADING)
    return spoken and 0 < len(line.text) <= _RUN_LINE and 10 * line.linked >= 8 * len(line.text)


def _is_label(line: Line) -> bool:
    return (
        line.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH)
        and len(line.text) <= _LABEL
        and line.text[-1:] not in ".!?"
    )


def _above_text(lines: Sequence[Line], language: str | None) -> Iterator[tuple[int, str]]:
    """Between headline and text: section names (all link) and lines that end in a date."""
    for place, line in enumerate(lines):
        if line.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM) and (
            len(line.text) >= _OPENING_LINE or line.text[-1:] in '.!?…"”»。'
        ):
            return
        if line.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            continue
        if 10 * line.linked >= 9 * len(line.text):
            yield place, "section name"
        elif line.kind is BlockKind.ITEM and not any(map(str.isalpha, line.text)):
            yield place, "sharing"
        elif any(_is_about(each, line) for each in moments(folded(line.text), language)):
            yield place, "time stamp"


def _is_about(stated: Moment, line: Line) -> bool:
    """Does a line say little beside a moment? An item of a summary may end in the hour of what it tells."""
    beside = line.text[: stated.start] + line.text[stated.end :]
    return line.kind is not BlockKind.ITEM or len(_WORD.findall(beside)) < _TELLING_WORDS


def _said(line: Line, words: Phrases, language: str | None) -> str | None:
    text = folded(line.text).strip()
    if not text or line.kind in (BlockKind.IMAGE, BlockKind.EMBED, BlockKind.TABLE):
        return None
    if len(text) <= _SHORT and (reason := reason_of(words.whole, text) or reason_of(words.opening, text)):
        return reason
    if len(text) <= _PROMO_WHOLE and words.promo_opening.match(text) and words.promo_closing.search(text):
        return "newsletter"
    bracketed = text[0] + text[-1] == "[]" and len(text.split()) >= _POINTER_WORDS
    if len(text) <= _SHORT_LINK and bracketed and line.linked >= len(line.text) - 2:
        return "related"  # [another article], set between two paragraphs
    mostly_link = len(text) <= _SHORT_LINK and 2 * line.linked >= len(text) - 15 and line.links
    if mostly_link and (reason := reason_of(words.link, text)):
        return reason
    short = len(text) <= _STAMP and line.kind is not BlockKind.ENTRY
    if short and _DIGIT.search(text) and is_stamp(line.text, language):
        return "time stamp"
    return None


def _promotions(lines: Sequence[Line], words: Phrases) -> Iterator[tuple[int, int]]:
    """Runs of short lines that begin like a promotion and end like its small print."""
    place = 0
    while place < len(lines):
        text = folded(lines[place].text)
        if len(text) <= _PROMO_LINE and words.promo_opening.match(text):
            end = _promotion_end(lines, place, words)
            if end > place:
                yield place, end
                place = end
        place += 1


def _promotion_end(lines: Sequence[Line], start: int, words: Phrases) -> int:
    end = start
    for place in range(start + 1, min(start + _PROMO_BLOCKS, len(lines))):
        text = folded(lines[place].text)
        if len(text) > _PROMO_LINE:
            break
        if words.promo_closing.match(text):
            end = place
    return end
