"""A watch list without a network: a frontier on a state.sqlite of its own, and workers in processes of their own.

python -m tests.watch_support STORE GAP: claims and finishes until there is a file `enough` in STORE, a line a claim.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tracker.store.state import State
from tracker.watch.frontier import Finished, Frontier
from tracker.watch.listed import NOTHING_NEW, HostNews, Spacing, Wanted, Watched

NOW = 1_000_000.0


def state_at(folder: Path) -> State:
    folder.mkdir(exist_ok=True)
    return State(folder / "state.sqlite", has_snapshots=lambda: False)


def frontier_at(folder: Path, *, gap: float = 10.0, connections: int = 1, lease: float = 90.0) -> Frontier:
    return Frontier(state_at(folder).run, lambda _: Spacing(gap, connections), lease=lease, floor=300.0)


def pages(count: int, hosts: int) -> list[Wanted]:
    return [Wanted(f"https://h{number % hosts}.example/story-{number}") for number in range(count)]


def seen(page: Watched, at: float, pause: float = 3600.0, host: HostNews = NOTHING_NEW) -> Finished:
    """A look that found a page well."""
    return Finished(page, at, {"checked": at, "due": at + pause, "pause": pause}, host)


def work(folder: Path, gap: float, batch: int = 50) -> None:
    """Claim and finish as quickly as it goes; each claim is printed with its time before the next is made.

    A page is due again at once, so there is always something to claim.
    """
    frontier = frontier_at(folder, gap=gap, lease=1.0)
    done: list[Finished] = []
    while not (folder / "enough").exists():
        now = time.time()
        claims = frontier.exchange(done, now, batch)
        for claim in claims:
            sys.stdout.write(f"{now:.6f} {claim.host} {claim.id}\n")
        sys.stdout.flush()
        done = [seen(claim, now, pause=0.0) for claim in claims]
        if not claims:
            time.sleep(0.002)
    frontier.exchange(done, time.time(), 0)


if __name__ == "__main__":
    work(Path(sys.argv[1]), float(sys.argv[2]))
