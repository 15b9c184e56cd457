"""Site recipes: CSS selectors in a TOML file, for the sites that the general rules do not read well.

    hosts = ["news.example"]                  # the site, and all hosts under it
    container = "div.story"                   # holds the article's text
    drop = [".newsletter-box"]                # inside it, but not the article
    headline = "h1.title"
    dek = "p.intro"
    byline = "p.by"
    notices = [".fix"]                        # the publisher's own notes, wherever they stand
    page = "news.example.html"                # a page to test it with, in tests/pages/normalize/

Only `hosts` and `container` are needed. A recipe whose container is not on the page is not used at all: the general
rules read the page, and the lens says "-".
"""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import soupsieve
from bs4 import BeautifulSoup
from lxml import etree

from tracker.errors import ConfigError
from tracker.text.urls import folded_host

_NUMBER = "data-tracker-number"
_ONE = ("container", "headline", "dek", "byline", "page")
_MANY = ("hosts", "drop", "notices")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Selectors for one site, "" or empty where the general rules are good enough."""

    hosts: tuple[str, ...]
    container: str
    drop: tuple[str, ...] = ()
    headline: str = ""
    dek: str = ""
    byline: str = ""
    notices: tuple[str, ...] = ()
    page: str = ""

    @property
    def digest(self) -> str:
        """12 hex digits of what shapes the text: the selectors, not the hosts and not the test page."""
        parts = (self.container, self.drop, self.headline, self.dek, self.byline, self.notices)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def serves(self, url: str) -> bool:
        """Is the address on one of the recipe's hosts?"""
        host = folded_host(url)
        return any(host == name or host.endswith(f".{name}") for name in self.hosts)


@dataclass(frozen=True, slots=True)
class Hits:
    """What a recipe found on a page."""

    container: etree._Element
    drop: tuple[etree._Element, ...] = ()
    headline: etree._Element | None = None
    dek: etree._Element | None = None
    byline: etree._Element | None = None
    notices: tuple[etree._Element, ...] = ()


def recipe_for(url: str, extra: tuple[Recipe, ...] = ()) -> Recipe | None:
    """The recipe of an address: the user's own (`extra`) before the package's, or None."""
    return next((recipe for recipe in (*extra, *packaged()) if recipe.serves(url)), None)


@functools.cache
def packaged() -> tuple[Recipe, ...]:
    """The recipes that come with tracker, in the order of their file names."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return tuple(
        parse_recipe(file.read_text(encoding="utf-8"), file.name) for file in files if file.name.endswith(".toml")
    )


def parse_recipe(text: str, name: str = "recipe") -> Recipe:
    """Read a recipe's TOML. Raises ConfigError where a key or a selector is wrong; `name` is the file it names."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    unknown = sorted(set(data) - {*_ONE, *_MANY})
    if unknown:
        raise ConfigError(f"{name}: unknown key {unknown[0]!r}; known are {', '.join((*_MANY, *_ONE))}")
    for key in (*_ONE, *_MANY):
        if key in data and not _is_text(data[key], many=key in _MANY):
            raise ConfigError(f"{name}: {key!r} must be {'a list of texts' if key in _MANY else 'a text'}")
    if not data.get("hosts") or not data.get("container"):
        raise ConfigError(f"{name}: 'hosts' and 'container' are needed")
    parts: dict[str, Any] = {key: tuple(value) if key in _MANY else value for key, value in data.items()}
    recipe = Recipe(**parts)
    for selector in _selectors(recipe):
        try:
            soupsieve.compile(selector)
        except (soupsieve.SelectorSyntaxError, NotImplementedError, ValueError) as error:
            raise ConfigError(f"{name}: not a CSS selector: {selector!r}") from error
    return recipe


def _is_text(value: object, *, many: bool) -> bool:
    if many:
        return isinstance(value, list) and all(isinstance(each, str) and each for each in value)
    return isinstance(value, str) and bool(value)


def _selectors(recipe: Recipe) -> tuple[str, ...]:
    one = (recipe.container, recipe.headline, recipe.dek, recipe.byline)
    return tuple(selector for selector in (*one, *recipe.drop, *recipe.notices) if selector)


def try_recipe(recipe: Recipe, order: list[etree._Element]) -> Hits | None:
    """Run the selectors on the elements of a page (in document order, the first holds all), None if the container is
    not there.

    Selectors are BeautifulSoup's, so the page is built once more for them: only pages with a recipe pay for that.
    """
    for number, element in enumerate(order):
        element.set(_NUMBER, str(number))
    soup = BeautifulSoup(etree.tostring(order[0], encoding="unicode", method="html"), "lxml")

    def all_of(selector: str) -> tuple[etree._Element, ...]:
        return tuple(order[int(str(tag[_NUMBER]))] for tag in soup.select(selector) if tag.has_attr(_NUMBER))

    def first_of(selector: str) -> etree._Element | None:
        return next(iter(all_of(selector)), None) if selector else None

    container = first_of(recipe.container)
    hits = None
    if container is not None:
        hits = Hits(
            container,
            tuple(element for selector in recipe.drop for element in all_of(selector)),
            first_of(recipe.headline),
            first_of(recipe.dek),
            first_of(recipe.byline),
            tuple(element for selector in recipe.notices for element in all_of(selector)),
        )
    for element in order:
        del element.attrib[_NUMBER]
    return hits
