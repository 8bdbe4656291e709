"""What a crawl has parsed of its pages, kept for the parse stage: a page is parsed once."""

from __future__ import annotations

import sys
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Self

from novel_core.items import Chapter
from novel_core.page import Page, Parsed

if TYPE_CHECKING:
    from novel_core.content.visible import Links

#: Bytes of what all attempts of a process keep together.
ROOM = 16 * 2**20
#: Bytes of an item without the text of a chapter, and of a Follow; of a page's own data too.
_SMALL = 1500


class Room:
    """Bytes that the attempts of a process share."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = Lock()

    def take(self, size: int) -> bool:
        """Take `size` bytes, if they are left."""
        with self._lock:
            is_enough = size <= self._left
            self._left -= size if is_enough else 0
        return is_enough

    def give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


@dataclass(frozen=True, slots=True)
class _Kept:
    page: Page
    links: Links
    size: int


class ParsedPages(AbstractContextManager["ParsedPages"]):
    """The parsed pages of one attempt; those beyond the room of the process are parsed again.

    A page is found only as it was when it was parsed: its headers, chapters and time too.
    """

    _shared = Room(ROOM)

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or self._shared
        self._kept: dict[str, _Kept] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for key in list(self._kept):
            self._pop(key)

    def keep(self, page: Page, links: Links) -> None:
        """Keep what was parsed of an archived page, in place of an earlier version of the page."""
        self._pop(page.key)
        # An iterator is empty by now; the parse stage names what is against the contract.
        if links.parsed is None or not isinstance(links.parsed.items, Collection):
            return
        size = _size_of(links.parsed)
        if self._room.take(size):
            self._kept[page.key] = _Kept(_without_body(page), links, size)

    def take(self, page: Page) -> Links | None:
        """What was parsed of this very page, once; None if it is to be parsed."""
        kept = self._pop(page.key)
        return kept.links if kept is not None and kept.page == _without_body(page) else None

    def _pop(self, key: str) -> _Kept | None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._room.give_back(kept.size)
        return kept


def _size_of(parsed: Parsed) -> int:
    texts = sum(
        sys.getsizeof(text)
        for item in parsed.items
        if isinstance(item, Chapter)
        for text in (item.content_html, item.note_before_html, item.note_after_html)
    )
    return texts + _SMALL * (1 + len(parsed.items) + len(parsed.follow))


def _without_body(page: Page) -> Page:
    """A page without its body is enough to know it: each response has its own time."""
    return replace(page, body=b"")
