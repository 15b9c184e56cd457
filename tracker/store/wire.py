"""Git over the wire: what a remote has, what comes from it, what is sent to it.

The only gits of tracker that read the user's settings and credentials, and only towards a remote that a person named.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import IO

from tracker.errors import StoreError
from tracker.store.addresses import SCHEMES, Address, hidden
from tracker.store.locks import WRITE_LOCK, locked
from tracker.store.repository import Repository, load_git, view

Stage = Callable[[str, int, int], None]  # what is being done, how much of it, of how much

# What the user's own settings must not turn on, for the outcome is read by a program.
_SETTINGS = {
    "color.ui": "false",
    "core.attributesFile": os.devnull,
    "core.fsync": "objects,derived-metadata",  # no refs: what refs/incoming names is fetched again if need be
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "fetch.fsckObjects": "true",
    "fetch.prune": "false",
    "fetch.pruneTags": "false",
    "fetch.recurseSubmodules": "no",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "submodule.recurse": "false",
}
_REF = re.compile(r"([0-9a-f]{40})\t(\S+)")
_MOVING = re.compile(r"(?:remote: )?([A-Z][A-Za-z ]+): +\d+% \((\d+)/(\d+)\)")
_LAST_LINES = 40
_FAILED = 128  # git could not do it at all; 1 is some refs refused


@dataclass(frozen=True, slots=True)
class Listing:
    """What a remote has: its refs, and the ref that its HEAD names (None where that does not exist)."""

    refs: Mapping[str, str]
    head: str | None


@dataclass(frozen=True, slots=True)
class Sending:
    """Refs to be sent, by name; those in `instead_of` replace exactly this id, `gone` are deleted if they are this."""

    refs: Mapping[str, str]
    instead_of: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)

    @property
    def refspecs(self) -> list[str]:
        """What git push is told. One pattern a namespace: it tries each single name against every ref it knows."""
        kinds = dict.fromkeys("/".join(ref.split("/")[:2]) for ref in self.refs if ref not in self.instead_of)
        patterns = [f"{kind}/*:{kind}/*" for kind in kinds]
        return [*patterns, *(f"+{ref}:{ref}" for ref in self.instead_of), *(f":{ref}" for ref in self.gone)]

    @property
    def leases(self) -> list[str]:
        """What must still be there for a ref to be replaced or deleted."""
        return [f"--force-with-lease={ref}:{old}" for ref, old in (*self.instead_of.items(), *self.gone.items())]


class Wire:
    """Talks to remotes on behalf of one repository. `stage` is told how far git is."""

    def __init__(self, repository: Repository, stage: Stage | None = None) -> None:
        self._repository = repository
        self._stage = stage

    def listing(self, address: Address) -> Listing:
        """What a remote has. Raises StoreError where it cannot be reached."""
        with view({}) as folder:
            out = self._run(folder, address, "ls_remote", "--symref", "--", address.url)
        refs: dict[str, str] = {}
        head = None
        for line in out.decode("utf-8", "replace").splitlines():
            if line.startswith("ref: ") and line.endswith("\tHEAD"):
                head = line[5:-5]
            elif (found := _REF.fullmatch(line)) and found[2].startswith("refs/") and not found[2].endswith("^{}"):
                refs[found[2]] = found[1]
        return Listing(refs, head)

    def fetch(self, address: Address, refs: Mapping[str, str], have: Sequence[str]) -> None:
        """Fetch refs of a remote (its name -> ours), whatever ours were. `have` are commits of ours near to them."""
        told = "".join(f"+{theirs}:{ours}\n" for theirs, ours in refs.items())
        tips = [f"--negotiation-tip={revision}" for revision in have]
        quiet = ("--no-tags", "--refmap=", "--no-write-fetch-head", "--no-auto-maintenance", "--no-show-forced-updates")
        arguments = ("--stdin", *quiet, *self._progress, *tips, "--", address.url)
        with locked(self._repository, WRITE_LOCK, shared=True):  # nobody takes away what no ref names yet
            self._run(self._repository.git_dir, address, "fetch", *arguments, feed=told.encode())

    def push(self, address: Address, sending: Sending) -> dict[str, str | None]:
        """Send refs; for each, None where the remote has taken it, else why not in git's words."""
        with view(sending.refs) as folder:
            arguments = ("--porcelain", "--no-verify", *self._progress, *sending.leases, "--", address.url)
            out = self._run(folder, address, "push", *arguments, *sending.refspecs, partly=True)
        answers = dict(filter(None, map(_answer, out.decode("utf-8", "replace").splitlines())))
        return {ref: answers.get(ref, "git did not say") for ref in (*sending.refs, *sending.gone)}

    @property
    def _progress(self) -> tuple[str, ...]:
        return ("--progress",) if self._stage else ("--no-progress",)

    def _run(
        self, git_dir: Path, address: Address, command: str, *arguments: str, feed: bytes = b"", partly: bool = False
    ) -> bytes:
        """What git prints. Raises StoreError with what it says where it fails; `partly`: if it fails altogether."""
        git = load_git()(git_dir.absolute())
        git.update_environment(**_environment(self._repository, git_dir))
        started = getattr(git, command)(*arguments, as_process=True, istream=PIPE)
        said: list[str] = []
        listener = threading.Thread(target=self._listen, args=(started.proc.stderr, said), daemon=True)
        listener.start()
        try:
            with suppress(BrokenPipeError):  # it ended before it had read all, and says why
                started.proc.stdin.write(feed)
                started.proc.stdin.close()
            out: bytes = started.proc.stdout.read()
            status = started.proc.wait()
        except BaseException:
            started.proc.terminate()
            raise
        finally:
            listener.join()
            started.__del__()  # closes its pipes; GitPython has no other name for it
        if status and not (partly and out and status != _FAILED):
            raise StoreError(_trouble(address, said))
        return out

    def _listen(self, stream: IO[bytes], said: list[str]) -> None:
        """Read what git says while it works: progress is passed on, the last of the rest is kept."""
        rest = b""
        while piece := os.read(stream.fileno(), 65536):
            *lines, rest = re.split(rb"[\r\n]", rest + piece)
            for line in lines:
                self._hear(line.decode("utf-8", "replace").strip(), said)
        self._hear(rest.decode("utf-8", "replace").strip(), said)
        stream.close()

    def _hear(self, line: str, said: list[str]) -> None:
        if found := _MOVING.match(line):
            if self._stage:
                self._stage(found[1], int(found[2]), int(found[3]))
        elif line:
            said.append(line)
            del said[:-_LAST_LINES]


def _answer(line: str) -> tuple[str, str | None] | None:
    """One line of `git push --porcelain`: the remote's ref, and why it was refused if it was."""
    flag, _, rest = line.partition("\t")
    names, _, summary = rest.partition("\t")
    ref = names.rpartition(":")[2]
    if len(flag) != 1 or not ref.startswith("refs/"):
        return None
    return ref, summary if flag == "!" else None


def _trouble(address: Address, said: Sequence[str]) -> str:
    """What git complained of, as one line; for what people meet most there is something to do."""
    told = [line for line in said if not line.lower().startswith(("warning:", "hint:", "to ", "from "))]
    if address.folder is not None and not address.folder.exists():
        return f"there is no repository at {address.folder}; make one with `git init --bare {address.folder}`"
    if any("fsck error" in line for line in told):
        return f"{address.shown} sends an object that is damaged or made up ({told[0]}); nothing was taken"
    first = hidden(told[0]).removeprefix("fatal: ").removeprefix("error: ") if told else "git did not say why"
    return f"{address.shown}: {first.rstrip('.')}"


def _environment(repository: Repository, git_dir: Path) -> dict[str, str]:
    """As Repository.environment, but with the user's own settings and credentials, behind which ours stand."""
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    config = {"safe.directory": str(repository.git_dir.absolute()), **_SETTINGS}
    environment = {
        "GIT_DIR": str(git_dir.absolute()),
        "GIT_COMMON_DIR": str(git_dir.absolute()),
        "GIT_WORK_TREE": str(git_dir.absolute()),
        "GIT_OBJECT_DIRECTORY": str(repository.objects.absolute()),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_CONFIG_COUNT": str(first + len(config)),
    }
    if not sys.stderr.isatty():
        environment["GIT_TERMINAL_PROMPT"] = "0"  # nobody is there to ask for a password
    for number, (key, value) in enumerate(config.items(), first):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment
