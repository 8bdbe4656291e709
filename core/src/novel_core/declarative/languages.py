"""The languages of a selector: CSS, XPath, JSON paths, and what a page has beside its body."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from novel_core.declarative.content import Content, Node
from novel_core.document import Element, fragment, inner_html, select, text_of, written
from novel_core.document.text import selector as checked_css

if TYPE_CHECKING:
    import jmespath.parser
    from lxml.etree import XPath

_NAMESPACE = re.compile(r" xmlns(?::[\w.-]+)?=\"[^\"]*\"")
_WHAT = re.compile(r"^(?P<path>.*?)(?:@(?P<what>[A-Za-z_][\w:.-]*))?$", re.DOTALL)
_MARKUP = re.compile(r"^(?P<path>.*[^/])@html$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a path starts: something found on the page; `is_first` if no path has led there."""

    node: Node
    content: Content
    is_first: bool


@dataclass(frozen=True, slots=True)
class Path(ABC):
    """One path of a selector, in its language.

    `what` is what a path to elements takes of them: None the text, `html` the markup inside, any
    other name an attribute.
    """

    text: str
    what: str | None = None
    #: Whether it finds elements, and the next path is CSS; otherwise values of JSON.
    finds_elements: ClassVar[bool] = False
    #: Whether it reads the body of the page, and not what else is known of it.
    reads_body: ClassVar[bool] = True
    #: Whether it starts from an element, or from the markup in a text.
    needs_element: ClassVar[bool] = False
    #: Whether it starts from a page of HTML, wherever it stands.
    is_of_html_page: ClassVar[bool] = False
    #: Whether it starts from a value of JSON, or from the JSON in a text.
    reads_json: ClassVar[bool] = False

    @abstractmethod
    def nodes(self, start: Start) -> list[Node]:
        """What the path finds; of JSON the value as a whole. ValueError if it cannot be read."""


@dataclass(frozen=True, slots=True)
class CssPath(Path):
    finds_elements = True
    needs_element = True

    @classmethod
    def of(cls, text: str) -> CssPath:
        found = _WHAT.match(text)
        assert found is not None
        css = found["path"].strip()
        return cls(checked_css(css) if css else "", found["what"])

    def nodes(self, start: Start) -> list[Node]:
        element = _element(start)
        if not self.text:
            return [element]
        if isinstance(element, Element):
            return list(select(element, self.text))
        from lxml.cssselect import CSSSelector

        css = CSSSelector(self.text, namespaces=start.content.namespaces, translator="xml")
        return _listed(css(element))


@dataclass(frozen=True, slots=True)
class XPathPath(Path):
    finds_elements = True
    needs_element = True

    @classmethod
    def of(cls, text: str) -> XPathPath:
        from lxml import etree

        found = _MARKUP.match(text)
        path = found["path"] if found else text
        try:
            etree.XPath(path)
        except etree.XPathError as error:
            msg = f"{path!r} is no XPath: {error}"
            raise ValueError(msg) from None
        return cls(path, "html" if found else None)

    def nodes(self, start: Start) -> list[Node]:
        from lxml import etree

        element = _element(start)
        xpath: XPath = etree.XPath(self.text, namespaces=start.content.namespaces)
        try:
            found: Any
            if isinstance(element, Element):
                found = start.content.tree_of(element).select(xpath, element)
            else:
                found = xpath(element)
        except etree.XPathError as error:
            msg = f"{self.text!r}: {error}"
            raise ValueError(msg) from None
        return _listed(found)


@dataclass(frozen=True, slots=True)
class JsonPath(Path):
    reads_json = True

    @classmethod
    def of(cls, text: str) -> JsonPath:
        _compiled(text)
        return cls(text)

    def nodes(self, start: Start) -> list[Node]:
        node, content = start.node, start.content
        if isinstance(node, Element):
            node = content.read(written(node), f"the element {node.tag}")
        elif _is_xml(node):
            node = content.read("".join(node.itertext()), f"the element {node.tag}")
        elif isinstance(node, str) and not start.is_first:
            node = content.read(node, "the text")
        return [_compiled(self.text).search(node)]


@dataclass(frozen=True, slots=True)
class ScriptPath(Path):
    is_of_html_page = True

    @classmethod
    def of(cls, text: str) -> ScriptPath:
        if not text:
            msg = "script: needs the CSS of a script, or the name of a variable with = after it"
            raise ValueError(msg)
        return cls(text if text.endswith("=") else checked_css(text))

    def nodes(self, start: Start) -> list[Node]:
        return start.content.scripts(self.text)


@dataclass(frozen=True, slots=True)
class HeaderPath(Path):
    reads_body = False

    @classmethod
    def of(cls, text: str) -> HeaderPath:
        if not re.fullmatch(r"[\w-]+", text):
            msg = f"{text!r} is not the name of a header"
            raise ValueError(msg)
        return cls(text.lower())

    def nodes(self, start: Start) -> list[Node]:
        return [start.content.page.headers.get(self.text)]


@dataclass(frozen=True, slots=True)
class PagePath(Path):
    reads_body = False

    @classmethod
    def of(cls, text: str) -> PagePath:
        _compiled(text)
        return cls(text)

    def nodes(self, start: Start) -> list[Node]:
        return [_compiled(self.text).search(start.content.facts)]


@dataclass(frozen=True, slots=True)
class AddressPath(Path):
    reads_body = False

    @classmethod
    def of(cls, text: str) -> AddressPath:
        if not text or "{}" in text:
            msg = "an address of its own has no {}; with a value in it write: path | url:/toc/{}"
            raise ValueError(msg)
        return cls(text)

    def nodes(self, start: Start) -> list[Node]:  # noqa: ARG002 - it starts nowhere
        return [self.text]


LANGUAGES: dict[
    str,
    type[CssPath | XPathPath | JsonPath | ScriptPath | HeaderPath | PagePath | AddressPath],
] = {
    "css": CssPath,
    "xpath": XPathPath,
    "json": JsonPath,
    "script": ScriptPath,
    "header": HeaderPath,
    "page": PagePath,
    "url": AddressPath,
}


def value_of(node: Node, what: str | None) -> str | None:
    """The text of one thing that a path has found. ValueError if it has none."""
    if isinstance(node, Element):
        return _of_element(node, what)
    if node is None or isinstance(node, str):
        return node.strip() if node else None
    if isinstance(node, bool | int | float):
        return str(node).lower()
    if _is_xml(node):
        return _of_xml(node, what)
    msg = f"a {'list' if isinstance(node, list) else 'JSON object'} stands where a text is expected"
    raise ValueError(msg)


def _listed(found: Any) -> list[Node]:
    return found if isinstance(found, list) else [found]


def each(found: list[Node]) -> list[Node]:
    """What was found, one by one: a list of JSON is its entries."""
    several = (one if isinstance(one, list) else [one] for one in found)
    return [_plain(one) for inner in several for one in inner if one is not None]


def _plain(node: Node) -> Node:
    # XPath counts in floating point, and its texts hold their elements.
    if isinstance(node, float) and node.is_integer():
        return int(node)
    return str(node) if isinstance(node, str) else node


def is_element(node: Node) -> bool:
    return isinstance(node, Element) or _is_xml(node)


def _of_element(element: Element, what: str | None) -> str:
    if what is None:
        return text_of(element)
    if what == "html":
        return inner_html(element)
    return (element.attributes.get(what) or "").strip()


def _of_xml(element: Any, what: str | None) -> str:
    from lxml import etree

    if what is None:
        return "".join(element.itertext()).strip()
    if what == "html":
        parts = (etree.tostring(child, encoding="unicode", method="html") for child in element)
        return _NAMESPACE.sub("", escape(element.text or "", quote=False) + "".join(parts)).strip()
    return str(element.get(what) or "").strip()


def _is_xml(node: Node) -> bool:
    return hasattr(node, "itertext")


def _element(start: Start) -> Node:
    """The element from which CSS or XPath starts: of a text, that of its markup; beside an object
    of JSON, that of the page."""
    node = start.node
    if isinstance(node, Element) or _is_xml(node):
        return node
    if isinstance(node, str):
        return fragment(node, start.content.page.url)
    if start.is_first and start.content.is_markup:
        return start.content.root
    msg = "CSS and XPath need an element or a text"
    raise ValueError(msg)


def _compiled(text: str) -> jmespath.parser.ParsedResult:
    """The JSON path written as `text`; jmespath keeps those that it has compiled."""
    import jmespath

    return jmespath.compile(text or "@")
