"""One walk over the tree: how much prose each element holds, how much of its text is links, what its names say.

Everything that chooses the article's container or its furniture reads these figures; nobody walks the whole page again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from lxml import etree

from tracker.normalize.clean import ends_sentence, letters, text_of
from tracker.normalize.words import NOTHING, Name, name_of, thread_heads

# What never holds text that a reader sees. Forms and embeds are not here: they are judged later.
_UNSEEN = (
    "script", "style", "template", "noscript", "svg", "canvas", "map", "applet", "noframes", "noembed", "datalist",
    "progress", "meter", "annotation", "annotation-xml", "link", "meta", "base", "param", "colgroup",
)  # fmt: skip
INLINE = frozenset(
    (
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
        "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    )
)  # fmt: skip
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NO_PROSE = HEADINGS | {
    "form", "button", "select", "textarea", "input", "menu", "dialog", "fieldset", "figcaption", "caption", "html",
    "title",
}  # fmt: skip
_HALF_PROSE = frozenset(("li", "td", "dt", "dd", "th", "option"))
_TOLD = frozenset(("time", "form", "blockquote"))
_FURNITURE_TAGS = {
    "nav": "navigation", "menu": "navigation", "dialog": "overlay", "button": "form", "select": "form",
    "textarea": "form", "fieldset": "form", "form": "form", "object": "embed",
}  # fmt: skip
_COMMENT = Name(furniture="comments", reader=True)  # what its microdata calls a reader's comment
_REGIONS = frozenset(("section", "div", "aside"))
_LINES = HEADINGS | {"p", "blockquote"}  # no sidebar is one
_COMMENT_TYPES = ("schema.org/Comment", "schema.org/UserComments")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_WEAK_TAGS = {"aside": "sidebar", "footer": "footer"}
_TELLING_TAGS = _FURNITURE_TAGS.keys() | _WEAK_TAGS.keys()
_LEAST = 25  # characters of plain text that make a block of prose; shorter ones are labels as often as not
_DENSE = re.compile("[\u2e80-\uffdc\U00020000-\U0003ffff]")  # Chinese, Japanese, Korean: one says as much as two
_MOST = 10_000  # one block counts no more than this
_HEADLINE = 1_000  # what is longer is no headline: on broken pages headings hold the whole page, and each other
_HEADING_PARTS = 6
_CARD = 700  # characters; what is longer is a link that nobody has closed
_TEASER = 400  # characters; the text of a teaser is shorter, and has a link
_THREAD_HEAD = 40  # characters
_THREADS, _THREAD_NEST = 20, 8  # so many are looked for, in so many boxes
_THREAD_BELOW = 120  # characters of text that stand above the comments on it
_CAPTION = 600  # what is longer is no caption, whatever it is called
_ABOVE = 0.4  # what a line above the headline weighs
_NEAR = 500  # characters of labels and links after which a line weighs half
_FOREIGN = 0.2  # what a line in another article element weighs: a teaser


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


def survey(root: etree._Element, headlines: Sequence[str] = ()) -> Survey:
    """Measure the tree. Unseen elements are cut from it first, their tails stay. `headlines` are the names that the
    page's metadata gives the article."""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    found = root.find("body")
    measured = _walk(found if found is not None else root)
    _measure(measured.order)
    measured.headline = _headline(measured.order, headlines)
    _mark_furniture(measured)
    _count_prose(measured)
    return measured


def _walk(body: etree._Element) -> Survey:
    """A part for each element, with what its attributes say. They are read at once: asking for one costs as much."""
    parts: dict[etree._Element, Part] = {}
    order: list[Part] = []
    named: dict[tuple[str | None, ...], Name] = {}  # a page says the same few things over and over
    for element in body.iter():
        parent = parts[element.getparent()] if order else None  # type: ignore[index]  # all but the first have one
        part = parts[element] = Part(element, element.tag, parent, NOTHING, len(order))
        order.append(part)
        if attributes := element.items():
            said: dict[str, str] = dict(attributes)  # type: ignore[arg-type]  # the stubs allow bytes; none come
            get = said.get
            identity = None if part.tag in HEADINGS else get("id")  # that of a heading is its own words, or "toc-1"
            names = (get("class"), identity, get("role"), get("data-qa") or get("data-testid"))
            part.name = named.get(names) or named.setdefault(names, name_of(*names))
            if get("itemprop") == "comment" or get("itemtype", "").endswith(_COMMENT_TYPES):
                part.name = _COMMENT
            if (label := get("aria-label")) and element.tag in _REGIONS and _thread_head(label):
                part.name = _COMMENT
            part.main = get("role") == "main"
            style = get("style")
            silent = get("aria-hidden") == "true" and part.tag != "p"  # a paragraph behind a wall is silent, and seen
            if "hidden" in said or silent or (style and _NOT_SHOWN.search(style)):
                part.hidden = True
        if part.tag == "main":
            part.main = True
    return Survey(order, parts)


def _thread_head(text: str) -> re.Match[str] | None:
    return thread_heads().fullmatch(text.strip().lower())


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


def is_card(part: Part) -> bool:
    """Is it a link around lines of their own, a title and a summary: a teaser of another page?"""
    if part.tag != "a" or part.inline or part.characters > _CARD:
        return False
    return not (part.element.get("href") or "#").startswith("#")


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
    if text < _LEAST or part.tag in _NO_PROSE:
        return 0
    text = min(text, _MOST)
    return text // 2 if part.tag in _HALF_PROSE else text


def _headline(order: list[Part], headlines: Sequence[str]) -> Part | None:
    """The h1 that says what the metadata says, or nearly so; else an h2 that does; else the only h1."""
    named = {letters(text) for text in headlines} - {""}
    long = [name for name in named if len(name) > _LEAST]
    short = [
        part for part in order
        if part.tag in ("h1", "h2") and part.characters <= _HEADLINE
        and not (part.parent is not None and part.parent.tag == part.tag)
    ]  # fmt: skip
    tops = [(part, letters(text_of(part.element))) for part in short if part.tag == "h1"]
    exact = (part for part, text in tops if text in named)
    close = (
        part for part, text in tops
        if len(text) > _LEAST and any(text in name or (name in text and 2 * len(name) > len(text)) for name in long)
    )  # fmt: skip
    others = [part for part in short if part.tag == "h2" and _says_one_of(part.element, named)]
    second = sorted(others, key=lambda part: part.links > 0)  # a link is as likely another page's teaser
    found = next(exact, None) or next(close, None) or next(iter(second), None)
    return found or (tops[0][0] if len(tops) == 1 else None)


def _says_one_of(heading: etree._Element, named: set[str]) -> bool:
    """Does a heading, or one element in it beside that of a section's name, say what the metadata says?"""
    said = (text_of(each) for each in (heading, *islice(heading, _HEADING_PARTS)) if isinstance(each.tag, str))
    return any(letters(text) in named for text in said)


# --- furniture by name --------------------------------------------------------------------------------------


def _mark_furniture(measured: Survey) -> None:
    """Decide which parts are furniture by what they are called."""
    guarded = _guarded(measured)
    bulk = _bulk(measured)
    threads = set(_threads(measured, guarded))
    for part in measured.order[1:]:
        parent = part.parent or measured.body
        part.caption = parent.caption or part.tag == "figcaption" or (part.name.caption and part.characters <= _CAPTION)
        if part not in guarded and (part.name is not NOTHING or part.hidden or part.tag in _TELLING_TAGS):
            reason = _furniture(part, bulk)
            part.reason = None if reason and part.tag in INLINE and _is_word(part) else reason
        if part in threads:
            part.reason = "comments"
        part.shut = parent.shut or part.reason is not None


def _is_word(part: Part) -> bool:
    """Is it a word or a link of a sentence, whatever it is called? Its line would say something else without it.

    What says on its own what it is ("related") may also stand behind a sentence, so a word has text on both sides.
    """
    if part.hidden or part.name.furniture in ("hidden", "advertisement"):
        return False
    previous, parent = part.element.getprevious(), part.element.getparent()
    before = ((previous.tail if previous is not None else parent.text if parent is not None else None) or "").strip()
    after = (part.element.tail or "").strip()
    line = next(around for around in part.around() if around.tag not in INLINE)
    if max(line.inline - part.inline, line.credit) < _LEAST:
        return False
    if part.tag == "a" and part.name.furniture is None:
        return bool(before or after)
    return bool(before and after) and not ends_sentence(before)


@dataclass(frozen=True, slots=True)
class _Bulk:
    """Where the prose of a page is, furniture included.

    `frames` are the article and main elements around the headline, `boxes` these and the smallest element around it
    that holds the most: what holds the most in one of them is the article. `wrappers` hold what is called its body.
    """

    total: int
    frames: frozenset[Part]
    boxes: frozenset[Part]
    wrappers: frozenset[Part]
    has_headline: bool

    def holds_most(self, part: Part) -> bool:
        """Is half of the prose in a part?"""
        return 2 * part.all_prose >= self.total

    def is_article(self, part: Part, reason: str) -> bool:
        """Does a part hold the most, where the article must be? What asks for consent may hold more than a story."""
        if not self.holds_most(part):
            return False
        places = self.frames if reason in ("consent", "overlay") else self.boxes
        return not self.has_headline or not places.isdisjoint(part.around())


def _bulk(measured: Survey) -> _Bulk:
    total, headline = measured.body.all_prose, measured.headline
    around = [*headline.around()][:-1] if headline is not None else []
    frames = frozenset(part for part in around if part.tag == "article" or part.main)
    box = [part for part in around if 2 * part.all_prose >= total][:1]
    boxes = frames.union(box)
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
    weak = (
        (part.name.weak if part.tag not in _LINES or part.name.weak != "sidebar" else None)
        or _WEAK_TAGS.get(part.tag)
        or ("hidden" if part.hidden else None)
    )
    if weak == "tools" and 3 * part.all_prose >= bulk.total:
        return None  # a box for a button, never closed, into which the article has run
    return weak if weak and not (bulk.holds_most(part) or part.name.body or part in bulk.wrappers) else None


def _threads(measured: Survey, guarded: set[Part]) -> Iterator[Part]:
    """What stands under a heading that counts the comments of readers ("42 Comments"): the box around both, or what
    follows the heading where the article stands in the same box. Above the text such a heading is only a link to them.
    """
    if measured.headline is None:
        return
    start = measured.headline.place + 1
    short = (part for part in measured.order[start:] if part.tag in HEADINGS and part.characters <= _THREAD_HEAD)
    heads = (part for part in short if (said := _thread_head(text_of(part.element))) and said["count"])
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
        and not any(around.hidden for around in part.around())
    ]  # fmt: skip
    if measured.headline is not None:
        marked.append(measured.headline)
    return {around for part in marked for around in part.around()}


# --- prose --------------------------------------------------------------------------------------------------


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
