"""Every label: what must fire it, and the false friends that must not."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.annotate import DETECTORS, annotate
from tracker.annotate.quantities import numbers
from tracker.annotate.worded import _alike
from tracker.diff import diff
from tracker.model import (
    Block,
    BlockKind,
    Content,
    Context,
    Disclosure,
    Document,
    EarlierText,
    Label,
    Link,
    Report,
    Result,
    Severity,
    Side,
)
from tracker.render.sentences import statement
from tracker.text.codec import text_digest
from tracker.text.folding import fold, fold_words
from tracker.text.wording import wording

AROUND = (
    "The harbour board of Quillmouth met on Tuesday evening to hear about the new quay.",
    "Residents of the old town came in numbers, and Mayor Ines Okafor opened the meeting.",
    "Contractor Halvorsen Freight was told about the complaints in March.",
    "The quay is to open next spring, when the ferries of Lowland Lines return.",
)


def page(*middle: str, headline: str = "Board hears about the quay", kind: BlockKind = BlockKind.PARAGRAPH) -> Document:
    blocks = [Block(BlockKind.HEADLINE, headline)]
    blocks += [Block(BlockKind.PARAGRAPH, text) for text in AROUND[:2]]
    blocks += [Block(kind, text) for text in middle]
    blocks += [Block(BlockKind.PARAGRAPH, text) for text in AROUND[2:]]
    return Document(tuple(blocks), language="en")


def report(old: str | None, new: str | None, kind: BlockKind = BlockKind.PARAGRAPH) -> Report:
    before = page(*([old] if old else []), kind=kind)
    return annotate(diff(before, page(*([new] if new else []), kind=kind)))


def labels(old: str | None, new: str | None) -> set[Label]:
    return {note.label for note in report(old, new).annotations}


def evidence(old: str | None, new: str | None, label: Label) -> tuple[str, ...]:
    return next(note.evidence for note in report(old, new).annotations if note.label is label)


ADDED_DENIALS = [
    "Halvorsen Freight denied the allegations on Thursday.",
    "But the harbour office says this story just isn't so.",
    "The company has denied any wrongdoing.",
    "A lawyer for Halvorsen Freight called the account false.",
    "Mayor Okafor rejected the claims in a letter.",
    "The board later denied that its chairman was stepping down.",
    "“That is not true,” Halvorsen's director said.",
    "The claims, first made in March, were denied by Halvorsen Freight.",
    "Okafor disputed the report.",
]
NO_DENIALS = [
    "Two sailors were denied entry to the harbour on Thursday.",
    "A judge denied bail to the suspect on Monday.",
    "The court denied the company's appeal on Friday.",
    "Reporters were denied access to the quay.",
    "Halvorsen Freight did not deny the allegations.",
    "The mayor never denied that the quay was late.",
    "There is no denying that the quay is late.",
    "The office would neither confirm nor deny the report.",
    "The board rejected the bid of Lowland Lines.",
    "The town council dismissed its clerk on Monday.",
    "Climate denial was the subject of the evening.",
    "The bank denied him a loan, he said.",
]


@pytest.mark.parametrize("text", ADDED_DENIALS)
def test_denial_added(text: str) -> None:
    assert Label.DENIAL_ADDED in labels(None, text)
    assert evidence(None, text, Label.DENIAL_ADDED)[0].split()[0] in text.replace("’", "'")


@pytest.mark.parametrize("text", NO_DENIALS)
def test_what_is_no_denial(text: str) -> None:
    assert Label.DENIAL_ADDED not in labels(None, text)


@pytest.mark.parametrize(
    "text",
    [
        "A spokeswoman for Halvorsen Freight said the firm would study the findings.",
        "In a statement, Lowland Lines said that it would wait.",
        "“We are looking into it,” a spokesman wrote in an email.",
        "Halvorsen Freight responded that it had paid in full.",
        "The firm issued a statement on Friday.",
    ],
)
def test_response_added(text: str) -> None:
    assert Label.RESPONSE_ADDED in labels(None, text)


@pytest.mark.parametrize(
    "text",
    [
        "Police spokesman Carl Aune said the road was closed near Quillmouth.",
        "Halvorsen Freight did not respond to a request for comment.",
        "The patient responded well.",
        "Okafor said the quay would open in spring.",
        "She emailed photographs of the quay.",
    ],
)
def test_what_is_no_response(text: str) -> None:
    assert Label.RESPONSE_ADDED not in labels(None, text)


def test_a_statement_in_place_of_silence_changes_the_comment_status() -> None:
    found = labels(
        "Halvorsen Freight could not be reached for comment on Tuesday.",
        "Halvorsen Freight said in a statement on Tuesday that it had paid.",
    )
    assert Label.COMMENT_STATUS_CHANGED in found
    assert Label.RESPONSE_ADDED in found


def test_another_kind_of_silence_changes_it_too() -> None:
    old = "Halvorsen Freight could not be reached for comment on Tuesday."
    assert Label.COMMENT_STATUS_CHANGED in labels(old, "Halvorsen Freight declined to comment on Tuesday.")
    assert Label.COMMENT_STATUS_CHANGED not in labels("He did not return to the quay.", "He did not return to port.")


EDITED = [
    # numbers by value
    (
        Label.NUMBER_CHANGED,
        "The flood killed 12 people in the old town.",
        "The flood killed 21 people in the old town.",
    ),
    (Label.NUMBER_CHANGED, "The quay cost 3 million crowns so far.", "The quay cost 4 million crowns so far."),
    (Label.NUMBER_CHANGED, "Twelve boats sank in the storm there.", "Thirteen boats sank in the storm there."),
    (Label.NUMBER_CHANGED, "Rents rose by 5 percent over the year.", "Rents rose by 7 percent over the year."),
    (Label.NUMBER_CHANGED, "They paid $50,000 for the old crane.", "They paid $30,000 for the old crane."),
    (Label.NUMBER_CHANGED, "Arlo won 9-6 on the last day.", "Arlo won 6-9 on the last day."),
    (Label.NUMBER_CHANGED, "It drew 10-12 people to the old town.", "It drew 10-15 people to the old town."),
    (Label.NUMBER_CHANGED, "It cost $3 million to build the quay.", "It cost £3 million to build the quay."),
    (Label.NUMBER_CHANGED, "Two hundred and five boats sank there.", "Two hundred and six boats sank there."),
    (Label.NUMBER_CHANGED, "She was a twelve-year-old girl from Arlo.", "She was a thirteen-year-old girl from Arlo."),
    # dates
    (Label.DATE_CHANGED, "Okafor said Tuesday that it was safe.", "Okafor said Wednesday that it was safe."),
    (Label.DATE_CHANGED, "The vote is due on Monday at the hall.", "The vote is due on Friday at the hall."),
    (Label.DATE_CHANGED, "The quay was built in 1781 by hand.", "The quay was built in 1790 by hand."),
    (Label.DATE_CHANGED, "It opened on May 29 with a parade.", "It opened on May 30 with a parade."),
    (Label.DATE_CHANGED, "The hearing began at 3:13 p.m. in court.", "The hearing began at 4:13 p.m. in court."),
    (Label.DATE_CHANGED, "He left the firm in March after a row.", "He left the firm in April after a row."),
    # names
    (Label.NAME_CHANGED, "The pilot was Tomas Dussalt of Arlo.", "The pilot was Tomas Dussault of Arlo."),
    (Label.NAME_CHANGED, "Then Ewan Marchetti was told of it.", "Then Ewan Marchetty was told of it."),
    (Label.NAME_CHANGED, "She spoke for an hour in Dodoma today.", "She spoke for an hour in Dar es Salaam today."),
    (Label.NAME_CHANGED, "The rebel was Mustapha Sejari, he said.", "The rebel was Mustafa Sejari, he said."),
    (Label.NAME_CHANGED, "She keeps it in a Github folder now.", "She keeps it in a GitHub folder now."),
    (Label.NAME_CHANGED, "Read on: Visit Quillmouth's Github Page.", "Read on: Visit Quillmouth's GitHub Page."),
    (Label.NAME_CHANGED, "They were taught by the Chip office there.", "They were taught by the CHIP office there."),
    (
        Label.NAME_CHANGED,
        "The numbers are taken from data.gov each day.",
        "The numbers are taken from Data.gov each day.",
    ),
    (Label.NAME_CHANGED, "They came to the old town to see Arlo.", "They came to the old town to see 18F."),
    (
        Label.NAME_CHANGED,
        "It was paid for by the Lowland Water Mission Area last year.",
        "It was paid for by the Lowland Water Resources Mission Area last year.",
    ),
    # negation
    (Label.NEGATION_CHANGED, "The mayor did know about the cracks.", "The mayor did not know about the cracks."),
    (Label.NEGATION_CHANGED, "The quay can hold a loaded crane.", "The quay cannot hold a loaded crane."),
    (Label.NEGATION_CHANGED, "The ship left without its papers.", "The ship left with its papers."),
    # hedges
    (Label.HEDGE_ADDED, "The clerk took the money home.", "The clerk allegedly took the money home."),
    (Label.HEDGE_ADDED, "The repair will take two years.", "The repair may take two years."),
    (Label.HEDGE_REMOVED, "The clerk reportedly took the money home.", "The clerk took the money home."),
    (Label.HEDGE_REMOVED, "Allegedly, the clerk took the money home.", "The clerk took the money home."),
    # attribution
    (Label.ATTRIBUTION_CHANGED, "The quay is safe, Okafor said.", "The quay is safe, an official said."),
    (
        Label.ATTRIBUTION_CHANGED,
        "The quay is safe, Okafor said on Monday.",
        "The quay is safe, Okafor claimed on Monday.",
    ),
    (
        Label.ATTRIBUTION_CHANGED,
        "The wall had cracked by spring.",
        "The wall had cracked by spring, according to the clerk.",
    ),
    (
        Label.ATTRIBUTION_CHANGED,
        "The wall had cracked by spring, according to Ines Okafor.",
        "The wall had cracked by spring, according to an official.",
    ),
    (
        Label.ATTRIBUTION_CHANGED,
        "The wall was weak, said two harbour officials who asked not to be named.",
        "The wall was weak, said the harbour master, Ruth Amadi.",
    ),
    # two that changed places
    (
        Label.NUMBER_CHANGED,
        "The wave killed 12 people and injured 30 in the town.",
        "The wave killed 30 people and injured 12 in the town.",
    ),
    (Label.DATE_CHANGED, "She came to Bonn in 1989, to Arlo in 1991.", "She came to Bonn in 1991, to Arlo in 1989."),
    # quotations
    (
        Label.QUOTE_CHANGED,
        "'We don't know the mayor's figures,' Okafor said.",
        "'We don't trust the mayor's figures,' Okafor said.",
    ),
    (
        Label.QUOTE_CHANGED,
        "“We were told the figures would be ready,” Okafor said.",
        "“We were promised the figures would be ready,” Okafor said.",
    ),
    (
        Label.QUOTE_CHANGED,
        "“We were told the figures would be ready, and they were not,” Okafor said.",
        "“We were told the figures would be ready,” Okafor said. “And they never were.”",
    ),
    (
        Label.QUOTE_REMOVED,
        "Okafor left. “I shall not speak of this again,” she said. Nobody asked.",
        "Okafor left. Nobody asked.",
    ),
    (
        Label.QUOTE_ADDED,
        "Okafor left. Nobody asked.",
        "Okafor left. “I shall not speak of this again,” she said. Nobody asked.",
    ),
]


@pytest.mark.parametrize(("label", "old", "new"), EDITED)
def test_an_edit_is_labelled_with_its_words(label: Label, old: str, new: str) -> None:
    assert label in labels(old, new)
    found = evidence(old, new, label)
    assert found
    assert all(text.strip(".") in f"{old} {new}".replace("’", "'") for text in found)


def test_each_pair_of_evidence_stays_a_pair() -> None:
    old = "The wave killed 12 people, injured 30 and left 21 missing."
    new = "The wave killed 21 people, injured 12 and left 40 missing."
    assert evidence(old, new, Label.NUMBER_CHANGED) == ("12", "21", "30", "12", "21", "40")
    found = report(old, new)
    assert statement(found, found.diff.changes[0]) == (
        "A number was changed from 12 to 21, and from 30 to 12, and from 21 to 40."
    )


NOT_LABELLED = [
    (
        Label.QUOTE_CHANGED,
        "“We were told the figures would be ready, and they were not,” Okafor said.",
        "“We were told the figures would be ready,” Okafor said. “And they were not.”",
    ),
    (
        Label.QUOTE_ADDED,
        "“We were told the figures would be ready, and they were not at all,” Okafor said.",
        "“We were told the figures would be ready,” Okafor said. “And they were not at all.”",
    ),
    (
        Label.QUOTE_CHANGED,
        "“We were told the figures would be ready,” Okafor said.",
        "Okafor said: “we were told the figures would be ready.”",
    ),
    (
        Label.ATTRIBUTION_CHANGED,
        "The organisation said that the wall was weak.",
        "The organization said that the wall was weak.",
    ),
    (Label.NUMBER_CHANGED, "It killed 12 men and hurt 30 in town.", "It hurt 30 in town and killed 12 men."),
    (Label.NUMBER_CHANGED, "2. The harbour office of the town", "1. The harbour office of the town"),
    (Label.NUMBER_CHANGED, "It drew 3,000 people to the old town.", "It drew 3000 people to the old town."),
    (Label.NUMBER_CHANGED, "It cost 3 million crowns in all.", "It cost 3,000,000 crowns in all."),
    (Label.NUMBER_CHANGED, "It took twelve men to lift the crane.", "It took 12 men to lift the crane."),
    (Label.NUMBER_CHANGED, "It opened on May 29 with a parade.", "It opened on May 30 with a parade."),
    (Label.NUMBER_CHANGED, "Two hundred and five boats sank there.", "Some 205 boats sank there."),
    (Label.NUMBER_CHANGED, "It cost $3 million to build the quay.", "It cost $3m to build the quay."),
    (Label.NUMBER_CHANGED, "The 12 men came before the 9 women.", "The 9 women came before the 12 men."),
    (Label.NUMBER_CHANGED, "He was the third man on the crane.", "He was the 3rd man on the crane."),
    (Label.NAME_CHANGED, "She has lived in the U.S. for years.", "She has lived in the US for years."),
    (Label.ATTRIBUTION_CHANGED, "Okafor said Tuesday that it was safe.", "Okafor said Wednesday that it was safe."),
    (Label.QUOTE_CHANGED, "The workers' rights and the owners' claims.", "The workers' rights and the owners' views."),
    (
        Label.QUOTE_CHANGED,
        "'Twas in the '90s that the quay's wall fell.",
        "'Twas in the '80s that the quay's wall fell.",
    ),
    (Label.NUMBER_CHANGED, "It killed people in the old town.", "It killed 12 people in the old town."),
    (Label.DATE_CHANGED, "It opened on May 29 with a parade.", "It opened on May 29, 2015 with a parade."),
    (Label.DATE_CHANGED, "They may come to the hall later.", "They might come to the hall later."),
    (Label.NAME_CHANGED, "The Syrian fleet left the port.", "The Syrians fleet left the port."),
    (Label.NAME_CHANGED, "The hall was full, Okafor said there.", "The hall was full, Mayor Okafor said there."),
    (Label.NAME_CHANGED, "Officials came to the hall at noon.", "Others came to the hall at noon."),
    (Label.NEGATION_CHANGED, "The mayor is not in the hall.", "The mayor isn't in the hall."),
    (Label.NEGATION_CHANGED, "The board met.", "The board met, though the mayor could not come and nobody else did."),
    (Label.HEDGE_ADDED, "It opened on May 29 with a parade.", "It opened on May 30 with a parade."),
    (Label.HEDGE_ADDED, "The clerk apparently left.", "The clerk reportedly left."),
    (
        Label.ATTRIBUTION_CHANGED,
        "The quay is safe, Okafor said there.",
        "The quay is safe, Okafor told the board there.",
    ),
    (Label.ATTRIBUTION_CHANGED, "The quay is safe, Ines Okafor said.", "The quay is safe, Okafor said."),
    (
        Label.QUOTE_CHANGED,
        "“We were told the figures would be ready,” Okafor said.",
        '"We were told the figures would be ready", Okafor said.',
    ),
    (Label.QUOTE_ADDED, "They met at the hall.", "They met at the “old” hall."),
    (Label.QUOTE_ADDED, "Do read it.", "Do read our article “You may be wrong about the quay”."),
    (Label.QUOTE_ADDED, "The band played on.", "The band played “Boats on the Quiet Water” on."),
    (Label.QUOTE_REMOVED, "The band played “Boats on the Quiet Water” on.", "The band played on."),
    (Label.NAME_CHANGED, "the quay is to open in spring there.", "The quay is to open in spring there."),
    (Label.NAME_CHANGED, "Mayor Welcomes The New Quay", "Mayor welcomes the new quay"),
    (Label.NAME_CHANGED, "Mayor Opens The Quay", "Mayor Opens the Quay"),
    (Label.NAME_CHANGED, "MAYOR OPENS THE QUAY IN ARLO", "Mayor opens the quay in Arlo"),
    (Label.NAME_CHANGED, "THE OLD QUAY OF ARLO FELL", "THE OLD QUAY OF Arlo FELL"),
    (Label.NAME_CHANGED, "The mayor will never go there.", "The mayor will NEVER go there."),
    (Label.NAME_CHANGED, "The case for the government was weak.", "The case for the Government was weak."),
    (Label.NAME_CHANGED, "They waited for the crane until noon.", "They waited for the crane until 5PM."),
    (Label.NAME_CHANGED, "It was Ines Okafor who left the hall.", "It was Okafor who left the hall."),
    (Label.NAME_CHANGED, "It was Ines Okafor who left the hall.", "It was Ines Maria Okafor who left the hall."),
    (
        Label.NAME_CHANGED,
        "It was said to the Bank of Arlo Governor Ruth Amadi there.",
        "It was said to the Bank of Arlo Deputy Governor Ruth Amadi there.",
    ),
]


@pytest.mark.parametrize(("label", "old", "new"), NOT_LABELLED)
def test_false_friends_get_no_label(label: Label, old: str, new: str) -> None:
    assert label not in labels(old, new)


WORTH_NO_LABEL = [
    ("It took twelve men, with ropes, to lift the crane.", "It took 12 men, with ropes, to lift the crane."),
    ("It cost $3 million to build the quay.", "It cost $3m to build the quay."),
    ("Rents rose 5 percent over the year.", "Rents rose 5% over the year."),
    ("The crane fell, and nobody was hurt.", "The crane fell and nobody was hurt."),
    ("The crane fell; nobody was hurt.", "The crane fell. Nobody was hurt.".replace("Nobody", "nobody")),
    ("She has lived in the U.S. for years.", "She has lived in the US for years."),
    ("It cost $1.5 million to build the quay.", "It cost $1,500,000 to build the quay."),
    ("The board meets at 3 p.m. in the old town.", "The board meets at 15:00 in the old town."),
    ("The board meets at 3 p.m. ET in the old town.", "The board meets at 3:00 pm ET in the old town."),
    ("The wall fell on Feb. 3, 2024, in a storm.", "The wall fell on 3 February 2024 in a storm."),
]
WORTH_OTHER = [
    ("The board meets at 3 p.m. ET in the old town.", "The board meets at 3 p.m. PT in the old town."),
    ("The board meets at 3 p.m. in the old town.", "The board meets at 3 p.m. ET in the old town."),
    ("The board meets at 3 p.m. (1900 GMT) in town.", "The board meets at 3 p.m. (2000 GMT) in town."),
    ("The board meets at 3:30 in the old town.", "The board meets at 3:30 a.m. in the old town."),
    ("The workers, who were tired, went home.", "The workers who were tired went home."),
    ("He called the opening a success.", "He called the opening a “success”."),
    ("The quay is safe.", "The quay is safe?"),
    ("It took twelve men to lift the crane.", "It took twelve strong men to lift the crane."),
]


@pytest.mark.parametrize(("old", "new"), WORTH_NO_LABEL)
def test_a_comma_or_another_way_to_write_a_number_or_a_time_bears_no_label_and_is_low(old: str, new: str) -> None:
    found = report(old, new)
    assert found.annotations == ()
    assert {judgement.severity for judgement in found.judgements} == {Severity.LOW}
    assert found.result is Result.CHANGED


@pytest.mark.parametrize(
    ("code", "text"),
    [("pt", "Subiu cinco por cento."), ("fr", "En hausse de cinq pour cent."), ("it", "Salito del cinque per cento.")],
)
def test_the_hundred_of_a_spelt_out_per_cent_is_no_number_of_its_own(code: str, text: str) -> None:
    assert [item.key for item in numbers(text, wording(code))] == [(5, "%")]


def test_a_scale_with_a_stop_is_the_scale_and_no_end_of_a_sentence() -> None:
    written = "Der Bau kostet 1,5 Mio. Euro.", "Der Bau kostet 1,5 Millionen Euro.", "Er kostet 1,5 Mio. Er ist neu."
    found = [[item.key for item in numbers(text, wording("de"))] for text in written]
    assert found == [[(1_500_000, "€")], [(1_500_000, "€")], [(1_500_000, "")]]


@pytest.mark.parametrize(("old", "new"), WORTH_OTHER)
def test_marks_that_mean_something_are_other(old: str, new: str) -> None:
    assert labels(old, new) == {Label.OTHER}


def test_a_quotation_is_found_by_its_block_where_the_sentence_has_no_marks() -> None:
    old = "“I was there. I saw the crane fall. It was terrible,” Okafor said."
    assert Label.QUOTE_CHANGED in labels(old, old.replace("the crane fall", "the crane lean"))


def test_typography_is_typographic_and_nothing_else() -> None:
    found = report('"It\'s late ..." he said - again.', "“It’s late …” he said – again.")
    assert {note.label for note in found.annotations} == {Label.TYPOGRAPHIC}
    assert found.result is Result.COSMETIC


def test_an_unlabelled_addition_is_low_and_an_unlabelled_edit_is_other() -> None:
    added = report(None, "The ferries will then run every hour.")
    assert [judgement.severity for judgement in added.judgements] == [Severity.LOW]
    assert added.annotations == ()
    assert labels("The ferries run every hour.", "The ferries run every single hour.") == {Label.OTHER}
    assert Label.OTHER in labels("The ferries run every hour.", None)


def test_fields_have_their_own_labels() -> None:
    before = page("Text stands here.")
    assert annotate(diff(before, page("Text stands here.", headline="Board is told all"))).annotations[0].label is (
        Label.HEADLINE_CHANGED
    )
    for kind, label in (
        (BlockKind.CAPTION, Label.CAPTION_CHANGED),
        (BlockKind.DEK, Label.DEK_CHANGED),
        (BlockKind.BYLINE, Label.BYLINE_CHANGED),
    ):
        found = report("By one hand and another", "By one hand and no other", kind)
        assert label in {note.label for note in found.annotations}


@pytest.mark.parametrize("source", ["og", "json-ld"])
def test_a_headline_that_changed_in_the_metadata_only(source: str) -> None:
    old, new = (
        Document(page("Text.").blocks, Content(((f"headline/{source}", said),)), "en")
        for said in ("Board hears about the quay", "Board hides cracks in the quay")
    )
    found = annotate(diff(old, new))
    assert {note.label for note in found.annotations} == {Label.HEADLINE_CHANGED}
    assert {judgement.severity for judgement in found.judgements} == {Severity.HIGH}


def test_only_the_link_changed() -> None:
    text = "Read the minutes of the meeting."
    old, new = (
        Document((Block(BlockKind.PARAGRAPH, text, (Link(9, 16, f"https://example.com/{n}"),)),)) for n in (1, 2)
    )
    (note,) = annotate(diff(old, new)).annotations
    assert (note.label, note.evidence) == (Label.LINK_CHANGED, ("https://example.com/1", "https://example.com/2"))


@pytest.mark.parametrize(
    ("old", "new", "evidence"),
    [
        (
            "The list is at https://quay.example/2014-12-01/full.csv for all.",
            "The list is at https://quay.example/2015-01-01/full.csv for all.",
            ("https://quay.example/2014-12-01/full.csv", "https://quay.example/2015-01-01/full.csv"),
        ),
        ("Write to ines@quay.example.", "Write to press@quay.example.", ("ines@quay.example", "press@quay.example")),
        ("See www.quay.example/a, it said.", "See www.quay.example/b, it said.", None),
        ("See quay.org and wait.", "See dock.org/list and wait.", None),
    ],
)
def test_another_address_in_the_text_is_a_link_that_changed(
    old: str, new: str, evidence: tuple[str, ...] | None
) -> None:
    found = report(old, new)
    assert [note.label for note in found.annotations] == [Label.LINK_CHANGED]
    assert evidence in (None, found.annotations[0].evidence)
    assert {judgement.severity for judgement in found.judgements} == {Severity.LOW}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The list is at https://quay.example/a for all.", "The list is at https://quay.example/b for most."),
        ("It fell at 3 p.m. there.", "It fell at 4 p.m. there."),
        ("The crane fell.It broke.", "The crane fell.He broke."),
    ],
)
def test_more_than_an_address_is_no_link(old: str, new: str) -> None:
    assert Label.LINK_CHANGED not in labels(old, new)


def test_a_word_that_the_article_writes_with_a_capital_elsewhere_is_put_right() -> None:
    told = "The tool was named Discovery when the town first bought it."
    before, after = (
        page(told, f"This is how the town paid for {word} that year.") for word in ("discovery", "Discovery")
    )
    assert [note.label for note in annotate(diff(before, after)).annotations] == [Label.NAME_CHANGED]
    also = "A discovery is made here each day, they like to say."
    before, after = (page(told, also, *[block.text for block in side.blocks[4:5]]) for side in (before, after))
    assert [note.label for note in annotate(diff(before, after)).annotations] == [Label.OTHER]


def test_a_part_that_leaves_a_name_everywhere_is_another_name() -> None:
    texts = [
        f"{start} the town has used the {name} to {end} of the new quay."
        for start, name, end in (
            ("This year", "{}Standards", "speak"),
            ("By now", "{}Standards", "build a part"),
            ("Before that", "{}Standards", "plan most"),
        )
    ]
    before, after = (page(*[text.format(part) for text in texts]) for part in ("Draft ", ""))
    assert {note.label for note in annotate(diff(before, after)).annotations} == {Label.NAME_CHANGED}
    before, after = (page(texts[0].format(part)) for part in ("Draft ", ""))
    assert {note.label for note in annotate(diff(before, after)).annotations} == {Label.OTHER}


def test_german_nouns_in_other_capitals_are_no_names() -> None:
    for old, new in (("im allgemeinen", "im Allgemeinen"), ("der kai", "der Kai"), ("der Kai", "der KAI")):
        before, after = (
            Document((Block(BlockKind.PARAGRAPH, f"Gestern war {word} noch ganz gut zu sehen."),), language="de")
            for word in (old, new)
        )
        assert Label.NAME_CHANGED not in {note.label for note in annotate(diff(before, after)).annotations}


def test_a_move_and_a_split_are_no_change_of_words() -> None:
    one = "The first paragraph has a few words of its own. And it has a second sentence."
    before = page(one, "Another one follows it here with other words.")
    moved = annotate(diff(before, page("Another one follows it here with other words.", one)))
    assert {note.label for note in moved.annotations} == {Label.MOVED}
    first, second = one.split(". ")
    split = annotate(diff(page(one), page(f"{first}.", second)))
    assert {note.label for note in split.annotations} == {Label.SPLIT}
    assert split.result is Result.COSMETIC


def test_a_retraction_note() -> None:
    long = page(*(f"Sentence number {n} of the report stands here and says so." for n in range(20)))
    blocks = (*long.blocks[:2], Block(BlockKind.NOTICE, "Retraction: We have retracted this article."))
    found = annotate(diff(long, Document(blocks, language="en")))
    told = {note.label for note in found.annotations}
    assert Label.RETRACTION in told
    assert Label.UNCONFIRMED_LOSS not in told
    assert {judgement.disclosure for judgement in found.judgements} <= {Disclosure.DISCLOSED, Disclosure.EXEMPT}


def test_a_great_loss_without_a_word_is_unconfirmed() -> None:
    long = page(*(f"Sentence number {n} of the report stands here and says so." for n in range(20)))
    found = annotate(diff(long, Document(long.blocks[:3], language="en")))
    assert Label.UNCONFIRMED_LOSS in {note.label for note in found.annotations}


def test_a_text_that_returns_is_a_revert() -> None:
    old, new = page("It was twelve."), page("It was twenty.")
    earlier = EarlierText("abc1234", datetime(2015, 5, 31, 15, 13, tzinfo=UTC), text_digest(new))
    found = annotate(diff(old, new), context=Context(earlier=(earlier,)))
    assert {note.label for note in found.annotations} >= {Label.REVERT, Label.NUMBER_CHANGED}
    revert = next(note for note in found.annotations if note.label is Label.REVERT)
    assert revert.evidence == ("revision abc1234", "2015-05-31T15:13:00Z")
    other = EarlierText("abc1234", earlier.captured_at, text_digest(old))
    assert Label.REVERT not in {
        n.label for n in annotate(diff(old, new), context=Context(earlier=(other,))).annotations
    }


@pytest.mark.parametrize(
    ("modified", "expected"),
    [(("m", "m"), [Label.MODIFIED_UNMOVED]), (("m", "n"), []), ((None, None), []), (("m", None), [])],
)
def test_text_changed_and_date_modified_did_not(modified: tuple[str | None, str | None], expected: list[Label]) -> None:
    made = diff(page("It was twelve."), page("It was twenty."))
    found = annotate(made, before=Side(modified=modified[0]), after=Side(modified=modified[1]))
    assert [finding.label for finding in found.findings] == expected


def test_cosmetic_text_moves_no_date() -> None:
    made = diff(page("It's twelve."), page("It’s twelve."))
    assert annotate(made, before=Side(modified="m"), after=Side(modified="m")).findings == ()


def test_a_published_date_that_moved() -> None:
    def dated(date: str) -> Document:
        return Document(page("Text.").blocks, Content((("published/json-ld", date),)), "en")

    made = annotate(diff(dated("2015-05-31T15:00:00Z"), dated("2015-06-02T15:00:00Z")))
    assert Label.DATE_CHANGED in {note.label for note in made.annotations}
    same_day = annotate(diff(dated("2015-05-31T15:00:00Z"), dated("2015-05-31T15:20:00Z")))
    assert Label.DATE_CHANGED not in {note.label for note in same_day.annotations}


def test_a_published_date_that_is_no_longer_given_contradicts_nothing() -> None:
    told = Document(page("Text.").blocks, Content((("published/json-ld", "2015-05-31T15:00:00Z"),)), "en")
    untold = Document(told.blocks, Content(()), "en")
    assert [note.label for note in annotate(diff(told, untold)).annotations] == [Label.OTHER]
    assert annotate(diff(untold, told)).annotations == ()


def test_each_detector_gives_labels_that_exist() -> None:
    assert list(DETECTORS)
    made = diff(page("It was twelve."), page("It was twenty."))
    for detector in DETECTORS.values():
        assert all(isinstance(note.label, Label) and note.evidence for note in detector(made, Context()))


MARKS = st.text("aeé\u0301\u00ad\u200b\ufe0f 5-–—−'’\"“”…`\u00a0.,K\u212a", max_size=12)


@settings(max_examples=300, deadline=None)
@given(MARKS, MARKS)
def test_the_quick_look_before_words_are_folded_changes_nothing(one, other):
    for old, new in ((one, other), (one, unicodedata.normalize("NFD", one).replace("-", "–"))):
        same = fold_words(old) == fold_words(new) or fold(old).strip() == fold(new).strip()
        assert _alike(old, new) == same
