"""How a publisher's note opens: by its label and its shape. Where it stands and whether it is new, others judge."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from tracker.model import NoticeKind
from tracker.text.wording.tables import NoticeWords, Shape
from tracker.text.wording.times import moment_at, moment_words, moments
from tracker.text.wording.words import CAPITAL, Wording, wording

_REACH = 600  # code points at the start of a block that can make it a note
_STAMP_REACH = 120
_FOLDS = (("‘", "'"), ("’", "'"), ("‚", "'"), ("“", '"'), ("”", '"'), ("„", '"'), ("«", '"'), ("»", '"'), ("–", "-"),
          ("—", "-"), ("\u2011", "-"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "))  # fmt: skip
_LETTERS = (("ſ", "s"), ("ı", "i"), ("İ", "i"), ("\u212a", "k"))  # what a pattern without case takes for these
_LONGEST_FIRST = 40  # code points; no word that opens a note or a date is longer
_WORD = re.compile(r"[^\W\d_]+")
_WHOLE_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_LEAD = re.compile(r"[\s*_>\[(#~\u2022+-]*")
_NUMBERED = re.compile(r" ?(?:#|n[or]\. ?|n[°º] ?)?\d{1,2}(?=[ ,:(*]*[:(*,])(?!:\d)| [IVX]{1,4}(?=\s*:)")
_SEPARATOR = re.compile(r"[\s)\]*_]*(?:[:/|.]|-+(?=\s))[\s*_]*")
_FIRM_SEPARATOR = re.compile(r"[\s)\]*_]*(?::|\s-+(?=\s)|-{2,}|(?<=\w)-(?=[" + CAPITAL + r"]))[\s*_]*")
_AFTER_STAMP = re.compile(r"[)\]]?[:,|-]? ")
_IN_BRACKETS = re.compile(r"[)\]][\s*_]+(?=[" + CAPITAL + r"])")
_SPACE = re.compile(r"[\s)\]*_]+(?=[" + CAPITAL + r"\"'(\[¿¡])")
_MARKS = " ])*_.:-"
_CLOSING = " )]*_"
_REGRET_REACH = 160
_UNTOLD = frozenset({NoticeKind.EDITORS_NOTE, NoticeKind.OTHER})
_SELF_DATED = frozenset({NoticeKind.CORRECTION, NoticeKind.CLARIFICATION, NoticeKind.RETRACTION})
_OWNING = (NoticeKind.RETRACTION, NoticeKind.REMOVAL, NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)


@dataclass(frozen=True, slots=True)
class Opening:
    """A note's opening: `label` as it stands ("" where a sentence opens it), `text[end:]` is what the note says."""

    kind: NoticeKind
    label: str
    end: int


def plain(text: str) -> str:
    """The text with quotes, dashes and spaces made plain, code point for code point, for the patterns."""
    if not text.isascii():
        for mark, folded in _FOLDS:  # these looks for one mark each are ten times quicker than `translate`
            text = text.replace(mark, folded)
    return text.replace("\n", " ").replace("\t", " ")


def notice_opening(text: str, language: str | None) -> Opening | None:
    """How a block of text opens as a publisher's note, or None. Bare stamps are none."""
    found = _opening(text[:_REACH], language)
    return None if found is None or is_stamp(text, language) else found


@functools.lru_cache(maxsize=1_024)  # a line is asked about by several stations, and broken pages repeat theirs
def _opening(text: str, language: str | None) -> Opening | None:
    words = wording(language)
    head = plain(text)
    return _labelled(text, head, words) or _sentence(text, head, words) or _wire(head, words)


def is_stamp(text: str, language: str | None) -> bool:
    """Is the whole text a bare stamp: "Updated 5 minutes ago", "May 31, 3:20 PM", "Last updated on 3 May 2019"?"""
    if len(text) > _STAMP_REACH:
        return False
    words = wording(language)
    head = plain(text).lower()
    if not _stamp_or_moment(words.language).issuperset(_WHOLE_WORD.findall(head.partition("(")[0])):
        return False  # a moment can take in brackets with any words
    rest = head
    found = moments(head, language)
    for moment in reversed(found):
        rest = rest[: moment.start] + " " + rest[moment.end :]
    said = _WORD.findall(rest)
    return bool(found or words.times.relative.search(head)) and _stamp_words(words.language).issuperset(said)


@functools.cache
def _stamp_words(code: str) -> frozenset[str]:
    words = wording(code).times
    return words.stamp_words.union(words.weekdays, words.months, *map(str.split, words.zones), words.clock_words)


@functools.cache
def _stamp_or_moment(code: str) -> frozenset[str]:
    return _stamp_words(code) | moment_words(code)


def settle_kind(text: str, kind: NoticeKind | None, language: str | None) -> NoticeKind:
    """The kind of a note from what it says. A label holds, except that an update may turn out to be more or less."""
    words = wording(language).notices
    if kind not in (None, NoticeKind.UPDATE):
        return kind
    said = plain(text).strip(" ()[]*_")
    by_words = next((name for name, pattern in words.kinds if pattern.search(said)), None)
    if kind is None and by_words not in (None, NoticeKind.UPDATE):
        return by_words
    if is_vague(text, language):
        return NoticeKind.UPDATE_UNSPECIFIC
    if (
        kind is NoticeKind.UPDATE
        and _owns_up(said, words)
        and by_words in (NoticeKind.CORRECTION, NoticeKind.RETRACTION)
    ):
        return by_words
    return NoticeKind.UPDATE if kind or by_words else NoticeKind.OTHER


def spoken_kind(says: str, kind: NoticeKind, language: str | None) -> NoticeKind:
    """What a note comes to: an editor's note, or one that no rule knows, by its words; every other label holds."""
    return settle_kind(says, None, language) if kind in _UNTOLD else kind


def is_vague(text: str, language: str | None) -> bool:
    """Does a note say that something was done, but not what? Its dates do not count; a headline or a caption does."""
    words = wording(language)
    said = plain(text)
    if any(pattern.search(said) for _, pattern in words.claims.fields):
        return False
    for moment in reversed(moments(said, language)):
        said = said[: moment.start] + said[moment.end :]
    return bool(words.notices.vague.match(" ".join(said.split()).strip(" ()[]*_")))


def _owns_up(said: str, words: NoticeWords) -> bool:
    """Is it one of the sentences that speak of the article itself?"""
    return any(pattern.match(said) for _, pattern in words.shapes)


def _labelled(text: str, head: str, words: Wording) -> Opening | None:
    lead = _LEAD.match(head)
    start = lead.end() if lead else 0
    dated = _dated_label(head, start, words)
    if dated is None and not (head[start : start + 1].isupper() or head[:start].strip(" *_>-")):
        return None
    start = start if dated is None else dated
    found = _label(head, start, words)
    if found is None:
        return None
    kind, end = found
    numbered = _NUMBERED.match(head, end)
    says = _after_label(head, numbered.end() if numbered else end, kind, words)
    if says is None:
        return None
    return Opening(settle_kind(head[says:], kind, words.language), text[start:end], says)


def _dated_label(head: str, start: int, words: Wording) -> int | None:
    """Where the label starts that a stamp stands before: "5:40 p.m. update: ...", "May 5: Correction: ..."."""
    found = moment_at(head, start, words.language) if _may_be_moment(head, start, words) else None
    space = _AFTER_STAMP.match(head, found.end) if found else None
    return space.end() if space else None


def _may_be_moment(head: str, start: int, words: Wording) -> bool:
    return head[start : start + 1].isdecimal() or _first_word(head, start) in moment_words(words.language)


def _after_label(head: str, end: int, kind: NoticeKind, words: Wording) -> int | None:
    """Where the note's text starts, after a stamp and a separator; None where the label does not open a note.

    A label with a date and nothing else is a line of its own in some outlets; with "Update" it is a bare stamp.
    """
    stamp = _stamp_end(head, end, words)
    if stamp is not None:
        if not head[stamp:].strip(_MARKS):
            return len(head) if kind in _SELF_DATED else None
        separator = _SEPARATOR.match(head, stamp) or _SPACE.match(head, stamp)
        if separator is not None and head[separator.end() :].strip(_MARKS):
            return separator.end()
    separator = _FIRM_SEPARATOR.match(head, end)
    if separator is None and (kind in _SELF_DATED or kind is NoticeKind.UPDATE):
        separator = _IN_BRACKETS.match(head, end)  # "[Correction] An earlier version ..."
    if separator is None:
        space = _SPACE.match(head, end)  # "CORRECTION An earlier version ...": the page sets the label apart
        separator = space if space is not None and _shape_at(head, space.end(), words) else None
    return separator.end() if separator is not None and head[separator.end() :].strip(_MARKS) else None


def _label(head: str, start: int, words: Wording) -> tuple[NoticeKind, int] | None:
    """The kind and the end of a label, or of two in one: "Update and correction" owns up to a mistake."""
    first = _one_label(head, start, words)
    joint = words.notices.label_joint.match(head, first[1]) if first else None
    second = _one_label(head, joint.end(), words) if joint else None
    if first is None or second is None:
        return first
    return next((kind for kind in _OWNING if kind in (first[0], second[0])), first[0]), second[1]


def _one_label(head: str, start: int, words: Wording) -> tuple[NoticeKind, int] | None:
    if words.notices.label_starts and _small(head[start : start + 2]) not in words.notices.label_starts:
        return None
    ends = [(match.end(), kind) for kind, pattern in words.notices.labels if (match := pattern.match(head, start))]
    if not ends:
        return None
    end, kind = max(ends, key=lambda found: found[0])
    return kind, end


def _stamp_end(head: str, start: int, words: Wording) -> int | None:
    """Where the dates and times end that follow a label, None where there are none."""
    joint = words.times.lead.match(head, start)
    place = joint.end() if joint else start
    found = moment_at(head, place, words.language)
    end = None
    while found is not None:
        end = found.end
        joint = words.times.between.match(head, end)
        found = moment_at(head, joint.end() if joint else end, words.language)
    return end


def _opening_stamp(head: str, start: int, words: Wording) -> int | None:
    """Where the text goes on after a stamp that ends by a mark of its own, so that "On May 3 he ..." is left alone."""
    found = moment_at(head, start, words.language) if _may_be_moment(head, start, words) else None
    separator = _SEPARATOR.match(head, found.end) if found else None
    return separator.end() if separator and head[separator.end() :].strip() else None


def _sentence(text: str, head: str, words: Wording) -> Opening | None:
    lead = _LEAD.match(head)
    start = lead.end() if lead else 0
    stamp = _opening_stamp(head, start, words)
    led = _led_in(head, start, words)
    for place in dict.fromkeys(place for place in (start, stamp, led) if place is not None):
        if shape := _shape_at(head, place, words):
            label = text[start:place].rstrip(" :-*_") if place == led else ""
            return Opening(shape[0] or settle_kind(head[place:], None, words.language), label, place)
    if led is not None and words.notices.after_lead_in.match(head, led):
        return Opening(settle_kind(head[led:], None, words.language), text[start:led].rstrip(" :-*_"), led)
    return (
        Opening(settle_kind(head[start:], None, words.language), "", start) if _regrets(head[start:], words) else None
    )


def _regrets(said: str, words: Wording) -> bool:
    """Does it say what was wrong and end with the newsroom's regret: "We reported ... We regret the error."?"""
    said = said.rstrip(_CLOSING)
    regret = words.notices.regret.search(said, max(0, len(said) - _REGRET_REACH))
    return regret is not None and said[:1] != '"' and words.claims.wrong.search(said, 0, regret.start()) is not None


def _shape_at(head: str, place: int, words: Wording) -> Shape | None:
    """The sentence of a note that begins there."""
    shapes = words.notices.shapes_by_first.get(_first_word(head, place), words.notices.open_shapes)
    return next((shape for shape in shapes if shape[1].match(head, place)), None)


def _led_in(head: str, start: int, words: Wording) -> int | None:
    """Where the sentence starts after "Note:"."""
    led = words.notices.lead_ins.match(head, start)
    separator = _FIRM_SEPARATOR.match(head, led.end()) if led else None
    return separator.end() if separator else None


def _first_word(head: str, place: int) -> str:
    found = _WORD.match(_small(head[place : place + _LONGEST_FIRST]))
    return found.group() if found else ""


def _small(text: str) -> str:
    """The text in lower case as a pattern without case takes it."""
    if not text.isascii():
        for letter, folded in _LETTERS:
            text = text.replace(letter, folded)
    return text.lower()


def _wire(head: str, words: Wording) -> Opening | None:
    """ "(Corrects name in paragraph 3)": the whole block stands in brackets."""
    text = head.strip()
    if not (text.startswith("(") and text.endswith(")") and text.count("(") == 1):
        return None
    start = head.index("(") + 1
    kind = next((kind for kind, pattern in words.notices.wire if pattern.match(head, start)), None)
    return Opening(settle_kind(head[start:], kind, words.language), "", start) if kind else None
