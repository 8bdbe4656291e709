"""Response models of novels and chapters."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from novel_core.items import NovelStatus
from novel_core.library.chapter_place import Neighbours
from novel_core.library.chapters import ChapterSummary, ChapterText
from novel_core.library.novels import NovelDetails, NovelSummary
from novel_core.library.revisions import Revision

SUMMARY: dict[str, Any] = {
    "slug": "a-tale",
    "title": "A Tale",
    "authors": ["Ann Fern"],
    "source": "royalroad",
    "source_url": "https://www.royalroad.com/fiction/7",
    "status": "ongoing",
    "chapters": 120,
    "words": 240000,
    "cover_url": "/novels/a-tale/cover",
    "created_at": "2026-01-02T03:04:05.678901Z",
    "updated_at": "2026-02-02T03:04:05.678901Z",
    "last_chapter_at": "2026-02-01T20:00:00Z",
}
DETAILS: dict[str, Any] = SUMMARY | {
    "description_html": "<p>Of lamps.</p>",
    "type": "Original",
    "language": "en",
    "tags": [{"kind": "genre", "slug": "fantasy", "name": "Fantasy"}],
    "warnings": ["Gore"],
    "series": [
        {
            "name": "The Lamp Cycle",
            "number": 2,
            "source_id": "31",
            "url": "https://www.royalroad.com/series/31",
        }
    ],
    "volumes": ["Book One"],
    "statistics": {"views": 12000, "followers": 300},
    "published_at": "2025-01-01T00:00:00Z",
    "held": 119,
    "locked": 0,
    "removed": 1,
    "missing": 1,
    "stated_chapters": 120,
    "stated_words": 241000,
    "checked_at": "2026-02-02T03:04:05.678901Z",
    "next_chapter_at": None,
}
CHAPTER: dict[str, Any] = {
    "number": 3,
    "source_id": "70",
    "title": "The Third Lamp",
    "volume": "Book One",
    "state": "held",
    "words": 2000,
    "revisions": 1,
    "published_at": "2025-01-03T00:00:00Z",
    "edited_at": None,
    "statistics": {"views": 900},
}
TEXT: dict[str, Any] = {
    "number": 3,
    "source_id": "70",
    "title": "The Third Lamp",
    "source_url": "https://www.royalroad.com/fiction/7/a-tale/chapter/70/the-third-lamp",
    "content_html": "<p>It burnt low.</p>",
    "note_before_html": "",
    "note_after_html": "<p>Thanks for reading.</p>",
    "words": 2000,
    "version": 2,
    "versions": 2,
    "published_at": "2025-01-03T00:00:00Z",
    "edited_at": None,
    "statistics": {"views": 900},
    "previous": 2,
    "next": 4,
}
REVISION: dict[str, Any] = {
    "version": 2,
    "saved_at": "2026-02-02T03:04:05.678901Z",
    "words": 2000,
    "is_current": True,
    "changes": [
        {"kind": "same", "old": [], "new": [], "count": 12},
        {"kind": "changed", "old": ["It burnt high."], "new": ["It burnt low."], "count": 0},
    ],
}


class NovelSummaryResponse(BaseModel):
    """A novel in a list. `chapters` counts those on the site now, `words` those of saved texts."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUMMARY]})

    slug: str
    title: str
    authors: list[str]
    source: str
    source_url: str
    status: NovelStatus | None
    chapters: int
    words: int
    cover_url: str | None = Field(description="path of the archived cover at this API")
    created_at: datetime
    updated_at: datetime
    last_chapter_at: datetime | None

    @classmethod
    def fields_of(cls, novel: NovelSummary) -> dict[str, Any]:
        own = {name: getattr(novel, name, None) for name in cls.model_fields}
        cover_url = f"/novels/{novel.slug}/cover" if novel.cover_url else None
        return own | {"source_url": novel.url, "cover_url": cover_url}

    @classmethod
    def of(cls, novel: NovelSummary) -> NovelSummaryResponse:
        return cls.model_validate(cls.fields_of(novel))


class TagResponse(BaseModel):
    """A tag. `slug` is the same for all sources, `name` is the source's own."""

    kind: str
    slug: str
    name: str


class SeriesResponse(BaseModel):
    """A series that the novel belongs to. `source_id` and `url` are the site's."""

    name: str
    number: float | None = Field(description="the novel's place in the series, such as 2 or 2.5")
    source_id: str | None
    url: str | None


class NovelResponse(NovelSummaryResponse):
    """A novel. `held` chapters have a text, `locked` and `missing` ones have none."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAILS]})

    description_html: str = Field(description="sanitised")
    type: str | None
    language: str | None
    tags: list[TagResponse]
    warnings: list[str]
    series: list[SeriesResponse]
    volumes: list[str]
    statistics: dict[str, Any] = Field(description="the site's newest numbers")
    published_at: datetime | None
    held: int
    locked: int
    removed: int
    missing: int
    stated_chapters: int | None = Field(description="chapters, as the site itself counts them")
    stated_words: int | None = Field(description="words, as the site itself counts them")
    checked_at: datetime | None
    next_chapter_at: datetime | None

    @classmethod
    def of_details(cls, novel: NovelDetails) -> NovelResponse:
        known = {name: getattr(novel, name) for name in cls.model_fields if hasattr(novel, name)}
        known["series"] = [dataclasses.asdict(series) for series in novel.series]
        known["statistics"] = {name: value for name, value in novel.statistics.items() if value}
        return cls.model_validate(cls.fields_of(novel.summary) | known)


class ChapterResponse(BaseModel):
    """A chapter in a list. Numbers never shift: removed chapters keep theirs."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHAPTER]})

    number: int
    source_id: str
    title: str
    volume: str | None
    state: Literal["held", "locked", "missing", "removed"]
    words: int | None
    revisions: int = Field(description="number of earlier versions that are kept")
    published_at: datetime | None
    edited_at: datetime | None
    statistics: dict[str, Any] = Field(description="the site's numbers of the chapter")

    @classmethod
    def of(cls, chapter: ChapterSummary) -> ChapterResponse:
        return cls.model_validate({name: getattr(chapter, name) for name in cls.model_fields})


class ChapterTextResponse(BaseModel):
    """A chapter's text and notes as sanitised HTML."""

    model_config = ConfigDict(json_schema_extra={"examples": [TEXT]})

    number: int
    source_id: str
    title: str
    source_url: str
    content_html: str
    note_before_html: str
    note_after_html: str
    words: int
    version: int
    versions: int = Field(description="number of versions that are kept")
    published_at: datetime | None
    edited_at: datetime | None
    statistics: dict[str, Any] = Field(description="the site's numbers of the chapter")
    previous: int | None = Field(description="the number of the previous chapter with a text")
    next: int | None

    @classmethod
    def of(cls, text: ChapterText, around: Neighbours) -> ChapterTextResponse:
        own = {name: getattr(text, name, None) for name in cls.model_fields}
        own |= {"source_url": text.url, "previous": around.previous, "next": around.next}
        return cls.model_validate(own)


class HunkResponse(BaseModel):
    """A part of a comparison, in paragraphs of plain text; `same` ones have a `count` only."""

    kind: Literal["same", "removed", "added", "changed"]
    old: list[str]
    new: list[str]
    count: int


class RevisionResponse(BaseModel):
    """A version of a chapter's text, compared with the previous one."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVISION]})

    version: int
    saved_at: datetime
    words: int
    is_current: bool
    changes: list[HunkResponse]

    @classmethod
    def of(cls, revision: Revision) -> RevisionResponse:
        return cls.model_validate(revision, from_attributes=True)
