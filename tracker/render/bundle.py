"""What is handed over with a bundle: a page to read, and plain text, that explain it and how to check it.

Both are made of the same steps, each with the commands to type: git, ssh-keygen, sha256sum and openssl alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import fill, indent

from tracker.render.evidence import HEADINGS, Statement
from tracker.render.html import page_template
from tracker.render.safe import visible
from tracker.render.times import Clock
from tracker.render.words import plural

WIDTH = 88
SUMS, SIGNERS, CERTIFICATES, HISTORY = "SHA256SUMS", "allowed_signers", "tsa-ca.pem", "history.bundle"
PAGE, FACTS, TEXT, META, REVISION = "page.html.txt", "capture.json", "article.md", "meta.json", "revision"
TAG, SIGNATURE, MANIFEST, DIGESTS, STAMP = "tag", "tag.sig", "manifest", "digests", "timestamp.tsr"

FILES = (
    ("captures/", "a folder a capture, oldest first"),
    (f"captures/*/{PAGE}", "the page as it came, byte for byte; as .txt, so that a browser shows it and runs nothing"),
    (f"captures/*/{FACTS}", "how it came: address, redirects, status, headers, time, SHA-256"),
    (f"captures/*/{TEXT}", "its text as tracker reads it, one sentence a line"),
    (f"captures/*/{META}", "what the page says of itself: titles, dates"),
    (f"captures/*/{REVISION}", f"the id of its commit, which {HISTORY} has"),
    ("changes/", "what changed from one snapshot to the next, as pages"),
    ("seals/", "the signed lists that name these files by their SHA-256, and nothing of any other article"),
    (HISTORY, "the article's commits, for git"),
    (SIGNERS, "the public keys that the seals are signed with, as the seals give them"),
    (CERTIFICATES, "the certificates of the time-stamping server, as the maker of this folder had them"),
    (SUMS, "the SHA-256 of every other file here"),
)


@dataclass(frozen=True, slots=True)
class BundledCapture:
    """One capture. `number` is that of the snapshot, None where its text is that of the one before.

    `page` is there, pruned, absent or broken, and lies in the bundle if `has_page`; `change` names the file that says
    what led to it. `sealed` is what of it stands in a seal just as it is here: all, text, nothing.
    """

    folder: str
    number: int | None
    captured_at: datetime
    seen_since: datetime | None
    revision: str
    raw_sha256: str
    page: str
    has_page: bool
    change: str | None
    sealed: str


@dataclass(frozen=True, slots=True)
class BundledSeal:
    """One seal. `stamped` says that a time-stamping server's answer is with it."""

    folder: str
    machine: str
    number: int
    key: str
    sealed_at: datetime
    stamped: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that the page and the text say. `certificates`: those of the time-stamping server lie in the bundle."""

    title: str
    url: str
    branches: tuple[str, ...]
    captures: tuple[BundledCapture, ...]
    seals: tuple[BundledSeal, ...]
    statements: tuple[Statement, ...]
    certificates: bool

    @property
    def broken(self) -> bool:
        return any(each.standing == "broken" for each in self.statements)

    def folders(self, sealed: str) -> list[str]:
        """The captures of which so much is sealed."""
        return [each.folder for each in self.captures if each.sealed == sealed]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to check: why, and what to type."""

    title: str
    words: str
    commands: str


def headline(bundle: Bundle) -> str:
    """The sentence that stands above everything else."""
    captures, all_of_it = plural(len(bundle.captures), "capture"), len(bundle.folders("all"))
    if bundle.broken:
        return "Not everything here is as it was. What is not is said below, before anything else."
    if all_of_it == len(bundle.captures):
        return f"{captures}, as sealed."
    text, nothing = len(bundle.folders("text")), len(bundle.folders("nothing"))
    if nothing == len(bundle.captures):
        return f"{captures} in no seal: nothing is proved but that the files agree with one another."
    counts = ((all_of_it, "as sealed"), (text, "with the text alone as sealed"), (nothing, "in no seal"))
    return f"{captures}: {', '.join(f'{count} {how}' for count, how in counts if count)}."


def steps(bundle: Bundle) -> Iterator[Step]:
    """How to check the bundle, for somebody who trusts nobody."""
    yield Step(
        "Nothing is missing, nothing was damaged on the way",
        "Type all commands in the folder that holds this file, in one terminal. On macOS, put `shasum -a 256` for "
        "sha256sum. The first line is used further down.",
        f'sum() {{ cat "$1" 2>/dev/null | sha256sum | cut -c 1-64; }}\n'
        f'sha256sum --quiet -c {SUMS} && echo "all files are whole"',
    )
    if bundle.seals:
        yield from _seal_steps(bundle)
    yield Step(
        "The history, in git",
        f"{HISTORY} holds the article's commits. Its texts and pages must be those in captures/"
        + (", and the seals name each commit by its SHA-256 as well." if bundle.seals else "."),
        f"{_HISTORY}\n{_COMMITS}" if bundle.seals else _HISTORY,
    )
    if any(seal.stamped for seal in bundle.seals):
        yield _stamp_step(bundle)


def _seal_steps(bundle: Bundle) -> Iterator[Step]:
    keys = dict.fromkeys(f"{seal.machine} has {seal.key}" for seal in bundle.seals)
    yield Step(
        "The seals are signed",
        "Each seal is a tag of git, signed with an ssh key. That a signature is good says which key it was, not whose: "
        f"ask the owner for the key's fingerprint, by another way than you got this. {'; '.join(keys)}.",
        "\n".join(
            f"ssh-keygen -Y verify -f {SIGNERS} -I {seal.machine} -n git \\\n"
            f"  -s {seal.folder}/{SIGNATURE} < {seal.folder}/{TAG}"
            for seal in bundle.seals
        ),
    )
    yield Step(
        "The seals name what is here",
        "What is signed names a manifest by its SHA-256; the manifest names a list of digests and the manifest before "
        "it; the digest of this article's own list is among them.",
        _CHAIN,
    )
    parts = (("text", "Of these the text alone is sealed"), ("nothing", "These are in no seal"))
    but = "".join(f" {said}: {', '.join(found)}." for how, said in parts if (found := bundle.folders(how)))
    yield Step(
        "Every page and text stands in a seal",
        f"One line of the list must hold the SHA-256 of a capture's text, of its page, and of how it came.{but}",
        _CAPTURES,
    )


_CHAIN = f"""for S in seals/*/*; do
  grep -q "Manifest-SHA256: $(sum $S/{MANIFEST})" $S/{TAG} && echo "signed: $S" || echo "NOT AS SIGNED: $S"
done
for A in seals/*/*/article-*; do
  S=${{A%/*}}
  grep -q "digests: $(sum $S/{DIGESTS})" $S/{MANIFEST} && grep -q "$(sum $A)" $S/{DIGESTS} \\
    && echo "listed: $A" || echo "NOT AS SIGNED: $A"
done
for M in seals/*; do
  B=
  for S in $M/*; do
    [ -z "$B" ] || grep -q "previous: $(sum $B/{MANIFEST})" $S/{MANIFEST} || echo "A SEAL IS MISSING BEFORE $S"
    B=$S
  done
done"""

_CAPTURES = f"""for C in captures/*; do
  T="$(sum $C/{TEXT}) $(sum $C/{META})"
  if grep -q "$T $(sum $C/{PAGE}) $(sum $C/{FACTS})" seals/*/*/article-*; then echo "sealed: $C"
  elif grep -q "$T " seals/*/*/article-*; then echo "the text alone is sealed: $C"
  else echo "in no seal: $C"; fi
done"""

_HISTORY = f"""git clone -q --mirror {HISTORY} history.git
git -C history.git fsck --full
for C in captures/*; do
  git -C history.git cat-file blob $(cat $C/{REVISION}):{TEXT} | cmp - $C/{TEXT} && echo "the same: $C"
done"""

_COMMITS = f"""for C in captures/*; do
  R=$(cat $C/{REVISION})
  grep -q " $R $(git -C history.git cat-file commit $R | sha256sum | cut -c 1-64) " seals/*/*/article-* \\
    && echo "sealed: $R" || echo "in no seal: $R"
done"""


def _stamp_step(bundle: Bundle) -> Step:
    whose = (
        f"{CERTIFICATES} is a copy of its certificates; better fetch your own from its operator."
        if bundle.certificates
        else f"Fetch its certificates from its operator, and put them here as {CERTIFICATES}."
    )
    stamped = [seal.folder for seal in bundle.seals if seal.stamped]
    return Step(
        "A time-stamping server saw the seals",
        "An answer in the form of RFC 3161 over a manifest proves that it existed by the time that the answer says, "
        f"and with it all that it names, and the seals before it. {whose}",
        "\n".join(
            f"openssl ts -verify -data {folder}/{MANIFEST} -in {folder}/{STAMP} -CAfile {CERTIFICATES}\n"
            f'openssl ts -reply -in {folder}/{STAMP} -text | grep "Time stamp"'
            for folder in stamped
        ),
    )


def files(bundle: Bundle) -> list[tuple[str, str]]:
    """What lies in the bundle: names, and what they are."""
    absent = set() if bundle.certificates else {CERTIFICATES}
    absent |= set() if bundle.seals else {"seals/", SIGNERS}
    absent |= set() if any(each.change for each in bundle.captures) else {"changes/"}
    return [row for row in FILES if row[0] not in absent]


def groups(statements: Sequence[Statement]) -> list[tuple[str, str, list[str]]]:
    """How statements stand, the heading for it, and the statements."""
    said = {key: [each.text for each in statements if each.standing == key] for key in HEADINGS}
    return [(key, HEADINGS[key][0], rows) for key, rows in said.items() if rows]


def bundle_html(bundle: Bundle) -> str:
    """The page: it stands alone, runs nothing and asks nobody; its links lead into the bundle."""
    template = page_template("bundle.html", "report.css", "bundle.css")
    return template.render(
        bundle=bundle,
        headline=headline(bundle),
        state="silent" if bundle.broken else "disclosed" if not bundle.folders("nothing") else "partly",
        groups=groups(bundle.statements),
        steps=list(enumerate(steps(bundle), 1)),
        files=files(bundle),
        clock=Clock(),
        sealed={"all": "as sealed", "text": "the text alone as sealed", "nothing": "in no seal as it stands"},
        names={"page": PAGE, "facts": FACTS, "text": TEXT, "meta": META},
    )


def bundle_text(bundle: Bundle) -> str:
    """The same as plain text; what is to be typed begins with four spaces."""
    clock = Clock()
    parts = ["EVIDENCE", _filled(visible(bundle.title)), visible(bundle.url), _filled(headline(bundle))]
    parts += [_list(heading, rows) for _, heading, rows in groups(bundle.statements)]
    rows = [f"{each.folder}  {clock.moment(each.captured_at)}  {each.revision}" for each in bundle.captures]
    parts += ["Captures", "\n".join(f"  {row}" for row in rows)]
    parts += [_list("What is in this folder", [f"{name}: {what}" for name, what in files(bundle)])]
    parts += ["HOW TO CHECK IT", "With git, ssh-keygen, sha256sum and openssl alone; nothing of tracker is needed."]
    for number, step in enumerate(steps(bundle), 1):
        parts += [f"{number}. {step.title}", _filled(visible(step.words)), indent(step.commands, "    ")]
    return "\n\n".join(parts) + "\n"


def _filled(text: str, mark: str = "") -> str:
    hang = " " * len(mark)
    return fill(
        text, WIDTH, initial_indent=mark, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )


def _list(heading: str, rows: Sequence[str]) -> str:
    """A heading and its rows."""
    return "\n".join((heading, *(_filled(visible(row), "  - ") for row in rows)))
