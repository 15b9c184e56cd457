"""A webhook: the message as JSON in one POST, signed so that the receiver can tell that it is ours and is new.

Tracker-Delivery: urn:uuid:...            the same for every try of one message
Tracker-Signature: t=1709280600,v1=...    HMAC-SHA256 of "<t>.<body>" with the rule's secret, in hexadecimal
"""

from __future__ import annotations

import hashlib
import hmac
import time

import httpx2

from tracker.errors import NotifyError
from tracker.fetch import own_name
from tracker.watch.notify.messages import Message, Target

_TIMEOUT = 30.0  # seconds
_TAKEN = range(200, 300)


def send_webhook(message: Message, target: Target) -> None:
    """Post to an address that a person has written down; redirects are not followed, proxies not asked."""
    body = message.json
    headers = {
        "Content-Type": "application/json",
        "User-Agent": own_name(),
        "Tracker-Delivery": message.id,
    }
    if target.secret:
        headers["Tracker-Signature"] = signature(target.secret, int(time.time()), body)
    host = httpx2.URL(target.to).host
    try:
        with (
            httpx2.Client(trust_env=False, timeout=_TIMEOUT) as client,
            client.stream("POST", target.to, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except httpx2.HTTPError as error:
        raise NotifyError(f"the webhook at {host} cannot be reached: {error or type(error).__name__}") from error
    if status not in _TAKEN:
        raise NotifyError(f"the webhook at {host} answered {status}")


def signature(secret: str, seconds: int, body: bytes) -> str:
    """What the header Tracker-Signature says of a body that was sent at a moment (seconds since 1970)."""
    digest = hmac.new(secret.encode(), b"%d.%s" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"
