"""The store: every version of every article, in a git repository that any git client can read.

The only room that knows git. `open_store` is the door; docs/store.md says what lies on the disk.
"""

from tracker.store.commits import Entry, Kind
from tracker.store.doctor import Ailment, examine
from tracker.store.history import History
from tracker.store.index import ArticleQuery, ArticleRow, QuarantineRow
from tracker.store.lessons import Lesson
from tracker.store.memory import HostMemory, Learned, SiteMemory, Story, host_of
from tracker.store.objects import Person
from tracker.store.refresh import ReindexSummary
from tracker.store.reports import ChangeQuery, ChangeRow
from tracker.store.repository import IDENTITY
from tracker.store.state_copy import Restored
from tracker.store.store import Store, open_store

__all__ = [
    "IDENTITY",
    "Ailment",
    "ArticleQuery",
    "ArticleRow",
    "ChangeQuery",
    "ChangeRow",
    "Entry",
    "History",
    "HostMemory",
    "Kind",
    "Learned",
    "Lesson",
    "Person",
    "QuarantineRow",
    "ReindexSummary",
    "Restored",
    "SiteMemory",
    "Store",
    "Story",
    "examine",
    "host_of",
    "open_store",
]
