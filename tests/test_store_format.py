"""What lies on the disk, as a stranger with plain git finds it."""

import json
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store_support import NEWER_LENS, START, URL, at, bare, capture, git, known, put, reading
from tracker.model import Block, BlockKind, Content, Document, Link, Placement, Reading, Source, Suppressed
from tracker.store import Kind, Person, open_store
from tracker.store.commits import one_line, parse_commit, parse_moment, trailers
from tracker.store.refresh import is_branch
from tracker.store.repository import about
from tracker.text.decode import decode
from tracker.text.urls import branch_name


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


def test_a_plain_clone_shows_how_to_read_the_store(store, tmp_path):
    branch = put(store, "One man died.").article
    put(store, "Two men died.", when=at(5))
    said = git(tmp_path, "clone", str(bare(store)), "clone", check=False)
    assert "warning" not in said
    assert "# A store of news articles" in (tmp_path / "clone" / "README.md").read_text()
    assert (tmp_path / "clone" / "format").read_text() == "1\n"
    log = git(tmp_path / "clone", "log", "-p", f"origin/{branch}")
    assert "-One man died.\n+Two men died.\n" in log
    assert "<p>" not in log
    assert "page.html" not in log


def test_the_branch_about_has_the_same_id_in_every_store():
    # A change of this id is a new format, which needs its number and its upgrade.
    assert about()[-1].id == "d9b856a0ad9e125c7a95fe546d409d8013b9a385"


def test_the_raw_page_lies_beside_the_text_byte_for_byte(store):
    body = b"\xff\xfe not text \r\n\0 <p>at all</p>"
    page = capture(START, body)
    snapshot = store.write_snapshot(
        branch=None, expected=None, capture=page, decoded=decode(body), reading=reading("Text."), seen_since=None
    )
    history = store.history(snapshot.article)
    assert store.raw(history.branch, history.entries[0]) == page
    shown = subprocess.run(
        ["git", "-C", bare(store), "cat-file", "blob", f"refs/raw/{snapshot.article}:page.html"],
        capture_output=True,
        check=True,
    )
    assert shown.stdout == body
    facts = json.loads(git(bare(store), "show", f"refs/raw/{snapshot.article}:capture.json"))
    assert facts["sha256"] == snapshot.raw_sha256
    assert facts["encoding_from"] == "cp1252" or facts["encoding_from"] == "bom"
    assert git(bare(store), "fsck", "--full", "--strict") == ""


def test_the_trailers_are_those_that_git_reads(store):
    page = replace(capture(at(30), "x"), captured_at=at(30), source=Source.FILE)
    snapshot = store.write_snapshot(
        branch=None,
        expected=None,
        capture=page,
        decoded=None,
        reading=replace(reading("Text."), modified="2024-03-01T10:00:00+01:00"),
        seen_since=at(10),
        aliases=("https://m.daily.example/short?utm_source=feed",),
    )
    found = git(bare(store), "log", "-1", "--format=%(trailers:only,unfold)", f"refs/heads/{snapshot.article}").strip()
    assert found.split("\n") == [
        "Kind: snapshot",
        "Captured-At: 2024-03-01T10:00:00.000250Z",
        "Seen-Since: 2024-03-01T09:40:00.000250Z",
        f"Raw-SHA256: {snapshot.raw_sha256}",
        "Modified: 2024-03-01T10:00:00+01:00",
        "Lens: rules=1 sentences=test-1 recipe=- memory=-",
        f"URL: {URL}",
        "Alias: daily.example/world/harbour-fire",
        "Alias: daily.example/short",
        "Source: file",
    ]
    dates = git(bare(store), "log", "-1", "--format=%aI %an %ae", f"refs/heads/{snapshot.article}").strip()
    assert dates == "2024-03-01T10:00:00+00:00 tracker tracker@localhost.invalid"


def test_the_identity_is_the_one_that_is_given(tmp_path):
    with open_store(tmp_path / "s", create=True, identity=Person("Desk", "desk@daily.example")) as store:
        branch = put(store, "Text.").article
        assert git(bare(store), "log", "-1", "--format=%an %ae %cn", branch).strip() == "Desk desk@daily.example Desk"
    with pytest.raises(ValueError, match="angle brackets"):
        Person("Desk\nparent 00", "x")


def test_a_hostile_headline_forges_no_trailer_and_no_second_line(store):
    headline = "Fire\n\nKind: gone\nCaptured-At: 1999-01-01T00:00:00Z\r\x1b[31m\u202e\u2028" + "x" * 300
    branch = put(store, "Text.", headline=headline).article
    entry = store.history(branch).entries[0]
    assert entry.kind is Kind.SNAPSHOT
    assert entry.captured_at == START
    assert "\n" not in entry.subject
    assert not {"\x1b", "\u202e", "\r", "\u2028"} & set(git(bare(store), "log", "-1", "--format=%s", branch))
    assert len(entry.subject) < 150


@given(st.text())
def test_one_line_is_one_line(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
    line.encode()


@given(st.lists(st.tuples(st.sampled_from(["URL", "Alias", "Modified"]), st.text().map(one_line))))
def test_trailers_are_read_as_they_were_written(pairs):
    text = "subject\n\nKind: snapshot\n" + "".join(f"{name}: {value}\n" for name, value in pairs)
    found = trailers(text)
    for name, value in pairs:
        assert value in found[name]
    assert sum(map(len, found.values())) == len(pairs) + 1


@pytest.mark.parametrize("text", ["", "Kind", "2024-03-01", "2024-03-01T00:00:00", "yesterday"])
def test_a_moment_without_zone_is_none(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's words differ by version
        parse_moment(text)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.builds("http://{}/{}".format, st.text(min_size=1), st.text()),
        st.builds(
            "https://{}/{}?{}".format, st.from_regex(r"[a-z0-9.\[\]:~^@-]+", fullmatch=True), st.text(), st.text()
        ),
    )
)
def test_every_address_makes_a_branch_name_that_git_takes(url):
    name = branch_name(url)
    assert is_branch(name)
    subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=True)
    assert len(f"{name.split('/')[1]}.lock".encode()) < 256


@pytest.mark.parametrize("name", ["_about", "main", "a/b", "a/../b-0123456789abcdef", "a/b-0123456789abcdef@{0}"])
def test_other_names_are_no_articles(name):
    assert not is_branch(name)


def test_suppressed_blocks_are_kept_with_their_reasons(store):
    blocks = (
        Suppressed(Block(BlockKind.PARAGRAPH, "Sign up \ud800 now", (Link(0, 4, "https://x.example/"),)), "promo"),
        Suppressed(Block(BlockKind.ENTRY, "10:00", time=START), "stamp"),
        Suppressed(Block(BlockKind.NOTICE, "Note", placement=Placement.END), "twice"),
    )
    snapshot = store.write_snapshot(
        branch=None,
        expected=None,
        capture=capture(),
        decoded=None,
        reading=replace(reading("Text."), suppressed=blocks),
        seen_since=None,
    )
    history = store.history(snapshot.article)
    assert store.suppressed(history.branch, history.entries[0]) == blocks


def test_a_document_comes_back_as_it_was(store):
    facts = Content((("canonical/link", URL), ("headline/h1", "Fire \u2028 & flood")))
    blocks = (
        Block(BlockKind.HEADLINE, "Fire & flood"),
        Block(
            BlockKind.PARAGRAPH, "\\ # {x} [a](b) A first. And\u00a0a second. ", (Link(2, 5, "https://a.example/(x)"),)
        ),
        Block(BlockKind.TABLE, "a | b"),
    )
    document = Document(blocks, facts, "en")
    snapshot = store.write_snapshot(
        branch=None,
        expected=None,
        capture=capture(),
        decoded=None,
        reading=Reading(document, NEWER_LENS),
        seen_since=None,
    )
    entry = store.history(snapshot.article).entries[0]
    assert store.snapshot(snapshot.article, entry) == snapshot
    assert snapshot.document == document
    assert snapshot.lens == NEWER_LENS


def test_a_commit_object_is_read_as_git_writes_it(store):
    branch = put(store, "Text.").article
    tip = git(bare(store), "rev-parse", branch).strip()
    data = subprocess.run(["git", "-C", bare(store), "cat-file", "commit", tip], capture_output=True, check=True).stdout
    found = parse_commit(tip, data)
    assert found.tree == git(bare(store), "rev-parse", f"{branch}^{{tree}}").strip()
    assert str(found.seconds[0]) == git(bare(store), "log", "-1", "--format=%at", branch).strip()
    with pytest.raises(ValueError, match="not a commit"):
        parse_commit(tip, b"tree of life\n\nmessage")


def test_git_counts_no_difference_between_our_objects_and_its_own(store):
    put(store, "Text. More text.")
    assert known(store) is not None
    files = [path for path in (bare(store) / "objects").glob("??/*") if path.is_file()]
    assert len(files) >= 12
    for path in files:
        kind = git(bare(store), "cat-file", "-t", path.parent.name + path.name).strip()
        assert kind in {"blob", "tree", "commit"}
        assert not path.stat().st_mode & 0o222
