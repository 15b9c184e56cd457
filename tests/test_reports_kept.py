"""Reports that the index keeps: read back as they were made, and found again by what they say."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_support import fill
from tests.render_support import REPORTS
from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tracker.cli.demo import samples
from tracker.model import Diff
from tracker.pipeline import Terms, keep, known_report, neighbours, refresh_reports, report
from tracker.pipeline.stored import read_report
from tracker.render.json import report_json
from tracker.store import ChangeQuery, Store, open_store
from tracker.store.commits import moment


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_read_back_from_its_json(name: str) -> None:
    made = REPORTS[name]()
    texts = Diff(made.diff.before, made.diff.after, made.diff.pair, ())
    otherwise = {judgement.change for judgement in made.judgements if judgement.otherwise}
    assert read_report(json.loads(report_json(made)), texts, made.before, made.after, otherwise) == made


def test_what_is_known_of_the_demonstration_is_what_was_made(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        for sample in samples():
            keep(store, sample.capture, Terms(dated=True))
        histories = [store.history(row.branch) for row in store.articles()]
        made = {(a, b): report(store, each, a, b) for each in histories for a, b in neighbours(each)}
        refresh_reports(store)
        kept = {(a, b): known_report(store, each, a, b) for each in histories for a, b in neighbours(each)}
        assert len(kept) == 7
        assert kept == made


def test_that_a_notice_says_the_contrary_is_kept(tmp_path: Path) -> None:
    note = "Correction: An earlier version of this article misstated the number of people killed. It is 12, not 21."
    with open_store(tmp_path / "store", create=True) as store:
        keep(store, capture(hour(1), page()))
        keep(store, capture(hour(2), page(edited(0, "killed 12 people", "killed 21 people"), note=note)))
        refresh_reports(store)
        history = store.history(store.find(URL))
        (pair,) = neighbours(history)
        known = known_report(store, history, *pair)
        assert any(judgement.otherwise for judgement in known.judgements)
        assert known == report(store, history, *pair)


def test_looks_that_were_missed_are_known_of_a_report_that_is_read_back(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        keep(store, capture(hour(1), page()))
        keep(store, capture(hour(5), page(edited(0, "killed 12 people", "killed 21 people"))))
        history = store.history(store.find(URL))
        values = (history.branch, moment(hour(1)), moment(hour(5)), 3, "tracker was not running")
        store.state.run(lambda db: db.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?)", values), write=True)
        refresh_reports(store)
        (pair,) = neighbours(history)
        assert known_report(store, history, *pair) == report(store, history, *pair)
        assert known_report(store, history, *pair).after.missed == 3


def test_a_damaged_article_keeps_no_other_from_being_judged(tmp_path: Path) -> None:
    other = "https://www.daily.example/a-second-story"
    with open_store(tmp_path / "store", create=True) as store:
        for url in (URL, other):
            for when, paragraphs in ((1, PARAGRAPHS), (2, edited(0, "killed 12 people", "killed 21 people"))):
                keep(store, capture(hour(when), page(paragraphs, canonical=url), url=url))
        broken, whole = (store.find(url) for url in (URL, other))
        objects = store.repository.objects
        text = store.history(broken).snapshots[0].tree
        (objects / text[:2] / text[2:]).unlink()
    with open_store(tmp_path / "store") as store:
        (line,) = refresh_reports(store)
        assert line.startswith(f"{broken} is not compared: ")
        assert line.endswith("run `tracker doctor`")
        assert {row.branch for row in store.reports.changes(ChangeQuery())} == {whole}
        assert store.reports.unfinished() == [broken]


def test_an_article_that_is_deleted_meanwhile_keeps_no_other_from_being_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        keep(store, capture(hour(1), page()))
        keep(store, capture(hour(2), page(edited(0, "killed 12 people", "killed 21 people"))))
        found = ["daily.example/no-more-0123456789abcdef", *store.reports.unfinished()]
        monkeypatch.setattr("tracker.store.reports.Reports.unfinished", lambda _: found)
        refresh_reports(store)
        assert len(store.reports.changes(ChangeQuery())) == 1


def test_distant_snapshots_are_compared_anew(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        for number in range(3):
            text = edited(0, "killed 12 people", f"killed {12 + number} people")
            keep(store, capture(hour(1 + number), page(text)))
        refresh_reports(store)
        history = store.history(store.find(URL))
        first, _, last = history.snapshots
        assert known_report(store, history, first, last) == report(store, history, first, last)


def listed(store: Store, **wanted: object) -> list[tuple[str, str]]:
    return [(row.after, row.change) for row in store.reports.changes(ChangeQuery(**wanted))]  # type: ignore[arg-type]


@pytest.fixture
def grown(tmp_path: Path) -> Store:
    """Two articles; one has four edits of a number."""
    fill(tmp_path / "store")
    store = open_store(tmp_path / "store")
    for number in range(3):
        keep(store, capture(hour(4 + number), page(edited(0, "killed 12 people", f"killed {31 + number} people"))))
    refresh_reports(store)
    return store


def test_changes_are_found_by_label_time_host_and_side(grown: Store) -> None:
    with grown as store:
        every = listed(store)
        assert len(every) == 4
        assert listed(store, label="number-changed") == every
        assert listed(store, label="denial-added") == []
        assert listed(store, host="daily.example") == every
        assert listed(store, host="daily.exampl") == []
        assert listed(store, since=hour(4), until=hour(5)) == every[2:3]
        assert listed(store, label="number-changed", since=hour(4), until=hour(5)) == every[2:3]
        assert listed(store, after=every[1][0]) == every[1:2]
        assert listed(store, severities=("high",)) == every
        assert listed(store, severities=("low", "medium")) == []


@pytest.mark.parametrize("label", [None, "number-changed"])
def test_a_list_goes_on_below_a_place(grown: Store, label: str | None) -> None:
    with grown as store:
        rows = store.reports.changes(ChangeQuery(label=label))
        place = (rows[1].captured_at, rows[1].branch)
        assert store.reports.changes(ChangeQuery(label=label, below=place)) == rows[2:]
        above = (rows[1].captured_at, "")
        assert store.reports.changes(ChangeQuery(label=label, below=above)) == rows[1:]


def test_no_label_outlives_its_change(grown: Store) -> None:
    with grown as store:
        branch = store.find(URL)
        keep(store, capture(hour(4) + timedelta(minutes=30), page(nonce=7)), Terms(dated=True))  # one step becomes two
        refresh_reports(store)
        run = store.reports._index.run
        assert run(
            lambda db: db.execute("SELECT count(*) FROM labels WHERE id NOT IN (SELECT id FROM changes)")
        ).fetchone() == (0,)
        assert len(listed(store, label="number-changed")) == len(listed(store, branch=branch)) == 5
