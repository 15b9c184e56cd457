"""How right labels and verdicts are on real edits, against the readings of two people.

    python benchmarks/labelled.py [--misses]             score against benchmarks/truth/18f-*.toml
    python benchmarks/labelled.py --worksheet FILE       write what a reader reads: every change, without our labels

The pairs are revisions of 18F's blog posts (../shared/data/pairs, public domain): Markdown, set as plain web pages, so
that the whole line from the page on is measured. Each reader says for every change which labels hold and what the
notices on the page say of it. A truth file has for each pair its id and its changes: `key` is the digest of the two
texts, so that a truth outlives a change of ids; a change that is cut in another way today has no truth and is counted.
Scores are over what both readers say alike; how often they do is printed first.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.model import Change, Disclosure, Judgement, Label, Report, Severity
from tracker.normalize import read
from tracker.pipeline.pages import compare_readings

PAIRS = Path(__file__).parents[1].parent / "shared" / "data" / "pairs" / "18f.jsonl"
TRUTH = Path(__file__).parent / "truth"
CHOSEN = 66  # pairs, in the order of a digest of their ids
READABLE = 14  # a pair with more changes than this is a rewrite, of which no two readers would say the same
ALWAYS = "53daaef6"  # the one pair with a correction note

_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)>?[^)]*\)")
_CODE = re.compile(r"`([^`]+)`")
_UNDERLINE = re.compile(r"\s*(?:-{3,}|={3,})\s*")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_STRESS = re.compile(r"(?<![\w*])([*_])(?=\S)(.+?)(?<=\S)\1(?![\w*])")
_BARE = re.compile(r"&(?!\w+;|#\w+;)")
_MARKED = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")


@dataclass(frozen=True)
class Pair:
    """Two revisions of a post; `id` is the commit's first digits and the post's name."""

    id: str
    before: str
    after: str


def pairs() -> list[Pair]:
    """All pairs of the file."""
    rows = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    return [Pair(f"{row['commit'][:8]}:{Path(row['path']).stem}", row["before"], row["after"]) for row in rows]


def chosen() -> Iterator[tuple[Pair, Report]]:
    """The pairs that were read, with our reports."""
    order = sorted(pairs(), key=lambda pair: (not pair.id.startswith(ALWAYS), digest(pair.id)))
    count = 0
    for pair in order:
        report = reported(pair)
        if 0 < len(report.diff.changes) <= READABLE and count < CHOSEN:
            count += 1
            yield pair, report


def reported(pair: Pair) -> Report:
    """Our report on a pair, from two pages on."""
    before, after = (read(page(text), "https://blog.example/post") for text in (pair.before, pair.after))
    return compare_readings(before, after, None)


def digest(*texts: str) -> str:
    """12 hex digits of texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


# --- Markdown as a page -----------------------------------------------------------------------------------------


def page(markdown: str) -> str:
    """A post as a plain web page."""
    blocks = "\n".join(_block(part) for part in re.split(r"\n\s*\n", markdown) if part.strip())
    return f'<!doctype html><html lang="en"><body><h1>A post</h1><article>{blocks}</article></body></html>'


def _block(part: str) -> str:
    lines = part.strip("\n").split("\n")
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]):
        lines = [f"## {lines[0]}", *lines[2:]]
    if heading := re.match(r"\s*(#{1,6})\s*(.+)", lines[0]):
        rest = "\n".join(lines[1:])
        return f"<h2>{_inline(heading[2].strip(' #'))}</h2>" + (_block(rest) if rest.strip() else "")
    if all(_MARKED.match(line) or line[:1] in " \t" for line in lines) and _MARKED.match(lines[0]):
        items = re.split(r"\n(?=\s*(?:[-*+]|\d+[.)])\s)", "\n".join(lines))
        return "<ul>" + "".join(f"<li>{_inline(_MARKED.sub('', item))}</li>" for item in items) + "</ul>"
    if all(line.startswith(">") for line in lines):
        return f"<blockquote><p>{_inline(' '.join(line.lstrip('> ') for line in lines))}</p></blockquote>"
    listed = next((place for place, line in enumerate(lines) if place and _MARKED.match(line)), None)
    if listed and not part.lstrip().startswith("<"):
        return _block("\n".join(lines[:listed])) + _block("\n".join(lines[listed:]))
    return part if part.lstrip().startswith("<") else f"<p>{_inline(part)}</p>"


def _inline(text: str) -> str:
    text = _LINK.sub(_link, _BARE.sub("&amp;", " ".join(text.split())))
    text = _CODE.sub(r"<code>\1</code>", text)
    text = _STRONG.sub(r"<strong>\2</strong>", text)
    return _STRESS.sub(r"<em>\2</em>", text)


def _link(match: re.Match[str]) -> str:
    target = html.escape(match[2])
    if match.group().startswith("!"):
        return f'<img alt="{html.escape(match[1])}" src="{target}">'
    return f'<a href="{target}">{match[1]}</a>'


# --- what readers read and say ----------------------------------------------------------------------------------


def key(change: Change) -> str:
    """What a change is known by in a truth file."""
    return digest(change.op.value, *(" ".join(span.text for span in side) for side in (change.before, change.after)))


def worksheet() -> str:
    """Every change of the chosen pairs, to be labelled by a person."""
    lines = ["Labels: " + " ".join(label.value for label in Label), ""]
    for pair, report in chosen():
        lines += [f"## {pair.id}", ""]
        lines += [f"notice on the new page: {notice.text}" for notice in report.notices]
        for change in report.diff.changes:
            lines += [f"key {key(change)}  op {change.op.value}  field {change.field.value}"]
            lines += [f"  - {span.text}" for span in change.before]
            lines += [f"  + {span.text}" for span in change.after]
            if change.before and change.after and change.field.value == "link":
                lines += ["  targets: " + " | ".join(f"{edit.op.value} {edit.text}" for edit in change.edits)]
            lines += [""]
    return "\n".join(lines)


@dataclass(frozen=True)
class Said:
    """What a reader says of a change."""

    labels: frozenset[str]
    disclosure: str


Reading = Mapping[tuple[str, str], Said]  # by pair and key


def truth(path: Path) -> Reading:
    """One reader's file."""
    data = tomllib.loads(path.read_text())
    return {
        (pair["id"], change["key"]): Said(frozenset(change["labels"]), change["disclosure"])
        for pair in data["pair"]
        for change in pair["change"]
    }


# --- scores -----------------------------------------------------------------------------------------------------


def agreement(readings: Sequence[Reading]) -> None:
    """How often two readers say the same of a label, and Cohen's kappa; of the verdicts likewise."""
    one, two = readings
    both = sorted(one.keys() & two.keys())
    marks = [(label.value in one[each].labels, label.value in two[each].labels) for each in both for label in Label]
    verdicts = [(one[each].disclosure, two[each].disclosure) for each in both]
    print(f"{len(both)} changes of {len({pair for pair, _ in both})} pairs read by both")
    for name, said in (("labels", marks), ("verdicts", verdicts)):
        alike = sum(a == b for a, b in said) / len(said)
        first, second = Counter(a for a, _ in said), Counter(b for _, b in said)
        chance = sum(first[value] * second[value] for value in first) / len(said) ** 2
        kappa = (alike - chance) / (1 - chance) if chance < 1 else 1.0
        print(f"  {name}: {alike:.3f} alike, kappa {kappa:.3f}")


def score(readings: Sequence[Reading], *, misses: bool) -> None:
    """Precision and recall of each label and of each verdict where both readers agree."""
    one, two = readings
    right: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    there: Counter[str] = Counter()
    unknown = 0
    read_pairs = {pair for pair, _ in one}
    for pair in (each for each in pairs() if each.id in read_pairs):
        report = reported(pair)
        told = {judged.change: _counted(judged) for judged in report.judgements}
        for change in report.diff.changes:
            place = (pair.id, key(change))
            if place not in one or place not in two:
                unknown += 1
                continue
            ours = {note.label.value for note in report.annotations if note.change == change.id}
            mine, yours = one[place].labels, two[place].labels
            agreed = {name: name in mine for name in Label if (name in mine) == (name in yours)}
            for name, holds in agreed.items():
                _count(right, fired, there, name, holds=holds, said=name in ours)
                if misses and holds != (name in ours):
                    print(f"{pair.id} {place[1]} {name}: readers {'yes' if holds else 'no'}: {_shown(change)}")
            if one[place].disclosure == two[place].disclosure:
                for verdict in Disclosure:
                    holds, said = verdict == one[place].disclosure, verdict is told[change.id]
                    _count(right, fired, there, f"({verdict})", holds=holds, said=said)
                    if misses and holds and not said:
                        print(f"{pair.id} {place[1]} readers {verdict}, we {told[change.id]}: {_shown(change)}")
    print(f"{unknown} changes are cut in another way than when they were read")
    for row in sorted(there.keys() | fired.keys()):
        precision = f"{right[row] / fired[row]:.3f}" if fired[row] else "  -  "
        recall = f"{right[row] / there[row]:.3f}" if there[row] else "  -  "
        print(f"  {row:24} precision {precision} of {fired[row]:3}   recall {recall} of {there[row]:3}")


def _counted(judged: Judgement) -> Disclosure:
    """The disclosure that a reader is shown: a change of low weight is not held against anybody."""
    weighs = judged.severity.rank >= Severity.MEDIUM.rank or judged.disclosure is not Disclosure.SILENT
    return judged.disclosure if weighs else Disclosure.EXEMPT


def _count(
    right: Counter[str], fired: Counter[str], there: Counter[str], name: str, *, holds: bool, said: bool
) -> None:
    right[name] += holds and said
    fired[name] += said
    there[name] += holds


def _shown(change: Change) -> str:
    texts = (" ".join(span.text for span in side)[:150] for side in (change.before, change.after))
    return " => ".join(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worksheet", type=Path)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    if not PAIRS.exists():
        print(f"{PAIRS.name} is not here: nothing to measure")
    elif options.worksheet:
        options.worksheet.write_text(worksheet())
    else:
        readings = [truth(TRUTH / f"18f-{reader}.toml") for reader in ("a", "b")]
        agreement(readings)
        score(readings, misses=options.misses)


if __name__ == "__main__":
    main()
