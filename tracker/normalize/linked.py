"""JSON-LD: the graph of things that a page describes, and which of them is the article that the page is about."""

from __future__ import annotations

import functools
import html
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any

from lxml import etree

from tracker.normalize.clean import clean_text, letters
from tracker.text.urls import identity

_CORRECTION_TYPE = "CorrectionComment"
# What hangs on these is another text: an entry, a comment, a teaser.
_OTHERS = frozenset(
    (
        "liveBlogUpdate", "itemListElement", "comment", "citation", "hasPart", "isPartOf", "relatedLink", "mentions",
        "about", "review", "isBasedOn", "subjectOf", "significantLink", "workExample", "associatedMedia",
    )
)  # fmt: skip
_WANTED = ("headline", "datePublished", "dateModified", "articleBody", "author", "correction")
_MAX_JSON = 2_000_000
_MAX_NODES = 20_000
_MAX_REPAIRS = 60
_MAX_BROKEN = 20  # blocks of a page that are repaired
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_WRONG_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|li|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WORDS_OF_PYTHON = ("Expecting ',' delimiter", "Expecting property name")  # a quotation mark that was not escaped


@dataclass(frozen=True, slots=True)
class Linked:
    """What the graph says of the article, as it stands there. `published` holds all times given for this page, the
    article's own first; `sites` are names of the outlet."""

    headline: str = ""
    description: str = ""
    published: tuple[str, ...] = ()
    modified: str = ""
    language: str = ""
    free: str = ""
    corrections: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class _Role(Flag):
    """What a type of schema.org is to us."""

    NONE = 0
    ARTICLE = auto()
    PAGE = auto()
    SITE = auto()
    CORRECTION = auto()


_ROLES = (
    (re.compile(r"(?:Article|BlogPosting|Reportage|Report|Posting)$"), _Role.ARTICLE),
    (re.compile(r"(?:WebPage|ItemPage|VideoObject|Gallery|Review|CreativeWork)$"), _Role.PAGE),
    (re.compile(r"(?:WebSite|NewsMediaOrganization)$"), _Role.SITE),
)


@dataclass(slots=True, eq=False)
class _Node:
    """One object of the graph; `other` says that it hangs on something as another text, `article` whose it is."""

    data: dict[str, Any]
    role: _Role
    other: bool
    article: _Node | None


def linked(root: etree._Element, addresses: Sequence[str] = (), titles: Sequence[str] = ()) -> Linked:
    """Read the graph. `addresses` are the page's own, `titles` what else the page says its headline is."""
    nodes = list(_nodes(root))
    if not nodes:
        return Linked()
    named = {
        node.data["@id"]: node.data for node in nodes if isinstance(node.data.get("@id"), str) and len(node.data) > 1
    }
    articles = [node for node in nodes if _Role.ARTICLE in node.role]
    best = _chosen(articles, addresses, titles)
    data = {key: _resolved(value, named) for key, value in best.data.items()} if best else {}
    return Linked(
        headline=text_in(data.get("headline")),
        description=text_in(data.get("description")),
        published=tuple(_published(best, nodes, data)),
        modified=text_in(data.get("dateModified")),
        language=text_in(data.get("inLanguage")),
        free=text_in(data.get("isAccessibleForFree")).lower(),
        corrections=tuple(_corrections(best, nodes, data)),
        sites=tuple(_sites(nodes, data)),
    )


def _chosen(articles: Sequence[_Node], addresses: Sequence[str], titles: Sequence[str]) -> _Node | None:
    """The article that this page is about: by its address, else its headline, else by how much is said of it."""
    if len(articles) < 2:
        return articles[0] if articles else None
    own = {identity(address) for address in addresses if address}
    said = [letters(title) for title in titles if title]

    def rank(node: _Node) -> tuple[bool, bool, bool, int]:
        headline = letters(text_in(node.data.get("headline")))
        return (
            not node.other,
            any(identity(address) in own for address in _addresses(node.data)),
            bool(headline) and any(headline in title or title in headline for title in said),
            sum(key in node.data for key in _WANTED),
        )

    return max(articles, key=rank)


def _addresses(data: dict[str, Any]) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = data.get(key)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str) and value.startswith("http"):
            yield value.split("#")[0]


def _published(best: _Node | None, nodes: Sequence[_Node], data: dict[str, Any]) -> Iterator[str]:
    """The article's own time of publication, then that of the same article described once more, and of the page."""
    yield text_in(data.get("datePublished"))
    title = letters(text_in(data.get("headline")))
    for node in nodes:
        if node is best or node.other or "datePublished" not in node.data:
            continue
        same = _Role.ARTICLE in node.role and letters(text_in(node.data.get("headline"))) == title
        if same or _Role.PAGE in node.role:
            yield text_in(node.data["datePublished"])


def _corrections(best: _Node | None, nodes: Sequence[_Node], data: dict[str, Any]) -> Iterator[str]:
    """schema.org `correction`, a text, a CorrectionComment or a list of them; and CorrectionComments of this article
    or of no article in particular, wherever they stand in the graph."""
    given = data.get("correction") or data.get("corrections") or []
    found = [text_in(each) for each in (given if isinstance(given, list) else [given])]
    found += [
        text_in(node.data) for node in nodes if _Role.CORRECTION in node.role and node.article in (None, best)
    ]  # fmt: skip
    yield from dict.fromkeys(text for text in found if text and not text.startswith(("http://", "https://")))


def _sites(nodes: Sequence[_Node], data: dict[str, Any]) -> Iterator[str]:
    publisher = data.get("publisher")
    for said in publisher if isinstance(publisher, list) else [publisher]:
        if isinstance(said, dict):
            yield text_in(said.get("name"))
    yield from (text_in(node.data.get("name")) for node in nodes if _Role.SITE in node.role and not node.other)


# --- the graph ----------------------------------------------------------------------------------------------


def _nodes(root: etree._Element) -> Iterator[_Node]:
    """Every object in every JSON-LD block, in document order, without recursion."""
    count = broken = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        values = _whole(text)
        if values is None and broken < _MAX_BROKEN:
            broken += 1
            values = _mended(text)
        row: deque[tuple[Any, bool, _Node | None]] = deque((value, False, None) for value in values or ())
        while row and count < _MAX_NODES:
            value, other, article = row.popleft()
            count += 1
            if isinstance(value, dict):
                owner = article
                if "@type" in value or "@id" in value:
                    node = _Node(value, _role(value), other, article)
                    owner = node if _Role.ARTICLE in node.role else article
                    yield node
                row.extend(
                    (each, other or key in _OTHERS, owner)
                    for key, each in value.items()
                    if isinstance(each, dict | list)
                )
            elif isinstance(value, list):
                row.extend((each, other, article) for each in value if isinstance(each, dict | list))


def _role(data: dict[str, Any]) -> _Role:
    kind = data.get("@type")
    if isinstance(kind, str):
        return _role_of(kind)
    role = _Role.NONE
    for each in kind if isinstance(kind, list) else ():
        role |= _role_of(str(each))
    return role


@functools.lru_cache(maxsize=1_024)
def _role_of(kind: str) -> _Role:
    kind = kind.rsplit("/", 1)[-1]
    if kind == _CORRECTION_TYPE:
        return _Role.CORRECTION
    return next((role for pattern, role in _ROLES if pattern.search(kind)), _Role.NONE)


def _resolved(value: Any, named: dict[str, dict[str, Any]]) -> Any:
    """A reference by @id is replaced by the node it names, one step deep."""
    if isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str):
        return named.get(value["@id"], value)
    if isinstance(value, list):
        return [_resolved(each, named) for each in value[:100]]
    return value


def text_in(value: Any) -> str:
    """The text of a JSON-LD value: a string, a number, the first of a list, or an object's @value, text or name."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("text") or value.get("name")
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if "<" in text:
        text = _TAG.sub("", _BLOCK_TAG.sub(" ", text))
    return clean_text(html.unescape(text) if "&" in text else text)


# --- JSON as sites write it ---------------------------------------------------------------------------------


def _whole(text: str) -> list[Any] | None:
    """The value of a block of JSON that is as it should be."""
    if len(text) > _MAX_JSON:
        return None
    try:
        return [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return None


def _mended(text: str) -> list[Any]:
    """The values of a block of JSON, repaired where sites break it; nothing where that cannot be done safely."""
    if len(text) > _MAX_JSON:
        return []
    body = _bare(text.strip())
    for attempt in (_several, _repaired):
        try:
            return attempt(body)
        except (ValueError, RecursionError):
            continue
    return []


def _several(text: str) -> list[Any]:
    """Several values one after the other."""
    decoder = json.JSONDecoder(strict=False)
    values = []
    at = 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        values.append(value)
        while at < len(text) and text[at] in " \t\r\n;,":
            at += 1
    return values


def _bare(text: str) -> str:
    """Without comment marks, CDATA marks, a semicolon at the end, and entities in place of quotation marks."""
    text = text.removeprefix("<!--").removesuffix("-->").strip()
    for mark in ("//<![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA["):
        text = text.removeprefix(mark)
    for mark in ("//]]>", "/*]]>*/", "/* ]]> */", "]]>"):
        text = text.removesuffix(mark)
    text = text.strip().rstrip("; \n")
    return html.unescape(text) if re.match(r"[\[{]\s*&quot;", text) else text


def _repaired(text: str) -> list[Any]:
    """Commas before a bracket, escapes that JSON does not know, control characters, and quotation marks in a text.

    Such a mark ends the text too early, so that the parser stumbles on the word behind it: then the mark is escaped.
    Where it stumbles on anything but words, nothing is guessed.
    """
    text = _WRONG_ESCAPE.sub("", _TRAILING_COMMA.sub(r"\1", _CONTROLS.sub(" ", text)))
    for _ in range(min(_MAX_REPAIRS, 1 + _MAX_JSON // len(text)) if text else 0):
        try:
            return _several(text)
        except json.JSONDecodeError as error:
            quote = text.rfind('"', 0, error.pos)
            if not error.msg.startswith(_WORDS_OF_PYTHON) or error.pos >= len(text) or text[error.pos] in '"{[]}:,':
                raise
            if quote < 1 or text[quote - 1] == "\\":
                raise
            text = f"{text[:quote]}\\{text[quote:]}"
    raise ValueError("more broken than is safe to repair")
