"""Is a page to be believed, and is it the article at all? Nothing is written here."""

from __future__ import annotations

from tracker.model import Capture, Document, Reading, Source
from tracker.normalize.loss import BODY, sudden_loss, withdrawn
from tracker.store import Entry, History, Store
from tracker.text.codec import text_digest
from tracker.text.decode import GUESSED, decode
from tracker.text.tokens import tokens
from tracker.text.urls import edition, folded_host, identity

SAME_STORY = 0.5  # share of the old text that a redirect's target must still hold to be the same article
_RUN = 3  # words


def left_host(capture: Capture) -> bool:
    """Was the question answered by another host than the one that was asked?"""
    return bool(capture.redirects) and folded_host(capture.url) != folded_host(capture.final_url)


def is_front_page(url: str) -> bool:
    """Is it the address of a host alone?"""
    return not identity(url).partition("/")[2]


def led_to_the_front(capture: Capture) -> bool:
    """A redirect to the front page, which many sites have for whatever they have no longer."""
    return bool(capture.redirects) and is_front_page(capture.final_url) and not is_front_page(capture.url)


def led_elsewhere(store: Store, capture: Capture, history: History, reading: Reading) -> bool:
    """A redirect within the host whose target does not hold the article's text."""
    if not capture.redirects or identity(capture.url) == identity(capture.final_url):
        return False
    if store.find_url(capture.final_url) == history.branch:
        return False
    old = store.snapshot(history.branch, history.snapshots[-1]).document
    return not _holds(reading.document, old)


def _holds(document: Document, old: Document) -> bool:
    """Is half of an old text still in this one? Told by runs of words: a paragraph in which a word was changed holds
    most of its own, and a byline, a picture or one paragraph of background make no two stories one."""
    before = _runs(old)
    return len(before & _runs(document)) >= len(before) * SAME_STORY


def _runs(document: Document) -> frozenset[tuple[str, ...]]:
    texts = (block.text for block in document.blocks if block.kind in BODY)
    words = [[token.text for token in tokens(text) if token.text[0].isalnum()] for text in texts]
    return frozenset(tuple(each[at : at + _RUN]) for each in words for at in range(max(1, len(each) - _RUN + 1)))


def is_another_story(store: Store, capture: Capture, history: History, reading: Reading) -> bool:
    """A page whose canonical link leads to a story with another headline and another text: a mistake of its template.
    Of pages that may be years apart nothing is said."""
    if reading.blocked or not capture.url:
        return False
    return _is_other(reading.document, store.snapshot(history.branch, history.snapshots[-1]).document)


def _is_other(document: Document, old: Document) -> bool:
    return old.headline != document.headline and not _holds(document, old)


def doubt(store: Store, history: History | None, capture: Capture, reading: Reading, *, dated: bool) -> str | None:
    """Why the page should not be believed, or None."""
    if reading.blocked:
        return reading.blocked
    base = history.last_before(capture.captured_at) if history else None
    if history is None or base is None:
        return None
    before, after = store.snapshot(history.branch, base).document, reading.document
    if before == after:
        return None
    page = None if dated else _sent(store, history, base, capture)
    if page is not None and (other := _other(page, capture, before, after, history)):
        return other  # it stays so until a person has looked
    reason = sudden_loss(before, after)
    if page is not None:
        reason = reason or _cut_off(page, capture) or _other_edition(page, capture)
    if reason and store.loss_confirmed(history.branch, text_digest(after), capture.captured_at):
        return None
    return reason


def _other(before: Capture, now: Capture, old: Document, document: Document, history: History) -> str | None:
    """Why a page shows nothing of what became of the text, however long it is there."""
    return _other_way(before, now) or _of_another(before, now, old, document, history) or _misread(before, now)


def _sent(store: Store, history: History, base: Entry, now: Capture) -> Capture | None:
    """The page that a server sent before, None where one of the two did not come from a server, or is pruned."""
    before = store.raw(history.branch, base) if now.source is Source.WEB else None
    return before if before is not None and before.source is Source.WEB else None


def _other_way(before: Capture, now: Capture) -> str | None:
    """Two ways to ask a server give two texts, and the outlet has edited nothing: a person must look."""
    if before.rendered == now.rendered:
        return None
    way, other = ("with a browser", "without one") if now.rendered else ("without a browser", "with one")
    return f"asked for {way}, the text differs from the one before, which was asked for {other}"


def _of_another(before: Capture, now: Capture, old: Document, document: Document, history: History) -> str | None:
    """The page of another story, or of none: it bears an address that has never been this article's, answers at another
    one, or bears nothing of what the page before said of itself.

    A cache that mixes up its pages gives one story under the address of another, some sites their front page in the
    place of whatever they cannot find, and a wall in words of its own is rarely dressed as the article behind it. A
    story that is written anew keeps its address, or its date; one that is taken back may keep nothing.
    """
    if withdrawn(document.blocks, document.language):
        return None
    named = document.content.get("canonical/link")
    if named and named != old.content.get("canonical/link") and identity(named) not in history.aliases:
        where = f"it calls itself {named}"
    elif not now.redirects and identity(before.final_url) != identity(now.final_url):
        where = f"{now.final_url} answered, and not {before.final_url} as before"
    elif (said := _of_itself(old)) and not said & _of_itself(document):
        where = "nothing on it says that it is this article"
    else:
        return None
    return f"another headline and another text, and {where}" if _is_other(document, old) else None


def _of_itself(document: Document) -> frozenset[tuple[str, str]]:
    """What names an article whatever its text: its addresses, and when it was published."""
    facts = (*document.content.of("canonical"), *document.content.of("published"))
    return frozenset((key, identity(value)) for key, value in facts)


def _cut_off(before: Capture, now: Capture) -> str | None:
    """A server that breaks down within a page can end its answer as if that were all of it."""
    return "the page breaks off: it had an end before" if _has_end(before) and not _has_end(now) else None


def _has_end(page: Capture) -> bool:
    return b"</html" in page.body.replace(b"\0", b"").lower()


def _misread(before: Capture, now: Capture) -> str | None:
    """Where the label of its encoding is left out of one answer, every letter beyond ASCII becomes another."""
    old, new = (decode(page.body, page.header("content-type")) for page in (before, now))
    if new.rung != GUESSED or new.encoding == old.encoding or old.text.isascii():
        return None
    return f"nothing says any more how its letters are written ({old.encoding} before)"


def _other_edition(before: Capture, now: Capture) -> str | None:
    """Pages for telephones and for caches lack this and that; where a person asks for one, it is meant."""
    led = before.redirects or now.redirects
    if not led or edition(before.final_url) == edition(now.final_url):
        return None
    return f"another edition of the page: {now.final_url} answered, and not {before.final_url} as before"
