"""`tracker notify`: sends what waits to be told, tries a rule out, shows what waits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import configured, iso, json_option, now, opened, store_option
from tracker.cli.output import note, say, say_json

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.watch.notify import Item


@click.command("notify")
@click.option("--test", "tested", metavar="RULE", help="Send one message by this rule that says only that it arrives.")
@click.option("--waiting", is_flag=True, help="Send nothing; list what waits to be sent, and why it still does.")
@store_option
@json_option
def notify_command(tested: str | None, waiting: bool, store_path: Path | None, as_json: bool) -> None:
    """Tell people of what is new, as tracker.toml says.

    Messages go out by the rules under [notify], and the feeds are written. `run` and `watch` do the same after each
    pass. What a receiver does not take is kept, and tried again.

    \b
    Examples:
      tracker notify --test desk      does the mail arrive?
      tracker notify                  send now what is due
      tracker notify --waiting        what could not be sent yet

    Ends with 0, or with 9 where a receiver did not take what it was sent.
    """
    from tracker.watch.notify import Outbox, try_out

    if tested and waiting:
        raise click.UsageError("--test sends and --waiting lists; choose one")
    if as_json and not waiting:
        raise click.UsageError("--json is for --waiting")
    config = configured(store_path)
    if tested:
        rule = try_out(config.notify, tested, now())
        say(f"sent  {rule.name}  {rule.to}")
        return
    if not waiting:
        _send(config, store_path)
        return
    for item in Outbox(opened(store_path).state.run).waiting():
        if as_json:
            say_json(_object(item))
        else:
            say(_line(item))


def _send(config: Config, store_path: Path | None) -> None:
    from tracker.errors import NotifyError
    from tracker.watch.notify import tell

    if not (config.notify.rules or config.notify.feeds):
        raise click.UsageError("tracker.toml names nobody to tell; write a [[notify.rule]] (docs/notifications.md)")
    done = tell(opened(store_path), config.notify, (), now(), config.recipes)
    if done.elsewhere:
        note("another process is sending just now")
    elif done.taken or not done.failures:
        note(f"{done.taken} sent" if done.taken else "nothing to send")
    if done.failures:
        raise NotifyError("; ".join(done.failures))


def _object(item: Item) -> dict[str, object]:
    return {
        "rule": item.channel,
        "kind": item.body["kind"],
        "branch": item.body["branch"],
        "since": iso(item.made),
        "due": iso(item.due),
        "tries": item.tries,
        "error": item.said or None,
    }


def _line(item: Item) -> str:
    from tracker.render.safe import safe
    from tracker.render.times import Clock

    what = item.body.get("line") or f"{item.body['kind']} of {item.body['branch']}"
    tries = "1 try" if item.tries == 1 else f"{item.tries} tries"
    behind = f"after {tries}" if item.tries else "behind another"
    why = f"  {behind}: {item.said}" if item.said else ""
    return safe(f"{item.channel}  {what}  due {Clock().moment(item.due)}{why}")
