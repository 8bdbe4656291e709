"""The plan of a book, made before any text is read: its description, and its chapters by parts."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from novel_core.export.language import is_right_to_left
from novel_core.export.selection import Selection
from novel_core.library.novels import SeriesPlace

#: The namespace of book identifiers, so that a novel has the same identifier on every machine.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:novel-ingestion:book")


@dataclass(frozen=True, slots=True)
class Entry:
    """A chapter of the list. `state` is that of `library.chapters`."""

    number: int
    source_id: str
    title: str
    url: str
    volume_id: int | None
    state: str
    text_id: int | None
    words: int

    @property
    def anchor(self) -> str:
        return f"chapter-{self.number:05}"

    @property
    def is_removed(self) -> bool:
        return self.state == "removed"


@dataclass(frozen=True, slots=True)
class Gap:
    """Consecutive chapters without a held text."""

    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        return f"missing-{self.entries[0].number:05}"


@dataclass(frozen=True, slots=True)
class Volume:
    id: int
    title: str
    cover_url: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive chapters of one volume or of none. `place` counts those with a volume."""

    volume: Volume | None
    place: int
    items: tuple[Entry | Gap, ...]
    is_continued: bool = False

    @property
    def anchor(self) -> str:
        return f"part-{self.place:03}"

    @property
    def title(self) -> str:
        assert self.volume is not None
        return f"{self.volume.title} (continued)" if self.is_continued else self.volume.title


@dataclass(frozen=True)
class Book:
    """A book. `updated_at` is the last change of the novel or its statistics."""

    source: str
    source_title: str
    source_id: str
    slug: str
    title: str
    url: str
    authors: tuple[str, ...]
    description_html: str
    cover_url: str | None
    language: str
    type: str | None
    status: str | None
    tags: tuple[str, ...]
    warnings: tuple[str, ...]
    series: tuple[SeriesPlace, ...]
    statistics: dict[str, Any]
    stated_chapters: int | None
    stated_words: int | None
    published_at: datetime | None
    updated_at: datetime
    volumes: tuple[Volume, ...]
    entries: tuple[Entry, ...]
    selection: Selection
    volume: Volume | None

    @property
    def extent(self) -> str | None:
        """The selected part of the novel in words; None for all of it."""
        words = [self.volume.title if self.volume else None, self.selection.range]
        return ", ".join(word for word in words if word) or None

    @property
    def full_title(self) -> str:
        return f"{self.title} ({self.extent})" if self.extent else self.title

    @property
    def is_right_to_left(self) -> bool:
        return is_right_to_left(self.language)

    @cached_property
    def identifier(self) -> str:
        """`urn:uuid:…`: the same after every update; a part of a novel has its own."""
        words = [self.source, self.source_id]
        if not self.selection.is_whole:
            volume = str(self.volume.id) if self.volume else ""
            words += [str(self.selection.first or ""), str(self.selection.last or ""), volume]
        return f"urn:uuid:{uuid.uuid5(_NAMESPACE, chr(0).join(words))}"

    @cached_property
    def held(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.text_id is not None)

    @cached_property
    def lacking(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.text_id is None)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return tuple(self._parts())

    def _parts(self) -> Iterator[Part]:
        volumes = {volume.id: volume for volume in self.volumes}
        seen: set[int] = set()
        place = 0
        for volume_id, entries in itertools.groupby(self.entries, lambda entry: entry.volume_id):
            volume = volumes.get(volume_id) if volume_id is not None else None
            place += volume is not None
            yield Part(volume, place, _with_gaps(entries), volume is not None and volume.id in seen)
            if volume is not None:
                seen.add(volume.id)


def _with_gaps(entries: Iterator[Entry]) -> tuple[Entry | Gap, ...]:
    items: list[Entry | Gap] = []
    for is_held, run in itertools.groupby(entries, lambda entry: entry.text_id is not None):
        together = tuple(run)
        items += together if is_held else [Gap(together)]
    return tuple(items)
