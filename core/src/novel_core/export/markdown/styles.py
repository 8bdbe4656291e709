"""The emphasis of an element, by its tag and its classes."""

from __future__ import annotations

from functools import lru_cache

from novel_core.document.elements import names
from novel_core.export.markdown.marks import (
    CODE,
    EM,
    MARK,
    STRIKE,
    STRONG,
    SUB,
    SUPER,
    UNDERLINE,
)

_TAGS = {
    **dict.fromkeys(names("em i cite dfn var address"), EM),
    **dict.fromkeys(names("b strong"), STRONG),
    **dict.fromkeys(names("u ins"), UNDERLINE),
    **dict.fromkeys(names("s del"), STRIKE),
    **dict.fromkeys(names("code kbd samp"), CODE),
    "sup": SUPER,
    "sub": SUB,
    "mark": MARK,
}
_CLASSES = {
    "italic": EM,
    "bold": STRONG,
    "underline": UNDERLINE,
    "strike": STRIKE,
    "super": SUPER,
    "sub": SUB,
}
_OFF = {"not-italic": EM, "not-bold": STRONG}


@lru_cache(maxsize=1024)
def style_of(around: int, tag: str, classes: str) -> int:
    """The emphasis within a `tag` with these classes, inside the emphasis `around`.

    >>> style_of(EM, "strong", "not-italic") == STRONG
    True
    """
    style = around | _TAGS.get(tag, 0)
    off = 0
    for name in classes.split():
        style |= _CLASSES.get(name, 0)
        off |= _OFF.get(name, 0)
    return style & ~off
