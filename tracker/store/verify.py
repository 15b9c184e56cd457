"""Is the store as it was sealed? Every object that an article hangs on is read and hashed anew."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.errors import StoreError
from tracker.store.chains import Key as CaptureKey
from tracker.store.chains import capture_key
from tracker.store.commits import Commit, Entry, Kind, entry, one_line, parse_commit
from tracker.store.manifest import Line, sha256
from tracker.store.objects import object_id
from tracker.store.pages import FACTS, PAGE, first_written, read_pruned
from tracker.store.reader import Reader
from tracker.store.seal_check import CheckedChain, CheckedSeal
from tracker.store.statements import Standing, Statement, clock, counted

A_DAY = 86_400  # seconds


class Page(StrEnum):
    """What has become of a capture's page."""

    THERE = "there"
    PRUNED = "pruned"  # taken out by a decision that its capture.json records
    ABSENT = "absent"  # this store has no pages of the article, as a clone of the texts
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proved of one snapshot or reread.

    `seals` are the first sound seal of each machine that holds it as it stands, `stamp` the earliest seal with a
    believed time stamp that reaches it.
    """

    entry: Entry
    page: Page
    seals: tuple[CheckedSeal, ...]
    stamp: CheckedSeal | None


@dataclass(frozen=True, slots=True)
class ArticleProof:
    """One article's proofs in capture order, and what is to be said of it. `unsealed` entries are in no seal yet."""

    branch: str
    proofs: tuple[Proof, ...]
    unsealed: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class _SealedLine:
    """An entry as a sound seal lists it."""

    line: Line
    seal: CheckedSeal
    chain: CheckedChain

    @property
    def name(self) -> str:
        return f"seal {self.seal.seal.number} of {self.chain.machine}"


class Listed:
    """What the sound seals of a store list, by article."""

    def __init__(self, chains: tuple[CheckedChain, ...]) -> None:
        self._lines: dict[str, list[_SealedLine]] = {}
        self._own = any(chain.own for chain in chains)
        for chain in chains:
            for one in chain.seals:
                for section in one.sections:
                    if section.branch:
                        known = self._lines.setdefault(section.branch, [])
                        known += (_SealedLine(line, one, chain) for line in section.lines)

    @property
    def branches(self) -> set[str]:
        """The articles that any seal lists."""
        return set(self._lines)

    def binds(self, lines: Iterable[_SealedLine]) -> bool:
        """Must an entry be in this store that these lines list?

        What another machine has sealed may never have come here. Who has sealed this store too can tell by their own
        seals; to anybody else, all seals in it are alike.
        """
        return not self._own or any(each.chain.own for each in lines)

    def lines(self, branch: str) -> dict[str, list[_SealedLine]]:
        """An article's entries as they were sealed, by revision, in the order of the chains and their seals."""
        found: dict[str, list[_SealedLine]] = {}
        for each in self._lines.get(branch, ()):
            found.setdefault(each.line.revision, []).append(each)
        return found


@dataclass(frozen=True, slots=True)
class _PageState:
    """`facts` are the SHA-256 of capture.json as it was first written, `pruned` says when and why the page was.

    Several are there where two machines stored one capture.
    """

    page: Page = Page.THERE
    facts: frozenset[str] = frozenset()
    pruned: str | None = None


class ArticleCheck:
    """One article: what git holds of it, beside what was sealed. `text` and `raw` are what its refs name."""

    def __init__(self, reader: Reader, branch: str, text: str | None, raw: str | None, listed: Listed) -> None:
        self._reader = reader
        self._branch = branch
        self._text = text
        self._raw = raw
        self._listed = listed
        self._sealed = listed.lines(branch)
        self._said: list[Statement] = []
        self._damaged: set[str] = set()

    def check(self) -> ArticleProof:
        """Read all of it. Nothing is raised for what is wrong: it is said."""
        texts = self._walk(self._text)
        pages: dict[CaptureKey, list[Commit]] = {}
        for each, _ in self._walk(self._raw).values():
            if key := capture_key(each):
                pages.setdefault(key, []).append(each)
        entries = sorted((found for each, _ in texts.values() if (found := entry(each))), key=_order)
        captured = dict.fromkeys(each.key for each in entries if each.raw_sha256)
        states = {key: self._page(key, pages.get(key, [])) for key in captured}
        proofs = [self._proof(each, texts[each.revision], states.get(each.key, _PageState())) for each in entries]
        self._vanished(entries)
        return ArticleProof(
            branch=self._branch,
            proofs=tuple(each for each in proofs if each.entry.raw_sha256),
            unsealed=sum(each.revision not in self._sealed for each in entries),
            statements=tuple(self._said),
        )

    def _say(self, standing: Standing, text: str, revision: str | None = None) -> None:
        self._said.append(Statement(standing, text, article=self._branch, revision=revision))

    def _say_of(self, found: Entry, standing: Standing, gist: str) -> None:
        """What may be true of many snapshots."""
        text = f"{_named(found)}: {gist}."
        self._said.append(Statement(standing, text, self._branch, found.revision, gist=gist))

    # --- objects --------------------------------------------------------------------------------------------

    def _sound(self, name: str, kind: str) -> bytes | None:
        """An object's content, None where there is none; one whose content does not give its id is told of."""
        try:
            found = self._reader.get(name)
        except StoreError:
            self._harmed(name)
            return None
        if found and (found[1] != kind or object_id(kind, found[2]) != found[0]):
            self._harmed(name)
            return None
        return found[2] if found else None

    def _harmed(self, name: str) -> None:
        if name not in self._damaged:
            self._damaged.add(name)
            self._say(Standing.BROKEN, f"The object {name} is damaged, or gone; run `tracker doctor --fsck`.")

    def _walk(self, tip: str | None) -> dict[str, tuple[Commit, bytes]]:
        """The commits reachable from a tip, each with its content; their trees are looked at, too."""
        found: dict[str, tuple[Commit, bytes]] = {}
        waiting = [tip] if tip else []
        while waiting:
            revision = waiting.pop()
            if revision in found:
                continue
            data = self._sound(revision, "commit")
            try:
                commit = parse_commit(revision, data or b"")
            except ValueError:
                self._harmed(revision)
                continue
            found[revision] = (commit, data or b"")
            if self._sound(commit.tree, "tree") is None:
                self._harmed(commit.tree)
            waiting += commit.parents
        return found

    # --- pages ----------------------------------------------------------------------------------------------

    def _page(self, key: CaptureKey, raws: list[Commit]) -> _PageState:
        """What has become of a capture's page. `raws` are the commits that have it, as a rule one."""
        if self._raw is None:
            return _PageState(Page.ABSENT)
        named = f"The page captured at {clock(key[0])}"
        if not raws:
            self._say(Standing.BROKEN, f"{named} is gone, and nothing says who took it out.")
            return _PageState(Page.BROKEN)
        copies = [self._copy(named, key[1], each) for each in raws]
        page = min((each.page for each in copies), key=(Page.BROKEN, Page.THERE, Page.PRUNED).index)
        facts = frozenset[str]().union(*(each.facts for each in copies))
        return _PageState(page, facts, copies[0].pruned if page is Page.PRUNED else None)

    def _copy(self, named: str, digest: str, raw: Commit) -> _PageState:
        """One commit of a capture: its page must have the digest, or be gone by a decision."""
        facts, page = (self._sound(f"{raw.tree}:{name}", "blob") for name in (FACTS, PAGE))
        pruned, first = _first_facts(facts)
        known = frozenset({first} if first else ())
        if page is None and pruned:
            return _PageState(Page.PRUNED, known, pruned)
        if page is None:
            self._say(Standing.BROKEN, f"{named} is gone, and nothing says who took it out.")
        elif sha256(page) != digest:
            said = f"{named} is not the one that came: its SHA-256 is {sha256(page)}, not {digest}."
            self._say(Standing.BROKEN, said)
        else:
            return _PageState(Page.THERE, known)
        return _PageState(Page.BROKEN, known)

    # --- entries --------------------------------------------------------------------------------------------

    def _proof(self, found: Entry, read: tuple[Commit, bytes], state: _PageState) -> Proof:
        stands = self._line(found, read[1])
        held: dict[str, _SealedLine] = {}
        for each in self._sealed.get(found.revision, ()):
            if differs := _differences(each.line, stands, state.facts):
                said = f"{_named(found)} is not as {each.name} has it: {differs}."
                self._say(Standing.BROKEN, said, found.revision)
            else:
                held.setdefault(each.chain.machine, each)
        stamps = [stamp for each in held.values() if (stamp := each.chain.stamp_over(each.seal))]
        stamp = min(stamps, key=stamped_at, default=None)
        if found.kind is Kind.SNAPSHOT:
            if state.pruned:
                kept = "sealed" if held else "stored"
                self._say_of(found, Standing.RECORDED, f"text as {kept}, raw page removed on {state.pruned}")
            self._dates(found, read[0], list(held.values()), stamp)
        seals = () if state.page is Page.BROKEN else tuple(each.seal for each in held.values())
        return Proof(found, state.page, seals, stamp if seals else None)

    def _line(self, found: Entry, data: bytes) -> Line:
        """The entry as it stands now, but for its page."""
        texts = [self._sound(f"{found.tree}:{name}", "blob") for name in ("article.md", "meta.json")]
        if found.kind is not Kind.TOMBSTONE and None in texts:
            self._say(Standing.BROKEN, f"{_named(found)} has no text.", found.revision)
        article, meta = (None if each is None else sha256(each) for each in texts)
        return Line(found.kind, found.captured_at, found.revision, sha256(data), article, meta, found.raw_sha256, None)

    def _dates(self, found: Entry, commit: Commit, held: list[_SealedLine], stamp: CheckedSeal | None) -> None:
        """What the dates of a snapshot say, and what they do not."""
        author, written = commit.seconds
        captured = int(found.captured_at.timestamp())
        if author != captured:
            self._say_of(found, Standing.BROKEN, "its author date is not the time of its capture")
        if written - captured > A_DAY:
            self._say_of(found, Standing.OPEN, "stored more than a day after the time that it names")
        sealed = min((each.seal.seal.manifest.sealed_at for each in held), default=None)
        for at, what in ((sealed, "seal"), (stamped_at(stamp) if stamp else None, "time stamp")):
            if at and at < found.captured_at.replace(microsecond=0):
                self._say_of(found, Standing.OPEN, f"dated after the {what} over it, so one of two clocks was wrong")

    def _vanished(self, entries: list[Entry]) -> None:
        """Sealed entries that the article's history does not have."""
        there = {each.revision for each in entries}
        gone = [lines for revision, lines in self._sealed.items() if revision not in there]
        if not gone or self._damaged:
            return
        count = counted(len(gone), "sealed entry", "sealed entries")
        if len(entries) == 1 and entries[0].kind is Kind.TOMBSTONE:
            when, why = clock(entries[0].captured_at), entries[0].subject.removeprefix("deleted: ")
            said = f"Deleted on {when} by decision: {why} ({count} went with it)"
            self._say(Standing.RECORDED, said, entries[0].revision)
        elif self._text is None and any(map(self._listed.binds, gone)):
            self._say(Standing.BROKEN, f"Gone with {count}, and nothing says who deleted it.")
        else:
            for lines in gone:
                self._missing(lines)

    def _missing(self, lines: list[_SealedLine]) -> None:
        """One entry that seals list and the history does not have."""
        line, name = lines[0].line, lines[0].name
        what = f"{line.revision[:12]} of {clock(line.captured_at)}, which {name} has"
        if self._listed.binds(lines):
            said = f"{what}, is no longer in the history: it was rewritten."
            self._say(Standing.BROKEN, said, line.revision)
        else:
            gist = "in seals of other machines alone, and not in this store: it never came here, or was lost"
            text = f"{what}, is not in this store: it never came here, or was lost."
            self._said.append(Statement(Standing.OPEN, text, self._branch, line.revision, gist=gist))


def _order(found: Entry) -> tuple[datetime, str, str]:
    return (*found.key, found.revision)


def stamped_at(seal: CheckedSeal) -> datetime:
    """When a time-stamping server saw a seal that has its stamp."""
    if seal.token is None:
        raise ValueError(f"{seal.name} has no time stamp")
    return seal.token.at


def _named(found: Entry) -> str:
    kind = "The snapshot" if found.kind is Kind.SNAPSHOT else f"The entry `{found.kind}`"
    return f"{kind} of {clock(found.captured_at)} ({found.revision[:12]})"


def _differences(sealed: Line, stands: Line, facts: frozenset[str]) -> str:
    """In words, what of an entry is not as it was sealed; what a clone of the texts lacks does not count."""
    names = {"commit": "its commit", "article": "article.md", "meta": "meta.json", "page": "the digest of its page"}
    found = [name for field, name in names.items() if getattr(sealed, field) != getattr(stands, field)]
    if sealed.capture and facts and sealed.capture not in facts:
        found.append(FACTS)
    return f"{', '.join(found)} differ{'s' * (len(found) == 1)}" if found else ""


def _first_facts(facts: bytes | None) -> tuple[str | None, str | None]:
    """When and why a page was pruned, and the SHA-256 of capture.json without that, as it was first written."""
    if facts is None:
        return None, None
    said = None
    with suppress(ValueError, TypeError, RecursionError):  # one that we did not write says nothing
        how = read_pruned(facts)
        said = f"{clock(how.at)} by decision: {one_line(how.decision)}" if how else None
    return said, sha256(first_written(facts))
