"""The room's word lists, read once from TOML: names of page parts (any language), and what furniture says."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

FALLBACK = "en"
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\s+")  # a word of a camelCase or hyphenated name, or a border
_SAID_OF_OTHERS = re.compile(
    r"(?:^|\s|--)(?:has|have|no|not|with|without|hide|is|js|show|disable|enable)[-_]\S+|[-_]+with[-_]\S+|\bnode-+promoted\b"
)
# A content system writes an article's own tags and sections into its class; they say nothing about what it is.
_POST = re.compile(r"\b(?:hentry|type-post|status-publish)\b")
_POST_TERMS = re.compile(r"(?:^|\s)(?:tag|category|author|topic|section|type|format|status|post_tag|series)-\S+")
# "print:hidden", "[.wide_&]:my-0", "D(n)": how something looks, in the place of a style sheet; it names nothing.
_STYLING = re.compile(r"[:\[(]")
# "article-widget", "elementor-widget": a piece of what is built of such, and nothing beside it.
_WIDGET = re.compile(r"(?<![^\W_])(article|story|content|text|body|elementor)[-_]?widget(?![^\W_])", re.IGNORECASE)
_SLUG = 5  # so many borders between words; a name has fewer
# "article-content__sign-in" is no article content, but what stands in one.
_BLOCK = re.compile(r"[\w-]+?__(?=[a-z-]+(?:\s|$))(?!\S*(?:body|content|text|copy|main|wrap|contain|inner))")
_HASH = re.compile(r"(?<![^\W_])(?=[a-f-]*\d)[0-9a-f-]{16,}(?![^\W_])")  # letters in it make no word
_PLAIN = (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("\u00a0", " "), ("\u2011", "-"))


@dataclass(frozen=True, slots=True)
class Name:
    """What the class, id and role of an element say about it."""

    furniture: str | None = None  # the reason, strong: whatever is inside
    weak: str | None = None  # the reason, unless most of the prose is inside
    body: bool = False
    notice: bool = False
    reader: bool = False
    caption: bool = False
    byline: bool = False
    dek: bool = False
    entry: bool = False
    embed: bool = False
    lead: bool = False  # of another article, or of this one


@dataclass(frozen=True, slots=True)
class Phrases:
    """What furniture says in one language, matched on folded text; `byline` and `credit` on text as it stands, for a
    name begins with a capital. `whole`, `opening` and `link` are for `reason_of`."""

    whole: re.Pattern[str]
    opening: re.Pattern[str]
    link: re.Pattern[str]
    byline: re.Pattern[str]
    credit: re.Pattern[str]
    promo_opening: re.Pattern[str]
    promo_closing: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Walls:
    """What pages say that are no article, in all languages at once, matched on folded text.

    `titles` say nothing else; `sentences` stand in the text and `small_print` beside them, and both speak to the reader
    or of the site (`speaks`). `gate` closes a story that is sold; a line without one of `asking` holds none, which is a
    quick look before its patterns. `meter` counts what is still free to read.
    """

    titles: tuple[tuple[str, re.Pattern[str]], ...]
    sentences: tuple[tuple[str, re.Pattern[str]], ...]
    small_print: re.Pattern[str]
    speaks: re.Pattern[str]
    login: re.Pattern[str]
    asking: re.Pattern[str]
    gate: re.Pattern[str]
    meter: re.Pattern[str]


NOTHING = Name()
_FLAGS = ("body", "notice", "reader", "caption", "byline", "dek", "entry", "embed", "lead")


def name_of(classes: str | None, identity: str | None, role: str | None, handle: str | None = None) -> Name:
    """What an element's names say; `handle` is what its makers' own tests know it by, where classes are hashes.

    Remembered: a site says the same few things on every page.
    """
    if not (classes or identity or role or handle):
        return NOTHING
    if identity and identity.count("-") + identity.count("_") >= _SLUG:
        identity = None  # the address of a heading, in its words
    return _judge(f"{classes or ''} {identity or ''} {handle or ''}"[:300], role or "")


@functools.lru_cache(maxsize=32_768)
def _judge(names: str, role: str) -> Name:
    rows = _names()
    if _STYLING.search(names):
        names = " ".join(name for name in names.split() if not _STYLING.search(name))
    names = _WIDGET.sub(r"\1", _HASH.sub(" ", names))
    own = _SAID_OF_OTHERS.sub(" ", _POST_TERMS.sub(" ", names) if _POST.search(names) else names)
    words = _words(own)
    if not role and rows.first.isdisjoint(words):
        return NOTHING
    said = f" {' '.join(words)} "
    role = role.strip().lower()
    found = frozenset(words)
    furniture = _reason(rows.furniture, said, found)
    weak = _reason(rows.weak, said, found)
    for reason, roles in rows.roles:
        if role in roles:
            furniture, weak = (furniture, weak or reason) if reason == "sidebar" else (furniture or reason, weak)
    flags = {row.key: row.says(said, found) for row in rows.flags}
    if flags["body"] and "__" in own:
        flags["body"] = _is_body(own)
    return Name(furniture, weak, **flags)


def _words(names: str) -> list[str]:
    return ["|" if word.isspace() else word.lower() for word in _PIECE.findall(names)]


def _is_body(names: str) -> bool:
    words = _words(_BLOCK.sub("", names))
    body = next(row for row in _names().flags if row.key == "body")
    return body.says(f" {' '.join(words)} ", frozenset(words))


@dataclass(frozen=True, slots=True)
class _Row:
    """One list of entries; `first` are the first words of them, a cheap look before the pattern."""

    key: str
    first: frozenset[str]
    pattern: re.Pattern[str]

    def says(self, said: str, words: frozenset[str]) -> bool:
        return not self.first.isdisjoint(words) and self.pattern.search(said) is not None


def _row(key: str, entries: list[str]) -> _Row:
    longest_first = sorted(entries, key=len, reverse=True)
    pattern = re.compile(" (?:" + "|".join(re.escape(entry) for entry in longest_first) + ") ")
    return _Row(key, frozenset(entry.split()[0] for entry in entries), pattern)


def _reason(rows: tuple[_Row, ...], said: str, words: frozenset[str]) -> str | None:
    return next((row.key for row in rows if row.says(said, words)), None)


@dataclass(frozen=True, slots=True)
class _Names:
    furniture: tuple[_Row, ...]
    weak: tuple[_Row, ...]
    roles: tuple[tuple[str, frozenset[str]], ...]
    flags: tuple[_Row, ...]
    first: frozenset[str]  # of all rows: a name with none of these words says nothing


def _table(file: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("vocabulary", file).read_text(encoding="utf-8"))


@functools.cache
def _names() -> _Names:
    data = _table("names.toml")
    furniture = tuple(_row(reason, entries) for reason, entries in data["furniture"].items())
    weak = tuple(_row(reason, entries) for reason, entries in data["weak"].items())
    flags = tuple(_row(flag, data[flag]["names"]) for flag in _FLAGS)
    roles = tuple((reason, frozenset(entries)) for reason, entries in data["roles"].items())
    return _Names(furniture, weak, roles, flags, frozenset().union(*(row.first for row in (*furniture, *weak, *flags))))


@functools.cache
def thread_heads() -> re.Pattern[str]:
    """What heads the comments of readers, in small letters: the word and, in the group `count`, how many there are."""
    words = "|".join(map(re.escape, _table("names.toml")["thread"]["names"]))
    count = r"[(\[]?\d[\d.,\s]{0,8}[)\]]?"
    return re.compile(rf"(?:{words})|(?P<count>{count}\s?(?:{words})|(?:{words})\s?:?\s?{count})")


@functools.cache
def embed_hosts() -> frozenset[str]:
    """The hosts whose frames are part of an article: films, posts, charts. Other frames are mostly advertisements."""
    return frozenset(_table("names.toml")["embed"]["hosts"])


def plain(text: str) -> str:
    """Quotation marks, dashes and spaces made plain, code point for code point."""
    if not text.isascii():
        for mark, folded in _PLAIN:  # eight looks for one mark each are ten times quicker than `translate`
            text = text.replace(mark, folded)
    return text


def folded(text: str) -> str:
    """The same in small letters, for the patterns of this room: without their own look at case they are ten times
    quicker."""
    return plain(text).lower()


@functools.cache
def _languages() -> frozenset[str]:
    files = resources.files(__package__).joinpath("vocabulary").iterdir()
    return frozenset(file.name.removesuffix(".toml") for file in files if len(file.name) == len("en.toml"))


def phrases(language: str | None) -> Phrases:
    """The phrases of a language tag; English where there are none. English ones are always tried too."""
    code = re.split("[-_]", language or FALLBACK, maxsplit=1)[0].lower()
    return _phrases(code if code in _languages() else FALLBACK)


@functools.cache
def walls() -> Walls:
    """Read from all languages: a wall speaks the language of whoever set it up, not the site's."""
    codes = [FALLBACK, *sorted(_languages() - {FALLBACK})]
    tables = [_table(f"{code}.toml")["quality"] for code in codes]
    return Walls(
        _by_reason(tables, "titles"),
        _by_reason(tables, "sentences"),
        *(
            _compiled([entry for table in tables for entry in table["text"].get(key, [])])
            for key in ("small_print", "speaks", "login", "asking", "gate", "meter")
        ),
    )


@functools.cache
def _phrases(code: str) -> Phrases:
    tables = [_table(f"{name}.toml") for name in dict.fromkeys((code, FALLBACK))]
    return Phrases(
        _merged(tables, "whole", r"\Z"),
        _merged(tables, "opening"),
        _merged(tables, "link"),
        _list(tables, "byline", "opening", re.IGNORECASE),
        _list(tables, "credit", "opening", re.IGNORECASE),
        _list(tables, "promo", "opening"),
        _list(tables, "promo", "closing"),
    )


def _by_reason(tables: list[dict[str, Any]], key: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """A pattern for each reason, in their order: which of them is asked first matters."""
    reasons = dict.fromkeys(reason for table in tables for reason in table.get(key, {}))
    return tuple(
        (reason, _compiled([entry for table in tables for entry in table.get(key, {}).get(reason, [])]))
        for reason in reasons
    )


def _merged(tables: list[dict[str, Any]], key: str, end: str = "") -> re.Pattern[str]:
    """The same as one pattern that is asked once, a named group for each reason."""
    rows = _by_reason(tables, key)
    return re.compile("|".join(f"(?P<{reason.replace('-', '_')}>{said.pattern}){end}" for reason, said in rows))


def reason_of(said: re.Pattern[str], text: str) -> str | None:
    """The reason of the phrase that the text begins with, or None."""
    found = said.match(text)
    return found.lastgroup.replace("_", "-") if found is not None and found.lastgroup else None


def _list(tables: list[dict[str, Any]], section: str, key: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    return _compiled([entry for table in tables for entry in table.get(section, {}).get(key, [])], flags)


def _compiled(entries: list[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(entries) + ")", flags)
