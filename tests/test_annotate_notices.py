"""Notices: what they say of themselves, their life, their claims, and the changes that they speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.annotate import annotate, notices_in
from tracker.annotate.claims import claim_texts, read_claim
from tracker.diff import diff
from tracker.model import (
    Block,
    BlockKind,
    ClaimState,
    Content,
    Context,
    Disclosure,
    Document,
    Label,
    LaterNotice,
    NoticeKind,
    NoticeStatus,
    OpenChange,
    Pair,
    Placement,
    Report,
    Severity,
    Side,
    Stated,
    Verdict,
)

BODY = (
    "The flood killed 12 people in the old town of Quillmouth, the harbour office said on Monday.",
    "Tomas Dussalt, the harbour pilot, was the first to see the wave.",
    "The harbour office had known of the cracks in the wall since the winter of 2013.",
    "“We were told that the wall would hold,” said Ines Okafor, who runs the fish market.",
    "The contractor, Halvorsen Freight, built the wall and was paid 4 million crowns for it.",
)
PAIR = Pair("branch", "a", "b")


def page(*paragraphs: str, notes: tuple[str, ...] = (), headline: str = "Flood in Quillmouth") -> Document:
    blocks = [Block(BlockKind.HEADLINE, headline), *(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)]
    blocks += [Block(BlockKind.NOTICE, note, placement=Placement.END) for note in notes]
    return Document(tuple(blocks), language="en")


def compare(old: Document, new: Document, context: Context | None = None, after: Side | None = None) -> Report:
    return annotate(diff(old, new), context=context or Context(), after=after or Side())


def swapped(*pairs: tuple[str, str]) -> tuple[str, ...]:
    """The body with words replaced."""
    body: tuple[str, ...] = BODY
    for old, new in pairs:
        assert any(old in text for text in body)
        body = tuple(text.replace(old, new) for text in body)
    return body


def judged(report: Report, words: str) -> Disclosure:
    """The disclosure of the change whose new or old words hold `words`."""
    change = next(c for c in report.diff.changes if words in c.inserted or words in c.deleted)
    return report.judgement(change).disclosure


# --- one note -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("UPDATE 3:13 PM: This story now has a denial.", Stated("3:13 PM", "15:13", None, None)),
        ("Correction, Nov. 15, 2019: It was Arlo.", Stated("Nov. 15, 2019", None, "2019-11-15", None)),
        ("Update, Aug. 14, 1:22 p.m. ET: It grew.", Stated("Aug. 14, 1:22 p.m. ET", "13:22", None, "ET")),
        (
            "This article was amended on 29 December 2016 to remove a line.",
            Stated("29 December 2016", None, "2016-12-29", None),
        ),
        (
            "Editor's note: This story was updated at 5:45 p.m. ET to add it.",
            Stated("5:45 p.m. ET", "17:45", None, "ET"),
        ),
        ("Update: On December 10, the account was restored.", None),
        ("Correction: It happened in 1790, on May 3, 1790.", None),
        ("Correction: The statue was removed on 3 May 2019, not on 4 May.", None),
        ("Correction: The law was amended on 3 May 2019, not on 4 May.", None),
        (
            "Correction: The toll was 21. It was corrected on 3 May 2019.",
            Stated("3 May 2019", None, "2019-05-03", None),
        ),
        ("First published on 2 May, updated on 3 May 2019.", Stated("3 May 2019", None, "2019-05-03", None)),
    ],
)
def test_a_time_is_stated_or_it_is_not(text: str, stated: Stated | None) -> None:
    (notice,) = notices_in(page(*BODY, notes=(text,)), PAIR)
    assert notice.stated == stated


def test_several_dates_are_an_assumption() -> None:
    (notice,) = notices_in(page(notes=("[Editor's note: amended on May 5, 2023 and May 10, 2023 to explain.]",)), PAIR)
    assert notice.stated is not None
    assert notice.stated.date == "2023-05-05"
    assert notice.stated.assumed == ("the first of several dates",)


def test_a_dated_label_dates_the_note_under_it() -> None:
    notes = ("Correction: Dec. 6, 2021", "An earlier version of this article misstated the toll.")
    _, second = notices_in(page(*BODY, notes=notes), PAIR)
    assert second.stated is not None
    assert (second.stated.date, second.label, second.kind) == ("2021-12-06", "Correction", NoticeKind.CORRECTION)


CLAIMS = [
    ("This story has been updated to include a denial from the Pentagon.", ("include a denial from the Pentagon",)),
    (
        "2:58 p.m.: This article was updated to add the cost of it and to identify who wrote the report.",
        ("add the cost of it", "identify who wrote the report"),
    ),
    ("This story has been updated with comment from Lowland Lines.", ("with comment from Lowland Lines",)),
    ("CORRECTION: Corrects month to June, instead of July", ("Corrects month to June, instead of July",)),
    (
        "Correction: An earlier version of this article misstated his age. He is 42, not 24.",
        ("An earlier version of this article misstated his age. He is 42, not 24",),
    ),
    (
        "Correction: An earlier version said the wall was new. The harbour office was founded in 1901. We regret this.",
        ("An earlier version said the wall was new. The harbour office was founded in 1901",),
    ),
    (
        "Correction: An earlier version said that the wall was new. National Freight launched its line in July.",
        ("An earlier version said that the wall was new", "National Freight launched its line in July"),
    ),
    (
        "The headline of this article has been changed to be clearer.",
        ("The headline of this article has been changed to be clearer",),
    ),
    ("A typo in the name of Ines Okafor has been fixed.", ("A typo in the name of Ines Okafor has been fixed",)),
    ("This story has been updated.", ()),
    ("This story has been updated with additional information. It will be updated.", ()),
    ("This is a developing story. Check back for updates.", ()),
    ("Editor's note: Our guest lives in Arlo.", ()),
]


@pytest.mark.parametrize(("text", "claims"), CLAIMS)
def test_a_note_is_cut_into_claims(text: str, claims: tuple[str, ...]) -> None:
    block = page(notes=(text,))
    (notice,) = notices_in(block, PAIR)
    assert tuple(claim.text for claim in notice.claims) == claims


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("He did so in the 1790s, not 1781", {"1781"}, {"1790s"}),
        ("show that he spoke in Dodoma, not Dar es Salaam", {"dar", "salaam"}, {"dodoma"}),
        ("Corrects month to June, instead of July", {"july"}, {"june"}),
        ("An earlier version of this article said 12 people died; it is 21", {"12", "people", "died"}, {"21"}),
        ("remove a sentence about the harbour wall", {"harbour", "wall"}, set()),
        ("include a denial from the Pentagon", set(), {"pentagon"}),
    ],
)
def test_a_claim_says_what_went_and_what_came(text: str, old: set[str], new: set[str]) -> None:
    hints = read_claim(text, "en")
    found_old, found_new = {mark.word for mark in hints.old}, {mark.word for mark in hints.new}
    assert {word.rstrip("d").rstrip("e") for word in old} >= {word.rstrip("d").rstrip("e") for word in found_old} - {
        "es"
    }
    assert found_old or not old
    assert new <= found_new


def test_claims_of_unknown_text_are_the_same_twice() -> None:
    text = "This story has been updated to include a denial from the Pentagon."
    assert claim_texts(text, NoticeKind.UPDATE, "en") == claim_texts(text, NoticeKind.UPDATE, "en")


# --- the life of notes ----------------------------------------------------------------------------------------------


def statuses(before: Document, after: Document) -> list[NoticeStatus]:
    return [notice.status for notice in compare(before, after).notices]


def test_the_life_of_a_note() -> None:
    note = "Correction: An earlier version of this article misstated the number of people who died in the flood."
    other = note.replace("the flood", "the great flood")
    bare, noted = page(*BODY), page(*BODY, notes=(note,))
    assert statuses(bare, noted) == [NoticeStatus.ADDED]
    assert statuses(noted, bare) == [NoticeStatus.REMOVED]
    assert statuses(noted, noted) == [NoticeStatus.KEPT]
    assert statuses(noted, page(*BODY, notes=(other,))) == [NoticeStatus.CHANGED]
    top = Document(
        (noted.blocks[0], Block(BlockKind.NOTICE, note, placement=Placement.TOP), *noted.blocks[1:-1]), language="en"
    )
    assert statuses(noted, top) == [NoticeStatus.MOVED]


def test_a_note_among_plain_paragraphs_is_a_note() -> None:
    note = "UPDATE 3:13 PM: This story has been updated."
    report = compare(page(*BODY), page(*BODY, note))
    assert [(notice.kind, notice.status) for notice in report.notices] == [
        (NoticeKind.UPDATE_UNSPECIFIC, NoticeStatus.ADDED)
    ]
    assert [judgement.disclosure for judgement in report.judgements] == [Disclosure.EXEMPT]
    assert report.verdict is Verdict.NOTHING


def test_ids_are_stable_and_differ() -> None:
    notes = ("Correction: It was Arlo.", "Correction: It was Arlo.")
    first, second = notices_in(page(notes=notes), PAIR)
    assert len(first.id) == 16
    assert first.id != second.id
    assert notices_in(page(notes=notes), PAIR) == (first, second)
    assert notices_in(page(notes=notes), Pair("branch", "a", "c"))[0].id != first.id


# --- notes and changes ----------------------------------------------------------------------------------------------


TOLD = [
    (("12 people", "21 people"), "An earlier version of this article misstated the death toll. It was 21, not 12."),
    (
        ("12 people", "21 people"),
        "Correction: A previous version of this story misstated the number of people who died.",
    ),
    (("12 people", "21 people"), "CORRECTION: Corrects number of people to 21, instead of 12"),
    (("12 people", "21 people"), "Correction: We originally said 12 people had died; it was 21."),
    (("Dussalt", "Dussault"), "Correction: An earlier version misspelled the name of Tomas Dussault."),
    (("Dussalt", "Dussault"), "Correction: The pilot's name is Dussault, not Dussalt."),
    (("Monday", "Sunday"), "(This story has been refiled to correct date)"),
    (
        ("2013", "2011"),
        "An earlier version of this article gave the wrong year for the cracks in the wall. It was 2011.",
    ),
    (("4 million", "5 million"), "This story has been corrected to show that Halvorsen Freight was paid 5 million."),
    (("would hold", "might hold"), "An earlier version of this article misquoted Ines Okafor."),
]


@pytest.mark.parametrize(("swap", "note"), TOLD)
def test_a_change_that_a_note_tells_is_disclosed(swap: tuple[str, str], note: str) -> None:
    report = compare(page(*BODY), page(*swapped(swap), notes=(note,)))
    assert report.verdict is Verdict.DISCLOSED
    assert [claim.state for notice in report.notices for claim in notice.claims] == [ClaimState.MATCHED]


@pytest.mark.parametrize(("swap", "note"), TOLD)
def test_the_same_note_does_not_cover_another_change(swap: tuple[str, str], note: str) -> None:
    untold = ("was the first", "was not the first") if "2013" in swap else ("had known", "had not known")
    report = compare(page(*BODY), page(*swapped(swap, untold), notes=(note,)))
    assert judged(report, "not ") is Disclosure.SILENT
    assert report.verdict is Verdict.PARTLY


def test_without_a_note_a_change_is_silent() -> None:
    report = compare(page(*BODY), page(*swapped(("12 people", "21 people"))))
    assert report.verdict is Verdict.SILENT
    assert report.judgements[0].severity is Severity.HIGH


def test_a_vague_note_is_unspecific_and_a_developing_one_tells_nothing() -> None:
    after = swapped(("12 people", "21 people"))
    vague = compare(page(*BODY), page(*after, notes=("This story has been updated with additional details.",)))
    assert vague.verdict is Verdict.UNSPECIFIC
    assert vague.judgements[0].notice == vague.notices[0].id
    developing = compare(page(*BODY), page(*after, notes=("This is a developing story and will be updated.",)))
    assert developing.verdict is Verdict.SILENT


def test_a_note_about_something_else_excuses_nothing() -> None:
    note = "This article was amended on 14 February 2020 to correct the name of the photographer."
    report = compare(page(*BODY), page(*swapped(("4 million", "5 million")), notes=(note,)))
    assert report.verdict is Verdict.SILENT
    assert report.notices[0].claims[0].state is ClaimState.UNMATCHED


def test_the_only_grave_change_is_not_called_silent_beside_a_note_that_could_mean_it() -> None:
    note = "Correction: An earlier version of this article had it wrong about the repairs of the barrier."
    report = compare(page(*BODY), page(*swapped(("had known", "had not known")), notes=(note,)))
    assert report.verdict is Verdict.UNSPECIFIC


def test_an_old_note_does_not_tell_of_a_new_change() -> None:
    note = ("Correction: An earlier version misstated the number of people who died.",)
    report = compare(page(*BODY, notes=note), page(*swapped(("12 people", "21 people")), notes=note))
    assert report.verdict is Verdict.SILENT


def test_two_edits_in_one_paragraph_one_told() -> None:
    old = "The flood killed 12 people in the old town. The wall was built by Halvorsen in the spring."
    new = "The flood killed 21 people in the old town. The wall was not built by Halvorsen in the spring."
    note = "Correction: An earlier version of this article misstated the toll. It was 21, not 12."
    report = compare(page(old, *BODY[1:]), page(new, *BODY[1:], notes=(note,)))
    assert judged(report, "21") is Disclosure.DISCLOSED
    assert judged(report, "not ") is Disclosure.SILENT


def test_two_numbers_in_one_sentence_one_told_is_partly() -> None:
    old = "The flood killed 12 people and sank 30 boats in the old town."
    new = "The flood killed 21 people and sank 45 boats in the old town."
    note = "Correction: An earlier version of this article misstated the toll. It was 21, not 12."
    report = compare(page(old, *BODY[1:]), page(new, *BODY[1:], notes=(note,)))
    assert judged(report, "21") is Disclosure.PARTLY


def test_one_claim_speaks_of_both_paragraphs_of_an_answer() -> None:
    denial = "But Halvorsen Freight says the account is false."
    quote = "“We never heard of any cracks,” company spokesman Carl Aune wrote in an email."
    note = "UPDATE 3:13 PM: This story has been updated to include a denial from Halvorsen Freight."
    report = compare(page(*BODY), page(*BODY[:3], denial, quote, *BODY[3:], notes=(note,)))
    (claim,) = report.notices[0].claims
    assert claim.state is ClaimState.MATCHED
    assert len(claim.changes) == 2
    assert report.verdict is Verdict.DISCLOSED


def test_a_removed_sentence_is_told_though_the_note_spells_a_name_otherwise() -> None:
    old = "The repair goes on, starting in the General Service Bureau’s Great Lakes region. It is slow."
    new = "The repair goes on. It is slow."
    note = (
        "Correction: An earlier version of this post stated that the repair would begin in the General Services "
        "Bureau's Great Lakes Region (Region 5). National Freight launched its line in early July."
    )
    report = compare(page(old, *BODY[1:]), page(new, *BODY[1:], notes=(note,)))
    assert [claim.state for claim in report.notices[0].claims] == [ClaimState.MATCHED, ClaimState.UNMATCHED]
    assert report.verdict is Verdict.DISCLOSED


def test_a_headline_note_speaks_of_the_headline_only() -> None:
    note = "The headline of this article has been changed to be clearer."
    after = page(*swapped(("12 people", "21 people")), notes=(note,), headline="Flood kills many in Quillmouth")
    report = compare(page(*BODY), after)
    assert judged(report, "kills many") is Disclosure.DISCLOSED
    assert judged(report, "21") is Disclosure.SILENT


def test_a_late_note_finds_its_words_already_there() -> None:
    note = "This story has been updated to include that Halvorsen Freight was paid 4 million crowns."
    report = compare(page(*BODY), page(*BODY, notes=(note,)))
    assert report.notices[0].claims[0].state is ClaimState.ALREADY_THERE


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (
            "The flood killed 12 people and injured 30 of them in the old town.",
            "The flood killed 30 people and injured 12 of them in the old town.",
            "Correction: The flood killed 30 people and injured 12, not the other way round.",
        ),
        (
            "Okafor attended the meeting of the board on Friday.",
            "Okafor did not attend the meeting of the board on Friday.",
            "Correction: Contrary to an earlier version of this article, Okafor was not at the meeting of the board.",
        ),
    ],
)
def test_words_that_stood_there_in_another_sense_do_not_make_a_note_late(old: str, new: str, note: str) -> None:
    report = compare(page(*BODY, old), page(*BODY, new, notes=(note,)))
    assert [claim.state for claim in report.notices[0].claims] == [ClaimState.MATCHED]
    assert report.verdict is Verdict.DISCLOSED


def published(document: Document, day: str) -> Document:
    return replace(document, content=Content((("published/json-ld", day),)))


@pytest.mark.parametrize(
    "note",
    [
        "This article was amended on 3 May 2015 because an earlier version gave the wrong figure for those killed.",
        "This article was amended on 3 May 2015 because it said that 12 people had died, rather than 21.",
        "This story was corrected on May 3, 2015, because it misstated the death toll.",
        "This article was updated on 3 May 2015 with a new death toll.",
    ],
)
def test_what_follows_the_day_of_a_note_is_its_claim_and_the_day_is_not(note: str) -> None:
    before, after = page(*BODY), page(*swapped(("12 people", "21 people")), notes=(note,))
    report = compare(published(before, "2015-05-01"), published(after, "2015-05-03"))
    assert judged(report, "21") is Disclosure.DISCLOSED
    assert judged(report, "2015-05-03") is Disclosure.SILENT


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("de", "Anmerkung der Redaktion: Wir haben das Alter von Okafor korrigiert."),
        ("nl", "Noot van de redactie: we hebben het aantal doden gecorrigeerd."),
        ("nl", "Noot van de redactie: het aantal doden is gecorrigeerd."),
    ],
)
def test_what_was_put_right_is_a_claim_and_its_article_is_no_pronoun(language: str, note: str) -> None:
    assert claim_texts(note.partition(": ")[2], NoticeKind.CORRECTION, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wir haben das im Text inzwischen korrigiert."),
        ("de", "Wir haben dies nachträglich korrigiert."),
        ("nl", "Dit is inmiddels gecorrigeerd."),
        ("nl", "We hebben dit inmiddels aangepast."),
        ("en", "It was corrected on 3 May 2015."),
    ],
)
def test_that_it_was_put_right_is_no_claim(language: str, text: str) -> None:
    assert claim_texts(text, NoticeKind.CORRECTION, language) == ()


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (
            "An earlier version of this article misspelled Ines Okafor's name and misstated the number of the dead.",
            ("An earlier version of this article misspelled Ines Okafor's name", "misstated the number of the dead"),
        ),
        (
            "This story misstated her age, misspelled her village and incorrectly said that she was 24. She is 42.",
            (
                "This story misstated her age",
                "misspelled her village",
                "incorrectly said that she was 24. She is 42",
            ),
        ),
        (
            "An earlier version of this article, and an earlier version of the headline, misstated the toll.",
            ("An earlier version of this article, and an earlier version of the headline, misstated the toll",),
        ),
    ],
)
def test_each_mistake_is_a_claim(text: str, claims: tuple[str, ...]) -> None:
    assert claim_texts(text, NoticeKind.CORRECTION, "en") == claims


def test_a_note_that_names_two_mistakes_tells_of_both() -> None:
    note = "An earlier version of this article misspelled Tomas Dussault's name and misstated the number of the dead."
    report = compare(page(*BODY), page(*swapped(("12 people", "21 people"), ("Dussalt", "Dussault")), notes=(note,)))
    assert report.verdict is Verdict.DISCLOSED


@pytest.mark.parametrize(
    ("note", "taken_back"),
    [
        ("Editor's note: This story has been retracted because it did not meet our standards.", True),
        ("Editors' note: After review, the newsroom has retracted this article, which relied on one source.", True),
        ("Editor's note: The study on which this article was based has since been retracted.", False),
        ("This story has been updated to note that the journal has retracted the study.", False),
        ("This article was amended on 3 May 2015 to remove a claim that was later withdrawn.", False),
    ],
)
def test_an_article_is_taken_back_by_what_is_said_of_it_alone(note: str, taken_back: bool) -> None:
    report = compare(page(*BODY), page(*BODY[:-1], notes=(note,)))
    assert (Label.RETRACTION in {one.label for one in report.annotations}) is taken_back
    assert (judged(report, "Halvorsen") is Disclosure.DISCLOSED) is taken_back


@pytest.mark.parametrize(
    "note",
    [
        "Correction: We wrote 12 instead of 21.",
        "Correction: We had the toll at 12, not 21.",
        "Correction: This article referred to 12 deaths rather than 21.",
        "Correction: 21 people, rather than 12, were killed.",
    ],
)
def test_the_wrong_value_may_come_first(note: str) -> None:
    report = compare(page(*BODY), page(*swapped(("12 people", "21 people")), notes=(note,)))
    assert judged(report, "21") is Disclosure.DISCLOSED
    assert not report.judgements[0].otherwise


@pytest.mark.parametrize(
    ("language", "claim"),
    [
        ("de", "Wir schrieben 12 Tote statt 21"),
        ("de", "Wir hatten 12 Tote gemeldet, es waren aber 21"),
        ("fr", "il était écrit 12 au lieu de 21"),
        ("es", "aparecía la cifra de 12 en lugar de 21"),
        ("pt", "estava escrito 12 em vez de 21"),
        ("it", "si leggeva 12 anziché 21"),
        ("nl", "er stond 12 doden in plaats van 21"),
    ],
)
def test_no_language_takes_the_second_of_two_values_for_the_wrong_one(language: str, claim: str) -> None:
    hints = read_claim(claim, language)
    assert hints.either_way or "21" not in {item.raw for item in hints.values.old}


@pytest.mark.parametrize(
    "note",
    ["Correction: Corrects toll to 12, instead of 21", "Correction: The toll is 12, not 21."],
)
def test_a_note_that_gives_them_the_other_way_round_says_otherwise(note: str) -> None:
    report = compare(page(*BODY), page(*swapped(("12 people", "21 people")), notes=(note,)))
    assert report.judgements[0].otherwise


CUT_OUT = "Lowland Lines had been fined for its lights in 2009 and paid two years later."


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Editor's note: A paragraph has been removed from this story for legal reasons.", Disclosure.UNSPECIFIC),
        ("Editor's note: We have removed two passages that could not be verified.", Disclosure.UNSPECIFIC),
        ("Editor's note: A remark on Tomas Dussalt has been removed from this story.", Disclosure.SILENT),
        ("Correction: The number of boats has been removed.", Disclosure.SILENT),
    ],
)
def test_a_note_that_something_was_cut_may_mean_all_that_was(note: str, expected: Disclosure) -> None:
    report = compare(page(*BODY, CUT_OUT), page(*BODY[:2], *BODY[3:], notes=(note,)))
    assert judged(report, "fined") is judged(report, "cracks") is expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Police held Carl Aune, a sailor, on Friday.", "Police held a sailor on Friday.", Disclosure.UNSPECIFIC),
        (
            "Police held Carl Aune, a sailor, on Friday.",
            "Police held a man, a sailor, on Friday.",
            Disclosure.UNSPECIFIC,
        ),
        ("Police held a sailor for 12 hours.", "Police held a sailor for 21 hours.", Disclosure.SILENT),
    ],
)
def test_a_note_that_a_name_was_cut_means_a_name_that_is_gone(old: str, new: str, expected: Disclosure) -> None:
    note = "Editor's note: The name of a suspect has been removed from this story."
    report = compare(page(*BODY, old), page(*BODY, new, notes=(note,)))
    assert report.judgements[0].disclosure is expected


def test_a_note_that_something_was_cut_speaks_of_no_number_that_changed() -> None:
    note = "Editor's note: A paragraph has been removed from this story for legal reasons."
    after = page(*(text for text in swapped(("12 people", "21 people")) if "4 million" not in text), notes=(note,))
    report = compare(page(*BODY, CUT_OUT), after)
    assert judged(report, "21") is Disclosure.SILENT
    assert judged(report, "fined") is Disclosure.UNSPECIFIC


# --- over the article's life ----------------------------------------------------------------------------------------

AT = datetime(2015, 5, 31, 12, tzinfo=UTC)
LATE_NOTE = "Correction: An earlier version of this article misstated the death toll. It was 21, not 12."


def test_a_later_note_discloses_with_its_delay() -> None:
    after = page(*swapped(("12 people", "21 people")))
    (notice,) = notices_in(page(*BODY, notes=(LATE_NOTE,)), PAIR)
    later = LaterNotice("c0ffee", AT + timedelta(hours=13), notice)
    report = compare(page(*BODY), after, Context(later=(later,), as_of=later.captured_at), after=Side(captured_at=AT))
    found = report.judgements[0].disclosed_later
    assert found is not None
    assert (found.revision, found.notice, found.delay_seconds) == ("c0ffee", notice.id, 13 * 3600)
    assert report.judgements[0].disclosure is Disclosure.SILENT
    assert report.as_of == later.captured_at


def test_a_later_note_about_something_else_discloses_nothing() -> None:
    (notice,) = notices_in(page(notes=("Correction: An earlier version misspelled the name of Tomas Dussault.",)), PAIR)
    later = LaterNotice("c0ffee", AT + timedelta(hours=1), notice)
    report = compare(
        page(*BODY), page(*swapped(("12 people", "21 people"))), Context(later=(later,)), after=Side(captured_at=AT)
    )
    assert report.judgements[0].disclosed_later is None


def test_a_new_note_claims_an_earlier_open_change() -> None:
    after = page(*swapped(("12 people", "21 people")))
    first = compare(page(*BODY), after)
    noted = page(*swapped(("12 people", "21 people")), notes=(LATE_NOTE,))
    open_change = OpenChange("beef", AT, first.diff.changes[0])
    report = compare(after, noted, Context(open=(open_change,)), after=Side(revision="c0ffee"))
    (claim,) = report.notices[0].claims
    assert claim.state is ClaimState.MATCHED
    assert [(named.revision, named.change) for named in claim.changes] == [("beef", first.diff.changes[0].id)]


# --- text that owns up, and is no note to our rules -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "aside"),
    [
        ("killed 12 people", "killed 21 people", "We made a mistake: 21 people died, not 12."),
        ("killed 12 people", "killed 21 people", "The toll is twenty-one; it was wrongly given as twelve."),
        ("Dussalt", "Dussault", "His name is Dussault, not Dussalt."),
        ("Dussalt", "Dussault", "The pilot's name, which was given as Dussalt, is Dussault. This has been corrected."),
        ("Dussalt", "Dussault", "The pilot is Tomas Dussault. An earlier version of this story misspelled his name."),
        ("killed 12 people", "killed 21 people", "The toll is 21. This story originally said something else."),
        ("killed 12 people", "killed 21 people (an earlier version of this report said 12)", ""),
    ],
)
def test_text_that_owns_up_to_a_change_ends_its_silence(was: str, now: str, aside: str) -> None:
    paragraphs = (*swapped((was, now)), *filter(None, [aside]))
    report = compare(page(*BODY), page(*paragraphs))
    assert not report.notices
    assert judged(report, now.split()[1 if "killed" in now else 0]) is Disclosure.UNSPECIFIC
    assert report.verdict is Verdict.UNSPECIFIC


@pytest.mark.parametrize(
    "aside",
    [
        "Some 21 boats lay in the harbour, and 12 of them sank.",  # says nothing of wrong and right
        "It was 21 boats that sank, not 20, the office said.",  # not the value that was there before
        "The office had said 12, which was wrong.",  # not the one that is there now
        "The boats are 34. An earlier version of this story gave another number of boats.",  # neither
    ],
)
def test_other_text_with_such_numbers_does_not(aside: str) -> None:
    report = compare(page(*BODY), page(*swapped(("killed 12", "killed 21")), aside))
    assert judged(report, "21") is Disclosure.SILENT
