"""Folding of typography, for matching only: what is shown and stored is never folded.

Digits, decimal marks, signs, letters and case stay: a change of one of them is a change of what is said.
"""

from __future__ import annotations

import re
import unicodedata

from tracker.text.tokens import tokens

_FOLDED = {
    '"': "“”„‟«»〝〞〟＂″",
    "'": "‘’‚‛‹›ʼʹ′´`＇",
    "-": "‐‑‒–—―⁃﹘﹣－",
    "...": "…",
    # soft hyphen, zero-width (not the joiner that emoji are built with), direction marks, variation selectors; not the
    # two overrides U+202D and U+202E, which make a reader see other words than are written
    "": "\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a\u202b\u202c"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff",
}
_TABLE = {ord(mark): folded for folded, marks in _FOLDED.items() for mark in marks}
_NO_SIGN = re.compile(r"−(?!\d)")
_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"-{2,}")


def fold(text: str) -> str:
    """Fold quotes, dashes, spaces, soft hyphens, zero-width characters and the ellipsis. Idempotent.

    A run of white space is one space, a run of hyphens is a dash. The minus sign before a digit stays.
    """
    if not text.isascii():
        text = _NO_SIGN.sub("-", unicodedata.normalize("NFC", text).translate(_TABLE))
        text = unicodedata.normalize("NFC", text)
    return _DASHES.sub("-", _SPACES.sub(" ", text.replace("`", "'")))


def fold_words(text: str) -> tuple[str, ...]:
    """The folded text of each token, one for one with `tokens(text)`."""
    return tuple(fold(token.text) for token in tokens(text))
