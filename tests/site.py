"""A small news site of our own: pages with furniture around an article, made from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from tracker.model import Capture, Source

URL = "https://daily.example/2026/harbour-fire"
HEADLINE = "Fire in the harbour kills 12"
PARAGRAPHS = (
    "A fire in the harbour of Port Ellery killed 12 people on Tuesday night, the police said, and destroyed two halls.",
    "The fire broke out shortly before midnight in a hall where a shipping company kept paint and ropes.",
    "“We saw the flames from the other side of the bay,” said Maria Lind, who runs the bakery on the quay.",
    "The mayor, Jonas Adler, said that the halls had been inspected in March and that no defects had been found.",
    "Firefighters from four towns worked until the morning; by noon the smoke had drifted out over the sea.",
)


def page(
    paragraphs: Sequence[str] = PARAGRAPHS,
    *,
    headline: str = HEADLINE,
    note: str | None = None,
    modified: str | None = None,
    canonical: str | None = URL,
    nonce: int = 0,
) -> bytes:
    """A furnished page; `nonce` turns everything over that is not the article."""
    body = "\n".join(f'<p class="c-{nonce}">{escape(text, quote=False)}</p>' for text in paragraphs)
    foot = f'<div class="article-note"><p>{escape(note, quote=False)}</p></div>' if note else ""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    changed = f'<meta property="article:modified_time" content="{modified}">' if modified else ""
    related = "".join(f'<li><a href="/2026/other-{nonce}-{n}">Another story, {nonce}.{n}</a></li>' for n in range(4))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)} - The Daily</title>
{link}{changed}<script nonce="{nonce}">var count = {nonce};</script></head><body>
<header class="site-header"><nav><a href="/">The Daily</a><a href="/sport">Sport</a></nav></header>
<main><article><h1>{escape(headline)}</h1><p class="byline">By Ada Berg</p><div class="article-body">
{body}
</div>{foot}</article><aside class="related"><h3>Related</h3><ul>{related}</ul></aside></main>
<div class="cookie-banner">We use cookies, {nonce} of them.</div>
<footer class="site-footer"><p>© The Daily {nonce}</p></footer></body></html>""".encode()


def capture(
    at: datetime,
    body: bytes,
    *,
    url: str = URL,
    final_url: str | None = None,
    status: int = 200,
    redirects: tuple[str, ...] = (),
) -> Capture:
    """A page as if it had just been fetched."""
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Capture(url, final_url or url, at, status, headers, body, Source.WEB, redirects)


def hour(number: float) -> datetime:
    """A time on the day of the tests."""
    return datetime(2026, 3, 4, int(number), round(number % 1 * 60), tzinfo=UTC)


def edited(index: int, old: str, new: str, paragraphs: Sequence[str] = PARAGRAPHS) -> tuple[str, ...]:
    """The paragraphs with one of them changed."""
    assert old in paragraphs[index]
    return tuple(text.replace(old, new) if place == index else text for place, text in enumerate(paragraphs))
