from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from novel_core.crawl.decoding import PIECE, CorruptBody, decoder_for

TEXT = "".join(f"<p>Paragraph {number} of a long chapter.</p>" for number in range(20_000)).encode()


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
    "deflate": zlib.compress,
    "Deflate": _raw_deflate,
    "br": lambda data: bytes(brotli.compress(data, quality=3)),
    "zstd": zstandard.compress,
    "gzip, br": lambda data: bytes(brotli.compress(gzip.compress(data), quality=3)),
    "identity": bytes,
}


def decode(encoding: str, data: bytes, step: int) -> bytes:
    decoder = decoder_for(encoding)
    decoded = b""
    for start in range(0, len(data), step):
        for piece in decoder.feed(data[start : start + step]):
            assert encoding == "identity" or len(piece) <= 2 * PIECE  # Brotli rounds up
            decoded += piece
    decoder.finish()
    return decoded


@pytest.mark.parametrize("encoding", list(PACKERS))
@pytest.mark.parametrize("step", [100, 4096, 10**9])
def test_what_was_packed_comes_back_whatever_the_chunks(encoding: str, step: int) -> None:
    assert decode(encoding, PACKERS[encoding](TEXT), step) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_needs_no_decoding(encoding: str) -> None:
    assert decode(encoding, b"", 1) == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_body_that_ends_too_early_is_corrupt(encoding: str) -> None:
    packed = PACKERS[encoding](TEXT)
    with pytest.raises(CorruptBody):
        decode(encoding, packed[: len(packed) // 2], 4096)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_body_that_is_not_packed_at_all_is_corrupt(encoding: str) -> None:
    with pytest.raises(CorruptBody):
        decode(encoding, b"<html>plain after all</html>" * 10, 4096)


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip, gzip"])
def test_an_encoding_nobody_asked_for_is_corrupt(encoding: str) -> None:
    with pytest.raises(CorruptBody):
        decoder_for(encoding)


NOTHING = {
    "gzip": gzip.compress(b"") * 1001,
    "zstd": zstandard.compress(b"") * 1001,
    "gzip, gzip": gzip.compress(gzip.compress(b"") * 1001),
    "deflate, gzip": gzip.compress(b"\x00\x00\x00\xff\xff" * (14 * 2**20), compresslevel=1),
}


@pytest.mark.parametrize("encoding", NOTHING)
def test_endless_work_that_decodes_to_nothing_is_corrupt(encoding: str) -> None:
    with pytest.raises(CorruptBody, match=r"more than"):
        decode(encoding, NOTHING[encoding], 65536)


def test_a_body_of_many_members_is_whole() -> None:
    assert decode("gzip", gzip.compress(b"ab") * 1000, 65536) == b"ab" * 1000
