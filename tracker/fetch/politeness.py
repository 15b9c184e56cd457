"""When a server wants to be asked again, and with what: Retry-After, and validators for the next look."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tracker.model import Capture, Validators

LONGEST_WAIT = timedelta(days=7)  # a slip of a server must not stop us for years

# Last-Modified counts seconds: a page that had been changed this shortly before it was sent may have been changed once
# more within that second, and by another of several servers whose clocks differ.
_SETTLED = timedelta(seconds=60)
_SECONDS = re.compile(r"\d{1,9}")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,512}")  # an ETag that can be sent back
_PLAIN = re.compile(r"[ -~]{1,64}")  # a date that can


def retry_after(header: str | None, now: datetime) -> datetime | None:
    """The time before which a server does not want to be asked, from seconds or a date; None for none or nonsense."""
    text = (header or "").strip()
    until = now + timedelta(seconds=int(text)) if _SECONDS.fullmatch(text) else http_date(text)
    return min(until, now + LONGEST_WAIT) if until and until > now else None


def http_date(text: str) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def validators(capture: Capture, revision: str) -> Validators | None:
    """With what to ask for a page the next time, from the headers with which it came; None where they give nothing.

    `revision` is the snapshot that holds the text of this capture.
    """
    if known := capture.unmodified_since:
        contradicted = _opaque(capture.header("etag") or known.etag) != _opaque(known.etag)
        return None if contradicted else known
    etag, modified = capture.header("etag") or "", capture.header("last-modified") or ""
    etag = etag if _VISIBLE.fullmatch(etag) else ""
    modified = modified if _PLAIN.fullmatch(modified) and _is_settled(modified, capture) else ""
    return Validators(capture.final_url, etag, modified, revision) if etag or modified else None


def _opaque(etag: str) -> str:
    """Weak or strong makes no difference here (RFC 9110, section 13.1.2)."""
    return etag.removeprefix("W/")


def _is_settled(modified: str, capture: Capture) -> bool:
    at, sent = http_date(modified), http_date(capture.header("date") or "") or capture.captured_at
    return at is not None and sent - at >= _SETTLED
