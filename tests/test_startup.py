"""What is not needed is not loaded: two files are compared without a store, and help is given without a station."""

import subprocess
import sys

import pytest

LOADED = "import sys; print(*sys.modules)"


def loaded_after(program: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", f"{program}\n{LOADED}"], capture_output=True, check=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("program", "never"),
    [
        ("from tracker.pipeline import compare_readings, read_capture", {"tracker.store", "git", "sqlite3"}),
        ("import tracker.cli, tracker.cli.compare, tracker.cli.snap", {"tracker.model", "bs4", "lxml", "rich"}),
        ("import tracker, tracker.pipeline", {"tracker.model", "click"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(program, never):
    assert loaded_after(program) & never == set()


def test_a_name_behind_the_lazy_door_is_the_function_and_not_the_module_of_that_name():
    program = "from tracker.pipeline import Terms, keep; from tracker.pipeline import keep as again"
    assert "tracker.store" in loaded_after(f"{program}; assert callable(keep) and keep is again")
