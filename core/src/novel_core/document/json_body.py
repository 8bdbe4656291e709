"""The JSON of a page, bounded in depth."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import chain
from typing import Any

from novel_core.errors import PageBroken, PageChanged

#: Objects and lists inside each other; real APIs stay below 20.
MAX_DEPTH = 200
_BEGINNING = 80
_TITLE = re.compile(r"<title[^>]*+>([^<]++)", re.IGNORECASE)


def read_json(text: str, url: str = "") -> Any:
    """The value that a JSON text holds. `url` is named in errors.

    PageChanged if the text is no JSON, PageBroken if it is cut off or nested too deep.

    >>> read_json('{"chapters": [1, 2]}')
    {'chapters': [1, 2]}
    >>> read_json("<title>Sign in</title>")
    Traceback (most recent call last):
    novel_core.errors.PageChanged: The site sent HTML where JSON was expected: Sign in
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise _too_deep(url) from None
    except json.JSONDecodeError as error:
        raise _no_json(error, url) from None
    except ValueError as error:
        # A number of more digits than Python reads.
        raise PageChanged(f"The page's JSON cannot be read: {error}", url=url) from None
    if _is_too_deep(value):
        raise _too_deep(url)
    return value


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return False
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = list(chain.from_iterable(inner))
    return True


def _too_deep(url: str) -> PageBroken:
    return PageBroken(f"The page's JSON is nested more than {MAX_DEPTH} deep.", url=url)


def _no_json(error: json.JSONDecodeError, url: str) -> PageChanged | PageBroken:
    text = error.doc.strip()
    beginning = " ".join(text[:_BEGINNING].split())
    if not text:
        return PageChanged("The page has no content", url=url)
    if text.startswith("<"):
        title = _TITLE.search(text)
        words = " ".join(unescape(title[1]).split()) if title else beginning
        return PageChanged(f"The site sent HTML where JSON was expected: {words}", url=url)
    is_cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
    if text.startswith(("{", "[")) and is_cut:
        return PageBroken("The page's JSON is cut off.", url=url)
    where = f"{error.msg} at character {error.pos:,}"
    return PageChanged(f"The page is no JSON ({where}): {beginning}", url=url)
