"""What the look-alike holds: fictions and chapters, made of synthetic prose, to be changed at will.

Every change of a field gives the chapter and its fiction a new `revision`, a number used once: pages are kept by it. So the
collections are tuples: assign a new one, or use the verbs of `Fiction`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from novel_royalroad_lookalike import pictures
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
    removed: bool = False  # gone from table and script; its page is a 404
    unlisted: bool = False  # the page is there, the list does not show it
    hidden: Hidden = Hidden.SIBLING
    revision: int = field(default=0, init=False, repr=False)
    fiction: Fiction | None = field(default=None, init=False, repr=False)

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
        """What a reader sees of it, as a hash: other than the page, the same for every request."""
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
class Fiction:
    """`chapters` in the author's order, removed ones among them. `scores` by the site's names (`Overall`, `Style`, …).

    >>> fiction = Fiction.generate(7, chapters=3)
    >>> fiction.lock(fiction.chapters[0].id).locked
    True
    """

    id: int
    title: str
    slug: str
    author: str
    author_id: int
    _index: dict[int, LookalikeChapter] = field(
        default_factory=dict, init=False, repr=False
    )  # set by `chapters`
    chapters: Sequence[LookalikeChapter] = ()
    type: str = "Original"
    status: str = "ONGOING"
    tags: Sequence[tuple[str, str]] = ()  # (name, slug)
    warnings: Sequence[str] = ()
    description: str = ""
    cover_url: str | None = None
    volumes: Sequence[LookalikeVolume] = ()
    counts: Counts | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    next_chapter: datetime | None = None
    revision: int = field(default=0, init=False, repr=False)

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
        from novel_royalroad_lookalike.generating import make_fiction

        return make_fiction(
            fiction_id, chapters, chapter_bytes, fiction_id if seed is None else seed
        )

    @classmethod
    def bare(cls, fiction_id: int) -> Fiction:
        """Everything that may be missing is: no chapters, warnings, cover or statistics; a stub of fan fiction."""
        from novel_royalroad_lookalike.generating import make_bare_fiction

        return make_bare_fiction(fiction_id)

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

    def add_chapter(self, title: str | None = None, **fields: Any) -> LookalikeChapter:
        """A new last chapter, with a new id and the newest date unless `fields` say otherwise."""
        from novel_royalroad_lookalike.generating import make_next_chapter

        chapter = make_next_chapter(self, title, fields)
        self.chapters = (*self.chapters, chapter)
        return chapter

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


class Library:
    """All fictions of a site, by id; add to `fictions` at any time."""

    def __init__(self, fictions: Iterable[Fiction] = ()) -> None:
        self.fictions: dict[int, Fiction] = {fiction.id: fiction for fiction in fictions}

    def find_chapter(self, chapter_id: int) -> tuple[Fiction, LookalikeChapter] | None:
        """A removed chapter is found too: look at its `removed`."""
        for fiction in list(self.fictions.values()):
            chapter = fiction.find(chapter_id)
            if chapter is not None:
                return fiction, chapter
        return None

    def image(self, path: str) -> bytes:
        """A small real picture for any path: a JPEG where the name says so, else a PNG."""
        return pictures.picture(path)
