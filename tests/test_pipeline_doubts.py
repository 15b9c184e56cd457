"""What a server gives in the place of an article, or of the whole of it, is never taken for an edit of it."""


import pytest

from tests.site import PARAGRAPHS, capture, hour, page
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
