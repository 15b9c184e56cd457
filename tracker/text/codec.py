"""article.md and meta.json: a Document as files that people read in plain git, and back without loss.

The grammar stands in docs/architecture.md. It binds: a change of it is a new format of the store.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from tracker.model import Block, BlockKind, Content, Document, Link, Placement
from tracker.text.sentences import sentences

_MARKS = {
    BlockKind.HEADLINE: "# ",
    BlockKind.HEADING: "## ",
    BlockKind.QUOTE: "> ",
    BlockKind.ITEM: "- ",
    BlockKind.TABLE: "| ",
    BlockKind.PARAGRAPH: "",
}
_ONE_LINE = frozenset(
    {
        BlockKind.HEADLINE,
        BlockKind.HEADING,
        BlockKind.BYLINE,
        BlockKind.TABLE,
        BlockKind.IMAGE,
        BlockKind.EMBED,
        BlockKind.ENTRY,
    }
)
_KIND_OF = {mark.strip(): kind for kind, mark in _MARKS.items()}
_LEADING_MARKS = ("#", ">", "-", "|", "{")
_NOT_A_LINE = re.compile(r"\n(?:[#>|{\n-]|\Z)")  # with a line feed before the first: empty, or begins like a mark

# Characters that would break a line, hide in a terminal, or be no UTF-8 at all.
_IN_A_LINE = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_CONTROLS = rf"\n{_IN_A_LINE}"
_IN_PROSE = re.compile(rf"[{_CONTROLS}]|\\|&(?=#x)|(?<=\])\(")
_IN_LINK = re.compile(rf"[{_CONTROLS}]|\\|&(?=#x)|(?<=\])\(|[\[\]]")
_IN_HREF = re.compile(rf"[{_CONTROLS} ]|\\|&(?=#x)|\)")

_START = re.compile(r"(?:(##?|[>|-]) |\{([a-z]+)(?: ([^{} ]+))?\} )(?=.)", re.DOTALL)
_PLAIN_LINE = rf"[^#>|{{\\&\[\]{_CONTROLS}-][^\\&\[\]{_CONTROLS}]*"
_PLAIN_PARAGRAPH = re.compile(rf"{_PLAIN_LINE}(?:\n{_PLAIN_LINE})*")
_PIECE = re.compile(
    rf"(?P<plain>[^\\&\[\]{_IN_A_LINE}]+)"
    r"|(?P<join>\\\n)|\\(?P<escaped>[\\#>|{&\[\](-])|&#x(?P<code>[0-9A-F]{1,6});"
    r"|(?P<opening>\[)|(?P<link>\]\()|(?P<mark>\]|&(?!#x))"
)
_HREF = re.compile(rf"((?:[^\\)& {_CONTROLS}]|\\[\\)&]|&#x[0-9A-F]{{1,6}};|&(?!#x))*+)\)")
_HREF_ESCAPE = re.compile(r"\\(.)|&#x([0-9A-F]{1,6});")
_CONTROL = re.compile(f"[{_CONTROLS}]")
_JSON_HIDDEN = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_JSON_ESCAPE = re.compile(r"\\u(?P<surrogate>d[89a-f][0-9a-f]{2})|\\.")


# --- writing ------------------------------------------------------------------------------------------------


def write_article(document: Document) -> str:
    """article.md: blocks separated by an empty line, one sentence a line; "" for no blocks.

    Raises ValueError on a block that breaks its own rules (a time on what is no entry, a placement on what is no
    notice), for these would be lost.
    """
    blocks = [_write_block(block, document.language) for block in document.blocks]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _write_block(block: Block, language: str | None) -> str:
    pieces = (block.text,) if block.kind in _ONE_LINE else sentences(block.text, language)
    borders: list[int] = []
    for piece in pieces[:-1]:
        borders.append(len(piece) + (borders[-1] if borders else 0))
    lines = _inline(block, borders).split("\n")
    return _start(block) + "\n".join(map(_line, lines))


def _start(block: Block) -> str:
    if (block.time is not None and block.kind is not BlockKind.ENTRY) or (
        block.placement is not None and block.kind is not BlockKind.NOTICE
    ):
        raise ValueError(f"a {block.kind} has no time or placement")
    if block.kind in _MARKS:
        return _MARKS[block.kind]
    attribute = _stamp(block.time) if block.time else block.placement
    return f"{{{block.kind} {attribute}}} " if attribute else f"{{{block.kind}}} "


def _stamp(time: datetime) -> str:
    """UTC; seconds and microseconds only where they are not zero."""
    time = time.astimezone(UTC)
    precision = "microseconds" if time.microsecond else "seconds" if time.second else "minutes"
    return time.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _line(line: str) -> str:
    """Escape what would be read as the start of a block, and spaces at the edges, which tools like to cut."""
    if line.startswith(_LEADING_MARKS):
        line = "\\" + line
    elif line.startswith(" "):
        line = "&#x20;" + line[1:]
    return line[:-1] + "&#x20;" if line.endswith(" ") else line


def _inline(block: Block, borders: Iterable[int]) -> str:
    """The escaped text with links and line breaks; every "\\n" in it is the border of two sentences."""
    out: list[str] = []
    waiting = deque(borders)
    at = 0

    def write_until(end: int, special: re.Pattern[str]) -> None:
        nonlocal at
        while waiting and waiting[0] <= end:
            border = waiting.popleft()
            stands_for_space = block.text[border - 1] == " "
            out.append(special.sub(_escaped, block.text[at : border - stands_for_space]))
            out.append("\n" if stands_for_space else "\\\n")
            at = border
        out.append(special.sub(_escaped, block.text[at:end]))
        at = end

    for link in block.links:
        write_until(link.start, _IN_PROSE)
        out.append("[")
        write_until(link.end, _IN_LINK)
        out.append(f"]({_IN_HREF.sub(_escaped, link.href)})")
    write_until(len(block.text), _IN_PROSE)
    return "".join(out)


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return f"&#x{ord(char):X};" if char == " " or _CONTROL.match(char) else "\\" + char


def write_meta(document: Document) -> str:
    """meta.json: the facts of `Document.content` and the language, sorted by key, one value a line."""
    facts = dict(document.content.facts)
    if "language" in facts:
        raise ValueError('a fact is named what/source; "language" is taken')
    if document.language is not None:
        facts["language"] = document.language
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True)
    return _JSON_HIDDEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


# --- reading ------------------------------------------------------------------------------------------------


def read_document(article_md: str, meta_json: str) -> Document:
    """The Document that `write_article` and `write_meta` wrote. Raises ValueError on what they did not write.

    It does not cut sentences, so that files written with another cutter read the same.
    """
    facts = _read_meta(meta_json)
    language = facts.pop("language", None)
    if article_md and not article_md.endswith("\n"):
        raise ValueError("article.md does not end with a line feed")
    blocks = article_md[:-1].split("\n\n") if article_md else []
    return Document(tuple(map(_read_block, blocks)), Content(tuple(sorted(facts.items()))), language)


def _read_meta(meta_json: str) -> dict[str, str]:
    # Two lone surrogates in a row would be read as one character: they go in as they are, past the JSON escapes.
    raw = _JSON_ESCAPE.sub(_raw_surrogate, meta_json)
    facts = json.loads(raw)
    if not isinstance(facts, dict) or not all(isinstance(value, str) for value in facts.values()):
        raise ValueError("meta.json is not an object of texts")
    return facts


def _raw_surrogate(escape: re.Match[str]) -> str:
    return chr(int(escape["surrogate"], 16)) if escape["surrogate"] else escape.group()


def _read_block(source: str) -> Block:
    if _PLAIN_PARAGRAPH.fullmatch(source):  # most are, and it is all that there is to see
        return Block(BlockKind.PARAGRAPH, source.replace("\n", " "))
    match = _START.match(source)
    body = source[match.end() :] if match else source
    if _NOT_A_LINE.search("\n" + body):
        raise ValueError(f"not a line of article.md: {source[:80]!r}")
    mark, tag, attribute = match.groups() if match else ("", None, None)
    kind = BlockKind(tag) if tag else _KIND_OF[mark]
    if tag and kind in _MARKS:
        raise ValueError(f"a {kind} has no tag")
    text, links = _read_inline(body)
    time = placement = None
    if attribute and kind is BlockKind.ENTRY:
        time = datetime.fromisoformat(attribute)
    elif attribute and kind is BlockKind.NOTICE:
        placement = Placement(attribute)
    elif attribute:
        raise ValueError(f"a {kind} has no attribute")
    return Block(kind, text, links, time, placement)


def _read_inline(body: str) -> tuple[str, tuple[Link, ...]]:
    out: list[str] = []
    length = 0  # of the text in `out`
    links: list[Link] = []
    opening: tuple[int, int] | None = None  # the nearest unescaped "[": its place in `out`, and in the text
    at = 0
    while at < len(body):
        match = _PIECE.match(body, at)
        if match is None:
            raise ValueError(f"not the text of a block: {body[at : at + 40]!r}")
        at = match.end()
        if match["link"]:
            href = _HREF.match(body, at)
            if opening is None or href is None:
                raise ValueError(f"not a link: {body[match.start() : at + 40]!r}")
            place, start = opening
            del out[place]
            length -= 1
            links.append(Link(start, length, _read_href(href.group(1))))
            opening, at = None, href.end()
            continue
        if match["opening"]:
            opening = (len(out), length)
        out.append(_meaning(match))
        length += len(out[-1])
    return "".join(out), tuple(links)


def _meaning(match: re.Match[str]) -> str:
    if match["plain"]:
        return match["plain"].replace("\n", " ")
    if match["code"]:
        return chr(int(match["code"], 16))
    return "" if match["join"] else match["escaped"] or match.group()


def _read_href(source: str) -> str:
    return _HREF_ESCAPE.sub(lambda match: match[1] or chr(int(match[2], 16)), source)


# --- digests ------------------------------------------------------------------------------------------------


def text_digest(document: Document) -> str:
    """SHA-256 of article.md, in hexadecimal."""
    return hashlib.sha256(write_article(document).encode()).hexdigest()


def document_digest(document: Document) -> str:
    """SHA-256 of article.md and meta.json, in hexadecimal: equal documents and no others share it."""
    return hashlib.sha256((write_article(document) + write_meta(document)).encode()).hexdigest()
