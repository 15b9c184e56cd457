"""One article as one file to hand over: pages, texts, what changed, the seals over them, and how to check all of it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import reports
from tracker.render import bundle as shown
from tracker.render import render
from tracker.render.bundle import Bundle, BundledCapture, BundledSeal, bundle_html, bundle_text
from tracker.store import CheckedChain, CheckedSeal, Entry, History, Page, Proof, Store, Trust, Verdict

README, INDEX = "README.txt", "index.html"
_NAMES = {"page.html": shown.PAGE, "capture.json": shown.FACTS, "article.md": shown.TEXT, "meta.json": shown.META}


def bundle(
    store: Store, history: History, trust: Trust, target: IO[bytes], recipes: tuple[Recipe, ...] = ()
) -> Verdict:
    """Write one article into a zip file; what checking it against its seals came to.

    The same store makes the same bytes. Every name in it is ASCII and of our own making; nothing in it runs.
    """
    branches = store.branches(history.branch)
    verdict = store.evidence.verify(replace(trust, own_key=None), branches)  # the maker's own is a stranger's to others
    seals = tuple(seal for chain in verdict.chains for seal in _covering(chain, branches))
    contents = _Contents(store, history, trust, branches, verdict, seals, _changes(store, history, recipes))
    with _Folder(target, f"evidence-{history.branch[-16:]}", history.entries[-1].captured_at) as folder:
        for name, data in contents.files():
            folder.add(name, data)
    return verdict


class _Folder:
    """The zip file as one folder. Its last file lists the SHA-256 of the others."""

    def __init__(self, target: IO[bytes], name: str, dated: datetime) -> None:
        self._zip = ZipFile(target, "w", ZIP_DEFLATED)
        self._name = name
        self._dated = dated.astimezone(UTC)
        self._sums: list[str] = []

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.add(shown.SUMS, "".join(self._sums).encode())
        self._zip.close()

    def add(self, name: str, data: bytes) -> None:
        at = self._dated
        info = ZipInfo(f"{self._name}/{name}", (at.year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = ZIP_DEFLATED
        info.create_system = 3  # Unix, wherever this runs: the same bytes
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, data)
        self._sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")


def _covering(chain: CheckedChain, branches: Iterable[str]) -> tuple[CheckedSeal, ...]:
    """The seals of a chain from the first that lists the article to the last, or to the first time stamp after that."""
    wanted = set(branches)
    listing = [place for place, each in enumerate(chain.seals) if wanted & {one.branch for one in each.sections}]
    if not listing:
        return ()
    first, last = listing[0], listing[-1]
    stamped = next((place for place, each in enumerate(chain.seals) if place >= last and each.token), last)
    return chain.seals[first : stamped + 1]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What goes into the bundle. `changes` is what led to each snapshot: by revision, a file's name and its content."""

    store: Store
    history: History
    trust: Trust
    branches: tuple[str, ...]
    verdict: Verdict
    seals: tuple[CheckedSeal, ...]
    changes: Mapping[str, tuple[str, bytes]]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents, in the order in which a reader wants them."""
        about = self.about()
        yield INDEX, bundle_html(about).encode()
        yield README, bundle_text(about).encode()
        for capture, entry in zip(about.captures, self.history.captures, strict=True):
            for name, data in self.store.files(self.history.branch, entry).items():
                yield f"{capture.folder}/{_NAMES[name]}", data
            yield f"{capture.folder}/{shown.REVISION}", f"{entry.revision}\n".encode()
        yield from self.changes.values()
        for seal in self.seals:
            for name, data in _seal_files(seal, self.branches):
                yield f"{_seal_folder(seal)}/{name}", data
        if self.seals:
            lines = dict.fromkeys(each.key.allowed_signer(each.seal.machine) for each in self.seals)
            yield shown.SIGNERS, "".join(lines).encode()
        if self.certificates:
            yield shown.CERTIFICATES, self.certificates.read_bytes()
        yield shown.HISTORY, self.commits()

    @property
    def certificates(self) -> Path | None:
        """The time-stamping server's, where there is a stamp to check with them."""
        return self.trust.certificates if any(each.token for each in self.seals) else None

    def about(self) -> Bundle:
        """What the page and the text say."""
        history = self.history
        proofs = {proof.entry.key: proof for article in self.verdict.articles for proof in article.proofs}
        numbers = {each.revision: number for number, each in enumerate(history.snapshots, 1)}
        return Bundle(
            title=self.store.document(history.tip).headline or history.url or history.branch,
            url=history.url,
            branches=self.branches,
            captures=tuple(
                self._capture(f"captures/{place:04}", entry, numbers.get(entry.revision), proofs.get(entry.key))
                for place, entry in enumerate(history.captures, 1)
            ),
            seals=tuple(_bundled(each) for each in self.seals),
            statements=self.verdict.statements,
            certificates=self.certificates is not None,
        )

    def _capture(self, folder: str, entry: Entry, number: int | None, proof: Proof | None) -> BundledCapture:
        page = proof.page if proof else Page.BROKEN
        sealed = "nothing" if proof is None or not proof.seals else "all" if page is Page.THERE else "text"
        return BundledCapture(
            folder=folder,
            number=number,
            captured_at=entry.captured_at,
            seen_since=entry.seen_since,
            revision=entry.revision,
            raw_sha256=entry.raw_sha256 or "",
            page=page.value,
            has_page=page is Page.THERE or "page.html" in self.store.files(self.history.branch, entry),
            change=self.changes[entry.revision][0] if entry.revision in self.changes else None,
            sealed=sealed,
        )

    def commits(self) -> bytes:
        """The article's commits in a file that git can clone from."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / shown.HISTORY
            self.store.evidence.write_history(self.branches, file)
            return file.read_bytes()


def _bundled(checked: CheckedSeal) -> BundledSeal:
    seal = checked.seal
    return BundledSeal(
        folder=_seal_folder(checked),
        machine=seal.machine,
        number=seal.number,
        key=checked.key.fingerprint,
        sealed_at=seal.manifest.sealed_at,
        stamped=seal.token is not None,
    )


def _seal_folder(checked: CheckedSeal) -> str:
    return f"seals/{checked.seal.machine}/{checked.seal.number:06}"


def _seal_files(checked: CheckedSeal, branches: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """What of a seal speaks of the article, and nothing of any other: of those the digests alone are there."""
    seal = checked.seal
    yield shown.TAG, seal.payload
    yield shown.SIGNATURE, seal.signature.encode()
    yield shown.MANIFEST, seal.data
    own = [section for section in checked.sections if section.branch in branches]
    if own:
        yield shown.DIGESTS, seal.digests
    for section in own:
        yield f"article-{section.ref[-16:]}", section.write().encode()
    if seal.token:
        yield shown.STAMP, seal.token


def _changes(store: Store, history: History, recipes: tuple[Recipe, ...]) -> dict[str, tuple[str, bytes]]:
    """What led to each snapshot but the first, as pages: by revision, the name of the file and its content."""
    numbers = {entry.revision: f"{number:04}" for number, entry in enumerate(history.captures, 1)}
    found = {}
    for report in reports(store, history, recipes):
        before, after = report.before.revision or "", report.after.revision or ""
        name = f"changes/{numbers[before]}-{numbers[after]}.html"
        found[after] = (name, render(report, "html", all=True).encode())
    return found
