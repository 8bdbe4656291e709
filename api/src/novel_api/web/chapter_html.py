"""Saved HTML for a page: sanitised again, archived pictures only, links without referrer.

Saved HTML has no scripts or styles, a closed set of classes and prefixed ids; it is sanitised again here because another version or program may have written to the database.
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

# The sanitiser escapes `<`, `>` and `"` in values: a tag ends at the first `>`.
_IMAGE = re.compile(r"<img [^>]*>")
_ATTRIBUTE = re.compile(r' (alt|src|width|height)="([^"]*)"')
# Links, except those to a place in the same text.
_LINK = re.compile(r'<a (?=[^>]*href="(?!#))')
_LINKED = '<a referrerpolicy="no-referrer" target="_blank" '
_TABLE = re.compile(r"<table(?=[ >])")
_WIDE = '<div class="wide" role="region" aria-label="Table" tabindex="0"><table'


def archived_images(session: Session, novel_id: int, *texts: str) -> dict[str, int]:
    """Return the ids of the texts' archived pictures, by their URL at the site."""
    sources = {
        unescape(source)
        for text in texts
        for image in _IMAGE.findall(text)
        for name, source in _ATTRIBUTE.findall(image)
        if name == "src"
    }
    return ids_of(session, novel_id, sources) if sources else {}


def shown_html(html: str, slug: str, images: Mapping[str, int]) -> Markup:
    """Return `html` for a page; a picture that is not archived becomes a text.

    >>> shown_html('<p onclick="x()">Hi <img src="https://a.example/" alt="a boat"></p>', "", {})
    Markup('<p>Hi <span class="lost-picture">[Picture: a boat]</span></p>')
    """

    def picture(match: re.Match[str]) -> str:
        values = dict(_ATTRIBUTE.findall(match[0]))
        number = images.get(unescape(values.get("src", "")))
        if number is None:
            text_of_image = f"Picture: {values['alt']}" if values.get("alt") else "Picture"
            return f'<span class="lost-picture">[{text_of_image}]</span>'
        values |= {"src": f"/novels/{escape(slug)}/images/{number}"}
        values.setdefault("alt", "")
        written = "".join(f' {name}="{values[name]}"' for name in sorted(values))
        return f'<img{written} loading="lazy" decoding="async">'

    html = _IMAGE.sub(picture, KEEPER.clean(html))
    html = _LINK.sub(_LINKED, html)
    if "<table" in html:
        html = _TABLE.sub(_WIDE, html).replace("</table>", "</table></div>")
    return safe(html)
