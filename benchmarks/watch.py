"""Claims of the frontier beside a bare SQLite floor, and our own time for an unchanged page.

python -m benchmarks.watch [claims|unchanged]: prints tables, asserts nothing about seconds.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from tests.watch_support import frontier_at, pages

PROCESSES = 3
SECONDS = 6.0
PAGES, HOSTS, GAP = 100_000, 3_000, 0.5
BATCH = 50


def claims() -> None:
    """100,000 pages on 3,000 hosts, three processes that claim and finish."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        frontier_at(folder).add(pages(PAGES, HOSTS), 0.0)
        print(f"{PAGES:,} pages put on the list in {time.perf_counter() - began:.1f} s")
        for note, gap in ((f"{HOSTS:,} hosts, {GAP} s apart", GAP), ("no spacing: as fast as it goes", 0.0)):
            print(f"{note}: {_claims(folder, gap)}")
    with tempfile.TemporaryDirectory() as name:
        floor = _floor(Path(name))
    print(
        f"bare SQLite, two updates a claim, {BATCH} claims a transaction, flushed: {floor:,.0f} claims/s (one process)"
    )


def _claims(folder: Path, gap: float) -> str:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.watch_support", str(folder), str(SECONDS), str(gap)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    lines = [line.split() for each in started for line in each.communicate()[0].splitlines()]
    times: dict[str, list[float]] = defaultdict(list)
    for at, host, _ in lines:
        times[host].append(float(at))
    gaps = [later - sooner for each in times.values() for sooner, later in pairwise(sorted(each))]
    broken = sum(each < gap - 1e-4 for each in gaps)
    every = [float(at) for at, *_ in lines]
    rate = len(lines) / (max(every) - min(every))
    ceiling = f" (the hosts allow {HOSTS / gap:,.0f})" if gap else ""
    return f"{rate:,.0f} claims/s{ceiling}, {len(gaps):,} gaps, {broken} too short"


def _floor(folder: Path) -> float:
    """The least that a durable claim costs: one row of a host and one of a page, written and flushed."""
    db = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    db.executescript(
        """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE host (id INTEGER PRIMARY KEY, next REAL); CREATE TABLE page (id INTEGER PRIMARY KEY, due REAL);"""
    )
    db.execute("BEGIN")
    db.executemany("INSERT INTO host VALUES (?, 0)", ((n,) for n in range(HOSTS)))
    db.executemany("INSERT INTO page VALUES (?, 0)", ((n,) for n in range(PAGES)))
    db.execute("COMMIT")
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS / 2:
        db.execute("BEGIN IMMEDIATE")
        for _ in range(BATCH):
            db.execute("UPDATE host SET next = next + 1 WHERE id = ?", (count % HOSTS,))
            db.execute("UPDATE page SET due = due + 1 WHERE id = ?", (count % PAGES,))
            count += 1
        db.execute("COMMIT")
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    claims()
