"""Settings: tracker.toml and the command line's own, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracker.config.notify import FeedSettings, NotifySettings, RuleSettings, Wanted, notify_settings
from tracker.config.times import seconds
from tracker.config.written import DEFAULT_RANGE, read_settings
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from tracker.normalize.recipes import Recipe

__all__ = [
    "FILE",
    "ArticleSettings",
    "Config",
    "EvidenceSettings",
    "FeedSettings",
    "FetchSettings",
    "HostSettings",
    "NotifySettings",
    "RuleSettings",
    "Wanted",
    "WatchSettings",
    "load",
    "nearest",
    "read_recipe",
    "read_recipes",
]

FILE = "tracker.toml"


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How servers are asked. `user_agent` is None for tracker's own; times are in seconds.

    `secrets` is a file of headers and cookies for pages behind a login, `proxy` what makes the connections.
    """

    user_agent: str | None = None
    contact: str | None = None
    timeout: float = 20.0
    deadline: float = 60.0
    secrets: Path | None = None
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleSettings:
    """What holds for the articles whose address matches; None for what [watch] says. Times are in seconds.

    `browser`: they are read as a browser shows them.
    """

    match: str
    importance: float = 1.0
    floor: float | None = None
    ceiling: float | None = None
    ignore_robots: bool = False
    browser: bool = False


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """When watched articles are looked at. Times are in seconds; `budget` is in pages an hour, None for no limit."""

    budget: float | None = None
    floor: float = seconds(DEFAULT_RANGE["floor"])
    ceiling: float = seconds(DEFAULT_RANGE["ceiling"])
    spacing: float = 5.0
    threads: int = 4
    articles: tuple[ArticleSettings, ...] = ()


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What holds for one host: seconds between two requests (None for what [watch] says), requests at a time."""

    spacing: float | None = None
    connections: int = 1


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Who stamps seals, and whom `verify` believes: a server's address, and files of certificates and of keys."""

    tsa: str | None = None
    tsa_ca: Path | None = None
    allowed_signers: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """`store` is the folder of the store, `recipes` the user's own, `identity` (name, address) signs the commits.

    `recipe_folder` is where the user's recipes are, None where no tracker.toml names a folder. `identity` is None for
    tracker's own; `hosts` are named as in tracker.toml.
    """

    store: Path
    recipes: tuple[Recipe, ...] = ()
    recipe_folder: Path | None = None
    identity: tuple[str, str] | None = None
    fetch: FetchSettings = FetchSettings()
    watch: WatchSettings = WatchSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    hosts: Mapping[str, HostSettings] = field(default_factory=lambda: MappingProxyType({}))
    notify: NotifySettings = field(default_factory=NotifySettings)


def load(folder: Path, environment: Mapping[str, str], store: Path | None = None) -> Config:
    """The settings that hold in `folder`: the nearest tracker.toml above it, then the environment, then `store`.

    Raises ConfigError, naming the file, the line and what is allowed there.
    """
    file = nearest(folder)
    settings = read_settings(file) if file else {}
    base = file.parent if file else folder
    kept = settings.get("store", {})
    kept = {"path": kept} if isinstance(kept, str) else kept
    if store is None and environment.get("TRACKER_STORE"):
        store = Path(environment["TRACKER_STORE"])
    if store is None and "path" in kept:
        store = base / kept["path"]
    recipe_folder = base / settings["recipes"] if "recipes" in settings else None
    return Config(
        store=store or folder / "snapshots",
        recipes=read_recipes(recipe_folder) if recipe_folder else (),
        recipe_folder=recipe_folder,
        identity=_identity(kept.get("identity")),
        fetch=_fetch(settings, base, environment),
        watch=_watch(settings.get("watch", {})),
        evidence=_evidence(settings.get("evidence", {}), base),
        hosts=MappingProxyType({name: _host(host) for name, host in settings.get("host", {}).items()}),
        notify=notify_settings(settings.get("notify", {}), base),
    )


def nearest(folder: Path) -> Path | None:
    """The tracker.toml in `folder` or the nearest folder above it."""
    return next((place / FILE for place in (folder, *folder.parents) if (place / FILE).is_file()), None)


# --- tables as values -----------------------------------------------------------------------------------------


def _timed(table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table with the times under these keys in seconds."""
    return {key: seconds(value) if key in keys else value for key, value in table.items()}


def _identity(written: str | None) -> tuple[str, str] | None:
    if written is None:
        return None
    name, _, address = written.removesuffix(">").rpartition(" <")
    return name, address


def _fetch(settings: Mapping[str, Any], base: Path, environment: Mapping[str, str]) -> FetchSettings:
    older = {"user_agent": settings["user_agent"]} if "user_agent" in settings else {}
    said = {**older, **_timed(settings.get("fetch", {}), "timeout", "deadline")}
    if "secrets" in said:
        said["secrets"] = base / said["secrets"]
    if environment.get("TRACKER_SECRETS"):
        said["secrets"] = Path(environment["TRACKER_SECRETS"])
    return FetchSettings(**said)


def _watch(table: Mapping[str, Any]) -> WatchSettings:
    said = _timed({key: value for key, value in table.items() if key != "article"}, "floor", "ceiling", "spacing")
    articles = tuple(ArticleSettings(**_timed(each, "floor", "ceiling")) for each in table.get("article", ()))
    return WatchSettings(**said, articles=articles)


def _evidence(table: Mapping[str, Any], base: Path) -> EvidenceSettings:
    files = {key: base / table[key] for key in ("tsa_ca", "allowed_signers") if key in table}
    return EvidenceSettings(table.get("tsa"), **files)


def _host(table: Mapping[str, Any]) -> HostSettings:
    return HostSettings(**_timed(table, "spacing"))


# --- recipes --------------------------------------------------------------------------------------------------


def read_recipes(folder: Path) -> tuple[Recipe, ...]:
    """All recipes of a folder (its .toml files), sorted by file name."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; make it, or take `recipes` out of {FILE}")
    return tuple(read_recipe(file) for file in sorted(folder.glob("*.toml")))


def read_recipe(file: Path) -> Recipe:
    """One recipe; what is wrong in it is said with the file's name."""
    from tracker.normalize.recipes import parse_recipe  # here: most commands read no page, and wait for no parser

    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}; name a recipe that can be read") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return parse_recipe(text, str(file))
