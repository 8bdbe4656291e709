"""Characters that a program obeys instead of showing them, which texts of strangers may hold."""

from __future__ import annotations

import re

#: Direction is turned over by these: what is shown then reads otherwise than what is there. The marks that scripts need
#: (U+200C to U+200F, U+061C) turn nothing over and stay.
REORDERING = "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
#: C0 but for tabs and line feeds, DEL, C1.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_OBEYED = re.compile(f"[{_CONTROLS}{REORDERING}]")


def printable(text: str) -> str:
    """`text` without them; line breaks and tabs stay.

    >>> printable("a\\x1b[31mb\\u202ec\\u200d\\td")
    'a[31mbc\\u200d\\td'
    """
    return _OBEYED.sub("", text)


def escaped(json: str) -> str:
    """The same JSON, with them as escapes: they stand in its strings only.

    >>> escaped('"a\\u202eb"')
    '"a\\\\u202eb"'
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json)
