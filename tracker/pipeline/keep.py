"""One look at an article: what came, whether it is to be believed, whether it is new, and where it belongs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.errors import Conflict, NoArticle, StoreBusy, UsageError
from tracker.fetch.politeness import retry_after, validators
from tracker.model import (
    Capture,
    Check,
    Outcome,
    Reading,
    Snapshot,
    Validators,
)
from tracker.normalize.memory import Memory
from tracker.normalize.quality import BARRIERS
from tracker.normalize.recipes import Recipe
from tracker.pipeline.doubts import doubt, is_another_story, is_front_page, led_elsewhere, led_to_the_front, left_host
from tracker.pipeline.memory import (
    Recall,
    between,
    fitting,
    hides_anew,
    lesson,
    lesson_aside,
    lesson_of_reread,
    recall,
    settled,
    without,
)
from tracker.pipeline.pages import GONE_STATUS, WALL_STATUS, answered, doubted, read_capture
from tracker.pipeline.reports import read_again, reading_of
from tracker.store import Entry, History, Kind, Lesson, Store
from tracker.text.decode import decode
from tracker.text.urls import folded_host

POLITE_TRIES = 8  # from then on other writers wait while we look
TRIES = 20  # a write that lost a race looks again; more losses than this in a row mean something else is wrong


@dataclass(frozen=True, slots=True)
class Terms:
    """How a capture is kept.

    recipes: the user's own. accepted: a person says that the page is right although it looks blocked. dated: its time
    was said by a person, not by the clock; it is stored even where its text is that of the capture before it, for one
    that comes later may belong between the two. read: who reads pages.
    """

    recipes: tuple[Recipe, ...] = ()
    accepted: bool = False
    dated: bool = False
    read: Callable[[Capture, tuple[Recipe, ...] | None, Memory], Reading] = read_capture


LIVE = Terms()

_Look = tuple[Check, str | None, Lesson | None]
Log = Callable[[Check, str | None, Lesson | None], None]


def keep(store: Store, capture: Capture, terms: Terms = LIVE, log: Log | None = None) -> Check:
    """Keep a capture if its text is new, and say what the look found.

    `log` takes what is to be logged of the check in the place of the store, for whoever logs many at once.
    Raises UsageError for a file whose address nobody knows, NoArticle where such a file or an accepted page has no text
    at all, StoreError when the store cannot be written.
    """
    for number in range(TRIES):
        try:
            with store.alone() if number >= POLITE_TRIES else nullcontext():
                check, modified, taught = _look(store, capture, terms)
        except Conflict:
            continue  # another writer came first: what was right a moment ago is decided anew
        check = _for_the_next(check, capture, terms)
        (log or store.record_check)(check, modified, taught)
        return check
    raise StoreBusy(f"{store.path}: other writers keep changing this article; try again when they are done")


def _look(store: Store, capture: Capture, terms: Terms) -> _Look:
    """One try at `keep`: the check, the page's dateModified, and what the page teaches about its host's furniture."""
    branch = _known(store, capture.url, capture.final_url)
    history = store.history(branch) if branch else None
    if history and not terms.dated:
        capture = replace(capture, captured_at=history.live_time(capture.captured_at))
    if (refusal := capture.refusal) and not terms.accepted:
        return _refused(store, capture, history, refusal), None, None
    if left_host(capture) or (history is None and led_to_the_front(capture)):
        return _moved(store, capture, history), None, None
    if capture.unmodified_since:
        return _unmodified(store, capture, history, capture.unmodified_since)
    if history and (stored := _stored(history, capture)):
        return _once_more(store, capture, history, stored), None, None
    if history and not terms.dated and _same_bytes(history, capture):
        return _untouched(capture, history)

    known = recall(store, history, capture.final_url or capture.url)
    reading = terms.read(capture, terms.recipes, known.memory)
    address = _address(capture, reading)
    named = store.history(branch) if (branch := _known(store, address)) else None
    leads_on = named is not None and (history is None or named.branch != history.branch)
    if named and leads_on and not terms.dated and is_another_story(store, capture, named, reading):
        named, address = None, capture.final_url or capture.url  # one address would make the two one article for ever
    if history is None:
        history = named
        known, read_with = recall(store, history, address), known.memory
        if known.memory != read_with:  # the page's own address says that it is another article, or another host's
            reading = terms.read(capture, terms.recipes, known.memory)
    barred = reading.blocked in BARRIERS and not terms.accepted  # the article may be behind it, as it was
    if history and not barred and led_elsewhere(store, capture, history, reading):
        return _moved(store, capture, history), None, None
    if terms.accepted and not reading.document.blocks:
        raise NoArticle(f"the page held back has no text to store; drop it: tracker quarantine reject {address}")
    if not terms.accepted and (reason := doubt(store, history, capture, reading, dated=terms.dated)):
        check, taught = _blocked(store, capture, history, reading, address, reason), None
    else:
        check, taught = _written(store, capture, history, reading, address, terms, known)
    return replace(check, warnings=reading.warnings), reading.modified, taught


def _for_the_next(check: Check, capture: Capture, terms: Terms) -> Check:
    """The check with what its server said about the next one."""
    if terms.dated or terms.accepted:
        return check
    until = retry_after(capture.header("retry-after"), capture.captured_at) if capture.refusal else None
    given = validators(capture, check.snapshot.revision) if check.snapshot else check.validators
    return replace(check, validators=given, retry_after=until)


def is_stored(store: Store, capture: Capture) -> bool:
    """Is this very capture in the store, as far as can be told without reading it?"""
    branch = _known(store, capture.url, capture.final_url)
    return branch is not None and _stored(store.history(branch), capture) is not None


def _stored(history: History, capture: Capture) -> Entry | None:
    """The same capture, of the same moment and the same bytes."""
    same_time = [entry for entry in history.captures if entry.captured_at == capture.captured_at]
    digest = hashlib.sha256(capture.body).hexdigest() if same_time else ""
    return next((entry for entry in same_time if entry.raw_sha256 == digest), None)


def _once_more(store: Store, capture: Capture, history: History, stored: Entry) -> Check:
    return Check(history.branch, capture.captured_at, Outcome.UNCHANGED, store.snapshot(history.branch, stored))


def _known(store: Store, *addresses: str) -> str | None:
    """The branch that one of the addresses has led to before."""
    found = (store.find_url(address) for address in addresses if address)
    return next((branch for branch in found if branch), None)


def _address(capture: Capture, reading: Reading) -> str:
    """The article's address: its canonical link where that stays on the host, else the one that answered. A link to the
    front page names no article: templates that know no better write it into all of them."""
    answered = capture.final_url or capture.url
    canonical = reading.document.content.get("canonical/link")
    if canonical and is_front_page(canonical):
        canonical = None
    if not answered and not canonical and reading.blocked:
        raise NoArticle(doubted(reading.blocked))
    if not answered and not canonical:
        raise UsageError("the page does not say its address; type it: tracker snap FILE --url https://...")
    if canonical and (not answered or folded_host(canonical) == folded_host(answered)):
        return canonical
    return answered


def _aliases(capture: Capture, address: str) -> tuple[str, ...]:
    """Every address that led to the article, each once."""
    return tuple(dict.fromkeys(url for url in (address, capture.url, *capture.redirects, capture.final_url) if url))


def _same_bytes(history: History, capture: Capture) -> bool:
    """The page is byte for byte that of the newest snapshot, so it is not even parsed."""
    newest = history.snapshots[-1]
    return (
        capture.captured_at >= newest.captured_at
        and newest.raw_sha256 == hashlib.sha256(capture.body).hexdigest()
        and not _away(history)
    )


def _away(history: History) -> bool:
    """The article was gone or moved when it was last looked at."""
    return history.entries[-1].kind in (Kind.GONE, Kind.MOVED)


def _unchanged(store: Store, capture: Capture, history: History) -> Check:
    snapshot = store.snapshot(history.branch, history.snapshots[-1])
    return Check(history.branch, capture.captured_at, Outcome.UNCHANGED, snapshot)


def _unmodified(store: Store, capture: Capture, history: History | None, since: Validators) -> _Look:
    """The server says that the page is the one of a look before this one: it is believed of the newest text alone."""
    if history is None or history.snapshots[-1].revision != since.revision:
        branch = history.branch if history else None
        error = "not modified, says the server, but since a look that is not the newest; the next asks for the page"
        return Check(branch, capture.captured_at, Outcome.FAILED, error=error), None, None
    if _away(history):
        store.write_event(history, Kind.BACK, at=capture.captured_at, url=capture.url, detail="")
    return _untouched(capture, history)


def _untouched(capture: Capture, history: History) -> _Look:
    """The page is that of the newest snapshot, so neither of the two is read."""
    newest = history.snapshots[-1]
    given = validators(capture, newest.revision)
    return Check(history.branch, capture.captured_at, Outcome.UNCHANGED, validators=given), newest.modified, None


# --- what is not a text ---------------------------------------------------------------------------------------------


def _refused(store: Store, capture: Capture, history: History | None, refusal: int) -> Check:
    """The server answered with an error: gone, walled off, or in trouble."""
    branch = history.branch if history else None
    status = f"the server answered {refusal}"
    if refusal in GONE_STATUS:
        if history and not _away(history):
            store.write_event(history, Kind.GONE, at=capture.captured_at, url=capture.url, detail=str(refusal))
        error = f"{status}: the page is gone" if history else answered(refusal)
        return Check(branch, capture.captured_at, Outcome.GONE, error=error)
    if refusal not in WALL_STATUS:
        return Check(branch, capture.captured_at, Outcome.FAILED, error=answered(refusal))
    if history:
        store.quarantine_page(history.branch, capture, status)
    return Check(branch, capture.captured_at, Outcome.BLOCKED, error=answered(refusal))


def _moved(store: Store, capture: Capture, history: History | None) -> Check:
    if history and not _away(history):
        store.write_event(history, Kind.MOVED, at=capture.captured_at, url=capture.url, detail=capture.final_url)
    branch = history.branch if history else None
    error = (
        f"redirects to {capture.final_url}, which is not this article; to follow it: tracker snap {capture.final_url}"
    )
    return Check(branch, capture.captured_at, Outcome.MOVED, error=error)


def _blocked(
    store: Store, capture: Capture, history: History | None, reading: Reading, address: str, reason: str
) -> Check:
    """Keep the page apart, where it is never a base for comparison."""
    if not (history or reading.document.blocks):
        return Check(None, capture.captured_at, Outcome.BLOCKED, error=doubted(reason))
    store.quarantine_page(history.branch if history else address, capture, reason)
    error = f"{reason}; held back, to be looked at: tracker quarantine list"
    return Check(history.branch if history else None, capture.captured_at, Outcome.BLOCKED, error=error)


# --- what is a text -------------------------------------------------------------------------------------------------


def _written(
    store: Store,
    capture: Capture,
    history: History | None,
    reading: Reading,
    address: str,
    terms: Terms,
    known: Recall,
) -> tuple[Check, Lesson | None]:
    """The snapshot that holds this text: a new one, or the one before if the text is the same. And what it teaches."""
    if history is None:
        snapshot = _write(store, None, capture, reading, address, None)
        check = Check(snapshot.article, capture.captured_at, Outcome.NEW, snapshot)
        return check, lesson(known, snapshot.article, capture, reading, known.memory)
    if stored := _stored(history, capture):  # a file whose page alone knows its address
        return _once_more(store, capture, history, stored), None
    base = history.last_before(capture.captured_at)
    if base is None or base != history.newest:  # an older capture: it is joined in at its place
        return _joined(store, capture, history, reading, address, base, terms, known)
    if _away(history):
        store.write_event(history, Kind.BACK, at=capture.captured_at, url=capture.url, detail="")
        history = store.history(history.branch)
    seen_since = store.last_check(history.branch)
    kept = reading_of(store, history, base)
    before, again, memory = kept.document, None, known.memory
    if before != reading.document or terms.dated or hides_anew(known, base, reading):
        reading, memory = settled(store, known, base, kept, reading, _reader(capture, terms))
        if before != reading.document and kept.lens != reading.lens:
            again = read_again(store, history.branch, base, terms.recipes, memory)
            if again is None:  # its page is gone: the new one is read so that its text can stand beside it
                memory = fitting(store, history, kept)
                reading = terms.read(capture, terms.recipes, memory)
        if again is not None and again.lens.recipe != reading.lens.recipe:  # it fits one of the two pages only
            reading = replace(terms.read(capture, None, memory), warnings=reading.warnings)
            again = read_again(store, history.branch, base, None, memory) if kept.lens != reading.lens else None
        if again is not None:  # also where its text is the same: neighbours share a lens
            store.write_reread(history, base, again)
            history = store.history(history.branch)
            seen_since = base.captured_at  # no later look was through this lens
            before = again.document
    same = before == reading.document
    if same and not terms.dated:
        taught = lesson_of_reread(known, history.branch, base, again, memory) if again is not None else None
        return _unchanged(store, capture, history), taught
    snapshot = _write(store, history, capture, reading, address, seen_since)
    check = Check(history.branch, capture.captured_at, Outcome.UNCHANGED if same else Outcome.CHANGED, snapshot)
    return check, lesson(known, history.branch, capture, reading, memory, before=before, first=again)


def _reader(capture: Capture, terms: Terms) -> Callable[[Memory], Reading]:
    """Reads the page with a memory."""
    return lambda memory: terms.read(capture, terms.recipes, memory)


def _joined(
    store: Store,
    capture: Capture,
    history: History,
    reading: Reading,
    address: str,
    base: Entry | None,
    terms: Terms,
    known: Recall,
) -> tuple[Check, Lesson]:
    """An older capture, which is joined in at its place behind `base`. What is edited between it and its neighbours is
    text from now on: they are read anew when they are compared."""
    after = next((entry for entry in history.snapshots if entry.captured_at >= capture.captured_at), None)
    edited = _edited_beside(store, history, base, after, terms, known, reading)
    if edited:
        reading = terms.read(capture, terms.recipes, without(known.memory, edited))
    snapshot = _write(store, history, capture, reading, address, None)
    beside = [store.snapshot(history.branch, entry).document for entry in (base, after) if entry is not None]
    same = base is not None and beside[0] == reading.document
    check = Check(history.branch, capture.captured_at, Outcome.UNCHANGED if same else Outcome.CHANGED, snapshot)
    return check, lesson_aside(known, history.branch, capture, reading, beside, edited)


def _edited_beside(
    store: Store,
    history: History,
    base: Entry | None,
    after: Entry | None,
    terms: Terms,
    known: Recall,
    reading: Reading,
) -> Mapping[str, str]:
    """What is furniture and edited between a capture and its neighbours, key -> text."""
    if not known.memory.furniture:
        return {}
    around = [
        (again, entry is base)
        for entry in (base, after)
        if entry is not None and (again := read_again(store, history.branch, entry, terms.recipes, known.memory))
    ]
    return between(store, known, around, reading)


def _write(
    store: Store,
    history: History | None,
    capture: Capture,
    reading: Reading,
    address: str,
    seen_since: datetime | None,
) -> Snapshot:
    return store.write_snapshot(
        branch=history.branch if history else None,
        expected=history,
        capture=capture,
        decoded=decode(capture.body, capture.header("content-type")),
        reading=reading,
        seen_since=seen_since,
        aliases=_aliases(capture, address),
        url=address,
    )
