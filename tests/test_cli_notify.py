"""`tracker notify`: from tracker.toml to a real receiver, and what it says when that fails."""

from __future__ import annotations

import json

import pytest

from tests.cli_support import SECOND, refused, run_here
from tests.notify_support import mail_server
from tests.site import capture, hour, page
from tracker.pipeline import keep
from tracker.store import open_store

SETTINGS = """
[notify]
smtp = "smtp://127.0.0.1:{port}"
sender = "tracker@desk.example"

[[notify.rule]]
name = "desk"
to = "mailto:desk@daily.example"

[[notify.feed]]
file = "feeds/all.xml"
"""


@pytest.fixture(scope="module")
def mail():
    with mail_server() as sink:
        yield sink


@pytest.fixture(autouse=True)
def folder(mail, tmp_path, monkeypatch):
    """A store with one article, and a desk that wants to know."""
    mail.mails.clear()
    mail.closed = False
    (tmp_path / "tracker.toml").write_text(SETTINGS.format(port=mail.port))
    with open_store(tmp_path / "snapshots", create=True) as store:
        keep(store, capture(hour(1), page()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def silent_edit(folder) -> None:
    """A capture of the far future: after the rule was first seen, which is now."""
    with open_store(folder / "snapshots") as store:
        keep(store, capture(hour(1).replace(year=2090), page(SECOND)))


def test_what_is_new_is_sent_once(folder, capsys, mail):
    assert run_here(capsys, "notify").stderr == "nothing to send\n"
    silent_edit(folder)
    done = run_here(capsys, "notify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 sent\n")
    assert run_here(capsys, "notify").stderr == "nothing to send\n"
    assert len(mail.mails) == 1
    assert (folder / "feeds" / "all.xml").is_file()


def test_what_is_not_taken_waits_and_is_listed_with_the_reason(folder, capsys, mail):
    run_here(capsys, "notify")
    silent_edit(folder)
    mail.closed = True
    refused(run_here(capsys, "notify"), 9, "desk:", "come back later", "tried again")
    listed = run_here(capsys, "notify", "--waiting")
    assert listed.stdout.startswith("desk  edit of daily.example/harbour-fire-")
    assert "after 1 try: " in listed.stdout
    (line,) = run_here(capsys, "notify", "--waiting", "--json").stdout.splitlines()
    assert json.loads(line)["tries"] == 1
    assert "come back later" in json.loads(line)["error"]


def test_a_rule_is_tried_out(capsys, mail):
    done = run_here(capsys, "notify", "--test", "desk")
    assert (done.returncode, done.stdout) == (0, "sent  desk  mailto:desk@daily.example\n")
    assert len(mail.mails) == 1
    refused(run_here(capsys, "notify", "--test", "dekk"), 8, "no rule 'dekk'", "there is desk")


def test_who_is_to_be_told_must_be_said(folder, capsys):
    (folder / "tracker.toml").unlink()
    refused(run_here(capsys, "notify"), 2, "names nobody to tell", "docs/notifications.md")
    refused(run_here(capsys, "notify", "--json"), 2, "--waiting")
