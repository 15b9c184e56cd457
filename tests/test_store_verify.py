"""Verification: tampering of every sort is told, what was decided is told as that, and nothing more is claimed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from tests.evidence_support import (
    about,
    forge_tag,
    key_in,
    made,
    overwrite_object,
    rewrite,
    said,
    time_server,
    verdict,
    with_file,
)
from tests.store_support import START, at, bare, git, history_of, put
from tracker.errors import StoreError
from tracker.store import Kind, Standing, Trust, open_store
from tracker.store.keys import sign
from tracker.store.manifest import sha256
from tracker.store.pages import write_facts
from tracker.store.seals import SEALS

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        put(opened, "One man died.")
        put(opened, "Two men died.", when=at(5))
        yield opened


@pytest.fixture
def key(tmp_path):
    return key_in(tmp_path)


@pytest.fixture
def sealed(store, key):
    """The store after three seals, of two captures, one and one."""
    store.evidence.seal(key, NOW)
    for number in (9, 13):
        put(store, f"{number} men died.", when=at(number))
        store.evidence.seal(key, NOW)
    assert said(verdict(store)) == []
    return store


def branch(store) -> str:
    return history_of(store).branch


def ref(store, number: int) -> str:
    (machine,) = {each.split("/")[3] for each in git(bare(store), "for-each-ref", "--format=%(refname)", SEALS).split()}
    return f"{SEALS}{machine}/{number}"


# --- articles ------------------------------------------------------------------------------------------------


def test_a_store_that_nobody_touched_is_as_it_was_sealed(sealed, key):
    found = verdict(sealed, Trust(own_key=key.public))
    proved = " ".join(said(found, Standing.PROVED))
    assert "Seals 1 to 3 of newsdesk-" in proved
    assert "which is your own" in proved
    assert "4 texts are byte for byte as sealed, and 4 pages are." in proved
    assert "What the server sent" in " ".join(said(found, Standing.OPEN))


def test_a_page_that_was_swapped_is_told(sealed):
    rewrite(sealed, f"refs/raw/{branch(sealed)}", "page.html", lambda page: page + b"!", words={})
    (broken,) = said(verdict(sealed))
    assert f"{branch(sealed)}: The page captured at 2024-03-01 09:43:00 UTC is not the one that came: its SHA" in broken


def test_a_page_that_was_swapped_with_all_that_names_it_is_told(sealed):
    """Who rewrites the page, its digest and the text's trailer makes another commit of the text."""
    newest = history_of(sealed).entries[-1]
    digest = sha256(b"another page")
    words = {str(newest.raw_sha256): digest}
    raw, text = f"refs/raw/{branch(sealed)}", f"refs/heads/{branch(sealed)}"
    rewrite(sealed, raw, "page.html", lambda _: b"another page", words=words)
    named = str(newest.raw_sha256).encode()
    rewrite(sealed, raw, "capture.json", lambda facts: facts.replace(named, digest.encode()), words={})
    rewrite(sealed, text, "article.md", lambda text: text, words=words)
    found = verdict(sealed)
    (broken,) = said(found)
    assert f"{newest.revision[:12]} of 2024-03-01 09:43:00 UTC, which seal 3 of newsdesk-" in broken
    assert "is no longer in the history: it was rewritten" in broken
    assert "1 entry is in no seal yet" in " ".join(said(found, Standing.OPEN))


def test_a_text_that_was_rewritten_is_told(sealed):
    rewrite(sealed, f"refs/heads/{branch(sealed)}", "article.md", lambda text: text.replace(b"13", b"31"), words={})
    assert "it was rewritten" in " ".join(said(verdict(sealed)))


def test_a_history_that_was_cut_short_is_told(sealed):
    git(bare(sealed), "update-ref", f"refs/heads/{branch(sealed)}", history_of(sealed).entries[0].revision)
    broken = said(verdict(sealed))
    assert len(broken) == 3
    assert all("it was rewritten" in each for each in broken)


def test_how_a_page_came_cannot_be_changed(sealed):
    def edit(data: bytes) -> bytes:
        return write_facts(json.loads(data) | {"status": 404})

    rewrite(sealed, f"refs/raw/{branch(sealed)}", "capture.json", edit, words={})
    (broken,) = said(verdict(sealed))
    assert "is not as seal 3 of newsdesk-" in broken
    assert broken.endswith("has it: capture.json differs.")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("refs/heads/{}:article.md", "blob"), ("refs/heads/{}:meta.json", "blob"), ("refs/raw/{}:page.html", "blob")],
)
def test_another_content_under_the_same_id_is_told(sealed, name, kind):
    overwrite_object(sealed, name.format(branch(sealed)), kind, b"forged")
    with open_store(sealed.path) as again:
        broken = " ".join(said(verdict(again)))
        assert "is damaged" in broken


def test_a_commit_with_another_content_is_told(sealed):
    name = branch(sealed)
    data = made(sealed, b"", "cat-file", "commit", f"refs/heads/{name}") + "\n"
    overwrite_object(sealed, f"refs/heads/{name}", "commit", data.replace("13 men", "31 men").encode() + b"x\n")
    with open_store(sealed.path) as again:
        assert "is damaged" in " ".join(said(verdict(again)))


def test_an_object_that_cannot_be_read_is_told(sealed):
    found = git(bare(sealed), "rev-parse", f"refs/heads/{branch(sealed)}:article.md").strip()
    path = bare(sealed) / "objects" / found[:2] / found[2:]
    path.chmod(0o644)
    path.write_bytes(b"rubbish")
    with open_store(sealed.path) as again:
        assert "has no text" in " ".join(said(verdict(again)))


def test_a_date_that_was_rewritten_is_told(store):
    """Before any seal: the two times that a snapshot names no longer agree."""
    stamp = str(int(at(5).timestamp()))
    name = f"refs/heads/{branch(store)}"
    author = next(row for row in git(bare(store), "cat-file", "commit", name).split("\n") if row.startswith("author"))
    rewrite(store, name, "article.md", lambda text: text, words={author: author.replace(stamp, "1000000000")})
    (broken,) = said(verdict(store))
    assert "its author date is not the time of its capture" in broken


def test_a_date_that_no_calendar_has_is_told(store):
    name = f"refs/heads/{branch(store)}"
    rows = git(bare(store), "cat-file", "commit", name).split("\n")
    committer = next(row for row in rows if row.startswith("committer"))
    words = {committer: re.sub(r"> \d+ ", "> 1000000000000000 ", committer)}
    rewrite(store, name, "article.md", lambda text: text, words=words)
    assert "2 snapshots: stored more than a day after" in " ".join(said(verdict(store), Standing.OPEN))


def test_a_page_that_vanished_is_told(sealed):
    rewrite(sealed, f"refs/raw/{branch(sealed)}", "page.html", lambda _: None, words={})
    (broken,) = said(verdict(sealed))
    assert broken.endswith("The page captured at 2024-03-01 09:43:00 UTC is gone, and nothing says who took it out.")


def test_pages_that_were_pruned_are_told_with_the_decision(sealed, key):
    decision = "pages older than two years\nare not kept"
    sealed.pruner.prune([history_of(sealed)], at(10), decision, lambda _: None)
    found = verdict(sealed)
    assert said(found) == []
    (recorded,) = said(found, Standing.RECORDED)
    assert re.fullmatch(
        r"3 snapshots: text as sealed, raw page removed on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by decision: "
        r"pages older than two years are not kept\.",
        recorded,
    )
    assert "4 texts are byte for byte as sealed, and 1 page is." in said(found, Standing.PROVED)
    one = sealed.evidence.verify(Trust(), [branch(sealed)])
    assert [each.page.value for each in one.articles[0].proofs] == ["pruned"] * 3 + ["there"]
    assert sealed.evidence.seal(key, NOW).seal is not None  # the refs of pages have moved
    assert said(verdict(sealed)) == []


def test_what_was_pruned_before_it_was_sealed_holds(store, key):
    put(store, "Three men died.", when=at(8))
    store.pruner.prune([history_of(store)], at(10), "age", lambda _: None)
    store.evidence.seal(key, NOW)
    found = verdict(store)
    assert said(found) == []
    (recorded,) = said(found, Standing.RECORDED)
    assert recorded.startswith("2 snapshots: text as sealed, raw page removed on ")


def test_what_else_of_a_pruned_capture_was_changed_is_told(sealed):
    raw = f"refs/raw/{branch(sealed)}"
    decision = {"pruned": {"at": "2026-04-01T00:00:00.000000Z", "decision": "age"}, "status": 404}
    rewrite(sealed, raw, "page.html", lambda _: None, words={})
    rewrite(sealed, raw, "capture.json", lambda data: write_facts(json.loads(data) | decision), words={})
    assert "capture.json differs" in " ".join(said(verdict(sealed)))


@pytest.mark.parametrize("facts", [b"[]", b"{", b'{"pruned": 3}', b'{"pruned": {"at": "yesterday"}}', b"[" * 9999])
def test_a_capture_json_that_says_nothing_excuses_nothing(sealed, facts):
    raw = f"refs/raw/{branch(sealed)}"
    rewrite(sealed, raw, "page.html", lambda _: None, words={})
    rewrite(sealed, raw, "capture.json", lambda _: facts, words={})
    assert "nothing says who took it out" in " ".join(said(verdict(sealed)))


def test_a_deleted_article_is_told_as_that_and_one_that_is_merely_gone_is_not(sealed, key):
    name = branch(sealed)
    sealed.deleter.delete([name], "order of the court of Port Ellery")
    found = verdict(sealed)
    assert said(found) == []
    (recorded,) = said(found, Standing.RECORDED)
    assert recorded.startswith(f"{name}: Deleted on 2")
    assert recorded.endswith("by decision: order of the court of Port Ellery (4 sealed entries went with it)")
    deletion = sealed.evidence.seal(key, NOW).seal
    assert deletion is not None
    assert deletion.manifest.entries == 1
    assert said(verdict(sealed)) == []
    git(bare(sealed), "update-ref", "-d", f"refs/heads/{name}")
    (broken,) = said(verdict(sealed))
    assert broken == f"{name}: Gone with 5 sealed entries, and nothing says who deleted it."


# --- seals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "words"), [(1, "Seal 1 of "), (2, "Seal 2 of ")])
def test_a_seal_that_was_dropped_is_told(sealed, number, words):
    git(bare(sealed), "update-ref", "-d", ref(sealed, number))
    broken = said(verdict(sealed))
    assert any(each.startswith(words) and each.endswith(": missing.") for each in broken)
    assert any("does not go on from the one before it" in each for each in broken)


def test_what_only_a_dropped_seal_held_is_no_longer_proved_and_sealed_once_more(sealed, key):
    git(bare(sealed), "update-ref", "-d", ref(sealed, 2))
    found = verdict(sealed)
    assert "3 texts are byte for byte as sealed, and 3 pages are." in said(found, Standing.PROVED)
    assert "1 entry is in no seal yet" in " ".join(said(found, Standing.OPEN))
    assert sealed.evidence.seal(key, NOW).seal is not None
    assert "4 texts are byte for byte as sealed, and 4 pages are." in said(verdict(sealed), Standing.PROVED)


def test_a_seal_dropped_from_the_end_is_not_seen_and_that_is_said(sealed):
    git(bare(sealed), "update-ref", "-d", ref(sealed, 3))
    found = verdict(sealed)
    assert said(found) == []
    assert "a chain cut off at its end looks whole" in " ".join(said(found, Standing.OPEN))


def edited(store, number: int, name: str, edit) -> None:
    """Put another file under the same signature."""
    tag = ref(store, number)
    tree = git(bare(store), "rev-parse", f"{tag}^{{tree}}").strip()
    data = git(bare(store), "cat-file", "blob", f"{tag}:{name}").encode()
    other = with_file(store, tree, name, edit(data))
    forge_tag(store, tag, lambda text: text.replace(tree, other))


def resigned(store, number: int, key, edit) -> None:
    """Put another payload under a good signature of a key."""

    def forged(text: str) -> str:
        payload = edit(text.partition("-----BEGIN SSH")[0])
        return f"{payload}{sign(key, payload.encode())}"

    forge_tag(store, ref(store, number), forged)


@pytest.mark.parametrize(
    ("name", "edit", "why"),
    [
        (
            "manifest",
            lambda data: data.replace(b"entries: 1", b"entries: 2"),
            "manifest is not the one that was signed",
        ),
        ("manifest", lambda _: b"", "no manifest of a seal"),
        ("articles", lambda data: data.replace(b"snapshot", b"reread"), "list of articles is not the one"),
        ("articles", lambda _: b"", "list of articles is not the one"),
        ("digests", lambda _: b"0" * 64 + b"\n", "list of articles is not the one"),
        ("articles", lambda data: b"\xff" + data, "can't decode"),
    ],
)
def test_a_file_of_a_seal_that_was_edited_is_told(sealed, name, edit, why):
    edited(sealed, 2, name, edit)
    broken = " ".join(said(verdict(sealed)))
    assert "cannot be believed" in broken
    assert why in broken


@pytest.mark.parametrize("name", ["{}", "{}:manifest", "{}:articles"])
@pytest.mark.parametrize("rubbish", [b"rubbish", None])
def test_a_seal_that_cannot_be_read_is_told(sealed, key, name, rubbish):
    found = git(bare(sealed), "rev-parse", name.format(ref(sealed, 2))).strip()
    path = bare(sealed) / "objects" / found[:2] / found[2:]
    path.chmod(0o644)
    path.unlink()
    if rubbish:
        path.write_bytes(rubbish)
    with open_store(sealed.path) as again:
        assert "Seal 2 of newsdesk-" in " ".join(said(verdict(again)))
        seal = again.evidence.seal(key, NOW).seal
        assert seal is not None
        assert seal.manifest.entries == 1  # what the lost one listed is sealed once more
        assert again.evidence.seal(key, NOW).seal is None


def test_lists_that_were_edited_together_are_told(sealed, key):
    """Also where the manifest and the tag follow: the signature does not."""
    tag = ref(sealed, 2)
    tree = git(bare(sealed), "rev-parse", f"{tag}^{{tree}}").strip()
    articles = git(bare(sealed), "cat-file", "blob", f"{tag}:articles").replace("snapshot", "reread", 1)
    digests = f"{sha256(articles.encode())}\n"
    manifest = git(bare(sealed), "cat-file", "blob", f"{tag}:manifest")
    forged = manifest.replace(
        sha256(git(bare(sealed), "cat-file", "blob", f"{tag}:digests").encode()), sha256(digests.encode())
    )
    for name, data in (("articles", articles), ("digests", digests), ("manifest", forged)):
        tree = with_file(sealed, tree, name, data.encode())

    def edit(text: str) -> str:
        lines = [f"object {tree}", *text.split("\n")[1:]]
        return "\n".join(lines).replace(sha256(manifest.encode()), sha256(forged.encode()))

    forge_tag(sealed, tag, edit)
    assert "its signature does not fit it" in " ".join(said(verdict(sealed)))
    resigned(sealed, 2, key, lambda text: text)  # whoever has the key can do that, and breaks the chain by it
    assert "does not go on from the one before it" in " ".join(said(verdict(sealed)))


def test_a_signature_by_another_key_is_told(sealed, tmp_path):
    resigned(sealed, 2, key_in(tmp_path, "thief"), lambda text: text)
    (broken,) = said(verdict(sealed))
    assert "it is signed by another key (SHA256:" in broken
    assert "than the one that its chain is named after" in broken


def test_a_seal_under_another_number_is_told(sealed):
    git(bare(sealed), "update-ref", ref(sealed, 2), ref(sealed, 1))
    assert "it was made under another name" in " ".join(said(verdict(sealed)))


@pytest.mark.parametrize("target", ["refs/heads/_about", "refs/heads/_about^{tree}"])
def test_what_is_no_seal_is_told(sealed, target):
    git(bare(sealed), "update-ref", ref(sealed, 2), target)
    assert "cannot be believed: it is no annotated tag" in " ".join(said(verdict(sealed)))


def test_a_tag_without_signature_and_a_name_that_is_no_seals_are_told(sealed):
    forge_tag(sealed, ref(sealed, 2), lambda text: text.partition("-----BEGIN")[0])
    git(bare(sealed), "update-ref", f"{SEALS}Newsdesk/01", "refs/heads/_about")
    broken = " ".join(said(verdict(sealed)))
    assert "it is not signed with an ssh key" in broken
    assert "refs/tags/seal/Newsdesk/01 is not named as a seal is" in broken


def test_only_the_keys_that_are_named_are_believed(sealed, key, tmp_path):
    signers = tmp_path / "signers"
    signers.write_text(f'desk@daily.example namespaces="git" {key.public}\n')
    found = verdict(sealed, Trust(allowed_signers=signers))
    assert said(found) == []
    assert "which signers vouches for as desk@daily.example" in " ".join(said(found, Standing.PROVED))
    signers.write_text(f"desk@daily.example {key_in(tmp_path, 'other').public}\n")
    found = verdict(sealed, Trust(allowed_signers=signers))
    assert len(said(found)) == 3
    assert "does not vouch for its key" in said(found)[0]
    assert "There is no seal to believe" in " ".join(said(found, Standing.OPEN))
    assert "nobody here vouches for it" in " ".join(said(verdict(sealed), Standing.OPEN))


def test_a_chain_whose_end_is_damaged_is_not_gone_on_with(sealed, key):
    edited(sealed, 3, "manifest", lambda _: b"")
    with pytest.raises(StoreError, match=r"the newest seal, newsdesk-[0-9a-f]{16}/3, is damaged"):
        sealed.evidence.seal(key, NOW)
    assert sealed.evidence.seal(key, NOW, machine="spare").seal is not None


def test_a_time_stamp_that_was_moved_to_another_seal_is_told(store, key, tmp_path):
    server = time_server(tmp_path / "server")
    store.evidence.seal(key, NOW, stamper=server.stamp)
    put(store, "9 men died.", when=at(9))
    store.evidence.seal(key, NOW)
    token = git(bare(store), "rev-parse", f"{ref(store, 1)}:timestamp.tsr").strip()
    tree = git(bare(store), "rev-parse", f"{ref(store, 2)}^{{tree}}").strip()
    rows = git(bare(store), "ls-tree", tree) + f"100644 blob {token}\ttimestamp.tsr\n"
    other = made(store, rows.encode(), "mktree")
    resigned(store, 2, key, lambda text: text.replace(tree, other))
    (broken,) = said(verdict(store, Trust(certificates=server.certificates)))
    assert "The time stamp of seal 2 of newsdesk-" in broken
    assert "it is over something else" in broken


def test_a_time_stamp_reaches_back_over_no_seal_that_is_not_believed(sealed, key, tmp_path):
    server = time_server(tmp_path / "server")
    put(sealed, "17 men died.", when=at(17))
    sealed.evidence.seal(key, NOW, stamper=server.stamp)
    trust = Trust(certificates=server.certificates)
    stamped: list[int | None] = [4, 4, 4, 4, 4]
    for broken in (None, 2):
        if broken:  # its manifest, and so what the next one names, stays as it is
            edited(sealed, broken, "allowed_signers", lambda data: data.replace(b"newsdesk", b"elsewhere"))
            stamped = [None, None, None, 4, 4]
        (article,) = sealed.evidence.verify(trust, [branch(sealed)]).articles
        assert [each.stamp and each.stamp.seal.number for each in article.proofs] == stamped


# --- what is not proved --------------------------------------------------------------------------------------


def test_without_a_seal_nothing_is_proved(store):
    found = verdict(store)
    assert said(found) == said(found, Standing.PROVED) == []
    assert "There is no seal to believe" in " ".join(said(found, Standing.OPEN))
    assert "2 entries are in no seal yet" in " ".join(said(found, Standing.OPEN))


def test_a_capture_that_was_dated_back_is_told_one_by_one_for_one_article(store, key):
    store.evidence.seal(key, NOW)
    found = store.evidence.verify(Trust(), [branch(store)])
    late = [each for each in found.statements if "stored more than a day after the time that it names" in each.text]
    assert [each.revision for each in late] == [each.revision for each in history_of(store).snapshots]
    assert about(verdict(store), "stored more than a day").text.startswith("2 snapshots: ")


def test_a_capture_dated_after_its_seal_is_told(store, key):
    store.evidence.seal(key, START)
    assert "dated after the seal over it" in " ".join(said(verdict(store), Standing.OPEN))


def test_seals_alone_are_checked_without_a_page_being_read(sealed):
    rewrite(sealed, f"refs/raw/{branch(sealed)}", "page.html", lambda page: page + b"!", words={})
    found = verdict(sealed, seals_only=True)
    assert found.sound
    assert found.articles == ()


def test_rereads_and_events_are_verified_too(store, key):
    store.write_event(history_of(store), Kind.GONE, at=at(7), url="https://www.daily.example/x", detail="404")
    store.evidence.seal(key, NOW)
    tip = f"refs/heads/{branch(store)}"
    rewrite(store, tip, "article.md", lambda text: text, words={"(404)": "(410)"})
    assert "which seal 1 of newsdesk-" in " ".join(said(verdict(store)))
