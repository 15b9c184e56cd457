"""A recipe tried out on one page, beside the general rules."""

from __future__ import annotations

from lxml import etree

from tracker.model import Match, Trial
from tracker.normalize import read
from tracker.normalize.clean import text_of
from tracker.normalize.page import parse
from tracker.normalize.recipes.fit import STATED, find
from tracker.normalize.recipes.written import Recipe


def try_out(page: bytes, url: str | None, recipe: Recipe, content_type: str | None = None) -> Trial:
    """What each selector finds, in the order of the recipe, and what is read with and without it."""
    root = parse(page, content_type).root
    found = find(recipe, root) if root is not None else {}
    matches = (
        Match(key, selector, tuple(_said(element) for element in found.get((key, selector), ())))
        for key, selector in recipe.selectors()
    )
    return Trial(
        recipe=recipe.name,
        matches=tuple(matches),
        reading=read(page, url, content_type=content_type, recipe=recipe),
        general=read(page, url, content_type=content_type),
    )


def _said(element: etree._Element) -> str:
    """What an element says to readers; one without text, what it says to machines."""
    text = text_of(element, " ")
    return text or next((value for name in STATED if (value := element.get(name))), "")
