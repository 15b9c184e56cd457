"""Where everything that a command prints goes through: results to stdout, everything else to stderr."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

import click

NARROWEST = 40
_SHOWN_SECONDS = 0.1  # a progress is not written oftener


class OutputLost(Exception):
    """Standard output takes no more. `reader_left`: it is a pipe whose reader has seen enough."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written: {error.strerror or error}; make room or name a file")
        self.reader_left = error.errno == errno.EPIPE


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputLost(error) from error


def ready() -> None:
    """Text that cannot be written as it is (another encoding, a lone surrogate) is written as an escape."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def sent() -> None:
    """Everything printed so far is out. Raises OutputLost."""
    if sys.stdout is not None:
        with _writing():
            sys.stdout.flush()


def let_go() -> None:
    """Throw away what waits for a reader that has gone, so that the interpreter does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def on_terminal() -> bool:
    """Does a person look at the results?"""
    return sys.stdout is not None and sys.stdout.isatty()


def terminal() -> dict[str, Any]:
    """What the renderers must know of the terminal: plain text when piped, 80 columns there."""
    import shutil

    color = on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((80, 24)).columns if on_terminal() or "COLUMNS" in os.environ else 80
    return {"color": color, "width": max(width, NARROWEST)}


def say(text: str) -> None:
    """Print what a renderer made for a person: it is safe for a terminal already."""
    with _writing():
        click.echo(text.rstrip("\n"), color=True)


def say_plain(text: str) -> None:
    """Print text for a program, or an article's own: a terminal shows it with nothing in it that could steer it."""
    from tracker.render.safe import safe

    say("\n".join(map(safe, text.split("\n"))) if on_terminal() else text)


def say_json(value: dict[str, Any]) -> None:
    """One object on one line, written at once."""
    from tracker.render.json import line

    say_plain(line(value))
    sent()


def say_bytes(data: bytes) -> None:
    """Bytes as they are, to a pipe or a file."""
    with _writing():
        sys.stdout.buffer.write(data)
    sent()


def note(text: str) -> None:
    """A line that is no result: stdout stays empty for the program that reads it."""
    click.echo(text, err=True)


def write(text: str, path: Path) -> None:
    """Into a file. Raises UsageError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}; name another file with -o") from error


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file that bears its name only once it is whole. Raises UsageError where it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".tracker-", delete=False) as draft:
            try:
                yield draft
                Path(draft.name).chmod(0o644)
                Path(draft.name).replace(path)
            except BaseException:
                Path(draft.name).unlink()
                raise
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}; name another file with -o") from error


def progress(label: str) -> Callable[[int, int], None] | None:
    """A call (done, all) that keeps one line on stderr up to date, with the rate and the time left; None where nobody
    looks."""
    import time

    if sys.stderr is None or not sys.stderr.isatty():
        return None
    began = shown = time.monotonic()

    def move(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done >= total:
            wipe()
        elif now - shown >= _SHOWN_SECONDS:
            shown = now
            rate = done / (now - began)
            left = f", {rate:,.0f} a second, {_duration((total - done) / rate)} left" if rate >= 1 else ""
            click.echo(f"\r\033[K{label}: {done:,} of {total:,}{left}", err=True, nl=False)

    return move


def wipe() -> None:
    """Take the line of a progress away, before another is printed."""
    click.echo("\r\033[K", err=True, nl=False)


def _duration(seconds: float) -> str:
    """A time left, roughly."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def stages() -> Callable[[str, int, int], None] | None:
    """A call (what, done, all) that keeps one line on stderr up to date through several pieces of work; None where
    nobody looks. It is called as often as there is something to see."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def move(what: str, done: int, total: int) -> None:
        line = f"{what}: {done:,} of {total:,}" if done < total else ""
        click.echo(f"\r\033[K{line}", err=True, nl=False)

    return move
