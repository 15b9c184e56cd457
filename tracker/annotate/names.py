"""Names in running text, and how alike two spellings are."""

from __future__ import annotations

import functools
import re

from tracker.model import BlockKind, Document
from tracker.text.wording import Wording, plain, wording

TOKEN = re.compile(r"[^\W\d_]+(?:['.][^\W\d_]+)*")
_STARTS = re.compile(r"""(?:^|[.!?:|][\"')\]]*\s+|(?<!\w)-+\s+)[\"'(\[]*$|[\"(\[]$""")
_RUNNING = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.DEK, BlockKind.CAPTION})


def bare(token: str) -> str:
    """A token without the genitive."""
    return token.removesuffix("'s").removesuffix("'")


@functools.lru_cache(maxsize=8)
def names_in(documents: tuple[Document, ...], language: str | None) -> frozenset[str]:
    """Words that stand with a capital in mid-sentence somewhere and never without one: names, in most languages."""
    words = wording(language)
    texts = {block.text for document in documents for block in document.blocks if block.kind in _RUNNING}
    found = [_by_case(text) for text in texts]
    capital = frozenset().union(*(large for large, _ in found))
    small = frozenset().union(*(small for _, small in found))
    ordinary = words.facts.not_names | words.facts.titles | words.times.weekdays | words.times.months.keys()
    return frozenset(name for name in capital if name.lower() not in small and name.lower() not in ordinary)


@functools.lru_cache(maxsize=1024)  # both documents of a diff hold most of their blocks
def _by_case(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Its words with a capital in mid-sentence, and those without one."""
    said = plain(text)
    capital: set[str] = set()
    small: set[str] = set()
    for match in TOKEN.finditer(said):
        token = bare(match.group())
        if token[0].islower():
            small.add(token)
        elif token not in capital and not starts_sentence(said, match.start()):
            capital.add(token)
    return frozenset(capital), frozenset(small)


def starts_sentence(text: str, place: int) -> bool:
    """Does a sentence, or something quoted, start there?"""
    return bool(_STARTS.search(text[max(0, place - 6) : place])) or place == 0


def spelling_distance(one: str, other: str, most: int = 2) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words; `most` + 1 if there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, mark in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != mark))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == mark:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def alike(one: str, other: str) -> bool:
    """Could two words be spellings of one name? Longer words may differ in more letters."""
    one, other = one.lower(), other.lower()
    if one == other:
        return True
    shorter = min(len(one), len(other))
    most = 2 if shorter >= 7 else 1 if shorter >= 4 else 0
    return most > 0 and spelling_distance(one, other, most) <= most


def is_inflection(one: str, other: str, known: Wording) -> bool:
    """ "Syria" and "Syrian", "Transformative" and "Transformation": two words of one stem, not two spellings."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    if short == long:
        return False
    if long.startswith(short) and long[len(short) :] in known.facts.inflections:
        return True
    differ = next(n for n, (a, b) in enumerate(zip(short + "\0", long, strict=False)) if a != b)
    endings = known.facts.derivations
    return any(short[at:] in endings and long[at:] in endings for at in range(max(4, differ - 3), differ + 1))
