"""Twenty edits to one article: who sees the fourteen that matter, and who is quiet about the six that do not.

    python benchmarks/edits.py

The pages are tests/cases/edit-*; each tool gets both pages as they are and says "changed" or not. A tool that is not
installed is named with what to install; none of them needs the network.
"""

from __future__ import annotations

import difflib
import importlib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from tracker.annotate import annotate
from tracker.diff import diff
from tracker.model import Result
from tracker.normalize import normalize

CASES = Path(__file__).parents[1] / "tests" / "cases"
Sees = Callable[[str, str], bool]


def tracker() -> Sees:
    """Changed in the words of tracker's report: a change above severity none."""

    def sees(before: str, after: str) -> bool:
        return annotate(diff(normalize(before), normalize(after))).result is Result.CHANGED

    return sees


def visible_text() -> Sees:
    """The floor: all text of the page, white space folded."""

    def words(page: str) -> list[str]:
        soup = BeautifulSoup(page, "lxml")
        for tag in soup(["script", "style"]):
            tag.decompose()
        return soup.get_text(" ").split()

    return lambda before, after: words(before) != words(after)


def readability_paragraphs() -> Callable[[str], list[str]]:
    """The title and the paragraphs that readability-lxml finds. Raises ImportError where it is not installed."""
    readability: Any = importlib.import_module("readability")

    def paragraphs(page: str) -> list[str]:
        article = readability.Document(page)
        soup = BeautifulSoup(article.summary(html_partial=True), "lxml")
        return [article.short_title(), *(" ".join(tag.get_text().split()) for tag in soup("p"))]

    return paragraphs


def difflib_on_readability() -> Sees:
    """Line by line, as most trackers work."""
    paragraphs = readability_paragraphs()

    def sees(before: str, after: str) -> bool:
        matcher = difflib.SequenceMatcher(None, paragraphs(before), paragraphs(after), autojunk=False)
        return any(tag != "equal" for tag, *_ in matcher.get_opcodes())

    return sees


def punctuation_blind() -> Sees:
    """diffengine's kind of equality: punctuation and white space are dropped before the texts are compared."""
    paragraphs = readability_paragraphs()

    def letters(page: str) -> str:
        return re.sub(r"[^\w]|_", "", "".join(paragraphs(page)))

    return lambda before, after: letters(before) != letters(after)


def trafilatura_text() -> Sees:
    """The text and the title that trafilatura finds, compared as they are."""
    trafilatura: Any = importlib.import_module("trafilatura")

    def text(page: str) -> tuple[str, str]:
        body = trafilatura.extract(page, favor_precision=True, include_comments=False) or ""
        return trafilatura.extract_metadata(page).title or "", body

    return lambda before, after: text(before) != text(after)


TOOLS: dict[str, tuple[Callable[[], Sees], str]] = {
    "tracker": (tracker, ""),
    "all text": (visible_text, ""),
    "difflib": (difflib_on_readability, "pip install readability-lxml lxml_html_clean"),
    "as diffengine": (punctuation_blind, "pip install readability-lxml lxml_html_clean"),
    "trafilatura": (trafilatura_text, "pip install trafilatura"),
}


def installed() -> dict[str, Sees]:
    """The tools that can run here; the others are named."""
    found = {}
    for name, (load, how) in TOOLS.items():
        try:
            found[name] = load()
        except ImportError:
            print(f"not run: {name} ({how})")
    return found


def must_be_seen(case: Path) -> bool:
    """Whether an editor must see this edit."""
    want = tomllib.loads((case / "want.toml").read_text(encoding="utf-8"))
    return Result(want["result"]) is Result.CHANGED


def main() -> None:
    """Print the table."""
    tools = installed()
    missed, false = dict.fromkeys(tools, 0), dict.fromkeys(tools, 0)
    print("\n" + "edit".ljust(28) + "want".ljust(7) + "".join(name.ljust(15) for name in tools))
    for case in sorted(CASES.glob("edit-*")):
        before, after = ((case / name).read_text(encoding="utf-8") for name in ("before.html", "after.html"))
        want, row = must_be_seen(case), ""
        for name, sees in tools.items():
            seen = sees(before, after)
            missed[name] += want and not seen
            false[name] += seen and not want
            row += ("ok" if seen == want else "x missed" if want else "x false").ljust(15)
        print(case.name.ljust(28) + ("see" if want else "noise").ljust(7) + row)
    print(
        "missed of 14 / false of 6".ljust(35) + "".join(f"{missed[name]} / {false[name]}".ljust(15) for name in tools)
    )


if __name__ == "__main__":
    main()
