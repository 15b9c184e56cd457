"""`tracker seal` and `verify` as a person or a job meets them."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.cli_support import fill, refused, run_here
from tests.evidence_support import key_in, rewrite, time_server
from tests.http_support import serving
from tests.site import URL
from tests.store_support import git, history_of
from tracker.store import open_store


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    fill(folder / "snapshots")
    return folder


@pytest.fixture
def desk(filled, tmp_path, monkeypatch):
    """The folder of a user, with a store in it and the user's settings."""
    shutil.copytree(filled / "snapshots", tmp_path / "snapshots")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def typed(desk, capsys):  # noqa: ARG001 - where it is typed
    """Types a command line there; it runs in this process."""
    return lambda *words: run_here(capsys, *map(str, words))


def test_a_first_seal_makes_a_key_and_says_where(desk, typed):
    done = typed("seal")
    assert done.returncode == 0
    assert re.fullmatch(r"sealed    [a-z0-9-]+-[0-9a-f]{16}/1  3 new entries\n", done.stdout)
    assert done.stderr.startswith(f"Made a key for seals: {desk}/config/tracker/seal_key\nIt has no passphrase:")
    again = typed("seal")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("nothing new since the last seal of ")
    assert typed("seal", "-q").stdout == ""


def test_verify_says_what_is_proved_and_what_is_not(typed):
    typed("seal", "--machine", "News Desk")
    done = typed("verify")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert re.search(r"^Proved - Seal 1 of news-desk-[0-9a-f]{16}: as it was made, signed with the key SHA256:", text)
    assert "which is your own. - 3 texts are byte for byte as sealed, and 3 pages are. Not proved" in text
    one = " ".join(typed("verify", URL).stdout.split())
    assert "2 snapshots" not in one
    assert one.count("text and page are as sealed in seal 1 of news-desk-") == 2
    assert typed("verify", "--quiet").stdout == ""


def test_verify_ends_with_7_where_something_is_not_as_it_was(desk, typed):
    typed("seal")
    with open_store(desk / "snapshots") as store:
        branch = history_of(store, URL).branch
        rewrite(store, f"refs/raw/{branch}", "page.html", lambda page: page + b"<p>More</p>", words={})
    done = typed("verify")
    assert done.returncode == 7
    assert done.stdout.startswith("Not as it was\n")
    assert done.stderr == f"tracker: {desk}/snapshots: 1 of these is not as it was; keep the store as it is\n"
    lines = [json.loads(line) for line in typed("verify", "-q", "--json").stdout.splitlines()]
    assert [(line["standing"], line["article"]) for line in lines] == [("broken", branch)]
    assert set(lines[0]) == {"standing", "text", "article", "revision", "seal"}
    assert typed("verify", "harbour-master").returncode == 0


def test_settings_name_the_time_server_and_whom_to_believe(desk, typed):
    server = time_server(desk / "server")
    key = key_in(desk)
    (desk / "keys").write_text(f"desk@daily.example {key.public}\n")
    with serving({"/tsr": server.route}) as served:
        (desk / "tracker.toml").write_text(
            f'[evidence]\ntsa = "{served.url("/tsr")}"\ntsa_ca = "server/ca.pem"\nallowed_signers = "keys"\n'
        )
        refused_first = typed("seal", "--key", key.path)
        assert refused_first.returncode == 5
        assert "--allow-private" in refused_first.stderr
        assert "3 new entries\n" in refused_first.stdout
        done = typed("seal", "--key", key.path, "--allow-private")
    assert done.stdout.endswith("/2  0 new entries, with a time stamp\n")
    assert served.log[0].headers["content-type"] == "application/timestamp-query"
    text = " ".join(typed("verify", URL).stdout.split())
    assert "vouches for as desk@daily.example" in text
    assert text.count("; it existed by ") == 2
    assert "says the time-stamping server /CN=Stamps." in text
    (desk / "keys").unlink()
    refused(typed("verify"), 4, "no such file; put allowed_signers right")


def test_a_server_that_answers_with_an_error_or_elsewhere_is_told(typed):
    with serving({"/moved": lambda handler: handler.answer(b"", 302, location="/tsr")}) as served:
        for path, status in (("/gone", 404), ("/moved", 302)):
            done = typed("seal", "--tsa", served.url(path), "--allow-private")
            assert done.returncode == 5
            assert f"answered with status {status}; `tracker seal` will ask again" in done.stderr


@pytest.mark.parametrize("missing", ["ssh-keygen", "openssl"])
def test_a_program_that_is_missing_is_told_with_what_to_install(desk, typed, monkeypatch, missing):
    tools = desk / "bin"
    tools.mkdir()
    for name in {"git", "ssh-keygen", "openssl"} - {missing}:
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tools))
    done = typed("seal", "--tsa", "http://stamps.example/")
    monkeypatch.undo()
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1].startswith(f"tracker: {missing} is not on the path; install ")
    assert git(desk / "snapshots" / "articles.git", "for-each-ref", "refs/tags") == ""


def test_wrong_arguments_and_places_are_told(desk, typed):
    refused(typed("verify", URL, "--seals"), 2, "--seals looks at no article")
    refused(typed("verify", "nowhere.example"), 8, "no article matches")
    refused(typed("seal", "--key", "none"), 4, "the key none cannot be read", "name one with --key")
    refused(typed("verify", "--tsa-ca", "none"), 2, "none")
    refused(typed("seal", "--store", desk / "elsewhere"), 7, "no store at")
