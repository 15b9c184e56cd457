"""Measures the comparison against TARGETS "Diffing": scripted pairs with a known truth, beside other tools.

    python benchmarks/diff.py [--pairs 200] [--seed 1] [--seeds 0] [--repeats 0] [--no-peers] [--no-times]

Articles are edited by a script (benchmarks/scripted.py) that remembers for each character whether it was touched. Marks
are scored on characters that are no white space; a piece is a run of marks with nothing unmarked in between, on both
sides together. Peers run in the same process, and times are also given as multiples of diff-match-patch's on words.
A peer that is not installed is named and left out: fast-diff-match-patch, htmldiff2. They are no dependencies; install
them into an environment of their own and name its site-packages in PYTHONPATH.

--seeds 20 scores tracker alone on twenty other sets of pairs, a row each. --repeats 100 asks a hundred processes with
random hash seeds, more at a time than there are processors, for the digest of all diffs of one set: it must be one.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import html
import importlib.util
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import lxml.html
import lxml.html.diff
from diff_match_patch import diff_match_patch
from scripted import LANGUAGES, TRUTH, Article, Scripted, articles, document_of, joined, scripted, scripted_pairs

from tracker.diff import diff
from tracker.model import Diff, Document, EditOp, Op, Pair, Span
from tracker.text.tokens import is_spaceless

REAL = TRUTH.parents[1] / "pairs" / "18f.jsonl"
KEYS = ("before", "after")
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}  # git cuts words by the locale
NAMED = Pair("benchmark", "1", "2")
FLOOR = "diff-match-patch words"  # the peer that times are multiples of


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


def _fast_dmp(old: str, new: str) -> Script:
    fast: Any = importlib.import_module("fast_diff_match_patch")
    ops = {"-": -1, "=": 0, "+": 1}
    script = fast.diff(old, new, timelimit=0, cleanup="Semantic", counts_only=False, as_patch=False)
    return [(ops[op], text) for op, text in script]


def _page(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n"))


def _lxml(old: str, new: str) -> Script:
    return list(_tagged(lxml.html.diff.htmldiff(_page(old), _page(new))))


def _htmldiff2(old: str, new: str) -> Script:
    tool: Any = importlib.import_module("htmldiff2")
    return list(_tagged(str(tool.render_html_diff(_page(old), _page(new)))))


def _tagged(page: str) -> Iterator[tuple[int, str]]:
    """The script that a page with <ins> and <del> stands for."""
    texts: Any = lxml.html.fromstring(f"<div>{page}</div>").xpath("//text()")
    for text in texts:
        parent = text.getparent()
        around = [parent if text.is_text else parent.getparent()]
        around += [] if around[0] is None else list(around[0].iterancestors())
        tags = {node.tag for node in around if node is not None}
        yield (-1 if "del" in tags else 1 if "ins" in tags else 0), str(text)


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
        one != two
        and "m" not in one + two
        and text[at].isalnum()
        and text[at + 1].isalnum()
        and not (is_spaceless(text[at]) or is_spaceless(text[at + 1]))
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


def _is_moved(paragraphs: list[list[tuple[str, str]]], place: int, marks: str) -> bool:
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


HEADS = ("P", "R", "marked", "pieces", "cut", "moves", "false mv", "sp/mg", "ms", "x dmp")


def heading() -> None:
    print(f"{'tool':34}" + "".join(f"{head:>10}" for head in HEADS))


def row(name: str, total: Score, floor: float | None) -> None:
    """One line of the table. `floor` is the mean time of the peer that times are compared with."""
    took = statistics.mean(total.times)
    cells = (
        f"{total.both / max(total.marked, 1):.4f}",
        f"{total.both / max(total.true, 1):.4f}",
        f"{total.marked / max(total.true, 1):.3f}",
        f"{total.pieces / max(total.true_pieces, 1):.3f}",
        str(total.cut),
        f"{total.moves_found}/{total.moves}",
        str(total.falsely_moved),
        f"{total.structure_marked / max(total.structure_true, 1):.3f}",
        f"{1000 * took:.2f}",
        f"{took / floor:.2f}" if floor else "-",
    )
    print(f"{name:34}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


def scored(pairs: Sequence[Scripted], tools: dict[str, Callable[[Scripted], tuple[str, str]]]) -> dict[str, Score]:
    """Each tool on each pair, in turns, so that a busy machine slows all alike."""
    rows = {name: Score() for name in tools}
    for pair in pairs:
        for name, tool in tools.items():
            start = time.perf_counter()
            marks = tool(pair)
            rows[name].times.append(time.perf_counter() - start)
            score(rows[name], pair, marks)
    return rows


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


def times(pool: list[Article], chance: random.Random, *, peers: bool) -> None:
    half = len(pool) // 2
    one, two = ([part for parts, _ in side for part in parts] for side in (pool[:half], pool[half:]))
    for words in (1_000, 10_000, 100_000):
        base = _distinct(long_text(one, words, chance), chance)
        other = _distinct(long_text(two, words, chance), chance)
        sides = [document_of([(text, "")] for text in texts) for texts in (base, other)]
        for name, (before, after) in {
            "edited": scripted(base, two, chance, words // 250).documents(),
            "wholly different": (sides[0], sides[1]),
        }.items():
            took, found = timed(before, after)
            print(f"{words:8,} words {name:17} {1000 * took:8.1f} ms  {len(found.changes):6} changes", end="")
            print(_beside(before, after, took) if peers else "", flush=True)


def _beside(before: Document, after: Document, took: float) -> str:
    """diff-match-patch on the same texts, as it comes: on characters, and after a second it gives up."""
    texts = joined(before), joined(after)
    start = time.perf_counter()
    parts = len(diff_match_patch().diff_main(*texts))
    peer_took = time.perf_counter() - start
    return f"   diff-match-patch, 1 s limit: {1000 * peer_took:8.1f} ms, {parts} parts; ratio {took / peer_took:.2f}"


def _distinct(parts: list[str], chance: random.Random) -> list[str]:
    """Long texts are made of the same paragraphs again and again: one word in each is made another."""
    return [re.sub(r"\b\w{5,}\b", lambda _: f"w{chance.randrange(10**6)}", part, count=1) for part in parts]


def timed(before: Document, after: Document) -> tuple[float, Diff]:
    """With the digests of both sides, as for two files."""
    start = time.perf_counter()
    found = diff(before, after)
    return time.perf_counter() - start, found


# --- the same bytes -----------------------------------------------------------------------------------------


def digest(pairs: Iterable[Scripted]) -> str:
    """SHA-256 of all diffs of some pairs."""
    return hashlib.sha256("".join(repr(diff(*pair.documents(), NAMED).changes) for pair in pairs).encode()).hexdigest()


def repeats(count: int, seed: int) -> None:
    """The digest again and again, by more processes at a time than there are processors, each with its hash seed."""
    command = [sys.executable, __file__, "--digest", "--pairs", "20", "--seed", str(seed)]

    def once(number: int) -> bytes:
        env = {**UTF8, "PYTHONHASHSEED": str(number * 7919)}
        return subprocess.run(command, env=env, capture_output=True, check=True).stdout

    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        found = set(pool.map(once, range(count)))
    print(f"{count} repeats under load with as many hash seeds: {len(found)} different result(s)")


PEERS: dict[str, Callable[[str, str], Script]] = {
    "diff-match-patch characters": lambda old, new: _dmp(old, new, semantic=False),
    "diff-match-patch characters, clean": lambda old, new: _dmp(old, new, semantic=True),
    FLOOR: lambda old, new: _dmp_words(old, new, semantic=False),
    "diff-match-patch words, clean": lambda old, new: _dmp_words(old, new, semantic=True),
    "fast-diff-match-patch, clean": _fast_dmp,
    "difflib words": lambda old, new: _difflib(old, new, autojunk=True),
    "git word-diff": _git,
    "lxml.html.diff": _lxml,
    "htmldiff2": _htmldiff2,
}
_NEEDS = {"fast-diff-match-patch, clean": "fast_diff_match_patch", "htmldiff2": "htmldiff2"}


def installed_peers() -> dict[str, Callable[[Scripted], tuple[str, str]]]:
    found = {}
    for name, script in PEERS.items():
        if name in _NEEDS and importlib.util.find_spec(_NEEDS[name]) is None:
            print(f"{name}: not installed, left out (pip install {_NEEDS[name].replace('_', '-')})")
        else:
            found[name] = peer(script)
    return found


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=0, help="score tracker alone on so many seeds, and nothing else")
    parser.add_argument("--repeats", type=int, default=0, help="only ask for the same bytes so many times")
    parser.add_argument("--digest", action="store_true", help="only print the digest of all diffs")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-times", action="store_true")
    return parser.parse_args()


def made(pool: list[Article], count: int, seed: int, language: str = "en") -> list[Scripted]:
    return scripted_pairs(pool, count, random.Random(seed), language)  # noqa: S311 - scripted edits, no secret


def main() -> None:
    options = parsed()
    pool = articles()
    if options.digest:
        print(digest(made(pool, options.pairs, options.seed)))
    elif options.repeats:
        repeats(options.repeats, options.seed)
    elif options.seeds:
        heading()
        for seed in range(1, options.seeds + 1):
            row(f"tracker, seed {seed}", scored(made(pool, options.pairs, seed), {"tracker": ours})["tracker"], None)
    else:
        report(pool, options)


def report(pool: list[Article], options: argparse.Namespace) -> None:
    """The tables: English beside the peers, other languages, a usual pair, real pairs, long texts."""
    pairs = made(pool, options.pairs, options.seed)
    acts, moves = sum(len(pair.acts) for pair in pairs), sum(len(pair.moved) for pair in pairs)
    print(f"{len(pairs)} pairs from {len(pool)} articles, {acts} edits, {moves} moves")
    rows = scored(pairs, {"tracker": ours, **({} if options.no_peers else installed_peers())})
    floor = statistics.mean(rows[FLOOR].times) if FLOOR in rows else None
    heading()
    for name, total in rows.items():
        row(name, total, floor)
    for language in LANGUAGES:
        own = made(articles(language), options.pairs, options.seed, language)
        row(f"tracker, {language}", scored(own, {"tracker": ours})["tracker"], None)
    took = [1000 * timed(*pair.documents())[0] for pair in pairs]
    print(
        f"a usual pair, digests included: mean {statistics.mean(took):.2f} ms, median {statistics.median(took):.2f} ms"
    )
    if not options.no_peers:
        real_pairs()
    if not options.no_times:
        times(pool, random.Random(options.seed), peers=not options.no_peers)  # noqa: S311 - as above


if __name__ == "__main__":
    main()
