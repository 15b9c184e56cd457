"""Pages of the web: an address, its redirects, and the bytes that came, within limits that no server can stretch."""

from __future__ import annotations

import functools
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpcore2
import httpx2

from tracker.errors import FetchError, NotHtml, Refused
from tracker.fetch.guard import Deadline, GuardedBackend
from tracker.fetch.inflate import ACCEPTED, inflate
from tracker.fetch.kinds import not_html
from tracker.fetch.options import FetchOptions, own_name
from tracker.model import Capture

_REDIRECTS = 10
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_UNCLEAR = re.compile(r"[\x00-\x20\x7f]|^[^?#]*\\")  # a backslash in the host or path is a slash to some
_KEPT_HEADERS = frozenset(
    {
        "age",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "link",
        "location",
        "x-robots-tag",
    }
)


class GuardedTransport(httpx2.BaseTransport):
    """Sends requests through a pool whose every connection is made by the guard."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._pool = httpcore2.ConnectionPool(ssl_context=_tls(), http1=True, http2=True, network_backend=backend)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def fetch_web(source: str, options: FetchOptions) -> Capture:
    """The page behind a web address, whatever its status. Raises FetchError, Refused or NotHtml."""
    deadline = Deadline.after(options.deadline)
    url = first = checked(source)
    passed: list[str] = []
    asked: set[tuple[object, ...]] = set()
    with _client(options, deadline) as client:
        while True:
            asked.add((str(url), *_cookies(client)))  # asked again with a new cookie, an address may answer
            headers = options.headers if _origin(url) == _origin(first) else ()
            with _one_line(url, options, deadline), client.stream("GET", url, headers=dict(headers)) as response:
                target = _target(response)
                if target is None:
                    return _capture(source, str(url) if passed else source, tuple(passed), response, options)
            passed.append(str(url))
            url = checked(target)
            if (str(url), *_cookies(client)) in asked:
                raise FetchError(f"redirect loop: {' -> '.join([*passed, str(url)])}")
            if len(passed) > _REDIRECTS:
                raise FetchError(f"more than {_REDIRECTS} redirects: {' -> '.join(passed)}")


def checked(address: str) -> httpx2.URL:
    """The address as it will be asked, without its fragment. Raises Refused.

    Whatever two readers of addresses could read in two ways is refused, else one of them checks a host and the other
    asks another.
    """
    if _UNCLEAR.search(address):
        raise Refused(f"{address!r} is no web address: it has spaces, backslashes or controls in it")
    try:
        url, parts = httpx2.URL(address), urlsplit(address)
        other = httpx2.URL(f"{parts.scheme}://{parts.netloc}")
        agreed = (url.raw_host, url.port) == (other.raw_host, other.port) and parts.port != 0
    except (httpx2.InvalidURL, ValueError) as error:
        raise Refused(f"{address!r} is no web address: {error}") from error
    if url.scheme not in {"http", "https"}:
        raise Refused(f"{url.scheme or 'no'}: is not asked, only http: and https: ({address!r})")
    if url.userinfo or "@" in parts.netloc:
        raise Refused(f"{url.host}: an address with a user name in it is not asked")
    if not url.host or not agreed:
        raise Refused(f"{address!r} is no web address: which host it names is not clear")
    return url.copy_with(fragment=None)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _client(options: FetchOptions, deadline: Deadline) -> httpx2.Client:
    return httpx2.Client(
        transport=GuardedTransport(GuardedBackend(deadline, allow_private=options.allow_private)),
        trust_env=False,  # a proxy from the environment would step round the guard
        timeout=options.timeout,
        headers={
            "User-Agent": options.user_agent or own_name(),
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
            "Accept-Encoding": ACCEPTED,
        },
    )


def _cookies(client: httpx2.Client) -> list[tuple[str, str, str | None]]:
    return sorted((cookie.domain, cookie.name, cookie.value) for cookie in client.cookies.jar)


def _target(response: httpx2.Response) -> str | None:
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTING or not location:
        return None
    if "\\" in location.partition("?")[0]:
        raise Refused(f"{response.url} redirects to {location!r}, which is no web address")
    try:
        return str(response.url.join(location))
    except (httpx2.InvalidURL, ValueError) as error:
        raise Refused(f"{response.url} redirects to {location!r}, which is no web address") from error


def _capture(
    source: str, final_url: str, passed: tuple[str, ...], response: httpx2.Response, options: FetchOptions
) -> Capture:
    captured_at = options.now()
    body = inflate(response.iter_raw(), response.headers.get("content-encoding"), options.max_bytes)
    kind = not_html(body, response.headers.get("content-type")) if response.status_code < 400 else None
    if kind:
        raise NotHtml(f"{final_url} is not an HTML page but {kind}")
    return Capture(
        url=source,
        final_url=final_url,
        captured_at=captured_at,
        status=response.status_code,
        headers=tuple((name, value) for name, value in response.headers.multi_items() if name in _KEPT_HEADERS),
        body=body,
        redirects=passed,
    )


@contextmanager
def _one_line(url: httpx2.URL, options: FetchOptions, deadline: Deadline) -> Iterator[None]:
    """Turns what can go wrong on the network into a FetchError of one line."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        said = f"not done after {options.deadline:g} s" if deadline.passed else f"silent for {options.timeout:g} s"
        raise FetchError(f"{url.host} timed out: {said}") from error
    except httpcore2.RemoteProtocolError as error:
        raise FetchError(f"{url.host} broke off or does not speak HTTP: {_first_line(error)}") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise FetchError(f"{url.host}: {_first_line(error)}") from error
    except httpx2.HTTPError as error:
        raise FetchError(f"{url.host}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
