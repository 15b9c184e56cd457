"""How pages are to be had: what holds for all of them, and what one is asked with."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tracker.fetch.secrets import NONE, Secrets
from tracker.model import Validators

_PRODUCT = re.compile(r"(?:Mozilla\S* \(compatible; )?([A-Za-z_-]+)")


@functools.cache
def own_name() -> str:
    """What we call ourselves to servers: a program, and which."""
    return f"tracker/{importlib.metadata.version('tracker')} (keeps the versions of news articles)"


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """What holds for every page. `now` gives the time of a capture (aware, UTC). Times are in seconds, sizes in bytes.

    `timeout` is the longest silence of a server, `deadline` the longest time for one page with its redirects and its
    host's robots.txt. `max_bytes` holds for what comes over the wire and for what it inflates to. `headers` are sent
    to the host of the source alone, never where it redirects to; `secrets` to their own hosts alone, where the source
    is theirs. `proxy` ("http://user:password@host:port") makes the connections; then the addresses of a host are
    checked as far as we know them, but it is the proxy that looks them up again. `url` is the address that a file or
    standard input is known by.
    """

    now: Callable[[], datetime]
    timeout: float = 20.0
    deadline: float = 60.0
    max_bytes: int = 50 * 1024 * 1024
    allow_private: bool = False
    user_agent: str = ""  # our own name
    headers: tuple[tuple[str, str], ...] = ()
    secrets: Secrets = field(default=NONE, repr=False)
    proxy: str | None = field(default=None, repr=False)
    stdin: BinaryIO | None = None
    url: str | None = None

    @property
    def agent(self) -> str:
        """What servers are told that we are."""
        return self.user_agent or own_name()

    @property
    def robot(self) -> str:
        """The name under which a robots.txt speaks of us: the product that the user agent begins with."""
        found = _PRODUCT.match(self.agent)
        return found[1] if found else "tracker"


@dataclass(frozen=True, slots=True)
class Ask:
    """What one page is asked with.

    `validators` are those of the look before (`Check.validators`): the server then may answer "not modified", a Capture
    without a body. Without them the whole page is asked for, which has to be done now and then, for a server can be
    wrong about what it has changed. `ignore_robots`: a person said that the host's robots.txt is not to be asked.
    `browser`: the page is to be had as a browser shows it, which is always the whole of it; `screenshot` then is the
    file that a picture of it (PNG) is written to.
    `any_kind`: what comes need not be HTML; it may be a feed or a sitemap.
    """

    validators: Validators | None = None
    ignore_robots: bool = False
    browser: bool = False
    screenshot: Path | None = None
    any_kind: bool = False


PLAINLY = Ask()
