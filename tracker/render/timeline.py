"""The life of an article as a drawing: where each event stands, how large it is, and what it is called.

Time runs from left to right, long stretches without an event shortened: the drawing says what came after what and how
much of it there was, and each mark says its own time. A template draws what stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2

from tracker.render.story import Event, EventKind, Story, change_lines, event_line, when
from tracker.render.times import Clock
from tracker.render.words import NOTICE_NAMES, capital

HEIGHT = 168.0
MIDDLE = 92.0  # the line of time
TALLEST = 52.0  # of a bar, for 500 words and more
_UNSEEN = (EventKind.NOT_SEEN, EventKind.MISSED)
LEAST_GAP, MOST_GAP = 26.0, 120.0  # between two events
EDGE = 30.0
LEAST_WIDTH = 320.0

_RANK = ("silent", "unspecific", "partly", "later", "disclosed")
_POINTS = {EventKind.PUBLISHED, EventKind.FIRST_SEEN, EventKind.LAST_SEEN}


@dataclass(frozen=True, slots=True)
class Point:
    """One event: `x` in the drawing, `up` and `down` the heights of its bars for words added and removed.

    `state` is what its weightiest change calls for, "" where none has weight; `notices` are the classes of the notices
    that came with it; `label` says all of it in words.
    """

    x: float
    event: Event
    state: str
    up: float
    down: float
    notices: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time in which nothing could be seen, or the article was gone."""

    kind: str
    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a day begins, with its name."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is to be drawn, in CSS pixels. Where there is more room than `width`, all that stands in it is spread."""

    width: float
    height: float
    middle: float
    points: tuple[Point, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]


def timeline(story: Story, clock: Clock) -> Timeline:
    """The drawing of a story."""
    places = _places([event.at for event in story.events])
    points = tuple(
        _point(event, x, story, clock)
        for event, x in zip(story.events, places, strict=True)
        if event.kind not in _UNSEEN
    )
    width = max(places[-1] + EDGE if places else 0.0, LEAST_WIDTH)
    return Timeline(
        width=width,
        height=HEIGHT,
        middle=MIDDLE,
        points=points,
        bands=tuple(_bands(story, places, clock)),
        ticks=tuple(_ticks(story.events, places, clock)),
    )


def _places(times: Sequence[datetime]) -> list[float]:
    """Where moments stand: each further on than the one before, by the logarithm of the time between them."""
    places: list[float] = []
    for number, at in enumerate(times):
        if number == 0:
            places.append(EDGE)
            continue
        minutes = max(0.0, (at - times[number - 1]).total_seconds() / 60)
        gap = LEAST_GAP + 9.0 * log2(1 + minutes / 10)
        places.append(places[-1] + (min(gap, MOST_GAP) if minutes else 0.0))
    return places


def _point(event: Event, x: float, story: Story, clock: Clock) -> Point:
    states = {state for state, _ in change_lines(event) if state}
    said = [f"{clock.date(event.at)}, {when(event, clock)}: {event_line(event, story)}"]
    said += [sentence for state, sentence in change_lines(event) if state][:3]
    said += [f"{capital(NOTICE_NAMES[notice.kind])} {notice.status.value}" for notice in event.notices]
    return Point(
        x=x,
        event=event,
        state=next((state for state in _RANK if state in states), ""),
        up=_bar(event.words_added),
        down=_bar(event.words_removed),
        notices=tuple(notice.status.value for notice in event.notices),
        label=". ".join(part.removesuffix(".") for part in said) + ".",
    )


def _bar(words: int) -> float:
    return min(TALLEST, 6.0 * log2(1 + words)) if words else 0.0


def _bands(story: Story, places: Sequence[float], clock: Clock) -> list[Band]:
    """Runs of checks that saw nothing, and the time between gone and back (or now)."""
    found = []
    gone: float | None = None
    for event, x in zip(story.events, places, strict=True):
        if event.kind in _UNSEEN:
            label = f"{clock.date(event.at)}, {when(event, clock)}: {event_line(event, story)}"
            found.append(Band("unseen", x - LEAST_GAP / 2, x + LEAST_GAP / 2, label))
        elif event.kind in (EventKind.GONE, EventKind.MOVED):
            gone = x
        elif gone is not None and event.kind in (EventKind.BACK, EventKind.EDIT, EventKind.LAST_SEEN):
            found.append(Band("gone", gone, x, "The article was not at its address."))
            gone = None
    if gone is not None:
        found.append(Band("gone", gone, places[-1] + EDGE, "The article is not at its address."))
    return found


def _ticks(events: Sequence[Event], places: Sequence[float], clock: Clock) -> list[Tick]:
    """The name of each day where its first event stands, as far as there is room."""
    found: list[Tick] = []
    last = None
    for event, x in zip(events, places, strict=True):
        day = clock.local(event.at).date()
        if day != last and (not found or x - found[-1].x >= 92):
            found.append(Tick(x, clock.date(event.at)))
        last = day
    return found
