"""A page's bytes as a tree, for parsers: a whole one, or an error. And the small things every parser does with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import cast

from lxml import etree

from novel_core.errors import PageBroken, PageChanged
from novel_core.page import Page

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type of an element

Elements = Callable[[Element], list[Element]]


def elements(path: str) -> Elements:
    """A compiled XPath that selects elements; the types of lxml cannot tell what a path selects."""
    return cast("Elements", etree.XPath(path))


def strings(path: str) -> Callable[[Element], list[str]]:
    """A compiled XPath that selects texts or attributes."""
    return cast("Callable[[Element], list[str]]", etree.XPath(path, smart_strings=False))


def clean_body(page: Page) -> bytes:
    """The body as valid UTF-8 without NUL."""
    return page.text.encode("utf-8", "replace")


def parse_tree(body: bytes, url: str) -> Element:
    """The tree of a cleaned body.

    libxml2 stops at 2048 nested elements and drops the rest, telling it in its log only.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise PageBroken(f"The page cannot be read as HTML: {error}", url=url) from error
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise PageBroken("The page is nested too deeply to be read whole.", url=url)
    if tree is None:
        raise PageChanged("The page has no content", url=url, selector="html")
    return tree


def text_of(element: Element) -> str:
    """The text in one line."""
    return " ".join(written(element).split())


def written(element: Element) -> str:
    return "".join(cast("Iterator[str]", element.itertext()))


def inner_html(element: Element) -> str:
    """The markup between an element's tags, without white space around it."""
    whole = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    start = whole.index(">") + 1
    end = whole.rfind("</")
    return whole[start:end].strip() if end > start else ""


def with_class(name: str) -> str:
    """The XPath condition for one of an element's classes."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def drop_children(doomed: Collection[Element]) -> None:
    """Remove elements, keeping the text that follows each: in linear time, however many stand side by side."""
    parents = {parent for element in doomed if (parent := element.getparent()) is not None}
    for parent in parents:
        texts: list[str] = []
        kept: Element | None = None
        for child in list(parent):
            if child in doomed:
                texts.append(child.tail or "")
                parent.remove(child)
            else:
                _append(parent, kept, texts)
                kept = child
        _append(parent, kept, texts)


def _append(parent: Element, before: Element | None, texts: list[str]) -> None:
    """Write `texts` after `before`, or at the beginning of `parent`; then forget them."""
    if not texts:
        return
    if before is not None:
        before.tail = "".join([before.tail or "", *texts])
    else:
        parent.text = "".join([parent.text or "", *texts])
    texts.clear()


def replace_by_text(element: Element, text: str) -> None:
    parent = element.getparent()
    if parent is None:
        return
    text += element.tail or ""
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(element)
