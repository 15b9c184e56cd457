"""The pages that are served: each is there, is valid, links to others that are, and lets in who may come in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urldefrag, urljoin
from zipfile import ZipFile

import html5lib
import httpx2
import pytest
from lxml import html as lxml_html

from tests.cli_support import SECOND, fill
from tests.serve_support import NOW, Served, form_token, led_to, served
from tests.site import PARAGRAPHS, URL, capture, edited, hour, page
from tracker.cli.demo import fill as fill_demo
from tracker.model import Capture, Check, Outcome
from tracker.pipeline import Terms as Keeping
from tracker.pipeline import keep, neighbours
from tracker.render.html import environment
from tracker.serve import paths
from tracker.serve.app import Terms
from tracker.serve.guard import Guard
from tracker.serve.look import House, Look
from tracker.serve.pages.stream import Wanted
from tracker.store import ChangeQuery, open_store

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'"
CAPTURE = "sandbox; default-src 'none'"
PRIVATE = {"cross-origin-resource-policy": "same-origin", "referrer-policy": "same-origin"}
LINK = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "store"
    with open_store(folder, create=True) as store:
        fill_demo(store)
    return folder


@pytest.fixture(scope="module")
def site(demo: Path) -> Iterator[Served]:
    with served(demo) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Path:
    fill(tmp_path / "store")
    return tmp_path / "store"


def diff_path(running: Served, article: str, number: int = 0) -> str:
    history = running.desk.history(running.desk.store.find(article))
    a, b = neighbours(history)[number]
    return paths.diff(history.branch, a.revision, b.revision)


def crawl(running: Served) -> dict[str, httpx2.Response]:
    """Every page that can be reached by links from the first one."""
    found: dict[str, httpx2.Response] = {}
    waiting = [running.base]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found[address] = answer = running.client.get(address)
        if answer.headers["content-type"].startswith("text/html") and "/raw/" not in address:
            links = (urldefrag(urljoin(address, link.replace("&amp;", "&"))).url for link in LINK.findall(answer.text))
            posts = {"zone", "seen", "logout", "compare", "review"}
            waiting += [link for link in links if link.rpartition("/")[2] not in posts]
    return found


@pytest.fixture(scope="module")
def pages(site: Served) -> dict[str, httpx2.Response]:
    """Every page of the demonstration."""
    return crawl(site)


def ours(pages: dict[str, httpx2.Response]) -> list[tuple[str, httpx2.Response]]:
    """The pages that a browser shows as ours: no captured page, no file to be kept."""
    return [
        (address, answer)
        for address, answer in pages.items()
        if answer.headers["content-type"].startswith("text/html")
        and "/raw/" not in address
        and "content-disposition" not in answer.headers
    ]


def test_every_link_of_every_page_leads_to_a_page_of_ours(site: Served, pages: dict[str, httpx2.Response]) -> None:
    assert len(pages) > 60
    assert {address: answer.status_code for address, answer in pages.items() if answer.status_code != 200} == {}
    assert all(address.startswith(site.base) for address in pages)


def test_every_anchor_is_on_its_page(pages: dict[str, httpx2.Response]) -> None:
    seen = 0
    for address, answer in ours(pages):
        for link in LINK.findall(answer.text):
            target, fragment = urldefrag(urljoin(address, link.replace("&amp;", "&")))
            if fragment:
                assert f'id="{fragment}"' in pages[target].text, (address, link)
                seen += 1
    assert seen > 200


def test_every_page_is_valid_html(pages: dict[str, httpx2.Response]) -> None:
    for address, answer in ours(pages):
        parser = html5lib.HTMLParser()
        parser.parse(answer.text)
        assert parser.errors == [], address
        names = re.findall(r'<[^>]*\sid="([^"]*)"', answer.text)
        assert len(names) == len(set(names)), address


def test_no_page_has_a_script_or_a_style_in_it(pages: dict[str, httpx2.Response]) -> None:
    for address, answer in pages.items():
        policy = answer.headers["content-security-policy"]
        assert policy == CAPTURE if "/raw/" in address else policy.startswith(POLICY), address
        assert "unsafe" not in policy
        assert PRIVATE.items() <= dict(answer.headers).items()
    for address, answer in ours(pages):
        for element in lxml_html.fromstring(answer.content).iter():
            assert element.tag != "style", address
            assert element.tag != "script" or (element.get("src") and not element.text), address
            assert not {str(name) for name in element.attrib} & {"style", "onclick", "onload", "onerror"}, address


def test_a_diff_is_told_as_the_command_line_tells_it(site: Served) -> None:
    text = site.get(diff_path(site, "us-training")).text
    assert "1 notice, which mentions 2 changes; verdict: disclosed" in text
    assert "Changed between 17:05 and 19:20 UTC on 31 May 2015" in text
    assert text.count('role="note"') == 3
    assert 'data-notice="notice-A"' in text


def test_a_change_has_an_address_that_lasts(site: Served) -> None:
    (row,) = site.desk.store.reports.changes(ChangeQuery(label="denial-added", limit=1))
    address = paths.change(row.branch, row.before, row.after, row.change)
    assert address == f"a/{row.branch}/diff/{row.before[:12]}..{row.after[:12]}/#change-{row.change}"
    assert f'id="change-{row.change}"' in site.get(address.partition("#")[0]).text


@pytest.mark.parametrize("revs", ["@1..@2", "first..latest~1", "2015-05-31T18:00..2015-05-31T20:00"])
def test_other_names_of_snapshots_lead_to_that_address(site: Served, revs: str) -> None:
    canonical = diff_path(site, "us-training")
    answer = site.get(canonical.partition("diff/")[0] + f"diff/{revs}/")
    assert answer.status_code == 302
    assert led_to(answer) == f"{site.base}{canonical}"


def test_no_way_leaves_the_prefix_that_a_server_stands_under(store: Path) -> None:
    prefix = "https://any.example/below/"
    with served(store, Terms(guard=Guard(password="let me in"))) as running:
        article = paths.article(running.desk.store.find(URL))
        known = {article, f"{article}diff/@1..@2/", f"{article}compare", "health/", ""}
        shut = {path: running.get(path, headers={"accept": "text/html"}) for path in known}
        answers = shut | {"login": running.form("login", "login", password="let me in", next=f"/{article}?x=1")}
        answers |= {path: running.get(path) for path in (f"{article}diff/@1..@2/", f"{article}compare")}
        answers |= {path: running.form(path, next=f"/{article}") for path in ("zone", "seen", "logout")}
        for path, answer in answers.items():
            assert answer.status_code in (302, 303), path
            assert urljoin(f"{prefix}{path}", answer.headers["location"]).startswith(prefix), path


def test_two_snapshots_can_be_compared_in_any_order(site: Served) -> None:
    article = diff_path(site, "us-training").partition("diff/")[0]
    ways = [site.get(f"{article}compare", params={"from": a, "to": b}) for a, b in (("@1", "@3"), ("@3", "@1"))]
    assert ways[0].status_code == 303
    assert led_to(ways[0]) == led_to(ways[1])
    assert "9 changes" in site.client.get(led_to(ways[0])).text


def test_no_diff_is_told_backwards(site: Served) -> None:
    canonical = diff_path(site, "us-training")
    article, _, revs = canonical.partition("diff/")
    old, _, new = revs.strip("/").partition("..")
    assert led_to(site.get(f"{article}diff/{new}..{old}/")) == f"{site.base}{canonical}"
    kept = site.get(f"{article}diff/{new}..{old}/report.json").json()
    had = site.get(f"api/v1/articles/{article[2:]}diffs/{new}..{old}").json()
    for report in (kept, had):
        assert [report[side]["revision"][:12] for side in ("before", "after")] == [old, new]


def test_a_snapshot_that_is_not_shown_is_named_by_its_time(store: Path) -> None:
    with served(store) as running:
        keep(running.desk.store, capture(hour(2.5), page(SECOND)), Keeping(dated=True))
        history = running.desk.history(running.desk.store.find(URL))
        (hidden,) = [entry for entry in history.captures if entry not in history.snapshots]
        text = running.get(paths.snapshot(history.branch, hidden.revision)).text
        assert "not one that is shown" in text
        assert "kills 12: 4 March 2026, 02:30 UTC · tracker</title>" in text


def test_side_by_side_shows_both_texts(site: Served) -> None:
    text = site.get(f"{diff_path(site, 'us-training', 1)}?view=side").text
    assert text.count('class="passage old') == text.count('class="passage new') == text.count('class="pair') > 0
    assert "Before:" in text
    assert "Now:" in text


def test_whole_texts_are_a_decision(site: Served, demo: Path) -> None:
    diff = diff_path(site, "us-training")
    unchanged = "could unsettle Washington’s plan"
    assert unchanged not in site.get(diff).text
    whole = site.get(f"{diff}?text=whole").text
    assert unchanged in whole
    assert '<details class="fold">' in whole
    with served(demo, Terms(whole=False)) as passages:
        assert unchanged not in passages.get(f"{diff}?text=whole").text
        snapshot = diff.partition("diff/")[0] + f"at/{diff.rpartition('..')[2]}"
        assert passages.get(f"{snapshot}source/").status_code == 404
        assert passages.get(f"{snapshot}page/").status_code == 404
        assert passages.get(f"raw/{snapshot[2:].replace('/at/', '/')}page.html").status_code == 404
        assert passages.get(f"raw/{snapshot[2:].replace('/at/', '/')}page.txt").status_code == 404


@pytest.mark.parametrize(
    ("query", "edits", "words"),
    [
        ("", 6, "What was changed"),
        ("?label=denial-added", 1, "denial added"),
        ("?state=silent", 3, "silent"),
        ("?state=later", 1, "disclosed later"),
        ("?weight=high&host=harbour-courier.example", 2, "12 to 21"),
        ("?since=2024-03-13", 1, "A correction was added."),
        ("?until=2015-05-31", 1, "denial"),
        ("?q=Pentagon", 1, "Pentagon"),
        ("?weight=none", 7, "cosmetic"),
        ("?host=nowhere.example", 0, "No change answers to that"),
    ],
)
def test_the_stream_is_filtered(site: Served, query: str, edits: int, words: str) -> None:
    answer = site.get(query)
    assert answer.status_code == 200
    assert answer.text.count("data-edit>") == edits
    assert words in answer.text


@pytest.mark.parametrize(
    "query",
    [
        *("?label=sillent", "?weight=huge", "?state=maybe", "?since=yesterday", "?below=there", "?q=%2B%2B"),
        *("?since=2026-02-30", "?until=9999-12-31"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_advice(site: Served, query: str) -> None:
    answer = site.get(query)
    assert answer.status_code == 400
    assert "To the newest changes" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "a/daily.example/no-0123456789abcdef/",
        "nowhere/",
        "hosts/nowhere.example/",
        "static/tracker.css",
        "a/x/%2e%2e/%2e%2e/",
        "static/..%2fguard.py",
        "static/%2e%2e/%2e%2e/guard.py",
    ],
)
def test_what_is_not_there_is_said_to_be(site: Served, path: str) -> None:
    assert site.get(path).status_code == 404


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)], ids=["usual", "short", "long"]
)
def test_a_day_ends_where_the_next_one_begins(day: str, hours: int) -> None:
    wanted = Wanted(since=day, until=day).query(Look(House(), tz="Europe/Paris"))
    assert wanted.since
    assert wanted.until
    assert wanted.until - wanted.since == timedelta(hours=hours)


def test_the_stream_goes_on_below(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        for number in range(40):
            text = edited(0, "killed 12 people", f"killed {100 + number} people")
            keep(store, capture(hour(1) + timedelta(minutes=number), page(text)))
    with served(tmp_path / "store") as running:
        seen: list[str] = []
        way = running.base
        while way:
            shown = running.client.get(way).text
            seen += re.findall(r'<time datetime="([^"]*)"', shown)
            older = re.search(r'href="([^"]*)" rel="next"', shown)
            way = urljoin(way, older[1].replace("&amp;", "&")) if older else ""
        assert len(seen) == len(set(seen)) == 39
        assert seen == sorted(seen, reverse=True)


def test_an_edit_of_very_many_changes_is_counted_whole(tmp_path: Path) -> None:
    long = [f"On day {number} the harbour counted {number + 300} ships from the north." for number in range(200)]
    with open_store(tmp_path / "store", create=True) as store:
        for at, ports in enumerate(("north", "south"), 1):
            keep(store, capture(hour(at), page([*PARAGRAPHS, *(text.replace("north", ports) for text in long)])))
    with served(tmp_path / "store") as running:
        assert len(running.desk.store.reports.changes(ChangeQuery())) == 200
        assert "196 more changes</a> in this edit" in running.get().text


# --- cookies: zone, visit ---------------------------------------------------------------------------------------------


def test_times_are_in_the_chosen_zone(store: Path) -> None:
    with served(store) as running:
        assert "between 01:00 and 02:00 UTC" in running.get().text
        assert running.form("zone", zone="Europe/Paris", next="/").status_code == 303
        assert "between 02:00 and 03:00 CET" in running.get().text
        assert running.form("zone", zone="Europe/Atlantis", next="/").status_code == 400
        assert "between 02:00 and 03:00 CET" in running.get().text


def test_what_is_new_since_the_last_visit_is_told(store: Path) -> None:
    with served(store) as running:
        running.get()
        running.now[0] = NOW + timedelta(hours=1)
        assert "nothing new since your last visit" in running.get().text
        text = edited(0, "killed 12 people", "killed 30 people")
        keep(running.desk.store, capture(NOW + timedelta(hours=2), page(text)))
        running.desk.catch_up()
        running.now[0] = NOW + timedelta(hours=3)
        assert "1 new since your last visit" in running.get().text
        assert running.get("?unseen=1").text.count("data-edit>") == 1
        assert running.form("seen", next="/").status_code == 303
        assert "nothing new since your last visit" in running.get().text


def test_a_page_is_sent_once(store: Path) -> None:
    with served(store) as running:
        running.get()
        tag = running.get().headers["etag"]
        assert running.get(headers={"if-none-match": tag}).status_code == 304
        keep(running.desk.store, capture(hour(5), page(edited(0, "killed 12 people", "killed 30 people"))))
        running.desk.catch_up()
        again = running.get(headers={"if-none-match": tag})
        assert again.status_code == 200
        assert "from 21 to 30" in again.text


def test_the_life_of_an_article_is_told_up_to_the_last_look(store: Path) -> None:
    with served(store) as running:
        branch = running.desk.store.find(URL)
        article = paths.article(branch)
        assert "2 snapshots as of 4 March 2026, 02:00 UTC" in running.get(article).text
        running.desk.store.record_check(Check(branch, hour(8), Outcome.UNCHANGED))
        assert "2 snapshots as of 4 March 2026, 08:00 UTC" in running.get(article).text
        running.desk.store.record_check(Check(branch, hour(9), Outcome.FAILED, error="the server fell over"))
        assert "1 check saw no text" in running.get(article).text


# --- who is let in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:80"),
        *("", "[::2]", "127.0.0", "localhost:80/login?", "localhost:80/static/", "localhost:me@evil.example"),
        *("[::1]/login?", "[::1].evil.example"),
    ],
)
def test_only_our_own_names_are_answered_to(site: Served, host: str) -> None:
    assert site.get(headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1:1", "[::1]:8765"])
def test_names_of_this_machine_are_ours(site: Served, host: str) -> None:
    assert site.get(headers={"host": host}).status_code == 200


def test_a_form_must_come_from_a_page_of_ours(store: Path) -> None:
    with served(store) as running:
        token = form_token(running.get().text)
        send = running.client.post
        for fields, headers in (
            ({}, {}),
            ({"form": "wrong"}, {}),
            ({"form": "é"}, {}),
            ({"form": token}, {"origin": "https://evil.example"}),
            ({"form": token}, {"origin": "null"}),
            ({"form": token}, {"origin": "http://[::1"}),
            ({"form": token}, {"sec-fetch-site": "cross-site"}),
            ({"form": token}, {"sec-fetch-site": "same-site"}),
            ({"form": token}, {"cookie": "tracker_reader=another"}),
        ):
            for path in ("seen", "zone", "logout"):
                answer = send(f"{running.base}{path}", data=fields, headers=headers)
                assert answer.status_code == 403, (fields, headers)
                assert "set-cookie" not in answer.headers
        assert (
            send(f"{running.base}seen", data={"form": token}, headers={"origin": running.base[:-1]}).status_code == 303
        )


def test_a_form_cannot_be_endless(store: Path) -> None:
    with served(store) as running:
        assert running.client.post(f"{running.base}seen", data={"form": "x" * 100_000}).status_code == 413


def test_a_form_of_many_fields_is_no_form_of_ours(store: Path) -> None:
    with served(store, Terms(guard=Guard(password="let me in"))) as running:
        assert running.client.post(f"{running.base}login", content=b"a=1&" * 10_000).status_code == 403


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/\nx"])
def test_no_form_leads_elsewhere(store: Path, way: str) -> None:
    with served(store) as running:
        assert led_to(running.form("seen", next=way)) == running.base


def test_a_read_only_server_accepts_no_form(store: Path) -> None:
    with served(store, Terms(read_only=True)) as running:
        text = running.get().text
        assert 'method="post"' not in text
        assert running.client.post(f"{running.base}seen", data={"form": "x"}).status_code == 403


def test_a_password_is_asked_for_everything(store: Path) -> None:
    with served(store, Terms(guard=Guard(password="let me in"))) as running:
        article = paths.article(running.desk.store.find(URL))
        for path in ("", "articles/", "health/", article, f"{article}diff/@1..@2/", "?token=wrong"):
            answer = running.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 303, path
            assert led_to(answer).startswith(f"{running.base}login?next=")
            assert running.get(path, headers={"accept": "*/*"}).status_code == 401
        assert running.client.post(f"{running.base}seen").status_code == 401
        assert running.form("login", "login", password="let me out").status_code == 401
        assert running.get().status_code == 401
        inside = running.form("login", "login", password="let me in", next=f"/{article}")
        assert led_to(inside) == f"{running.base}{article}"
        assert "httponly" in inside.headers["set-cookie"].lower()
        assert running.get(article).status_code == 200
        running.form("logout")
        assert running.get().status_code == 401


def test_who_shows_the_password_comes_to_what_was_asked_for(store: Path) -> None:
    with served(store, Terms(guard=Guard(password="let me in"))) as running:
        asked = running.get("?state=silent&q=a+b&token=wrong", headers={"accept": "text/html"})
        page = running.client.get(led_to(asked)).text
        way = page.partition('name="next" value="')[2].partition('"')[0]
        assert way == "/?state=silent&amp;q=a+b"
        inside = running.form("login", "login", password="let me in", next=way.replace("&amp;", "&"))
        assert led_to(inside) == f"{running.base}?state=silent&q=a+b"


def test_a_token_opens_by_address_and_by_header(store: Path) -> None:
    with served(store, Terms(guard=Guard(token="t0ken"))) as running:
        assert running.get(headers={"authorization": "Bearer wrong"}).status_code == 401
        assert running.get(headers={"authorization": "Bearer t0ken"}).status_code == 200
        assert running.get().status_code == 401
        first = running.get("?token=t0ken&state=silent")
        assert (first.status_code, led_to(first)) == (303, f"{running.base}?state=silent")
        assert running.get().status_code == 200


def test_a_session_cannot_be_made_up(store: Path) -> None:
    with served(store, Terms(guard=Guard(password="p"))) as running:
        for session in ("", "9999999999.", "9999999999.0000", f"9999999999.{'é' * 64}"):
            headers = [(b"cookie", f"tracker_session={session}".encode("latin-1"))]
            assert running.get(headers=headers).status_code == 401
        old = Guard(password="p", secret=b"another start")
        assert running.get(headers={"cookie": f"tracker_session={old.session()}"}).status_code == 401


# --- pages as they were captured --------------------------------------------------------------------------------------


def test_a_captured_page_is_framed_and_never_a_page_of_its_own(site: Served) -> None:
    article = diff_path(site, "us-training").partition("diff/")[0]
    snapshot = article + f"at/{site.desk.history(article[2:-1]).snapshots[0].revision[:12]}/"
    frame = site.get(f"{snapshot}page/").text
    source = re.findall(r'<iframe class="capture" sandbox="" [^>]*src="([^"]*)"', frame)
    address = urljoin(f"{site.base}{snapshot}page/", source[0])
    shown = site.client.get(address, headers={"sec-fetch-dest": "iframe"})
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert shown.headers["x-content-type-options"] == "nosniff"
    alone = site.client.get(address, headers={"sec-fetch-dest": "document"})
    assert led_to(alone) == f"{site.base}{snapshot}page/"


def test_its_download_is_its_bytes_as_plain_text(site: Served) -> None:
    history = site.desk.history(site.desk.store.find("us-training"))
    entry = history.snapshots[0]
    kept = site.get(f"raw/{history.branch}/{entry.revision[:12]}/page.txt")
    raw = site.desk.store.raw(history.branch, entry)
    assert raw is not None
    assert kept.content == raw.body
    assert kept.headers["content-type"].startswith("text/plain")
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert kept.headers["content-disposition"].startswith("attachment")


def test_a_page_that_is_not_in_the_store_is_said_to_be_gone(store: Path) -> None:
    from tests.store_support import git

    with served(store) as running:
        branch = running.desk.store.find(URL)
        git(store / "articles.git", "update-ref", "-d", f"refs/raw/{branch}")
        revision = running.desk.history(branch).snapshots[0].revision[:12]
        assert running.get(f"{paths.snapshot(branch, revision)}page/").status_code == 404
        assert running.get(paths.snapshot(branch, revision)).status_code == 200


def test_a_page_that_is_removed_is_shown_no_more(store: Path) -> None:
    with served(store) as running:
        history = running.desk.history(running.desk.store.find(URL))
        snapshot = paths.snapshot(history.branch, history.snapshots[0].revision)
        assert running.get(f"{snapshot}source/").status_code == 200
        assert "The page as captured" in running.get(snapshot).text
        with open_store(store) as another:
            another.pruner.prune([history], NOW, "agreed", lambda _: None)
        assert running.get(f"{snapshot}source/").status_code == 404
        assert "The page as captured" not in running.get(snapshot).text


def test_a_deleted_article_waits_for_nothing(store: Path) -> None:
    with served(store) as running:
        running.desk.store.deleter.delete(running.desk.store.all_names(URL), "at the wish of the family")
        assert "being compared" not in running.get().text
        listed = running.get("articles/").text
        assert '0 snapshots · <strong class="lost">deleted</strong>' in listed
        told = running.get(re.findall(r'href="../(a/[^"]*harbour-fire[^"]*)"', listed)[0])
        assert told.status_code == 404
        assert "was deleted: at the wish of the family" in told.text


# --- the others -------------------------------------------------------------------------------------------------------


def test_blame_tells_since_when_each_sentence_stands(store: Path) -> None:
    with served(store) as running:
        history = running.desk.history(running.desk.store.find(URL))
        text = running.get(paths.snapshot(history.branch, history.snapshots[1].revision)).text
        assert text.count('data-since="2"') == 1
        assert "between 01:00 and 02:00 UTC on 4 March 2026" in text
        assert PARAGRAPHS[4] not in text
        assert "sentences there since the first snapshot, not shown" in text
        whole = running.get(f"{paths.snapshot(history.branch, history.snapshots[1].revision)}?text=whole").text
        assert PARAGRAPHS[4] in whole


def test_health_tells_what_went_wrong(store: Path) -> None:
    with served(store) as running:
        branch = running.desk.store.find(URL)
        error = "the server answered <b>500</b>: \u202etry\x1b[31m later"
        running.desk.store.record_check(Check(branch, NOW - timedelta(hours=1), Outcome.FAILED, error=error))
        held = Capture(URL, URL, NOW, 200, (), b"<p>a wall</p>")
        running.desk.store.quarantine_page(branch, held, "it looks like a consent wall")
        text = running.get("health/").text
        assert "1 h ago" in text
        assert "the server answered &lt;b&gt;500&lt;/b&gt;: &lt;U+202E&gt;try&lt;U+001B&gt;[31m later" in text
        assert "it looks like a consent wall" in text


def test_a_store_without_articles_has_its_pages(tmp_path: Path) -> None:
    open_store(tmp_path / "store", create=True).close()
    with served(tmp_path / "store") as running:
        for path in ("", "articles/", "hosts/", "search/", "search/?q=x", "health/"):
            assert running.get(path).status_code == 200
        assert "tracker snap URL" in running.get().text


@pytest.mark.parametrize(
    ("kind", "start"), [("json", "{"), ("html", "<!DOCTYPE html>"), ("markdown", "## "), ("terminal", "")]
)
def test_a_diff_can_be_kept_as_a_file(site: Served, kind: str, start: str) -> None:
    kept = site.get(f"{diff_path(site, 'us-training')}report.{kind}")
    assert kept.status_code == 200
    assert kept.text.startswith(start)
    assert kept.headers["content-disposition"].startswith("attachment")
    assert site.get(f"{diff_path(site, 'us-training')}report.exe").status_code == 404


def test_a_busy_writer_has_lists_drawn_once_a_second(store: Path) -> None:
    with served(store) as running:
        running.desk.settled = 3600.0
        running.get()
        before = running.get().text
        keep(running.desk.store, capture(hour(5), page(edited(0, "killed 12 people", "killed 30 people"))))
        running.desk.catch_up()
        assert running.get().text == before
        history = running.desk.history(running.desk.store.find(URL))
        diff = paths.diff(history.branch, history.snapshots[1].revision, history.snapshots[2].revision)
        assert "from 21 to 30" in running.get(diff).text
        running.desk.touch()
        assert "from 21 to 30" in running.get().text


@pytest.mark.parametrize("name", ["stream.html", "edits.html", "parts.html", "report.html"])
def test_words_are_escaped_whatever_a_template_is_called(name: str) -> None:
    shared = environment("tracker.serve", "tracker.render")
    assert shared.get_template(name).environment.autoescape is True
    assert shared.from_string("{{ word }}").render(word="<b>\u202e&") == "&lt;b&gt;&lt;U+202E&gt;&amp;"


def test_all_of_an_article_is_handed_over_in_one_file(site: Served, demo: Path) -> None:
    path = f"{paths.article(site.desk.store.find('us-training'))}bundle.zip"
    kept = site.get(path)
    assert kept.headers["content-disposition"].startswith("attachment")
    with ZipFile(BytesIO(kept.content)) as bundle:
        assert bundle.testzip() is None
        assert sum(name.endswith("/page.html.txt") for name in bundle.namelist()) == 3
    with served(demo, Terms(whole=False)) as passages:
        assert passages.get(path).status_code == 404


def test_a_diff_or_one_change_of_it_is_had_as_a_picture_that_names_its_page(site: Served) -> None:
    path = diff_path(site, "us-training")
    picture = site.get(f"{path}report.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["content-disposition"].startswith("attachment")
    assert f"{site.base}{path}"[-12:] in picture.text
    (row, *_) = site.desk.store.reports.changes(ChangeQuery(label="denial-added"))
    assert "2. " not in site.get(f"{path}report.svg?change={row.change}").text
    assert site.get(f"{path}report.svg?change=none").status_code == 404


def test_no_reader_waits_for_what_is_still_to_be_compared(store: Path) -> None:
    with served(store) as running:
        for path in ("", paths.HOSTS, f"{paths.HOSTS}daily.example/"):
            assert "being compared" not in running.get(path).text
        keep(running.desk.store, capture(hour(5), page(edited(0, "killed 12 people", "killed 30 people"))))
        for path in ("", paths.HOSTS, f"{paths.HOSTS}daily.example/"):
            assert "1 article is being compared; their changes come in" in running.get(path).text
        assert running.desk.store.reports.waiting() == 1


def test_the_figures_of_a_host_are_drawn_beside_their_table(site: Served) -> None:
    text = site.get(f"{paths.HOSTS}harbour-courier.example/").text
    ((label, bars),) = re.findall(r'<svg class="bar".*?aria-label="([^"]*)">(.*?)</svg>', text, re.DOTALL)
    counts = [int(width) for width in re.findall(r'width="(\d+)"', bars)]
    assert counts
    assert sum(counts) == sum(int(count) for count in re.findall(r"(\d+) ", label))
