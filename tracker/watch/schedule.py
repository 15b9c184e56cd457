"""When an article is looked at next. Pure: times are arguments, in seconds; a moment is in seconds since 1970.

An edit is seen half an interval late on average, so with D changes and R looks an hour the delay of all edits is the
sum of importance x D / 2R over the articles. For a given sum of R that is least where R is proportional to
sqrt(importance x D): whoever changes four times as often is looked at twice as often. `constant` is what makes it
proportional: the one number that a budget sets.

How often an article changes is not known. Its age says what is usual (`Prior`), and what was seen of it corrects that:
the posterior of a Gamma prior on the rate of a Poisson process, which needs two numbers of each article (`Pace`).
docs/scheduling.md has the derivation and a comparison with other rules.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
JITTER = 0.1  # share of an interval by which a look may come earlier or later, so that looks do not run in step
_CONSTANT_STEPS = 60  # halvings: the constant is then exact to the last digit


@dataclass(frozen=True, slots=True)
class Prior:
    """How often articles change, by age: `burst` a second more when new, fading within `fade` seconds, `calm` for ever.

    `strength` says how much is to be seen before an article is believed to differ from the others: the shape of the
    Gamma distribution of their rates.
    """

    burst: float
    fade: float
    calm: float
    strength: float

    def rate(self, age: float) -> float:
        """Changes a second that are usual at an age."""
        return self.burst * math.exp(-max(age, 0.0) / self.fade) + self.calm

    def between(self, young: float, old: float) -> float:
        """Changes that are usual between two ages."""
        young, old = max(young, 0.0), max(old, young, 0.0)
        faded = math.exp(-young / self.fade) - math.exp(-old / self.fade)
        return self.burst * self.fade * faded + self.calm * (old - young)


ARTICLES = Prior(burst=0.25 / HOUR, fade=12 * HOUR, calm=0.004 / HOUR, strength=0.5)
SOURCES = Prior(burst=0.0, fade=DAY, calm=0.5 / HOUR, strength=1.0)  # feeds and section pages: entries keep coming


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of one article beside its age: changes seen, and changes that were usual in the time watched."""

    changes: float = 0.0
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for one article: how much its edits matter, and the shortest and longest time between two looks."""

    importance: float = 1.0
    floor: float = 5 * MINUTE
    ceiling: float = 72 * HOUR


# Where no budget is set: 137 looks at an article in its first 14 days on average, as in docs/scheduling.md.
CONSTANT = 0.18 * math.sqrt(HOUR)


def watched(pace: Pace, prior: Prior, young: float, old: float, *, changed: bool) -> Pace:
    """The pace after a look at age `old`, the one before having been at age `young`."""
    return Pace(pace.changes + changed, pace.expected + prior.between(young, old))


def multiplier(pace: Pace, prior: Prior) -> float:
    """How many times as often as is usual this article changes."""
    return (prior.strength + pace.changes) / (prior.strength + pace.expected)


def change_rate(pace: Pace, prior: Prior, age: float) -> float:
    """Changes a second to be expected of an article now."""
    return multiplier(pace, prior) * prior.rate(age)


def interval(rate: float, bounds: Bounds, constant: float) -> float:
    """The seconds until the next look at what changes `rate` times a second."""
    return min(max(constant / math.sqrt(bounds.importance * rate), bounds.floor), bounds.ceiling)


def jittered(seconds: float, bounds: Bounds, name: str, at: float) -> float:
    """An interval moved a little, by its article and the time it begins at: the same on every machine."""
    drawn = int.from_bytes(hashlib.sha256(f"{name} {at:.6f}".encode()).digest()[:8], "big") / 2**64
    return min(max(seconds * (1 + JITTER * (2 * drawn - 1)), bounds.floor), bounds.ceiling)


def after_failures(seconds: float, bounds: Bounds, failures: int) -> float:
    """An interval after so many looks in a row that saw no text: twice as long with each, from the floor on."""
    return min(max(seconds, bounds.floor * 2.0 ** min(failures, 20)), bounds.ceiling)


def constant_for(articles: Sequence[tuple[float, Bounds]], budget: float) -> float:
    """The constant with which articles of these rates are looked at `budget` times a second, all together.

    Where even the floors of all give fewer looks, or the ceilings more, the nearest that can be had.
    """

    def looks(constant: float) -> float:
        return sum(1 / interval(rate, bounds, constant) for rate, bounds in articles)

    if not articles:
        return CONSTANT
    least, most = 1e-6, 1e9
    for _ in range(_CONSTANT_STEPS):
        middle = math.sqrt(least * most)
        least, most = (least, middle) if looks(middle) < budget else (middle, most)
    return most
