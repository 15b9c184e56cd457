"""Bad input on the command line: one clear line, the right code, and nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_support import SECOND, environment, fill, intact, program, refused, run, run_here, texts, until
from tests.http_support import Handler, Served, serving
from tests.site import PARAGRAPHS, URL, page
from tests.store_support import git
from tracker.store import open_store
from tracker.text.urls import branch_name

THIRD = (*SECOND[:-1], "Firefighters from four towns worked until the morning, and one of them was hurt.")


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    store = tmp_path_factory.mktemp("filled") / "snapshots"
    fill(store)
    return store


@pytest.fixture
def folder(tmp_path, filled):
    """A folder whose store holds two articles."""
    shutil.copytree(filled, tmp_path / "snapshots")
    return tmp_path


# --- files that are no article --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Just some notes.\nWith two lines.\n", ("not an HTML page", "text without a single tag")),
        (b"", ("empty page", "give the page of one article")),
        (b"<html><body><nav><a href='/'>Home</a> <a href='/x'>Sport</a></nav></body></html>", ("no article text",)),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n", ("a PDF",)),
        (b"<p>" + b"word " * 9_999_999 + b"</p>", ("million characters", "give the page of one article")),
    ],
    ids=["text", "empty", "no-article", "pdf", "50-MB-of-one-line"],
)
def test_a_file_that_holds_no_article(folder, body, words):
    (folder / "bad.html").write_bytes(body)
    refused(run(folder, "snap", "bad.html"), 6, "bad.html", *words)
    intact(folder / "snapshots")


def test_a_page_without_text_of_a_known_article_is_held_back(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "empty.html").write_bytes(b"")
    refused(run_here(capsys, "snap", "empty.html", "--url", URL), 6, "empty page", "tracker quarantine list")
    listed = run_here(capsys, "quarantine", "list", "--json")
    assert [json.loads(line)["branch"] for line in listed.stdout.splitlines()] == [branch_name(URL)]
    accepted = run_here(capsys, "quarantine", "accept", "harbour-fire")
    refused(accepted, 6, "no text to store", "tracker quarantine reject")
    rejected = run_here(capsys, "quarantine", "reject", "harbour-fire")
    assert (rejected.returncode, rejected.stdout) == (0, f"rejected  {branch_name(URL)}\n")
    assert run_here(capsys, "quarantine", "list", "--json").stdout == ""
    intact(folder / "snapshots")


def test_a_file_that_is_not_there(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    refused(run_here(capsys, "snap", "daily.example/story"), 2, "no such file", "https://daily.example/story")
    intact(folder / "snapshots")


def test_a_page_that_does_not_say_its_address(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "page.html").write_bytes(page(THIRD, canonical=None))
    refused(run_here(capsys, "snap", "page.html"), 2, "--url https://")
    intact(folder / "snapshots")


@pytest.mark.parametrize(("declared", "encoding"), [("klingon-8", "utf-8"), ("utf-8", "cp1252")], ids=str)
def test_an_encoding_that_is_unknown_or_wrongly_named_is_read_all_the_same(
    folder, monkeypatch, capsys, declared, encoding
):
    monkeypatch.chdir(folder)
    text = page(("Die Fähre nach Ellery fuhr „viel zu spät“ ab.", *PARAGRAPHS[1:]), headline="Fähre zu spät")
    body = text.decode().replace('charset="utf-8"', f'charset="{declared}"').encode(encoding)
    with serving(
        {"/faehre": lambda handler: handler.answer(body, content_type=f"text/html; charset={declared}")}
    ) as web:
        done = run_here(capsys, "snap", "--json", "--allow-private", web.url("/faehre"))
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["headline"] == "Fähre zu spät"
        assert texts(folder / "snapshots", web.url("/faehre"))[0].startswith("Die Fähre nach Ellery fuhr „viel")


# --- the network ----------------------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve(folder):
    refused(run(folder, "snap", "https://news.invalid/story"), 5, "news.invalid does not resolve", "check the spelling")
    intact(folder / "snapshots")


def test_a_private_address_is_not_asked(folder):
    with serving() as web:
        refused(run(folder, "snap", web.url()), 5, "127.0.0.1", "--allow-private")
        assert web.log == []
    intact(folder / "snapshots")


def test_a_server_in_trouble_and_a_loop_of_redirects(folder):
    def turn(handler: Handler) -> None:
        handler.answer(b"", status=302, location="/round" if handler.path == "/loop" else "/loop")

    with serving({"/loop": turn, "/round": turn}) as web:
        web.routes["/500"] = lambda handler: handler.answer(b"<p>oops</p>", status=500)
        broken, loop = (run(folder, "snap", "--allow-private", web.url(path)) for path in ("/500", "/loop"))
    refused(broken, 5, "/500", "answered 500", "try again later")
    refused(loop, 5, "redirect loop", "/round")
    intact(folder / "snapshots")


# --- the store ------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_store(folder):
    strange = folder / "strange"
    git(folder, "init", "--quiet", "--bare", str(strange / "articles.git"))
    (folder / "page.html").write_bytes(page(THIRD))
    refused(run(folder, "snap", "page.html", "--store", strange), 7, "is not a store", "--store DIR")
    assert git(strange / "articles.git", "for-each-ref") == ""


def test_a_store_made_by_a_newer_tracker(folder):
    bare = folder / "snapshots" / "articles.git"
    number = git_write(bare, "hash-object", "-w", "--stdin", stdin="2\n")
    tree = git_write(bare, "mktree", stdin=f"100644 blob {number}\tformat\n")
    commit = git_write(bare, "commit-tree", tree, "-p", "_about", "-m", "A store of news articles, format 2")
    old = git(bare, "rev-parse", "_about").strip()
    git(bare, "update-ref", "refs/heads/_about", commit)
    (folder / "page.html").write_bytes(page(THIRD))
    refused(run(folder, "snap", "page.html"), 7, "format 2", "upgrade tracker")
    git(bare, "update-ref", "refs/heads/_about", old)
    intact(folder / "snapshots")


def git_write(bare: Path, *arguments: str, stdin: str = "") -> str:
    """What plain git answers to input of ours, signed by nobody in particular."""
    name = {f"GIT_{who}_{what}": "x@y.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", "-C", str(bare), *arguments],
        input=stdin,
        env=environment(**name),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_branch_that_another_process_holds(folder, monkeypatch, capsys):
    """The real wait is ten seconds; the program is the same with a shorter one."""
    lock = folder / "snapshots" / "articles.git" / "refs" / "heads" / f"{branch_name(URL)}.lock"
    lock.touch()
    (folder / "page.html").write_bytes(page(THIRD))
    hurried = "import tracker.store.writer as w; w.PATIENCE_SECONDS = 0.3; from tracker.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hurried, "snap", "page.html"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    refused(done, 7, "page.html", f"{lock.name} is held by", "try again")
    lock.unlink()
    intact(folder / "snapshots")
    monkeypatch.chdir(folder)
    assert run_here(capsys, "snap", "page.html").stdout.startswith("changed")


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk(small_disk, filled, monkeypatch, capsys):
    shutil.copytree(filled, small_disk / "snapshots")
    noise = os.urandom(400_000).hex().encode()
    (small_disk / "page.html").write_bytes(page(THIRD) + b"<!-- " + noise + b" -->")
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - 200_000)  # room to look at the store, not for the page
    refused(run(small_disk, "snap", "page.html"), 7, "no space left", "free some space")
    filler.unlink()
    intact(small_disk / "snapshots")
    monkeypatch.chdir(small_disk)
    assert run_here(capsys, "snap", "page.html").stdout.startswith("changed")
    monkeypatch.chdir("/")


@pytest.mark.parametrize(
    "arguments",
    ["list", "log x", "show x", "diff", "blame x", "changes", "quarantine list", "doctor", "doctor --reindex"],
)
def test_reading_where_there_is_no_store_makes_none(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    refused(run_here(capsys, *arguments.split()), 7, "no store at", "tracker snap URL --store")
    assert list(tmp_path.iterdir()) == []


# --- names of things ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("log", "zeppelin"), 8, ("no article matches 'zeppelin'", "tracker list")),
        (("diff", "harbour-fire", "latest~2"), 8, ("no snapshot latest~2", "it has 2")),
        (("changes", "--search", "!!"), 2, ("nothing to search for", "at least one word")),
        (("show", "harbour-fire", "@3"), 8, ("no snapshot @3", "it has 2")),
        (("diff", "harbour-fire", "first"), 8, ("first", "nothing led to it")),
        (("diff", "harbour-fire", "1999-12-31", "latest"), 8, ("at or before 1999-12-31",)),
        (("show", "harbour-fire", "yesterday"), 2, ("'yesterday' names no snapshot", "latest~1")),
        (("blame", "harbour-fire", "0000000"), 8, ("no revision 0000000",)),
        (("quarantine", "accept", "harbour-fire"), 8, ("nothing is held back", "tracker quarantine list")),
        (("log",), 2, ("missing argument 'ARTICLE'", "tracker log --help")),
        (("lgo",), 2, ("no such command 'lgo'", "tracker --help")),
        (("list", "--tz", "Middle/Earth"), 2, ("no such time zone 'Middle/Earth'", "Europe/Berlin")),
        (("changes", "--label", "scandal"), 2, ("no such label 'scandal'", "number-changed")),
        (("changes", "--since", "last week"), 2, ("'last week' is not a time", "2015-05-31")),
        (("diff", "harbour-fire", "-o", "/nowhere/out.txt"), 2, ("cannot write /nowhere/out.txt", "-o")),
        (("diff", "harbour-fire", "--format", "pdf"), 2, ("'pdf' is not one of", "markdown")),
        (("snap", "a.html", "b.html", "--url", URL), 2, ("--url names one page",)),
        (("snap", "a.html", "--at", "1989-12-31"), 2, ("between 1990 and tomorrow",)),
        (("snap", "a.html", "--at", "2199-01-01"), 2, ("between 1990 and tomorrow",)),
        (("compare", "-", "-"), 2, ("only one of the two", "file")),
        (("demo", "--store", "snapshots"), 2, ("is not empty", "new folder")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) and value and len(value[0]) < 12 else None,
)
def test_what_cannot_be_meant(filled, monkeypatch, capsys, arguments, code, words):
    monkeypatch.chdir(filled.parent)
    refused(run_here(capsys, *arguments), code, *words)


def test_an_article_that_matches_two_and_a_snapshot_that_is_not_there(folder):
    refused(run(folder, "log", "daily.example"), 2, "matches 2 articles", "harbour-fire", "harbour-master", "give more")
    refused(run(folder, "diff", "harbour-fire", "@1", "@7"), 8, "no snapshot @7", "it has 2")
    intact(folder / "snapshots")


def test_settings_that_make_no_sense(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "tracker.toml").write_text("stoer = 'x'\n")
    refused(run_here(capsys, "list"), 4, "tracker.toml", "no such setting 'stoer'", "store")
    intact(folder / "snapshots")


# --- addresses ------------------------------------------------------------------------------------------------


def test_a_canonical_link_that_points_elsewhere_is_not_followed(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    body = page(THIRD, canonical="https://elsewhere.example/story")
    with serving({"/story": lambda handler: handler.answer(body)}) as web:
        done = run_here(capsys, "snap", "--json", "--allow-private", web.url("/story"))
        assert json.loads(done.stdout)["url"] == web.url("/story")
    with open_store(folder / "snapshots") as store:
        assert store.find_url("https://elsewhere.example/story") is None
    intact_but_more(folder)


def test_two_addresses_that_are_one_article(folder):
    with serving(
        {path: lambda handler: handler.answer(page(canonical=None)) for path in ("/a", "/a/", "/a/amp")}
    ) as web:
        paths = ("/a", "/a?utm_source=feed&fbclid=1", "/a/", "/a/amp", "/a#comments")
        done = run(folder, "snap", "--json", "--allow-private", *map(web.url, paths))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["outcome"] for line in lines] == ["new", *["unchanged"] * 4]
    assert len({line["branch"] for line in lines}) == 1
    intact_but_more(folder)


def intact_but_more(folder: Path) -> None:
    """What was there is there, and one article more."""
    assert texts(folder / "snapshots") == [PARAGRAPHS[0], SECOND[0]]
    with open_store(folder / "snapshots") as store:
        assert len(store.articles()) == 3
    git(folder / "snapshots" / "articles.git", "fsck", "--strict", "--no-dangling")


# --- many sources ---------------------------------------------------------------------------------------------


def test_some_of_many_sources_fail(folder):
    (folder / "page.html").write_bytes(page(THIRD))
    (folder / "notes.txt").write_text("no page")
    done = run(folder, "snap", "notes.txt", "page.html", "nowhere.html")
    assert done.returncode == 3
    assert done.stdout.startswith("changed")
    assert [line.split(" ", 2)[1] for line in done.stderr.splitlines()] == ["notes.txt", "nowhere.html:", "2"]
    assert done.stderr.endswith("tracker: 2 of 3 sources failed\n")
    assert texts(folder / "snapshots")[-1] == THIRD[0]


def test_all_sources_fail_alike(folder):
    (folder / "notes.txt").write_text("no page")
    done = run(folder, "snap", "--json", "notes.txt", "notes.txt")
    assert done.returncode == 6
    assert done.stderr == ""
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["blocked", "blocked"]
    intact(folder / "snapshots")


# --- interruptions --------------------------------------------------------------------------------------------


def slow(web: Served) -> None:
    """`/quick` answers at once, `/slow` sends its head and then waits."""

    def wait(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<!doctype html>")
        handler.wfile.flush()
        web.stop.wait(30)

    web.routes |= {"/quick": lambda handler: handler.answer(page(canonical=None)), "/slow": wait}


@contextlib.contextmanager
def started(folder: Path, *arguments: str, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """The program at work, in a process group of its own, as a shell would start it."""
    process = subprocess.Popen(
        [program(), *arguments],
        cwd=folder,
        env=environment(),
        start_new_session=True,
        text=True,
        stdout=stdout,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in filter(None, (process.stdout, process.stderr)):
            pipe.close()


def test_ctrl_c_in_the_middle_of_a_snap(folder):
    with serving({}) as web:
        slow(web)
        sources = (web.url("/quick"), web.url("/slow"))
        with started(folder, "snap", "--json", "--allow-private", *sources) as process:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())  # comes while the second source is still being waited for
            until(lambda: any(request.path == "/slow" for request in web.log))
            os.killpg(process.pid, signal.SIGINT)
            rest, said = process.communicate(timeout=30)
        assert (process.returncode, rest) == (130, "")
        assert said == "tracker: interrupted; what was reported as stored is stored\n"
        assert first["outcome"] == "new"
        assert texts(folder / "snapshots", web.url("/quick")) == [PARAGRAPHS[0]]
        with open_store(folder / "snapshots") as store:
            assert store.find_url(web.url("/slow")) is None
    intact_but_more(folder)


@pytest.mark.parametrize("arguments", [("--help",), ("show", "harbour-fire", "--raw"), ("list", "--json")])
def test_output_into_a_closed_pipe_ends_with_0_and_silently(folder, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with started(folder, *arguments, stdout=writing) as process:
            _, said = process.communicate(timeout=30)
    finally:
        os.close(writing)
    assert (process.returncode, said) == (0, "")


def test_output_onto_a_full_disk_is_no_success(folder):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with (
        Path("/dev/full").open("w") as full,
        started(folder, "list", stdout=full.fileno()) as process,
    ):
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith("tracker: standard output cannot be written: No space left")


# --- bugs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_bug_is_one_line_and_70(filled, monkeypatch, capsys, debug):
    monkeypatch.chdir(filled.parent)
    monkeypatch.setenv("TRACKER_DEBUG", debug)
    monkeypatch.setattr("tracker.store.open_store", lambda *_, **__: 1 / 0)
    done = run_here(capsys, "list")
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.splitlines()[-1].startswith("tracker: a bug in tracker: ZeroDivisionError: division by zero; ")
    assert ("Traceback" in done.stderr) == bool(debug)
    assert (done.stderr.count("\n") == 1) == (not debug)


def test_a_damaged_article_is_named_and_the_others_are_listed(folder, capsys):
    store = folder / "snapshots"
    bare = store / "articles.git"
    with open_store(store) as opened:
        kept, broken = (row.branch for row in opened.articles())
    tip = git(bare, "rev-parse", broken).strip()
    (bare / "objects" / tip[:2] / tip[2:]).unlink()
    (store / "index.sqlite").unlink()
    listed = run_here(capsys, "list", "--json", "--store", str(store))
    assert listed.returncode == 0
    assert [json.loads(line)["branch"] for line in listed.stdout.splitlines()] == [kept]
    assert listed.stderr == f"tracker: {broken} is left out: commit {tip} is missing in {store}; run `tracker doctor`\n"
    advice = run_here(capsys, "doctor", "--store", str(store))
    assert advice.returncode != 0
    assert f"{broken} cannot be read: commit {tip} is missing" in " ".join(advice.stdout.split())
