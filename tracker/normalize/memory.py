"""What a host's other articles have taught about its furniture, applied to one page, and all that it may never touch.

No list of words foresees every promotion. A block that stands in several unrelated stories of a host is no part of any
of them; learning.py says when that is known, this module what it means for one page. Whatever may be about the article
stays: a promotion that leaks is a nuisance, a paragraph that is not seen is a lie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from tracker.model import BlockKind, Link
from tracker.normalize.about import about_the_article
from tracker.normalize.clean import clean_text
from tracker.normalize.readers import speaks_to_readers
from tracker.text.folding import fold
from tracker.text.urls import folded_host
from tracker.text.wording import notice_opening, plain, wording

REASON = "site memory"
SPOKEN = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADING)
LONGEST = 600  # characters; a longer block is somebody's text
_PROSE = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.ENTRY)
_LEAST = 12  # letters and digits of a line that can be told from another ("Yes." stands in every interview)
_LEAST_DENSE = 5  # the same where there are no spaces between words
_LETTER = re.compile(r"[^\W_]")
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_QUOTED = re.compile(r"[\"“”„‟«»「」『』〝〞＂]|(?<!\w)[‘‚‹'][^‘’‚‹›']{2,}[’›'](?!\w)")


class Said(Protocol):
    """A block, or a line that will be one."""

    @property
    def kind(self) -> BlockKind: ...
    @property
    def text(self) -> str: ...
    @property
    def links(self) -> tuple[Link, ...]: ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a host when one article is read. Empty, it changes nothing.

    `furniture` are the keys of the blocks that this article need not show, `containers` the signatures of the places
    where the host's articles usually stand.
    """

    furniture: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """12 hex digits, "-" where nothing is known: the memory's part of the lens."""
        if not (self.furniture or self.containers):
            return "-"
        said = "\n".join([*sorted(self.furniture), "", *sorted(self.containers)])
        return hashlib.sha256(said.encode()).hexdigest()[:12]


EMPTY = Memory()


def outlet_words(root: etree._Element, url: str | None) -> str:
    """The words by which a site names itself: what its pages say in og:site_name, and its host."""
    named = root.find(".//meta[@property='og:site_name']")
    said = clean_text(named.get("content") or "") if named is not None else ""
    return " ".join(filter(None, (said, folded_host(url) if url else "")))


def key(text: str) -> str:
    """What a block is known by on every machine: 16 hex digits of its folded text. Digits never fold."""
    if not text.isascii() or "--" in text or "  " in text or "`" in text:  # any other text is folded as it stands
        text = fold(text)
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]


def keys(said: Sequence[Said]) -> list[str]:
    """The key of each block, "" for those that no memory may touch, by kind, length or wording that is quick to see."""
    return [key(each.text) if _may_be_known(each) else "" for each in said]


def _may_be_known(said: Said) -> bool:
    text = said.text
    if said.kind not in SPOKEN or len(text) > LONGEST or _is_quoted(text):
        return False
    if len(text) > 4 * _LEAST:
        return True
    least = _LEAST_DENSE if has_no_spaces(text) else _LEAST
    return len(_LETTER.findall(text)) >= least


def has_no_spaces(text: str) -> bool:
    """Is it in a script that sets no spaces between words?"""
    return not text.isascii() and _DENSE.search(text) is not None


def _is_quoted(text: str) -> bool:
    """Do quotation marks of any language stand around words?"""
    return not (text.isascii() and '"' not in text and "'" not in text) and _QUOTED.search(text) is not None


def furniture_places(
    said: Sequence[Said], front: Sequence[Said], memory: Memory, outlet: str, language: str | None
) -> frozenset[int]:
    """The places of the blocks that the memory leaves out of an article.

    `front` are headline, dek and byline, `outlet` the words by which the site names itself. A heading goes only beside
    a block that goes. Nothing goes where most of the article's prose would.
    """
    if not memory.furniture:
        return frozenset()
    named = keys(said)
    held = {place for place, name in enumerate(named) if name in memory.furniture}
    if not held:
        return frozenset()
    about = about_the_article(held, [each.text for each in said], [each.text for each in front], held, outlet, language)
    going = {
        place for place in held
        if said[place].kind is not BlockKind.HEADING and place not in about and not worded(said[place].text, language)
    }  # fmt: skip
    lost = sum(len(said[place].text) for place in going)
    prose = sum(len(each.text) for each in said if each.kind in _PROSE)
    if 2 * lost >= prose:
        return frozenset()
    return frozenset(going | set(_headings(said, held - about, going, language)))


def _headings(said: Sequence[Said], held: set[int], going: set[int], language: str | None) -> Iterable[int]:
    return (
        place for place in held
        if said[place].kind is BlockKind.HEADING and {place - 1, place + 1} & going
        and not worded(said[place].text, language)
    )  # fmt: skip


def worded(text: str, language: str | None) -> bool:
    """Does a block report an answer, a denial or a correction? English is tried beside the page's own language."""
    said = plain(text)
    for words in {wording(tag).language: wording(tag) for tag in (language, None)}.values():
        speech = words.speech
        patterns = (
            speech.answers, speech.no_comment, speech.denies, speech.rejects, speech.speaks_false, speech.calls_false,
            speech.spokes, speech.declined, speech.according, words.facts.retracted,
        )  # fmt: skip
        if any(pattern.search(said) for pattern in patterns):
            return True
        if any(pattern.search(said) for kind, pattern in words.notices.kinds if kind.value in _PUT_RIGHT):
            return True
    return notice_opening(text, language) is not None or notice_opening(text, None) is not None


_PUT_RIGHT = frozenset(("correction", "clarification", "retraction", "removal"))


def is_plain(said: Said, language: str | None) -> bool:
    """A statement that speaks to nobody and leads nowhere: "The cause is being looked into"."""
    linked = sum(link.end - link.start for link in said.links)
    return 2 * linked < len(said.text) and not speaks_to_readers(said.text, language)
