"""Headlines that alternate: one wording gives way to another and returns within hours, as in a test of the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tracker.annotate.structure import when
from tracker.model import Annotation, Change, Context, Diff, Field, Finding, Label, Op, SeenTitles, Side

WITHIN = timedelta(hours=24)  # a wording that returns later than that was given up, and taken up again
TITLE_FIELDS = frozenset({Field.HEADLINE, Field.SEO_TITLE})


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of a headline that is one of several between the same two wordings.

    `returns`: its new wording stood there before, in the snapshot `earlier`. `undone`: together with another flip it
    comes to nothing; of an odd number the last one stands.
    """

    change: str
    returns: bool
    undone: bool
    earlier: SeenTitles | None
    wordings: tuple[str, str]  # the one that stood there first before the other


def flips(diff: Diff, context: Context, after: Side) -> tuple[Flip, ...]:
    """The changes of headlines in this diff that alternate; none where the time of the new side is not known."""
    if after.captured_at is None or len(context.titles) < 3:
        return ()
    found = (_flip(change, context.titles, after) for change in diff.changes if _swaps_titles(change))
    return tuple(flip for flip in found if flip)


def _swaps_titles(change: Change) -> bool:
    return change.field in TITLE_FIELDS and change.op is Op.EDITED and bool(change.before and change.after)


def _flip(change: Change, seen: tuple[SeenTitles, ...], after: Side) -> Flip | None:
    old, new = change.before[0].text, change.after[0].text
    run = next((run for run in _runs(seen, old, new) if any(one.revision == after.revision for one in run)), None)
    if run is None or len(run) < 2:
        return None
    number = next(place for place, one in enumerate(run) if one.revision == after.revision)
    earlier = [one for one in seen if new in one.titles and one.captured_at < run[number].captured_at]
    undone = len(run) % 2 == 0 or number < len(run) - 1
    first = next(one for one in seen if _which(one, old, new))
    wordings = (old, new) if _which(first, old, new) == old else (new, old)
    return Flip(change.id, number > 0, undone, earlier[-1] if number > 0 and earlier else None, wordings)


def _runs(seen: Iterable[SeenTitles], one: str, other: str) -> list[list[SeenTitles]]:
    """The snapshots in which one of the two wordings gave way to the other, those soon after each other together."""
    runs: list[list[SeenTitles]] = []
    shown = [(_which(each, one, other), each) for each in seen]
    for (before, _), (after, each) in pairwise(shown):
        if before is None or after is None or before == after:
            if after is None:
                runs.append([])  # a third wording ends a run
            continue
        if runs and runs[-1] and each.captured_at - runs[-1][-1].captured_at <= WITHIN:
            runs[-1].append(each)
        else:
            runs.append([each])
    return [run for run in runs if run]


def _which(seen: SeenTitles, one: str, other: str) -> str | None:
    """Which of two wordings a snapshot has, None for neither or both."""
    has = [title for title in (one, other) if title in seen.titles]
    return has[0] if len(has) == 1 else None


def flip_labels(found: Iterable[Flip]) -> tuple[Annotation, ...]:
    """A headline that returned is a revert, whatever else was changed with it."""
    return tuple(
        Annotation(Label.REVERT, flip.change, (f"revision {flip.earlier.revision}", when(flip.earlier.captured_at)))
        for flip in found
        if flip.returns and flip.earlier
    )


def flip_findings(found: Iterable[Flip]) -> tuple[Finding, ...]:
    """The two wordings between which the headline alternates, told once."""
    return tuple(Finding(Label.REVERT, flip.wordings) for flip in list(found)[:1])
