"""Pages that scripts make: the system's Chromium loads one, through our own gate, and the text that it shows is kept.

Needs the extra `browser`: Playwright, which steers a Chromium that is there and never gets one of its own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tracker.errors import ConfigError, FetchError, NotHtml
from tracker.fetch.gate import Gate
from tracker.fetch.guard import Deadline
from tracker.fetch.http import KEPT_HEADERS, checked
from tracker.fetch.options import Ask, FetchOptions
from tracker.model import RENDERED_BY, Capture
from tracker.text.urls import folded_host

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Playwright, Request, Response

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_QUIET_SECONDS = 5.0  # how long a page may go on loading after it has said that it is there
_CLOSING_SECONDS = 5.0
_LOOK_SECONDS = 0.1  # how often it is looked whether a page has broken off
_SUPERSEDED = "net::ERR_ABORTED"  # what Chromium calls it where a page goes on to another address
_TRIES = 3  # a page that goes on to another address just then is looked at again
_VIEW = (1280, 1024)
_TALLEST = 20_000  # pixels of a screenshot
_ARGUMENTS = (
    "--disable-quic",  # UDP, which no gate of ours sees
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # names are the gate's to look up
    "--dns-prefetch-disable",
    "--no-pings",
)
_PAGES = ("text/html", "application/xhtml+xml")
_UNASKED = frozenset({"Media", "Other", "Ping", "Prefetch", "CSPViolationReport"})  # they bring no text
_FOR_THE_EYE = frozenset({"Image", "Font"})  # asked for only where a picture is to be made
# Of the bytes that came, not of what scripts made of them: no validators for the next look, no packing.
_OF_THE_BYTES = frozenset({"content-encoding", "etag", "last-modified"})

_LENGTH = "document.documentElement ? document.documentElement.outerHTML.length : 0"
_HEIGHT = "document.documentElement ? document.documentElement.scrollHeight : 0"


def rendered(source: str, options: FetchOptions, ask: Ask, obey: Callable[[str, float], None]) -> Capture:
    """The page behind a web address as a browser shows it; a screenshot goes to the file that `ask` names.

    `obey` is asked before an address is, with the seconds that are left: it raises what the host's robots.txt does not
    allow. Raises FetchError, NotHtml, and ConfigError where Playwright or Chromium is missing.
    """
    url, program = str(checked(source)), chromium()
    deadline = Deadline.after(options.deadline)
    if not ask.ignore_robots:
        obey(url, deadline.left)
    with Gate(options, deadline) as gate:
        visit = _Visit(url, options, ask, gate)
        try:
            asyncio.run(asyncio.wait_for(visit.make(program), deadline.left))
        except TimeoutError:
            visit.problem = FetchError(f"{visit.host} timed out: not done after {options.deadline:g} s in the browser")
        if problem := visit.what_is_wrong():
            raise problem
    if visit.final_url != url and not ask.ignore_robots:
        obey(visit.final_url, deadline.left)
    return visit.capture(source)


def chromium() -> str:
    """The system's Chromium. Raises ConfigError with what to install."""
    try:
        import playwright  # noqa: F401 - whether it is there
    except ImportError as error:
        raise ConfigError("a browser needs an extra; run: pip install 'tracker[browser]'") from error
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise ConfigError("a browser needs Chromium, which is not there; on Debian or Ubuntu: apt install chromium")
    return found


class _Visit:
    """One page in one browser, which is started for it and ended with it: nothing passes to the next."""

    def __init__(self, url: str, options: FetchOptions, ask: Ask, gate: Gate) -> None:
        self.problem: FetchError | NotHtml | None = None
        self.host = checked(url).host
        self._url, self._options, self._ask, self._gate = url, options, ask, gate
        self._left = options.max_bytes  # of what the page inflates to
        self._asked: list[Request] = []  # the questions for the page itself
        self._answers: list[Response] = []  # the answers to them, the last is its own
        self._failed: dict[Request, str] = {}
        self._html, self._version, self._at = "", "", options.now()
        self._headers: tuple[tuple[str, str], ...] = ()
        self._frame = ""  # the page's own, not one within it
        self._strayed = False  # it has led to another site
        self._screenshot: bytes | None = None

    @property
    def final_url(self) -> str:
        """The address that answered, without its fragment."""
        return self._answers[-1].url.partition("#")[0]

    @property
    def _spent(self) -> bool:
        return self._gate.overspent or self._left < 0

    @property
    def _cut(self) -> str | None:
        """How the page itself broke off, after its server had begun to answer."""
        return self._failed.get(self._answers[-1].request) if self._answers else None

    def what_is_wrong(self) -> FetchError | NotHtml | None:
        """Why there is no page, None where there is one."""
        if self._spent:
            return FetchError(f"the page loads more than {self._options.max_bytes:,} bytes, too much for an article")
        last = checked(self._asked[-1].url).host if self._asked else self.host
        if self.problem and not (self._answers and self._asked[-1] == self._answers[-1].request):
            return self._gate.failed.get(last, self.problem)
        return self.problem

    def capture(self, source: str) -> Capture:
        """The page, and the screenshot written."""
        passed = tuple(each.url.partition("#")[0] for each in self._answers[:-1])
        if self._ask.screenshot and self._screenshot is not None:
            self._ask.screenshot.write_bytes(self._screenshot)
        return Capture(
            url=source,
            final_url=self.final_url if passed else source,
            captured_at=self._at,
            status=self._answers[-1].status,
            headers=(*self._headers, (RENDERED_BY, f"Chromium/{self._version}")),
            body=self._html.encode("utf-8", "replace"),
            redirects=passed,
            robots_ignored=self._ask.ignore_robots,
        )

    # --- in the browser -------------------------------------------------------------------------------------

    async def make(self, program: str) -> None:
        """Start a browser, look at the page, end the browser."""
        from playwright.async_api import Error, async_playwright

        async with async_playwright() as play:
            try:
                browser = await self._start(play, program)
            except Error as error:
                raise ConfigError(f"{program} does not start: {_first_line(error)}") from error
            try:
                await self._look(await self._context(browser))
            except Error as error:
                self.problem = FetchError(f"{self.host}: the browser says {_first_line(error)}")
            finally:
                with suppress(Error, TimeoutError):
                    await asyncio.wait_for(browser.close(), _CLOSING_SECONDS)

    async def _start(self, play: Playwright, program: str) -> Browser:
        return await play.chromium.launch(
            executable_path=program,
            args=list(_ARGUMENTS),
            chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to be sandboxed when it is root
            proxy={"server": self._gate.server, "bypass": "<-loopback>"},  # this machine is no exception
            handle_sigint=False,
            handle_sigterm=False,
        )

    async def _context(self, browser: Browser) -> BrowserContext:
        self._version = browser.version
        return await browser.new_context(
            user_agent=self._options.agent,
            viewport={"width": _VIEW[0], "height": _VIEW[1]},
            timezone_id="UTC",
            service_workers="block",
            accept_downloads=False,
        )

    async def _look(self, context: BrowserContext) -> None:
        page = await context.new_page()
        context.on("page", lambda other: asyncio.ensure_future(other.close()))
        page.on("request", lambda request: self._asked.append(request) if _is_of(page, request) else None)
        page.on("response", lambda answer: self._answers.append(answer) if _is_of(page, answer.request) else None)
        page.on("requestfailed", self._note_failure)
        channel = await self._watch(context, page)
        if not await self._unless_cut(page.goto(self._url, wait_until="load", timeout=0)):
            return
        await self._settle(page)
        if self._ask.screenshot:
            self._screenshot = await _picture(page, await self._found(channel, _HEIGHT))
        await self._read(page, channel)

    def _note_failure(self, request: Request) -> None:
        if request.failure != _SUPERSEDED:
            self._failed[request] = request.failure or "no answer"

    async def _unless_cut(self, work: Coroutine[Any, Any, object]) -> bool:
        """Does the work; false if the page broke off or became too much meanwhile, which a browser waits out."""
        task = asyncio.ensure_future(work)
        try:
            while not (task.done() or self._spent or self._cut):
                await asyncio.wait({task}, timeout=_LOOK_SECONDS)
        finally:
            task.cancel()
        if self._cut and not self._spent:
            self.problem = FetchError(f"{self.host} broke off: {self._cut}")
        return task.done() and task.result() is not None

    async def _watch(self, context: BrowserContext, page: Page) -> CDPSession:
        """Count bytes as they are inflated, which the gate sees packed, and look at each question before it is asked.

        Not by Playwright's routes: those send what is added to one question to wherever that is redirected.
        """
        channel = await context.new_cdp_session(page)

        def count(event: dict[str, int]) -> None:
            self._left -= event["dataLength"]

        channel.on("Network.dataReceived", count)
        channel.on("Fetch.requestPaused", lambda event: asyncio.ensure_future(self._pass(context, channel, event)))
        await channel.send("Network.enable")
        await channel.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        frames = await channel.send("Page.getFrameTree")
        self._frame = frames["frameTree"]["frame"]["id"]
        return channel

    async def _found(self, channel: CDPSession, expression: str) -> Any:
        """What an expression finds in the page, in a world of our own: in the page's, its scripts can say anything."""
        world = await channel.send("Page.createIsolatedWorld", {"frameId": self._frame})
        asked = {"contextId": world["executionContextId"], "expression": expression, "returnByValue": True}
        return (await channel.send("Runtime.evaluate", asked))["result"].get("value")

    async def _pass(self, context: BrowserContext, channel: CDPSession, event: dict[str, Any]) -> None:
        """Let a question go, unless nobody looks at what it would bring; our secrets go with it to their own host."""
        from playwright.async_api import Error

        request = {"requestId": event["requestId"]}
        with suppress(Error):  # the page has gone on, and the question with it
            kind = event["resourceType"]
            if kind in _UNASKED or (kind in _FOR_THE_EYE and not self._ask.screenshot):
                await channel.send("Fetch.failRequest", {**request, "errorReason": "Aborted"})
                return
            url = event["request"]["url"]
            headers, cookies = self._options.secrets.told(url, self._url) if self._is_ours(event) else ((), ())
            if cookies:
                given = [(each["name"], each["value"]) for each in await context.cookies(url)]
                headers = (*headers, ("Cookie", "; ".join(f"{name}={value}" for name, value in (*given, *cookies))))
            if headers:
                told = {**event["request"]["headers"], **dict(headers)}
                request["headers"] = [{"name": name, "value": value} for name, value in told.items()]
            await channel.send("Fetch.continueRequest", request)

    def _is_ours(self, event: dict[str, Any]) -> bool:
        """Does the page ask, and not a frame in it, or another site that it has led to? What that site has a browser
        ask of the first one is its own wish; back to it we go as to any address, with our name."""
        if event["frameId"] != self._frame:
            return False
        is_page = event["resourceType"] == "Document"
        if is_page and folded_host(event["request"]["url"]) != folded_host(self._url):
            self._strayed = True
        return not self._strayed or (is_page and event["request"]["method"] == "GET")

    async def _settle(self, page: Page) -> None:
        """Wait until the page loads nothing more, for a while: some never end."""
        from playwright.async_api import TimeoutError as StillLoading

        with suppress(StillLoading):
            await page.wait_for_load_state("networkidle", timeout=_QUIET_SECONDS * 1000)

    async def _read(self, page: Page, channel: CDPSession) -> None:
        """Take the page as it is now, and see that it is one."""
        from playwright.async_api import Error

        for turn in range(_TRIES):
            try:
                kind, length = [await self._found(channel, each) for each in ("document.contentType", _LENGTH)]
                html = await page.content() if length <= self._options.max_bytes else ""
                break
            except Error:  # it has just gone on to another address
                if turn == _TRIES - 1 or page.is_closed():
                    raise
                await self._settle(page)
        self._at = self._options.now()
        if not page.url.startswith(("http:", "https:")) or not self._answers:
            self.problem = FetchError(f"{self.host}: the page went on to what could not be had")
        elif self._cut:
            self.problem = FetchError(f"{self.host} broke off: {self._cut}")
        elif length > self._options.max_bytes:
            self._left = -1
        elif kind not in _PAGES and self._answers[-1].status < 400:
            self.problem = NotHtml(f"{self.final_url} is not an HTML page but {kind} as its server calls it")
        else:
            self._html = html
            headers = await self._answers[-1].headers_array()
            named = ((each["name"].lower(), each["value"]) for each in headers)
            self._headers = tuple(pair for pair in named if pair[0] in KEPT_HEADERS - _OF_THE_BYTES)


def _is_of(page: Page, request: Request) -> bool:
    """Is it a question for the page itself, not for what it loads or for a frame in it?"""
    from playwright.async_api import Error

    try:
        return request.is_navigation_request() and request.frame == page.main_frame
    except Error:  # a frame that is just being made
        return False


async def _picture(page: Page, height: int) -> bytes:
    """The whole page, as far down as anybody scrolls."""
    area = {"x": 0, "y": 0, "width": _VIEW[0], "height": max(_VIEW[1], min(height, _TALLEST))}
    return await page.screenshot(full_page=True, clip=area, animations="disabled")  # type: ignore[arg-type]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removeprefix("Page.goto: ") if str(error) else type(error).__name__
