"""Furniture comes and goes, and the document stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.model import BlockKind
from tracker.normalize import normalize, read

HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/harbour-board-closes-pier"
PROMO = (
    "Get the Gazette in your inbox!",
    "Morning post",
    "Begin your day with the best of the Gazette.",
    "Tide table",
    "All that the sea did overnight, in one short letter.",
    "By clicking “Subscribe”, you agree to our terms of use and privacy policy.",
    "Thank you!",
    "You are now subscribed to the Morning post. We will not share your address with anyone.",
)


def put(place: str, markup: str) -> str:
    return HARBOUR.replace(f"<!--{place}-->", markup)


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("MIDDLE", "<div class='ad'><a href='/x'>Buy a boat</a></div>"),
        (
            "MIDDLE",
            "<div class='c1'><p>Advertisement</p><p><a href='#c'>Continue reading the main story</a></p></div>",
        ),
        ("MIDDLE", "<p>READ MORE: <a href='/m'>The long road to a new bridge</a></p>"),
        ("MIDDLE", "<p><strong>Related:</strong> <a href='/m'>What the report leaves out</a></p>"),
        ("MIDDLE", "<p><em>Sign up for our newsletter to get the top stories in your inbox.</em></p>"),
        (
            "MIDDLE",
            "<div class='b1'><h4>A letter worth opening</h4><p>Write us.</p><form><input type=email></form></div>",
        ),
        ("MIDDLE", "<div class='newsletter-box'><p>Our best stories every morning.</p></div>"),
        (
            "MIDDLE",
            (
                "<div class='k3'><h3>More</h3><ul><li><a href='/1'>One</a></li><li><a href='/2'>Two stories</a></li>"
                "<li><a href='/3'>Three stories</a></li></ul></div>"
            ),
        ),
        (
            "MIDDLE",
            "<p><a href='/1'>One story</a></p><p><a href='/2'>Two stories</a></p><p><a href='/3'>A third</a></p>",
        ),
        ("MIDDLE", "<div style='display: none'><p>Thank you, you will hear from us.</p></div>"),
        ("TOP", "<p>Updated 5 minutes ago</p>"),
        ("TOP", "<div><time datetime='2024-03-05'>5 Mar 2024</time> <time>15:13</time></div>"),
        ("TOP", "<p>3 min read</p>"),
        ("TOP", "<div class='share'>418 shares</div>"),
        ("END", "<p>You have 3 free articles left this month.</p>"),
        ("END", "<p>Follow us on Twitter and Facebook.</p>"),
        (
            "AFTER",
            "<div class='comments'><p>I walk past it every day and doubt each word.</p></div>",
        ),
        (
            "AFTER",
            "<div class='author-bio'><p>Ann Larkin has written about the harbour since 1999.</p></div>",
        ),
    ],
)
def test_furniture_changes_nothing(place: str, markup: str) -> None:
    assert normalize(put(place, markup), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize(
    ("place", "markup", "reason"),
    [
        ("MIDDLE", "<p>Advertisement</p>", "advertisement"),
        ("TOP", "<p>Updated 5 minutes ago</p>", "relative-time"),
        ("TOP", "<p>May 31, 3:20 PM</p>", "time stamp"),
        ("MIDDLE", "<p>READ MORE: <a href='/m'>The long road to a new bridge</a></p>", "related"),
        ("MIDDLE", "<p>Sign up for our newsletter.</p>", "newsletter"),
    ],
)
def test_each_suppressed_block_says_why(place: str, markup: str, reason: str) -> None:
    assert reason in {each.reason for each in read(put(place, markup), URL).suppressed}


@pytest.mark.parametrize(
    "markup",
    [
        "<p>The Pentagon denied it.</p>",
        "<p><a href='/a'>The full report of the board</a> and <a href='/b'>the answer of the town</a></p>",
        "<p>Subscribers of the old ferry pass will get their money back, the board said on Tuesday.</p>",
        "<p>He asked readers to share the story of the pier, and hundreds did so within a week of its closing.</p>",
        "<h3>Advertising on the pier</h3>",
        "<p>10 years ago, the pier was closed for a whole summer.</p>",
        "<p>Contact was lost at 3:13 PM on Tuesday.</p>",
        "<p>Help for the local community will come from our members, the board said.</p>",
        "<p>Copyright in the plans belongs to the town, and not to the architect.</p>",
        "<p>Names of minors may not be published under the law, the court ruled on Monday.</p>",
        "<p>Full access to the pier was given to the inspectors on Monday.</p>",
        "<p>Join the march today, organisers told their members, or stay at home.</p>",
        "<p>Related party deals must be shown, the auditor said.</p>",
        "<p>Today, nobody walks on it.</p>",
        "<p>You have three days left, the judge told them.</p>",
        "<p>The newsletter of the fishing club had warned of rust for years.</p>",
        "<ul><li>One pillar is gone.</li></ul>",
    ],
)
def test_text_that_only_sounds_like_furniture_stays(markup: str) -> None:
    before = [block.text for block in normalize(HARBOUR, URL).blocks]
    after = [block.text for block in normalize(put("MIDDLE", markup), URL).blocks]
    assert len(after) == len(before) + 1
    assert [text for text in after if text in before] == before


@pytest.mark.parametrize(
    "markup",
    [
        "<form class='nl'><h3>{0}</h3>"
        + "".join(f"<p>{{{at}}}</p>" for at in range(1, 8))
        + "<button>Subscribe</button></form>",
        "<div class='newsletter-signup'>" + "".join(f"<p>{{{at}}}</p>" for at in range(8)) + "</div>",
        (
            "<div class='c1'><h3>{0}</h3><h4>{1}</h4><p>{2}</p><h4>{3}</h4><p>{4}</p><form><input></form><p>{5}</p>"
            "<div class='c2'><h4>{6}</h4><p>{7}</p></div></div>"
        ),
        "".join(f"<p>{{{at}}}</p>" for at in range(8)),
        "".join(f"<div>{{{at}}}</div>" for at in range(8)),
        "<div>" + "<br><br>".join(f"{{{at}}}" for at in range(8)) + "</div>",
        "<p>" + "<br>".join(f"{{{at}}}" for at in range(8)) + "</p>",
    ],
    ids=["form", "named div", "hashed div with a form", "paragraphs", "divs", "line breaks", "one paragraph"],
)
def test_a_promotion_in_the_middle_of_the_text_is_in_no_block(markup: str) -> None:
    html = put("MIDDLE", markup.format(*PROMO))
    assert normalize(html, URL) == normalize(HARBOUR, URL)


def test_the_seed_story_keeps_its_paragraphs_and_its_note_and_loses_its_promotion() -> None:
    seed = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"
    if not seed.is_file():
        pytest.skip("the seed story is not beside this checkout")
    lines = [" ".join(line.split()) for line in seed.read_text(encoding="utf-8").splitlines() if line.strip()]
    start = next(at for at, line in enumerate(lines) if line.endswith("In Your Inbox!"))
    end = next(at for at, line in enumerate(lines) if line.startswith("You are now subscribed")) + 1
    marked = "".join(f"<p>{line}</p>" for line in lines[3:start])
    rest = "".join(f"<p>{line}</p>" for line in lines[end:])
    promo = "<div class='x'>" + "".join(f"<p>{line}</p>" for line in lines[start:end]) + "<form><input></form></div>"
    article = f"<h1>{lines[0]}</h1><h2>{lines[1]}</h2><div>{marked}{promo}{rest}</div>"
    html = f"<html lang='en'><body><article>{article}</article></body></html>"
    blocks = normalize(html, URL).blocks
    assert [block.text for block in blocks] == [*lines[:2], *lines[3:start], *lines[end:]]
    assert blocks[-1].kind is BlockKind.NOTICE
    assert sum(block.kind is BlockKind.NOTICE for block in blocks) == 1
