"""Draws pages: the frame that all of them share, our own style sheet and script, and the links between them."""

from __future__ import annotations

from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from secrets import token_hex
from typing import Any

from tracker.render.html import environment, style_sheet
from tracker.serve import paths
from tracker.serve.look import Look, Page

# Stands in drawn pages, and gives way to the reader's own as they are sent. No text from the web can hold it.
FORM_TOKEN = token_hex(16)

NAVIGATION = (
    (paths.STREAM, "Changes"),
    (paths.ARTICLES, "Articles"),
    (paths.HOSTS, "Hosts"),
    (paths.DAYS, "Days"),
    (paths.SEARCH, "Search"),
    (paths.HEALTH, "Health"),
)
_LIVE_ONLY = (paths.SEARCH, paths.HEALTH)
_FILES_ONLY = (paths.DAYS,)  # who can be asked has a filter for days


def draw(page: Page, look: Look, policy: str = "") -> str:
    """The page as HTML. `policy` is put into it where no header can carry one."""
    clock = look.clock
    values: dict[str, Any] = {
        "page": page,
        "look": look,
        "house": look.house,
        "clock": clock,
        "policy": policy,
        "navigation": [
            (path, name) for path, name in NAVIGATION if path not in (_FILES_ONLY if look.house.live else _LIVE_ONLY)
        ],
        "link": partial(paths.relative, here=page.path),
        "assets": {name: f"static/{asset_name(name)}" for name in ASSETS},
        "paths": paths,
        "form_token": FORM_TOKEN,
        **page.values,
    }
    return environment("tracker.serve", "tracker.render").get_template(page.template).render(values)


ASSETS = ("tracker.css", "tracker.js", "icon.svg")
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@cache
def asset(name: str) -> bytes:
    """A style sheet, script or picture of ours; the style sheet is that of the reports and our own."""
    own = files("tracker.serve").joinpath("static", name).read_bytes()
    if name != "tracker.css":
        return own
    return "".join(map(style_sheet, ("report.css", "story.css"))).encode() + own


@cache
def asset_name(name: str) -> str:
    """Its name with its digest: a browser may keep it for ever."""
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{sha256(asset(name)).hexdigest()[:12]}.{kind}"


@cache
def assets_by_name() -> dict[str, tuple[bytes, str]]:
    """Every asset and its media type, by its name with its digest."""
    return {asset_name(name): (asset(name), TYPES[name.rpartition(".")[2]]) for name in ASSETS}


@cache
def edition() -> str:
    """Changes with our templates and assets, and with the version of tracker."""
    found = sha256(version("tracker").encode())
    for room in ("tracker.serve", "tracker.render"):
        for file in sorted(files(room).joinpath("templates").iterdir(), key=lambda file: file.name):
            found.update(file.read_bytes())
    for name in ASSETS:
        found.update(asset(name))
    return found.hexdigest()[:16]
