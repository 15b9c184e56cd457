"""What leads to articles: feeds, sitemaps and section pages, read into addresses with the times they give. Pure.

Whatever came may be hostile: a document type declaration is refused before any parser sees it (entities can make a
gigabyte of a line, or name files), and only so many entries are read of one source.
"""

from __future__ import annotations

import calendar
import io
import itertools
import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from tracker.errors import FetchError, UnreadableError
from tracker.fetch.inflate import inflate
from tracker.normalize.metadata import base_of
from tracker.normalize.page import parse
from tracker.text.decode import decode
from tracker.text.urls import clean, folded_host, identity
from tracker.watch.listed import Kind

MOST_ENTRIES = 1_000  # read of one source in one look, the newest first
MOST_BYTES = 50 * 1024 * 1024  # of a sitemap when it is unpacked: what its own rules allow
MOST_SITEMAPS = 50  # parts of an index that are followed
MOST_READ = 50_000  # entries that are looked at, the first: what a sitemap may have
MOST_OF_FEED = 10 * 1024 * 1024  # bytes: what is read of it in Python takes its time
MOST_TAGS = 4_000_000  # of a sitemap: each takes memory, however short it is written
# Before there were pages: the year 1 or 1970 is what programs write for want of a date.
_FIRST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
_HEAD = 65_536  # bytes in which a body says what it is
_GZIP = b"\x1f\x8b"
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PROLOGUE = re.compile(rb"(?>(?:\s+|<\?.*?\?>|<!--.*?-->)*)", re.DOTALL)  # what may stand before the first element
_BARE = re.compile(rb"&(?!#?\w+;)")
_ROOT = re.compile(rb"<(?:\w+:)?(\w+)")
_FEEDS = (b"rss", b"feed", b"RDF", b"channel")
_SITEMAPS = (b"urlset", b"sitemapindex")
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One address that a source leads to. `published` and `changed` are seconds since 1970, None where not given."""

    url: str
    published: float | None = None
    changed: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds: articles, or for an index of sitemaps those; `left_out` counts what was too much of it."""

    entries: tuple[Entry, ...] = ()
    sitemaps: tuple[Entry, ...] = ()
    left_out: int = 0


def kind_of(body: bytes) -> Kind:
    """What a body is by its first bytes: feed, sitemap, or else a page. Raises UnreadableError for a DOCTYPE in XML."""
    body = _inflated(body)
    if _as_json_feed(body) is not None:
        return Kind.FEED
    start = _plain(body)
    root = _ROOT.match(start, _prologue(start))
    name = root[1] if root else b""
    if name in _FEEDS or name in _SITEMAPS:
        return Kind.FEED if name in _FEEDS else Kind.SITEMAP
    if start.lstrip().startswith(b"<?xml") and _DECLARATION.search(start) and b"<html" not in body.lower():
        raise UnreadableError("the XML declares a document type, which is not read: it could blow up or name files")
    return Kind.ARTICLE


def read_source(kind: Kind, body: bytes, url: str, content_type: str | None = None) -> Found:
    """What a source leads to, the newest first. Raises UnreadableError where it is not what it is said to be."""
    if kind is Kind.SECTION:
        return _within(_links(body, url, content_type))
    body = _as_utf_8(_inflated(body), content_type)
    _refuse_declarations(body)
    if kind is Kind.SITEMAP:
        return _read_sitemap(body, url)
    if len(body) > MOST_OF_FEED:
        raise UnreadableError(f"it is larger than {MOST_OF_FEED:,} bytes, too large for a feed")
    feed = _as_json_feed(body)
    return _within(_of_json_feed(feed, url) if feed is not None else _of_feed(body, url))


def feeds_named(body: bytes, url: str) -> tuple[str, ...]:
    """The feeds that a page names for itself."""
    page = parse(body, None).root
    if page is None:
        return ()
    base = base_of(page, url)
    named = (clean(link.get("href", ""), base) for link in page.iterfind(".//link[@href]") if _is_feed(link))
    return tuple(dict.fromkeys(named))


def _is_feed(link: etree._Element) -> bool:
    kind = link.get("type", "").partition(";")[0].strip().lower()
    return "alternate" in link.get("rel", "").lower().split() and kind in _FEED_TYPES


def _within(entries: Iterable[Entry], sitemaps: tuple[Entry, ...] = ()) -> Found:
    """Each address once, the newest first, and no more than so many."""
    once: dict[str, Entry] = {}
    for each in _of_web(entries):
        once.setdefault(identity(each.url), each)
    ordered = sorted(once.values(), key=lambda each: -(each.changed or each.published or 0.0))
    return Found(tuple(ordered[:MOST_ENTRIES]), sitemaps, max(0, len(ordered) - MOST_ENTRIES))


def _of_web(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Those of the first that can be asked for: anything else could be the name of a file of ours."""
    return (each for each in itertools.islice(entries, MOST_READ) if folded_host(each.url))


def _inflated(body: bytes) -> bytes:
    """A sitemap that lies packed on its server (sitemap.xml.gz), unpacked as far as the limit allows."""
    if not body.startswith(_GZIP):
        return body
    try:
        return inflate([body], "gzip", MOST_BYTES)
    except FetchError as error:
        raise UnreadableError(f"it is packed, and cannot be unpacked: {error}") from error


# --- XML that may be hostile ----------------------------------------------------------------------------------


def _plain(body: bytes) -> bytes:
    """The start of a body as ASCII, whatever its width of characters."""
    return body[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")


def _as_utf_8(body: bytes, content_type: str | None) -> bytes:
    """The body in the one encoding in which it is checked and parsed: what is written in another could say to a parser
    what the check did not see."""
    return decode(body, content_type).text.replace("\0", "").encode("utf-8", "replace")


def _prologue(body: bytes) -> int:
    """Where what may stand before the first element ends."""
    found = _PROLOGUE.match(body)
    return found.end() if found else 0


def _refuse_declarations(body: bytes) -> None:
    """Within the elements nothing is declared: it is quoted. Before them parsers look into comments as well."""
    root = _ROOT.search(body, _prologue(body))
    if _DECLARATION.search(body, 0, root.start() if root else len(body)):
        raise UnreadableError("it declares a document type, which is not read: it could blow up or name files")


def _tree(body: bytes) -> etree._Element:
    """The tree as it stands, or as far as it can be mended: an address with a bare & in it is still that address."""
    for text, recover in ((body, False), (_BARE.sub(b"&amp;", body), True)):
        parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=recover, huge_tree=False
        )
        with suppress(etree.XMLSyntaxError, ValueError):
            root = etree.fromstring(text, parser)
            if root is not None:
                return root
    raise UnreadableError("it is no XML that can be read")


# --- feeds ----------------------------------------------------------------------------------------------------


def _of_feed(body: bytes, url: str) -> Iterator[Entry]:
    """The entries of RSS or Atom, however broken."""
    import feedparser  # here: it takes a while to load

    told = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        feed = feedparser.parse(io.BytesIO(body), response_headers=told, sanitize_html=False)
    except Exception as error:
        raise UnreadableError(f"it is no feed that can be read: {type(error).__name__}: {error}") from error
    if not feed.get("version") and not feed.entries:
        raise UnreadableError("it is no feed: neither RSS nor Atom")
    for entry in feed.entries:
        said = dict(entry)  # its own `get` takes one date for another where there is only one
        if link := said.get("link"):
            yield Entry(clean(link, url), _moment(said.get("published_parsed")), _moment(said.get("updated_parsed")))


def _moment(parsed: time.struct_time | None) -> float | None:
    try:
        return _believed(float(calendar.timegm(parsed))) if parsed else None
    except (ValueError, OverflowError):
        return None


def _believed(moment: float) -> float | None:
    return moment if moment >= _FIRST else None


def _as_json_feed(body: bytes) -> dict[str, Any] | None:
    """A JSON Feed, None for anything else."""
    if len(body) > MOST_OF_FEED or not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    is_feed = isinstance(found, dict) and "jsonfeed.org/version/" in str(found.get("version"))
    return found if is_feed and isinstance(found.get("items"), list) else None


def _of_json_feed(feed: dict[str, Any], url: str) -> Iterator[Entry]:
    for item in feed["items"]:
        if isinstance(item, dict) and isinstance(link := item.get("url") or item.get("external_url"), str):
            yield Entry(clean(link, url), _stated(item.get("date_published")), _stated(item.get("date_modified")))


def _stated(text: object) -> float | None:
    """A time in ISO 8601, as sitemaps and JSON Feeds have it; a day alone says too little to be one."""
    if not isinstance(text, str) or len(text.strip()) < len("2015-05-31T15:13"):
        return None
    try:
        given = datetime.fromisoformat(text.strip())
        return _believed(given.replace(tzinfo=given.tzinfo or UTC).timestamp())
    except (ValueError, OverflowError):
        return None


# --- sitemaps -------------------------------------------------------------------------------------------------


def _read_sitemap(body: bytes, url: str) -> Found:
    """A sitemap, or an index of them."""
    if body.count(b"<") > MOST_TAGS:
        raise UnreadableError(f"it has more than {MOST_TAGS:,} tags, too many for a sitemap")
    root = _tree(body)
    name = _name(root)
    if name == "sitemapindex":
        parts = sorted(_of_web(_locations(root, "sitemap", url)), key=lambda each: -(each.changed or 0.0))
        return Found((), tuple(parts[:MOST_SITEMAPS]), max(0, len(parts) - MOST_SITEMAPS))
    if name != "urlset":
        raise UnreadableError("it is no sitemap: neither <urlset> nor <sitemapindex>")
    return _within(_locations(root, "url", url))


def _locations(root: etree._Element, tag: str, url: str) -> Iterator[Entry]:
    for each in root.iterchildren():
        if _name(each) != tag:
            continue
        parts = _parts(each)  # its own: pictures and videos within have addresses and dates, too
        news = _parts(parts["news"]) if "news" in parts else {}
        if loc := _text(parts.get("loc")):
            published, changed = _text(news.get("publication_date")), _text(parts.get("lastmod"))
            yield Entry(clean(loc, url), _stated(published), _stated(changed))


def _name(element: etree._Element) -> str:
    """The name of an element without its prefix, whether that is declared or not."""
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""


def _parts(element: etree._Element) -> dict[str, etree._Element]:
    """The children of an element, by their names."""
    return {_name(part): part for part in element.iterchildren()}


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


# --- section pages --------------------------------------------------------------------------------------------


def _links(body: bytes, url: str, content_type: str | None) -> Iterator[Entry]:
    """Where a page's links lead, in its order; only within its own host."""
    page = parse(body, content_type).root
    if page is None:
        return
    host, base = folded_host(url), base_of(page, url)
    for link in page.iterfind(".//a[@href]"):
        target = clean(link.get("href", ""), base)
        if folded_host(target) == host and identity(target) != identity(url):
            yield Entry(target)
