"""Ways in which a style hides an element."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from tinycss2.color4 import parse_color

from novel_core.document.declarations import declarations


class Way(StrEnum):
    """A way of hiding an element; another style can undo each."""

    DISPLAY = "display"
    VISIBILITY = "visibility"
    OPACITY = "opacity"
    SIZE = "size"
    PLACE = "place"
    CLIP = "clip"
    COLOUR = "colour"


#: A style without any of these words hides nothing.
_WORDS = re.compile(
    r"none|hid|collapse|opacity|font|-\d|\d{4}|clip|scale|transparent|rgb|#|size|\\", re.IGNORECASE
)
_LENGTH = re.compile(r"(-?(?:\d++(?:\.\d*+)?|\.\d++))([a-z%]*+)")
_PIXELS = {
    "": 1.0,
    "%": 0.16,
    "px": 1.0,
    "pt": 4 / 3,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
}
_OF_PAGE = frozenset({"%", "vw", "vh"})
_FAR, _FAR_OF_PAGE = 400.0, 100.0
_FAINT = 0.02
# Pixels.
_SPECK = 1.0
_CLIPPED = re.compile(
    r"rect\(\s*(?:0|1px|1)(?:px)?(?:[\s,]+(?:0|1px|1)(?:px)?){3}\s*\)"
    r"|inset\(\s*(?:5\d|[6-9]\d|100)%[^()]*\)|circle\(\s*0[^()]*\)"
)
_MOVED = re.compile(r"translate(?:x|y|3d)?\(([^()]*)\)")
_SHRUNK = re.compile(r"scale(?:x|y|3d)?\(\s*0*\.?0*\s*[,)]")
_NO_OPACITY = re.compile(r"opacity\(\s*+0*+(?:\.0*+)?%?\s*+\)")
_LONGEST = 4096


@lru_cache(maxsize=4096)
def ways(style: str) -> frozenset[Way]:
    """The ways in which `style` hides; empty if it does not.

    >>> [str(way) for way in ways("position: absolute; left: -9999px")], ways("opacity: 0.5")
    (['place'], frozenset())
    """
    if len(style) > _LONGEST or not _WORDS.search(style):
        return frozenset()
    return frozenset(way for way, hides in read(style).items() if hides)


def read(style: str) -> dict[Way, bool]:
    """For each way that a style mentions, whether it hides."""
    values = dict(declarations(style))
    told: dict[Way, bool] = {}
    if "display" in values or "content-visibility" in values:
        is_skipped = values.get("content-visibility") == "hidden"
        told[Way.DISPLAY] = values.get("display") == "none" or is_skipped
    if "visibility" in values:
        told[Way.VISIBILITY] = values["visibility"] in {"hidden", "collapse"}
    if "opacity" in values or "filter" in values:
        faint = _fraction(values.get("opacity", "1")) <= _FAINT
        told[Way.OPACITY] = faint or bool(_NO_OPACITY.search(values.get("filter", "")))
    if "font-size" in values:
        size = _pixels(values["font-size"])
        told[Way.SIZE] = size is not None and 0 <= size <= _SPECK
    if _PLACING & values.keys():
        told[Way.PLACE] = _is_far(values)
    if _CLIPPING & values.keys():
        told[Way.CLIP] = _is_clipped(values)
    if "color" in values:
        # A spoiler is behind a background or a shadow, or a text is painted by them.
        painted = any(name.startswith(("background", "text-shadow")) for name in values)
        told[Way.COLOUR] = not painted and _is_transparent(values["color"])
    return told


_SIDES = ("left", "right", "top", "bottom")
_MARGINS = ("margin-left", "margin-top", "text-indent")
_PLACING = frozenset({*_SIDES, *_MARGINS, "inset", "transform", "position"})
_EXTENTS = ("height", "max-height", "width", "max-width")
_CLIPPING = frozenset({*_EXTENTS, "overflow", "overflow-x", "overflow-y", "clip", "clip-path"})


def _is_far(values: dict[str, str]) -> bool:
    if values.get("position") in {"absolute", "fixed"}:
        sides = [*(values[side] for side in _SIDES if side in values)]
        if any(_is_off(value) or _is_off(f"-{value}", 4 * _FAR) for value in sides):
            return True
    if any(_is_off(values[name]) for name in _MARGINS if name in values):
        return True
    transform = values.get("transform", "")
    moved = _MOVED.search(transform)
    if moved and any(map(_is_off, moved[1].replace(",", " ").split())):
        return True
    return bool(_SHRUNK.search(transform))


def _is_off(value: str, far: float = _FAR) -> bool:
    """Whether a distance leads out of the page, to its left or above it."""
    length = _LENGTH.fullmatch(value)
    if length is None:
        return False
    number, unit = float(length[1]), length[2]
    return number <= (-_FAR_OF_PAGE if unit in _OF_PAGE else -far / _PIXELS.get(unit, 1.0))


def _is_clipped(values: dict[str, str]) -> bool:
    if any(_CLIPPED.fullmatch(values.get(name, "")) for name in ("clip", "clip-path")):
        return True
    overflow = " ".join(values.get(name, "") for name in ("overflow", "overflow-x", "overflow-y"))
    if "hidden" not in overflow and "clip" not in overflow:
        return False
    sizes = [_pixels(values[name]) for name in _EXTENTS if name in values]
    return any(size is not None and 0 <= size <= _SPECK for size in sizes)


def _is_transparent(value: str) -> bool:
    colour = parse_color(value) if value[:1] in "thr#" else None
    return colour is not None and not isinstance(colour, str) and colour.alpha <= _FAINT


def _pixels(value: str) -> float | None:
    length = _LENGTH.fullmatch(value)
    if length is None:
        return None
    number = float(length[1])
    return 0.0 if number == 0 else number * _PIXELS.get(length[2], 100.0)


def _fraction(value: str) -> float:
    length = _LENGTH.fullmatch(value)
    if length is None or length[2] not in {"", "%"}:
        return 1.0
    return float(length[1]) / (100 if length[2] else 1)
