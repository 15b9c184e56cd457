"""The heaviest chain: which of many possible pairings can hold together without crossing.

One routine serves three questions: which equal sentences are anchors, which similar ones correspond, and who stayed
when something moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Box(NamedTuple):
    """Units a0:a1 of the old row correspond to units b0:b1 of the new one (half open, never empty).

    A tuple, since thousands are sorted and looked up.
    """

    a0: int
    a1: int
    b0: int
    b1: int


def heaviest(boxes: Sequence[Box], weights: Sequence[int]) -> list[int]:
    """The places, in order, of the boxes that form the heaviest chain: each wholly after the one before on both sides.

    Weights are positive. Of equally heavy chains the one found first in (a0, a1, b0, b1) order wins. O(n log n).
    """
    order = sorted(range(len(boxes)), key=lambda place: boxes[place])
    if all(boxes[one].a1 <= boxes[two].a0 and boxes[one].b1 <= boxes[two].b0 for one, two in pairwise(order)):
        return order
    ends = sorted(range(len(boxes)), key=lambda place: (boxes[place].a1, boxes[place]))
    best = _PrefixMaximum(max(box.b1 for box in boxes))
    total = [0] * len(boxes)
    before = [-1] * len(boxes)
    ended = 0
    for place in order:
        while ended < len(ends) and boxes[ends[ended]].a1 <= boxes[place].a0:
            best.put(boxes[ends[ended]].b1, total[ends[ended]], ends[ended])
            ended += 1
        so_far, before[place] = best.up_to(boxes[place].b0)
        total[place] = so_far + weights[place]
    last = max(order, key=lambda place: total[place])
    chain = [last]
    while before[chain[-1]] >= 0:
        chain.append(before[chain[-1]])
    return chain[::-1]


class _PrefixMaximum:
    """A Fenwick tree: the greatest value put at any key up to a given one, and where it came from."""

    def __init__(self, size: int) -> None:
        self._values = [0] * (size + 1)
        self._places = [-1] * (size + 1)

    def put(self, key: int, value: int, place: int) -> None:
        while key < len(self._values):
            if value > self._values[key]:
                self._values[key], self._places[key] = value, place
            key += key & -key

    def up_to(self, key: int) -> tuple[int, int]:
        value, place = 0, -1
        while key > 0:
            if self._values[key] > value:
                value, place = self._values[key], self._places[key]
            key -= key & -key
        return value, place
