"""Chapters and their texts. A chapter's identity is the source's id, never its position."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from novel_core.db.base import CASCADE, Base, CreatedAt, NovelId, RowId
from novel_core.db.novels import VolumeRow


class ChapterRow(Base):
    """One line of the merged chapter list.

    `number` counts from 1 over all chapters, removed ones included, so that removals do not shift
    it. `text_id` is null where no text is saved: a gap, or a locked chapter. `statistics` are the
    numbers that the site shows of the chapter, without those that it does not show. `locked_at` is
    when a chapter's page, not the list, said that it is locked.
    """

    __tablename__ = "chapters"
    __table_args__ = (
        UniqueConstraint("novel_id", "source_chapter_id"),
        UniqueConstraint("novel_id", "number", deferrable=True, initially="DEFERRED"),
        Index("ix_chapters_source_chapter_id", "source_chapter_id"),
    )

    id: Mapped[RowId]
    novel_id: Mapped[NovelId]
    source_chapter_id: Mapped[str]
    volume_id: Mapped[int | None] = mapped_column(
        ForeignKey("volumes.id", ondelete="SET NULL"), index=True
    )
    number: Mapped[int]
    title: Mapped[str]
    url: Mapped[str]
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    access: Mapped[str]
    marker: Mapped[str | None]
    statistics: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    removed_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    text_id: Mapped[int | None] = mapped_column(
        ForeignKey("chapter_texts.id", use_alter=True, ondelete="SET NULL"), index=True
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]

    text: Mapped[ChapterTextRow | None] = relationship(foreign_keys=[text_id], viewonly=True)
    volume: Mapped[VolumeRow | None] = relationship(viewonly=True)


class ChapterTextRow(Base):
    """One version of a chapter's text, sanitised.

    The current one is the chapter's `text_id`; the others are its revisions. Texts with the same
    `fingerprint` are the same to a reader; `parser_version` is that of the parser that made it.
    """

    __tablename__ = "chapter_texts"
    __table_args__ = (
        UniqueConstraint("chapter_id", "version"),
        Index("ix_chapter_texts_job_id", "job_id"),
    )

    id: Mapped[RowId]
    chapter_id: Mapped[int] = mapped_column(ForeignKey("chapters.id", ondelete=CASCADE))
    version: Mapped[int]
    content_html: Mapped[str]
    note_before_html: Mapped[str]
    note_after_html: Mapped[str]
    word_count: Mapped[int]
    fingerprint: Mapped[str]
    parser_version: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    saved_at: Mapped[CreatedAt]


class TextPageRow(Base):
    """The archived pages a text was made of, in order. Retention keeps them."""

    __tablename__ = "text_pages"

    text_id: Mapped[int] = mapped_column(
        ForeignKey("chapter_texts.id", ondelete=CASCADE), primary_key=True
    )
    part: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), index=True)


class ChapterCheckRow(Base):
    """When a chapter's page was last requested, and the validators of that response."""

    __tablename__ = "chapter_checks"

    chapter_id: Mapped[int] = mapped_column(
        ForeignKey("chapters.id", ondelete=CASCADE), primary_key=True
    )
    checked_at: Mapped[datetime]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
