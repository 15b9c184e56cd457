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
    parts = (re.escape(part) for part in f"{folded}{slash}{path}".split("*"))
    return re.compile(".*".join(parts).removesuffix("/") + "/?", re.DOTALL)
