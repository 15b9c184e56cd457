"""A report as a picture: well formed, all of its text in it, no line too long, described in words, nothing alive."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli_support import SECOND, refused, run_here
from tests.render_support import REPORTS, denial, everything, hostile
from tests.site import page
from tracker.render import render
from tracker.render.pieces import Mark
from tracker.render.safe import visible
from tracker.render.svg import _HEADLINE, _SMALL, _WORDS, EDGE, WIDTH, _lines

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "rect", "text", "tspan", "path"}
ROOM = WIDTH - 2 * EDGE


def drawn(name: str, **options: object) -> ET.Element:
    return ET.fromstring(render(REPORTS[name](), "svg", **options))  # noqa: S314 - our own


def words(root: ET.Element) -> str:
    return " ".join("".join(line.itertext()) for line in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_a_drawing_with_nothing_alive_in_it(name):
    root = drawn(name)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
    names = {key for element in root.iter() for key in element.attrib}
    assert not [key for key in names if key.startswith("on") or "href" in key or key == "style"]
    text = render(REPORTS[name](), "svg")
    assert visible(text.rstrip("\n")) == text.rstrip("\n")


def test_it_shows_outlet_headline_times_marks_and_notice():
    root = drawn("denial")
    text = words(root)
    report = denial()
    assert "news.example" in text
    assert report.article.headline
    assert report.article.headline in text
    assert "Changed between 19:02 and 19:17 UTC on 31 May 2015." in text
    assert report.notices[0].text in text
    marks = {span.get("text-decoration") for span in root.iter(f"{SVG}tspan")}
    assert "underline" in marks


def test_it_is_told_in_words():
    root = drawn("everything")
    title, description = root[0].text or "", root[1].text or ""
    assert title.startswith("What was changed: ")
    assert description.startswith("No notice; verdict: silent; 1 change disclosed later. Changed between 19:02")
    assert description.count(". ") > 3
    assert root.get("aria-labelledby") == "title description"
    assert len(ET.fromstring(render(hostile(), "svg"))[1].text or "") <= 1502  # noqa: S314 - our own


def test_right_to_left_lines_begin_at_the_right_edge():
    lines = [line for line in drawn("arabic").iter(f"{SVG}text") if line.get("direction") == "rtl"]
    assert lines
    assert {line.get("x") for line in lines} == {str(WIDTH - EDGE)}


def test_one_change_alone():
    report = everything()
    chosen = report.diff.changes[0]
    root = drawn("everything", change=chosen.id)
    assert words(root).count("1. ") == 1
    assert "2. " not in words(root)


RUNS = st.lists(st.tuples(st.sampled_from(Mark), st.text(max_size=80)), max_size=8)


@given(RUNS, st.sampled_from([_HEADLINE, _SMALL, _WORDS]))
def test_no_line_is_too_long_and_nothing_but_spaces_at_its_edges_is_lost(runs, how):
    lines = list(_lines(runs, how, ROOM))
    assert all(sum(how.width(text) for _, text in line) <= ROOM + 1e-6 for line in lines)
    kept = "".join("".join(text.split()) for line in lines for _, text in line)
    assert kept == "".join("".join(text.split()) for _, text in runs)


def test_words_keep_their_distance():
    text = "Superintendent Oonagh Reid of the harbour police said that most of the dead were found on the stairs."
    lines = ["".join(part for _, part in line) for line in _lines(((Mark.EQUAL, text),), _WORDS, ROOM)]
    assert len(lines) > 1
    assert " ".join(lines) == text


# --- on the command line --------------------------------------------------------------------------------------


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "before.html").write_bytes(page())
    (tmp_path / "after.html").write_bytes(page(SECOND))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_compare_draws_a_file(pages, capsys):
    done = run_here(capsys, "compare", "before.html", "after.html", "--format", "svg", "-o", "changes.svg")
    assert (done.returncode, done.stdout) == (0, "")
    assert "21" in words(ET.parse(pages / "changes.svg").getroot())  # noqa: S314 - our own


def test_png_needs_chromium_and_says_so(pages, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = run_here(capsys, "compare", "before.html", "after.html", "--format", "png", "-o", "changes.png")
    refused(done, 4, "Chromium", "apt install chromium")
    assert not (pages / "changes.png").exists()


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium here: apt install chromium")
def test_png_is_the_drawing(pages, capsys):
    done = run_here(capsys, "compare", "before.html", "after.html", "--format", "png", "-o", "changes.png")
    assert (done.returncode, done.stderr) == (0, "")
    data = (pages / "changes.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[place : place + 4]) for place in (16, 20))
    run_here(capsys, "compare", "before.html", "after.html", "--format", "svg", "-o", "changes.svg")
    root = ET.parse(pages / "changes.svg").getroot()  # noqa: S314 - our own
    assert (width, height) == (WIDTH, round(float(root.get("height") or 0)))


@pytest.mark.usefixtures("pages")
def test_a_change_is_chosen_by_the_start_of_its_id(capsys):
    refused(run_here(capsys, "compare", "before.html", "after.html", "--change", "zzzz"), 8, "no change zzzz")
