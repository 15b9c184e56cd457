"""Push: what this store has and another repository lacks.

Pages are sent first, then the texts whose pages were taken. What the other side went on with meanwhile is pulled and
joined, and sent again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.errors import NotAStore, StoreError
from tracker.store.addresses import Remote
from tracker.store.incoming import Strange, is_article, is_review, is_seal
from tracker.store.joining import Fate, Settle, has_prunings, is_deleted
from tracker.store.pulling import Puller, groups
from tracker.store.refresh import RAW, TEXT
from tracker.store.repository import ABOUT_REF, closed_environment, load_git
from tracker.store.reviews import REVIEWS
from tracker.store.seals import SEALS
from tracker.store.wire import Listing, Sending, Stage, Wire

BATCH = 5000  # refs sent at once: what a killed push has to send again
ROUNDS = 12  # of pulling and sending again while others push too
PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Pushed:
    """What a push did. `refused`: a line for each article or ref that was not sent; `head`: what to run over there."""

    articles: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    reviews: int = 0
    seals: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    head: str | None = None
    left_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """What is to be sent, and what must be pulled first, at one look at the remote."""

    raw: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    pruned: list[str] = field(default_factory=list)  # whose pages here do not go on from those there
    deleted: dict[str, tuple[str, str]] = field(default_factory=dict)  # branch -> our mark, what is there
    behind: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)  # branch -> what is there
    raced: set[str] = field(default_factory=set)  # another came first, while we were sending
    refused: dict[str, str] = field(default_factory=dict)


class Pusher:
    """Pushes from the store that `puller` pulls into. The caller sees to it that no other push or pull is at work.

    `record` is told which refs of a repository on this machine are about to be moved there (None: none any more).
    """

    def __init__(self, puller: Puller, record: Callable[[Path, Sequence[str]], None]) -> None:
        self._repository = puller.repository
        self._reader = puller.reader
        self._refresher = puller.refresher
        self._deposits = puller.deposits
        self._puller = puller
        self._record = record

    def push(self, remote: Remote, settle: Settle, stage: Stage | None) -> Pushed:
        """Send what `remote` lacks. Raises StoreError where it cannot be reached or is no store."""
        wire = Wire(self._repository, stage)
        there = replace(remote, fetch=remote.push)
        done = Pushed()
        before: dict[str, tuple[str | None, str | None]] | None = None
        for number in range(ROUNDS):
            listing = self._greeted(there, wire, done)
            todo = self._compare(listing)
            self._send(there, todo, wire, done)
            done.refused = todo.refused
            if not todo.raced and todo.behind in ({}, before):
                break
            before = todo.behind
            pulled = self._puller.pull(there, settle, stage, only={*todo.behind, *todo.raced})
            done.joined.update(pulled.of(Fate.JOINED))
            done.left_out = pulled.left_out
            if number:  # somebody else sends too: not in step
                time.sleep(random.uniform(0, PAUSE_SECONDS * number))  # noqa: S311 - spreads senders, keeps no secret
        stuck = [*todo.behind, *todo.raced]
        done.refused |= dict.fromkeys(stuck, "the remote went on, and what is there could not be joined")
        self._send_others(there, listing, wire, done)
        return done

    def _greeted(self, remote: Remote, wire: Wire, done: Pushed) -> Listing:
        """What the remote has once it has `_about`: a hosting service shows the first branch that it gets."""
        listing = wire.listing(remote.push)
        is_new = ABOUT_REF not in listing.refs
        if is_new:
            if any(ref.startswith(TEXT) for ref in listing.refs):
                raise NotAStore(
                    f"{remote.called} holds something that is not a store: it has branches and no _about; "
                    "push to an empty repository"
                )
            about = self._reader.tip(ABOUT_REF) or ""
            said = self._push(remote, Sending({ABOUT_REF: about}), wire)[ABOUT_REF]
            listing = wire.listing(remote.push)
            if said and ABOUT_REF not in listing.refs:  # else another machine has just sent it
                raise StoreError(f"{remote.called} does not take the branch _about: {said}")
        self._puller.require_store(remote, listing, wire)
        if listing.head != ABOUT_REF and not _set_head(remote) and is_new:
            done.head = f"git symbolic-ref HEAD {ABOUT_REF}"
        return listing

    def _push(self, remote: Remote, sending: Sending, wire: Wire) -> dict[str, str | None]:
        """Send, with a note of it for the next push, should this one be killed: its locks over there are then ours."""
        folder = remote.push.folder
        if folder is None:
            return wire.push(remote.push, sending)
        self._record(git_folder(folder), [*sending.refs, *sending.gone])
        answers = wire.push(remote.push, sending)
        self._record(git_folder(folder), [])
        return answers

    # --- articles -------------------------------------------------------------------------------------------

    def _compare(self, listing: Listing) -> _Round:
        """Texts are listed before pages: a page that is listed may be newer than its text, never older."""
        texts = self._refresher.refs(TEXT)
        raws = self._refresher.refs(RAW)
        todo = _Round()
        for ref, text in texts.items():
            branch = ref.removeprefix(TEXT)
            raw, there = raws.get(RAW + branch), (listing.refs.get(ref), listing.refs.get(RAW + branch))
            if not is_article(branch) or (text, raw) == there:
                continue
            if raw and there == (None, None):  # most of a first push: there is nothing to compare with
                todo.raw[branch], todo.text[branch] = raw, text
            else:
                self._compare_one(branch, text, raw, there, todo)
        return todo

    def _compare_one(
        self, branch: str, text: str, raw: str | None, there: tuple[str | None, str | None], todo: _Round
    ) -> None:
        their_text, their_raw = there
        now = self._deposits.look(branch)
        if is_deleted(now.text):
            if their_raw:  # where there are pages, the article is not deleted yet, or not all of it
                todo.deleted[branch] = text, their_text or ""
            elif their_text is None:
                todo.text[branch] = text
        elif raw is None:
            if their_text != text:
                todo.refused[branch] = "its pages are not in this store"
        elif not now.text.holds(their_text):
            todo.behind[branch] = there
        elif now.raw.holds(their_raw):
            if raw != their_raw:
                todo.raw[branch] = raw
            if text != their_text:
                todo.text[branch] = text
        elif not has_prunings(now.raw):
            todo.behind[branch] = there
        elif text != their_text:
            todo.pruned.append(branch)
            todo.text[branch] = text

    def _send(self, remote: Remote, todo: _Round, wire: Wire, done: Pushed) -> None:
        untaken: dict[str, str] = {}
        for branch in todo.pruned:
            try:
                if tip := self._puller.graft(remote, wire, branch):
                    todo.raw[branch] = tip
            except Strange as reason:
                todo.refused[branch] = f"what is there cannot be gone on from: {reason}"
                del todo.text[branch]
        for batch in groups(list(todo.raw), BATCH):
            untaken |= self._send_refs(remote, {RAW + branch: todo.raw[branch] for branch in batch}, wire)
        texts = [branch for branch in todo.text if RAW + branch not in untaken]
        for batch in groups(texts, BATCH):
            untaken |= self._send_refs(remote, {TEXT + branch: todo.text[branch] for branch in batch}, wire)
        if todo.pruned:
            self._puller.let_go(remote)
        for branch, (mark, old) in todo.deleted.items():
            untaken |= self._delete(remote, branch, mark, old, wire)
        for ref, said in untaken.items():
            branch = ref.removeprefix(TEXT).removeprefix(RAW)
            if _lost_a_race(said):
                todo.raced.add(branch)
            else:
                todo.refused[branch] = said
        done.articles |= {*todo.raw, *todo.text} - todo.raced - todo.refused.keys()
        done.deleted |= todo.deleted.keys() - todo.raced - todo.refused.keys()

    def _send_refs(self, remote: Remote, refs: Mapping[str, str], wire: Wire) -> dict[str, str]:
        """Send some refs; those that were not taken, with the reason."""
        return {ref: said for ref, said in self._push(remote, Sending(refs), wire).items() if said}

    def _delete(self, remote: Remote, branch: str, mark: str, old: str, wire: Wire) -> dict[str, str]:
        """The one ref that is ever forced, and only over what was looked at; the text first, then its pages."""
        untaken = self._push(remote, Sending({TEXT + branch: mark}, instead_of={TEXT + branch: old}), wire)
        listing = wire.listing(remote.push).refs
        if not any(untaken.values()) and (raw := listing.get(RAW + branch)):
            untaken |= self._push(remote, Sending({}, gone={RAW + branch: raw}), wire)
        return {ref: said for ref, said in untaken.items() if said}

    # --- seals and reviews ----------------------------------------------------------------------------------

    def _send_others(self, remote: Remote, listing: Listing, wire: Wire, done: Pushed) -> None:
        ours = self._refresher.refs(REVIEWS, SEALS)
        refs = {
            ref: tip
            for ref, tip in ours.items()
            if (is_review(ref) and self._goes_on(listing.refs.get(ref), tip))
            or (is_seal(ref) and ref not in listing.refs)
        }
        for batch in groups(list(refs), BATCH):
            untaken = self._send_refs(remote, {ref: refs[ref] for ref in batch}, wire)
            done.refused |= untaken
            done.reviews += sum(is_review(ref) and ref not in untaken for ref in batch)
            done.seals += sum(is_seal(ref) and ref not in untaken for ref in batch)

    def _goes_on(self, theirs: str | None, ours: str) -> bool:
        """Is what we have newer? What is there and unknown here was written by its reviewer elsewhere."""
        known = theirs is None or self._reader.get(theirs) is not None
        return theirs != ours and known and self._puller.behind(theirs, ours)


def _lost_a_race(said: str) -> bool:
    """Was a ref refused because it is not what it was? Anything else is not mended by pulling."""
    words = (
        "fetch first",
        "non-fast-forward",
        "stale info",
        "failed to update ref",
        "cannot lock ref",
        "incorrect old",
    )
    return any(word in said for word in words)


def git_folder(folder: Path) -> Path:
    """Where git's own files are, of a repository with or without files to work on."""
    return folder / ".git" if (folder / ".git").is_dir() else folder


def _set_head(remote: Remote) -> bool:
    """Make `_about` what a clone shows, where the remote is a folder of this machine."""
    if remote.push.folder is None:
        return False
    folder = git_folder(remote.push.folder)
    git = load_git()(folder)
    git.update_environment(**closed_environment(folder))
    status: int = git.symbolic_ref("HEAD", ABOUT_REF, with_extended_output=True, with_exceptions=False)[0]
    return status == 0
