"""Places inside a text that its links lead to, footnotes mostly: each id once in a book, each link to an id that is there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from novel_core.export.tree import Element

#: On a link: the id in the same text that it leads to, until it is known to be there.
PLACE = "data-place"
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def place(roots: Sequence[Element], prefix: str = "") -> None:
    """Settle the ids and the inner links of the trees of one chapter, whose ids get `prefix`.

    A link to a place that is not there loses its address; its words stay.
    """
    seen: set[str] = set()
    links: list[Element] = []
    for root in roots:
        for one in root.iter():
            name = one.get("id")
            if name is not None:
                if name in seen or not _ID.fullmatch(name):
                    del one.attrib["id"]
                else:
                    seen.add(name)
                    one.set("id", prefix + name)
            if PLACE in one.attrib:
                links.append(one)
    for link in links:
        target = str(link.attrib.pop(PLACE))
        if target in seen:
            link.set("href", f"#{prefix}{target}")
        else:
            link.tag = "span"
