"""How news is worded: the words of notices, times, speech and facts, one TOML file a language."""

from tracker.text.wording.openings import Opening, is_stamp, is_vague, notice_opening, plain, settle_kind
from tracker.text.wording.times import Moment, moments
from tracker.text.wording.words import Wording, wording

__all__ = [
    "Moment",
    "Opening",
    "Wording",
    "is_stamp",
    "is_vague",
    "moments",
    "notice_opening",
    "plain",
    "settle_kind",
    "wording",
]
