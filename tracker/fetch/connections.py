"""Connections that are kept open from one question to the next, each made by the guard, straight or through a proxy."""

from __future__ import annotations

import functools
import ssl
from typing import Any

import httpcore2
import httpx2

from tracker.errors import ConfigError
from tracker.fetch.guard import GuardedBackend

PORTS = {"http": 80, "https": 443}
_IDLE_CONNECTIONS, _IDLE_SECONDS = 20, 30.0  # how many are kept open, and how long: servers close theirs about then


def pool(backend: GuardedBackend, proxy: str | None) -> httpcore2.ConnectionPool:
    """Connections made by a backend, through a proxy if there is one. Raises ConfigError."""
    settings: dict[str, Any] = {
        "ssl_context": tls(),
        "max_connections": None,
        "max_keepalive_connections": _IDLE_CONNECTIONS,
        "keepalive_expiry": _IDLE_SECONDS,
        "http1": True,
        "http2": True,
        "network_backend": backend,
    }
    if proxy is None:
        return httpcore2.ConnectionPool(**settings)
    way = way_through(proxy)
    address = httpcore2.URL(scheme=b"http", host=way.url.raw_host, port=way.url.port or PORTS["http"], target=b"/")
    return httpcore2.HTTPProxy(address, proxy_auth=way.raw_auth, **settings)


def way_through(proxy: str) -> httpx2.Proxy:
    """A proxy as the user wrote it: its address, and who we are to it. Raises ConfigError."""
    try:
        way = httpx2.Proxy(proxy)
    except (httpx2.InvalidURL, ValueError):
        way = None
    if way is None or way.url.scheme != "http" or not way.url.host:
        raise ConfigError("the proxy must be written as http://host:port or http://user:password@host:port")
    return way


@functools.cache
def tls() -> ssl.SSLContext:
    """Certificates are checked against those that the system trusts."""
    return httpx2.create_ssl_context(trust_env=False)
