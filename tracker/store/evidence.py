"""Evidence: what the store can prove, to whom, and since when. Makes seals, and checks the store against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.store.keys import Key
from tracker.store.objects import Person
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT, Progress, Refresher, is_branch
from tracker.store.repository import Repository
from tracker.store.seal_check import CheckedChain, CheckedSeal, Trust, check_seals
from tracker.store.sealing import Sealed, Sealer
from tracker.store.seals import SEALS, named
from tracker.store.statements import Standing, Statement, clock, counted, gathered
from tracker.store.timestamps import Stamper
from tracker.store.verify import ArticleCheck, ArticleProof, Listed, Page, Proof, stamped_at
from tracker.store.writer import Writer

SERVER = Statement(
    Standing.OPEN,
    "What the server sent: nobody but the machine that asked has seen it, and TLS leaves no proof. What is proved is "
    "that these bytes were here, who says so, and since when.",
)
OWN_CLOCK = Statement(
    Standing.OPEN,
    "When: the dates of commits and seals are what a machine's own clock said, or a person. Only a time stamp that was "
    "checked (`tracker seal --tsa`, `tracker verify --tsa-ca`) proves that something existed by a time.",
)
ENDS = Statement(
    Standing.OPEN,
    "That no newer seal was dropped: a chain cut off at its end looks whole. Compare its newest seal with a copy "
    "elsewhere.",
)
NO_SEAL = Statement(
    Standing.OPEN,
    "There is no seal to believe: the store can only be compared with itself, and who can write it can make it agree. "
    "`tracker seal` makes one.",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the store came to. `articles` are those that were looked at."""

    chains: tuple[CheckedChain, ...]
    articles: tuple[ArticleProof, ...]
    statements: tuple[Statement, ...]

    @property
    def sound(self) -> bool:
        """Is nothing broken? What is not proved is no fault."""
        return all(each.standing is not Standing.BROKEN for each in self.statements)


class Evidence:
    """The seals of a store, and what they prove."""

    def __init__(
        self, repository: Repository, reader: Reader, writer: Writer, refresher: Refresher, identity: Person
    ) -> None:
        self._repository = repository
        self._reader = reader
        self._refresher = refresher
        self._sealer = Sealer(reader, writer, refresher, identity)

    def seal(
        self,
        key: Key,
        now: datetime,
        *,
        machine: str | None = None,
        stamper: Stamper | None = None,
        progress: Progress | None = None,
    ) -> Sealed:
        """Seal what is new since the last seal of this machine: its name (the key's comment) with the key's digest.

        `stamper` asks a time-stamping server. Raises ConfigError where the key cannot sign, StoreError
        also where the store holds texts alone.
        """
        return self._sealer.make(key, machine or key.comment, now, stamper, progress)

    def verify(
        self,
        trust: Trust,
        branches: Iterable[str] | None = None,
        *,
        seals_only: bool = False,
        progress: Progress | None = None,
    ) -> Verdict:
        """Check the seals, and then these articles, all without `branches`: every text and page is read.

        `progress` is told (done, all) articles. Nothing is raised for what is wrong.
        """
        seals = self._refresher.refs(SEALS)
        chains = check_seals(self._reader, seals, trust)
        said = [each for chain in chains for each in chain.statements]
        said += (Statement(Standing.BROKEN, f"{ref} is not named as a seal is.") for ref in seals if not named(ref))
        if not any(chain.seals for chain in chains):
            said.append(NO_SEAL)
        proofs: tuple[ArticleProof, ...] = ()
        if not seals_only:
            proofs = tuple(self._articles(Listed(chains), branches, progress))
            told = [each for proof in proofs for each in proof.statements]
            if branches is None:
                said += (*gathered(told), *_in_all(proofs))
            else:
                said += (*told, *(each for proof in proofs for each in _proved(proof)))
            said += _unsealed(proofs)
        return Verdict(chains, proofs, (*said, *_not_proved(chains)))

    def write_history(self, branches: Iterable[str], file: Path) -> None:
        """Write the commits of an article, texts and pages, into a file that git can clone from.

        The same store makes the same bytes.
        """
        refs = [ref for branch in branches for ref in (TEXT + branch, RAW + branch) if self._reader.tip(ref)]
        self._repository.start()(c="pack.threads=1").bundle("create", "--quiet", str(file), *refs)

    def _articles(
        self, listed: Listed, branches: Iterable[str] | None, progress: Progress | None
    ) -> Iterator[ArticleProof]:
        refs = self._refresher.refs(TEXT, RAW)
        there = {ref.removeprefix(TEXT) for ref in refs if ref.startswith(TEXT) and is_branch(ref.removeprefix(TEXT))}
        names = sorted(there | listed.branches if branches is None else set(branches))
        for number, branch in enumerate(names, 1):
            yield ArticleCheck(self._reader, branch, refs.get(TEXT + branch), refs.get(RAW + branch), listed).check()
            if progress:
                progress(number, len(names))


def _proved(proof: ArticleProof) -> Iterator[Statement]:
    """What is proved of each snapshot of an article."""
    for each in proof.proofs:
        if each.seals:
            yield Statement(Standing.PROVED, proof_text(each), proof.branch, each.entry.revision)


def proof_text(proof: Proof) -> str:
    """What is proved of a snapshot, in one sentence."""
    found = proof.entry
    what = "text and page are" if proof.page is Page.THERE else "the text is"
    by = "; ".join(f"seal {each.seal.number} of {each.seal.machine} ({_sealed_at(each)})" for each in proof.seals)
    text = f"The {found.kind} of {clock(found.captured_at)} ({found.revision[:12]}): {what} as sealed in {by}"
    if proof.stamp is None:
        return f"{text}."
    server = proof.stamp.token.server if proof.stamp.token else ""
    return f"{text}; it existed by {clock(stamped_at(proof.stamp))}, says the time-stamping server {server}."


def _sealed_at(checked: CheckedSeal) -> str:
    return f"{clock(checked.seal.manifest.sealed_at)} by its own clock"


def _in_all(proofs: tuple[ArticleProof, ...]) -> Iterator[Statement]:
    """What is proved of many articles, in one sentence."""
    sealed = [each for proof in proofs for each in proof.proofs if each.seals]
    whole = sum(each.page is Page.THERE for each in sealed)
    if sealed:
        texts = counted(len(sealed), "text is", "texts are")
        pages = f", and {counted(whole, 'page is', 'pages are')}" if whole else ""
        yield Statement(Standing.PROVED, f"{texts} byte for byte as sealed{pages}.")
    absent = sum(each.page is Page.ABSENT for proof in proofs for each in proof.proofs)
    if absent:
        said = f"{counted(absent, 'page is', 'pages are')} not in this store, as in a clone of the texts."
        yield Statement(Standing.OPEN, said)


def _unsealed(proofs: tuple[ArticleProof, ...]) -> Iterator[Statement]:
    count = sum(proof.unsealed for proof in proofs)
    if count:
        said = f"{counted(count, 'entry is', 'entries are')} in no seal yet; `tracker seal` seals what is new."
        yield Statement(Standing.OPEN, said)


def _not_proved(chains: tuple[CheckedChain, ...]) -> Iterator[Statement]:
    """What no check of this store can prove."""
    if any(chain.seals for chain in chains):
        yield ENDS
    if not any(each.believed for chain in chains for each in chain.seals):
        yield OWN_CLOCK
    yield SERVER
