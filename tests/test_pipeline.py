"""The stations joined: what a look at an article finds, and what is said of two snapshots over the article's life."""

import itertools
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tracker.errors import UsageError
from tracker.model import (
    RENDERED_BY,
    Capture,
    Check,
    ClaimState,
    Disclosure,
    Label,
    Op,
    Outcome,
    Report,
    Result,
    Snapshot,
    Verdict,
)
from tracker.pipeline import Terms, blame_lines, keep, neighbours, refresh_reports, report, reports
from tracker.pipeline.keep import POLITE_TRIES
from tracker.store import ChangeQuery, Kind, Store, open_store
from tracker.store.locks import WRITE_LOCK, locked

SILENT = edited(0, "killed 12 people", "killed 21 people")
NOTE = "Correction: An earlier version of this article misstated the number of people killed. It is 21, not 12."


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        yield store


def kept(check: Check) -> Snapshot:
    assert check.snapshot is not None
    return check.snapshot


def only_report(store: Store) -> Report:
    history = store.history(store.find(URL))
    return report(store, history, *neighbours(history)[-1])


def test_first_look_then_nothing_then_a_change(store):
    assert keep(store, capture(hour(1), page())).outcome is Outcome.NEW
    assert keep(store, capture(hour(2), page())).outcome is Outcome.UNCHANGED
    assert keep(store, capture(hour(3), page(nonce=3))).outcome is Outcome.UNCHANGED
    check = keep(store, capture(hour(4), page(SILENT, nonce=4)))
    assert check.outcome is Outcome.CHANGED
    assert kept(check).seen_since == hour(3)
    found = only_report(store)
    assert (found.result, found.verdict) == (Result.CHANGED, Verdict.SILENT)
    assert [note.label for note in found.annotations] == [Label.NUMBER_CHANGED]
    assert found.before.captured_at == hour(1)
    assert (found.after.seen_since, found.after.captured_at) == (hour(3), hour(4))


def test_a_note_two_captures_later_discloses_with_its_delay(store):
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(2), page(SILENT)))
    keep(store, capture(hour(3), page(edited(1, "paint", "varnish", SILENT))))
    keep(store, capture(hour(4), page(edited(1, "paint", "varnish", SILENT), note=NOTE)))
    history = store.history(store.find(URL))
    first, second, third = reports(store, history)
    judgement = first.judgements[0]
    assert judgement.disclosure is Disclosure.SILENT
    assert judgement.disclosed_later is not None
    assert judgement.disclosed_later.delay_seconds == 2 * 3600
    assert judgement.disclosed_later.notice == third.notices[0].id
    assert second.judgements[0].disclosed_later is None
    claim = third.notices[0].claims[0]
    assert claim.state is ClaimState.MATCHED
    assert [(found.revision, found.change) for found in claim.changes] == [
        (history.snapshots[1].revision, first.diff.changes[0].id)
    ]
    assert first.as_of == hour(4)


def test_a_note_that_takes_back_a_number_does_not_speak_of_the_edit_that_brought_it(store):
    keep(store, capture(hour(1), page(edited(0, "killed 12 people", "killed 9 people"))))
    keep(store, capture(hour(2), page()))
    keep(store, capture(hour(3), page(SILENT, note=NOTE)))
    history = store.history(store.find(URL))
    first, second = reports(store, history)
    assert (first.verdict, first.judgements[0].disclosed_later) == (Verdict.SILENT, None)
    assert second.verdict is Verdict.DISCLOSED
    assert [found.revision for found in second.notices[0].claims[0].changes] == [history.snapshots[2].revision]


@pytest.mark.parametrize("story", ["an edit", "a return"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_captures_in_any_order_of_time_tell_the_same_story(tmp_path, story, order):
    last = page(edited(1, "paint", "varnish", SILENT), note=NOTE)
    versions = {
        "an edit": [page(), page(nonce=1), page(SILENT), last],
        "a return": [page(), page(SILENT), page(nonce=2), last],
    }[story]

    def told(sequence: Sequence[int]) -> object:
        with open_store(tmp_path / "".join(map(str, sequence)), create=True) as store:
            for number in sequence:
                keep(store, capture(hour(number + 1), versions[number]), Terms(dated=True))
            history = store.history(store.find(URL))
            found = [
                (made.before.captured_at, made.after.seen_since, made.diff.changes, made.judgements, made.verdict)
                for made in reports(store, history)
            ]
            lines = [
                (line.text, entry.captured_at) for line, entry in blame_lines(store, history, history.snapshots[-1])
            ]
            log = [(entry.captured_at, entry.seen_since) for entry in history.snapshots]
            return log, [(a, b, c, [j.disclosure for j in d], e) for a, b, c, d, e in found], lines

    assert told(order) == told(range(4))


def test_what_a_later_note_mentions_is_not_in_the_list_of_what_none_mentions(store):
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(2), page(SILENT)))
    keep(store, capture(hour(3), page(SILENT, note=NOTE)))
    refresh_reports(store)
    assert [row.delay for row in store.reports.changes(ChangeQuery(label="number-changed"))] == [3600]
    assert store.reports.changes(ChangeQuery(disclosure="silent", never=True, severities=("high",))) == []


def test_over_several_steps_a_change_may_have_come_at_any_time_between(store):
    for number, text in enumerate((PARAGRAPHS, SILENT, edited(1, "paint", "varnish", SILENT)), 1):
        keep(store, capture(hour(number), page(text)))
    history = store.history(store.find(URL))
    whole = report(store, history, history.snapshots[0], history.snapshots[-1])
    assert (whole.after.seen_since, whole.after.captured_at) == (hour(1), hour(3))


def test_gone_and_back_are_events_and_told_once(store):
    keep(store, capture(hour(1), page()))
    for at in (hour(2), hour(3)):
        assert keep(store, capture(at, b"<h1>Not found</h1>", status=404)).outcome is Outcome.GONE
    assert keep(store, capture(hour(4), page())).outcome is Outcome.UNCHANGED
    kinds = [entry.kind for entry in store.history(store.find(URL)).entries]
    assert kinds == [Kind.SNAPSHOT, Kind.GONE, Kind.BACK]


def test_an_unknown_article_that_is_gone_makes_no_branch(store):
    check = keep(store, capture(hour(1), b"gone", status=410))
    assert (check.outcome, check.article) == (Outcome.GONE, None)
    assert store.articles() == []


def test_a_redirect_to_another_host_is_an_event_and_never_read(store):
    keep(store, capture(hour(1), page()))
    elsewhere = "https://other.example/"
    check = keep(store, capture(hour(2), page(PARAGRAPHS[:2]), final_url=elsewhere, redirects=(URL,)))
    assert check.outcome is Outcome.MOVED
    assert elsewhere in (check.error or "")
    history = store.history(store.find(URL))
    assert [entry.kind for entry in history.entries] == [Kind.SNAPSHOT, Kind.MOVED]


def test_a_redirect_within_the_host_with_the_same_text_is_an_alias(store):
    keep(store, capture(hour(1), page(canonical=None)))
    new = "https://www.daily.example/archive/harbour-fire.html"
    check = keep(store, capture(hour(2), page(SILENT, canonical=new), final_url=new, redirects=(URL,)))
    assert check.outcome is Outcome.CHANGED
    assert store.find(new) == store.find(URL)


def test_a_redirect_within_the_host_to_another_text_is_an_event(store):
    keep(store, capture(hour(1), page(canonical=None)))
    other = [f"This is quite another story, and it has its own sentence number {n} to tell." for n in range(6)]
    front = "https://daily.example/today"
    check = keep(store, capture(hour(2), page(other, canonical=None), final_url=front, redirects=(URL,)))
    assert check.outcome is Outcome.MOVED


@pytest.mark.parametrize(
    ("title", "line", "outcome"),
    [
        ("Log in", "Please log in to continue reading.", Outcome.BLOCKED),
        ("Before you continue", "We and our partners use cookies. Accept all to continue.", Outcome.BLOCKED),
        ("Page not found", "The page that you asked for was not found.", Outcome.MOVED),
        ("Daily", "Council votes on the harbour", Outcome.MOVED),
    ],
)
def test_a_redirect_to_a_page_to_log_in_is_a_wall_and_no_move(store, title, line, outcome):
    keep(store, capture(hour(1), page()))
    body = f"<title>{title} | Daily</title><h1>{title}</h1><p>{line}</p>".encode()
    wall = "https://daily.example/login"
    for number in (2, 3):
        check = keep(store, capture(hour(number), body, final_url=wall, redirects=(URL,)))
        assert check.outcome is outcome
    held = store.quarantined()
    assert len(held) == (outcome is Outcome.BLOCKED)
    assert keep(store, capture(hour(4), page(SILENT))).outcome is Outcome.CHANGED
    for row in held:  # one address to log in is that of many articles: it is never one of this
        check = keep(store, store.quarantine_release(row.branch), Terms(accepted=True))
        assert check.outcome is Outcome.MOVED
    assert store.find_url(wall) is None


@pytest.mark.parametrize(
    "address",
    [
        "http://daily.example/2026/harbour-fire",
        "https://www.daily.example/2026/harbour-fire/",
        "https://m.daily.example/2026/harbour-fire?utm_source=feed&fbclid=x",
        "https://daily.example/2026/harbour-fire/amp",
        "https://daily.example/2026/harbour-fire#comments",
    ],
)
def test_two_addresses_of_one_article_are_one_article(store, address):
    keep(store, capture(hour(1), page(canonical=None)))
    keep(store, capture(hour(2), page(SILENT, canonical=None), url=address))
    assert len(store.articles()) == 1
    assert len(store.history(store.find(URL)).snapshots) == 2


def test_a_canonical_link_to_another_host_is_not_believed(store):
    check = keep(store, capture(hour(1), page(canonical="https://elsewhere.example/story")))
    assert kept(check).url == URL
    assert kept(check).article.startswith("daily.example/")


@pytest.mark.parametrize(
    "front", ["https://daily.example/", "https://www.daily.example", "https://daily.example/?utm_source=x"]
)
def test_stories_that_all_name_the_front_page_as_their_own_address_stay_apart(store, front):
    keep(store, capture(hour(1), page(canonical=front)))
    other = [f"This is quite another story, and it has its own sentence number {n} to tell." for n in range(6)]
    check = keep(store, capture(hour(2), page(other, canonical=front), url="https://daily.example/2026/ferry-strike"))
    assert check.outcome is Outcome.NEW
    assert len(store.articles()) == 2
    with pytest.raises(UsageError, match="--url"):
        keep(store, capture(hour(3), page(canonical=front), url=""))


def test_a_canonical_link_that_another_story_has_is_not_believed(store):
    wrong = "https://daily.example/2026/undefined"
    keep(store, capture(hour(1), page(canonical=wrong)))
    other = [f"This is quite another story, and it has its own sentence number {n} to tell." for n in range(6)]
    strike = "https://daily.example/2026/ferry-strike"
    body = page(other, canonical=wrong, headline="Ferry crews walk out")
    assert keep(store, capture(hour(2), body, url=strike)).outcome is Outcome.NEW
    assert store.find(strike) != store.find(URL)
    assert keep(store, capture(hour(3), body, url=strike)).outcome is Outcome.UNCHANGED


def test_a_canonical_link_joins_the_print_version_of_a_story(store):
    keep(store, capture(hour(1), page()))
    check = keep(store, capture(hour(2), page(SILENT), url="https://daily.example/print.php?id=7"))
    assert check.outcome is Outcome.CHANGED
    assert len(store.articles()) == 1


def test_a_file_is_known_by_its_canonical_link_or_not_at_all(store):
    assert kept(keep(store, capture(hour(1), page(), url=""))).url == URL
    with pytest.raises(UsageError, match="--url"):
        keep(store, capture(hour(2), page(canonical=None), url=""))


def test_sudden_loss_is_held_back_and_accepted_by_a_person(store):
    keep(store, capture(hour(1), page(PARAGRAPHS * 3)))
    short = capture(hour(2), page(PARAGRAPHS[:1]))
    check = keep(store, short)
    assert check.outcome is Outcome.BLOCKED
    assert "loss" in (check.error or "")
    assert [row.branch for row in store.quarantined()] == [check.article]
    accepted = keep(store, store.quarantine_release(check.article), Terms(accepted=True))
    assert accepted.outcome is Outcome.CHANGED


def test_a_loss_that_stays_for_a_day_is_stored(store):
    keep(store, capture(hour(1), page(PARAGRAPHS * 3)))
    outcomes = [
        keep(store, capture(hour(2) + timedelta(hours=13 * n), page(PARAGRAPHS[:1], nonce=n))).outcome for n in range(3)
    ]
    assert outcomes == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.CHANGED]
    assert Label.UNCONFIRMED_LOSS in {note.label for note in only_report(store).annotations}


def test_a_page_read_in_another_way_is_no_edit(store):
    """What a browser shows and what the server sends may differ, and nobody has edited anything."""

    def rendered(at: datetime, body: bytes) -> Capture:
        made = capture(at, body)
        return replace(made, headers=(*made.headers, (RENDERED_BY, "Chromium/156")))

    keep(store, capture(hour(1), page()))
    assert keep(store, rendered(hour(2), page(nonce=2))).outcome is Outcome.UNCHANGED
    check = keep(store, rendered(hour(3), page(SILENT)))
    assert check.outcome is Outcome.BLOCKED
    assert "asked for with a browser, the text differs from the one before" in (check.error or "")
    assert keep(store, capture(hour(4), page(SILENT))).outcome is Outcome.CHANGED  # asked for as before
    assert keep(store, rendered(hour(5), page())).outcome is Outcome.BLOCKED
    accepted = keep(store, store.quarantine_release(check.article), Terms(accepted=True))
    assert accepted.outcome is Outcome.CHANGED
    assert keep(store, rendered(hour(6), page(SILENT))).outcome is Outcome.CHANGED  # from then on in the new way


def test_a_retraction_is_stored_at_once(store):
    keep(store, capture(hour(1), page(PARAGRAPHS * 3)))
    gone = ("Retraction: This article has been withdrawn because its central claim could not be confirmed.",)
    assert keep(store, capture(hour(2), page(gone))).outcome is Outcome.CHANGED
    assert Label.RETRACTION in {note.label for note in only_report(store).annotations}


def test_walls_and_errors_are_not_texts(store):
    keep(store, capture(hour(1), page()))
    assert keep(store, capture(hour(2), b"<p>Who are you?</p>", status=403)).outcome is Outcome.BLOCKED
    assert keep(store, capture(hour(3), b"oops", status=503)).outcome is Outcome.FAILED
    assert keep(store, capture(hour(4), b"<html><body></body></html>")).outcome is Outcome.BLOCKED
    assert len(store.history(store.find(URL)).snapshots) == 1


def test_what_we_learned_never_looks_like_what_they_did(store, monkeypatch):
    """A new rule changes the text of the same page: the last capture is read again, and only their edit is a change."""
    from tracker.normalize import RULES, read
    from tracker.pipeline import pages

    keep(store, capture(hour(1), page()))

    def new_read(page, url=None, **more):
        from dataclasses import replace

        reading = read(page, url, **more)
        blocks = tuple(
            replace(block, text=block.text.replace("bakery", "BAKERY")) if "bakery" in block.text else block
            for block in reading.document.blocks
        )
        return replace(
            reading,
            document=replace(reading.document, blocks=blocks),
            lens=replace(reading.lens, rules=f"{RULES}-next"),
        )

    monkeypatch.setattr(pages, "read", new_read)
    assert keep(store, capture(hour(2), page(nonce=2))).outcome is Outcome.UNCHANGED
    assert keep(store, capture(hour(3), page(SILENT, nonce=3))).outcome is Outcome.CHANGED
    history = store.history(store.find(URL))
    assert [entry.kind for entry in history.entries] == [Kind.SNAPSHOT, Kind.REREAD, Kind.SNAPSHOT]
    found = report(store, history, *neighbours(history)[-1])
    assert [(change.op, change.deleted.strip(), change.inserted.strip()) for change in found.diff.changes] == [
        (Op.EDITED, "12", "21")
    ]
    assert found.before.lens == found.after.lens


RECIPE = """hosts = ["daily.example"]
container = "div.article-body"
drop = ["p:last-of-type"]
"""


@pytest.mark.parametrize("learned", ["rules", "cutter", "recipe"])
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
def test_no_new_way_to_read_is_ever_an_edit(store, monkeypatch, learned, order):
    """The last capture is read in a new way, and whatever order they come in, only what the outlet did is shown."""
    from tracker.normalize import read
    from tracker.normalize.recipes import Recipe, parse_recipe
    from tracker.pipeline import pages

    def without_the_last(body, url=None, **more):
        reading = read(body, url, **more)
        return replace(reading, document=replace(reading.document, blocks=reading.document.blocks[:-1]))

    versions = [page(), page(nonce=1), page(SILENT, nonce=2)]
    for turn, number in enumerate(order):
        recipes: tuple[Recipe, ...] = ()
        if turn == 2 and learned == "rules":
            monkeypatch.setattr(pages, "read", without_the_last)
            monkeypatch.setattr("tracker.normalize.RULES", "next")
        elif turn == 2 and learned == "cutter":
            monkeypatch.setattr("tracker.normalize.CUTTER", "next")
        elif turn == 2:
            recipes = (parse_recipe(RECIPE, "daily.toml"),)
        keep(store, capture(hour(number + 1), versions[number]), Terms(recipes=recipes, dated=True))
    history = store.history(store.find(URL))
    assert len({entry.lens for entry in history.captures}) == 2
    shown = [report(store, history, a, b, recipes) for a, b in neighbours(history)]
    changes = [(each.op, each.deleted, each.inserted) for made in shown for each in made.diff.changes]
    assert changes == [(Op.EDITED, "12", "21")]


def test_a_revert_is_stored_and_named(store):
    for number, text in enumerate((PARAGRAPHS, SILENT, PARAGRAPHS), 1):
        keep(store, capture(hour(number), page(text)))
    assert len(store.history(store.find(URL)).snapshots) == 3
    assert Label.REVERT in {note.label for note in only_report(store).annotations}


def test_the_date_of_modification_that_did_not_move_is_a_finding(store):
    stamp = "2026-03-04T00:30:00+00:00"
    keep(store, capture(hour(1), page(modified=stamp)))
    keep(store, capture(hour(2), page(SILENT, modified=stamp)))
    assert [finding.label for finding in only_report(store).findings] == [Label.MODIFIED_UNMOVED]


def test_the_index_lists_changes_and_renews_them_when_a_note_comes(store):
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(2), page(SILENT)))
    refresh_reports(store)
    silent = ChangeQuery(disclosure="silent", severities=("medium", "high"))
    row = store.reports.changes(silent)[0]
    assert (row.labels, row.seen_since, row.captured_at) == (("number-changed",), hour(1), hour(2))
    assert "12" in row.sentence
    assert "21" in row.sentence
    assert store.reports.unfinished() == []
    assert len(store.reports.changes(ChangeQuery(search="harbour killed 21"))) == 1
    assert store.reports.changes(ChangeQuery(search="zeppelin")) == []


def test_plain_git_reads_the_store(store, tmp_path):
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(2), page(SILENT, nonce=9)))
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", store.path / "articles.git", clone], check=True)
    branch = store.find(URL)
    assert "git log" in (clone / "README.md").read_text()
    log = subprocess.run(
        ["git", "log", "-p", "-1", f"origin/{branch}"], cwd=clone, check=True, capture_output=True, text=True
    ).stdout
    lines = [line for line in log.splitlines() if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))]
    assert lines == [f"-{PARAGRAPHS[0]}", f"+{SILENT[0]}"]
    subprocess.run(["git", "fsck", "--strict", "--no-dangling"], cwd=store.path / "articles.git", check=True)


@pytest.mark.parametrize("gathers", [False, True])
def test_a_look_comes_to_its_end_beside_a_writer_who_never_rests(tmp_path, monkeypatch, gathers):
    """Whoever writes to the article between look and write, however often, has to wait at last."""
    write, between = Store.write_snapshot, list[Check]()

    def passed(self: Store, **given: Any) -> Snapshot:
        with locked(self.repository, WRITE_LOCK, shared=True, wait=False) as free:
            pass
        if free and self is ours:
            with open_store(self.path) as busy, busy.gather() if gathers else nullcontext():
                count = 2 + len(between)
                between.append(keep(busy, capture(hour(count), page(edited(0, "12 people", f"{count} people")))))
        return write(self, **given)

    with open_store(tmp_path, create=True) as ours:
        keep(ours, capture(hour(1), page()))
        monkeypatch.setattr(Store, "write_snapshot", passed)
        check = keep(ours, capture(hour(20), page(edited(0, "12 people", "21 people"))))
        assert check.outcome is Outcome.CHANGED
        assert len(between) == POLITE_TRIES
        assert len(ours.history(ours.find(URL)).snapshots) == 2 + len(between)
        assert hour(20) in {at for at, *_ in ours.state.checks(ours.find(URL))}
