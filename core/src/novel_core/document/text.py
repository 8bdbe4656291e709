"""The text of elements, and small changes of a tree.

selectolax's `decompose` unlinks nodes without freeing them, and each node keeps its parser alive,
so an element may be kept, read and dropped again after it was removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from novel_core.document.elements import SEPARATING, UNSEEN


def text_of(element: LexborNode) -> str:
    """The text of an element in one line, as a reader sees its words: a line break, a block or a
    cell separates them.

    >>> from novel_core import fragment
    >>> text_of(fragment("Part 1<br>The <b>St</b>art<style>p {}</style>"))
    'Part 1 The Start'
    """
    inner = element.first_child
    if inner is None:
        return ""
    if inner.next is None and inner.is_text_node:
        return " ".join(inner.text_content.split()) if inner.text_content else ""
    return " ".join("".join(_seen(element)).split())


def _seen(element: LexborNode) -> list[str]:
    parts: list[str] = []
    node = element.first_child
    depth = 0
    while node is not None:
        tag = node.tag
        if tag == "-text":
            parts.append(node.text_content or "")
        elif tag in SEPARATING:
            parts.append(" ")
        below = None if tag in UNSEEN else node.first_child
        if below is not None:
            node = below
            depth += 1
            continue
        while node.next is None and depth:
            parent = node.parent
            assert parent is not None
            node = parent
            depth -= 1
            if node.tag in SEPARATING:
                parts.append(" ")
        node = node.next
    return parts


def selector(css: str) -> str:
    """`css` in the form that `Element.css` takes. Raises ValueError if it is no selector.

    `:contains("…")`, which is not in CSS, selects by a text inside.

    >>> selector('a:contains("Next")')
    'a:lexbor-contains("Next")'
    >>> selector("a[")
    Traceback (most recent call last):
    ValueError: 'a[' is no CSS selector
    """
    read = css.replace(":contains(", ":lexbor-contains(")
    try:
        LexborHTMLParser("").css(read)
    except SelectolaxError:
        msg = f"{css!r} is no CSS selector"
        raise ValueError(msg) from None
    return read


def select(element: LexborNode, selector: str) -> list[LexborNode]:
    """The elements that a selector finds, in order and each once, unlike `css`."""
    found = element.css(selector)
    return list({node.mem_id: node for node in found}.values()) if "," in selector else found


def ancestors(element: LexborNode) -> Iterator[LexborNode]:
    """The ancestors of an element, innermost first."""
    while (parent := element.parent) is not None:
        yield parent
        element = parent


def texts(element: LexborNode) -> Iterator[str]:
    """The pieces of text inside an element, without those of scripts and styles."""
    for node in element.traverse(include_text=True):
        if node.is_text_node and (node.parent is None or node.parent.tag not in UNSEEN):
            yield node.text_content or ""


def children(element: LexborNode, *selectors: str) -> list[LexborNode]:
    """The children that the first selector finds, their children that the second finds, and so on.

    >>> from novel_core import fragment
    >>> [child.attributes["id"] for child in children(fragment("<p id=a><b><p id=b></p></b>"), "p")]
    ['a', 'b']
    """
    found = [element]
    for selector in selectors:
        found = [
            child
            for parent in found
            for child in select(parent, selector)
            if child.parent is not None and child.parent.mem_id == parent.mem_id
        ]
    return found


def written(element: LexborNode) -> str:
    """All text inside an element, that of scripts and styles included."""
    return element.text_lexbor()


def inner_html(element: LexborNode) -> str:
    """The HTML5 markup inside an element, without white space around it."""
    html = element.inner_html or ""
    # Faster than the same check of a longer text.
    if "&" in html:
        html = html.replace("&nbsp;", "\xa0")
    return html.strip(" \t\r\n\f")


def drop(elements: Iterable[LexborNode]) -> None:
    """Remove elements with their content; the text around them stays."""
    for element in list(elements):
        if element.parent is not None and element.tag != "html":
            element.decompose()


def replace_by_text(element: LexborNode, text: str) -> None:
    """Replace an element by a text."""
    if element.parent is not None:
        element.replace_with(text)
