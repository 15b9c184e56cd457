"""Cutting a block of text into sentences: one line each in article.md, and the unit of comparison."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Iterator

import regex
import sentencex

from tracker.text.wording.words import abbreviations

_REPAIRS = "2"  # our own rules below; a change of them cuts other sentences, so it is part of the lens
CUTTER = f"sentencex-{importlib.metadata.version('sentencex')}+{_REPAIRS}"

_SPACE = re.compile(r"\s")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_KEPT = 2_000  # characters; longer texts are rare and would fill the memory
_PROGRESS = 40  # characters; a window that yields less is cut at its last space, or each would be read again and again
_WINDOW = 4_000  # characters; the cutter's time grows with the square where quotation marks are never closed

# What cannot start a sentence: closing quotes and brackets and marks that end one.
_CLOSERS = regex.compile(r"(?:[\p{Pf}\p{Pe}\"'.,;:!?…。！？、]+)(?=\s|$)")
# A quotation or bracket with a stop before its end.
_ENCLOSED = regex.compile(
    r"“[^“”]*+”|„[^„“”]*+[“”]|«[^«»]*+»|\"[^\"]*+\"|「[^「」]*+」|『[^『』]*+』|\([^()]*+\)|\[[^\[\]]*+\]|（[^（）]*+）"
)
# "(He did not.) Then": after a bracket that ends in a word and a stop, unlike "(R-Calif.)".
_BRACKETED_SENTENCE = regex.compile(r"\([^()]*?\s[^()]*?\b\p{Ll}{3,}[.!?]\)\s+(?=[\p{Pi}\p{Ps}\"]*\p{Lu})")
# "3:13 p.m. ET": a time zone after a time of day.
_TIME_OF_DAY = re.compile(r"\b[ap]\.\s?m\.\s*$", re.IGNORECASE)
_ZONE = re.compile(r"(?:[A-Z]{1,4}T|UTC|local time|Eastern|Central|Mountain|Pacific|Greenwich)\b")
# "M. Okafor", where a language's list has the word
_SHORTENED = re.compile(r"(?<!\w)([^\W\d_]{1,5})\.\s*$")


def sentences(text: str, language: str | None = None) -> tuple[str, ...]:
    """Cut text into sentences; `"".join(pieces) == text`, and each piece keeps the white space after it.

    No piece but a lone first one is blank. `language` is a BCP 47 tag such as "en-GB"; unknown ones are cut like
    English. Total: where the cutter fails, the whole text is one sentence.
    """
    if not text:
        return ()
    tag = (language or "en").replace("_", "-").split("-")[0].lower()
    return _remembered(text, tag) if len(text) <= _KEPT else _cut(text, tag)


@functools.lru_cache(maxsize=4096)
def _remembered(text: str, tag: str) -> tuple[str, ...]:
    return _cut(text, tag)


def _cut(text: str, tag: str) -> tuple[str, ...]:
    # The cutter panics on white space of several bytes and cannot take lone surrogates: it sees a copy of equal length.
    copy = _SURROGATE.sub("\ufffd", _SPACE.sub(" ", text))
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = start + _WINDOW
        lengths = _lengths(copy[start:end], tag)
        if end < len(text):  # the last sentence may go on behind the window: it comes again in the next one
            lengths = lengths[:-1]
            if sum(lengths) < _PROGRESS:
                lengths = [_last_space(copy, start, end) - start]
        for length in lengths:
            for piece in _within(text[start : start + length], copy[start : start + length], tag):
                _add(pieces, piece, abbreviations(tag))
            start += length
    return tuple(pieces)


def _lengths(copy: str, tag: str) -> list[int]:
    try:
        lengths = [len(piece) for piece in sentencex.segment(tag, copy)]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - a Rust panic is no Exception; a sentence too long is better than no article
        return [len(copy)]
    return lengths if sum(lengths) == len(copy) else [len(copy)]


def _within(text: str, copy: str, tag: str) -> Iterator[str]:
    """Cut what stands inside quotation marks and brackets, which the cutter leaves whole, and after a bracket.

    A long quotation would be one sentence otherwise, and one changed word in it a change of all of it.
    """
    borders = {match.end() for match in _BRACKETED_SENTENCE.finditer(copy)}
    for match in _ENCLOSED.finditer(copy):
        border = match.start() + 1
        for length in _lengths(copy[border : match.end() - 1], tag)[:-1]:
            border += length
            borders.add(border)
    start = 0
    for border in sorted(borders):
        yield text[start:border]
        start = border
    yield text[start:]


def _last_space(copy: str, start: int, end: int) -> int:
    return copy.rfind(" ", start, end) + 1 or end


def _add(pieces: list[str], piece: str, shortened: frozenset[str]) -> None:
    """Add a piece, or join it to the one before where a sentence cannot start."""
    body = piece.lstrip()
    if pieces and piece and (not body or not pieces[-1].strip() or _continues(pieces[-1], body, shortened)):
        pieces[-1] += piece
        return
    if pieces and body != piece:  # white space belongs to the sentence before it
        pieces[-1] += piece[: len(piece) - len(body)]
        piece = body
    if piece:
        pieces.append(piece)


def _continues(before: str, piece: str, shortened: frozenset[str]) -> bool:
    if _CLOSERS.match(piece):
        return True
    last = _SHORTENED.search(before[-12:]) if shortened else None
    if last and last[1] in shortened:
        return True
    return bool(_TIME_OF_DAY.search(before[-8:]) and _ZONE.match(piece))
