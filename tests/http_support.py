"""A web server of our own on the loopback address: what it answers is a function of the request."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tracker.fetch import FetchOptions

PAGE = b"<!doctype html><html><title>Ferry</title><body><h1>Late</h1><p>The ferry ran late on Monday.</p></body></html>"
NOW = datetime(2015, 5, 31, 15, 13, 7, 42, tzinfo=UTC)


def options(**changes: Any) -> FetchOptions:
    """The options of a test: a standing clock, and short limits."""
    return dataclasses.replace(FetchOptions(now=lambda: NOW, timeout=5.0, deadline=10.0), **changes)


Route = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Runs the route of the path, or answers 404. That there is no robots.txt is not logged."""

    server: Server
    body: bytes = b""

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.do_GET()

    def do_GET(self) -> None:
        route = self.server.routes.get(self.path.partition("?")[0])
        if route or self.path != "/robots.txt":
            self.server.log.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
        with contextlib.suppress(ConnectionError, TimeoutError):  # the client goes away when it has seen enough
            if route is None:
                self.answer(b"<p>nothing here</p>", status=404)
            else:
                route(self)

    def answer(self, body: bytes = PAGE, status: int = 200, **headers: str) -> None:
        """A whole answer; header names are written with `_` for `-`. `Content_Length` can be made to lie."""
        self.send_response(status)
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        for name, value in {"content-type": "text/html", "content-length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@dataclass
class Request:
    """What a client asked."""

    path: str
    headers: dict[str, str]


@dataclass
class Served:
    """A running server: its port, its routes (to be filled in), and what was asked of it."""

    port: int
    routes: dict[str, Route]
    log: list[Request] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler)
        self.routes: dict[str, Route] = {}
        self.log: list[Request] = []

    def handle_error(self, *args: object) -> None:
        """A client that went away is no error of a test."""


@contextlib.contextmanager
def serving(routes: dict[str, Route] | None = None, host: str = "127.0.0.1") -> Iterator[Served]:
    """A server on a free port for the time of the block. Routes that wait should wait on `stop`."""
    with Server((host, 0)) as server:
        server.routes = routes if routes is not None else {"/": Handler.answer}
        served = Served(server.server_address[1], server.routes, server.log)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.stop.set()
            server.shutdown()
            thread.join(5)
