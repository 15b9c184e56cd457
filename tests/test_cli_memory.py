"""`tracker memory`, and the state that comes back from its copy."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli_support import refused, run, run_here
from tests.memory_support import PROMO, SECOND_PROMO, address, look, written
from tests.store_support import git
from tracker.store import open_store
from tracker.store.state_copy import STATE_REF


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A folder whose store has learned two blocks; it is copied before it is changed."""
    folder = tmp_path_factory.mktemp("learned")
    with open_store(folder / "snapshots", create=True) as store:
        for number, story in enumerate(("harbour", "orchard", "railway")):
            look(store, 1 + number, story, PROMO, SECOND_PROMO)
        store.copy_state()
    return folder


@pytest.fixture(autouse=True)
def folder(learned, tmp_path, monkeypatch):
    """A copy of it, as the working folder."""
    shutil.copytree(learned / "snapshots", tmp_path / "snapshots")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_lists_what_is_learned_with_an_id_to_type(capsys):
    done = run_here(capsys, "memory", "daily.example")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("in 3 articles, since 4 March 2026, 02:00 UTC") == 2
    assert "  " + PROMO in done.stdout
    assert run_here(capsys, "memory", "https://www.daily.example/any").stdout == done.stdout
    lines = [json.loads(line) for line in run_here(capsys, "memory", "daily.example", "--json").stdout.splitlines()]
    assert {line["text"] for line in lines} == {PROMO, SECOND_PROMO}
    assert list(lines[0]) == ["host", "id", "text", "since", "articles", "corrected"]
    assert all(line["id"] in done.stdout for line in lines)


@pytest.mark.parametrize("by", ["id", "part of the id", "start of the text"])
def test_forget_takes_a_block_out_for_good_and_says_what_happens_next(folder, capsys, by):
    (one,) = [
        line["id"]
        for line in map(json.loads, run_here(capsys, "memory", "daily.example", "--json").stdout.splitlines())
        if line["text"] == PROMO
    ]
    named = {"id": one, "part of the id": one[:8].upper(), "start of the text": "a  seat By our stove"}[by]
    done = run_here(capsys, "memory", "daily.example", "--forget", named)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"forgotten  {one}  {PROMO}\n")
    assert "will not be learned again" in done.stdout
    assert "taken for text by a person" in run_here(capsys, "memory", "daily.example").stdout
    assert '"what": "correction"' in git(
        folder / "snapshots" / "articles.git", "show", f"{STATE_REF}:daily.example.jsonl"
    )
    refused(run_here(capsys, "memory", "daily.example", "--forget", named), 8, "no block of daily.example")


def test_what_is_not_known_and_what_is_not_clear(folder, capsys):
    refused(run_here(capsys, "memory", "other.example"), 8, "other.example", "tracker list")
    refused(run_here(capsys, "memory", "daily.example", "--forget", "nothing like it"), 8, "no block")
    refused(run_here(capsys, "memory", "daily.example", "--forget", ""), 8, "no block")
    (folder / "none").mkdir()
    refused(run_here(capsys, "memory", "daily.example", "--store", "none"), 7)


def test_a_host_of_which_nothing_is_learned_yet(tmp_path, monkeypatch, capsys):
    with open_store(tmp_path / "young", create=True) as store:
        look(store, 1, "harbour")
    monkeypatch.setenv("TRACKER_STORE", "young")
    done = run_here(capsys, "memory", "daily.example")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing is learned of daily.example yet")
    assert run_here(capsys, "memory", "daily.example", "--json").stdout == ""


def test_snap_learns_and_keeps_the_copy(folder):
    (folder / "page.html").write_bytes(written("library", PROMO))
    before = git(folder / "snapshots" / "articles.git", "rev-parse", STATE_REF)
    done = run(folder, "snap", "page.html", "--url", address("library"))
    assert (done.returncode, done.stderr) == (0, "")
    assert PROMO not in run(folder, "show", "library-story").stdout
    assert git(folder / "snapshots" / "articles.git", "rev-parse", STATE_REF) != before
    assert "in 4 articles" in run(folder, "memory", "daily.example").stdout


def test_a_lost_state_comes_back(folder, capsys):
    before = run_here(capsys, "memory", "daily.example").stdout
    for file in (folder / "snapshots").glob("state.sqlite*"):
        file.unlink()
    wrong = run_here(capsys, "doctor")
    assert wrong.returncode == 7
    assert "tracker doctor --restore-state" in wrong.stdout
    done = run_here(capsys, "doctor", "--restore-state")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the last checks of 3 articles" in done.stdout
    assert "Lost: the single checks" in done.stdout
    assert "The store is well.\n" in done.stdout
    assert run_here(capsys, "memory", "daily.example").stdout == before
    refused(run_here(capsys, "doctor", "--restore-state"), 7, "neither missing nor empty")
