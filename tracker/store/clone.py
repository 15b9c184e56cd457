"""A new store that begins as a copy of another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import UsageError
from tracker.store.addresses import Address, Remote
from tracker.store.store import Store, open_store


@contextmanager
def cloning(path: Path, at: Address, *, texts_only: bool) -> Iterator[tuple[Store, Remote]]:
    """A new store at `path` with the remote `origin`, to be filled by a pull; nothing remains if nothing came.

    Raises UsageError where there is something at `path` already.
    """
    try:
        if any(path.iterdir()):
            is_store = (path / "articles.git").is_dir()
            advice = f"go on with `tracker pull --store {path}`" if is_store else "name another folder"
            raise UsageError(f"{path} is not empty; {advice}")
    except NotADirectoryError as error:
        raise UsageError(f"{path} is a file; name a folder") from error
    except FileNotFoundError:
        pass
    store = open_store(path, create=True)
    came = False
    try:
        yield store, store.sharing.add_origin(at, texts_only=texts_only)
        came = True
    finally:
        came = came or bool(store.articles())
        store.close()
        if not came:
            shutil.rmtree(path, ignore_errors=True)
