"""The examples of docs/diff.md come out as they are written there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from tracker.diff import diff
from tracker.model import Block, BlockKind, Document, EditOp

TEXT = (Path(__file__).parents[1] / "docs" / "diff.md").read_text("utf-8")
EXAMPLES = re.findall(r"```example\n(.*?)```", TEXT, re.DOTALL)
MARKS = {EditOp.EQUAL: "{}", EditOp.DELETE: "{{-{}-}}", EditOp.INSERT: "{{+{}+}}"}


def block(line: str) -> Block:
    kind, _, rest = line.partition(" ")
    if kind == "@":
        time, _, text = rest.partition(" ")
        return Block(BlockKind.ENTRY, text, time=datetime.fromisoformat(f"2026-01-01T{time}").replace(tzinfo=UTC))
    kinds = {"|": BlockKind.TABLE, "*": BlockKind.ITEM}
    return Block(kinds[kind], rest) if kind in kinds else Block(BlockKind.PARAGRAPH, line)


def side(lines: list[str], sign: str) -> Document:
    return Document(tuple(block(line[2:]) for line in lines if line.startswith(sign)), language="en")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0][2:40])
def test_each_example_comes_out_as_written(example):
    lines = example.splitlines()
    found = [
        f"{change.op}: {''.join(MARKS[edit.op].format(edit.text) for edit in change.edits)}".replace("\n\n", "¶")
        for change in diff(side(lines, "-"), side(lines, "+")).changes
    ]
    assert found == [line[2:] for line in lines if line.startswith("=")]


def test_every_budget_is_the_one_in_the_code():
    modules = (import_module(f"tracker.diff.{name}") for name in ("align", "changes", "rows", "similar", "words"))
    budgets = {name: value for module in modules for name, value in vars(module).items()}
    told = re.findall(r"\| ([\d,]+)[^|]*\(`(\w+)`\)", TEXT)
    assert len(told) == 7
    assert [(int(figure.replace(",", "")), name) for figure, name in told] == [
        (budgets[name], name) for _, name in told
    ]
