"""Options that several commands share, and the few calls that every command makes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.cli.output import progress

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.fetch import FetchOptions
    from tracker.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def store_option(command: Command) -> Command:
    """`--store DIR`."""
    return click.option(
        "--store", "store_path", type=click.Path(path_type=Path), metavar="DIR", help="The store to use."
    )(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")(command)


def zone_option(command: Command) -> Command:
    """`--tz ZONE`."""
    return click.option("--tz", metavar="ZONE", callback=_zone, help="Show times in this zone (UTC unless said).")(
        command
    )


def private_option(command: Command) -> Command:
    """`--allow-private`."""
    return click.option("--allow-private", is_flag=True, help="Also ask addresses inside private networks.")(command)


def asking_options(command: Command) -> Command:
    """`--allow-private` and `--ignore-robots`: how a page is asked for."""
    said = "Ask also where the host's robots.txt does not allow it."
    return private_option(click.option("--ignore-robots", is_flag=True, help=said)(command))


def _zone(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from zoneinfo import ZoneInfo

    if value is not None:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise click.BadParameter(f"no such time zone {value!r}; write one like Europe/Berlin") from error
    return value


def moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """The time of `--at` or `--since`."""
    return None if value is None else moment_of(value)


def moment_of(value: str) -> datetime:
    """A time as a person writes it: ISO 8601, UTC unless it names an offset."""
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is not a time; write 2015-05-31, 2015-05-31T15:13 or 2015-05-31T15:13+02:00"
        ) from error


def believable(at: datetime) -> datetime:
    """A capture time that git and sense allow."""
    if at < EARLIEST or at > now() + timedelta(days=1):
        raise click.UsageError(
            f"captured at {at:%Y-%m-%dT%H:%M}: name a time between 1990 and tomorrow, when it was captured"
        )
    return at


def stored_host(host: str) -> str:
    """A host as a person writes it ("www.daily.example", or an address of it), as branch names have it."""
    from tracker.text.urls import host_name

    return host_name(host if "://" in host else f"https://{host}")


def now() -> datetime:
    """The one clock of the command line."""
    return datetime.now(UTC)


def configured(store_path: Path | None) -> Config:
    """The settings that hold here."""
    from tracker.config import load
    from tracker.errors import ConfigError

    try:
        folder = Path.cwd()
    except OSError as error:
        raise ConfigError(f"the current folder cannot be used ({error.strerror}); go to another one") from error
    return load(folder, os.environ, store_path)


def opened(store_path: Path | None, *, create: bool = False) -> Store:
    """The store, closed when the command ends. Reading commands never make one."""
    from tracker.cli import complain
    from tracker.store import IDENTITY, Person, open_store

    config = configured(store_path)
    identity = Person(*config.identity) if config.identity else IDENTITY
    store = open_store(
        config.store, create=create, identity=identity, progress=progress("Making the index"), warn=complain
    )
    return click.get_current_context().with_resource(store)


def fetching(config: Config, *, allow_private: bool = False, url: str | None = None) -> FetchOptions:
    """How pages are asked for."""
    from tracker.fetch import FetchOptions, own_name
    from tracker.fetch.secrets import NONE, read_secrets

    said = config.fetch
    name = said.user_agent or own_name()
    return FetchOptions(
        now=now,
        timeout=said.timeout,
        deadline=said.deadline,
        allow_private=allow_private,
        user_agent=f"{name} (+{said.contact})" if said.contact else name,
        secrets=read_secrets(said.secrets, config.store) if said.secrets else NONE,
        proxy=said.proxy,
        stdin=sys.stdin.buffer if sys.stdin else None,
        url=url,
    )


def warn(warnings: Sequence[str]) -> None:
    """What a reading warns of, on stderr, each line once a command however many pages it reads."""
    from tracker.cli import complain

    told: set[str] = click.get_current_context().meta.setdefault("tracker.warned", set())
    for line in warnings:
        if line not in told:
            told.add(line)
            complain(line)


def iso(at: datetime | None) -> str | None:
    """A time as JSON has it."""
    from tracker.render import times

    return times.iso(at)
