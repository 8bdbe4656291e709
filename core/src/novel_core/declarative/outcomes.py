"""Pages that are not what was requested, by the selectors of a table."""

from __future__ import annotations

from textwrap import shorten

from novel_core.declarative.content import Node
from novel_core.declarative.fields import Table, selectors
from novel_core.declarative.languages import is_element
from novel_core.declarative.reader import PageReader
from novel_core.declarative.selector import Selector
from novel_core.document import Element, select, text_of
from novel_core.errors import (
    Blocked,
    Gated,
    Locked,
    LoginRequired,
    Maintenance,
    NotFound,
    NotYet,
    PageBroken,
    PageChanged,
    SourceError,
)
from novel_core.leniency import reported
from novel_core.requests import PageRequest

#: Of a page's text, at most so many characters are told.
_LONGEST = 300
#: So many elements around a link are looked at, up to the first of these.
_LEVELS = 10
_SECTIONS = frozenset({"article", "body", "dialog", "form", "main", "section"})

_ERRORS: dict[str, tuple[type[SourceError], str]] = {
    NotFound.code: (NotFound, "does not exist"),
    LoginRequired.code: (LoginRequired, "is for members only"),
    Locked.code: (Locked, "is not free to read"),
    Blocked.code: (Blocked, "is a bot wall"),
    NotYet.code: (NotYet, "is not published yet"),
    Maintenance.code: (Maintenance, "is closed for a while"),
}


def check_outcomes(reader: PageReader, table: Table) -> None:
    """Raise the error of the first of the table's `outcomes` that the page is."""
    for code, written in table.outcomes.items():
        for selector in selectors(written):
            for node in _found(reader, selector):
                if reader.means_yes("notice", selector, node):
                    raise _error(reader, code, selector, node)


def _found(reader: PageReader, selector: Selector) -> list[Node]:
    try:
        return reader.on_page("notice", selector)
    except (PageChanged, PageBroken):
        # It has no notice; what it must have tells what is wrong with it, or its status does.
        return []


def _error(reader: PageReader, code: str, selector: Selector, node: Node) -> SourceError:
    url = reader.page.url
    # The text of an element, and an attribute or a value as such.
    is_notice = is_element(node) and selector.paths[-1].what is None
    value = reader.value("notice", selector, node)
    if code == Gated.code:
        link = None if is_notice else reader.address("link that confirms", value)
        confirm = PageRequest(link) if link else None
        question = value if is_notice else _around(reader, node, link)
        message = (
            f"The site asks to confirm something first: {_shortened(question)}"
            if question
            else f"{url} asks to confirm something first."
        )
        return Gated(message, confirm=confirm, url=url)
    error, words = _ERRORS[code]
    if value and not isinstance(node, bool):
        return error(f"The site says: {_shortened(value)}", url=url)
    return error(f"{url} {words}.", url=url)


def _shortened(text: str) -> str:
    return shorten(text, _LONGEST, placeholder="…")


def _around(reader: PageReader, node: Node, link: str | None) -> str:
    """The text around a link of a page of HTML: of the widest part of its section that is short."""
    if not isinstance(node, Element):
        root = reader.content.root
        links = select(root, "a[href]") if link and isinstance(root, Element) else []
        with reported():
            same = (one for one in links if reader.address("link", one.attributes["href"]) == link)
            node = next(same, None)
    text = ""
    for _ in range(_LEVELS):
        if node is None or len(wider := text_of(node)) > _LONGEST:
            break
        text = wider
        if node.tag in _SECTIONS:
            break
        node = node.parent
    return text
