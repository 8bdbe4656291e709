"""Whether bytes are a picture, and a complete one, decided by the bytes and not by their label.

A picture is a raster format that cannot contain a script. SVG is a document, not a picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

#: Bytes needed to recognise a picture.
SIGNATURE_BYTES = 32

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
)
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"mif1": "image/heic",
}
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_ICON_HEAD, _ICON_ENTRY = b"\x00\x00\x01\x00", 16


def media_type(body: bytes) -> str | None:
    """The media type of the picture that begins with `body`; None if it is no picture.

    >>> media_type(b"GIF89a..."), media_type(b"<svg onload='x()'>")
    ('image/gif', None)
    """
    for signature, kind in _SIGNATURES:
        if body.startswith(signature):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp":
        brands = body[8 : min(_number(body, 0, 4), SIGNATURE_BYTES)]
        found = (brands[at : at + 4] for at in range(0, len(brands), 4))
        return next((_BRANDS[brand] for brand in found if brand in _BRANDS), None)
    if body[:2] == b"BM" and _number(body, 14, 4, "little") in _BMP_HEADERS:
        return "image/bmp"
    if body.startswith(_ICON_HEAD) and 0 < _number(body, 4, 2, "little") <= _ICON_ENTRY:
        return "image/x-icon"
    return None


def is_whole(body: bytes) -> bool:
    """Whether the picture in `body` is complete. Bytes after its end are ignored."""
    kind = media_type(body)
    return kind is not None and _ENDS.get(kind, bool)(body)


def _number(body: bytes, start: int, size: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(body[start : start + size], order)


def _jpeg_ends(body: bytes) -> bool:
    """Whether an end follows the first scan; a preview in the header has its own end."""
    at = 2
    while body[at : at + 1] == b"\xff" and at + 4 <= len(body):
        marker = body[at + 1]
        if marker == 0xDA:  # noqa: PLR2004 - a scan
            return body.find(b"\xff\xd9", at) != -1
        if marker == 0xFF:  # noqa: PLR2004 - a filler
            at += 1
        else:
            at += 2 + max(_number(body, at + 2, 2), 2)
    return False


def _gif_ends(body: bytes) -> bool:
    at = 13 + _colours(body, 10)
    while at < len(body):
        match body[at : at + 1]:
            case b";":
                return True
            case b"!":
                at = _after_blocks(body, at + 2)
            case b",":
                at = _after_blocks(body, at + 11 + _colours(body, at + 9))
            case _:
                return False
    return False


def _colours(body: bytes, at: int) -> int:
    """The length of the colour table that the flags at `at` announce."""
    flags = _number(body, at, 1)
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(body: bytes, at: int) -> int:
    while size := _number(body, at, 1):
        at += size + 1
    return at + 1


def _boxes_end(body: bytes) -> bool:
    """Whether an ISO media file has all boxes of its description and pixels."""
    at, seen = 0, set()
    while at + 8 <= len(body):
        size, name = _number(body, at, 4), body[at + 4 : at + 8]
        # To the end of the file.
        if size == 0:
            return True
        if size == 1:
            size = _number(body, at + 8, 8)
        if size < 8 or at + size > len(body):  # noqa: PLR2004 - its own head
            break
        seen.add(name)
        at += size
    return at == len(body) or {b"meta", b"mdat"} <= seen


_ENDS: dict[str, Callable[[bytes], bool]] = {
    # The last chunk: empty, so its length and checksum are always the same.
    "image/png": lambda body: b"\x00\x00\x00\x00IEND\xaeB`\x82" in body,
    "image/jpeg": _jpeg_ends,
    "image/gif": _gif_ends,
    "image/webp": lambda body: len(body) >= _number(body, 4, 4, "little") + 8,
    "image/avif": _boxes_end,
    "image/heic": _boxes_end,
    "image/bmp": lambda body: len(body) >= _number(body, 2, 4, "little"),
}
