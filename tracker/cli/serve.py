"""`tracker serve` and `tracker site`: the pages on which people review changes."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.common import configured, now, opened, store_option, zone_option
from tracker.cli.output import note, progress

if TYPE_CHECKING:
    from tracker.serve.app import Terms
    from tracker.serve.desk import Desk
    from tracker.serve.guard import Guard
    from tracker.store import Store

PORT = 8765
INSTALL = "pip install 'tracker[serve]', or in a checkout: .venv/bin/python -m pip install -e '.[serve]'"
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - named to be refused without --allow-host
FIRST_LOOK_SECONDS = 5.0


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name that the server is asked by (repeatable).")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Ask readers for the password in the first line of this file ($TRACKER_PASSWORD does the same).",
)
@click.option("--token", is_flag=True, help="Make a token, and print the address that holds it.")
@click.option("--read-only", is_flag=True, help="Accept no form: readers can change nothing.")
@click.option("--reviewer", metavar="NAME", help="Under whose name reviews are kept until a reader gives another.")
@click.option("--passages", is_flag=True, help="Show changed passages only: no whole texts, no captured pages.")
@click.option("--demo", is_flag=True, help="Serve the bundled pages, from a store that goes when it ends.")
@store_option
@zone_option
def serve_command(
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    password_file: Path | None,
    token: bool,
    read_only: bool,
    reviewer: str | None,
    passages: bool,
    demo: bool,
    store_path: Path | None,
    tz: str | None,
) -> None:
    """Show the store in a browser.

    The stream of changes, each diff inline or side by side, the life of each article.

    Only this machine can reach it, unless --host says otherwise; then a password or a token is needed. The pages work
    without scripts; `?` shows the keys. Ctrl-C stops it, and SIGTERM.

    \b
    Examples:
      tracker serve
      tracker serve --demo
      tracker serve --host 0.0.0.0 --allow-host review.example --password-file secret.txt
    """
    _needs_extra()
    from tracker.cli.evidence import trust
    from tracker.serve.app import Terms
    from tracker.serve.desk import Desk

    _end_on_sigterm()
    guard = _guard(host, allow_host, password_file, token)
    terms = Terms(guard=guard, whole=not passages, read_only=read_only, tz=tz, reviewer=_named(reviewer))
    listener = _listening(host, port)
    store = _demonstration() if demo else opened(store_path)
    config = configured(store_path)
    desk = Desk(store, now, config.recipes, trust(config, None, None))
    address = f"http://{host if ':' not in host else f'[{host}]'}:{listener.getsockname()[1]}/"
    shown = "the demonstration, whose store goes when it ends," if demo else store.path
    note(f"tracker: {shown} is at {address}{f'?token={guard.token}' if guard.token else ''} (Ctrl-C stops it)")
    _run(desk, terms, listener)


def _named(reviewer: str | None) -> str:
    from tracker.store.reviews import is_reviewer

    if reviewer is not None and not is_reviewer(reviewer):
        raise click.UsageError(f"--reviewer {reviewer!r}: take small letters, digits and hyphens, at most 40")
    return reviewer or ""


def _needs_extra() -> None:
    from tracker.errors import ConfigError

    try:
        import starlette  # noqa: F401 - only whether it is there
        import uvicorn  # noqa: F401 - as above
    except ImportError as error:
        raise ConfigError(f"the pages need starlette and uvicorn; install them with: {INSTALL}") from error


def _guard(host: str, names: tuple[str, ...], password_file: Path | None, token: bool) -> Guard:
    """What a request must bring. Raises UsageError where others could reach the server unasked."""
    import os
    import secrets

    from tracker.serve.guard import LOOPBACK, Guard, is_loopback, name_of

    password = _password(password_file) if password_file else os.environ.get("TRACKER_PASSWORD") or None
    if not is_loopback(host) and not (password or token):
        raise click.UsageError(f"--host {host} lets others in; ask them for something, with --password-file or --token")
    if host in WILDCARDS and not names:
        raise click.UsageError(f"--host {host} has no name of its own; say what it is asked by, with --allow-host NAME")
    if strange := [name for name in names if not name_of(name.strip())]:
        raise click.UsageError(f"--allow-host {strange[0]}: give a name alone, such as review.example")
    own = f"[{host}]" if ":" in host else host
    known = {name_of(name.strip()) for name in (*LOOPBACK, own, *names)}
    return Guard(frozenset(known), password, secrets.token_urlsafe(24) if token else None)


def _password(file: Path) -> str:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read a password from {file}: {error}") from error
    if not lines or not lines[0].strip():
        raise click.UsageError(f"the first line of {file} is empty; write the password there")
    return lines[0].strip()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens: who cannot have it is told so before anything else is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only on what says that it is TCP; else each answer waits 40 ms for a receipt
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise click.UsageError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; try another --port"
        ) from error
    click.get_current_context().call_on_close(listener.close)
    return listener


def _end_on_sigterm() -> None:
    """Have a service manager's signal end the command as Ctrl-C does: what was opened is closed again."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGTERM, before))


def _demonstration() -> Store:
    """A store with the bundled pages, which is taken away when the command ends."""
    from tempfile import TemporaryDirectory

    from tracker.cli.demo import fill
    from tracker.store import open_store

    context = click.get_current_context()
    folder = context.with_resource(TemporaryDirectory(prefix="tracker-demo-", ignore_cleanup_errors=True))
    store = context.with_resource(open_store(Path(folder), create=True))
    fill(store)
    return store


def _run(desk: Desk, terms: Terms, listener: socket.socket) -> None:
    import uvicorn

    from tracker.serve.app import create_app
    from tracker.serve.keeper import Keeper

    config = uvicorn.Config(
        create_app(desk, terms), log_level="warning", access_log=False, lifespan="off", server_header=False
    )
    with Keeper(desk.store.path, desk.recipes) as keeper, suppress(KeyboardInterrupt):  # that is how one stops it
        keeper.first.wait(FIRST_LOOK_SECONDS)
        uvicorn.Server(config).run(sockets=[listener])


@click.command("site")
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--full", is_flag=True, help="Whole texts, not only the changed passages: a decision about other people's work."
)
@click.option("--url", "base", metavar="URL", help="Where the site will be: citations then hold whole addresses.")
@store_option
@zone_option
def site_command(out: Path, full: bool, base: str | None, store_path: Path | None, tz: str | None) -> None:
    """Write the same pages as files into the folder OUT.

    Any web server can show them.

    A second run writes only what has changed. Pages show changed passages with a sentence of context; captured pages
    are never among them.

    \b
    Examples:
      tracker site public
      tracker site public --url https://changes.example/ --tz Europe/Berlin
    """
    from tracker.serve.desk import Desk
    from tracker.serve.look import House, Look
    from tracker.serve.site import write_site

    address = f"{base.rstrip('/')}/" if base else ""
    house = House(live=False, whole=full, reviewing=False, base=address)
    desk = Desk(opened(store_path), now, configured(store_path).recipes)
    desk.catch_up(progress("Comparing"))
    found = write_site(desk, out, Look(house, tz), progress("Writing"))
    gone = f", {found.removed} taken away" if found.removed else ""
    note(f"tracker: {found.pages} files in {out}, {found.written} of them new or changed{gone}")
