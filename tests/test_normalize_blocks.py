"""A page becomes the blocks that its readers see, in their order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.model import Block, BlockKind, Document, Link
from tracker.normalize import document_from_text, normalize, read

PAGES = Path(__file__).parent / "pages" / "normalize"
HARBOUR = (PAGES / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/harbour-board-closes-pier"
LONG = "The council voted on Monday to close the bridge for repairs, the mayor said in a statement."
MORE = "Work will begin in June and last for about ten weeks, according to the city's engineers."


def page(body: str, head: str = "") -> str:
    article = f"<article><h1>Bridge to close</h1>{body}</article>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{article}</body></html>"


def texts(document: Document, *kinds: BlockKind) -> list[str]:
    return [block.text for block in document.blocks if not kinds or block.kind in kinds]


def body(html: str) -> list[tuple[str, str]]:
    """Kind and text of all blocks but the headline."""
    return [(block.kind.value, block.text) for block in normalize(page(html), URL).blocks[1:]]


def test_a_furnished_page_gives_its_article_and_nothing_else() -> None:
    document = normalize(HARBOUR, URL)
    kinds = [block.kind.value for block in document.blocks]
    assert kinds == [
        "headline", "dek", "byline", "image", "caption", "paragraph", "paragraph", "paragraph", "heading", "paragraph",
        "item", "item", "quote", "paragraph",
    ]  # fmt: skip
    assert document.headline == "Harbour board closes the old pier"
    assert document.dek == "Engineers found rust in eleven of the forty pillars."
    assert document.byline == "By Ann Larkin and Tom Reyes"
    assert document.language == "en-GB"
    assert texts(document)[-1] == "The town council declined to comment."


def test_links_keep_their_place_and_lose_their_tracking_parameters() -> None:
    block = next(block for block in normalize(HARBOUR, URL).blocks if "Jo Hale" in block.text)
    assert block.links == (Link(49, 56, "https://gazette.example/people/jo-hale"),)
    assert block.text[49:56] == "Jo Hale"


def test_a_picture_has_its_alternative_text_and_a_clean_address() -> None:
    block = next(
        normalize(HARBOUR, URL).blocks[place]
        for place in range(9)
        if normalize(HARBOUR, URL).blocks[place].kind is BlockKind.IMAGE
    )
    assert block == Block(
        BlockKind.IMAGE, "The pier at low tide", (Link(0, 20, "https://gazette.example/img/pier.jpg"),)
    )


def test_what_is_left_out_is_recorded_with_its_reason() -> None:
    suppressed = {each.reason: each.block.text for each in read(HARBOUR, URL).suppressed}
    assert suppressed == {
        "advertisement": "Advertisement Buy a boat today",
        "related": "Related Ferry fares to rise in May Five walks along the bay",
    }


def test_the_lens_names_rules_and_cutter_and_no_recipe() -> None:
    lens = read(HARBOUR, URL).lens
    assert (lens.rules, lens.recipe, lens.memory) == ("4", "-", "-")
    assert lens.sentences.startswith("sentencex-")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<div>{LONG}<br><br>{MORE}</div>", [("paragraph", LONG), ("paragraph", MORE)]),
        (f"<div>{LONG}<br>{MORE}</div>", [("paragraph", f"{LONG} {MORE}")]),
        (
            f"<div>{LONG}<p>{MORE}</p>The end.</div>",
            [("paragraph", LONG), ("paragraph", MORE), ("paragraph", "The end.")],
        ),
        (f"<p>{LONG} The may<b>or</b>al of<i>f</i>ice.</p>", [("paragraph", f"{LONG} The mayoral office.")]),
        (f"<p>{LONG}</p><p> a\n\t b&nbsp;c </p>", [("paragraph", LONG), ("paragraph", "a b c")]),
        (f"<p>{LONG}</p><p>hy&shy;phen zero&#8203;width</p>", [("paragraph", LONG), ("paragraph", "hyphen zerowidth")]),
        (
            f"<p>{LONG}</p><p>e&#769; stays two code points</p>",
            [("paragraph", LONG), ("paragraph", "e\u0301 stays two code points")],
        ),
        (
            f"<p>{LONG}</p><h2>What now</h2><p>{MORE}</p>",
            [("paragraph", LONG), ("heading", "What now"), ("paragraph", MORE)],
        ),
        (
            f"<p>{LONG}</p><blockquote><p>One.</p><p>Two.</p></blockquote>",
            [("paragraph", LONG), ("quote", "One."), ("quote", "Two.")],
        ),
        (f"<p>{LONG}</p><pre>one\n\ntwo</pre>", [("paragraph", LONG), ("paragraph", "one"), ("paragraph", "two")]),
        (f"<p>{LONG}</p><p>Bridge to close</p>", [("paragraph", LONG)]),
        (
            f"<p>{LONG}</p><figure><img src='a.jpg' alt='x'><figcaption>A view</figcaption></figure>",
            [("paragraph", LONG), ("image", "x"), ("caption", "A view")],
        ),
        (f"<p>{LONG}</p><p>Photo: Mia Olsen</p>", [("paragraph", LONG), ("caption", "Photo: Mia Olsen")]),
        (
            f"<p>{LONG}</p><p>The Pentagon denied it.</p>",
            [("paragraph", LONG), ("paragraph", "The Pentagon denied it.")],
        ),
    ],
)
def test_markup_and_its_blocks(html: str, expected: list[tuple[str, str]]) -> None:
    assert body(html) == expected


def test_a_table_is_one_row_a_block() -> None:
    row = "<tr><td>2023</td><td>3,000 <a href='/s'>a day</a></td></tr>"
    html = f"<p>{LONG}</p><table><tr><th>Year</th><th>Visitors</th></tr>{row}</table>"
    rows = [block for block in normalize(page(html), URL).blocks if block.kind is BlockKind.TABLE]
    assert [row.text for row in rows] == ["Year | Visitors", "2023 | 3,000 a day"]
    assert rows[1].links == (Link(13, 18, "https://gazette.example/s"),)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1,234<sup><a href='#n1'>1</a></sup>", "1,234"),
        ("1,234 <a href='#n1'><sup>[1]</sup></a>", "1,234"),
        ("10<sup>6</sup>", "10⁶"),
        ("She said <q>no <b>way</b></q>, then", "She said “no way”, then"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
    ],
)
def test_a_cell_is_read_as_any_other_line(cell: str, text: str) -> None:
    table = f"<table><tr><th>Place</th><th>Dead</th></tr><tr><td>Ravenna</td><td>{cell}</td></tr></table>"
    rows = [block.text for block in normalize(f"<p>{LONG}</p>{table}").blocks if block.kind is BlockKind.TABLE]
    assert rows == ["Place | Dead", f"Ravenna | {text}"]


def test_a_table_for_layout_is_only_its_text() -> None:
    html = f"<table><tr><td>Menu</td><td><p>{LONG}</p><p>{MORE}</p><p>{LONG} Again.</p></td></tr></table>"
    found = normalize(page(html), URL)
    assert texts(found, BlockKind.PARAGRAPH) == [LONG, MORE, f"{LONG} Again."]
    assert not texts(found, BlockKind.TABLE)


def test_a_picture_inside_a_line_splits_no_word() -> None:
    found = body(f"<p>{LONG}</p><p>Half a w<img src='a.jpg' alt='x'>ord and more.</p>")
    assert found[1:] == [("paragraph", "Half a word and more."), ("image", "x")]


def test_posts_and_films_from_elsewhere_are_embeds() -> None:
    html = (
        f"<p>{LONG}</p><blockquote class='twitter-tweet'><p>The bridge is closed.</p>— City (@city) "
        "<a href='https://twitter.com/city/status/1?s=20'>March 5</a></blockquote>"
        "<iframe src='https://www.youtube.com/embed/abc' title='The bridge'></iframe>"
        "<iframe src='https://ads.example/frame'></iframe>"
    )
    embeds = [block for block in normalize(page(html), URL).blocks if block.kind is BlockKind.EMBED]
    assert [block.text for block in embeds] == ["The bridge is closed. — City (@city) March 5", "The bridge"]
    assert all(block.links[0].start == 0 and block.links[0].end == len(block.text) for block in embeds)


def test_entries_of_a_live_blog_have_their_times() -> None:
    document = normalize((PAGES / "liveblog.html").read_bytes(), URL)
    entries = [block for block in document.blocks if block.kind is BlockKind.ENTRY]
    assert [(block.text[:20], block.time) for block in entries] == [
        ("Ferries stop running", datetime(2024, 3, 5, 14, 13, tzinfo=UTC)),
        ("Two roofs have come ", datetime(2024, 3, 5, 13, 2, tzinfo=UTC)),
    ]


def test_the_first_version_of_a_story_is_read_whole_and_alone() -> None:
    teasers = "".join(
        f"<article class='card'><h3><a href='/{at}'>Another story of the day, number {at}</a></h3>"
        "<p>Its teaser is longer than the two lines of the article, and there are many on the page.</p></article>"
        for at in range(8)
    )
    html = page(f"<div class='story-body'><p>{LONG}</p><p>More to come.</p></div>").replace(
        "</body>", f"<section class='css-77'>{teasers}</section></body>"
    )
    assert [text for text in texts(normalize(html, URL)) if "teaser" in text or "Another story" in text] == []
    assert texts(normalize(html, URL))[:2] == ["Bridge to close", LONG]


@pytest.mark.parametrize(
    "body",
    [
        "<div>{0}</div><div>{1}</div>",
        "<div class='k1'><p>{0}</p></div><div class='k1'><p>{1}</p></div>",
        "<section class='k1'><div><p>{0}</p></div></section><section class='k1'><div><p>{1}</p></div></section>",
        "<div class='k1'>{0}</div><p>{1}</p>",
    ],
)
def test_a_short_sentence_in_an_element_of_its_own_is_not_lost(body: str) -> None:
    short = "It opens in May."
    for head in ("<h1>Bridge to close</h1>{}", "<h1>Bridge to close</h1><div class='k2'>{}</div>"):
        html = f"<html><body><main><article>{head.format(body.format(LONG, short))}</article></main></body></html>"
        assert texts(normalize(html, URL)) == ["Bridge to close", LONG, short]


def test_a_short_sentence_in_a_part_of_the_body_of_its_own_is_not_lost() -> None:
    body = f"<div class='k1'><p>{LONG}</p><p>{MORE}</p></div><div class='ad'>Ad</div><div class='k1'><p>No.</p></div>"
    assert texts(normalize(page(body), URL)) == ["Bridge to close", LONG, MORE, "No."]


def test_no_single_paragraph_is_taken_for_the_article_whatever_it_is_called() -> None:
    html = page(f"<div><p>{LONG}</p><p class='bodytext'>{MORE}</p></div>", f"<meta name=description content='{LONG}'>")
    assert [(block.kind.value, block.text) for block in normalize(html, URL).blocks[1:]] == [
        ("paragraph", LONG),
        ("paragraph", MORE),
    ]


@pytest.mark.parametrize("mark", ["ar", "zh", "ja", "th"])
def test_other_scripts_are_read_too(mark: str) -> None:
    said = {
        "ar": "أغلق مجلس الميناء الرصيف القديم على الفور بعد أن وجد المهندسون الصدأ في أحد عشر عمودا.",
        "zh": "港务局立即关闭了旧码头，工程师在四十根柱子中的十一根上发现了锈迹。",
        "ja": "港湾局は、技師が四十本の柱のうち十一本に錆を見つけたため、古い桟橋をただちに閉鎖した。",
        "th": "คณะกรรมการท่าเรือปิดท่าเรือเก่าทันทีหลังจากวิศวกรพบสนิมในเสาสิบเอ็ดต้น",
    }[mark]
    text = f"<div><h1>X</h1><div><p>{said}</p><p>{said}！</p></div></div>"
    html = f"<html lang='{mark}'><body><nav><a href='/'>A</a></nav>{text}</body></html>"
    found = read(html, URL)
    assert found.blocked is None
    assert texts(found.document, BlockKind.PARAGRAPH) == [said, f"{said}！"]


@pytest.mark.parametrize(
    "change",
    [
        lambda html: html.replace("<p>", "<div class='paragraph'>").replace("</p>", "</div>"),
        lambda html: html.replace("<p>", "<div><p>").replace("</p>", "</p></div>"),
        lambda html: html.replace("<h2>What", "</div><div class='story-body'><h2>What"),
    ],
    ids=["p becomes div", "each p wrapped", "body split in two"],
)
def test_a_new_template_loses_no_paragraph(change) -> None:
    kinds = (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM)
    start, end = HARBOUR.index("<!--TOP-->"), HARBOUR.index("<!--END-->")
    changed = HARBOUR[:start] + change(HARBOUR[start:end]) + HARBOUR[end:]
    assert changed != HARBOUR
    assert texts(normalize(changed, URL), *kinds) == texts(normalize(HARBOUR, URL), *kinds)


def test_plain_text_is_split_at_empty_lines() -> None:
    document = document_from_text("One line\nof two.\r\n\r\n  \nNext.\n\n\n")
    assert document.blocks == (Block(BlockKind.PARAGRAPH, "One line of two."), Block(BlockKind.PARAGRAPH, "Next."))
