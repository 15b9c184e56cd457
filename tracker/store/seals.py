"""Seals: signed checkpoints of a store, each machine's in a chain of its own.

A seal is an annotated tag `refs/tags/seal/<machine>/<n>`, signed with an ssh key, on a tree of small files: the
manifest that it speaks for, the lists that the manifest names by their SHA-256, the public key, and a time-stamping
server's answer over the manifest where there is one. Nothing of an article hangs on it: pages can be pruned, articles
deleted, and seals stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.store.keys import PublicKey
from tracker.store.manifest import Manifest, sha256, split_sections, write_digests
from tracker.store.reader import Reader

SEALS = "refs/tags/seal/"
ARMOR = b"-----BEGIN SSH SIGNATURE-----\n"
MANIFEST, ARTICLES, DIGESTS = "manifest", "articles", "digests"
ALLOWED_SIGNERS, TOKEN = "allowed_signers", "timestamp.tsr"
FILES = frozenset({MANIFEST, ARTICLES, DIGESTS, ALLOWED_SIGNERS, TOKEN})

_REF = re.compile(rf"{SEALS}([a-z0-9-]+-[0-9a-f]{{16}})/([1-9]\d{{0,8}})")
_TARGET = re.compile(rb"object ([0-9a-f]{40})\ntype tree\n")


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it was read. `payload` is what `signature` signs; `token` is a time-stamping server's answer."""

    machine: str
    number: int
    tree: str
    payload: bytes
    signature: str
    data: bytes  # the manifest as it stands
    manifest: Manifest
    digests: bytes
    allowed_signers: bytes
    token: bytes | None

    @property
    def name(self) -> str:
        """ "newsdesk-0123456789abcdef/2" """
        return f"{self.machine}/{self.number}"

    @property
    def ref(self) -> str:
        return SEALS + self.name


def named(ref: str) -> tuple[str, int] | None:
    """The machine and the number of the seal that a ref names; None where it is not named as a seal is."""
    found = _REF.fullmatch(ref)
    return (found[1], int(found[2])) if found else None


def chains(refs: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of the seals of each machine among some refs, in order."""
    found: dict[str, list[int]] = {}
    for ref in refs:
        if name := named(ref):
            found.setdefault(name[0], []).append(name[1])
    return {machine: sorted(numbers) for machine, numbers in sorted(found.items())}


def target(tag: bytes) -> str:
    """The tree that a seal's tag is on. Raises ValueError."""
    found = _TARGET.match(tag)
    if found is None or ARMOR not in tag:
        raise ValueError("it is not signed with an ssh key, or not on a tree")
    return found[1].decode()


def read_seal(reader: Reader, machine: str, number: int, name: str | None = None) -> Seal:
    """One seal as it stands, in its ref or under another name of the object. Raises ValueError on what is none.

    Whether it is to be believed is for `faults` and `seal_check` to say.
    """
    found = reader.get(name or f"{SEALS}{machine}/{number}")
    if found is None or found[1] != "tag":
        raise ValueError("it is no annotated tag")
    tree = target(found[2])
    payload, armor, rest = found[2].partition(ARMOR)
    files = (MANIFEST, DIGESTS, ALLOWED_SIGNERS, TOKEN)
    data, digests, signers, token = reader.blobs(*(f"{tree}:{file}" for file in files))
    if data is None or digests is None:
        raise ValueError("it has no manifest")
    signature = (armor + rest).decode("ascii", "replace")
    manifest = Manifest.read(data)
    return Seal(machine, number, tree, payload, signature, data, manifest, digests, signers or b"", token)


def read_sections(reader: Reader, seal: Seal) -> list[str]:
    """The texts of a seal's sections. Raises ValueError where they are not those that its digests name."""
    sections = split_sections(reader.blob(f"{seal.tree}:{ARTICLES}") or b"")
    if write_digests(sections) != seal.digests:
        raise ValueError("its list of articles is not the one that was sealed")
    return sections


def faults(seal: Seal, key: PublicKey) -> Iterator[str]:
    """Why a seal cannot be believed, whoever signed it; `key` is the one that its signature names."""
    manifest, lines = seal.manifest, seal.payload.decode("utf-8", "replace").split("\n")
    digests = [line.removeprefix("Manifest-SHA256: ") for line in lines if line.startswith("Manifest-SHA256: ")]
    if lines[2] != f"tag seal/{seal.name}" or (manifest.machine, manifest.number) != (seal.machine, seal.number):
        yield "it was made under another name"
    if digests != [sha256(seal.data)]:
        yield "its manifest is not the one that was signed"
    if sha256(seal.digests) != manifest.digests:
        yield "its digests are not those that its manifest names"
    if key.fingerprint != manifest.key or not seal.machine.endswith(f"-{key.digest.hex()[:16]}"):
        yield f"it is signed by another key ({key.fingerprint}) than the one that its chain is named after"
    if seal.allowed_signers.decode("utf-8", "replace") != key.allowed_signer(seal.machine):
        yield "the public key beside it is not the one that signed it"
