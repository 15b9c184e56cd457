"""Publisher's notes: what each says about itself and about the article, and what became of it between two documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from tracker.annotate.claims import claim_texts, stamps
from tracker.annotate.worded import language_in, notice_places, words
from tracker.model import Block, Claim, Diff, Document, Notice, NoticeStatus, Op, Pair, Stated
from tracker.text.wording import Moment, moments, notice_opening, plain, settle_kind, wording

READ = 4_000  # code points of a note in which its claims stand; what goes on longer is a page run together
SAME_NOTE = 0.5  # share of common words from which a note is an old one, reworded


def notices_in(document: Document, pair: Pair) -> tuple[Notice, ...]:
    """The notes of one document, all of status kept. `pair` names the comparison in which they were new: the ids of
    its report are the same."""
    return _numbered(_read_all(document), pair)


def notices_of(diff: Diff) -> tuple[Notice, ...]:
    """The notes of the new document with what became of them, then those that are gone."""
    old, new = _read_all(diff.before), _read_all(diff.after)
    moved = {span.block for change in diff.changes if change.op is Op.MOVED for span in change.after}
    twins = _twins(old, new)
    found = [replace(notice, status=_status(notice, twins.get(place), moved)) for place, notice in enumerate(new)]
    kept = {id(twin) for twin in twins.values()}
    gone = [replace(notice, status=NoticeStatus.REMOVED) for notice in old if id(notice) not in kept]
    return _numbered([*found, *gone], diff.pair)


def earlier_claims(diff: Diff) -> frozenset[str]:
    """What notes already claimed in the old document."""
    return frozenset(claim.text for notice in _read_all(diff.before) for claim in notice.claims)


def _status(notice: Notice, twin: Notice | None, moved: set[int | None]) -> NoticeStatus:
    if twin is None:
        return NoticeStatus.ADDED
    if twin.text != notice.text:
        return NoticeStatus.CHANGED
    return NoticeStatus.MOVED if notice.block in moved or twin.placement != notice.placement else NoticeStatus.KEPT


def _twins(old: list[Notice], new: list[Notice]) -> dict[int, Notice]:
    """For each place in `new` the old note that it is: the same text first, then the likest one, each once."""
    left = list(old)
    found: dict[int, Notice] = {}
    for place, notice in enumerate(new):
        twin = next((other for other in left if other.text == notice.text), None)
        if twin is not None:
            found[place] = twin
            left.remove(twin)
    scored = sorted(
        (-_likeness(notice, other), place, rank)
        for place, notice in enumerate(new)
        if place not in found
        for rank, other in enumerate(left)
    )
    taken: set[int] = set()
    for score, place, rank in scored:
        if -score >= SAME_NOTE and place not in found and rank not in taken:
            found[place] = left[rank]
            taken.add(rank)
    return found


def _likeness(one: Notice, other: Notice) -> float:
    mine, yours = ({word.lower() for word in words(notice.text)} for notice in (one, other))
    return 2 * len(mine & yours) / (len(mine) + len(yours)) if mine and yours else 0.0


def _numbered(found: Iterable[Notice], pair: Pair) -> tuple[Notice, ...]:
    """Ids: the same note of the same comparison has the same id everywhere."""
    seen: dict[str, int] = {}
    numbered = []
    for notice in found:
        seen[notice.text] = seen.get(notice.text, 0) + 1
        parts = [pair.branch, pair.before, pair.after, "notice", notice.text, seen[notice.text]]
        digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
        numbered.append(replace(notice, id=digest[:16]))
    return tuple(numbered)


def _read_all(document: Document) -> list[Notice]:
    """The notes of a document in order. A dated label on a line of its own dates the note under it."""
    found: list[Notice] = []
    language = language_in(document)
    for place in sorted(notice_places(document)):
        notice = read_notice(document.blocks[place], place, language)
        last = found[-1] if found else None
        if last and last.block == place - 1 and _dates_the_next(last) and not (notice.stated or notice.label):
            notice = replace(notice, stated=last.stated, label=last.label, kind=last.kind)
        found.append(notice)
    return found


def _dates_the_next(notice: Notice) -> bool:
    """ "Correction: Dec. 6, 2021", and not a word more."""
    return bool(notice.label and notice.stated and not notice.claims and notice.text.endswith(notice.stated.raw))


def read_notice(block: Block, place: int, language: str | None) -> Notice:
    """What a note's block says: its kind, label, stated time and claims."""
    opening = notice_opening(block.text, language)
    label, end = (opening.label, opening.end) if opening else ("", 0)
    kind = opening.kind if opening else settle_kind(block.text, None, language)
    claims = tuple(Claim(text) for text in claim_texts(block.text[end : end + READ], kind, language))
    return Notice(
        "",
        kind,
        NoticeStatus.KEPT,
        place,
        block.placement,
        label,
        block.text,
        _stated(block.text, end, language),
        claims,
    )


def _stated(text: str, end: int, language: str | None) -> Stated | None:
    """When the note says that it was made: beside its label, or right after "updated", never elsewhere in it."""
    said = plain(text)
    found = moments(said, language)
    beside = [moment for moment in found if moment.end <= end]
    if not beside:
        beside = list(stamps(said, wording(language))[:1])
        between = wording(language).times.between
        for moment in found:
            if beside and between.fullmatch(said, beside[-1].end, moment.start) and moment.start > beside[-1].start:
                beside.append(moment)
    return _as_stated(text, beside) if beside else None


def _as_stated(text: str, found: list[Moment]) -> Stated:
    """One date and one time out of what is written; of several dates the first counts, and that is an assumption."""
    first = found[0]
    raw = text[first.start : found[-1].end]
    if len(found) == 1:
        return Stated(raw, first.time, first.date, first.zone, first.assumed)
    dated = next((moment for moment in found if moment.day), first)
    timed = next((moment for moment in found if moment.time), first)
    several = ("the first of several dates",) if sum(bool(moment.day) for moment in found) > 1 else ()
    assumed = tuple(dict.fromkeys(dated.assumed + timed.assumed + several))
    return Stated(raw, timed.time, dated.date, timed.zone or dated.zone, assumed)
