"""What programs are answered under /api/v1: lists with cursors, reports, reviews, feeds. openapi.json describes it.

Every answer is made from what the pages are made from, with an ETag; what is wrong is said as problem+json (RFC 9457).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracker.errors import NotFound, TrackerError, UsageError
from tracker.pipeline import feed, known_report, outlines
from tracker.pipeline.objects import article_object, change_object, entry_object, review_object
from tracker.render.feed import FEEDS, MEDIA_TYPES
from tracker.render.json import line, report_object, schema
from tracker.render.options import Options
from tracker.serve import paths
from tracker.serve.addresses import branch_of
from tracker.serve.desk import Desk
from tracker.serve.look import House, Look
from tracker.serve.pages.stream import Wanted, mark, whole_edits
from tracker.serve.reviewing import review_of
from tracker.serve.shelf import Drawn, Shelf
from tracker.store import ArticleQuery, ChangeQuery
from tracker.text.codec import write_article
from tracker.text.urls import host_name

BASE = "/api/v1"
LISTED, MOST = 50, 200  # objects of a list: unless said, and at the most
FEED_ENTRIES = 50
JSON, PROBLEM = "application/json", "application/problem+json"

_FIELDS = frozenset({"reviewer", "branch", "before", "after", "change", "weight", "ruling", "note"})  # of a review

Answer = tuple[str, str]  # a text and its media type


@cache
def openapi() -> str:
    """The OpenAPI document, with the schema of a report in it."""
    text = files("tracker.serve").joinpath("openapi.json").read_text("utf-8")
    document = json.loads(text)
    report = schema()
    kinds = {f"report-{name}": _moved(rule) for name, rule in report["$defs"].items()}
    whole = {key: rule for key, rule in report.items() if key not in ("$schema", "$id", "$defs")}
    document["components"]["schemas"] |= {"report": _moved(whole)} | kinds
    return line(document) + "\n"


def _moved(rule: Any) -> Any:
    """A rule of the report's schema, its references as they are in the document."""
    if isinstance(rule, dict):
        return {
            key: f"#/components/schemas/report-{value.rpartition('/')[2]}" if key == "$ref" else _moved(value)
            for key, value in rule.items()
        }
    return [_moved(each) for each in rule] if isinstance(rule, list) else rule


@dataclass
class Api:
    """The routes of the API. `whole`: whole texts may be had, not only changed passages."""

    desk: Desk
    shelf: Shelf
    whole: bool

    def routes(self) -> list[Route]:
        article = f"{BASE}/articles/{{host}}/{{slug}}"
        return [
            Route(f"{BASE}/openapi.json", self._get(lambda _: (openapi(), JSON))),
            Route(f"{BASE}/articles", self._get(self._articles)),
            Route(article, self._get(self._article)),
            Route(f"{article}/snapshots/{{rev}}", self._get(self._snapshot)),
            Route(f"{article}/diffs/{{before}}..{{after}}", self._get(self._diff)),
            Route(f"{BASE}/changes", self._get(self._changes)),
            Route(f"{BASE}/reviews", self._get(self._reviews), methods=["GET"]),
            Route(f"{BASE}/reviews", self._review, methods=["POST"]),
            Route(f"{BASE}/feeds/changes.{{kind}}", self._get(self._feed)),
        ]

    def _get(self, make: Callable[[Request], Answer]) -> Callable[[Request], Response]:
        """An endpoint that answers with what is made from the store, made anew only where that has changed."""

        def answer(request: Request) -> Response:
            kind, key = "", (str(request.base_url), request.url.path, request.url.query)

            def made() -> bytes:
                nonlocal kind
                text, kind = make(request)
                return f"{kind}\n{text}".encode("utf-8", "replace")

            try:
                drawn = self.shelf.get(key, self._stamp(), made)
            except TrackerError as error:
                return problem(error)
            return _sent(request, drawn)

        return answer

    def _stamp(self) -> Hashable:
        return self.desk.version()

    # --- lists ----------------------------------------------------------------------------------------------

    def _articles(self, request: Request) -> Answer:
        given, most = request.query_params, _limit(request)
        skip = _number(given.get("cursor", "0"), "cursor", 0, 10**9)
        query = ArticleQuery(
            host=host_name(f"https://{given['host']}") if given.get("host") else None,
            words=tuple(given.get("q", "").split()),
            limit=most + 1,
            skip=skip,
        )
        rows = self.desk.store.articles_like(query)
        following = str(skip + most) if len(rows) > most else None
        return _json({"articles": [article_object(row) for row in rows[:most]], "next": following})

    def _changes(self, request: Request) -> Answer:
        rows, more = whole_edits(self.desk, _wanted(request), _limit(request))
        reviews = self.desk.store.reviews.on(row.change for row in rows)
        changes = [change_object(row, reviews.get(row.change, ())) for row in rows]
        return _json({"changes": changes, "next": mark(rows[-1]) if more else None})

    def _reviews(self, request: Request) -> Answer:
        given = request.query_params
        found = self.desk.store.reviews.of(given["branch"]) if "branch" in given else self.desk.store.reviews.all()
        chosen = [each for each in found if given.get("reviewer", each.reviewer) == each.reviewer]
        return _json({"reviews": [review_object(review) for review in chosen]})

    # --- one article ----------------------------------------------------------------------------------------

    def _article(self, request: Request) -> Answer:
        history = self.desk.history(branch_of(request))
        known = outlines(self.desk.store, history, self.desk.recipes)
        numbers = {entry.revision: number for number, entry in enumerate(history.snapshots, 1)}
        shown = [entry for entry in history.entries if entry.revision in numbers or entry.kind.value != "snapshot"]
        entries = [entry_object(entry, numbers.get(entry.revision), known.get(entry.revision)) for entry in shown]
        (row,) = self.desk.store.articles_like(ArticleQuery(names=(history.branch,)))
        return _json(article_object(row) | {"entries": entries})

    def _snapshot(self, request: Request) -> Answer:
        history, (entry,) = self.desk.entries(branch_of(request), request.path_params["rev"])
        numbers = {each.revision: number for number, each in enumerate(history.snapshots, 1)}
        found = entry_object(entry, numbers.get(entry.revision), None)
        document = self.desk.store.snapshot(history.branch, entry).document
        text = write_article(document) if self.whole else None
        return _json(found | {"branch": history.branch, "headline": document.headline, "text": text})

    def _diff(self, request: Request) -> Answer:
        given = request.path_params
        history, (a, b) = self.desk.pair(branch_of(request), given["before"], given["after"])
        return _json(report_object(known_report(self.desk.store, history, a, b, self.desk.recipes)))

    def _feed(self, request: Request) -> Answer:
        kind = {"atom": "atom", "json": "json-feed"}.get(request.path_params["kind"])
        if kind is None:
            raise NotFound("there are changes.atom and changes.json")
        base = str(request.base_url)
        made = feed(
            self.desk.store,
            ", ".join(f"{name} {value}" for name, value in sorted(request.query_params.items())) or "all articles",
            _wanted(request, "medium"),
            count=FEED_ENTRIES,
            options=Options(),
            recipes=self.desk.recipes,
            link=lambda report: (
                base
                + paths.diff(report.article.branch or "", report.before.revision or "", report.after.revision or "")
            ),
            address=str(request.url),
        )
        return FEEDS[kind](made), MEDIA_TYPES[kind]

    # --- writing --------------------------------------------------------------------------------------------

    def _review(self, request: Request) -> Response:
        """A review from a program. The door has asked for the token already."""
        try:
            given = _object(request.scope["tracker.body"])
            branch, before, after = (given.get(name, "") for name in ("branch", "before", "after"))
            review = review_of(self.desk, branch, (before, after), given, given.get("reviewer", ""), self.desk.now())
            self.desk.store.reviews.put([review])
            self.desk.touch()
        except TrackerError as error:
            return problem(error)
        return Response(line(review_object(review)) + "\n", HTTPStatus.CREATED, media_type=JSON)


def status_of(error: TrackerError) -> HTTPStatus:
    """The status that says what is wrong."""
    if isinstance(error, NotFound):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.BAD_REQUEST if isinstance(error, UsageError) else HTTPStatus.SERVICE_UNAVAILABLE


def problem(error: TrackerError) -> Response:
    """What is wrong, for a program."""
    status = status_of(error)
    said = {"title": status.phrase, "status": int(status), "detail": str(error)}
    return Response(line(said) + "\n", status, {"cache-control": "no-store"}, PROBLEM)


def _sent(request: Request, drawn: Drawn) -> Response:
    kind, _, body = drawn.body.partition(b"\n")
    headers = {"etag": drawn.tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == drawn.tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type=kind.decode())


def _json(value: Mapping[str, Any]) -> Answer:
    return line(value) + "\n", JSON


def _object(body: bytes) -> dict[str, str]:
    """The JSON object of texts that a program has sent."""
    try:
        given = json.loads(body)
        json.dumps(given, ensure_ascii=False).encode()  # half a character ("\ud800") is JSON, and no text
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the body is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise UsageError("the body must be a JSON object")
    if strange := given.keys() - _FIELDS:
        raise UsageError(f"no such field {min(strange)!r}; there are {', '.join(sorted(_FIELDS))}")
    known = {name: value for name, value in given.items() if value is not None}
    if wrong := [name for name, value in known.items() if not isinstance(value, str)]:
        raise UsageError(f"{', '.join(map(str, wrong))} must be text")
    return known


def _wanted(request: Request, least: str = "") -> ChangeQuery:
    """The question in an address, as the first page knows it; `cursor` is where to go on."""
    given = {"weight": least, **request.query_params, "below": request.query_params.get("cursor", "")}
    return Wanted.of(given).query(Look(House(), reviewer=request.query_params.get("reviewer", "")))


def _limit(request: Request) -> int:
    return _number(request.query_params.get("limit", str(LISTED)), "limit", 1, MOST)


def _number(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= most):
        raise UsageError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)
