"""Which addresses are asked: the name is resolved once, every address it has is checked, and one of those is used.

Without this a page could make us read what only this machine can reach: routers, metadata services, databases. The
check stands where the connection is made, so that odd spellings, redirects and names that change their address between
the check and the connection all pass through it.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore2

from tracker.errors import HostDown, Refused

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

# Not "private" to the standard library, and yet not the public web.
_NAMED = tuple(
    (ipaddress.ip_network(network), name)
    for network, name in (
        ("100.64.0.0/10", "a shared address of a provider"),
        ("192.88.99.0/24", "a relay address"),
        ("0.0.0.0/8", "an address of this machine"),
        ("64:ff9b:1::/48", "a private address"),
    )
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def forbidden(address: str) -> str | None:
    """Why an IP address is not asked ("a private address"), or None for a public one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "no address that we know"
    inner = _inside(ip) if isinstance(ip, ipaddress.IPv6Address) else ()
    return next((reason for each in (*inner, ip) if (reason := _why_not(each, wrapped=bool(inner)))), None)


def _inside(ip: ipaddress.IPv6Address) -> tuple[_Address, ...]:
    """The IPv4 addresses that an IPv6 address carries: mapped, compatible, NAT64, 6to4, Teredo."""
    low = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip.ipv4_mapped or ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return (low,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    return ip.teredo or ()


def _why_not(ip: _Address, *, wrapped: bool) -> str | None:
    named = next((name for network, name in _NAMED if ip.version == network.version and ip in network), None)
    if named:
        return named
    if ip.is_loopback or ip.is_unspecified:
        return "an address of this machine"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip.version == 6 and wrapped:
        return None  # judged by what it carries
    if ip.is_private:
        return "a private address"
    public = ip.is_global and not ip.is_reserved and (ip.version == 4 or ip in _GLOBAL_V6)
    return None if public else "a reserved address"


# --- the clock ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Deadline:
    """The moment (of the monotonic clock) at which a fetch is given up, however busy the server keeps us.

    Connections outlive a fetch and their deadline with them: it is set anew for each.
    """

    moment: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def restart(self, seconds: float) -> None:
        """Another fetch begins."""
        self.moment = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, none once it has come."""
        return max(0.0, self.moment - time.monotonic())

    @property
    def passed(self) -> bool:
        return not self.left

    def at_most(self, seconds: float | None) -> float:
        """The time that one step may take. Raises httpcore2.ReadTimeout when none is left."""
        left = self.left
        if not left:
            raise httpcore2.ReadTimeout
        return left if seconds is None else min(left, seconds)


# --- the network --------------------------------------------------------------------------------------------


class GuardedStream(httpcore2.NetworkStream):
    """A connection on which no step outlasts the deadline; headers and handshakes are steps too."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.at_most(timeout))
        return GuardedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to checked addresses only. Host header and TLS name stay those of the URL.

    `connections` counts those that it has made.
    """

    def __init__(self, deadline: Deadline, *, allow_private: bool) -> None:
        self.connections = 0
        self._deadline = deadline
        self._allow_private = allow_private
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        self.connections += 1
        addresses = resolve(host, port, self._deadline.at_most(timeout))
        if not self._allow_private:
            check(host, addresses)
        failure: Exception | None = None
        for address in addresses:
            left = self._deadline.at_most(timeout)
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options or ())
                return GuardedStream(stream, self._deadline)
            except (httpcore2.ConnectTimeout, httpcore2.ConnectError) as error:
                failure = error
        raise HostDown(host, f"{host}: {_reason(failure)} on port {port}") from failure


def _reason(error: Exception | None) -> str:
    cause = error.__cause__ if error else "no address"
    if isinstance(error, httpcore2.ConnectTimeout):
        return "no connection in time"
    return "connection refused" if isinstance(cause, ConnectionRefusedError) else f"no connection ({cause or error})"


def check(host: str, addresses: Iterable[str]) -> None:
    """Raises Refused if any address of the name is not a public one."""
    for address in addresses:
        reason = forbidden(address)
        if reason:
            spelt = host if host == address else f"{host} ({address})"
            raise Refused(f"{spelt} is {reason}, which is not asked; if you mean it: --allow-private")


def check_for_proxy(host: str, port: int, timeout: float) -> None:
    """The check where a proxy makes the connection. Raises Refused.

    A name that only the proxy knows cannot be checked, and the proxy may find another address than we did.
    """
    try:
        addresses = resolve(host, port, timeout)
    except HostDown:
        return
    check(host, addresses)


def resolve(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """The addresses of a name, each once, in the order of the system. Raises HostDown.

    The system's resolver knows no time limit, so it runs on a thread that can be left behind.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_look_up(host, port)), daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise HostDown(host, f"{host}: no answer from the name server in {timeout:.0f} s") from None
    if isinstance(answer, Exception):
        raise HostDown(host, f"{host} does not resolve: check the spelling and the network") from answer
    return answer


def _look_up(host: str, port: int) -> tuple[str, ...] | Exception:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
