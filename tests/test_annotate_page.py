"""One page alone: what a note speaks of, and what an editor would look at. And what holds of any report."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.annotate import annotate, notices_on_page, slips
from tracker.diff import diff
from tracker.model import (
    Block,
    BlockKind,
    ClaimState,
    Disclosure,
    Document,
    Label,
    NoticeKind,
    NoticeStatus,
    Result,
    SlipKind,
    Stated,
    Verdict,
)

SEED = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"
DENIAL = "But the Pentagon says"
FURNITURE = ("Get The Beast", "Daily Digest", "Start and finish", "Cheat Sheet", "A speedy", "By clicking")


def document(*paragraphs: str, language: str | None = "en") -> Document:
    return Document(tuple(Block(BlockKind.PARAGRAPH, text) for text in paragraphs), language=language)


# --- the seed story -------------------------------------------------------------------------------------------------


def seed_paragraphs() -> list[str]:
    if not SEED.exists():
        pytest.skip("the seed story is not beside the checkout")
    found = [text.strip() for text in SEED.read_text(encoding="utf-8").split("\n\n")]
    return [text for text in found if text and not text.startswith(FURNITURE)]


def test_the_seed_story_before_and_after_the_denial() -> None:
    paragraphs = seed_paragraphs()
    first = next(place for place, text in enumerate(paragraphs) if text.startswith(DENIAL))
    before = document(*paragraphs[:first], *paragraphs[first + 2 : -1])
    report = annotate(diff(before, document(*paragraphs)))
    body = [c for c in report.diff.changes if report.judgement(c).disclosure is not Disclosure.EXEMPT]
    assert [change.after[0].text for change in body] == paragraphs[first : first + 2]
    found = [{note.label for note in report.labels(change)} for change in body]
    assert Label.DENIAL_ADDED in found[0]
    assert Label.DENIAL_ADDED not in found[1]
    assert Label.RESPONSE_ADDED in found[1]
    assert next(note.evidence for note in report.labels(body[0])) == ("isn't so",)
    (notice,) = report.notices
    assert (notice.kind, notice.status) == (NoticeKind.UPDATE, NoticeStatus.ADDED)
    assert notice.stated == Stated("3:13 PM", time="15:13", date=None, zone=None)
    (claim,) = notice.claims
    assert claim.text == "include a denial from the Pentagon"
    assert claim.state is ClaimState.MATCHED
    assert [named.change for named in claim.changes] == [change.id for change in body]
    assert (report.verdict, report.result) == (Verdict.DISCLOSED, Result.CHANGED)


def test_the_seed_page_alone() -> None:
    paragraphs = seed_paragraphs()
    first = next(place for place, text in enumerate(paragraphs) if text.startswith(DENIAL))
    (reading,) = notices_on_page(document(*paragraphs))
    assert reading.notice.text == paragraphs[-1]
    assert [passage.text for passage in reading.passages] == paragraphs[first : first + 2]
    assert any("speaker: Pentagon" in reason for reason in reading.passages[0].reasons)
    assert any("right after" in reason for reason in reading.passages[1].reasons)


def test_the_slips_of_the_seed() -> None:
    found = {slip.forms: slip for slip in slips(document(*seed_paragraphs()))}
    assert set(found) == {
        ("ready to ready to",),
        ("that that",),
        ("Sejari", "Seijari", "Sefjari"),
        ("Nagata", "Negata"),
        ("al-Saket", "al-Shaket"),
    }
    assert "declares Seijari an alternate spelling" in found["Sejari", "Seijari", "Sefjari"].remark


# --- pages of our own -----------------------------------------------------------------------------------------------

STORY = (
    "The wall of Quillmouth cracked in the winter, the harbour office said.",
    "Contractor Halvorsen Freight built it, and Halvorsen Freight was paid for it.",
    "The ferry office later denied that its captain was leaving. He had met Halvorsen Freight in March.",
)


def test_the_answer_is_found_by_its_speaker_and_not_by_the_word_alone() -> None:
    note = "UPDATE: This story has been updated to include a denial from Halvorsen Freight."
    denial = "Halvorsen Freight denied the claims on Monday."
    (reading,) = notices_on_page(document(*STORY[:2], denial, STORY[2], note))
    assert [passage.text for passage in reading.passages] == [denial]


def test_a_correction_points_to_what_is_right() -> None:
    note = "Correction: An earlier version misstated the age of Ines Okafor. She is 42, not 24."
    right = "Ines Okafor, 42, runs the fish market of Quillmouth."
    (reading,) = notices_on_page(document(STORY[0], right, *STORY[1:], note))
    assert [passage.text for passage in reading.passages] == [right]


def test_a_vague_note_points_nowhere() -> None:
    (reading,) = notices_on_page(document(*STORY, "This story has been updated."))
    assert reading.passages == ()
    assert notices_on_page(document(*STORY)) == ()


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("He went to the the hall.", ("the the",)),
        ("They were ready to ready to go.", ("ready to ready to",)),
        ("The the flames rose.", ("The the",)),
        ("It burned. The the flames rose.", ("The the",)),
    ],
)
def test_doubled_words(text: str, forms: tuple[str, ...]) -> None:
    assert [(slip.kind, slip.forms) for slip in slips(document(text))] == [(SlipKind.DOUBLED_WORD, forms)]


@pytest.mark.parametrize(
    "text",
    [
        "He had had enough of it.",
        "It was very very late.",
        "They sang in Bora Bora and in Baden Baden.",
        "Rose rose to speak.",
        "She saw The the band.",
        "It went on and on and on.",
        "It is what it is, is it not?",
        "Aye. Aye, he said.",
    ],
)
def test_doubles_that_are_meant(text: str) -> None:
    assert slips(document(text)) == ()


def test_one_name_spelled_two_ways() -> None:
    (slip,) = slips(document("There Tomas Dussault spoke, and Tomas Dussault left.", "Later Tomas Dussalt came back."))
    assert (slip.kind, slip.forms, slip.where) == (
        SlipKind.NAME_SPELLING,
        ("Dussault", "Dussalt"),
        ((0, 12), (1, 12)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "The envoys of Iran and of Iraq met in the Syrian port, and Syria was told.",
        "There was John Carter, and there was Jane Cartor.",
        "They came from Arabia and spoke Arabic.",
    ],
)
def test_two_names_are_two_names(text: str) -> None:
    assert slips(document(text)) == ()


def test_other_languages_bend_names_and_are_left_alone() -> None:
    assert slips(document("Man sah Frau Ihnen und Frau Ihren dort.", language="de")) == ()


def test_two_tolls_for_the_same_people() -> None:
    (slip,) = slips(document("In Arlo, 12 people were killed by it.", "All Arlo mourns: 13 people were killed by it."))
    assert (slip.kind, slip.forms, slip.where) == (
        SlipKind.NUMBERS_DISAGREE,
        ("12 people were killed", "13 people were killed"),
        ((0, 9), (1, 17)),
    )


def headed(headline: str, *paragraphs: str) -> Document:
    blocks = document(*paragraphs).blocks
    return Document((Block(BlockKind.HEADLINE, headline), *blocks), language="en")


def test_a_toll_that_is_greater_than_the_headline_says() -> None:
    (slip,) = slips(headed("12 people killed in Arlo flood", "The flood came. In Arlo 21 people were killed, it said."))
    assert (slip.kind, slip.forms) == (SlipKind.NUMBERS_DISAGREE, ("12 people killed", "21 people were killed"))


@pytest.mark.parametrize(
    "texts",
    [
        ("Flood", "In Arlo 12 people were killed by it, and 13 people were hurt."),
        ("Flood", "In all 12 people were killed by it.", "There 13 people were killed by it."),
        ("Flood", "In Arlo 12 people were killed.", "In Quillmouth 13 people were killed."),
        ("Flood", "In Arlo 12 people were killed.", "In Arlo 13 people were killed.", "In Arlo 14 people were killed."),
        ("Flood", "In Arlo 12 people were killed by it.", "In Arlo, another 13 people were killed."),
        ("12 people killed in Arlo flood", "At the bridge 3 people were killed."),
        ("12 people killed in Arlo flood", "In all 12 people were killed.", "In all 21 people were killed."),
        ("12 people killed in Arlo flood", "In 1953, 130 people were killed by a flood."),
        ("12 people killed in Arlo flood", "In Quillmouth 130 people were killed."),
        ("12 people killed in Arlo flood", "At least 20 people were killed."),
        ("At least 12 people killed in Arlo flood", "In all 21 people were killed."),
    ],
)
def test_other_tolls_and_rough_ones_do_not_disagree(texts: tuple[str, ...]) -> None:
    assert slips(headed(*texts)) == ()


# --- any two documents ----------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "Okafor denied the claims.",
        "He said 12 people, not 21, died on Monday.",
        "“We never knew,” a spokesman said in a statement.",
        "Update: This story was updated to add a denial from Okafor.",
        "Correction: An earlier version misstated the toll. It was 21, not 12.",
        "This story has been updated.",
        "May 31, 3:20 PM",
        "not",
        "Ça a coûté 3,5 millions € à Zürich !",
        "日本語の文。",
        "  ",
    ]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(min_size=1, max_size=40)), min_size=1, max_size=3).map(" ".join)
BLOCKS = st.builds(
    Block, st.sampled_from([BlockKind.HEADLINE, BlockKind.PARAGRAPH, BlockKind.NOTICE, BlockKind.CAPTION]), TEXTS
)
DOCUMENTS = st.builds(
    Document, st.lists(BLOCKS, max_size=4).map(tuple), language=st.sampled_from([None, "en", "de-AT", "x"])
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_any_two_documents_have_a_report(before: Document, after: Document) -> None:
    made = diff(before, after)
    report = annotate(made)
    assert report == annotate(made)
    assert [judgement.change for judgement in report.judgements] == [change.id for change in made.changes]
    ids = {change.id for change in made.changes}
    assert {note.change for note in report.annotations} <= ids
    assert {named.change for notice in report.notices for claim in notice.claims for named in claim.changes} <= ids
    assert all(note.evidence for note in report.annotations)
    assert (report.result is Result.UNCHANGED) == (not made.changes)
    told = {notice.id for notice in report.notices}
    assert all(judgement.notice is None or judgement.notice in told for judgement in report.judgements)
    assert len(told) == len(report.notices)


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_any_page_can_be_read_alone(page: Document) -> None:
    for reading in notices_on_page(page):
        assert all(page.blocks[passage.block].text == passage.text for passage in reading.passages)
    for slip in slips(page):
        assert all(0 <= start <= len(page.blocks[block].text) for block, start in slip.where)
