"""Measures the comparison against TARGETS "Diffing": scripted pairs with a known truth, beside other tools.

    python benchmarks/diff.py [--pairs 200] [--seed 1] [--no-peers] [--no-times]

Real articles are edited by a script (words, names, numbers, quotes, sentences, paragraphs, moves, splits, merges) that
remembers for each character whether it was touched. Marks are scored on characters that are no white space; a piece is
a run of marks with nothing unmarked in between, on both sides together. Without the measuring data beside the
checkout, small texts of our own are used and the figures mean less.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path

from diff_match_patch import diff_match_patch

from tracker.diff import diff
from tracker.model import Block, BlockKind, Diff, Document, EditOp, Op, Pair, Span
from tracker.text.sentences import sentences

TRUTH = Path(__file__).parents[1].parent / "shared" / "data" / "extraction" / "ground-truth.json"
REAL = TRUTH.parents[1] / "pairs" / "18f.jsonl"
KEYS = ("before", "after")
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}  # git cuts words by the locale
NAMED = Pair("benchmark", "1", "2")
_OWN = """
The harbour board met for five hours on Tuesday. It ended without a vote, and three members left early. “We were
told the figures would be ready,” said Ines Marlow, who has sat on the board since 2009. They were not.

Dredging has cost the town 4.2 million crowns so far. That is twice what the contract allows. The contractor,
Brandt & Sons, says that the sea bed was harder than anyone had known.

Fishermen see it otherwise. Boats have had to wait outside for the tide since March, and 31 of them have moved to
the next port. Few are expected to come back.

A survey in 2017 had found rock at four metres. It was filed, and nobody on the board remembers having read it. Its
author retired two years later and now lives abroad.

The mayor has promised an inquiry. He did not say who would lead it. A first report is due in the autumn, long
after the election.

Until then the gate stays open for eight hours a day. The pilots asked for twelve. Their union has called the offer
a joke, though talks go on.
"""
OWN = tuple(" ".join(part.split()) for part in _OWN.split("\n\n"))


# --- scripted pairs -----------------------------------------------------------------------------------------


@dataclass
class Scripted:
    """Paragraphs as lists of (text, mark): "" untouched, "-" deleted, "+" inserted; moved ones are known by number."""

    old: list[list[tuple[str, str]]] = field(default_factory=list)
    new: list[list[tuple[str, str]]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)  # place in old, place in new
    acts: list[str] = field(default_factory=list)

    def documents(self) -> tuple[Document, Document]:
        return _document(self.old), _document(self.new)

    def marks(self) -> tuple[str, str]:
        """One mark a character of each side's joined text; "m" for moved."""
        old_moved, new_moved = {a for a, _ in self.moved}, {b for _, b in self.moved}
        return _marks(self.old, old_moved), _marks(self.new, new_moved)


def _document(paragraphs: Iterable[list[tuple[str, str]]]) -> Document:
    texts = ("".join(text for text, _ in pieces) for pieces in paragraphs)
    return Document(tuple(Block(BlockKind.PARAGRAPH, text) for text in texts), language="en")


def _marks(paragraphs: Iterable[list[tuple[str, str]]], moved: set[int]) -> str:
    rows = [
        "".join((mark or ("m" if place in moved else " ")) * len(text) for text, mark in pieces)
        for place, pieces in enumerate(paragraphs)
    ]
    return "  ".join(rows)


def joined(document: Document) -> str:
    return "\n\n".join(block.text for block in document.blocks)


def articles() -> list[list[str]]:
    if not TRUTH.exists():
        chance = random.Random(0)  # noqa: S311 - scripted edits, no secret
        return [[_varied(chance.choice(OWN), chance) for _ in range(12)] for _ in range(20)]
    bodies = [entry["articleBody"] for entry in json.loads(TRUTH.read_text()).values()]
    found = [[part.strip() for part in body.split("\n\n") if part.strip()] for body in bodies]
    return [parts for parts in found if len(parts) >= 8 and 250 <= sum(len(p.split()) for p in parts) <= 2500]


def _varied(text: str, chance: random.Random) -> str:
    """The text with every third word or so made up, so that few of our own texts give many different ones."""
    letters = "aeioulnrst"
    return re.sub(
        r"\b[a-z]{3,}\b",
        lambda word: word[0] if chance.random() < 0.6 else "".join(chance.choices(letters, k=len(word[0]) + 2)),
        text,
    )


def scripted(parts: list[str], others: list[str], chance: random.Random, count: int) -> Scripted:
    """One pair with some edits, each in a paragraph of its own."""
    old: list[list[tuple[str, str]]] = [[(text, "")] for text in parts]
    new: list[list[tuple[str, str]] | None] = [[(text, "")] for text in parts]
    extra: dict[int, list[list[tuple[str, str]]]] = {}
    breaks: dict[int, int] = {}
    glued: set[int] = set()
    moves: dict[int, int] = {}
    acts = []
    free = set(range(len(parts)))
    for _ in range(count):
        act = chance.choices(list(ACTS), weights=list(ACTS.values()))[0]
        place = chance.choice(sorted(free)) if free else None
        if place is None:
            break
        text = parts[place]
        pieces = sentences(text, "en")
        if act in {"word", "name", "number", "quote", "sentence in", "sentence out"}:
            edited = _edited(act, text, pieces, others, chance)
            if not edited:
                continue
            old[place], new[place] = edited
        elif act == "paragraph in":
            extra[place] = [[(chance.choice(others), "+")] for _ in range(chance.randint(1, 2))]
        elif act == "paragraph out":
            old[place], new[place] = [(text, "-")], None
        elif act == "split" and len(pieces) > 1:
            breaks[place] = len("".join(pieces[: chance.randint(1, len(pieces) - 1)]).rstrip())
        elif act == "merge" and {place, place + 1} <= free:
            glued.add(place)
            free.discard(place + 1)
        elif act == "move" and not moves:
            target = chance.choice([at for at in range(len(parts)) if abs(at - place) >= 3] or [place])
            between = range(min(place, target), max(place, target) + 1)
            jumped = sum(len(parts[at]) for at in between if at != place)
            if target == place or jumped < 2 * len(text) or not set(between) <= free or len(text.split()) < 4:
                continue
            moves[place] = target
            free -= {place - 1, target - 1, target, target + 1}
        else:
            continue
        free.discard(place)
        acts.append(act)
    return _assembled(old, new, extra, breaks, glued, moves, acts)


ACTS = {"word": 15, "name": 7, "number": 5, "quote": 5, "sentence in": 6, "sentence out": 6, "paragraph in": 7}
ACTS |= {"paragraph out": 2, "split": 6, "merge": 7, "move": 9}

_Pieces = list[tuple[str, str]]


def _edited(
    act: str, text: str, pieces: tuple[str, ...], others: list[str], chance: random.Random
) -> tuple[_Pieces, _Pieces] | None:
    words = list(re.finditer(r"\w[\w'’.,]*\w|\w", text))
    if act == "sentence in":
        sentence = chance.choice([one.strip() for one in sentences(chance.choice(others), "en")])
        at = chance.randint(0, len(pieces))
        head, tail = "".join(pieces[:at]), "".join(pieces[at:])
        space = " " if head and not head[-1].isspace() else ""
        return [(text, "")], [(head, ""), (space, ""), (sentence + (" " if tail else ""), "+"), (tail, "")]
    if act == "sentence out":
        if len(pieces) < 2:
            return None
        at = chance.randrange(len(pieces))
        head, gone, tail = "".join(pieces[:at]), pieces[at], "".join(pieces[at + 1 :])
        kept = [(head, ""), (tail, "")] if tail else [(head.rstrip(), "")]
        return [(head, ""), (gone, "-"), (tail, "")], kept
    run = 3 if act == "quote" else 1
    fits = [at for at in range(len(words) - run + 1) if _fits(act, words[at].group())]
    if not fits:
        return None
    at = chance.choice(fits)
    start, end = words[at].start(), words[at + run - 1].end()
    gone = text[start:end]
    put = _put(act, gone, run, others, chance)
    if put == gone or set(put.split()) & set(gone.split()):
        return None
    return [(text[:start], ""), (gone, "-"), (text[end:], "")], [(text[:start], ""), (put, "+"), (text[end:], "")]


def _fits(act: str, word: str) -> bool:
    if act == "name":
        return word.isalpha() and word[0].isupper() and len(word) >= 5
    if act == "number":
        return word.isdecimal()
    return word.isalpha() and (act == "quote" or len(word) >= 3)


def _put(act: str, gone: str, run: int, others: list[str], chance: random.Random) -> str:
    if act == "name":
        at = chance.randrange(1, len(gone) - 2)
        return gone[:at] + gone[at + 1] + gone[at] + gone[at + 2 :]
    if act == "number":
        return str(int(gone) + chance.randint(1, 9) if len(gone) < 15 else 7)
    words = [word for other in chance.sample(others, 3) for word in re.findall(r"[^\W\d_]{3,}", other)]
    return " ".join(chance.choice(words) for _ in range(run)) if words else gone


def _assembled(
    old: list[_Pieces],
    new: Sequence[_Pieces | None],
    extra: dict[int, list[_Pieces]],
    breaks: dict[int, int],
    glued: set[int],
    moves: dict[int, int],
    acts: list[str],
) -> Scripted:
    order = [place for place in range(len(old)) if place not in moves]
    for place, target in moves.items():
        order.insert(order.index(target) + (place < target), place)
    pair = Scripted(old=old, acts=acts)
    glue = False
    for place in order:
        pieces = new[place]
        if pieces is None:
            continue
        if place in breaks:
            text = pieces[0][0]
            pair.new += [[(text[: breaks[place]], "")], [(text[breaks[place] :].lstrip(), "")]]
        elif glue:
            pair.new[-1] += [(" ", ""), *pieces]
        else:
            pair.new.append(pieces)
        glue = place in glued
        if place in moves:
            pair.moved.append((place, len(pair.new) - 1))
        pair.new += extra.get(place, [])
    return pair


# --- marks of the tools -------------------------------------------------------------------------------------

Script = Iterable[tuple[int, str]]  # -1 deleted, 0 equal, 1 inserted


def marks_of_script(script: Script) -> tuple[str, str]:
    old, new = [], []
    for op, text in script:
        if op <= 0:
            old.append((" " if op == 0 else "-") * len(text))
        if op >= 0:
            new.append((" " if op == 0 else "+") * len(text))
    return "".join(old), "".join(new)


def marks_of_diff(found: Diff) -> tuple[str, str]:
    old = [[" "] * len(block.text) for block in found.before.blocks]
    new = [[" "] * len(block.text) for block in found.after.blocks]
    for change in found.changes:
        kept = "m" if change.op is Op.MOVED else " "
        before = ((edit.op, mark) for edit in change.edits for mark in edit.text if edit.op is not EditOp.INSERT)
        after = ((edit.op, mark) for edit in change.edits for mark in edit.text if edit.op is not EditOp.DELETE)
        _paint(old, change.before, ["-" if op is EditOp.DELETE else kept for op, _ in before])
        _paint(new, change.after, ["+" if op is EditOp.INSERT else kept for op, _ in after])
    return "  ".join(map("".join, old)), "  ".join(map("".join, new))


def _paint(rows: list[list[str]], spans: Sequence[Span], marks: list[str]) -> None:
    starts = accumulate((len(span.text) + 2 for span in spans), initial=0)
    for span, start in zip(spans, starts, strict=False):
        if span.block is not None:
            rows[span.block][span.start : span.start + len(span.text)] = marks[start : start + len(span.text)]


def _dmp(old: str, new: str, *, semantic: bool) -> Script:
    engine = diff_match_patch()
    engine.Diff_Timeout = 0
    script = engine.diff_main(old, new)
    if semantic:
        engine.diff_cleanupSemantic(script)
    return list(script)


def _dmp_words(old: str, new: str, *, semantic: bool) -> Script:
    engine = diff_match_patch()
    engine.Diff_Timeout = 0
    codes: dict[str, str] = {}
    a, b = (
        "".join(codes.setdefault(word, chr(len(codes) + 1)) for word in re.findall(r"\s+|\w+|.", text))
        for text in (old, new)
    )
    script = engine.diff_main(a, b, False)
    if semantic:
        engine.diff_cleanupSemantic(script)
    words = {code: word for word, code in codes.items()}
    return [(op, "".join(words[code] for code in text)) for op, text in script]


def _difflib(old: str, new: str, *, autojunk: bool) -> Script:
    a, b = re.findall(r"\s+|\w+|.", old), re.findall(r"\s+|\w+|.", new)
    script: list[tuple[int, str]] = []
    for op, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=autojunk).get_opcodes():
        if op == "equal":
            script.append((0, "".join(a[a0:a1])))
        else:
            script += [(-1, "".join(a[a0:a1])), (1, "".join(b[b0:b1]))]
    return script


def _git(old: str, new: str) -> Script:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("old", "new")]
        for path, text in zip(paths, (old, new), strict=True):
            path.write_text(text.replace("\n\n", "\n") + "\n")  # a paragraph a line: empty lines mislead it
        command = ["git", "diff", "--no-index", "--no-color", "-U99999", "--word-diff=porcelain"]
        command += ["--word-diff-regex=[[:alnum:]]+|[^[:space:]]", *map(str, paths)]
        shown = subprocess.run(command, capture_output=True, env=UTF8, check=False).stdout.decode(errors="replace")
    lines = shown.split("\n")
    start = next((at for at, line in enumerate(lines) if line.startswith("@@")), len(lines))
    ops = {" ": 0, "-": -1, "+": 1}
    return [(ops[line[0]], line[1:]) for line in lines[start + 1 :] if line and line[0] in ops]


# --- scores -------------------------------------------------------------------------------------------------


@dataclass
class Score:
    pairs: int = 0
    marked: int = 0
    true: int = 0
    both: int = 0
    pieces: int = 0
    true_pieces: int = 0
    cut: int = 0
    moves: int = 0
    moves_found: int = 0
    falsely_moved: int = 0
    structure_marked: int = 0
    structure_true: int = 0
    times: list[float] = field(default_factory=list)


def bare(text: str, marks: str) -> str:
    """The marks of what is no white space."""
    return "".join(mark for sign, mark in zip(text, marks, strict=True) if not sign.isspace())


def pieces(old: str, new: str) -> int:
    """Runs of marks on both sides together, moved text left out."""
    kept: list[set[int]] = []
    for marks in (old, new):
        at, touched = 0, set()
        for mark in marks:
            at += mark == " "
            if mark in "+-":
                touched.add(at)
        kept.append(touched)
    return len(kept[0] | kept[1])


def borders_in_words(text: str, marks: str) -> int:
    return sum(
        one != two and "m" not in one + two and text[at].isalnum() and text[at + 1].isalnum()
        for at, (one, two) in enumerate(pairwise(marks))
    )


def score(total: Score, pair: Scripted, found: tuple[str, str]) -> None:
    before, after = map(joined, pair.documents())
    truth = pair.marks()
    old, new = (bare(text, marks) for text, marks in zip((before, after), found, strict=True))
    true_old, true_new = (bare(text, marks) for text, marks in zip((before, after), truth, strict=True))
    total.pairs += 1
    marked = sum(mark in "+-" for mark in old + new)
    true = sum(mark in "+-" for mark in true_old + true_new)
    if not pair.moved:
        total.marked += marked
        total.true += true
        total.both += sum(a in "+-" and b in "+-" for a, b in zip(old + new, true_old + true_new, strict=True))
        total.pieces += pieces(old, new)
        total.true_pieces += pieces(true_old, true_new)
        if {"split", "merge"} & set(pair.acts):
            total.structure_marked += marked
            total.structure_true += true
    total.cut += borders_in_words(before, found[0]) + borders_in_words(after, found[1])
    total.falsely_moved += sum(a == "m" != b for a, b in zip(old + new, true_old + true_new, strict=True))
    for a, b in pair.moved:
        total.moves += 1
        total.moves_found += _is_moved(pair.old, a, found[0]) and _is_moved(pair.new, b, found[1])


def _is_moved(paragraphs: list[_Pieces], place: int, marks: str) -> bool:
    lengths = [sum(len(text) for text, _ in row) for row in paragraphs]
    start = sum(lengths[:place]) + 2 * place
    own = marks[start : start + lengths[place]]
    return own.count("m") >= 0.95 * len(own)


def ours(pair: Scripted) -> tuple[str, str]:
    return marks_of_diff(diff(*pair.documents(), NAMED))


def peer(script: Callable[[str, str], Script]) -> Callable[[Scripted], tuple[str, str]]:
    def marks(pair: Scripted) -> tuple[str, str]:
        old, new = map(joined, pair.documents())
        return _refitted(old, new, script(old, new))

    return marks


def _refitted(old: str, new: str, script: Script) -> tuple[str, str]:
    """The marks laid over the texts by what is no white space, since some tools lose white space."""
    return _laid_over(old, script, skip=1), _laid_over(new, script, skip=-1)


def _laid_over(text: str, script: Script, *, skip: int) -> str:
    marks = ({-1: "-", 0: " ", 1: "+"}[op] for op, part in script if op != skip for sign in part if not sign.isspace())
    return "".join(" " if sign.isspace() else next(marks, "?") for sign in text)


def table(rows: dict[str, Score]) -> None:
    heads = ("P", "R", "marked", "pieces", "cut", "moves", "false mv", "sp/mg", "ms")
    print(f"{'tool':34}" + "".join(f"{head:>10}" for head in heads))
    for name, total in rows.items():
        cells = (
            f"{total.both / max(total.marked, 1):.4f}",
            f"{total.both / max(total.true, 1):.4f}",
            f"{total.marked / max(total.true, 1):.3f}",
            f"{total.pieces / max(total.true_pieces, 1):.3f}",
            str(total.cut),
            f"{total.moves_found}/{total.moves}",
            str(total.falsely_moved),
            f"{total.structure_marked / max(total.structure_true, 1):.3f}",
            f"{1000 * statistics.mean(total.times):.2f}",
        )
        print(f"{name:34}" + "".join(f"{cell:>10}" for cell in cells))


def real_pairs() -> None:
    """Pairs from a public blog: no truth is known, so the share kept and the pieces, beside git's."""
    if not REAL.exists():
        return
    kept: dict[str, list[float]] = {"tracker": [], "git word-diff": []}
    count = dict.fromkeys(kept, 0)
    for line in REAL.read_text().splitlines():
        sides = [[[(" ".join(part.split()), "")] for part in json.loads(line)[side].split("\n\n")] for side in KEYS]
        pair = Scripted(old=[part for part in sides[0] if part[0][0]], new=[part for part in sides[1] if part[0][0]])
        texts = [joined(document) for document in pair.documents()]
        for name, tool in (("tracker", ours), ("git word-diff", peer(_git))):
            old, new = (bare(text, marks) for text, marks in zip(texts, tool(pair), strict=True))
            kept[name].append(sum(mark not in "+-" for mark in old + new) / max(len(old + new), 1))
            count[name] += pieces(old, new)
    for name, shares in kept.items():
        print(f"{len(shares)} real pairs, {name}: {statistics.median(shares):.4f} kept (median), {count[name]} pieces")


# --- times --------------------------------------------------------------------------------------------------


def long_text(parts: Sequence[str], words: int, chance: random.Random) -> list[str]:
    found: list[str] = []
    count = 0
    while count < words:
        found.append(chance.choice(parts))
        count += len(found[-1].split())
    return found


def times(pool: list[list[str]], chance: random.Random) -> None:
    half = len(pool) // 2
    one, two = ([part for parts in side for part in parts] for side in (pool[:half], pool[half:]))
    for words in (1_000, 10_000, 100_000):
        base = _distinct(long_text(one, words, chance), chance)
        other = _distinct(long_text(two, words, chance), chance)
        sides = [_document([(text, "")] for text in texts) for texts in (base, other)]
        for name, (before, after) in {
            "edited": scripted(base, two, chance, words // 250).documents(),
            "wholly different": (sides[0], sides[1]),
        }.items():
            took, found = timed(before, after)
            print(f"{words:8,} words {name:17} {1000 * took:8.1f} ms  {len(found.changes):6} changes")


def _distinct(parts: list[str], chance: random.Random) -> list[str]:
    """Long texts are made of the same paragraphs again and again: one word in each is made another."""
    return [re.sub(r"\b\w{5,}\b", lambda _: f"w{chance.randrange(10**6)}", part, count=1) for part in parts]


def timed(before: Document, after: Document) -> tuple[float, Diff]:
    """With the digests of both sides, as for two files."""
    start = time.perf_counter()
    found = diff(before, after)
    return time.perf_counter() - start, found


PEERS: dict[str, Callable[[str, str], Script]] = {
    "diff-match-patch characters": lambda old, new: _dmp(old, new, semantic=False),
    "diff-match-patch characters, clean": lambda old, new: _dmp(old, new, semantic=True),
    "diff-match-patch words": lambda old, new: _dmp_words(old, new, semantic=False),
    "diff-match-patch words, clean": lambda old, new: _dmp_words(old, new, semantic=True),
    "difflib words": lambda old, new: _difflib(old, new, autojunk=True),
    "git word-diff": _git,
}


def scripted_pairs(pool: list[list[str]], count: int, chance: random.Random) -> list[Scripted]:
    everything = [part for parts in pool for part in parts]
    pairs = []
    for number in range(count):
        parts = pool[number % len(pool)]
        others = [part for part in everything if part not in parts]
        pairs.append(scripted(parts, others or list(OWN), chance, chance.randint(2, 5)))
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-times", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - scripted edits, no secret
    pool = articles()
    pairs = scripted_pairs(pool, options.pairs, chance)
    acts, moves = sum(len(pair.acts) for pair in pairs), sum(len(pair.moved) for pair in pairs)
    print(f"{len(pairs)} pairs from {len(pool)} articles, {acts} edits, {moves} moves")
    tools: dict[str, Callable[[Scripted], tuple[str, str]]] = {"tracker": ours}
    if not options.no_peers:
        tools |= {name: peer(script) for name, script in PEERS.items()}
    rows = {name: Score() for name in tools}
    for pair in pairs:
        for name, tool in tools.items():
            start = time.perf_counter()
            marks = tool(pair)
            rows[name].times.append(time.perf_counter() - start)
            score(rows[name], pair, marks)
    table(rows)
    took = [1000 * timed(*pair.documents())[0] for pair in pairs]
    print(
        f"a usual pair, digests included: mean {statistics.mean(took):.2f} ms, median {statistics.median(took):.2f} ms"
    )
    if not options.no_peers:
        real_pairs()
    if not options.no_times:
        times(pool, chance)


if __name__ == "__main__":
    main()
