"""How a page is to be had."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO


@functools.cache
def own_name() -> str:
    """What we call ourselves to servers: a program, and which."""
    return f"tracker/{importlib.metadata.version('tracker')} (keeps the versions of news articles)"


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """`now` gives the time of a capture (aware, UTC). Times are in seconds, sizes in bytes.

    `timeout` is the longest silence of a server, `deadline` the longest time for one page with its redirects.
    `max_bytes` holds for what comes over the wire and for what it inflates to. `headers` are sent to the host of the
    source alone, never where it redirects to. `url` is the address that a file or standard input is known by.
    """

    now: Callable[[], datetime]
    timeout: float = 20.0
    deadline: float = 60.0
    max_bytes: int = 50 * 1024 * 1024
    allow_private: bool = False
    user_agent: str = ""  # our own name
    headers: tuple[tuple[str, str], ...] = ()
    stdin: BinaryIO | None = None
    url: str | None = None
