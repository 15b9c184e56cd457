"""What was deleted or pruned on one machine, and what the others make of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_support import OTHER, OTHER_URL, run
from tests.sharing_support import alike, bare_repository, in_step, look, pulled, pushed, tips, whole
from tests.site import URL, capture, edited, hour, page
from tests.store_support import git, history_of
from tracker.errors import Deleted
from tracker.pipeline import keep, push
from tracker.store import Fate, Kind, Review, Store, examine, open_store

MORE = edited(0, "12 people", "21 people")
STILL_MORE = edited(0, "12 people", "23 people")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return bare_repository(tmp_path / "hub.git")


@pytest.fixture
def stores(tmp_path: Path, hub: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores in step: two articles, one of them with two snapshots."""
    with (
        open_store(tmp_path / "one", create=True) as one,
        open_store(tmp_path / "two", create=True) as two,
    ):
        look(one, hour(1))
        look(one, hour(2), *MORE)
        look(one, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves")
        in_step((one, two), hub)
        yield one, two


def prune(store: Store, before: float) -> None:
    store.pruner.prune([history_of(store, URL)], hour(before), "kept for an hour", lambda _: None)


def pages_of(store: Store) -> list[bool]:
    """For each snapshot of the first article whether its page is there."""
    history = history_of(store, URL)
    return [store.raw(history.branch, each) is not None for each in history.snapshots]


# --- deleted ------------------------------------------------------------------------------------------------------


def test_a_deletion_reaches_the_others_and_is_never_undone(tmp_path, hub, stores):
    one, two = stores
    branch = history_of(one, URL).branch
    look(two, hour(5), *STILL_MORE)
    one.deleter.delete([branch], "by order of a court")
    assert pulled(one, hub).articles == {}
    sent = pushed(one, hub)
    assert sent.deleted == {branch}
    assert tips(hub, f"refs/raw/{branch}") == {}
    assert pulled(two, hub).articles[branch] is Fate.DELETED
    in_step(stores, hub)
    alike(hub, one, two)
    for store in stores:
        with pytest.raises(Deleted, match="by order of a court"):
            store.history(branch)
        assert [row.branch for row in store.articles() if row.snapshots] == [history_of(one, OTHER_URL).branch]
        assert "killed" not in git(store.path / "articles.git", "log", "-p", "--all")
    assert run(tmp_path, "clone", hub, "third").returncode == 0
    assert run(tmp_path, "list", "--store", "third").stdout.count("1 snapshot") == 1


def test_a_deletion_over_there_is_done_here_whoever_pushes(hub, stores):
    one, two = stores
    branch = history_of(one, URL).branch
    one.deleter.delete([branch], "by order of a court")
    pushed(one, hub)
    look(two, hour(5), *STILL_MORE)
    sent = pushed(two, hub)
    assert branch not in sent.articles
    alike(hub, one, two)


def test_a_pull_that_dies_over_a_deletion_is_found_and_finished(hub, stores, monkeypatch):
    one, two = stores
    branch = history_of(one, URL).branch
    keep(two, capture(hour(4), page(["The harbour is walled off"], canonical=URL), url=URL, status=403))
    two.reviews.put([Review("ada", branch, "0" * 16, "x", "y", hour(4), note="12 people were killed, they say.")])
    one.deleter.delete([branch], "by order of a court")
    pushed(one, hub)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(two.deleter, "delete", dies)
    with pytest.raises(KeyboardInterrupt):
        pulled(two, hub)
    two.close()
    assert "a deletion or a pruning was interrupted" in examine(two.path)[0].what
    assert all(each.mended for each in examine(two.path, mend=True))
    assert examine(two.path) == []
    assert [ref for ref in two._refresher.refs() if ref.endswith(branch)] == [f"refs/heads/{branch}"]
    assert two.reviews.all() == []
    assert two.quarantined() == []
    assert "killed" not in git(two.path / "articles.git", "log", "-p", "--all")


def test_two_deletions_of_one_article_stay_as_they_are(hub, stores):
    one, two = stores
    branch = history_of(one, URL).branch
    for store, reason in zip(stores, ("by order of a court", "asked for"), strict=True):
        store.deleter.delete([branch], reason)
    pushed(one, hub)
    before = tips(hub)
    assert pulled(two, hub).articles == {}
    pushed(two, hub)
    assert tips(hub) == before


def test_a_deleted_article_does_not_come_back_under_another_name(hub, stores):
    one, two = stores
    branch = history_of(one, URL).branch
    one.deleter.delete([branch], "by order of a court")
    alias = "https://daily.example/go/4711"
    look(two, hour(6), *MORE, url=alias)
    other = history_of(two, alias)
    two.write_event(other, Kind.BACK, at=hour(7), url=alias, detail="", aliases=(URL,))
    pushed(two, hub)
    assert other.branch not in pulled(one, hub).of(Fate.NEW)


# --- pruned -------------------------------------------------------------------------------------------------------


def test_a_pruned_page_does_not_come_back(hub, stores):
    one, two = stores
    prune(one, 1.5)
    assert pages_of(one) == [False, True]
    assert pulled(one, hub).articles == {}
    look(two, hour(5), *STILL_MORE)
    pushed(two, hub)
    pulled(one, hub)
    assert pages_of(one) == [False, True, True]
    assert pages_of(two) == [True, True, True]
    whole(one.path / "articles.git")


def test_who_has_pruned_goes_on_sending_and_takes_no_page_from_others(hub, stores):
    one, two = stores
    prune(one, 1.5)
    for when, text in ((5, STILL_MORE), (6, MORE)):
        look(one, hour(when), *text)
        sent = pushed(one, hub)
        assert sent.articles == {history_of(one, URL).branch}
        assert pushed(one, hub).articles == set()
    pulled(two, hub)
    assert pages_of(one) == [False, True, True, True]
    assert pages_of(two) == [True, True, True, True]
    assert history_of(one, URL).tip == history_of(two, URL).tip
    for repository in (hub, one.path / "articles.git", two.path / "articles.git"):
        whole(repository)
    look(two, hour(8), *STILL_MORE)
    look(one, hour(7), *edited(0, "12 people", "25 people"))
    pushed(two, hub)
    pushed(one, hub)
    pulled(two, hub)
    assert pages_of(one) == [False, True, True, True, True, True]
    assert pages_of(two) == [True] * 6


def test_pruning_here_takes_no_page_away_there(hub, stores):
    one, two = stores
    prune(one, 1.5)
    look(one, hour(5), *STILL_MORE)
    pulled(two, one.path / "articles.git")
    assert pages_of(two) == [True, True, True]
    assert pulled(two, one.path / "articles.git").articles.get(history_of(two, URL).branch) in {None, Fate.NOTHING}
    pushed(two, hub)
    whole(hub)


def test_pages_over_there_that_are_none_of_trackers_are_not_gone_on_from(hub, stores):
    one, _ = stores
    branch = history_of(one, URL).branch
    prune(one, 1.5)
    look(one, hour(5), *STILL_MORE)
    look(one, hour(6), *OTHER[:2], url=OTHER_URL, headline="Harbour master leaves")
    strange = git(hub, "commit-tree", "-m", "tidy", f"refs/raw/{branch}^{{tree}}").strip()
    git(hub, "update-ref", f"refs/raw/{branch}", strange)
    sent = push(one, one.sharing.remote(str(hub), one.path))
    assert list(sent.refused) == [branch]
    assert "not written by tracker" in sent.refused[branch]
    assert sent.articles == {history_of(one, OTHER_URL).branch}
    assert tips(one.path / "articles.git", "refs/incoming") == {}


def test_a_clone_of_a_store_that_was_pruned(tmp_path, hub, stores):
    one, _ = stores
    prune(one, 1.5)
    cloned = run(tmp_path, "clone", one.path, "copy")
    assert (cloned.returncode, cloned.stderr) == (0, "")
    with open_store(tmp_path / "copy") as copy:
        assert pages_of(copy) == [False, True]
        pulled(copy, hub)
        assert pages_of(copy) == [False, True]
