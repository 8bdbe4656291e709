"""A fiction of the look-alike and its chapters: fields, and changes of them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from novel_royalroad_lookalike.encoding import encode, slug_of
from novel_royalroad_lookalike.switches import Hidden
from novel_royalroad_lookalike.vocabulary import ORIGIN

_REVISIONS = itertools.count(1)
_CHAPTER_SLUG_LENGTH = 50
_HOUR = timedelta(hours=1)


@dataclass(eq=False)
class LookalikeChapter:
    """`paragraphs` is the content's HTML, an element a string; notes are HTML or empty."""

    id: int
    title: str
    slug: str
    published: datetime
    paragraphs: Sequence[str]
    note_before: str = ""
    note_after: str = ""
    edited: datetime | None = None
    volume_id: int | None = None
    locked: bool = False
    # Gone from table and script; its page is a 404.
    removed: bool = False
    # The page is there, the list does not show it.
    unlisted: bool = False
    hidden: Hidden = Hidden.SIBLING
    revision: int = field(default=0, init=False, repr=False)
    fiction: FictionModel | None = field(default=None, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)
        object.__setattr__(self, "revision", next(_REVISIONS))
        fiction = self.__dict__.get("fiction")
        if fiction is not None:
            fiction.touch()

    @property
    def listed(self) -> bool:
        return not (self.removed or self.unlisted)

    @property
    def modified(self) -> datetime:
        return self.edited or self.published

    def digest(self) -> str:
        """The hash of what a reader sees, which is the same for every request, unlike the page."""
        seen = (self.title, str(self.locked), self.note_before, *self.paragraphs, self.note_after)
        return hashlib.sha256("\x00".join(seen).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class LookalikeVolume:
    id: int
    title: str
    cover_url: str


@dataclass(frozen=True, slots=True)
class Counts:
    views: int
    average_views: int
    followers: int
    favorites: int
    ratings: int
    pages: int
    words: int


@dataclass(eq=False)
class FictionModel:
    """A fiction. `chapters` are in the author's order, also removed ones; `scores` by name."""

    id: int
    title: str
    slug: str
    author: str
    author_id: int
    # Set by `chapters`.
    _index: dict[int, LookalikeChapter] = field(default_factory=dict, init=False, repr=False)
    chapters: Sequence[LookalikeChapter] = ()
    type: str = "Original"
    status: str = "ONGOING"
    # (name, slug).
    tags: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
    description: str = ""
    cover_url: str | None = None
    volumes: Sequence[LookalikeVolume] = ()
    counts: Counts | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    next_chapter: datetime | None = None
    revision: int = field(default=0, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)
        if name == "chapters":
            for chapter in self.chapters:
                object.__setattr__(chapter, "fiction", self)
            object.__setattr__(self, "_index", {chapter.id: chapter for chapter in self.chapters})
        self.touch()

    def touch(self) -> None:
        object.__setattr__(self, "revision", next(_REVISIONS))

    @property
    def path(self) -> str:
        return f"/fiction/{self.id}/{self.slug}"

    @property
    def url(self) -> str:
        return ORIGIN + self.path

    def chapter_path(self, chapter: LookalikeChapter) -> str:
        return f"{self.path}/chapter/{chapter.id}/{chapter.slug}"

    def chapter_url(self, chapter: LookalikeChapter) -> str:
        return ORIGIN + self.chapter_path(chapter)

    @property
    def listed(self) -> list[LookalikeChapter]:
        """What the chapter list shows, in its order."""
        return [chapter for chapter in self.chapters if chapter.listed]

    def find(self, chapter_id: int) -> LookalikeChapter | None:
        return self._index.get(chapter_id)

    def chapter(self, chapter_id: int) -> LookalikeChapter:
        """KeyError where there never was one of that id; a removed one is there still."""
        return self._index[chapter_id]

    def remove(self, chapter_id: int) -> LookalikeChapter:
        return self._set(chapter_id, removed=True)

    def restore(self, chapter_id: int) -> LookalikeChapter:
        return self._set(chapter_id, removed=False)

    def lock(self, chapter_id: int) -> LookalikeChapter:
        return self._set(chapter_id, locked=True)

    def unlock(self, chapter_id: int) -> LookalikeChapter:
        return self._set(chapter_id, locked=False)

    def rename(self, chapter_id: int, title: str) -> LookalikeChapter:
        """The address changes with the title, as on the site."""
        return self._set(chapter_id, title=title, slug=chapter_slug(title))

    def edit(self, chapter_id: int, text: str) -> LookalikeChapter:
        """Put `text` (plain, or HTML starting with a tag) in the place of the first paragraph."""
        chapter = self.chapter(chapter_id)
        element = text if text.startswith("<") else f"<p>{encode(text)}</p>"
        paragraphs = (element, *chapter.paragraphs[1:])
        return self._set(chapter_id, paragraphs=paragraphs, edited=chapter.modified + _HOUR)

    def move(self, chapter_id: int, index: int) -> LookalikeChapter:
        """To a place in the author's order, counted over all chapters, removed ones too."""
        chapter = self.chapter(chapter_id)
        others = [other for other in self.chapters if other is not chapter]
        others.insert(index, chapter)
        self.chapters = others
        return chapter

    def stub(self) -> None:
        """Withdraw everything, as authors do who publish elsewhere."""
        self.status = "STUB"
        self.next_chapter = None
        for chapter in self.chapters:
            chapter.removed = True

    def _set(self, chapter_id: int, **fields: Any) -> LookalikeChapter:
        chapter = self.chapter(chapter_id)
        for name, value in fields.items():
            setattr(chapter, name, value)
        return chapter


def chapter_slug(title: str) -> str:
    return slug_of(title, _CHAPTER_SLUG_LENGTH)
