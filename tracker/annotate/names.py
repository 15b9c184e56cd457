"""Names in running text, and how alike two spellings are."""

from __future__ import annotations

import functools
import re

from tracker.model import BlockKind, Document
from tracker.text.wording import CAPITAL, Wording, plain, wording

TOKEN = re.compile(r"[^\W\d_]+(?:['.][^\W\d_]+)*")
CAPITAL_WORD = re.compile(rf"\b[{CAPITAL}][\w'-]+")
_STARTS = re.compile(r"""(?:^|[.!?:|][\"')\]]*\s+|(?<!\w)-+\s+)[\"'(\[¿¡]*$|[\"(\[¿¡]$|(?:^|[\s(])\"\s$""")
_ELIDED = re.compile(r"(?:[a-z]|qu|un|[a-z]+ll|quest|sant|lorsqu|jusqu|puisqu)'(?=[^\W\d_]{2})")
_REACH = 60  # code points before a noun in which its article stands
_LAST_WORDS = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]+[ ]){1,4}\Z")
_CAPITAL_NEXT = re.compile(rf" [{CAPITAL}][\w'-]")
RUNNING = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.DEK, BlockKind.CAPTION})


def bare(token: str) -> str:
    """A token without the genitive, and without an article or the like that has lost its vowel ("d'Arlo")."""
    if "'" not in token:
        return token
    return _ELIDED.sub("", token, count=1).removesuffix("'s").removesuffix("'")


def ordinary_words(words: Wording) -> frozenset[str]:
    """Words that bear a capital in mid-sentence and are no names, in lower case."""
    return _ordinary(words.language)


@functools.cache
def _ordinary(code: str) -> frozenset[str]:
    words = wording(code)
    return words.facts.not_names.union(words.facts.titles, words.times.weekdays, words.times.months)


@functools.lru_cache(maxsize=8)
def names_in(documents: tuple[Document, ...], language: str | None) -> frozenset[str]:
    """Words that stand with a capital in mid-sentence somewhere and never without one: names, in most languages.

    Where every noun has a capital, those that stand alone somewhere, and nowhere as a noun does.
    """
    words = wording(language)
    texts = {block.text for document in documents for block in document.blocks if block.kind in RUNNING}
    found = [_by_case(text, words.language) for text in texts]
    capital = frozenset().union(*(large for large, _ in found))
    small = frozenset().union(*(small for _, small in found))
    ordinary = ordinary_words(words)
    return frozenset(
        name for name in capital if name.lower() not in small and name not in small and name.lower() not in ordinary
    )


@functools.lru_cache(maxsize=1024)  # both documents of a diff hold most of their blocks
def _by_case(text: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Its words with a capital in mid-sentence, and those without one, or of which it says nothing."""
    known = wording(language)
    said = plain(text)
    capital: set[str] = set()
    small: set[str] = set()
    for match in TOKEN.finditer(said):
        token = bare(match.group())
        if token[0].islower() or (known.facts.nouns_capital and is_noun(said, match.start(), token, known)):
            small.add(token)
        elif token not in capital and not starts_sentence(said, match.start()):
            capital.add(token)
    return frozenset(capital), frozenset(small)


def is_noun(text: str, start: int, word: str, known: Wording) -> bool:
    """Where nouns have capitals: is the word that starts there one, by itself or by what stands around it?

    "der neue Kai" is a noun; "Ines Okafor" and "Bürgermeisterin Okafor" end in a name, and so does "in Arlo".
    """
    facts, low = known.facts, word.lower()
    if low in facts.known_names:
        return False
    if any(
        form in facts.nouns or form in facts.titles for form in (low, low.removesuffix("s"), low.removesuffix("es"))
    ):
        return True
    if low.endswith(facts.noun_endings):
        return True
    before = _LAST_WORDS.search(text, max(0, start - _REACH), start)
    said = before.group().split() if before else []
    if said and said[-1][0].isupper() and said[-1].lower() not in facts.determiners:
        return False
    if _CAPITAL_NEXT.match(text, start + len(word)):
        return False
    return _is_determined(said, known) or low.endswith(facts.weak_endings)


def _is_determined(said: list[str], known: Wording) -> bool:
    """Does an article or the like stand before it, with nothing between but words that can be adjectives?"""
    for word in reversed(said):
        if word.lower() in known.facts.determiners:
            return True
        if not word.endswith(known.facts.adjective_endings):
            return False
    return False


def named(text: str, place: tuple[int, int], known: Wording) -> list[str]:
    """The words with a capital between two places of a text that can be names."""
    ordinary = ordinary_words(known)
    found = [match for match in CAPITAL_WORD.finditer(text, *place) if match.group().lower() not in ordinary]
    if known.facts.nouns_capital:
        found = [match for match in found if not is_noun(text, match.start(), bare(match.group()), known)]
    return [match.group() for match in found]


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
