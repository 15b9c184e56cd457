"""What a claim tells of a change, and what it does not: values with their units, direction, dates, removals, answers.

Each table has notes that tell of the edit beside notes that only look like it: a change that a note puts right is
never silent, and a note about something else, or that says the contrary, never discloses.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.annotate import annotate, notices_on_page
from tracker.diff import diff
from tracker.model import (
    Block,
    BlockKind,
    ClaimState,
    Disclosure,
    Document,
    Label,
    Op,
    Placement,
    Report,
    Side,
    Stated,
)
from tracker.normalize import document_from_text

BODY = (
    "The Tarnholm council agreed on Tuesday to rebuild the ferry pier for £14 million, after a year of talks.",
    "Work on the pier will begin in March 2025, officials said. A hearing will be held on 14 June.",
    "“I will never vote for a pier that blocks the light,” Councillor Edwin Marsh said. He left before the vote.",
    "Lowther Marine, the firm that drew the plan, did not respond to a request for comment.",
    "Provost Ailsa Guthrie said that 340 berths would be saved, and that 12 ferries could dock.",
    "The bay is home to 25 pairs of terns, according to the Shore Trust, which keeps a hut near the old pier.",
    "Divers had warned in 2019 that the old pier would not survive another storm.",
)
PAIRS = Path(__file__).parents[1].parent / "shared" / "data" / "pairs" / "18f.jsonl"
SILENT, UNSPECIFIC, DISCLOSED = Disclosure.SILENT, Disclosure.UNSPECIFIC, Disclosure.DISCLOSED


def page(*paragraphs: str, note: str = "") -> Document:
    blocks = [Block(BlockKind.HEADLINE, "Tarnholm will build a new pier")]
    blocks += [Block(BlockKind.PARAGRAPH, text) for text in paragraphs if text]
    blocks += [Block(BlockKind.NOTICE, note, placement=Placement.END)] if note else []
    return Document(tuple(blocks), language="en")


def edited(old: str, new: str, note: str) -> Report:
    """The body with one edit and one note."""
    assert any(old in text for text in BODY)
    after = page(*(text.replace(old, new) for text in BODY), note=note)
    return annotate(diff(page(*BODY), after))


def disclosure(report: Report) -> Disclosure:
    """That of the one change that is not the note's own."""
    (found,) = {one.disclosure for one in report.judgements if one.disclosure is not Disclosure.EXEMPT}
    return found


COST = ("£14 million", "£41 million")
BERTHS = ("340 berths", "430 berths")
STARTS = ("March 2025", "April 2025")
HEARING = ("14 June", "15 June")
WARNED = ("in 2019", "in 2018")
NAME = ("Ailsa Guthrie", "Ailsa Guthry")
NEGATION = ("would not survive", "would survive")
QUOTE = ("blocks the light", "spoils the light")
EARLIER = "This article was amended on 2 May 2024. An earlier version said "

TOLD = [
    (COST, EARLIER + "that the pier would cost £14m. It will cost £41m."),
    (COST, "Correction: The cost of the pier is £41m, not £14m."),
    (COST, "Correction: The pier will cost 41 million pounds, not 14 million."),
    (COST, "Correction: The cost of the pier in millions of pounds is 41, not 14."),
    (("£14 million", "£1.4 billion"), "Correction: The cost is £1.4bn, not £14m."),
    (("£14 million", "£1.4bn"), EARLIER + "that the pier would cost £14m. It will cost £1.4 billion."),
    (("£14 million", "£14.5 million"), "Correction: The cost is £14.5m, rather than £14m."),
    (BERTHS, "Correction: An earlier version misstated the number of berths. It is 430, not 340."),
    (BERTHS, "Correction: The number of berths is not 340 but 430."),
    (BERTHS, "Correction: An earlier version wrongly said 340 berths rather than 430 would be saved."),
    (BERTHS, "This article was corrected to change the number of berths from 340 to 430."),
    (STARTS, EARLIER + "that the work would begin in March 2025. It will begin in April."),
    (STARTS, "Correction: The work will begin in April, not March."),
    (HEARING, "Correction: The hearing is on the 15th, not the 14th."),
    (HEARING, "Correction: The hearing is on June 15, not June 14."),
    (WARNED, "Correction: The divers gave their warning in 2018, not 2019."),
    (NAME, "Correction: The provost is Ailsa Guthry, not Ailsa Guthrie."),
    (NEGATION, EARLIER + "that the old pier would not survive another storm. It would."),
    (QUOTE, "Correction: An earlier version misquoted Councillor Edwin Marsh."),
    (BERTHS, "Correction: An earlier version misstated the number of moorings. It is 430, not 340."),
    (("25 pairs", "28 pairs"), "Correction: An earlier version misstated the number of birds. It is 28, not 25."),
    (
        ("12 ferries", "14 ferries"),
        "Correction: The number of ships that could dock, and be berths to others, is 14, not 12.",
    ),
]


@pytest.mark.parametrize(("edit", "note"), TOLD)
def test_a_note_that_puts_it_right_discloses(edit: tuple[str, str], note: str) -> None:
    report = edited(*edit, note)
    assert disclosure(report) is DISCLOSED
    assert ClaimState.MATCHED in {claim.state for claim in report.notices[0].claims}


ANOTHER_THING = [
    (BERTHS, "Correction: An earlier version misstated the cost. It is £430 million, not £340 million."),
    (BERTHS, "Correction: The firm was paid £430, not £340."),
    (("12 ferries", "14 ferries"), "Correction: The cost of the pier is £14 million, not £12 million."),
    (("25 pairs", "28 pairs"), "Correction: The meeting was on the 28th, not the 25th."),
    (WARNED, "Correction: The council agreed on it in 2023, not 2021."),
    (NAME, "Correction: An earlier version misspelled the name of Councillor Edwin Marsh."),
    (NAME, "Correction: An earlier version misspelled the name of Convener Edwin Marsh."),
    (QUOTE, "Correction: An earlier version misquoted Provost Ailsa Guthrie."),
]


@pytest.mark.parametrize(("edit", "note"), ANOTHER_THING)
def test_a_note_about_another_thing_excuses_nothing(edit: tuple[str, str], note: str) -> None:
    report = edited(*edit, note)
    assert disclosure(report) is SILENT
    assert ClaimState.MATCHED not in {claim.state for claim in report.notices[0].claims}


COUNTS_ANOTHER = [
    "Correction: An earlier version misstated the number of terns. It is 430, not 340.",
    "Correction: The number of terns is 430.",
    "Correction: An earlier version misstated how many pairs of terns there are.",
]


@pytest.mark.parametrize("note", COUNTS_ANOTHER)
def test_the_same_numbers_of_another_thing_disclose_nothing(note: str) -> None:
    report = edited(*BERTHS, note)
    assert disclosure(report) is UNSPECIFIC
    assert [claim.state for claim in report.notices[0].claims] == [ClaimState.UNMATCHED]
    assert not any(one.otherwise for one in report.judgements)


VAGUE = [
    "Minor edits were made to this article after publication.",
    "Minor edits were made.",
    "We have made some small changes for clarity and style.",
    "Editor’s note: This article was edited after publication.",
    "Editor’s note: Minor changes have been made.",
    "Update: small changes for readability.",
    "This story has been tweaked.",
    "This article was changed slightly to improve flow.",
]


@pytest.mark.parametrize("note", VAGUE)
def test_a_vague_note_leaves_nothing_silent(note: str) -> None:
    after = page(*(text.replace(*BERTHS).replace(*WARNED) for text in BODY), note=note)
    report = annotate(diff(page(*BODY), after))
    assert [one.disclosure for one in report.judgements if one.disclosure is not Disclosure.EXEMPT] == [UNSPECIFIC] * 2


@pytest.mark.parametrize(
    "note",
    [
        "Editor’s note: The author of this article is a member of the rowing club.",
        "This is a developing story and will be updated.",
        "Correction: An earlier version misspelled the name of Councillor Edwin Marsh.",
    ],
)
def test_a_note_that_is_about_something_else_is_not_vague(note: str) -> None:
    assert disclosure(edited(*BERTHS, note)) is SILENT


CONTRARY = [
    (BERTHS, "Correction: An earlier version misstated the number of berths. It is 350, not 340."),
    (BERTHS, "Correction: An earlier version said that 430 berths would be saved. The number is 340."),
    (BERTHS, "Correction: The number of berths is 340, not 430."),
    (COST, "Correction: The cost of the pier is £14m, not £41m."),
    (COST, EARLIER + "that the pier would cost £14m. It will cost £45m."),
    (WARNED, "Correction: The divers gave their warning in 2019, not 2018."),
    (STARTS, "Correction: The work will begin in March, not April."),
    (NAME, "Correction: The provost is Ailsa Guthrie, not Ailsa Guthry."),
    (NEGATION, EARLIER + "that the old pier would survive another storm. It would not."),
]


@pytest.mark.parametrize(("edit", "note"), CONTRARY)
def test_a_note_that_says_the_contrary_is_neither_silence_nor_disclosure(edit: tuple[str, str], note: str) -> None:
    report = edited(*edit, note)
    assert disclosure(report) is UNSPECIFIC
    assert [claim.state for claim in report.notices[0].claims] == [ClaimState.UNMATCHED]
    assert [one.otherwise for one in report.judgements if one.disclosure is UNSPECIFIC] == [True]


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("Correction: A paragraph about terns was removed because the figure could not be verified.", DISCLOSED),
        ("Correction: We have removed a paragraph about terns.", DISCLOSED),
        ("Correction: A paragraph about Councillor Edwin Marsh was removed because it could not be verified.", SILENT),
    ],
)
def test_a_claim_of_a_removal_looks_for_what_was_removed(note: str, wanted: Disclosure) -> None:
    report = edited(BODY[5], "", note)
    assert disclosure(report) is wanted
    assert ClaimState.ALREADY_THERE not in {claim.state for claim in report.notices[0].claims}


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ("This article was updated to include a denial from Lowther Marine.", ClaimState.UNMATCHED),
        ("This article was updated to add comment from the Shore Trust.", ClaimState.UNMATCHED),
        ("This article was updated to add a comment from Councillor Edwin Marsh.", ClaimState.ALREADY_THERE),
        ("This article was updated to include that £14m was agreed for the ferry pier.", ClaimState.ALREADY_THERE),
    ],
)
def test_only_what_stood_there_was_there_before(claim: str, state: ClaimState) -> None:
    report = annotate(diff(page(*BODY), page(*BODY, note=claim)))
    assert [one.state for one in report.notices[0].claims] == [state]


def test_a_denial_by_somebody_else_is_not_the_one_that_the_note_tells_of() -> None:
    note = "This article was updated to include a denial from Lowther Marine."
    report = edited("He left before", "Marsh denied taking money from a rival. He left before", note)
    assert disclosure(report) is UNSPECIFIC
    told = edited(
        "He left before",
        "Marsh denied taking money from a rival. He left before",
        note.replace("Lowther Marine", "Edwin Marsh"),
    )
    assert disclosure(told) is DISCLOSED


def test_a_note_that_tells_of_an_answer_before_it_speaks_of_the_update() -> None:
    note = "Update: Lowther Marine has denied the account, and the story has been updated to say so."
    denial = "Lowther Marine called the account false."
    report = annotate(diff(page(*BODY), page(*BODY[:4], denial, *BODY[4:], note=note)))
    assert disclosure(report) is DISCLOSED


def test_words_that_a_note_quotes_are_found_where_they_stand() -> None:
    note = "Correction: An earlier version misquoted Edwin Marsh. He said, “I will never vote for a pier that blocks”."
    (reading,) = notices_on_page(page(*BODY, note=note))
    assert [passage.text for passage in reading.passages] == [BODY[2]]


def dated(note: str, captured: datetime) -> Stated:
    after = page(*(text.replace(*BERTHS) for text in BODY), note=note)
    report = annotate(diff(page(*BODY), after), after=Side(captured_at=captured))
    (notice,) = report.notices
    assert notice.stated is not None
    return notice.stated


NOTE = "Correction, {}: An earlier version misstated the number of berths. It is 430, not 340."


@pytest.mark.parametrize(
    ("stamp", "captured", "date", "assumed"),
    [
        ("May 2", datetime(2015, 5, 3, tzinfo=UTC), "2015-05-02", ("year of capture",)),
        ("May 2", datetime(2015, 5, 1, 23, tzinfo=UTC), "2015-05-02", ("year of capture",)),
        ("Dec. 30", datetime(2016, 1, 2, tzinfo=UTC), "2015-12-30", ("year before the capture",)),
        ("Feb. 29", datetime(2015, 3, 1, tzinfo=UTC), None, ()),
        ("May 2, 2015", datetime(2016, 5, 3, tzinfo=UTC), "2015-05-02", ()),
    ],
)
def test_a_year_that_a_new_note_leaves_out_is_assumed_and_said_to_be(
    stamp: str, captured: datetime, date: str | None, assumed: tuple[str, ...]
) -> None:
    stated = dated(NOTE.format(stamp), captured)
    assert (stated.date, stated.assumed, stated.time) == (date, assumed, None)


def test_a_file_and_a_note_that_was_there_before_give_no_year() -> None:
    note = NOTE.format("May 2")
    assert [one.stated and one.stated.date for one in edited(*BERTHS, note).notices] == [None]
    kept = annotate(
        diff(page(*BODY, note=note), page(*BODY[1:], note=note)),
        after=Side(captured_at=datetime(2015, 5, 3, tzinfo=UTC)),
    )
    assert [one.stated and one.stated.date for one in kept.notices] == [None]


OTHER_STORY = tuple(
    f"Nobody in the hills of Brenwick had seen number {place} of these sheep since the snow fell on them that winter."
    for place in ("three", "eight", "fifteen", "forty", "sixty", "ninety", "six hundred")
)


def test_another_story_in_its_place_is_named_and_a_rewritten_one_is_not() -> None:
    swapped = annotate(diff(page(*BODY), page(*OTHER_STORY)))
    assert [one.label for one in swapped.findings] == [Label.UNCONFIRMED_LOSS]
    gone = [change.id for change in swapped.diff.changes if change.op is Op.REMOVED]
    assert {note.change for note in swapped.annotations if note.label is Label.UNCONFIRMED_LOSS} == set(gone)
    halved = annotate(diff(page(*BODY), page(*BODY[:2], *OTHER_STORY[:5])))
    assert halved.findings == ()
    withdrawn = page(*OTHER_STORY, note="Retraction: This article has been retracted because its sources lied.")
    assert annotate(diff(page(*BODY), withdrawn)).findings == ()


@pytest.mark.skipif(not PAIRS.exists(), reason="../shared/data/pairs is not here")
def test_a_real_correction_that_spells_the_name_another_way_is_matched() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    pair = next(pair for pair in pairs if pair["commit"].startswith("53daaef6c"))
    report = annotate(diff(document_from_text(pair["before"]), document_from_text(pair["after"])))
    assert disclosure(report) is DISCLOSED
    (notice,) = report.notices
    assert [claim.state for claim in notice.claims] == [ClaimState.MATCHED, ClaimState.UNMATCHED]


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("An earlier version of this article misstated the number of berths.", Disclosure.PARTLY),
        ("An earlier version of this article gave the wrong number of ferries.", Disclosure.PARTLY),
        ("An earlier version of this article misstated the numbers of berths and ferries.", DISCLOSED),
        ("An earlier version of this article misstated two numbers that Provost Ailsa Guthrie gave.", DISCLOSED),
        ("An earlier version of this article misstated the number of berths and vessels.", DISCLOSED),
        ("An earlier version of this article misstated the number of berths. There will be 430.", Disclosure.PARTLY),
    ],
)
def test_a_note_on_one_of_two_numbers_discloses_the_sentence_in_part(note: str, expected: Disclosure) -> None:
    old, new = "340 berths would be saved, and that 12 ferries", "430 berths would be saved, and that 21 ferries"
    assert disclosure(edited(old, new, f"Correction: {note}")) is expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Editor's note: A sentence in this article has been removed.", UNSPECIFIC),
        ("Editor's note: A sentence of this article was deleted.", UNSPECIFIC),
        ("Editor's note: This article has been removed.", DISCLOSED),
    ],
)
def test_a_removed_sentence_takes_no_article_back(note: str, expected: Disclosure) -> None:
    assert disclosure(edited(" He left before the vote.", "", note)) is expected
