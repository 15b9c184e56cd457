"""A feed: readable by a strict reader and a plain one, the same ids for ever, nothing of a page alive in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render_support import AFTER, REPORTS, cosmetic, denial, everything, hostile
from tracker.model import DisclosedLater, Disclosure, Judgement, Severity
from tracker.render.feed import FEEDS, Feed, atom, feed_entry, json_feed, title_line
from tracker.render.options import Options
from tracker.render.safe import visible

KNOWN = {"p", "strong", "em", "br", "blockquote", "ul", "li", "ins", "del", "small"}


class Tags(HTMLParser):
    """Every tag and attribute of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def made(*names: str) -> Feed:
    entries = tuple(feed_entry(REPORTS[name](), Options()) for name in names or REPORTS)
    return Feed("all articles", "What was changed: all articles", entries, "https://desk.example/all.xml")


def test_a_feed_reader_takes_the_atom_feed_without_complaint():
    found = feedparser.parse(atom(made()))
    assert not found.bozo
    assert found.version == "atom10"
    assert len(found.entries) == len(REPORTS)
    assert all(entry.id and entry.updated and entry.title and entry.content[0].value for entry in found.entries)
    assert found.feed.links[0].href == "https://desk.example/all.xml"


def test_the_diff_is_inside_for_a_reader_that_knows_no_style():
    (entry,) = feedparser.parse(atom(made("denial"))).entries
    text = entry.content[0].value
    assert "<ins" in text
    assert "The update note on the page mentions it." in text
    assert denial().notices[0].text in text
    assert entry.title.endswith("; disclosed")


def test_both_feeds_say_the_same():
    feed = made()
    items = [item for item in json.loads(json_feed(feed))["items"] if "url" in item]
    read = [entry for entry in feedparser.parse(atom(feed)).entries if entry.get("links")]
    for item, entry in zip(items, read, strict=True):
        assert item["id"] == entry.id
        assert item["title"] == entry.title
        assert item["date_modified"] == entry.updated
        assert [item["url"] for _ in entry.links] == [link.href for link in entry.links]
        assert item["tags"] == [tag.term for tag in entry.tags]


def test_an_entry_keeps_its_id_and_is_newer_when_a_later_notice_speaks_of_it():
    report = everything()
    assert AFTER.captured_at
    later = DisclosedLater("c" * 40, AFTER.captured_at + timedelta(days=2), "n", 172_800)
    judged = tuple(replace(one, disclosed_later=later) for one in report.judgements)
    one, other = feed_entry(report, Options()), feed_entry(replace(report, judgements=judged), Options(tz="Asia/Tokyo"))
    assert one.id == other.id
    assert one.published == other.published
    assert other.updated == later.captured_at > one.updated


def test_another_pair_of_captures_has_another_id():
    report = denial()
    other = replace(report, diff=replace(report.diff, pair=replace(report.diff.pair, after="another")))
    assert feed_entry(report, Options()).id != feed_entry(other, Options()).id


def test_an_entry_leads_to_its_page_and_names_the_article_beside_it():
    entry = feed_entry(denial(), Options(), "https://desk.example/diff/1")
    (found,) = feedparser.parse(atom(Feed("one", "One", (entry,)))).entries
    assert {link.rel: link.href for link in found.links} == {
        "alternate": "https://desk.example/diff/1",
        "related": denial().article.url,
    }


def test_the_title_names_the_gravest_labels_first():
    assert title_line(denial()).startswith("Harbour council denies plan to close the ferry line: denial added")
    assert title_line(cosmetic()).endswith(": typographic")


def test_a_title_that_calls_an_edit_silent_says_that_a_later_notice_speaks_of_it():
    report = everything()
    assert AFTER.captured_at
    later = DisclosedLater("c" * 40, AFTER.captured_at + timedelta(days=2), "n", 172_800)
    weighed = (Severity.MEDIUM, Severity.HIGH)
    silent = [one for one in report.judgements if one.disclosure is Disclosure.SILENT and one.severity in weighed]
    assert len(silent) > 1

    def title(*told: Judgement) -> str:
        judged = tuple(replace(one, disclosed_later=later if one in told else None) for one in report.judgements)
        return title_line(replace(report, judgements=judged))

    assert title(silent[0]) == f"{title()}, partly disclosed later"
    assert title(*silent) == f"{title()}, disclosed later"


@pytest.mark.parametrize("name", FEEDS)
def test_nothing_of_a_page_is_alive_in_it(name):
    text = FEEDS[name](Feed("hostile", "Hostile", (feed_entry(hostile(), Options()),)))
    assert visible(text.replace("\n", "")) == text.replace("\n", "")
    content = json.loads(text)["items"][0]["content_html"] if name == "json-feed" else ET.fromstring(text)[-1][-1].text  # noqa: S314 - our own
    assert content
    found = Tags(content)
    assert {"p", "blockquote"} <= found.tags <= KNOWN
    assert found.attributes <= {"style", "dir"}


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_from_the_web_makes_a_feed_that_can_be_read(text):
    report = denial()
    entry = feed_entry(replace(report, article=replace(report.article, headline=text, url=text)), Options())
    feed = Feed("any", text, (entry,))
    ET.fromstring(atom(feed).encode())  # noqa: S314 - our own
    assert json.loads(json_feed(feed))["title"] == visible(text)


def test_an_empty_feed_is_one():
    found = feedparser.parse(atom(Feed("none", "None", ())))
    assert not found.bozo
    assert found.entries == []
