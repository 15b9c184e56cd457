"""The git settings of a store: those that tracker writes, and those that it believes in a store of others.

A store's config is read by us, strictly, before git sees it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.store.addresses import HELPER_ADDRESS

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tfsync = all
\tlogAllRefUpdates = false
\tprotectHFS = true
\tprotectNTFS = true
[gc]
\tauto = 0
[maintenance]
\tauto = false
[uploadpack]
\tallowFilter = true
"""

# What may stand in a store's config. Of `remote.*` only what names addresses and refs: `uploadpack`, `receivepack`,
# `vcs` and `proxy` name programs or routes, and so does an address like `ext::sh -c ...`.
ALLOWED_KEYS = frozenset(
    {
        "core.repositoryformatversion",
        "core.filemode",
        "core.bare",
        "core.fsync",
        "core.logallrefupdates",
        "core.protecthfs",
        "core.protectntfs",
        "core.ignorecase",
        "core.precomposeunicode",
        "core.sharedrepository",
        "gc.auto",
        "maintenance.auto",
        "uploadpack.allowfilter",
    }
)
ALLOWED_REMOTE_KEYS = frozenset({"url", "pushurl", "fetch", "push", "mirror", "prune", "tagopt"})

_SECTION = re.compile(r'\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\x00-\x1f]|\\["\\])*)")?\]')
_SETTING = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:[ \t]*=[ \t]*(.*))?")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of a git config file: "remote.origin.url" and its value; `line` is the line as it stands, the
    `number`th from 0."""

    key: str
    value: str
    line: str
    number: int

    @property
    def allowed(self) -> bool:
        """Is this a setting that cannot make git run a program or read another place?"""
        if self.key in ALLOWED_KEYS:
            return True
        section, _, rest = self.key.partition(".")
        name = rest.rpartition(".")[2]
        if section != "remote" or name not in ALLOWED_REMOTE_KEYS:
            return False
        return not (name in {"url", "pushurl"} and HELPER_ADDRESS.match(self.value.replace('"', "")))


def settings(text: str) -> Iterator[Setting]:
    """The settings of a config file. A line we cannot read comes back with the key "?", which is never allowed.

    Stricter than git on purpose: no line goes on in the next, no setting stands beside its section's head.
    """
    section = "?"
    for number, raw in enumerate(text.split("\n")):
        line = raw.strip(" \t\r")
        if not line or line[0] in "#;":
            continue
        if head := _SECTION.fullmatch(line):
            section = head[1].lower() + (f".{head[2]}" if head[2] is not None else "")
        elif (found := _SETTING.fullmatch(line)) and not line.endswith("\\"):
            yield Setting(f"{section}.{found[1].lower()}", found[2] or "", raw, number)
        else:
            yield Setting("?", "", raw, number)
