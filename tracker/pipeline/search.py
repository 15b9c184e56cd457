"""Words in every text that was ever stored, gathered by article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.errors import UsageError
from tracker.model import Document
from tracker.pipeline.reports import reading_of
from tracker.store import History, Progress, Store, words_of
from tracker.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class Held:
    """An article in which some words stood together: in the snapshots from `since` on, `until` the one without them.

    Where they came and went more than once, from the first time to the last. `until` is None where they stand in the
    newest. `sentence` is one in which they stood, of the newest snapshot that had them; `headline` its headline.
    """

    branch: str
    url: str
    headline: str | None
    since: datetime
    seen_since: datetime | None  # the look before `since`
    until: datetime | None
    sentence: str


def search(store: Store, text: str, host: str | None = None, progress: Progress | None = None) -> Iterator[Held]:
    """The articles in one of whose snapshots all words of `text` stood, newest change first.

    `host` is as in branch names; `progress` is told (done, all) while texts that are new are taken in. Raises
    UsageError where there is no word in `text`.
    """
    words = frozenset(words_of(text))
    if not words:
        raise UsageError(f"nothing to search for in {text!r}; give at least one word")
    store.search.refresh(progress)
    found = (_held(store, store.history(branch), words) for branch in store.search.holding(sorted(words), host))
    return (each for each in found if each)


def _held(store: Store, history: History, words: frozenset[str]) -> Held | None:
    """When the words stood in an article, None where they never did so together."""
    texts = [(entry, reading_of(store, history, entry).document) for entry in history.snapshots]
    places = [place for place, (_, document) in enumerate(texts) if words <= _words(document)]
    if not places:
        return None
    first, (_, last) = texts[places[0]][0], texts[places[-1]]
    after = texts[places[-1] + 1][0].captured_at if places[-1] + 1 < len(texts) else None
    return Held(
        branch=history.branch,
        url=history.url,
        headline=last.headline,
        since=first.captured_at,
        seen_since=first.seen_since,
        until=after,
        sentence=_sentence(last, words),
    )


def _words(document: Document) -> frozenset[str]:
    return frozenset(word for block in document.blocks for word in words_of(block.text))


def _sentence(document: Document, words: frozenset[str]) -> str:
    """The first sentence that has most of the words."""
    every = [each for block in document.blocks for each in sentences(block.text, document.language)]
    return max(every, key=lambda each: len(words.intersection(words_of(each))), default="").strip()
