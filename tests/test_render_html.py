"""The HTML page: well formed, alone in the world, and usable with a keyboard and a screen reader."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from lxml import html as lxml_html

from tests.render_support import REPORTS, denial, everything
from tracker.render import render

_VOID = {"meta", "link", "br", "hr", "img", "input"}
_STYLE = files("tracker.render").joinpath("templates", "report.css").read_text("utf-8")


class Outline(HTMLParser):
    """Checks that every element is closed where HTML wants it closed, and remembers what was there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if self.open and self.open[-1] == "p" and tag in {"p", "div", "ul", "dl", "h2", "h3", "section", "aside"}:
            self.faults.append(f"<{tag}> inside <p>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")


def tree_of(text: str) -> Any:
    """The page as lxml reads it; Any, since what an XPath gives depends on the XPath."""
    return lxml_html.fromstring(text)


def outline(text: str) -> Outline:
    parsed = Outline()
    parsed.feed(text)
    parsed.close()
    return parsed


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", REPORTS)
def test_it_is_well_formed(name: str, full: bool) -> None:
    text = render(REPORTS[name](), "html", all=True, full=full)
    parsed = outline(text)
    assert parsed.faults == []
    assert parsed.open == []
    assert text.startswith("<!DOCTYPE html>\n")
    names = tree_of(text).xpath("//@id")
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", REPORTS)
def test_it_asks_nobody_for_anything_and_runs_nothing(name: str) -> None:
    parsed = outline(render(REPORTS[name](), "html", all=True))
    for tag, attribute, value in parsed.attributes:
        assert attribute not in {"src", "srcset", "action", "style", "ping", "background", "poster", "data"}
        assert not attribute.startswith("on")
        assert attribute != "href" or value.startswith("#")
        assert tag not in {"script", "link", "iframe", "object", "embed", "form", "base", "svg", "img"}
    assert not re.search(r"url\(|@import|expression|image-set", _STYLE)


@pytest.mark.parametrize("name", REPORTS)
def test_every_link_leads_somewhere_on_the_page(name: str) -> None:
    tree = tree_of(render(REPORTS[name](), "html", all=True))
    targets = {f"#{target}" for target in tree.xpath("//@id")}
    assert set(tree.xpath("//a/@href")) <= targets


def test_the_policy_lets_in_our_style_and_nothing_else():
    tree = tree_of(render(denial(), "html"))
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = tree.xpath("//style/text()")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_one_can_walk_from_change_to_change():
    tree = tree_of(render(everything(), "html"))
    count = len(tree.xpath("//*[@role='note']"))
    assert tree.xpath("//a[@aria-label='next change']/@href") == [f"#c{number}" for number in range(2, count + 1)]
    assert tree.xpath("//nav/a/@href") == [f"#c{number}" for number in range(1, count + 1)]
    assert tree.xpath("//a[@class='skip']/@href") == ["#c1"]
    assert tree.xpath("//*[@role='note'][1]/@tabindex")[0] == "-1"


def test_notices_and_their_changes_are_tied_both_ways():
    tree = tree_of(render(denial(), "html"))
    assert tree.xpath("//article[@id='notice-A']//li//a/@href") == ["#c1", "#c2"]
    assert tree.xpath("//*[@role='note']//a[starts-with(@href, '#notice-')]/@href") == ["#notice-A", "#notice-A"]


def test_marks_are_said_aloud_too():
    tree = tree_of(render(everything(), "html"))
    (removed,) = tree.xpath("//del[contains(., 'said')]")
    assert removed.text_content() == " [removed: said end of removal] "
    assert tree.xpath("//ins[@dir='auto']/span[@class='aloud']")


def test_the_language_of_the_text_is_named_only_if_it_is_one():
    assert tree_of(render(REPORTS["arabic"](), "html")).xpath("//p[@class='words']/@lang") == ["ar"]
    assert tree_of(render(REPORTS["hostile"](), "html")).xpath("//p[@class='words']/@lang") == []


def test_it_suits_dark_rooms_paper_and_small_screens():
    for rule in ("prefers-color-scheme: dark", "@media print", "max-width: 36rem", ":focus-visible"):
        assert rule in _STYLE


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1])
def test_all_colours_can_be_read(scheme: int) -> None:
    """WCAG AA: 4.5 to 1 for text."""
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", _STYLE.split(":root {")[scheme + 1]))
    pairs = [(text, ground) for ground in ("paper", "card") for text in ("ink", "soft", "added", "gone", "moved")]
    pairs += [(text, "paper") for text in ("faint", "high", "medium", "low", "none")]
    pairs += [("gone", "gone-wash"), ("ink", "added-wash"), ("ink", "moved-wash")]
    for text, ground in pairs:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
