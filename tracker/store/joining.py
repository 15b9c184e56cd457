"""What becomes of one article when another store's chains of it arrive: taken, gone on from, joined, or deleted.

A join is a function of the two tips, and what is read again for it of them and of the lens, so that two machines that
join the same make the same. Nothing of either side is lost, whatever came first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from tracker.model import Capture, Reading
from tracker.store.chains import Chain, Key
from tracker.store.commits import READ_AGAIN, Commit, Entry, Kind, article_commit, entry, parse_commit, subject
from tracker.store.deposit import Deposit, reread_facts, text_objects
from tracker.store.history import History, build
from tracker.store.objects import GitObject, moved_commit
from tracker.store.pending import RefMove
from tracker.store.pruning import is_pruned
from tracker.store.refresh import RAW, TEXT
from tracker.store.repository import IDENTITY


class Fate(StrEnum):
    """What happened to an article in a pull."""

    NEW = "new"
    UPDATED = "updated"  # it goes on from what we had
    JOINED = "joined"
    DELETED = "deleted"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Joining:
    """Two stores' captures of one article, about to become one history. `page` gives the page of a snapshot, if any."""

    history: History
    page: Callable[[Entry], Capture | None]


# What is to be read again so that neighbours in a joined history share a lens.
Settle = Callable[[Joining], Sequence[tuple[Entry, Reading]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written for one article. In `moves` pages come before the texts that need them."""

    branch: str
    fate: Fate
    objects: Sequence[GitObject] = ()
    moves: Sequence[RefMove] = ()


def is_deleted(chain: Chain) -> bool:
    """Does a text chain end in the mark of a deletion?"""
    last = entry(chain.commits[chain.tip]) if chain.tip else None
    return last is not None and last.kind is Kind.TOMBSTONE


@dataclass(frozen=True, slots=True)
class Pages:
    """Reads raw commits: the page of one, None where it was pruned, and the bytes of the commit itself."""

    page: Callable[[str], Capture | None]
    commit: Callable[[str], bytes]


def plan(now: Deposit, text: Chain, raw: Chain, settle: Settle, pages: Pages) -> Plan:
    """What to write so that `now` also holds the chains that came."""
    if is_deleted(now.text):
        return Plan(now.branch, Fate.NOTHING)
    if is_deleted(text):
        return _deletion(now, text)
    raw_join, all_raw = _all_pages(now.raw, raw, pages)
    commits = {**now.text.commits, **text.commits}
    text_join, all_text = now.text.joined(text, _newest_text(now.branch, commits))
    objects = [*raw_join, *text_join]
    if text_join:
        there = {key: found[0].revision for key, found in all_raw.captures().items()}
        history = build(now.branch, all_text.tip or "", all_text.commits)
        joining = Joining(history, lambda each: pages.page(there[each.key]) if each.key in there else None)
        again, all_text = _read_again(all_text, history, settle(joining))
        objects += again
    moves = [
        RefMove(prefix + now.branch, new.tip, old.tip)
        for prefix, new, old in ((RAW, all_raw, now.raw), (TEXT, all_text, now.text))
        if new.tip != old.tip
    ]
    return Plan(now.branch, _fate(now, moves, joined=bool(raw_join or text_join)), objects, moves)


def _fate(now: Deposit, moves: Sequence[RefMove], *, joined: bool) -> Fate:
    if not moves:
        return Fate.NOTHING
    if now.text.tip is None:
        return Fate.NEW
    return Fate.JOINED if joined else Fate.UPDATED


def _deletion(now: Deposit, text: Chain) -> Plan:
    """The text first here: as long as there is one, its pages are."""
    moves = [RefMove(TEXT + now.branch, text.tip, now.text.tip)]
    if now.raw.tip:
        moves.append(RefMove(RAW + now.branch, None, now.raw.tip))
    return Plan(now.branch, Fate.DELETED, (), moves)


def has_prunings(raw: Chain) -> bool:
    """Were pages of this chain removed by decision?"""
    return any(is_pruned(each) for each in raw.commits.values())


def _all_pages(ours: Chain, theirs: Chain, pages: Pages) -> tuple[list[GitObject], Chain]:
    """Both sides' pages. What was pruned on one side is another commit there than on the other, so that a join would
    bring pages back, or hold beside a page the note that it is gone: each side then takes only what it lacks."""
    if not ours.holds(theirs.tip) and not theirs.holds(ours.tip) and (has_prunings(ours) or has_prunings(theirs)):
        return grafted(ours, theirs, pages)
    return ours.joined(theirs, _newest_page({**ours.commits, **theirs.commits}))


def grafted(onto: Chain, other: Chain, pages: Pages) -> tuple[list[GitObject], Chain]:
    """A chain of pages with the captures of another that it lacks, each commit made anew where it belongs."""
    objects: list[GitObject] = []
    chain, there = onto, onto.captures()
    for key, found in sorted(other.captures().items()):
        if key not in there:
            old = min(found, key=lambda each: each.revision)
            new, tip = chain.grow(key, partial(_placed, pages.commit(old.revision), old.tree))
            objects += new
            chain = Chain(tip, {**chain.commits, **{each.id: parse_commit(each.id, each.data) for each in new}})
    return objects, chain


def _placed(data: bytes, tree: str, parents: Sequence[str]) -> GitObject:
    """A commit as it was, on other parents."""
    return moved_commit(data, tree, parents, "")


def _newest_page(commits: Mapping[str, Commit]) -> str:
    captures = Chain(None, commits).captures()
    return min(captures[max(captures)], key=lambda each: each.revision).tree if captures else ""


def _newest_text(branch: str, commits: Mapping[str, Commit]) -> str:
    """The tree of the newest capture, as it was last read."""
    history = build(branch, "", commits)
    return history.readings(history.captures[-1])[-1].tree if history.captures else ""


def _read_again(
    chain: Chain, history: History, rereads: Sequence[tuple[Entry, Reading]]
) -> tuple[list[GitObject], Chain]:
    """The texts of captures as another lens reads them, and the chain that holds them too.

    They bear the dates of the join that they belong to: another machine that makes it makes them alike.
    """
    if not rereads:
        return [], chain
    written = datetime.fromtimestamp(max(chain.commits[chain.tip or ""].seconds), UTC)
    objects: list[GitObject] = []
    makers: list[tuple[Key, Callable[[Sequence[str]], GitObject]]] = []
    newest = _newest_text(history.branch, chain.commits)
    for found, reading in sorted(rereads, key=lambda pair: pair[0].key):
        text = text_objects(reading.document)
        objects += text
        makers.append((found.key, _maker(found, reading, text[-1].id, written)))
        if found.key == history.captures[-1].key:
            newest = text[-1].id
    made, whole = chain.beside(makers, newest)
    return [*objects, *made], whole


def _maker(found: Entry, reading: Reading, tree: str, written: datetime) -> Callable[[Sequence[str]], GitObject]:
    facts = reread_facts(found.key, reading, found.url)
    said = subject(reading.document.headline, READ_AGAIN)
    return lambda parents: article_commit(tree, parents, said, facts, identity=IDENTITY, written=written)
