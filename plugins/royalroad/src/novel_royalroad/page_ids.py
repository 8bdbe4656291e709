"""The ids of the fiction and the chapter that a page states.

The requested URL does not prove the fiction: the site ignores that part of it.
"""

from __future__ import annotations

import html
import re

from novel_royalroad.raw_html import find_tag, read_number
from novel_royalroad.urls import Address, read_address

_HEAD = 256 * 1024
_CANONICAL = (b'rel="canonical"', b"rel='canonical'")
_HREF = re.compile(rb"\bhref=(?:\"([^\"]*)\"|'([^']*)')")


def canonical_url(body: bytes) -> str | None:
    """The URL in `link[rel=canonical]`, if it is one of this site's; else None."""
    tag = find_tag(body, _CANONICAL, _HEAD)
    link = _HREF.search(tag) if tag else None
    if link is None:
        return None
    url = html.unescape((link[1] or link[2] or b"").decode("utf-8", "replace")).strip()
    return url if read_address(url) else None


def fiction_id_of(body: bytes) -> str | None:
    return _canonical_address(body).fiction_id or read_number(body, "fictionId")


def chapter_id_of(body: bytes) -> str | None:
    return _canonical_address(body).chapter_id or read_number(body, "chapterId")


def _canonical_address(body: bytes) -> Address:
    url = canonical_url(body)
    return (read_address(url) if url else None) or Address(None, None)
