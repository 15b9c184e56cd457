"""Publisher's notes on the raw tree: found and marked before anything is thrown away.

Where one stands inside furniture (an aside, a footer) or outside the article's container, it is marked here, so that
it outlives its surroundings; what lies open between the paragraphs is recognised there, block by block. Never looked
at: comments, navigation, teaser lists, readers' posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from lxml import etree

from tracker.model import NoticeKind
from tracker.normalize.blocks import NOTICE_MARK
from tracker.normalize.clean import clean_text, ends_sentence, text_of
from tracker.normalize.parts import INLINE, Part, Survey
from tracker.normalize.words import FALLBACK
from tracker.text.language import language_of
from tracker.text.wording import Opening, is_stamp, notice_opening, plain, wording

_LONGEST = 2_500
_SHORTEST = 12
_SPOKEN = 1_500  # characters that tell the language of a text
_LABEL = 48  # a line this short can be a label whose sentence stands in the next element
_SHUT = frozenset(
    (
        "comments", "navigation", "related", "advertisement", "newsletter", "subscription", "sharing", "consent",
        "overlay", "form",
    )
)  # fmt: skip
_LOOSE = frozenset(("em", "i", "strong", "b", "u", "small", "big", "span", "font", "mark", "cite", "ins"))


@dataclass(frozen=True, slots=True)
class Marked:
    """Parts outside the container that hold notices, in document order."""

    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()


def spoken_language(measured: Survey, body: Part | None, declared: str | None) -> str | None:
    """The language that the article is in: what the page declares, unless its text plainly contradicts it (an English
    story on the German edition of a site). What readers write below it has no say."""
    if body is None:
        return declared
    said: list[str] = []
    length = 0
    for part in measured.order[body.place :]:
        if length > _SPOKEN or not (part is body or (part.parent is not None and part.parent.place >= body.place)):
            break
        if part.is_line and not part.shut:
            said.append(text_of(part.element))
            length += len(said[-1])
    return language_of(" ".join(said), declared)


def mark(measured: Survey, body: Part | None, language: str | None, named: Sequence[etree._Element] = ()) -> Marked:
    """Set the mark on every element that holds a notice and would otherwise be lost; `named` are a recipe's."""
    groups = [(measured.parts[element],) for element in named] + list(_found(measured, body, language))
    chosen = {part for group in groups for part in group}
    for number, group in enumerate(groups):
        for part in group:
            if not any(above in chosen for above in part.around() if above is not part):
                part.element.set(NOTICE_MARK, str(number))
                part.kept = True
    outside = [
        part for part in sorted(chosen, key=lambda part: part.place)
        if part.kept and (body is None or all(above is not body for above in part.around()))
    ]  # fmt: skip
    start = body.place if body is not None else 0
    return Marked(
        tuple(part for part in outside if part.place < start), tuple(part for part in outside if part.place >= start)
    )


def _found(measured: Survey, body: Part | None, language: str | None) -> Iterator[tuple[Part, ...]]:
    """The parts of each notice: one, or a label and its sentence."""
    lost = _lost_lines(measured, body)
    sentence: Part | None = None  # the line that a label has taken
    for part, following in zip_longest(lost, lost[1:]):
        if part is sentence:
            continue
        named = _named(part, body)
        text = _said(part.element, language)
        if following is not None and _near(part, following) and is_label(text, language):
            said = text_of(following.element)
            if takes_label(said, language) and opening_of(f"{label_text(text)} {said}", language):
                sentence = following
                yield (part, sentence) if named is None else (named,)
                continue
        if part.characters < _SHORTEST:
            continue
        if opening_of(text, language):
            yield (part if named is None else named,)
        elif named is not None and ends_sentence(text) and not is_stamp(text, language):
            yield (named,)


def _lost_lines(measured: Survey, body: Part | None) -> list[Part]:
    """The lines of text that stand in furniture, outside the container, in what is called a notice, or in what may be
    read as the dek or the byline.

    One walk from the top carries down whether a place is closed to notices and whether it is lost.
    """
    lines: list[Part] = []
    around = set(body.around()) if body is not None else set()
    states: list[tuple[bool, bool]] = []
    for part in measured.order:
        closed, lost = states[part.parent.place] if part.parent is not None else (False, True)
        if part is body:
            lost = False
        if not part.name.notice or part.reason == "comments":
            closed = closed or part.reason in _SHUT or part.name.reader or _foreign(part, body, around)
        lost = lost or part.reason is not None or part.name.notice or part.name.dek or part.name.byline
        states.append((closed, lost))
        if lost and not closed and _is_line(part):
            lines.append(part)
    return lines


def _foreign(part: Part, body: Part | None, around: set[Part]) -> bool:
    """Another article on the page: a teaser card or a reader's post."""
    if part.tag != "article" or body is None or part in around:
        return False
    return all(above is not body for above in part.around())


def _is_line(part: Part) -> bool:
    """A line is a block of its own, or an inline element that stands between blocks; and it is not mostly links."""
    if not 4 <= part.inline <= _LONGEST or part.inline < part.characters - 1 or 2 * part.inline_links > part.inline:
        return False
    if part.tag not in INLINE:
        return True
    return part.tag in _LOOSE and part.parent is not None and part.parent.inline < part.parent.characters


def _named(part: Part, body: Part | None) -> Part | None:
    """The nearest part around a line that is called a notice by its names."""
    for each in part.around():
        if each is body or each.characters > _LONGEST:
            return None
        if each.name.notice:
            return each
    return None


def _said(element: etree._Element, language: str | None) -> str:
    """The text of a line, a label on its first row set apart."""
    text = text_of(element)
    return set_apart(text, len(clean_text("".join(_first_row(element)))), language)


def _first_row(element: etree._Element) -> Iterator[str]:
    """The text before the first line break, in pieces."""
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node.tag == "br":
            return
        if event == "start":
            yield node.text or ""
        elif node is not element:
            yield node.tail or ""


def _near(label: Part, sentence: Part) -> bool:
    """Do two lines belong together: siblings, or a label in a wrapper beside the sentence, or each in its own?"""
    parent, other = label.parent, sentence.parent
    if label.characters > _LABEL or parent is None or other is None:
        return False
    if parent is other or parent.parent is other or other.parent is parent:
        return True
    alone = parent.characters == label.characters and other.characters == sentence.characters
    return alone and parent.parent is not None and parent.parent is other.parent


def opening_of(text: str, language: str | None) -> Opening | None:
    """How a text opens as a note, in the page's language or in English: some outlets' notes are in no other."""
    found = notice_opening(text, language)
    return found or (None if (language or FALLBACK)[:2] == FALLBACK else notice_opening(text, FALLBACK))


def is_owning_up(text: str, language: str | None) -> bool:
    """Has the text a note's label, and says what was wrong? A columnist's "Correction: he was rich" does not."""
    opening = opening_of(text, language)
    if opening is None or not opening.label:
        return False
    says = text[opening.end :]
    return opening_of(says, language) is not None or wording(language).claims.wrong.search(plain(says)) is not None


def is_label(text: str, language: str | None) -> bool:
    """Is the text only a notice's label ("Correction", "Editor's note:", "Correction: June 5, 2018")?"""
    if not 4 <= len(text) <= _LABEL or text[-1] in "!?" or not text[0].isupper():
        return False
    opening = opening_of(label_text(text) + " It.", language)
    if opening is None or opening.kind is NoticeKind.DEVELOPING or opening.end < len(text):
        return False
    return not is_stamp(text, language)


def takes_label(text: str, language: str | None) -> bool:
    """Can the text be the sentence of a label above it, or has it a label of its own?"""
    opening = opening_of(text, language)
    return opening is None or not opening.label


def label_text(text: str) -> str:
    """A label as it opens the line it is joined to: the element's border is written as a colon."""
    return text if text[-1] in ":.-–—|" else f"{text}:"


def set_apart(text: str, head: int, language: str | None) -> str:
    """A line of which a line break follows the first `head` characters: behind a notice's label the break is written as
    a colon too. Any other line as it is."""
    label, rest = text[:head].strip(), text[head:].strip()
    if not rest or not is_label(label, language) or not takes_label(rest, language):
        return text
    whole = f"{label_text(label)} {rest}"
    return whole if opening_of(whole, language) else text
