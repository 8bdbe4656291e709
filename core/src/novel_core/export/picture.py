"""Whether an archived file is a picture that a book can show, and in which format."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

#: Formats that every reading system shows, by Pillow's names.
_CORE = {
    "PNG": ("image/png", "png"),
    "JPEG": ("image/jpeg", "jpg"),
    "GIF": ("image/gif", "gif"),
}
#: Formats that are converted: many e-readers know only EPUB 3.2, which has no WebP. Other formats
#: of Pillow are refused, because some start other programs.
_CONVERTED = ("WEBP", "AVIF", "BMP", "TIFF", "ICO")
#: Formats that every e-reader shows as a cover.
_COVERS = ("image/png", "image/jpeg")
#: Pillow's name of a JPEG that holds several pictures.
_MANY = "MPO"
#: Pixels; a larger picture is not decoded to look for damage, so that memory stays bounded.
_MOST_DECODED = 25_000_000
_QUALITY = 88


class MissingPicture(StrEnum):
    """The reason for a missing picture, in words for a reader."""

    NOT_HELD = "was not archived"
    BROKEN = "is damaged"
    TOO_LARGE = "is too large"


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    suffix: str
    data: bytes


def read_picture(data: bytes) -> Picture | MissingPicture:
    """The picture in `data`, converted if reading systems may not know its format."""
    try:
        return _read(data)
    except Image.DecompressionBombError:
        return MissingPicture.TOO_LARGE
    except Exception:  # noqa: BLE001 - a decoder may raise anything
        return MissingPicture.BROKEN


def as_cover(picture: Picture) -> Picture:
    """The picture in a format that every e-reader shows as a cover."""
    if picture.media_type in _COVERS:
        return picture
    with Image.open(io.BytesIO(picture.data)) as image:
        return _converted(image)


def _read(data: bytes) -> Picture | MissingPicture:
    with Image.open(io.BytesIO(data), formats=[*_CORE, *_CONVERTED]) as image:
        is_small = image.width * image.height <= _MOST_DECODED
        kind = "JPEG" if image.format == _MANY else str(image.format)
        if kind in _CORE:
            if is_small:
                image.load()
            return Picture(*_CORE[kind], data)
        return _converted(image) if is_small else MissingPicture.TOO_LARGE


def _converted(image: Image.Image) -> Picture:
    written = io.BytesIO()
    kind, mode = ("PNG", "RGBA") if image.has_transparency_data else ("JPEG", "RGB")
    # PNG has no quality.
    image.convert(mode).save(written, kind, quality=_QUALITY)
    return Picture(*_CORE[kind], written.getvalue())
