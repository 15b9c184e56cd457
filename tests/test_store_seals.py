"""Seals: what they list, how they chain, and that plain git, ssh-keygen and openssl check them."""

from __future__ import annotations

import stat
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence_support import key_in, said, time_server, verdict
from tests.store_support import at, bare, capture, git, history_of, put
from tracker.errors import ConfigError, FetchError, StoreError
from tracker.store import Key, Kind, Seal, Standing, Store, Trust, load_key, make_key, open_store
from tracker.store.keys import is_good, machine_name, sign, signed_by, vouched_for
from tracker.store.manifest import Line, Manifest, Section, sha256, split_sections, write_sections
from tracker.store.timestamps import Stamper

NOW = datetime(2026, 3, 5, tzinfo=UTC)
OTHER = "https://www.daily.example/world/harbour-master"


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        put(opened, "One man died.")
        put(opened, "Two men died.", when=at(5))
        put(opened, "She leaves.", when=at(7), url=OTHER)
        yield opened


@pytest.fixture
def key(tmp_path):
    return key_in(tmp_path)


def sealed(store: Store, key: Key, stamper: Stamper | None = None) -> Seal:
    made = store.evidence.seal(key, NOW, stamper=stamper)
    assert made.seal is not None
    return made.seal


def sections(store, seal) -> list[Section]:
    data = git(bare(store), "cat-file", "blob", f"{seal.ref}:articles").encode()
    return [Section.read(text) for text in split_sections(data)]


# --- what a seal lists ---------------------------------------------------------------------------------------


def test_a_seal_lists_every_snapshot_with_the_digests_that_sha256sum_gives(store, key):
    seal = sealed(store, key)
    harbour = next(each for each in sections(store, seal) if each.branch and "harbour-fire" in each.branch)
    assert [line.kind for line in harbour.lines] == [Kind.SNAPSHOT] * 2
    for line, entry in zip(harbour.lines, history_of(store).entries, strict=True):
        assert (line.revision, line.captured_at, line.page) == (entry.revision, entry.captured_at, entry.raw_sha256)
        files = {
            f"{entry.revision}:article.md": line.article,
            f"{entry.revision}:meta.json": line.meta,
            entry.revision: line.commit,
        }
        for name, digest in files.items():
            shown = subprocess.run(
                ["git", "-C", bare(store), "cat-file", "commit" if name == entry.revision else "blob", name],
                capture_output=True,
                check=True,
            )
            summed = subprocess.run(["sha256sum"], input=shown.stdout, capture_output=True, check=True)
            assert summed.stdout.decode().split()[0] == digest


def test_nothing_new_makes_no_seal_and_the_next_lists_only_what_is_new(store, key):
    first = sealed(store, key)
    assert store.evidence.seal(key, NOW).seal is None
    put(store, "Three men died.", when=at(9))
    store.write_event(history_of(store), Kind.GONE, at=at(11), url="https://www.daily.example/x", detail="404")
    second = sealed(store, key)
    (section,) = sections(store, second)
    assert [line.kind for line in section.lines] == [Kind.SNAPSHOT, Kind.GONE]
    assert (second.number, second.manifest.previous) == (2, sha256(first.data))
    assert said(verdict(store)) == []


def test_an_older_capture_that_is_joined_in_is_listed_alone(store, key):
    sealed(store, key)
    put(store, "Nobody died.", when=at(-9))
    (section,) = sections(store, sealed(store, key))
    assert [line.captured_at for line in section.lines] == [at(-9)]


def test_all_refs_are_counted_but_quarantine_and_state(store, key):
    store.quarantine_page("https://www.daily.example/wall", capture(body="wall"), "a wall")
    store.copy_state()
    seal = sealed(store, key)
    refs = [ref for section in sections(store, seal) for ref, _ in section.refs()]
    there = git(bare(store), "for-each-ref", "--format=%(refname)", "refs/heads", "refs/raw").split()
    assert sorted(refs) == sorted(there)
    assert len(there) == 5
    listing = git(bare(store), "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/raw")
    assert seal.manifest.refs == sha256(listing.encode())
    git(bare(store), "update-ref", "refs/reviews/ada/daily", "refs/heads/_about")
    (review,) = sections(store, sealed(store, key))
    assert (review.branch, review.ref) == (None, "refs/reviews/ada/daily")


def test_nothing_of_an_article_hangs_on_a_seal(store, key):
    seal = sealed(store, key)
    reachable = git(bare(store), "rev-list", "--objects", seal.ref).splitlines()
    names = {line.partition(" ")[2] for line in reachable}
    assert names == {f"seal/{seal.name}", "", "allowed_signers", "articles", "digests", "manifest"}
    assert len(reachable) == 6


def test_each_machine_has_a_chain_of_its_own_and_the_seal_of_another_is_nothing_new(store, key, tmp_path):
    other = key_in(tmp_path, "laptop")
    mine = sealed(store, key)
    theirs = sealed(store, other)
    assert (mine.number, theirs.number) == (1, 1)
    assert mine.machine != theirs.machine
    assert store.evidence.seal(key, NOW).seal is None
    put(store, "Three men died.", when=at(9))
    refs = [ref for section in sections(store, sealed(store, key)) for ref, _ in section.refs()]
    assert theirs.ref in refs
    assert said(verdict(store)) == []


def test_two_at_once_make_one_seal(store, key):
    found = []

    def work():
        with open_store(store.path) as own:
            found.append(own.evidence.seal(key, NOW).seal)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seal is not None for seal in found) == 1
    assert len(git(bare(store), "for-each-ref", "refs/tags").splitlines()) == 1
    assert said(verdict(store)) == []


def test_a_clone_of_the_texts_is_verified_and_not_sealed(store, key, tmp_path):
    sealed(store, key)
    git(tmp_path, "clone", "-q", "--bare", str(bare(store)), "copy/articles.git")
    (tmp_path / "copy" / "articles.git" / "config").write_text((bare(store) / "config").read_text())
    with open_store(tmp_path / "copy") as copy:
        found = verdict(copy)
        assert said(found) == []
        assert "3 texts are byte for byte as sealed." in said(found, Standing.PROVED)
        assert "3 pages are not in this store, as in a clone of the texts." in said(found, Standing.OPEN)
        with pytest.raises(StoreError, match="this store holds texts alone"):
            copy.evidence.seal(key, NOW)


# --- signatures ----------------------------------------------------------------------------------------------


def test_plain_git_and_ssh_keygen_check_the_tag(store, key, tmp_path):
    seal = sealed(store, key)
    signers = tmp_path / "signers"
    signers.write_bytes(seal.allowed_signers)
    name = seal.ref.removeprefix("refs/tags/")
    shown = git(bare(store), "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-tag", name, check=False)
    assert f'Good "git" signature for {seal.machine} with ED25519 key {key.public.fingerprint}' in shown
    (tmp_path / "signature").write_text(seal.signature)
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", seal.machine, "-n", "git", "-s", tmp_path / "signature"],
        input=seal.payload,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert git(bare(store), "fsck", "--strict", "--no-dangling") == ""


def test_a_plain_clone_has_the_seals(store, key, tmp_path):
    seal = sealed(store, key)
    git(tmp_path, "clone", "-q", str(bare(store)), "clone")
    assert git(tmp_path / "clone", "show", f"seal/{seal.name}:manifest").encode() == seal.data


def test_the_key_is_made_once_and_is_the_users_alone(tmp_path):
    path = tmp_path / "config" / "tracker" / "seal_key"
    make_key(path, "Ada's Laptop.local")
    first = load_key(path)
    make_key(path, "another")
    assert load_key(path) == first
    assert first.comment == "ada-s-laptop-local"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == ["seal_key", "seal_key.pub"]
    listed = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True).stdout
    assert first.public.fingerprint in listed


def test_a_key_without_its_public_half_is_a_key(key):
    key.path.with_name("seal_key.pub").unlink()
    assert load_key(key.path).public == key.public


def test_what_is_no_key_is_told(key, tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        load_key(tmp_path / "none")
    (tmp_path / "page.html").write_text("<p>no key</p>")
    with pytest.raises(ConfigError, match="no key that ssh-keygen can use"):
        load_key(tmp_path / "page.html")
    other = key_in(tmp_path, "other")
    with pytest.raises(ConfigError, match="is not the public half of"):
        sign(replace(key, public=other.public), b"x")
    key.path.with_name("seal_key.pub").write_bytes(other.path.with_name("seal_key.pub").read_bytes())
    with pytest.raises(ConfigError, match="ssh-keygen did not sign with"):
        sign(load_key(key.path), b"x")


def test_a_signature_is_over_its_payload_by_its_key(key, tmp_path):
    other = key_in(tmp_path, "other")
    armor = sign(key, b"payload")
    assert signed_by(armor) == key.public
    assert is_good(b"payload", armor)
    assert not is_good(b"other payload", armor)
    signers = tmp_path / "signers"
    signers.write_text(f"# the desk\ndesk@daily.example {key.public}\nsomebody {other.public}\n")
    assert vouched_for(b"payload", armor, signers) == "desk@daily.example"
    assert vouched_for(b"other payload", armor, signers) is None
    signers.write_text(f"somebody {other.public}\n")
    assert vouched_for(b"payload", armor, signers) is None
    signers.write_text(f"somebody {other.public}\ndesk@daily.example ssh-ed25519\n")
    with pytest.raises(ConfigError, match=r"signers:2: missing key; write `name namespaces"):
        vouched_for(b"payload", armor, signers)
    with pytest.raises(ValueError, match="no ssh signature"):
        signed_by("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")


@given(st.text())
def test_every_machine_has_a_name(text):
    name = machine_name(text)
    assert name == machine_name(name)
    assert name.strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
    assert 0 < len(name) <= 40


# --- the form of what is signed ------------------------------------------------------------------------------

BRANCH = "a/b-0123456789abcdef"
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
REVISION = st.text("0123456789abcdef", min_size=40, max_size=40)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
LINES = st.builds(
    Line,
    st.sampled_from([kind for kind in Kind if kind is not Kind.JOIN]),
    TIMES,
    REVISION,
    DIGEST,
    *(st.none() | DIGEST for _ in range(4)),
)
ARTICLES = st.builds(
    lambda text, raw, lines: Section(
        "a/b-0123456789abcdef", "refs/heads/a/b-0123456789abcdef", text, raw, tuple(lines)
    ),
    st.none() | REVISION,
    st.none() | REVISION,
    st.lists(LINES, max_size=3),
)
OTHERS = st.builds(lambda text: Section(None, "refs/reviews/ada", text, None), st.none() | REVISION)


@given(st.lists(ARTICLES | OTHERS))
def test_sections_are_read_as_they_were_written(found):
    texts = [each.write() for each in found]
    assert [Section.read(text) for text in split_sections(write_sections(texts))] == found
    assert split_sections(write_sections(texts)) == texts


@given(TIMES, st.none() | DIGEST, st.integers(1, 99), DIGEST)
def test_a_manifest_is_read_as_it_was_written(when, previous, number, digest):
    made = Manifest("desk-" + "0" * 16, number, when, "SHA256:" + "a" * 43, previous, 2, 3, digest, digest, "0.1.0")
    assert Manifest.read(made.write()) == made


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data + b"more: 1\n",
        lambda data: data.replace(b"number: 1", b"number: 01"),
        lambda data: data.replace(b"tracker seal 1", b"tracker seal 2"),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xff" + data,
    ],
)
def test_what_is_no_manifest_is_not_read(edit):
    made = Manifest("desk-" + "0" * 16, 1, NOW, "SHA256:" + "a" * 43, None, 2, 3, "0" * 64, "0" * 64, "0.1.0").write()
    with pytest.raises(ValueError):  # noqa: PT011 - of reading text, of its form: what matters is that it is refused
        Manifest.read(edit(made))


# --- time stamps ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    return time_server(tmp_path_factory.mktemp("stamps") / "server")


def test_plain_openssl_checks_the_time_stamp(store, key, server, tmp_path):
    seal = sealed(store, key, stamper=server.stamp)
    for name in ("manifest", "timestamp.tsr"):
        shown = subprocess.run(
            ["git", "-C", bare(store), "cat-file", "blob", f"{seal.ref}:{name}"], capture_output=True, check=True
        )
        (tmp_path / name).write_bytes(shown.stdout)
    checked = ["openssl", "ts", "-verify", "-data", "manifest", "-in", "timestamp.tsr", "-CAfile", server.certificates]
    assert subprocess.run(checked, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "manifest").write_bytes(seal.data.replace(b"number: 1", b"number: 2"))
    assert subprocess.run(checked, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_a_time_stamp_is_believed_with_its_certificate_alone(store, key, server, tmp_path):
    seal = store.evidence.seal(key, datetime.now(UTC), stamper=server.stamp).seal
    assert seal is not None
    unchecked = verdict(store)
    assert "whose they are is not checked" in " ".join(said(unchecked, Standing.OPEN))
    checked = verdict(store, Trust(certificates=server.certificates))
    assert said(checked) == []
    assert "1 seal of " in " ".join(said(checked, Standing.PROVED))
    assert "what they list existed by then" in " ".join(said(checked, Standing.PROVED))
    other = time_server(tmp_path / "other", "Others")
    (broken,) = said(verdict(store, Trust(certificates=other.certificates)))
    assert "does not hold: openssl ts -verify:" in broken


def test_a_later_time_stamp_reaches_back_along_the_chain(store, key, server):
    sealed(store, key)
    put(store, "Three men died.", when=at(9))
    sealed(store, key, stamper=server.stamp)
    found = store.evidence.verify(Trust(certificates=server.certificates), [history_of(store).branch])
    (article,) = found.articles
    assert [each.stamp.seal.number for each in article.proofs if each.stamp] == [2, 2, 2]
    assert [each.seals[0].seal.number for each in article.proofs] == [1, 1, 2]
    texts = said(found, Standing.PROVED)
    assert sum("it existed by" in text and "CN = Stamps" in text.replace("CN=", "CN = ") for text in texts) == 3


def test_a_server_that_fails_keeps_no_seal_back_and_is_asked_again(store, key, server):
    def down(_query: bytes) -> bytes:
        raise FetchError("stamps.example: connection refused")

    made = store.evidence.seal(key, NOW, stamper=down)
    assert made.seal is not None
    assert made.seal.token is None
    assert made.unstamped == "stamps.example: connection refused"
    again = store.evidence.seal(key, NOW, stamper=down)
    assert (again.seal, again.unstamped) == (None, "stamps.example: connection refused")
    stamped = sealed(store, key, stamper=server.stamp)
    assert (stamped.number, stamped.manifest.entries) == (2, 0)
    assert stamped.token is not None
    assert store.evidence.seal(key, NOW, stamper=server.stamp).seal is None
    assert said(verdict(store, Trust(certificates=server.certificates))) == []


@pytest.mark.parametrize("answer", [b"<p>hello</p>", b""])
def test_an_answer_that_is_no_time_stamp_is_not_kept(store, key, answer):
    made = store.evidence.seal(key, NOW, stamper=lambda _: answer)
    assert made.seal is not None
    assert made.seal.token is None
    assert "it is no answer in the form of RFC 3161" in (made.unstamped or "")


def test_a_server_that_refuses_is_told_with_its_words(store, key, server):
    made = store.evidence.seal(key, NOW, stamper=lambda _: server.refusal())
    assert made.seal is not None
    assert made.seal.token is None
    assert "Status: Rejected" in (made.unstamped or "")
    assert "Message digest algorithm is not supported" in (made.unstamped or "")


def test_a_time_stamp_over_something_else_is_not_kept(store, key, server):
    kept: list[bytes] = []

    def old(query: bytes) -> bytes:
        kept.append(server.stamp(query))
        return kept[0]

    sealed(store, key, stamper=old)
    put(store, "Three men died.", when=at(9))
    made = store.evidence.seal(key, NOW, stamper=old)
    assert "stamped something else" in (made.unstamped or "")


def test_a_clock_that_differs_from_the_servers_is_told(store, key, server):
    sealed(store, key, stamper=server.stamp)  # NOW is long past, or long to come
    found = verdict(store, Trust(certificates=server.certificates))
    assert "the time-stamping server" in " ".join(said(found, Standing.OPEN))
    assert found.sound
