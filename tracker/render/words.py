"""Names for people: of labels, notices, disclosures, parts of a page. Neutral words, the same in every renderer."""

from __future__ import annotations

from tracker.model import (
    BlockKind,
    Change,
    ClaimState,
    Disclosure,
    Document,
    Label,
    NoticeKind,
    NoticeStatus,
    Op,
    Outcome,
    Placement,
    Severity,
    SlipKind,
    Span,
)

LEGEND = (
    (Disclosure.DISCLOSED, "a notice on the page mentions the change"),
    (Disclosure.PARTLY, "a notice mentions a part of the change"),
    (Disclosure.UNSPECIFIC, "a notice says that something was changed, but not what"),
    (Disclosure.SILENT, "no notice that we found mentions the change; one may stand elsewhere"),
    (Disclosure.EXEMPT, "the change calls for no notice"),
)

NOTICE_NAMES = {
    NoticeKind.CORRECTION: "correction",
    NoticeKind.CLARIFICATION: "clarification",
    NoticeKind.UPDATE: "update note",
    NoticeKind.UPDATE_UNSPECIFIC: "update note that does not say what was changed",
    NoticeKind.EDITORS_NOTE: "editor’s note",
    NoticeKind.RETRACTION: "retraction notice",
    NoticeKind.REFILE: "refile note",
    NoticeKind.DEVELOPING: "developing-story note",
    NoticeKind.REMOVAL: "removal notice",
    NoticeKind.OTHER: "note",
}

STATUS_NAMES = {
    NoticeStatus.ADDED: "new",
    NoticeStatus.CHANGED: "changed",
    NoticeStatus.MOVED: "moved",
    NoticeStatus.REMOVED: "removed",
    NoticeStatus.KEPT: "was there before",
}

PLACEMENT_NAMES = {
    Placement.TOP: "above the text",
    Placement.BODY: "inside the text",
    Placement.END: "at the end of the text",
    Placement.AFTER_BODY: "below the article",
}

CLAIM_NAMES = {
    ClaimState.MATCHED: "found",
    ClaimState.UNMATCHED: "no such change found",
    ClaimState.ALREADY_THERE: "was there before",
}

SLIP_NAMES = {
    SlipKind.DOUBLED_WORD: "doubled word",
    SlipKind.NAME_SPELLING: "one name, several spellings",
    SlipKind.NUMBERS_DISAGREE: "numbers that disagree",
}

OUTCOME_NAMES = {
    Outcome.NEW: "new",
    Outcome.CHANGED: "changed",
    Outcome.UNCHANGED: "unchanged",
    Outcome.GONE: "gone",
    Outcome.MOVED: "moved",
    Outcome.BLOCKED: "blocked",
    Outcome.FAILED: "failed",
}

BLOCK_NAMES = {
    BlockKind.HEADLINE: "headline",
    BlockKind.DEK: "summary",
    BlockKind.BYLINE: "byline",
    BlockKind.HEADING: "heading",
    BlockKind.PARAGRAPH: "paragraph",
    BlockKind.QUOTE: "quotation block",
    BlockKind.ITEM: "list item",
    BlockKind.CAPTION: "caption",
    BlockKind.TABLE: "table row",
    BlockKind.NOTICE: "notice",
    BlockKind.IMAGE: "image",
    BlockKind.EMBED: "embedded post",
    BlockKind.ENTRY: "live-blog entry",
}


def label_name(label: Label) -> str:
    """ "number changed" """
    return label.value.replace("-", " ")


def severity_name(severity: Severity) -> str:
    """ "high", "medium", "low"; "cosmetic" for none."""
    return "cosmetic" if severity is Severity.NONE else severity.value


def with_article(noun: str) -> str:
    """ "a paragraph", "an image" """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def capital(text: str) -> str:
    """`text` with its first letter large."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """`text` as a sentence: with a full stop, unless what it quotes at its end brings its own."""
    return text if text.rstrip("’”")[-1:] in ".!?" and text.endswith("”") else f"{text}."


def plural(count: int, noun: str) -> str:
    """ "1 change", "2 changes", "no changes" """
    if noun == "notice" and count == 0:
        return "no notice"
    return f"{count or 'no'} {noun}" + ("" if count == 1 else "s")


def size(count: int) -> str:
    """Bytes for a person: "812 kB", "1.4 GB"."""
    number, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - where it stops is the unit
        if number < 1000:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"


def clip(text: str, length: int = 90) -> str:
    """`text` on one line, cut between words to about `length` characters."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[:length]
    cut = head.rfind(" ")
    return (head[:cut] if cut > length // 2 else head).rstrip(" ,;:–—-") + " …"


_INSIDE = str.maketrans("“”", "‘’")


def quoted(text: str, length: int = 90) -> str:
    """The text in quotation marks, its own made single ones inside them; a bare number goes without."""
    line = clip(text, length)
    line = line.rstrip(" ,;") or line
    bare = any(mark.isdigit() for mark in line) and not any(mark.isalpha() or mark.isspace() for mark in line)
    return line if bare else f"“{line.translate(_INSIDE)}”"


def both_quoted(old: str, new: str) -> str:
    """ "12 to 21"; quotation marks around both where one needs them."""
    one, other = quoted(old), quoted(new)
    if one.startswith("“") is other.startswith("“"):
        return f"{one} to {other}"
    return " to ".join(text if text.startswith("“") else f"“{text}”" for text in (one, other))


def is_whole_block(span: Span, document: Document) -> bool:
    """Does the span cover the text of its block?"""
    if span.block is None or span.block >= len(document.blocks):
        return False
    return span.start == 0 and len(span.text.rstrip()) >= len(document.blocks[span.block].text.rstrip())


def paragraph_number(document: Document, block: int) -> int | None:
    """The how-manieth paragraph a block is, from 1; None for other kinds."""
    if block >= len(document.blocks) or document.blocks[block].kind is not BlockKind.PARAGRAPH:
        return None
    return sum(other.kind is BlockKind.PARAGRAPH for other in document.blocks[: block + 1])


def unit_name(change: Change, before: Document, after: Document) -> str:
    """What was changed as a reader would call it: "paragraph", "list item", or "sentence" for less than a block."""
    spans, document = (change.after, after) if change.after else (change.before, before)
    if not spans or spans[0].block is None or spans[0].block >= len(document.blocks):
        return "text"
    name = BLOCK_NAMES[document.blocks[spans[0].block].kind]
    whole = change.op in (Op.SPLIT, Op.MERGED) or is_whole_block(spans[0], document)
    return name if whole or name in ("headline", "heading", "byline", "caption", "image", "notice") else "sentence"
