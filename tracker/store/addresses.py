"""Where a store is shared with: what is an address of a git remote, what is not, and who may read there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import UsageError

SCHEMES = ("file", "git", "http", "https", "ssh")

HELPER_ADDRESS = re.compile(r"[A-Za-z0-9+.-]*::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = re.compile(r"(?:[^/:@]+@)?(\[[^\]/]+\]|[^/:]+):")
_PASSWORD = re.compile(r"(//[^/@\s:]*):[^/\s]*@")
_TOKEN = re.compile(r"(https?://)[^/\s:]+@", re.IGNORECASE)  # over http(s) a name alone is a token
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_AT_HOME = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a git repository. `url` is what git is given; `folder` is set where it is one of this machine."""

    url: str
    folder: Path | None
    host: str

    @property
    def shown(self) -> str:
        """The address for a person: without a password."""
        return hidden(self.url)

    @property
    def public(self) -> bool:
        """May strangers read there? All that is not of this machine or a private network counts as public."""
        if self.folder is not None:
            return False
        name = self.host.strip("[]").rstrip(".").lower()
        try:
            return not ipaddress.ip_address(name.partition("%")[0]).is_private
        except ValueError:
            return "." in name and not name.endswith(_AT_HOME)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository that a store is shared with.

    `name` is a word for refs/incoming/<name>/: that of the git remote, else made from the address. `called` is what a
    person calls it. `texts_only`: its pages are not asked for.
    """

    name: str
    called: str
    fetch: Address
    push: Address
    texts_only: bool = False


def hidden(text: str) -> str:
    """Text without the passwords and tokens of the addresses in it."""
    return _TOKEN.sub(r"\1***@", _PASSWORD.sub(r"\1:***@", text))


def address(text: str, base: Path) -> Address:
    """What a person, or a git remote, gives as an address; paths count from `base`, and a store's folder will do.

    Raises UsageError on what git would take for an option or for a program to run.
    """
    if not text or text.startswith("-") or any(not char.isprintable() for char in text):
        raise UsageError(
            f"{text!r} is no address of a git repository; give a path, or file://, git://, ssh://, https://"
        )
    if HELPER_ADDRESS.match(text):
        raise UsageError(f"{hidden(text)!r} names a program and not a place; give a path or one of {_schemes()}")
    if found := _SCHEME.match(text):
        return _url(text, found[1].lower())
    scp = _SCP.match(text)
    if scp and not (base / text).exists():
        return _remote(text, scp[1])
    folder = (base / text).absolute()
    folder = folder / "articles.git" if (folder / "articles.git").is_dir() else folder
    return Address(str(folder), folder, "")


def _url(text: str, scheme: str) -> Address:
    if scheme not in SCHEMES:
        raise UsageError(f"{hidden(text)}: tracker shares stores over {_schemes()} and plain paths only")
    try:
        parts = urlsplit(text)
        return Address(text, Path(unquote(parts.path)), "") if scheme == "file" else _remote(text, parts.hostname or "")
    except ValueError as error:
        raise UsageError(f"{hidden(text)!r} is no address of a git repository ({error})") from error


def _remote(text: str, host: str) -> Address:
    if not host or host.startswith("-"):
        raise UsageError(f"{hidden(text)!r} names no host; write it like ssh://host/path or host:path")
    return Address(text, None, host)


def _schemes() -> str:
    return ", ".join(f"{scheme}://" for scheme in SCHEMES)


def word_for(called: str) -> str:
    """The word under which a remote's refs are fetched."""
    return called if _SIMPLE.fullmatch(called) else f"at-{sha256(called.encode()).hexdigest()[:12]}"
