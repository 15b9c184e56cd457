"""Feeds as files, for a web server or a reader on the same disk: written anew where something in them is new."""

from __future__ import annotations

import os
from pathlib import Path

from tracker.config import FeedSettings, Wanted
from tracker.errors import NotifyError
from tracker.model import Severity
from tracker.normalize.recipes import Recipe
from tracker.pipeline import feed, refresh_reports
from tracker.render.feed import FEEDS
from tracker.render.options import Options
from tracker.store import ChangeQuery, Store
from tracker.watch.notify.rules import wants


def write_feeds(store: Store, feeds: tuple[FeedSettings, ...], recipes: tuple[Recipe, ...] = ()) -> int:
    """Bring the files up to what the store holds; how many were written. Raises NotifyError, NotFound, UsageError."""
    if feeds:
        refresh_reports(store, recipes)
    return sum(_write(store, each, recipes) for each in feeds)


def _write(store: Store, settings: FeedSettings, recipes: tuple[Recipe, ...]) -> bool:
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
    return _replace(settings.file, FEEDS["json-feed" if settings.file.suffix == ".json" else "atom"](made))


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


def _replace(file: Path, text: str) -> bool:
    """Write a file in one step, unless it says the same already: a reader never sees half a feed."""
    data = text.encode()
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if file.is_file() and file.read_bytes() == data:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(file)
    except OSError as error:
        raise NotifyError(f"the feed {file} cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return True
