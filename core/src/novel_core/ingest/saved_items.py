"""Saved novels and chapters as the items that plugins know."""

from __future__ import annotations

from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.novels import NovelRow, latest_statistics
from novel_core.items import Author, Chapter, Novel, Series, Statistics, Tag, TagKind, Volume


def novel_item(opened: Session, row: NovelRow) -> Novel:
    """A saved novel as the plugins' item."""
    statistics = latest_statistics(opened, row.id)
    return Novel.model_validate(
        {
            "source_id": row.source_novel_id,
            "url": row.url,
            "title": row.title,
            "authors": tuple(
                Author(
                    name=link.author.name,
                    source_id=link.author.source_author_id,
                    url=link.author.url,
                )
                for link in row.authors
            ),
            "description_html": row.description_html,
            "cover_url": row.cover_url,
            "type": row.type,
            "status": row.status,
            "language": row.language,
            "tags": tuple(
                _tag_item(link.raw_name, link.raw_slug, link.tag.kind, link.tag.slug)
                for link in row.tags
            ),
            "warnings": tuple(warning.name for warning in row.warnings),
            "series": tuple(
                Series(
                    name=one.name, source_id=one.source_series_id, url=one.url, number=one.number
                )
                for one in row.series
            ),
            "volumes": tuple(
                Volume(
                    source_id=volume.source_volume_id,
                    title=volume.title,
                    cover_url=volume.cover_url,
                )
                for volume in row.volumes
            ),
            "statistics": {name: getattr(statistics, name) for name in Statistics.model_fields}
            if statistics
            else {},
            "published_at": row.published_at,
            "updated_at": row.source_updated_at,
            "next_chapter_at": row.next_chapter_at,
        }
    )


def _tag_item(name: str, slug: str, kind: str, common: str) -> Tag:
    return Tag(name=name, slug=slug, kind=TagKind(kind), genre=common if common != slug else None)


def chapter_item(row: ChapterRow, text: ChapterTextRow) -> Chapter:
    """A saved chapter as the plugins' item."""
    return Chapter(
        source_id=row.source_chapter_id,
        title=row.title,
        url=row.url,
        content_html=text.content_html,
        note_before_html=text.note_before_html,
        note_after_html=text.note_after_html,
        published_at=row.published_at,
        edited_at=row.edited_at,
        statistics=Statistics.model_validate(row.statistics) if row.statistics else None,
    )
