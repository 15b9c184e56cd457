"""`tracker recipe`: write the recipe of a site, and see what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import asking_options, configured, json_option
from tracker.cli.compare import captured
from tracker.cli.output import say, say_json, terminal

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.model import Trial
    from tracker.normalize.recipes import Recipe


@click.group("recipe")
def recipe_command() -> None:
    """Try out the recipe of a site.

    A recipe says where the article stands on a site's pages. Most sites need none; docs/recipes.md tells how to write
    one.

    \b
    Example:
      tracker recipe try https://news.example/story
    """


@recipe_command.command("try")
@click.argument("source")
@click.option(
    "--recipe",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The recipe to try (the one of the page's host unless given).",
)
@click.option("--url", metavar="URL", help="The address of a page given as a file or on standard input.")
@asking_options
@json_option
def recipe_try(source: str, file: Path | None, url: str | None, as_json: bool, **asked: bool) -> None:
    """Show what a recipe takes from SOURCE and what it drops.

    Beside it stands what the general rules would have read. SOURCE is a URL, an HTML file, or - for standard input.
    Nothing is stored.

    \b
    Examples:
      tracker recipe try https://news.example/story
      tracker recipe try page.html --recipe recipes/news.toml
      tracker recipe try page.html --url https://news.example/story --json

    Ends with 0; 4 when the recipe is broken; 5 when the page cannot be had; 8 when no recipe serves its host.
    """
    from tracker.normalize import canonical
    from tracker.normalize.recipes.trial import try_out
    from tracker.render.options import Options
    from tracker.render.trial import trial as show

    config = configured(None)
    own = _read(file) if file else None
    capture = captured(source, url, **asked)
    address = capture.final_url or capture.url or canonical(capture.body)
    tried = try_out(capture.body, address, own or _serving(address, config), capture.header("content-type"))
    if as_json:
        _say_rows(tried)
    else:
        say(show(tried, Options(**terminal())))


def _read(file: Path) -> Recipe:
    from tracker.config import read_recipe

    return read_recipe(file)


def _serving(address: str | None, config: Config) -> Recipe:
    """The recipe of the page's host. Raises NotFound, which says where to put one."""
    from tracker.errors import NotFound
    from tracker.normalize.recipes import recipe_for
    from tracker.text.urls import folded_host

    if not address:
        raise NotFound("the page does not say its address, so no recipe serves it; add --url URL, or --recipe FILE")
    recipe = recipe_for(address, config.recipes)
    if recipe is None:
        host = folded_host(address) or address
        where = (
            f"put one in {config.recipe_folder}"
            if config.recipe_folder
            else 'put one in a folder that tracker.toml names: recipes = "FOLDER"'
        )
        raise NotFound(f"no recipe serves {host}; {where}, or try a file with --recipe FILE")
    return recipe


def _say_rows(tried: Trial) -> None:
    """A line for each selector, then one for the readings."""
    from tracker.render.trial import different

    for match in tried.matches:
        found = {"key": match.key, "selector": match.selector, "count": len(match.texts), "texts": list(match.texts)}
        say_json({"recipe": tried.recipe} | found)
    ours, theirs = different(tried.reading, tried.general)
    document = tried.reading.document
    read = {
        "headline": document.headline,
        "dek": document.dek,
        "byline": document.byline,
        "published": document.published,
        "modified": tried.reading.modified,
        "blocks": len(document.blocks),
        "general_blocks": len(tried.general.document.blocks),
        "only_recipe": [{"kind": block.kind.value, "text": block.text} for block in ours],
        "only_general": [{"kind": block.kind.value, "text": block.text} for block in theirs],
        "used": tried.reading.lens.recipe != "-",
        "warnings": list(tried.reading.warnings),
    }
    say_json({"recipe": tried.recipe, "key": "reading"} | read)
