"""How calm the reading is: what must not show does not show, what must show shows exactly.

    python benchmarks/stability.py [FOLDER] [--pages N] [--seed N] [--failures]

FOLDER as in benchmarks/normalize.py. Pages that hold at least six true paragraphs as siblings are changed by
benchmarks/mutations.py, both versions are written by the same code, read, and their blocks compared. Percentages are of
page pairs. "held-out" furniture uses wordings and class names that no rule was written against: without a memory of the
site most of it cannot be told from text.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import html
from mutations import EDITS, FURNITURE, NOTES, TEMPLATES, VOCABULARIES, Expected, Subject, Vocabulary, stub
from normalize import FOLDER, Sample, load

from tracker.model import Block, BlockKind
from tracker.normalize import read

_SIX = 6
_WORD = re.compile(r"\w+")
Prepared = tuple[Sample, list[str]]  # a page, and the texts of its true paragraphs


def words(text: str) -> str:
    """The words alone."""
    return " ".join(_WORD.findall(text))


def subject(sample: Sample, truth: Sequence[str], vocabulary: Vocabulary, seed: str) -> Subject | None:
    """The page parsed afresh, with the siblings that are its true paragraphs; None if there are fewer than six."""
    root = html.document_fromstring(sample.html)
    wanted = set(truth)
    groups: dict[html.HtmlElement, list[html.HtmlElement]] = {}
    for each in root.iter("p"):
        parent = each.getparent()
        if parent is not None and len(said := "".join(map(str, each.itertext()))) > 60 and words(said) in wanted:
            groups.setdefault(parent, []).append(each)
    best = max(groups.values(), key=len, default=[])
    return Subject(root, best, random.Random(seed), vocabulary) if len(best) >= _SIX else None  # noqa: S311  # a seeded choice, no secret


def blocks(page: Subject, url: str) -> list[Block]:
    """What we read from the page as it stands now."""
    return list(read(html.tostring(page.root, encoding="unicode"), url).document.blocks)


def texts(found: Sequence[Block]) -> list[str]:
    """The words of all blocks in order; pictures only count by being there."""
    return [words(block.text) or block.kind.value for block in found]


def changed(before: Sequence[str], after: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """The texts that went and those that came."""
    old, new = Counter(before), Counter(after)
    return old - new, new - old


class Tally:
    """Counts failures by suite and kind."""

    def __init__(self) -> None:
        self.tried: Counter[tuple[str, str]] = Counter()
        self.failed: dict[tuple[str, str], list[str]] = {}

    def add(self, suite: str, kind: str, url: str, failure: str | None) -> None:
        self.tried[suite, kind] += 1
        if failure:
            self.failed.setdefault((suite, kind), []).append(f"{url[:70]}: {failure[:160]}")

    def print(self, *, failures: bool) -> None:
        for suite in dict.fromkeys(suite for suite, _ in self.tried):
            kinds = [kind for name, kind in self.tried if name == suite]
            tried = sum(self.tried[suite, kind] for kind in kinds)
            failed = sum(len(self.failed.get((suite, kind), [])) for kind in kinds)
            print(f"\n{suite}: {100 * failed / tried:.1f} % wrong of {tried} pairs")
            for kind in kinds:
                wrong = self.failed.get((suite, kind), [])
                print(f"  {kind:36} {100 * len(wrong) / self.tried[suite, kind]:5.1f} %")
                for each in wrong if failures else ():
                    print(f"      {each}")


def furniture(prepared: Sequence[Prepared], tally: Tally, name: str) -> None:
    """Same words of the article, other furniture: all blocks must be the same."""
    for sample, truth in prepared:
        for kind, mutate in FURNITURE.items():
            read_twice = []
            for turn in (0, 1):
                page = subject(sample, truth, VOCABULARIES[name], sample.name)
                assert page is not None
                mutate(page, turn)
                read_twice.append(texts(blocks(page, sample.url)))
            gone, come = changed(*read_twice)
            failure = f"- {list(gone)[:2]} + {list(come)[:2]}" if read_twice[0] != read_twice[1] else None
            tally.add(f"false change, furniture in {name} words", kind, sample.url, failure)


def notes(prepared: Sequence[Prepared], tally: Tally) -> None:
    """One note more: exactly its text must come, as a notice."""
    for sample, truth in prepared:
        for kind, note in NOTES.items():
            page = subject(sample, truth, VOCABULARIES["known"], sample.name)
            assert page is not None
            before = blocks(page, sample.url)
            note.put(page)
            after = blocks(page, sample.url)
            gone, come = changed(texts(before), texts(after))
            exact = not gone and list(come.elements()) == [words(note.text)]
            tally.add(
                "notes not kept exactly", kind, sample.url, None if exact else f"- {list(gone)[:2]} + {list(come)[:2]}"
            )
            typed = any(block.kind is BlockKind.NOTICE and words(block.text) == words(note.text) for block in after)
            tally.add("notes not typed as notice", kind, sample.url, None if typed else "not typed")


def edits(prepared: Sequence[Prepared], tally: Tally) -> None:
    """One edit: exactly the texts it names must go and come."""
    for sample, truth in prepared:
        for kind, edit in EDITS.items():
            page = subject(sample, truth, VOCABULARIES["known"], sample.name)
            assert page is not None
            before = texts(blocks(page, sample.url))
            try:
                expected = edit(page)
            except (StopIteration, AssertionError):
                continue  # the page has nothing that this edit could change
            after = texts(blocks(page, sample.url))
            tally.add("edits not shown exactly", kind, sample.url, _wrong(before, after, expected))


def _wrong(before: list[str], after: list[str], expected: Expected) -> str | None:
    gone, come = changed(before, after)
    wanted = Counter(map(words, expected.gone)), Counter(map(words, expected.come))
    if (gone, come) != wanted:
        return f"- {list(gone)[:2]} + {list(come)[:2]}"
    return "nothing shown" if before == after else None


def templates(prepared: Sequence[Prepared], tally: Tally) -> None:
    """Another template, the same words: no paragraph may be lost."""
    for sample, truth in prepared:
        for kind, mutate in TEMPLATES.items():
            page = subject(sample, truth, VOCABULARIES["known"], sample.name)
            assert page is not None
            before = [words(block.text) for block in blocks(page, sample.url) if block.kind is not BlockKind.IMAGE]
            mutate(page)
            after = [words(block.text) for block in blocks(page, sample.url) if block.kind is not BlockKind.IMAGE]
            gone, come = changed(before, after)
            lost = [text for text in gone if text in set(truth)]
            tally.add("template change loses paragraphs", kind, sample.url, f"lost {lost[:2]}" if lost else None)
            tally.add(
                "template change shows anything",
                kind,
                sample.url,
                f"- {list(gone)[:2]} + {list(come)[:2]}" if before != after else None,
            )


def stubs(prepared: Sequence[Prepared], tally: Tally) -> None:
    """Two paragraphs left: they are read, and nothing comes that was not there before."""
    for sample, truth in prepared:
        page = subject(sample, truth, VOCABULARIES["known"], sample.name)
        assert page is not None
        lead = [words(each.text_content()) for each in page.paragraphs[:2]]
        before = texts(blocks(page, sample.url))
        stub(page)
        after = texts(blocks(page, sample.url))
        _, come = changed(before, after)
        tally.add("two-paragraph version", "foreign text", sample.url, f"+ {list(come)[:3]}" if come else None)
        missing = [text for text in lead if text in before and text not in after]
        tally.add("two-paragraph version", "lead lost", sample.url, f"- {missing}" if missing else None)


def ordinary(prepared: Sequence[Prepared], tally: Tally) -> None:
    """Paragraphs of the article that are typed as notices: they should be few."""
    for sample, truth in prepared:
        for block in read(sample.html, sample.url).document.blocks:
            if words(block.text) in set(truth):
                failure = block.text if block.kind is BlockKind.NOTICE else None
                tally.add("true paragraphs typed as notice", "all", sample.url, failure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", action="store_true", help="name the pages and what was wrong")
    parser.add_argument("--only", choices=tuple(SUITES), help="one suite only")
    options = parser.parse_args()
    if not (options.folder / "ground-truth.json").is_file():
        sys.exit(f"no ground-truth.json in {options.folder}: give the folder of the data as the first argument")
    prepared = []
    for sample in load(options.folder):
        truth = [words(line) for line in sample.truth.splitlines() if line.strip()]
        if subject(sample, truth, VOCABULARIES["known"], sample.name):
            prepared.append((sample, truth))
    random.Random(options.seed).shuffle(prepared)  # noqa: S311  # a seeded choice, no secret
    prepared = prepared[: options.pages]
    print(f"{len(prepared)} pages")
    tally = Tally()
    for name, suite in SUITES.items():
        if options.only in (None, name):
            suite(prepared, tally)
    tally.print(failures=options.failures)


SUITES: dict[str, Callable[[Sequence[Prepared], Tally], None]] = {
    "furniture": lambda prepared, tally: furniture(prepared, tally, "known"),
    "held-out": lambda prepared, tally: furniture(prepared, tally, "held-out"),
    "notes": notes,
    "edits": edits,
    "templates": templates,
    "stubs": stubs,
    "ordinary": ordinary,
}

if __name__ == "__main__":
    main()
