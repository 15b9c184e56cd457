"""Puts pages on the watch list: what an address is, is found out by asking for it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.errors import Deleted, FetchError, NoArticle, NotFound, TrackerError, UnreadableError, UsageError
from tracker.fetch.kinds import not_html
from tracker.model import Capture
from tracker.store import Store
from tracker.text.urls import clean, folded_host
from tracker.watch.asking import Asker
from tracker.watch.discover import feeds_named, kind_of, read_source
from tracker.watch.frontier import Frontier
from tracker.watch.listed import Kind, State, Wanted, Watched
from tracker.watch.loop import Told, Watch


@dataclass(frozen=True, slots=True)
class Patterns:
    """Which addresses a source may lead to."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What was put on the list. `known`: it was there already; `told` is what came of its first look."""

    page: Watched
    known: bool
    told: Told | None = None


def add(watch: Watch, asker: Asker, store: Store, url: str, patterns: Patterns, now: float) -> Added:
    """Ask for an address, find out what it is, put it on the list, and keep or read what came.

    Raises UsageError for what is no web address, FetchError, UnreadableError for what is neither an article nor leads
    to any, Deleted, StoreError.
    """
    if "://" not in url:
        raise UsageError(
            f"{url} is no web address, and nothing else is watched; write https://, or: tracker snap {url}"
        )
    known = watch.frontier.find(url)
    if known is not None and known.checked is not None and known.kind is Kind.ARTICLE:
        return Added(known, known=True)
    ask = watch.rules.ask(url)
    capture = asker.fetcher.fetch(url, replace(ask, browser=False, any_kind=True))
    kind = _kind(capture, url, patterns)
    if kind is Kind.ARTICLE and ask.browser:
        capture = asker.fetcher.fetch(url, ask)
    branch = store.find_url(url) if kind is Kind.ARTICLE else None
    wanted = Wanted(clean(url), kind, branch, include=patterns.include, exclude=patterns.exclude)
    (new,) = watch.frontier.add([wanted], now, now + watch.rules.lease)  # nobody else looks at it meanwhile
    page = watch.frontier.find(url, branch)
    if page is None:
        raise NotFound(f"{url} was taken off the list at this very moment; add it again")
    try:
        seen = asker.read(page, capture)
    except Deleted:
        watch.frontier.remove([page.id])
        raise
    told = watch.take(seen)
    if new and told.look.state is not State.WELL and told.look.article is None:
        watch.frontier.remove([page.id])
        raise _nothing_there(capture, url, told.look.said)
    return Added(watch.frontier.find(url, told.look.article) or page, known=not new, told=told)


def _kind(capture: Capture, url: str, patterns: Patterns) -> Kind:
    """What came: a feed or a sitemap by its bytes, a section page where patterns say which links count."""
    if capture.refusal is not None:
        return Kind.ARTICLE
    try:
        kind = kind_of(capture.body)
        if kind is not Kind.ARTICLE:
            read_source(kind, capture.body, capture.final_url)
    except UnreadableError as error:
        raise UnreadableError(f"{url}: {error}") from error
    if kind is Kind.ARTICLE and (what := not_html(capture.body, capture.header("content-type"))):
        raise UnreadableError(f"{url} is neither a page nor a feed nor a sitemap but {what}")
    return Kind.SECTION if kind is Kind.ARTICLE and patterns.include else kind


def _nothing_there(capture: Capture, url: str, said: str) -> TrackerError:
    """There is no article; what could be meant."""
    if capture.refusal is not None:
        return FetchError(f"{url}: {said}")
    feeds = feeds_named(capture.body, capture.final_url)
    host = folded_host(url)
    hint = f"tracker add {feeds[0]}" if feeds else f"tracker add {url} --include 'https://{host}/path/*'"
    return NoArticle(f"{said or url}; if its articles are meant: {hint}")


def on_list(frontier: Frontier, store: Store, name: str) -> Watched:
    """The page on the list that an address, a branch or a unique part of either names.

    Raises NotFound, and UsageError that lists them where there are several.
    """
    if exact := frontier.find(name):
        return exact
    pages = frontier.all()
    found = [page for page in pages if page.article == name] or [
        page for page in pages if name.strip() and (name in page.identity or name in (page.article or ""))
    ]
    if not found and (branch := store.find_url(name)):
        found = [page for page in pages if page.article == branch]
    if not found:
        raise NotFound(f"{name} is not watched; `tracker status --list` shows what is")
    if len(found) > 1:
        names = ", ".join(page.url for page in found[:5]) + (", ..." if len(found) > 5 else "")
        raise UsageError(f"{name!r} matches {len(found)} watched pages: {names}; give more of the address")
    return found[0]


def led_to(frontier: Frontier, source: Watched) -> Sequence[Watched]:
    """The pages on the list that a source has led to, by way of other sources as well."""
    by_origin: dict[str | None, list[Watched]] = {}
    for page in frontier.all():
        by_origin.setdefault(page.origin, []).append(page)
    found: list[Watched] = []
    leading = [source]
    while leading:  # each page has one origin, so it comes up once
        leading = [page for each in leading for page in by_origin.pop(each.identity, ())]
        found += leading
    return found
