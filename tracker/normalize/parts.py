"""The elements of a page while it is read, and what is known of each: what survey.py counts, named.py judges, and all
others of the room ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from tracker.normalize.words import Name

INLINE = frozenset(
    (
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "ins", "kbd", "label", "mark", "nobr", "noindex", "output", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp",
        "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
        # what an office program marks in a sentence
        "o:p", "st1:city", "st1:country-region", "st1:date", "st1:personname", "st1:place", "st1:placename",
        "st1:placetype", "st1:state", "st1:time",
    )
)  # fmt: skip
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
LEAST = 25  # characters of plain text that make a block of prose; shorter ones are labels as often as not
_CARD = 700  # characters; what is longer is a link that nobody has closed


@dataclass(slots=True, eq=False)
class Part:
    """What the survey knows of one element. Characters are counted as `length` counts them."""

    element: etree._Element
    tag: str
    parent: Part | None
    name: Name
    place: int  # in document order
    characters: int = 0  # of all text inside
    links: int = 0  # of the text inside that is linked
    anchors: int = 0
    inline: int = 0  # of the text of its own line: its own and that of inline elements in it
    inline_links: int = 0
    all_prose: int = 0  # what counts as text of an article, furniture included
    prose: int = 0  # the same, furniture left out, weighed by its distance from the headline
    cut: int = 0  # characters inside that are furniture
    times: int = 0  # characters of the time elements inside
    longest: int = 0  # of the lines inside
    is_line: bool = False  # it is a block with text of its own
    credit: int = 0  # what its own line counts as prose
    form: bool = False  # it is a form or holds one
    quote: bool = False  # the same of blockquotes
    reason: str | None = None  # why it is furniture
    shut: bool = False  # it is furniture or stands inside it
    caption: bool = False  # it is a caption or stands inside one
    kept: bool = False  # it is marked as a notice
    hidden: bool = False  # the page does not show it
    silent: bool = False  # a screen reader passes over it
    main: bool = False  # the page calls it its main part

    def around(self) -> Iterator[Part]:
        """The part and those that hold it, innermost first."""
        part: Part | None = self
        while part is not None:
            yield part
            part = part.parent


@dataclass(slots=True)
class Survey:
    """All parts in document order; the first is the root of what is seen."""

    order: list[Part]
    parts: dict[etree._Element, Part]
    headline: Part | None = None

    @property
    def body(self) -> Part:
        """The part that holds all others."""
        return self.order[0]


def is_card(part: Part) -> bool:
    """Is it a link around lines of their own, a title and a summary: a teaser of another page?"""
    if part.tag != "a" or part.inline or part.characters > _CARD:
        return False
    return not (part.element.get("href") or "#").startswith("#")
