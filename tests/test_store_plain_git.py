"""A person without tracker: the steps of docs/store.md, typed as they stand there, on a store that has seen a lot."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli_support import SECOND, fill
from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tracker.pipeline import Terms, keep
from tracker.store import open_store

DOC = (Path(__file__).parents[1] / "docs/store.md").read_text("utf-8")


def steps() -> list[str]:
    """The shell blocks of the section, in order."""
    section = DOC.partition("## Reading a store with git alone\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ {3}```sh\n(.*?)^ {3}```$", section, flags=re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix("   ") for line in block.split("\n")) for block in blocks]


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> list[str]:
    """What each step prints, of a store with a page that was pruned, an older capture joined in, and an event."""
    folder = tmp_path_factory.mktemp("plain")
    fill(folder / "snapshots")
    with open_store(folder / "snapshots") as store:
        third = edited(0, "killed 21", "killed at least 22", SECOND)
        keep(store, capture(hour(5), page(third)))
        keep(store, capture(hour(3), page(edited(0, "killed 12", "killed 20"))), Terms(dated=True))
        keep(store, capture(hour(6), b"gone", status=404))
        branch = store.find(URL)
        store.pruner.prune([store.history(branch)], hour(2.5), "rule 4", lambda _: None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"STORE": str(folder / "snapshots"), "ARTICLE": branch, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C", "GIT_PAGER": "cat"}
    script = "\necho ==NEXT==\n".join(steps())
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("==NEXT==\n")


def test_the_clone_says_what_it_is(said):
    about = re.search(r"`([0-9a-f]{40})`", DOC.partition("Reading a store with git alone")[2])
    assert about is not None
    assert said[0].startswith("# A store of news articles")
    assert said[0].endswith(f"\n1\n{about[1]}\n")


def test_the_articles_and_what_happened_are_listed(said):
    assert re.findall(r"origin/daily\.example/[a-z]+-[a-z]+", said[1]) == [
        "origin/daily.example/harbour-fire",
        "origin/daily.example/harbour-master",
    ]
    assert "2026-03-04 06:00:00 +0000 Fire in the harbour kills 12: gone (404)" in said[1]
    assert "Kind: gone\nCaptured-At: 2026-03-04T06:00:00.000000Z\n" in said[1]


def test_the_text_is_read_compared_and_blamed(said):
    assert said[2].count("killed at least 22 people on Tuesday night") >= 2
    assert "[-12-]{+20+}" in said[2] or "[-20-]{+21+}" in said[2] or "{+at least 22+}" in said[2]
    assert re.search(
        r"^\^?[0-9a-f]+ \(tracker +2026-03-04 .* \d+\) # Fire in the harbour kills 12$", said[2], re.MULTILINE
    )


def test_the_pages_are_there(said):
    assert said[3].count("2026-03-04T0") >= 4
    assert '"url": "https://daily.example/2026/harbour-fire"' in said[3]


def test_all_of_it_is_checked_by_hand(said):
    lines = said[4].splitlines()
    held = [line for line in lines if re.fullmatch(r"[0-9a-f]{40} holds [0-9a-f]{64}", line)]
    removed = [line for line in lines if " removed: " in line]
    assert (len(held), len(removed)) == (2, 2)
    assert all('"decision": "rule 4"' in line for line in removed)
    assert any(line.endswith(" joins two chains") for line in lines)
    assert "DOES NOT" not in said[4]
    assert re.fullmatch(r"daily\.example/2026/harbour-fire: 5347e497c8de7567", lines[-1])
    assert len(lines) == len(held) + len(removed) + sum("joins" in line for line in lines) + 1, "comm printed something"


def test_a_page_that_is_not_what_its_commit_says_is_seen(tmp_path):
    """The check of the document fails where it must."""
    fill(tmp_path / "snapshots")
    with open_store(tmp_path / "snapshots") as store:
        branch = store.find(URL)
    git_dir = tmp_path / "snapshots" / "articles.git"
    run = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(git_dir)]

    def plain(*arguments: str, given: str = "") -> str:
        return subprocess.run([*run, *arguments], input=given, capture_output=True, text=True, check=True).stdout

    other = plain("hash-object", "-w", "--stdin", given=PARAGRAPHS[0]).strip()
    facts = plain("rev-parse", f"refs/raw/{branch}:capture.json").strip()
    tree = plain("mktree", given=f"100644 blob {facts}\tcapture.json\n100644 blob {other}\tpage.html\n").strip()
    message = plain("log", "-1", "--format=%B", f"refs/raw/{branch}")
    made = plain("commit-tree", tree, "-p", f"refs/raw/{branch}~1", given=message).strip()
    plain("update-ref", f"refs/raw/{branch}", made)
    check = steps()[4].partition("\nkey=")[0]
    done = subprocess.run(
        ["bash", "-c", f"cd {git_dir}; {check}"],
        env=os.environ | {"ARTICLE": branch},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{made} DOES NOT HOLD " in done.stdout
