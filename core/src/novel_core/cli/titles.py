"""Chapter titles with their numbers."""

from __future__ import annotations

import re

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    "|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
)
#: "Chapter 5: …", "Ep. V", "Chapter Five", "5 - …", "#5", "第5章": a title with its number.
_HAS_NUMBER = re.compile(
    r"(?:(?!#[0-9])\W)*+(?:"
    r"(?:chapter|chap|ch|episode|ep|kapitel|chapitre|cap[ií]tulo|глава)(?![^\W\d_])[\W_]*"
    rf"(?:[0-9]|[ivxlc]+\b|(?:{_WORDS})\b)"
    r"|[0-9]+(?:\.[0-9]+)?\s*(?:[.:)\]|\u2013\u2014-]|$)|#[0-9]"
    r"|第\s*[0-9\uff10-\uff19\u3007零一二三四五六七八九十百千]+|제?\s*[0-9]+\s*[화장]"
    r")",
    re.IGNORECASE,
)


def numbered(number: int, title: str) -> str:
    """A chapter's title with its number, unless the title has one.

    >>> numbered(5, "The Price"), numbered(5, "Chapter 5: The Price"), numbered(6, "5. The Price")
    ('5. The Price', 'Chapter 5: The Price', '5. The Price')
    """
    return title if _HAS_NUMBER.match(title) else f"{number}. {title}"
