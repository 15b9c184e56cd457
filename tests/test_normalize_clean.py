"""What of a line's characters is text, and whether a line ends as a sentence does."""

from __future__ import annotations

import pytest

from tracker.normalize.clean import ends_sentence


@pytest.mark.parametrize(
    "text",
    [
        "The council met.",
        "“We waited long enough.”",
        "„Wir haben lange genug gewartet.“",
        "»Vi har ventet længe nok.«",
        "(The council met on Monday.)",
        "[This article has been corrected.]",
        "And then nothing happened…",
        "市议会周一开会。",
        "「それは違う！」",
        "متى يجتمع المجلس؟",
        "परिषद की बैठक हुई।",
    ],
)
def test_a_sentence_is_known_by_its_end_whatever_closes_behind_it(text):
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", "”", "Council meets on ferry", "Read more »", "By Ann Green,", "Related:"])
def test_a_label_or_a_title_is_no_sentence(text):
    assert not ends_sentence(text)
