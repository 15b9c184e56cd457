"""What is in a store, as it is read: articles by name or address, their histories, texts and pages."""

from __future__ import annotations

from pathlib import Path

from tracker.errors import DamagedStore, Deleted, NotFound, UsageError
from tracker.model import Capture, Document, Snapshot, Suppressed
from tracker.store import pages
from tracker.store.chains import capture_key
from tracker.store.commits import Entry
from tracker.store.history import History, assemble, chain_entries
from tracker.store.index import Index
from tracker.store.listed import ArticleQuery, ArticleRow
from tracker.store.pages import Pruned
from tracker.store.reader import Reader
from tracker.store.refresh import Refresher
from tracker.store.repository import ABOUT_REF, Repository
from tracker.text import urls
from tracker.text.codec import read_document


class Archive:
    """The articles of a store and their snapshots. What is read comes from git, what is listed from the index."""

    def __init__(self, repository: Repository, reader: Reader, index: Index, refresher: Refresher) -> None:
        self._repository = repository
        self._reader = reader
        self._index = index
        self._refresher = refresher

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._repository.path

    @property
    def repository(self) -> Repository:
        """Where the store's repository lies."""
        return self._repository

    def about(self, name: str) -> bytes | None:
        """A file of the branch `_about`, which says what this repository is."""
        return self._reader.blob(f"{ABOUT_REF}:{name}")

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

        Raises DamagedStore where the text is not one that we wrote.
        """
        shown = reading or entry
        if shown.lens is None or shown.raw_sha256 is None:
            raise NotFound(f"{entry.revision[:12]} of {branch} is not a snapshot but: {entry.subject}")
        return shown_snapshot(branch, entry, shown, self.document(shown.revision))

    def document(self, revision: str) -> Document:
        """The document of any commit of a text branch."""
        article, meta = self._reader.blobs(f"{revision}:article.md", f"{revision}:meta.json")
        if article is None or meta is None:
            raise DamagedStore(f"{revision[:12]} in {self.path} has no text; run `tracker doctor`")
        try:
            return read_document(article.decode(), meta.decode())
        except ValueError as error:
            raise DamagedStore(f"the text of {revision[:12]} in {self.path} was not written by tracker") from error

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


def shown_snapshot(branch: str, entry: Entry, shown: Entry, document: Document) -> Snapshot:
    """A snapshot with a document, as `shown` (itself, or a reread of it) was read. Raises NotFound on an event."""
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
