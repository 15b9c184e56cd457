"""The layers and the purity that docs/architecture.md promises, read from the imports themselves."""

import ast
from pathlib import Path

import pytest

import tracker

ROOT = Path(tracker.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py"))

LAYERS = {
    "errors": 0,
    "model": 0,
    "text": 1,
    "fetch": 2,
    "normalize": 2,
    "store": 2,
    "diff": 2,
    "annotate": 2,
    "render": 2,
    "config": 3,
    "pipeline": 3,
    "watch": 4,
    "cli": 5,
    "serve": 5,
}
STATIONS = {room for room, layer in LAYERS.items() if layer == 2}
PURE = ("text", "normalize", "diff", "annotate", "render", "model", "errors")
UNCLEAN = {"os", "socket", "subprocess", "git", "click", "logging", "time", "random", "pathlib", "sqlite3"}


def room(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Full names of all modules that a file imports, wherever in the file."""
    names: set[str] = set()
    package = ["tracker", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names |= {stem} | {f"{stem}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_layer_imports_only_lower_ones(path):
    own = room(path)
    if own == "__init__":
        return  # the public door opens on every room, lazily
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "tracker" or len(parts) < 2 or parts[1] not in LAYERS or parts[1] == own:
            continue
        beside = {own, parts[1]} == {"config", "pipeline"} or (own, parts[1]) == ("cli", "serve")
        assert LAYERS[parts[1]] < LAYERS[own] or beside, f"{own} imports {name}"
        assert not (own in STATIONS and parts[1] in STATIONS), f"station {own} imports station {parts[1]}"


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room(path) in PURE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_pure_rooms_touch_nothing_outside(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & UNCLEAN
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "open" not in called
    source = path.read_text(encoding="utf-8")
    assert ".now(" not in source
    assert ".today(" not in source


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room(path) != "store"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_only_the_store_knows_git(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert "git" not in roots
    assert "subprocess" not in roots


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room(path) != "cli"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_only_the_command_line_knows_a_person(path):
    assert "click" not in {name.split(".")[0] for name in imported(path)}


def test_every_room_has_its_layer():
    rooms = {room(path) for path in MODULES} - {"__init__"}
    assert rooms <= set(LAYERS)
