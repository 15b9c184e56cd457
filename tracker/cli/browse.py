"""`tracker list`, `log`, `show` and `blame`: what is in the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import configured, iso, json_option, opened, store_option, zone_option
from tracker.cli.output import on_terminal, say, say_bytes, say_json, say_plain, terminal

if TYPE_CHECKING:
    from tracker.render.listing import LogRow
    from tracker.store import Entry

ARTICLE = click.argument("article")


@click.command("list")
@click.option("--host", metavar="HOST", help="Only articles of this host.")
@store_option
@zone_option
@json_option
def list_command(host: str | None, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """List the articles in the store, the newest change first.

    \b
    Examples:
      tracker list
      tracker list --host news.example --json
    """
    from tracker.render.listing import articles
    from tracker.render.options import Options

    rows = opened(store_path).articles(host)
    if not as_json:
        say(articles(rows, Options(tz=tz, **terminal())))
        return
    for row in rows:
        say_json(
            {
                "branch": row.branch,
                "url": row.url,
                "headline": row.headline,
                "snapshots": row.snapshots,
                "first_at": iso(row.first_at),
                "changed_at": iso(row.changed_at),
                "state": row.state,
            }
        )


@click.command("log")
@ARTICLE
@store_option
@zone_option
@json_option
def log_command(article: str, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """List the snapshots and events of ARTICLE, oldest first.

    The @number before a snapshot is a REV for the other commands.

    \b
    Example:
      tracker log news.example/story
    """
    from tracker.render.listing import log
    from tracker.render.options import Options

    store = opened(store_path)
    history = store.history(store.find(article))
    numbers = {entry.revision: number for number, entry in enumerate(history.snapshots, 1)}
    shown = [entry for entry in history.entries if entry.revision in numbers or entry.kind.value != "snapshot"]
    if not as_json:
        title = store.document(history.tip).headline
        rows = [_log_row(entry, numbers.get(entry.revision), title) for entry in shown]
        say(log(rows, Options(tz=tz, **terminal()), title=title or history.branch))
        return
    for entry in shown:
        say_json(
            {
                "revision": entry.revision,
                "kind": entry.kind.value,
                "number": numbers.get(entry.revision),
                "captured_at": iso(entry.captured_at),
                "seen_since": iso(entry.seen_since),
                "subject": entry.subject,
                "url": entry.url,
                "raw_sha256": entry.raw_sha256,
                "modified": entry.modified,
                "lens": str(entry.lens) if entry.lens else None,
            }
        )


def _log_row(entry: Entry, number: int | None, title: str | None) -> LogRow:
    """One line of the log. The headline stands above it all; an entry repeats it only where it was another."""
    from tracker.render.listing import LogRow
    from tracker.store.commits import subject

    return LogRow(
        revision=entry.revision,
        kind=entry.kind.value,
        at=entry.captured_at,
        seen_since=entry.seen_since if number and number > 1 else None,
        subject=entry.subject.removeprefix(subject(title, "")),
        number=number,
    )


@click.command("show")
@ARTICLE
@click.argument("rev", default="latest")
@click.option("--raw", is_flag=True, help="The page as it came, byte for byte (a terminal shows it without controls).")
@store_option
def show_command(article: str, rev: str, raw: bool, store_path: Path | None) -> None:
    """Print one snapshot of ARTICLE: its text as the store keeps it.

    With --raw, the page itself. REV is latest unless said.

    \b
    Examples:
      tracker show news.example/story @2
      tracker show news.example/story first --raw > page.html
    """
    from tracker.errors import NotFound
    from tracker.text.codec import write_article
    from tracker.text.decode import decode

    store = opened(store_path)
    history = store.history(store.find(article))
    entry = history.resolve(rev)
    if not raw:
        say_plain(write_article(store.snapshot(history.branch, entry).document))
        return
    capture = store.raw(history.branch, entry)
    if capture is None:
        raise NotFound(
            f"the page of {entry.revision[:10]} is not in this store (pruned, or a clone of the texts alone); "
            "without --raw you see its text"
        )
    if on_terminal():
        say_plain(decode(capture.body, capture.header("content-type")).text)
    else:
        say_bytes(capture.body)


@click.command("blame")
@ARTICLE
@click.argument("rev", default="latest")
@store_option
@zone_option
@json_option
def blame_command(article: str, rev: str, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """Say since when each sentence of ARTICLE stands.

    A moved sentence keeps its age; one that came back is new. REV is latest unless said.

    \b
    Examples:
      tracker blame news.example/story
      tracker blame news.example/story 2015-05-31
    """
    from tracker.pipeline import blame_lines
    from tracker.render.listing import BlameRow, blame
    from tracker.render.options import Options

    store = opened(store_path)
    history = store.history(store.find(article))
    lines = blame_lines(store, history, history.resolve(rev), configured(store_path).recipes)
    if not as_json:
        rows = [BlameRow(line.text, entry.revision, entry.captured_at, line.kind, line.block) for line, entry in lines]
        say(blame(rows, Options(tz=tz, **terminal())))
        return
    for line, entry in lines:
        found = {"text": line.text, "kind": line.kind.value, "block": line.block, "revision": entry.revision}
        say_json(found | {"seen_since": iso(entry.seen_since), "captured_at": iso(entry.captured_at)})
