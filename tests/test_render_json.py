"""The JSON of a report: its schema, its bytes, and that it holds everything."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.render_support import REPORTS, everything, hostile
from tracker import model
from tracker.render import Options, render
from tracker.render.json import line, report_object, schema


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_keeps_to_the_published_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    assert [error.message for error in validator.iter_errors(json.loads(render(REPORTS[name](), "json")))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("as_of"),
        lambda report: report.update(extra=1),
        lambda report: report["changes"][0].update(op="rewritten"),
        lambda report: report["changes"][0].pop("disclosed_later"),
        lambda report: report["before"].update(seen_since=None),
        lambda report: report.update(as_of="31 May"),
        lambda report: report["counts"]["labels"].update(shouting=1),
    ],
)
def test_the_schema_refuses_what_the_contract_does_not_allow(spoil: Any) -> None:
    spoiled = report_object(everything())
    spoil(spoiled)
    assert not jsonschema.Draft202012Validator(schema()).is_valid(spoiled)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("$defs", "label"), model.Label),
        (("$defs", "change", "properties", "op"), model.Op),
        (("$defs", "change", "properties", "field"), model.Field),
        (("$defs", "change", "properties", "severity"), model.Severity),
        (("$defs", "change", "properties", "disclosure"), model.Disclosure),
        (("$defs", "notice", "properties", "kind"), model.NoticeKind),
        (("$defs", "notice", "properties", "status"), model.NoticeStatus),
        (("properties", "result"), model.Result),
        (("properties", "verdict"), model.Verdict),
    ],
)
def test_the_schema_lists_what_the_model_knows(path: tuple[str, ...], values: Any) -> None:
    found: Any = schema()
    for key in path:
        found = found[key]
    assert found["enum"] == [value.value for value in values]


def test_keys_stand_in_the_order_of_the_contract():
    report = json.loads(render(everything(), "json"))
    assert list(report) == [
        *("schema", "as_of", "article", "before", "after", "result", "verdict"),
        *("changes", "notices", "findings", "counts"),
    ]
    assert list(report["changes"][0]) == [
        *("id", "op", "field", "before", "after", "edits", "labels", "severity", "disclosure", "notice"),
        "disclosed_later",
    ]
    assert list(report["after"])[-1] == "seen_since"


def test_it_holds_everything_whatever_the_options():
    plain = render(everything(), "json")
    assert plain == render(everything(), "json", all=True, full=True, width=20, color=True, tz="Europe/Paris")
    report = everything()
    assert len(json.loads(plain)["changes"]) == len(report.diff.changes)


def test_text_comes_back_code_point_for_code_point_and_no_byte_of_it_steers_a_terminal():
    report = hostile()
    written = render(report, "json")
    assert json.loads(written)["article"]["headline"] == report.article.headline
    assert not any(mark in written for mark in "\x1b\x9b\x07\u202e\u2066\u2028\ud800\x00")
    assert written.endswith("}\n")
    written.encode("utf-8")


def test_the_same_report_gives_the_same_bytes():
    assert render(everything(), "json") == render(everything(), "json")
    assert report_object(everything()) == json.loads(render(everything(), "json"))


def test_a_row_of_a_listing_is_one_line():
    assert line({"headline": "a\nb\u2028c", "n": None}) == '{"headline": "a\\nb\\u2028c", "n": null}'


def test_options_are_checked():
    with pytest.raises(TypeError):
        render(everything(), "json", colour=True)
    assert Options().width == 80
