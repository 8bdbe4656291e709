"""The markup of a post: what a reader sees, without the forum's buttons and placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from urllib.parse import parse_qs, urlsplit

from novel_core import Element, drop, make_spoiler, replace_by_text, select, text_of

#: Buttons, advertisements, and the second copy of a picture that is loaded late.
_NOISE = (
    "noscript, script, style, .bbCodeBlock-expandLink, .bbCodeBlock-shrinkLink, .adContainer,"
    " .samCodeUnit, .js-selectToQuoteEnd, .tally-block"
)
_CONTAINERS = ".bbCodeBlock-expandContent, .bbCodeBlock-content"
_BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "div",
        "dl",
        "fieldset",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
_BLOCKS = ", ".join(sorted(_BLOCK_TAGS))
_TRANSPARENT = re.compile(r"(?:^|;)\s*+color\s*+:\s*+transparent\s*+(?:;|$)", re.IGNORECASE)


def cleaned(text: Element) -> Element:
    """Change the element of a text (`.bbWrapper`) into plain markup, and return it.

    >>> from novel_core import fragment, inner_html
    >>> inner_html(cleaned(fragment("One.<br>\\n<br>\\n<b>Two</b><br>lines.<hr>Three.")))
    '<p>One.</p><p><b>Two</b><br>lines.</p><hr><p>Three.</p>'
    """
    drop(select(text, _NOISE))
    for image in select(text, "img"):
        _show_picture(image)
    for media in select(text, "[data-s9e-mediaembed-iframe], iframe"):
        _replace_by_link(media, _media_address(media), "Video")
    for card in select(text, ".bbCodeBlock--unfurl"):
        title = card.css_first(".js-unfurl-title, .fauxBlockLink-blockLink")
        _replace_by_link(card, card.attributes.get("data-url"), text_of(title) if title else "")
    for span in select(text, "[style]"):
        if _TRANSPARENT.search(span.attributes.get("style") or ""):
            # Authors hide notes and indents so; readers select the text to see it.
            del span.attrs["style"]
    # The innermost first: a container is written again with what it holds.
    for container in reversed(select(text, _CONTAINERS)):
        _split_paragraphs(container)
    _split_paragraphs(text)
    for spoiler in reversed(select(text, "div.bbCodeSpoiler")):
        button = spoiler.css_first(".bbCodeSpoiler-button")
        title = spoiler.css_first(".bbCodeSpoiler-button-title")
        words = text_of(title) if title is not None else ""
        drop([button] if button is not None else [])
        make_spoiler(spoiler, words)
    return text


def _show_picture(image: Element) -> None:
    """Give the picture the address of the original; a smiley is a text."""
    values = image.attributes
    classes = (values.get("class") or "").split()
    if "smilie" in classes:
        replace_by_text(image, values.get("alt") or "")
        return
    address = values.get("data-url") or values.get("data-src") or values.get("src") or ""
    parts = address.partition("?")
    if parts[0].endswith("/proxy.php"):
        address = next(iter(parse_qs(parts[2]).get("image", [])), address)
    if address and "bbImage" in classes:
        image.attrs["src"] = address
        for name in ("data-url", "data-src", "srcset"):
            if name in values:
                del image.attrs[name]


def _media_address(media: Element) -> str | None:
    """The address of an embedded player: in its attribute, or in a list of attributes as JSON."""
    written = media.attributes.get("data-s9e-mediaembed-iframe")
    if not written:
        return media.attributes.get("src")
    try:
        values = json.loads(written)
    except ValueError:
        return None
    if not isinstance(values, list):
        return None
    pairs = zip(values[::2], values[1::2], strict=False)
    return next((value for name, value in pairs if name == "src" and isinstance(value, str)), None)


def _replace_by_link(element: Element, address: str | None, words: str) -> None:
    address = f"https:{address}" if address and address.startswith("//") else address
    if not address or urlsplit_scheme(address) not in {"http", "https"}:
        drop([element])
        return
    shown = escape(words or address, quote=False)
    element.inner_html = f'<a href="{escape(address)}">{shown}</a>'
    element.unwrap()


def urlsplit_scheme(address: str) -> str:
    """The scheme of an address; empty for one that cannot be read."""
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def _split_paragraphs(element: Element) -> None:
    """Make paragraphs of the texts between two or more line breaks."""
    element.inner_html = "".join(_paragraphs(element))


def _paragraphs(element: Element) -> Iterator[str]:
    open_parts: list[str] = []
    breaks = 0
    for node in element.iter(include_text=True):
        markup = node.html or ""
        if node.is_text_node and not markup.strip(" \t\r\n\f"):
            # White space between two breaks separates nothing.
            if not breaks:
                open_parts.append(" ")
        elif node.tag == "br":
            breaks += 1
        elif _is_block(node):
            yield _paragraph(open_parts)
            yield markup
            open_parts, breaks = [], 0
        else:
            if breaks > 1:
                yield _paragraph(open_parts)
                open_parts = []
            elif breaks and any(part.strip() for part in open_parts):
                open_parts.append("<br>")
            open_parts.append(markup.lstrip("\r\n") if breaks and node.is_text_node else markup)
            breaks = 0
    yield _paragraph(open_parts)


def _is_block(node: Element) -> bool:
    if node.is_text_node or node.is_comment_node:
        return False
    return node.tag in _BLOCK_TAGS or node.css_first(_BLOCKS) is not None


def _paragraph(parts: list[str]) -> str:
    text = "".join(parts).strip(" \t\r\n\f")
    return f"<p>{text}</p>" if text else ""
