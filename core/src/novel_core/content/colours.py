"""Colours an author chose, reduced to a few names a page can style for light and dark alike."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

from tinycss2.color4 import parse_color

PALETTE = (
    "black",
    "gray",
    "brown",
    "red",
    "orange",
    "yellow",
    "green",
    "teal",
    "blue",
    "purple",
    "pink",
)

#: Hue in degrees up to which a colour has the name.
_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (192, "teal"),
    (258, "blue"),
    (295, "purple"),
    (345, "pink"),
    (360, "red"),
)
_COLOUR = re.compile(r"[a-z]+\([^()]*\)|#[0-9a-f]+|[a-z]+")
_HEX = re.compile(r"[0-9a-f]{3}(?:[0-9a-f]{3})?")
_FAINT = 0.1  # opacity below which nothing is seen
_PALE = 0.92  # lightness above which a background is that of the page
_DARK = 0.22  # lightness below which a text has the colour of any text on a light page
_LIGHT = 0.8  # lightness above which a grey text has the colour of any text on a dark page
_BLACK = 0.12
_GREYISH = 0.12  # the spread of the channels below which a colour has no hue
_BROWN = 0.36


@lru_cache(maxsize=2048)
def text_colour(value: str) -> str | None:
    """The palette name of a text colour; None for what any text looks like, on light or on dark.

    >>> text_colour("#c00"), text_colour("rgb(0, 0, 0)"), text_colour("rgba(255, 255, 255, 0.8)")
    ('red', None, None)
    """
    rgb = _rgb(value)
    if rgb is None:
        return None
    lightness = (max(rgb) + min(rgb)) / 2
    grey = max(rgb) - min(rgb) < _GREYISH
    return None if grey and not _DARK <= lightness <= _LIGHT else _name(rgb)


@lru_cache(maxsize=2048)
def background_colour(value: str) -> str | None:
    """The palette name of a background; None where it is as good as the page's."""
    rgb = _rgb(value)
    if rgb is None or (max(rgb) + min(rgb)) / 2 > _PALE:
        return None
    return _name(rgb)


def _name(rgb: tuple[float, float, float]) -> str:
    hue, lightness, _ = colorsys.rgb_to_hls(*rgb)
    if lightness < _BLACK:
        return "black"
    if max(rgb) - min(rgb) < _GREYISH:
        return "gray"
    name = next(name for limit, name in _HUES if hue * 360 <= limit)
    return "brown" if name == "orange" and lightness < _BROWN else name


def _rgb(value: str) -> tuple[float, float, float] | None:
    """The first colour in a CSS value or a legacy attribute; None without one, or when it is transparent."""
    value = value.strip().lower()
    if _HEX.fullmatch(value):  # bgcolor="ffcc00"
        value = f"#{value}"
    for candidate in _COLOUR.findall(value):
        colour = parse_color(candidate)
        if colour is None or isinstance(colour, str):
            continue
        if colour.alpha < _FAINT:
            return None
        red, green, blue = (
            min(1.0, max(0.0, channel or 0.0)) for channel in colour.to("srgb").coordinates
        )
        return red, green, blue
    return None
