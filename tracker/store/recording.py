"""Snapshots, rereads and events are written against what the caller has seen, and given back as the store has them.

Here is found out whether something may be written of an article at all; `deposit.py` makes the commits.
"""

from __future__ import annotations

from datetime import datetime

from tracker.errors import Conflict, StoreError
from tracker.model import Capture, Reading, Snapshot
from tracker.store import pages
from tracker.store.archive import Archive, shown_snapshot
from tracker.store.commits import Entry, Facts, Kind, subject
from tracker.store.deposit import Depositor, addresses, check_address
from tracker.store.history import History
from tracker.store.index import Index
from tracker.store.reader import Reader
from tracker.store.refresh import Refresher
from tracker.store.repository import Repository
from tracker.text import urls
from tracker.text.decode import Decoded


class Recorder(Archive):
    """An archive that is written."""

    def __init__(
        self, repository: Repository, reader: Reader, index: Index, refresher: Refresher, deposits: Depositor
    ) -> None:
        super().__init__(repository, reader, index, refresher)
        self._deposits = deposits

    def write_snapshot(
        self,
        *,
        branch: str | None,
        expected: History | None,
        capture: Capture,
        decoded: Decoded | None,
        reading: Reading,
        seen_since: datetime | None,
        aliases: tuple[str, ...] = (),
        url: str | None = None,
    ) -> Snapshot:
        """Store a capture and its text; the stored snapshot where this capture is known already.

        `url` is the article's address (default: what was asked for); a new article's branch is named after it.
        `expected` is the History that the caller decided on, None for a new article. `seen_since` is the check before
        this one. A capture older than the newest one is joined in at its place. When this returns, page and text are
        on the disk. Raises Conflict where the article has moved since, StoreBusy, and StoreError.
        """
        address = url or capture.url or capture.final_url
        led = addresses(address, capture, aliases)
        if expected is None:
            name = branch or urls.branch_name(address)
            self._refuse_known(name, led)
        else:
            name = expected.branch
            check_address(name, expected, led)
            if stored := _stored(expected, capture):
                return self.snapshot(name, stored)
        before = self._text_before(expected, capture, reading)
        self._deposits.snapshot(name, expected, capture, decoded, reading, before, seen_since, address, aliases)
        history = self.history(name)
        entry = _stored(history, capture)
        if entry is None:
            raise StoreError(f"{name} lost a snapshot between write and look; run `tracker doctor`")
        return shown_snapshot(history.branch, entry, entry, reading.document)

    def write_reread(self, expected: History, entry: Entry, reading: Reading) -> Entry:
        """Store the text of a stored capture as another lens reads it: no change by the outlet.

        The next snapshot of this check takes the capture time of `entry` as its `seen_since`: only that capture has
        been seen through the new lens. Raises as `write_snapshot`.
        """
        self._deposits.reread(expected.branch, expected, entry.key, reading, entry.url, reading.document.headline)
        history = self.history(expected.branch)
        return history.reread_of(entry, reading.lens) or entry

    def write_event(
        self,
        expected: History,
        kind: Kind,
        *,
        at: datetime,
        url: str,
        detail: str,
        aliases: tuple[str, ...] = (),
        seen_since: datetime | None = None,
    ) -> Entry:
        """Store that an article is gone, moved or back; `detail` says it in words ("404", "to https://...").

        The text stays as it is. Raises as `write_snapshot`.
        """
        if kind not in {Kind.GONE, Kind.MOVED, Kind.BACK}:
            raise ValueError(f"not an event: {kind}")
        new = tuple(alias for each in aliases if (alias := urls.identity(each)) not in expected.aliases)
        facts = Facts(kind=kind, captured_at=at, seen_since=seen_since, url=url, aliases=new)
        headline = self.document(expected.tip).headline
        self._deposits.event(
            expected.branch, expected, facts, subject(headline, f"{kind} ({detail})" if detail else kind)
        )
        history = self.history(expected.branch)
        return next(each for each in reversed(history.entries) if each.kind is kind and each.captured_at == at)

    def _refuse_known(self, name: str, led: tuple[str, ...]) -> None:
        """A new article must be new. The same name for another address would mix two stories: never stored."""
        if self._refresher.article(name) is None:
            return
        known = self.history(name)
        check_address(name, known, led)
        raise Conflict(f"{known.branch} is stored already; look at it and try again")

    def _text_before(self, expected: History | None, capture: Capture, reading: Reading) -> str | None:
        """The article.md before a capture, as the capture's own lens reads it if it was ever read so."""
        if expected is None:
            return None
        key = (capture.captured_at, pages.page_digest(capture.body))
        earlier = [each for each in expected.captures if each.key < key]
        if not earlier:
            return None
        read = expected.reread_of(earlier[-1], reading.lens) or earlier[-1]
        return (self._reader.blob(f"{read.tree}:article.md") or b"").decode("utf-8", "replace")


def _stored(history: History, capture: Capture) -> Entry | None:
    """The snapshot of a capture, if it is there."""
    key = (capture.captured_at, pages.page_digest(capture.body))
    return next((each for each in history.captures if each.key == key), None)
