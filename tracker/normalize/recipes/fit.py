"""A recipe on a page: what its selectors find, whether it still fits, and what to say when it does not.

Sites change their templates without telling. A recipe that fails in silence is worse than none, so one that no longer
finds the article is not used, and every reading says what no longer matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from tracker.model import precision
from tracker.normalize.clean import text_of
from tracker.normalize.dates import moment
from tracker.normalize.extract import containers
from tracker.normalize.metadata import Metadata
from tracker.normalize.parts import Survey
from tracker.normalize.recipes.written import Recipe
from tracker.normalize.soup import soup_of
from tracker.normalize.survey import survey
from tracker.text.urls import folded_host

_Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for its type
_Found = Mapping[tuple[str, str], Sequence[_Element]]
_SHORT = 250  # characters of prose: a story's first version has more
_MUCH = 1_000  # what the general rules must find, at least, to be believed instead ...
_TIMES = 4  # ... and so many times as much as the recipe
STATED = ("content", "datetime", "title")  # attributes in which a time is written for machines


@dataclass(frozen=True, slots=True)
class Hits:
    """What a recipe found on a page. Dates are read already; everything else stands in the surveyed tree."""

    container: _Element
    drop: tuple[_Element, ...] = ()
    headline: _Element | None = None
    dek: _Element | None = None
    byline: _Element | None = None
    notices: tuple[_Element, ...] = ()
    published: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """The surveyed page, and what the recipe found on it: None where there is no recipe, or one that does not fit."""

    measured: Survey
    hits: Hits | None = None
    warnings: tuple[str, ...] = ()
    unnoticed: str = ""  # to be said if the general rules find a notice where the recipe has none


def fitted(root: _Element, meta: Metadata, recipe: Recipe | None, url: str | None) -> Fit:
    """Survey the page, with the places of a recipe if it has one that fits."""
    if recipe is None:
        return Fit(survey(root, meta.headlines))
    found = find(recipe, root)
    stated = {key: _stated(found, key, meta.language) for key in ("published", "modified")}
    measured = survey(root, meta.headlines)
    seen = {key: [each for each in elements if each in measured.parts] for key, elements in found.items()}
    places = _places(recipe, seen)
    said = f"recipe {recipe.name} for {folded_host(url or '') or recipe.hosts[0]}"
    if reason := _unfit(recipe, measured, places):
        return Fit(measured, None, (f"{said} {reason}; read by the general rules",))
    place = places[0]
    if len(places) > 1:
        place = _gathered(places)
        measured = survey(root, meta.headlines)
    hits = Hits(
        place,
        drop=tuple(_all(seen, "drop")),
        headline=next(_all(seen, "headline"), None),
        dek=next(_all(seen, "dek"), None),
        byline=next(_all(seen, "byline"), None),
        notices=tuple(_all(seen, "notices")),
        published=stated["published"],
        modified=stated["modified"],
    )
    warnings = tuple(_rotten(recipe, hits, said))
    lost = f"{said}: none of its notices {_quoted(recipe.notices)} is on the page, but the general rules found a notice"
    return Fit(measured, hits, warnings, lost if recipe.notices and not hits.notices else "")


def find(recipe: Recipe, root: _Element) -> dict[tuple[str, str], list[_Element]]:
    """The elements that each (key, selector) matches, in the order of the page, its head included.

    Selectors are BeautifulSoup's, so the page is built once more for them: only pages with a recipe pay for that.
    """
    etree.strip_elements(root, "script", "style", with_tail=False)
    soup: Any = soup_of([root])
    elements = {id(tag): element for tag, element in zip(soup.find_all(True), root.iter(etree.Element), strict=True)}
    return {
        (key, selector): [elements[id(tag)] for tag in soup.select(selector)] for key, selector in recipe.selectors()
    }


def _all(found: _Found, wanted: str) -> Iterator[_Element]:
    for (key, _), elements in found.items():
        if key == wanted:
            yield from elements


def _places(recipe: Recipe, found: _Found) -> list[_Element]:
    """The containers in the order of the page, none inside another."""
    chosen = dict.fromkeys(_all(found, "container"))
    if not recipe.several:
        return list(chosen)[:1]
    outer = [each for each in chosen if not any(around in chosen for around in each.iterancestors())]
    if not outer:
        return []
    order = {element: place for place, element in enumerate(outer[0].getroottree().iter(etree.Element))}
    return sorted(outer, key=order.__getitem__)


def _unfit(recipe: Recipe, measured: Survey, places: Sequence[_Element]) -> str:
    """Why the recipe is not used, or ""."""
    selectors = _quoted(recipe.container)
    if not places:
        return f"matched nothing: its container {selectors} is not on the page"
    told = sum(_weight(measured, place) for place in places)
    if told >= _SHORT:
        return ""
    other = max((_weight(measured, part.element) for part in containers(measured)), default=0)
    if other < max(_MUCH, _TIMES * told):
        return ""
    return f"found next to nothing: its container {selectors} holds hardly any text of the page"


def _weight(measured: Survey, element: _Element) -> int:
    """Characters of prose; one of Chinese, Japanese or Korean says twice as much."""
    prose = measured.parts[element].all_prose
    return prose if prose >= _MUCH else prose + sum(char > "\u2e7f" for char in text_of(element)[:_MUCH])


def _gathered(places: Sequence[_Element]) -> _Element:
    """One element around all places, where the first of them stood. What stands between them stays outside."""
    whole = etree.Element("div")
    first = places[0]
    parent = first.getparent()
    if parent is not None:
        parent.insert(parent.index(first), whole)
    for place in places:
        whole.append(_lifted(place))
    return whole


def _lifted(element: _Element) -> _Element:
    """An element without its tail, which stays where it is."""
    if element.tail and element.tail.strip():
        element.addnext(etree.Element("span"))  # lxml moves the tail behind what is added
    element.tail = None
    return element


def _stated(found: _Found, key: str, language: str | None) -> str:
    """The time that a recipe's element states, in an attribute or in words; "" where there is none to be read."""
    for element in _all(found, key):
        said = (*(element.get(name) or "" for name in STATED), text_of(element))
        if when := next((when for raw in said if precision(when := moment(raw, language))), ""):
            return when
    return ""


def _rotten(recipe: Recipe, hits: Hits, said: str) -> Iterator[str]:
    """What every page of the site must have, and this one has not as the recipe says it. A dek, a byline and a notice
    may well be missing."""
    if recipe.headline and (hits.headline is None or not text_of(hits.headline)):
        yield f"{said}: its headline `{recipe.headline}` is not on the page; the general rules chose the headline"
    if recipe.published and not hits.published:
        yield f"{said}: its published `{recipe.published}` states no time on the page; the general rules looked for one"


def _quoted(selectors: Sequence[str]) -> str:
    return ", ".join(f"`{selector}`" for selector in selectors)
