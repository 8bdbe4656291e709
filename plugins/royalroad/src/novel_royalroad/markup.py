"""The site's markup simplified: spoilers, protected e-mail addresses, random classes."""

from __future__ import annotations

import re
import string

from novel_core import Element, inner_html, make_spoiler, reveal_emails, text_of, written
from novel_royalroad.hidden import is_random

# Every paragraph has a random class: removing it from the text is ten times faster than
# from the tree.
_PARAGRAPH = re.compile(r'<p class="cn[A-Za-z0-9+/=]{42}"')
_MARKED_PARAGRAPH = "p[class^=cn]:not(.spoiler-new)"
_ONE = re.compile(r"0*[01](?:\.0*)?")
_SOLID = ":is(img, hr, table, video, audio, iframe)"

_INVISIBLE = "\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SPOILER = "spoiler-new"


def tidy(region: Element) -> str:
    """The simplified markup inside `region`. The tree is changed."""
    reveal_emails(region)
    for element in region.css(f"[class]:not({_MARKED_PARAGRAPH})"):
        if _SPOILER in _names(element) and element.mem_id != region.mem_id:
            make_spoiler(element, element.attributes.get("data-caption") or "")
        else:
            _drop_machine_made(element)
    html = _PARAGRAPH.sub("<p", inner_html(region))
    if '<p class="cn' in html:
        for element in region.css(_MARKED_PARAGRAPH):
            _drop_machine_made(element)
        html = inner_html(region)
    return html


def _names(element: Element) -> list[str]:
    return (element.attributes["class"] or "").split()


def _drop_machine_made(element: Element) -> None:
    names = _names(element)
    kept = [name for name in names if not is_random(name)]
    if len(kept) == len(names):
        return
    if kept:
        element.attrs["class"] = " ".join(kept)
    else:
        del element.attrs["class"]


def title_of(element: Element) -> str:
    reveal_emails(element)
    return text_of(element)


def is_blank(region: Element) -> bool:
    """Whether the region shows nothing to a reader."""
    shown = written(region).strip(_INVISIBLE + string.whitespace)
    return not shown and region.css_first(_SOLID) is None
