"""The bundle: it says nothing of other articles, runs nothing, and is checked by the commands that it prints."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli_support import OTHER, OTHER_URL, SECOND, refused, run_here
from tests.evidence_support import key_in, rewrite, time_server
from tests.site import URL, capture, page
from tests.store_support import git, history_of
from tracker.pipeline import bundle, keep
from tracker.store import Store, Trust, open_store

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTILE = 'Fire \u202e</title><script src="https://evil.example/x.js"></script> `rm -rf ~` $(reboot)'


def look(store: Store, minutes: int, body: bytes, url: str = URL) -> None:
    keep(store, capture(NOW - timedelta(minutes=minutes), body, url=url))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    return time_server(tmp_path_factory.mktemp("stamps") / "server")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, server):
    """A store: an article of three captures in two of three seals, the last stamped, beside one of no concern."""
    folder = tmp_path_factory.mktemp("desk")
    with open_store(folder / "store", create=True) as store:
        key = key_in(folder)
        look(store, 60, page())
        store.evidence.seal(key, NOW - timedelta(minutes=50))
        look(store, 45, page(OTHER, headline="Harbour master leaves", canonical=OTHER_URL), OTHER_URL)
        store.evidence.seal(key, NOW - timedelta(minutes=42))
        look(store, 40, page(SECOND))
        look(store, 30, page(SECOND, headline=HOSTILE))
        store.evidence.seal(key, NOW - timedelta(minutes=20), stamper=server.stamp)
    return folder / "store"


@pytest.fixture
def desk(filled, tmp_path):
    """A store of one's own to do with as one likes."""
    shutil.copytree(filled, tmp_path / "store")
    with open_store(tmp_path / "store") as store:
        yield store


@pytest.fixture(scope="module")
def trust(server):
    return Trust(certificates=server.certificates)


@pytest.fixture(scope="module")
def handed(filled, trust):
    """The bundle of the article."""
    with open_store(filled) as store:
        return bundled(store, trust)


@pytest.fixture
def folder(handed, tmp_path):
    """The bundle, unpacked."""
    return unpacked(handed, tmp_path / "out")


def bundled(store: Store, trust: Trust | None = None) -> bytes:
    target = io.BytesIO()
    bundle(store, history_of(store, URL), trust or Trust(), target)
    return target.getvalue()


def unpacked(data: bytes, folder: Path) -> Path:
    """The folder in a bundle."""
    with ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        file.extractall(folder)
    (found,) = folder.iterdir()
    return found


def typed(folder: Path) -> subprocess.CompletedProcess[str]:
    """Every command that README.txt prints, as it stands there, in one terminal."""
    lines = re.findall(
        r"^ {4}(.*)$", (folder / "README.txt").read_text("utf-8").partition("HOW TO CHECK IT")[2], re.MULTILINE
    )
    return subprocess.run(
        ["sh"], input="\n".join(lines), cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


# --- checked by what it prints -------------------------------------------------------------------------------


def test_the_commands_that_it_prints_check_it(folder, filled):
    done = typed(folder)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "all files are whole"
    assert sum(line.startswith('Good "git" signature for newsdesk-') for line in said) == 3
    assert sum(line.startswith("signed: ") for line in said) == 3
    assert sum(line.startswith("listed: ") for line in said) == 2
    assert [line for line in said if "captures/" in line] == [
        *(f"sealed: captures/000{number}" for number in (1, 2, 3)),
        *(f"the same: captures/000{number}" for number in (1, 2, 3)),
    ]
    with open_store(filled) as store:
        assert all(f"sealed: {entry.revision}" in said for entry in history_of(store, URL).captures)
    assert "Verification: OK" in done.stdout + done.stderr
    assert sum(line.startswith("Time stamp: ") for line in said) == 1
    assert not re.search(r"NOT|MISSING|in no seal|alone", done.stdout)


def test_the_page_prints_the_same_commands(folder):
    shown = re.findall(r"<code>(.*?)</code>", (folder / "index.html").read_text("utf-8"), re.DOTALL)
    commands = "".join(html.unescape(block) for block in shown).splitlines()
    text = (folder / "README.txt").read_text("utf-8").partition("HOW TO CHECK IT")[2]
    assert commands == re.findall(r"^ {4}(.*)$", text, re.MULTILINE)


def forged(folder: Path, name: str, data: bytes) -> None:
    """Put something else in the place of a file, and its digest into the list of digests."""
    sums = (folder / "SHA256SUMS").read_text()
    (path,) = folder.glob(name)
    before = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    path.write_bytes(data)
    after = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    assert before in sums
    (folder / "SHA256SUMS").write_text(sums.replace(before, after))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("captures/0001/page.html.txt", "the text alone is sealed: captures/0001"),
        ("captures/0002/article.md", "in no seal: captures/0002"),
        ("captures/0003/capture.json", "the text alone is sealed: captures/0003"),
        ("captures/0003/meta.json", "in no seal: captures/0003"),
        ("seals/*/000001/manifest", "NOT AS SIGNED: seals/"),
        ("seals/*/000003/digests", "NOT AS SIGNED: seals/"),
        ("seals/*/000003/article-*", "NOT AS SIGNED: seals/"),
        ("seals/*/000002/tag", "NOT AS SIGNED: seals/"),
    ],
)
def test_the_commands_tell_what_was_tampered_with(folder, name, words):
    forged(folder, name, b"forged\n")
    done = typed(folder)
    assert done.stdout.startswith("all files are whole\n")
    assert words in done.stdout


def test_the_commands_tell_what_was_damaged(folder):
    (folder / "captures/0001/page.html.txt").write_bytes(page() + b" ")
    assert not typed(folder).stdout.startswith("all files are whole\n")


def test_the_commands_tell_a_seal_that_was_taken_out_and_another_signature(folder, handed, tmp_path):
    (middle,) = folder.glob("seals/*/000002")
    for each in middle.iterdir():
        each.unlink()
    middle.rmdir()
    assert "A SEAL IS MISSING BEFORE seals/" in typed(folder).stdout
    other = unpacked(handed, tmp_path / "again")
    (first,) = other.glob("seals/*/000001/tag.sig")
    (third,) = other.glob("seals/*/000003/tag.sig")
    first.write_bytes(third.read_bytes())
    assert "Could not verify signature" in typed(other).stdout + typed(other).stderr


# --- what is in it, and what is not --------------------------------------------------------------------------


def test_the_same_store_makes_the_same_bytes(desk, trust):
    assert bundled(desk, trust) == bundled(desk, trust)


def test_every_file_is_listed_and_has_a_plain_name(folder):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    listed = [line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert sorted(listed) == [name for name in files if name != "SHA256SUMS"]
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in files)
    assert re.fullmatch(r"evidence-[0-9a-f]{16}", folder.name)


def test_it_holds_the_pages_and_what_changed(folder):
    assert (folder / "captures/0001/page.html.txt").read_bytes() == page()
    facts = json.loads((folder / "captures/0001/capture.json").read_bytes())
    assert facts["headers"] == [["content-type", "text/html; charset=utf-8"]]
    assert "<del" in (folder / "changes/0001-0002.html").read_text("utf-8")
    index = (folder / "index.html").read_text("utf-8")
    for target in re.findall(r'href="([^"#]+)"', index):
        assert (folder / target).is_file()
    assert "3 captures, as sealed." in index
    assert index.count("it existed by 20") == 3


def test_nothing_in_it_runs_or_asks_anybody(folder):
    pages = [path for path in folder.rglob("*") if path.suffix in {".html", ".htm", ".svg", ".xml"}]
    assert {path.name for path in pages} == {"index.html", "0001-0002.html", "0002-0003.html"}
    for path in pages:
        text = path.read_text("utf-8")
        assert "default-src &#39;none&#39;" in text
        assert "<script" not in text
        assert "\u202e" not in text
    assert "\u202e" not in (folder / "README.txt").read_text("utf-8")
    assert "`rm -rf ~`" not in "".join(re.findall(r"(?m)^ {4}.*$", (folder / "README.txt").read_text("utf-8")))


def test_it_says_nothing_of_any_other_article_nor_of_the_machine(folder, tmp_path, filled, trust):
    git(tmp_path, "clone", "-q", "--mirror", str(folder / "history.bundle"), "history.git")
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    everything += git(tmp_path / "history.git", "log", "--all", "--format=fuller", "-p").encode()
    for word in ("harbour-master", "Ingrid Holm", str(filled.parent), str(trust.certificates.parent)):
        assert word.encode() not in everything
    assert b"harbour-fire" in everything
    assert len(git(tmp_path / "history.git", "for-each-ref").splitlines()) == 2


def test_a_store_without_seals_is_bundled_and_says_that_nothing_is_proved(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        look(store, 60, page())
        folder = unpacked(bundled(store), tmp_path / "out")
    done = typed(folder)
    assert done.stdout.splitlines() == ["all files are whole", "the same: captures/0001"]
    text = (folder / "README.txt").read_text("utf-8")
    assert "1 capture in no seal: nothing is proved" in text
    assert not (folder / "seals").exists()
    assert "changes/" not in text


def test_what_is_not_sealed_yet_is_named(desk, trust, tmp_path):
    look(desk, 10, page(SECOND[:3], headline="Fire"))
    folder = unpacked(bundled(desk, trust), tmp_path / "out")
    assert "These are in no seal: captures/0004." in " ".join((folder / "README.txt").read_text().split())
    assert "in no seal: captures/0004" in typed(folder).stdout


def test_a_page_that_was_pruned_is_not_in_it_and_the_decision_is(desk, trust, tmp_path):
    desk.pruner.prune([history_of(desk, URL)], NOW - timedelta(minutes=50), "older than a year", lambda _: None)
    folder = unpacked(bundled(desk, trust), tmp_path / "out")
    assert not (folder / "captures/0001/page.html.txt").exists()
    text = " ".join((folder / "README.txt").read_text("utf-8").split())
    assert re.search(r"text as sealed, raw page removed on \S+ \S+ UTC by decision: older than a year", text)
    assert "3 captures: 2 as sealed, 1 with the text alone as sealed." in text
    assert "Of these the text alone is sealed: captures/0001." in text
    done = typed(folder)
    assert done.stdout.startswith("all files are whole\n")
    assert "the text alone is sealed: captures/0001" in done.stdout


def test_a_deleted_article_is_not_bundled(desk, typing):
    desk.close()
    assert (
        typing("delete", "harbour-fire", "--reason", "order of the court", "--yes", "--store", "store").returncode == 0
    )
    refused(typing("bundle", "harbour-fire", "--store", "store"), 8, "was deleted: order of the court")
    assert typing("verify", "--store", "store").returncode == 0


@pytest.fixture
def typing(tmp_path, capsys, monkeypatch):
    """Types a command line in the folder of the store; it runs in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return lambda *words: run_here(capsys, *words)


# --- the command ---------------------------------------------------------------------------------------------


def test_the_command_writes_a_file_of_its_own_name_or_the_one_that_is_said(desk, tmp_path, typing):
    desk.close()
    done = typing("bundle", "harbour-fire", "--store", "store")
    branch = "daily.example_harbour-fire-"
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"written   {branch}[0-9a-f]{{16}}\.zip\n", done.stdout)
    assert typing("bundle", "harbour-fire", "--store", "store", "-o", "x.zip").returncode == 0
    (own,) = tmp_path.glob(f"{branch}*.zip")
    assert own.read_bytes() == (tmp_path / "x.zip").read_bytes()
    refused(typing("bundle", "harbour-fire", "--store", "store", "-o", "no/x.zip"), 2, "cannot write no")
    refused(typing("bundle", "nowhere", "--store", "store"), 8, "no article matches")
    assert not list(tmp_path.glob(".tracker-*"))


def test_the_command_ends_with_7_where_something_is_not_as_it_was(desk, tmp_path, typing):
    rewrite(desk, f"refs/raw/{history_of(desk, URL).branch}", "page.html", lambda data: data + b"!", words={})
    desk.close()
    done = typing("bundle", "harbour-fire", "--store", "store", "-o", "x.zip")
    assert done.returncode == 7
    assert "the bundle says what is not" in done.stderr
    folder = unpacked((tmp_path / "x.zip").read_bytes(), tmp_path / "out")
    assert "Not everything here is as it was." in (folder / "index.html").read_text("utf-8")
    assert "the text alone is sealed: captures/0003" in typed(folder).stdout
