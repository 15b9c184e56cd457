"""Feeds as files, for a web server or a reader on the same disk: written anew where something in them is new."""

from __future__ import annotations

from pathlib import Path

from tracker.config import FeedSettings, Wanted
from tracker.errors import DamagedStore, NotFound, NotifyError, UsageError
from tracker.model import Severity
from tracker.normalize.recipes import Recipe
from tracker.pipeline import feed, refresh_reports
from tracker.render.feed import FEEDS
from tracker.render.options import Options
from tracker.store import ChangeQuery, Store
from tracker.watch.files import put
from tracker.watch.notify.rules import wants


def write_feeds(store: Store, feeds: tuple[FeedSettings, ...], recipes: tuple[Recipe, ...] = ()) -> tuple[str, ...]:
    """Bring the files up to what the store holds; a line for each that could not be, and for what is in none."""
    if not feeds:
        return ()
    left_out = refresh_reports(store, recipes)
    return (*left_out, *(said for each in feeds if (said := _trouble(store, each, recipes))))


def _trouble(store: Store, settings: FeedSettings, recipes: tuple[Recipe, ...]) -> str | None:
    """Write one feed; what stood in its way."""
    try:
        _write(store, settings, recipes)
    except (NotifyError, NotFound, UsageError, DamagedStore) as error:
        return f"the feed {settings.file} cannot be written: {error}"
    return None


def _write(store: Store, settings: FeedSettings, recipes: tuple[Recipe, ...]) -> None:
    wanted = settings.wanted
    least = Severity(wanted.severity).rank
    query = ChangeQuery(
        severities=tuple(severity.value for severity in Severity if severity.rank >= least),
        branch=store.find(settings.article) if settings.article else None,
    )
    made = feed(
        store,
        _name(settings),
        query,
        count=settings.entries,
        options=Options(),
        recipes=recipes,
        address=settings.address,
        also=lambda row: wants(wanted, row),
    )
    _renew(settings.file, FEEDS["json-feed" if settings.file.suffix == ".json" else "atom"](made))


def _name(settings: FeedSettings) -> str:
    """What is in the feed, in words; the same words are the same feed."""
    wanted: Wanted = settings.wanted
    labels = ", ".join(label.replace("-", " ") for label in wanted.labels)
    where = settings.article or ", ".join(wanted.hosts) or "all articles"
    said = [
        f"{labels} in {where}" if labels else where,
        *(["mentioned in no notice we found"] if wanted.silent else []),
    ]
    return ", ".join(said)


def _renew(file: Path, text: str) -> None:
    """Write a file, unless it says the same already."""
    try:
        if not (file.is_file() and file.read_bytes() == text.encode()):
            file.parent.mkdir(parents=True, exist_ok=True)
            put(file, text)
    except OSError as error:
        raise NotifyError(error.strerror or str(error)) from error
