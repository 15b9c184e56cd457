"""A report as people are shown it: which paragraphs, how much around the changes, numbered notes, lettered notices.

Every renderer for people draws this one value, so none can show more or less than another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import ascii_uppercase

from tracker.model import (
    Annotation,
    BlockKind,
    Change,
    Claim,
    ClaimState,
    Diff,
    Disclosure,
    Field,
    Judgement,
    Label,
    Notice,
    NoticeStatus,
    Op,
    Report,
    Severity,
)
from tracker.render.options import Options
from tracker.render.pieces import Mark, Piece, edits_as_pieces, is_metadata, marks_words
from tracker.render.rows import Row, rows
from tracker.render.sentences import NOTICE_LABELS, came, is_between, sentence
from tracker.render.times import Clock, zone
from tracker.render.words import BLOCK_NAMES, capital, label_name, paragraph_number, severity_name
from tracker.text.sentences import sentences

_METADATA_TITLES = {Field.PUBLISHED: "Date of publication", Field.SEO_TITLE: "Title for search engines"}
_NO_WORDS = {Label.UNCONFIRMED_LOSS, Label.REVERT}  # their evidence is figures, a revision and its time
_LONGEST_EVIDENCE = 80  # longer evidence is the passage itself
_RUNNING_TEXT = {BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.HEADING, BlockKind.ENTRY}


_FRESH = (NoticeStatus.ADDED, NoticeStatus.CHANGED, NoticeStatus.MOVED)


@dataclass(frozen=True, slots=True)
class Note:
    """What is said about one change. `number` counts the changes shown; `notice` is the letter of the one it names."""

    number: int
    change: Change
    labels: tuple[Annotation, ...]
    judgement: Judgement
    sentence: str
    notice: str | None
    details: tuple[Piece, ...] = ()  # the old and new target of a link, the address of an image
    came: str = ""  # when the change came, where the sides are not neighbours
    between: bool = False  # is the notice that speaks of it one that came and went between the sides?

    @property
    def chips(self) -> tuple[str, ...]:
        """The names of the labels; that of the operation for a change that has none."""
        return tuple(label_name(note.label) for note in self.labels) or (self.change.op.value,)

    @property
    def disclosure(self) -> Disclosure | None:
        """The disclosure worth showing: whether small changes are mentioned is told only if they are."""
        told = self.judgement.disclosure
        if told is Disclosure.EXEMPT:
            return None
        if told is Disclosure.SILENT and self.judgement.severity.rank < Severity.MEDIUM.rank:
            return None
        return told

    @property
    def disclosure_name(self) -> str:
        """The word for the disclosure; empty where none is worth showing."""
        if self.judgement.disclosed_later is not None:
            return "disclosed in between" if self.between else "disclosed later"
        return self.disclosure.value if self.disclosure is not None else ""

    @property
    def tags(self) -> str:
        """ "number changed; high; silent; notice A": labels, severity, disclosure and notice in one line."""
        words = [", ".join(self.chips), severity_name(self.judgement.severity)]
        words += [self.disclosure_name] if self.disclosure_name else []
        words += [f"notice {self.notice}"] if self.notice is not None else []
        return "; ".join(words)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The words that gave rise to the labels, but for what the sentence or the marked text shows well enough."""
        notice = any(annotation.label in NOTICE_LABELS for annotation in self.labels)
        if notice or self.judgement.severity is Severity.NONE or self.change.op is Op.MOVED:
            return ()
        whole = {span.text.strip() for span in (*self.change.before, *self.change.after)}
        whole |= {edit.text.strip() for edit in self.change.edits}
        told = [annotation for annotation in self.labels if annotation.label not in _NO_WORDS]
        words = dict.fromkeys(word for annotation in told for word in annotation.evidence)
        return tuple(
            word
            for word in words
            if len(word) <= _LONGEST_EVIDENCE and word not in whole and word.rstrip(" ,;") not in self.sentence
        )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph to show. `op` is set if all of it was added, removed or moved; `lead` is what stands before it."""

    kind: BlockKind | None
    title: str
    op: Op | None
    pieces: tuple[Piece, ...]
    notes: tuple[Note, ...]
    lead: str
    skipped: int  # unchanged paragraphs left out before this one

    @property
    def touched(self) -> bool:
        """Is anything in it marked or noted?"""
        return bool(self.notes) or any(piece.change is not None for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with the numbers of the shown changes it speaks of; `elsewhere`: revisions of changes not shown here."""

    claim: Claim
    numbers: tuple[int, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice under its letter, with its claims and the numbers of the changes that it accounts for."""

    letter: str
    notice: Notice
    claims: tuple[ClaimView, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that is shown of a report. `left_out` counts the changes of severity none that are not."""

    report: Report
    clock: Clock
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[Note, ...]
    notices: tuple[NoticeView, ...]
    left_out: int
    skipped_after: int
    address: str | None = None


def view(report: Report, options: Options) -> View:
    """Choose and number what is to be shown. Raises UsageError for an unknown time zone."""
    clock = Clock(zone(options.tz))
    judged = {judgement.change: judgement for judgement in report.judgements}
    shown = {change.id: change for change in report.diff.changes if _is_shown(change, judged[change.id], options)}
    page = [_without_hidden(row, shown) for row in rows(report.diff)]
    letters = {notice.id: _letter(index) for index, notice in enumerate(report.notices)}
    notes = _notes(report, page, shown, letters, clock)
    paragraphs = tuple(_paragraphs(report.diff, page, notes, full=options.full))
    numbers = {note.change.id: note.number for note in notes.values()}
    notices = tuple(_notice_view(notice, letters[notice.id], judged, numbers) for notice in report.notices)
    last = max((index for index, row in enumerate(page) if row.changes), default=-1)
    return View(
        report=report,
        clock=clock,
        paragraphs=paragraphs,
        notes=tuple(notes.values()),
        notices=notices,
        left_out=0 if options.change else len(report.diff.changes) - len(shown),
        skipped_after=0 if options.full or not paragraphs else len(page) - 1 - last,
        address=options.address,
    )


def _is_shown(change: Change, judgement: Judgement, options: Options) -> bool:
    if options.change is not None:
        return change.id == options.change
    return options.all or judgement.severity is not Severity.NONE


def _letter(index: int) -> str:
    return ascii_uppercase[index] if index < len(ascii_uppercase) else f"N{index + 1}"


def _without_hidden(row: Row, shown: dict[str, Change]) -> Row:
    """The row with changes that are not shown as plain new text, neighbours of one mark in one piece."""
    pieces: list[Piece] = []
    for piece in row.pieces:
        if piece.change is not None and piece.change not in shown:
            if piece.mark not in (Mark.EQUAL, Mark.INSERT, Mark.LINK):
                continue
            plain = Piece(Mark.EQUAL, piece.text)
        else:
            plain = piece
        if pieces and (pieces[-1].mark, pieces[-1].change) == (plain.mark, plain.change):
            pieces[-1] = Piece(plain.mark, pieces[-1].text + plain.text, plain.change)
        else:
            pieces.append(plain)
    return Row(row.block, row.gone, tuple(pieces), tuple(name for name in row.overlays if name in shown))


def _notes(
    report: Report, page: Iterable[Row], shown: dict[str, Change], letters: dict[str, str], clock: Clock
) -> dict[str, Note]:
    """One note a change, numbered in the order in which a reader of the page meets them."""
    judged = {judgement.change: judgement for judgement in report.judgements}
    notes: dict[str, Note] = {}
    for name in dict.fromkeys(name for row in page for name in row.changes):
        change, judgement = shown[name], judged[name]
        notes[name] = Note(
            number=len(notes) + 1,
            change=change,
            labels=report.labels(change),
            judgement=judgement,
            sentence=sentence(report, change, clock),
            notice=letters.get(judgement.notice or ""),
            details=() if marks_words(change) or is_metadata(change) else edits_as_pieces(change),
            came=came(report, change, clock),
            between=is_between(report, judgement),
        )
    return notes


def _notice_view(notice: Notice, letter: str, judged: dict[str, Judgement], numbers: dict[str, int]) -> NoticeView:
    claims = tuple(
        ClaimView(
            claim=claim,
            numbers=tuple(sorted(numbers[one.change] for one in claim.changes if one.change in numbers)),
            elsewhere=tuple(one.revision for one in claim.changes if one.change not in judged and one.revision),
        )
        for claim in notice.claims
        if notice.status in _FRESH or claim.state is ClaimState.MATCHED  # an older note spoke of older changes
    )
    accounted = (
        numbers[name] for name, judgement in judged.items() if judgement.notice == notice.id and name in numbers
    )
    return NoticeView(letter, notice, claims, tuple(sorted(accounted)))


def _paragraphs(diff: Diff, page: list[Row], notes: dict[str, Note], *, full: bool) -> Iterator[Paragraph]:
    told: set[str] = set()
    skipped = 0
    for index, row in enumerate(page):
        if not row.changes and not full:
            skipped += 1
            continue
        fresh = tuple(notes[name] for name in row.changes if name not in told)
        told.update(row.changes)
        op = _whole_op(row, notes)
        alone = skipped and op is not None and _kind(diff, row) in _RUNNING_TEXT
        yield Paragraph(
            kind=_kind(diff, row),
            title=_title(diff, row, notes),
            op=op,
            pieces=_tidy(row.pieces if full else _trimmed(row.pieces, diff.after.language)),
            notes=fresh,
            lead=_lead(diff, page[index - 1]) if alone else "",
            skipped=skipped,
        )
        skipped = 0


def _whole_op(row: Row, notes: dict[str, Note]) -> Op | None:
    owners = {piece.change for piece in row.pieces}
    if row.gone:
        return Op.REMOVED
    if len(owners) != 1 or None in owners:
        return None
    op = notes[next(iter(row.changes))].change.op
    return op if op in (Op.ADDED, Op.MOVED) else None


def _kind(diff: Diff, row: Row) -> BlockKind | None:
    if row.block is None:
        return None
    return (diff.before if row.gone else diff.after).blocks[row.block].kind


def _title(diff: Diff, row: Row, notes: dict[str, Note]) -> str:
    """ "Paragraph 4", "Headline" ...; a paragraph that is gone has no number in the new text."""
    kind = _kind(diff, row)
    if kind is None or row.block is None:
        return _METADATA_TITLES.get(notes[row.changes[0]].change.field, "Metadata") if row.changes else "Metadata"
    number = None if row.gone else paragraph_number(diff.after, row.block)
    return capital(BLOCK_NAMES[kind]) + (f" {number}" if number else "")


def _lead(diff: Diff, row: Row) -> str:
    """The last sentence of the paragraph before, so that a new or a removed one is seen in its place."""
    if _kind(diff, row) not in _RUNNING_TEXT or row.gone:
        return ""
    text = "".join(piece.text for piece in row.pieces if piece.mark is not Mark.DELETE)
    return sentences(text, diff.after.language)[-1].strip() if text.strip() else ""


def _tidy(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The marks without the white space at their edges: a stroke through a space at a word's end helps nobody."""
    tidy: list[Piece] = []
    for piece in pieces:
        core = piece.text.strip()
        if not core or piece.mark not in (Mark.DELETE, Mark.INSERT):
            tidy.append(piece)
            continue
        start = piece.text.index(core)
        spaces = (piece.text[:start], piece.text[start + len(core) :])
        parts = (Piece(Mark.EQUAL, spaces[0], piece.change), Piece(piece.mark, core, piece.change))
        tidy += [part for part in (*parts, Piece(Mark.EQUAL, spaces[1], piece.change)) if part.text]
    return tuple(tidy)


def _trimmed(pieces: tuple[Piece, ...], language: str | None) -> tuple[Piece, ...]:
    """Of the unchanged text, only the one sentence next to each change; what is left out is marked."""
    if all(piece.change is None for piece in pieces):  # what was changed here marks no words
        pieces = (Piece(Mark.EQUAL, ""), *pieces)
    kept: list[Piece] = []
    for index, piece in enumerate(pieces):
        if piece.change is not None or piece.mark is not Mark.EQUAL:
            kept.append(piece)
            continue
        cut = sentences(piece.text, language)
        head = 1 if index > 0 else 0
        tail = 1 if index < len(pieces) - 1 else 0
        if len(cut) <= head + tail:
            kept.append(piece)
            continue
        if head:
            kept.append(Piece(Mark.EQUAL, cut[0]))
        kept.append(Piece(Mark.LEFT_OUT, ""))
        if tail:
            kept.append(Piece(Mark.EQUAL, cut[-1]))
    return tuple(kept)
