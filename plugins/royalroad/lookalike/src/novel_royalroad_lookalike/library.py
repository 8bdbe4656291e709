"""The content of the look-alike: synthetic fictions and chapters. It may change at any time.

Every change of a field gives the chapter and its fiction a new `revision`, the key of cached pages.
So the collections are tuples: assign a new one, or use the methods of `Fiction`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from novel_royalroad_lookalike import pictures
from novel_royalroad_lookalike.generating import make_bare_fiction, make_fiction, make_next_chapter
from novel_royalroad_lookalike.model import FictionModel, LookalikeChapter

__all__ = ["Fiction", "Library", "LookalikeChapter"]


class Fiction(FictionModel):
    """A fiction of the look-alike, made by `generate`.

    >>> fiction = Fiction.generate(7, chapters=3)
    >>> fiction.lock(fiction.chapters[0].id).locked
    True
    """

    @classmethod
    def generate(
        cls,
        fiction_id: int,
        *,
        chapters: int = 24,
        chapter_bytes: int = 16_000,
        seed: int | None = None,
    ) -> Fiction:
        """A fiction with everything the site has; the same arguments give the same one again.

        `chapter_bytes` is the size of a chapter's whole page, some 10 KB of which are not its text.
        """
        return make_fiction(
            cls, fiction_id, chapters, chapter_bytes, fiction_id if seed is None else seed
        )

    @classmethod
    def bare(cls, fiction_id: int) -> Fiction:
        """A stub of fan fiction without chapters, warnings, cover and statistics."""
        return make_bare_fiction(cls, fiction_id)

    def add_chapter(self, title: str | None = None, **fields: Any) -> LookalikeChapter:
        """A new last chapter, with a new id and the newest date unless `fields` say otherwise."""
        chapter = make_next_chapter(self, title, fields)
        self.chapters = (*self.chapters, chapter)
        return chapter


class Library:
    """All fictions of a site, by id; add to `fictions` at any time."""

    def __init__(self, fictions: Iterable[Fiction] = ()) -> None:
        self.fictions: dict[int, Fiction] = {fiction.id: fiction for fiction in fictions}

    def find_chapter(self, chapter_id: int) -> tuple[Fiction, LookalikeChapter] | None:
        """The chapter; a removed one too, which has `removed` set."""
        for fiction in list(self.fictions.values()):
            chapter = fiction.find(chapter_id)
            if chapter is not None:
                return fiction, chapter
        return None

    def image(self, path: str) -> bytes:
        """A small real picture for any path: a JPEG where the name says so, else a PNG."""
        return pictures.picture(path)
