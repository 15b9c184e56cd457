"""What a person may ask of a renderer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How to show a report.

    width: columns of the terminal. color: colours and strokes instead of `[-old-]{+new+}`; False for plain text.
    all: also changes of severity none. full: the whole article, not only the changed passages with a sentence around
    them. tz: a time zone's name ("Europe/Paris"); None is UTC. change: only the change with this id. address: where the
    report itself is found, for a picture that travels. JSON ignores them all.
    """

    width: int = 80
    color: bool = False
    all: bool = False
    full: bool = False
    tz: str | None = None
    change: str | None = None
    address: str | None = None
