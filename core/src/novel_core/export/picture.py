"""Whether a file from the archive is a picture a book can show, and in which form."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

#: What every reading system must show, by Pillow's names.
_CORE = {
    "PNG": ("image/png", "png"),
    "JPEG": ("image/jpeg", "jpg"),
    "GIF": ("image/gif", "gif"),
}
#: What is converted: e-readers know EPUB 3.2 at best, which has no WebP. Pillow reads many more, some by starting other programs.
_CONVERTED = ("WEBP", "AVIF", "BMP", "TIFF", "ICO")
#: What every e-reader shows as a cover.
_COVERS = ("image/png", "image/jpeg")
#: How Pillow calls a JPEG with more pictures behind it.
_MANY = "MPO"
#: Pixels beyond which a picture is not decoded to look for damage: memory stays bounded.
_MOST_DECODED = 25_000_000
_QUALITY = 88


class Lack(StrEnum):
    """Why there is no picture, in words for a reader."""

    NOT_HELD = "was not archived"
    BROKEN = "is damaged"
    TOO_LARGE = "is too large"


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    suffix: str
    data: bytes
    width: int
    height: int


def read_picture(data: bytes) -> Picture | Lack:
    """The picture in `data`, converted where reading systems need not know its format."""
    try:
        return _read(data)
    except Image.DecompressionBombError:
        return Lack.TOO_LARGE
    except Exception:  # noqa: BLE001 - a decoder raises whatever it stumbled over; a picture never stops a book
        return Lack.BROKEN


def as_cover(picture: Picture) -> Picture:
    """The picture in a form that every e-reader shows as a cover."""
    if picture.media_type in _COVERS:
        return picture
    with Image.open(io.BytesIO(picture.data)) as image:
        return _converted(image)


def _read(data: bytes) -> Picture | Lack:
    with Image.open(io.BytesIO(data), formats=[*_CORE, *_CONVERTED]) as image:
        width, height = image.size
        is_small = width * height <= _MOST_DECODED
        kind = "JPEG" if image.format == _MANY else str(image.format)
        if kind in _CORE:
            if is_small:
                image.load()
            return Picture(*_CORE[kind], data, width, height)
        return _converted(image) if is_small else Lack.TOO_LARGE


def _converted(image: Image.Image) -> Picture:
    written = io.BytesIO()
    if image.has_transparency_data:
        image.convert("RGBA").save(written, "PNG")
        kind = "PNG"
    else:
        image.convert("RGB").save(written, "JPEG", quality=_QUALITY)
        kind = "JPEG"
    return Picture(*_CORE[kind], written.getvalue(), *image.size)
