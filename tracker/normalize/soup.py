"""The article's subtree handed to BeautifulSoup as it stands: no markup is written and parsed once more for it.

The same tree costs a third of the time this way, nests as deep as it likes, and cannot be read otherwise by a second
parser. White space that only sets out the page's source stays behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.builder import TreeBuilder
from bs4.element import NavigableString, PageElement
from lxml import etree

from tracker.normalize.survey import INLINE


def soup_of(elements: Sequence[etree._Element]) -> BeautifulSoup:
    """One soup of several elements, in their order, each without its tail."""
    return BeautifulSoup(elements, builder=_Builder)  # type: ignore[arg-type]  # our builder takes elements for markup


class _Builder(TreeBuilder):
    """Builds from lxml's elements. Nodes are linked here as they come: BeautifulSoup's own way looks up all ancestors
    of each string, which takes minutes on deep pages."""

    def prepare_markup(self, markup: Any, *_: Any, **__: Any) -> Iterable[tuple[Any, None, None, bool]]:
        yield markup, None, None, False

    def feed(self, markup: Any) -> None:
        assert self.soup is not None  # noqa: S101  # BeautifulSoup has set it
        parent: Tag = self.soup
        last: PageElement = parent
        for element, said in _steps(markup):
            if said is not None:
                text = NavigableString(said)
                text.setup(parent, last)
                parent.contents.append(text)
                last = text
            elif element is not None:
                tag = Tag(self.soup, self, element.tag, None, None, element.attrib or None, parent, last)  # type: ignore[arg-type]  # it only asks for items()
                parent.contents.append(tag)
                parent = last = tag
            else:
                parent = parent.parent or self.soup


def _steps(elements: Sequence[etree._Element]) -> Iterator[tuple[etree._Element | None, str | None]]:
    """The tree in reading order: an element that opens, a text, or neither where an element ends."""
    for top in elements:
        for event, node in etree.iterwalk(top, events=("start", "end")):
            opens = event == "start"
            text = node.text if opens else node.tail
            yield (node if opens else None), None
            if text and (opens or node is not top) and (node.tag in INLINE or not text.isspace()):
                yield None, text
