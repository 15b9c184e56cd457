"""The keys that sign seals: ssh keys outside the store, and the names of machines that are made from them.

A signature is one that git makes too (`gpg.format=ssh`), so that plain `git verify-tag` and `ssh-keygen -Y verify`
check it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import ConfigError
from tracker.store.programs import Done, run

NAMESPACE = "git"
NAME_LENGTH = 40

_ARMOR = re.compile(r"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n")
_PUBLIC = re.compile(r"((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?")
_UNNAMED = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of an ssh key: "ssh-ed25519" and the rest as ssh writes it."""

    kind: str
    data: str

    def __str__(self) -> str:
        return f"{self.kind} {self.data}"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the key, which is what people compare."""
        return hashlib.sha256(base64.b64decode(self.data)).digest()

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: "SHA256:..."."""
        return f"SHA256:{base64.b64encode(self.digest).decode().rstrip('=')}"

    def machine(self, name: str) -> str:
        """The name of the chain that this key signs on a machine of this name: nobody else's key gives the same."""
        return f"{machine_name(name)}-{self.digest.hex()[:16]}"

    def allowed_signer(self, machine: str) -> str:
        """The line of an allowed_signers file for it."""
        return f'{machine} namespaces="{NAMESPACE}" {self}\n'


@dataclass(frozen=True, slots=True)
class Key:
    """A key to sign with. `path` may also be the public half of one that an ssh agent holds."""

    path: Path
    public: PublicKey
    comment: str


def machine_name(text: str) -> str:
    """A name as it stands in a ref: lower case letters, digits and hyphens, never empty."""
    return _UNNAMED.sub("-", text.lower())[:NAME_LENGTH].strip("-") or "machine"


def make_key(path: Path, name: str) -> None:
    """A new key without a passphrase, its comment the machine's name. One that is there already stays.

    Raises ConfigError where it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            draft = Path(folder) / path.name
            done = run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", machine_name(name), "-f", draft)
            if done.code:
                raise ConfigError(f"ssh-keygen could not make a key at {path}: {done.last_words}")
            with suppress(FileExistsError):  # another process was first: its key counts
                path.hardlink_to(draft)
                public_half(path).write_bytes(public_half(draft).read_bytes())
    except OSError as error:
        raise ConfigError(f"no key can be kept at {path} ({error.strerror}); name one with --key") from error


def public_half(path: Path) -> Path:
    """Where ssh-keygen puts the public half of a key."""
    return path.with_name(path.name + ".pub")


def load_key(path: Path) -> Key:
    """The key at `path`. Raises ConfigError where it cannot be read."""
    try:
        text = path.read_text("ascii", errors="replace")
        if not _PUBLIC.match(text) and public_half(path).is_file():
            text = public_half(path).read_text("ascii", errors="replace")
    except OSError as error:
        raise ConfigError(f"the key {path} cannot be read ({error.strerror}); name one with --key") from error
    if not _PUBLIC.match(text):
        done = run("ssh-keygen", "-y", "-f", path)
        if done.code:
            raise ConfigError(f"{path} is no key that ssh-keygen can use: {done.last_words}")
        text = done.out.decode("ascii", "replace")
    public, comment = parse_public(text)
    return Key(path, public, comment)


def parse_public(text: str) -> tuple[PublicKey, str]:
    """A public key and its comment from the line that ssh-keygen writes. Raises ConfigError."""
    found = _PUBLIC.match(text)
    try:
        if found is None:
            raise ValueError(text)
        base64.b64decode(found[2], validate=True)
    except ValueError as error:
        raise ConfigError("that is no public key of ssh") from error
    return PublicKey(found[1], found[2]), found[3] or ""


def sign(key: Key, payload: bytes) -> str:
    """The signature over a payload, in the armour that git appends to a tag. Raises ConfigError."""
    done = run("ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", key.path, data=payload)
    armor = done.out.decode("ascii", "replace")
    if done.code or not _ARMOR.fullmatch(armor):
        raise ConfigError(f"ssh-keygen did not sign with {key.path}: {done.last_words}")
    if signed_by(armor) != key.public:
        raise ConfigError(f"{public_half(key.path)} is not the public half of {key.path}; make it with ssh-keygen -y")
    return armor


def signed_by(armor: str) -> PublicKey:
    """The key that a signature names. Raises ValueError on what is no signature of ssh."""
    found = _ARMOR.fullmatch(armor)
    if found is None:
        raise ValueError("no ssh signature")
    data = base64.b64decode(found[1])
    if data[:10] != b"SSHSIG\0\0\0\1":
        raise ValueError("no ssh signature of version 1")
    public = _string(data[10:])
    return PublicKey(_string(public).decode("ascii"), base64.b64encode(public).decode())


def _string(data: bytes) -> bytes:
    """The first string of what ssh wrote: its length in four bytes, then it."""
    length = int.from_bytes(data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut short")
    return data[4 : 4 + length]


def is_good(payload: bytes, armor: str) -> bool:
    """Was the payload signed by the key that the signature names, whoever holds that?"""
    return not _ask(payload, armor, "check-novalidate", "-n", NAMESPACE).code


def vouched_for(payload: bytes, armor: str, allowed_signers: Path) -> str | None:
    """Under which name an allowed_signers file vouches for the key of a good signature, None where it does not.

    Raises ConfigError where a line of the file is none of ssh-keygen's.
    """
    listed = _ask(payload, armor, "find-principals", "-f", str(allowed_signers))
    if complaint := next((line for line in listed.said.splitlines() if line.startswith(f"{allowed_signers}:")), None):
        raise ConfigError(f'{complaint}; write `name namespaces="{NAMESPACE}" key`, as in ssh-keygen(1)')
    for name in listed.out.decode("utf-8", "replace").splitlines() if not listed.code else ():
        if not _ask(payload, armor, "verify", "-f", str(allowed_signers), "-I", name, "-n", NAMESPACE).code:
            return name
    return None


def _ask(payload: bytes, armor: str, question: str, *arguments: str) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "signature"
        file.write_text(armor, "ascii")
        return run("ssh-keygen", "-Y", question, *arguments, "-s", file, data=payload)
