"""Stores that share a bare repository, and what must hold of all of them afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.site import PARAGRAPHS, URL, capture, page
from tests.store_support import URL as SHARED_URL
from tests.store_support import acknowledged, git, keys, seen
from tracker.model import Check
from tracker.pipeline import Terms, keep, pull, push
from tracker.store import Pulled, Pushed, Store, open_store

DATED = Terms(dated=True)


def bare_repository(path: Path) -> Path:
    """An empty bare repository, as `git init --bare` makes it."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare")
    return path


def tips(folder: Path, *prefixes: str) -> dict[str, str]:
    """The refs of a repository that are shared, and what they name."""
    listing = git(
        folder, "for-each-ref", "--format=%(refname) %(objectname)", *(prefixes or ("refs/heads", "refs/raw"))
    )
    return dict(line.split() for line in listing.splitlines())


def look(
    store: Store, when: datetime, *paragraphs: str, url: str = URL, headline: str = "Fire in the harbour"
) -> Check:
    """Keep a page with a text, as captured at a time."""
    body = page(paragraphs or PARAGRAPHS, headline=headline, canonical=url)
    return keep(store, capture(when, body, url=url), DATED)


def pushed(store: Store, there: Path | str) -> Pushed:
    """Push, and nothing may be refused."""
    done = push(store, store.sharing.remote(str(there), store.path))
    assert done.refused == {}
    return done


def pulled(store: Store, there: Path | str) -> Pulled:
    """Pull, and nothing may be left out."""
    done = pull(store, store.sharing.remote(str(there), store.path))
    assert done.left_out == []
    return done


def in_step(stores: Sequence[Store], there: Path | str) -> None:
    """Push and pull in turn until nobody has anything new."""
    for _ in range(2):
        for store in stores:
            pushed(store, there)
    for store in stores:
        pulled(store, there)


def alike(there: Path, *stores: Store) -> None:
    """All hold the same refs and tell the same histories; no text is without its page, and git finds nothing wrong."""
    shared = tips(there)
    for store in stores:
        repository = store.path / "articles.git"
        assert tips(repository) == shared
        whole(repository)
        assert tips(repository, "refs/incoming") == {}
    told = [
        [(row.branch, seen(store.history(row.branch))) for row in store.articles() if row.snapshots] for store in stores
    ]
    assert all(each == told[0] for each in told)
    whole(there)


def whole(repository: Path) -> None:
    """No text without its page; git finds nothing wrong, not even a commit of which an object is missing."""
    assert keys(repository, "refs/heads/*") <= keys(repository, "refs/raw/*")
    assert "error" not in git(repository, "fsck", "--full", "--strict", "--no-dangling", check=False)


# --- a machine in a process of its own: python -m tests.sharing_support STORE NAME COUNT URL ------------------------


def at_work(folder: Path, name: str, count: int, there: str) -> None:
    """Capture, an article that all machines share and one of its own in turn, and push; say what was acknowledged."""
    with open_store(folder, create=True) as store:
        remote = store.sharing.remote(there, folder)
        for number in range(count):
            url = SHARED_URL if number % 2 else f"https://www.daily.example/world/story-of-{name}"
            print(acknowledged(store, f"{name} says {number}.", url), flush=True)  # noqa: T201 - the test reads it
            if number % 3 == 2:
                push(store, remote)
            if number % 4 == 3:
                pull(store, remote)


def start_machine(folder: Path, name: str, count: int, there: str) -> subprocess.Popen[str]:
    """A machine at work, in a process group of its own."""
    command = [sys.executable, "-m", "tests.sharing_support", str(folder), name, str(count), there]
    root = Path(__file__).parents[1]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, start_new_session=True)


if __name__ == "__main__":
    at_work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
