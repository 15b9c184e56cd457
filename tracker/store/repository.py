"""The bare repository of a store: how it is made, when it is believed, and how git is started on it.

A store may have come from anybody, so its config is read by us, strictly, before git sees it, and every git we start
runs without hooks, monitors, replaced objects and the user's own settings.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import NewerStore, NotAStore, StoreError
from tracker.store.flushing import flush, flush_folder
from tracker.store.objects import GitObject, ObjectWriter, Person, Stamp, blob, commit, tree
from tracker.store.packed_refs import PackedRefs
from tracker.store.settings import CONFIG, Setting, settings

if TYPE_CHECKING:
    from git import Git

FORMAT = 1
OLDEST_GIT = (2, 34)
# Why a store that was cloned without pages is not written, and what to do.
TEXTS_ONLY = "a store without the pages can only be read; clone it anew without --text to write"
IDENTITY = Person("tracker", "tracker@localhost.invalid")
ABOUT_REF = "refs/heads/_about"
# The first moment of the year in which format 1 was laid down: `_about` has the same id in every store.
ABOUT_STAMP = Stamp(IDENTITY, 1767225600)

_NO_ROOM_BYTES = 1 << 16
_VIEW = "tracker-view-"
_VIEW_SECONDS = 86_400  # so old, and locked by nobody, it was left by a process that was killed

_ID = re.compile(r"[0-9a-f]{40}")
_FORMAT = re.compile(rb"[0-9]{1,9}")


@dataclass(frozen=True)
class Repository:
    """Where a store's repository lies. `path` is the store's folder, `git_dir` its articles.git."""

    path: Path

    @functools.cached_property
    def git_dir(self) -> Path:
        return self.path / "articles.git"

    @functools.cached_property
    def objects(self) -> Path:
        return self.git_dir / "objects"

    def lock_of(self, ref: str) -> Path:
        """The file that git makes while it moves a ref."""
        return self.git_dir / f"{ref}.lock"

    def foreign_settings(self) -> list[Setting]:
        """Lines of the store's config that are outside our list."""
        return [setting for setting in self._settings() if not setting.allowed]

    def _settings(self) -> list[Setting]:
        try:
            data = (self.git_dir / "config").read_bytes()
        except FileNotFoundError:
            return []
        return list(settings(data.decode("utf-8", "replace")))

    @property
    def texts_only(self) -> bool:
        """Was this store cloned without pages? Then a remote is asked for its texts, and none for its pages."""
        keys = re.compile(r"remote\..*\.fetch")
        fetched = [each.value for each in self._settings() if keys.fullmatch(each.key)]
        ours = [value for value in fetched if ":refs/incoming/" in value]
        return bool(ours) and not any("refs/raw/" in value for value in fetched)

    def refs(self, *prefixes: str) -> dict[str, str]:
        """All refs, or those under these prefixes, and what they name."""
        listing: str = self.start().for_each_ref("--format=%(objectname) %(refname)", "--", *prefixes)
        return {name: object_id for object_id, _, name in (line.partition(" ") for line in listing.splitlines())}

    def start(self) -> Git:
        """A GitPython `Git` on this repository whose processes see nothing but this store.

        Raises StoreError where git is missing or too old.
        """
        git = load_git()(self.git_dir.absolute())
        git.update_environment(**self.environment())
        return git

    def environment(self) -> dict[str, str]:
        """What is laid over the process environment of a git that works on this store."""
        return closed_environment(self.git_dir)


def closed_environment(folder: Path) -> dict[str, str]:
    """The environment of a git that sees one repository alone: no settings of others, no hooks, no borrowed objects.

    GitPython can set variables, not remove them, so what must not hold is set to nothing.
    """
    git_dir = str(folder.absolute())
    config = {
        "safe.directory": git_dir,
        "core.fsync": "all",
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "core.logAllRefUpdates": "false",
        "core.warnAmbiguousRefs": "false",  # else an id is looked for in twelve places before it is taken for one
        "core.attributesFile": os.devnull,
        "gc.auto": "0",
        "maintenance.auto": "false",
    }
    environment = {
        "GIT_DIR": git_dir,
        "GIT_COMMON_DIR": git_dir,
        "GIT_WORK_TREE": git_dir,
        "GIT_OBJECT_DIRECTORY": str(folder.absolute() / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_SHALLOW_FILE": "",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(config)),
    }
    for number, (key, value) in enumerate(config.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


@functools.cache
def load_git() -> type[Git]:
    """GitPython's `Git`, once git is known to be there and new enough."""
    try:
        from git import Git  # GitPython looks for the program while it is imported
    except ImportError as error:
        raise StoreError("git is not on the path; install git 2.34 or newer") from error
    found = Git().version_info
    if found < OLDEST_GIT:
        raise StoreError(f"git {'.'.join(map(str, found))} is too old for the store; install git 2.34 or newer")
    return Git


def about() -> list[GitObject]:
    """The objects of the branch `_about`, its commit last. Fixed bytes: a change of them is a new format."""
    readme = blob(resources.files("tracker.store").joinpath("about.md").read_bytes())
    number = blob(b"%d\n" % FORMAT)
    listing = tree([("README.md", readme.id), ("format", number.id)])
    message = f"A store of news articles, format {FORMAT}\n"
    return [readme, number, listing, commit(listing.id, (), ABOUT_STAMP, ABOUT_STAMP, message)]


def links(repository: Repository) -> list[Path]:
    """Links among a store's own files and folders, which might lead a writer, or a sweep, to another place."""
    found: list[Path] = []
    for folder in (repository.path, repository.git_dir, repository.git_dir / "refs", repository.objects):
        with os.scandir(folder) as entries:
            found += [Path(each.path) for each in entries if each.is_symlink()]
    return found


def open_repository(path: Path, *, create: bool) -> Repository:
    """The repository of the store at `path`, made there first if `create`.

    Its config is checked; its format is not yet (`check_format`, which needs a reader).
    Raises NotAStore, or StoreError where the place cannot be used.
    """
    repository = Repository(path)
    try:
        if not (repository.git_dir / "HEAD").is_file():
            if not create:
                raise NotAStore(f"no store at {path}; make one with `tracker snap URL --store {path}`")
            _create(repository)
        found = links(repository)
    except OSError as error:
        raise refusal(error, path) from error
    if found:
        raise StoreError(f"{found[0]} is a link, and tracker follows none in a store; put what it names in its place")
    if foreign := repository.foreign_settings():
        refuse_newer(repository)
        raise StoreError(
            f"the store at {path} has a git setting that tracker does not trust ({foreign[0].line.strip()!r}); "
            f"look at {repository.git_dir / 'config'} and run `tracker doctor`"
        )
    return repository


def check_format(path: Path | str, number: bytes | None) -> None:
    """Is this a store, and not a newer one? `path` is what it is called.

    `number` is the file `format` of `_about`, None where there is none. Raises NotAStore, NewerStore.
    """
    if number is None:
        raise NotAStore(
            f"the repository in {path} is not a store (it has no branch _about); "
            f"make one elsewhere with `tracker snap URL --store DIR`"
        )
    stated = _stated_format(number)
    if stated is None:
        raise StoreError(f"the store at {path} does not say its format; run `tracker doctor`")
    if stated > FORMAT:
        raise NewerStore(
            f"the store at {path} has format {stated}, this tracker knows format {FORMAT}; upgrade tracker"
        )


def _stated_format(number: bytes) -> int | None:
    """The format that a store says it has. Python reads no number of thousands of digits, and no tracker writes one."""
    found = _FORMAT.fullmatch(number.strip())
    return int(found[0]) if found else None


def refuse_newer(repository: Repository) -> None:
    """Raise NewerStore where a store is of a newer format; its settings, which may be those of that, are not read."""
    try:
        tip = (repository.git_dir / ABOUT_REF).read_text("ascii", "replace").strip()
    except OSError:
        tip = PackedRefs(repository.git_dir / "packed-refs").find(ABOUT_REF) or ""
    if not _ID.fullmatch(tip):
        return
    with view({ABOUT_REF: tip}) as folder:
        git = load_git()(folder)
        git.update_environment(**closed_environment(folder))
        git.update_environment(GIT_OBJECT_DIRECTORY=str(repository.objects.absolute()))
        said = git.cat_file("blob", f"{tip}:format", with_extended_output=True, with_exceptions=False)[1]
    if _stated_format(number := str(said).encode("utf-8", "replace")) is not None:
        check_format(repository.path, number)


@contextmanager
def view(refs: Mapping[str, str]) -> Iterator[Path]:
    """A repository of these refs alone, to be used on a store's objects: its own refs and settings count for nothing.

    The store's refs may move at any moment, and a text that moved after its page was sent would arrive without it.
    """
    with tempfile.TemporaryDirectory(prefix=_VIEW) as name, _opened_folder(Path(name)) as handle:
        with suppress(OSError):  # a disk without locks: on that nothing is swept
            fcntl.flock(handle, fcntl.LOCK_SH)
        folder = Path(name)
        (folder / "refs").mkdir()
        (folder / "HEAD").write_text(f"ref: {ABOUT_REF}\n", "utf-8")
        (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n", "utf-8")
        rows = "".join(f"{revision} {ref}\n" for ref, revision in sorted(refs.items()))
        (folder / "packed-refs").write_text(f"# pack-refs with: sorted \n{rows}", "utf-8")
        yield folder


def sweep_views() -> None:
    """Remove the views that processes of this user have left behind which were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_VIEW}*"):
        with suppress(OSError), _opened_folder(folder) as handle:
            found = os.fstat(handle)
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > _VIEW_SECONDS:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


def _create(repository: Repository) -> None:
    """Lay the repository down under another name, whole and flushed, and rename it: half a store never shows."""
    repository.path.mkdir(parents=True, exist_ok=True)
    draft = repository.path / f"articles.git.{uuid.uuid4().hex}"
    try:
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (draft / folder).mkdir(parents=True)
        objects = about()
        ObjectWriter(draft / "objects", "create").write(objects)
        _write_durably(draft / "config", CONFIG)
        _write_durably(draft / ABOUT_REF, objects[-1].id + "\n")
        _write_durably(draft / "HEAD", f"ref: {ABOUT_REF}\n")
        for folder in ("refs/heads", "refs", "objects", "."):
            flush_folder(draft / folder)
        with _another_was_first(repository):
            draft.rename(repository.git_dir)
        flush_folder(repository.path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _another_was_first(repository: Repository) -> Iterator[None]:
    """Two processes may make the same store at once: the one that comes second uses what is there."""
    try:
        yield
    except OSError:
        if not (repository.git_dir / "HEAD").is_file():
            raise


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        flush(file.fileno())


def is_full(path: Path) -> bool:
    """Is there no room worth mentioning? Git does not always say why it could not write."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize < _NO_ROOM_BYTES


def no_space(path: Path) -> StoreError:
    """The disk of the store at `path` is full, and what was to be written has not become visible."""
    return StoreError(f"no space left for the store at {path}; nothing was stored, free some space and try again")


def refusal(error: OSError, path: Path) -> StoreError:
    """What the operating system said, as one line for a person."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return no_space(path)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreError(f"the store at {path} may not be written ({error.strerror}); check who owns it")
    return StoreError(f"the store at {path} cannot be used: {error}")
