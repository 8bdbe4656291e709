"""What the software is known by, on every page but its error pages.

Those are files that name Archive of Our Own at every archive.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core import Document, Page, Recognition, text_of

#: Each adds to what the frame of the page proves; two of them are needed.
_SIGNS = (
    'meta[name="keywords"][content*="otw"][content*="archive"]',
    'meta[name="author"][content="Organization for Transformative Works"]',
    "#header ul.primary.navigation",
    '#footer a[href*="github.com/otwcode/otwarchive"]',
    "#skiplinks a[href='#main']",
)
_FEWEST = 2
_VERSION = re.compile(rb"otwarchive v([0-9][0-9.]{0,20})")
_FRAME, _SIGN = 0.5, 0.1


def recognise(page: Page) -> Recognition | None:
    document = page.document()
    main = document.css_first("div#outer.wrapper > div#inner div#main.region")
    if main is None or "error" in (main.attributes.get("class") or ""):
        return None
    signs = sum(document.css_first(sign) is not None for sign in _SIGNS)
    folder = _folder(document)
    parts = urlsplit(page.url)
    if signs < _FEWEST or not parts.path.startswith(folder):
        return None
    version = _VERSION.search(page.body)
    name = document.css_first("#header h1.heading a span")
    return Recognition(
        min(_FRAME + _SIGN * signs, 0.95),
        f"{parts.scheme}://{parts.netloc}{folder}",
        version=version[1].decode() if version else None,
        title=text_of(name) if name is not None else "",
    )


def _folder(document: Document) -> str:
    """The folder of the archive at its host, from the link of its header to its front page."""
    home = document.css_first("#header h1.heading a[href]")
    target = home.attributes.get("href") or "" if home is not None else ""
    return urlsplit(target.strip()).path.rstrip("/")
