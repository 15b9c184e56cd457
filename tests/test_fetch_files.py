"""Files and standard input, and everything that is no HTML page."""

import gzip
import io
import os

import pytest

from tests.http_support import NOW, PAGE, options
from tracker.errors import FetchError, NotHtml, UsageError
from tracker.fetch import fetch
from tracker.fetch.kinds import not_html
from tracker.model import Source


def test_a_file(tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    capture = fetch(str(file), options())
    assert (capture.body, capture.url, capture.final_url, capture.status) == (PAGE, "", "", None)
    assert (capture.source, capture.captured_at, capture.headers) == (Source.FILE, NOW, ())
    assert fetch(str(file), options(url="https://example.org/ferry")).final_url == "https://example.org/ferry"


def test_standard_input():
    capture = fetch("-", options(stdin=io.BytesIO(PAGE), url="https://example.org/ferry"))
    assert (capture.body, capture.source, capture.url) == (PAGE, Source.STDIN, "https://example.org/ferry")


def test_a_file_with_a_colon_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day:one.html").write_bytes(PAGE)
    assert fetch("./day:one.html", options()).body == PAGE


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing.html", "missing.html: no such file"),
        ("example.org/story", "example.org/story: no such file; for a web address write https://example.org/story"),
        (".", ". is a folder; name an HTML file in it"),
        ("a\0b", "'a\\x00b' is no path"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path, monkeypatch, source, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        fetch(source, options())
    assert str(caught.value) == message


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    file.chmod(0)
    with pytest.raises(FetchError, match="cannot be read: Permission denied"):
        fetch(str(file), options())


def test_a_loop_of_links_cannot_be_read(tmp_path):
    loop = tmp_path / "loop.html"
    loop.symlink_to(loop)
    with pytest.raises(FetchError, match="cannot be read: "):
        fetch(str(loop), options())


def test_the_size_is_limited(tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(b"<p>" + b"x" * 997)
    assert len(fetch(str(file), options(max_bytes=1000)).body) == 1000
    for source in (str(file), "-"):
        with pytest.raises(FetchError, match="larger than 999 bytes"):
            fetch(source, options(max_bytes=999, stdin=io.BytesIO(file.read_bytes())))


def test_an_endless_device_is_cut_at_the_limit():
    with pytest.raises(FetchError, match="larger than"):
        fetch("/dev/zero", options(max_bytes=100_000))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.4\n<html>", "a PDF"),
        (b"\n\n%PDF-1.4", "a PDF"),
        (b"\xff\xd8\xff\xe0..", "an image (JPEG)"),
        (b"GIF89a", "an image (GIF)"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "an image (WebP)"),
        (b"PK\x03\x04word/document.xml", "a ZIP archive or an office document"),
        (gzip.compress(PAGE), "compressed data (gzip)"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"\0\0\0\x20ftypisom", "a video (MP4) or an image (AVIF)"),
        (b"WARC/1.1\r\n<html>", "a web archive (WARC)"),
        (b"<p>" + bytes(range(256)) * 4, "binary data"),
        (b"<html>" + bytes(4000), "binary data"),
        (b"Notes on a ferry.\n", "text without a single tag"),
        (b'{"headline": "x"}', "text without a single tag"),
    ],
)
def test_what_is_no_page(tmp_path, body, kind):
    file = tmp_path / "odd.html"
    file.write_bytes(body)
    with pytest.raises(NotHtml) as caught:
        fetch(str(file), options())
    assert str(caught.value) == f"{file} is not an HTML page but {kind}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        PAGE,
        b"<P>x",
        b"\xef\xbb\xbf" + PAGE,
        b"\xff\xfe" + PAGE.decode().encode("utf-16-le"),
        PAGE.decode().encode("utf-16-be"),
        "<p>東京は晴れ".encode("cp932"),
        "<p>東京は晴れ".encode("iso2022_jp"),
        b"x" * 100_000 + b"<p>late",
        b"<html>a stray \0 in it" + b"x" * 100,
        b"<html>how a %PDF-1.4 starts</html>",
    ],
)
def test_what_may_be_a_page(body):
    assert not_html(body) is None
