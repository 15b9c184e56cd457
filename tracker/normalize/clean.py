"""The one place that decides what of the white space and the invisible marks of a page is text.

NFC is not applied: the text stays as the page has it, and what is alike in print is folded for matching only. Runs of
white space (no-break and ideographic spaces included) are one space, edges are cut. Soft hyphens, zero-width spaces,
word joiners and byte order marks are left out: they tell a browser where it may break a line and come and go with the
editor's software. Joiners (U+200C, U+200D) and direction marks stay: they change what is read.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_NOISE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_MEANT = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
_MEANT[0x85] = " "  # a line break in ISO 8859, and no page means an ellipsis of cp1252 by the bare code point


_MARKS = re.compile(r"[\W_]+")
_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।")
_CLOSING = " \"'”’“‘»«›‹)]」』）"  # may stand behind the mark; which of a pair closes depends on the language
_TEXT: Any = etree.XPath("string()", smart_strings=False)  # in one step what `itertext` says in pieces


def letters(text: str) -> str:
    """Only letters and digits, without case: for asking whether two lines say the same."""
    return _MARKS.sub("", text).casefold()


def ends_sentence(text: str) -> bool:
    """Does it end as a sentence does?"""
    return text.rstrip(_CLOSING).endswith(_ENDS)


def clean_text(text: str) -> str:
    """One line of text without invisible noise. C1 controls are read as the cp1252 characters that browsers show."""
    if _NOISE.search(text):
        text = _NOISE.sub(_instead, text)
    return " ".join(text.split())


def text_of(element: etree._Element, between: str = "") -> str:
    """All text inside an element as one clean line; `between` stands between its pieces."""
    return clean_text(between.join(element.itertext()) if between else _TEXT(element))  # type: ignore[arg-type]  # the stubs allow bytes; none come


def without_noise(text: str) -> str:
    """The same for a piece of a line: its white space stays."""
    return _NOISE.sub(_instead, text) if _NOISE.search(text) else text


def _instead(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return _MEANT.get(code, "").replace("\ufffd", "")
