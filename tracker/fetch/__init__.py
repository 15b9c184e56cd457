"""The station fetch: an address, an HTML file or standard input -> Capture.

    with Fetcher(options, robots) as fetcher:            one a thread, for many pages
        capture = fetcher.fetch(url, Ask(validators))

What a server answers is a Capture, whatever its status, "not modified" (304, only where validators were given) among
them; `tracker.pipeline.keep` says what it means. What went wrong is an error of the tree in tracker.errors: HostDown
and Unavailable are about the whole host of the source, Forbidden is what a robots.txt says of the page, any other
FetchError is about this page at this moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tracker.errors import FetchError, HostDown, Refused, Unavailable
from tracker.fetch.options import PLAINLY, Ask, FetchOptions, own_name
from tracker.fetch.robots import Robots, origin_of
from tracker.model import Capture
from tracker.text.urls import folded_host

if TYPE_CHECKING:
    from tracker.fetch.http import Web

__all__ = ["FETCHERS", "Ask", "FetchOptions", "Fetcher", "Robots", "fetch", "own_name"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # one letter alone is the drive of a path


class Fetcher:
    """Fetches many sources: connections stay open between them, and a host is asked once a day for its robots.txt.

    One a thread: it is never to be used by two at the same time. Nothing but connections and `robots` passes from one
    page to the next; cookies do not.

    `robots` is where every robots.txt is looked up and put down, by origin ("https://news.example"): a dict, or any
    mapping that keeps them between processes. Several fetchers may share it if it can be shared.
    """

    def __init__(self, options: FetchOptions, robots: MutableMapping[str, Robots] | None = None) -> None:
        self.options = options
        self.robots: MutableMapping[str, Robots] = {} if robots is None else robots
        self._open = ExitStack()
        self._web: Web | None = None

    @property
    def web(self) -> Web:
        """What asks servers; made when the first is asked, so that reading a file does not wait for an HTTP client."""
        if self._web is None:
            from tracker.fetch.http import Web

            self._web = self._open.enter_context(Web(self.options, self.robots))
        return self._web

    def fetch(self, source: str, ask: Ask = PLAINLY) -> Capture:
        """The bytes behind a source: a web address, the path of an HTML file, or "-" for standard input.

        An answer that is not the page (`Capture.refusal`) is a Capture as well. Raises FetchError where nothing came,
        HostDown, Unavailable, Refused and Forbidden among them, NotHtml for what is no page, UsageError for a path
        that leads nowhere.
        """
        from tracker.fetch.files import fetch_file, fetch_stdin

        if source == "-":
            return fetch_stdin(self.options)
        scheme = _SCHEME.match(source.strip())
        if scheme is None:
            return fetch_file(source, self.options)
        fetcher = FETCHERS.get(scheme.group(1).lower())
        if fetcher is None:
            kinds = ", ".join(f"{kind}:" for kind in FETCHERS)
            raise Refused(
                f"{scheme.group()} is not read, only {kinds} and files; for a file of this name write ./{source}"
            )
        return fetcher(self, source.strip(), ask)

    def crawl_delay(self, url: str) -> float | None:
        """The seconds between two requests that the robots.txt of an address asks of us, as far as it is known.

        Nothing is asked for this; after a page was fetched, its host's robots.txt is known.
        """
        try:
            known = self.robots.get(origin_of(url))
        except ValueError:  # no address at all
            return None
        return known.delay(self.options.robot) if known else None

    def close(self) -> None:
        """Close the connections. Nothing is lost without it."""
        self._open.close()
        self._web = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _page(fetcher: Fetcher, source: str, ask: Ask) -> Capture:
    try:
        if not ask.browser:
            return fetcher.web.page(source, ask)
        from tracker.fetch.browser import rendered

        return rendered(source, fetcher.options, ask, fetcher.web.may_ask)
    except (HostDown, Unavailable) as error:
        named = f"[{error.host}]" if ":" in error.host else error.host
        if folded_host(f"https://{named}/") == folded_host(source):
            raise
        # Its own host has answered, and led to another: what ails that one is no trouble of the first.
        raise FetchError(f"{source} leads to another host: {error}") from error


FETCHERS: dict[str, Callable[[Fetcher, str, Ask], Capture]] = {"http": _page, "https": _page}


def fetch(source: str, options: FetchOptions, ask: Ask = PLAINLY) -> Capture:
    """One source, as `Fetcher.fetch` gives it."""
    with Fetcher(options) as fetcher:
        return fetcher.fetch(source, ask)
