"""The store: every version of every article, in a git repository that any git client can read.

The only room that knows git. `open_store` is the door; docs/store.md says what lies on the disk.
"""

from tracker.store.addresses import Address, Remote, address
from tracker.store.backup import BackedUp
from tracker.store.checkup import Ailment, Overview, overview
from tracker.store.clone import cloning
from tracker.store.commits import Entry, Kind
from tracker.store.deletion import Deletion
from tracker.store.doctor import examine
from tracker.store.evidence import Evidence, Verdict
from tracker.store.history import History
from tracker.store.index import QuarantineRow, ReindexSummary
from tracker.store.joining import Fate, Joining
from tracker.store.keys import Key, load_key, make_key
from tracker.store.lessons import Lesson
from tracker.store.listed import ArticleQuery, ArticleRow
from tracker.store.maintenance import Holdings, Upkeep
from tracker.store.memory import HostMemory, Learned, SiteMemory, Story, host_of
from tracker.store.objects import Person
from tracker.store.pages import Pruned
from tracker.store.pruning import Prunable
from tracker.store.pulling import Pulled
from tracker.store.pushing import Pushed
from tracker.store.refresh import Progress
from tracker.store.removal import Removed
from tracker.store.reports import ChangeQuery, ChangeRow, Tally
from tracker.store.repository import IDENTITY
from tracker.store.reviews import Review, Ruling, Weight
from tracker.store.seal_check import CheckedChain, CheckedSeal, Trust
from tracker.store.sealing import Sealed
from tracker.store.seals import Seal
from tracker.store.search import words_of
from tracker.store.state import Missed
from tracker.store.state_copy import Restored
from tracker.store.statements import Standing, Statement
from tracker.store.store import Store, open_store
from tracker.store.verify import ArticleProof, Page, Proof
from tracker.store.wire import Stage

__all__ = [
    "IDENTITY",
    "Address",
    "Ailment",
    "ArticleProof",
    "ArticleQuery",
    "ArticleRow",
    "BackedUp",
    "ChangeQuery",
    "ChangeRow",
    "CheckedChain",
    "CheckedSeal",
    "Deletion",
    "Entry",
    "Evidence",
    "Fate",
    "History",
    "Holdings",
    "HostMemory",
    "Joining",
    "Key",
    "Kind",
    "Learned",
    "Lesson",
    "Missed",
    "Overview",
    "Page",
    "Person",
    "Progress",
    "Proof",
    "Prunable",
    "Pruned",
    "Pulled",
    "Pushed",
    "QuarantineRow",
    "ReindexSummary",
    "Remote",
    "Removed",
    "Restored",
    "Review",
    "Ruling",
    "Seal",
    "Sealed",
    "SiteMemory",
    "Stage",
    "Standing",
    "Statement",
    "Store",
    "Story",
    "Tally",
    "Trust",
    "Upkeep",
    "Verdict",
    "Weight",
    "address",
    "cloning",
    "examine",
    "host_of",
    "load_key",
    "make_key",
    "open_store",
    "overview",
    "words_of",
]
