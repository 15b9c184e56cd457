"""Brings notices and changes together: what each claim speaks of, and whether each change was disclosed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker.annotate.asides import Aside, asides, owned_up
from tracker.annotate.claims import Hints, Mark, marks, read_claim
from tracker.annotate.detectors import label_changes
from tracker.annotate.disclosure import (
    ENOUGH,
    SURE,
    already_there,
    contradicts,
    could_be_cut,
    counts_another,
    counts_one_of_several,
    fits,
    gives_its_values,
    is_any_of,
    may_be_name,
    meant,
    meant_by_kind,
    names_another,
    repeats,
    same,
    same_answer,
    score,
)
from tracker.annotate.evidence import Evidence, Rarity, evidence, rarity
from tracker.annotate.facts import negations
from tracker.annotate.notices import earlier_claims
from tracker.annotate.values import widened
from tracker.annotate.worded import both_texts, is_typographic, language_of, view
from tracker.model import (
    Annotation,
    Change,
    Claim,
    ClaimedChange,
    ClaimState,
    Context,
    Diff,
    DisclosedLater,
    Disclosure,
    Label,
    LaterNotice,
    Notice,
    NoticeKind,
    NoticeStatus,
    Op,
    Severity,
    Side,
)
from tracker.text.wording import Wording, spoken_kind, wording

_FRESH = frozenset({NoticeStatus.ADDED, NoticeStatus.CHANGED})
_TAKEN_BACK = frozenset({NoticeKind.RETRACTION, NoticeKind.REMOVAL})
_VAGUE = frozenset(
    {
        NoticeKind.UPDATE,
        NoticeKind.UPDATE_UNSPECIFIC,
        NoticeKind.CORRECTION,
        NoticeKind.CLARIFICATION,
        NoticeKind.REFILE,
    }
)
_CLAUSE = re.compile(r"[,;:.]")
_BESIDE = 30  # code points on either side of a "not" in which the words stand that it turns round
_OPEN = frozenset({Disclosure.SILENT, Disclosure.UNSPECIFIC, Disclosure.PARTLY})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A claim speaks of a change: the change's place, how well it fits, by which notice, with which words."""

    place: int
    value: float
    notice: str
    hints: Hints


@dataclass(frozen=True, slots=True)
class Idle:
    """A new claim that fits nothing, with its notice, and the places of the changes of which it may mean any one."""

    notice: str
    hints: Hints
    kindred: frozenset[int]


@dataclass(frozen=True, slots=True)
class Standing:
    """The disclosure of a change and the notice that speaks of it; `otherwise`: that says the contrary."""

    disclosure: Disclosure
    notice: str | None = None
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The notices with their claims settled; for each change id how it stands."""

    notices: tuple[Notice, ...]
    standings: dict[str, Standing]


@dataclass(frozen=True, slots=True)
class Desk:
    """All that claims are compared with: this report's changes, earlier open ones, and how rare words are. `asides`
    are for changes that no claim speaks of."""

    diff: Diff
    here: tuple[Evidence, ...]
    earlier: tuple[tuple[str, Evidence], ...]  # with the revision of each
    rare: Rarity
    known: Wording
    asides: tuple[Aside, ...]


def desk_of(
    diff: Diff, annotations: Iterable[Annotation], exempt: frozenset[str], context: Context, *, claims: bool
) -> Desk:
    """Lay out what claims can speak of: every change that is not exempt, here and in earlier reports.

    Where there are no `claims` nothing will be weighed, and counting every word of the article is saved.
    """
    known = wording(language_of(diff))
    labels: dict[str, set[Label]] = {change.id: set() for change in diff.changes}
    for note in annotations:
        labels[note.change].add(note.label)
    here = tuple(evidence(c, frozenset(labels[c.id]), known) for c in diff.changes if c.id not in exempt)
    earlier = tuple((one.revision, _earlier(one.change, diff, known)) for one in context.open)
    rare = rarity((diff.before, diff.after) if claims else (), known)
    return Desk(diff, here, earlier, rare, known, tuple(asides(here, known)))


def _earlier(change: Change, diff: Diff, known: Wording) -> Evidence:
    """A change of an earlier report, labelled again: its labels are a function of its words."""
    alone = Diff(diff.before, diff.after, diff.pair, (change,))
    return evidence(change, frozenset(note.label for note in label_changes(alone, Context())), known)


def reconcile(desk: Desk, notices: tuple[Notice, ...], severities: dict[str, Severity], after: Side) -> Reconciled:
    """Settle every claim, then every change. Nothing is called silent while a new note could well mean it."""
    old_claims = earlier_claims(desk.diff)
    spoken: list[Spoken] = []
    idle: list[Idle] = []
    settled = []
    for notice in notices:
        claims = []
        for claim in notice.claims:
            is_new = notice.status in _FRESH and claim.text not in old_claims
            found, told = _settle(desk, notice, claim, after, is_new=is_new)
            claims.append(told)
            spoken += found
            if is_new and told.state is ClaimState.UNMATCHED:
                hints = read_claim(claim.text, desk.known.language)
                idle.append(Idle(notice.id, hints, frozenset(place for place, _ in _by_kind(desk, hints))))
        settled.append(replace(notice, claims=tuple(claims)))
    done = tuple(settled)
    taken_back = next((one for one in done if _takes_back(desk, one)), None)
    vague = next((one for one in done if _is_vague(desk, one)), None)
    standings = {
        one.change.id: _standing(desk, place, spoken, idle, taken_back, vague) for place, one in enumerate(desk.here)
    }
    return Reconciled(done, _benefit_of_doubt(desk, done, standings, severities))


def _settle(desk: Desk, notice: Notice, claim: Claim, after: Side, *, is_new: bool) -> tuple[list[Spoken], Claim]:
    """Which changes a claim speaks of, and what state that leaves it in. A removed note speaks of nothing."""
    if notice.status is NoticeStatus.REMOVED:
        return [], claim
    hints = read_claim(claim.text, desk.known.language)
    here = list(desk.here)
    found = meant(hints, here, desk.rare, ENOUGH if is_new else SURE)
    if is_new and not found:
        found = [
            (place, ENOUGH)
            for place, one in enumerate(here)
            if repeats(claim.text, one, desk.known) and fits(hints, one) and not contradicts(hints, one)
        ]
    earlier = meant(hints, [one for _, one in desk.earlier], desk.rare) if is_new else []
    late = not any(contradicts(hints, one) for one in here) and already_there(
        hints, desk.diff.before, desk.rare, desk.known, here
    )
    if is_new and not (found or earlier or late):
        kindred = _by_kind(desk, hints)
        found = [] if is_any_of(hints, kindred, here) else kindred
    changes = [ClaimedChange(desk.earlier[place][0], desk.earlier[place][1].change.id) for place, _ in earlier]
    changes += [ClaimedChange(after.revision, here[place].change.id) for place, _ in found]
    state = ClaimState.MATCHED if changes else ClaimState.ALREADY_THERE if late else ClaimState.UNMATCHED
    return [Spoken(place, value, notice.id, hints) for place, value in found], Claim(claim.text, state, tuple(changes))


def _by_kind(desk: Desk, hints: Hints) -> list[tuple[int, float]]:
    """Where no words tie a claim to a change: the changes of its kind, of nobody else than it names."""
    return [
        (place, value)
        for place, value in meant_by_kind(hints, list(desk.here), desk.rare)
        if not names_another(hints, _near(desk.diff, desk.here[place].change), desk.rare, desk.known)
    ]


def _standing(
    desk: Desk,
    place: int,
    spoken: list[Spoken],
    idle: list[Idle],
    taken_back: Notice | None,
    vague: Notice | None,
) -> Standing:
    """How a change stands beside all claims. New notes that take the article back, or say nothing, mean any."""
    found = desk.here[place]
    mine = [one for one in spoken if one.place == place]
    if mine:
        best = max(mine, key=lambda one: one.value)
        whole = _covers(desk, found, [one.hints for one in mine])
        return Standing(Disclosure.DISCLOSED if whole else Disclosure.PARTLY, best.notice)
    if taken_back and found.change.op is Op.REMOVED:
        return Standing(Disclosure.DISCLOSED, taken_back.id)
    # It mentions what was changed, and is wrong about it: neither silent nor disclosed.
    if wrong := next((one.notice for one in idle if contradicts(one.hints, found)), None):
        return Standing(Disclosure.UNSPECIFIC, wrong, otherwise=True)
    if beside := next(
        (one.notice for one in idle if place in one.kindred or _half_meant(desk, one.hints, found)), None
    ):
        return Standing(Disclosure.UNSPECIFIC, beside)
    if vague:
        return Standing(Disclosure.UNSPECIFIC, vague.id)
    if any(owned_up(found, aside, desk.known) for aside in desk.asides):
        return Standing(Disclosure.UNSPECIFIC)
    return Standing(Disclosure.SILENT)


def _half_meant(desk: Desk, hints: Hints, found: Evidence) -> bool:
    """An answer by somebody else, the very numbers of the change for another thing, "a paragraph was removed", or a
    name that may be a noun."""
    return (
        same_answer(hints, found)
        or (counts_another(hints, found, desk.rare) and gives_its_values(hints, found))
        or could_be_cut(hints, found, desk.rare)
        or may_be_name(hints, found)
    )


def _is_vague(desk: Desk, notice: Notice) -> bool:
    """A new note that says that something was done, and nothing that could be looked for: every change may be meant."""
    return notice.status in _FRESH and _says_nothing(desk, notice)


def _says(notice: Notice) -> str:
    return notice.text.removeprefix(notice.label).lstrip(" :.-")


def _takes_back(desk: Desk, notice: Notice) -> bool:
    """A new note by which the article is no more, whatever its label."""
    kind = spoken_kind(_says(notice), notice.kind, desk.known.language)
    return notice.status in _FRESH and kind in _TAKEN_BACK


def _says_nothing(desk: Desk, notice: Notice) -> bool:
    says = _says(notice)
    kind = spoken_kind(says, notice.kind, desk.known.language)
    if notice.kind is kind is NoticeKind.OTHER:  # a note of a few words that nobody's rule knows: it may well be one
        return _names_nothing(says, desk)
    return kind in _VAGUE and all(_names_nothing(claim.text, desk) for claim in notice.claims)


def _names_nothing(claim: str, desk: Desk) -> bool:
    """ "Small changes for readability": no value, name, kind or place, and no word that the article has."""
    hints = read_claim(claim[:1].lower() + claim[1:], desk.known.language)  # its first word is no name
    values = hints.values.old or hints.values.new or hints.values.rest
    if values or hints.labels or hints.fields or any(mark.name for mark in hints.all):
        return False
    return not any(desk.rare.blocks[mark.word] for mark in hints.all)


def _covers(desk: Desk, found: Evidence, hints: list[Hints]) -> bool:
    """Do the claims account for every number and name that was replaced, where they give any?"""
    if found.change.op is not Op.EDITED:
        return True
    one = view(found.change)
    claimed = [mark for hint in hints for mark in hint.all]
    told = []
    for old, new in widened(one, desk.known):
        touched = marks(f"{old} ; {new}", desk.known)
        if any(mark.number or mark.name for mark in touched):
            told.append(any(same(mark, other) for mark in touched for other in claimed))
    if not any(told):
        return not counts_one_of_several(claimed, found, desk.rare, desk.known)
    return all(told) and not _turns_untold(desk, found, claimed)


def _turns_untold(desk: Desk, found: Evidence, claimed: list[Mark]) -> bool:
    """A "not" came or went in the sentence too, and the claims have none of the words beside it."""
    one = view(found.change)
    if Label.NEGATION_CHANGED not in found.labels:
        return False
    for slot in one.slots:
        if negations(one.deleted(slot), desk.known) != negations(one.inserted(slot), desk.known):
            before, after = one.new[: slot.new[0]][-_BESIDE:], one.new[slot.new[1] :][:_BESIDE]
            near = f"{_CLAUSE.split(before)[-1]} {_CLAUSE.split(after)[0]}"
            if any(same(mark, other) for mark in marks(near, desk.known) for other in claimed):
                return False
    return True


def _benefit_of_doubt(
    desk: Desk,
    notices: tuple[Notice, ...],
    standings: dict[str, Standing],
    severities: dict[str, Severity],
) -> dict[str, Standing]:
    """One grave change, and one new note whose claims fit nothing: it may well be the one. We do not call it silent."""
    grave = [
        one
        for one in desk.here
        if severities[one.change.id].rank >= Severity.MEDIUM.rank
        and standings[one.change.id].disclosure is Disclosure.SILENT
        and one.change.op is not Op.ADDED
    ]
    idle = [
        notice
        for notice in notices
        if notice.status in _FRESH
        and notice.kind in _VAGUE
        and notice.claims
        and all(claim.state is ClaimState.UNMATCHED for claim in notice.claims)
    ]
    if len(grave) != 1 or not idle:
        return standings
    hints = [read_claim(claim.text, desk.known.language) for claim in idle[0].claims]
    near = _near(desk.diff, grave[0].change)
    if not any(
        fits(hint, grave[0])
        and (not hint.labels or hint.labels & grave[0].labels)
        and not names_another(hint, near, desk.rare, desk.known)
        for hint in hints
    ):
        return standings
    return {**standings, grave[0].change.id: Standing(Disclosure.UNSPECIFIC, idle[0].id)}


def _near(diff: Diff, change: Change) -> str:
    """The words of a change and of its block, with the block before: "he said" is of somebody named there."""
    texts = list(both_texts(change))
    for document, spans in ((diff.before, change.before), (diff.after, change.after)):
        for span in spans:
            if span.block is not None:
                texts += [block.text for block in document.blocks[max(0, span.block - 1) : span.block + 1]]
    return " ".join(texts)


def disclosed_later(
    desk: Desk, found: Evidence, disclosure: Disclosure, context: Context, after: Side
) -> DisclosedLater | None:
    """The first later notice that speaks of a change which none has mentioned so far, or not wholly."""
    if disclosure not in _OPEN or after.captured_at is None:
        return None
    for later in _later_notices(desk, context):
        hints = [read_claim(claim.text, desk.known.language) for claim in later.notice.claims]
        if any(score(hint, found, desk.rare) >= ENOUGH for hint in hints):
            delay = round((later.captured_at - after.captured_at).total_seconds())
            return DisclosedLater(later.revision, later.captured_at, later.notice.id, delay)
    return None


def _later_notices(desk: Desk, context: Context) -> list[LaterNotice]:
    """The notices that came after the old side and do not stand in the new one as text, in a fixed order."""
    there = {block.text for block in desk.diff.after.blocks}
    found = (one for one in context.later if one.notice.text not in there)
    return sorted(found, key=lambda one: (one.captured_at, one.revision, one.notice.id))


def vague_later(desk: Desk, context: Context, after: Side) -> bool:
    """Did a note come later that says that something was done, and not what? It may mean any change before it."""
    if after.captured_at is None:
        return False
    return any(_says_nothing(desk, later.notice) for later in _later_notices(desk, context))


def exempt_changes(diff: Diff, notes: frozenset[str], severities: dict[str, Severity]) -> frozenset[str]:
    """A notice's own change, and what no reader needs to be told: typography, a pure split or merge."""
    return notes | {
        change.id for change in diff.changes if severities[change.id] is Severity.NONE or is_typographic(change)
    }
