"""An author's colours, reduced to a few names that a page can style for light and dark."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

from tinycss2.color4 import D50, D65, Color, parse_color

#: The highest hue, in degrees, of each colour name.
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
PALETTE = ("black", "gray", "brown", *dict.fromkeys(name for _, name in _HUES))
#: CSS colour names that say more than their place on the colour wheel.
_NAMED = {
    "brown": "brown rosybrown sandybrown saddlebrown sienna chocolate peru tan burlywood",
    "purple": "violet plum orchid mediumorchid thistle",
    "pink": "palevioletred mediumvioletred lightpink",
    "yellow": "goldenrod",
    "gray": "slategray lightslategray darkslategray",
    "blue": "cadetblue powderblue",
    "teal": "aquamarine mediumaquamarine",
    "orange": "salmon darksalmon orangered",
}
_COLOUR = re.compile(r"[a-z]++\([^()]*+\)|#[0-9a-f]++|[a-z]++(?!\()")
_HEX = re.compile(r"[0-9a-f]{3}(?:[0-9a-f]{3})?")
# Opacity below which nothing is visible.
_FAINT = 0.1
# Lightness above which a background equals that of the page.
_PALE = 0.92
# Lightness below which a text has the default colour of a light page.
_DARK = 0.22
# Lightness above which a grey text has the default colour of a dark page.
_LIGHT = 0.8
_BLACK = 0.12
# Spread of the channels below which a colour has no hue.
_GREYISH = 0.12
_BROWN = 0.36
# Lightness above which red is called pink.
_LIGHT_RED = 0.78
# Lightness below which pink is called purple.
_DARK_PINK = 0.4
# The hue up to which that holds.
_BETWEEN = 315


@lru_cache(maxsize=2048)
def text_colour(value: str) -> str | None:
    """The palette name of a text colour; None for a default text colour of a light or dark page.

    >>> text_colour("#c00"), text_colour("rgb(0, 0, 0)"), text_colour("rgba(255, 255, 255, 0.8)")
    ('red', None, None)
    """
    rgb = _rgb(value)
    if rgb is None:
        return None
    lightness = (max(rgb) + min(rgb)) / 2
    grey = max(rgb) - min(rgb) < _GREYISH
    return None if grey and not _DARK <= lightness <= _LIGHT else _name(rgb)


def is_default_colour(value: str) -> bool:
    """Whether `value` is a default text colour, which undoes the colour around it."""
    return value in {"initial", "revert", "canvastext", "windowtext"} or (
        _rgb(value) is not None and text_colour(value) is None
    )


@lru_cache(maxsize=2048)
def background_colour(value: str) -> str | None:
    """The palette name of a background colour; None if it equals the page's."""
    rgb = _rgb(value)
    if rgb is None or (max(rgb) + min(rgb)) / 2 > _PALE:
        return None
    return _name(rgb)


def _name(rgb: tuple[float, float, float]) -> str:
    hue, lightness, _ = colorsys.rgb_to_hls(*rgb)
    if named := _BY_VALUE.get(rgb):
        return named
    if lightness < _BLACK:
        return "black"
    if max(rgb) - min(rgb) < _GREYISH:
        return "gray"
    name = next(name for limit, name in _HUES if hue * 360 <= limit)
    if name == "orange" and lightness < _BROWN:
        return "brown"
    if name == "pink" and lightness < _DARK_PINK and hue * 360 <= _BETWEEN:
        return "purple"
    return "pink" if name == "red" and lightness > _LIGHT_RED else name


def _rgb(value: str) -> tuple[float, float, float] | None:
    """The first colour in a CSS value or a legacy attribute; None if there is none to see."""
    value = value.strip().lower()
    # A legacy `bgcolor` has no number sign.
    if _HEX.fullmatch(value):
        value = f"#{value}"
    for candidate in _COLOUR.findall(value):
        colour = parse_color(candidate)
        if colour is None or isinstance(colour, str):
            continue
        if colour.alpha < _FAINT:
            return None
        red, green, blue = (
            round(min(1.0, max(0.0, channel or 0.0)), 4) for channel in _srgb(colour)
        )
        return red, green, blue
    return None


def _srgb(colour: Color) -> Iterable[float | None]:
    with suppress(NotImplementedError):
        return tuple(colour.to("srgb").coordinates)
    space, white = ("xyz-d50", D50) if colour.space in {"lab", "lch"} else ("xyz-d65", D65)
    try:
        xyz = colour.to(space).coordinates
    # A colour space with a wider gamut.
    except NotImplementedError:
        return tuple(colour.coordinates[:3])
    x, y, z = (
        (part or 0.0) / light * daylight
        for part, light, daylight in zip(xyz, white, D65, strict=True)
    )
    return (
        _gamma(3.2406 * x - 1.5372 * y - 0.4986 * z),
        _gamma(-0.9689 * x + 1.8758 * y + 0.0415 * z),
        _gamma(0.0557 * x - 0.2040 * y + 1.0570 * z),
    )


def _gamma(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004 - sRGB


_BY_VALUE = {_rgb(name): palette for palette, names in _NAMED.items() for name in names.split()}
