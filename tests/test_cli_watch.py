"""The commands about watching, as the real program or in this process, against a server on loopback."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.cli_support import SECOND, environment, program, refused, run, run_here, until
from tests.http_support import Handler, Route, Served, serving
from tests.notify_support import mail_server
from tests.site import PARAGRAPHS, page
from tests.store_support import git
from tracker.cli.reporter import Reporter
from tracker.config import load
from tracker.errors import NotifyError, StoreError
from tracker.store import open_store
from tracker.watch.discover import MOST_ENTRIES
from tracker.watch.lock import alone

SETTINGS = '[watch]\nspacing = "0.1 s"\nfloor = "1 s"\n'
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Daily</title>
<item><link>/story</link></item><item><link>/sport/x</link></item></channel></rss>"""


@pytest.fixture
def web():
    """A site with a story, a feed, a front page, and a server's error."""
    texts: list[tuple[str, ...]] = [PARAGRAPHS]

    def story(handler: Handler) -> None:
        handler.answer(page(texts[-1], canonical=None), etag=f'"{len(texts)}"')

    def edit(handler: Handler) -> None:
        texts.append(SECOND)
        handler.answer(b"done")

    home = b"<html><head><link rel=alternate type=application/rss+xml href=/feed></head><a href=/story>s</a></html>"
    routes: dict[str, Route] = {
        "/story": story,
        "/feed": lambda handler: handler.answer(FEED, content_type="application/rss+xml"),
        "/home": lambda handler: handler.answer(home),
        "/bomb": lambda handler: handler.answer(b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rss/>'),
        "/pdf": lambda handler: handler.answer(b"%PDF-1.7 ...", content_type="application/pdf"),
        "/broken": lambda handler: handler.answer(b"<p>oh</p>", status=500),
        "/edit": edit,
    }
    with serving(routes) as served:
        yield served


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with settings, in which commands run."""
    (tmp_path / "tracker.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add(capsys, web: Served, *paths: str, **options: str):
    more = [word for name, value in options.items() for word in (f"--{name}", value)]
    return run_here(capsys, "add", "--allow-private", *map(web.url, paths), *more)


def due_now(store: Path) -> None:
    """Everything on the list is due, and every host may be asked."""
    with sqlite3.connect(store / "state.sqlite") as db:
        db.execute("UPDATE watched SET due = 0")
        db.execute("UPDATE hosts SET ready = 0, next_ok = 0")
    db.close()


# --- the list -------------------------------------------------------------------------------------------------


def test_a_source_that_holds_too_much_says_what_was_left_out(web, capsys):
    web.routes["/map"] = lambda handler: handler.answer(_sitemap(MOST_ENTRIES + 5), content_type="application/xml")
    done = add(capsys, web, "/map", exclude="*")
    assert done.stdout == f"watching  {web.url('/map')} (sitemap: no new articles; 5 older pages left out)\n"


def _sitemap(count: int) -> bytes:
    rows = "".join(f"<url><loc>https://daily.example/{number}</loc></url>" for number in range(count))
    return f"<urlset>{rows}</urlset>".encode()


def test_an_article_is_kept_when_it_is_added_and_known_the_second_time(desk, web, capsys):
    done = add(capsys, web, "/story")
    assert (done.returncode, done.stdout) == (0, f"watching  {web.url('/story')}\n")
    assert add(capsys, web, "/story").stdout == f"known     {web.url('/story')}\n"
    assert run_here(capsys, "list").stdout.startswith("Fire in the harbour")
    assert [request.path for request in web.log].count("/story") == 1
    assert "watched" in git(desk / "snapshots/articles.git", "grep", "watched", "refs/tracker/state")


@pytest.mark.usefixtures("desk")
def test_a_feed_and_a_section_page_say_how_much_they_lead_to(web, capsys):
    done = add(capsys, web, "/feed", exclude="*/sport/*")
    assert done.stdout == f"watching  {web.url('/feed')} (feed: 1 new article)\n"
    done = add(capsys, web, "/home", include="*/story*")
    assert done.stdout == f"watching  {web.url('/home')} (section: no new articles)\n"
    lines = [json.loads(line) for line in run_here(capsys, "status", "--list", "--json").stdout.splitlines()]
    assert {line["url"].rpartition("/")[2]: line["kind"] for line in lines} == {
        "story": "article",
        "feed": "feed",
        "home": "section",
    }
    done = run_here(capsys, "unwatch", web.url("/feed"))
    assert (done.stdout, done.stderr.count("--with-articles")) == (f"unwatched  {web.url('/feed')}\n", 1)
    assert len(run_here(capsys, "status", "--list", "--json").stdout.splitlines()) == 2


def test_sources_come_from_standard_input_too(desk, web):
    done = run(desk, "add", "--allow-private", "--json", "-", stdin=f"{web.url('/story')}\n\n{web.url('/feed')}\n")
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["article", "feed"]


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/bomb", 6, ("declares a document type", "blow up")),
        ("/pdf", 6, ("neither a page nor a feed nor a sitemap but a PDF",)),
        ("/home", 6, ("if its articles are meant: tracker add", "/feed")),
        ("/nothing", 5, ("404",)),
        ("/broken", 5, ("500",)),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_leads_nowhere_is_not_put_on_the_list(web, capsys, path, code, words):
    refused(add(capsys, web, path), code, *words)
    assert run_here(capsys, "status").stdout.startswith("Nothing is watched yet")


def test_a_file_is_not_watched(desk, capsys):
    (desk / "page.html").write_bytes(page())
    for name in ("page.html", "daily.example/story"):
        refused(run_here(capsys, "add", name), 2, f"{name} is no web address", f"tracker snap {name}")
    assert run_here(capsys, "status").stdout.startswith("Nothing is watched yet")


@pytest.mark.usefixtures("desk")
def test_robots_that_forbid_are_obeyed_with_the_remedy(web, capsys):
    web.routes["/robots.txt"] = lambda handler: handler.answer(b"User-agent: *\nDisallow: /", content_type="text/plain")
    refused(add(capsys, web, "/story"), 5, "Disallow: /", "ignore_robots = true under [[watch.article]]")


def test_a_host_that_wants_to_be_left_alone_is_not_waited_for(desk, web, capsys):
    add(capsys, web, "/story")
    with sqlite3.connect(desk / "snapshots" / "state.sqlite") as db:
        db.execute("UPDATE hosts SET next_ok = ?", (time.time() + 7200,))
    db.close()
    refused(add(capsys, web, "/feed"), 5, "its host wants to be left alone; try again in")


def test_a_deleted_article_is_not_put_on_the_list_again(desk, web, capsys):
    add(capsys, web, "/story")
    run_here(capsys, "delete", "/story", "--yes", "--reason", "court order")
    done = add(capsys, web, "/story", "/feed")
    assert (done.returncode, done.stdout) == (3, f"watching  {web.url('/feed')} (feed: 1 new article)\n")
    assert "was deleted: court order" in done.stderr
    listed = run_here(capsys, "status", "--list", "--json").stdout
    assert web.url("/story") not in listed
    assert "watched" in git(desk / "snapshots/articles.git", "grep", "watched", "refs/tracker/state")


@pytest.mark.usefixtures("desk")
def test_what_is_not_watched_cannot_be_taken_off(web, capsys):
    add(capsys, web, "/story")
    refused(run_here(capsys, "unwatch", "https://elsewhere.example/x"), 8, "is not watched", "tracker status --list")
    add(capsys, web, "/feed")
    refused(run_here(capsys, "unwatch", "127.0.0.1"), 2, "watched pages", "give more of the address")


# --- looking --------------------------------------------------------------------------------------------------


def test_a_pass_prints_news_and_nothing_else(desk, web, capsys):
    add(capsys, web, "/story")
    assert run_here(capsys, "run", "--allow-private").stdout == ""
    due_now(desk / "snapshots")
    done = run_here(capsys, "run", "--allow-private")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    run_here(capsys, "snap", "--allow-private", web.url("/edit"))
    due_now(desk / "snapshots")
    done = run_here(capsys, "run", "--allow-private")
    assert done.stdout.startswith("changed   Fire in the harbour kills 12")
    web.routes["/story"] = lambda handler: handler.answer(b"<p>gone</p>", status=410)
    due_now(desk / "snapshots")
    done = run_here(capsys, "run", "--allow-private", "--json")
    assert json.loads(done.stdout)["event"] == "gone"
    due_now(desk / "snapshots")
    assert run_here(capsys, "run", "--allow-private").stdout == ""  # told once


def test_an_address_that_a_site_made_up_cannot_steer_the_terminal(desk, web, capsys):
    web.routes["/index"] = lambda handler: handler.answer(
        "<sitemapindex><sitemap><loc>/\u202epart</loc></sitemap></sitemapindex>".encode(),
        content_type="application/xml",
    )
    web.routes["/%E2%80%AEpart"] = lambda handler: handler.answer(
        b"<urlset><url><loc>/story</loc></url></urlset>", content_type="application/xml"
    )
    add(capsys, web, "/index")
    due_now(desk / "snapshots")
    said = run_here(capsys, "run", "--allow-private").stdout
    assert "found     1 new in " in said
    assert "\u202e" not in said


def test_strict_tells_what_could_not_be_had_apart(desk, web, capsys):
    add(capsys, web, "/story")
    web.routes["/story"] = web.routes["/broken"]
    for arguments, code in ((("--strict",), 3), ((), 0)):
        due_now(desk / "snapshots")
        assert run_here(capsys, "run", "--allow-private", *arguments).returncode == code


def test_another_pass_at_work_is_no_failure(desk, web, capsys):
    add(capsys, web, "/story")
    with alone(desk / "snapshots") as other:
        assert other is None
        done = run(desk, "run", "--allow-private")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"another pass is at work on {desk / 'snapshots'} (process {os.getpid()})\n"


def test_a_lock_that_cannot_be_had_is_said_to_be_none(desk, web, capsys, monkeypatch):
    add(capsys, web, "/story")

    def without_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with monkeypatch.context() as patch:
        patch.setattr("tracker.watch.lock.fcntl.flock", without_locks)
        refused(run_here(capsys, "run"), 7, "watch.lock cannot be locked: No locks available")
    (desk / "snapshots" / "watch.lock").unlink()
    (desk / "snapshots" / "watch.lock").mkdir()
    refused(run_here(capsys, "run"), 7, "watch.lock cannot be opened: Is a directory")


def test_every_look_is_logged_and_measured(desk, web, capsys):
    add(capsys, web, "/story")
    due_now(desk / "snapshots")
    file = desk / "tracker.prom"
    done = run_here(capsys, "run", "--allow-private", "--log-json", "--metrics-file", str(file))
    (line,) = done.stderr.splitlines()
    look = json.loads(line)
    assert (look["what"], look["outcome"], look["url"]) == ("look", "unchanged", web.url("/story"))
    lines = file.read_text().splitlines()
    assert 'tracker_watched{kind="article"} 1' in lines
    assert "# TYPE tracker_checks_total counter" in lines
    assert all(line.startswith("# ") or len(line.split(" ")) == 2 for line in lines)
    assert list(desk.glob(".tracker.prom*")) == []
    refused(run_here(capsys, "run", "--metrics-file", "/nowhere/x.prom"), 2, "cannot write /nowhere/x.prom")


def test_a_lost_state_stops_the_watch_and_names_the_remedy(desk, web, capsys):
    add(capsys, web, "/story")
    for file in (desk / "snapshots").glob("state.sqlite*"):
        file.unlink()
    for command in ("run", "watch"):
        refused(run_here(capsys, command), 7, "was lost", "tracker doctor --restore-state")
    done = run_here(capsys, "doctor", "--restore-state")
    assert "1 watched page" in done.stdout
    assert run_here(capsys, "run", "--allow-private").returncode == 0


def test_the_service_ends_on_sigterm_when_what_it_holds_is_finished(desk, web):
    run(desk, "add", "--allow-private", web.url("/story"))
    due_now(desk / "snapshots")

    def slow(handler: Handler) -> None:
        time.sleep(0.5)
        handler.answer(page(SECOND, canonical=None))

    web.routes["/story"] = slow
    command = [program(), "watch", "--allow-private"]
    process = subprocess.Popen(command, cwd=desk, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: [request.path for request in web.log].count("/story") >= 2)
    process.send_signal(signal.SIGTERM)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")
    assert out.startswith(b"changed   Fire in the harbour kills 12")


def test_a_second_ctrl_c_waits_for_no_server(desk, web):
    run(desk, "add", "--allow-private", web.url("/story"))
    due_now(desk / "snapshots")
    over = threading.Event()

    def hang(handler: Handler) -> None:
        over.wait(30)
        handler.answer(page(SECOND, canonical=None))

    web.routes["/story"] = hang
    command = [program(), "watch", "--allow-private"]
    process = subprocess.Popen(command, cwd=desk, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        until(lambda: [request.path for request in web.log].count("/story") >= 2)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 130
        assert not over.is_set()
    finally:
        over.set()
        process.communicate()


@pytest.mark.usefixtures("desk")
def test_how_it_goes_and_why(web, capsys):
    add(capsys, web, "/story")
    said = run_here(capsys, "status").stdout
    assert said.startswith("watched   1 article\ndue       0\nnext      in ")
    found = json.loads(run_here(capsys, "status", "--json").stdout)
    assert (found["watched"], found["due"], found["late"], found["hosts"]) == ({"article": 1}, 0, 0, [])
    assert found["last_active"] is None  # to add is not to watch
    why = run_here(capsys, "schedule", "explain", "story").stdout
    assert "Why then: its usual time." in why
    assert "it is taken to change as often as others" in " ".join(why.split())
    refused(run_here(capsys, "schedule", "explain", "nothing"), 8, "is not watched")


def test_a_host_that_cannot_be_reached_shows_in_the_status(desk, web, capsys):
    add(capsys, web, "/story")
    run_here(capsys, "unwatch", "story")
    with serving({"/gone": web.routes["/story"]}) as other:
        add(capsys, other, "/gone")
    due_now(desk / "snapshots")
    run_here(capsys, "run", "--allow-private")
    said = " ".join(run_here(capsys, "status").stdout.split())
    assert f"host down 127.0.0.1_{other.port}: 1 failure in a row" in said
    assert "connection refused" in said


# --- told to others -------------------------------------------------------------------------------------------


def test_what_a_pass_finds_is_told_once_also_where_the_receiver_was_away(desk, web, capsys):
    with mail_server() as mail:
        rule = '\n[[notify.rule]]\nname = "desk"\nto = "mailto:desk@daily.example"\nevents = true\n'
        (desk / "tracker.toml").write_text(
            f'{SETTINGS}\n[notify]\nsmtp = "smtp://127.0.0.1:{mail.port}"\nsender = "tracker@desk.example"\n{rule}'
        )
        add(capsys, web, "/story")
        assert run_here(capsys, "run", "--allow-private").returncode == 0
        assert mail.mails == []
        run_here(capsys, "snap", "--allow-private", web.url("/edit"))
        due_now(desk / "snapshots")
        mail.closed = True
        refused_by_mail = run_here(capsys, "run", "--allow-private")
        assert refused_by_mail.returncode == 9
        assert "it is kept, and tried again" in refused_by_mail.stderr
        assert refused_by_mail.stdout.startswith("changed")
        mail.closed = False
        web.routes["/story"] = lambda handler: handler.answer(b"<p>gone</p>", status=410)
        due_now(desk / "snapshots")
        run_here(capsys, "run", "--allow-private")
        sent_again(desk / "snapshots")
        assert run_here(capsys, "run", "--allow-private").returncode == 0
        assert run_here(capsys, "run", "--allow-private").returncode == 0
        subjects = sorted(str(each["subject"]) for each in mail.mails)
        assert len(subjects) == 2
        at = r"\d+ \w+ \d{4}, \d\d:\d\d UTC"
        gone = next(subject for subject in subjects if "gone" in subject)
        assert re.fullmatch(rf"gone: {re.escape(web.url('/story'))}, {at} \(the server answered 410: .*\)", gone)
        web.routes["/story"] = lambda handler: handler.answer(page(SECOND, canonical=None))
        due_now(desk / "snapshots")
        assert run_here(capsys, "run", "--allow-private").returncode == 0
        back = str(mail.mails[-1]["subject"])
        assert re.fullmatch(rf"back: {re.escape(web.url('/story'))}, {at}, after \d+ s \(gone before\)", back)


def hook_rule(desk: Path, url: str) -> None:
    (desk / "tracker.toml").write_text(f'{SETTINGS}\n[[notify.rule]]\nname = "hook"\nto = "{url}"\n')


def test_figures_that_cannot_be_written_keep_no_message(desk, web, capsys):
    web.routes["/hook"] = lambda handler: handler.answer(b"")
    hook_rule(desk, web.url("/hook"))
    add(capsys, web, "/story")
    run_here(capsys, "run", "--allow-private")
    run_here(capsys, "snap", "--allow-private", web.url("/edit"))
    run_here(capsys, "snap", "--allow-private", web.url("/story"))
    figures = desk / "figures" / "tracker.prom"
    figures.parent.mkdir()
    with open_store(desk / "snapshots") as store:
        reporter = Reporter(store, load(desk, {}), None, as_json=False, log_json=False, metrics_file=figures)
        assert figures.is_file()
        shutil.rmtree(figures.parent)
        with pytest.raises(NotifyError, match=r"cannot write .*/figures/tracker\.prom: No such file"):
            reporter.end()
    assert [request.path for request in web.log].count("/hook") == 1


def test_the_next_pass_does_not_wait_for_receivers(desk, web, capsys):
    others: list[int | None] = []

    def take(handler: Handler) -> None:
        with alone(desk / "snapshots") as other:
            others.append(other)
        handler.answer(b"")

    web.routes["/hook"] = take
    hook_rule(desk, web.url("/hook"))
    add(capsys, web, "/story")
    run_here(capsys, "run", "--allow-private")
    run_here(capsys, "snap", "--allow-private", web.url("/edit"))
    due_now(desk / "snapshots")
    assert run_here(capsys, "run", "--allow-private").returncode == 0
    assert others == [None]


def test_a_bug_in_telling_is_said_and_ends_no_watch(desk, web, capsys, monkeypatch):
    (desk / "tracker.toml").write_text('[[notify.rule]]\nname = "hook"\nto = "http://127.0.0.1:9/hook"\n')
    add(capsys, web, "/story")
    monkeypatch.setattr("tracker.watch.notify.tell", lambda *_: 1 / 0)
    with open_store(desk / "snapshots") as store:
        reporter = Reporter(store, load(desk, {}), None, as_json=False, log_json=False, metrics_file=None)
        reporter.every_minute()
        with pytest.raises(NotifyError, match="a bug in tracker: ZeroDivisionError"):
            reporter.end()
    assert "tracker: a bug in tracker: ZeroDivisionError: division by zero\n" in capsys.readouterr().err


def test_a_watch_says_that_its_store_is_not_packed(desk, web, capsys, monkeypatch):
    def full(_: object) -> None:
        raise StoreError("no space left")

    add(capsys, web, "/story")
    monkeypatch.setattr("tracker.cli.reporter.PACK_EVERY", 0.0)
    with open_store(desk / "snapshots") as store:
        reporter = Reporter(store, load(desk, {}), None, as_json=False, log_json=False, metrics_file=None)
        with monkeypatch.context() as patch:
            patch.setattr("tracker.store.store.Store.holdings", full)
            reporter.every_minute()
            reporter._thread.submit(int).result()  # after what was submitted before
        reporter.end()
    assert capsys.readouterr().err.count("tracker: the store was not packed: no space left\n") == 1


def test_a_store_that_is_not_packed_hides_no_receiver_that_took_nothing(desk, web, capsys, monkeypatch):
    def full(_: object) -> None:
        raise StoreError("no space left")

    add(capsys, web, "/story")
    with open_store(desk / "snapshots") as store:
        monkeypatch.setattr("tracker.store.store.Store.holdings", full)
        for failures, error in ((("ntfy: down",), NotifyError), ((), StoreError)):
            reporter = Reporter(store, load(desk, {}), None, as_json=False, log_json=False, metrics_file=None)
            monkeypatch.setattr(reporter, "_tell_others", lambda failures=failures: failures)
            with pytest.raises(error, match="down" if failures else "no space left"):
                reporter.end()
    assert capsys.readouterr().err.count("tracker: the store was not packed: no space left\n") == 1


def sent_again(store: Path) -> None:
    """What waits in the outbox is due."""
    with sqlite3.connect(store / "state.sqlite") as db:
        db.execute("UPDATE outbox SET due = 0 WHERE sent IS NULL")
    db.close()


def test_a_pass_packs_the_store_when_it_is_time(desk, web, capsys, monkeypatch):
    add(capsys, web, "/story")
    monkeypatch.setattr("tracker.store.maintenance.LOOSE_OBJECTS", 1)
    objects = desk / "snapshots" / "articles.git" / "objects"
    assert list(objects.glob("pack/*.pack")) == []
    assert run_here(capsys, "run", "--allow-private").returncode == 0
    assert len(list(objects.glob("pack/*.pack"))) > 0
