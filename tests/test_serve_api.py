"""What programs are answered: as the document says, with cursors that lose nothing, ETags, and a token for writing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.serve_support import Served, served
from tests.site import capture, hour, page
from tracker.cli.demo import fill as fill_demo
from tracker.pipeline import keep
from tracker.serve.api import openapi
from tracker.serve.app import Terms
from tracker.serve.guard import Guard
from tracker.store import ChangeQuery, Weight, open_store

TOKEN = "a-token-of-the-tests"  # noqa: S105 - opens nothing but the servers below
API = "api/v1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api") / "store"
    with open_store(folder, create=True) as opened:
        fill_demo(opened)
    return folder


@pytest.fixture(scope="module")
def site(store: Path) -> Iterator[Served]:
    with served(store, Terms(guard=Guard(token=TOKEN))) as running:
        running.client.headers["authorization"] = f"Bearer {TOKEN}"
        yield running


def found(site: Served, path: str, **query: str) -> Any:
    answer = site.get(f"{API}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rule(name: str) -> dict[str, Any]:
    """A schema of the document, with all others beside it."""
    return {"$ref": f"#/components/schemas/{name}", "components": json.loads(openapi())["components"]}


def refused(answer: Any, status: int, *words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    jsonschema.validate(answer.json(), rule("problem"))
    assert all(word in answer.json()["detail"] for word in words), answer.text


def test_the_document_is_served_and_its_schemas_are_valid(site):
    document = found(site, "openapi.json")
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert document["components"]["schemas"]["report"]["title"] == "tracker.report/1"


def test_everything_can_be_reached_from_the_lists(site):
    articles = found(site, "articles")["articles"]
    assert len(articles) == 4
    for one in articles:
        jsonschema.validate(one, rule("article"))
        whole = found(site, f"articles/{one['branch']}")
        jsonschema.validate(whole, rule("article-with-entries"))
        shown = [entry for entry in whole["entries"] if entry["number"]]
        assert len(shown) == one["snapshots"]
        snapshot = found(site, f"articles/{one['branch']}/snapshots/{shown[-1]['revision']}")
        jsonschema.validate(snapshot, rule("snapshot"))
        assert one["headline"] in snapshot["text"]
        for before, after in pairwise(shown):
            report = found(site, f"articles/{one['branch']}/diffs/{before['revision']}..{after['revision']}")
            jsonschema.validate(report, rule("report"))
            assert report["verdict"] == after["verdict"]


@pytest.mark.parametrize("limit", ["1", "2", "5", "50"])
def test_cursors_lose_nothing_and_tell_nothing_twice(site, limit):
    every = [row.change for row in site.desk.store.reports.changes(ChangeQuery())]
    got: list[str] = []
    query = {"limit": limit, "weight": "none"}
    while True:
        part = found(site, "changes", **query)
        for change in part["changes"]:
            jsonschema.validate(change, rule("change"))
        got += [change["id"] for change in part["changes"]]
        if part["next"] is None:
            break
        query["cursor"] = part["next"]
    assert got == every
    names: list[str] = []
    query = {"limit": "1"}
    while True:
        part = found(site, "articles", **query)
        names += [one["branch"] for one in part["articles"]]
        if part["next"] is None:
            break
        query["cursor"] = part["next"]
    assert names == [row.branch for row in site.desk.store.articles()]


def test_the_changes_are_filtered(site):
    silent = found(site, "changes", state="silent")["changes"]
    assert silent
    assert {change["disclosure"] for change in silent} == {"silent"}
    assert found(site, "changes", label="denial-added")["changes"][0]["labels"] == ["denial-added"]
    refused(site.get(f"{API}/changes", params={"label": "numbers"}), 400, "'numbers'")
    refused(site.get(f"{API}/changes", params={"limit": "0"}), 400, "limit")
    refused(site.get(f"{API}/changes", params={"cursor": "here"}), 400, "no place in the list")


def test_an_answer_has_a_tag_that_changes_with_the_store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        keep(opened, capture(hour(1), page()))
    with served(tmp_path / "store") as site:
        first = site.get(f"{API}/articles")
        again = site.get(f"{API}/articles", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        keep(site.desk.store, capture(hour(2), page(headline="Fire in the harbour kills 21")))
        newer = site.get(f"{API}/articles", headers={"if-none-match": first.headers["etag"]})
        assert newer.json()["articles"][0]["snapshots"] == 2


def test_feeds_lead_to_the_pages_of_the_diffs(site):
    answer = site.get(f"{API}/feeds/changes.atom", params={"state": "silent"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    assert parsed.entries
    assert all(site.get(entry.link.removeprefix(site.base)).status_code == 200 for entry in parsed.entries)
    items = site.get(f"{API}/feeds/changes.json", params={"state": "silent"}).json()["items"]
    assert [item["id"] for item in items] == [entry.id for entry in parsed.entries]
    refused(site.get(f"{API}/feeds/changes.rss"), 404, "changes.atom")


def test_a_feed_leads_to_the_name_that_the_server_was_asked_by(site):
    port = site.base.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1"):
        found = site.get(f"{API}/feeds/changes.json", headers={"host": f"{name}:{port[:-1]}"}).json()
        links = [found["feed_url"], *(item["url"] for item in found["items"])]
        assert len(links) > 1
        assert {link.startswith(f"http://{name}:{port}") for link in links} == {True}


def test_a_program_with_the_token_reviews(site):
    (change, *_) = found(site, "changes", label="denial-added")["changes"]
    sent = {name: change[name] for name in ("branch", "before", "after")}
    sent |= {"change": change["id"], "reviewer": "robot", "weight": "important", "note": "checked"}
    answer = site.client.post(f"{site.base}{API}/reviews", json=sent)
    assert answer.status_code == 201, answer.text
    jsonschema.validate(answer.json(), rule("review"))
    assert found(site, "reviews", reviewer="robot")["reviews"] == [answer.json()]
    assert found(site, "changes", label="denial-added")["changes"][0]["reviews"] == [answer.json()]
    assert [each.weight for each in site.desk.store.reviews.all()] == [Weight.IMPORTANT]
    refused(site.client.post(f"{site.base}{API}/reviews", json=sent | {"change": "0" * 16}), 404, "no such change")
    refused(site.client.post(f"{site.base}{API}/reviews", json=sent | {"weight": 3}), 400, "weight must be text")
    refused(site.client.post(f"{site.base}{API}/reviews", json=[]), 400, "JSON object")
    for wrong in (b"\xff", b"[" * 60_000, b'{"note": "\\ud800"}'):
        refused(site.client.post(f"{site.base}{API}/reviews", content=wrong), 400, "no JSON")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
def test_nobody_reads_or_writes_without_the_token(store, headers):
    with served(store, Terms(guard=Guard(token=TOKEN))) as site:
        assert site.get(f"{API}/articles", headers=headers).status_code == 401
        assert site.client.post(f"{site.base}{API}/reviews", json={}, headers=headers).status_code == 401
        assert site.desk.store.reviews.on(["0" * 16]) == {}


def test_without_a_token_nobody_writes(store):
    with served(store) as site:
        assert site.get(f"{API}/articles").status_code == 200
        assert site.client.post(f"{site.base}{API}/reviews", json={}).status_code == 403


def test_a_server_of_passages_gives_no_whole_text(store):
    with served(store, Terms(whole=False)) as site:
        (one, *_) = found(site, "articles")["articles"]
        assert found(site, f"articles/{one['branch']}/snapshots/latest")["text"] is None


DESCRIBED: Any = schemathesis.openapi.from_dict(json.loads(openapi()))
OPERATIONS = [found.ok() for found in DESCRIBED.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_whatever_is_asked_is_answered_as_the_document_says(operation, site):
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(
            base_url=f"{site.base}{API}",
            headers={"authorization": f"Bearer {TOKEN}"},
            excluded_checks=[positive_data_acceptance],  # no schema says which cursor, day or word there is
            timeout=60,
        )

    ask()
