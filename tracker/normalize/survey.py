"""One walk over the tree: how much prose each element holds, how much of its text is links, what its names say.

Everything that chooses the article's container or its furniture reads these figures; nobody walks the whole page again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from lxml import etree

from tracker.normalize.clean import letters, text_of
from tracker.normalize.named import mark_furniture, thread_head
from tracker.normalize.parts import HEADINGS, INLINE, LEAST, Part, Survey, is_card
from tracker.normalize.words import NOTHING, Name, name_of

# What never holds text that a reader sees. Forms and embeds are not here: they are judged later.
_UNSEEN = (
    "script", "style", "template", "noscript", "svg", "canvas", "map", "applet", "noframes", "noembed", "datalist",
    "progress", "meter", "annotation", "annotation-xml", "link", "meta", "base", "param", "colgroup",
)  # fmt: skip
_NO_PROSE = HEADINGS | {
    "form", "button", "select", "textarea", "input", "menu", "dialog", "fieldset", "figcaption", "caption", "html",
    "title",
}  # fmt: skip
_HALF_PROSE = frozenset(("li", "td", "dt", "dd", "th", "option"))
_TOLD = frozenset(("time", "form", "blockquote"))
_TELLING = frozenset(("itemprop", "itemtype", "aria-label", "aria-hidden", "style", "hidden"))  # beside names
_COMMENT = Name(furniture="comments", reader=True)  # what its microdata calls a reader's comment
_REGIONS = frozenset(("section", "div", "aside"))
_COMMENT_TYPES = ("schema.org/Comment", "schema.org/UserComments")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_DENSE = re.compile("[\u2e80-\uffdc\U00020000-\U0003ffff]")  # Chinese, Japanese, Korean: one says as much as two
_MOST = 10_000  # one block counts no more than this
_HEADLINE = 1_000  # what is longer is no headline: on broken pages headings hold the whole page, and each other
_HEADING_PARTS = 6
_ABOVE = 0.4  # what a line above the headline weighs
_NEAR = 500  # characters of labels and links after which a line weighs half
_FOREIGN = 0.2  # what a line in another article element weighs: a teaser


def survey(root: etree._Element, headlines: Sequence[str] = ()) -> Survey:
    """Measure the tree. Unseen elements are cut from it first, their tails stay. `headlines` are the names that the
    page's metadata gives the article."""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    found = root.find("body")
    measured = _walk(found if found is not None else root)
    _measure(measured.order)
    measured.headline = _headline(measured.order, headlines)
    mark_furniture(measured)
    _count_prose(measured)
    return measured


def _walk(body: etree._Element) -> Survey:
    """A part for each element, with what its attributes say. They are read at once: asking for one costs as much."""
    parts: dict[etree._Element, Part] = {}
    order: list[Part] = []
    named: dict[tuple[str | None, ...], Name] = {}  # a page says the same few things over and over
    for element in body.iter():
        parent = parts[element.getparent()] if order else None  # type: ignore[index]  # all but the first have one
        tag = element.tag
        if "-" in tag and _is_in_line(element):
            element.tag = tag = "span"
        part = parts[element] = Part(element, tag, parent, NOTHING, len(order))
        order.append(part)
        if tag == "main":
            part.main = True
        if attributes := element.items():
            said: dict[str, str] = dict(attributes)  # type: ignore[arg-type]  # the stubs allow bytes; none come
            get = said.get
            role = get("role")
            identity = None if tag in HEADINGS else get("id")  # that of a heading is its own words, or "toc-1"
            names = (get("class"), identity, role, get("data-qa") or get("data-testid"))
            part.name = named.get(names) or named.setdefault(names, name_of(*names))
            if role == "main":
                part.main = True
            if _TELLING.isdisjoint(said):
                continue
            if get("itemprop") == "comment" or get("itemtype", "").endswith(_COMMENT_TYPES):
                part.name = _COMMENT
            if (label := get("aria-label")) and tag in _REGIONS and thread_head(label):
                part.name = _COMMENT
            if get("aria-hidden") == "true":
                part.silent = True
            style = get("style")
            if "hidden" in said or (style and _NOT_SHOWN.search(style)):
                part.hidden = True
    return Survey(order, parts)


def _is_in_line(custom: etree._Element) -> bool:
    """Does an element of the site's own stand beside text, with nothing in it but text? Browsers set it in the line."""
    previous, parent = custom.getprevious(), custom.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else None
    beside = (before or "").strip() or (custom.tail or "").strip()
    return bool(beside) and not len(custom) and not custom.tag.startswith("amp-")


def _measure(order: list[Part]) -> None:
    """Children before parents, so that each element hands its sums up once."""
    for part in reversed(order):
        element = part.element
        text = element.text
        own = length(text) if text else 0
        part.inline += own
        part.characters += own
        inline = part.tag in INLINE
        if inline:
            if part.tag == "a":
                part.links, part.inline_links, part.anchors = part.characters, part.inline, part.anchors + 1
        elif part.inline:
            part.is_line = True
            part.credit = _credit(part)
            part.all_prose += part.credit
        if part.inline > part.longest:
            part.longest = part.inline
        if part.tag in _TOLD:
            _tell(part)
        if inline and part.all_prose and is_card(part):
            _take_back(part, order)
        parent = part.parent
        if parent is None:
            continue
        if part.longest > parent.longest:
            parent.longest = part.longest
        parent.times += part.times
        parent.form = parent.form or part.form
        parent.quote = parent.quote or part.quote
        tail = element.tail
        after = length(tail) if tail else 0
        parent.characters += part.characters + after
        parent.inline += after
        parent.links += part.links
        parent.anchors += part.anchors
        parent.all_prose += part.all_prose
        if inline:
            parent.inline += part.inline
            parent.inline_links += part.inline_links


def _take_back(card: Part, order: list[Part]) -> None:
    """What a teaser says is no prose of this article."""
    card.all_prose = 0
    place = card.place + 1
    while place < len(order) and (parent := order[place].parent) is not None and parent.place >= card.place:
        order[place].credit = order[place].all_prose = 0
        place += 1


def _tell(part: Part) -> None:
    """Note that the element is one whose presence matters to those around it."""
    if part.tag == "time":
        part.times = part.characters
    part.form = part.form or part.tag == "form"
    part.quote = part.quote or part.tag == "blockquote"


def length(text: str) -> int:
    """How long a text is, without white space at its edges, by what it says: dense scripts count double."""
    text = text.strip()
    return len(text) if text.isascii() else len(text) + len(_DENSE.findall(text))


def _credit(part: Part) -> int:
    """What one element's own line counts as prose. Half for list items and cells, nothing for headings and labels."""
    text = part.inline - 2 * part.inline_links
    if text < LEAST or part.tag in _NO_PROSE:
        return 0
    text = min(text, _MOST)
    return text // 2 if part.tag in _HALF_PROSE else text


def _headline(order: list[Part], headlines: Sequence[str]) -> Part | None:
    """The h1 that says what the metadata says, or nearly so; else an h2 that does; else the only h1."""
    named = {letters(text) for text in headlines} - {""}
    long = [name for name in named if len(name) > LEAST]
    short = [
        part for part in order
        if part.tag in ("h1", "h2") and part.characters <= _HEADLINE
        and not (part.parent is not None and part.parent.tag == part.tag)
    ]  # fmt: skip
    tops = [(part, letters(text_of(part.element))) for part in short if part.tag == "h1"]
    exact = (part for part, text in tops if text in named)
    close = (
        part for part, text in tops
        if len(text) > LEAST and any(text in name or (name in text and 2 * len(name) > len(text)) for name in long)
    )  # fmt: skip
    others = [part for part in short if part.tag == "h2" and _says_one_of(part.element, named)]
    second = sorted(others, key=lambda part: part.links > 0)  # a link is as likely another page's teaser
    found = next(exact, None) or next(close, None) or next(iter(second), None)
    return found or (tops[0][0] if len(tops) == 1 else None)


def _says_one_of(heading: etree._Element, named: set[str]) -> bool:
    """Does a heading, or one element in it beside that of a section's name, say what the metadata says?"""
    said = (text_of(each) for each in (heading, *islice(heading, _HEADING_PARTS)) if isinstance(each.tag, str))
    return any(letters(text) in named for text in said)


def _count_prose(measured: Survey) -> None:
    """The prose that is not furniture. What stands further from the headline, with more labels and links between,
    counts less: the article follows its headline, other articles' teasers follow the article."""
    weights = _weights(measured)
    for part in reversed(measured.order):
        if part.reason:
            part.prose = 0
        elif part.credit and not part.caption:
            part.prose += int(part.credit * weights.get(part.place, 1.0))
        if part.parent is not None:
            part.parent.prose += part.prose
            part.parent.cut += part.characters if part.reason else part.cut


def _weights(measured: Survey) -> dict[int, float]:
    """What each line weighs, by the labels and links between it and the headline."""
    weights: dict[int, float] = {}
    if measured.headline is None:
        return weights
    noise, weight = 0, _ABOVE
    own = [part for part in measured.headline.around() if part.tag == "article"]
    foreign: set[int] = set()
    for part in measured.order[1:]:
        if own and ((part.parent is not None and part.parent.place in foreign) or _is_foreign(part, own)):
            foreign.add(part.place)
        if part is measured.headline:
            noise, weight = 0, 1.0
        elif part.is_line and not part.shut:
            weights[part.place] = weight * _FOREIGN if part.place in foreign else weight
            if weight != _ABOVE and not part.credit:
                noise += part.inline_links if part.tag in HEADINGS else part.inline
                weight = 1 / (1 + (noise / _NEAR) ** 2)
    return weights


def _is_foreign(part: Part, own: Sequence[Part]) -> bool:
    """An article element neither around the headline nor inside the one that is."""
    return part.tag == "article" and part not in own and not any(around in own for around in part.around())
