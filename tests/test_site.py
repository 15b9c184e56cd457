"""The same pages as files: whole, relative, honest about what they hold, and written only where something changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urldefrag

import html5lib
import pytest

from tests.cli_support import fill, refused, run_here
from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tracker.model import Check, Outcome
from tracker.pipeline import keep
from tracker.store import open_store

LINK = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@pytest.fixture
def store(tmp_path: Path) -> Path:
    fill(tmp_path / "store")
    return tmp_path / "store"


def write(capsys: pytest.CaptureFixture[str], store: Path, out: Path, *options: str) -> str:
    """Write the site; what the command said."""
    done = run_here(capsys, "site", str(out), "--store", str(store), *options)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr


def contents(out: Path) -> dict[str, bytes]:
    return {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()}


def pages(out: Path) -> dict[Path, str]:
    return {file: file.read_text("utf-8") for file in out.rglob("*.html")}


def test_every_link_leads_to_a_file_of_the_site(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "site"
    assert "files in" in write(capsys, store, out)
    written = pages(out)
    assert len(written) == 12
    for file, text in written.items():
        for link in LINK.findall(text):
            target, fragment = urldefrag(link)
            aim = (file.parent / target).resolve() if target else file
            aim = aim / "index.html" if aim.is_dir() else aim
            assert aim.is_file(), (file, link)
            assert aim.is_relative_to(out.resolve())
            assert not fragment or f'id="{fragment}"' in aim.read_text("utf-8"), (file, link)


def test_its_pages_are_valid_and_ask_for_nothing(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "site"
    write(capsys, store, out)
    for file, text in pages(out).items():
        parser = html5lib.HTMLParser()
        parser.parse(text)
        assert parser.errors == [], file
        assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'" in text.replace(
            "&#39;", "'"
        )
        assert "<form" not in text.replace('<form method="dialog">', "")
        assert "<iframe" not in text


def test_it_shows_changed_passages_unless_it_is_decided_otherwise(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    for out, options, whole in ((tmp_path / "a", (), False), (tmp_path / "b", ("--full",), True)):
        write(capsys, store, out, *options)
        text = "".join(pages(out).values())
        assert "killed <del" in text
        assert (PARAGRAPHS[4] in text) is whole
        assert not [name for name in contents(out) if "raw" in name or name.endswith(".txt")]


def test_a_second_run_writes_what_has_changed_alone(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "site"
    write(capsys, store, out)
    before = contents(out)
    times = {name: (out / name).stat().st_mtime_ns for name in before}
    assert " 0 of them new or changed" in write(capsys, store, out)
    assert contents(out) == before
    with open_store(store) as opened:
        branch = opened.find(URL)
        keep(opened, capture(hour(9), page(edited(0, "killed 12 people", "killed 31 people"))))
    write(capsys, store, out)
    after = contents(out)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed
    assert all(branch in name or not name.startswith("a/") for name in changed)
    untouched = {name for name in before if name in after and before[name] == after[name]}
    assert {name for name in untouched if (out / name).stat().st_mtime_ns != times[name]} <= {".tracker-site.json"}
    fresh = tmp_path / "fresh"
    write(capsys, store, fresh)
    assert contents(fresh) == after


@pytest.mark.parametrize("lost", ["diff", "at", ""])
def test_a_page_that_is_lost_is_written_again(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path, lost: str
) -> None:
    out = tmp_path / "site"
    write(capsys, store, out)
    before = contents(out)
    with open_store(store) as opened:
        folder = out / "a" / opened.find(URL) / lost
    next(folder.rglob("index.html") if lost else folder.glob("index.html")).unlink()
    assert " 1 of them new or changed" in write(capsys, store, out)
    assert contents(out) == before


def test_the_life_of_an_article_is_told_up_to_the_last_look(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "site"
    write(capsys, store, out)
    before = contents(out)
    with open_store(store) as opened:
        branch = opened.find(URL)
        opened.record_check(Check(branch, hour(8), Outcome.UNCHANGED))
    assert " 1 of them new or changed" in write(capsys, store, out)
    after = contents(out)
    life = f"a/{branch}/index.html"
    assert {name for name in after if before.get(name) != after[name]} == {life, ".tracker-site.json"}
    assert "2 snapshots as of 4 March 2026, 08:00 UTC" in after[life].decode()
    assert " 0 of them new or changed" in write(capsys, store, out)


def test_what_is_gone_is_taken_away(capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path) -> None:
    from tests.store_support import git

    out = tmp_path / "site"
    write(capsys, store, out)
    with open_store(store) as opened:
        branch = opened.find(URL)
        git(store / "articles.git", "update-ref", "-d", f"refs/heads/{branch}")
        opened.reindex()
    assert "taken away" in write(capsys, store, out)
    assert not (out / "a" / branch).exists()
    assert all(branch not in text for text in pages(out).values())


def test_a_run_that_was_stopped_is_gone_on_with_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store: Path, tmp_path: Path
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "site"
    with monkeypatch.context() as patched:
        patched.setattr("tracker.serve.site._store_pages", stopped)
        assert run_here(capsys, "site", str(out), "--store", str(store)).returncode == 130
    with open_store(store) as opened:
        branch = opened.find(URL)
        assert (out / "a" / branch / "index.html").is_file()
        opened.deleter.delete(opened.all_names(branch), "at the wish of the family")
    (out / "a" / branch / ".index.html.new").write_text("half a page")
    (out / "about").mkdir()
    (out / "about" / "index.html").write_text("a page of somebody's own")
    write(capsys, store, out)
    assert not (out / "a" / branch).exists()
    assert [name for name in contents(out) if branch in name] == []
    assert (out / "about" / "index.html").is_file()
    shutil.rmtree(out / "about")
    write(capsys, store, tmp_path / "fresh")
    assert contents(out) == contents(tmp_path / "fresh")


@pytest.mark.parametrize("notes", ["", "[]", '{"site": 1}', '{"pages": []}', '{"pages": 3}', "\xff"])
def test_notes_that_nobody_can_read_are_told(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path, notes: str
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / ".tracker-site.json").write_text(notes, "latin-1")
    refused(run_here(capsys, "site", str(tmp_path / "site"), "--store", str(store)), 2, "cannot be read")


@pytest.mark.parametrize("path", ["../precious", "/precious", "a/../../precious"])
def test_its_own_notes_cannot_make_it_remove_anything_else(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path, path: str
) -> None:
    out = tmp_path / "site"
    write(capsys, store, out)
    precious = tmp_path / "precious"
    precious.write_text("kept")
    notes = out / ".tracker-site.json"
    known = json.loads(notes.read_text())
    known["pages"][str(precious) if path.startswith("/") else path] = ""
    notes.write_text(json.dumps(known))
    write(capsys, store, out)
    assert precious.read_text() == "kept"


def test_a_folder_with_other_things_in_it_is_left_alone(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    refused(run_here(capsys, "site", str(tmp_path / "mine"), "--store", str(store)), 2, "holds other things")
    assert contents(tmp_path / "mine") == {"diary.txt": b"dear"}


def test_citations_hold_the_address_of_the_site(
    capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path
) -> None:
    write(capsys, store, tmp_path / "site", "--url", "https://changes.example/of/", "--tz", "Europe/Paris")
    text = "".join(pages(tmp_path / "site").values())
    assert "https://changes.example/of/a/daily.example/" in text
    assert "between 02:00 and 03:00 CET on 4 March 2026" in text


def test_each_day_has_its_page(capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path) -> None:
    with open_store(store) as opened:
        keep(opened, capture(hour(9) + timedelta(days=2), page(edited(0, "killed 12 people", "killed 31 people"))))
    write(capsys, store, tmp_path / "site")
    days = sorted(path.parent.name for path in (tmp_path / "site" / "days").glob("*/index.html"))
    assert days == ["2026-03-04", "2026-03-06"]
    assert "from 21 to 31" in (tmp_path / "site" / "days" / "2026-03-06" / "index.html").read_text("utf-8")


def test_it_needs_no_extra(store: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules.update(starlette=None, uvicorn=None)\n"
        f"from tracker.cli import main\nmain(['site', {str(tmp_path / 'site')!r}, '--store', {str(store)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "index.html").is_file()
