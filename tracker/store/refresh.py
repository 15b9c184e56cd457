"""Brings the index up to what the refs say: one article, what a dead writer touched, or the whole store."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Literal

from tracker.errors import DamagedStore
from tracker.store.chains import Chain
from tracker.store.commits import Commit, Entry, parse_commit, parse_moment, trailers
from tracker.store.history import History, build
from tracker.store.index import Index, QuarantineRow, ReindexSummary, Tips
from tracker.store.listed import ArticleRow
from tracker.store.objects import GitObject, file_in
from tracker.store.packing import lines_of
from tracker.store.reader import Reader
from tracker.store.repository import Repository
from tracker.store.reviews import FILE, REVIEWS, read_reviews
from tracker.text.codec import read_document

TEXT, RAW, QUARANTINE = "refs/heads/", "refs/raw/", "refs/quarantine/"

_BRANCH = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9-]*-[0-9a-f]{16}")

Progress = Callable[[int, int], None]
Written = Mapping[str, GitObject]
_AT_ONCE = 250  # articles that are looked at together
NOTHING_WRITTEN: Written = {}


class Refresher:
    """Reads refs and commits, and tells the index."""

    def __init__(self, repository: Repository, reader: Reader, index: Index) -> None:
        self._repository = repository
        self._reader = reader
        self._index = index

    def article(self, branch: str, *, pages: bool = False, written: Written = NOTHING_WRITTEN) -> Tips | None:
        """Look at one article: its tips, None where it has no text branch. The index then knows them.

        A raw ref that moved alone (fetched, pruned, an interrupted write) is only noticed with `pages`. `written` is
        what the caller has just written, by id: it is not read again.
        """
        known = self._index.tips(branch)
        there = {*written, *((known.text, known.raw) if known else ())}
        text = self._tip(TEXT + branch, there) if is_branch(branch) else None
        if text is None:
            if known:
                self._index.drop_article(branch)
            return None
        if known and known.text == text and not pages:
            return known
        tips = Tips(text, self._tip(RAW + branch, there))
        if known != tips:
            self._update(branch, tips, known, written)
        return tips

    def _tip(self, ref: str, there: Container[str | None]) -> str | None:
        """What a ref names: git is asked only where that is not among the commits known to be there."""
        said = self._reader.said(ref)
        if said and said in there:
            return said
        tip = self._reader.tip(ref)
        if tip is None and said and self._reader.said(ref) == said:  # to git it is as if there were no such ref
            raise self._missing(said)
        return tip

    def _update(self, branch: str, tips: Tips, known: Tips | None, written: Written, *, afresh: bool = False) -> None:
        base = None if afresh else known
        text, text_whole = self._walk(branch, "text", tips.text, base.text if base else None, written)
        raw, raw_whole = self._walk(branch, "raw", tips.raw, base.raw if base else None, written)
        whole = text_whole or raw_whole or base is None
        if whole:  # a branch was moved to somewhere else: nothing that was known of it holds
            text = self._reachable(tips.text, {}, written)[0]
            raw = self._reachable(tips.raw, {}, written)[0] if tips.raw else {}
            history = build(branch, tips.text, text)
        else:
            history = build(branch, tips.text, self._index.commits(branch, "text") | text)
        if history.tombstone:  # deleted: nothing that was known of it stays, reports neither
            self._index.drop_article(branch)
            known, whole = None, True
        new = [("text", each) for each in text.values()] + [("raw", each) for each in raw.values()]
        row = self._row(history, written)
        if not self._index.put_article(row, tips, history.aliases, new, seen=known, whole=whole):
            self.article(branch, pages=True, written=written)  # somebody else was quicker, or makes the index anew

    def _walk(
        self, branch: str, side: Literal["text", "raw"], tip: str | None, known_tip: str | None, written: Written
    ) -> tuple[dict[str, Commit], bool]:
        """The new commits of a side, and whether what was known of it is no longer reachable."""
        if tip == known_tip:
            return {}, False
        if tip is None or known_tip is None:
            return {}, True
        new, met = self._reachable(tip, self._index.commits(branch, side), written)
        return new, known_tip not in met

    def _reachable(
        self, tip: str, known: Mapping[str, Commit], written: Written = NOTHING_WRITTEN
    ) -> tuple[dict[str, Commit], set[str]]:
        """The commits reachable from a tip that are not known, and the known ones at which the walk stopped."""
        found: dict[str, Commit] = {}
        met: set[str] = set()
        waiting = [tip]
        while waiting:
            revision = waiting.pop()
            if revision in known:
                met.add(revision)
            elif revision not in found:
                new = written.get(revision)
                found[revision] = parse_commit(new.id, new.data) if new else self.commit(revision)
                waiting += found[revision].parents
        return found, met

    def lone_raw(self, branch: str) -> Chain:
        """The pages of an article that has no text branch: its first write was interrupted."""
        tip = self._reader.tip(RAW + branch)
        return Chain(tip, self._reachable(tip, {})[0] if tip else {})

    def commit(self, revision: str) -> Commit:
        """One commit. Raises DamagedStore where it is missing or no commit."""
        read = self._reader.get(revision)
        if read is None or read[1] != "commit":
            raise self._missing(revision)
        try:
            return parse_commit(read[0], read[2])
        except ValueError as error:
            raise DamagedStore(f"{revision} in {self._repository.path} is damaged; run `tracker doctor`") from error

    def _missing(self, revision: str) -> DamagedStore:
        return DamagedStore(f"commit {revision} is missing in {self._repository.path}; run `tracker doctor`")

    def _row(self, history: History, written: Written) -> ArticleRow:
        snapshots, event = history.snapshots, history.last_event
        return ArticleRow(
            branch=history.branch,
            url=history.url,
            headline=self._headline(snapshots[-1], written) if snapshots else None,
            first_at=snapshots[0].captured_at if snapshots else None,
            changed_at=snapshots[-1].captured_at if snapshots else None,
            snapshots=len(snapshots),
            state=event.kind.value if event else None,
        )

    def _headline(self, snapshot: Entry, written: Written) -> str | None:
        """The headline alone: reading the whole text of every article would take a store's worth of time."""
        name = f"{snapshot.tree}:article.md"
        listing = written.get(snapshot.tree)
        new = written.get(file_in(listing, "article.md") or "") if listing else written.get(name)
        data = new.data if new else self._reader.blob(name) or b""
        article = data.decode("utf-8", "replace")
        block = next((block for block in article.split("\n\n") if block.startswith("# ")), None)
        try:
            return read_document(block.rstrip("\n") + "\n", "{}").headline if block else None
        except ValueError:
            return None

    # --- the whole store ------------------------------------------------------------------------------------

    def store(self, progress: Progress | None = None, *, afresh: bool = False) -> ReindexSummary:
        """Look at every ref; what is known at its tip is passed over, unless all is to be read `afresh`."""
        known = self._index.all_tips()  # before the refs: what comes meanwhile has not vanished
        refs = self.refs(TEXT, RAW, QUARANTINE, REVIEWS)
        branches = [
            ref.removeprefix(TEXT) for ref in refs if ref.startswith(TEXT) and is_branch(ref.removeprefix(TEXT))
        ]
        tips = {branch: Tips(refs[TEXT + branch], refs.get(RAW + branch)) for branch in branches}
        changed = [branch for branch in branches if afresh or known.get(branch) != tips[branch]]
        damaged: dict[str, str] = {}
        for done in range(0, len(changed), _AT_ONCE):
            some = changed[done : done + _AT_ONCE]
            damaged |= self._readable({branch: tips[branch] for branch in some}, known, afresh=afresh)
            if progress:
                progress(done + len(some), len(changed))
        vanished = known.keys() - set(branches)
        for branch in vanished:
            self.article(branch)
        for row in self._index.quarantine():
            if QUARANTINE + row.branch not in refs:
                self._index.drop_quarantine(row.branch)
        known_reviews = self._index.review_tips()
        reviews = known_reviews.keys() | {ref for ref in refs if ref.startswith(REVIEWS)}
        others = [ref for ref in refs if ref.startswith(QUARANTINE)]
        others += [ref for ref in sorted(reviews) if afresh or known_reviews.get(ref) != refs.get(ref)]
        unread = len(damaged)
        for ref in others:
            damaged |= self._readable_ref(ref)
        return ReindexSummary(len(branches) - unread, len(changed) - unread, len(vanished), damaged)

    def _readable_ref(self, ref: str) -> dict[str, str]:
        """Look at what a ref belongs to; what ails it if it cannot be read."""
        try:
            self.ref(ref)
        except DamagedStore as error:
            return {ref: str(error)}
        return {}

    def _readable(self, tips: Mapping[str, Tips], known: Mapping[str, Tips], *, afresh: bool) -> dict[str, str]:
        """Look at some articles, at each by itself where they cannot be read together; what ails those that cannot."""
        try:
            self._articles(tips, known, afresh=afresh)
        except DamagedStore as error:
            if len(tips) == 1:
                return dict.fromkeys(tips, str(error))
            parts = [self._readable({branch: each}, known, afresh=afresh) for branch, each in tips.items()]
            return {branch: said for part in parts for branch, said in part.items()}
        return {}

    def _articles(self, tips: Mapping[str, Tips], known: Mapping[str, Tips], *, afresh: bool) -> None:
        """Look at some articles: all that has to be read is asked for at once, and the index is written once."""
        ends = [end for each in tips.values() for end in (each.text, each.raw) if end]
        passed = set() if afresh else tips.keys() & known.keys()
        before = {end for branch in passed for end in (known[branch].text, known[branch].raw)}
        walk = [*ends, *(f"^{end}" for end in before if end)]
        commits = lines_of(self._repository, "rev-list", "--ignore-missing", "--stdin", given=walk)
        found = self._reader.many([*commits, *(f"{each.text}:article.md" for each in tips.values())])
        read = {name: GitObject(*each) for name, each in found.items()}
        for each in tips.values():  # its newest text, by the name that the headline is looked up by
            if (text := read.get(f"{each.text}:article.md")) and (end := read.get(each.text)):
                read[f"{parse_commit(end.id, end.data).tree}:article.md"] = text
        with self._index.held() as settle:
            for branch, each in tips.items():
                self._update(branch, each, known.get(branch), read, afresh=afresh)
            settle()

    def refs(self, *prefixes: str) -> dict[str, str]:
        """All refs under these prefixes and what they name."""
        return self._repository.refs(*prefixes)

    def quarantine(self, branch: str) -> None:
        """Look at the quarantine of one article."""
        tip = self._tip(QUARANTINE + branch, ())
        if tip is None:
            self._index.drop_quarantine(branch)
            return
        newest = self.commit(tip)
        first = self.commit(newest.parents[0]) if newest.parents else newest
        facts = trailers(newest.message)
        try:
            row = QuarantineRow(
                branch=branch,
                url=facts["URL"][0],
                reason=facts["Reason"][0],
                first_at=parse_moment(trailers(first.message)["Captured-At"][0]),
                newest_at=parse_moment(facts["Captured-At"][0]),
                revision=tip,
                count=0,
            )
        except (KeyError, ValueError):
            return  # not ours
        self._index.put_quarantine(row)

    def reviews(self, ref: str) -> None:
        """Look at one reviewer's reviews of one article."""
        tip = self._tip(ref, ())
        data = self._reader.blob(f"{tip}:{FILE}") if tip else None
        self._index.put_reviews(ref, tip, read_reviews(ref, data or b""))

    def ref(self, ref: str) -> None:
        """Look at whatever a ref belongs to: a dead writer was moving it."""
        if ref.startswith(QUARANTINE):
            self.quarantine(ref.removeprefix(QUARANTINE))
        elif ref.startswith(REVIEWS):
            self.reviews(ref)
        elif is_branch(branch := ref.removeprefix(TEXT).removeprefix(RAW)):
            self.article(branch, pages=True)


def is_branch(name: str) -> bool:
    """Could this be the name of an article's branch? Whatever else plain git brings in is not read as one."""
    return bool(_BRANCH.fullmatch(name)) and ".." not in name
