"""What goes wrong between stores: others push too, machines die, branches are moved by hand, strangers join in."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_support import OTHER, OTHER_URL, run
from tests.sharing_support import alike, bare_repository, in_step, look, pulled, pushed, start_machine, tips, whole
from tests.site import URL, edited, hour
from tests.store_support import git, history_of
from tracker.errors import StoreError
from tracker.pipeline import pull, push
from tracker.store import Fate, Store, open_store
from tracker.store.repository import view
from tracker.store.sharing import SharingLock

MORE = edited(0, "12 people", "21 people")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return bare_repository(tmp_path / "hub.git")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    with (
        open_store(tmp_path / "one", create=True) as one,
        open_store(tmp_path / "two", create=True) as two,
    ):
        yield one, two


# --- several machines at once -------------------------------------------------------------------------------------


@pytest.fixture(params=["file", "git daemon"])
def served(request: pytest.FixtureRequest, hub: Path) -> Iterator[str]:
    """The address of the repository in the middle."""
    if request.param == "file":
        yield hub.as_uri()
        return
    where = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    if not (Path(where) / "git-daemon").exists():
        pytest.skip("git daemon is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--listen=127.0.0.1", f"--port={port}", f"--base-path={hub.parent}", "--export-all"]
    daemon = subprocess.Popen(
        ["git", "daemon", *options, "--enable=receive-pack", "--reuseaddr"], start_new_session=True
    )
    try:
        while daemon.poll() is None:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"git://127.0.0.1:{port}/{hub.name}"
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)
        daemon.wait()


@pytest.mark.slow
def test_two_machines_that_capture_and_push_at_once_lose_nothing(tmp_path, hub, served):
    count = int(os.environ.get("TRACKER_CAPTURES", "12"))
    folders = [tmp_path / name for name in ("one", "two")]
    machines = [start_machine(folder, folder.name, count, served) for folder in folders]
    said = [revision for machine in machines for revision in machine.communicate(timeout=300)[0].split()]
    assert [machine.returncode for machine in machines] == [0, 0]
    assert len(set(said)) == 2 * count
    with open_store(folders[0]) as one, open_store(folders[1]) as two:
        in_step((one, two), served)
        alike(hub, one, two)
    for repository in (hub, *(folder / "articles.git" for folder in folders)):
        assert set(said) <= set(git(repository, "rev-list", "--branches").split())


@pytest.mark.slow
def test_machines_that_are_killed_while_they_share_lose_nothing(tmp_path, hub):
    kills = int(os.environ.get("TRACKER_KILLS", "3"))
    chance = random.Random()  # noqa: S311 - any moment will do
    folders = [tmp_path / name for name in ("one", "two")]
    said: set[str] = set()
    for _ in range(kills):
        machines = [start_machine(folder, folder.name, 10_000, str(hub)) for folder in folders]
        outputs = [machine.stdout for machine in machines if machine.stdout]
        said |= {output.readline().strip() for output in outputs}
        time.sleep(chance.uniform(0, 1.5))
        for machine, output in zip(machines, outputs, strict=True):
            os.killpg(machine.pid, signal.SIGKILL)
            said |= {line.strip() for line in output if line.endswith("\n")}
            machine.wait()
            output.close()
        for repository in (hub, *(folder / "articles.git" for folder in folders)):
            whole(repository)
        with open_store(folders[0]) as one, open_store(folders[1]) as two:
            in_step((one, two), hub)
            alike(hub, one, two)
        assert said <= set(git(hub, "rev-list", "--branches").split())
        assert not list(hub.rglob("*.lock"))


def test_only_one_push_or_pull_of_a_store_is_at_work(hub, stores, monkeypatch):
    one, _ = stores
    look(one, hour(1))
    monkeypatch.setattr("tracker.store.sharing.PATIENCE_SECONDS", 0.1)
    with SharingLock(one.path / "sharing.lock").held(), pytest.raises(StoreError, match="another push or pull"):
        pushed(one, hub)
    pushed(one, hub)


def test_the_next_push_removes_what_killed_ones_have_left_in_the_folder_for_temporary_files(
    hub, stores, tmp_path, monkeypatch
):
    one, _ = stores
    look(one, hour(1))
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    left, young, file, link = (place / f"tracker-view-{name}" for name in ("left", "young", "file", "link"))
    for folder in (left, young):
        (folder / "refs").mkdir(parents=True)
    file.touch()
    link.symlink_to(tmp_path / "two", target_is_directory=True)
    with view({}) as used:
        for path in (left, used, file, tmp_path / "two"):
            os.utime(path, (0, 0))
        pushed(one, hub)
        assert set(place.iterdir()) == {young, used, file, link}
    assert (tmp_path / "two" / "articles.git").is_dir()
    assert used not in place.iterdir()


def test_threads_take_turns_at_sharing_and_leave_the_lock_free(tmp_path, monkeypatch):
    lock, waits, shared = SharingLock(tmp_path / "sharing.lock"), threading.Event(), list[str]()
    wait = lock._wait

    def told(handle: int) -> None:
        waits.set()
        wait(handle)

    def share() -> None:
        with lock.held():
            lock.record(tmp_path, [])
            shared.append("second")

    second = threading.Thread(target=share)
    with lock.held():
        monkeypatch.setattr(lock, "_wait", told)
        second.start()
        assert waits.wait(60)
        lock.record(tmp_path, [])
        shared.append("first")
    second.join()
    assert shared == ["first", "second"]
    with lock.held():
        pass


def test_locks_that_a_killed_push_has_left_over_there_are_cleared(hub, stores):
    one, _ = stores
    branch = look(one, hour(1)).article
    pushed(one, hub)
    lock = SharingLock(one.path / "sharing.lock")
    with lock.held():
        lock.record(hub, [f"refs/heads/{branch}", "refs/../outside"])
    left = hub / f"refs/heads/{branch}.lock"
    left.touch()
    os.utime(left, (time.time() - 60, time.time() - 60))
    (hub / "outside.lock").touch()
    look(one, hour(2), *MORE)
    pushed(one, hub)
    assert not left.exists()
    assert (hub / "outside.lock").exists()


def test_a_pull_in_several_parts_says_how_far_it_is(hub, stores, monkeypatch):
    one, two = stores
    for number in range(5):
        look(one, hour(1), url=f"https://daily.example/story-{number}")
    pushed(one, hub)
    monkeypatch.setattr("tracker.store.pulling.BATCH", 3)
    monkeypatch.setattr("tracker.store.pulling.GROUP", 2)
    said: list[tuple[str, int, int]] = []
    pull(two, two.sharing.remote(str(hub), two.path), stage=lambda *told: said.append(told))
    assert [told[1:] for told in said if told[0] == "Looking at what came"] == [(2, 5), (3, 5), (5, 5)]


def test_what_a_killed_pull_has_left_is_done_again(hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article
    pushed(one, hub)
    repository = two.path / "articles.git"
    remote = two.sharing.remote(str(hub), two.path)
    into = f"refs/incoming/{remote.name}/heads/{branch}"
    git(repository, "fetch", "--quiet", str(hub), f"refs/heads/{branch}:{into}")
    (repository / f"{into}.lock").touch()
    packs = repository / "objects" / "pack"
    ended = subprocess.Popen(["true"])
    ended.wait()
    for name, pid in (("killed", ended.pid), ("alive", os.getpid())):
        (packs / f"pack-{name}.keep").write_text(f"fetch-pack {pid} on {os.uname().nodename}\n", "utf-8")
    assert pulled(two, hub).articles == {branch: Fate.NEW}
    assert [path.name for path in packs.glob("*.keep")] == ["pack-alive.keep"]
    alike(hub, one, two)


# --- moved by hand ------------------------------------------------------------------------------------------------


def test_a_branch_that_was_moved_back_over_there_comes_forward_again(hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article
    look(one, hour(2), *MORE)
    pushed(one, hub)
    for side in ("heads", "raw"):
        git(hub, "update-ref", f"refs/{side}/{branch}", f"refs/{side}/{branch}~1")
    pulled(one, hub)
    pushed(one, hub)
    pulled(two, hub)
    alike(hub, one, two)
    assert len(history_of(two, URL).snapshots) == 2


def test_a_branch_that_was_deleted_over_there_is_sent_again(hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article
    pushed(one, hub)
    git(hub, "update-ref", "-d", f"refs/heads/{branch}")
    pushed(one, hub)
    pulled(two, hub)
    alike(hub, one, two)


def test_commits_of_others_on_a_branch_are_left_out_and_hold_nothing_else_up(tmp_path, hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article or ""
    pushed(one, hub)
    ref = f"refs/heads/{branch}"
    git(hub, "update-ref", ref, git(hub, "commit-tree", "-p", ref, "-m", "by hand", f"{ref}^{{tree}}").strip())
    look(two, hour(2), *MORE)
    other = look(two, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves").article
    before = tips(hub)[ref]
    done = run(tmp_path, "push", hub, "--store", "two")
    assert done.returncode == 3
    assert "was not written by tracker" in done.stderr
    assert f"not sent: {branch}" in done.stderr
    assert done.stdout == f"Sent to {hub}: 1 article.\n"
    assert tips(hub)[ref] == before
    assert f"refs/heads/{other}" in tips(hub)
    assert [each.captured_at for each in history_of(two, URL).snapshots] == [hour(2)]


def test_a_branch_that_holds_another_article_is_left_out(hub, stores):
    one, two = stores
    branch = look(one, hour(1)).article
    other = look(one, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves").article
    pushed(one, hub)
    for side in ("heads", "raw"):
        git(hub, "update-ref", f"refs/{side}/{branch}", f"refs/{side}/{other}")
    done = pull(two, two.sharing.remote(str(hub), two.path))
    assert done.left_out == [f"{branch}: it is the history of an article with another address"]
    assert done.of(Fate.NEW) == [other]


def test_a_remote_that_refuses_a_ref_is_named(hub, stores):
    one, _ = stores
    branch = look(one, hour(1)).article
    look(one, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves")
    hook = hub / "hooks" / "update"
    hook.write_text(f'#!/bin/sh\n[ "$1" != refs/heads/{branch} ]\n', "utf-8")
    hook.chmod(0o755)
    done = push(one, one.sharing.remote(str(hub), one.path))
    assert list(done.refused) == [branch]
    assert "hook declined" in done.refused[branch or ""]
    assert len(done.articles) == 1


# --- strangers ----------------------------------------------------------------------------------------------------


class Stranger:
    """A repository that looks like a store, whose objects a stranger has made with plain git."""

    def __init__(self, repository: Path, model: Path, branch: str) -> None:
        self.repository = repository
        self.branch = branch
        git(repository, "fetch", "--quiet", str(model), "refs/heads/*:refs/heads/*", "refs/raw/*:refs/raw/*")

    def files(self, side: str) -> dict[str, str]:
        """name -> "mode kind id" of the branch as tracker wrote it."""
        rows = git(self.repository, "ls-tree", f"refs/{side}/{self.branch}").splitlines()
        return {row.partition("\t")[2]: row.partition("\t")[0] for row in rows}

    def blob(self, text: str) -> str:
        return git(self.repository, "hash-object", "-w", "--stdin", stdin=text).strip()

    def put(self, side: str, files: dict[str, str], said: str | None = None, date: str | None = None) -> None:
        """Replace the branch's commit: its message (else the old one), its date, a tree of these files."""
        ref = f"refs/{side}/{self.branch}"
        tree = git(self.repository, "mktree", stdin="".join(f"{how}\t{name}\n" for name, how in files.items())).strip()
        text = git(self.repository, "cat-file", "commit", ref)
        head, _, old = text.partition("\n\n")
        lines = [f"tree {tree}", *head.split("\n")[1:]]
        if date is not None:
            lines = [f"{line.rpartition('>')[0]}> {date} +0000" if "> " in line else line for line in lines]
        made = "\n".join(lines) + "\n\n" + (old if said is None else said)
        commit = git(self.repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=made).strip()
        git(self.repository, "update-ref", ref, commit)

    def change(self, side: str, name: str, old: str, new: str) -> None:
        """Change what one of the files says."""
        text = git(self.repository, "show", f"refs/{side}/{self.branch}:{name}")
        assert old in text
        self.put(side, self.files(side) | {name: f"100644 blob {self.blob(text.replace(old, new))}"})


@pytest.fixture
def stranger(tmp_path: Path, hub: Path, stores: tuple[Store, Store]) -> Stranger:
    one, _ = stores
    branch = look(one, hour(1)).article or ""
    look(one, hour(3), *OTHER, url=OTHER_URL, headline="Harbour master leaves")
    pushed(one, hub)
    return Stranger(bare_repository(tmp_path / "stranger.git"), hub, branch)


def _program(it: Stranger) -> None:
    files = it.files("heads")
    it.put("heads", files | {"article.md": files["article.md"].replace("100644", "100755")})


def _link(it: Stranger) -> None:
    it.put("heads", it.files("heads") | {"meta.json": f"120000 blob {it.blob('/etc/passwd')}"})


def _folder(it: Stranger) -> None:
    tree = git(it.repository, "mktree", stdin="").strip()
    it.put("raw", it.files("raw") | {"zz": f"040000 tree {tree}"})


def _one_more(it: Stranger) -> None:
    it.put("heads", it.files("heads") | {"run.sh": f"100644 blob {it.blob('rm -rf /')}"})


def _unreadable(it: Stranger) -> None:
    it.put("heads", it.files("heads") | {"article.md": f"100644 blob {it.blob('{nonsense] [(')}"})


def _deep(it: Stranger) -> None:
    it.put("heads", it.files("heads") | {"meta.json": f"100644 blob {it.blob('[' * 100_000)}"})


def _future(it: Stranger) -> None:
    it.put("heads", it.files("heads"), date=str(int(time.time()) + 200_000))


def _past(it: Stranger) -> None:
    it.put("heads", it.files("heads"), date="0")


def _captured_tomorrow_next_year(it: Stranger) -> None:
    said = git(it.repository, "log", "-1", "--format=%B", f"refs/heads/{it.branch}")
    it.put("heads", it.files("heads"), said=said.replace("Captured-At: 2026", "Captured-At: 2999"))


def _captured_before_all_time(it: Stranger) -> None:
    said = git(it.repository, "log", "-1", "--format=%B", f"refs/heads/{it.branch}")
    it.put("heads", it.files("heads"), said=re.sub("Captured-At: .*", "Captured-At: 0001-01-01T00:00:00+05:00", said))


def _not_ours(it: Stranger) -> None:
    it.put("heads", it.files("heads"), said="Fire in the harbour\n")


def _other_bytes(it: Stranger) -> None:
    it.change("raw", "page.html", "killed 12", "killed 99")


def _other_story(it: Stranger) -> None:
    it.change("raw", "capture.json", '"sha256": "', '"sha256": "00')


def _wrong_kinds(it: Stranger) -> None:
    it.change("raw", "capture.json", '"status": 200', '"status": 200, "redirects": [7]')


def _no_page(it: Stranger) -> None:
    it.put("raw", {name: how for name, how in it.files("raw").items() if name != "page.html"})


def _no_raw(it: Stranger) -> None:
    git(it.repository, "update-ref", "-d", f"refs/raw/{it.branch}")


def _too_big(it: Stranger) -> None:
    it.put("heads", it.files("heads") | {"article.md": f"100644 blob {it.blob('# ' + 'x' * (17 << 20))}"})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_program, "not a plain one"),
        (_link, "not a plain one"),
        (_folder, "not a plain one"),
        (_one_more, "other files than its own"),
        (_unreadable, "cannot be read"),
        (_deep, "cannot be read"),
        (_future, "from the future"),
        (_past, "before 1990"),
        (_captured_tomorrow_next_year, "from the future"),
        (_captured_before_all_time, "not written by tracker"),
        (_not_ours, "not written by tracker"),
        (_other_bytes, "has not the SHA-256"),
        (_other_story, "tells of another page"),
        (_wrong_kinds, "tells of another page"),
        (_no_page, "is missing"),
        (_no_raw, "without their pages"),
        (_too_big, "more than"),
    ],
)
def test_an_article_that_tracker_cannot_have_written_is_left_out(stranger, stores, spoil, words):
    _, two = stores
    spoil(stranger)
    done = pull(two, two.sharing.remote(str(stranger.repository), two.path))
    assert len(done.left_out) == 1
    assert done.left_out[0].startswith(f"{stranger.branch}: ")
    assert words in done.left_out[0]
    assert len(done.of(Fate.NEW)) == 1  # the other article
    repository = two.path / "articles.git"
    assert stranger.branch not in "".join(tips(repository))
    assert tips(repository, "refs/incoming") == {}
    whole(repository)


def test_refs_that_no_store_has_are_left_out_with_one_line(stranger, stores):
    _, two = stores
    tip = git(stranger.repository, "rev-parse", f"refs/heads/{stranger.branch}").strip()
    odd = ["refs/heads/main", "refs/raw/x", "refs/tags/v1", f"refs/reviews/a.b/{stranger.branch}", "refs/heads/Ä/b"]
    for ref in (*odd, "refs/tracker/state", "refs/quarantine/a/b", "refs/pull/1/head", "refs/heads/_mine"):
        git(stranger.repository, "update-ref", ref, tip)
    done = pull(two, two.sharing.remote(str(stranger.repository), two.path))
    assert len(done.left_out) == 1
    assert done.left_out[0].startswith("5 refs are none that a store has: ")
    taken = git(two.path / "articles.git", "for-each-ref", "--format=%(refname)").split()
    assert len(taken) == 5
    assert {ref.split("/")[1] for ref in taken} == {"heads", "raw"}


def test_hooks_and_settings_of_a_stranger_are_not_followed(tmp_path, stranger, stores):
    _, two = stores
    trap = tmp_path / "sprung"
    program = tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n", "utf-8")
    program.chmod(0o755)
    for place in (stranger.repository, two.path / "articles.git"):
        for name in ("post-checkout", "post-merge", "reference-transaction", "pre-push", "post-rewrite", "pre-auto-gc"):
            (place / "hooks").mkdir(exist_ok=True)
            shutil.copy(program, place / "hooks" / name)
    for key in ("uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand"):
        git(stranger.repository, "config", key, str(program))
    pulled(two, stranger.repository)
    look(two, hour(5), *MORE)
    mine = bare_repository(tmp_path / "mine.git")
    pushed(two, mine)
    assert not trap.exists()


def test_damaged_objects_are_refused_whole(stranger, stores):
    _, two = stores
    tree = git(stranger.repository, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin="").strip()
    bad = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter nobody\n\nx\n"
    commit = git(stranger.repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=bad).strip()
    git(stranger.repository, "update-ref", f"refs/heads/{stranger.branch}", commit)
    with pytest.raises(StoreError, match="damaged or made up"):
        pulled(two, stranger.repository)
    assert list(tips(two.path / "articles.git")) == ["refs/heads/_about"]
