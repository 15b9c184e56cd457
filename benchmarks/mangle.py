"""Real pages damaged in the ways of the web and of those who try it: seeded, bounded, without a goal.

`mangled(pages, number, seed)` is a function of its arguments, so that each find can be made again from its number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_MOST = 400_000  # bytes of one input
_CLIPPING = 4_000  # bytes of a page that most inputs start from: many small ones find more than few big ones
_TAG = re.compile(rb"<[^<>]{1,300}>")
_NAMES = (
    b"p", b"div", b"article", b"section", b"aside", b"table", b"tr", b"td", b"ul", b"li", b"dl", b"dt", b"dd", b"a",
    b"b", b"em", b"span", b"h1", b"h2", b"figure", b"figcaption", b"blockquote", b"form", b"select", b"option", b"svg",
    b"math", b"template", b"noscript", b"iframe", b"textarea", b"title", b"plaintext", b"xmp", b"frameset", b"pre",
    b"time", b"img", b"br", b"ruby", b"rt", b"video", b"object", b"button", b"caption", b"colgroup", b"html", b"body",
    b"head", b"base href='//['", b"meta charset=utf-16", b"x-y", b"o:p", b"p:p", b"a.b", b"p\xc3\xa9", b"1", b"!",
    b"?",
)  # fmt: skip
_ATTRIBUTES = (
    b"class", b"id", b"role", b"style", b"itemprop", b"itemscope", b"hidden", b"href", b"src", b"srcset", b"datetime",
    b"lang", b"xml:lang", b"data-qa", b"content", b"property", b"width", b"xmlns", b"xmlns:a", b"data-tracker-notice",
    b"=", b"a:b", b"\xff", b"on\x00x", b"rel", b"alt", b"title", b"dir",
)  # fmt: skip
_VALUES = (
    b"", b"articleBody", b"story-body", b"correction", b"comments", b"liveBlogUpdate", b"live-entry", b"twitter-tweet",
    b"caption", b"display:none", b"//[", b"http://[::1", b"http://a:99999999/", b"javascript:x", b"data:,x",
    b"\xff\xfe", b"9999-99-99T99:99", b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59",
    b"2024-03-05T15:13:00+01:00", b"1e999", b"-1", "٣".encode(), b"%", b"%ff%00", b"a" * 5000, b"&#0;&#x110000;",
    b"\xed\xa0\x80", b"presentation",
)  # fmt: skip
_ENTITIES = (
    b"&", b"&amp", b"&#", b"&#x", b"&#0;", b"&#x0;", b"&#xD800;", b"&#xDFFF;", b"&#x110000;", b"&#99999999999999;",
    b"&#128;", b"&#x85;", b"&#xFFFE;", b"&#xFFFF;", b"&#8232;", b"&#8233;", b"&#x1F600;", b"&bogus;", b"&nbsp",
    b"&shy;", b"&NotEqualTilde;", b"&#13;", b"&#10;", b"&#x202E;", b"&zwj;", b"&lt;p&gt;", b"&#xE0001;", b"&#x3000;",
    b"&" * 500,
)  # fmt: skip
_CHARACTERS = (
    "\x00", "\x01", "\x0b", "\x0c", "\x1b[2J", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200d", "\u202e", "\u2028",
    "\u2029", "\ufeff", "\ufffe", "\uffff", "\ud800", "\udfff", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0010ffff", "e" + "\u0301" * 300, "\u0e33" * 50, "港务局关闭了旧码头。", "أغلق المجلس", "“" * 200, "(" * 300,
    "\\" * 99, "](x)", "\n\n", "{entry 2015-05-31T15:13Z} ", "# ", "- ", "&#x20;", "[a](b c)", "\u1680\u2003\u3000",
)  # fmt: skip
_JSON = (
    b"{}", b"[", b'{"@type":"NewsArticle","headline":' + b"[" * 3000,
    b'{"@type":["Article"],"headline":{"@value":null}}',
    b'{"@graph":[{"@id":"a","@type":"Article","author":{"@id":"a"}}]}', b'{"@type":"Article","datePublished":1e999}',
    b'{"@type":"Article","headline":"\\ud800","correction":[[[["x"]]]]}', b'{"@type":NaN}', b"1" * 5000,
    b'{"@type":"Article","headline":' + b"9" * 5000 + b"}",
    b'{"@type":"Article","dateModified":"9999-12-31T23:59-14:00"}',
    b'{"@type":"LiveBlogPosting","liveBlogUpdate":[{"@type":"BlogPosting"}]*}', b'"\\u0000"', b'{"":""}', b"<!--{}-->",
)  # fmt: skip
_OPEN = (
    b"<!--", b"<![CDATA[", b"<script>", b"<style>", b"<title>", b"<textarea>", b"<noscript>", b"<plaintext>",
    b"<!DOCTYPE", b"<?xml", b"<a href='", b'<p class="', b"</", b"<", b"<svg><![CDATA[", b"<xmp>", b"<!-->",
    b"<iframe>", b"<select>",
)  # fmt: skip
_ENCODINGS = (
    "utf-16-le", "utf-16-be", "utf-16", "utf-32", "cp1251", "gb18030", "shift_jis", "euc_jp", "big5", "cp1252",
    "koi8-r", "iso2022_jp", "utf-7", "cp037",
)  # fmt: skip

Operator = Callable[[random.Random, bytes, bytes], bytes]


def _place(dice: random.Random, page: bytes) -> int:
    """Anywhere, or at the border of a tag."""
    place = dice.randint(0, len(page))
    border = page.find(b"<", place) if dice.random() < 0.6 else -1
    return border if border >= 0 else place


def _put(dice: random.Random, page: bytes, what: bytes) -> bytes:
    place = _place(dice, page)
    return page[:place] + what + page[place:]


def _tag(dice: random.Random, page: bytes) -> tuple[int, int]:
    """A tag of the page, (0, 0) if there is none near by."""
    match = _TAG.search(page, dice.randint(0, len(page)))
    return match.span() if match else (0, 0)


def _run(dice: random.Random, longest: int) -> int:
    """A number that is mostly small and sometimes as large as allowed."""
    return 1 + int(dice.random() ** 12 * longest)


def flip(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    changed = bytearray(page)
    for _ in range(_run(dice, 200)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.choice((dice.randrange(256), *b"<>&\"'=/! \x00"))
    return bytes(changed)


def truncate(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    return page[: dice.randint(0, len(page))] if dice.random() < 0.7 else page[dice.randint(0, len(page)) :]


def delete_tag(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    for _ in range(_run(dice, 40)):
        start, end = _tag(dice, page)
        page = page[:start] + page[end:]
    return page


def repeat_tag(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    start, end = _tag(dice, page)
    return page[:end] + page[start:end] * _run(dice, 4_000) + page[end:]


def rename_tag(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    start, end = _tag(dice, page)
    closing = b"/" if page[start : start + 2] == b"</" else b""
    return page[:start] + b"<" + closing + dice.choice(_NAMES) + b">" + page[end:]


def move_piece(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    start, end = sorted((_place(dice, page), _place(dice, page)))
    piece, rest = page[start:end], page[:start] + page[end:]
    return _put(dice, rest, piece)


def repeat_piece(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    start = _place(dice, page)
    piece = page[start : start + dice.choice((5, 40, 300, 2_000))]
    return page[:start] + piece * _run(dice, 3_000) + page[start:]


def splice(dice: random.Random, page: bytes, other: bytes) -> bytes:
    return page[: _place(dice, page)] + other[_place(dice, other) :]


def nest(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    names = dice.sample(_NAMES, dice.choice((1, 1, 2, 3)))
    depth = _run(dice, 20_000)
    opening = b"".join(b"<" + name + b">" for name in names) * depth
    closing = b"".join(b"</" + name.split()[0] + b">" for name in reversed(names)) * depth
    place = _place(dice, page)
    return page[:place] + opening + page[place:] + (closing if dice.random() < 0.5 else b"")


def siblings(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    name, text = (
        dice.choice(_NAMES),
        dice.choice((b"", b"x", b"Correction: It was 1953.", b"A sentence of some words. ")),
    )
    attribute = b" " + dice.choice(_ATTRIBUTES[:19]) + b"='" + dice.choice(_VALUES[:12]) + b"'"
    return _put(dice, page, (b"<" + name + attribute + b">" + text + b"</" + name + b">") * _run(dice, 6_000))


def attributes(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    for _ in range(_run(dice, 60)):
        start, end = _tag(dice, page)
        quote = dice.choice((b'"', b"'", b"", b"`"))
        said = b" " + dice.choice(_ATTRIBUTES) + b"=" + quote + dice.choice(_VALUES) + quote
        page = page[: max(start, end - 1)] + said + page[max(start, end - 1) :]
    return page


def huge_attribute(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    value = dice.choice((b"x", b"a ", b"&amp;", b"story-body ", b"a:b;", b"http://a/?b=c&")) * _run(dice, 40_000)
    many = b"".join(b" a%d=%d" % (each, each) for each in range(_run(dice, 20_000)))
    said = dice.choice((many, b' class="' + value + b'"', b' style="' + value + b'"', b' href="' + value + b'"'))
    return _put(dice, page, b"<" + dice.choice(_NAMES) + said + b">")


def entities(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    for _ in range(_run(dice, 40)):
        page = _put(dice, page, dice.choice(_ENTITIES))
    return page


def characters(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    for _ in range(_run(dice, 40)):
        page = _put(dice, page, dice.choice(_CHARACTERS).encode("utf-8", "surrogatepass") * _run(dice, 300))
    return page


def encoding(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    text = page.decode("utf-8", "replace")
    return text.encode(dice.choice(_ENCODINGS), "replace") if dice.random() < 0.8 else page[1:]


def unclosed(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    return _put(dice, page, dice.choice(_OPEN) * _run(dice, 3_000))


def json_ld(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    return _put(dice, page, b'<script type="application/ld+json">' + dice.choice(_JSON) + b"</script>")


def text_run(dice: random.Random, page: bytes, _other: bytes) -> bytes:
    words = dice.choice(
        (b"word ", b"a", b"A sentence. ", b"\xe6\xb8\xaf", b"1 ", b"<br>", b"<br><br>x", b"\n", b"&nbsp;")
    )
    return _put(dice, page, words * _run(dice, 60_000))


OPERATORS: tuple[Operator, ...] = (
    flip, truncate, delete_tag, repeat_tag, rename_tag, move_piece, repeat_piece, splice, nest, siblings, attributes,
    huge_attribute, entities, characters, encoding, unclosed, json_ld, text_run,
)  # fmt: skip


def mangled(pages: Sequence[bytes], number: int, seed: int) -> tuple[bytes, bytes]:
    """The page that input `number` starts from, and what became of it."""
    dice = random.Random(f"{seed}/{number}")  # noqa: S311  # a seeded choice, no secret
    original = _clipping(dice, dice.choice(pages))
    page, other = original, _clipping(dice, dice.choice(pages))
    for operator in dice.choices(OPERATORS, k=dice.randint(1, 5)):
        page = operator(dice, page, other)[:_MOST]
    return original, page


def _clipping(dice: random.Random, page: bytes) -> bytes:
    """A piece of a large page, with its own start in front; one in thirty is whole."""
    if len(page) <= 2 * _CLIPPING or dice.random() < 1 / 30:
        return page
    start = dice.randrange(len(page))
    return page[: dice.randrange(800)] + page[start : start + dice.randint(500, _CLIPPING)]
