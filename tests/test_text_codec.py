"""article.md and meta.json: any document comes back, and plain git reads them well."""

import difflib
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracker.model import Block, BlockKind, Content, Document, Link, Placement
from tracker.text.codec import document_digest, read_document, text_digest, write_article, write_meta

ODD = [
    *"aB #>-|{}[]()\\&x;20.?!\n\r\t\x00\x7f\x85\u2028\u2029\u00a0\u3000。“”'\ud800\udc00\ufeff😀é\u0301中",
    "](",
    "&#x",
    "\\(",
    ". A",
    "{dek} ",
]
TEXTS = st.lists(st.sampled_from(ODD), max_size=25).map("".join) | st.text(max_size=30)
TIMES = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1))  # noqa: DTZ001 - hypothesis wants naive bounds
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])


@st.composite
def blocks(draw):
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    ends = zip(places[::2], places[1::2], strict=False)
    links = tuple(Link(start, end, draw(TEXTS)) for start, end in ends)
    assume(text or links)
    kind = draw(st.sampled_from(list(BlockKind)))
    time = placement = None
    if kind is BlockKind.ENTRY and draw(st.booleans()):
        time = draw(TIMES).replace(tzinfo=draw(ZONES))
    if kind is BlockKind.NOTICE:
        placement = draw(st.none() | st.sampled_from(Placement))
    return Block(kind, text, links, time, placement)


@st.composite
def documents(draw):
    facts = draw(st.dictionaries(TEXTS.map(lambda key: f"headline/{key}"), TEXTS, max_size=3))
    language = draw(st.sampled_from([None, "", "en", "ja"]) | TEXTS)
    return Document(tuple(draw(st.lists(blocks(), max_size=4))), Content(tuple(sorted(facts.items()))), language)


@settings(max_examples=200, deadline=None)
@given(documents())
def test_any_document_comes_back(document):
    article, meta = write_article(document), write_meta(document)
    assert read_document(article, meta) == document
    assert read_document(article.encode().decode(), meta.encode().decode()) == document


@settings(max_examples=100, deadline=None)
@given(documents())
def test_the_files_are_plain_lines(document):
    article, meta = write_article(document), write_meta(document)
    for text in (article, meta):
        assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
        assert text.splitlines() == text.split("\n")[:-1]
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in text.replace("\n", ""))
        assert not any(line != line.strip(" ") and not line.startswith(" ") for line in text.split("\n"))
    assert not any(line.startswith(" ") for line in article.split("\n"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*ODD, "\n", "\n\n", "{entry 2015", "&#xD800;", "](x)", "[", "# "]), max_size=20).map(
        "".join
    )
)
def test_reading_what_we_did_not_write_is_a_value_error_or_a_document(text):
    try:
        document = read_document(text, "{}")
    except ValueError:
        return
    assert read_document(write_article(document), write_meta(document)) == document


def paragraph(text: str, *links: Link) -> Document:
    return Document((Block(BlockKind.PARAGRAPH, text, links),), language="en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“[My men] don’t want to be beholden,” he said.", "“[My men] don’t want to be beholden,” he said."),
        ("See [1] and [2] (both).", "See [1] and [2] (both)."),
        ("One. Two.", "One.\nTwo."),
        ("One.  Two. ", "One.&#x20;\nTwo.&#x20;"),
        ("一。二。", "一。\\\n二。"),
        ("One.\u3000Two.", "One.\u3000\\\nTwo."),
        ("# no headline", "\\# no headline"),
        ("One. - Two.", "One.\n\\- Two."),
        ("{dek} no dek", "\\{dek} no dek"),
        ("C:\\temp", "C:\\\\temp"),
        ("an array[0](1)", "an array[0]\\(1)"),
        ("a\nb\u2028c", "a&#xA;b&#x2028;c"),
        ("&#x20; and &amp;", "\\&#x20; and &amp;"),
        (" edges ", "&#x20;edges&#x20;"),
    ],
)
def test_how_text_is_written(text, expected):
    assert write_article(paragraph(text)) == expected + "\n"
    assert read_document(expected + "\n", '{"language": "en"}') == paragraph(text)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (paragraph("Go on.", Link(0, 2, "http://e.org/a_(b)")), "[Go](http://e.org/a_(b\\)) on."),
        (paragraph("x [y] z", Link(2, 5, "u v\\w")), "x [\\[y\\]](u&#x20;v\\\\w) z"),
        (paragraph("[ab]", Link(1, 2, "u")), "[[a](u)b]"),
        (paragraph("One. Two.", Link(0, 9, "u")), "[One.\nTwo.](u)"),
        (paragraph("One. Two.", Link(0, 5, "u"), Link(5, 8, "v")), "[One.\n](u)[Two](v)."),
        (paragraph("ab", Link(1, 1, "u")), "a[](u)b"),
        (Document((Block(BlockKind.IMAGE, "", (Link(0, 0, "u"),)),)), "{image} [](u)"),
        (Document((Block(BlockKind.QUOTE, "One. Two."),)), "> One.\nTwo."),
        (Document((Block(BlockKind.HEADLINE, "One. Two."),)), "# One. Two."),
        (
            Document((Block(BlockKind.NOTICE, "Correction: So.", (), None, Placement.AFTER_BODY),)),
            "{notice after-body} Correction: So.",
        ),
        (
            Document((Block(BlockKind.ENTRY, "In", (), datetime(2015, 5, 31, 15, 13, tzinfo=UTC)),)),
            "{entry 2015-05-31T15:13Z} In",
        ),
        (
            Document((Block(BlockKind.ENTRY, "In", (), datetime(2015, 5, 31, 15, 13, 4, 5, tzinfo=UTC)),)),
            "{entry 2015-05-31T15:13:04.000005Z} In",
        ),
        (Document((Block(BlockKind.TABLE, "a | b"),)), "| a | b"),
    ],
)
def test_how_blocks_and_links_are_written(document, expected):
    assert write_article(document) == expected + "\n"


def test_a_split_paragraph_is_one_more_empty_line():
    before = [Block(BlockKind.PARAGRAPH, "The ferry ran late. Nobody said why. It rained.")]
    after = [
        Block(BlockKind.PARAGRAPH, "The ferry ran late. Nobody said why."),
        Block(BlockKind.PARAGRAPH, "It rained."),
    ]
    old, new = (write_article(Document(tuple(blocks), language="en")).split("\n") for blocks in (before, after))
    assert [line for line in difflib.ndiff(old, new) if line[0] in "+-"] == ["+ "]


def test_meta_holds_one_value_a_line_in_order():
    content = Content((("headline/h1", "A “b”\u2028c"), ("published/meta", "2015-05-31")))
    meta = write_meta(Document((), content, "en"))
    assert meta == '{\n "headline/h1": "A “b”\\u2028c",\n "language": "en",\n "published/meta": "2015-05-31"\n}\n'
    assert json.loads(meta)["headline/h1"] == "A “b”\u2028c"


@pytest.mark.parametrize(
    "article",
    ["no line feed", "# \n", "a\n\n\nb\n", "\n", "# One\n# Two\n", "\\q\n", "[a](b\n", "a](b)\n", "{nonsense} a\n",
     "{paragraph} a\n",
     "{dek top} a\n", "{notice nowhere} a\n", "{entry yesterday} a\n", "&#xZZ;\n", "&#x110000;\n", "a\tb\n", "a\\"],
)  # fmt: skip
def test_what_we_did_not_write_is_refused(article):
    with pytest.raises(ValueError):  # noqa: PT011 - each says it in its own words
        read_document(article, "{}")


@pytest.mark.parametrize("meta", ["", "[]", '{"a/b": 1}', "{"])
def test_broken_meta_is_refused(meta):
    with pytest.raises(ValueError):  # noqa: PT011 - also those of json
        read_document("", meta)


@pytest.mark.parametrize(
    "block",
    [
        Block(BlockKind.PARAGRAPH, "a", (), datetime(2015, 5, 31, tzinfo=UTC)),
        Block(BlockKind.DEK, "a", (), None, Placement.TOP),
    ],
)
def test_what_would_be_lost_is_refused(block):
    with pytest.raises(ValueError, match="has no time or placement"):
        write_article(Document((block,)))


def test_digests():
    one, other = paragraph("One."), Document(paragraph("One.").blocks, Content((("headline/h1", "x"),)), "en")
    assert text_digest(one) == text_digest(other) == hashlib.sha256(b"One.\n").hexdigest()
    assert document_digest(one) != document_digest(other)


def test_a_text_of_ten_thousand_links_is_read_in_proportion():
    text = "word " * 10_000
    document = paragraph(text, *(Link(at, at + 4, "u") for at in range(0, len(text), 5)))
    assert read_document(write_article(document), write_meta(document)) == document
