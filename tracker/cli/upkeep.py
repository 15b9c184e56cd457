"""`tracker gc` and `tracker backup`: keep the store small and quick, and keep it twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import json_option, opened, store_option
from tracker.cli.output import progress, say, say_json

if TYPE_CHECKING:
    from tracker.store import Holdings, Upkeep


@click.command("gc")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="Only say what it would save.")
@click.option("--all", "every", is_flag=True, help="Pack everything anew, as small as it gets; takes its time.")
@click.option("--if-due", is_flag=True, help="Do nothing while there is little to gain, and then only what is quick.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing.")
@store_option
@json_option
def gc_command(dry: bool, every: bool, if_due: bool, quiet: bool, store_path: Path | None, as_json: bool) -> None:
    """Pack the store into a tenth of the room or less.

    Versions of an article are laid side by side, texts and pages apart. Whoever writes or reads meanwhile is not
    disturbed, and nothing is lost if it is stopped. What nothing has named for 14 days is removed.

    \b
    Examples:
      tracker gc --dry-run
      tracker gc
      tracker gc --all        pack everything anew
      tracker gc --if-due -q  for a nightly job
    """
    store = opened(store_path)
    if if_due and not store.holdings().due:
        return
    done = store.maintain(every=every, quick=if_due, dry=dry, progress=progress("Packing"))
    if as_json:
        say_json({"dry_run": dry, "before": _as_object(done.before), "after": _as_object(done.after)} | _counts(done))
    elif not quiet:
        say(_told(done, dry=dry))


def _as_object(found: Holdings) -> dict[str, int]:
    return {
        "loose_objects": found.loose_objects,
        "loose_bytes": found.loose_bytes,
        "packs": found.packs,
        "pack_bytes": found.pack_bytes,
        "loose_refs": found.loose_refs,
    }


def _counts(done: Upkeep) -> dict[str, int]:
    return {"packed": done.packed, "removed": done.removed}


def _told(done: Upkeep, *, dry: bool) -> str:
    """What was done, or would be, in words."""
    from tracker.render.words import plural, size

    if not (done.packed or done.removed or done.before != done.after):
        return "There is nothing to pack."
    before, after = done.before, done.after
    sizes = f"{size(before.bytes)} before, {size(after.bytes)} {'then' if dry else 'now'}"
    made_of = f"{plural(after.packs, 'pack')}, {plural(after.loose_objects, 'loose object')}"
    lines = [
        f"{'Would pack' if dry else 'Packed'} {plural(done.packed, 'object')}.",
        f"On the disk: {sizes} ({made_of}).",
    ]
    if done.removed:
        gone = plural(done.removed, "object")
        lines.append(f"{'Would remove' if dry else 'Removed'} {gone} that nothing has named for 14 days.")
    return "\n".join(lines)


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on success.")
@store_option
def backup_command(folder: Path, quiet: bool, store_path: Path | None) -> None:
    """Copy the store into DIR, also while it is in use.

    Run again, it sends what is new; stopped at any moment, it goes on next time, and what DIR holds is whole. DIR is a
    store: to restore, put it in the store's place. What was deleted or pruned in the store goes from DIR as well. A
    DIR that holds what the store lacks is never written over.

    \b
    Examples:
      tracker backup /mnt/backup/news
      tracker backup -q /mnt/backup/news         from cron
    """
    from tracker.render.words import plural

    done = opened(store_path).backup.write(folder)
    if not quiet:
        moved = f"{done.moved} of its {plural(done.refs, 'ref')} moved" if done.moved else "nothing was new"
        say(f"{folder} holds the store as it is now: {plural(done.objects, 'object')} sent, {moved}.")
