"""What is acknowledged is on the disk, with no more flushes than its file system asks for."""

import ctypes
import errno
import json
import os
import zlib
from pathlib import Path

import pytest

from tests.store_support import at, bare, git, history_of, put
from tracker.store import flushing, open_store
from tracker.store.objects import ObjectWriter, blob

KNOWN_SYSTEMS = ("ext4", "xfs")
WRITEOUT = flushing.writeout


@pytest.fixture
def flushed(monkeypatch):
    """The files and folders that are flushed from now on, by our own hand."""
    seen: list[str] = []
    flush = flushing.flush

    def counted(handle: int) -> None:
        seen.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        flush(handle)

    monkeypatch.setattr(flushing, "flush", counted)
    return seen


@pytest.fixture
def waited_for(monkeypatch):
    """The files that are written out and waited for from now on."""
    seen: list[str] = []

    def told(device: int) -> flushing.Start | None:
        start = WRITEOUT(device)
        if start is None:
            return None

        def counted(handle: int, flags: int) -> None:
            if flags & flushing._WAIT_AFTER:
                seen.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
            start(handle, flags)

        return counted

    monkeypatch.setattr(flushing, "writeout", told)
    return seen


@pytest.fixture
def on(monkeypatch):
    """Have every device hold this kind of file system."""

    def system(name: str | None) -> None:
        monkeypatch.setattr(flushing, "_file_system", lambda _: name)
        WRITEOUT.cache_clear()

    yield system
    WRITEOUT.cache_clear()


linux = pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="Linux alone names its file systems here")


@linux
@pytest.mark.parametrize("system", KNOWN_SYSTEMS)
def test_one_flush_stands_for_all_where_there_is_one_journal(tmp_path, flushed, waited_for, on, system):
    on(system)
    with open_store(tmp_path / "store", create=True) as store:
        put(store, "The first makes folders.")
        flushed.clear()
        waited_for.clear()
        put(store, "The second.", when=at(1))
        newest = store.repository.git_dir / f"refs/heads/{history_of(store).branch}"
    assert flushed == [str(newest.parent)]
    names = [Path(each).name for each in waited_for]
    assert len([name for name in names if name.startswith("tmp_obj_")]) == 7
    assert len([name for name in names if name.endswith(".lock")]) == 2


@linux
@pytest.mark.parametrize("system", ["btrfs", "overlay", None])
def test_elsewhere_each_file_and_folder_is_flushed(tmp_path, flushed, on, system):
    on(system)
    with open_store(tmp_path / "store", create=True) as store:
        put(store, "The first makes folders.")
        flushed.clear()
        put(store, "The second.", when=at(1))
    files = [each for each in flushed if Path(each).name.startswith("tmp_obj_")]
    shelves = {each for each in flushed if Path(each).parent.name == "objects" and each not in files}
    locks = [each for each in flushed if each.endswith(".lock")]
    folders = {Path(each).parent.name for each in flushed if "/refs/" in each and each not in locks}
    assert len(set(files)) == 7  # page, capture.json, article.md, and a folder and a commit of each side
    assert 1 <= len(shelves) <= 7
    assert len(locks) == 2
    assert folders == {"heads", "raw"}
    assert flushed.index(locks[0]) > max(flushed.index(each) for each in (*files, *shelves))


@linux
def test_the_folder_of_the_last_ref_is_the_one_that_is_flushed(tmp_path, flushed, on):
    """The journal that has its newest name has all; one that has an older name of another folder may not."""
    on("ext4")
    urls = [f"https://{host}.example/story-{number}" for number in range(3) for host in ("b", "a")]
    with open_store(tmp_path / "store", create=True) as store:
        put(store, "A first.")
        flushed.clear()
        with store.gather():
            for url in [*urls, "https://b.example/story-4"]:
                put(store, "Text.", url=url)
    assert [each.rpartition("/refs/")[2] for each in flushed] == ["heads/b.example"]


@linux
def test_a_disk_that_fails_is_told_of(tmp_path, monkeypatch):
    """Its error is reported once: a flush after it would seem to have gone well."""
    item = tmp_path / "file"
    item.write_text("x")

    class Library:
        @staticmethod
        def sync_file_range(*_: object) -> int:
            ctypes.set_errno(errno.EIO)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library)
    monkeypatch.setattr(flushing, "_file_system", lambda _: "ext4")
    WRITEOUT.cache_clear()
    with pytest.raises(OSError, match="Input/output"):
        flushing.write_out(tmp_path, [item])
    WRITEOUT.cache_clear()


@linux
def test_this_disk_is_known_by_its_number():
    assert flushing._file_system(Path("/proc").stat().st_dev) == "proc"
    assert flushing._file_system(os.makedev(4000, 4000)) is None


def test_git_itself_flushes_nothing_when_it_moves_refs(tmp_path, monkeypatch):
    """Its own flush would be one for each ref, where ours is one for all."""
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace"))
    with open_store(tmp_path / "store", create=True) as store:
        put(store, "One.")
        put(store, "Two.", when=at(1))
    events = [json.loads(line) for line in (tmp_path / "trace").read_text().splitlines()]
    names = [each["argv"] for each in events if each["event"] == "start"]
    flushes = [each for each in events if each.get("key", "").startswith("fsync/") and int(each["value"])]
    assert any("update-ref" in argv for argv in names)
    assert [each["sid"] for each in flushes] == []


def test_objects_are_what_plain_git_and_zlib_read(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        item = blob(b"<p>" + b"The same words again. " * 5000)
        ObjectWriter(store.repository.objects, "token").write([item])
        path = store.repository.objects / item.id[:2] / item.id[2:]
        assert zlib.decompress(path.read_bytes()) == b"blob %d\0" % len(item.data) + item.data
        assert len(path.read_bytes()) < len(item.data) / 20
        assert git(bare(store), "cat-file", "blob", item.id).encode() == item.data
