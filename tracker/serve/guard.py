"""Who may ask for what: names of the server, a password or a token, and forms that only our own pages can send."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from hashlib import sha256

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SESSION_SECONDS = 14 * 86_400
SESSION, READER = "tracker_session", "tracker_reader"

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Files take no reviews; and who may frame a page is nothing that it can say of itself.
SITE_POLICY = PAGE_POLICY.replace(" connect-src 'self';", "").replace("; frame-ancestors 'none'", "")
CAPTURE_POLICY = "sandbox; default-src 'none'"  # exactly this: proved in Chromium to let nothing out

ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),  # no-referrer would have our own forms say that they come from nowhere
    ("x-dns-prefetch-control", "off"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)

_NAME_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


def is_loopback(host: str) -> bool:
    """Can only this machine reach a server that is bound to this address?"""
    return host in ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Guard:
    """What a request must bring. `hosts` are the names that the server answers to, without ports.

    With a `password` or a `token` every page needs one of them; without, everybody who reaches the server may read.
    The secret is new with every start: who was let in before must show the password again.
    """

    hosts: frozenset[str] = frozenset(LOOPBACK)
    password: str | None = None
    token: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def locked(self) -> bool:
        """Must a reader show something?"""
        return self.password is not None or self.token is not None

    def knows(self, host: str | None) -> bool:
        """Is this the Host header of a request for us? A name that is made to point here (DNS rebinding) is not."""
        return name_of(host or "") in self.hosts

    def opens(self, word: str) -> bool:
        """Is this the password or the token?"""
        return any(_same(word, known) for known in (self.password, self.token) if known is not None)

    def session(self) -> str:
        """What a browser shows from now on instead of the password."""
        until = str(int(time.time()) + SESSION_SECONDS)
        return f"{until}.{self._sign('session', until)}"

    def holds(self, session: str) -> bool:
        """Is this a session that was given out, and has not run out?"""
        until, _, sign = session.partition(".")
        return _same(sign, self._sign("session", until)) and until.isdigit() and int(until) > time.time()

    def form_token(self, reader: str) -> str:
        """What a form of ours must hold for the reader with this cookie."""
        return self._sign("form", reader)

    def is_our_form(self, reader: str, given: str, origin: str | None, host: str | None, site: str | None) -> bool:
        """Was a form sent by a page of ours? `site` is Sec-Fetch-Site, `origin` is Origin, where they are known."""
        if site not in (None, "same-origin", "none"):
            return False
        if origin is not None and origin.partition("://")[2] != host:
            return False
        return bool(reader) and _same(given, self.form_token(reader))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret, f"{purpose}:{text}".encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _same(given: str, known: str) -> bool:
    """In the same time, whatever was given."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode("utf-8", "surrogatepass"))


def name_of(host: str) -> str:
    """The name in a Host header: "localhost" of "localhost:8000", "[::1]" of "[::1]:8000"; "" where there is none."""
    found = _NAME_AND_PORT.fullmatch(host)
    return found[1].lower() if found else ""
