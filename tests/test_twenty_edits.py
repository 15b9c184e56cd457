"""Twenty edits to one article: fourteen that an editor must see, six that are noise. None missed, none false."""

from __future__ import annotations

from functools import cache

from tests.test_cases import CASES, report_of
from tracker.model import EditOp, Op, Report, Result

EDITS = sorted(path.name for path in CASES.glob("edit-*"))
NOISE = ("split", "quotes-and-dashes", "spaces", "promo", "relative-time", "navigation")


@cache
def report(name: str) -> Report:
    return report_of(CASES / name)


def noise() -> list[str]:
    """The six, by the ends of their names."""
    return [name for name in EDITS if name.endswith(NOISE)]


def test_there_are_fourteen_and_six() -> None:
    assert len(noise()) == 6
    assert len(EDITS) == 20


def test_none_is_missed() -> None:
    assert [name for name in EDITS if name not in noise() and report(name).result is not Result.CHANGED] == []


def test_none_is_false() -> None:
    assert [name for name in noise() if report(name).result is Result.CHANGED] == []


def test_a_moved_paragraph_is_one_move() -> None:
    assert [change.op for change in report("edit-14-paragraph-moved").diff.changes] == [Op.MOVED]


def test_a_split_paragraph_has_no_changed_word() -> None:
    [change] = report("edit-15-paragraph-split").diff.changes
    assert change.op is Op.SPLIT
    assert not any(edit.text.strip() for edit in change.edits if edit.op is not EditOp.EQUAL)
