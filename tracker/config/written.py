"""tracker.toml as it is written: read, held against its schema, and each mistake told with the line it stands in."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tracker.config.notify import is_host, not_a_host, notify_contradictions
from tracker.config.times import seconds
from tracker.errors import ConfigError

Place = tuple[str | int, ...]
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
DEFAULT_RANGE = {"floor": "5 min", "ceiling": "72 h"}
_SHAPES = {
    "#/$defs/text": "text in quotation marks",
    "#/$defs/line": "text in quotation marks, of plain letters and marks",
    "#/$defs/time": 'a time such as "90 s", "5 min", "72 h" or "3 d"',
}


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of tracker.toml."""
    file = resources.files(__package__).joinpath("settings.schema.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def read_settings(file: Path) -> dict[str, Any]:
    """What one tracker.toml says. Raises ConfigError that names the file, and of each mistake line and remedy."""
    try:
        text = file.read_text(encoding="utf-8")
        settings = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    if found := list(mistakes(settings)) or list(contradictions(settings)):
        raise ConfigError(f"{file}: " + "; ".join(f"line {line_of(text, place)}: {said}" for place, said in found))
    return settings


# --- what is wrong --------------------------------------------------------------------------------------------


def mistakes(value: Any, rule: Mapping[str, Any] | None = None, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where a value breaks its rule, and what would be right. Knows the words of JSON Schema that our schema uses."""
    rule = schema() if rule is None else rule
    rule = {**_referred(rule), **rule}
    if "anyOf" in rule:
        rule = _meant(value, rule)
    if not _fits(value, rule):
        yield place, f"{_name(place)} must be {_allowed(rule)}"
    elif isinstance(value, dict):
        yield from _mistakes_in_table(value, rule, place)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from mistakes(each, rule.get("items", {}), (*place, number))


def _mistakes_in_table(value: dict[str, Any], rule: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    for key in rule.get("required", ()):
        if key not in value:
            yield place, f"{_name((*place, key))} is missing: {known[key]['description']}"
    for key, each in value.items():
        if key in known:
            yield from mistakes(each, known[key], (*place, key))
        elif isinstance(others, dict):
            yield from mistakes(each, others, (*place, key))
        elif not others:
            where = f" in {_name(place)}" if place else ""
            yield (*place, key), f"no such setting {key!r}{where}; there are {', '.join(known)}"


def contradictions(settings: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What no schema can say, of settings that keep to it."""
    store, watch = settings.get("store"), settings.get("watch", {})
    if isinstance(store, dict) and not store.get("identity", "").isprintable():
        yield ("store", "identity"), "store.identity must have no invisible characters in it"
    articles = ((("watch", "article", number), each) for number, each in enumerate(watch.get("article", ())))
    for place, table in ((("watch",), watch), *articles):
        floor, ceiling = ({**DEFAULT_RANGE, **watch, **table}[key] for key in DEFAULT_RANGE)
        if seconds(floor) > seconds(ceiling):
            named = "floor" if "floor" in table else "ceiling"
            yield (
                (*place, named),
                f"floor ({floor}) is above ceiling ({ceiling}); raise one or lower the other",
            )
        elif "ceiling" in table and not seconds(ceiling):
            yield (*place, "ceiling"), "ceiling must be longer than 0 s"
    for name in settings.get("host", {}):
        if not is_host(name):
            yield ("host", name), not_a_host(name)
    yield from notify_contradictions(settings.get("notify", {}))


def _referred(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rule that `$ref` names, with a word for what it asks."""
    if (reference := rule.get("$ref")) is None:
        return {}
    return {**schema()["$defs"][reference.rpartition("/")[2]], "shape": _SHAPES.get(reference)}


def _meant(value: Any, rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of several rules the one that is for values of this type, else one that no value fits."""
    choices = [{**_referred(each), **each} for each in rule["anyOf"]]
    fitting = [each for each in choices if isinstance(value, _TYPES[each["type"]])]
    return fitting[0] if fitting else {"type": "none", "description": rule["description"], "shape": rule["description"]}


def _fits(value: Any, rule: Mapping[str, Any]) -> bool:
    """Is the value itself right, whatever is in it?"""
    kind = rule.get("type")
    if kind and (isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _TYPES.get(kind, ()))):
        return False
    if "enum" in rule:
        return value in rule["enum"]
    if isinstance(value, str):
        return re.search(rule.get("pattern", ""), value) is not None
    if isinstance(value, int | float):
        return bool(rule.get("minimum", value) <= value <= rule.get("maximum", value))
    return True


def _allowed(rule: Mapping[str, Any]) -> str:
    """What a value may be, in words."""
    about = rule.get("description", "")
    if shape := rule.get("shape"):
        return shape if shape == about else f"{shape} ({about})"
    if "enum" in rule:
        return "one of " + ", ".join(f'"{each}"' for each in rule["enum"])
    if "minimum" in rule:
        kind = "a whole number" if rule["type"] == "integer" else "a number"
        return f"{kind} from {rule['minimum']} to {rule['maximum']} ({about})"
    tables = rule.get("items", {}).get("type") == "object"
    kinds = {
        "object": "a table",
        "array": "a list of tables" if tables else "a list of texts",
        "boolean": "true or false",
        "string": "text in quotation marks",
    }
    return kinds[rule["type"]] + (f": {about}" if about else "")


def _name(place: Place) -> str:
    """`watch.article[2].importance`, as a person would count."""
    return "".join(f"[{each + 1}]" if isinstance(each, int) else f".{each}" for each in place).lstrip(".")


# --- where it stands ------------------------------------------------------------------------------------------


def line_of(text: str, place: Place) -> int:
    """The line (from 1) that a setting begins in: the first after all that is whole TOML without it.

    The parser itself is asked, so whatever spelling TOML knows is understood; a file of settings is short.
    """
    lines = text.splitlines(keepends=True)
    without = 0
    for count in range(1, len(lines) + 1):
        try:
            there = _holds(tomllib.loads("".join(lines[:count])), place)
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        if there:
            break
        without = count
    return min(without + 1, len(lines) or 1)


def _holds(value: Any, place: Place) -> bool:
    for each in place:
        try:
            value = value[each]
        except (KeyError, IndexError, TypeError):
            return False
    return True
