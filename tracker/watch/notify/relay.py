"""Everything else that Apprise knows how to reach: chats, phones, tickets. The extra `notify`."""

from __future__ import annotations

from tracker.errors import ConfigError, NotifyError
from tracker.watch.notify.messages import Message, Target


def send_apprise(message: Message, target: Target) -> None:
    """Send to the address of Apprise that follows `apprise:`; the plain text, for chats know no diff."""
    try:
        import apprise
    except ImportError as error:
        raise ConfigError("apprise: needs an extra; install it: pip install 'tracker[notify]'") from error
    sender = apprise.Apprise()
    service = target.to.partition(":")[2].partition(":")[0]
    if not sender.add(target.to.partition(":")[2]):
        raise ConfigError(f"Apprise knows no such address ({service}:...); see its list of services")
    if not sender.notify(title=message.subject, body=message.text, body_format=apprise.NotifyFormat.TEXT):
        raise NotifyError(f"{service} did not take a message")
