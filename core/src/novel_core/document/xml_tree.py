"""A page of XML as a tree of lxml elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from novel_core.errors import PageBroken, PageChanged

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
#: Comments and instructions, in which anything may stand.
_ASIDE = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_ELEMENT = re.compile(r"<[A-Za-z_]")


def parse_xml(text: str, url: str = "") -> _Element:
    """The root element of an XML text. `url` is named in errors.

    PageChanged if the text is no XML, PageBroken if it declares entities (which can grow without
    bounds) or is nested more than 256 deep.

    >>> parse_xml("<novel><title>A Tale</title></novel>").findtext("title")
    'A Tale'
    """
    # Importing lxml takes time that most pages do not need.
    from lxml import etree

    text = without_declaration(text, url)
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        message = str(error.msg)
        if "depth" in message:
            raise PageBroken("The page's XML is nested too deep.", url=url) from None
        raise PageChanged(f"The page is no XML: {message}", url=url) from None


def without_declaration(text: str, url: str) -> str:
    """`text` without its XML declaration, whose encoding has been decoded. PageBroken if it
    declares entities."""
    if not text.strip():
        raise PageChanged("The page has no content", url=url)
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text.lstrip()
    if _declares_entities(text):
        raise PageBroken("The page's XML declares entities, which is refused.", url=url)
    return text


def _declares_entities(text: str) -> bool:
    if not _ENTITY.search(text):
        return False
    text = _ASIDE.sub("", text)
    # A text further down may speak of entities.
    first = _ELEMENT.search(text)
    return bool(_ENTITY.search(text[: first.start()] if first else text))
