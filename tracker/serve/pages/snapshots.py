"""One snapshot: since when each of its sentences stands, where it comes from, and the page as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tracker.diff.blame import BlameLine
from tracker.errors import NotFound
from tracker.model import BlockKind, Capture
from tracker.pipeline import blame_lines
from tracker.render.words import plural
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.look import Look, Page
from tracker.store import Entry, History
from tracker.text.decode import decode

MOST_LINES = 20_000  # of a page's source that are shown; all of it can be fetched


@dataclass(frozen=True, slots=True)
class Run:
    """Sentences of one block that came with one snapshot. `age` is 0 for those of the first, 4 for the newest."""

    texts: tuple[str, ...]
    kind: BlockKind
    begins: bool  # is it the first of its block?
    number: int
    age: int
    since: str
    href: str
    skipped: int  # sentences left out before this one


def snapshot_page(desk: Desk, look: Look, branch: str, rev: str) -> Page:
    """A snapshot of an article. Raises NotFound, UsageError."""
    history, (entry,) = desk.entries(branch, rev)
    snapshot = desk.store.snapshot(history.branch, entry)
    raw = desk.store.raw(history.branch, entry) if look.house.live else None
    suppressed = desk.store.suppressed(history.branch, entry) if raw else None
    lines = blame_lines(desk.store, history, entry, desk.recipes)
    runs = list(_runs(lines, history, look))
    kept, skipped = (runs, 0) if look.full else _changed_only(runs)
    number = {each.revision: place for place, each in enumerate(history.snapshots, 1)}.get(entry.revision)
    values = {
        "headline": snapshot.document.headline or history.url or history.branch,
        "language": snapshot.document.language,
        "article": paths.article(history.branch),
        "host": history.branch.partition("/")[0],
        "url": snapshot.url,
        "number": number,
        "of": len(history.snapshots),
        "moment": look.clock.moment(entry.captured_at),
        "revision": entry.revision,
        "raw_sha256": snapshot.raw_sha256,
        "lens": str(snapshot.lens),
        "runs": kept,
        "skipped_after": skipped,
        "raw": raw,
        "left_out": plural(len(suppressed), "block") if suppressed else "",
        "walk": _walk(history, entry),
    }
    title = f"{values['headline']}: {f'@{number}' if number else values['moment']}"
    return Page(paths.snapshot(history.branch, entry.revision), "snapshot.html", title, values)


def _walk(history: History, entry: Entry) -> dict[str, str | None]:
    """The snapshots before and after this one."""
    earlier = [each for each in history.snapshots if each.key < entry.key][-1:]
    later = [each for each in history.snapshots if each.key > entry.key][:1]
    return {
        name: paths.snapshot(history.branch, found[0].revision) if found else None
        for name, found in (("previous", earlier), ("next", later))
    }


def _runs(lines: Iterable[tuple[BlameLine, Entry]], history: History, look: Look) -> Iterator[Run]:
    places = {entry.revision: place for place, entry in enumerate(history.snapshots)}
    block = None
    for (at, _), group in groupby(lines, key=lambda pair: (pair[0].block, pair[1].revision)):
        found = list(group)
        line, entry = found[0]
        place = places.get(entry.revision, 0)
        before = history.snapshots[place - 1] if place else None
        href = paths.diff(history.branch, before.revision, entry.revision) if before else ""
        since = look.clock.between(entry.seen_since, entry.captured_at) if entry.seen_since and place else ""
        yield Run(
            texts=tuple(each.text for each, _ in found),
            kind=line.kind,
            begins=at != block,
            number=place + 1,
            age=_age(place, len(history.snapshots)),
            since=since or f"there on {look.clock.moment(entry.captured_at)}",
            href=href or paths.snapshot(history.branch, entry.revision),
            skipped=0,
        )
        block = at


def _age(place: int, snapshots: int) -> int:
    return 0 if place == 0 else 1 + round(3 * (place - 1) / max(1, snapshots - 2))


def _changed_only(runs: Sequence[Run]) -> tuple[list[Run], int]:
    """What came after the first snapshot, with the sentence before and after it; how many follow that are left out."""
    sentences = [
        replace(run, texts=(text,), begins=run.begins and not place)
        for run in runs
        for place, text in enumerate(run.texts)
    ]
    near = {near for place, one in enumerate(sentences) if one.age for near in (place - 1, place, place + 1)}
    kept: list[Run] = []
    skipped = 0
    for place, one in enumerate(sentences):
        if place not in near:
            skipped += 1
        elif kept and not skipped and not one.begins and kept[-1].number == one.number:
            kept[-1] = replace(kept[-1], texts=(*kept[-1].texts, *one.texts))
        else:
            kept.append(replace(one, skipped=skipped))
            skipped = 0
    return kept, skipped


def source_page(desk: Desk, look: Look, branch: str, rev: str) -> Page:
    """The source of the page that a snapshot was read from, line by line. Raises NotFound, UsageError."""
    history, entry, raw = captured(desk, branch, rev)
    decoded = decode(raw.body, raw.header("content-type"))
    lines = decoded.text.splitlines()
    values = _frame(history, entry, look) | {
        "lines": lines[:MOST_LINES],
        "more": max(0, len(lines) - MOST_LINES),
        "bytes": len(raw.body),
        "encoding": decoded.encoding,
    }
    path = f"{paths.snapshot(history.branch, entry.revision)}source/"
    return Page(path, "source.html", f"Source of {values['headline']}", values)


def captured_page(desk: Desk, look: Look, branch: str, rev: str) -> Page:
    """The frame in which the page that a snapshot was read from is shown. Raises NotFound, UsageError."""
    history, entry, raw = captured(desk, branch, rev)
    values = _frame(history, entry, look) | {"url": raw.final_url or raw.url, "bytes": len(raw.body)}
    path = f"{paths.snapshot(history.branch, entry.revision)}page/"
    return Page(path, "captured.html", f"{values['headline']}, as captured", values)


def _frame(history: History, entry: Entry, look: Look) -> dict[str, object]:
    numbers = {each.revision: place for place, each in enumerate(history.snapshots, 1)}
    return {
        "headline": history.url or history.branch,
        "article": paths.article(history.branch),
        "host": history.branch.partition("/")[0],
        "snapshot": paths.snapshot(history.branch, entry.revision),
        "number": numbers.get(entry.revision),
        "moment": look.clock.moment(entry.captured_at),
        "raw_sha256": entry.raw_sha256,
    }


def captured(desk: Desk, branch: str, rev: str) -> tuple[History, Entry, Capture]:
    """The page of a snapshot as it came. Raises NotFound where it is not in the store."""
    history, (entry,) = desk.entries(branch, rev)
    raw = desk.store.raw(history.branch, entry)
    if raw is None:
        raise NotFound(f"the page of {entry.revision[: paths.DIGITS]} is not in this store: pruned, or never fetched")
    return history, entry, raw
