"""Pages that no one wants: each gives a reading with a reason, never an exception, and in reasonable time."""

from __future__ import annotations

import time

import pytest

from tracker.model import BlockKind
from tracker.normalize import NO_ARTICLE, canonical, normalize, read

LONG = "The council voted on Monday to close the bridge for repairs, the mayor said in a statement."
MORE = "Work will begin in June and last for about ten weeks, according to the city's engineers."
STORY = f"<h1>Bridge to close</h1><p>{LONG}</p><p>{MORE}</p>"


def paragraphs(page: str | bytes) -> list[str]:
    return [block.text for block in normalize(page).blocks if block.kind is BlockKind.PARAGRAPH]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "an empty page"),
        ("  \n ", "an empty page"),
        (b"\x00" * 3000, "binary data, not an HTML page"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3 1 0 obj", "a PDF, not an HTML page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "an image, not an HTML page"),
        ("<html><frameset cols='1,2'><frame src='a'><frame src='b'></frameset></html>", NO_ARTICLE),
        ("just a word", NO_ARTICLE),
        ('{"a": 1}', NO_ARTICLE),
        ("<html><body><nav><a href='/'>Home</a></nav></body></html>", NO_ARTICLE),
        ("<p>" + "a" * 12_000_001, "a page of more than 12 million characters"),
        (
            (
                "<title>News</title><script src=a></script><script src=b></script><div id=root></div>"
                "<noscript>You need to enable JavaScript to run this app.</noscript>"
            ),
            "an empty shell that needs JavaScript; tracker[browser] can read it",
        ),
        (
            "<title>News</title><script src=a></script><script>b()</script><div id=root></div>",
            "an empty shell that needs JavaScript; tracker[browser] can read it",
        ),
        (
            "<title>404 Not Found</title><h1>Page not found</h1><p>Sorry, that page does not exist.</p>",
            "a page that says it was not found",
        ),
        (
            "<title>Oops</title><h1>We can’t find that page</h1><p>It may have been moved. Try the search instead.</p>",
            "a page that says it was not found",
        ),
        (
            "<title>Just a moment...</title><p>Checking your browser before you are let in. This takes a second.</p>",
            "a robot check",
        ),
        (
            (
                "<title>Before you continue</title><h1>We value your privacy</h1><p>We and our partners use "
                "cookies to store and read personal data. You can accept or manage your choices here.</p>"
            ),
            "a consent wall",
        ),
        (
            "<title>503 Service Unavailable</title><h1>503 Service Unavailable</h1>",
            "an error page",
        ),
        (
            "<title>Access denied</title><h1>Access denied</h1><p>You do not have permission to see this page.</p>",
            "access denied",
        ),
        (
            (
                f"<title>Bridge</title><h1>Bridge</h1><p>{LONG}</p><div><h2>Subscribe to continue reading</h2>"
                "<p>Already a subscriber? Log in</p></div>"
            ),
            "a paywall",
        ),
    ],
)
def test_what_is_not_an_article_says_what_it_is(page: str | bytes, reason: str) -> None:
    assert read(page).blocked == reason


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{STORY}</body></html>".encode("utf-16"),
        '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><body>' + STORY,
        f"\ufeff{STORY}",
        STORY.replace("bridge", "bri\x00dge"),
        STORY.replace("<p>", "<p\x00>"),
        "<div>" * 10_000 + STORY,
        "<ul><li>" * 4_000 + STORY,
        "<table><tr><td>" * 3_000 + STORY,
        "<blockquote><span>" * 3_000 + STORY,
        "<x-y>" * 10_000 + STORY,
        "<b>" * 1_500 + STORY,
        STORY + "</div>" * 10_000,
        STORY + "<!-- " + "x" * 100_000,
        "<p " + " ".join(f"a{at}='<'" for at in range(60_000)) + ">" + STORY,
    ],
    ids=range(14),
)
def test_strange_pages_are_read_all_the_same(page: str | bytes) -> None:
    start = time.process_time()
    assert paragraphs(page) == [LONG, MORE]
    assert time.process_time() - start < 10


def test_a_huge_line_ends_soon_and_says_why() -> None:
    start = time.process_time()
    assert read(b"<p>" + b"a" * 50_000_000).blocked == "a page of more than 12 million characters"
    assert time.process_time() - start < 5


def test_lone_surrogates_and_character_references_to_nothing_become_marks() -> None:
    page = STORY.replace("mayor", "ma\ud800yor").replace("engineers", "&#x1;engin&#xFFFF;eers&#150;")
    assert paragraphs(page) == [LONG.replace("mayor", "ma\ufffdyor"), MORE.replace("engineers", "engineers–")]


def test_a_short_story_about_errors_is_no_error_page() -> None:
    said = "The court was told that the page had not been found in the archive until last week, when it was found."
    page = (
        f"<title>Missing page found | Gazette</title><h1>Missing page found</h1><p>{said}</p><p>{LONG}</p><p>{MORE}</p>"
    )
    assert read(page).blocked is None


@pytest.mark.parametrize("page", [b"", b"%PDF-", "<", "<link rel=canonical>", "<link rel=canonical href='http://['>"])
def test_no_canonical_address_is_none(page: str | bytes) -> None:
    assert canonical(page) in (None, "http://[")


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tracker.normalize.metadata", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(STORY)


def test_a_parser_that_panics_past_exception_blocks_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panicking(*_: object) -> None:
        raise PanicException

    monkeypatch.setattr("tracker.normalize.metadata", panicking)
    assert read(STORY).blocked == "unreadable: PanicException"
