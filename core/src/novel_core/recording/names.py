"""The names of recordings: each page has its own, and keeps it when it is recorded again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from pathlib import Path

from novel_core.errors import UnreadableRecording
from novel_core.page import Page
from novel_core.recording.files import read_recording
from novel_core.source import PageKind, UrlKind, UrlMatch

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
#: Ids may be as long as a URL; names of files may not.
_LONGEST = 100


def recording_name_problem(name: str) -> str | None:
    """What is wrong with a name that an author gives: it is the name of a folder everywhere.

    >>> recording_name_problem("early-access"), recording_name_problem("../early")
    (None, "A recording cannot be called '../early': use letters, digits, - _ and . only, at most 100.")
    """
    if _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return None
    return (
        f"A recording cannot be called {name!r}: use letters, digits, - _ and . only, at most"
        f" {_LONGEST}."
    )


def name_of(
    page: Page, match: UrlMatch, name: str | None = None, chapter: str | None = None
) -> str:
    """A name such as `novel-7`, `novel-7-page-2`, `novel-7-page-minus-1`, `chapter-12-part-2`.

    `name` takes the place of `novel-7`, or of `chapter-12` if that is what `match` is. `chapter` is
    the id of the chapter on a page that was requested for none in particular.

    >>> url = "https://example.org/7"
    >>> name_of(Page(url, PageKind.INDEX, b"", position=-1), UrlMatch(UrlKind.NOVEL, url, "7"))
    'novel-7-page-minus-1'
    """
    if page.kind is PageKind.INDEX:
        stem = f"novel-{_plain(match.novel_id or 'x')}"
        if name and match.kind is UrlKind.NOVEL:
            stem = name
        if page.position < 0:
            return f"{stem}-page-minus-{-page.position}"
        return f"{stem}-page-{page.position + 1}" if page.position else stem
    found = next(iter(page.chapters), chapter) or match.chapter_id
    stem = f"chapter-{_plain(found or 'x')}"
    if name and match.kind is UrlKind.CHAPTER and found == match.chapter_id:
        stem = name
    return f"{stem}-part-{page.part + 1}" if page.part else stem


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
        return identity_of(read_recording(place).page) == identity_of(page)
    except UnreadableRecording:
        # Recorded again, it is replaced.
        return True


def identity_of(page: Page) -> tuple[object, ...]:
    """What is equal for a page and one that was shown in its place, such as a gate."""
    return (page.key, page.kind, page.chapters[:1], page.part, page.position)
