"""The store: articles, their histories, snapshots and pages, kept in a bare git repository beside two databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.errors import Conflict, Deleted, NotFound, StoreBusy, StoreError, UsageError
from tracker.model import Capture, Check, Document, Reading, Snapshot, Suppressed
from tracker.store import pages
from tracker.store.backup import Backup
from tracker.store.chains import capture_key
from tracker.store.checkup import Ailment
from tracker.store.commits import Entry, Facts, Kind, subject
from tracker.store.database import DiskFull
from tracker.store.deletion import Deleter
from tracker.store.deposit import Depositor, addresses, check_address
from tracker.store.doctor import examine
from tracker.store.evidence import Evidence
from tracker.store.history import History, assemble, chain_entries
from tracker.store.index import ArticleQuery, ArticleRow, Index, QuarantineRow
from tracker.store.lessons import Lesson
from tracker.store.locks import sweep
from tracker.store.maintenance import Holdings, Upkeep, holdings, maintain
from tracker.store.memory import SiteMemory
from tracker.store.objects import Person
from tracker.store.pages import Pruned
from tracker.store.pending import Pending
from tracker.store.pruning import Pruner
from tracker.store.pulling import Puller
from tracker.store.quarantine import Quarantine
from tracker.store.reader import Reader
from tracker.store.refresh import Progress, Refresher, ReindexSummary
from tracker.store.reports import Reports
from tracker.store.repository import (
    ABOUT_REF,
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
from tracker.text.codec import read_document
from tracker.text.decode import Decoded


def open_store(
    path: Path, *, create: bool = False, identity: Person = IDENTITY, progress: Progress | None = None
) -> Store:
    """The store at `path`; made there first if `create`, and never otherwise.

    `identity` signs the commits; `progress` is told (done, all) while a missing index is rebuilt. Close the store, or
    use it in a `with`. Raises NotAStore, NewerStore, or StoreError where it cannot be used or is not to be trusted.
    """
    repository = open_repository(path, create=create)
    if create and repository.texts_only:
        raise StoreError(f"the store at {path} is a clone of the texts: {TEXTS_ONLY}")
    store = Store(repository, identity, progress)
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


class Store:
    """Articles and their snapshots. Safe in threads; each process opens its own.

    An article is named by its branch. What is read comes from git, what is listed from index.sqlite, and what no
    commit says from state.sqlite.
    """

    def __init__(self, repository: Repository, identity: Person, progress: Progress | None) -> None:
        self._repository = repository
        pending = Pending()
        self._reader = Reader(repository, pending)
        self._index = Index(repository.path / "index.sqlite", refill=lambda: self._refresher.store(progress))
        self._refresher = Refresher(repository, self._reader, self._index)
        self._state = State(
            repository.path / "state.sqlite", has_snapshots=lambda: bool(self._index.articles(ArticleQuery(limit=1)))
        )
        self._writer = Writer(repository, sweep=self.sweep, tip=self._reader.tip, pending=pending)
        self._deposits = Depositor(self._writer, self._index, self._refresher, identity)
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
                bury=lambda branches: self.deleter.delete(branches, ""),
            )
        )

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._repository.path

    @property
    def repository(self) -> Repository:
        """Where the store's repository lies."""
        return self._repository

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

    def about(self, name: str) -> bytes | None:
        """A file of the branch `_about`, which says what this repository is."""
        return self._reader.blob(f"{ABOUT_REF}:{name}")

    def sweep(self) -> None:
        """Clear away what dead writers left, and look again at the articles that they were writing."""
        for writer in sweep(self._repository):
            for ref in writer.refs:
                self._refresher.ref(ref)

    # --- finding --------------------------------------------------------------------------------------------

    def articles(self, host: str | None = None) -> list[ArticleRow]:
        """The articles, newest change first; of one host if it is given. From the index."""
        return self.articles_like(ArticleQuery(host=urls.host_name(f"https://{host}") if host else None))

    def articles_like(self, wanted: ArticleQuery) -> list[ArticleRow]:
        """The articles that answer to a query, newest change first. From the index."""
        return self._index.articles(wanted)

    def totals(self) -> tuple[int, int]:
        """How many articles there are, and how many snapshots of them. From the index."""
        return self._index.totals()

    def find(self, article: str) -> str:
        """The branch of the article that a URL, a branch name or a unique part of one names.

        Raises NotFound, and UsageError that lists them where there are several.
        """
        if exact := self._branch(article):
            return exact
        if by_url := self.find_url(article):
            return by_url
        found = self._index.matching(article) if article.strip() else []
        if not found:
            raise NotFound(f"no article matches {article!r}; `tracker list` shows what there is")
        if len(found) > 1:
            names = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
            raise UsageError(f"{article!r} matches {len(found)} articles: {names}; give more of the name")
        return found[0]

    def find_url(self, url: str) -> str | None:
        """The branch of the article that an address led to, None where none is known."""
        name = urls.identity(url)
        if (found := self._index.by_alias(name)) and self._refresher.article(found):
            return found
        # Plain git may have brought the article in: then it bears the name that the address gives it.
        branch = urls.branch_name(url)
        self._refresher.article(branch)
        return self._index.by_alias(name)

    def _branch(self, name: str) -> str | None:
        """The name under which a branch is shown, None where there is no such branch."""
        if self._refresher.article(name) is None:
            return None
        return self._index.branches_of(name)[0]

    def branches(self, branch: str) -> tuple[str, ...]:
        """All branches that are shown as one article with this one, first the name that they are shown under."""
        return self._index.branches_of(branch)

    # --- reading --------------------------------------------------------------------------------------------

    def history(self, branch: str) -> History:
        """What happened to an article, in capture order. Raises NotFound, Deleted.

        Branches that share an address are one article: their entries come together, under the older's name and tip.
        """
        tips = {branch: self._refresher.article(branch)}
        names = self._index.branches_of(branch)
        tips |= {name: self._refresher.article(name) for name in names if name != branch}
        tip = tips[names[0]] if names else None
        if tip is None:
            raise NotFound(f"no article {branch}; `tracker list` shows what there is")
        entries = [each for name in names if tips[name] for each in chain_entries(self._index.commits(name, "text"))]
        found = assemble(names[0], tip.text, entries)
        if found.tombstone and not found.captures:
            stone = found.tombstone
            raise Deleted(f"{branch} was {stone.subject} ({stone.captured_at:%Y-%m-%d}); nothing is stored of it again")
        return found

    def stamp(self, branch: str) -> tuple[str, ...]:
        """Changes with whatever is written to an article or taken from it: both tips of all that is shown as it.

        Raises NotFound.
        """
        names = self._index.branches_of(branch) or (branch,)
        seen = (self._refresher.article(name, pages=True) for name in names)
        tips = [f"{tips.text} {tips.raw}" for tips in seen if tips]
        if not tips:
            raise NotFound(f"no article {branch}; `tracker list` shows what there is")
        return (names[0], *tips)

    def snapshot(self, branch: str, entry: Entry, reading: Entry | None = None) -> Snapshot:
        """A snapshot with its document, as its own commit has it, or as `reading` (a reread of it) has it.

        Raises StoreError where the text is not one that we wrote.
        """
        shown = reading or entry
        if shown.lens is None or shown.raw_sha256 is None:
            raise NotFound(f"{entry.revision[:12]} of {branch} is not a snapshot but: {entry.subject}")
        return _snapshot(branch, entry, shown, self.document(shown.revision))

    def document(self, revision: str) -> Document:
        """The document of any commit of a text branch."""
        article, meta = self._reader.blobs(f"{revision}:article.md", f"{revision}:meta.json")
        if article is None or meta is None:
            raise StoreError(f"{revision[:12]} in {self.path} has no text; run `tracker doctor`")
        try:
            return read_document(article.decode(), meta.decode())
        except ValueError as error:
            raise StoreError(f"the text of {revision[:12]} in {self.path} was not written by tracker") from error

    def raw(self, branch: str, entry: Entry) -> Capture | None:
        """The page of a snapshot as it came, None where it is not in this store (pruned, or a text-only clone)."""
        revision = self._page(branch, entry)
        if revision is None:
            return None
        facts, page = self._reader.blobs(f"{revision}:{pages.FACTS}", f"{revision}:{pages.PAGE}")
        if facts is None or page is None:
            return None
        return pages.read_capture(facts, page)

    def suppressed(self, branch: str, entry: Entry) -> tuple[Suppressed, ...] | None:
        """What was left out of a snapshot's text when it was first read, with the reasons; None as in `raw`."""
        revision = self._page(branch, entry)
        facts = self._reader.blob(f"{revision}:{pages.FACTS}") if revision else None
        return None if facts is None else pages.read_suppressed(facts)

    def files(self, branch: str, entry: Entry) -> dict[str, bytes]:
        """A snapshot's files as they lie in git, by name: the text's two, and the page's two where they are there."""
        names = [f"{entry.revision}:article.md", f"{entry.revision}:meta.json"]
        if page := self._page(branch, entry):
            names += [f"{page}:{pages.FACTS}", f"{page}:{pages.PAGE}"]
        found = zip(names, self._reader.blobs(*names), strict=True)
        return {name.partition(":")[2]: data for name, data in found if data is not None}

    def pruned(self, branch: str, entry: Entry) -> Pruned | None:
        """When and why the page of a snapshot was removed, None where it was not (or is not known)."""
        revision = self._page(branch, entry)
        facts = self._reader.blob(f"{revision}:{pages.FACTS}") if revision else None
        return None if facts is None else pages.read_pruned(facts)

    def _page(self, branch: str, entry: Entry) -> str | None:
        """The raw commit of a capture."""
        for name in self._index.branches_of(branch):
            self._refresher.article(name, pages=True)
            for revision, commit in self._index.commits(name, "raw").items():
                if capture_key(commit) == entry.key:
                    return revision
        return None

    # --- writing --------------------------------------------------------------------------------------------

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
        return _snapshot(history.branch, entry, entry, reading.document)

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
        """Log that an article came back much shorter, as the text with this digest; is that confirmed?

        It is when the same short text came in 3 checks over 24 hours, this one among them.
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

    def reindex(self, progress: Progress | None = None) -> ReindexSummary:
        """Rebuild index.sqlite from git; `progress` is told (done, all) articles. Cached reports are dropped."""
        return self._index.rebuild(lambda: self._refresher.store(progress, afresh=True))

    def holdings(self) -> Holdings:
        """What the repository is made of, and whether maintenance is `due`: a moment's work."""
        return holdings(self._repository)

    def maintain(self, *, every: bool = False, dry: bool = False, progress: Progress | None = None) -> Upkeep:
        """Pack what is loose, versions of an article side by side; `maintenance.maintain` says how and when."""
        return maintain(self._repository, every=every, dry=dry, progress=progress)

    def doctor(self, *, mend: bool = False, fsck: bool = False) -> list[Ailment]:
        """What ails this store; `examine` does the same for a store that cannot be opened."""
        return examine(self.path, mend=mend, fsck=fsck)


def _stored(history: History, capture: Capture) -> Entry | None:
    """The snapshot of a capture, if it is there."""
    key = (capture.captured_at, pages.page_digest(capture.body))
    return next((each for each in history.captures if each.key == key), None)


def _snapshot(branch: str, entry: Entry, shown: Entry, document: Document) -> Snapshot:
    if shown.lens is None or entry.raw_sha256 is None:
        raise NotFound(f"{entry.revision[:12]} of {branch} is not a snapshot but: {entry.subject}")
    return Snapshot(
        article=branch,
        revision=entry.revision,
        captured_at=entry.captured_at,
        seen_since=entry.seen_since,
        raw_sha256=entry.raw_sha256,
        document=document,
        lens=shown.lens,
        modified=entry.modified,
        url=entry.url,
    )
