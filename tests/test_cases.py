"""Golden cases: two pages each, want.toml says what is true of them, expected.md what a reader gets to see.

want.toml is written by hand and never loosened to get to green. Its keys:

    shows                   what the case is about
    result, verdict         as in the report
    findings                labels of the findings, in order (none unless said)
    report_labels           labels that must stand somewhere in the report
    [[changes]]             every change there is, and no other:
        field, op           as in the report (op may be left out)
        labels              must all be there; `never` lists those that must not
        text                words that the change's text must hold
        deleted, inserted   words that must be marked so; with `exact` these and no others
        disclosure          as in the report; `severity` likewise
        times               how many changes are like this (1)
    [[notices]]             every notice there is, and no other:
        kind, status, placement, time, date, zone ("unknown": must be null), claims (the state of each)
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tracker.annotate import annotate
from tracker.diff import diff
from tracker.model import (
    Change,
    EditOp,
    Field,
    Label,
    Notice,
    Op,
    Reading,
    Report,
    Result,
    Severity,
    Side,
    Verdict,
)
from tracker.normalize import read
from tracker.render import render

CASES = Path(__file__).parent / "cases"
SAMPLES = Path(__file__).parents[1] / "snapshots" / "samples"
Want = Mapping[str, Any]


def case_folders() -> list[Path]:
    """All cases, by name."""
    return sorted(path.parent for path in CASES.glob("*/want.toml"))


def side(reading: Reading) -> Side:
    """What a page says about itself; a file has no revision and no capture time."""
    return Side(published=reading.document.published, modified=reading.modified, lens=reading.lens)


def compare_pages(before: bytes, after: bytes) -> Report:
    """Two pages through the whole line, each read as a file would be."""
    old, new = read(before), read(after)
    return annotate(diff(old.document, new.document), before=side(old), after=side(new))


def report_of(case: Path) -> Report:
    """The report of one case's two pages."""
    return compare_pages((case / "before.html").read_bytes(), (case / "after.html").read_bytes())


def expected(report: Report) -> str:
    """What expected.md holds."""
    return render(report, "markdown")


def marked(change: Change, op: EditOp) -> list[str]:
    """The runs of words of a change that are marked as deleted, or as inserted."""
    return [edit.text.strip() for edit in change.edits if edit.op is op and edit.text.strip()]


def holds(texts: Iterable[str], words: str) -> bool:
    """Whether the words stand in one of the texts, not as a part of longer ones."""
    return any(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) for text in texts)


def marks_fit(want: Want, change: Change) -> bool:
    """Whether the words marked in a change are those that were edited."""
    for key, op in (("deleted", EditOp.DELETE), ("inserted", EditOp.INSERT)):
        runs = marked(change, op)
        if want.get("exact") and runs != want[key]:
            return False
        if not all(holds(runs, words) for words in want.get(key, ())):
            return False
    return True


def fits(want: Want, change: Change, report: Report) -> bool:
    """Whether a change is the one that want.toml speaks of."""
    labels = {note.label.value for note in report.labels(change)}
    judgement = report.judgement(change)
    severity = want.get("severity", judgement.severity)
    spans = [span.text for span in (*change.before, *change.after)]
    return (
        change.field == want["field"]
        and change.op == want.get("op", change.op)
        and labels.issuperset(want["labels"])
        and labels.isdisjoint(want.get("never", ()))
        and judgement.disclosure == want.get("disclosure", judgement.disclosure)
        and judgement.severity == severity
        and ("severity" in want or severity is not Severity.NONE)
        and ("text" not in want or holds(spans, want["text"]))
        and marks_fit(want, change)
    )


def notice_fits(want: Want, notice: Notice) -> bool:
    """Whether a notice is the one that want.toml speaks of."""
    is_ = {
        "kind": notice.kind.value,
        "status": notice.status.value,
        "placement": notice.placement and notice.placement.value,
        "claims": [claim.state.value for claim in notice.claims],
    }
    for part in ("time", "date", "zone"):
        is_[part] = (notice.stated and getattr(notice.stated, part)) or "unknown"
    return all(is_[key] == value for key, value in want.items())


def shown(change: Change, report: Report) -> str:
    """A change in one line, for the message of a failing test."""
    labels = ", ".join(note.label.value for note in report.labels(change))
    judgement = report.judgement(change)
    marks = f"-{marked(change, EditOp.DELETE)} +{marked(change, EditOp.INSERT)}"
    return f"{change.op} {change.field} [{labels}] {judgement.severity} {judgement.disclosure} {marks}"[:400]


def complaints(want: Want, report: Report) -> list[str]:
    """What is not as want.toml says, in words; empty if all is well."""
    found = []
    if report.result is not Result(want["result"]):
        found.append(f"result is {report.result}, wanted {want['result']}")
    if report.verdict is not Verdict(want["verdict"]):
        found.append(f"verdict is {report.verdict}, wanted {want['verdict']}")
    if [finding.label.value for finding in report.findings] != want.get("findings", []):
        found.append(f"findings are {report.findings}")
    if missing := set(want.get("report_labels", ())) - {note.label.value for note in report.annotations}:
        found.append(f"nowhere in the report: {missing}")
    left = list(report.diff.changes)
    for each in want.get("changes", ()):
        for _ in range(each.get("times", 1)):
            change = next((change for change in left if fits(each, change, report)), None)
            if change is None:
                found.append(f"no such change: {dict(each)}")
            else:
                left.remove(change)
    found += [f"not wanted: {shown(change, report)}" for change in left]
    notices = list(report.notices)
    for each in want.get("notices", ()):
        notice = next((notice for notice in notices if notice_fits(each, notice)), None)
        if notice is None:
            found.append(f"no such notice: {dict(each)}")
        else:
            notices.remove(notice)
    return found + [f"not wanted: {notice}" for notice in notices]


@pytest.mark.parametrize("case", case_folders(), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    want = tomllib.loads((case / "want.toml").read_text(encoding="utf-8"))
    report = report_of(case)
    assert complaints(want, report) == [], want["shows"]
    assert expected(report) == (case / "expected.md").read_text(encoding="utf-8"), "python -m tests.regold, then read"


def test_every_case_is_explained() -> None:
    told = re.findall(
        r"\*\*`([\w-]+)`\*\*", (Path(__file__).parents[1] / "docs" / "tricky-cases.md").read_text(encoding="utf-8")
    )
    assert sorted(told) == [case.name for case in case_folders()]


def test_a_case_can_fail() -> None:
    case = next(case for case in case_folders() if case.name == "edit-01-toll")
    want = tomllib.loads((case / "want.toml").read_text(encoding="utf-8"))
    wrong = {**want, "changes": [{**want["changes"][0], "inserted": ["22"]}]}
    assert len(complaints(wrong, report_of(case))) == 2  # the change that is missing, and the one that is too much


# what each bundled capture shows against the one before it: result, verdict, and labels that must be there
SAMPLE_RESULTS = {
    "syria-training": [("changed", "disclosed", "denial-added notice-added"), ("changed", "silent", "name-changed")],
    "ferry-fire": [
        ("changed", "silent", "headline-changed number-changed"),
        ("changed", "disclosed", "headline-changed number-changed notice-added"),
    ],
    "river-tunnel": [
        ("changed", "silent", "headline-changed moved quote-changed"),
        ("changed", "nothing", "notice-added"),
    ],
    "lowell-oysters": [("unchanged", "nothing", ""), ("cosmetic", "nothing", "typographic")],
}


def captures() -> list[dict[str, Any]]:
    """The bundled captures in the order of samples.toml."""
    listed: list[dict[str, Any]] = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))["capture"]
    return listed


def test_samples_are_listed_once_in_order_of_time() -> None:
    assert sorted(each["file"] for each in captures()) == sorted(
        path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.html")
    )
    for each in captures():
        number, stamp = Path(each["file"]).stem.split("-")
        assert stamp == f"{each['captured_at']:%Y%m%dT%H%M%SZ}"
        earlier = [other for other in captures() if other["url"] == each["url"] and other["file"] < each["file"]]
        assert len(earlier) == int(number) - 1
        assert all(other["captured_at"] < each["captured_at"] for other in earlier)


@pytest.mark.parametrize("article", SAMPLE_RESULTS)
def test_samples_show_what_they_are_there_for(article: str) -> None:
    pages = [(SAMPLES / each["file"]).read_bytes() for each in captures() if each["file"].startswith(article)]
    reports = [compare_pages(before, after) for before, after in itertools.pairwise(pages)]
    for report, (result, verdict, labels) in zip(reports, SAMPLE_RESULTS[article], strict=True):
        assert (report.result.value, report.verdict.value) == (result, verdict)
        assert {note.label.value for note in report.annotations}.issuperset(labels.split())


def test_the_seed_story_is_caught() -> None:
    pages = [(SAMPLES / each["file"]).read_bytes() for each in captures() if each["file"].startswith("syria-training")]
    denial, respelling = (compare_pages(before, after) for before, after in itertools.pairwise(pages))
    added = [change for change in denial.diff.changes if change.field is Field.BODY]
    assert [change.op for change in added] == [Op.ADDED, Op.ADDED]
    [notice] = denial.notices
    assert notice.stated is not None
    assert (notice.stated.time, notice.stated.date) == ("15:13", None)  # the note gives no date, and none is invented
    assert {change.change for claim in notice.claims for change in claim.changes} == {change.id for change in added}
    respelled = [run for change in respelling.diff.changes for run in marked(change, EditOp.INSERT)]
    assert [name.removesuffix("’s") for name in respelled] == ["Sijari"] * 6
    assert [finding.label for finding in respelling.findings] == [Label.MODIFIED_UNMOVED]
