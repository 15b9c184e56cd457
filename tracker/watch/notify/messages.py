"""What is said to a receiver: rows of the outbox become messages when they are sent, as things stand at that moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tracker.config import RuleSettings
from tracker.errors import DamagedStore, NotFound
from tracker.model import Report
from tracker.normalize.recipes import Recipe
from tracker.pipeline import edit_report
from tracker.render import render
from tracker.render.feed import identity, passages, title_line
from tracker.render.html import page_template
from tracker.render.json import report_object
from tracker.render.options import Options
from tracker.render.safe import visible
from tracker.render.times import machine
from tracker.store import ChangeQuery, ChangeRow, Store
from tracker.watch.notify.outbox import Item
from tracker.watch.notify.rules import is_unmentioned, known_better, wants

SCHEMA_NAME = "tracker.message/1"
_WIDTH = 76  # columns of a mail
_HINDSIGHT = {  # what stands before the title of an edit that was told, and above it
    "disclosed": ("Disclosed later: ", "A notice now mentions changes that no notice had mentioned before."),
    "revised": ("No longer called silent: ", "Changes that were told as mentioned in no notice are judged anew."),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing told: what it is called, what stands above it, and it in plain text, as HTML, and for a program. `link`
    is the article's address, for the HTML; the text has it."""

    title: str
    intro: str
    text: str
    html: str
    object: dict[str, Any]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is sent at once. `id` is the same whenever it is tried."""

    id: str
    rule: str
    at: datetime
    parts: tuple[Part, ...]

    @property
    def subject(self) -> str:
        """The title of what is told, or how much it is."""
        if len(self.parts) == 1:
            return visible(self.parts[0].title)
        return f"{len(self.parts)} edits and events, the first: {visible(self.parts[0].title)}"

    @property
    def text(self) -> str:
        rule = "=" * _WIDTH
        return f"\n{rule}\n\n".join("\n\n".join(filter(None, (part.intro, part.text))) for part in self.parts)

    @property
    def html(self) -> str:
        return page_template("message.html").render(parts=self.parts, subject=self.subject)

    @property
    def object(self) -> dict[str, Any]:
        """The message for a program: `tracker.message/1`, its reports whole as `tracker.report/1`."""
        told = [part.object for part in self.parts]
        return {"schema": SCHEMA_NAME, "id": self.id, "rule": self.rule, "sent_at": machine(self.at), "told": told}

    @property
    def json(self) -> bytes:
        return json.dumps(self.object).encode("ascii")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes, and with what. `secret` signs what goes to a webhook; `password` is the mail server's."""

    to: str
    smtp: str | None = None
    sender: str | None = None
    password: str | None = None
    secret: str | None = None


def messages(
    store: Store, rule: RuleSettings, items: Sequence[Item], now: datetime, recipes: tuple[Recipe, ...] = ()
) -> Iterator[tuple[list[Item], Message | DamagedStore | None]]:
    """The messages for rows of one rule, each with its rows; None where by now there is nothing to tell, the error
    where what is to be told cannot be read.

    One a row, or one for all where the rule gathers. The rows say which changes the message tells as disclosed.
    """
    for group in [list(items)] if rule.digest else [[item] for item in items]:
        read, told = [], []
        for item in group:
            try:
                part = _part(store, rule, item, recipes)
            except DamagedStore as error:
                yield [item], error
                continue
            read.append(_as_known(store, item))
            told += [(item, part)] if part else []
        if read:
            made = identity(*(_told_as(item, part) for item, part in told))
            yield read, Message(made, rule.name, now, tuple(part for _, part in told)) if told else None


def _told_as(item: Item, part: Part) -> str:
    """What makes the id of a message: the same whenever it is tried, another where it corrects an earlier try."""
    kind = part.object["kind"]
    return item.key if kind == item.body["kind"] else f"{kind} {item.key}"


def sample(rule: RuleSettings, now: datetime) -> Message:
    """A message that says only that messages arrive."""
    line = f"This is a test: what the rule {rule.name!r} of tracker.toml wants to know arrives here."
    return Message(identity("test", rule.name, now.isoformat()), rule.name, now, (_line_part(line, {"kind": "test"}),))


def _as_known(store: Store, item: Item) -> Item:
    """The row with what it tells by now: of which changes a notice speaks, for nobody need be told of those once more,
    and which are called silent, for that may turn out to be wrong."""
    if item.body["kind"] == "event":
        return item
    rows = _changes(store, item)
    disclosed = [row.change for row in rows if row.delay is not None]
    silent = [row.change for row in rows if is_unmentioned(row)]
    return replace(item, body={**item.body, "disclosed": disclosed, "silent": silent})


def _changes(store: Store, item: Item) -> list[ChangeRow]:
    return store.reports.changes(ChangeQuery(branch=item.body["branch"], after=item.body["after"]))


def _part(store: Store, rule: RuleSettings, item: Item, recipes: tuple[Recipe, ...]) -> Part | None:
    if item.body["kind"] == "event":
        return _line_part(item.body["line"], {"kind": "event", "article": item.body["branch"]})
    try:
        report = edit_report(store, item.body["branch"], item.body["after"], recipes)
    except NotFound:  # the article was deleted since
        return None
    kind = _kind(rule, item, _changes(store, item))
    return _report_part(report, rule, kind) if report and kind else None


def _kind(rule: RuleSettings, item: Item, rows: Sequence[ChangeRow]) -> str | None:
    """As what an edit is told. A try in vain may have arrived all the same: what it told wrongly is corrected. What was
    silent may have been disclosed before anybody was told; then nobody is accused of silence."""
    kind: str = item.body["kind"]
    if kind != "edit":
        return kind
    if item.tries and (news := known_better(item.body, rows)):
        return next(iter(news))
    return kind if any(wants(rule.wanted, row) for row in rows) else None


def _report_part(report: Report, rule: RuleSettings, kind: str) -> Part:
    before, intro = _HINDSIGHT.get(kind, ("", ""))
    title = f"{before}{title_line(report)}"
    text = render(report, "terminal", width=_WIDTH, tz=rule.tz)
    html = passages(report, Options(tz=rule.tz))
    link = visible(report.article.url) if report.article.url else None
    return Part(title, intro, text, html, {"kind": kind, "report": report_object(report)}, link)


def _line_part(line: str, known: dict[str, Any]) -> Part:
    return Part(line, "", visible(line) + "\n", "", known | {"line": line})
