"""Are the seals to be believed? Signatures, keys, the chain of each machine, and time stamps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tracker.errors import StoreError
from tracker.store.keys import PublicKey, is_good, signed_by, vouched_for
from tracker.store.manifest import Section, fold, refs_digest, sha256
from tracker.store.reader import Reader
from tracker.store.seals import Seal, chains, faults, read_seal, read_sections
from tracker.store.statements import Standing, Statement, clock, counted
from tracker.store.timestamps import Token, fault, read_token

CLOCKS_AGREE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the one who asks believes: keys in an allowed_signers file, their own key, certificates of time servers."""

    allowed_signers: Path | None = None
    own_key: PublicKey | None = None
    certificates: Path | None = None


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """A seal that was signed by the key of its chain over just what it holds.

    `holder` says who vouches for the key, None where nobody does. `follows`: it names the seal before it, and that one
    is there. `token` is what a time-stamping server says of it, `believed` whether its certificate is trusted.
    """

    seal: Seal
    key: PublicKey
    sections: tuple[Section, ...]
    holder: str | None
    follows: bool = True
    token: Token | None = None
    believed: bool = False

    @property
    def name(self) -> str:
        return self.seal.name


@dataclass(frozen=True, slots=True)
class CheckedChain:
    """The sound seals of one machine in order, and what is to be said of the chain; `own` if the asker's key signs."""

    machine: str
    seals: tuple[CheckedSeal, ...]
    statements: tuple[Statement, ...]
    own: bool = False

    def stamp_over(self, one: CheckedSeal) -> CheckedSeal | None:
        """The first seal with a believed time stamp that is this one, or goes back to it seal by seal.

        A seal in between that is missing, or not to be believed, proves nothing of those before it.
        """
        for number, each in enumerate(self.seals[self.seals.index(one) :], one.seal.number):
            if each.seal.number != number or not (each is one or each.follows):
                return None
            if each.believed:
                return each
        return None


def check_seals(reader: Reader, refs: Iterable[str], trust: Trust) -> tuple[CheckedChain, ...]:
    """All chains of a store. `refs` are those that name seals."""
    return tuple(_Chain(reader, machine, trust).check(numbers) for machine, numbers in chains(refs).items())


class _Chain:
    """One machine's seals at the time of a check."""

    def __init__(self, reader: Reader, machine: str, trust: Trust) -> None:
        self._reader = reader
        self._machine = machine
        self._trust = trust
        self._said: list[Statement] = []

    def check(self, numbers: list[int]) -> CheckedChain:
        sound: list[CheckedSeal] = []
        before: Seal | None = None
        for expected, number in zip([1, *(each + 1 for each in numbers)], numbers, strict=False):
            if number > expected:
                self._broken(f"{_numbers(expected, number - 1)} of {self._machine}: missing.", number)
            seal = self._read(number)
            if seal is None:
                continue
            if checked := self._checked(seal):
                sound.append(self._stamped(replace(checked, follows=self._follows(seal, before))))
            before = seal
        whole = all(each.standing is not Standing.BROKEN for each in self._said)
        own = any(each.key == self._trust.own_key for each in sound)
        return CheckedChain(self._machine, tuple(sound), (*self._said, *self._summary(sound, whole=whole)), own)

    def _say(self, standing: Standing, text: str, number: int | None = None) -> None:
        self._said.append(Statement(standing, text, seal=f"{self._machine}/{number}" if number else self._machine))

    def _broken(self, text: str, number: int) -> None:
        self._say(Standing.BROKEN, text, number)

    def _read(self, number: int) -> Seal | None:
        try:
            return read_seal(self._reader, self._machine, number)
        except (ValueError, StoreError) as error:
            self._broken(f"Seal {number} of {self._machine} cannot be believed: {error}.", number)
            return None

    def _checked(self, seal: Seal) -> CheckedSeal | None:
        """The seal if it holds what was signed, by the chain's own key, which the asker trusts if they name keys."""
        try:
            key = signed_by(seal.signature)
            sections = tuple(Section.read(text) for text in read_sections(self._reader, seal))
            holder = self._holder(seal, key)
            wrong = next(self._faults(seal, key, holder), None)
        except (ValueError, StoreError) as error:
            wrong = str(error)
        if wrong:
            self._broken(f"Seal {seal.number} of {seal.machine} cannot be believed: {wrong}.", seal.number)
            return None
        return CheckedSeal(seal, key, sections, holder)

    def _faults(self, seal: Seal, key: PublicKey, holder: str | None) -> Iterator[str]:
        yield from faults(seal, key)
        if not is_good(seal.payload, seal.signature):
            yield "its signature does not fit it"
        if self._trust.allowed_signers and holder is None:
            yield f"{self._trust.allowed_signers.name} does not vouch for its key, {key.fingerprint}"

    def _holder(self, seal: Seal, key: PublicKey) -> str | None:
        """Who vouches for a key, in words."""
        if self._trust.allowed_signers:
            name = vouched_for(seal.payload, seal.signature, self._trust.allowed_signers)
            return f"which {self._trust.allowed_signers.name} vouches for as {name}" if name else None
        return "which is your own" if key == self._trust.own_key else None

    def _follows(self, seal: Seal, before: Seal | None) -> bool:
        """Does a seal go on where the one before it ended?"""
        if before is None:
            follows = seal.number == 1 and seal.manifest.previous is None
        else:
            follows = seal.number == before.number + 1 and seal.manifest.previous == sha256(before.data)
        if not follows:
            self._broken(f"Seal {seal.number} of {seal.machine} does not go on from the one before it.", seal.number)
        if before and seal.manifest.sealed_at < before.manifest.sealed_at:
            self._say(
                Standing.OPEN,
                f"Seal {seal.number} of {seal.machine} says that it is older than the one before it: a clock was set.",
                seal.number,
            )
        return follows

    def _stamped(self, checked: CheckedSeal) -> CheckedSeal:
        """The same with what its time stamp says."""
        seal, answer = checked.seal, checked.seal.token
        if answer is None:
            return checked
        try:
            token = read_token(answer)
            if token.digest != sha256(seal.data):
                raise ValueError("it is over something else")
            wrong = fault(token, answer, self._trust.certificates) if self._trust.certificates else None
        except ValueError as error:
            wrong = str(error)
        if wrong:
            self._broken(f"The time stamp of seal {seal.number} of {seal.machine} does not hold: {wrong}.", seal.number)
            return checked
        if abs(token.at - seal.manifest.sealed_at) > CLOCKS_AGREE:
            self._say(
                Standing.OPEN,
                f"The clock of {seal.machine} said {clock(seal.manifest.sealed_at)} at seal {seal.number}, the "
                f"time-stamping server {clock(token.at)}.",
                seal.number,
            )
        return replace(checked, token=token, believed=self._trust.certificates is not None)

    def _summary(self, sound: list[CheckedSeal], *, whole: bool) -> Iterator[Statement]:
        """What is proved of the chain as a whole."""
        if not sound:
            return
        last = sound[-1]
        signed = f"signed with the key {last.key.fingerprint}"
        if whole and len(sound) > 1:
            named = f"Seals 1 to {last.seal.number} of {self._machine}"
            text = f"{named}: each is as it was made and goes on from the one before it, {signed}"
        elif whole:
            text = f"Seal 1 of {self._machine}: as it was made, {signed}"
        else:
            text = f"{counted(len(sound), 'seal')} of {self._machine} {'are' if len(sound) > 1 else 'is'} {signed}"
        yield Statement(Standing.PROVED, f"{text}{f', {last.holder}' if last.holder else ''}.", seal=self._machine)
        if whole and refs_digest(_refs(sound)) != last.seal.manifest.refs:
            said = f"Seal {last.seal.number} of {self._machine} does not list every ref that it counted."
            yield Statement(Standing.BROKEN, said, seal=last.name)
        if last.holder is None:
            said = (
                f"Who holds the key {last.key.fingerprint}: nobody here vouches for it. Compare it with the public key "
                "that its owner gives you (`tracker verify --allowed-signers`)."
            )
            yield Statement(Standing.OPEN, said, seal=self._machine)
        yield from self._stamps(sound)

    def _stamps(self, sound: list[CheckedSeal]) -> Iterator[Statement]:
        stamped = [each for each in sound if each.token]
        if not stamped:
            return
        first, last = stamped[0], stamped[-1]
        until = f", the last over seal {last.seal.number} at {_at(last)}" if last is not first else ""
        text = (
            f"{counted(len(stamped), 'seal')} of {self._machine} {'bear' if len(stamped) > 1 else 'bears'} a time "
            f"stamp, the first over seal {first.seal.number} at {_at(first)}{until}"
        )
        if first.believed:
            yield Statement(Standing.PROVED, f"{text}: what they list existed by then.", seal=self._machine)
        else:
            said = f"{text}; whose they are is not checked: name the server's certificates with --tsa-ca."
            yield Statement(Standing.OPEN, said, seal=self._machine)


def _at(checked: CheckedSeal) -> str:
    token = checked.token
    return f"{clock(token.at)} by {token.server}" if token else ""


def _numbers(first: int, last: int) -> str:
    return f"Seal {first}" if first == last else f"Seals {first} to {last}"


def _refs(seals: list[CheckedSeal]) -> dict[str, str]:
    """The refs as the last of a whole chain left them."""
    refs: dict[str, str] = {}
    for each in seals:
        fold(refs, each.sections)
    return refs
