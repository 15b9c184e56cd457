"""How much work a page makes: what has been asked is not asked again, and what is far away is not asked at all.

Work is counted in calls, never in seconds. benchmarks/fuzz.py looks at the seconds.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable
from typing import Any

import pytest

from tracker.normalize import read
from tracker.text.wording import openings

FRONT = importlib.import_module("tracker.normalize.front")  # the room has a function of that name, too
ASSEMBLE = importlib.import_module("tracker.normalize.assemble")
HEAD = "<html lang=en><title>Bridge to close</title><body><h1>Bridge to close</h1>"


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> Callable[[], int]:
    """Count the calls of a function; asked how many, it begins again."""
    calls = 0
    function = getattr(module, name)

    def counting(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return function(*arguments)

    def so_far() -> int:
        nonlocal calls
        calls, found = 0, calls
        return found

    monkeypatch.setattr(module, name, counting)
    return so_far


def test_a_line_that_a_page_repeats_is_asked_once_whether_it_opens_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch, openings, "_labelled")
    for times in (50, 2_000):
        openings._opening.cache_clear()  # what other tests have asked is not counted
        read(HEAD + "<article><p>" + "A line that comes again and again.<br><br>" * times)
        assert 0 < asked() <= 8


def test_a_date_beside_the_headline_is_looked_for_near_it_on_a_long_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = counted(monkeypatch, FRONT, "stated")
    rows = "".join(f"<tr><td>Row {number} of 2024</td></tr>" for number in range(4_000))
    reading = read(f"{HEAD}<p>5 March 2024</p><table>{rows}</table>")
    assert reading.document.content.of("published") == (("published/text", "2024-03-05"),)
    assert 0 < asked() <= 1_000


def test_no_page_is_read_while_python_looks_for_cycles_and_it_looks_again_afterwards() -> None:
    looks: list[str] = []

    def note(phase: str, _: object) -> None:
        looks.append(phase)

    page = HEAD + "<article>" + "<p>A sentence of some words stands here.</p>" * 5_000
    gc.callbacks.append(note)
    try:
        reading = read(page)
    finally:
        gc.callbacks.remove(note)
    assert len(reading.document.blocks) > 5_000
    assert looks.count("start") <= 2  # before and after it
    assert gc.isenabled()


@pytest.mark.parametrize("page", [HEAD, b"%PDF-1.7"])
def test_who_has_switched_the_collector_off_finds_it_off(page: str | bytes) -> None:
    gc.disable()
    try:
        read(page)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_runs_again_after_a_page_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        assert not gc.isenabled()
        raise MemoryError

    monkeypatch.setattr("tracker.normalize.metadata", failing)
    assert read(HEAD).blocked == "unreadable: MemoryError"
    assert gc.isenabled()


def test_a_paragraph_of_labels_is_asked_for_a_note_at_its_end_alone(monkeypatch):
    asked = counted(monkeypatch, ASSEMBLE, "is_owning_up")
    read(f"{HEAD}<p>{'He said so. Word: it is so. ' * 3000}</p>")
    assert 0 < asked() <= 8
