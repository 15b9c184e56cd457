"""HTML files and standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import BinaryIO

from tracker.errors import FetchError, NotHtml, UsageError
from tracker.fetch.kinds import not_html
from tracker.fetch.options import FetchOptions
from tracker.model import Capture, Source

_HOST = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}(?::\d+)?/")  # "example.org/story", where somebody left out https://


def fetch_file(source: str, options: FetchOptions) -> Capture:
    """The bytes of an HTML file. Raises UsageError, FetchError or NotHtml."""
    try:
        with Path(source).open("rb") as file:
            body = _read(file, source, options)
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = f"; for a web address write https://{source}" if _HOST.match(source) else ""
        raise UsageError(f"{source}: no such file{hint}") from error
    except IsADirectoryError as error:
        raise UsageError(f"{source} is a folder; name an HTML file in it") from error
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{source!r} is no path") from error
    except OSError as error:
        raise FetchError(f"{source} cannot be read: {error.strerror or error}") from error
    return _capture(body, source, Source.FILE, options)


def fetch_stdin(options: FetchOptions) -> Capture:
    """The bytes of standard input. Raises FetchError or NotHtml."""
    try:
        body = _read(options.stdin or sys.stdin.buffer, "standard input", options)
    except OSError as error:
        raise FetchError(f"standard input cannot be read: {error.strerror or error}") from error
    return _capture(body, "standard input", Source.STDIN, options)


def _read(file: BinaryIO, name: str, options: FetchOptions) -> bytes:
    body = file.read(options.max_bytes + 1)
    if len(body) > options.max_bytes:
        raise FetchError(f"{name} is larger than {options.max_bytes:,} bytes, too large for an article")
    return body


def _capture(body: bytes, name: str, source: Source, options: FetchOptions) -> Capture:
    kind = not_html(body)
    if kind:
        raise NotHtml(f"{name} is not an HTML page but {kind}")
    url = options.url or ""
    return Capture(url=url, final_url=url, captured_at=options.now(), status=None, headers=(), body=body, source=source)
