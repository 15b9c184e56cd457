"""Finds what the rules want to be told of, and puts it down in the outbox: edits, what became of them, and events.

An edit is one message, whatever number of changes it holds. When a later notice speaks of changes that were told
without it, one more message says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.config import RuleSettings
from tracker.model import Severity
from tracker.normalize.recipes import Recipe
from tracker.pipeline import refresh_reports
from tracker.store import ChangeQuery, ChangeRow, Store
from tracker.watch.notify.outbox import Outbox, Row
from tracker.watch.notify.rules import is_wanted_host, known_better, wants, when

# A capture is stamped before it is stored, and clocks are set back; what was put down already is not put down again.
# Whatever comes later than that (a page that was held back for days, another machine's) says so: `State.came`.
OVERLAP = timedelta(days=1)
_TELLABLE = tuple(severity.value for severity in Severity if severity is not Severity.NONE)


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to an article, or to a whole host, that is no edit: `line` says it in words."""

    at: datetime
    article: str | None
    host: str
    what: str  # "gone", "back" ...
    line: str


def gather(
    store: Store,
    rules: Sequence[RuleSettings],
    happenings: Sequence[Happening],
    now: datetime,
    recipes: tuple[Recipe, ...] = (),
) -> int:
    """Put down what has come since the last time; how many messages that is."""
    outbox = Outbox(store.state.run)
    since = {rule.name: outbox.begin(rule.name, now) for rule in rules}
    if not rules:
        return 0
    first, looked = min(since.values()), outbox.looked()
    start = max(first, looked - OVERLAP) if looked else first
    refresh_reports(store, recipes)
    edits = _edits(store.reports.changes(ChangeQuery(since=start, severities=_TELLABLE)))
    rows: list[Row] = []
    for rule in rules:
        rows += _of_edits(rule, edits, since[rule.name], now)
        rows += of_happenings(rule, happenings, now)
    for branch in dict.fromkeys(branch for branch, _ in edits):
        rows += _of_hindsight(store, outbox, rules, branch, now)
    return outbox.put(rows, now, looked)


def _edits(rows: Sequence[ChangeRow]) -> dict[tuple[str, str], list[ChangeRow]]:
    """Changes by the edit that they came in (branch, revision), the oldest first."""
    found: dict[tuple[str, str], list[ChangeRow]] = {}
    for row in sorted(rows, key=lambda row: row.captured_at):
        found.setdefault((row.branch, row.after), []).append(row)
    return found


def edit_key(branch: str, after: str) -> str:
    """The key of an edit, whatever it is compared with."""
    return f"edit {branch} {after}"


def _of_edits(
    rule: RuleSettings, edits: Mapping[tuple[str, str], list[ChangeRow]], since: datetime, now: datetime
) -> Iterator[Row]:
    for (branch, after), changes in edits.items():
        wanted = [row for row in changes if row.captured_at >= since and wants(rule.wanted, row)]
        if wanted:
            body = {
                "kind": "edit",
                "branch": branch,
                "after": after,
                "changes": [row.change for row in wanted],
            }
            yield rule.name, edit_key(branch, after), when(rule, now), body


def of_happenings(rule: RuleSettings, happenings: Sequence[Happening], now: datetime) -> Iterator[Row]:
    """What a rule is told of what happened."""
    for each in happenings if rule.events else ():
        if is_wanted_host(rule.wanted, f"{each.host}/"):
            key = f"event {each.article or each.host} {each.what} {each.at.isoformat()}"
            body = {"kind": "event", "branch": each.article, "host": each.host, "line": each.line}
            yield rule.name, key, when(rule, now), body


def _of_hindsight(
    store: Store, outbox: Outbox, rules: Sequence[RuleSettings], branch: str, now: datetime
) -> Iterator[Row]:
    """What was told of an article's edits, and is known better by now."""
    edits = _edits(store.reports.changes(ChangeQuery(branch=branch, severities=_TELLABLE)))
    for rule in rules:
        for told in outbox.told(rule.name, edit_key(branch, "")):
            after = told["after"]
            for kind, changes in known_better(told, edits.get((branch, after), ())).items():
                for mark, together in _apart(kind, changes).items():
                    body = {"kind": kind, "branch": branch, "after": after, "changes": together}
                    yield rule.name, f"{kind} {branch} {after} {mark}", when(rule, now), body


def _apart(kind: str, rows: Sequence[ChangeRow]) -> dict[str, list[str]]:
    """Changes that are told anew by what tells one message from another: when a notice spoke of them, else which."""
    found: dict[str, list[str]] = {}
    for row in rows:
        at = row.captured_at + timedelta(seconds=row.delay or 0)
        found.setdefault(at.isoformat() if kind == "disclosed" else "", []).append(row.change)
    return {mark or " ".join(changes): changes for mark, changes in found.items()}
