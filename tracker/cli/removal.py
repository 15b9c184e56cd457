"""`tracker prune` and `tracker delete`: what is to be kept no longer."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import json_option, now, opened, store_option, stored_host
from tracker.cli.output import note, say, say_json

if TYPE_CHECKING:
    from tracker.store import Deletion, Prunable, Removed, Store

_AGE = re.compile(r"([1-9]\d{0,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def _age(_context: click.Context, _parameter: click.Parameter, value: str) -> timedelta:
    found = _AGE.fullmatch(value)
    if not found:
        raise click.BadParameter(f"{value!r} is no age; write 90d, 12w, 6m (30 days each) or 2y (365 days each)")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def _words(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("say it in a few words; they are kept")
    return value


@click.command("prune")
@click.argument("article", required=False)
@click.option("--raw-older-than", "age", required=True, callback=_age, metavar="AGE", help="90d, 12w, 6m or 2y.")
@click.option("--decision", required=True, callback=_words, metavar="TEXT", help="Who decided it, or by which rule.")
@click.option("--host", metavar="HOST", help="Only pages of this host.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@store_option
@json_option
def prune_command(
    article: str | None,
    age: timedelta,
    decision: str,
    host: str | None,
    dry_run: bool,
    store_path: Path | None,
    as_json: bool,
) -> None:
    """Remove old pages as they came; texts and seals stay valid.

    Of ARTICLE, of a host, or of all articles. Each page that goes leaves the record of its capture, with its SHA-256,
    the date and the decision. The page of an article's newest snapshot is always kept: a store that writes needs it
    when the next one comes.

    \b
    Examples:
      tracker prune --raw-older-than 2y --decision "retention rule 4" --dry-run
      tracker prune --raw-older-than 90d --host news.example --decision "agreed with the outlet"
      tracker prune news.example/story --raw-older-than 1d --decision "editor's decision of 3 May"
    """
    if article and host:
        raise click.UsageError("name an ARTICLE or a --host, not both")
    store = opened(store_path)
    articles = [store.find(article)] if article else _living(store, host)
    rows: list[Prunable] = []

    def tell(row: Prunable) -> None:
        rows.append(row)
        if as_json:
            say_json({"branch": row.branch, "pages": row.pages, "bytes": row.bytes})
        else:
            say(f"{row.branch}: {_counted(row.pages, row.bytes)}")

    removed = None
    if dry_run:
        for row in store.pruner.plan(map(store.history, articles), now() - age):
            tell(row)
    else:
        removed = store.pruner.prune(map(store.history, articles), now() - age, decision, tell)
    if not as_json:
        say(_pruned(rows, removed))


def _living(store: Store, host: str | None) -> list[str]:
    """The articles that have snapshots. Raises NotFound for a host that has none."""
    from tracker.errors import NotFound

    found = [row.branch for row in store.articles(stored_host(host) if host else None) if row.snapshots]
    if host and not found:
        raise NotFound(f"there is no article of {host}; `tracker list` shows the articles that there are")
    return found


def _counted(pages: int, count: int) -> str:
    from tracker.render.words import plural, size

    return f"{plural(pages, 'page')} of {size(count)}"


def _pruned(rows: list[Prunable], removed: Removed | None) -> str:
    """What a pruning came to, or would."""
    from tracker.render.words import size

    if not rows:
        return "No page is that old, but for those of the newest snapshots, which are kept."
    every = _counted(sum(row.pages for row in rows), sum(row.bytes for row in rows))
    if removed is None:
        return f"Would remove {every}. Nothing was removed: it is a dry run."
    return (
        f"Removed {every}; the store has {size(removed.bytes)} less. Their records, and all texts, stay.\n"
        "Copies elsewhere (remotes, clones, bundles, backups) are out of reach."
    )


@click.command("delete")
@click.argument("article")
@click.option("--reason", required=True, callback=_words, metavar="TEXT", help="Why; it is kept in the tombstone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def delete_command(article: str, reason: str, yes: bool, store_path: Path | None) -> None:
    """Delete ARTICLE for good, as on a legal demand. It cannot be undone.

    Its texts, pages, quarantine and reviews go, and all that is listed or remembered of it; the objects leave the
    repository at once. What stays is a tombstone with the reason, under the name of the article: neither `snap` nor
    `pull` brings it back. Copies elsewhere are out of reach. If it is interrupted, run it again.

    \b
    Example:
      tracker delete news.example/story --reason "court order 3 O 17/26"
    """
    store = opened(store_path)
    branches = store.all_names(article)
    if not yes:
        _ask(store, branches)
    say(_deleted(store.deleter.delete(branches, reason)))


def _ask(store: Store, branches: tuple[str, ...]) -> None:
    """A person says yes, or nothing is done. Raises UsageError where nobody can be asked."""
    from tracker.render.safe import safe
    from tracker.render.words import plural

    if not sys.stdin or not sys.stdin.isatty():
        raise click.UsageError("nobody is here to be asked whether it shall go for good; add --yes")
    row = next((each for each in store.articles() if each.branch in branches), None)
    if row:
        note(safe(f"{row.headline or row.url}: {plural(row.snapshots, 'snapshot')}"))
    for name in branches:
        note(f"  {name}")
    click.confirm("Delete it for good? It cannot be undone", abort=True, err=True)


def _let_go(ref: str) -> str:
    """What makes a ref hold an article no longer; without its HEAD a repository is none."""
    return "git symbolic-ref HEAD refs/heads/_about" if ref == "HEAD" else f"git update-ref -d {ref}"


def _deleted(done: Deletion) -> str:
    """What a deletion came to, and what is out of its reach."""
    from tracker.render.words import plural, size

    lines = [f"Deleted {name}; a tombstone with the reason stays." for name in done.branches]
    lines.append(f"Removed from the store: {plural(done.removed.objects, 'object')}, {size(done.removed.bytes)}.")
    if done.held_by:
        lines += [f"NOT gone: {ref} still holds it; `{_let_go(ref)}`, then run this again." for ref in done.held_by]
    lines.append(
        "Out of reach: copies elsewhere (remotes, clones, bundles, backups) and the hashes that seals hold. "
        "The next `tracker push` replaces the text on the remote by the tombstone."
    )
    return "\n".join(lines)
