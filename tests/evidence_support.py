"""Keys, a time-stamping server of our own, and hands that tamper with a store by plain git."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.http_support import Handler
from tests.store_support import bare, git
from tracker.store import Key, Standing, Statement, Store, Trust, Verdict, load_key, make_key
from tracker.store.objects import object_id

SERVER = """\
[ tsa ]
default_tsa = one
[ one ]
serial = {folder}/serial
signer_digest = sha256
digests = sha256
default_policy = 1.2.3.4.1
tsa_name = yes
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
ess_cert_id_alg = sha256
[ ext ]
extendedKeyUsage = critical,timeStamping
"""


def key_in(folder: Path, name: str = "newsdesk") -> Key:
    """A key of its own."""
    path = folder / name / "seal_key"
    make_key(path, name)
    return load_key(path)


@dataclass(frozen=True)
class TimeServer:
    """A time-stamping server made with openssl: its answers, and the certificate to check them with."""

    folder: Path

    @property
    def certificates(self) -> Path:
        return self.folder / "ca.pem"

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def refusal(self) -> bytes:
        """What it answers where it is asked over a digest that it does not take."""
        self.openssl("ts", "-query", "-data", "tsa.cnf", "-sha512", "-out", "query")
        return self.stamp((self.folder / "query").read_bytes())

    def route(self, handler: Handler) -> None:
        """A route of a server on loopback."""
        handler.answer(self.stamp(handler.body), content_type="application/timestamp-reply")

    def openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def time_server(folder: Path, name: str = "Stamps") -> TimeServer:
    """A server with a certificate of its own authority."""
    folder.mkdir(parents=True)
    made = TimeServer(folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(SERVER.format(folder=folder))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    made.openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", f"/CN={name} CA", "-days", "9")
    made.openssl("req", *curve, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9")
    made.openssl(
        "x509", "-req", "-in", "tsa.csr", *signed, "-out", "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "ext"
    )
    return made


# --- what a check says ---------------------------------------------------------------------------------------


def verdict(store: Store, trust: Trust | None = None, *, seals_only: bool = False) -> Verdict:
    return store.evidence.verify(trust or Trust(), seals_only=seals_only)


def said(found: Verdict, standing: Standing = Standing.BROKEN) -> list[str]:
    """The sentences that stand so."""
    return [each.text for each in found.statements if each.standing is standing]


def about(found: Verdict, word: str) -> Statement:
    """The one sentence that has a word in it."""
    (one,) = [each for each in found.statements if word in each.text]
    return one


# --- tampering -----------------------------------------------------------------------------------------------


def blob_of(store: Store, data: bytes) -> str:
    """The id of a new blob."""
    return made(store, data, "hash-object", "-w", "--stdin")


def made(store: Store, data: bytes, *arguments: str) -> str:
    """What plain git prints when it is given `data`."""
    done = subprocess.run(["git", "-C", bare(store), *arguments], input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def with_file(store: Store, tree: str, name: str, data: bytes | None) -> str:
    """A tree with one file changed, or without it."""
    rows = [row for row in git(bare(store), "ls-tree", tree).splitlines() if not row.endswith(f"\t{name}")]
    if data is not None:
        rows.append(f"100644 blob {blob_of(store, data)}\t{name}")
    return made(store, "".join(f"{row}\n" for row in rows).encode(), "mktree")


def rewrite(store: Store, ref: str, name: str, edit: Callable[[bytes], bytes | None], *, words: dict[str, str]) -> None:
    """Rewrite the newest commit of a ref: one file of it edited, and `words` of its message replaced."""
    data = made(store, b"", "cat-file", "commit", ref)
    old = git(bare(store), "rev-parse", f"{ref}^{{tree}}").strip()
    file = subprocess.run(
        ["git", "-C", bare(store), "cat-file", "blob", f"{ref}:{name}"], capture_output=True, check=True
    ).stdout
    text = data.replace(old, with_file(store, old, name, edit(file))) + "\n"
    for before, after in words.items():
        assert before in text
        text = text.replace(before, after)
    git(bare(store), "update-ref", ref, made(store, text.encode(), "hash-object", "-t", "commit", "-w", "--stdin"))


def overwrite_object(store: Store, object_name: str, kind: str, data: bytes) -> None:
    """Put another content under the id of an object, as no git would."""
    found = git(bare(store), "rev-parse", object_name).strip()
    assert object_id(kind, data) != found
    path = bare(store) / "objects" / found[:2] / found[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data))


def forge_tag(store: Store, ref: str, edit: Callable[[str], str]) -> None:
    """Put another tag object where a seal is."""
    text = edit(git(bare(store), "cat-file", "tag", ref))
    git(bare(store), "update-ref", ref, made(store, text.encode(), "hash-object", "-t", "tag", "-w", "--stdin"))
