"""What `tracker snap` is given, as a list of pages: addresses, files, whole folders, and lists of all these."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from tracker.cli.common import believable, moment_of

_PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})


@dataclass(frozen=True, slots=True)
class Source:
    """One page that is wanted. `url` is the address of a file, `at` when it was captured: None for now."""

    name: str
    url: str | None = None
    at: datetime | None = None

    @property
    def is_web(self) -> bool:
        """Is it asked for over the network?"""
        return "://" in self.name


def listed(
    names: Sequence[str], list_file: str | None, url: str | None, at: datetime | None, *, file_times: bool
) -> list[Source]:
    """All pages that a command line names, in order. Raises click.UsageError on what makes no sense together."""
    found = [each for name in names for each in _unfolded(Source(name))]
    if list_file is not None:
        found += [each for line in _lines(list_file) for each in _unfolded(line)]
    if not found:
        raise click.UsageError("name at least one SOURCE, or a file with --list that names some")
    if len(found) > 1 and url:
        raise click.UsageError("--url names one page; give one SOURCE with it, or the addresses in a --list")
    if at and file_times:
        raise click.UsageError("--at and --file-times are two times for one page; give one of them")
    timed = [replace(each, at=each.at or at or (_file_time(each) if file_times else None)) for each in found]
    return [replace(each, url=each.url or url) for each in timed]


def _unfolded(source: Source) -> Iterator[Source]:
    """The pages in a folder and its folders, by name; any other source as it is."""
    folder = Path(source.name)
    if source.is_web or not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir trips over a name that is too long
        yield source
        return
    pages = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PAGES and path.is_file())
    if not pages:
        raise click.UsageError(f"{folder} holds no HTML files ({', '.join(sorted(_PAGES))})")
    yield from (replace(source, name=str(path)) for path in pages)


def _lines(list_file: str) -> Iterator[Source]:
    """SOURCE, and after tabs its address and its time if they are given; empty lines and # lines are passed over."""
    try:
        text = sys.stdin.read() if list_file == "-" else Path(list_file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read the list {list_file}: {error}") from error
    for number, line in enumerate(text.split("\n"), 1):
        name, *rest = [cell.strip() for cell in line.split("\t")]
        if not name or name.startswith("#"):
            continue
        if name == "-" or len(rest) > 2:
            raise click.UsageError(f"line {number} of the list is not SOURCE, or SOURCE, tab, URL, tab, TIME: {line!r}")
        url, when = (*rest, "", "")[:2]
        if url and "://" in name:
            raise click.UsageError(f"line {number} of the list: {name} is an address itself, {url} is one too many")
        yield Source(name, url or None, believable(moment_of(when)) if when else None)


def _file_time(source: Source) -> datetime | None:
    """When a file was last written; None for what is no file."""
    if source.is_web or not os.path.isfile(source.name):  # noqa: PTH113 - as above
        return None
    return believable(datetime.fromtimestamp(Path(source.name).stat().st_mtime, UTC))
