"""How news is worded: the words of notices, times, speech and facts, one TOML file a language."""

from tracker.text.wording.numbers import Spelt, amount, spelt, value_of
from tracker.text.wording.openings import (
    Opening,
    is_stamp,
    is_vague,
    notice_opening,
    plain,
    settle_kind,
    spoken_kind,
)
from tracker.text.wording.times import ASSUMED_HALF, Moment, moments
from tracker.text.wording.words import CAPITAL, Wording, any_of, languages, wording

__all__ = [
    "ASSUMED_HALF",
    "CAPITAL",
    "Moment",
    "Opening",
    "Spelt",
    "Wording",
    "amount",
    "any_of",
    "is_stamp",
    "is_vague",
    "languages",
    "moments",
    "notice_opening",
    "plain",
    "settle_kind",
    "spelt",
    "spoken_kind",
    "value_of",
    "wording",
]
