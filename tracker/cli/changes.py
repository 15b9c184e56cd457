"""`tracker changes`: the changes of all articles, from the index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.common import configured, iso, json_option, moment, opened, store_option, zone_option
from tracker.cli.output import progress, say, say_json, terminal


@click.command("changes")
@click.option("--label", metavar="LABEL", help="Only with this label: number-changed, denial-added ...")
@click.option(
    "--silent", is_flag=True, help="Only what no notice mentions, of medium and high severity, and notices taken down."
)
@click.option("--since", callback=moment, metavar="TIME", help="Only what was captured at or after this time.")
@click.option("--host", metavar="HOST", help="Only articles of this host.")
@click.option("--search", metavar="WORDS", help="Only where all these words stand in the old or the new text.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@store_option
@zone_option
@json_option
def changes_command(
    label: str | None,
    silent: bool,
    since: datetime | None,
    host: str | None,
    search: str | None,
    limit: int | None,
    store_path: Path | None,
    tz: str | None,
    as_json: bool,
) -> None:
    """List the changes of all articles, the newest first.

    Cosmetic ones (quotation marks, spaces, paragraph breaks) are left out.

    \b
    Examples:
      tracker changes --silent --since 2026-01-01
      tracker changes --label denial-added --json
      tracker changes --search "killed wounded" --host news.example
    """
    from tracker.model import Disclosure, Label, Severity
    from tracker.pipeline import refresh_reports
    from tracker.render.listing import changes
    from tracker.render.options import Options
    from tracker.store import ChangeQuery
    from tracker.text.urls import host_name

    if label and label not in set(Label):
        near = [each.value for each in Label if label.lower() in each.value]
        which = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(Label)}"
        raise click.UsageError(f"no such label {label!r}; {which}")
    store = opened(store_path)
    refresh_reports(store, configured(store_path).recipes, progress("Comparing"))
    least = Severity.MEDIUM if silent else Severity.LOW
    wanted = ChangeQuery(
        label=label,
        disclosure=Disclosure.SILENT.value if silent else None,
        withdrawn=silent,
        never=silent,
        severities=tuple(severity.value for severity in Severity if severity.rank >= least.rank),
        since=since,
        host=host_name(f"https://{host}") if host else None,
        search=search,
        limit=limit,
    )
    rows = store.reports.changes(wanted)
    if not as_json:
        headlines = {row.branch: row.headline for row in store.articles(host)}
        say(changes(rows, Options(tz=tz, **terminal()), headlines))
        return
    for row in rows:
        say_json(
            {
                "branch": row.branch,
                "before": row.before,
                "after": row.after,
                "id": row.change,
                "seen_since": iso(row.seen_since),
                "captured_at": iso(row.captured_at),
                "field": row.field,
                "op": row.op,
                "labels": list(row.labels),
                "severity": row.severity,
                "disclosure": row.disclosure,
                "disclosed_after_seconds": row.delay,
                "old": row.old,
                "new": row.new,
                "sentence": row.sentence,
            }
        )
