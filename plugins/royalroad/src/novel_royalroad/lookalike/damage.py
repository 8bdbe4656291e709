"""Damaged and hostile bodies, made from a sound page or from nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import cache

BIG_BYTES = 200 * 1024 * 1024  # of a huge page, and of what comes out of a bomb
NESTED_TAGS = 100_000
_BLOCK_BYTES = 1024 * 1024
_PROSE = b"<p>And the lamps went on burning, all the way down the hill.</p>\n"
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_DEFLATE_BLOCK = b"\x03\x00"
_CONTENT = b"chapter-content"

UNKNOWN_LAYOUT = b"""<!DOCTYPE html>
<html lang="en"><head><title>A New Home | Royal Road</title></head>
<body><main class="reader-shell"><h1>Reading is better here</h1>
<article class="reader-flow"><p>We have rebuilt everything. You will find your place again.</p></article>
</main></body></html>"""


def truncated(body: bytes) -> bytes:
    """Ends within the tag in the middle of the text, or of the chapter list."""
    middle = _middle(body)
    return body[: len(body) // 2 if middle is None else middle + 2]


def invalid_utf8(body: bytes) -> bytes:
    return _insert(body, b" \xff\xfe\xc3( \xe2\x82 ")


def nul(body: bytes) -> bytes:
    return _insert(body, b" \x00\x00 ")


def nested(body: bytes) -> bytes:
    return _insert(body, b"<div>" * NESTED_TAGS + b"deep" + b"</div>" * NESTED_TAGS)


def huge(body: bytes) -> Iterator[bytes]:
    """A page that goes on and on in the middle of its text."""
    start = _place(body)
    yield body[:start]
    block = _PROSE * (_BLOCK_BYTES // len(_PROSE))
    for _ in range(BIG_BYTES // len(block) + 1):
        yield block
    yield body[start:]


@cache
def gzip_bomb() -> bytes:
    """A gzip file of some 200 KB that holds BIG_BYTES: one compressed block, over and over."""
    block = b"<p>" + b"a" * (_BLOCK_BYTES - 3)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends on a byte and forgets what was before, so that the block can be repeated.
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    times = BIG_BYTES // len(block)
    checksum = 0
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    tail = struct.pack("<II", checksum, (len(block) * times) & 0xFFFFFFFF)
    return _GZIP_HEADER + packed * times + _LAST_DEFLATE_BLOCK + tail


def _middle(body: bytes) -> int | None:
    """Where the middle paragraph of a chapter, or the middle row of a list, ends."""
    start = body.find(_CONTENT)
    tag = b"</tr>" if start < 0 else b"</p>"
    places = []
    place = body.find(tag, max(start, 0))
    while place >= 0:
        places.append(place)
        place = body.find(tag, place + 1)
    return places[len(places) // 2] if places else None


def _place(body: bytes) -> int:
    """Where text can stand: in a paragraph of a chapter, else in the heading."""
    place = _middle(body) if _CONTENT in body else None
    if place is None:
        place = body.find(b"</h1>")
    return max(place, 0)


def _insert(body: bytes, more: bytes) -> bytes:
    place = _place(body)
    return body[:place] + more + body[place:]
