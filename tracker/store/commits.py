"""What the commits of a store say: a subject in words, and trailers that carry the facts.

A commit of a text branch becomes an `Entry`. Whatever comes from the web is made one line first, so that a headline
cannot forge a trailer; a commit that does not speak this language is not an entry, and is passed over.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tracker.model import Lens, Source
from tracker.store.objects import GitObject, Person, Stamp, commit

HEADLINE_LENGTH = 100  # code points of a headline in a subject
FIRST_SNAPSHOT = "first snapshot"
READ_AGAIN = "read again by newer rules, no change by the outlet"

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")
# What follows the headline in a subject of ours: the last that reads like it, for a headline may say such words too.
_WHAT = re.compile(rf".*: ({FIRST_SNAPSHOT}|changed: .*|{READ_AGAIN}|(?:gone|moved|back)(?: \(.*\))?)")
_PERSON_AND_TIME = re.compile(r"(?:author|committer) (.*) <(.*)> (\d+) [+-]\d{4}")


class Kind(StrEnum):
    """What a commit of an article's branch says happened."""

    SNAPSHOT = "snapshot"  # a capture whose text was stored
    REREAD = "reread"  # the same capture read through another lens: no change by the outlet
    GONE = "gone"
    MOVED = "moved"
    BACK = "back"
    JOIN = "join"  # two chains of captures brought together
    TOMBSTONE = "tombstone"  # the article was deleted, with the reason


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git holds it. `seconds` are its author and committer date."""

    revision: str
    tree: str
    parents: tuple[str, ...]
    seconds: tuple[int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit of an article's branch, from its trailers.

    `captured_at` is the time of the capture, or of the event. `raw_sha256` names the page that was captured (None for
    events). In a History `seen_since` of a snapshot is the latest look before it that the store knows of; `subject`
    is written when the commit is, so an older capture that arrives later does not change it.
    """

    revision: str
    kind: Kind
    captured_at: datetime
    seen_since: datetime | None
    raw_sha256: str | None
    lens: Lens | None
    modified: str | None
    url: str
    aliases: tuple[str, ...]
    source: Source
    subject: str
    parents: tuple[str, ...]
    tree: str

    @property
    def what(self) -> str:
        """What happened, in words: the part of the subject after the headline. Another's subject comes whole."""
        found = _WHAT.fullmatch(self.subject)
        return found[1] if found else self.subject

    @property
    def key(self) -> tuple[datetime, str]:
        """What makes a capture this capture, on every machine: sorts in capture order."""
        return self.captured_at, self.raw_sha256 or ""


# --- writing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """The trailers of a commit of an article."""

    kind: Kind
    captured_at: datetime
    seen_since: datetime | None = None
    raw_sha256: str | None = None
    modified: str | None = None
    lens: Lens | None = None
    url: str | None = None
    aliases: tuple[str, ...] = ()
    source: Source | None = None

    def lines(self) -> Iterable[str]:
        """The trailers in their fixed order; what is not known has no line."""
        yield f"Kind: {self.kind}"
        yield f"Captured-At: {moment(self.captured_at)}"
        if self.seen_since:
            yield f"Seen-Since: {moment(self.seen_since)}"
        if self.raw_sha256:
            yield f"Raw-SHA256: {self.raw_sha256}"
        if self.modified is not None:
            yield f"Modified: {one_line(self.modified)}"
        if self.lens:
            yield f"Lens: {one_line(str(self.lens))}"
        if self.url is not None:
            yield f"URL: {one_line(self.url)}"
        for alias in self.aliases:
            yield f"Alias: {one_line(alias)}"
        if self.source:
            yield f"Source: {self.source}"


def message(subject: str, facts: Facts) -> str:
    """The whole message of a commit."""
    return "\n".join((one_line(subject), "", *facts.lines(), ""))


def article_commit(
    tree: str, parents: Sequence[str], subject: str, facts: Facts, *, identity: Person, written: datetime
) -> GitObject:
    """A commit whose author date is the time of the capture, and whose committer date is when we wrote it."""
    author = Stamp(identity, int(facts.captured_at.timestamp()))
    return commit(tree, parents, author, Stamp(identity, int(written.timestamp())), message(subject, facts))


def join_commit(sides: Sequence[Commit], tree: str, identity: Person) -> GitObject:
    """Brings chains together: a function of its parents alone, so that two machines make the same commit.

    `tree` is that of the newest capture, `identity` the fixed one. Both dates are the latest of the parents' dates.
    """
    stamp = Stamp(identity, max(second for side in sides for second in side.seconds))
    return commit(tree, sorted(side.revision for side in sides), stamp, stamp, "join of two chains\n\nKind: join\n")


def moment(at: datetime) -> str:
    """A time as trailers have it: UTC, always with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def veiled(alias: str) -> str:
    """An address as a tombstone keeps it: known again when it is asked for, and not to be read."""
    return f"sha256:{hashlib.sha256(alias.encode('utf-8', 'replace')).hexdigest()}"


def one_line(text: str) -> str:
    """Text from the web in one line, without characters that hide or turn the rest of the line around."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def subject(headline: str | None, what: str) -> str:
    """ "Toll rises to 21: gone (404)"."""
    title = one_line(headline or "") or "untitled"
    if len(title) > HEADLINE_LENGTH:
        title = title[: HEADLINE_LENGTH - 1].rstrip() + "…"
    return f"{title}: {what}"


def what_changed(before: str, after: str) -> str:
    """The difference of two article.md in a few words; `tracker diff` says it better."""
    old, new = (Counter(filter(None, text.split("\n"))) for text in (before, after))
    parts = []
    if {line for line in old if line.startswith("# ")} != {line for line in new if line.startswith("# ")}:
        parts.append("headline")
    added, removed = (new - old).total(), (old - new).total()
    if added or removed:
        parts.append(f"{added} line{'s' * (added != 1)} added, {removed} removed")
    if not parts:
        parts.append("order of lines" if before != after else "nothing but metadata, if that")
    return f"changed: {', '.join(parts)}"


# --- reading ------------------------------------------------------------------------------------------------


def parse_commit(revision: str, data: bytes) -> Commit:
    """A commit object. Raises ValueError on what git would not write."""
    head, _, text = data.decode("utf-8", "replace").partition("\n\n")
    lines = head.split("\n")
    trees = [line[5:] for line in lines if line.startswith("tree ")]
    parents = tuple(line[7:] for line in lines if line.startswith("parent "))
    seconds = tuple(int(found[3]) for line in lines if (found := _PERSON_AND_TIME.fullmatch(line)))
    if len(trees) != 1 or len(seconds) != 2:
        raise ValueError(f"not a commit: {revision}")
    return Commit(revision, trees[0], parents, seconds, text)


def trailers(text: str) -> dict[str, list[str]]:
    """The facts at the end of a message, {} where its last paragraph holds anything else."""
    found: dict[str, list[str]] = {}
    for line in text.rstrip("\n").rpartition("\n\n")[2].split("\n"):
        match = _TRAILER.fullmatch(line)
        if not match:
            return {}
        found.setdefault(match[1], []).append(match[2])
    return found


_lens = functools.lru_cache(maxsize=256)(Lens.parse)  # a store knows few


@functools.lru_cache(maxsize=8192)
def entry(found: Commit) -> Entry | None:
    """The entry that a commit makes, None where it is a join or not ours."""
    facts = trailers(found.message)

    def first(name: str) -> str | None:
        return facts.get(name, [None])[0]

    try:
        kind = Kind(first("Kind") or "")
        if kind is Kind.JOIN:
            return None
        lens = first("Lens")
        raw = first("Raw-SHA256")
        if kind in {Kind.SNAPSHOT, Kind.REREAD} and not (lens and raw):
            return None
        return Entry(
            revision=found.revision,
            kind=kind,
            captured_at=parse_moment(first("Captured-At") or ""),
            seen_since=parse_moment(seen) if (seen := first("Seen-Since")) else None,
            raw_sha256=raw,
            lens=_lens(lens) if lens else None,
            modified=first("Modified"),
            url=first("URL") or "",
            aliases=tuple(facts.get("Alias", ())),
            source=Source(first("Source") or Source.WEB),
            subject=found.message.partition("\n")[0],
            parents=found.parents,
            tree=found.tree,
        )
    except ValueError:
        return None


def parse_moment(text: str) -> datetime:
    """The inverse of `moment`. Raises ValueError, also on a time without a zone, and on one that UTC cannot have."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no zone: {text!r}")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error
