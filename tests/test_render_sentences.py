"""The one plain sentence of each change, and what stands above the changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.render_support import (
    AFTER,
    BEFORE,
    REPORTS,
    Told,
    change,
    cosmetic,
    denial,
    everything,
    page,
    report,
    span,
    unchanged,
)
from tracker.model import (
    Block,
    BlockKind,
    Claim,
    ClaimState,
    Disclosure,
    Document,
    Field,
    Finding,
    Label,
    Op,
    Report,
    Severity,
    Side,
    Stated,
    Step,
    Verdict,
)
from tracker.render import summary
from tracker.render.sentences import came, remark, sentence, statement
from tracker.render.times import Clock, zone
from tracker.render.view import ClaimView
from tracker.render.words import clip, ended, plural, quoted, with_article


def edited(old: str, new: str, *labels: tuple[Label, tuple[str, ...]], severity: Severity = Severity.HIGH) -> Report:
    before, after = page(f"Head. {old} Tail."), page(f"Head. {new} Tail.")
    one = change(Op.EDITED, Field.BODY, (span(before, 1, old),), (span(after, 1, new),))
    return report(before, after, (Told(one, labels, severity),))


def said(subject: Report) -> str:
    return statement(subject, subject.diff.changes[0])


@pytest.mark.parametrize(
    ("old", "new", "label", "evidence", "expected"),
    [
        ("It is 12.", "It is 21.", Label.NUMBER_CHANGED, ("12", "21"), "A number was changed from 12 to 21."),
        ("It is 12.", "It is 21.", Label.NUMBER_CHANGED, ("twelve",), "A number was changed from 12 to 21."),
        ("It is red.", "It is red 21.", Label.NUMBER_CHANGED, ("21",), "A number was added: 21."),
        (
            "Al said.",
            "Al claimed.",
            Label.ATTRIBUTION_CHANGED,
            (),
            "An attribution was changed from “said” to “claimed”.",
        ),
        ("It did.", "It did not.", Label.NEGATION_CHANGED, ("not",), "A negation was added: “not”."),
        (
            "He ran.",
            "He maybe ran.",
            Label.HEDGE_ADDED,
            ("maybe",),
            "A word of caution was added to a sentence: “maybe”.",
        ),
        ("It was, he said.", "It was.", Label.OTHER, (), "Words were taken out of a sentence: “he said”."),
        ("He, Al, ran.", "He Al, ran.", Label.OTHER, (), "The punctuation of a sentence was changed."),
        ("It is red.", "It is blue.", Label.OTHER, (), "The wording of a sentence was changed from “red” to “blue”."),
        ("“Yes,” he said.", "“No,” he said.", Label.QUOTE_CHANGED, (), "A quotation was changed from “Yes” to “No”."),
        ("It - red.", "It – red.", Label.TYPOGRAPHIC, (), "Only quotation marks, dashes or spaces were changed."),
    ],
)
def test_what_was_changed(old: str, new: str, label: Label, evidence: tuple[str, ...], expected: str) -> None:
    assert said(edited(old, new, (label, evidence))) == expected


def test_several_labels_make_one_sentence():
    subject = edited(
        "Al said 12.", "Ed said 21.", (Label.NAME_CHANGED, ("Al", "Ed")), (Label.NUMBER_CHANGED, ("12", "21"))
    )
    assert said(subject) == "A number was changed from 12 to 21; also changed: a name."


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (BlockKind.PARAGRAPH, "A paragraph was added."),
        (BlockKind.ITEM, "A list item was added."),
        (BlockKind.HEADING, "A heading was added."),
        (BlockKind.ENTRY, "A live-blog entry was added."),
    ],
)
def test_blocks_are_called_what_they_are(kind: BlockKind, expected: str) -> None:
    before, after = page("One."), Document((*page("One.").blocks, Block(kind, "Two.")))
    one = change(Op.ADDED, Field.BODY, (), (span(after, 2),))
    assert sentence(report(before, after, (Told(one, (), Severity.LOW),)), one) == expected


def test_the_sentences_of_a_whole_page():
    subject = everything()
    assert [statement(subject, one) for one in subject.diff.changes] == [
        "The title given to search engines and shared links was changed from “Ferry to close” to “Ferry may close”.",
        "The headline was changed from “Council to close ferry line” to “Council weighs end of ferry line”.",
        "The byline was changed from “By Rosa Lind” to “By Rosa Lind and Per Holm”.",
        "An attribution was changed from “said” to “claimed”.",
        "The link on “plan” was changed from https://news.example/plan to https://council.example/paper.pdf.",
        "A number was changed from 900 to 1,900.",
        "A sentence was removed.",
        "A paragraph was moved from place 5 to place 3 in the text.",
        "A paragraph was split into two.",
        "Two paragraphs were joined into one.",
        "A paragraph was removed.",
        "Only quotation marks, dashes or spaces were changed.",
        "An image was changed.",
    ]
    subject = denial()
    assert [statement(subject, one) for one in subject.diff.changes] == [
        "A paragraph with a denial was added.",
        "A paragraph with a response was added.",
        "An update note was added.",
    ]


LATER = datetime(2015, 5, 31, 14, 17, tzinfo=UTC)
NUMBER = edited("It is 12.", "It is 21.", (Label.NUMBER_CHANGED, ("12", "21")))


def judged(
    disclosure: Disclosure, severity: Severity = Severity.HIGH, as_of: datetime | None = AFTER.captured_at
) -> str:
    judgement = replace(NUMBER.judgements[0], disclosure=disclosure, severity=severity)
    subject = replace(NUMBER, judgements=(judgement,), as_of=as_of)
    return remark(subject, subject.diff.changes[0], Clock())


def test_silence_is_told_with_the_time_of_our_last_look():
    assert judged(Disclosure.SILENT) == "No notice we found as of 19:17 UTC mentions it."
    later = datetime(2015, 6, 2, 8, 0, tzinfo=UTC)
    assert judged(Disclosure.SILENT, as_of=later) == "No notice we found as of 2 June 2015, 08:00 UTC mentions it."
    assert judged(Disclosure.SILENT, as_of=None) == "No notice we found mentions it."


def test_the_day_of_our_last_look_is_named_where_the_two_sides_are_of_different_days():
    spread = replace(NUMBER, before=replace(BEFORE, captured_at=datetime(2015, 5, 29, 8, 0, tzinfo=UTC)))
    said = remark(replace(spread, as_of=AFTER.captured_at), spread.diff.changes[0], Clock())
    assert said == "No notice we found as of 31 May 2015, 19:17 UTC mentions it."


def test_small_changes_are_not_called_silent():
    assert judged(Disclosure.SILENT, Severity.LOW) == ""
    assert judged(Disclosure.EXEMPT) == ""


def test_other_disclosures():
    assert judged(Disclosure.DISCLOSED) == "A notice on the page mentions it."
    assert judged(Disclosure.PARTLY) == "A notice on the page mentions a part of it."
    assert judged(Disclosure.UNSPECIFIC) == "A notice speaks of changes to the article, but not clearly of this one."
    subject = denial()
    assert remark(subject, subject.diff.changes[0], Clock()) == "The update note on the page mentions it."
    subject = everything()
    later = "A later notice, first seen 1 h 43 min after the change, mentions it."
    assert remark(subject, subject.diff.changes[3], Clock()) == later


def test_a_note_that_says_the_contrary_has_words_of_its_own():
    judgement = replace(NUMBER.judgements[0], disclosure=Disclosure.UNSPECIFIC, otherwise=True)
    subject = replace(NUMBER, judgements=(judgement,))
    assert remark(subject, subject.diff.changes[0], Clock()) == "A notice on the page speaks of it, but says otherwise."


def test_a_headline_that_alternates_is_said_to():
    before, after = page("Same.", headline="One wording"), page("Same.", headline="Another")
    one = change(Op.EDITED, Field.HEADLINE, (span(before, 0),), (span(after, 0),))
    labels = ((Label.HEADLINE_CHANGED, ()), (Label.REVERT, ("revision abc", "2015-05-31T12:04:00Z")))
    subject = report(before, after, (Told(one, labels, Severity.HIGH, Disclosure.EXEMPT),))
    subject = replace(subject, findings=(Finding(Label.REVERT, ("One wording", "Another")),))
    assert sentence(subject, one) == (
        "The headline was changed from “One wording” to “Another”, as in an earlier snapshot. "
        "It alternates between two wordings, and is not counted as an edit."
    )
    found = summary.finding_sentence(subject.findings[0], Clock())
    assert found == "The headline alternates between two wordings: “One wording” and “Another”."


def test_several_numbers_of_a_sentence_are_told_in_pairs():
    evidence = ("12", "21", "£3m", "£4m")
    found = said(edited("It is 12 and £3m.", "It is 21 and £4m.", (Label.NUMBER_CHANGED, evidence)))
    assert found == "A number was changed from 12 to 21, and from “£3m” to “£4m”."
    assert said(edited("Of nine.", "Of 12.", (Label.NUMBER_CHANGED, ("nine", "12")))).endswith("from “nine” to “12”.")


def test_when_a_change_came_is_told_where_the_head_cannot():
    step = Step(NUMBER.diff.changes[0].id, "c" * 40, datetime(2015, 5, 31, 14, 2, tzinfo=UTC), LATER)
    one = NUMBER.diff.changes[0]
    assert came(NUMBER, one, Clock()) == ""
    shown = came(replace(NUMBER, steps=(step,)), one, Clock())
    assert shown == "Came between 14:02 and 14:17 UTC on 31 May 2015 (cccccccccc)."
    twice = came(replace(NUMBER, steps=(replace(step, steps=2),)), one, Clock())
    assert twice.startswith("Was changed more than once, last between 14:02 and 14:17 UTC")


def test_dates_of_the_page_are_written_out_in_the_zone_asked_for():
    dates = summary.page_dates(NUMBER, Clock(zone("Europe/Paris")))
    assert dates == "The page gives: published 31 May 2015, 11:00 CEST; modified 31 May 2015, 21:13 CEST"


def test_the_verdict_in_words():
    assert summary.verdict_line(denial()) == "1 notice, which mentions 2 changes; verdict: disclosed"
    assert summary.verdict_line(everything()) == "No notice; verdict: silent; 1 change disclosed later"
    assert summary.verdict_line(unchanged()) == "No difference."
    assert summary.verdict_line(cosmetic()) == "No words were changed, only typography or paragraph breaks."
    silent = (
        "4 of 6 changes are mentioned in no notice we found as of 19:17 UTC. A later notice mentions 1 of 6 changes."
    )
    assert summary.verdict_sentence(everything(), Clock()) == silent
    partly = summary.verdict_sentence(replace(everything(), verdict=Verdict.PARTLY), Clock())
    assert partly == silent
    one = summary.verdict_sentence(NUMBER, Clock())
    assert one == "No notice we found as of 19:17 UTC mentions the change."


def test_counts():
    assert summary.count_line(denial()) == "3 changes (2 high, 1 low), 42 words added, none removed"
    assert summary.count_line(cosmetic()).startswith("1 change (1 cosmetic), ")


def test_the_check_before_and_this_one():
    assert summary.change_time(denial(), Clock()) == "Changed between 19:02 and 19:17 UTC on 31 May 2015"
    bare = replace(denial(), before=Side(), after=replace(AFTER, seen_since=None))
    assert summary.change_time(bare, Clock()) == "Changed at or before 31 May 2015, 19:17 UTC"
    first = replace(denial(), after=replace(AFTER, seen_since=None))
    assert summary.change_time(first, Clock()) == "Changed between 12:04 and 19:17 UTC on 31 May 2015"
    assert summary.change_time(replace(denial(), before=Side(), after=Side()), Clock()) == ""
    assert summary.side_lines(replace(denial(), before=Side(), after=Side()), Clock()) == ()
    assert summary.side_lines(replace(denial(), before=Side()), Clock())[0] == ("before", "time not known")
    assert BEFORE.captured_at is not None


def test_what_a_notice_states_and_what_was_assumed():
    stated = Stated("1 June", date="2015-06-01", assumed=("year of capture", "day before month"))
    words = "Stated: 1 June 2015, no time of day given"
    assert summary.stated_line(stated) == f"{words} (assumed: year of capture; day before month)"
    assert summary.stated_line(Stated("1 June")) == "Stated: “1 June”, no year and no time of day given"
    yearless = Stated("June 1, 3:13 p.m. ET", time="15:13", zone="ET")
    assert summary.stated_line(yearless) == "Stated: “June 1, 3:13 p.m. ET”, no year given"
    assert summary.stated_line(Stated("3:13 p.m. ET", time="15:13", zone="ET")) == "Stated: 15:13 ET, no day given"
    assert summary.stated_line(None) == "No time is given."


def test_claims_say_where_their_changes_are():
    def state(numbers: tuple[int, ...], elsewhere: tuple[str, ...], state_: ClaimState = ClaimState.MATCHED) -> str:
        return summary.claim_state(ClaimView(Claim("12, not 21", state_), numbers, elsewhere))

    assert state((1,), ()) == "found: change 1"
    assert state((1, 2, 4), ("a" * 40, "a" * 40)) == "found: changes 1, 2 and 4, also in revision aaaaaaaaaa"
    assert state((), ("a" * 40,)) == "found: in revision aaaaaaaaaa"
    assert state((), (), ClaimState.UNMATCHED) == "no such change found"


def test_words():
    assert plural(0, "change") == "no changes"
    assert plural(1, "change") == "1 change"
    assert with_article("update note") == "an update note"
    assert clip("word " * 50, 20) == "word word word word …"
    assert clip("x" * 50, 20) == "x" * 20 + " …"
    assert quoted("3,000") == "3,000"
    assert quoted("3 million") == "“3 million”"
    assert ended(f"Told: {quoted('We knew.')}") == "Told: “We knew.”"
    assert ended(f"Told: {quoted('“We knew.”')}") == "Told: “‘We knew.’”"
    assert ended(f"Told: {quoted('we knew')}") == "Told: “we knew”."
    assert quoted("“We knew,” she said.") == "“‘We knew,’ she said.”"


@pytest.mark.parametrize("name", REPORTS)
def test_every_change_has_a_sentence_that_ends(name: str) -> None:
    subject = REPORTS[name]()
    for one in subject.diff.changes:
        assert statement(subject, one).endswith(".")
        assert statement(subject, one)[0].isupper()
