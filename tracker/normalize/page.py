"""From the page as it came to a tree that the rest of the room can walk. Nothing here may fail on any bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from tracker.text.decode import decode

MAX_CHARACTERS = 12_000_000  # a page of 5 MB is read; a line of 50 MB is not an article
MAX_ELEMENTS = 400_000

NO_ARTICLE = "no article text found"
_COUNT: Any = etree.XPath("count(//*)")

_BINARY = (
    (b"%PDF-", "a PDF, not an HTML page"),
    (b"\x89PNG", "an image, not an HTML page"),
    (b"\xff\xd8\xff", "an image, not an HTML page"),
    (b"GIF8", "an image, not an HTML page"),
    (b"PK\x03\x04", "an archive, not an HTML page"),
    (b"\x1f\x8b", "compressed data, not an HTML page"),
    (b"\x7fELF", "a program, not an HTML page"),
)
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\x0c\r")
_XML_DECLARATION = re.compile(r"\s{0,999}<\?xml[^>]{0,999}>", re.IGNORECASE)
# What stays when a page nests deeper than any parser follows: the parts that cannot nest, and their text.
_NESTING_TAG = re.compile(
    rb"</?(?!(?:html|head|title|meta|link|base|script|style|body|p|h[1-6]|br)\b)[a-z][^<>]*>", re.IGNORECASE
)
_SUSPICIOUS = 8_000  # equals signs on a page; fewer cannot cost much
# libxml2 compares every attribute of an element with all before it: thousands of them take minutes.
_MANY_ATTRIBUTES = re.compile(
    rb"(<[a-z][^\s<>]*+)(?:[\s/]++[^\s<>=\"'/]++(?:\s*+=\s*+(?:\"[^\"]{0,300}+\"|'[^']{0,300}+'|[^\s\"'<>]*+))?+){1000,}+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page, or the reason why it cannot be read (then `root` is None)."""

    root: etree._Element | None
    problem: str | None = None


def parse(page: str | bytes, content_type: str | None) -> Page:
    """Parse once. Total: what cannot be parsed comes back as a problem in words."""
    if isinstance(page, bytes):
        problem = _binary(page)
        if problem:
            return Page(None, problem)
    if len(page) > 4 * MAX_CHARACTERS:  # not worth decoding: at most four bytes make a character
        return Page(None, _TOO_LONG)
    text = decode(page, content_type).text if isinstance(page, bytes) else page
    if len(text) > MAX_CHARACTERS:
        return Page(None, _TOO_LONG)
    declaration = _XML_DECLARATION.match(text)
    if declaration:
        text = text[declaration.end() :]
    if not text or text.isspace():
        return Page(None, "an empty page")
    return _tree(_encoded(text))


def _encoded(text: str) -> bytes:
    """UTF-8 without control characters; a lone surrogate is U+FFFD."""
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")
    return raw.translate(None, _CONTROLS)


_TOO_LONG = f"a page of more than {MAX_CHARACTERS // 1_000_000} million characters"


def _binary(page: bytes) -> str | None:
    start = page[:1024].lstrip()
    for magic, problem in _BINARY:
        if start.startswith(magic):
            return problem
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")) and start.count(b"\x00") > len(start) // 3:
        return None if b"<\x00" in start or b"\x00<" in start else "binary data, not an HTML page"
    return None


def _tree(raw: bytes) -> Page:
    if raw.count(b"=") > _SUSPICIOUS:
        raw = _MANY_ATTRIBUTES.sub(rb"\1", raw)
    root, whole = _parsed(raw)
    if root is not None and not whole:
        root, whole = _parsed(_NESTING_TAG.sub(b" ", raw))
        if not whole:
            return Page(None, "unreadable: nested too deeply")
    if root is None:
        return Page(None, NO_ARTICLE)
    if _COUNT(root) > MAX_ELEMENTS:
        return Page(None, f"a page of more than {MAX_ELEMENTS:,} elements")
    return Page(root)


def _parsed(raw: bytes) -> tuple[etree._Element | None, bool]:
    """The tree, and whether it holds the whole page: beyond a depth of 2,048 libxml2 stops, and says so in its log."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.LxmlError, ValueError):
        return None, True
    return root, not any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
