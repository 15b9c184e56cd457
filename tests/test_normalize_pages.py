"""Pages in the shapes that people really have: each is read into the blocks that stand beside it in a file.

`tests/pages/normalize/shapes/<name>.html` is a page of our own words, `<name>.txt` what it says: one block a line, its
kind first, an entry with its time; a page that is not to be believed says why in a first line.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tracker.model import Block, BlockKind, Reading
from tracker.normalize import read
from tracker.text.codec import read_document, write_article, write_meta

SHAPES = Path(__file__).parent / "pages" / "normalize" / "shapes"
NAMES = sorted(path.stem for path in SHAPES.glob("*.html"))
SAID = "The council voted on Monday to close the bridge for repairs, the mayor said in a statement."
SLOW = 2.0  # CPU seconds; what grows with the square of a page takes ten times as long


def written(reading: Reading) -> str:
    head = [f"blocked: {reading.blocked}"] if reading.blocked else []
    return "\n".join([*head, *map(line, reading.document.blocks)]) + "\n"


def line(block: Block) -> str:
    when = f" {block.time:%Y-%m-%dT%H:%MZ}" if block.time else ""
    return f"{block.kind}{when}: {block.text}"


def page(name: str) -> bytes:
    return (SHAPES / f"{name}.html").read_bytes()


def article(body: str) -> str:
    return f"<!doctype html><html lang='en'><body><article><h1>Bridge to close</h1>{body}</article></body></html>"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_into_the_blocks_beside_it(name: str) -> None:
    reading = read(page(name), f"https://courier.example/{name}")
    assert written(reading) == (SHAPES / f"{name}.txt").read_text(encoding="utf-8")
    document = reading.document
    assert read_document(write_article(document), write_meta(document)) == document


@pytest.mark.parametrize(
    ("name", "language", "lines"),
    [
        ("arabic", "ar", ["هل يكفي ذلك؟", "نعم، قال المهندس."]),
        ("hebrew", "he", ['"אין ברירה", אמר המהנדס.']),
        ("chinese", "zh-CN", ["工程师说：“不能再等了。”", "市民可以走新桥吗？\\"]),
        ("japanese", "ja", ["工事は六月に始まる。\\", "バスは夏の終わりまで港通りを走る。"]),
        ("korean", "ko", ["공사는 6월에 시작된다.", "버스는 여름이 끝날 때까지 항구 거리로 다닌다."]),
    ],
)
def test_article_md_has_one_sentence_a_line_in_every_script(name: str, language: str, lines: list[str]) -> None:
    document = read(page(name), "https://courier.example/a").document
    assert document.language == language
    assert set(lines) <= set(write_article(document).split("\n"))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("chinese", "gb18030"), ("chinese", "utf-16"), ("japanese", "shift_jis"), ("japanese", "euc_jp"),
        ("korean", "euc_kr"), ("arabic", "cp1256"), ("hebrew", "cp1255"), ("thai", "cp874"),
    ],
)  # fmt: skip
def test_a_page_in_another_encoding_says_the_same(name: str, encoding: str) -> None:
    label = encoding.replace("_", "-").replace("cp", "windows-")
    text = page(name).decode("utf-8").replace('<meta charset="utf-8">', f'<meta charset="{label}">')
    assert written(read(text.encode(encoding), "u")) == written(read(page(name), "u"))


def test_a_stray_byte_in_good_text_spoils_one_character() -> None:
    spoilt = page("hebrew").replace("אין ברירה".encode(), "אין".encode() + b"\xff " + "ברירה".encode())
    assert '"אין\ufffd ברירה", אמר המהנדס.' in written(read(spoilt, None))


def test_an_empty_shell_is_not_filled_from_its_metadata() -> None:
    reading = read(page("app-shell"), "https://courier.example/quarry")
    assert "[browser]" in (reading.blocked or "")
    assert [block.kind for block in reading.document.blocks] == [BlockKind.HEADLINE]


def test_a_live_blog_of_hundreds_of_entries_is_read_whole_and_quickly() -> None:
    entries = "".join(
        f"<div class='live-entry'><p><time datetime='2026-02-{1 + at // 60:02}T10:{at % 60:02}:00Z'>now</time></p>"
        f"<h3>Entry number {at}</h3><p>{SAID} {at}</p></div>"
        for at in range(600)
    )
    start = time.process_time()
    blocks = read(article(f"<p>{SAID}</p>{entries}"), None).document.blocks
    assert time.process_time() - start < SLOW
    heads = [block for block in blocks if block.kind is BlockKind.ENTRY]
    assert [block.text for block in heads] == [f"Entry number {at}" for at in range(600)]
    assert len({block.time for block in heads}) == 600
    assert sum(block.kind is BlockKind.PARAGRAPH for block in blocks) == 601


@pytest.mark.parametrize(
    "body",
    [
        "<div class='caption'>a" * 1_000 + f"<p>{SAID * 800}</p>",
        "<div class='live-entry'>" * 1_000 + "<i></i>" * 2_000 + f"<time>now</time><p>{SAID}</p>",
        "<h1>" * 1_000 + f"<p>{SAID * 500}</p>",
        "<div class='share'>" * 1_000 + "<i></i>" * 2_000 + f"<blockquote>{SAID}</blockquote>",
        "<div>a<form></form>" * 1_000 + "<i></i>" * 2_000 + f"<p>{SAID}</p>",
        "<div>" * 1_000 + "word<br>" * 2_000 + f"<p>{SAID}</p>",
        "<div><h1>" * 200 + "A line" + "<i></i>" * 9_000 + "</h1></div>" * 200 + f"<p>{SAID}</p>",
        f"<p>{SAID}</p><table><tr>" + "<td>1" * 4_000 + "</table>",
        f"<p>{SAID}</p><p>" + "“he said. And then (she said. " * 4_000,
    ],
    ids=["captions", "entries", "headings", "sharing", "forms", "breaks", "titles", "cells", "quotes"],
)
def test_no_shape_of_a_page_takes_the_square_of_its_length(body: str) -> None:
    start = time.process_time()
    document = read(article(body), "https://courier.example/a").document
    write_article(document)
    assert time.process_time() - start < SLOW


def test_nesting_without_end_keeps_its_text() -> None:
    deep = article("<div>" * 10_000 + f"<p>{SAID}</p>" + "</div>" * 10_000)
    assert [block.text for block in read(deep, None).document.blocks] == ["Bridge to close", SAID]
