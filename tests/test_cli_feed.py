"""`tracker changes --feed`: the same feed whenever it is asked for, of all articles or of some."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest

from tests.cli_support import SECOND, Done, fill, refused, run, run_here
from tests.site import URL, capture, edited, hour, page
from tracker.pipeline import keep, recent_reports, refresh_reports
from tracker.store import ChangeQuery, open_store

NOTE = "Correction: An earlier version of this article gave the number of people killed as 12. It is 21."
OTHER = "https://weekly.example/harbour"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A store in which one article was changed silently, then corrected, and another silently changed alike."""
    with open_store(tmp_path / "snapshots", create=True) as store:
        keep(store, capture(hour(1), page()))
        keep(store, capture(hour(2), page(SECOND)))
        keep(store, capture(hour(3), page(edited(1, "paint", "tar", SECOND), note=NOTE)))
        keep(store, capture(hour(4), page(canonical=OTHER), url=OTHER))
        keep(store, capture(hour(5), page(SECOND, canonical=OTHER), url=OTHER))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def entries(done: Done) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    found = feedparser.parse(done.stdout)
    assert not found.bozo
    return found.entries


def test_an_entry_an_edit_the_newest_first(capsys):
    found = entries(run_here(capsys, "changes", "--feed", "atom"))
    assert [entry.published for entry in found] == [
        "2026-03-04T05:00:00Z",
        "2026-03-04T03:00:00Z",
        "2026-03-04T02:00:00Z",
    ]
    assert found[2].updated == "2026-03-04T03:00:00Z", "the correction speaks of it"


def test_ids_are_the_same_in_another_process_and_after_the_index_is_made_anew(folder, capsys):
    before = [entry.id for entry in entries(run_here(capsys, "changes", "--feed", "atom"))]
    (folder / "snapshots" / "index.sqlite").unlink()
    assert [entry.id for entry in entries(run(folder, "changes", "--feed", "atom"))] == before


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--host", "weekly.example"), 1),
        (("--article", "daily.example"), 2),
        (("--label", "notice-added"), 1),
        (("--silent",), 2),
        (("--limit", "2"), 2),
        (("--since", "2026-03-04T04:30"), 1),
        (("--search", "tar"), 1),
        (("--label", "caption-changed"), 0),
    ],
)
def test_a_feed_of_some(capsys, options, count):
    assert len(entries(run_here(capsys, "changes", "--feed", "atom", *options))) == count


def test_the_same_question_is_the_same_feed(capsys):
    one, other, third = (
        feedparser.parse(run_here(capsys, "changes", "--feed", "atom", *options).stdout).feed.id
        for options in (("--silent",), ("--silent", "--limit", "1"), ())
    )
    assert one == other != third


def test_it_is_a_feed_or_a_list(capsys):
    refused(run_here(capsys, "changes", "--feed", "atom", "--json"), 2, "--json", "--feed")


def test_an_edit_with_more_changes_than_a_feed_has_entries_is_one_entry(tmp_path):
    paragraphs = [f"On day {number} the harbour police counted 12 boats at the quay." for number in range(40)]
    changed = [text.replace("12", "21") for text in paragraphs]
    with open_store(tmp_path / "many", create=True) as store:
        for number, text in enumerate((paragraphs, changed, paragraphs[:20] + changed[20:])):
            keep(store, capture(hour(1 + number), page(text)))
        refresh_reports(store)
        assert len(recent_reports(store, ChangeQuery(), 2)) == 2


def test_an_empty_store_has_an_empty_feed(tmp_path, capsys):
    fill(tmp_path / "one")
    done = run_here(capsys, "changes", "--feed", "atom", "--store", str(tmp_path / "one"), "--host", "nobody.example")
    assert entries(done) == []
    assert URL not in done.stdout
