"""[notify] of tracker.toml: who is told of what, and which feeds are written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from tracker.config.times import seconds
from tracker.errors import ConfigError

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are wanted: what is empty does not restrict. `silent`: only what no notice mentions."""

    labels: tuple[str, ...] = ()
    severity: str = "medium"
    silent: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Who is told. `name` stays, for what was told is remembered under it; `to` is an address with its scheme.

    `secret_file` holds what a webhook's messages are signed with. `digest` is in seconds, 0 for at once; `quiet` are
    two times of day ("22:00", "07:00") in `tz` (None is UTC).
    """

    name: str
    to: str
    wanted: Wanted = Wanted()
    secret_file: Path | None = None
    events: bool = False
    digest: float = 0.0
    quiet: tuple[str, str] | None = None
    tz: str | None = None


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """A feed that is kept as a file. `address` is where it is found on the web, None where that is not known."""

    file: Path
    wanted: Wanted = Wanted()
    article: str | None = None
    entries: int = 50
    address: str | None = None


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """`smtp` is the mail server's address, `password_file` holds its password, `sender` is who mails are from."""

    smtp: str | None = None
    password_file: Path | None = None
    sender: str | None = None
    rules: tuple[RuleSettings, ...] = ()
    feeds: tuple[FeedSettings, ...] = ()


def notify_settings(table: Mapping[str, Any], base: Path) -> NotifySettings:
    """The table [notify], which keeps to its schema; paths are relative to `base`."""
    return NotifySettings(
        smtp=table.get("smtp"),
        password_file=base / table["password_file"] if "password_file" in table else None,
        sender=table.get("sender"),
        rules=tuple(_rule(each, base) for each in table.get("rule", ())),
        feeds=tuple(_feed(each, base) for each in table.get("feed", ())),
    )


def read_secret(file: Path | None) -> str | None:
    """What a file of one secret holds, None without a file. Raises ConfigError where others can read it, too."""
    if file is None:
        return None
    try:
        with file.open(encoding="utf-8") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                raise ConfigError(f"{file}: others on this machine can read it; run: chmod 600 {file}")
            return opened.read().strip()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _wanted(table: Mapping[str, Any]) -> Wanted:
    """A label that is asked for is wanted whatever the weight of the change."""
    least = "low" if table.get("labels") else "medium"
    return Wanted(
        labels=tuple(table.get("labels", ())),
        severity=table.get("severity", least),
        silent=table.get("silent", False),
        hosts=tuple(table.get("hosts", ())),
    )


def _rule(table: Mapping[str, Any], base: Path) -> RuleSettings:
    start, _, end = table.get("quiet", "").partition("-")
    return RuleSettings(
        name=table["name"],
        to=table["to"],
        wanted=_wanted(table),
        secret_file=base / table["secret_file"] if "secret_file" in table else None,
        events=table.get("events", False),
        digest=seconds(table["digest"]) if "digest" in table else 0.0,
        quiet=(start, end) if end else None,
        tz=table.get("tz"),
    )


def _feed(table: Mapping[str, Any], base: Path) -> FeedSettings:
    rest = {key: table[key] for key in ("article", "entries", "address") if key in table}
    return FeedSettings(file=base / table["file"], wanted=_wanted(table), **rest)


def notify_contradictions(table: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What no schema can say of [notify]."""
    if "smtp" in table and not _is_server(table["smtp"]):
        yield ("notify", "smtp"), "notify.smtp names no mail server; write one like smtp://mail.example:587"
    if "sender" in table and not _is_mail(_address_of(table["sender"])):
        yield ("notify", "sender"), 'notify.sender is no address of mail; write one like "Name <name@daily.example>"'
    names: set[str] = set()
    for number, rule in enumerate(table.get("rule", ())):
        place = ("notify", "rule", number)
        if rule["name"] in names:
            yield (*place, "name"), f"two rules are called {rule['name']!r}; give each a name of its own"
        names.add(rule["name"])
        if rule["to"].startswith("mailto:") and not {"smtp", "sender"} <= table.keys():
            yield (*place, "to"), "mail needs notify.smtp (the mail server) and notify.sender (who it is from)"
        kind, _, address = rule["to"].partition(":")
        if kind == "mailto" and not _is_mail(unquote(address)):
            yield (*place, "to"), f"{address!r} is no address of mail; write one like mailto:desk@daily.example"
        if kind in {"http", "https"} and not _is_server(rule["to"]):
            yield (*place, "to"), "it names no server; write one like https://hooks.daily.example/tracker"
        if "tz" in rule and not _is_zone(rule["tz"]):
            yield (*place, "tz"), f"no such time zone {rule['tz']!r}; write one like Europe/Berlin"
        if "quiet" in rule and len(set(rule["quiet"].split("-"))) == 1:
            yield (*place, "quiet"), "the quiet hours end when they begin; leave `quiet` out to be told at any hour"
    files: set[str] = set()
    for number, feed in enumerate(table.get("feed", ())):
        if feed["file"] in files:
            yield ("notify", "feed", number, "file"), f"two feeds are written to {feed['file']!r}; give each its own"
        files.add(feed["file"])
    for kind in ("rule", "feed"):
        for number, each in enumerate(table.get(kind, ())):
            for nth, host in enumerate(each.get("hosts", ())):
                if not is_host(host.removeprefix("*.")):
                    yield ("notify", kind, number, "hosts", nth), not_a_host(host)


def is_host(name: str) -> bool:
    """Is it the name of a host alone, perhaps with its port? An address or a pattern would never fit one."""
    return not set(name) & set("/*@?# ") and _is_server(f"https://{name}")


def not_a_host(name: str) -> str:
    """What is said of a name that is none."""
    return f"{name!r} is no name of a host; write one like daily.example, without https:// and path"


def _is_server(address: str) -> bool:
    """Does an address name a host that can be looked up, and a port that there is?"""
    try:
        parts = urlsplit(address)
        return bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        return False


def _address_of(sender: str) -> str:
    from email.utils import parseaddr  # here: most commands send none

    return parseaddr(sender)[1]


def _is_mail(address: str) -> bool:
    """Can a mail bear this address?"""
    from email.errors import MessageError
    from email.headerregistry import Address

    try:
        return bool(Address(addr_spec=address).domain)
    except (MessageError, ValueError, IndexError):
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
