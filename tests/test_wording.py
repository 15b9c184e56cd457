"""Notice openings, stamps and dates, by label and by shape: positives of many outlets' kinds, and false friends."""

from __future__ import annotations

import re
import time
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.model import NoticeKind as Kind
from tracker.text.wording import (
    amount,
    is_stamp,
    is_vague,
    languages,
    moments,
    notice_opening,
    plain,
    spelt,
    wording,
    words,
)
from tracker.text.wording.openings import _first_word, _small

OPENINGS = [
    ("Correction: The bridge is in Arlo, not in Brant.", Kind.CORRECTION, "Correction", "The bridge"),
    ("CORRECTION: Corrects month to June, instead of July", Kind.CORRECTION, "CORRECTION", "Corrects"),
    ("Correction 8/29/10 7:05 a.m. PDT: A previous version misstated it.", Kind.CORRECTION, "Correction", "A previous"),
    (
        "Correction, Nov. 15: This article originally misidentified a firm.",
        Kind.CORRECTION,
        "Correction",
        "This article",
    ),
    ("Correction: Dec. 6, 2021", Kind.CORRECTION, "Correction", ""),
    ("Correction: Dec. 6, 2021 An earlier version of this article misstated it.", Kind.CORRECTION, "Correction", "An "),
    ("UPDATE 3:13 PM: This story has been updated to include a denial.", Kind.UPDATE, "UPDATE", "This story"),
    ("Update, Oct 20 2025, 10:57AM ET: Includes a list.", Kind.UPDATE, "Update", "Includes"),
    ("Update 08/26/26 4:45pm ET: Includes details.", Kind.UPDATE, "Update", "Includes"),
    ("***UPDATE, Aug. 14, 1:22 p.m. ET**: It has the reply.", Kind.UPDATE, "UPDATE", "It has"),
    ("> **Update, July 10, 2023** We now know more.", Kind.UPDATE, "Update", "We now"),
    ("_(Update 31-Aug-2021)_ The fix is out.", Kind.UPDATE, "Update", "The fix"),
    ("Update (March 3): We were wrong.", Kind.UPDATE, "Update", "We were"),
    ("UPDATE II: More has come in.", Kind.UPDATE, "UPDATE", "More"),
    ("Update 2: The mayor resigned.", Kind.UPDATE, "Update", "The mayor"),
    ("Update: On December 10, the account was restored.", Kind.UPDATE, "Update", "On December"),
    ("Update: total of 7 boats recovered so far", Kind.UPDATE, "Update", "total"),
    ("Update: This story has been updated.", Kind.UPDATE_UNSPECIFIC, "Update", "This story"),
    ("Update: An earlier version of this story misstated the toll.", Kind.CORRECTION, "Update", "An earlier"),
    ("Editor's note: This story was updated at 5:45 p.m. ET.", Kind.EDITORS_NOTE, "Editor's note", "This story"),
    ("Editor’s Note — We have changed this.", Kind.EDITORS_NOTE, "Editor’s Note", "We have"),
    (
        "[Editor's Note: amended on May 5, 2023 and May 10, 2023 to clarify.]",
        Kind.EDITORS_NOTE,
        "Editor's Note",
        "amen",
    ),
    ("Clarification: The law was meant.", Kind.CLARIFICATION, "Clarification", "The law"),
    ("FOR THE RECORD: 2:05 p.m.: An earlier version gave it wrong.", Kind.CORRECTION, "FOR THE RECORD", "An earlier"),
    ("Retraction: We take this story back.", Kind.RETRACTION, "Retraction", "We take"),
    ("An earlier version of this article misstated the year.", Kind.CORRECTION, "", "An earlier"),
    ("Because of an editing error, an earlier version was wrong.", Kind.CORRECTION, "", "Because"),
    ("This article was amended on 29 December 2016 to remove a sentence.", Kind.CORRECTION, "", "This article"),
    ("This story has been corrected to show that it was Arlo.", Kind.CORRECTION, "", "This story"),
    ("Note: The headline on this article has been revised.", Kind.UPDATE, "Note", "The headline"),
    ("Disclosure - An earlier version of this story was wrong.", Kind.CORRECTION, "Disclosure", "An earlier"),
    ("(This story has been refiled to correct date)", Kind.REFILE, "", "This story"),
    ("(Corrects spelling of name in paragraph 3)", Kind.CORRECTION, "", "Corrects"),
    ("2:58 p.m.: This article was updated to add the cost.", Kind.UPDATE, "", "This article"),
    ("This story has been updated with additional developments.", Kind.UPDATE_UNSPECIFIC, "", "This story"),
    ("This article was updated on May 4, 2020.", Kind.UPDATE_UNSPECIFIC, "", "This article"),
    ("This article has been clarified to explain the law.", Kind.CLARIFICATION, "", "This article"),
    ("The Signal has withdrawn this article.", Kind.RETRACTION, "", "The Signal"),
    ("This story has been retracted.", Kind.RETRACTION, "", "This story"),
    ("This article has been removed at the request of the author.", Kind.REMOVAL, "", "This article"),
    ("This is a developing story and will be updated.", Kind.DEVELOPING, "", "This is"),
    ("An article on Monday about the harvest misstated the size of a farm.", Kind.CORRECTION, "", "An article"),
    ("The headline of this article has been changed to be clearer.", Kind.UPDATE, "", "The headline"),
]
NO_OPENINGS = [
    "Updated 5 minutes ago",
    "Updated 0339 GMT (1139 HKT) November 19, 2019",
    "Updated: 3:15 p.m. ET",
    "Update: Dec 22, 2016",
    "May 31, 3:20 PM",
    "Updated figures show that prices rose.",
    "Updates on the storm: follow our live page",
    "Coronavirus-Update: alles Neue",
    "Update your browser",
    "Corrections",
    "Correction",
    "Correction facilities are full, officials said.",
    "Clarification is needed, she said.",
    "„Das stimmt nicht“ (Anm. d. Red.: Der Name wurde geändert), sagte er.",
    "An earlier version of the phone had a button.",
    "The first version of the bill failed.",
    "This story has been told many times.",
    "This article was originally published on another site.",
    "This report was released on Monday.",
    "This video was removed from the platform, the company said.",
    "The update will be released in May.",
    "Updated daily",
    "Note: prices may vary.",
    "Please note: the hall is closed on Monday.",
    "The company has withdrawn this product.",
    "2:58 p.m.: Police arrived at the scene.",
    "More to come from the factory, he said.",
    "Editor's notes on the wall",
    "",
]
STAMPS = [
    "Updated 5 minutes ago",
    "Updated 0339 GMT (1139 HKT) November 19, 2019",
    "May 31, 3:20 PM",
    "Last updated on 3 May 2019 at 10:12",
    "Published 14 Aug 2019",
    "Updated at 6:13 p.m. ET",
    "12/11/2019",
    "Yesterday",
]


@pytest.mark.parametrize(("text", "kind", "label", "says"), OPENINGS)
def test_a_notice_opens(text: str, kind: Kind, label: str, says: str) -> None:
    opening = notice_opening(text, "en")
    assert opening is not None
    assert (opening.kind, opening.label) == (kind, label)
    assert text[opening.end :].startswith(says)


@pytest.mark.parametrize("text", NO_OPENINGS)
def test_false_friends_open_nothing(text: str) -> None:
    assert notice_opening(text, "en") is None


@pytest.mark.parametrize("text", STAMPS)
def test_stamps(text: str) -> None:
    assert is_stamp(text, None)


@pytest.mark.parametrize("text", ["Updated figures show it.", "May he rest", "The year 2019 was good.", "", "Update"])
def test_what_is_no_stamp(text: str) -> None:
    assert not is_stamp(text, "en")


@pytest.mark.parametrize(
    ("text", "stamp", "date", "zone"),
    [
        ("3:13 PM", "15:13", None, None),
        ("12:05 a.m. PDT", "00:05", None, "PDT"),
        ("12 p.m.", "12:00", None, None),
        ("0339 GMT (1139 HKT) November 19, 2019", "03:39", "2019-11-19", "GMT"),
        ("Aug. 14, 1:22 p.m. ET", "13:22", None, "ET"),
        ("Oct 20 2025, 10:57AM ET", "10:57", "2025-10-20", "ET"),
        ("29 December 2016", None, "2016-12-29", None),
        ("31-Aug-2021", None, "2021-08-31", None),
        ("2015-05-31", None, "2015-05-31", None),
        ("16.04.2019", None, "2019-04-16", None),
    ],
)
def test_a_moment_is_read_and_not_invented(text: str, stamp: str | None, date: str | None, zone: str | None) -> None:
    (moment,) = moments(text, "en")
    assert (moment.time, moment.date, moment.zone) == (stamp, date, zone)


def test_a_month_in_letters_of_another_time_is_still_a_month() -> None:
    assert [moment.day for moment in moments("auguſt 3", "en")] == [(8, 3)]


def test_what_is_assumed_is_listed() -> None:
    (slashed,) = moments("08/09/26", "en")
    assert (slashed.date, slashed.assumed) == ("2026-08-09", ("month before day", "the century"))
    (plain,) = moments("3:13", "en")
    assert (plain.time, plain.assumed) == ("03:13", ("24-hour clock",))


@pytest.mark.parametrize("text", ["$3.50 and 3.14 per cent", "a score of 25", "99:99", "32/13/2019"])
def test_what_is_no_moment(text: str) -> None:
    assert moments(text, "en") == ()


def test_vague_says_that_but_not_what() -> None:
    assert is_vague("This story has been updated with more details.", "en")
    assert is_vague("This article was updated on 4 May 2020.", "en")
    assert not is_vague("This story has been updated with details from the harbour board.", "en")
    assert not is_vague("The headline has been updated.", "en")


def test_unknown_languages_fall_back_to_english() -> None:
    assert wording("xx-YY") is wording(None) is wording("en-GB")
    assert wording("../en").language == "en"


SPELT = [
    ("en", "twenty-one", 21),
    ("en", "two hundred and five", 205),
    ("en", "three thousand two hundred", 3200),
    ("en", "one million three hundred thousand and four", 1300004),
    ("de", "einundzwanzig", 21),
    ("de", "zweihundert", 200),
    ("de", "zweitausenddreihundertfünfundvierzig", 2345),
    ("de", "hundertzwanzigtausend", 120000),
    ("de", "zwei Millionen dreihunderttausend", 2300000),
    ("de", "einhunderteins", 101),
    ("nl", "eenentwintig", 21),
    ("nl", "tweeëntwintig", 22),
    ("nl", "vijftienhonderd", 1500),
    ("nl", "tweehonderdvijfendertig", 235),
    ("nl", "drie miljoen", 3000000),
]
NOT_SPELT = [("en", "hundreds of once"), ("de", "ein Hunderter, einmal eine Acht"), ("nl", "een honderdtal, eenmaal"),
             ("de", "Tausende achteten dreist"), ("nl", "duizenden zeventigers")]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "value"), SPELT)
def test_a_number_is_read_however_it_is_spelt(code: str, text: str, value: int) -> None:
    (found,) = spelt(f"Da {text}, da", code)
    assert found.value == value
    assert f"Da {text}, da"[found.start : found.end] == text


@pytest.mark.parametrize(("code", "text"), NOT_SPELT)
def test_words_with_a_number_in_them_are_none(code: str, text: str) -> None:
    assert not [found for found in spelt(text, code) if found.value != 8]  # "acht" is eight, also with a capital


@pytest.mark.parametrize(
    ("code", "raw", "value"),
    [
        ("en", "3,000", 3000), ("en", "3.5", Decimal("3.5")), ("en", "3,5", Decimal("3.5")), ("en", "1,00,000", 100000),
        ("de", "3.000", 3000), ("de", "3,5", Decimal("3.5")), ("de", "3 000", 3000), ("de", "3.5", Decimal("3.5")),
        ("de", "1.234.567,8", Decimal("1234567.8")), ("de", "3'000", 3000), ("nl", "-3", -3), ("en", "1.2.3", None),
    ],
)  # fmt: skip
def test_digits_are_read_with_the_marks_of_the_language(code: str, raw: str, value: Decimal | int | None) -> None:
    assert amount(raw, code) == value


def test_a_language_may_leave_out_everything_but_its_months(monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"times": {"months": wording("nl").times.months}}
    monkeypatch.setattr(words, "_data", {"xx": data}.__getitem__)
    bare = words.Wording("xx", words._times(data["times"]), words._notices({}))
    said = "Update: said to add a denial, not 12 but 21; it is not true, according to a source"
    for table in (bare.notices, bare.claims, bare.speech, bare.facts):
        for name in table.__slots__:
            value = getattr(table, name)
            if hasattr(value, "search"):
                marks = name in ("clause", "loose")  # of these some are made of commas and spaces alone
                assert marks or value.search(said) is None, name
            elif not isinstance(value, bool):
                assert value in ((), frozenset(), {}, "", ",", words.NEVER), name


@pytest.mark.parametrize("code", sorted(languages()))
def test_the_quick_look_before_the_shapes_loses_no_note_of_the_cases(code: str) -> None:
    path = Path(__file__).parent / "languages" / code / "notices.toml"
    cases = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {"note": [], "friend": []}
    texts = [plain(case["text"]) for table in ("note", "friend") for case in cases[table]]
    texts += [plain(text) for text, *_ in OPENINGS if code == "en"]
    assert texts
    known = wording(code).notices
    for text in texts:
        looked = known.shapes_by_first.get(_first_word(text, 0), known.open_shapes)
        assert all(shape in looked for shape in known.shapes if shape[1].match(text)), text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_total_and_offsets_inside(text: str) -> None:
    opening = notice_opening(text, "en")
    assert opening is None or 0 <= opening.end <= len(text)
    assert all(0 <= moment.start < moment.end <= len(text) for moment in moments(text, "en"))
    assert not (is_stamp(text, "en") and opening is not None)


@pytest.mark.parametrize("seed", ["Update ", "1:", "( ", "May 1 ", "an earlier version of this ", "a report on "])
def test_long_lines_do_not_hang(seed: str) -> None:
    start = time.perf_counter()
    notice_opening(seed * 20_000, "en")
    is_stamp(seed * 20_000, "en")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("place", range(len(wording("en").notices.shapes)))
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_quick_look_before_the_shapes_loses_no_note(place, data):
    words = wording("en").notices
    shape = words.shapes[place]
    text = data.draw(st.from_regex(re.compile(shape[1].pattern, re.IGNORECASE)))
    found = shape[1].search(text)
    assert found is not None
    assert shape in words.shapes_by_first.get(_first_word(text, found.start()), words.open_shapes)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_quick_look_before_the_labels_loses_no_note(data):
    words = wording("en").notices
    _, pattern = data.draw(st.sampled_from(words.labels))
    found = pattern.match(data.draw(st.from_regex(re.compile(pattern.pattern, re.IGNORECASE), fullmatch=True)))
    assert found is not None
    assert _small(found.group()[:2]) in words.label_starts


def is_stamp_without_a_quick_look(text: str) -> bool:
    words = wording("en").times
    rest = head = plain(text).lower()
    found = moments(head, "en")
    for moment in reversed(found):
        rest = rest[: moment.start] + " " + rest[moment.end :]
    known = words.stamp_words.union(words.weekdays, words.months, *(zone.split() for zone in words.zones))
    return bool(found or words.relative.search(head)) and set(re.findall(r"[^\W\d_]+", rest)) <= known


STAMP_PARTS = [
    "Updated", "posted on", "May", "sept.", "3", "3rd", "3rds", "2019", "03/05/19", "15:13", "3 p.m.", "3:15pm", "GMT",
    "Eastern Time", "(1139 HKT)", "(the mayor 3)", "at", ",", "|", "-", "ago", "5 minutes", "just now", "mayor", "Mon",
    "é", "_", "x", "'",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(STAMP_PARTS), max_size=7), st.sampled_from(["", " "]))
def test_the_quick_look_before_the_stamps_changes_nothing(parts, between):
    text = between.join(parts)
    assert is_stamp(text, "en") == (len(text) <= 120 and is_stamp_without_a_quick_look(text))
