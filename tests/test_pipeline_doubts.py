"""What a server gives in the place of an article, or of the whole of it, is never taken for an edit of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.site import PARAGRAPHS, URL, capture, hour, page
from tracker.model import Outcome
from tracker.pipeline import keep
from tracker.store import open_store


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        yield store


@pytest.mark.parametrize("status", [201, 202, 204, 205, 206, 207, 226, 300, 302, 303, 305, 308, 399])
def test_only_an_answer_that_is_the_page_is_read(store, status):
    """A part of a page (206), a page to wait on (202) or a redirect to nowhere is not the article's next text."""
    keep(store, capture(hour(1), page()))
    check = keep(store, capture(hour(2), page(PARAGRAPHS[:-1]), status=status))
    assert (check.outcome, check.error) == (Outcome.FAILED, f"the server answered {status}: try again later")
    assert keep(store, capture(hour(3), page(PARAGRAPHS[:-1]), status=203)).outcome is Outcome.CHANGED


STRIKE = "https://daily.example/2026/ferry-strike"
STRIKE_TEXT = [f"The ferry crews walked out over their pay, and this is sentence number {n} of it." for n in range(6)]


def strike(canonical: str | None) -> bytes:
    return page(STRIKE_TEXT, canonical=canonical, headline="Ferry crews walk out")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("named", [STRIKE, "https://daily.example/"])
def test_a_page_that_calls_itself_another_is_not_the_next_text(store, known, named):
    """A cache that mixes up its pages; and a front page in the place of a story that cannot be found."""
    keep(store, capture(hour(1), page()))
    if known:
        keep(store, capture(hour(1), strike(STRIKE), url=STRIKE))
    check = keep(store, capture(hour(2), strike(named)))
    assert check.outcome is Outcome.BLOCKED
    assert f"another headline and another text, and it calls itself {named}" in (check.error or "")
    assert len(store.articles()) == (2 if known else 1)
    assert keep(store, capture(hour(3), page(PARAGRAPHS[1:]))).outcome is Outcome.CHANGED


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("You are in line", ["There are many readers here. You are number 2,431. This page refreshes by itself."]),
        ("Read on in the app", ["This story is to be had in our app. Get it for your phone to go on reading it."]),
        ("Hello", ["It looks as if something here stopped our advertisements. Let them through and try again."]),
        ("Hmm", ["The story that you want has wandered off.", *STRIKE_TEXT]),
        ("With advertising, or with a subscription", [f"Partner {n} keeps what it knows of you." for n in range(60)]),
    ],
)
def test_a_wall_in_words_of_its_own_is_no_text_of_the_article(store, title, text):
    """No list has all words of walls; but they do not say that they are the article."""
    keep(store, capture(hour(1), page()))
    check = keep(store, capture(hour(2), page(text, canonical=None, headline=title)))
    assert check.outcome is Outcome.BLOCKED
    assert "nothing on it says that it is this article" in (check.error or "")
    for day in (1, 2, 3):  # walls can stay: only a person can say that this is the article now
        again = capture(hour(2) + timedelta(days=day), page(text, canonical=None, headline=title))
        assert keep(store, again).outcome is Outcome.BLOCKED
    later = hour(2) + timedelta(days=4)
    assert keep(store, capture(later, page(PARAGRAPHS[1:], canonical=None))).outcome is Outcome.CHANGED


def test_a_retraction_that_keeps_nothing_of_the_page_is_stored_at_once(store):
    keep(store, capture(hour(1), page()))
    gone = "Retraction: This article has been withdrawn because its central claim could not be confirmed."
    body = f"<title>Retraction</title><h1>A story is taken back</h1><p>{gone}</p></html>".encode()
    assert keep(store, capture(hour(2), body)).outcome is Outcome.CHANGED


def test_a_story_that_loses_its_canonical_link_is_known_by_its_text_or_its_date(store):
    def dated(body: bytes) -> bytes:
        return body.replace(b"</head>", b'<meta property="article:published_time" content="2026-03-04T00:10Z"></head>')

    keep(store, capture(hour(1), dated(page())))
    assert keep(store, capture(hour(2), page(PARAGRAPHS[1:], canonical=None))).outcome is Outcome.CHANGED
    keep(store, capture(hour(3), dated(page())))
    assert keep(store, capture(hour(4), dated(strike(None)))).outcome is Outcome.CHANGED


def test_a_story_that_is_written_anew_under_its_address_is_an_edit(store):
    keep(store, capture(hour(1), page()))
    assert keep(store, capture(hour(2), strike(URL))).outcome is Outcome.CHANGED


def test_a_story_under_the_address_that_another_one_named_as_its_own_is_no_edit_of_that(store):
    assert keep(store, capture(hour(1), strike(URL), url=STRIKE)).outcome is Outcome.NEW
    check = keep(store, capture(hour(2), page()))
    assert check.outcome is Outcome.BLOCKED
    assert f"{URL} answered, and not {STRIKE} as before" in (check.error or "")
    assert keep(store, capture(hour(3), strike(URL), url=STRIKE)).outcome is Outcome.UNCHANGED


def test_stories_that_are_first_led_to_one_page_are_no_edits_of_it(store):
    welcome = "https://daily.example/welcome"
    hello = [f"The Daily has news of the bay for you each morning, and here is reason {n} for it." for n in range(6)]
    first = page(hello, canonical=None, headline="Welcome to the Daily")
    keep(store, capture(hour(1), first, final_url=welcome, redirects=(URL,)))
    check = keep(store, capture(hour(2), page(canonical=None)))
    assert check.outcome is Outcome.BLOCKED
    assert f"{URL} answered, and not {welcome} as before" in (check.error or "")


def test_a_story_that_is_first_looked_at_when_it_leads_to_the_front_page_is_not_that(store):
    """Else the front page is an article that changes all day, and the story comes back as an edit of it."""
    front = page(STRIKE_TEXT, canonical=None, headline="The Daily")
    check = keep(
        store, capture(hour(1), front, final_url="https://www.daily.example/?utm_source=404", redirects=(URL,))
    )
    assert check.outcome is Outcome.MOVED
    assert store.articles() == []
    assert keep(store, capture(hour(2), page())).outcome is Outcome.NEW
    bare = "https://daily.example"
    check = keep(store, capture(hour(3), front, url=bare, final_url="https://www.daily.example/", redirects=(bare,)))
    assert check.outcome is Outcome.NEW  # who asks for it may have it


def test_two_articles_do_not_become_one_for_a_wrong_canonical_link(store):
    """An address that two articles share joins them, for ever and with all that was said of either."""
    keep(store, capture(hour(1), page()))
    keep(store, capture(hour(1), strike(STRIKE), url=STRIKE))
    assert keep(store, capture(hour(2), page(PARAGRAPHS[:4], canonical=STRIKE))).outcome is Outcome.CHANGED
    assert store.find_url(URL) != store.find_url(STRIKE)


@pytest.mark.parametrize("wide", [False, True])
def test_a_page_that_breaks_off_within_is_held_back(store, wide):
    def sent(body: bytes) -> bytes:
        return body.decode().encode("utf-16") if wide else body

    keep(store, capture(hour(1), sent(page(note="Correction: The fire killed 12 people, not 10."))))
    whole = page(note="Correction: The fire killed 12 people, not 10.", nonce=2)
    cut = whole[: whole.index(b'<div class="article-note">')]
    for at in (2, 3, 4):
        check = keep(store, capture(hour(at), sent(cut)))
        assert check.outcome is Outcome.BLOCKED
        assert "breaks off" in (check.error or "")
    assert keep(store, capture(hour(5), sent(whole))).outcome is Outcome.UNCHANGED


def test_a_page_that_has_no_end_any_more_is_believed_after_a_day(store):
    """The end tag may be left out, and a site can begin to."""
    keep(store, capture(hour(1), page()))
    bare = page(PARAGRAPHS[:4]).replace(b"</html>", b"")
    moments = [hour(2) + timedelta(hours=13 * n) for n in range(4)]
    outcomes = [keep(store, capture(at, bare)).outcome for at in moments]
    assert outcomes == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.CHANGED, Outcome.UNCHANGED]
    without = page(PARAGRAPHS[:3]).replace(b"</html>", b"")
    assert keep(store, capture(moments[-1] + timedelta(hours=1), without)).outcome is Outcome.CHANGED


def test_an_answer_without_the_label_of_its_encoding_is_held_back(store):
    russian = [f"Пожар в порту города унёс жизни {n} человек, сообщила полиция во вторник." for n in range(12, 18)]

    def sent(at: float, kind: str, nonce: int = 0) -> Outcome:
        body = page(russian, headline="Пожар в порту", nonce=nonce).decode().replace('<meta charset="utf-8">', "")
        made = capture(hour(at), body.encode("cp1251", "replace"))
        return keep(store, replace(made, headers=(("content-type", kind),))).outcome

    assert sent(1, "text/html; charset=windows-1251") is Outcome.NEW
    assert sent(2, "text/html", nonce=1) is Outcome.BLOCKED
    assert sent(3, "text/html; charset=windows-1251", nonce=2) is Outcome.UNCHANGED


def test_a_label_that_says_what_is_taken_without_one_may_be_left_out(store):
    def sent(at: float, kind: str, count: int) -> Outcome:
        text = [f"The café in the harbour of Port Ellery has been closed for {each} days." for each in range(count)]
        body = page(text).decode().replace('<meta charset="utf-8">', "").encode("cp1252")
        return keep(store, replace(capture(hour(at), body), headers=(("content-type", kind),))).outcome

    assert sent(1, "text/html; charset=iso-8859-1", 6) is Outcome.NEW
    assert sent(2, "text/html", 5) is Outcome.CHANGED


@pytest.mark.parametrize(
    "edition",
    [
        "https://m.daily.example/2026/harbour-fire",
        "https://daily.example/2026/harbour-fire/amp",
        "https://daily.example/2026/harbour-fire?outputType=amp",
    ],
)
def test_a_server_that_leads_to_another_edition_of_a_page_has_edited_nothing(store, edition):
    keep(store, capture(hour(1), page()))
    led = {"final_url": edition, "redirects": (URL,)}
    assert keep(store, capture(hour(2), page(nonce=2), **led)).outcome is Outcome.UNCHANGED
    check = keep(store, capture(hour(3), page(PARAGRAPHS[:-1]), **led))
    assert check.outcome is Outcome.BLOCKED
    assert f"another edition of the page: {edition} answered" in (check.error or "")
    assert keep(store, capture(hour(4), page(), final_url=f"{URL}/", redirects=(URL,))).outcome is Outcome.UNCHANGED
    moments = [hour(5) + timedelta(hours=13 * n) for n in range(3)]
    outcomes = [keep(store, capture(at, page(PARAGRAPHS[:-2]), **led)).outcome for at in moments]
    assert outcomes == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.CHANGED]  # a site can change for good
    later = moments[-1] + timedelta(hours=1)
    assert keep(store, capture(later, page(PARAGRAPHS[:-1]), **led)).outcome is Outcome.CHANGED
    assert keep(store, capture(later + timedelta(hours=1), page())).outcome is Outcome.BLOCKED  # the usual page again


INQUEST = "https://daily.example/2026/inquest"


def test_a_follow_up_by_the_same_author_with_a_paragraph_of_background_is_another_story(store):
    keep(store, capture(hour(1), page(PARAGRAPHS[:2], canonical=None)))
    after = page((*STRIKE_TEXT, PARAGRAPHS[1]), canonical=None, headline="Inquest into the harbour fire opens")
    check = keep(store, capture(hour(2), after, final_url=INQUEST, redirects=(URL,)))
    assert check.outcome is Outcome.MOVED
    assert store.find_url(INQUEST) is None


@pytest.mark.parametrize("spaced", [True, False])
def test_a_story_that_moves_with_an_edit_in_each_paragraph_is_still_the_story(store, spaced):
    """Else it would be gone for good, and its correction with it."""

    def text(*years: str) -> tuple[str, ...]:
        if spaced:
            return tuple(f"{each} It was the worst since {year}." for each, year in zip(PARAGRAPHS, years, strict=True))
        return tuple(
            f"二千二十六年三月の火曜日の夜に港で火事があり{year}人が死亡したと警察は述べた。" for year in years
        )

    keep(store, capture(hour(1), page(text("1951", "1952", "1953", "1954", "1955"), canonical=None)))
    edit = page(text("1961", "1962", "1963", "1964", "1965"), canonical=None, headline="Fire kills 21 in the harbour")
    check = keep(store, capture(hour(2), edit, final_url=INQUEST, redirects=(URL,)))
    assert check.outcome is Outcome.CHANGED
    assert store.find_url(INQUEST) == store.find_url(URL)
