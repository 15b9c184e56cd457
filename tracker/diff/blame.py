"""Since when each sentence stands: our own alignment, in capture order, blind to moves, splits and typography."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model import BlockKind, Document
from tracker.text.folding import fold
from tracker.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class BlameLine:
    """A sentence of the last document and the place in the row of the document that brought it."""

    kind: BlockKind
    block: int
    text: str
    since: int


def blame(documents: Sequence[Document]) -> tuple[BlameLine, ...]:
    """Walk the documents, oldest first; a sentence keeps its age for as long as it stands somewhere in the text.

    A sentence that was taken out and put back is as old as its return. Empty for no documents.
    """
    lines: tuple[BlameLine, ...] = ()
    for place, document in enumerate(documents):
        ages: dict[str, deque[int]] = defaultdict(deque)
        for line in lines:
            ages[fold(line.text)].append(line.since)
        lines = tuple(
            BlameLine(kind, block, text, ages[fold(text)].popleft() if ages[fold(text)] else place)
            for kind, block, text in _rows(document)
        )
    return lines


def _rows(document: Document) -> list[tuple[BlockKind, int, str]]:
    return [
        (block.kind, number, sentence.strip())
        for number, block in enumerate(document.blocks)
        for sentence in sentences(block.text, document.language)
        if sentence.strip()
    ]
