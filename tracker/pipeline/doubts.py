"""Is a page to be believed, and is it the article at all? Nothing is written here."""

from __future__ import annotations

from tracker.model import Capture, Document, Reading, Source
from tracker.normalize.loss import sudden_loss
from tracker.store import History, Store
from tracker.text.codec import text_digest
from tracker.text.urls import folded_host, identity

SAME_STORY = 0.5  # share of the old paragraphs that a redirect's target must still hold to be the same article


def left_host(capture: Capture) -> bool:
    """Was the question answered by another host than the one that was asked?"""
    return bool(capture.redirects) and folded_host(capture.url) != folded_host(capture.final_url)


def led_elsewhere(store: Store, capture: Capture, history: History, reading: Reading) -> bool:
    """A redirect within the host whose target does not hold the article's text."""
    if not capture.redirects or identity(capture.url) == identity(capture.final_url):
        return False
    if store.find_url(capture.final_url) == history.branch:
        return False
    old = store.snapshot(history.branch, history.snapshots[-1]).document
    return not _holds(reading.document, old)


def _holds(document: Document, old: Document) -> bool:
    """Is half of an old text still in this one?"""
    before = {block.text for block in old.blocks}
    after = {block.text for block in document.blocks}
    return len(before & after) >= len(before) * SAME_STORY


def is_another_story(store: Store, capture: Capture, history: History, reading: Reading) -> bool:
    """A page whose canonical link leads to a story with another headline and another text: a mistake of its template.
    Of pages that may be years apart nothing is said."""
    if reading.blocked or not capture.url:
        return False
    old = store.snapshot(history.branch, history.snapshots[-1]).document
    return old.headline != reading.document.headline and not _holds(reading.document, old)


def doubt(store: Store, history: History | None, capture: Capture, reading: Reading, *, dated: bool) -> str | None:
    """Why the page should not be believed, or None."""
    if reading.blocked:
        return reading.blocked
    base = history.last_before(capture.captured_at) if history else None
    if history is None or base is None:
        return None
    before = store.snapshot(history.branch, base).document
    if before != reading.document and not dated and (way := _other_way(store.raw(history.branch, base), capture)):
        return way
    loss = sudden_loss(before, reading.document)
    if loss and store.loss_confirmed(history.branch, text_digest(reading.document), capture.captured_at):
        return None
    return loss


def _other_way(before: Capture | None, now: Capture) -> str | None:
    """Two ways to ask a server give two texts, and the outlet has edited nothing: a person must look."""
    if before is None or not before.source is now.source is Source.WEB or before.rendered == now.rendered:
        return None
    way, other = ("with a browser", "without one") if now.rendered else ("without a browser", "with one")
    return f"asked for {way}, the text differs from the one before, which was asked for {other}"
