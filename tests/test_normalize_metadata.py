"""Each source of metadata is kept as it stands, beside the others."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.model import Content
from tracker.normalize import canonical, normalize, read
from tracker.normalize.dates import moment, stated, without_dates

HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/x"
BODY = "<p>The council voted on Monday to close the bridge for repairs, the mayor said in a statement.</p>"
MORE = "<p>Work will begin in June and last for about ten weeks, according to the engineers of the city.</p>"


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
        ("5 March 2024", "2024-03-05"),
        ("on a day in spring", "on a day in spring"),
        ("0001-01-01T00:00:00+23:00", None),  # what software writes for "no date"
        ("0000-00-00 00:00:00", None),
        ("1970-01-01T00:00:00Z", None),
    ],
)
def test_times_keep_what_is_known_of_them(raw: str, kept: str | None) -> None:
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


# --- dates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "written", "read_as"),
    [
        (None, "Mon, 18 Nov 2019 16:07:38 -0600", "2019-11-18T22:07:38+00:00"),
        (None, "Tue Nov 19 2019 03:05:46 GMT+0000 (UTC)", "2019-11-19T03:05:46+00:00"),
        (None, "Tue Nov 19 03:05:46 UTC 2019", "2019-11-19T03:05:46+00:00"),
        (None, "2019-11-18 17:19:53 GMT", "2019-11-18T17:19:53+00:00"),
        (None, "2021-07-14T12:00:00 +02:00", "2021-07-14T10:00:00+00:00"),
        (None, "20191119103000", "2019-11-19T10:30:00"),
        (None, "1574121600", "2019-11-19T00:00:00+00:00"),
        (None, "1574121600000", "2019-11-19T00:00:00+00:00"),
        ("en", "Nov. 20, 2019 6:02 AM EST", "2019-11-20T11:02:00+00:00"),
        ("en", "01:38:07 PM IST Nov 20, 2019", "2019-11-20T13:38:07"),  # Indian, Irish or Israeli?
        ("en", "Mar 5, 2024, 2:30 p.m. ET", "2024-03-05T14:30:00"),  # summer time or not is not said
        ("en", "10:48, Tue, Nov 19, 2019", "2019-11-19T10:48:00"),
        ("en", "March 5th, 2024 at 12:05 am", "2024-03-05T00:05:00"),
        ("en", "13/04/2024", "2024-04-13"),
        ("en", "03/04/2024", "03/04/2024"),  # the third of April, or the fourth of March?
        ("de", "Dienstag, 05.03.2024, 14.30 Uhr", "2024-03-05T14:30:00"),
        ("de", "5. März 2024, 14:30 MEZ", "2024-03-05T13:30:00+00:00"),
        ("fr", "mardi 5 mars 2024 à 14h30", "2024-03-05T14:30:00"),
        ("fr", "1er août 2024 à 9h", "2024-08-01T09:00:00"),
        ("es", "5 de marzo de 2024, 14:30 h", "2024-03-05T14:30:00"),
        ("es", "5 mar. 2024 - 14:30 CET", "2024-03-05T13:30:00+00:00"),
        ("pt-BR", "05/03/2024 14h30", "2024-03-05T14:30:00"),
        ("pt", "sexta-feira, 22 de outubro de 2010 às 20:13", "2010-10-22T20:13:00"),
        ("it", "5 marzo 2024 alle 14:30", "2024-03-05T14:30:00"),
        ("nl", "5 maart 2024 om 14:30", "2024-03-05T14:30:00"),
        ("pl", "5 marca 2024, 14:30", "2024-03-05T14:30:00"),
        ("pl", "5 listopada 2024", "2024-11-05"),
        ("hr", "5. listopada 2024.", "2024-10-05"),
        ("hu", "2024. március 5. 14:30", "2024-03-05T14:30:00"),
        ("fi", "5.3.2024 klo 14.30", "2024-03-05T14:30:00"),
        ("tr", "5 Mart 2024 14:30", "2024-03-05T14:30:00"),
        ("el", "Κυριακή 5 Μαρτίου 2024 14:30", "2024-03-05T14:30:00"),
        ("ru", "5 марта 2024, 14:30", "2024-03-05T14:30:00"),
        ("uk", "5 березня 2024, 14:30", "2024-03-05T14:30:00"),
        ("he", "5 במרץ 2024, 14:30", "2024-03-05T14:30:00"),
        ("ar", "٥ مارس ٢٠٢٤ - ٢:٣٠ م", "2024-03-05T14:30:00"),
        ("hi", "5 मार्च 2024, 14:30", "2024-03-05T14:30:00"),
        ("th", "5 มีนาคม 2567 เวลา 14:30", "2024-03-05T14:30:00"),
        ("vi", "Thứ ba, 5/3/2024, 14:30 (GMT+7)", "2024-03-05T07:30:00+00:00"),
        ("ja", "2024年3月5日(火) 午後2時30分", "2024-03-05T14:30:00"),
        ("zh", "2024年03月05日14:30", "2024-03-05T14:30:00"),
        ("zh", "Tue Mar 05 14:30:00 CST 2024", "2024-03-05T14:30:00"),  # China's, not Chicago's
        ("ko", "2024.03.05 오후 2:30", "2024-03-05T14:30:00"),
        ("ko", "2024년 3월 5일 14:30", "2024-03-05T14:30:00"),
        ("en", "31 February 2024", "31 February 2024"),
        ("en", "5 March 2024 with 14:1 odds", "2024-03-05"),
        ("en", "on a Tuesday in 2024", "on a Tuesday in 2024"),
    ],
)
def test_a_date_is_read_as_its_readers_read_it(language: str | None, written: str, read_as: str) -> None:
    assert moment(written, language) == read_as


@given(st.text(), st.sampled_from([None, "en", "de", "ar", "ja", "tr"]))
@example("İ 5 Mart 2024", "tr")
@example("9999-99-99 5 March 2024", None)
@example("12345678901", None)
@example("99999999999999", None)
@example("0001-01-01T00:00:00+23:59", None)
def test_anything_can_stand_in_a_date(text: str, language: str | None) -> None:
    """It is read, left as it is, or nothing; never more precise than three figures of time."""
    assert moment(text, language) == moment(moment(text, language), language)
    for found in stated(text, language):
        assert 0 <= found.start < found.end <= len(text)
    assert isinstance(without_dates(text, language), str)


@given(st.datetimes(datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2100-01-01")))
def test_what_iso_says_is_kept_to_the_second(when: datetime) -> None:
    assert moment(when.isoformat()) == when.isoformat(timespec="seconds")
    assert moment(f"{when.isoformat()}-05:00") == (when + timedelta(hours=5)).isoformat(timespec="seconds") + "+00:00"


SEEN = [
    ("en", "text", "14:30:00", "<p class='meta'>By Ida Brandt | Published 5 March 2024, 14:30</p>"),
    ("en", "text", "14:30:00", "<p>Updated 6 March 2024, 09:00. Published 5 March 2024, 14:30</p>"),
    ("de", "text", "14:30:00", "<div>Stand: 06.03.2024, 09:00 Uhr</div><div>05.03.2024 14:30</div>"),
    ("ko", "text", "14:30:00", "<div><span>입력 2024.03.05 14:30</span> <span>수정 2024.03.06 09:00</span></div>"),
    ("ja", "text", "14:30:00", "<div>2024年3月5日 14時30分</div>"),
    ("ar", "text", "14:30:00", "<div>آخر تحديث: 6 مارس 2024 09:00</div><div>5 مارس 2024 14:30</div>"),
    ("en", "time", "13:30:00+00:00", "<time datetime='2024-03-05T14:30:00+01:00'>1 day ago</time>"),
    (
        "fr",
        "time",
        "14:30:00+00:00",
        "Modifié le <time datetime='2024-03-06T09:00Z'>hier</time> Le <time datetime='2024-03-05T14:30Z'>mardi</time>",
    ),
    (
        "en",
        "time",
        "14:30:00+00:00",
        """<time class='updated' datetime='2024-03-06T09:00Z'>x</time>
        <time class='entry-date published updated' datetime='2024-03-05T14:30Z'>y</time>""",
    ),
]


@pytest.mark.parametrize(("language", "source", "clock", "body"), SEEN, ids=lambda value: str(value)[:12])
def test_the_date_beside_the_headline_where_no_metadata_has_one(
    language: str, source: str, clock: str, body: str
) -> None:
    page = f"<html lang={language}><body><article><h1>Bridge closes</h1>{body}{BODY * 3}</article></body></html>"
    document = normalize(page, URL)
    assert document.content.of("published") == ((f"published/{source}", f"2024-03-05T{clock}"),)
    assert document.published == f"2024-03-05T{clock}"


def test_the_date_above_the_headline() -> None:
    assert normalize(f"<p>5 March 2024 2:30 pm</p><h1>Bridge closes</h1>{BODY * 3}").published == "2024-03-05T14:30:00"


def test_the_date_beside_the_headline_says_nothing_where_metadata_has_the_minute() -> None:
    body = "<h1>Bridge closes</h1><p>5 March 2024, 14:30</p>"
    head = "<meta property='article:published_time' content='2024-03-05T13:30:00Z'>"
    assert content(head, body + BODY).of("published") == (("published/meta", "2024-03-05T13:30:00+00:00"),)


PUBLISHED = "<meta property='article:published_time' content='{}'>"


@pytest.mark.parametrize(
    ("head", "published"),
    [
        # A day in one place and the minute of the same day in another: the minute.
        (ld({"@type": "NewsArticle", "datePublished": "2024-03-05"}) + "<meta name=date content='2024-03-05T07:15Z'>",
         "2024-03-05T07:15:00+00:00"),
        # No zone, and the same with one.
        (PUBLISHED.format("2024-03-05T07:15:00") + "<meta name=pubdate content='2024-03-05T07:15:00Z'>",
         "2024-03-05T07:15:00+00:00"),
        # Another day is another thing.
        (PUBLISHED.format("2024-03-05") + "<meta name=date content='2024-06-01T00:00Z'>", "2024-03-05"),
        # The page that holds the article says it to the second, the article itself only the day.
        (ld({"@graph": [{"@type": "WebPage", "datePublished": "2024-03-05T07:15:48+00:00"},
                        {"@type": "Article", "headline": "Said", "datePublished": "2024-03-05"}]}),
         "2024-03-05T07:15:48+00:00"),
    ],
)  # fmt: skip
def test_the_fullest_statement_of_a_day_is_believed(head: str, published: str) -> None:
    assert normalize(f"<html><head>{head}</head><body>{BODY}</body></html>", URL).published == published


# --- which article ----------------------------------------------------------------------------------------------


TEASER = {
    "@type": "NewsArticle",
    "headline": "A teaser",
    "datePublished": "2023-01-01",
    "author": "X",
    "articleBody": "y",
}


@pytest.mark.parametrize(
    "graph",
    [
        [TEASER | {"url": "https://gazette.example/other"}, {"@type": "NewsArticle", "headline": "Said", "url": URL}],
        [TEASER, {"@type": "Article", "headline": "Said", "mainEntityOfPage": {"@id": URL + "?utm_source=x"}}],
        {"@type": "ItemList", "itemListElement": [TEASER], "mainEntity": {"@type": "Article", "headline": "Said"}},
        {"@type": "LiveBlogPosting", "headline": "Said", "liveBlogUpdate": [{**TEASER, "@type": "BlogPosting"}]},
        [{"@type": "NewsArticle", "headline": "Said"}, {"@type": "WebPage", "hasPart": [TEASER]}],
    ],
)
def test_of_several_articles_the_one_that_the_page_is_about(graph: object) -> None:
    found = content(ld(graph) + f"<link rel=canonical href='{URL}'>")
    assert found.get("headline/json-ld") == "Said"
    assert found.get("published/json-ld") is None


def test_of_several_articles_the_one_that_the_title_names() -> None:
    graph = [TEASER, {"@type": "NewsArticle", "headline": "Bridge closes for ten weeks"}]
    head = ld(graph) + "<title>Bridge closes for ten weeks | Gazette</title>"
    assert content(head).get("headline/json-ld") == "Bridge closes for ten weeks"


@pytest.mark.parametrize(
    ("data", "headline"),
    [
        ('{"@type": "Article", "headline": "He said "no" to it", "author": "X"}', 'He said "no" to it'),
        ('{"@type": "Article", "headline": "He said "no", and left", "author": "X"}', 'He said "no", and left'),
        ('{"@type": "Article", "headline": "It\\\'s so"}', "It's so"),
        ('{"@type": "Organization"}{"@type": "Article", "headline": "Said"}', "Said"),
        ("{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;Said&quot;}", "Said"),
        ('{"@type": "Article", "headline": "<b>Said</b> &amp; done"}', "Said & done"),
        ('{"@type": "Article", "headline": undefined, "alternativeHeadline": "No"}', None),
        ('{"@type": "Article", "headline": "a" "b": "c"}', None),
        ('{"@type": "Article", "headline": "never closed', None),
    ],
)
def test_broken_json_is_repaired_where_that_is_safe(data: str, headline: str | None) -> None:
    assert content(ld(data)).get("headline/json-ld") == headline


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text()), lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(
        ["@type", "@id", "@graph", "headline", "datePublished", "correction", "url", "mainEntityOfPage", "publisher"]
    ), st.one_of(inner, st.just("NewsArticle")), max_size=5)), max_leaves=20))  # fmt: skip
def test_any_graph_gives_a_document(graph: object) -> None:
    assert isinstance(content(ld(graph)), Content)


def test_correction_comments_of_this_article_only() -> None:
    other = {"@type": "CorrectionComment", "text": "Not ours."}
    graph = {
        "@graph": [
            {"@type": "NewsArticle", "headline": "Said", "url": URL, "correction": {"@id": "#c"}},
            {"@id": "#c", "@type": "CorrectionComment", "text": "It was Tuesday."},
            {"@type": "CorrectionComment", "text": "It was 1953."},
            {"@type": "NewsArticle", "headline": "Another", "url": "https://x.example/b", "comment": [other]},
        ]
    }
    assert [value for _, value in content(ld(graph)).of("correction")] == ["It was Tuesday.", "It was 1953."]


# --- headlines and bylines --------------------------------------------------------------------------------------


OG = "<meta property='og:title' content='{}'>"


@pytest.mark.parametrize(
    ("head", "body", "headline"),
    [
        # Short titles, with the outlet's name longer than they are.
        ("<title>Fire – The Example Gazette of the North</title>", "<h1>Fire</h1>", "Fire"),
        ("<title>Fire – Alm's Gazette</title>" + '<meta property="og:site_name" content="Alm\'s Gazette">', "", "Fire"),
        # Known by its host.
        (OG.format("Fire at the mill - Gazette.example"), "", "Fire at the mill"),
        # The outlet's name is a long h1, the headline an h2.
        ("<meta property='og:site_name' content='The Example Gazette'>" + OG.format("Fire at the mill"),
         "<h1>The Example Gazette</h1><h2>Fire at the mill</h2>", "Fire at the mill"),
        # No spaces, and a name behind it.
        (OG.format("市長が辞任へ - 例新聞オンライン"), "<h1>市長が辞任へ</h1>", "市長が辞任へ"),
        # A section's name inside the heading.
        (OG.format("Brand in der alten Mühle"),
         "<h1><span class=k>Kreis Nord</span><span>Brand in der alten Mühle</span></h1>", "Brand in der alten Mühle"),
        (OG.format("Brand in der alten Mühle"),
         "<h1><i class=badge>Plus</i> Brand in der alten Mühle <small>Live</small></h1>", "Brand in der alten Mühle"),
        (OG.format("Brand in der Mühle"), "<h1><i>Plus</i>Brand in <em>der</em> Mühle</h1>", "Brand in der Mühle"),
        # What readers see goes before what search engines are given.
        (ld({"@type": "Article", "headline": "Mill fire: what we know"}) + OG.format("Mill fire: what we know"),
         "<h1>The night the mill burnt down</h1>", "The night the mill burnt down"),
        # Words are not glued together where the page's style holds them apart.
        ("", "<h1>Fire at the mill<br>leaves town without bread</h1>", "Fire at the mill leaves town without bread"),
    ],
)  # fmt: skip
def test_the_headline_without_the_outlets_name(head: str, body: str, headline: str) -> None:
    page = f"<html><head>{head}</head><body><article>{body}{BODY}</article></body></html>"
    assert normalize(page, URL).headline == headline


@pytest.mark.parametrize(
    ("markup", "byline"),
    [
        ("<p class=byline>By Ida Brandt - Nov 19, 2019, 10:31 pm CST</p>", "By Ida Brandt"),
        ("<p class=byline>Written by Ida Brandt, MD on November 14, 2019</p>", "Written by Ida Brandt, MD"),
        ("<p class=byline>Monday November 18, 2019 7:45 am PST by Ida Brandt</p>", "Monday by Ida Brandt"),
        ("<div class=byline><span>By Ida Brandt</span><span>Ida Brandt</span><a>@ida</a></div>", "By Ida Brandt"),
        (
            "<div class=byline>By Ida Brandt<ul class=share><li><button>Copy link</button></li></ul></div>",
            "By Ida Brandt",
        ),
        ("<p class=autor>Von Ida Brandt, 05.03.2024, 14:30 Uhr</p>", "Von Ida Brandt"),
        ("<p class=byline>By <button>Ida Brandt</button></p>", "By Ida Brandt"),
        ("<p class=byline>Par Ida Brandt le 5 mars 2024 à 14h30</p>", "Par Ida Brandt"),
        ("<p class=firma>di Ida Brandt Pubblicato il 5 marzo 2024 alle 14:30</p>", "di Ida Brandt"),
    ],
)
def test_bylines_without_their_stamps(markup: str, byline: str) -> None:
    page = f"<html><body><article><h1>Fire at the mill</h1>{markup}{BODY * 3}</article></body></html>"
    assert normalize(page, URL).byline == byline


def test_a_byline_under_a_dek_that_is_a_paragraph_in_a_box() -> None:
    dek = f"<div class=standfirst>{BODY}</div>"
    page = f"<article><h1>Fire at the mill</h1>{dek}<address class=byline>Ida Brandt</address>{MORE * 3}</article>"
    assert (normalize(page, URL).dek, normalize(page, URL).byline) == (BODY[3:-4], "Ida Brandt")


def test_a_line_beside_the_headline_is_the_dek_where_nothing_names_it() -> None:
    said = BODY[3:-4]
    body = f"<section class=k3>{MORE * 12}</section>"
    for head in (
        f"<header><h1>Fire at the mill</h1><p class=k1>{said}</p></header>",
        f"<h1>Fire at the mill</h1><div class=k2><p>{said}</p></div>",
    ):
        assert normalize(f"<article>{head}{body}</article>", URL).dek == said
    picture = f"<h1>Fire at the mill</h1><div class=k2><img src='/mill.jpg'><p>{said}</p></div>"
    letter = "<h1>Fire at the mill</h1><p>Sign up for our newsletter to get the top stories in your inbox.</p>"
    for other in (picture, letter, f"<h1>Fire at the mill</h1><p>Correction: {said}</p>"):
        assert normalize(f"<article>{other}{body}</article>", URL).dek is None


def test_a_summary_in_points_is_a_list_and_no_dek() -> None:
    points = "<div class=summary><ul><li>The mill is lost</li><li>Nobody was hurt</li></ul></div>"
    page = f"<article><h1>Fire at the mill</h1><div class=story-body>{points}{BODY}{MORE}</div></article>"
    assert [block.kind.value for block in normalize(page, URL).blocks[1:]] == ["item"] * 2 + ["paragraph"] * 2


def test_a_link_to_an_authors_page_is_the_byline_where_nothing_names_it() -> None:
    by = "<div class=k1><a href='https://gazette.example/autor/ida-brandt'>Ida Brandt</a> <span>Mill Town</span></div>"
    page = f"<article><h1>Fire at the mill</h1>{by}<div class=story-body>{BODY}{MORE}</div></article>"
    assert normalize(page, URL).byline == "Ida Brandt"
    assert normalize(page.replace("/autor/", "/town/"), URL).byline is None
    assert normalize(page.replace("gazette.example/autor", "autor/town"), URL).byline is None


@pytest.mark.parametrize("address", ["http://[a/autor/ida", "//[/autor/ida", "http://[::1/autor/ida"])
def test_a_link_with_a_broken_host_is_still_a_link_to_an_author(address: str) -> None:
    by = f"<div><a href='{address}'>Ida Brandt</a></div>"
    page = f"<article><h1>Fire at the mill</h1>{by}<div>{BODY}{MORE}</div></article>"
    assert normalize(page, URL).byline == "Ida Brandt"


def test_a_headline_that_shares_its_heading_with_another_line() -> None:
    heading = "<h2><span class=k1>Director on her film</span> <span class=k2>I have never lied</span></h2>"
    page = f"<title>I have never lied - Gazette</title><article>{heading}{BODY}{MORE}</article>"
    assert [block.text for block in normalize(page, URL).blocks] == ["I have never lied", BODY[3:-4], MORE[3:-4]]


def test_a_byline_under_a_first_paragraph_that_only_looks_like_a_dek() -> None:
    by = "<div class=x3><a rel=author href='/ida'>Ida Brandt</a><span>14:30, 5 Mar 2024</span></div>"
    page = f"<div><h1>Fire at the mill</h1><p class=x2>{BODY[3:]}{by}<div>{MORE * 2}</div></div>"
    read_as = normalize(page, URL)
    assert read_as.byline == "Ida Brandt"
    assert [block.text for block in read_as.blocks[2:]] == [BODY[3:-4], *[MORE[3:-4]] * 2]


@pytest.mark.parametrize("name", ["field--name-body", "field--name-field-text"])
def test_a_body_that_comes_with_a_summary_is_no_dek(name: str) -> None:
    body = f"<div class='text-formatted field {name} field--type-text-with-summary'>{BODY}{MORE}</div>"
    read_as = normalize(f"<article><h1>Fire at the mill</h1>{body}</article>", URL)
    assert [(block.kind.value, block.text) for block in read_as.blocks[1:]] == [
        ("paragraph", BODY[3:-4]),
        ("paragraph", MORE[3:-4]),
    ]


def test_a_byline_that_holds_the_headline_is_none() -> None:
    page = f"<article><div class=byline><h1>Fire at the mill</h1><b>By Ida Brandt</b></div>{BODY * 3}</article>"
    assert "Fire" not in (normalize(page, URL).byline or "")


def test_rdfa_and_microdata_of_an_author_inside_the_article() -> None:
    body = (
        "<div itemscope itemtype='https://schema.org/NewsArticle'><div itemprop=author itemscope "
        "itemtype='https://schema.org/Person'><meta itemprop=datePublished content='2024-03-05T07:15Z'></div></div>"
    )
    assert content("", body + BODY).get("published/microdata") == "2024-03-05T07:15:00+00:00"
    rdfa = "<span property='schema:datePublished' content='2024-03-05T07:15Z'>Tuesday</span>"
    assert content("", rdfa + BODY).get("published/microdata") == "2024-03-05T07:15:00+00:00"
