"""Rules for when to look, compared on articles whose edits are drawn: `tracker schedule simulate`.

Every rule is given the same number of looks an article: its multiplier is fitted on a draw of its own. Seeds are fixed,
so the table comes out the same everywhere. Times are in hours in here.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.watch.schedule import ARTICLES, HOUR, Bounds, Pace, Prior, change_rate, interval, watched

SPAN = 14 * 24.0
SEEDS = (1, 2, 3)
BUDGETS = (137, 45, 17)
WILD_BUDGET = 211
_FLOOR, _CEILING = Bounds().floor / HOUR, Bounds().ceiling / HOUR
_TRAINING = 150  # articles that a multiplier is fitted on
_FITTING_STEPS = 7
_LATE = 0.15


@dataclass(frozen=True, slots=True)
class World:
    """How articles really change: by age, each as often as its own factor says (Gamma, mean 1, the prior's strength).

    `wild`: the factors are Pareto and twice as large, and three in twenty articles are corrected once more, at any age.
    """

    prior: Prior = ARTICLES
    wild: bool = False


BELIEVED = World()
OTHERWISE = World(replace(ARTICLES, fade=3 * ARTICLES.fade), wild=True)


@dataclass(frozen=True, slots=True)
class View:
    """What a rule may know when it has just looked: the age, the age at the last change seen, and the pace."""

    age: float
    changed_at: float
    pace: Pace


Rule = Callable[[View, float], float]  # (view, multiplier) -> hours until the next look


@dataclass(frozen=True, slots=True)
class Score:
    """How a rule did: looks an article, delay of edits in hours (mean, median, 95th percentile), and the share of edits
    that were seen as a version of their own."""

    rule: str
    looks: float
    mean: float
    median: float
    late: float
    seen: float


def compare(
    looks: float, world: World = BELIEVED, *, articles: int = 500, seeds: Sequence[int] = SEEDS
) -> Iterator[Score]:
    """All rules, one after the other, at about so many looks an article: on so many articles of each seed."""
    training = edits(world, _TRAINING, seed=0)
    drawn = [each for seed in seeds for each in edits(world, articles, seed)]
    for name, rule in RULES.items():
        yield score(name, rule, fitted(rule, training, looks), drawn)


# --- the rules ------------------------------------------------------------------------------------------------


def newsdiffs(view: View, factor: float) -> float:
    """NewsDiffs: by the time since the last change, 15 minutes to 3 days."""
    quiet = view.age - view.changed_at
    steps = ((3, 0.25), (24, 1), (7 * 24, 3), (30 * 24, 72))
    return factor * next((step for limit, step in steps if quiet < limit), 30 * 24)


def fixed(_view: View, factor: float) -> float:
    """The same interval for all, always."""
    return factor


def by_age(view: View, factor: float) -> float:
    """The square root rule on what is usual at the age, whatever was seen."""
    return posterior(replace(view, pace=Pace()), factor)


def posterior(view: View, factor: float) -> float:
    """The square root rule on what is usual and what was seen: ours, with the very functions of the schedule."""
    rate = change_rate(view.pace, ARTICLES, view.age * HOUR)
    return interval(rate, Bounds(), factor * math.sqrt(HOUR)) / HOUR


def lambda_crawl(view: View, factor: float) -> float:
    """Kolobov and others 2019, harmonic staleness."""
    rate = _hourly(view.pace, view.age)
    return 2 / (math.sqrt(rate * rate + 4 * rate / (factor * factor)) - rate)


def azar(view: View, factor: float) -> float:
    """Azar and others 2018, binary freshness: what changes too fast is given up."""
    rate = _hourly(view.pace, view.age)
    looks = math.sqrt(rate) / factor - rate
    return 1 / looks if looks > 0 else _CEILING


def _hourly(pace: Pace, age: float) -> float:
    return HOUR * change_rate(pace, ARTICLES, age * HOUR)


RULES: dict[str, Rule] = {
    "NewsDiffs ageing": newsdiffs,
    "fixed interval": fixed,
    "square root of the age's rate": by_age,
    "square root of the posterior (tracker)": posterior,
    "LambdaCrawl": lambda_crawl,
    "Azar": azar,
}


# --- the world ------------------------------------------------------------------------------------------------


def edits(world: World, count: int, seed: int) -> list[list[float]]:
    """The ages at which each of `count` articles is edited within 14 days, in order."""
    draw = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return [_edits_of_one(world, draw) for _ in range(count)]


def _edits_of_one(world: World, draw: random.Random) -> list[float]:
    """A Poisson process whose rate falls: drawn at its highest rate, thinned to what the age allows."""
    shape = world.prior.strength
    factor = draw.paretovariate(1.5) * 2 / 3 if world.wild else draw.gammavariate(shape, 1 / shape)
    highest = factor * world.prior.rate(0.0) * HOUR
    ages, age = [], 0.0
    while highest > 0:
        age += draw.expovariate(highest)
        if age >= SPAN:
            break
        if draw.random() * highest < factor * world.prior.rate(age * HOUR) * HOUR:
            ages.append(age)
    return sorted([*ages, draw.uniform(0, SPAN)]) if world.wild and draw.random() < _LATE else ages


# --- the trial ------------------------------------------------------------------------------------------------


def looks_at(changes: Sequence[float], rule: Rule, factor: float) -> list[float]:
    """The ages of all looks at one article by a rule, the last of them after the 14 days."""
    view = View(age=0.0, changed_at=0.0, pace=Pace())
    found: list[float] = []
    seen = 0
    while view.age < SPAN:
        age = view.age + min(max(rule(view, factor), _FLOOR), _CEILING)
        now_seen = bisect_right(changes, age)
        changed = now_seen > seen
        pace = watched(view.pace, ARTICLES, view.age * HOUR, age * HOUR, changed=changed)
        view = View(age, age if changed else view.changed_at, pace)
        seen = now_seen
        found.append(age)
    return found


def fitted(rule: Rule, articles: Sequence[Sequence[float]], looks: float) -> float:
    """The multiplier with which a rule looks at an article so many times: intervals grow with it, looks shrink."""
    factor = 1.0
    for _ in range(_FITTING_STEPS):
        factor *= sum(len(looks_at(each, rule, factor)) - 1 for each in articles) / (looks * len(articles))
    return factor


def score(name: str, rule: Rule, factor: float, articles: Sequence[Sequence[float]]) -> Score:
    """How a rule does on these articles."""
    delays: list[float] = []
    looks = versions = 0
    for changes in articles:
        times = looks_at(changes, rule, factor)
        looks += len(times) - 1
        places = [bisect_right(times, change) for change in changes]
        delays += [times[place] - change for place, change in zip(places, changes, strict=True)]
        versions += len(set(places))
    delays.sort()
    return Score(
        name,
        looks / len(articles),
        sum(delays) / len(delays),
        delays[len(delays) // 2],
        delays[int(len(delays) * 0.95)],
        versions / len(delays),
    )
