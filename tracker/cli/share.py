"""`tracker clone`, `push` and `pull`: a store on several machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.common import configured, json_option, opened, store_option
from tracker.cli.output import note, say, say_json, stages

if TYPE_CHECKING:
    from tracker.store import Pulled, Pushed, Remote, Store

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing on success.")


@click.command("clone")
@click.argument("url", metavar="URL")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--text", "texts_only", is_flag=True, help="The texts without the pages: small, and only to be read.")
@json_option
@quiet_option
def clone_command(url: str, folder: Path | None, texts_only: bool, as_json: bool, quiet: bool) -> None:
    """Make a store here that holds what another one holds.

    URL is a path, or an address with file://, git://, ssh:// or https://; DIR is named after it unless it is given.
    The address becomes the remote `origin` of the new store.

    \b
    Examples:
      tracker clone ssh://desk.example/srv/news.git
      tracker clone /mnt/backup/news archive
      tracker clone --text https://git.example/news.git
    """
    from tracker.pipeline import pull
    from tracker.store import address, cloning

    at = address(url, _here())
    target = folder or Path(_name(at.url))
    with cloning(target, at, texts_only=texts_only) as (store, remote):
        done = pull(store, remote, stage=stages())
        _tell_left_out(done.left_out)
    if as_json:
        say_json({"store": str(target), **_pulled(remote, done)})
    elif not quiet:
        from tracker.render.words import plural

        found = plural(len(done.articles), "article")
        say(f"Cloned {found} into {target}" + (", texts only: it can be read, not written." if texts_only else "."))


@click.command("push")
@click.argument("remote", required=False, metavar="[REMOTE]")
@store_option
@json_option
@quiet_option
def push_command(remote: str | None, store_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Send what another repository lacks.

    REMOTE is a git remote of the store (git -C STORE/articles.git remote add desk URL), a path or an address; `origin`
    unless it is given. What other machines have sent there meanwhile is pulled first and joined, never overwritten.

    \b
    Examples:
      tracker push
      tracker push ssh://desk.example/srv/news.git
      tracker push desk
    """
    from tracker.errors import SomeFailed
    from tracker.pipeline import push

    store = opened(store_path)
    there = store.sharing.remote(remote, _here())
    _warn_of_strangers(store, there)
    done = push(store, there, configured(store_path).recipes, stages())
    _tell_left_out(done.left_out)
    if done.head:
        note(f"So that a clone shows how to read the store, run once in that repository: {done.head}")
    if as_json:
        counts = {"reviews": done.reviews, "seals": done.seals}
        lists = {"articles": done.articles, "joined": done.joined, "deleted": done.deleted}
        say_json({"remote": there.called, **{name: sorted(each) for name, each in lists.items()}, **counts})
    elif not quiet:
        say(_sent(there, done))
    if done.refused:
        _tell_left_out([f"not sent: {name}: {why}" for name, why in sorted(done.refused.items())])
        raise SomeFailed(f"{len(done.refused)} were not sent to {there.called}; nothing of them is lost here")


@click.command("pull")
@click.argument("remote", required=False, metavar="[REMOTE]")
@store_option
@json_option
@quiet_option
def pull_command(remote: str | None, store_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Take what another store has and this one lacks.

    REMOTE is a git remote of the store, a path or an address; `origin` unless it is given. Captures of one article
    that were made on several machines become one history, in the order of time; nothing is lost or rewritten.

    \b
    Examples:
      tracker pull
      tracker pull /mnt/laptop/snapshots
    """
    from tracker.pipeline import pull

    store = opened(store_path)
    there = store.sharing.remote(remote, _here())
    done = pull(store, there, configured(store_path).recipes, stages())
    _tell_left_out(done.left_out)
    if as_json:
        say_json(_pulled(there, done))
    elif not quiet:
        say(_taken(there, done))


def _here() -> Path:
    return Path.cwd()


def _name(url: str) -> str:
    """The folder for a clone: the last part of the address that says something."""
    parts = [part.removesuffix(".git") for part in url.replace(":", "/").split("/")]
    return next((part for part in reversed(parts) if part not in {"", "articles"}), "store")


def _warn_of_strangers(store: Store, there: Remote) -> None:
    """Once a remote: whole articles are about to go where strangers may read them."""
    if there.push.public and store.state.first_time(f"public {there.push.url}"):
        note(
            f"{there.push.shown} is not on this machine or a private network. What is sent there are whole articles "
            "and pages, whose rights are mostly others': make sure that only those can read it who may. (Said once.)"
        )


def _tell_left_out(lines: Sequence[str]) -> None:
    from tracker.cli import complain

    for line in lines:
        complain(line)


def _pulled(there: Remote, done: Pulled) -> dict[str, Any]:
    from tracker.store import Fate

    fates = [fate for fate in Fate if fate is not Fate.NOTHING]
    counts = {"reviews": done.reviews, "seals": done.seals}
    return {"remote": there.called, **{fate.value: done.of(fate) for fate in fates}, **counts}


def _taken(there: Remote, done: Pulled) -> str:
    from tracker.render.words import plural
    from tracker.store import Fate

    parts = [
        plural(len(done.of(Fate.NEW)), "new article") if done.of(Fate.NEW) else "",
        f"{plural(len(done.of(Fate.UPDATED)), 'article')} went on" if done.of(Fate.UPDATED) else "",
        f"{plural(len(done.of(Fate.JOINED)), 'article')} joined with what was here" if done.of(Fate.JOINED) else "",
        f"{plural(len(done.of(Fate.DELETED)), 'article')} deleted, as there" if done.of(Fate.DELETED) else "",
        *_others(done.seals, done.reviews),
    ]
    said = ", ".join(filter(None, parts))
    return f"From {there.called}: {said}." if said else f"Nothing new at {there.called}."


def _sent(there: Remote, done: Pushed) -> str:
    from tracker.render.words import plural

    joins = f"{plural(len(done.articles), 'article')}" + (
        f" ({len(done.joined)} joined with what was there)" if done.joined else ""
    )
    parts = [
        joins if done.articles else "",
        plural(len(done.deleted), "deletion") if done.deleted else "",
        *_others(done.seals, done.reviews),
    ]
    said = ", ".join(filter(None, parts))
    return f"Sent to {there.called}: {said}." if said else f"Nothing to send: {there.called} has all of it."


def _others(seals: int, reviews: int) -> list[str]:
    from tracker.render.words import plural

    return [plural(count, word) for count, word in ((seals, "seal"), (reviews, "review")) if count]
