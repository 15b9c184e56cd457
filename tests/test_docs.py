"""What the documents say of the program is so: commands, exit codes, labels, settings, links and the examples."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cli_support import SECOND, environment
from tests.site import page
from tracker import errors
from tracker.cli import BUG, COMMANDS, INTERRUPTED, main
from tracker.config.written import read_settings, schema
from tracker.model import Label

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
HELP = main.get_help(click.Context(main, info_name="tracker"))
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def table(head: str) -> list[str]:
    """The first cells of the README's table with this head."""
    rows = README.partition(f"\n| {head} |")[2].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in rows]


def block(language: str) -> str:
    """The README's one example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


def exit_codes() -> set[int]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TrackerError)]
    return {kind.exit_code for kind in kinds} | {0, BUG, INTERRUPTED}


def test_every_command_is_in_the_readme_and_nothing_else():
    listed = [re.findall(r"`(\w+)", cell)[0] for cell in table("command | what it does")]
    assert listed == list(COMMANDS)


def test_every_exit_code_is_in_the_readme_and_in_the_help():
    assert {int(cell) for cell in table("exit code | meaning")} == exit_codes()
    said = HELP.partition("Exit codes:")[2].partition("Options:")[0]
    assert {int(code) for code in re.findall(r"\d+", said)} == exit_codes()


def test_the_tree_of_errors_is_drawn_as_it_is():
    drawn = re.findall(r"(\w+) +(\d+) ", (errors.__doc__ or "").partition("The message")[0])
    assert {name: int(code) for name, code in drawn} == {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.TrackerError)
    }


def command_lines() -> list[str]:
    """Every command line of the README, without its remark."""
    found = re.findall(r"^tracker .*$", README, re.MULTILINE)
    return [line.partition("  #")[0].strip() for line in found]


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_of_the_readme_is_one(line):
    """Its command and options are there; nothing is run."""
    name, *words = shlex.split(line)[1:]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_context(name, words)


def deployed() -> list[str]:
    """Every command line that the files of docs/deploy start, from the command's name on."""
    texts = [file.read_text("utf-8") for file in sorted((ROOT / "docs" / "deploy").iterdir())]
    lines = [re.sub(r'[",\[\]]+', " ", line) for text in texts for line in text.splitlines()]
    found = (re.search(r"(?:bin/tracker|^CMD +tracker|exec tracker tracker) +(.*)", line) for line in lines)
    return [match[1].partition("  #")[0] for match in found if match]


def test_every_command_line_that_is_deployed_is_one():
    """Systemd's %S stands for a folder."""
    lines = deployed()
    assert len(lines) >= 5
    for line in lines:
        name, *words = shlex.split(line.replace("%S", "/var/lib"))
        command = main.get_command(click.Context(main), name)
        assert command is not None, line
        command.make_context(name, words)


def test_every_option_that_the_readme_names_is_one():
    known = set()
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        known |= {option for each in command.get_params(click.Context(command)) for option in each.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", README)) <= known


def test_every_label_is_explained():
    """In a section below the table of severities."""
    sections = (ROOT / "docs" / "labels.md").read_text("utf-8").partition("\n## ")[2]
    assert {label.value for label in Label} <= set(re.findall(r"`([a-z-]+)`", sections))


def test_the_example_of_settings_is_valid_and_shows_every_table(tmp_path):
    file = tmp_path / "tracker.toml"
    file.write_text(block("toml"))
    tables = {key for key, rule in schema()["properties"].items() if rule.get("type") == "object"}
    assert tables <= set(read_settings(file))


def test_the_python_example_runs(tmp_path):
    (tmp_path / "before.html").write_bytes(page())
    (tmp_path / "after.html").write_bytes(page(SECOND))
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("## Fire in the harbour kills 12")
    assert "<del>12</del><ins>21</ins>" in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_the_documents_leads_somewhere(document):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []
