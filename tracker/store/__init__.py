"""The store: every version of every article, in a git repository that any git client can read.

The only room that knows git. `open_store` is the door; docs/store.md says what lies on the disk.
"""

from tracker.store.commits import Entry, Kind
from tracker.store.doctor import Ailment, examine
from tracker.store.history import History
from tracker.store.index import ArticleRow, QuarantineRow
from tracker.store.objects import Person
from tracker.store.refresh import ReindexSummary
from tracker.store.reports import ChangeQuery, ChangeRow
from tracker.store.store import Store, open_store

__all__ = [
    "Ailment",
    "ArticleRow",
    "ChangeQuery",
    "ChangeRow",
    "Entry",
    "History",
    "Kind",
    "Person",
    "QuarantineRow",
    "ReindexSummary",
    "Store",
    "examine",
    "open_store",
]
