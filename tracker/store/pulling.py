"""Pull: what another store has and this one lacks, looked at before it is believed, and joined with what is here.

Refs come into refs/incoming/<remote>/, where they keep what came from being tidied away, and go again when all of it
stands in the store's own refs: a pull that was killed is simply done again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tracker.errors import NotAStore, StoreBusy, StoreError
from tracker.model import Capture
from tracker.store import pages
from tracker.store.addresses import Remote
from tracker.store.chains import Chain
from tracker.store.commits import entry
from tracker.store.deposit import Depositor
from tracker.store.incoming import Inspector, Strange, is_article, is_review, is_seal
from tracker.store.index import Index
from tracker.store.joining import Fate, Pages, Plan, Settle, grafted, has_prunings, is_deleted, plan
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT, Refresher
from tracker.store.removal import removing
from tracker.store.repository import ABOUT_REF, Repository, check_format
from tracker.store.reviews import REVIEWS
from tracker.store.seals import SEALS
from tracker.store.wire import Listing, Stage, Wire
from tracker.store.writer import Moved, Writer

INCOMING = "refs/incoming/"
BATCH = 2000  # articles fetched at once: what a killed pull has to do again
GROUP = 200  # articles moved in one transaction
TRIES = 20  # a move that lost a race is planned anew
POLITE_TRIES = 5  # from then on others wait
NAMED = 20  # things left out that are named one by one

T = TypeVar("T")


@dataclass(slots=True)
class Pulled:
    """What a pull did: articles by what happened to them, other refs that came, and lines about what was left out."""

    articles: dict[str, Fate] = field(default_factory=dict)
    reviews: int = 0
    seals: int = 0
    left_out: list[str] = field(default_factory=list)

    def of(self, *fates: Fate) -> list[str]:
        """The articles that one of these happened to."""
        return sorted(branch for branch, fate in self.articles.items() if fate in fates)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The tips of one article as they came, and the refs that hold them here."""

    branch: str
    text: str
    raw: str | None


def groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


@dataclass(frozen=True, slots=True)
class _Visit:
    """One pull: from whom, who looks at what came and joins it, and what has become of it so far.

    `removals` are marks of deletions that are begun (removal.py); they go when all that they ask for is done.
    """

    remote: Remote
    settle: Settle
    inspector: Inspector
    done: Pulled
    removals: ExitStack


@dataclass(frozen=True, slots=True)
class Puller:
    """Pulls into one store, made of its parts. `alone` keeps others from writing, `bury` deletes articles for good.

    The caller sees to it that no other push or pull of this store is at work.
    """

    repository: Repository
    reader: Reader
    writer: Writer
    refresher: Refresher
    deposits: Depositor
    index: Index
    alone: Callable[[], AbstractContextManager[None]]
    bury: Callable[[Sequence[str]], object]

    def pull(self, remote: Remote, settle: Settle, stage: Stage | None, only: Collection[str] | None = None) -> Pulled:
        """Take what `remote` has and we lack (of the articles `only`, if they are named). Raises StoreError."""
        wire = Wire(self.repository, stage)
        done = Pulled()
        self.let_go(remote)
        inspector = Inspector(self.repository, self.reader, datetime.now(UTC))
        try:
            listing = wire.listing(remote.fetch)
            self.require_store(remote, listing, wire)
            if only is None:
                done.left_out += _strangers(listing)
            wanted = self._wanted(remote, listing, only)
            with ExitStack() as removals:
                visit = _Visit(remote, settle, inspector, done, removals)
                for number, batch in enumerate(groups(wanted, BATCH)):
                    arrivals = self._fetch(remote, wire, batch)
                    for place, group in enumerate(groups(arrivals, GROUP)):
                        self._take(group, visit)
                        if stage:
                            looked_at = number * BATCH + place * GROUP + len(group)
                            stage("Looking at what came", looked_at, len(wanted))
                    self.let_go(remote)
                if deleted := done.of(Fate.DELETED):
                    self.bury(deleted)
            if only is None:
                self._take_others(remote, listing, wire, inspector, done)
        finally:
            inspector.close()
        return done

    def require_store(self, remote: Remote, listing: Listing, wire: Wire) -> None:
        """Is that a store, and none of a newer format? Raises NotAStore, NewerStore."""
        about = listing.refs.get(ABOUT_REF)
        if about is None:
            raise NotAStore(f"{remote.called} is not a store: it has no branch _about")
        if about == self.reader.tip(ABOUT_REF):
            return
        ours = f"{INCOMING}{remote.name}/heads/_about"
        wire.fetch(remote.fetch, {ABOUT_REF: ours}, [])
        inspector = Inspector(self.repository, self.reader, datetime.now(UTC))
        try:
            number = inspector.small(f"{ours}:format")
        finally:
            inspector.close()
        check_format(remote.called, number)

    # --- what is lacking ------------------------------------------------------------------------------------

    def _wanted(self, remote: Remote, listing: Listing, only: Collection[str] | None) -> list[Arrival]:
        """The articles of a remote that hold what ours do not."""
        ours = self.refresher.refs(TEXT, RAW)
        found = []
        for ref, text in listing.refs.items():
            branch = ref.removeprefix(TEXT)
            if not ref.startswith(TEXT) or not is_article(branch) or (only is not None and branch not in only):
                continue
            raw = None if remote.texts_only else listing.refs.get(RAW + branch)
            if ours.get(ref) == text and raw in (None, ours.get(RAW + branch)):
                continue
            if ours.get(ref) and self._holds(branch, text, raw):
                continue
            found.append(Arrival(branch, text, raw))
        return found

    def _holds(self, branch: str, text: str, raw: str | None) -> bool:
        """Have we all that a remote has of an article, or deleted it?"""
        now = self.deposits.look(branch)
        return is_deleted(now.text) or (now.text.holds(text) and (now.raw.holds(raw) or has_prunings(now.raw)))

    def _fetch(self, remote: Remote, wire: Wire, batch: Sequence[Arrival]) -> list[Arrival]:
        """Fetch the refs of some articles; what has really come, for a remote may move meanwhile."""
        into = INCOMING + remote.name + "/"
        names: dict[str, str] = {}
        have = [tip] if (tip := self.reader.tip(ABOUT_REF)) else []
        for each in batch:
            names[TEXT + each.branch] = f"{into}heads/{each.branch}"
            if each.raw:
                names[RAW + each.branch] = f"{into}raw/{each.branch}"
            have += [tip for prefix in (TEXT, RAW) if (tip := self.reader.tip(prefix + each.branch))]
        wire.fetch(remote.fetch, names, have)
        came = self.refresher.refs(into)
        return [
            Arrival(each.branch, text, came.get(f"{into}raw/{each.branch}"))
            for each in batch
            if (text := came.get(f"{into}heads/{each.branch}"))
        ]

    # --- taking ---------------------------------------------------------------------------------------------

    def _take(self, arrivals: Sequence[Arrival], visit: _Visit) -> None:
        """Write what came of some articles, all at once; one by one where another writer came first."""
        waiting = list(arrivals)
        for number in range(TRIES):
            with self.alone() if number >= POLITE_TRIES else nullcontext():
                plans = [made for each in waiting if (made := self._plan(each, visit))]
                if any(each.fate is Fate.DELETED for each in plans):
                    visit.removals.enter_context(removing(self.repository))
                try:
                    self._write([each for each in plans if each.moves])
                except Moved:
                    if len(waiting) == 1:
                        continue
                else:
                    visit.done.articles |= {each.branch: each.fate for each in plans}
                    return
            for each in waiting:
                self._take([each], visit)
            return
        raise StoreBusy(f"{waiting[0].branch}: other writers keep changing this article; pull again when they are done")

    def _plan(self, arrival: Arrival, visit: _Visit) -> Plan | None:
        """What to write for one article, None where what came is left out."""
        now = self.deposits.look(arrival.branch)
        try:
            text = visit.inspector.texts(arrival.branch, arrival.text, now.text.commits)
            raw = visit.inspector.pages(arrival.raw, now.raw.commits) if arrival.raw else Chain(None, {})
            if not visit.remote.texts_only and not is_deleted(text):
                lacking = text.captures().keys() - raw.captures().keys() - now.raw.captures().keys()
                if lacking:
                    raise Strange(f"{len(lacking)} of its snapshots came without their pages")
        except Strange as reason:
            _leave_out(visit.done, f"{arrival.branch}: {reason}")
            return None
        if now.text.tip is None and self._was_deleted(text):
            return Plan(arrival.branch, Fate.NOTHING)
        return plan(now, text, raw, visit.settle, Pages(self._page, self._bytes))

    def _was_deleted(self, text: Chain) -> bool:
        """Is this, under another name, an article that was deleted here? Its tombstone knows its addresses."""
        led = {alias for each in text.commits.values() if (one := entry(each)) for alias in one.aliases}
        known = {self.index.by_alias(alias) for alias in led}
        return not known.isdisjoint(self.index.deleted())

    def _bytes(self, revision: str) -> bytes:
        """A commit as it is."""
        found = self.reader.get(revision)
        if found is None:
            raise StoreError(f"commit {revision} is missing in {self.repository.path}; run `tracker doctor`")
        return found[2]

    def _page(self, revision: str) -> Capture | None:
        """The page of a raw commit, None where it was pruned."""
        facts, page = self.reader.blobs(f"{revision}:{pages.FACTS}", f"{revision}:{pages.PAGE}")
        return None if facts is None or page is None else pages.read_capture(facts, page)

    def _write(self, plans: Sequence[Plan]) -> None:
        """Pages first, over all articles; what is deleted goes last."""
        if not plans:
            return
        moves = [move for each in plans for move in each.moves]
        moves.sort(key=lambda move: 2 if move.new is None else int(move.ref.startswith(TEXT)))
        objects = [made for each in plans for made in each.objects]
        written = {each.id: each for each in objects}

        def tell() -> None:
            for each in plans:
                self.refresher.article(each.branch, pages=True, written=written)

        self.writer.write(objects, moves, after=tell)

    def graft(self, remote: Remote, wire: Wire, branch: str) -> str | None:
        """The tip of a remote's pages of an article once they hold what ours do, None where they do already.

        Ours were pruned, so they do not go on from what is there. The new commits are under refs/incoming until
        `let_go`. Raises Strange where the pages there are none that tracker writes.
        """
        ref = f"{INCOMING}{remote.name}/raw/{branch}"
        ours = self.deposits.look(branch).raw
        wire.fetch(remote.fetch, {RAW + branch: ref}, [])
        theirs = self.repository.refs(ref)[ref]
        inspector = Inspector(self.repository, self.reader, datetime.now(UTC))
        try:
            onto = inspector.pages(theirs, ours.commits)
        finally:
            inspector.close()
        objects, chain = grafted(onto, ours, Pages(self._page, self._bytes))
        if not objects:
            return None
        self.writer.write(objects, [RefMove(ref, chain.tip, theirs)], after=lambda: None)
        return chain.tip

    # --- seals and reviews ----------------------------------------------------------------------------------

    def _take_others(self, remote: Remote, listing: Listing, wire: Wire, inspector: Inspector, done: Pulled) -> None:
        """Reviews go on only from themselves, for each has one writer; a seal is never another one."""
        ours = self.refresher.refs(REVIEWS, SEALS)
        deleted = set(self.index.deleted())
        wanted = [
            ref
            for ref, tip in listing.refs.items()
            if ours.get(ref) != tip
            and (is_seal(ref) or (is_review(ref) and ref.removeprefix(REVIEWS).partition("/")[2] not in deleted))
        ]
        into = f"{INCOMING}{remote.name}/"
        for batch in groups(wanted, BATCH):
            wire.fetch(remote.fetch, {ref: into + ref.removeprefix("refs/") for ref in batch}, [])
            came = self.refresher.refs(into)
            for ref in batch:
                tip = came.get(into + ref.removeprefix("refs/"))
                if tip is None or self.behind(tip, ours.get(ref)):
                    continue
                try:
                    self._take_other(ref, tip, ours.get(ref), inspector)
                except Strange as reason:
                    _leave_out(done, f"{ref}: {reason}")
                    continue
                done.reviews += is_review(ref)
                done.seals += is_seal(ref)
            self.let_go(remote)

    def _take_other(self, ref: str, tip: str, ours: str | None, inspector: Inspector) -> None:
        if is_review(ref):
            inspector.plain(tip)
            if not self.behind(ours, tip):
                raise Strange("it does not go on from what is here; its reviewer writes in one place only")
        elif ours is not None:
            raise Strange("it is another seal than the one here; keep both stores and find out who made it")
        else:
            inspector.seal(ref, tip)
        with suppress(Moved):
            self.writer.write([], [RefMove(ref, tip, ours)], after=lambda: self.refresher.ref(ref))

    def behind(self, older: str | None, newer: str | None) -> bool:
        """Does one commit go on from another?"""
        if older is None or older == newer:
            return True
        if newer is None:
            return False
        git = self.repository.start()
        arguments = ("--is-ancestor", older, newer)
        status: int = git.merge_base(*arguments, with_extended_output=True, with_exceptions=False)[0]
        return status == 0

    # --- refs/incoming --------------------------------------------------------------------------------------

    def let_go(self, remote: Remote) -> None:
        """What came stands in our own refs or was left out; or it is what a pull that was killed has left, with its
        locks. Nobody but the one pull that may be at work moves these refs, so their files are simply taken away: git
        would lock all packed refs for it. Those that were packed meanwhile git deletes, now or at the next pull."""
        into = INCOMING + remote.name
        _release_packs(self.repository.objects / "pack")
        with suppress(OSError):  # gone already, or git packs refs in there at this moment
            shutil.rmtree(self.repository.git_dir / into)
        moves = [RefMove(ref, None, tip) for ref, tip in self.repository.refs(f"{into}/").items()]
        if moves:
            with suppress(StoreError, Moved):
                self.writer.write([], moves, after=lambda: None)


def _release_packs(folder: Path) -> None:
    """A fetch keeps its pack from being tidied away until its refs are there; one that was killed, for ever."""
    for keep in folder.glob("*.keep"):
        with suppress(OSError, ValueError, IndexError):
            who, pid, _, host = keep.read_text("utf-8").split()
            if who == "fetch-pack" and host == os.uname().nodename and not _is_alive(int(pid)):
                keep.unlink()


def _is_alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _strangers(listing: Listing) -> list[str]:
    """One line about refs that are none of a store's, though they stand where a store's do."""
    places = (TEXT, RAW, REVIEWS, "refs/tags/")
    odd = [
        ref
        for ref in listing.refs
        if ref.startswith(places)
        and not ref.startswith(TEXT + "_")
        and not (is_review(ref) or is_seal(ref) or is_article(ref.removeprefix(TEXT).removeprefix(RAW)))
    ]
    if not odd:
        return []
    more = ", ..." if len(odd) > 3 else ""
    return [f"{len(odd)} refs are none that a store has: {', '.join(odd[:3])}{more}"]


def _leave_out(done: Pulled, line: str) -> None:
    """Say what was left out, as long as somebody may read it."""
    if line in done.left_out:
        return
    if len(done.left_out) < NAMED:
        done.left_out.append(line)
    elif len(done.left_out) == NAMED:
        done.left_out.append("and more of that kind")
