"""An article's life: headlines that alternate, when each change came, the story of it all, and figures per host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli_support import OTHER, OTHER_URL, run_here
from tests.site import HEADLINE, PARAGRAPHS, URL, capture, edited, hour, page
from tracker.model import Check, Disclosure, Label, Outcome, Report, Result, Verdict
from tracker.pipeline import keep, outlets, refresh_reports, report, reports, story
from tracker.render.options import Options
from tracker.render.outlets import LEAST_CASES, LEAST_DELAYS, OutletRow
from tracker.render.outlets import outlets as outlets_text
from tracker.render.story import STORIES, EventKind, Story, story_object
from tracker.store import Store, open_store

A = HEADLINE
B = "Twelve die as flames sweep the harbour"
TOLL = edited(0, "killed 12 people", "killed 21 people")
NOTE = "Correction: An earlier version of this article misstated the number of people killed. It is 21, not 12."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store", create=True) as store:
        yield store


def told(store: Store) -> list[Report]:
    return list(reports(store, store.history(store.find(URL))))


def keep_headlines(store: Store, headlines: Sequence[str], *, every: timedelta = timedelta(hours=1)) -> None:
    for number, headline in enumerate(headlines):
        keep(store, capture(hour(1) + every * number, page(headline=headline, nonce=number)))


def disclosures(found: list[Report]) -> list[Disclosure]:
    return [judgement.disclosure for each in found for judgement in each.judgements]


# --- headlines that alternate ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headlines", "silent"),
    [
        ("AB", 1),
        ("ABA", 0),
        ("ABAB", 1),  # the last one stands
        ("ABABA", 0),
    ],
)
def test_a_headline_test_is_not_many_silent_edits(store: Store, headlines: str, silent: int) -> None:
    keep_headlines(store, [{"A": A, "B": B}[each] for each in headlines])
    found = told(store)
    assert disclosures(found).count(Disclosure.SILENT) == silent
    for number, each in enumerate(found):
        reverted = Label.REVERT in {note.label for note in each.annotations}
        assert reverted == (number > 0)
        assert [finding.evidence for finding in each.findings] == ([(A, B)] if len(headlines) > 2 else [])


def test_a_later_note_about_something_else_does_not_speak_of_a_headline_test(store: Store) -> None:
    for number, (headline, text, note) in enumerate(
        ((A, PARAGRAPHS, None), (B, PARAGRAPHS, None), (A, PARAGRAPHS, None), (A, TOLL, NOTE))
    ):
        keep(store, capture(hour(number + 1), page(text, headline=headline, note=note)))
    assert [each.judgements[0].disclosed_later for each in told(store)[:2]] == [None, None]


def test_a_wording_that_returns_days_later_was_given_up(store: Store) -> None:
    keep_headlines(store, [A, B, A], every=timedelta(days=3))
    found = told(store)
    assert disclosures(found) == [Disclosure.SILENT, Disclosure.SILENT]
    assert [each.findings for each in found] == [(), ()]
    assert Label.REVERT in {note.label for note in found[1].annotations}


def test_a_third_wording_is_no_alternation(store: Store) -> None:
    keep_headlines(store, [A, B, "Harbour fire: what we know", A])
    assert disclosures(told(store)) == [Disclosure.SILENT] * 3


def test_what_is_edited_with_an_alternating_headline_is_judged_for_itself(store: Store) -> None:
    for number, (headline, text) in enumerate(((A, PARAGRAPHS), (B, TOLL), (A, TOLL))):
        keep(store, capture(hour(number + 1), page(text, headline=headline)))
    first, second = told(store)
    assert sorted(disclosures([first])) == [Disclosure.EXEMPT, Disclosure.SILENT]
    assert first.verdict is Verdict.SILENT
    assert (second.verdict, second.result) == (Verdict.NOTHING, Result.CHANGED)
    events = story(store, store.history(store.find(URL))).events
    assert [event.kind for event in events] == [EventKind.FIRST_SEEN, EventKind.EDIT, EventKind.ALTERNATION]
    assert (events[2].count, events[2].words) == (2, (A, B))
    assert [change.labels for change in events[1].changes] == [("number-changed",)]


# --- notices that come later ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "later", "disclosure"),
    [
        (NOTE, True, Disclosure.SILENT),
        ("This article has been corrected.", False, Disclosure.UNSPECIFIC),
        ("Minor edits were made after publication.", False, Disclosure.UNSPECIFIC),
        ("Correction: An earlier version of this article misspelled the name of Maria Lind.", False, Disclosure.SILENT),
    ],
)
def test_a_later_note_is_heard_and_a_vague_one_ends_the_silence(
    store: Store, note: str, later: bool, disclosure: Disclosure
) -> None:
    for number, (text, said) in enumerate(((PARAGRAPHS, None), (TOLL, None), (TOLL, note))):
        keep(store, capture(hour(number + 1), page(text, note=said)))
    (judgement,) = told(store)[0].judgements
    assert (bool(judgement.disclosed_later), judgement.disclosure) == (later, disclosure)


# --- who was when ---------------------------------------------------------------------------------------------------


def test_over_many_snapshots_each_change_has_its_own_time(store: Store) -> None:
    varnish = edited(1, "paint", "varnish", TOLL)
    tar = edited(1, "varnish", "tar", varnish)
    short = tar[:3] + tar[4:]
    for number, text in enumerate((PARAGRAPHS, TOLL, varnish, tar, short), 1):
        keep(store, capture(hour(number), page(text)))
    history = store.history(store.find(URL))
    whole = report(store, history, history.snapshots[0], history.snapshots[-1])
    came = {step.change: (step.since, step.captured_at, step.steps) for step in whole.steps}
    assert [came[change.id] for change in whole.diff.changes] == [
        (hour(1), hour(2), 1),
        (hour(3), hour(4), 2),  # paint, varnish, tar
        (hour(4), hour(5), 1),
    ]
    assert all(each.steps == () for each in reports(store, history))


def test_the_step_is_shown_to_people_and_not_in_the_json(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for number, text in enumerate((PARAGRAPHS, TOLL, edited(1, "paint", "varnish", TOLL)), 1):
        keep(store, capture(hour(number), page(text)))
    place = ("--store", str(store.path))
    for kind in ("terminal", "markdown", "html"):
        shown = " ".join(run_here(capsys, "diff", URL, "first", "latest", "--format", kind, *place).stdout.split())
        assert "Came between 01:00 and 02:00 UTC on 4 March 2026" in shown
        assert "Came between 02:00 and 03:00 UTC on 4 March 2026" in shown
    found = json.loads(run_here(capsys, "diff", URL, "first", "latest", "--format", "json", *place).stdout)
    assert "steps" not in found


def test_a_notice_that_came_and_went_in_between_is_not_forgotten(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    varnish = edited(1, "paint", "varnish", TOLL)
    for number, (text, note) in enumerate(((PARAGRAPHS, None), (TOLL, NOTE), (TOLL, None), (varnish, None)), 1):
        keep(store, capture(hour(number), page(text, note=note)))
    history = store.history(store.find(URL))
    whole = report(store, history, history.snapshots[0], history.snapshots[-1])
    toll, silent = whole.judgements
    assert toll.disclosed_later is not None
    assert (toll.disclosed_later.captured_at, toll.disclosed_later.delay_seconds) == (hour(2), 0)
    assert silent.disclosed_later is None
    for kind in ("terminal", "markdown", "html"):
        place = ("--format", kind, "--store", str(store.path))
        shown = " ".join(run_here(capsys, "diff", URL, "first", "latest", *place).stdout.split())
        assert "1 change disclosed in between" in shown
        assert "1 of 2 changes is mentioned in no notice we found as of" in shown
        assert "A notice that was on the page in between, first seen on 4 March 2026, 02:00 UTC, mentions it;" in shown


def test_a_notice_from_before_a_change_does_not_speak_of_it(store: Store) -> None:
    others = edited(1, "paint", "varnish")
    for number, (text, note) in enumerate(((PARAGRAPHS, None), (PARAGRAPHS, NOTE), (others, None), (TOLL, None)), 1):
        keep(store, capture(hour(number), page(text, note=note)))
    history = store.history(store.find(URL))
    whole = report(store, history, history.snapshots[0], history.snapshots[-1])
    assert [(each.disclosure, each.disclosed_later) for each in whole.judgements] == [(Disclosure.SILENT, None)]


def test_over_many_snapshots_a_delay_is_counted_from_the_step_of_the_change(store: Store) -> None:
    for number, (text, note) in enumerate(((PARAGRAPHS, None), (TOLL, None), (TOLL, None), (TOLL, NOTE)), 1):
        keep(store, capture(hour(number), page(edited(1, "paint", f"paint no. {number}", text), note=note)))
    history = store.history(store.find(URL))
    whole = report(store, history, history.snapshots[0], history.snapshots[2])
    delays = [each.disclosed_later.delay_seconds for each in whole.judgements if each.disclosed_later]
    assert delays == [2 * 3600]


def test_a_list_says_that_a_headline_alternates(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    keep_headlines(store, [A, B, A])
    shown = " ".join(run_here(capsys, "changes", "--store", str(store.path)).stdout.split())
    assert shown.count("It alternates between two wordings, and is not counted as an edit.") == 2


def test_a_mistyped_label_is_answered_with_the_near_ones(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    said = " ".join(run_here(capsys, "changes", "--label", "headline", "--store", str(store.path)).stderr.split())
    assert "no such label 'headline'; did you mean headline-changed?" in said
    other = " ".join(run_here(capsys, "changes", "--label", "zzz", "--store", str(store.path)).stderr.split())
    assert "there are denial-added, response-added" in other


# --- the story ------------------------------------------------------------------------------------------------------


def lived(store: Store) -> Story:
    """Published, seen, edited silently, its date moved, not to be seen, corrected, gone, back, looked at."""
    first = "2026-03-04T00:30:00+00:00"
    keep(store, capture(hour(1), page(modified=first)))
    keep(store, capture(hour(2), page(TOLL, modified=first)))
    keep(store, capture(hour(3), page(TOLL, modified="2026-03-04T02:40:00+00:00", nonce=3)))
    keep(store, capture(hour(4), page(TOLL, modified="2026-03-04T03:40:00+00:00", nonce=4)))
    keep(store, capture(hour(5), b"oops", status=503))
    keep(store, capture(hour(6), b"oops", status=503))
    keep(store, capture(hour(7), page(TOLL, note=NOTE, modified="2026-03-04T06:40:00+00:00")))
    keep(store, capture(hour(8), b"gone", status=410))
    keep(store, capture(hour(9), page(TOLL, note=NOTE, modified="2026-03-04T06:40:00+00:00")))
    keep(store, capture(hour(10), page(TOLL, note=NOTE, modified="2026-03-04T06:40:00+00:00", nonce=9)))
    return story(store, store.history(store.find(URL)))


def test_a_story_tells_everything_once_and_in_order(store: Store) -> None:
    found = lived(store)
    assert [(event.kind, event.at) for event in found.events] == [
        (EventKind.FIRST_SEEN, hour(1)),
        (EventKind.EDIT, hour(2)),
        (EventKind.MODIFIED_MOVED, hour(4)),
        (EventKind.NOT_SEEN, hour(6)),
        (EventKind.EDIT, hour(7)),
        (EventKind.GONE, hour(8)),
        (EventKind.BACK, hour(9)),
        (EventKind.LAST_SEEN, hour(10)),
    ]
    toll, moved, unseen, corrected = found.events[1:5]
    assert toll.unmoved
    (change,) = toll.changes
    assert (change.disclosure, change.later, change.state) == (Disclosure.SILENT, 5 * 3600, "later")
    assert (moved.count, unseen.count) == (2, 2)
    (notice,) = corrected.notices
    assert (notice.spoken, corrected.changes) == ((5 * 3600,), ())
    assert story(store, store.history(store.find(URL))) == found


@pytest.mark.parametrize("kind", STORIES)
def test_a_story_reads_the_same_everywhere(store: Store, kind: str) -> None:
    shown = " ".join(STORIES[kind](lived(store), Options(tz="Europe/Berlin")).split())
    for words in (
        "A number was changed from 12 to 21. A later notice, first seen 5 h after the change, mentions it.",
        "The page’s date of modification was left as it was.",
        "date of modification moved, 2 times, its text did not",
        "2 checks saw no text",
        "A correction was added: “Correction: An earlier version",
        "It speaks of a change that we first saw 5 h before.",
        "gone (410)",
        "Europe/Berlin",
        "02:00 to 03:00",  # one o'clock in UTC
    ):
        assert words in shown, words


def test_a_story_fits_its_width_and_cannot_be_fooled(store: Store) -> None:
    headline = "Toll <b>rises</b> \x1b]0;owned\x07 [bold]red[/]"
    for number, text in enumerate((PARAGRAPHS, TOLL)):
        keep(store, capture(hour(number + 1), page(text, headline=headline)))
    found = story(store, store.history(store.find(URL)))
    for kind, render in STORIES.items():
        shown = render(found, Options(width=60))
        assert "\x1b" not in shown
        if kind == "terminal":
            assert "[bold]red[/]" in shown
            assert all(len(line) <= 60 for line in shown.splitlines() if "daily.example" not in line)
        else:
            assert "<b>" not in shown


def test_a_notice_taken_down_is_news(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for number, note in enumerate((None, NOTE, None)):
        keep(store, capture(hour(number + 1), page(TOLL if number else PARAGRAPHS, note=note)))
    place = ("--store", str(store.path))
    shown = run_here(capsys, "changes", "--silent", *place).stdout
    assert "[notice removed] [revert] high · taken down" not in shown  # the toll stayed: nothing went back
    assert "[notice removed] high · taken down" in shown
    assert "A correction was removed: “Correction: An earlier version" in shown
    row = json.loads(run_here(capsys, "changes", "--silent", "--json", *place).stdout.splitlines()[0])
    assert (row["labels"], row["disclosure"]) == (["notice-removed"], "exempt")
    last = story(store, store.history(store.find(URL))).events[-1]
    assert [notice.status.value for notice in last.notices] == ["removed"]


def test_the_story_and_the_outlets_on_the_command_line(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(2), page(TOLL)))
    place = ("--store", str(store.path))
    assert "edited (@2)" in run_here(capsys, "story", URL, *place).stdout
    assert "<!DOCTYPE html>" in run_here(capsys, "story", URL, "--format", "html", *place).stdout
    found = json.loads(run_here(capsys, "story", URL, "--json", *place).stdout)
    there = Path(place[-1]).parent / "story.json"
    assert run_here(capsys, "story", URL, "--json", "-o", str(there), *place).stdout == ""
    assert json.loads(there.read_text()) == found
    assert found == story_object(story(store, store.history(store.find(URL))))
    (row,) = map(json.loads, run_here(capsys, "outlets", "--json", *place).stdout.splitlines())
    assert (row["host"], row["changes"], row["silent"], row["median_delay_seconds"]) == ("daily.example", 1, 1, None)
    assert json.loads(run_here(capsys, "outlets", "--since", "2027-01-01", "--json", *place).stdout)["changes"] == 0


# --- outlets --------------------------------------------------------------------------------------------------------


def test_outlets_count_what_has_weight_and_stand_by_name(store: Store) -> None:
    def look(number: float, body: bytes, url: str = URL) -> Check:
        return keep(store, capture(hour(number), body, url=url))

    other = OTHER_URL.replace("daily", "another")
    look(1, page())
    look(2, page(TOLL))
    look(3, page(edited(1, "paint", "varnish", TOLL), note=NOTE))
    look(4, page(OTHER, headline="Harbour master leaves", canonical=other), url=other)
    assert look(
        5, page((*OTHER, "She will travel."), headline="Harbour master leaves", canonical=other), other
    ).outcome is (Outcome.CHANGED)
    refresh_reports(store)
    another, daily = outlets(store)
    assert outlets(store, host="daily.example") == [daily]
    assert (another.host, another.articles, another.snapshots, another.changes) == ("another.example", 1, 2, 0)
    assert (daily.changes, daily.edits, daily.later, daily.silent) == (2, 2, 1, 1)
    assert daily.median_delay == 3600
    assert daily.shown_delay is None
    (since,) = [row for row in outlets(store, since=hour(2.5)) if row.host == "daily.example"]
    assert (since.changes, since.later, since.silent) == (1, 0, 1)


def figures(changes: int, later: int) -> OutletRow:
    return OutletRow("a.example", 9, 30, 12, changes, 0, later, 0, 0, changes - later, 0, 3600)


def test_no_share_and_no_median_rest_on_a_few_cases() -> None:
    few = outlets_text([figures(LEAST_CASES - 1, LEAST_DELAYS - 1)], Options())
    assert "%" not in few
    assert "1 h" not in few
    enough = outlets_text([figures(LEAST_CASES, LEAST_DELAYS)], Options())
    assert f"{LEAST_DELAYS} of {LEAST_CASES}, 25 %" in enough
    assert "1 h (5 changes)" in enough


def test_nothing_is_told_of_an_article_before_it_is_seen(store: Store) -> None:
    keep(store, capture(hour(1), page()))
    found = story(store, store.history(store.find(URL)))
    assert [event.kind for event in found.events] == [EventKind.FIRST_SEEN]
    assert found.as_of == hour(1)
    assert isinstance(found.as_of, datetime)
