"""`tracker list`, `log`, `show` and `blame`: what is in the store."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.common import configured, iso, json_option, opened, store_option, stored_host, zone_option
from tracker.cli.output import on_terminal, progress, say, say_bytes, say_json, say_plain, terminal

if TYPE_CHECKING:
    from tracker.model import Outline
    from tracker.render.listing import LogRow
    from tracker.render.options import Options
    from tracker.store import Entry, Missed, Store

ARTICLE = click.argument("article")


@click.command("list")
@click.option("--host", metavar="HOST", help="Only articles of this host.")
@click.option("--search", "words", metavar="WORDS", help="Only where all these words have stood in one of the texts.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@store_option
@zone_option
@json_option
def list_command(
    host: str | None, words: str | None, limit: int | None, store_path: Path | None, tz: str | None, as_json: bool
) -> None:
    """List the articles in the store, the newest change first.

    --search looks through the text of every snapshot, also of those that have been changed since, and says from when
    to when the words stood there. `tracker changes --search` looks through the changes.

    \b
    Examples:
      tracker list
      tracker list --host news.example --json
      tracker list --search "denied wrongdoing"
    """
    from tracker.pipeline.objects import article_object
    from tracker.render.listing import articles
    from tracker.render.options import Options
    from tracker.store import ArticleQuery

    store = opened(store_path)
    of_host = stored_host(host) if host else None
    if words is not None:
        _search(store, words, of_host, limit, Options(tz=tz, **terminal()), as_json=as_json)
        return
    rows = store.articles_like(ArticleQuery(host=of_host, limit=limit))
    if not as_json:
        say(articles(rows, Options(tz=tz, **terminal())))
        return
    for row in rows:
        say_json(article_object(row))


def _search(store: Store, words: str, host: str | None, limit: int | None, options: Options, *, as_json: bool) -> None:
    """The articles that held some words, as they are found."""
    from tracker.pipeline import search
    from tracker.render.listing import held

    found = islice(search(store, words, host, progress("Taking in texts")), limit)
    if not as_json:
        say(held(list(found), options))
        return
    for each in found:
        times = {"since": iso(each.since), "seen_since": iso(each.seen_since), "until": iso(each.until)}
        say_json({"branch": each.branch, "url": each.url, "headline": each.headline, "sentence": each.sentence} | times)


@click.command("log")
@ARTICLE
@store_option
@zone_option
@json_option
def log_command(article: str, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """List the snapshots and events of ARTICLE, oldest first.

    The @number before a snapshot is a REV for the other commands. A gap stands where checks were missed.

    \b
    Example:
      tracker log news.example/story
    """
    from tracker.pipeline import outlines
    from tracker.pipeline.objects import entry_object
    from tracker.render.listing import log
    from tracker.render.options import Options

    store = opened(store_path)
    history = store.history(store.find(article))
    found = outlines(store, history, configured(store_path).recipes)
    numbers = {entry.revision: number for number, entry in enumerate(history.snapshots, 1)}
    gaps = store.state.gaps(history.branch)
    shown = [entry for entry in history.entries if entry.revision in numbers or entry.kind.value != "snapshot"]
    if not as_json:
        title = store.document(history.tip).headline
        rows = [_log_row(entry, numbers.get(entry.revision), found.get(entry.revision)) for entry in shown]
        rows += map(_gap_row, gaps)
        rows.sort(key=lambda row: row.at)
        say(log(rows, Options(tz=tz, **terminal()), title=title or history.branch))
        return
    objects = [
        (each.captured_at, entry_object(each, numbers.get(each.revision), found.get(each.revision))) for each in shown
    ]
    objects += [(gap.until, _gap_object(gap)) for gap in gaps]
    for _, line in sorted(objects, key=itemgetter(0)):
        say_json(line)


def _gap_object(gap: Missed) -> dict[str, Any]:
    """Checks that were missed, as a line of `log --json`."""
    times = {"captured_at": iso(gap.until), "seen_since": iso(gap.since)}
    return {"revision": None, "kind": "gap"} | times | {"missed": gap.missed, "event": gap.why}


def _gap_row(gap: Missed) -> LogRow:
    from tracker.render.listing import LogRow
    from tracker.render.words import plural

    what = f"{plural(gap.missed, 'check')} missed: {gap.why}"
    return LogRow(revision="", kind="gap", at=gap.until, seen_since=gap.since, what=what)


def _log_row(entry: Entry, number: int | None, outline: Outline | None) -> LogRow:
    """One entry of the log: for a snapshot what the report says of it, whatever the order in which it came."""
    from tracker.render.listing import LogRow
    from tracker.render.summary import outline_line

    what = outline_line(outline) if outline else entry.what
    return LogRow(
        revision=entry.revision,
        kind=entry.kind.value,
        at=entry.captured_at,
        seen_since=entry.seen_since if number and number > 1 else None,
        what="first snapshot" if number == 1 else what,
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
        raise NotFound(f"the page of {entry.revision[:10]} {why_gone(store, history.branch, entry)}")
    if on_terminal():
        say_plain(decode(capture.body, capture.header("content-type")).text)
    else:
        say_bytes(capture.body)


def why_gone(store: Store, branch: str, entry: Entry) -> str:
    """Why a store has no page for a snapshot, and what there is."""
    if pruned := store.pruned(branch, entry):
        return f"was removed on {pruned.at:%Y-%m-%d} ({pruned.decision}); its SHA-256 was {entry.raw_sha256}"
    return "is not in this store, as in a clone of the texts alone; without --raw you see its text"


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
