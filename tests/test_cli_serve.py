"""`tracker serve` as a person starts it: what it says, what it refuses, and that it stops."""

from __future__ import annotations

import builtins
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli_support import environment, fill, program, refused, run_here


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The program at work, and the address that it says."""
    command = [program(), "serve", "--port", "0", *arguments]
    steered = environment(**variables)
    with subprocess.Popen(command, cwd=folder, env=steered, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = re.search(r"http://\S+", process.stderr.readline())
            assert found
            yield found[0], process
        finally:
            process.kill()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [("--demo",), ("--store", "store")])
def test_it_says_where_it_is_stops_when_told_and_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], told: signal.Signals
) -> None:
    fill(tmp_path / "store")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with started(tmp_path, *arguments, TMPDIR=str(temporary)) as (address, process):
        assert bool(list(temporary.iterdir())) is (arguments == ("--demo",))
        answer = httpx2.get(address, timeout=20)
        assert answer.status_code == 200
        assert "data-edit>" in answer.text
        assert "server" not in answer.headers
        process.send_signal(told)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert list(temporary.iterdir()) == []


def test_a_token_is_made_and_told_once(tmp_path: Path) -> None:
    fill(tmp_path / "store")
    with started(tmp_path, "--store", "store", "--token") as (address, _):
        assert "?token=" in address
        assert httpx2.get(address.partition("?")[0], timeout=20).status_code == 401
        assert httpx2.get(address, timeout=20, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "::"), "--password-file or --token"),
        (("--host", "::", "--token"), "--allow-host NAME"),
        (("--allow-host", ""), "give a name alone"),
        (("--allow-host", "https://review.example"), "give a name alone"),
        (("--password-file", "nowhere"), "cannot read a password"),
        (("--password-file", "empty"), "is empty"),
    ],
)
def test_nobody_is_let_in_by_mistake(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_text("\n")
    fill(tmp_path / "snapshots")
    refused(run_here(capsys, "serve", *arguments), 2, words)


def test_a_name_is_allowed_with_or_without_its_port(tmp_path: Path) -> None:
    fill(tmp_path / "store")
    names = ("--allow-host", "Review.example", "--allow-host", "desk.example:8443")
    with started(tmp_path, "--store", "store", *names) as (address, _):
        for host in ("review.example", "desk.example:8443", "desk.example"):
            assert httpx2.get(address, headers={"host": host}, timeout=20).status_code == 200
        assert httpx2.get(address, headers={"host": "other.example"}, timeout=20).status_code == 400


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fill(tmp_path / "store")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused(run_here(capsys, "serve", "--store", str(tmp_path / "store"), "--port", port), 2, "another --port")


def test_without_the_extra_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in ("starlette", "uvicorn"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    refused(run_here(capsys, "serve"), 4, "pip install 'tracker[serve]'")


def test_a_store_that_is_not_there_is_not_made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    refused(run_here(capsys, "serve", "--port", "0", "--store", str(tmp_path / "none")), 7, "no store")
    assert not (tmp_path / "none").exists()
