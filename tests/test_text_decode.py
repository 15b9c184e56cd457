"""The decode ladder: every rung, wrong labels, stray bytes, and bytes of any kind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.text.decode import decode

QUOTED = "“It’s naïve” — café"


@pytest.mark.parametrize(
    ("body", "content_type", "text", "encoding", "rung"),
    [
        (b"\xef\xbb\xbf" + QUOTED.encode(), "text/html; charset=latin1", QUOTED, "utf-8", "bom"),
        (b"\xff\xfe" + QUOTED.encode("utf-16-le"), None, QUOTED, "utf-16-le", "bom"),
        (b"\xfe\xff" + QUOTED.encode("utf-16-be"), None, QUOTED, "utf-16-be", "bom"),
        (QUOTED.encode(), None, QUOTED, "utf-8", "utf-8"),
        (QUOTED.encode(), "text/html; charset=ISO-8859-1", QUOTED, "utf-8", "utf-8"),
        (QUOTED.encode("cp1252"), None, QUOTED, "cp1252", "cp1252"),
        (QUOTED.encode("cp1252"), "text/html; charset=utf-8", QUOTED, "cp1252", "cp1252"),
        (QUOTED.encode("cp1252"), "text/html; charset=ISO-8859-1", QUOTED, "cp1252", "header"),
        ("Привет, мир".encode("koi8-r"), 'text/html; charset="KOI8-R"', "Привет, мир", "koi8-r", "header"),
        ("東京は晴れ".encode("cp932"), "text/html;charset=Shift_JIS", "東京は晴れ", "cp932", "header"),
        ("東京".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "東京", "iso2022_jp", "header"),
        ("<p>plain".encode("utf-16-le"), "text/html; charset=utf-16", "<p>plain", "utf-16-le", "header"),
        (b"<p>plain", "text/html; charset=utf-16", "<p>plain", "utf-8", "utf-8"),
        (QUOTED.encode("cp1252"), "text/html; charset=klingon", QUOTED, "cp1252", "cp1252"),
        (b"+ADw-script+AD4-", "text/html; charset=utf-7", "+ADw-script+AD4-", "utf-8", "utf-8"),
        (b"caf\x81\xe9", None, "caf\x81é", "cp1252", "cp1252"),
        (b"", None, "", "utf-8", "utf-8"),
    ],
)
def test_every_rung_of_the_ladder(body, content_type, text, encoding, rung):
    found = decode(body, content_type)
    assert (found.text, found.encoding, found.rung) == (text, encoding, rung)


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="gb2312">',
        "<META http-equiv=Content-Type content='text/html; charset=GBK'>",
        '<?xml version="1.0" encoding="gb18030"?>',
    ],
)
def test_the_page_names_its_own_encoding(declaration):
    found = decode(declaration.encode() + "中文新闻".encode("gb18030"), "text/html")
    assert (found.text, found.rung) == (declaration + "中文新闻", "meta")


def test_a_stray_byte_does_not_spoil_a_page_in_utf_8():
    body = (QUOTED * 10).encode() + b"\xff" + b" the end"
    for content_type in (None, "text/html; charset=ISO-8859-1"):
        found = decode(body, content_type)
        assert found.text == QUOTED * 10 + "\ufffd the end"
        assert found.rung == "utf-8"


@pytest.mark.parametrize(
    ("content_type", "head", "rung"),
    [("text/html; charset=utf-8", "", "header"), (None, '<meta charset="utf-8">', "meta")],
)
def test_a_teaser_cut_inside_a_character_does_not_spoil_a_short_page_that_says_it_is_utf_8(content_type, head, rung):
    body = (head + "“It’s late.” <p>A teaser cut in the midd").encode() + "’".encode()[:2]
    found = decode(body, content_type)
    assert (found.text, found.rung) == (head + "“It’s late.” <p>A teaser cut in the midd\ufffd", rung)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Le conseil a décidé « de fermer » le pont à l’été", "cp1252"),
        ("Совет города решил закрыть мост на год", "cp1251"),
        ("中华人民共和国成立于一九四九年十月一日，联通公司今天宣布新的计划", "gb18030"),
        ("เป็นเมืองหลวงและนครที่มีประชากรมากที่สุดของประเทศไทย", "cp874"),
    ],
)
def test_another_encoding_is_not_taken_for_the_utf_8_that_its_header_says(text, codec):
    label = {"cp874": "tis-620"}.get(codec, codec)
    found = decode(f'<meta charset="{label}">'.encode() + text.encode(codec), "text/html; charset=utf-8")
    assert (found.text.partition(">")[2], found.encoding) == (text, codec)


def test_a_label_that_does_not_fit_is_not_believed():
    body = b'<meta charset="utf-8">' + "déjà".encode("cp1252")
    assert decode(body).text.endswith("déjà")


@settings(max_examples=80)
@given(st.binary(max_size=300), st.none() | st.text(max_size=40))
def test_never_raises(body, label):
    found = decode(body, None if label is None else f"text/html; charset={label}")
    assert found.rung in {"bom", "utf-8", "header", "meta", "cp1252"}
    assert decode(body, None if label is None else f"text/html; charset={label}") == found


@settings(max_examples=80)
@given(st.text(max_size=200))
def test_text_in_utf_8_comes_back(text):
    body = text.encode("utf-8", "ignore")
    if not body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        assert decode(body, "text/html; charset=ISO-8859-1").text == body.decode()
