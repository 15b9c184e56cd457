"""BeautifulSoup's tree of the article into lines: typed blocks in reading order, with their links.

One walk without recursion. A block element ends the line before it; an inline element never touches the words around
it; two line breaks in a row are a paragraph border, one is a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from tracker.model import BlockKind, Link
from tracker.normalize.clean import clean_text, without_noise
from tracker.normalize.survey import HEADINGS, INLINE
from tracker.normalize.words import Name, embed_hosts, name_of
from tracker.text.urls import clean, folded_host

NOTICE_MARK = "data-tracker-notice"  # set on the raw tree by notices.py; its value numbers the notice
_ICON = 60  # pixels; smaller pictures are icons and counters
_BLANK_LINE = re.compile(r"\n\s*\n")
_CELL_LIMIT = 400
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)$", re.IGNORECASE)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-srcset", "srcset", "data-url", "data-image")


@dataclass(frozen=True, slots=True)
class Line:
    """A block before it is judged. `notice` numbers the marked element that it stands in, "" for none."""

    kind: BlockKind
    text: str
    links: tuple[Link, ...] = ()
    time: datetime | None = None
    notice: str = ""

    @property
    def linked(self) -> int:
        """How many of its characters are linked."""
        return sum(link.end - link.start for link in self.links)


def read_blocks(markup: str, base: str | None, *, deep: bool = False) -> tuple[Line, ...]:
    """Read the markup of the article. `deep` pages go to Python's own parser, which has no limit of nesting."""
    soup = BeautifulSoup(markup, "html.parser" if deep else "lxml", multi_valued_attributes=None)
    return tuple(_Walk(base).read(soup))


class _Text:
    """A line while it is read: white space collapses as it comes, links keep their places."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.space = False
        self.links: list[Link] = []
        self.href = ""
        self.start = -1

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
        self.pieces, self.links, self.length, self.space, self.href = [], [], 0, False, href
        return text, links


@dataclass(frozen=True, slots=True)
class _Place:
    """What the elements around a line make of it."""

    kind: BlockKind = BlockKind.PARAGRAPH
    notice: str = ""
    entry: Tag | None = None


class _Walk:
    """The state of one walk."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.text = _Text()
        self.breaks = 0
        self.place = _Place()
        self.later: list[Line] = []  # pictures inside a line stand after it
        self.entries: dict[int, datetime | None] = {}  # live entries whose head has not been met

    def read(self, soup: Tag) -> Iterator[Line]:
        stack: list[tuple[Tag, Iterator[PageElement], _Place]] = [(soup, iter(soup.contents), self.place)]
        while stack:
            tag, children, around = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                yield from self._leave(tag)
                self.place = around
            elif isinstance(child, NavigableString):
                yield from self._string(child, tag)
            elif isinstance(child, Tag):
                before = self.place
                lines, inside = self._enter(child)
                yield from lines
                if inside:
                    stack.append((child, iter(child.contents), before))
        yield from self._flush()

    def _string(self, child: NavigableString, tag: Tag) -> Iterator[Line]:
        if isinstance(child, PreformattedString):
            return
        if tag.name == "pre" and _BLANK_LINE.search(child):
            for piece in _BLANK_LINE.split(child):
                self.text.add(piece)
                yield from self._flush()
            return
        self.text.add(child)
        if self.breaks and child.strip():
            self.breaks = 0

    def _enter(self, tag: Tag) -> tuple[list[Line], bool]:
        """The lines that end or stand here, and whether to go inside."""
        name = tag.name
        if name == "br":
            self.text.space = True
            self.breaks += 1
            return (list(self._flush()) if self.breaks > 1 else []), False
        if name == "img" or name == "amp-img":
            return self._image(tag), False
        if name == "time" and id(self.place.entry) in self.entries:
            return [], False  # the time of a live entry is a field of its own, and often "5 minutes ago"
        if name in INLINE:
            if name == "a":
                self.text.open(self._address(tag))
            return [], True
        whole = self._whole(tag)
        if whole is not None:
            return [*self._flush(), *whole], False
        lines = list(self._flush())
        self.place = self._placed(tag)
        return lines, True

    def _leave(self, tag: Tag) -> Iterator[Line]:
        if tag.name == "a":
            self.text.close()
        elif tag.name not in INLINE:
            yield from self._flush()

    def _flush(self) -> Iterator[Line]:
        text, links = self.text.take()
        self.breaks = 0
        if text:
            kind, time = self.place.kind, None
            entry = id(self.place.entry)
            if entry in self.entries:
                kind, time = BlockKind.ENTRY, self.entries.pop(entry)
            yield Line(kind, text, links, time, self.place.notice)
        yield from self.later
        self.later.clear()

    def _placed(self, tag: Tag) -> _Place:
        """What a block element makes of the lines inside it."""
        place = self.place
        notice = tag.get(NOTICE_MARK)
        if notice is not None:
            place = replace(place, notice=str(notice))
        name = _name(tag)
        if _is_entry(tag):
            self.entries[id(tag)] = _time_in(tag)
            place = replace(place, entry=tag, kind=BlockKind.PARAGRAPH)
        if tag.name in HEADINGS:
            return replace(place, kind=BlockKind.HEADING)
        if tag.name in ("figcaption", "caption") or (name.caption and len(tag.get_text()) < 600):
            return replace(place, kind=BlockKind.CAPTION)
        if tag.name == "blockquote":
            return replace(place, kind=BlockKind.QUOTE)
        if tag.name == "li" and place.kind is BlockKind.PARAGRAPH:
            return replace(place, kind=BlockKind.ITEM)
        return place

    def _whole(self, tag: Tag) -> list[Line] | None:
        """Elements that are read as a whole: tables, posts and players from elsewhere. None for all others."""
        if tag.name == "table" and not _is_layout(tag):
            return list(self._rows(tag))
        if _name(tag).embed and tag.name in ("blockquote", "div", "figure", "section", "article"):
            return self._post(tag)
        if tag.name in ("iframe", "video", "audio", "embed", "amp-iframe", "amp-youtube", "amp-twitter", "amp-video"):
            return self._player(tag)
        return None

    def _rows(self, table: Tag) -> Iterator[Line]:
        caption = table.find("caption")
        if isinstance(caption, Tag):
            yield from self._one(BlockKind.CAPTION, [caption])
        for row in table.find_all("tr"):
            cells = [cell for cell in row.find_all(("td", "th")) if cell.find_parent("tr") is row]
            yield from self._one(BlockKind.TABLE, cells)

    def _one(self, kind: BlockKind, cells: list[Tag]) -> Iterator[Line]:
        """The cells as one line, joined by " | "."""
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
        """All text inside an element into one line: block borders are spaces."""
        stack: list[tuple[Tag, Iterator[PageElement]]] = [(tag, iter(tag.contents))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if parent.name == "a":
                    text.close()
                text.space = text.space or parent.name not in INLINE
            elif isinstance(child, Tag):
                if child.name == "a":
                    text.open(self._address(child))
                text.space = text.space or child.name not in INLINE or child.name == "br"
                stack.append((child, iter(child.contents)))
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                text.add(child)

    def _post(self, tag: Tag) -> list[Line]:
        text = _Text()
        self._pour(tag, text)
        said, links = text.take()
        address = links[-1].href if links else ""
        return _addressed(BlockKind.EMBED, said, address, self.place.notice)

    def _player(self, tag: Tag) -> list[Line]:
        source = tag.find("source")
        address = tag.get("src") or tag.get("data-src") or (source.get("src") if isinstance(source, Tag) else "") or ""
        href = self._clean(str(address))
        host = folded_host(href) if href else ""
        known = any(host == name or host.endswith(f".{name}") for name in embed_hosts())
        if not href or (tag.name in ("iframe", "amp-iframe", "embed") and not known):
            return []
        return _addressed(BlockKind.EMBED, clean_text(str(tag.get("title") or "")), href, self.place.notice)

    def _image(self, tag: Tag) -> list[Line]:
        """A picture. Inside a line of text it waits until the line ends, so that no word is split."""
        alt = clean_text(str(tag.get("alt") or ""))
        classes = str(tag.get("class") or "")
        if "emoji" in classes or "smiley" in classes:
            self.text.add(alt)
            return []
        address = _picture_itself(self._clean(_picture_address(tag)))
        if not address or any(_pixels(tag, side) <= _ICON for side in ("width", "height")):
            return []
        lines = _addressed(BlockKind.IMAGE, alt, address, self.place.notice)
        if self.text.length:
            self.later.extend(lines)
            return []
        return lines

    def _address(self, tag: Tag) -> str:
        return self._clean(str(tag.get("href") or ""))

    def _clean(self, address: str) -> str:
        address = address.strip()
        if not address or address.startswith("#") or address[:11].lower() == "javascript:" or len(address) > 4000:
            return ""
        return clean(address, self.base)


def _addressed(kind: BlockKind, text: str, address: str, notice: str) -> list[Line]:
    if not address:
        return [Line(kind, text, (), None, notice)] if text else []
    return [Line(kind, text, (Link(0, len(text), address),), None, notice)]


def _name(tag: Tag) -> Name:
    return name_of(_attribute(tag, "class"), _attribute(tag, "id"), _attribute(tag, "role"))


def _attribute(tag: Tag, attribute: str) -> str | None:
    value = tag.get(attribute)
    return str(value) if value is not None else None


def _is_layout(table: Tag) -> bool:
    """A table that only places things: nested tables, one cell, or whole texts in its cells."""
    if table.find("table") is not None or table.get("role") == "presentation":
        return True
    cells = table.find_all(("td", "th"))
    if len(cells) <= 1 or len(table.find_all("tr")) == len(cells):
        return True
    return any(len(cell.find_all("p")) > 2 or len(cell.get_text()) > _CELL_LIMIT for cell in cells)


def _is_entry(tag: Tag) -> bool:
    if tag.get("itemprop") == "liveBlogUpdate":
        return True
    return tag.name in ("article", "div", "li", "section") and _name(tag).entry and tag.find("time") is not None


def _time_in(tag: Tag) -> datetime | None:
    """The time of an entry, in UTC; None where none is stated with its zone."""
    for time in tag.find_all("time", attrs={"datetime": True}):
        try:
            found = datetime.fromisoformat(str(time.get("datetime")).strip())
            return found.astimezone(UTC) if found.tzinfo else None
        except (ValueError, OverflowError):
            continue
    return None


def _picture_address(tag: Tag) -> str:
    """The address of the picture itself, also where a script would put it in later."""
    source = str(tag.get("src") or "")
    if source and not source.startswith("data:") and "placeholder" not in source and "blank." not in source:
        return source
    for attribute in _LAZY:
        value = str(tag.get(attribute) or "").strip()
        if value and not value.startswith("data:"):
            return value.split(",")[0].split()[0] if value.split(",")[0].split() else ""
    return ""


def _picture_itself(address: str) -> str:
    """The address without what only asks for a size or another copy: the name of a file already says which picture."""
    path, _, query = address.partition("?")
    return path if query and _PICTURE_FILE.search(path) else address


def _pixels(tag: Tag, side: str) -> int:
    value = str(tag.get(side) or "")
    return int(value) if value.isdecimal() and len(value) < 6 else 10_000
