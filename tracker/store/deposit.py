"""What is written about an article: snapshots, rereads and events, as commits on its two refs.

Every write is made against the History that the caller decided on. If the article has moved since, nothing is
written and Conflict is raised: look again, decide again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.errors import Conflict, StoreError
from tracker.model import Capture, Document, Reading
from tracker.store.chains import Chain, Key
from tracker.store.commits import FIRST_SNAPSHOT, READ_AGAIN, Facts, Kind, article_commit, subject, what_changed
from tracker.store.history import History
from tracker.store.index import Index
from tracker.store.objects import GitObject, Person, blob, tree
from tracker.store.pages import page_digest, page_objects
from tracker.store.pending import RefMove
from tracker.store.refresh import RAW, TEXT, Refresher
from tracker.store.repository import TEXTS_ONLY
from tracker.store.writer import Moved, Writer
from tracker.text.codec import write_article, write_meta
from tracker.text.decode import Decoded
from tracker.text.urls import identity


def text_objects(document: Document) -> list[GitObject]:
    """The two files of a text and their folder, the folder last."""
    article = blob(write_article(document).encode())
    meta = blob(write_meta(document).encode())
    return [article, meta, tree([("article.md", article.id), ("meta.json", meta.id)])]


def addresses(url: str, capture: Capture, aliases: Iterable[str]) -> tuple[str, ...]:
    """The identities of every address that led to a capture, the article's own first, each once."""
    led = (url, capture.url, *capture.redirects, capture.final_url, *aliases)
    return tuple(dict.fromkeys(identity(each) for each in led if each))


def reread_facts(key: Key, reading: Reading, url: str) -> Facts:
    """What the commit of a capture says that another lens has read."""
    return Facts(
        kind=Kind.REREAD,
        captured_at=key[0],
        raw_sha256=key[1],
        modified=reading.modified,
        lens=reading.lens,
        url=url,
    )


@dataclass(frozen=True, slots=True)
class Deposit:
    """One article at the moment of a write: its two chains as they are now."""

    branch: str
    text: Chain
    raw: Chain


class Depositor:
    """Makes the commits and moves the refs."""

    def __init__(self, writer: Writer, index: Index, refresher: Refresher, signature: Person) -> None:
        self._writer = writer
        self._index = index
        self._refresher = refresher
        self._signature = signature

    def look(self, branch: str) -> Deposit:
        """The article's chains as they are at this moment."""
        tips = self._refresher.article(branch, pages=True)
        if tips is None:
            # A raw ref alone is a first write that was interrupted: its commits are kept, and built upon.
            return Deposit(branch, Chain(None, {}), self._refresher.lone_raw(branch))
        return Deposit(
            branch,
            Chain(tips.text, self._index.commits(branch, "text")),
            Chain(tips.raw, self._index.commits(branch, "raw")),
        )

    def snapshot(
        self,
        branch: str,
        expected: History | None,
        capture: Capture,
        decoded: Decoded | None,
        reading: Reading,
        before: str | None,
        seen_since: datetime | None,
        url: str,
        aliases: Sequence[str],
    ) -> None:
        """Store a capture: its page under refs/raw and its text, the page first, in one move."""
        digest = page_digest(capture.body)
        key = (capture.captured_at, digest)
        known = expected.aliases if expected else frozenset()
        facts = Facts(
            kind=Kind.SNAPSHOT,
            captured_at=capture.captured_at,
            seen_since=_look_before(seen_since, capture.captured_at),
            raw_sha256=digest,
            modified=reading.modified,
            lens=reading.lens,
            url=url,
            aliases=tuple(alias for alias in addresses(url, capture, aliases) if alias not in known),
            source=capture.source,
        )
        page_facts = Facts(kind=Kind.SNAPSHOT, captured_at=capture.captured_at, raw_sha256=digest)
        text, page = text_objects(reading.document), page_objects(capture, decoded, reading)
        what = FIRST_SNAPSHOT if before is None else what_changed(before, text[0].data.decode())
        said = subject(reading.document.headline, what)

        def build(now: Deposit) -> tuple[list[GitObject], list[RefMove]]:
            new_text, text_tip = now.text.grow(key, self._maker(text[-1].id, said, facts))
            objects = [*text, *new_text]
            moves = [RefMove(TEXT + branch, text_tip, now.text.tip)]
            if key not in now.raw.captures():  # else an interrupted write has left the page there
                new_raw, raw_tip = now.raw.grow(key, self._maker(page[-1].id, "page as it came", page_facts))
                objects = [*page, *new_raw, *objects]
                moves.insert(0, RefMove(RAW + branch, raw_tip, now.raw.tip))
            return objects, moves

        self._write(branch, expected, build)

    def reread(
        self, branch: str, expected: History, key: Key, reading: Reading, url: str, headline: str | None
    ) -> None:
        """Store a capture's text as another lens reads it."""
        facts = reread_facts(key, reading, url)
        text = text_objects(reading.document)
        said = subject(headline, READ_AGAIN)

        def build(now: Deposit) -> tuple[list[GitObject], list[RefMove]]:
            new, tip = now.text.grow(key, self._maker(text[-1].id, said, facts))
            return [*text, *new], [RefMove(TEXT + branch, tip, now.text.tip)]

        self._write(branch, expected, build)

    def event(self, branch: str, expected: History, facts: Facts, said: str) -> None:
        """Store that something happened to the article; its text stays as it is."""

        def build(now: Deposit) -> tuple[list[GitObject], list[RefMove]]:
            tip = now.text.tip or ""
            made = self._maker(now.text.commits[tip].tree, said, facts)((tip,))
            return [made], [RefMove(TEXT + branch, made.id, tip)]

        self._write(branch, expected, build)

    def _maker(self, tree_id: str, said: str, facts: Facts) -> Callable[[Sequence[str]], GitObject]:
        written = datetime.now(UTC)
        return lambda parents: article_commit(tree_id, parents, said, facts, identity=self._signature, written=written)

    def _write(
        self,
        branch: str,
        expected: History | None,
        build: Callable[[Deposit], tuple[list[GitObject], list[RefMove]]],
    ) -> None:
        """Build on what is there now and move the refs; once more if only the raw ref has moved meanwhile."""
        while True:
            now = self.look(branch)
            if now.text.tip != (expected.tip if expected else None):
                raise Conflict(f"{branch} has moved while it was being looked at; try again")
            if now.text.tip and not now.raw.tip:
                raise StoreError(f"{branch} is here without its pages: {TEXTS_ONLY}")
            objects, moves = build(now)
            try:
                self._writer.write(objects, moves, after=self._teller(branch, objects))
            except Moved:
                continue
            return

    def _teller(self, branch: str, objects: Sequence[GitObject]) -> Callable[[], object]:
        """Tells the index, once the refs have moved; what was just written is not read for that."""
        written = {each.id: each for each in objects}
        return lambda: self._refresher.article(branch, pages=True, written=written)


def _look_before(seen_since: datetime | None, captured_at: datetime) -> datetime | None:
    """The check before a capture; a later check, which an older capture may have, says nothing of it."""
    return seen_since if seen_since and seen_since < captured_at else None


def check_address(branch: str, expected: History, led: Sequence[str]) -> None:
    """Two stories must never share a history: one of a capture's addresses has led to this article before."""
    if expected.aliases and not expected.aliases & set(led):
        raise StoreError(
            f"{led[0] if led else 'a page without address'} is not an address of {branch}; nothing was stored"
        )
