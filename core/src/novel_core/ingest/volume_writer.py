"""Writing a novel's volumes: those of its page, those that the list names, and its headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.db.novels import VolumeRow
from novel_core.ingest.known_chapters import KnownChapter
from novel_core.ingest.site_list import SiteList
from novel_core.ingest.volume_headings import PREFIX, Headings
from novel_core.items import ChapterRef, Volume


def write_volumes(
    session: Session,
    novel_id: int,
    declared: Sequence[Volume],
    known: Mapping[str, KnownChapter],
    site_list: SiteList,
) -> tuple[list[ChapterRef], dict[str, int]]:
    """Write the volumes that the novel's page declares, and those of the list; none is deleted.

    Returns the list, each chapter once and with its volume's id, and the volumes' row ids by the
    source's id.
    """
    rows = session.scalars(
        select(VolumeRow).where(VolumeRow.novel_id == novel_id).order_by(VolumeRow.position)
    ).all()
    names = {row.id: row.source_volume_id for row in rows}
    volumes = {
        source_id: names[chapter.volume_id] if chapter.volume_id is not None else None
        for source_id, chapter in known.items()
    }
    headings = Headings(
        {row.source_volume_id: row.title for row in rows},
        volumes,
        is_partial=site_list.is_partial,
        opened=_opened(site_list, list(known), volumes),
    )
    refs = headings.place(site_list.refs)
    named = {volume.source_id: volume for volume in declared}
    if site_list.is_partial:
        for row in rows:
            kept = Volume(source_id=row.source_volume_id, title=row.title, cover_url=row.cover_url)
            named.setdefault(row.source_volume_id, kept)
    for ref in refs:
        if ref.volume_id is not None and ref.volume_id not in named:
            title = headings.titles.get(ref.volume_id, f"Volume {len(named) + 1}")
            named[ref.volume_id] = Volume(source_id=ref.volume_id, title=title)
    saved = {row.source_volume_id: row for row in rows}
    for position, volume in enumerate(named.values()):
        written = saved.get(volume.source_id)
        if written is None:
            written = VolumeRow(novel_id=novel_id, source_volume_id=volume.source_id)
            session.add(written)
            saved[volume.source_id] = written
        values = (volume.title, volume.cover_url, position)
        if (written.title, written.cover_url, written.position) != values:
            written.title, written.cover_url, written.position = values
    session.flush()
    return refs, {source_id: row.id for source_id, row in saved.items()}


def _opened(
    site_list: SiteList, known: Sequence[str], volumes: Mapping[str, str | None]
) -> str | None:
    """The volume of the chapter before the first one that a part of the list shows."""
    if not site_list.is_partial or not site_list.refs:
        return None
    order = site_list.order(known)
    place = order.index(site_list.refs[0].source_id)
    return volumes.get(order[place - 1]) if place else None


def drop_unused_headings(session: Session, novel_id: int) -> None:
    """Delete the volumes of headings that no chapter is below any more: they were renamed."""
    is_used = exists().where(ChapterRow.volume_id == VolumeRow.id)
    session.execute(
        delete(VolumeRow).where(
            VolumeRow.novel_id == novel_id,
            VolumeRow.source_volume_id.startswith(PREFIX, autoescape=True),
            ~is_used,
        )
    )
