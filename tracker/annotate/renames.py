"""One name in other capitals, and a name that gained or lost a part."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator

from tracker.annotate import names
from tracker.annotate.worded import Slot, Worded, words
from tracker.model import Diff, Document
from tracker.text.wording import CAPITAL, Wording, plain

RENAMED = 3  # standings of a part from which its loss everywhere is another name, not a first name left out once
WHOLE = 3  # words of a name that stay around a part put into its middle; fewer are a person's
_LONGEST_WORD = 40  # code points beside a slot in which the rest of its words stands
_SHAPED = re.compile(rf"[^\W\d_]{{2,}}(?:\.[^\W\d_]{{2,}})+|[a-z]*[{CAPITAL}]?[a-z]+[{CAPITAL}]\w*")  # data.gov, GitHub
_NAME_BEFORE = re.compile(rf"(?:(?<!\w)[{CAPITAL}][\w'-]* )+\Z")
_NAME_AFTER = re.compile(rf"(?: ?(?<!\w)[{CAPITAL}][\w'-]*)+")
_REACH = 80  # code points on either side of a slot in which the rest of its name stands
_PART = re.compile(rf"[{CAPITAL}][^\W\d_]+(?: [{CAPITAL}][^\W\d_]+)?")

Pair = tuple[str, str]
Match = re.Match[str]


@functools.lru_cache(maxsize=64)
def is_running(text: str) -> bool:
    """Is a text no title in capitals: do most of its words start with a small letter?"""
    found = words(text)
    return sum(word.islower() for word in found) * 2 > len(found)


def recased(one: Worded, diff: Diff, known: Wording) -> Pair | None:
    """The same name in other capitals ("Github" -> "GitHub"). Of several words it is a title set in another way."""
    pairs = [pair for slot in one.slots for pair in _case_pairs(one, slot)]
    if len({old.group().lower() for old, _ in pairs}) != 1:
        return None
    if not (_is_capital_within(*pairs[0]) or (is_running(one.old) and is_running(one.new))):
        return None
    found = next((pair for pair in pairs if _is_name(one, pair, diff, known)), None)
    return (found[0].group(), found[1].group()) if found else None


def _is_capital_within(old: Match, new: Match) -> bool:
    """ "Github" and "GitHub": no title and no line in capitals makes the one of the other."""
    rests = old.group()[1:], new.group()[1:]
    return rests[0] != rests[1] and not any(rest.isupper() for rest in rests)


def _case_pairs(one: Worded, slot: Slot) -> Iterator[tuple[Match, Match]]:
    """The whole words of a slot that differ in capitals only, if all its words are the same but for them."""
    if not 0 < slot.old[1] - slot.old[0] == slot.new[1] - slot.new[0]:
        return
    if one.deleted(slot).lower() != one.inserted(slot).lower():
        return
    old, new = (list(_tokens(text, place)) for text, place in ((one.old, slot.old), (one.new, slot.new)))
    if [match.group().lower() for match in old] == [match.group().lower() for match in new]:
        yield from ((a, b) for a, b in zip(old, new, strict=True) if a.group() != b.group())


def _tokens(text: str, place: tuple[int, int]) -> Iterator[Match]:
    """The words that a place touches, whole."""
    start = max(text.rfind(" ", max(0, place[0] - _LONGEST_WORD), place[0]) + 1, place[0] - _LONGEST_WORD, 0)
    for match in names.TOKEN.finditer(text, start, min(len(text), place[1] + _LONGEST_WORD)):
        if match.start() >= place[1]:
            return
        if match.end() > place[0]:
            yield match


def _is_name(one: Worded, pair: tuple[Match, Match], diff: Diff, known: Wording) -> bool:
    """A capital in mid-sentence on both sides, or what the article writes with one where it stands alone."""
    old, new = pair
    starts = names.starts_sentence(one.old, old.start()) or names.starts_sentence(one.new, new.start())
    shaped = any(_SHAPED.fullmatch(match.group()) for match in pair)
    if old.group().lower() in names.ordinary_words(known) or (starts and not shaped):
        return False
    if old.group()[0].isupper() and new.group()[0].isupper():
        return shaped or not (known.facts.nouns_capital and _is_noun(one, pair, known))
    return not starts and ((shaped and "." in old.group()) or _is_put_right(old.group(), new.group(), diff, known))


def _is_noun(one: Worded, pair: tuple[Match, Match], known: Wording) -> bool:
    sides = zip((one.old, one.new), pair, strict=True)
    return any(names.is_noun(text, match.start(), match.group(), known) for text, match in sides)


def _is_put_right(old: str, new: str, diff: Diff, known: Wording) -> bool:
    """Does the article write the word with its capital elsewhere, where no other name stands beside it, and only one
    of the texts without it? Where all nouns have capitals, that is how they are written and says nothing."""
    large = max(old, new, key=lambda word: word[0].isupper())
    small = min(old, new, key=lambda word: word[0].isupper())
    if known.facts.nouns_capital:
        return False
    standings = [_standings(document) for document in (diff.before, diff.after)]
    return all(found[large] for found in standings) and min(found[small] for found in standings) == 0


@functools.lru_cache(maxsize=4)
def _standings(document: Document) -> Counter[str]:
    """How often each word stands in running text: one with a capital only in mid-sentence and alone."""
    found: Counter[str] = Counter()
    for block in document.blocks:
        text = plain(block.text) if block.kind in names.RUNNING else ""
        last = None
        for match in names.TOKEN.finditer(text):
            word = names.bare(match.group())
            beside = last is not None and last.group()[0].isupper() and text[last.end() : match.start()] == " "
            beside = beside or names.CAPITAL_WORD.match(text, match.end() + 1) is not None
            if word[0].islower() or not (beside or names.starts_sentence(text, match.start())):
                found[word] += 1
            last = match
    return found


def part_changed(one: Worded, slot: Slot, diff: Diff, known: Wording) -> Pair | None:
    """A part put into a name or taken out of it, which one of the texts has nowhere.

    It stands in the middle of a name of several words ("Water Mission Area" -> "Water Resources Mission Area"), or at
    several places ("the Draft Standards" -> "the Standards"): one first name or title that comes or goes is none.
    """
    gone, come = one.deleted(slot).strip(), one.inserted(slot).strip()
    part = _PART.fullmatch(gone or come)
    if bool(gone) == bool(come) or part is None or not (is_running(one.old) and is_running(one.new)):
        return None
    text, (start, end) = (one.old, slot.old) if gone else (one.new, slot.new)
    before = _NAME_BEFORE.search(text, max(0, start - _REACH), start)
    after = _NAME_AFTER.match(text, end, end + _REACH)
    if after is None:
        return None
    kept = f"{before.group() if before else ''}{after.group()}".split()
    said = {word.lower().rstrip(".") for word in (*kept, *part.group().split())}
    if said & (known.facts.titles | names.ordinary_words(known)):
        return None
    here, there = (diff.before, diff.after) if gone else (diff.after, diff.before)
    word = part.group().split()[0]
    inside = before is not None and len(kept) >= WHOLE
    if _capitals(there)[word] or not (inside or _leading(here)[word] >= RENAMED):
        return None
    short = " ".join(kept)
    long = f"{before.group() if before else ''}{part.group()} {after.group().strip()}"
    return (long, short) if gone else (short, long)


@functools.lru_cache(maxsize=4)
def _capitals(document: Document) -> Counter[str]:
    """How often each word stands with a capital."""
    texts = (plain(block.text) for block in document.blocks if block.kind in names.RUNNING)
    return Counter(word for text in texts for word in names.CAPITAL_WORD.findall(text))


@functools.lru_cache(maxsize=4)
def _leading(document: Document) -> Counter[str]:
    """How often each word stands with a capital in mid-sentence, right before another one with a capital."""
    texts = (plain(block.text) for block in document.blocks if block.kind in names.RUNNING)
    return Counter(
        match.group()
        for text in texts
        for match in names.CAPITAL_WORD.finditer(text)
        if not names.starts_sentence(text, match.start()) and _NAME_AFTER.match(text, match.end())
    )
