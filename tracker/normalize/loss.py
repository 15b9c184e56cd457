"""Sudden loss of text: a page that shrank is more often a broken page than an edit."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.model import Block, BlockKind, Document, NoticeKind
from tracker.text.wording import notice_opening

BODY = {BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.HEADING, BlockKind.ENTRY, BlockKind.TABLE}
WITHDRAWN = {NoticeKind.RETRACTION, NoticeKind.REMOVAL}
ENOUGH_WORDS = 100  # below this a text is too short for its loss to say anything
KEPT_SHARE = 0.4


def sudden_loss(before: Document, after: Document) -> str | None:
    """Why `after` should not be believed as the next text of `before`, or None.

    A loss with retraction or withdrawal wording is an edit, and the most important one of all.
    """
    old, new = _words(before), _words(after)
    if old < ENOUGH_WORDS or new >= old * KEPT_SHARE or withdrawn(after.blocks, after.language):
        return None
    return f"sudden loss of text ({old} words before, {new} now)"


def withdrawn(blocks: Sequence[Block], language: str | None) -> bool:
    """Does the page say that its publisher has taken the story back?"""
    openings = (notice_opening(block.text, language) for block in blocks)
    return any(opening is not None and opening.kind in WITHDRAWN for opening in openings)


def _words(document: Document) -> int:
    """Words; where no spaces stand between them, two characters are taken for one."""
    texts = [block.text for block in document.blocks if block.kind in BODY]
    return sum(len(text.split()) + sum(char > "\u2e7f" for char in text) // 2 for text in texts)
