"""Whether a line speaks to the site's readers ("sign up", "our letter") or states something."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

_MARKS = str.maketrans(dict.fromkeys('.,!?…:;|"“”„«»()[]—–-/¡¿؟،۔।', " "))
_FIRST = re.compile(r"(?:^|[.!?…:|؟۔।]\s)\W*([^\W\d_]+)")  # the first word of each sentence
_UNSAID = "en"  # where a page does not say its language


@dataclass(frozen=True, slots=True)
class _Table:
    """The words that say it anywhere, those that say it with their capital inside a sentence, the verbs that say it at
    the start of one, and the runs of characters that do."""

    words: frozenset[str]
    cased: frozenset[str]
    verbs: frozenset[str]
    pieces: tuple[str, ...]


def speaks_to_readers(text: str, language: str | None) -> bool:
    """False also in a language that is not known to us: what may be a statement is text."""
    code = re.split("[-_]", language or _UNSAID, maxsplit=1)[0].lower()
    table = _tables().get({"nb": "no", "nn": "no"}.get(code, code))
    if table is None:
        return False
    said = text.replace("’", "'").casefold()
    spoken = said.translate(_MARKS).split()
    if not table.words.isdisjoint(spoken) or any(piece in said for piece in table.pieces):
        return True
    if table.cased and _is_cased(text, table.cased):
        return True
    return not table.verbs.isdisjoint(spoken) and not table.verbs.isdisjoint(_FIRST.findall(said))


def _is_cased(text: str, cased: frozenset[str]) -> bool:
    """Does one of the words stand inside a sentence, where its capital tells it from another?"""
    found = [word for word in text.translate(_MARKS).split() if word in cased]
    return len(found) > sum(word in cased for word in _FIRST.findall(text))


@functools.cache
def _tables() -> dict[str, _Table]:
    """By language."""
    file = resources.files(__package__).joinpath("vocabulary", "readers.toml")
    return {
        code: _Table(
            frozenset(table["words"]),
            frozenset(table.get("cased", ())),
            frozenset(table["verbs"]),
            tuple(table.get("pieces", ())),
        )
        for code, table in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }
