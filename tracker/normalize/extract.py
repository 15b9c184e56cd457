"""Where the article stands on the page: the marked or the fullest container, narrowed and widened."""

from __future__ import annotations

import re

from tracker.normalize.clean import ends_sentence, text_of
from tracker.normalize.parts import INLINE, Part, Survey

_SHARE = 0.9  # a child that holds this much of the prose is what the wrapper is for
_MARKED = 0.4  # the share of the prose that makes a marked body the container
_PIECE = 0.08  # a second marked body with this share: the article stands in several
_TWIN = 0.03  # the same for one with the very same names
_TWIN_LEAST = 120  # and so much prose, unless it is a sibling: beside a text of two paragraphs a summary has its share
_NOISE = 0.4  # what a character costs that is in no paragraph: headings of teasers, links, labels
_FLOOR = 0.25  # a page of tables is all cells and hardly any prose; its best place is still its best place
_COUNTER = re.compile(r"\d")  # a class name with a digit is a hash or a number as often as not
_SIGNATURE = 120
_BONUS_BODY_MARK = 3.0  # itemprop=articleBody
_BONUS_BODY_NAME = 2.0  # class="story-body"
_BONUS_ARTICLE = 1.5
_BONUS_MAIN = 1.2
_TIE = 0.9  # a place that scores this much of the best one's might be the article as well
_RIVALS = 4  # more places that nearly equal each other are no article each
_NEVER = frozenset(("p", "li", "blockquote", "title"))
_CELL = 400  # characters; a fact has fewer


def containers(measured: Survey) -> list[Part]:
    """The smallest part that holds the article's text, then others as good as it elsewhere on the page; none if there
    is no prose on the page at all."""
    scores = [(score, part) for part in measured.order if part.prose and not part.shut and (score := _score(part)) > 0]
    best_score, best = max(scores, key=lambda pair: pair[0], default=(0.0, None))
    if best is None:
        return []
    found = [best]
    for score, part in scores:
        if score >= _TIE * best_score and len(found) < _RIVALS and not any(_nested(part, other) for other in found):
            found.append(part)
    return [_narrowed(measured, _widened(measured, _marked_inside(measured, part))) for part in found]


def _nested(one: Part, other: Part) -> bool:
    return one in other.around() or other in one.around()


def usual(found: list[Part], known: frozenset[str]) -> Part | None:
    """Of places that are as good, the one where the host's articles usually stand; else the best, if there is any."""
    return next((part for part in found if len(found) > 1 and signature(part) in known), next(iter(found), None))


def signature(part: Part) -> str:
    """What a place is known by on all pages of a site: its element, and those of its names that are no counters."""
    names = sorted(name for name in (part.element.get("class") or "").split() if not _COUNTER.search(name))
    return ".".join((part.tag, *names))[:_SIGNATURE]


def _score(part: Part) -> float:
    if not _can_hold(part):
        return 0
    bonus = 1.0
    if _has_body_mark(part):
        bonus = _BONUS_BODY_MARK
    elif part.name.body:
        bonus = _BONUS_BODY_NAME
    elif part.tag == "article":
        bonus = _BONUS_ARTICLE
    elif part.main:
        bonus = _BONUS_MAIN
    noise = max(0, part.characters - part.cut - part.prose)
    return max(part.prose - _NOISE * noise, _FLOOR * part.prose) * bonus


def _has_body_mark(part: Part) -> bool:
    return "articleBody" in (part.element.get("itemprop") or "")


def _inside(measured: Survey, part: Part) -> list[Part]:
    """The part and all parts inside it: they stand in one row in document order."""
    end = part.place + 1
    order = measured.order
    while end < len(order) and _holds(order[end], part):
        end += 1
    return order[part.place : end]


def _holds(part: Part, around: Part) -> bool:
    parent = part.parent
    return parent is not None and parent.place >= around.place


def _marked_inside(measured: Survey, best: Part) -> Part:
    """The marked body inside the best place, if it holds a good part of the prose.

    So the first version of a story, two paragraphs long, is read from the same place as the tenth. Where the prose
    stands in several marked bodies, their common place is the one.
    """
    marked = [
        part for part in _inside(measured, best)[1:]
        if part.prose >= _TWIN * best.prose and not part.shut and _can_hold(part) and _is_marked(part)
    ]  # fmt: skip
    chosen = max(marked, key=_score, default=best)
    kin = {*chosen.around(), *_inside(measured, chosen)}
    names = chosen.element.get("class")
    alone = all(
        part in kin or (part.prose < _PIECE * best.prose and part.element.get("class") != names) for part in marked
    )
    return chosen if alone and chosen.prose >= _MARKED * best.prose else best


def _children(measured: Survey, part: Part) -> list[Part]:
    return [measured.parts[child] for child in part.element if child in measured.parts]


def _widened(measured: Survey, best: Part) -> Part:
    """A body that is split over several like-named places: their common one. They are siblings, or marked bodies of
    one article element (what stands in another article is another article)."""
    if best.parent is None or best.tag == "article":
        return best
    own = next((part for part in best.around() if part.tag == "article" or part.main), None)
    least = _TWIN * best.prose
    if own is not None and _is_marked(best):
        pieces, least = _inside(measured, own), max(least, _TWIN_LEAST)
    else:
        pieces = _children(measured, best.parent)
    names = best.element.get("class")
    twins = [
        twin for twin in pieces
        if not twin.shut and _is_named_like(twin, best)
        and (twin.prose > least or (names and twin.parent is best.parent and _is_sentence(twin)))
    ]  # fmt: skip
    return next(part for part in best.around() if all(part in set(twin.around()) for twin in (best, *twins)))


def _is_marked(part: Part) -> bool:
    return part.name.body or _has_body_mark(part)


def _narrowed(measured: Survey, part: Part) -> Part:
    """Step down while one child holds nearly all of the prose, so that the wrapper's own furniture stays outside."""
    while True:
        children = _children(measured, part)
        inner = next((child for child in children if child.prose >= _SHARE * part.prose and _is_place(child)), None)
        if inner is None or any(_goes_with(twin, inner) for twin in children):
            return part
        part = inner


def _goes_with(twin: Part, part: Part) -> bool:
    """Is it text beside another part: prose in a like element, or a short sentence in one of the same names? Without
    names both must be the boxes of single paragraphs."""
    if twin is part or twin.tag not in ("p", part.tag):
        return False
    if twin.prose:
        return True
    alike = _is_named_like(twin, part)
    single = 10 * part.longest >= 9 * part.characters and (alike or twin.tag == "p")
    return (single or (alike and bool(part.element.get("class")))) and _is_sentence(twin)


def _is_named_like(twin: Part, part: Part) -> bool:
    """Has it the same names, but for counters ("story-body-1", "story-body-2")?"""
    if twin.tag != part.tag:
        return False
    names, others = part.element.get("class"), twin.element.get("class")
    return names == others or (bool(names and others) and signature(twin) == signature(part) != part.tag)


def _is_sentence(part: Part) -> bool:
    """A short text that ends as a sentence does: no label, and no link."""
    if part.shut or not 0 < part.characters <= _CELL or 2 * part.links >= part.characters:
        return False
    return ends_sentence(text_of(part.element))


def _can_hold(part: Part) -> bool:
    """Can an article stand in it? In a cell it does where the page is laid out as a table."""
    if part.tag == "td":
        return part.characters > _CELL or 2 * part.inline < part.characters
    return part.tag not in INLINE and part.tag not in _NEVER


def _is_place(part: Part) -> bool:
    return _can_hold(part) and part.tag not in ("ul", "ol", "table")


def lead_picture(measured: Survey, body: Part) -> Part | None:
    """The picture between headline and text, where the container does not hold it."""
    if measured.headline is None:
        return None
    around = set(body.around())
    between = measured.order[measured.headline.place + 1 : body.place]
    return next(
        (part for part in between if part not in around and not part.shut and _is_picture(measured, part)), None
    )


def _is_picture(measured: Survey, part: Part) -> bool:
    """A figure, or a box that holds one picture and no words but its caption."""
    if part.tag in INLINE or part.element.find(".//img") is None:
        return False
    if part.tag == "figure":
        return True
    lines = [each for each in _inside(measured, part) if each.is_line]
    return bool(lines) and all(line.caption for line in lines) and len(part.element.findall(".//img")) == 1
