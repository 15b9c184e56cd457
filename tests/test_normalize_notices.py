"""The publisher's own notes: kept wherever they stand, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.model import Block, BlockKind, Placement
from tracker.normalize import normalize

HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/harbour-board-closes-pier"
SAYS = "An earlier version of this article misstated the year of the flood. It was 1953, not 1935."
NOTE = f"Correction: {SAYS}"
UPDATE = "UPDATE 3:13 PM: This story has been updated to include a statement from the harbour board."


def notices(html: str) -> list[Block]:
    return [block for block in normalize(html, URL).blocks if block.kind is BlockKind.NOTICE]


def put(place: str, markup: str) -> str:
    assert f"<!--{place}-->" in HARBOUR
    return HARBOUR.replace(f"<!--{place}-->", markup)


@pytest.mark.parametrize(
    ("place", "markup", "text", "placement"),
    [
        ("END", f"<p>{NOTE}</p>", NOTE, Placement.END),
        ("END", f"<p><em>{NOTE}</em></p>", NOTE, Placement.END),
        ("END", f"<p><strong>Correction:</strong> {SAYS}</p>", NOTE, Placement.END),
        ("END", f"<p class='correction'><i>{NOTE}</i></p>", NOTE, Placement.END),
        ("END", f"<p><small>{NOTE}</small></p>", NOTE, Placement.END),
        ("END", f"<small>{NOTE}</small>", NOTE, Placement.END),
        ("END", f"<em>{NOTE}</em>", NOTE, Placement.END),
        ("END", f"<strong>{NOTE}</strong>", NOTE, Placement.END),
        ("END", f"<div>{NOTE}</div>", NOTE, Placement.END),
        ("END", f"<div class='editor-note'><p>{NOTE}</p></div>", NOTE, Placement.END),
        ("END", f"<aside class='correction'><p>{NOTE}</p></aside>", NOTE, Placement.END),
        ("END", f"<aside><p>{NOTE}</p></aside>", NOTE, Placement.END),
        ("END", f"<footer class='article-footer'><p>{NOTE}</p></footer>", NOTE, Placement.END),
        ("END", f"<figure><img src='/b.jpg' alt='b'><figcaption>{NOTE}</figcaption></figure>", NOTE, Placement.END),
        ("END", f"<h4>Correction</h4><p>{SAYS}</p>", NOTE, Placement.END),
        ("END", f"<div><div><b>Correction</b></div><div>{SAYS}</div></div>", NOTE, Placement.END),
        ("END", "<p>(This story has been updated.)</p>", "(This story has been updated.)", Placement.END),
        ("END", f"<p>{UPDATE}</p>", UPDATE, Placement.END),
        ("TOP", f"<div class='editor-note'><p>{NOTE}</p></div>", NOTE, Placement.TOP),
        ("HEAD", f"<p>{NOTE}</p>", NOTE, Placement.TOP),
        ("MIDDLE", f"<aside><p>{UPDATE}</p></aside>", UPDATE, Placement.BODY),
        ("MIDDLE", f"<p>{NOTE}</p>", NOTE, Placement.BODY),
        ("AFTER", f"<p>{NOTE}</p>", NOTE, Placement.AFTER_BODY),
        ("AFTER", f"<div class='css-1'><h4>Correction</h4><p>{SAYS}</p></div>", NOTE, Placement.AFTER_BODY),
        ("AFTER", f"<footer><div><p>{NOTE}</p></div></footer>", NOTE, Placement.AFTER_BODY),
        (
            "AFTER",
            "<div class='article-correction'><p>We have changed the year of the flood to 1953.</p></div>",
            "We have changed the year of the flood to 1953.",
            Placement.AFTER_BODY,
        ),
    ],
)
def test_a_note_is_kept_exactly_and_nothing_else_changes(
    place: str, markup: str, text: str, placement: Placement
) -> None:
    html = put(place, markup)
    assert [(block.text, block.placement) for block in notices(html)] == [(text, placement)]
    pictures = (BlockKind.IMAGE, BlockKind.NOTICE)
    rest = [block for block in normalize(html, URL).blocks if block.kind not in pictures]
    assert rest == [block for block in normalize(HARBOUR, URL).blocks if block.kind not in pictures]


def test_stacked_notes_are_so_many_notices() -> None:
    html = put("END", f"<div class='editor-note'><p>{NOTE}</p><p>{UPDATE}</p></div>")
    assert [block.text for block in notices(html)] == [NOTE, UPDATE]


def test_the_second_paragraph_of_a_note_belongs_to_it() -> None:
    html = put("END", f"<div class='editor-note'><p>{NOTE}</p><p>We regret the error.</p></div>")
    assert [block.text for block in notices(html)] == [f"{NOTE} We regret the error."]


def test_links_in_a_note_keep_their_places() -> None:
    html = put("AFTER", f"<div><h4>Correction</h4><p>{SAYS} <a href='/why'>Read why.</a></p></div>")
    (note,) = notices(html)
    assert [note.text[link.start : link.end] for link in note.links] == ["Read why."]


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("TOP", "<p>Updated 5 minutes ago</p>"),
        ("TOP", "<div>May 31, 3:20 PM</div>"),
        ("AFTER", f"<div class='comment'><p>{NOTE}</p></div>"),
        ("AFTER", f"<section id='disqus_thread'><div><p>{NOTE}</p></div></section>"),
        ("AFTER", "<div class='teasers'><h3><a href='/x'>Update: storm reaches the coast tonight</a></h3></div>"),
        ("AFTER", f"<nav><p>{NOTE}</p></nav>"),
        ("AFTER", f"<article class='card'><p>{NOTE}</p></article>"),
        ("AFTER", "<p><a href='/corrections'>Corrections and clarifications: see our policy</a></p>"),
    ],
)
def test_stamps_readers_and_teasers_are_no_notices(place: str, markup: str) -> None:
    assert notices(put(place, markup)) == []
    assert normalize(put(place, markup), URL) == normalize(HARBOUR, URL)


def test_no_paragraph_of_an_article_is_taken_for_a_note() -> None:
    said = (
        "Updated figures show that 3,000 people visit the pier every day in summer.",
        "Corrections officers at the county jail said they had not been told.",
        "The correction came a day after the paper had named the wrong man.",
        "Clarification is needed, the court held, on what counts as a harbour.",
    )
    html = put("END", "".join(f"<p>{text}</p>" for text in said))
    assert notices(html) == []
    assert [block.text for block in normalize(html, URL).blocks][-4:] == list(said)
