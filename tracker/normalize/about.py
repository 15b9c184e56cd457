"""Which lines of a page are about its article: they share a name or the headline's words with the rest of it.

A name is a capitalised word that stands inside a sentence, there or here. Where a language capitalises all its nouns,
one shared noun is not enough; where a script has no capitals, runs of characters and longer words stand in for names.
All of it errs towards "about": such a line is never taken for furniture.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import ne

from tracker.text.wording import wording

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ENDS = '.!?…:;•|"”»’)]—–-'
_MARKS = ".,!?…:;|\"“”„«»‘’'()[]—–-"
_ABBREVIATION = 4  # characters of "Mrs.", which ends no sentence
_TELLING = 60  # characters of a line that tells how a language writes
_SAMPLE = 8  # such lines
_NOUNS = 0.18  # this share of capitalised words inside sentences: the language writes its nouns so
_TITLE = 0.6  # this share of capitalised words: a line set like a title, where a capital says little
_LONG = 4  # letters of a headline's word that says what it is about
_TWO = 2


def about_the_article(
    asked: Collection[int],
    lines: Sequence[str],
    front: Sequence[str],
    unheard: Collection[int],
    outlet: str,
    language: str | None,
) -> set[int]:
    """Of the lines at the places `asked`, those that share a name with the front (headline ...) or with another line.

    `unheard` are the places of lines that cannot vouch for others: they are furniture elsewhere. `outlet` holds the
    words by which the site names itself, which are nobody's name.
    """
    if not asked:
        return set()
    own = _Own(_no_names(language), outlet.casefold())
    text = " ".join((*front, *lines))
    cased = sum(map(ne, text, text.lower())) * 100 > len(text)  # any news text with capitals has more of them
    if not cased:
        return _without_capitals(asked, lines, front, unheard, own)
    return _by_names(asked, lines, front, unheard, own) | _by_headline(asked, lines, front, own)


@dataclass(frozen=True, slots=True)
class _Own:
    """The words that are nobody's name: of the calendar, and of the outlet's own name and address."""

    words: frozenset[str]
    outlet: str

    def __contains__(self, word: str) -> bool:
        return word in self.words or (len(word) >= _LONG and word in self.outlet)


@functools.cache
def _no_names(language: str | None) -> frozenset[str]:
    words = wording(language)
    return frozenset(word.casefold() for word in (*words.times.weekdays, *words.times.months, *words.facts.not_names))


# --- scripts with capitals ----------------------------------------------------------------------------------


def _names(text: str) -> tuple[set[str], set[str]]:
    """The capitalised words of a line: those inside a sentence, and those at a start, where a capital says little."""
    inside: set[str] = set()
    start: set[str] = set()
    words = text.split()
    before = "."
    for word in words:
        if word[0].isupper():
            opens = before[-1] in _ENDS and (len(before) > _ABBREVIATION or not before[0].isupper())
            (start if opens else inside).add(_bare(word))
        elif len(word) > 1 and word[1].isupper():  # behind an opening mark
            start.add(_bare(word[1:]))
        before = word
    if len(words) > _TWO and len(inside) + len(start) > _TITLE * len(words):
        return set(), inside | start
    return inside, start


def _bare(word: str) -> str:
    """Without the marks behind it, a possessive ending, and case."""
    return word.rstrip(_MARKS).casefold().removesuffix("'s").removesuffix("’s")


def _by_names(
    asked: Collection[int], lines: Sequence[str], front: Sequence[str], unheard: Collection[int], own: _Own
) -> set[int]:
    every = (*lines, *front)
    heard = {place: _names(every[place]) for place in asked}
    wanted = {name for names in heard.values() for part in names for name in part if name not in own}
    inside: dict[str, set[int]] = defaultdict(set)
    anywhere: dict[str, set[int]] = defaultdict(set)
    for place, text in enumerate(every):
        if place in unheard or not _holds_any(text, wanted):
            continue
        firm, weak = heard.get(place) or _names(text)
        for name in firm:
            inside[name].add(place)
            anywhere[name].add(place)
        for name in weak:
            anywhere[name].add(place)
    ends = set(range(len(lines), len(every)))
    least = _TWO if _writes_nouns_so(lines) else 1
    found = set()
    for place in asked:
        firm, weak = heard[place]
        shared = [anywhere[name] for name in firm & wanted] + [inside[name] for name in weak & wanted]
        if any(_others(places, place) >= least or not ends.isdisjoint(places) for places in shared):
            found.add(place)
    return found


def _others(places: Collection[int], place: int) -> int:
    return len(places) - (place in places)


def _holds_any(text: str, names: Iterable[str]) -> bool:
    """A quick look, which may say yes too often."""
    folded = text.casefold()
    return any(name in folded for name in names)


def _writes_nouns_so(lines: Sequence[str]) -> bool:
    """Does the language capitalise its nouns? Asked of the first lines that are long enough to tell."""
    sample = [text for text in lines if len(text) > _TELLING][:_SAMPLE]
    count = sum(len(_names(text)[0]) for text in sample)
    return count > _NOUNS * sum(text.count(" ") + 1 for text in sample)


def _by_headline(asked: Collection[int], lines: Sequence[str], front: Sequence[str], own: _Own) -> set[int]:
    """Two of the headline's longer words stand in the line, whatever their case."""
    words = {word.casefold() for text in front[:2] for word in _WORD.findall(text) if len(word) >= _LONG}
    words = {word for word in words if word not in own}
    return {place for place in asked if _at_least_two(words, lines[place].casefold())}


def _at_least_two(words: Iterable[str], text: str) -> bool:
    count = 0
    for word in words:
        if word in text:
            count += 1
            if count == _TWO:
                return True
    return False


# --- scripts without them -----------------------------------------------------------------------------------


def _without_capitals(
    asked: Collection[int], lines: Sequence[str], front: Sequence[str], unheard: Collection[int], own: _Own
) -> set[int]:
    """What a line shares with the headline, or with two other lines, is taken for a name: a longer word, or where no
    spaces stand between words a run of three characters (of two, with the headline)."""
    heads = {piece for text in front for piece in _pieces(text, 1) if piece not in own}
    seen: dict[str, set[int]] = defaultdict(set)
    pieces = [_pieces(text, 0) for text in lines]
    for place, mine in enumerate(pieces):
        if place not in unheard:
            for piece in mine:
                seen[piece].add(place)
    found = set()
    for place in asked:
        mine = pieces[place]
        shared = any(piece not in own and _others(seen[piece], place) >= _TWO for piece in mine if piece in seen)
        if shared or (heads and _pieces(lines[place], 1) & heads):
            found.add(place)
    return found


def _pieces(text: str, shorter: int) -> set[str]:
    """Words of five letters and more, and every three characters of a word that is a whole phrase; `shorter` by one."""
    found: set[str] = set()
    run = 3 - shorter
    for word in _WORD.findall(text.casefold()):
        if word[0] > "\u0e00" and not "\u1100" <= word[0] <= "\u11ff" and not "\uac00" <= word[0] <= "\ud7a3":
            found.update(word[start : start + run] for start in range(len(word) - run + 1))
        elif len(word) >= 5 - shorter:
            found.add(word)
    return found
