"""RFC 3161: a time-stamping server's word that some bytes existed at a time. The openssl program asks and checks.

What is stamped is the SHA-256 of a manifest; the server sees nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.errors import FetchError
from tracker.store.programs import Done, run

# Takes a request in the form application/timestamp-query, gives the answer of the server. Raises FetchError.
Stamper = Callable[[bytes], bytes]

_GRANTED = re.compile(r"^Status: Granted", re.MULTILINE)
_TIME = re.compile(r"^Time stamp: (\w{3} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE)
_TSA = re.compile(r"^TSA: (.*)$", re.MULTILINE)
_ALGORITHM = re.compile(r"^Hash Algorithm: sha256$", re.MULTILINE)
_DUMP = re.compile(r"^ {4}[0-9a-f]{4} - ([0-9a-f -]{47})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Token:
    """What an answer says, whether or not its signature is checked: when, over what, and who is said to say so."""

    at: datetime
    digest: str
    server: str


def ask(digest: str, stamper: Stamper) -> bytes:
    """The answer of a server over a SHA-256. Raises FetchError where it is none over just that."""
    made = run("openssl", "ts", "-query", "-digest", digest, "-sha256", "-cert", "-no_nonce")
    if made.code:
        raise FetchError(f"openssl could not write a request for a time stamp: {made.last_words}")
    answer = stamper(made.out)
    try:
        token = read_token(answer)
    except ValueError as error:
        raise FetchError(f"the time-stamping server gave no time stamp: {error}") from error
    if token.digest != digest:
        raise FetchError("the time-stamping server stamped something else than was asked; use another one")
    return answer


def read_token(answer: bytes) -> Token:
    """An answer in words. Raises ValueError on what openssl cannot read, and where the server refused."""
    done = run("openssl", "ts", "-reply", "-in", "/dev/stdin", "-text", data=answer)
    text = done.out.decode("utf-8", "replace")
    if done.code:
        raise ValueError("it is no answer in the form of RFC 3161")
    if not _GRANTED.search(text):
        raise ValueError(" ".join(re.findall(r"^Status(?: description)?: .*$", text, re.MULTILINE)) or "no status")
    time, algorithm = _TIME.search(text), _ALGORITHM.search(text)
    dump = text.partition("Message data:\n")[2].partition("Serial number:")[0]
    if time is None or algorithm is None or not dump:
        raise ValueError("it says no time, or over what")
    at = datetime.strptime(f"{time[1]} {time[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    digest = re.sub("[ -]", "", "".join(_DUMP.findall(dump)))
    server = _TSA.search(text)
    return Token(at, digest, server[1].removeprefix("DirName:") if server else "unspecified")


def fault(token: Token, answer: bytes, certificates: Path) -> str | None:
    """Why an answer is not believed by those who trust these certificates; None where it is.

    A server's certificate ends some day, and its stamps outlive it: they are checked as of their own time.
    """
    done = _verify(token, answer, certificates)
    if done.code:
        done = _verify(token, answer, certificates, "-attime", str(int(token.at.timestamp())))
    return f"openssl ts -verify: {_reason(done)}" if done.code else None


def _verify(token: Token, answer: bytes, certificates: Path, *more: str) -> Done:
    asked: tuple[str, ...] = ("-digest", token.digest, "-in", "/dev/stdin", "-CAfile", str(certificates), *more)
    return run("openssl", "ts", "-verify", *asked, data=answer)


def _reason(done: Done) -> str:
    """The words of openssl's last complaint, without the places in its source."""
    parts = done.last_words.split(":")
    return ":".join(part for part in parts[4:] if part and "/" not in part and not part.isdigit()) or done.last_words
