"""Which addresses are asked, and that nothing gets round the question."""

import pytest

from tests.http_support import Handler, Route, options, serving
from tracker.errors import FetchError, Refused
from tracker.fetch import fetch, guard
from tracker.fetch.guard import forbidden

INNER = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0",  # noqa: S104 - not bound, but refused
    "0.1.2.3", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "192.0.2.1", "198.18.0.1", "203.0.113.5",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "fec0::1",
    "2001:db8::1", "100::1", "4000::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:7f00:1::1", "no address", "",
]  # fmt: skip
OUTER = [
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2002:101:101::1",
]


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_forbidden(address):
    assert forbidden(address)


@pytest.mark.parametrize("address", OUTER)
def test_public_addresses_are_asked(address):
    assert forbidden(address) is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[::]", "169.254.169.254"],
)  # fmt: skip
def test_no_spelling_reaches_this_machine(host):
    with serving() as server:
        with pytest.raises(Refused, match="not asked") as refusal:
            fetch(server.url(host=host), options())
        assert server.log == []
    assert "--allow-private" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("host", ["0177.0.0.1", "127.0.0.1.", "①②⑦.0.0.1", "127.0.0.1%2f.example"])
def test_what_is_neither_name_nor_number_reaches_nothing(host):
    with serving() as server:
        with pytest.raises(FetchError):
            fetch(server.url(host=host), options())
        assert server.log == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:PORT\\@example.org/", "http://user:pass@127.0.0.1:PORT/", "http://user@127.0.0.1:PORT/",
     "http://127.0.0.1:PORT /", "http://127.0.0.1:PORT/a b", "http:///story", "http://", "http:story", "http://[::1/",
     "http://127.0.0.1:99999/", "http://127.0.0.1:PORT\t/", "http:\\\\127.0.0.1:PORT/", "http://exa mple.org/"],
)  # fmt: skip
def test_addresses_that_can_be_read_in_two_ways_are_refused(address):
    with serving() as server:
        with pytest.raises(Refused) as refusal:
            fetch(address.replace("PORT", str(server.port)), options(allow_private=True))
        assert server.log == []
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "file:/etc/passwd", "ftp://example.org/a", "javascript:alert(1)", "source:file:///x"],
)
def test_other_schemes_are_refused(address):
    with pytest.raises(Refused, match="is not read, only http:, https: and files"):
        fetch(address, options(allow_private=True))


def redirect(target: str) -> Route:
    return lambda handler: handler.answer(b"", 302, Location=target)


def test_a_redirect_to_an_inner_address_is_refused(monkeypatch):
    monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.1" else forbidden(address))
    with serving() as inner, serving() as outer:
        for host in ("127.0.0.2", "[::1]", "0x7f000002"):
            target = inner.url("/secret", host=host)
            outer.routes["/"] = redirect(target)
            with pytest.raises(Refused, match="not asked"):
                fetch(outer.url(), options())
        assert inner.log == []
        assert len(outer.log) == 3


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch):
    """A name that changes its address between the check and the connection (DNS rebinding) gains nothing."""
    answers = iter([("127.0.0.1",), ("127.0.0.2",)])
    asked = []

    def resolve(host, _port, _timeout):
        asked.append(host)
        return next(answers)

    monkeypatch.setattr(guard, "resolve", resolve)
    with serving() as server:
        with pytest.raises(Refused):
            fetch(server.url(host="rebinding.example"), options())
        monkeypatch.setattr(guard, "forbidden", lambda address: None if address == "127.0.0.2" else forbidden(address))
        with pytest.raises(FetchError, match="connection refused"):
            fetch(server.url(host="rebinding.example"), options())  # 127.0.0.2: the server is on 127.0.0.1 alone
        assert server.log == []
    assert asked == ["rebinding.example"] * 2


def test_one_inner_address_among_public_ones_is_enough(monkeypatch):
    monkeypatch.setattr(guard, "resolve", lambda *_: ("93.184.216.34", "10.0.0.7"))
    with pytest.raises(Refused, match=r"mixed\.example \(10\.0\.0\.7\) is a private address"):
        fetch("http://mixed.example/", options())


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        with pytest.raises(FetchError, match="does not resolve"):
            fetch("http://nowhere.invalid/", options())
        assert proxy.log == []


def test_allow_private_asks_this_machine():
    with serving({"/": Handler.answer}) as server:
        assert fetch(server.url(), options(allow_private=True)).status == 200
        assert server.log[0].headers["host"] == f"127.0.0.1:{server.port}"
