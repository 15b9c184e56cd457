"""The commands of docs/evidence.md, run as they stand there, on a store that is sound and on one that is not."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.evidence_support import key_in, rewrite, time_server
from tests.store_support import at, bare, git, history_of, put
from tracker.store import Store, open_store

TEXT = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text("utf-8")
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT.partition("## Checking without tracker")[2], re.DOTALL))


@pytest.fixture
def store(tmp_path):
    """Two seals, the second with a time stamp; what their owner gives to others lies beside."""
    server, key = time_server(tmp_path / "server"), key_in(tmp_path)
    with open_store(tmp_path / "STORE", create=True) as opened:
        put(opened, "One man died.")
        opened.evidence.seal(key, datetime.now(UTC))
        put(opened, "Two men died.", when=at(5))
        put(opened, "She leaves.", when=at(7), url="https://www.daily.example/world/harbour-master")
        seal = opened.evidence.seal(key, datetime.now(UTC), stamper=server.stamp).seal
        assert seal is not None
        (tmp_path / "allowed_signers").write_bytes(seal.allowed_signers)
        (tmp_path / "stamps.pem").write_bytes(server.certificates.read_bytes())
        yield opened


def typed(store: Store) -> subprocess.CompletedProcess[str]:
    """All commands of the page in one shell, which stops at the first that fails."""
    (seal,) = git(bare(store), "tag", "-l", "seal/*/2").split()
    commands = COMMANDS.replace("seal/newsdesk-0123456789abcdef/2", seal)
    commands = re.sub(r"(?m)^ARTICLE=.*$", f"ARTICLE={history_of(store).branch}", commands)
    return subprocess.run(
        ["sh", "-e"], input=commands, cwd=store.path.parent, capture_output=True, text=True, check=False
    )


def test_the_commands_check_a_store_that_is_sound(store):
    done = typed(store)
    assert done.returncode == 0, done.stderr
    assert 'Good "git" signature' in done.stdout + done.stderr
    assert "Verification: OK" in done.stdout + done.stderr
    assert f"Time stamp: {datetime.now(UTC):%b}" in done.stdout


@pytest.mark.parametrize(("side", "name"), [("heads", "article.md"), ("raw", "page.html")])
def test_the_commands_fail_on_one_that_was_tampered_with(store, side, name):
    rewrite(store, f"refs/{side}/{history_of(store).branch}", name, lambda data: data + b"!", words={})
    assert typed(store).returncode != 0
