"""Seals that travel between stores: taken as they are, proved there as here, and left out where they were forged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.evidence_support import key_in, made, said, verdict, with_file
from tests.sharing_support import DATED, bare_repository, in_step, look, pushed
from tests.site import URL, capture, edited, hour, page
from tests.store_support import bare, git
from tracker.pipeline import keep, pull
from tracker.store import Standing, Store, Trust, open_store

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path):
    return bare_repository(tmp_path / "hub.git")


@pytest.fixture
def stores(tmp_path):
    with (
        open_store(tmp_path / "one", create=True) as one,
        open_store(tmp_path / "two", create=True) as two,
    ):
        yield one, two


def test_two_machines_captures_and_seals_become_one_store(hub, stores, tmp_path):
    keys = [key_in(tmp_path, name) for name in ("one-desk", "two-desk")]
    for place, (store, key) in enumerate(zip(stores, keys, strict=True)):
        look(store, hour(1 + place), *edited(1, "paint and ropes", f"paint and {place} ropes"))
        store.evidence.seal(key, NOW)
    in_step(stores, hub)
    signers = tmp_path / "signers"
    signers.write_text("".join(f"{key.comment} {key.public}\n" for key in keys))
    for store in stores:
        found = verdict(store, Trust(allowed_signers=signers))
        assert said(found) == []
        assert "2 texts are byte for byte as sealed, and 2 pages are." in said(found, Standing.PROVED)
        assert {chain.machine[:8] for chain in found.chains} == {"one-desk", "two-desk"}
    for store, key in zip(stores, keys, strict=True):
        sealed = store.evidence.seal(key, NOW).seal
        assert sealed is not None
        assert sealed.manifest.entries == 1  # what came from the other machine
    in_step(stores, hub)
    assert said(verdict(stores[0], Trust(allowed_signers=signers))) == []


def test_what_another_machine_sealed_and_never_sent_is_no_loss(hub, stores, tmp_path):
    one, two = stores
    keys = [key_in(tmp_path, name) for name in ("one-desk", "two-desk")]
    for store, key in zip(stores, keys, strict=True):
        look(store, hour(1))
        store.evidence.seal(key, NOW)
    in_step(stores, hub)
    look(two, hour(2), *edited(0, "12 people", "21 people"))
    look(two, hour(3), url=f"{URL}-2")
    seal = two.evidence.seal(keys[1], NOW).seal
    assert seal is not None
    git(bare(two), "push", "-q", str(hub), f"{seal.ref}:{seal.ref}")  # and nothing that it speaks of
    pull(one, one.sharing.remote(str(hub), one.path))
    mine = verdict(one, Trust(own_key=keys[0].public))
    assert said(mine) == []
    assert any("2 snapshots: in seals of other machines alone" in each for each in said(mine, Standing.OPEN))
    git(bare(one), "update-ref", "-d", f"refs/heads/{one.find(URL)}")  # what its own seal has is a loss
    assert "nothing says who deleted it" in " ".join(said(verdict(one, Trust(own_key=keys[0].public))))


def test_one_capture_that_two_machines_stored_in_two_ways_is_as_each_sealed_it(hub, stores, tmp_path):
    """The same file, taken up on both under the same time, came to one of them by a redirect."""
    for store, final_url in zip(stores, (URL, f"{URL}?from=feed"), strict=True):
        keep(store, capture(hour(1), page(), final_url=final_url), DATED)
        store.evidence.seal(key_in(tmp_path, store.path.name), NOW)
    in_step(stores, hub)
    for store in stores:
        raw = git(bare(store), "rev-list", "--glob=refs/raw", "--no-merges").split()
        assert len({git(bare(store), "rev-parse", f"{each}:capture.json") for each in raw}) == 2
        found = verdict(store)
        assert said(found) == []
        assert "2 texts are byte for byte as sealed, and 2 pages are." in said(found, Standing.PROVED)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("manifest", b"", "no manifest of a seal"),
        ("articles", b"article a/b-0123456789abcdef\ntext -\nraw -\n", "its list of articles is not the one"),
        ("allowed_signers", b"", "the public key beside it is not the one that signed it"),
        ("hooks", b"#!/bin/sh\n", "a seal with other files than its own"),
    ],
)
def test_a_seal_whose_files_do_not_belong_to_it_is_left_out(hub, stores, tmp_path, name, data, why):
    one, two = stores
    look(one, hour(1))
    seal = one.evidence.seal(key_in(tmp_path), NOW).seal
    assert seal is not None
    tree = with_file(one, seal.tree, name, data)
    text = git(bare(one), "cat-file", "tag", seal.ref).replace(seal.tree, tree)
    git(bare(one), "update-ref", seal.ref, made(one, text.encode(), "hash-object", "-t", "tag", "-w", "--stdin"))
    pushed(one, hub)
    left_out(two, hub, seal.ref, why)


@pytest.mark.parametrize("target", ["refs/heads/_about", "refs/heads/_about^{tree}", "refs/heads/_about:README.md"])
def test_what_is_no_seal_is_left_out(hub, stores, target):
    one, two = stores
    look(one, hour(1))
    pushed(one, hub)
    ref = "refs/tags/seal/desk-0123456789abcdef/1"
    git(hub, "update-ref", ref, target)
    left_out(two, hub, ref, "a seal is missing")
    git(hub, "-c", "user.name=t", "-c", "user.email=t@t", "tag", "-f", "-a", "-m", "x", ref[10:], target)
    left_out(two, hub, ref, "it is not signed with an ssh key, or not on a tree")


def left_out(store: Store, hub: Path, ref: str, why: str) -> None:
    """It is told, and not here; the rest has come."""
    done = pull(store, store.sharing.remote(str(hub), store.path))
    (line,) = done.left_out
    assert ref in line
    assert why in line
    assert git(bare(store), "for-each-ref", "refs/tags") == ""
    assert len(store.articles()) == 1


def test_a_seal_of_another_store_under_the_same_name_is_left_out(hub, stores, tmp_path):
    """Two stores of one user on one machine, neither of which has the other's seals."""
    one, two = stores
    key = key_in(tmp_path)
    for place, store in enumerate(stores):
        look(store, hour(1 + place))
        store.evidence.seal(key, NOW)
    pushed(one, hub)
    done = pull(two, two.sharing.remote(str(hub), two.path))
    (line,) = done.left_out
    assert "it is another seal than the one here" in line
    assert said(verdict(two)) == []
    assert two.evidence.seal(key, NOW, machine="second").seal is not None
