"""Bytes to text by a fixed ladder, so that the same bytes are the same text on every machine and every day.

A detector that guesses can guess otherwise tomorrow, and that would look like an edit of the article.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What browsers mean by a label (WHATWG Encoding), codec by codec. Labels outside this list are not believed: Python
# also knows codecs such as utf-7 or rot13 under names that a page could write.
_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "cp1252": "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso-ir-100 latin1 latin-1 l1 "
    "ascii us-ascii ansi_x3.4-1968 cp819 ibm819 csisolatin1",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso88599 iso_8859-9 latin5 l5",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "cp874": "windows-874 iso-8859-11 iso8859-11 tis-620 dos-874",
    "iso8859-2": "iso-8859-2 iso8859-2 iso88592 iso_8859-2 latin2 l2",
    "iso8859-3": "iso-8859-3 iso8859-3 iso88593 latin3 l3",
    "iso8859-4": "iso-8859-4 iso8859-4 iso88594 latin4 l4",
    "iso8859-5": "iso-8859-5 iso8859-5 iso88595 cyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 iso88596 arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 iso88597 greek",
    "iso8859-8": "iso-8859-8 iso8859-8 iso88598 iso-8859-8-i hebrew logical visual",
    "iso8859-10": "iso-8859-10 iso8859-10 iso885910 latin6 l6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "iso-8859-15 iso8859-15 iso885915 latin9 latin-9 l9",
    "iso8859-16": "iso-8859-16 iso8859-16 iso885916",
    "koi8-r": "koi8-r koi8 koi8_r koi cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "cp866": "ibm866 cp866 866",
    "mac-roman": "macintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gb18030": "gb18030 gbk gb2312 gb_2312-80 x-gbk chinese csgb2312 iso-ir-58",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 csbig5",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j ms932 csshiftjis",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 korean cseuckr",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2 csunicode",
    "utf-16-be": "utf-16be unicodefffe",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

GUESSED = "cp1252"  # the last rung of the ladder: the page does not say what it is written in

_HEAD = 4096  # bytes in which a page may declare its encoding; browsers look at 1,024
_FEW = 20  # good characters beyond ASCII for one bad one: the codec is believed
_LABELLED = 1  # the same where the page says that it is UTF-8: text in another encoding has three bad ones for one good
_META = re.compile(rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)

# The five bytes that cp1252 leaves open are C1 controls on the web, so that every body decodes.
_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the Python codec that read it, and the rung of the ladder: bom, utf-8, header, meta, cp1252."""

    text: str
    encoding: str
    rung: str


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode a page: byte order mark, valid UTF-8, the header's label, the page's own label, cp1252. Never raises.

    UTF-8 comes before the labels because text in another encoding is hardly ever valid UTF-8, while labels are often
    wrong. A few stray bytes in otherwise good text become U+FFFD instead of spoiling all of it: a teaser that was cut
    inside a character leaves one.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(codec, "replace"), codec, "bom")
    header = _codec(_HEADER.search(content_type or ""))
    meta = _codec(_META.search(body[:_HEAD]))
    if _is_seven_bit_disguise(body, header, meta):
        rungs = [("header", header), ("meta", meta)]
    else:
        rungs = [("utf-8", "utf-8"), ("header", header), ("meta", meta)]
    for rung, codec_name in rungs:
        share = _LABELLED if codec_name == "utf-8" and rung != "utf-8" else _FEW
        text = _try(body, codec_name, share) if codec_name else None
        if codec_name and text is not None:
            return Decoded(text, codec_name, rung)
    return Decoded(_cp1252(body), "cp1252", GUESSED)


def _codec(match: re.Match[str] | re.Match[bytes] | None) -> str | None:
    if match is None:
        return None
    label = match.group(1)
    return _CODECS.get((label.decode("ascii", "replace") if isinstance(label, bytes) else label).lower())


def _is_seven_bit_disguise(body: bytes, header: str | None, meta: str | None) -> bool:
    """UTF-16 and ISO-2022-JP are made of bytes that are valid UTF-8 too: here alone the label speaks first."""
    if header in {"utf-16-le", "utf-16-be"}:
        return b"\x00" in body[:_HEAD]
    return "iso2022_jp" in {header, meta} and b"\x1b" in body


def _try(body: bytes, codec: str, share: int) -> str | None:
    """The text if the codec fits the body: one of so many good characters beyond ASCII may be bad."""
    if codec == "cp1252":
        return _cp1252(body)
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        text = body.decode(codec, "replace")
    bad = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if bad * share <= beyond_ascii - bad else None


def _cp1252(body: bytes) -> str:
    return body.decode("latin-1").translate(_CP1252)
