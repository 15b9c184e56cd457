"""When each change between two distant snapshots came: the step between neighbours after which its words stood there.

Only what stands in a text can be dated so. A sentence that moved, and paragraphs that were split or joined, have no
words of their own to look for: those changes get no step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from tracker.model import BlockKind, Change, Diff, Document, Field, Judgement, Op, Report, Snapshot, Step

_KINDS = {
    Field.HEADLINE: BlockKind.HEADLINE,
    Field.DEK: BlockKind.DEK,
    Field.BYLINE: BlockKind.BYLINE,
    Field.CAPTION: BlockKind.CAPTION,
}
_STAYED = frozenset({Op.MOVED, Op.SPLIT, Op.MERGED})

Holds = Callable[[Document], bool]


def steps_of(diff: Diff, chain: Sequence[Snapshot]) -> tuple[Step, ...]:
    """The step of each change of a diff between the first and the last of a chain of snapshots, where it can be told.

    All texts should be read through one lens. A change that came, went and came again is dated to its last coming.
    """
    return tuple(step for change in diff.changes if (step := _step(change, chain)))


def judged_in_time(report: Report, steps: Sequence[Step]) -> tuple[Judgement, ...]:
    """The judgements of a report on two distant snapshots, each delay counted from the step in which the change came.

    A notice between the two that was first seen before the change cannot speak of it. Where the step of a change is not
    known, its delay is counted from the newer side for a notice that came after it, else from the older one.
    """
    came = {step.change: step.captured_at for step in steps}
    since = report.before.captured_at
    return tuple(
        _in_time(judged, came.get(judged.change), since, report.after.captured_at) for judged in report.judgements
    )


def _in_time(judged: Judgement, came: datetime | None, since: datetime | None, until: datetime | None) -> Judgement:
    later = judged.disclosed_later
    if later is None or since is None or until is None:
        return judged
    start = came or (until if later.captured_at > until else since)
    if later.captured_at < start:
        return replace(judged, disclosed_later=None)
    delay = round((later.captured_at - start).total_seconds())
    return replace(judged, disclosed_later=replace(later, delay_seconds=delay))


def _step(change: Change, chain: Sequence[Snapshot]) -> Step | None:
    if change.op in _STAYED:
        return None
    as_it_is, as_it_was = _new_text(change), _old_text(change)
    if not (as_it_is or as_it_was):
        return None
    done = [_is_done(snapshot.document, as_it_is, as_it_was) for snapshot in chain]
    if done[0] or not done[-1]:
        return None  # its words stand elsewhere in the text, too
    came = len(done) - next(back for back, is_done in enumerate(reversed(done)) if not is_done)
    begun = next((place for place, each in enumerate(chain) if as_it_was and not as_it_was(each.document)), came)
    before, after = chain[came - 1], chain[came]
    since = max(before.captured_at, after.seen_since or before.captured_at)
    return Step(change.id, after.revision, since, after.captured_at, 2 if begun < came else 1)


def _is_done(document: Document, new: Holds | None, old: Holds | None) -> bool:
    if new:
        return new(document)
    return old is not None and not old(document)


def _new_text(change: Change) -> Holds | None:
    return (
        _holder(change, [span.text for span in change.after], change.inserted) if change.op is not Op.REMOVED else None
    )


def _old_text(change: Change) -> Holds | None:
    return _holder(change, [span.text for span in change.before], change.deleted) if change.op is not Op.ADDED else None


def _holder(change: Change, texts: list[str], target: str) -> Holds | None:
    """A look for the words of one side of a change in a document."""
    if change.field in (Field.LINK, Field.IMAGE):
        return (lambda document: target in _targets(document)) if target else None
    wanted = [text.strip() for text in texts if text.strip()]
    if not wanted:
        return None
    if change.field in (Field.SEO_TITLE, Field.PUBLISHED):
        return lambda document: wanted[0] in {value.strip() for _, value in document.content.facts}
    kind = _KINDS.get(change.field)
    return lambda document: all(
        any(text in block.text for block in document.blocks if kind in (None, block.kind)) for text in wanted
    )


def _targets(document: Document) -> set[str]:
    return {link.href for block in document.blocks for link in block.links}
