"""Whether a line speaks to the site's readers ("sign up", "our letter") or states something."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

_MARKS = str.maketrans(dict.fromkeys('.,!?…:;|"“”„«»()[]—–-/¡¿', " "))
_FIRST = re.compile(r"(?:^|[.!?…:|]\s)\W*([^\W\d_]+)")  # the first word of each sentence


def speaks_to_readers(text: str, language: str | None) -> bool:
    """True also where the language is not known to us: then nothing can be said against it."""
    code = re.split("[-_]", language or "", maxsplit=1)[0].lower()
    found = _tables().get({"nb": "no", "nn": "no"}.get(code, code))
    if found is None:
        return True
    words, verbs = found
    said = text.replace("’", "'").casefold()
    spoken = said.translate(_MARKS).split()
    if not words.isdisjoint(spoken):
        return True
    return not verbs.isdisjoint(spoken) and not verbs.isdisjoint(_FIRST.findall(said))


@functools.cache
def _tables() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """By language: the words that say it anywhere, and the verbs that say it at the start of a sentence."""
    file = resources.files(__package__).joinpath("vocabulary", "readers.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: (frozenset(table["words"]), frozenset(table["verbs"])) for code, table in tables.items()}
