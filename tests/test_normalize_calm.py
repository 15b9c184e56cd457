"""The benchmark's generator on pages of our own: furniture never shows, notes and edits show exactly."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from lxml import html

from tracker.model import BlockKind
from tracker.normalize import read
from tracker.text.wording import wording

FOLDER = Path(__file__).parent / "pages" / "languages"
PAGES = [FOLDER / f"{name}.html" for name in ("de-1", "es-2", "fr-1", "it-2", "nl-1", "pt-2")]  # two templates in turn
GENERATOR = Path(__file__).parents[1] / "benchmarks" / "mutations.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """benchmarks/mutations.py, which is no package's."""
    spec = importlib.util.spec_from_file_location("mutations", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


class Page:
    """One of our pages, parsed afresh, about to be changed."""

    def __init__(self, path: Path, generator: ModuleType) -> None:
        root = html.document_fromstring(path.read_text(encoding="utf-8"))
        true = set(path.with_suffix(".txt").read_text(encoding="utf-8").splitlines())
        paragraphs = [
            each for each in root.iter("p") if "".join(map(str, each.itertext())) in true and each.get("class") is None
        ]
        self.words = generator.LANGUAGES[path.stem[:2]]
        self.subject = generator.Subject(root, paragraphs, random.Random(path.stem), self.words)  # noqa: S311  # a seed

    def said(self) -> list[tuple[BlockKind, str]]:
        """Kind and text of each block that is read from the page as it stands."""
        page = html.tostring(self.subject.root, encoding="unicode")
        return [(block.kind, block.text) for block in read(page, "https://paper.example/story").document.blocks]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_furniture_that_comes_goes_or_rotates_does_not_show(path: Path, generator: ModuleType) -> None:
    as_it_was = Page(path, generator).said()
    for kind, mutate in generator.FURNITURE.items():
        for turn in (0, 1):
            page = Page(path, generator)
            mutate(page.subject, turn)
            assert page.said() == as_it_was, (kind, turn)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_note_shows_as_exactly_one_notice_more(path: Path, generator: ModuleType) -> None:
    if wording(path.stem[:2]).language != path.stem[:2]:
        pytest.skip("no words of notices in this language")
    before = Counter(Page(path, generator).said())
    for kind, note in generator.notes(generator.LANGUAGES[path.stem[:2]]).items():
        page = Page(path, generator)
        note.put(page.subject)
        after = Counter(page.said())
        assert (kind, after - before, before - after) == (kind, Counter({(BlockKind.NOTICE, note.text): 1}), Counter())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_an_edit_shows_and_nothing_else(path: Path, generator: ModuleType) -> None:
    before = [text for _, text in Page(path, generator).said()]
    for kind, edit in generator.EDITS.items():
        if kind == "word replaced":
            continue  # an English word
        page = Page(path, generator)
        expected = edit(page.subject)
        after = [text for _, text in page.said()]
        gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
        assert (kind, gone, come) == (kind, Counter(expected.gone), Counter(expected.come))
        assert before != after


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_another_template_changes_no_word(path: Path, generator: ModuleType) -> None:
    before = [text for _, text in Page(path, generator).said()]
    for kind, mutate in generator.TEMPLATES.items():
        page = Page(path, generator)
        mutate(page.subject)
        assert [text for _, text in page.said()] == before, kind


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_first_version_of_two_paragraphs_is_read_without_what_stands_around_it(
    path: Path, generator: ModuleType
) -> None:
    before = Page(path, generator).said()
    page = Page(path, generator)
    gone = set(generator.stub(page.subject))
    assert page.said() == [(kind, text) for kind, text in before if text not in gone]


THREAD = "".join(
    f"<div class='x7'><b>reader{at}</b><p>{said}</p></div>"
    for at, said in enumerate(
        (
            "I walk past that pier every day, and nobody has ever asked me what I think of it, not once in ten years.",
            "Correction: the pier was built in 1961. I was there when they opened it, with my mother and a brass band.",
            "My grandmother used to say that the sea takes what it wants in the end, and she was right.",
        )
        * 14
    )
)
SHORT = "".join(
    f"<p>{said}</p>"
    for said in (
        "The harbour board closed the old pier on Monday, after engineers found rust in eleven of its pillars.",
        "Nobody was hurt, and the ferry runs as before, the board said in a statement.",
        "It opens in May.",
    )
)


@pytest.mark.parametrize("head", ["42 Comments", "Comments (42)", "Kommentare (42)", "42 commentaires", "댓글 42"])
@pytest.mark.parametrize(
    "page",
    [
        "<main><h1>Pier shut</h1><div class='x1'>{text}</div><section><h3>{head}</h3>{thread}</section></main>",
        "<main><h1>Pier shut</h1>{text}<div><h3>{head}</h3><button>Join in</button></div>{thread}</main>",
        "<header><h1>Pier shut</h1></header><div class='x3'>{text}<h2>{head}</h2>{thread}</div>",
        "<main><h1>Pier shut</h1><div>{text}</div><section aria-label='{head}'>{thread}</section></main>",
        "<main><h1>Pier shut</h1><div>{text}</div><section aria-label='Comments'>{thread}</section></main>",
    ],
    ids=["box", "beside the text", "in the text's box", "label with a count", "label"],
)
def test_a_long_thread_of_comments_under_a_short_story_is_no_article(page: str, head: str) -> None:
    calm = read(page.format(text=SHORT, head=head, thread="")).document
    assert [block.text for block in calm.blocks][1:] == [text[3:] for text in SHORT.split("</p>")[:-1]]
    assert read(page.format(text=SHORT, head=head, thread=THREAD)).document == calm


def test_a_count_of_comments_above_the_text_takes_none_of_it_and_a_note_below_them_stays() -> None:
    note = "<footer><p>Correction: The pier has forty pillars, not thirty.</p></footer>"
    page = f"<main><h1>Pier shut</h1><h4>42 Comments</h4>{SHORT}<h3>42 Comments</h3>{THREAD}{note}</main>"
    kinds = [block.kind for block in read(page).document.blocks]
    assert kinds.count(BlockKind.PARAGRAPH) == SHORT.count("<p>")
    assert kinds[-1] is BlockKind.NOTICE
