"""XPath over a page of HTML: the page's elements once more as lxml's, which know XPath."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from novel_core.document import Element

if TYPE_CHECKING:
    from lxml.etree import XPath, _Element

#: Characters that XML has neither in names nor in texts.
_NO_NAME = re.compile(r"[^\w.-]|^(?=[^A-Za-z_])")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XPathTree:
    """The elements below `root`, as the HTML parser has read them, for XPath.

    Results are elements of the page itself again, so that other selectors go on from them. A sign
    that XML does not have in names, such as a colon, is `_`.
    """

    def __init__(self, root: Element) -> None:
        # Importing lxml takes time that most pages do not need.
        from lxml import etree

        self._ours: dict[int, Element] = {}
        self._theirs: dict[int, _Element] = {}
        #: lxml makes an element's object again when nobody holds it.
        self._held: list[_Element] = []
        top = etree.Element(_name(root.tag))
        self._add(top, root)
        levels: list[tuple[_Element, Element | None]] = [(top, root.first_child)]
        while levels:
            parent, node = levels.pop()
            while node is not None:
                if node.is_text_node:
                    _append(parent, node.text_content or "")
                elif node.is_element_node:
                    child = etree.SubElement(parent, _name(node.tag))
                    self._add(child, node)
                    if node.first_child is not None:
                        levels.append((parent, node.next))
                        parent, node = child, node.first_child
                        continue
                node = node.next

    def _add(self, theirs: _Element, ours: Element) -> None:
        for name, value in ours.attributes.items():
            theirs.set(_name(name), _NO_TEXT.sub("", value or ""))
        self._ours[id(theirs)] = ours
        self._theirs[ours.mem_id] = theirs
        self._held.append(theirs)

    def select(self, xpath: XPath, element: Element) -> Any:
        """The result of `xpath`, relative to `element`."""
        found: Any = xpath(self._theirs[element.mem_id])
        if not isinstance(found, list):
            return found
        return [self._ours.get(id(one), one) for one in found]


def _name(name: str | None) -> str:
    return _NO_NAME.sub("_", name or "") or "_"


def _append(parent: _Element, text: str) -> None:
    text = _NO_TEXT.sub("", text)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
