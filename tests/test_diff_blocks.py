"""Tables by row, live blogs by entry, lists by item; scripts without spaces, marks of direction; enormous inputs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.test_diff import FIRE, MAYOR, OWNER, ROAD, changes, document, marked, shown
from tracker.diff.words import edits
from tracker.model import Block, BlockKind, Change, Document, EditOp, Field, Link, Op
from tracker.text.folding import fold

K = BlockKind


def rows(*lines: str) -> Document:
    return document(*(Block(K.TABLE, line) for line in lines))


def items(*lines: str) -> Document:
    return document(*(Block(K.ITEM, line) for line in lines))


def entry(minutes: int, *texts: str) -> list[Block | str]:
    time = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(minutes=minutes)
    return [Block(K.ENTRY, texts[0], time=time), *texts[1:]]


def blog(*entries: list[Block | str]) -> Document:
    return document(*(block for each in entries for block in each))


# --- tables -------------------------------------------------------------------------------------------------

TABLE = ("Party | Seats | Share", "Red | 12 | 30", "Blue | 14 | 35", "Green | 3 | 8")


def test_a_changed_cell_marks_that_cell_alone():
    assert shown(rows(*TABLE), rows(*TABLE[:2], "Blue | 15 | 37", TABLE[3])) == [
        "edited table: Blue | {-14-}{+15+} | {-35-}{+37+}"
    ]
    assert shown(rows(*TABLE), rows(TABLE[0], "Red | 99 | 8", *TABLE[2:])) == [
        "edited table: Red | {-12-}{+99+} | {-30-}{+8+}"
    ]


def test_a_row_that_comes_is_an_addition_however_much_it_is_like_its_neighbour():
    (change,) = changes(rows(*TABLE), rows(*TABLE[:2], "Pink | 12 | 30", *TABLE[2:]))
    assert (change.op, marked(change)) == (Op.ADDED, "{+Pink | 12 | 30+}")


def test_rows_are_known_by_their_first_cell_wherever_they_stand():
    after = rows(TABLE[0], "Green | 4 | 9", "Blue | 14 | 35", "Red | 11 | 30")
    found = changes(rows(*TABLE), after)
    assert {marked(change) for change in found} >= {"Green | {-3-}{+4+} | {-8-}{+9+}", "Red | {-12-}{+11+} | 30"}
    assert {change.op for change in found} == {Op.MOVED}
    assert [change.op for change in changes(rows("a | 1", "b | 2"), rows("b | 2", "a | 1"))] == [Op.MOVED]


def test_a_new_column_is_one_insertion_a_row():
    wider = [f"{row} | {more}" for row, more in zip(TABLE, ("Change", "+1", "-2", "0"), strict=True)]
    assert {change.deleted for change in changes(rows(*TABLE), rows(*wider))} == {""}
    assert shown(rows("Red | 12"), rows("Red | +1 | 12")) == ["edited table: Red | {++1 | +}12"]


# --- live blogs ---------------------------------------------------------------------------------------------


def long_blog(count: int) -> list[list[Block | str]]:
    chance = random.Random(7)  # noqa: S311 - words for a test
    words = ["police", "mayor", "station", "train", "closed", "open", "late", "fire", "brigade", "street", "crowd"]

    def sentence() -> str:
        return " ".join(chance.choices(words, k=chance.randint(6, 12))).capitalize() + "."

    return [entry(number, "Update", " ".join(sentence() for _ in range(3))) for number in range(count, 0, -1)]


def test_a_new_entry_on_top_is_an_addition_and_nothing_else():
    entries = long_blog(500)
    found = changes(blog(*entries), blog(entry(501, "Update", "The station is open again."), *entries))
    assert [(change.op, change.inserted) for change in found] == [
        (Op.ADDED, "Update"),
        (Op.ADDED, "The station is open again."),
    ]


def test_entries_that_all_say_the_same_are_told_apart_by_their_time():
    same = [entry(number, "Update", "More to follow.") for number in range(9, 0, -1)]
    (head, text) = changes(blog(*same), blog(entry(10, "Update", "More to follow."), *same))
    assert (head.after[0].block, text.after[0].block) == (0, 1)
    (head, text) = changes(blog(*same), blog(*same[:4], *same[5:]))
    assert (head.before[0].block, text.before[0].block) == (8, 9)


def test_an_edited_entry_is_an_edit_of_that_entry():
    goals = [entry(number, "Goal", f"GOAL! Reds {number} - {number // 2} Blues.") for number in range(9, 0, -1)]
    after = [*goals[:3], entry(6, "Goal", "GOAL! Reds 6 - 4 Blues."), *goals[4:]]
    (change,) = changes(blog(*goals), blog(entry(10, "Whistle", "It is over."), *after))[2:]
    assert (change.op, change.before[0].block, change.deleted, change.inserted) == (Op.EDITED, 7, "3", "4")


def test_the_other_order_of_entries_moves_them_and_marks_no_word():
    entries = long_blog(120)
    found = changes(blog(*entries), blog(*reversed(entries)))
    assert {change.op for change in found} == {Op.MOVED}
    assert {edit.op for change in found for edit in change.edits} == {EditOp.EQUAL}
    edited = [*entries[:50], entry(70, "Update", str(entries[50][1]).replace(".", " indeed.", 1)), *entries[51:]]
    found = changes(blog(*entries), blog(*reversed(edited)))
    assert [change.inserted.strip() for change in found if change.inserted] == ["indeed"]


# --- lists and boilerplate ----------------------------------------------------------------------------------


def test_the_number_of_an_item_is_no_sentence():
    before = items("1. Take eggs", "2. Mix the flour", "3. Bake")
    after = items("1. Take eggs", "2. Heat the oven", "3. Mix the flour", "4. Bake")
    assert shown(before, after) == [
        "added body: {+2. Heat the oven+}",
        "edited body: {-2-}{+3+}. Mix the flour",
        "edited body: {-3-}{+4+}. Bake",
    ]


def test_one_of_many_equal_lines_edited_is_one_edit_there():
    lines = ["Read more here."] * 7
    found = changes(document(FIRE, *lines, ROAD), document(FIRE, *lines[:3], "Read more here now.", *lines[4:], ROAD))
    assert [(change.op, change.before[0].block, change.inserted) for change in found] == [(Op.EDITED, 4, " now")]


def test_a_short_block_that_moved_past_a_boilerplate_line():
    before = document("[ PC World ]", FIRE, "[ PC World ]", MAYOR, OWNER, ROAD)
    after = document("[ PC World ]", FIRE, MAYOR, OWNER, "[ PC World ]", ROAD)
    assert shown(before, after) == ["moved body: [ PC World ]"]


def test_three_sentences_that_a_quotation_mark_makes_one_are_one_edit():
    old = "The firm has a new design, with a glass face and a “vivid” display. You can count on the kit. It is good."
    new = "The firm has a new design, with a glass face and a “virtual. You can count on the kit. It is good.”"
    found = changes(document(FIRE, old, ROAD), document(FIRE, new, ROAD))
    assert "You can count" not in "".join(change.deleted + change.inserted for change in found)


def test_a_sentence_that_grew_by_a_whole_one_is_not_taken_for_another():
    old = "Phones with a charging case at half price"
    new = f"{old} Scissors, who speaks with officials, said that the outcome depends on whether the talks end well."
    (change,) = changes(document(FIRE, old, ROAD), document(FIRE, new, ROAD))
    assert (change.op, change.deleted) == (Op.EDITED, "")


# --- words --------------------------------------------------------------------------------------------------


def in_one_line(old: str, new: str) -> str:
    return marked(Change("", Op.EDITED, Field.BODY, (), (), edits(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "東京で火災があり、12人が負傷した。",
            "東京で火災があり、21人が負傷した。",
            "東京で火災があり、{-12-}{+21+}人が負傷した。",
        ),
        ("他说没有问题。", "他说有很多问题。", "他说{-没有-}{+有很多+}问题。"),
        ("12月3日他走了", "11月4日他走了", "{-12月3-}{+11月4+}日他走了"),
        ("ผู้บาดเจ็บ 12 คน", "ผู้เสียชีวิต 12 คน", "ผู้{-บาดเจ็บ-}{+เสียชีวิต+} 12 คน"),
        ("បានមនុស្ស១២នាក់", "បានមនុស្ស២១នាក់", "បានមនុស្ស{-១២-}{+២១+}នាក់"),
        ("بلغ 12 شخصا في المدينة", "بلغ 21 شخصا في المدينة", "بلغ {-12-}{+21+} شخصا في المدينة"),
        ("fans 🇩🇪🇫🇷 here", "fans 🇩🇪🇮🇹 here", "fans 🇩🇪{-🇫🇷-}{+🇮🇹+} here"),
        ("it 👨‍👩‍👧 waved 👍🏽", "it 👨‍👩‍👧‍👦 waved 👍🏿", "it {-👨‍👩‍👧-}{+👨‍👩‍👧‍👦+} waved {-👍🏽-}{+👍🏿+}"),
        (
            "See https://a.example/x?y=1 or mail ann@b.example.",
            "See https://a.example/x?y=2 or mail bob@b.example.",
            "See {-https://a.example/x?y=1-}{+https://a.example/x?y=2+} or mail {-ann@b.example-}{+bob@b.example+}.",
        ),
        (
            "The cost is $25 for members; $35 for guests; free for us.",
            "Fee: none here; $25 for firms and $35 for other guests now.",
            (
                "{-The cost is $25 for members; $35 for guests; free for us.-}{+Fee: none here; $25 for firms and $35 "
                "for other guests now.+}"
            ),
        ),
    ],
)
def test_words_of_other_scripts_and_crumbs(old, new, expected):
    assert in_one_line(old, new) == expected


def test_marks_of_direction_are_changes_but_no_sentences():
    assert shown(document(FIRE, "The end."), document(FIRE, "The end.\u200e")) == [
        "edited body: The end{-.-}{+.\u200e+}"
    ]
    assert [change.op for change in changes(document("\u200fשלום עולם."), document("שלום עולם."))] == [Op.EDITED]


def test_an_override_of_direction_changes_what_is_read():
    old, new = "Write to alice@example.org now.", "Write to \u202ealice@example.org\u202c now."
    assert fold(old) != fold(new)
    assert fold("a\u2067b\u2069") == fold("ab")
    (change,) = changes(document(FIRE, old), document(FIRE, new))
    assert "\u202e" in change.inserted


# --- enormous inputs ----------------------------------------------------------------------------------------


def ops(before: Document, after: Document) -> set[Op]:
    return {change.op for change in changes(before, after)}


@pytest.mark.parametrize("kind", [K.PARAGRAPH, K.ITEM, K.TABLE])
def test_one_of_very_many_equal_lines(kind):
    same = Block(kind, "The same line again.")
    (change,) = changes(document(*[same] * 2000), document(*[same] * 1999))
    assert change.op is Op.REMOVED
    other = Block(kind, "The same line anew.")
    (change,) = changes(document(*[same] * 2000), document(*[same] * 1000, other, *[same] * 999))
    assert (change.before[0].block, change.deleted, change.inserted) == (1000, "again", "anew")


def test_one_sentence_very_often_in_one_paragraph():
    text = "The council met again. " * 5000
    (change,) = changes(
        document(text), document(text[: 23 * 2500] + text[23 * 2500 :].replace("again", "once more", 1))
    )
    assert (change.deleted, change.inserted) == ("again", "once more")


def test_very_many_short_items():
    before, after = ([f"{word} {number % 300}" for number in range(2000)] for word in ("alpha", "beta"))
    assert ops(items(*before), items(*after)) <= {Op.ADDED, Op.REMOVED, Op.EDITED}
    assert ops(items(*before), items(*[f"x{number}" for number in range(2000)])) == {Op.ADDED, Op.REMOVED}


def test_two_long_lines_with_nothing_in_common():
    assert ops(document("word and more words " * 100_000), document("other text is here now " * 90_000)) == {
        Op.ADDED,
        Op.REMOVED,
    }


def test_very_many_links_to_somewhere_else():
    def linked(target: str) -> Document:
        links = tuple(Link(at * 4, at * 4 + 1, f"https://{target}/{at}") for at in range(2000))
        return document(Block(K.PARAGRAPH, "a b " * 2000 + target, links))

    found = changes(linked("x.example"), linked("y.example"))
    assert [change.field for change in found].count(Field.LINK) == 2000
