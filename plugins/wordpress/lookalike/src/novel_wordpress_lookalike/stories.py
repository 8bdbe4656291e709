"""The content of a synthetic Fictioneer site: stories and their chapters. It may change at any time."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Monday, 2024-01-01 at noon, in seconds since 1970.
_FIRST = 1_704_110_400
_WEEK = 7 * 86_400


@dataclass
class FictioneerChapter:
    """A chapter. `is_extra` is an announcement or the like, which the site does not count."""

    id: int
    title: str
    paragraphs: list[str]
    published: int
    modified: int
    group: str = ""
    foreword: str = ""
    afterword: str = ""
    is_extra: bool = False
    is_protected: bool = False

    def edit(self, *paragraphs: str) -> None:
        """Replace the text; the site notes the time."""
        self.paragraphs = list(paragraphs)
        self.modified += 60

    @property
    def slug(self) -> str:
        return f"part-{self.id}"

    @property
    def words(self) -> int:
        return sum(len(text.split()) for text in self.paragraphs)

    @property
    def html(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass
class FictioneerStory:
    """A story; chapters have the numbers after its own."""

    id: int
    title: str
    chapters: list[FictioneerChapter] = field(default_factory=list)
    slug: str = "the-copper-weir"
    authors: list[str] = field(default_factory=lambda: ["Ilse Marr", "Tomas Quay"])
    global_note: str = ""
    is_protected: bool = False
    #: A total in place of the true one.
    stated: object = None

    @classmethod
    def generate(cls, number: int, *, chapters: int) -> FictioneerStory:
        story = cls(number, "The Copper Weir")
        for _ in range(chapters):
            story.add_chapter()
        return story

    def add_chapter(self, title: str = "") -> FictioneerChapter:
        place = len(self.chapters) + 1
        number = max((one.id for one in self.chapters), default=self.id) + 1
        when = _FIRST + place * _WEEK
        chapter = FictioneerChapter(
            number,
            title or f"Water {place}",
            [f"<p>At gate {place} the water stood {place} hands high.</p>", "<p>It rose.</p>"],
            published=when,
            modified=when,
            group="Volume 1: Spring" if place <= 2 else "Volume 2: Autumn",  # noqa: PLR2004
        )
        self.chapters.append(chapter)
        return chapter

    @property
    def modified(self) -> int:
        return max(chapter.published for chapter in self.chapters)

    @property
    def total(self) -> object:
        """What the site states: without extras."""
        if self.stated is not None:
            return self.stated
        return sum(not chapter.is_extra for chapter in self.chapters)
