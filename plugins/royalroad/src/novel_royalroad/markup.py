"""The site's markup made plain: spoilers, protected e-mail addresses, classes made for one request."""

from __future__ import annotations

import re
import string
from urllib.parse import quote

from lxml import etree

from novel_core.content.links import absolute
from novel_core.lxml_document import (
    Element,
    elements,
    inner_html,
    replace_by_text,
    text_of,
    written,
)
from novel_royalroad.hidden import is_machine_made

# Every paragraph has a class of this kind: taking them out of the text is ten times faster than out of the tree.
_PARAGRAPH = re.compile(r'<p class="cn[A-Za-z0-9+/=]{42}"')
_CLASSED = elements(
    "descendant::*[@class]"
    "[not(self::p and starts-with(@class, 'cn') and string-length(@class) = 44)]"
)
_PROTECTED = elements(
    "descendant::*[@data-cfemail]"
    " | descendant::a[not(@data-cfemail)][contains(@href, '/cdn-cgi/l/email-protection#')]"
)
# A picture of one pixel tells somebody that it was asked for, and is not saved.
_IMAGES = elements("descendant::img[@src][not(@width <= 1 or @height <= 1)]")
_SOLID = elements(
    "descendant::*[self::img or self::hr or self::table or self::video or self::audio or self::iframe]"
)

#: Characters of an address left as they are when it is written into markup.
_URL_SAFE = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_INVISIBLE = "\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SPOILER = "spoiler-new"


def tidy(region: Element) -> str:
    """The markup inside `region`, converted. The tree is changed."""
    region.attrib.clear()
    reveal_emails(region)
    for element in _CLASSED(region):
        names = element.get("class", "").split()
        if _SPOILER in names:
            _open_spoiler(element)
        elif any(is_machine_made(name) for name in names):
            kept = " ".join(name for name in names if not is_machine_made(name))
            if kept:
                element.set("class", kept)
            else:
                del element.attrib["class"]
    return _PARAGRAPH.sub("<p", inner_html(region))


def _open_spoiler(element: Element) -> None:
    """`<details>` with the author's caption: readable everywhere, without the site's scripts."""
    summary = etree.Element("summary")
    summary.text = " ".join((element.get("data-caption") or "").split()) or "Spoiler"
    summary.tail = element.text
    element.text = None
    element.attrib.clear()
    element.tag = "details"
    element.insert(0, summary)


def reveal_emails(region: Element) -> None:
    """Undo Cloudflare's protection of e-mail addresses, as its script does in a browser."""
    for element in _PROTECTED(region):
        code = element.get("data-cfemail")
        if code is not None:
            if address := decode_email(code):
                replace_by_text(element, address)
        elif address := decode_email(element.get("href", "").partition("#")[2]):
            element.set("href", f"mailto:{address}")


def decode_email(code: str) -> str | None:
    """The address behind a code: hex bytes, the first of which is the key of the others.

    >>> decode_email("422302206c21")
    'a@b.c'
    """
    try:
        key, *rest = bytes.fromhex(code)
        return bytes(byte ^ key for byte in rest).decode("utf-8") or None
    except ValueError:
        return None


def title_of(element: Element) -> str:
    reveal_emails(element)
    return text_of(element)


def is_blank(region: Element) -> bool:
    """Whether a reader sees nothing at all."""
    return not written(region).strip(_INVISIBLE + string.whitespace) and not _SOLID(region)


def image_urls(region: Element, base: str) -> list[str]:
    """The images of `region`, written as they will stand in the saved text."""
    urls = []
    for image in _IMAGES(region):
        source = quote((image.get("src") or "").strip(), safe=_URL_SAFE)
        image.set("src", source)
        url = absolute(source, base) if source else None
        if url:
            urls.append(url)
    return urls
