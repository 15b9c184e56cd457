"""What every request passes on its way in, and every answer on its way out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.serve import paths
from tracker.serve.guard import ALWAYS, PAGE_POLICY, READER, SESSION, SESSION_SECONDS, Guard

LARGEST_FORM = 64 * 1024
LOGIN = "/login"
OPEN = ("/static/",)  # what is ours alone and says nothing of a store
FREE_FORMS = (LOGIN, "/logout")  # forms that change nothing in the store
WRONG_PASSWORD_SECONDS = 1.0


@dataclass(frozen=True)
class Door:
    """ASGI middleware: refuses unknown names of the server, asks for the password, and lets in only our own forms.

    `read_only`: no form is accepted but that of the password.
    """

    app: ASGIApp
    guard: Guard
    read_only: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await self._answer(request)
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
        else:
            await self.app(scope, _again(request.scope, receive), _with_headers(send))

    async def _answer(self, request: Request) -> Response | None:
        """What is said to a request that is not let in."""
        if not self.guard.knows(request.headers.get("host")):
            return _said(
                HTTPStatus.BAD_REQUEST, "This server does not go by that name; see tracker serve --allow-host."
            )
        path = path_of(request)
        bearer = request.headers.get("authorization", "").partition("Bearer ")[2]
        trusted = self.guard.token is not None and bool(bearer) and self.guard.opens(bearer)
        shut = self.guard.locked and not trusted and not self._is_open(path)
        if shut and (refusal := await self._unlock(request)):
            return refusal
        if request.method in ("GET", "HEAD"):
            return None
        if self.read_only and path not in FREE_FORMS:
            return _said(HTTPStatus.FORBIDDEN, "This server was started with --read-only.")
        body = await _body(request)
        if body is None:
            return _said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is more than any form of ours holds.")
        request.scope["tracker.body"] = body
        if trusted or self._is_ours(request, body):
            return None
        return _said(
            HTTPStatus.FORBIDDEN, "This form was not sent by a page of this server; go back, reload and try again."
        )

    @staticmethod
    def _is_open(path: str) -> bool:
        return path == LOGIN or path.startswith(OPEN)

    async def _unlock(self, request: Request) -> Response | None:
        """None for who shows a session; a session for who shows the token in the address; else the way to the login."""
        if self.guard.holds(request.cookies.get(SESSION, "")):
            return None
        given = request.query_params
        token = given.get("token")
        rest = urlencode([(name, value) for name, value in given.multi_items() if name != "token"])
        here = f"{path_of(request)}{f'?{rest}' if rest else ''}"
        if token is not None and request.method == "GET":
            if self.guard.opens(token):
                answer = led(request, here)
                set_cookie(answer, request, SESSION, self.guard.session(), SESSION_SECONDS)
                return answer
            await asyncio.sleep(WRONG_PASSWORD_SECONDS)
        if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get("accept", ""):
            return _said(HTTPStatus.UNAUTHORIZED, "A password or a token is needed here.")
        return led(request, f"{LOGIN}?{urlencode({'next': here})}")

    def _is_ours(self, request: Request, body: bytes) -> bool:
        given = dict(form_of(body)).get("form", "") or request.headers.get("x-form", "")
        headers = request.headers
        reader = request.cookies.get(READER, "")
        return self.guard.is_our_form(
            reader, given, headers.get("origin"), headers.get("host"), headers.get("sec-fetch-site")
        )


def path_of(request: Request) -> str:
    """The path by which a request is routed, below the prefix that the server stands under."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def led(request: Request, way: str, status: HTTPStatus = HTTPStatus.SEE_OTHER) -> RedirectResponse:
    """The answer that leads to another page of this server, by a way that holds below any prefix."""
    return RedirectResponse(paths.relative(way.removeprefix("/"), path_of(request).removeprefix("/")), status)


def form_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def set_cookie(answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
    """A cookie that no script can read and no other site can send along with a form."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=f"{request.scope.get('root_path', '')}/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _said(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status, {"cache-control": "no-store"})


async def _body(request: Request) -> bytes | None:
    """The whole body, None where it is too large."""
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST_FORM:
            return None
    return found


def _again(scope: Scope, receive: Receive) -> Receive:
    """The body that was read already, for whoever asks for it next."""
    if "tracker.body" not in scope:
        return receive
    waiting: list[Message] = [{"type": "http.request", "body": scope["tracker.body"], "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS:
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", PAGE_POLICY)
        await send(message)

    return with_headers
