"""Where the marks stand: every paragraph of the new text, and what is gone put back in its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render_support import everything, page
from tracker.diff import diff
from tracker.model import Block, BlockKind, Document
from tracker.render.pieces import Mark, marks_words
from tracker.render.rows import Row, rows

NEW_SIDE = (Mark.EQUAL, Mark.INSERT, Mark.LINK)
SIGNS = {Mark.DELETE: "[-{}-]", Mark.INSERT: "{{+{}+}}", Mark.PARAGRAPH_ADDED: "{{¶{}}}", Mark.PARAGRAPH_GONE: "[¶{}]"}


def shown(row: Row) -> str:
    return "".join(SIGNS.get(piece.mark, "{}").format(piece.text) for piece in row.pieces)


def compared(before: Document, after: Document) -> list[str]:
    return [("x " if row.gone else "") + shown(row) for row in rows(diff(before, after)) if row.block != 0 or row.gone]


SENTENCES = (
    "The council met on Monday.",
    "Nobody spoke of the ferry.",
    "Ines Dahl left early.",
    "A vote is due in June.",
    "Fares rose by 12 percent.",
    "The boats are 40 years old.",
    "Storms came in March.",
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((("0 1 2"),), (("0 2"),), ["The council met on Monday. [-Nobody spoke of the ferry. -]Ines Dahl left early."]),
        ((("0 1 2"),), (("1 2"),), ["[-The council met on Monday. -]Nobody spoke of the ferry. Ines Dahl left early."]),
        ((("0 1 2"),), (("0 1"),), ["The council met on Monday. Nobody spoke of the ferry.[- Ines Dahl left early.-]"]),
        (
            ("0", "1 2", "3"),
            ("0", "3"),
            [
                "The council met on Monday.",
                "x [-Nobody spoke of the ferry. Ines Dahl left early.-]",
                "A vote is due in June.",
            ],
        ),
        (("1", "0"), ("0",), ["x [-Nobody spoke of the ferry.-]", "The council met on Monday."]),
    ],
)
def test_what_is_gone_stands_where_it_stood(
    before: tuple[str, ...], after: tuple[str, ...], expected: list[str]
) -> None:
    assert compared(from_numbers(before), from_numbers(after)) == expected


def from_numbers(paragraphs: tuple[str, ...]) -> Document:
    return page(*(" ".join(SENTENCES[int(number)] for number in text.split()) for text in paragraphs))


def test_a_split_shows_where_the_new_paragraph_begins():
    assert compared(from_numbers(("0 1 2",)), from_numbers(("0", "1 2"))) == [
        "The council met on Monday.",
        "{¶}Nobody spoke of the ferry. Ines Dahl left early.",
    ]


def test_a_merge_shows_where_a_paragraph_began():
    (row,) = compared(from_numbers(("0", "1 2")), from_numbers(("0 1 2",)))
    assert row == "The council met on Monday.[¶] Nobody spoke of the ferry. Ines Dahl left early."


def test_removed_paragraphs_keep_their_order():
    found = compared(from_numbers(("0", "1", "2", "3", "4")), from_numbers(("0", "4")))
    assert [row[:12] for row in found] == [
        "The council ",
        "x [-Nobody s",
        "x [-Ines Dah",
        "x [-A vote i",
        "Fares rose b",
    ]


def test_every_change_of_a_hand_made_report_has_a_place():
    subject = everything().diff
    found = [name for row in rows(subject) for name in row.changes]
    assert set(found) == {change.id for change in subject.changes}


numbers = st.lists(st.sampled_from("0123456"), min_size=1, max_size=4).map(" ".join)
documents = st.lists(numbers, max_size=5).map(tuple).map(from_numbers)


@given(documents, documents)
@settings(max_examples=60, deadline=None)
def test_the_new_text_is_whole_and_the_old_words_are_all_there(before: Document, after: Document) -> None:
    subject = diff(before, after)
    found = rows(subject)
    standing = [row for row in found if not row.gone and row.block is not None]
    assert [row.block for row in standing] == list(range(len(after.blocks)))
    for row, block in zip(standing, after.blocks, strict=True):
        assert "".join(piece.text for piece in row.pieces if piece.mark in NEW_SIDE) == block.text
    assert {name for row in found for name in row.changes} == {change.id for change in subject.changes}
    struck = "".join(piece.text for row in found for piece in row.pieces if piece.mark is Mark.DELETE)
    removed = "".join(
        edit.text for one in subject.changes if marks_words(one) for edit in one.edits if edit.op == "delete"
    )
    assert sorted("".join(struck.split())) == sorted("".join(removed.split()))


def test_a_block_of_another_kind_does_not_disturb_the_count():
    picture = Block(BlockKind.CAPTION, "A boat at dusk.")
    before = from_numbers(("0 1 2", "3"))
    with_picture = Document((before.blocks[0], picture, *before.blocks[1:]))
    after = Document((*from_numbers(("0 2", "3")).blocks, picture))
    (row,) = [shown(row) for row in rows(diff(with_picture, after)) if "Nobody" in shown(row)]
    assert row == "The council met on Monday. [-Nobody spoke of the ferry. -]Ines Dahl left early."
