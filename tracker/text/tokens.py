"""Cutting text into words, numbers and single marks: the letters of the diff's alphabet."""

from __future__ import annotations

from dataclasses import dataclass

import regex

# Scripts that write no spaces between words: one grapheme cluster is one token there.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"

_LETTER = rf"[\p{{L}}--[{_SPACELESS}]]"
_WORD = rf"[[\p{{L}}\p{{N}}_]--[{_SPACELESS}]]"
_REST = rf"[[\p{{L}}\p{{N}}\p{{M}}\p{{Cf}}_]--[{_SPACELESS}]]*"

_TOKEN = regex.compile(
    rf"""
    (
      (?: (?:https?://|www\.) [^\s<>"“”«»]* [^\s<>"“”«»„‘’'.,;:!?…)\]}}]    # an address, without the mark after it
        | \w[\w.+-]{{0,63}}+ @ [\w-]{{1,63}}+ (?:\.[\w-]{{1,63}}+)+           # an e-mail address
        | (?:(?<![\w)])[-+–−]|−)? \p{{Nd}}+ (?:[.,:]\p{{Nd}}+)* {_REST}     # 3,000  -5.5  3:13  20th
        | (?:{_LETTER}\p{{M}}*\.){{2,}}                                     # U.S.  p.m.
        | {_WORD} {_REST} (?:['’ʼ]{_LETTER}{_REST})*                        # a word, O'Brien
        | \p{{Cf}}+
        | \X                                                               # one mark, or one cluster
      )
      [\p{{M}}\p{{Cf}}ำຳ]*                                                 # never cut from what they stand on
    )
    (\s*)
    """,
    regex.VERBOSE | regex.VERSION1 | regex.DOTALL,
)
_LEADING = regex.compile(r"\s*")
_SPACELESS_START = regex.compile(rf"[{_SPACELESS}]", regex.VERSION1)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a single mark, and the white space that hangs on it."""

    text: str
    space: str


def is_spaceless(text: str) -> bool:
    """Does a token belong to a script that writes no spaces, so that it is a cluster and no word?"""
    return not text.isascii() and _SPACELESS_START.match(text) is not None


def leading(text: str) -> str:
    """The white space before the first token."""
    match = _LEADING.match(text)
    return match.group() if match else ""


def tokens(text: str) -> tuple[Token, ...]:
    """Cut text into tokens: `text == leading(text) + "".join(t.text + t.space for t in tokens(text))`."""
    return tuple(Token(word, space) for word, space in _TOKEN.findall(text, len(leading(text))))
