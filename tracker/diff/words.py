"""The words inside a change: diff-match-patch over one character per token.

Tokens are words and single marks; white space hangs on them and is compared where both sides keep the token. Tokens
match when their folded texts are equal, but what is marked equal is equal code point for code point: a curly quotation
mark beside a straight one is marked, and nothing else around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from diff_match_patch import diff_match_patch

from tracker.model import Edit, EditOp
from tracker.text.folding import fold
from tracker.text.tokens import Token, is_spaceless, leading, tokens

TOKEN_PAIRS = 250_000  # old tokens times new tokens that are compared; beyond it the stretch is shown whole
LONG = 20_000  # characters; of longer texts only what lies between their common ends is cut into tokens
REWRITTEN = 4  # if less than one letter in four of the shorter text stays, both are shown whole
CONFETTI = 4  # so many edits in one sentence must leave half of it, or it is shown whole as well
LONG_WORD = 8  # letters; an address counts no more than a long word when it is asked how much has stayed
CELL = " | "  # between the cells of a table's row
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class _Run:
    """Tokens a0:a1 of the old text and b0:b1 of the new one: equal, or replaced one by the other."""

    equal: bool
    a0: int
    a1: int
    b0: int
    b1: int


def edits(old: str, new: str) -> tuple[Edit, ...]:
    """The edits that turn one text into another.

    equal+delete give `old` and equal+insert `new`, code point for code point; between two equal ones there is at most
    one delete, then one insert. No border inside a word, but where white space inside it changed.
    """
    if old == new:
        return (Edit(EditOp.EQUAL, old),) if old else ()
    head, tail = _common_ends(old, new) if max(len(old), len(new)) > LONG else (0, 0)
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    return _joined([(EditOp.EQUAL, old[:head]), *middle, (EditOp.EQUAL, old[len(old) - tail :])])


def row_edits(old: str, new: str) -> tuple[Edit, ...]:
    """The edits of a table's row: cell by cell where there are as many on both sides, so that no edit spans two."""
    cells, others = old.split(CELL), new.split(CELL)
    if len(cells) != len(others):
        return edits(old, new)
    parts: list[tuple[EditOp, str]] = []
    for one, two in zip(cells, others, strict=True):
        parts += [(EditOp.EQUAL, CELL)] if parts else []
        parts += [(edit.op, edit.text) for edit in edits(one, two)]
    return _joined(parts)


def whole(old: str, new: str) -> tuple[Edit, ...]:
    """Old and new, each shown whole."""
    return _joined([(EditOp.DELETE, old), (EditOp.INSERT, new)])


def _middle(old: str, new: str) -> list[tuple[EditOp, str]]:
    replaced = [(EditOp.DELETE, old), (EditOp.INSERT, new)]
    if not old or not new or max(len(old), len(new)) > LONG * 10:
        return replaced
    old_tokens, new_tokens = tokens(old), tokens(new)
    a, b = _encoded(old_tokens, new_tokens)
    if not a or not b or (a != b and len(a) * len(b) > TOKEN_PAIRS):
        return replaced
    runs = _slid(_cleaned(_runs(a, b), old_tokens, new_tokens), (a, b), (old_tokens, new_tokens))
    if _mostly_rewritten(runs, old_tokens, new_tokens):
        return replaced
    return [*_spaces(leading(old), leading(new)), *_spelt(runs, old_tokens, new_tokens)]


def _common_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters at either end are equal, as far as a space in them, so that no token is cut."""
    shorter = min(len(old), len(new))
    head = _common_start(old, new, shorter)
    head = max(old.rfind(" ", 0, head), old.rfind("\n", 0, head)) + 1
    rest = shorter - head
    tail = _common_start(old[len(old) - rest :][::-1], new[len(new) - rest :][::-1], rest)
    first_spaces = (old.find(space, len(old) - tail) for space in (" ", "\n"))
    start = min((place for place in first_spaces if place >= 0), default=len(old) - 1) + 1
    return head, len(old) - start


def _common_start(old: str, new: str, limit: int) -> int:
    """By halving, since comparing slices is quick."""
    low, high = 0, limit
    while low < high:
        half = (low + high + 1) // 2
        if old[low:half] == new[low:half]:
            low = half
        else:
            high = half - 1
    return low


# --- tokens as characters -----------------------------------------------------------------------------------


def _encoded(old: Sequence[Token], new: Sequence[Token]) -> tuple[str, str]:
    """Both rows of tokens over an alphabet of their own: equal characters where the folded texts are equal."""
    by_text: dict[str, str] = {}
    by_key: dict[str, str] = {}

    def letter(text: str) -> str:
        if text not in by_text:
            key = fold(text)
            if key not in by_key:
                code = len(by_key) + 1
                by_key[key] = chr(code if code < _SURROGATES.start else code + len(_SURROGATES))
            by_text[text] = by_key[key]
        return by_text[text]

    return "".join(letter(token.text) for token in old), "".join(letter(token.text) for token in new)


def _runs(old: str, new: str) -> list[_Run]:
    engine = diff_match_patch()
    engine.Diff_Timeout = 0  # no clock: the same texts give the same result on a busy machine
    runs: list[_Run] = []
    a = b = 0
    for op, text in engine.diff_main(old, new, False):
        a1 = a + (len(text) if op != engine.DIFF_INSERT else 0)
        b1 = b + (len(text) if op != engine.DIFF_DELETE else 0)
        equal = op == engine.DIFF_EQUAL
        if runs and not runs[-1].equal and not equal:
            runs[-1] = _Run(False, runs[-1].a0, a1, runs[-1].b0, b1)
        else:
            runs.append(_Run(equal, a, a1, b, b1))
        a, b = a1, b1
    return runs


# --- made readable ------------------------------------------------------------------------------------------


def _cleaned(runs: list[_Run], old: Sequence[Token], new: Sequence[Token]) -> list[_Run]:
    """Semantic clean-up on tokens: a small equality between two larger edits is a coincidence and goes with them."""
    kept: list[_Run] = []
    for run in runs:
        kept.append(run)
        # What was joined is a larger edit than before, so it is asked again for what stands before it.
        while len(kept) > 2 and not kept[-1].equal and _is_chaff(kept[-3:], old, new):
            before, _, after = kept[-3:]
            kept[-3:] = [_Run(False, before.a0, after.a1, before.b0, after.b1)]
    return kept if len(kept) == len(runs) else _cleaned(kept, old, new)


def _is_chaff(runs: Sequence[_Run], old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Is the equality in the middle of three runs a coincidence?"""
    before, equal, after = runs
    row = old[equal.a0 : equal.a1]
    smaller = min(_size(before, old, new), _size(after, old, new))
    letters = _letters(row)
    if 2 * letters <= smaller:
        return True
    # Where no spaces are written, one token is not a word but a part of one, and two are hardly more.
    return len(row) <= min(smaller, 2) and all(is_spaceless(token.text) for token in row)


def _letters(row: Iterable[Token]) -> int:
    return sum(min(len(token.text), LONG_WORD) for token in row if not _is_mark(token))


def _size(run: _Run, old: Sequence[Token], new: Sequence[Token]) -> int:
    return max(_letters(old[run.a0 : run.a1]), _letters(new[run.b0 : run.b1]))


def _slid(runs: list[_Run], letters: tuple[str, str], rows: tuple[Sequence[Token], Sequence[Token]]) -> list[_Run]:
    """Pure insertions and deletions moved to where they read best, where equal words allow more than one place.

    "(a) (b)" that became "(b)" lost "(a) ", not "a) (".
    """
    slid = _between_equals(runs)
    for place, run in enumerate(slid):
        if run.equal or (run.a0 < run.a1 and run.b0 < run.b1):
            continue
        side = run.a0 == run.a1  # True, so 1, if it stands in the new text
        start, end = (run.b0, run.b1) if side else (run.a0, run.a1)
        text, row = letters[side], rows[side]
        before = after = 0
        while before < _room(slid, place - 1) and text[start - before - 1] == text[end - before - 1]:
            before += 1
        while after < _room(slid, place + 1) and text[start + after] == text[end + after]:
            after += 1
        shifts = range(after, -before - 1, -1)
        by = shifts[_best([_reads(row, start + shift, end + shift) for shift in shifts])]
        slid[place - 1 : place + 2] = _shifted(slid[place - 1], run, slid[place + 1], by)
    return slid


def _between_equals(runs: Sequence[_Run]) -> list[_Run]:
    """The runs, with an empty equal one where an edit stands at an end."""
    first, last = runs[0], runs[-1]
    head = [] if first.equal else [_Run(True, first.a0, first.a0, first.b0, first.b0)]
    tail = [] if last.equal else [_Run(True, last.a1, last.a1, last.b1, last.b1)]
    return [*head, *runs, *tail]


def _best(scores: Sequence[int]) -> int:
    return scores.index(max(scores))


def _room(runs: Sequence[_Run], place: int) -> int:
    """How far an edit may go into its neighbour: to the end of the text, but not as far as another edit."""
    length = runs[place].a1 - runs[place].a0
    return length if place in {0, len(runs) - 1} else length - 1


def _reads(row: Sequence[Token], start: int, end: int) -> int:
    """How well tokens stand as an edit: best from the end of a clause to the end of a clause, no bracket torn off."""
    score = 0
    if start == 0 or (row[start - 1].space and _is_mark(row[start - 1])):
        score += 1
    if _is_mark(row[end - 1]):
        score += 1 if row[end - 1].space or end == len(row) else -1
    return score


def _shifted(before: _Run, run: _Run, after: _Run, by: int) -> list[_Run]:
    """An edit further right (or left, where `by` is negative), its neighbours longer and shorter by as much."""
    return [
        _Run(True, before.a0, before.a1 + by, before.b0, before.b1 + by),
        _Run(False, run.a0 + by, run.a1 + by, run.b0 + by, run.b1 + by),
        _Run(True, after.a0 + by, after.a1, after.b0 + by, after.b1),
    ]


def _is_mark(token: Token) -> bool:
    return len(token.text) == 1 and not token.text.isalnum()


def _mostly_rewritten(runs: Sequence[_Run], old: Sequence[Token], new: Sequence[Token]) -> bool:
    kept = sum(_letters(old[run.a0 : run.a1]) for run in runs if run.equal)
    shorter = min(_letters(old), _letters(new))
    confetti = sum(not run.equal for run in runs) >= CONFETTI
    return (2 if confetti else REWRITTEN) * kept < shorter


# --- spelt out ----------------------------------------------------------------------------------------------


def _spelt(runs: Iterable[_Run], old: Sequence[Token], new: Sequence[Token]) -> Iterable[tuple[EditOp, str]]:
    for run in runs:
        if not run.equal:
            yield EditOp.DELETE, "".join(token.text + token.space for token in old[run.a0 : run.a1])
            yield EditOp.INSERT, "".join(token.text + token.space for token in new[run.b0 : run.b1])
            continue
        for one, two in zip(islice(old, run.a0, run.a1), islice(new, run.b0, run.b1), strict=True):
            yield from _spaces(one.text, two.text)
            yield from _spaces(one.space, two.space)


def _spaces(one: str, two: str) -> list[tuple[EditOp, str]]:
    if one == two:
        return [(EditOp.EQUAL, one)]
    return [(EditOp.DELETE, one), (EditOp.INSERT, two)]


def _joined(parts: Iterable[tuple[EditOp, str]]) -> tuple[Edit, ...]:
    """Neighbours of a kind put together; white space that both sides of a replacement share is equal."""
    rows = [["", "", ""]]  # deleted, inserted, then equal
    for op, text in parts:
        if op is EditOp.EQUAL:
            rows[-1][2] += text
        elif text:
            if rows[-1][2]:
                rows.append(["", "", ""])
            rows[-1][op is EditOp.INSERT] += text
    found: list[Edit] = []
    for row in rows:
        for edit in _without_shared_space(*row):
            if found and found[-1].op is edit.op:
                found[-1] = Edit(edit.op, found[-1].text + edit.text)
            else:
                found.append(edit)
    return tuple(found)


def _without_shared_space(deleted: str, inserted: str, equal: str) -> Iterable[Edit]:
    head = _shared_space(deleted, inserted)
    lead, deleted, inserted = deleted[:head], deleted[head:], inserted[head:]
    tail = _shared_space(deleted[::-1], inserted[::-1])
    if tail:
        equal = deleted[-tail:] + equal
        deleted, inserted = deleted[:-tail], inserted[:-tail]
    parts = ((EditOp.EQUAL, lead), (EditOp.DELETE, deleted), (EditOp.INSERT, inserted), (EditOp.EQUAL, equal))
    return (Edit(op, text) for op, text in parts if text)


def _shared_space(one: str, two: str) -> int:
    shared = 0
    while shared < min(len(one), len(two)) and one[shared] == two[shared] and one[shared].isspace():
        shared += 1
    return shared
