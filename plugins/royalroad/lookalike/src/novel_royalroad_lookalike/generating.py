"""Fictions generated from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple, TypeVar

from novel_royalroad_lookalike import chapter_page, contents, prose, vocabulary, words
from novel_royalroad_lookalike.encoding import slug_of
from novel_royalroad_lookalike.model import (
    Counts,
    FictionModel,
    LookalikeChapter,
    LookalikeVolume,
    chapter_slug,
)
from novel_royalroad_lookalike.switches import SiteSwitches

FictionT = TypeVar("FictionT", bound=FictionModel)
#: When the newest chapter of a generated fiction was published.
NEWEST = datetime(2026, 10, 7, 19, 34, 6, tzinfo=UTC)
_DAY = timedelta(days=1)
# Chapters from which one has an image.
_MANY = 20
# Of its text.
_ADDED_BYTES = 6000
_BLANK = "<p></p>"
_SCORES = ("Overall", "Style", "Story", "Grammar", "Character")
#: By the chapter's place; shorter fictions have them in turn, longer ones once.
_SCENES = {
    4: contents.TABLE,
    5: contents.SPOILER,
    7: contents.ODD_CHARACTERS,
    8: contents.QUOTES_THE_SITE,
    9: contents.FORMATTED,
    10: contents.EMAIL,
}
_IMAGE_AT = 6
_TITLES = {2: "Skills, Sheets and Other [Spoilers]", 3: "What the Keeper's Ledger Didn't Say"}


class _Plan(NamedTuple):
    fiction_id: int
    seed: int
    chapters: int

    @property
    def volume_ids(self) -> tuple[int, int]:
        return self.fiction_id * 10 + 1, self.fiction_id * 10 + 2

    @property
    def tail(self) -> int:
        """The newest chapters, not yet in a volume."""
        return max(1, self.chapters // 8)

    def volume_of(self, place: int) -> int | None:
        within = self.chapters - self.tail
        return None if place >= within else self.volume_ids[place >= (within + 1) // 2]

    def scene(self, place: int) -> tuple[str, ...]:
        if place == _IMAGE_AT and self.chapters >= _MANY:
            return contents.IMAGE
        wanted = (scene for at, scene in _SCENES.items() if at % self.chapters == place)
        return tuple(element for scene in wanted for element in scene)


def make_fiction(
    kind: type[FictionT], fiction_id: int, chapters: int, chapter_bytes: int, seed: int
) -> FictionT:
    """A fiction with difficult cases.

    The third chapter is newer than the fourth, with a greater id; the first two have the same time;
    titles have `]` and `'`; texts are those of `contents`; the last chapters are in no volume.
    """
    plan = _Plan(fiction_id, seed, chapters)
    chance = prose.dice(seed, fiction_id)
    title = prose.fiction_title(chance)
    slug = slug_of(title)
    fiction = kind(
        id=fiction_id,
        title=title,
        slug=slug,
        author=chance.choice(words.AUTHORS),
        author_id=chance.randint(1_000, 999_999),
        tags=_tags(chance),
        warnings=vocabulary.DEFAULT_WARNINGS,
        description=prose.description(chance),
        cover_url=f"{vocabulary.CDN}/public/covers-large/{fiction_id}-{slug}.jpg?time=1791067980",
        volumes=_volumes(plan, slug),
        counts=_counts(chance, chapters * chapter_bytes),
        scores={name: round(chance.uniform(3.5, 4.9), 2) for name in _SCORES},
        next_chapter=NEWEST + 2 * _DAY,
    )
    fiction.chapters = tuple(_chapters(plan, _room(fiction, chapter_bytes)))
    return fiction


def make_bare_fiction(kind: type[FictionT], fiction_id: int) -> FictionT:
    chance = prose.dice("bare", fiction_id)
    title = prose.fiction_title(chance)
    return kind(
        id=fiction_id,
        title=title,
        slug=slug_of(title),
        author=chance.choice(words.AUTHORS),
        author_id=chance.randint(1_000, 999_999),
        type=vocabulary.FAN_FICTION,
        status=vocabulary.STUB,
        tags=(("Adventure", vocabulary.TAGS["Adventure"]),),
        description=prose.description(chance),
    )


def make_next_chapter(
    fiction: FictionModel, title: str | None, fields: dict[str, Any]
) -> LookalikeChapter:
    """The author's next one. Its text is as long as `_ADDED_BYTES`, unless `fields` has another."""
    number = len(fiction.chapters) + 1
    chapter_id = max((known.id for known in fiction.chapters), default=_first_id(fiction.id)) + 5
    seed = f"added:{chapter_id}"
    title = title or prose.chapter_title(number, prose.dice(seed, "title"))
    dates = [known.published for known in fiction.chapters]
    values: dict[str, Any] = {
        "id": chapter_id,
        "title": title,
        "slug": chapter_slug(title),
        "published": max(dates, default=NEWEST) + _DAY,
        "paragraphs": prose.Prose(seed, _ADDED_BYTES),
    }
    return LookalikeChapter(**(values | fields))


def _first_id(fiction_id: int) -> int:
    return fiction_id * 1_000_000 + 1_001


class _Room(NamedTuple):
    """The size of a chapter's text, in bytes: what the rest of its page leaves."""

    text: int
    note: int

    def beside(self, *notes: str) -> int:
        return self.text - sum(len(note) + self.note for note in notes if note)


def _room(fiction: FictionModel, page_bytes: int) -> _Room:
    """Measured on the page of a blank chapter between two others."""
    title = "Chapter 12: The Lantern at the Gate"
    blanks = [
        LookalikeChapter(number, title, chapter_slug(title), NEWEST, (_BLANK,))
        for number in range(_first_id(fiction.id), _first_id(fiction.id) + 3)
    ]
    fiction.chapters = blanks

    def size() -> int:
        return len(chapter_page.render(fiction, blanks[1], SiteSwitches(), prose.dice(0)).encode())

    without = size()
    blanks[1].note_before = _BLANK
    return _Room(page_bytes - without, size() - without)


def _chapters(plan: _Plan, room: _Room) -> Iterator[LookalikeChapter]:
    order = list(range(plan.chapters))
    if plan.chapters > 3:  # noqa: PLR2004 - the third and the fourth
        order[2], order[3] = 3, 2
    for place, written in enumerate(order):
        yield _chapter(plan, room, place, written)


def _chapter(plan: _Plan, room: _Room, place: int, written: int) -> LookalikeChapter:
    """`place` in the author's order, `written` by date and id."""
    chance = prose.dice(plan.seed, plan.fiction_id, place)
    title = _TITLES.get(place) or prose.chapter_title(place + 1, chance)
    # The first two at once.
    published = _published(max(written, 1), plan.chapters)
    note_before = prose.author_note(chance) if place % 5 == 1 else ""
    note_after = prose.author_note(chance) if place % 7 == 1 else ""
    size = room.beside(note_before, note_after)
    return LookalikeChapter(
        id=_first_id(plan.fiction_id) + written * 5,
        title=title,
        slug=chapter_slug(title),
        published=published,
        paragraphs=prose.Prose(f"{plan.seed}:{plan.fiction_id}:{place}", size, plan.scene(place)),
        note_before=note_before,
        note_after=note_after,
        edited=published + 5 * _DAY if place % 9 == 3 else None,  # noqa: PLR2004 - some are
        volume_id=plan.volume_of(place),
    )


def _published(written: int, chapters: int) -> datetime:
    """One a day, never at quite the same time."""
    days = chapters - 1 - written
    return NEWEST if days <= 0 else NEWEST - days * _DAY - timedelta(seconds=written * 37 % 60)


def _tags(chance: Random) -> tuple[tuple[str, str], ...]:
    others = [name for name in vocabulary.TAGS if name not in vocabulary.DEFAULT_TAGS]
    names = (*vocabulary.DEFAULT_TAGS, *chance.sample(others, 3))
    return tuple((name, vocabulary.TAGS[name]) for name in names)


def _volumes(plan: _Plan, slug: str) -> tuple[LookalikeVolume, ...]:
    covers = f"{vocabulary.CDN}/public/volume-covers-large/{plan.fiction_id}-{slug}"
    return tuple(
        LookalikeVolume(volume_id, f"Book {number}", f"{covers}-book-{number}.jpg?time=1791067980")
        for number, volume_id in enumerate(plan.volume_ids, start=1)
    )


def _counts(chance: Random, size: int) -> Counts:
    views = chance.randint(20_000, 900_000)
    count = size // 6
    return Counts(
        views=views,
        average_views=views // 27,
        followers=chance.randint(1_000, 9_000),
        favorites=chance.randint(100, 999),
        ratings=chance.randint(50, 999),
        pages=max(1, count // 275),
        words=count,
    )
