"""A day in the life of a watch: 300 articles on 20 hosts, in accelerated time, killed 50 times on the way.

python -m benchmarks.day [--articles N] [--hosts N] [--hours H] [--kills N]
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from tests.day_support import START, Day, FileClock, begin, sites, stories
from tests.day_verdict import judge
from tests.store_support import git


def main() -> None:
    options = _options()
    end = START + options.hours * 3600
    found = stories(options.articles, options.hosts, options.hours, seed=1)
    draw = random.Random(1)  # noqa: S311 - a trial, not a secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock = FileClock(folder / "clock", START)
        with sites(found, clock) as web:
            begin(folder / "store", clock, [web.url(story) for story in found])
            day = Day(folder, clock, end)
            began = time.perf_counter()
            kills = 0
            for number in range(options.kills):
                part = START + (number + 1) * (end - START) / (options.kills + 1)
                kills += day.until_killed(draw.randrange(1, 80), not_before=part - 3600)
            day.to_the_end()
            took = time.perf_counter() - began
            verdict = judge(folder / "store", web, found, day.looks())
        git(folder / "store" / "articles.git", "fsck", "--strict", "--no-dangling")
    memory = [round(each / 1024) for each in day.memory[:: max(1, len(day.memory) // 8)]]
    print(
        f"{options.articles} articles, {options.hosts} hosts, {options.hours:g} h in {took:.0f} s, killed {kills} times"
    )
    print(f"looks {verdict.looks:,}, edits {verdict.edits}, of them seen {verdict.seen}")
    print(f"edits that stayed longer than the interval: {verdict.long_edits}, not seen: {len(verdict.missed)}")
    print(f"articles with a false or lost change: {len(verdict.false_changes)}")
    print(f"requests too soon: {len(verdict.too_soon)}; against robots.txt: {len(verdict.forbidden)}")
    print(
        f"told: {dict(sorted(verdict.told.items()))}; articles of which something else was told: {len(verdict.mistold)}"
    )
    print(f"memory of the last process, MB: {memory}")
    faults = (*verdict.missed, *verdict.false_changes, *verdict.mistold, *verdict.too_soon, *verdict.forbidden)
    for fault in faults[:20]:
        print(f"  {fault}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--kills", type=int, default=50)
    return parser.parse_args()


if __name__ == "__main__":
    main()
