"""The same pages as files for any web server: what changed passages show, no captured pages, no forms.

What was written is noted beside it, with what it was made from, so the next run draws only what has changed. While
a run is at work, the notes say that the folder may hold more than they name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath

from tracker.errors import UsageError
from tracker.pipeline import neighbours
from tracker.serve import paths
from tracker.serve.desk import Desk
from tracker.serve.guard import SITE_POLICY
from tracker.serve.look import Look, Page
from tracker.serve.pages.articles import article_page, articles_page
from tracker.serve.pages.diffs import diff_page
from tracker.serve.pages.others import day_page, days_page, host_page, hosts_page, stream_page
from tracker.serve.pages.snapshots import snapshot_page
from tracker.serve.pages.stream import Wanted
from tracker.serve.shell import assets_by_name, draw, edition

NOTES = ".tracker-site.json"
FOLDERS = ("a/", paths.ARTICLES, paths.HOSTS, paths.DAYS)  # there is nothing but pages in them
DRAFTS = ("index.html", ".index.html.new")  # a page, and one that is half written
NEWEST = 200  # articles on the page that lists them; those of each host are on the host's page

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What a run came to: pages there are, those that were written, those that were taken away."""

    pages: int
    written: int
    removed: int


@dataclass
class _Folder:
    """The folder of a site. `old` and `new` say of each file what it was made from."""

    root: Path
    old: dict[str, str]
    new: dict[str, str] = field(default_factory=dict)
    written: int = 0

    @cached_property
    def by_article(self) -> dict[str, list[str]]:
        """The pages that were there before, by the path of the article that they are of."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.old:
            found["/".join(path.split("/")[:3]) + "/"].append(path)
        return found

    def put(self, path: str, body: bytes, stamp: str = "") -> None:
        """Write a file, unless its bytes are there already."""
        self.new[path] = stamp
        target = self.root / path
        if target.is_file() and target.read_bytes() == body:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(target, body)
        self.written += 1

    def has(self, path: str, stamp: str) -> bool:
        """Is this page there, made from just this?"""
        return self.old.get(path) == stamp and (self.root / path).is_file()

    def keep(self, path: str) -> None:
        """A page that stays as it is."""
        self.new[path] = self.old[path]

    def clear(self) -> int:
        """Take away what no longer belongs to the site; how much that was."""
        gone = self.old.keys() - self.new.keys()
        for path in gone:
            target = self.root / path
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self.root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
        return len(gone)

    def note(self, *, at_work: bool) -> None:
        """Write down for the next run what is here; in the middle of one, what was here before it."""
        said = {"site": 1, "pages": self.old if at_work else self.new} | ({"at_work": True} if at_work else {})
        _write_whole(self.root / NOTES, json.dumps(said, indent=0, sort_keys=True).encode())


def write_site(desk: Desk, out: Path, look: Look, progress: Progress | None = None) -> Written:
    """Write the pages of a store into a folder, new or made by an earlier run. `progress` is told (done, all) articles.

    Raises UsageError for a folder with other things in it, or that cannot be written.
    """
    try:
        return _write(desk, out, replace(look, whole=look.house.whole), progress)
    except OSError as error:
        raise UsageError(f"cannot write the site into {out}: {error.strerror or error}; name another folder") from error


def _write(desk: Desk, out: Path, look: Look, progress: Progress | None) -> Written:
    folder = _Folder(out, _notes(out))
    out.mkdir(parents=True, exist_ok=True)
    folder.note(at_work=True)
    for name, (body, _) in assets_by_name().items():
        folder.put(f"static/{name}", body)
    articles = [row for row in desk.store.articles() if row.snapshots]  # a deleted one has no page
    for number, article in enumerate(articles, 1):
        _write_article(desk, folder, look, article.branch)
        if progress:
            progress(number, len(articles))
    for page in _store_pages(desk, look, {article.branch.partition("/")[0] for article in articles}):
        folder.put(_file(page.path), _drawn(page, look))
    removed = folder.clear()
    folder.note(at_work=False)
    return Written(len(folder.new), folder.written, removed)


def _write_article(desk: Desk, folder: _Folder, look: Look, branch: str) -> None:
    """All pages of an article, unless it is as it was; after looks that found nothing new, that of its life alone."""
    life, stamp = _file(paths.article(branch)), _stamp(desk, look, branch)
    looked = f"{stamp} {desk.store.state.stamp(branch)}"
    if folder.has(life, looked):
        folder.keep(life)
    else:
        folder.put(life, _drawn(article_page(desk, look, branch), look), looked)
    others = [path for path in folder.by_article.get(paths.article(branch), []) if path != life]
    if others and all(folder.has(path, stamp) for path in others):
        for path in others:
            folder.keep(path)
    else:
        for page in _article_pages(desk, look, branch):
            folder.put(_file(page.path), _drawn(page, look), stamp)


def _article_pages(desk: Desk, look: Look, branch: str) -> Iterator[Page]:
    """All but that of its life."""
    snapshots = desk.history(branch).snapshots
    pairs = [(a.revision, b.revision) for a, b in neighbours(desk.history(branch))]
    if len(snapshots) > 2:
        pairs.append((snapshots[0].revision, snapshots[-1].revision))
    for before, after in pairs:
        yield diff_page(desk, look, branch, before, after)
    for entry in snapshots:
        yield snapshot_page(desk, look, branch, entry.revision)


def _store_pages(desk: Desk, look: Look, hosts: set[str]) -> Iterator[Page]:
    yield stream_page(desk, look, Wanted())
    yield articles_page(desk, look, most=NEWEST)
    yield hosts_page(desk, look)
    yield days_page(desk, look)
    for host in sorted(hosts):
        yield host_page(desk, look, host)
    for day, _ in desk.store.reports.days():
        yield day_page(desk, look, day)


def _write_whole(file: Path, body: bytes) -> None:
    """A file that bears its name only once it is whole."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(body)
    beside.replace(file)


def _drawn(page: Page, look: Look) -> bytes:
    return draw(page, look, SITE_POLICY).encode("utf-8", "replace")


def _file(path: str) -> str:
    return f"{path}index.html"


def _stamp(desk: Desk, look: Look, branch: str) -> str:
    """What the pages of an article are made from, as a digest."""
    parts = (edition(), look.tz or "", str(look.full), look.house.base, *desk.store.stamp(branch))
    return sha256("\0".join(parts).encode()).hexdigest()[:20]


def _notes(out: Path) -> dict[str, str]:
    """What an earlier run has noted, and what it may have written before it was stopped; nothing for a new folder."""
    file = out / NOTES
    if not file.is_file():
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UsageError(f"{out} holds other things; name a new folder for the site")
        return {}
    try:
        said = json.loads(file.read_text("utf-8"))
        pages = {str(path): str(stamp) for path, stamp in said["pages"].items() if _is_inside(path)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} cannot be read; remove {out}, and the site is written anew") from error
    if said.get("at_work"):
        found = [each for folder in FOLDERS for name in DRAFTS for each in (out / folder).rglob(name)]
        pages |= {each.relative_to(out).as_posix(): "" for each in found}
    return pages


def _is_inside(path: str) -> bool:
    """Does a path of the notes, which anybody may have edited, stay in the folder?"""
    given = PurePosixPath(path)
    return not given.is_absolute() and ".." not in given.parts
