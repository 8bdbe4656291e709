"""The URL of an image's picture; `src` is often a placeholder until the reader scrolls."""

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
#: File names of placeholders.
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:blank|placeholder|spacer|transparent|loading|loader|lazy(?:load)?|1x1|pixel|empty|grey|gray|dummy)"
    r"[\w-]*\.(?:gif|png|svg|jpe?g|webp)(?:[?#]|$)",
    re.IGNORECASE,
)
# Pixels.
_BEACON = 1
_PIXELS = re.compile(r"\s*+(\d{1,9})(?:\.\d*+)?\s*+(?:px\s*+)?")
_STYLE_PIXELS = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*+:\s*+([01])(?:\.0*+)?(?:px)?\s*+(?:!|;|$)"
)


def addresses(values: Mapping[str, str]) -> Iterator[str]:
    """The URLs of an `img`, the most likely picture first."""
    source = values.get("src", "").strip()
    yield from (values[key] for key in LAZY_SOURCES if values.get(key))
    yield from (largest_candidate(values[key]) for key in LAZY_SETS if values.get(key))
    largest = largest_candidate(values.get("srcset", ""))
    is_placeholder = not source or source.startswith("data:") or bool(_PLACEHOLDER.search(source))
    yield from (largest, source) if is_placeholder and largest else (source, largest)


def has_picture(values: Mapping[str, str]) -> bool:
    """Whether an `img` names a picture, not only a placeholder for a script."""
    address = next(filter(None, addresses(values)), "")
    return bool(address) and not address.startswith("data:") and not _PLACEHOLDER.search(address)


def size(values: Mapping[str, str]) -> dict[str, int]:
    """Width and height in pixels, if the attributes give them."""
    return {
        key: int(pixels[1])
        for key in ("width", "height")
        if (pixels := _PIXELS.fullmatch(values.get(key, "")))
    }


def is_beacon(values: Mapping[str, str]) -> bool:
    """Whether an `img` is a tracking pixel."""
    if any(pixels <= _BEACON for pixels in size(values).values()):
        return True
    return bool(_STYLE_PIXELS.search(values.get("style", "").lower()))
