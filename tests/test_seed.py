"""The story that tracker was made for, as its readers saw it, in pages of our own. It stays out of the project."""

from functools import cache
from html import escape
from pathlib import Path

import pytest

from tracker import compare, document_from_text, read
from tracker.annotate import notices_on_page, slips
from tracker.model import BlockKind, ClaimState, Label, NoticeKind, NoticeStatus, Op, Result, SlipKind, Verdict

STORY = Path(__file__).parents[2] / "shared" / "seed" / "article.txt"
pytestmark = pytest.mark.skipif(not STORY.exists(), reason="the seed story is not beside this checkout")

PROMO_START, PROMO_END = "Get The Beast In Your Inbox!", "We will not share your email with anyone for any reason."
DENIAL = ("But the Pentagon says this story", '"While we will not release the names')


def story() -> list[str]:
    return [line.strip() for line in STORY.read_text(encoding="utf-8").split("\n") if line.strip()]


def promo(lines: list[str]) -> tuple[int, int]:
    start = next(n for n, line in enumerate(lines) if line.startswith(PROMO_START))
    end = next(n for n, line in enumerate(lines) if line.endswith(PROMO_END))
    return start, end + 1


def is_update(line: str) -> bool:
    return line.startswith((*DENIAL, "UPDATE 3:13 PM"))


def page(lines: list[str], *, furniture: int, form: bool) -> str:
    """The story as a page: headline, dek, credit, paragraphs, the promo in mid-text as a form or as bare divs."""
    start, end = promo(lines)
    headline, dek, credit = lines[:3]
    body = [f"<p>{escape(line, quote=False)}</p>" for line in lines[3:]]
    box = [f"<div>{escape(line, quote=False)}</div>" for line in lines[start:end]]
    inside = "".join(box) + ('<input type="email"><button>Subscribe</button>' if form else "")
    tag = "form" if form else "div"
    body[start - 3 : end - 3] = [f'<{tag} class="newsletter-signup">{inside}</{tag}>']
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)} - The Outlet</title>
<meta property="og:title" content="{escape(headline)}"><script>var n = {furniture};</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/politics">Politics</a></li></ul></nav>
<div class="ad-slot" id="ad-{furniture}">Advertisement</div>
<article><h1>{escape(headline)}</h1><h2 class="dek">{escape(dek)}</h2>
<figure><img src="/rebels.jpg?v={furniture}" alt="Fighters"><figcaption>{escape(credit)}</figcaption></figure>
<div class="share-count">{furniture} shares</div><div class="article-body">{"".join(body)}</div></article>
<aside class="related"><h3>Most read</h3><ul><li><a href="/x{furniture}">Story {furniture}</a></li></ul></aside>
<section class="comments"><p>{"I doubt this. " * furniture}</p></section><footer>© The Outlet</footer></body></html>"""


@cache
def reading(updated: bool, furniture: int, form: bool):
    lines = story()
    return read(
        page(lines if updated else [line for line in lines if not is_update(line)], furniture=furniture, form=form)
    )


@pytest.mark.parametrize("form", [True, False], ids=["form", "divs"])
def test_the_update_is_two_paragraphs_and_the_note_that_admits_them(form):
    report = compare(reading(False, 1, form).document, reading(True, 2, form).document)
    body = [change for change in report.diff.changes if change.field.value == "body"]
    assert [change.op for change in body] == [Op.ADDED, Op.ADDED]
    assert all(change.after[0].text.startswith(start) for change, start in zip(body, DENIAL, strict=True))
    labels = {change.id: {note.label: note.evidence for note in report.labels(change)} for change in body}
    denials = [found[Label.DENIAL_ADDED] for found in labels.values() if Label.DENIAL_ADDED in found]
    assert len(denials) == 1
    assert all(denials[0])
    assert len(report.diff.changes) == 3  # the two, and the note itself
    (notice,) = report.notices
    assert (notice.kind, notice.status) == (NoticeKind.UPDATE, NoticeStatus.ADDED)
    assert notice.stated is not None
    assert (notice.stated.time, notice.stated.date, notice.stated.zone) == ("15:13", None, None)
    (claim,) = notice.claims
    assert claim.state is ClaimState.MATCHED
    assert {found.change for found in claim.changes} == {change.id for change in body}
    assert (report.result, report.verdict) == (Result.CHANGED, Verdict.DISCLOSED)


@pytest.mark.parametrize("form", [True, False], ids=["form", "divs"])
def test_furniture_alone_is_no_change_and_the_promo_is_in_no_block(form):
    one, two = reading(True, 3, form), reading(True, 40, form)
    assert compare(one.document, two.document).result is Result.UNCHANGED
    lines = story()
    start, end = promo(lines)
    texts = " ".join(block.text for block in one.document.blocks)
    assert not any(line in texts for line in lines[start:end])
    kept = {block.text for block in one.document.blocks}
    wanted = [line for number, line in enumerate(lines) if not start <= number < end]
    assert [line for line in wanted if line not in kept] == []
    assert [block.text[:14] for block in one.document.blocks if block.kind is BlockKind.NOTICE] == ["UPDATE 3:13 PM"]


def test_one_page_alone_shows_the_note_and_its_two_paragraphs():
    (found,) = notices_on_page(reading(True, 1, True).document)
    assert found.notice.text.startswith("UPDATE 3:13 PM")
    assert [passage.text.startswith(start) for passage, start in zip(found.passages, DENIAL, strict=True)] == [True] * 2


def test_slips_are_found():
    found = slips(reading(True, 1, True).document)
    spellings = {frozenset(slip.forms) for slip in found if slip.kind is SlipKind.NAME_SPELLING}
    assert {frozenset({"Sejari", "Seijari", "Sefjari"}), frozenset({"al-Saket", "al-Shaket"})} <= spellings
    assert frozenset({"Nagata", "Negata"}) in spellings
    declared = next(slip for slip in found if "Seijari" in slip.forms)
    assert "alternate spelling" in declared.remark
    doubled = {slip.forms[0] for slip in found if slip.kind is SlipKind.DOUBLED_WORD}
    assert {"ready to ready to", "that that"} <= doubled


def test_the_plain_text_alone_tells_the_same():
    lines = story()
    start, end = promo(lines)
    text = lines[:start] + lines[end:]
    before = document_from_text("\n\n".join(line for line in text if not is_update(line)))
    after = document_from_text("\n\n".join(text))
    report = compare(before, after)
    assert [change.op for change in report.diff.changes] == [Op.ADDED] * 3
