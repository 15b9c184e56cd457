"""The station fetch: an address, an HTML file or standard input -> Capture."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.errors import Refused
from tracker.fetch.options import FetchOptions, own_name
from tracker.model import Capture

__all__ = ["FETCHERS", "FetchOptions", "fetch", "own_name"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # one letter alone is the drive of a path


def _web(source: str, options: FetchOptions) -> Capture:
    from tracker.fetch.http import fetch_web  # here, so that reading a file does not wait for the HTTP client

    return fetch_web(source, options)


FETCHERS: dict[str, Callable[[str, FetchOptions], Capture]] = {"http": _web, "https": _web}


def fetch(source: str, options: FetchOptions) -> Capture:
    """The bytes behind a source: a web address, the path of an HTML file, or "-" for standard input.

    A page that answers with a status of 400 or more is a Capture as well. Raises FetchError where nothing came,
    Refused for an address that we do not ask, NotHtml for what is no page, UsageError for a path that leads nowhere.
    """
    from tracker.fetch.files import fetch_file, fetch_stdin

    if source == "-":
        return fetch_stdin(options)
    scheme = _SCHEME.match(source.strip())
    if scheme is None:
        return fetch_file(source, options)
    fetcher = FETCHERS.get(scheme.group(1).lower())
    if fetcher is None:
        kinds = ", ".join(f"{kind}:" for kind in FETCHERS)
        raise Refused(f"{scheme.group()} is not read, only {kinds} and files; for a file of this name write ./{source}")
    return fetcher(source.strip(), options)
