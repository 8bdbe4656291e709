"""What may be the book on a WordPress site: a category, a tag, a page of contents, the whole blog."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class BookKind(StrEnum):
    """What the author files the chapters in."""

    CATEGORY = "category"
    TAG = "tag"
    PAGE = "page"
    BLOG = "blog"


#: The parameter of WordPress' own permanent addresses.
QUERIES = {"cat": BookKind.CATEGORY, "tag_id": BookKind.TAG, "page_id": BookKind.PAGE}
_ID = re.compile(r"(category|tag|page)-([1-9][0-9]{0,15})|(blog)")


@dataclass(frozen=True, slots=True)
class Book:
    """One book of a site; `number` is the permanent id of its category, tag or page.

    >>> Book.of("category-7").novel_id
    'category-7'
    >>> Book.of("category-7").address("https://a.example")
    'https://a.example/?cat=7'
    """

    kind: BookKind
    number: str = ""

    @classmethod
    def of(cls, novel_id: object) -> Book | None:
        found = _ID.fullmatch(novel_id) if isinstance(novel_id, str) else None
        if found is None:
            return None
        return cls(BookKind(found[1] or found[3]), found[2] or "")

    @property
    def novel_id(self) -> str:
        return f"{self.kind}-{self.number}" if self.number else str(self.kind)

    def address(self, base_url: str) -> str:
        """The permanent address for readers; the site leads from it to its present one."""
        query = next((name for name, kind in QUERIES.items() if kind is self.kind), None)
        return f"{base_url}/?{query}={self.number}" if query else f"{base_url}/"

    def pages(self, base_url: str) -> str:
        """The address of the first page with its posts, as readers see them."""
        address = self.address(base_url)
        return f"{address}{'&' if '?' in address else '?'}paged=1"
