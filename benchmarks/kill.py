"""TARGETS "The store", nothing acknowledged is lost: programs at work on one store, all killed at random moments.

    python benchmarks/kill.py [--runs 500] [--captures 2000] [--kinds write gc ...] [--seed N]

First two writers store that many captures each, on shared and on separate articles, and nobody is killed. Then, run
after run, two writers and one program of another kind are at work on a store, and their process group gets SIGKILL.
After each run it must hold that what was acknowledged is reachable, no text is without its page, `git fsck --full`
finds nothing, every article that was being written takes its next capture at once, and index and state agree with git.
Prints the totals by kind of work. Ends with 1, and keeps the store, where anything does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tracker.cli
from tests.site import PARAGRAPHS, capture, page
from tests.store_support import git
from tracker.model import Check, Outcome
from tracker.pipeline import Terms, keep
from tracker.store import Standing, Store, Trust, examine, load_key, make_key, open_store
from tracker.store.locks import YOUNG_SECONDS, folder_of

Say = Callable[[str], object]
Work = Callable[[Path, str, Say], None]

AT_ONCE_SECONDS = 8.0  # a lock left behind would cost ten
RUNS_A_STORE = 20  # then a new one, so that what is killed is also the first of everything
SHARED = "https://daily.example/shared"


# --- what is at work ------------------------------------------------------------------------------------------


def look(store: Store, url: str, number: int, name: str, *, status: int = 200) -> Check:
    """One live look at an article, whose text is new each time."""
    texts = [f"{text} ({url})" for text in PARAGRAPHS]
    texts[0] += f" That makes {number}, {name} said."
    found = capture(datetime.now(UTC), page(texts, canonical=url, nonce=number), url=url, status=status)
    return keep(store, found)


def write(folder: Path, name: str, say: Say, captures: int | None = None) -> None:
    """A writer: a shared article, one of its own, now and then a new one or a wall; says each look before and after."""
    with open_store(folder) as store:
        for number in count() if captures is None else range(captures):
            own = f"https://daily.example/{name}"
            url = SHARED if number % 2 else f"{own}-{number}" if number % 8 == 6 else own
            say(f"try {url}")
            check = look(store, url, number, name, status=403 if number % 20 == 18 else 200)
            if check.snapshot:
                say(f"stored {url} {check.snapshot.revision}")
            if number % 5 == 4:
                store.copy_state()
                say("copied")


def tell(folder: Path, *arguments: str | Path) -> None:
    """One command of tracker's. Raises SystemExit where it does not end well."""
    line = [*map(str, arguments), "--store", str(folder)]
    if code := tracker.cli.run(tracker.cli.main, line, "tracker"):
        raise SystemExit(f"tracker {' '.join(line)} ended with {code}")


def command(*arguments: str) -> Work:
    """A command, over and over."""

    def work(folder: Path, _: str, say: Say) -> None:
        while True:
            say("begun")
            tell(folder, *arguments)
            say("done")

    return work


def snap_many(folder: Path, name: str, say: Say) -> None:
    """Many files at once, each an article of its own in a few versions; what is stored is said in JSON."""
    place = folder.parent / f"pages-{name}"
    place.mkdir(exist_ok=True)
    files = [place / f"{number}.html" for number in range(60)]
    for turn in count():
        for number, file in enumerate(files):
            url = f"https://other.example/{name}-{number}"
            texts = [f"{text} ({url}, {turn})" for text in PARAGRAPHS]
            file.write_bytes(page(texts, canonical=url, nonce=turn))
        say("begun")
        tell(folder, "snap", "--json", *files)
        say("done")


def push(folder: Path, _: str, say: Say) -> None:
    """Everything that the writers have stored meanwhile, to a bare repository."""
    command("push", "-q", str(remote_of(folder)))(folder, "", say)


def pull(folder: Path, name: str, say: Say) -> None:
    """From another store that goes on with the same articles and has some of its own."""
    with open_store(folder.parent / f"other-{name}", create=True) as other:
        for number in count():
            look(other, SHARED, number, f"the other {name}")
            look(other, f"https://daily.example/other-{name}", number, "the other")
            say("begun")
            tell(folder, "pull", "-q", other.path)
            say("done")


def prune(folder: Path, name: str, say: Say) -> None:
    """Pages of captures that were made long ago."""
    url = f"https://daily.example/old-{name}"
    with open_store(folder) as store:
        for number in count():
            for step in range(3):
                when = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=3 * number + step)
                texts = [f"{text} ({url}, {number}, {step})" for text in PARAGRAPHS]
                keep(store, capture(when, page(texts, canonical=url), url=url), Terms(dated=True))
            say("begun")
            tell(folder, "prune", "--raw-older-than", "1d", "--decision", "a rule")
            say("done")


def delete(folder: Path, name: str, say: Say) -> None:
    """An article, a moment after it was stored; says which of its revisions can be nowhere any more."""
    with open_store(folder) as store:
        for number in count():
            url = f"https://daily.example/doomed-{name}-{number}"
            stored = [look(store, url, step, name).snapshot for step in range(2)]
            say("begun")
            tell(folder, "delete", url, "--reason", "a demand", "--yes")
            for snapshot in filter(None, stored):
                say(f"gone {snapshot.revision}")
            say("done")


def back_up(folder: Path, _: str, say: Say) -> None:
    """The store, as it is while others write, to the same place again and again."""
    command("backup", "-q", str(copy_of(folder)))(folder, "", say)


def copy_of(store: Path) -> Path:
    """Where a store is backed up."""
    return store.parent / "copy"


def remote_of(store: Path) -> Path:
    """The repository that a store is pushed to."""
    return store.parent / "remote.git"


def seal(folder: Path, _name: str, say: Say) -> None:
    """Seal what the writers store, over and over, with a key of the store's own."""
    path = folder.with_name("key") / "seal_key"
    make_key(path, "kill")
    with open_store(folder) as store:
        while True:
            say("begun")
            made = store.evidence.seal(load_key(path), datetime.now(UTC))
            if made.seal:
                say(f"sealed {made.seal.ref}")
            say("done")


# What is at work beside two writers.
KINDS: dict[str, Work | None] = {
    "write": None,
    "reindex": command("doctor", "--reindex", "-q"),
    "gc": command("gc", "-q"),
    "gc-all": command("gc", "--all", "-q"),
    "seal": seal,
    "snap": snap_many,
    "push": push,
    "pull": pull,
    "prune": prune,
    "backup": back_up,
    "delete": delete,
}


# --- at work, and killed --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Gang:
    """Forked processes in one process group, each with a log that outlives it."""

    folder: Path
    members: dict[int, Path] = field(default_factory=dict)
    group: int = 0

    def start(self, name: str, work: Callable[[Say], None]) -> None:
        """Put one more process to work."""
        log = self.folder / name
        for file in (log, log.with_suffix(".err")):
            file.touch()
        pid = os.fork()
        if not pid:
            os._exit(_work(log, self.group, work))
        self.group = self.group or pid
        self.members[pid] = log

    def wait_for_a_word(self, word: str = "") -> None:
        """Until each has said something, and one of them this."""
        deadline = time.monotonic() + 60
        logs = self.members.values()
        while not (all(log.stat().st_size for log in logs) and any(word in log.read_text() for log in logs)):
            assert time.monotonic() < deadline, "nobody says anything"
            time.sleep(0.001)

    def kill(self) -> list[str]:
        """SIGKILL to all of them, and to the git that they have started. What ended before, which none may."""
        for pid in self.members:  # the group must be there, also where a child has not run yet
            _join(pid, self.group)
        os.killpg(self.group, signal.SIGKILL)
        return self.ended(killed=True)

    def ended(self, *, killed: bool) -> list[str]:
        """The complaints of those that ended otherwise than they should."""
        wanted = -signal.SIGKILL if killed else 0
        codes = {log: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, log in self.members.items()}
        return [
            f"{log.name} ended with {code}: {log.with_suffix('.err').read_text()}"
            for log, code in codes.items()
            if code != wanted
        ]

    def said(self) -> Iterator[list[str]]:
        """The words of each line that was written whole, also of what commands print for programs."""
        for log in self.members.values():
            yield from map(str.split, _whole_lines(log))
            for line in _whole_lines(log.with_suffix(".err")):
                if line.startswith("{") and (said := json.loads(line)).get("revision"):
                    yield ["stored", said["url"], said["revision"]]


def _whole_lines(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def _work(log: Path, group: int, work: Callable[[Say], None]) -> int:
    """The life of one process; its exit code."""
    _join(0, group)
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    complaints = os.open(log.with_suffix(".err"), os.O_WRONLY)
    os.dup2(complaints, 1)
    os.dup2(complaints, 2)
    try:
        work(lambda line: os.write(handle, f"{line}\n".encode()))
    except BaseException:  # noqa: BLE001 - a forked child must not go on as its parent
        traceback.print_exc()
        sys.stderr.flush()
        return 1
    return 0


def _join(pid: int, group: int) -> None:
    try:
        os.setpgid(pid, group)
    except PermissionError:  # it has begun another program: then it has joined before
        return


# --- what must hold -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stage:
    """One store, and all that was acknowledged on it."""

    folder: Path
    acknowledged: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    sealed: set[str] = field(default_factory=set)
    looks: Counter[str] = field(default_factory=Counter)

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def begin(self) -> None:
        """An empty store, and an empty repository to push it to."""
        self.folder.mkdir(parents=True)
        open_store(self.store, create=True).close()
        git(self.folder, "init", "-q", "--bare", str(remote_of(self.store)))

    def wrongs(self, touched: Sequence[str]) -> Iterator[str]:
        """Whatever does not hold."""
        bare = self.store / "articles.git"
        if lost := self.acknowledged - set(git(bare, "rev-list", "--branches").split()):
            yield f"lost: {sorted(lost)}"
        if lacking := keys(bare, "refs/heads/*") - keys(bare, "refs/raw/*"):
            yield f"texts without their page: {sorted(lacking)}"
        if said := git(bare, "fsck", "--full", "--no-dangling", "--no-progress", check=False):
            yield f"git fsck: {said}"
        with open_store(self.store) as store:
            yield from self._locked(store, touched)
            yield from self._lists(store)
            yield from self._seals(store)
            time.sleep(YOUNG_SECONDS)
            store.sweep()  # what nobody met; a lock is left alone while it may be a living writer's
            locks = [
                path for path in bare.glob("refs/**/*.lock") if "incoming" not in path.parts
            ]  # the next pull's task
            if left := [*locks, *bare.glob("objects/tmp_obj_*-*_*"), *_other_writers(store)]:
                yield f"left behind: {left}"
        examine(self.store, mend=True)  # finishes what was being removed
        if ailments := [each for each in examine(self.store) if not each.minor]:
            yield f"doctor: {ailments}"
        if there := [
            each for each in self.gone if not git(bare, "cat-file", "-t", each, check=False).startswith("fatal")
        ]:
            yield f"deleted, and still there: {there}"
        yield from self._remote(remote_of(self.store))
        yield from self._copy(copy_of(self.store))

    def _copy(self, copy: Path) -> Iterator[str]:
        """A backup is whole, whenever it was stopped, and goes on."""
        if not (copy / "articles.git").exists():
            return
        if lacking := keys(copy / "articles.git", "refs/heads/*") - keys(copy / "articles.git", "refs/raw/*"):
            yield f"texts without their page in the backup: {sorted(lacking)}"
        if said := git(copy / "articles.git", "fsck", "--full", "--no-dangling", "--no-progress", check=False):
            yield f"git fsck on the backup: {said}"
        with open_store(self.store) as store:
            store.backup.write(copy)
            listing = "--format=%(objectname) %(refname)", "refs/heads", "refs/raw"
            if git(copy / "articles.git", "for-each-ref", *listing) != git(
                self.store / "articles.git", "for-each-ref", *listing
            ):
                yield "the backup is not as the store is"

    def _remote(self, remote: Path) -> Iterator[str]:
        """What was pushed is whole, whenever that ended."""
        if lacking := keys(remote, "refs/heads/*") - keys(remote, "refs/raw/*"):
            yield f"texts without their page on the remote: {sorted(lacking)}"
        git(remote, "fsck", "--full", "--no-dangling", "--no-progress")

    def _locked(self, store: Store, touched: Sequence[str]) -> Iterator[str]:
        """Everybody can write at once, take a page into quarantine, and out of it."""
        for url in touched:
            began = time.monotonic()
            check = look(store, url, time.time_ns(), "the next")
            if check.outcome not in (Outcome.NEW, Outcome.CHANGED) or not check.snapshot:
                yield f"{url}: {check}"
                continue
            self.acknowledged.add(check.snapshot.revision)
            self.looks[check.snapshot.article] += 1
            look(store, url, 0, "the wall", status=403)
            store.quarantine_drop(check.snapshot.article)
            store.copy_state()
            if (took := time.monotonic() - began) > AT_ONCE_SECONDS:
                yield f"the next write to {url} took {took:.1f} s"

    def _seals(self, store: Store) -> Iterator[str]:
        """No seal that was acknowledged is lost, and all that stand are whole chains over what is there."""
        if lost := self.sealed - set(git(store.repository.git_dir, "for-each-ref", "--format=%(refname)").split()):
            yield f"lost: {sorted(lost)}"
        said = store.evidence.verify(Trust()).statements if self.sealed else ()
        yield from (each.text for each in said if each.standing is Standing.BROKEN)

    def _lists(self, store: Store) -> Iterator[str]:
        """Index and state say what git says."""
        refs = git(store.repository.git_dir, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        tips = dict(line.split() for line in refs.splitlines() if not line.startswith("_about"))
        rows = store.articles()
        listed = {row.branch: store.history(row.branch) for row in rows if row.state != "tombstone"}
        buried = {row.branch for row in rows} - listed.keys()
        if {branch: history.tip for branch, history in listed.items()} != {
            branch: tip for branch, tip in tips.items() if branch not in buried
        }:
            yield f"the index lists {sorted(listed)}, git {sorted(tips)}"
        counts = {row.branch: row.snapshots for row in rows}
        if short := {branch for branch, found in listed.items() if counts[branch] != len(found.snapshots)}:
            yield f"the index counts the snapshots of {short} otherwise"
        for branch, looks in self.looks.items():
            if (logged := len(store.state.checks(branch))) < looks:
                yield f"{branch}: {looks} looks were acknowledged, {logged} are logged"
        for path in (store.state.path, store.path / "index.sqlite"):
            with closing(sqlite3.connect(path)) as db:
                if (verdict := db.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
                    yield f"{path}: {verdict}"


def _other_writers(store: Store) -> list[Path]:
    """Files of writers that are none of this process, which alone is left."""
    return [path for path in folder_of(store.repository).glob("*") if not path.name.startswith(f"{os.getpid()}-")]


def keys(bare: Path, glob: str) -> set[str]:
    """(time, digest) of all commits under some refs that name a capture."""
    trailers = "%(trailers:key=Captured-At,valueonly,separator=) %(trailers:key=Raw-SHA256,valueonly,separator=)"
    log = git(bare, "log", f"--glob={glob}", f"--format={trailers}")
    return {line for line in log.split("\n") if len(line.split()) == 2}


# --- the runs -------------------------------------------------------------------------------------------------


def peaceful(folder: Path, captures: int) -> Counter[str]:
    """Two writers to their end, nobody killed. Raises AssertionError where something does not hold."""
    stage = Stage(folder / "peace")
    stage.begin()
    gang = Gang(folder)
    for name in ("one", "two"):
        gang.start(name, lambda say, name=name: write(stage.store, name, say, captures))  # type: ignore[misc]
    complaints = gang.ended(killed=False)
    totals, touched = take_down(stage, gang)
    wrongs = [*complaints, *stage.wrongs(touched)]
    assert not wrongs, "\n".join(wrongs)
    assert totals["try"] == 2 * captures, totals
    return totals


def take_down(stage: Stage, gang: Gang) -> tuple[Counter[str], list[str]]:
    """Note what was acknowledged; how often each word was said, and the articles that were being written."""
    totals: Counter[str] = Counter()
    touched: dict[str, None] = {}
    for words in gang.said():
        totals[words[0]] += 1
        if words[0] == "try":
            touched[words[1]] = None
        if words[0] == "stored":
            stage.acknowledged.add(words[2])
        if words[0] == "gone":
            stage.gone.add(words[1])
        if words[0] == "sealed":
            stage.sealed.add(words[1])
    return totals, list(touched)


def killed(stage: Stage, folder: Path, kind: str, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """One run: what it came to, and what does not hold after it."""
    gang = Gang(folder)
    for name in ("one", "two"):
        gang.start(name, lambda say, name=name: write(stage.store, f"{name}-{folder.name}", say))  # type: ignore[misc]
    if work := KINDS[kind]:
        gang.start("other", lambda say: work(stage.store, folder.name, say))
    if (how := chance.random()) < 0.2:
        time.sleep(chance.uniform(0, 0.1))
    else:
        gang.wait_for_a_word("stored" if how < 0.6 else "")
        time.sleep(chance.uniform(0, 2.0 if work else 0.5))
    complaints = gang.kill()
    totals, touched = take_down(stage, gang)
    bare = stage.store / "articles.git"
    totals["locks"] = len([*bare.rglob("*.lock")])
    totals["drafts"] = len([*(bare / "objects").rglob("tmp_*")])
    totals["runs"] = 1
    totals["written after"] = len(touched)
    return totals, [*complaints, *stage.wrongs(touched)]


def runs(folder: Path, totals: dict[str, Counter[str]], number: int, chance: random.Random) -> None:
    """All runs, the kinds in turn, counted. Raises AssertionError at the first that leaves anything wrong."""
    kinds = list(totals)
    stage = Stage(folder)
    for run in range(number):
        if run % RUNS_A_STORE == 0:
            shutil.rmtree(stage.folder, ignore_errors=True)
            stage = Stage(folder / f"from-{run}")
            stage.begin()
        kind = kinds[run % len(kinds)]
        place = stage.folder / f"run-{run}"
        place.mkdir()
        came, wrongs = killed(stage, place, kind, chance)
        assert not wrongs, f"run {run}, {kind}, {stage.folder}:\n" + "\n".join(wrongs)
        totals[kind] += came
    shutil.rmtree(stage.folder, ignore_errors=True)


COLUMNS = ("runs", "try", "stored", "begun", "done", "locks", "drafts", "written after")


def table(totals: dict[str, Counter[str]]) -> str:
    """The totals, a line a kind of work."""
    rows = [("kind", *COLUMNS), *((kind, *(str(found[name]) for name in COLUMNS)) for kind, found in totals.items())]
    rows.append(("all", *(str(sum(found[name] for found in totals.values())) for name in COLUMNS)))
    return "\n".join(f"{row[0]:10}" + "".join(f"{cell:>14}" for cell in row[1:]) for row in rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Kill programs at work on a store, and look what is left of it.")
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--captures", type=int, default=2000, help="of each of two writers that nobody kills")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tracker-kill-"))
    os.environ["XDG_CONFIG_HOME"] = str(folder / "keys")  # where seals find theirs
    began = time.monotonic()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell has it ignored
    totals: dict[str, Counter[str]] = {kind: Counter() for kind in asked.kinds}
    try:
        said = peaceful(folder, asked.captures)
        print(f"two writers, nobody killed: {said['stored']} of {said['try']} looks stored, each of them reachable")
        runs(folder, totals, asked.runs, random.Random(asked.seed))  # noqa: S311 - any moment will do
    except AssertionError as error:
        sys.exit(f"{table(totals)}\nseed {asked.seed}: {error}")
    except KeyboardInterrupt:
        print("interrupted; until then:")
    print(table(totals))
    print(f"nothing lost, nothing locked, nothing half; {time.monotonic() - began:.0f} s")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
