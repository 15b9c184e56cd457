"""Tells people: hands the messages that are due to whoever sends them, and tries again what could not be sent.

`gather` finds what the rules of tracker.toml want to know and puts it into the `outbox`; `messages` says it in words
when it is sent, as things stand by then. A notifier is a plain function `(Message, Target) -> None` in NOTIFIERS, by
the scheme of the address; it raises NotifyError where the receiver did not take the message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.config import NotifySettings, RuleSettings
from tracker.config.notify import read_secret
from tracker.errors import ConfigError, DamagedStore, NotFound, NotifyError, TrackerError
from tracker.normalize.recipes import Recipe
from tracker.store import Store
from tracker.watch.lock import alone
from tracker.watch.notify.feeds import write_feeds
from tracker.watch.notify.gather import Happening, gather, of_happenings
from tracker.watch.notify.mail import send_mail
from tracker.watch.notify.messages import Message, Target, messages, sample
from tracker.watch.notify.outbox import Item, Outbox, put_down
from tracker.watch.notify.relay import send_apprise
from tracker.watch.notify.rules import RETRIES, again, is_quiet
from tracker.watch.notify.webhook import send_webhook

__all__ = ["NOTIFIERS", "Delivery", "Happening", "Item", "Outbox", "deliver", "gather", "put_events", "tell", "try_out"]

FILE = "notify.lock"
NOTIFIERS: dict[str, Callable[[Message, Target], None]] = {
    "mailto": send_mail,
    "http": send_webhook,
    "https": send_webhook,
    "apprise": send_apprise,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one round: messages taken, and a line for each rule whose receiver did not take one, and for each
    feed that could not be written. `elsewhere`: nothing was sent, for another process was sending."""

    taken: int
    failures: tuple[str, ...]
    elsewhere: bool = False


def tell(
    store: Store,
    settings: NotifySettings,
    happenings: Sequence[Happening],
    now: datetime,
    recipes: tuple[Recipe, ...] = (),
) -> Delivery:
    """Put down what is new, bring the feeds up to date, and send what is due: what each pass does at its end."""
    gather(store, settings.rules, happenings, now, recipes)
    unwritten = write_feeds(store, settings.feeds, recipes)  # which wait for no receiver
    with alone(store.path, FILE) as other:  # what two send at the same time would be told twice
        done = deliver(store, settings, now, recipes) if other is None else Delivery(0, (), elsewhere=True)
    return replace(done, failures=(*done.failures, *unwritten))


def put_events(
    db: sqlite3.Connection, settings: NotifySettings, happenings: Sequence[Happening], now: datetime
) -> None:
    """Put down what happened in the transaction that learned of it: then it is told whatever dies after."""
    for rule in settings.rules:
        put_down(db, of_happenings(rule, happenings, now), now)


def deliver(store: Store, settings: NotifySettings, now: datetime, recipes: tuple[Recipe, ...] = ()) -> Delivery:
    """Send what is due, but in no quiet hours. What a receiver does not take stays in the outbox, and the rest of its
    rule waits with it; so does a rule that cannot work as it is written. Other rules do not.
    """
    outbox = Outbox(store.state.run)
    items = outbox.due(now)
    sending = {
        rule.name: _send(
            store, outbox, settings, rule, [item for item in items if item.channel == rule.name], now, recipes
        )
        for rule in settings.rules
        if not is_quiet(rule, now)
    }
    taken, failures = 0, []
    while sending:  # a message of each rule in turn: who is slow to answer keeps no other rule waiting
        for name, rest in list(sending.items()):
            error: TrackerError | None = None
            try:
                error = next(rest)
                taken += error is None
            except StopIteration:
                del sending[name]
            except (NotifyError, ConfigError) as final:
                error = final
                del sending[name]
            if error is not None:
                failures.append(f"{name}: {error}; it is kept, and tried again")
    return Delivery(taken, tuple(failures))


def _send(
    store: Store,
    outbox: Outbox,
    settings: NotifySettings,
    rule: RuleSettings,
    items: Sequence[Item],
    now: datetime,
    recipes: tuple[Recipe, ...],
) -> Iterator[DamagedStore | None]:
    """Send what is due for one rule: None for each message that was taken, and why one cannot be made, which keeps no
    other.

    Raises NotifyError at the first that was not taken, and ConfigError where none could be sent.
    """
    waiting = list(items)
    for group, message in messages(store, rule, items, now, recipes):
        if message is None:
            outbox.sent(group, now, "nothing to tell any more")
        elif isinstance(message, DamagedStore):
            outbox.wait(group, again(len(RETRIES), now), str(message))
            yield message
        else:
            target = _target(settings, rule)
            outbox.trying(group)
            try:
                _notifier(rule)(message, target)
            except (NotifyError, ConfigError) as error:
                tries = 1 + max(item.tries for item in group)
                outbox.wait(waiting, again(tries, now), str(error))
                raise
            outbox.sent(group, now)
            yield None
        waiting = [item for item in waiting if item.id not in {each.id for each in group}]


def try_out(settings: NotifySettings, name: str, now: datetime) -> RuleSettings:
    """Send one message by a rule that says only that it arrives. Raises NotFound, NotifyError and ConfigError."""
    rule = next((rule for rule in settings.rules if rule.name == name), None)
    if rule is None:
        known = ", ".join(rule.name for rule in settings.rules) or "none"
        raise NotFound(f"tracker.toml has no rule {name!r} under [[notify.rule]]; there is {known}")
    _notifier(rule)(sample(rule, now), _target(settings, rule))
    return rule


def _notifier(rule: RuleSettings) -> Callable[[Message, Target], None]:
    return NOTIFIERS[rule.to.partition(":")[0]]


def _target(settings: NotifySettings, rule: RuleSettings) -> Target:
    return Target(
        to=rule.to,
        smtp=settings.smtp,
        sender=settings.sender,
        password=read_secret(settings.password_file),
        secret=read_secret(rule.secret_file),
    )
