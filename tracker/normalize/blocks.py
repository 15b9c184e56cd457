"""BeautifulSoup's tree of the article into lines: typed blocks in reading order, with their links.

One walk without recursion. A block element ends the line before it; an inline element never touches the words around
it; two line breaks in a row are a paragraph border, one is a space.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bs4 import Tag
from bs4.element import NavigableString, PageElement
from lxml import etree

from tracker.model import BlockKind, Link
from tracker.normalize.clean import clean_text, without_noise
from tracker.normalize.entries import ENTRY_MARK, entry_time
from tracker.normalize.parts import HEADINGS, INLINE
from tracker.normalize.soup import soup_of
from tracker.normalize.tags import (
    BLANK_LINE,
    MARKS_AROUND,
    is_icon,
    is_layout,
    is_pointer,
    is_short,
    is_sign,
    name_of_tag,
    picture_address,
    picture_itself,
    raised,
    rows,
    source_of,
)
from tracker.normalize.words import Name, embed_hosts
from tracker.text.urls import clean, folded_host

NOTICE_MARK = "data-tracker-notice"  # set on the raw tree by notices.py; its value numbers the notice
_CAPTION = 600  # characters; what is longer is no caption, whatever it is called
_KINDS = {
    **dict.fromkeys(HEADINGS, BlockKind.HEADING),
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
    "blockquote": BlockKind.QUOTE,
    "li": BlockKind.ITEM,
}
_POSTS = frozenset(("blockquote", "div", "figure", "section", "article"))
_FRAMES = frozenset(("iframe", "amp-iframe", "embed"))  # mostly advertisements
_PLAYERS = _FRAMES | {"video", "audio", "amp-youtube", "amp-twitter", "amp-video"}
_WHOLE = _PLAYERS | {"table"}


@dataclass(frozen=True, slots=True)
class Line:
    """A block before it is judged. `notice` numbers the marked element that it stands in, "" for none. `breaks` are
    the places of its line breaks."""

    kind: BlockKind
    text: str
    links: tuple[Link, ...] = ()
    time: datetime | None = None
    notice: str = ""
    breaks: tuple[int, ...] = ()

    @property
    def linked(self) -> int:
        """How many of its characters are linked."""
        return sum(link.end - link.start for link in self.links) if self.links else 0


def read_blocks(elements: Sequence[etree._Element], base: str | None) -> tuple[Line, ...]:
    """Read the elements that make up the article, in their order."""
    return _Walk(base).read(soup_of(elements))


class _Text:
    """A line while it is read: white space collapses as it comes, links keep their places."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.space = False
        self.links: list[Link] = []
        self.href = ""
        self.start = -1
        self.breaks: list[int] = []  # its length at each line break

    def add(self, raw: str) -> None:
        text = without_noise(raw)
        words = " ".join(text.split())
        if not words:
            self.space = self.space or bool(text)
            return
        if self.length and (self.space or text[0].isspace()):
            self.pieces.append(" ")
            self.length += 1
        if self.href and self.start < 0:
            self.start = self.length
        self.pieces.append(words)
        self.length += len(words)
        self.space = text[-1].isspace()

    def attach(self, mark: str) -> None:
        """A mark that belongs to the word before it, whatever space came between."""
        if self.length:
            self.pieces.append(mark)
            self.length += len(mark)

    def open(self, href: str) -> None:
        self.close()
        self.href = href

    def close(self) -> None:
        if self.href and self.start >= 0:
            self.links.append(Link(self.start, self.length, self.href))
        self.href, self.start = "", -1

    def take(self) -> tuple[str, tuple[Link, ...]]:
        """The line so far; an open link goes on in the next one."""
        href = self.href
        self.close()
        text, links = "".join(self.pieces), tuple(self.links)
        self.pieces, self.links, self.length, self.space, self.href, self.breaks = [], [], 0, False, href, []
        return text, links


@dataclass(frozen=True, slots=True)
class _Place:
    """What the elements around a line make of it."""

    kind: BlockKind = BlockKind.PARAGRAPH
    notice: str = ""
    entry: int = 0  # the identity of the live entry around it


class _Walk:
    """The state of one walk."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.lines: list[Line] = []
        self.text = _Text()
        self.breaks = 0
        self.place = _Place()
        self.later: list[Line] = []  # pictures inside a line stand after it
        self.entries: dict[int, datetime | None] = {}  # live entries whose head has not been met

    def read(self, soup: Tag) -> tuple[Line, ...]:
        stack: list[tuple[Tag, Iterator[PageElement], _Place]] = [(soup, iter(soup.contents), self.place)]
        while stack:
            tag, children, around = stack[-1]
            for child in children:
                if isinstance(child, NavigableString):
                    self._string(child, tag)
                elif isinstance(child, Tag):
                    before = self.place
                    if self._enter(child):
                        stack.append((child, iter(child.contents), before))
                        break
            else:
                stack.pop()
                self._leave(tag)
                self.place = around
        self._flush()
        return tuple(self.lines)

    def _string(self, child: NavigableString, tag: Tag) -> None:
        if tag.name == "pre" and BLANK_LINE.search(child):
            for piece in BLANK_LINE.split(child):
                self.text.add(piece)
                self._flush()
            return
        self.text.add(raised(child) if tag.name == "sup" else child)
        if self.breaks and not child.isspace():
            self.breaks = 0

    def _enter(self, tag: Tag) -> bool:
        """Begin what the tag is; whether to go inside."""
        name = tag.name
        if _is_inline(tag):
            return self._inline(tag, name)
        if name == "img" or name == "amp-img":
            self._image(tag)
            return False
        called = name_of_tag(tag)
        if (name in _WHOLE or called.embed) and (whole := self._whole(tag, called)) is not None:
            self._flush()
            self.lines += whole
            return False
        self._flush()
        if tag.attrs or name in _KINDS:
            self.place = self._placed(tag, called)
        return True

    def _inline(self, tag: Tag, name: str) -> bool:
        if name == "a":
            if is_pointer(tag):
                return False
            self.text.open(self._address(tag))
        elif name == "br":
            self.text.space = True
            if self.text.length:
                self.text.breaks.append(self.text.length)
            self.breaks += 1
            if self.breaks > 1:
                self._flush()
            return False
        elif name == "time":  # that of a live entry is a field of its own, and often "5 minutes ago"
            return self.place.entry not in self.entries
        elif name in MARKS_AROUND:
            self.text.add(MARKS_AROUND[name][0])
        return name != "rp"

    def _leave(self, tag: Tag) -> None:
        name = tag.name
        if not _is_inline(tag):
            self._flush()
        elif name == "a":
            self.text.close()
        elif name in MARKS_AROUND:
            self.text.attach(MARKS_AROUND[name][1])

    def _flush(self) -> None:
        self.breaks = 0
        if self.text.length:
            breaks = tuple(self.text.breaks)
            text, links = self.text.take()
            place = self.place
            if place.entry in self.entries:
                self.lines.append(Line(BlockKind.ENTRY, text, links, self.entries.pop(place.entry), place.notice))
            else:
                self.lines.append(Line(place.kind, text, links, None, place.notice, breaks))
        else:
            self.text.space = False
        if self.later:
            self.lines += self.later
            self.later.clear()

    def _placed(self, tag: Tag, called: Name) -> _Place:
        """What a block element makes of the lines inside it."""
        place = self.place
        notice = tag.attrs.get(NOTICE_MARK)
        if notice is not None:
            place = replace(place, notice=str(notice))
        entry = tag.attrs.get(ENTRY_MARK)
        if entry is not None:
            self.entries[id(tag)] = entry_time(str(entry))
            return replace(place, entry=id(tag), kind=BlockKind.PARAGRAPH)
        kind = _KINDS.get(tag.name)
        if called.caption and kind is not BlockKind.HEADING and is_short(tag, _CAPTION):
            kind = BlockKind.CAPTION
        if kind is None or (kind is BlockKind.ITEM and place.kind is not BlockKind.PARAGRAPH):
            return place
        return replace(place, kind=kind)

    def _whole(self, tag: Tag, called: Name) -> list[Line] | None:
        """Elements that are read as a whole: tables, posts and players from elsewhere. None for all others."""
        if tag.name == "table":
            return None if is_layout(tag) else list(self._rows(tag))
        if called.embed and tag.name in _POSTS:
            return self._post(tag)
        return self._player(tag) if tag.name in _PLAYERS else None

    def _rows(self, table: Tag) -> Iterator[Line]:
        for kind, cells in rows(table):
            text = _Text()
            for place, cell in enumerate(cells):
                if place:
                    text.space = True
                    text.add("| ")
                self._pour(cell, text)
            said, links = text.take()
            if said.strip("| "):
                yield Line(kind, said, links, None, self.place.notice)

    def _pour(self, tag: Tag, text: _Text) -> None:
        """All text inside an element into one line, its marks read as in any other: block borders are spaces."""
        stack: list[tuple[Tag, Iterator[PageElement]]] = [(tag, iter(tag.contents))]
        while stack:
            parent, children = stack[-1]
            for child in children:
                if isinstance(child, Tag):
                    if child.name == "rp" or (child.name == "a" and is_pointer(child)):
                        continue
                    if child.name == "a":
                        text.open(self._address(child))
                    elif child.name in MARKS_AROUND:
                        text.add(MARKS_AROUND[child.name][0])
                    text.space = text.space or child.name not in INLINE or child.name == "br"
                    stack.append((child, iter(child.contents)))
                    break
                if isinstance(child, NavigableString):
                    text.add(raised(child) if parent.name == "sup" else child)
            else:
                stack.pop()
                if parent.name == "a":
                    text.close()
                elif parent.name in MARKS_AROUND:
                    text.attach(MARKS_AROUND[parent.name][1])
                text.space = text.space or parent.name not in INLINE

    def _post(self, tag: Tag) -> list[Line]:
        text = _Text()
        self._pour(tag, text)
        said, links = text.take()
        address = links[-1].href if links else ""
        return _addressed(BlockKind.EMBED, said, address, self.place.notice)

    def _player(self, tag: Tag) -> list[Line]:
        href = self._clean(source_of(tag))
        host = folded_host(href) if href else ""
        known = any(host == name or host.endswith(f".{name}") for name in embed_hosts())
        if not href or (tag.name in _FRAMES and not known):
            return []
        return _addressed(BlockKind.EMBED, clean_text(str(tag.get("title") or "")), href, self.place.notice)

    def _image(self, tag: Tag) -> None:
        """A picture. Inside a line of text it waits until the line ends, so that no word is split."""
        alt = clean_text(str(tag.get("alt") or ""))
        if is_sign(tag):
            self.text.add(alt)
            return
        address = picture_itself(self._clean(picture_address(tag)))
        if not address or is_icon(tag):
            return
        lines = _addressed(BlockKind.IMAGE, alt, address, self.place.notice)
        if self.text.length:
            self.later += lines
        else:
            self.lines += lines

    def _address(self, tag: Tag) -> str:
        return self._clean(str(tag.attrs.get("href") or ""))

    def _clean(self, address: str) -> str:
        address = address.strip()
        if not address or address.startswith("#") or address[:11].lower() == "javascript:" or len(address) > 4000:
            return ""
        return clean(address, self.base)


def _is_inline(tag: Tag) -> bool:
    """Does it stand in a line? A notice that was found in an inline element is a line of its own."""
    return tag.name in INLINE and not (tag.attrs and NOTICE_MARK in tag.attrs)


def _addressed(kind: BlockKind, text: str, address: str, notice: str) -> list[Line]:
    if not address:
        return [Line(kind, text, (), None, notice)] if text else []
    return [Line(kind, text, (Link(0, len(text), address),), None, notice)]
