"""The programs beside git that evidence rests on: ssh-keygen and openssl. Input comes by pipe; no shell is used."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import ConfigError

PACKAGES = {"ssh-keygen": "OpenSSH 8.2 or newer (Debian, Ubuntu: apt install openssh-client)", "openssl": "openssl"}


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended, what it wrote, and what it said."""

    code: int
    out: bytes
    said: str

    @property
    def last_words(self) -> str:
        """The last line that it said, for a person."""
        return (self.said.strip().splitlines() or [f"it ended with {self.code}"])[-1]


def run(program: str, *arguments: str | Path, data: bytes = b"") -> Done:
    """Run a program with `data` as its standard input. Raises ConfigError where it is not installed."""
    found = shutil.which(program)
    if found is None:
        raise ConfigError(f"{program} is not on the path; install {PACKAGES[program]}")
    done = subprocess.run([found, *map(str, arguments)], input=data, capture_output=True, check=False)  # noqa: S603 - a fixed program, no shell
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))
