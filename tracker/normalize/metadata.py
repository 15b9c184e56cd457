"""What the page says about itself in its metadata: every source kept by itself, nothing chosen, nothing corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from tracker.model import Content, precision
from tracker.normalize.clean import clean_text, letters, text_of
from tracker.normalize.dates import moment, same_day
from tracker.normalize.linked import Linked, linked
from tracker.text.urls import clean, folded_host

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_ITEMPROPS: Any = etree.XPath("/descendant::*/@itemprop")  # four times as quick as asking for the elements
_PROPERTIES: Any = etree.XPath("/descendant::*/@property")
_MICRODATA = {name: name.lower() for name in ("headline", "datePublished", "dateModified")}
_PEOPLE = ("Person", "Organization")  # a date in the item of an author is not the author's
_SITE_NAMES = ("og:site_name", "application-name", "apple-mobile-web-app-title")
SEPARATOR = re.compile(r"(\s+[|–—\-·:»•]\s+|\s*[|｜]\s*)")
_LONGEST_TITLE = 1_000
_SITE_START = 5  # letters of a host's name that a site's name must begin with at least
_PUBLISHED_META = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time", "datepublished",
    "og:datepublished", "article:post_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dc.created", "dc.date", "dcterms.date", "date", "pubdate", "pub_date",
    "publishdate", "publish-date", "publish_date", "publication_date", "publication-date", "published_at", "published",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article.published", "originalpublicationdate",
    "article_date_original", "vr:published_time", "date.published", "article:create_at",
    "iso-8601-publish-date", "og:pubdate", "og:release_date", "og:article:published", "citation_publication_date",
    "mediator_published_time", "shareaholic:article_published_time", "rnews:datepublished", "publishtime",
    "firstpublished", "first_published", "firstpublishtime", "published-date", "article.created", "dcterms.available",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "article:modified", "og:modified_time", "datemodified", "lastmod",
    "last-modified", "dcterms.modified", "dc.date.modified", "dc.modified", "article.updated", "revision_date",
    "article_date_updated", "article:updated_time", "modified", "updated_at",
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
    sites: tuple[str, ...] = ()  # the outlet's names, as letters


def metadata(root: etree._Element, url: str | None) -> Metadata:
    """Read all sources. Total: broken JSON, dates and addresses are left out or kept as they stand."""
    metas = _metas(root)
    links = _links(root)
    base = base_of(root, url)
    items = _microdata(root)
    title = text_of(found) if (found := next(root.iter("title"), None)) is not None else ""
    canonical = {
        "canonical/link": clean(links["canonical"], base) if links.get("canonical") else "",
        "canonical/og": clean(metas["og:url"], base) if metas.get("og:url") else "",
    }
    og = clean_text(metas.get("og:title", ""))
    graph = linked(root, [url or "", *canonical.values()], [og, title])
    language = _language(root, metas, graph)
    facts = {
        "headline/json-ld": graph.headline,
        "headline/og": og,
        "headline/title": title,
        "published/json-ld": _fullest(graph.published, language),
        "published/meta": _fullest((metas.get(name, "") for name in _PUBLISHED_META), language),
        "published/microdata": moment(items.get("datePublished", ""), language),
        **canonical,
        **{f"correction/json-ld{f'/{n}' if n > 1 else ''}": text for n, text in enumerate(graph.corrections, 1)},
    }
    stated = (graph.modified, *(metas.get(name, "") for name in _MODIFIED_META), items.get("dateModified", ""))
    sites = _sites(graph, metas, url or canonical["canonical/link"] or canonical["canonical/og"])
    said = (graph.headline, og, clean_text(metas.get("twitter:title", "")), items.get("headline", ""), title)
    raw = tuple(text[:_LONGEST_TITLE] for text in said)
    return Metadata(
        content=Content(tuple(sorted((key, value) for key, value in facts.items() if value))),
        modified=next(filter(None, (moment(each, language) for each in stated if each)), None),
        language=language,
        canonical=canonical["canonical/link"] or canonical["canonical/og"] or None,
        base=base,
        title=title or None,
        headlines=_distinct(*(without_site(text, sites) for text in raw), *raw),
        descriptions=_distinct(
            graph.description, clean_text(metas.get("og:description", "")),
            clean_text(metas.get("description", "")), clean_text(metas.get("twitter:description", "")),
        ),
        paid=graph.free in ("false", "no"),
        sites=sites,
    )  # fmt: skip


def with_seen(content: Content, h1: str | None, published: tuple[str, str] | None) -> Content:
    """The facts, what the page's main heading says, and the date that its readers see: (source, time)."""
    seen = [("headline/h1", h1)] if h1 else []
    if published:
        seen.append((f"published/{published[0]}", published[1]))
    return Content(tuple(sorted((*content.facts, *seen)))) if seen else content


def _fullest(stated: Iterable[str], language: str | None) -> str:
    """The first time that is stated, or one of the same day that says more: "2019-11-18" and then the minute."""
    best = ""
    for raw in stated:
        if not raw or not (when := moment(raw, language)):
            continue
        if not best or (precision(when) > precision(best) and (not precision(best) or same_day(best, when))):
            best = when
        if precision(best) == len(("day", "clock", "zone")):
            break
    return best


# --- names of the site --------------------------------------------------------------------------------------


def _sites(graph: Linked, metas: dict[str, str], url: str) -> tuple[str, ...]:
    """The outlet's names and its host's, as letters."""
    host = folded_host(url) if url else ""
    labels = host.split(".")
    name = "".join(labels[:-1]) if len(labels) > 1 else ""
    said = (letters(text) for text in (*graph.sites, *(metas.get(key, "") for key in _SITE_NAMES)))
    return _distinct(*said, letters(host), letters(name), letters(labels[-2]) if len(labels) > 1 else "")


def is_site(text: str, sites: Sequence[str]) -> bool:
    """Is it the outlet's name?"""
    return letters(text) in sites


def without_site(title: str, sites: Sequence[str]) -> str:
    """A title without the outlet's name at its end or its start."""
    pieces = SEPARATOR.split(title)
    while len(pieces) > 1 and (is_site(pieces[-1], sites) or _begins_with_site(pieces[-1], sites)):
        pieces = pieces[:-2]
    while len(pieces) > 1 and is_site(pieces[0], sites):
        pieces = pieces[2:]
    return "".join(pieces)


def _begins_with_site(text: str, sites: Sequence[str]) -> bool:
    """ "The Ledger Online" where the host is theledger.example: only asked of what stands last."""
    said = letters(text)
    return any(len(site) >= _SITE_START and said.startswith(site) for site in sites)


# --- the sources --------------------------------------------------------------------------------------------


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _metas(root: etree._Element) -> dict[str, str]:
    """The first value of each meta name, property or http-equiv, in lower case."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv")
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


def base_of(root: etree._Element, url: str | None) -> str | None:
    """What the relative addresses of a page are relative to: its own address, unless it states another."""
    stated = next((base.get("href") for base in root.iter("base") if base.get("href")), None)
    return clean(stated, url) or url if stated else url


def _language(root: etree._Element, metas: dict[str, str], graph: Linked) -> str | None:
    """The page's language as a BCP 47 tag. The html element is believed first, then what the article says."""
    html_element = root if root.tag == "html" else None
    stated = (
        html_element.get("lang") if html_element is not None else None,
        html_element.get("xml:lang") if html_element is not None else None,
        graph.language,
        metas.get("content-language"),
        metas.get("og:locale"),
        metas.get("language"),
    )
    tags = (tag.strip().replace("_", "-") for tag in stated if tag and _LANGUAGE.fullmatch(tag.strip()))
    return next(tags, None)


def _microdata(root: etree._Element) -> dict[str, str]:
    """The first microdata or RDFa value of each property we read: an attribute meant for machines, else the text.

    What belongs to an item inside the article (a live blog's entry, a comment) says nothing of the article.
    """
    found: dict[str, str] = {}
    for said in (*_ITEMPROPS(root), *_PROPERTIES(root)):
        for name, lower in _MICRODATA.items():
            if name in found or lower not in said.lower().replace(":", " ").split():
                continue
            element = said.getparent()
            if not _of_another_item(element):
                value = element.get("content") or element.get("datetime") or text_of(element)
                if value.strip():
                    found[name] = clean_text(value)[:1000]
    return found


def _of_another_item(element: etree._Element) -> bool:
    item = next((each for each in element.iterancestors() if _is_item(each)), None)
    return item is not None and item.get("itemprop") not in (None, "mainEntity", "mainEntityOfPage")


def _is_item(element: etree._Element) -> bool:
    return element.get("itemscope") is not None and not (element.get("itemtype") or "").endswith(_PEOPLE)
