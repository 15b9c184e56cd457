"""Captures, documents and readings made by hand for the tests of the store, and plain git to look at what it wrote."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.errors import Conflict
from tracker.model import Block, BlockKind, Capture, Document, Lens, Reading, Snapshot, Source
from tracker.store import History, Store

LENS = Lens(rules="1", sentences="test-1")
NEWER_LENS = Lens(rules="2", sentences="test-1")
START = datetime(2024, 3, 1, 9, 30, 0, 250, tzinfo=UTC)
URL = "https://www.daily.example/world/harbour-fire"


def at(minutes: float) -> datetime:
    """A time so many minutes after the first."""
    return START + timedelta(minutes=minutes)


def document(*paragraphs: str, headline: str = "Fire in the harbour") -> Document:
    blocks = [Block(BlockKind.HEADLINE, headline)] if headline else []
    return Document((*blocks, *(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)), language="en")


def reading(*paragraphs: str, headline: str = "Fire in the harbour", lens: Lens = LENS) -> Reading:
    return Reading(document(*paragraphs, headline=headline), lens)


def capture(when: datetime = START, body: bytes | str = "", url: str = URL, source: Source = Source.WEB) -> Capture:
    data = body.encode() if isinstance(body, str) else body
    return Capture(url, url, when, 200, (("content-type", "text/html"),), data or b"<p>fire</p>", source)


def known(store: Store, url: str = URL) -> History | None:
    branch = store.find_url(url)
    return store.history(branch) if branch else None


def history_of(store: Store, url: str = URL) -> History:
    """The history of an article that is there."""
    found = known(store, url)
    assert found is not None
    return found


def bare(store: Store) -> Path:
    """The store's repository, for plain git."""
    return store.path / "articles.git"


def put(
    store: Store,
    *paragraphs: str,
    when: datetime = START,
    url: str = URL,
    seen_since: datetime | None = None,
    headline: str = "Fire in the harbour",
    lens: Lens = LENS,
    expected: History | None = None,
) -> Snapshot:
    """Store a text as a capture of its own body, on whatever the article is now."""
    body = "\n".join((headline, *paragraphs))
    return store.write_snapshot(
        branch=None,
        expected=expected or known(store, url),
        capture=capture(when, body, url),
        decoded=None,
        reading=reading(*paragraphs, headline=headline, lens=lens),
        seen_since=seen_since,
    )


def git(folder: Path, *arguments: str, check: bool = True, stdin: str = "") -> str:
    """Plain git, as a stranger would call it, with no settings of this machine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Stranger", f"GIT_{role}_EMAIL": "stranger@example.org"}
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout if check else done.stdout + done.stderr


def keys(repository: Path, glob: str) -> set[str]:
    """(time, digest) of all commits under some refs that name a capture."""
    trailers = "%(trailers:key=Captured-At,valueonly,separator=) %(trailers:key=Raw-SHA256,valueonly,separator=)"
    log = git(repository, "log", f"--glob={glob}", f"--format={trailers}")
    return {line for line in log.split("\n") if len(line.split()) == 2}


def seen(history: History) -> list[tuple[datetime, datetime | None, str | None, str]]:
    """What people see of a history, without git ids."""
    return [(each.captured_at, each.seen_since, each.raw_sha256, each.tree) for each in history.snapshots]


def acknowledged(store: Store, text: str, url: str) -> str:
    """Store a text as a live capture, deciding anew as often as another writer comes first."""
    while True:
        history = known(store, url)
        now = datetime.now(UTC)
        when = history.live_time(now) if history else now
        try:
            return put(store, text, when=when, url=url, expected=history).revision
        except Conflict:
            continue
