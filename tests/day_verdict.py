"""What must hold at the end of a day, by the sites' own logs and by the store."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from tests.day_support import CRAWL_DELAY, FLOOR, SLOW_HOST, SPACING, START, Looked, Sites, Story
from tracker.store import Store, open_store
from tracker.watch.listed import TOLD_AFTER
from tracker.watch.looks import EventKind

_COST = re.compile(r"cost (\d+) crowns")
# What may come between due and done beside the interval: the queue of a host, and a death with its lease.
SLACK = 900.0
# What is told of a page that answers so; of a broken one only after a few failures.
TOLD_OF = {"gone": EventKind.GONE, "wall": EventKind.BLOCKED, "away": EventKind.MOVED, "broken": EventKind.FAILING}


@dataclass
class Verdict:
    """The figures of a day. Each list of faults must be empty."""

    looks: int = 0
    edits: int = 0
    long_edits: int = 0
    seen: int = 0
    missed: list[str] = field(default_factory=list)
    false_changes: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    mistold: list[str] = field(default_factory=list)
    too_soon: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


def judge(store_path: Path, sites: Sites, stories: Sequence[Story], looks: Mapping[str, Sequence[Looked]]) -> Verdict:
    """`looks` holds, by address, what the watch wrote of its looks."""
    verdict = Verdict(too_soon=too_soon(sites), forbidden=forbidden(sites))
    verdict.looks = sum(path != "/robots.txt" for _, _, path, _ in sites.log)
    with open_store(store_path) as store:
        for story in stories:
            of_story = looks[sites.url(story)]
            _judge_told(story, of_story, verdict)
            if not story.path.startswith("/private/"):
                _judge_story(store, sites, story, of_story, verdict)
    return verdict


def _judge_told(story: Story, looks: Sequence[Looked], verdict: Verdict) -> None:
    """What began and what ended is told once, and at the look that could see it."""
    told = [(look.at, event) for look in looks for event in look.events]
    expected = list(to_tell(story, [look.at for look in looks]))
    verdict.told.update(event for _, event in told)
    if told != expected:
        verdict.mistold.append(f"{story.path}: told {told}, expected {expected}")


def to_tell(story: Story, looks: Iterable[float]) -> Iterator[tuple[float, str]]:
    """When something is to be told of a story that was looked at in these moments, and what."""
    if story.path.startswith("/private/"):
        yield from ((at, EventKind.FORBIDDEN) for at in [*looks][:1])
        return
    is_out = False
    for other, group in groupby(_standings(story, looks), key=itemgetter(1)):
        moments = [at for at, _ in group]
        needed = TOLD_AFTER if other == "broken" else 1
        if other and len(moments) >= needed:
            yield moments[needed - 1], TOLD_OF[other]
            is_out = True
        elif is_out and not other:
            yield moments[0], EventKind.BACK
            is_out = False


def _standings(story: Story, looks: Iterable[float]) -> Iterator[tuple[float, str]]:
    """What is known of a story after each look: one that fails shows nothing of a page that is known to be out."""
    known = ""
    for at in looks:
        shown = story.at(at).other
        known = known if shown == "broken" and known else shown
        yield at, known


def _judge_story(store: Store, sites: Sites, story: Story, looks: Sequence[Looked], verdict: Verdict) -> None:
    stored = versions(store, sites.url(story))
    served = [version for version, _ in groupby(version for _, version in sites.served[story.host, story.path])]
    if stored != served:
        verdict.false_changes.append(f"{story.path}: stored {stored}, served {served}")
    end = max((look.at for look in looks), default=START)
    texts = [span for span in story.spans if span.version is not None]
    for span, after in zip(story.spans, [*story.spans[1:], None], strict=True):
        until = min(after.since if after else end, end)
        if span.version in (None, 0) or span not in texts or span.since >= end:
            continue
        verdict.edits += 1
        verdict.seen += span.version in stored
        planned = max((look.due for look in looks if look.at <= span.since), default=span.since)
        if until > planned + SLACK:
            verdict.long_edits += 1
            if span.version not in stored:
                verdict.missed.append(f"{story.path}: version {span.version}, {until - span.since:.0f} s")


def versions(store: Store, url: str) -> list[int]:
    """The versions of an article that the store holds, in order."""
    branch = store.find_url(url)
    if branch is None:
        return []
    history = store.history(branch)
    texts = [store.snapshot(branch, entry).document for entry in history.snapshots]
    costs = [_COST.search(" ".join(block.text for block in text.blocks)) for text in texts]
    return [(int(cost[1]) - 1000) // 37 if cost else -1 for cost in costs]


def too_soon(sites: Sites) -> list[str]:
    """Requests to one host that came sooner after the one before than they may, by the host's own log.

    The page after a robots.txt is one look with it, as is a redirect with its target.
    """
    by_host: dict[int, list[float]] = defaultdict(list)
    by_page: dict[tuple[int, str], list[float]] = defaultdict(list)
    for now, host, path, _ in sites.log:
        if path not in ("/robots.txt", "/"):
            by_host[host].append(now)
            by_page[host, path].append(now)
    found = []
    for host, times in by_host.items():
        gap = CRAWL_DELAY if host == SLOW_HOST else SPACING
        first = 2 if host == SLOW_HOST else 0  # its wish is known from its first answer on
        found += [
            f"host {host}: {b - a:.1f} s at {a:.0f}" for a, b in pairwise(sorted(times)[first:]) if b - a < gap - 1e-3
        ]
    for place, times in by_page.items():
        found += [f"page {place}: {b - a:.0f} s" for a, b in pairwise(sorted(times)) if b - a < FLOOR * 0.89]
    return found


def forbidden(sites: Sites) -> list[str]:
    """What was asked for that no robot may ask for."""
    return [path for _, _, path, _ in sites.log if path.startswith("/private/")]
