"""The content of the look-alike: works, their chapters, and series. It may change at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from novel_ao3_lookalike import words

HOST = "archiveofourown.org"

_FIRST_DAY = date(2024, 3, 1)
# A work's chapters are numbered from a thousand times its own id.
_FIRST_CHAPTER = 1000


class State(StrEnum):
    """What a reader without an account gets of a work."""

    OPEN = "open"
    # For registered users only.
    LOCKED = "locked"
    # By the site's staff, or a draft.
    HIDDEN = "hidden"
    # Part of a challenge that is still going on.
    UNREVEALED = "unrevealed"


@dataclass(frozen=True)
class Creator:
    login: str
    pseud: str = ""

    @property
    def name(self) -> str:
        pseud = self.pseud or self.login
        return pseud if pseud == self.login else f"{pseud} ({self.login})"


@dataclass
class LookalikeChapter:
    """`position` counts drafts too, which readers do not see. Titles are text, the rest is HTML."""

    id: int
    title: str
    day: date
    paragraphs: list[str]
    position: int = 0
    summary: str = ""
    note: str = ""
    end_note: str = ""
    creators: list[Creator] = field(default_factory=list)


def _tags() -> dict[str, list[str]]:
    return {
        "rating": ["General Audiences"],
        "warning": ["No Archive Warnings Apply"],
        "category": ["Gen"],
        "fandom": ["Harbour Lights (Radio Play)"],
        "relationship": ["Ansa & Borin"],
        "character": ["Ansa (Harbour Lights)", "Borin"],
        "freeform": ["Rain", "Slow Afternoons"],
    }


@dataclass
class LookalikeWork:
    """A work. No `creators` means Anonymous; `byline` replaces the whole line under the title.

    `planned` is the number of planned chapters, None if unknown. `series` are the work's entries in
    series: id, title, part, previous work, next work.
    """

    id: int
    title: str
    chapters: list[LookalikeChapter]
    creators: list[Creator] = field(default_factory=lambda: [Creator("inkpot")])
    byline: str = ""
    planned: int | None = None
    summary: str = ""
    note: str = ""
    end_note: str = ""
    associations: list[str] = field(default_factory=list)
    inspired: list[str] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=_tags)
    language: tuple[str, str] = ("en", "English")
    series: list[tuple[int, str, int, int | None, int | None]] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"comments": 3, "kudos": 12})
    hits: int = 340
    skin: str = ""
    state: State = State.OPEN
    is_adult: bool = False
    updated_at: int = 1_710_000_000

    @classmethod
    def generate(
        cls, number: int, *, chapters: int = 1, chapter_bytes: int = 1500
    ) -> LookalikeWork:
        """A finished work."""
        chance = words.dice("work", number)
        work = cls(
            id=number,
            title=words.title(chance).title(),
            chapters=[],
            planned=chapters,
            summary=words.fill(words.SUMMARY, chance),
        )
        for _ in range(chapters):
            work.add_chapter(chapter_bytes=chapter_bytes)
        return work

    def add_chapter(
        self, title: str | None = None, *, chapter_bytes: int = 1500
    ) -> LookalikeChapter:
        """Post another one; the plan grows where it is too small."""
        place = len(self.chapters) + 1
        position = max((chapter.position for chapter in self.chapters), default=0) + 1
        chapter = LookalikeChapter(
            id=self.id * _FIRST_CHAPTER + position,
            title=words.title(words.dice("chapter", self.id, place)) if title is None else title,
            day=_FIRST_DAY + timedelta(days=7 * place),
            paragraphs=words.paragraphs(chapter_bytes, "text", self.id, place),
            position=position,
        )
        self.chapters.append(chapter)
        if self.planned is not None:
            self.planned = max(self.planned, place)
        self.updated_at += 3600
        return chapter

    @property
    def is_one_shot(self) -> bool:
        return self.planned == 1

    @property
    def is_complete(self) -> bool:
        return self.planned == len(self.chapters)

    @property
    def words(self) -> int:
        return sum(len(text.split()) for chapter in self.chapters for text in chapter.paragraphs)

    def chapter(self, number: int) -> LookalikeChapter | None:
        return next((chapter for chapter in self.chapters if chapter.id == number), None)


@dataclass
class LookalikeSeries:
    """`works` in the series' order; a list page shows `per_page` of them."""

    id: int
    title: str
    works: list[int]
    creators: list[Creator] = field(default_factory=lambda: [Creator("inkpot")])
    description: str = "<p>Works that belong together.</p>"
    notes: str = ""
    is_complete: bool = False
    per_page: int = 20


class Library:
    def __init__(
        self, works: Iterable[LookalikeWork] = (), series: Iterable[LookalikeSeries] = ()
    ) -> None:
        self.works = {work.id: work for work in works}
        self.series = {one.id: one for one in series}

    def find_chapter(self, number: int) -> tuple[LookalikeWork, LookalikeChapter] | None:
        for work in self.works.values():
            if found := work.chapter(number):
                return work, found
        return None

    def listed(self, series: LookalikeSeries) -> list[LookalikeWork]:
        """The works a reader without an account sees in the list."""
        works = (self.works[number] for number in series.works if number in self.works)
        return [work for work in works if work.state in (State.OPEN, State.UNREVEALED)]
