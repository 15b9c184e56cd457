"""The store: articles, their histories, snapshots and pages, kept in a bare git repository beside two databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.errors import Conflict, DamagedStore, NotFound, StoreBusy, StoreError
from tracker.model import Capture, Check
from tracker.store.backup import Backup
from tracker.store.checkup import Ailment
from tracker.store.commits import Kind
from tracker.store.database import DiskFull
from tracker.store.deletion import Deleter
from tracker.store.deposit import Depositor
from tracker.store.doctor import examine
from tracker.store.evidence import Evidence
from tracker.store.index import Index, QuarantineRow, ReindexSummary
from tracker.store.lessons import Lesson
from tracker.store.locks import DeadWriter, sweep
from tracker.store.maintenance import Holdings, Upkeep, holdings, maintain
from tracker.store.memory import SiteMemory
from tracker.store.objects import Person
from tracker.store.pending import Pending
from tracker.store.pruning import Pruner
from tracker.store.pulling import Puller
from tracker.store.quarantine import Quarantine
from tracker.store.reader import Reader
from tracker.store.recording import Recorder
from tracker.store.refresh import Progress, Refresher
from tracker.store.reports import Reports
from tracker.store.repository import (
    IDENTITY,
    TEXTS_ONLY,
    Repository,
    check_format,
    no_space,
    open_repository,
)
from tracker.store.review_log import Reviews
from tracker.store.search import Search
from tracker.store.sharing import Sharing
from tracker.store.state import State
from tracker.store.state_copy import Restored, StateCopy
from tracker.store.writer import Moved, Writer
from tracker.text import urls

Warn = Callable[[str], object]


def open_store(
    path: Path,
    *,
    create: bool = False,
    identity: Person = IDENTITY,
    progress: Progress | None = None,
    warn: Warn | None = None,
) -> Store:
    """The store at `path`; made there first if `create`, and never otherwise.

    `identity` signs the commits; `progress` is told (done, all) while a missing index is rebuilt, and `warn` of each
    article that cannot be read then, in a line. Close the store, or
    use it in a `with`. Raises NotAStore, NewerStore, or StoreError where it cannot be used or is not to be trusted.
    """
    repository = open_repository(path, create=create)
    if create and repository.texts_only:
        raise StoreError(f"the store at {path} is a clone of the texts: {TEXTS_ONLY}")
    store = Store(repository, identity, progress, warn)
    try:
        check_format(path, store.about("format"))
        store.sweep()
        if create:
            store.state.begin()
    except DiskFull as error:
        store.close()
        raise no_space(path) from error
    except BaseException:
        store.close()
        raise
    return store


class Store(Recorder):
    """Articles and their snapshots. Safe in threads; each process opens its own.

    An article is named by its branch. What is read comes from git, what is listed from index.sqlite, and what no
    commit says from state.sqlite.
    """

    def __init__(self, repository: Repository, identity: Person, progress: Progress | None, warn: Warn | None) -> None:
        self._warn = warn
        pending = Pending()
        reader = Reader(repository, pending)
        index = Index(repository.path / "index.sqlite", refill=lambda: self._fill(progress))
        refresher = Refresher(repository, reader, index)
        self._writer = Writer(repository, sweep=self.sweep, tip=reader.tip, pending=pending)
        super().__init__(repository, reader, index, refresher, Depositor(self._writer, index, refresher, identity))
        self._state = State(repository.path / "state.sqlite", has_snapshots=lambda: not index.is_empty())
        self._quarantine = Quarantine(self._writer, self._reader, self._index, self._refresher, self._state, identity)
        self._copy = StateCopy(self._writer, self._reader, self._state)
        self.pruner = Pruner(repository, self._writer, self._reader, self._index, self._refresher)
        self.deleter = Deleter(
            repository, self._writer, self._reader, self._index, self._refresher, self._state, self._copy, identity
        )
        self.reports = Reports(self._index)
        self.search = Search(self._index, self._reader)
        self.reviews = Reviews(self._writer, self._reader, self._index, self._refresher)
        self.backup = Backup(repository, self._reader, self._state)
        self.evidence = Evidence(repository, self._reader, self._writer, self._refresher, identity)
        self.sharing = Sharing(
            Puller(
                repository,
                self._reader,
                self._writer,
                self._refresher,
                self._deposits,
                self._index,
                alone=self.alone,
                bury=lambda branches: self.deleter.delete(branches, ""),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the store's git processes and close its files. Nothing is lost without it."""
        self._writer.close()
        self._reader.close()
        self._index.close()
        self._state.close()

    def sweep(self) -> None:
        """Clear away what dead writers left, and look again at the articles that they were writing."""
        sweep(self._repository, self._look_again)

    def _look_again(self, writer: DeadWriter) -> None:
        for ref in writer.refs:
            try:
                self._refresher.ref(ref)
            except DamagedStore as error:  # which keeps nobody from what else it wrote, or from the store
                self._leave_out(ref, str(error))

    # --- writing --------------------------------------------------------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other writer of this store write anything in a block: for who has lost too many races with them.

        They wait, so let it be a moment. Where this one gathers, nothing is changed; where a pull fetches at the same
        time, single writes of others still get in between. Raises StoreError where the databases are not to be had.
        """
        with self._writer.turn:
            if self._writer.gathering:
                yield
                return
            with self._state.held() as settle_state, self._index.held() as settle_index:
                for database in (self._state, self._index):  # in the order in which who gathers has them
                    database.run(lambda _: None, write=True)
                with self._writer.alone(after=settle_index):
                    yield
                settle_state()

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Make everything that is written in a block durable at its end, with one flush and one move of all refs.

        In the block it reads as written. Nothing stays of it where the block or its end raises: an exception of the
        block's own, Conflict where another writer has moved one of the articles meanwhile, StoreBusy, StoreError. Other
        writers of this store wait while the block lasts, so let it be a second or two; the last few checks that it
        logs can be lost with the process, the snapshots cannot.
        """
        with self._writer.turn, self._state.held() as settle_state:
            try:
                with self._index.held() as settle_index, self._writer.gather(after=settle_index):
                    yield
            except Moved as error:
                raise Conflict("another writer has moved one of these articles meanwhile; try again") from error
            settle_state()
        self._writer.make_way()

    # --- what cannot be believed ----------------------------------------------------------------------------

    def quarantine_page(self, branch_or_url: str, capture: Capture, reason: str) -> int:
        """Hold back a page that looks like no article; how many checks in a row were blocked, this one among them."""
        known = self._branch(branch_or_url)
        branch = known or self.find_url(branch_or_url) or urls.branch_name(branch_or_url)
        return self._quarantine.put(branch, capture, reason)

    def quarantined(self) -> list[QuarantineRow]:
        """The pages that are held back, the newest first."""
        return self._quarantine.rows()

    def quarantine_find(self, name: str) -> QuarantineRow:
        """The page held back for an article. Raises NotFound, UsageError."""
        return self._quarantine.find(name)

    def quarantine_release(self, name: str) -> Capture:
        """The newest page held back for an article, to be stored. It stays held back until `quarantine_drop`."""
        return self._quarantine.page(self._quarantine.find(name))

    def quarantine_drop(self, name: str) -> None:
        """Hold a page back no longer: it was accepted and stored, or rejected."""
        self._quarantine.drop(self._quarantine.find(name))

    # --- checks ---------------------------------------------------------------------------------------------

    def record_check(self, check: Check, modified: str | None = None, lesson: Lesson | None = None) -> None:
        """Log one look at an article, with the dateModified that the page gave and what its host's memory learns."""
        self._state.record(check, modified, lesson)

    def loss_confirmed(self, branch: str, digest: str, at: datetime) -> bool:
        """Log that an article came back as a text that is hard to believe, with this digest; is that confirmed?

        It is when the same text came in 3 checks over 24 hours, this one among them.
        """
        return self._state.loss(branch, digest, at)

    def last_check(self, branch: str) -> datetime | None:
        """When the article's text was last seen, changed or not: its newest snapshot if no later check is known."""
        try:
            newest = self.history(branch).entries
        except NotFound:
            return None
        captured = [each.captured_at for each in newest if each.kind is Kind.SNAPSHOT]
        seen = [self._state.last_seen(name) for name in self._index.branches_of(branch)]
        return max((at for at in (*seen, *captured[-1:]) if at), default=None)

    @property
    def memory(self) -> SiteMemory:
        """What is remembered of the hosts' furniture."""
        return self._state.memory

    def copy_state(self) -> None:
        """Bring refs/tracker/state up to what state.sqlite holds: each command that writes does it once, at its end.

        Where another writer stands in the way, the next command does it.
        """
        with suppress(StoreBusy):
            self._copy.write()

    def restore_state(self) -> Restored:
        """Read refs/tracker/state back into a state.sqlite that is missing or empty. Raises StoreError."""
        return self._copy.restore()

    @property
    def has_state_copy(self) -> bool:
        """Is there a copy of state.sqlite that could be read back?"""
        return self._copy.exists

    @property
    def state(self) -> State:
        """The log of checks."""
        return self._state

    # --- care -----------------------------------------------------------------------------------------------

    def all_names(self, article: str) -> tuple[str, ...]:
        """All branches that are one article, or that are left of one that was deleted, whoever moved them last.

        Raises as `find`.
        """
        self._refresher.store()
        return self._index.branches_of(self.find(article))

    def _fill(self, progress: Progress | None) -> ReindexSummary:
        summary = self._refresher.store(progress)
        for name, reason in summary.damaged.items():
            self._leave_out(name, reason)
        return summary

    def _leave_out(self, name: str, reason: str) -> None:
        if self._warn:
            self._warn(f"{name} is left out: {reason}")

    def reindex(self, progress: Progress | None = None) -> ReindexSummary:
        """Rebuild index.sqlite from git; `progress` is told (done, all) articles. Cached reports are dropped."""
        return self._index.rebuild(lambda: self._refresher.store(progress, afresh=True))

    def holdings(self) -> Holdings:
        """What the repository is made of, and whether maintenance is `due`: a moment's work."""
        return holdings(self._repository)

    def maintain(
        self, *, every: bool = False, quick: bool = False, dry: bool = False, progress: Progress | None = None
    ) -> Upkeep:
        """Pack what is loose, versions of an article side by side; `maintenance.maintain` says how and when."""
        return maintain(self._repository, every=every, quick=quick, dry=dry, progress=progress)

    def doctor(self, *, mend: bool = False, fsck: bool = False) -> list[Ailment]:
        """What ails this store; `examine` does the same for a store that cannot be opened."""
        return examine(self.path, mend=mend, fsck=fsck)
