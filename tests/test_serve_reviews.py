"""Reviews in the pages: kept under a reader's name, shown to everybody, counted, and never without a form of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.notify_support import first, silent_edit
from tests.serve_support import Served, form_token, led_to, served
from tracker.pipeline import neighbours
from tracker.serve import paths
from tracker.serve.app import Terms
from tracker.store import ChangeQuery, Ruling, Weight, open_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with open_store(tmp_path / "store", create=True) as opened:
        first(opened)
        silent_edit(opened)
    return tmp_path / "store"


@pytest.fixture
def site(store: Path) -> Iterator[Served]:
    with served(store) as running:
        yield running


def diff(site: Served) -> str:
    (row,) = site.desk.store.reports.changes(ChangeQuery())
    ((a, b),) = neighbours(site.desk.history(row.branch))
    return paths.diff(row.branch, a.revision, b.revision)


def change(site: Served) -> str:
    (row,) = site.desk.store.reports.changes(ChangeQuery())
    return row.change


def test_a_review_is_kept_under_the_name_given_and_shown(site):
    path = diff(site)
    answer = site.form(
        f"{path}review",
        path,
        change=change(site),
        weight="important",
        ruling="silent-edit",
        note="No word.",
        reviewer="Ada",
    )
    assert answer.status_code == 303
    assert led_to(answer) == f"{site.base}{path}#review-{change(site)}"
    (kept,) = site.desk.store.reviews.all()
    assert (kept.reviewer, kept.weight, kept.ruling, kept.note) == (
        "ada",
        Weight.IMPORTANT,
        Ruling.SILENT_EDIT,
        "No word.",
    )
    history = site.desk.history(kept.branch)
    assert [kept.before, kept.after] == [site.desk.store.snapshot(kept.branch, each).key for each in history.snapshots]
    shown = site.get(path).text
    assert "<strong>ada</strong>: important; a silent edit" in shown
    assert "No word." in shown
    assert "ada: important; a silent edit" in site.get().text


def test_the_browser_remembers_the_name_and_the_queue_counts_what_is_left(site):
    assert "To review" not in site.get().text
    path = diff(site)
    site.form(f"{path}review", path, change=change(site), reviewer="ada")
    assert "To review (0)" in site.get().text
    assert "No change answers to that" in site.get("?review=todo&weight=medium").text
    site.form(f"{path}review", path, change=change(site), reviewer="ben", weight="noise")
    assert {each.reviewer for each in site.desk.store.reviews.all()} == {"ada", "ben"}
    assert change(site) in site.get("?review=noise").text
    assert change(site) not in site.get("?review=correction").text


def test_a_second_word_takes_the_place_of_the_first(site):
    path = diff(site)
    for weight in ("noise", "important"):
        site.form(f"{path}review", path, change=change(site), reviewer="ada", weight=weight)
    assert [each.weight for each in site.desk.store.reviews.all()] == [Weight.IMPORTANT]


def test_a_reader_is_shown_their_own_word_whoever_spoke_last(site):
    path = diff(site)
    site.form(f"{path}review", path, change=change(site), reviewer="ada", weight="important")
    (mine,) = site.desk.store.reviews.all()
    site.desk.store.reviews.put([replace(mine, reviewer="ben", weight=Weight.NOISE, at=mine.at + timedelta(hours=1))])
    site.desk.touch()
    assert f'data-reviewed="{change(site)}" data-words="important"' in site.get(path).text
    assert 'data-mine="important"' in site.get().text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"change": "0" * 16, "reviewer": "ada"}, 404),
        ({"reviewer": "../ada"}, 400),
        ({}, 400),
        ({"reviewer": "ada", "weight": "heavy"}, 400),
        ({"reviewer": "ada", "note": "x" * 4001}, 400),
    ],
)
def test_what_makes_no_review_is_refused_and_nothing_is_kept(site, fields, status):
    path = diff(site)
    known = {"change": change(site)}
    assert site.form(f"{path}review", path, **(known | fields)).status_code == status
    assert site.desk.store.reviews.all() == []


def test_nothing_is_kept_without_a_form_of_ours(site):
    path = diff(site)
    site.get(path)
    fields = {"change": change(site), "reviewer": "ada"}
    assert site.client.post(f"{site.base}{path}review", data=fields).status_code == 403
    token = form_token(site.get(path).text)
    foreign = {"origin": "https://evil.example"}
    answer = site.client.post(f"{site.base}{path}review", data={"form": token, **fields}, headers=foreign)
    assert answer.status_code == 403
    assert site.desk.store.reviews.all() == []


def test_who_may_only_read_has_no_form_but_sees_what_was_said(store):
    with served(store) as site:
        path = diff(site)
        site.form(f"{path}review", path, change=change(site), reviewer="ada", note="<script>alert(1)</script>")
    with served(store, Terms(read_only=True)) as site:
        shown = site.get(path).text
        assert "<strong>ada</strong>: seen" in shown
        assert "<script>alert" not in shown
        assert not re.search(r"<form[^>]*review", shown)


def test_a_name_given_at_the_start_holds_for_who_gives_none(store):
    with served(store, Terms(reviewer="desk")) as site:
        assert "To review (1)" in site.get().text
        path = diff(site)
        site.form(f"{path}review", path, change=change(site))
        assert [each.reviewer for each in site.desk.store.reviews.all()] == ["desk"]
