"""Should the page be believed? A wall, an error page or an empty shell is not a version of the article.

A page is judged by what it says where an article would stand: a title that says nothing else ("Access denied"), or
sentences that a wall says to its reader ("Please verify that you are human") with no story beside them. An article
about walls has a title that says more, and paragraphs that speak to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from tracker.model import Block, BlockKind
from tracker.normalize.clean import text_of
from tracker.normalize.loss import withdrawn
from tracker.normalize.metadata import Metadata
from tracker.normalize.page import NO_ARTICLE
from tracker.normalize.parts import Part, Survey
from tracker.normalize.words import Walls, folded, walls

REASONS = {
    "captcha": "a robot check",
    "region": "not available in this region",
    "access": "access denied",
    "missing": "a page that says it was not found",
    "maintenance": "a maintenance page",
    "error": "an error page",
    "consent": "a consent wall",
    "login": "a login wall",
    "paywall": "a paywall",
    "shell": "an empty shell that needs JavaScript; a browser can read it: --browser, with the extra [browser]",
}
# What stands before a page that may well be behind it, and says nothing of it.
BARRIERS = frozenset(REASONS[each] for each in ("captcha", "region", "access", "maintenance", "consent", "login"))
_MOVED = "a page that only leads to another address"
_READ = (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.ENTRY, BlockKind.TABLE, BlockKind.NOTICE)
_WALL = 900  # characters: a page with more text than this is read, whatever it says beside it
_STORY = 120  # so much text that no wall says is a story, however short
_SENTENCE = 30  # shorter lines are labels
_SOLD = 1_800  # the longest opening of a story that its page says is not free
_SEEN = 8_000  # characters of the whole page that are searched
_GATE = 300  # the longest line that can be a gate
_LABEL = 45  # a line so short speaks for itself
_TITLE = 90
_SHORT_TITLE = 32
_MARKS = " .!?:…'\"-*()[]"
_LISTING = ("missing", "error", "captcha", "access")
_SHELL_SCRIPTS = 2
_SHELL_TEXT = 180
_BORDER = re.compile(r"\s+[|–—·•»-]\s+|\s*[|»]\s*")
_REFRESH = re.compile(r"\s*\d{1,3}\s*[;,]\s*(?:url\s*=)?\s*['\"]?\s*\S", re.IGNORECASE)
_ASKS_PASSWORD = etree.XPath("boolean(//input[@type='password'])")


@dataclass(frozen=True, slots=True)
class Clues:
    """What the tree says before scripts and metadata are cut from it."""

    scripts: int = 0  # how many it loads
    password: bool = False  # it asks for a password
    leads_away: bool = False  # it sends its reader to another address at once


def clues(root: etree._Element) -> Clues:
    """Read them off the whole tree."""
    refresh = (meta.get("content") or "" for meta in root.iter("meta") if _says(meta, "http-equiv") == "refresh")
    return Clues(
        sum(1 for _ in root.iter("script")), bool(_ASKS_PASSWORD(root)), any(_REFRESH.match(each) for each in refresh)
    )


def _says(meta: etree._Element, attribute: str) -> str:
    return (meta.get(attribute) or "").strip().lower()


def visible(measured: Survey, body: Part | None) -> str:
    """The page's text, furniture and all, as far as it is looked at: each block a line of its own. Nothing where the
    container holds so much text that no wall is in question."""
    if body is not None and body.prose > 2 * _SOLD:
        return ""
    lines: list[str] = []
    length = 0
    for part in measured.order:
        if part.is_line and length < _SEEN:
            lines.append(text_of(part.element)[:_WALL])
            length += len(lines[-1])
    return "\n".join(lines)


def verdict(blocks: Sequence[Block], meta: Metadata, seen: str, found: Clues) -> str | None:
    """Why the page should not be believed, or None. `seen` is the `visible` text of the page."""
    titles = tuple(_titles(blocks, meta))
    lines = [folded(block.text) for block in blocks if block.kind in _READ]
    said = _length(lines)
    dated = bool(meta.content.of("published"))
    if said > (_SOLD if meta.paid else _WALL):
        return None if dated else REASONS.get(_agreed(titles) or "")
    words = walls()
    body = folded(seen)
    story = _length([line for line in lines if len(line) >= _SENTENCE and not _of_wall(line, words)])
    reason = None
    if story < (_STORY // 2 if dated else 3 * _STORY):
        reason = _by_title(titles, words)
    if reason is None and withdrawn(blocks, meta.language):
        return None  # "this article has been removed" says it of this article, not of an address
    if reason is None and story < (_SENTENCE if dated else _STORY):
        reason = _said(body, words, story) or _login(found, body, words)
    if reason is None and _is_sold(meta, words, body, said):
        reason = "paywall"
    if reason is not None:
        return REASONS[reason]
    return _of_nothing(body, found) if said == 0 else None


def _length(lines: Sequence[str]) -> int:
    """Characters, of which one of Chinese or Japanese counts twice: it says as much."""
    said = sum(map(len, lines))
    return said + sum(char > "\u2e7f" for line in lines for char in line) if said <= _SOLD else said


def _titles(blocks: Sequence[Block], meta: Metadata) -> Iterator[str]:
    """The title and the headline, whole and in pieces: the site's name stands beside."""
    headline = next((block.text for block in blocks if block.kind is BlockKind.HEADLINE), "")
    for text in dict.fromkeys((meta.title or "", headline)):
        whole = folded(text)
        for piece in dict.fromkeys((whole, *_BORDER.split(whole))):
            if (said := piece.strip(_MARKS)) and len(said) <= _TITLE:
                yield said


def _by_title(titles: Sequence[str], words: Walls) -> str | None:
    """What a title says that says nothing else."""
    return next((key for key, pattern in words.titles if any(map(pattern.fullmatch, titles))), None)


def _agreed(titles: Sequence[str]) -> str | None:
    """The same of a page with much text and no date, for one that was not found lists what else there is: the headline
    is no article's either. Few headlines are so short that the question is worth its patterns."""
    if not titles or len(titles[-1]) > _SHORT_TITLE:
        return None
    key = _by_title(titles, walls())
    if key not in _LISTING:
        return None
    return key if titles[-1] in titles[:-1] or _by_title(titles[-1:], walls()) == key else None


def _said(body: str, words: Walls, story: int) -> str | None:
    """What a page says that has no story: a line of a few words, or one that speaks to its reader or of itself.

    Consent is asked for below every story, too: it is a wall only where it says more than the little text beside it.
    """
    lines = [line for line in body.split("\n") if len(line) <= _LABEL or words.speaks.search(line)]
    for key, pattern in words.sentences:
        told = [line for line in lines if pattern.search(line)]
        if told and (key != "consent" or _length(told) > story):
            return key
    return None


def _of_wall(line: str, words: Walls) -> bool:
    """Is the line one that a wall says to whoever stands before it, or of itself?"""
    if not words.speaks.search(line):
        return False
    return any(pattern.search(line) for _, pattern in words.sentences) or words.small_print.search(line) is not None


def _login(found: Clues, body: str, words: Walls) -> str | None:
    """Nothing but a form that asks for a password."""
    return "login" if found.password and len(body) < 2 * _WALL and words.login.search(body) else None


def _is_sold(meta: Metadata, words: Walls, body: str, said: int) -> bool:
    """The opening of a story, and the gate before the rest of it. A meter that still has articles left is no gate."""
    if said > _WALL and not meta.paid:
        return False
    asking = "\n".join(line for line in body.split("\n") if len(line) <= _GATE and words.asking.search(line))
    return words.gate.search(asking) is not None and not words.meter.search(asking)


def _of_nothing(body: str, found: Clues) -> str:
    """Why a page without any text has none."""
    if found.leads_away:
        return _MOVED
    if found.scripts >= _SHELL_SCRIPTS and len(body) < _SHELL_TEXT:
        return REASONS["shell"]
    return NO_ARTICLE
