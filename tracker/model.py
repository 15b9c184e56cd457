"""The values that pass along the line: frozen, made of tuples, standard library only.

URL or file -> Capture -> Reading (Document) -> Snapshot -> Diff -> Report -> text.

Offsets are Unicode code points, times are aware and in UTC, and a `None` means "not known", never "not so".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# --- what came ----------------------------------------------------------------------------------------------

RENDERED_BY = "tracker-browser"  # among the headers of a capture: the browser that made the page; no server can send it
_OF_PAGES = frozenset({200, 203, 304})  # with these alone a server speaks of the whole page, as it is now (RFC 9110)


class Source(StrEnum):
    """Where the bytes of a capture came from."""

    WEB = "web"
    FILE = "file"
    STDIN = "stdin"
    WARC = "warc"
    MEMENTO = "memento"


@dataclass(frozen=True, slots=True)
class Validators:
    """With what a server can be asked for a page only if it has changed since we saw it (RFC 9110, section 13).

    `url` is the address that answered, `etag` and `last_modified` are as it wrote them ("" for none), `revision` is
    the newest snapshot at that look: a "not modified" speaks of this text and of no other.
    """

    url: str
    etag: str
    last_modified: str
    revision: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as received: the bytes untouched, and what is needed to believe them.

    `url` is what was asked for ("" for a file without an address), `final_url` what answered after `redirects`, the
    addresses passed on the way. `status` is the server's, None where there was none. `headers` holds lower-case names
    from an allow-list, never cookies or credentials. `unmodified_since` is what the page was asked with where the
    server answered "not modified" (304): then there is no body. `robots_ignored`: a person said that the host's
    robots.txt was not to be asked.
    """

    url: str
    final_url: str
    captured_at: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: Source = Source.WEB
    redirects: tuple[str, ...] = ()
    unmodified_since: Validators | None = None
    robots_ignored: bool = False

    @property
    def rendered(self) -> bool:
        """Is the body what a browser made of the page, and not what its server sent?"""
        return self.header(RENDERED_BY) is not None

    @property
    def refusal(self) -> int | None:
        """The status with which a server gave something else than the page: an error, a part of it, a promise."""
        return self.status if self.status is not None and self.status not in _OF_PAGES else None

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


# --- what a reader of the page sees -------------------------------------------------------------------------


class BlockKind(StrEnum):
    """What a block is to the reader of the page."""

    HEADLINE = "headline"
    DEK = "dek"
    BYLINE = "byline"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    ITEM = "item"
    CAPTION = "caption"
    TABLE = "table"  # one row; its cells are joined by " | "
    NOTICE = "notice"
    IMAGE = "image"  # the text is the alternative text, the one link the address
    EMBED = "embed"  # the same for a post or a video from elsewhere
    ENTRY = "entry"  # the head of a live-blog entry, with its time


class Placement(StrEnum):
    """Where a notice stands."""

    TOP = "top"  # before the first paragraph
    BODY = "body"  # between paragraphs
    END = "end"  # after the last paragraph, inside the article's container
    AFTER_BODY = "after-body"  # outside the container


@dataclass(frozen=True, slots=True)
class Link:
    """`text[start:end]` of a block points to `href` (resolved, tracking parameters cut)."""

    start: int
    end: int
    href: str


@dataclass(frozen=True, slots=True)
class Block:
    """A headline, a paragraph, a notice ... Empty blocks do not exist: a block has text or a link.

    `links` are in order and do not overlap; `time` only on entries, `placement` only on notices.
    """

    kind: BlockKind
    text: str
    links: tuple[Link, ...] = ()
    time: datetime | None = None
    placement: Placement | None = None

    def __post_init__(self) -> None:
        if not self.text and not self.links:
            raise ValueError("a block has text or a link")
        end = 0
        for link in self.links:
            if not end <= link.start <= link.end <= len(self.text):
                raise ValueError("links are in order, inside the text, and do not overlap")
            end = link.end


@dataclass(frozen=True, slots=True)
class Content:
    """What each metadata source of the page says, kept by itself: sorted (key, value) pairs.

    Keys are `what/source`: headline/h1, headline/og, headline/json-ld, headline/title, published/json-ld,
    published/meta, published/microdata, published/recipe, correction/json-ld (further ones correction/json-ld/2 ...),
    canonical/link, canonical/og; published/time and published/text, what stands beside the headline, only where no
    metadata says the minute. Times are ISO 8601: in UTC where the page gives their zone, without one where it does not,
    a day alone where no more is said; what cannot be read stays as the page writes it.
    """

    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        keys = [key for key, _ in self.facts]
        if keys != sorted(set(keys)):
            raise ValueError("content facts are sorted by key, each key once")

    def get(self, key: str) -> str | None:
        """The value of one fact."""
        return next((value for name, value in self.facts if name == key), None)

    def of(self, what: str) -> tuple[tuple[str, str], ...]:
        """All (key, value) pairs about one thing: `of("headline")`."""
        return tuple(fact for fact in self.facts if fact[0].split("/", 1)[0] == what)


def precision(stated: str) -> int:
    """How much a stated time says: 3 an instant, 2 a clock without zone, 1 a day, 0 words that cannot be read."""
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        return 0
    if len(stated) <= len("2015-05-31"):
        return 1
    return 3 if found.tzinfo else 2


@dataclass(frozen=True, slots=True)
class Document:
    """The normalized text of a page: blocks in reading order, and what its metadata says."""

    blocks: tuple[Block, ...]
    content: Content = Content()
    language: str | None = None

    def texts(self, kind: BlockKind) -> Iterator[str]:
        """The texts of all blocks of a kind."""
        return (block.text for block in self.blocks if block.kind is kind)

    @property
    def headline(self) -> str | None:
        return next(self.texts(BlockKind.HEADLINE), None)

    @property
    def dek(self) -> str | None:
        return next(self.texts(BlockKind.DEK), None)

    @property
    def byline(self) -> str | None:
        return next(self.texts(BlockKind.BYLINE), None)

    @property
    def published(self) -> str | None:
        """The date of publication as the fullest source gives it, a recipe's first: ISO 8601 where it can be read."""
        stated = self.content.of("published")
        fullest = max(stated, key=lambda fact: (fact[0] == "published/recipe", precision(fact[1])), default=None)
        return fullest[1] if fullest else None


@dataclass(frozen=True, slots=True)
class Lens:
    """Everything but the page that shapes the text. Two readings compare only through one lens."""

    rules: str
    sentences: str
    recipe: str = "-"  # digest of the site recipe that was used
    memory: str = "-"  # digest of the host's memory

    def __str__(self) -> str:
        return f"rules={self.rules} sentences={self.sentences} recipe={self.recipe} memory={self.memory}"

    @classmethod
    def parse(cls, text: str) -> Lens:
        """The inverse of `str`. Raises ValueError on anything else."""
        parts = dict(part.split("=", 1) for part in text.split())
        if set(parts) != {"rules", "sentences", "recipe", "memory"}:
            raise ValueError(f"not a lens: {text!r}")
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A block that stood on the page and was left out of the text, and why."""

    block: Block
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the station normalize makes of a page.

    `modified` is the page's own dateModified, as given. `blocked` says why the page should not be believed (a wall, an
    error page, an empty shell ...), or None. `container` is the signature of the place that the text was found in,
    `tied` says that another place might have been it as well; `outlet` holds the words by which the site names itself.
    `warnings` are lines for a person: a recipe that no longer fits.
    """

    document: Document
    lens: Lens
    modified: str | None = None
    suppressed: tuple[Suppressed, ...] = ()
    blocked: str | None = None
    container: str = ""
    tied: bool = False
    outlet: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What one selector of a recipe finds on a page: the text of each element, "" for one without text."""

    key: str
    selector: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe tried on a page: what each selector finds, the reading it gives, and what the general rules read."""

    recipe: str
    matches: tuple[Match, ...]
    reading: Reading
    general: Reading


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is remembered of one block of one article's pages, for the memory of its host.

    `key` is that of the folded text, `size` its characters. `present` and `hidden`: the newest page had it, and memory
    left it out. `flips` counts how often it came or went since the first page. `told`: a report has shown it come or
    go; `edited`: it took the place of a like block, or one took its. `about`: it shares a name with its article;
    `plain`: it speaks to no reader and leads nowhere; `mute`: its kind, length or quotation says that it is text.
    """

    key: str
    size: int
    present: bool = True
    hidden: bool = False
    flips: int = 0
    told: bool = False
    edited: bool = False
    about: bool = False
    plain: bool = False
    mute: bool = False


# --- what is kept -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A capture with its document, stored. `article` is the branch, `revision` the git id of the text commit.

    The change against the snapshot before it happened between `seen_since` (the check before this one, None for the
    first) and `captured_at`.
    """

    article: str
    revision: str
    captured_at: datetime
    seen_since: datetime | None
    raw_sha256: str
    document: Document
    lens: Lens
    modified: str | None = None
    url: str = ""

    @property
    def key(self) -> str:
        """What makes this capture this capture, on every machine."""
        return f"{self.captured_at.isoformat()} {self.raw_sha256}"


class Outcome(StrEnum):
    """What a check of an article found: always a value, never an exception."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"
    MOVED = "moved"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one article. `error` is one line for a person, as are `warnings` (see Reading).

    `snapshot` holds the text; it is None where there was none, and where a page came back byte for byte, or did not
    come because the server said that it had not changed: then nothing is read. `validators` are what the next look may
    ask with; None: it must ask for the whole page. `retry_after` is the time before which the server does not want to
    be asked again.
    """

    article: str | None
    at: datetime
    outcome: Outcome
    snapshot: Snapshot | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    validators: Validators | None = None
    retry_after: datetime | None = None


# --- what changed -------------------------------------------------------------------------------------------


class Op(StrEnum):
    """The structure of a change."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"


class Field(StrEnum):
    """Where a change happened."""

    HEADLINE = "headline"
    DEK = "dek"
    BYLINE = "byline"
    BODY = "body"
    CAPTION = "caption"
    TABLE = "table"
    NOTICE = "notice"
    LINK = "link"
    IMAGE = "image"
    PUBLISHED = "published"
    SEO_TITLE = "seo-title"


class EditOp(StrEnum):
    """What became of a run of words: `delete` stands only in the old text, `insert` only in the new one."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a block's text. `block` is its place in Document.blocks, None for metadata."""

    block: int | None
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of words inside a change."""

    op: EditOp
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The largest unit with one history: a whole block, or one aligned sentence.

    equal+delete edits give the old spans joined by an empty line, equal+insert the new ones, code point for code
    point; only the change of a link's target or an image's address holds the addresses in its edits instead.
    """

    id: str
    op: Op
    field: Field
    before: tuple[Span, ...]
    after: tuple[Span, ...]
    edits: tuple[Edit, ...]

    @property
    def deleted(self) -> str:
        return " ".join(edit.text for edit in self.edits if edit.op is EditOp.DELETE)

    @property
    def inserted(self) -> str:
        return " ".join(edit.text for edit in self.edits if edit.op is EditOp.INSERT)


@dataclass(frozen=True, slots=True)
class Pair:
    """Names the two sides of a diff for ids: the branch ("" for bare documents) and a key for each side."""

    branch: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Diff:
    """A whole comparison: changes in the order of the new text, removed ones after their last surviving predecessor."""

    before: Document
    after: Document
    pair: Pair
    changes: tuple[Change, ...]


# --- what it means ------------------------------------------------------------------------------------------


class Severity(StrEnum):
    """How grave a change is for what the article says; `none` is typography, and paragraphs split or merged."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 (none) to 3 (high)."""
        return list(Severity).index(self)


class Label(StrEnum):
    """What a detector can say about a change; `modified-unmoved` is said of a whole report."""

    DENIAL_ADDED = "denial-added"
    RESPONSE_ADDED = "response-added"
    COMMENT_STATUS_CHANGED = "comment-status-changed"
    ATTRIBUTION_CHANGED = "attribution-changed"
    QUOTE_CHANGED = "quote-changed"
    QUOTE_ADDED = "quote-added"
    QUOTE_REMOVED = "quote-removed"
    NUMBER_CHANGED = "number-changed"
    DATE_CHANGED = "date-changed"
    NAME_CHANGED = "name-changed"
    NEGATION_CHANGED = "negation-changed"
    HEDGE_ADDED = "hedge-added"
    HEDGE_REMOVED = "hedge-removed"
    HEADLINE_CHANGED = "headline-changed"
    DEK_CHANGED = "dek-changed"
    BYLINE_CHANGED = "byline-changed"
    CAPTION_CHANGED = "caption-changed"
    IMAGE_CHANGED = "image-changed"
    LINK_CHANGED = "link-changed"
    NOTICE_ADDED = "notice-added"
    NOTICE_CHANGED = "notice-changed"
    NOTICE_REMOVED = "notice-removed"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    RETRACTION = "retraction"
    REVERT = "revert"
    UNCONFIRMED_LOSS = "unconfirmed-loss"
    TYPOGRAPHIC = "typographic"
    OTHER = "other"
    MODIFIED_UNMOVED = "modified-unmoved"


class NoticeKind(StrEnum):
    """What a publisher's note is, by its label or its words.

    `update-unspecific` says that something was done but not what, `refile` that a wire sent the story again,
    `developing` that more will come, `removal` that the article is gone; `other` is a note that says none of these.
    """

    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    UPDATE = "update"
    UPDATE_UNSPECIFIC = "update-unspecific"
    EDITORS_NOTE = "editors-note"
    RETRACTION = "retraction"
    REFILE = "refile"
    DEVELOPING = "developing"
    REMOVAL = "removal"
    OTHER = "other"


class NoticeStatus(StrEnum):
    """What became of a note between two texts: `changed` is reworded, `moved` stands elsewhere in the same words."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"
    KEPT = "kept"


class ClaimState(StrEnum):
    """Whether a claim speaks of a change that we saw; `already-there`: the old text held what it says was put in."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    ALREADY_THERE = "already-there"


class Disclosure(StrEnum):
    """Whether a notice that we found speaks of a change."""

    DISCLOSED = "disclosed"
    PARTLY = "partly"
    UNSPECIFIC = "unspecific"
    SILENT = "silent"
    EXEMPT = "exempt"


class Result(StrEnum):
    """changed: a change above severity none; cosmetic: only changes of severity none."""

    UNCHANGED = "unchanged"
    COSMETIC = "cosmetic"
    CHANGED = "changed"


class Verdict(StrEnum):
    """Disclosure over the changes of medium and high severity and the lower ones that a claim names."""

    NOTHING = "nothing"
    DISCLOSED = "disclosed"
    PARTLY = "partly"
    UNSPECIFIC = "unspecific"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Stated:
    """The time that a notice states: as written, and what can be read from it; nothing is invented.

    `time` is "15:13", `date` "2015-05-31", `zone` as written ("ET"); `assumed` lists in words what was assumed.
    """

    raw: str
    time: str | None = None
    date: str | None = None
    zone: str | None = None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimedChange:
    """A change that a claim speaks of. `revision` is that of the change's own new side, None for bare documents."""

    revision: str | None
    change: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a notice says was done: "include a denial from the Pentagon"."""

    text: str
    state: ClaimState = ClaimState.UNMATCHED
    changes: tuple[ClaimedChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """The publisher's own note. `block` is its place in the new document (in the old one if it was removed)."""

    id: str
    kind: NoticeKind
    status: NoticeStatus
    block: int | None
    placement: Placement | None
    label: str
    text: str
    stated: Stated | None
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """A label of a change, and the words that gave rise to it."""

    label: Label
    change: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A label about no single change."""

    label: Label
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisclosedLater:
    """A notice that speaks of a change and is not in the newer side, `delay_seconds` after the change was captured.

    It came in a later snapshot, or it stood in one between the two sides and is gone again.
    """

    revision: str
    captured_at: datetime
    notice: str
    delay_seconds: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be thought of one change. `otherwise`: the notice speaks of it, and says the contrary."""

    change: str
    severity: Severity
    disclosure: Disclosure
    notice: str | None = None
    disclosed_later: DisclosedLater | None = None
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A snapshot before the two sides, by the digest of its article.md: a text that returns is a revert."""

    revision: str
    captured_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change between two earlier snapshots that no notice had mentioned so far."""

    revision: str
    captured_at: datetime
    change: Change


@dataclass(frozen=True, slots=True)
class LaterNotice:
    """A notice that came in a snapshot after both sides, or between them."""

    revision: str
    captured_at: datetime
    notice: Notice


@dataclass(frozen=True, slots=True)
class SeenTitles:
    """The headline of one snapshot, and what its metadata gives for one: wordings that come back are alternating."""

    revision: str
    captured_at: datetime
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What annotate may know beyond the two sides. `titles` are those of all snapshots, in capture order."""

    earlier: tuple[EarlierText, ...] = ()
    open: tuple[OpenChange, ...] = ()
    later: tuple[LaterNotice, ...] = ()
    titles: tuple[SeenTitles, ...] = ()
    as_of: datetime | None = None  # capture time of the latest snapshot considered


@dataclass(frozen=True, slots=True)
class ArticleName:
    """How an article is shown."""

    branch: str | None
    url: str | None
    headline: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """Where one side of a report comes from; what is not known is None (a file has no revision).

    `missed` counts the checks between `seen_since` and the capture that should have been and were not.
    """

    revision: str | None = None
    captured_at: datetime | None = None
    published: str | None = None
    modified: str | None = None
    lens: Lens | None = None
    seen_since: datetime | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """When a change between two snapshots that are not neighbours came: between `since` and the capture that has it.

    `steps` counts the snapshots in which its words were changed on the way, 1 where it came all at once.
    """

    change: str
    revision: str
    since: datetime
    captured_at: datetime
    steps: int = 1


@dataclass(frozen=True, slots=True)
class Counts:
    changes: int
    words_added: int
    words_removed: int
    labels: tuple[tuple[str, int], ...]  # sorted by label


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that can be said about two snapshots: renderers, notifiers and pages see nothing else."""

    article: ArticleName
    before: Side
    after: Side
    as_of: datetime | None
    diff: Diff
    annotations: tuple[Annotation, ...]
    judgements: tuple[Judgement, ...]  # one a change, in the order of diff.changes
    notices: tuple[Notice, ...]
    findings: tuple[Finding, ...]
    result: Result
    verdict: Verdict
    counts: Counts
    steps: tuple[Step, ...] = ()  # only where the sides are not neighbours, and only of changes whose way is known

    def labels(self, change: Change) -> tuple[Annotation, ...]:
        """The annotations of one change."""
        return tuple(note for note in self.annotations if note.change == change.id)

    def judgement(self, change: Change) -> Judgement:
        """The judgement of one change."""
        return next(judgement for judgement in self.judgements if judgement.change == change.id)


@dataclass(frozen=True, slots=True)
class Outline:
    """A report in a few figures, for a log. `labels` are sorted (label, count)."""

    changes: int
    words_added: int
    words_removed: int
    labels: tuple[tuple[str, int], ...]
    result: Result
    verdict: Verdict


# --- what one page alone shows ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the page that a notice probably speaks of, and why we think so."""

    block: int
    text: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeReading:
    """A notice found on a page that has no earlier snapshot, with the passages it probably speaks of."""

    notice: Notice
    passages: tuple[Passage, ...]


class SlipKind(StrEnum):
    """What may be wrong: a word set twice, one name spelled several ways, two numbers for the same thing."""

    DOUBLED_WORD = "doubled-word"
    NAME_SPELLING = "name-spelling"
    NUMBERS_DISAGREE = "numbers-disagree"


@dataclass(frozen=True, slots=True)
class Slip:
    """Something that an editor would look at. `forms` are the words as they stand, `where` (block, start) of each."""

    kind: SlipKind
    forms: tuple[str, ...]
    where: tuple[tuple[int, int], ...]
    remark: str
