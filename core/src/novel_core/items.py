"""What parsers yield and save hooks see: validated, frozen items.

A missing mandatory field is an error of the page (`PageChanged`), raised by the parser; every other field is
None, or empty, when the page does not tell it: a missing number is never 0. Times are timezone-aware.
HTML fields hold the source's markup; it is sanitised when it is saved (`novel_core.content`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

#: A line beyond this is cut: no title is that long, and every line fits a database index.
MAX_LINE = 500


def _clean_line(value: str) -> str:
    return " ".join(value.replace("\x00", "").split())[:MAX_LINE].rstrip()


def _without_nul(value: str) -> str:
    return value.replace("\x00", "")


#: One line of text: white space folded, at least one character, cut after 500.
Line = Annotated[str, AfterValidator(_clean_line), Field(min_length=1)]
#: The source's own id of something.
SourceId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00\s]+$")]
Html = Annotated[str, AfterValidator(_without_nul)]
Url = Annotated[str, AfterValidator(_without_nul), Field(min_length=1)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Score = Annotated[float, Field(allow_inf_nan=False)]


class NovelStatus(StrEnum):
    ONGOING = "ongoing"
    HIATUS = "hiatus"
    COMPLETED = "completed"
    STUB = "stub"  # most chapters withdrawn by the author
    DROPPED = "dropped"
    INACTIVE = "inactive"


class Access(StrEnum):
    FREE = "free"
    LOCKED = "locked"  # paid, early access or members only: recorded, never requested


class TagKind(StrEnum):
    GENRE = "genre"
    TAG = "tag"
    FANDOM = "fandom"
    RELATIONSHIP = "relationship"
    CHARACTER = "character"
    CATEGORY = "category"
    RATING = "rating"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Author(_Model):
    """`source_id` is None where the site names an author without an account."""

    name: Line
    source_id: SourceId | None = None
    url: Url | None = None


class Tag(_Model):
    """`name` and `slug` as the source writes them; `genre` is the common slug several sources share, if any."""

    name: Line
    slug: Line
    kind: TagKind = TagKind.TAG
    genre: Line | None = None


class Volume(_Model):
    source_id: SourceId
    title: Line
    cover_url: Url | None = None


class Statistics(_Model):
    """Numbers as the site shows them now. `scores` are on the scale 0 to 5, by name (`overall`, `style`, …);
    `other` carries what only this source has (kudos, bookmarks)."""

    views: Count | None = None
    average_views: Count | None = None
    followers: Count | None = None
    favorites: Count | None = None
    ratings: Count | None = None
    pages: Count | None = None
    words: Count | None = None
    scores: dict[str, Score] = Field(default_factory=dict)
    other: dict[str, Count | Score] = Field(default_factory=dict)


class Novel(_Model):
    """`type` is the site's word (`Original`, `Fan Fiction`). `base_url` is what relative addresses in the description refer to, where
    that is not the page's address."""

    source_id: SourceId
    url: Url
    title: Line
    authors: tuple[Author, ...] = ()
    description_html: Html = ""
    base_url: Url | None = None
    cover_url: Url | None = None
    type: Line | None = None
    status: NovelStatus | None = None
    language: Line | None = None
    tags: tuple[Tag, ...] = ()
    warnings: tuple[Line, ...] = ()
    volumes: tuple[Volume, ...] = ()
    statistics: Statistics = Field(default_factory=Statistics)
    published_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    next_chapter_at: AwareDatetime | None = None


class ChapterRef(_Model):
    """One line of the chapter list, in reading order.

    `marker` is anything cheap that changes when the text does (an edit time, a version): another value makes the
    chapter be requested again.
    """

    source_id: SourceId
    title: Line
    url: Url
    volume_id: SourceId | None = None
    published_at: AwareDatetime | None = None
    access: Access = Access.FREE
    marker: Html | None = None


class Chapter(_Model):
    """The text of a chapter, or of one `part` of it where it spans several pages. `published_at` counts only where the chapter list
    has no line of its own for it. `base_url` is what relative addresses in the text and its notes refer to (`Document.declared_base`), where
    that is not `url`."""

    source_id: SourceId
    title: Line
    url: Url
    content_html: Html
    note_before_html: Html = ""
    note_after_html: Html = ""
    base_url: Url | None = None
    published_at: AwareDatetime | None = None
    edited_at: AwareDatetime | None = None
    part: Annotated[int, Field(ge=0)] = 0


Item = Novel | ChapterRef | Chapter
