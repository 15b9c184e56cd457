"""What bytes are that are no HTML page, told by their first bytes and their control characters."""

from __future__ import annotations

import re

_SAMPLE = 65_536  # bytes looked at
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"II*\x00", "an image (TIFF)"),
    (b"MM\x00*", "an image (TIFF)"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"BZh", "compressed data (bzip2)"),
    (b"\xfd7zXZ", "compressed data (xz)"),
    (b"\x28\xb5\x2f\xfd", "compressed data (zstd)"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"OggS", "sound or video (Ogg)"),
    (b"ID3", "sound (MP3)"),
    (b"fLaC", "sound (FLAC)"),
    (b"\x1aE\xdf\xa3", "a video (Matroska)"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"WARC/", "a web archive (WARC)"),
    (b"{\\rtf", "an RTF document"),
)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_WIDE_TAG = re.compile(rb"<\x00|\x00<")
_TAG = re.compile(rb"<\x00?[A-Za-z!/?]|\x00<\x00[A-Za-z!/?]")
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|article|meta|title|div|p)\b", re.IGNORECASE)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


def not_html(body: bytes, content_type: str | None = None) -> str | None:
    """What the bytes are if they are no HTML page ("a PDF"), else None; nothing at all may be an empty page.

    A content type is believed against the page only where the bytes do not look like HTML.
    """
    found = _by_bytes(body)
    if found or not body.strip():
        return found
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind and kind not in _PAGE_TYPES and not _HTML.search(body[:_SAMPLE].replace(b"\x00", b"")):
        return f"{kind} as its server calls it"
    return None if _TAG.search(body) else "text without a single tag"


def _by_bytes(body: bytes) -> str | None:
    head = body[:_SAMPLE]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF":
        return "an image (WebP)" if head[8:12] == b"WEBP" else "sound or video"
    if head[4:8] == b"ftyp":
        return "a video (MP4) or an image (AVIF)"
    if b"%PDF-" in head[:1024] and not _HTML.search(head[:1024]):
        return "a PDF"
    if head.startswith(_WIDE_MARKS) or _WIDE_TAG.match(head):
        return None  # UTF-16: every other byte is NUL
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return "binary data" if controls * 50 > len(head) else None
