"""Control characters in texts from other people, which a terminal or a reader would obey."""

from __future__ import annotations

import re

#: These reverse the direction of text, so that it reads differently. The marks that scripts need
#: (U+200C to U+200F, U+061C) reverse nothing and stay.
REORDERING = "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
#: C0 except tabs and line feeds, DEL, C1.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_OBEYED = re.compile(f"[{_CONTROLS}{REORDERING}]")


def printable(text: str) -> str:
    """`text` without control characters; line breaks and tabs stay.

    >>> printable("a\\x1b[31mb\\u202ec\\u200d\\td")
    'a[31mbc\\u200d\\td'
    """
    return _OBEYED.sub("", text)


def escaped(json: str) -> str:
    """JSON with control characters as escapes; they occur only in its strings.

    >>> escaped('"a\\u202eb"')
    '"a\\\\u202eb"'
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json)
