"""The command line: read options, make one call, print, end with the right code.

This module and the command modules import click alone at the top; stations are imported when a command runs, so that
`tracker --help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

# command -> the module of tracker.cli that has it, in the order that --help shows
COMMANDS = {
    "demo": "demo",
    "snap": "snap",
    "compare": "compare",
    "text": "page",
    "list": "browse",
    "log": "browse",
    "show": "browse",
    "diff": "compare",
    "blame": "browse",
    "story": "story",
    "changes": "changes",
    "outlets": "story",
    "notices": "page",
    "slips": "page",
    "recipe": "recipe",
    "memory": "memory",
    "quarantine": "care",
    "doctor": "care",
    "gc": "upkeep",
    "backup": "upkeep",
    "seal": "evidence",
    "verify": "evidence",
    "bundle": "evidence",
    "clone": "share",
    "push": "share",
    "pull": "share",
    "prune": "removal",
    "delete": "removal",
    "add": "watching",
    "unwatch": "watching",
    "run": "passes",
    "watch": "passes",
    "status": "watching",
    "schedule": "schedule",
    "notify": "notify",
    "serve": "serve",
    "site": "serve",
}

WRONG_ARGUMENTS = 2
BUG = 70
INTERRUPTED = 130


class Tracker(click.Group):
    """The group of all commands; a command's module is imported when its name is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"tracker.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    # click has a mode in which main returns; ours does not
    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run and exit. click maps a crash, Ctrl-C and a closed pipe all to 1; a cron job must tell them apart."""
        if "_TRACKER_COMPLETE" in os.environ:
            super().main(args, prog_name or "tracker", **extra)
        sys.exit(run(self, list(sys.argv[1:] if args is None else args), prog_name or "tracker"))


def run(group: click.Group, args: list[str], name: str) -> int:
    """Run one command line and give its exit code; every error becomes one line on stderr."""
    from tracker.cli.output import OutputLost, let_go, ready, sent

    ready()
    try:
        code = _ended(group, args, name)
        sent()
    except BrokenPipeError:  # click's own writing: help, version
        let_go()
        return 0
    except OutputLost as lost:
        let_go()
        if lost.reader_left:
            return 0
        complain(str(lost))
        return WRONG_ARGUMENTS
    return code


def _ended(group: click.Group, args: list[str], name: str) -> int:
    """The exit code of a command, its error told."""
    from tracker.cli.output import OutputLost
    from tracker.errors import TrackerError

    try:
        with group.make_context(name, args) as context:
            group.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as bare:
        click.echo(bare.format_message(), err=True)
        return WRONG_ARGUMENTS
    except click.ClickException as wrong:
        complain(_advice(wrong))
        return WRONG_ARGUMENTS
    except TrackerError as error:
        complain(str(error))
        return error.exit_code
    except (BrokenPipeError, OutputLost):
        raise
    except (KeyboardInterrupt, click.Abort):
        click.echo("tracker: interrupted; what was reported as stored is stored", err=True)
        return INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the last line of defence: one line and a code of its own
        return _bug(bug)
    return 0


def _advice(wrong: click.ClickException) -> str:
    """click's complaint as one line that says where to read on."""
    context = wrong.ctx if isinstance(wrong, click.UsageError) else None
    said = wrong.format_message().rstrip(".")
    return f"{said[:1].lower()}{said[1:]} (see `{context.command_path if context else 'tracker'} --help`)"


def _bug(bug: Exception) -> int:
    import traceback

    if os.environ.get("TRACKER_DEBUG"):
        traceback.print_exception(bug)
    said = f"a bug in tracker: {type(bug).__name__}: {bug}"
    complain(f"{said}; please report it with what `TRACKER_DEBUG=1 tracker ...` prints")
    return BUG


def complain(message: str) -> None:
    """One line for a person on stderr; what comes from the web cannot move the cursor."""
    from tracker.render.safe import safe

    click.echo(f"tracker: {safe(' '.join(message.split()))}", err=True)


@click.command(cls=Tracker, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tracker", message="tracker %(version)s")
def main() -> None:
    """Git for news articles: keep every version of a page, see what changed, and whether the outlet said so.

    \b
    Examples:
      tracker demo                               see it work on bundled pages
      tracker snap https://news.example/story    keep the page as it is now
      tracker diff news.example/story            what changed last, annotated
      tracker compare before.html after.html     the same for two files

    SOURCE is a URL, an HTML file, or - for standard input.

    ARTICLE is a URL, a branch name, or any unique part of one.

    REV is latest, first, latest~1, @2 (the second snapshot), a date such as 2015-05-31 or 2015-05-31T15:13 (the last
    one at or before it), or a git id of at least 7 digits.

    The store is --store, else $TRACKER_STORE, else `store` in the nearest tracker.toml, else ./snapshots.

    Exit codes: 0 done, 1 changed (with --exit-code), 2 wrong arguments, 3 some of many sources failed,
    4 configuration, 5 page not to be had, 6 blocked or no article, 7 store, 8 not found, 9 notification, 70 a bug,
    130 interrupted.
    """
