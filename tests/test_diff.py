"""What a comparison says, case by case. Invariants of all pairs are in test_diff_properties.py."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.diff import change_id, diff
from tracker.diff import words as words_module
from tracker.diff.check import check
from tracker.diff.words import edits
from tracker.model import (
    Block,
    BlockKind,
    Change,
    Content,
    Diff,
    Document,
    EditOp,
    Field,
    Link,
    Op,
    Pair,
    Placement,
    Span,
)
from tracker.text.tokens import tokens

K = BlockKind
PAIR = Pair("news.example/a-0123456789abcdef", "before", "after")

FIRE = "A fire broke out in the old mill on Monday evening. Twelve people were hurt. The cause is not known."
MAYOR = "The mayor visited the site at night and thanked the crews for their work."
OWNER = "The owner of the mill had planned to sell the building this summer. A buyer was found in May."
ROAD = "The road along the river stays closed until the walls have been secured."


def document(*blocks: str | Block, **facts: str) -> Document:
    """Strings are paragraphs; keys of facts are written headline_og for headline/og."""
    named = ((key.replace("_", "/", 1).replace("_", "-"), value) for key, value in facts.items())
    content = Content(tuple(sorted(named)))
    return Document(tuple(Block(K.PARAGRAPH, one) if isinstance(one, str) else one for one in blocks), content, "en")


def changes(before: Document, after: Document) -> tuple[Change, ...]:
    return diff(before, after, PAIR).changes


def marked(change: Change) -> str:
    """The edits in one line: {-deleted-}{+inserted+}."""
    forms = {EditOp.EQUAL: "{}", EditOp.DELETE: "{{-{}-}}", EditOp.INSERT: "{{+{}+}}"}
    return "".join(forms[edit.op].format(edit.text) for edit in change.edits)


def shown(before: Document, after: Document) -> list[str]:
    return [f"{change.op} {change.field}: {marked(change)}" for change in changes(before, after)]


# --- sentences and paragraphs -------------------------------------------------------------------------------


def test_a_changed_word_is_one_change_of_its_sentence():
    (change,) = changes(document(FIRE, MAYOR), document(FIRE.replace("Twelve", "Twenty-one"), MAYOR))
    assert (change.op, change.field) == (Op.EDITED, Field.BODY)
    assert change.before == (Span(0, 52, "Twelve people were hurt."),)
    assert change.after == (Span(0, 52, "Twenty-one people were hurt."),)
    assert marked(change) == "{-Twelve-}{+Twenty-one+} people were hurt."


def test_two_edits_in_one_paragraph_are_two_changes():
    edited = FIRE.replace("Twelve", "Fourteen").replace("not known", "arson")
    assert shown(document(FIRE), document(edited)) == [
        "edited body: {-Twelve-}{+Fourteen+} people were hurt.",
        "edited body: The cause is {-not known-}{+arson+}.",
    ]


def test_each_added_paragraph_is_a_change():
    assert shown(document(FIRE, ROAD), document(FIRE, MAYOR, OWNER, ROAD)) == [
        f"added body: {{+{MAYOR}+}}",
        f"added body: {{+{OWNER}+}}",
    ]


def test_sentences_come_and_go_inside_a_paragraph():
    after = FIRE.replace("Twelve people were hurt. ", "").replace("known.", "known. Police are looking for witnesses.")
    assert shown(document(FIRE), document(after)) == [
        "removed body: {-Twelve people were hurt.-}",
        "added body: {+Police are looking for witnesses.+}",
    ]


def test_one_sentence_made_two_is_one_edit():
    before = "The bridge was closed in March, and it will not be opened again before the winter."
    after = "The bridge was closed in March. It will not be opened again before the winter."
    (change,) = changes(document(MAYOR, before), document(MAYOR, after))
    assert change.op is Op.EDITED
    assert change.after == (Span(1, 0, after),)
    assert (
        marked(change)
        == "The bridge was closed in March{-, and it-}{+. It+} will not be opened again before the winter."
    )


def test_a_rewritten_sentence_is_shown_whole():
    before = "The council met on Monday. Nothing was decided about the harbour, which is in a bad state."
    after = "The council met on Monday. Members of both parties in a long night found no plan for the harbour."
    (change,) = changes(document(before), document(after))
    assert [edit.op for edit in change.edits] == [EditOp.DELETE, EditOp.INSERT]


def test_what_was_removed_stands_after_its_last_surviving_predecessor():
    before = document(FIRE, MAYOR, ROAD, OWNER)
    after = document("Smoke was seen for many miles.", FIRE.replace("Twelve", "Nine"), OWNER, "More to follow soon.")
    assert [(change.op, change.deleted[:5]) for change in changes(before, after)] == [
        (Op.ADDED, ""),
        (Op.EDITED, "Twelv"),
        (Op.REMOVED, "The m"),
        (Op.REMOVED, "The r"),
        (Op.ADDED, ""),
    ]


# --- split, merged, moved -----------------------------------------------------------------------------------


def test_a_split_marks_no_word_and_merging_is_its_mirror():
    one, two = FIRE[:51], FIRE[52:]
    (change,) = changes(document(FIRE, MAYOR), document(one, two, MAYOR))
    assert change.op is Op.SPLIT
    assert (change.before, change.after) == ((Span(0, 0, FIRE),), (Span(0, 0, one), Span(1, 0, two)))
    assert marked(change) == f"{one}{{- -}}{{+\n\n+}}{two}"
    (change,) = changes(document(one, two, MAYOR), document(FIRE, MAYOR))
    assert change.op is Op.MERGED
    assert marked(change) == f"{one}{{-\n\n-}}{{+ +}}{two}"


def test_an_edited_sentence_of_a_split_paragraph_is_its_own_change():
    after = document(FIRE[:51], "Thirty people were hurt. The cause is not known.", MAYOR)
    split, edited = changes(document(FIRE, MAYOR), after)
    assert (split.op, split.before) == (Op.SPLIT, (Span(0, 0, FIRE[:51]), Span(0, 77, "The cause is not known.")))
    assert not split.deleted.strip()
    assert not split.inserted.strip()
    assert (edited.op, marked(edited)) == (Op.EDITED, "{-Twelve-}{+Thirty+} people were hurt.")


def test_a_split_in_which_all_is_edited_is_one_change_with_edits():
    before = "The mill had stood empty since the spring. The owner lives abroad and was told by telephone."
    after = document("The mill had stood empty since the autumn.", "The owner lives abroad and was told by letter.")
    (change,) = changes(document(before), after)
    assert (change.op, len(change.before), len(change.after)) == (Op.SPLIT, 1, 2)
    assert (change.deleted, change.inserted) == ("spring   telephone", "autumn \n\n letter")


def test_a_moved_paragraph_is_one_change():
    (change,) = changes(document(MAYOR, FIRE, OWNER, ROAD), document(FIRE, OWNER, MAYOR, ROAD))
    assert (change.op, change.before, change.after) == (Op.MOVED, (Span(0, 0, MAYOR),), (Span(2, 0, MAYOR),))
    assert marked(change) == MAYOR


def test_the_lighter_side_of_a_swap_has_moved():
    short = "The station was shut for an hour."
    (change,) = changes(document(short, FIRE + " " + OWNER), document(FIRE + " " + OWNER, short))
    assert (change.op, marked(change)) == (Op.MOVED, short)


def test_moved_and_edited():
    edited = MAYOR.replace("at night", "in the morning")
    (change,) = changes(document(MAYOR, FIRE, OWNER, ROAD), document(FIRE, OWNER, edited, ROAD))
    assert change.op is Op.MOVED
    assert marked(change) == MAYOR.replace("at night", "{-at night-}{+in the morning+}")
    moved, own = changes(
        document(OWNER, FIRE, MAYOR, ROAD), document(FIRE, MAYOR, OWNER.replace("in May", "in June"), ROAD)
    )
    assert (moved.op, marked(moved)) == (Op.MOVED, OWNER[:67])
    assert (own.op, marked(own)) == (Op.EDITED, "A buyer was found in {-May-}{+June+}.")


def test_a_short_heading_goes_with_what_it_heads():
    heading = Block(K.HEADING, "Money")
    found = changes(document(heading, OWNER, FIRE, MAYOR, ROAD), document(FIRE, MAYOR, ROAD, heading, OWNER))
    assert [(change.op, marked(change)) for change in found] == [(Op.MOVED, "Money"), (Op.MOVED, OWNER)]


def test_a_short_sentence_that_turns_up_elsewhere_has_not_moved():
    before = document(FIRE + " He agreed.", MAYOR, OWNER, ROAD)
    after = document(FIRE, MAYOR, OWNER, ROAD + " He agreed.")
    assert [change.op for change in changes(before, after)] == [Op.REMOVED, Op.ADDED]


def test_what_was_moved_and_edited_is_not_taken_for_its_replacement():
    moved = OWNER.replace("this summer", "this winter")
    found = shown(document(FIRE, OWNER, MAYOR, ROAD), document(FIRE, "The mill was built in 1890.", MAYOR, ROAD, moved))
    assert found == [
        "added body: {+The mill was built in 1890.+}",
        "edited body: The owner of the mill had planned to sell the building this {-summer-}{+winter+}.",
        "moved body: A buyer was found in May.",
    ]


def test_a_sentence_cut_elsewhere_is_no_change():
    before = '"They need more of it," says Ward. "And soon, since the others are quicker."'
    after = before + " Nobody else would comment on the plan."
    assert [change.op for change in changes(document(before), document(after))] == [Op.ADDED]


# --- typography ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('He said "no" twice.', "He said “no” twice.", 'He said {-"-}{+“+}no{-"-}{+”+} twice.'),
        ("It's late - too late.", "It’s late – too late.", "{-It's-}{+It’s+} late {---}{+–+} too late."),
        ("Ten\u00a0km away.", "Ten km away.", "Ten{-\u00a0-}{+ +}km away."),
        ("Wait…", "Wait...", "Wait{-…-}{+...+}"),
        ("One.  Two follows.", "One. Two follows.", "One. {- -}"),
        ("It was -5 degrees.", "It was 5 degrees.", "It was {--5-}{+5+} degrees."),
        ("About 3,000 came.", "About 3.000 came.", "About {-3,000-}{+3.000+} came."),
        ("They met us.", "They met US.", "They met {-us-}{+US+}."),
    ],
)
def test_small_marks_are_real_changes(old, new, expected):
    (change,) = changes(document(old), document(new))
    assert (change.op, marked(change)) == (Op.EDITED, expected)


def test_retypeset_text_that_was_also_split_and_moved_keeps_its_shape():
    quote = "“We were lucky,” she said. “It's over now.”"
    found = changes(document(quote, FIRE, OWNER), document(FIRE, OWNER, quote.replace("“", '"').replace("”", '"')))
    assert [change.op for change in found] == [Op.MOVED]


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("He said “x” and “y” today.", "He said “y” today.", "He said {-“x” and -}“y” today."),
        ("See (a) (b) below.", "See (b) below.", "See {-(a) -}(b) below."),
        ("He runs.", "He runs fast.", "He runs{+ fast+}."),
        ("in May", "late in May", "{+late +}in May"),
        ("U.S. troops left", "UK troops left", "{-U.S.-}{+UK+} troops left"),
        ("外交部长星期一发言", "外交部长星期二发言", "外交部长星期{-一-}{+二+}发言"),
        ("a man of 45 from Leeds", "two women in a car", "{-a man of 45 from Leeds-}{+two women in a car+}"),
        ("cafe\u0301 noir", "café noir", "{-cafe\u0301-}{+café+} noir"),
        ("", "new", "{+new+}"),
        (" ", "\t", "{- -}{+\t+}"),
    ],
)
def test_words(old, new, expected):
    assert marked(Change("", Op.EDITED, Field.BODY, (), (), edits(old, new))) == expected


def test_a_coincidence_between_two_larger_edits_goes_with_them():
    old = "Regulators opened an investigation of the company and its directors after complaints last year."
    new = "Regulators closed their case against the other firm after complaints last year."
    assert "{-opened an investigation of the company and its directors-}" in marked(
        Change("", Op.EDITED, Field.BODY, (), (), edits(old, new))
    )


def test_characters_for_tokens_skip_the_surrogates():
    row = tokens(" ".join(f"w{number}" for number in range(0xD800 + 5)))
    letters, _ = words_module._encoded(row, ())
    assert len(set(letters)) == len(row)
    assert not any(0xD800 <= ord(letter) < 0xE000 for letter in letters)


# --- kinds of blocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [K.QUOTE, K.HEADING, K.ITEM, K.DEK, K.CAPTION, K.NOTICE])
def test_the_same_text_as_another_kind_of_block_is_no_change(kind):
    before, after = document(FIRE, MAYOR, ROAD), document(FIRE, Block(kind, MAYOR), ROAD)
    assert changes(before, after) == ()
    assert changes(after, before) == ()


def test_another_kind_of_block_and_other_quotation_marks():
    before = document(FIRE, "It's “over”, he said.", ROAD)
    after = document(FIRE, Block(K.DEK, 'It\'s "over", he said.'), ROAD)
    assert shown(before, after) == ['edited dek: It\'s {-“-}{+"+}over{-”-}{+"+}, he said.']


def test_a_caption_that_becomes_text_somewhere_else_is_two_changes():
    found = changes(document(Block(K.CAPTION, MAYOR), FIRE, OWNER), document(FIRE, OWNER, MAYOR))
    assert [(change.op, change.field) for change in found] == [(Op.REMOVED, Field.CAPTION), (Op.ADDED, Field.BODY)]


def test_fields_compare_with_their_own_kind():
    kinds = (K.HEADLINE, K.DEK, K.BYLINE)
    before = document(*map(Block, kinds, ("Mill burns", "Twelve hurt", "By Ann Low")), FIRE)
    after = document(*map(Block, kinds, ("Fire kills two", "Two dead", "By Ann Lowe")), FIRE)
    assert shown(before, after) == [
        "edited headline: {-Mill burns-}{+Fire kills two+}",
        "edited dek: {-Twelve hurt-}{+Two dead+}",
        "edited byline: By Ann {-Low-}{+Lowe+}",
    ]


def test_table_rows_by_their_first_cell_and_entries_by_their_time():
    def rows(*cells: str) -> list[Block]:
        return [Block(K.TABLE, cell) for cell in cells]

    assert shown(document(*rows("Leeds | 1", "York | 2")), document(*rows("Hull | 9", "Leeds | 4", "York | 2"))) == [
        "added table: {+Hull | 9+}",
        "edited table: Leeds | {-1-}{+4+}",
    ]
    noon, one = (Block(K.ENTRY, "Update", time=datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in (12, 13))
    named = replace(noon, text="Crews arrive")
    assert shown(document(one, FIRE, noon, MAYOR), document(one, FIRE, named, MAYOR)) == [
        "edited body: {-Update-}{+Crews arrive+}"
    ]
    assert changes(document(noon, MAYOR), document(one, FIRE, noon, MAYOR))[0].after == (Span(0, 0, "Update"),)


# --- notices ------------------------------------------------------------------------------------------------

NOTE = "Correction: An earlier version of this article misstated the number of people hurt."


def notice(text: str, placement: Placement = Placement.END) -> Block:
    return Block(K.NOTICE, text, placement=placement)


def test_a_notice_is_compared_as_one_notice():
    longer = NOTE + " It was twelve, not nine."
    assert shown(document(FIRE), document(FIRE, notice(NOTE))) == [f"added notice: {{+{NOTE}+}}"]
    assert shown(document(FIRE, notice(NOTE)), document(FIRE)) == [f"removed notice: {{-{NOTE}-}}"]
    (change,) = changes(document(FIRE, notice(NOTE)), document(FIRE, notice(longer)))
    assert (change.op, change.field, change.inserted) == (Op.EDITED, Field.NOTICE, " It was twelve, not nine.")


def test_a_notice_moves_when_it_crosses_text_that_stayed():
    (change,) = changes(document(notice(NOTE), FIRE, MAYOR), document(FIRE, MAYOR, notice(NOTE)))
    assert (change.op, change.field, change.before[0].block, change.after[0].block) == (Op.MOVED, Field.NOTICE, 0, 2)
    grown = changes(document(FIRE, notice(NOTE)), document(FIRE, notice(NOTE, Placement.BODY), MAYOR))
    assert [(change.op, change.field) for change in grown] == [(Op.ADDED, Field.BODY)]


# --- images and links ---------------------------------------------------------------------------------------


def image(alt: str, address: str, kind: BlockKind = K.IMAGE) -> Block:
    return Block(kind, alt, (Link(0, len(alt), address),))


def test_images():
    old, new = image("The mill", "https://img.example/1"), image("The mill", "https://img.example/2")
    assert shown(document(FIRE, old), document(FIRE, new)) == [
        "edited image: {-https://img.example/1-}{+https://img.example/2+}"
    ]
    (change,) = changes(document(FIRE, old), document(FIRE, image("The old mill", "https://img.example/1")))
    assert (change.field, marked(change)) == (Field.IMAGE, "The {+old +}mill")
    (change,) = changes(document(FIRE), document(FIRE, image("", "https://img.example/1")))
    assert (change.op, change.after, change.edits) == (Op.ADDED, (Span(1, 0, ""),), ())
    assert [change.field for change in changes(document(image("x", "u", K.EMBED)), document())] == [Field.IMAGE]


def linked(text: str, words: str, target: str | None) -> Block:
    start = text.index(words)
    return Block(K.PARAGRAPH, text, (Link(start, start + len(words), target),) if target else ())


def test_a_link_to_somewhere_else():
    old, new = linked(ROAD, "the river", "https://a.example/"), linked(ROAD, "the river", "https://b.example/")
    (change,) = changes(document(FIRE, old), document(FIRE, new))
    span = Span(1, ROAD.index("the river"), "the river")
    assert (change.op, change.field, change.before, change.after) == (Op.EDITED, Field.LINK, (span,), (span,))
    assert marked(change) == "{-https://a.example/-}{+https://b.example/+}"
    assert shown(document(linked(ROAD, "the river", None)), document(new)) == ["edited link: {+https://b.example/+}"]
    assert shown(document(old), document(ROAD)) == ["edited link: {-https://a.example/-}"]


def test_a_link_in_an_edited_sentence_is_a_change_of_its_own():
    after = linked(ROAD.replace("closed", "shut"), "the river", "https://b.example/")
    sentence, link = changes(document(linked(ROAD, "the river", "https://a.example/")), document(after))
    assert (sentence.field, len(sentence.before), sentence.deleted) == (Field.BODY, 2, "closed")
    assert (link.field, link.before[0].text) == (Field.LINK, "the river")


def test_a_link_that_only_grew_is_no_change():
    before, after = (
        linked(ROAD, "the river", "https://a.example/"),
        linked(ROAD, "along the river", "https://a.example/"),
    )
    assert changes(document(before), document(after)) == ()


# --- metadata -----------------------------------------------------------------------------------------------


def headed(headline: str, **facts: str) -> Document:
    return document(Block(K.HEADLINE, headline), FIRE, headline_h1=headline, **facts)


def test_a_headline_that_the_metadata_repeats_is_one_change():
    before = headed("Mill’s end", headline_og="Mill's end", headline_title="Mill's end | The Ledger")
    after = headed("Mill’s new owner", headline_og="Mill's new owner", headline_title="Mill's new owner | The Ledger")
    assert [change.field for change in changes(before, after)] == [Field.HEADLINE]


def test_a_title_that_only_machines_see():
    before = headed("Mill burns", headline_og="Mill burns", headline_title="Mill burns | The Ledger")
    after = headed("Mill burns", headline_og="Blaze at mill", headline_title="Blaze at mill | The Ledger")
    (change,) = changes(before, after)
    assert (change.field, change.before, change.after) == (
        Field.SEO_TITLE,
        (Span(None, 0, "Mill burns"),),
        (Span(None, 0, "Blaze at mill"),),
    )


def test_a_title_that_goes_another_way_than_the_headline():
    before, after = headed("Mill burns", headline_og="Mill burns"), headed("Mill fire", headline_og="Arson at the mill")
    found = changes(before, after)
    assert [change.field for change in found] == [Field.HEADLINE, Field.SEO_TITLE]


def test_published():
    before, other = headed("A", published_meta="2026-01-01T10:00:00Z"), headed("A", published_meta="2026-01-02")
    assert changes(before, headed("A", published_meta="2026-01-01T11:00:00+01:00")) == ()
    assert shown(before, other) == ["edited published: {-2026-01-01T10:00:00Z-}{+2026-01-02+}"]
    assert shown(headed("A"), other) == ["added published: {+2026-01-02+}"]


def test_other_facts_are_no_changes():
    facts = {"canonical_link": "https://a.example/1", "correction_json_ld": "We erred.", "headline_og": "A thing"}
    assert changes(headed("A"), headed("A", **facts)) == ()


def test_metadata_stands_after_the_text():
    after = document(Block(K.HEADLINE, "A"), FIRE, MAYOR, published_meta="soon")
    found = changes(headed("A", published_meta="2026-01-01"), after)
    assert [change.field for change in found] == [Field.BODY, Field.PUBLISHED]


# --- ids, and the same answer every time --------------------------------------------------------------------


def test_ids_name_the_pair_the_texts_and_the_occurrence():
    line = "The same line stands here twice."
    first, second = changes(document(FIRE), document(FIRE, line, line))
    assert first.id == change_id(PAIR, Field.BODY, (), (line,), 0) == "24f3b31763a3af8f"
    assert second.id == change_id(PAIR, Field.BODY, (), (line,), 1)
    (other,) = diff(document(FIRE), document(FIRE, line), replace(PAIR, after="later")).changes
    assert other.id not in {first.id, second.id}
    assert diff(document(FIRE), document(FIRE, line)).pair.branch == ""


def test_the_same_bytes_whatever_the_hash_seed_and_the_load():
    program = """
from tests.test_diff_blocks import *
before = document(FIRE, MAYOR, OWNER, ROAD, *[f"Item {n % 3} of the list." for n in range(9)], *rows(*TABLE).blocks)
shut = ROAD.replace("closed", "shut")
after = document(MAYOR, FIRE[:51], FIRE[52:], shut, *[f"Item {n % 4} of the list." for n in range(9)])
table = rows(TABLE[0], TABLE[3], "Blue | 15 | 36", TABLE[1])
entries = long_blog(12)
print(repr(changes(before, Document((*after.blocks, *table.blocks), language="en"))))
print(repr(changes(blog(*entries), blog(entry(13, "Update", "他说没有问题。"), *reversed(entries)))))
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
        )
        for seed in ("0", "1", "77", "4242", "random", "random")
    ]  # all at once, so that each is slowed by the others
    outputs = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0] * len(running)
    assert len(outputs) == 1
    assert b"Op.SPLIT" in outputs.pop()


# --- budgets ------------------------------------------------------------------------------------------------


def test_one_line_of_ten_megabytes():
    line = "All the words of a very long line without an end " * 200_000
    (change,) = changes(document(line + "stop here"), document(line + "go on here"))
    assert (change.deleted, change.inserted) == ("stop", "go on")
    (change,) = changes(document("a" * 10**7), document("a" * 10**7 + "b"))
    assert [edit.op for edit in change.edits] == [EditOp.DELETE, EditOp.INSERT]


def test_more_words_than_can_be_compared_are_shown_whole(monkeypatch):
    before, after = "one two three four five six seven", "one two 3 four five 6 seven"
    assert len(edits(before, after)) == 7
    monkeypatch.setattr(words_module, "TOKEN_PAIRS", 48)
    assert len(edits(before, after)) == 2


def test_more_repeats_than_can_be_compared_pair_in_order(monkeypatch):
    monkeypatch.setattr(sys.modules["tracker.diff.align"], "EQUAL_PAIRS", 3)
    before = document("x y z a.", "b.", "x y z a.", "b.", "c d.")
    after = document("q.", "b.", "x y z a.", "b.", "x y z a.", "c d.", "r.")
    assert {change.op for change in changes(before, after)} <= {Op.ADDED, Op.REMOVED, Op.EDITED, Op.MOVED}


def test_two_long_texts_with_nothing_in_common():
    def text(seed: int) -> Document:
        return document(*(" ".join(f"w{seed}{(n * 37 + k) % 997}" for k in range(40)) + "." for n in range(1000)))

    found = changes(text(1), text(2))
    assert {change.op for change in found} == {Op.ADDED, Op.REMOVED}
    assert len(found) == 2000


# --- the check ----------------------------------------------------------------------------------------------


def broken(result: Diff, change: Change) -> Diff:
    return replace(result, changes=(change, *result.changes[1:]))


def test_a_comparison_that_loses_something_fails_loudly():
    result = diff(document(FIRE, MAYOR), document(FIRE.replace("Twelve", "Nine"), MAYOR, ROAD), PAIR)
    check(result, {})
    edited = result.changes[0]
    with pytest.raises(RuntimeError, match="not made of its edits"):
        check(broken(result, replace(edited, edits=edited.edits[1:])), {})
    with pytest.raises(RuntimeError, match="do not stand in the text"):
        check(broken(result, replace(edited, before=(replace(edited.before[0], start=3),))), {})
    with pytest.raises(RuntimeError, match="overlap"):
        check(replace(result, changes=(edited, *result.changes)), {})
    with pytest.raises(RuntimeError, match="do not make up both sides"):
        check(replace(result, changes=result.changes[:1]), {})
