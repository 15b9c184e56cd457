"""packed-refs, as git writes it, looked up by hand."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store_support import URL, at, bare, git, history_of, put
from tracker.store import open_store
from tracker.store.packed_refs import PackedRefs

HEAD = "# pack-refs with: peeled fully-peeled sorted \n"
NAMES = st.sets(st.from_regex(r"refs/(heads|raw|tags)/[a-z0-9.-]{1,12}/[a-z0-9-]{1,12}", fullmatch=True), max_size=40)


def packed(names: set[str], tags: bool) -> str:
    rows = [f"{number:040x} {name}\n" for number, name in enumerate(sorted(names))]
    return HEAD + "".join(row + (f"^{'f' * 40}\n" if tags and number % 2 else "") for number, row in enumerate(rows))


@given(NAMES, st.booleans(), st.text("abcz/-", max_size=6))
def test_every_ref_is_found_and_no_other(tmp_path_factory, names, tags, stranger):
    path = tmp_path_factory.mktemp("refs") / "packed-refs"
    path.write_text(packed(names, tags))
    refs = PackedRefs(path)
    for number, name in enumerate(sorted(names)):
        assert refs.find(name) == f"{number:040x}"
        assert refs.find(name + "x") == (f"{sorted(names).index(name + 'x'):040x}" if name + "x" in names else None)
        assert refs.find(name[:-1]) is None or name[:-1] in names
    assert refs.find(f"refs/heads/{stranger}") is None or f"refs/heads/{stranger}" in names


@pytest.mark.parametrize(
    "text", ["", HEAD, "\n", "# pack-refs with: peeled \n" + f"{'a' * 40} refs/heads/x\n", "noise\n" * 9]
)
def test_what_is_not_known_to_be_sorted_says_nothing(tmp_path, text):
    path = tmp_path / "packed-refs"
    path.write_text(text)
    assert PackedRefs(path).find("refs/heads/x") is None
    assert PackedRefs(tmp_path / "nothing").find("refs/heads/x") is None


def test_a_file_that_is_replaced_is_read_anew(tmp_path):
    path = tmp_path / "packed-refs"
    refs = PackedRefs(path)
    assert refs.find("refs/heads/a") is None
    for number in range(3):
        draft = tmp_path / "new"
        draft.write_text(HEAD + f"{number:040x} refs/heads/a\n")
        draft.rename(path)
        assert refs.find("refs/heads/a") == f"{number:040x}"
    path.unlink()
    assert refs.find("refs/heads/a") is None


def test_git_and_we_read_the_same(tmp_path: Path):
    with open_store(tmp_path, create=True) as store:
        for number in range(30):
            put(store, f"Text {number}.", url=f"https://www.daily.example/story-{number}")
        git(bare(store), "tag", "-a", "-m", "a tag", "seal/x/1", "_about")
        git(bare(store), "pack-refs", "--all")
        listed = git(bare(store), "for-each-ref", "--format=%(objectname) %(refname)").split("\n")[:-1]
        random.Random(1).shuffle(listed)  # noqa: S311 - any order
        refs = PackedRefs(bare(store) / "packed-refs")
        assert {f"{refs.find(name)} {name}" for _, name in map(str.split, listed)} == set(listed)


def test_a_packed_branch_that_moves_is_seen_at_once(tmp_path):
    with open_store(tmp_path, create=True) as store:
        put(store, "One.")
        first = put(store, "One.", "Two.", when=at(1))
        git(bare(store), "pack-refs", "--all")
        history = history_of(store)
        assert history.tip == first.revision
        git(bare(store), "update-ref", f"refs/heads/{history.branch}", f"{first.revision}^")
        assert len(history_of(store).snapshots) == 1
        git(bare(store), "pack-refs", "--all")
        assert len(history_of(store, URL).snapshots) == 1
