"""Pictures made by Pillow, whole and cut, and what only says it is one."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from novel_core.content.pictures import is_whole, media_type

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "ICO": "image/x-icon",
}
#: Those whose bytes tell where they end.
WITH_END = ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"]


def made(kind: str) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((80, 60), 60).convert("RGB").save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_known_by_its_bytes(kind: str) -> None:
    body = made(kind)
    assert (media_type(body), media_type(body[:32])) == (FORMATS[kind], FORMATS[kind])
    assert is_whole(body)


@pytest.mark.parametrize("kind", WITH_END)
def test_a_picture_without_its_end_is_not_whole(kind: str) -> None:
    body = made(kind)
    ends = {is_whole(body[:size]) for size in (len(body) - 3, len(body) // 2, 40)}
    assert ends == {False}
    assert is_whole(body + b"\r\n<!-- written behind the end -->")


def test_a_film_is_whole_with_its_last_picture() -> None:
    written = io.BytesIO()
    first, *others = [Image.effect_noise((40, 40), 20 + tone) for tone in range(5)]
    first.save(written, "GIF", save_all=True, append_images=others)
    body = written.getvalue()
    assert (is_whole(body), is_whole(body[:-1])) == (True, False)


def test_the_preview_inside_a_photograph_has_an_end_of_its_own() -> None:
    photograph, preview = made("JPEG"), made("JPEG")
    head = b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    body = photograph[:2] + head + photograph[2:]
    assert is_whole(body)
    assert not is_whole(body[: len(head) + 60])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"BMW drives past",
        b"\x00\x00\x00\x18ftypmp42",
        b"%PDF-1.7",
        b"GIF is a format",
    ],
)
def test_anything_else_is_none(body: bytes) -> None:
    assert (media_type(body), is_whole(body)) == (None, False)


def test_sizes_that_lie_end_the_reading() -> None:
    nothing = b"\x00" * 8
    assert not is_whole(b"\x89PNG\r\n\x1a\n" + b"\xff" * 4 + b"IDAT")
    assert not is_whole(b"\x00\x00\x00\x10ftypavif" + b"\x00" * 4 + b"\x00\x00\x00\x01" + nothing)
