"""Makes seals: what is new since the machine's last one, listed, signed, stamped if asked, and named by a tag."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.errors import FetchError, StoreError
from tracker.store.chains import Key as CaptureKey
from tracker.store.chains import capture_key
from tracker.store.commits import Commit, Entry, Kind, entry, parse_commit
from tracker.store.keys import Key, sign
from tracker.store.manifest import Line, Manifest, Section, fold, refs_digest, sha256, write_digests, write_sections
from tracker.store.objects import GitObject, Person, Stamp, blob, tag, tree
from tracker.store.pages import FACTS, first_written
from tracker.store.pending import RefMove
from tracker.store.reader import Reader
from tracker.store.refresh import RAW, TEXT, Progress, Refresher, is_branch
from tracker.store.reviews import REVIEWS
from tracker.store.seals import (
    ALLOWED_SIGNERS,
    ARTICLES,
    DIGESTS,
    MANIFEST,
    SEALS,
    TOKEN,
    Seal,
    chains,
    read_seal,
    read_sections,
)
from tracker.store.timestamps import Stamper, ask
from tracker.store.writer import Moved, Writer


@dataclass(frozen=True, slots=True)
class Sealed:
    """What `seal` came to. `seal` is None where nothing was new; `unstamped` says why no time stamp was had."""

    seal: Seal | None
    chain: str
    unstamped: str | None = None


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a chain has sealed so far: the refs as its last seal left them, the revisions of each article.

    `whole`: no seal of it is missing or damaged.
    """

    refs: dict[str, str]
    revisions: dict[str, set[str]]
    whole: bool


class Sealer:
    """Seals a store."""

    def __init__(self, reader: Reader, writer: Writer, refresher: Refresher, identity: Person) -> None:
        self._reader = reader
        self._writer = writer
        self._refresher = refresher
        self._identity = identity

    def make(
        self, key: Key, machine: str, now: datetime, stamper: Stamper | None = None, progress: Progress | None = None
    ) -> Sealed:
        """Seal what is new since the last seal of this machine.

        With `stamper` the manifest is stamped too. Where the server fails, the seal is made without a stamp, and the
        next call makes one over nothing new. `progress` is told (done, all) articles.
        """
        chain = key.public.machine(machine)
        while True:
            numbers = chains(self._refresher.refs(SEALS)).get(chain, [])
            before = self._newest(chain, numbers)
            refs = self._refs(chain)
            if self._texts_alone(refs):
                raise StoreError("this store holds texts alone, as a clone of them does; seal where the pages are")
            sections = list(self._new_sections(chain, numbers, refs, progress))
            moved = any(not ref.startswith(SEALS) for section in sections for ref, _ in section.refs())
            if not moved and (stamper is None or before is None or before.token):
                return Sealed(None, chain)
            seal, objects, unstamped = self._seal(
                key, _draft(key, chain, before, sections, refs, now), sections, stamper
            )
            if not moved and unstamped:
                return Sealed(None, chain, unstamped)
            try:
                self._writer.write(objects, [RefMove(seal.ref, objects[-1].id, None)], after=lambda: None)
            except Moved:
                continue  # another process sealed this moment
            return Sealed(seal, chain, unstamped)

    def _newest(self, chain: str, numbers: list[int]) -> Seal | None:
        try:
            return read_seal(self._reader, chain, numbers[-1]) if numbers else None
        except ValueError as error:
            raise StoreError(
                f"the newest seal, {chain}/{numbers[-1]}, is damaged ({error}); look at it with "
                "`tracker verify --seals`, and begin another chain with --machine NAME"
            ) from error

    def _refs(self, chain: str) -> dict[str, str]:
        """What a seal of this chain speaks of: texts, pages, reviews, others' seals; never quarantine or state."""
        refs = self._refresher.refs(TEXT, RAW, REVIEWS, SEALS)
        return {ref: target for ref, target in refs.items() if not ref.startswith(f"{SEALS}{chain}/")}

    def _texts_alone(self, refs: Mapping[str, str]) -> bool:
        """Is this a clone of the texts? A seal of it would say that every page has gone."""
        texts = {target for ref, target in refs.items() if ref.startswith(TEXT) and _is_of_article(ref)}
        with_pages = any(ref.startswith(RAW) for ref in refs)
        return not with_pages and any(not _is_tombstone(self._refresher.commit(tip)) for tip in texts)

    def _new_sections(
        self, chain: str, numbers: list[int], refs: dict[str, str], progress: Progress | None
    ) -> Iterator[Section]:
        """What has moved since the chain's last seal: articles by name, then other refs by name.

        In a chain with a seal missing or damaged, every article is looked at, for what that seal alone has listed.
        """
        before = self._listed(chain, numbers)
        moved = {ref for ref in before.refs.keys() | refs.keys() if before.refs.get(ref) != refs.get(ref)}
        looked_at = moved if before.whole else moved | refs.keys()
        branches = sorted({ref.removeprefix(TEXT).removeprefix(RAW) for ref in looked_at if _is_of_article(ref)})
        for number, branch in enumerate(branches, 1):
            text, raw = refs.get(TEXT + branch), refs.get(RAW + branch)
            known = before.revisions.get(branch, set())
            lines = tuple(self._lines(text, raw, known, whole=before.whole)) if text else ()
            if lines or moved & {TEXT + branch, RAW + branch}:
                yield Section(branch, TEXT + branch, text, raw, lines)
            if progress:
                progress(number, len(branches))
        for ref in sorted(moved):
            if not _is_of_article(ref):
                yield Section(None, ref, refs.get(ref), None)

    def _listed(self, chain: str, numbers: list[int]) -> _Listed:
        refs: dict[str, str] = {}
        revisions: dict[str, set[str]] = {}
        whole = numbers == list(range(1, len(numbers) + 1))
        for number in numbers:
            try:
                sections = [
                    Section.read(text) for text in read_sections(self._reader, read_seal(self._reader, chain, number))
                ]
            except (ValueError, StoreError):
                whole = False  # `verify` tells; what it listed is sealed once more
                continue
            fold(refs, sections)
            for section in sections:
                if section.branch:
                    revisions.setdefault(section.branch, set()).update(line.revision for line in section.lines)
        return _Listed(refs, revisions, whole)

    def _lines(self, text: str, raw: str | None, known: set[str], *, whole: bool) -> Iterator[Line]:
        """The entries reachable from a text ref that are not known, in capture order.

        In a whole chain everything before a known entry is known too, and the walk ends there.
        """
        walked = self._walk(text, known if whole else set())
        new = {each.revision: (each, data) for each, data in walked if each.revision not in known}
        entries = [found for each, _ in new.values() if (found := entry(each))]
        pages = self._pages(raw, {each.key for each in entries if each.raw_sha256})
        for each in sorted(entries, key=lambda one: (*one.key, one.revision)):
            yield self._line(each, new[each.revision][1], pages.get(each.key))

    def _line(self, found: Entry, data: bytes, page: Commit | None) -> Line:
        article, meta = self._reader.blobs(f"{found.tree}:article.md", f"{found.tree}:meta.json")
        capture = self._reader.blob(f"{page.tree}:{FACTS}") if page else None
        return Line(
            kind=found.kind,
            captured_at=found.captured_at,
            revision=found.revision,
            commit=sha256(data),
            article=None if article is None else sha256(article),
            meta=None if meta is None else sha256(meta),
            page=found.raw_sha256,
            capture=None if capture is None else sha256(first_written(capture)),
        )

    def _pages(self, tip: str | None, wanted: set[CaptureKey]) -> Mapping[CaptureKey, Commit]:
        """The raw commits of these captures: the walk from the tip ends when all are found."""
        found: dict[CaptureKey, Commit] = {}
        for each, _ in self._walk(tip, set()) if tip and wanted else ():
            if (key := capture_key(each)) in wanted and key is not None:
                found.setdefault(key, each)
                if len(found) == len(wanted):
                    break
        return found

    def _walk(self, tip: str, known: set[str]) -> Iterator[tuple[Commit, bytes]]:
        """The commits reachable from a tip, each with its content; what is known is not walked past."""
        waiting, seen = [tip], {tip}
        for revision in waiting:
            if revision in known:
                continue
            read = self._reader.get(revision)
            if read is None or read[1] != "commit":
                raise StoreError(f"commit {revision} is missing; run `tracker doctor --fsck`")
            found = parse_commit(revision, read[2])
            yield found, read[2]
            waiting += [parent for parent in found.parents if parent not in seen]
            seen.update(found.parents)

    def _seal(
        self, key: Key, manifest: Manifest, sections: list[Section], stamper: Stamper | None
    ) -> tuple[Seal, list[GitObject], str | None]:
        """The seal, its objects with the tag last, and why it has no stamp where one was asked for."""
        texts = [section.write() for section in sections]
        data, digests = manifest.write(), write_digests(texts)
        token, unstamped = _stamped(sha256(data), stamper)
        signers = key.public.allowed_signer(manifest.machine).encode()
        files = {MANIFEST: data, ARTICLES: write_sections(texts), DIGESTS: digests, ALLOWED_SIGNERS: signers}
        blobs = {name: blob(each) for name, each in (files | ({TOKEN: token} if token else {})).items()}
        listing = tree((name, each.id) for name, each in blobs.items())
        payload = _payload(listing.id, manifest, sha256(data), self._identity)
        signature = sign(key, payload)
        seal = Seal(
            manifest.machine, manifest.number, listing.id, payload, signature, data, manifest, digests, signers, token
        )
        return seal, [*blobs.values(), listing, tag(payload + signature.encode())], unstamped


def _draft(
    key: Key, chain: str, before: Seal | None, sections: list[Section], refs: Mapping[str, str], now: datetime
) -> Manifest:
    """The manifest of the next seal of a chain."""
    return Manifest(
        machine=chain,
        number=before.number + 1 if before else 1,
        sealed_at=now,
        key=key.public.fingerprint,
        previous=sha256(before.data) if before else None,
        sections=len(sections),
        entries=sum(len(section.lines) for section in sections),
        digests=sha256(write_digests(section.write() for section in sections)),
        refs=refs_digest(refs),
        version=importlib.metadata.version("tracker"),
    )


def _is_of_article(ref: str) -> bool:
    return ref.startswith((TEXT, RAW)) and is_branch(ref.removeprefix(TEXT).removeprefix(RAW))


def _is_tombstone(commit: Commit) -> bool:
    found = entry(commit)
    return found is not None and found.kind is Kind.TOMBSTONE


def _stamped(digest: str, stamper: Stamper | None) -> tuple[bytes | None, str | None]:
    """The answer of a time-stamping server, or why there is none: a seal does not wait for a server."""
    try:
        return (ask(digest, stamper) if stamper else None), None
    except FetchError as error:
        return None, str(error)


def _payload(tree_id: str, manifest: Manifest, digest: str, identity: Person) -> bytes:
    """What is signed: the tag but for its signature."""
    stamp = Stamp(identity, int(manifest.sealed_at.timestamp()))
    name = f"seal/{manifest.machine}/{manifest.number}"
    lines = (
        f"object {tree_id}",
        "type tree",
        f"tag {name}",
        f"tagger {stamp}",
        "",
        f"seal {manifest.number} of {manifest.machine}: {manifest.entries} entries",
        "",
        f"Manifest-SHA256: {digest}",
    )
    return "".join(f"{line}\n" for line in lines).encode()
