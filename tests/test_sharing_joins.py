"""Joins: whatever was captured where and shared in whatever order, all stores tell one history."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import memory_support
from tests.memory_support import PROMO, STORIES, address, written
from tests.sharing_support import DATED, alike, bare_repository, in_step, pulled, pushed, tips
from tests.site import capture, hour
from tests.store_support import NEWER_LENS, URL, at, git, history_of, keys, known, put, reading
from tracker.model import Reading
from tracker.pipeline import keep, neighbours, report
from tracker.store import Entry, Joining, Kind, Remote, Store, open_store

ROUNDS = int(os.environ.get("TRACKER_JOINS", "5"))
TEXTS = ("12 people died.", "21 people died.", "23 people died.")
OTHER = "https://www.daily.example/world/ferry"


@dataclass(frozen=True)
class Step:
    """Something that a machine does: `what` is a kind of capture or of sharing."""

    machine: int
    what: str
    minute: int
    text: int
    url: str


steps = st.builds(
    Step,
    machine=st.integers(0, 2),
    what=st.sampled_from(["snapshot", "snapshot", "snapshot", "gone", "reread", "push", "pull"]),
    minute=st.integers(0, 40),
    text=st.integers(0, 2),
    url=st.sampled_from([URL, URL, OTHER]),
)


def do(store: Store, step: Step, remote: Remote) -> None:
    """Do it as far as it can be done there."""
    history = known(store, step.url)
    if step.what == "snapshot":
        put(store, TEXTS[step.text], when=at(step.minute), url=step.url)
    elif step.what == "gone" and history:
        # An event is of the moment: no two machines see one in the same microsecond.
        when = at(step.minute + 0.1 + step.machine / 100 + step.text / 1000)
        store.write_event(history, Kind.GONE, at=when, url=step.url, detail="404")
    elif step.what == "reread" and history and history.newest:
        store.write_reread(history, history.newest, reading(TEXTS[step.text], lens=NEWER_LENS))
    elif step.what == "push":
        store.sharing.push(remote, settle)
    elif step.what == "pull" and git(Path(remote.fetch.url), "for-each-ref"):
        store.sharing.pull(remote, settle)


def settle(joining: Joining) -> Sequence[tuple[Entry, Reading]]:
    """Where one capture has been read by newer rules, read all the others by them as well."""
    read = {each.key: {one.lens for one in joining.history.readings(each)} for each in joining.history.captures}
    if not any(NEWER_LENS in lenses for lenses in read.values()):
        return []
    lacking = [each for each in joining.history.captures if NEWER_LENS not in read[each.key]]
    return [(each, reading(f"{each.captured_at} by newer rules.", lens=NEWER_LENS)) for each in lacking]


@pytest.mark.slow
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=4, max_size=14))
def test_any_order_of_capturing_and_sharing_ends_in_one_history(plan):
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        hub = bare_repository(folder / "hub.git")
        stores = [stack.enter_context(open_store(folder / str(number), create=True)) for number in range(3)]
        alone = stack.enter_context(open_store(folder / "alone", create=True))
        remote = stores[0].sharing.remote(str(hub), folder)
        said = set()
        for step in plan:
            do(stores[step.machine], step, remote)
            said |= {key for store in stores for key in keys(store.path / "articles.git", "refs/heads/*")}
        in_step(stores, hub)
        alike(hub, *stores)
        assert keys(hub, "refs/heads/*") == said
        # One machine that had seen it all in the order of time would tell the same captures.
        captures = {(step.url, step.minute, step.text) for step in plan if step.what == "snapshot"}
        for url, minute, text in sorted(captures, key=lambda one: one[1]):
            put(alone, TEXTS[text], when=at(minute), url=url)
        for url in {url for url, _, _ in captures}:
            told, reference = (history_of(store, url).captures for store in (stores[0], alone))
            assert [each.key for each in told] == [each.key for each in reference]
            assert [each.seen_since for each in told] == [each.seen_since for each in reference]
            assert [each.tree for each in told] == [each.tree for each in reference]


def test_two_machines_that_join_the_same_make_the_same(tmp_path):
    with open_store(tmp_path / "one", create=True) as one, open_store(tmp_path / "two", create=True) as two:
        for minute, text in enumerate(TEXTS):
            put(one if minute % 2 else two, text, when=at(minute))
        pulled(one, two.path / "articles.git")
        # What `one` held before it joined is all that `two` needs to make the same of it.
        branch = history_of(one).branch
        copy = bare_repository(tmp_path / "copy.git")
        for side in ("heads", "raw"):
            ours = git(two.path / "articles.git", "rev-parse", f"refs/{side}/{branch}").strip()
            parents = git(one.path / "articles.git", "rev-parse", f"refs/{side}/{branch}^@").split()
            assert len(parents) == 2
            (theirs,) = set(parents) - {ours}
            git(copy, "fetch", "--quiet", str(one.path / "articles.git"), f"{theirs}:refs/{side}/{branch}")
        git(copy, "fetch", "--quiet", str(one.path / "articles.git"), "_about:_about")
        pulled(two, copy)
        assert tips(one.path / "articles.git") == tips(two.path / "articles.git")


# --- by what they were read ---------------------------------------------------------------------------------------


def capture_of(store: Store, when: float, story: str, *extra: str, text: Sequence[str] | None = None) -> None:
    keep(store, capture(hour(when), written(story, *extra, text=text), url=address(story)), DATED)


@pytest.fixture
def learned(tmp_path):
    """Two stores of one host: the first has learned from three stories that a promotion is furniture."""
    hub = bare_repository(tmp_path / "hub.git")
    with open_store(tmp_path / "one", create=True) as one, open_store(tmp_path / "two", create=True) as two:
        for number, story in enumerate(("orchard", "railway", "library")):
            memory_support.look(one, number / 10, story, PROMO, at=number % 3 + 1)
        yield hub, one, two


def shown_by(store: Store, story: str) -> list[set[str]]:
    """What the reports on an article show, step by step."""
    history = store.history(store.find(address(story)))
    return [memory_support.shown(report(store, history, a, b)) for a, b in neighbours(history)]


def lenses(store: Store, story: str) -> list[set[str]]:
    history = store.history(store.find(address(story)))
    return [{one.lens.memory for one in history.readings(each) if one.lens} for each in history.captures]


def test_what_only_one_machine_has_learned_never_looks_like_an_edit(learned):
    hub, one, two = learned
    capture_of(one, 1, "harbour", PROMO)
    capture_of(two, 2, "harbour")  # the promotion is gone, and nobody has touched the story
    capture_of(one, 3, "harbour", PROMO)
    pushed(two, hub)
    pushed(one, hub)
    pulled(two, hub)
    alike(hub, one)
    told = [shown_by(store, "harbour") for store in (one, two)]
    assert told[0] == told[1]
    assert not any(PROMO in each for step in told[0] for each in step)
    read = lenses(one, "harbour")
    assert all(a & b for a, b in pairwise(read))


def test_an_edit_between_two_machines_captures_is_seen_by_both(learned):
    hub, one, two = learned
    edited = [text.replace("destroyed two sheds", "destroyed three sheds") for text in STORIES["harbour"]]
    capture_of(one, 1, "harbour", PROMO)
    capture_of(two, 2, "harbour", text=edited)
    capture_of(one, 3, "harbour", PROMO, text=edited)
    pushed(two, hub)
    pushed(one, hub)
    pulled(two, hub)
    told = [shown_by(store, "harbour") for store in (one, two)]
    assert told[0] == told[1]
    assert told[0] == [{"two", "three"}]


def test_a_paragraph_that_one_machine_takes_for_furniture_is_text_where_it_is_edited(learned):
    hub, one, two = learned
    reworded = PROMO.replace("tea and a map", "coffee and a map")
    capture_of(one, 1, "harbour", PROMO)
    capture_of(two, 2, "harbour", reworded)
    pushed(two, hub)
    pushed(one, hub)
    pulled(two, hub)
    told = [shown_by(store, "harbour") for store in (one, two)]
    assert told[0] == told[1]
    assert told[0] == [{"tea", "coffee"}]
