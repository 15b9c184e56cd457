"""`tracker memory`: what was learned about a host's furniture, and a person's word against it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import iso, json_option, now, opened, store_option, stored_host, zone_option
from tracker.cli.output import say, say_json, terminal

if TYPE_CHECKING:
    from tracker.store import Learned, Store

_KEY_LEAST = 4  # digits of an id that are enough, if only one block has them


@click.command("memory")
@click.argument("host")
@click.option("--forget", metavar="ID|TEXT", help="Take one block out for good, by its id or how its text begins.")
@store_option
@zone_option
@json_option
def memory_command(host: str, forget: str | None, store_path: Path | None, tz: str | None, as_json: bool) -> None:
    """List what was learned about a site's furniture.

    A block that stands in three articles of HOST that have nothing to do with each other is left out of their texts,
    and kept with each page in its capture.json. One that is text after all is taken out with --forget.

    \b
    Examples:
      tracker memory news.example
      tracker memory news.example --forget 3f9a
      tracker memory news.example --forget "Our evening"
    """
    from tracker.render.listing import memory
    from tracker.render.options import Options

    store = opened(store_path)
    name = _host(store, host)
    rows = store.memory.learned(name)
    if forget is not None:
        _forget(store, name, _found(rows, name, forget), as_json=as_json)
        return
    if not as_json:
        say(memory(rows, name, Options(tz=tz, **terminal())))
        return
    for row in rows:
        say_json(_as_object(row))


def _host(store: Store, host: str) -> str:
    """The host as the store names it. Raises NotFound for one that it knows nothing of."""
    from tracker.errors import NotFound

    name = stored_host(host)
    if not (store.memory.knows(name) or store.articles(name)):
        raise NotFound(f"nothing is known of {host}; `tracker list` shows the articles that there are")
    return name


def _found(rows: Sequence[Learned], host: str, said: str) -> Learned:
    """The one block that an id or the start of its text names."""
    from tracker.errors import NotFound, UsageError

    start = " ".join(said.split()).casefold()
    known = [row for row in rows if not row.corrected]
    found = [row for row in known if len(start) >= _KEY_LEAST and row.key.startswith(start)]
    found = found or [row for row in known if start and row.text.casefold().startswith(start)]
    if not found:
        raise NotFound(f"no block of {host} has the id or begins with {said!r}; `tracker memory {host}` lists them")
    if len(found) > 1:
        named = ", ".join(row.key for row in found[:5])
        raise UsageError(f"{said!r} names {len(found)} blocks: {named}; give more of it")
    return found[0]


def _forget(store: Store, host: str, row: Learned, *, as_json: bool) -> None:
    from dataclasses import replace

    from tracker.render.safe import safe

    at = now()
    store.memory.forget(host, row.key, row.text, at)
    store.copy_state()
    if as_json:
        say_json(_as_object(replace(row, corrected=True, since=at, articles=0)))
        return
    say(
        f"forgotten  {row.key}  {safe(row.text[:80])}\n"
        f"It is text on {host} from now on and will not be learned again.\n"
        "Stored texts stay as they are; an article in which it was left out is read\n"
        "again, with it, before its next change is stored."
    )


def _as_object(row: Learned) -> dict[str, object]:
    """The line of `memory --json`."""
    return {
        "host": row.host,
        "id": row.key,
        "text": row.text,
        "since": iso(row.since),
        "articles": row.articles,
        "corrected": row.corrected,
    }
