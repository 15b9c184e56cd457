"""Asks a time-stamping server through the guard that also fetches pages."""

from __future__ import annotations

from collections.abc import Callable

from tracker.fetch import Fetcher, FetchOptions

QUERY = "application/timestamp-query"


def stamper(address: str, options: FetchOptions) -> Callable[[bytes], bytes]:
    """A call that sends a request in the form of RFC 3161 to a server and gives its answer. Raises FetchError."""

    def stamp(query: bytes) -> bytes:
        with Fetcher(options) as fetcher:
            return fetcher.web.post(address, query, QUERY)

    return stamp
