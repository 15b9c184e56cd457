"""Changes to a page whose right answer is known: furniture that must not show, notes and edits that must show exactly.

Every mutation takes the tree of a page, the siblings that are its paragraphs, and a seeded random source; it changes
the tree in place. Two vocabularies that share no promotion's wording and no class name: "known" is the one that rules
may be written against, "held-out" the one that they may not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lxml import html

Element: TypeAlias = html.HtmlElement


@dataclass
class Subject:
    """A page that is about to be changed. `paragraphs` are siblings in the article's body."""

    root: Element
    paragraphs: list[Element]
    random: random.Random
    words: Vocabulary

    @property
    def body(self) -> Element:
        parent = self.paragraphs[0].getparent()
        assert parent is not None
        return parent

    @property
    def page(self) -> Element:
        found = self.root.find("body")
        assert found is not None
        return found

    def middle(self) -> Element:
        return self.paragraphs[len(self.paragraphs) // 2]


@dataclass(frozen=True)
class Vocabulary:
    """Class names and wordings of furniture."""

    ad: str
    related: str
    newsletter: str
    share: str
    stamp: str
    comments: str
    popular: str
    cookies: str
    meter: str
    promo: tuple[str, ...]
    read_more: tuple[str, ...]
    meter_text: tuple[str, ...]
    box: tuple[str, ...]
    titles: tuple[str, ...]


KNOWN = Vocabulary(
    ad="ad-slot", related="related-articles", newsletter="newsletter-signup", share="share-count", stamp="timestamp",
    comments="comments", popular="most-read", cookies="cookie-banner", meter="meter-bar",
    promo=(
        "Sign up for our daily newsletter to get the day's top stories in your inbox.",
        "Subscribe to our morning newsletter for the news you need, delivered free every weekday.",
    ),
    read_more=("READ MORE: The long road to a new bridge", "Related: What the harbour report leaves out"),
    meter_text=("You have 3 free articles left this month.", "You have 1 free article left this month."),
    box=("Get the news first", "Our best stories, sent to your inbox every morning.", "Your email address"),
    titles=(
        "Harbour board delays vote on ferry fares", "Five questions about the new tax on parking",
        "How the orchard fire spread in an hour", "Rail workers accept offer after night of talks",
        "The quiet end of a village school", "Museum returns carved door to its owners",
    ),
)  # fmt: skip
HELD_OUT = Vocabulary(
    ad="zq7", related="k3-row", newsletter="b19x", share="m-77", stamp="u4z", comments="thread-comments",
    popular="h8-list", cookies="c-note", meter="w2",
    promo=(
        "Our evening letter brings you the one story worth your time. Put your name down.",
        "Hear the people behind this report on our weekly show, wherever you find your shows.",
    ),
    read_more=("More on this: Why the lake keeps rising", "Don't miss: A winter among the lighthouse keepers"),
    meter_text=("Two more pieces this month are on us.", "One more piece this month is on us."),
    box=("A letter worth opening", "Leave us a line and we will write to you.", "name@host"),
    titles=(
        "Glass workers return to the old furnace", "A map of every well in the valley",
        "Night trains are back, and so are the queues", "What remains of the salt road",
        "The choir that sings in four languages", "Storm barrier closes for the ninth time",
    ),
)  # fmt: skip
VOCABULARIES = {"known": KNOWN, "held-out": HELD_OUT}


def element(markup: str) -> Element:
    """One element from its markup."""
    found = html.fragment_fromstring(markup)
    assert isinstance(found, html.HtmlElement)
    return found


def after(anchor: Element, new: Element) -> None:
    """Put an element behind another; the text that follows the other stays behind both."""
    new.tail, anchor.tail = anchor.tail, None
    anchor.addnext(new)


def _list(titles: Sequence[str]) -> str:
    return "<ul>" + "".join(f'<li><a href="/s/{at}">{title}</a></li>' for at, title in enumerate(titles)) + "</ul>"


# --- furniture: the words of the article stay the same -------------------------------------------------------


def ad_block(page: Subject, turn: int) -> None:
    if turn:
        after(
            page.middle(),
            element(f'<div class="{page.words.ad}"><a href="/ad">Buy a boat today, pay in the spring</a></div>'),
        )


def ad_rotates(page: Subject, turn: int) -> None:
    texts = ("Buy a boat today, pay in the spring", "New roofs at last year's price")
    after(page.middle(), element(f'<div class="{page.words.ad}"><a href="/ad">{texts[turn]}</a></div>'))


def ad_label(page: Subject, turn: int) -> None:
    if turn:
        link = '<a href="#after">Continue reading the main story</a>'
        after(page.middle(), element(f'<div class="css-1x2y"><p>Advertisement</p><p>{link}</p></div>'))


def related_appears(page: Subject, turn: int) -> None:
    if turn:
        box = f'<aside class="{page.words.related}"><h3>Related</h3>{_list(page.words.titles[:3])}</aside>'
        after(page.middle(), element(box))


def related_rotates(page: Subject, turn: int) -> None:
    titles = page.words.titles[:3] if turn else page.words.titles[3:]
    after(page.middle(), element(f'<aside class="{page.words.related}"><h3>Related</h3>{_list(titles)}</aside>'))


def read_more_appears(page: Subject, turn: int) -> None:
    if turn:
        after(page.middle(), element(f'<p><a href="/m">{page.words.read_more[0]}</a></p>'))


def read_more_rotates(page: Subject, turn: int) -> None:
    label, title = page.words.read_more[turn].split(": ")
    after(page.middle(), element(f'<p><strong>{label}:</strong> <a href="/m{turn}">{title}</a></p>'))


def newsletter_box(page: Subject, turn: int) -> None:
    if turn:
        first, second, field_label = page.words.box
        box = (
            f'<div class="{page.words.newsletter}"><h4>{first}</h4><p>{second}</p>'
            f'<form><label>{field_label}</label><input type="email"><button>Go</button></form></div>'
        )
        after(page.middle(), element(box))


def newsletter_line(page: Subject, turn: int) -> None:
    if turn:
        after(page.middle(), element(f"<p><em>{page.words.promo[0]}</em></p>"))


def share_count(page: Subject, turn: int) -> None:
    page.body.addprevious(element(f'<div class="{page.words.share}"><span>{(12, 418)[turn]}</span> shares</div>'))


def attributes(page: Subject, turn: int) -> None:
    for place, each in enumerate(page.paragraphs):
        each.set("data-nonce", f"{page.random.random() if turn else 0}")
        each.set("class", f"css-{place * 7919 + turn * 104729:x}")


_BLOCKS = ("div", "section", "article", "main", "header", "footer", "nav", "ul", "ol", "table", "tbody", "tr", "figure")


def minified(page: Subject, turn: int) -> None:
    if turn:
        for each in page.page.iter():
            if each.tag in _BLOCKS:  # between inline elements a space is text
                each.text = each.text if each.text and each.text.strip() else None


def relative_time(page: Subject, turn: int) -> None:
    text = ("Updated 5 minutes ago", "Updated 2 hours ago")[turn]
    page.body.insert(0, element(f'<div class="{page.words.stamp}">{text}</div>'))


def relative_time_plain(page: Subject, turn: int) -> None:
    page.body.insert(0, element(f"<p>{('5 minutes ago', '2 hours ago')[turn]}</p>"))


def comments_grow(page: Subject, turn: int) -> None:
    said = "".join(
        f'<div class="comment"><b>Reader {at}</b><p>I walk past it every day and I doubt it very much.</p></div>'
        for at in range((2, 14)[turn])
    )
    page.body.addnext(element(f'<section class="{page.words.comments}"><h3>Comments</h3>{said}</section>'))


def popular_rotates(page: Subject, turn: int) -> None:
    titles = page.words.titles[:4] if turn else page.words.titles[2:]
    page.page.append(element(f'<div class="{page.words.popular}"><h3>Most read</h3>{_list(titles)}</div>'))


def cookie_bar(page: Subject, turn: int) -> None:
    if turn:
        text = "We use cookies to make this site work. By continuing you accept our cookie policy."
        page.page.insert(0, element(f'<div class="{page.words.cookies}"><p>{text}</p><button>Accept</button></div>'))


def meter_top(page: Subject, turn: int) -> None:
    page.page.insert(0, element(f'<div class="{page.words.meter}"><p>{page.words.meter_text[turn]}</p></div>'))


def meter_last(page: Subject, turn: int) -> None:
    after(page.paragraphs[-1], element(f"<p>{page.words.meter_text[turn]}</p>"))


FURNITURE: dict[str, Callable[[Subject, int], None]] = {
    "ad appears": ad_block,
    "ad rotates": ad_rotates,
    "ad label, hashed classes": ad_label,
    "related list appears": related_appears,
    "related list rotates": related_rotates,
    "read more appears": read_more_appears,
    "read more rotates": read_more_rotates,
    "newsletter box": newsletter_box,
    "newsletter line in <p><em>": newsletter_line,
    "share count": share_count,
    "class hashes and nonces": attributes,
    "minified": minified,
    "relative time": relative_time,
    "relative time in <p>": relative_time_plain,
    "comments grow": comments_grow,
    "most read rotates": popular_rotates,
    "cookie bar": cookie_bar,
    "meter at the top": meter_top,
    "meter after the text": meter_last,
}

# --- notes: exactly one more notice --------------------------------------------------------------------------

NOTE = "Correction: An earlier version of this article misstated the year of the flood. It was 1953, not 1935."
UPDATED = "UPDATE 3:13 PM: This story has been updated to include a statement from the harbour board."


@dataclass(frozen=True)
class Note:
    """A way to set a note: its text as a reader sees it, and what puts it there."""

    text: str
    put: Callable[[Subject], None]


def _last(markup: str) -> Callable[[Subject], None]:
    return lambda page: after(page.paragraphs[-1], element(markup))


def _first(markup: str) -> Callable[[Subject], None]:
    return lambda page: page.paragraphs[0].addprevious(element(markup))


def _middle(markup: str) -> Callable[[Subject], None]:
    return lambda page: after(page.middle(), element(markup))


def _outside(markup: str) -> Callable[[Subject], None]:
    return lambda page: page.body.addnext(element(markup))


_SAYS = NOTE.removeprefix("Correction: ")
_VAGUE = "(This story has been updated.)"
NOTES: dict[str, Note] = {
    "p": Note(NOTE, _last(f"<p>{NOTE}</p>")),
    "p em": Note(NOTE, _last(f"<p><em>{NOTE}</em></p>")),
    "p strong label": Note(NOTE, _last(f"<p><strong>Correction:</strong> {_SAYS}</p>")),
    "p.correction i": Note(NOTE, _last(f'<p class="correction"><i>{NOTE}</i></p>')),
    "small": Note(NOTE, _last(f"<small>{NOTE}</small>")),
    "div.editor-note p": Note(NOTE, _last(f'<div class="editor-note"><p>{NOTE}</p></div>')),
    "div.editor-note p, top": Note(NOTE, _first(f'<div class="editor-note"><p>{NOTE}</p></div>')),
    "bare text in div": Note(NOTE, _last(f"<div>{NOTE}</div>")),
    "aside.correction": Note(NOTE, _last(f'<aside class="correction"><p>{NOTE}</p></aside>')),
    "aside, middle": Note(UPDATED, _middle(f"<aside><p>{UPDATED}</p></aside>")),
    "footer.article-footer": Note(NOTE, _last(f'<footer class="article-footer"><p>{NOTE}</p></footer>')),
    "em without p": Note(NOTE, _last(f"<em>{NOTE}</em>")),
    "label and sentence after the body": Note(
        f"Correction: {_SAYS}", _outside(f'<div class="css-9k"><h4>Correction</h4><p>{_SAYS}</p></div>')
    ),
    "p after the body": Note(NOTE, _outside(f"<p>{NOTE}</p>")),
    "vague, in brackets": Note(_VAGUE, _last(f"<p>{_VAGUE}</p>")),
    "update line": Note(UPDATED, _last(f"<p>{UPDATED}</p>")),
}

# --- edits: exactly this and nothing else --------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """Texts of blocks that must go and come; an empty pair for a moved paragraph (the order is compared)."""

    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()


def _text(each: Element) -> str:
    return " ".join("".join(each.itertext()).split())


def _insert(markup: str) -> Callable[[Subject], Expected]:
    def put(page: Subject) -> Expected:
        new = element(markup)
        after(page.middle(), new)
        texts = [_text(each) for each in new.iter("li")] or [_text(new)]
        return Expected(come=tuple(texts))

    return put


def _word(page: Subject) -> Expected:
    target = next(each for each in page.paragraphs if not len(each) and " the " in (each.text or ""))
    old = _text(target)
    target.text = (target.text or "").replace(" the ", " this ", 1)
    return Expected((old,), (_text(target),))


def _delete(page: Subject) -> Expected:
    target = page.middle()
    old = _text(target)
    target.drop_tree()
    return Expected(gone=(old,))


def _swap(page: Subject) -> Expected:
    first, second = page.paragraphs[1], page.paragraphs[2]
    tail = first.tail
    parent = page.body
    parent.remove(first)
    first.tail = tail
    second.addnext(first)
    return Expected()


def _headline(page: Subject) -> Expected:
    headings = list(page.root.iter("h1"))
    if len(headings) != 1:
        raise StopIteration  # which of them is the headline is for the reader to say
    old = _text(headings[0])
    for child in list(headings[0]):
        headings[0].remove(child)
    headings[0].text = old + ", officials say"
    return Expected((old,), (headings[0].text,))


EDITS: dict[str, Callable[[Subject], Expected]] = {
    "paragraph inserted": _insert("<p>A spokesman for the board said that nobody had been asked to leave.</p>"),
    "short paragraph inserted": _insert("<p>The Pentagon denied it.</p>"),
    "heading inserted": _insert("<h2>What happens now</h2>"),
    "list inserted": _insert(
        "<ul><li>The pier closes on Monday at noon.</li><li>The ferry runs every hour until then.</li></ul>"
    ),
    "quotation inserted": _insert("<blockquote>We were told of this only after the doors had been shut.</blockquote>"),
    "paragraph of two links": _insert(
        '<p><a href="/a">The full report of the board</a> and <a href="/b">the answer of the town</a></p>'
    ),
    "word replaced": _word,
    "paragraph deleted": _delete,
    "paragraphs swapped": _swap,
    "headline changed": _headline,
}

# --- templates: no paragraph may be lost ---------------------------------------------------------------------


def to_div(page: Subject) -> None:
    for each in page.paragraphs:
        each.tag = "div"
        each.set("class", "paragraph")


def wrapped(page: Subject) -> None:
    for each in page.paragraphs:
        box = element("<div></div>")
        box.tail, each.tail = each.tail, None
        parent = each.getparent()
        assert parent is not None
        parent.replace(each, box)
        box.append(each)


def split(page: Subject) -> None:
    body = page.body
    half = page.middle()
    boxes = [element('<div class="part"></div>'), element('<div class="part"></div>')]
    into = boxes[0]
    for each in list(body):
        if each is half:
            into = boxes[1]
        into.append(each)
    body.extend(boxes)


def thirty_comments(page: Subject) -> None:
    said = "".join(
        '<li class="comment"><p>'
        + "I read this twice, and I still do not see why the board should have the last word on it. " * 4
        + "</p></li>"
        for _ in range(30)
    )
    page.body.addnext(element(f'<ol class="{page.words.comments}">{said}</ol>'))


TEMPLATES: dict[str, Callable[[Subject], None]] = {
    "p -> div": to_div,
    "each p wrapped": wrapped,
    "body split in two": split,
    "30 long comments": thirty_comments,
}


def stub(page: Subject) -> tuple[str, ...]:
    """The usual first version of breaking news: two paragraphs are left. Returns the texts that are gone."""
    gone = tuple(_text(each) for each in page.paragraphs[2:])
    for each in page.paragraphs[2:]:
        each.drop_tree()
    return gone
