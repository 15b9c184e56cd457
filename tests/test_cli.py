"""The command line as its users see it: the way of a story through the commands, help, formats, terminals, speed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import jsonschema
import pytest

from tests.cli_support import SECOND, Done, environment, fill, lines_of, program, run, run_here
from tests.http_support import Handler, serving
from tests.site import PARAGRAPHS, URL, capture, hour, page
from tests.store_support import git
from tracker.cli import COMMANDS, main
from tracker.pipeline import keep
from tracker.render.json import schema
from tracker.store import open_store
from tracker.text.urls import branch_name

SNAP_KEYS = ["source", "outcome", "branch", "url", "revision", "headline", "captured_at", "error"]


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A folder whose store is only read."""
    folder = tmp_path_factory.mktemp("read")
    fill(folder / "snapshots")
    return folder


def good(done: Done) -> str:
    """What it printed, all being well."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def commands(group: click.Group = main, name: str = "tracker") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups included."""
    context = click.Context(group)
    for part in group.list_commands(context):
        command = group.get_command(context, part)
        assert command is not None
        yield f"{name} {part}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}")


# --- the way of a story ---------------------------------------------------------------------------------------


def test_a_story_through_the_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before, after = tmp_path / "before.html", tmp_path / "after.html"
    before.write_bytes(page())
    after.write_bytes(page(SECOND))
    first, second = ("snap", str(before), "--at", "2026-03-04T01:00"), ("snap", "-", "--at", "2026-03-04T02:00+00:00")
    assert good(run(tmp_path, *first)).startswith("new       Fire in the harbour kills 12\n")
    assert good(run_here(capsys, *first, "--quiet")) == ""
    assert good(run(tmp_path, *second, stdin=page(SECOND).decode())).startswith("changed   ")
    log = good(run_here(capsys, "log", "harbour-fire", "--tz", "Asia/Tokyo"))
    assert "@1  4 March 2026, 10:00 JST" in log
    assert "@2  4 March 2026, 11:00 JST" in log
    assert log.count("Fire in the harbour") == 1
    changed = run(tmp_path, "diff", "--exit-code")
    assert (changed.returncode, changed.stderr) == (1, "")
    assert "killed [-12-]{+21+} people" in changed.stdout
    assert "\x1b" not in changed.stdout
    assert "verdict: silent" in changed.stdout
    assert good(run(tmp_path, "show", "harbour-fire", "first", "--raw")) == page().decode()
    assert good(run_here(capsys, "show", "harbour-fire")).startswith("# Fire in the harbour kills 12\n")


def test_compare_knows_the_change_and_the_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_bytes(page())
    (tmp_path / "b.html").write_bytes(page(SECOND))
    assert "Nothing was changed" in good(run_here(capsys, "compare", "a.html", "a.html", "--exit-code"))
    changed = run_here(capsys, "compare", "a.html", "b.html", "--exit-code", "--format", "html", "-o", "out.html")
    assert (changed.returncode, changed.stdout, changed.stderr) == (1, "", "")
    assert (tmp_path / "out.html").read_text().lower().startswith("<!doctype html>")
    assert "[-12-]{+21+}" in good(run_here(capsys, "compare", "a.html", "b.html", "-o", "-"))


def test_nothing_to_compare_with_is_said_beside_the_results(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.html").write_bytes(page())
    monkeypatch.chdir(tmp_path)
    assert run_here(capsys, "snap", "a.html").returncode == 0
    for arguments in (("diff", "harbour-fire", "--format", "json"), ("diff", "--format", "json")):
        done = run_here(capsys, *arguments)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.count("\n") == 1


def test_the_demonstration_shows_the_denial_and_leaves_a_store(tmp_path):
    shown = good(run(tmp_path, "demo", "--store", "my demo"))
    for words in ("[denial added]", "verdict: disclosed", "name is spelled differently", "tracker changes --silent"):
        assert words in shown
    assert shown.endswith("rm -r 'my demo'\n"), "the store stays, and it is said how to take it away"
    typed = ("https://", "/articles.git", "TRACKER_STORE=", program())  # addresses and commands are never cut
    assert max(len(line) for line in shown.splitlines() if not any(part in line for part in typed)) <= 80
    git(tmp_path / "my demo" / "articles.git", "fsck", "--strict", "--no-dangling")


# --- for programs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("list", 2),
        ("log harbour-fire", 2),
        ("blame harbour-fire", 7),
        ("changes", 1),
        ("text page.html", 9),
        ("notices page.html", 1),
        ("slips page.html", 1),
        ("quarantine list", 0),
        ("doctor", 0),
    ],
)
def test_json_lines_of_the_listing_commands(filled, monkeypatch, capsys, arguments, count):
    monkeypatch.chdir(filled)
    note = "Correction: The fire killed 12 people, not 21."
    (filled / "page.html").write_bytes(page((*PARAGRAPHS, "“I saw the the flames,” she said."), note=note))
    done = run_here(capsys, *arguments.split(), "--json")
    found = [json.loads(line) for line in good(done).splitlines()]
    assert len(found) == count
    assert all(isinstance(each, dict) for each in found)


def test_a_change_as_json_keeps_to_the_schema(filled):
    report = json.loads(good(run(filled, "diff", "harbour-fire", "--format", "json")))
    jsonschema.validate(report, schema())
    assert (report["article"]["branch"], report["article"]["url"]) == (branch_name(URL), URL)


def test_snap_says_each_source_as_soon_as_it_is_durable(tmp_path):
    """The first line is there, and its page in the store, while the second source has not answered yet."""
    with serving({"/one": lambda handler: handler.answer(page(canonical=None))}) as web:

        def answer_late(handler: Handler) -> None:
            web.stop.wait(30)
            handler.answer(page(SECOND, canonical=None))

        web.routes["/two"] = answer_late
        arguments = [program(), "snap", "--json", "--allow-private", web.url("/one"), web.url("/two")]
        with subprocess.Popen(arguments, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            kept = git(tmp_path / "snapshots" / "articles.git", "rev-parse", f"refs/heads/{first['branch']}").strip()
            web.stop.set()
            second = json.loads(process.stdout.readline())
    assert list(first) == list(second) == SNAP_KEYS
    assert (first["source"], first["outcome"], first["error"]) == (web.url("/one"), "new", None)
    assert (first["url"], first["revision"]) == (web.url("/one"), kept)
    assert first["headline"] == "Fire in the harbour kills 12"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first["captured_at"])


def test_verbose_says_what_came_on_stderr(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with serving({"/new": lambda handler: handler.answer(page(canonical=None))}) as web:
        web.routes["/old"] = lambda handler: handler.answer(b"", status=301, location="/new")
        done = run_here(capsys, "snap", "--verbose", "--allow-private", web.url("/old"))
    assert done.returncode == 0
    assert done.stderr.startswith(f"{web.url('/old')} -> {web.url('/new')}: 200, text/html, ")
    assert done.stdout.startswith("new ")


def test_the_log_is_in_the_order_of_capture_within_a_second_too(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "snapshots", create=True) as store:
        for microseconds, text in ((0, PARAGRAPHS), (500_000, SECOND)):
            keep(store, capture(hour(1) + timedelta(microseconds=microseconds), page(text)))
    listed = lines_of(run_here(capsys, "log", URL, "--json"))
    assert [line["number"] for line in listed] == [1, 2]


# --- terminals ------------------------------------------------------------------------------------------------


def on_a_terminal(folder: Path, *arguments: str, **variables: str) -> str:
    """What the program prints where a person looks."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [program(), *arguments],
        cwd=folder,
        env=environment(**{"TERM": "xterm-256color"} | variables),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    written = b""
    deadline = time.monotonic() + 30
    while select.select([control], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            piece = os.read(control, 65536)
        except OSError:  # Linux says so when the other end has closed
            break
        if not piece:
            break
        written += piece
    os.close(control)
    assert process.wait(10) == 0, written
    return written.decode()


def test_colours_are_for_terminals_alone(filled):
    assert "\x1b[" in on_a_terminal(filled, "diff", "harbour-fire")
    assert "\x1b" not in on_a_terminal(filled, "diff", "harbour-fire", NO_COLOR="1")


def test_a_page_cannot_steer_the_terminal(tmp_path, monkeypatch, capsys):
    """Escapes, an OSC that sets the clipboard, a C1 control and a bidi override, in text, link and title."""
    monkeypatch.chdir(tmp_path)
    evil = "\x1b]52;c;ZXZpbA==\x07 \x9b31m \u202e [link=https://x.example]now[/link]"
    (tmp_path / "evil.html").write_bytes(
        page((*PARAGRAPHS, f"The mayor said {evil} nothing."), headline=f"Fire {evil}")
    )
    good(run_here(capsys, "snap", "evil.html", "--url", URL))
    for arguments in (
        ("list",),
        ("show", "harbour-fire", "--raw"),
        ("compare", "evil.html", "evil.html", "--full", "--format", "markdown"),
    ):
        shown = on_a_terminal(tmp_path, *arguments, NO_COLOR="1")
        assert "Fire" in shown, arguments
        assert not set("\x1b\x07\x9b\u202e") & set(shown), arguments


def test_text_that_the_encoding_of_the_output_lacks_is_escaped(filled):
    shown = good(run(filled, "show", "harbour-fire", PYTHONIOENCODING="latin-1"))
    assert "\\u201cWe saw the flames" in shown


# --- help, completion, speed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_with_an_example(name, command):
    text = command.get_help(click.Context(command, info_name=name))
    examples = re.search(r"\n  Examples?:\n((?:    .+\n)+)", text)
    assert examples, text
    assert all(line.strip().startswith(name) for line in examples[1].splitlines())
    assert command.get_short_help_str(62)[-3:] != "..."


def test_help_loads_no_station():
    rooms = {name.split(".")[1] for name in loaded("--help") if name.startswith("tracker.")}
    assert rooms == {"cli", "errors"}


def loaded(*arguments: str) -> set[str]:
    """The modules that a command line imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", program(), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def test_a_store_is_listed_without_the_parsers_of_pages(filled, monkeypatch):
    monkeypatch.chdir(filled)
    assert not loaded("list") & {"bs4", "lxml", "httpx2", "tracker.normalize", "tracker.fetch"}


def test_help_names_the_commands_in_order(tmp_path):
    listed = re.findall(r"^  (\w+)  ", good(run(tmp_path, "--help")).partition("Commands:")[2], re.MULTILINE)
    assert listed == list(COMMANDS)


def test_without_arguments_the_help_is_shown_on_stderr(tmp_path):
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_shell_is_told_how_to_complete(tmp_path):
    assert "_tracker_completion" in run(tmp_path, _TRACKER_COMPLETE="bash_source").stdout
