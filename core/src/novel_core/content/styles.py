"""The meaning of an inline style, in classes of the closed set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from novel_core.content.colours import background_colour, text_colour
from novel_core.document.declarations import declarations

_LENGTH = re.compile(r"(-?(?:\d++(?:\.\d*+)?|\.\d++))(px|pt|em|rem|%)?")
_PER_EM = {"px": 16.0, "pt": 12.0, "em": 1.0, "rem": 1.0, "%": 100.0, None: 16.0}

_SIZES = {
    **dict.fromkeys(("xx-small", "x-small", "small", "smaller"), "small"),
    **dict.fromkeys(("large", "larger"), "large"),
    **dict.fromkeys(("x-large", "xx-large", "xxx-large"), "x-large"),
}
_MONO = re.compile(r"\b(?:monospace|courier|consolas|menlo|monaco|lucida console|fixedsys)\b")
_LINES = re.compile(r"\b(?:solid|dashed|dotted|double|groove|ridge|inset|outset)\b")
BOLD_TAGS = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
ITALIC_TAGS = frozenset({"em", "i", "cite", "dfn", "var", "address"})
_ALIGNMENTS = frozenset({"left", "center", "right", "justify"})
_BOLD_FROM = 600
_SMALL, _LARGE, _X_LARGE = 0.85, 1.15, 1.6
_INDENT_FROM = 0.5


@lru_cache(maxsize=4096)
def style_classes(tag: str, style: str) -> frozenset[str]:
    """The classes for `style` on a `tag`.

    >>> sorted(style_classes("p", "text-align: center; color: #c00; width: 12px"))
    ['align-center', 'text-red']
    """
    found: set[str] = set()
    margins: dict[str, str] = {}
    for name, value in dict(declarations(style)).items():
        reader = _READERS.get(name)
        if reader is not None:
            found.update(reader(tag, value))
        elif name.startswith("border") and _LINES.search(value):
            found.add("border")
        elif name.startswith("margin"):
            margins.update(_sides(name, value))
    if tag in {"table", "img", "figure"} and margins.get("left") == margins.get("right") == "auto":
        found.add("align-center")
    elif (_ems(margins.get("left", "")) or 0) >= _INDENT_FROM:
        found.add("indent")
    return frozenset(found)


def align_classes(value: str) -> set[str]:
    """The class for an `align` attribute, or for `text-align`."""
    value = value.strip().lower().removeprefix("-webkit-").removeprefix("-moz-")
    value = {"middle": "center", "start": "left", "end": "right"}.get(value, value)
    return {f"align-{value}"} if value in _ALIGNMENTS else set()


def font_classes(attribute: str, value: str) -> set[str]:
    """The classes for an attribute of `<font>`."""
    value = value.strip().lower()
    if attribute == "color":
        return _prefixed("text", text_colour(value))
    if attribute == "face":
        return {"mono"} if _MONO.search(value) else set()
    steps = re.fullmatch(r"([+-]?)([1-7])", value)
    if steps is None:
        return set()
    size = int(steps[2]) if not steps[1] else 3 + int(steps[1] + steps[2])
    return {"small"} if size < 3 else {"x-large"} if size > 4 else {"large"} if size > 3 else set()  # noqa: PLR2004


def background_classes(value: str) -> set[str]:
    return _prefixed("bg", background_colour(value))


def _prefixed(prefix: str, colour: str | None) -> set[str]:
    return set() if colour is None else {f"{prefix}-{colour}"}


def _ems(value: str) -> float | None:
    length = _LENGTH.fullmatch(value)
    return None if length is None else float(length[1]) / _PER_EM[length[2]]


def _sides(name: str, value: str) -> dict[str, str]:
    """The left and right side of `margin`, `margin-left` and `margin-right`."""
    if name in {"margin-left", "margin-right"}:
        return {name.removeprefix("margin-"): value}
    values = value.split()
    if name != "margin" or not values:
        return {}
    right = values[1] if len(values) > 1 else values[0]
    return {"right": right, "left": values[3] if len(values) > 3 else right}  # noqa: PLR2004


def _weight(tag: str, value: str) -> set[str]:
    if value in {"bold", "bolder"} or (value.isdecimal() and int(value[:5]) >= _BOLD_FROM):
        return set() if tag in BOLD_TAGS else {"bold"}
    is_normal = value in {"normal", "lighter"} or value.isdecimal()
    return {"not-bold"} if tag in BOLD_TAGS and is_normal else set()


def _slant(tag: str, value: str) -> set[str]:
    if value.startswith(("italic", "oblique")):
        return set() if tag in ITALIC_TAGS else {"italic"}
    return {"not-italic"} if tag in ITALIC_TAGS and value == "normal" else set()


def _size(tag: str, value: str) -> set[str]:
    ratio = _ems(value)
    if ratio is None:
        return {_SIZES[value]} if value in _SIZES else set()
    if ratio < _SMALL:
        return {"small"} if ratio > 0 and tag not in {"small", "sup", "sub"} else set()
    return {"x-large"} if ratio >= _X_LARGE else {"large"} if ratio >= _LARGE else set()


def _decoration(_: str, value: str) -> set[str]:
    names = {"underline": "underline", "line-through": "strike"}
    return {names[word] for word in value.split() if word in names}


def _when(values: Iterable[str], result: str) -> Callable[[str, str], set[str]]:
    accepted = frozenset(values)
    return lambda _, value: {result} if value in accepted else set()


_READERS: dict[str, Callable[[str, str], set[str]]] = {
    "text-align": lambda _, value: align_classes(value),
    "float": lambda _, value: {f"float-{value}"} if value in {"left", "right"} else set(),
    "font-weight": _weight,
    "font-style": _slant,
    "font-size": _size,
    "font-family": lambda _, value: {"mono"} if _MONO.search(value) else set(),
    "font-variant": _when({"small-caps", "all-small-caps"}, "small-caps"),
    "font-variant-caps": _when({"small-caps", "all-small-caps"}, "small-caps"),
    "text-transform": _when({"uppercase"}, "uppercase"),
    "text-decoration": _decoration,
    "text-decoration-line": _decoration,
    "vertical-align": lambda tag, value: (
        {value} if value in {"super", "sub"} and tag not in {"sup", "sub"} else set()
    ),
    "white-space": _when({"pre", "pre-wrap", "pre-line", "break-spaces"}, "pre-wrap"),
    "padding-left": lambda _, value: {"indent"} if (_ems(value) or 0) >= _INDENT_FROM else set(),
    "color": lambda _, value: _prefixed("text", text_colour(value)),
    "background": lambda _, value: background_classes(value),
    "background-color": lambda _, value: background_classes(value),
}
