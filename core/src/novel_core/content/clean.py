"""From a site's markup to the HTML that is saved: safe, small, and the same for the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from novel_core.content.rules import KEEPER, READER
from novel_core.content.structure import simplify
from novel_core.content.tags import rewrite
from novel_core.document.nesting import check_depth, check_source

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_PRE = re.compile(r"(<pre(?: [^>]*)?>)\n")
_IMAGE = re.compile(r'<img [^>]*?src="([^"]*)"')
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class CleanHtml:
    """Saved HTML, and the absolute addresses of its images: in order, each once."""

    html: str
    images: tuple[str, ...] = ()


def sanitize(html: str, *, base_url: str) -> CleanHtml:
    """`html` with nothing that runs, tracks or hides, in one canonical form; links relative to `base_url`.

    Cleaning the result again changes nothing. Raises PageBroken rather than lose text of a page that is nested
    absurdly deep.

    >>> sanitize('<p style="text-align:center"><img src="/a.png" onload="x()"></p>', base_url="https://example.org/1")
    CleanHtml(html='<p class="align-center"><img alt="" src="https://example.org/a.png"></p>', images=('https://example.org/a.png',))
    """
    html = _storable(html)
    check_source(html, base_url)
    read = _parsed_twice_alike(READER.clean(html))
    result = _stable(simplify(rewrite(read, base_url)))
    check_depth(result, base_url)
    images = (
        tuple(dict.fromkeys(map(unescape, _IMAGE.findall(result)))) if "<img " in result else ()
    )
    return CleanHtml(result, images)


def _storable(html: str) -> str:
    """`html` as UTF-8 and XML can hold it: surrogate pairs joined, lone ones and control characters replaced."""
    try:
        html.encode()
    except UnicodeEncodeError:
        html = html.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.replace("\x00", "") if "\x00" in html else html


def _stable(html: str) -> str:
    """The fixed point of the last pass: a misnested text may need a few rounds until it is read as written."""
    for _ in range(_ROUNDS):
        cleaned = KEEPER.clean(html)
        if _CONTROLS.search(cleaned):  # character references may write them
            cleaned = _CONTROLS.sub("", cleaned)
        cleaned = _parsed_twice_alike(cleaned)
        if cleaned == html:
            break
        html = cleaned
    return html


def _parsed_twice_alike(html: str) -> str:
    """A parser eats the first line break in `<pre>`: write one more where the text begins with one."""
    return _PRE.sub(r"\1\n\n", html) if "<pre" in html else html
