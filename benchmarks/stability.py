"""How calm the reading is: what must not show does not show, what must show shows exactly.

    python benchmarks/stability.py [FOLDER] [--pages N] [--seed N] [--failures]

FOLDER as in benchmarks/normalize.py. Pages that hold at least six true paragraphs as siblings are changed by
benchmarks/mutations.py, both versions are written by the same code, read, and their blocks compared. Percentages are of
page pairs. "held-out" furniture uses wordings and class names that no rule was written against: without a memory of the
site most of it cannot be told from text. "memory" reads the same pairs with what three other articles of the site have
taught, each of which was looked at four times while the same furniture came, went or rotated in it. "languages" runs
all suites on pages of our own in German, French, Spanish, Portuguese, Italian and Dutch, in the words of the language.
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
from mutations import EDITS, FURNITURE, KNOWN, LANGUAGES, TEMPLATES, VOCABULARIES, Expected, Subject, Vocabulary, stub
from mutations import notes as note_markups
from normalize import FOLDER, Sample, load

from tracker.model import Block, BlockKind, Reading, Sighting
from tracker.normalize import read
from tracker.normalize.learning import blocks_of, follow, furniture_for, one_story, witnesses
from tracker.normalize.memory import Memory, worded

_SIX = 6
_PIECE = 3  # words that are a text of their own
_OTHERS = 3  # articles of the site that are known before
_LOOKS = (1, 0, 1, 0)  # the turns of the furniture as each of them is looked at
_WORD = re.compile(r"\w+")
SPOKEN = Path(__file__).parents[1] / "tests" / "pages" / "languages"
Prepared = tuple[Sample, list[str]]  # a page, and the texts of its true paragraphs
Words = Callable[[Sample], Vocabulary]


def english(_: Sample) -> Vocabulary:
    """The known words."""
    return KNOWN


def own_language(sample: Sample) -> Vocabulary:
    """The words of the language that the name of one of our pages begins with."""
    return LANGUAGES[sample.name[:2]]


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


def furniture(prepared: Sequence[Prepared], tally: Tally, name: str, words_of: Words) -> None:
    """Same words of the article, other furniture: all blocks must be the same."""
    for sample, truth in prepared:
        for kind, mutate in FURNITURE.items():
            read_twice = []
            for turn in (0, 1):
                page = subject(sample, truth, words_of(sample), sample.name)
                assert page is not None
                mutate(page, turn)
                read_twice.append(texts(blocks(page, sample.url)))
            gone, come = changed(*read_twice)
            failure = f"- {list(gone)[:2]} + {list(come)[:2]}" if read_twice[0] != read_twice[1] else None
            tally.add(f"false change, furniture in {name} words", kind, sample.url, failure)


def remembered(prepared: Sequence[Prepared], tally: Tally) -> None:
    """The held-out furniture again, read with the memory of a site on which three other articles have carried it."""
    for kind, mutate in FURNITURE.items():
        readings: dict[tuple[str, int], Reading] = {}
        for sample, truth in prepared:
            for turn in (0, 1):
                page = subject(sample, truth, VOCABULARIES["held-out"], sample.name)
                assert page is not None
                mutate(page, turn)
                readings[sample.name, turn] = read(html.tostring(page.root, encoding="unicode"), sample.url)
        for place, (sample, truth) in enumerate(prepared):
            others = [prepared[(place + step) % len(prepared)][0].name for step in range(1, _OTHERS + 1)]
            memory = taught([[readings[name, turn] for turn in _LOOKS] for name in others])
            read_twice = []
            for turn in (0, 1):
                page = subject(sample, truth, VOCABULARIES["held-out"], sample.name)
                assert page is not None
                mutate(page, turn)
                markup = html.tostring(page.root, encoding="unicode")
                read_twice.append(texts(read(markup, sample.url, memory=memory).document.blocks))
            gone, come = changed(*read_twice)
            failure = f"- {list(gone)[:2]} + {list(come)[:2]}" if read_twice[0] != read_twice[1] else None
            tally.add("false change, furniture in held-out words, with memory", kind, sample.url, failure)


def taught(articles: Sequence[Sequence[Reading]]) -> Memory:
    """What the pages of some articles teach, by the rules that a store applies."""
    stories: list[dict[str, Sighting]] = []
    said: dict[str, str] = {}
    for looks in articles:
        known: dict[str, Sighting] = {}
        before = None
        for reading in looks:
            page = blocks_of(reading)
            known = follow(known, page, before)
            before = reading.document
            said |= page.texts
        stories.append(known)
    sizes = [{name: each.size for name, each in known.items() if each.present} for known in stories]
    kin = {
        (one, other)
        for one, mine in enumerate(sizes)
        for other, theirs in enumerate(sizes)
        if one != other
        and one_story(sum(mine[name] for name in mine.keys() & theirs), sum(mine.values()), sum(theirs.values()))
    }
    learned = {
        name: witnesses([(story, known[name]) for story, known in enumerate(stories) if name in known], kin)
        for name, text in said.items()
        if not worded(text, None)
    }
    return Memory(furniture_for({name: seen for name, seen in learned.items() if seen}, None, (), {}))


def notes(prepared: Sequence[Prepared], tally: Tally, words_of: Words = english, where: str = "") -> None:
    """One note more: exactly its text must come, as a notice."""
    for sample, truth in prepared:
        for kind, note in note_markups(words_of(sample)).items():
            page = subject(sample, truth, words_of(sample), sample.name)
            assert page is not None
            before = blocks(page, sample.url)
            note.put(page)
            after = blocks(page, sample.url)
            gone, come = changed(texts(before), texts(after))
            exact = not gone and list(come.elements()) == [words(note.text)]
            tally.add(
                f"notes not kept exactly{where}",
                kind,
                sample.url,
                None if exact else f"- {list(gone)[:2]} + {list(come)[:2]}",
            )
            typed = any(block.kind is BlockKind.NOTICE and words(block.text) == words(note.text) for block in after)
            tally.add(f"notes not typed as notice{where}", kind, sample.url, None if typed else "not typed")


def edits(prepared: Sequence[Prepared], tally: Tally, words_of: Words = english, where: str = "") -> None:
    """One edit: exactly the texts it names must go and come."""
    for sample, truth in prepared:
        for kind, edit in EDITS.items():
            page = subject(sample, truth, words_of(sample), sample.name)
            assert page is not None
            before = texts(blocks(page, sample.url))
            try:
                expected = edit(page)
            except (StopIteration, AssertionError):
                continue  # the page has nothing that this edit could change
            after = texts(blocks(page, sample.url))
            tally.add(f"edits not shown exactly{where}", kind, sample.url, _wrong(before, after, expected))


def _wrong(before: list[str], after: list[str], expected: Expected) -> str | None:
    gone, come = changed(before, after)
    wanted = Counter(map(words, expected.gone)), Counter(map(words, expected.come))
    if (gone, come) != wanted:
        return f"- {list(gone)[:2]} + {list(come)[:2]}"
    return "nothing shown" if before == after else None


def templates(prepared: Sequence[Prepared], tally: Tally, words_of: Words = english, where: str = "") -> None:
    """Another template, the same words: no paragraph may be lost."""
    for sample, truth in prepared:
        for kind, mutate in TEMPLATES.items():
            page = subject(sample, truth, words_of(sample), sample.name)
            assert page is not None
            before = [words(block.text) for block in blocks(page, sample.url) if block.kind is not BlockKind.IMAGE]
            mutate(page)
            after = [words(block.text) for block in blocks(page, sample.url) if block.kind is not BlockKind.IMAGE]
            gone, come = changed(before, after)
            lost = [text for text in gone if text in set(truth)]
            tally.add(
                f"template change loses paragraphs{where}", kind, sample.url, f"lost {lost[:2]}" if lost else None
            )
            tally.add(
                f"template change shows anything{where}",
                kind,
                sample.url,
                f"- {list(gone)[:2]} + {list(come)[:2]}" if before != after else None,
            )


def stubs(prepared: Sequence[Prepared], tally: Tally, words_of: Words = english, where: str = "") -> None:
    """Two paragraphs left: they are read, and nothing comes that was not there before."""
    for sample, truth in prepared:
        page = subject(sample, truth, words_of(sample), sample.name)
        assert page is not None
        lead = [words(each.text_content()) for each in page.paragraphs[:2]]
        before = texts(blocks(page, sample.url))
        stub(page)
        after = texts(blocks(page, sample.url))
        foreign = [text for text in changed(before, after)[1] if not _made_of(text, before)]
        failure = f"+ {foreign[:3]}" if foreign else None
        tally.add(f"two-paragraph version{where}", "foreign text", sample.url, failure)
        missing = [text for text in lead if text in before and text not in after]
        tally.add(f"two-paragraph version{where}", "lead lost", sample.url, f"- {missing}" if missing else None)


def _made_of(text: str, pieces: Sequence[str]) -> bool:
    """Is it nothing but texts that were there? Loose text joins where a paragraph between is taken out."""
    for piece in sorted(pieces, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(piece)}\b", "", text) if len(piece.split()) >= _PIECE else text
    return not text.strip()


def ordinary(prepared: Sequence[Prepared], tally: Tally, where: str = "") -> None:
    """Paragraphs of the article that are typed as notices: they should be few."""
    for sample, truth in prepared:
        for block in read(sample.html, sample.url).document.blocks:
            if words(block.text) in set(truth):
                failure = block.text if block.kind is BlockKind.NOTICE else None
                tally.add(f"true paragraphs typed as notice{where}", "all", sample.url, failure)


def languages(tally: Tally) -> None:
    """All suites on our own pages, each in the words of its language."""
    prepared = []
    for path in sorted(SPOKEN.glob("*.html")):
        truth = [words(line) for line in path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()]
        prepared.append(
            (Sample(path.stem, f"https://paper.example/{path.stem}", path.read_text(encoding="utf-8"), ""), truth)
        )
    where = ", other languages"
    furniture(prepared, tally, f"their own{where}", own_language)
    for suite in (notes, edits, templates, stubs):
        suite(prepared, tally, own_language, where)
    ordinary(prepared, tally, where)


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
    "furniture": lambda prepared, tally: furniture(prepared, tally, "known", english),
    "held-out": lambda prepared, tally: furniture(prepared, tally, "held-out", lambda _: VOCABULARIES["held-out"]),
    "memory": remembered,
    "notes": notes,
    "edits": edits,
    "templates": templates,
    "stubs": stubs,
    "ordinary": ordinary,
    "languages": lambda _, tally: languages(tally),
}

if __name__ == "__main__":
    main()
