"""What a seal says, as files that sha256sum and a pair of eyes can check. Pure.

`manifest` is short and is what is signed and stamped. `articles` holds a section an article that has moved since the
seal before, and one for any other ref that has. `digests` holds the SHA-256 of each section and nothing else: so one
article can be shown to others with its proof, and nothing about the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.store.commits import Kind, moment, parse_moment

NONE = "-"  # stands for what is not there
TITLE = "tracker seal 1"

_DIGEST = r"[0-9a-f]{64}"
_ID = r"[0-9a-f]{40}"
_MANIFEST = re.compile(
    rf"{TITLE}\n"
    r"machine: (?P<machine>[a-z0-9-]+-[0-9a-f]{16})\n"
    r"number: (?P<number>[1-9]\d{0,8})\n"
    r"sealed-at: (?P<sealed_at>\S+)\n"
    r"key: (?P<key>SHA256:[A-Za-z0-9+/]{43})\n"
    rf"previous: (?P<previous>{_DIGEST}|-)\n"
    r"sections: (?P<sections>\d+)\n"
    r"entries: (?P<entries>\d+)\n"
    rf"digests: (?P<digests>{_DIGEST})\n"
    rf"refs: (?P<refs>{_DIGEST})\n"
    r"tracker: (?P<version>\S+)\n"
)
_ARTICLE = re.compile(rf"article (\S+)\ntext ({_ID}|-)\nraw ({_ID}|-)\n((?:.+\n)*)")
_OTHER = re.compile(rf"ref (\S+)\nis ({_ID}|-)\n")
_LINE = re.compile(rf"([a-z]+) (\S+) ({_ID}) ({_DIGEST})((?: (?:{_DIGEST}|-)){{4}})")


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is signed. `previous` is the SHA-256 of the manifest before, None for the first of a machine.

    `digests` is the SHA-256 of that file, `refs` that of all refs that the seal speaks of. `sealed_at` is what the
    machine's own clock said; `version` is tracker's.
    """

    machine: str
    number: int
    sealed_at: datetime
    key: str
    previous: str | None
    sections: int
    entries: int
    digests: str
    refs: str
    version: str

    def write(self) -> bytes:
        lines = (
            TITLE,
            f"machine: {self.machine}",
            f"number: {self.number}",
            f"sealed-at: {moment(self.sealed_at)}",
            f"key: {self.key}",
            f"previous: {self.previous or NONE}",
            f"sections: {self.sections}",
            f"entries: {self.entries}",
            f"digests: {self.digests}",
            f"refs: {self.refs}",
            f"tracker: {self.version}",
        )
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def read(cls, data: bytes) -> Manifest:
        """The inverse of `write`. Raises ValueError on anything else."""
        found = _MANIFEST.fullmatch(data.decode())
        if found is None:
            raise ValueError("no manifest of a seal")
        return cls(
            machine=found["machine"],
            number=int(found["number"]),
            sealed_at=parse_moment(found["sealed_at"]),
            key=found["key"],
            previous=None if found["previous"] == NONE else found["previous"],
            sections=int(found["sections"]),
            entries=int(found["entries"]),
            digests=found["digests"],
            refs=found["refs"],
            version=found["version"],
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of an article as it was sealed: SHA-256 of its commit, of its texts, and of its page and how it came.

    `page` is what the capture was recorded with. What the entry does not have is None: an event has no page, a
    tombstone no text.
    """

    kind: Kind
    captured_at: datetime
    revision: str
    commit: str
    article: str | None
    meta: str | None
    page: str | None
    capture: str | None

    def __str__(self) -> str:
        files = " ".join(each or NONE for each in (self.article, self.meta, self.page, self.capture))
        return f"{self.kind} {moment(self.captured_at)} {self.revision} {self.commit} {files}"

    @classmethod
    def read(cls, text: str) -> Line:
        """The inverse of `str`. Raises ValueError."""
        found = _LINE.fullmatch(text)
        if found is None:
            raise ValueError(f"no entry of a seal: {text!r}")
        files = (None if each == NONE else each for each in found[5].split())
        return cls(Kind(found[1]), parse_moment(found[2]), found[3], found[4], *files)


@dataclass(frozen=True, slots=True)
class Section:
    """One article, or one other ref, that moved since the seal before. `text` and `raw` are its tips, None: no ref.

    For another ref `branch` is None, and `ref` and `text` are its name and what it names.
    """

    branch: str | None
    ref: str
    text: str | None
    raw: str | None
    lines: tuple[Line, ...] = ()

    def write(self) -> str:
        if self.branch is None:
            return f"ref {self.ref}\nis {self.text or NONE}\n"
        head = f"article {self.branch}\ntext {self.text or NONE}\nraw {self.raw or NONE}\n"
        return head + "".join(f"{line}\n" for line in self.lines)

    @classmethod
    def read(cls, text: str) -> Section:
        """The inverse of `write`. Raises ValueError."""
        if found := _OTHER.fullmatch(text):
            return cls(None, found[1], _known(found[2]), None)
        found = _ARTICLE.fullmatch(text)
        if found is None:
            raise ValueError(f"no section of a seal: {text[:80]!r}")
        lines = tuple(Line.read(line) for line in found[4].splitlines())
        return cls(found[1], f"refs/heads/{found[1]}", _known(found[2]), _known(found[3]), lines)

    def refs(self) -> Iterator[tuple[str, str | None]]:
        """The refs that it speaks of, and what they name."""
        yield self.ref, self.text
        if self.branch is not None:
            yield f"refs/raw/{self.branch}", self.raw


def _known(text: str) -> str | None:
    return None if text == NONE else text


def write_sections(sections: Iterable[str]) -> bytes:
    """The file `articles`: an empty line between sections."""
    return "\n".join(sections).encode()


def split_sections(data: bytes) -> list[str]:
    """The texts of the sections in a file `articles`, each as it was hashed."""
    text = data.decode()
    return [f"{part}\n" for part in text.removesuffix("\n").split("\n\n")] if text else []


def write_digests(sections: Iterable[str]) -> bytes:
    """The file `digests`: sorted, so that their order says nothing of the articles."""
    return "".join(f"{digest}\n" for digest in sorted(sha256(each.encode()) for each in sections)).encode()


def refs_digest(refs: Mapping[str, str]) -> str:
    """SHA-256 over lines of `<id> <ref>`, sorted by ref, as `git for-each-ref` writes them."""
    return sha256("".join(f"{refs[name]} {name}\n" for name in sorted(refs)).encode())


def fold(refs: dict[str, str], sections: Iterable[Section]) -> None:
    """Bring the refs of the seal before up to what this one says."""
    for section in sections:
        for name, target in section.refs():
            if target is None:
                refs.pop(name, None)
            else:
                refs[name] = target
