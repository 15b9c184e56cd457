"""Should the page be believed? A wall, an error page or an empty shell is not a version of the article."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from tracker.model import Block, BlockKind
from tracker.normalize.metadata import Metadata
from tracker.normalize.page import NO_ARTICLE
from tracker.normalize.words import phrases, plain

_NAMES = {
    "consent": "a consent wall",
    "captcha": "a robot check",
    "access": "access denied",
    "missing": "a page that says it was not found",
    "error": "an error page",
    "paywall": "a paywall",
    "shell": "an empty shell that needs JavaScript; tracker[browser] can read it",
}
_READ = (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.ENTRY, BlockKind.TABLE, BlockKind.NOTICE)
_WALL = 900  # characters: a page with more text than this is read, whatever it says beside it
_TINY = 60
_SHELL_SCRIPTS = 2


def verdict(blocks: Sequence[Block], meta: Metadata, seen: str, scripts: int) -> str | None:
    """Why the page should not be believed, or None. `seen` is all text of the page, `scripts` how many it loads."""
    said = sum(len(block.text) for block in blocks if block.kind in _READ)
    if said <= _WALL:  # a character of Chinese or Japanese says twice as much
        said += sum(char > "\u2e7f" for block in blocks if block.kind in _READ for char in block.text)
    if said > _WALL:
        return None
    words = dict(phrases(meta.language).quality)
    headline = next((block.text for block in blocks if block.kind is BlockKind.HEADLINE), "")
    titles = plain(f"{meta.title or ''} | {headline}")
    body = plain(seen[: 4 * _WALL])
    for key in ("captcha", "access", "missing", "error", "consent"):
        if words[key].search(titles) and said < _WALL // 2:
            return _NAMES[key]
    if said >= _WALL // 3:
        return None if not meta.paid else _paywall(words["paywall"].search(body) is not None)
    for key in ("shell", "captcha", "access", "missing", "error", "consent", "paywall"):
        if (
            len(body) < 2 * _WALL
            and words[key].search(body)
            and (said < _TINY or key in ("paywall", "captcha", "consent"))
        ):
            return _NAMES[key]
    if said == 0:
        return _NAMES["shell"] if scripts >= _SHELL_SCRIPTS and len(body) < _TINY * 3 else NO_ARTICLE
    return None


def _paywall(asks: bool) -> str | None:
    return _NAMES["paywall"] if asks else None


def count_scripts(root: etree._Element) -> int:
    """How many scripts the page loads; asked before they are cut."""
    return sum(1 for _ in root.iter("script"))
