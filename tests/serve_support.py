"""The pages, served from a real socket; and a real Chromium to look at them."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
import uvicorn

from tracker.serve.app import Terms, create_app
from tracker.serve.desk import Desk
from tracker.store import open_store

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass
class Served:
    """A running server with a client of its own; `now` can be set."""

    base: str
    desk: Desk
    client: httpx2.Client
    now: list[datetime] = field(default_factory=list)

    def get(self, path: str = "", **options: Any) -> httpx2.Response:
        return self.client.get(f"{self.base}{path}", **options)

    def form(self, path: str, page: str = "", **fields: str) -> httpx2.Response:
        """Send a form as a browser would that has just read a page."""
        token = form_token(self.get(page).text)
        return self.client.post(f"{self.base}{path}", data={"form": token, **fields})


def led_to(answer: httpx2.Response) -> str:
    """The address to which a browser goes on from an answer."""
    return urljoin(str(answer.url), answer.headers["location"])


def form_token(text: str) -> str:
    """The token in the forms of a page."""
    return text.partition('name="form" value="')[2].partition('"')[0]


@contextlib.contextmanager
def served(store: Path, terms: Terms | None = None) -> Iterator[Served]:
    """The pages of a store, its reports made, for the time of the block."""
    clock = [NOW]
    with open_store(store) as opened, socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        desk = Desk(opened, lambda: clock[0], settled=0.0)
        desk.catch_up()
        config = uvicorn.Config(create_app(desk, terms or Terms()), log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            with httpx2.Client(timeout=60) as client:
                yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}/", desk, client, clock)
        finally:
            server.should_exit = True
            thread.join(10)


def chromium() -> str:
    """Where Chromium is; the test is skipped where it is not."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here: apt install chromium")
    return found


AXE = Path(__file__).parents[1] / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


def axe() -> str:
    """The source of axe-core; the test is skipped where it is not."""
    if not AXE.is_file():
        pytest.skip("no axe-core here: npm install --prefix .venv/axe axe-core")
    return AXE.read_text("utf-8")
