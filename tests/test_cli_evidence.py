"""`tracker seal` and `verify` as a person or a job meets them."""

from __future__ import annotations

import json
import os
import re
import shutil

import pytest

from tests.cli_support import fill, program, refused, run
from tests.evidence_support import key_in, rewrite, time_server
from tests.http_support import serving
from tests.site import URL
from tests.store_support import git, history_of
from tracker.store import open_store


@pytest.fixture
def desk(tmp_path):
    """A folder with a store, and the variables of a user whose settings lie in it."""
    fill(tmp_path / "snapshots")
    return tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}


def test_a_first_seal_makes_a_key_and_says_where(desk):
    folder, user = desk
    done = run(folder, "seal", **user)
    assert done.returncode == 0
    assert re.fullmatch(r"sealed    [a-z0-9-]+-[0-9a-f]{16}/1  3 new entries\n", done.stdout)
    assert done.stderr.startswith(f"Made a key for seals: {folder}/config/tracker/seal_key\nIt has no passphrase:")
    again = run(folder, "seal", **user)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("nothing new since the last seal of ")
    assert run(folder, "seal", "-q", **user).stdout == ""


def test_verify_says_what_is_proved_and_what_is_not(desk):
    folder, user = desk
    run(folder, "seal", "--machine", "News Desk", **user)
    done = run(folder, "verify", **user)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert re.search(r"^Proved - Seal 1 of news-desk-[0-9a-f]{16}: as it was made, signed with the key SHA256:", text)
    assert "which is your own. - 3 texts are byte for byte as sealed, and 3 pages are. Not proved" in text
    one = " ".join(run(folder, "verify", URL, **user).stdout.split())
    assert "2 snapshots" not in one
    assert one.count("text and page are as sealed in seal 1 of news-desk-") == 2
    assert run(folder, "verify", "--quiet", **user).stdout == ""


def test_verify_ends_with_7_where_something_is_not_as_it_was(desk):
    folder, user = desk
    run(folder, "seal", **user)
    with open_store(folder / "snapshots") as store:
        branch = history_of(store, URL).branch
        rewrite(store, f"refs/raw/{branch}", "page.html", lambda page: page + b"<p>More</p>", words={})
    done = run(folder, "verify", **user)
    assert done.returncode == 7
    assert done.stdout.startswith("Not as it was\n")
    assert done.stderr == "tracker: snapshots: 1 of these is not as it was; keep the store as it is\n".replace(
        "snapshots:", f"{folder}/snapshots:"
    )
    lines = [json.loads(line) for line in run(folder, "verify", "-q", "--json", **user).stdout.splitlines()]
    assert [(line["standing"], line["article"]) for line in lines] == [("broken", branch)]
    assert set(lines[0]) == {"standing", "text", "article", "revision", "seal"}
    assert run(folder, "verify", "harbour-master", **user).returncode == 0


def test_settings_name_the_time_server_and_whom_to_believe(desk):
    folder, user = desk
    server = time_server(folder / "server")
    key = key_in(folder)
    (folder / "keys").write_text(f"desk@daily.example {key.public}\n")
    with serving({"/tsr": server.route}) as served:
        (folder / "tracker.toml").write_text(
            f'[evidence]\ntsa = "{served.url("/tsr")}"\ntsa_ca = "server/ca.pem"\nallowed_signers = "keys"\n'
        )
        refused_first = run(folder, "seal", "--key", key.path, **user)
        assert refused_first.returncode == 5
        assert "--allow-private" in refused_first.stderr
        assert "3 new entries\n" in refused_first.stdout
        done = run(folder, "seal", "--key", key.path, "--allow-private", **user)
    assert done.stdout.endswith("/2  0 new entries, with a time stamp\n")
    assert served.log[0].headers["content-type"] == "application/timestamp-query"
    text = " ".join(run(folder, "verify", URL, **user).stdout.split())
    assert "vouches for as desk@daily.example" in text
    assert text.count("; it existed by ") == 2
    assert "says the time-stamping server /CN=Stamps." in text
    (folder / "keys").unlink()
    refused(run(folder, "verify", **user), 4, "no such file; put allowed_signers right")


def test_a_server_that_answers_with_an_error_or_elsewhere_is_told(desk):
    folder, user = desk
    with serving({"/moved": lambda handler: handler.answer(b"", 302, location="/tsr")}) as served:
        for path, status in (("/gone", 404), ("/moved", 302)):
            done = run(folder, "seal", "--tsa", served.url(path), "--allow-private", **user)
            assert done.returncode == 5
            assert f"answered with status {status}; `tracker seal` will ask again" in done.stderr


@pytest.mark.parametrize("missing", ["ssh-keygen", "openssl"])
def test_a_program_that_is_missing_is_told_with_what_to_install(desk, tmp_path, missing):
    folder, user = desk
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in {"git", "ssh-keygen", "openssl"} - {missing}:
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    python = os.path.dirname(program())  # noqa: PTH120 - a path as a variable holds it
    done = run(folder, "seal", "--tsa", "http://stamps.example/", PATH=f"{tools}{os.pathsep}{python}", **user)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1].startswith(f"tracker: {missing} is not on the path; install ")
    assert git(folder / "snapshots" / "articles.git", "for-each-ref", "refs/tags") == ""


def test_wrong_arguments_and_places_are_told(desk, tmp_path):
    folder, user = desk
    refused(run(folder, "verify", URL, "--seals", **user), 2, "--seals looks at no article")
    refused(run(folder, "verify", "nowhere.example", **user), 8, "no article matches")
    refused(run(folder, "seal", "--key", "none", **user), 4, "the key none cannot be read", "name one with --key")
    refused(run(folder, "verify", "--tsa-ca", "none", **user), 2, "none")
    refused(run(folder, "seal", "--store", tmp_path / "elsewhere", **user), 7, "no store at")
