"""tracker.toml: what it says, what is wrong with it, and in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli_support import run
from tests.http_support import Handler, serving
from tests.site import page
from tests.store_support import git
from tracker.config import (
    ArticleSettings,
    Config,
    EvidenceSettings,
    FeedSettings,
    FetchSettings,
    HostSettings,
    NotifySettings,
    RuleSettings,
    Wanted,
    WatchSettings,
    load,
)
from tracker.config.written import line_of, mistakes, read_settings, schema
from tracker.errors import ConfigError
from tracker.model import Label

FULL = """\
# the desk's settings
[store]
path = "archive"
identity = "Daily Desk <desk@daily.example>"

[fetch]
user_agent = "daily-desk/1.0"
contact = "https://daily.example/bot"
timeout = "10 s"
deadline = "1.5 min"
secrets = "../secrets.toml"
proxy = "http://proxy.example:3128"

[watch]
budget = 600
floor = "10 min"
ceiling = "2 d"
spacing = "3 s"
threads = 8

[[watch.article]]
match = "https://daily.example/politics/*"
importance = 4

[[watch.article]]
match = "daily.example/weather"
floor = "1 h"
browser = true

[notify]
smtp = "smtps://desk@mail.example"
password_file = "smtp.password"
sender = "Desk <desk@daily.example>"

[[notify.rule]]
name = "desk"
to = "mailto:desk@daily.example"
secret_file = "secret"
labels = ["number-changed"]
silent = true
hosts = ["*.example"]
events = true
digest = "1 d"
quiet = "22:00-07:00"
tz = "Europe/Berlin"

[[notify.rule]]
name = "hook"
to = "https://hooks.example/tracker"
severity = "high"

[[notify.feed]]
file = "feeds/all.xml"
article = "daily.example"
entries = 20
address = "https://daily.example/all.xml"

[host."slow.example"]
spacing = "30s"
connections = 2

[evidence]
tsa = "https://stamps.example/tsr"
tsa_ca = "stamps.pem"
allowed_signers = "keys/desk"
"""

MAIL = "[notify]\nsmtp = 'smtp://mail.example'\nsender = 'Tracker <a@b.example>'\n[[notify.rule]]\nname = 'x'\n"
RULE = "[[notify.rule]]\nname = 'x'\n"
HOOK = RULE + "to = 'https://hooks.example/x'\n"


def refusal(tmp_path, text: str) -> str:
    (tmp_path / "tracker.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {})
    return str(caught.value).removeprefix(f"{tmp_path / 'tracker.toml'}: ")


def test_everything_that_can_be_set(tmp_path):
    (tmp_path / "tracker.toml").write_text(FULL)
    assert load(tmp_path / "below", {}) == Config(
        store=tmp_path / "archive",
        identity=("Daily Desk", "desk@daily.example"),
        fetch=FetchSettings(
            "daily-desk/1.0",
            "https://daily.example/bot",
            10.0,
            90.0,
            tmp_path / "../secrets.toml",
            "http://proxy.example:3128",
        ),
        watch=WatchSettings(
            budget=600,
            floor=600.0,
            ceiling=172_800.0,
            spacing=3.0,
            threads=8,
            articles=(
                ArticleSettings("https://daily.example/politics/*", importance=4),
                ArticleSettings("daily.example/weather", floor=3600.0, browser=True),
            ),
        ),
        evidence=EvidenceSettings("https://stamps.example/tsr", tmp_path / "stamps.pem", tmp_path / "keys" / "desk"),
        hosts={"slow.example": HostSettings(30.0, 2)},
        notify=NotifySettings(
            smtp="smtps://desk@mail.example",
            password_file=tmp_path / "smtp.password",
            sender="Desk <desk@daily.example>",
            rules=(
                RuleSettings(
                    "desk",
                    "mailto:desk@daily.example",
                    Wanted(("number-changed",), "low", silent=True, hosts=("*.example",)),
                    tmp_path / "secret",
                    events=True,
                    digest=86_400.0,
                    quiet=("22:00", "07:00"),
                    tz="Europe/Berlin",
                ),
                RuleSettings("hook", "https://hooks.example/tracker", Wanted(severity="high")),
            ),
            feeds=(
                FeedSettings(
                    tmp_path / "feeds" / "all.xml",
                    article="daily.example",
                    entries=20,
                    address="https://daily.example/all.xml",
                ),
            ),
        ),
    )


def test_nothing_need_be_set(tmp_path):
    assert load(tmp_path, {}) == Config(store=tmp_path / "snapshots")
    assert (WatchSettings().floor, WatchSettings().ceiling) == (300.0, 259_200.0)


def test_the_keys_of_the_first_version_still_work(tmp_path):
    (tmp_path / "tracker.toml").write_text('store = "archive"\nuser_agent = "desk/1.0"\n')
    config = load(tmp_path, {})
    assert (config.store, config.fetch.user_agent) == (tmp_path / "archive", "desk/1.0")
    assert load(tmp_path, {"TRACKER_STORE": "/elsewhere"}, tmp_path / "here").store == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "stoer = 'x'\n",
            "line 1: no such setting 'stoer'; there are store, recipes, user_agent, fetch, watch, notify, host",
        ),
        ("\n\n[watch]\nbuget = 3\n", "line 4: no such setting 'buget' in watch; there are budget, floor,"),
        ("[watch]\nbudget = 'lots'\n", "line 2: watch.budget must be a number from 1 to 1000000 (how many pages an"),
        ("[watch]\nbudget = true\n", "line 2: watch.budget must be a number"),
        ("[watch]\nthreads = 2.5\n", "line 2: watch.threads must be a whole number from 1 to 64 (how many pages"),
        ("[watch]\n# soon\nfloor = '5'\n", 'line 3: watch.floor must be a time such as "90 s", "5 min", "72 h" or'),
        ("[watch]\nfloor = '2 h'\nceiling = '1 h'\n", "line 2: floor (2 h) is above ceiling (1 h)"),
        ("[watch]\nfloor = '0 s'\nceiling = '0 s'\n", "line 3: ceiling must be longer than 0 s"),
        ("[watch]\nspacing = '9999999 d'\n", "line 2: watch.spacing must be a time such as"),
        ("[[watch.article]]\nmatch = 'x'\nceiling = '1 s'\n", "line 3: floor (5 min) is above ceiling (1 s)"),
        (
            "[[watch.article]]\nmatch='x'\n[[watch.article]]\nimportance=2\n",
            "line 3: watch.article[2].match is missing",
        ),
        ("watch = 3\n", "line 1: watch must be a table: when the articles on the watch list are looked at"),
        ("store = 3\n", "line 1: store must be the folder of the store in quotation marks, or a table [store]"),
        ("store = ' '\n", "line 1: store must be text in quotation marks"),
        ("[store]\nidentity = 'Desk'\n", "line 2: store.identity must be text in quotation marks: who signs the"),
        ("[store]\nidentity = 'De\u200bsk <a@b>'\n", "line 2: store.identity must have no invisible characters"),
        ('[fetch]\ncontact = """a\nb"""\n', "line 2: fetch.contact must be text in quotation marks, of plain letters"),
        ('[host."a.example"]\nconnections = 0\n', "line 2: host.a.example.connections must be a whole number from 1"),
        (
            "[notify]\nsmtp = 'mail.example'\n",
            "line 2: notify.smtp must be text in quotation marks: the mail server, as",
        ),
        (RULE + "to = 'desk'\n", "line 3: notify.rule[1].to must be text in quotation marks: mailto:desk@daily"),
        (RULE + "to = 'mailto:a@b.example'\n", "line 3: mail needs notify.smtp (the mail server) and notify.sender"),
        ("[notify]\nsmtp = 'smtp://mail.example:port'\n", "line 2: notify.smtp names no mail server; write one like"),
        ("[notify]\nsender = 'Tracker'\n", "line 2: notify.sender is no address of mail; write one like"),
        (MAIL + "to = 'mailto:<a@b.example>'\n", "line 6: '<a@b.example>' is no address of mail; write one like"),
        (MAIL + "to = 'mailto:a@b..example'\n", "line 6: 'a@b..example' is no address of mail; write one like"),
        (RULE + "to = 'https://hooks.example:99999/'\n", "line 3: it names no server; write one like"),
        (RULE + "to = 'https://hooks..example/'\n", "line 3: it names no server; write one like"),
        (HOOK + "labels = ['numbers']\n", 'line 4: notify.rule[1].labels[1] must be one of "denial-added", "response'),
        (HOOK + "labels = 'number-changed'\n", "line 4: notify.rule[1].labels must be a list of texts: only changes"),
        (HOOK + "silent = 1\n", "line 4: notify.rule[1].silent must be true or false: only what no notice mentions"),
        (HOOK + "quiet = '22-7'\n", "line 4: notify.rule[1].quiet must be text in quotation marks: hours in which"),
        (HOOK + "tz = 'Europe/Bonn'\n", "line 4: no such time zone 'Europe/Bonn'; write one like Europe/Berlin"),
        (HOOK + "quiet = '22:00-22:00'\n", "line 4: the quiet hours end when they begin"),
        (
            HOOK + "hosts = [\n'a.example',\n'https://b.example/']\n",
            "line 4: 'https://b.example/' is no name of a host",
        ),
        (HOOK + "hosts = ['*.b.example', 'c.*']\n", "line 4: 'c.*' is no name of a host; write one like daily.example"),
        ("[[notify.feed]]\nfile='x'\nhosts = ['a.example/x']\n", "line 3: 'a.example/x' is no name of a host"),
        ("[[notify.feed]]\nfile='x'\n[[notify.feed]]\nfile = 'x'\n", "line 4: two feeds are written to 'x'"),
        ("[watch]\n[host.'*.a.example']\nconnections = 2\n", "line 2: '*.a.example' is no name of a host"),
        (HOOK + HOOK, "line 5: two rules are called 'x'; give each a name of its own"),
        ("[watch\n", "Expected ']' at the end of a table declaration (at line 1, column 7)"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_is_allowed(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(said)


def test_every_mistake_is_told(tmp_path):
    assert refusal(tmp_path, "recipes = 3\n[fetch]\ntimeout = 20\n[watch]\nthreads = 99\n").count("; line ") == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a = """\nb = 3\n"""\nb = 4\n', 4),
        ("a = [\n  1,\n]\n\n# b = 1\n'b' = 2\n", 6),
        ('a = 1\n"\\u0062" = [\n3]\n', 2),
        ("a.b = 1\nb.c = 2\n", 2),
        ("b = 1", 1),
        ("", 1),
    ],
)
def test_the_line_is_found_however_toml_is_written(text, line):
    assert line_of(text, ("b",)) == line


SCALARS = st.one_of(
    st.sampled_from(["5 min", "1h", "x", "", " ", "Desk <a@b>", "-1 s", "a\nb"]),
    st.integers(-2, 70),
    st.booleans(),
    st.floats(0.1, 0.9),
)
NAMES = st.sampled_from(
    ["store", "path", "identity", "fetch", "contact", "watch", "floor", "threads", "article", "match", "host", "budgt"]
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3))


@given(st.dictionaries(NAMES, VALUES, max_size=3))
def test_our_reading_of_the_schema_is_that_of_everybody_else(settings: dict[str, Any]) -> None:
    assert jsonschema.Draft202012Validator(schema()).is_valid(settings) is not any(mistakes(settings))


def settings_of(rule: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every setting below a rule of the schema, by its path."""
    for key, each in rule.get("properties", {}).items():
        yield f"{path}{key}", each
        yield from settings_of(each, f"{path}{key}.")
    for inner in (rule.get("items"), rule.get("additionalProperties"), *rule.get("anyOf", ())):
        yield from settings_of(inner, path) if isinstance(inner, dict) else ()


def test_the_schema_is_one_and_says_what_everything_is_for():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert [path for path, rule in settings_of(schema()) if not rule.get("description")] == []


def test_the_labels_that_can_be_asked_for_are_those_of_changes():
    assert schema()["$defs"]["labels"]["items"]["enum"] == [label for label in Label if label != "modified-unmoved"]


def test_every_setting_is_explained_in_its_document():
    explained = (Path(__file__).parents[1] / "docs" / "settings.md").read_text("utf-8")
    named = set(re.findall(r"[`\[]([a-z_]+)[`\].]", explained))
    assert {path.rpartition(".")[2] for path, _ in settings_of(schema())} - named == set()


def test_a_file_that_is_no_text_is_told(tmp_path):
    file = tmp_path / "tracker.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="can't decode byte 0xff"):
        read_settings(file)


def test_identity_and_contact_reach_git_and_the_server(tmp_path):
    (tmp_path / "tracker.toml").write_text(re.sub("(secrets|proxy) = .*", "", FULL))
    asked: list[str] = []

    def answer(handler: Handler) -> None:
        asked.append(handler.headers["user-agent"])
        handler.answer(page(canonical=None))

    with serving({"/story": answer}) as web:
        done = run(tmp_path, "snap", "--allow-private", web.url("/story"))
    assert done.returncode == 0, done.stderr
    assert set(asked) == {"daily-desk/1.0 (+https://daily.example/bot)"}
    bare = tmp_path / "archive" / "articles.git"
    (branch,) = git(bare, "for-each-ref", "--format=%(refname)", f"refs/heads/127.0.0.1_{web.port}/").split()
    assert git(bare, "log", "-1", "--format=%an <%ae>", branch).strip() == "Daily Desk <desk@daily.example>"
