"""What sharing costs in a store of many articles: first push, clone, and push and pull of nothing, of one, of a join.

    python benchmarks/sharing.py [--articles 10000] [--keep DIR]

Each article has one snapshot with a page of about 2 KB, so that the figures are those of refs and commits, not of the
disk. Beside ours stands plain git, which neither checks what comes nor joins: `git push` of the same refs to an empty
repository, `git clone --mirror` of it, and `git ls-remote`, the floor of a push that has nothing to send.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.store_support import LENS, bare, capture, git, put, reading
from tracker.pipeline import pull, push
from tracker.store import Store, address, cloning, open_store
from tracker.store.commits import Facts, Kind, article_commit, subject
from tracker.store.deposit import text_objects
from tracker.store.objects import GitObject
from tracker.store.pages import page_digest, page_objects
from tracker.store.repository import IDENTITY
from tracker.text.urls import branch_name, identity

START = datetime(2024, 3, 1, tzinfo=UTC)


def article(number: int) -> tuple[str, list[GitObject], list[GitObject]]:
    """The branch, the objects of its text and those of its page, each with the commit last."""
    url = f"https://www.daily.example/world/story-{number}"
    at = START + timedelta(seconds=number)
    body = "\n".join(f"<p>Story {number}, line {line}: the harbour is quiet.</p>" for line in range(40))
    found, read = (
        capture(at, body, url),
        reading(f"Story {number}.", "The harbour is quiet.", headline=f"Story {number}"),
    )
    digest = page_digest(found.body)
    text, page = text_objects(read.document), page_objects(found, None, read)
    facts = Facts(
        Kind.SNAPSHOT, at, raw_sha256=digest, lens=LENS, url=url, aliases=(identity(url),), source=found.source
    )
    plain = Facts(Kind.SNAPSHOT, at, raw_sha256=digest)
    said = subject(read.document.headline, "first snapshot")
    text.append(article_commit(text[-1].id, (), said, facts, identity=IDENTITY, written=at))
    page.append(article_commit(page[-1].id, (), "page as it came", plain, identity=IDENTITY, written=at))
    return branch_name(url), text, page


def fill(folder: Path, articles: int) -> None:
    """A store of so many articles, all in one pack, its refs packed."""
    open_store(folder, create=True).close()
    repository = folder / "articles.git"
    unpack = Popen(["git", "-C", repository, "fast-import", "--quiet", "--done"], stdin=PIPE)
    assert unpack.stdin
    refs: dict[str, str] = {"refs/heads/_about": git(repository, "rev-parse", "_about").strip()}
    for number in range(articles):
        branch, *sides = article(number)
        for side, objects in zip(("heads", "raw"), sides, strict=True):
            *blobs, _, commit = objects
            names = ("article.md", "meta.json") if side == "heads" else ("page.html", "capture.json")
            head, _, message = commit.data.partition(b"\n\n")
            people = b"\n".join(head.split(b"\n")[1:])
            unpack.stdin.write(
                b"reset refs/scratch\ncommit refs/scratch\n%s\ndata %d\n%s\n" % (people, len(message), message)
            )
            for name, blob in zip(names, blobs, strict=True):
                unpack.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(blob.data), blob.data))
            unpack.stdin.write(b"\n")
            refs[f"refs/{side}/{branch}"] = commit.id
    unpack.stdin.write(b"done\n")
    unpack.stdin.close()
    assert unpack.wait() == 0
    git(repository, "update-ref", "-d", "refs/scratch")
    (repository / "refs/heads/_about").unlink()
    rows = "".join(f"{tip} {ref}\n" for ref, tip in sorted(refs.items()))
    (repository / "packed-refs").write_text(f"# pack-refs with: sorted \n{rows}", "utf-8")


def timed(what: str, work: Callable[[], object]) -> None:
    """Do it, and print how long it took."""
    began = time.perf_counter()
    work()
    print(f"{what:<44} {time.perf_counter() - began:9.2f} s", flush=True)


def one_more(store: Store, number: int, minute: int) -> None:
    """Another snapshot of an article, some minutes after the first."""
    url = f"https://www.daily.example/world/story-{number}"
    put(store, f"Story {number} after {minute} minutes.", when=START + timedelta(minutes=minute), url=url)


def measure(folder: Path, articles: int) -> None:
    """All rows of the table."""
    hub, plain = folder / "hub.git", folder / "plain.git"
    for repository in (hub, plain):
        repository.mkdir()
        git(repository, "init", "--quiet", "--bare")
    timed(f"(making a store of {articles:,} articles)", lambda: fill(folder / "one", articles))
    with open_store(folder / "one") as one:
        timed("(its index)", one.articles)
        there = one.sharing.remote(str(hub), folder)
        timed("first push", lambda: push(one, there))
        specs = ("refs/heads/*:refs/heads/*", "refs/raw/*:refs/raw/*")
        timed("  plain git", lambda: git(bare(one), "push", "--quiet", str(plain), *specs))
        timed("push of nothing", lambda: push(one, there))
        timed("  git ls-remote", lambda: git(bare(one), "ls-remote", str(hub)))
        one_more(one, 7, 100_000)
        timed("push of one new snapshot", lambda: push(one, there))
        timed("  git clone --mirror", lambda: git(folder, "clone", "--quiet", "--mirror", str(hub), "mirror.git"))
        with cloning(folder / "two", address(str(hub), folder), texts_only=False) as (two, origin):
            timed("clone", lambda: pull(two, origin))
            timed("pull of nothing", lambda: pull(two, origin))
            one_more(one, 8, 100_001)
            push(one, there)
            timed("pull of one new snapshot", lambda: pull(two, origin))
            one_more(one, 9, 100_002)
            one_more(two, 9, 100_003)
            push(one, there)
            timed("push with one article to be joined", lambda: push(two, origin))
        with cloning(folder / "text", address(str(hub), folder), texts_only=True) as (text, origin):
            timed("clone --text", lambda: pull(text, origin))
    sizes = [
        sum(file.stat().st_size for file in (folder / name).rglob("*") if file.is_file()) for name in ("two", "text")
    ]
    print(
        f"bytes an article: {sizes[0] / articles:,.0f} in a clone, {sizes[1] / articles:,.0f} in a clone of the texts"
    )


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="work here, and leave it there")
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="tracker-sharing-"))
    folder.mkdir(exist_ok=True)
    try:
        measure(folder, asked.articles)
    finally:
        if not asked.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    os.nice(5)
    main()
