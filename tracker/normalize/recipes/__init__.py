"""Site recipes: CSS selectors in a TOML file, for the sites that the general rules do not read well.

    hosts = ["news.example"]                  # the site, and all hosts under it
    container = "div.story"                   # holds the article's text: the first element that matches
    drop = [".newsletter-box"]                # inside it, but not the article
    headline = "h1.title"
    dek = "p.intro"
    byline = "p.by"
    published = "span.first-online"           # when it was published, in any usual wording, or an attribute of a time
    modified = "span.last-change"
    notices = [".fix"]                        # the publisher's own notes, wherever they stand
    page = "news.example.html"                # a page to test it with

Only `hosts` and `container` are needed. Where the text stands in several places, `container` is a list: all elements
that match any of its selectors, in the order of the page. A recipe whose container is not on the page, or holds next
to nothing where the general rules find an article, is not used at all: the general rules read the page, the lens says
"-", and the reading carries a warning. docs/recipes.md tells how to write one.
"""

from tracker.normalize.recipes.fit import Fit, Hits, fitted
from tracker.normalize.recipes.written import KEYS, Recipe, packaged, parse_recipe, recipe_for, schema

__all__ = ["KEYS", "Fit", "Hits", "Recipe", "fitted", "packaged", "parse_recipe", "recipe_for", "schema"]
