"""When an article is looked at next: the rule, its bounds, and how it compares with other rules."""

from __future__ import annotations

import ast
import inspect
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli_support import run_here
from tracker.watch import schedule, simulate
from tracker.watch.schedule import (
    ARTICLES,
    DAY,
    HOUR,
    JITTER,
    MINUTE,
    Bounds,
    Pace,
    after_failures,
    change_rate,
    constant_for,
    interval,
    jittered,
    multiplier,
    watched,
)

RATES = st.floats(1e-9, 1e-1)
ANY_BOUNDS = st.builds(
    lambda importance, floor, more: Bounds(importance, floor, floor * more),
    st.floats(0.01, 100),
    st.floats(1, 1e5),
    st.floats(1, 1000),
)


@given(RATES, ANY_BOUNDS, st.floats(1e-3, 1e4))
def test_an_interval_keeps_its_bounds(rate, bounds, constant):
    assert bounds.floor <= interval(rate, bounds, constant) <= bounds.ceiling


def test_what_changes_four_times_as_often_or_matters_as_much_more_is_looked_at_twice_as_often():
    plain = interval(1 / DAY, Bounds(), 30.0)
    assert interval(4 / DAY, Bounds(), 30.0) == pytest.approx(plain / 2)
    assert interval(1 / DAY, Bounds(importance=4), 30.0) == pytest.approx(plain / 2)


def test_what_is_usual_is_corrected_by_what_is_seen():
    pace = Pace()
    assert multiplier(pace, ARTICLES) == 1
    quiet, lively = pace, pace
    for hour in range(48):
        quiet = watched(quiet, ARTICLES, hour * HOUR, (hour + 1) * HOUR, changed=False)
        lively = watched(lively, ARTICLES, hour * HOUR, (hour + 1) * HOUR, changed=hour % 6 == 0)
    assert quiet.expected == lively.expected == pytest.approx(ARTICLES.between(0, 2 * DAY))
    assert change_rate(quiet, ARTICLES, 2 * DAY) < ARTICLES.rate(2 * DAY) < change_rate(lively, ARTICLES, 2 * DAY)
    assert change_rate(quiet, ARTICLES, 100 * DAY) > 0  # never given up


@given(st.floats(0, 1e7), st.floats(0, 1e7), st.floats(0, 1e7))
def test_what_is_usual_adds_up_whatever_the_looks_in_between(one, two, three):
    young, middle, old = sorted((one, two, three))
    assert ARTICLES.between(young, old) == pytest.approx(
        ARTICLES.between(young, middle) + ARTICLES.between(middle, old), abs=1e-9
    )


@given(ANY_BOUNDS, st.floats(1, 1e6), st.text(max_size=20), st.floats(0, 4e9))
def test_jitter_is_small_the_same_every_time_and_inside_the_bounds(bounds, seconds, name, at):
    moved = jittered(seconds, bounds, name, at)
    assert moved == jittered(seconds, bounds, name, at)
    assert bounds.floor <= moved <= bounds.ceiling
    assert abs(moved - min(max(seconds, bounds.floor), bounds.ceiling)) <= JITTER * seconds + 1e-6


def test_jitter_differs_from_article_to_article():
    assert len({jittered(HOUR, Bounds(), name, 0.0) for name in "abcdefgh"}) == 8


def test_after_failures_the_time_doubles_up_to_the_ceiling():
    waits = [after_failures(MINUTE, Bounds(), failures) for failures in range(14)]
    assert waits[:4] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    assert waits[-1] == Bounds().ceiling
    assert after_failures(DAY, Bounds(), 1) == DAY  # never sooner than it was due anyhow


@given(st.lists(RATES, min_size=1, max_size=30), st.floats(0.001, 0.9))
def test_the_constant_spends_the_budget(rates, share):
    articles = [(rate, Bounds()) for rate in rates]
    most, least = len(rates) / Bounds().floor, len(rates) / Bounds().ceiling
    budget = least + share * (most - least)
    constant = constant_for(articles, budget)
    spent = sum(1 / interval(rate, bounds, constant) for rate, bounds in articles)
    assert spent == pytest.approx(budget, rel=1e-3)


def test_a_budget_beyond_all_bounds_is_met_as_nearly_as_it_can_be():
    articles = [(1 / DAY, Bounds())]
    assert interval(1 / DAY, Bounds(), constant_for(articles, 1.0)) == Bounds().floor
    assert interval(1 / DAY, Bounds(), constant_for(articles, 1e-9)) == Bounds().ceiling


@pytest.mark.parametrize("module", [schedule, simulate])
def test_the_schedule_reads_no_clock(module):
    called = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)
    }
    assert not {name for name in called if "now" in name or name.startswith("time.") or "today" in name}


# --- against other rules --------------------------------------------------------------------------------------


def test_ours_sees_edits_soonest_at_the_same_number_of_looks():
    found = {score.rule: score for score in simulate.compare(137, articles=250, seeds=(1,))}
    ours = found["square root of the posterior (tracker)"]
    assert all(abs(score.looks - 137) < 14 for score in found.values())
    assert ours.mean <= 0.6
    assert ours.seen >= 0.95
    assert ours.mean <= 1.02 * min(score.mean for score in found.values())  # two of them are as good
    order = [
        "square root of the posterior (tracker)",
        "square root of the age's rate",
        "fixed interval",
        "NewsDiffs ageing",
    ]
    assert all(found[one].mean < found[two].mean for one, two in itertools.pairwise(order))


def test_the_same_seeds_give_the_same_table(capsys):
    arguments = ("schedule", "simulate", "--articles", "20", "--looks", "17", "--json")
    lines = run_here(capsys, *arguments).stdout.splitlines()
    assert run_here(capsys, *arguments).stdout.splitlines() == lines
    assert [json.loads(line)["rule"] for line in lines] == list(simulate.RULES)
