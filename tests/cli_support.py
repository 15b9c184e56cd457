"""The real program as a subprocess, and what is asked of it after every fault."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import tracker.cli
from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tests.store_support import git
from tracker.pipeline import keep
from tracker.store import open_store

Done = subprocess.CompletedProcess[str]

SECOND = edited(0, "killed 12 people", "killed 21 people")
OTHER_URL = "https://daily.example/2026/harbour-master"
OTHER = (
    "The harbour master of Port Ellery, Ingrid Holm, will leave her office at the end of the year, the town said.",
    "She has held it for 19 years, longer than anybody before her, and has seen the ferry change its owner twice.",
    "“I have watched enough ships leave,” she said; a successor is to be named by the council in the autumn.",
)


def program() -> str:
    """The console script of this environment."""
    found = shutil.which("tracker", path=str(Path(sys.executable).parent))
    assert found, "the package is not installed: pip install -e ."
    return found


def environment(**changes: str) -> dict[str, str]:
    """The variables of this process without those that would steer the program."""
    steering = ("TRACKER_", "NO_COLOR", "COLUMNS", "GIT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)} | changes


def run(folder: Path, *arguments: str | Path, stdin: str = "", **variables: str) -> Done:
    """Run `tracker` with its working folder in `folder`, whose `snapshots` is then the store."""
    return subprocess.run(
        [program(), *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_here(capsys: pytest.CaptureFixture[str], *arguments: str) -> Done:
    """The same in this process, for the many command lines that differ in their arguments alone."""
    code = tracker.cli.run(tracker.cli.main, list(arguments), "tracker")
    said = capsys.readouterr()
    return subprocess.CompletedProcess(arguments, code, said.out, said.err)


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened, for as long as a loaded machine may take."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refused(done: Done, code: int, *words: str) -> None:
    """It ended with this code, one line on stderr that holds these words, and nothing on stdout."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("tracker: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.endswith("\n")
    for word in words:
        assert word in done.stderr, done.stderr


def lines_of(done: Done) -> list[dict[str, Any]]:
    """The objects that a command with --json printed, one a line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def fill(store: Path) -> None:
    """Two articles, one of them with two snapshots."""
    with open_store(store, create=True) as opened:
        keep(opened, capture(hour(1), page()))
        keep(opened, capture(hour(2), page(SECOND)))
        keep(
            opened, capture(hour(3), page(OTHER, headline="Harbour master leaves", canonical=OTHER_URL), url=OTHER_URL)
        )


def texts(store: Path, url: str = URL) -> list[str]:
    """The first paragraph of every snapshot of an article, in capture order."""
    with open_store(store) as opened:
        history = opened.history(opened.find(url))
        documents = [opened.snapshot(history.branch, each).document for each in history.snapshots]
    return [next(block.text for block in each.blocks if block.kind.value == "paragraph") for each in documents]


def intact(store: Path, kept: Sequence[str] = (PARAGRAPHS[0], SECOND[0])) -> None:
    """The store of `fill` still reads as it did, every page is there, and plain git finds nothing wrong."""
    assert texts(store) == list(kept)
    with open_store(store) as opened:
        history = opened.history(opened.find(URL))
        assert all(opened.raw(history.branch, each) is not None for each in history.snapshots)
        assert len(opened.articles()) == 2
    git(store / "articles.git", "fsck", "--strict", "--no-dangling")
