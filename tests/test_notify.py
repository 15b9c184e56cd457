"""Telling people: once, never less than once, as things stand when it is said, to real receivers."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import ssl
import time
from datetime import timedelta
from typing import Any

import feedparser
import pytest

from tests.http_support import Handler, serving
from tests.notify_support import NOTE, TOLL, by_mail, correction, first, mail_server, private, settings, silent_edit
from tests.sharing_support import bare_repository, pulled, pushed
from tests.site import URL, capture, edited, hour, page
from tests.store_support import git
from tests.tls_support import self_signed, talking
from tracker.config import FeedSettings, NotifySettings, RuleSettings, Wanted
from tracker.errors import ConfigError, NotFound, NotifyError
from tracker.pipeline import Terms, keep
from tracker.store import open_store
from tracker.watch.lock import alone
from tracker.watch.notify import FILE, Delivery, Happening, Outbox, tell, try_out

ACCEPTED = Terms(accepted=True, dated=True)  # as `tracker quarantine accept` keeps a page


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def mail():
    with mail_server() as sink:
        yield sink


@pytest.fixture(autouse=True)
def _emptied(mail):
    mail.mails.clear()
    mail.closed, mail.farewell = False, "221 Bye"


def subjects(mail) -> list[str]:
    return [str(each["Subject"]) for each in mail.mails]


def test_an_edit_is_mailed_once_with_the_diff_in_both_parts(store, mail):
    desk = settings(mail.port, by_mail())
    first(store)
    assert tell(store, desk, (), hour(1.1)).taken == 0
    silent_edit(store)
    assert tell(store, desk, (), hour(2.1)).taken == 1
    assert tell(store, desk, (), hour(2.2)).taken == 0
    (found,) = mail.mails
    assert found["Subject"] == "Fire in the harbour kills 12: number changed; silent"
    assert (found["From"], found["To"]) == ("Tracker <tracker@desk.example>", "desk@daily.example")
    text, html = (part.get_content() for part in found.iter_parts())
    assert "[-12-]{+21+}" in text
    assert re.search("<del[^>]*>12</del><ins[^>]*>21</ins>", html)
    assert URL in text
    assert f'<a href="{URL}">' in html
    assert "No notice we found as of 02:00 UTC mentions it." in " ".join(text.split())


def test_a_new_rule_is_told_what_comes_and_not_all_that_was(store, mail):
    first(store)
    silent_edit(store)
    desk = settings(mail.port, by_mail())
    assert tell(store, desk, (), hour(2.5)).taken == 0
    keep(store, capture(hour(4), page(edited(1, "paint", "tar", TOLL))))
    assert tell(store, desk, (), hour(4.1)).taken == 1
    both = settings(mail.port, by_mail(), by_mail("other"))
    assert tell(store, both, (), hour(4.2)).taken == 0


def test_a_later_notice_is_told_to_whom_was_told_of_silence(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    tell(store, desk, (), hour(2.1))
    correction(store)
    tell(store, desk, (), hour(3.1))
    tell(store, desk, (), hour(3.2))
    assert len([one for one in subjects(mail) if one.startswith("Disclosed later: ")]) == 1
    text = next(each for each in mail.mails if each["Subject"].startswith("Disclosed")).get_body(("plain",))
    assert "A later notice mentions" in text.get_content()


def test_nobody_is_accused_of_a_silence_that_ended_before_it_was_told(store, mail):
    quiet = settings(mail.port, by_mail(wanted=Wanted(silent=True), digest=6 * 3600.0))
    tell(store, quiet, (), hour(0.5))
    first(store)
    silent_edit(store)
    tell(store, quiet, (), hour(2.1))
    correction(store)
    assert tell(store, quiet, (), hour(6)).taken == 0
    assert mail.mails == []
    assert Outbox(store.state.run).waiting() == []
    assert tell(store, quiet, (), hour(7)).taken == 0, "nor of a disclosure of what was never told"


def test_a_page_that_was_held_back_for_days_is_told_when_it_is_accepted(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    tell(store, desk, (), hour(1.5))
    monday = hour(1) + timedelta(days=5)
    tell(store, desk, (), monday)
    keep(store, capture(hour(2), page(TOLL)), ACCEPTED)
    assert tell(store, desk, (), monday).taken == 1
    keep(store, capture(hour(3), page(TOLL, note=NOTE)), ACCEPTED)
    assert tell(store, desk, (), monday).taken == 1
    assert tell(store, desk, (), monday + timedelta(minutes=1)).taken == 0
    assert [subject.startswith("Disclosed later: ") for subject in subjects(mail)] == [False, True]


def test_a_notice_that_another_machine_saw_is_told_when_it_is_pulled(tmp_path, store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    assert tell(store, desk, (), hour(2.1)).taken == 1
    there = bare_repository(tmp_path / "there.git")
    pushed(store, there)
    with open_store(tmp_path / "other", create=True) as other:
        pulled(other, there)
        correction(other)
        pushed(other, there)
    later = hour(1) + timedelta(days=5)
    assert tell(store, desk, (), later).taken == 0
    pulled(store, there)
    assert tell(store, desk, (), later).taken == 1
    assert tell(store, desk, (), later).taken == 0
    assert subjects(mail)[-1].startswith("Disclosed later: ")


def test_what_comes_while_a_round_looks_is_told_by_the_next(store, mail, monkeypatch):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    tell(store, desk, (), hour(1.5))
    monday, put = hour(1) + timedelta(days=5), Outbox.put

    def late(*given: Any) -> int:
        keep(store, capture(hour(2), page(TOLL)), ACCEPTED)
        return put(*given)

    tell(store, desk, (), monday)
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", late)
        assert tell(store, desk, (), monday).taken == 0
    assert tell(store, desk, (), monday).taken == 1


def test_what_a_person_brings_from_before_a_rule_is_not_told(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(5))
    first(store)
    silent_edit(store)
    assert tell(store, desk, (), hour(5) + timedelta(days=5)).taken == 0


@pytest.mark.parametrize("note", ["This article has been updated.", "Editor's note: This article has been corrected."])
def test_a_silence_that_a_vague_note_ends_is_taken_back_where_it_was_told(store, mail, note):
    desk = settings(mail.port, by_mail(wanted=Wanted(silent=True)), by_mail("later"))
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    assert tell(store, desk, (), hour(2.1)).taken == 2
    keep(store, capture(hour(3), page(TOLL, note=note)))
    assert tell(store, desk, (), hour(3.1)).taken == 2
    assert tell(store, desk, (), hour(3.2)).taken == 0
    text = mail.mails[-1].get_body(("plain",)).get_content()
    assert subjects(mail)[-1] == (
        "No longer called silent: Fire in the harbour kills 12: number changed; a notice, but not clearly of this"
    )
    assert text.startswith("Changes that were told as mentioned in no notice are judged anew.")
    correction(store, 4)
    tell(store, desk, (), hour(4.1))
    assert [subject.partition(": ")[0] for subject in subjects(mail)].count("Disclosed later") == 2


@pytest.mark.parametrize("silent", [True, False])
def test_a_try_in_vain_that_may_have_arrived_is_corrected_as_one_that_did(store, silent):
    status = 504  # of a proxy whose receiver was slow, and took the message all the same
    got: list[tuple[str, str]] = []

    def take(handler: Handler) -> None:
        message = json.loads(handler.body)
        got.append((message["told"][0]["kind"], message["id"]))
        handler.answer(b"", status=status)

    with serving({"/hook": take}) as web:
        hook = NotifySettings(rules=(RuleSettings("hook", web.url("/hook"), Wanted(silent=silent)),))
        tell(store, hook, (), hour(0.5))
        first(store)
        silent_edit(store)
        assert tell(store, hook, (), hour(2.1)).taken == 0
        assert tell(store, hook, (), hour(2.2)).taken == 0
        correction(store)
        status = 204
        assert tell(store, hook, (), hour(3.1)).taken == 1
        assert tell(store, hook, (), hour(4.1)).taken == 0
    assert [kind for kind, _ in got] == ["edit", "edit", "disclosed"]
    assert len({number for _, number in got}) == 2, "who passes over what came before must not pass over the correction"


def test_what_was_sent_when_the_process_died_is_corrected_too(store, mail, monkeypatch):
    desk = settings(mail.port, by_mail(wanted=Wanted(silent=True)))
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "sent", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tell(store, desk, (), hour(2.1))
    correction(store)
    assert tell(store, desk, (), hour(3.1)).taken == 1
    assert [subject.startswith("Disclosed later: ") for subject in subjects(mail)] == [False, True]


def test_what_waits_behind_another_was_not_tried(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    keep(store, capture(hour(2.05), page(edited(1, "paint", "tar", TOLL))))
    mail.closed = True
    tell(store, desk, (), hour(2.1))
    waiting = Outbox(store.state.run).waiting()
    assert [item.tries for item in waiting] == [1, 0]
    assert len({item.said for item in waiting}) == len({item.due for item in waiting}) == 1


def test_a_message_does_not_wait_for_a_time_before_the_clock_was_set_back(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    mail.closed = True
    tell(store, desk, (), hour(2.1) + timedelta(days=1))
    mail.closed = False
    assert tell(store, desk, (), hour(2.2)).taken == 1


def test_a_receiver_that_is_down_loses_nothing_and_gets_nothing_twice(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    mail.closed = True
    done = tell(store, desk, (), hour(2.1))
    assert done.taken == 0
    (said,) = done.failures
    assert "come back later" in said
    assert "\n" not in said
    assert tell(store, desk, (), hour(2.1)).failures == (), "it is not due again yet"
    (item,) = Outbox(store.state.run).waiting()
    assert (item.tries, item.due > hour(2.1)) == (1, True)
    mail.closed = False
    assert tell(store, desk, (), hour(2.5)).taken == 1
    assert tell(store, desk, (), hour(9)).taken == 0
    assert len(mail.mails) == 1


def test_a_mail_that_was_taken_is_not_sent_again_whatever_the_server_answers_to_the_farewell(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    mail.farewell = "421 closing down"
    assert tell(store, desk, (), hour(2.1)) == Delivery(1, ())
    assert Outbox(store.state.run).waiting() == []


def test_two_processes_send_one_mail(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    with alone(store.path, FILE):
        assert tell(store, desk, (), hour(2.1)) == Delivery(0, (), elsewhere=True)
    assert tell(store, desk, (), hour(2.1)) == Delivery(1, ())


def test_quiet_hours_are_kept_also_by_what_was_due_before_and_by_what_is_tried_again(store, mail):
    desk = settings(mail.port, by_mail(quiet=("02:30", "07:00")))
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    mail.closed = True
    assert len(tell(store, desk, (), hour(2.4)).failures) == 1
    mail.closed = False
    assert tell(store, desk, (), hour(2.6)) == Delivery(0, ())
    assert tell(store, desk, (), hour(7)) == Delivery(1, ())


def test_what_was_put_down_survives_the_end_of_the_process(tmp_path, mail):
    desk = settings(mail.port, by_mail())
    mail.closed = True
    with open_store(tmp_path / "store", create=True) as store:
        tell(store, desk, (), hour(0.5))
        first(store)
        silent_edit(store)
        tell(store, desk, (), hour(2.1))
    mail.closed = False
    with open_store(tmp_path / "store") as store:
        assert tell(store, desk, (), hour(3)).taken == 1


def test_a_digest_is_one_message(store, mail):
    desk = settings(mail.port, by_mail(digest=6 * 3600.0))
    tell(store, desk, (), hour(0.5))
    first(store)
    silent_edit(store)
    tell(store, desk, (), hour(2.1))
    keep(store, capture(hour(4), page(edited(1, "paint", "tar", TOLL))))
    tell(store, desk, (), hour(4.1))
    assert mail.mails == []
    assert tell(store, desk, (), hour(6)).taken == 1
    (found,) = mail.mails
    assert found["Subject"].startswith("2 edits and events, the first: Fire in the harbour")
    assert found.get_body(("html",)).get_content().count("<h2") == 2


def test_events_go_to_who_asked_for_them(store, mail):
    desk = settings(mail.port, by_mail(), by_mail("events", events=True))
    gone = Happening(hour(2), "daily.example/fire-1", "daily.example", "gone", "daily.example/fire-1 is gone (404)")
    tell(store, desk, (), hour(1))
    assert tell(store, desk, (gone,), hour(2)).taken == 1
    assert tell(store, desk, (gone,), hour(3)).taken == 0
    assert subjects(mail) == ["daily.example/fire-1 is gone (404)"]


def test_hostile_headlines_cannot_add_a_header_or_a_tag(store, mail):
    desk = settings(mail.port, by_mail())
    tell(store, desk, (), hour(0.5))
    bad = "Fire\r\nBcc: all@daily.example\r\n\r\n<script>alert(1)</script> \u202e12"
    keep(store, capture(hour(1), page(headline=bad)))
    keep(store, capture(hour(2), page(TOLL, headline=bad)))
    assert tell(store, desk, (), hour(2.1)).taken == 1
    (found,) = mail.mails
    assert found["Bcc"] is None
    assert "\u202e" not in found["Subject"]
    assert "<script" not in found.get_body(("html",)).get_content()


def test_a_webhook_gets_the_whole_report_signed(tmp_path, store):
    got: list[tuple[dict[str, str], bytes]] = []

    def take(handler: Handler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        got.append((headers, handler.body))
        handler.answer(b"", status=204)

    with serving({"/hook": take}) as web:
        secret = private(tmp_path / "secret", "s3cret\n")
        hook = NotifySettings(rules=(RuleSettings("hook", web.url("/hook"), secret_file=secret),))
        tell(store, hook, (), hour(0.5))
        first(store)
        silent_edit(store)
        assert tell(store, hook, (), hour(2.1)).taken == 1
    ((headers, body),) = got
    stamp, _, digest = headers["tracker-signature"].partition(",")
    wanted = hmac.new(b"s3cret", stamp.removeprefix("t=").encode() + b"." + body, hashlib.sha256).hexdigest()
    assert digest == f"v1={wanted}"
    assert abs(time.time() - int(stamp.removeprefix("t="))) < 60, "of the sending, however long the round takes"
    message = json.loads(body)
    assert message["schema"] == "tracker.message/1"
    assert headers["tracker-delivery"] == message["id"]
    (told,) = message["told"]
    assert (told["kind"], told["report"]["schema"]) == ("edit", "tracker.report/1")
    assert told["report"]["article"]["url"] == URL


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_webhook_that_takes_nothing_is_tried_again(store, status):
    with serving({"/hook": lambda handler: handler.answer(b"", status=status, Location="/other")}) as web:
        hook = NotifySettings(rules=(RuleSettings("hook", web.url("/hook")),))
        tell(store, hook, (), hour(0.5))
        first(store)
        silent_edit(store)
        done = tell(store, hook, (), hour(2.1))
        assert (done.taken, len(done.failures)) == (0, 1)
        assert str(status) in done.failures[0]
        assert [request.path for request in web.log] == ["/hook"]


def test_one_receiver_that_fails_keeps_no_other_waiting(store, mail):
    both = settings(mail.port, RuleSettings("dead", "http://127.0.0.1:9/hook"), by_mail())
    tell(store, both, (), hour(0.5))
    first(store)
    silent_edit(store)
    done = tell(store, both, (), hour(2.1))
    assert done.taken == 1
    assert [line.partition(":")[0] for line in done.failures] == ["dead"]


def test_a_receiver_that_is_slow_keeps_no_other_waiting(tmp_path, store):
    """Each rule sends a message in turn, and feeds are written before."""
    feed, got = tmp_path / "all.xml", []

    def take(handler: Handler) -> None:
        got.append((handler.path, feed.is_file()))
        handler.answer(b"", status=204)

    with serving({"/slow": take, "/other": take}) as web:
        rules = tuple(RuleSettings(name, web.url(f"/{name}")) for name in ("slow", "other"))
        both = NotifySettings(rules=rules, feeds=(FeedSettings(feed),))
        tell(store, both, (), hour(0.5))
        first(store)
        silent_edit(store)
        keep(store, capture(hour(2.05), page(edited(1, "paint", "tar", TOLL))))
        feed.unlink()
        assert tell(store, both, (), hour(2.1)).taken == 4
    assert got == [("/slow", True), ("/other", True)] * 2


@pytest.mark.parametrize("digest", [0.0, 3600.0])
def test_an_article_that_is_damaged_keeps_no_other_waiting(tmp_path, store, mail, digest):
    desk = settings(mail.port, by_mail(digest=digest), feeds=(FeedSettings(tmp_path / "all.xml"),))
    tell(store, desk, (), hour(0.5))
    for number, name in enumerate(("fire", "flood")):
        url = f"https://daily.example/{name}"
        keep(store, capture(hour(1 + number / 10), page(headline=name, canonical=url), url=url))
        keep(store, capture(hour(2 + number / 10), page(TOLL, headline=name, canonical=url), url=url))
    mail.closed = True
    tell(store, desk, (), hour(2.2))
    mail.closed = False
    repository = store.path / "articles.git"
    ref = git(repository, "for-each-ref", "--format=%(refname)", "refs/heads/daily.example/fire*").strip()
    text = git(repository, "rev-parse", f"{ref}:article.md").strip()
    (repository / "objects" / text[:2] / text[2:]).unlink()
    with open_store(store.path) as again:
        done = tell(again, desk, (), hour(4))
        waiting = Outbox(again.state.run).waiting()
    assert (done.taken, len(done.failures)) == (1, 2)
    assert all("has no text" in said or "tracker doctor" in said for said in done.failures)
    assert [subject.partition(":")[0] for subject in subjects(mail)] == ["flood"]
    assert [item.tries for item in waiting] == [0 if digest else 1]


def test_a_rule_that_cannot_work_keeps_no_other_waiting(tmp_path, store, mail):
    broken = RuleSettings("broken", "http://127.0.0.1:9/hook", secret_file=tmp_path / "nothing")
    feed = tmp_path / "all.xml"
    both = settings(mail.port, broken, by_mail(), feeds=(FeedSettings(feed),))
    tell(store, both, (), hour(0.5))
    first(store)
    silent_edit(store)
    done = tell(store, both, (), hour(2.1))
    assert (done.taken, feed.exists()) == (1, True)
    (said,) = done.failures
    assert said.startswith(f"broken: {tmp_path}/nothing: No such file")
    (item,) = Outbox(store.state.run).waiting()
    assert (item.channel, item.tries) == ("broken", 0)
    private(tmp_path / "nothing", "s3cret")
    (said,) = tell(store, both, (), hour(2.2)).failures
    assert "refused" in said


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise's own import, on Python 3.11 and 3.12
def test_apprise_is_handed_the_words(store):
    got: list[bytes] = []

    def take(handler: Handler) -> None:
        got.append(handler.body)
        handler.answer(b"{}", Content_Type="application/json")

    with serving({"/notify": take}) as web:
        chat = NotifySettings(rules=(RuleSettings("chat", f"apprise:json://127.0.0.1:{web.port}/notify"),))
        tell(store, chat, (), hour(0.5))
        first(store)
        silent_edit(store)
        assert tell(store, chat, (), hour(2.1)).failures == ()
    (body,) = got
    assert json.loads(body)["title"] == "Fire in the harbour kills 12: number changed; silent"


def test_a_rule_is_tried_out_without_a_store(mail):
    desk = settings(mail.port, by_mail())
    assert try_out(desk, "desk", hour(1)).name == "desk"
    assert subjects(mail)[0].startswith("This is a test")
    with pytest.raises(NotFound, match="there is desk"):
        try_out(desk, "dekk", hour(1))
    mail.closed = True
    with pytest.raises(NotifyError, match="come back later"):
        try_out(desk, "desk", hour(1))


def test_a_secret_that_others_can_read_is_refused(tmp_path, mail):
    file = private(tmp_path / "password", "x")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        try_out(settings(mail.port, by_mail(), password_file=file), "desk", hour(1))


def test_a_password_is_not_sent_in_the_clear(tmp_path, mail):
    file = private(tmp_path / "password", "x")
    desk = NotifySettings(
        smtp=f"smtp://desk@127.0.0.1:{mail.port}", password_file=file, sender="a@b.example", rules=(by_mail(),)
    )
    with pytest.raises(NotifyError, match="no TLS"):
        try_out(desk, "desk", hour(1))


def test_a_password_beyond_ascii_is_said_to_be_one(tmp_path, monkeypatch):
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def talk(channel: ssl.SSLSocket) -> None:
        for line in (b"220 here", b"250-localhost\r\n250 AUTH PLAIN"):
            channel.sendall(line + b"\r\n")
            channel.recv(1000)

    with talking(context, talk) as port:
        desk = NotifySettings(
            smtp=f"smtps://desk@localhost:{port}",
            password_file=private(tmp_path / "password", "pässwort"),
            sender="a@b.example",
            rules=(by_mail(),),
        )
        with pytest.raises(NotifyError, match="beyond ASCII"):
            try_out(desk, "desk", hour(1))


def test_feeds_are_written_when_there_is_something_new(tmp_path, store):
    all_of_it, silent = tmp_path / "feeds" / "all.xml", tmp_path / "feeds" / "silent.json"
    feeds = NotifySettings(feeds=(FeedSettings(all_of_it), FeedSettings(silent, Wanted(silent=True))))
    first(store)
    silent_edit(store)
    tell(store, feeds, (), hour(2.1))
    written = all_of_it.stat().st_mtime_ns
    assert len(json.loads(silent.read_text())["items"]) == 1
    tell(store, feeds, (), hour(2.2))
    assert all_of_it.stat().st_mtime_ns == written
    correction(store)
    tell(store, feeds, (), hour(3.1))
    assert json.loads(silent.read_text())["items"] == []
    found = feedparser.parse(all_of_it.read_text())
    assert not found.bozo
    assert found.entries[0].updated == "2026-03-04T03:00:00Z"
    assert sorted(path.name for path in all_of_it.parent.iterdir()) == ["all.xml", "silent.json"]


def test_a_feed_that_cannot_be_written_keeps_no_other_from_it(tmp_path, store):
    (tmp_path / "file").write_text("in the way")
    good = tmp_path / "good.xml"
    feeds = NotifySettings(
        feeds=(FeedSettings(tmp_path / "file" / "x.xml"), FeedSettings(good, article="nothing"), FeedSettings(good))
    )
    first(store)
    one, other = tell(store, feeds, (), hour(2.1)).failures
    assert one.startswith(f"the feed {tmp_path}/file/x.xml cannot be written: ")
    assert "no article matches 'nothing'" in other
    assert good.read_text().startswith("<?xml")
