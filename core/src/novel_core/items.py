"""Items: what parsers yield and save hooks see, validated and frozen.

Mandatory are a novel's id and title, a chapter's id, their URLs, and a chapter's text; an invalid
one is a PageChanged. Any other field is None, or empty, when the page lacks it or its value is
invalid (`novel_core.leniency`); a missing number is never 0. Times are timezone-aware. HTML fields
hold the source's markup, which is sanitised when it is saved (`novel_core.content`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, ValidationInfo

from novel_core.leniency import LenientModel, report, shown

#: Characters; a longer line is cut, so that every line fits a database index.
MAX_LINE = 500
#: The longest id, as long as the longest URL; fits a database index.
MAX_ID_BYTES = 2048
#: The most authors, tags, warnings or volumes of one novel that are kept.
MAX_PARTS = 500
#: Dates outside these years are invalid; some sites write the year 1 for "no date".
FIRST_YEAR, LAST_YEAR = 1000, 9000
_MAX_LANGUAGE = 100
_NO_ID = re.compile(r"[\s\x00]")


def _whole_characters(value: Any) -> Any:
    """Join surrogate pairs and replace single surrogates (from cut JSON), which cannot be stored."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _clean_line(value: str, info: ValidationInfo) -> str:
    line = " ".join(value.replace("\x00", "").split())
    if len(line) > MAX_LINE:
        report(
            f"{info.field_name} cut",
            f"{info.field_name} {shown(line)} is cut to {MAX_LINE} characters.",
        )
    return line[:MAX_LINE].rstrip()


def _without_nul(value: str) -> str:
    return value.replace("\x00", "")


def _filled(value: str) -> str:
    if not value:
        raise ValueError("It is empty")
    return value


def _checked_id(value: str) -> str:
    if _NO_ID.search(value):
        raise ValueError("An id has no white space in it")
    if len(value.encode()) > MAX_ID_BYTES:
        raise ValueError(f"An id is at most {MAX_ID_BYTES:,} bytes long")
    return value


def _on_the_web(value: str) -> str:
    value = value.strip()
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("An address begins with https:// or http:// and names a host")
    return value


def _in_range(value: datetime) -> datetime:
    try:
        year = value.astimezone(UTC).year
    except OverflowError:
        year = 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("No story has such a date")
    return value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _or_edit_time(value: str | None, info: ValidationInfo) -> str | None:
    """The marker of a chapter; without one, the time of its last edit.

    An approximate time differs at each visit.
    """
    edited_at: datetime | None = info.data.get("edited_at")
    if value is not None or edited_at is None or info.data.get("is_approximate"):
        return value
    return edited_at.astimezone(UTC).isoformat()


_Text = Annotated[str, BeforeValidator(_whole_characters)]
#: A line that may be empty: a part without it is left out.
PartLine = Annotated[_Text, AfterValidator(_clean_line)]
#: One line of text: white space folded, at least one character, cut after 500.
Line = Annotated[PartLine, AfterValidator(_filled)]
PartId = Annotated[str, AfterValidator(_checked_id)]
#: The source's own id of something.
SourceId = Annotated[PartId, AfterValidator(_filled)]
Html = Annotated[_Text, AfterValidator(_without_nul)]
Url = Annotated[_Text, AfterValidator(_without_nul), AfterValidator(_filled)]
#: An optional URL.
WebUrl = Annotated[Url, AfterValidator(_on_the_web)]
Language = Annotated[Line, Field(max_length=_MAX_LANGUAGE)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Score = Annotated[float, Field(allow_inf_nan=False)]


class NovelStatus(StrEnum):
    """STUB: the author has withdrawn most chapters."""

    ONGOING = "ongoing"
    HIATUS = "hiatus"
    COMPLETED = "completed"
    STUB = "stub"
    DROPPED = "dropped"
    INACTIVE = "inactive"


class Access(StrEnum):
    """LOCKED: paid, early access or members only; such a chapter is listed and never requested."""

    FREE = "free"
    LOCKED = "locked"


class TagKind(StrEnum):
    GENRE = "genre"
    TAG = "tag"
    FANDOM = "fandom"
    RELATIONSHIP = "relationship"
    CHARACTER = "character"
    CATEGORY = "category"
    RATING = "rating"


class Author(LenientModel):
    """`source_id` is None where the site names an author without an account."""

    is_part = True

    name: PartLine
    source_id: SourceId | None = None
    url: WebUrl | None = None


class Tag(LenientModel):
    """`name` and `slug` are the source's own; `genre` is the slug that sources share."""

    is_part = True

    name: PartLine
    slug: PartLine
    kind: TagKind = TagKind.TAG
    genre: Line | None = None


class Volume(LenientModel):
    is_part = True

    source_id: PartId
    title: PartLine
    cover_url: WebUrl | None = None


class Series(LenientModel):
    """A series that the novel belongs to; `number` is its place in it, such as 2 or 2.5."""

    is_part = True

    name: PartLine
    source_id: SourceId | None = None
    url: WebUrl | None = None
    number: Score | None = None


PartT = TypeVar("PartT", Author, Tag, Volume, Series)


def _usable(parts: tuple[PartT, ...], info: ValidationInfo) -> tuple[PartT, ...]:
    """The parts with all mandatory fields, at most MAX_PARTS of them."""
    kept = tuple(
        part for part in parts if all(part.model_dump(include=_MUSTS[type(part)]).values())
    )
    if len(kept) < len(parts):
        report(
            f"{info.field_name} unusable",
            f"{len(parts) - len(kept)} of the {info.field_name} have no name or id, and are left out.",
        )
    return _not_too_many(kept, info)


def _not_too_many(parts: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
    if len(parts) > MAX_PARTS:
        report(
            f"{info.field_name} too many",
            f"Of {len(parts):,} {info.field_name} the first {MAX_PARTS} are kept.",
        )
    return parts[:MAX_PARTS]


_MUSTS: dict[type, set[str]] = {
    model: {name for name, field in model.model_fields.items() if field.is_required()}
    for model in (Author, Tag, Volume, Series)
}


class Statistics(LenientModel):
    """Numbers as the site shows them now.

    `scores` are on the scale 0 to 5, by name (`overall`, `style`, …); `other` holds numbers that
    only this source has (kudos, bookmarks).
    """

    views: Count | None = None
    average_views: Count | None = None
    followers: Count | None = None
    favorites: Count | None = None
    ratings: Count | None = None
    pages: Count | None = None
    words: Count | None = None
    scores: dict[Line, Score] = Field(default_factory=dict)
    other: dict[Line, Count | Score] = Field(default_factory=dict)


class Novel(LenientModel):
    """A novel. `type` is the site's word (`Original`, `Fan Fiction`).

    `base_url` is the base of relative URLs in the description, where it is not the page's URL.
    """

    source_id: SourceId
    url: Url
    title: Line
    authors: Annotated[tuple[Author, ...], AfterValidator(_usable)] = ()
    description_html: Html = ""
    base_url: WebUrl | None = None
    cover_url: WebUrl | None = None
    type: Line | None = None
    status: Annotated[NovelStatus, BeforeValidator(_lower)] | None = None
    language: Language | None = None
    tags: Annotated[tuple[Tag, ...], AfterValidator(_usable)] = ()
    warnings: Annotated[tuple[Line, ...], AfterValidator(_not_too_many)] = ()
    volumes: Annotated[tuple[Volume, ...], AfterValidator(_usable)] = ()
    series: Annotated[tuple[Series, ...], AfterValidator(_usable)] = ()
    statistics: Statistics = Field(default_factory=Statistics)
    published_at: Moment | None = None
    updated_at: Moment | None = None
    next_chapter_at: Moment | None = None


#: The id replaces a missing chapter title.
_TITLE = {"title": "source_id"}


class ChapterRef(LenientModel):
    """One line of the chapter list, in reading order.

    `marker` is a value that changes when the text does (a version, a digest); a new value makes
    the chapter be requested again. Where none is given, it is the time of `edited_at`.
    `is_approximate`: `published_at` was computed from a relative time (`2 hours ago`), so an
    earlier known date is kept; such an `edited_at` is no marker.

    `volume_id` names one of `Novel.volumes`. Where a list has headings instead, the first chapter
    below one gives its text as `volume`: the chapters after it belong to that volume too, also on
    the next pages of the list, until the next `volume`; an empty text ends it.
    """

    fallbacks = _TITLE

    source_id: SourceId
    title: Line
    url: Url
    volume_id: SourceId | None = None
    volume: PartLine | None = None
    published_at: Moment | None = None
    is_approximate: bool = False
    edited_at: Moment | None = None
    access: Annotated[Access, BeforeValidator(_lower)] = Access.FREE
    # After the fields that it is made of.
    marker: Annotated[Html | None, AfterValidator(_or_edit_time), Field(validate_default=True)] = (
        None
    )
    statistics: Statistics | None = None


class Chapter(LenientModel):
    """The text of a chapter, or of one `part` of it where it spans several pages.

    `published_at` is used only where the chapter list has no line for the chapter. `base_url` is
    the base of relative URLs in the text and its notes (`Document.declared_base`), where it is not
    `url`.
    """

    fallbacks = _TITLE
    exact = frozenset({"part"})

    source_id: SourceId
    title: Line
    url: Url
    content_html: Html
    note_before_html: Html = ""
    note_after_html: Html = ""
    base_url: WebUrl | None = None
    published_at: Moment | None = None
    edited_at: Moment | None = None
    statistics: Statistics | None = None
    part: Annotated[int, Field(ge=0)] = 0


Item = Novel | ChapterRef | Chapter
