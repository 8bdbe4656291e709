"""The names of recordings: each page has its own, and keeps it when it is recorded again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from pathlib import Path

from novel_core.errors import UnreadableRecording
from novel_core.page import Page
from novel_core.recording.files import read_recording
from novel_core.source import PageKind, UrlMatch

#: Ids may be as long as a URL; names of files may not.
_LONGEST = 100


def name_of(page: Page, match: UrlMatch) -> str:
    """A name such as `novel-7`, `novel-7-page-2`, `novel-7-page-minus-1`, `chapter-12-part-2`.

    >>> from novel_core.source import UrlKind
    >>> url = "https://example.org/7"
    >>> name_of(Page(url, PageKind.INDEX, b"", position=-1), UrlMatch(UrlKind.NOVEL, url, "7"))
    'novel-7-page-minus-1'
    """
    if page.kind is PageKind.INDEX:
        name = f"novel-{_plain(match.novel_id or 'x')}"
        if page.position < 0:
            return f"{name}-page-minus-{-page.position}"
        return f"{name}-page-{page.position + 1}" if page.position else name
    name = f"chapter-{_plain(next(iter(page.chapters), None) or match.chapter_id or 'x')}"
    return f"{name}-part-{page.part + 1}" if page.part else name


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:_LONGEST] or "x"


def free_name(name: str, page: Page, folder: Path, taken: Container[str]) -> str:
    """`name`, with a number if another page has it, in `folder` or among the names `taken`."""
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return next(
        free
        for free in itertools.chain([name], numbered)
        if free not in taken and _is_free(folder / free, page)
    )


def _is_free(place: Path, page: Page) -> bool:
    if not place.exists():
        return True
    try:
        return _identity(read_recording(place).page) == _identity(page)
    except UnreadableRecording:
        # Recorded again, it is replaced.
        return True


def _identity(page: Page) -> tuple[object, ...]:
    return (page.key, page.kind, page.chapters[:1], page.part, page.position)
