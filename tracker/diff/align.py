"""Which units of the old row correspond to which of the new one, and which of them moved.

Equal units first (in place, then elsewhere), then similar ones (in the gaps that are left, then elsewhere), then the
heaviest chain of all correspondences says who stayed. No clock and no chance: only budgets of pairs to look at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.diff.chain import Box, heaviest
from tracker.diff.rows import Unit, word_count
from tracker.diff.similar import Similar

EQUAL_PAIRS = 100_000  # pairs of equal, repeated units looked at in one gap; beyond it the k-th pairs with the k-th
MOVED_WORDS = 3  # a shorter sentence that turns up elsewhere is a coincidence
MOVED_LETTERS = 10
MOVED_BLOCK_WORDS = 2  # the same for a whole block, which is less often said twice
MOVED_BLOCK_LETTERS = 8

Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Boxes over two rows, in the order of the old one; no unit is in two of them."""

    stayed: tuple[Box, ...]
    moved: tuple[Box, ...]


class _Board:
    """The state of one alignment: what is taken on each side, and the chain that stands so far."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit]) -> None:
        self.old = old
        self.new = new
        self.old_box: list[Box | None] = [None] * len(old)
        self.new_box: list[Box | None] = [None] * len(new)
        self.chain: list[Box] = []

    def take(self, boxes: Iterable[Box], *, in_place: bool) -> None:
        for box in boxes:
            self.old_box[box.a0 : box.a1] = [box] * (box.a1 - box.a0)
            self.new_box[box.b0 : box.b1] = [box] * (box.b1 - box.b0)
            if in_place:
                self.chain.append(box)

    def boxes(self) -> list[Box]:
        return sorted({box for box in self.old_box if box})

    def old_left(self) -> list[int]:
        return [place for place, box in enumerate(self.old_box) if box is None]

    def new_left(self) -> list[int]:
        return [place for place, box in enumerate(self.new_box) if box is None]

    def gaps(self) -> list[tuple[list[int], list[int]]]:
        """What is free on both sides between neighbours of the chain."""
        found = []
        a = b = 0
        for box in [*sorted(self.chain), Box(len(self.old), len(self.old), len(self.new), len(self.new))]:
            left = [place for place in range(a, box.a0) if self.old_box[place] is None]
            right = [place for place in range(b, box.b0) if self.new_box[place] is None]
            if left and right:
                found.append((left, right))
            a, b = box.a1, box.b1
        return found


def match_blocks(
    old: Sequence[Hashable], new: Sequence[Hashable], texts: Callable[[int], str], *, keyed: bool
) -> tuple[Pairs, Pairs]:
    """Pair equal blocks: those in place, and those that stand elsewhere. `texts` gives the text of an old place.

    `keyed`: these are rows of a table, which move however short they are.
    """
    in_place = anchors(old, new, lambda place: len(texts(place)) + 1)
    old_taken = {a for a, _ in in_place}
    new_taken = {b for _, b in in_place}
    elsewhere = _equal_elsewhere(
        [(place, key) for place, key in enumerate(old) if place not in old_taken],
        [(place, key) for place, key in enumerate(new) if place not in new_taken],
        lambda place: keyed or _tells_a_move(texts(place), whole=True),
    )
    return in_place, elsewhere


def align(old: Sequence[Unit], new: Sequence[Unit], in_place: Pairs, elsewhere: Pairs, *, alone: bool) -> Alignment:
    """Align two rows, given the pairs of whole blocks that are known to be equal.

    `alone`: what stands by itself in a gap on both sides corresponds, however different it is.
    """
    board = _Board(old, new)
    board.take((Box(a, a + 1, b, b + 1) for a, b in in_place), in_place=True)
    board.take((Box(a, a + 1, b, b + 1) for a, b in elsewhere), in_place=False)
    if board.old_left() and board.new_left():
        _match_equal(board)
        _match_similar(board, alone=alone)
    return _settle(board)


# --- equal units --------------------------------------------------------------------------------------------


def anchors(old: Sequence[Hashable], new: Sequence[Hashable], weigh: Callable[[int], int]) -> Pairs:
    """Pairs of equal keys in rising order on both sides: ends first, then unique ones, then repeated ones.

    `weigh` gives the weight of a place in `old`.
    """
    found: Pairs = []
    open_gaps = [(0, len(old), 0, len(new))]
    while open_gaps:
        a0, a1, b0, b1 = open_gaps.pop()
        while a0 < a1 and b0 < b1 and old[a0] == new[b0]:
            found.append((a0, b0))
            a0, b0 = a0 + 1, b0 + 1
        while a0 < a1 and b0 < b1 and old[a1 - 1] == new[b1 - 1]:
            found.append((a1 - 1, b1 - 1))
            a1, b1 = a1 - 1, b1 - 1
        chosen = _chosen(old, new, (a0, a1, b0, b1), weigh)
        found.extend(chosen)
        if chosen:
            edges = [(a0 - 1, b0 - 1), *chosen, (a1, b1)]
            open_gaps.extend(
                (a + 1, next_a, b + 1, next_b)
                for (a, b), (next_a, next_b) in pairwise(edges)
                if a + 1 < next_a and b + 1 < next_b
            )
    return sorted(found)


def _chosen(
    old: Sequence[Hashable], new: Sequence[Hashable], gap: tuple[int, int, int, int], weigh: Callable[[int], int]
) -> Pairs:
    a0, a1, b0, b1 = gap
    old_places = _places(old, range(a0, a1))
    new_places = _places(new, range(b0, b1))
    shared = [key for key in old_places if key in new_places]
    unique = [key for key in shared if len(old_places[key]) == len(new_places[key]) == 1]
    if unique:
        pairs = [(old_places[key][0], new_places[key][0]) for key in unique]
    elif sum(len(old_places[key]) * len(new_places[key]) for key in shared) <= EQUAL_PAIRS:
        pairs = [(a, b) for key in shared for a in old_places[key] for b in new_places[key]]
    else:
        pairs = [pair for key in shared for pair in zip(old_places[key], new_places[key], strict=False)]
    if not pairs:
        return []
    boxes = [Box(a, a + 1, b, b + 1) for a, b in pairs]
    return [pairs[place] for place in heaviest(boxes, [weigh(a) for a, _ in pairs])]


def _places(keys: Sequence[Hashable], where: Iterable[int]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for place in where:
        found[keys[place]].append(place)
    return found


def _match_equal(board: _Board) -> None:
    for left, right in board.gaps():
        old_keys = [board.old[place].key for place in left]
        new_keys = [board.new[place].key for place in right]
        pairs = anchors(old_keys, new_keys, lambda place, keys=old_keys: len(keys[place]) + 1)  # type: ignore[misc]  # mypy cannot infer a default
        board.take((_one(left[a], right[b]) for a, b in pairs), in_place=True)
    pairs = _equal_elsewhere(
        [(place, board.old[place].key) for place in board.old_left()],
        [(place, board.new[place].key) for place in board.new_left()],
        lambda place: _tells_a_move(board.old[place].key, whole=board.old[place].whole),
    )
    board.take((_one(a, b) for a, b in pairs), in_place=False)
    _extend(board, lambda a, b: board.old[a].key == board.new[b].key, same_blocks=False)


def _equal_elsewhere(
    old: Iterable[tuple[int, Hashable]], new: Iterable[tuple[int, Hashable]], tells: Callable[[int], bool]
) -> Pairs:
    """Equal units that are left over anywhere, the k-th with the k-th."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for place, key in new:
        waiting[key].append(place)
    taken: Counter[Hashable] = Counter()
    pairs = []
    for place, key in old:
        if taken[key] < len(waiting.get(key, ())) and tells(place):
            pairs.append((place, waiting[key][taken[key]]))
            taken[key] += 1
    return pairs


def _tells_a_move(key: str, *, whole: bool) -> bool:
    if whole:
        return len(key) >= MOVED_BLOCK_LETTERS and word_count(key) >= MOVED_BLOCK_WORDS
    return len(key) >= MOVED_LETTERS and word_count(key) >= MOVED_WORDS


def _one(a: int, b: int) -> Box:
    return Box(a, a + 1, b, b + 1)


# --- similar units ------------------------------------------------------------------------------------------


def _match_similar(board: _Board, *, alone: bool) -> None:
    old_left, new_left = board.old_left(), board.new_left()
    if not old_left or not new_left:
        return
    gaps = board.gaps()
    similar = Similar(board.old, board.new, gaps)
    similar.look(old_left, new_left, gaps)
    for boxes, weights in similar.in_gaps(gaps, _mates(board), alone=alone):
        if boxes:
            board.take((boxes[place] for place in heaviest(boxes, weights)), in_place=True)
    _extend(board, similar.alike, same_blocks=True)
    for likeness in similar.best_first():
        if board.old_box[likeness.a] is None and board.new_box[likeness.b] is None:
            board.take([_one(likeness.a, likeness.b)], in_place=False)
    _extend(board, similar.alike, same_blocks=True)


def _mates(board: _Board) -> set[tuple[int, int]]:
    """Blocks that correspond because they share a unit that is equal."""
    return {(board.old[box.a0].block, board.new[box.b0].block) for box in board.boxes()}


def _extend(board: _Board, fits: Callable[[int, int], bool], *, same_blocks: bool) -> None:
    """What stands beside a pair on both sides, and fits, goes with it: groups stay and move together."""
    waiting = board.boxes()
    while waiting:
        box = waiting.pop()
        for a, b, old_edge, new_edge in (
            (box.a0 - 1, box.b0 - 1, box.a0, box.b0),
            (box.a1, box.b1, box.a1 - 1, box.b1 - 1),
        ):
            if (
                _free(board.old_box, a)
                and _free(board.new_box, b)
                and (not same_blocks or _same_blocks(board, a, b, old_edge, new_edge))
                and fits(a, b)
            ):
                beside = _one(a, b)
                board.take([beside], in_place=False)
                waiting.append(beside)


def _same_blocks(board: _Board, a: int, b: int, other_a: int, other_b: int) -> bool:
    return board.old[a].block == board.old[other_a].block and board.new[b].block == board.new[other_b].block


def _free(side: Sequence[Box | None], place: int) -> bool:
    return 0 <= place < len(side) and side[place] is None


# --- who stayed ---------------------------------------------------------------------------------------------


def _settle(board: _Board) -> Alignment:
    boxes = board.boxes()
    if not boxes:
        return Alignment((), ())
    chain = {boxes[place] for place in heaviest(boxes, [_weight(board, box) for box in boxes])}
    stayed = _recut(board, [box for box in boxes if box in chain])
    return Alignment(tuple(stayed), tuple(_told(board, [box for box in boxes if box not in chain])))


def _recut(board: _Board, stayed: Sequence[Box]) -> list[Box]:
    """Two neighbours that only together are equal, since the sentences were cut elsewhere, are one box."""
    found: list[Box] = []
    for box in stayed:
        if found and _equal_only_together(board, found[-1], box):
            found[-1] = Box(found[-1].a0, box.a1, found[-1].b0, box.b1)
        else:
            found.append(box)
    return found


def _equal_only_together(board: _Board, one: Box, two: Box) -> bool:
    if (one.a1, one.b1) != (two.a0, two.b0) or not _same_blocks(board, one.a0, one.b0, two.a1 - 1, two.b1 - 1):
        return False
    if _text(board.old[one.a0 : one.a1]) == _text(board.new[one.b0 : one.b1]):
        return False
    return _text(board.old[one.a0 : two.a1]) == _text(board.new[one.b0 : two.b1])


def _text(units: Sequence[Unit]) -> str:
    return "".join(unit.text + unit.space for unit in units[:-1]) + units[-1].text


def _weight(board: _Board, box: Box) -> int:
    old = sum(len(unit.key) for unit in board.old[box.a0 : box.a1])
    new = sum(len(unit.key) for unit in board.new[box.b0 : box.b1])
    return old + new + 1


def _told(board: _Board, crossing: Sequence[Box]) -> list[Box]:
    """The moves among them: a correspondence too weak to be a move by itself counts only beside one that is."""
    by_blocks: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for box in crossing:
        by_blocks[board.old[box.a0].block, board.new[box.b0].block].append(box)
    similar = Similar(board.old, board.new, ())
    told = {box for group in by_blocks.values() if any(_tells(board, similar, box) for box in group) for box in group}
    for row in (crossing, crossing[::-1]):
        for one, two in pairwise(row):
            beside = (one.a1, one.b1) == (two.a0, two.b0) or (two.a1, two.b1) == (one.a0, one.b0)
            if one in told and beside:
                told.add(two)
    return sorted(told)


def _tells(board: _Board, similar: Similar, box: Box) -> bool:
    if box.a1 - box.a0 > 1 or box.b1 - box.b0 > 1:
        return False
    one, two = board.old[box.a0], board.new[box.b0]
    if one.key == two.key:
        return bool(one.hint) or _tells_a_move(one.key, whole=one.whole and two.whole)
    return similar.likeness(box.a0, box.b0).tells_a_move
