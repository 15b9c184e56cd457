"""The life of an article on one page: what happened, in order, with what is to be thought of it by now.

The values here are made by the pipeline from the reports that the index keeps; every renderer draws the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from rich.text import Text

from tracker.model import Disclosure, NoticeKind, NoticeStatus, Severity
from tracker.render.canvas import Canvas, canvas_and_clock
from tracker.render.html import page_template
from tracker.render.markdown import escape
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.sentences import mentioned
from tracker.render.times import Clock, duration, machine, zone
from tracker.render.words import NOTICE_NAMES, STATUS_NAMES, capital, clip, ended, plural, quoted, with_article

_STYLES = {"disclosed": "green", "partly": "yellow", "unspecific": "yellow", "silent": "red", "later": "yellow"}


class EventKind(StrEnum):
    """What happened to an article."""

    PUBLISHED = "published"  # as the page says
    FIRST_SEEN = "first-seen"
    EDIT = "edit"
    ALTERNATION = "alternation"  # a headline that goes to and fro between two wordings
    MODIFIED_MOVED = "modified-moved"  # the page's date of modification moved, its text did not
    NOT_SEEN = "not-seen"  # checks that failed or were blocked
    MISSED = "missed"  # checks that should have been and were not
    GONE = "gone"
    MOVED = "moved"
    BACK = "back"
    DELETED = "deleted"
    LAST_SEEN = "last-seen"


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change of weight in words, `times` over where several read the same, and how it stands by now."""

    sentence: str
    labels: tuple[str, ...]
    severity: Severity
    disclosure: Disclosure
    notice: NoticeKind | None
    later: int | None  # seconds until a later notice spoke of it
    times: int = 1

    @property
    def remark(self) -> str:
        """Whether a notice speaks of it."""
        return mentioned(self.severity, self.disclosure, self.notice, self.later, "", many=self.times > 1)

    @property
    def state(self) -> str:
        """The disclosure; "later" where it came with a later notice."""
        return "later" if self.later is not None else self.disclosure.value


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice that came, was reworded or went. `spoken` are the delays in seconds of earlier changes it speaks of."""

    kind: NoticeKind
    status: NoticeStatus
    text: str
    spoken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, between `since` (None where that is not known) and `at`.

    `number` and `revision` are the snapshot's, `count` how often it happened, `words` what belongs to the kind: the
    two wordings, the date of modification, what failed, where it moved to. `smaller` counts the changes of an edit
    that have no weight, `words_added` and `words_removed` are its size. `unmoved`: the text was changed, the page's
    date of modification was not.
    """

    kind: EventKind
    at: datetime
    since: datetime | None = None
    number: int | None = None
    revision: str | None = None
    count: int = 1
    words: tuple[str, ...] = ()
    changes: tuple[ToldChange, ...] = ()
    smaller: tuple[tuple[str, int], ...] = ()
    notices: tuple[ToldNotice, ...] = ()
    words_added: int = 0
    words_removed: int = 0
    unmoved: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """The life of one article. `published` is what the page says, `as_of` the last look that is known."""

    branch: str
    url: str
    headline: str
    published: str | None
    published_at: datetime | None
    as_of: datetime
    snapshots: int
    events: tuple[Event, ...]

    @property
    def weighty(self) -> tuple[ToldChange, ...]:
        """All changes of weight."""
        return tuple(change for event in self.events for change in event.changes)


# --- in words -------------------------------------------------------------------------------------------------------


def summary_line(story: Story, clock: Clock) -> str:
    """ "3 snapshots, 4 changes of weight: 3 mentioned by a notice that came with them, 1 by a later notice." """
    snapshots = plural(story.snapshots, "snapshot")
    found = [change for change in story.weighty for _ in range(change.times)]
    if not found:
        return f"{capital(snapshots)} as of {clock.moment(story.as_of)}; no change of weight."
    parts: list[str] = []
    for name, state in (
        ("by a notice that came with them", "disclosed"),
        ("by a later notice", "later"),
        ("in part", "partly"),
        ("not clearly by a notice", "unspecific"),
        ("by no notice that we found", "silent"),
    ):
        count = sum(change.state == state for change in found)
        parts += [f"{count} {'' if parts else 'mentioned '}{name}"] if count else []
    weight = f"{plural(len(found), 'change')} of weight"
    return f"{capital(snapshots)} as of {clock.moment(story.as_of)}; {weight}: {', '.join(parts)}."


def event_line(event: Event, story: Story) -> str:
    """What happened, without its time."""
    match event.kind:
        case EventKind.PUBLISHED:
            return "published, as the page says"
        case EventKind.FIRST_SEEN:
            return f"first seen (@{event.number})"
        case EventKind.EDIT:
            words = f"{plural(event.words_added, 'word')} added, {event.words_removed or 'none'} removed"
            return f"edited (@{event.number}){_after(event, story)}: {words}"
        case EventKind.ALTERNATION:
            one, other = (quoted(wording, 140) for wording in event.words)
            return f"the headline alternates between {one} and {other}, {plural(event.count, 'change')} so far"
        case EventKind.MODIFIED_MOVED:
            often = f", {event.count} times" if event.count > 1 else ""
            return f"the page’s date of modification moved{often}, its text did not"
        case EventKind.NOT_SEEN:
            return f"{plural(event.count, 'check')} saw no text: {'; '.join(event.words)}"
        case EventKind.MISSED:
            return f"{plural(event.count, 'check')} missed: {'; '.join(event.words)}"
        case EventKind.GONE:
            return f"gone{_words(event)}"
        case EventKind.MOVED:
            return f"moved{_words(event)}"
        case EventKind.BACK:
            return "back"
        case EventKind.DELETED:
            return "deleted from this store"
        case EventKind.LAST_SEEN:
            return "last seen, unchanged"


def _words(event: Event) -> str:
    return f" ({'; '.join(event.words)})" if event.words else ""


def _after(event: Event, story: Story) -> str:
    """ ", at most 4 h 10 min after publication" """
    if story.published_at is None or event.at <= story.published_at:
        return ""
    return f", at most {duration(round((event.at - story.published_at).total_seconds()))} after publication"


def change_lines(event: Event) -> Iterator[tuple[str, str]]:
    """(state, sentence) of each change of weight; then what else is to be said of an edit, with the state ""."""
    for change in event.changes:
        times = f" ({change.times} times)" if change.times > 1 else ""
        said = " ".join(filter(None, (ended(f"{change.sentence.removesuffix('.')}{times}"), change.remark)))
        yield change.state, said
    if event.replaced:
        yield "", "All of the text gave way to another one; it may be another story under this address."
    if event.smaller:
        counted = ", ".join(f"{count} {name}" for name, count in event.smaller)
        yield "", f"{'Also' if event.changes else 'Small changes only:'} {counted}."
    if event.unmoved:
        yield "", "The page’s date of modification was left as it was."


def notice_line(notice: ToldNotice) -> str:
    """ "A correction was added: “...” It speaks of a change of 11 h 43 min before." """
    verb = {"added": "added", "removed": "taken down", "changed": "reworded", "moved": "moved"}
    name = capital(with_article(NOTICE_NAMES[notice.kind]))
    said = f"{name} was {verb.get(notice.status.value, STATUS_NAMES[notice.status])}: “{clip(notice.text, 280)}”"
    if notice.spoken:
        which = "a change" if len(notice.spoken) == 1 else plural(len(notice.spoken), "change")
        said += f" It speaks of {which} that we first saw {duration(max(notice.spoken))} before."
    return said


def when(event: Event, clock: Clock) -> str:
    """ "14:17", "14:02 to 14:17" where it happened between two looks, "by 13:12 (since 31 May 2015, 19:20)"."""
    at = f"{clock.local(event.at):%H:%M}"
    if event.since is None or event.since == event.at:
        return at
    if clock.same_day(event.since, event.at):
        return f"{clock.local(event.since):%H:%M} to {at}"
    return f"by {at} (since {clock.date(event.since)}, {clock.local(event.since):%H:%M})"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words. `changes` are (state, sentence) as `change_lines` gives them, `notices` (status, sentence)."""

    event: Event
    when: str
    line: str
    changes: tuple[tuple[str, str], ...]
    notices: tuple[tuple[str, str], ...]


def told_days(story: Story, clock: Clock) -> Iterator[tuple[str, tuple[Told, ...]]]:
    """The events by day: the day's name, and what happened."""
    for _, events in groupby(story.events, key=lambda event: clock.local(event.at).date()):
        found = tuple(_told(event, story, clock) for event in events)
        yield clock.date(found[0].event.at), found


def _told(event: Event, story: Story, clock: Clock) -> Told:
    return Told(
        event,
        when(event, clock),
        event_line(event, story),
        changes=tuple(change_lines(event)),
        notices=tuple((notice.status.value, notice_line(notice)) for notice in event.notices),
    )


# --- as text --------------------------------------------------------------------------------------------------------


def story_terminal(story: Story, options: Options) -> str:
    """The story in `options.width` columns."""
    canvas, clock = canvas_and_clock(options)
    canvas.write(Text(visible(story.headline), style="bold"))
    for address in filter(None, (story.url, story.branch)):
        canvas.put(Text(visible(address), style="dim"))
    for text in (
        summary_line(story, clock),
        f"Times are in {clock.zone_label}; what changed between two looks has both.",
    ):
        canvas.write(Text(text))
    for name, events in told_days(story, clock):
        canvas.put(Text())
        canvas.put(Text(name, style="bold"))
        for one in events:
            _write(one, canvas)
    return canvas.text()


def _write(one: Told, canvas: Canvas) -> None:
    canvas.write(Text.assemble((one.when, "bold"), "  ", visible(one.line)), indent=2, hang=2)
    for state, said in one.changes:
        bullet = Text("· " if not state else "- ", style=_STYLES.get(state, "dim"))
        canvas.write(bullet + Text(visible(said), style="" if state else "dim"), indent=4, hang=2)
    for _, said in one.notices:
        canvas.write(Text(f"» {visible(said)}", style="italic"), indent=4, hang=2)


def story_markdown(story: Story, options: Options) -> str:
    """The story as Markdown."""
    clock = Clock(zone(options.tz))
    lines = [f"## {escape(story.headline)}", ""]
    lines += [f"`{visible(story.url)}`" if "`" not in story.url else escape(story.url), ""] if story.url else []
    lines += [escape(summary_line(story, clock)), "", f"Times are in {clock.zone_label}."]
    for name, events in told_days(story, clock):
        lines += ["", f"### {name}", ""]
        for one in events:
            lines.append(f"- **{one.when}** {escape(one.line)}")
            lines += [f"  - {escape(said)}" for _, said in one.changes]
            lines += [f"  - *{escape(said)}*" for _, said in one.notices]
    return "\n".join(lines) + "\n"


def story_html(story: Story, options: Options) -> str:
    """The story as one HTML page that stands alone."""
    clock = Clock(zone(options.tz))
    template = page_template("story.html", "report.css", "story.css")
    return template.render(
        story=story,
        days=list(told_days(story, clock)),
        summary_line=summary_line(story, clock),
        zone=clock.zone_label,
    )


STORIES = {"terminal": story_terminal, "html": story_html, "markdown": story_markdown}


def story_object(story: Story) -> Mapping[str, Any]:
    """The story for a program: times in UTC, None for what is not known."""
    return {
        "schema": "tracker.story/1",
        "branch": story.branch,
        "url": story.url,
        "headline": story.headline,
        "published": story.published,
        "as_of": machine(story.as_of),
        "snapshots": story.snapshots,
        "events": [_event_object(event) for event in story.events],
    }


def _event_object(event: Event) -> Mapping[str, Any]:
    return {
        "kind": event.kind.value,
        "since": machine(event.since) if event.since else None,
        "at": machine(event.at),
        "revision": event.revision,
        "number": event.number,
        "count": event.count,
        "words": list(event.words),
        "words_added": event.words_added,
        "words_removed": event.words_removed,
        "changes": [
            {
                "sentence": change.sentence,
                "labels": list(change.labels),
                "severity": change.severity.value,
                "disclosure": change.disclosure.value,
                "disclosed_after_seconds": change.later,
                "times": change.times,
            }
            for change in event.changes
        ],
        "smaller": dict(event.smaller),
        "notices": [
            {
                "kind": notice.kind.value,
                "status": notice.status.value,
                "text": notice.text,
                "spoken": list(notice.spoken),
            }
            for notice in event.notices
        ],
        "modified_unmoved": event.unmoved,
        "replaced": event.replaced,
    }
