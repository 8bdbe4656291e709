"""Link targets inside a text, mostly footnotes: each id is unique in the book, and each link leads
to an id that exists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from novel_core.export.tree import Element

#: On a link: the id in the same text that it leads to, until that id is found.
PLACE = "data-place"
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def place(roots: Sequence[Element], prefix: str = "") -> None:
    """Prefix the ids of one chapter's trees with `prefix`, and settle their inner links.

    A link to a missing id loses its address; its words stay.
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
