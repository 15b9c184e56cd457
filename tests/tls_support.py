"""Servers that speak TLS, with a certificate of our own making."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.http_support import PAGE
from tracker.fetch import connections


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """TLS for a server called localhost, and the certificate that nobody trusts yet."""
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)]
    made += ["-out", str(certificate), *named]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """TLS for a server called localhost, which the fetcher trusts for the time of the test."""
    context, certificate = self_signed(folder)
    monkeypatch.setattr(connections, "tls", lambda: ssl.create_default_context(cafile=str(certificate)))
    return context


@contextlib.contextmanager
def talking(context: ssl.SSLContext, talk: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """A port at which every connection is secured and handed to `talk`."""

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listening socket is closed, which ends the test's server
            while True:
                connection, _ = listening.accept()
                with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as channel:
                    talk(channel)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def http_1(channel: ssl.SSLSocket) -> None:
    channel.recv(65_536)
    channel.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n" + PAGE)
