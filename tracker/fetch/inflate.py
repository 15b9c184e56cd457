"""Bodies as they were before the server compressed them, in small steps, so that a bomb is cut at the limit."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli

from tracker.errors import FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
_SAID = 30  # characters of a server's words in a message
_STEP = 65_536  # bytes at a time, in and out


class _Inflater(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the data inflates to, at most _STEP bytes at a time."""

    def finished(self) -> bool:
        """Whether the end of the compressed data has come."""


def inflate(chunks: Iterable[bytes], encodings: str | None, limit: int, *, cut: bool = False) -> bytes:
    """The body in `chunks`, inflated, of at most `limit` bytes on the wire and inflated. Raises FetchError.

    What is larger is an error, or with `cut` as much of it as the limit allows. `encodings` is the header
    Content-Encoding. More than one encoding is refused: no server of pages does that, but a small body packed twice can
    be without measure.
    """
    names = [name.strip().lower() for name in (encodings or "").split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > 1:
        said = ", ".join(names)[:_SAID]
        raise FetchError(f"the page is compressed {len(names)} times over ({said}), which is not read")
    if names and names[0] not in _INFLATERS:
        raise FetchError(f"the page is compressed in a way that was not asked for ({names[0][:_SAID]})")
    inflater = _INFLATERS[names[0]]() if names else _Plain()
    body = bytearray()
    wire = 0
    try:
        for chunk in _in_steps(chunks):
            wire += len(chunk)
            for piece in inflater.feed(chunk):
                body += piece
                if max(len(body), wire) > limit:
                    if cut:
                        return bytes(body[:limit])
                    raise FetchError(f"the page is larger than {limit:,} bytes, too large for an article")
    except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
        raise FetchError(f"the page is not {names[0]} as its server says, or it is damaged") from error
    if wire and not inflater.finished():
        raise FetchError("the page broke off before its end")
    return bytes(body)


def _in_steps(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """No more at a time than a step: what is left of a chunk is copied for each part of a body that is packed in many,
    and of a body that is one chunk that would take hours."""
    return (chunk[at : at + _STEP] for chunk in chunks for at in range(0, len(chunk), _STEP))


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finished(self) -> bool:
        return True


class _Zlib:
    """gzip, of one or more members, and deflate, with or without the header of zlib."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if gzip else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None and data:
            headed = data[0] & 0x0F == 8 and data[0] >> 4 <= 7
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS)
        while self._inflater is not None:
            if self._inflater.eof:
                if not self._gzip or not data.startswith(b"\x1f"):
                    return  # padding
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            piece = self._inflater.decompress(data, _STEP)
            yield piece
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            if not data and len(piece) < _STEP:
                return

    def finished(self) -> bool:
        return self._inflater is not None and self._inflater.eof


class _Brotli:
    def __init__(self) -> None:
        self._inflater = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._inflater.is_finished():
            piece = self._inflater.process(data, output_buffer_limit=_STEP)
            yield piece
            data = b""
            if not piece and self._inflater.can_accept_more_data():
                return

    def finished(self) -> bool:
        return bool(self._inflater.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._new()

    def _new(self) -> None:
        # Servers of pages use windows up to 8 MB (RFC 9659); a larger one is memory that a page could make us take.
        self._inflater = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._inflater.eof:
                if not data:
                    return
                self._new()
            yield self._inflater.decompress(data, _STEP)
            data = self._inflater.unused_data if self._inflater.eof else b""
            if not data and (self._inflater.eof or self._inflater.needs_input):
                return

    def finished(self) -> bool:
        return self._inflater.eof


_INFLATERS: dict[str, Callable[[], _Inflater]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}
