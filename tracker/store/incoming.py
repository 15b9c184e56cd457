"""What came from another store, looked at before any of it is believed.

A store of others may hold anything under any name. Taken is what tracker could have written: plain files of the known
names, texts that read back, pages that have the digest they claim, times that can be. The rest is left out, and why is
said in a few words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from subprocess import PIPE
from typing import TYPE_CHECKING

from tracker.store.chains import Chain, Key, capture_key
from tracker.store.commits import Commit, Kind, entry, parse_commit, trailers
from tracker.store.keys import signed_by
from tracker.store.pages import FACTS, PAGE, page_digest, read_capture, read_suppressed
from tracker.store.reader import Reader
from tracker.store.refresh import is_branch
from tracker.store.repository import Repository
from tracker.store.reviews import REVIEWS, is_reviewer
from tracker.store.seals import FILES, faults, named, read_seal, read_sections, target
from tracker.text.codec import read_document

if TYPE_CHECKING:
    from git import Git

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # how far another machine's clock may be ahead of ours
LARGEST_PAGE = 64 << 20  # bytes; a page that is fetched has at most 50 MB
LARGEST_TEXT = 16 << 20
LARGEST_COMMIT = 1 << 20
LARGEST_TREE = 1 << 10
LONGEST_NAME = 200  # of the parts of a branch's name
LARGEST_LIST = 1 << 29  # of what a seal lists
MOST_COMMITS = 100_000  # of one article
TEXT_FILES = ("article.md", "meta.json")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Strange(Exception):
    """This is not what tracker writes; the message says what is wrong with it."""


def is_article(name: str) -> bool:
    """Is this the name of an article's branch, and one that every file system can hold?"""
    host, _, rest = name.partition("/")
    return is_branch(name) and len(host) <= LONGEST_NAME and len(rest) <= LONGEST_NAME and not _unfit(host)


def _unfit(word: str) -> bool:
    """Words that git has in no name of a ref."""
    return word.endswith((".lock", ".")) or ".." in word


def is_review(ref: str) -> bool:
    """Is this the name of one reviewer's reviews of one article?"""
    reviewer, _, branch = ref.removeprefix(REVIEWS).partition("/")
    return ref.startswith(REVIEWS) and is_reviewer(reviewer) and is_article(branch)


def is_seal(ref: str) -> bool:
    """Is this the name of a seal of one machine?"""
    name = named(ref)
    return name is not None and len(name[0]) <= LONGEST_NAME


class Inspector:
    """Reads the new commits of a chain, and raises Strange at the first that is not to be believed."""

    def __init__(self, repository: Repository, reader: Reader, now: datetime) -> None:
        self._reader = reader
        self._sizes = _Sizes(repository)
        self._latest = now + AHEAD
        self._good_trees: set[tuple[str, str | None]] = set()

    def close(self) -> None:
        """End the process that knows sizes."""
        self._sizes.close()

    def texts(self, branch: str, tip: str, known: Mapping[str, Commit]) -> Chain:
        """The text chain that ends at `tip`; its commits that are not among those known are new and have been read."""
        chain = self._chain(tip, known)
        for each in self._new(chain, known):
            self._text(each)
        entries = [found for each in chain.commits.values() if (found := entry(each))]
        if any(each.kind is Kind.TOMBSTONE for each in entries):
            if len(chain.commits) > 1:
                raise Strange("a deleted article that goes on")
        elif not _named_after(branch, {alias for each in entries for alias in each.aliases}):
            raise Strange("it is the history of an article with another address")
        return chain

    def pages(self, tip: str, known: Mapping[str, Commit]) -> Chain:
        """The raw chain that ends at `tip`, as `texts`."""
        chain = self._chain(tip, known)
        for each in self._new(chain, known):
            self._page(each)
        return chain

    def plain(self, tip: str) -> None:
        """A commit of an unknown kind, and those before it: a few plain files are in their trees and nothing else."""
        waiting, seen = [tip], set[str]()
        while waiting:
            if (revision := waiting.pop()) not in seen:
                seen.add(revision)
                if len(seen) > MOST_COMMITS:
                    raise Strange(f"it has more than {MOST_COMMITS:,} commits")
                found = self._commit(revision)
                waiting += found.parents
                for name, blob in self._files(found.tree).items():
                    self._size(blob, "blob", LARGEST_TEXT, name)

    def seal(self, ref: str, tip: str) -> None:
        """A tag on a folder of a seal's files that belong together, by the key that its machine is named after.

        Whether the signature fits is for `tracker verify` to find out.
        """
        machine, number = named(ref) or ("", 0)
        self._size(tip, "tag", LARGEST_COMMIT, "a seal")
        read = self._reader.get(tip)
        try:
            files = self._files(target(read[2] if read else b""))
            if not set(files) <= FILES:
                raise Strange(f"a seal with other files than its own ({', '.join(files)})")
            for name, blob in files.items():
                self._size(blob, "blob", LARGEST_LIST, name)
            found = read_seal(self._reader, machine, number, tip)
            read_sections(self._reader, found)
            wrong = next(faults(found, signed_by(found.signature)), None)
        except ValueError as error:
            wrong = str(error)
        if wrong:
            raise Strange(wrong)

    def small(self, name: str) -> bytes | None:
        """The content of a small file, None where there is none of that name, or it is no small one."""
        found = self._sizes.ask(name)
        return self._reader.blob(name) if found and found[0] == "blob" and found[1] <= LARGEST_TREE else None

    # --- chains ---------------------------------------------------------------------------------------------

    def _chain(self, tip: str, known: Mapping[str, Commit]) -> Chain:
        found: dict[str, Commit] = {}
        waiting = [tip]
        while waiting:
            revision = waiting.pop()
            if revision in found:
                continue
            found[revision] = known.get(revision) or self._commit(revision)
            waiting += found[revision].parents
            if len(found) > MOST_COMMITS:
                raise Strange(f"it has more than {MOST_COMMITS:,} commits")
        return Chain(tip, found)

    def _new(self, chain: Chain, known: Mapping[str, Commit]) -> list[Commit]:
        return [each for revision, each in chain.commits.items() if revision not in known]

    def _commit(self, revision: str) -> Commit:
        self._size(revision, "commit", LARGEST_COMMIT, "a commit")
        read = self._reader.get(revision)
        try:
            found = parse_commit(revision, read[2] if read else b"")
        except ValueError as error:
            raise Strange("a commit that cannot be read") from error
        for second in found.seconds:
            self._believable(second)
        return found

    def _believable(self, second: float) -> None:
        if not EARLIEST.timestamp() <= second:
            raise Strange("a commit from before 1990")
        if second > self._latest.timestamp():
            raise Strange("a commit from the future; compare the clocks of the two machines")

    def _text(self, found: Commit) -> None:
        kind = _kind(found)
        one = entry(found)
        if kind != Kind.JOIN and one is None:
            raise Strange(f"commit {found.revision[:12]} was not written by tracker")
        if one is not None:
            self._believable(one.captured_at.timestamp())
        if kind == Kind.TOMBSTONE:
            if found.tree != EMPTY_TREE or found.parents:
                raise Strange("a deletion that leaves something there")
        else:
            self._readable(found.tree)

    def _readable(self, tree: str) -> None:
        """The two files of a text, which read back."""
        if (tree, None) in self._good_trees:
            return
        files = self._files(tree)
        if tuple(files) != TEXT_FILES:
            raise Strange(f"a text with other files than its own ({', '.join(files) or 'none'})")
        for name, blob in files.items():
            self._size(blob, "blob", LARGEST_TEXT, name)
        article, meta = self._reader.blobs(*files.values())
        try:
            read_document((article or b"").decode(), (meta or b"").decode())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Strange(f"a text that cannot be read ({tree[:12]})") from error
        self._good_trees.add((tree, None))

    def _page(self, found: Commit) -> None:
        if _kind(found) == Kind.JOIN:
            self._evidence(found.tree, None)
        elif (key := capture_key(found)) and _kind(found) == Kind.SNAPSHOT:
            self._believable(key[0].timestamp())
            self._evidence(found.tree, key)
        else:
            raise Strange(f"page {found.revision[:12]} was not written by tracker")

    def _evidence(self, tree: str, key: Key | None) -> None:
        """capture.json and the page that it tells of, unless that was pruned; as `key` says, where there is one."""
        if (tree, str(key)) in self._good_trees:
            return
        files = self._files(tree)
        if tuple(files) not in {(FACTS, PAGE), (FACTS,)}:
            raise Strange(f"a page with other files than its own ({', '.join(files) or 'none'})")
        for name, blob in files.items():
            self._size(blob, "blob", LARGEST_PAGE, name)
        facts, *page = self._reader.blobs(*files.values())
        if key is not None:
            _check_capture(facts or b"", page[0] if page else None, key)
        self._good_trees.add((tree, str(key)))

    # --- objects --------------------------------------------------------------------------------------------

    def _files(self, tree: str) -> dict[str, str]:
        """The files of a folder, name -> blob; nothing else may be in it."""
        self._size(tree, "tree", LARGEST_TREE, "a folder")
        read = self._reader.get(tree)
        rest = read[2] if read else b""
        files: dict[str, str] = {}
        while rest:
            head, _, rest = rest.partition(b"\0")
            mode, _, name = head.partition(b" ")
            if mode != b"100644" or not re.fullmatch(rb"[A-Za-z0-9][A-Za-z0-9._-]*", name) or len(rest) < 20:
                raise Strange(f"a file that is not a plain one ({name.decode('utf-8', 'replace')!r})")
            files[name.decode()] = rest[:20].hex()
            rest = rest[20:]
        return files

    def _size(self, name: str, kind: str, most: int, what: str) -> None:
        found = self._sizes.ask(name)
        if found is None or found[0] != kind:
            raise Strange(f"{what} is missing ({name[:12]})")
        if found[1] > most:
            raise Strange(f"{what} has {found[1]:,} bytes, more than {most:,}")


def _kind(found: Commit) -> str:
    return trailers(found.message).get("Kind", [""])[0]


def _named_after(branch: str, aliases: set[str]) -> bool:
    """Does a branch bear the name of one of the addresses in it? Pages without a web address are named as they can."""
    digits = branch[-16:]
    named = (sha256(alias.encode("utf-8", "surrogatepass")).hexdigest()[:16] for alias in aliases)
    return branch.startswith("file/") or digits in named


def _check_capture(facts: bytes, page: bytes | None, key: Key) -> None:
    """capture.json reads back, and page and key are those that it tells of."""
    try:
        told = json.loads(facts)
        capture = read_capture(facts, page or b"")
        read_suppressed(facts)
        plain = all(isinstance(each, str) for each in (told["url"], told["final_url"], *told["redirects"]))
        headers = all(isinstance(part, str) for header in told["headers"] for part in header)
        same = capture.captured_at == key[0] and told["sha256"] == key[1]
        pruned = "pruned" in told
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Strange("a capture.json that cannot be read") from error
    if not (plain and headers and same):
        raise Strange("a capture.json that tells of another page")
    if page is None and not pruned:
        raise Strange("a page that is missing, and nobody says that it was pruned")
    if page is not None and page_digest(page) != key[1]:
        raise Strange("a page that has not the SHA-256 it claims")


class _Sizes:
    """Kind and size of objects, before any of them is read into memory."""

    def __init__(self, repository: Repository) -> None:
        self._git: Git = repository.start()
        self._process: Git.AutoInterrupt = self._git.cat_file("--batch-check", as_process=True, istream=PIPE)

    def ask(self, revision: str) -> tuple[str, int] | None:
        """(kind, bytes) of an object, None where it is missing."""
        self._process.stdin.write(f"{revision}\n".encode())
        self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        return (words[1].decode(), int(words[2])) if len(words) == 3 else None

    def close(self) -> None:
        """End the process."""
        self._process.__del__()  # closes its pipes; GitPython has no other name for it
