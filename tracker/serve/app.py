"""Answers requests: each address is one page, or the page of a snapshot as it came. Needs the extra `[serve]`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tracker.errors import TrackerError, UsageError
from tracker.render.times import zone
from tracker.serve import addresses, files, paths
from tracker.serve.addresses import Elsewhere, branch_of
from tracker.serve.api import Api, status_of
from tracker.serve.desk import Desk
from tracker.serve.door import LOGIN, WRONG_PASSWORD_SECONDS, Door, form_of, led, path_of, set_cookie
from tracker.serve.guard import SESSION, SESSION_SECONDS
from tracker.serve.look import Look, Page
from tracker.serve.pages.others import health_page, hosts_page
from tracker.serve.reader import REVIEWER, VISIT, YEAR, ZONE, Terms, all_seen, look_of, reader_of, remember
from tracker.serve.reviewing import review_of
from tracker.serve.shelf import Drawn, Shelf
from tracker.serve.shell import FORM_TOKEN, draw

__all__ = ["Terms", "create_app"]

MakePage = Callable[[Desk, Look, Request], Page]
MakeFile = Callable[[Desk, Look, Request], Response]
Stamp = Callable[[Desk, Request], Hashable]


def create_app(desk: Desk, terms: Terms) -> Starlette:
    """The ASGI application for a store."""
    served, api = _Served(desk, terms, Shelf()), Api(desk, Shelf(), terms.whole)
    return Starlette(
        routes=[*served.page_routes(), *served.file_routes(), *served.form_routes(), *api.routes()],
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
        article, whole, one = "/a/{host}/{slug}/", addresses.whole_store, addresses.one_article
        return [
            Route("/", self._page(addresses.stream, whole, visits=True)),
            Route(f"/{paths.ARTICLES}", self._page(addresses.articles, whole)),
            Route(f"/{paths.HOSTS}", self._page(lambda desk, look, _: hosts_page(desk, look), whole)),
            Route(f"/{paths.HOSTS}{{host}}/", self._page(addresses.host, whole)),
            Route(f"/{paths.SEARCH}", self._page(addresses.search, whole)),
            Route(
                f"/{paths.HEALTH}", self._page(lambda desk, look, _: health_page(desk, look), addresses.never_the_same)
            ),
            Route(article, self._page(addresses.article, one)),
            Route(f"{article}diff/{{before}}..{{after}}/", self._page(addresses.diff, one)),
            Route(f"{article}at/{{rev}}/", self._page(addresses.snapshot, one)),
            Route(f"{article}at/{{rev}}/page/", self._page(addresses.captured, one)),
            Route(f"{article}at/{{rev}}/source/", self._page(addresses.source, one)),
            Route("/login", self._login_page),
        ]

    def file_routes(self) -> list[Route]:
        return [
            Route("/raw/{host}/{slug}/{rev}/page.html", self._file(files.frame)),
            Route("/raw/{host}/{slug}/{rev}/page.txt", self._file(files.page_bytes)),
            Route("/a/{host}/{slug}/bundle.zip", self._file(files.evidence)),
            Route("/a/{host}/{slug}/diff/{before}..{after}/report.{kind}", self._file(files.report)),
            Route("/static/{name}", files.static),
        ]

    def _file(self, make: MakeFile) -> Callable[[Request], Response]:
        """An endpoint that answers with something that is no page of ours."""

        def answer(request: Request) -> Response:
            try:
                return make(self.desk, self._look(request), request)
            except Elsewhere as elsewhere:
                return self._redirect(request, elsewhere.path)
            except TrackerError as error:
                return self._trouble(request, error)

        return answer

    def _look(self, request: Request) -> Look:
        return look_of(request, self.terms, self.desk.now())

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
            except Elsewhere as elsewhere:
                return self._redirect(request, elsewhere.path)
            except TrackerError as error:
                return self._trouble(request, error)
            return self._send(request, page)

        return answer

    def _send(self, request: Request, page: Drawn, status: int = HTTPStatus.OK) -> Response:
        """A page to a reader, who is given a cookie that ties our forms to this browser, and a time of visit."""
        token = self.terms.guard.form_token(reader_of(request))
        tag = f'{page.tag[:-1]}-{token[:8]}"'
        headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "cookie"}
        if request.headers.get("if-none-match") == tag and status == HTTPStatus.OK:
            answer = Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        else:
            body = page.body.replace(FORM_TOKEN.encode(), token.encode())
            answer = Response(body, status, headers, "text/html; charset=utf-8")
        remember(answer, request, self.desk.now())
        return answer

    def _redirect(self, request: Request, path: str) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return led(request, f"{path}{query}", HTTPStatus.FOUND)

    # --- when something is wrong --------------------------------------------------------------------------------

    def _trouble(self, request: Request, error: TrackerError) -> Response:
        """A page that says what is wrong, and what to do about it."""
        return self._error_page(request, status_of(error), str(error))

    def _error_page(self, request: Request, status: int, message: str) -> Response:
        look = replace(self._look(request), since=None)
        here = path_of(request).removeprefix("/")
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
            history, (a, b) = self.desk.pair(
                branch_of(request), given.get("from", "latest~1"), given.get("to", "latest")
            )
        except TrackerError as error:
            return self._trouble(request, error)
        return led(request, paths.diff(history.branch, a.revision, b.revision))

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
        answer = led(request, way)
        set_cookie(answer, request, SESSION, self.terms.guard.session(), SESSION_SECONDS)
        return answer

    async def _logout(self, request: Request) -> Response:
        root = request.scope.get("root_path", "")
        answer = led(request, LOGIN)
        answer.delete_cookie(SESSION, path=f"{root}/")
        return answer

    async def _seen(self, request: Request) -> Response:
        """All that there is now was seen by this reader."""
        return await self._set_and_back(request, VISIT, all_seen(self.desk.now()))

    def _review(self, request: Request) -> Response:
        """What a reader thinks of a change is kept in the store, under the name that they give."""
        form = dict(form_of(request.scope["tracker.body"]))
        given, known = request.path_params, self._look(request).reviewer
        try:
            reviewer = form.get("reviewer", "").strip().lower() or known
            if not reviewer:
                raise UsageError("say under which name your reviews are to be kept, and send it again")
            review = review_of(
                self.desk, branch_of(request), (given["before"], given["after"]), form, reviewer, self.desk.now()
            )
            self.desk.store.reviews.put([review])
            self.desk.touch()
        except TrackerError as error:
            return self._trouble(request, error)
        answer = led(request, paths.reviews(review.branch, given["before"], given["after"], review.change))
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
        answer = led(request, way)
        set_cookie(answer, request, name, value, YEAR)
        return answer


def _local(way: str) -> str:
    """A path on this server, "/" for anything that could lead elsewhere."""
    if not way.startswith("/") or way.startswith("//") or "\\" in way or not way.isprintable():
        return "/"
    return way
