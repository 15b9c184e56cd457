"""Each source of metadata is kept as it stands, beside the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.model import Content
from tracker.normalize import canonical, normalize, read

HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/x"
BODY = "<p>The council voted on Monday to close the bridge for repairs, the mayor said in a statement.</p>"


def content(head: str, body: str = BODY) -> Content:
    return normalize(f"<html><head>{head}</head><body><article>{body}</article></body></html>", URL).content


def ld(data: object) -> str:
    return f"<script type='application/ld+json'>{data if isinstance(data, str) else json.dumps(data)}</script>"


def test_all_sources_of_one_page_stand_side_by_side() -> None:
    assert dict(normalize(HARBOUR, URL).content.facts) == {
        "canonical/link": "https://gazette.example/town/harbour-board-closes-pier",
        "canonical/og": "https://gazette.example/town/harbour-board-closes-pier",
        "correction/json-ld": "The pier was built in 1953, not 1935.",
        "headline/h1": "Harbour board closes the old pier",
        "headline/json-ld": "Harbour board closes the old pier",
        "headline/og": "Old pier to close, harbour board says",
        "headline/title": "Harbour board closes the old pier | The Example Gazette",
        "published/json-ld": "2024-03-05T07:15:00+00:00",
        "published/meta": "2024-03-05T07:15:00+00:00",
    }


def test_the_time_of_change_is_no_part_of_the_document() -> None:
    changed = HARBOUR.replace("15:13:20", "16:00:00")
    assert read(HARBOUR, URL).modified == "2024-03-05T14:13:20+00:00"
    assert read(changed, URL).modified == "2024-03-05T15:00:00+00:00"
    assert read(changed, URL).document == read(HARBOUR, URL).document


def test_the_canonical_address_is_resolved() -> None:
    assert canonical(HARBOUR) == "https://gazette.example/town/harbour-board-closes-pier"
    assert canonical("<link rel='canonical' href='/a'>", "https://x.example/b") == "https://x.example/a"
    assert canonical("<p>none</p>") is None


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("2024-03-05T08:15:00+01:00", "2024-03-05T07:15:00+00:00"),
        ("2024-03-05T07:15:00Z", "2024-03-05T07:15:00+00:00"),
        ("2024-03-05T07:15:00.250+0000", "2024-03-05T07:15:00+00:00"),
        ("2024-03-05 07:15", "2024-03-05T07:15:00"),  # a zone is never invented
        ("2024-03-05", "2024-03-05"),
        ("5 March 2024", "5 March 2024"),
        ("0001-01-01T00:00:00+23:00", "0001-01-01T00:00:00+23:00"),
    ],
)
def test_times_keep_what_is_known_of_them(raw: str, kept: str) -> None:
    assert content(f"<meta property='article:published_time' content='{raw}'>").get("published/meta") == kept


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "NewsArticle", "headline": "Said"},
        [{"@type": "Organization"}, {"@type": ["Article", "NewsArticle"], "headline": "Said"}],
        {"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "ReportageNewsArticle", "headline": "Said"}}]},
        {"@graph": [{"@id": "#t", "@value": "Said"}, {"@type": "Article", "headline": {"@id": "#t"}}]},
        {"@type": "https://schema.org/BlogPosting", "headline": ["Said"]},
        '{"@type": "Article", "headline": "Said"};',
        '{"@type": "Article", "headline": "Sa\x01id",}'.replace("\x01", ""),
        '{"@type": "Article",\n "articleBody": "a\n\tb",\n "headline": "Said"}',
        '<!-- {"@type": "Article", "headline": "Said"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "Said"}\n//]]>',
    ],
)
def test_json_ld_is_found_and_repaired(data: object) -> None:
    assert content(ld(data)).get("headline/json-ld") == "Said"


@pytest.mark.parametrize(
    "data",
    ["{", "[" * 100_000, "null", '"x"', '{"@type": "Article", "headline": {"a": 1}}', '{"@type": [[["Article"]]]}'],
)
def test_json_ld_beyond_repair_is_nothing(data: str) -> None:
    assert content(ld(data)).get("headline/json-ld") is None


def test_all_corrections_are_kept() -> None:
    data = {
        "@type": "NewsArticle",
        "correction": [
            "It was 1953.",
            {"@type": "CorrectionComment", "text": "It was Tuesday."},
            "https://x.example/c",
            "",
        ],
    }
    assert content(ld(data)).of("correction") == (
        ("correction/json-ld", "It was 1953."),
        ("correction/json-ld/2", "It was Tuesday."),
    )


@pytest.mark.parametrize(
    ("head", "body", "headline"),
    [
        ("<title>Bridge closes | Gazette</title>", "<h1>Gazette</h1><h1>Bridge closes</h1>", "Bridge closes"),
        ("<meta property='og:title' content='Bridge closes'>", "<h2>Bridge closes</h2>", "Bridge closes"),
        (
            "<meta property='og:title' content='Bridge shut'>",
            "<h1>Bridge closes for ten weeks</h1>",
            "Bridge closes for ten weeks",
        ),
        ("<title>Bridge closes – Gazette</title>", "", "Bridge closes"),
        ("<title>Bridge closes – Gazette</title><meta property='og:title' content='Bridge shut'>", "", "Bridge shut"),
    ],
)
def test_the_headline_that_readers_see(head: str, body: str, headline: str) -> None:
    assert (
        normalize(f"<html><head>{head}</head><body><article>{body}{BODY}</article></body></html>").headline == headline
    )


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<html lang='de-AT'>", "de-AT"),
        ("<html lang='pt_BR'>", "pt-BR"),
        ("<html lang='not a tag'><meta property='og:locale' content='fr_FR'>", "fr-FR"),
        ("<html>", None),
    ],
)
def test_the_language_is_a_tag_or_not_known(html: str, language: str | None) -> None:
    assert normalize(html + BODY).language == language
