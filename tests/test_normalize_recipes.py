"""Site recipes: data that goes before the general rules, and steps aside when it no longer fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.model import BlockKind
from tracker.normalize import read
from tracker.normalize.recipes import packaged, parse_recipe, recipe_for

PAGES = Path(__file__).parent / "pages" / "normalize"
PAGE = (PAGES / "plainpress.html").read_text(encoding="utf-8")
URL = "https://www.plainpress.example/2024/orchard"


@pytest.mark.parametrize("recipe", packaged(), ids=lambda recipe: recipe.hosts[0])
def test_every_packaged_recipe_fits_its_own_page(recipe) -> None:
    reading = read((PAGES / recipe.page).read_text(encoding="utf-8"), f"https://{recipe.hosts[0]}/a", recipe=recipe)
    assert reading.lens.recipe == recipe.digest
    assert reading.blocked is None


def test_a_recipe_takes_and_drops_what_it_names() -> None:
    reading = read(PAGE, URL, recipe=recipe_for(URL))
    assert [(block.kind, block.text[:25]) for block in reading.document.blocks] == [
        (BlockKind.HEADLINE, "Glasshouse fire leaves or"),
        (BlockKind.DEK, "A spark from a heater is "),
        (BlockKind.BYLINE, "Words: Ida Brandt"),
        (BlockKind.PARAGRAPH, "A fire in a glasshouse ha"),
        (BlockKind.PARAGRAPH, "The fire brigade thinks t"),
        (BlockKind.NOTICE, "The orchard was founded i"),
    ]
    assert [(each.reason, each.block.text[:14]) for each in reading.suppressed] == [("recipe", "Send a tree to")]


def test_a_recipe_that_matches_nothing_is_not_used_and_the_lens_says_so() -> None:
    recipe = parse_recipe('hosts = ["plainpress.example"]\ncontainer = "div.gone"\n')
    assert read(PAGE, URL, recipe=recipe) == read(PAGE, URL)
    assert read(PAGE, URL, recipe=recipe).lens.recipe == "-"


def test_the_users_recipe_goes_before_the_packaged_one() -> None:
    own = parse_recipe('hosts = ["plainpress.example"]\ncontainer = "body"\n')
    assert recipe_for(URL, (own,)) is own
    assert recipe_for(URL) is not None
    assert recipe_for("https://notplainpress.example/a") is None


def test_the_digest_names_what_shapes_the_text() -> None:
    one = parse_recipe('hosts = ["a.example"]\ncontainer = "div"\n')
    other_host = parse_recipe('hosts = ["b.example"]\ncontainer = "div"\npage = "x.html"\n')
    other_rule = parse_recipe('hosts = ["a.example"]\ncontainer = "div"\ndrop = ["p.x"]\n')
    assert one.digest == other_host.digest != other_rule.digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hosts = [", "mine.toml: not TOML"),
        ('hosts = ["a.example"]', "'hosts' and 'container' are needed"),
        ('hosts = ["a.example"]\ncontainer = "div"\ncontainr = "p"', "unknown key 'containr'"),
        ('hosts = "a.example"\ncontainer = "div"', "'hosts' must be a list of texts"),
        ('hosts = ["a.example"]\ncontainer = ["div"]', "'container' must be a text"),
        ('hosts = ["a.example"]\ncontainer = "div["', "not a CSS selector: 'div['"),
        ('hosts = ["a.example"]\ncontainer = "div"\ndrop = ["p::before"]', "not a CSS selector"),
    ],
)
def test_a_wrong_recipe_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_recipe(text, "mine.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
