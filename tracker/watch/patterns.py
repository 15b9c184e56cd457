"""Addresses by pattern: `https://daily.example/politics/*`, where * stands for any part of one."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from tracker.text.urls import identity

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)


def matches(url: str, pattern: str) -> bool:
    """Is it an address of this pattern? Scheme, www. and tracking parameters make no difference."""
    return _compiled(pattern).fullmatch(identity(url)) is not None


def wanted(url: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Does one of `include` match, if there are any, and none of `exclude`?"""
    included = not include or any(matches(url, pattern) for pattern in include)
    return included and not any(matches(url, pattern) for pattern in exclude)


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as it meets identities: a part without a host ("/politics/*", "*.html") is for any host."""
    text = _SCHEME.sub("", pattern.strip())
    if text.startswith("/"):
        text = f"*{text}"
    host, slash, path = text.partition("/")
    folded = re.sub(r"^(?:www|m|mobile|amp)\.(?=[^.]+\.)", "", host.lower())
    first, *others = (re.escape(part) for part in f"{folded}{slash}{path}".removesuffix("/").split("*"))
    # Each part but the last is taken where it first stands, and never tried anew: an address can be long and hostile.
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(f"{first}{middle}{last}/?", re.DOTALL)
