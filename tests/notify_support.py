"""Receivers of our own on the loopback address, and a store in which something happens."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.site import capture, edited, hour, page
from tracker.config import NotifySettings, RuleSettings
from tracker.pipeline import keep
from tracker.store import Store

TOLL = edited(0, "killed 12 people", "killed 21 people")
NOTE = "Correction: An earlier version of this article gave the number of people killed as 12. It is 21."


@dataclass
class Sink:
    """What a mail server of ours was sent; while it is `closed` it takes nothing; `farewell` is how it ends."""

    port: int
    closed: bool = False
    farewell: str = "221 Bye"
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.closed:
            return "451 come back later"
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return "250 taken"

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return self.farewell


class _Controller(Controller):
    """Listens on a socket that is ours already: a port that was only found free can be another's by then."""

    def __init__(self, sink: Sink, listening: socket.socket) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=30)
        self._listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


@contextlib.contextmanager
def mail_server() -> Iterator[Sink]:
    """A real SMTP server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sink = Sink(listening.getsockname()[1])
        controller = _Controller(sink, listening)
        controller.start()
        try:
            yield sink
        finally:
            controller.stop()


def settings(port: int, *rules: RuleSettings, **changes: Any) -> NotifySettings:
    return NotifySettings(
        smtp=f"smtp://127.0.0.1:{port}", sender="Tracker <tracker@desk.example>", rules=rules, **changes
    )


def by_mail(name: str = "desk", **changes: Any) -> RuleSettings:
    return RuleSettings(name, "mailto:desk@daily.example", **changes)


def first(store: Store, at: float = 1) -> None:
    """An article is seen for the first time."""
    keep(store, capture(hour(at), page()))


def silent_edit(store: Store, at: float = 2) -> None:
    """Its toll goes from 12 to 21 without a word."""
    keep(store, capture(hour(at), page(TOLL)))


def correction(store: Store, at: float = 3) -> None:
    """A note owns up to it."""
    keep(store, capture(hour(at), page(TOLL, note=NOTE)))


def private(file: Path, text: str) -> Path:
    """A file that nobody else can read."""
    file.write_text(text)
    file.chmod(0o600)
    return file
