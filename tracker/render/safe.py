"""Text from the web, made fit to be shown: nothing in it can steer a terminal, reorder a line or vanish.

Escapes (ESC, CSI, OSC), C1 controls and bidi controls are replaced by something visible, never dropped: whoever hid
them in a page should be seen doing it.
"""

from __future__ import annotations

import re

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"

_SPACES = dict.fromkeys(map(ord, "\t\n"), " ")
_NAMED_RANGES = (
    (0x00, 0x1F),  # C0: 0x1B starts an escape sequence
    (0x7F, 0x9F),  # DEL and C1: 0x9B alone starts an escape sequence in some terminals
    (0x061C, 0x061C),  # bidi: Arabic letter mark
    (0x200E, 0x200F),  # bidi: left-to-right and right-to-left mark
    (0x2028, 0x2029),  # line and paragraph separator
    (0x202A, 0x202E),  # bidi: embeddings and overrides
    (0x2066, 0x206F),  # bidi: isolates, and deprecated format characters
    (0xFDD0, 0xFDEF),  # noncharacters
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0xFFFE, 0xFFFF),  # noncharacters
    (0xD800, 0xDFFF),  # lone surrogates: they cannot be written out at all
    (0xE0000, 0xE007F),  # tags: whole messages can be written in them, unseen
)
_NAMED = {code: f"<U+{code:04X}>" for first, last in _NAMED_RANGES for code in range(first, last + 1)}
_TABLE = _NAMED | _SPACES

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LETTER = re.compile(r"[^\W\d_]")


def visible(text: str) -> str:
    """`text` on one line with every control character as <U+202E>; tabs and line breaks as spaces."""
    return text.translate(_TABLE)


def has_right_to_left(text: str) -> bool:
    """Is any letter of `text` written from right to left?"""
    return _RIGHT_TO_LEFT.search(text) is not None


def is_right_to_left(text: str) -> bool:
    """Does `text` as a whole run from right to left? Its first letter decides."""
    first = _LETTER.search(text)
    return first is not None and has_right_to_left(first.group())


def safe(text: str) -> str:
    """`text` as it may be printed on a terminal: `visible`, and right-to-left text in an isolate of its own."""
    shown = visible(text)
    return f"{FSI}{shown}{PDI}" if has_right_to_left(shown) else shown
