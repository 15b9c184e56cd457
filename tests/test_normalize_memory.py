"""What memory may leave out of one page, and how it learns: pure rules, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.memory_support import PROMO, SECOND_PROMO, STORIES, address, written
from tests.test_normalize_properties import QUICK, TREES
from tracker.model import Block, BlockKind, Document, Lens, Link, Reading, Sighting, Suppressed
from tracker.normalize import read
from tracker.normalize.about import about_the_article
from tracker.normalize.learning import (
    alike,
    blocks_of,
    edited_into,
    follow,
    furniture_for,
    hidden_blocks,
    keys_on,
    one_story,
    stood_aside,
    swapped,
    witnesses,
    would_hide,
)
from tracker.normalize.memory import EMPTY, REASON, Memory, furniture_places, is_plain, key, worded

PARAGRAPH, HEADING = BlockKind.PARAGRAPH, BlockKind.HEADING
KEY = key(PROMO)


def said(*texts: str, kind: BlockKind = PARAGRAPH) -> list[Block]:
    return [Block(kind, text) for text in texts]


def reading(*blocks: Block, headline: str = "The council meets") -> Reading:
    return Reading(Document((Block(BlockKind.HEADLINE, headline), *blocks), language="en"), Lens("1", "1"))


def sighting(**marks: object) -> Sighting:
    return replace(Sighting(KEY, len(PROMO)), **marks)  # type: ignore[arg-type]  # the marks are its fields


GERMAN = "Am Morgen kam der Regen über die Stadt und trieb die Leute vom Markt unter die Dächer der Häuser."
BODY = said(*STORIES["railway"])


# --- one page -------------------------------------------------------------------------------------------------


def test_a_block_whose_key_is_held_goes_and_keeps_its_reason():
    page = written("railway", PROMO)
    found = read(page, address("railway"), memory=Memory(frozenset((KEY,))))
    plain = read(page, address("railway"))
    assert [block.text for block in hidden_blocks(found.suppressed)] == [PROMO]
    assert found.document.blocks == tuple(block for block in plain.document.blocks if block.text != PROMO)
    assert found.lens == replace(plain.lens, memory=Memory(frozenset((KEY,))).digest)


def test_typography_is_folded_in_a_key_and_digits_are_not():
    assert key("Our “best” stories – free") == key('Our "best"  stories - free')
    assert key("We have 40 boats") != key("We have 14 boats")
    assert len(key("\ud800")) == 16


@pytest.mark.parametrize("kind", [kind for kind in BlockKind if kind not in (PARAGRAPH, BlockKind.ITEM)])
def test_only_spoken_kinds_go_and_no_heading_alone(kind):
    blocks = [*BODY, Block(kind, PROMO)]
    assert not furniture_places(blocks, [], Memory(frozenset((KEY,))), "", "en")


def test_a_heading_goes_beside_a_block_that_goes():
    head = "What you can do with us"
    memory = Memory(frozenset((KEY, key(head))))
    beside = [BODY[0], Block(HEADING, head), Block(PARAGRAPH, PROMO), *BODY[1:]]
    apart = [Block(HEADING, head), *BODY, Block(PARAGRAPH, PROMO)]
    assert furniture_places(beside, [], memory, "", "en") == {1, 2}
    assert furniture_places(apart, [], memory, "", "en") == {4}


def test_nothing_goes_where_most_of_the_prose_would():
    short = said("Trains run again from June, the line has told its passengers.")
    memory = Memory(frozenset((KEY, key(SECOND_PROMO))))
    assert not furniture_places([*short, *said(PROMO, SECOND_PROMO)], [], memory, "", "en")
    assert not furniture_places(said(PROMO), [], memory, "", "en")


@pytest.mark.parametrize(
    "text",
    [
        "The ministry denied that it had been told of our letter.",
        "We asked, and the firm declined to comment.",
        "A spokeswoman for the line wrote to us on Monday.",
        "We have corrected our map of the valley.",
        "According to our count it was the ninth time.",
    ],
)
def test_answers_denials_and_corrections_are_never_touched(text):
    assert worded(text, "en")
    assert not furniture_places([*BODY, *said(text)], [], Memory(frozenset((key(text),))), "", "en")


@pytest.mark.parametrize(
    "text",
    [
        'You will "never walk alone", our choir sings.',
        "„Wir bleiben hier und warten auf Sie“, steht am Tor.",
        "« Nous restons chez vous » est écrit sur la porte.",
        "「私たちはここにいます」とあなたに書いてある。",
        "‘We stay with you’ is written on the gate.",
    ],
)
def test_quotations_are_never_touched(text):
    assert not furniture_places([*BODY, *said(text)], [], Memory(frozenset((key(text),))), "", None)


# --- about the article ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "others", "headline", "outlet", "about"),
    [
        ("We met Lind in our kitchen.", ["The bakery of Maria Lind burnt down."], "", "", True),
        ("Lind wrote to us.", ["The bakery of Maria Lind burnt down."], "", "", True),
        ("You can meet us in our kitchen.", ["The bakery of Maria Lind burnt down."], "", "", False),
        ("Read all of it in The Harbour Post.", ["The Harbour Post was sold."], "", "Harbour Post post.example", False),
        ("We are open every Tuesday.", ["It burnt down on Tuesday."], "", "", False),
        ("We count the boats in the harbour.", ["It burnt."], "Boats burn in the harbour", "", True),
        ("Wir haben jeden Morgen einen Brief für Sie.", [GERMAN], "", "", False),
        ("Wir haben Merkel am Hof gesehen.", ["Der Besuch von Merkel im Dorf."], "Merkel im Dorf", "", True),
        ("我们每天早上给您写信", ["港口的大火烧毁了两座仓库", "消防员工作到早上"], "港口大火", "", False),
        ("我们看到了港口", ["火烧毁了两座仓库", "消防员工作到早上"], "港口大火", "", True),
        ("سنكتب لكم رسالة كل صباح", ["احترق الميناء ليلا", "عمل رجال الإطفاء"], "حريق الميناء", "", False),
        ("رأينا معكم الميناء", ["احترق الجسر ليلا", "عمل رجال الإطفاء"], "حريق في الميناء", "", True),
    ],
)
def test_a_line_is_about_the_article_where_it_shares_a_name(line, others, headline, outlet, about):
    language = "de" if "Wir " in line else "en"
    lines = [*others, line]
    found = about_the_article({len(others)}, lines, [headline] if headline else [], (), outlet, language)
    assert (len(others) in found) == about


def test_furniture_vouches_for_no_furniture():
    lines = ["Hear us on Wavebreaker.", "New on Wavebreaker: your town.", "The bridge is shut until the autumn rains."]
    assert about_the_article({0}, lines, [], (), "", "en") == {0}
    assert about_the_article({0}, lines, [], {0, 1}, "", "en") == set()


@pytest.mark.parametrize(
    ("text", "language", "plain"),
    [
        ("The cause of the fire is not known.", "en", True),
        ("No arrests have been made so far.", "en-GB", True),
        ("Get it on the first of each month.", "en", False),
        ("It is free. Join the others on the quay.", "en", False),
        ("Die Ursache ist nicht bekannt.", "de", True),
        ("Wir schreiben Ihnen jeden Tag.", "de", False),
        ("Příčina není známa.", "cs", True),
        ("Sledujte nás každé ráno.", "cs", False),
        ("Orsaken nefnist ei enn.", "fo", True),  # nobody can say, so it is text
        ("The cause is not known.", None, True),
        ("The US has sent 40 of its ships.", "en", True),
        ("Die Behörde teilte mit, sie habe ihre Arbeit getan.", "de", True),
        ("Sie waren alle im Haus, als es geschah.", "de", True),
        ("So erreichen Sie das Amt.", "de", False),
        ("Hier standen im März 40 Menschen.", "de", True),
        ("El juez rechazó su recurso.", "es", True),
        ("Ci sono stati 40 feriti.", "it", True),
        ("Der var 40 i bygningen.", "da", True),
        ("O juiz negou o seu recurso.", "pt", True),
        ("北部では三月以降、40人が死亡した。", "ja", True),
        ("毎朝、皆さまにお届けします。", "ja", False),
        ("قتل 40 شخصا في المعارك شمالا.", "ar", True),
        ("تابعونا كل صباح.", "ar", False),
        ("自三月以来已有40人死亡。", "zh", True),
        ("每天早上为您送上要闻。", "zh", False),
    ],
)
def test_a_plain_statement_speaks_to_nobody(text, language, plain):
    assert is_plain(Block(PARAGRAPH, text), language) == plain


def test_a_line_that_is_mostly_link_is_no_plain_statement():
    text = "Boats of the year"
    assert not is_plain(Block(PARAGRAPH, text, (Link(0, len(text), "https://x.example/ad"),)), "en")


# --- one article ----------------------------------------------------------------------------------------------


def followed(*turns: Sequence[str]) -> Sighting:
    """What is remembered of the promotion after pages with these paragraphs besides the story's own."""
    known: dict[str, Sighting] = {}
    before = None
    for texts in turns:
        page = reading(*BODY, *said(*texts))
        known = follow(known, blocks_of(page, (), known), before)
        before = page.document
    return known[KEY]


def test_what_comes_and_goes_is_counted_and_told():
    assert (followed([PROMO]).flips, followed([PROMO]).told) == (0, False)
    assert followed([PROMO], [PROMO]) == followed([PROMO])
    assert (followed([PROMO], []).flips, followed([PROMO], []).told, followed([PROMO], []).present) == (1, True, False)
    assert (followed([], [PROMO], [], [PROMO]).flips) == 3
    twice = followed([PROMO, PROMO], [PROMO])
    assert (twice.told, twice.flips) == (True, 0)  # a report shows that one of two has gone


def test_an_edit_is_known_for_one():
    assert followed([PROMO], [PROMO.replace("winter", "summer")]).edited
    assert not followed([PROMO], ["Quite another thing has come, and it is yours."]).edited
    assert alike(["订阅我们的每日简报送到您的邮箱"], ["订阅我们的每周简报送到您的邮箱"])


def test_what_memory_hid_comes_and_goes_untold():
    hidden = read(written("railway", PROMO), address("railway"), memory=Memory(frozenset((KEY,))))
    without = read(written("railway"), address("railway"))
    known = follow({}, blocks_of(hidden), None)
    assert known[KEY].hidden
    known = follow(known, blocks_of(without), hidden.document)
    assert (known[KEY].flips, known[KEY].told, known[KEY].hidden) == (1, False, False)


def test_an_older_page_says_nothing_of_what_is_there_now():
    known = stood_aside({}, blocks_of(reading(*BODY, *said(PROMO))), [reading(*BODY).document], {})
    assert (known[KEY].present, known[KEY].told, known[KEY].flips) == (False, True, 0)
    assert not known[key(BODY[0].text)].told
    other = stood_aside({}, blocks_of(reading(*BODY)), [], {KEY: PROMO})[KEY]
    assert (other.present, other.told, other.edited) == (False, True, True)


def test_a_block_that_is_being_edited_is_given_back():
    memory = Memory(frozenset((KEY,)))
    other = PROMO.replace("winter", "summer")
    before, edited = reading(*BODY).document, reading(*BODY, *said(other))
    assert edited_into(before, {KEY: PROMO}, edited, memory) == {KEY}
    assert not edited_into(before, {KEY: PROMO}, reading(*BODY, *said("The trains are late.")), memory)
    assert would_hide(reading(*BODY, *said(PROMO)).document, memory, "") == {KEY: PROMO}


def test_a_block_that_has_grown_or_was_put_into_another_is_alike():
    longer = f"{PROMO} {GERMAN} {GERMAN} {GERMAN}"
    assert alike([PROMO], [longer])
    assert not alike(["So it is, he said."], ["So it is, he said. " + longer])  # too few words to be told from others


def test_furniture_in_the_place_of_like_furniture_is_told_from_another_promotion():
    other = PROMO.replace("winter", "summer")
    hidden = Suppressed(Block(PARAGRAPH, other), REASON)
    found = replace(reading(*BODY), suppressed=(hidden,))
    assert swapped({KEY: PROMO}, found) == [(KEY, key(other))]
    assert swapped({key(SECOND_PROMO): SECOND_PROMO}, found) == []
    assert swapped({key(other): other}, found) == []


def test_what_memory_cannot_touch_has_no_key():
    page = reading(*BODY, *said("“Yes.”", "Yes.", PROMO))
    assert KEY in keys_on(page.document)
    assert len(keys_on(page.document)) == len(BODY) + 1
    assert blocks_of(page).sightings[key("“Yes.”")].mute


def test_a_long_live_page_is_remembered_within_bounds():
    many = reading(*said(*(f"The {number} th entry of the day has come in here." for number in range(3_000))))
    known = follow({}, blocks_of(many), None)
    assert len(known) == 1_000
    for number in range(3):
        new = reading(*said(*(f"Day {number}, entry {each} has now come in." for each in range(1_000))))
        known = follow(known, blocks_of(new), many.document)  # in a second, not in minutes
    assert len(known) == 2_000


# --- a host ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sightings", "kin", "seen"),
    [
        ([{}], [], ()),
        ([{}, {}], [], (0, 1)),
        ([{}, {"about": True}], [], ()),
        ([{}, {"mute": True}], [], ()),
        ([{}, {"told": True, "flips": 1}], [], (0, 1)),
        ([{}, {"told": True, "flips": 1, "present": False}], [], ()),
        ([{}, {"told": True, "flips": 1, "plain": True}], [], ()),
        ([{}, {"told": True, "flips": 1, "edited": True}], [], ()),
        ([{}, {"told": True, "flips": 2}], [], (0, 1)),
        ([{}, {"told": True, "flips": 2, "edited": True}], [], ()),
        ([{"told": True, "flips": 2, "edited": True}] * 2, [], (0, 1)),
        ([{"plain": True}] * 6, [], ()),
        ([{"plain": True}, {"plain": True, "flips": 2, "told": True}], [], (0, 1)),
        ([{}, {}], [(0, 1)], ()),
        ([{}, {}, {}], [(0, 1)], (0, 2)),
        ([{}, {}, {}], [(0, 1), (1, 2), (0, 2)], ()),
        ([{}] * 9, [], (0, 1, 2, 3, 4, 5)),
    ],
)
def test_who_bears_witness(sightings, kin, seen):
    rows = [(story, sighting(**marks)) for story, marks in enumerate(sightings)]
    pairs = {pair for one, other in kin for pair in ((one, other), (other, one))}
    assert witnesses(rows, pairs) == seen


def test_two_other_stories_are_needed_and_no_kin_of_the_reader():
    learned = {KEY: (1, 2)}
    assert furniture_for(learned, None, (), {}) == {KEY}
    assert furniture_for(learned, 3, (), {}) == {KEY}
    assert furniture_for(learned, 1, (), {}) == frozenset()
    assert furniture_for(learned, 3, {2}, {}) == frozenset()
    assert furniture_for({KEY: (1, 2, 4)}, 1, (), {}) == {KEY}
    assert furniture_for(learned, 3, (), {KEY: sighting(told=True)}) == frozenset()
    assert furniture_for(learned, 3, (), {KEY: sighting(edited=True)}) == frozenset()


def test_much_of_the_same_prose_is_one_story():
    assert one_story(400, 1000, 5000)
    assert not one_story(399, 1000, 5000)
    assert not one_story(0, 0, 0)


# --- whatever the page ----------------------------------------------------------------------------------------


@given(TREES, st.data())
@settings(parent=QUICK, max_examples=40)
def test_memory_only_leaves_out_blocks_whose_key_it_holds(markup: str, data: st.DataObject) -> None:
    body = "".join(f"<p>{text}</p>" for text in STORIES["harbour"])
    page = f"<article><h1>A day in the docks</h1>{body}<p>{PROMO}</p>{markup}</article>"
    plain = read(page, "https://x.example/a")
    some = sorted(keys_on(plain.document))
    memory = Memory(frozenset(data.draw(st.sets(st.sampled_from(some)))) if some else frozenset())
    found = read(page, "https://x.example/a", memory=memory)
    hidden = hidden_blocks(found.suppressed)
    left = [block.text for block in hidden]
    assert {key(text) for text in left} <= memory.furniture
    assert [b.text for b in found.document.blocks] == _without([b.text for b in plain.document.blocks], left)
    assert [each for each in found.suppressed if each.reason != REASON] == list(plain.suppressed)
    assert (found.document.content, found.document.language) == (plain.document.content, plain.document.language)


def _without(texts: list[str], gone: list[str]) -> list[str]:
    """The texts without those that are gone, each as often as it is named."""
    front = 1
    kept, rest = [], list(gone)
    for place, text in enumerate(texts):
        if place >= front and text in rest:
            rest.remove(text)
        else:
            kept.append(text)
    assert not rest
    return kept


@given(TREES)
@settings(parent=QUICK, max_examples=20)
def test_an_empty_memory_is_no_memory(markup: str) -> None:
    assert EMPTY.digest == "-"
    assert read(markup, "https://x.example/a", memory=Memory()) == read(markup, "https://x.example/a")


@given(st.text(max_size=300), st.text(max_size=300))
@settings(parent=QUICK, max_examples=60)
def test_any_text_can_be_learned(one: str, other: str) -> None:
    blocks = [Block(PARAGRAPH, text) for text in (one, other) if text]
    page = reading(*blocks)
    known = follow({}, blocks_of(page), None)
    known = follow(known, blocks_of(reading()), page.document)
    assert all(each.told for each in known.values())
    worded(one, "en")


# --- where the article stands ---------------------------------------------------------------------------------


def twin_page() -> str:
    left = "".join(f"<p>{text}</p>" for text in STORIES["library"])
    right = "".join(f"<p>{text[::-1]}</p>" for text in STORIES["library"])
    links = "".join(f'<div><a href="/{number}">Number {number} of the long row</a></div>' for number in range(150))
    right = f'<section class="col beta9 beta">{right}</section>'
    return f'<body><div class="col alpha">{left}</div><div>{links}</div>{right}</body>'


def test_the_usual_container_breaks_ties_and_nothing_else():
    first = read(twin_page())
    assert first.tied
    assert first.container == "div.alpha.col"
    other = read(twin_page(), memory=Memory(containers=frozenset(("section.beta.col",))))
    assert other.container == "section.beta.col"
    assert other.document != first.document
    alone = read(written("library"), memory=Memory(containers=frozenset(("header.site-header", "aside.related"))))
    assert not alone.tied
    assert alone.document == read(written("library")).document
