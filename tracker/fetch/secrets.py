"""Headers and cookies for pages behind a login, from a file of the user's own: never stored, logged or sent elsewhere.

["daily.example"]                        # https, at the usual port
headers = { Authorization = "Bearer ..." }
cookies = { session = "..." }

["http://intranet.example:8080"]         # any other scheme or port is written out
headers = { "X-Api-Key" = "..." }
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tracker.errors import ConfigError
from tracker.fetch.robots import origin_of
from tracker.text.urls import folded_host

Pairs = tuple[tuple[str, str], ...]

_HOST = re.compile(r"(?:(https?)://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?/?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")
# What makes a request what it is; a cookie has its own table.
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "cookie", "host", "te", "transfer-encoding", "upgrade"}
    | {"if-modified-since", "if-none-match", "range"}
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """By origin ("https://daily.example"): headers and cookies. None of them is in its repr."""

    headers: Mapping[str, Pairs] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    cookies: Mapping[str, Pairs] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def told(self, url: str, source: str) -> tuple[Pairs, Pairs]:
        """The headers and cookies for an address that `source` led to: none where that is another site's.

        Else any page could send us, with our names in hand, to an address of its choice on a site that knows us.
        """
        origin = origin_of(url)
        if folded_host(url) != folded_host(source):
            return (), ()
        return self.headers.get(origin, ()), self.cookies.get(origin, ())


NONE = Secrets()


def read_secrets(file: Path, store: Path) -> Secrets:
    """The secrets of a file that is its owner's alone and lies outside the store. Raises ConfigError; no message of it
    holds a value of the file."""
    if file.resolve().is_relative_to(store.resolve()):
        raise ConfigError(f"{file}: secrets must not lie in the store, which is copied and published; move the file")
    try:
        with file.open("rb") as opened:
            _private(file, os.fstat(opened.fileno()))
            tables = tomllib.loads(opened.read().decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}; name a file of secrets that can be read") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {error}") from None
    headers, cookies = {}, {}
    for name, table in tables.items():
        origin = _origin(file, name)
        if not isinstance(table, dict) or not table.keys() <= {"headers", "cookies"}:
            raise ConfigError(f"{file}: [{name!r}] may have headers = {{...}} and cookies = {{...}}, and nothing else")
        headers[origin] = _pairs(file, f"{name}: headers", table.get("headers", {}), _HEADER, _OURS)
        cookies[origin] = _pairs(file, f"{name}: cookies", table.get("cookies", {}), _COOKIE, frozenset())
    return Secrets(MappingProxyType(headers), MappingProxyType(cookies))


def _private(file: Path, found: os.stat_result) -> None:
    """Raises ConfigError if anybody but its owner, who is us or root, can read or change the file."""
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{file}: not a file; name a file of secrets")
    if found.st_uid not in {os.geteuid(), 0}:
        raise ConfigError(f"{file}: belongs to another user; make it your own")
    if found.st_mode & 0o077:
        raise ConfigError(f"{file}: others on this machine can read it; run: chmod 600 {file}")


def _origin(file: Path, name: str) -> str:
    found = _HOST.fullmatch(name)
    if found is None or int(found[3] or 0) > 65_535:
        raise ConfigError(f'{file}: {name!r} is no host; write ["daily.example"] or ["http://daily.example:8080"]')
    return origin_of(f"{found[1] or 'https'}://{found[2].lower()}{f':{found[3]}' if found[3] else ''}")


def _pairs(file: Path, place: str, table: Any, values: re.Pattern[str], refused: frozenset[str]) -> Pairs:
    if not isinstance(table, dict):
        raise ConfigError(f'{file}: {place} must be a table such as {{ name = "value" }}')
    for name, value in table.items():
        if not _NAME.fullmatch(name) or name.lower() in refused:
            raise ConfigError(f"{file}: {place}: {name!r} cannot be set here")
        if not isinstance(value, str) or not values.fullmatch(value):
            raise ConfigError(f"{file}: {place}: {name} must be text of plain letters and marks, without a line break")
    return tuple(table.items())
