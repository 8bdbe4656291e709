"""Ids inside a text that its own links lead to (footnotes). Other ids are not kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote, urldefrag

from novel_core.content.links import absolute
from novel_core.content.rules import ID_PREFIX

_LINK = re.compile(r'<a(?= )[^<>]*? href="([^"#]*)#([^"]+)"')
_NAMED = re.compile(r' (?:id|name)="([^"]+)"')
_OTHER = re.compile(r"[^\w.-]", re.ASCII)
_LONGEST = 100


@dataclass(slots=True)
class Places:
    """The ids that links lead to, by the source's names; each is given to one element."""

    base_url: str
    ids: Mapping[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    @classmethod
    def among(cls, texts: Iterable[str], base_url: str) -> Places:
        """The ids of texts that belong together, such as a chapter and its notes."""
        wanted: set[str] = set()
        present: set[str] = set()
        for text in texts:
            if "#" in text:
                wanted |= {
                    name
                    for page, fragment in _LINK.findall(text)
                    if (name := _name(page, fragment, base_url))
                }
            present.update(map(unescape, _NAMED.findall(text)))
        return cls(base_url, {name: _id(name) for name in sorted(wanted & present)})

    def link(self, href: str) -> str | None:
        """The saved form of a `href` that leads to one of these ids."""
        page, mark, fragment = href.partition("#")
        name = _name(page, fragment, self.base_url) if mark and self.ids else None
        found = self.ids.get(name) if name else None
        return f"#{found}" if found else None

    def take(self, name: str) -> str | None:
        """The saved id of the element with this name, the first time it is requested."""
        found = self.ids.get(unescape(name))
        if found is None or found in self.given:
            return None
        self.given.add(found)
        return found


def _name(page: str, fragment: str, base_url: str) -> str | None:
    """The name that a link refers to, if it is on the page itself."""
    page = unescape(page).strip()
    if page and absolute(page, base_url) != urldefrag(base_url).url:
        return None
    return unquote(unescape(fragment))[:_LONGEST] or None


def _id(name: str) -> str:
    if name.startswith(ID_PREFIX) and not _OTHER.search(name):
        return name
    return ID_PREFIX + _OTHER.sub(lambda match: f"_{ord(match[0]):x}", name)
