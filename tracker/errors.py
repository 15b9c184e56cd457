"""Everything that can go wrong in a way that a person can act on.

    TrackerError                 1 base of all; never raised itself
    ├── UsageError               2 wrong arguments
    ├── SomeFailed               3 some of many sources failed
    ├── ConfigError              4 configuration, or a missing extra
    ├── FetchError               5 the page could not be had
    │   ├── HostDown             5 no page of this host can be had: its name, its connection or its TLS
    │   ├── Unavailable          5 the server has to be left in peace for a while
    │   └── Refused              5 an address that we do not ask (private network, unknown scheme)
    │       └── Forbidden        5 the host's robots.txt does not allow this page
    ├── UnreadableError          6 nothing to read in what came
    │   ├── NotHtml              6 a PDF, an image, a program
    │   ├── NoArticle            6 a page with no article in it
    │   └── Blocked              6 a wall, an error page, an empty shell
    ├── StoreError               7 the store cannot be used
    │   ├── NotAStore            7 no store at this path
    │   ├── NewerStore           7 a store made by a newer tracker
    │   ├── DamagedStore         7 something that it should hold is missing or cannot be read
    │   ├── StoreBusy            7 another process holds it
    │   └── Conflict             7 the article moved between our look and our write; look again and retry
    ├── NotFound                 8 no such article or snapshot
    │   └── Deleted              8 an article that was deleted for good; it is not stored again
    └── NotifyError              9 a receiver did not take a message

The message of an error is one line for a person: what is wrong, then what to do about it.
`exit_code` is what the command line ends with. 70 (a bug in tracker) and 130 (interrupted) have no class here.
"""

from __future__ import annotations

from datetime import datetime


class TrackerError(Exception):
    """Base of every error that tracker raises on purpose."""

    exit_code = 1


class UsageError(TrackerError):
    """The arguments do not make sense together; the message says what to type."""

    exit_code = 2


class SomeFailed(TrackerError):
    """Some of many sources failed; each has had its own line."""

    exit_code = 3


class ConfigError(TrackerError):
    """A setting is wrong or an extra is missing; the message names the line or what to install."""

    exit_code = 4


class FetchError(TrackerError):
    """The page could not be had: name, connection, time, size, redirects or status."""

    exit_code = 5


class HostDown(FetchError):
    """No page of `host` can be had for now: the name does not resolve, nobody listens, or TLS fails."""

    def __init__(self, host: str, message: str) -> None:
        super().__init__(message)
        self.host = host


class Unavailable(FetchError):
    """The server of `host` is in trouble, so that we do not know what it allows; nothing is asked until `until`."""

    def __init__(self, host: str, message: str, until: datetime) -> None:
        super().__init__(message)
        self.host = host
        self.until = until


class Refused(FetchError):
    """We do not ask this address; the message says which rule stands in the way."""


class Forbidden(Refused):
    """The host's robots.txt does not allow this page to us; `rule` is its line."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class UnreadableError(TrackerError):
    """What came holds nothing that can be read as an article."""

    exit_code = 6


class NotHtml(UnreadableError):
    """The bytes are not an HTML page."""


class NoArticle(UnreadableError):
    """The page is HTML but has no article text."""


class Blocked(UnreadableError):
    """The page is a wall, an error page or an empty shell; the message says which."""


class StoreError(TrackerError):
    """The store cannot be read or written."""

    exit_code = 7


class NotAStore(StoreError):
    """There is no store at this path; reading commands never make one."""


class NewerStore(StoreError):
    """The store's format is newer than this tracker; upgrade tracker."""


class DamagedStore(StoreError):
    """Something that the store should hold is missing or cannot be read."""


class StoreBusy(StoreError):
    """Another process holds a lock for too long; try again when it is done."""


class Conflict(StoreError):
    """The article's branch moved between our look and our write: read it again and decide again."""


class NotFound(TrackerError):
    """No article or snapshot answers to that name; the message says how to list what there is."""

    exit_code = 8


class Deleted(NotFound):
    """The article was deleted for good: only a tombstone with the reason is left, and nothing is stored of it again."""


class NotifyError(TrackerError):
    """A receiver did not take a message; it is kept, and tried again."""

    exit_code = 9
