"""What single tags of BeautifulSoup's tree are: tables of data or of layout, pictures, marks of print.

Nothing here looks at more of the tree than it must: pages nest thousands of elements that all carry the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import Tag
from bs4.element import NavigableString

from tracker.model import BlockKind
from tracker.normalize.words import NOTHING, Name, name_of

BLANK_LINE = re.compile(r"\n\s*\n")
# What a browser writes around an element, or did before it knew the element. A reading stands over its word.
MARKS_AROUND = {"q": ("“", "”"), "rt": ("(", ")")}
_ICON = 60  # pixels; smaller pictures are icons and counters
_CELL_LIMIT = 400
_POINTER = 6  # characters of "[12]"
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)$", re.IGNORECASE)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-srcset", "srcset", "data-url", "data-image")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_FIGURES = re.compile(r"\s*[+−-]?[0-9]{1,4}\s*")


def name_of_tag(tag: Tag) -> Name:
    """What the tag's class, id and role say."""
    attributes = tag.attrs
    if not attributes:
        return NOTHING
    return name_of(_said(tag, "class"), _said(tag, "id"), _said(tag, "role"))


def _said(tag: Tag, attribute: str) -> str | None:
    value = tag.attrs.get(attribute)
    return str(value) if value is not None else None


def is_short(tag: Tag, most: int) -> bool:
    """Has it fewer characters than `most`?"""
    length = 0
    for node in tag.descendants:
        if isinstance(node, NavigableString):
            length += len(node)
            if length >= most:
                return False
    return True


def raised(text: str) -> str:
    """The figures of a <sup> as the raised figures that readers see: ten to the sixth is not one hundred and six."""
    return text.translate(_RAISED) if _FIGURES.fullmatch(text) else text


def is_pointer(link: Tag) -> bool:
    """A link to a footnote and back: the number of a note, which changes with each note above it, or an arrow."""
    if not str(link.attrs.get("href") or "").startswith("#") or not is_short(link, _POINTER):
        return False
    said = "".join(link.strings).strip()
    in_sup = link.find("sup") is not None or (link.parent is not None and link.parent.name == "sup")
    return said != "" and (in_sup or not any(map(str.isalnum, said)))


# --- tables -------------------------------------------------------------------------------------------------


def is_layout(table: Tag) -> bool:
    """A table that only places things: nested tables, one cell, or whole texts in its cells."""
    if table.attrs.get("role") == "presentation":
        return True
    lines = cells = 0
    for tag in table.descendants:
        if isinstance(tag, NavigableString):
            continue
        name = tag.name  # type: ignore[attr-defined]  # what is no string is a tag
        if name == "table":
            return True
        if name == "tr":
            lines += 1
        elif name in ("td", "th"):
            cells += 1
            if _is_text(tag):  # type: ignore[arg-type]  # the same
                return True
    return cells <= 1 or lines == cells


def _is_text(cell: Tag) -> bool:
    """Does a cell hold more than a fact?"""
    if len(cell) <= 1 and isinstance(cell.string, NavigableString):  # most hold one text
        return len(cell.string) > _CELL_LIMIT
    paragraphs = sum(isinstance(node, Tag) and node.name == "p" for node in cell.descendants)
    return paragraphs > 2 or not is_short(cell, _CELL_LIMIT + 1)


def rows(table: Tag) -> Iterator[tuple[BlockKind, list[Tag]]]:
    """The caption and the rows of a table that has no other inside, each as the tags whose texts make its line."""
    captions: list[Tag] = []
    lines: list[list[Tag]] = [[]]
    for tag in table.descendants:
        if isinstance(tag, Tag):
            if tag.name == "tr":
                lines.append([])
            elif tag.name in ("td", "th"):
                lines[-1].append(tag)
            elif tag.name == "caption":
                captions.append(tag)
    yield BlockKind.CAPTION, captions[:1]
    yield from ((BlockKind.TABLE, cells) for cells in lines)


# --- pictures -----------------------------------------------------------------------------------------------


def is_sign(image: Tag) -> bool:
    """A picture that stands for a character."""
    classes = str(image.attrs.get("class") or "")
    return "emoji" in classes or "smiley" in classes


def is_icon(image: Tag) -> bool:
    return any(_pixels(image, side) <= _ICON for side in ("width", "height"))


def _pixels(tag: Tag, side: str) -> int:
    value = str(tag.attrs.get(side) or "")
    return int(value) if value.isdecimal() and len(value) < 6 else 10_000


def picture_address(image: Tag) -> str:
    """The address of the picture itself, also where a script would put it in later."""
    source = str(image.attrs.get("src") or "")
    if source and not source.startswith("data:") and "placeholder" not in source and "blank." not in source:
        return source
    for attribute in _LAZY:
        value = str(image.attrs.get(attribute) or "").strip()
        if value and not value.startswith("data:"):
            return next(iter(value.split(",")[0].split()), "")
    return ""


def picture_itself(address: str) -> str:
    """The address without what only asks for a size or another copy: the name of a file already says which picture."""
    path, _, query = address.partition("?")
    return path if query and _PICTURE_FILE.search(path) else address


def source_of(player: Tag) -> str:
    """The address that a frame or a player plays."""
    source = player.find("source")
    inner = source.get("src") if isinstance(source, Tag) else None
    return str(player.get("src") or player.get("data-src") or inner or "")
