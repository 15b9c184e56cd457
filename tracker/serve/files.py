"""What is sent as it is: pages as they were captured, diffs to be kept, and our own style sheet and script."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import NotFound
from tracker.pipeline import bundle, known_report
from tracker.render import RENDERERS
from tracker.render.options import Options
from tracker.serve import paths
from tracker.serve.addresses import Elsewhere, branch_of, needs_whole
from tracker.serve.desk import Desk
from tracker.serve.guard import CAPTURE_POLICY
from tracker.serve.look import Look
from tracker.serve.pages.snapshots import captured
from tracker.serve.reader import YEAR
from tracker.serve.shell import assets_by_name
from tracker.text.decode import decode

_FORMATS = {
    "json": "application/json",
    "html": "text/html",
    "markdown": "text/markdown",
    "terminal": "text/plain",
    "svg": "image/svg+xml",
}
_ENDINGS = {"markdown": "md", "terminal": "txt"}


def frame(desk: Desk, look: Look, request: Request) -> Response:
    """A captured page, for a frame of ours: nothing in it runs, and nothing in it asks anybody for anything."""
    needs_whole(look)
    history, entry, raw = captured(desk, branch_of(request), request.path_params["rev"])
    if request.headers.get("sec-fetch-dest") == "document":
        raise Elsewhere(f"{paths.snapshot(history.branch, entry.revision)}page/")
    text = decode(raw.body, raw.header("content-type")).text
    headers = {"content-security-policy": CAPTURE_POLICY, "x-frame-options": "SAMEORIGIN", "cache-control": "no-store"}
    return Response(text.encode("utf-8", "replace"), headers=headers, media_type="text/html; charset=utf-8")


def page_bytes(desk: Desk, look: Look, request: Request) -> Response:
    """A captured page to be kept: its bytes, and nothing that a browser would show as a page."""
    needs_whole(look)
    history, entry, raw = captured(desk, branch_of(request), request.path_params["rev"])
    name = f"{history.branch.rpartition('/')[2]}-{entry.captured_at:%Y%m%dT%H%M%SZ}.html.txt"
    headers = {"content-security-policy": CAPTURE_POLICY} | _attached(name)
    return Response(raw.body, headers=headers, media_type="text/plain")


def evidence(desk: Desk, look: Look, request: Request) -> Response:
    """All of an article in one zip file to hand over, as `tracker bundle` makes it: whole pages are in it."""
    needs_whole(look)
    history = desk.history(branch_of(request))
    made = BytesIO()
    bundle(desk.store, history, desk.trust, made, desk.recipes)
    name = f"{history.branch.replace('/', '_')}.zip"
    return Response(made.getvalue(), headers=_attached(name), media_type="application/zip")


def report(desk: Desk, look: Look, request: Request) -> Response:
    """A diff as a file, in one of the formats of `tracker diff`; with `change`, that one alone."""
    given = request.path_params
    kind = given["kind"]
    if kind not in _FORMATS:
        raise NotFound(f"there is no format {kind}; there are {', '.join(_FORMATS)}")
    history, (a, b) = desk.pair(branch_of(request), given["before"], given["after"])
    made = known_report(desk.store, history, a, b, desk.recipes)
    address = f"{look.house.base}{paths.diff(history.branch, a.revision, b.revision)}" if look.house.base else None
    change = request.query_params.get("change")
    if change is not None and change not in {each.id for each in made.diff.changes}:
        raise NotFound(f"there is no change {change} between these snapshots")
    text = RENDERERS[kind](made, Options(tz=look.tz, all=look.all, full=look.full, change=change, address=address))
    name = f"{history.branch.rpartition('/')[2]}-{a.revision[:10]}-{b.revision[:10]}.{_ENDINGS.get(kind, kind)}"
    return Response(text.encode("utf-8", "replace"), headers=_attached(name), media_type=_FORMATS[kind])


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{quote(name)}"', "cache-control": "private, no-cache"}


def static(request: Request) -> Response:
    """One of our own files; its name holds its digest, so a browser may keep it for ever."""
    found = assets_by_name().get(request.path_params["name"])
    if found is None:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    body, kind = found
    return Response(body, headers={"cache-control": f"public, max-age={YEAR}, immutable"}, media_type=kind)
