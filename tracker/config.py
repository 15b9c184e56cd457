"""Settings: tracker.toml and the command line's own, as one frozen value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import ConfigError

if TYPE_CHECKING:
    from tracker.normalize.recipes import Recipe

FILE = "tracker.toml"
KEYS = {"store": str, "recipes": str, "user_agent": str}


@dataclass(frozen=True, slots=True)
class Config:
    """`store` is the folder of the store, `recipes` the user's own, `user_agent` None for tracker's own.

    `recipe_folder` is where the user's recipes are, None where no tracker.toml names a folder.
    """

    store: Path
    recipes: tuple[Recipe, ...] = ()
    user_agent: str | None = None
    recipe_folder: Path | None = None


def load(folder: Path, environment: Mapping[str, str], store: Path | None = None) -> Config:
    """The settings that hold in `folder`: the nearest tracker.toml above it, then the environment, then `store`.

    Raises ConfigError, naming the file and the key.
    """
    file = nearest(folder)
    settings = read_settings(file) if file else {}
    base = file.parent if file else folder
    if store is None and environment.get("TRACKER_STORE"):
        store = Path(environment["TRACKER_STORE"])
    if store is None and "store" in settings:
        store = base / settings["store"]
    recipe_folder = base / settings["recipes"] if "recipes" in settings else None
    return Config(
        store=store or folder / "snapshots",
        recipes=read_recipes(recipe_folder) if recipe_folder else (),
        user_agent=settings.get("user_agent"),
        recipe_folder=recipe_folder,
    )


def nearest(folder: Path) -> Path | None:
    """The tracker.toml in `folder` or the nearest folder above it."""
    return next((place / FILE for place in (folder, *folder.parents) if (place / FILE).is_file()), None)


def read_settings(file: Path) -> dict[str, str]:
    """The keys of one tracker.toml, each known and of its type."""
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    for key, value in settings.items():
        if key not in KEYS:
            raise ConfigError(f"{file}: no such setting {key!r}; there are {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]):
            raise ConfigError(f"{file}: {key} must be text, in quotation marks")
    return settings


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
