"""The article's subtree handed to BeautifulSoup as it stands: no markup is written and parsed once more for it.

The same tree costs a third of the time this way, nests as deep as it likes, and cannot be read otherwise by a second
parser. White space that only sets out the page's source stays behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.builder import TreeBuilder
from bs4.element import NavigableString, PageElement
from lxml import etree

from tracker.normalize.parts import INLINE


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
        for top in markup:
            for event, node in etree.iterwalk(top, events=("start", "end")):
                if event == "start":
                    tag = Tag(self.soup, self, node.tag, None, None, node.attrib or None, parent, last)
                    parent.contents.append(tag)
                    parent = last = tag
                    said = node.text
                else:
                    parent = self.soup if parent.parent is None else parent.parent
                    said = node.tail if node is not top else None
                if said and (node.tag in INLINE or not said.isspace()):
                    text = NavigableString(said)
                    text.setup(parent, last)
                    parent.contents.append(text)
                    last = text
