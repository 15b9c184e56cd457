"""What the page says about itself in its metadata: every source kept by itself, nothing chosen, nothing corrected."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from tracker.model import Content
from tracker.normalize.clean import clean_text, text_of
from tracker.text.urls import clean

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Reportage|Report|Posting)$|^NewsArticle$|^OpinionNewsArticle$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_ITEMS: Any = etree.XPath("//*[@itemprop]")
_MICRODATA = ("headline", "datePublished", "dateModified")
_MAX_JSON = 2_000_000
_MAX_NODES = 20_000
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_PUBLISHED_META = (
    "article:published_time", "article:published", "og:article:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "date", "pubdate", "publishdate", "publish-date",
    "publication_date", "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "article:modified", "datemodified", "lastmod", "last-modified",
    "dcterms.modified", "dc.date.modified", "article.updated", "revision_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metadata:
    """`content` is part of the document, `modified` is not: it moves without the text. `headlines` are the candidates
    that name this article (JSON-LD, og, title), best first; `description` likewise for the dek."""

    content: Content
    modified: str | None
    language: str | None
    canonical: str | None
    base: str | None
    title: str | None
    headlines: tuple[str, ...]
    descriptions: tuple[str, ...]
    paid: bool  # the page itself says that it is not free to read


def metadata(root: etree._Element, url: str | None) -> Metadata:
    """Read all sources. Total: broken JSON, dates and addresses are left out or kept as they stand."""
    metas = _metas(root)
    links = _links(root)
    base = clean(_base(root) or "", url) or url if _base(root) else url
    article = _article(root)
    items = _microdata(root)
    title = text_of(found) if (found := root.find(".//title")) is not None else ""
    canonical = {
        "canonical/link": clean(links["canonical"], base) if links.get("canonical") else "",
        "canonical/og": clean(metas["og:url"], base) if metas.get("og:url") else "",
    }
    facts = {
        "headline/json-ld": _text(article.get("headline")),
        "headline/og": clean_text(metas.get("og:title", "")),
        "headline/title": title,
        "published/json-ld": moment(_text(article.get("datePublished"))),
        "published/meta": moment(next((metas[name] for name in _PUBLISHED_META if metas.get(name)), "")),
        "published/microdata": moment(items.get("datePublished", "")),
        **canonical,
        **_corrections(article),
    }
    modified = (
        moment(_text(article.get("dateModified")))
        or moment(next((metas[name] for name in _MODIFIED_META if metas.get(name)), ""))
        or moment(items.get("dateModified", ""))
    )
    return Metadata(
        content=Content(tuple(sorted((key, value) for key, value in facts.items() if value))),
        modified=modified or None,
        language=_language(root, metas, article),
        canonical=canonical["canonical/link"] or canonical["canonical/og"] or None,
        base=base,
        title=title or None,
        headlines=_distinct(
            facts["headline/json-ld"], facts["headline/og"], clean_text(metas.get("twitter:title", "")),
            items.get("headline", ""), title,
        ),
        descriptions=_distinct(
            _text(article.get("description")), clean_text(metas.get("og:description", "")),
            clean_text(metas.get("description", "")), clean_text(metas.get("twitter:description", "")),
        ),
        paid=_text(article.get("isAccessibleForFree")).lower() in ("false", "no"),
    )  # fmt: skip


def with_h1(content: Content, text: str | None) -> Content:
    """The facts and what the page's main heading says."""
    return Content(tuple(sorted((*content.facts, ("headline/h1", text))))) if text else content


def moment(raw: str) -> str:
    """A time in ISO 8601, to the second and with its zone where the page gives them; else as the page writes it.

    A time with a zone is put in UTC; without one it stays as it is, so that "zone not known" can be seen.
    """
    raw = clean_text(raw)[:80]
    try:
        found = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", raw))
        if len(raw) <= len("2015-05-31"):
            return raw
        return (found if found.tzinfo is None else found.astimezone(UTC)).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return raw


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _metas(root: etree._Element) -> dict[str, str]:
    """The first value of each meta name, property or http-equiv, in lower case."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv") or meta.get("itemprop")
        value = meta.get("content")
        if name and value:
            found.setdefault(name.strip().lower(), value)
    return found


def _links(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in root.iter("link"):
        for relation in (link.get("rel") or "").lower().split():
            if link.get("href"):
                found.setdefault(relation, link.get("href") or "")
    return found


def _base(root: etree._Element) -> str | None:
    return next((base.get("href") for base in root.iter("base") if base.get("href")), None)


def _language(root: etree._Element, metas: dict[str, str], article: dict[str, Any]) -> str | None:
    """The page's language as a BCP 47 tag. The html element is believed first, then what the article says."""
    html_element = root if root.tag == "html" else None
    stated = (
        html_element.get("lang") if html_element is not None else None,
        html_element.get("xml:lang") if html_element is not None else None,
        _text(article.get("inLanguage")),
        metas.get("content-language"),
        metas.get("og:locale"),
        metas.get("language"),
    )
    tags = (tag.strip().replace("_", "-") for tag in stated if tag and _LANGUAGE.fullmatch(tag.strip()))
    return next(tags, None)


def _microdata(root: etree._Element) -> dict[str, str]:
    """The first microdata value of each property we read: an attribute meant for machines, else the visible text.

    What belongs to an item inside the article (a live blog's entry, a comment) says nothing of the article.
    """
    found: dict[str, str] = {}
    for element in _ITEMS(root):
        name = element.get("itemprop")
        if name in _MICRODATA and name not in found and not _of_another_item(element):
            value = element.get("content") or element.get("datetime") or text_of(element)
            if value.strip():
                found[name] = clean_text(value)[:1000]
    return found


def _of_another_item(element: etree._Element) -> bool:
    item = next((each for each in element.iterancestors() if each.get("itemscope") is not None), None)
    return item is not None and item.get("itemprop") not in (None, "mainEntity", "mainEntityOfPage")


# --- JSON-LD ------------------------------------------------------------------------------------------------


def _article(root: etree._Element) -> dict[str, Any]:
    """The node of the graph that is this page's article: the one with most of what an article has, first wins."""
    nodes = list(_nodes(root))
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if any(_ARTICLE_TYPE.search(kind) for kind in _types(node))]
    wanted = ("headline", "datePublished", "dateModified", "articleBody", "author", "correction")
    best = max(articles, key=lambda node: sum(key in node for key in wanted), default={})
    return {key: _resolved(value, named) for key, value in best.items()}


def _nodes(root: etree._Element) -> Iterator[dict[str, Any]]:
    """Every object in every JSON-LD block, in document order, without recursion."""
    count = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        row = deque([_loaded(script.text or "")])
        while row and count < _MAX_NODES:
            value = row.popleft()
            count += 1
            if isinstance(value, dict):
                yield value
                row.extend(value.values())
            elif isinstance(value, list):
                row.extend(value)


def _loaded(text: str) -> Any:
    """A block of JSON, repaired where sites break it: control characters, comment marks, a semicolon at the end."""
    if len(text) > _MAX_JSON:
        return None
    body = text.strip().removeprefix("<!--").removesuffix("-->").strip()
    body = body.removeprefix("//<![CDATA[").removeprefix("<![CDATA[").removesuffix("]]>").removesuffix("//").strip()
    for attempt in (body, _CONTROLS.sub(" ", body).strip().rstrip("; "), re.sub(r",\s*([}\]])", r"\1", body)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _types(node: dict[str, Any]) -> tuple[str, ...]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(str(each).rsplit("/", 1)[-1] for each in kinds if each)


def _resolved(value: Any, named: dict[str, dict[str, Any]]) -> Any:
    """A reference by @id is replaced by the node it names, one step deep."""
    if isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str):
        return named.get(value["@id"], value)
    if isinstance(value, list):
        return [_resolved(each, named) for each in value[:100]]
    return value


def _text(value: Any) -> str:
    """The text of a JSON-LD value: a string, a number, the first of a list, or an object's @value, text or name."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("text") or value.get("name")
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean_text(html.unescape(str(value))) if isinstance(value, str | int | float) else ""


def _corrections(article: dict[str, Any]) -> dict[str, str]:
    """schema.org `correction`: a text, a CorrectionComment, or a list of them."""
    given = article.get("correction") or article.get("corrections") or []
    texts = [_text(each) for each in (given if isinstance(given, list) else [given])]
    said = list(dict.fromkeys(text for text in texts if text and not text.startswith(("http://", "https://"))))
    return {f"correction/json-ld{f'/{place}' if place > 1 else ''}": text for place, text in enumerate(said, 1)}
