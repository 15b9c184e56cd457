"""Pages that look like a wall, a consent page or an error: kept for a person to decide, never compared.

One ref an article; the commit it names is the newest page of a run of blocked checks, its parent the first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tracker.errors import NotFound, StoreError, UsageError
from tracker.model import Capture
from tracker.store.commits import moment, one_line, subject
from tracker.store.index import Index, QuarantineRow
from tracker.store.objects import GitObject, Person, Stamp, commit
from tracker.store.pages import FACTS, PAGE, page_digest, page_objects, read_capture
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import QUARANTINE, Refresher
from tracker.store.state import State
from tracker.store.writer import Moved, Writer


class Quarantine:
    """The blocked pages of a store."""

    def __init__(
        self, writer: Writer, reader: Reader, index: Index, refresher: Refresher, state: State, signature: Person
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._index = index
        self._refresher = refresher
        self._state = state
        self._signature = signature

    def put(self, branch: str, capture: Capture, reason: str) -> int:
        """Keep a blocked page; how many checks in a row were blocked now, this one among them."""
        ref = QUARANTINE + branch
        going_on = self._state.blocked_run(branch) > 0
        while True:
            newest = self._reader.tip(ref)
            first = self._first(newest) if newest and going_on else None
            objects = self._objects(capture, reason, (first,) if first else ())
            try:
                self._writer.write(
                    objects,
                    [RefMove(ref, objects[-1].id, newest)],
                    after=lambda: self._refresher.quarantine(branch),
                )
            except Moved:
                continue
            return self._state.count_blocked(branch)

    def _first(self, newest: str) -> str:
        parents = self._refresher.commit(newest).parents
        return parents[0] if parents else newest

    def _objects(self, capture: Capture, reason: str, parents: tuple[str, ...]) -> list[GitObject]:
        files = page_objects(capture, None, None)
        url = one_line(capture.url or capture.final_url)
        lines = (
            subject(url, f"blocked, {reason}"),
            "",
            "Kind: blocked",
            f"Captured-At: {moment(capture.captured_at)}",
            f"Raw-SHA256: {page_digest(capture.body)}",
            f"Reason: {one_line(reason)}",
            f"URL: {url}",
            f"Source: {capture.source}",
            "",
        )
        author = Stamp(self._signature, int(capture.captured_at.timestamp()))
        written = Stamp(self._signature, int(datetime.now(UTC).timestamp()))
        return [*files, commit(files[-1].id, parents, author, written, "\n".join(lines))]

    def rows(self) -> list[QuarantineRow]:
        """All runs, the newest first."""
        return [replace(row, count=max(1, self._state.blocked_run(row.branch))) for row in self._index.quarantine()]

    def find(self, name: str) -> QuarantineRow:
        """The run of the article that a branch name, an address or a unique part of one names."""
        rows = self.rows()
        exact = [row for row in rows if name in {row.branch, row.url}]
        found = exact or [row for row in rows if name.lower() in row.branch or name.lower() in row.url.lower()]
        if not found:
            raise NotFound(f"nothing is held back for {name}; `tracker quarantine list` shows what is")
        if len(found) > 1:
            raise UsageError(f"{name} names several: {', '.join(row.branch for row in found[:5])}; give more of it")
        return found[0]

    def page(self, row: QuarantineRow) -> Capture:
        """The newest page of a run."""
        facts, page = self._reader.blobs(f"{row.revision}:{FACTS}", f"{row.revision}:{PAGE}")
        if facts is None or page is None:
            raise StoreError(f"the page held back for {row.branch} is missing; run `tracker doctor`")
        return read_capture(facts, page)

    def drop(self, row: QuarantineRow) -> None:
        """Forget a run: a person has decided. A page that came since then stays."""
        try:
            self._writer.write(
                (),
                [RefMove(QUARANTINE + row.branch, None, row.revision)],
                after=lambda: self._index.drop_quarantine(row.branch),
            )
        except Moved as error:
            raise StoreError(f"another page of {row.branch} was held back meanwhile; look at it again") from error
        self._state.end_blocked_run(row.branch)
