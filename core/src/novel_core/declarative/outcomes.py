"""Pages that are not what was requested, by the selectors of a table."""

from __future__ import annotations

from textwrap import shorten

from novel_core.declarative.content import Node
from novel_core.declarative.fields import Table, selectors
from novel_core.declarative.languages import is_element
from novel_core.declarative.reader import PageReader
from novel_core.declarative.selector import Selector
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
from novel_core.requests import PageRequest

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
        return Gated(f"{url} asks to confirm something first.", confirm=confirm, url=url)
    error, words = _ERRORS[code]
    if value and not isinstance(node, bool):
        return error(f"The site says: {shorten(value, 300, placeholder='…')}", url=url)
    return error(f"{url} {words}.", url=url)
