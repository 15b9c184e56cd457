"""Addresses: one article is one identity, two are two, and every branch name is one that git takes."""

import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.text.urls import branch_name, clean, edition, folded_host, host_name, identity, slug

ODD = st.lists(
    st.sampled_from(
        [
            *"abZ0/.:?#&=%@\\[]_~ -\t\x00é東\ud800",
            "http://",
            "https://",
            "..",
            ".lock",
            "@{",
            "%2F",
            "www.",
            "amp",
            "[::1]",
            ":80",
            "a" * 90,
        ]
    ),
    max_size=14,
).map("".join)
WEB = st.builds("http://{}".format, ODD) | st.builds("https://example.org/{}".format, ODD) | ODD | st.text(max_size=40)


@pytest.mark.parametrize(
    "others",
    [
        [
            "https://example.org/2015/05/ferry-late",
            "http://example.org/2015/05/ferry-late",
            "https://www.example.org/2015/05/ferry-late/",
            "https://m.example.org/2015/05/ferry-late",
            "https://amp.example.org/2015/05/ferry-late",
            "https://mobile.example.org/2015/05/ferry-late",
            "https://example.org/2015/05/ferry-late/amp",
            "https://example.org/2015/05/ferry-late/amp/",
            "https://example.org/amp/2015/05/ferry-late",
            "https://example.org/2015/05/ferry-late.amp",
            "https://example.org/2015/05/ferry-late?amp",
            "https://example.org/2015/05/ferry-late?amp=1",
            "https://example.org/2015/05/ferry-late?outputType=amp",
            "https://example.org/2015/05/ferry-late?utm_source=x&UTM_Medium=y&fbclid=z&gclid=1#comments",
            "https://EXAMPLE.org:443/2015//05/./ferry-late?",
            "http://example.org:80/2015/05/x/../ferry-late",
            "https://user:secret@example.org./2015/05/ferry%2Dlate",
            " https://example.org/2015/05/ferry-late\n",
            "https:\\\\example.org\\2015\\05\\ferry-late",
            "https://example-org.cdn.ampproject.org/c/s/example.org/2015/05/ferry-late",
            "https://www.google.com/amp/s/www.example.org/2015/05/ferry-late",
            "https://www.google.co.uk/amp/s/www.example.org/2015/05/ferry-late",
            "https://www.google.de/amp/www.example.org/2015/05/ferry-late",
        ],
        ["https://example.org/a.html", "https://example.org/a.amp.html"],
        ["https://example.org/s?b=2&a=1", "https://example.org/s?a=1&b=2&xtor=3"],
        ["https://bücher.example/straße", "https://xn--bcher-kva.example/stra%c3%9fe"],
        ["https://en.m.example.org/wiki", "https://en.example.org/wiki"],
        ["http://[2001:DB8:0:0::1]/a", "http://[2001:db8::1]/a"],
    ],
)
def test_addresses_of_one_article(others):
    assert {identity(url) for url in others} == {identity(others[0])}
    assert {branch_name(url) for url in others} == {branch_name(others[0])}


@pytest.mark.parametrize(
    "others",
    [
        [
            "https://example.org/s?id=1",
            "https://example.org/s?id=2",
            "https://example.org/s",
            "https://example.org/s?ID=1",
        ],
        ["https://example.org/Ferry", "https://example.org/ferry"],
        ["https://example.org/a%2Fb", "https://example.org/a/b"],
        ["https://example.org/a?q=1%262", "https://example.org/a?q=1&2"],
        ["https://example.org/a", "https://example.com/a", "https://news.example.org/a"],
        ["https://example.org:8000/a", "https://example.org:8001/a", "https://example.org/a"],
        ["https://example.org/a", "https://example.org/a.html", "https://example.org/a/b"],
        ["https://example.org/amplifier", "https://example.org/lifier"],
        ["https://example.org/a?page=2", "https://example.org/a?page=3"],
    ],
)
def test_addresses_of_different_articles(others):
    assert len({identity(url) for url in others}) == len(others)
    assert len({branch_name(url) for url in others}) == len(others)


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("../b?utm_campaign=x&id=7#part", "https://Example.org/a/c/d", "https://example.org/a/b?id=7#part"),
        ("//cdn.example.org/x.jpg", "https://example.org/", "https://cdn.example.org/x.jpg"),
        ("https://example.org:443", None, "https://example.org/"),
        ("https://example.org/a?b=1&&c=%20d e", None, "https://example.org/a?b=1&c=%20d%20e"),
        ("https://example.org/a#:~:text=ferry", None, "https://example.org/a"),
        ("https://example.org/a;jsessionid=1A2B?x=1", None, "https://example.org/a?x=1"),
        ("mailto:a@example.org?subject=utm_x", "https://example.org/", "mailto:a@example.org?subject=utm_x"),
        ("javascript:void(0)", "https://example.org/", "javascript:void(0)"),
        ("http://[bad", "https://example.org/", "http://[bad"),
        (" #top ", "https://example.org/a", "https://example.org/a#top"),
        ("story.html", None, "story.html"),
        ("", None, ""),
        ("", "https://example.org/a?fbclid=1", "https://example.org/a"),
    ],
)
def test_cleaned_addresses(url, base, expected):
    assert clean(url, base) == expected


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("https://www.Example.org/2015/05/31/Ferry-Runs_late.html", "example.org", "ferry-runs-late"),
        ("http://localhost:8000/a-story", "localhost_8000", "a-story"),
        ("http://[::1]:8000/", "ip6_--1_8000", "article"),
        ("http://[2001:db8::1]/x.lock", "ip6_2001-db8--1", "x-lock"),
        ("https://user:pw@example.org./Élection-à-Paris/amp/", "example.org", "election-a-paris"),
        ("https://example.org/world/12345", "example.org", "world"),
        ("https://example.org/12345", "example.org", "12345"),
        ("https://example.org/ferry/index.html", "example.org", "ferry"),
        ("https://example.org/новости/", "example.org", "article"),
        ("https://bücher.example/", "xn--bcher-kva.example", "article"),
        ("http://evil.lock/..", "evil-lock", "article"),
        ("http://_about/x", "about", "x"),
        (
            "https://example.org/" + "long-" * 30,
            "example.org",
            "long-long-long-long-long-long-long-long-long-long-long-long",
        ),
        ("pages/ferry.html", "file", "ferry"),
        ("", "file", "article"),
    ],
)
def test_names_of_branches(url, host, name):
    assert host_name(url) == host
    assert slug(url) == name
    assert re.fullmatch(f"{re.escape(host)}/{re.escape(name)}-[0-9a-f]{{16}}", branch_name(url))


def test_a_branch_name_never_changes():
    """It is the name of refs in stores that exist; another value here would give their articles a second history."""
    assert branch_name("https://www.example.org/ferry?id=1") == "example.org/ferry-50311947ad34f28f"
    assert folded_host("https://www.m.Example.org:8000/x") == "example.org"
    assert folded_host("story.html") == ""


@settings(max_examples=250)
@given(WEB)
@example("http://" + "a" * 400 + "/x")
@example("http://" + "a." * 300 + "lock/x")
@example("http://-.@{~^:?*[/..")
def test_every_branch_name_is_one_that_git_takes(url):
    host, _, rest = branch_name(url).partition("/")
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", host)
    assert ".." not in host
    assert not host.endswith((".", ".lock"))
    assert re.fullmatch(r"[a-z0-9-]{1,60}-[0-9a-f]{16}", rest)
    assert not rest.startswith("-")
    assert max(len(host), len(rest)) + len(".lock") <= 250


def test_git_itself_takes_them():
    names = [
        branch_name(url)
        for url in (
            "http://[::1]:8000/",
            "http://x.lock/",
            "http://a..b/",
            "",
            "http://%2e./@{x}~",
            "http://" + "é" * 300,
        )
    ]
    for name in names:
        subprocess.run(["git", "check-ref-format", "--branch", name], check=True, capture_output=True)


@settings(max_examples=250)
@given(WEB, st.none() | WEB)
def test_cleaning_never_raises_and_twice_is_once(url, base):
    cleaned = clean(url, base)
    assert clean(cleaned) == cleaned
    assert identity(cleaned) == identity(clean(cleaned))
    assert folded_host(url) == folded_host(clean(url))


@settings(max_examples=150)
@given(st.permutations(["b=2", "a=1", "utm_x=3", "a=0", "c", ""]))
def test_the_order_of_the_query_is_no_matter(parts):
    assert identity("https://example.org/s?" + "&".join(parts)) == "example.org/s?a=0&a=1&b=2&c"


@pytest.mark.parametrize(
    "host",
    [
        *("www.google.evil.example", "www.google.com.evil.example", "www.google.daily"),
        *("x.cdn.ampproject.org.evil.example", "xcdn.ampproject.org"),
    ],
)
def test_whoever_is_called_like_a_cache_speaks_for_no_other_host(host):
    """Else its pages would be the next texts of somebody else's article."""
    address = f"https://{host}/amp/s/example.org/2015/05/ferry-late"
    assert folded_host(address) == host.removeprefix("www.")
    assert identity(address) != identity("https://example.org/2015/05/ferry-late")


@pytest.mark.parametrize("times", [2, 5, 5_000])
def test_an_amp_cache_of_an_amp_cache_without_end_is_an_address_like_any_other(times):
    address = "https://" + "www.google.com/amp/s/" * times + "news.example/a"
    assert branch_name(address) == branch_name(address + "#top")
    assert (folded_host(address) == "news.example") is (times <= 4)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://www.example.org/amphibians/ample?m=amp-le", ""),
        ("https://example.org/m/mobile", ""),
        ("https://m.example/a", ""),
        ("no address", ""),
        ("https://m.example.org/a", "mobile"),
        ("https://en.mobile.example.org/a", "mobile"),
        ("https://amp.example.org/a", "amp"),
        ("https://m.example.org/amp/a", "amp"),
        ("https://example.org/a.amp.html", "amp"),
        ("https://example.org/a?x=1&AMP=1", "amp"),
        ("https://example-org.cdn.ampproject.org/c/s/example.org/a", "amp"),
    ],
)
def test_which_edition_of_a_page_an_address_asks_for(address, kind):
    assert edition(address) == kind
