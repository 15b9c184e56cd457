"""Answers requests: each address is one page, or the page of a snapshot as it came. Needs the extra `[serve]`."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tracker.errors import NotFound, TrackerError, UsageError
from tracker.pipeline import known_report
from tracker.render import RENDERERS
from tracker.render.options import Options
from tracker.render.times import machine, zone
from tracker.serve import paths
from tracker.serve.api import Api
from tracker.serve.desk import Desk
from tracker.serve.door import WRONG_PASSWORD_SECONDS, Door, form_of, set_cookie
from tracker.serve.guard import CAPTURE_POLICY, READER, SESSION, SESSION_SECONDS, Guard
from tracker.serve.look import House, Look, Page
from tracker.serve.pages.articles import article_page, articles_page
from tracker.serve.pages.diffs import diff_page
from tracker.serve.pages.others import health_page, host_page, hosts_page, search_page, stream_page
from tracker.serve.pages.snapshots import captured, captured_page, snapshot_page, source_page
from tracker.serve.pages.stream import Wanted
from tracker.serve.reviewing import review_of
from tracker.serve.shelf import Drawn, Shelf
from tracker.serve.shell import FORM_TOKEN, assets_by_name, draw
from tracker.store.reviews import is_reviewer
from tracker.text.decode import decode

ZONE, VISIT, REVIEWER = "tracker_zone", "tracker_visit", "tracker_reviewer"
VISIT_ENDS = timedelta(minutes=30)  # a reader who does not ask for anything for so long has gone
YEAR = 365 * 86_400

_CANONICAL = re.compile(rf"[0-9a-f]{{{paths.DIGITS}}}")
_FORMATS = {"json": "application/json", "html": "text/html", "markdown": "text/markdown", "terminal": "text/plain"}

MakePage = Callable[[Desk, Look, Request], Page]
Stamp = Callable[[Desk, Request], Hashable]


@dataclass(frozen=True)
class Terms:
    """What whoever starts the server decides: see House and Guard. `tz` is the zone of who has chosen none.

    `reviewer` is under whose name reviews are kept until a reader gives another.
    """

    guard: Guard = field(default_factory=Guard)
    whole: bool = True
    read_only: bool = False
    tz: str | None = None
    reviewer: str = ""


def create_app(desk: Desk, terms: Terms) -> Starlette:
    """The ASGI application for a store."""
    served, api = _Served(desk, terms, Shelf()), Api(desk, Shelf(), terms.whole)
    return Starlette(
        routes=[*served.page_routes(), *served.capture_routes(), *served.form_routes(), *api.routes()],
        middleware=[Middleware(Door, guard=terms.guard, read_only=terms.read_only)],
        exception_handlers={HTTPException: served.missing, Exception: served.failed},
    )


@dataclass
class _Served:
    desk: Desk
    terms: Terms
    shelf: Shelf

    # --- pages --------------------------------------------------------------------------------------------------

    def page_routes(self) -> list[Route]:
        article = "/a/{host}/{slug}/"
        return [
            Route("/", self._page(_stream, _whole_store, visits=True)),
            Route(f"/{paths.ARTICLES}", self._page(_articles, _whole_store)),
            Route(f"/{paths.HOSTS}", self._page(lambda desk, look, _: hosts_page(desk, look), _whole_store)),
            Route(f"/{paths.HOSTS}{{host}}/", self._page(_host, _whole_store)),
            Route(f"/{paths.SEARCH}", self._page(_search, _whole_store)),
            Route(f"/{paths.HEALTH}", self._page(lambda desk, look, _: health_page(desk, look), _never_the_same)),
            Route(article, self._page(lambda desk, look, asked: article_page(desk, look, _branch(asked)), _article)),
            Route(f"{article}diff/{{before}}..{{after}}/", self._page(_diff, _article)),
            Route(f"{article}at/{{rev}}/", self._page(_snapshot, _article)),
            Route(f"{article}at/{{rev}}/page/", self._page(_captured, _article)),
            Route(f"{article}at/{{rev}}/source/", self._page(_source, _article)),
            Route("/login", self._login_page),
            Route("/static/{name}", _static),
        ]

    def _page(self, make: MakePage, stamp: Stamp, *, visits: bool = False) -> Callable[[Request], Response]:
        """An endpoint that answers with a page, drawn anew only where what it is made from has changed."""

        def answer(request: Request) -> Response:
            look = self._look(request)
            if not visits:
                look = replace(look, since=None)
            key = (request.url.path, request.url.query, look)

            def drawn() -> bytes:
                return draw(make(self.desk, look, request), look).encode("utf-8", "replace")

            try:
                page = self.shelf.get(key, stamp(self.desk, request), drawn)
            except _Elsewhere as elsewhere:
                return self._redirect(request, elsewhere.path)
            except TrackerError as error:
                return self._trouble(request, error)
            return self._send(request, page)

        return answer

    def _look(self, request: Request) -> Look:
        given = request.query_params
        house = House(
            whole=self.terms.whole,
            reviewing=not self.terms.read_only,
            locked=self.terms.guard.locked,
            base=str(request.base_url),
        )
        return Look(
            house=house,
            tz=_zone(request.cookies.get(ZONE)) or self.terms.tz,
            since=_visit(request.cookies.get(VISIT), self.desk.now())[0],
            reviewer=_reviewer(request.cookies.get(REVIEWER)) or self.terms.reviewer,
            all=given.get("all") == "1",
            whole=given.get("text") == "whole",
            side=given.get("view") == "side",
        )

    def _send(self, request: Request, page: Drawn, status: int = HTTPStatus.OK) -> Response:
        """A page to a reader, who is given a cookie that ties our forms to this browser, and a time of visit."""
        reader = request.cookies.get(READER) or secrets.token_urlsafe(18)
        token = self.terms.guard.form_token(reader)
        tag = f'{page.tag[:-1]}-{token[:8]}"'
        headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "cookie"}
        if request.headers.get("if-none-match") == tag and status == HTTPStatus.OK:
            answer = Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        else:
            body = page.body.replace(FORM_TOKEN.encode(), token.encode())
            answer = Response(body, status, headers, "text/html; charset=utf-8")
        if READER not in request.cookies:
            set_cookie(answer, request, READER, reader, YEAR)
        _, cookie = _visit(request.cookies.get(VISIT), self.desk.now())
        if cookie != request.cookies.get(VISIT):
            set_cookie(answer, request, VISIT, cookie, YEAR)
        return answer

    def _redirect(self, request: Request, path: str) -> Response:
        root = request.scope.get("root_path", "")
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{root}/{path}{query}", HTTPStatus.FOUND)

    # --- when something is wrong --------------------------------------------------------------------------------

    def _trouble(self, request: Request, error: TrackerError) -> Response:
        """A page that says what is wrong, and what to do about it."""
        status = HTTPStatus.SERVICE_UNAVAILABLE
        if isinstance(error, NotFound):
            status = HTTPStatus.NOT_FOUND
        elif isinstance(error, UsageError):
            status = HTTPStatus.BAD_REQUEST
        return self._error_page(request, status, str(error))

    def _error_page(self, request: Request, status: int, message: str) -> Response:
        look = replace(self._look(request), since=None)
        here = request.url.path.removeprefix(request.scope.get("root_path", "")).removeprefix("/")
        page = Page(here, "error.html", HTTPStatus(status).phrase, {"message": message, "status": int(status)})
        return self._send(request, Drawn.of(draw(page, look).encode("utf-8", "replace")), status)

    def missing(self, request: Request, error: Exception) -> Response:
        """What no route answers to."""
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        message = "There is no such page here." if status == HTTPStatus.NOT_FOUND else HTTPStatus(status).phrase
        return self._error_page(request, status, message)

    def failed(self, request: Request, error: Exception) -> Response:  # noqa: ARG002 - Starlette's signature
        """A bug of ours: the server's log has it, the reader is told no more than that."""
        return PlainTextResponse("a bug in tracker; the server's log has more\n", HTTPStatus.INTERNAL_SERVER_ERROR)

    # --- pages as they were captured ----------------------------------------------------------------------------

    def capture_routes(self) -> list[Route]:
        article = "/a/{host}/{slug}/"
        return [
            Route("/raw/{host}/{slug}/{rev}/page.html", self._frame),
            Route("/raw/{host}/{slug}/{rev}/page.txt", self._bytes),
            Route(f"{article}diff/{{before}}..{{after}}/report.{{kind}}", self._report),
        ]

    def _frame(self, request: Request) -> Response:
        """A captured page, for a frame of ours: nothing in it runs, and nothing in it asks anybody for anything."""
        try:
            _needs_whole(self._look(request))
            history, entry, raw = captured(self.desk, _branch(request), request.path_params["rev"])
        except TrackerError as error:
            return self._trouble(request, error)
        if request.headers.get("sec-fetch-dest") == "document":
            return self._redirect(request, f"{paths.snapshot(history.branch, entry.revision)}page/")
        text = decode(raw.body, raw.header("content-type")).text
        headers = {
            "content-security-policy": CAPTURE_POLICY,
            "x-frame-options": "SAMEORIGIN",
            "cache-control": "no-store",
        }
        return Response(text.encode("utf-8", "replace"), headers=headers, media_type="text/html; charset=utf-8")

    def _bytes(self, request: Request) -> Response:
        """A captured page to be kept: its bytes, and nothing that a browser would show as a page."""
        try:
            _needs_whole(self._look(request))
            history, entry, raw = captured(self.desk, _branch(request), request.path_params["rev"])
        except TrackerError as error:
            return self._trouble(request, error)
        name = f"{history.branch.rpartition('/')[2]}-{entry.captured_at:%Y%m%dT%H%M%SZ}.html.txt"
        headers = {"content-security-policy": CAPTURE_POLICY} | _attached(name)
        return Response(raw.body, headers=headers, media_type="text/plain")

    def _report(self, request: Request) -> Response:
        """A diff as a file, in one of the formats of `tracker diff`."""
        kind = request.path_params["kind"]
        look = self._look(request)
        try:
            if kind not in _FORMATS:
                raise NotFound(f"there is no format {kind}; there are {', '.join(_FORMATS)}")
            given = request.path_params
            history, (a, b) = self.desk.entries(_branch(request), given["before"], given["after"])
            report = known_report(self.desk.store, history, a, b, self.desk.recipes)
        except TrackerError as error:
            return self._trouble(request, error)
        text = RENDERERS[kind](report, Options(tz=look.tz, all=look.all, full=look.full))
        endings = {"markdown": "md", "terminal": "txt"}
        name = f"{history.branch.rpartition('/')[2]}-{a.revision[:10]}-{b.revision[:10]}.{endings.get(kind, kind)}"
        return Response(text.encode("utf-8", "replace"), headers=_attached(name), media_type=_FORMATS[kind])

    # --- forms --------------------------------------------------------------------------------------------------

    def form_routes(self) -> list[Route]:
        return [
            Route("/a/{host}/{slug}/compare", self._compare),
            Route("/login", self._login, methods=["POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/seen", self._seen, methods=["POST"]),
            Route("/a/{host}/{slug}/diff/{before}..{after}/review", self._review, methods=["POST"]),
            Route("/zone", self._choose_zone, methods=["POST"]),
        ]

    def _compare(self, request: Request) -> Response:
        """Two snapshots that a reader has chosen: the way to their diff, the older one first."""
        given = request.query_params
        try:
            history, chosen = self.desk.entries(
                _branch(request), given.get("from", "latest~1"), given.get("to", "latest")
            )
        except TrackerError as error:
            return self._trouble(request, error)
        a, b = sorted(chosen, key=lambda entry: entry.key)
        root = request.scope.get("root_path", "")
        return RedirectResponse(f"{root}/{paths.diff(history.branch, a.revision, b.revision)}", HTTPStatus.SEE_OTHER)

    def _login_page(self, request: Request) -> Response:
        return self._ask_password(request, _local(request.query_params.get("next", "")), wrong=False)

    def _ask_password(self, request: Request, way: str, *, wrong: bool) -> Response:
        look = replace(self._look(request), since=None)
        page = Page("login", "login.html", "Password", {"next": way, "wrong": wrong})
        status = HTTPStatus.UNAUTHORIZED if wrong else HTTPStatus.OK
        return self._send(request, Drawn.of(draw(page, look).encode()), status)

    async def _login(self, request: Request) -> Response:
        form = dict(form_of(await request.body()))
        way = _local(form.get("next", ""))
        if not self.terms.guard.opens(form.get("password", "")):
            await asyncio.sleep(WRONG_PASSWORD_SECONDS)
            return self._ask_password(request, way, wrong=True)
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}{way}", HTTPStatus.SEE_OTHER)
        set_cookie(answer, request, SESSION, self.terms.guard.session(), SESSION_SECONDS)
        return answer

    async def _logout(self, request: Request) -> Response:
        root = request.scope.get("root_path", "")
        answer = RedirectResponse(f"{root}/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(SESSION, path=f"{root}/")
        return answer

    async def _seen(self, request: Request) -> Response:
        """All that there is now was seen by this reader."""
        now = machine(self.desk.now())
        return await self._set_and_back(request, VISIT, f"{now}~{now}")

    def _review(self, request: Request) -> Response:
        """What a reader thinks of a change is kept in the store, under the name that they give."""
        form = dict(form_of(request.scope["tracker.body"]))
        given, known = request.path_params, self._look(request).reviewer
        try:
            reviewer = form.get("reviewer", "").strip().lower() or known
            if not reviewer:
                raise UsageError("say under which name your reviews are to be kept, and send it again")
            review = review_of(
                self.desk, _branch(request), (given["before"], given["after"]), form, reviewer, self.desk.now()
            )
            self.desk.store.reviews.put([review])
        except TrackerError as error:
            return self._trouble(request, error)
        root = request.scope.get("root_path", "")
        way = paths.reviews(review.branch, given["before"], given["after"], review.change)
        answer = RedirectResponse(f"{root}/{way}", HTTPStatus.SEE_OTHER)
        if reviewer != known:
            set_cookie(answer, request, REVIEWER, reviewer, YEAR)
        return answer

    async def _choose_zone(self, request: Request) -> Response:
        form = dict(form_of(await request.body()))
        try:
            zone(form.get("zone") or None)
        except UsageError as error:
            return self._trouble(request, error)
        return await self._set_and_back(request, ZONE, form.get("zone", ""))

    async def _set_and_back(self, request: Request, name: str, value: str) -> Response:
        way = _local(dict(form_of(await request.body())).get("next", ""))
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}{way}", HTTPStatus.SEE_OTHER)
        set_cookie(answer, request, name, value, YEAR)
        return answer


class _Elsewhere(Exception):
    """The page is known by another address."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


# --- which page an address is -------------------------------------------------------------------------------------


def _branch(request: Request) -> str:
    return f"{request.path_params['host']}/{request.path_params['slug']}"


def _stream(desk: Desk, look: Look, request: Request) -> Page:
    return stream_page(desk, look, Wanted.of(request.query_params))


def _articles(desk: Desk, look: Look, request: Request) -> Page:
    skip = request.query_params.get("skip", "0")
    if not skip.isdecimal() or len(skip) > 9:
        raise UsageError(f"{skip!r} is no place in the list; go back to its beginning")
    return articles_page(desk, look, request.query_params.get("host", "").strip(), int(skip))


def _host(desk: Desk, look: Look, request: Request) -> Page:
    return host_page(desk, look, request.path_params["host"])


def _search(desk: Desk, look: Look, request: Request) -> Page:
    return search_page(desk, look, Wanted.of(request.query_params))


def _diff(desk: Desk, look: Look, request: Request) -> Page:
    before, after = request.path_params["before"], request.path_params["after"]
    return _at_home(request, diff_page(desk, look, _branch(request), before, after), before, after)


def _snapshot(desk: Desk, look: Look, request: Request) -> Page:
    rev = request.path_params["rev"]
    return _at_home(request, snapshot_page(desk, look, _branch(request), rev), rev)


def _captured(desk: Desk, look: Look, request: Request) -> Page:
    _needs_whole(look)
    rev = request.path_params["rev"]
    return _at_home(request, captured_page(desk, look, _branch(request), rev), rev)


def _source(desk: Desk, look: Look, request: Request) -> Page:
    _needs_whole(look)
    rev = request.path_params["rev"]
    return _at_home(request, source_page(desk, look, _branch(request), rev), rev)


def _at_home(request: Request, page: Page, *revs: str) -> Page:
    """A page under the one address that lasts; whoever asked by another (latest, a date ...) is led there."""
    known = page.path.startswith(f"a/{_branch(request)}/")
    if not known or not all(_CANONICAL.fullmatch(rev) for rev in revs):
        raise _Elsewhere(page.path)
    return page


def _needs_whole(look: Look) -> None:
    if not look.house.whole:
        raise NotFound("this server shows changed passages only, no whole pages")


# --- what pages are made from ---------------------------------------------------------------------------------------


def _whole_store(desk: Desk, _request: Request) -> Hashable:
    return desk.store.reports.version()


def _article(desk: Desk, request: Request) -> Hashable:
    return desk.store.stamp(_branch(request)), *desk.store.reviews.of(_branch(request))


def _never_the_same(_desk: Desk, _request: Request) -> Hashable:
    return object()


# --- cookies and addresses ------------------------------------------------------------------------------------------


def _zone(name: str | None) -> str | None:
    """The zone that a cookie names, None where there is no such zone."""
    try:
        zone(name or None)
    except UsageError:
        return None
    return name or None


def _reviewer(cookie: str | None) -> str:
    """The name that a cookie holds, "" where it is none."""
    return cookie if cookie and is_reviewer(cookie) else ""


def _visit(cookie: str | None, now: datetime) -> tuple[datetime | None, str]:
    """When the visit before this one ended, and the cookie for the next request. It holds that and the time of this."""
    try:
        since, until = (datetime.fromisoformat(text).astimezone(UTC) for text in (cookie or "").split("~"))
    except (ValueError, OverflowError):
        return None, f"{machine(now)}~{machine(now)}"
    if now - until > VISIT_ENDS:
        since = until
    return since, f"{machine(since)}~{machine(now.replace(second=0, microsecond=0))}"


def _local(way: str) -> str:
    """A path on this server, "/" for anything that could lead elsewhere."""
    if not way.startswith("/") or way.startswith("//") or "\\" in way or not way.isprintable():
        return "/"
    return way


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{quote(name)}"', "cache-control": "private, no-cache"}


def _static(request: Request) -> Response:
    found = assets_by_name().get(request.path_params["name"])
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    body, kind = found
    return Response(body, headers={"cache-control": f"public, max-age={YEAR}, immutable"}, media_type=kind)
