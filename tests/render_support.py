"""Reports built by hand, to try the renderers without the stations before them."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tracker.model import (
    Annotation,
    ArticleName,
    Block,
    BlockKind,
    Change,
    Claim,
    ClaimedChange,
    ClaimState,
    Counts,
    Diff,
    DisclosedLater,
    Disclosure,
    Document,
    Edit,
    EditOp,
    Field,
    Finding,
    Judgement,
    Label,
    Lens,
    Link,
    Notice,
    NoticeKind,
    NoticeStatus,
    Op,
    Pair,
    Placement,
    Report,
    Result,
    Severity,
    Side,
    Span,
    Stated,
    Verdict,
)

LENS = Lens(rules="1", sentences="sentencex-1.0.32")
BEFORE = Side("a" * 40, datetime(2015, 5, 31, 12, 4, tzinfo=UTC), "2015-05-31T09:00:00Z", None, LENS)
AFTER = Side(
    "b" * 40,
    datetime(2015, 5, 31, 19, 17, tzinfo=UTC),
    "2015-05-31T09:00:00Z",
    "2015-05-31T19:13:00Z",
    LENS,
    datetime(2015, 5, 31, 19, 2, tzinfo=UTC),
)
NAME = ArticleName(
    "news.example/harbour-council-0123456789abcdef",
    "https://news.example/2015/05/31/harbour-council",
    "Harbour council denies plan to close the ferry line",
)


@dataclass(frozen=True)
class Told:
    """A change with what is said about it."""

    change: Change
    labels: tuple[tuple[Label, tuple[str, ...]], ...]
    severity: Severity
    disclosure: Disclosure = Disclosure.SILENT
    notice: str | None = None
    later: DisclosedLater | None = None


def identity(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def edits(before: str, after: str) -> tuple[Edit, ...]:
    """Word edits that rebuild both texts."""
    old, new = _words(before), _words(after)
    found: list[Edit] = []
    for op, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            found.append(Edit(EditOp.EQUAL, "".join(old[i:j])))
            continue
        if j > i:
            found.append(Edit(EditOp.DELETE, "".join(old[i:j])))
        if m > k:
            found.append(Edit(EditOp.INSERT, "".join(new[k:m])))
    return tuple(found)


def _words(text: str) -> list[str]:
    words: list[str] = []
    for character in text:
        if words and (character.isalnum() and words[-1][-1].isalnum()):
            words[-1] += character
        else:
            words.append(character)
    return words


def change(
    op: Op,
    field: Field,
    before: Sequence[Span] = (),
    after: Sequence[Span] = (),
    by: tuple[Edit, ...] | None = None,
) -> Change:
    old, new = "\n\n".join(span.text for span in before), "\n\n".join(span.text for span in after)
    name = identity(op, field, old, new, str(before), str(after))
    return Change(name, op, field, tuple(before), tuple(after), edits(old, new) if by is None else by)


def span(document: Document, block: int, text: str | None = None) -> Span:
    """The stretch of a block with that text, or the whole block."""
    whole = document.blocks[block].text
    return Span(block, 0 if text is None else whole.index(text), whole if text is None else text)


def report(
    before: Document,
    after: Document,
    told: Iterable[Told],
    *,
    notices: tuple[Notice, ...] = (),
    findings: tuple[Finding, ...] = (),
    verdict: Verdict = Verdict.SILENT,
    sides: tuple[Side, Side] = (BEFORE, AFTER),
    name: ArticleName = NAME,
) -> Report:
    told = tuple(told)
    changes = tuple(one.change for one in told)
    severities = [one.severity for one in told]
    loud = any(severity is not Severity.NONE for severity in severities)
    labels = [label for one in told for label, _ in one.labels]
    return Report(
        article=name,
        before=sides[0],
        after=sides[1],
        as_of=sides[1].captured_at,
        diff=Diff(before, after, Pair(name.branch or "", "1", "2"), changes),
        annotations=tuple(Annotation(label, one.change.id, words) for one in told for label, words in one.labels),
        judgements=tuple(Judgement(one.change.id, one.severity, one.disclosure, one.notice, one.later) for one in told),
        notices=notices,
        findings=findings,
        result=Result.CHANGED if loud else Result.COSMETIC if told else Result.UNCHANGED,
        verdict=verdict if told else Verdict.NOTHING,
        counts=Counts(
            len(changes),
            sum(len(one.inserted.split()) for one in changes),
            sum(len(one.deleted.split()) for one in changes),
            tuple(sorted((label.value, labels.count(label)) for label in set(labels))),
        ),
    )


def page(*paragraphs: str, headline: str = "Council weighs ferry line", language: str | None = "en") -> Document:
    """A headline and paragraphs."""
    blocks = (Block(BlockKind.HEADLINE, headline), *(Block(BlockKind.PARAGRAPH, text) for text in paragraphs))
    return Document(blocks, language=language)


FERRY = (
    (
        "The harbour council is weighing an end to the night ferry, two people who saw the plan said. "
        "The line carries 900 passengers a day."
    ),
    "Ferry crews heard of it on Friday. They met in the evening. A vote is due in June.",
    "“Nobody asked us,” said Ines Dahl, who has steered the boat for nine years. Her crew is 12 strong.",
    "The council runs three other lines. None of them sails at night.",
)
PLAN = FERRY[0].index("plan")


def denial() -> Report:
    """Two paragraphs added, one of them a denial, and the note that says so."""
    denied = "“There is no such plan, and there never was,” a spokesman for the council said in an e-mail."
    reason = "He said the night ferry would sail all summer."
    note = "Update 3:13 PM: This story has been updated to include a denial from the council."
    before = page(*FERRY, headline="Harbour council to close ferry line")
    after = Document(
        (
            Block(BlockKind.HEADLINE, "Harbour council to close ferry line"),
            Block(BlockKind.PARAGRAPH, FERRY[0]),
            Block(BlockKind.PARAGRAPH, FERRY[1]),
            Block(BlockKind.PARAGRAPH, denied),
            Block(BlockKind.PARAGRAPH, reason),
            Block(BlockKind.PARAGRAPH, FERRY[2]),
            Block(BlockKind.PARAGRAPH, FERRY[3]),
            Block(BlockKind.NOTICE, note, placement=Placement.END),
        ),
        language="en",
    )
    one = change(Op.ADDED, Field.BODY, (), (span(after, 3),))
    two = change(Op.ADDED, Field.BODY, (), (span(after, 4),))
    own = change(Op.ADDED, Field.NOTICE, (), (span(after, 7),))
    notice = Notice(
        id=identity(note),
        kind=NoticeKind.UPDATE,
        status=NoticeStatus.ADDED,
        block=7,
        placement=Placement.END,
        label="Update",
        text=note,
        stated=Stated("3:13 PM", time="15:13"),
        claims=(
            Claim(
                "include a denial from the council",
                ClaimState.MATCHED,
                (ClaimedChange("b" * 40, one.id), ClaimedChange("b" * 40, two.id)),
            ),
        ),
    )
    return report(
        before,
        after,
        (
            Told(
                one,
                ((Label.DENIAL_ADDED, ("There is no such plan",)), (Label.QUOTE_ADDED, ("a spokesman",))),
                Severity.HIGH,
                Disclosure.DISCLOSED,
                notice.id,
            ),
            Told(two, ((Label.RESPONSE_ADDED, ("He said",)),), Severity.HIGH, Disclosure.DISCLOSED, notice.id),
            Told(own, ((Label.NOTICE_ADDED, (note,)),), Severity.LOW, Disclosure.EXEMPT),
        ),
        notices=(notice,),
        verdict=Verdict.DISCLOSED,
    )


def everything() -> Report:
    """Every kind of change on one page: headline, number, removal, move, split, merge, link, image, typography."""
    before = Document(
        (
            Block(BlockKind.HEADLINE, "Council to close ferry line"),
            Block(BlockKind.DEK, "Night boats may stop sailing."),
            Block(BlockKind.BYLINE, "By Rosa Lind"),
            Block(BlockKind.PARAGRAPH, FERRY[0], (Link(PLAN, PLAN + 4, "https://news.example/plan"),)),
            Block(BlockKind.PARAGRAPH, FERRY[1]),
            Block(BlockKind.PARAGRAPH, FERRY[2]),
            Block(BlockKind.PARAGRAPH, "Fares rose in March. They may rise again. The council denies it."),
            Block(BlockKind.PARAGRAPH, "Storms stopped the boats twice this year."),
            Block(BlockKind.PARAGRAPH, "One boat is out of use. It is 40 years old."),
            Block(BlockKind.PARAGRAPH, "It will be sold."),
            Block(BlockKind.PARAGRAPH, FERRY[3]),
            Block(BlockKind.PARAGRAPH, 'The "night boat" is loved - and slow.'),
            Block(BlockKind.IMAGE, "A ferry at dusk", (Link(0, 15, "https://img.example/1.jpg"),)),
        ),
        language="en",
    )
    after = Document(
        (
            Block(BlockKind.HEADLINE, "Council weighs end of ferry line"),
            Block(BlockKind.DEK, "Night boats may stop sailing."),
            Block(BlockKind.BYLINE, "By Rosa Lind and Per Holm"),
            Block(
                BlockKind.PARAGRAPH,
                FERRY[0].replace("900", "1,900").replace("said.", "claimed."),
                (Link(PLAN, PLAN + 4, "https://council.example/paper.pdf"),),
            ),
            Block(BlockKind.PARAGRAPH, "Ferry crews heard of it on Friday. A vote is due in June."),
            Block(BlockKind.PARAGRAPH, "Storms stopped the boats twice this year."),
            Block(BlockKind.PARAGRAPH, FERRY[2]),
            Block(BlockKind.PARAGRAPH, "Fares rose in March."),
            Block(BlockKind.PARAGRAPH, "They may rise again. The council denies it."),
            Block(BlockKind.PARAGRAPH, "One boat is out of use. It is 40 years old. It will be sold."),
            Block(BlockKind.PARAGRAPH, "The “night boat” is loved – and slow."),
            Block(BlockKind.IMAGE, "A ferry at dusk", (Link(0, 15, "https://img.example/2.jpg"),)),
        ),
        language="en",
    )
    line, new_line = (FERRY[0].split(". ")[1], "The line carries 1,900 passengers a day.")
    first, new_first = f"{FERRY[0].split('. ')[0]}. ", f"{FERRY[0].split('. ')[0]}. ".replace("said.", "claimed.")
    targets = (
        Edit(EditOp.DELETE, "https://news.example/plan"),
        Edit(EditOp.INSERT, "https://council.example/paper.pdf"),
    )
    images = (Edit(EditOp.DELETE, "https://img.example/1.jpg"), Edit(EditOp.INSERT, "https://img.example/2.jpg"))
    split = change(
        Op.SPLIT,
        Field.BODY,
        (span(before, 6),),
        (span(after, 7), span(after, 8)),
        (
            Edit(EditOp.EQUAL, "Fares rose in March."),
            Edit(EditOp.DELETE, " "),
            Edit(EditOp.INSERT, "\n\n"),
            Edit(EditOp.EQUAL, "They may rise again. The council denies it."),
        ),
    )
    merged = change(
        Op.MERGED,
        Field.BODY,
        (span(before, 8), span(before, 9)),
        (span(after, 9),),
        (
            Edit(EditOp.EQUAL, "One boat is out of use. It is 40 years old."),
            Edit(EditOp.DELETE, "\n\n"),
            Edit(EditOp.INSERT, " "),
            Edit(EditOp.EQUAL, "It will be sold."),
        ),
    )
    told = (
        Told(
            change(Op.EDITED, Field.SEO_TITLE, (Span(None, 0, "Ferry to close"),), (Span(None, 0, "Ferry may close"),)),
            ((Label.HEADLINE_CHANGED, ("Ferry to close", "Ferry may close")),),
            Severity.HIGH,
        ),
        Told(
            change(Op.EDITED, Field.HEADLINE, (span(before, 0),), (span(after, 0),)),
            ((Label.HEADLINE_CHANGED, ("Council to close ferry line", "Council weighs end of ferry line")),),
            Severity.HIGH,
        ),
        Told(
            change(Op.EDITED, Field.BYLINE, (span(before, 2),), (span(after, 2),)),
            ((Label.BYLINE_CHANGED, ("Per Holm",)),),
            Severity.LOW,
        ),
        Told(
            change(Op.EDITED, Field.BODY, (span(before, 3, first),), (span(after, 3, new_first),)),
            ((Label.ATTRIBUTION_CHANGED, ("said", "claimed")),),
            Severity.HIGH,
            later=DisclosedLater("c" * 40, datetime(2015, 5, 31, 21, 0, tzinfo=UTC), "f" * 16, 6180),
        ),
        Told(
            change(Op.EDITED, Field.LINK, (Span(3, PLAN, "plan"),), (Span(3, PLAN, "plan"),), targets),
            ((Label.LINK_CHANGED, ("https://news.example/plan", "https://council.example/paper.pdf")),),
            Severity.LOW,
        ),
        Told(
            change(Op.EDITED, Field.BODY, (span(before, 3, line),), (span(after, 3, new_line),)),
            ((Label.NUMBER_CHANGED, ("900", "1,900")),),
            Severity.HIGH,
        ),
        Told(
            change(Op.REMOVED, Field.BODY, (span(before, 4, "They met in the evening. "),)),
            ((Label.OTHER, ()),),
            Severity.MEDIUM,
        ),
        Told(
            change(Op.MOVED, Field.BODY, (span(before, 7),), (span(after, 5),)),
            ((Label.MOVED, ("Storms stopped the boats",)),),
            Severity.LOW,
        ),
        Told(split, ((Label.SPLIT, ()),), Severity.NONE, Disclosure.EXEMPT),
        Told(merged, ((Label.MERGED, ()),), Severity.NONE, Disclosure.EXEMPT),
        Told(
            change(Op.REMOVED, Field.BODY, (span(before, 10),)),
            ((Label.OTHER, ()),),
            Severity.MEDIUM,
            Disclosure.UNSPECIFIC,
        ),
        Told(
            change(Op.EDITED, Field.BODY, (span(before, 11),), (span(after, 10),)),
            ((Label.TYPOGRAPHIC, ('"', "“")),),
            Severity.NONE,
            Disclosure.EXEMPT,
        ),
        Told(
            change(Op.EDITED, Field.IMAGE, (span(before, 12),), (span(after, 11),), images),
            ((Label.IMAGE_CHANGED, ("https://img.example/2.jpg",)),),
            Severity.LOW,
        ),
    )
    return report(
        before,
        after,
        told,
        findings=(Finding(Label.MODIFIED_UNMOVED, ("2015-05-31T09:00:00Z",)),),
        verdict=Verdict.SILENT,
    )


HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\ \x9b2J \x07 [bold]b[/bold] "
    '[link=http://evil.example]x[/link] <script>alert(1)</script> "><img src=x onerror=alert(1)> '
    "\u202egnp.exe\u202c \u2066a\u2069 {{ 7*7 }} {% raw %} | `code` *b* _i_ @someone #12 ~~s~~ "
    "https://evil.example www.evil.example </ins></del></title></style> \ud800 \u2028 \ufffe \x00 :)"
)


def hostile() -> Report:
    """Text of a page that tries to be something else, wherever text of a page can stand."""
    before = page("Calm words. More.", headline="Head")
    after = page(f"Calm words. {HOSTILE}", headline=HOSTILE, language='"><script>')
    edited = change(Op.EDITED, Field.BODY, (span(before, 1, "More."),), (span(after, 1, HOSTILE),))
    headline = change(Op.EDITED, Field.HEADLINE, (span(before, 0),), (span(after, 0),))
    link = change(
        Op.EDITED,
        Field.LINK,
        (Span(1, 0, "Calm"),),
        (Span(1, 0, "Calm"),),
        (Edit(EditOp.DELETE, "javascript:alert(1)"), Edit(EditOp.INSERT, HOSTILE)),
    )
    notice = Notice(
        id=identity(HOSTILE),
        kind=NoticeKind.OTHER,
        status=NoticeStatus.KEPT,
        block=1,
        placement=None,
        label=HOSTILE,
        text=HOSTILE,
        stated=Stated(HOSTILE, zone=HOSTILE, assumed=(HOSTILE,)),
        claims=(Claim(HOSTILE), Claim(HOSTILE, ClaimState.MATCHED, (ClaimedChange(HOSTILE, identity("x")),))),
    )
    told = (
        Told(headline, ((Label.HEADLINE_CHANGED, (HOSTILE,)),), Severity.HIGH),
        Told(edited, ((Label.OTHER, (HOSTILE,)),), Severity.MEDIUM, Disclosure.DISCLOSED, notice.id),
        Told(link, ((Label.LINK_CHANGED, (HOSTILE,)),), Severity.LOW),
    )
    return report(
        before,
        after,
        told,
        notices=(notice,),
        findings=(Finding(Label.REVERT, (HOSTILE,)),),
        sides=(replace(BEFORE, published=HOSTILE, revision=HOSTILE), replace(AFTER, modified=HOSTILE)),
        name=ArticleName(HOSTILE, HOSTILE, HOSTILE),
    )


def cosmetic() -> Report:
    """Only quotation marks differ."""
    before, after = page('The "night boat" sails.'), page("The “night boat” sails.")
    one = change(Op.EDITED, Field.BODY, (span(before, 1),), (span(after, 1),))
    told = Told(one, ((Label.TYPOGRAPHIC, ('"', "“")),), Severity.NONE, Disclosure.EXEMPT)
    return report(before, after, (told,), verdict=Verdict.NOTHING)


def unchanged() -> Report:
    """The same text twice."""
    return report(page(*FERRY), page(*FERRY), ())


def arabic() -> Report:
    """Right-to-left text with a changed number and a Latin name in it."""
    old = "قال المتحدث باسم المجلس إن 12 عبارة متوقفة في ميناء Harwick منذ الجمعة."
    new = "قال المتحدث باسم المجلس إن 21 عبارة متوقفة في ميناء Harwick منذ الجمعة."
    before = page(old, headline="العبارات متوقفة", language="ar")
    after = page(new, headline="العبارات متوقفة", language="ar")
    one = change(Op.EDITED, Field.BODY, (span(before, 1),), (span(after, 1),))
    told = Told(one, ((Label.NUMBER_CHANGED, ("12", "21")),), Severity.HIGH)
    return report(before, after, (told,), name=ArticleName(None, None, "العبارات متوقفة"))


REPORTS = {
    "denial": denial,
    "everything": everything,
    "hostile": hostile,
    "cosmetic": cosmetic,
    "unchanged": unchanged,
    "arabic": arabic,
}
