"""The public door: what it lists is there, and nothing is loaded before it is used."""

import subprocess
import sys
from types import ModuleType

import tracker
from tracker import errors, model


def test_every_listed_name_resolves():
    assert tracker.__all__ == sorted(tracker.__all__)
    for name in tracker.__all__:
        assert getattr(tracker, name) is not None


def test_all_errors_and_values_are_listed():
    def own(module: ModuleType, base: type) -> set[str]:
        return {n for n, v in vars(module).items() if isinstance(v, base) and v.__module__ == module.__name__}

    assert own(errors, type) <= set(tracker.__all__)
    assert own(model, type) <= set(tracker.__all__)


def test_every_error_has_our_base_and_an_exit_code():
    for name in tracker.__all__:
        value = getattr(tracker, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, tracker.TrackerError)
            assert value.exit_code in range(1, 10)
            assert f"{name} " in (errors.__doc__ or "")


def test_rooms_that_share_their_function_s_name_can_be_called():
    text = tracker.document_from_text("One.\n\nTwo.")
    assert tracker.diff(text, text).changes == ()
    assert tracker.normalize("<article><p>One paragraph that is long enough to be read as a text.</p></article>").blocks
    assert "tracker.report/1" in tracker.render(tracker.compare(text, text), "json")


def test_importing_the_door_loads_no_station():
    code = "import sys, tracker; print([m for m in sys.modules if m.startswith('tracker.')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
