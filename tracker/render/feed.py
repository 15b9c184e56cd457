"""Reports as the entries of a feed, with the diff inside: Atom (RFC 4287) and JSON Feed 1.1. Pure, as all of this room.

An entry's id is made of the article's branch and the keys of its two captures, so it is the same on every machine and
after every restart; a notice that comes later gives the entry a newer `updated`, and the same id.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from tracker.model import Report, Result, Verdict
from tracker.render import summary
from tracker.render.html import page_template
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import machine
from tracker.render.view import view
from tracker.render.words import label_name

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPES = {"atom": "application/atom+xml", "json-feed": "application/feed+json"}
_JSON_FEED = "https://jsonfeed.org/version/1.1"
_NAMED_LABELS = 3  # in a title
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One report as feeds carry it. `link` leads to its page, else to the article; `content` is HTML, all else text."""

    id: str
    title: str
    link: str | None
    article: str | None
    published: datetime
    updated: datetime
    tags: tuple[str, ...]
    summary: str
    content: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Entries, the newest first. `name` tells feeds apart ("all", a host, an article) and is the base of the feed's id.

    `address` is where the feed itself is found, None where that is not known.
    """

    name: str
    title: str
    entries: tuple[FeedEntry, ...]
    address: str | None = None


def feed_entry(report: Report, options: Options, link: str | None = None) -> FeedEntry:
    """The entry of one report; `link` is the address of its page where it has one."""
    captured_at = report.after.captured_at or _NEVER
    later = [one.disclosed_later.captured_at for one in report.judgements if one.disclosed_later]
    pair = report.diff.pair
    return FeedEntry(
        id=identity(pair.branch, pair.before, pair.after),
        title=title_line(report),
        link=link or report.article.url,
        article=report.article.url,
        published=captured_at,
        updated=max([captured_at, *later]),
        tags=(*(label for label, _ in report.counts.labels), f"verdict-{report.verdict.value}"),
        summary=summary.verdict_line(report),
        content=passages(report, options),
    )


def identity(*parts: str) -> str:
    """An id for a feed or an entry: a UUID made of its parts and of nothing else."""
    return uuid.uuid5(uuid.NAMESPACE_URL, visible(" ".join(("tracker", *parts)))).urn


def title_line(report: Report) -> str:
    """ "Fire kills 21: number changed, headline changed; silent": the gravest labels, as a list of entries shows it."""
    severity = {judgement.change: judgement.severity.rank for judgement in report.judgements}
    weighed = sorted(report.annotations, key=lambda note: -severity[note.change])
    labels = list(dict.fromkeys(label_name(note.label) for note in weighed))
    named = labels[:_NAMED_LABELS] + ([f"{len(labels) - _NAMED_LABELS} more"] if len(labels) > _NAMED_LABELS else [])
    said = ", ".join(named) or ("cosmetic" if report.result is Result.COSMETIC else "changed")
    verdict = "" if report.verdict is Verdict.NOTHING else summary.verdict_name(report)
    after = ", ".join(filter(None, (verdict, summary.later_name(report))))  # a list shows nothing but this line
    return f"{summary.title(report)}: {said}{f'; {after}' if after else ''}"


def passages(report: Report, options: Options) -> str:
    """What was changed as plain HTML: the changed passages, each with a sentence of what stands around it."""
    return page_template("passages.html").render(report=report, shown=view(report, options)).strip() + "\n"


def atom(feed: Feed) -> str:
    """The feed in Atom; ends with one line feed."""
    root = ET.Element("feed", {"xmlns": ATOM})
    _put(root, "title", feed.title)
    _put(root, "id", identity("feed", feed.name))
    _put(root, "updated", machine(max((entry.updated for entry in feed.entries), default=_NEVER)))
    _put(root, "generator", "tracker")
    author = ET.SubElement(root, "author")
    _put(author, "name", "tracker")
    if feed.address:
        ET.SubElement(root, "link", {"rel": "self", "type": MEDIA_TYPES["atom"], "href": feed.address})
    for entry in feed.entries:
        _atom_entry(ET.SubElement(root, "entry"), entry)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _atom_entry(element: ET.Element, entry: FeedEntry) -> None:
    _put(element, "title", entry.title)
    _put(element, "id", entry.id)
    _put(element, "updated", machine(entry.updated))
    _put(element, "published", machine(entry.published))
    if entry.link:
        ET.SubElement(element, "link", {"rel": "alternate", "href": visible(entry.link)})
    if entry.article and entry.article != entry.link:
        ET.SubElement(element, "link", {"rel": "related", "href": visible(entry.article)})
    for tag in entry.tags:
        ET.SubElement(element, "category", {"term": tag})
    _put(element, "summary", entry.summary)
    _put(element, "content", entry.content, type="html")


def _put(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """A child with text, of which nothing is left that XML does not allow."""
    kept = "\n".join(map(visible, text.split("\n")))
    ET.SubElement(parent, name, attributes).text = kept


def json_feed(feed: Feed) -> str:
    """The feed as a JSON Feed; ends with one line feed."""
    head = {"version": _JSON_FEED, "title": visible(feed.title), "authors": [{"name": "tracker"}]}
    address = {"feed_url": feed.address} if feed.address else {}
    return json.dumps(head | address | {"items": [_item(entry) for entry in feed.entries]}, indent=1) + "\n"


def _item(entry: FeedEntry) -> dict[str, Any]:
    known = {"url": entry.link, "external_url": entry.article}
    return {
        "id": entry.id,
        "title": visible(entry.title),
        "summary": visible(entry.summary),
        "content_html": entry.content,
        "date_published": machine(entry.published),
        "date_modified": machine(entry.updated),
        "tags": list(entry.tags),
    } | {key: visible(value) for key, value in known.items() if value}


FEEDS = {"atom": atom, "json-feed": json_feed}
