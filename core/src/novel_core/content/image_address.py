"""Which address of an image is the picture: many pages write another one into `src` until the reader scrolls to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from novel_core.content.links import largest_candidate

#: Attributes that scripts copy into `src`.
LAZY_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-lazyload",
    "data-cfsrc",
    "data-ll-src",
    "data-echo",
    "data-actualsrc",
    "data-orig-src",
)
LAZY_SETS = ("data-srcset", "data-lazy-srcset")
#: File names of pictures that stand for another one.
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:blank|placeholder|spacer|transparent|loading|loader|lazy(?:load)?|1x1|pixel|empty|grey|gray|dummy)"
    r"[\w-]*\.(?:gif|png|svg|jpe?g|webp)(?:[?#]|$)",
    re.IGNORECASE,
)
_BEACON = 1  # pixels
_PIXELS = re.compile(r"\s*+(\d{1,9})(?:\.\d*+)?\s*+(?:px\s*+)?")
_STYLE_PIXELS = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*+:\s*+([01])(?:\.0*+)?(?:px)?\s*+(?:!|;|$)"
)


def addresses(values: Mapping[str, str]) -> Iterator[str]:
    """The addresses an `img` has, the most likely picture first."""
    source = values.get("src", "").strip()
    yield from (values[key] for key in LAZY_SOURCES if values.get(key))
    yield from (largest_candidate(values[key]) for key in LAZY_SETS if values.get(key))
    largest = largest_candidate(values.get("srcset", ""))
    is_placeholder = not source or source.startswith("data:") or bool(_PLACEHOLDER.search(source))
    yield from (largest, source) if is_placeholder and largest else (source, largest)


def has_picture(values: Mapping[str, str]) -> bool:
    """Whether an `img` names a picture, and not only what stands there until a script has run."""
    address = next(filter(None, addresses(values)), "")
    return bool(address) and not address.startswith("data:") and not _PLACEHOLDER.search(address)


def size(values: Mapping[str, str]) -> dict[str, int]:
    """Width and height in pixels, as far as the attributes tell them."""
    return {
        key: int(pixels[1])
        for key in ("width", "height")
        if (pixels := _PIXELS.fullmatch(values.get(key, "")))
    }


def is_beacon(values: Mapping[str, str]) -> bool:
    """Whether an `img` shows nothing: one pixel tells somebody that it was asked for."""
    if any(pixels <= _BEACON for pixels in size(values).values()):
        return True
    return bool(_STYLE_PIXELS.search(values.get("style", "").lower()))
