"""What tracker.toml says of one page or one host, as watching asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tracker.config import ArticleSettings, Config, HostSettings
from tracker.fetch import Ask
from tracker.fetch.options import PLAINLY
from tracker.text.urls import host_name
from tracker.watch.listed import Kind, Spacing
from tracker.watch.patterns import matches
from tracker.watch.schedule import HOUR, Bounds

SOURCE_CEILING = 6 * HOUR  # a feed that is looked at less often loses entries
LEASE_MARGIN = 30.0  # seconds that a look may take beside the network


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of watching. Times are in seconds."""

    config: Config
    _hosts: Mapping[str, HostSettings] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        hosts = {host_name(f"https://{name}"): each for name, each in self.config.hosts.items()}
        object.__setattr__(self, "_hosts", hosts)

    def bounds(self, url: str, kind: Kind) -> Bounds:
        """How much a page matters, and the shortest and longest time between two looks at it."""
        general = self.config.watch
        own = self._article(url)
        floor = general.floor if own.floor is None else own.floor
        ceiling = general.ceiling if own.ceiling is None else own.ceiling
        if kind is not Kind.ARTICLE:
            ceiling = max(floor, min(ceiling, SOURCE_CEILING))
        return Bounds(own.importance, floor, ceiling)

    def ask(self, url: str, said: Ask = PLAINLY) -> Ask:
        """With what an article is asked for: what is said of it here, beside what was said already."""
        own = self._article(url)
        robots, browser = said.ignore_robots or own.ignore_robots, said.browser or own.browser
        return replace(said, ignore_robots=robots, browser=browser)

    @property
    def need_browser(self) -> bool:
        """Is any article read as a browser shows it?"""
        return any(each.browser for each in self.config.watch.articles)

    def spacing(self, host: str) -> Spacing:
        """How a host is asked, by its name in the watch list."""
        own = self._hosts.get(host) or self._hosts.get(host.partition("_")[0]) or HostSettings()
        return Spacing(self.config.watch.spacing if own.spacing is None else own.spacing, own.connections)

    @property
    def lease(self) -> float:
        """Seconds after which a look that was not finished never will be."""
        return self.config.fetch.deadline + LEASE_MARGIN

    def _article(self, url: str) -> ArticleSettings:
        fitting = (each for each in self.config.watch.articles if matches(url, each.match))
        return next(fitting, ArticleSettings(url))
