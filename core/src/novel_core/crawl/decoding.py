"""Content encodings, decoded in pieces, so that a small response cannot unpack to gigabytes."""

from __future__ import annotations

import sys
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 64 * 1024
_LAYERS = 3
#: Bounds for input that decodes to nothing, which never reaches a limit on the result.
# gzip members or zstd frames, one after the other.
_MEMBERS = 1000
# Bytes passed from one encoding to the next.
_BETWEEN = 64 * 2**20
ACCEPTED = "gzip, deflate, br, zstd"


class CorruptBody(ValueError):
    """The body does not match its Content-Encoding, or is cut off."""


class Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes, in pieces of a bounded size."""

    def finish(self) -> None:
        """Raise CorruptBody if the stream is not complete."""


class _Compressed(ABC):
    """What the decoders of compressed bodies share."""

    def __init__(self) -> None:
        self._fed = False
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._fed = self._fed or bool(data)
        try:
            yield from self._pieces(data)
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            raise CorruptBody(str(error)) from error

    def finish(self) -> None:
        if self._fed and not self._is_complete():
            raise CorruptBody("the compressed body ends too early")

    def _count_member(self) -> None:
        self._members += 1
        if self._members > _MEMBERS:
            raise CorruptBody(f"it is compressed in more than {_MEMBERS} parts")

    @abstractmethod
    def _pieces(self, data: bytes) -> Iterator[bytes]: ...

    @abstractmethod
    def _is_complete(self) -> bool: ...


class _Zlib(_Compressed):
    def __init__(self, *, gzip: bool) -> None:
        super().__init__()
        self._gzip = gzip
        self._decoder: Any = None

    def _make(self, data: bytes) -> Any:
        self._count_member()
        if self._gzip:
            return zlib.decompressobj(wbits=31)
        # Some servers send a bare deflate stream, without the zlib header of the standard.
        wrapped = data[0] & 0x0F == 8  # noqa: PLR2004 - the method "deflate" in a zlib header
        return zlib.decompressobj(wbits=15 if wrapped else -15)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._decoder is None or (self._decoder.eof and self._gzip):
                # gzip: another member may follow.
                self._decoder = self._make(data)
            elif self._decoder.eof:
                return
            yield self._decoder.decompress(data, PIECE)
            data = self._decoder.unconsumed_tail or self._decoder.unused_data
        # Decoded bytes left in the decoder after a full piece.
        while (
            self._fed and not self._decoder.eof and (rest := self._decoder.decompress(b"", PIECE))
        ):
            yield rest

    def _is_complete(self) -> bool:
        return bool(self._decoder.eof)


class _Brotli(_Compressed):
    def __init__(self) -> None:
        super().__init__()
        self._decoder = brotli.Decompressor()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        if not data or self._decoder.is_finished():
            return
        piece = self._decoder.process(data, output_buffer_limit=PIECE)
        while piece or not self._decoder.can_accept_more_data():
            yield piece
            if self._decoder.is_finished():
                return
            piece = self._decoder.process(b"", output_buffer_limit=PIECE)

    def _is_complete(self) -> bool:
        return bool(self._decoder.is_finished())


class _Zstd(_Compressed):
    def __init__(self) -> None:
        super().__init__()
        self._decoder = zstd.ZstdDecompressor()
        self._count_member()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._decoder.needs_input or self._decoder.eof):
            if self._decoder.eof:
                # Another frame follows.
                self._count_member()
                self._decoder = zstd.ZstdDecompressor()
            yield self._decoder.decompress(data, PIECE)
            data = self._decoder.unused_data if self._decoder.eof else b""

    def _is_complete(self) -> bool:
        return self._decoder.eof


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Plain bytes are always complete."""


class _Chain:
    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer = outer
        self._inner = inner
        self._between = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.feed(data):
            self._between += len(piece)
            if self._between > _BETWEEN:
                raise CorruptBody(f"between two encodings it has more than {_BETWEEN:,} bytes")
            yield from self._inner.feed(piece)

    def finish(self) -> None:
        self._outer.finish()
        self._inner.finish()


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder for a Content-Encoding header. Raises CorruptBody for an unknown one."""
    decoder: Decoder = _Plain()
    names = content_encoding.lower().replace(" ", "").split(",")
    if len(names) > _LAYERS:
        raise CorruptBody(f"it is encoded {len(names)} times")
    for name in names:
        if name in ("", "identity"):
            continue
        decoder = _one(name) if isinstance(decoder, _Plain) else _Chain(_one(name), decoder)
    return decoder


def _one(name: str) -> Decoder:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(gzip=True)
        case "deflate":
            return _Zlib(gzip=False)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
    raise CorruptBody(f"the encoding {name!r} is unknown")
