"""Small generated images of one flat tone, which depends on the path."""

from __future__ import annotations

import functools
import struct
import zlib

_WIDTH, _HEIGHT = 64, 96
_JPEG_NAMES = (".jpg", ".jpeg")
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"


@functools.lru_cache(maxsize=256)
def picture(path: str) -> bytes:
    """A JPEG or PNG of 64 by 96 pixels; another path, another tone."""
    tone = zlib.crc32(path.encode())
    return jpeg(tone) if path.lower().endswith(_JPEG_NAMES) else png(tone)


def png(tone: int) -> bytes:
    row = b"\x00" + bytes((tone >> shift & 0xFF) for shift in (16, 8, 0)) * _WIDTH
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _HEIGHT)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg(tone: int) -> bytes:
    """A baseline JPEG in grey: the first block has the tone, the others have no change."""
    quantization = b"\x00" + b"\x08" * 64
    frame = struct.pack(">BHHB", 8, _HEIGHT, _WIDTH, 1) + b"\x01\x11\x00"
    # Two codes for a change of tone (0: none, 10: seven bits), one code for "the rest is zero".
    dc_table = b"\x00" + bytes([1, 1, *[0] * 14]) + b"\x00\x07"
    ac_table = b"\x10" + bytes([1, *[0] * 15]) + b"\x00"
    segments = (
        (0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        (0xDB, quantization),
        (0xC0, frame),
        (0xC4, dc_table),
        (0xC4, ac_table),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    head = b"".join(
        struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in segments
    )
    return _SOI + head + _blocks(tone) + _EOI


def _blocks(tone: int) -> bytes:
    count = (_WIDTH // 8) * (_HEIGHT // 8)
    bits = f"10{tone & 0x7F:07b}0" + "00" * (count - 1)
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return data.replace(b"\xff", b"\xff\x00")
