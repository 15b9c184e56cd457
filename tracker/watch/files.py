"""Files that others read while they are written."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def put(file: Path, text: str) -> None:
    """Put a text in the place of an older file at once, so that no reader sees half of it. Raises OSError."""
    draft = file.parent / f".{file.name}.{os.getpid()}"
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
