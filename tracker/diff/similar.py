"""How alike two sentences are, and which similar ones correspond in a gap.

Likeness is the share of letters in common words (Dice), in thousandths. Pairs are found through the words they share,
the rarest words first, within a fixed budget; two long texts with nothing in common cost no more than that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracker.diff.chain import Box
from tracker.diff.rows import Bag, Unit, bag

SHARED_WORDS = 100_000  # (word, old unit, new unit) triples looked at in all gaps together
SMALL_GAP = 16  # pairs; in a smaller gap all are looked at

# Thousandths. What stands alone between the same neighbours, or in the same paragraph, needs less to be recognised.
ALIKE_ONLY = 200
ALIKE_MATES = 300
ALIKE = 400
ALIKE_ACROSS = 500  # in paragraphs that both correspond to others
MOVED_ALIKE = 600
MOVED_WORDS = 6  # a shorter sentence that is similar to one elsewhere is a coincidence
KEYED_ALIKE = 500  # the row of a table with that first cell, the live-blog entry of that time: each once on both sides
CLEARLY = 200  # a unit that is by so much more like one elsewhere does not correspond to its neighbour

CONTAINED_WORDS = 5  # a sentence of so many words that stands in a longer one has grown, however long that is
TOGETHER = 4  # neighbours at most that correspond to one unit: a quotation mark left open makes three sentences one

SHORT = 40  # letters; so short a text can be alike without a common word ("Smith", "Smyth")

Gap = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Likeness:
    a: int
    b: int
    alike: int
    common: int
    words: int
    keyed: bool

    @property
    def tells_a_move(self) -> bool:
        if self.keyed:
            return self.alike >= KEYED_ALIKE
        return self.alike >= MOVED_ALIKE and self.words >= MOVED_WORDS


class Similar:
    """What is known about the units that no equal unit accounts for."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], gaps: Sequence[Gap]) -> None:
        self._old = old
        self._new = new
        self._old_bags: dict[int, Bag] = {}
        self._new_bags: dict[int, Bag] = {}
        self._old_gap = {place: number for number, (left, _) in enumerate(gaps) for place in left}
        self._new_gap = {place: number for number, (_, right) in enumerate(gaps) for place in right}
        self._found: dict[tuple[int, int], Likeness] = {}
        self._old_hints = Counter(unit.hint for unit in old if unit.hint)
        self._new_hints = Counter(unit.hint for unit in new if unit.hint)

    def look(self, old_left: Sequence[int], new_left: Sequence[int], gaps: Sequence[Gap]) -> None:
        """Find the pairs worth knowing."""
        pairs = {(a, b) for left, right in gaps if len(left) * len(right) <= SMALL_GAP for a in left for b in right}
        pairs.update(self._sharing(old_left, new_left))
        for a, b in sorted(pairs):
            self._found[a, b] = self.likeness(a, b)

    def likeness(self, a: int, b: int) -> Likeness:
        known = self._found.get((a, b))
        if known:
            return known
        old, new = self._old_bag(a), self._new_bag(b)
        common = _common(old, new)
        words = min(len(old.words), len(new.words))
        alike = _dice(common, old, new)
        if alike < ALIKE_ACROSS and words >= CONTAINED_WORDS and 10 * common >= 9 * min(old.total, new.total):
            alike = ALIKE_ACROSS
        return Likeness(a, b, alike, common, words, self._keyed(a, b))

    def _keyed(self, a: int, b: int) -> bool:
        hint = self._old[a].hint
        return bool(hint) and hint == self._new[b].hint and self._old_hints[hint] == self._new_hints[hint] == 1

    def alike(self, a: int, b: int) -> bool:
        return self.likeness(a, b).alike >= ALIKE

    def best_first(self) -> list[Likeness]:
        """Every pair that tells a move, the most alike first."""
        telling = (likeness for likeness in self._found.values() if likeness.tells_a_move)
        return sorted(telling, key=lambda likeness: (-likeness.alike, -likeness.common, likeness.a, likeness.b))

    def in_gaps(
        self, gaps: Sequence[Gap], mates: set[tuple[int, int]], *, alone: bool
    ) -> Iterator[tuple[list[Box], list[int]]]:
        """For each gap the boxes that could stand in it, 1:1, 1:2 and 2:1, with their weights."""
        by_gap: dict[int, list[Likeness]] = defaultdict(list)
        for likeness in self._found.values():
            number = self._old_gap.get(likeness.a)
            if number is not None and number == self._new_gap.get(likeness.b):
                by_gap[number].append(likeness)
        better = self._better_elsewhere()
        mated = ({a for a, _ in mates}, {b for _, b in mates})
        for number, (left, right) in enumerate(gaps):
            only = len(left) == len(right) == 1
            free = (set(left), set(right))
            boxes: dict[Box, int] = {}
            for likeness in by_gap.get(number, ()):
                floor = 0 if only and alone else self._floor(likeness, mates, mated, only=only)
                if self._passes(likeness, floor, only=only) and not _is_better(better, likeness):
                    boxes[Box(likeness.a, likeness.a + 1, likeness.b, likeness.b + 1)] = _weight(likeness)
                    boxes.update(self._grown(likeness, *free))
            yield list(boxes), [self._favoured(weight, box, mates) for box, weight in boxes.items()]

    def _floor(
        self, likeness: Likeness, mates: set[tuple[int, int]], mated: tuple[set[int], set[int]], *, only: bool
    ) -> int:
        blocks = (self._old[likeness.a].block, self._new[likeness.b].block)
        if blocks in mates and only:
            return 0 if self._short(likeness) else ALIKE_ONLY
        if blocks in mates:
            return ALIKE_MATES
        across = (blocks[0] in mated[0]) + (blocks[1] in mated[1])
        if across == 0:
            return ALIKE_ONLY if only else ALIKE
        return ALIKE if across == 1 else ALIKE_ACROSS

    def _passes(self, likeness: Likeness, floor: int, *, only: bool) -> bool:
        if likeness.alike >= floor:
            return True
        if not only or not self._short(likeness):
            return False
        return _dice_of_letters(self._old[likeness.a].key, self._new[likeness.b].key) >= ALIKE

    def _short(self, likeness: Likeness) -> bool:
        return len(self._old[likeness.a].key) <= SHORT and len(self._new[likeness.b].key) <= SHORT

    def _favoured(self, weight: int, box: Box, mates: set[tuple[int, int]]) -> int:
        """Half as much again in paragraphs that correspond."""
        ends = ((box.a0, box.b0), (box.a1 - 1, box.b1 - 1))
        mated = any((self._old[a].block, self._new[b].block) in mates for a, b in ends)
        return weight * 3 // 2 if mated else weight

    def _grown(self, likeness: Likeness, left: set[int], right: set[int]) -> Iterator[tuple[Box, int]]:
        """The same with neighbours on one side taken in, where each of them is mostly in the other side's unit."""
        a, b = likeness.a, likeness.b
        old_bag, new_bag = self._old_bag(a), self._new_bag(b)
        if 2 * likeness.common >= new_bag.total:
            row = (self._new, self._new_bag)
            for (first, end), weight in _together(b, right, row, self._old[a], old_bag, likeness.alike):
                yield Box(a, a + 1, first, end), weight
        if 2 * likeness.common >= old_bag.total:
            row = (self._old, self._old_bag)
            for (first, end), weight in _together(a, left, row, self._new[b], new_bag, likeness.alike):
                yield Box(first, end, b, b + 1), weight

    def _better_elsewhere(self) -> tuple[dict[int, int], dict[int, int]]:
        """For units on either side: how alike the unit elsewhere is that is each other's best."""
        old_best: dict[int, Likeness] = {}
        new_best: dict[int, Likeness] = {}
        for likeness in self.best_first():
            old_best.setdefault(likeness.a, likeness)
            new_best.setdefault(likeness.b, likeness)
        mutual = [likeness for a, likeness in old_best.items() if new_best[likeness.b].a == a]
        return {one.a: one.alike for one in mutual}, {one.b: one.alike for one in mutual}

    def _sharing(self, old_left: Sequence[int], new_left: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs that share enough of their words, the rarest words first, as far as the budget goes."""
        old_places = _postings((place, self._old_bag(place)) for place in old_left)
        new_places = _postings((place, self._new_bag(place)) for place in new_left)
        costs = sorted((len(old_places[word]) * len(new_places[word]), word) for word in old_places.keys() & new_places)
        shared: dict[tuple[int, int], int] = defaultdict(int)
        spent = 0
        for cost, word in costs:
            spent += cost
            if spent > SHARED_WORDS:
                break
            weights, others = old_places[word], new_places[word]
            for a in weights:
                for b in others:
                    shared[a, b] += min(weights[a], others[b])
        for (a, b), weight in shared.items():
            if weight * 6 >= min(self._old_bags[a].total, self._new_bags[b].total):
                yield a, b

    def _old_bag(self, place: int) -> Bag:
        if place not in self._old_bags:
            self._old_bags[place] = bag(self._old[place])
        return self._old_bags[place]

    def _new_bag(self, place: int) -> Bag:
        if place not in self._new_bags:
            self._new_bags[place] = bag(self._new[place])
        return self._new_bags[place]


def _weight(likeness: Likeness) -> int:
    return likeness.common * likeness.alike + 1


def _is_better(better: tuple[dict[int, int], dict[int, int]], likeness: Likeness) -> bool:
    elsewhere = max(better[0].get(likeness.a, 0), better[1].get(likeness.b, 0))
    return elsewhere >= likeness.alike + CLEARLY


def _postings(bags: Iterable[tuple[int, Bag]]) -> dict[str, dict[int, int]]:
    """For each word the places that have it, and its weight there."""
    places: dict[str, dict[int, int]] = defaultdict(dict)
    for place, own in bags:
        for word, weight in own.words.items():
            places[word][place] = weight
    return places


def _common(one: Bag, two: Bag) -> int:
    if len(one.words) > len(two.words):
        one, two = two, one
    common = 0
    others = two.words
    for word, weight in one.words.items():  # a loop: this is asked a million times of two long texts
        if word in others:
            common += min(weight, others[word])
    return common


def _dice(common: int, one: Bag, two: Bag) -> int:
    total = one.total + two.total
    return 2000 * common // total if total else 0


_Row = tuple[Sequence[Unit], Callable[[int], Bag]]


def _together(
    place: int, free: set[int], row: _Row, whole: Unit, words: Bag, alike: int
) -> Iterator[tuple[tuple[int, int], int]]:
    """The runs of neighbours around a place that are parts of one unit of the other side, each with its weight."""
    waiting = [(place, place + 1)]
    seen = set(waiting)
    while waiting:
        first, end = waiting.pop()
        for run, beside in (((first - 1, end), first - 1), ((first, end + 1), end)):
            if run in seen or beside not in free or run[1] - run[0] > TOGETHER:
                continue
            seen.add(run)
            weight = _weight_of_run(row, run, words, alike) if _is_part(beside, row, whole, words) else 0
            if weight:
                waiting.append(run)
                yield run, weight


def _is_part(place: int, row: _Row, whole: Unit, words: Bag) -> bool:
    """Does a unit stand for the most part in one of the other side?"""
    units, bag_of = row
    part = bag_of(place)
    if not part.words:  # a row of stars, a lone quotation mark
        return units[place].key in whole.key
    return 2 * _common(words, part) >= part.total


def _weight_of_run(row: _Row, run: tuple[int, int], words: Bag, alike: int) -> int:
    """The weight of neighbours against one unit of the other side; 0 if one of them alone is as much like it."""
    bags = [row[1](place) for place in range(*run)]
    weights: dict[str, int] = {}
    for part in bags:
        for word, weight in part.words.items():
            weights[word] = weights.get(word, 0) + weight
    together = Bag(weights, sum(part.total for part in bags))
    common = _common(words, together)
    alike_together = _dice(common, words, together)
    better = alike_together > alike or (alike_together == alike and not all(part.words for part in bags))
    return common * alike_together + len(bags) if better else 0


def _dice_of_letters(one: str, two: str) -> int:
    """The share of pairs of neighbouring letters that two short texts have in common, in thousandths."""
    pairs = [one[place : place + 2] for place in range(len(one) - 1)]
    others = [two[place : place + 2] for place in range(len(two) - 1)]
    total = len(pairs) + len(others)
    common = 0
    for pair in pairs:
        if pair in others:
            others.remove(pair)
            common += 1
    return 2000 * common // total if total else 0
