"""Which parts of a page are furniture by what they are called, and which only seem to be: by class, id, role and tag.

A name is weighed against where the prose of the page is: what holds the article is none, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from lxml import etree

from tracker.normalize.clean import ends_sentence, text_of
from tracker.normalize.parts import HEADINGS, INLINE, LEAST, Part, Survey
from tracker.normalize.words import NOTHING, thread_heads

_FURNITURE_TAGS = {
    "nav": "navigation", "menu": "navigation", "dialog": "overlay", "button": "form", "select": "form",
    "textarea": "form", "fieldset": "form", "form": "form", "object": "embed",
}  # fmt: skip
_WEAK_TAGS = {"aside": "sidebar", "footer": "footer"}
_TELLING_TAGS = _FURNITURE_TAGS.keys() | _WEAK_TAGS.keys()
_LINES = HEADINGS | {"p", "blockquote"}  # no sidebar is one
_STORY = 100  # characters of prose: the shortest story
_TEASER = 400  # characters; the text of a teaser is shorter, and has a link
_THREAD_HEAD = 40  # characters
_THREADS, _THREAD_NEST = 20, 8  # so many are looked for, in so many boxes
_THREAD_BELOW = 120  # characters of text that stand above the comments on it
_CAPTION = 600  # what is longer is no caption, whatever it is called


def mark_furniture(measured: Survey) -> None:
    """Decide which parts are furniture by what they are called."""
    guarded = _guarded(measured)
    bulk = _bulk(measured)
    threads = set(_threads(measured, guarded))
    for part in measured.order[1:]:
        parent = part.parent or measured.body
        part.caption = parent.caption or part.tag == "figcaption" or (part.name.caption and part.characters <= _CAPTION)
        if part not in guarded and (
            part.name is not NOTHING or part.hidden or part.silent or part.tag in _TELLING_TAGS
        ):
            reason = _furniture(part, bulk)
            part.reason = None if reason and part.tag in INLINE and _is_word(part) else reason
        if part in threads:
            part.reason = "comments"
        part.shut = parent.shut or part.reason is not None


def _is_word(part: Part) -> bool:
    """Is it a word or a link of a sentence, whatever it is called? Its line would say something else without it.

    What says on its own what it is ("related") may also stand behind a sentence, so a word has text on both sides.
    """
    name, element = part.name.furniture, part.element
    if part.hidden or part.silent or name in ("hidden", "advertisement"):
        return False
    after = (element.tail or "").strip()
    may_end = part.tag == "a" and name is None
    if not after and not may_end:
        return False
    line = next(around for around in part.around() if around.tag not in INLINE)
    if max(line.inline - part.inline, line.credit) < LEAST:
        return False
    previous, parent = element.getprevious(), element.getparent()
    before = ((previous.tail if previous is not None else parent.text if parent is not None else None) or "").strip()
    return bool(before or after) if may_end else bool(before) and not ends_sentence(before)


@dataclass(frozen=True, slots=True)
class _Bulk:
    """Where the prose of a page is, furniture included.

    `frames` are the article and main elements around the headline, outermost last, `boxes` these and the smallest
    element around it that holds the most. `wrappers` hold what is called the article's body.
    """

    total: int
    frames: tuple[Part, ...]
    boxes: frozenset[Part]
    wrappers: frozenset[Part]
    has_headline: bool

    def holds_most(self, part: Part) -> bool:
        """Is half of the prose in a part, and not all beside the element that holds the article and its headline?"""
        if 2 * part.all_prose < self.total:
            return False
        home = self.frames[-1] if self.frames and self.frames[-1].all_prose >= _STORY else None
        return home is None or home in part.around() or part in home.around()

    def is_article(self, part: Part, reason: str) -> bool:
        """Does a part hold the most, where the article must be? What asks for consent may hold more than a story."""
        if not self.holds_most(part):
            return False
        places = self.frames if reason in ("consent", "overlay") else self.boxes
        return not self.has_headline or any(around in places for around in part.around())


def _bulk(measured: Survey) -> _Bulk:
    total, headline = measured.body.all_prose, measured.headline
    around = [*headline.around()][:-1] if headline is not None else []
    frames = tuple(part for part in around if part.tag == "article" or part.main)
    box = [part for part in around if 2 * part.all_prose >= total][:1]
    boxes = frozenset((*frames, *box))
    wrappers: set[Part] = set()
    for part in measured.order:
        if part.all_prose and (part.main or (part.name.body and not boxes.isdisjoint(part.around()))):
            wrappers.update(takewhile(lambda each: each not in wrappers, part.around()))
    return _Bulk(total, frames, boxes, frozenset(wrappers), headline is not None)


def _furniture(part: Part, bulk: _Bulk) -> str | None:
    strong = part.name.furniture or _FURNITURE_TAGS.get(part.tag)
    if strong == "related" and part.name.lead and _leads_nowhere(part):
        strong = None  # such a teaser is as often the lead of the article itself, "read more" what a button unfolds
    if strong and not _outweighed(part, strong, bulk):
        return strong
    weak = _weak(part)
    if weak == "tools" and 3 * part.all_prose >= bulk.total:
        return None  # a box for a button, never closed, into which the article has run
    return weak if weak and not (bulk.holds_most(part) or part.name.body or part in bulk.wrappers) else None


def _weak(part: Part) -> str | None:
    """What it may be if it does not hold the article. No paragraph is a sidebar, and a silent one is seen."""
    named = part.name.weak if part.name.weak != "sidebar" or part.tag not in _LINES else None
    hidden = part.hidden or (part.silent and part.tag != "p")
    return named or _WEAK_TAGS.get(part.tag) or ("hidden" if hidden else None)


def _threads(measured: Survey, guarded: set[Part]) -> Iterator[Part]:
    """What stands under a heading that counts the comments of readers ("42 Comments"): the box around both, or what
    follows the heading where the article stands in the same box. Above the text such a heading is only a link to them.
    """
    if measured.headline is None:
        return
    start = measured.headline.place + 1
    short = (part for part in measured.order[start:] if part.tag in HEADINGS and part.characters <= _THREAD_HEAD)
    heads = (part for part in short if (said := thread_head(text_of(part.element))) and said["count"])
    for head in islice(heads, _THREADS):
        if sum(part.credit for part in measured.order[start : head.place]) >= _THREAD_BELOW:
            yield from _thread(measured, head, guarded)


def _thread(measured: Survey, heading: Part, guarded: set[Part]) -> Iterator[Part]:
    """The box that a heading opens, or the heading and what follows it where the same box holds text above it."""
    head = heading
    for box in islice(heading.around(), 1, _THREAD_NEST):
        if box.all_prose:
            break
        head = box
    else:
        return
    if box not in guarded and not any(part.credit for part in measured.order[box.place : head.place]):
        yield box
        return
    yield head
    for element in head.element.itersiblings(etree.Element):
        part = measured.parts[element]
        if part in guarded or part.name.notice or part.tag in HEADINGS or part.tag in _WEAK_TAGS:
            return
        yield part


def _leads_nowhere(part: Part) -> bool:
    """Has it text, and fewer links than what points to other articles?"""
    return part.all_prose > _TEASER * part.anchors and all(each.tag != "a" for each in part.around())


def _outweighed(part: Part, strong: str, bulk: _Bulk) -> bool:
    """Is it the article in spite of what a part of its names says ("article__body overlay-handle")? What holds most of
    the prose is, where it stands in the headline's own article or the page has no headline; but other articles may hold
    more than a short one."""
    if strong == "sharing" and (part.name.embed or part.quote):
        return True  # a post from elsewhere, in a "social" wrapper
    if not part.all_prose or strong == "comments":
        return False
    beside = strong in ("related", "newsletter", "subscription")
    unfolds = part.name.lead and part in bulk.wrappers  # "read more" is as often what a button shows the rest of
    return part.name.body or (bulk.is_article(part, strong) and (not beside or unfolds))


def _guarded(measured: Survey) -> set[Part]:
    """The parts that hold the marked body of the article or its headline: never furniture as a whole."""
    marked = [
        part for part in measured.order
        if part.all_prose and part.element.get("itemprop") == "articleBody"
        and not any(around.hidden or around.silent for around in part.around())
    ]  # fmt: skip
    if measured.headline is not None:
        marked.append(measured.headline)
    return {around for part in marked for around in part.around()}


def thread_head(text: str) -> re.Match[str] | None:
    """What heads the comments of readers, with their `count` where it says one; None for any other text."""
    return thread_heads().fullmatch(text.strip().lower())
