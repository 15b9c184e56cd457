"""`tracker quarantine` and `tracker doctor`: what needs a person's eye."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.common import configured, iso, json_option, opened, store_option, zone_option
from tracker.cli.output import progress, say, say_json, terminal


@click.group("quarantine")
def quarantine_command() -> None:
    """List, accept or reject pages that did not look right.

    A wall, an error page or a sudden loss of text is kept apart, and never compared with.

    \b
    Examples:
      tracker quarantine list
      tracker quarantine accept news.example/story    it is the article: store it
      tracker quarantine reject news.example/story    it is not: drop it
    """


@quarantine_command.command("list")
@store_option
@zone_option
@json_option
def quarantine_list(store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """List the pages held back, and why.

    \b
    Example:
      tracker quarantine list
    """
    from tracker.render.listing import quarantine
    from tracker.render.options import Options

    rows = opened(store_path).quarantined()
    if not as_json:
        say(quarantine(rows, Options(tz=tz, **terminal())))
        return
    for row in rows:
        times = {"first_at": iso(row.first_at), "newest_at": iso(row.newest_at)}
        say_json({"branch": row.branch, "url": row.url, "reason": row.reason, "checks": row.count} | times)


@quarantine_command.command("accept")
@click.argument("article")
@store_option
def quarantine_accept(article: str, store_path: Path | None) -> None:
    """Store the newest page held back for ARTICLE.

    \b
    Example:
      tracker quarantine accept news.example/story
    """
    from tracker.errors import NoArticle
    from tracker.pipeline import Terms, keep
    from tracker.render.listing import check as shown
    from tracker.render.options import Options

    store = opened(store_path)
    capture = store.quarantine_release(article)
    check = keep(store, capture, Terms(configured(store_path).recipes, accepted=True, dated=True))
    if check.snapshot is None:
        raise NoArticle(f"{article}: {check.error}")
    store.quarantine_drop(article)
    store.copy_state()
    say(shown(check, article, Options(**terminal())))


@quarantine_command.command("reject")
@click.argument("article")
@store_option
def quarantine_reject(article: str, store_path: Path | None) -> None:
    """Drop the pages held back for ARTICLE.

    \b
    Example:
      tracker quarantine reject news.example/story
    """
    store = opened(store_path)
    row = store.quarantine_find(article)
    store.quarantine_drop(row.branch)
    store.copy_state()
    say(f"rejected  {row.branch}")


@click.command("doctor")
@click.option("--reindex", is_flag=True, help="Rebuild index.sqlite from git.")
@click.option("--mend", is_flag=True, help="Put right what can be, also settings and locks that are not ours.")
@click.option("--restore-state", "restore", is_flag=True, help="Read a lost state.sqlite back from its copy.")
@click.option("--fsck", is_flag=True, help="Also read every object, which takes minutes in a big store.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing where all is well.")
@store_option
@json_option
def doctor_command(
    reindex: bool, mend: bool, restore: bool, fsck: bool, quiet: bool, store_path: Path | None, as_json: bool
) -> None:
    """Check the store, and the disk and clock that it stands on.

    Looks at settings, locks, texts, pages, index and state. Says what is wrong and what to do about it, and what the
    store holds. Ends with 7 while something is wrong; what can wait is no wrong.

    \b
    Examples:
      tracker doctor
      tracker doctor --reindex
      tracker doctor --mend --fsck
      tracker doctor --restore-state
    """
    from tracker.errors import StoreError
    from tracker.render.listing import ailments
    from tracker.render.options import Options
    from tracker.store import examine

    path = configured(store_path).store
    if restore:
        _restore(store_path, as_json=as_json)
    found = examine(path, mend=mend, fsck=fsck)
    if as_json:
        for one in found:
            say_json({"what": one.what, "remedy": one.remedy, "mended": one.mended, "minor": one.minor})
    elif found or not quiet:
        say(ailments(found, Options(**terminal())))
    if reindex:
        summary = opened(store_path).reindex(progress("Making the index"))
        if not (quiet or as_json):
            say(f"The index was made anew: {summary.articles} articles.")
    if not (quiet or as_json):
        _overview(path)
    if ill := sum(not (one.mended or one.minor) for one in found):
        raise StoreError(f"{path}: {ill} of these are not mended; do what stands there, then run this again")


def _overview(path: Path) -> None:
    """What a store holds and how large it is; nothing where it cannot be opened yet."""
    from tracker.errors import StoreError
    from tracker.render.words import plural, size
    from tracker.store import overview

    try:
        found = overview(path)
    except StoreError:
        return
    beside = [f"{found.pruned:,} without their page, by decision"] if found.pruned else []
    beside += [f"{plural(found.deleted, 'article')} deleted"] if found.deleted else []
    beside += [f"{plural(found.held_back, 'page')} held back"] if found.held_back else []
    counts = [plural(found.articles, "article"), plural(found.snapshots, "snapshot"), *beside]
    kept = f"{plural(found.holdings.packs, 'pack')} and {plural(found.holdings.loose_objects, 'loose object')}"
    sizes = f"databases {size(found.databases_bytes)}; {size(found.free_bytes)} free on the disk"
    say(f"{', '.join(counts)}; git {found.git}\n{size(found.holdings.bytes)} in {kept}, {sizes}")


def _restore(store_path: Path | None, *, as_json: bool) -> None:
    """Read state.sqlite back from its copy, and say what came back and what did not."""
    from tracker.render.words import plural

    found = opened(store_path).restore_state()
    if as_json:
        return
    parts = (
        f"the last checks of {plural(found.articles, 'article')}",
        plural(found.blocked, "run") + " of blocked pages",
        plural(found.furniture, "learned block"),
        plural(found.corrections, "correction"),
        plural(found.watched, "watched page"),
    )
    say(f"Restored: {', '.join(parts)}.\nLost: the single checks before those, and what was seen in single articles.")
