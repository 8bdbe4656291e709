"""One page, in each form that a selector reads: HTML, XML, JSON, a feed, its scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from novel_core.declarative.xpath_tree import XPathTree
from novel_core.document import Document, Element, parse_xml
from novel_core.document.json_body import read_json
from novel_core.errors import PageBroken, PageChanged, SourceError
from novel_core.page import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

#: An element of HTML (`novel_core.document.Element`) or of XML (lxml's), or a value of JSON.
Node = Any


T = TypeVar("T")

#: How the body of a page is read.
Form = Literal["html", "xml", "json", "feed"]


def is_markup(form: Form) -> bool:
    """Whether pages of this form have elements, not values of JSON."""
    return form in {"html", "xml"}


def _failing_once(read: Callable[[Content], T]) -> Callable[[Content], T]:
    """`read`, which raises its first error again: a broken page is not read for each selector."""

    @wraps(read)
    def read_or_raise(content: Content) -> T:
        if (known := content.errors.get(read.__name__)) is not None:
            raise known.with_traceback(None)
        try:
            return read(content)
        except SourceError as error:
            content.errors[read.__name__] = error
            raise

    return read_or_raise


class Content:
    """The content of one page; each form is read when a selector first needs it."""

    def __init__(self, page: Page, form: Form = "html") -> None:
        self.page = page
        self.form = form
        self._trees: dict[int, XPathTree] = {}
        self._scripts: dict[str, list[Any]] = {}
        self.errors: dict[str, SourceError] = {}

    @property
    def is_markup(self) -> bool:
        """Whether the page has elements, not values of JSON."""
        return is_markup(self.form)

    @cached_property
    @_failing_once
    def root(self) -> Node:
        """The whole page, in its form."""
        if self.form == "html":
            return self.document.root
        return self.xml if self.form == "xml" else self.data

    @cached_property
    @_failing_once
    def document(self) -> Document:
        return self.page.document()

    @cached_property
    @_failing_once
    def xml(self) -> _Element:
        return parse_xml(self.page.text, self.page.url)

    @cached_property
    @_failing_once
    def data(self) -> Any:
        """The value of a page of JSON; a feed as the same kind of value."""
        return _plain(asdict(self.page.feed())) if self.form == "feed" else self.page.json()

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What is known of the page beside its body."""
        page = self.page
        return {
            "url": page.url,
            "requested_url": page.requested_url or page.url,
            "status": page.status,
            "headers": dict(page.headers),
            "context": dict(page.context),
            "chapters": list(page.chapters),
        }

    @property
    def declared_base(self) -> str | None:
        """The address of `<base href>` of a page of HTML."""
        return self.document.declared_base if self.form == "html" else None

    @property
    def namespaces(self) -> dict[str, str]:
        """The prefixes that XPath and CSS may use."""
        known = {"re": "http://exslt.org/regular-expressions"}
        if self.form != "xml":
            return known
        declared = {
            prefix: address
            for element in self.xml.iter("*")
            for prefix, address in element.nsmap.items()
            if prefix
        }
        return known | declared

    def tree_of(self, element: Element) -> XPathTree:
        """The tree in which XPath finds elements around `element`."""
        top = element
        while (parent := top.parent) is not None and parent.is_element_node:
            top = parent
        if top.mem_id not in self._trees:
            self._trees[top.mem_id] = XPathTree(top)
        return self._trees[top.mem_id]

    def forget_trees(self) -> None:
        """Call this after the page's elements have changed."""
        self._trees.clear()

    def scripts(self, name: str) -> list[Any]:
        """The JSON of scripts (`Document.scripts`). ValueError if they hold none."""
        if name not in self._scripts:
            try:
                self._scripts[name] = self.document.scripts(name)
            except PageChanged as error:
                raise ValueError(error.message) from None
        return self._scripts[name]

    def read(self, text: str, name: str) -> Any:
        """The JSON in a part of the page. ValueError if it is none."""
        try:
            return read_json(text, self.page.url)
        except (PageChanged, PageBroken) as error:
            msg = f"{name} holds no JSON: {error.message}"
            raise ValueError(msg) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
