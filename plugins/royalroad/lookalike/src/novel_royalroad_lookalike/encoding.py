"""The site's forms of text in HTML and JSON, of URLs and of times."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

_HTML_SPECIAL = re.compile(r"[^\x20-\x7e]|[&<>\"'+`]")
_HTML_NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_JSON_SPECIAL = re.compile(r"[<>&'+`]")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_NOON = 12


def encode(text: str) -> str:
    r"""For HTML, everything beyond ASCII as a number.

    >>> encode("No more\u2026 + <b>")
    'No more&#x2026; &#x2B; &lt;b&gt;'
    """
    return _HTML_SPECIAL.sub(
        lambda found: _HTML_NAMES.get(found[0]) or f"&#x{ord(found[0]):X};", text
    )


def to_json(value: Any) -> str:
    r"""For a script: compact, and no character that could end the script.

    >>> to_json({"title": "It's </script>"})
    '{"title":"It\\u0027s \\u003C/script\\u003E"}'
    """
    text = json.dumps(value, separators=(",", ":"))
    return _JSON_SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def slug_of(title: str, length: int = 80) -> str:
    """At most `length` characters, cut between words.

    >>> slug_of("The Owl's Lantern [Book One]")
    'the-owls-lantern-book-one'
    """
    plain = title.lower().replace("'", "").replace("\u2019", "")
    slug = _NOT_SLUG.sub("-", plain).strip("-")
    if len(slug) > length:
        slug = slug[: length + 1].rpartition("-")[0] or slug[:length]
    return slug or "untitled"


def iso_seconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def long_time(moment: datetime, space: str = "&#x202F;") -> str:
    """`Sunday, July 19, 2020 4:26:01 PM`, with the site's narrow space before AM and PM."""
    half = "AM" if moment.hour < _NOON else "PM"
    clock = f"{moment.hour % _NOON or _NOON}:{moment:%M:%S}"
    return f"{moment:%A, %B} {moment.day}, {moment.year} {clock}{space}{half}"
