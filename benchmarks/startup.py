"""TARGETS "Start-up and size": how soon the command line answers, and how much a core install puts on the disk.

    python benchmarks/startup.py [--rounds 9]

Times are wall-clock seconds of processes of their own, best of N rounds, taken in turns so that a busy machine slows
all alike, beside a bare interpreter and one that imports click. Bytecode is kept, as in any installation, whatever the
environment says; the first start, which compiles, is given too. The size is that of the files that the installed
packages list: tracker's own and those of everything it needs, compiled modules counted, extras left out. Nothing is
asserted.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "snapshots" / "samples" / "syria-training").glob("*.html"))[:2]
TRACKER = (sys.executable, "-c", "from tracker.cli import main; main()")
CLICK = (sys.executable, "-c", "import click")
BARE = (sys.executable, "-c", "pass")
HEADING = re.compile("── .*: tracker (?P<command>[a-z]+)")  # each part of the demonstration names its command
_NAME = re.compile(r"[\w.-]+")


def seconds(bytecode: str, *command: str) -> float:
    """How long a process runs that keeps its bytecode in a folder."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env | {"PYTHONPYCACHEPREFIX": bytecode})
    return time.perf_counter() - start


def best(rounds: int, *commands: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """The first time of each command, with nothing compiled, and the best of those after it, taken in turns."""
    with tempfile.TemporaryDirectory() as bytecode:
        first = [seconds(f"{bytecode}/{number}", *each) for number, each in enumerate(commands)]
        rows = ([seconds(f"{bytecode}/{number}", *each) for number, each in enumerate(commands)] for _ in range(rounds))
        return first, [min(times) for times in zip(*rows, strict=True)]


def until_diff() -> float:
    """From the start of `tracker demo` to the last line of its diff: the heading of what follows it."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        shown, part = None, ""
        command = (*TRACKER, "demo", "--store", str(Path(folder) / "store"))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            for line in process.stdout or ():
                if heading := HEADING.match(line):
                    if part == "diff":
                        shown = time.perf_counter() - start
                    part = heading["command"]
        if process.returncode or shown is None:
            sys.exit(
                f"`tracker demo` ended with {process.returncode} and showed {'no' if shown is None else 'its'} diff"
            )
        return shown


def closure(name: str, seen: set[str]) -> Iterator[Distribution]:
    """An installed package and all that it needs here, each once; extras are left out."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    seen.add(key)
    try:
        found = distribution(name)
    except PackageNotFoundError:  # for another version of Python or another system
        return
    yield found
    for requirement in found.requires or ():
        needed = _NAME.match(requirement)
        if needed and "extra ==" not in requirement:
            yield from closure(needed.group(), seen)


def megabytes(package: Distribution) -> float:
    """The files that a package lists; of an editable install the files of the project that it would hold."""
    files = [Path(str(file.locate())) for file in package.files or ()]
    if package.name == "tracker":
        files = [*(ROOT / "tracker").rglob("*"), *(ROOT / "snapshots" / "samples").rglob("*")]
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def report(what: str, figure: str, target: str) -> None:
    print(f"{what:52}{figure:>12}{target:>12}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    comparing = (*TRACKER, "compare", *map(str, PAGES))
    first, (help_, click_, compare, bare) = best(rounds, (*TRACKER, "--help"), CLICK, comparing, BARE)
    sizes = {package.name: megabytes(package) for package in closure("tracker", set())}
    print(f"{'':52}{'measured':>12}{'target':>12}")
    report(f"tracker --help ({help_:.3f} s) / import click ({click_:.3f} s)", f"{help_ / click_:.2f}", "<= 2")
    report(f"tracker compare of two usual pages, bare {bare:.3f} s", f"{compare:.2f} s", "<= 0.5 s")
    report("the same, all compiled anew, Python itself too", f"{first[2]:.2f} s", "-")
    report("tracker demo, from its start to its diff", f"{min(until_diff() for _ in range(3)):.2f} s", "<= 3 s")
    report(f"core install, {len(sizes)} packages", f"{sum(sizes.values()):.1f} MB", "<= 60 MB")
    for name, size in sorted(sizes.items(), key=lambda row: -row[1])[:6]:
        print(f"    {name:48}{size:9.1f} MB")


if __name__ == "__main__":
    main()
