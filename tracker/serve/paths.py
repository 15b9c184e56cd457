"""Where each page is. A path names an article by its branch and a snapshot by its revision, so a link to it lasts."""

from __future__ import annotations

from posixpath import relpath

STREAM = ""
ARTICLES = "articles/"
HOSTS = "hosts/"
SEARCH = "search/"
HEALTH = "health/"
DAYS = "days/"

DIGITS = 12  # of a revision: unique among those of one article, which is where it is looked up


def article(branch: str) -> str:
    """The life of an article."""
    return f"a/{branch}/"


def diff(branch: str, before: str, after: str) -> str:
    """What was changed between two snapshots."""
    return f"a/{branch}/diff/{before[:DIGITS]}..{after[:DIGITS]}/"


def change(branch: str, before: str, after: str, name: str) -> str:
    """One change, on the page of its diff."""
    return f"{diff(branch, before, after)}#{anchor(name)}"


def reviews(branch: str, before: str, after: str, name: str) -> str:
    """What reviewers said of one change, on the page of its diff."""
    return f"{diff(branch, before, after)}#review-{name}"


def anchor(name: str) -> str:
    """Where on the page of a diff the change with this id is."""
    return f"change-{name}"


def snapshot(branch: str, revision: str) -> str:
    """One snapshot: since when its sentences stand."""
    return f"a/{branch}/at/{revision[:DIGITS]}/"


def host(name: str) -> str:
    """What is known of one host."""
    return f"{HOSTS}{name}/"


def day(name: str) -> str:
    """All changes that were captured on one day, written as 2015-05-31."""
    return f"{DAYS}{name}/"


def relative(target: str, here: str) -> str:
    """The way from one page to another, so that pages can lie under any address.

    >>> relative("hosts/", "a/news.example/story/")
    '../../../hosts/'
    >>> relative("a/x/y/#change-1", "a/x/y/")
    './#change-1'
    """
    path, mark, rest = _parted(target)
    way = relpath(f"/{path}", f"/{here.rpartition('/')[0]}")
    slash = "/" if not path or path.endswith("/") else ""
    return f"{way}{slash}{mark}{rest}"


def _parted(target: str) -> tuple[str, str, str]:
    """A path, and the query or the fragment that follows it."""
    cut = min((place for place in map(target.find, "?#") if place >= 0), default=len(target))
    return target[:cut], target[cut : cut + 1], target[cut + 1 :]
