"""Damaged and hostile bodies."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import cache

# Of a huge page, and of what comes out of a bomb.
BIG_BYTES = 200 * 1024 * 1024
NESTED_TAGS = 100_000
BIG_LIST_BYTES = 50 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
_PROSE = b"<p>And the lamps went on burning, all the way down the hill.</p>\n"
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_DEFLATE_BLOCK = b"\x03\x00"
_CONTENT = b"chapter-content"
_FIRST_MADE_UP_ID = 500_000_000
_COUNT = re.compile(rb'data-chapters="[0-9]+"')
_ROW = re.compile(rb"<tr [^>]*/chapter/([0-9]+)/.*?</tr>", re.DOTALL)
_ENTRY = re.compile(rb'window\.chapters = \[(\{"id":([0-9]+),.*?\})[,\]]', re.DOTALL)

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


def huge_list(body: bytes) -> Iterator[bytes]:
    """A fiction's page with some 50 MB of chapters like the first, in both lists."""
    row, entry = _ROW.search(body), _ENTRY.search(body)
    if row is None or entry is None:
        yield body
        return
    count = BIG_LIST_BYTES // (len(row[0]) + len(entry[1]))
    held = body.count(b'class="chapter-row"')
    counted = f'data-chapters="{held + count}"'.encode()
    yield _COUNT.sub(counted, body[: row.end()])
    yield from _repeated(row[0], row[1], count)
    yield body[row.end() : entry.end(1)]
    yield from _repeated(b"," + entry[1], entry[2], count)
    yield body[entry.end(1) :]


def _repeated(text: bytes, chapter_id: bytes, count: int) -> Iterator[bytes]:
    """`text` for other chapters, in blocks."""
    ids = range(_FIRST_MADE_UP_ID, _FIRST_MADE_UP_ID + count)
    at_once = max(1, _BLOCK_BYTES // len(text))
    for start in range(0, count, at_once):
        block = ids[start : start + at_once]
        yield b"".join(text.replace(chapter_id, b"%d" % number) for number in block)


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
