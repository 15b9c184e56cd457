"""Pages of the web: an address, its redirects, and the bytes that came, within limits that no server can stretch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpcore2
import httpx2

from tracker.errors import FetchError, Forbidden, HostDown, NotHtml, Refused, Unavailable
from tracker.fetch import robots
from tracker.fetch.connections import PORTS, pool
from tracker.fetch.guard import Deadline, GuardedBackend, check_for_proxy
from tracker.fetch.inflate import ACCEPTED, inflate
from tracker.fetch.kinds import not_html
from tracker.fetch.options import Ask, FetchOptions
from tracker.fetch.politeness import retry_after
from tracker.fetch.robots import Robots, origin_of
from tracker.model import Capture, Validators

_REDIRECTS = 10
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_TOO_MANY_REQUESTS = 429
_LONGEST_HOST = 253  # characters, in any name server
_SAID = 300  # characters of an address or of a server's words in a message
_UNCLEAR = re.compile(r"[\x00-\x20\x7f]|^[^?#]*\\")  # a backslash in the host or path is a slash to some
KEPT_HEADERS = frozenset(
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
        "retry-after",
        "x-robots-tag",
    }
)

_CONDITIONS = {"if-none-match", "if-modified-since"}

_Headers = tuple[tuple[str, str], ...]


class _Astray(FetchError):
    """Redirects that lead nowhere."""


class Web:
    """The web as one thread asks it: connections that are kept open, each made by the guard, and each host's wishes."""

    def __init__(self, options: FetchOptions, known: MutableMapping[str, Robots]) -> None:
        self._options = options
        self._known = known
        self._deadline = Deadline.after(options.deadline)
        # A proxy that the user has named may be anywhere; what it is sent for is checked before each question.
        private = options.allow_private or options.proxy is not None
        self._backend = GuardedBackend(self._deadline, allow_private=private)
        self._pool = pool(self._backend, options.proxy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.close()

    def page(self, source: str, ask: Ask) -> Capture:
        """The page behind a web address, whatever its status. Raises FetchError or NotHtml."""
        self._deadline.restart(self._options.deadline)
        first = checked(source)

        def told(url: httpx2.URL) -> _Headers:
            own = self._options.headers if _origin(url) == _origin(first) else ()
            secret, cookies = self._options.secrets.told(str(url), str(first))
            cookie = "; ".join(f"{name}={value}" for name, value in cookies)
            return (*own, *secret, *((("cookie", cookie),) if cookie else ()), *_conditions(url, ask.validators))

        with self._answer(first, told, self._free if ask.ignore_robots else self.obey, _REDIRECTS) as answer:
            url, passed, response = answer
            return self._capture(source, str(url) if passed else source, passed, response, ask)

    def post(self, address: str, message: bytes, kind: str) -> bytes:
        """The answer of a service to a message of the content type `kind`. Raises FetchError, also for a redirect."""
        self._deadline.restart(self._options.deadline)
        url = checked(address)
        self._check(url)
        headers = {**dict(self._usual()), "Accept": "*/*", "Content-Type": kind}
        request = httpx2.Request("POST", url, headers=headers, content=message)
        with self._one_line(url), self._response(request, httpx2.Cookies()) as response:
            if response.status_code != httpx2.codes.OK:
                raise FetchError(f"{url} answered with status {response.status_code}")
            encoding = response.headers.get("content-encoding")
            return inflate(response.iter_raw(), encoding, self._options.max_bytes)

    def may_ask(self, address: str, seconds: float) -> None:
        """Raises FetchError if an address may not be asked, by whoever asks it then. `seconds` are left for that."""
        self._deadline.restart(seconds)
        self.obey(checked(address))

    def obey(self, url: httpx2.URL) -> None:
        """Raises Forbidden if the host's robots.txt does not allow an address, Unavailable if the host cannot say."""
        rules = self._robots(url)
        if rules.text is None:
            said = f"{url.host} cannot say what its robots.txt allows, so it is left in peace until"
            raise Unavailable(url.host, f"{said} {rules.until:%Y-%m-%d %H:%M} UTC{_ALL_THE_SAME}", rules.until)
        if rule := rules.forbids(str(url), self._options.robot):
            said = f"the robots.txt of {url.host} does not allow {_short(str(url))} to {self._options.robot} ({rule})"
            raise Forbidden(f"{said}{_ALL_THE_SAME}", rule)

    def _robots(self, url: httpx2.URL) -> Robots:
        """The robots.txt that holds for an address, asked for if none is known that can be believed."""
        origin, now = origin_of(str(url)), self._options.now()
        known = self._known.get(origin)
        if known is None or not known.fresh(now):
            known = self._known[origin] = self._asked(origin, known, now)
        return known

    def _asked(self, origin: str, known: Robots | None, now: datetime) -> Robots:
        """What a host answers when it is asked for its robots.txt. Raises FetchError where it answers nothing at all,
        and has not said before what it allows."""
        address = checked(f"{origin}/robots.txt")
        try:
            with self._answer(address, lambda _: (), self._free, robots.REDIRECTS) as (_, _, response):
                status = response.status_code
                if status >= 500 or status == _TOO_MANY_REQUESTS:
                    return robots.unsaid(origin, known, now, retry_after(response.headers.get("retry-after"), now))
                if not response.is_success:
                    return robots.absent(origin, now)
                return robots.told(origin, self._rules_in(response, address.host), now)
        except _Astray:
            return robots.absent(origin, now)
        except FetchError as error:
            if known is not None and known.text is not None:
                return robots.unsaid(origin, known, now, None)
            if isinstance(error, HostDown):  # also where it redirects to one: no page of its own can be had
                raise HostDown(address.host, str(error)) from error
            raise

    def _rules_in(self, response: httpx2.Response, host: str) -> bytes:
        """What stands in a robots.txt. Raises FetchError, which is about nothing that the page did."""
        encoding = response.headers.get("content-encoding")
        try:
            return inflate(response.iter_raw(), encoding, robots.MAX_BYTES, cut=True)
        except FetchError as error:
            raise FetchError(f"the robots.txt of {host} cannot be read: {error}{_ALL_THE_SAME}") from error

    # --- one question ---------------------------------------------------------------------------------------

    @staticmethod
    def _free(_: httpx2.URL) -> None:
        """Every address may be asked."""

    @contextmanager
    def _answer(
        self,
        first: httpx2.URL,
        told: Callable[[httpx2.URL], _Headers],
        obey: Callable[[httpx2.URL], None],
        redirects: int,
    ) -> Iterator[tuple[httpx2.URL, tuple[str, ...], httpx2.Response]]:
        """What answers at last: its address, those passed on the way, and the response, whose body is still to come.

        `told` is what a server is told beside the usual headers, `obey` is asked before every server is.
        """
        cookies = httpx2.Cookies()
        passed: list[str] = []
        asked: set[tuple[object, ...]] = set()
        url = first
        while True:
            asked.add((str(url), *_values(cookies)))  # asked again with a new cookie, an address may answer
            obey(url)
            self._check(url)
            request = httpx2.Request("GET", url, headers=[*self._usual(), *told(url)])
            with self._one_line(url), self._response(request, cookies) as response:
                target = _target(response)
                if target is None:
                    yield url, tuple(passed), response
                    return
            passed.append(str(url))
            url = checked(target)
            if (str(url), *_values(cookies)) in asked:
                raise _Astray(f"redirect loop: {_way(*passed, str(url))}")
            if len(passed) > redirects:
                raise _Astray(f"more than {redirects} redirects: {_way(*passed)}")

    @contextmanager
    def _response(self, request: httpx2.Request, cookies: httpx2.Cookies) -> Iterator[httpx2.Response]:
        """One question to one server, and its answer; cookies are given and taken."""
        if cookies:
            _add_cookies(request, cookies)
        answer = self._send(request)
        try:
            response = httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer), request=request)
            cookies.extract_cookies(response)
            yield response
        finally:
            answer.close()

    def _check(self, url: httpx2.URL) -> None:
        """What the guard does at each connection, where a proxy makes it."""
        if self._options.proxy is not None and not self._options.allow_private:
            port = url.port or PORTS[url.scheme]
            check_for_proxy(url.host, port, self._deadline.at_most(self._options.timeout))

    def _usual(self) -> _Headers:
        return (
            ("User-Agent", self._options.agent),
            ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"),
            ("Accept-Encoding", ACCEPTED),
        )

    def _send(self, request: httpx2.Request) -> httpcore2.Response:
        """Sends a request, once more where a connection that was kept open turns out to have been closed by the server.

        Once: over HTTP/2 a server can refuse each question and keep the connection.
        """
        made = self._backend.connections
        try:
            return self._answered(request)
        except (httpcore2.ReadError, httpcore2.WriteError, httpcore2.RemoteProtocolError):
            if self._backend.connections != made:
                raise
        return self._answered(request)

    def _answered(self, request: httpx2.Request) -> httpcore2.Response:
        try:
            return self._pool.handle_request(self._question(request))
        except ValueError as error:  # over HTTP/2 nobody looks whether the status is a number
            raise httpcore2.RemoteProtocolError(f"no status: {error}") from error

    def _question(self, request: httpx2.Request) -> httpcore2.Request:
        """A request as the connections take it."""
        url = request.url
        return httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._options.timeout)},
        )

    @contextmanager
    def _one_line(self, url: httpx2.URL) -> Iterator[None]:
        """Turns what can go wrong on the network into a FetchError of one line. Where a proxy is down, it is the host
        behind it that cannot be reached."""
        try:
            yield
        except HostDown as error:
            raise HostDown(url.host, str(error)) from error
        except httpcore2.TimeoutException as error:
            late = self._deadline.passed
            said = f"not done after {self._options.deadline:g} s" if late else f"silent for {self._options.timeout:g} s"
            raise FetchError(f"{url.host} timed out: {said}") from error
        except httpcore2.ConnectError as error:
            raise HostDown(url.host, f"{url.host}: {_first_line(error)}") from error
        except httpcore2.RemoteProtocolError as error:
            raise FetchError(f"{url.host} broke off or does not speak HTTP: {_first_line(error)}") from error
        except httpcore2.ProxyError as error:
            raise FetchError(f"the proxy does not lead to {url.host}: {_first_line(error)}") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            raise FetchError(f"{url.host}: {_first_line(error)}") from error

    def _capture(
        self, source: str, final_url: str, passed: tuple[str, ...], response: httpx2.Response, ask: Ask
    ) -> Capture:
        captured_at = self._options.now()
        body = inflate(response.iter_raw(), response.headers.get("content-encoding"), self._options.max_bytes)
        unmodified = response.status_code == _NOT_MODIFIED
        if unmodified and not _CONDITIONS & response.request.headers.keys():
            raise FetchError(f"{final_url} answered 304 (not modified), though it was not asked since when")
        capture = Capture(
            url=source,
            final_url=final_url,
            captured_at=captured_at,
            status=response.status_code,
            headers=tuple((name, value) for name, value in response.headers.multi_items() if name in KEPT_HEADERS),
            body=body,
            redirects=passed,
            unmodified_since=ask.validators if unmodified else None,
            robots_ignored=ask.ignore_robots,
        )
        is_page = capture.refusal is None and not ask.any_kind
        if is_page and (kind := not_html(body, response.headers.get("content-type"))):
            raise NotHtml(f"{final_url} is not an HTML page but {kind}")
        return capture


_ALL_THE_SAME = "; to ask all the same: --ignore-robots"


class _Body(httpx2.SyncByteStream):
    """The bytes of an answer as they come."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()


def checked(address: str) -> httpx2.URL:
    """The address as it will be asked, without its fragment. Raises Refused.

    Whatever two readers of addresses could read in two ways is refused, else one of them checks a host and the other
    asks another.
    """
    if _UNCLEAR.search(address):
        raise Refused(f"{_short(address)!r} is no web address: it has spaces, backslashes or controls in it")
    try:
        url, parts = httpx2.URL(address), urlsplit(address)
        other = httpx2.URL(f"{parts.scheme}://{parts.netloc}")
        agreed = (url.raw_host, url.port) == (other.raw_host, other.port) and parts.port != 0
    except (httpx2.InvalidURL, ValueError) as error:
        raise Refused(f"{_short(address)!r} is no web address: {_short(str(error))}") from error
    if url.scheme not in {"http", "https"}:
        raise Refused(f"{url.scheme or 'no'}: is not asked, only http: and https: ({_short(address)!r})")
    if url.userinfo or "@" in parts.netloc:
        raise Refused(f"{url.host}: an address with a user name in it is not asked")
    if not 0 < len(url.raw_host) <= _LONGEST_HOST or not agreed:
        raise Refused(f"{_short(address)!r} is no web address: which host it names is not clear")
    return url.copy_with(fragment=None)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _conditions(url: httpx2.URL, validators: Validators | None) -> _Headers:
    """What asks a server for a page only if it has changed; the address that gave the validators alone is asked so."""
    if validators is None or httpx2.URL(validators.url.partition("#")[0]) != url:
        return ()
    pairs = (("if-none-match", validators.etag), ("if-modified-since", validators.last_modified))
    return tuple((name, value) for name, value in pairs if value)


def _add_cookies(request: httpx2.Request, cookies: httpx2.Cookies) -> None:
    """The cookies that servers gave on the way, before any of the user's own."""
    own = request.headers.pop("cookie", "")
    cookies.set_cookie_header(request)
    both = "; ".join(filter(None, (request.headers.get("cookie"), own)))
    if both:
        request.headers["cookie"] = both


def _values(cookies: httpx2.Cookies) -> list[tuple[str, str, str]]:
    return sorted((cookie.domain, cookie.name, cookie.value or "") for cookie in cookies.jar)


def _target(response: httpx2.Response) -> str | None:
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTING or not location:
        return None
    try:
        if "\\" in location.partition("?")[0]:
            raise ValueError(location)
        return str(response.url.join(location))
    except (httpx2.InvalidURL, ValueError) as error:
        said = f"{_short(str(response.url))} redirects to {_short(location)!r}, which is no web address"
        raise Refused(said) from error


def _way(*addresses: str) -> str:
    return " -> ".join(map(_short, addresses))


def _short(text: str) -> str:
    """What a server wrote, as long as a line can bear it."""
    return text if len(text) <= _SAID else f"{text[: _SAID - 1]}…"


def _first_line(error: Exception) -> str:
    return _short((str(error).splitlines() or [type(error).__name__])[0])
