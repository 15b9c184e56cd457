"""The memory of a host, end to end: what three articles teach, and what it may never touch."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from tests.memory_support import PROMO, SECOND_PROMO, STORIES, address, last_report, look, shown, texts, written
from tests.site import capture, hour
from tracker.model import Outcome
from tracker.normalize.memory import key
from tracker.pipeline import Terms, blame_lines, keep, neighbours, read_capture, report
from tracker.pipeline.memory import memory_for
from tracker.store import Kind, Store, open_store


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        yield store


def kinds(store: Store, story: str) -> list[Kind]:
    return [entry.kind for entry in store.history(store.find(address(story))).entries]


def changed(story: str, word: str = "new") -> tuple[str, ...]:
    """The story with one more sentence at its end."""
    own = STORIES[story]
    return (*own[:-1], f"{own[-1]} That is what was {word}.")


def teach(store: Store, *said: str, stories: tuple[str, ...] = ("harbour", "orchard")) -> None:
    for number, story in enumerate(stories):
        look(store, 1 + number / 10, story, *said)


def test_the_third_article_reads_a_promotion_as_furniture(store):
    teach(store, PROMO)
    third = look(store, 2, "railway", PROMO)
    assert PROMO not in texts(third)
    history = store.history(store.find(address("railway")))
    left_out = store.suppressed(history.branch, history.snapshots[0]) or ()
    assert ("site memory", PROMO) in [(each.reason, each.block.text) for each in left_out]
    assert third.snapshot is not None
    assert third.snapshot.lens.memory != "-"


def test_in_the_third_it_comes_and_goes_unseen(store):
    teach(store, PROMO)
    assert look(store, 2, "railway", PROMO).outcome is Outcome.NEW
    assert look(store, 3, "railway").outcome is Outcome.UNCHANGED
    assert look(store, 4, "railway", PROMO).outcome is Outcome.UNCHANGED
    assert look(store, 5, "railway", text=changed("railway")).outcome is Outcome.CHANGED
    assert not any("stove" in words for words in shown(last_report(store, "railway")))
    assert kinds(store, "railway") == [Kind.SNAPSHOT, Kind.SNAPSHOT]


def test_the_first_two_read_it_so_when_their_text_changes(store):
    teach(store, PROMO)
    look(store, 2, "railway", PROMO)
    assert look(store, 3, "harbour", PROMO).outcome is Outcome.UNCHANGED  # never read again without need
    check = look(store, 4, "harbour", text=changed("harbour"))
    assert check.outcome is Outcome.CHANGED
    assert PROMO not in texts(check)
    assert kinds(store, "harbour") == [Kind.SNAPSHOT, Kind.REREAD, Kind.SNAPSHOT]
    assert shown(last_report(store, "harbour")) - {""} == {"That is what was new."}


def test_a_promotion_that_only_goes_is_no_change_at_all(store):
    teach(store, PROMO)
    look(store, 2, "railway", PROMO)
    assert look(store, 3, "orchard").outcome is Outcome.UNCHANGED
    assert kinds(store, "orchard") == [Kind.SNAPSHOT, Kind.REREAD]
    assert look(store, 4, "orchard", PROMO).outcome is Outcome.UNCHANGED
    assert kinds(store, "orchard") == [Kind.SNAPSHOT, Kind.REREAD]


def test_neighbours_share_a_lens_and_nothing_is_read_again_without_need(store):
    teach(store, PROMO)
    look(store, 2, "railway", PROMO)
    look(store, 3, "library", SECOND_PROMO)
    look(store, 4, "railway", PROMO, SECOND_PROMO, text=changed("railway", "first"))  # the second stands as text here
    teach(store, SECOND_PROMO, stories=("harbour", "orchard"))
    look(store, 5, "library", SECOND_PROMO, text=changed("library"))
    for story in STORIES:
        history = store.history(store.find(address(story)))
        for a, b in neighbours(history):
            after = store.snapshot(history.branch, b).lens
            before = store.snapshot(history.branch, a, history.reread_of(a)).lens
            assert before == after, story
    assert kinds(store, "railway") == [Kind.SNAPSHOT, Kind.SNAPSHOT]


def test_what_was_once_reported_as_text_stays_text(store):
    look(store, 1, "railway")
    look(store, 2, "railway", PROMO)  # a report shows it come
    teach(store, PROMO, stories=("harbour", "orchard", "library"))
    check = look(store, 3, "railway", PROMO, text=changed("railway"))
    assert PROMO in texts(check)
    gone = look(store, 4, "railway", text=changed("railway"))
    assert gone.outcome is Outcome.CHANGED
    assert kinds(store, "railway") == [Kind.SNAPSHOT] * 4


DENIAL = "We were never asked and it was not so, you may take our word for that."  # no list knows this for a denial


@pytest.mark.parametrize("said", ["The ministry denied it.", DENIAL])
def test_a_denial_that_is_added_taken_out_and_put_back_is_never_furniture(store, said):
    for when, there in ((1, False), (2, True), (3, False), (4, True)):
        look(store, when, "railway", *([said] if there else []))
    look(store, 5, "harbour", said)
    look(store, 6, "orchard", said)
    check = look(store, 7, "railway", text=changed("railway"))
    assert said in shown(last_report(store, "railway"))
    assert kinds(store, "railway") == [Kind.SNAPSHOT] * 5
    assert check.outcome is Outcome.CHANGED


def test_coming_and_going_counts_only_with_another_article(store):
    for when, there in ((1, False), (2, True), (3, False), (4, True)):
        look(store, when, "railway", *([PROMO] if there else []))
    assert PROMO in texts(look(store, 5, "harbour", PROMO))
    assert PROMO not in texts(look(store, 6, "orchard", PROMO))


def test_a_promotion_that_arrives_in_stories_known_before_is_seen_in_two_of_them_alone(store):
    for story in STORIES:
        look(store, 1, story)
    outcomes = [look(store, 2 + n, story, PROMO).outcome for n, story in enumerate(STORIES)]
    assert outcomes == [Outcome.CHANGED, Outcome.CHANGED, *[Outcome.UNCHANGED] * (len(STORIES) - 2)]


def test_what_is_taken_out_of_all_articles_is_seen_in_all(store):
    """A false paragraph that is withdrawn everywhere: the first two articles are no witnesses against the third."""
    said = "It has been known for years, and everybody we asked is sure of it."
    for story in ("harbour", "orchard"):
        look(store, 1, story, said)
    for story in ("harbour", "orchard"):
        look(store, 2, story)
        assert said in shown(last_report(store, story))
    look(store, 3, "railway", said)
    assert look(store, 4, "railway").outcome is Outcome.CHANGED
    assert said in shown(last_report(store, "railway"))


def test_an_edit_in_one_article_gives_the_block_back_to_it(store):
    said = "We count 40 boats in our bay today, and the ice will hold them for weeks."
    teach(store, said)
    assert said not in texts(look(store, 2, "railway", said))
    after = said.replace("40", "14")
    assert look(store, 3, "railway", after).outcome is Outcome.CHANGED
    change = last_report(store, "railway").diff.changes
    assert [(each.deleted, each.inserted) for each in change] == [("40", "14")]
    assert kinds(store, "railway") == [Kind.SNAPSHOT, Kind.REREAD, Kind.SNAPSHOT]
    assert said in texts(look(store, 4, "railway", said))  # and it stays given back


def test_an_edit_into_what_is_furniture_elsewhere_is_seen(store):
    said = "We count 40 boats in our bay today, and the ice will hold them for weeks."
    teach(store, said)
    look(store, 2, "railway", said.replace("40", "14"))
    assert look(store, 3, "railway", said).outcome is Outcome.CHANGED
    assert [(each.deleted, each.inserted) for each in last_report(store, "railway").diff.changes] == [("14", "40")]


@pytest.mark.parametrize(
    "said",
    [
        "Mayor Jonas Adler faces an inquiry that you can follow with us.",  # a name that the article has
        "“You will hear from us,” he said, and that was all.",  # a quotation
        "The cause is not known and is being looked into.",  # speaks to no reader, leads nowhere
        "You did not get an answer from us: the firm declined to comment.",  # an answer
        "Correction: we gave you the wrong year in our first report.",  # a notice
        "Yes, we do.",  # too short to be told from another
    ],
)
def test_what_is_about_the_article_or_may_be_is_never_touched(store, said):
    for number, story in enumerate(("orchard", "railway", "library", "harbour")):
        found = look(store, 1 + number, story, said)
    assert found.snapshot is not None
    assert any(said in block.text for block in found.snapshot.document.blocks)


def test_background_of_a_topic_is_text_and_its_edit_is_seen(store):
    """The same paragraph in four stories about one man: in each of them he is named elsewhere as well."""
    background = "Imre Katz was dismissed by the university in 2019 over a stolen map of our town."
    for number, story in enumerate(STORIES):
        own = (*STORIES[story], f"Among those who looked on was Imre Katz, on his way from the {story}.")
        assert background in texts(look(store, 1 + number, story, background, text=own))
    own = (*STORIES["library"], "Among those who looked on was Imre Katz, on his way from the library.")
    look(store, 9, "library", background.replace("2019", "2016"), text=own)
    assert [(each.deleted, each.inserted) for each in last_report(store, "library").diff.changes] == [("2019", "2016")]


def test_linked_stories_count_as_one(store):
    linked = f'<a href="{address("harbour")}">what burnt that night</a>'
    for number, story in enumerate(("harbour", "orchard", "railway")):
        body = written(story, PROMO, f"See {linked}.").replace(b"&lt;", b"<").replace(b"&gt;", b">")
        check = keep(store, capture(hour(1 + number), body, url=address(story)))
    assert PROMO in texts(check)  # orchard and railway both belong to the harbour's story


def test_a_syndicated_copy_is_no_second_witness(store):
    look(store, 1, "harbour", PROMO)
    copy = keep(
        store,
        capture(
            hour(2), written("harbour", PROMO).replace(b"harbour-story", b"harbour-wire"), url=address("harbour") + "-2"
        ),
    )
    assert copy.outcome is Outcome.NEW
    assert PROMO in texts(look(store, 3, "railway", PROMO))


def test_two_machines_never_disagree_about_what_the_page_said(tmp_path):
    """One has a memory of other articles, the other has not: each tells the same edits of the page."""
    looks = [((PROMO,), STORIES["railway"]), ((), STORIES["railway"]), ((PROMO,), changed("railway"))]
    told = []
    for name, stories in (("knows", ("harbour", "orchard")), ("does not", ())):
        with open_store(tmp_path / name, create=True) as store:
            teach(store, PROMO, stories=stories)
            for number, (said, text) in enumerate(looks):
                look(store, 2 + number, "railway", *said, text=text)
            history = store.history(store.find(address("railway")))
            words = set().union(*(shown(report(store, history, a, b)) for a, b in neighbours(history)))
            told.append({each for each in words if each and each != PROMO})
            promo = [PROMO in shown(report(store, history, a, b)) for a, b in neighbours(history)]
            assert any(promo) == (not stories)
    assert told[0] == told[1]


def test_a_person_takes_a_block_out_for_good(store):
    teach(store, PROMO)
    look(store, 2, "railway", PROMO)
    (learned,) = store.memory.learned("daily.example")
    assert (learned.text, learned.articles, learned.corrected) == (PROMO, 3, False)
    store.memory.forget("daily.example", learned.key, learned.text, hour(3))
    check = look(store, 4, "railway", PROMO, text=changed("railway"))
    assert PROMO in texts(check)
    assert not any("stove" in words for words in shown(last_report(store, "railway")))
    assert PROMO in texts(look(store, 5, "library", PROMO))
    assert [each.corrected for each in store.memory.learned("daily.example")] == [True]


def test_it_is_forgotten_when_its_witnesses_turn_against_it(store):
    teach(store, PROMO)
    branch = look(store, 2, "library").article
    assert branch is not None
    assert memory_for(store, branch).furniture
    look(store, 3, "harbour")  # a report shows it go
    assert not memory_for(store, branch).furniture


def test_memory_is_bounded_and_what_was_reported_stays_text_all_the_same(store, monkeypatch):
    monkeypatch.setattr("tracker.store.lessons.STORIES", 3)
    look(store, 0.1, "railway")
    look(store, 0.2, "railway", PROMO)  # a report shows it come
    teach(store, PROMO, stories=("harbour", "orchard", "library"))
    branch = store.find(address("railway"))
    assert store.memory.story(branch) is None  # the three others are newer
    assert PROMO in texts(look(store, 8, "railway", PROMO, text=changed("railway")))
    assert store.memory.story(branch) is not None


def test_a_block_goes_from_memory_with_its_witnesses(store, monkeypatch):
    teach(store, PROMO)
    assert [each.text for each in store.memory.learned("daily.example")] == [PROMO]
    monkeypatch.setattr("tracker.store.lessons.STORIES", 2)
    look(store, 3, "railway")
    look(store, 4, "library")
    assert store.memory.learned("daily.example") == []


def test_what_no_page_has_shown_for_long_is_forgotten(store):
    teach(store, PROMO)
    later = capture(hour(1) + timedelta(days=181), written("railway"), url=address("railway"))
    keep(store, later)
    assert store.memory.learned("daily.example") == []


def test_an_unchanged_page_is_not_learned_from(store):
    look(store, 1, "railway", PROMO)
    branch = store.find(address("railway"))
    before = store.memory.story(branch)
    assert keep(store, capture(hour(2), written("railway", PROMO, nonce=7), url=address("railway"))).outcome is (
        Outcome.UNCHANGED
    )
    assert store.memory.story(branch) == before


def test_an_older_capture_tells_nothing_of_what_is_there_now(store):
    look(store, 5, "railway")
    look(store, 6, "railway", text=changed("railway"))
    keep(store, capture(hour(3), written("railway", PROMO), url=address("railway")), Terms(dated=True))
    story = store.memory.story(store.find(address("railway")))
    assert story is not None
    assert [(each.present, each.told) for name, each in story.sightings.items() if name == key(PROMO)] == [
        (False, True)
    ]


def test_blame_goes_through_the_lens_of_the_snapshot(store):
    look(store, 1, "railway", PROMO)
    look(store, 2, "railway", PROMO, text=changed("railway", "first"))
    teach(store, PROMO, stories=("harbour", "orchard"))
    look(store, 4, "railway", text=changed("railway", "last"))
    history = store.history(store.find(address("railway")))
    lines = blame_lines(store, history, history.snapshots[-1])
    assert not any(PROMO in line.text for line, _ in lines)
    assert {entry.captured_at for line, entry in lines if line.text in " ".join(STORIES["railway"])} == {hour(1)}


def test_compare_of_files_uses_no_memory(store):
    teach(store, PROMO)
    look(store, 2, "library", PROMO)
    reading = read_capture(capture(hour(3), written("railway", PROMO), url=address("railway")))
    assert reading.lens.memory == "-"
    assert PROMO in [block.text for block in reading.document.blocks]


# --- edits of what is furniture elsewhere ---------------------------------------------------------------------

COUNT = "We count 40 boats in our bay today, and the ice will hold them for weeks."
RECOUNT = COUNT.replace("40", "14")
MILL = (
    "The mill at Tarn has ground its last grain, and the wheel was lifted out of the stream on Friday.",
    "Paula Novak ran it for thirty years, and no buyer was found who would have kept the stones turning.",
)


def edits(store: Store, story: str) -> list[list[tuple[str, str, str]]]:
    """What each report of an article shows: op, deleted, inserted."""
    history = store.history(store.find(address(story)))
    made = [report(store, history, a, b) for a, b in neighbours(history)]
    return [[(each.op.value, each.deleted, each.inserted) for each in one.diff.changes] for one in made]


def test_an_edit_between_two_texts_that_are_both_furniture_is_seen(store):
    """A wrong number is put right in new stories first, and then without a word in an old one."""
    teach(store, COUNT)
    look(store, 1, "library", RECOUNT)
    look(store, 1.1, "mill", RECOUNT, text=MILL)
    look(store, 2, "railway", COUNT)
    assert look(store, 3, "railway", RECOUNT).outcome is Outcome.CHANGED
    assert edits(store, "railway") == [[("edited", "40", "14")]]


def test_promotions_that_take_turns_are_no_edits(store):
    weekly = "You can read our letter every Monday with your tea, on paper or on your screen."
    other = weekly.replace("Monday", "Friday")
    for number, said in enumerate((weekly, other, weekly, other)):
        for story in ("harbour", "orchard"):
            look(store, 1 + number / 10, story, said)
    look(store, 2, "railway", weekly)
    assert look(store, 3, "railway", other).outcome is Outcome.UNCHANGED
    assert edits(store, "railway") == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_an_edit_of_furniture_is_an_edit_in_whatever_order_captures_come(store, order):
    teach(store, COUNT)
    versions = ((COUNT,), (RECOUNT,), (COUNT, "One more thing has come."), (RECOUNT, "One more thing has come."))
    for number in order:
        body = written("railway", *versions[number])
        keep(store, capture(hour(3 + number), body, url=address("railway")), Terms(dated=True))
    assert edits(store, "railway") == [
        [("edited", "40", "14")],
        [("edited", "14", "40"), ("added", "", "One more thing has come.")],
        [("edited", "40", "14")],
    ]


def test_an_edit_is_remembered_from_the_texts_of_an_article_that_memory_forgot(store, monkeypatch):
    teach(store, COUNT)
    look(store, 2, "railway", COUNT)
    look(store, 2.2, "railway", RECOUNT)
    monkeypatch.setattr("tracker.store.lessons.STORIES", 3)
    for number, story in enumerate(("library", "bridge", "mill")):
        look(store, 3 + number / 10, story, COUNT, text=[text[::-1] for text in STORIES["library"]] + [story * 9])
    assert store.memory.story(store.find(address("railway"))) is None
    look(store, 5, "railway", COUNT)
    assert edits(store, "railway") == [[("edited", "40", "14")], [("edited", "14", "40")]]


def test_what_is_learned_when_the_page_before_is_gone_is_no_removal(store, monkeypatch):
    look(store, 1, "railway", PROMO)
    teach(store, PROMO, stories=("harbour", "orchard"))
    monkeypatch.setattr(type(store), "raw", lambda *_: None)
    look(store, 3, "railway", PROMO, text=changed("railway"))
    assert edits(store, "railway") == [[("added", "", "That is what was new.")]]


def test_forgetting_between_two_captures_is_no_addition(store):
    teach(store, PROMO)
    look(store, 2, "railway", PROMO)
    store.memory.forget("daily.example", key(PROMO), PROMO, hour(3))
    look(store, 4, "railway", PROMO, text=changed("railway"))
    assert edits(store, "railway") == [[("added", "", "That is what was new.")]]


BACKGROUND = {
    "de": "Bei den Kämpfen im Norden kamen seit März 40 Menschen um, sie waren auf der Flucht; ihre Dörfer sind leer.",
    "ja": "北部での戦闘では三月以降、少なくとも40人が死亡し、数千人が家を離れた。",
    "ar": "قتل 40 شخصا على الأقل في المعارك الدائرة شمالا منذ مارس ونزح الآلاف عن منازلهم.",
}


@pytest.mark.parametrize("language", BACKGROUND)
def test_background_in_other_languages_is_text(store, language):
    said = BACKGROUND[language]
    for number, story in enumerate(STORIES):
        body = written(story, said).replace(b'lang="en"', f'lang="{language}"'.encode())
        assert said in texts(keep(store, capture(hour(1 + number), body, url=address(story))))
