"""Covers and illustrations from the archive; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from novel_core.archive.pages import as_page
from novel_core.content.pictures import SIGNATURE_BYTES, media_type
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow
from novel_core.errors import UnknownImage
from novel_core.library.novels import NovelSummary
from novel_core.source import PageKind

#: Image types that every browser shows.
_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"}
)
#: The archive row of an image.
_HELD = (PageRow.kind == PageKind.IMAGE, PageRow.problem.is_(None))


@dataclass(frozen=True, slots=True)
class HeldImage:
    """An image that is held; `tag` is a strong ETag of its bytes, made without reading them."""

    id: int
    url: str
    tag: str


@dataclass(frozen=True, slots=True)
class Image:
    media_type: str
    body: bytes


def held_cover(session: Session, novel_id: int) -> HeldImage:
    """The newest copy of the novel's current cover. Raises UnknownImage if none is held."""
    url = session.scalar(select(NovelRow.cover_url).where(NovelRow.id == novel_id))
    held = PageRow.requested_url == (url or "")
    return _held(session, novel_id, held, "The novel's cover is not in the archive.")


def held_image(session: Session, novel_id: int, image_id: int) -> HeldImage:
    """An image by the id of its archive row, if it belongs to this novel."""
    return _held(session, novel_id, PageRow.id == image_id, f"The novel has no image {image_id}.")


def read_image(session: Session, held: HeldImage) -> Image:
    """The bytes of an image. Raises UnknownImage if it is not of a type that every browser shows."""
    row = session.get(PageRow, held.id, options=[undefer(PageRow.body)])
    page = as_page(row) if row is not None else None
    kind = media_type(page.body) if page is not None else None
    if page is None or kind not in _TYPES:
        raise UnknownImage("The image cannot be shown.")
    return Image(kind, page.body)


def cover_types(session: Session, novels: Iterable[NovelSummary]) -> dict[int, str]:
    """The media types of the held covers, by the ids of their novels."""
    wanted = {novel.id: novel.cover_url for novel in novels if novel.cover_url}
    if not wanted:
        return {}
    rows = session.execute(
        select(
            PageRow.novel_id,
            PageRow.requested_url,
            # Images are archived uncompressed.
            func.substr(PageRow.body, 1, SIGNATURE_BYTES),
        )
        .where(
            PageRow.novel_id.in_(wanted),
            *_HELD,
            PageRow.requested_url.in_(set(wanted.values())),
        )
        .order_by(PageRow.id)
    )
    newest = {row[0]: media_type(bytes(row[2])) for row in rows if wanted.get(row[0]) == row[1]}
    return {novel_id: kind for novel_id, kind in newest.items() if kind in _TYPES}


def ids_of(session: Session, novel_id: int, urls: Iterable[str]) -> dict[str, int]:
    """The archive rows of these images, for those that are held."""
    rows = session.execute(
        select(PageRow.requested_url, PageRow.id)
        .where(
            PageRow.novel_id == novel_id,
            *_HELD,
            PageRow.requested_url.in_(list(urls)),
        )
        .order_by(PageRow.id)
    )
    return {row[0]: row[1] for row in rows}


def _held(session: Session, novel_id: int, which: ColumnElement[bool], missing: str) -> HeldImage:
    row = session.execute(
        select(PageRow.id, PageRow.requested_url, PageRow.size, PageRow.fetched_at)
        .where(PageRow.novel_id == novel_id, *_HELD, which)
        .order_by(PageRow.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise UnknownImage(missing)
    moment = int(row.fetched_at.timestamp() * 1_000_000)
    # A row that is written again has a new time, to the microsecond.
    return HeldImage(row.id, row.requested_url, f'"{row.id}-{row.size}-{moment:x}"')
