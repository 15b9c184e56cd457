"""One article as one file to hand over: pages, texts, what changed, the seals over them, and how to check all of it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tracker.errors import NotFound
from tracker.normalize.recipes import Recipe
from tracker.pipeline.reports import reports
from tracker.render import bundle as shown
from tracker.render import render
from tracker.render.bundle import Bundle, BundledCapture, BundledSeal, bundle_html, bundle_text
from tracker.store import ArticleProof, CheckedChain, CheckedSeal, Entry, History, Page, Proof, Store, Trust, Verdict

README, INDEX = "README.txt", "index.html"


def bundle(
    store: Store, history: History, trust: Trust, target: IO[bytes], recipes: tuple[Recipe, ...] = ()
) -> Verdict:
    """Write one article into a zip file; what checking it against its seals came to.

    The same store makes the same bytes. Every name in it is ASCII and of our own making; nothing in it runs. Raises
    NotFound where the article was deleted.
    """
    if not history.captures:
        raise NotFound(f"{history.branch} has no page to hand over: it was deleted")
    branches = store.branches(history.branch)
    verdict = store.evidence.verify(replace(trust, own_key=None), branches)  # the maker's own is a stranger's to others
    proofs = {proof.entry.key: proof for article in verdict.articles for proof in _of_captures(article)}
    seals = [seal for chain in verdict.chains for seal in _covering(chain, branches)]
    changes = _changes(store, history, recipes)
    about = _about(store, history, branches, proofs, seals, verdict, changes, trust)
    with _Folder(target, f"evidence-{history.branch[-16:]}", history.entries[-1].captured_at) as folder:
        folder.add(INDEX, bundle_html(about).encode())
        folder.add(README, bundle_text(about).encode())
        for capture, entry in zip(about.captures, history.captures, strict=True):
            for name, data in _capture_files(store, history, entry):
                folder.add(f"{capture.folder}/{name}", data)
        for name, data in changes.values():
            folder.add(name, data)
        for each in seals:
            for name, data in _seal_files(each, branches):
                folder.add(f"{_seal_folder(each)}/{name}", data)
        if seals:
            folder.add(shown.SIGNERS, b"".join(dict.fromkeys(each.seal.allowed_signers for each in seals)))
        if about.certificates and trust.certificates:
            folder.add(shown.CERTIFICATES, trust.certificates.read_bytes())
        folder.add(shown.HISTORY, _history(store, branches))
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


def _of_captures(article: ArticleProof) -> Iterator[Proof]:
    return (proof for proof in article.proofs if proof.entry.kind.value == "snapshot")


def _covering(chain: CheckedChain, branches: Iterable[str]) -> tuple[CheckedSeal, ...]:
    """The seals of a chain from the first that lists the article to the last, or to the first time stamp after that."""
    wanted = set(branches)
    listing = [place for place, each in enumerate(chain.seals) if wanted & {one.branch for one in each.sections}]
    if not listing:
        return ()
    first, last = listing[0], listing[-1]
    stamped = next((place for place, each in enumerate(chain.seals) if place >= last and each.token), last)
    return chain.seals[first : stamped + 1]


def _about(
    store: Store,
    history: History,
    branches: tuple[str, ...],
    proofs: Mapping[tuple[datetime, str], Proof],
    seals: list[CheckedSeal],
    verdict: Verdict,
    changes: Mapping[str, tuple[str, bytes]],
    trust: Trust,
) -> Bundle:
    numbers = {each.revision: number for number, each in enumerate(history.snapshots, 1)}
    captures = []
    for number, entry in enumerate(history.captures, 1):
        proof = proofs.get(entry.key)
        captures.append(
            BundledCapture(
                folder=f"captures/{number:04}",
                number=numbers.get(entry.revision),
                captured_at=entry.captured_at,
                seen_since=entry.seen_since,
                revision=entry.revision,
                raw_sha256=entry.raw_sha256 or "",
                page=(proof.page if proof else Page.BROKEN).value,
                change=changes[entry.revision][0] if entry.revision in changes else None,
                sealed=proof is not None and bool(proof.seals) and proof.page is Page.THERE,
            )
        )
    return Bundle(
        title=store.document(history.tip).headline or history.url or history.branch,
        url=history.url,
        branches=branches,
        captures=tuple(captures),
        seals=tuple(_bundled(each) for each in seals),
        statements=verdict.statements,
        certificates=trust.certificates is not None and any(each.token for each in seals),
    )


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


def _capture_files(store: Store, history: History, entry: Entry) -> Iterator[tuple[str, bytes]]:
    files = store.files(history.branch, entry)
    names = {"page.html": shown.PAGE, "capture.json": shown.FACTS, "article.md": shown.TEXT, "meta.json": shown.META}
    for name, data in files.items():
        yield names[name], data
    yield shown.REVISION, f"{entry.revision}\n".encode()


def _changes(store: Store, history: History, recipes: tuple[Recipe, ...]) -> dict[str, tuple[str, bytes]]:
    """What led to each snapshot but the first, as pages: by revision, the name of the file and its content."""
    numbers = {entry.revision: f"{number:04}" for number, entry in enumerate(history.captures, 1)}
    found = {}
    for report in reports(store, history, recipes):
        before, after = report.before.revision or "", report.after.revision or ""
        name = f"changes/{numbers[before]}-{numbers[after]}.html"
        found[after] = (name, render(report, "html", all=True).encode())
    return found


def _history(store: Store, branches: tuple[str, ...]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / shown.HISTORY
        store.evidence.write_history(branches, file)
        return file.read_bytes()
