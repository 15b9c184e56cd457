"""A proxy of our own on the loopback address, through which one browser loads one page.

A browser looks names up and connects by itself, so that no check in this program would see where it goes. Chromium is
told to know no way out but this one: here each name is resolved once, its addresses are checked, and the connection
goes to one of those, as in `guard.py`. All that passes is counted, and nothing passes after the deadline.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from tracker.errors import FetchError, HostDown
from tracker.fetch.connections import PORTS, pool, way_through
from tracker.fetch.guard import Deadline, GuardedBackend, check_for_proxy
from tracker.fetch.http import checked
from tracker.fetch.options import FetchOptions

_STEP = 65_536
_HEAD = 16_384  # bytes of a proxy's answer to CONNECT
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
    | {"proxy-connection", "proxy-authorization", "proxy-authenticate"}
)
_BODILESS = frozenset({204, 304})


class Gate:
    """The proxy, for the time of a `with`. `server` is its address.

    `failed` holds, by host, why nothing came from it. `overspent`: more than the limit wanted to pass, and the rest was
    cut off.
    """

    def __init__(self, options: FetchOptions, deadline: Deadline) -> None:
        self.failed: dict[str, FetchError] = {}
        self.overspent = False
        self.timeout = options.timeout
        self._options = options
        self._deadline = deadline
        self._left = options.max_bytes
        private = options.allow_private or options.proxy is not None
        self._backend = GuardedBackend(deadline, allow_private=private)
        self._pool = pool(self._backend, options.proxy)
        self._lock = threading.Lock()
        self._server = _Server(self)

    @property
    def server(self) -> str:
        """ "http://127.0.0.1:40000"."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._pool.close()

    def spend(self, count: int) -> None:
        """So many bytes have come. Raises FetchError when it is too much for one page with all that it loads."""
        with self._lock:
            self._left -= count
            self.overspent = self._left < 0
        if self.overspent:
            raise FetchError("too much")

    def ask(self, request: httpcore2.Request) -> httpcore2.Response:
        """A question in the clear, and its answer. Raises FetchError and what httpcore2 raises."""
        self._check(request.url.host.decode("ascii"), request.url.port or PORTS["http"])
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        return self._pool.handle_request(request)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection for what we cannot read. Raises FetchError and what httpcore2 raises."""
        self._check(host, port)
        if self._options.proxy is None:
            return _socket_of(self._backend.connect_tcp(host, port, self.timeout))
        way = way_through(self._options.proxy)
        stream = self._backend.connect_tcp(way.url.host, way.url.port or PORTS["http"], self.timeout)
        password = "".join(f"Proxy-Authorization: {value}\r\n" for value in _basic(way))
        stream.write(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{password}\r\n".encode("ascii"))
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD and (more := stream.read(1, self.timeout)):
            head += more  # byte by byte: what follows the head is the browser's
        if head.split(b" ", 2)[1:2] != [b"200"]:
            stream.close()
            raise HostDown(host, f"the proxy does not lead to {host}: {head[:60].decode('latin-1').split(chr(13))[0]}")
        return _socket_of(stream)

    def _check(self, host: str, port: int) -> None:
        if self._options.proxy is not None and not self._options.allow_private:
            check_for_proxy(host, port, self._deadline.at_most(self.timeout))

    def relay(self, ours: socket.socket, theirs: socket.socket) -> None:
        """Passes bytes to and fro until one side ends, both are silent for too long, or the deadline has come."""
        with selectors.DefaultSelector() as selector:
            selector.register(ours, selectors.EVENT_READ, theirs)
            selector.register(theirs, selectors.EVENT_READ, ours)
            while ready := selector.select(self._deadline.at_most(self.timeout)):
                for key, _ in ready:
                    source, target = (ours, theirs) if key.fileobj is ours else (theirs, ours)
                    data = source.recv(_STEP)
                    if not data:
                        return
                    self.spend(len(data))
                    target.sendall(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, gate: Gate) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gate = gate

    def handle_error(self, *_: object) -> None:
        """A browser that hangs up is no error."""


class _Handler(BaseHTTPRequestHandler):
    """One connection of the browser. Whatever goes wrong on the other side ends it without an answer: a page that we
    made up must never be taken for the host's."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.gate.timeout)

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        host = host.strip("[]")
        self.close_connection = True
        with self._failing(host):
            theirs = self.server.gate.connect(host, int(port))
            with contextlib.closing(theirs):
                self.send_response_only(200)
                self.end_headers()
                theirs.settimeout(self.server.gate.timeout)
                self.server.gate.relay(self.connection, theirs)

    def _forward(self) -> None:
        host = httpx2.URL(self.path).host
        with self._failing(host):
            url = checked(self.path)
            kept = [(name, value) for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP]
            length = int(self.headers.get("content-length", 0))
            self.server.gate.spend(length)  # before it is taken in
            body = self.rfile.read(length)
            target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            request = httpcore2.Request(self.command, target, headers=kept, content=body)
            answer = self.server.gate.ask(request)
            with contextlib.closing(answer):
                self._answer(answer)

    # The names that http.server looks for.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815 - see above

    def _answer(self, answer: httpcore2.Response) -> None:
        """The answer as it came, so framed that the browser sees where it breaks off."""
        headers = httpx2.Headers(answer.headers)
        chunked = "content-length" not in headers and self.command != "HEAD" and answer.status not in _BODILESS
        self.send_response_only(answer.status)
        for name, value in headers.multi_items():
            if name not in _HOP_BY_HOP:
                self.send_header(name, value)
        if chunked:
            self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in answer.iter_stream():
            self.server.gate.spend(len(piece))
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    @contextlib.contextmanager
    def _failing(self, host: str) -> Iterator[None]:
        """Remembers why nothing came from a host, and ends the connection."""
        try:
            yield
        except HostDown as error:  # also where it is the proxy that is down
            self.server.gate.failed.setdefault(host, HostDown(host, str(error)))
            self.close_connection = True
        except FetchError as error:
            self.server.gate.failed.setdefault(host, error)
            self.close_connection = True
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            said = (str(error).splitlines() or ["timed out"])[0]
            self.server.gate.failed.setdefault(host, FetchError(f"{host}: {said}"))
            self.close_connection = True
        except (OSError, ValueError):  # the browser hung up, or asked what is no question
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _socket_of(stream: httpcore2.NetworkStream) -> socket.socket:
    found: socket.socket = stream.get_extra_info("socket")
    return found


def _basic(way: httpx2.Proxy) -> list[str]:
    from base64 import b64encode

    return [f"Basic {b64encode(b':'.join(way.raw_auth)).decode('ascii')}"] if way.raw_auth else []
