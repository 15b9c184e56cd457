"""Writers at work on one store, killed at random moments: a short run of benchmarks/kill.py, whose long one is 500."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEED = "3"  # kills before anything is said, after a word, and after something was stored: the rest is up to the machine


@pytest.mark.slow
def test_what_is_killed_loses_nothing_and_leaves_nothing_locked(tmp_path):
    kinds = ("write", "delete")
    done = subprocess.run(
        [sys.executable, "benchmarks/kill.py", "--runs", "4", "--captures", "10", "--kinds", *kinds, "--seed", SEED],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = {words[0]: words for line in done.stdout.splitlines() if (words := line.split())}
    assert [rows[kind][1] for kind in kinds] == ["2", "2"]
    assert int(rows["all"][3]) > 0, "nothing was acknowledged before the kills"
    assert "nothing lost, nothing locked, nothing half" in done.stdout
