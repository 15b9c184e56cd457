"""All renderers for people: each shows every change, none is fooled by what a page says."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from rich.cells import cell_len

from tests.render_support import REPORTS, Told, change, denial, everything, hostile, page, report, span, unchanged
from tracker.errors import UsageError
from tracker.model import EditOp, Field, Label, Op, Report, Severity
from tracker.render import RENDERERS, render
from tracker.render.markdown import escape
from tracker.render.safe import LRI, PDI, RLI, visible
from tracker.render.sentences import sentence

FOR_PEOPLE = ["terminal", "html", "markdown"]
_OURS = str.maketrans("", "", LRI + RLI + PDI)


def squeezed(text: str) -> str:
    """Without white space and our own isolates: how a renderer breaks lines is its own affair."""
    return re.sub(r"\s+", "", text.translate(_OURS))


def words_shown(shown: Report, format_: str) -> str:
    """The text that a reader sees, without marks and line breaks."""
    text = render(shown, format_, width=100, all=True)
    if format_ == "html":
        tree: Any = lxml_html.fromstring(text)
        for element in tree.xpath("//style | //head | //*[@class='aloud'] | //a[@class='ref']"):
            element.drop_tree()
        text = tree.text_content()
    elif format_ == "markdown":
        made: Any = lxml_html.fromstring(MarkdownIt("commonmark").render(text))
        text = made.text_content()
    else:
        text = "\n".join(line[2:] if line[:2] in ("+ ", "- ", "> ") else line for line in text.splitlines())
        text = re.sub(r"\[-|-\]|\{\+|\+\}", "", text)
    return squeezed(text)


@pytest.mark.parametrize("format_", FOR_PEOPLE)
@pytest.mark.parametrize("name", ["denial", "everything", "cosmetic", "arabic", "hostile"])
def test_every_changed_word_is_shown(name: str, format_: str) -> None:
    subject = REPORTS[name]()
    shown = words_shown(subject, format_)
    for one in subject.diff.changes:
        for edit in one.edits:
            if edit.op is not EditOp.EQUAL:
                core = squeezed(visible(edit.text))
                assert re.sub(r"\[-|-\]|\{\+|\+\}", "", core) in shown


@pytest.mark.parametrize("format_", FOR_PEOPLE)
@pytest.mark.parametrize("name", ["denial", "everything", "cosmetic", "arabic"])
def test_every_change_has_the_same_sentence_everywhere(name: str, format_: str) -> None:
    subject = REPORTS[name]()
    shown = words_shown(subject, format_)
    for one in subject.diff.changes:
        assert squeezed(sentence(subject, one)) in shown


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_notices_are_shown_with_their_time_and_claims(format_: str) -> None:
    shown = words_shown(denial(), format_)
    assert squeezed("1 notice, which mentions 2 changes; verdict: disclosed") in shown
    assert squeezed("Update note, new, at the end of the text") in shown
    assert squeezed("Stated: 15:13, no day and no time zone given") in shown
    assert squeezed("include a denial from the council") in shown
    assert squeezed("between 19:02 and 19:17 UTC on 31 May 2015") in shown


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_the_word_hidden_is_never_used(format_: str) -> None:
    for name in REPORTS:
        assert "hidden" not in render(REPORTS[name](), format_, all=True).lower()


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_cosmetic_changes_are_counted_but_shown_only_on_request(format_: str) -> None:
    some, everything_ = render(everything(), format_), render(everything(), format_, all=True)
    said = "3 changes of typography or paragraph breaks only are not shown"
    assert squeezed(said) in squeezed(some)
    assert squeezed(said) not in squeezed(everything_)
    assert "was split into two" in everything_
    assert "was split into two" not in some


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_only_one_sentence_around_a_change_is_shown_unless_asked(format_: str) -> None:
    far = "None of them sails at night."
    before = page("One. Two. The council pays 12. Three. Four.", far)
    after = page("One. Two. The council pays 21. Three. Four.", far)
    spans = (span(before, 1, "The council pays 12. "),), (span(after, 1, "The council pays 21. "),)
    told = Told(change(Op.EDITED, Field.BODY, *spans), ((Label.NUMBER_CHANGED, ("12", "21")),), Severity.HIGH)
    subject = report(before, after, (told,))
    part, whole = render(subject, format_), render(subject, format_, full=True)
    assert "Two." in part
    assert "Three." in part
    assert not [text for text in ("One.", "Four.", far) if text in part]
    assert not [text for text in ("One.", "Two.", "Three.", "Four.", far) if text not in whole]


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_an_unchanged_page_gets_one_friendly_line(format_: str) -> None:
    text = render(unchanged(), format_)
    assert "Nothing was changed" in text
    assert "verdict:" not in text
    assert "Ferry crews" not in text


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_a_move_is_one_move(format_: str) -> None:
    text = render(everything(), format_)
    assert text.count("Storms stopped the boats twice this year.") == 1
    assert "A paragraph was moved from place 5 to place 3 in the text." in " ".join(text.split())


@pytest.mark.parametrize("format_", FOR_PEOPLE)
def test_both_targets_of_a_link_are_text(format_: str) -> None:
    shown = words_shown(everything(), format_)
    assert "https://news.example/plan" in shown
    assert "https://council.example/paper.pdf" in shown


@pytest.mark.parametrize("format_", [*FOR_PEOPLE, "json"])
def test_hostile_text_has_no_power(format_: str) -> None:
    text = render(hostile(), format_, all=True, full=True)
    text.encode("utf-8")
    assert not set("\x00\x07\x1b\x9b\u2028\u202e\u202c\ud800") & set(text)
    if format_ == "html":
        assert "<script" not in text
        assert "<img" not in text
    if format_ == "terminal":
        assert "[bold]b[/bold] [link=http://evil.example]x[/link]" in " ".join(text.split())
    if format_ == "markdown":
        made = MarkdownIt("gfm-like", {"linkify": False}).render(text)
        tree = lxml_html.fromstring(made)
        assert not tree.xpath("//a | //img | //script | //code | //em | //s | //table")


@pytest.mark.parametrize("width", [1, 40, 80, 120, 200])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    report = REPORTS[name]()
    text = render(report, width=width, all=True, full=True)
    addresses = {visible(address) for address in (report.article.url, report.article.branch) if address}  # never cut
    assert max(cell_len(line) for line in text.splitlines() if line not in addresses) <= max(width, 20)
    assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_colours_stroke_and_underline_and_plain_text_brackets(width: int) -> None:
    plain, coloured = render(everything(), width=width), render(everything(), width=width, color=True)
    assert "[-said-]{+claimed+}" in plain
    assert "\x1b" not in plain
    assert "\x1b[9;31msaid\x1b[0m \x1b[4;32mclaimed\x1b[0m" in coloured
    assert set(re.findall(r"\x1b(.)", coloured)) == {"["}  # styles only: no links, no cursor


def test_right_to_left_lines_are_isolated_one_by_one():
    for line in render(REPORTS["arabic"](), width=40).splitlines():
        assert line.count(RLI) + line.count(LRI) == line.count(PDI)
        if re.search("[\u0600-\u06ff]", line):
            assert RLI in line


def test_the_environment_of_the_process_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, coloured = render(everything()), render(everything(), color=True)
    for name, value in {"NO_COLOR": "1", "FORCE_COLOR": "1", "COLUMNS": "33", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    assert (render(everything()), render(everything(), color=True)) == (plain, coloured)


def test_hash_seeds_make_no_difference():
    code = (
        "import hashlib; from tests.render_support import everything; from tracker.render import RENDERERS, render;"
        "print([hashlib.sha256(render(everything(), one).encode()).hexdigest() for one in RENDERERS])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_a_format_that_does_not_exist_is_a_usage_error():
    with pytest.raises(UsageError, match="terminal, html, markdown, json, svg"):
        render(denial(), "pdf")
    assert list(RENDERERS) == ["terminal", "html", "markdown", "json", "svg"]


@pytest.mark.parametrize("format_", RENDERERS)
@pytest.mark.parametrize("name", REPORTS)
def test_every_text_ends_with_one_line_feed(name: str, format_: str) -> None:
    text = render(REPORTS[name](), format_)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def any_change(old: str, new: str) -> Report:
    """A sentence between two others, changed to anything."""
    before, after = page(f"Head. {old} Tail."), page(f"Head. {new} Tail.", headline=new.strip() or "-")
    one = change(Op.EDITED, Field.BODY, (span(before, 1, f"{old} "),), (span(after, 1, f"{new} "),))
    return report(before, after, (Told(one, ((Label.OTHER, (old, new)),), Severity.MEDIUM),))


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
@settings(max_examples=40)
def test_any_text_at_all_can_be_shown(old: str, new: str) -> None:
    subject = any_change(old, new)
    for format_ in RENDERERS:
        for color in (False, True) if format_ == "terminal" else (False,):
            text = render(subject, format_, color=color, width=40)
            text.encode("utf-8")
            assert not set("\x00\x07\x9b\u2028\u202e") & set(text)
            assert color or "\x1b" not in text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60).map(str.strip))
@settings(max_examples=150)
def test_markdown_gives_back_the_text_that_was_escaped(text: str) -> None:
    made = MarkdownIt("gfm-like", {"linkify": False}).render(f"x {escape(text)} x\n\n> {escape(text)}")
    tree: Any = lxml_html.fromstring(f"<div>{made}</div>")
    assert not tree.xpath(".//a | .//img | .//code | .//em | .//strong | .//s | .//ul | .//ol | .//h1 | .//hr")
    assert squeezed(tree.text_content()) == squeezed(f"x{visible(text)}x{visible(text)}")
