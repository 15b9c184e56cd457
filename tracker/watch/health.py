"""How watching goes: what is due, what is late, which hosts make trouble, what was missed, and the room on the disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tracker.render.watching import HostTrouble, Status
from tracker.store import Store
from tracker.store.commits import moment
from tracker.watch.files import put
from tracker.watch.frontier import NEVER, Frontier
from tracker.watch.listed import Spacing

RECENT = 7 * 86_400.0  # seconds: gaps that are older are history


def status(store: Store, now: float) -> Status:
    """Count it all. The size of the store is that of its files."""
    bytes_taken, free = _size(store.path), shutil.disk_usage(store.path).free

    frontier = Frontier(store.state.run, lambda _: Spacing(0.0), lease=0.0, floor=0.0)  # it only reads

    def work(db: sqlite3.Connection) -> Status:
        kinds = dict(db.execute("SELECT kind, count(*) FROM watched GROUP BY kind ORDER BY kind"))
        states = dict(db.execute("SELECT state, count(*) FROM watched WHERE state <> '' GROUP BY state ORDER BY state"))
        due, late = db.execute(
            "SELECT count(*), coalesce(sum(due + pause < ?1), 0) FROM watched WHERE due <= ?1", (now,)
        ).fetchone()
        oldest = db.execute(
            "SELECT url, coalesce(checked, added) AS seen FROM watched ORDER BY seen LIMIT 1"
        ).fetchone()
        since = moment(datetime.fromtimestamp(max(now - RECENT, 0.0), UTC))
        gaps, missed = db.execute(
            "SELECT count(*), coalesce(sum(missed), 0) FROM gaps WHERE until >= ?", (since,)
        ).fetchone()
        (checks,) = db.execute("SELECT coalesce(max(id), 0) FROM checks").fetchone()
        return Status(
            at=_moment(now),
            kinds=kinds,
            states=states,
            due=due,
            late=late,
            next_ready=_perhaps(frontier.next_ready()),
            last_active=_perhaps(frontier.last_active()),
            oldest=(oldest[0], _moment(oldest[1])) if oldest else None,
            hosts=tuple(_troubles(db)),
            gaps=gaps,
            missed=missed,
            checks=checks,
            store_bytes=bytes_taken,
            free_bytes=free,
        )

    return store.state.run(work)


def _troubles(db: sqlite3.Connection) -> Iterator[HostTrouble]:
    query = """SELECT host, failures, down_from, next_ok, said,
            (SELECT count(*) FROM watched WHERE watched.host = hosts.host)
        FROM hosts WHERE failures > 0 ORDER BY failures DESC, host"""
    for host, failures, since, again, said, pages in db.execute(query):
        yield HostTrouble(host, failures, _perhaps(since), _moment(again), said, pages)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _perhaps(seconds: float | None) -> datetime | None:
    return None if seconds is None or seconds >= NEVER else _moment(seconds)


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; what goes away meanwhile counts nothing."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:
                continue
    return total


# --- for Prometheus -------------------------------------------------------------------------------------------


def metrics(status: Status) -> str:
    """The status in the text format of Prometheus, as node_exporter reads it from a file."""
    lines: list[str] = []

    def put(name: str, kind: str, about: str, values: Mapping[str, float | None]) -> None:
        known = {labels: value for labels, value in values.items() if value is not None}
        if known:
            lines.extend((f"# HELP tracker_{name} {about}", f"# TYPE tracker_{name} {kind}"))
            lines.extend(f"tracker_{name}{labels} {value:.17g}" for labels, value in known.items())

    put("watched", "gauge", "Pages on the watch list.", _labelled("kind", status.kinds))
    put("unwell", "gauge", "Pages that are not well, by how they stand.", _labelled("state", status.states))
    put("due", "gauge", "Pages that may be looked at now.", {"": status.due})
    put("late", "gauge", "Pages that have missed a whole look.", {"": status.late})
    put("checks_total", "counter", "Looks in the log.", {"": status.checks})
    put("gaps", "gauge", "Stretches of missed looks in the last 7 days.", {"": status.gaps})
    put("missed_checks", "gauge", "Missed looks in the last 7 days.", {"": status.missed})
    oldest = (status.at - status.oldest[1]).total_seconds() if status.oldest else None
    put("oldest_unchecked_seconds", "gauge", "Time since the page was seen that waits longest.", {"": oldest})
    failures = {each.host: each.failures for each in status.hosts}
    put("host_failures", "gauge", "Failures in a row of hosts that cannot be reached.", _labelled("host", failures))
    put(
        "last_active_timestamp_seconds",
        "gauge",
        "When a pass was last at work.",
        {"": status.last_active.timestamp() if status.last_active else None},
    )
    put("store_bytes", "gauge", "Bytes of the store's files.", {"": status.store_bytes})
    put("disk_free_bytes", "gauge", "Bytes left on the store's disk.", {"": status.free_bytes})
    return "\n".join(lines) + "\n"


def _labelled(name: str, values: Mapping[str, int]) -> dict[str, float | None]:
    return {f'{{{name}="{_escaped(label)}"}}': value for label, value in values.items()}


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def write_metrics(path: Path, status: Status) -> None:
    """Put the metrics in the place of an older file. Raises OSError."""
    put(path, metrics(status))
