"""`tracker seal`, `verify` and `bundle`: what the store can prove, and how others check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import configured, fetching, json_option, now, opened, private_option, store_option
from tracker.cli.output import note, progress, say, say_json, terminal, writing

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.store import Key, Sealed, Trust

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
signers_option = click.option(
    "--allowed-signers", type=FILE, metavar="FILE", help="Believe only the keys in this file (ssh-keygen(1))."
)
certificates_option = click.option(
    "--tsa-ca", type=FILE, metavar="FILE", help="Believe time stamps under these certificates (PEM)."
)


@click.command("seal")
@click.option("--key", "key_path", type=click.Path(path_type=Path), metavar="FILE", help="Sign with this ssh key.")
@click.option("--machine", metavar="NAME", help="The machine's name, which its seals bear.")
@click.option("--tsa", metavar="URL", help="Have the seal stamped by this time-stamping server (RFC 3161).")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing where nothing is new.")
@store_option
@private_option
def seal_command(
    key_path: Path | None,
    machine: str | None,
    tsa: str | None,
    quiet: bool,
    store_path: Path | None,
    allow_private: bool,
) -> None:
    """Sign what is new in the store.

    A seal lists every snapshot since this machine's last one with the SHA-256 of its page and its text, names the
    seal before it, and is signed with an ssh key: later nobody can change what it lists without being seen. The key
    lies outside the store and is made on first use. A seal can also be stamped by a time-stamping server, which then
    vouches for the time.

    \b
    Examples:
      tracker seal
      tracker seal --tsa https://freetsa.org/tsr
      tracker seal --key ~/.ssh/id_ed25519 --machine newsdesk

    Ends with 5 when the seal was made but the time-stamping server gave no stamp.
    """
    from tracker.errors import FetchError
    from tracker.pipeline import stamper

    config = configured(store_path)
    store = opened(store_path)
    key = _key(key_path)
    address = tsa or config.evidence.tsa
    stamps = stamper(address, fetching(config, allow_private=allow_private)) if address else None
    made = store.evidence.seal(key, now(), machine=machine, stamper=stamps, progress=progress("Sealing"))
    if made.seal is not None:
        say(_told(made))
    elif not quiet:
        say(f"nothing new since the last seal of {made.chain}")
    if made.unstamped:
        raise FetchError(f"the newest seal has no time stamp: {made.unstamped}; `tracker seal` will ask again")


def _told(made: Sealed) -> str:
    """One line about a new seal."""
    seal = made.seal
    if seal is None:
        return ""
    entries = seal.manifest.entries
    stamped = ", with a time stamp" if seal.token else ""
    return f"sealed    {seal.name}  {entries:,} new {'entry' if entries == 1 else 'entries'}{stamped}"


def own_key() -> Path:
    """Where this user's key for seals lies: never in the store, which is shared."""
    return Path(click.get_app_dir("tracker")) / "seal_key"


def _key(path: Path | None) -> Key:
    """The key that was named, else the user's own, made if it is not there yet."""
    import platform

    from tracker.store import load_key, make_key

    if path is not None:
        return load_key(path)
    own = own_key()
    if not own.exists():
        make_key(own, platform.node())
        note(
            f"Made a key for seals: {own}\nIt has no passphrase: keep it to yourself, and a copy of it safe. "
            f"Give {own}.pub to whoever shall check your seals."
        )
    return load_key(own)


@click.command("verify")
@click.argument("article", required=False)
@click.option("--seals", "seals_only", is_flag=True, help="Only the seals, not the articles: quick.")
@signers_option
@certificates_option
@click.option("-q", "--quiet", is_flag=True, help="Print only what is not as it was.")
@store_option
@json_option
def verify_command(
    article: str | None,
    seals_only: bool,
    allowed_signers: Path | None,
    tsa_ca: Path | None,
    quiet: bool,
    store_path: Path | None,
    as_json: bool,
) -> None:
    """Check ARTICLE, or the whole store, against its seals.

    Reads every text and page, compares each with what was sealed, and checks the chain of every machine, its
    signatures and time stamps. Says what is proved, by whom and since when, and what is not.

    \b
    Examples:
      tracker verify
      tracker verify news.example/story
      tracker verify --seals --allowed-signers keys.txt --tsa-ca tsa.pem

    Ends with 7 when something is not as it was. What is not proved is no fault.
    """
    from tracker.errors import StoreError
    from tracker.render.evidence import statements
    from tracker.render.options import Options

    if article and seals_only:
        raise click.UsageError("--seals looks at no article; leave one of the two out")
    config = configured(store_path)
    store = opened(store_path)
    branches = store.branches(store.find(article)) if article else None
    verdict = store.evidence.verify(
        trust(config, allowed_signers, tsa_ca), branches, seals_only=seals_only, progress=progress("Reading")
    )
    broken = [each for each in verdict.statements if each.standing == "broken"]
    shown = broken if quiet else verdict.statements
    if as_json:
        for each in shown:
            about = {"article": each.article, "revision": each.revision, "seal": each.seal}
            say_json({"standing": each.standing.value, "text": each.text} | about)
    elif shown:
        say(statements(shown, Options(**terminal())))
    if broken:
        many = "are not as they were" if len(broken) > 1 else "is not as it was"
        raise StoreError(f"{config.store}: {len(broken)} of these {many}; keep the store as it is")


@click.command("bundle")
@click.argument("article")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@signers_option
@certificates_option
@store_option
def bundle_command(
    article: str, output: Path | None, allowed_signers: Path | None, tsa_ca: Path | None, store_path: Path | None
) -> None:
    """Write ARTICLE into one zip file to hand over.

    Its pages as they came, headers, texts, what changed, its commits, and the seals over them, with a page that
    explains what is proved and how to check it with git, ssh-keygen, sha256sum and openssl alone. It says nothing of
    any other article. Whole pages are in it: whether you may pass them on is for you to know.

    \b
    Examples:
      tracker bundle news.example/story
      tracker bundle news.example/story -o story.zip --tsa-ca stamps.pem

    Ends with 7, the file written all the same, when something is not as it was sealed.
    """
    from tracker.errors import StoreError
    from tracker.pipeline import bundle

    config = configured(store_path)
    store = opened(store_path)
    history = store.history(store.find(article))
    file = output or Path(f"{history.branch.replace('/', '_')}.zip")
    with writing(file) as target:
        verdict = bundle(store, history, trust(config, allowed_signers, tsa_ca), target, config.recipes)
    say(f"written   {file}")
    if not verdict.sound:
        raise StoreError(f"not all of {history.branch} is as it was; the bundle says what is not")


def trust(config: Config, allowed_signers: Path | None, tsa_ca: Path | None) -> Trust:
    """Whom the user believes: what was said, else the settings."""
    from tracker.errors import ConfigError
    from tracker.store import Trust, load_key

    files = {
        "allowed_signers": allowed_signers or config.evidence.allowed_signers,
        "tsa_ca": tsa_ca or config.evidence.tsa_ca,
    }
    for name, file in files.items():
        if file and not file.is_file():
            raise ConfigError(f"{file}: no such file; put {name} right in tracker.toml")
    own = own_key()
    return Trust(files["allowed_signers"], load_key(own).public if own.exists() else None, files["tsa_ca"])
