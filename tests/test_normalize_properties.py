"""Whatever the tree, there is a reading; and what it says can be written down and read back."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.model import BlockKind, Reading
from tracker.normalize import canonical, normalize, read
from tracker.text.codec import read_document, write_article, write_meta

TAGS = (
    "html",
    "head",
    "body",
    "title",
    "p",
    "div",
    "article",
    "main",
    "section",
    "aside",
    "header",
    "footer",
    "nav",
    "form",
    "h1",
    "h2",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "caption",
    "tr",
    "td",
    "th",
    "blockquote",
    "figure",
    "figcaption",
    "pre",
    "a",
    "b",
    "em",
    "span",
    "small",
    "time",
    "br",
    "img",
    "iframe",
    "video",
    "source",
    "script",
    "style",
    "noscript",
    "svg",
    "template",
    "meta",
    "link",
    "base",
    "button",
    "x-y",
    "math",
    "frameset",
    "plaintext",
)
ATTRIBUTES = (
    "class",
    "id",
    "role",
    "itemprop",
    "href",
    "src",
    "alt",
    "datetime",
    "content",
    "property",
    "rel",
    "lang",
    "style",
    "width",
)
VALUES = st.sampled_from(
    (
        "story-body",
        "articleBody",
        "comments",
        "correction",
        "editor-note",
        "byline",
        "caption",
        "live-entry",
        "liveBlogUpdate",
        "twitter-tweet",
        "newsletter",
        "headline",
        "author",
        "dialog",
        "canonical",
        "og:title",
        "2024-03-05T15:13:00+01:00",
        "https://x.example/a?utm_source=b#c",
        "//[",
        "javascript:x",
        "data:x",
        "display:none",
        "12",
        "en",
    )
) | st.text(max_size=12)
WORDS = st.sampled_from(
    (
        "Correction",
        "Correction: It was 1953, not 1935.",
        "UPDATE 3:13 PM: This story has been updated.",
        "Advertisement",
        "Updated 5 minutes ago",
        "The council voted on Monday to close the bridge for repairs, the mayor said.",
        "READ MORE:",
    )
) | st.text(max_size=40)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=3)
    return st.builds(_write, st.sampled_from(TAGS), attributes, st.lists(children, max_size=4), st.booleans())


def _write(tag: str, attributes: dict[str, str], children: list[str], closed: bool) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{said}>{''.join(children)}" + (f"</{tag}>" if closed else "")


TREES = st.recursive(WORDS, _element, max_leaves=25)
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _check(reading: Reading) -> None:
    assert reading.blocked is None or not reading.blocked.startswith("unreadable: "), reading.blocked
    order = [block.kind for block in reading.document.blocks]
    front = [kind for kind in (BlockKind.HEADLINE, BlockKind.DEK, BlockKind.BYLINE) if kind in order]
    assert order[: len(front)] == front
    for block in reading.document.blocks:
        assert block.text == " ".join(block.text.split())
        assert (block.placement is not None) == (block.kind is BlockKind.NOTICE)


@given(TREES)
@QUICK
def test_any_tree_gives_a_reading_that_can_be_written_and_read_back(markup: str) -> None:
    reading = read(markup, "https://x.example/a")
    _check(reading)
    document = reading.document
    assert read_document(write_article(document), write_meta(document)) == document


@given(st.binary(max_size=300) | st.text(max_size=200))
@QUICK
def test_any_bytes_and_any_text_give_a_reading(page: str | bytes) -> None:
    _check(read(page, "https://x.example/a", content_type="text/html; charset=gbk"))
    canonical(page)


@given(TREES, st.sampled_from(("http://[", "", "x", "ftp://a/b", "https://x.example/" + "a" * 3000)))
@settings(parent=QUICK, max_examples=30)
def test_any_address_is_good_enough(markup: str, url: str) -> None:
    _check(read(markup, url))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "@type",
                        "@id",
                        "@graph",
                        "@value",
                        "headline",
                        "datePublished",
                        "correction",
                        "author",
                        "text",
                        "name",
                    )
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(parent=QUICK, max_examples=60)
def test_any_json_ld_gives_a_reading(data: Any) -> None:
    import json

    script = f"<script type='application/ld+json'>{json.dumps([data, {'@type': 'Article', 'headline': data}])}</script>"
    _check(read(f"<html><head>{script}</head><body><p>x</p></body></html>"))


@given(TREES)
@settings(parent=QUICK, max_examples=40)
def test_reading_twice_gives_the_same(markup: str) -> None:
    assert normalize(markup, "https://x.example/a") == normalize(markup, "https://x.example/a")
