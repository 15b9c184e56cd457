"""Which page an address is, and what that page is made from."""

from __future__ import annotations

from collections.abc import Hashable

from starlette.requests import Request

from tracker.errors import NotFound, UsageError
from tracker.serve.desk import Desk
from tracker.serve.door import path_of
from tracker.serve.look import Look, Page
from tracker.serve.pages.articles import article_page, articles_page
from tracker.serve.pages.diffs import diff_page
from tracker.serve.pages.others import host_page, search_page, stream_page
from tracker.serve.pages.snapshots import captured_page, snapshot_page, source_page
from tracker.serve.pages.stream import Wanted


class Elsewhere(Exception):
    """The page is known by another address."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def branch_of(request: Request) -> str:
    return f"{request.path_params['host']}/{request.path_params['slug']}"


def article(desk: Desk, look: Look, request: Request) -> Page:
    return article_page(desk, look, branch_of(request))


def stream(desk: Desk, look: Look, request: Request) -> Page:
    return stream_page(desk, look, Wanted.of(request.query_params))


def articles(desk: Desk, look: Look, request: Request) -> Page:
    skip = request.query_params.get("skip", "0")
    if not skip.isdecimal() or len(skip) > 9:
        raise UsageError(f"{skip!r} is no place in the list; go back to its beginning")
    return articles_page(desk, look, request.query_params.get("host", "").strip(), int(skip))


def host(desk: Desk, look: Look, request: Request) -> Page:
    return host_page(desk, look, request.path_params["host"])


def search(desk: Desk, look: Look, request: Request) -> Page:
    return search_page(desk, look, Wanted.of(request.query_params))


def diff(desk: Desk, look: Look, request: Request) -> Page:
    before, after = request.path_params["before"], request.path_params["after"]
    return _at_home(request, diff_page(desk, look, branch_of(request), before, after))


def snapshot(desk: Desk, look: Look, request: Request) -> Page:
    return _at_home(request, snapshot_page(desk, look, branch_of(request), request.path_params["rev"]))


def captured(desk: Desk, look: Look, request: Request) -> Page:
    needs_whole(look)
    return _at_home(request, captured_page(desk, look, branch_of(request), request.path_params["rev"]))


def source(desk: Desk, look: Look, request: Request) -> Page:
    needs_whole(look)
    return _at_home(request, source_page(desk, look, branch_of(request), request.path_params["rev"]))


def _at_home(request: Request, page: Page) -> Page:
    """A page under the one address that lasts; whoever asked by another (latest, a date ...) is led there."""
    if path_of(request) != f"/{page.path}":
        raise Elsewhere(page.path)
    return page


def needs_whole(look: Look) -> None:
    if not look.house.whole:
        raise NotFound("this server shows changed passages only, no whole pages")


# --- what pages are made from ---------------------------------------------------------------------------------------


def whole_store(desk: Desk, _request: Request) -> Hashable:
    return desk.version()


def one_article(desk: Desk, request: Request) -> Hashable:
    branch, store = branch_of(request), desk.store
    return store.stamp(branch), store.state.stamp(branch), *store.reviews.of(branch)


def never_the_same(_desk: Desk, _request: Request) -> Hashable:
    return object()
