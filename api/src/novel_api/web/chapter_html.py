"""Saved HTML as a page may show it: cleaned once more, pictures from the archive only, links that give nothing away.

What is saved holds no scripts or styles, classes of a closed set and ids of a prefix of their own (`novel_core.content`). It is cleaned here again
all the same: a database may hold what another version or another hand has written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from novel_api.web.render import safe
from novel_core.content.rules import KEEPER
from novel_core.library.images import ids_of

# The cleaner writes `<`, `>` and `"` inside of values as references: a tag ends at the first `>`.
_IMAGE = re.compile(r"<img [^>]*>")
_ATTRIBUTE = re.compile(r' (alt|src|width|height)="([^"]*)"')
# A link to a place in the same text stays in the page.
_LINK = re.compile(r'<a (?=[^>]*href="(?!#))')
_LINKED = '<a referrerpolicy="no-referrer" target="_blank" '
_TABLE = re.compile(r"<table(?=[ >])")
_WIDE = '<div class="wide" role="region" aria-label="Table" tabindex="0"><table'


def archived_images(session: Session, novel_id: int, *texts: str) -> dict[str, int]:
    """The pictures of these texts that are in the archive, by their address at the site."""
    sources = {
        unescape(source)
        for text in texts
        for image in _IMAGE.findall(text)
        for name, source in _ATTRIBUTE.findall(image)
        if name == "src"
    }
    return ids_of(session, novel_id, sources) if sources else {}


def shown_html(html: str, slug: str, images: Mapping[str, int]) -> Markup:
    """`html` for a page; a picture that is not archived is told of in words.

    >>> shown_html('<p onclick="x()">Hi <img src="https://a.example/b.png" alt="a boat"></p>', "a-tale", {})
    Markup('<p>Hi <span class="lost-picture">[Picture: a boat]</span></p>')
    """

    def picture(match: re.Match[str]) -> str:
        values = dict(_ATTRIBUTE.findall(match[0]))
        number = images.get(unescape(values.get("src", "")))
        if number is None:
            told = f"Picture: {values['alt']}" if values.get("alt") else "Picture"
            return f'<span class="lost-picture">[{told}]</span>'
        values |= {"src": f"/novels/{escape(slug)}/images/{number}"}
        values.setdefault("alt", "")
        written = "".join(f' {name}="{values[name]}"' for name in sorted(values))
        return f'<img{written} loading="lazy" decoding="async">'

    html = _IMAGE.sub(picture, KEEPER.clean(html))
    html = _LINK.sub(_LINKED, html)
    if "<table" in html:
        html = _TABLE.sub(_WIDE, html).replace("</table>", "</table></div>")
    return safe(html)
