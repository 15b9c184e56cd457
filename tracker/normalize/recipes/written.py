"""The recipe as a file: its keys, what is wrong with one, and which recipe serves an address."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import soupsieve

from tracker.errors import ConfigError
from tracker.text.urls import folded_host

_ONE = "one text in quotation marks"
_MANY = 'a list of texts, as in {key} = ["..."]'
_EITHER = "a text, or a list of texts"
# Every key of a recipe and what is right for it; recipe.schema.json says the same for editors.
KEYS = {
    "hosts": _MANY,
    "container": _EITHER,
    "drop": _MANY,
    "headline": _ONE,
    "dek": _ONE,
    "byline": _ONE,
    "published": _ONE,
    "modified": _ONE,
    "notices": _MANY,
    "page": _ONE,
}
_NEEDED = ("hosts", "container")
_HOST = re.compile(r"(?!(?:www|m|mobile|amp)\.[^.]+\.)[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Selectors for one site, "" or empty where the general rules are good enough.

    `container` holds one selector, of which the first element counts, or (`several`) some, of which all count. `name`
    is what it is called in messages: the name of its file.
    """

    hosts: tuple[str, ...]
    container: tuple[str, ...]
    drop: tuple[str, ...] = ()
    headline: str = ""
    dek: str = ""
    byline: str = ""
    published: str = ""
    modified: str = ""
    notices: tuple[str, ...] = ()
    page: str = ""
    several: bool = False
    name: str = "recipe"

    @property
    def digest(self) -> str:
        """12 hex digits of what shapes the text: the selectors, not the hosts and not the test page."""
        shape = (self.several, [(key, selector) for key, selector in self.selectors()])
        return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:12]

    def selectors(self) -> Iterator[tuple[str, str]]:
        """(key, selector) of all that it looks for."""
        for key in KEYS:
            said = () if key in ("hosts", "page") else getattr(self, key)
            yield from ((key, selector) for selector in ([said] if isinstance(said, str) else said) if selector)

    def serves(self, host: str) -> int:
        """How well it fits a host: the length of the name it is written for, 0 if it is for others."""
        names = (name for name in self.hosts if host == name or host.endswith(f".{name}"))
        return max(map(len, names), default=0)


def recipe_for(url: str, extra: tuple[Recipe, ...] = ()) -> Recipe | None:
    """The recipe of an address, or None: the user's own (`extra`) before the package's, the closest host first."""
    host = folded_host(url)
    for recipes in (extra, packaged()):
        best = max(recipes, key=lambda recipe: recipe.serves(host), default=None)
        if best is not None and best.serves(host):
            return best
    return None


@functools.cache
def packaged() -> tuple[Recipe, ...]:
    """The recipes that come with tracker, in the order of their file names.

    That their selectors are right is for the tests to hold: looking at all of them would take every start a while.
    """
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return tuple(_keyed(file.read_text(encoding="utf-8"), file.name) for file in files if file.name.endswith(".toml"))


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a recipe. Selectors and TOML itself are beyond it; `parse_recipe` checks them too."""
    file = resources.files(__package__).joinpath("recipe.schema.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def parse_recipe(text: str, name: str = "recipe") -> Recipe:
    """Read a recipe's TOML. Raises ConfigError, one line that names the file (`name`), the key, and what is right."""
    recipe = _keyed(text, name)
    for key, selector in recipe.selectors():
        try:
            soupsieve.compile(selector)
        except (soupsieve.SelectorSyntaxError, NotImplementedError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise ConfigError(f"{name}: {key}: {selector!r} is no CSS selector: {why}") from error
    return recipe


def _keyed(text: str, name: str) -> Recipe:
    """A recipe whose keys are right; its selectors have not been looked at."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    for key, value in data.items():
        if key not in KEYS:
            raise ConfigError(f"{name}: no such key {key!r} in a recipe; there are {', '.join(KEYS)}")
        if not _is_right(KEYS[key], value):
            raise ConfigError(f"{name}: {key} must be {KEYS[key].format(key=key)}, and not empty")
    for key in _NEEDED:
        if key not in data:
            raise ConfigError(f"{name}: {key} is missing; write {key} = {_EXAMPLES[key]}")
    for host in data["hosts"]:
        if not _HOST.fullmatch(host):
            raise ConfigError(f"{name}: hosts: {host!r} is no bare host name; write {_as_host(host)!r}")
    return _made(data, name)


_EXAMPLES = {"hosts": '["news.example"]', "container": '"div.story"'}


def _is_right(kind: str, value: object) -> bool:
    if kind is not _ONE and isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and each.strip() for each in value)
    return kind is not _MANY and isinstance(value, str) and bool(value.strip())


def _as_host(written: str) -> str:
    """What was probably meant: "https://www.news.example/" is news.example."""
    return folded_host(written if "://" in written else f"https://{written}") or "news.example"


def _made(data: dict[str, Any], name: str) -> Recipe:
    parts: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    container = data["container"]
    several = isinstance(container, list)
    parts["container"] = tuple(container) if several else (container,)
    return Recipe(**parts, several=several, name=name)
