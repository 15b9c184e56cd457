"""Words in every text that was ever stored: found by article, with the time that they stood there."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.cli_support import lines_of, run_here
from tests.store_support import URL, at, bare, git, history_of, put
from tracker.errors import UsageError
from tracker.pipeline import search
from tracker.store import Store, open_store, words_of

OTHER = "https://www.daily.example/world/harbour-master"
NewLines = Callable[[str, set[str]], dict[str, list[str]]]


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        put(opened, "The mayor denied any wrongdoing. It rained.", "A café burned.")
        put(opened, "The mayor said nothing. It rained.", "A café burned.", when=at(10), seen_since=at(9))
        put(opened, "The mayor said nothing. It snowed.", "A café burned.", when=at(20))
        put(opened, "She leaves.", "It rained in spring.", url=OTHER, when=at(5), headline="Harbour master leaves")
        yield opened


def found(store: Store, text: str, host: str | None = None) -> list[tuple[str, datetime, datetime | None]]:
    return [(each.url, each.since, each.until) for each in search(store, text, host)]


def test_words_that_were_taken_out_are_found_with_their_time(store):
    assert found(store, "denied wrongdoing") == [(URL, at(0), at(10))]
    assert found(store, "rained") == [(URL, at(0), at(20)), (OTHER, at(5), None)]
    assert found(store, "snowed") == [(URL, at(20), None)]


def test_an_article_comes_once_whatever_its_snapshots_say(store):
    assert found(store, "café burned") == [(URL, at(0), None)]


def test_all_words_must_have_stood_there_at_one_time(store):
    assert found(store, "denied snowed") == []
    assert found(store, "rained nothing") == [(URL, at(10), at(20))]


@pytest.mark.parametrize("text", ["CAFE", "Café", "cafe\u0301", "cafe,"])
def test_case_accents_and_marks_do_not_count(store, text):
    assert found(store, text) == [(URL, at(0), None)]


@pytest.mark.parametrize(("host", "count"), [("daily.example", 2), ("other.example", 0), ("daily.exampl", 0)])
def test_a_host_restricts(store, host, count):
    assert len(found(store, "rained", host)) == count


def test_the_sentence_and_the_headline_are_of_the_newest_that_held_them(store):
    (held,) = search(store, "mayor rained")
    assert held.sentence == "The mayor said nothing."
    assert held.seen_since is None
    assert held.headline == "Fire in the harbour"
    (later,) = search(store, "mayor snowed")
    assert later.seen_since == at(10)


@pytest.mark.parametrize("text", ["", "...", '"', "*"])
def test_no_word_is_a_question_for_the_user(store, text):
    with pytest.raises(UsageError, match="at least one word"):
        search(store, text)


@pytest.mark.parametrize("text", ["NEAR(a b)", "rained OR x", "rain*", 'rain"ed', "col:rained", "x' OR '1'='1"])
def test_nothing_is_taken_for_a_search_language(store, text):
    assert found(store, text) == []


def test_what_came_later_is_taken_in_and_only_that(store, monkeypatch):
    assert found(store, "thundered") == []
    taken: list[str] = []
    new_lines: NewLines = store.search._new_lines

    def told(branch: str, known: set[str]) -> dict[str, list[str]]:
        taken.append(branch)
        return new_lines(branch, known)

    monkeypatch.setattr(store.search, "_new_lines", told)
    put(store, "The mayor said nothing. It thundered.", "A café burned.", when=at(30))
    assert found(store, "thundered") == [(URL, at(30), None)]
    assert taken == [history_of(store).branch]
    with sqlite3.connect(store.path / "index.sqlite") as db:
        assert db.execute("SELECT count(*) FROM texts").fetchone() == (5,)
    db.close()


def test_a_deleted_article_leaves_no_word_behind(store):
    assert len(found(store, "rained")) == 2
    branch = history_of(store).branch
    git(bare(store), "update-ref", "-d", f"refs/heads/{branch}")
    store._refresher.article(branch)
    with sqlite3.connect(store.path / "index.sqlite") as db:
        assert db.execute("SELECT count(*) FROM texts").fetchone() == (0,)
        assert db.execute("SELECT rowid FROM lines WHERE lines MATCH 'denied'").fetchall() == []
    db.close()
    assert found(store, "rained") == [(OTHER, at(5), None)]


def test_what_others_do_to_the_index_meanwhile_loses_no_word(store, monkeypatch):
    assert found(store, "denied") == [(URL, at(0), at(10))]
    put(store, "The mayor said nothing. It hailed.", "A café burned.", when=at(30))
    new_lines: NewLines = store.search._new_lines
    with open_store(store.path) as other:

        def meanwhile(branch: str, known: set[str]) -> dict[str, list[str]]:
            new = new_lines(branch, known)
            monkeypatch.undo()
            other.deleter.delete(other.all_names(OTHER), "x")  # all words are forgotten for it
            return new

        monkeypatch.setattr(store.search, "_new_lines", meanwhile)
        assert found(store, "hailed") == [(URL, at(30), None)]
        assert found(store, "denied") == [(URL, at(0), at(10))]
        put(store, "The mayor said nothing. It thawed.", when=at(40))

        def too(branch: str, known: set[str]) -> dict[str, list[str]]:
            new = new_lines(branch, known)
            monkeypatch.undo()
            assert found(other, "thawed") == [(URL, at(40), None)]
            return new

        monkeypatch.setattr(store.search, "_new_lines", too)
        assert found(store, "thawed") == [(URL, at(40), None)]


def test_a_rebuilt_index_finds_the_same(store):
    before = found(store, "rained")
    store.reindex()
    assert found(store, "rained") == before


def test_words_are_letters_and_digits():
    assert words_of("Don't: “È 12,5 %” ﬁn 서울 naïve_x") == ("don", "t", "e", "12", "5", "fin", "서울", "naive", "x")


def test_the_command_says_when_and_where(store, capsys):
    folder = str(store.path)
    shown = run_here(capsys, "list", "--search", "denied wrongdoing", "--store", folder).stdout
    assert "“The mayor denied any wrongdoing.”" in shown
    assert "first seen 1 March 2024, 09:30 UTC, gone at 1 March 2024, 09:40 UTC" in shown
    rows = lines_of(run_here(capsys, "list", "--search", "rained", "--limit", "1", "--json", "--store", folder))
    assert [row["url"] for row in rows] == [URL]
    assert rows[0]["until"] == at(20).isoformat().replace("+00:00", "Z")
    nothing = run_here(capsys, "list", "--search", "zebra", "--store", folder)
    assert nothing.stdout.startswith("These words")
    assert run_here(capsys, "list", "--search", "!", "--store", folder).returncode == 2
