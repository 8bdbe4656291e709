"""Novels and what describes them: authors, tags, warnings, series, volumes, statistics."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from novel_core.db.base import CASCADE, Base, CreatedAt, NovelId, NovelKey, RowId, partial_index


class NovelRow(Base):
    """A novel. Its identity is (source, the source's id), never a URL.

    `index_url` is the final address of its page, so that an update needs no redirect.
    `stated_chapters` and `stated_words` are the site's own totals (`page.Stated`). The columns
    below `checked_at` are derived from the novel's other rows (`ingest.search_row`), so that lists
    and searches read this table only. Searched text is folded (`novel_folded` of the migrations):
    lower case, without accents, so that "zoe" finds "Zoë".
    """

    __tablename__ = "novels"
    __table_args__ = (
        UniqueConstraint("source", "source_novel_id"),
        UniqueConstraint("slug"),
        Index("ix_novels_updated_at", "updated_at", "id"),
        Index("ix_novels_created_at", "created_at", "id"),
        Index("ix_novels_word_count", "word_count", "id"),
        Index("ix_novels_chapter_count", "chapter_count", "id"),
        Index("ix_novels_folded_title", "folded_title", "id"),
        Index("ix_novels_source", "source"),
        Index("ix_novels_search", "search", postgresql_using="gin"),
        Index(
            "ix_novels_title_trigrams",
            "folded_title",
            postgresql_using="gin",
            postgresql_ops={"folded_title": "gin_trgm_ops"},
        ),
    )

    id: Mapped[RowId]
    source: Mapped[str]
    source_novel_id: Mapped[str]
    slug: Mapped[str]
    url: Mapped[str]
    index_url: Mapped[str]
    title: Mapped[str]
    description_html: Mapped[str] = mapped_column(server_default="")
    cover_url: Mapped[str | None]
    type: Mapped[str | None]
    status: Mapped[str | None]
    language: Mapped[str | None]
    published_at: Mapped[datetime | None]
    source_updated_at: Mapped[datetime | None]
    next_chapter_at: Mapped[datetime | None]
    stated_chapters: Mapped[int | None]
    stated_words: Mapped[int | None]
    parser_version: Mapped[str]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    checked_at: Mapped[datetime | None]
    chapter_count: Mapped[int] = mapped_column(server_default="0")
    held_count: Mapped[int] = mapped_column(server_default="0")
    word_count: Mapped[int] = mapped_column(server_default="0")
    last_chapter_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)
    folded_title: Mapped[str] = mapped_column(
        Computed("novel_folded(title)", persisted=True), deferred=True
    )

    authors: Mapped[list[NovelAuthorRow]] = relationship(
        order_by="NovelAuthorRow.position", viewonly=True
    )
    tags: Mapped[list[NovelTagRow]] = relationship(order_by="NovelTagRow.position", viewonly=True)
    warnings: Mapped[list[NovelWarningRow]] = relationship(
        order_by="NovelWarningRow.position", viewonly=True
    )
    series: Mapped[list[NovelSeriesRow]] = relationship(
        order_by="NovelSeriesRow.position", viewonly=True
    )
    volumes: Mapped[list[VolumeRow]] = relationship(order_by="VolumeRow.position", viewonly=True)


class AuthorRow(Base):
    """An author at a source; `source_author_id` is null where the site gives a bare name."""

    __tablename__ = "authors"
    __table_args__ = (
        partial_index(
            "uq_authors_account",
            "source",
            "source_author_id",
            unique=True,
            where="source_author_id IS NOT NULL",
        ),
        partial_index(
            "uq_authors_name", "source", "name", unique=True, where="source_author_id IS NULL"
        ),
        Index("ix_authors_folded_name", "folded_name"),
    )

    id: Mapped[RowId]
    source: Mapped[str]
    source_author_id: Mapped[str | None]
    name: Mapped[str]
    url: Mapped[str | None]
    folded_name: Mapped[str] = mapped_column(
        Computed("novel_folded(name)", persisted=True), deferred=True
    )


class NovelAuthorRow(Base):
    __tablename__ = "novel_authors"

    novel_id: Mapped[NovelKey]
    author_id: Mapped[int] = mapped_column(
        ForeignKey("authors.id", ondelete=CASCADE), primary_key=True, index=True
    )
    position: Mapped[int]

    author: Mapped[AuthorRow] = relationship(viewonly=True)


class TagRow(Base):
    """A tag of one or more sources; `slug` is the genre's, or the source's own for other tags."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("kind", "slug"),)

    id: Mapped[RowId]
    kind: Mapped[str]
    slug: Mapped[str]
    name: Mapped[str]


class NovelTagRow(Base):
    """A novel's tag, with the name and slug as its source writes them."""

    __tablename__ = "novel_tags"

    novel_id: Mapped[NovelKey]
    tag_id: Mapped[int] = mapped_column(
        ForeignKey("tags.id", ondelete=CASCADE), primary_key=True, index=True
    )
    position: Mapped[int]
    raw_name: Mapped[str]
    raw_slug: Mapped[str]

    tag: Mapped[TagRow] = relationship(viewonly=True)


class NovelWarningRow(Base):
    """A content warning, in the source's words."""

    __tablename__ = "novel_warnings"

    novel_id: Mapped[NovelKey]
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class NovelSeriesRow(Base):
    """A series that the novel belongs to; `number` is its place in it."""

    __tablename__ = "novel_series"

    novel_id: Mapped[NovelKey]
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    source_series_id: Mapped[str | None]
    url: Mapped[str | None]
    number: Mapped[float | None]


class VolumeRow(Base):
    __tablename__ = "volumes"
    __table_args__ = (UniqueConstraint("novel_id", "source_volume_id"),)

    id: Mapped[RowId]
    novel_id: Mapped[NovelId]
    source_volume_id: Mapped[str]
    title: Mapped[str]
    cover_url: Mapped[str | None]
    position: Mapped[int]


class StatisticsRow(Base):
    """The numbers a site showed at one time; a row is added only when one of them has changed.

    A number the site did not show is null. `scores` are on the scale 0 to 5.
    """

    __tablename__ = "novel_statistics"
    __table_args__ = (CheckConstraint("views >= 0", name="views_positive"),)

    novel_id: Mapped[NovelKey]
    observed_at: Mapped[datetime] = mapped_column(primary_key=True)
    views: Mapped[int | None]
    average_views: Mapped[int | None]
    followers: Mapped[int | None]
    favorites: Mapped[int | None]
    ratings: Mapped[int | None]
    pages: Mapped[int | None]
    words: Mapped[int | None]
    scores: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    other: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


def latest_statistics(session: Session, novel_id: int) -> StatisticsRow | None:
    """The novel's newest numbers."""
    return session.scalar(
        select(StatisticsRow)
        .where(StatisticsRow.novel_id == novel_id)
        .order_by(StatisticsRow.observed_at.desc())
        .limit(1)
    )


def novel_id_of(session: Session, source: str, source_novel_id: str) -> int | None:
    """Return the id of a source's novel; None where the library does not have it."""
    same = (NovelRow.source == source) & (NovelRow.source_novel_id == source_novel_id)
    return session.scalar(select(NovelRow.id).where(same))
