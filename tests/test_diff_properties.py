"""What holds for every pair of documents. Small vocabularies, so that repeats, moves, splits and merges happen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.diff import diff
from tracker.diff.words import edits, row_edits
from tracker.model import (
    Block,
    BlockKind,
    Change,
    Content,
    Diff,
    Document,
    Edit,
    EditOp,
    Field,
    Link,
    Op,
    Placement,
    Span,
)

WORDS = [
    "the",
    "mayor",
    "said",
    "not",
    "3,000",
    "police",
    "–",
    "“no”",
    "‘no’",
    "it’s",
    "it's",
    "denied",
    "U.S.",
    "東京",
    "ภาษาไทย",
    "မြန်မာ",
    "قال",
    "عِبْرِית",
    "e\u0301t",
    "👩‍👩‍👧",
    "🇩🇪🇫🇷",
    "\u202ebca\u202c",
    "a.b@c.example",
]
SPACES = st.sampled_from([" ", " ", " ", " ", "  ", "\u00a0", "\n"])
ENDS = st.sampled_from([". ", ". ", ".", "! ", "。", "? "])


@st.composite
def sentences(draw):
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9))
    text = words[0].capitalize()
    for word in words[1:]:
        text += draw(SPACES) + word
    return text + draw(ENDS)


POOL = st.shared(st.lists(sentences(), min_size=3, max_size=8), key="pool")
ADDRESSES = ["https://a.example/1", "https://a.example/2", "https://b.example/"]
KINDS = [*[BlockKind.PARAGRAPH] * 12, *BlockKind]


@st.composite
def blocks(draw, kinds=KINDS):
    kind = draw(st.sampled_from(kinds))
    if kind is BlockKind.TABLE:
        cells = draw(st.lists(st.sampled_from(["Leeds", "York", "12", "13", "no one", ""]), min_size=1, max_size=4))
        return Block(kind, " | ".join(cells).strip() or "x")
    text = "".join(draw(st.lists(st.sampled_from(draw(POOL)), min_size=1, max_size=4))).strip() or "x"
    if kind in {BlockKind.IMAGE, BlockKind.EMBED}:
        text = draw(st.sampled_from(["", text]))
        return Block(kind, text, (Link(0, len(text), draw(st.sampled_from(ADDRESSES))),))
    if kind is BlockKind.ENTRY:
        return Block(kind, text, time=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 2))))
    placement = draw(st.sampled_from(Placement)) if kind is BlockKind.NOTICE else None
    links: tuple[Link, ...] = ()
    if draw(st.booleans()):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        links = (Link(start, end, draw(st.sampled_from(ADDRESSES))),)
    return Block(kind, text, links, placement=placement)


@st.composite
def contents(draw):
    titles = st.sampled_from(["Mayor out", "Mayor quits", "Mayor quits | The Ledger", "Mayor out | The Ledger"])
    dates = st.sampled_from(["2026-01-01", "2026-01-01T10:00Z", "2026-01-01T11:00+01:00", "soon"])
    keys = {"headline/og": titles, "headline/title": titles, "published/json-ld": dates, "published/meta": dates}
    chosen = draw(st.sets(st.sampled_from(sorted(keys))))
    return Content(tuple((key, draw(keys[key])) for key in sorted(chosen)))


DOCUMENTS = st.builds(Document, st.lists(blocks(), max_size=7).map(tuple), contents(), st.just("en"))


@st.composite
def edited(draw):
    """A document and what some hands made of it: blocks moved, dropped, doubled, split, merged, put in, retyped."""
    before = draw(DOCUMENTS)
    after = list(before.blocks)
    for _ in range(draw(st.integers(0, 3))):
        act = draw(st.sampled_from(["move", "drop", "double", "split", "merge", "put", "retype"]))
        place = draw(st.integers(0, max(len(after) - 1, 0)))
        if act == "put" or not after:
            after.insert(place, draw(blocks()))
            continue
        block = after[place]
        if act in {"move", "drop"}:
            del after[place]
        if act in {"move", "double"}:
            after.insert(draw(st.integers(0, len(after))), block)
        if act == "split" and " " in block.text.strip():
            cut = draw(st.sampled_from([at for at, mark in enumerate(block.text) if mark == " "]))
            if block.text[:cut] and block.text[cut + 1 :]:
                after[place : place + 1] = [
                    Block(block.kind, block.text[:cut]),
                    Block(block.kind, block.text[cut + 1 :]),
                ]
        if act == "merge" and place + 1 < len(after):
            after[place : place + 2] = [Block(block.kind, f"{block.text} {after[place + 1].text}".strip() or "x")]
        if act == "retype" and block.text:
            after[place] = Block(
                draw(st.sampled_from([BlockKind.PARAGRAPH, BlockKind.DEK, BlockKind.QUOTE])), block.text
            )
    return before, Document(tuple(after), draw(contents()), before.language)


def of_kind(kind: BlockKind) -> st.SearchStrategy[tuple[Document, Document]]:
    """Two documents that are mostly a table, a live blog, a list, notices, or one line again and again."""
    documents = st.builds(
        Document, st.lists(blocks([kind, kind, kind, BlockKind.PARAGRAPH]), max_size=9).map(tuple), language=LANGUAGES
    )
    return st.tuples(documents, documents)


LANGUAGES = st.sampled_from(["en", "zh", "th", "ar", None])
OF_ONE_KIND = st.sampled_from([BlockKind.TABLE, BlockKind.ENTRY, BlockKind.ITEM, BlockKind.NOTICE]).flatmap(of_kind)
PAIRS = st.one_of(edited(), edited(), OF_ONE_KIND, st.tuples(DOCUMENTS, DOCUMENTS))


def text_of(spans: Sequence[Span]) -> str:
    return "\n\n".join(span.text for span in spans)


def holds_targets(change: Change) -> bool:
    return change.field is Field.LINK or (
        change.field is Field.IMAGE and text_of(change.before) == text_of(change.after)
    )


def uncovered(document: Document, spans) -> list[str]:
    """The characters, sorted, that no span covers, but white space; fails on spans that overlap or lie elsewhere."""
    by_block = defaultdict(list)
    for span in spans:
        by_block[span.block].append(span)
    rest = []
    for place, block in enumerate(document.blocks):
        at = 0
        for span in sorted(by_block[place], key=lambda span: (span.start, len(span.text))):
            assert span.start >= at, "spans overlap"
            assert block.text[span.start : span.start + len(span.text)] == span.text
            rest.append(block.text[at : span.start])
            at = span.start + len(span.text)
        rest.append(block.text[at:])
    return sorted("".join("".join(rest).split()))


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_edits_and_spans_are_both_sides(pair):
    before, after = pair
    found = diff(before, after)
    for change in found.changes:
        if holds_targets(change):
            assert text_of(change.before) == text_of(change.after)
            continue
        kept = [edit for edit in change.edits if edit.op is not EditOp.INSERT]
        assert "".join(edit.text for edit in kept) == text_of(change.before)
        kept = [edit for edit in change.edits if edit.op is not EditOp.DELETE]
        assert "".join(edit.text for edit in kept) == text_of(change.after)
        assert bool(change.before) == (change.op is not Op.ADDED)
        assert bool(change.after) == (change.op is not Op.REMOVED)
    old = uncovered(before, [span for change in found.changes for span in change.before])
    new = uncovered(after, [span for change in found.changes for span in change.after])
    assert old == new
    assert in_order_and_named(found)


def in_order_and_named(found: Diff) -> bool:
    """Changes stand in the order of the new text, metadata last, and each has an id of its own."""
    spans = [change.after[0] for change in found.changes if change.after]
    places = [(span.block is None, span.block or 0, span.start) for span in spans]
    return places == sorted(places) and len({change.id for change in found.changes}) == len(found.changes)


OTHER_WAY = {Op.ADDED: Op.REMOVED, Op.REMOVED: Op.ADDED, Op.SPLIT: Op.MERGED, Op.MERGED: Op.SPLIT}


def as_seen(change: Change) -> tuple[object, ...]:
    """All of a change but its id; a delete and the insert beside it have no order of their own."""
    old = [(edit.op is EditOp.EQUAL, edit.text) for edit in change.edits if edit.op is not EditOp.INSERT]
    new = [(edit.op is EditOp.EQUAL, edit.text) for edit in change.edits if edit.op is not EditOp.DELETE]
    return change.op, change.field, change.before, change.after, old, new


def mirror(change: Change) -> tuple[object, ...]:
    op, field, before, after, old, new = as_seen(change)
    return OTHER_WAY.get(change.op, op), field, after, before, new, old


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_swapping_the_sides_gives_the_mirror(pair):
    there, back = diff(*pair), diff(*pair[::-1])
    assert sorted(map(repr, map(as_seen, there.changes))) == sorted(map(repr, map(mirror, back.changes)))


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_nothing_changes_in_the_same_document(document):
    assert diff(document, document).changes == ()


TEXTS = st.lists(
    st.sampled_from([*WORDS, " ", " ", "  ", ", ", "\n\n", "\u00ad", "e\u0301", "👩‍👩‍👧", "กำ", "\ud800", "\u0301"]),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("long", [3, 20_000])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TEXTS, new=TEXTS)
def test_words_rebuild_and_stand_in_normal_form(monkeypatch, long, old, new):
    monkeypatch.setattr("tracker.diff.words.LONG", long)
    found = edits(old, new)
    assert "".join(edit.text for edit in found if edit.op is not EditOp.INSERT) == old
    assert "".join(edit.text for edit in found if edit.op is not EditOp.DELETE) == new
    assert all(edit.text for edit in found)
    ops = [edit.op for edit in found]
    following = {(EditOp.EQUAL, EditOp.DELETE), (EditOp.EQUAL, EditOp.INSERT), (EditOp.DELETE, EditOp.INSERT)}
    following |= {(EditOp.DELETE, EditOp.EQUAL), (EditOp.INSERT, EditOp.EQUAL)}
    assert set(pairwise(ops)) <= following


def borders(found: Sequence[Edit], other: EditOp) -> set[int]:
    """Where one edit ends and the next begins, on the side that has no `other` edits."""
    lengths = [len(edit.text) for edit in found if edit.op is not other]
    return set(accumulate(lengths)) - {sum(lengths)}


@settings(max_examples=200, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_no_mark_cuts_a_cluster(old, new):
    """No letter loses its accent, no family a child and no flag a half; a mark on white space belongs to nobody."""
    found = edits(old, new)
    for text, other in ((old, EditOp.INSERT), (new, EditOp.DELETE)):
        ends = {match.end() for match in regex.finditer(r"\X", text)}
        for at in borders(found, other) - ends:
            assert text[at - 1].isspace() or text[at].isspace()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["Red", "Blue", "12", "13", "a b", ""]), min_size=1, max_size=5), st.data())
def test_no_mark_spans_two_cells(cells, data):
    other = [data.draw(st.sampled_from([cell, "14", "no one"])) for cell in cells]
    for edit in row_edits(" | ".join(cells), " | ".join(other)):
        assert edit.op is EditOp.EQUAL or "|" not in edit.text
